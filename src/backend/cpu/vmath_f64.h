/* The elementary f64 functions of vmath.h: exp, log, powers, roots, trigonometry and the hyperbolic family. At most 1 ULP. */
#ifndef TORSH_BACKEND_CPU_VMATH_F64_H
#define TORSH_BACKEND_CPU_VMATH_F64_H

#include "vmath_dd.h"

#define M_ROUND_F64 0x1.8p52 /* see M_ROUND_F32; also the way between doubles and 64-bit integers, which AVX2 cannot convert */
#define M_LN2_HI_F64 0x1.62e42fefa38p-1 /* 42 bits: exact times any exponent */
#define M_LN2_LO_F64 0x1.ef35793c7673p-45

/* 2^n for n in [-1022, 1023], in two's complement */
M_INLINE double m_pow2i_f64(uint64_t n)
{
    return m_from_bits_f64((n + 1023) << 52);
}

/* y * 2^n for n in [-2044, 2046]; rounded once more only where the result is subnormal */
M_INLINE double m_scale_f64(double y, uint64_t n)
{
    uint64_t half = ((n + 4096) >> 1) - 2048;
    return y * m_pow2i_f64(half) * m_pow2i_f64(n - half);
}

/* --- exp ------------------------------------------------------------------------------------------------------------------- */

/* e^(x + low) = 2^n (hi + lo), hi in [0.7, 1.42], to 2^-58, for |x| <= 800 */
M_INLINE m_dd m_exp_parts_f64(double x, double low, uint64_t *n)
{
    double k = m_fma_f64(x, 0x1.71547652b82fep0, M_ROUND_F64);
    *n = m_bits_f64(k) - m_bits_f64(M_ROUND_F64);
    k -= M_ROUND_F64;
    double whole = x - k * M_LN2_HI_F64, cut = k * M_LN2_LO_F64; /* both exact, or as good as */
    double r = whole - cut, rest = ((whole - r) - cut) + low;
    double p = m_p4_f64(r, 0x1.000000000000bp-1, 0x1.55555555554fap-3, 0x1.555555554ffabp-5, 0x1.1111111126948p-7,
                        m_p3_f64(r, 0x1.6c16c1862f616p-10, 0x1.a01a013691a1ap-13, 0x1.a019945d59e55p-16,
                                 m_p2_f64(r, 0x1.71defd0c99007p-19, 0x1.28b2dc208e07ep-22, 0x1.add3313430c43p-26)));
    double s = 1 + r, lost = (1 - s) + r, q = r * r * p;
    return m_dd_fast_sum(s, m_fma_f64(rest, s + q, lost) + q);
}

M_INLINE double m_exp_f64(double x)
{
    uint64_t n;
    m_dd e = m_exp_parts_f64(m_within_f64(x, -746, 710), 0, &n);
    return m_scale_f64(e.hi, n);
}

M_INLINE double m_exp2_f64(double x)
{
    double c = m_within_f64(x, -1076, 1025), k = c + M_ROUND_F64;
    uint64_t n = m_bits_f64(k) - m_bits_f64(M_ROUND_F64), none;
    double f = c - (k - M_ROUND_F64);
    m_dd t = m_dd_product(f * 0.5, 0x1.62e42fefa39efp-1); /* halved, so that it stays below ln2 / 2 and takes no k of its own */
    m_dd e = m_exp_parts_f64(2 * t.hi, 2 * m_fma_f64(f * 0.5, 0x1.abc9e3b39803fp-56, t.lo), &none);
    return m_scale_f64(e.hi, n + none);
}

M_INLINE double m_expm1_f64(double x)
{
    uint64_t n;
    m_dd e = m_exp_parts_f64(m_within_f64(x, -40, 710), 0, &n);
    double s = m_pow2i_f64(n - 1); /* half of 2^n, which may overflow */
    m_dd d = m_dd_sum(s * e.hi, -0.5);
    double y = 2 * (d.hi + (d.lo + s * e.lo));
    /* near 0 the sum above would show the error of e: x + x^2 (1/2 + x p), the Taylor series */
    double p = m_p4_f64(x, 0x1.5555555555555p-3, 0x1.5555555555555p-5, 0x1.1111111111111p-7, 0x1.6c16c16c16c17p-10,
                        m_p4_f64(x, 0x1.a01a01a01a01ap-13, 0x1.a01a01a01a01ap-16, 0x1.71de3a556c734p-19, 0x1.27e4fb7789f5cp-22,
                                 m_p4_f64(x, 0x1.ae64567f544e4p-26, 0x1.1eed8eff8d898p-29, 0x1.6124613a86d09p-33, 0x1.93974a8c07c9dp-37,
                                          0x1.ae7f3e733b81fp-41)));
    m_dd h = m_dd_product(x, x);
    m_dd t = m_dd_fast_sum(x, 0.5 * h.hi);
    double near = t.hi + (t.lo + m_fma_f64(h.hi * x, p, 0.5 * h.lo));
    y = m_abs_f64(x) < 0.41 ? near : y;
    return m_copysign_f64(y, x);
}

