/* Elements chosen along one dim by index tensors (i64 or i32). Rows: table/index.def. Ranges are checked by the kernels. */
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#define TABLE "index.def"
#include "declare_rows.h"
#define TABLE "part.def"
#include "declare_rows.h"

enum { INPUT, INDEX, SOURCE };

static const torsh_operand *view_of(const torsh__call *c, int i)
{
    return &c->input[i]->view;
}

static torsh_status require_index(const torsh__call *c, int i)
{
    torsh_dtype dtype = torsh__dtype_of(c->input[i]);
    if (dtype == TORSH_I64 || dtype == TORSH_I32 || view_of(c, i)->numel == 0) return TORSH_OK;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: the index must be i64 or i32; it is %s", torsh__call_name(c), torsh_dtype_name(dtype));
}

/* What all of them start with: one device, an index, dim wrapped in values[1]; the result like input. */
static torsh_status infer_along(torsh__call *c, int *dim)
{
    const torsh_operand *v = view_of(c, INPUT);
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = require_index(c, INDEX);
    if (status == TORSH_OK) status = torsh__wrap_dim(torsh__call_name(c), c->values[1].i, v->ndim, dim);
    if (status) return status;
    c->values[1].i = *dim;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return TORSH_OK;
}

/* ---- gather, scatter ----------------------------------------------------------------------------------------- */

/* The index has the rank of `other` and no size larger than its, but in dim (skip_dim). A 0-d one goes with one element. */
static torsh_status require_inside(const torsh__call *c, const char *name, const torsh_operand *other, int dim, bool skip_dim)
{
    const torsh_operand *index = view_of(c, INDEX);
    bool fits = (index->ndim ? index->ndim : 1) == (other->ndim ? other->ndim : 1) || index->numel == 0;
    for (int d = 0; fits && index->numel && d < index->ndim; d++)
        fits = (skip_dim && d == dim) || index->sizes[d] <= (other->ndim ? other->sizes[d] : 1);
    if (fits) return TORSH_OK;
    torsh__shape_text a, b;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the index is %s and '%s' %s; it needs that rank and must not reach past it%s", torsh__call_name(c),
                       torsh__shape_print(&a, index->ndim, index->sizes), name, torsh__shape_print(&b, other->ndim, other->sizes),
                       skip_dim ? " but in dim" : "");
}

static torsh_status infer_gather(torsh__call *c)
{
    int dim;
    torsh_status status = infer_along(c, &dim);
    if (status == TORSH_OK) status = require_inside(c, "input", view_of(c, INPUT), dim, true);
    if (status == TORSH_OK) torsh__out_spec(c, 0, c->compute, view_of(c, INDEX)->ndim, view_of(c, INDEX)->sizes);
    return status;
}

static torsh_tensor zeros_of(const torsh__backward *b, int input)
{
    torsh__meta m = torsh__input_meta(b, input);
    return torsh_zeros(m.sizes, (size_t)m.ndim, m.dtype, m.device);
}

static void gather_gradient(torsh__backward *b)
{
    b->result[0] = torsh_scatter_add(zeros_of(b, 0), b->node->values[1].i, torsh__saved_input(b, INDEX), b->g[0]);
}
static const torsh__impl impl_gather = {.infer = infer_gather, .gradient = gather_gradient, .saves = TORSH__SAVE_IN(INDEX), .flags = TORSH__READS_LATE, .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_LINEAR};

static torsh_status infer_scatter(torsh__call *c)
{
    int dim;
    bool number = c->input[SOURCE]->weak;
    torsh_status status = infer_along(c, &dim);
    if (status == TORSH_OK) status = require_inside(c, "input", view_of(c, INPUT), dim, true);
    if (status == TORSH_OK && !number) status = require_inside(c, "src", view_of(c, SOURCE), dim, false);
    if (status == TORSH_OK && !number) status = torsh__require_same_dtype(c, INPUT, SOURCE);
    return status;
}

/* g's elements at the index, as the gradient of src, which may reach past the index. */
static torsh_tensor source_gradient(torsh__backward *b, torsh_tensor index)
{
    torsh__meta m = torsh__input_meta(b, SOURCE);
    torsh_tensor part = torsh_gather(b->g[0], b->node->values[1].i, index);
    if (torsh_ndim(part) != m.ndim) return torsh_reshape(part, m.sizes, (size_t)m.ndim);
    for (int d = 0; d < m.ndim; d++) {
        int64_t size = torsh_size(part, d), whole[TORSH__MAX_RANK];
        if (size == m.sizes[d] || size < 0) continue;
        for (int k = 0; k < m.ndim; k++) whole[k] = k == d ? m.sizes[k] : torsh_size(part, k);
        part = torsh__slice_backward(part, whole, (size_t)m.ndim, d, 0, size, 1);
    }
    return part;
}

