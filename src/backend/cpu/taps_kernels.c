/* Compiled once per instruction set. */
#include "taps_kernels.h"

#include <string.h>

static void blend_f32(int64_t n, void *y_, double w_, const void *x_)
{
    float *restrict y = y_;
    const float *x = x_, w = (float)w_;
    for (int64_t i = 0; i < n; i++) y[i] += w * x[i];
}

static void blend_f64(int64_t n, void *y_, double w, const void *x_)
{
    double *restrict y = y_;
    const double *x = x_;
    for (int64_t i = 0; i < n; i++) y[i] += w * x[i];
}

#if defined(__AVX512F__)
#define WIDE 64
#elif defined(__AVX__)
#define WIDE 32
#else
#define WIDE 16
#endif
#define T float
#define N_(name) name##_f32
#include "taps_rows.inc.c"
#define T double
#define N_(name) name##_f64
#include "taps_rows.inc.c"

/* Points have no AVX-512 form: the library's size is worth more. */
#if defined(__AVX512F__)
#define POINTS 0
#else
#define POINTS points_f32
#define T float
#define RINT rintf
#define N_(name) name##_f32
#include "taps_grid.inc.c"
#endif

const torsh__taps_table TORSH__ISA_NAME(torsh__taps) = {.blend = {blend_f32, blend_f64}, .sum_rows = {sum_rows_f32, sum_rows_f64}, .points = POINTS};
