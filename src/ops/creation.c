/* Makers, copies and conversions. Rows: table/creation.def. */
#include "batched.h"
#include "gradient.h"
#include "make.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "creation.def"
#include "declare_rows.h"
#define TABLE "part.def"
#include "declare_rows.h"

#define INTS(c, i) ((const int64_t *)(c)->values[i].list.data)
#define COUNT(c, i) ((c)->values[i].list.count)

torsh_status torsh__infer_make(torsh__call *c, int64_t ndim, const int64_t *sizes, torsh_dtype usual)
{
    const torsh_op_info *info = &c->op->info;
    int64_t numel;
    torsh_dtype dtype = TORSH_DTYPE_DEFAULT;
    for (int i = 0; i < info->param_count; i++) {
        if (info->params[i].kind == TORSH_PARAM_DTYPE) dtype = (torsh_dtype)c->values[i].i;
        if (info->params[i].kind == TORSH_PARAM_DEVICE) c->device = (torsh_device)c->values[i].i;
    }
    if (dtype == TORSH_DTYPE_DEFAULT) dtype = c->given_out ? torsh__dtype_of(c->output[0]) : usual;
    c->compute = dtype;
    torsh_status status = torsh__require_dtype(c, dtype);
    if (status == TORSH_OK) status = torsh__device_check(c->device);
    if (status == TORSH_OK) status = torsh__numel(info->name, sizes, ndim, torsh__dtypes[dtype].size, &numel);
    if (status == TORSH_OK) torsh__out_spec(c, 0, dtype, (int)ndim, sizes);
    return status;
}

/* Makers of a shape that is their first param. */
static torsh_status infer_maker(torsh__call *c)
{
    return torsh__infer_make(c, COUNT(c, 0) > INT32_MAX ? -1 : (int64_t)COUNT(c, 0), INTS(c, 0), torsh_default_dtype());
}
static const torsh__impl impl_zeros = {.infer = infer_maker, .flags = TORSH__CONSTANT};
static const torsh__impl impl_ones = {.infer = infer_maker, .flags = TORSH__CONSTANT};
static const torsh__impl impl_empty = {.infer = infer_maker, .flags = TORSH__CONSTANT | TORSH__UNJUDGED};
static const torsh__impl impl_full = {.infer = infer_maker, .flags = TORSH__CONSTANT};

/* ---- sequences and matrices ---------------------------------------------------------------------------------- */

/* ceil((end - start) / step) in f64, whatever the dtype; integers then count from start by step, both cut (ATen/native/RangeUtils.h). */
static torsh_status infer_arange(torsh__call *c)
{
    double start = c->values[0].f, end = c->values[1].f, step = c->values[2].f, count;
    if (!isfinite(start) || !isfinite(end) || !(step != 0) || isnan(step))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "arange: needs finite bounds and a step that is not 0; got start %g, end %g, step %g", start, end, step);
    if ((step > 0) != (end >= start) && start != end)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "arange: the step %g leads from %g away from %g", step, start, end);
    count = ceil((end - start) / step);
    if (count >= 0x1p62) return torsh__fail(TORSH_OUT_OF_RANGE, "arange: %g elements are too many", count);
    return torsh__infer_make(c, 1, &(int64_t){count > 0 ? (int64_t)count : 0}, torsh_default_dtype());
}
static const torsh__impl impl_arange = {.infer = infer_arange, .flags = TORSH__CONSTANT};

static torsh_status infer_spaced(torsh__call *c)
{
    if (c->values[2].i < 0)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: the number of steps must not be negative; it is %lld", torsh__call_name(c), (long long)c->values[2].i);
    return torsh__infer_make(c, 1, &c->values[2].i, torsh_default_dtype());
}
static const torsh__impl impl_linspace = {.infer = infer_spaced, .flags = TORSH__CONSTANT};
static const torsh__impl impl_logspace = {.infer = infer_spaced, .flags = TORSH__CONSTANT};

static torsh_status infer_eye(torsh__call *c)
{
    if (c->values[0].i < 0 || c->values[1].i < 0)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: n and m must not be negative; they are %lld and %lld", torsh__call_name(c), (long long)c->values[0].i,
                           (long long)c->values[1].i);
    return torsh__infer_make(c, 2, (const int64_t[]){c->values[0].i, c->values[1].i}, torsh_default_dtype());
}
static const torsh__impl impl_eye = {.infer = infer_eye, .flags = TORSH__CONSTANT};

static torsh_status infer_triangle(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__require_rank(c, 0, 2, TORSH__MAX_RANK);
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return status;
}

