/* The f32 functions of vmath.h. Hot ones work in f32; pow, the trigonometric reduction and the rarer functions pass through
 * f64, where a plain polynomial leaves an error far below an f32 ULP, with or without FMA. */
#ifndef TORSH_BACKEND_CPU_VMATH_F32_H
#define TORSH_BACKEND_CPU_VMATH_F32_H

#define M_ROUND_F32 0x1.8p23f /* added and taken off again, rounds to an integer; the low bits in between hold it */
#define M_LN2_HI_F32 0x1.62e4p-1f /* 15 bits: exact times any exponent */
#define M_LN2_LO_F32 0x1.7f7d1cp-20f

/* 2^n for n in [-126, 127] */
M_INLINE float m_pow2i_f32(int32_t n)
{
    return m_from_bits_f32((uint32_t)(n + 127) << 23);
}

/* y * 2^n, rounded once, for n in [-252, 254] */
M_INLINE float m_scale_f32(float y, int32_t n)
{
    int32_t half = n >> 1;
    return y * m_pow2i_f32(half) * m_pow2i_f32(n - half);
}

/* y * 2^n for k = n + M_ROUND_F32 and a result that is normal: n joins the exponent of y. Not for a y that may be NaN. */
M_INLINE float m_shift_f32(float y, float k)
{
    return m_from_bits_f32(m_bits_f32(y) + (m_bits_f32(k) << 23));
}

/* Cody and Waite: x = n ln 2 + r, |r| <= ln2 / 2, for |x| <= 112; nonsense further out */
M_INLINE float m_exp_reduce_f32(float x, int32_t *n)
{
    float k = m_fma_f32(x, 0x1.715476p0f, M_ROUND_F32);
    *n = (int32_t)(m_bits_f32(k) - m_bits_f32(M_ROUND_F32));
    k -= M_ROUND_F32;
    return m_fma_f32(k, -M_LN2_LO_F32, m_fma_f32(k, -M_LN2_HI_F32, x));
}

/* e^r for |r| <= ln2 / 2 */
M_INLINE float m_exp_poly_f32(float r)
{
    float z = r * r;
    return 1 + m_fma_f32(z, m_e5_f32(r, z, 0x1.fffffcp-2f, 0x1.555482p-3f, 0x1.555826p-5f, 0x1.1244b8p-7f, 0x1.6b031ep-10f), r);
}

M_INLINE float m_exp_f32(float x)
{
    int32_t n;
    float r = m_exp_reduce_f32(x, &n);
    float y = m_scale_f32(m_exp_poly_f32(r), n);
    y = x > 89 ? INFINITY : y; /* ends are put right last, where nothing waits for them */
    return x < -104 ? 0 : y;
}

/* e^x for x <= 0: one integer step less, for the functions below */
M_INLINE float m_exp_negative_f32(float x)
{
    int32_t n;
    float r = m_exp_reduce_f32(x, &n);
    float y = m_exp_poly_f32(r) * m_pow2i_f32(n + 100) * 0x1p-100f;
    return x < -104 ? 0 : y;
}

/* 2^f for |f| <= 1/2; a chain, as the loops it is in are bound by their number of operations */
M_INLINE float m_exp2_poly_f32(float f)
{
    return m_fma_f32(f, m_p3_f32(f, 0x1.62e430p-1f, 0x1.ebfbdap-3f, 0x1.c6aed4p-5f, m_p2_f32(f, 0x1.3b2dbcp-7f, 0x1.5f4566p-10f, 0x1.41d326p-13f)), 1);
}

M_INLINE float m_exp2_f32(float x)
{
    float k = x + M_ROUND_F32;
    int32_t n = (int32_t)(m_bits_f32(k) - m_bits_f32(M_ROUND_F32));
    float y = m_scale_f32(m_exp2_poly_f32(x - (k - M_ROUND_F32)), n);
    y = x >= 128 ? INFINITY : y;
    return x < -151 ? 0 : y;
}

/* 2^n (1 + p) - 1 with p = e^r - 1, halved so that 2^n cannot overflow before the result does */
M_INLINE float m_expm1_f32(float x)
{
    int32_t n;
    float r = m_exp_reduce_f32(m_within_f32(x, -104, 89), &n);
    float q = m_p4_f32(r, 0x1.fffffep-2f, 0x1.5554a4p-3f, 0x1.555788p-5f, 0x1.123174p-7f, 0x1.6ada40p-10f);
    float p = m_fma_f32(r * r, q, r);
    n = n < -26 ? -26 : n;
    float s = m_pow2i_f32(n - 1);
    float y = 2 * m_fma_f32(s, p, s - 0.5f);
    return m_copysign_f32(n == 0 ? p : y, x);
}

