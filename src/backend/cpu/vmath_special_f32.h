/* The special f32 functions of vmath.h: the error function's complement and inverse, the gamma family, a Bessel function. Some in lanes of
 * f64 with plain polynomials, whose errors leave no trace in f32. Each states its bound if that is not 2 ULP. */
#ifndef TORSH_BACKEND_CPU_VMATH_SPECIAL_F32_H
#define TORSH_BACKEND_CPU_VMATH_SPECIAL_F32_H

/* --- error function -------------------------------------------------------------------------------------------------------- */

/* e^(a^2) erfc(a) for a in [0, 10.2], a polynomial in t = (a - 3)/(a + 3), times e^(-a^2), both to 2^-28: 1 ULP */
M_INLINE double m_erfc_wide_f32(double d)
{
    double a = m_within_f64(m_abs_f64(d), 0, 10.2), t = (a - 3) / (a + 3), z = a * a;
    double g = m_p4_f64(t, 0x1.6e9827d0289e4p-3, -0x1.4e102bb4d9945p-2, 0x1.f6ff21a677a17p-3, -0x1.336ff4331a52dp-3,
                        m_p4_f64(t, 0x1.258ad0fa061a5p-4, -0x1.8fa8b9400c98ep-6, 0x1.17e824137d649p-8, 0x1.7584f8b2ed33fp-11,
                                 m_p3_f64(t, -0x1.3bcf88b8f7f0fp-11, 0x1.0321b29743712p-15, 0x1.161adb8c0cb4cp-14, 0x1.4941bfc5f8b78p-18)));
    double k = m_fma_f64(z, -0x1.71547652b82fep0, M_ROUND_F64), r = m_fma_f64(z, -0x1.71547652b82fep0, -(k - M_ROUND_F64));
    double e = m_p4_f64(r, 0x1.0000000261646p+0, 0x1.62e430c7de298p-1, 0x1.ebfbdadc514fap-3, 0x1.c6aed4c27e2f5p-5,
                        m_p2_f64(r, 0x1.3b2dbbe44b03ap-7, 0x1.5f4566e700cc2p-10, 0x1.41d325f949f77p-13));
    double y = g * e * m_pow2i_f64(m_bits_f64(k) - m_bits_f64(M_ROUND_F64));
    return d < 0 ? 2 - y : y;
}

M_INLINE float m_erfc_f32(float x)
{
    return (float)m_erfc_wide_f32((double)x);
}

/* The normal distribution; 1 ULP */
M_INLINE float m_ndtr_f32(float x)
{
    return (float)(0.5 * m_erfc_wide_f32((double)x * -0x1.6a09e667f3bcdp-1));
}

/* (erfinv(x) / x - sqrt(pi)/2) / w as a polynomial in w = -log(1 - x^2) < 4 (M. Giles, GPU Computing Gems 2, 2011) */
M_INLINE float m_erfinv_near_f32(float w)
{
    return m_p4_f32(w, 0x1.db29a8p-3f, 0x1.7a8494p-7f, -0x1.324dacp-9f, -0x1.0e17e8p-13f,
                    m_p3_f32(w, 0x1.950ad4p-15f, 0x1.7ba518p-20f, -0x1.2fb7c0p-20f, 0x1.69201ap-24f));
}

/* w = -log(1 - x^2) for 1 - x^2 = u, and what its rounding left out */
M_INLINE float m_erfinv_log_f32(float u, float *low)
{
    float e, r = m_log_reduce_f32(u, &e), part = m_log_part_f32(r, e), whole = e * M_LN2_HI_F32, sum = whole + part;
    *low = (sum - whole) - part;
    return -sum;
}

/* What sqrt(w) rounded to s leaves out, with what w itself does */
M_INLINE float m_sqrt_rest_f32(float w, float low, float s)
{
    return (m_fused_f32(-s, s, w) + low) * (0.5f / s);
}