static void tril_gradient(torsh__backward *b)
{
    b->result[0] = torsh_tril(b->g[0], b->node->values[1].i);
}
static const torsh__impl impl_tril = {.infer = infer_triangle, .gradient = tril_gradient, .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

static void triu_gradient(torsh__backward *b)
{
    b->result[0] = torsh_triu(b->g[0], b->node->values[1].i);
}
static const torsh__impl impl_triu = {.infer = infer_triangle, .gradient = triu_gradient, .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

torsh_tensor torsh_diag(torsh_tensor input, int64_t diagonal)
{
    int ndim = torsh_ndim(input);
    if (ndim < 0) return torsh_clone(input); /* says what is wrong */
    if (ndim == 2) {
        torsh_tensor view = torsh_diagonal(input, diagonal, 0, 1), result = torsh_clone(view);
        torsh_release(view);
        return result;
    }
    if (ndim != 1) return torsh__tensor_error(torsh__fail(TORSH_SHAPE_MISMATCH, "diag: takes 1 or 2 dimensions; input is %s", torsh_shape_text(input)));
    int64_t side = torsh_size(input, 0);
    if (diagonal < -INT32_MAX || diagonal > INT32_MAX)
        return torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "diag: diagonal %lld is too far from the main one", (long long)diagonal));
    side += diagonal < 0 ? -diagonal : diagonal;
    return torsh__diagonal_backward(input, TORSH_DIMS(side, side), diagonal, 0, 1);
}

/* Each 1-D tensor stretched over the grid of them all; "xy" swaps the first two dims. */
torsh_tensors torsh_meshgrid(const torsh_tensor *tensors, size_t count, const char *indexing)
{
    bool swap = indexing && strcmp(indexing, "xy") == 0 && count > 1;
    torsh_status status = TORSH_OK;
    if (!indexing || (strcmp(indexing, "ij") != 0 && strcmp(indexing, "xy") != 0))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "meshgrid: indexing must be \"ij\" or \"xy\"");
    else if (count == 0 || count > TORSH__MAX_RANK || !tensors)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "meshgrid: takes 1 to %d tensors; %zu were given", TORSH__MAX_RANK, count);
    if (status) return (torsh_tensors){torsh__error_id(status)};
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int64_t sizes[TORSH__MAX_RANK], flat[TORSH__MAX_RANK];
    torsh_tensor grids[TORSH__MAX_RANK];
    for (size_t i = 0; i < count; i++) {
        int ndim = torsh_ndim(tensors[i]);
        if (ndim > 1)
            return (torsh_tensors){torsh__error_id(torsh__fail(TORSH_SHAPE_MISMATCH, "meshgrid: takes 1-D tensors; one is %s", torsh_shape_text(tensors[i])))};
        size_t at = swap && i < 2 ? 1 - i : i;
        sizes[at] = ndim == 1 ? torsh_size(tensors[i], 0) : 1;
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = swap && i < 2 ? 1 - i : i;
        for (size_t d = 0; d < count; d++) flat[d] = d == at ? -1 : 1;
        grids[i] = torsh_expand(torsh_view(tensors[i], flat, count), sizes, count);
    }
    torsh_tensors list = torsh_tensors_make(grids, count);
    torsh_keep(list);
    return list;
}

/* ---- like another tensor ------------------------------------------------------------------------------------- */

/* Inside vmap: a fresh tensor of all samples. Its own handle goes. */
static torsh_tensor hidden_as(torsh_tensor fresh, const torsh__tensor *like)
{
    torsh_tensor result = torsh__hide(fresh, torsh__levels(like));
    torsh_release(fresh);
    return result;
}

torsh_tensor torsh_full_like(torsh_tensor input, double fill_value)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, "full_like", "input", &status);
    if (!t) return torsh__tensor_error(status);
    const torsh_operand *v = torsh__is_batched(t) ? &t->base->view : &t->view;
    torsh_tensor result = torsh_full(v->sizes, (size_t)v->ndim, fill_value, torsh__dtype_of(t), v->device);
    if (torsh__is_batched(t)) result = hidden_as(result, t);
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

torsh_tensor torsh__empty_as(const char *op, torsh_tensor input, torsh_dtype dtype)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, op, "input", &status);
    if (!t) return torsh__tensor_error(status);
    const torsh_operand *v = torsh__is_batched(t) ? &t->base->view : &t->view;
    torsh_tensor result = torsh_empty(v->sizes, (size_t)v->ndim, dtype == TORSH_DTYPE_DEFAULT ? torsh__dtype_of(t) : dtype, v->device);
    if (torsh__is_batched(t)) result = hidden_as(result, t);
    torsh__unpin(input.id);
    return result;
}

torsh_tensor torsh_empty_like(torsh_tensor input)
{
    return torsh__empty_as("empty_like", input, TORSH_DTYPE_DEFAULT);
}

