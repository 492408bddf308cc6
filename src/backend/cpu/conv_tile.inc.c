/* Template, per compute type: the register tile that reads its rows of B through a table of offsets. Included by conv_kernels.c
 * with T, V, U, LANES, ROWS, COLUMNS, VECTORS and NAME(x), as gemm_tile.inc.c, and MASK the signed integer as wide as T. */

typedef void NAME(tile_fn)(int64_t k, const T *a, const T *b, const int64_t *offsets, const T *start, T *c, int64_t c_row);

/* c = start[i] + sum over p of a[p][i] * b[offsets[p] + j]; start NULL: c + the sum. */
static inline __attribute__((always_inline)) void NAME(tile)(const int rows, const int vectors, int64_t k, const T *a, const T *b,
                                                          const int64_t *offsets, const T *start, T *c, int64_t c_row)
{
    V sum[ROWS][VECTORS];
    TORSH__UNROLL
    for (int i = 0; i < rows; i++)
        TORSH__UNROLL
        for (int v = 0; v < vectors; v++) {
            V zero = { 0 };
            sum[i][v] = start ? zero + start[i] : (V) * (const U *)(c + i * c_row + v * LANES);
        }
    for (int64_t p = 0; p < k; p++, a += ROWS) {
        const T *from = b + offsets[p];
        V row[VECTORS];
        TORSH__UNROLL
        for (int v = 0; v < vectors; v++) row[v] = *(const U *)(from + v * LANES);
        TORSH__UNROLL
        for (int i = 0; i < rows; i++)
            TORSH__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += row[v] * a[i];
    }
    TORSH__UNROLL
    for (int i = 0; i < rows; i++)
        TORSH__UNROLL
        for (int v = 0; v < vectors; v++) *(U *)(c + i * c_row + v * LANES) = sum[i][v];
}

#define TILE(rows, vectors)                                                                                                      \
    static void NAME(tile_##rows##_##vectors)(int64_t k, const T *a, const T *b, const int64_t *offsets, const T *start, T *c,   \
                                              int64_t c_row)                                                                     \
    {                                                                                                                            \
        NAME(tile)(rows, vectors, k, a, b, offsets, start, c, c_row);                                                            \
    }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
#define ENTRY(rows) { NAME(tile_##rows##_1), NAME(tile_##rows##_2) },

TILES(1) TILES(2) TILES(3) TILES(4)
#if ROWS >= 6
TILES(5) TILES(6)
#endif
#if ROWS >= 12
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#endif
#if ROWS >= 14
TILES(13) TILES(14)
#endif

static NAME(tile_fn) *const NAME(tiles)[ROWS][VECTORS] = {
    ENTRY(1) ENTRY(2) ENTRY(3) ENTRY(4)
#if ROWS >= 6
    ENTRY(5) ENTRY(6)
#endif
#if ROWS >= 12
    ENTRY(7) ENTRY(8) ENTRY(9) ENTRY(10) ENTRY(11) ENTRY(12)
#endif
#if ROWS >= 14
    ENTRY(13) ENTRY(14)
#endif
};

#undef TILE
#undef TILES
#undef ENTRY

static const T NAME(zeros)[ROWS];

static void NAME(sum)(const torsh__conv_sum *s)
{
    NAME(tiles)[s->rows - 1][s->vectors - 1](s->k, s->a, s->b, s->offsets, s->add ? NULL : NAME(zeros), s->c, s->c_row);
}

/* n elements, n mostly less than a few vectors: the tail is one or two moves of a power of two that may overlap. */
static inline __attribute__((always_inline)) void NAME(copy_run)(T *to, const T *from, int64_t n)
{
    for (; n >= LANES; n -= LANES, to += LANES, from += LANES) *(U *)to = *(const U *)from;
#if LANES >= 16
    if (n >= 8) {
        memcpy(to, from, 8 * sizeof(T)), memcpy(to + n - 8, from + n - 8, 8 * sizeof(T));
        return;
    }
#endif
#if LANES >= 8
    if (n >= 4) {
        memcpy(to, from, 4 * sizeof(T)), memcpy(to + n - 4, from + n - 4, 4 * sizeof(T));
        return;
    }
#endif
    for (int64_t i = 0; i < n; i++) to[i] = from[i];
}

static void NAME(gather)(const torsh__conv_gather *g)
{
    for (int64_t f = 0; f < g->n; f += LANES)
        for (int64_t j = 0; j < g->to_row; j += LANES) {
            V square[LANES];
            for (int i = 0; i < LANES; i++) {
                V zero = { 0 };
                square[i] = j + i < g->k ? (V) * (const U *)((const T *)g->from + g->offsets[j + i] + f) : zero;
            }
            NAME(transpose)(square);
            int64_t rows = g->n - f < LANES ? g->n - f : LANES;
            for (int64_t i = 0; i < rows; i++) *(U *)((T *)g->to + (f + i) * g->to_row + j) = square[i];
        }
}

/* ---- one channel by one: no register tile to fill, so the positions are the lanes ---- */

enum { NAME(GROUP) = 9 }; /* taps at a time: a 3x3 kernel at once */

typedef MASK NAME(mask) __attribute__((vector_size(LANES * sizeof(T))));

/* What lies past the row may be anything, NaN too, so it is cut off and not left to the zeros of grads. */
static void NAME(dot_group)(const torsh__conv_dots *d, const int64_t *offsets, double *totals)
{
    int64_t across = (d->width + LANES - 1) / LANES;
    NAME(mask) keep;
    for (int l = 0; l < LANES; l++) keep[l] = (across - 1) * LANES + l < d->width ? -1 : 0;
    V sum[NAME(GROUP)];
    for (int t = 0; t < NAME(GROUP); t++) sum[t] = (V){0};
    for (int64_t r = 0; r < d->rows; r++) {
        const T *grads = (const T *)d->grads + r * across * LANES, *planes = (const T *)d->planes + r * d->pitch;
        int64_t x = 0;
        for (; x < (across - 1) * LANES; x += LANES) {
            V grad = *(const U *)(grads + x);
            TORSH__UNROLL
            for (int t = 0; t < NAME(GROUP); t++) sum[t] += grad * *(const U *)(planes + x + offsets[t]);
        }
        V grad = *(const U *)(grads + x);
        TORSH__UNROLL
        for (int t = 0; t < NAME(GROUP); t++) sum[t] += grad * (V)((NAME(mask)) * (const U *)(planes + x + offsets[t]) & keep);
    }
    for (int t = 0; t < NAME(GROUP); t++)
        for (int l = 0; l < LANES; l++) totals[t] += (double)sum[t][l];
}

static void NAME(dots)(const torsh__conv_dots *d)
{
    for (int64_t t = 0; t < d->taps; t += NAME(GROUP)) {
        int64_t count = d->taps - t < NAME(GROUP) ? d->taps - t : NAME(GROUP), offsets[NAME(GROUP)];
        double totals[NAME(GROUP)] = { 0 };
        for (int64_t i = 0; i < NAME(GROUP); i++) offsets[i] = d->offsets[t + (i < count ? i : 0)];
        NAME(dot_group)(d, offsets, totals);
        for (int64_t i = 0; i < count; i++) d->totals[t + i] += totals[i];
    }
}
