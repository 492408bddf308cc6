/* bf16 products with the processor's own instruction: vdpbf16ps adds two products of bf16 to each sum in f32, twice the rate of
 * the f32 tile. Included by gemm_kernels.c in its AVX-512 form, after f32 and bf16; its functions have a target of their own
 * (avx512bf16), and gemm.c calls them only where the processor has it.
 * An element of a panel is a pair: step 2p of k in its low half, 2p + 1 in its high half, zero past the end of k. The instruction
 * takes subnormals as zero and rounds to nearest, whatever the thread's mode; PyTorch's products, by the same instruction, do too. */

#include <immintrin.h>

#define PAIRS __attribute__((target("avx512bf16")))
#define COLUMNS 32

/* Step p of neighbours that are adjacent in memory, 16 at a time, masked at the edge. */
static inline void pack_row_of_pairs(uint32_t *to, const uint16_t *low, const uint16_t *high, int64_t count, int panel)
{
    for (int i = 0; i < panel; i += 16) {
        __mmask16 here = (__mmask16)(count - i >= 16 ? 0xFFFF : count > i ? (1 << (count - i)) - 1 : 0);
        __m512i l = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(here, low + i));
        __m512i h = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(high ? here : 0, high ? high + i : low));
        _mm512_storeu_si512(to + i, _mm512_or_si512(l, _mm512_slli_epi32(h, 16)));
    }
}

/* The steps from `first` on, of one panel. */
static void pack_pairs(const torsh__gemm_pack *g, int64_t first, int panel, int64_t w, uint32_t *to)
{
    int64_t count = g->width - w < panel ? g->width - w : panel, stride = g->width_stride;
    const uint16_t *from = (const uint16_t *)g->from + w * stride;
    for (int64_t p = first; 2 * p < g->k; p++) {
        const uint16_t *low = from + 2 * p * g->k_stride, *high = 2 * p + 1 < g->k ? low + g->k_stride : NULL;
        uint32_t *row = to + p * panel;
        if (stride == 1) {
            const uint16_t *ahead = 2 * p + 17 < g->k ? low + 16 * g->k_stride : low; /* far strides are not foreseen by hardware */
            __builtin_prefetch(ahead);
            __builtin_prefetch(ahead + (high ? g->k_stride : 0));
            pack_row_of_pairs(row, low, high, count, panel);
        } else if (high == low + 1) {
            for (int64_t i = 0; i < count; i++) memcpy(row + i, low + i * stride, sizeof *row);
        } else {
            for (int64_t i = 0; i < count; i++) row[i] = low[i * stride] | (high ? (uint32_t)high[i * stride] << 16 : 0);
        }
    }
}

/* Where k is the adjacent direction, pairs lie in memory as they are wanted: they are turned in squares, as f32 are by pack_columns(), but from
 * any address. Needs 16 pairs. */
static void pack_squares(const torsh__gemm_pack *g, int64_t pairs, int panel, int64_t w, uint32_t *to)
{
    int64_t count = g->width - w < panel ? g->width - w : panel;
    const uint16_t *from = (const uint16_t *)g->from + w * g->width_stride;
    for (int64_t p = 0; p < pairs; p += 16) {
        if (p > pairs - 16) p = pairs - 16;
        for (int group = (panel - 1) / 16 * 16; group >= 0; group -= 16) {
            v_f32 square[16];
            TORSH__UNROLL
            for (int i = 0; i < 16; i++) square[i] = (v_f32)_mm512_loadu_si512(from + (group + i < count ? group + i : count - 1) * g->width_stride + 2 * p);
            transpose_f32(square);
            TORSH__UNROLL
            for (int i = 0; i < 16; i++) memcpy(to + (p + i) * panel + group, &square[i], sizeof *square);
        }
    }
}

static void pack_all_pairs(const torsh__gemm_pack *g, int panel)
{
    int64_t whole = g->k_stride == 1 && g->k >= 32 ? g->k / 2 : 0;
    uint32_t *to = g->to;
    for (int64_t w = 0; w < g->width; w += panel, to += g->panel_stride) {
        if (whole) pack_squares(g, whole, panel, w, to);
        pack_pairs(g, whole, panel, w, to);
    }
}

static void pack_a_pairs(const torsh__gemm_pack *g)
{
    pack_all_pairs(g, ROWS);
}

static void pack_b_pairs(const torsh__gemm_pack *g)
{
    pack_all_pairs(g, COLUMNS);
}

/* Sums of a tile, all rows x (16 vectors) of it: the caller rounds what C has of them. */
PAIRS static inline __attribute__((always_inline)) void tile_pairs(const int rows, const int vectors, int64_t k, const uint32_t *a, const uint32_t *b,
                                                                   const uint32_t *ahead, float *to)
{
    __m512 sum[ROWS][2];
    TORSH__UNROLL
    for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = _mm512_setzero_ps();
    for (int64_t p = 0; p < k; p++, a += ROWS, b += COLUMNS) {
        __m512i left = _mm512_loadu_si512(b), right = _mm512_loadu_si512(b + 16);
        __builtin_prefetch(ahead + p * (COLUMNS / 4));
        TORSH__UNROLL
        for (int i = 0; i < rows; i++) {
            __m512i one = _mm512_set1_epi32((int)a[i]);
            sum[i][0] = _mm512_dpbf16_ps(sum[i][0], (__m512bh)left, (__m512bh)one);
            if (vectors > 1) sum[i][1] = _mm512_dpbf16_ps(sum[i][1], (__m512bh)right, (__m512bh)one);
        }
    }
    TORSH__UNROLL
    for (int i = 0; i < rows; i++) {
        _mm512_storeu_ps(to + i * COLUMNS, sum[i][0]);
        _mm512_storeu_ps(to + i * COLUMNS + 16, sum[i][1]);
    }
}

