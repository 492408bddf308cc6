/* Pooling in 1, 2 and 3 dims: shapes and gradients. Rows: table/pooling.def. Inputs are (N, C, in...) or (C, in...). */
#include "dual.h"
#include "conv.h"

#include <torsh/ops/pooling.h>
#include <torsh/ops/view.h>

#include <string.h>

#define TABLE "pooling.def"
#include "declare_rows.h"

/* The params of a window in a row: kernel_size at `kernel`, and where the others are, or -1. */
typedef struct window {
    int kernel, stride, padding, dilation, ceil_mode;
} window;

/* How many dims the windows have: the last parameter if that is `dims`, else the digit in the row's name. */
static int dims_of(const torsh__op *op, const torsh_value *values)
{
    int last = op->info.param_count - 1;
    if (strcmp(op->info.params[last].name, "dims") == 0) return (int)values[last].i;
    return op->info.name[strcspn(op->info.name, "123")] - '0';
}

static int dims_of_call(const torsh__call *c)
{
    return dims_of(c->op, c->values);
}

static torsh_status check_input(torsh__call *c)
{
    int dims = dims_of_call(c);
    torsh_status status = dims < 1 || dims > 3 ? torsh__fail(TORSH_OUT_OF_RANGE, "%s: dims must be 1, 2 or 3", torsh__call_name(c)) : TORSH_OK;
    if (status == TORSH_OK) status = torsh__require_rank(c, 0, dims + 1, dims + 2);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__require_dtype(c, torsh__dtype_of(c->input[0]));
    c->compute = torsh__dtype_of(c->input[0]);
    return status;
}

/* Windows that start inside the input or its padding in front (ATen/native/Pool.h pooling_output_shape). */
static torsh_status pooled_size(torsh__call *c, const window *w, int d, int64_t in, int64_t *out)
{
    int64_t kernel = torsh__spatial(&c->values[w->kernel], d, 1), stride = torsh__spatial(&c->values[w->stride], d, kernel);
    int64_t padding = torsh__spatial(&c->values[w->padding], d, 0), dilation = w->dilation < 0 ? 1 : torsh__spatial(&c->values[w->dilation], d, 1);
    if (padding > kernel / 2)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: padding (%lld) must be at most half of kernel_size (%lld)", torsh__call_name(c),
                           (long long)padding, (long long)kernel);
    int64_t room = in + 2 * padding - dilation * (kernel - 1) - 1;
    bool up = c->values[w->ceil_mode].i != 0;
    *out = room + (up ? stride - 1 : 0) < 0 ? 0 : (room + (up ? stride - 1 : 0)) / stride + 1;
    if (up && (*out - 1) * stride >= in + padding) --*out;
    if (*out >= 1) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: an input of size %lld is too small for a window of %lld with dilation %lld: the result would be empty",
                       torsh__call_name(c), (long long)in, (long long)kernel, (long long)dilation);
}

static torsh_status check_window(const torsh__call *c, const window *w)
{
    int dims = dims_of_call(c);
    torsh_status status = torsh__spatial_list(c, w->kernel, dims, 1);
    if (status == TORSH_OK && COUNT(c, w->kernel) == 0)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: kernel_size is empty; it takes 1 or %d numbers", torsh__call_name(c), dims);
    if (status == TORSH_OK) status = torsh__spatial_list(c, w->stride, dims, 1);
    if (status == TORSH_OK) status = torsh__spatial_list(c, w->padding, dims, 0);
    if (status == TORSH_OK && w->dilation >= 0) status = torsh__spatial_list(c, w->dilation, dims, 1);
    return status;
}

/* Fills the pooled sizes of `sizes` into out. */
static torsh_status pooled_sizes(torsh__call *c, const window *w, int ndim, const int64_t *sizes, int64_t *out)
{
    torsh_status status = check_window(c, w);
    for (int d = 0; d < ndim; d++) out[d] = sizes[d];
    int first = ndim - dims_of_call(c);
    for (int d = first; d < ndim && status == TORSH_OK; d++) status = pooled_size(c, w, d - first, sizes[d], &out[d]);
    return status;
}

static torsh_status infer_windows(torsh__call *c, const window *w)
{
    torsh_status status = check_input(c);
    if (status) return status;
    const torsh_operand *x = &c->input[0]->view;
    for (int d = x->ndim - dims_of_call(c) - 1; d < x->ndim; d++)
        if (x->sizes[d] == 0) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: dimension %d of 'input' is empty", torsh__call_name(c), d);
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    return pooled_sizes(c, w, x->ndim, x->sizes, spec->sizes);
}

