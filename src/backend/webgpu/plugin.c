/* The plug-in's entry point and vtable: each function takes the device's lock and calls the file that does the work. */
#include "device.h"

#include <stdio.h>
#include <string.h>

static torsh_status started(void)
{
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = torsh__wg_start();
    if (status != TORSH_OK) pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

static torsh_status ended(torsh_status status)
{
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

static torsh_status device_count(int *count)
{
    torsh_status status = started();
    *count = status == TORSH_OK;
    return status ? status : ended(TORSH_OK);
}

static torsh_status describe(int device, char *text, size_t size)
{
    (void)device;
    torsh_status status = started();
    if (status) return status;
    snprintf(text, size, "webgpu (%s%s)", torsh__wg_device.name, torsh__wg_device.software ? ", software" : "");
    return ended(TORSH_OK);
}

static void *allocate(int device, size_t bytes)
{
    (void)device;
    if (started() != TORSH_OK) return NULL;
    void *buffer = torsh__wg_alloc(bytes);
    ended(TORSH_OK);
    return buffer;
}

static void release(int device, void *memory, size_t bytes)
{
    (void)device, (void)bytes;
    if (started() != TORSH_OK) return;
    torsh__wg_free(memory);
    ended(TORSH_OK);
}

static torsh_status to_host(int device, void *host, const void *memory, size_t offset, size_t bytes)
{
    (void)device;
    torsh_status status = started();
    return status ? status : ended(torsh__wg_read(host, memory, offset, bytes));
}

static torsh_status from_host(int device, void *memory, size_t offset, const void *host, size_t bytes)
{
    (void)device;
    torsh_status status = started();
    return status ? status : ended(torsh__wg_write(memory, offset, host, bytes));
}

static torsh_status copy(int device, void *to, size_t to_offset, const void *from, size_t from_offset, size_t bytes)
{
    (void)device;
    torsh_status status = started();
    return status ? status : ended(torsh__wg_copy(to, to_offset, from, from_offset, bytes));
}

static torsh_status synchronize(int device)
{
    (void)device;
    torsh_status status = started();
    if (status) return status;
    status = torsh__wg_flush();
    if (status == TORSH_OK) {
        torsh__wg.QueueOnSubmittedWorkDone(torsh__wg_device.queue, torsh__wg_done_info());
        status = torsh__wg_wait_done("synchronize");
    }
    return ended(status);
}

static torsh_kernel find_kernel(const torsh_op_info *op)
{
    static const wg_kernel *const families[] = {torsh__wg_copy_kernels, torsh__wg_matmul_kernels, torsh__wg_softmax_kernels,
                                              torsh__wg_loss_kernels, torsh__wg_optim_kernels, torsh__wg_extreme_kernels};
    if (op->kind == TORSH_OP_POINTWISE) return torsh__wg_pointwise(op);
    if (op->kind == TORSH_OP_REDUCTION) return torsh__wg_reduction(op);
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        for (const wg_kernel *k = families[f]; k->name; k++)
            if (strcmp(k->name, op->name) == 0) return (torsh_kernel){k->run, k->data};
    return (torsh_kernel){NULL, NULL};
}

static void shut(void)
{
    pthread_mutex_lock(&torsh__wg_lock);
    torsh__wg_close();
    pthread_mutex_unlock(&torsh__wg_lock);
}

static const torsh_backend backend = {
    .abi = TORSH_BACKEND_ABI,
    .name = "webgpu",
    .device_count = device_count,
    .describe = describe,
    .alloc = allocate,
    .free = release,
    .to_host = to_host,
    .from_host = from_host,
    .copy = copy,
    .synchronize = synchronize,
    .kernel = find_kernel,
    .close = shut,
};

TORSH_API const torsh_backend *torsh_backend_v1(const torsh_host *host);

const torsh_backend *torsh_backend_v1(const torsh_host *host)
{
    if (host->abi != TORSH_BACKEND_ABI) return NULL;
    torsh__wg_host = host;
    return &backend;
}
