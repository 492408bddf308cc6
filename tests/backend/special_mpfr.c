/* Holds the special functions of pointwise_rare.def, and the ops composed of them, to their bounds in ULP, through their public functions, on
 * every instruction set of this machine. A reference is found once for all of them.
 *
 *     special_mpfr [-i ISA] [-s STRIDE] [-n POINTS] [-p PART/PARTS] [name ...]
 *
 * ISA      the one instruction set to judge
 * STRIDE   of the walk over all f32 bit patterns (functions of one argument); 1 is exhaustive
 * POINTS   per function in f64, and in f32 for functions of two arguments
 * -p       every PARTS-th function from PART on, to share the work out
 *
 * In f64 MPFR judges each point: any bits, moderate ones, those around whole and half numbers (branches, poles), around multiples of pi / 4
 * (zeros). In f32 our f64 function is the first judge: rounded once its error is next to nothing there, and MPFR has judged it by the
 * sample above. What it puts next to the bound or over it, and a sample of all else, goes to MPFR, whose word is final; there the first
 * judge is judged, too. Functions without an f32 loop of their own compute in f64 whatever the dtype: a walk of every f32 then shows that
 * they are rounded once, and little more than the f64 sample does.
 *
 * A function with zeros has a scale: its error is counted in ULP of that where it is larger than the value. Special values (infinities, NaN,
 * poles) are PyTorch's business: edge_test has them; here f32 and f64 must agree on them. */
#include "isa.h"

#include <torsh/torsh.h>

#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpfr_options.inc.h"
#include "splitmix.inc.h"
#include "special_refs.inc.h"

enum { CHUNK = 1 << 14 };

/* --- scales and domains ---------------------------------------------------------------------------------------------------------- */

typedef double scale_of(double x, double y);
typedef int domain_of(double x, double y);

/* DLMF 10.17.3, 10.17.4 */
static double waves(double x, double y)
{
    (void)y;
    return sqrt(2 / (3.14159265358979323846 * fmax(fabs(x), 1)));
}

static double one(double x, double y)
{
    (void)x, (void)y;
    return 1;
}

/* DLMF 9.7.9 */
static double airy_waves(double x, double y)
{
    (void)y;
    return x < -1 ? 1 / sqrt(3.14159265358979323846 * sqrt(-x)) : 0;
}

/* The terms on both sides of 0, which cancel for even n */
static double poles(double x, double n)
{
    double f = x - floor(x);
    return x > 0 ? 0 : tgamma(n + 1) * (pow(f, -n - 1) + pow(1 - f, -n - 1));
}

/* Next to underflow the sum is rounded before it is multiplied by n! */
static double factorial_5(double x, double y)
{
    (void)x, (void)y;
    return 120 * 0x1p-1022;
}

static double poles_2(double x, double y)
{
    (void)y;
    return poles(x, 2);
}

/* What is added, and what of it next to its zeros is no more exact than 1 */
static double gammas(double x, int p)
{
    double sum = 4 * p;
    for (int k = 0; k < p; k++) sum += fabs(lgamma(x - 0.5 * k));
    return sum;
}

static double gammas_2(double x, double y)
{
    (void)y;
    return gammas(x, 2);
}

static double gammas_5(double x, double y)
{
    (void)y;
    return gammas(x, 5);
}

static double zeta_terms(double s, double q)
{
    if (q > 0) return 0;
    double f = q - floor(q);
    return pow(f, -s) + pow(1 - f, -s);
}

/* n times the largest value on the way to degree n */
static double steps(double x, double degree, const recurrence *p)
{
    double last = 1, value = (double)p->u * x + (double)p->v, most = fmax(1, fabs(value));
    for (int k = 1; k < (int)degree; k++) {
        double next = (((double)p->a[0] + (double)p->a[1] * k) * x + (double)p->b[0] + (double)p->b[1] * k) * value - ((double)p->c[0] + (double)p->c[1] * k) * last;
        last = value;
        value = next / ((double)p->below[0] + (double)p->below[1] * k);
        most = fmax(most, fabs(value));
    }
    return most * fmax(degree, 1);
}

#define STEPS(name) \
    static double steps_##name(double x, double n) { return steps(x, n, &name); }