/* erfinv(x) by s = sqrt(w) for w in [4, 17] */
M_INLINE float m_erfinv_out_f32(float s, float rest)
{
    float t = s - 3;
    float p = m_p4_f32(t, 0x1.00ae7ep+0f, 0x1.c05c48p-8f, -0x1.c3c79ep-9f, 0x1.2e7d26p-10f,
                       m_p3_f32(t, -0x1.c69504p-13f, -0x1.de2862p-15f, 0x1.c28f20p-15f, -0x1.41a124p-17f));
    return m_fma_f32(t, p, rest) + 0x1.6a9942p+1f;
}

M_INLINE float m_erfinv_f32(float x)
{
    float a = m_abs_f32(x), low, w = m_erfinv_log_f32((1 - a) * (1 + a), &low), s = m_sqrt_f32(w);
    float y = w < 4 ? m_fused_f32(a, 0x1.c5bf8ap-1f, a * w * m_erfinv_near_f32(w)) : m_erfinv_out_f32(s, m_sqrt_rest_f32(w, low, s));
    y = a < 1 ? y : (a == 1 ? INFINITY : NAN);
    return m_copysign_f32(y, x);
}

/* erfinv(x) for s in [2, 10.2], which is further out than f32 x go */
M_INLINE float m_erfinv_tail_f32(float s, float rest)
{
    float t = (s - 6) / (s + 6);
    float far = s + m_p4_f32(t, -0x1.1ee5d8p-3f, 0x1.d81b2cp-4f, 0x1.825298p-5f, -0x1.84b21ep-4f,
                             m_p2_f32(t, 0x1.18789cp-3f, -0x1.3b8f60p-3f, 0x1.09e2cap-3f));
    return s < 4.125f ? m_erfinv_out_f32(s, rest) : far;
}

/* The normal distribution's quantile, -sqrt 2 erfinv(1 - 2p), by w = -log(4 p (1 - p)); at most 4 ULP */
M_INLINE float m_ndtri_f32(float p)
{
    float least = p >= 0.5f ? 1 - p : p, low, w = m_erfinv_log_f32(4 * least * (1 - least), &low), s = m_sqrt_f32(w), a = 1 - 2 * least;
    float far = m_erfinv_tail_f32(s, m_sqrt_rest_f32(w, low, s));
    float y = 0x1.6a09e6p+0f * (w < 4 ? m_fma_f32(a, 0x1.c5bf8ap-1f, a * w * m_erfinv_near_f32(w)) : far);
    y = least > 0 ? y : (least == 0 ? INFINITY : NAN);
    return p >= 0.5f ? y : -y;
}

/* One step of Halley's method from f32's approximation, which it takes from 2^-22 to 2^-60 */
M_INLINE double m_erfinv_f64(double x)
{
    double a = m_abs_f64(x), c = a < 1 ? a : 0.5;
    float low, w = m_erfinv_log_f32((float)((1 - c) * (1 + c)), &low), s = m_sqrt_f32(w);
    double near = c * (double)m_fma_f32(w, m_erfinv_near_f32(w), 0x1.c5bf8ap-1f), far = (double)m_erfinv_tail_f32(s, 0);
    double y = m_erfinv_step_f64(w < 4 ? near : far, c);
    y = a == 1 ? (double)INFINITY : y;
    y = a > 1 ? (double)NAN : y;
    return ((x != x) | (x == 0)) ? x : m_copysign_f64(y, x);
}

/* --- gamma family ---------------------------------------------------------------------------------------------------------- */

/* sin(pi f) / f in z = f^2 <= 1/4 */
M_INLINE double m_sinpi_poly_f64(double z)
{
    return m_p4_f64(z, 0x1.921fb54442d17p+1, -0x1.4abbce625bd26p+2, 0x1.466bc6774f27dp+1, -0x1.32d2cce0bfc5ep-1,
                    m_p3_f64(z, 0x1.507832028973ap-4, -0x1.e306085428d67p-8, 0x1.e897b1fa51e0dp-12, -0x1.61fed8b7ccdecp-16));
}

