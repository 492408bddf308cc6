#include "special.h"
#include "vmath.h"

/* Steps of two doubles, each in one place. */
#define ONCE __attribute__((noinline))
static ONCE m_dd product(m_dd a, m_dd b)
{
    return m_dd_mul(a, b);
}

static ONCE m_dd sum(m_dd a, m_dd b)
{
    return m_dd_add(a, b);
}

static ONCE m_dd quotient(m_dd a, m_dd b)
{
    return m_dd_div(a, b);
}

static m_dd minus(m_dd a)
{
    return (m_dd){-a.hi, -a.lo};
}

/* c[0] + c[1] x + ... */
static ONCE double horner(double x, const double *c, int n)
{
    double y = c[n - 1];
    for (int k = n - 2; k >= 0; k--) y = m_fma_f64(y, x, c[k]);
    return y;
}

#define HORNER(x, table) horner(x, table, (int)(sizeof(table) / sizeof *(table)))

ONCE double torsh__times_exp(double f, double x, double low)
{
    uint64_t n;
    double within = m_within_f64(x, -1400, 1400);
    m_dd e = m_exp_parts_f64(within, within == x ? low : 0, &n);
    return x != x ? x : m_scale_f64(m_fma_f64(f, e.hi, f * e.lo), n);
}

/* ---- Bessel ---------------------------------------------------------------------------------------------------- */

/* I_0 and I_1 / x in x^2 for x <= 8, then I_n e^-x sqrt(x) in 1/x (tools/minimax.py: i0_f64, i1_f64, i0far_f64, i1far_f64) */
static const double i0_near[] = {
    0x1p+0, 0x1p-2, 0x1p-6, 0x1.c71c71c71c71cp-12, 0x1.c71c71c71c71bp-18, 0x1.23456789abd00p-24, 0x1.02e85c089882dp-31, 0x1.522a43f65b539p-39,
    0x1.522a43f5b6a14p-47, 0x1.0b3132940d2e5p-55, 0x1.560187612dcefp-64, 0x1.69caaf010c2d9p-73, 0x1.4196b26765f45p-82, 0x1.e738b04db160ap-92,
    0x1.3d94b03fac320p-101, 0x1.6fbad6c6b0aa7p-111, 0x1.4248471772289p-121, 0x1.e01df6acfe5b1p-131};
static const double i1_near[] = {
    0x1p-1, 0x1p-4, 0x1.5555555555555p-9, 0x1.c71c71c71c71bp-15, 0x1.6c16c16c16c37p-21, 0x1.845c8a0ce4cd2p-28, 0x1.27e4fb778fa38p-35,
    0x1.522a43f5b6a80p-43, 0x1.2c9758e6e56d7p-51, 0x1.ab81e92ab05d6p-60, 0x1.f176b2027c12bp-69, 0x1.e261f64495d52p-78, 0x1.8bdeee49ccc45p-87,
    0x1.15dbf8857e9dep-96, 0x1.58f6f83fbccecp-106, 0x1.411f334f4b51bp-116, 0x1.006f66d44fb55p-125};
static const double i0_far[] = {
    0x1.9884533d43652p-2, 0x1.9884533d34b20p-5, 0x1.cb94de06d8e36p-6, 0x1.deba95641e6c0p-6, 0x1.6ead299cd5569p-5, 0x1.6d7ce46f036dbp-4,
    0x1.f94dc6f321417p-3, 0x1.b9ae7d91817cep+2, -0x1.4ccf2a103de38p+9, 0x1.287e687614eb8p+15, -0x1.5fb67a7949364p+20, 0x1.2bfa1789dc8a4p+25,
    -0x1.7b6f21ebf0d69p+29, 0x1.68a731e1c9580p+33, -0x1.02276fa44502dp+37, 0x1.14569c219aef3p+40, -0x1.b2c8580027a8ap+42, 0x1.e731603a7d5aap+44,
    -0x1.6fa1815f0dd70p+46, 0x1.4ec01f5a4ddb8p+47, -0x1.15e2da8be493ap+47};
