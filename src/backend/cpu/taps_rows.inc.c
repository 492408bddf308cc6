/* Included with T, N_(name) and WIDE, bytes of a vector; undefines T and N_. Sums of rows of a table, in order; a few columns at a time, whose sums stay in registers. */

typedef T N_(wide) __attribute__((vector_size(WIDE), aligned(sizeof(T)), may_alias));
typedef T N_(slim) __attribute__((vector_size(16), aligned(sizeof(T)), may_alias));

static void N_(sum_rows)(const int64_t *index, int64_t count, int64_t skip, int64_t width, const void *x_, void *y_)
{
    enum { LANES = WIDE / sizeof(T), SLIM = 16 / sizeof(T), AHEAD = 8 }; /* AHEAD: rows asked for before their turn */
    const T *x = x_;
    T *y = y_;
    int64_t c = 0;
    for (; c + 4 * LANES <= width; c += 4 * LANES) {
        N_(wide) s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, *to = (N_(wide) *)(y + c);
        for (int64_t k = 0; k < count; k++) {
            const N_(wide) *row = (const N_(wide) *)(x + index[k] * width + c);
            const char *next = (const char *)(x + index[k + AHEAD < count ? k + AHEAD : k] * width + c);
            __builtin_prefetch((const void *)((uintptr_t)(index + k) + 64 * AHEAD)); /* maybe past the end, where it does nothing */
            __builtin_prefetch(next);
            if (WIDE > 16) __builtin_prefetch(next + 64);
            if (WIDE > 32) __builtin_prefetch(next + 128), __builtin_prefetch(next + 192);
            if (index[k] == skip) continue;
            s0 += row[0], s1 += row[1], s2 += row[2], s3 += row[3];
        }
        to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
    }
    for (; c + SLIM <= width; c += SLIM) {
        N_(slim) sum = {0};
        for (int64_t k = 0; k < count; k++)
            if (index[k] != skip) sum += *(const N_(slim) *)(x + index[k] * width + c);
        *(N_(slim) *)(y + c) = sum;
    }
    for (; c < width; c++) {
        T sum = 0;
        for (int64_t k = 0; k < count; k++)
            if (index[k] != skip) sum += x[index[k] * width + c];
        y[c] = sum;
    }
}

#undef T
#undef N_