/* Stirling's series as in vmath_special.h. Of one logarithm's argument are the product that takes x + 8 back to x and, below 0, the sine
 * of the reflection. */
M_INLINE float m_lgamma_f32(float f)
{
    double x = (double)f, v = x < 0 ? 1 - x : x, u = v * (v + 7), q = u * (u + 6) * ((u + 10) * (u + 12)); /* v (v + 1) ... (v + 7) */
    double w = v < 8 ? v + 8 : v, r = 1 / w, g = x - m_round_f64(x), h = g * g, s = m_stirling_f64(r * r);
    double sine = m_abs_f64(g) * m_sinpi_poly_f64(h);
    q = v < 8 ? q : 1;
    q = x < 0 ? q * 0x1.921fb54442d18p1 / sine : q;
    double y = m_fma_f64(w - 0.5, m_log_f64(w) - 1, 0x1.acfe390c97d69p-2 + s * r) - m_log_f64(q);
    y = x < 0 ? -y : y;
    y = ((x == 1) | (x == 2)) ? 0 : y;
    return m_abs_f32(f) > FLT_MAX ? INFINITY : (float)y;
}

M_INLINE float m_digamma_f32(float x)
{
    return (float)m_digamma_f64((double)x);
}

/* --- Bessel function ------------------------------------------------------------------------------------------------------- */

/* I0(x) or I1(x), times e^-|x| if scaled: near 0 a polynomial in x^2, for |x| >= 8 one in 1/x times e^|x| / sqrt |x| (Abramowitz and Stegun 9.7.1);
 * at most 5 ULP. NaN at infinity, 0 if scaled, as PyTorch. order and scaled are constants. */
M_INLINE float m_bessel_i_f32(float x, int order, int scaled)
{
    float a = m_abs_f32(x), z = a * a, u = 1 / a, near, far;
    if (order == 0) {
        near = m_p4_f32(z, 1, 0x1.000004p-2f, 0x1.ffff94p-7f, 0x1.c720c0p-12f,
                        m_p4_f32(z, 0x1.c6f3bap-18f, 0x1.241440p-24f, 0x1.fc5c94p-32f, 0x1.72ba82p-39f, m_fma_f32(z, 0x1.079b68p-54f, 0x1.a31000p-48f)));
        far = m_p4_f32(u, 0x1.988454p-2f, 0x1.98881ap-5f, 0x1.c91828p-6f, 0x1.14c384p-5f, m_fma_f32(u, 0x1.8d43dcp-2f, -0x1.c5b8bcp-7f));
    } else {
        near = m_p4_f32(z, 0.5f, 0x1p-4f, 0x1.55554ap-9f, 0x1.c71dc0p-15f,
                        m_p4_f32(z, 0x1.6c08b4p-21f, 0x1.84f25ep-28f, 0x1.246b64p-35f, 0x1.6a161cp-43f, m_fma_f32(z, 0x1.91a4bap-59f, 0x1.9da52ep-52f)));
        near *= a;
        far = m_p4_f32(u, 0x1.988454p-2f, -0x1.3265fap-3f, -0x1.7bd2b4p-5f, -0x1.a28988p-5f, m_fma_f32(u, -0x1.36da54p-1f, 0x1.cf3abep-5f));
    }
    far *= m_sqrt_f32(u);
    float half = m_exp_f32(scaled ? -a : 0.5f * a); /* e^x may be infinite where the function is not */
    near *= scaled ? half : 1;
    far *= scaled ? 1 : half;
    far *= scaled ? 1 : half;
    float y = a < 8 ? near : far;
    y = (!scaled & (a > FLT_MAX)) ? NAN : y;
    return order == 1 && x < 0 ? -y : y;
}
#endif
