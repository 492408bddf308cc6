/* Mean and squared distance from it of small pieces in f32 and f64; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_MOMENTS_KERNELS_H
#define TORSH_BACKEND_CPU_MOMENTS_KERNELS_H

#include "isa.h"

#include <stdint.h>

enum { TORSH__MOMENTS_COLUMNS = 256 }; /* columns that one call takes at most */

typedef struct torsh__moments_loops {
    /* of n elements, few enough to stay in the cache between two passes */
    void (*row)(int64_t n, const void *x, double *mean, double *square);
    /* of `rows` elements of each of `width` columns, rows `stride` apart */
    void (*columns)(int64_t rows, int64_t width, int64_t stride, const void *x, double *mean, double *square);
    /* sum of (x[i] - y[i])^2 */
    double (*apart)(int64_t n, const void *x, const void *y);
} torsh__moments_loops;

typedef struct torsh__moments_table {
    torsh__moments_loops f32, f64;
} torsh__moments_table;

TORSH__ISA_TABLES(torsh__moments_table, torsh__moments);

#endif
