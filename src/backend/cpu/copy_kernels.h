/* Conversion loops between any two dtypes, with strides in bytes; one table per instruction set. */
#ifndef TORSH_BACKEND_CPU_COPY_KERNELS_H
#define TORSH_BACKEND_CPU_COPY_KERNELS_H

#include "isa.h"

#include <torsh/core.h>

#include <stddef.h>

/* Bytes of a result whose lines are written past the caches, and of a run that is worth it. A transpose writes lines in no order that memory
 * could foresee, so each would be read first; other results do better in a last-level cache, as long as one can hold them. */
enum { TORSH__LARGE_COPY = 32 << 20, TORSH__LARGE_TRANSPOSE = 8 << 20, TORSH__LONG_RUN = 1 << 10 };

typedef void torsh__convert_loop(int64_t n, void *to, int64_t to_stride, const void *from, int64_t from_stride);
/* rows x columns elements of one size, read along rows, written along columns: to[c * to_stride + r * size] from from[r * from_stride + c * size].
 * `large`: the whole result is not expected to be found in a cache afterwards. */
typedef void torsh__transpose_loop(int64_t rows, int64_t columns, void *to, int64_t to_stride, const void *from, int64_t from_stride, bool large);

/* out[i] = from + step * (first + way * i), way 1 or -1. A line is fused and works in out's type; a range is rounded after each operation and
 * works in f64. */
typedef void torsh__sequence_loop(int64_t n, void *out, double from, double step, int64_t first, int way);

/* Dense elements of one size to `to` on from `from` on downwards. */
typedef void torsh__reverse_loop(int64_t n, void *to, const void *from);

typedef struct torsh__copy_table {
    torsh__convert_loop *convert[TORSH_DTYPE_COUNT][TORSH_DTYPE_COUNT]; /* [from][to] */
    torsh__reverse_loop *reverse4, *reverse8;
    void (*stream)(void *to, const void *from, size_t bytes);           /* for long runs of large results; may be NULL */
    void (*fill)(void *to, const void *pattern, size_t bytes);          /* the 64 bytes of the pattern again and again */
    torsh__transpose_loop *transpose4, *transpose8;                     /* 4- and 8-byte elements */
    torsh__sequence_loop *line_f32, *line_f64, *range_f32, *range_f64;
} torsh__copy_table;

TORSH__ISA_TABLES(torsh__copy_table, torsh__copy);

#endif
