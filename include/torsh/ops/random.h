/* Random numbers. Those of PyTorch's CPU generator for the same seed (torsh_manual_seed), bit for bit. `generator` may be the null
 * handle, TORSH_DEFAULT_GENERATOR; the functions without one use that. Results have no gradient. */
#ifndef TORSH_RANDOM_OPS_H
#define TORSH_RANDOM_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TORSH_DEFAULT_GENERATOR TORSH_NULL(torsh_generator)

/* Uniform in [0, 1); normal with mean 0 and standard deviation 1; whole numbers in [low, high) (default dtype i64); a
 * permutation of 0 .. n - 1 (default dtype i64). */
TORSH_API torsh_tensor torsh_rand(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_randn(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_randint(int64_t low, int64_t high, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_randperm(int64_t n, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_rand_with(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator);
TORSH_API torsh_tensor torsh_randn_with(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator);
TORSH_API torsh_tensor torsh_rand_with_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator,
                                           torsh_tensor out);
TORSH_API torsh_tensor torsh_randn_with_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator,
                                            torsh_tensor out);
TORSH_API torsh_tensor torsh_randint_with(int64_t low, int64_t high, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device,
                                          torsh_generator generator);
TORSH_API torsh_tensor torsh_randperm_with(int64_t n, torsh_dtype dtype, torsh_device device, torsh_generator generator);
/* With input's shape and device, and its dtype or another. */
TORSH_API torsh_tensor torsh_rand_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_randn_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_randint_like(torsh_tensor input, int64_t low, int64_t high);
TORSH_API torsh_tensor torsh_rand_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_randn_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_randint_like_dtype(torsh_tensor input, int64_t low, int64_t high, torsh_dtype dtype);

/* 1 with the probability that input's element is, else 0. */
TORSH_API torsh_tensor torsh_bernoulli(torsh_tensor input, torsh_generator generator);
TORSH_API torsh_tensor torsh_bernoulli_out(torsh_tensor input, torsh_generator generator, torsh_tensor out);
/* Counts with the rates that input's elements are. */
TORSH_API torsh_tensor torsh_poisson(torsh_tensor input, torsh_generator generator);
TORSH_API torsh_tensor torsh_poisson_out(torsh_tensor input, torsh_generator generator, torsh_tensor out);
/* Normal, with a mean and a standard deviation for each element; either may be a torsh_number. */
TORSH_API torsh_tensor torsh_normal(torsh_tensor mean, torsh_tensor std, torsh_generator generator);
TORSH_API torsh_tensor torsh_normal_out(torsh_tensor mean, torsh_tensor std, torsh_generator generator, torsh_tensor out);
/* Normal, of that shape. */
TORSH_API torsh_tensor torsh_normal_size(double mean, double std, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device,
                                         torsh_generator generator);
TORSH_API torsh_tensor torsh_normal_size_out(double mean, double std, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device,
                                             torsh_generator generator, torsh_tensor out);
/* How many of `count` trials succeed, each with the probability that prob's element is; the two broadcast. */
TORSH_API torsh_tensor torsh_binomial(torsh_tensor count, torsh_tensor prob, torsh_generator generator);
/* Samples of a Concrete distribution: the softmax of (logits + Gumbel noise) / tau; hard gives one-hot ones with the same gradient. */
TORSH_API torsh_tensor torsh_gumbel_softmax(torsh_tensor logits, double tau, bool hard, int64_t dim);
/* Indices drawn from each row of weights, (categories) or (rows, categories): i64, (num_samples) or (rows, num_samples). */
TORSH_API torsh_tensor torsh_multinomial(torsh_tensor input, int64_t num_samples, bool replacement, torsh_generator generator);
TORSH_API torsh_tensor torsh_multinomial_out(torsh_tensor input, int64_t num_samples, bool replacement, torsh_generator generator, torsh_tensor out);

/* In place: uniform in [from, to); */
TORSH_API torsh_tensor torsh_uniform_(torsh_tensor input, double from, double to, torsh_generator generator);
TORSH_API torsh_tensor torsh_normal_(torsh_tensor input, double mean, double std, torsh_generator generator);
/* 1 with probability p, else 0; */
TORSH_API torsh_tensor torsh_bernoulli_(torsh_tensor input, double p, torsh_generator generator);
/* whole numbers from 0 to the dtype's largest (2^mantissa bits for floats); in [from, to); */
TORSH_API torsh_tensor torsh_random_(torsh_tensor input, torsh_generator generator);
TORSH_API torsh_tensor torsh_random_range_(torsh_tensor input, int64_t from, int64_t to, torsh_generator generator);
/* density lambd exp(-lambd x); */
TORSH_API torsh_tensor torsh_exponential_(torsh_tensor input, double lambd, torsh_generator generator);
/* the number of trials to the first success; */
TORSH_API torsh_tensor torsh_geometric_(torsh_tensor input, double p, torsh_generator generator);
TORSH_API torsh_tensor torsh_cauchy_(torsh_tensor input, double median, double sigma, torsh_generator generator);
/* exp of a normal with that mean and standard deviation. */
TORSH_API torsh_tensor torsh_log_normal_(torsh_tensor input, double mean, double std, torsh_generator generator);

/* In training, each element is 0 with probability p, else divided by 1 - p; otherwise input itself. Has a gradient. */
TORSH_API torsh_tensor torsh_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout_(torsh_tensor input, double p, bool training);
/* Whole channels (n, c, ...) at once; dropout1d takes (c, l), too, and dropout3d (c, d, h, w). */
TORSH_API torsh_tensor torsh_feature_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_feature_dropout_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout1d(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout1d_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout2d(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout2d_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout3d(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout3d_(torsh_tensor input, double p, bool training);
/* The same for networks of torsh_selu: what is dropped takes its lowest value, and mean 0 and variance 1 stay. */
TORSH_API torsh_tensor torsh_alpha_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_alpha_dropout_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_feature_alpha_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_feature_alpha_dropout_(torsh_tensor input, double p, bool training);
/* Dropout with its mask of what was kept, bool; and what its gradient is, grad_output * mask * scale. */
TORSH_API torsh_pair torsh_native_dropout(torsh_tensor input, double p, bool train);
TORSH_API torsh_tensor torsh_native_dropout_backward(torsh_tensor grad_output, torsh_tensor mask, double scale);

#ifdef __cplusplus
}
#endif

#endif
