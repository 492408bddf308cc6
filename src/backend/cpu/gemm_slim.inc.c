/* Template, per compute type: one row, or up to four, times a matrix that is read once as it lies, without packing. Included by gemm_kernels.c
 * after gemm_tile.inc.c with what that takes, and SLIM: whether there are four rows, too. Rows past g->rows are the last one again: their sums
 * are written and not used. What is left of a row past the whole vectors is copied among zeros. */

#if SLIM
#define ONE_STEPS 8
#define ONE_COLUMNS 4
#else
#define ONE_STEPS 4
#define ONE_COLUMNS 2
#endif
#define AHEAD 6144 /* bytes; hardware's own prefetch stops at page ends */
#define EACH for (int i = 0; i < steps; i++)

/* `steps` adjacent rows of B at a time, so that y is read and written once for all. */
static inline __attribute__((always_inline)) void NAME(add_steps)(const int rows, const int steps, int64_t n, const T *const b[8], int64_t ahead, const T w[4][8], T *y, int64_t y_row)
{
    V factor[4][8];
    for (int r = 0; r < rows; r++) EACH factor[r][i] = (V){0} + w[r][i];
    for (int64_t j = 0; j < n; j += LANES, y += LANES) {
        V in[8];
        TORSH__UNROLL
        EACH {
            in[i] = *(const U *)(b[i] + j);
            __builtin_prefetch(b[i] + ahead + j); /* hardware stops at the end of a page */
        }
        TORSH__UNROLL
        for (int r = 0; r < rows; r++) {
            V sum = *(U *)(y + r * y_row);
            TORSH__UNROLL
            EACH sum += factor[r][i] * in[i];
            *(U *)(y + r * y_row) = sum;
        }
    }
}

typedef void NAME(adder)(int64_t n, T *const b[8], int64_t ahead, T w[4][8], T *y, int64_t y_row);

static void NAME(add_one)(int64_t n, T *const b[8], int64_t ahead, T w[4][8], T *y, int64_t y_row)
{
    NAME(add_steps)(1, ONE_STEPS, n, (const T *const *)b, ahead, (const T(*)[8])w, y, y_row);
}

#if SLIM
static void NAME(add_four)(int64_t n, T *const b[8], int64_t ahead, T w[4][8], T *y, int64_t y_row)
{
    NAME(add_steps)(4, 4, n, (const T *const *)b, ahead, (const T(*)[8])w, y, y_row);
}
#endif

/* Rows of B adjacent. Where fewer than `steps` are left, or less than a vector, they are copied among zeros. */
static void NAME(sum_steps)(const torsh__gemm_vector *g, int rows, int steps, NAME(adder) *add)
{
    int64_t whole = g->n / LANES * LANES;
    T tail[8][LANES];
    if (!g->add)
        for (int r = 0; r < rows; r++) memset((T *)g->y + r * g->y_row, 0, (size_t)((g->n + LANES - 1) / LANES * LANES) * sizeof(T));
    for (int64_t p = 0; p < g->k; p += steps) {
        int here = g->k - p < steps ? (int)(g->k - p) : steps;
        T *b[8], *tails[8], w[4][8] = {{0}};
        for (int i = 0; i < here; i++) {
            b[i] = (T *)(uintptr_t)g->b + (p + i) * g->b_row; /* only read */
            for (int r = 0; r < rows; r++) w[r][i] = ((const T *)g->x)[(r < g->rows ? r : g->rows - 1) * g->x_row + (p + i) * g->x_stride];
        }
        EACH tails[i] = tail[i];
        if (p == 0 || here < steps) memset(tail, 0, sizeof tail);
        if (here == steps) add(whole, b, p + 2 * steps <= g->k ? steps * g->b_row : 0, w, g->y, g->y_row);
        for (int64_t j = here == steps ? whole : 0; j < g->n; j += LANES) {
            for (int i = 0; i < here; i++) memcpy(tail[i], b[i] + j, (size_t)(g->n - j < LANES ? g->n - j : LANES) * sizeof(T));
            add(LANES, tails, 0, w, (T *)g->y + j, g->y_row);
        }
    }
}

/* Columns of B adjacent, x too: dot products, `columns` of them at a time with `depth` sums each. What is read next are the columns after them,
 * or more of both vectors if there is only one. */