/* x = 2^e (1 + r) with 1 + r in [1/sqrt 2, sqrt 2], for x > 0; subnormals too */
M_INLINE float m_log_reduce_f32(float x, float *e)
{
    float up = x < 0x1p-126f ? x * 0x1p23f : x;
    uint32_t u = m_bits_f32(up) - 0x3f3504f3u;
    int32_t n = (int32_t)u >> 23;
    *e = (float)n - (x < 0x1p-126f ? 23.0f : 0.0f);
    return m_from_bits_f32((u & 0x7fffffu) + 0x3f3504f3u) - 1;
}

/* The value of a logarithm where x is 0, negative, infinite or NaN, else y */
M_INLINE float m_log_edge_f32(float x, float y)
{
    float v = x > FLT_MAX ? x : y;
    v = x > 0 ? v : NAN;
    v = x == 0 ? -INFINITY : v;
    return x != x ? x : v;
}

/* log(1 + r) + e ln 2, but for e * M_LN2_HI_F32 */
M_INLINE float m_log_part_f32(float r, float e)
{
    float z = r * r;
    float q = m_fma_f32(z * z, m_e4_f32(r, z, 0x1.22d708p-3f, -0x1.0d89d0p-3f, 0x1.0572c0p-3f, -0x1.38d68ap-4f),
                        m_e4_f32(r, z, 0x1.555554p-2f, -0x1.00022ap-2f, 0x1.99a02ap-3f, -0x1.547184p-3f));
    return r + m_fma_f32(z, m_fma_f32(r, q, -0.5f), e * M_LN2_LO_F32);
}

/* log(1 + r) + e ln 2 */
M_INLINE float m_log_sum_f32(float r, float e)
{
    return m_fma_f32(e, M_LN2_HI_F32, m_log_part_f32(r, e));
}

M_INLINE float m_log_f32(float x)
{
    float e;
    float r = m_log_reduce_f32(x, &e);
    return m_log_edge_f32(x, m_log_sum_f32(r, e));
}

M_INLINE float m_log2_f32(float x)
{
    float e;
    float r = m_log_reduce_f32(x, &e);
    float z = r * r;
    float q = m_fma_f32(z * z, m_e5_f32(r, z, -0x1.ea6040p-3f, 0x1.a5c9fcp-3f, -0x1.8d4c46p-3f, 0x1.6dfef2p-3f, -0x1.7efba8p-4f),
                        m_e4_f32(r, z, -0x1.715470p-1f, 0x1.ec70e4p-2f, -0x1.715b82p-2f, 0x1.276ac8p-2f));
    float tail = m_fma_f32(z, q, r * 0x1.4ae0cp-26f);
#if M_HAVE_FMA
    return m_log_edge_f32(x, e + m_fma_f32(r, 0x1.715476p0f, tail));
#else
    return m_log_edge_f32(x, e + (r + m_fma_f32(r, 0x1.c551d8p-2f, tail))); /* 1 / ln 2 - 1: the rounding of the product is that of a third */
#endif
}

M_INLINE float m_log10_f32(float x)
{
    float e;
    float r = m_log_reduce_f32(x, &e);
    float z = r * r;
    float q = m_fma_f32(z * z, m_e5_f32(r, z, -0x1.275718p-4f, 0x1.f9de2ap-5f, -0x1.da9554p-5f, 0x1.c3de9ep-5f, -0x1.fac256p-6f),
                        m_e4_f32(r, z, -0x1.bcb7aap-3f, 0x1.287a84p-3f, -0x1.bcbfa2p-4f, 0x1.63c5ecp-4f));
    float tail = m_fma_f32(z, q, m_fma_f32(r, -0x1.5b235ep-27f, e * 0x1.3509f8p-18f));
    return m_log_edge_f32(x, m_fma_f32(e, 0x1.344p-2f, m_fma_f32(r, 0x1.bcb7b2p-2f, tail)));
}

