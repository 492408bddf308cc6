/* The f32 functions of vmath.h. Hot ones work in f32; pow, the trigonometric reduction and the rarer functions pass through
 * f64, where a plain polynomial leaves an error far below an f32 ULP, with or without FMA. */
#ifndef TORSH_BACKEND_CPU_VMATH_F32_H
#define TORSH_BACKEND_CPU_VMATH_F32_H

#define M_ROUND_F32 0x1.8p23f /* added and taken off again, rounds to an integer; the low bits in between hold it */
#define M_LN2_HI_F32 0x1.62e4p-1f /* 15 bits: exact times any exponent */
#define M_LN2_LO_F32 0x1.7f7d1cp-20f

/* 2^n for n in [-126, 127] */
static inline float m_pow2i_f32(int32_t n)
{
    return m_from_bits_f32((uint32_t)(n + 127) << 23);
}

/* y * 2^n, rounded once, for n in [-252, 254] */
static inline float m_scale_f32(float y, int32_t n)
{
    int32_t half = n >> 1;
    return y * m_pow2i_f32(half) * m_pow2i_f32(n - half);
}

/* Cody and Waite: x = n ln 2 + r, |r| <= ln2 / 2, for |x| <= 104 */
static inline float m_exp_reduce_f32(float x, int32_t *n)
{
    float k = m_fma_f32(x, 0x1.715476p0f, M_ROUND_F32);
    *n = (int32_t)(m_bits_f32(k) - m_bits_f32(M_ROUND_F32));
    k -= M_ROUND_F32;
    return m_fma_f32(k, -M_LN2_LO_F32, m_fma_f32(k, -M_LN2_HI_F32, x));
}

/* e^r for |r| <= ln2 / 2 */
static inline float m_exp_poly_f32(float r)
{
    float q = m_p4_f32(r, 0x1.fffffcp-2f, 0x1.555482p-3f, 0x1.555826p-5f, 0x1.1244b8p-7f, 0x1.6b031ep-10f);
    return 1 + m_fma_f32(r * r, q, r);
}

static inline float m_exp_f32(float x)
{
    int32_t n;
    float r = m_exp_reduce_f32(m_within_f32(x, -104, 89), &n);
    return m_scale_f32(m_exp_poly_f32(r), n);
}

/* e^x for x <= 0: one integer step less, for the functions below */
static inline float m_exp_negative_f32(float x)
{
    int32_t n;
    float r = m_exp_reduce_f32(x < -104 ? -104 : x, &n);
    return m_exp_poly_f32(r) * m_pow2i_f32(n + 100) * 0x1p-100f;
}

/* 2^f for |f| <= 1/2 */
static inline float m_exp2_poly_f32(float f)
{
    float q = m_p3_f32(f, 0x1.ebfb92p-3f, 0x1.c6af98p-5f, 0x1.3b6870p-7f, m_fma_f32(f, 0x1.184038p-13f, 0x1.5ef9c4p-10f));
    return 1 + m_fma_f32(f * f, q, f * 0x1.62e430p-1f);
}

static inline float m_exp2_f32(float x)
{
    float c = m_within_f32(x, -151, 129);
    float k = c + M_ROUND_F32;
    int32_t n = (int32_t)(m_bits_f32(k) - m_bits_f32(M_ROUND_F32));
    return m_scale_f32(m_exp2_poly_f32(c - (k - M_ROUND_F32)), n);
}

/* 2^n (1 + p) - 1 with p = e^r - 1, halved so that 2^n cannot overflow before the result does */
static inline float m_expm1_f32(float x)
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
static inline float m_log_reduce_f32(float x, float *e)
{
    float up = x < 0x1p-126f ? x * 0x1p23f : x;
    uint32_t u = m_bits_f32(up) - 0x3f3504f3u;
    int32_t n = (int32_t)u >> 23;
    *e = (float)n - (x < 0x1p-126f ? 23.0f : 0.0f);
    return m_from_bits_f32((u & 0x7fffffu) + 0x3f3504f3u) - 1;
}

/* The value of a logarithm where x is 0, negative, infinite or NaN, else y */
static inline float m_log_edge_f32(float x, float y)
{
    float v = x > FLT_MAX ? x : y;
    v = x > 0 ? v : NAN;
    v = x == 0 ? -INFINITY : v;
    return x != x ? x : v;
}

/* log(1 + r) + e ln 2 */
static inline float m_log_sum_f32(float r, float e)
{
    float q = m_p4_f32(r, 0x1.555554p-2f, -0x1.00022ap-2f, 0x1.99a02ap-3f, -0x1.547184p-3f,
                       m_p3_f32(r, 0x1.22d708p-3f, -0x1.0d89d0p-3f, 0x1.0572c0p-3f, -0x1.38d68ap-4f));
    float z = r * r;
    float tail = m_fma_f32(z, m_fma_f32(r, q, -0.5f), e * M_LN2_LO_F32);
    return m_fma_f32(e, M_LN2_HI_F32, r + tail);
}

static inline float m_log_f32(float x)
{
    float e;
    float r = m_log_reduce_f32(x, &e);
    return m_log_edge_f32(x, m_log_sum_f32(r, e));
}

