/* Matrix products: blocking, packing, threads, batches. The arithmetic is in gemm_kernels.c.
 * A large product is cut into super-blocks whose packed parts fit the outer caches; for each, the panels of A and B are packed
 * and then multiplied piece by piece. Every element of C sees the same steps of k in the same order however the work is cut,
 * and sizes alone decide the cut, so the bits do not depend on threads. */
#include "gemm.h"

#include "gemm_kernels.h"
#include "gemm_slim.h"
#include "alloc.h"
#include "onednn.h"
#include "threads.h"

#include <stdatomic.h>

enum {
    K_STEPS = 1024,         /* steps of k in a block: C is read and written once for each */
    K_PAIRS = 4096,         /* the same of bf16 by pairs: as many bytes as in f64 */
    SUPER_M = 1024,         /* rows and columns of C whose panels are packed at once */
    SUPER_N = 2048,
    PIECE_M = 56,           /* rows and columns of C one piece computes: its panels fit the second cache, 960 KB in f64 */
    PIECE_N = 64,
    SLACK = 16,             /* elements that packing may write past a panel */
    STACK_BYTES = 32 << 10, /* packed operands up to this size live on the stack */
    SPLIT_K = 2048,         /* steps of k in one part of a product whose C is too small to cut */
    VECTOR_N = 1024,        /* columns of a vector times matrix that one piece computes */
    OUTER = 65536,          /* elements of a column times a row that one piece computes */
    ONEDNN_M = 256,         /* rows and columns of C that one call of oneDNN computes */
    ONEDNN_N = 512,
    SLIM = 128,             /* rows or columns of a C that leave little to do with a packed operand */
};
static const double SLIM_SIZE = 65536;    /* elements of that operand */
static const double SERIAL_FLOPS = 1e6;   /* below this a product stays on the calling thread: some 5 us */
static const double ONEDNN_FLOPS = 5e5;
static const double BATCHED_FLOPS = 16e6; /* from here on a product of a batch is worth the pool for itself */

typedef struct product {
    torsh__gemm_args g;
    const torsh__gemm_dtype_kernels *d;
    const torsh__gemm_compute_kernels *t;
    bool parallel;
    bool direct;                  /* blocks write C themselves: it is in the compute type, or pairs that need no sum between blocks */
    int64_t m0, n0, k0, m, n, k;  /* the super-block, and the steps of k in hand */
    int64_t piece_m, piece_n, pieces_m, pieces_n;
    int64_t a_panel, b_panel;     /* elements between panels */
    char *a, *b;                  /* packed */
    char *sum;                    /* of the super-block in the compute type, unless direct */
} product;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* Cuts `total` into equal parts of at most `most`, each a multiple of `unit` but the last; returns the size of a part. */
static int64_t even_part(int64_t total, int64_t most, int64_t unit)
{
    int64_t parts = ceil_div(total, most);
    return ceil_div(ceil_div(total, parts), unit) * unit;
}

static double flops(const torsh__gemm_args *g)
{
    return 2.0 * (double)g->m * (double)g->n * (double)g->k;
}

static const char *at(const void *base, int64_t elements, int64_t size)
{
    return base ? (const char *)base + elements * size : NULL;
}

static void run(const product *p, int64_t pieces, torsh__piece *piece, void *context)
{
    if (p->parallel)
        torsh__parallel(pieces, piece, context);
    else
        for (int64_t i = 0; i < pieces; i++) piece(context, i);
}

/* ---- one super-block ---- */

/* Panels packed by one piece. */
enum { PACK_A = 6, PACK_B = 4 };

static void pack_piece(void *context, int64_t i)
{
    const product *p = context;
    const torsh__gemm_args *g = &p->g;
    int64_t a_width = PACK_A * p->t->rows, b_width = PACK_B * p->t->columns, a_pieces = ceil_div(p->m, a_width);
    torsh__gemm_pack pack = { .k = p->k };
    if (i < a_pieces) {
        int64_t first = i * a_width;
        pack.to = p->a + i * PACK_A * p->a_panel * p->t->size;
        pack.from = at(g->a, (p->m0 + first) * g->a_row + p->k0 * g->a_col, p->d->size);
        pack.width = least(p->m - first, a_width);
        pack.width_stride = g->a_row, pack.k_stride = g->a_col, pack.panel_stride = p->a_panel;
        p->d->pack_a(&pack);
    } else {
        int64_t first = (i - a_pieces) * b_width;
        pack.to = p->b + (i - a_pieces) * PACK_B * p->b_panel * p->t->size;
        pack.from = at(g->b, p->k0 * g->b_row + (p->n0 + first) * g->b_col, p->d->size);
        pack.width = least(p->n - first, b_width);
        pack.width_stride = g->b_col, pack.k_stride = g->b_row, pack.panel_stride = p->b_panel;
        p->d->pack_b(&pack);
    }
}