static const double i1_far[] = {
    0x1.9884533d4364fp-2, -0x1.32633e6deea88p-3, -0x1.7efc0e3c9825ep-5, -0x1.4f1c4c7001f59p-5, -0x1.d7662d8919126p-5, -0x1.c04ae1e2a8d83p-4,
    -0x1.17a331340e57dp-2, -0x1.0ed95e55753bep+3, 0x1.7a03440e56a00p+9, -0x1.478f6c0f6bde4p+15, 0x1.7ee06321677acp+20, -0x1.436ca6d88c271p+25,
    0x1.96350b966f149p+29, -0x1.7ff2345ff75b8p+33, 0x1.118cdd77f271cp+37, -0x1.23a503f2aa228p+40, 0x1.c93ba381db2a1p+42, -0x1.feb3889964fe9p+44,
    0x1.803b97c34dd4cp+46, -0x1.5ce918e4661ddp+47, 0x1.20e6a770b53e5p+47};

static double bessel_i(int n, double x, int scaled)
{
    if (x <= 8) {
        double y = n ? x * HORNER(x * x, i1_near) : HORNER(x * x, i0_near);
        return scaled ? torsh__times_exp(y, -x, 0) : y;
    }
    double y = (n ? HORNER(1 / x, i1_far) : HORNER(1 / x, i0_far)) / sqrt(x);
    return scaled ? y : torsh__times_exp(y, x, 0);
}

double torsh__bessel_i0(double x)
{
    return x != x || isinf(x) ? NAN : bessel_i(0, fabs(x), 0);
}

double torsh__bessel_i1(double x)
{
    return x != x || isinf(x) ? NAN : x < 0 ? -bessel_i(1, -x, 0) : bessel_i(1, fabs(x), 0);
}

double torsh__bessel_i0e(double x)
{
    return x != x ? x : isinf(x) ? 0 : bessel_i(0, fabs(x), 1);
}

double torsh__bessel_i1e(double x)
{
    return x != x ? x : isinf(x) ? 0 : x < 0 ? -bessel_i(1, -x, 1) : bessel_i(1, fabs(x), 1);
}

double torsh__bessel(enum torsh__bessel kind, double x)
{
    if (isinf(x)) return NAN; /* as PyTorch */
    return kind == TORSH__BESSEL_J0 ? j0(x) : kind == TORSH__BESSEL_J1 ? j1(x) : kind == TORSH__BESSEL_Y0 ? y0(x) : y1(x);
}

const double torsh__bessel_series[4][TORSH__BESSEL_TERMS] = {
    [TORSH__BESSEL_J0] = {0x1.0p+0, 0x1.0p+0, 0x1.0p-2, 0x1.c71c71c71c71cp-6, 0x1.c71c71c71c71cp-10,
     0x1.23456789abcdfp-14, 0x1.02e85c0898b71p-19, 0x1.522a43f65486ap-25, 0x1.522a43f65486ap-31, 0x1.0b313289be0b9p-37,
     0x1.5601885e63e5dp-44, 0x1.69ca9cf3b7f54p-51, 0x1.4197a7f5154bcp-58, 0x1.e725594ee52e9p-66, 0x1.3e22d70ef3b5fp-73,
     0x1.69f7da8510bcdp-81, 0x1.69f7da8510bcdp-89, 0x1.40a2dc2460523p-97, 0x1.faaf2fa1c79e5p-106},
    [TORSH__BESSEL_J1] = {0x1.0p+0, 0x1.0p-1, 0x1.5555555555555p-4, 0x1.c71c71c71c71cp-8, 0x1.6c16c16c16c17p-12,
     0x1.845c8a0ce5129p-17, 0x1.27e4fb7789f5cp-22, 0x1.522a43f65486ap-28, 0x1.2c9758daf5cd0p-34, 0x1.ab81ea75fcdf4p-41,
     0x1.f17697cf1cf13p-48, 0x1.e2637bef9ff1ap-55, 0x1.8bce58901a35ep-62, 0x1.165e7c2d153f3p-69, 0x1.53585cdcbfb10p-77,
     0x1.69f7da8510bcdp-85, 0x1.54ad09e6a6575p-93, 0x1.1d028acb00491p-101, 0x1.aaae78f4066a6p-110},
    [TORSH__BESSEL_Y0] = {0, 0x1.0p+0, 0x1.8000000000000p-2, 0x1.a12f684bda12fp-5, 0x1.da12f684bda13p-9,
     0x1.4c88d634a424bp-13, 0x1.3d2970bdbb137p-18, 0x1.b6682a64d5cf7p-24, 0x1.cb8acea43b17dp-30, 0x1.79f068734aa1bp-36,
     0x1.f4dcc2465f674p-43, 0x1.1124367d45fb2p-49, 0x1.f2fc07de40da8p-57, 0x1.834c1a3ba6611p-64, 0x1.029c1e1d6d16ep-71,
     0x1.2c45f8adf02aep-79, 0x1.31edd818046ddp-87, 0x1.13b613b541933p-95, 0x1.babaa74fb052bp-104},
    [TORSH__BESSEL_Y1] = {-0x1.3c467e37db0c8p-3, 0x1.58773039049e7p-1, 0x1.73ddae5ee6a28p-3, 0x1.3a47ef81a33cfp-6, 0x1.2462822a45268p-10,
     0x1.5b7a177f5639bp-15, 0x1.1fa413136952dp-20, 0x1.5f60a13589756p-26, 0x1.4a1428fc835c7p-32, 0x1.ec021b49cd260p-39,
     0x1.2a217002356e7p-45, 0x1.2b9a5940d0c02p-52, 0x1.fb8381808c20cp-60, 0x1.6f41c00917082p-67, 0x1.cb6b478412d8ep-75,
     0x1.f5bc4d34e8a4ep-83, 0x1.e28e00bae8f21p-91, 0x1.9bdb0e3352fedp-99, 0x1.3a0f5031f3bb8p-107},
};

