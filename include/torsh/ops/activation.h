/* Activations. */
#ifndef TORSH_ACTIVATION_OPS_H
#define TORSH_ACTIVATION_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* 1 / (1 + exp(-input)). */
TORSH_API torsh_tensor torsh_sigmoid(torsh_tensor input);
TORSH_API torsh_tensor torsh_sigmoid_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sigmoid_out(torsh_tensor input, torsh_tensor out);
/* max(input, 0). */
TORSH_API torsh_tensor torsh_relu(torsh_tensor input);
TORSH_API torsh_tensor torsh_relu_(torsh_tensor input);
TORSH_API torsh_tensor torsh_relu_out(torsh_tensor input, torsh_tensor out);
/* input * Phi(input), with erf. */
TORSH_API torsh_tensor torsh_gelu(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_out(torsh_tensor input, torsh_tensor out);
/* gelu(approximate='tanh'). */
TORSH_API torsh_tensor torsh_gelu_tanh(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_tanh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_tanh_out(torsh_tensor input, torsh_tensor out);
/* input * sigmoid(input). */
TORSH_API torsh_tensor torsh_silu(torsh_tensor input);
TORSH_API torsh_tensor torsh_silu_(torsh_tensor input);
TORSH_API torsh_tensor torsh_silu_out(torsh_tensor input, torsh_tensor out);
/* input where positive, else negative_slope * input. PyTorch's default slope: 0.01. */
TORSH_API torsh_tensor torsh_leaky_relu(torsh_tensor input, double negative_slope);
TORSH_API torsh_tensor torsh_leaky_relu_(torsh_tensor input, double negative_slope);
TORSH_API torsh_tensor torsh_leaky_relu_out(torsh_tensor input, double negative_slope, torsh_tensor out);
/* input where positive, else alpha * (exp(input) - 1). PyTorch's default alpha: 1. */
TORSH_API torsh_tensor torsh_elu(torsh_tensor input, double alpha);
TORSH_API torsh_tensor torsh_elu_(torsh_tensor input, double alpha);
TORSH_API torsh_tensor torsh_elu_out(torsh_tensor input, double alpha, torsh_tensor out);
/* log(1 + exp(beta * input)) / beta; input itself where beta * input > threshold. PyTorch's defaults: 1, 20. */
TORSH_API torsh_tensor torsh_softplus(torsh_tensor input, double beta, double threshold);
TORSH_API torsh_tensor torsh_softplus_(torsh_tensor input, double beta, double threshold);
TORSH_API torsh_tensor torsh_softplus_out(torsh_tensor input, double beta, double threshold, torsh_tensor out);
/* Clamped to [min_val, max_val]. PyTorch's defaults: -1, 1. */
TORSH_API torsh_tensor torsh_hardtanh(torsh_tensor input, double min_val, double max_val);
TORSH_API torsh_tensor torsh_hardtanh_(torsh_tensor input, double min_val, double max_val);
TORSH_API torsh_tensor torsh_hardtanh_out(torsh_tensor input, double min_val, double max_val, torsh_tensor out);
/* log(sigmoid(input)). */
TORSH_API torsh_tensor torsh_logsigmoid(torsh_tensor input);
TORSH_API torsh_tensor torsh_logsigmoid_(torsh_tensor input);
TORSH_API torsh_tensor torsh_logsigmoid_out(torsh_tensor input, torsh_tensor out);
/* softmax(-input). */
TORSH_API torsh_tensor torsh_softmin(torsh_tensor input, int64_t dim);
/* The same, computed and given in dtype. */
TORSH_API torsh_tensor torsh_softmin_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
/* input * relu6(input + 3) / 6. */
TORSH_API torsh_tensor torsh_hardswish(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardswish_(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardswish_out(torsh_tensor input, torsh_tensor out);
/* relu6(input + 3) / 6. */
TORSH_API torsh_tensor torsh_hardsigmoid(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardsigmoid_(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardsigmoid_out(torsh_tensor input, torsh_tensor out);
/* Clamped to [0, 6]. */
TORSH_API torsh_tensor torsh_relu6(torsh_tensor input);
TORSH_API torsh_tensor torsh_relu6_(torsh_tensor input);
/* input * tanh(softplus(input)). */
TORSH_API torsh_tensor torsh_mish(torsh_tensor input);
TORSH_API torsh_tensor torsh_mish_(torsh_tensor input);
/* elu with the scales of self-normalising networks. */
TORSH_API torsh_tensor torsh_selu(torsh_tensor input);
TORSH_API torsh_tensor torsh_selu_(torsh_tensor input);
/* max(0, input) + min(0, alpha * (exp(input / alpha) - 1)). PyTorch's default alpha: 1. */
TORSH_API torsh_tensor torsh_celu(torsh_tensor input, double alpha);
TORSH_API torsh_tensor torsh_celu_(torsh_tensor input, double alpha);
/* input / (1 + |input|). */
TORSH_API torsh_tensor torsh_softsign(torsh_tensor input);
/* input - tanh(input). */
TORSH_API torsh_tensor torsh_tanhshrink(torsh_tensor input);
/* value where input is at most threshold. */
TORSH_API torsh_tensor torsh_threshold(torsh_tensor input, double threshold, double value);
TORSH_API torsh_tensor torsh_threshold_(torsh_tensor input, double threshold, double value);
TORSH_API torsh_tensor torsh_threshold_out(torsh_tensor input, double threshold, double value, torsh_tensor out);
/* input moved by lambd towards 0, 0 within it. PyTorch's default lambd: 0.5. */
TORSH_API torsh_tensor torsh_softshrink(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_softshrink_(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_softshrink_out(torsh_tensor input, double lambd, torsh_tensor out);
/* input, but 0 within lambd of 0. PyTorch's default lambd: 0.5. */
TORSH_API torsh_tensor torsh_hardshrink(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_hardshrink_(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_hardshrink_out(torsh_tensor input, double lambd, torsh_tensor out);
/* The first half along dim times the sigmoid of the second. PyTorch's default dim: -1. */
TORSH_API torsh_tensor torsh_glu(torsh_tensor input, int64_t dim);
/* input where positive, else weight * input; one weight, or one per channel (dim 1). */
TORSH_API torsh_tensor torsh_prelu(torsh_tensor input, torsh_tensor weight);
/* leaky_relu with the mean of the slopes; in training each element below 0 draws its slope. PyTorch's defaults: 1/8, 1/3. */
TORSH_API torsh_tensor torsh_rrelu(torsh_tensor input, double lower, double upper, bool training);
TORSH_API torsh_tensor torsh_rrelu_(torsh_tensor input, double lower, double upper, bool training);

#ifdef __cplusplus
}
#endif

#endif
