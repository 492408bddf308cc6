/* The special f32 functions of vmath.h: the error function's complement and inverse, the gamma family, a Bessel function. Some in lanes of
 * f64 with plain polynomials, whose errors leave no trace in f32. Each states its bound if that is not 2 ULP. */
#ifndef TORSH_BACKEND_CPU_VMATH_SPECIAL_F32_H
#define TORSH_BACKEND_CPU_VMATH_SPECIAL_F32_H

/* --- error function -------------------------------------------------------------------------------------------------------- */

/* e^x to 2^-28 for |x| <= 700 */
M_INLINE double m_exp_wide_f32(double x)
{
    double k = m_fma_f64(x, 0x1.71547652b82fep0, M_ROUND_F64), r = m_fma_f64(x, 0x1.71547652b82fep0, -(k - M_ROUND_F64));
    double e = m_p4_f64(r, 0x1.0000000261646p+0, 0x1.62e430c7de298p-1, 0x1.ebfbdadc514fap-3, 0x1.c6aed4c27e2f5p-5,
                        m_p2_f64(r, 0x1.3b2dbbe44b03ap-7, 0x1.5f4566e700cc2p-10, 0x1.41d325f949f77p-13));
    return e * m_pow2i_f64(m_bits_f64(k) - m_bits_f64(M_ROUND_F64));
}

/* e^(a^2) erfc(a) for a in [0, 10.2], a polynomial in t = (a - 3)/(a + 3), times e^(-a^2), both to 2^-28: 1 ULP */
M_INLINE double m_erfc_wide_f32(double d)
{
    double a = m_within_f64(m_abs_f64(d), 0, 10.2), t = (a - 3) / (a + 3), z = a * a;
    double g = m_p4_f64(t, 0x1.6e9827d0289e4p-3, -0x1.4e102bb4d9945p-2, 0x1.f6ff21a677a17p-3, -0x1.336ff4331a52dp-3,
                        m_p4_f64(t, 0x1.258ad0fa061a5p-4, -0x1.8fa8b9400c98ep-6, 0x1.17e824137d649p-8, 0x1.7584f8b2ed33fp-11,
                                 m_p3_f64(t, -0x1.3bcf88b8f7f0fp-11, 0x1.0321b29743712p-15, 0x1.161adb8c0cb4cp-14, 0x1.4941bfc5f8b78p-18)));
    double y = g * m_exp_wide_f32(-z);
    return d < 0 ? 2 - y : y;
}

M_INLINE float m_erfc_f32(float x)
{
    return (float)m_erfc_wide_f32((double)x);
}

/* The functions named wide take and give doubles, for loops that widen before and narrow after: one that does both has all its code twice.
 * The normal distribution; 1 ULP */
M_INLINE double m_ndtr_wide_f32(double x)
{
    return 0.5 * m_erfc_wide_f32(x * -0x1.6a09e667f3bcdp-1);
}

/* e^(a^2) erfc(a) (a + 3) for all a >= 0, a polynomial in t = (a - 3)/(a + 3): tools/minimax.py erfcx_wide */
M_INLINE double m_erfcx_right_f32(double a)
{
    double c = a > 0x1p200 ? 0x1p200 : a, r = 1 / (c + 3), t = (c - 3) * r;
    return r * m_p4_f64(t, 0x1.12f21ddd76864p+0, -0x1.c44c46e5fc476p-1, 0x1.2e32693828c1ep-1, -0x1.3deb2e1c304dbp-2,
                    m_p4_f64(t, 0x1.e9960b7c4d042p-4, -0x1.b7829eb4d63fcp-6, -0x1.3e1568b04db80p-10, 0x1.8cdf92abb7663p-9,
                             m_p4_f64(t, -0x1.1d791f2d6a331p-11, -0x1.165d4a8b66d6bp-12, 0x1.a54322834285fp-14, 0x1.4cc47d086170ep-16, -0x1.6d01ef4de34bap-17)));
}

