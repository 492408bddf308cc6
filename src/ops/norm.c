/* Layer and batch normalisation. Rows: table/norm.def.
 * Where a gradient is itself recorded (create_graph) it is made of public ops instead of the fused kernel, so that every
 * dependence on the input, through mean and deviation too, is on the tape. */
#include "dual.h"
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/norm.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "norm.def"
#include "declare_rows.h"

static torsh_status check_vector(const torsh__call *c, int i, int ndim, const int64_t *sizes)
{
    const torsh__tensor *t = c->input[i];
    if (!t || torsh__same_sizes(t->view.ndim, t->view.sizes, ndim, sizes)) return TORSH_OK;
    torsh__shape_text have, want;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s; it must be %s", torsh__call_name(c), c->op->info.params[i].name,
                       torsh__shape_print(&have, t->view.ndim, t->view.sizes), torsh__shape_print(&want, ndim, sizes));
}

static torsh_status begin(torsh__call *c, int input)
{
    torsh_status status = torsh__require_dtype(c, torsh__dtype_of(c->input[input]));
    if (status == TORSH_OK) status = torsh__infer_device(c);
    c->compute = torsh__dtype_of(c->input[input]);
    return status;
}

/* Statistics are kept in f32 for the 16-bit floats. */
static torsh_dtype statistics_dtype(torsh_dtype dtype)
{
    return dtype == TORSH_F64 ? TORSH_F64 : TORSH_F32;
}

/* ---- layer_norm ---------------------------------------------------------------------------------------------- */

torsh_tensor torsh_layer_norm(torsh_tensor input, const int64_t *normalized_shape, size_t count, torsh_tensor weight, torsh_tensor bias, double eps)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, "layer_norm", "input", &status);
    if (!t) return torsh__tensor_error(status);
    bool fits = normalized_shape && count > 0 && count <= (size_t)t->view.ndim &&
                memcmp(t->view.sizes + (t->view.ndim - (int)count), normalized_shape, count * sizeof *normalized_shape) == 0;
    if (!fits) {
        torsh__shape_text have, want;
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "layer_norm: normalized_shape %s must be the last dimensions of the input's shape %s",
                             torsh__shape_print(&want, normalized_shape && count <= TORSH__MAX_RANK ? (int)count : 0, normalized_shape),
                             torsh__shape_print(&have, t->view.ndim, t->view.sizes));
    }
    torsh__unpin(input.id);
    if (status) return torsh__tensor_error(status);
    torsh_triple r = torsh__layer_norm_forward(input, weight, bias, (int64_t)count, eps, true);
    torsh_release(r.second);
    torsh_release(r.third);
    return r.first;
}

static torsh_status infer_layer_norm(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dims = (int)c->values[3].i, outer = v->ndim - dims;
    torsh_status status = begin(c, 0);
    if (status == TORSH_OK && (dims < 1 || outer < 0))
        status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: %d dims of an input of %d", torsh__call_name(c), dims, v->ndim);
    if (status == TORSH_OK) status = check_vector(c, 1, dims, v->sizes + outer);
    if (status == TORSH_OK) status = check_vector(c, 2, dims, v->sizes + outer);
    if (status) return status;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    for (int i = 1; i < 3; i++) {
        torsh__spec *spec = torsh__out_spec(c, i, statistics_dtype(c->compute), v->ndim, v->sizes);
        for (int d = outer; d < v->ndim; d++) spec->sizes[d] = 1;
    }
    return TORSH_OK;
}

static torsh_status infer_layer_norm_backward(torsh__call *c)
{
    const torsh_operand *v = &c->input[1]->view;
    int dims = (int)c->values[5].i, outer = v->ndim - dims;
    torsh_status status = begin(c, 1);
    if (status == TORSH_OK && (dims < 1 || outer < 0))
        status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: %d dims of an input of %d", torsh__call_name(c), dims, v->ndim);
    if (status == TORSH_OK) status = check_vector(c, 0, v->ndim, v->sizes);
    if (status == TORSH_OK) status = check_vector(c, 2, dims, v->sizes + outer);
    if (status) return status;
    int64_t rows = 1;
    for (int d = 0; d < outer; d++) rows *= v->sizes[d];
    if (c->input[3]->view.numel != rows || c->input[4]->view.numel != rows)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'mean' and 'rstd' must have %lld elements", torsh__call_name(c), (long long)rows);
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__out_spec(c, 1, c->compute, dims, v->sizes + outer);
    torsh__out_spec(c, 2, c->compute, dims, v->sizes + outer);
    return TORSH_OK;
}

