/* Template, per compute type: the register tile and the block built from it. Included by gemm_kernels.c with T, V, LANES,
 * ROWS, COLUMNS, NAME(x) as in gemm_dtype.inc.c (which comes first: the block rounds its edges with NAME(finish)), and
 *   VECTORS     vectors in a row of the tile: COLUMNS = VECTORS * LANES
 *   U           V, but may lie at any address of a T
 * The tile keeps ROWS x VECTORS sums in registers; each step of k multiplies one row of B's panel by ROWS broadcast elements
 * of A's panel. (The scheme is that of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.)
 * A's panels stay in the second cache from one panel of B to the next, B's come from the third: while one panel of B is multiplied,
 * the whole tiles fetch the next, a quarter each, as no hardware looks that far ahead. In f64 it saves 7 % of the time. */

typedef void NAME(tile_fn)(int64_t k, const T *a, const T *b, const T *ahead, T *c, int64_t c_row, T alpha, T beta);

static inline __attribute__((always_inline)) void NAME(tile)(const int rows, const int vectors, int64_t k, const T *a, const T *b,
                                                             const T *ahead, T *c, int64_t c_row, T alpha, T beta)
{
    V sum[ROWS][VECTORS];
    TORSH__UNROLL
    for (int i = 0; i < rows; i++) {
        __builtin_prefetch(c + i * c_row, 1);
        __builtin_prefetch(c + i * c_row + vectors * LANES - 1, 1);
        TORSH__UNROLL
        for (int v = 0; v < vectors; v++) sum[i][v] = (V){0};
    }
    for (int64_t p = 0; p < k; p++, a += ROWS, b += COLUMNS) {
        V row[VECTORS];
        if (rows == ROWS) __builtin_prefetch(ahead + p * (COLUMNS / 4));
        TORSH__UNROLL
        for (int v = 0; v < vectors; v++) row[v] = *(const U *)(b + v * LANES);
        TORSH__UNROLL
        for (int i = 0; i < rows; i++)
            TORSH__UNROLL
            for (int v = 0; v < vectors; v++) sum[i][v] += row[v] * a[i];
    }
    TORSH__UNROLL
    for (int i = 0; i < rows; i++)
        TORSH__UNROLL
        for (int v = 0; v < vectors; v++) {
            U *to = (U *)(c + i * c_row + v * LANES);
            V value = sum[i][v] * alpha;
            *to = beta == 0 ? value : value + *to * beta;
        }
}

#define TILE(rows, vectors)                                                                                                   \
    static void NAME(tile_##rows##_##vectors)(int64_t k, const T *a, const T *b, const T *ahead, T *c, int64_t c_row, T alpha, T beta) \
    {                                                                                                                         \
        NAME(tile)(rows, vectors, k, a, b, ahead, c, c_row, alpha, beta);                                                     \
    }
#define TILES(rows) TILE(rows, 1) TILE(rows, 2)
#define ENTRY(rows) { NAME(tile_##rows##_1), NAME(tile_##rows##_2) },
#if VECTORS != 2
#error "the table of tiles is written for two vectors"
#endif

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

/* A tile that C can't take as it is (edge, strided C, bias, relu): computed aside, then finished. */
static void NAME(tile_aside)(const torsh__gemm_block *g, int64_t i, int64_t j, int rows, int columns, const T *a, const T *b)
{
    _Alignas(64) T aside[ROWS * COLUMNS];
    NAME(tiles)[rows - 1][(columns - 1) / LANES](g->k, a, b, b, aside, COLUMNS, 1, 0);
    torsh__gemm_finish f = { .m = rows, .n = columns, .sum = aside, .sum_row = COLUMNS,
                             .c = (T *)g->c + i * g->c_row + j * g->c_col, .c_row = g->c_row, .c_col = g->c_col,
                             .alpha = g->alpha, .beta = g->beta,
                             .bias = g->bias ? (const T *)g->bias + i * g->bias_row + j * g->bias_col : NULL,
                             .bias_row = g->bias_row, .bias_col = g->bias_col, .relu = g->relu };
    NAME(finish)(&f);
}

static void NAME(block)(const torsh__gemm_block *g)
{
    T alpha = SCALAR(g->alpha[0]), beta = SCALAR(g->beta[0]);
    bool plain = g->c_col == 1 && !g->bias && !g->relu;
    const T *b = g->b;
    for (int64_t j = 0; j < g->n; j += COLUMNS, b += g->b_panel) {
        int columns = g->n - j < COLUMNS ? (int)(g->n - j) : COLUMNS;
        const T *a = g->a, *ahead = j + COLUMNS < g->n ? b + g->b_panel : g->b_next;
        for (int64_t i = 0; i < g->m; i += ROWS, a += g->a_panel) {
            int rows = g->m - i < ROWS ? (int)(g->m - i) : ROWS;
            if (plain && columns % LANES == 0)
                NAME(tiles)[rows - 1][columns / LANES - 1](g->k, a, b, ahead + i / ROWS % 4 * g->k * (COLUMNS / 4),
                                                                   (T *)g->c + i * g->c_row + j, g->c_row, alpha, beta);
            else
                NAME(tile_aside)(g, i, j, rows, columns, a, b);
        }
    }
}

static void NAME(add)(void *to, const void *from, int64_t n)
{
    T *t = to;
    const T *f = from;
    for (int64_t i = 0; i < n; i++) t[i] += f[i];
}
