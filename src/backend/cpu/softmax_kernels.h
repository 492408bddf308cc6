/* Softmax loops over dense f32 and f64; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_SOFTMAX_KERNELS_H
#define TORSH_BACKEND_CPU_SOFTMAX_KERNELS_H

#include "isa.h"

#include <stdbool.h>
#include <stdint.h>

enum { TORSH__SOFTMAX_COLUMNS = 256 }; /* columns that one call takes at most */

typedef struct torsh__softmax_loops {
    /* `rows` vectors of n elements, one after the other */
    void (*rows)(int64_t rows, int64_t n, const void *x, void *y, bool log);
    /* `width` vectors side by side, their elements `stride` apart */
    void (*columns)(int64_t n, int64_t width, int64_t stride, const void *x, void *y, bool log);
    /* gradients from the result y and its gradient g */
    void (*rows_backward)(int64_t rows, int64_t n, const void *g, const void *y, void *out, bool log);
    void (*columns_backward)(int64_t n, int64_t width, int64_t stride, const void *g, const void *y, void *out, bool log);
} torsh__softmax_loops;

typedef struct torsh__softmax_table {
    torsh__softmax_loops f32, f64;
} torsh__softmax_table;

TORSH__ISA_TABLES(torsh__softmax_table, torsh__softmax);

#endif
