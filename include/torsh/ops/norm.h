/* Normalisation. Floating-point dtypes. */
#ifndef TORSH_NORM_OPS_H
#define TORSH_NORM_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Over the last `count` dims, which are normalized_shape; weight and bias have that shape or are null. PyTorch's default eps: 1e-5. */
TORSH_API torsh_tensor torsh_layer_norm(torsh_tensor input, const int64_t *normalized_shape, size_t count, torsh_tensor weight,
                                        torsh_tensor bias, double eps);
/* input (N, C, ...), each channel by its own mean and variance; training: those of the batch, and the running ones (C), where
 * given, are updated in place by momentum; else by the running ones. PyTorch's defaults: momentum 0.1, eps 1e-5. */
TORSH_API torsh_tensor torsh_batch_norm(torsh_tensor input, torsh_tensor running_mean, torsh_tensor running_var, torsh_tensor weight,
                                        torsh_tensor bias, bool training, double momentum, double eps);

/* The same with the mean and the reciprocal deviation of the batch; without elements if not training. */
TORSH_API torsh_triple torsh_native_batch_norm(torsh_tensor input, torsh_tensor weight, torsh_tensor bias,
                                               torsh_tensor running_mean, torsh_tensor running_var, bool training,
                                               double momentum, double eps);
TORSH_API torsh_triple torsh_native_batch_norm_out(torsh_tensor input, torsh_tensor weight, torsh_tensor bias,
                                                   torsh_tensor running_mean, torsh_tensor running_var, bool training,
                                                   double momentum, double eps, torsh_triple out);
/* input (N, C, ...) by the mean and variance of each sample's groups of channels, then by weight and bias (C) or null. */
TORSH_API torsh_tensor torsh_group_norm(torsh_tensor input, int64_t num_groups, torsh_tensor weight, torsh_tensor bias,
                                        double eps);
/* The same with each channel a group; running statistics as in torsh_batch_norm, used if not use_input_stats. */
TORSH_API torsh_tensor torsh_instance_norm(torsh_tensor input, torsh_tensor running_mean, torsh_tensor running_var,
                                           torsh_tensor weight, torsh_tensor bias, bool use_input_stats, double momentum,
                                           double eps);
/* input over the root of its mean square over the last dims, which are normalized_shape; complex, too. eps NAN: the dtype's epsilon. */
TORSH_API torsh_tensor torsh_rms_norm(torsh_tensor input, const int64_t *normalized_shape, size_t normalized_shape_count,
                                      torsh_tensor weight, double eps);
/* input over (k + alpha times the mean of squares over `size` channels around)^beta. PyTorch's defaults: alpha 1e-4, beta 0.75, k 1. */
TORSH_API torsh_tensor torsh_local_response_norm(torsh_tensor input, int64_t size, double alpha, double beta, double k);
/* As PyTorch's torch.native_...: the result with the mean and the reciprocal deviation. */
TORSH_API torsh_triple torsh_native_layer_norm(torsh_tensor input, const int64_t *normalized_shape, size_t normalized_shape_count,
                                               torsh_tensor weight, torsh_tensor bias, double eps);
TORSH_API torsh_triple torsh_native_group_norm(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, int64_t N, int64_t C,
                                               int64_t HxW, int64_t group, double eps);

#ifdef __cplusplus
}
#endif

#endif