/* --- log ------------------------------------------------------------------------------------------------------------------- */

/* x = 2^e m, m in [1/sqrt 2, sqrt 2], for x > 0; subnormals too */
M_INLINE double m_log_reduce_f64(double x, double *e)
{
    double up = x < DBL_MIN ? x * 0x1p54 : x;
    uint64_t u = m_bits_f64(up) - UINT64_C(0x3fe6a09e667f3bcd);
    uint64_t biased = (u + (UINT64_C(1024) << 52)) >> 52;
    double n = m_from_bits_f64(biased | UINT64_C(0x4330000000000000)) - (0x1p52 + 1024);
    *e = x < DBL_MIN ? n - 54 : n;
    return m_from_bits_f64((u & UINT64_C(0xfffffffffffff)) + UINT64_C(0x3fe6a09e667f3bcd));
}

M_INLINE double m_log_edge_f64(double x, double y)
{
    double v = x > DBL_MAX ? x : y;
    v = x > 0 ? v : (double)NAN;
    v = x == 0 ? -(double)INFINITY : v;
    return x != x ? x : v;
}

/* ((log((1 + s)/(1 - s))/s - 2)/z - 2/3)/z, z = s^2 */
M_INLINE double m_log_poly_f64(double z)
{
    return m_p4_f64(z, 0x1.9999999999b40p-2, 0x1.2492492455dd2p-2, 0x1.c71c7230475a8p-3, 0x1.745ce8dd1b332p-3,
                    m_p2_f64(z, 0x1.3b1f1cf00874fp-3, 0x1.0f7b528fdcd54p-3, 0x1.0e6e7ed3d2bb7p-3));
}

/* log((x + low) 2^more), low below an ulp of x. With f = m - 1 and s = f/(2 + f): log m = f - f^2/2 + s (f^2/2 + z (2/3 + z p)), so that f, exact,
 * carries most of it (K. C. Ng, as in fdlibm's e_log.c and s_log1p.c). */
M_INLINE double m_log_near_f64(double x, double low, double more)
{
    double e, f = m_log_reduce_f64(x, &e) - 1;
    double s = f / (2 + f), z = s * s, half = 0.5 * f * f;
    double tail = z * m_fma_f64(z, m_log_poly_f64(z), 0x1.5555555555555p-1);
    e += more;
    double end = m_fma_f64(s, half + tail, m_fma_f64(e, M_LN2_LO_F64, low / x));
    m_dd top = m_dd_fast_sum(e * M_LN2_HI_F64, f);
    return top.hi + (top.lo - (half - end));
}

M_INLINE double m_log_f64(double x)
{
    return m_log_edge_f64(x, m_log_near_f64(x, 0, 0));
}

M_INLINE double m_log1p_f64(double x)
{
    m_dd w = m_dd_sum(1, x);
    double y = m_log_near_f64(w.hi, w.lo, 0);
    y = x > DBL_MAX ? x : y;
    y = x > -1 ? y : (double)NAN;
    y = x == -1 ? -(double)INFINITY : y;
    y = m_abs_f64(x) < 0x1p-54 ? x : y;
    return x != x ? x : y;
}

/* s = f / (2 + f) */
M_INLINE m_dd m_log_quotient_f64(m_dd f)
{
    m_dd below = m_dd_fast_sum(2, f.hi);
    below.lo += f.lo;
    return m_dd_div(f, below);
}

/* log((1 + s) / (1 - s)) to 2^-65 of itself for |s| <= 0.174 */
M_INLINE m_dd m_log_series_f64(m_dd s)
{
    m_dd z = m_dd_product(s.hi, s.hi);
    z.lo = m_fma_f64(2 * s.hi, s.lo, z.lo);
    m_dd c = m_dd_fast_sum(0x1.5555555555555p-1, m_fma_f64(z.hi, m_log_poly_f64(z.hi), 0x1.5555555555555p-55));
    m_dd t = m_dd_mul(m_dd_mul(z, c), s);
    m_dd v = m_dd_fast_sum(2 * s.hi, t.hi);
    return m_dd_fast_sum(v.hi, v.lo + (2 * s.lo + t.lo));
}

