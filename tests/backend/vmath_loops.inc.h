/* The loops of vmath_loops.c for one type: T, F(name) (function under test), G(name) (name here). */

#define LOOP_UNARY(n, b32, b64, s32, s64, ref, exact)                                                                       \
    static void G(n##_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                      \
    {                                                                                                                       \
        (void)b;                                                                                                            \
        for (int i = 0; i < CHUNK; i++) out[i] = F(n)(a[i]);                                                                \
    }
#define LOOP_BINARY(n, b32, b64, s32, s64, ref, exact)                                                                      \
    static void G(n##_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                      \
    {                                                                                                                       \
        for (int i = 0; i < CHUNK; i++) out[i] = F(n)(a[i], b[i]);                                                          \
    }
#define LOOP_FAR(n, b32, b64, s32, s64, ref, exact)                                                                         \
    static void G(n##_far_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                  \
    {                                                                                                                       \
        (void)b;                                                                                                            \
        for (int i = 0; i < CHUNK; i++) out[i] = F(n##_at)(a[i], 1);                                                        \
    }                                                                                                                       \
    static void G(n##_near_loop)(T *restrict out, const T *restrict a)                                                      \
    {                                                                                                                       \
        for (int i = 0; i < CHUNK; i++) out[i] = F(n##_at)(a[i], 0);                                                        \
    }                                                                                                                       \
    static void G(n##_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                      \
    {                                                                                                                       \
        static T far[CHUNK];                                                                                                \
        G(n##_far_loop)(far, a, b);                                                                                         \
        G(n##_near_loop)(out, a);                                                                                           \
        for (int i = 0; i < CHUNK; i++) out[i] = F(far)(a[i]) ? far[i] : out[i];                                            \
    }
#define LOOP_BINARY_FAR(n, b32, b64, s32, s64, ref, exact)                                                                  \
    static void G(n##_far_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                  \
    {                                                                                                                       \
        for (int i = 0; i < CHUNK; i++) out[i] = F(n##_at)(a[i], b[i], 1);                                                  \
    }                                                                                                                       \
    static void G(n##_near_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                 \
    {                                                                                                                       \
        for (int i = 0; i < CHUNK; i++) out[i] = F(n##_at)(a[i], b[i], 0);                                                  \
    }                                                                                                                       \
    static void G(n##_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                      \
    {                                                                                                                       \
        static T far[CHUNK];                                                                                                \
        G(n##_far_loop)(far, a, b);                                                                                         \
        G(n##_near_loop)(out, a, b);                                                                                        \
        for (int i = 0; i < CHUNK; i++) out[i] = F(far2)(a[i], b[i]) ? far[i] : out[i];                                    \
    }
#define LOOP_POW(n, b32, b64, s32, s64, ref, exact)                                                                         \
    static void G(n##_far_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                  \
    {                                                                                                                       \
        for (int i = 0; i < CHUNK; i++) out[i] = F(pow)(a[i], b[i]);                                                        \
    }                                                                                                                       \
    static void G(n##_loop)(T *restrict out, const T *restrict a, const T *restrict b)                                      \
    {                                                                                                                       \
        static T far[CHUNK], high[CHUNK], low[CHUNK], e[CHUNK];                                                             \
        G(n##_far_loop)(far, a, b);                                                                                         \
        for (int i = 0; i < CHUNK; i++) high[i] = F(pow_base)(a[i], &low[i], &e[i]);                                        \
        for (int i = 0; i < CHUNK; i++) high[i] = F(pow_log)(high[i], low[i], e[i], b[i], &low[i]);                         \
        for (int i = 0; i < CHUNK; i++) out[i] = F(pow_far)(a[i], high[i]) ? far[i] : F(pow_end)(high[i], low[i]);          \
    }

UNARY_ROWS(LOOP_UNARY)
FAR_ROWS(LOOP_FAR)
BINARY_ROWS(LOOP_BINARY)
BINARY_FAR_ROWS(LOOP_BINARY_FAR)
POW_ROWS(LOOP_POW)

#undef LOOP_UNARY
#undef LOOP_BINARY
#undef LOOP_FAR
#undef LOOP_BINARY_FAR
#undef LOOP_POW
#undef T
#undef F
#undef G
