/* Backends by device kind: memory, copies and kernels through one door for the layers above. */
#ifndef TORSH_BACKEND_BACKENDS_H
#define TORSH_BACKEND_BACKENDS_H

#include "status.h"

#include <torsh/backend.h>

#include <stdatomic.h>

static inline int torsh__device_kind(torsh_device device)
{
    return device >> 8;
}
static inline int torsh__device_index(torsh_device device)
{
    return device & 255;
}

/* Fails with a text unless the device can be used; opens its backend. */
torsh_status torsh__device_check(torsh_device device);

/* Tensor memory, cached and counted. NULL with the error set. */
void *torsh__device_alloc(torsh_device device, size_t bytes);
void torsh__device_free(torsh_device device, void *memory, size_t bytes);

/* Byte copies between devices; offsets and counts in bytes. Copies to or from the CPU wait until they are done. */
torsh_status torsh__device_copy(torsh_device to_device, void *to, size_t to_offset, torsh_device from_device, const void *from,
                                size_t from_offset, size_t bytes);

/* An op's kernel on one device kind, looked up once. */
typedef struct torsh__kernel_slot {
    _Atomic bool known;
    torsh_kernel kernel;
} torsh__kernel_slot;

/* Fails, naming op and device, when there is no kernel. */
torsh_status torsh__kernel_for(const torsh_op_info *op, torsh__kernel_slot *slots, torsh_device device, torsh_kernel *kernel);

/* The backend that is linked in (cpu/cpu.c). */
extern const torsh_backend torsh__cpu_backend;

#endif
