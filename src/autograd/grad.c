/* The public side of autograd: modes, what a tensor knows of gradients, backward. */
#include "alloc.h"
#include "batched.h"
#include "engine.h"
#include "hooks.h"
#include "list.h"
#include "options.h"

#include <torsh/ops/copy.h>

/* ---- modes ------------------------------------------------------------------------------------------------------ */

torsh_scope torsh_set_grad_enabled(bool enabled)
{
    torsh_scope scope = torsh__scope_open(false);
    if (!torsh__is_error(scope.id)) torsh__thread_get()->modes.grad = enabled;
    return scope;
}

torsh_scope torsh_no_grad(void)
{
    return torsh_set_grad_enabled(false);
}

torsh_scope torsh_enable_grad(void)
{
    return torsh_set_grad_enabled(true);
}

bool torsh_is_grad_enabled(void)
{
    return torsh__thread_get()->modes.grad;
}

torsh_scope torsh_detect_anomaly(bool enabled)
{
    torsh_scope scope = torsh__scope_open(false);
    if (!torsh__is_error(scope.id)) torsh__thread_get()->modes.anomaly = enabled;
    return scope;
}

/* ---- what a tensor knows ---------------------------------------------------------------------------------------- */

/* What has the history of t: of a batched tensor the one with all samples. */
static torsh__tensor *historic(torsh__tensor *t)
{
    return torsh__is_batched(t) ? t->base : t;
}

bool torsh_requires_grad(torsh_tensor handle)
{
    torsh_status status;
    torsh__tensor *t = torsh__tensor_look(handle, "requires_grad", "t", &status);
    if (!t) return false;
    bool result = torsh__tracks(historic(t));
    torsh__unpin(handle.id);
    return result;
}

bool torsh_is_leaf(torsh_tensor handle)
{
    torsh_status status;
    torsh__tensor *t = torsh__tensor_look(handle, "is_leaf", "t", &status);
    if (!t) return false;
    t = historic(t);
    bool result = torsh__view_refresh(t) == TORSH_OK && !t->grad_fn;
    torsh__unpin(handle.id);
    return result;
}

torsh_status torsh_set_requires_grad(torsh_tensor handle, bool requires_grad)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(handle, "set_requires_grad", "t", &status);
    if (!t) return status;
    t = historic(t);
    if (requires_grad && torsh__dtypes[t->view.dtype].category < TORSH__FLOATING)
        status = torsh__fail(TORSH_DTYPE_MISMATCH, "set_requires_grad: only floating-point and complex tensors can require gradients; t is %s",
                             torsh_dtype_name(torsh__dtype_of(t)));
    else if (t->grad_fn)
        status = torsh__fail(TORSH_AUTOGRAD_ERROR, "set_requires_grad: t was computed, it is no leaf; take torsh_detach(t) for a tensor without history");
    else t->requires_grad = requires_grad;
    torsh__unpin(handle.id);
    return status;
}

torsh_tensor torsh_grad(torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(handle, "grad", "t", &status);
    if (!t) return torsh__tensor_error(status);
    void *owner = t->retained ? (void *)t->retained : (void *)t;
    torsh__grad_lock(owner);
    torsh__tensor *grad = t->retained ? t->retained->grad : t->grad;
    if (grad) torsh__tensor_retain(grad);
    torsh__grad_unlock(owner);
    torsh__unpin(handle.id);
    return grad ? torsh__tensor_give(grad) : (torsh_tensor){0};
}

static torsh_status check_grad(const torsh__tensor *t, const torsh__tensor *grad)
{
    torsh__shape_text a, b;
    if (t == grad) return torsh__fail(TORSH_INVALID_ARGUMENT, "set_grad: a tensor can't be its own gradient");
    if (t->view.dtype != grad->view.dtype)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "set_grad: the gradient is %s and the tensor %s; they must have the same dtype",
                           torsh_dtype_name(torsh__dtype_of(grad)), torsh_dtype_name(torsh__dtype_of(t)));
    if (t->view.device != grad->view.device) return torsh__fail(TORSH_DEVICE_MISMATCH, "set_grad: the gradient must be on the tensor's device");
    if (torsh__same_sizes(t->view.ndim, t->view.sizes, grad->view.ndim, grad->view.sizes)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "set_grad: the gradient is %s and the tensor %s; they must have the same shape",
                       torsh__shape_print(&a, grad->view.ndim, grad->view.sizes), torsh__shape_print(&b, t->view.ndim, t->view.sizes));
}

