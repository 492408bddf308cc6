/* Modified Bessel functions of the second kind, and Airy's function, which is one of them right of 0. Plain scalar f64. */
#include "special.h"
#include "vmath.h"

#include <math.h>

static const double PI = 3.14159265358979323846, EULER = 0.57721566490153286061;

/* cosh(i h) - 1 for i = 0, 1, ... by its second difference, 2 (cosh h - 1) cosh(i h): everything is positive, so nothing cancels. */
typedef struct cosh_steps {
    double value, rise, first; /* rise: to the next one; first: 2 (cosh h - 1) */
} cosh_steps;

static cosh_steps cosh_start(double h)
{
    double s = sinh(h / 2);
    return (cosh_steps){0, 2 * s * s, 4 * s * s};
}

static void cosh_next(cosh_steps *c)
{
    c->value += c->rise;
    c->rise += c->first * (1 + c->value);
}

/* e^x K_order(x) for x >= 0.6: the integral of exp(-x (cosh t - 1)) cosh(order t) over t > 0 (NIST DLMF 10.32.9). For such a function
 * the sum over points h apart is right to e^-39 with these steps (Trefethen and Weideman 2014, theorem 5.1). */
static double scaled_k(double order, double x)
{
    double h = fmin(0.2, 0.6 / sqrt(x)), sum = 0.5;
    cosh_steps fall = cosh_start(h), factor = cosh_start(order * h);
    for (;;) {
        cosh_next(&fall);
        cosh_next(&factor);
        if (x * fall.value > 45) return h * sum;
        sum += exp(-x * fall.value) * (1 + factor.value);
    }
}

/* K_0 and K_1 for 0 < x < 1: their power series (DLMF 10.31.1, 10.31.2). */
static double series_k(int order, double x)
{
#define STEP(k) {{1.0 / ((k) * (k)), 1.0 / (k)}, {1.0 / ((k) * ((k) + 1.0)), 0.5 / (k) + 0.5 / ((k) + 1.0)}}
    static const double steps[][2][2] = {STEP(1.0), STEP(2.0), STEP(3.0), STEP(4.0), STEP(5.0), STEP(6.0), STEP(7.0), STEP(8.0), STEP(9.0), STEP(10.0)};
    double q = x * x / 4, term = 1, harmonic = (order ? 0.5 : 0) - EULER - (log(x) - 0.69314718055994530942), sum = 0; /* term: q^k / (k! (k + order)!) */
    for (int k = 0; k < 10; k++) {
        sum += term * harmonic;
        harmonic += steps[k][order][1];
        term *= q * steps[k][order][0];
    }
    return order ? 1 / x - x / 2 * sum : sum;
}

static double modified_k(int order, double x, int scaled)
{
    if (!(x > 0)) return x == 0 ? (double)INFINITY : NAN;
    if (x < 1) return series_k(order, x) * (scaled ? exp(x) : 1);
    if (isinf(x)) return 0;
    return scaled_k(order, x) * (scaled ? 1 : exp(-x));
}

double torsh__bessel_k0(double x)
{
    return modified_k(0, x, 0);
}

double torsh__bessel_k1(double x)
{
    return modified_k(1, x, 0);
}

double torsh__bessel_k0e(double x)
{
    return modified_k(0, x, 1);
}

double torsh__bessel_k1e(double x)
{
    return modified_k(1, x, 1);
}

/* ---- Airy ------------------------------------------------------------------------------------------------------- */

/* Ai and its derivative at -10, -9, ..., 1. */
static const double known[][2] = {
    {0.0402412384864431907, 0.996265044132790056}, {-0.0221337215473414037, -0.975663980926331595}, {-0.0527050503563862026, 0.935560938198306551},
    {0.184280835250505637, -0.771008168410126548}, {-0.329145173629823105, 0.345935487281342895}, {0.35076100902411432, 0.327192818554443137},
    {-0.0702655329492895151, -0.79062857536858138}, {-0.378814293677658074, 0.314583769216598814}, {0.227407428201685576, 0.618259020741691041},
    {0.535560883292352119, -0.0101605671166452094}, {0.355028053887817239, -0.258819403792806798}, {0.135292416312881416, -0.159147441296793213},
};

/* Taylor's series at the nearest of them: y'' = x y gives each coefficient from two before it. */
static double airy_near(double x)
{
    double center = rint(x), d = x - center, a = 0, b = known[(int)center + 10][0], c = known[(int)center + 10][1], power = d, sum = b + c * d;
    for (int n = 0; n < 24; n++) { /* a, b, c: coefficients n - 1, n, n + 1 */
        double next = (center * b + a) / ((n + 1.0) * (n + 2.0));
        power *= d;
        sum += next * power;
        a = b, b = c, c = next;
    }
    return sum;
}

/* 2/3 |x|^(3/2) */
static m_dd airy_zeta(double x)
{
    m_dd size = {fabs(x), 0}, two_thirds = {0x1.5555555555555p-1, 0x1.5555555555555p-55};
    return m_dd_mul(m_dd_mul(m_dd_sqrt(size), size), two_thirds);
}

/* Left of -10.5: DLMF 9.7.9 */
static double airy_waves(double x)
{
    m_dd phase = m_dd_add(airy_zeta(x), (m_dd){0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55});
    double part[2] = {0, 0}, u = 1, zeta = phase.hi - PI / 4;
    for (int k = 0; k < 20; k++) {
        part[k & 1] += k & 2 ? -u : u;
        u *= (6 * k + 1.0) * (6 * k + 5.0) / (72.0 * (k + 1) * zeta);
    }
    double s = sin(phase.hi) * cos(phase.lo) + cos(phase.hi) * sin(phase.lo), c = cos(phase.hi) * cos(phase.lo) - sin(phase.hi) * sin(phase.lo);
    return (s * part[0] - c * part[1]) / sqrt(PI * sqrt(-x));
}

/* |x| <= 1/2: Maclaurin's series, DLMF 9.4.1 */
static double airy_small(double x)
{
#define FACTORS(k) {1.0 / ((3 * (k) + 2.0) * (3 * (k) + 3.0)), 1.0 / ((3 * (k) + 3.0) * (3 * (k) + 4.0))}
    static const double factors[][2] = {FACTORS(0), FACTORS(1), FACTORS(2), FACTORS(3), FACTORS(4), FACTORS(5), FACTORS(6), FACTORS(7)};
    double z = x * x * x, f = 1, g = 1, first = 1, second = 1;
    for (int k = 0; k < 8; k++) {
        first *= z * factors[k][0];
        second *= z * factors[k][1];
        f += first;
        g += second;
    }
    return known[10][0] * f + known[10][1] * x * g;
}

double torsh__airy_ai(double x)
{
    if (x != x || isinf(x)) return NAN; /* as PyTorch */
    if (fabs(x) <= 0.5) return airy_small(x);
    if (x < -10.5) return airy_waves(x);
    if (x < 1.5) return airy_near(x);
    m_dd zeta = airy_zeta(x);
    return x > 110 ? 0 : torsh__times_exp(sqrt(x / 3) / PI * scaled_k(1.0 / 3, zeta.hi), -zeta.hi, -zeta.lo); /* DLMF 9.6.2 */
}
