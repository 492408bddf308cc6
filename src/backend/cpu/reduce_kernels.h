/* The loops of the REDUCE rows: table[row][loaded dtype], one table per instruction set. Elements and accumulators are
 * contiguous; strides, conversion and the order of work are the driver's (reduce.c). */
#ifndef TORSH_BACKEND_CPU_REDUCE_KERNELS_H
#define TORSH_BACKEND_CPU_REDUCE_KERNELS_H

#include "isa.h"

#include <torsh/core.h>

typedef struct torsh__reduce_loops {
    /* n accumulators at their identity */
    void (*fill)(int64_t n, void *acc);
    /* acc[j] joined with the map of x[r * stride + j], r < rows, j < n */
    void (*fold)(int64_t rows, int64_t n, const void *x, int64_t stride, void *acc);
    /* acc[i] joined with the map of x[i * stride + j], i < count, j < n */
    void (*runs)(int64_t count, int64_t n, const void *x, int64_t stride, void *acc);
    void (*join)(int64_t n, void *acc, const void *other);
    /* in place: accumulators to results */
    void (*finish)(int64_t n, void *acc, double count);
    torsh_dtype acc; /* what the accumulators are */
} torsh__reduce_loops;

enum torsh__reduce_row {
#define REDUCE(name, ...) TORSH__REDUCE_##name,
#define REDUCE_INTERNAL(name, ...) TORSH__REDUCE_##name,
#include "reduce.def"
    TORSH__REDUCE_COUNT
};

typedef struct torsh__reduce_table {
    torsh__reduce_loops loops[TORSH__REDUCE_COUNT][TORSH_DTYPE_COUNT];
} torsh__reduce_table;

TORSH__ISA_TABLES(torsh__reduce_table, torsh__reduce);

#endif
