/* The loops of the pointwise rows: table[row][dtype], one table per instruction set. Contiguous operands only; strides,
 * broadcasting and conversion are the driver's work (iterate.c). 16-bit floats compute in the f32 loops. */
#ifndef TORSH_BACKEND_CPU_POINTWISE_KERNELS_H
#define TORSH_BACKEND_CPU_POINTWISE_KERNELS_H

#include "isa.h"

#include <torsh/core.h>

#include <stdbool.h>

/* out may be the same memory as an input. Results of BOOLEAN rows are one byte each. */
typedef void torsh__pointwise_loop(int64_t n, void *out, const void *a, const void *b, const void *c, const double *attributes);

enum torsh__pointwise_row {
#define UNARY(name, ...) TORSH__ROW_##name,
#define UNARY1(name, ...) TORSH__ROW_##name,
#define UNARY2(name, ...) TORSH__ROW_##name,
#define UNARY3(name, ...) TORSH__ROW_##name,
#define BINARY(name, ...) TORSH__ROW_##name,
#define INTERNAL_BINARY(name, ...) TORSH__ROW_##name,
#define INTERNAL_TERNARY(name, ...) TORSH__ROW_##name,
#define TERNARY(name, ...) TORSH__ROW_##name,
#define TERNARY1(name, ...) TORSH__ROW_##name,
#define MASKED(name, ...) TORSH__ROW_##name,
#include "pointwise.def"
    TORSH__ROW_HOT, /* how many of those come first */
    TORSH__ROW_BEFORE_RARE = TORSH__ROW_HOT - 1,
#include "pointwise_rare.def"
#include "undef_rows.h"
    TORSH__ROW_COUNT
};

/* A loop whose last input is a single element, the same for all n. */
typedef struct torsh__pointwise_one {
    uint8_t row, dtype;
    bool swaps; /* the last two inputs can change places, so either may be the single one */
    torsh__pointwise_loop *loop;
} torsh__pointwise_one;

typedef struct torsh__pointwise_table {
    torsh__pointwise_loop *loop[TORSH__ROW_HOT][TORSH_DTYPE_COUNT];
    torsh__pointwise_one one[24]; /* of the rows that people call with a number; ended by one without a loop */
} torsh__pointwise_table;

TORSH__ISA_TABLES(torsh__pointwise_table, torsh__pointwise);

/* Compiled once, in f64, i64 and c128: what is not hot in the hot rows, and the other rows. */
typedef struct torsh__pointwise_wide {
    torsh__pointwise_loop *f64, *i64, *c128;
} torsh__pointwise_wide;
extern const torsh__pointwise_wide torsh__pointwise_once[TORSH__ROW_HOT];
extern const torsh__pointwise_wide torsh__pointwise_rare[TORSH__ROW_COUNT - TORSH__ROW_HOT];

/* The loop of a hot row in that very dtype, or NULL. */
torsh__pointwise_loop *torsh__pointwise_loop_of(enum torsh__pointwise_row row, torsh_dtype dtype);

/* The same row and dtype with a single last input, or NULL. */
const torsh__pointwise_one *torsh__pointwise_one_of(int row, torsh_dtype dtype);

/* For a loop of a row without attributes, which loads them all the same. */
extern const double torsh__no_attributes[3];

#endif