/* A gradient's row: grad must have the shape that pooling an input of `size` (param) gives, which `out` holds. */
static torsh_status infer_pool_gradient(torsh__call *c, int size, const int64_t *out)
{
    const torsh_operand *g = &c->input[0]->view;
    int ndim = (int)COUNT(c, size);
    if (out && torsh__same_sizes(g->ndim, g->sizes, ndim, out)) {
        torsh__out_spec(c, 0, c->compute, ndim, INTS(c, size));
        return TORSH_OK;
    }
    torsh__shape_text text;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grad' %s is not of the shape that this pooling gives", torsh__call_name(c),
                       torsh__shape_print(&text, g->ndim, g->sizes));
}

static torsh_status check_gradient(torsh__call *c, int size)
{
    torsh_status status = check_input(c);
    int64_t numel;
    if (status == TORSH_OK) status = torsh__numel(torsh__call_name(c), INTS(c, size), (int64_t)COUNT(c, size), torsh__dtypes[c->compute].size, &numel);
    if (status == TORSH_OK && COUNT(c, size) != (size_t)c->input[0]->view.ndim) status = infer_pool_gradient(c, size, NULL);
    return status;
}

/* ---- maximum ------------------------------------------------------------------------------------------------- */

static const window max_window = {1, 2, 3, 4, 5};

static torsh_status infer_max_values(torsh__call *c)
{
    return infer_windows(c, &max_window);
}
static void give_indices(torsh__call *c)
{
    torsh__out_spec(c, 1, TORSH_I64, c->spec[0].ndim, c->spec[0].sizes);
}

static torsh_status infer_max(torsh__call *c)
{
    torsh_status status = infer_windows(c, &max_window);
    if (status == TORSH_OK) give_indices(c);
    return status;
}

#define LIST(value) (value).list.data, (value).list.count

static void max_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    torsh__meta meta = torsh__input_meta(b, 0);
    b->result[0] = torsh__max_pool_grad(b->g[0], torsh__saved_output(b, 1), meta.sizes, (size_t)meta.ndim, LIST(v[1]), LIST(v[2]), LIST(v[3]), LIST(v[4]),
                                        dims_of(b->node->op, v));
}
static const torsh__impl impl_max_pool1d_with_indices = {.infer = infer_max, .gradient = max_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_FOLD};
static const torsh__impl impl_max_pool2d_with_indices = {.infer = infer_max, .gradient = max_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_FOLD};
static const torsh__impl impl_max_pool3d_with_indices = {.infer = infer_max, .gradient = max_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_FOLD};

typedef torsh_values with_indices(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count, const int64_t *stride, size_t stride_count,
                                  const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count, bool ceil_mode);
static with_indices *const max_pools[3] = {torsh_max_pool1d_with_indices, torsh_max_pool2d_with_indices, torsh_max_pool3d_with_indices};

/* Only a recorded call that was made without a gradient in mind comes here: the indices are found again. */
static void max_values_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    torsh__meta meta = torsh__input_meta(b, 0);
    torsh_tensor indices = max_pools[v[6].i - 1](torsh__saved_input(b, 0), LIST(v[1]), LIST(v[2]), LIST(v[3]), LIST(v[4]), v[5].i != 0).indices;
    b->result[0] = torsh__max_pool_grad(b->g[0], indices, meta.sizes, (size_t)meta.ndim, LIST(v[1]), LIST(v[2]), LIST(v[3]), LIST(v[4]), v[6].i);
}
static const torsh__impl impl_max_pool_values = {.infer = infer_max_values, .gradient = max_values_gradient, .saves = TORSH__SAVE_IN(0)};

#define POOL_PARAMS                                                                                                                     \
    torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count, const int64_t *stride, size_t stride_count, const int64_t *padding, \
        size_t padding_count, const int64_t *dilation, size_t dilation_count, bool ceil_mode
#define POOL_ARGUMENTS input, kernel_size, kernel_size_count, stride, stride_count, padding, padding_count, dilation, dilation_count, ceil_mode

