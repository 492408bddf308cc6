/* The call path of every op: door -> infer -> launch -> record. */
#include "op.h"
#include "alloc.h"
#include "backends.h"
#include "batched.h"
#include "dual.h"
#include "generator.h"
#include "tape.h"

#include <stdio.h>
#include <string.h>

const char *torsh__call_name(const torsh__call *call)
{
    const char *speaker = torsh__thread_get()->speaker;
    return speaker ? speaker : call->op->info.name;
}

/* ---- launch -------------------------------------------------------------------------------------------------- */

/* The name of what an in-place call changes. */
static const char *changed_param(const torsh__op *op)
{
    int first = 0;
    while (op->info.params[first].kind != TORSH_PARAM_TENSOR) first++;
    return op->info.params[first].name;
}

static torsh_status require_given(const torsh__call *c, int i)
{
    const torsh__spec *spec = &c->spec[i];
    const torsh__tensor *t = c->output[i];
    const char *what = c->in_place ? "in place" : "out=";
    if (!torsh__same_sizes(spec->ndim, spec->sizes, t->view.ndim, t->view.sizes)) {
        torsh__shape_text have, want;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s (%s): the result's shape %s doesn't match that of '%s', %s", torsh__call_name(c), what,
                           torsh__shape_print(&want, spec->ndim, spec->sizes), c->in_place ? changed_param(c->op) : "out", torsh__shape_print(&have, t->view.ndim, t->view.sizes));
    }
    int from = torsh__dtypes[spec->dtype].category, to = torsh__dtypes[t->view.dtype].category;
    if (from > to && !(to == TORSH__BOOLEAN && c->op->info.to_bool))
        return torsh__fail(TORSH_DTYPE_MISMATCH, "%s (%s): a result of dtype %s can't be stored in %s", torsh__call_name(c), what,
                           torsh_dtype_name(spec->dtype), torsh_dtype_name(torsh__dtype_of(t)));
    if (t->view.device != c->device)
        return torsh__fail(TORSH_DEVICE_MISMATCH, "%s (%s): the output is not on the inputs' device", torsh__call_name(c), what);
    for (int d = 0; d < t->view.ndim; d++)
        if (t->view.strides[d] == 0 && t->view.sizes[d] > 1)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s (%s): several elements of the output share one memory place (it was expanded); clone it first",
                               torsh__call_name(c), what);
    return TORSH_OK;
}

/* True if every element between the first and the last has its own place and belongs to the view: a permuted dense block. */
static bool is_dense(const torsh_operand *v)
{
    if (v->contiguous) return true;
    int64_t extent = 1;
    for (int d = 0; d < v->ndim; d++) {
        if (v->strides[d] == 0 && v->sizes[d] > 1) return false;
        extent += (v->sizes[d] - 1) * v->strides[d];
    }
    return extent == v->numel; /* as many places as elements; as_strided may still fold them, which no rule here can see cheaply */
}

static bool same_view(const torsh_operand *a, const torsh_operand *b)
{
    if (a->offset != b->offset || a->ndim != b->ndim || a->dtype != b->dtype) return false;
    for (int d = 0; d < a->ndim; d++)
        if (a->sizes[d] != b->sizes[d] || (a->strides[d] != b->strides[d] && a->sizes[d] > 1)) return false;
    return true;
}

/* Refuses an output that shares some, but not all, places with an input, or any if the row reads late: what is read would depend on the
 * order of work. As in PyTorch only dense views are judged (ATen/MemoryOverlap.cpp). */
static torsh_status require_apart(const torsh__call *c, const torsh__tensor *out)
{
    const torsh_operand *o = &out->view;
    size_t size = torsh__dtypes[o->dtype].size;
    bool may_be_input = !(c->given_out && c->op->impl->flags & TORSH__READS_LATE), dense = is_dense(o);
    if (o->numel == 0) return TORSH_OK;
    for (int i = 0; i < c->inputs; i++) {
        const torsh__tensor *t = c->input[i];
        if (!t || t->storage != out->storage || t->view.numel == 0) continue;
        bool same = t == out || same_view(&t->view, o);
        if (same ? may_be_input : !dense || !is_dense(&t->view)) continue;
        size_t other = torsh__dtypes[t->view.dtype].size;
        size_t first = (size_t)t->view.offset * other, last = first + (size_t)t->view.numel * other;
        size_t start = (size_t)o->offset * size, end = start + (size_t)o->numel * size;
        if (first < end && start < last)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s (%s): an input and the result share some of their memory; clone one of them first",
                               torsh__call_name(c), c->in_place ? "in place" : "out=");
    }
    return TORSH_OK;
}

