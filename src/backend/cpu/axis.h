/* For kernels along one dim of dense tensors: the shape as (outer, n, inner), and operands as dense arrays of the dtype that
 * the loops compute in, converted where they are not that already. */
#ifndef TORSH_BACKEND_CPU_AXIS_H
#define TORSH_BACKEND_CPU_AXIS_H

#include "alloc.h"
#include "cpu.h"

typedef struct torsh__axis {
    int64_t outer, n, inner;
} torsh__axis;

static inline torsh__axis torsh__axis_of(const torsh_operand *o, int64_t dim)
{
    torsh__axis a = {1, 1, 1};
    if (dim < 0) dim += o->ndim;
    for (int d = 0; d < o->ndim; d++) *(d < dim ? &a.outer : d == dim ? &a.n : &a.inner) *= o->sizes[d];
    return a;
}

/* f32 for the 16-bit floats, else the dtype itself. */
static inline torsh_dtype torsh__loop_dtype(int dtype)
{
    return dtype == TORSH_F16 || dtype == TORSH_BF16 ? TORSH_F32 : (torsh_dtype)dtype;
}

typedef struct torsh__dense {
    void *data; /* NULL: no memory, or the operand is absent */
    void *scratch;
    size_t bytes;
    torsh_dtype dtype;
} torsh__dense;

/* An input's elements; they are not written. An absent operand gives data NULL and true. */
bool torsh__dense_in(torsh__dense *d, const torsh_operand *o, torsh_dtype dtype);
/* Room for an output's elements: its own memory if it is dense and of the dtype. */
bool torsh__dense_out(torsh__dense *d, const torsh_operand *o, torsh_dtype dtype);
/* Frees the scratch memory. For an output, after storing it where `o` wants it. */
void torsh__dense_done(torsh__dense *d);
void torsh__dense_store(torsh__dense *d, const torsh_operand *o);

#endif