torsh_status torsh_set_grad(torsh_tensor handle, torsh_tensor grad)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(handle, "set_grad", "t", &status);
    if (!t) return status;
    torsh__tensor *fresh = grad.id ? torsh__tensor_hold(grad, "set_grad", "grad", &status) : NULL;
    if (fresh) status = check_grad(t, fresh);
    if (status == TORSH_OK) {
        void *owner = t->retained ? (void *)t->retained : (void *)t;
        torsh__grad_lock(owner);
        torsh__tensor **at = t->retained ? &t->retained->grad : &t->grad, *old = *at;
        *at = fresh;
        torsh__grad_unlock(owner);
        fresh = old;
    }
    torsh__unpin(handle.id);
    if (fresh) torsh__tensor_drop(fresh);
    return status;
}

torsh_status torsh_zero_grad(torsh_tensor t)
{
    return torsh_set_grad(t, (torsh_tensor){0});
}

torsh_status torsh_retain_grad(torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(handle, "retain_grad", "t", &status);
    if (!t) return status;
    status = torsh__view_refresh(t);
    if (status == TORSH_OK && !torsh__tracks(t)) status = torsh__fail(TORSH_AUTOGRAD_ERROR, "retain_grad: t doesn't require a gradient");
    if (status == TORSH_OK) status = torsh__retain_grad(t);
    torsh__unpin(handle.id);
    return status;
}

torsh_tensor torsh_detach(torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(handle, "detach", "t", &status);
    if (!t) return torsh__tensor_error(status);
    torsh__tensor *alias = torsh__tensor_alias(historic(t));
    if (alias && torsh__is_batched(t)) {
        torsh__tensor *all = alias;
        alias = torsh__batched_make(all, torsh__levels(t));
        torsh__tensor_drop(all);
    }
    torsh__unpin(handle.id);
    return torsh__tensor_give(alias);
}

torsh_tensor torsh_detach_(torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(handle, "detach_", "t", &status);
    if (!t) return torsh__tensor_error(status);
    if (t->base) status = torsh__fail(TORSH_AUTOGRAD_ERROR, "detach_: a view can't be detached in place; use torsh_detach");
    torsh__node *node = status ? NULL : t->grad_fn;
    if (status == TORSH_OK) {
        t->grad_fn = NULL;
        t->out_index = 0;
        t->requires_grad = false;
        torsh__tangents_free(t);
    }
    torsh__unpin(handle.id);
    if (node) torsh__drop(&node->object);
    return status ? torsh__tensor_error(status) : handle;
}

/* ---- backward --------------------------------------------------------------------------------------------------- */

/* The tensors of one call, held. */
typedef struct held {
    size_t outputs_count, inputs_count, bytes;
    torsh__tensor **outputs, **gradients, **inputs, **captured; /* of batched tensors those with all samples */
    uint32_t *levels;       /* by input: what is hidden of it */
    uint32_t output_levels; /* what is hidden of the outputs */
    bool batched;           /* batched tensors are taken */
} held;

static torsh_status held_init(held *h, size_t outputs, size_t inputs)
{
    *h = (held){.outputs_count = outputs, .inputs_count = inputs};
    if (outputs > 1u << 24 || inputs > 1u << 24) return torsh__fail(TORSH_OUT_OF_RANGE, "backward: too many tensors");
    h->bytes = 2 * (outputs + inputs) * sizeof(torsh__tensor *) + inputs * sizeof *h->levels;
    h->outputs = torsh__alloc_zero(h->bytes);
    if (!h->outputs) return TORSH_OUT_OF_MEMORY;
    h->gradients = h->outputs + outputs;
    h->inputs = h->gradients + outputs;
    h->captured = h->inputs + inputs;
    h->levels = (uint32_t *)(void *)(h->captured + inputs);
    return TORSH_OK;
}

static void held_end(held *h)
{
    if (!h->outputs) return; /* levels need no end */
    for (size_t i = 0; i < 2 * (h->outputs_count + h->inputs_count); i++)
        if (h->outputs[i]) torsh__tensor_drop(h->outputs[i]);
    torsh__free(h->outputs, h->bytes);
}

/* Holds t at *at. A batched tensor's samples have their own histories, which don't meet: its gradient is that of all of them at once. */
static torsh_status hold_one(const held *h, torsh__tensor **at, torsh_tensor t, const char *function, const char *argument, uint32_t *levels)
{
    torsh_status status = TORSH_OK;
    *levels = 0;
    *at = h->batched ? torsh__tensor_hold_any(t, function, argument, &status) : torsh__tensor_hold(t, function, argument, &status);
    if (!*at || !torsh__is_batched(*at)) return status;
    torsh__tensor *batched = *at;
    *levels = torsh__levels(batched);
    torsh__tensor_retain(*at = batched->base);
    status = torsh__batched_check(batched, function);
    torsh__tensor_drop(batched);
    return status;
}