static inline float m_log2_f32(float x)
{
    float e;
    float r = m_log_reduce_f32(x, &e);
    float q = m_p4_f32(r, -0x1.715470p-1f, 0x1.ec70e4p-2f, -0x1.715b82p-2f, 0x1.276ac8p-2f,
                       m_p4_f32(r, -0x1.ea6040p-3f, 0x1.a5c9fcp-3f, -0x1.8d4c46p-3f, 0x1.6dfef2p-3f, -0x1.7efba8p-4f));
    float tail = m_fma_f32(r * r, q, r * 0x1.4ae0cp-26f);
    return m_log_edge_f32(x, e + m_fma_f32(r, 0x1.715476p0f, tail));
}

static inline float m_log10_f32(float x)
{
    float e;
    float r = m_log_reduce_f32(x, &e);
    float q = m_p4_f32(r, -0x1.bcb7aap-3f, 0x1.287a84p-3f, -0x1.bcbfa2p-4f, 0x1.63c5ecp-4f,
                       m_p4_f32(r, -0x1.275718p-4f, 0x1.f9de2ap-5f, -0x1.da9554p-5f, 0x1.c3de9ep-5f, -0x1.fac256p-6f));
    float tail = m_fma_f32(r * r, q, m_fma_f32(r, 0x1.4e9p-29f, e * 0x1.09f79ep-19f));
    return m_log_edge_f32(x, m_fma_f32(e, 0x1.344p-2f, m_fma_f32(r, 0x1.bcb7b2p-2f, tail)));
}

/* The exponent e comes from 1 + x, then r = 2^-e (1 + x) - 1 straight from x, with one rounding. */
static inline float m_log1p_f32(float x)
{
    float up = 1 + (x > FLT_MAX ? 1 : x);
    int32_t n = (int32_t)(m_bits_f32(up) - 0x3f3504f3u) >> 23;
    float s = m_pow2i_f32(-n);
    float y = m_log_sum_f32(m_fma_f32(x, s, s - 1), (float)n);
    y = x > FLT_MAX ? x : y;
    y = x > -1 ? y : NAN;
    y = x == -1 ? -INFINITY : y;
    y = x == 0 ? x : y;
    return x != x ? x : y;
}

/* x^y = 2^(y log2 x): the logarithm in f64 with the tail of its polynomial in f32, the power in f32 again */
static inline float m_pow_f32(float x, float y)
{
    float a = m_abs_f32(x), e;
    float r = m_log_reduce_f32(a, &e);
    float tail = m_p4_f32(r, 0x1.277654p-2f, -0x1.ec75cap-3f, 0x1.a6404ap-3f, -0x1.70f802p-3f,
                          m_p4_f32(r, 0x1.44ed7p-3f, -0x1.2839b4p-3f, 0x1.2c3e30p-3f, -0x1.189b72p-3f, 0x1.162040p-4f));
    double d = (double)r;
    double p = m_p4_f64(d, 0x1.71547652a1b78p+0, -0x1.7154765aa79c7p-1, 0x1.ec709eb69c500p-2, -0x1.715469bbddf05p-2, (double)tail);
    float far = a == 0 ? -INFINITY : e;
    far = a > FLT_MAX ? INFINITY : far;
    far = a != a ? a : far;
    double l = m_fma_f64(d, p, (double)far);
    double t = m_within_f64(l * (double)m_within_f32(y, -0x1p60f, 0x1p60f), -160, 136);
    double k = t + 0x1.8p52;
    float f = (float)(t - (k - 0x1.8p52));
    int32_t n = (int32_t)(uint32_t)m_bits_f64(k);
    float v = m_scale_f32(m_exp2_poly_f32(f), n);
    /* the sign of a negative x: kept for an odd y, NaN for a fraction */
    float half = y * 0.5f;
    int whole = m_floor_f32(y) == y;
    int odd = whole & (m_floor_f32(half) != half);
    float sign = odd ? x : 1.0f;
    v = m_mulsign_f32(v, sign);
    int wrong = (x < 0) & (x >= -FLT_MAX) & !whole & (y == y);
    v = wrong ? NAN : v;
    return (y == 0) | (x == 1) ? 1 : v;
}

/* 1 / (1 + e^-x), from e^-|x| so that neither end overflows; at most 3 ULP */
static inline float m_sigmoid_f32(float x)
{
    float s = m_exp_negative_f32(-m_abs_f32(x));
    return (x < 0 ? s : 1) / (1 + s);
}

/* at most 4 ULP; -inf gives NaN as in PyTorch */
static inline float m_silu_f32(float x)
{
    return x * m_sigmoid_f32(x);
}

/* near 0 an odd polynomial, further out 1 - 2 / (e^2|x| + 1) */
static inline float m_tanh_f32(float x)
{
    float a = m_abs_f32(x), z = x * x;
    float near = m_p4_f32(z, -0x1.555552p-2f, 0x1.110fe8p-3f, -0x1.b9d632p-5f, 0x1.62874cp-6f,
                          m_fma_f32(z, 0x1.078c0cp-9f, -0x1.071368p-7f));
    near = m_fma_f32(a * z, near, a);
    int32_t n;
    float r = m_exp_reduce_f32(2 * (a > 10 ? 10 : a), &n);
    float y = m_exp_poly_f32(r) * m_pow2i_f32(n);
    float out = 1 - 2 / (y + 1);
    return m_copysign_f32(a < 0.65f ? near : out, x);
}

