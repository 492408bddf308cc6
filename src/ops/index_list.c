/* Python's x[i, :, j] and x[i, :, j] = values. Rows: table/index_list.def.
 * Masks become the places of their true elements and indexed dims are moved to the front (ATen/native/TensorAdvancedIndexing.cpp
 * does the same); the rest is one kernel that takes index tensors for the first dims. */
#include "batched.h"
#include "gradient.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/view.h>

#include <string.h>

#define TABLE "index_list.def"
#include "declare_rows.h"

/* ---- index tensors on the first dims ------------------------------------------------------------------------- */

/* Inputs [1, 1 + count): i64 or i32, broadcast into *shape. */
static torsh_status infer_indices(const torsh__call *c, int count, int rank, int *ndim, int64_t *shape)
{
    *ndim = 0;
    if (count > rank) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: %d indices for a tensor of %d dimensions", torsh__call_name(c), count, rank);
    for (int i = 1; i <= count; i++) {
        const torsh_operand *v = &c->input[i]->view;
        if (v->dtype != TORSH_I64 && v->dtype != TORSH_I32)
            return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: index %d must be i64, i32 or a bool mask; it is %s", torsh__call_name(c), i - 1, torsh_dtype_name((torsh_dtype)v->dtype));
        if (torsh__broadcast(ndim, shape, v->ndim, v->sizes)) continue;
        torsh__shape_text a, b;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the index tensors have shapes %s and %s, which don't broadcast", torsh__call_name(c),
                           torsh__shape_print(&a, *ndim, shape), torsh__shape_print(&b, v->ndim, v->sizes));
    }
    return TORSH_OK;
}

/* The shape of input[indices] into the spec: the indices' shape, then input's dims that have none. */
static torsh_status infer_lead(torsh__call *c, int count, torsh__spec *spec)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = infer_indices(c, count, v->ndim, &spec->ndim, spec->sizes);
    if (status) return status;
    c->compute = spec->dtype = (torsh_dtype)v->dtype;
    if (spec->ndim + v->ndim - count > TORSH__MAX_RANK)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: the result has %d dimensions; at most %d are allowed", torsh__call_name(c), spec->ndim + v->ndim - count, TORSH__MAX_RANK);
    for (int d = count; d < v->ndim; d++) spec->sizes[spec->ndim++] = v->sizes[d];
    return torsh__numel(torsh__call_name(c), spec->sizes, spec->ndim, torsh__dtypes[v->dtype].size, &(int64_t){0});
}

static torsh_status infer_index_lead(torsh__call *c)
{
    return infer_lead(c, c->inputs - 1, &c->spec[0]);
}

/* The saved index tensors, into the caller's array. */
static size_t saved_indices(const torsh__backward *b, torsh_tensor *indices)
{
    size_t count = b->node->values[1].list.count;
    for (size_t i = 0; i < count; i++) indices[i] = torsh__saved_input(b, (int)i + 1);
    return count;
}

static void index_lead_gradient(torsh__backward *b)
{
    torsh_tensor indices[TORSH__MAX_RANK];
    torsh__meta m = torsh__input_meta(b, 0);
    size_t count = saved_indices(b, indices);
    b->result[0] = torsh__index_lead_backward(b->g[0], indices, count, m.sizes, (size_t)m.ndim);
}

enum { SAVES_INDICES = TORSH__SAVE_IN(1) };
static const torsh__impl impl_index_lead = {.infer = infer_index_lead, .gradient = index_lead_gradient, .saves = SAVES_INDICES, .forward = TORSH__FORWARD_LINEAR};

/* grad has the shape of what was taken from a tensor of the given size. */
static torsh_status infer_index_lead_backward(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    const int64_t *size = c->values[2].list.data;
    int rank = (int)c->values[2].list.count, count = c->inputs - 1, ndim;
    int64_t shape[TORSH__MAX_RANK], numel;
    torsh_status status = torsh__numel(torsh__call_name(c), size, rank, torsh__dtypes[v->dtype].size, &numel);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = infer_indices(c, count, rank, &ndim, shape);
    if (status) return status;
    bool fits = v->ndim == ndim + rank - count;
    for (int d = 0; fits && d < v->ndim; d++) fits = v->sizes[d] == (d < ndim ? shape[d] : size[count + d - ndim]);
    torsh__shape_text text;
    if (!fits)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grad' is %s, which is not the shape of what the indices take", torsh__call_name(c),
                           torsh__shape_print(&text, v->ndim, v->sizes));
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, rank, size);
    return TORSH_OK;
}

static torsh_status run_index_lead_backward(torsh__call *c)
{
    torsh_tensor sum = torsh_zero_(torsh__tensor_share(c->output[0]));
    sum = torsh__index_put_lead_(sum, c->values[1].list.data, c->values[1].list.count, torsh__tensor_share(c->input[0]), true);
    return torsh_id_status(sum.id);
}

