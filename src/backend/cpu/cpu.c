/* The CPU backend's vtable: memory is the core allocator's, kernels come from the families listed here. */
#include "cpu.h"
#include "alloc.h"
#include "backends.h"
#include "copy.h"
#include "families.h"
#include "fill.h"
#include "index.h"
#include "join.h"
#include "pointwise.h"
#include "random_ops.h"
#include "reduce.h"
#include "scan.h"
#include "statistics.h"
#include "extreme.h"
#include "softmax.h"

#include <stdio.h>
#include <string.h>

static const torsh__cpu_kernel *const families[] = {
    torsh__cpu_copy_kernels,
    torsh__cpu_fill_kernels,
    torsh__cpu_join_kernels,
    torsh__cpu_index_kernels,
    torsh__cpu_index_list_kernels,
    torsh__cpu_masked_kernels,
    torsh__cpu_random_kernels,
    torsh__cpu_matmul_kernels,
    torsh__cpu_conv_kernels, torsh__cpu_pooling_kernels,
    torsh__cpu_optim_kernels,
    torsh__cpu_softmax_kernels,
    torsh__cpu_norm_kernels,
    torsh__cpu_loss_kernels,
    torsh__cpu_sort_kernels, torsh__cpu_float_bits_kernels,
    torsh__cpu_extreme_kernels,
    torsh__cpu_statistics_kernels,
    torsh__cpu_scan_kernels,
    torsh__cpu_search_kernels,
    torsh__cpu_distance_kernels, torsh__cpu_pick_kernels, torsh__cpu_taps_kernels, torsh__cpu_grid_sample_kernels, torsh__cpu_small_lu_kernels, torsh__cpu_ctc_kernels,
    torsh__cpu_linalg_kernels,
    torsh__cpu_triangular_kernels,
};

static torsh_status count_devices(int *count)
{
    *count = 1;
    return TORSH_OK;
}

static torsh_status describe(int device, char *text, size_t size)
{
    (void)device;
    snprintf(text, size, "cpu (%s, %d threads)", torsh_cpu_capability(), torsh__threads());
    return TORSH_OK;
}

static void *cpu_alloc(int device, size_t bytes)
{
    (void)device;
    return torsh__data_alloc(bytes);
}

static torsh_status copy(int device, void *to, size_t to_offset, const void *from, size_t from_offset, size_t bytes)
{
    (void)device;
    memmove((char *)to + to_offset, (const char *)from + from_offset, bytes);
    return TORSH_OK;
}

static torsh_status to_host(int device, void *host, const void *memory, size_t offset, size_t bytes)
{
    return copy(device, host, 0, memory, offset, bytes);
}

static torsh_status from_host(int device, void *memory, size_t offset, const void *host, size_t bytes)
{
    return copy(device, memory, offset, host, 0, bytes);
}

static torsh_status synchronize(int device)
{
    (void)device;
    return TORSH_OK;
}

static torsh_kernel find_kernel(const torsh_op_info *op)
{
    if (op->kind == TORSH_OP_POINTWISE) return torsh__cpu_pointwise(op->name);
    if (op->kind == TORSH_OP_REDUCTION) return torsh__cpu_reduce(op->name);
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (const torsh__cpu_kernel *k = families[f]; k->name; k++)
            if (strcmp(k->name, op->name) == 0) return k->kernel;
    return (torsh_kernel){NULL, NULL};
}

const torsh_backend torsh__cpu_backend = {
    .abi = TORSH_BACKEND_ABI,
    .name = "cpu",
    .device_count = count_devices,
    .describe = describe,
    .alloc = cpu_alloc,
    .to_host = to_host,
    .from_host = from_host,
    .copy = copy,
    .synchronize = synchronize,
    .kernel = find_kernel,
};