#define TILE(rows, vectors)                                                                                                           \
    PAIRS static void tile_pairs_##rows##_##vectors(int64_t k, const uint32_t *a, const uint32_t *b, const uint32_t *ahead, float *to) \
    {                                                                                                                                 \
        tile_pairs(rows, vectors, k, a, b, ahead, to);                                                                                \
    }
TILE(4, 2)
TILE(8, 2)
TILE(14, 2)
TILE(14, 1)
#undef TILE
#if REAL_ROWS != 14
#error "the tiles of pairs are written for 14 rows"
#endif

/* C = sums, rounded: what most products are. */
PAIRS static void round_pairs(torsh__bf16 *c, int64_t c_row, int rows, int columns, const float *sum)
{
    __mmask32 here = (__mmask32)((1ull << columns) - 1);
    for (int i = 0; i < rows; i++, c += c_row, sum += COLUMNS)
        _mm512_mask_storeu_epi16(c, here, (__m512i)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(sum + 16), _mm512_loadu_ps(sum)));
}

/* C is bf16 if g->narrow, or else f32. */
static void block_pairs(const torsh__gemm_block *g)
{
    bool plain = g->narrow && g->alpha[0] == 1 && g->beta[0] == 0 && g->c_col == 1 && !g->bias && !g->relu;
    size_t size = g->narrow ? sizeof(torsh__bf16) : sizeof(float);
    _Alignas(64) float sum[ROWS * COLUMNS];
    const uint32_t *b = g->b;
    for (int64_t j = 0; j < g->n; j += COLUMNS, b += g->b_panel) {
        int columns = g->n - j < COLUMNS ? (int)(g->n - j) : COLUMNS;
        const uint32_t *a = g->a, *ahead = j + COLUMNS < g->n ? b + g->b_panel : g->b_next;
        for (int64_t i = 0; i < g->m; i += ROWS, a += g->a_panel) {
            int rows = g->m - i < ROWS ? (int)(g->m - i) : ROWS;
            const uint32_t *quarter = ahead + i / ROWS % 4 * g->k * (COLUMNS / 4);
            char *c = (char *)g->c + (i * g->c_row + j * g->c_col) * (int64_t)size;
            (columns <= 16 ? tile_pairs_14_1 : rows > 8 ? tile_pairs_14_2 : rows > 4 ? tile_pairs_8_2 : tile_pairs_4_2)(g->k, a, b, quarter, sum);
            if (plain) {
                round_pairs((torsh__bf16 *)(void *)c, g->c_row, rows, columns, sum);
                continue;
            }
            torsh__gemm_finish f = { .m = rows, .n = columns, .sum = sum, .sum_row = COLUMNS, .c = c, .c_row = g->c_row, .c_col = g->c_col,
                                     .alpha = g->alpha, .beta = g->beta, .bias_row = g->bias_row, .bias_col = g->bias_col, .relu = g->relu };
            if (g->bias) f.bias = (const torsh__bf16 *)g->bias + i * g->bias_row + j * g->bias_col;
            (g->narrow ? finish_bf16 : finish_f32)(&f);
        }
    }
}

/* ---- slim products: x is bf16, its steps adjacent, B is read as it lies, k whole -------------------------------- */

/* The steps p and p + 1 of a row of x as a pair in each lane. */
static inline __m512i slim_pair(const torsh__gemm_vector *g, int row, int64_t p)
{
    const uint16_t *x = (const uint16_t *)g->x + (row < g->rows ? row : g->rows - 1) * g->x_row + p;
    return _mm512_set1_epi32((int)((p < g->k ? x[0] : 0u) | (uint32_t)(p + 1 < g->k ? x[1] : 0) << 16));
}

/* Eight rows of B at a time, those past the last one zeros, as lanes that are masked out: halves of two rows are interleaved to pairs, in an
 * order of columns that order_pairs() mends at the end. */