static void index_lead_backward_gradient(torsh__backward *b)
{
    torsh_tensor indices[TORSH__MAX_RANK];
    size_t count = saved_indices(b, indices);
    b->result[0] = torsh__index_lead(b->g[0], indices, count);
}
static const torsh__impl impl_index_lead_backward = {
    .infer = infer_index_lead_backward, .run = run_index_lead_backward, .gradient = index_lead_backward_gradient, .saves = SAVES_INDICES, .forward = TORSH__FORWARD_LINEAR};

/* values broadcast to the shape of input[indices]. */
static torsh_status infer_index_put_lead(torsh__call *c)
{
    torsh__spec part;
    const torsh_operand *v = &c->input[0]->view, *values = &c->input[c->inputs - 1]->view;
    torsh_status status = infer_lead(c, c->inputs - 2, &part);
    if (status) return status;
    if (values->dtype != v->dtype)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: input is %s and values are %s; they must have the same dtype", torsh__call_name(c),
                           torsh_dtype_name((torsh_dtype)v->dtype), torsh_dtype_name((torsh_dtype)values->dtype));
    torsh__shape_text a, b;
    torsh__shape_print(&a, part.ndim, part.sizes);
    int ndim = part.ndim;
    int64_t whole[TORSH__MAX_RANK];
    memcpy(whole, part.sizes, (size_t)ndim * sizeof *whole);
    if (!torsh__broadcast(&part.ndim, part.sizes, values->ndim, values->sizes) || !torsh__same_sizes(ndim, whole, part.ndim, part.sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: values of shape %s don't broadcast to the indexed shape %s", torsh__call_name(c),
                           torsh__shape_print(&b, values->ndim, values->sizes), a.text);
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return TORSH_OK;
}

static void index_put_lead_gradient(torsh__backward *b)
{
    torsh_tensor indices[TORSH__MAX_RANK];
    size_t count = saved_indices(b, indices);
    bool accumulate = b->node->values[3].i != 0;
    int values = (int)count + 1;
    if (torsh__needs(b, 0)) {
        b->result[0] = b->g[0];
        if (!accumulate) {
            torsh_tensor zero = torsh_zeros(NULL, 0, torsh_dtype_of(b->g[0]), torsh_device_of(b->g[0]));
            b->result[0] = torsh__index_put_lead_(torsh_clone(b->g[0]), indices, count, zero, false);
        }
    }
    if (torsh__needs(b, values)) b->result[values] = torsh__index_lead(b->g[0], indices, count); /* the engine sums it to values' shape */
}
static const torsh__impl impl_index_put_lead_ = {.infer = infer_index_put_lead, .gradient = index_put_lead_gradient, .saves = SAVES_INDICES, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};

/* ---- any list ------------------------------------------------------------------------------------------------ */

/* An indexing made simple: input's dims in a new order, indexed ones first. */
typedef struct plan {
    torsh_tensor indices[TORSH__MAX_RANK]; /* of the first `count` dims in the new order */
    size_t count;
    int64_t order[TORSH__MAX_RANK];
    int ndim;   /* of input */
    int before; /* dims of the result that stand before the indices' own: they were side by side, after these */
} plan;

/* A mask over dims [at, at + its rank) as that many index tensors. */
static torsh_status add_mask(plan *p, torsh_tensor mask, int *at, const int64_t *sizes, bool *indexed)
{
    int rank = torsh_ndim(mask);
    const int64_t *own = torsh_sizes(mask);
    for (int k = 0; k < rank; k++)
        if (*at + k >= p->ndim || own[k] != sizes[*at + k])
            return torsh__fail(TORSH_SHAPE_MISMATCH, "index: a mask of shape %s doesn't match input's dimensions from %d on", torsh_shape_text(mask), *at);
    torsh_tensor places = torsh_nonzero(mask);
    if (TORSH_FAILED(places)) return torsh_id_status(places.id);
    if (rank == 0) return torsh__fail(TORSH_UNSUPPORTED, "index: a 0-d mask is not taken; use torsh_unsqueeze or torsh_masked_select");
    for (int k = 0; k < rank; k++) {
        indexed[*at + k] = true;
        p->order[p->count] = *at + k;
        p->indices[p->count++] = torsh_select(places, 1, k);
    }
    *at += rank;
    return TORSH_OK;
}

/* The dtype, naming the function that the user called if the handle is not usable. */
static torsh_status dtype_of(torsh_tensor t, const char *argument, torsh_dtype *dtype)
{
    torsh_status status = TORSH_OK;
    const torsh__tensor *tensor = torsh__tensor_look(t, "index", argument, &status);
    *dtype = TORSH_DTYPE_DEFAULT;
    if (!tensor) return status;
    *dtype = torsh__dtype_of(tensor);
    torsh__unpin(t.id);
    return TORSH_OK;
}