/* Why there is no i-th output: more than can be addressed, or memory is out. */
static torsh_status without_output(const torsh__call *c, const torsh__spec *s)
{
    torsh_status status = torsh__numel(torsh__call_name(c), s->sizes, s->ndim, torsh__dtypes[s->dtype].size, &(int64_t){0});
    return status ? status : TORSH_OUT_OF_MEMORY;
}

static torsh_status make_outputs(torsh__call *c)
{
    for (int i = 0; i < c->outputs; i++) {
        if (c->given_out || (c->in_place && i == 0)) {
            torsh_status status = require_given(c, i);
            if (status == TORSH_OK) status = require_apart(c, c->output[i]);
            if (status) return status;
            continue;
        }
        const torsh__spec *s = &c->spec[i];
        if (c->op->info.kind == TORSH_OP_VIEW) c->output[i] = torsh__tensor_view(c->input[0], s->dtype, s->ndim, s->sizes, s->strides, s->offset);
        else c->output[i] = torsh__tensor_make(s->dtype, s->ndim, s->sizes, c->device);
        if (!c->output[i]) return without_output(c, s);
    }
    return TORSH_OK;
}

torsh_status torsh__launch(torsh__call *c)
{
    const torsh_operand *inline_operands[TORSH__INLINE_INPUTS], *outputs[TORSH__MAX_OUTPUTS];
    torsh_kernel kernel;
    torsh_status status = torsh__kernel_for(&c->op->info, c->op->kernels, c->device, &kernel);
    if (status) return status;
    size_t list = (size_t)c->inputs * sizeof(torsh_operand *);
    const torsh_operand **inputs = c->inputs > TORSH__INLINE_INPUTS ? torsh__alloc(list) : inline_operands;
    if (!inputs) return TORSH_OUT_OF_MEMORY;
    for (int i = 0; i < c->inputs; i++) inputs[i] = c->input[i] ? &c->input[i]->view : NULL;
    for (int i = 0; i < c->outputs; i++) outputs[i] = &c->output[i]->view;
    torsh_launch record = {&c->op->info, c->device, c->compute, c->inputs, c->outputs, inputs, outputs, c->values};
    status = kernel.run(&record, kernel.data);
    if (inputs != inline_operands) torsh__free(inputs, list);
    return status;
}

static torsh_status in_name_of(const char *name, uint64_t id);

/* A row whose work is other ops: they run unrecorded, and what they make is released here. */
static torsh_status run_composed(torsh__call *c)
{
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return TORSH_OUT_OF_MEMORY;
    torsh__thread_get()->modes.grad = false;
    torsh_status status = c->op->impl->run(c);
    return status ? in_name_of(torsh__call_name(c), torsh__error_id(status)) : TORSH_OK;
}

static void log_call(const torsh__call *c)
{
    torsh__shape_text text[3];
    const char *shape[3] = {"", "", ""};
    for (int i = 0; i < c->inputs && i < 2; i++)
        if (c->input[i]) shape[i] = torsh__shape_print(&text[i], c->input[i]->view.ndim, c->input[i]->view.sizes);
    if (c->outputs > 0 && c->output[0]) shape[2] = torsh__shape_print(&text[2], c->output[0]->view.ndim, c->output[0]->view.sizes);
    torsh__log(2, "%s %s %s -> %s %s", torsh__call_name(c), shape[0], shape[1], shape[2], torsh_dtype_name(c->compute));
}

static void bump(torsh__tensor *t)
{
    atomic_fetch_add_explicit(&t->storage->version, 1, memory_order_relaxed);
}

static torsh_status refuse_gradient(const torsh__op *op)
{
    const char *speaker = torsh__thread_get()->speaker;
    return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s (out=): out= has no gradient, and no tangent in forward mode; call it without out=, or inside torsh_no_grad", speaker ? speaker : op->info.name);
}