static void scatter_gradient(torsh__backward *b)
{
    torsh_tensor index = torsh__saved_input(b, INDEX);
    if (torsh__needs(b, INPUT)) b->result[INPUT] = torsh_scatter(b->g[0], b->node->values[1].i, index, torsh_number(0));
    if (torsh__needs(b, SOURCE)) b->result[SOURCE] = source_gradient(b, index);
}
static const torsh__impl impl_scatter = {.infer = infer_scatter, .gradient = scatter_gradient, .saves = TORSH__SAVE_IN(INDEX), .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};

static void scatter_add_gradient(torsh__backward *b)
{
    if (torsh__needs(b, INPUT)) b->result[INPUT] = b->g[0];
    if (torsh__needs(b, SOURCE)) b->result[SOURCE] = source_gradient(b, torsh__saved_input(b, INDEX));
}
static const torsh__impl impl_scatter_add = {.infer = infer_scatter, .gradient = scatter_add_gradient, .saves = TORSH__SAVE_IN(INDEX), .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};

/* ---- whole slices -------------------------------------------------------------------------------------------- */

static torsh_status require_list(const torsh__call *c)
{
    const torsh_operand *index = view_of(c, INDEX);
    if (index->ndim <= 1) return TORSH_OK;
    torsh__shape_text text;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the index must have at most 1 dimension; it is %s", torsh__call_name(c),
                       torsh__shape_print(&text, index->ndim, index->sizes));
}

static torsh_status infer_index_select(torsh__call *c)
{
    int dim;
    torsh_status status = infer_along(c, &dim);
    if (status == TORSH_OK) status = require_list(c);
    if (status) return status;
    const torsh_operand *v = view_of(c, INPUT);
    if (v->ndim) c->spec[0].sizes[dim] = view_of(c, INDEX)->numel;
    else if (view_of(c, INDEX)->numel != 1)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "index_select: a 0-d input takes one index; there are %lld", (long long)view_of(c, INDEX)->numel);
    return torsh__numel("index_select", c->spec[0].sizes, c->spec[0].ndim, torsh__dtypes[v->dtype].size, &(int64_t){0});
}

static void index_select_gradient(torsh__backward *b)
{
    b->result[0] = torsh_index_add(zeros_of(b, 0), b->node->values[1].i, torsh__saved_input(b, INDEX), b->g[0]);
}
static const torsh__impl impl_index_select = {.infer = infer_index_select, .gradient = index_select_gradient, .flags = TORSH__READS_LATE, .saves = TORSH__SAVE_IN(INDEX), .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

/* source is like input with as many slices as the index has elements; a 0-d one stands for a 1-D one. */
static torsh_status infer_index_into(torsh__call *c)
{
    int dim;
    torsh_status status = infer_along(c, &dim);
    if (status == TORSH_OK) status = require_list(c);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, INPUT, SOURCE);
    if (status) return status;
    const torsh_operand *v = view_of(c, INPUT), *source = view_of(c, SOURCE), *index = view_of(c, INDEX);
    bool fits = (source->ndim ? source->ndim : 1) == (v->ndim ? v->ndim : 1) && (source->ndim ? source->sizes[dim] : 1) == index->numel;
    for (int d = 0; fits && d < source->ndim; d++) fits = d == dim || source->sizes[d] == (v->ndim ? v->sizes[d] : 1);
    if (fits) return TORSH_OK;
    torsh__shape_text a, b;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: input is %s and source %s; it must be like input with %lld slices, one per index, in dimension %d",
                       torsh__call_name(c), torsh__shape_print(&a, v->ndim, v->sizes), torsh__shape_print(&b, source->ndim, source->sizes),
                       (long long)index->numel, dim);
}

static torsh_tensor slices_gradient(torsh__backward *b, torsh_tensor index)
{
    torsh__meta m = torsh__input_meta(b, SOURCE);
    torsh_tensor slices = torsh_index_select(b->g[0], b->node->values[1].i, index);
    return torsh_ndim(slices) == m.ndim ? slices : torsh_reshape(slices, m.sizes, (size_t)m.ndim);
}

