/* Checkpointing: the tensors that a function's ops would save are packed as "the i-th of that call", and had again by one
 * more call when backward first asks for one. Since the first call's nodes stay on the tape, gradients flow as always:
 * to parameters that the function uses, through torsh_autograd_grad, and twice. (torch/utils/checkpoint.py, no reentry.) */
#include "alloc.h"
#include "dual.h"
#include "generator.h"
#include "tape.h"

#include <torsh/autograd.h>

#include <pthread.h>
#include <string.h>

enum { NOT_TRACKED, TRACKED }; /* what a frame's saved inputs were */

/* One checkpointed call. */
typedef struct frame {
    torsh__object object;
    struct torsh__saver saver; /* of the first call */
    torsh_tensor_function *function;
    void *context;
    void (*destroy)(void *context);
    torsh__modes modes;
    torsh__rng rng; /* before the first call */
    pthread_mutex_t mutex; /* guards what follows */
    size_t input_count, packed_count, capacity;
    torsh__tensor *const *live_inputs; /* during the first call */
    torsh__saved *inputs;
    torsh__tensor **again; /* by index: what the second call saved, until its packed goes */
} frame;

/* A tensor that stands in no memory: the index-th of the frame, or its input. */
typedef struct item {
    torsh__packed packed;
    frame *frame; /* retained */
    bool is_input;
    size_t index;
    torsh__edge history; /* of the first call's tensor */
    torsh_dtype dtype;
    int ndim;
    int64_t sizes[];
} item;

/* The saver of the second call. */
typedef struct replay {
    struct torsh__saver saver;
    frame *frame;
    torsh__tensor **inputs; /* detached */
    size_t count;
} replay;

/* ---- frames and items -------------------------------------------------------------------------------------------------- */

static void end_frame(torsh__object *object)
{
    frame *f = (frame *)object;
    for (size_t i = 0; i < f->input_count; i++) {
        if (f->inputs[i].tensor) torsh__tensor_drop(f->inputs[i].tensor);
        if (f->inputs[i].packed) torsh__drop(&f->inputs[i].packed->object);
    }
    for (size_t i = 0; i < f->capacity; i++)
        if (f->again[i]) torsh__tensor_drop(f->again[i]);
    torsh__free(f->inputs, f->input_count * sizeof *f->inputs);
    torsh__free(f->again, f->capacity * sizeof(torsh__tensor *));
    if (f->destroy) f->destroy(f->context);
    pthread_mutex_destroy(&f->mutex);
    torsh__free(f, sizeof *f);
}
static const torsh__kind frame_kind = {"checkpoint", end_frame, NULL};

static size_t item_bytes(int ndim)
{
    return sizeof(item) + (size_t)ndim * sizeof(int64_t);
}

static void end_item(torsh__object *object)
{
    item *it = (item *)object;
    torsh__tensor *t = NULL;
    pthread_mutex_lock(&it->frame->mutex);
    if (!it->is_input && it->index < it->frame->capacity) {
        t = it->frame->again[it->index];
        it->frame->again[it->index] = NULL;
    }
    pthread_mutex_unlock(&it->frame->mutex);
    if (t) torsh__tensor_drop(t);
    torsh__edge_clear(&it->history);
    torsh__drop(&it->frame->object);
    torsh__free(it, item_bytes(it->ndim));
}
static const torsh__kind item_kind = {"packed tensor", end_item, NULL};

/* Leaves that require gradients are kept as they are: they are parameters, and their identity is what backward looks for. */
static bool kept_as_is(const torsh__tensor *t)
{
    return t->requires_grad && !t->grad_fn;
}

static bool find_input(torsh__tensor *const *inputs, size_t count, const torsh__tensor *t, size_t *index)
{
    for (*index = 0; *index < count; ++*index)
        if (inputs[*index] == t) return true;
    return false;
}

static torsh__tensor *unpack(torsh__packed *packed, torsh_status *status);

static torsh__packed *pack(struct torsh__saver *saver, torsh__tensor *t, torsh_status *status)
{
    frame *f = (frame *)((char *)saver - offsetof(frame, saver));
    size_t index;
    bool is_input = find_input(f->live_inputs, f->input_count, t, &index);
    if (!is_input && kept_as_is(t)) return NULL;
    item *it = torsh__alloc(item_bytes(t->view.ndim));
    if (!it) {
        *status = TORSH_OUT_OF_MEMORY;
        return NULL;
    }
    *it = (item){.packed = {.unpack = unpack}, .frame = f, .is_input = is_input, .index = is_input ? index : f->packed_count++,
                 .dtype = torsh__dtype_of(t), .ndim = t->view.ndim};
    torsh__object_init(&it->packed.object, &item_kind);
    torsh__retain(&f->object);
    for (int d = 0; d < it->ndim; d++) it->sizes[d] = t->view.sizes[d];
    torsh__edge from = {.node = t->grad_fn, .index = t->out_index};
    torsh__edge_copy(&it->history, &from);
    return &it->packed;
}