static torsh_tensor max_pool(const torsh__op *op, int dims, POOL_PARAMS)
{
    torsh_status status = TORSH_OK;
    torsh__thread *self = torsh__thread_get();
    const char *speaker = self->speaker;
    torsh__tensor *t = torsh__tensor_look(input, op->info.name, "input", &status);
    if (!t) return torsh__tensor_error(status);
    bool tracked = (self->modes.grad && torsh__tracks(t)) || torsh__level_innermost();
    torsh__unpin(input.id);
    if (!speaker) self->speaker = op->info.name;
    torsh_values both = {{0}, {0}};
    if (tracked) both = max_pools[dims - 1](POOL_ARGUMENTS);
    else both.values = torsh__max_pool_values(POOL_ARGUMENTS, dims);
    self->speaker = speaker;
    if (tracked) torsh_release(both.indices);
    return both.values;
}

extern const torsh__op torsh__op_max_pool1d, torsh__op_max_pool2d, torsh__op_max_pool3d;

torsh_tensor torsh_max_pool1d(POOL_PARAMS)
{
    return max_pool(&torsh__op_max_pool1d, 1, POOL_ARGUMENTS);
}

torsh_tensor torsh_max_pool2d(POOL_PARAMS)
{
    return max_pool(&torsh__op_max_pool2d, 2, POOL_ARGUMENTS);
}

torsh_tensor torsh_max_pool3d(POOL_PARAMS)
{
    return max_pool(&torsh__op_max_pool3d, 3, POOL_ARGUMENTS);
}

static torsh_status check_indices(const torsh__call *c, const torsh_operand *like)
{
    const torsh_operand *i = &c->input[1]->view;
    if (i->dtype == TORSH_I64 && torsh__same_sizes(i->ndim, i->sizes, like->ndim, like->sizes)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'indices' must be i64 and of the shape of the pooled result", torsh__call_name(c));
}

static torsh_status infer_max_backward(torsh__call *c)
{
    static const window w = {3, 4, 5, 6, -1};
    torsh_status status = check_gradient(c, 2);
    const torsh_operand *g = &c->input[0]->view;
    if (status == TORSH_OK) status = check_indices(c, g);
    if (status) return status;
    int ndim = (int)COUNT(c, 2);
    int64_t out[5];
    for (int d = 0; d < ndim; d++) out[d] = d < ndim - dims_of_call(c) ? INTS(c, 2)[d] : g->sizes[d]; /* indices say where; any windows do */
    status = COUNT(c, w.kernel) ? check_window(c, &w) : TORSH_OK;
    return status ? status : infer_pool_gradient(c, 2, out);
}

static void max_backward_gradient(torsh__backward *b)
{
    b->result[0] = torsh__pooling_take(b->g[0], torsh__saved_input(b, 1), b->node->values[7].i);
}
static const torsh__impl impl_max_pool_grad = {.infer = infer_max_backward, .gradient = max_backward_gradient, .saves = TORSH__SAVE_IN(1), .forward = TORSH__FORWARD_LINEAR};

static torsh_status infer_take(torsh__call *c)
{
    torsh_status status = check_input(c);
    if (status) return status;
    const torsh_operand *x = &c->input[0]->view, *i = &c->input[1]->view;
    int lead = x->ndim - dims_of_call(c);
    if (i->dtype != TORSH_I64 || i->ndim != x->ndim || !torsh__same_sizes(lead, x->sizes, lead, i->sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'indices' must be i64 and have the planes of 'input'", torsh__call_name(c));
    torsh__out_spec(c, 0, c->compute, i->ndim, i->sizes);
    return TORSH_OK;
}

static void take_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    b->result[0] = torsh__max_pool_grad(b->g[0], torsh__saved_input(b, 1), meta.sizes, (size_t)meta.ndim, TORSH_NO_DIMS, TORSH_NO_DIMS, TORSH_NO_DIMS,
                                        TORSH_NO_DIMS, b->node->values[2].i);
}
static const torsh__impl impl_pooling_take = {.infer = infer_take, .gradient = take_gradient, .saves = TORSH__SAVE_IN(1), .forward = TORSH__FORWARD_LINEAR};

/* ---- average ------------------------------------------------------------------------------------------------- */

static torsh_status infer_avg(torsh__call *c)
{
    static const window w = {1, 2, 3, -1, 4};
    return infer_windows(c, &w);
}

static void avg_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    torsh__meta meta = torsh__input_meta(b, 0);
    int dims = dims_of(b->node->op, v);
    b->result[0] = torsh__avg_pool_grad(b->g[0], meta.sizes, (size_t)meta.ndim, LIST(v[1]), LIST(v[2]), LIST(v[3]), v[4].i != 0, v[5].i != 0,
                                        dims == 1 ? 0 : v[6].i, dims);
}
static const torsh__impl impl_avg_pool1d = {.infer = infer_avg, .gradient = avg_gradient, .batch = TORSH__BATCH_FOLD, .forward = TORSH__FORWARD_LINEAR};
static const torsh__impl impl_avg_pool2d = {.infer = infer_avg, .gradient = avg_gradient, .batch = TORSH__BATCH_FOLD, .forward = TORSH__FORWARD_LINEAR};
static const torsh__impl impl_avg_pool3d = {.infer = infer_avg, .gradient = avg_gradient, .batch = TORSH__BATCH_FOLD, .forward = TORSH__FORWARD_LINEAR};

static torsh_status infer_avg_backward(torsh__call *c)
{
    static const window w = {2, 3, 4, -1, 5};
    int64_t out[5];
    torsh_status status = check_gradient(c, 1);
    if (status == TORSH_OK) status = pooled_sizes(c, &w, (int)COUNT(c, 1), INTS(c, 1), out);
    return status ? status : infer_pool_gradient(c, 1, out);
}

static void avg_backward_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    if (v[8].i == 1) b->result[0] = torsh_avg_pool1d(b->g[0], LIST(v[2]), LIST(v[3]), LIST(v[4]), v[5].i != 0, v[6].i != 0);
    else b->result[0] = (v[8].i == 2 ? torsh_avg_pool2d : torsh_avg_pool3d)(b->g[0], LIST(v[2]), LIST(v[3]), LIST(v[4]), v[5].i != 0, v[6].i != 0, v[7].i);
}
static const torsh__impl impl_avg_pool_grad = {.infer = infer_avg_backward, .gradient = avg_backward_gradient, .forward = TORSH__FORWARD_LINEAR};

