/* Makers, copies and conversions. Rows: table/creation.def. */
#include "gradient.h"

#define INTS(c, i) ((const int64_t *)(c)->values[i].list.data)
#define COUNT(c, i) ((c)->values[i].list.count)

/* Makers: size, dtype and device are the row's params of those kinds. */
static torsh_status infer_maker(torsh__call *c)
{
    const torsh_op_info *info = &c->op->info;
    int64_t numel;
    const int64_t *size = NULL;
    size_t count = 0;
    torsh_dtype dtype = TORSH_DTYPE_DEFAULT;
    for (int i = 0; i < info->param_count; i++) {
        if (info->params[i].kind == TORSH_PARAM_INTS) {
            size = INTS(c, i);
            count = COUNT(c, i);
        }
        if (info->params[i].kind == TORSH_PARAM_DTYPE) dtype = (torsh_dtype)c->values[i].i;
        if (info->params[i].kind == TORSH_PARAM_DEVICE) c->device = (torsh_device)c->values[i].i;
    }
    if (dtype == TORSH_DTYPE_DEFAULT) dtype = torsh_default_dtype();
    torsh_status status = torsh__device_check(c->device);
    if (status == TORSH_OK) status = torsh__numel(info->name, size, count > INT32_MAX ? -1 : (int64_t)count, torsh__dtypes[dtype].size, &numel);
    if (status) return status;
    c->compute = dtype;
    torsh__out_spec(c, 0, dtype, (int)count, size);
    return TORSH_OK;
}
static const torsh__impl impl_zeros = {.infer = infer_maker, .flags = TORSH__CONSTANT};
static const torsh__impl impl_ones = {.infer = infer_maker, .flags = TORSH__CONSTANT};
static const torsh__impl impl_empty = {.infer = infer_maker, .flags = TORSH__CONSTANT | TORSH__UNJUDGED};
static const torsh__impl impl_full = {.infer = infer_maker, .flags = TORSH__CONSTANT};

torsh_tensor torsh_full_like(torsh_tensor input, double fill_value)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(input, "full_like", "input", &status);
    if (!t) return torsh__tensor_error(status);
    torsh_tensor result = torsh_full(t->view.sizes, (size_t)t->view.ndim, fill_value, torsh__dtype_of(t), t->view.device);
    torsh__unpin(input.id);
    return result;
}

torsh_tensor torsh_zeros_like(torsh_tensor input)
{
    return torsh_full_like(input, 0);
}

torsh_tensor torsh_ones_like(torsh_tensor input)
{
    return torsh_full_like(input, 1);
}

torsh_tensor torsh_empty_like(torsh_tensor input)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(input, "empty_like", "input", &status);
    if (!t) return torsh__tensor_error(status);
    torsh_tensor result = torsh_empty(t->view.sizes, (size_t)t->view.ndim, torsh__dtype_of(t), t->view.device);
    torsh__unpin(input.id);
    return result;
}

/* ---- copies -------------------------------------------------------------------------------------------------- */

static torsh_status infer_like(torsh__call *c)
{
    const torsh__tensor *t = c->input[0];
    c->device = t->view.device;
    c->compute = torsh__dtype_of(t);
    torsh__out_spec(c, 0, c->compute, t->view.ndim, t->view.sizes);
    return TORSH_OK;
}

static void clone_gradient(torsh__backward *b)
{
    b->result[0] = b->g[0];
}
static const torsh__impl impl_clone = {.infer = infer_like, .gradient = clone_gradient};

static torsh_status infer_into(torsh__call *c)
{
    torsh_status status = infer_like(c);
    if (status) return status;
    torsh__spec *spec = &c->spec[0];
    const torsh_operand *source = &c->input[1]->view, *target = &c->input[0]->view;
    if (torsh__broadcast(&spec->ndim, spec->sizes, source->ndim, source->sizes) &&
        torsh__same_sizes(spec->ndim, spec->sizes, target->ndim, target->sizes))
        return TORSH_OK;
    torsh__shape_text a, b;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: a source of shape %s doesn't broadcast to %s", torsh__call_name(c),
                       torsh__shape_print(&b, source->ndim, source->sizes), torsh__shape_print(&a, target->ndim, target->sizes));
}

static torsh_status infer_fill(torsh__call *c)
{
    if (c->input[1]->view.ndim != 0)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the value must be a 0-d tensor or a number; it has %d dimensions", torsh__call_name(c),
                           c->input[1]->view.ndim);
    return infer_into(c);
}

/* The old value's gradient is zero; the source gets it, reduced to its shape by the engine. */
static void copy_gradient(torsh__backward *b)
{
    if (torsh__needs(b, 0)) b->result[0] = torsh_zeros_like(b->g[0]);
    if (torsh__needs(b, 1)) b->result[1] = b->g[0];
}
static const torsh__impl impl_copy_ = {.infer = infer_into, .gradient = copy_gradient};
static const torsh__impl impl_fill_ = {.infer = infer_fill, .gradient = copy_gradient};

static void zero_gradient(torsh__backward *b)
{
    b->result[0] = torsh_zeros_like(b->g[0]);
}
static const torsh__impl impl_zero_ = {.infer = infer_like, .gradient = zero_gradient};

static torsh_status infer_to_dtype(torsh__call *c)
{
    torsh_status status = infer_like(c);
    c->compute = c->values[1].i == TORSH_DTYPE_DEFAULT ? torsh_default_dtype() : (torsh_dtype)c->values[1].i;
    c->spec[0].dtype = c->compute;
    return status;
}
static const torsh__impl impl_to_dtype = {.infer = infer_to_dtype, .gradient = clone_gradient};

static torsh_status infer_to_device(torsh__call *c)
{
    torsh_status status = infer_like(c);
    c->device = (torsh_device)c->values[1].i;
    return status ? status : torsh__device_check(c->device);
}
static const torsh__impl impl_to_device = {.infer = infer_to_device, .gradient = clone_gradient};

torsh_tensor torsh_contiguous(torsh_tensor input)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(input, "contiguous", "input", &status);
    if (!t) return torsh__tensor_error(status);
    bool contiguous = t->view.contiguous;
    torsh__unpin(input.id);
    return contiguous ? torsh_share(input) : torsh_clone(input);
}

#include "define_rows.h"

#include "creation.def"