/* (x - mean) * rstd over `dims`, with all of its history. */
static torsh_tensor normalized(torsh_tensor x, const int64_t *dims, size_t count, double eps, bool centered, torsh_tensor *rstd)
{
    if (centered) x = torsh_sub(x, torsh_mean(x, dims, count, true));
    *rstd = torsh_rsqrt(torsh_add(torsh_mean(torsh_square(x), dims, count, true), torsh_number(eps)));
    return torsh_mul(x, *rstd);
}

/* dx = rstd (h - mean(h) - xhat mean(h xhat)) with h = g * weight; mean(h) came from x's own mean. */
static torsh_tensor input_gradient(torsh_tensor h, torsh_tensor xhat, torsh_tensor rstd, const int64_t *dims, size_t count, bool centered)
{
    torsh_tensor slope = torsh_mul(xhat, torsh_mean(torsh_mul(h, xhat), dims, count, true));
    if (centered) h = torsh_sub(h, torsh_mean(h, dims, count, true));
    return torsh_mul(rstd, torsh_sub(h, slope));
}

static void narrow_results(torsh__backward *b, torsh_dtype dtype)
{
    for (int i = 0; i < 3; i++)
        if (torsh__needs(b, i)) b->result[i] = torsh__narrowed(b->result[i], dtype);
}

static void layer_norm_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0], x = torsh__saved_input(b, 0), weight = torsh__saved_input(b, 1);
    const torsh_value *v = b->node->values;
    if (!g.id) return; /* only the statistics were used: they carry no gradient */
    if (!torsh__is_differentiating()) {
        torsh_triple r = torsh__layer_norm_backward(g, x, weight, torsh__saved_output(b, 1), torsh__saved_output(b, 2), v[3].i, v[5].i != 0);
        for (int i = 0; i < 3; i++)
            if (torsh__needs(b, i)) b->result[i] = i == 0 ? r.first : i == 1 ? r.second : r.third;
        return;
    }
    torsh_dtype own = torsh_dtype_of(x); /* squares of f16 overflow */
    g = torsh__widened(g), x = torsh__widened(x), weight = torsh__widened(weight);
    int64_t dims[TORSH__MAX_RANK], before[TORSH__MAX_RANK];
    int ndim = torsh_ndim(x), count = (int)v[3].i, outer = ndim - count;
    for (int d = 0; d < count; d++) dims[d] = outer + d;
    for (int d = 0; d < outer; d++) before[d] = d;
    torsh_tensor rstd, xhat = normalized(x, dims, (size_t)count, v[4].f, v[5].i != 0, &rstd);
    if (torsh__needs(b, 0)) b->result[0] = input_gradient(weight.id ? torsh_mul(g, weight) : g, xhat, rstd, dims, (size_t)count, v[5].i != 0);
    torsh_tensor gx = torsh_mul(g, xhat);
    if (torsh__needs(b, 1)) b->result[1] = outer ? torsh_sum(gx, before, (size_t)outer, false) : gx;
    if (torsh__needs(b, 2)) b->result[2] = outer ? torsh_sum(g, before, (size_t)outer, false) : g;
    narrow_results(b, own);
}
static const torsh__impl impl_layer_norm_forward = {
    .infer = infer_layer_norm,
    .gradient = layer_norm_gradient,
    .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(1) | TORSH__SAVE_OUT(2),
    .batch = TORSH__BATCH_FIRST,
};
static const torsh__impl impl_layer_norm_backward = {.infer = infer_layer_norm_backward, .flags = TORSH__CONSTANT};

/* ---- batch_norm ---------------------------------------------------------------------------------------------- */