/* The exponent e comes from 1 + x, then r = 2^-e (1 + x) - 1 straight from x, with one rounding. */
M_INLINE float m_log1p_f32(float x)
{
    int huge = x >= 0x1p64f; /* 1 + x is x, and 2^-e could be subnormal: bring x down by 2^64 */
    float v = huge ? x * 0x1p-64f : x, one = huge ? 0 : 1;
    int32_t n = (int32_t)(m_bits_f32(one + v) - 0x3f3504f3u) >> 23;
    float s = m_pow2i_f32(-n);
    float y = m_log_sum_f32(m_fma_f32(v, s, one * s - 1), (float)n + (huge ? 64.0f : 0.0f));
    y = x > FLT_MAX ? x : y;
    y = x > -1 ? y : NAN;
    y = x == -1 ? -INFINITY : y;
    y = x == 0 ? x : y;
    return x != x ? x : y;
}

/* a b + c for a product whose rounding error is wanted: exact up to the last rounding, with or without FMA */
M_INLINE float m_fused_f32(float a, float b, float c)
{
#if M_HAVE_FMA
    return m_fma_f32(a, b, c);
#else
    return (float)((double)a * (double)b + (double)c);
#endif
}

/* s + low = r / (2 + r) for x = 2^e (1 + r), where 1 / (2 + r) = (1 - s) / 2 */
M_INLINE float m_pow_base_f32(float x, float *low, float *e)
{
    uint32_t u = m_bits_f32(x) - 0x3f3504f3u;
    float r = m_from_bits_f32((u & 0x7fffffu) + 0x3f3504f3u) - 1, d = 2 + r, s = r / d;
    *e = (float)((int32_t)u >> 23);
    *low = m_fma_f32(-s, (2 - d) + r, m_fused_f32(-s, d, r)) * m_fma_f32(s, -0.5f, 0.5f);
    return s;
}

/* y log2 x as high + low, to 2^-32 of itself: log2(1 + r) = 2 / ln2 atanh s, its first two terms as pairs (T. Dekker, Numerische
 * Mathematik 18, 1971) */
M_INLINE float m_pow_log_f32(float s, float left, float e, float y, float *low)
{
    float z = s * s, w = s * z, p = m_p2_f32(z, 0x1.2776e2p-1f, 0x1.a5ceacp-2f, 0x1.58b720p-2f);
    float off = m_fma_f32(s, m_fused_f32(s, s, -z), m_fused_f32(s, z, -w)); /* of w */
    float first = s * 0x1.715476p+1f, second = w * 0x1.ec709ep-1f, l = first + second, h = e + l, t = y * h;
    float rest = m_fma_f32(left, m_fma_f32(z, 0x1.715476p+1f, 0x1.715476p+1f), m_fused_f32(s, 0x1.715476p+1f, -first));
    rest = m_fma_f32(s, 0x1.4ae0c0p-25f, m_fma_f32(off, 0x1.ec709ep-1f, rest));
    rest = m_fma_f32(w * z, p, rest) + (m_fused_f32(w, 0x1.ec709ep-1f, -second) + ((first - l) + second));
    *low = m_fma_f32(y, rest + ((e - h) + l), m_fused_f32(y, h, -t));
    return t;
}

/* Whether x^y is far, for t = y log2 x: not if x and x^y are normal positive numbers */
M_INLINE int m_pow_far_f32(float x, float t)
{
    int base = m_bits_f32(x) - 0x800000u >= 0x7f000000u, power = !(m_abs_f32(t) <= 125);
    return base | power;
}

/* 2^(t + low) where that is near */
M_INLINE float m_pow_end_f32(float t, float low)
{
    float k = (t + low) + M_ROUND_F32;
    return m_shift_f32(m_exp2_poly_f32((t - (k - M_ROUND_F32)) + low), k);
}

M_INLINE float m_pow_f32(float x, float y)
{
    float a = m_abs_f32(x), c = m_within_f32(y, -0x1p60f, 0x1p60f), e, low;
    float s = m_pow_base_f32(a < 0x1p-126f ? a * 0x1p23f : a, &low, &e);
    e = a < 0x1p-126f ? e - 23 : e;
    e = a == 0 ? -INFINITY : e;
    e = a <= FLT_MAX ? e : a;
    float t = m_pow_log_f32(s, low, e, c, &low), k = (t + low) + M_ROUND_F32;
    float up = m_scale_f32(m_exp2_poly_f32((t - (k - M_ROUND_F32)) + low), (int32_t)(m_bits_f32(k) - m_bits_f32(M_ROUND_F32)));
    up = t > 190 ? INFINITY : up;
    up = t < -190 ? 0 : up;
    up = t != t ? t : up;
    /* the sign of a negative x: kept for an odd y, NaN for a fraction */
    float half = y * 0.5f;
    int whole = m_floor_f32(y) == y;
    int odd = whole & (m_floor_f32(half) != half);
    up = m_mulsign_f32(up, odd ? x : 1.0f);
    up = ((x < 0) & (a <= FLT_MAX) & !whole & (y == y)) ? NAN : up;
    return ((y == 0) | (x == 1)) ? 1 : up;
}

