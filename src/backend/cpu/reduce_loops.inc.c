/* Loops from elements of type T to accumulators of type A, with a row's element functions as constants. Included with
 * ACC_KIND and A; undefines them. Sums come out as trees: eight rows at a time, a fixed number of lanes per run, halves
 * joined at the end. The order doesn't depend on the instruction set, so neither do the bits. */

#define L__(name, kind) N_(name##_##kind)
#define L_2(name, kind) L__(name, kind)
#define L_(name) L_2(name, ACC_KIND)

typedef A L_(map)(T x, T p);
typedef A L_(join_function)(A a, A b);
typedef A L_(finish_function)(A acc, A n, A p);

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

static INLINE void L_(fold)(int64_t rows, int64_t n, const void *data, int64_t stride, void *to, const T p, L_(map) *map, L_(join_function) *join)
{
    A *acc = to;
    const T *x = data;
    for (; rows >= 8; rows -= 8, x += 8 * stride) {
        const T *x0 = x, *x1 = x0 + stride, *x2 = x1 + stride, *x3 = x2 + stride;
        const T *x4 = x3 + stride, *x5 = x4 + stride, *x6 = x5 + stride, *x7 = x6 + stride;
        INDEPENDENT
        for (int64_t j = 0; j < n; j++) {
            A low = join(join(map(x0[j], p), map(x1[j], p)), join(map(x2[j], p), map(x3[j], p)));
            A high = join(join(map(x4[j], p), map(x5[j], p)), join(map(x6[j], p), map(x7[j], p)));
            acc[j] = join(acc[j], join(low, high));
        }
    }
    for (; rows > 0; rows--, x += stride) {
        INDEPENDENT
        for (int64_t j = 0; j < n; j++) acc[j] = join(acc[j], map(x[j], p));
    }
}

/* One accumulator per run. Short runs go one element at a time; long ones as rows of LANES elements. */
static INLINE void L_(runs)(int64_t count, int64_t n, const void *data, int64_t stride, void *to, double p, const A identity,
                            void (*fold)(int64_t, int64_t, const void *, int64_t, void *, double), L_(map) *map, L_(join_function) *join)
{
    enum { LANES = 128 };
    A *acc = to;
    const T *x = data;
    const T q = FROM_DOUBLE(p);
    for (int64_t i = 0; i < count; i++, x += stride) {
        if (n < 32) {
            A even = identity, odd = identity;
            int64_t j = 0;
            for (; j + 2 <= n; j += 2) {
                even = join(even, map(x[j], q));
                odd = join(odd, map(x[j + 1], q));
            }
            if (j < n) even = join(even, map(x[j], q));
            acc[i] = join(acc[i], join(even, odd));
            continue;
        }
        A lane[LANES];
        int64_t width = n >= 8 * LANES ? LANES : n >= 2 * LANES ? LANES / 4 : LANES / 16;
        for (int64_t j = 0; j < width; j++) lane[j] = identity;
        fold(n / width, width, x, width, lane, p);
        const T *rest = x + n / width * width;
        for (int64_t j = 0; j < n % width; j++) lane[j] = join(lane[j], map(rest[j], q));
        for (width /= 2; width > 0; width /= 2) {
            INDEPENDENT
            for (int64_t j = 0; j < width; j++) lane[j] = join(lane[j], lane[j + width]);
        }
        acc[i] = join(acc[i], lane[0]);
    }
}

static INLINE void L_(finish)(int64_t n, void *to, const A count, const A p, L_(finish_function) *finish)
{
    A *acc = to;
    for (int64_t j = 0; j < n; j++) acc[j] = finish(acc[j], count, p);
}

#undef L__
#undef L_2
#undef L_
#undef ACC_KIND
#undef A
