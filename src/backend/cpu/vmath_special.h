/* The special f64 functions of vmath.h (error function, gamma family), the activations made of elementary functions, and division
 * with a rest. Each states its bound. */
#ifndef TORSH_BACKEND_CPU_VMATH_SPECIAL_H
#define TORSH_BACKEND_CPU_VMATH_SPECIAL_H

/* --- error function -------------------------------------------------------------------------------------------------------- */

/* erf(x) / x - 1 for x^2 = z <= 0.72 */
M_INLINE double m_erf_poly_f64(double z)
{
    return m_p4_f64(z, 0x1.06eba8214db69p-3, -0x1.812746b037a30p-2, 0x1.ce2f21a0469e0p-4, -0x1.b82ce313d0bc1p-6,
                    m_p4_f64(z, 0x1.565bcd461bd07p-8, -0x1.c02dbf08b4b84p-11, 0x1.f9a4836289cf1p-14, -0x1.f4ede00ca884fp-17,
                             m_p3_f64(z, 0x1.bb49b21e36d50p-20, -0x1.6a62427584ea9p-23, 0x1.2ce9695976cadp-26, -0x1.d7a7734a38df4p-30)));
}

/* e^(a^2) erfc(a) for a in [0.49, 27.3]: g(t) / (1 + 2 a), g a polynomial in t = (a - 3)/(a + 3) (M. Shepherd, J. Laframboise, Math.
 * Comp. 36, 1981) that moves little around 1.2 */
M_INLINE m_dd m_erfcx_parts_f64(m_dd a)
{
    double t = (a.hi - 3) / (a.hi + 3);
    double g = m_p4_f64(t, -0x1.15c084bb9e8f3p-3, -0x1.85a15c58aa5cbp-5, 0x1.098366a5b46cfp-3, -0x1.e88b803a493b6p-4,
                        m_p4_f64(t, 0x1.17ca2877f0cf1p-4, -0x1.8574c40bc7eb4p-6, 0x1.4b884e4496d6cp-9, 0x1.ef1bdd3e49494p-10,
                                 m_p4_f64(t, -0x1.98db5123c165bp-11, -0x1.b9126d44c094cp-14, 0x1.065a384f69553p-13, 0x1.4c21863dac1a4p-18,
                                          m_p4_f64(t, -0x1.513b5a3d9987ep-16, -0x1.87dee698104a3p-21, 0x1.d204c361aab56p-19,
                                                   0x1.7a52e084a0924p-22,
                                                   m_p4_f64(t, -0x1.4a5cf006f5791p-21, -0x1.1f4a596a969bbp-23, 0x1.aab9a3c7a9805p-24,
                                                            0x1.220d145157decp-25,
                                                            m_fma_f64(t, -0x1.1d7f23b6f6a78p-28, -0x1.75344cc8a600bp-27))))));
    m_dd v = m_dd_fast_sum(0x1.40c522d7e4987p+0, t * g);
    v.lo += 0x1.97924ac8fcd3fp-55;
    m_dd below = m_dd_sum(1, 2 * a.hi);
    below.lo += 2 * a.lo;
    return m_dd_div(v, below);
}

/* erfc(a.hi + a.lo) = 2^n (hi + lo) for such a */
M_INLINE m_dd m_erfc_parts_f64(m_dd a, uint64_t *n)
{
    m_dd square = m_dd_product(a.hi, a.hi);
    return m_dd_mul(m_exp_parts_f64(-square.hi, -(square.lo + 2 * a.hi * a.lo), n), m_erfcx_parts_f64(a));
}

M_INLINE double m_erf_f64(double x)
{
    double a = m_abs_f64(x), near = m_fma_f64(x, m_erf_poly_f64(x * x), x);
    uint64_t n;
    m_dd c = m_erfc_parts_f64((m_dd){m_within_f64(a, 0.5, 6), 0}, &n);
    double s = m_pow2i_f64(n);
    m_dd out = m_dd_fast_sum(1, -s * c.hi);
    double y = m_copysign_f64(out.hi + (out.lo - s * c.lo), x);
    y = a < 0.8 ? near : y;
    return x == 0 ? x : y;
}

