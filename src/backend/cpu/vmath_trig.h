/* The f64 trigonometric functions of vmath.h and their inverses. At most 1 ULP. */
#ifndef TORSH_BACKEND_CPU_VMATH_TRIG_H
#define TORSH_BACKEND_CPU_VMATH_TRIG_H

#define M_TRIG_NEAR_F64 0x1p20

M_INLINE int m_far_f64(double x)
{
    return m_abs_f64(x) > M_TRIG_NEAR_F64;
}

/* x = quadrant pi/2 + (r.hi + r.lo), |r| <= pi/4, for near x: pi/2 in three pieces of 33 bits, exact times the quotient, and a rest */
M_INLINE m_dd m_trig_reduce_near_f64(double x, uint64_t *quadrant)
{
    double k = m_fma_f64(x, 0x1.45f306dc9c883p-1, M_ROUND_F64);
    *quadrant = m_bits_f64(k);
    k -= M_ROUND_F64;
    double a = x - k * 0x1.921fb544p0;
    m_dd b = m_dd_sum(a, -(k * 0x1.0b4611a6p-34)), c = m_dd_sum(b.hi, -(k * 0x1.3198a2ep-69));
    return m_dd_fast_sum(c.hi, (b.lo + c.lo) - k * 0x1.b839a252049c1p-104);
}

__extension__ typedef unsigned __int128 m_u128;
__extension__ typedef __int128 m_i128;

/* For any x, after M. Payne and R. Hanek (SIGNUM 1983): x = m 2^e; of 2/pi only the 192 bits from 2^(1-e) down matter to m 2^e 2/pi
 * modulo 4. One at a time: there is no vector product of 64-bit integers to gain from. */
M_INLINE m_dd m_trig_reduce_far_f64(double x, uint64_t *quadrant)
{
    static const uint64_t two_over_pi[] = {
        0, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c,
        0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f,
        0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d, 0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08,
        0x56033046fc7b6bab, 0xf0cfbc209af4361d};
    if (!m_far_f64(x)) return m_trig_reduce_near_f64(x, quadrant);
    if (!m_isfinite_f64(x)) return (m_dd){(double)NAN, 0};
    uint64_t u = m_bits_f64(x), m = (u & UINT64_C(0xfffffffffffff)) | UINT64_C(0x10000000000000);
    unsigned from = (unsigned)(u >> 52 & 0x7ff) - 1075 - 2 + 64, word = from / 64, shift = from % 64; /* e >= -32: from >= 30 */
    uint64_t w[3];
    for (unsigned i = 0; i < 3; i++)
        w[i] = shift ? two_over_pi[word + i] << shift | two_over_pi[word + i + 1] >> (64 - shift) : two_over_pi[word + i];
    m_u128 low = (m_u128)m * w[2], middle = (m_u128)m * w[1] + (uint64_t)(low >> 64);
    uint64_t top = m * w[0] + (uint64_t)(middle >> 64); /* modulo 4: bits 63 and 62 are the whole part */
    uint64_t q = (top >> 62) + (top >> 61 & 1);
    m_u128 fraction = (m_u128)(top << 2 | (uint64_t)middle >> 62) << 64 | ((uint64_t)middle << 2 | (uint64_t)low >> 62);
    int below = (fraction >> 127) != 0;
    m_u128 size = below ? 0 - fraction : fraction;
    double hi = (double)size, lo = (double)(m_i128)(size - (m_u128)hi);
    double sign = below != m_signbit_f64(x) ? -0x1p-128 : 0x1p-128;
    *quadrant = m_signbit_f64(x) ? 0 - q : q;
    return m_dd_mul((m_dd){hi * sign, lo * sign}, (m_dd){0x1.921fb54442d18p0, 0x1.1a62633145c07p-54});
}

M_INLINE m_dd m_trig_reduce_f64(double x, uint64_t *quadrant, int far)
{
    return far ? m_trig_reduce_far_f64(x, quadrant) : m_trig_reduce_near_f64(x, quadrant);
}

/* sin and cos of r, not yet rounded */
M_INLINE m_dd m_sin_parts_f64(m_dd r)
{
    double z = r.hi * r.hi;
    double p = m_p3_f64(z, -0x1.5555555555548p-3, 0x1.111111110f6f9p-7, -0x1.a01a019bde3bcp-13,
                        m_p2_f64(z, 0x1.71de35494bb2cp-19, -0x1.ae5e40c00ce0ap-26, 0x1.5d87dbecc957ep-33));
    return (m_dd){r.hi, m_fma_f64(r.hi * z, p, r.lo * (1 - 0.5 * z))};
}

M_INLINE m_dd m_cos_parts_f64(m_dd r)
{
    m_dd z = m_dd_product(r.hi, r.hi);
    double p = m_p3_f64(z.hi, 0x1.555555555554ap-5, -0x1.6c16c16c14e00p-10, 0x1.a01a019c5c5d8p-16,
                        m_p2_f64(z.hi, -0x1.27e4f7cd6c29dp-22, 0x1.1ee9c3730d2eep-29, -0x1.8f99f5d2f46e9p-37));
    m_dd c = m_dd_fast_sum(1, -0.5 * z.hi);
    return (m_dd){c.hi, c.lo + m_fma_f64(z.hi * z.hi, p, -0.5 * z.lo - r.hi * r.lo)};
}

