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

/* Where k is the adjacent direction, pairs lie in memory as they are wanted: they are packed as f32 are, but for an odd step. */
static void pack_all_pairs(const torsh__gemm_pack *g, int panel)
{
    int64_t whole = 0;
    if (g->k_stride == 1 && g->width_stride % 2 == 0 && (uintptr_t)g->from % 4 == 0) {
        torsh__gemm_pack words = *g;
        whole = words.k = g->k / 2;
        words.width_stride = g->width_stride / 2;
        if (panel == ROWS) pack_a_f32(&words);
        else pack_b_f32(&words);
    }
    uint32_t *to = g->to;
    for (int64_t w = 0; w < g->width; w += panel, to += g->panel_stride) pack_pairs(g, whole, panel, w, to);
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

#undef PAIRS
#undef COLUMNS