torsh_status torsh__run(torsh__call *c)
{
    torsh_status status = c->op->impl->infer(c);
    if (status) return status;
    if (c->in_place) {
        c->output[0] = c->input[0];
        torsh__tensor_retain(c->output[0]);
    }
    bool record = torsh__must_record(c);
    if (c->given_out && (record || torsh__tracks(c->output[0])) && torsh__thread_get()->modes.grad)
        return refuse_gradient(c->op);
    if (c->in_place && (status = torsh__record_prepare(c)) != TORSH_OK) return status;
    status = make_outputs(c);
    if (status == TORSH_OK && c->op->info.kind != TORSH_OP_VIEW) {
        uint32_t version = c->in_place ? torsh__version(c->output[0]) : 0;
        status = c->op->impl->run ? run_composed(c) : torsh__launch(c);
        if (c->in_place) atomic_store_explicit(&c->output[0]->storage->version, version + 1, memory_order_relaxed); /* one change, however many ops made it */
        for (int i = 0; c->given_out && i < c->outputs; i++) bump(c->output[i]);
    }
    if (status) return status;
    if (record || c->op->info.kind == TORSH_OP_VIEW) status = torsh__record(c);
    if (__builtin_expect(torsh_debug() >= 2, 0)) log_call(c);
    return status;
}

/* ---- door ---------------------------------------------------------------------------------------------------- */

/* The pinned inputs of one call. */
typedef struct pins {
    torsh__tensor *inline_tensors[TORSH__INLINE_INPUTS];
    uint64_t inline_ids[TORSH__INLINE_INPUTS];
    torsh__tensor **tensors;
    uint64_t *ids; /* 0: an absent optional tensor */
    int count, capacity;
} pins;

static bool pins_reserve(pins *p, size_t more)
{
    if ((size_t)p->count + more <= (size_t)p->capacity) return true;
    if (more > 1u << 24) {
        torsh__fail(TORSH_OUT_OF_RANGE, "a list of %zu tensors is too long", more);
        return false;
    }
    int capacity = p->count + (int)more + TORSH__INLINE_INPUTS;
    char *block = torsh__alloc((size_t)capacity * (sizeof *p->tensors + sizeof *p->ids));
    if (!block) return false;
    torsh__tensor **tensors = (torsh__tensor **)(void *)block;
    uint64_t *ids = (uint64_t *)(void *)(block + (size_t)capacity * sizeof *tensors);
    memcpy(tensors, p->tensors, (size_t)p->count * sizeof *tensors);
    memcpy(ids, p->ids, (size_t)p->count * sizeof *ids);
    if (p->tensors != p->inline_tensors) torsh__free(p->tensors, (size_t)p->capacity * (sizeof *p->tensors + sizeof *p->ids));
    p->tensors = tensors;
    p->ids = ids;
    p->capacity = capacity;
    return true;
}

static void pins_release(pins *p)
{
    for (int i = 0; i < p->count; i++)
        if (p->ids[i]) torsh__unpin(p->ids[i]);
    if (p->tensors != p->inline_tensors) torsh__free(p->tensors, (size_t)p->capacity * (sizeof *p->tensors + sizeof *p->ids));
}

static torsh_status pin_one(pins *p, uint64_t id, const char *op, const char *name)
{
    torsh_status status = TORSH_OK;
    if (p->count == p->capacity && !pins_reserve(p, 1)) return TORSH_OUT_OF_MEMORY;
    torsh__object *object = torsh__pin(id, &torsh__tensor_kind, op, name, &status);
    if (!object) return status;
    p->tensors[p->count] = (torsh__tensor *)object;
    p->ids[p->count++] = id;
    return TORSH_OK;
}

static torsh_status pin_list(pins *p, const torsh_value *value, const char *op, const char *name)
{
    const torsh_tensor *list = value->list.data;
    if (!list && value->list.count)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument '%s' is NULL but its count is %zu", op, name, value->list.count);
    if (!pins_reserve(p, value->list.count)) return TORSH_OUT_OF_MEMORY;
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < value->list.count && status == TORSH_OK; i++) status = pin_one(p, list[i].id, op, name);
    return status;
}

