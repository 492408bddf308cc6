/* Template, complex: packing, register tile and rounding for c64 and c128. Included by gemm_kernels.c with T the real type, V a
 * vector of LANES of it, U the same at any address, ROWS, NAME(x). Real and imaginary parts are apart in the panels: a step of k
 * is ROWS (or LANES) real parts, then as many imaginary ones, so that the tile is four real multiply-adds. COLUMNS = LANES. */

typedef struct { T re, im; } NAME(value);

static inline __attribute__((always_inline)) void NAME(pack)(const torsh__gemm_pack *g, const int panel)
{
    NAME(value) *base = g->to;
    const NAME(value) *from = g->from;
    for (int64_t w = 0; w < g->width; w += panel, base += g->panel_stride, from += panel * g->width_stride) {
        int count = g->width - w < panel ? (int)(g->width - w) : panel;
        T *to = (T *)base;
        for (int64_t p = 0; p < g->k; p++, to += 2 * panel) {
            const NAME(value) *row = from + p * g->k_stride;
            for (int i = 0; i < count; i++) to[i] = row[i * g->width_stride].re;
            for (int i = 0; i < count; i++) to[panel + i] = row[i * g->width_stride].im;
            for (int i = count; i < panel; i++) to[i] = to[panel + i] = 0;
        }
    }
}

static void NAME(pack_a)(const torsh__gemm_pack *g)
{
    NAME(pack)(g, ROWS);
}

static void NAME(pack_b)(const torsh__gemm_pack *g)
{
    NAME(pack)(g, LANES);
}