/* log(w) for w.hi > 0 normal: the part of m in [0.7, 1.42] and the exponent */
M_INLINE m_dd m_log_of_dd_f64(m_dd w, double *e)
{
    double m = m_log_reduce_f64(w.hi, e);
    double n = *e < -1020 ? -1020 : *e;
    n = n > 1020 ? 1020 : n;
    double scale = m_pow2i_f64(m_bits_f64(M_ROUND_F64) - m_bits_f64(n + M_ROUND_F64));
    return m_log_series_f64(m_log_quotient_f64(m_dd_fast_sum(m - 1, w.lo * scale)));
}

/* l + e ln 2 */
M_INLINE m_dd m_log_join_f64(m_dd l, double e)
{
    m_dd s = m_dd_fast_sum(e * M_LN2_HI_F64, l.hi);
    return m_dd_fast_sum(s.hi, s.lo + (l.lo + e * M_LN2_LO_F64));
}

M_INLINE m_dd m_log_whole_f64(m_dd w)
{
    double e;
    m_dd l = m_log_of_dd_f64(w, &e);
    return m_log_join_f64(l, e);
}

M_INLINE double m_log2_f64(double x)
{
    double e;
    m_dd l = m_log_of_dd_f64((m_dd){x, 0}, &e);
    l = m_dd_mul(l, (m_dd){0x1.71547652b82fep0, 0x1.777d0ffda0d24p-56});
    m_dd s = m_dd_fast_sum(e, l.hi);
    return m_log_edge_f64(x, s.hi + (s.lo + l.lo));
}

M_INLINE double m_log10_f64(double x)
{
    double e;
    m_dd l = m_log_of_dd_f64((m_dd){x, 0}, &e);
    l = m_dd_mul(l, (m_dd){0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57});
    m_dd s = m_dd_fast_sum(e * 0x1.34413509f78p-2, l.hi);
    return m_log_edge_f64(x, s.hi + (s.lo + m_fma_f64(e, 0x1.fef311f12b358p-46, l.lo)));
}

/* --- powers and roots ------------------------------------------------------------------------------------------------------ */

/* pow in parts, as in f32, but by e^(y log x) */
M_INLINE double m_pow_base_f64(double x, double *low, double *e)
{
    m_dd s = m_log_quotient_f64((m_dd){m_log_reduce_f64(x, e) - 1, 0});
    *low = s.lo;
    return s.hi;
}

/* y log x as high + low, to 2^-64 of itself */
M_INLINE double m_pow_log_f64(double s, double left, double e, double y, double *low)
{
    m_dd l = m_log_join_f64(m_log_series_f64((m_dd){s, left}), e), t = m_dd_product(l.hi, y);
    *low = m_fma_f64(l.lo, y, t.lo);
    return t.hi;
}

M_INLINE int m_pow_far_f64(double x, double t)
{
    return !((x >= DBL_MIN) & (x <= DBL_MAX) & (m_abs_f64(t) <= 708));
}

M_INLINE double m_pow_end_f64(double t, double low)
{
    uint64_t n;
    double v = m_exp_parts_f64(t, low, &n).hi;
    return m_from_bits_f64(m_bits_f64(v) + (n << 52));
}

M_INLINE double m_pow_f64(double x, double y)
{
    double a = m_abs_f64(x), e, low;
    double c = m_within_f64(y, -0x1p70, 0x1p70), far = a == 0 ? -(double)INFINITY : a;
    double s = m_pow_base_f64(a, &low, &e), t = m_pow_log_f64(s, low, e, c, &low);
    double top = m_within_f64(((a > 0) & (a <= DBL_MAX)) ? t : far * c, -800, 800);
    uint64_t n;
    m_dd v = m_exp_parts_f64(top, m_abs_f64(top) < 800 ? low : 0, &n);
    double r = m_scale_f64(v.hi, n);
    double half = y * 0.5;
    int whole = m_floor_f64(y) == y;
    int odd = whole & (m_floor_f64(half) != half);
    r = m_mulsign_f64(r, odd ? x : 1.0);
    r = ((x < 0) & (x >= -DBL_MAX) & !whole & (y == y)) ? (double)NAN : r;
    return ((y == 0) | (x == 1)) ? 1 : r;
}

