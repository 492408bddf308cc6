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