/* erfc(x + low), |low| <= ulp(x)/2 */
M_INLINE double m_erfc_both_f64(double x, double low)
{
    double a = m_abs_f64(x), p = m_erf_poly_f64(x * x);
    uint64_t n;
    m_dd c = m_erfc_parts_f64((m_dd){m_within_f64(a, 0.49, 27.3), a > 27.3 ? 0 : m_mulsign_f64(low, x)}, &n);
    m_dd top = m_dd_fast_sum(1, -x);
    double near = top.hi + (top.lo - m_fma_f64(x, p, low)); /* the slope of erf is about 1 for all that low shows */
    double right = m_scale_f64(c.hi, n);
    double s = m_pow2i_f64(n + 1023 > 2046 ? 0 - UINT64_C(1000) : n);
    m_dd left = m_dd_fast_sum(2, -s * c.hi);
    double y = x < 0 ? left.hi + (left.lo - s * c.lo) : right;
    return a < 0.7 ? near : y;
}

M_INLINE double m_erfc_f64(double x)
{
    return m_erfc_both_f64(x, 0);
}

/* A step of Halley's method for erf(y) = c, 0 <= c < 1 */
M_INLINE double m_erfinv_step_f64(double y, double c)
{
    uint64_t n;
    double z = y * y;
    m_dd q = m_erfc_parts_f64((m_dd){y < 0.49 ? 0.49 : y, 0}, &n);
    double s = m_pow2i_f64(n), far = ((1 - c) - s * q.hi) - s * q.lo, near = m_fma_f64(y, m_erf_poly_f64(z), y - c); /* differences are exact */
    double u = (c > 0.55 ? far : near) * 0x1.c5bf891b4ef6bp-1 * m_exp_f64(z);
    return y - u / (1 + u * y);
}

/* --- gamma family ---------------------------------------------------------------------------------------------------------- */

/* Stirling's series (Abramowitz and Stegun 6.1.41) past its logarithms, times x, for z = 1/x^2 and x >= 8 */
M_INLINE double m_stirling_f64(double z)
{
    return m_p4_f64(z, 0x1.5555555555555p-4, -0x1.6c16c16c16c17p-9, 0x1.a01a01a01a01ap-11, -0x1.3813813813814p-11,
                    m_p4_f64(z, 0x1.b951e2b18ff23p-11, -0x1.f6ab0d9993c7dp-10, 0x1.a41a41a41a41ap-8, -0x1.e4286cb0f5398p-6,
                             0x1.6fe96381e0680p-3));
}

/* x^a e^-x / gamma(a + 1) for 0 < a < 20 and x > 0: Stirling's series at w = a + 9, its powers split so that no logarithm or exponent is
 * large, and what w's rounding lost made good; at most 8 ULP */
M_INLINE double m_gamma_front_f64(double a, double x)
{
    double w = a + 9, lost = a - (w - 9), r = 1 / w, u = (a + 1) * (a + 8), q = u * (u + 6) * ((u + 10) * (u + 12)); /* (a + 1) ... (a + 8) */
    int tiny = x < DBL_MIN;
    double exponent;
    m_dd log_w = m_log_whole_f64((m_dd){w, 0}), log_x = m_log_of_dd_f64((m_dd){tiny ? x * 0x1p54 : x, 0}, &exponent);
    log_x = m_log_join_f64(log_x, tiny ? exponent - 54 : exponent);
    m_dd l = m_dd_add(log_x, (m_dd){-log_w.hi, -log_w.lo}), e = m_dd_product(a, l.hi);
    e.lo += a * l.lo - m_fma_f64(r, m_stirling_f64(r * r), lost * (1 - 0.5 * r));
    e = m_dd_add(e, m_dd_sum(a, -x));
    double p = w * w, hi = e.hi < -1400 ? -1400 : e.hi;
    uint64_t n;
    m_dd y = m_exp_parts_f64(hi, e.lo, &n);
    p *= p;
    return m_scale_f64(0x1.9415357f238ffp+11 * (q / (p * p * m_sqrt_f64(w))) * y.hi, n); /* e^9 / sqrt(2 pi) */
}

