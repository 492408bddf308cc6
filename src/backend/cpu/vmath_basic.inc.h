/* The part of vmath.h that reads the same in f32 and f64: bit casts, selects, rounding, minimum and maximum, predicates.
 * Included once per type with M_T, M_U (unsigned of its size), M_F(name), M_C(constant), M_SIGN and M_INTEGRAL (from there
 * on every value is an integer) defined; it undefines them. */

M_INLINE M_U M_F(bits)(M_T x)
{
    M_U u;
    __builtin_memcpy(&u, &x, sizeof u);
    return u;
}

M_INLINE M_T M_F(from_bits)(M_U u)
{
    M_T x;
    __builtin_memcpy(&x, &u, sizeof x);
    return x;
}

/* a * b + c, fused where the instruction set can. Callers must be right either way. */
M_INLINE M_T M_F(fma)(M_T a, M_T b, M_T c)
{
#if M_HAVE_FMA
    return sizeof(M_T) == sizeof(float) ? (M_T)__builtin_fmaf((float)a, (float)b, (float)c) : (M_T)__builtin_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/* c0 + c1 x + c2 x^2 (+ c3 x^3) + ... : the last argument may be another polynomial, the tail. */
M_INLINE M_T M_F(p2)(M_T x, M_T c0, M_T c1, M_T tail)
{
    return M_F(fma)(x, M_F(fma)(x, tail, c1), c0);
}

M_INLINE M_T M_F(p3)(M_T x, M_T c0, M_T c1, M_T c2, M_T tail)
{
    return M_F(fma)(x, M_F(fma)(x, M_F(fma)(x, tail, c2), c1), c0);
}

M_INLINE M_T M_F(p4)(M_T x, M_T c0, M_T c1, M_T c2, M_T c3, M_T tail)
{
    return M_F(fma)(x, M_F(fma)(x, M_F(fma)(x, M_F(fma)(x, tail, c3), c2), c1), c0);
}

/* The same with z = x^2 given and the terms in pairs (G. Estrin, 1960): half the wait for the result, which is what bounds a loop of
 * a few dozen operations */
M_INLINE M_T M_F(e4)(M_T x, M_T z, M_T c0, M_T c1, M_T c2, M_T c3)
{
    return M_F(fma)(z, M_F(fma)(x, c3, c2), M_F(fma)(x, c1, c0));
}

M_INLINE M_T M_F(e5)(M_T x, M_T z, M_T c0, M_T c1, M_T c2, M_T c3, M_T c4)
{
    return M_F(fma)(z, M_F(fma)(z, c4, M_F(fma)(x, c3, c2)), M_F(fma)(x, c1, c0));
}

M_INLINE M_T M_F(select)(int condition, M_T a, M_T b)
{
    return condition ? a : b;
}

M_INLINE M_T M_F(abs)(M_T x)
{
    return M_F(from_bits)(M_F(bits)(x) & ~M_SIGN);
}

M_INLINE M_T M_F(copysign)(M_T x, M_T sign)
{
    return M_F(from_bits)((M_F(bits)(x) & ~M_SIGN) | (M_F(bits)(sign) & M_SIGN));
}

/* x with its sign flipped where `sign` is negative */
M_INLINE M_T M_F(mulsign)(M_T x, M_T sign)
{
    return M_F(from_bits)(M_F(bits)(x) ^ (M_F(bits)(sign) & M_SIGN));
}

M_INLINE int M_F(signbit)(M_T x)
{
    return (M_F(bits)(x) & M_SIGN) != 0;
}

M_INLINE int M_F(isnan)(M_T x)
{
    return x != x;
}

M_INLINE int M_F(isinf)(M_T x)
{
    return M_F(abs)(x) == (M_T)INFINITY;
}

M_INLINE int M_F(isfinite)(M_T x)
{
    return M_F(abs)(x) < (M_T)INFINITY;
}

/* nan, high or low in place of NaN and the infinities */
M_INLINE M_T M_F(without)(M_T x, M_T nan, M_T high, M_T low)
{
    M_T end = x > 0 ? high : low, y = M_F(isinf)(x) ? end : x;
    return x != x ? nan : y;
}

/* -1, 0, 1; NaN gives 0, as torch.sign */
M_INLINE M_T M_F(sign)(M_T x)
{
    return (M_T)(x > 0) - (M_T)(x < 0);
}

/* torch.minimum, torch.maximum: NaN where either is NaN */
M_INLINE M_T M_F(min)(M_T a, M_T b)
{
    M_T least = a < b ? a : b; /* b where either is NaN */
    return a != a ? a : least;
}

M_INLINE M_T M_F(max)(M_T a, M_T b)
{
    M_T most = a > b ? a : b;
    return a != a ? a : most;
}

/* C's fmin, fmax: the other one where one is NaN */
M_INLINE M_T M_F(fmin)(M_T a, M_T b)
{
    M_T least = a < b ? a : b;
    return b != b ? a : least;
}

M_INLINE M_T M_F(fmax)(M_T a, M_T b)
{
    M_T most = a > b ? a : b;
    return b != b ? a : most;
}

/* torch.clamp: NaN where any is NaN, high where low is above it. Each select is the instruction for a maximum or minimum, whose second operand a
 * NaN leaves as it is; limits that a loop does not change are looked at once. */
M_INLINE M_T M_F(clamp)(M_T x, M_T low, M_T high)
{
    M_T raised = low > x ? low : x, limited = high < raised ? high : raised;
    return __builtin_isunordered(low, high) ? low + high : limited;
}

/* x limited to [low, high]; NaN stays */
M_INLINE M_T M_F(within)(M_T x, M_T low, M_T high)
{
    M_T c = x > high ? high : x;
    return c < low ? low : c;
}

/* half to even, as torch.round */
M_INLINE M_T M_F(round)(M_T x)
{
#if M_HAVE_ROUND
    return sizeof(M_T) == sizeof(float) ? (M_T)__builtin_rintf((float)x) : (M_T)__builtin_rint(x);
#else
    M_T a = M_F(abs)(x);
    M_T r = (a + M_INTEGRAL) - M_INTEGRAL;
    return M_F(copysign)(a < M_INTEGRAL ? r : x, x);
#endif
}

M_INLINE M_T M_F(floor)(M_T x)
{
#if M_HAVE_ROUND
    return sizeof(M_T) == sizeof(float) ? (M_T)__builtin_floorf((float)x) : (M_T)__builtin_floor(x);
#else
    M_T r = M_F(round)(x);
    return M_F(copysign)(r > x ? r - 1 : r, x);
#endif
}

M_INLINE M_T M_F(ceil)(M_T x)
{
#if M_HAVE_ROUND
    return sizeof(M_T) == sizeof(float) ? (M_T)__builtin_ceilf((float)x) : (M_T)__builtin_ceil(x);
#else
    M_T r = M_F(round)(x);
    return M_F(copysign)(r < x ? r + 1 : r, x);
#endif
}

M_INLINE M_T M_F(trunc)(M_T x)
{
#if M_HAVE_ROUND
    return sizeof(M_T) == sizeof(float) ? (M_T)__builtin_truncf((float)x) : (M_T)__builtin_trunc(x);
#else
    M_T a = M_F(abs)(x);
    M_T r = M_F(round)(a);
    return M_F(copysign)(r > a ? r - 1 : r, x);
#endif
}

/* x - trunc(x), as torch.frac: NaN for an infinity */
M_INLINE M_T M_F(frac)(M_T x)
{
    return x - M_F(trunc)(x);
}

M_INLINE M_T M_F(sqrt)(M_T x)
{
    return sizeof(M_T) == sizeof(float) ? (M_T)__builtin_sqrtf((float)x) : (M_T)__builtin_sqrt(x);
}

M_INLINE M_T M_F(reciprocal)(M_T x)
{
    return 1 / x;
}

/* The next value from x towards y. Steps in the order of the bits, where -0 and 0 are one value. */
M_INLINE M_T M_F(nextafter)(M_T x, M_T y)
{
    M_U u = M_F(bits)(x);
    M_U grows = (M_U)((M_U)(y > x) == (M_U)(x > 0)); /* away from zero */
    M_T stepped = M_F(from_bits)(grows ? u + 1 : u - 1);
    M_T least = M_F(copysign)(M_F(from_bits)(1), y);
    M_T moved = x == 0 ? least : stepped;
    moved = x == y ? y : moved;
    return ((x != x) | (y != y)) ? x + y : moved;
}

#undef M_T
#undef M_U
#undef M_F
#undef M_C
#undef M_SIGN
#undef M_INTEGRAL