/* ---- the second call ----------------------------------------------------------------------------------------------------- */

static bool make_room(frame *f, size_t count)
{
    if (count <= f->capacity) return true;
    size_t capacity = f->packed_count > count ? f->packed_count : count * 2;
    torsh__tensor **again = torsh__alloc_zero(capacity * sizeof(torsh__tensor *));
    if (!again) return false;
    if (f->capacity) memcpy(again, f->again, f->capacity * sizeof(torsh__tensor *));
    torsh__free(f->again, f->capacity * sizeof(torsh__tensor *));
    f->again = again;
    f->capacity = capacity;
    return true;
}

/* t without history, but with its tangents. */
static torsh__tensor *alias_of(const torsh__tensor *t)
{
    torsh__tensor *alias = torsh__tensor_alias(t);
    if (!alias || torsh__tangents_share(alias, t) == TORSH_OK) return alias;
    torsh__tensor_drop(alias);
    return NULL;
}

/* Takes what the second call saves; its own graph is thrown away, so it may keep its tensors meanwhile. */
static torsh__packed *take(struct torsh__saver *saver, torsh__tensor *t, torsh_status *status)
{
    replay *r = (replay *)saver;
    size_t input;
    if (find_input(r->inputs, r->frame->input_count, t, &input) || kept_as_is(t)) return NULL;
    torsh__tensor *alias = NULL;
    if (make_room(r->frame, r->count + 1)) alias = t->grad_fn ? alias_of(t) : t;
    if (alias == t) torsh__tensor_retain(t); /* an output gets its tangents later */
    if (!alias) {
        *status = TORSH_OUT_OF_MEMORY;
        return NULL;
    }
    torsh__tensor *old = r->frame->again[r->count];
    r->frame->again[r->count++] = alias;
    if (old) torsh__tensor_drop(old);
    return NULL;
}

/* The inputs without history, tracked as the first time. */
static torsh_status detach_inputs(const frame *f, torsh__tensor **detached, torsh_tensor *handles)
{
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < f->input_count; i++) {
        handles[i].id = 0;
        if (!f->inputs[i].tensor && !f->inputs[i].packed) continue;
        torsh__tensor *t = torsh__saved_open(&f->inputs[i], "checkpoint", &status);
        if (!t) return status;
        detached[i] = alias_of(t);
        if (detached[i]) detached[i]->requires_grad = f->inputs[i].which != NOT_TRACKED;
        torsh__tensor_drop(t);
        if (!detached[i]) return TORSH_OUT_OF_MEMORY;
        handles[i] = torsh__tensor_share(detached[i]);
    }
    return TORSH_OK;
}

static torsh_status swap_rng(torsh__rng *with)
{
    torsh_status status = TORSH_OK;
    torsh__generator *generator = torsh__generator_lock((torsh_generator){0}, "checkpoint", &status);
    if (!generator) return status;
    torsh__rng now = generator->rng;
    generator->rng = *with;
    *with = now;
    torsh__generator_unlock((torsh_generator){0}, generator);
    return TORSH_OK;
}

static torsh_status call_again(frame *f, torsh__tensor **detached, torsh_tensor *handles)
{
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return TORSH_OUT_OF_MEMORY;
    replay r = {.saver = {take}, .frame = f, .inputs = detached};
    torsh__modes *modes = &torsh__thread_get()->modes;
    modes->grad = f->modes.grad;
    modes->anomaly = f->modes.anomaly;
    modes->backward = false;
    modes->saver = &r.saver;
    torsh__rng rng = f->rng;
    torsh_status status = detach_inputs(f, detached, handles);
    if (status == TORSH_OK) status = swap_rng(&rng);
    if (status) return status;
    torsh_tensor result = f->function(f->context, handles, f->input_count);
    status = torsh_id_status(result.id);
    torsh_release(result);
    swap_rng(&rng);
    if (status == TORSH_OK && r.count != f->packed_count)
        status = torsh__fail(TORSH_AUTOGRAD_ERROR, "checkpoint: the function's ops saved %zu tensors the first time and %zu the second; it must do the same each time",
                             f->packed_count, r.count);
    return status;
}

static torsh_status recompute(frame *f)
{
    size_t bytes = f->input_count * (sizeof(torsh__tensor *) + sizeof(torsh_tensor));
    torsh__tensor **detached = torsh__alloc_zero(bytes);
    if (!detached) return TORSH_OUT_OF_MEMORY;
    torsh_status status = call_again(f, detached, (torsh_tensor *)(void *)(detached + f->input_count));
    for (size_t i = 0; i < f->input_count; i++)
        if (detached[i]) torsh__tensor_drop(detached[i]);
    torsh__free(detached, bytes);
    return status;
}

