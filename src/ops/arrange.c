/* The same elements in other places, or more than once. Rows: table/arrange.def. */
#include "gradient.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/view.h>

#include <string.h>

/* ---- flip ---------------------------------------------------------------------------------------------------- */

static torsh_status infer_flip(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t mask;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    if (c->values[1].list.count == 0) return TORSH_OK; /* no dim at all */
    return torsh__wrap_dims("flip", c->values[1].list.data, c->values[1].list.count, v->ndim, &mask);
}

static void flip_gradient(torsh__backward *b)
{
    b->result[0] = torsh_flip(b->g[0], b->node->values[1].list.data, b->node->values[1].list.count);
}
static const torsh__impl impl_flip = {.infer = infer_flip, .gradient = flip_gradient, .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_LINEAR};

/* ---- roll ---------------------------------------------------------------------------------------------------- */

/* The last `shift` slices of dim first. */
static torsh_tensor roll_dim(torsh_tensor input, int64_t shift, int64_t dim)
{
    int64_t size = torsh_size(input, dim);
    if (size <= 0) return size < 0 ? torsh_slice(input, dim, 0, 0, 1) : torsh_clone(input);
    int64_t start = (size - shift % size) % size;
    torsh_tensor parts[2] = {torsh_slice(input, dim, start, INT64_MAX, 1), torsh_slice(input, dim, 0, start, 1)};
    return torsh_cat(parts, 2, dim);
}

torsh_tensor torsh_roll(torsh_tensor input, const int64_t *shifts, size_t shifts_count, const int64_t *dims, size_t dims_count)
{
    torsh_status status = TORSH_OK;
    const int64_t *sizes = torsh_sizes(input);
    int ndim = torsh_ndim(input);
    if (!sizes) return torsh_clone(input); /* says what is wrong */
    if (!shifts || shifts_count == 0 || (dims_count && !dims)) status = torsh__fail(TORSH_INVALID_ARGUMENT, "roll: 'shifts' must have at least one number");
    else if (dims_count != shifts_count && !(dims_count == 0 && shifts_count == 1))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "roll: %zu shifts for %zu dims; there must be as many", shifts_count, dims_count);
    for (size_t i = 0; i < dims_count && status == TORSH_OK; i++) {
        int wrapped;
        if (ndim == 0) status = torsh__fail(TORSH_OUT_OF_RANGE, "roll: input is 0-d and has no dims");
        else status = torsh__wrap_dim("roll", dims[i], ndim, &wrapped);
    }
    if (status) return torsh__tensor_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor result = input;
    if (torsh_numel(input) == 0) result = torsh_clone(input);
    else if (dims_count == 0) result = torsh_reshape(roll_dim(torsh_reshape(input, TORSH_DIMS(-1)), shifts[0], 0), sizes, (size_t)ndim);
    else
        for (size_t i = 0; i < dims_count; i++) result = roll_dim(result, shifts[i], dims[i]);
    torsh_keep(result);
    return result;
}

/* ---- repeats ------------------------------------------------------------------------------------------------- */

/* Each size of input, right-aligned, becomes (repeat, size): expanded without a copy, then made one dim by a copy. */
torsh_tensor torsh_repeat(torsh_tensor input, const int64_t *repeats, size_t count)
{
    const int64_t *sizes = torsh_sizes(input);
    int ndim = torsh_ndim(input), lead = (int)count - ndim;
    int64_t apart[TORSH__MAX_RANK], spread[TORSH__MAX_RANK], whole[TORSH__MAX_RANK];
    torsh_status status = TORSH_OK;
    if (!sizes) return torsh_clone(input); /* says what is wrong */
    if (count && !repeats) status = torsh__fail(TORSH_INVALID_ARGUMENT, "repeat: argument 'repeats' is NULL but its count is %zu", count);
    else if (count > TORSH__MAX_RANK / 2) status = torsh__fail(TORSH_OUT_OF_RANGE, "repeat: %zu dimensions; at most %d are allowed", count, TORSH__MAX_RANK / 2);
    else if (lead < 0) status = torsh__fail(TORSH_SHAPE_MISMATCH, "repeat: %zu repeats for the %d dimensions of input; there must be as many or more", count, ndim);
    for (size_t d = 0; d < count && status == TORSH_OK; d++) {
        int64_t size = (int)d < lead ? 1 : sizes[(int)d - lead];
        apart[2 * d] = 1;
        apart[2 * d + 1] = spread[2 * d + 1] = size;
        spread[2 * d] = repeats[d];
        if (repeats[d] < 0 || __builtin_mul_overflow(repeats[d], size, &whole[d]))
            status = torsh__fail(TORSH_OUT_OF_RANGE, "repeat: %lld times size %lld can't be made", (long long)repeats[d], (long long)size);
    }
    if (status) return torsh__tensor_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor copies = torsh_clone(torsh_expand(torsh_reshape(input, apart, 2 * count), spread, 2 * count));
    torsh_tensor result = torsh_view(copies, whole, count);
    torsh_keep(result);
    return result;
}

/* Fewer numbers than dims: 1 for the first ones. */
torsh_tensor torsh_tile(torsh_tensor input, const int64_t *dims, size_t count)
{
    int ndim = torsh_ndim(input);
    int64_t repeats[TORSH__MAX_RANK];
    if (ndim < 0 || count >= (size_t)ndim || (count && !dims)) return torsh_repeat(input, dims, count);
    size_t lead = (size_t)ndim - count;
    for (int d = 0; d < ndim; d++) repeats[d] = (size_t)d < lead ? 1 : dims[(size_t)d - lead];
    return torsh_repeat(input, repeats, (size_t)ndim);
}

/* Each slice of dim `repeats` times, one after the other. */
torsh_tensor torsh_repeat_interleave(torsh_tensor input, int64_t repeats, int64_t dim)
{
    int wrapped, ndim = torsh_ndim(input);
    int64_t sizes[TORSH__MAX_RANK + 1];
    torsh_status status = ndim < 0 ? TORSH_OK : torsh__wrap_dim("repeat_interleave", dim, ndim, &wrapped);
    if (ndim < 0) return torsh_clone(input); /* says what is wrong */
    if (status == TORSH_OK && repeats < 0) status = torsh__fail(TORSH_OUT_OF_RANGE, "repeat_interleave: repeats must not be negative; it is %lld", (long long)repeats);
    if (status == TORSH_OK && ndim >= TORSH__MAX_RANK) status = torsh__fail(TORSH_OUT_OF_RANGE, "repeat_interleave: input has %d dimensions already", ndim);
    if (status) return torsh__tensor_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor lined = ndim ? input : torsh_reshape(input, TORSH_DIMS(1));
    if (ndim == 0) wrapped = 0, ndim = 1;
    torsh_tensor apart = torsh_unsqueeze(lined, wrapped + 1);
    for (int d = 0; d <= ndim; d++) sizes[d] = d == wrapped + 1 ? repeats : -1;
    torsh_tensor result = torsh_flatten(torsh_clone(torsh_expand(apart, sizes, (size_t)ndim + 1)), wrapped, wrapped + 1);
    torsh_keep(result);
    return result;
}

#include "define_rows.h"

#include "arrange.def"
