/* Holds every function of src/backend/cpu/vmath.h to its bound in ULP. Built once per instruction set, with that set's flags, and
 * the functions run in the vectorised loops that kernels are made of.
 *
 *     vmath_mpfr [-s STRIDE] [-n POINTS] [-w FILE | -r FILE] [name ...]
 *
 * STRIDE   of the walk over all f32 bit patterns (unary functions); 1 is exhaustive. POINTS per f64 or binary function.
 * -w, -r   write the values to FILE, or judge the values in FILE: for machines without MPFR (built with -DVMATH_NO_MPFR).
 *
 * Points are screened with libm in the next wider type; whatever sets a new maximum, whatever is near or over its bound, and
 * every 997th point is judged by MPFR, whose word is final. For NaN, infinities and signs of zero either word will do. */
#include "vmath.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>
#ifndef VMATH_NO_MPFR
#include <mpfr.h>
#endif

enum { CHUNK = 4096, PRECISION = 300 };

/* --- references: in double for f32 and in long double for f64 (type-generic), and in MPFR ------------------------------------- */

#ifdef VMATH_NO_MPFR
#define MPFR_REF(f) NULL
typedef void *mpfr_ref;
#else
#define MPFR_REF(f) ((mpfr_ref)(f))
typedef void (*mpfr_ref)(void);
typedef int unary_ref(mpfr_t, const mpfr_t, mpfr_rnd_t);
typedef int binary_ref(mpfr_t, const mpfr_t, const mpfr_t, mpfr_rnd_t);
#include "vmath_refs.inc.h"
#endif

/* Name, bound in ULP for f32 and f64, absolute slack for f32 and f64, reference in libm, reference in MPFR. A point may be off by
 * bound * ulp + slack. */
#define UNARY_ROWS(ROW)                                                                                                     \
    ROW(exp, 1, 1, 0, 0, exp(x), mpfr_exp)                                                                                  \
    ROW(exp2, 2, 1, 0, 0, exp2(x), mpfr_exp2)                                                                               \
    ROW(expm1, 2, 1, 0, 0, expm1(x), mpfr_expm1)                                                                            \
    ROW(log, 1, 1, 0, 0, log(x), mpfr_log)                                                                                  \
    ROW(log2, 2, 1, 0, 0, log2(x), mpfr_log2)                                                                               \
    ROW(log10, 2, 1, 0, 0, log10(x), mpfr_log10)                                                                            \
    ROW(log1p, 2, 1, 0, 0, log1p(x), mpfr_log1p)                                                                            \
    ROW(sqrt, 0.5, 0.5, 0, 0, sqrt(x), mpfr_sqrt)                                                                           \
    ROW(rsqrt, 1, 1, 0, 0, 1 / sqrt(x), mpfr_rec_sqrt)                                                                      \
    ROW(cbrt, 1, 1, 0, 0, cbrt(x), mpfr_cbrt)                                                                               \
    ROW(reciprocal, 0.5, 0.5, 0, 0, 1 / x, ref_reciprocal)                                                                  \
    ROW(asin, 1, 1, 0, 0, asin(x), mpfr_asin)                                                                               \
    ROW(acos, 1, 1, 0, 0, acos(x), mpfr_acos)                                                                               \
    ROW(atan, 1, 1, 0, 0, atan(x), mpfr_atan)                                                                               \
    ROW(sinh, 1, 1, 0, 0, sinh(x), mpfr_sinh)                                                                               \
    ROW(cosh, 1, 1, 0, 0, cosh(x), mpfr_cosh)                                                                               \
    ROW(tanh, 2, 1, 0, 0, tanh(x), mpfr_tanh)                                                                               \
    ROW(asinh, 1, 1, 0, 0, asinh(x), mpfr_asinh)                                                                            \
    ROW(acosh, 1, 1, 0, 0, acosh(x), mpfr_acosh)                                                                            \
    ROW(atanh, 1, 1, 0, 0, atanh(x), mpfr_atanh)                                                                            \
    ROW(erf, 2, 1, 0, 0, erf(x), mpfr_erf)                                                                                  \
    ROW(erfc, 1, 1, 0, 0, erfc(x), mpfr_erfc)                                                                               \
    ROW(sigmoid, 3, 3, 0, 0, 1 / (1 + exp(-x)), ref_sigmoid)                                                                \
    ROW(logit, 1, 2, 0, 0, log(x) - log1p(-x), ref_logit)                                                                   \
    ROW(silu, 4, 4, 0, LEAST * fabs(x), x / (1 + exp(-x)), ref_silu)                                                                      \
    ROW(gelu, 5, 3, (x < -1 ? 0x1p-25 * fabs(x) : 0), LEAST * fabs(x), x / 2 * erfc(x * -M_SQRT1_2l), ref_gelu)                                          \
    ROW(gelu_tanh, 4, 4, 0x1p-25 * fabs(x), 0x1p-53 * fabs(x), x / (1 + exp(-x * (1 + 0.044715l * x * x) * GELU_C)), ref_gelu_tanh) \
    ROW(softplus, 3, 2, 0, 0, (x > 0 ? x : 0) + log1p(exp(-fabs(x))), ref_softplus)                                         \
    ROW(mish, 2, 4, 0, LEAST * fabs(x), ld_mish(x), ref_mish)                                                                             \
    ROW(sinc, 1, 1, 0, 0, ld_sinc(x), ref_sinc)                                                                             \
    ROW(lgamma, 1, 4, 0, 0x1p-48, lgamma(x), ref_lgamma)                                                                    \
    ROW(floor, 0, 0, 0, 0, floor(x), NULL)                                                                                  \
    ROW(ceil, 0, 0, 0, 0, ceil(x), NULL)                                                                                    \
    ROW(trunc, 0, 0, 0, 0, trunc(x), NULL)                                                                                  \
    ROW(round, 0, 0, 0, 0, nearbyint(x), NULL)                                                                              \
    ROW(abs, 0, 0, 0, 0, fabs(x), NULL)