static const double ONE[2] = { 1, 0 }, ZERO[2] = { 0, 0 };

static void block_piece(void *context, int64_t i)
{
    const product *p = context;
    const torsh__gemm_args *g = &p->g;
    int64_t row = i / p->pieces_n * p->piece_m, column = i % p->pieces_n * p->piece_n;
    bool first = p->k0 == 0, last = p->k0 + p->k == g->k;
    torsh__gemm_block block = {
        .m = least(p->m - row, p->piece_m), .n = least(p->n - column, p->piece_n), .k = ceil_div(p->k, p->t->steps),
        .a = p->a + row / p->t->rows * p->a_panel * p->t->size,
        .b = p->b + column / p->t->columns * p->b_panel * p->t->size,
        .a_panel = p->a_panel, .b_panel = p->b_panel,
        .b_next = p->b + (column + p->piece_n < p->n ? (column + p->piece_n) / p->t->columns * p->b_panel * p->t->size : 0),
    };
    int64_t i0 = p->m0 + row, j0 = p->n0 + column;
    char *c = (char *)g->c + (i0 * g->c_row + j0 * g->c_col) * p->d->size;
    const char *bias = at(g->bias, i0 * g->bias_row + j0 * g->bias_col, p->d->size);
    if (p->direct) {
        block.c = c, block.c_row = g->c_row, block.c_col = g->c_col;
        block.alpha = g->alpha, block.beta = first ? g->beta : ONE;
        block.bias = last ? bias : NULL, block.bias_row = g->bias_row, block.bias_col = g->bias_col;
        block.relu = last && g->relu, block.narrow = p->t->steps == 2;
        p->t->block(&block);
        return;
    }
    block.c = p->sum + (row * p->n + column) * p->t->size, block.c_row = p->n, block.c_col = 1;
    block.alpha = ONE, block.beta = first ? ZERO : ONE;
    p->t->block(&block);
    if (last)
        p->d->finish(&(torsh__gemm_finish){ .m = block.m, .n = block.n, .sum = block.c, .sum_row = p->n,
                                            .c = c, .c_row = g->c_row, .c_col = g->c_col, .alpha = g->alpha, .beta = g->beta,
                                            .bias = bias, .bias_row = g->bias_row, .bias_col = g->bias_col, .relu = g->relu });
}

static void super_block(product *p)
{
    int64_t pack_pieces = ceil_div(p->m, PACK_A * p->t->rows) + ceil_div(p->n, PACK_B * p->t->columns);
    int64_t k_part = even_part(p->g.k, p->t->steps == 2 ? K_PAIRS : K_STEPS, 8);
    p->piece_m = even_part(p->m, PIECE_M, p->t->rows);
    p->piece_n = even_part(p->n, PIECE_N, p->t->columns);
    p->pieces_m = ceil_div(p->m, p->piece_m);
    p->pieces_n = ceil_div(p->n, p->piece_n);
    for (p->k0 = 0; p->k0 < p->g.k; p->k0 += k_part) {
        p->k = least(p->g.k - p->k0, k_part);
        p->a_panel = ceil_div(p->k, p->t->steps) * p->t->rows + SLACK;
        p->b_panel = ceil_div(p->k, p->t->steps) * p->t->columns + SLACK;
        run(p, pack_pieces, pack_piece, p);
        run(p, p->pieces_m * p->pieces_n, block_piece, p);
    }
}

/* ---- one product ---- */

