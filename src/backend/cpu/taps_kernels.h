/* Inner loops of weighted sums of a few elements; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_TAPS_KERNELS_H
#define TORSH_BACKEND_CPU_TAPS_KERNELS_H

#include "isa.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct torsh__taps_table {
    /* f32, f64: y += w x */
    void (*blend[2])(int64_t n, void *y, double w, const void *x);
    /* Linear taps of f32 points (x, y) in a plane: weight and index (4, points). A coordinate is (x + 1) * slope - half; `border` holds it inside. */
    void (*plane)(int64_t points, const float *x, const float slope[2], float half, const int32_t size[2], bool border, float *weight, int64_t *index);
} torsh__taps_table;

TORSH__ISA_TABLES(torsh__taps_table, torsh__taps);

#endif
