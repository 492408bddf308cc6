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

#undef M_T
#undef M_Z
#undef M_R
#undef M_F
#undef M_MAKE
#undef M_LIB