PAIRS static inline __attribute__((always_inline)) void slim_pairs_steps(const torsh__gemm_vector *g, int64_t p, const int rows)
{
    const uint16_t *b[8];
    uint32_t valid[8];
    __m512i w[4][4];
    for (int i = 0; i < 8; i++) {
        valid[i] = p + i < g->k ? UINT32_MAX : 0;
        b[i] = (const uint16_t *)g->b + (p + i < g->k ? p + i : p) * g->b_row;
    }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < 4; i++) w[r][i] = slim_pair(g, r, p + 2 * i);
    float *y = g->y;
    int64_t ahead = p + 16 <= g->k ? 8 * g->b_row : 0;
    for (int64_t j = 0; j < g->n; j += 32, y += 32) {
        uint32_t here = g->n - j >= 32 ? UINT32_MAX : (1u << (g->n - j)) - 1;
        __m512i low[4], high[4];
        TORSH__UNROLL
        for (int i = 0; i < 4; i++) {
            __m512i even = _mm512_maskz_loadu_epi16(here & valid[2 * i], b[2 * i] + j), odd = _mm512_maskz_loadu_epi16(here & valid[2 * i + 1], b[2 * i + 1] + j);
            __builtin_prefetch(b[2 * i] + ahead + j);
            __builtin_prefetch(b[2 * i + 1] + ahead + j);
            low[i] = _mm512_unpacklo_epi16(even, odd), high[i] = _mm512_unpackhi_epi16(even, odd);
        }
        TORSH__UNROLL
        for (int r = 0; r < rows; r++) {
            float *to = y + r * g->y_row;
            __m512 left = _mm512_loadu_ps(to), right = _mm512_loadu_ps(to + 16);
            TORSH__UNROLL
            for (int i = 0; i < 4; i++) {
                left = _mm512_dpbf16_ps(left, (__m512bh)low[i], (__m512bh)w[r][i]);
                right = _mm512_dpbf16_ps(right, (__m512bh)high[i], (__m512bh)w[r][i]);
            }
            _mm512_storeu_ps(to, left), _mm512_storeu_ps(to + 16, right);
        }
    }
}

static void order_pairs(float *y, int64_t n)
{
    const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23), second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
    for (int64_t j = 0; j < n; j += 32, y += 32) {
        __m512 left = _mm512_loadu_ps(y), right = _mm512_loadu_ps(y + 16);
        _mm512_storeu_ps(y, _mm512_permutex2var_ps(left, first, right));
        _mm512_storeu_ps(y + 16, _mm512_permutex2var_ps(left, second, right));
    }
}

/* Some columns of B, whose rows are adjacent. */
PAIRS static inline __attribute__((always_inline)) void slim_pairs_dots(const torsh__gemm_vector *g, int64_t j, const int rows, const int side)
{
    int columns = g->n - j < side ? (int)(g->n - j) : side;
    int64_t ahead = j + 2 * side <= g->n ? side * g->b_col : 0; /* hardware stops at the end of a page */
    const uint16_t *x[4], *b[8];
    __m512 sum[16];
    float *y = (float *)g->y + j, lanes[16][16];
    for (int i = 0; i < 4; i++) x[i] = (const uint16_t *)g->x + (i < g->rows ? i : g->rows - 1) * g->x_row;
    for (int i = 0; i < side; i++) b[i] = (const uint16_t *)g->b + (j + (i < columns ? i : columns - 1)) * g->b_col;
    TORSH__UNROLL
    for (int i = 0; i < side * rows; i++) sum[i] = _mm512_setzero_ps();
    for (int64_t p = 0; p < g->k; p += 32) {
        __mmask32 here = g->k - p >= 32 ? UINT32_MAX : (1u << (g->k - p)) - 1;
        __m512i in[8];
        TORSH__UNROLL
        for (int c = 0; c < side; c++) {
            in[c] = _mm512_maskz_loadu_epi16(here, b[c] + p);
            __builtin_prefetch(b[c] + ahead + p);
        }
        TORSH__UNROLL
        for (int r = 0; r < rows; r++) {
            __m512i one = _mm512_maskz_loadu_epi16(here, x[r] + p);
            TORSH__UNROLL
            for (int c = 0; c < side; c++) sum[c * rows + r] = _mm512_dpbf16_ps(sum[c * rows + r], (__m512bh)in[c], (__m512bh)one);
        }
    }
    TORSH__UNROLL
    for (int i = 0; i < side * rows; i++) _mm512_storeu_ps(lanes[i], sum[i]);
    for (int c = 0; c < columns; c++)
        for (int r = 0; r < rows; r++) y[r * g->y_row + c] = _mm512_reduce_add_ps(_mm512_loadu_ps(lanes[c * rows + r]));
}

PAIRS static inline __attribute__((always_inline)) void slim_pairs_of(const torsh__gemm_vector *g, const int rows, const int side)
{
    if (g->b_col != 1) {
        for (int64_t j = 0; j < g->n; j += side) slim_pairs_dots(g, j, rows, side);
        return;
    }
    for (int r = 0; r < rows; r++) memset((float *)g->y + r * g->y_row, 0, (size_t)((g->n + 31) / 32 * 32) * sizeof(float));
    for (int64_t p = 0; p < g->k; p += 8) slim_pairs_steps(g, p, rows);
    for (int r = 0; r < rows; r++) order_pairs((float *)g->y + r * g->y_row, g->n);
}

PAIRS static void vector_pairs(const torsh__gemm_vector *g)
{
    slim_pairs_of(g, 1, 8);
}

PAIRS static void slim_pairs(const torsh__gemm_vector *g)
{
    slim_pairs_of(g, 4, 4);
}

#undef PAIRS
#undef COLUMNS
