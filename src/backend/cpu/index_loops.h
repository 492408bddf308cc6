/* Inner loops of the index ops: a tile of `rows` x `count` elements, moved or added between places that an index chooses. */
#ifndef TORSH_BACKEND_CPU_INDEX_LOOPS_H
#define TORSH_BACKEND_CPU_INDEX_LOOPS_H

#include "fold.h"
#include "pointwise_kernels.h"

#include <torsh/core.h>

#include <stdatomic.h>

/* `rows` runs over the dims that are not indexed, `count` over the one that is. All steps are bytes. The chosen side's address
 * moves by index * jump. */
typedef struct torsh__index_tile {
    int64_t rows, count;
    char *to;
    const char *from, *index; /* index: i64 */
    int64_t to_row, from_row, index_row, to_step, from_step, index_step;
    int64_t jump;
    torsh__pointwise_loop *slice; /* add: what to and from become by whole slices; NULL: the loop's own */
    const void *factor; /* slice's third input, one element; or NULL */
    int64_t skip; /* add: an index that is passed over; INT64_MIN: none */
    int64_t limit;      /* gather checks that indices lie in [0, limit) as it reads them, and stops where one doesn't; */
    _Atomic bool *bad;  /* then this is set. The others are given checked ones */
} torsh__index_tile;

typedef void torsh__index_loop(const torsh__index_tile *tile);

typedef struct torsh__index_table {
    torsh__index_loop *gather[5], *scatter[5]; /* by log2 of the element size: to = from[index], to[index] = from */
    torsh__index_loop *add[TORSH_DTYPE_COUNT]; /* to[index] += from, in the order of the index; not in 16-bit floats, whose sums are made in f32 */
    torsh__index_loop *fold[TORSH__FOLD_SUM][TORSH_DTYPE_COUNT]; /* product, minimum and maximum; NULL for most dtypes */
} torsh__index_table;

extern const torsh__index_table torsh__index_loops;

#endif
