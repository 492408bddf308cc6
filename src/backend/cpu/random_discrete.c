/* Poisson and binomial counts, multinomial samples: draws whose number depends on what was drawn, or on a row of weights.
 * PyTorch's counterparts: native/Distributions.cpp, native/cpu/MultinomialKernel.cpp (2.15). */
#include "random.h"

#include "alloc.h"
#include "copy_kernels.h"
#include "random_kernels.h"
#include "reduce_kernels.h"
#include "status.h"

#include <float.h>
#include <math.h>

enum {
    CHUNK = 512,              /* values on the stack */
    ROWS = 4,                 /* of weights summed side by side */
    MOST_CATEGORIES = 1 << 24 /* as in PyTorch: an f32 counts no further */
};

/* ---- poisson ---- */

/* Hoermann, "The transformed rejection method for generating Poisson random variables", 1993 (algorithm PTRS). */
static double poisson_large(torsh__rng *rng, double rate)
{
    double root = sqrt(rate), log_rate = log(rate);
    double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
    double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), accept = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = torsh__rng_uniform(rng) - 0.5, v = torsh__rng_uniform(rng), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + rate + 0.43);
        if (us >= 0.07 && v <= accept) return k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        int sign;
        if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <= -rate + k * log_rate - lgamma_r(k + 1, &sign)) return k;
    }
}

/* Knuth: how many uniforms can be multiplied before the product falls to exp(-rate). */
static double poisson_small(torsh__rng *rng, double rate)
{
    double limit = exp(-rate), product = torsh__rng_uniform(rng), k = 0;
    while (product > limit) {
        product *= torsh__rng_uniform(rng);
        k++;
    }
    return k;
}

void torsh__fill_poisson(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const void *rates)
{
    const torsh__random_kernels *kernels = TORSH__ISA_PICK(torsh__random);
    torsh__random_transform *widen = kernels->transform[TORSH__RANDOM_WIDEN][dtype];
    torsh__random_transform *store = kernels->transform[TORSH__RANDOM_STORE_F64][dtype];
    if (!widen) return;
    double values[CHUNK];
    for (int64_t at = 0; at < n; at += CHUNK) {
        int64_t m = n - at < CHUNK ? n - at : CHUNK;
        size_t offset = (size_t)at * torsh_dtype_size(dtype);
        widen(NULL, (const unsigned char *)rates + offset, values, m);
        for (int64_t i = 0; i < m; i++) {
            double rate = values[i];
            values[i] = rate >= 10 ? poisson_large(rng, rate) : rate > 0 ? poisson_small(rng, rate) : 0;
        }
        store(NULL, values, (unsigned char *)out + offset, m);
    }
}

/* ---- binomial ---- */

/* ln k! less Stirling's approximation of it at k + 1/2 (Hoermann 1993, table 1 and below it). */
static double stirling_rest(double k)
{
    static const double first[] = {0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
                                   0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287};
    if (k <= 9) return first[(int)k];
    double square = (k + 1) * (k + 1);
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

/* Hoermann, "The generation of binomial random variates", 1993 (algorithm BTRS): count p at least 10, p at most 1/2. */
static double binomial_large(torsh__rng *rng, double count, double p)
{
    double deviation = sqrt(count * p * (1 - p)), b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.01 * p;
    double c = count * p + 0.5, accept = 0.92 - 4.2 / b, odds = p / (1 - p), alpha = (2.83 + 5.1 / b) * deviation, mode = floor((count + 1) * p);
    for (;;) {
        double u = torsh__rng_uniform(rng) - 0.5, v = torsh__rng_uniform(rng), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + c);
        if (us >= 0.07 && v <= accept) return k;
        if (k < 0 || k > count) continue;
        v = log(v * alpha / (a / (us * us) + b));
        double most = (mode + 0.5) * log((mode + 1) / (odds * (count - mode + 1))) + (count + 1) * log((count - mode + 1) / (count - k + 1)) +
                      (k + 0.5) * log(odds * (count - k + 1) / (k + 1)) + stirling_rest(mode) + stirling_rest(count - mode) - stirling_rest(k) - stirling_rest(count - k);
        if (v <= most) return k;
    }
}

/* How many geometric waiting times fit into count trials. */
static double binomial_small(torsh__rng *rng, double count, double p)
{
    double sum = 0, log_rest = log1p(-p), k = 0;
    for (;; k++) {
        sum += ceil(log(torsh__rng_uniform(rng)) / log_rest);
        if (!(sum <= count)) return k;
    }
}

static double binomial_one(torsh__rng *rng, double count, double p)
{
    if (!(count > 0) || p <= 0) return 0;
    if (p >= 1) return count;
    if (isnan(p)) return p;
    double rare = p <= 0.5 ? p : 1 - p;
    double k = count * rare >= 10 ? binomial_large(rng, count, rare) : binomial_small(rng, count, rare);
    return p <= 0.5 ? k : count - k;
}

void torsh__fill_binomial(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const void *counts, const void *probabilities)
{
    const torsh__random_kernels *kernels = TORSH__ISA_PICK(torsh__random);
    torsh__random_transform *widen = kernels->transform[TORSH__RANDOM_WIDEN][dtype];
    torsh__random_transform *store = kernels->transform[TORSH__RANDOM_STORE_F64][dtype];
    if (!widen) return;
    double values[CHUNK], p[CHUNK];
    for (int64_t at = 0; at < n; at += CHUNK) {
        int64_t m = n - at < CHUNK ? n - at : CHUNK;
        size_t offset = (size_t)at * torsh_dtype_size(dtype);
        widen(NULL, (const unsigned char *)counts + offset, values, m);
        widen(NULL, (const unsigned char *)probabilities + offset, p, m);
        for (int64_t i = 0; i < m; i++) values[i] = binomial_one(rng, values[i], p[i]);
        store(NULL, values, (unsigned char *)out + offset, m);
    }
}

