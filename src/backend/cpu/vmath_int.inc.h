/* Integer arithmetic as PyTorch defines it, included once per type with M_T, M_U (unsigned of its size), M_F(name), M_WIDTH
 * (bits) and M_SIGNED defined; it undefines them. Arithmetic wraps, so it is done in the unsigned type. */

M_INLINE M_T M_F(select)(int condition, M_T a, M_T b)
{
    return condition ? a : b;
}

M_INLINE M_T M_F(min)(M_T a, M_T b)
{
    return a < b ? a : b;
}

M_INLINE M_T M_F(max)(M_T a, M_T b)
{
    return a > b ? a : b;
}

M_INLINE M_T M_F(clamp)(M_T x, M_T low, M_T high)
{
    return M_F(min)(M_F(max)(x, low), high);
}

M_INLINE M_T M_F(fmin)(M_T a, M_T b)
{
    return M_F(min)(a, b);
}

M_INLINE M_T M_F(fmax)(M_T a, M_T b)
{
    return M_F(max)(a, b);
}

/* |a|; the least value stays as it is */
M_INLINE M_T M_F(abs)(M_T a)
{
#if M_SIGNED
    return a < 0 ? (M_T)((M_U)0 - (M_U)a) : a;
#else
    return a;
#endif
}

M_INLINE M_T M_F(sign)(M_T a)
{
#if M_SIGNED
    return (M_T)((a > 0) - (a < 0));
#else
    return (M_T)(a != 0);
#endif
}

/* Rounded towards zero; 0 for b = 0 */
M_INLINE M_T M_F(trunc_divide)(M_T a, M_T b)
{
#if M_SIGNED
    M_T d = ((b == 0) | (b == -1)) ? 1 : b;
    M_T q = (M_T)(a / d);
    q = b == -1 ? (M_T)((M_U)0 - (M_U)a) : q;
#else
    M_T q = (M_T)(a / (b == 0 ? 1 : b));
#endif
    return b == 0 ? 0 : q;
}

/* The rest of that, with the sign of a */
M_INLINE M_T M_F(fmod)(M_T a, M_T b)
{
#if M_SIGNED
    return (M_T)(a % (((b == 0) | (b == -1)) ? 1 : b));
#else
    return (M_T)(a % (b == 0 ? 1 : b));
#endif
}

/* The rest with the sign of b, as Python's % */
M_INLINE M_T M_F(remainder)(M_T a, M_T b)
{
    M_T r = M_F(fmod)(a, b);
#if M_SIGNED
    return ((r != 0) & ((r < 0) != (b < 0))) ? (M_T)((M_U)r + (M_U)b) : r;
#else
    return r;
#endif
}

/* Rounded down, as Python's // */
M_INLINE M_T M_F(floor_divide)(M_T a, M_T b)
{
    M_T q = M_F(trunc_divide)(a, b);
#if M_SIGNED
    M_T r = M_F(fmod)(a, b);
    return ((b != 0) & (r != 0) & ((r < 0) != (b < 0))) ? (M_T)((M_U)q - 1) : q;
#else
    return q;
#endif
}

/* a^b, wrapping. A negative power is 1 / a^-b rounded to zero: 0 but for a = 1 and a = -1 (0 to a negative power gives 0). */
M_INLINE M_T M_F(pow)(M_T a, M_T b)
{
    M_U power = 1, square = (M_U)a;
#if M_SIGNED
    M_U left = b < 0 ? (M_U)0 : (M_U)b;
#else
    M_U left = b;
#endif
    for (; left; left = (M_U)(left >> 1)) { /* not branch-free: powers are small, and 2 steps beat 64 */
        power = (M_U)(1u * power * (M_U)((left & 1) ? square : (M_U)1));
        square = (M_U)(1u * square * square);
    }
#if M_SIGNED
    M_T unit = (b & 1) ? (M_T)-1 : (M_T)1;
    M_T below = a == 1 ? (M_T)1 : a == -1 ? unit : (M_T)0;
    return b < 0 ? below : (M_T)power;
#else
    return (M_T)power;
#endif
}

/* a << b: 0 where b is negative or not below the width */
M_INLINE M_T M_F(shl)(M_T a, M_T b)
{
    int out = (M_U)b >= M_WIDTH;
    M_T v = (M_T)(M_U)((M_U)a << (out ? 0 : b));
    return out ? 0 : v;
}

/* a >> b, keeping the sign: as far as it goes where b is negative or not below the width */
M_INLINE M_T M_F(shr)(M_T a, M_T b)
{
    int out = (M_U)b >= M_WIDTH;
#if M_SIGNED
    return (M_T)(a >> (out ? M_WIDTH - 1 : b));
#else
    return (M_T)(out ? 0 : a >> b);
#endif
}

/* The greatest common divisor, never negative but for the least value; not branch-free. J. Stein's (1967), by odd numbers: no step divides. */
M_INLINE M_T M_F(gcd)(M_T a, M_T b)
{
    uint64_t x = (M_U)M_F(abs)(a), y = (M_U)M_F(abs)(b);
    if (x == 0 || y == 0) return (M_T)(x | y);
    int twos = __builtin_ctzll(x | y);
    x >>= __builtin_ctzll(x);
    y >>= __builtin_ctzll(y);
    while (x != y) {
        uint64_t apart = x - y, distance = x < y ? 0 - apart : apart;
        y = x < y ? x : y;
        x = distance >> __builtin_ctzll(apart);
    }
    return (M_T)(x << twos);
}

M_INLINE M_T M_F(lcm)(M_T a, M_T b)
{
    M_T g = M_F(gcd)(a, b);
    return g == 0 ? (M_T)0 : M_F(abs)((M_T)(1u * (M_U)M_F(trunc_divide)(a, g) * (M_U)b));
}

#undef M_T
#undef M_U
#undef M_F
#undef M_WIDTH
#undef M_SIGNED
