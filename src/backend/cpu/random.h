/* Fills contiguous arrays with random numbers: PyTorch's CPU distributions, bit for bit, on every machine.
 *
 * One generator state, drawn from serially in element order; the arithmetic after that runs in pieces of fixed size on all
 * threads. The caller holds the generator's lock and has checked the parameters; n may be 0. Nothing here fails: without
 * memory for a scratch block the same numbers are made on one thread. An unsupported dtype leaves the array alone.
 *
 * PyTorch has several builds of these kernels; these are its AVX2 and AVX-512 ones (2.15), fused multiply-adds included.
 * f64 values and everything named "f64 inside" below use the C library's log, log1p, sin, cos, tan, exp, as PyTorch does:
 * with glibc they have PyTorch's bits; with another C library they can differ by an ulp of f64 (hardly ever seen after
 * rounding to f32). The f32 normal fill uses no C library function.
 *
 * Order for tensors that are not contiguous: PyTorch visits elements in memory order (smallest stride innermost), so fill a
 * dense tensor with permuted dimensions as the block of memory that it is. Only normal_ differs there, see below. */
#ifndef TORSH_BACKEND_CPU_RANDOM_H
#define TORSH_BACKEND_CPU_RANDOM_H

#include "dtype.h"
#include "rng.h"

enum {
    TORSH__RANDOM_SET = TORSH__SET_REAL | TORSH__SET_BOOL, /* bernoulli, random */
    TORSH__GEOMETRIC_SET = TORSH__SET_REAL,
    TORSH__RANDPERM_SET = TORSH__SET_REAL
    /* uniform, normal, exponential, cauchy, log_normal: TORSH__SET_FLOAT */
};

/* uniform_(from, to) and rand (0, 1): [from, to), computed in f32 for the 16-bit dtypes. */
void torsh__fill_uniform(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double from, double to);

/* normal_(mean, std) and randn (0, 1). From 16 elements on: uniforms, then Box-Muller by groups of 16, the last 16 values
 * drawn again if n is no multiple of 16. Below 16: as torsh__fill_normal_scalar. */
void torsh__fill_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double mean, double std);
/* One value after the other, f64 inside: what PyTorch does for tensors that are not contiguous, whatever their size. */
void torsh__fill_normal_scalar(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double mean, double std);

/* random_(from, to), randint(from, to): from + draw mod range; range = to - from, at least 1, at most 2^63.
 * range 0 stands for 2^64: the whole int64 range, random_(INT64_MIN, None). */
void torsh__fill_randint(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, int64_t from, uint64_t range);
/* random_(): [0, largest value] for integers, [0, 2^mantissa bits] for floats, both for bool. */
void torsh__fill_random(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n);

/* bernoulli_(p): 1 with probability p, else 0. */
void torsh__fill_bernoulli(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double p);
/* bernoulli(tensor): p is an array of n probabilities of a floating dtype. f64 ones take two words a value, others one. */
void torsh__fill_bernoulli_array(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, torsh_dtype p_dtype, const void *p);

/* f64 inside. */
void torsh__fill_exponential(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double lambda);
void torsh__fill_geometric(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double p);
void torsh__fill_cauchy(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double median, double sigma);
void torsh__fill_log_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double mean, double std);

/* A permutation of 0 .. n - 1. The dtype must hold n - 1 exactly. */
void torsh__fill_randperm(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n);

/* poisson(rates): n counts of the dtype of the rates, floating; `out` may be `rates`. f64 inside. Each rate at least 0. */
void torsh__fill_poisson(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const void *rates);

/* binomial(counts, probabilities): n counts, all of one floating dtype. f64 inside. 0 for counts below 1, NaN for probabilities that are. */
void torsh__fill_binomial(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const void *counts, const void *probabilities);

/* multinomial(p, samples, replacement): p is (rows, categories), floating, not necessarily normalised; out is
 * (rows, samples). TORSH_INVALID_ARGUMENT for a weight that is negative, infinite or NaN, a row without any weight, or more
 * samples than categories without replacement; then the generator may have moved. Without replacement equal keys (the 16-bit
 * dtypes have them) go to the lower category, where PyTorch's order is that of an unstable sort. */
torsh_status torsh__multinomial(torsh__rng *rng, torsh_dtype dtype, const void *p, int64_t rows, int64_t categories, int64_t samples,
                                bool replacement, int64_t *out);

#endif
