/* What the index kernels share: checked indices and the walk over all tiles. */
#ifndef TORSH_BACKEND_CPU_INDEX_WALK_H
#define TORSH_BACKEND_CPU_INDEX_WALK_H

#include "cpu.h"
#include "index_loops.h"
#include "shape.h"

/* A dense copy of what an operand reads, or its own memory. */
typedef struct torsh__dense {
    const void *data;
    void *scratch;
    size_t bytes;
} torsh__dense;

/* False without memory. Free with torsh__dense_free. `unless`: memory that is about to be changed and must not be read after. */
bool torsh__dense_take(torsh__dense *d, const torsh_operand *o, torsh_dtype dtype, const void *unless);
void torsh__dense_free(torsh__dense *d);

/* An operand seen with another shape that it broadcasts to; strides is the caller's room. */
torsh_operand torsh__operand_stretch(const torsh_operand *o, int ndim, const int64_t *sizes, int64_t *strides);

/* Where sums into an operand are made: the operand itself, or for the 16-bit floats a dense f32 copy, which closing rounds back. */
typedef struct torsh__sums {
    torsh_operand view;
    torsh__dense copy;
    int64_t strides[TORSH__MAX_RANK];
} torsh__sums;

/* False without memory. Close it in any case. */
bool torsh__sums_open(torsh__sums *s, const torsh_operand *o);
void torsh__sums_close(torsh__sums *s, const torsh_operand *o);
static inline torsh_dtype torsh__sum_dtype(torsh_dtype dtype)
{
    return dtype == TORSH_F16 || dtype == TORSH_BF16 ? TORSH_F32 : dtype;
}

/* TORSH_OUT_OF_RANGE, naming the index, the dim and its size, unless each of the n indices lies in [0, size). */
torsh_status torsh__check_indices(const char *op, const int64_t *index, int64_t n, int dim, int64_t size);

/* One walk: a shape, of which `dim` is the indexed one, and three operands over it. Strides are bytes. */
typedef struct torsh__index_walk {
    int ndim, dim;
    int64_t sizes[TORSH__MAX_RANK];
    int64_t to[TORSH__MAX_RANK], from[TORSH__MAX_RANK], index[TORSH__MAX_RANK];
    torsh__index_tile tile; /* to, from, index, jump, skip are set; the rest is the walk's */
    torsh__index_loop *loop;
    bool adds;     /* several indices may mean one place, so that the order along dim matters: `to` is the chosen side */
} torsh__index_walk;

void torsh__index_run(torsh__index_walk *walk);

/* log2 of an element's size. */
static inline int torsh__size_class(torsh_dtype dtype)
{
    return __builtin_ctz(torsh__dtypes[dtype].size);
}

#endif