/* 1 / (1 + e^-x), from e^-|x| so that neither end overflows; at most 3 ULP */
M_INLINE float m_sigmoid_f32(float x)
{
    float s = m_exp_negative_f32(-m_abs_f32(x));
    return (x < 0 ? s : 1) / (1 + s);
}

/* x / (1 + e^-x), at most 4 ULP; -inf gives NaN as in PyTorch */
M_INLINE float m_silu_f32(float x)
{
    float a = m_abs_f32(x);
    int32_t n;
    float r = m_exp_reduce_f32(-a, &n);
    float e = a > 112 ? 0 : m_exp_poly_f32(r) * m_pow2i_f32(n + 100), s = e * 0x1p-100f;
    return x * (x < 0 ? e : 1) / (1 + s) * (x < 0 ? 0x1p-100f : 1);
}

/* near 0 an odd polynomial, further out 1 - 2 / (e^2|x| + 1) */
M_INLINE float m_tanh_f32(float x)
{
    float a = m_abs_f32(x), z = x * x;
    float w = z * z;
    float near = m_fma_f32(w * w, m_fma_f32(z, 0x1.078c0cp-9f, -0x1.071368p-7f),
                           m_e4_f32(z, w, -0x1.555552p-2f, 0x1.110fe8p-3f, -0x1.b9d632p-5f, 0x1.62874cp-6f));
    near = m_fma_f32(a * z, near, a);
    int32_t n;
    float r = m_exp_reduce_f32(2 * a, &n);
    float y = m_exp_poly_f32(r) * m_pow2i_f32(n);
    float out = 1 - 2 / (y + 1);
    out = a > 10 ? 1 : out;
    return m_copysign_f32(a < 0.65f ? near : out, x);
}

/* erf(x) for |x| < 1 */
M_INLINE float m_erf_near_f32(float x)
{
    float z = x * x;
    float w = z * z;
    float q = m_fma_f32(w * w, m_p2_f32(z, 0x1.53f254p-8f, -0x1.a35320p-11f, 0x1.4777aap-14f),
                        m_e4_f32(z, w, 0x1.06eba8p-3f, -0x1.81273ep-2f, 0x1.ce2ce6p-4f, -0x1.b7f71ep-6f));
    return m_fma_f32(x, q, x);
}

/* 1 - erf(a) = 2^p(a) for a >= 1 (an idea of N. Juffa's): its error counts only in proportion to what is taken from 1 */
M_INLINE float m_erf_rest_f32(float a)
{
    float z = a * a;
    float p = m_fma_f32(z * z, m_e4_f32(a, z, 0x1.14eb5ap-5f, -0x1.541bb4p-8f, 0x1.f40526p-12f, -0x1.44bc7ep-16f),
                        m_e4_f32(a, z, -0x1.ed5e44p-13f, -0x1.a09a82p+0f, -0x1.d5ed6ep-1f, -0x1.376f92p-3f));
    float k = p + M_ROUND_F32;
    float rest = m_shift_f32(m_exp2_poly_f32(p - (k - M_ROUND_F32)), k);
    return a > 6 ? 0 : rest;
}

M_INLINE float m_erf_f32(float x)
{
    float a = m_abs_f32(x);
    float out = m_copysign_f32(1 - m_erf_rest_f32(a), x);
    float y = a >= 1 ? out : m_erf_near_f32(x); /* NaN: near */
    return x == 0 ? x : y;
}

