/* Convolution on raw memory, 1, 2 or 3 spatial dimensions, forward and its gradients; transposed convolution is the gradient
 * of the data. No tensors, no shape checks: the caller has checked. Dense memory in PyTorch's order (N, C, [[D,] H,] W).
 * Cuts work by size only, so the bits do not depend on the number of threads. Relies on core's allocator and thread pool and
 * on the kernel tables of conv_kernels.h and gemm_kernels.h. */
#ifndef TORSH_BACKEND_CPU_CONV_H
#define TORSH_BACKEND_CPU_CONV_H

#include <torsh/core.h>

enum { TORSH__CONV_DIMS = 3 };

/* input (batch, in_channels, in...), weight (out_channels, in_channels / groups, kernel...), output (batch, out_channels, out...).
 * output[o] = sum over taps t of input[o * stride - padding + t * dilation] * weight[t]; what lies outside the input is zero.
 * `padding` is the one in front; the one behind follows from the sizes, so the two may differ. Sizes per dimension stand in
 * the first `dims` places, the innermost last. */
typedef struct torsh__conv_shape {
    torsh_dtype dtype; /* TORSH_F16, TORSH_BF16 (both summed in f32), TORSH_F32 or TORSH_F64 */
    int dims;          /* 1, 2 or 3 */
    int64_t batch, groups, in_channels, out_channels;
    int64_t in[TORSH__CONV_DIMS], kernel[TORSH__CONV_DIMS], out[TORSH__CONV_DIMS];
    int64_t stride[TORSH__CONV_DIMS], padding[TORSH__CONV_DIMS], dilation[TORSH__CONV_DIMS];
} torsh__conv_shape;

/* All four: TORSH_OK, TORSH_OUT_OF_MEMORY with the result part done, TORSH_UNSUPPORTED for another dtype.
 * Results are written, never added to; they may not overlap the operands. */

/* output from input and weight; bias (out_channels) or NULL is added. */
torsh_status torsh__conv_forward(const torsh__conv_shape *s, const void *input, const void *weight, const void *bias, void *output);

/* grad_input from grad_output and weight. This is also the transposed convolution of grad_output: there `in` is the size of its
 * result (output_padding included) and bias (in_channels) or NULL is added. */
torsh_status torsh__conv_backward_data(const torsh__conv_shape *s, const void *grad_output, const void *weight, const void *bias, void *grad_input);

/* grad_weight from input and grad_output. */
torsh_status torsh__conv_backward_weight(const torsh__conv_shape *s, const void *input, const void *grad_output, void *grad_weight);

/* The first two for i64, whose sums wrap around: plain loops, as whole numbers are rare here. */
torsh_status torsh__conv_integers(const torsh__conv_shape *s, const void *input, const void *weight, const void *bias, void *output);
torsh_status torsh__conv_transpose_integers(const torsh__conv_shape *s, const void *input, const void *weight, const void *bias, void *output);

/* grad_bias (out_channels): grad_output summed over batch and space. */
torsh_status torsh__conv_backward_bias(const torsh__conv_shape *s, const void *grad_output, void *grad_bias);

#endif
