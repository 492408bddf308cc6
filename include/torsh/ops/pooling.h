/* Pooling. The batch dim may be absent. Kernel sizes, stride, padding and dilation are lists of one number per spatial dim, or one for
 * all; TORSH_NO_DIMS stands for the default (padding 0, dilation 1). */
#ifndef TORSH_POOLING_OPS_H
#define TORSH_POOLING_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The maximum of each window of input (N, C, in...); real dtypes. No stride: that of the kernel. */
TORSH_API torsh_tensor torsh_max_pool1d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_max_pool2d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_max_pool3d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        const int64_t *dilation, size_t dilation_count, bool ceil_mode);
/* The same with the place of each maximum in its flattened plane. */
TORSH_API torsh_values torsh_max_pool1d_with_indices(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                     const int64_t *stride, size_t stride_count,
                                                     const int64_t *padding, size_t padding_count,
                                                     const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_values torsh_max_pool2d_with_indices(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                     const int64_t *stride, size_t stride_count,
                                                     const int64_t *padding, size_t padding_count,
                                                     const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_values torsh_max_pool3d_with_indices(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                     const int64_t *stride, size_t stride_count,
                                                     const int64_t *padding, size_t padding_count,
                                                     const int64_t *dilation, size_t dilation_count, bool ceil_mode);
/* The mean of each window, of i64, too; divisor_override 0: the window's size. */
TORSH_API torsh_tensor torsh_avg_pool1d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        bool ceil_mode, bool count_include_pad);
TORSH_API torsh_tensor torsh_avg_pool1d_out(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                            const int64_t *stride, size_t stride_count,
                                            const int64_t *padding, size_t padding_count, bool ceil_mode, bool count_include_pad,
                                            torsh_tensor out);
TORSH_API torsh_tensor torsh_avg_pool2d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        bool ceil_mode, bool count_include_pad, int64_t divisor_override);
TORSH_API torsh_tensor torsh_avg_pool2d_out(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                            const int64_t *stride, size_t stride_count,
                                            const int64_t *padding, size_t padding_count, bool ceil_mode, bool count_include_pad,
                                            int64_t divisor_override, torsh_tensor out);
TORSH_API torsh_tensor torsh_avg_pool3d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        bool ceil_mode, bool count_include_pad, int64_t divisor_override);
TORSH_API torsh_tensor torsh_avg_pool3d_out(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                            const int64_t *stride, size_t stride_count,
                                            const int64_t *padding, size_t padding_count, bool ceil_mode, bool count_include_pad,
                                            int64_t divisor_override, torsh_tensor out);
/* Windows chosen so that the result has output_size; -1 keeps the input's size. */
TORSH_API torsh_tensor torsh_adaptive_avg_pool1d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_adaptive_avg_pool2d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_adaptive_avg_pool3d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_values torsh_adaptive_max_pool1d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_values torsh_adaptive_max_pool2d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_values torsh_adaptive_max_pool3d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
/* Zeros with input's elements at the places that a max_pool's indices say. No output_size: the one that pooling evenly comes from. */
TORSH_API torsh_tensor torsh_max_unpool1d(torsh_tensor input, torsh_tensor indices,
                                          const int64_t *kernel_size, size_t kernel_size_count,
                                          const int64_t *stride, size_t stride_count,
                                          const int64_t *padding, size_t padding_count,
                                          const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_max_unpool2d(torsh_tensor input, torsh_tensor indices,
                                          const int64_t *kernel_size, size_t kernel_size_count,
                                          const int64_t *stride, size_t stride_count,
                                          const int64_t *padding, size_t padding_count,
                                          const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_max_unpool3d(torsh_tensor input, torsh_tensor indices,
                                          const int64_t *kernel_size, size_t kernel_size_count,
                                          const int64_t *stride, size_t stride_count,
                                          const int64_t *padding, size_t padding_count,
                                          const int64_t *output_size, size_t output_size_count);
/* The maxima of windows at random places; either output_size, or output_ratio of input's sizes. _random_samples (N, C, dims) in [0, 1), or
 * null to draw them. */
TORSH_API torsh_values torsh_fractional_max_pool2d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                   const int64_t *output_size, size_t output_size_count,
                                                   const double *output_ratio, size_t output_ratio_count,
                                                   torsh_tensor _random_samples);
TORSH_API torsh_values torsh_fractional_max_pool3d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                   const int64_t *output_size, size_t output_size_count,
                                                   const double *output_ratio, size_t output_ratio_count,
                                                   torsh_tensor _random_samples);
/* (the sum of input^norm_type in each window)^(1 / norm_type), 0 for a negative sum. */
TORSH_API torsh_tensor torsh_lp_pool1d(torsh_tensor input, double norm_type, const int64_t *kernel_size, size_t kernel_size_count,
                                       const int64_t *stride, size_t stride_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_lp_pool2d(torsh_tensor input, double norm_type, const int64_t *kernel_size, size_t kernel_size_count,
                                       const int64_t *stride, size_t stride_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_lp_pool3d(torsh_tensor input, double norm_type, const int64_t *kernel_size, size_t kernel_size_count,
                                       const int64_t *stride, size_t stride_count, bool ceil_mode);

#ifdef __cplusplus
}
#endif

#endif