/* What a fill value's dtype is where none is asked for: a number's is the default one of its kind. */
static torsh_dtype fill_dtype(torsh_tensor value, torsh_dtype dtype)
{
    torsh_dtype own = torsh_dtype_of(value);
    torsh_status status = TORSH_OK;
    const torsh__tensor *t = torsh__tensor_look(value, "full", "fill_value", &status);
    bool weak = t && t->weak;
    if (t) torsh__unpin(value.id);
    if (dtype != TORSH_DTYPE_DEFAULT) return dtype;
    if (!weak || torsh__dtypes[own].category < TORSH__FLOATING) return own;
    return torsh_dtype_is_complex(own) ? torsh__dtype_to_complex(torsh_default_dtype()) : torsh_default_dtype();
}

static torsh_tensor compose_full_value(const int64_t *size, size_t count, torsh_tensor fill_value, torsh_dtype dtype, torsh_device device)
{
    return torsh_fill_(torsh_empty(size, count, fill_dtype(fill_value, dtype), device), fill_value);
}

static torsh_tensor compose_empty_like_dtype(torsh_tensor input, torsh_dtype dtype)
{
    return torsh__empty_as("empty_like", input, dtype);
}

static torsh_tensor compose_full_like_value(torsh_tensor input, torsh_tensor fill_value, torsh_dtype dtype)
{
    return torsh_fill_(compose_empty_like_dtype(input, dtype), fill_value);
}

static torsh_tensor compose_zeros_like_dtype(torsh_tensor input, torsh_dtype dtype)
{
    return torsh_zero_(compose_empty_like_dtype(input, dtype));
}

static torsh_tensor compose_ones_like_dtype(torsh_tensor input, torsh_dtype dtype)
{
    return torsh_fill_(compose_empty_like_dtype(input, dtype), torsh_integer(1));
}

static torsh_tensor compose_to_copy(torsh_tensor input, torsh_dtype dtype, torsh_device device, bool copy)
{
    bool same = torsh_device_of(input) == device && (dtype == TORSH_DTYPE_DEFAULT || dtype == torsh_dtype_of(input));
    return copy && same ? torsh_clone(input) : torsh_to(input, dtype, device);
}

/* start to end in steps: from both ends to the middle, as the kernel of linspace does, in c128. */
static torsh_tensor complex_line(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_device device)
{
    start = torsh_to(start, TORSH_C128, device), end = torsh_to(end, TORSH_C128, device);
    torsh_tensor at = torsh_arange(0, (double)steps, 1, TORSH_F64, device), back = torsh_sub(torsh_number((double)(steps - 1)), at);
    torsh_tensor step = torsh_div(torsh_sub(end, start), torsh_number(steps > 1 ? (double)(steps - 1) : 1));
    torsh_tensor early = torsh_lt(at, torsh_number((double)(steps / 2 + (steps == 1))));
    return torsh_where(early, torsh_add(start, torsh_mul(step, at)), torsh_sub(end, torsh_mul(step, back)));
}

static torsh_status check_ends(const char *name, torsh_tensor start, torsh_tensor end, int64_t steps)
{
    if (steps < 0) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: steps must not be negative; it is %lld", name, (long long)steps);
    if (torsh_ndim(start) == 0 && torsh_ndim(end) == 0) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: start and end must be 0-d; they have %d and %d dimensions", name, torsh_ndim(start), torsh_ndim(end));
}

static torsh_tensor compose_linspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_dtype dtype, torsh_device device)
{
    double a = 0, b = 0;
    bool complex = torsh_dtype_is_complex(torsh_dtype_of(start)) || torsh_dtype_is_complex(torsh_dtype_of(end)) || (dtype != TORSH_DTYPE_DEFAULT && torsh_dtype_is_complex(dtype));
    torsh_status status = check_ends("linspace_value", start, end, steps);
    if (status) return torsh__tensor_error(status);
    if (complex) return torsh_to_dtype(complex_line(start, end, steps, device), dtype == TORSH_DTYPE_DEFAULT ? torsh__dtype_to_complex(torsh_default_dtype()) : dtype);
    status = torsh_item_f64(start, &a);
    if (status == TORSH_OK) status = torsh_item_f64(end, &b);
    return status ? torsh__tensor_error(status) : torsh_linspace(a, b, steps, dtype, device);
}

static torsh_tensor compose_range(double start, double end, double step, torsh_dtype dtype, torsh_device device)
{
    double last = floor((end - start) / step);
    if (!isfinite(last) || last < 0) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "range: needs finite bounds and a step that leads from start to end; got %g, %g, %g", start, end, step));
    return torsh_arange(start, start + (last + 0.5) * step, step, dtype, device);
}

