/* Loops that find the largest or smallest element and its place; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_EXTREME_KERNELS_H
#define TORSH_BACKEND_CPU_EXTREME_KERNELS_H

#include "isa.h"

#include <torsh/core.h>

enum { TORSH__EXTREME_COLUMNS = 256 }; /* columns that one call takes at most */

typedef struct torsh__extreme_loops {
    /* of n elements, one at least: the value to *value and its place, counted from `first`, to *index */
    void (*row)(int64_t n, const void *x, void *value, int64_t *index, int64_t first);
    /* `width` vectors side by side, their n elements `stride` apart */
    void (*columns)(int64_t n, int64_t width, int64_t stride, const void *x, void *value, int64_t *index);
} torsh__extreme_loops;

typedef struct torsh__extreme_table {
    torsh__extreme_loops max[TORSH_DTYPE_COUNT], min[TORSH_DTYPE_COUNT];
} torsh__extreme_table;

TORSH__ISA_TABLES(torsh__extreme_table, torsh__extreme);

#endif
