#!/usr/bin/env python3
"""Minimax polynomials for src/backend/cpu/vmath_*.h.

Fits each polynomial of the table below with the Remez exchange (E. Remez, 1934) on a dense Chebyshev grid, in 60-digit
arithmetic (mpmath), rounds the coefficients to the type they are stored in, lowest order first, refitting the rest after
each of the first few (N. Brisebarre, J.-M. Muller, A. Tisserand, "Computing machine-efficient polynomial
approximations", ACM TOMS 32, 2006, in its simplest form), and prints them with the weighted error they reach.

    tools/minimax.py [name ...]      all polynomials, or the named ones
"""
import sys
from mpmath import (mp, mpf, matrix, lu_solve, cos, sin, tan, exp, expm1, log, log1p, sqrt, pi, erf, erfc, atan, asin, atanh, asinh,
                    tanh, sinh, cosh, lambertw, loggamma, psi, erfinv, cbrt, taylor, besseli, airyai, airybi, atan2)

mp.dps = 60


def to_type(c, bits):
    """c rounded to a float with that many significant bits."""
    if c == 0:
        return mpf(0)
    man, ex = mp.frexp(c)
    return mp.ldexp(mp.nint(mp.ldexp(man, bits)), ex - bits)


def remez(fs, ws, xs, first, last):
    """Coefficients of x^first..x^last that minimise max |ws * (fs - p)| over the grid xs."""
    n = last - first + 1
    pts = len(xs)
    idx = [round((pts - 1) * (1 - float(cos(pi * i / n))) / 2) for i in range(n + 1)] if n else []
    idx = sorted(set(idx))
    k = 0
    while len(idx) < n + 1:                       # only for tiny grids
        if k not in idx:
            idx.append(k)
        k += 1
    idx.sort()
    best = None
    for _ in range(40):
        a = matrix(n + 1, n + 1)
        b = matrix(n + 1, 1)
        for r, i in enumerate(idx):
            p = xs[i] ** first
            for c in range(n):
                a[r, c] = p
                p *= xs[i]
            a[r, n] = (-1) ** r / ws[i]
            b[r] = fs[i]
        sol = lu_solve(a, b)
        coef = [sol[c] for c in range(n)]
        err = []
        for x, f, w in zip(xs, fs, ws):
            p = mpf(0)
            for c in reversed(coef):
                p = p * x + c
            err.append(w * (f - p * x ** first))
        worst = max(abs(e) for e in err)
        if best is None or worst < best[0]:
            best = (worst, coef)
        if worst <= abs(sol[n]) * mpf('1.002'):
            break
        runs, cur = [], 0                         # one extremum from each run of equal sign
        for i in range(1, pts):
            if (err[i] >= 0) != (err[cur] >= 0):
                runs.append(cur)
                cur = i
            elif abs(err[i]) > abs(err[cur]):
                cur = i
        runs.append(cur)
        if len(runs) < n + 1:
            break
        while len(runs) > n + 1:
            if len(runs) == n + 2:
                runs.pop(0 if abs(err[runs[0]]) < abs(err[runs[-1]]) else -1)
            else:
                j = min(range(len(runs) - 1), key=lambda q: max(abs(err[runs[q]]), abs(err[runs[q + 1]])))
                del runs[j:j + 2]
        idx = runs
    return best


def fit(f, lo, hi, degree, bits, weight, fixed=(), careful=3, pts=None):
    pts = pts or max(400, 40 * (degree + 1))
    lo, hi = mpf(lo), mpf(hi)
    xs = [(lo + hi) / 2 + (hi - lo) / 2 * -cos(pi * (2 * i + 1) / (2 * pts)) for i in range(pts)]
    fs = [mpf(f(x)) for x in xs]
    ws = [abs(mpf(weight(x))) for x in xs]
    out = [mpf(c) for c in fixed]
    done = len(out)

    def left():
        return [v - sum(c * x ** k for k, c in enumerate(out)) for v, x in zip(fs, xs)]
    coef = []
    while done <= degree:
        if done < len(fixed) + careful or not coef:
            _, coef = remez(left(), ws, xs, done, degree)
        out.append(to_type(coef.pop(0), bits))
        done += 1
    return max(w * abs(r) for w, r in zip(ws, left())), out


S2 = sqrt(mpf(2))
LN2 = log(mpf(2))
F32, F64 = 24, 53


def rel(f):
    return lambda x: 1 / f(x)


def frac_exp(x, k):
    """(exp(x) - sum of its first k Taylor terms) / x^k"""
    return sum(x ** j / mp.factorial(j + k) for j in range(40))


def frac_log(r, k):
    """(log(1+r) - its first k-1 Taylor terms) / r^k"""
    if abs(r) < mpf('1e-8'):
        return sum((-1) ** (j + k - 1) * r ** j / (j + k) for j in range(8))
    return (log(1 + r) - sum((-1) ** (j - 1) * r ** j / j for j in range(1, k))) / r ** k


