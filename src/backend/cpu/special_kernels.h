/* Loops in f32 and f64 for those rare pointwise rows (pointwise_rare.def) that are worth a form per instruction set. Rows, dtypes and
 * sets without one take the loop of pointwise_rare.c. */
#ifndef TORSH_BACKEND_CPU_SPECIAL_KERNELS_H
#define TORSH_BACKEND_CPU_SPECIAL_KERNELS_H

#include "pointwise_kernels.h"

typedef struct torsh__special_table {
    torsh__pointwise_loop *f32[TORSH__ROW_COUNT - TORSH__ROW_HOT], *f64[TORSH__ROW_COUNT - TORSH__ROW_HOT];
} torsh__special_table;

TORSH__ISA_TABLES(torsh__special_table, torsh__special);

#endif
