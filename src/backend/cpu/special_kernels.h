/* Loops for those rare pointwise rows (pointwise_rare.def) that are worth a form per instruction set. Rows, dtypes and
 * sets without one take the loop of pointwise_rare.c. */
#ifndef TORSH_BACKEND_CPU_SPECIAL_KERNELS_H
#define TORSH_BACKEND_CPU_SPECIAL_KERNELS_H

#include "pointwise_kernels.h"

/* These are no pointwise rows: 16-bit floats can't compute in f32 there; the result has another dtype. */
enum { TORSH__SPECIAL_NEXTAFTER = TORSH__ROW_COUNT, TORSH__SPECIAL_PAIR };

/* Few rows have one, so they are a list, ended by one without a loop. */
typedef struct torsh__special_table {
    struct {
        uint16_t row, dtype;
        torsh__pointwise_loop *loop;
    } list[72];
} torsh__special_table;

TORSH__ISA_TABLES(torsh__special_table, torsh__special);

/* The loop of the instruction set in use, or NULL. */
torsh__pointwise_loop *torsh__special_loop(int row, torsh_dtype dtype);

#endif