/* The implicit gradient of a tensor with one element, not counting hidden dims. */
static torsh__tensor *one(const torsh__tensor *t, int hidden, const char *function, torsh_status *status)
{
    int64_t numel = 1;
    for (int d = hidden; d < t->view.ndim; d++) numel *= t->view.sizes[d];
    if (numel != 1) {
        torsh__shape_text text;
        *status = torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: without a given gradient the tensor must have one element; it is %s", function,
                              torsh__shape_print(&text, t->view.ndim - hidden, t->view.sizes + hidden));
        return NULL;
    }
    torsh_tensor ones = torsh_full(t->view.sizes, (size_t)t->view.ndim, 1, torsh__dtype_of(t), t->view.device);
    torsh__tensor *g = torsh__tensor_hold(ones, function, "gradient", status);
    torsh_release(ones);
    return g;
}

static torsh_status hold_output(held *h, size_t i, torsh_tensor output, torsh_tensor gradient, const char *function)
{
    uint32_t levels;
    torsh_status status = hold_one(h, &h->outputs[i], output, function, "tensors", &levels);
    if (status) return status;
    torsh__tensor *t = h->outputs[i];
    h->output_levels |= levels;
    if (levels && gradient.id) gradient = torsh__expose(gradient, levels);
    status = torsh__view_refresh(t);
    if (status) return status;
    if (!torsh__tracks(t))
        return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: tensor %zu doesn't require a gradient and wasn't computed from one that does", function, i);
    if (!gradient.id) h->gradients[i] = one(t, __builtin_popcount(levels), function, &status);
    else if (h->batched) h->gradients[i] = torsh__tensor_hold_any(gradient, function, "gradients", &status);
    else h->gradients[i] = torsh__tensor_hold(gradient, function, "gradients", &status);
    torsh__tensor *g = h->gradients[i];
    if (!g) return status;
    torsh__shape_text a, b;
    if (!torsh__same_sizes(t->view.ndim, t->view.sizes, g->view.ndim, g->view.sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: gradient %zu is %s and its tensor %s; they must have the same shape", function, i,
                           torsh__shape_print(&a, g->view.ndim, g->view.sizes), torsh__shape_print(&b, t->view.ndim, t->view.sizes));
    if (t->view.dtype != g->view.dtype)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: gradient %zu is %s and its tensor %s; they must have the same dtype", function, i,
                           torsh_dtype_name(torsh__dtype_of(g)), torsh_dtype_name(torsh__dtype_of(t)));
    if (t->view.device != g->view.device) return torsh__fail(TORSH_DEVICE_MISMATCH, "%s: gradient %zu is not on its tensor's device", function, i);
    return TORSH_OK;
}

static torsh_status hold_input(held *h, size_t i, torsh_tensor input, const char *function)
{
    torsh_status status = hold_one(h, &h->inputs[i], input, function, "inputs", &h->levels[i]);
    if (status) return status;
    torsh__tensor *t = h->inputs[i];
    status = torsh__view_refresh(t);
    if (status == TORSH_OK && !torsh__tracks(t)) status = torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: input %zu doesn't require a gradient", function, i);
    return status;
}

static torsh_status hold_all(held *h, const char *function, const torsh_tensor *outputs, const torsh_tensor *gradients, const torsh_tensor *inputs)
{
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < h->outputs_count && status == TORSH_OK; i++)
        status = hold_output(h, i, outputs[i], gradients ? gradients[i] : (torsh_tensor){0}, function);
    for (size_t i = 0; inputs && i < h->inputs_count && status == TORSH_OK; i++) status = hold_input(h, i, inputs[i], function);
    return status;
}

static torsh_status need_tensors(const char *function, const torsh_tensor *tensors, size_t count)
{
    if (count == 0 || !tensors) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: at least one tensor must be given", function);
    return TORSH_OK;
}

torsh_backward_options torsh_backward_defaults(void)
{
    return (torsh_backward_options){.size = sizeof(torsh_backward_options)};
}

torsh_status torsh_backward_with(const torsh_tensor *tensors, size_t count, const torsh_tensor *gradients, const torsh_backward_options *options)
{
    torsh_backward_options o = torsh_backward_defaults();
    torsh_status status = torsh__take_options("backward", &o, sizeof o, sizeof o, options);
    if (status == TORSH_OK) status = need_tensors("backward", tensors, count);
    if (status == TORSH_OK && o.input_count && !o.inputs) status = torsh__fail(TORSH_INVALID_ARGUMENT, "backward: inputs is NULL");
    if (status == TORSH_OK && o.inputs && !o.input_count)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "backward: inputs is empty; leave it NULL for all leaves");
    if (status) return status;
    held h;
    status = held_init(&h, count, o.input_count);
    if (status == TORSH_OK) status = hold_all(&h, "backward", tensors, gradients, o.inputs);
    for (size_t i = 0; i < o.input_count && status == TORSH_OK; i++) status = torsh__retain_grad(h.inputs[i]);
    torsh__request request = {.outputs = h.outputs, .gradients = h.gradients, .outputs_count = count, .inputs = h.inputs, .inputs_count = o.input_count,
                              .retain_graph = o.retain_graph || o.create_graph, .create_graph = o.create_graph};
    if (status == TORSH_OK) status = torsh__engine_run(&request);
    held_end(&h);
    return status;
}

