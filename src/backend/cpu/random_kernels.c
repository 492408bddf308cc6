/* Random words to values, compiled once per instruction set; all of them give the same bits.
 * Here is the arithmetic on f32, f64 and integers; random.inc.c turns that into arrays of each dtype.
 * PyTorch's counterparts: native/cpu/DistributionTemplates.h, core/TransformationHelper.h, native/cpu/avx_mathfun.h (2.15);
 * the order of fused multiply-adds in normal_f32 is that of its AVX2 build. Relies on -ffp-contract=off. */
#include "random_kernels.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 256 }; /* values per pass through buffers on the stack; a multiple of 16 */

static void draw(torsh__rng *rng, uint32_t *words, int64_t n)
{
    while (n > 0) {
        if (rng->left == 1) {
            torsh__rng_refill(rng->word);
            rng->left = TORSH__RNG_WORDS + 1;
            rng->next = 0;
        }
        int32_t m = rng->left - 1 < n ? rng->left - 1 : (int32_t)n;
        const uint32_t *from = rng->word + rng->next;
        for (int32_t i = 0; i < m; i++) words[i] = torsh__rng_temper(from[i]);
        rng->left -= m;
        rng->next += (uint32_t)m;
        words += m;
        n -= m;
    }
}

/* ---- words to uniforms ---- */

/* fmaf, inlined. Without the instruction: the f64 product is exact, its sum with c is rounded to odd, so that rounding to f32
 * is right (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008). */
static inline float fma_f32(float a, float b, float c)
{
#if defined(__FP_FAST_FMAF) || defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, c);
#else
    double p = (double)a * (double)b, s = p + (double)c;
    double t = s - p, error = (p - (s - t)) + ((double)c - t);
    uint64_t bits, error_bits;
    memcpy(&bits, &s, sizeof bits);
    memcpy(&error_bits, &error, sizeof error_bits);
    /* One ulp of s up or down where s is even and not exact; no comparison, which SSE2 lacks for 64 bits. */
    uint64_t toward = 1 - ((bits ^ error_bits) >> 63 << 1), magnitude = error_bits << 1;
    uint64_t inexact = (magnitude | (0 - magnitude)) >> 63, even = ~bits & 1;
    bits += toward & (0 - (inexact & even));
    memcpy(&s, &bits, sizeof s);
    return (float)s;
#endif
}

static inline float unit_f32(uint32_t word)
{
    return (float)(int32_t)(word & 0xFFFFFFu) * 0x1p-24f;
}

/* The low 53 bits of (high, low), as two exact conversions that vectorise where u64 to f64 does not. */
static inline double unit_f64(uint32_t high, uint32_t low)
{
    double top = (double)(int32_t)(high & 0x1FFFFFu), bottom = (double)(int32_t)(low ^ 0x80000000u) + 0x1p31;
    return (top * 0x1p32 + bottom) * 0x1p-53;
}

static void units_f64(const uint32_t *restrict words, double *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) out[i] = unit_f64(words[2 * i], words[2 * i + 1]);
}

static void uniform_f32(const torsh__random_job *job, const uint32_t *restrict words, float *restrict out, int64_t n)
{
    float from = (float)job->a, span = (float)job->b - from;
    for (int64_t i = 0; i < n; i++) out[i] = fma_f32(unit_f32(words[i]), span, from);
}

static void uniform_f64(const torsh__random_job *job, const uint32_t *restrict words, double *restrict out, int64_t n)
{
    double from = job->a, span = job->b - from;
    for (int64_t i = 0; i < n; i++) out[i] = fma(unit_f64(words[2 * i], words[2 * i + 1]), span, from);
}

/* ---- normals by groups of 16: values j and j + 8 come from uniforms j and j + 8 ---- */