STEPS(chebyshev_t)
STEPS(chebyshev_u)
STEPS(chebyshev_v)
STEPS(chebyshev_w)
STEPS(hermite_h)
STEPS(hermite_he)
STEPS(laguerre)
STEPS(legendre)

static int everywhere(double x, double y)
{
    (void)y;
    return isfinite(x);
}

/* Further left the phase is more than two doubles can tell apart. */
static int right_of_tera(double x, double y)
{
    (void)y;
    return x > -0x1p40 && isfinite(x);
}

static int not_zero(double x, double y)
{
    (void)y;
    return isfinite(x) && x != 0;
}

/* Where pi x does not overflow in f32; past that sinc is NaN, as PyTorch's. */
static int moderate(double x, double y)
{
    (void)y;
    return fabs(x) < 1e38 && x != 0;
}

static int positive(double x, double y)
{
    (void)y;
    return isfinite(x) && x > 0;
}

static int between_0_and_1(double x, double y)
{
    (void)y;
    return x > 0 && x < 1;
}

static int not_pole(double x, double y)
{
    (void)y;
    return x > 0 ? isfinite(x) : x > -1000 && x != floor(x);
}

static int right_of_half(double x, double y)
{
    (void)y;
    return x > 0.5 && isfinite(x);
}

static int right_of_2(double x, double y)
{
    (void)y;
    return x > 2 && isfinite(x);
}

static int over_minus_1(double x, double y)
{
    return isfinite(x) && isfinite(y) && x != 0 && y > -1;
}

static int convergent(double s, double q)
{
    return s > 1 && s < 6e12 && isfinite(q) && (q > 0 || (q > -1000 && q != floor(q) && s == floor(s) && s < 64));
}

static int both_positive(double a, double x)
{
    return a > 0 && x > 0 && a <= 1e5 && isfinite(x) && (x < 1e5 || x < 2 * a);
}

static int small_degree(double x, double n)
{
    return isfinite(x) && n >= 0 && n < 64;
}

/* --- points ---------------------------------------------------------------------------------------------------------------------- */

static double unit(void)
{
    return (double)(next_random() >> 11) * 0x1p-53;
}

