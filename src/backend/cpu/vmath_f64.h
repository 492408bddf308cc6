/* The f64 functions of vmath.h. */
#ifndef TORSH_BACKEND_CPU_VMATH_F64_H
#define TORSH_BACKEND_CPU_VMATH_F64_H

#define M_LIBM(name) \
    static inline double m_##name##_f64(double x) { return __builtin_##name(x); }
#define M_LIBM_2(name) \
    static inline double m_##name##_f64(double x, double y) { return __builtin_##name(x, y); }
#define M_LIBM_FAR(name) \
    static inline double m_##name##_f64(double x) { return __builtin_##name(x); } \
    static inline double m_##name##_at_f64(double x, int far) { return far ? __builtin_##name(x) : __builtin_##name(x); }
M_LIBM(exp)
M_LIBM(exp2)
M_LIBM(expm1)
M_LIBM(log)
M_LIBM(log2)
M_LIBM(log10)
M_LIBM(log1p)
M_LIBM(cbrt)
M_LIBM(asin)
M_LIBM(acos)
M_LIBM(atan)
M_LIBM(sinh)
M_LIBM(cosh)
M_LIBM(tanh)
M_LIBM(asinh)
M_LIBM(acosh)
M_LIBM(atanh)
M_LIBM(erf)
M_LIBM(erfc)
M_LIBM(lgamma)
M_LIBM_2(atan2)
M_LIBM_2(pow)
M_LIBM_2(hypot)
M_LIBM_FAR(sin)
M_LIBM_FAR(cos)
M_LIBM_FAR(tan)

static inline int m_far_f64(double x)
{
    return m_abs_f64(x) > 0x1p20;
}

static inline double m_rsqrt_f64(double x)
{
    return 1 / m_sqrt_f64(x);
}

/* Newton's method (Halley's step) on erf from a start by S. Winitzki (2008), good to 2e-3; at most 4 ULP away from +-1 */
static inline double m_erfinv_f64(double x)
{
    double l = m_log1p_f64(-x * x), t = 4.330746750799873 + l * 0.5;
    double a = m_abs_f64(x), y = m_sqrt_f64(m_sqrt_f64(t * t - l * 6.802721088435374) - t);
    for (int i = 0; i < 3; i++) {
        double e = a > 0.5 ? (1 - a) - m_erfc_f64(y) : m_erf_f64(y) - a;
        double u = e * 0.886226925452758 * m_exp_f64(y * y);
        y -= u / (1 + u * y);
    }
    y = a == 1 ? INFINITY : y;
    y = a > 1 ? NAN : y;
    return x == 0 ? x : m_copysign_f64(y, x);
}

/* Recurrence up to x >= 10, then the asymptotic series (Abramowitz and Stegun 6.3.18); reflection below 0. */
static inline double m_digamma_f64(double x)
{
    double v = x <= 0 ? 1 - x : x, sum = 0;
    for (int i = 0; i < 10; i++) {
        sum += v < 10 ? 1 / v : 0;
        v += v < 10 ? 1 : 0;
    }
    double z = 1 / (v * v);
    double s = z * m_p4_f64(z, 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, m_p2_f64(z, 1.0 / 132, -691.0 / 32760, 1.0 / 12));
    double y = m_log_f64(v) - 0.5 / v - s - sum;
    double f = x - m_round_f64(x);
    double pole = f == 0 ? NAN : 3.141592653589793 / m_tan_f64(3.141592653589793 * f);
    y = x < 0 ? y - pole : y;
    return x == 0 ? m_copysign_f64(INFINITY, -x) : y;
}

static inline double m_sigmoid_f64(double x)
{
    double s = m_exp_f64(-m_abs_f64(x));
    return (x < 0 ? s : 1) / (1 + s);
}

static inline double m_silu_f64(double x)
{
    return x * m_sigmoid_f64(x);
}

/* log(x / (1 - x)) */
static inline double m_logit_f64(double x)
{
    return m_log_f64(x / (1 - x));
}

static inline double m_gelu_f64(double x)
{
    return 0.5 * x * m_erfc_f64(x * -0x1.6a09e667f3bcdp-1);
}

static inline double m_gelu_tanh_f64(double x)
{
    return x * m_sigmoid_f64(x * m_fma_f64(x * x, 0x1.2444f2a4d8b4bp-4, 0x1.9884533d43651p+0));
}

/* log(1 + e^x) */
static inline double m_softplus_f64(double x)
{
    return (x > 0 ? x : 0) + m_log1p_f64(m_exp_f64(-m_abs_f64(x)));
}

static inline double m_mish_f64(double x)
{
    return x * m_tanh_f64(m_softplus_f64(x));
}

/* sin(pi x) / (pi x) */
static inline double m_sinc_f64(double x)
{
    double p = 3.141592653589793 * x;
    return x == 0 ? 1 : m_sin_f64(p) / p;
}

static inline double m_logaddexp_f64(double x, double y)
{
    double most = m_max_f64(x, y);
    double v = most + m_log1p_f64(m_exp_f64(-m_abs_f64(x - y)));
    return ((x == y) & m_isinf_f64(x)) ? x : v;
}

static inline double m_logaddexp2_f64(double x, double y)
{
    double most = m_max_f64(x, y);
    double v = most + 1.4426950408889634 * m_log1p_f64(m_exp2_f64(-m_abs_f64(x - y)));
    return ((x == y) & m_isinf_f64(x)) ? x : v;
}

/* x log y, 0 where x is 0 and y is not NaN */
static inline double m_xlogy_f64(double x, double y)
{
    double v = x * m_log_f64(y);
    return ((x == 0) & (y == y)) ? 0 : v;
}

static inline int m_far2_f64(double a, double b)
{
    return !(m_abs_f64(a) <= 0x1p50 * m_abs_f64(b));
}

static inline double m_fmod_at_f64(double a, double b, int far)
{
    (void)far;
    return __builtin_fmod(a, b);
}

static inline double m_remainder_at_f64(double a, double b, int far)
{
    double r = m_fmod_at_f64(a, b, far);
    return ((r != 0) & ((r < 0) != (b < 0))) ? r + b : r;
}

static inline double m_floor_divide_at_f64(double a, double b, int far)
{
    double mod = m_fmod_at_f64(a, b, far);
    double div = (a - mod) / b;
    div = ((mod != 0) & ((b < 0) != (mod < 0))) ? div - 1 : div;
    double whole = m_floor_f64(div);
    whole = div - whole > 0.5 ? whole + 1 : whole;
    whole = div == 0 ? m_copysign_f64(0, a / b) : whole;
    return b == 0 ? a / b : whole;
}

static inline double m_fmod_f64(double a, double b)
{
    return m_fmod_at_f64(a, b, 1);
}

static inline double m_remainder_f64(double a, double b)
{
    return m_remainder_at_f64(a, b, 1);
}

static inline double m_floor_divide_f64(double a, double b)
{
    return m_floor_divide_at_f64(a, b, 1);
}
#endif
