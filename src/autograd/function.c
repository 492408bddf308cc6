/* Custom functions: a forward and a backward of the user's as one node of the tape. */
#include "alloc.h"
#include "dual.h"
#include "list.h"
#include "tape.h"

#include <torsh/autograd.h>
#include <torsh/ops/copy.h>

#include <string.h>

enum { PLAIN = 0 }; /* what a saved tensor is that is no output: as an input, given back as it is */

/* What the node keeps. */
typedef struct record {
    torsh__custom custom;
    torsh_autograd_function function;
    void *user;
    bool materialize;
} record;

/* One call of forward, or of backward (then node is set). */
struct torsh_function_context {
    record *record;
    const torsh__backward *backward;
    torsh__tensor **inputs; /* held; NULL for null handles */
    size_t input_count;
    bool tracking;        /* a node will be made */
    torsh__tensor **kept; /* held, by torsh_function_save */
    size_t kept_count, kept_capacity;
    uint64_t plain, dirty; /* outputs without gradient, inputs changed in place */
};

/* ---- what the user's functions call --------------------------------------------------------------------------------- */

void *torsh_function_user(const torsh_function_context *context)
{
    return context ? context->record->user : NULL;
}

bool torsh_function_needs(const torsh_function_context *context, size_t input)
{
    if (!context || input >= context->input_count) return false;
    if (context->backward) return torsh__needs(context->backward, (int)input);
    return context->tracking && context->inputs[input] && torsh__tracks(context->inputs[input]);
}

static torsh_status need_forward(const torsh_function_context *context, const char *what)
{
    if (context && !context->backward) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: must be called in a custom function's forward, with its context", what);
}

static bool reserve(torsh_function_context *c, size_t more)
{
    if (c->kept_count + more <= c->kept_capacity) return true;
    size_t capacity = (c->kept_count + more) * 2;
    torsh__tensor **kept = torsh__alloc(capacity * sizeof(torsh__tensor *));
    if (!kept) return false;
    if (c->kept_count) memcpy(kept, c->kept, c->kept_count * sizeof(torsh__tensor *));
    torsh__free(c->kept, c->kept_capacity * sizeof(torsh__tensor *));
    c->kept = kept;
    c->kept_capacity = capacity;
    return true;
}

torsh_status torsh_function_save(torsh_function_context *context, const torsh_tensor *tensors, size_t count)
{
    torsh_status status = need_forward(context, "function_save");
    if (status == TORSH_OK && count && !tensors) status = torsh__fail(TORSH_INVALID_ARGUMENT, "function_save: argument 'tensors' is NULL");
    if (status == TORSH_OK && count > UINT16_MAX - context->kept_count) status = torsh__fail(TORSH_OUT_OF_RANGE, "function_save: too many tensors");
    if (status == TORSH_OK && !reserve(context, count)) status = TORSH_OUT_OF_MEMORY;
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        torsh__tensor *t = torsh__tensor_hold(tensors[i], "function_save", "tensors", &status);
        if (t) context->kept[context->kept_count++] = t;
    }
    return status;
}

torsh_tensor torsh_function_saved(const torsh_function_context *context, size_t index)
{
    const torsh__node *node = context && context->backward ? context->backward->node : NULL;
    if (node && index < node->saved_count) return torsh__unpack(context->backward, &node->saved[index]);
    if (!node) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "function_saved: must be called in a custom function's backward"));
    return torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "function_saved: index %zu, but %d tensors were saved", index, node->saved_count));
}

torsh_status torsh_function_mark_non_differentiable(torsh_function_context *context, size_t output)
{
    torsh_status status = need_forward(context, "function_mark_non_differentiable");
    if (status == TORSH_OK && output >= context->record->function.output_count)
        status = torsh__fail(TORSH_OUT_OF_RANGE, "function_mark_non_differentiable: there is no output %zu", output);
    if (status == TORSH_OK) context->plain |= (uint64_t)1 << output;
    return status;
}

torsh_status torsh_function_mark_dirty(torsh_function_context *context, size_t input)
{
    torsh_status status = need_forward(context, "function_mark_dirty");
    if (status == TORSH_OK && (input >= context->input_count || input >= 64))
        status = torsh__fail(TORSH_OUT_OF_RANGE, "function_mark_dirty: input %zu is not among the first 64 inputs", input);
    if (status == TORSH_OK) context->dirty |= (uint64_t)1 << input;
    return status;
}

torsh_status torsh_function_set_materialize_grads(torsh_function_context *context, bool materialize)
{
    torsh_status status = need_forward(context, "function_set_materialize_grads");
    if (status == TORSH_OK) context->record->materialize = materialize;
    return status;
}