static float from_bits32(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static double from_bits64(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static double any_point(int is_single)
{
    uint64_t kind = next_random() % 10;
    double sign = next_random() & 1 ? -1 : 1;
    if (kind == 0) return is_single ? (double)from_bits32((uint32_t)next_random()) : from_bits64(next_random());
    if (kind == 1) return sign * unit();
    if (kind == 2) return sign * unit() * 10;
    if (kind == 3) return sign * unit() * 40;
    if (kind == 4) return sign * unit() * (is_single ? 110 : 760);
    if (kind == 5) return sign * (1 + (unit() - 0.5) * 0x1p-3);
    if (kind == 6) return sign * ((double)(next_random() % 128) * 0.5 + (unit() - 0.5) * ldexp(1, -(int)(next_random() % 50)));
    if (kind == 7) return sign * (double)(next_random() % 256) * 0.78539816339744830962 * (1 + (unit() - 0.5) * ldexp(1, -(int)(next_random() % 50)));
    if (kind == 8) return sign * ldexp(1 + unit(), (int)(next_random() % 2000) - 1000);
    return sign * ldexp(1 + unit(), (int)(next_random() % 64) - 32);
}

typedef void make_pair(double *x, double *y, int is_single);

static void any_pair(double *x, double *y, int is_single)
{
    *x = any_point(is_single);
    *y = any_point(is_single);
}

/* s and q of zeta */
static void zeta_pair(double *s, double *q, int is_single)
{
    int kind = (int)(next_random() % 6);
    *s = kind == 0 ? 1 + ldexp(unit(), -(int)(next_random() % 40)) : kind < 3 ? 2 + (double)(next_random() % 30) : kind == 3 ? any_point(is_single) : 1 + unit() * 60;
    *q = next_random() % 3 == 0 ? any_point(is_single) : unit() * 30 - (kind < 3 ? 15 : 0);
}

/* a and x of the incomplete gamma functions: next to each other, and not */
static void gamma_pair(double *a, double *x, int is_single)
{
    int kind = (int)(next_random() % 8);
    *a = kind == 0 ? fabs(any_point(is_single)) : kind < 4 ? unit() * 40 : ldexp(1 + unit(), (int)(next_random() % 26) - 13);
    if (kind == 7) *a = ldexp(1 + unit(), (int)(next_random() % 19));
    *x = next_random() % 4 == 0 ? fabs(any_point(is_single)) : next_random() % 3 == 0 ? *a * unit() * 3 : fabs(*a + sqrt(*a) * (unit() * 16 - 8));
}

static void degree_pair(double *x, double *n, int is_single)
{
    int kind = (int)(next_random() % 4);
    *x = kind == 0 ? any_point(is_single) : kind == 1 ? unit() * 20 : unit() * 2.2 - 1.1;
    if (fabs(*x) > 1e4) *x = 1 / *x;
    *n = (double)(next_random() % 40);
}

/* --- the functions ------------------------------------------------------------------------------------------------------------------ */

typedef torsh_tensor unary_op(torsh_tensor);
typedef torsh_tensor binary_op(torsh_tensor, torsh_tensor);
typedef void unary_ref(mpfr_t, const mpfr_t);
typedef void binary_ref(mpfr_t, const mpfr_t, const mpfr_t);

static torsh_tensor logit(torsh_tensor x) { return torsh_logit(x, -1); }
static torsh_tensor polygamma_1(torsh_tensor x) { return torsh_polygamma(1, x); }
static torsh_tensor polygamma_2(torsh_tensor x) { return torsh_polygamma(2, x); }
static torsh_tensor polygamma_5(torsh_tensor x) { return torsh_polygamma(5, x); }
static torsh_tensor mvlgamma_2(torsh_tensor x) { return torsh_mvlgamma(x, 2); }
static torsh_tensor mvlgamma_5(torsh_tensor x) { return torsh_mvlgamma(x, 5); }

/* What f32 gives outside the domain: what f64 gives, or, at poles and where it is made of more than one op, something else. */
enum outside { AS_F64, FREE };

typedef struct {
    const char *name;
    unary_op *unary;
    unary_ref *unary_exact;
    binary_op *binary;
    binary_ref *binary_exact;
    double bound32, bound64;
    scale_of *scale; /* or NULL */
    domain_of *domain;
    make_pair *pair;
    enum outside outside;
} row;

#define UNARY(name, op, ref, b32, b64, scale, domain, outside) {name, op, ref, NULL, NULL, b32, b64, scale, domain, NULL, outside},
#define BINARY(name, op, ref, b32, b64, scale, domain, pair) {name, NULL, NULL, op, ref, b32, b64, scale, domain, pair, AS_F64},

static const row rows[] = {
    UNARY("i0", torsh_i0, ref_i0, 6, 6, NULL, everywhere, AS_F64)
    UNARY("i1", torsh_special_i1, ref_i1, 6, 6, NULL, everywhere, AS_F64)
    UNARY("i0e", torsh_special_i0e, ref_i0e, 5, 6, NULL, everywhere, AS_F64)
    UNARY("i1e", torsh_special_i1e, ref_i1e, 5, 6, NULL, everywhere, AS_F64)
    UNARY("k0", torsh_special_modified_bessel_k0, ref_k0, 1, 12, NULL, positive, AS_F64)
    UNARY("k1", torsh_special_modified_bessel_k1, ref_k1, 1, 12, NULL, positive, AS_F64)
    UNARY("k0e", torsh_special_scaled_modified_bessel_k0, ref_k0e, 1, 12, NULL, positive, AS_F64)
    UNARY("k1e", torsh_special_scaled_modified_bessel_k1, ref_k1e, 1, 12, NULL, positive, AS_F64)
    UNARY("j0", torsh_special_bessel_j0, ref_j0, 1, 6, waves, everywhere, AS_F64)
    UNARY("j1", torsh_special_bessel_j1, ref_j1, 1, 6, waves, everywhere, AS_F64)
    UNARY("y0", torsh_special_bessel_y0, ref_y0, 1, 6, waves, positive, AS_F64)
    UNARY("y1", torsh_special_bessel_y1, ref_y1, 1, 6, waves, positive, AS_F64)
    UNARY("spherical_j0", torsh_special_spherical_bessel_j0, ref_spherical, 4, 4, NULL, not_zero, AS_F64)
    UNARY("airy_ai", torsh_special_airy_ai, ref_airy, 1, 16, airy_waves, right_of_tera, AS_F64)
    UNARY("erfcx", torsh_special_erfcx, ref_erfcx, 1, 4, NULL, everywhere, AS_F64)
    UNARY("ndtr", torsh_special_ndtr, ref_ndtr, 1, 4, NULL, everywhere, AS_F64)
    UNARY("log_ndtr", torsh_special_log_ndtr, ref_log_ndtr, 1, 4, NULL, everywhere, AS_F64)
    UNARY("ndtri", torsh_special_ndtri, ref_ndtri, 4, 4, NULL, between_0_and_1, AS_F64)
    UNARY("entr", torsh_special_entr, ref_entr, 1, 2, NULL, positive, AS_F64)
    UNARY("sinc", torsh_sinc, ref_sinc, 2, 2, one, moderate, FREE)
    UNARY("logit", logit, ref_logit, 3, 3, one, between_0_and_1, FREE)
    UNARY("polygamma_1", polygamma_1, ref_polygamma_1, 1, 10, NULL, not_pole, FREE)
    UNARY("polygamma_2", polygamma_2, ref_polygamma_2, 1, 10, poles_2, not_pole, AS_F64)
    UNARY("polygamma_5", polygamma_5, ref_polygamma_5, 1, 10, factorial_5, not_pole, AS_F64)
    UNARY("mvlgamma_2", mvlgamma_2, ref_mvlgamma_2, 4, 4, gammas_2, right_of_half, FREE)
    UNARY("mvlgamma_5", mvlgamma_5, ref_mvlgamma_5, 4, 4, gammas_5, right_of_2, FREE)
    BINARY("zeta", torsh_special_zeta, ref_zeta, 1, 8, zeta_terms, convergent, zeta_pair)
    BINARY("igamma", torsh_igamma, ref_igamma, 1, 24, NULL, both_positive, gamma_pair)
    BINARY("igammac", torsh_igammac, ref_igammac, 1, 32, NULL, both_positive, gamma_pair)
    BINARY("xlog1py", torsh_special_xlog1py, ref_xlog1py, 4, 2, NULL, over_minus_1, any_pair)
    BINARY("chebyshev_t", torsh_special_chebyshev_polynomial_t, ref_chebyshev_t, 1, 4, steps_chebyshev_t, small_degree, degree_pair)
    BINARY("chebyshev_u", torsh_special_chebyshev_polynomial_u, ref_chebyshev_u, 1, 4, steps_chebyshev_u, small_degree, degree_pair)
    BINARY("chebyshev_v", torsh_special_chebyshev_polynomial_v, ref_chebyshev_v, 1, 4, steps_chebyshev_v, small_degree, degree_pair)
    BINARY("chebyshev_w", torsh_special_chebyshev_polynomial_w, ref_chebyshev_w, 1, 4, steps_chebyshev_w, small_degree, degree_pair)
    BINARY("hermite_h", torsh_special_hermite_polynomial_h, ref_hermite_h, 1, 4, steps_hermite_h, small_degree, degree_pair)
    BINARY("hermite_he", torsh_special_hermite_polynomial_he, ref_hermite_he, 1, 4, steps_hermite_he, small_degree, degree_pair)
    BINARY("laguerre", torsh_special_laguerre_polynomial_l, ref_laguerre, 1, 8, steps_laguerre, small_degree, degree_pair)
    BINARY("legendre", torsh_special_legendre_polynomial_p, ref_legendre, 1, 4, steps_legendre, small_degree, degree_pair)
};

/* --- judging -------------------------------------------------------------------------------------------------------------------------- */

typedef struct {
    double most, x, y, got; /* the worst point */
    double first;           /* how far off the first judge has been seen to be, in ULP of f32 */
    uint64_t over, count, asked;
} verdict;

/* How far `got` is from `want`, in ULP of the larger of want and scale; infinity where the kind (NaN, infinity) is wrong */
static double distance(double got, long double want, double scale, int is_single)
{
    long double limit = is_single ? 0x1p128L : 0x1p1024L;
    if (isnan(want) || isnan(got)) return isnan(want) && isnan(got) ? 0 : (double)INFINITY;
    if (isinf(want) && isinf(got)) return (want > 0) == (got > 0) ? 0 : (double)INFINITY;
    long double w = fabsl(want) > limit ? copysignl(limit, want) : want, g = isinf(got) ? copysignl(limit, (long double)got) : (long double)got;
    long double size = fabsl(w) < limit / 2 ? fabsl(w) : limit / 2;
    if (size < (long double)scale) size = (long double)scale;
    int e = size == 0 ? -20000 : ilogbl(size) - (is_single ? 23 : 52), least = is_single ? -149 : -1074;
    return (double)(fabsl(g - w) * ldexpl(1, -(e > least ? e : least)));
}

static long double exact_value(const row *t, double x, double y)
{
    mpfr_t r, a, b;
    mpfr_inits2(PRECISION, r, a, b, (mpfr_ptr)NULL);
    mpfr_set_d(a, x, MPFR_RNDN);
    mpfr_set_d(b, y, MPFR_RNDN);
    if (t->unary) t->unary_exact(r, a);
    else t->binary_exact(r, a, b);
    long double v = mpfr_get_ld(r, MPFR_RNDN);
    mpfr_clears(r, a, b, (mpfr_ptr)NULL);
    return v;
}

static void call(const row *t, torsh_dtype dtype, int64_t n, void *out, const void *x, const void *y)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    TORSH_AUTO torsh_scope quiet = torsh_no_grad();
    torsh_tensor a = torsh_from_data(x, TORSH_DIMS(n), dtype, TORSH_CPU);
    torsh_tensor r = t->unary ? t->unary(a) : t->binary(a, torsh_from_data(y, TORSH_DIMS(n), dtype, TORSH_CPU));
    const void *data = torsh_data(r);
    if (!data) {
        printf("%s: %s\n", t->name, torsh_last_error());
        exit(1);
    }
    memcpy(out, data, (size_t)n * (dtype == TORSH_F32 ? sizeof(float) : sizeof(double)));
}

static void judge(const row *t, int is_single, double x, double y, double got, double d, verdict *v)
{
    double bound = is_single ? t->bound32 : t->bound64;
    if (d > bound) {
        v->over++;
        if (getenv("SPECIAL_VERBOSE") && v->over <= 20) printf("    %s(%.17g, %.17g) = %.17g: %g ULP\n", t->name, x, y, got, d);
    }
    if (d > v->most) v->most = d, v->x = x, v->y = y, v->got = got;
}

/* The instruction sets to judge */
static enum torsh__isa sets[TORSH__ISA_NEON + 1];
static int set_count;

static double scale_at(const row *t, double x, double y)
{
    return t->scale ? t->scale(x, y) : 0;
}

static void judge_double(const row *t, int64_t n, const double *x, const double *y, verdict *v)
{
    static double got[CHUNK];
    static long double exact[CHUNK];
    for (int64_t i = 0; i < n; i++)
        if (t->domain(x[i], y[i])) exact[i] = exact_value(t, x[i], y[i]);
    for (int set = 0; set < set_count; set++, v++) {
        torsh__isa_choose(sets[set]);
        call(t, TORSH_F64, n, got, x, y);
        for (int64_t i = 0; i < n; i++) {
            if (!t->domain(x[i], y[i])) continue;
            v->count++, v->asked++;
            judge(t, 0, x[i], y[i], got[i], distance(got[i], exact[i], scale_at(t, x[i], y[i]), 0), v);
        }
    }
}

/* The margin within which the first judge's word is not taken, in ULP of f32 */
#define MARGIN 0x1p-10

/* How far off at most, in few instructions: in ULP of `want` alone */
static double quick_distance(double got, double want)
{
    uint64_t bits;
    memcpy(&bits, &want, sizeof bits);
    if (!(fabs(want) >= 0x1p-126 && fabs(want) < 0x1p127)) return (double)INFINITY;
    return fabs(got - want) * from_bits64((2 * 1023 + 23 - (bits >> 52 & 0x7ff)) << 52);
}

static void judge_single_point(const row *t, double x, double y, double got, double want, uint64_t sample, verdict *v)
{
    int outside = !t->domain(x, y);
    if (outside && t->outside == FREE && isfinite(x)) return;
    int same = got == want || (got != got && want != want), asked = !outside && v->count % sample == 0;
    double quick = same ? 0 : quick_distance(got, want);
    v->count++;
    if (!asked && quick <= t->bound32 - MARGIN && quick <= v->most) return;
    double scale = scale_at(t, x, y), d = same ? 0 : distance(got, (long double)want, scale, 1);
    if (!outside && (asked || d > t->bound32 - MARGIN)) {
        long double exact = exact_value(t, x, y);
        double first = isfinite(want) && fabsl(exact) < 0x1p127L ? distance(want, exact, scale, 1) : 0;
        v->asked++;
        if (first > v->first) v->first = first;
        d = distance(got, exact, scale, 1);
    }
    judge(t, 1, x, y, got, d, v);
}

static void judge_single(const row *t, int64_t n, const double *x, const double *y, uint64_t sample, verdict *v)
{
    static float x32[CHUNK], y32[CHUNK], got[CHUNK];
    static double want[CHUNK];
    for (int64_t i = 0; i < n; i++) x32[i] = (float)x[i], y32[i] = (float)y[i];
    torsh__isa_choose(sets[set_count - 1]); /* the best one */
    call(t, TORSH_F64, n, want, x, y);
    for (int set = 0; set < set_count; set++, v++) {
        torsh__isa_choose(sets[set]);
        call(t, TORSH_F32, n, got, x32, y32);
        for (int64_t i = 0; i < n; i++) judge_single_point(t, x[i], y[i], (double)got[i], want[i], sample, v);
    }
}

static uint32_t stride = 65537;
static uint64_t points = 500;

static int report(const row *t, int is_single, enum torsh__isa isa, const verdict *v)
{
    int failed = v->over > 0 || v->first > MARGIN;
    printf("%-4s %-8s %-13s %s  max %9.4f ULP  bound %4g  at %.9g, %.9g -> %.9g  (%llu points, %llu over; MPFR asked %llu times, first judge off by %.1g)\n",
           failed ? "FAIL" : "ok", torsh__isa_name(isa), t->name, is_single ? "f32" : "f64", v->most, is_single ? t->bound32 : t->bound64, v->x, v->y, v->got,
           (unsigned long long)v->count, (unsigned long long)v->over, (unsigned long long)v->asked, v->first);
    fflush(stdout);
    return failed;
}

static int run(const row *t, int is_single)
{
    static double x[CHUNK], y[CHUNK];
    verdict verdicts[TORSH__ISA_NEON + 1] = {{0}};
    int failed = 0;
    int walk = is_single && t->unary;
    uint64_t step = stride, count = walk ? ((UINT64_C(1) << 32) + step - 1) / step : points;
    random_state = 42;
    for (uint64_t from = 0; from < count; from += CHUNK) {
        int64_t n = count - from < CHUNK ? (int64_t)(count - from) : CHUNK;
        for (int64_t i = 0; i < n; i++) {
            if (walk) x[i] = (double)from_bits32((uint32_t)((from + (uint64_t)i) * step)), y[i] = 0;
            else if (t->unary) x[i] = any_point(is_single), y[i] = 0;
            else t->pair(&x[i], &y[i], is_single);
            if (is_single) x[i] = (double)(float)x[i], y[i] = (double)(float)y[i];
        }
        if (is_single) judge_single(t, n, x, y, count / points + 1, verdicts);
        else judge_double(t, n, x, y, verdicts);
    }
    for (int set = 0; set < set_count; set++) failed += report(t, is_single, sets[set], &verdicts[set]);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    options o = {.stride = stride, .points = points};
    read_options(&o, argc, argv);
    stride = o.stride, points = o.points;
    for (int isa = 0; isa <= TORSH__ISA_NEON; isa++)
        if ((!o.isa || !strcmp(o.isa, torsh__isa_name((enum torsh__isa)isa))) && torsh__isa_choose((enum torsh__isa)isa)) sets[set_count++] = (enum torsh__isa)isa;
    if (set_count == 0) {
        printf("skipped: this machine lacks the instruction set\n");
        return 77;
    }
    torsh_set_num_threads(1);
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        if (is_wanted(&o, rows[k].name, k)) failed += run(&rows[k], 0) + run(&rows[k], 1);
    printf("%d functions over their bound\n", failed);
    return failed != 0;
}
