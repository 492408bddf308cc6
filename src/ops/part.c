/* Views of a part of the elements, and their gradients. Rows: table/part.def. */
#include "gradient.h"
#include "view_spec.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/view.h>

#define TABLE "part.def"
#include "declare_rows.h"

#define INTS(c, i) ((const int64_t *)(c)->values[i].list.data)
#define COUNT(c, i) ((c)->values[i].list.count)

static torsh_status need_dim(const torsh__call *c)
{
    if (c->input[0]->view.ndim > 0) return TORSH_OK;
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: input is 0-d and has no dimension to take a part of", torsh__call_name(c));
}

static torsh_status infer_select(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = need_dim(c);
    if (status == TORSH_OK) status = torsh__wrap_dim("select", c->values[1].i, v->ndim, &dim);
    if (status) return status;
    int64_t index = c->values[2].i, size = v->sizes[dim];
    if (index < -size || index >= size)
        return torsh__fail(TORSH_OUT_OF_RANGE, "select: index %lld is out of range for dimension %d of size %lld", (long long)index, dim, (long long)size);
    torsh__spec *spec = torsh__same_view(c);
    spec->offset += (index < 0 ? index + size : index) * v->strides[dim];
    torsh__remove_dim(spec, dim);
    return TORSH_OK;
}

/* Gradients of parts: zeros of the input's shape with g in the part's place. Rows of their own, so that they have
 * gradients too: the part again. */
static torsh_status infer_part_backward(torsh__call *c)
{
    const torsh__tensor *g = c->input[0];
    int64_t numel;
    torsh_status status = torsh__numel(torsh__call_name(c), INTS(c, 1), (int64_t)COUNT(c, 1), torsh__dtypes[g->view.dtype].size, &numel);
    c->device = g->view.device;
    c->compute = torsh__dtype_of(g);
    if (status == TORSH_OK) torsh__out_spec(c, 0, c->compute, (int)COUNT(c, 1), INTS(c, 1));
    return status;
}

static torsh_status put_part(torsh__call *c, torsh_tensor part)
{
    torsh_tensor done = torsh_copy_(part, torsh__tensor_share(c->input[0]));
    return torsh_id_status(done.id);
}

static torsh_tensor zeroed(torsh__call *c)
{
    return torsh_zero_(torsh__tensor_share(c->output[0]));
}

static torsh_status run_select_backward(torsh__call *c)
{
    torsh_tensor whole = zeroed(c);
    return put_part(c, torsh_select(whole, c->values[2].i, c->values[3].i));
}

static void select_backward_gradient(torsh__backward *b)
{
    b->result[0] = torsh_select(b->g[0], b->node->values[2].i, b->node->values[3].i);
}
static const torsh__impl impl_select_backward = {.infer = infer_part_backward, .run = run_select_backward, .gradient = select_backward_gradient, .forward = TORSH__FORWARD_LINEAR};

static torsh_status run_slice_backward(torsh__call *c)
{
    torsh_tensor whole = zeroed(c);
    const torsh_value *v = c->values;
    return put_part(c, torsh_slice(whole, v[2].i, v[3].i, v[4].i, v[5].i));
}

static void slice_backward_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    b->result[0] = torsh_slice(b->g[0], v[2].i, v[3].i, v[4].i, v[5].i);
}
static const torsh__impl impl_slice_backward = {.infer = infer_part_backward, .run = run_slice_backward, .gradient = slice_backward_gradient, .forward = TORSH__FORWARD_LINEAR};

static torsh_status run_diagonal_backward(torsh__call *c)
{
    torsh_tensor whole = zeroed(c);
    return put_part(c, torsh_diagonal(whole, c->values[2].i, c->values[3].i, c->values[4].i));
}

static void diagonal_backward_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    b->result[0] = torsh_diagonal(b->g[0], v[2].i, v[3].i, v[4].i);
}
static const torsh__impl impl_diagonal_backward = {.infer = infer_part_backward, .run = run_diagonal_backward, .gradient = diagonal_backward_gradient, .forward = TORSH__FORWARD_LINEAR};

static void select_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    b->result[0] = torsh__select_backward(b->g[0], meta.sizes, (size_t)meta.ndim, b->node->values[1].i, b->node->values[2].i);
}
static const torsh__impl impl_select = {.infer = infer_select, .gradient = select_gradient, .batch = TORSH__BATCH_FIRST};