/* ---- the node -------------------------------------------------------------------------------------------------------- */

static torsh_status run_backward(void *record_pointer, const torsh__backward *b)
{
    record *r = record_pointer;
    const torsh__node *node = b->node;
    torsh_tensor inline_g[8] = {{0}}, *g = inline_g;
    size_t count = r->function.output_count;
    if (count > 8 && !(g = torsh__alloc(count * sizeof *g))) return TORSH_OUT_OF_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const torsh__meta *meta = &node->outputs_meta[i];
        g[i] = b->g[i];
        if (!g[i].id && r->materialize) g[i] = torsh_zeros(meta->sizes, (size_t)meta->ndim, meta->dtype, meta->device);
    }
    torsh_function_context context = {.record = r, .backward = b, .input_count = node->inputs};
    torsh_status status = r->function.backward(&context, g, b->result);
    if (g != inline_g) torsh__free(g, count * sizeof *g);
    return status;
}

static void end_record(void *record_pointer)
{
    record *r = record_pointer;
    if (r->function.destroy) r->function.destroy(r->user);
    torsh__free(r, sizeof *r);
}

static bool is_differentiable(const torsh__tensor *t)
{
    return torsh__dtypes[t->view.dtype].category >= TORSH__FLOATING;
}

/* Makes output i of the node: an input that comes back unchanged is an alias from now on, a changed one gets a new history. */
static torsh_status attach_output(torsh_function_context *c, torsh__node *node, size_t i, torsh__tensor **output)
{
    torsh__tensor *t = *output;
    bool plain = (c->plain >> i & 1) || !is_differentiable(t);
    for (size_t k = 0; k < c->input_count; k++) {
        if (c->inputs[k] != t) continue;
        if (k < 64 && c->dirty >> k & 1) return plain ? TORSH_OK : torsh__view_rebase(t, node);
        t = torsh__tensor_alias(t);
        if (!t) return TORSH_OUT_OF_MEMORY;
        torsh__tensor_drop(*output);
        *output = t;
    }
    if (!plain) torsh__node_attach(node, (int)i, t);
    return TORSH_OK;
}

static torsh_status save_all(torsh_function_context *c, torsh__node *node, torsh__tensor *const *outputs)
{
    torsh_status status = TORSH_OK;
    size_t count = c->record->function.output_count;
    for (size_t i = 0; i < c->kept_count && status == TORSH_OK; i++) {
        torsh__tensor *t = c->kept[i];
        size_t output = 0;
        while (output < count && outputs[output] != t) output++;
        bool is_output = output < count && is_differentiable(t) && !(c->plain >> output & 1);
        c->kept[i] = NULL;
        if (is_output) {
            torsh__tensor *alias = torsh__tensor_alias(t); /* the output itself would be a cycle */
            torsh__tensor_drop(t);
            t = alias;
        }
        status = torsh__save(&node->saved[i], t, is_output ? TORSH__SAVED_OUTPUT + (uint32_t)output : PLAIN, 0);
    }
    return status;
}

/* The record becomes the node's. */
static torsh_status record_call(torsh_function_context *c, torsh__tensor **outputs)
{
    size_t count = c->record->function.output_count, extra = 0;
    for (size_t i = 0; i < count; i++) extra += (size_t)outputs[i]->view.ndim * sizeof(int64_t);
    torsh__node *node = torsh__node_make((int)c->input_count, (int)count, (int)c->kept_count, 0, extra);
    if (!node) return TORSH_OUT_OF_MEMORY;
    int64_t *room = (int64_t *)(void *)((char *)node + node->block - extra);
    for (size_t i = 0; i < count; i++) room = torsh__node_describe(node, (int)i, outputs[i], room);
    node->custom = &c->record->custom;
    node->context = c->record;
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < c->input_count; i++)
        if (c->inputs[i] && is_differentiable(c->inputs[i])) torsh__node_connect(node, (int)i, c->inputs[i]);
    status = save_all(c, node, outputs);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) status = attach_output(c, node, i, &outputs[i]);
    c->record = NULL;
    torsh__drop(&node->object);
    return status;
}

/* ---- one call ---------------------------------------------------------------------------------------------------------- */

/* Before an input was changed in place. */
static torsh_status check_dirty(const torsh_function_context *c)
{
    for (size_t i = 0; i < c->input_count && i < 64; i++) {
        const torsh__tensor *t = c->inputs[i];
        if (!(c->dirty >> i & 1) || !t) continue;
        torsh_status status = torsh__view_check_in_place(t, c->record->function.name);
        if (status) return status;
        if (t->requires_grad && !t->grad_fn)
            return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: a leaf tensor that requires a gradient can't be changed in place", c->record->function.name);
        if (t->base && c->record->function.output_count > 1)
            return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: a function with several outputs can't change a view in place", c->record->function.name);
    }
    return TORSH_OK;
}