static inline NAME(value) NAME(multiply)(NAME(value) a, NAME(value) b)
{
    return (NAME(value)){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static inline NAME(value) NAME(plus)(NAME(value) a, NAME(value) b)
{
    return (NAME(value)){ a.re + b.re, a.im + b.im };
}

static void NAME(finish)(const torsh__gemm_finish *g)
{
    NAME(value) alpha = { (T)g->alpha[0], (T)g->alpha[1] }, beta = { (T)g->beta[0], (T)g->beta[1] };
    const NAME(value) *sum = g->sum, *bias = g->bias;
    bool scale = alpha.re != 1 || alpha.im != 0; /* 1 * (inf + 0i) would make a NaN */
    bool keep = beta.re != 0 || beta.im != 0, scale_old = beta.re != 1 || beta.im != 0;
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j++) {
            NAME(value) *c = (NAME(value) *)g->c + i * g->c_row + j * g->c_col;
            NAME(value) result = sum ? sum[i * g->sum_row + j] : (NAME(value)){ 0, 0 };
            if (scale && sum) result = NAME(multiply)(alpha, result);
            if (keep) result = NAME(plus)(result, scale_old ? NAME(multiply)(beta, *c) : *c);
            if (bias) result = NAME(plus)(result, bias[i * g->bias_row + j * g->bias_col]);
            *c = result;
        }
}

typedef void NAME(tile_fn)(int64_t k, const T *a, const T *b, NAME(value) *aside);

static inline __attribute__((always_inline)) void NAME(tile)(const int rows, int64_t k, const T *a, const T *b, NAME(value) *aside)
{
    V re[ROWS], im[ROWS];
    TORSH__UNROLL
    for (int i = 0; i < rows; i++) re[i] = im[i] = (V){0};
    for (int64_t p = 0; p < k; p++, a += 2 * ROWS, b += 2 * LANES) {
        V b_re = *(const U *)b, b_im = *(const U *)(b + LANES);
        TORSH__UNROLL
        for (int i = 0; i < rows; i++) {
            re[i] += b_re * a[i];
            im[i] += b_im * a[i];
            re[i] -= b_im * a[ROWS + i];
            im[i] += b_re * a[ROWS + i];
        }
    }
    for (int i = 0; i < rows; i++)
        for (int l = 0; l < LANES; l++) aside[i * LANES + l] = (NAME(value)){ re[i][l], im[i][l] };
}

#define TILE(rows)                                                                                                            \
    static void NAME(tile_##rows)(int64_t k, const T *a, const T *b, NAME(value) *aside)                                      \
    {                                                                                                                         \
        NAME(tile)(rows, k, a, b, aside);                                                                                     \
    }
TILE(1) TILE(2)
#if ROWS >= 4
TILE(3) TILE(4)
#endif
#if ROWS >= 8
TILE(5) TILE(6) TILE(7) TILE(8)
#endif
#if ROWS >= 12
TILE(9) TILE(10) TILE(11) TILE(12)
#endif
#undef TILE

static NAME(tile_fn) *const NAME(tiles)[ROWS] = {
    NAME(tile_1), NAME(tile_2),
#if ROWS >= 4
    NAME(tile_3), NAME(tile_4),
#endif
#if ROWS >= 8
    NAME(tile_5), NAME(tile_6), NAME(tile_7), NAME(tile_8),
#endif
#if ROWS >= 12
    NAME(tile_9), NAME(tile_10), NAME(tile_11), NAME(tile_12),
#endif
};

static void NAME(block)(const torsh__gemm_block *g)
{
    _Alignas(64) NAME(value) aside[ROWS * LANES];
    const NAME(value) *b = g->b;
    for (int64_t j = 0; j < g->n; j += LANES, b += g->b_panel) {
        const NAME(value) *a = g->a;
        for (int64_t i = 0; i < g->m; i += ROWS, a += g->a_panel) {
            int64_t rows = g->m - i < ROWS ? g->m - i : ROWS, columns = g->n - j < LANES ? g->n - j : LANES;
            NAME(tiles)[rows - 1](g->k, (const T *)a, (const T *)b, aside);
            torsh__gemm_finish f = { .m = rows, .n = columns, .sum = aside, .sum_row = LANES,
                                     .c = (NAME(value) *)g->c + i * g->c_row + j * g->c_col, .c_row = g->c_row, .c_col = g->c_col,
                                     .alpha = g->alpha, .beta = g->beta,
                                     .bias = g->bias ? (const NAME(value) *)g->bias + i * g->bias_row + j * g->bias_col : NULL,
                                     .bias_row = g->bias_row, .bias_col = g->bias_col };
            NAME(finish)(&f);
        }
    }
}

static void NAME(add)(void *to, const void *from, int64_t n)
{
    T *t = to;
    const T *f = from;
    for (int64_t i = 0; i < 2 * n; i++) t[i] += f[i];
}

/* ---- a row times a matrix, a column times a row: numbers as they lie, real and imaginary parts in turn ---- */

#if LANES == 16
#define SWAPPED(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#elif LANES == 8
#define SWAPPED(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#elif LANES == 4
#define SWAPPED(v) __builtin_shufflevector(v, v, 1, 0, 3, 2)
#else
#define SWAPPED(v) __builtin_shufflevector(v, v, 1, 0)
#endif

/* x and one column of B adjacent: products of like parts, whose odd ones count negative, and of unlike ones. */
static NAME(value) NAME(dot)(int64_t k, const NAME(value) *x, const NAME(value) *b)
{
    enum { DEPTH = 4, STEP = DEPTH * LANES / 2 };
    V like[DEPTH], unlike[DEPTH];
    int64_t p = 0;
    TORSH__UNROLL
    for (int d = 0; d < DEPTH; d++) like[d] = unlike[d] = (V){0};
    for (; p + STEP <= k; p += STEP)
        TORSH__UNROLL
        for (int d = 0; d < DEPTH; d++) {
            V left = *(const U *)((const T *)(x + p) + d * LANES), right = *(const U *)((const T *)(b + p) + d * LANES);
            like[d] += left * right;
            unlike[d] += left * SWAPPED(right);
        }
    for (int d = 1; d < DEPTH; d++) like[0] += like[d], unlike[0] += unlike[d];
    NAME(value) sum = {0, 0};
    for (int l = 0; l < LANES; l += 2) sum = NAME(plus)(sum, (NAME(value)){ like[0][l] - like[0][l + 1], unlike[0][l] + unlike[0][l + 1] });
    for (; p < k; p++) sum = NAME(plus)(sum, NAME(multiply)(x[p], b[p]));
    return sum;
}

/* Columns of B adjacent: LANES of them side by side. */
static void NAME(columns)(const torsh__gemm_vector *g, int64_t j, NAME(value) *y)
{
    V by_re[2] = {{0}, {0}}, by_im[2] = {{0}, {0}};
    for (int64_t p = 0; p < g->k; p++) {
        NAME(value) x = ((const NAME(value) *)g->x)[p * g->x_stride];
        const T *row = (const T *)((const NAME(value) *)g->b + p * g->b_row + j);
        TORSH__UNROLL
        for (int i = 0; i < 2; i++) {
            V right = *(const U *)(row + i * LANES);
            by_re[i] += right * x.re;
            by_im[i] += right * x.im;
        }
    }
    for (int i = 0; i < 2; i++)
        for (int l = 0; l < LANES; l += 2)
            y[(i * LANES + l) / 2] = (NAME(value)){ by_re[i][l] - by_im[i][l + 1], by_re[i][l + 1] + by_im[i][l] };
}

static void NAME(vector)(const torsh__gemm_vector *g)
{
    const NAME(value) *x = g->x, *b = g->b;
    NAME(value) *y = g->y;
    if (g->b_col != 1) {
        for (int64_t j = 0; j < g->n; j++) y[j] = NAME(dot)(g->k, x, b + j * g->b_col);
        return;
    }
    int64_t j = 0;
    for (; j + LANES <= g->n; j += LANES) NAME(columns)(g, j, y + j);
    for (; j < g->n; j++) {
        NAME(value) sum = {0, 0};
        for (int64_t p = 0; p < g->k; p++) sum = NAME(plus)(sum, NAME(multiply)(x[p * g->x_stride], b[p * g->b_row + j]));
        y[j] = sum;
    }
}

static void NAME(outer)(const torsh__gemm_outer *o)
{
    const NAME(value) *restrict b = o->b;
    for (int64_t i = 0; i < o->m; i++) {
        NAME(value) *restrict c = (NAME(value) *)o->c + i * o->c_row, x = ((const NAME(value) *)o->a)[i * o->a_row];
        x = (NAME(value)){ x.re * (T)o->alpha, x.im * (T)o->alpha };
        for (int64_t j = 0; j < o->n; j++) c[j] = NAME(multiply)(x, b[j]);
    }
}
#undef SWAPPED
