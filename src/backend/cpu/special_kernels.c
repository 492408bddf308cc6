/* Compiled once per instruction set: loops of rare pointwise rows (special_kernels.h). The x86 baseline has none, as its loops would be no
 * faster than those of pointwise_rare.c. */
#include "special_kernels.h"
#include "pointwise_names.h"
#include "pointwise_sets.h"
#include "special.h"
#include "vmath.h"

#include <string.h>

#if !defined(TORSH_ISA_baseline)

/* ---- warm rows, in f32 and f64: of the sets only FLOATW and REALW. They wait for memory, so AVX-512 has no form of its own (isa.h) -------------------- */

#undef IF_FLOAT_FP
#undef IF_FC_FP
#undef IF_FLOATB_FP
#undef IF_REALB_FP
#undef IF_NUMB_FP
#define IF_FLOAT_FP(...)
#define IF_FC_FP(...)
#define IF_FLOATB_FP(...)
#define IF_REALB_FP(...)
#define IF_NUMB_FP(...)
#if defined(__AVX512F__)
#define WARM(...)
#else
#define WARM(...) __VA_ARGS__

#define POINTWISE_ROWS "pointwise_rare.def"
#define K FP
#define KIND_IS_FLOAT 1
#define T float
#define SUFFIX f32
#define FROM_DOUBLE(x) ((float)(x))
#include "pointwise_kernels.inc.c"

#define K FP
#define KIND_IS_FLOAT 1
#define T double
#define SUFFIX f64
#define FROM_DOUBLE(x) (x)
#include "pointwise_kernels.inc.c"
#endif

#define LOOP_HEAD(name) static void name(int64_t n, void *out, const void *a, const void *b, const void *c, const double *attributes)

/* ---- loops of a fixed count, which need no second, scalar form of the function for the rest ------------------------------------------- */

enum { PART = 64 };
typedef void block(void *out, const void *a, const void *b);

/* All of n elements; a rest is done in buffers, of which more is computed than is kept. */
static void in_blocks(int64_t n, char *out, const char *a, const char *b, size_t size, block *run)
{
    int64_t step = PART * (int64_t)size;
    for (; n >= PART; n -= PART, out += step, a += step, b = b ? b + step : NULL) run(out, a, b);
    if (n == 0) return;
    _Alignas(64) char left[PART * sizeof(double)], right[PART * sizeof(double)], result[PART * sizeof(double)];
    size_t rest = (size_t)n * size;
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    memcpy(left, a, rest);
    if (b) memcpy(right, b, rest);
    run(result, left, right);
    memcpy(out, result, rest);
}