def odd(f, series):
    """z -> (f(sqrt z)/sqrt z - 1) / z, for an odd f with f'(0) = 1; series: Taylor terms of f beyond the first"""
    def g(z):
        if z < mpf('1e-6'):
            return sum(c * z ** k for k, c in enumerate(series))
        x = sqrt(z)
        return (f(x) / x - 1) / z
    return g


def odd_weight(f):
    return lambda z: z / (f(sqrt(z)) / sqrt(z)) if z else mpf(0)


def tay(f, n=8):
    t = taylor(f, 0, 2 * n + 3)
    return [t[2 * k + 3] for k in range(n)]


def cosq(z):
    """(cos(sqrt z) - 1 + z/2) / z^2"""
    return sum((-1) ** k * z ** k / mp.factorial(2 * k + 4) for k in range(30))


def log_s(z):
    """((log((1+s)/(1-s)) / s - 2) / z - 2/3) / z"""
    return sum(2 * z ** k / (2 * k + 5) for k in range(60))


def erfcx_t(t):
    a = 3 * (1 + t) / (1 - t)
    return exp(a * a) * erfc(a) * (1 + 2 * a) - mpf(0x140c522d7e4987) / 2 ** 52


def infinite(c, f):
    """t -> f(a) (a + c) for the a >= 0 with t = (a - c)/(a + c); 1 is infinity"""
    return lambda t: f(c * (1 + t) / (1 - t)) * 2 * c / (1 - t)


def erfcx(a):
    if a < 30:
        return exp(a * a) * erfc(a)
    return sum((-1) ** n * mp.fac2(2 * n - 1) / (2 * a * a) ** n for n in range(20)) / (a * sqrt(pi))


def airy_right(t):
    s = mpf('1.25') * (1 + t) / (1 - t)
    return airyai(s * s) * exp(2 * s ** 3 / 3)


def airy_left(u):
    """for u = 1/zeta^2 the N and p of m_airy_ai_f32"""
    zeta = 1 / sqrt(u)
    x = (zeta * 3 / 2) ** (mpf(2) / 3)
    a, b = airyai(-x), airybi(-x)
    d = atan2(a, b) - zeta - pi / 4
    return (a * a + b * b) * pi * sqrt(x), (d - 2 * pi * mp.nint(d / (2 * pi))) * zeta


def scaled_i(n, u):
    return besseli(n, 1 / u) * exp(-1 / u) / sqrt(u)