/* log |gamma(v)| for v >= 0: Stirling's series at v, or at v + 8 with the product that takes it back */
M_INLINE double m_lgamma_right_f64(double v)
{
    double p = v * (v + 1) * (v + 2) * (v + 3) * (v + 4) * (v + 5) * (v + 6) * (v + 7);
    double x = v < 8 ? v + 8 : v, r = 1 / x, s = m_stirling_f64(r * r);
    m_dd l = m_log_whole_f64((m_dd){x, 0});
    m_dd k = m_dd_sum(l.hi, -1);
    k.lo += l.lo;
    m_dd t = m_dd_product(x - 0.5, k.hi);
    t = m_dd_add((m_dd){t.hi, m_fma_f64(x - 0.5, k.lo, t.lo)}, (m_dd){0x1.acfe390c97d69p-2, 0x1.3494bc9001442p-56});
    double small = p < DBL_MIN ? DBL_MIN : p; /* a zero or subnormal v is taken by its edge below */
    m_dd q = m_log_whole_f64((m_dd){v < 8 ? small : 1, 0});
    m_dd y = m_dd_add(t, (m_dd){-q.hi, -q.lo});
    double sum = y.hi + (y.lo + s * r);
    sum = v > 0x1p1000 ? v * (l.hi - 1) : sum;
    return v < 0x1p-60 ? -m_log_f64(v) : sum;
}

/* At most 4 ULP, or 2^-48 next to its zeros (1, 2 and between the poles) */
M_INLINE double m_lgamma_f64(double x)
{
    double a = m_abs_f64(x);
    m_dd s = m_sinpi_parts_f64(x);
    double right = m_lgamma_right_f64(x < 0 ? 1 - x : x);
    double size = m_abs_f64(s.hi + s.lo) * 0x1.45f306dc9c883p-2; /* |sin(pi x)| / pi */
    double left = -m_log_f64(x > -0x1p-60 ? a : size) - right;
    double y = x < 0 ? left : right;
    y = ((a > DBL_MAX) | (x < -0x1p52)) ? (double)INFINITY : y; /* far left all values are poles */
    return x != x ? x : y;
}

/* The sum of 1 / (v + k) for k = 1 to 7: by c = v + 4 it is 1/c and 2c / (c^2 - j^2) for j = 1 to 3 */
M_INLINE double m_digamma_step_f64(double v)
{
    double c = v + 4, d = c * c, below = (d - 9) * (d - 4) * (d - 1);
    return m_fma_f64(2 * d, m_fma_f64(d, m_fma_f64(d, 3, -28), 49), below) / (c * below);
}

/* Recurrence to x >= 8, its sum of reciprocals as one fraction; the asymptotic series (Abramowitz and Stegun 6.3.18); reflection below
 * 0. At most 4 ULP, or 2^-46 next to its zeros. NaN at the negative integers, as PyTorch. */
