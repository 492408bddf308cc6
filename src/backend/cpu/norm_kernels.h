/* Sums and maps of layer and batch normalisation over contiguous runs; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_NORM_KERNELS_H
#define TORSH_BACKEND_CPU_NORM_KERNELS_H

#include "isa.h"

#include <stdint.h>

typedef struct torsh__norm_loops {
    /* Mean and sum of squared deviations of n elements, two passes. */
    void (*moments)(int64_t n, const void *x, double *mean, double *m2);
    double (*squares)(int64_t n, const void *x); /* sum of x[i]^2 */
    /* y[i] = (x[i] - mean) * rstd * w[i * step] + b[i * step]; w and b may be NULL; step is 0 or 1 */
    void (*apply)(int64_t n, void *y, const void *x, double mean, double rstd, const void *w, const void *b, int step);
    /* y[i] = (x[i] - mean[i]) * scale[i] + shift[i] */
    void (*apply_each)(int64_t n, void *y, const void *x, const void *mean, const void *scale, const void *shift);
    /* sum of g[i] w[i * step] and of g[i] w[i * step] (x[i] - mean) * rstd */
    void (*sums)(int64_t n, const void *g, const void *x, double mean, double rstd, const void *w, int step, double *plain, double *weighted);
    /* dx[i] = rstd * (g[i] w[i * step] - plain - (x[i] - mean) * rstd * weighted) */
    void (*input_gradient)(int64_t n, void *dx, const void *g, const void *x, double mean, double rstd, const void *w, int step, double plain,
                           double weighted);
    /* dw[i] += g[i] (x[i] - mean) * rstd, db[i] += g[i] */
    void (*add_gradients)(int64_t n, void *dw, void *db, const void *g, const void *x, double mean, double rstd);
} torsh__norm_loops;

typedef struct torsh__norm_table {
    torsh__norm_loops f32, f64;
} torsh__norm_table;

TORSH__ISA_TABLES(torsh__norm_table, torsh__norm);

#endif
