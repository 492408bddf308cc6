/* Hooks on gradients, kept gradients, and the locks of .grad. */
#include "hooks.h"
#include "alloc.h"
#include "fork.h"

#include <pthread.h>
#include <string.h>

/* ---- locks ----------------------------------------------------------------------------------------------------- */

#define LOCKS_4 PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER
static pthread_mutex_t grad_locks[16] = {LOCKS_4, LOCKS_4, LOCKS_4, LOCKS_4};
static _Thread_local uint32_t have; /* bit i: this thread has grad_locks[i], under which it may add, on any device */

static uint32_t have_grads(void)
{
    return have;
}
TORSH__ACROSS_FORK(grads, grad_locks, 16, ANEW, .mine = have_grads)

static unsigned lock_of(const void *owner)
{
    return ((uintptr_t)owner >> 6) % 16;
}

void torsh__grad_lock(const void *owner)
{
    torsh__ends_hold();
    pthread_mutex_lock(&grad_locks[lock_of(owner)]);
    have |= 1u << lock_of(owner);
}

void torsh__grad_unlock(const void *owner)
{
    have &= ~(1u << lock_of(owner));
    pthread_mutex_unlock(&grad_locks[lock_of(owner)]);
    torsh__ends_let();
}

/* ---- lists of hooks -------------------------------------------------------------------------------------------- */

enum hook_type { GRADIENT, ACCUMULATED };

typedef struct hook {
    torsh__object object;
    enum hook_type type;
    torsh_gradient_hook *gradient;
    torsh_accumulated_hook *accumulated;
    void *context;
    void (*destroy)(void *context);
    _Atomic bool removed;
} hook;

static void end_hook(torsh__object *object)
{
    hook *h = (hook *)object;
    if (h->destroy) h->destroy(h->context);
    torsh__free(h, sizeof *h);
}
static const torsh__kind hook_kind = {"hook", end_hook, NULL};

/* Hooks, and the kept gradients of a node's outputs. */
typedef struct entry {
    torsh__object *object; /* retained: a hook or a torsh__retained */
    uint32_t output;
} entry;

struct torsh__hooks {
    size_t count, capacity;
    entry entries[];
};

static pthread_mutex_t lists = PTHREAD_MUTEX_INITIALIZER; /* guards every list; no hook runs under it */
TORSH__HELD_ACROSS_FORK(lists, &lists, 1, HOOKS)

static void end_retained(torsh__object *object)
{
    torsh__retained *retained = (torsh__retained *)object;
    if (retained->grad) torsh__tensor_drop(retained->grad);
    torsh__free(retained, sizeof *retained);
}
static const torsh__kind retained_kind = {"kept gradient", end_retained, NULL};

static size_t list_bytes(size_t capacity)
{
    return sizeof(struct torsh__hooks) + capacity * sizeof(entry);
}

void torsh__hooks_free(struct torsh__hooks *list)
{
    for (size_t i = 0; i < list->count; i++) torsh__drop(list->entries[i].object);
    torsh__free(list, list_bytes(list->capacity));
}

/* Adds the object (a reference, consumed on success). Called with the lock held. */
static torsh_status append(torsh__hook_list *list, torsh__object *object, uint32_t output)
{
    struct torsh__hooks *old = *list;
    if (!old || old->count == old->capacity) {
        size_t count = old ? old->count : 0, capacity = count * 2 + 2;
        struct torsh__hooks *grown = torsh__alloc(list_bytes(capacity));
        if (!grown) return TORSH_OUT_OF_MEMORY;
        grown->count = count;
        grown->capacity = capacity;
        if (old) {
            memcpy(grown->entries, old->entries, count * sizeof(entry));
            torsh__free(old, list_bytes(old->capacity));
        }
        *list = grown;
    }
    old = *list;
    old->entries[old->count++] = (entry){object, output};
    return TORSH_OK;
}

/* Takes removed hooks out of the list; they wait in `gone` to be dropped without the lock. */
static size_t purge(struct torsh__hooks *list, torsh__object **gone, size_t room)
{
    size_t kept = 0, count = 0;
    for (size_t i = 0; list && i < list->count; i++) {
        torsh__object *object = list->entries[i].object;
        bool removed = object->kind == &hook_kind && atomic_load(&((hook *)object)->removed);
        if (removed && count < room) gone[count++] = object;
        else list->entries[kept++] = list->entries[i];
    }
    if (list) list->count = kept;
    return count;
}

