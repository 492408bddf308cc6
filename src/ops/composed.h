/* For COMPOSED rows: 16-bit floats computed in f32 and rounded once, shapes, small tensors made from numbers. */
#ifndef TORSH_OPS_COMPOSED_H
#define TORSH_OPS_COMPOSED_H

#include "gradient.h"

/* What a row asks of an argument. The sizes are a copy, so they outlive the handle. */
typedef struct torsh__shape {
    int ndim;
    torsh_dtype dtype;
    torsh_device device;
    int64_t numel, sizes[TORSH__MAX_RANK];
} torsh__shape;

torsh__shape torsh__shape_of(torsh_tensor t);
/* f32 of a 16-bit float; any other tensor, and none, as it is. */
torsh_tensor torsh__widened(torsh_tensor t);
/* In dtype, as it is where it has it already. */
torsh_tensor torsh__narrowed(torsh_tensor t, torsh_dtype dtype);
/* Is a gradient by t, or a tangent, wanted of what is computed now? If not, a row may take a way that has none. */
bool torsh__is_tracked(torsh_tensor t);
/* Whether t can be expanded to these sizes. */
bool torsh__broadcasts_to(const torsh__shape *t, int ndim, const int64_t *sizes);
/* The sum along dim of what nothing else needs; the memory is free for the next part of the row. */
torsh_tensor torsh__sum_of_own(torsh_tensor own, int64_t dim);
/* t along dim `dim` of `ndim`, 1 in the others. */
torsh_tensor torsh__along(torsh_tensor t, int dim, int ndim);
/* The error value of a text that was set with torsh__fail. */
#define torsh__refuse(...) torsh__tensor_error(torsh__fail(__VA_ARGS__))
/* The same where a part of the row has failed, with a text that says less than this one does. */
#define torsh__refuse_instead(...) (torsh__thread_get()->first_error = 0, torsh__refuse(__VA_ARGS__))
static inline torsh_triple torsh__refuse_three(torsh_status status)
{
    torsh_tensor error = torsh__tensor_error(status);
    return (torsh_triple){error, error, error};
}

#endif
