/* Template, per dtype: packing into the compute type and rounding back. Included by gemm_kernels.c with
 *   S, T        element type in memory and compute type
 *   V           vector of LANES elements of T, declared by the tile's template or by gemm_kernels.c
 *   ROWS, COLUMNS   panel widths
 *   NAME(x)     x for this dtype; NAME(load)(const S *) gives a V of LANES converted neighbours,
 *               NAME(widen)(S) and NAME(narrow)(T) convert one
 *   TRANSPOSE(V *) transposes LANES vectors in place; SCALAR(x) makes a T of alpha; RELU(x). */

/* Of a panel with `count` neighbours, this many are read by the tiles: whole vectors. */
static inline int NAME(filled)(int count, int panel)
{
    int whole = (count + LANES - 1) / LANES * LANES;
    return whole < panel ? whole : panel;
}

/* Panel-wide rows are adjacent in memory: copy them. */
static inline __attribute__((always_inline)) void NAME(pack_rows)(T *to, const S *from, int count, int64_t k, int64_t k_stride, const int panel)
{
    int filled = NAME(filled)(count, panel);
    if (count == panel)
        for (int64_t p = 0; p < k; p++, to += panel, from += k_stride) {
            __builtin_prefetch(p + 8 < k ? from + 8 * k_stride : from); /* far strides are not foreseen by hardware */
            __builtin_prefetch((p + 8 < k ? from + 8 * k_stride : from) + panel - 1);
            for (int i = 0; i < panel; i++) to[i] = NAME(widen)(from[i]);
        }
    else
        for (int64_t p = 0; p < k; p++, to += panel, from += k_stride) {
            for (int i = 0; i < count; i++) to[i] = NAME(widen)(from[i]);
            for (int i = count; i < filled; i++) to[i] = 0;
        }
}

/* Any strides. */
static inline __attribute__((always_inline)) void NAME(pack_any)(T *to, const S *from, int count, int64_t k, int64_t k_stride, int64_t stride,
                                                              const int panel)
{
    int filled = NAME(filled)(count, panel);
    for (int64_t p = 0; p < k; p++, to += panel, from += k_stride) {
        for (int i = 0; i < count; i++) to[i] = NAME(widen)(from[i * stride]);
        for (int i = count; i < filled; i++) to[i] = 0;
    }
}

/* k is the adjacent direction: transpose in squares of LANES. Stores run over the panel's row; what they spoil is written
 * again by the next, so groups go from the last to the first and steps of k upwards. Needs k >= LANES. */
static inline __attribute__((always_inline)) void NAME(pack_columns)(T *to, const S *from, int count, int64_t k, int64_t stride, const int panel)
{
    for (int64_t p = 0; p < k; p += LANES) {
        if (p > k - LANES) p = k - LANES; /* the last square overlaps the one before */
        for (int group = (panel - 1) / LANES * LANES; group >= 0; group -= LANES) {
            V square[LANES];
            TORSH__UNROLL
            for (int i = 0; i < LANES; i++) {
                int row = group + i < count ? group + i : count - 1;
                square[i] = NAME(load)(from + row * stride + p);
            }
            TRANSPOSE(square);
            TORSH__UNROLL
            for (int i = 0; i < LANES; i++) memcpy(to + (p + i) * panel + group, &square[i], sizeof(V));
        }
    }
}

static inline __attribute__((always_inline)) void NAME(pack)(const torsh__gemm_pack *g, const int panel)
{
    T *to = g->to;
    const S *from = g->from;
    for (int64_t w = 0; w < g->width; w += panel, to += g->panel_stride, from += panel * g->width_stride) {
        int count = g->width - w < panel ? (int)(g->width - w) : panel;
        if (g->width_stride == 1) NAME(pack_rows)(to, from, count, g->k, g->k_stride, panel);
        else if (g->k_stride == 1 && g->k >= LANES) NAME(pack_columns)(to, from, count, g->k, g->width_stride, panel);
        else NAME(pack_any)(to, from, count, g->k, g->k_stride, g->width_stride, panel);
    }
}

static void NAME(pack_a)(const torsh__gemm_pack *g)
{
    NAME(pack)(g, ROWS);
}

static void NAME(pack_b)(const torsh__gemm_pack *g)
{
    NAME(pack)(g, COLUMNS);
}

/* At most 64 columns of one row of C; each step is a loop of its own so that unit strides vectorise. */
static inline __attribute__((always_inline)) void NAME(finish_row)(const torsh__gemm_finish *g, int count, const T *sum, S *c, const S *bias, const int64_t c_col)
{
    T row[64];
    T alpha = SCALAR(g->alpha[0]), beta = SCALAR(g->beta[0]);
    if (sum)
        for (int j = 0; j < count; j++) row[j] = (T)(alpha * sum[j]);
    else
        for (int j = 0; j < count; j++) row[j] = 0;
    if (beta != 0)
        for (int j = 0; j < count; j++) row[j] = (T)(row[j] + beta * NAME(widen)(c[j * c_col]));
    if (bias && g->bias_col == 1)
        for (int j = 0; j < count; j++) row[j] = (T)(row[j] + NAME(widen)(bias[j]));
    else if (bias)
        for (int j = 0; j < count; j++) row[j] = (T)(row[j] + NAME(widen)(bias[j * g->bias_col]));
    if (g->relu)
        for (int j = 0; j < count; j++) row[j] = RELU(row[j]);
    for (int j = 0; j < count; j++) c[j * c_col] = NAME(narrow)(row[j]);
}

static void NAME(finish)(const torsh__gemm_finish *g)
{
    for (int64_t i = 0; i < g->m; i++)
        for (int64_t j = 0; j < g->n; j += 64) {
            int count = g->n - j < 64 ? (int)(g->n - j) : 64;
            const T *sum = g->sum ? (const T *)g->sum + i * g->sum_row + j : NULL;
            const S *bias = g->bias ? (const S *)g->bias + i * g->bias_row + j * g->bias_col : NULL;
            S *c = (S *)g->c + i * g->c_row + j * g->c_col;
            if (g->c_col == 1) NAME(finish_row)(g, count, sum, c, bias, 1);
            else NAME(finish_row)(g, count, sum, c, bias, g->c_col);
        }
}
