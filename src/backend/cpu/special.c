#include "special.h"
#include "vmath.h"

/* ---- Bessel ---------------------------------------------------------------------------------------------------- */

/* I_n, n 0 or 1 (Abramowitz and Stegun 9.6.10, and 9.7.1 far out): both series have terms of one sign where they are used, or fall fast */
static double bessel_i(int n, double x, int scaled)
{
    double sum = 1, term = 1, mu = 4.0 * n * n;
    if (x <= 30) {
        double z = x * x / 4;
        for (int k = 1; term > sum * 0x1p-55; k++) sum += term *= z / (k * (double)(k + n));
        return (n ? sum * x / 2 : sum) * (scaled ? exp(-x) : 1);
    }
    for (int k = 1; k < 40; k++) {
        double odd = 2 * k - 1, next = -term * (mu - odd * odd) / (k * 8 * x);
        if (!(fabs(next) > fabs(sum) * 0x1p-55)) break;
        sum += term = next;
    }
    double half = scaled ? 1 : exp(x / 2); /* e^x may be infinite where I is not */
    return half * (sum / (2.50662827463100050242 * sqrt(x))) * half;
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

double torsh__erfcx(double x)
{
    if (x < 25) return exp(x * x) * erfc(x);
    double z = 0.5 / (x * x); /* asymptotic (DLMF 7.12.1) */
    return 0.56418958354775628695 / x * (1 - z * (1 - 3 * z * (1 - 5 * z * (1 - 7 * z))));
}

double torsh__log_ndtr(double x)
{
    double t = x * 0.70710678118654752440;
    return x < -1 ? log(torsh__erfcx(-t) / 2) - t * t : log1p(-erfc(t) / 2);
}

/* Newton's steps for log_ndtr(y) = log(p), p <= 1/2, whose slope is the density over the distribution */
double torsh__ndtri(double p)
{
    if (!(p > 0 && p < 1)) return p == 0 ? -(double)INFINITY : p == 1 ? (double)INFINITY : NAN;
    int upper = p > 0.5;
    double l = log(upper ? 1 - p : p), y = -sqrt(-2 * l) + (l > -2 ? 1 : 0.5);
    for (int k = 0; k < 12; k++) {
        double step = (torsh__log_ndtr(y) - l) * torsh__erfcx(-y * 0.70710678118654752440) / 0.79788456080286535588;
        y -= step;
        if (fabs(step) < 1e-15 * fabs(y)) break;
    }
    return p == 0.5 ? 0 : upper ? -y : y;
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

/* q > 0: some terms, then the rest by Euler and Maclaurin's formula (NIST DLMF 25.11.28) with B_2k / (2k)! */
static double zeta_right(double s, double q)
{
    static const double bernoulli[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000.0,
                                       1.0 / 74724249600.0, -3617.0 / 10670622842880000.0, 43867.0 / 5109094217170944000.0};
    if (!(q < DBL_MAX / 2)) return NAN;
    double sum = 0;
    int k = 0;
    for (; k < 12 || q + k < 12; k++) {
        double term = pow(q + k, -s);
        sum += term;
        if (term < sum * 0x1p-60 || isinf(sum)) return sum;
    }
    if (sum == 0 && s > 6e12) return NAN; /* as PyTorch, whose series overflows there */
    double w = q + k, last = pow(w, -s), power = last * s / w;
    sum += last * w / (s - 1) + last / 2;
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
    double below = -floor(q), f = q + below, left = zeta_right(s, 1 - f), rest = zeta_right(s, below + 1 - f);
    if (rest == rest) left -= rest; /* NaN: too small for a double */
    return zeta_right(s, f) + (fmod(s, 2) == 0 ? left : -left);
}

/* ---- incomplete gamma ------------------------------------------------------------------------------------------ */

/* x^a e^-x / gamma(a) */
static double density(double a, double x)
{
    if (a < 20) return a * m_gamma_front_f64(a, x);
    double mu = (x - a) / a, gap = fabs(mu) < 0.3 ? log1p(mu) - mu : log(x / a) - mu; /* of large terms only their difference */
    double z = 1 / (a * a), stirling = (1.0 / 12 - z * (1.0 / 360 - z * (1.0 / 1260 - z / 1680))) / a;
    return exp(a * gap - stirling) * sqrt(a / (2 * 3.14159265358979323846));
}

/* The first terms of Temme's uniform expansion (DLMF 8.12): right where a is so large that the others need many steps */
static double gamma_uniform(double a, double x, int upper)
{
    double mu = (x - a) / a, l = fabs(mu) < 1e-3 ? mu * mu * (0.5 - mu * (1.0 / 3 - mu * (0.25 - mu / 5))) : mu - log1p(mu);
    double eta = copysign(sqrt(2 * l), mu), sign = upper ? 1 : -1;
    double c = fabs(eta) < 1e-3 ? -1.0 / 3 + eta * (1.0 / 12 - eta * 2 / 135) : 1 / mu - 1 / eta;
    return 0.5 * erfc(sign * eta * sqrt(a / 2)) + sign * exp(-a * l) / sqrt(2 * 3.14159265358979323846 * a) * c;
}

/* P by its power series (DLMF 8.11.4) where x < a + 1, else Q by its continued fraction (8.9.2, W. Lentz's way) */
static double gamma_part(double a, double x, int upper)
{
    if (a > 1e6) return gamma_uniform(a, x, upper);
    double front = density(a, x), part;
    if (x < a + 1) {
        double sum = 1 / a, term = sum;
        for (int k = 1; k < 20000 && term > sum * 0x1p-54; k++) sum += term *= x / (a + k);
        part = front * sum;
        return upper ? 1 - part : part;
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (int k = 1; k < 20000; k++) {
        double n = -k * (k - a);
        b += 2;
        d = 1 / (n * d + b);
        c = b + n / c;
        h *= d * c;
        if (fabs(d * c - 1) < 0x1p-52) break;
    }
    part = front * h;
    return upper ? part : 1 - part;
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