/* ---- adaptive ------------------------------------------------------------------------------------------------ */

/* output_size -1 keeps the input's size, as None does in PyTorch. */
static torsh_status infer_adaptive(torsh__call *c)
{
    torsh_status status = check_input(c);
    if (status == TORSH_OK) status = torsh__spatial_list(c, 1, dims_of_call(c), -1);
    if (status) return status;
    if (COUNT(c, 1) == 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: output_size is empty; it takes 1 or %d numbers", torsh__call_name(c), dims_of_call(c));
    const torsh_operand *x = &c->input[0]->view;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    for (int d = 0, dims = dims_of_call(c); d < dims; d++) {
        int at = x->ndim - dims + d;
        int64_t size = torsh__spatial(&c->values[1], d, 1);
        if (x->sizes[at] == 0)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: dimension %d of the input is empty", torsh__call_name(c), at);
        if (size >= 0) spec->sizes[at] = size;
    }
    return TORSH_OK;
}

static torsh_status infer_adaptive_max(torsh__call *c)
{
    torsh_status status = infer_adaptive(c);
    if (status == TORSH_OK) give_indices(c);
    return status;
}

static void adaptive_max_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    b->result[0] = torsh__max_pool_grad(b->g[0], torsh__saved_output(b, 1), meta.sizes, (size_t)meta.ndim, TORSH_NO_DIMS, TORSH_NO_DIMS, TORSH_NO_DIMS,
                                        TORSH_NO_DIMS, dims_of(b->node->op, b->node->values));
}
static const torsh__impl impl_adaptive_max_pool1d = {.infer = infer_adaptive_max, .gradient = adaptive_max_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_FOLD};
static const torsh__impl impl_adaptive_max_pool3d = {.infer = infer_adaptive_max, .gradient = adaptive_max_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_FOLD};
static const torsh__impl impl_adaptive_max_pool2d = {.infer = infer_adaptive_max, .gradient = adaptive_max_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_FOLD};

/* ---- fractional ---------------------------------------------------------------------------------------------- */

