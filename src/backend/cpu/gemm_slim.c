/* Slim products: cut into pieces of columns and, where these are few, of k, whose sums are added in order. What B is read in is the compute
 * type: a block of it is converted if it has another one, or if neither of its dims is adjacent. The sums are those of gemm_kernels.h's slim and
 * vector; sizes alone decide the cut. */
#include "gemm_slim.h"

#include "alloc.h"
#include "copy_kernels.h"
#include "dtype.h"
#include "gemm_kernels.h"
#include "threads.h"

#include <stdatomic.h>
#include <string.h>

enum {
    MOST_ROWS = 8,
    GROUP = 4,            /* rows that the kernel takes */
    LEAST = 4096,         /* elements of B from which on several rows are worth it */
    ROW_COLUMNS = 512,    /* columns in a piece, of B with adjacent columns */
    PAIR_COLUMNS = 2048,
    DOT_COLUMNS = 128,    /* of B with adjacent rows */
    BLOCK_ROWS = 8,       /* rows and columns of B that are in hand together */
    BLOCK_COLUMNS = 4,
    BLOCK_K = 1024,
    NARROW = 16,          /* fewer columns than this fill no vector */
    VECTOR = 32,          /* columns that kernels may write at once */
    PART_K = 8192,
    MOST_PARTS = 64,
};

typedef struct slim {
    const torsh__gemm_args *g;
    const torsh__gemm_dtype_kernels *d;
    const torsh__gemm_compute_kernels *t;
    torsh__convert_loop *convert;        /* to what the kernel reads */
    int64_t in;                          /* size of that: the compute type, or pairs' bf16 */
    bool dots, convert_b, whole;         /* whole: k is not cut into blocks */
    int64_t columns, across, part, parts; /* of a piece; pieces side by side; steps of k in a part */
    int64_t rows;                        /* of sums: whole groups, but a single row */
    const char *a;                       /* rows of the compute type with steps of one element */
    int64_t a_row;
    char *sums;                          /* (parts, m, n), if there are several parts */
    atomic_int failed;
} slim;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t size_of(const slim *s)
{
    return s->t->size;
}

static void convert(const slim *s, int64_t n, void *to, const char *from, int64_t stride, int64_t ahead)
{
    if (s->d->spread && stride == 1) s->d->spread(n, to, from, ahead);
    else s->convert(n, to, s->in, from, stride * s->d->size);
}

/* All rows of A times a block of B, in the compute type. */
static void multiply(const slim *s, torsh__gemm_vector v, int64_t k0, int64_t y_row)
{
    char *y = v.y;
    v.x_stride = 1, v.x_row = s->a_row, v.y_row = y_row;
    for (int64_t i = 0; i < s->g->m; i += GROUP) {
        v.rows = (int)least(s->g->m - i, GROUP);
        v.x = s->a + (i * s->a_row + k0) * s->in;
        v.y = y + i * y_row * size_of(s);
        (v.rows == 1 ? s->t->vector : s->t->slim)(&v);
    }
}

static const char *of_b(const slim *s, int64_t k, int64_t j)
{
    return (const char *)s->g->b + (k * s->g->b_row + j * s->g->b_col) * s->d->size;
}

/* Columns adjacent: some rows of B at a time, unless all can be read as they lie by one group. */
static void sum_rows(const slim *s, int64_t j, int64_t n, int64_t k0, int64_t k, char *y, int64_t y_row, char *block)
{
    for (int64_t p = 0, step; p < k; p += step) {
        step = s->whole ? k : least(k - p, BLOCK_ROWS);
        torsh__gemm_vector v = {.n = n, .k = step, .b = of_b(s, k0 + p, j), .b_row = s->g->b_row, .b_col = 1, .y = y, .add = p > 0};
        if (s->convert_b) {
            for (int64_t r = 0; r < step; r++) convert(s, n, block + r * n * s->in, of_b(s, k0 + p + r, j), 1, p + 2 * step <= k ? step * s->g->b_row : 0);
            v.b = block, v.b_row = n;
        }
        multiply(s, v, k0 + p, y_row);
    }
}

