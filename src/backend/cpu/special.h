/* Special functions of rare rows: plain scalar f64, compiled once, not branch-free (those of hot rows are in vmath.h). tests/backend/special_mpfr.c
 * holds them to the bounds said here. */
#ifndef TORSH_BACKEND_CPU_SPECIAL_H
#define TORSH_BACKEND_CPU_SPECIAL_H

/* f e^(x + low) without overflow on the way */
double torsh__times_exp(double f, double x, double low);
/* Modified Bessel functions of the first kind; 6 ULP. NaN at infinity, as PyTorch. */
double torsh__bessel_i0(double x);
double torsh__bessel_i1(double x);
/* The same times e^-|x|. */
double torsh__bessel_i0e(double x);
double torsh__bessel_i1e(double x);
/* Modified Bessel functions of the second kind, and the same times e^x; 12 ULP. Airy's Ai: 16 ULP, left of 0 of its
 * amplitude, to -2^40 (special_k.c). */
double torsh__bessel_k0(double x);
double torsh__bessel_k1(double x);
double torsh__bessel_k0e(double x);
double torsh__bessel_k1e(double x);
double torsh__airy_ai(double x);
/* J0, J1, Y0 and Y1: 6 ULP of the larger of the value and sqrt(2 / (pi |x|)); NaN at infinity. And their power series in -x^2 / 4 (NIST DLMF 10.2.2, 10.8.1), good for |x| <= 5: of J0, of J1 / (x/2), and of
 * what Y0 and Y1 have beside a logarithm. */
enum torsh__bessel { TORSH__BESSEL_J0, TORSH__BESSEL_J1, TORSH__BESSEL_Y0, TORSH__BESSEL_Y1 };
enum { TORSH__BESSEL_TERMS = 19 };
double torsh__bessel(enum torsh__bessel kind, double x);
extern const double torsh__bessel_series[4][TORSH__BESSEL_TERMS];
/* e^(x^2) erfc(x); 4 ULP */
double torsh__erfcx(double x);
/* The normal distribution, its logarithm, and the inverse of the distribution; 4 ULP. */
double torsh__ndtr(double x);
double torsh__log_ndtr(double x);
double torsh__ndtri(double p);
/* Orthogonal polynomials of degree n (cut to an integer; 0 below 0) by their recurrences; 4 ULP (Laguerre's 8) of
 * n max |p_k(x)| over k <= n. */
enum torsh__polynomial { TORSH__CHEBYSHEV_T, TORSH__CHEBYSHEV_U, TORSH__CHEBYSHEV_V, TORSH__CHEBYSHEV_W, TORSH__HERMITE_H, TORSH__HERMITE_HE, TORSH__LAGUERRE, TORSH__LEGENDRE };
#define TORSH__MOST_DEGREE 0x1p26
/* p_1 = first[0] x + first[1] and p_(k+1) = ((a x + b) p_k - c p_(k-1)) / below, each of these [0] + [1] k */
typedef struct torsh__recurrence {
    double first[2], a[2], b[2], c[2], below[2];
} torsh__recurrence;
extern const torsh__recurrence torsh__recurrences[];
double torsh__polynomial(enum torsh__polynomial kind, double x, double n);
/* Hurwitz's zeta function, sum of (q + k)^-s; outside s > 1 and at its poles as SciPy and PyTorch; 8 ULP. */
double torsh__zeta(double s, double q);
/* n! zeta(n + 1, x) for n >= 1: the polygamma function but for its sign, (-1)^(n+1); 10 ULP. At the poles trigamma is as PyTorch's, by the rounding of pi x; at infinity 0. */
double torsh__polygamma(double n, double x);
/* The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P; about 1e-10, from 1e-8 for a > 1e6. */
/* log gamma(a + 1) / a for 0 < a < 1 by powers of a (tools/minimax.py: lgamma1p_f64), and how many terms the series of Q needs for x < 1.1 */
enum { TORSH__LGAMMA_TERMS = 21, TORSH__GAMMA_TERMS = 20 };
extern const double torsh__lgamma_plus_1[TORSH__LGAMMA_TERMS];
double torsh__igamma(double a, double x);
double torsh__igammac(double a, double x);

#endif