static void index_add_gradient(torsh__backward *b)
{
    if (torsh__needs(b, INPUT)) b->result[INPUT] = b->g[0];
    if (torsh__needs(b, SOURCE)) b->result[SOURCE] = slices_gradient(b, torsh__saved_input(b, INDEX));
}
static const torsh__impl impl_index_add = {.infer = infer_index_into, .gradient = index_add_gradient, .saves = TORSH__SAVE_IN(INDEX), .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};
static torsh_status infer_index_add_times(torsh__call *c)
{
    torsh_status status = torsh__require_dtype(c, torsh__dtype_of(c->input[INPUT]));
    return status ? status : infer_index_into(c);
}
static const torsh__impl impl_index_add_times = {.infer = infer_index_add_times, .flags = TORSH__CONSTANT};

static void index_copy_gradient(torsh__backward *b)
{
    torsh_tensor index = torsh__saved_input(b, INDEX);
    if (torsh__needs(b, INPUT)) b->result[INPUT] = torsh_index_fill(b->g[0], b->node->values[1].i, index, torsh_number(0));
    if (torsh__needs(b, SOURCE)) b->result[SOURCE] = slices_gradient(b, index);
}
static const torsh__impl impl_index_copy = {.infer = infer_index_into, .gradient = index_copy_gradient, .saves = TORSH__SAVE_IN(INDEX), .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};

static torsh_status infer_index_fill(torsh__call *c)
{
    int dim;
    torsh_status status = infer_along(c, &dim);
    if (status == TORSH_OK) status = require_list(c);
    if (status) return status;
    const torsh_operand *value = view_of(c, SOURCE);
    if (value->ndim)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "index_fill: the value must be a 0-d tensor or a number; it has %d dimensions", value->ndim);
    if (torsh__dtypes[value->dtype].category == TORSH__COMPLEX && torsh__dtypes[c->compute].category != TORSH__COMPLEX)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "index_fill: a complex value can't be stored in %s", torsh_dtype_name(c->compute));
    return TORSH_OK;
}

static void index_fill_gradient(torsh__backward *b)
{
    torsh_tensor index = torsh__saved_input(b, INDEX);
    int64_t dim = b->node->values[1].i;
    if (torsh__needs(b, INPUT)) b->result[INPUT] = torsh_index_fill(b->g[0], dim, index, torsh_number(0));
    if (!torsh__needs(b, SOURCE)) return;
    /* An index that comes twice counts once. */
    torsh_tensor nowhere = torsh_zeros(torsh_sizes(b->g[0]), (size_t)torsh_ndim(b->g[0]), TORSH_BOOL, torsh_device_of(b->g[0]));
    torsh_tensor filled = torsh_index_fill_(nowhere, dim, index, torsh_integer(1));
    b->result[SOURCE] = torsh_sum(torsh_where(filled, b->g[0], torsh_number(0)), TORSH_ALL_DIMS, false);
}
static const torsh__impl impl_index_fill = {.infer = infer_index_fill, .gradient = index_fill_gradient, .saves = TORSH__SAVE_IN(INDEX), .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};

/* Element index[i] of the flattened input. */
torsh_tensor torsh_take(torsh_tensor input, torsh_tensor index)
{
    int64_t sizes[TORSH__MAX_RANK], count, limit;
    torsh_status status = TORSH_OK;
    const torsh__tensor *t = torsh__tensor_look(input, "take", "input", &status);
    if (!t) return torsh__tensor_error(status);
    limit = t->view.numel;
    torsh__unpin(input.id);
    t = torsh__tensor_look(index, "take", "index", &status);
    if (!t) return torsh__tensor_error(status);
    int ndim = t->view.ndim;
    for (int d = 0; d < ndim; d++) sizes[d] = t->view.sizes[d];
    count = t->view.numel;
    torsh__unpin(index.id);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor flat = torsh_reshape(input, &limit, 1), by = torsh_reshape(index, &count, 1);
    int64_t least = -1;
    if (count == 0 || torsh_item_i64(torsh_amin(by, TORSH_ALL_DIMS, false), &least) || least < 0)
        by = torsh_where(torsh_lt(by, torsh_integer(0)), torsh_add(by, torsh_integer(limit)), by);
    torsh_tensor result = torsh_reshape(torsh_index_select(flat, 0, by), sizes, (size_t)ndim);
    torsh_keep(result);
    return result;
}

/* ---- embedding ----------------------------------------------------------------------------------------------- */