static inline __attribute__((always_inline)) int NAME(some_dots)(const torsh__gemm_vector *g, int64_t j, const int rows, const int columns, const int depth, V sum[16])
{
    int64_t step = depth * LANES, end = g->k / step * step, rest = g->k - end;
    int here = g->n - j < columns ? (int)(g->n - j) : columns;
    uintptr_t ahead = columns == 1 ? AHEAD : j + 2 * columns <= g->n ? (uintptr_t)(columns * g->b_col) * sizeof(T) : 0;
    const T *x[4], *b[4];
    T tail[8][4 * LANES];
    for (int r = 0; r < rows; r++) x[r] = (const T *)g->x + (r < g->rows ? r : g->rows - 1) * g->x_row;
    for (int c = 0; c < columns; c++) b[c] = (const T *)g->b + (j + (c < here ? c : here - 1)) * g->b_col;
    TORSH__UNROLL
    for (int i = 0; i < rows * columns * depth; i++) sum[i] = (V){0};
    for (;; end = step) {
        for (int64_t p = 0; p < end; p += step)
            TORSH__UNROLL
            for (int d = 0; d < depth; d++) {
                V left[4];
                TORSH__UNROLL
                for (int r = 0; r < rows; r++) {
                    left[r] = *(const U *)(x[r] + p + d * LANES);
                    if (columns == 1) __builtin_prefetch((const void *)((uintptr_t)(x[r] + p + d * LANES) + AHEAD)); /* maybe past the end, where it does nothing */
                }
                TORSH__UNROLL
                for (int c = 0; c < columns; c++) {
                    V right = *(const U *)(b[c] + p + d * LANES);
                    __builtin_prefetch((const void *)((uintptr_t)(b[c] + p + d * LANES) + ahead));
                    TORSH__UNROLL
                    for (int r = 0; r < rows; r++) sum[(d * columns + c) * rows + r] += left[r] * right;
                }
            }
        if (!rest) return here;
        for (int i = 0; i < rows; i++) memset(tail[i], 0, (size_t)step * sizeof(T));
        for (int i = 0; i < columns; i++) memset(tail[4 + i], 0, (size_t)step * sizeof(T));
        for (int i = 0; i < rows; i++) memcpy(tail[i], x[i] + end, (size_t)rest * sizeof(T)), x[i] = tail[i];
        for (int i = 0; i < columns; i++) memcpy(tail[4 + i], b[i] + end, (size_t)rest * sizeof(T)), b[i] = tail[4 + i];
        rest = 0;
    }
}

static inline __attribute__((always_inline)) void NAME(vector_dots)(const torsh__gemm_vector *g, int64_t j, const int columns, const int depth)
{
    V sum[16];
    T lanes[4][LANES], *y = (T *)g->y + j;
    int here = NAME(some_dots)(g, j, 1, columns, depth, sum);
    TORSH__UNROLL
    for (int c = 0; c < columns; c++) {
        TORSH__UNROLL
        for (int d = 1; d < depth; d++) sum[c] += sum[c + d * columns];
        *(U *)lanes[c] = sum[c];
    }
    for (int c = 0; c < here; c++) {
        for (int half = LANES / 2; half; half /= 2)
            for (int i = 0; i < half; i++) lanes[c][i] += lanes[c][i + half];
        y[c] = lanes[c][0] + (g->add ? y[c] : 0);
    }
}

/* x may have any strides where the rows of B are adjacent. */
static void NAME(vector)(const torsh__gemm_vector *g)
{
    torsh__gemm_vector one = *g;
    one.rows = 1;
    if (g->b_col == 1) NAME(sum_steps)(&one, 1, ONE_STEPS, NAME(add_one));
    if (g->b_col == 1) return;
    if (g->n == 1) NAME(vector_dots)(&one, 0, 1, 4);
    for (int64_t j = 0; g->n > 1 && j < g->n; j += ONE_COLUMNS) NAME(vector_dots)(&one, j, ONE_COLUMNS, 2);
}

#if SLIM

/* How many columns have their sums side by side in registers. */
#if BYTES == 64
#define DOTS 4
#else
#define DOTS 2
#endif

/* The lanes of LANES sums are added by turning the square that these are. */
static void NAME(slim_dots)(const torsh__gemm_vector *g, int64_t j)
{
    V sum[16];
    T total[4 * DOTS], *y = (T *)g->y + j;
    int columns = NAME(some_dots)(g, j, 4, DOTS, 1, sum);
    TORSH__UNROLL
    for (int i = 0; i < 4 * DOTS; i += LANES) {
        TRANSPOSE(sum + i);
        TORSH__UNROLL
        for (int half = LANES / 2; half; half /= 2)
            TORSH__UNROLL
            for (int l = 0; l < half; l++) sum[i + l] += sum[i + l + half];
        *(U *)(total + i) = sum[i];
    }
    for (int c = 0; c < columns; c++)
        for (int r = 0; r < 4; r++) y[r * g->y_row + c] = total[c * 4 + r] + (g->add ? y[r * g->y_row + c] : 0);
}

static void NAME(slim)(const torsh__gemm_vector *g)
{
    if (g->b_col == 1) NAME(sum_steps)(g, 4, 4, NAME(add_four));
    for (int64_t j = 0; g->b_col != 1 && j < g->n; j += DOTS) NAME(slim_dots)(g, j);
}
#undef DOTS

static void NAME(outer)(const torsh__gemm_outer *o)
{
    const T *restrict b = o->b;
    for (int64_t i = 0; i < o->m; i++) {
        T *restrict c = (T *)o->c + i * o->c_row, x = ((const T *)o->a)[i * o->a_row] * SCALAR(o->alpha);
        for (int64_t j = 0; j < o->n; j++) c[j] = x * b[j];
    }
}
#endif
#undef AHEAD
#undef EACH
#undef ONE_STEPS
#undef ONE_COLUMNS