/* The list where a tensor's gradient hooks are: the leaf's own, or its node's. */
static torsh__hook_list *list_of(torsh__tensor *t)
{
    return t->grad_fn ? &t->grad_fn->hooks : &t->hooks;
}

static torsh_status check_target(torsh__tensor *t, const char *function, const hook *what)
{
    torsh_status status = torsh__view_refresh(t);
    if (status == TORSH_OK && !torsh__tracks(t)) return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: the tensor doesn't require a gradient", function);
    if (status == TORSH_OK && what->type == ACCUMULATED && t->grad_fn)
        return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: only leaf tensors have such hooks", function);
    return status;
}

static torsh_status list_hook(torsh__tensor *t, hook *h)
{
    torsh__object *gone[8];
    pthread_mutex_lock(&lists);
    size_t count = purge(*list_of(t), gone, 8);
    torsh_status status = append(list_of(t), &h->object, t->grad_fn ? t->out_index : 0);
    if (status == TORSH_OK) torsh__retain(&h->object);
    pthread_mutex_unlock(&lists);
    for (size_t i = 0; i < count; i++) torsh__drop(gone[i]);
    return status;
}

static torsh_hook add_hook(torsh_tensor tensor, const char *function, const hook *what)
{
    torsh_status status = TORSH_OK;
    hook *h = torsh__alloc(sizeof *h);
    if (!h) {
        if (what->destroy) what->destroy(what->context);
        return (torsh_hook){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    }
    *h = *what;
    torsh__object_init(&h->object, &hook_kind);
    torsh__tensor *t = torsh__tensor_pin(tensor, function, "t", &status);
    if (t) status = !what->gradient && !what->accumulated ? torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument 'function' is NULL", function)
                                                          : check_target(t, function, what);
    if (t && status == TORSH_OK) status = list_hook(t, h);
    if (t) torsh__unpin(tensor.id);
    if (status == TORSH_OK) return (torsh_hook){torsh__handle_make(&h->object)};
    torsh__drop(&h->object);
    return (torsh_hook){torsh__error_id(status)};
}

torsh_hook torsh_register_hook(torsh_tensor t, torsh_gradient_hook *function, void *context, void (*destroy)(void *context))
{
    return add_hook(t, "register_hook", &(hook){.type = GRADIENT, .gradient = function, .context = context, .destroy = destroy});
}

torsh_hook torsh_register_post_accumulate_grad_hook(torsh_tensor t, torsh_accumulated_hook *function, void *context, void (*destroy)(void *context))
{
    const hook what = {.type = ACCUMULATED, .accumulated = function, .context = context, .destroy = destroy};
    return add_hook(t, "register_post_accumulate_grad_hook", &what);
}

torsh_status torsh_hook_remove(torsh_hook handle)
{
    torsh_status status = TORSH_OK;
    hook *h = (hook *)torsh__pin(handle.id, &hook_kind, "hook_remove", "hook", &status);
    if (!h) return status;
    atomic_store(&h->removed, true);
    torsh__unpin(handle.id);
    return TORSH_OK;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

/* Retained copies of the entries of one output: hooks of the type first, then kept gradients, each in order. */
static torsh_status snapshot(torsh__hook_list *list, uint32_t output, enum hook_type type, entry **copy, size_t *count, size_t *capacity)
{
    *copy = NULL;
    *count = *capacity = 0;
    pthread_mutex_lock(&lists);
    const struct torsh__hooks *from = *list;
    *capacity = from ? from->count : 0;
    if (*capacity) *copy = torsh__alloc(*capacity * sizeof **copy);
    for (int kept = 0; *copy && kept < 2; kept++)
        for (size_t i = 0; i < from->count; i++) {
            const entry *e = &from->entries[i];
            bool is_hook = e->object->kind == &hook_kind;
            if (e->output != output || is_hook == (kept == 1) || (is_hook && ((hook *)e->object)->type != type)) continue;
            torsh__retain(e->object);
            (*copy)[(*count)++] = *e;
        }
    pthread_mutex_unlock(&lists);
    return *capacity && !*copy ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

static void keep(torsh__retained *retained, torsh__tensor *g)
{
    torsh__tensor_retain(g);
    torsh__grad_lock(retained);
    torsh__tensor *old = retained->grad;
    retained->grad = g;
    torsh__grad_unlock(retained);
    if (old) torsh__tensor_drop(old);
}

static torsh_status same_kind(const torsh__tensor *g, const torsh__tensor *with)
{
    if (torsh__same_sizes(g->view.ndim, g->view.sizes, with->view.ndim, with->view.sizes) && g->view.dtype == with->view.dtype &&
        g->view.device == with->view.device)
        return TORSH_OK;
    torsh__shape_text a, b;
    return torsh__fail(TORSH_AUTOGRAD_ERROR, "a hook replaced a gradient of shape %s, %s by one of shape %s, %s; both and the device must stay the same",
                       torsh__shape_print(&a, g->view.ndim, g->view.sizes), torsh_dtype_name(torsh__dtype_of(g)),
                       torsh__shape_print(&b, with->view.ndim, with->view.sizes), torsh_dtype_name(torsh__dtype_of(with)));
}

static torsh_status run_one(const hook *h, torsh__tensor **g)
{
    if (atomic_load(&h->removed)) return TORSH_OK;
    torsh_tensor with = h->gradient(h->context, torsh__tensor_share(*g));
    if (with.id == 0) return TORSH_OK;
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_hold_any(with, "hook", "result", &status);
    if (!t) return status;
    status = same_kind(*g, t);
    if (status) {
        torsh__tensor_drop(t);
        return status;
    }
    torsh__tensor_drop(*g);
    *g = t;
    return TORSH_OK;
}

torsh_status torsh__hooks_run(torsh__hook_list *list, uint32_t output, torsh__tensor **g)
{
    entry *copy;
    size_t count, capacity;
    torsh_status status = snapshot(list, output, GRADIENT, &copy, &count, &capacity);
    for (size_t i = 0; i < count; i++) {
        torsh__object *object = copy[i].object;
        if (status == TORSH_OK && object->kind == &hook_kind) status = run_one((hook *)object, g);
        else if (status == TORSH_OK) keep((torsh__retained *)object, *g);
        torsh__drop(object);
    }
    torsh__free(copy, capacity * sizeof *copy);
    return status;
}

torsh_status torsh__hooks_run_accumulated(torsh__tensor *leaf)
{
    entry *copy;
    size_t count, capacity;
    torsh_status status = snapshot(&leaf->hooks, 0, ACCUMULATED, &copy, &count, &capacity);
    for (size_t i = 0; i < count; i++) {
        const hook *h = (hook *)copy[i].object;
        if (status == TORSH_OK && !atomic_load(&h->removed)) status = h->accumulated(h->context, torsh__tensor_share(leaf));
        torsh__drop(copy[i].object);
    }
    torsh__free(copy, capacity * sizeof *copy);
    return status;
}

/* ---- kept gradients --------------------------------------------------------------------------------------------- */

torsh_status torsh__retain_grad(torsh__tensor *t)
{
    if (!t->grad_fn || t->retained) return TORSH_OK;
    torsh__retained *retained = torsh__alloc(sizeof *retained);
    if (!retained) return TORSH_OUT_OF_MEMORY;
    torsh__object_init(&retained->object, &retained_kind);
    torsh__retain(&retained->object);
    retained->grad = NULL;
    pthread_mutex_lock(&lists);
    torsh_status status = append(&t->grad_fn->hooks, &retained->object, t->out_index);
    if (status == TORSH_OK) t->retained = retained;
    pthread_mutex_unlock(&lists);
    if (status) torsh__free(retained, sizeof *retained);
    return status;
}

void torsh__retained_move(torsh__tensor *t, torsh__node *from, torsh__node *to, uint32_t index)
{
    torsh__object *object = &t->retained->object;
    pthread_mutex_lock(&lists);
    struct torsh__hooks *list = from->hooks;
    size_t kept = 0, found = 0;
    for (size_t i = 0; list && i < list->count; i++) {
        if (list->entries[i].object == object) found++;
        else list->entries[kept++] = list->entries[i];
    }
    if (list) list->count = kept;
    /* Without memory the gradient is not kept: its reference goes with the entry. */
    bool moved = found && append(&to->hooks, object, index) == TORSH_OK;
    pthread_mutex_unlock(&lists);
    if (found && !moved) torsh__drop(object);
}
