/* The table of matrix-product kernels that gemm_kernels.c exports once per instruction set.
 * A product is computed in one of seven element types ("compute types"); every dtype is converted to its compute type while it
 * is packed. Packed panels are [k][width]: for each step of k, the `rows` (A) or `columns` (B) neighbours of one panel. The seventh
 * type is f32 sums of pairs of bf16 (gemm_pairs.inc.c): an element of a panel is two steps of k. */
#ifndef TORSH_BACKEND_CPU_GEMM_KERNELS_H
#define TORSH_BACKEND_CPU_GEMM_KERNELS_H

#include "isa.h"

#include <torsh/core.h>

/* Turns `width` neighbours of a strided matrix into panels: panel p holds neighbours p * panel .. and starts at
 * to + p * panel_stride elements. In the last panel, what follows the width is set up to a whole vector, but means nothing.
 * May write up to 16 elements past k * panel of each panel. */
typedef struct torsh__gemm_pack {
    void *to;
    const void *from;
    int64_t width, k;                /* neighbours, and length of the sum */
    int64_t width_stride, k_stride;  /* elements between neighbours, and between steps of k */
    int64_t panel_stride;            /* elements of the compute type between panels */
} torsh__gemm_pack;
typedef void torsh__gemm_pack_fn(const torsh__gemm_pack *p);

/* One block: C (m, n) = alpha * A * B + beta * C [+ bias] [relu], all in the compute type. */
typedef struct torsh__gemm_block {
    int64_t m, n, k;   /* k in elements of panels */
    const void *a, *b; /* first panels; A in panels of `rows`, B in panels of `columns` */
    int64_t a_panel, b_panel; /* elements between panels */
    const void *b_next;       /* the panel of B that will be wanted after these: fetched ahead */
    void *c;
    int64_t c_row, c_col;
    const double *alpha, *beta; /* two doubles each */
    const void *bias;           /* NULL or as in torsh__gemm_args, in the compute type */
    int64_t bias_row, bias_col;
    bool relu;
    bool narrow;                /* pairs only: C and the bias are bf16, not f32 */
} torsh__gemm_block;
typedef void torsh__gemm_block_fn(const torsh__gemm_block *b);

/* C = alpha * sum + beta * C [+ bias] [relu], rounding a sum in the compute type to C's dtype. sum NULL counts as zero. */
typedef struct torsh__gemm_finish {
    int64_t m, n;
    const void *sum; /* (m, n), rows sum_row apart, columns adjacent */
    int64_t sum_row;
    void *c;
    int64_t c_row, c_col;
    const double *alpha, *beta;
    const void *bias; /* in C's dtype */
    int64_t bias_row, bias_col;
    bool relu;
} torsh__gemm_finish;
typedef void torsh__gemm_finish_fn(const torsh__gemm_finish *f);

/* Adds n elements of the compute type: to[i] += from[i]. */
typedef void torsh__gemm_add_fn(void *to, const void *from, int64_t n);

/* y (n) = sum over k of x[k] * B[k][n], B's columns adjacent (b_col 1) or its rows adjacent (b_row 1, and x_stride), y adjacent
 * and with room for whole vectors, of pairs for 32. A slim one has up to four rows of x; all four rows of y are written. Of pairs, x and B are
 * bf16 and neither x_stride nor `add` counts. */
typedef struct torsh__gemm_vector {
    int64_t n, k;
    const void *x, *b;
    int64_t x_stride, b_row, b_col;
    void *y;
    bool add; /* to what y holds */
    int rows; /* slim ones only, as are x_row and y_row */
    int64_t x_row, y_row;
} torsh__gemm_vector;
typedef void torsh__gemm_vector_fn(const torsh__gemm_vector *v);

/* C (m, n) = alpha * a[i] * b[j]: b and C's columns adjacent. */
typedef struct torsh__gemm_outer {
    int64_t m, n;
    const void *a, *b;
    void *c;
    int64_t a_row, c_row;
    double alpha;
} torsh__gemm_outer;
typedef void torsh__gemm_outer_fn(const torsh__gemm_outer *o);

enum torsh__gemm_compute { TORSH__GEMM_F32, TORSH__GEMM_F64, TORSH__GEMM_I32, TORSH__GEMM_I64, TORSH__GEMM_C64, TORSH__GEMM_C128,
                           TORSH__GEMM_PAIRS, TORSH__GEMM_COMPUTE_COUNT };

typedef struct torsh__gemm_compute_kernels {
    int size;          /* bytes of an element */
    int steps;         /* of k in an element of a panel */
    int rows, columns; /* of the register tile: widths of the panels of A and B */
    torsh__gemm_block_fn *block;
    torsh__gemm_add_fn *add;
    torsh__gemm_vector_fn *vector; /* NULL where there is none */
    torsh__gemm_vector_fn *slim;   /* NULL but in f32 and f64 with wide vectors */
    torsh__gemm_outer_fn *outer;   /* there and in complex; else NULL */
} torsh__gemm_compute_kernels;

typedef struct torsh__gemm_dtype_kernels {
    uint8_t size;    /* bytes of an element */
    uint8_t compute; /* an enum torsh__gemm_compute */
    torsh__gemm_pack_fn *pack_a, *pack_b;
    torsh__gemm_finish_fn *finish;
    /* Adjacent elements to the compute type, where the copies' loop is slow, or NULL. What lies `ahead` elements on is fetched. */
    void (*spread)(int64_t n, void *to, const void *from, int64_t ahead);
} torsh__gemm_dtype_kernels;

typedef struct torsh__gemm_kernels {
    torsh__gemm_compute_kernels compute[TORSH__GEMM_COMPUTE_COUNT];
    torsh__gemm_dtype_kernels dtype[TORSH_DTYPE_COUNT]; /* TORSH_BOOL is empty */
    torsh__gemm_dtype_kernels pairs;                    /* bf16 on processors with avx512_bf16; empty but in the AVX-512 table */
} torsh__gemm_kernels;

TORSH__ISA_TABLES(torsh__gemm_kernels, torsh__gemm);

#endif
