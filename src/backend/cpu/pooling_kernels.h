/* The table of pooling kernels that pooling_kernels.c exports once per instruction set. Each works on one plane. */
#ifndef TORSH_BACKEND_CPU_POOLING_KERNELS_H
#define TORSH_BACKEND_CPU_POOLING_KERNELS_H

#include "extreme_kernels.h"
#include "isa.h"

#include <torsh/core.h>

/* Along one dimension, an output covers input first, first + step, .. < end; `size` is its factor of the divisor. */
typedef struct torsh__pooling_window {
    int64_t first, end, size;
} torsh__pooling_window;

enum { TORSH__TALL_WINDOW = 8 }; /* lines whose columns are searched side by side */

/* Planes have three dimensions; those that a pooling lacks have size 1 and come first. */
typedef struct torsh__pooling_plane {
    int64_t in[3], out[3], step[3];
    const torsh__pooling_window *windows[3]; /* out[d] of them; NULL where windows are 2x2 side by side */
    const int64_t *places; /* NULL, or where the last dim's windows, all of one size, begin */
    int64_t lined, first, by; /* so many of the last dim's windows, from the first one on, are of one size and `by` apart */
    const torsh__extreme_loops *search; /* for the largest of many; NULL: none */
    const void *from;
    void *to;
    int64_t *indices; /* maximum: written forwards (or NULL), read backwards */
} torsh__pooling_plane;
typedef void torsh__pooling_fn(const torsh__pooling_plane *p);

typedef struct torsh__pooling_dtype_kernels {
    int size; /* bytes */
    torsh__pooling_fn *max, *max_back, *avg, *avg_back;
    /* Windows of 2x2 side by side, at least four in a row, each inside the input, in planes of two dimensions; may be NULL. */
    torsh__pooling_fn *max_2x2, *max_back_2x2, *avg_2x2, *avg_back_2x2;
} torsh__pooling_dtype_kernels;

typedef struct torsh__pooling_kernels {
    torsh__pooling_dtype_kernels f32, f64;
} torsh__pooling_kernels;

extern const torsh__pooling_dtype_kernels torsh__pooling_integers;
TORSH__ISA_TABLES(torsh__pooling_kernels, torsh__pooling);

#endif