/* Runs forward without recording; outputs become references. */
static torsh_status run_forward(torsh_function_context *c, const torsh_tensor *inputs, torsh_tensor *handles, torsh__tensor **outputs)
{
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return TORSH_OUT_OF_MEMORY;
    torsh__thread_get()->modes.grad = false;
    const torsh_autograd_function *f = &c->record->function;
    torsh_status status = f->forward(c, inputs, c->input_count, handles);
    for (size_t i = 0; i < f->output_count && status == TORSH_OK; i++) outputs[i] = torsh__tensor_hold(handles[i], f->name, "output", &status);
    return status;
}

static torsh_status hold_inputs(torsh_function_context *c, const torsh_tensor *inputs)
{
    torsh_status status = TORSH_OK;
    bool recording = torsh__thread_get()->modes.grad;
    for (size_t i = 0; i < c->input_count && status == TORSH_OK; i++) {
        if (!inputs[i].id) continue;
        torsh__tensor *t = c->inputs[i] = torsh__tensor_hold(inputs[i], c->record->function.name, "inputs", &status);
        if (!t || !recording) continue;
        status = torsh__view_refresh(t);
        c->tracking = c->tracking || (torsh__tracks(t) && is_differentiable(t));
    }
    return status;
}

static torsh_tensors call(torsh_function_context *c, const torsh_tensor *inputs)
{
    size_t count = c->record->function.output_count, bytes = (c->input_count + 2 * count) * sizeof(torsh__tensor *);
    torsh__tensor **held = torsh__alloc_zero(bytes);
    if (!held) return (torsh_tensors){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    torsh__tensor **outputs = held + c->input_count;
    c->inputs = held;
    torsh_status status = hold_inputs(c, inputs);
    if (status == TORSH_OK && torsh__dual_at(c->inputs, (int)c->input_count))
        status = torsh__fail(TORSH_UNSUPPORTED, "%s: a custom function has no tangent: it can't be called with a dual tensor", c->record->function.name);
    if (status == TORSH_OK) status = run_forward(c, inputs, (torsh_tensor *)(void *)(outputs + count), outputs);
    if (status == TORSH_OK && c->tracking) status = check_dirty(c);
    if (status == TORSH_OK && c->tracking) status = record_call(c, outputs);
    torsh_tensors result = status ? (torsh_tensors){torsh__error_id(status)} : torsh__list_give(outputs, count);
    for (size_t i = 0; i < c->input_count + count; i++)
        if (held[i]) torsh__tensor_drop(held[i]);
    torsh__free(held, bytes);
    return result;
}

torsh_tensors torsh_autograd_apply(const torsh_autograd_function *function, void *user, const torsh_tensor *inputs, size_t input_count)
{
    torsh_status status = TORSH_OK;
    if (!function || !function->forward || !function->backward || !function->name || function->output_count < 1 || function->output_count > 64)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "autograd_apply: the function needs a name, forward, backward and 1 to 64 outputs");
    else if ((input_count && !inputs) || input_count > UINT16_MAX)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "autograd_apply: inputs is NULL, or there are too many");
    record *r = status ? NULL : torsh__alloc(sizeof *r);
    if (!r) {
        if (function && function->destroy) function->destroy(user);
        return (torsh_tensors){torsh__error_id(status ? status : TORSH_OUT_OF_MEMORY)};
    }
    *r = (record){.custom = {function->name, run_backward, end_record, NULL}, .function = *function, .user = user, .materialize = true};
    torsh_function_context context = {.record = r, .input_count = input_count};
    torsh_tensors result = call(&context, inputs);
    for (size_t i = 0; i < context.kept_count; i++)
        if (context.kept[i]) torsh__tensor_drop(context.kept[i]);
    torsh__free(context.kept, context.kept_capacity * sizeof(torsh__tensor *));
    if (context.record) end_record(context.record);
    return result;
}

torsh_tensor torsh_autograd_apply_one(const torsh_autograd_function *function, void *user, const torsh_tensor *inputs, size_t input_count)
{
    torsh_tensors list = torsh_autograd_apply(function, user, inputs, input_count);
    if (torsh__is_error(list.id)) return (torsh_tensor){list.id};
    torsh_tensor result = torsh_tensors_get(list, 0);
    torsh_release(list);
    return result;
}
