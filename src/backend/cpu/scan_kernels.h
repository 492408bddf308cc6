/* Running sums and kin over dense vectors; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_SCAN_KERNELS_H
#define TORSH_BACKEND_CPU_SCAN_KERNELS_H

#include "isa.h"

#include <torsh/core.h>

enum { TORSH__SCAN_COLUMNS = 256 }; /* columns that one call takes at most */

enum torsh__scan { TORSH__SCAN_SUM, TORSH__SCAN_PROD, TORSH__SCAN_LOG, TORSH__SCAN_COUNT };

/* The accumulator of f32 is f64; other types are their own. c64 goes as c128. */
typedef struct torsh__scan_loops {
    /* The join of n elements, into *acc. */
    void (*total)(int64_t n, const void *x, void *acc);
    /* y[i] = the join of *acc and x[0] to x[i]; *acc becomes that of all. y may be x. */
    void (*row)(int64_t n, const void *x, void *y, void *acc);
    /* The same for `width` vectors side by side, elements `stride` apart; starts afresh. */
    void (*columns)(int64_t n, int64_t width, int64_t stride, const void *x, void *y);
} torsh__scan_loops;

typedef struct torsh__scan_extreme_loops {
    /* Running largest (or smallest) and its place; of equals the last one, NaN stays. Shapes as above. */
    void (*row)(int64_t n, const void *x, void *y, int64_t *index);
    void (*columns)(int64_t n, int64_t width, int64_t stride, const void *x, void *y, int64_t *index);
} torsh__scan_extreme_loops;

typedef struct torsh__scan_table {
    torsh__scan_loops loops[TORSH__SCAN_COUNT][TORSH_DTYPE_COUNT];
    torsh__scan_extreme_loops max[TORSH_DTYPE_COUNT], min[TORSH_DTYPE_COUNT];
} torsh__scan_table;

TORSH__ISA_TABLES(torsh__scan_table, torsh__scan);

#endif