static torsh_status blocked(product *p)
{
    const torsh__gemm_args *g = &p->g;
    int64_t m_part = even_part(g->m, SUPER_M, p->t->rows), n_part = even_part(g->n, SUPER_N, p->t->columns);
    int64_t m_most = least(m_part, g->m), n_most = least(n_part, g->n);
    int64_t k_part = least(even_part(g->k, p->t->steps == 2 ? K_PAIRS : K_STEPS, 8), g->k), k_most = ceil_div(k_part, p->t->steps);
    size_t a_bytes = (size_t)(ceil_div(m_most, p->t->rows) * (k_most * p->t->rows + SLACK) * p->t->size + 63) & ~(size_t)63;
    size_t b_bytes = (size_t)(ceil_div(n_most, p->t->columns) * (k_most * p->t->columns + SLACK) * p->t->size + 63) & ~(size_t)63;
    p->direct = p->d->size == p->t->size || (p->t->steps == 2 && k_part == g->k);
    size_t bytes = a_bytes + b_bytes + (p->direct ? 0 : (size_t)(m_most * n_most * p->t->size));
    _Alignas(64) char stack[STACK_BYTES];
    char *memory = bytes <= sizeof stack ? stack : torsh__alloc(bytes);
    if (!memory) return TORSH_OUT_OF_MEMORY;
    p->a = memory, p->b = memory + a_bytes, p->sum = memory + a_bytes + b_bytes;
    for (p->n0 = 0; p->n0 < g->n; p->n0 += n_part)
        for (p->m0 = 0; p->m0 < g->m; p->m0 += m_part) {
            p->m = least(g->m - p->m0, m_part);
            p->n = least(g->n - p->n0, n_part);
            super_block(p);
        }
    if (memory != stack) torsh__free(memory, bytes);
    return TORSH_OK;
}

static void vector_piece(void *context, int64_t i)
{
    const product *p = context;
    const torsh__gemm_args *g = &p->g;
    _Alignas(64) char y[VECTOR_N * 16];
    int64_t j = i * VECTOR_N;
    torsh__gemm_vector v = { .n = least(g->n - j, VECTOR_N), .k = g->k, .x = g->a, .b = at(g->b, j * g->b_col, p->d->size),
                             .x_stride = g->a_col, .b_row = g->b_row, .b_col = g->b_col, .y = y };
    p->t->vector(&v);
    p->d->finish(&(torsh__gemm_finish){ .m = 1, .n = v.n, .sum = y, .sum_row = 0,
                                        .c = (char *)g->c + j * g->c_col * p->d->size, .c_row = g->c_row, .c_col = g->c_col,
                                        .alpha = g->alpha, .beta = g->beta, .bias = at(g->bias, j * g->bias_col, p->d->size),
                                        .bias_row = g->bias_row, .bias_col = g->bias_col, .relu = g->relu });
}

/* ---- half types through oneDNN: its f32 sums of a tile, finished here; a tile it does not take is done as any other ---- */

typedef struct half_tiles {
    const product *p;
    int64_t m, n, across; /* of a tile; tiles side by side */
    atomic_int failed;
} half_tiles;

static void half_piece(void *context, int64_t i)
{
    half_tiles *h = context;
    product p = *h->p;
    torsh__gemm_args *g = &p.g;
    int64_t row = i / h->across * h->m, column = i % h->across * h->n;
    g->m = least(g->m - row, h->m), g->n = least(g->n - column, h->n);
    g->a = at(g->a, row * g->a_row, p.d->size);
    g->b = at(g->b, column * g->b_col, p.d->size);
    g->c = (char *)g->c + (row * g->c_row + column * g->c_col) * p.d->size;
    g->bias = at(g->bias, row * g->bias_row + column * g->bias_col, p.d->size);
    p.parallel = false;
    size_t bytes = (size_t)(g->m * g->n) * sizeof(float);
    float *sum = torsh__alloc(bytes);
    if (sum && torsh__onednn_matmul(g->dtype, g->m, g->n, g->k, g->a, g->a_row, g->a_col, g->b, g->b_row, g->b_col, sum))
        p.d->finish(&(torsh__gemm_finish){ .m = g->m, .n = g->n, .sum = sum, .sum_row = g->n, .c = g->c,
                                           .c_row = g->c_row, .c_col = g->c_col, .alpha = g->alpha, .beta = g->beta,
                                           .bias = g->bias, .bias_row = g->bias_row, .bias_col = g->bias_col, .relu = g->relu });
    else if (blocked(&p) != TORSH_OK)
        atomic_store(&h->failed, 1);
    torsh__free(sum, bytes);
}

/* Worth it from some 64 x 64 x 64 on, unless C is a sliver. The kernel of pairs is up to twice as fast on small products and 5 % to 12 %
 * on large ones, but where C is slim and packing the other operand weighs most, oneDNN's is, by up to a fifth (Zen 5, oneDNN 2.6). */
static bool is_for_onednn(const product *p)
{
    const torsh__gemm_args *g = &p->g;
    bool half = g->dtype == TORSH_BF16 || g->dtype == TORSH_F16;
    int64_t narrow = least(g->m, g->n), wide = g->m + g->n - narrow;
    if (p->t->steps == 2 && (narrow > SLIM || (double)wide * (double)g->k < SLIM_SIZE)) return false;
    return half && g->m >= 16 && g->n >= 16 && flops(g) >= ONEDNN_FLOPS && torsh__onednn_multiplies(g->dtype);
}