static torsh_status make_plan(plan *p, torsh_tensor input, const torsh_tensor *indices, size_t count)
{
    bool indexed[TORSH__MAX_RANK] = {false};
    torsh_dtype dtype;
    torsh_status status = dtype_of(input, "input", &dtype);
    int at = 0;
    if (status) return status;
    const int64_t *sizes = torsh_sizes(input);
    p->ndim = torsh_ndim(input);
    p->count = 0;
    if (!indices && count) return torsh__fail(TORSH_INVALID_ARGUMENT, "index: argument 'indices' is NULL but its count is %zu", count);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        if (at >= p->ndim) return torsh__fail(TORSH_SHAPE_MISMATCH, "index: too many indices for a tensor of %d dimensions", p->ndim);
        if (indices[i].id == 0) {
            at++;
            continue;
        }
        if ((status = dtype_of(indices[i], "indices", &dtype)) != TORSH_OK) return status;
        if (dtype == TORSH_BOOL) {
            status = add_mask(p, indices[i], &at, sizes, indexed);
            continue;
        }
        indexed[at] = true;
        p->order[p->count] = at++;
        p->indices[p->count++] = indices[i];
    }
    if (status == TORSH_OK && p->count == 0) status = torsh__fail(TORSH_INVALID_ARGUMENT, "index: needs at least one index tensor");
    if (status) return status;
    bool together = p->order[p->count - 1] - p->order[0] == (int64_t)p->count - 1;
    p->before = together ? (int)p->order[0] : 0;
    for (int d = 0, next = (int)p->count; d < p->ndim; d++)
        if (!indexed[d]) p->order[next++] = d;
    return TORSH_OK;
}

/* Where each dim of the indexed part, [indices' dims, other dims], stands in the result; false if it stands there already. */
static bool part_order(const plan *p, int rank, int64_t *from_part, int64_t *to_part)
{
    int own = rank - (p->ndim - (int)p->count); /* dims of the indices' shape */
    if (p->before == 0) return false;
    for (int d = 0; d < rank; d++) {
        int64_t source = d < p->before ? own + d : d < p->before + own ? d - p->before : d;
        from_part[d] = source;
        to_part[source] = d;
    }
    return true;
}

torsh_tensor torsh_index(torsh_tensor input, const torsh_tensor *indices, size_t count)
{
    plan p;
    int64_t from_part[TORSH__MAX_RANK], to_part[TORSH__MAX_RANK];
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = make_plan(&p, input, indices, count);
    if (status) return torsh__tensor_error(status);
    torsh_tensor result = torsh__index_lead(torsh_permute(input, p.order, (size_t)p.ndim), p.indices, p.count);
    int rank = torsh_ndim(result);
    if (rank > 0 && part_order(&p, rank, from_part, to_part)) result = torsh_permute(result, from_part, (size_t)rank);
    torsh_keep(result);
    return result;
}

torsh_tensor torsh_index_put_(torsh_tensor input, const torsh_tensor *indices, size_t count, torsh_tensor values, bool accumulate)
{
    plan p;
    int64_t shape[TORSH__MAX_RANK], from_part[TORSH__MAX_RANK], to_part[TORSH__MAX_RANK];
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = make_plan(&p, input, indices, count);
    if (status) return torsh__tensor_error(status);
    if (p.before > 0) { /* values are shaped as the result of torsh_index: bring the indices' dims to the front */
        int ndim = 0;
        int64_t own[TORSH__MAX_RANK];
        for (size_t i = 0; i < p.count; i++)
            if (!torsh__broadcast(&ndim, own, torsh_ndim(p.indices[i]), torsh_sizes(p.indices[i]))) ndim = 0;
        int rank = ndim + p.ndim - (int)p.count;
        if (rank <= TORSH__MAX_RANK && part_order(&p, rank, from_part, to_part)) {
            for (int d = 0; d < rank; d++) {
                int64_t part = from_part[d];
                shape[d] = part < ndim ? own[part] : torsh_size(input, p.order[(int64_t)p.count + part - ndim]);
            }
            values = torsh_permute(torsh_expand(values, shape, (size_t)rank), to_part, (size_t)rank);
        }
    }
    torsh_tensor done = torsh__index_put_lead_(torsh_permute(input, p.order, (size_t)p.ndim), p.indices, p.count, values, accumulate);
    status = torsh_id_status(done.id);
    if (status) return (torsh_tensor){done.id};
    return input;
}

torsh_tensor torsh_index_put(torsh_tensor input, const torsh_tensor *indices, size_t count, torsh_tensor values, bool accumulate)
{
    torsh_tensor copy = torsh_clone(torsh__batched_as(torsh__batched_as(input, indices, count), &values, 1));
    torsh_tensor result = torsh_index_put_(copy, indices, count, values, accumulate);
    if (TORSH_FAILED(result)) torsh_release(copy);
    return result;
}

#include "define_rows.h"

#include "index_list.def"