/* ---- the normal distribution ----------------------------------------------------------------------------------- */

static double erfc_of(m_dd x)
{
    if (fabs(x.hi) < 0.49) {
        m_dd top = m_dd_fast_sum(1, -x.hi);
        return top.hi + (top.lo - m_fma_f64(x.hi, m_erf_poly_f64(x.hi * x.hi), x.lo));
    }
    m_dd square = product(x, x);
    double right = torsh__times_exp(torsh__erfcx(fabs(x.hi)), -square.hi, -square.lo);
    return x.hi < 0 ? 2 - right : right;
}

ONCE double torsh__erfcx(double x)
{
    if (!(x > -30)) return x != x ? x : (double)INFINITY;
    if (x > 27.3) {
        double z = 0.5 / (x * x); /* asymptotic (DLMF 7.12.1) */
        return 0.56418958354775628695 / x * (1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z * (1 - 9 * z * (1 - 11 * z))))));
    }
    if (x >= 0.49) return m_erfcx_parts_f64((m_dd){x, 0}).hi;
    m_dd only = {x, 0}, square = product(only, only);
    return torsh__times_exp(erfc_of(only), square.hi, square.lo);
}

ONCE double torsh__ndtr(double x)
{
    m_dd root_half = {-0x1.6a09e667f3bcdp-1, 0x1.bdd3413b26456p-55};
    return x != x ? x : 0.5 * erfc_of(product((m_dd){m_within_f64(x, -40, 40), 0}, root_half));
}

double torsh__log_ndtr(double x)
{
    double t = x * 0.70710678118654752440;
    return x < 0 ? log(torsh__erfcx(-t) / 2) - x / 2 * x : log1p(-torsh__ndtr(-x));
}

/* erf(y) = c for |c| < 0.8, by Newton's steps */
static double erfinv(double c)
{
    double y = c;
    for (int k = 0; k < 12; k++) {
        double step = (erf(y) - c) * 0.88622692545275801365 * exp(y * y);
        y -= step;
        if (fabs(step) < 1e-9 * fabs(y)) break;
    }
    return y;
}

/* By erfinv around 1/2; further out Newton's steps for log_ndtr(y) = log(p), p <= 1/2, whose slope is the density over the distribution */
double torsh__ndtri(double p)
{
    if (!(p > 0 && p < 1)) return p == 0 ? -(double)INFINITY : p == 1 ? (double)INFINITY : NAN;
    if (p > 0.1 && p < 0.9) return 1.41421356237309504880 * erfinv(2 * p - 1);
    int upper = p > 0.5;
    double l = log(upper ? 1 - p : p), y = -sqrt(-2 * l) + (l > -2 ? 1 : 0.5);
    for (int k = 0; k < 12; k++) {
        double step = (torsh__log_ndtr(y) - l) * torsh__erfcx(-y * 0.70710678118654752440) / 0.79788456080286535588;
        y -= step;
        if (fabs(step) < 1e-15 * fabs(y)) break;
    }
    return upper ? -y : y;
}