static torsh_status half_product(const product *p)
{
    half_tiles h = { .p = p, .m = even_part(p->g.m, ONEDNN_M, 16), .n = even_part(p->g.n, ONEDNN_N, 64) };
    h.across = ceil_div(p->g.n, h.n);
    run(p, ceil_div(p->g.m, h.m) * h.across, half_piece, &h);
    return atomic_load(&h.failed) ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

/* A row of A times a B whose rows or columns are adjacent needs no packing. */
static bool is_vector(const product *p)
{
    const torsh__gemm_args *g = &p->g;
    bool plain = p->t->vector && p->d->size == p->t->size;
    return plain && g->m == 1 && (g->b_col == 1 || (g->b_row == 1 && g->a_col == 1));
}

static torsh_status whole(product *p)
{
    if (is_for_onednn(p)) return half_product(p);
    if (!is_vector(p)) return blocked(p);
    run(p, ceil_div(p->g.n, VECTOR_N), vector_piece, p);
    return TORSH_OK;
}

/* ---- a small C and a long sum: parts of k side by side, added in order ---- */

typedef struct split {
    const product *p;
    char *sums; /* parts x (m, n) in the compute type */
    int64_t part;
    atomic_int failed;
} split;

static void split_piece(void *context, int64_t i)
{
    split *s = context;
    product p = *s->p;
    torsh__gemm_args *g = &p.g;
    g->a = at(g->a, i * s->part * g->a_col, p.d->size);
    g->b = at(g->b, i * s->part * g->b_row, p.d->size);
    g->k = least(g->k - i * s->part, s->part);
    g->c = s->sums + i * g->m * g->n * p.t->size;
    g->c_row = g->n, g->c_col = 1;
    g->alpha[0] = 1, g->alpha[1] = g->beta[0] = g->beta[1] = 0;
    g->bias = NULL, g->relu = false;
    p.parallel = false;
    if (whole(&p) != TORSH_OK) atomic_store(&s->failed, 1);
}

static torsh_status split_k(const product *p)
{
    const torsh__gemm_args *g = &p->g;
    int64_t parts = least(ceil_div(g->k, SPLIT_K), 64);
    split s = { .p = p, .part = even_part(g->k, ceil_div(g->k, parts), 8) };
    parts = ceil_div(g->k, s.part);
    size_t one = (size_t)(g->m * g->n * p->t->size), bytes = one * (size_t)parts;
    s.sums = torsh__alloc(bytes);
    if (!s.sums) return TORSH_OUT_OF_MEMORY;
    run(p, parts, split_piece, &s);
    for (int64_t i = 1; i < parts; i++) p->t->add(s.sums, s.sums + (size_t)i * one, g->m * g->n);
    p->d->finish(&(torsh__gemm_finish){ .m = g->m, .n = g->n, .sum = s.sums, .sum_row = g->n,
                                        .c = g->c, .c_row = g->c_row, .c_col = g->c_col, .alpha = g->alpha, .beta = g->beta,
                                        .bias = g->bias, .bias_row = g->bias_row, .bias_col = g->bias_col, .relu = g->relu });
    torsh__free(s.sums, bytes);
    return atomic_load(&s.failed) ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

/* ---- a column times a row ---- */

static void outer_piece(void *context, int64_t i)
{
    const product *p = context;
    const torsh__gemm_args *g = &p->g;
    int64_t row = i * p->piece_m;
    p->t->outer(&(torsh__gemm_outer){ .m = least(g->m - row, p->piece_m), .n = g->n, .a = at(g->a, row * g->a_row, p->d->size), .b = g->b,
                                      .c = (char *)g->c + row * g->c_row * p->d->size, .a_row = g->a_row, .c_row = g->c_row, .alpha = g->alpha[0] });
}

static bool is_outer(const product *p)
{
    const torsh__gemm_args *g = &p->g;
    bool plain = g->beta[0] == 0 && g->beta[1] == 0 && g->alpha[1] == 0 && !g->bias && !g->relu && g->c_col == 1 && (g->b_col == 1 || g->n == 1);
    return plain && g->k == 1 && p->t->outer && p->d->size == p->t->size;
}

static torsh_status single(product *p)
{
    const torsh__gemm_args *g = &p->g;
    if (g->k == 0 || (g->alpha[0] == 0 && g->alpha[1] == 0)) {
        p->d->finish(&(torsh__gemm_finish){ .m = g->m, .n = g->n, .c = g->c, .c_row = g->c_row, .c_col = g->c_col,
                                            .alpha = g->alpha, .beta = g->beta, .bias = g->bias, .bias_row = g->bias_row,
                                            .bias_col = g->bias_col, .relu = g->relu });
        return TORSH_OK;
    }
    if (is_outer(p)) {
        p->piece_m = OUTER / g->n + 1;
        run(p, ceil_div(g->m, p->piece_m), outer_piece, p);
        return TORSH_OK;
    }
    if (!is_vector(p) && torsh__gemm_is_slim(&p->g)) return torsh__gemm_slim(g, p->parallel);
    if (g->k >= 2 * SPLIT_K && g->m * g->n <= 8 * PIECE_M * PIECE_N && p->d->size == p->t->size) return split_k(p);
    return whole(p);
}

/* ---- batches ---- */

typedef struct batch {
    const product *p;
    int64_t each; /* products per piece */
    atomic_int failed;
} batch;

static void batch_piece(void *context, int64_t i)
{
    batch *b = context;
    const torsh__gemm_args *g = &b->p->g;
    for (int64_t j = i * b->each; j < least(g->batch, (i + 1) * b->each); j++) {
        product one = *b->p;
        one.g.a = at(g->a, j * g->a_batch, one.d->size);
        one.g.b = at(g->b, j * g->b_batch, one.d->size);
        one.g.c = (char *)g->c + j * g->c_batch * one.d->size;
        if (single(&one) != TORSH_OK) atomic_store(&b->failed, 1);
    }
}

static torsh_status batched(product *p)
{
    double each = flops(&p->g);
    batch b = { .p = p };
    if (each >= BATCHED_FLOPS) {
        b.each = p->g.batch;
        batch_piece(&b, 0);
    } else {
        p->parallel = false;
        b.each = each >= SERIAL_FLOPS ? 1 : (int64_t)(SERIAL_FLOPS / (each + 100)) + 1;
        if (b.each >= p->g.batch) batch_piece(&b, 0);
        else torsh__parallel(ceil_div(p->g.batch, b.each), batch_piece, &b);
    }
    return atomic_load(&b.failed) ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

/* C's columns are made the adjacent ones, by computing the transpose if need be: C' = B' A'. */
static void orient(torsh__gemm_args *g)
{
    if (g->c_col == 1 && g->n > 1) return;
    if (g->c_row != 1 && g->n > 1) return;
    if (g->m == 1) return;
    torsh__gemm_args t = *g;
    g->m = t.n, g->n = t.m;
    g->a = t.b, g->a_row = t.b_col, g->a_col = t.b_row, g->a_batch = t.b_batch;
    g->b = t.a, g->b_row = t.a_col, g->b_col = t.a_row, g->b_batch = t.a_batch;
    g->c_row = t.c_col, g->c_col = t.c_row;
    g->bias_row = t.bias_col, g->bias_col = t.bias_row;
}

/* From a few rows and columns on; below, the whole tiles of pairs would mostly be idle. */
static bool has_pairs(const torsh__gemm_kernels *kernels, const torsh__gemm_args *g)
{
#if defined(__x86_64__)
    if (g->dtype != TORSH_BF16 || !kernels->pairs.pack_a || !__builtin_cpu_supports("avx512bf16")) return false;
    bool tiles = torsh__onednn_has_tiles() && torsh__onednn_multiplies(TORSH_BF16);
    return !tiles && g->m * (g->batch > 1 ? g->batch : 1) >= 4 && g->n >= 8;
#else
    (void)kernels, (void)g;
    return false;
#endif
}

torsh_status torsh__gemm(const torsh__gemm_args *args)
{
    if (args->m <= 0 || args->n <= 0) return TORSH_OK;
    const torsh__gemm_kernels *kernels = TORSH__ISA_PICK(torsh__gemm);
    if (!kernels->dtype[args->dtype].pack_a) kernels = TORSH__ISA_NARROW(torsh__gemm);
    product p = { .g = *args };
    p.d = has_pairs(kernels, args) ? &kernels->pairs : &kernels->dtype[args->dtype];
    p.t = &kernels->compute[p.d->compute];
    torsh__gemm_args *g = &p.g;
    bool rows_follow = g->a_batch == g->m * g->a_row && g->c_batch == g->m * g->c_row;
    if (g->batch > 1 && g->b_batch == 0 && rows_follow && (!g->bias || g->bias_row == 0)) {
        g->m *= g->batch; /* one B for all: a taller A */
        g->batch = 1;
    }
    orient(g);
    if (g->batch > 1) {
        p.parallel = true;
        return batched(&p);
    }
    p.parallel = flops(g) >= SERIAL_FLOPS;
    return single(&p);
}
