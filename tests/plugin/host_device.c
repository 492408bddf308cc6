/* The smallest plug-in: a device whose memory is the host's and that knows one kernel, add of contiguous f32. It takes the name of
 * the metal kind, so it is never beside a real one. What a backend must have, and the example that CONTRIBUTING.md points at. */
#include <torsh/backend.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20 }; /* what this device can give at once */

static const torsh_host *host;

static torsh_status device_count(int *count)
{
    *count = 1;
    return TORSH_OK;
}

static torsh_status describe(int device, char *text, size_t size)
{
    snprintf(text, size, "host memory %d", device);
    return TORSH_OK;
}

static void *device_alloc(int device, size_t bytes)
{
    (void)device;
    return bytes <= MOST_BYTES ? malloc(bytes) : NULL;
}

static void device_free(int device, void *memory, size_t bytes)
{
    (void)device, (void)bytes;
    free(memory);
}

static torsh_status to_host(int device, void *to, const void *memory, size_t offset, size_t bytes)
{
    (void)device;
    memcpy(to, (const char *)memory + offset, bytes);
    return TORSH_OK;
}

static torsh_status from_host(int device, void *memory, size_t offset, const void *from, size_t bytes)
{
    (void)device;
    memcpy((char *)memory + offset, from, bytes);
    return TORSH_OK;
}

static torsh_status copy(int device, void *to, size_t to_offset, const void *from, size_t from_offset, size_t bytes)
{
    (void)device;
    memmove((char *)to + to_offset, (const char *)from + from_offset, bytes);
    return TORSH_OK;
}

static torsh_status synchronize(int device)
{
    (void)device;
    return TORSH_OK;
}

static torsh_status add(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *a = launch->input[0], *b = launch->input[1], *y = launch->output[0];
    if (launch->compute != TORSH_F32 || !a->contiguous || !b->contiguous || !y->contiguous || a->numel != y->numel || b->numel != y->numel)
        return host->fail(TORSH_UNSUPPORTED, "%s: this device adds contiguous f32 of one shape", launch->op->name);
    const float *p = (const float *)a->memory + a->offset, *q = (const float *)b->memory + b->offset;
    float *sum = (float *)y->memory + y->offset;
    for (int64_t i = 0; i < y->numel; i++) sum[i] = p[i] + q[i];
    return TORSH_OK;
}

static torsh_kernel kernel(const torsh_op_info *op)
{
    return (torsh_kernel){strcmp(op->name, "add") == 0 ? add : NULL, NULL};
}

static void close_all(void)
{
}

static const torsh_backend backend = {
    .abi = TORSH_BACKEND_ABI,
    .name = "host memory",
    .device_count = device_count,
    .describe = describe,
    .alloc = device_alloc,
    .free = device_free,
    .to_host = to_host,
    .from_host = from_host,
    .copy = copy,
    .synchronize = synchronize,
    .kernel = kernel,
    .close = close_all,
};

__attribute__((visibility("default"))) torsh_backend_entry torsh_backend_v1;
const torsh_backend *torsh_backend_v1(const torsh_host *from)
{
    host = from;
    return host->abi == TORSH_BACKEND_ABI ? &backend : NULL;
}