/* 1 ULP */
M_INLINE double m_erfcx_wide_f32(double x)
{
    double z = x * x, y = m_erfcx_right_f32(m_abs_f64(x));
    return x < 0 ? 2 * m_exp_wide_f32(z > 700 ? 700 : z) - y : y;
}

/* log(1 + f) + e ln 2 to 2^-33 for 1 + f in [1/sqrt 2, sqrt 2] */
M_INLINE double m_log_wide_f32(double f, double e)
{
    double s = f / (2 + f), z = s * s;
    double p = m_p4_f64(z, 0x1.5555555555555p-1, 0x1.999999999999ap-2, 0x1.2492492492492p-2, 0x1.c71c71c71c71cp-3, 0x1.745d1745d1746p-3);
    return m_fma_f64(s * z, p, 2 * s) + e * 0x1.62e42fefa39efp-1;
}

/* Left of 0 log(erfcx(-x / sqrt 2) / 2) - x^2 / 2, right of it log(1 - q); 1 ULP */
M_INLINE double m_log_ndtr_wide_f32(double x)
{
    double z = 0.5 * x * x, half = 0.5 * m_erfcx_right_f32(m_abs_f64(x) * 0x1.6a09e667f3bcdp-1), e;
    double q = half * m_exp_wide_f32(z > 700 ? -700 : -z), f = m_log_reduce_f64(x < 0 ? half : 1 - q, &e) - 1;
    int small = (x >= 0) & (q < 0.29); /* 1 - q has lost some of it */
    double y = m_log_wide_f32(small ? -q : f, small ? -0.0 : e) - (x < 0 ? z : 0);
    return x != x ? x : y;
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

/* 1/v^2 + psi'(v + 1), (v + 1.25) psi'(v + 1) for v >= 1/2 a polynomial in t = (v - 1.25)/(v + 1.25): tools/minimax.py trigamma_wide; further
 * left by reflection. 1 ULP; at the poles as PyTorch, whose pi x is rounded. */
M_INLINE double m_trigamma_wide_f32(double x)
{
    double v = x < 0.5 ? 1 - x : x;
    v = v > 0x1p200 ? 0x1p200 : v;
    double r = 1 / (v * (v + 1.25)), first = (v + 1.25) * r, t = (v - 1.25) * (v * r);
    double y = m_p4_f64(t, 0x1.64b0cf078ac66p+0, -0x1.029623dd2f82ep-1, 0x1.0e7ca7222dfbap-3, -0x1.71cad0f2cbe25p-6,
                                m_p4_f64(t, 0x1.55869a623c0c6p-9, -0x1.e9ed90df414a1p-12, 0x1.49ae185c19095p-14, 0x1.5c3421f91f3f9p-17, -0x1.ffe18cf3aad32p-20));
    y = m_fma_f64(first, first, y * (v * r));
    double g = x - m_round_f64(x), p = (double)(float)(x * 0x1.921fb6p+1) * 0x1.45f306dc9c883p-2;
    g = g == 0 ? p - m_round_f64(p) : g;
    double turn = 0x1.921fb54442d18p+1 / (g * m_sinpi_poly_f64(g * g));
    return x < 0.5 ? turn * turn - y : y;
}

/* --- Bessel functions ------------------------------------------------------------------------------------------------------- */

/* I0(x) or I1(x), times e^-|x| if scaled: near 0 a polynomial in x^2, for |x| >= 8 one in 1/x times e^|x| / sqrt |x| (Abramowitz and Stegun 9.7.1);
 * at most 6 ULP, 5 if scaled. NaN at infinity, 0 if scaled, as PyTorch. order and scaled are constants. */
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

#define M_AIRY_NEAR_F32 13500

/* Ai(x) for x > -M_AIRY_NEAR_F32 (tools/minimax.py: airy_right, airy_near, airy_size, airy_phase). Right of 0 e^-zeta, zeta = 2/3 |x|^(3/2), times
 * a function of sqrt x; to -3.5 a polynomial; further left sqrt(N / (pi sqrt |x|)) sin(zeta + pi/4 + p / zeta), N and p functions of 1/zeta^2 (NIST
 * DLMF 9.8). 1 ULP, left of 0 of the amplitude. */
M_INLINE double m_airy_ai_wide_f32(double x)
{
    double a = m_abs_f64(x), root = m_sqrt_f64(a), zeta = a * root * 0x1.5555555555555p-1;
    double t = (root - 1.25) / (root + 1.25);
    double right = m_p4_f64(t, 0x1.f0076d26dd344p-3, -0x1.8e5bfbcbdde67p-3, -0x1.0d64dd7cf3c9cp-6, 0x1.0f400072abc3fp-4,
                                m_p4_f64(t, -0x1.8a67e32107fddp-5, -0x1.5786c5043229bp-5, 0x1.3936964b6cc41p-5, 0x1.4c1b82eedfef1p-6,
                                         m_p4_f64(t, -0x1.2f8202983301bp-5, -0x1.6042f4203384ap-6, 0x1.843b251c9d44dp-6, 0x1.28fae8c7aab3ap-6,
                                                  m_p4_f64(t, -0x1.b1a7f96542d1ep-7, -0x1.0936948c97f13p-6, -0x1.0cd1fe04e499ap-10, 0x1.07927ebe1383ap-8, 0x1.551bc2aec9afcp-10))));
    right *= m_exp_wide_f32(zeta > 700 ? -700 : -zeta);
    double u = 1 / zeta;
    t = u * u;
    double size = m_p4_f64(t, 0x1.fffffff495e2cp-1, -0x1.1c6f986aa7e23p-4, 0x1.c6185f89dfcd1p-4, -0x1.08370dcccff1cp-1,
                                  m_fma_f64(t, -0x1.981d4b60f408dp+3, 0x1.9e2292b4faf12p+1));
    double phase = m_p4_f64(t, -0x1.1c71c2dfbdfe4p-4, 0x1.22f31b73bb916p-5, -0x1.bf50164f03208p-4, 0x1.6963c03badd73p-1,
                                 m_fma_f64(t, 0x1.3c33d7b541355p+4, -0x1.3d9ca5578cdbdp+2));
    double turns = m_fma_f64(m_fma_f64(phase, u, zeta), 0x1.45f306dc9c883p-2, 0.25), k = turns + M_ROUND_F64, f = turns - (k - M_ROUND_F64);
    double left = m_sqrt_f64(size * (a * u * 0x1.b2995e7b7b604p-3)) * (f * m_sinpi_poly_f64(f * f)); /* 2 / (3 pi) */
    left = m_from_bits_f64(m_bits_f64(left) ^ (m_bits_f64(k) << 63));
    t = x;
    double near = m_p4_f64(t, 0x1.6b8c796311bc4p-2, -0x1.0907f400eed0dp-2, 0x1.146e7682b9b06p-26, 0x1.e4bae9158ebf7p-5,
                    m_p4_f64(t, -0x1.616a3fdd961b3p-6, -0x1.8ee18c9a148f8p-17, 0x1.fc8bd09e09c7fp-10, -0x1.2b10be75a0364p-11,
                             m_p4_f64(t, -0x1.1eab8ec8f91fcp-14, -0x1.01dce63d75db0p-15, -0x1.5a088ad54baddp-15, -0x1.06218ee4e57aap-16,
                                      m_p3_f64(t, -0x1.37c86a96d414dp-18, -0x1.1b6733a640580p-20, -0x1.17c4e1542f216p-23, -0x1.b030b4fcaf74ap-28))));
    near = x < 0 ? near : right;
    return x < -3.5 ? left : near;
}
#endif