/* ---- polynomials ----------------------------------------------------------------------------------------------- */

#define NONE -0.0, -0.0 /* which adds nothing, not even to a -0 */
const torsh__recurrence torsh__recurrences[] = {
    [TORSH__CHEBYSHEV_T] = {{1, -0.0}, {2, 0}, {NONE}, {1, 0}, {1, 0}}, [TORSH__CHEBYSHEV_U] = {{2, -0.0}, {2, 0}, {NONE}, {1, 0}, {1, 0}},
    [TORSH__CHEBYSHEV_V] = {{2, -1}, {2, 0}, {NONE}, {1, 0}, {1, 0}},   [TORSH__CHEBYSHEV_W] = {{2, 1}, {2, 0}, {NONE}, {1, 0}, {1, 0}},
    [TORSH__HERMITE_H] = {{2, -0.0}, {2, 0}, {NONE}, {0, 2}, {1, 0}},   [TORSH__HERMITE_HE] = {{1, -0.0}, {1, 0}, {NONE}, {0, 1}, {1, 0}},
    [TORSH__LAGUERRE] = {{-1, 1}, {-1, 0}, {1, 2}, {0, 1}, {1, 1}},     [TORSH__LEGENDRE] = {{1, -0.0}, {1, 2}, {NONE}, {0, 1}, {1, 1}},
};

double torsh__polynomial(enum torsh__polynomial kind, double x, double n)
{
    const torsh__recurrence *r = &torsh__recurrences[kind];
    if (!(n > -1 && n < 0x1p63)) return 0; /* as PyTorch, whose cast to an integer gives the least one */
    if (n > TORSH__MOST_DEGREE) return NAN; /* seconds an element */
    double last = 1, value = r->first[0] * x + r->first[1];
    int degree = (int)n;
    for (int k = 1; k < degree; k++) {
        double next = ((r->a[0] + r->a[1] * k) * x + (r->b[0] + r->b[1] * k)) * value - (r->c[0] + r->c[1] * k) * last;
        last = value;
        value = next / (r->below[0] + r->below[1] * k);
    }
    return degree == 0 ? 1 : value;
}

/* ---- zeta ------------------------------------------------------------------------------------------------------ */

/* w^-s */
static double reciprocal_power(double w, double s)
{
    return s == 2 ? 1 / w / w : pow(w, -s);
}

/* q > 0: some terms, then the rest by Euler and Maclaurin's formula (NIST DLMF 25.11.28) with B_2k / (2k)! */
static double zeta_right(double s, double q)
{
    static const double bernoulli[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0,
                                       1.0 / 74724249600.0, -3617.0 / 10670622842880000.0, 43867.0 / 5109094217170944000.0};
    if (!(q < DBL_MAX / 2)) return pow(q, 1 - s) / (s - 1); /* the first term of that formula; what follows it would overflow on the way */
    double sum = 0;
    int k = 0;
    for (; k < 12 || q + k < 12; k++) {
        double w = q + k, lost = q - (w - k), term = reciprocal_power(w, s) * (1 - s * lost / w);
        sum += term;
        if (term * (1 + w / (s - 1)) < sum * 0x1p-60 || isinf(sum)) return sum; /* what follows is no larger */
    }
    if (sum == 0 && s > 6e12) return NAN; /* as PyTorch, whose series overflows there */
    double w = q + k, last = reciprocal_power(w, s) * (1 - s * (q - (w - k)) / w), power = last * s / w;
    double half = last < DBL_MIN ? pow(w, -s / 2) : 0; /* its square times w is no small number where the square is one */
    sum += (half > 0 ? half * w * half : last * w) / (s - 1) + last / 2;
    for (int j = 0; j < 9; j++) {
        sum += bernoulli[j] * power;
        power *= (s + 2 * j + 1) * (s + 2 * j + 2) / (w * w);
    }
    return sum;
}

