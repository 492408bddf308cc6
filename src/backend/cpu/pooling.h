/* Pooling of planes on raw memory: maximum and average, with windows of one size or adaptive, forward and backward.
 * No tensors, no shape checks: the caller has checked. Results do not depend on the number of threads. Relies on core's
 * allocator and thread pool and on the kernel tables of pooling_kernels.h. */
#ifndef TORSH_BACKEND_CPU_POOLING_H
#define TORSH_BACKEND_CPU_POOLING_H

#include <torsh/core.h>

/* Planes (planes, in[0], in[1]) and (planes, out[0], out[1]), dense; planes = batch * channels. One dimension: in[0] = out[0] = 1
 * and kernel, stride, dilation 1, padding 0 there. `out` is given, so ceil_mode is the caller's affair: a window that sticks out of
 * the input is cut off as PyTorch cuts it. The adaptive functions use only dtype, planes, in and out. */
typedef struct torsh__pooling_shape {
    torsh_dtype dtype; /* TORSH_F16, TORSH_BF16 (both computed in f32), TORSH_F32 or TORSH_F64 */
    int64_t planes;
    int64_t in[2], out[2], kernel[2], stride[2], padding[2];
    int64_t dilation[2];      /* maximum only */
    bool count_include_pad;   /* average only: padding counts in the divisor */
    int64_t divisor_override; /* average only: 0, or the divisor */
} torsh__pooling_shape;

/* All: TORSH_OK, TORSH_OUT_OF_MEMORY, or TORSH_UNSUPPORTED for another dtype. Results are written, never added to. */

/* indices[o] = row * in[1] + column of the maximum in its plane: the first of equals, or the last NaN, which wins. NULL: not
 * wanted. */
torsh_status torsh__max_pool2d(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices);
torsh_status torsh__adaptive_max_pool2d(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices);

/* grad_input = grad_output added up where the indices of the forward function point; an index outside the plane is passed over. */
torsh_status torsh__cpu_max_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, const int64_t *indices, void *grad_input);
torsh_status torsh__adaptive_max_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, const int64_t *indices, void *grad_input);

torsh_status torsh__avg_pool2d(const torsh__pooling_shape *s, const void *input, void *output);
torsh_status torsh__cpu_avg_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, void *grad_input);
torsh_status torsh__adaptive_avg_pool2d(const torsh__pooling_shape *s, const void *input, void *output);
torsh_status torsh__cpu_adaptive_avg_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, void *grad_input);

#endif
