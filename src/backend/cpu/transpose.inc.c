/* A tiled transpose of TRANSPOSE_TYPE elements, N by N in registers with N = TRANSPOSE_N: stage d swaps elements whose row and
 * column numbers differ in bit d. Whole lines are loaded and stored at once, because rows a power of two apart share few
 * cache sets. Undefines its macros. */

typedef TRANSPOSE_TYPE TRANSPOSE_ID(vector) __attribute__((vector_size(TRANSPOSE_N * sizeof(TRANSPOSE_TYPE))));
typedef TRANSPOSE_TYPE TRANSPOSE_ID(loose) __attribute__((vector_size(TRANSPOSE_N * sizeof(TRANSPOSE_TYPE)), aligned(sizeof(TRANSPOSE_TYPE)), may_alias));

/* Element k of the lower result is a[k] where bit d of k is clear, else b[k - d]; of the upper, a[k + d], else b[k]. */
static inline __attribute__((always_inline)) void TRANSPOSE_ID(stage)(TRANSPOSE_ID(vector) * rows, const int d)
{
    TRANSPOSE_ID(vector) low, high;
    for (int k = 0; k < TRANSPOSE_N; k++) {
        low[k] = (TRANSPOSE_TYPE)(k & d ? TRANSPOSE_N + k - d : k);
        high[k] = (TRANSPOSE_TYPE)(k & d ? TRANSPOSE_N + k : k + d);
    }
#pragma GCC unroll 16
    for (int i = 0; i < TRANSPOSE_N; i++) {
        if (i & d) continue;
        TRANSPOSE_ID(vector) a = rows[i], b = rows[i + d];
#if defined(__clang__) /* has no shuffle by a variable; recognises this one */
        for (int k = 0; k < TRANSPOSE_N; k++) {
            rows[i][k] = k & d ? b[k - d] : a[k];
            rows[i + d][k] = k & d ? b[k] : a[k + d];
        }
        (void)low, (void)high;
#else
        rows[i] = __builtin_shuffle(a, b, low);
        rows[i + d] = __builtin_shuffle(a, b, high);
#endif
    }
}

/* `streams`: whole lines go past the caches, and the lines of the next tile, which no prefetcher of the hardware follows over
 * so many rows, are asked for. */
static inline __attribute__((always_inline)) void TRANSPOSE_ID(tile)(char *to, int64_t to_stride, const char *from, int64_t from_stride, const bool streams)
{
    TRANSPOSE_ID(vector) rows[TRANSPOSE_N];
#pragma GCC unroll 16
    for (int i = 0; i < TRANSPOSE_N; i++) {
        rows[i] = *(const TRANSPOSE_ID(loose) *)(const void *)(from + i * from_stride);
        if (streams) __builtin_prefetch(from + i * from_stride + VECTOR, 0, 2);
    }
#pragma GCC unroll 4
    for (int d = 1; d < TRANSPOSE_N; d *= 2) TRANSPOSE_ID(stage)(rows, d);
#pragma GCC unroll 16
    for (int i = 0; i < TRANSPOSE_N; i++) {
        if (streams) STREAM_LINE(to + i * to_stride, rows[i]);
        else *(TRANSPOSE_ID(loose) *)(void *)(to + i * to_stride) = rows[i];
    }
}

static inline __attribute__((always_inline)) void TRANSPOSE_ID(tiles)(int64_t rows, int64_t columns, void *to, int64_t to_stride, const void *from,
                                                                     int64_t from_stride, const bool streams)
{
    const int64_t size = sizeof(TRANSPOSE_TYPE);
    for (int64_t c = 0; c < columns; c += TRANSPOSE_N) {
        for (int64_t r = 0; r < rows; r += TRANSPOSE_N) {
            const char *source = (const char *)from + r * from_stride + c * size;
            char *target = (char *)to + c * to_stride + r * size;
            if (rows - r >= TRANSPOSE_N && columns - c >= TRANSPOSE_N) {
                TRANSPOSE_ID(tile)(target, to_stride, source, from_stride, streams);
                continue;
            }
            for (int64_t i = 0; i < TRANSPOSE_N && r + i < rows; i++)
                for (int64_t j = 0; j < TRANSPOSE_N && c + j < columns; j++)
                    memcpy(target + j * to_stride + i * size, source + i * from_stride + j * size, sizeof(TRANSPOSE_TYPE));
        }
    }
}

static void TRANSPOSE_ID(transpose)(int64_t rows, int64_t columns, void *to, int64_t to_stride, const void *from, int64_t from_stride, bool large)
{
    if (STREAMS_LINES && large && (uintptr_t)to % 64 == 0 && to_stride % 64 == 0) {
        TRANSPOSE_ID(tiles)(rows, columns, to, to_stride, from, from_stride, true);
        STREAM_END();
    } else {
        TRANSPOSE_ID(tiles)(rows, columns, to, to_stride, from, from_stride, false);
    }
}

#undef TRANSPOSE_TYPE
#undef TRANSPOSE_N
#undef TRANSPOSE_ID
