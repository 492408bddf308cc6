/* How a reduction walks its input: dims sorted and merged into reduced and kept ones, work cut into pieces of fixed size.
 * Shared by the kernels that reduce over sets of dims. */
#ifndef TORSH_BACKEND_CPU_REDUCE_PLAN_H
#define TORSH_BACKEND_CPU_REDUCE_PLAN_H

#include "cpu.h"
#include "shape.h"

typedef struct torsh__reduce_dim {
    int64_t size, in, out; /* strides in bytes; out is 0 for a reduced dim */
} torsh__reduce_dim;

typedef struct torsh__reduce_plan {
    torsh__reduce_dim kept[TORSH__MAX_RANK], reduced[TORSH__MAX_RANK]; /* innermost first; both have at least one dim, of size 1 if need be */
    int kept_count, reduced_count;
    int64_t outputs, length; /* products of their sizes */
    const char *in;
    char *out;
    bool along; /* reduced dims step least: each result comes from runs. Else rows of many results are folded */
} torsh__reduce_plan;

/* `mask` has the reduced dims of the input. The output has the kept dims, with or without the reduced ones as 1. */
void torsh__reduce_plan_make(torsh__reduce_plan *plan, const torsh_operand *in, const torsh_operand *out, uint64_t mask);

/* The reduced dims of a launch with parameters "dim" (INTS, none means all, or INT). Checked before, so it can't fail. */
uint64_t torsh__reduce_mask(const torsh_launch *launch, int ndim);

/* Byte offset of position i in dims [first, count), the innermost counted fastest. */
static inline int64_t torsh__reduce_offset(const torsh__reduce_dim *dims, int first, int count, int64_t i, bool out)
{
    int64_t offset = 0;
    for (int d = first; d < count && i; d++) {
        offset += i % dims[d].size * (out ? dims[d].out : dims[d].in);
        i /= dims[d].size;
    }
    return offset;
}

#endif