/* without a libm function: every point by MPFR, so fewer points */
#define MPFR_ROWS(ROW)                                                                                                      \
    ROW(erfinv, 1, 4, 0, 0, 0 * x, ref_erfinv)                                                                              \
    ROW(digamma, 1, 4, 0, 0x1p-46, 0 * x, mpfr_digamma)

/* with near and far forms: judged as a kernel uses them, and the far form everywhere */
#define FAR_ROWS(ROW)                                                                                                       \
    ROW(sin, 2, 1, 0, 0, sin(x), mpfr_sin)                                                                                  \
    ROW(cos, 2, 1, 0, 0, cos(x), mpfr_cos)                                                                                  \
    ROW(tan, 2, 1, 0, 0, tan(x), mpfr_tan)

#define BINARY_ROWS(ROW)                                                                                                    \
    ROW(atan2, 1, 1, 0, 0, atan2(x, y), mpfr_atan2)                                                                         \
    ROW(hypot, 1, 1, 0, 0, hypot(x, y), mpfr_hypot)                                                                         \
    ROW(logaddexp, 3, 2, 0x1p-22, 0x1p-51, ld_logaddexp(x, y), ref_logaddexp)                                                     \
    ROW(logaddexp2, 3, 2, 0x1p-22, 0x1p-51, ld_logaddexp2(x, y), ref_logaddexp2)                                                  \
    ROW(xlogy, 1, 2, 0, 0, ((x == 0) & (y == y)) ? 0 : x * log(y), ref_xlogy)                                               \
    ROW(fmin, 0, 0, 0, 0, ld_min(x, y), NULL)                                                                                 \
    ROW(fmax, 0, 0, 0, 0, ld_max(x, y), NULL)                                                                                 \
    ROW(nextafter, 0, 0, 0, 0, ld_nextafter(x, y), NULL)

#define POW_ROWS(ROW) ROW(pow, 2, 1, 0, 0, pow(x, y), mpfr_pow)