double torsh__zeta(double s, double q)
{
    if (s == 1) return (double)INFINITY;
    if (s < 1 || q != q) return NAN;
    if (q <= 0 && q == floor(q)) return (double)INFINITY;
    if (s != s) return NAN;
    if (q < 0 && isinf(s)) return (double)INFINITY; /* a term is nearer to 0 than 1 */
    if (q > 0 && isinf(s)) return q < 1 ? (double)INFINITY : q == 1 ? 1 : NAN;
    if (q > 0) return isinf(q) ? NAN : zeta_right(s, q);
    if (s != floor(s)) return NAN;
    /* a whole power: the terms left of 0, f - 1, f - 2, ..., are a zeta mirrored, less its rest */
    double below = -floor(q), f = q + below, mirrored = -q - (below - 1), left = zeta_right(s, mirrored), rest = zeta_right(s, 1 - q);
    if (rest == rest) left -= rest; /* NaN: too small for a double */
    return zeta_right(s, f) + (fmod(s, 2) == 0 ? left : -left);
}

double torsh__polygamma(double n, double x)
{
    if (n == 1 && x == (double)INFINITY) return 0;
    if (n == 1 && x < 0.5 && x == floor(x)) {
        double turn = 3.14159265358979323846 / sin(3.14159265358979323846 * x);
        return turn * turn;
    }
    return tgamma(n + 1) * torsh__zeta(n + 1, x);
}

/* ---- incomplete gamma ------------------------------------------------------------------------------------------ */

/* mu - log(1 + mu) for mu = (x - a) / a, in two doubles as it is multiplied by a: 2^-62 of itself, or 2^-65 of mu */
static ONCE m_dd gap(double a, double x, m_dd mu)
{
    if (fabs(mu.hi) > 0.0625) {
        m_dd l = m_log_whole_f64(quotient((m_dd){x, 0}, (m_dd){a, 0}));
        return sum(mu, minus(l));
    }
    double rest = 0;
    for (int k = 17; k >= 4; k--) rest = 1.0 / k - rest * mu.hi;
    m_dd third = product(mu, (m_dd){0x1.5555555555555p-2, 0x1.5555555555555p-56}), near = sum((m_dd){0.5, 0}, minus(third));
    return product(product(mu, mu), sum(near, (m_dd){mu.hi * mu.hi * rest, 0}));
}

/* x^a e^-x / gamma(a + 1) */
static double density(double a, double x)
{
    if (a < 20) return m_gamma_front_f64(a, x);
    if (x < a * 1e-40) return 0;
    m_dd mu = quotient(m_dd_sum(x, -a), (m_dd){a, 0}), g = product(gap(a, x, mu), (m_dd){-a, 0});
    double r = 1 / a;
    g = sum(g, (m_dd){-r * m_stirling_f64(r * r), 0});
    return torsh__times_exp(1 / sqrt(2 * 3.14159265358979323846 * a), g.hi, g.lo);
}

/* Temme's uniform expansion (DLMF 8.12), its functions by their series in eta (8.12.9, 8.12.10): for large a, where the others need many steps */
static double gamma_uniform(double a, double x, int upper)
{
    static const double c0[] = {
        -0x1.5555555555555p-2, 0x1.5555555555555p-4, -0x1.e573ac901e574p-7, 0x1.2f684bda12f68p-10, 0x1.71de3a556c734p-12, -0x1.76e06fec7273bp-13,
        0x1.48c5892f7cd83p-15, -0x1.255370652afc1p-19, -0x1.f1b22f594c6b5p-20, 0x1.bd6d21e4b4109p-21, -0x1.7b5f9a2d0465cp-23, 0x1.ccf5ceb7f0d9fp-28,
        0x1.6097d55c37c1cp-27, -0x1.2d2197c7a2faap-28, 0x1.f6e66d24d5c8ap-31},
    c1[] = {
        -0x1.e573ac901e574p-10, -0x1.c71c71c71c71cp-9, 0x1.5ac056b015ac0p-9, -0x1.0394f6f09e723p-10, 0x1.af83440e53dbcp-13, -0x1.af83440e53dbcp-22,
        -0x1.2fa4ae89e5af0p-16, 0x1.00a9cabd6b83ep-17, -0x1.b0bdfcc629cbap-20, 0x1.3f59230a8357cp-28, 0x1.280f2cde3f847p-23},
    c2[] = {
        0x1.0ee643b990ee6p-8, -0x1.5f7268edab4c8p-9, 0x1.948b0fcd6e9e0p-11, 0x1.0db20a88f4696p-19, -0x1.c253efaa1a932p-14, 0x1.bbf43daf4fe53p-15,
        -0x1.ac2d05890f2c3p-17},
    c3[] = {0x1.547d93b34e2b6p-11, 0x1.e13ce465fa859p-13, -0x1.ebfb188b7ca00p-12, 0x1.18b9b5bf2d984p-12};
    m_dd mu = quotient(m_dd_sum(x, -a), (m_dd){a, 0});
    int right = mu.hi > 0;
    if (fabs(mu.hi) > 0.45) return right == upper ? 0 : 1;
    m_dd l = gap(a, x, mu), whole = product(l, (m_dd){-a, 0});
    double eta = copysign(sqrt(2 * l.hi), mu.hi), r = 1 / a;
    double c = HORNER(eta, c0) + r * (HORNER(eta, c1) + r * (HORNER(eta, c2) + r * (HORNER(eta, c3) - r * 0x1.c3e0b02da7bf9p-11)));
    double part = 0.5 * torsh__erfcx(sqrt(-whole.hi)) + (right ? c : -c) / sqrt(2 * 3.14159265358979323846 * a);
    part = torsh__times_exp(part, whole.hi, whole.lo);
    return right == upper ? part : 1 - part;
}