static torsh_status check_same(const item *it, const torsh__tensor *t)
{
    if (t && torsh__dtype_of(t) == it->dtype && torsh__same_sizes(t->view.ndim, t->view.sizes, it->ndim, it->sizes)) return TORSH_OK;
    torsh__shape_text a, b;
    return torsh__fail(TORSH_AUTOGRAD_ERROR, "checkpoint: saved tensor %zu was %s the first time and %s the second; the function must do the same each time",
                       it->index, torsh__shape_print(&a, it->ndim, it->sizes), t ? torsh__shape_print(&b, t->view.ndim, t->view.sizes) : "missing");
}

static torsh__tensor *unpack(torsh__packed *packed, torsh_status *status)
{
    item *it = (item *)packed;
    frame *f = it->frame;
    if (it->is_input) return torsh__saved_open(&f->inputs[it->index], "checkpoint", status);
    pthread_mutex_lock(&f->mutex);
    if (it->index >= f->capacity || !f->again[it->index]) *status = recompute(f);
    torsh__tensor *t = it->index < f->capacity ? f->again[it->index] : NULL;
    if (*status == TORSH_OK) *status = check_same(it, t);
    torsh__tensor *alias = *status ? NULL : alias_of(t);
    pthread_mutex_unlock(&f->mutex);
    if (!alias && *status == TORSH_OK) *status = TORSH_OUT_OF_MEMORY;
    if (alias && it->history.node) torsh__node_attach(it->history.node, (int)it->history.index, alias);
    return alias;
}

/* ---- the first call --------------------------------------------------------------------------------------------------------- */

static frame *make_frame(torsh_tensor_function *function, void *context, void (*destroy)(void *context), size_t count)
{
    frame *f = torsh__alloc_zero(sizeof *f);
    if (!f) return NULL;
    f->inputs = torsh__alloc_zero(count * sizeof *f->inputs);
    if (!f->inputs) {
        torsh__free(f, sizeof *f);
        return NULL;
    }
    torsh__object_init(&f->object, &frame_kind);
    pthread_mutex_init(&f->mutex, NULL);
    f->saver.pack = pack;
    f->function = function;
    f->context = context;
    f->destroy = destroy;
    f->modes = torsh__thread_get()->modes;
    f->input_count = count;
    return f;
}

/* Saves the inputs, through the saver of an outer checkpoint if there is one. `which` notes those that track gradients. */
static torsh_status save_inputs(frame *f, const torsh_tensor *inputs, torsh__tensor **live)
{
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < f->input_count && status == TORSH_OK; i++) {
        if (!inputs[i].id) continue;
        live[i] = torsh__tensor_hold(inputs[i], "checkpoint", "inputs", &status);
        if (!live[i]) break;
        status = torsh__view_refresh(live[i]);
        if (status) break;
        torsh__tensor_retain(live[i]);
        status = torsh__save(&f->inputs[i], live[i], torsh__tracks(live[i]) ? TRACKED : NOT_TRACKED, 0);
    }
    f->live_inputs = live;
    return status;
}

static torsh_tensor call_first(frame *f, const torsh_tensor *inputs)
{
    torsh_status status = TORSH_OK;
    torsh__generator *generator = torsh__generator_lock((torsh_generator){0}, "checkpoint", &status);
    if (!generator) return torsh__tensor_error(status);
    f->rng = generator->rng;
    torsh__generator_unlock((torsh_generator){0}, generator);
    torsh__tensor *result = NULL;
    {
        TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
        if (torsh__is_error(scope.id)) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
        torsh__thread_get()->modes.saver = &f->saver;
        result = torsh__tensor_hold(f->function(f->context, inputs, f->input_count), "checkpoint", "the function's result", &status);
    }
    return result ? torsh__tensor_give(result) : torsh__tensor_error(status);
}

torsh_tensor torsh_autograd_checkpoint(torsh_tensor_function *function, void *context, void (*destroy)(void *context), const torsh_tensor *inputs,
                              size_t input_count)
{
    bool bad = !function || (input_count && !inputs) || input_count > UINT16_MAX;
    if (bad) torsh__fail(TORSH_INVALID_ARGUMENT, "checkpoint: the function or the inputs are NULL, or there are too many");
    frame *f = bad ? NULL : make_frame(function, context, destroy, input_count);
    if (!f) {
        if (destroy) destroy(context);
        return torsh__tensor_error(bad ? TORSH_INVALID_ARGUMENT : TORSH_OUT_OF_MEMORY);
    }
    size_t bytes = input_count * sizeof(torsh__tensor *);
    torsh__tensor **live = torsh__alloc_zero(bytes);
    torsh_status status = live ? save_inputs(f, inputs, live) : TORSH_OUT_OF_MEMORY;
    torsh_tensor result = status ? torsh__tensor_error(status) : call_first(f, inputs);
    for (size_t i = 0; live && i < input_count; i++)
        if (live[i]) torsh__tensor_drop(live[i]);
    torsh__free(live, bytes);
    f->live_inputs = NULL;
    torsh__drop(&f->object);
    return result;
}