/* ---- multinomial ---- */

static torsh_status bad_weight(int64_t i, int64_t row, double weight)
{
    return torsh__fail(TORSH_INVALID_ARGUMENT, "multinomial: 'input' has weight %lld of row %lld as %g; weights must be finite and not negative", (long long)i,
                       (long long)row, weight);
}

static torsh_status no_weights(int64_t row)
{
    return torsh__fail(TORSH_INVALID_ARGUMENT, "multinomial: 'input' has only zeros in row %lld", (long long)row);
}

#define T float
#define DTYPE TORSH_F32
#define LIMIT FLT_MAX
#define S_(name) name##_f32
#include "multinomial.inc.c"
#define T double
#define DTYPE TORSH_F64
#define LIMIT DBL_MAX
#define S_(name) name##_f64
#include "multinomial.inc.c"

/* Category a comes after category b: its key is smaller, or the same and its number is higher. */
static bool is_after(const double *keys, int64_t a, int64_t b)
{
    return keys[a] < keys[b] || (keys[a] == keys[b] && a > b);
}

/* A heap with the last in order on top. */
static void sift(const double *keys, int64_t *heap, int64_t count, int64_t at)
{
    for (int64_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_after(keys, heap[child + 1], heap[child])) child++;
        if (!is_after(keys, heap[child], heap[at])) return;
        int64_t kept = heap[at];
        heap[at] = heap[child];
        heap[child] = kept;
        at = child;
    }
}

/* The numbers of the `count` largest keys, largest first. */
static void largest(const double *keys, int64_t categories, int64_t *out, int64_t count)
{
    for (int64_t i = 0; i < count; i++) out[i] = i;
    for (int64_t i = count / 2; i-- > 0;) sift(keys, out, count, i);
    for (int64_t i = count; i < categories; i++) {
        if (!is_after(keys, out[0], i)) continue;
        out[0] = i;
        sift(keys, out, count, 0);
    }
    for (int64_t end = count; end-- > 1;) {
        int64_t last = out[0];
        out[0] = out[end];
        out[end] = last;
        sift(keys, out, end, 0);
    }
}

/* Keys weight / exponential, in the dtype: the largest is a sample, the next one a sample of what is left, and so on
 * (Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006). `weights` become the keys; the others are
 * scratch. */
static void draw_keys(torsh__rng *rng, torsh_dtype dtype, double *weights, int64_t categories, double *wide, void *narrow)
{
    const torsh__random_kernels *kernels = TORSH__ISA_PICK(torsh__random);
    torsh__fill_exponential(rng, dtype, narrow, categories, 1);
    kernels->transform[TORSH__RANDOM_WIDEN][dtype](NULL, narrow, wide, categories);
    for (int64_t i = 0; i < categories; i++)
        wide[i] = dtype == TORSH_F64 ? weights[i] / wide[i] : (double)((float)weights[i] / (float)wide[i]);
    kernels->transform[TORSH__RANDOM_STORE_F64][dtype](NULL, wide, narrow, categories);
    kernels->transform[TORSH__RANDOM_WIDEN][dtype](NULL, narrow, weights, categories);
}

torsh_status torsh__multinomial(torsh__rng *rng, torsh_dtype dtype, const void *p, int64_t rows, int64_t categories, int64_t samples,
                                bool replacement, int64_t *out)
{
    if (!torsh__dtype_valid((int)dtype) || !torsh__in_set(dtype, TORSH__SET_FLOAT))
        return torsh__fail(TORSH_DTYPE_MISMATCH, "multinomial: weights are %s; use a floating dtype", torsh_dtype_name(dtype));
    if (samples < 1 || categories < 1 || categories > MOST_CATEGORIES || (!replacement && samples > categories))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "multinomial: %lld samples of %lld categories %s replacement", (long long)samples,
                           (long long)categories, replacement ? "with" : "without");
    torsh__random_transform *widen = TORSH__ISA_PICK(torsh__random)->transform[TORSH__RANDOM_WIDEN][dtype];
    bool by_keys = !replacement || samples == 1, narrow = dtype != TORSH_F64 && dtype != TORSH_F32;
    size_t size = torsh_dtype_size(dtype), room = (size_t)categories * (by_keys ? 3 : ROWS) * sizeof(double);
    size_t bytes = room + (narrow && !by_keys ? (size_t)(rows * categories) * sizeof(float) : 0);
    double *weights = torsh__alloc(bytes);
    if (!weights) return TORSH_OUT_OF_MEMORY;
    torsh_status status = TORSH_OK;
    for (int64_t row = 0; row < rows && by_keys; row++, out += samples) {
        widen(NULL, (const unsigned char *)p + (size_t)(row * categories) * size, weights, categories);
        status = check_f64(weights, categories, row);
        if (status != TORSH_OK) break;
        draw_keys(rng, dtype, weights, categories, weights + categories, weights + 2 * categories);
        largest(weights, categories, out, samples);
    }
    if (!by_keys && narrow) {
        float *wide = (float *)(void *)((char *)weights + room);
        TORSH__ISA_PICK(torsh__copy)->convert[dtype][TORSH_F32](rows * categories, wide, sizeof(float), p, (int64_t)size);
        p = wide;
    }
    if (!by_keys && dtype == TORSH_F64) status = with_replacement_f64(rng, p, rows, categories, samples, weights, out);
    else if (!by_keys) status = with_replacement_f32(rng, p, rows, categories, samples, (float *)(void *)weights, out);
    torsh__free(weights, bytes);
    return status;
}
