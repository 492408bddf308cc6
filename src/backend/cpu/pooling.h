/* Pooling of planes on raw memory: maximum and average, with windows of one size or adaptive, forward and backward, in one, two or
 * three dimensions. No tensors, no shape checks: the caller has checked. Results do not depend on the number of threads. Relies on
 * core's allocator and thread pool and on the kernel tables of pooling_kernels.h. */
#ifndef TORSH_BACKEND_CPU_POOLING_H
#define TORSH_BACKEND_CPU_POOLING_H

#include <torsh/core.h>

/* Planes (planes, in...) and (planes, out...), dense; planes = batch * channels. Dimensions that a pooling lacks come first: in and out,
 * kernel, stride and dilation 1, padding 0 there. `out` is given, so ceil_mode is the caller's affair: a window that sticks out of
 * the input is cut off as PyTorch cuts it. Adaptive windows need only dtype, planes, in and out. */
typedef struct torsh__pooling_shape {
    torsh_dtype dtype; /* TORSH_F32, TORSH_F64 or TORSH_I64; the caller converts others */
    int64_t planes;
    int64_t in[3], out[3], kernel[3], stride[3], padding[3];
    int64_t dilation[3];      /* maximum only */
    bool adaptive;
    const void *samples;      /* fractional windows: (planes, dims) numbers u of the dtype, 0 <= u < 1; besides in and out those have a kernel */
    int dims;                 /* fractional only: the last `dims` are sampled; of two the last one first, as in PyTorch */
    bool count_include_pad;   /* average only: padding counts in the divisor */
    int64_t divisor_override; /* average only: 0, or the divisor */
} torsh__pooling_shape;

/* All: TORSH_OK or TORSH_OUT_OF_MEMORY. Results are written, never added to. */

/* indices[o] = place of the maximum in its flattened plane: the first of equals, or the last NaN, which wins. NULL: not wanted. */
torsh_status torsh__pool_max(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices);
/* The same with fractional windows. TORSH_OUT_OF_RANGE if a sample puts one outside of the plane; the results are of no use then. */
torsh_status torsh__pool_max_fractional(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices);
/* grad_input = grad_output added up where the indices point; an index outside the plane is passed over. */
torsh_status torsh__pool_max_back(const torsh__pooling_shape *s, const void *grad_output, const int64_t *indices, void *grad_input);
torsh_status torsh__pool_avg(const torsh__pooling_shape *s, const void *input, void *output);
torsh_status torsh__pool_avg_back(const torsh__pooling_shape *s, const void *grad_output, void *grad_input);

#endif