#define LOOP1(name, type, value)                                                   \
    static void name##_##type##_block(void *out, const void *a, const void *b)     \
    {                                                                              \
        type *y = out;                                                             \
        const type *from = a;                                                      \
        (void)b;                                                                   \
        INDEPENDENT                                                                \
        for (int i = 0; i < PART; i++) {                                           \
            const type x = from[i];                                                \
            y[i] = value;                                                          \
        }                                                                          \
    }                                                                              \
    LOOP_HEAD(name##_##type)                                                       \
    {                                                                              \
        (void)b, (void)c, (void)attributes;                                        \
        in_blocks(n, out, a, NULL, sizeof(type), name##_##type##_block);           \
    }
#define LOOP2(name, type, value)                                                   \
    static void name##_##type##_block(void *out, const void *a, const void *b)     \
    {                                                                              \
        type *y = out;                                                             \
        const type *left = a, *right = b;                                          \
        INDEPENDENT                                                                \
        for (int i = 0; i < PART; i++) y[i] = value(left[i], right[i]);            \
    }                                                                              \
    LOOP_HEAD(name##_##type)                                                       \
    {                                                                              \
        (void)c, (void)attributes;                                                 \
        in_blocks(n, out, a, b, sizeof(type), name##_##type##_block);              \
    }

LOOP1(sgn, float, m_sign_f32(x))
LOOP1(sgn, double, m_sign_f64(x))
LOOP1(angle, float, x != x ? x : x < 0 ? 0x1.921fb6p1f : 0)
LOOP1(angle, double, x != x ? x : x < 0 ? 0x1.921fb54442d18p1 : 0)
LOOP1(lgamma, float, m_lgamma_f32(x))
LOOP1(lgamma, double, m_lgamma_f64(x))
LOOP1(digamma, double, m_digamma_f64(x))
LOOP2(logaddexp2, float, m_logaddexp2_f32)
LOOP2(logaddexp2, double, m_logaddexp2_f64)
LOOP1(i0, float, m_bessel_i_f32(x, 0, 0))
LOOP1(i0e, float, m_bessel_i_f32(x, 0, 1))
LOOP1(i1, float, m_bessel_i_f32(x, 1, 0))
LOOP1(i1e, float, m_bessel_i_f32(x, 1, 1))
LOOP1(ndtri, float, m_ndtri_f32(x))
/* f32 in lanes of f64 */
typedef void wide_block(double *x);

static void in_lanes(int64_t n, float *y, const float *x, wide_block *run)
{
    for (; n > 0; n -= PART, y += PART, x += PART) {
        double lanes[PART] = {0};
        int64_t part = n < PART ? n : PART;
        for (int64_t i = 0; i < part; i++) lanes[i] = (double)x[i];
        run(lanes);
        for (int64_t i = 0; i < part; i++) y[i] = (float)lanes[i];
    }
}

#define LOOP_WIDE(name)                                                            \
    static void name##_wide(double *x)                                             \
    {                                                                              \
        for (int i = 0; i < PART; i++) x[i] = m_##name##_wide_f32(x[i]);           \
    }                                                                              \
    LOOP_HEAD(name##_float)                                                        \
    {                                                                              \
        (void)b, (void)c, (void)attributes;                                        \
        in_lanes(n, out, a, name##_wide);                                          \
    }

LOOP_WIDE(ndtr)
#if !defined(__AVX512F__)
LOOP_WIDE(erfcx)
LOOP_WIDE(log_ndtr)
LOOP_WIDE(trigamma)
LOOP1(airy_ai, float, (float)m_airy_ai_wide_f32((double)x)) /* its branches keep the other form from being a vector loop */

LOOP_HEAD(polygamma)
{
    const float *order = a, *x = b;
    float *y = out;
    int all = 1;
    for (int64_t i = 0; i < n; i++) all &= order[i] == 1;
    if (all) trigamma_float(n, out, b, NULL, c, attributes);
    else
        for (int64_t i = 0; i < n; i++) y[i] = (float)torsh__polygamma((double)order[i], (double)x[i]);
}

/* Elements far out one by one */
LOOP_HEAD(airy)
{
    const float *x = a;
    float *y = out;
    for (; n > 0; n -= PART, y += PART, x += PART) {
        float kept[PART];
        int64_t part = n < PART ? n : PART;
        memcpy(kept, x, (size_t)part * sizeof *x);
        airy_ai_float(part, y, kept, b, c, attributes);
        for (int64_t i = 0; i < part; i++)
            if ((kept[i] < -M_AIRY_NEAR_F32) | (kept[i] > FLT_MAX)) y[i] = (float)torsh__airy_ai((double)kept[i]);
    }
}
#endif
LOOP2(nextafter, float, m_nextafter_f32)
LOOP2(left, int64_t, m_shl_i64)
LOOP2(right, int64_t, m_shr_i64)

#if defined(__AVX512F__)
/* the one warm row that does not wait for memory */
#define gated_in_f32(a, b) ((a) * m_sigmoid_f32(b))
#define gated_in_f64(a, b) ((a) * m_sigmoid_f64(b))
LOOP2(gated, float, gated_in_f32)
LOOP2(gated, double, gated_in_f64)
#define WIDE(...) __VA_ARGS__
#else
#define WIDE(...)
LOOP_HEAD(signbit_float)
{
    uint8_t *y = out;
    const uint32_t *bits = a;
    (void)b, (void)c, (void)attributes;
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) y[i] = (uint8_t)(bits[i] >> 31);
}
#endif

/* real and imaginary parts side by side */
LOOP_HEAD(pair_float)
{
    float *y = out;
    const float *real = a, *imaginary = b;
    (void)c, (void)attributes;
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) y[2 * i] = real[i], y[2 * i + 1] = imaginary[i];
}

/* ---- orthogonal polynomials: steps of the recurrence for some elements, as many as the highest degree among them asks ---------------- */

static void polynomial(enum torsh__polynomial kind, int64_t n, double *y, const double *x, const double *degree)
{
    const torsh__recurrence r = torsh__recurrences[kind];
    for (; n > 0; n -= PART, y += PART, x += PART, degree += PART) {
        double argument[PART], limit[PART], last[PART], value[PART], most = 0;
        int64_t part = n < PART ? n : PART;
        for (int64_t i = 0; i < part; i++) {
            limit[i] = ((degree[i] >= 1) & (degree[i] <= TORSH__MOST_DEGREE)) ? m_floor_f64(degree[i]) : 0;
            most = limit[i] > most ? limit[i] : most;
            argument[i] = x[i];
            last[i] = 1;
            value[i] = limit[i] < 1 ? 1 : r.first[0] * x[i] + r.first[1];
        }
        for (int k = 1; k < (int)most; k++) {
            double a = r.a[0] + r.a[1] * k, b = r.b[0] + r.b[1] * k, c = r.c[0] + r.c[1] * k, below = r.below[0] + r.below[1] * k;
            for (int64_t i = 0; i < part; i++) {
                double next = ((a * argument[i] + b) * value[i] - c * last[i]) / below;
                last[i] = value[i];
                value[i] = limit[i] > k ? next : value[i];
            }
        }
        for (int64_t i = 0; i < part; i++) {
            double none = degree[i] > TORSH__MOST_DEGREE ? (double)NAN : value[i];
            y[i] = ((degree[i] > -1) & (degree[i] < 0x1p63)) ? none : 0;
        }
    }
}

#define POLYNOMIAL(name, kind) \
    LOOP_HEAD(name) { (void)c, (void)attributes; polynomial(kind, n, out, a, b); }
POLYNOMIAL(chebyshev_t, TORSH__CHEBYSHEV_T)
POLYNOMIAL(chebyshev_u, TORSH__CHEBYSHEV_U)
POLYNOMIAL(chebyshev_v, TORSH__CHEBYSHEV_V)
POLYNOMIAL(chebyshev_w, TORSH__CHEBYSHEV_W)
POLYNOMIAL(hermite_h, TORSH__HERMITE_H)
POLYNOMIAL(hermite_he, TORSH__HERMITE_HE)
POLYNOMIAL(laguerre, TORSH__LAGUERRE)
POLYNOMIAL(legendre, TORSH__LEGENDRE)

/* ---- Bessel functions in f32: their power series in f64 for |x| <= 5, the others one by one (special.h) ---------------------------------- */

static int near_serves(enum torsh__bessel kind, float x)
{
    return (m_abs_f32(x) <= 5) & ((kind == TORSH__BESSEL_J0) | (kind == TORSH__BESSEL_J1) | (x > 0));
}

static void sum_series(int64_t n, double *sum, const double *z, const double *terms)
{
    for (int64_t i = 0; i < n; i++) sum[i] = terms[TORSH__BESSEL_TERMS - 1];
    for (int k = TORSH__BESSEL_TERMS - 2; k >= 0; k--)
        for (int64_t i = 0; i < n; i++) sum[i] = m_fma_f64(sum[i], z[i], terms[k]);
}

static void bessel(enum torsh__bessel kind, int64_t n, float *y, const float *x)
{
    const double turn = 0x1.45f306dc9c883p-1, gamma = 0x1.2788cfc6fb619p-1; /* 2 / pi and Euler's constant */
    int second = kind == TORSH__BESSEL_Y0 || kind == TORSH__BESSEL_Y1, first = kind == TORSH__BESSEL_J1 || kind == TORSH__BESSEL_Y1;
    for (; n > 0; n -= PART, y += PART, x += PART) {
        double half[PART], z[PART], j[PART], rest[PART];
        int64_t part = n < PART ? n : PART;
        for (int64_t i = 0; i < part; i++) {
            half[i] = near_serves(kind, x[i]) ? 0.5 * (double)x[i] : 1;
            z[i] = -half[i] * half[i];
        }
        sum_series(part, j, z, torsh__bessel_series[first]);
        if (second) sum_series(part, rest, z, torsh__bessel_series[kind]);
        for (int64_t i = 0; i < part; i++) j[i] *= first ? half[i] : 1;
        for (int64_t i = 0; second && i < part; i++) {
            double l = m_log_f64(half[i]);
            double y0 = turn * ((l + gamma) * j[i] - rest[i]), y1 = turn * (l * j[i] - 0.5 * half[i] * rest[i] - 0.5 / half[i]);
            j[i] = first ? y1 : y0;
        }
        for (int64_t i = 0; i < part; i++) y[i] = (float)(near_serves(kind, x[i]) ? j[i] : torsh__bessel(kind, (double)x[i]));
    }
}

#define BESSEL(name, kind) \
    LOOP_HEAD(name) { (void)b, (void)c, (void)attributes; bessel(kind, n, out, a); }
BESSEL(bessel_j0, TORSH__BESSEL_J0)
BESSEL(bessel_j1, TORSH__BESSEL_J1)
BESSEL(bessel_y0, TORSH__BESSEL_Y0)
BESSEL(bessel_y1, TORSH__BESSEL_Y1)

/* ---- incomplete gamma: the power series of small arguments (NIST DLMF 8.11.4, and 8.7.3 for Q where a < 1) for some elements at a time; the
 * others one by one (special.c) ---------------------------------------------------------------------------------------------------------- */

#if !defined(__AVX512F__) /* that takes AVX2's form: half as fast, but 8 KB less */
enum { GROUP = 16 };
enum serves { ALONE, SERIES, REST };

static enum serves who_serves(double a, double x, int upper)
{
    int series = (a > 0) & (a < 20) & (x > 0) & (upper ? (a >= 1) & ((x <= a) | ((a >= 4) & (x < a + 1))) : x < a + 1);
    int rest = upper & (a > 0) & (a < 1) & (x > 0) & (x < 1.1);
    return rest ? REST : series ? SERIES : ALONE;
}

/* sum = above / below, so that no step divides: above (a + k) + x^k, below (a + k) */
static int series_step(double a, double x, int k, double *above, double *below, double *power)
{
    int goes_on = *power > *above * 0x1p-54;
    double c = a + k, p = *power * x;
    *above = goes_on ? m_fma_f64(*above, c, p) : *above;
    *below = goes_on ? *below * c : *below;
    *power = goes_on ? p : *power;
    return goes_on;
}

/* P or Q, each until its sum stands */
static void gamma_series(int upper, double *y, const double *a, const double *x)
{
    double below[GROUP], power[GROUP];
    for (int i = 0; i < GROUP; i++) y[i] = below[i] = power[i] = 1;
    for (int k = 1, goes_on = 1; goes_on; k += 2) {
        goes_on = 0;
        for (int i = 0; i < GROUP; i++) {
            goes_on |= series_step(a[i], x[i], k, &y[i], &below[i], &power[i]);
            goes_on |= series_step(a[i], x[i], k + 1, &y[i], &below[i], &power[i]);
        }
    }
    for (int i = 0; i < GROUP; i++) {
        double p = m_gamma_front_f64(a[i], x[i]) * y[i] / below[i];
        y[i] = upper ? 1 - p : p;
    }
}

/* Q as gamma_small of special.c */
static void gamma_rest(double *y, const double *a, const double *x)
{
    double power[GROUP], term[GROUP];
    for (int i = 0; i < GROUP; i++) power[i] = torsh__lgamma_plus_1[TORSH__LGAMMA_TERMS - 1], term[i] = 1, y[i] = 0;
    for (int k = TORSH__LGAMMA_TERMS - 2; k >= 0; k--)
        for (int i = 0; i < GROUP; i++) power[i] = m_fma_f64(power[i], a[i], torsh__lgamma_plus_1[k]);
    for (int k = 1; k < TORSH__GAMMA_TERMS; k++) {
        double n = k, over = -1 / n;
        for (int i = 0; i < GROUP; i++) {
            term[i] *= x[i] * over;
            y[i] += term[i] / (a[i] + n);
        }
    }
    for (int i = 0; i < GROUP; i++) {
        double first = -m_expm1_f64(a[i] * (m_log_f64(x[i]) - power[i]));
        y[i] = first - (1 - first) * a[i] * y[i];
    }
}

static void incomplete_gamma(int upper, int64_t n, double *y, const double *a, const double *x)
{
    for (; n > 0; n -= GROUP, y += GROUP, a += GROUP, x += GROUP) {
        double shape[GROUP], argument[GROUP], value[GROUP], found[GROUP] = {0};
        enum serves who[GROUP] = {ALONE};
        int count[REST + 1] = {0}, group = n < GROUP ? (int)n : GROUP;
        for (int i = 0; i < group; i++) count[who[i] = who_serves(a[i], x[i], upper)]++;
        for (int way = SERIES; way <= REST; way++) {
            if (count[way] == 0) continue;
            for (int i = 0; i < GROUP; i++) shape[i] = 0.5, argument[i] = 0x1p-60;
            for (int i = 0; i < group; i++)
                if ((int)who[i] == way) shape[i] = a[i], argument[i] = x[i];
            if (way == SERIES) gamma_series(upper, value, shape, argument);
            else gamma_rest(value, shape, argument);
            for (int i = 0; i < GROUP; i++) found[i] = (int)who[i] == way ? value[i] : found[i];
        }
        for (int i = 0; i < group; i++) y[i] = who[i] != ALONE ? found[i] : upper ? torsh__igammac(a[i], x[i]) : torsh__igamma(a[i], x[i]);
    }
}

LOOP_HEAD(igamma)
{
    (void)c, (void)attributes;
    incomplete_gamma(0, n, out, a, b);
}

LOOP_HEAD(igammac)
{
    (void)c, (void)attributes;
    incomplete_gamma(1, n, out, a, b);
}
#endif

#define PLACE(name, type, function) {TORSH__ROW_##name, TORSH_##type, function},
#define ENTRY(name, dtypes) WARM(IF_##dtypes##_FP(PLACE(name, F32, name##_f32) PLACE(name, F64, name##_f64)))
#define UNARY(name, dtypes, ...) ENTRY(name, dtypes)
#define UNARY1(name, p, dtypes, ...) ENTRY(name, dtypes)
#define UNARY2(name, p, q, dtypes, ...) ENTRY(name, dtypes)
#define BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define INTERNAL_BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define INTERNAL_TERNARY(name, dtypes, ...) ENTRY(name, dtypes)
const torsh__special_table TORSH__ISA_NAME(torsh__special) = {{
#include "pointwise_rare.def"
    WARM(PLACE(signbit, F32, signbit_float)) WIDE(PLACE(gated, F32, gated_float) PLACE(gated, F64, gated_double))
    PLACE(sgn, F32, sgn_float) PLACE(sgn, F64, sgn_double)
    PLACE(angle, F32, angle_float) PLACE(angle, F64, angle_double)
    PLACE(lgamma, F32, lgamma_float) PLACE(lgamma, F64, lgamma_double)
    PLACE(digamma, F64, digamma_double)
    PLACE(logaddexp2, F32, logaddexp2_float) PLACE(logaddexp2, F64, logaddexp2_double)
    WARM(PLACE(igamma, F64, igamma) PLACE(igammac, F64, igammac))
    PLACE(i0, F32, i0_float) PLACE(special_i0e, F32, i0e_float) PLACE(special_i1, F32, i1_float) PLACE(special_i1e, F32, i1e_float)
    PLACE(special_ndtri, F32, ndtri_float)
    PLACE(special_ndtr, F32, ndtr_float)
    WARM(PLACE(special_erfcx, F32, erfcx_float) PLACE(special_log_ndtr, F32, log_ndtr_float))
    WARM(PLACE(polygamma_size, F32, polygamma) PLACE(special_airy_ai, F32, airy))
    PLACE(special_bessel_j0, F32, bessel_j0) PLACE(special_bessel_j1, F32, bessel_j1)
    PLACE(special_bessel_y0, F32, bessel_y0) PLACE(special_bessel_y1, F32, bessel_y1)
    PLACE(special_chebyshev_polynomial_t, F64, chebyshev_t) PLACE(special_chebyshev_polynomial_u, F64, chebyshev_u)
    PLACE(special_chebyshev_polynomial_v, F64, chebyshev_v) PLACE(special_chebyshev_polynomial_w, F64, chebyshev_w)
    PLACE(special_hermite_polynomial_h, F64, hermite_h) PLACE(special_hermite_polynomial_he, F64, hermite_he)
    PLACE(special_laguerre_polynomial_l, F64, laguerre) PLACE(special_legendre_polynomial_p, F64, legendre)
    PLACE(bitwise_left_shift, I64, left_int64_t) PLACE(bitwise_right_shift, I64, right_int64_t)
    {TORSH__SPECIAL_NEXTAFTER, TORSH_F32, nextafter_float},
    {TORSH__SPECIAL_PAIR, TORSH_F32, pair_float},
}};

#else
const torsh__special_table TORSH__ISA_NAME(torsh__special) = {{{0, 0, NULL}}};
#endif