/* sin of quadrant pi/2 + r */
M_INLINE double m_sincos_f64(m_dd r, uint64_t quadrant)
{
    m_dd s = m_sin_parts_f64(r), c = m_cos_parts_f64(r);
    double sine = s.hi + s.lo, cosine = c.hi + c.lo;
    uint64_t odd = 0 - (quadrant & 1); /* a mask: AVX2 compares no 64-bit integers as cheaply */
    uint64_t v = (m_bits_f64(cosine) & odd) | (m_bits_f64(sine) & ~odd);
    return m_from_bits_f64(v ^ (quadrant & 2) << 62);
}

M_INLINE double m_sin_at_f64(double x, int far)
{
    uint64_t q = 0;
    m_dd r = m_trig_reduce_f64(x, &q, far);
    double y = m_sincos_f64(r, q);
    return x == 0 ? x : y;
}

M_INLINE double m_cos_at_f64(double x, int far)
{
    uint64_t q = 0;
    m_dd r = m_trig_reduce_f64(x, &q, far);
    return m_sincos_f64(r, q + 1);
}

M_INLINE double m_tan_at_f64(double x, int far)
{
    uint64_t q = 0;
    m_dd r = m_trig_reduce_f64(x, &q, far), s = m_sin_parts_f64(r), c = m_cos_parts_f64(r);
    s = m_dd_fast_sum(s.hi, s.lo);
    c = m_dd_fast_sum(c.hi, c.lo);
    double turn = m_from_bits_f64(m_bits_f64(1) + ((q & 1) << 52)); /* 1 or 2: tan, or -1/tan */
    m_dd above = {turn > 1 ? -c.hi : s.hi, turn > 1 ? -c.lo : s.lo}, below = {turn > 1 ? s.hi : c.hi, turn > 1 ? s.lo : c.lo};
    double y = m_dd_div(above, below).hi;
    return x == 0 ? x : y;
}

M_INLINE double m_sin_f64(double x)
{
    return m_sin_at_f64(x, 1);
}

M_INLINE double m_cos_f64(double x)
{
    return m_cos_at_f64(x, 1);
}

M_INLINE double m_tan_f64(double x)
{
    return m_tan_at_f64(x, 1);
}

/* sin(pi x), exact zeros at the integers; any x */
M_INLINE m_dd m_sinpi_parts_f64(double x)
{
    double f = x - 2 * m_round_f64(0.5 * x);                 /* [-1, 1] */
    double k = 2 * f + M_ROUND_F64, g = f - 0.5 * (k - M_ROUND_F64); /* quarter turns, and what is left in [-1/4, 1/4] */
    uint64_t q = m_bits_f64(k);
    m_dd r = m_dd_product(g, 0x1.921fb54442d18p1);
    r.lo = m_fma_f64(g, 0x1.1a62633145c07p-53, r.lo);
    m_dd s = m_sin_parts_f64(r), c = m_cos_parts_f64(r);
    double turn = m_from_bits_f64(m_bits_f64(1) + ((q & 1) << 52));
    m_dd v = m_dd_fast_sum(turn > 1 ? c.hi : s.hi, turn > 1 ? c.lo : s.lo);
    double sign = m_from_bits_f64(m_bits_f64(1) | (q & 2) << 62);
    return (m_dd){v.hi * sign, v.lo * sign};
}

/* --- inverse functions --------------------------------------------------------------------------------------------------------- */

/* (asin(s)/s - 1)/z, z = s^2 <= 1/4 */
M_INLINE double m_asin_poly_f64(double z)
{
    return m_p4_f64(z, 0x1.5555555555577p-3, 0x1.333333332e10ep-4, 0x1.6db6db7215123p-5, 0x1.f1c71a93aa9e7p-6,
                    m_p4_f64(z, 0x1.6e8bdf0ab7327p-6, 0x1.1c49ed0315ac0p-6, 0x1.ca1fe5771acedp-7, 0x1.7582819190f12p-7,
                             m_p4_f64(z, 0x1.614ea5b373839p-7, 0x1.e4d4b4b723ad2p-9, 0x1.63f8a4640ce94p-6, -0x1.5885c063a4ba2p-6,
                                      0x1.0b73112e5b98ap-5)));
}

/* asin(|x|) for |x| <= 1/2, else asin(sqrt((1 - |x|)/2)) = acos(|x|)/2 */
M_INLINE m_dd m_asin_parts_f64(double a)
{
    double w = 0.5 - 0.5 * a, z = a > 0.5 ? w : a * a;
    m_dd root = m_dd_sqrt((m_dd){w > 0 ? w : 0, 0});
    double s = a > 0.5 ? root.hi : a, low = a > 0.5 ? root.lo : 0;
    return (m_dd){s, m_fma_f64(s * z, m_asin_poly_f64(z), low)};
}