/* erf(x) for |x| < 1 */
static inline float m_erf_near_f32(float x)
{
    float z = x * x;
    float q = m_p4_f32(z, 0x1.06eba8p-3f, -0x1.81273ep-2f, 0x1.ce2ce6p-4f, -0x1.b7f71ep-6f,
                       m_p2_f32(z, 0x1.53f254p-8f, -0x1.a35320p-11f, 0x1.4777aap-14f));
    return m_fma_f32(x, q, x);
}

/* 1 - erf(a) = 2^p(a) for a >= 1 (an idea of N. Juffa's): its error counts only in proportion to what is taken from 1 */
static inline float m_erf_rest_f32(float a)
{
    float c = a > 4 ? 4 : a;
    float p = m_p4_f32(c, -0x1.e4ff72p-12f, -0x1.a04c56p+0f, -0x1.d7462ep-1f, -0x1.30f8e0p-3f,
                       m_p2_f32(c, 0x1.02b40ap-5f, -0x1.17df7ap-8f, 0x1.1bcd5ep-12f));
    float k = p + M_ROUND_F32;
    int32_t n = (int32_t)(m_bits_f32(k) - m_bits_f32(M_ROUND_F32));
    return m_exp2_poly_f32(p - (k - M_ROUND_F32)) * m_pow2i_f32(n);
}

static inline float m_erf_f32(float x)
{
    float a = m_abs_f32(x);
    float out = m_copysign_f32(1 - m_erf_rest_f32(a), x);
    float y = a < 1 ? m_erf_near_f32(x) : out;
    return x == 0 ? x : y;
}

/* x/2 (1 + erf(x / sqrt 2)): the error is at most 2 ULP of the result plus 2^-25 |x| */
static inline float m_gelu_f32(float x)
{
    float t = x * 0x1.6a09e6p-1f, a = m_abs_f32(t);
    float rest = m_erf_rest_f32(a);
    float out = t < 0 ? rest : 2 - rest;
    return 0.5f * x * (a < 1 ? 1 + m_erf_near_f32(t) : out);
}

/* PyTorch's tanh form, x/2 (1 + tanh u) = x / (1 + e^-2u): at most 4 ULP where u is small, else as e^-2u allows (16 ULP) */
static inline float m_gelu_tanh_f32(float x)
{
    float u = x * m_fma_f32(x * x, 0x1.b0ebd6p-4f * 0x1.6e4e26p-1f / 0x1.b0ebd6p-4f * 0x1.6e4e26p-5f * 0 + 0x1.242052p-4f, 0x1.988454p+0f);
    return x * m_sigmoid_f32(u);
}

/* --- trigonometry ------------------------------------------------------------------------------------------------------ */

/* Fast forms take |x| up to here: n (pi/2) stays exact in f64 */
#if M_HAVE_FMA
#define M_TRIG_NEAR_F32 0x1p45f
#else
#define M_TRIG_NEAR_F32 0x1p20f
#endif

static inline int m_far_f32(float x)
{
    return m_abs_f32(x) > M_TRIG_NEAR_F32;
}

/* x = quadrant pi/2 + r, |r| <= pi/4, for near x */
static inline float m_trig_reduce_near_f32(float x, uint32_t *quadrant)
{
    double d = (double)x;
    double k = m_fma_f64(d, 0x1.45f306dc9c883p-1, 0x1.8p52);
    *quadrant = (uint32_t)m_bits_f64(k);
    k -= 0x1.8p52;
#if M_HAVE_FMA
    return (float)m_fma_f64(k, -0x1.1a62633145c07p-54, m_fma_f64(k, -0x1.921fb54442d18p+0, d));
#else
    return (float)((d - k * 0x1.921fb544p+0) - k * 0x1.0b4611a626331p-34);
#endif
}

/* For any x, after M. Payne and R. Hanek (SIGNUM 1983): x 2/pi modulo 4, with 2/pi cut into pieces of 28 bits. Each product with
 * a 24-bit x is exact in f64, and whole multiples of 4 are dropped from it as they arise. */
static inline float m_trig_reduce_far_f32(float x, uint32_t *quadrant)
{
    double d = (double)(m_isfinite_f32(x) ? x : 0);
    static const double piece[8] = {M_TWO_OVER_PI_PIECES};
    double sum = 0;
    for (int i = 0; i < 8; i++) {
        double p = d * piece[i];
        p -= 4 * m_round_f64(p * 0.25);
        sum += p;
    }
    double k = sum + 0x1.8p52;
    *quadrant = (uint32_t)m_bits_f64(k);
    double r = (sum - (k - 0x1.8p52)) * 0x1.921fb54442d18p+0;
    return m_isfinite_f32(x) ? (float)r : NAN;
}
#endif