M_INLINE double m_rsqrt_f64(double x)
{
    int tiny = x < 0x1p-900; /* the low part of a square would underflow */
    double up = tiny ? x * 0x1p200 : x;
    m_dd s = m_dd_sqrt((m_dd){up, 0});
    double q = 1 / s.hi;
    m_dd p = m_dd_product(q, s.hi);
    double v = q + q * (((1 - p.hi) - p.lo) - q * s.lo);
    v = tiny ? v * 0x1p100 : v;
    v = x > DBL_MAX ? 0 : v;
    return x > 0 ? v : 1 / __builtin_sqrt(x);
}

/* x = 2^(3k + j) m: a polynomial for m^(-1/3), two steps of Newton's without division, and a last one in double-double */
M_INLINE double m_cbrt_f64(double x)
{
    double a = m_abs_f64(x), up = a < DBL_MIN ? a * 0x1p54 : a;
    uint64_t u = m_bits_f64(up);
    double e = m_from_bits_f64((u >> 52) | UINT64_C(0x4330000000000000)) - (0x1p52 + 1023);
    double m = m_from_bits_f64((u & UINT64_C(0xfffffffffffff)) | UINT64_C(0x3ff0000000000000));
    double third = m_fma_f64(e - 1, 0x1.5555555555555p-2, M_ROUND_F64); /* e = 3 k + j, j = 0, 1, 2 */
    uint64_t k = m_bits_f64(third) - m_bits_f64(M_ROUND_F64);
    double j = e - 3 * (third - M_ROUND_F64);
    double r = m_p4_f64(m, 0x1.ab857b403937dp+0, -0x1.2c41a60c74ee5p+0, 0x1.6415d2077e7e7p-1, -0x1.c5177b6d7401fp-3, 0x1.d46e4fa2148dcp-6);
    r = m_fma_f64(r * 0x1.5555555555555p-2, 1 - m * r * r * r, r);
    r = m_fma_f64(r * 0x1.5555555555555p-2, 1 - m * r * r * r, r);
    double w = j == 1 ? 2 * m : m, q = j == 1 ? r * 0x1.965fea53d6e3dp-1 : r; /* back to 2^j m and its -1/3 */
    w = j == 2 ? 4 * m : w;
    q = j == 2 ? r * 0x1.428a2f98d728bp-1 : q;
    double y = w * q * q;
    m_dd s = m_dd_product(y, y), c = m_dd_product(s.hi, y);
    double rest = (w - c.hi) - m_fma_f64(s.lo, y, c.lo);
    double v = (y + rest * 0x1.5555555555555p-2 * q * q) * m_pow2i_f64(k);
    v = a < DBL_MIN ? v * 0x1p-18 : v;
    return m_copysign_f64(((a > 0) & (a <= DBL_MAX)) ? v : a, x);
}

M_INLINE double m_hypot_f64(double x, double y)
{
    double a = m_abs_f64(x), b = m_abs_f64(y), most = a > b ? a : b, least = a > b ? b : a;
    double scale = most > 0x1p500 ? 0x1p-600 : 1;
    scale = most < 0x1p-400 ? 0x1p600 : scale;
    double back = most > 0x1p500 ? 0x1p600 : 1;
    back = most < 0x1p-400 ? 0x1p-600 : back;
    double p = most * scale, q = least * scale;
    m_dd pp = m_dd_product(p, p), qq = m_dd_product(q, q), s = m_dd_fast_sum(pp.hi, qq.hi);
    m_dd r = m_dd_sqrt((m_dd){s.hi, s.lo + (pp.lo + qq.lo)});
    double v = r.hi * back;
    v = ((x != x) | (y != y)) ? x + y : v;
    return (m_isinf_f64(x) | m_isinf_f64(y)) ? (double)INFINITY : v;
}

/* --- hyperbolic ------------------------------------------------------------------------------------------------------------ */

/* (e^a -+ e^-a) / 2 for a >= 0 */
M_INLINE double m_exp_pair_f64(double a, double sign)
{
    uint64_t n;
    m_dd e = m_exp_parts_f64(a > 712 ? 712 : a, 0, &n);
    uint64_t down = n > 500 ? 500 : n;
    double q = 1 / e.hi;
    m_dd p = m_dd_product(q, e.hi);
    double low = q * (((1 - p.hi) - p.lo) - q * e.lo), s = sign * m_pow2i_f64(0 - 2 * down);
    m_dd v = m_dd_fast_sum(e.hi, q * s);
    return m_scale_f64(0.5 * (v.hi + (v.lo + (e.lo + low * s))), n);
}