static torsh_status check_generator(uint64_t id, const char *op, const char *name)
{
    torsh_status status = TORSH_OK;
    if (id && torsh__pin(id, &torsh__generator_kind, op, name, &status)) torsh__unpin(id);
    return status;
}

/* Checks one argument; tensors are pinned. */
static torsh_status take(pins *p, const torsh_param *param, const torsh_value *value, const char *op)
{
    switch (param->kind) {
    case TORSH_PARAM_TENSOR: return pin_one(p, value->handle, op, param->name);
    case TORSH_PARAM_OPTIONAL_TENSOR:
        if (value->handle) return pin_one(p, value->handle, op, param->name);
        if (!pins_reserve(p, 1)) return TORSH_OUT_OF_MEMORY;
        p->tensors[p->count] = NULL;
        p->ids[p->count++] = 0;
        return TORSH_OK;
    case TORSH_PARAM_TENSORS: return pin_list(p, value, op, param->name);
    case TORSH_PARAM_INTS:
    case TORSH_PARAM_DOUBLES:
        if (!value->list.data && value->list.count)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument '%s' is NULL but its count is %zu", op, param->name, value->list.count);
        return TORSH_OK;
    case TORSH_PARAM_DTYPE:
        if (value->i != TORSH_DTYPE_DEFAULT && !torsh__dtype_valid((int)value->i))
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument '%s' is no dtype (%lld)", op, param->name, (long long)value->i);
        return TORSH_OK;
    case TORSH_PARAM_TEXT:
        if (!value->text) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument '%s' is NULL", op, param->name);
        return TORSH_OK;
    case TORSH_PARAM_INT:
    case TORSH_PARAM_DOUBLE:
    case TORSH_PARAM_BOOL:
    case TORSH_PARAM_DEVICE: return TORSH_OK;
    case TORSH_PARAM_GENERATOR: return check_generator(value->handle, op, param->name);
    }
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument '%s' is of no known kind", op, param->name);
}

static torsh_status take_out(torsh__call *c, const torsh_tensor *out)
{
    torsh_status status = TORSH_OK;
    for (int i = 0; i < c->outputs; i++) {
        c->output[i] = torsh__tensor_hold(out[i], torsh__call_name(c), "out", &status);
        if (!c->output[i]) return status;
    }
    return TORSH_OK;
}

static void drop_outputs(torsh__call *c)
{
    for (int i = 0; i < c->outputs; i++)
        if (c->output[i]) torsh__tensor_drop(c->output[i]);
}

/* `made`, which is what an out= call would have computed, into `out`. */
static torsh_status store_made(const torsh__op *op, int i, torsh_tensor made, torsh_tensor out)
{
    torsh_status status = TORSH_OK;
    torsh__call c;
    c.op = op;
    c.in_place = false;
    c.output[i] = torsh__tensor_hold(out, op->info.name, "out", &status);
    if (!c.output[i]) return status;
    torsh__tensor *t = torsh__tensor_pin(made, op->info.name, "result", &status);
    if (t) {
        bool tracked = (torsh__tracks(t) || torsh__tracks(c.output[i])) && torsh__thread_get()->modes.grad;
        tracked |= torsh__dual_at((torsh__tensor *const[]){t, c.output[i]}, 2) != NULL;
        c.device = t->view.device;
        torsh__out_spec(&c, i, torsh__dtype_of(t), t->view.ndim, t->view.sizes);
        status = tracked ? refuse_gradient(op) : require_given(&c, i);
        torsh__unpin(made.id);
    }
    torsh__tensor_drop(c.output[i]);
    if (status == TORSH_OK) status = torsh_id_status(torsh__call_unary("copy_", out, (torsh_value){.handle = made.id}).id);
    return status;
}

/* out= of a row whose kernel wants memory of its own, or that is made of other ops: the plain form, then a copy. */
static void out_by_copy(const torsh__op *op, const torsh_value *values, const torsh_tensor *out, torsh_tensor *results)
{
    torsh_status status = TORSH_OK;
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) status = torsh_id_status(scope.id);
    else op->invoke(values, results);
    for (int i = 0; i < op->info.outputs && status == TORSH_OK; i++) status = torsh_id_status(results[i].id);
    for (int i = 0; i < op->info.outputs && status == TORSH_OK; i++) status = store_made(op, i, results[i], out[i]);
    torsh_tensor error = status ? torsh__tensor_error(status) : (torsh_tensor){0};
    for (int i = 0; i < op->info.outputs; i++) results[i] = status ? error : out[i];
}