torsh_status torsh_backward(torsh_tensor loss)
{
    return torsh_backward_with(&loss, 1, NULL, NULL);
}

torsh_grad_options torsh_grad_defaults(void)
{
    return (torsh_grad_options){.size = sizeof(torsh_grad_options)};
}

/* Hides the dims of the captured gradient that its batched input hides. */
static torsh_status hide_captured(held *h, size_t i)
{
    torsh_status status = TORSH_OK;
    if (h->captured[i] && h->output_levels & ~h->levels[i])
        return torsh__fail(TORSH_AUTOGRAD_ERROR, "autograd_grad: input %zu is one for all samples of a vmap, but what is to be differentiated differs by sample; "
                                                 "inside vmap take torsh_vjp, which differentiates by each sample's own input", i);
    if (!h->captured[i] || !h->levels[i]) return TORSH_OK;
    torsh__tensor *g = torsh__tensor_hold_any(torsh__hide(torsh__tensor_share(h->captured[i]), h->levels[i]), "autograd_grad", "inputs", &status);
    if (!g) return status;
    torsh__tensor_drop(h->captured[i]);
    h->captured[i] = g;
    return TORSH_OK;
}

/* The captured gradients as a list; unused ones are refused, zeros or null. */
static torsh_tensors captured_list(held *h, const torsh_grad_options *o)
{
    for (size_t i = 0; i < h->inputs_count; i++) {
        const torsh_operand *view = &h->inputs[i]->view;
        torsh_status status = hide_captured(h, i);
        if (status) return (torsh_tensors){torsh__error_id(status)};
        if (h->captured[i]) continue;
        if (!o->allow_unused && !o->materialize_grads)
            return (torsh_tensors){torsh__error_id(torsh__fail(
                TORSH_AUTOGRAD_ERROR, "autograd_grad: input %zu was not used for the outputs; set allow_unused if that is meant", i))};
        if (!o->materialize_grads) continue;
        torsh_tensor zeros = torsh_zeros(view->sizes, (size_t)view->ndim, (torsh_dtype)view->dtype, view->device);
        if (h->levels[i]) zeros = torsh__hide(zeros, h->levels[i]);
        h->captured[i] = torsh__tensor_hold_any(zeros, "autograd_grad", "inputs", &status);
        torsh_release(zeros);
        if (status) return (torsh_tensors){torsh__error_id(status)};
    }
    return torsh__list_give(h->captured, h->inputs_count);
}

torsh_tensors torsh_autograd_grad(const torsh_tensor *outputs, size_t output_count, const torsh_tensor *inputs, size_t input_count,
                                  const torsh_tensor *grad_outputs, const torsh_grad_options *options)
{
    torsh_grad_options o = torsh_grad_defaults();
    torsh_status status = torsh__take_options("autograd_grad", &o, sizeof o, sizeof o, options);
    if (status == TORSH_OK) status = need_tensors("autograd_grad", outputs, output_count);
    if (status == TORSH_OK && (!inputs || !input_count)) status = torsh__fail(TORSH_INVALID_ARGUMENT, "autograd_grad: at least one input must be given");
    if (status) return (torsh_tensors){torsh__error_id(status)};
    bool vmap = torsh__thread_get()->modes.vmap != NULL;
    TORSH_AUTO torsh_scope scope = vmap ? torsh__scope_open(true) : (torsh_scope){0};
    if (torsh__is_error(scope.id)) return (torsh_tensors){scope.id};
    held h;
    status = held_init(&h, output_count, input_count);
    h.batched = vmap;
    if (status == TORSH_OK) status = hold_all(&h, "autograd_grad", outputs, grad_outputs, inputs);
    torsh__request request = {.outputs = h.outputs, .gradients = h.gradients, .outputs_count = output_count, .inputs = h.inputs,
                              .inputs_count = input_count, .captured = h.captured,
                              .retain_graph = o.retain_graph || o.create_graph, .create_graph = o.create_graph};
    if (status == TORSH_OK) status = torsh__engine_run(&request);
    torsh_tensors result = status ? (torsh_tensors){torsh__error_id(status)} : captured_list(&h, &o);
    held_end(&h);
    if (vmap && !TORSH_FAILED(result)) torsh_keep(result);
    return result;
}