M_INLINE double m_digamma_f64(double x)
{
    double v = x < 0 ? 1 - x : x;
    double w = v < 8 ? v + 8 : v, r = 1 / w, z = r * r;
    double s = m_p4_f64(z, 0x1.5555555555555p-4, -0x1.1111111111111p-7, 0x1.0410410410410p-8, -0x1.1111111111111p-8,
                        m_p4_f64(z, 0x1.f07c1f07c1f08p-8, -0x1.5995995995995p-6, 0x1.5555555555556p-4, -0x1.c5e5e5e5e5e5ep-2,
                                 0x1.86e7f9b9fe6e8p+1));
    m_dd l = m_log_whole_f64((m_dd){w, 0});
    double y = l.hi + (l.lo - m_fma_f64(z, s, 0.5 * r));
    y = v < 8 ? (y - m_digamma_step_f64(v)) - 1 / v : y;
    m_dd sine = m_sinpi_parts_f64(x), cosine = m_sinpi_parts_f64(x - 2 * m_round_f64(0.5 * x) + 0.5);
    double f = x - m_round_f64(x);
    double turn = f == 0 ? (double)NAN : 0x1.921fb54442d18p1 * (cosine.hi + cosine.lo) / (sine.hi + sine.lo);
    y = x < 0 ? y - turn : y;
    y = x == (double)INFINITY ? x : y;
    return x == 0 ? m_copysign_f64((double)INFINITY, -x) : y;
}

/* --- activations and their like ------------------------------------------------------------------------------------------------ */

/* 1 / (1 + e^-x) from e^-|x|, so that neither end overflows; at most 3 ULP */
M_INLINE double m_sigmoid_f64(double x)
{
    double s = m_exp_f64(-m_abs_f64(x));
    return (x < 0 ? s : 1) / (1 + s);
}

/* x / (1 + e^-x); at most 4 ULP, plus |x| times the least subnormal */
M_INLINE double m_silu_f64(double x)
{
    return x * m_sigmoid_f64(x);
}

/* log(x / (1 - x)); at most 1 ULP */
M_INLINE double m_logit_f64(double x)
{
    double c = ((x > 0) & (x < 1)) ? x : 0.5;
    m_dd rest = m_dd_fast_sum(1, -c);
    m_dd w = m_dd_div((m_dd){c < 0x1p-1000 ? 0x1p-1000 : c, 0}, rest);
    double y = m_log_near_f64(w.hi, w.lo, 0);
    y = c < 0x1p-60 ? m_log_f64(c) : y;
    y = x == 1 ? (double)INFINITY : y;
    y = x == 0 ? -(double)INFINITY : y;
    y = ((x < 0) | (x > 1)) ? (double)NAN : y;
    return x != x ? x : y;
}

/* x/2 erfc(-x / sqrt 2); at most 3 ULP, plus |x| times the least subnormal */
M_INLINE double m_gelu_f64(double x)
{
    double c = m_within_f64(x, -0x1p500, 0x1p500);
    m_dd t = m_dd_product(c, -0x1.6a09e667f3bcdp-1);
    double y = 0.5 * x * m_erfc_both_f64(t.hi, m_fma_f64(c, 0x1.bdd3413b26456p-55, t.lo));
    return x < -40 ? x * 0 : y;
}

/* PyTorch's tanh form, x/2 (1 + tanh u) = x / (1 + e^-2u); at most 4 ULP + 2^-53 |x| */
M_INLINE double m_gelu_tanh_f64(double x)
{
    return x * m_sigmoid_f64(x * m_fma_f64(x * x, 0x1.2444f2a4d8b4bp-4, 0x1.9884533d43651p+0));
}

/* log(1 + e^x); at most 2 ULP */
M_INLINE double m_softplus_f64(double x)
{
    return (x < 0 ? 0 : x) + m_log1p_f64(m_exp_f64(-m_abs_f64(x)));
}

/* x tanh(log(1 + e^x)) = x p / (p + 2) with p = e^x (e^x + 2); at most 4 ULP, plus |x| times the least subnormal */
M_INLINE double m_mish_f64(double x)
{
    double e = m_exp_f64(x > 40 ? 40 : x), p = e * (e + 2);
    return x * (p / (p + 2));
}