/* x Phi(x) with Phi(-a) = 2^p(a): at most 6 ULP for x > -1 (5 with a fused multiply-add), further left 2^-25 |x| (PyTorch's, from 1 + erf, is no closer there) */
M_INLINE float m_gelu_f32(float x)
{
    float a = m_abs_f32(x), z = a * a, w = z * z;
    float p = m_fma_f32(w, m_e4_f32(a, z, 0x1.cbb400p-8f, -0x1.4094bcp-14f, -0x1.dec9dap-13f, 0x1.d45afep-15f),
                        m_e4_f32(a, z, -0x1.000000p+0f, -0x1.26aed0p+0f, -0x1.d63bc8p-2f, -0x1.ade040p-5f));
    p = m_fma_f32(w * w, m_fma_f32(a, 0x1.26b7e8p-22f, -0x1.9edb70p-18f), p);
    float k = p + M_ROUND_F32;
    float left = m_shift_f32(m_exp2_poly_f32(p - (k - M_ROUND_F32)), k);
    left = a > 5.8f ? 0 : left;
    return x * (x < 0 ? left : 1 - left);
}

/* PyTorch's tanh form, x/2 (1 + tanh u) = x / (1 + e^-2u): at most 4 ULP where u is small, else as e^-2u allows (16 ULP) */
M_INLINE float m_gelu_tanh_f32(float x)
{
    float u = x * m_fma_f32(x * x, 0x1.2444f2p-4f, 0x1.988454p+0f);
    return x * m_sigmoid_f32(u);
}

/* log(1 + e^x); at most 3 ULP */
M_INLINE float m_softplus_f32(float x)
{
    return (x < 0 ? 0 : x) + m_log1p_f32(m_exp_negative_f32(-m_abs_f32(x)));
}

/* log(e^x + e^y), log2(2^x + 2^y); at most 3 ULP of the larger of the result and 1 */
M_INLINE float m_logaddexp_f32(float x, float y)
{
    float v = m_max_f32(x, y) + m_log1p_f32(m_exp_negative_f32(-m_abs_f32(x - y)));
    return ((x == y) & m_isinf_f32(x)) ? x : v;
}

M_INLINE float m_logaddexp2_f32(float x, float y)
{
    float v = m_max_f32(x, y) + 0x1.715476p0f * m_log1p_f32(m_exp2_f32(-m_abs_f32(x - y)));
    return ((x == y) & m_isinf_f32(x)) ? x : v;
}

/* --- trigonometry ------------------------------------------------------------------------------------------------------ */

/* Fast forms take |x| up to here: n (pi/2) stays exact in f64 */
#if M_HAVE_FMA
#define M_TRIG_NEAR_F32 0x1p45f
#else
#define M_TRIG_NEAR_F32 0x1p20f
#endif

M_INLINE int m_far_f32(float x)
{
    return m_abs_f32(x) > M_TRIG_NEAR_F32;
}

/* x = quadrant pi/2 + r, |r| <= pi/4, for near x */
M_INLINE double m_trig_reduce_near_f32(float x, uint32_t *quadrant)
{
    double d = (double)x;
    double k = m_fma_f64(d, 0x1.45f306dc9c883p-1, 0x1.8p52);
    *quadrant = (uint32_t)m_bits_f64(k);
    k -= 0x1.8p52;
#if M_HAVE_FMA
    return m_fma_f64(k, -0x1.1a62633145c07p-54, m_fma_f64(k, -0x1.921fb54442d18p+0, d));
#else
    return (d - k * 0x1.921fb544p+0) - k * 0x1.0b4611a626331p-34;
#endif
}

/* For any x, after M. Payne and R. Hanek (SIGNUM 1983): x 2/pi modulo 4, with 2/pi cut into pieces of 28 bits. Each product with
 * a 24-bit x is exact in f64, and whole multiples of 4 are dropped from it as they arise. */
M_INLINE double m_trig_reduce_far_f32(float x, uint32_t *quadrant)
{
    static const double piece[7] = {0xa2f9836p-28, 0xe4e4415p-56, 0x29fc275p-84, 0x7d1f534p-112,
                                    0xddc0db6p-140, 0x295993cp-168, 0x439041fp-196};
    double d = (double)(m_isfinite_f32(x) ? x : 0), sum = 0, lost = 0;
    for (int i = 0; i < 7; i++) {
        double p = d * piece[i];
        p -= 4 * m_round_f64(p * 0.25);
        double next = sum + p, seen = next - sum;
        lost += (sum - (next - seen)) + (p - seen);
        sum = next;
    }
    double k = sum + 0x1.8p52;
    *quadrant = (uint32_t)m_bits_f64(k);
    double r = ((sum - (k - 0x1.8p52)) + lost) * 0x1.921fb54442d18p+0;
    return m_isfinite_f32(x) ? r : (double)NAN;
}