static torsh_status check_channels(const torsh__call *c, int input, int first, int last)
{
    const torsh_operand *v = &c->input[input]->view;
    if (v->ndim < 2) return torsh__require_rank(c, input, 2, TORSH__MAX_RANK);
    for (int i = first; i <= last; i++) {
        torsh_status status = check_vector(c, i, 1, &v->sizes[1]);
        if (status) return status;
    }
    return TORSH_OK;
}

static torsh_status infer_batch_norm(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = begin(c, 0);
    if (status == TORSH_OK) status = check_channels(c, 0, 1, 4);
    if (status) return status;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__out_spec(c, 1, statistics_dtype(c->compute), 1, &v->sizes[1]);
    torsh__out_spec(c, 2, statistics_dtype(c->compute), 1, &v->sizes[1]);
    return TORSH_OK;
}

static torsh_status infer_batch_norm_backward(torsh__call *c)
{
    const torsh_operand *v = &c->input[1]->view;
    torsh_status status = begin(c, 1);
    if (status == TORSH_OK) status = check_channels(c, 1, 2, 4);
    if (status == TORSH_OK) status = check_vector(c, 0, v->ndim, v->sizes);
    if (status) return status;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__out_spec(c, 1, c->compute, 1, &v->sizes[1]);
    torsh__out_spec(c, 2, c->compute, 1, &v->sizes[1]);
    return TORSH_OK;
}

/* A (C) vector as (1, C, 1, ...) beside an input of `ndim` dims. */
static torsh_tensor along_channels(torsh_tensor t, int ndim)
{
    int64_t shape[TORSH__MAX_RANK];
    for (int d = 0; d < ndim; d++) shape[d] = d == 1 ? -1 : 1;
    return t.id ? torsh_view(t, shape, (size_t)ndim) : t;
}

static void batch_norm_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0], x = torsh__saved_input(b, 0), weight = torsh__saved_input(b, 1), mean = torsh__saved_input(b, 3);
    double eps = b->node->values[5].f;
    if (!g.id) return;
    if (!torsh__is_differentiating()) {
        torsh_triple r = torsh__batch_norm_backward(g, x, weight, torsh__saved_output(b, 1), torsh__saved_output(b, 2), !mean.id, eps);
        for (int i = 0; i < 3; i++)
            if (torsh__needs(b, i)) b->result[i] = i == 0 ? r.first : i == 1 ? r.second : r.third;
        return;
    }
    torsh_dtype own = torsh_dtype_of(x);
    g = torsh__widened(g), x = torsh__widened(x), weight = torsh__widened(weight), mean = torsh__widened(mean);
    int64_t dims[TORSH__MAX_RANK];
    int ndim = torsh_ndim(x);
    size_t count = 0;
    for (int d = 0; d < ndim; d++)
        if (d != 1) dims[count++] = d;
    torsh_tensor rstd, xhat, h = weight.id ? torsh_mul(g, along_channels(weight, ndim)) : g;
    if (mean.id) {
        rstd = torsh_rsqrt(torsh_add(along_channels(torsh__widened(torsh__saved_input(b, 4)), ndim), torsh_number(eps)));
        xhat = torsh_mul(torsh_sub(x, along_channels(mean, ndim)), rstd);
    } else {
        xhat = normalized(x, dims, count, eps, true, &rstd);
    }
    if (torsh__needs(b, 0)) b->result[0] = mean.id ? torsh_mul(h, rstd) : input_gradient(h, xhat, rstd, dims, count, true);
    if (torsh__needs(b, 1)) b->result[1] = torsh_sum(torsh_mul(g, xhat), dims, count, false);
    if (torsh__needs(b, 2)) b->result[2] = torsh_sum(g, dims, count, false);
    narrow_results(b, own);
}
static const torsh__impl impl_batch_norm_forward = {
    .infer = infer_batch_norm,
    .gradient = batch_norm_gradient,
    .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) | TORSH__SAVE_IN(3) | TORSH__SAVE_IN(4) | TORSH__SAVE_OUT(1) | TORSH__SAVE_OUT(2),
};
static const torsh__impl impl_batch_norm_backward = {.infer = infer_batch_norm_backward, .flags = TORSH__CONSTANT};