const double torsh__lgamma_plus_1[TORSH__LGAMMA_TERMS] = {
    -0x1.2788cfc6fb619p-1, 0x1.a51a6625307bap-1, -0x1.9a4d55bea8281p-2, 0x1.151322aba615cp-2, -0x1.a8b9c13fcfcc5p-3, 0x1.5b40c649fe8d2p-3,
    -0x1.2703608b4b922p-3, 0x1.0108c28dcd1e5p-3, -0x1.c7e3c89700ad1p-4, 0x1.994865cf907ccp-4, -0x1.7189d0b744f04p-4, 0x1.4b8a6ab0c814ap-4,
    -0x1.211d6b47f0c5bp-4, 0x1.d9e703dba5ae6p-5, -0x1.5df1d31763117p-5, 0x1.bc8725f81fcfbp-6, -0x1.ce5c91aa6f06ep-7, 0x1.7459641b4abf5p-8,
    -0x1.af080b4bc3247p-10, 0x1.3cdfbea6dfe2ep-12, -0x1.ba6272b307f76p-16};

/* Q(a, x) for a < 1 and x < 1.1 (DLMF 8.7.3): 1 - x^a / gamma(a + 1), which is small for small a, less the rest of the series */
static double gamma_small(double a, double x)
{
    double first = -expm1(a * (log(x) - HORNER(a, torsh__lgamma_plus_1))), term = 1, sum = 0;
    for (int n = 1; n < TORSH__GAMMA_TERMS; n++) sum += (term *= -x / n) / (a + n);
    return first - (1 - first) * a * sum;
}

/* P by its power series (DLMF 8.11.4) left of a + 1, else Q by its continued fraction (8.9.2, J. Steed's way); not by the other one where
 * that is near 1 */
static double gamma_part(double a, double x, int upper)
{
    if (a > 1e4 || (a > 500 && fabs(x - a) < 0.2 * a)) return gamma_uniform(a, x, upper);
    if (upper && a < 1 && x < 1.1) return gamma_small(a, x);
    double front = density(a, x);
    if (x < a + 1 && !(upper && a < 4 && x > a)) {
        double sum = 1, term = sum;
        for (int k = 1; k < 20000 && term > sum * 0x1p-54; k++) sum += term *= x / (a + k);
        return upper ? 1 - front * sum : front * sum;
    }
    double b = x - a + 1, d = 1 / b, step = d, h = d;
    for (int k = 1; k < 20000 && fabs(step) > h * 0x1p-54; k++) {
        b += 2;
        d = 1 / (b - k * (k - a) * d);
        step *= b * d - 1;
        h += step;
    }
    h *= a * front;
    return upper ? h : 1 - h;
}

static double igamma(double a, double x, int upper)
{
    double none = upper ? 1 : 0;
    if (a < 0 || x < 0) return NAN;
    if (a == 0) return x > 0 ? 1 - none : NAN;
    if (x == 0) return none;
    if (isinf(a)) return isinf(x) ? NAN : none;
    if (isinf(x)) return 1 - none;
    return a != a || x != x ? NAN : gamma_part(a, x, upper);
}

double torsh__igamma(double a, double x)
{
    return igamma(a, x, 0);
}

double torsh__igammac(double a, double x)
{
    return igamma(a, x, 1);
}