static inline uint32_t bits_of(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

static inline float float_of(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* Cephes' logf for x in (0, 1], normal. */
static inline float log_f32(float x)
{
    float e = (float)((int32_t)(bits_of(x) >> 23) - 0x7F) + 1.0f;
    float m = float_of((bits_of(x) & 0x807FFFFFu) | 0x3F000000u); /* [0.5, 1) */
    uint32_t low = 0u - (uint32_t)(m < 0.707106781186547524f);
    float again = float_of(bits_of(m) & low);
    e -= float_of(0x3F800000u & low);
    m = (m - 1.0f) + again;
    float z = m * m, y = 7.0376836292e-2f;
    y = fma_f32(y, m, -1.1514610310e-1f);
    y = fma_f32(y, m, 1.1676998740e-1f);
    y = fma_f32(y, m, -1.2420140846e-1f);
    y = fma_f32(y, m, 1.4249322787e-1f);
    y = fma_f32(y, m, -1.6668057665e-1f);
    y = fma_f32(y, m, 2.0000714765e-1f);
    y = fma_f32(y, m, -2.4999993993e-1f);
    y = fma_f32(y, m, 3.3333331174e-1f);
    y = fma_f32(y * m, z, e * -2.12194440e-4f);
    y -= z * 0.5f;
    return fma_f32(e, 0.693359375f, m + y);
}

/* Cephes' sinf and cosf for x in [0, 2 pi]. */
static inline void sincos_f32(float x, float *sine, float *cosine)
{
    uint32_t octant = ((uint32_t)(int32_t)(x * 1.27323954473516f) + 1u) & ~1u;
    float j = (float)(int32_t)octant;
    x = fma_f32(j, -0.78515625f, x);
    x = fma_f32(j, -2.4187564849853515625e-4f, x);
    x = fma_f32(j, -3.77489497744594108e-8f, x);
    float z = x * x;
    float c = fma_f32(2.443315711809948e-5f, z, -1.388731625493765e-3f);
    c = fma_f32(c, z, 4.166664568298827e-2f) * z;
    c = fma_f32(c, z, -(z * 0.5f)) + 1.0f;
    float s = fma_f32(-1.9515295891e-4f, z, 8.3321608736e-3f);
    s = fma_f32(s, z, -1.6666654611e-1f) * z;
    s = fma_f32(s, x, x);
    uint32_t swap = 0u - (octant >> 1 & 1u); /* octants 2 and 6: sine and cosine trade places */
    uint32_t sine_bits = (bits_of(s) & ~swap) | (bits_of(c) & swap);
    uint32_t cosine_bits = (bits_of(c) & ~swap) | (bits_of(s) & swap);
    *sine = float_of(sine_bits ^ (octant & 4u) << 29);
    *cosine = float_of(cosine_bits ^ (~(octant - 2u) & 4u) << 29);
}

static void normal_f32(const torsh__random_job *job, const uint32_t *restrict words, float *restrict out, int64_t n)
{
    float mean = (float)job->a, std = (float)job->b;
    float first[BLOCK / 2], second[BLOCK / 2]; /* the halves of each group of 16 */
    for (int64_t i = 0; i < n; i += 16) {
        for (int64_t j = 0; j < 8; j++) first[i / 2 + j] = unit_f32(words[i + j]);
        for (int64_t j = 0; j < 8; j++) second[i / 2 + j] = unit_f32(words[i + 8 + j]);
    }
    for (int64_t i = 0; i < n / 2; i++) {
        float radius = __builtin_sqrtf(-2.0f * log_f32(1.0f - first[i])), sine, cosine;
        sincos_f32(6.283185307179586f * second[i], &sine, &cosine);
        first[i] = fma_f32(radius * cosine, std, mean);
        second[i] = fma_f32(radius * sine, std, mean);
    }
    for (int64_t i = 0; i < n; i += 16) {
        memcpy(out + i, first + i / 2, 8 * sizeof(float));
        memcpy(out + i + 8, second + i / 2, 8 * sizeof(float));
    }
}

static void normal_f64(const torsh__random_job *job, const uint32_t *restrict words, double *restrict out, int64_t n)
{
    double mean = job->a, std = job->b;
    units_f64(words, out, n);
    for (int64_t group = 0; group < n; group += 16) {
        for (int64_t i = group; i < group + 8; i++) {
            double radius = sqrt(-2 * log(1 - out[i])), angle = 6.283185307179586 * out[i + 8];
            out[i] = fma(radius * cos(angle), std, mean);
            out[i + 8] = fma(radius * sin(angle), std, mean);
        }
    }
}

/* ---- integers and bits ---- */

/* base + word mod range, range < 2^28 or a power of two. The quotient by f64 is below 2^31 and off by one at most. */
static void below32(const torsh__random_job *job, const uint32_t *restrict words, int64_t *restrict out, int64_t n)
{
    int64_t base = job->base;
    uint32_t mask = (uint32_t)(job->range - 1);
    if ((job->range & mask) == 0) {
        for (int64_t i = 0; i < n; i++) out[i] = base + (int64_t)(words[i] & mask);
        return;
    }
    int32_t range = (int32_t)job->range;
    double inverse = 1.0 / range;
    for (int64_t i = 0; i < n; i++) {
        double word = (double)(int32_t)(words[i] ^ 0x80000000u) + 0x1p31;
        int32_t quotient = (int32_t)(word * inverse);
        int32_t rest = (int32_t)(words[i] - (uint32_t)quotient * (uint32_t)range);
        rest += range & -(rest < 0);
        rest -= range & -(rest >= range);
        out[i] = base + rest;
    }
}

/* base + the u64 mod range; range 0 is 2^64. */
static void below64(const torsh__random_job *job, const uint32_t *restrict words, int64_t *restrict out, int64_t n)
{
    uint64_t range = job->range, base = (uint64_t)job->base;
    for (int64_t i = 0; i < n; i++) {
        uint64_t draw64 = (uint64_t)words[2 * i] << 32 | words[2 * i + 1];
        out[i] = (int64_t)((range ? draw64 % range : draw64) + base);
    }
}

/* 53 uniform bits below the threshold ceil(p * 2^53): the same as uniform < p in f64. */
static void bernoulli(const torsh__random_job *job, const uint32_t *restrict words, uint8_t *restrict out, int64_t n)
{
    int64_t threshold = (int64_t)job->range;
    for (int64_t i = 0; i < n; i++) {
        int64_t draw53 = (int64_t)(words[2 * i] & 0x1FFFFFu) << 32 | words[2 * i + 1];
        out[i] = draw53 < threshold;
    }
}

/* out[i] = word i mod (range - base - i), each divisor from 2 to 2^28: the f64 quotient is right after truncation. */
static void shrinking_below(const torsh__random_job *job, const uint32_t *restrict words, int32_t *restrict out, int64_t n)
{
    int32_t divisor = (int32_t)((int64_t)job->range - job->base);
    for (int32_t i = 0; i < (int32_t)n; i++) {
        double word = (double)(int32_t)(words[i] ^ 0x80000000u) + 0x1p31;
        uint32_t quotient = (uint32_t)(int32_t)(word / (double)(divisor - i));
        out[i] = (int32_t)(words[i] - quotient * (uint32_t)(divisor - i));
    }
}

/* ---- f64 inside ---- */

/* ln x for normal x in (0, 1], branch-free, within 1 ulp: fdlibm's reduction and polynomial (Sun, e_log.c, 1993). It stands
 * in for the C library where the result is rounded to less than f64, and only where both round alike, as the two differ by
 * less than 2^-50 of the value. */
static inline double log_f64(double x)
{
    const uint64_t one = 0x3FF0000000000000u, root_half = 0x3FE6A09E00000000u;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += one - root_half;
    uint64_t exponent = bits >> 52 | 0x4330000000000000u, fraction = (bits & 0xFFFFFFFFFFFFFu) + root_half;
    double k, m;
    memcpy(&k, &exponent, sizeof k);
    memcpy(&m, &fraction, sizeof m); /* [sqrt(1/2), sqrt(2)) */
    k -= 0x1p52 + 1023;
    double f = m - 1, s = f / (2 + f), z = s * s, w = z * z;
    double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    double odd = w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01);
    odd = z * (6.666666666666735130e-01 + w * 2.857142874366239149e-01 + w * odd);
    double half = 0.5 * f * f, tail = s * (half + odd + even) + k * 1.90821492927058770002e-10;
    return k * 6.93147180369123816490e-01 - ((half - tail) - f);
}

static const double LESS = 1 - 0x1p-50, MORE = 1 + 0x1p-50;

static void exponential_f64(const torsh__random_job *job, const uint32_t *restrict words, double *restrict out, int64_t n)
{
    double scale = -1.0 / job->a;
    units_f64(words, out, n);
    for (int64_t i = 0; i < n; i++) out[i] = scale * log1p(-out[i]);
}

/* The same rounded to f32; n at most BLOCK. 1 - uniform is exact, so its logarithm is log1p of -uniform. */
static void exponential_f32(const torsh__random_job *job, const uint32_t *restrict words, float *restrict out, int64_t n)
{
    double units[BLOCK], scale = -1.0 / job->a;
    float high[BLOCK];
    int32_t doubts = 0;
    units_f64(words, units, n);
    for (int64_t i = 0; i < n; i++) {
        double value = scale * log_f64(1 - units[i]);
        out[i] = (float)(value * LESS);
        high[i] = (float)(value * MORE);
    }
    for (int64_t i = 0; i < n; i++) doubts += !((out[i] == high[i]) & (out[i] > 0));
    for (int64_t i = 0; doubts && i < n; i++)
        if (!(out[i] == high[i] && out[i] > 0)) out[i] = (float)(scale * log1p(-units[i]));
}

/* Whole numbers, n at most BLOCK. */
static void geometric(const torsh__random_job *job, const uint32_t *restrict words, double *restrict out, int64_t n)
{
    double units[BLOCK], log_failure = log1p(-job->a);
    double high[BLOCK];
    int64_t doubts = 0;
    units_f64(words, units, n);
    for (int64_t i = 0; i < n; i++) {
        double value = log_f64(units[i]) / log_failure;
        out[i] = ceil(value * LESS);
        high[i] = ceil(value * MORE);
    }
    for (int64_t i = 0; i < n; i++) doubts += !((out[i] == high[i]) & (units[i] > 0));
    for (int64_t i = 0; doubts && i < n; i++)
        if (!(out[i] == high[i] && units[i] > 0)) out[i] = ceil(log(units[i]) / log_failure);
}

static void cauchy(const torsh__random_job *job, const uint32_t *restrict words, double *restrict out, int64_t n)
{
    double median = job->a, sigma = job->b;
    units_f64(words, out, n);
    for (int64_t i = 0; i < n; i++) out[i] = fma(sigma, tan(3.141592653589793 * (out[i] - 0.5)), median);
}

static void normal_pairs(const torsh__random_job *job, const uint32_t *restrict words, double *restrict out, int64_t n)
{
    units_f64(words, out, n);
    for (int64_t i = 0; i < n; i += 2) {
        double angle = 6.283185307179586 * out[i], radius = sqrt(-2.0 * log1p(-out[i + 1]));
        out[i] = fma(radius * cos(angle), job->b, job->a);
        out[i + 1] = fma(radius * sin(angle), job->b, job->a);
    }
}

static void log_normal(const torsh__random_job *job, const uint32_t *restrict words, double *restrict out, int64_t n)
{
    normal_pairs(job, words, out, n);
    for (int64_t i = 0; i < n; i++) out[i] = exp(out[i]);
}

/* x86's conversion: what does not fit becomes the smallest int64. */
static inline int64_t f64_to_i64(double x)
{
    return x >= -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN;
}

/* ---- per dtype ---- */

typedef void f64_values(const torsh__random_job *job, const uint32_t *words, double *out, int64_t n);

#define NAME(function) TORSH__PASTE(function, SUFFIX)

#define SUFFIX boolean
#define IS_BOOL
#define T uint8_t
#define FROM_F64(x) ((uint8_t)((x) != 0))
#define FROM_I64(x) ((uint8_t)((x) != 0))
#include "random.inc.c"

#define SUFFIX u8
#define T uint8_t
#define FROM_F64(x) ((uint8_t)f64_to_i64(x))
#define FROM_I64(x) ((uint8_t)(x))
#include "random.inc.c"

#define SUFFIX i8
#define T int8_t
#define FROM_F64(x) ((int8_t)f64_to_i64(x))
#define FROM_I64(x) ((int8_t)(x))
#include "random.inc.c"

#define SUFFIX i16
#define T int16_t
#define FROM_F64(x) ((int16_t)f64_to_i64(x))
#define FROM_I64(x) ((int16_t)(x))
#include "random.inc.c"

#define SUFFIX i32
#define T int32_t
#define FROM_F64(x) ((int32_t)f64_to_i64(x))
#define FROM_I64(x) ((int32_t)(x))
#include "random.inc.c"

#define SUFFIX i64
#define T int64_t
#define FROM_F64(x) f64_to_i64(x)
#define FROM_I64(x) (x)
#include "random.inc.c"

#define SUFFIX f16
#define T torsh__f16
#define FROM_F64(x) torsh__f32_to_f16((float)(x))
#define FROM_I64(x) torsh__f32_to_f16((float)(x))
#define FROM_F32(x) torsh__f32_to_f16(x)
#define TO_F32(x) torsh__f16_to_f32(x)
#include "random.inc.c"

#define SUFFIX bf16
#define T torsh__bf16
#define FROM_F64(x) torsh__f32_to_bf16((float)(x))
#define FROM_I64(x) torsh__f32_to_bf16((float)(x))
#define FROM_F32(x) torsh__f32_to_bf16(x)
#define TO_F32(x) torsh__bf16_to_f32(x)
#include "random.inc.c"

#define SUFFIX f32
#define T float
#define FROM_F64(x) ((float)(x))
#define FROM_I64(x) ((float)(x))
#define FROM_F32(x) (x)
#define TO_F32(x) (x)
#include "random.inc.c"

#define SUFFIX f64
#define T double
#define FROM_F64(x) (x)
#define TO_F64(x) (x)
#define FROM_I64(x) ((double)(x))
#define IS_F64
#include "random.inc.c"

#define FLOAT_COLUMNS(function) \
    [TORSH_F16] = function##_f16, [TORSH_BF16] = function##_bf16, [TORSH_F32] = function##_f32, [TORSH_F64] = function##_f64
#define INTEGER_COLUMNS(function) \
    [TORSH_U8] = function##_u8, [TORSH_I8] = function##_i8, [TORSH_I16] = function##_i16, [TORSH_I32] = function##_i32, \
    [TORSH_I64] = function##_i64

extern const torsh__random_kernels TORSH__ISA_NAME(torsh__random);
const torsh__random_kernels TORSH__ISA_NAME(torsh__random) = {
    .draw = draw,
    .transform = {
        [TORSH__RANDOM_UNIFORM] = {FLOAT_COLUMNS(put_uniform)},
        [TORSH__RANDOM_NORMAL] = {FLOAT_COLUMNS(put_normal)},
        [TORSH__RANDOM_BELOW32] = {[TORSH_BOOL] = put_below32_boolean, INTEGER_COLUMNS(put_below32), FLOAT_COLUMNS(put_below32)},
        [TORSH__RANDOM_BELOW64] = {[TORSH_BOOL] = put_below64_boolean, INTEGER_COLUMNS(put_below64), FLOAT_COLUMNS(put_below64)},
        [TORSH__RANDOM_BERNOULLI] = {[TORSH_BOOL] = put_bernoulli_boolean, INTEGER_COLUMNS(put_bernoulli), FLOAT_COLUMNS(put_bernoulli)},
        [TORSH__RANDOM_EXPONENTIAL] = {FLOAT_COLUMNS(put_exponential)},
        [TORSH__RANDOM_GEOMETRIC] = {INTEGER_COLUMNS(put_geometric), FLOAT_COLUMNS(put_geometric)},
        [TORSH__RANDOM_CAUCHY] = {FLOAT_COLUMNS(put_cauchy)},
        [TORSH__RANDOM_NORMAL_PAIRS] = {FLOAT_COLUMNS(put_normal_pairs)},
        [TORSH__RANDOM_LOG_NORMAL] = {FLOAT_COLUMNS(put_log_normal)},
        [TORSH__RANDOM_COUNT] = {INTEGER_COLUMNS(put_count), FLOAT_COLUMNS(put_count)},
        [TORSH__RANDOM_SHUFFLE] = {INTEGER_COLUMNS(put_shuffle), FLOAT_COLUMNS(put_shuffle)},
        [TORSH__RANDOM_UNIT] = {FLOAT_COLUMNS(put_unit)},
        [TORSH__RANDOM_WIDEN] = {FLOAT_COLUMNS(widen)},
        [TORSH__RANDOM_STORE_F64] = {FLOAT_COLUMNS(put_f64)},
        [TORSH__RANDOM_STORE_BITS] = {[TORSH_BOOL] = put_bits_boolean, INTEGER_COLUMNS(put_bits), FLOAT_COLUMNS(put_bits)},
    },
};
