/* The table of convolution kernels that conv_kernels.c exports once per instruction set.
 * All work on zero-padded copies of the planes in the compute type (f32 or f64), see conv_planes.h: there each tap of the
 * kernel is a constant offset, so a convolution is a matrix product whose rows of B are read where they lie. */
#ifndef TORSH_BACKEND_CPU_CONV_KERNELS_H
#define TORSH_BACKEND_CPU_CONV_KERNELS_H

#include "isa.h"

#include <torsh/core.h>

/* to[r * to_row + i] = from[r * from_row + i * step], converted from the dtype to the compute type. */
typedef struct torsh__conv_copy {
    void *to;
    const void *from;
    int64_t rows, n, to_row, from_row, step;
} torsh__conv_copy;
typedef void torsh__conv_copy_fn(const torsh__conv_copy *c);

/* Output positions are numbered along the padded rows: f is column f % pitch of row f / pitch, none where that is >= width.
 * out[i * out_channel + row * out_row + column * out_column] = bias[i] + sum over p of weights[p][i] * planes[f + offsets[p]]
 * for f in [first, last) and channels i in [0, channels); weights are in panels of panel_rows as torsh__gemm_pack makes them. */
typedef struct torsh__conv_block {
    int64_t k;
    const int64_t *offsets;
    const void *planes;
    const void *weights;
    int64_t channels, panel_rows, panel_stride;
    int64_t first, last, pitch, width;
    void *out; /* in the dtype */
    int64_t out_channel, out_row, out_column;
    const void *bias; /* in the dtype, NULL for none */
} torsh__conv_block;
typedef void torsh__conv_block_fn(const torsh__conv_block *b);

/* c[i * c_row + j] (+)= sum over p of a[p][i] * b[offsets[p] + j], for i in [0, rows) and `vectors` (1 or 2) vectors of j. */
typedef struct torsh__conv_sum {
    int rows, vectors;
    bool add;
    int64_t k;
    const int64_t *offsets;
    const void *a, *b;
    void *c;
    int64_t c_row;
} torsh__conv_sum;
typedef void torsh__conv_sum_fn(const torsh__conv_sum *s);

/* to[f * to_row + j] = from[f + offsets[j]] for f in [0, n) and j in [0, k), zero for j in [k, to_row); reads up to a vector past
 * n and to_row is a multiple of the lanes. */
typedef struct torsh__conv_gather {
    void *to;
    const void *from;
    int64_t n, k, to_row;
    const int64_t *offsets;
} torsh__conv_gather;
typedef void torsh__conv_gather_fn(const torsh__conv_gather *g);

/* totals[t] += sum over rows r and columns x < width of grads[r * lanes_up(width) + x] * planes[r * pitch + x + offsets[t]], for t in
 * [0, taps); rows of grads are padded with zeros to whole vectors; planes are read up to a vector past the row. */
typedef struct torsh__conv_dots {
    const void *grads, *planes;
    int64_t rows, width, pitch, taps;
    const int64_t *offsets;
    double *totals;
} torsh__conv_dots;
typedef void torsh__conv_dots_fn(const torsh__conv_dots *d);

/* The sum of n neighbours. */
typedef double torsh__conv_total_fn(const void *from, int64_t n);
typedef void torsh__conv_store_fn(void *to, double x);

typedef struct torsh__conv_dtype_kernels {
    int size;         /* bytes of an element; 0 where the dtype has no convolution */
    int compute_size; /* 4 or 8 */
    int lanes, rows;  /* of a vector, and of the register tile */
    torsh__conv_copy_fn *copy;
    torsh__conv_block_fn *block;
    torsh__conv_sum_fn *sum;
    torsh__conv_gather_fn *gather;
    torsh__conv_dots_fn *dots;
    torsh__conv_total_fn *total;
    torsh__conv_store_fn *store; /* x, rounded to the dtype */
} torsh__conv_dtype_kernels;

typedef struct torsh__conv_kernels {
    torsh__conv_dtype_kernels dtype[TORSH_DTYPE_COUNT];
} torsh__conv_kernels;

TORSH__ISA_TABLES(torsh__conv_kernels, torsh__conv);

#endif