M_INLINE double m_trig_reduce_f32(float x, uint32_t *quadrant, int far)
{
    return far ? m_trig_reduce_far_f32(x, quadrant) : m_trig_reduce_near_f32(x, quadrant);
}

/* sin or cos of quadrant pi/2 + r */
M_INLINE float m_sincos_f32(float r, uint32_t quadrant)
{
    float z = r * r;
    float s = m_fma_f32(r * z, m_p2_f32(z, -0x1.555544p-3f, 0x1.1106c6p-7f, -0x1.991c26p-13f), r);
    float c = m_p2_f32(z, 1, -0.5f, m_p2_f32(z, 0x1.55554ap-5f, -0x1.6c0c20p-10f, 0x1.99e42cp-16f));
    float v = (quadrant & 1) ? c : s;
    return m_from_bits_f32(m_bits_f32(v) ^ (quadrant & 2) << 30);
}

M_INLINE float m_sin_at_f32(float x, int far)
{
    uint32_t q;
    float r = (float)m_trig_reduce_f32(x, &q, far);
    float y = m_sincos_f32(r, q);
    return x == 0 ? x : y;
}

M_INLINE float m_cos_at_f32(float x, int far)
{
    uint32_t q;
    float r = (float)m_trig_reduce_f32(x, &q, far);
    return m_sincos_f32(r, q + 1);
}

M_INLINE float m_tan_at_f32(float x, int far)
{
    uint32_t q;
    double both = m_trig_reduce_f32(x, &q, far);
    float r = (float)both, low = (float)(both - (double)r), z = r * r;
    float p = m_p3_f32(z, 0x1.555562p-2f, 0x1.110d18p-3f, 0x1.baf166p-5f,
                       m_p3_f32(z, 0x1.5bcb56p-6f, 0x1.67d024p-7f, -0x1.9baaa0p-14f, 0x1.24fe8ep-8f));
    float t = r + m_fma_f32(r * z, p, m_fma_f32(low, z, low));
    float y = (q & 1) ? -1 / t : t;
    return x == 0 ? x : y;
}

M_INLINE float m_sin_f32(float x)
{
    return m_sin_at_f32(x, 1);
}

M_INLINE float m_cos_f32(float x)
{
    return m_cos_at_f32(x, 1);
}

M_INLINE float m_tan_f32(float x)
{
    return m_tan_at_f32(x, 1);
}

M_INLINE float m_rsqrt_f32(float x)
{
    return 1 / m_sqrt_f32(x);
}

/* atan q = q + q z p(z), z = q^2, for q in [0, 1], and from there around the circle */
M_INLINE float m_atan2_f32(float y, float x)
{
    float a = m_abs_f32(y), b = m_abs_f32(x), least = a < b ? a : b, most = a < b ? b : a;
    float q = least / (most == 0 ? 1 : most);
    q = least > FLT_MAX ? 1 : q;
    float z = q * q, w = z * z;
    float p = m_fma_f32(w * w, m_e5_f32(z, w, -0x1.580ad8p-4f, 0x1.da3496p-5f, -0x1.fd9eccp-6f, 0x1.6456fep-7f, -0x1.d3d25ep-10f),
                        m_e4_f32(z, w, -0x1.55553ep-2f, 0x1.9991e4p-3f, -0x1.242088p-3f, 0x1.c08c92p-4f));
    float t = m_fma_f32(q * z, p, q);
    t = a > b ? (0x1.921fb6p0f - t) - 0x1.777a5cp-25f : t;
    t = m_mulsign_f32(1, x) < 0 ? (0x1.921fb6p1f - t) - 0x1.777a5cp-24f : t;
    return ((x != x) | (y != y)) ? x + y : m_copysign_f32(t, y);
}

