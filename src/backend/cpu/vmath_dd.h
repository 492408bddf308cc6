/* Double-double arithmetic for vmath_f64.h: a value as the unevaluated sum of two doubles, |low| <= ulp(high)/2, for the steps whose
 * rounding would show. T. Dekker, Numer. Math. 18, 1971; D. Knuth, TAOCP 2, 4.2.2. */
#ifndef TORSH_BACKEND_CPU_VMATH_DD_H
#define TORSH_BACKEND_CPU_VMATH_DD_H

typedef struct {
    double hi, lo;
} m_dd;

/* a + b, for |a| >= |b| or a = 0 */
M_INLINE m_dd m_dd_fast_sum(double a, double b)
{
    double s = a + b;
    return (m_dd){s, (a - s) + b};
}

M_INLINE m_dd m_dd_sum(double a, double b)
{
    double s = a + b, seen = s - a;
    return (m_dd){s, (a - (s - seen)) + (b - seen)};
}

/* a * b; without FMA the factors are cut in halves, of 26 and 27 bits */
M_INLINE m_dd m_dd_product(double a, double b)
{
    double p = a * b;
#if M_HAVE_FMA
    return (m_dd){p, __builtin_fma(a, b, -p)};
#else
    double ah = m_from_bits_f64(m_bits_f64(a) & UINT64_C(0xfffffffff8000000)), al = a - ah;
    double bh = m_from_bits_f64(m_bits_f64(b) & UINT64_C(0xfffffffff8000000)), bl = b - bh;
    return (m_dd){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
#endif
}

M_INLINE m_dd m_dd_add(m_dd a, m_dd b)
{
    m_dd s = m_dd_sum(a.hi, b.hi);
    return m_dd_fast_sum(s.hi, s.lo + (a.lo + b.lo));
}

M_INLINE m_dd m_dd_mul(m_dd a, m_dd b)
{
    m_dd p = m_dd_product(a.hi, b.hi);
    return m_dd_fast_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

M_INLINE m_dd m_dd_div(m_dd a, m_dd b)
{
    double inverse = 1 / b.hi, q = a.hi * inverse;
    m_dd p = m_dd_product(q, b.hi);
    double rest = ((a.hi - p.hi) - p.lo) + (a.lo - q * b.lo);
    return m_dd_fast_sum(q, rest * inverse);
}

/* sqrt(a) for normal a > 0; 0 for 0 */
M_INLINE m_dd m_dd_sqrt(m_dd a)
{
    double s = __builtin_sqrt(a.hi);
    m_dd p = m_dd_product(s, s);
    double rest = ((a.hi - p.hi) - p.lo) + a.lo, low = rest / (2 * s);
    return m_dd_fast_sum(s, s > 0 ? low : 0);
}
#endif