M_INLINE double m_asin_f64(double x)
{
    double a = m_abs_f64(x);
    m_dd s = m_asin_parts_f64(a), h = m_dd_fast_sum(0x1.921fb54442d18p0, -2 * s.hi);
    double out = h.hi + (h.lo + (0x1.1a62633145c07p-54 - 2 * s.lo)), y = a > 0.5 ? out : s.hi + s.lo;
    return m_copysign_f64(a > 1 ? (double)NAN : y, x);
}

M_INLINE double m_acos_f64(double x)
{
    double a = m_abs_f64(x);
    m_dd s = m_asin_parts_f64(a);
    /* near: pi/2 - asin(x); far left: pi - acos(|x|); far right: acos(x) */
    double turn = a > 0.5 ? 2 : 1;
    double c = a > 0.5 ? 0x1.921fb54442d18p1 : 0x1.921fb54442d18p0, cl = a > 0.5 ? 0x1.1a62633145c07p-53 : 0x1.1a62633145c07p-54;
    double hi = turn * s.hi, lo = turn * s.lo;
    double sign = ((a <= 0.5) & (x < 0)) ? 1 : -1; /* pi/2 + asin(|x|) for a small negative x */
    m_dd h = m_dd_fast_sum(c, sign * hi);
    double y = h.hi + (h.lo + (cl + sign * lo));
    y = ((a > 0.5) & (x > 0)) ? hi + lo : y;
    return a > 1 ? (double)NAN : x != x ? x : y;
}

/* atan(n/d) for n, d >= 0 and not both 0, as steps pi/4 + turn (q.hi + q.lo); the quotient is kept below tan(pi/8) */
M_INLINE m_dd m_atan_parts_f64(double n, double d, double *steps, double *turn)
{
    int swap = n > d;
    double least = swap ? d : n, most = swap ? n : d;
    int middle = least > 0x1.a827999fcef32p-2 * most;
    m_dd above = m_dd_fast_sum(most, -least), below = m_dd_fast_sum(most, least);
    above = (m_dd){middle ? -above.hi : least, middle ? -above.lo : 0};
    below = (m_dd){middle ? below.hi : most, middle ? below.lo : 0};
    m_dd q = m_dd_div(above, below);
    double z = q.hi * q.hi;
    double p = m_p4_f64(z, -0x1.555555555553cp-2, 0x1.999999999564dp-3, -0x1.24924922a14aep-3, 0x1.c71c70e1bf551p-4,
                        m_p4_f64(z, -0x1.745cf869c5428p-4, 0x1.3b1111aae3260p-4, -0x1.10eb688193b1ep-4, 0x1.df0afc3514506p-5,
                                 m_p2_f64(z, -0x1.9cc02ba92e247p-5, 0x1.37a845fe1cbe7p-5, -0x1.250a53582b172p-6)));
    double offset = middle ? 1 : 0;
    *steps = swap ? 2 - offset : offset;
    *turn = swap ? -1 : 1;
    return (m_dd){q.hi, m_fma_f64(q.hi * z, p, q.lo)};
}

/* steps pi/4 + turn q */
M_INLINE double m_atan_join_f64(m_dd q, double steps, double turn)
{
    m_dd s = m_dd_fast_sum(steps * 0x1.921fb54442d18p-1, turn * q.hi); /* 50 bits of pi/4: exact times up to 4 */
    return s.hi + (s.lo + m_fma_f64(steps, 0x1.1a62633145c07p-55, turn * q.lo));
}

M_INLINE double m_atan_f64(double x)
{
    double a = m_abs_f64(x), steps, turn;
    m_dd q = m_atan_parts_f64(a > 0x1p60 ? 0x1p60 : a, 1, &steps, &turn);
    double y = m_atan_join_f64(q, steps, turn);
    y = a < 0x1p-28 ? a : y;
    return m_copysign_f64(y, x);
}

M_INLINE double m_atan2_f64(double y, double x)
{
    double n = m_abs_f64(y), d = m_abs_f64(x), most = n > d ? n : d;
    double scale = most > 0x1p500 ? 0x1p-600 : 1;
    scale = most < 0x1p-400 ? 0x1p600 : scale;
    int both = (n > DBL_MAX) & (d > DBL_MAX), none = most == 0;
    double up = n > DBL_MAX ? 0x1p500 : n * scale, right = d > DBL_MAX ? 0x1p500 : d * scale;
    up = ((d > DBL_MAX) & !both) ? 0 : up;
    right = ((n > DBL_MAX) & !both) ? 0 : right;
    right = none ? 1 : right;
    double steps, turn;
    m_dd q = m_atan_parts_f64(up, right, &steps, &turn);
    int back = m_signbit_f64(x);
    double v = m_atan_join_f64(q, back ? 4 - steps : steps, back ? -turn : turn);
    double tiny = n / d; /* a quotient that underflows has no low part to speak of */
    v = (!back & (tiny < 0x1p-900) & (d > 0)) ? tiny : v;
    return ((x != x) | (y != y)) ? x + y : m_copysign_f64(v, y);
}
#endif
