/* Holds every function of src/backend/cpu/vmath.h to its bound in ULP, in the vectorised loops that kernels are made of, as compiled for each
 * instruction set (vmath_loops.c). A reference is found once for all of them.
 *
 *     vmath_mpfr [-i ISA] [-s STRIDE] [-n POINTS] [-p PART/PARTS] [-w FILE | -r FILE] [name ...]
 *
 * ISA      the one instruction set to judge; by default all that this machine has
 * STRIDE   of the walk over all f32 bit patterns (unary functions); 1 is exhaustive, and takes about a minute and a half a function
 * POINTS   per f64 or binary function
 * -p       every PARTS-th function from PART on, to share the work out
 * -w, -r   write the values (of one instruction set) to FILE, or judge the values in FILE: for machines without MPFR (built with -DVMATH_NO_MPFR).
 *
 * Two judges. The first is libm in the next wider type, double for f32 and long double for f64: its error is at most MARGIN of an
 * ULP of the type under test. Whatever it puts within MARGIN of the bound or over it, and a sample of all else, goes to MPFR, whose
 * word is final; and wherever MPFR is asked, the first judge is judged, too: being further off than MARGIN is a failure.
 * For NaN, infinities and signs of zero either word will do. */
#include "isa.h"
#include "vmath.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>
#ifndef VMATH_NO_MPFR
#include <mpfr.h>
#endif

#include "mpfr_options.inc.h"
#include "splitmix.inc.h"
#include "vmath_rows.inc.h"

enum { PRECISION = 300 };

/* --- references: in double for f32 and in long double for f64 (type-generic, vmath_libm.inc.h), and in MPFR ------------------- */

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

#define LEAST 0x1p-1074L /* what is lost of e^x under the least subnormal, before it is multiplied */
#define GELU_C 1.59576912160573071175978423973752747390L

/* psi(x), to 2^-58 of the larger of itself and 1: x is taken up to 16, then the asymptotic series (DLMF 5.11.2); reflected for x < 0 */
static long double ld_digamma(long double x)
{
    static const long double b[] = {1.0L / 12, -1.0L / 120, 1.0L / 252, -1.0L / 240, 1.0L / 132, -691.0L / 32760, 1.0L / 12, -3617.0L / 8160};
    long double f = x - nearbyint(x), reflected = 0;
    if (x == 0) return copysign((long double)INFINITY, -x);
    if (x < 0) {
        if (!(f != 0)) return NAN;
        reflected = M_PIl / tan(M_PIl * f);
        x = 1 - x;
    }
    if (!(x < (long double)INFINITY)) return x - reflected;
    long double p = 1, q = 0, sum = 0; /* q / p is the sum of 1 / (x + i) */
    for (; x < 16; x++) {
        q = q * x + p;
        p *= x;
    }
    for (int k = 7; k >= 0; k--) sum = (sum + b[k]) / (x * x);
    return log(x) - 0.5L / x - sum - q / p - reflected;
}

/* --- references and loops ---------------------------------------------------------------------------------------------------- */