/* |x| < 1/2: the odd series; else log((1 + x) / (1 - x)) / 2, where 1 - x is exact */
M_INLINE float m_atanh_f32(float x)
{
    float a = m_abs_f32(x), c = a < 1 ? a : 0.5f, z = c * c, e;
    float p = m_fma_f32(z * z, m_e4_f32(z, z * z, 0x1.233dbcp-3f, 0x1.e50748p-4f, 0x1.9eea14p-5f, 0x1.6c006ep-3f), m_fma_f32(z, 0x1.99a750p-3f, 0x1.55553ep-2f));
    float near = m_fma_f32(c * z, p, c);
    float r = m_log_reduce_f32((1 + c) / (1 - c), &e), t = c < 0.5f ? near : 0.5f * m_log_sum_f32(r, e);
    t = a < 1 ? t : (a == 1 ? INFINITY : NAN);
    return m_copysign_f32(t, x);
}

/* sqrt(x^2 + y^2), scaled where a square would leave the range */
M_INLINE float m_hypot_f32(float x, float y)
{
    float a = m_abs_f32(x), b = m_abs_f32(y), most = a < b ? b : a;
    float up = most > 0x1p60f ? 0x1p-64f : (most < 0x1p-50f ? 0x1p80f : 1.0f), down = most > 0x1p60f ? 0x1p64f : (most < 0x1p-50f ? 0x1p-80f : 1.0f);
    a *= up;
    b *= up;
    float t = m_sqrt_f32(m_fma_f32(a, a, b * b)) * down;
    return ((a > FLT_MAX) | (b > FLT_MAX)) ? INFINITY : t;
}

/* x log(1 + y), 0 where x is 0 and y is not NaN; at most 3 ULP */
M_INLINE float m_xlog1py_f32(float x, float y)
{
    float v = x * m_log1p_f32(y);
    return ((x == 0) & (y == y)) ? 0 : v;
}

/* --- through f64 ------------------------------------------------------------------------------------------------------- */

#define M_VIA_F64(name) \
    M_INLINE float m_##name##_f32(float x) { return (float)m_##name##_f64((double)x); }
#define M_VIA_F64_2(name) \
    M_INLINE float m_##name##_f32(float x, float y) { return (float)m_##name##_f64((double)x, (double)y); }
M_VIA_F64(cbrt)
M_VIA_F64(asin)
M_VIA_F64(acos)
M_VIA_F64(atan)
M_VIA_F64(sinh)
M_VIA_F64(cosh)
M_VIA_F64(asinh)
M_VIA_F64(acosh)
M_VIA_F64(logit)
M_VIA_F64(mish)
M_VIA_F64(sinc)

M_VIA_F64_2(xlogy)

/* --- division with a rest ---------------------------------------------------------------------------------------------- */

/* Near: a quotient of at most 2^24, or a NaN that needs no care */
M_INLINE int m_far2_f32(float a, float b)
{
    return !(m_abs_f32(a) <= 0x1p24f * m_abs_f32(b));
}

/* C's fmod. A quotient of two f32 is at least 2^-48 of itself away from the next integer, so f64 cuts it right; times b it is exact. */
M_INLINE float m_fmod_at_f32(float a, float b, int far)
{
    if (far) return __builtin_fmodf(a, b);
    double x = (double)m_abs_f32(a), y = (double)m_abs_f32(b);
    double r = x - m_trunc_f64(x / y) * y;
    r = ((x <= (double)FLT_MAX) & (y > (double)FLT_MAX)) ? x : r;
    return m_copysign_f32((float)r, a);
}

/* Python's %, torch.remainder: the sign of b */
M_INLINE float m_remainder_at_f32(float a, float b, int far)
{
    float r = m_fmod_at_f32(a, b, far);
    return ((r != 0) & ((r < 0) != (b < 0))) ? r + b : r;
}

/* torch.floor_divide (c10/util/generic_math.h, div_floor_floating) */
M_INLINE float m_floor_divide_at_f32(float a, float b, int far)
{
    float mod = m_fmod_at_f32(a, b, far);
    float div = (a - mod) / b;
    div = ((mod != 0) & ((b < 0) != (mod < 0))) ? div - 1 : div;
    float whole = m_floor_f32(div);
    whole = div - whole > 0.5f ? whole + 1 : whole;
    whole = div == 0 ? m_copysign_f32(0, a / b) : whole;
    return b == 0 ? a / b : whole;
}

M_INLINE float m_fmod_f32(float a, float b)
{
    return m_fmod_at_f32(a, b, 1);
}

M_INLINE float m_remainder_f32(float a, float b)
{
    return m_remainder_at_f32(a, b, 1);
}

M_INLINE float m_floor_divide_f32(float a, float b)
{
    return m_floor_divide_at_f32(a, b, 1);
}
#endif