/* running = (1 - momentum) running + momentum * new, the variance unbiased. */
static torsh_status update_running(torsh_tensor running_mean, torsh_tensor running_var, torsh_triple r, double count, double momentum)
{
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return TORSH_OUT_OF_MEMORY;
    torsh__constant_mode();
    torsh_tensor keep = torsh_number(1 - momentum), done = {0};
    if (running_mean.id) done = torsh_add_(torsh_mul_(running_mean, keep), torsh_mul(r.second, torsh_number(momentum)));
    if (running_mean.id && TORSH_FAILED(done)) return torsh_id_status(done.id);
    if (!running_var.id) return TORSH_OK;
    done = torsh_add_(torsh_mul_(running_var, keep), torsh_mul(r.third, torsh_number(momentum * count / (count - 1))));
    return torsh_id_status(done.id);
}

/* Checks, normalises, and updates the running statistics. An error stands in `first`, and the other two are null. */
static torsh_triple batch_norm(const char *name, torsh_tensor input, torsh_tensor running_mean, torsh_tensor running_var, torsh_tensor weight,
                               torsh_tensor bias, bool training, double momentum, double eps)
{
    torsh_status status = TORSH_OK;
    torsh_triple r = {{0}, {0}, {0}};
    torsh__tensor *t = torsh__tensor_look(input, name, "input", &status);
    if (!t) return (torsh_triple){torsh__tensor_error(status), {0}, {0}};
    double count = t->view.ndim > 1 && t->view.sizes[1] > 0 ? (double)(t->view.numel / t->view.sizes[1]) : 0;
    torsh__shape_text text;
    torsh__shape_print(&text, t->view.ndim, t->view.sizes);
    torsh__unpin(input.id);
    if (training && count == 1)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: training needs more than one value per channel; the input is %s", name, text.text);
    else if (!training && (!running_mean.id || !running_var.id))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: running_mean and running_var are needed when not training", name);
    if (status) return (torsh_triple){torsh__tensor_error(status), {0}, {0}};
    torsh_tensor none = {0};
    r = torsh__batch_norm_forward(input, weight, bias, training ? none : running_mean, training ? none : running_var, eps);
    if (!TORSH_FAILED(r.first) && training) status = update_running(running_mean, running_var, r, count, momentum);
    if (status == TORSH_OK) return r;
    torsh_release(r.first), torsh_release(r.second), torsh_release(r.third);
    return (torsh_triple){torsh__tensor_error(status), {0}, {0}};
}

torsh_tensor torsh_batch_norm(torsh_tensor input, torsh_tensor running_mean, torsh_tensor running_var, torsh_tensor weight, torsh_tensor bias,
                              bool training, double momentum, double eps)
{
    if (torsh_ndim(input) == 1 && torsh_numel(input) == 0) return torsh_clone(input); /* as PyTorch does */
    torsh_triple r = batch_norm("batch_norm", input, running_mean, running_var, weight, bias, training, momentum, eps);
    torsh_release(r.second);
    torsh_release(r.third);
    return r.first;
}

/* The mean and the reciprocal deviation; of no elements where they were given. */
static torsh_triple compose_native_batch_norm(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, torsh_tensor running_mean, torsh_tensor running_var,
                                              bool training, double momentum, double eps)
{
    torsh_triple r = batch_norm("native_batch_norm", input, running_mean, running_var, weight, bias, training, momentum, eps);
    if (TORSH_FAILED(r.first)) return (torsh_triple){r.first, r.first, r.first};
    torsh_dtype dtype = torsh_dtype_of(input);
    torsh_device device = torsh_device_of(input);
    int64_t zero = 0;
    if (!training) return (torsh_triple){r.first, torsh_zeros(&zero, 1, dtype, device), torsh_zeros(&zero, 1, dtype, device)};
    torsh_tensor rstd = torsh_rsqrt(torsh_add(r.third, torsh_number(eps)));
    return (torsh_triple){r.first, torsh__narrowed(r.second, dtype), torsh__narrowed(rstd, dtype)};
}

#include "define_rows.h"

#include "norm.def"