#define BINARY_FAR_ROWS(ROW)                                                                                                \
    ROW(fmod, 0, 0, 0, 0, fmod(x, y), NULL)                                                                                 \
    ROW(remainder, 1, 1, 0, 0, ld_remainder(x, y), NULL)                                                                    \
    ROW(floor_divide, 1, 1, 0, 0, ld_floor_divide(x, y), NULL)

#define LEAST 0x1p-1074L /* what is lost of e^x under the least subnormal, before it is multiplied */
#define GELU_C 1.59576912160573071175978423973752747390L

/* which of two zeros C leaves open */
static long double ld_min(long double x, long double y)
{
    return isnan(y) || x < y ? x : y;
}

static long double ld_max(long double x, long double y)
{
    return isnan(y) || x > y ? x : y;
}

static long double ld_mish(long double x)
{
    long double s = (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
    return x * tanh(s);
}

static long double ld_sinc(long double x)
{
    long double f = fabs(x) - 2 * floor(fabs(x) / 2); /* sin(pi x) has the period 2 */
    long double s = f > 1 ? -sin(M_PIl * (f - 1 > 0.5L ? 2 - f : f - 1)) : sin(M_PIl * (f > 0.5L ? 1 - f : f));
    return x == 0 ? 1 : isinf(x) ? (long double)NAN : f == 0 || f == 1 ? 0 : s / (M_PIl * fabs(x));
}

static long double ld_logaddexp(long double x, long double y)
{
    if (x == y && isinf(x)) return x;
    if (isnan(x) || isnan(y)) return x + y;
    return fmax(x, y) + log1p(exp(-fabs(x - y)));
}

static long double ld_logaddexp2(long double x, long double y)
{
    if (x == y && isinf(x)) return x;
    if (isnan(x) || isnan(y)) return x + y;
    return fmax(x, y) + log1p(exp2(-fabs(x - y))) * M_LOG2El;
}

static int single; /* what a reference may need to know: the type under test */

static long double ld_nextafter(long double x, long double y)
{
    return single ? (long double)nextafterf((float)x, (float)y) : (long double)(nextafter)((double)x, (double)y);
}

static long double ld_remainder(long double x, long double y)
{
    long double r = fmod(x, y);
    if (r == 0 || (r < 0) == (y < 0)) return r;
    return single ? (long double)((float)r + (float)y) : (long double)((double)r + (double)y);
}

static long double ld_floor_divide(long double x, long double y)
{
    if (y == 0) return x / y;
    if (single) {
        float a = (float)x, b = (float)y, mod = fmodf(a, b), div = (a - mod) / b;
        if (mod != 0 && (b < 0) != (mod < 0)) div -= 1;
        if (div == 0) return copysignf(0, a / b);
        float whole = floorf(div);
        return (long double)(div - whole > 0.5f ? whole + 1 : whole);
    }
    double a = (double)x, b = (double)y, mod = (fmod)(a, b), div = (a - mod) / b;
    if (mod != 0 && (b < 0) != (mod < 0)) div -= 1;
    if (div == 0) return (copysign)(0, a / b);
    double whole = (floor)(div);
    return (long double)(div - whole > 0.5 ? whole + 1 : whole);
}

/* --- the loops under test ---------------------------------------------------------------------------------------------------- */

#define T float
#define F(name) m_##name##_f32
#define G(name) name##_f32
#define REF_T double
#include "vmath_loops.inc.h"

#define T double
#define F(name) m_##name##_f64
#define G(name) name##_f64
#define REF_T long double
#include "vmath_loops.inc.h"

typedef struct {
    const char *name;
    int inputs, screened, is_single;
    double bound;
    void (*loop32)(float *restrict, const float *restrict, const float *restrict);
    void (*loop64)(double *restrict, const double *restrict, const double *restrict);
    long double (*ref)(long double, long double);
    long double (*slack)(long double);
    mpfr_ref exact;
} test;

#define PAIR(id, n, inputs, screened, b32, b64, exact)                                                                      \
    {#id, inputs, screened, 1, b32, id##_loop_f32, NULL, n##_ref_f32, n##_slack_f32, MPFR_REF(exact)},                       \
    {#id, inputs, screened, 0, b64, NULL, id##_loop_f64, n##_ref_f64, n##_slack_f64, MPFR_REF(exact)},
#define ROW_UNARY(n, b32, b64, s32, s64, ref, exact) PAIR(n, n, 1, 1, b32, b64, exact)
#define ROW_MPFR(n, b32, b64, s32, s64, ref, exact) PAIR(n, n, 1, 0, b32, b64, exact)
#define ROW_BINARY(n, b32, b64, s32, s64, ref, exact) PAIR(n, n, 2, 1, b32, b64, exact)
#define ROW_FAR(n, b32, b64, s32, s64, ref, exact) PAIR(n, n, 1, 1, b32, b64, exact) PAIR(n##_far, n, 1, 1, b32, b64, exact)
#define ROW_BINARY_FAR(n, b32, b64, s32, s64, ref, exact) PAIR(n, n, 2, 1, b32, b64, exact) PAIR(n##_far, n, 2, 1, b32, b64, exact)

static const test tests[] = {UNARY_ROWS(ROW_UNARY) FAR_ROWS(ROW_FAR) MPFR_ROWS(ROW_MPFR) BINARY_ROWS(ROW_BINARY)
                                 BINARY_FAR_ROWS(ROW_BINARY_FAR) POW_ROWS(ROW_BINARY_FAR)};

/* --- points -------------------------------------------------------------------------------------------------------------------- */

static uint64_t random_state;

static uint64_t next_random(void) /* splitmix64, Steele, Lea and Flood 2014 */
{
    uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static const double special[] = {0, 1, 2, 3, 0.5, 1.5, 2.5, 4, 5, 7, 10, 16, 25.5, 88.7, 89, 104, 150, 171.6, 709.7, 710, 745.2, 1e5, 0x1p20, 0x1p23,
                                 0x1p24, 0x1.000002p24, 0x1p31, 0x1p45, 0x1p52, 0x1p53, 0x1p63, 1e30, 1e38, 0x1.fffffep127, 0x1p128, 1e300, 0x1.fffffffffffffp1023,
                                 1e-5, 0x1p-24, 0x1p-53, 0x1p-100, 0x1p-126, 0x1.fffffcp-127, 0x1p-149, 0x1p-1022, 0x1p-1074, 1e-310,
                                 0x1.6ac5b262ca1ffp849, 0x1.921fb54442d18p0, 0x1.921fb54442d18p1, 0x1.62e42fefa39efp-1, 0x1.fffffffffffffp-1,
                                 0x1.0000000000001p0, 0x1.fffffep-1, 0x1.000002p0, INFINITY, NAN};
enum { SPECIALS = sizeof special / sizeof *special };

static double special_point(uint64_t i)
{
    double v = special[i / 2 % SPECIALS];
    return i & 1 ? -v : v;
}

/* A value of one of several kinds: any bits, moderate, small, near 1, whole */
static double random_point(int is_single)
{
    uint64_t u = next_random(), kind = next_random() % 8;
    double unit = (double)(u >> 11) * 0x1p-53, sign = next_random() & 1 ? -1 : 1;
    if (kind < 2 && is_single) return (double)m_from_bits_f32((uint32_t)u);
    if (kind < 2) return m_from_bits_f64(u);
    if (kind == 2) return sign * unit;
    if (kind == 3) return sign * unit * 10;
    if (kind == 4) return sign * unit * (is_single ? 110 : 760);
    if (kind == 5) return sign * (1 + (unit - 0.5) * 0x1p-3);
    if (kind == 6) return sign * (double)(u % 64) * 0.5;
    return sign * (ldexp)(1 + unit, (int)(next_random() % 64) - 32);
}

static uint32_t stride = 4093;
static uint64_t points = 200000;

/* Points [from, from + CHUNK) of a test; 0 when there are no more */
static int make_points(const test *t, uint64_t from, double *x, double *y)
{
    int walk = t->is_single && t->inputs == 1;
    uint64_t want = t->screened ? points : points / 20;
    uint64_t specials = t->inputs == 1 ? 2 * SPECIALS : 4 * SPECIALS * SPECIALS;
    uint64_t step = t->screened ? stride : (uint64_t)stride * 100;
    uint64_t count = specials + (walk ? ((UINT64_C(1) << 32) + step - 1) / step : want);
    if (from >= count) return 0;
    for (uint64_t i = 0; i < CHUNK; i++) {
        uint64_t at = from + i < count ? from + i : 0;
        y[i] = 0;
        if (at < specials) {
            x[i] = special_point(at);
            y[i] = special_point(at / (2 * SPECIALS));
        } else if (walk) {
            x[i] = (double)m_from_bits_f32((uint32_t)((at - specials) * step));
        } else {
            x[i] = random_point(t->is_single);
            y[i] = random_point(t->is_single);
            if (t->inputs == 2 && at % 3 == 0) { /* for pow: a result within range */
                x[i] = (fabs)(x[i]);
                y[i] = (t->is_single ? 150 : 1075) * (2 * (double)(next_random() >> 11) * 0x1p-53 - 1) / (log2)(x[i]);
            }
        }
    }
    return 1;
}

/* --- judging ------------------------------------------------------------------------------------------------------------------- */

static long double ulp_of(long double v, int is_single)
{
    int e = is_single ? -149 : -1074;
    if (v != 0) {
        int top = ilogb(v) - (is_single ? 23 : 52);
        e = top > e ? top : e;
    }
    return ldexp(1.0L, e);
}

/* How far `got` is from `want`, in ULP of want, slack taken off; infinity where the kind (NaN, sign of zero) is wrong */
static double distance(double got, long double want, long double slack, int is_single)
{
    long double limit = is_single ? 0x1p128L : 0x1p1024L;
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got) ? 0 : (double)INFINITY;
    if (isinf(want) && isinf(got)) return (want > 0) == (got > 0) ? 0 : (double)INFINITY;
    if (isinf(want)) return (double)INFINITY;
    if (want == 0 && got == 0) return !signbit(want) == !signbit(got) ? 0 : (double)INFINITY;
    long double w = fabs(want) > limit ? copysign(limit, want) : want, g = isinf(got) ? copysign(limit, (long double)got) : (long double)got;
    long double off = fabs(g - w) - slack;
    long double scale = ulp_of(fabs(w) >= limit ? limit / 2 : w, is_single);
    return off <= 0 ? 0 : (double)(off / scale);
}

/* MPFR's value, rounded to long double; its exponent range is that of long double, so nothing under- or overflows on the way. */
static long double exact_value(const test *t, double x, double y)
{
#ifdef VMATH_NO_MPFR
    return t->ref((long double)x, (long double)y);
#else
    mpfr_t r, a, b;
    mpfr_inits2(PRECISION, r, a, b, (mpfr_ptr)NULL);
    mpfr_set_d(a, x, MPFR_RNDN);
    mpfr_set_d(b, y, MPFR_RNDN);
    if (t->inputs == 1) ((unary_ref *)t->exact)(r, a, MPFR_RNDN);
    else ((binary_ref *)t->exact)(r, a, b, MPFR_RNDN);
    long double v = mpfr_get_ld(r, MPFR_RNDN);
    mpfr_clears(r, a, b, (mpfr_ptr)NULL);
    return v;
#endif
}

static FILE *writer, *reader;

/* The values of a chunk: computed here, or read from the file of another machine */
static void values(const test *t, const double *x, const double *y, double *out)
{
    static float x32[CHUNK], y32[CHUNK], o32[CHUNK];
    for (int i = 0; i < CHUNK; i++) {
        x32[i] = (float)x[i];
        y32[i] = (float)y[i];
    }
    if (reader) {
        if (fread(out, sizeof *out, CHUNK, reader) != CHUNK) exit(2);
        return;
    }
    if (t->is_single) {
        t->loop32(o32, x32, y32);
        for (int i = 0; i < CHUNK; i++) out[i] = (double)o32[i];
    } else {
        t->loop64(out, x, y);
    }
    if (writer && fwrite(out, sizeof *out, CHUNK, writer) != CHUNK) exit(2);
}

typedef struct {
    double most, x, y, got;
    uint64_t over, count;
} verdict;

static void judge_point(const test *t, double x, double y, double got, verdict *v)
{
    long double want = t->screened ? t->ref((long double)x, (long double)y) : exact_value(t, x, y);
    long double slack = t->slack((long double)x);
    double d = distance(got, want, slack, t->is_single);
    int ordinary = isfinite(want) && want != 0 && !isnan(got);
    if (t->screened && t->exact && (d > t->bound || (ordinary && (d > v->most || d > t->bound * 0.98 || v->count % 997 == 0)))) {
        double by_mpfr = distance(got, exact_value(t, x, y), slack, t->is_single);
        d = ordinary || by_mpfr < d ? by_mpfr : d;
    }
    v->count++;
    if (d > t->bound) {
        v->over++;
        if (getenv("VMATH_VERBOSE") && v->over < 20)
            printf("    %s_%s(%a, %a) = %a, not %La: %g ULP\n", t->name, t->is_single ? "f32" : "f64", x, y, got, want, d);
    }
    if (d > v->most) {
        v->most = d;
        v->x = x;
        v->y = y;
        v->got = got;
    }
}

static int run(const test *t)
{
    static double x[CHUNK], y[CHUNK], out[CHUNK];
    verdict v = {0};
    random_state = 42;
    single = t->is_single;
    for (uint64_t from = 0; make_points(t, from, x, y); from += CHUNK) {
        for (int i = 0; t->is_single && i < CHUNK; i++) {
            x[i] = (double)(float)x[i];
            y[i] = (double)(float)y[i];
        }
        values(t, x, y, out);
        for (int i = 0; !writer && i < CHUNK; i++) judge_point(t, x[i], y[i], out[i], &v);
    }
    if (!writer)
        printf("%-4s %-13s %s  max %8.3f ULP  bound %4g  at %.9g, %.9g -> %.9g  (%llu points, %llu over)\n", v.over ? "FAIL" : "ok", t->name,
               t->is_single ? "f32" : "f64", v.most, t->bound, v.x, v.y, v.got, (unsigned long long)v.count, (unsigned long long)v.over);
    return v.over != 0;
}

static int machine_has_isa(void)
{
#if defined(__AVX512F__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#elif defined(__AVX2__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 1;
#endif
}

int main(int argc, char **argv)
{
    int failed = 0, named = 0;
    if (!machine_has_isa()) {
        printf("skipped: this machine lacks the instruction set\n");
        return 77;
    }
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (argv[i][0] != '-') named++;
        else if (!strcmp(argv[i], "-s")) stride = (uint32_t)strtoul(value, NULL, 0), argv[i++ + 1] = NULL;
        else if (!strcmp(argv[i], "-n")) points = strtoull(value, NULL, 0), argv[i++ + 1] = NULL;
        else if (!strcmp(argv[i], "-w")) writer = fopen(value, "wb"), argv[i++ + 1] = NULL;
        else if (!strcmp(argv[i], "-r")) reader = fopen(value, "rb"), argv[i++ + 1] = NULL;
    }
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++) {
        int wanted = !named;
        for (int i = 1; i < argc; i++) wanted |= argv[i] && !strcmp(argv[i], tests[k].name);
        if (wanted) failed += run(&tests[k]);
    }
    if (writer && fclose(writer)) return 2;
    if (reader) fclose(reader);
    printf("%d functions over their bound\n", failed);
    return failed != 0;
}