/* Rows adjacent, or made so: some columns of B at a time. */
static void sum_dots(const slim *s, int64_t j, int64_t n, int64_t k0, int64_t k, char *y, int64_t y_row, char *block)
{
    int64_t most = s->whole ? k : BLOCK_K;
    int64_t block_columns = s->whole ? n : BLOCK_COLUMNS;
    for (int64_t c = 0; c < n; c += block_columns)
        for (int64_t p = 0; p < k; p += most) {
            int64_t step = least(k - p, most), columns = least(n - c, block_columns);
            torsh__gemm_vector v = {.n = columns, .k = step, .b = of_b(s, k0 + p, j + c), .b_row = 1, .b_col = s->g->b_col, .y = y + c * size_of(s), .add = p > 0};
            if (s->convert_b) {
                for (int64_t i = 0; i < columns; i++) convert(s, step, block + i * BLOCK_K * s->in, of_b(s, k0 + p, j + c + i), s->g->b_row, c + 2 * columns <= n ? columns * s->g->b_col : 0);
                v.b = block, v.b_col = BLOCK_K;
            }
            multiply(s, v, k0 + p, y_row);
        }
}

static void finish(const slim *s, int64_t j, int64_t n, const char *sum, int64_t sum_row)
{
    const torsh__gemm_args *g = s->g;
    s->d->finish(&(torsh__gemm_finish){.m = g->m, .n = n, .sum = sum, .sum_row = sum_row, .c = (char *)g->c + j * g->c_col * s->d->size, .c_row = g->c_row, .c_col = g->c_col,
                                       .alpha = g->alpha, .beta = g->beta, .bias = g->bias ? (const char *)g->bias + j * g->bias_col * s->d->size : NULL,
                                       .bias_row = g->bias_row, .bias_col = g->bias_col, .relu = g->relu});
}

static void piece(void *context, int64_t i)
{
    slim *s = context;
    int64_t j = i % s->across * s->columns, n = least(s->g->n - j, s->columns), part = i / s->across, k0 = part * s->part, k = least(s->g->k - k0, s->part);
    int64_t y_row = (n + VECTOR - 1) / VECTOR * VECTOR;
    size_t sums = (size_t)(s->rows * y_row * size_of(s) + 63) & ~(size_t)63;
    size_t bytes = sums + (s->convert_b ? (size_t)((s->dots ? BLOCK_COLUMNS * BLOCK_K : BLOCK_ROWS * n) * s->in) : 0);
    char *y = torsh__alloc(bytes);
    if (!y) {
        atomic_store(&s->failed, 1);
        return;
    }
    (s->dots ? sum_dots : sum_rows)(s, j, n, k0, k, y, y_row, y + sums);
    if (s->parts == 1) finish(s, j, n, y, y_row);
    for (int64_t r = 0; s->parts > 1 && r < s->g->m; r++)
        memcpy(s->sums + ((part * s->g->m + r) * s->g->n + j) * size_of(s), y + r * y_row * size_of(s), (size_t)(n * size_of(s)));
    torsh__free(y, bytes);
}

/* A in rows of the compute type; `copy` has room for them. */
static void take_a(slim *s, char *copy)
{
    const torsh__gemm_args *g = s->g;
    s->a = copy, s->a_row = g->k;
    for (int64_t p = 0; p < g->k; p += BLOCK_K)
        for (int64_t r = 0; r < g->m; r++)
            convert(s, least(g->k - p, BLOCK_K), copy + (r * g->k + p) * s->in, (const char *)g->a + (r * g->a_row + p * g->a_col) * s->d->size, g->a_col, 0);
}

static void run(slim *s, bool parallel)
{
    int64_t pieces = s->across * s->parts;
    if (parallel) torsh__parallel(pieces, piece, s);
    else
        for (int64_t i = 0; i < pieces; i++) piece(s, i);
    if (s->parts == 1) return;
    int64_t count = s->g->m * s->g->n;
    for (int64_t i = 1; i < s->parts; i++) s->t->add(s->sums, s->sums + i * count * size_of(s), count);
    finish(s, 0, s->g->n, s->sums, s->g->n);
}