/* In place and differentiated: the parts work on a copy of input 0, as they may save what is written over at the end; a part that saved
 * input 0 itself would be kept by its own result. */
static void set_apart(torsh__call *c, int first)
{
    bool tracked = false;
    for (int i = 0; i < c->inputs; i++) tracked |= c->input[i] && torsh__tracks(c->input[i]);
    if (!(tracked && torsh__thread_get()->modes.grad) && !torsh__dual_at(c->input, c->inputs)) return;
    uint64_t copy = torsh__call_unary("clone", (torsh_tensor){c->values[first].handle}, (torsh_value){0}).id;
    for (int i = 0, input = 0; i < c->op->info.param_count; i++) {
        torsh_param_kind kind = c->op->info.params[i].kind;
        if (kind == TORSH_PARAM_TENSORS) input += (int)c->values[i].list.count;
        if (kind != TORSH_PARAM_TENSOR && kind != TORSH_PARAM_OPTIONAL_TENSOR) continue;
        if (c->input[input++] == c->input[0]) c->values[i].handle = copy;
    }
}

/* The error of a part of a composed row opens with the row's name; the part's own name stays behind it. It becomes the thread's last one. */
static torsh_status in_name_of(const char *name, uint64_t id)
{
    torsh__thread *self = torsh__thread_get();
    const torsh__context *context = self->context;
    const char *error = torsh_id_error(id);
    torsh_status status = torsh__error_status(id);
    char text[TORSH__ERROR_TEXT_SIZE];
    size_t length = strlen(name), skip = context ? strlen(context->text) : 0;
    snprintf(text, sizeof text, "%s", strlen(error) > skip ? error + skip : error);
    bool named = strncmp(text, name, length) == 0 && strchr(": (", text[length]);
    if (named && (uint32_t)(id >> 8) == self->error_serial) return status;
    return named ? torsh__fail(status, "%s", text) : torsh__fail(status, "%s: %s", name, text);
}

const torsh__impl torsh__impl_of_composed = {0};

/* A row made of other ops, which are recorded one by one: what they make is released here, and they speak in the row's name.
 * In place the result is copied over input 0. */
static torsh_status compose(torsh__call *c)
{
    torsh__thread *self = torsh__thread_get();
    const char *speaker = self->speaker;
    torsh_tensor made[TORSH__MAX_OUTPUTS], changed = {0};
    torsh_status status = TORSH_OK;
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return torsh_id_status(scope.id);
    if (!speaker) self->speaker = c->op->info.name, self->first_error = 0;
    if (c->in_place) {
        int first = 0;
        while (c->op->info.params[first].kind != TORSH_PARAM_TENSOR) first++;
        changed.id = c->values[first].handle;
        set_apart(c, first);
    }
    c->op->compose(c->values, made);
    for (int i = 0; i < c->outputs && status == TORSH_OK; i++) {
        c->output[i] = torsh__tensor_hold_any(made[i], c->op->info.name, "result", &status);
        if (status && !speaker) status = in_name_of(c->op->info.name, self->first_error ? self->first_error : torsh__error_id(status));
    }
    if (status == TORSH_OK && c->in_place) {
        const torsh__tensor *t = c->output[0];
        c->device = t->view.device;
        torsh__out_spec(c, 0, torsh__dtype_of(t), t->view.ndim, t->view.sizes);
        torsh__tensor_drop(c->output[0]);
        torsh__tensor_retain(c->output[0] = c->input[0]);
        status = require_given(c, 0);
        if (status == TORSH_OK) status = torsh_id_status(torsh__call_unary("copy_", changed, (torsh_value){.handle = made[0].id}).id);
    }
    self->speaker = speaker;
    return status;
}

enum closer { ORDINARY, FOR_VMAP, FOR_FORWARD };

