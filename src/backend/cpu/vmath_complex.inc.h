/* Complex functions, included once per type with M_T (part), M_Z, M_R(name) (real function), M_F(name), M_MAKE(re, im) and
 * M_LIB(name) (libm's) defined; it undefines them. */

M_INLINE M_Z M_F(select)(int condition, M_Z a, M_Z b)
{
    return condition ? a : b;
}

M_INLINE M_Z M_F(add)(M_Z a, M_Z b)
{
    return M_MAKE(M_LIB(creal)(a) + M_LIB(creal)(b), M_LIB(cimag)(a) + M_LIB(cimag)(b));
}

M_INLINE M_Z M_F(sub)(M_Z a, M_Z b)
{
    return M_MAKE(M_LIB(creal)(a) - M_LIB(creal)(b), M_LIB(cimag)(a) - M_LIB(cimag)(b));
}

M_INLINE M_Z M_F(neg)(M_Z a)
{
    return M_MAKE(-M_LIB(creal)(a), -M_LIB(cimag)(a));
}

M_INLINE M_Z M_F(conj)(M_Z a)
{
    return M_MAKE(M_LIB(creal)(a), -M_LIB(cimag)(a));
}

M_INLINE M_Z M_F(mul)(M_Z a, M_Z b)
{
    M_T ar = M_LIB(creal)(a), ai = M_LIB(cimag)(a), br = M_LIB(creal)(b), bi = M_LIB(cimag)(b);
    return M_MAKE(ar * br - ai * bi, ar * bi + ai * br);
}

/* Smith's scaling (CACM 5, 1962), as c10 and NumPy: divide by the larger part of b first */
M_INLINE M_Z M_F(div)(M_Z a, M_Z b)
{
    M_T ar = M_LIB(creal)(a), ai = M_LIB(cimag)(a), br = M_LIB(creal)(b), bi = M_LIB(cimag)(b);
    int real = M_R(abs)(br) >= M_R(abs)(bi);
    M_T large = real ? br : bi, small = real ? bi : br;
    M_T ratio = small / large, scale = 1 / (large + small * ratio);
    M_T re = real ? ar + ai * ratio : ar * ratio + ai, im = real ? ai - ar * ratio : ai * ratio - ar;
    int zero = (br == 0) & (bi == 0);
    return M_MAKE(zero ? ar / M_R(abs)(br) : re * scale, zero ? ai / M_R(abs)(br) : im * scale);
}

M_INLINE M_Z M_F(reciprocal)(M_Z a)
{
    return M_F(div)(M_MAKE(1, 0), a);
}

M_INLINE M_T M_F(abs)(M_Z a)
{
    return M_R(hypot)(M_LIB(creal)(a), M_LIB(cimag)(a));
}

M_INLINE M_T M_F(angle)(M_Z a)
{
    return M_R(atan2)(M_LIB(cimag)(a), M_LIB(creal)(a));
}

M_INLINE int M_F(isnan)(M_Z a)
{
    return M_R(isnan)(M_LIB(creal)(a)) | M_R(isnan)(M_LIB(cimag)(a));
}

M_INLINE int M_F(isinf)(M_Z a)
{
    return M_R(isinf)(M_LIB(creal)(a)) | M_R(isinf)(M_LIB(cimag)(a));
}

M_INLINE int M_F(isfinite)(M_Z a)
{
    return M_R(isfinite)(M_LIB(creal)(a)) & M_R(isfinite)(M_LIB(cimag)(a));
}

/* Each part by itself; p, q and r are real */
M_INLINE M_Z M_F(without)(M_Z a, M_Z nan, M_Z high, M_Z low)
{
    M_T p = M_LIB(creal)(nan), q = M_LIB(creal)(high), r = M_LIB(creal)(low);
    return M_MAKE(M_R(without)(M_LIB(creal)(a), p, q, r), M_R(without)(M_LIB(cimag)(a), p, q, r));
}

/* a / |a|, 0 for 0: torch.sgn */
M_INLINE M_Z M_F(sign)(M_Z a)
{
    M_T size = M_F(abs)(a);
    return M_MAKE(size == 0 ? 0 : M_LIB(creal)(a) / size, size == 0 ? 0 : M_LIB(cimag)(a) / size);
}