h = LN2 / 2 * mpf('1.01')
q = pi / 4 * mpf('1.005')
ra, rb = 1 / S2 - 1 - mpf('0.0002'), S2 - 1 + mpf('0.0002')
TABLE = {
    # name: (function, low, high, degree, bits, weight[, fixed coefficients])
    'exp_f32': (lambda r: frac_exp(r, 2), -h, h, 4, F32, lambda r: r * r / exp(r)),
    'exp2_f32': (lambda f: (mpf(2) ** f - 1) / f if f else LN2, -.505, .505, 5, F32, lambda f: f / mpf(2) ** f),
    'expm1_f32': (lambda r: frac_exp(r, 2), -h, h, 4, F32, lambda r: r * r / expm1(r) if r else r),
    'log_f32': (lambda r: frac_log(r, 3), ra, rb, 7, F32, lambda r: r ** 3 / log1p(r) if r else r),
    'log2_f32': (lambda r: (frac_log(r, 2)) / LN2, ra, rb, 8, F32, lambda r: r ** 2 / (log1p(r) / LN2) if r else r),
    'log10_f32': (lambda r: (frac_log(r, 2)) / log(mpf(10)), ra, rb, 8, F32, lambda r: r ** 2 / (log1p(r) / log(mpf(10))) if r else r),
    'sin_f32': (odd(sin, tay(sin)), 0, q * q, 2, F32, odd_weight(sin)),
    'cos_f32': (cosq, 0, q * q, 2, F32, lambda z: z * z / cos(sqrt(z))),
    'tan_f32': (odd(tan, tay(tan)), 0, q * q, 6, F32, odd_weight(tan)),
    'atan_f32': (odd(atan, tay(atan)), 0, mpf('1.0001'), 8, F32, odd_weight(atan)),
    'atanh_f32': (odd(atanh, tay(atanh)), 0, mpf('.2501'), 5, F32, odd_weight(atanh)),
    'tanh_f32': (odd(tanh, tay(tanh)), 0, mpf('.65') ** 2, 5, F32, odd_weight(tanh)),
    'erf_f32': (lambda z: (erf(sqrt(z)) / sqrt(z) if z else 2 / sqrt(pi)) - 1, 0, 1, 6, F32, lambda z: sqrt(z) / erf(sqrt(z)) if z else mpf(1)),
    # 1 - erf(x) = 2^p(x): the error of p counts in proportion to what is taken from 1
    'erfl_f32': (lambda x: log(erfc(x)) / LN2, .99, 6, 7, F32, lambda x: (erfc(x) / erf(x) + mpf(2) ** -19) * LN2),
    # pow: log2((1+s)/(1-s)) = (2/ln2) s + s z p(z), z = s^2
    'powlog_f32': (lambda z: 2 / LN2 * sum(z ** k / (2 * k + 3) for k in range(60)), 0, mpf('.0296'), 3, F32, lambda z: z * LN2 / 2),
    # gelu: x Phi(x) with Phi(-a) = 2^p(a)
    'gelu_f32': (lambda x: log(erfc(x / S2)) / LN2 - 1, 0, 5.8, 9, F32, lambda x: (erfc(x / S2) + mpf(2) ** -14) * LN2),
    'exp_f64': (lambda r: frac_exp(r, 2), -h, h, 9, F64, lambda r: r * r / exp(r)),
    # log((1+s)/(1-s)) = 2s + s z (2/3 + z p(z)), z = s^2
    'log_f64': (log_s, 0, mpf('.0296'), 6, F64, lambda z: z * z / 2),
    'sin_f64': (odd(sin, tay(sin)), 0, q * q, 5, F64, odd_weight(sin)),
    'cos_f64': (cosq, 0, q * q, 5, F64, lambda z: z * z / cos(sqrt(z))),
    'asin_f64': (odd(asin, tay(asin)), 0, mpf('.2501'), 12, F64, odd_weight(asin)),
    'atan_f64': (odd(atan, tay(atan)), 0, mpf('.1717'), 10, F64, odd_weight(atan)),
    'sinh_f64': (odd(sinh, tay(sinh, 12)), 0, 1, 7, F64, odd_weight(sinh)),
    'tanh_f64': (odd(tanh, tay(tanh)), 0, mpf('.3026'), 10, F64, odd_weight(tanh)),
    'erf_f64': (lambda z: (erf(sqrt(z)) / sqrt(z) if z else 2 / sqrt(pi)) - 1, 0, mpf('.7226'), 11, F64, lambda z: sqrt(z) / erf(sqrt(z)) if z else mpf(1)),
    # exp(a^2) erfc(a) (1 + 2a) less 0x1.40c522d7e4987p0, over t = (a - 3)/(a + 3): M. Shepherd, J. Laframboise, Math. Comp. 36, 1981
    'erfc_f64': (erfcx_t, (mpf('.49') - 3) / mpf('3.49'), (mpf('27.4') - 3) / mpf('30.4'), 22, F64, lambda t: 1),
    # I_0 and I_1 / x over x^2 up to 8^2, then I_n e^-x sqrt(x) over 1/x
    'i0_f64': (lambda z: besseli(0, sqrt(z)), 0, 64, 17, F64, rel(lambda z: besseli(0, sqrt(z)))),
    'i1_f64': (lambda z: besseli(1, sqrt(z)) / sqrt(z), 0, 64, 16, F64, rel(lambda z: besseli(1, sqrt(z)) / sqrt(z))),
    'i0far_f64': (lambda u: scaled_i(0, u), 0, mpf('.125'), 20, F64, rel(lambda u: scaled_i(0, u))),
    'i1far_f64': (lambda u: scaled_i(1, u), 0, mpf('.125'), 20, F64, rel(lambda u: scaled_i(1, u))),
    # for f32, in lanes of f64
    'erfcx_wide': (infinite(3, erfcx), -1, mpf('.999999'), 12, F64, rel(infinite(3, erfcx))),
    'trigamma_wide': (infinite(mpf('1.25'), lambda v: psi(1, v + 1)), mpf('-.75') / mpf('1.75'), mpf('.999999'), 8, F64, rel(infinite(mpf('1.25'), lambda v: psi(1, v + 1)))),
    'airy_right': (airy_right, -1, mpf('4.15') / mpf('6.65'), 16, F64, rel(airy_right)),
    'airy_near': (airyai, mpf('-3.5'), 0, 15, F64, lambda x: 1 / (airyai(x) if x > -1 else max(abs(airyai(x)), 1 / sqrt(pi * sqrt(-x))))),
    'airy_size': (lambda u: airy_left(u)[0], mpf('1e-8'), mpf('.052479'), 5, F64, lambda u: 1),
    'airy_phase': (lambda u: airy_left(u)[1], mpf('1e-8'), mpf('.052479'), 5, F64, sqrt),
    # log gamma(1 + a) / a
    'lgamma1p_f64': (lambda a: loggamma(1 + a) / a, 0, 1, 20, F64, lambda a: 1),
    'cbrt_f64': (lambda m: 1 / cbrt(m), 1, 2, 4, F64, lambda m: cbrt(m)),
}


def show(name):
    f, lo, hi, degree, bits, weight, *rest = TABLE[name]
    err, coef = fit(f, lo, hi, degree, bits, weight, rest[0] if rest else ())
    print('%s: error 2^%.2f' % (name, float(log(err) / LN2)))
    print('    ' + ', '.join(hexa(c, bits) for c in coef), flush=True)


def hexa(c, bits):
    return float(c).hex().replace('0000000p', 'p') + 'f' if bits == F32 else float(c).hex()


if __name__ == '__main__':
    for name in sys.argv[1:] or TABLE:
        show(name)