/* Any leading dims, the same in both inputs. */
static torsh_status infer_fractional(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view, *u = &c->input[1]->view;
    const char *name = torsh__call_name(c);
    int dims = dims_of_call(c), lead = x->ndim - dims;
    torsh_status status = dims < 1 || dims > 3 ? torsh__fail(TORSH_OUT_OF_RANGE, "%s: dims must be 1, 2 or 3", name) : torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__require_dtype(c, torsh__dtype_of(c->input[0]));
    if (status == TORSH_OK) status = torsh__spatial_list(c, 2, dims, 1);
    if (status) return status;
    c->compute = torsh__dtype_of(c->input[0]);
    if (lead < 1 || u->ndim != lead + 1 || !torsh__same_sizes(lead, x->sizes, lead, u->sizes) || u->sizes[lead] != dims || torsh__dtype_of(c->input[1]) != c->compute)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'samples' must have %d numbers of the dtype of 'input' for each of its planes", name, dims);
    if (COUNT(c, 2) == 0 || COUNT(c, 3) != (size_t)dims) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: kernel_size is empty; it takes 1 or %d numbers", name, dims);
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    for (int d = 0; d < dims; d++) {
        int64_t in = x->sizes[lead + d], kernel = torsh__spatial(&c->values[2], d, 1), out = spec->sizes[lead + d] = INTS(c, 3)[d];
        if (out < 1 || out > in || kernel > in - out + 1)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: %lld windows of kernel_size %lld don't fit dimension %d of 'input', of size %lld", name, (long long)out,
                               (long long)kernel, d, (long long)in);
    }
    give_indices(c);
    return TORSH_OK;
}

/* In (planes, dims...), as the gradient's row has at most two leading dims. */
static void fractional_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    const int64_t *out = b->node->values[3].list.data;
    int dims = (int)b->node->values[4].i, lead = meta.ndim - dims;
    int64_t from[4] = {1}, to[4] = {1};
    for (int d = 0; d < lead; d++) from[0] *= meta.sizes[d];
    to[0] = from[0];
    for (int d = 0; d < dims; d++) from[1 + d] = meta.sizes[lead + d], to[1 + d] = out[d];
    size_t rank = (size_t)(1 + dims);
    torsh_tensor g = torsh_reshape(b->g[0], to, rank), indices = torsh_reshape(torsh__saved_output(b, 1), to, rank);
    g = torsh__max_pool_grad(g, indices, from, rank, TORSH_NO_DIMS, TORSH_NO_DIMS, TORSH_NO_DIMS, TORSH_NO_DIMS, dims);
    b->result[0] = torsh_reshape(g, meta.sizes, (size_t)meta.ndim);
}
static const torsh__impl impl_fractional_max_pool = {.infer = infer_fractional, .gradient = fractional_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};

static void adaptive_avg_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    b->result[0] = torsh__adaptive_avg_pool_grad(b->g[0], meta.sizes, (size_t)meta.ndim, dims_of(b->node->op, b->node->values));
}
static const torsh__impl impl_adaptive_avg_pool1d = {.infer = infer_adaptive, .gradient = adaptive_avg_gradient, .batch = TORSH__BATCH_FOLD, .forward = TORSH__FORWARD_LINEAR};
static const torsh__impl impl_adaptive_avg_pool3d = {.infer = infer_adaptive, .gradient = adaptive_avg_gradient, .batch = TORSH__BATCH_FOLD, .forward = TORSH__FORWARD_LINEAR};
static const torsh__impl impl_adaptive_avg_pool2d = {.infer = infer_adaptive, .gradient = adaptive_avg_gradient, .batch = TORSH__BATCH_FOLD, .forward = TORSH__FORWARD_LINEAR};

static torsh_status infer_adaptive_backward(torsh__call *c)
{
    torsh_status status = check_gradient(c, 1);
    if (status) return status;
    const torsh_operand *g = &c->input[0]->view;
    int64_t out[5];
    int ndim = (int)COUNT(c, 1), first = ndim - dims_of_call(c);
    for (int d = 0; d < ndim; d++) out[d] = d < first ? INTS(c, 1)[d] : g->sizes[d];
    for (int d = first; d < ndim; d++)
        if (g->numel > 0 && INTS(c, 1)[d] == 0) return infer_pool_gradient(c, 1, NULL);
    return infer_pool_gradient(c, 1, out);
}

static void adaptive_backward_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    int dims = (int)b->node->values[2].i;
    torsh_tensor (*const pool[3])(torsh_tensor, const int64_t *, size_t) = {torsh_adaptive_avg_pool1d, torsh_adaptive_avg_pool2d, torsh_adaptive_avg_pool3d};
    b->result[0] = pool[dims - 1](b->g[0], &meta.sizes[meta.ndim - dims], (size_t)dims);
}
static const torsh__impl impl_adaptive_avg_pool_grad = {.infer = infer_adaptive_backward, .gradient = adaptive_backward_gradient, .forward = TORSH__FORWARD_LINEAR};

#include "define_rows.h"

#include "pooling.def"