static torsh_tensor compose_logspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, double base, torsh_dtype dtype, torsh_device device)
{
    double a = 0, b = 0;
    bool complex = torsh_dtype_is_complex(torsh_dtype_of(start)) || torsh_dtype_is_complex(torsh_dtype_of(end)) || (dtype != TORSH_DTYPE_DEFAULT && torsh_dtype_is_complex(dtype));
    torsh_status status = check_ends("logspace_value", start, end, steps);
    if (status) return torsh__tensor_error(status);
    if (complex)
        return torsh_to_dtype(torsh_pow(torsh_complex_number(base, 0), complex_line(start, end, steps, device)), dtype == TORSH_DTYPE_DEFAULT ? torsh__dtype_to_complex(torsh_default_dtype()) : dtype);
    status = torsh_item_f64(start, &a);
    if (status == TORSH_OK) status = torsh_item_f64(end, &b);
    return status ? torsh__tensor_error(status) : torsh_logspace(a, b, steps, base, dtype, device);
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
static const torsh__impl impl_clone = {.infer = infer_like, .gradient = clone_gradient, .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

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

/* From another device: converted there, moved, then copied as from this one. */
static torsh_status run_copy(torsh__call *c)
{
    const torsh__tensor *to = c->input[0];
    if (c->input[1]->view.device == to->view.device) return torsh__launch(c);
    torsh_tensor moved = torsh_to_device(torsh_to_dtype(torsh__tensor_share(c->input[1]), torsh__dtype_of(to)), to->view.device);
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), moved).id);
}
static const torsh__impl impl_copy_ = {.infer = infer_into, .run = run_copy, .gradient = copy_gradient, .batch = TORSH__BATCH_POINTWISE, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 1};
static const torsh__impl impl_fill_ = {.infer = infer_fill, .gradient = copy_gradient, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 1};

static void zero_gradient(torsh__backward *b)
{
    b->result[0] = torsh_zeros_like(b->g[0]);
}
static const torsh__impl impl_zero_ = {.infer = infer_like, .gradient = zero_gradient, .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

static torsh_status infer_convert(torsh__call *c)
{
    torsh_status status = infer_like(c);
    c->compute = (torsh_dtype)c->values[1].i;
    c->spec[0].dtype = c->compute;
    return status;
}
static const torsh__impl impl_convert = {.infer = infer_convert, .gradient = clone_gradient, .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

static torsh_status infer_transfer(torsh__call *c)
{
    torsh_status status = infer_like(c);
    c->device = (torsh_device)c->values[1].i;
    return status ? status : torsh__device_check(c->device);
}

/* Made dense where it lies, then moved as bytes. */
static torsh_status run_transfer(torsh__call *c)
{
    torsh_status status;
    torsh_tensor dense = torsh_contiguous(torsh__tensor_share(c->input[0]));
    const torsh__tensor *from = torsh__tensor_pin(dense, "to_device", "input", &status);
    if (!from) return status;
    const torsh_operand *to = &c->output[0]->view;
    size_t size = torsh__dtypes[to->dtype].size;
    status = torsh__device_copy(to->device, to->memory, (size_t)to->offset * size, from->view.device, from->view.memory,
                                (size_t)from->view.offset * size, (size_t)to->numel * size);
    torsh__unpin(dense.id);
    return status;
}
static const torsh__impl impl_transfer = {.infer = infer_transfer, .run = run_transfer, .gradient = clone_gradient, .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR};

/* input itself where nothing changes. */
torsh_tensor torsh_to(torsh_tensor input, torsh_dtype dtype, torsh_device device)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, "to", "input", &status);
    if (!t) return torsh__tensor_error(status);
    if (dtype == TORSH_DTYPE_DEFAULT) dtype = torsh__dtype_of(t);
    bool converts = dtype != torsh__dtype_of(t), moves = device != t->view.device;
    torsh__unpin(input.id);
    if (!torsh__dtype_valid((int)dtype))
        return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "to: argument 'dtype' is no dtype (%d)", (int)dtype));
    if (!converts && !moves) return torsh_share(input);
    if (!moves) return torsh__convert(input, dtype);
    if (!converts) return torsh__transfer(input, device);
    torsh_tensor moved = torsh__transfer(input, device), result = torsh__convert(moved, dtype);
    torsh_release(moved);
    return result;
}

torsh_tensor torsh_to_dtype(torsh_tensor input, torsh_dtype dtype)
{
    return torsh_to(input, dtype == TORSH_DTYPE_DEFAULT ? torsh_default_dtype() : dtype, torsh_device_of(input));
}

torsh_tensor torsh_to_device(torsh_tensor input, torsh_device device)
{
    return torsh_to(input, TORSH_DTYPE_DEFAULT, device);
}

torsh_tensor torsh_contiguous(torsh_tensor input)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, "contiguous", "input", &status);
    if (!t) return torsh__tensor_error(status);
    bool contiguous = t->view.contiguous;
    torsh__unpin(input.id);
    return contiguous ? torsh_share(input) : torsh_clone(input);
}

#include "define_rows.h"

#include "creation.def"