static torsh_status infer_slice(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = need_dim(c);
    if (status == TORSH_OK) status = torsh__wrap_dim("slice", c->values[1].i, v->ndim, &dim);
    if (status) return status;
    int64_t start = c->values[2].i, end = c->values[3].i, step = c->values[4].i, size = v->sizes[dim];
    if (step <= 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "slice: the step must be positive; it is %lld", (long long)step);
    if (start < 0) start += size;
    if (end < 0) end += size;
    start = start < 0 ? 0 : start > size ? size : start;
    end = end < start ? start : end > size ? size : end;
    torsh__spec *spec = torsh__same_view(c);
    spec->sizes[dim] = (end - start) / step + ((end - start) % step != 0);
    if (__builtin_mul_overflow(v->strides[dim], step, &spec->strides[dim])) spec->strides[dim] = 0; /* then the size is 1 at most */
    spec->offset += spec->sizes[dim] ? start * v->strides[dim] : 0;
    return TORSH_OK;
}

static void slice_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    const torsh_value *v = b->node->values;
    b->result[0] = torsh__slice_backward(b->g[0], meta.sizes, (size_t)meta.ndim, v[1].i, v[2].i, v[3].i, v[4].i);
}
static const torsh__impl impl_slice = {.infer = infer_slice, .gradient = slice_gradient, .batch = TORSH__BATCH_FIRST};

static torsh_status infer_narrow(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = need_dim(c);
    if (status == TORSH_OK) status = torsh__wrap_dim(torsh__call_name(c), c->values[1].i, v->ndim, &dim);
    if (status) return status;
    int64_t *start = &c->values[2].i, length = c->values[3].i, size = v->sizes[dim];
    if (*start < -size || *start > size || length < 0 || length > size - (*start < 0 ? *start + size : *start))
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: start %lld and length %lld reach outside dimension %d of size %lld", torsh__call_name(c), (long long)*start,
                           (long long)length, dim, (long long)size);
    if (*start < 0) *start += size;
    torsh__spec *spec = torsh__same_view(c);
    spec->sizes[dim] = length;
    spec->offset += length ? *start * v->strides[dim] : 0;
    return TORSH_OK;
}

static void narrow_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    const torsh_value *v = b->node->values;
    b->result[0] = torsh__slice_backward(b->g[0], meta.sizes, (size_t)meta.ndim, v[1].i, v[2].i, v[2].i + v[3].i, 1);
}
static const torsh__impl impl_narrow = {.infer = infer_narrow, .gradient = narrow_gradient, .batch = TORSH__BATCH_FIRST};

static torsh_status infer_diagonal(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int a, b;
    torsh_status status = torsh__require_rank(c, 0, 2, TORSH__MAX_RANK);
    if (status == TORSH_OK) status = torsh__wrap_dim("diagonal", c->values[2].i, v->ndim, &a);
    if (status == TORSH_OK) status = torsh__wrap_dim("diagonal", c->values[3].i, v->ndim, &b);
    if (status) return status;
    if (a == b) return torsh__fail(TORSH_INVALID_ARGUMENT, "diagonal: dim1 and dim2 are both %d; they must differ", a);
    int64_t offset = c->values[1].i, rows = v->sizes[a], columns = v->sizes[b], count;
    if (offset >= 0) count = columns > offset ? (rows < columns - offset ? rows : columns - offset) : 0;
    else count = offset > -rows ? (rows + offset < columns ? rows + offset : columns) : 0;
    torsh__spec *spec = torsh__same_view(c);
    if (count > 0) spec->offset += offset >= 0 ? offset * v->strides[b] : -offset * v->strides[a];
    int64_t stride = v->strides[a] + v->strides[b];
    torsh__remove_dim(spec, a > b ? a : b);
    torsh__remove_dim(spec, a > b ? b : a);
    torsh__push_dim(spec, count, stride);
    return TORSH_OK;
}

static void diagonal_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    const torsh_value *v = b->node->values;
    b->result[0] = torsh__diagonal_backward(b->g[0], meta.sizes, (size_t)meta.ndim, v[1].i, v[2].i, v[3].i);
}
static const torsh__impl impl_diagonal = {.infer = infer_diagonal, .gradient = diagonal_gradient, .batch = TORSH__BATCH_FIRST};

#include "define_rows.h"

#include "part.def"
