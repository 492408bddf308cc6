/* Convolution. Of floating-point and complex dtypes and i64; the batch dim may be absent. Stride, padding and dilation are lists of
 * one number per spatial dim, or one for all; TORSH_NO_DIMS stands for the default (stride and dilation 1, padding 0). */
#ifndef TORSH_CONV_OPS_H
#define TORSH_CONV_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* input (N, C, in...), weight (O, C / groups, kernel...), bias (O) or null: (N, O, out...). */
TORSH_API torsh_tensor torsh_conv1d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                    const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                    int64_t groups);
TORSH_API torsh_tensor torsh_conv2d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                    const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                    int64_t groups);
TORSH_API torsh_tensor torsh_conv3d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                    const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                    int64_t groups);
/* padding "valid", or "same": as much as gives the result the input's size, for a stride of 1. */
TORSH_API torsh_tensor torsh_conv1d_padding(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                            size_t stride_count, const char *padding, const int64_t *dilation, size_t dilation_count,
                                            int64_t groups);
TORSH_API torsh_tensor torsh_conv2d_padding(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                            size_t stride_count, const char *padding, const int64_t *dilation, size_t dilation_count,
                                            int64_t groups);
TORSH_API torsh_tensor torsh_conv3d_padding(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                            size_t stride_count, const char *padding, const int64_t *dilation, size_t dilation_count,
                                            int64_t groups);
/* input (steps, N, C) and weight (width, C, O), the steps padded by pad at both ends: (steps out, N, O). */
TORSH_API torsh_tensor torsh_conv_tbc(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, int64_t pad);
/* torsh_conv1d, 2d, 3d or their transposes, by the dims of weight. output_padding is for transposed ones. */
TORSH_API torsh_tensor torsh_convolution(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                         const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                         bool transposed, const int64_t *output_padding, size_t output_padding_count, int64_t groups);
/* The gradient of a convolution as an op: input (N, C, in...), weight (C, O / groups, kernel...), bias (O) or null. */
TORSH_API torsh_tensor torsh_conv_transpose1d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                              size_t stride_count, const int64_t *padding, size_t padding_count,
                                              const int64_t *output_padding, size_t output_padding_count, int64_t groups,
                                              const int64_t *dilation, size_t dilation_count);
TORSH_API torsh_tensor torsh_conv_transpose2d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                              size_t stride_count, const int64_t *padding, size_t padding_count,
                                              const int64_t *output_padding, size_t output_padding_count, int64_t groups,
                                              const int64_t *dilation, size_t dilation_count);
TORSH_API torsh_tensor torsh_conv_transpose3d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                              size_t stride_count, const int64_t *padding, size_t padding_count,
                                              const int64_t *output_padding, size_t output_padding_count, int64_t groups,
                                              const int64_t *dilation, size_t dilation_count);

#ifdef __cplusplus
}
#endif

#endif