#define REFERENCE(n, b32, b64, s32, s64, expression, exact)                                                                 \
    static void G(n##_refs)(R *restrict want, R *restrict slack, const T *restrict a, const T *restrict b)                  \
    {                                                                                                                       \
        for (int i = 0; i < CHUNK; i++) {                                                                                   \
            R x = (R)a[i], y = (R)b[i];                                                                                     \
            (void)x, (void)y;                                                                                               \
            want[i] = (R)(expression);                                                                                      \
            slack[i] = (R)(sizeof(T) == sizeof(float) ? (s32) : (s64));                                                     \
        }                                                                                                                   \
    }
#define REFERENCES UNARY_ROWS(REFERENCE) FAR_ROWS(REFERENCE) BINARY_ROWS(REFERENCE) BINARY_FAR_ROWS(REFERENCE) POW_ROWS(REFERENCE)

#define T float
#define G(name) name##_f32
#define L(name) name##_libm_f32
#define R double
#include "vmath_libm.inc.h"
REFERENCES
#undef T
#undef G
#undef L
#undef R

#define T double
#define G(name) name##_f64
#define L(name) name##_libm_f64
#define R long double
#include "vmath_libm.inc.h"
REFERENCES

typedef struct {
    const char *name;
    int inputs, is_single;
    double bound;
    void (*refs32)(double *restrict want, double *restrict slack, const float *restrict, const float *restrict);
    void (*refs64)(long double *restrict want, long double *restrict slack, const double *restrict, const double *restrict);
    mpfr_ref exact;
} test;

#define TEST(id, n, inputs, b32, b64, exact)                                                                                \
    {#id, inputs, 1, b32, n##_refs_f32, NULL, MPFR_REF(exact)}, {#id, inputs, 0, b64, NULL, n##_refs_f64, MPFR_REF(exact)},
static const test tests[] = {TESTS};

/* VMATH_ISAS is ISA(name) for each vmath_loops.c linked in. */
#define ISA(name) extern const vmath_loop vmath_loops_##name[];
VMATH_ISAS
#undef ISA

typedef struct {
    const char *name;
    const vmath_loop *loops;
} instruction_set;

#define ISA(name) {#name, vmath_loops_##name},
static const instruction_set sets[] = {VMATH_ISAS};
enum { SETS = sizeof sets / sizeof *sets };

/* --- points -------------------------------------------------------------------------------------------------------------------- */

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

static uint64_t special_count(const test *t)
{
    return t->inputs == 1 ? 2 * SPECIALS : 4 * SPECIALS * SPECIALS;
}

static int walks(const test *t)
{
    return t->is_single && t->inputs == 1;
}

static uint64_t point_count(const test *t)
{
    return special_count(t) + (walks(t) ? ((UINT64_C(1) << 32) + stride - 1) / stride : points);
}

/* Points [from, from + CHUNK) of a test; 0 when there are no more */
static int make_points(const test *t, uint64_t from, double *x, double *y)
{
    uint64_t specials = special_count(t), count = point_count(t);
    int walk = walks(t);
    if (from >= count) return 0;
    for (uint64_t i = 0; i < CHUNK; i++) {
        uint64_t at = from + i < count ? from + i : 0;
        y[i] = 0;
        if (at < specials) {
            x[i] = special_point(at);
            y[i] = special_point(at / (2 * SPECIALS));
        } else if (walk) {
            x[i] = (double)m_from_bits_f32((uint32_t)((at - specials) * stride));
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

static double margin(const test *t)
{
    return t->is_single ? 0x1p-10 : 0x1p-5;
}

#ifndef VMATH_NO_MPFR
/* MPFR's value, rounded to long double; its exponent range is that of long double, so nothing under- or overflows on the way. */
static long double exact_value(const test *t, double x, double y)
{
    mpfr_t r, a, b;
    mpfr_inits2(PRECISION, r, a, b, (mpfr_ptr)NULL);
    mpfr_set_d(a, x, MPFR_RNDN);
    mpfr_set_d(b, y, MPFR_RNDN);
    if (t->inputs == 1) ((unary_ref *)t->exact)(r, a, MPFR_RNDN);
    else ((binary_ref *)t->exact)(r, a, b, MPFR_RNDN);
    long double v = mpfr_get_ld(r, MPFR_RNDN);
    mpfr_clears(r, a, b, (mpfr_ptr)NULL);
    return v;
}
#endif

static FILE *writer, *reader;

/* A chunk: points, the same as f32, what libm says, the values of one instruction set */
typedef struct {
    double x[CHUNK], y[CHUNK], got[CHUNK];
    float x32[CHUNK], y32[CHUNK], got32[CHUNK];
    double want32[CHUNK], slack32[CHUNK];
    long double want64[CHUNK], slack64[CHUNK];
} chunk;

/* Points [from, from + CHUNK) of a test and their references; 0 when there are no more */
static int make_chunk(const test *t, uint64_t from, chunk *c)
{
    if (!make_points(t, from, c->x, c->y)) return 0;
    for (int i = 0; t->is_single && i < CHUNK; i++) {
        c->x32[i] = (float)c->x[i];
        c->y32[i] = (float)c->y[i];
        c->x[i] = (double)c->x32[i];
        c->y[i] = (double)c->y32[i];
    }
    if (writer) return 1;
    if (t->is_single) t->refs32(c->want32, c->slack32, c->x32, c->y32);
    else t->refs64(c->want64, c->slack64, c->x, c->y);
    return 1;
}

/* The values: computed here, or read from the file of another machine */
static void values(const test *t, const vmath_loop *loop, chunk *c)
{
    if (reader) {
        if (fread(c->got, sizeof *c->got, CHUNK, reader) != CHUNK) exit(2);
        for (int i = 0; i < CHUNK; i++) c->got32[i] = (float)c->got[i];
        return;
    }
    if (t->is_single) {
        loop->f32(c->got32, c->x32, c->y32);
        for (int i = 0; i < CHUNK; i++) c->got[i] = (double)c->got32[i];
    } else {
        loop->f64(c->got, c->x, c->y);
    }
    if (writer && fwrite(c->got, sizeof *c->got, CHUNK, writer) != CHUNK) exit(2);
}

typedef struct {
    double most, x, y, got; /* the worst point */
    double libm;            /* how far off the first judge has been seen to be */
    uint64_t over, count, sample;
} verdict;

/* libm has said `want`: is it near enough to the bound to ask MPFR? */
static void judge_point(const test *t, double x, double y, double got, long double want, long double slack, verdict *v)
{
    double d = distance(got, want, slack, t->is_single);
#ifndef VMATH_NO_MPFR
    if (t->exact && (d > t->bound - margin(t) || v->count % v->sample == 0)) {
        int ordinary = isfinite(want) && want != 0 && !isnan(got);
        long double exact = exact_value(t, x, y);
        double by_mpfr = distance(got, exact, slack, t->is_single);
        long double limit = t->is_single ? 0x1p127L : 0x1p1023L, off = (fabs(exact - want) - slack / 64) / ulp_of(exact, t->is_single);
        if (ordinary && fabs(exact) < limit && !(off <= (long double)v->libm)) v->libm = (double)off;
        d = ordinary || by_mpfr < d ? by_mpfr : d;
    }
#endif
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

/* A chunk of f32: what is plainly within the bound by the word of libm is dealt with here, in a few instructions a point. */
static void judge_single(const test *t, chunk *c, verdict *v)
{
    double near = t->bound - margin(t);
    for (int i = 0; i < CHUNK; i++, v->count++) {
        double w = c->want32[i], g = c->got[i];
        uint64_t bits = m_bits_f64(w), exponent = bits >> 52 & 0x7ff;
        int same = ((w == g) & (signbit(w) == signbit(g))) | ((w != w) & (g != g));
        int normal = (exponent >= 1023 - 126) & (exponent < 1023 + 127);
        double d = fabs(g - w) - c->slack32[i];
        d = same || d < 0 ? 0 : d * m_from_bits_f64((uint64_t)(2 * 1023 + 23 - exponent) << 52); /* ULP of w: 2^(exponent - 1023 - 23) */
        int plain = same | (normal & (d <= near));
        if (!plain || v->count % v->sample == 0) judge_point(t, c->x[i], c->y[i], g, (long double)w, (long double)c->slack32[i], v);
        else if (d > v->most) v->most = d, v->x = c->x[i], v->y = c->y[i], v->got = g;
    }
}

static void judge_double(const test *t, chunk *c, verdict *v)
{
    for (int i = 0; i < CHUNK; i++, v->count++) judge_point(t, c->x[i], c->y[i], c->got[i], c->want64[i], c->slack64[i], v);
}

static int report(const test *t, const char *isa, const verdict *v)
{
    int failed = v->over || v->libm > margin(t);
    printf("%-4s %-8s %-15s %s  max %8.4f ULP  bound %4g  at %.9g, %.9g -> %.9g  (%llu points, %llu over, libm off by %.1g)\n", failed ? "FAIL" : "ok", isa,
           t->name, t->is_single ? "f32" : "f64", v->most, t->bound, v->x, v->y, v->got, (unsigned long long)v->count, (unsigned long long)v->over, v->libm);
    fflush(stdout);
    return failed;
}

static int machine_has(const char *isa)
{
    if (!strcmp(isa, "avx512")) return TORSH__MACHINE_HAS_AVX512;
    if (!strcmp(isa, "avx2")) return TORSH__MACHINE_HAS_AVX2;
    return 1;
}

/* The k-th function, on every chosen set */
static int run(size_t k, const int *chosen)
{
    static chunk c;
    const test *t = &tests[k];
    uint64_t count = point_count(t), sample = count / 20000 > 997 ? count / 20000 | 1 : 997;
    verdict v[SETS];
    int failed = 0;
    for (int set = 0; set < SETS; set++) v[set] = (verdict){.sample = sample};
    random_state = 42;
    for (uint64_t from = 0; make_chunk(t, from, &c); from += CHUNK)
        for (int set = 0; set < SETS; set++) {
            if (!chosen[set]) continue;
            values(t, &sets[set].loops[k / 2], &c);
            if (!writer) (t->is_single ? judge_single : judge_double)(t, &c, &v[set]);
        }
    for (int set = 0; !writer && set < SETS; set++)
        if (chosen[set]) failed += report(t, sets[set].name, &v[set]);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0, chosen[SETS], count = 0;
    options o = {.stride = stride, .points = points};
    read_options(&o, argc, argv);
    stride = o.stride, points = o.points;
    if (o.write) writer = fopen(o.write, "wb");
    if (o.read) reader = fopen(o.read, "rb");
    if ((o.write && !writer) || (o.read && !reader)) {
        fprintf(stderr, "vmath_mpfr: %s can't be opened\n", o.write && !writer ? o.write : o.read);
        return 2;
    }
    for (int set = 0; set < SETS; set++) count += chosen[set] = (!o.isa || !strcmp(o.isa, sets[set].name)) && machine_has(sets[set].name);
    if (!count) {
        printf("skipped: this machine lacks the instruction set, or nothing was compiled for it\n");
        return 77;
    }
    if ((writer || reader) && count != 1) {
        fprintf(stderr, "vmath_mpfr: -w and -r take the values of one instruction set: name it by -i\n");
        return 2;
    }
    for (size_t k = 0; k < sizeof tests / sizeof *tests; k++)
        if (is_wanted(&o, tests[k].name, k / 2)) failed += run(k, chosen); /* f32 and f64 stand in turn */
    if (writer && fclose(writer)) return 2;
    if (reader) fclose(reader);
    printf("%d functions over their bound\n", failed);
    return failed != 0;
}