/* sin(pi x) / (pi x), 0 at the integers; at most 1 ULP */
M_INLINE double m_sinc_f64(double x)
{
    double a = m_abs_f64(x);
    m_dd x_pi = m_dd_product(0x1.921fb54442d18p1, a < 0x1p53 ? a : 1);
    x_pi.lo = m_fma_f64(a, 0x1.1a62633145c07p-53, x_pi.lo);
    double y = m_dd_div(m_sinpi_parts_f64(a), x_pi).hi;
    y = a < 0x1p-30 ? 1 : y;
    y = a >= 0x1p53 ? 0 : y;
    return a <= DBL_MAX ? y : (double)NAN;
}

/* log(e^x + e^y); at most 2 ULP of the larger of the result and 1 */
M_INLINE double m_logaddexp_f64(double x, double y)
{
    double v = m_max_f64(x, y) + m_log1p_f64(m_exp_f64(-m_abs_f64(x - y)));
    return ((x == y) & m_isinf_f64(x)) ? x : v;
}

M_INLINE double m_logaddexp2_f64(double x, double y)
{
    double v = m_max_f64(x, y) + 0x1.71547652b82fep0 * m_log1p_f64(m_exp2_f64(-m_abs_f64(x - y)));
    return ((x == y) & m_isinf_f64(x)) ? x : v;
}

/* x log y, 0 where x is 0 and y is not NaN; at most 2 ULP */
M_INLINE double m_xlogy_f64(double x, double y)
{
    double v = x * m_log_f64(y);
    return ((x == 0) & (y == y)) ? 0 : v;
}

/* x log(1 + y), 0 where x is 0 and y is not NaN; at most 2 ULP */
M_INLINE double m_xlog1py_f64(double x, double y)
{
    double v = x * m_log1p_f64(y);
    return ((x == 0) & (y == y)) ? 0 : v;
}

/* --- division with a rest ---------------------------------------------------------------------------------------------------- */

/* Near: a quotient whose product with b is exact in two doubles */
M_INLINE int m_far2_f64(double a, double b)
{
    return !(m_abs_f64(a) <= (M_HAVE_FMA ? 0x1p50 : 0x1p24) * m_abs_f64(b));
}

/* C's fmod. The quotient is one too large where it rounded up to an integer. */
M_INLINE double m_fmod_at_f64(double a, double b, int far)
{
    if (far) return __builtin_fmod(a, b);
    double x = m_abs_f64(a), y = m_abs_f64(b);
    m_dd p = m_dd_product(m_trunc_f64(x / y), y);
    double r = (x - p.hi) - p.lo;
    r = r < 0 ? r + y : r;
    r = ((x <= DBL_MAX) & (y > DBL_MAX)) ? x : r;
    return m_copysign_f64(r, a);
}

/* Python's %, torch.remainder: the sign of b */
M_INLINE double m_remainder_at_f64(double a, double b, int far)
{
    double r = m_fmod_at_f64(a, b, far);
    return ((r != 0) & ((r < 0) != (b < 0))) ? r + b : r;
}

/* torch.floor_divide (c10/util/generic_math.h, div_floor_floating) */
M_INLINE double m_floor_divide_at_f64(double a, double b, int far)
{
    double mod = m_fmod_at_f64(a, b, far);
    double div = (a - mod) / b;
    div = ((mod != 0) & ((b < 0) != (mod < 0))) ? div - 1 : div;
    double whole = m_floor_f64(div);
    whole = div - whole > 0.5 ? whole + 1 : whole;
    whole = div == 0 ? m_copysign_f64(0, a / b) : whole;
    return b == 0 ? a / b : whole;
}

M_INLINE double m_fmod_f64(double a, double b)
{
    return m_fmod_at_f64(a, b, 1);
}

M_INLINE double m_remainder_f64(double a, double b)
{
    return m_remainder_at_f64(a, b, 1);
}

M_INLINE double m_floor_divide_f64(double a, double b)
{
    return m_floor_divide_at_f64(a, b, 1);
}
#endif
