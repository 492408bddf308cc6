/* The device: one adapter, its queue, its memory and the kernels compiled for it. Opened on first use, never at load.
 *
 * Everything here runs under torsh__wg_lock, which the entries of the backend's vtable and the kernels take: WebGPU objects are
 * used by one thread at a time. Work is recorded as commands and encoded in one go when there are enough of them or someone
 * needs a result, so that an error scope is opened and closed by one thread and a bad command never reaches the queue
 * (wgpu-native aborts the process on one). */
#ifndef TORSH_BACKEND_WEBGPU_DEVICE_H
#define TORSH_BACKEND_WEBGPU_DEVICE_H

#include "library.h"
#include "text.h"
#include "wgsl.h"

#include <pthread.h>

enum {
    WG_MOST_BOUND = 8,      /* storage buffers of a kernel: what every adapter has */
    WG_BATCH = 64,          /* commands encoded at once */
    WG_ROUNDS = 32768,      /* iterations of one invocation at most: lavapipe ends a loop silently after 65,535 */
    WG_ALIGN = 256,         /* of a binding's offset */
};

/* What alloc returns for device memory. */
typedef struct wg_buffer {
    wg_handle handle;
    uint64_t size; /* a multiple of 4 */
} wg_buffer;

typedef struct wg_pipeline {
    wg_handle handle, layout;
} wg_pipeline;

/* A part of a buffer as a kernel sees it. */
typedef struct wg_bound {
    const wg_buffer *buffer;
    uint64_t offset, size; /* bytes: offset a multiple of WG_ALIGN, size of 4 */
} wg_bound;

typedef struct wg_device {
    wg_handle instance, adapter, handle, queue, uniforms;
    wg_limits limits;
    bool software; /* the adapter is a CPU */
    char name[160];
    uint64_t allocated; /* bytes of all buffers */
} wg_device;

extern wg_device torsh__wg_device;
extern pthread_mutex_t torsh__wg_lock;

/* ---- device.c ------------------------------------------------------------------------------------------------ */

/* Opens the device if it isn't; the same answer every time. */
torsh_status torsh__wg_start(void);
/* An error scope around calls that may fail: `close` gives the error as a status and text, named after `what`. */
void torsh__wg_scope_open(void);
torsh_status torsh__wg_scope_close(const char *what);
/* Waits for the callback that was handed `torsh__wg_on_done`; fails after a long time and then never trusts the device again. */
wg_done_info torsh__wg_done_info(void);
torsh_status torsh__wg_wait_done(const char *what);
void torsh__wg_close(void);

/* ---- memory.c ------------------------------------------------------------------------------------------------ */

wg_handle torsh__wg_raw_buffer(uint64_t size, uint64_t usage); /* NULL on failure */
wg_buffer *torsh__wg_alloc(size_t bytes);
void torsh__wg_free(wg_buffer *buffer);
torsh_status torsh__wg_read(void *host, const wg_buffer *from, size_t offset, size_t bytes);
torsh_status torsh__wg_write(wg_buffer *to, size_t offset, const void *host, size_t bytes);
torsh_status torsh__wg_copy(wg_buffer *to, size_t to_offset, const wg_buffer *from, size_t from_offset, size_t bytes);

/* ---- queue.c ------------------------------------------------------------------------------------------------- */

/* Prints a kernel's text; false with the reason in `problem`. */
typedef bool wg_printer(gpu_text *text, const void *context, char *problem, size_t size);

/* The pipeline for `key`, compiled at its first use. NULL with the error set, named after `what`. */
const wg_pipeline *torsh__wg_pipeline(const char *what, const void *key, size_t key_size, wg_printer *print, const void *context);

/* Records one dispatch of `groups` workgroups (folded to two dimensions where needed) times `layers`. Binding 0 is the
 * uniform words, binding i + 1 is bound[i], none where its buffer is NULL. */
torsh_status torsh__wg_dispatch(const char *what, const wg_pipeline *pipeline, const wg_bound *bound, int count, const uint32_t *words,
                                int word_count, uint64_t groups, uint32_t layers);
/* Records a copy between different buffers; offsets and size are multiples of 4. */
torsh_status torsh__wg_record_copy(const wg_buffer *to, uint64_t to_offset, const wg_buffer *from, uint64_t from_offset, uint64_t size);
/* Encodes and submits what was recorded. */
torsh_status torsh__wg_flush(void);
void torsh__wg_drop_pipelines(void);

/* ---- kernels ------------------------------------------------------------------------------------------------- */

typedef struct wg_kernel { const char *name; torsh_kernel_function *run; const void *data; } wg_kernel;
extern const wg_kernel torsh__wg_copy_kernels[], torsh__wg_matmul_kernels[], torsh__wg_softmax_kernels[], torsh__wg_loss_kernels[], torsh__wg_optim_kernels[],
    torsh__wg_extreme_kernels[];
torsh_kernel torsh__wg_pointwise(const torsh_op_info *op);
torsh_kernel torsh__wg_reduction(const torsh_op_info *op);

#endif