static torsh_status infer_embedding(torsh__call *c)
{
    torsh_status status = torsh__require_rank(c, 1, 2, 2);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = require_index(c, 0);
    if (status) return status;
    const torsh_operand *v = view_of(c, 0), *weight = view_of(c, 1);
    if (v->ndim == TORSH__MAX_RANK) return torsh__fail(TORSH_OUT_OF_RANGE, "embedding: input has %d dimensions already", v->ndim);
    if (c->values[2].i >= weight->sizes[0])
        return torsh__fail(TORSH_OUT_OF_RANGE, "embedding: padding_idx %lld is not below the %lld rows of weight", (long long)c->values[2].i,
                           (long long)weight->sizes[0]);
    c->compute = (torsh_dtype)weight->dtype;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    spec->sizes[spec->ndim++] = weight->sizes[1];
    return torsh__numel("embedding", spec->sizes, spec->ndim, torsh__dtypes[c->compute].size, &(int64_t){0});
}

static void embedding_gradient(torsh__backward *b)
{
    b->result[1] = torsh__embedding_backward(b->g[0], torsh__saved_input(b, 0), torsh__input_meta(b, 1).sizes[0], b->node->values[2].i);
}
static const torsh__impl impl_embedding = {.infer = infer_embedding, .gradient = embedding_gradient, .saves = TORSH__SAVE_IN(0), .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR, .linear = 1u << 1};

static torsh_status infer_embedding_backward(torsh__call *c)
{
    const torsh_operand *grad = view_of(c, 0);
    const torsh_operand *index = view_of(c, 1);
    torsh_status status = torsh__require_rank(c, 0, 1, TORSH__MAX_RANK);
    if (status == TORSH_OK) status = require_index(c, 1);
    if (status == TORSH_OK && !torsh__same_sizes(grad->ndim - 1, grad->sizes, index->ndim, index->sizes))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "embedding_backward: grad's leading sizes must be those of input");
    if (status) return status;
    c->device = grad->device;
    c->compute = (torsh_dtype)grad->dtype;
    torsh__out_spec(c, 0, c->compute, 2, (const int64_t[]){c->values[2].i, grad->sizes[grad->ndim - 1]});
    return torsh__numel("embedding_backward", c->spec[0].sizes, 2, torsh__dtypes[c->compute].size, &(int64_t){0});
}

static void embedding_backward_gradient(torsh__backward *b)
{
    torsh_tensor input = torsh__saved_input(b, 1);
    int64_t padding = b->node->values[3].i;
    b->result[0] = torsh_embedding(input, b->g[0], -1);
    if (padding >= 0) b->result[0] = torsh_masked_fill(b->result[0], torsh_unsqueeze(torsh_eq(input, torsh_integer(padding)), -1), torsh_number(0));
}
static const torsh__impl impl_embedding_backward = {
    .infer = infer_embedding_backward, .gradient = embedding_backward_gradient, .saves = TORSH__SAVE_IN(1), .forward = TORSH__FORWARD_LINEAR};

static torsh_tensor compose_one_hot(torsh_tensor input, int64_t num_classes)
{
    int64_t sizes[TORSH__MAX_RANK + 1], largest = 0;
    int ndim = torsh_ndim(input);
    torsh_dtype dtype = torsh_dtype_of(input);
    torsh_status status = TORSH_OK;
    if (ndim < 0) return torsh_clone(input); /* says what is wrong */
    if (dtype != TORSH_I64) status = torsh__fail(TORSH_DTYPE_MISMATCH, "one_hot: the classes must be i64; they are %s", torsh_dtype_name(dtype));
    else if (ndim == TORSH__MAX_RANK) status = torsh__fail(TORSH_OUT_OF_RANGE, "one_hot: input has %d dimensions already", ndim);
    else if (num_classes == 0 || num_classes < -1 || (num_classes == -1 && torsh_numel(input) == 0))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "one_hot: num_classes must be positive, or -1 for an input that has elements; it is %lld", (long long)num_classes);
    if (status) return torsh__tensor_error(status);
    if (num_classes == -1) {
        status = torsh_item_i64(torsh_amax(input, TORSH_ALL_DIMS, false), &largest);
        if (status) return torsh__tensor_error(status);
        num_classes = (largest < 0 ? 0 : largest) + 1;
    }
    for (int d = 0; d < ndim; d++) sizes[d] = torsh_size(input, d);
    sizes[ndim] = num_classes;
    torsh_tensor none = torsh_zeros(sizes, (size_t)ndim + 1, TORSH_I64, torsh_device_of(input));
    torsh_tensor made = torsh_scatter_(none, -1, torsh_unsqueeze(input, -1), torsh_integer(1));
    if (!TORSH_FAILED(made) || torsh_id_status(made.id) != TORSH_OUT_OF_RANGE) return made;
    return torsh__refuse_instead(TORSH_OUT_OF_RANGE, "one_hot: 'input' has a class that is not in [0, %lld)", (long long)num_classes);
}

#include "define_rows.h"

#include "index.def"