/* Is an input batched, or a random row called inside vmap? Or is an input dual? What is both is batched first: the dual is its base. */
static enum closer look_closer(const torsh__call *c)
{
    torsh__thread *self = torsh__thread_get();
    for (int i = 0; i < c->inputs; i++)
        if (c->input[i] && torsh__is_batched(c->input[i])) return FOR_VMAP;
    if (!self->modes.vmap && !self->modes.level) self->substituted = false;
    if (self->modes.vmap && c->op->impl->flags & TORSH__RANDOM) return FOR_VMAP;
    return torsh__dual_at(c->input, c->inputs) ? FOR_FORWARD : ORDINARY;
}

/* A composed row's parts are called for all samples at once; what they can't do so, as it reads elements or fills a tensor of its own,
 * is done sample by sample. */
static torsh_status compose_batched(torsh__call *c)
{
    torsh__thread *self = torsh__thread_get();
    uint64_t first_error = self->first_error;
    uint32_t reads = self->refused_reads;
    self->refused_change = NULL;
    torsh_status status = compose(c);
    bool done = (status == TORSH_OK && reads == self->refused_reads) || status == TORSH_OUT_OF_MEMORY;
    for (int i = 0; i < c->inputs; i++) done |= self->refused_change && c->input[i] && c->input[i]->storage == self->refused_change;
    if (done) return status;
    drop_outputs(c);
    for (int i = 0; i < c->outputs; i++) c->output[i] = NULL;
    self->first_error = first_error;
    return torsh__batched_run(c);
}

/* A call on a thread that may be inside vmap or forward mode. */
__attribute__((noinline)) static torsh_status run_closer(torsh__call *c)
{
    bool composed = c->op->info.kind == TORSH_OP_COMPOSITE;
    switch (look_closer(c)) {
    case FOR_VMAP: return composed ? compose_batched(c) : torsh__batched_run(c);
    case FOR_FORWARD: return composed ? compose(c) : torsh__dual_run(c);
    default: return composed ? compose(c) : torsh__run(c);
    }
}

void torsh__door(const torsh__op *op, torsh_value *values, enum torsh__variant variant, const torsh_tensor *out, torsh_tensor *results)
{
    if (variant == TORSH__OUT_CALL && op->variants & TORSH__OUT_COPY) {
        out_by_copy(op, values, out, results);
        return;
    }
    if (variant == TORSH__INPLACE_CALL && op->info.kind == TORSH_OP_VIEW) {
        torsh_status changed = torsh__view_in_place(op, values);
        results[0] = changed ? torsh__tensor_error(changed) : (torsh_tensor){values[0].handle};
        return;
    }
    pins p;
    p.tensors = p.inline_tensors;
    p.ids = p.inline_ids;
    p.count = 0;
    p.capacity = TORSH__INLINE_INPUTS;
    torsh__call c; /* spec[] stays uninitialised: infer fills what it uses */
    c.op = op;
    c.values = values;
    c.outputs = op->info.outputs;
    c.in_place = variant == TORSH__INPLACE_CALL;
    c.given_out = variant == TORSH__OUT_CALL;
    c.before = NULL;
    c.aliases = NULL;
    for (int i = 0; i < TORSH__MAX_OUTPUTS; i++) c.output[i] = NULL;

    torsh_status status = TORSH_OK;
    for (int i = 0; i < op->info.param_count && status == TORSH_OK; i++) status = take(&p, &op->info.params[i], &values[i], op->info.name);
    c.inputs = p.count;
    c.input = p.tensors;
    if (status == TORSH_OK && c.given_out) status = take_out(&c, out);
    if (__builtin_expect(torsh__thread_get()->substituted, 0) && status == TORSH_OK) status = run_closer(&c);
    else if (status == TORSH_OK) status = op->info.kind == TORSH_OP_COMPOSITE ? compose(&c) : torsh__run(&c);
    if (status != TORSH_OK) {
        drop_outputs(&c);
        torsh_tensor error = torsh__tensor_error(status);
        for (int i = 0; i < op->info.outputs; i++) results[i] = error;
    } else if (variant == TORSH__FUNCTIONAL) {
        for (int i = 0; i < c.outputs; i++) results[i] = torsh__tensor_give(c.output[i]);
    } else { /* the caller's own handles come back */
        drop_outputs(&c);
        for (int i = 0; i < c.outputs; i++) results[i] = variant == TORSH__OUT_CALL ? out[i] : (torsh_tensor){p.ids[0]};
    }
    if (c.before) torsh__tensor_drop(c.before);
    pins_release(&p);
}