/* bf16 as it is, where the processor multiplies it. */
static bool takes_pairs(const slim *s, const torsh__gemm_kernels *kernels)
{
#if defined(__x86_64__)
    return s->g->dtype == TORSH_BF16 && kernels->pairs.pack_a && (!s->dots || s->g->b_row == 1) && __builtin_cpu_supports("avx512bf16");
#else
    (void)s, (void)kernels;
    return false;
#endif
}

torsh_status torsh__gemm_slim(const torsh__gemm_args *g, bool parallel)
{
    const torsh__gemm_kernels *kernels = TORSH__ISA_PICK(torsh__gemm);
    slim s = {.g = g, .d = &kernels->dtype[g->dtype], .a = g->a, .a_row = g->a_row, .dots = g->b_col != 1 || g->n < NARROW};
    bool pairs = takes_pairs(&s, kernels);
    if (pairs) s.d = &kernels->pairs;
    s.t = &kernels->compute[s.d->compute];
    s.in = pairs ? s.d->size : s.t->size;
    bool same = s.in == s.d->size;
    torsh_dtype from = pairs ? TORSH_I16 : g->dtype;
    s.convert = TORSH__ISA_PICK(torsh__copy)->convert[from][pairs ? from : s.t->size == 8 ? TORSH_F64 : TORSH_F32];
    s.convert_b = !same || (s.dots && g->b_row != 1);
    s.whole = pairs || (!s.convert_b && g->m <= GROUP);
    s.columns = s.dots ? DOT_COLUMNS : pairs && g->m == 1 ? PAIR_COLUMNS : ROW_COLUMNS;
    s.across = (g->n + s.columns - 1) / s.columns;
    s.parts = s.across > 1 ? 1 : least((g->k + PART_K - 1) / PART_K, MOST_PARTS);
    s.part = ((g->k + s.parts - 1) / s.parts + 7) / 8 * 8;
    s.parts = (g->k + s.part - 1) / s.part;
    s.rows = g->m == 1 ? 1 : (g->m + GROUP - 1) / GROUP * GROUP;
    size_t copy = same && g->a_col == 1 ? 0 : (size_t)(g->m * g->k * s.in + 63) & ~(size_t)63;
    size_t bytes = copy + (s.parts > 1 ? (size_t)(s.parts * g->m * g->n * size_of(&s)) : 0);
    char *room = bytes ? torsh__alloc(bytes) : NULL;
    if (bytes && !room) return TORSH_OUT_OF_MEMORY;
    s.sums = room ? room + copy : NULL;
    if (copy) take_a(&s, room);
    run(&s, parallel);
    torsh__free(room, bytes);
    return atomic_load(&s.failed) ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

bool torsh__gemm_is_slim(torsh__gemm_args *g)
{
    const torsh__gemm_kernels *kernels = TORSH__ISA_PICK(torsh__gemm);
    const torsh__gemm_dtype_kernels *d = &kernels->dtype[g->dtype];
    if (!d->pack_a || !kernels->compute[d->compute].slim) return false;
    bool half = d->size == 2, swap = g->m > MOST_ROWS && g->n <= MOST_ROWS;
    int64_t few = swap ? g->n : g->m, many = swap ? g->m : g->n;
    if (few > MOST_ROWS || (many * g->k < LEAST && !(few == 1 && half))) return false;
    if (!swap) return true;
    torsh__gemm_args t = *g; /* C' = B' A' */
    g->m = t.n, g->n = t.m;
    g->a = t.b, g->a_row = t.b_col, g->a_col = t.b_row;
    g->b = t.a, g->b_row = t.a_col, g->b_col = t.a_row;
    g->c_row = t.c_col, g->c_col = t.c_row;
    g->bias_row = t.bias_col, g->bias_col = t.bias_row;
    return true;
}
