/* Loops from elements of type T to accumulators of type A, with a row's element functions as constants. Included with
 * ACC_KIND and A; undefines them. The order in which they join depends on
 * sizes alone, not on the instruction set. */

#define L__(name, kind) N_(name##_##kind)
#define L_2(name, kind) L__(name, kind)
#define L_(name) L_2(name, ACC_KIND)

typedef A L_(map)(T x);
typedef A L_(join_function)(A a, A b);
typedef A L_(finish_function)(A acc, A n);

static INLINE void L_(fill)(int64_t n, void *to, const A identity)
{
    A *acc = to;
    for (int64_t j = 0; j < n; j++) acc[j] = identity;
}

static INLINE void L_(join)(int64_t n, void *to, const void *other, L_(join_function) *join)
{
    A *acc = to;
    const A *from = other;
    INDEPENDENT
    for (int64_t j = 0; j < n; j++) acc[j] = join(acc[j], from[j]);
}

/* `tree`: eight rows are joined among themselves first, which keeps sums exact longer; else one by one, which is cheaper
 * for maxima. New elements come first in a join: its NaN check is then off the chain of dependent operations. */
static INLINE void L_(fold)(int64_t rows, int64_t n, const void *data, int64_t stride, void *to, const int tree, L_(map) *map,
                            L_(join_function) *join)
{
    A *acc = to;
    const T *x = data;
    for (; rows >= 8; rows -= 8, x += 8 * stride) {
        const T *x0 = x, *x1 = x0 + stride, *x2 = x1 + stride, *x3 = x2 + stride;
        const T *x4 = x3 + stride, *x5 = x4 + stride, *x6 = x5 + stride, *x7 = x6 + stride;
        INDEPENDENT
        for (int64_t j = 0; j < n; j++) {
            A v0 = map(x0[j]), v1 = map(x1[j]), v2 = map(x2[j]), v3 = map(x3[j]);
            A v4 = map(x4[j]), v5 = map(x5[j]), v6 = map(x6[j]), v7 = map(x7[j]);
            if (tree) acc[j] = join(join(join(join(v0, v1), join(v2, v3)), join(join(v4, v5), join(v6, v7))), acc[j]);
            else acc[j] = join(v7, join(v6, join(v5, join(v4, join(v3, join(v2, join(v1, join(v0, acc[j]))))))));
        }
    }
    for (; rows > 0; rows--, x += stride) {
        INDEPENDENT
        for (int64_t j = 0; j < n; j++) acc[j] = join(map(x[j]), acc[j]);
    }
}

/* A constant width, so that narrow ones are vectors, too. */
static INLINE void L_(halve)(A *lane, const int width, L_(join_function) *join)
{
    INDEPENDENT
    for (int k = 0; k < width; k++) lane[k] = join(lane[k], lane[k + width]);
}

/* n elements in LANES lanes that stay in registers; after every BURST rows of them they go into a second set, so that
 * the error of a sum stays that of BURST additions. */
static INLINE A L_(lanes)(int64_t n, const T *x, const A identity, L_(map) *map, L_(join_function) *join)
{
    enum { LANES = 64, BURST = 32, AHEAD = 6144 };
    A sum[LANES];
    for (int k = 0; k < LANES; k++) sum[k] = identity;
    while (n >= LANES) {
        A lane[LANES];
        int64_t rows = n / LANES < BURST ? n / LANES : BURST;
        for (int k = 0; k < LANES; k++) lane[k] = map(x[k]);
        for (int64_t r = 1; r < rows; r++) {
            /* The hardware's own prefetch stops at page ends; this gains a fifth. Past the end of memory it does nothing. */
            UNROLLED
            for (size_t line = 0; line < LANES * sizeof(T); line += 64) __builtin_prefetch((const char *)(x + r * LANES) + AHEAD + line);
            INDEPENDENT
            UNROLLED
            for (int k = 0; k < LANES; k++) lane[k] = join(map(x[r * LANES + k]), lane[k]);
        }
        INDEPENDENT
        UNROLLED
        for (int k = 0; k < LANES; k++) sum[k] = join(lane[k], sum[k]);
        n -= rows * LANES;
        x += rows * LANES;
    }
    for (int64_t k = 0; k < n; k++) sum[k] = join(map(x[k]), sum[k]);
    L_(halve)(sum, 32, join);
    L_(halve)(sum, 16, join);
    L_(halve)(sum, 8, join);
    L_(halve)(sum, 4, join);
    L_(halve)(sum, 2, join);
    return join(sum[0], sum[1]);
}

/* One accumulator per run. */
static INLINE void L_(runs)(int64_t count, int64_t n, const void *data, int64_t stride, void *to, const A identity,
                            A (*lanes)(int64_t n, const T *x), L_(map) *map, L_(join_function) *join)
{
    A *acc = to;
    const T *x = data;
    for (int64_t i = 0; i < count; i++, x += stride) {
        if (n >= 96) {
            acc[i] = join(lanes(n, x), acc[i]);
            continue;
        }
        A v0 = identity, v1 = identity, v2 = identity, v3 = identity;
        int64_t j = 0;
        for (; j + 4 <= n; j += 4) {
            v0 = join(map(x[j]), v0);
            v1 = join(map(x[j + 1]), v1);
            v2 = join(map(x[j + 2]), v2);
            v3 = join(map(x[j + 3]), v3);
        }
        for (; j < n; j++) v0 = join(map(x[j]), v0);
        acc[i] = join(join(join(v0, v1), join(v2, v3)), acc[i]);
    }
}

static INLINE void L_(finish)(int64_t n, void *to, const A count, L_(finish_function) *finish)
{
    A *acc = to;
    for (int64_t j = 0; j < n; j++) acc[j] = finish(acc[j], count);
}

#undef L__
#undef L_2
#undef L_
#undef ACC_KIND
#undef A
