/* Inner loops of weighted sums of a few elements; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_TAPS_KERNELS_H
#define TORSH_BACKEND_CPU_TAPS_KERNELS_H

#include "isa.h"

#include <stdbool.h>
#include <stdint.h>

enum { TORSH__TAPS_BLOCK = 64 };

/* Weights as polynomials of the distance to the tap before: nearest, linear, and cubic convolution with a = -0.75. */
extern const double torsh__tap_curves[3][4][4];

/* One dim of an image. padding: z zeros, b border, r reflection. */
typedef struct torsh__sample_line {
    int kind; /* of curve */
    char padding;
    bool corners;
    int32_t size; /* at most 2^30 */
} torsh__sample_line;

enum { TORSH__TAPS_MOST = 4, TORSH__TAPS_LINES = 16 };

/* Taps of a block of points. Nearest ones have no weights. */
#define TORSH__SAMPLE_BLOCK(T)                                                                                                             \
    {                                                                                                                                      \
        int n, wholes, inside; /* points; those of `order` whose taps are all inside, side by side; those with any inside */               \
        int32_t order[TORSH__TAPS_BLOCK];                                                                                                  \
        int32_t at[3][TORSH__TAPS_MOST][TORSH__TAPS_BLOCK]; /* -1: outside; so are lines */                                                \
        T weight[3][TORSH__TAPS_MOST][TORSH__TAPS_BLOCK], turn[3][TORSH__TAPS_MOST][TORSH__TAPS_BLOCK]; /* turn: the weights' derivatives */ \
        int32_t line[TORSH__TAPS_LINES][TORSH__TAPS_BLOCK];                                                                                \
        T lines[3][TORSH__TAPS_LINES][TORSH__TAPS_BLOCK]; /* weights of the lines, their derivatives by the second and third coordinate */ \
    }
typedef struct torsh__sample_f32 TORSH__SAMPLE_BLOCK(float) torsh__sample_f32;
typedef struct torsh__sample_f64 TORSH__SAMPLE_BLOCK(double) torsh__sample_f64;

typedef struct torsh__taps_table {
    /* f32, f64: y += w x */
    void (*blend[2])(int64_t n, void *y, double w, const void *x);
    /* y (width, a multiple of 4) is the sum of those rows of x (.., width), each added in its turn; an index that is `skip` adds nothing. */
    void (*sum_rows)(const int64_t *index, int64_t count, int64_t skip, int64_t width, const float *x, float *y);
    /* Sets a block up for b->n points of `dims` coordinates, innermost dim first. NULL in the AVX-512 table. */
    void (*points)(const torsh__sample_line line[3], int dims, const float *grid, torsh__sample_f32 *b, bool slopes);
} torsh__taps_table;

TORSH__ISA_TABLES(torsh__taps_table, torsh__taps);

#endif
