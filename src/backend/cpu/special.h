/* Special functions of rare rows: plain scalar f64, compiled once, not branch-free (those of hot rows are in vmath.h). */
#ifndef TORSH_BACKEND_CPU_SPECIAL_H
#define TORSH_BACKEND_CPU_SPECIAL_H

/* Modified Bessel functions of the first kind; a few ULP. NaN at infinity, as PyTorch. */
double torsh__bessel_i0(double x);
double torsh__bessel_i1(double x);
/* Hurwitz's zeta function, sum of (q + k)^-s; outside s > 1 and at its poles as SciPy and PyTorch. */
double torsh__zeta(double s, double q);
/* The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P; about 1e-10, from 1e-8 for a > 1e6. */
double torsh__igamma(double a, double x);
double torsh__igammac(double a, double x);

#endif