M_INLINE double m_cosh_f64(double x)
{
    double a = m_abs_f64(x);
    return a > DBL_MAX ? a : m_exp_pair_f64(a, 1);
}

M_INLINE double m_sinh_f64(double x)
{
    double a = m_abs_f64(x), z = x * x;
    double p = m_p4_f64(z, 0x1.5555555555555p-3, 0x1.111111111119bp-7, 0x1.a01a01a00735bp-13, 0x1.71de3a68d046fp-19,
                        m_p3_f64(z, 0x1.ae644122658f2p-26, 0x1.61314d8686e62p-33, 0x1.a665242fcd175p-41, 0x1.d2a4f7e0d80a2p-48));
    double near = m_fma_f64(a * z, p, a), out = a > DBL_MAX ? a : m_exp_pair_f64(a, -1);
    return m_copysign_f64(a < 1 ? near : out, x);
}

M_INLINE double m_tanh_f64(double x)
{
    double a = m_abs_f64(x), z = x * x;
    double p = m_p4_f64(z, -0x1.555555555554fp-2, 0x1.1111111110790p-3, -0x1.ba1ba1b97cb98p-5, 0x1.664f485944a0ep-6,
                        m_p4_f64(z, -0x1.226e2f0f3f1b3p-7, 0x1.d6d29ad3ac2bep-9, -0x1.7d8fca939d8d7p-10, 0x1.3483688a3777cp-11,
                                 m_p2_f64(z, -0x1.e96d2403e468bp-13, 0x1.5d6d2283d3fa0p-14, -0x1.46ffceb833149p-16)));
    double near = m_fma_f64(a * z, p, a);
    uint64_t n;
    m_dd e = m_exp_parts_f64(2 * (a > 22 ? 22 : a), 0, &n);
    double s = m_pow2i_f64(n);
    m_dd d = m_dd_sum(e.hi * s, 1);
    d.lo += e.lo * s;
    m_dd q = m_dd_div((m_dd){-2, 0}, d), t = m_dd_fast_sum(1, q.hi);
    return m_copysign_f64(a < 0.55 ? near : t.hi + (t.lo + q.lo), x);
}

M_INLINE double m_asinh_f64(double x)
{
    double a = m_abs_f64(x);
    int big = a > 0x1p30;
    double c = big ? 1 : a;
    m_dd w = m_dd_product(c, c), one = m_dd_sum(1, w.hi);
    one.lo += w.lo;
    m_dd s = m_dd_sqrt(one), t = m_dd_sum(s.hi, c);
    t.lo += s.lo;
    t.hi = big ? a : t.hi;
    t.lo = big ? 0 : t.lo;
    double y = m_log_near_f64(t.hi, t.lo, big ? 1 : 0);
    y = a < 0x1p-28 ? a : y;
    return m_copysign_f64(a <= DBL_MAX ? y : a, x);
}

M_INLINE double m_acosh_f64(double x)
{
    int big = x > 0x1p30;
    double c = big ? 2 : x;
    m_dd w = m_dd_product(c, c), u = m_dd_sum(w.hi, -1);
    m_dd s = m_dd_sqrt(m_dd_fast_sum(u.hi, u.lo + w.lo)), t = m_dd_sum(c, s.hi);
    t.lo += s.lo;
    t.hi = big ? x : t.hi;
    t.lo = big ? 0 : t.lo;
    double y = m_log_near_f64(t.hi, t.lo, big ? 1 : 0);
    y = x > DBL_MAX ? x : y;
    y = x == 1 ? 0 : y;
    return x < 1 ? (double)NAN : x != x ? x : y;
}

M_INLINE double m_atanh_f64(double x)
{
    double a = m_abs_f64(x), c = a < 1 ? a : 0;
    m_dd w = m_dd_div(m_dd_fast_sum(1, c), m_dd_fast_sum(1, -c));
    double y = 0.5 * m_log_near_f64(w.hi, w.lo, 0);
    y = a < 0x1p-28 ? a : y;
    y = a == 1 ? (double)INFINITY : y;
    y = a > 1 ? (double)NAN : y;
    return x != x ? x : m_copysign_f64(y, x);
}

#endif