#define M_C99(name) \
    M_INLINE M_Z M_F(name)(M_Z a) { return M_LIB(c##name)(a); }
M_C99(exp)
M_C99(log)
M_C99(sqrt)
M_C99(sin)
M_C99(cos)
M_C99(tan)
M_C99(sinh)
M_C99(cosh)
M_C99(tanh)
M_C99(asin)
M_C99(acos)
M_C99(atan)
M_C99(asinh)
M_C99(acosh)
M_C99(atanh)
#undef M_C99

/* The following as c10/util/complex_math.h and complex_utils do: through log, exp and real functions */
M_INLINE M_Z M_F(log2)(M_Z a)
{
    M_Z l = M_F(log)(a);
    return M_MAKE(M_LIB(creal)(l) / (M_T)0.693147180559945309417, M_LIB(cimag)(l) / (M_T)0.693147180559945309417);
}

M_INLINE M_Z M_F(log10)(M_Z a)
{
    M_Z l = M_F(log)(a);
    return M_MAKE(M_LIB(creal)(l) / (M_T)2.30258509299404568402, M_LIB(cimag)(l) / (M_T)2.30258509299404568402);
}

M_INLINE M_Z M_F(exp2)(M_Z a)
{
    return M_F(exp)(M_MAKE(M_LIB(creal)(a) * (M_T)0.693147180559945309417, M_LIB(cimag)(a) * (M_T)0.693147180559945309417));
}

/* e^x cos y - 1 = expm1(x) cos y - 2 sin(y/2)^2 */
M_INLINE M_Z M_F(expm1)(M_Z a)
{
    M_T x = M_LIB(creal)(a), y = M_LIB(cimag)(a), half = M_R(sin)(y / 2);
    return M_MAKE(M_R(expm1)(x) * M_R(cos)(y) - 2 * half * half, M_R(exp)(x) * M_R(sin)(y));
}

/* |1 + a|^2 - 1 = x (2 + x) + y^2 near 0 */
M_INLINE M_Z M_F(log1p)(M_Z a)
{
    M_T x = M_LIB(creal)(a), y = M_LIB(cimag)(a);
    M_T size = M_R(hypot)(x, y), near = M_R(log1p)(x * (2 + x) + y * y) / 2;
    return M_MAKE(size < (M_T)0.5 ? near : M_R(log)(M_R(hypot)(x + 1, y)), M_R(atan2)(y, x + 1));
}

M_INLINE M_Z M_F(logaddexp)(M_Z a, M_Z b)
{
    int swap = M_LIB(creal)(a) > M_LIB(creal)(b);
    M_Z least = swap ? b : a, most = swap ? a : b;
    if (M_F(isnan)(a) | M_F(isnan)(b)) return M_MAKE(NAN, NAN);
    if (!M_R(isfinite)(M_LIB(creal)(least)) && M_LIB(creal)(least) == M_LIB(creal)(most))
        return M_LIB(creal)(least) < 0 ? least : M_F(log)(M_F(add)(M_F(exp)(least), M_F(exp)(most)));
    return M_F(add)(most, M_F(log1p)(M_F(exp)(M_F(sub)(least, most))));
}

M_INLINE M_Z M_F(pow)(M_Z a, M_Z b)
{
    return M_LIB(cpow)(a, b);
}

M_INLINE M_Z M_F(rsqrt)(M_Z a)
{
    return M_F(reciprocal)(M_F(sqrt)(a));
}

/* 1 / (1 + e^-a) */
M_INLINE M_Z M_F(sigmoid)(M_Z a)
{
    return M_F(reciprocal)(M_F(add)(M_MAKE(1, 0), M_F(exp)(M_F(neg)(a))));
}

M_INLINE M_Z M_F(silu)(M_Z a)
{
    return M_F(div)(a, M_F(add)(M_MAKE(1, 0), M_F(exp)(M_F(neg)(a))));
}

#undef M_T
#undef M_Z
#undef M_R
#undef M_F
#undef M_MAKE
#undef M_LIB
