/* Running modules: the path for error texts, hooks, and scopes for temporaries. */
#include "module.h"

#include <string.h>

enum { MOST_DEPTH = 1000, PATH_BYTES = 192 };

/* One forward in progress on this thread. */
typedef struct frame {
    struct frame *outer;
    torsh__module *module;
    torsh__context context;
    int depth;
    size_t length;         /* of the text without the ": " at its end */
    char text[PATH_BYTES]; /* "in module Net.conv1: " */
} frame;

static _Thread_local frame *innermost;

static void append(frame *f, const char *text, size_t length)
{
    size_t room = PATH_BYTES - 3 - f->length;
    if (length > room) length = room;
    memcpy(f->text + f->length, text, length);
    f->length += length;
}

/* What the module is called in the one whose forward is running. */
static const char *find_name(const torsh__module *m)
{
    torsh__module *outer = innermost ? innermost->module : NULL;
    const char *name = NULL;
    if (!outer) return NULL;
    pthread_mutex_lock(&outer->lock);
    for (size_t i = 0; i < outer->count && !name; i++)
        if (outer->slots[i].object == &m->object && outer->slots[i].handle) name = outer->slots[i].name;
    pthread_mutex_unlock(&outer->lock);
    return name;
}

static void enter(frame *f, torsh__module *m, const char *name)
{
    static const char start[] = "in module ";
    if (!name) name = find_name(m);
    f->outer = innermost;
    f->module = m;
    f->depth = f->outer ? f->outer->depth + 1 : 1;
    f->length = 0;
    if (f->outer && name) {
        append(f, f->outer->text, f->outer->length);
        append(f, ".", 1);
        append(f, name, strlen(name));
    } else {
        append(f, start, sizeof start - 1);
        append(f, torsh__module_name(m), strlen(torsh__module_name(m)));
    }
    memcpy(f->text + f->length, ": ", 3);
    innermost = f;
    torsh__context_enter(&f->context, f->text);
}

static void leave(frame *f)
{
    torsh__context_leave(&f->context);
    innermost = f->outer;
}

/* ---- hooks --------------------------------------------------------------------------------------------------- */

/* Hook i as it is now. */
static bool hook_at(torsh__module *m, size_t i, torsh__module_hooks *hook)
{
    pthread_mutex_lock(&m->lock);
    bool there = i < m->hook_count;
    if (there) *hook = m->hooks[i];
    pthread_mutex_unlock(&m->lock);
    return there;
}

static torsh_module self_handle(torsh__module *m)
{
    torsh__retain(&m->object);
    return (torsh_module){torsh__handle_make(&m->object)};
}

static torsh_status run_pre_hooks(torsh__module *m, torsh_module self, torsh_tensor *inputs, size_t count)
{
    torsh__module_hooks hook;
    torsh_status status = TORSH_OK;
    for (size_t i = 0; status == TORSH_OK && hook_at(m, i, &hook); i++)
        if (hook.before) status = hook.before(self, inputs, count, hook.context);
    return status;
}

static torsh_tensor run_post_hooks(torsh__module *m, torsh_module self, const torsh_tensor *inputs, size_t count, torsh_tensor output)
{
    torsh__module_hooks hook;
    for (size_t i = 0; !torsh__is_error(output.id) && hook_at(m, i, &hook); i++)
        if (hook.after) output = hook.after(self, inputs, count, output, hook.context);
    return output;
}

/* Replaces the list of hooks by one with `add`, or without the first one like `drop`. */
static torsh_status change_hooks(torsh__module *m, const torsh__module_hooks *add, const torsh__module_hooks *drop)
{
    pthread_mutex_lock(&m->lock);
    size_t at = m->hook_count, count = m->hook_count + (add != NULL) - (drop != NULL);
    for (size_t i = m->hook_count; drop && i-- > 0;)
        if (m->hooks[i].before == drop->before && m->hooks[i].after == drop->after && m->hooks[i].context == drop->context) at = i;
    bool missing = drop && at == m->hook_count;
    torsh__module_hooks *hooks = missing ? NULL : torsh__alloc(count * sizeof *hooks);
    if (hooks) {
        for (size_t i = 0, to = 0; i < m->hook_count; i++)
            if (!drop || i != at) hooks[to++] = m->hooks[i];
        if (add) hooks[count - 1] = *add;
        torsh__free(m->hooks, m->hook_count * sizeof *hooks);
        m->hooks = hooks;
        m->hook_count = count;
    }
    pthread_mutex_unlock(&m->lock);
    if (missing) return torsh__fail(TORSH_OUT_OF_RANGE, "nn_remove_forward_hook: the module has no such hook");
    return hooks ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

static torsh_status with_hooks(torsh_module module, const char *function, const torsh__module_hooks *add, const torsh__module_hooks *drop)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, function, &status);
    if (!m) return status;
    const torsh__module_hooks *hook = add ? add : drop;
    if (!hook->before && !hook->after) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument 'hook' is NULL", function);
    else status = change_hooks(m, add, drop);
    torsh__unpin(module.id);
    return status;
}

torsh_status torsh_nn_register_forward_pre_hook(torsh_module module, torsh_module_pre_hook *hook, void *context)
{
    return with_hooks(module, "nn_register_forward_pre_hook", &(torsh__module_hooks){hook, NULL, context}, NULL);
}

torsh_status torsh_nn_register_forward_hook(torsh_module module, torsh_module_hook *hook, void *context)
{
    return with_hooks(module, "nn_register_forward_hook", &(torsh__module_hooks){NULL, hook, context}, NULL);
}

torsh_status torsh_nn_remove_forward_pre_hook(torsh_module module, torsh_module_pre_hook *hook, void *context)
{
    return with_hooks(module, "nn_remove_forward_pre_hook", NULL, &(torsh__module_hooks){hook, NULL, context});
}

torsh_status torsh_nn_remove_forward_hook(torsh_module module, torsh_module_hook *hook, void *context)
{
    return with_hooks(module, "nn_remove_forward_hook", NULL, &(torsh__module_hooks){NULL, hook, context});
}

/* ---- forward ------------------------------------------------------------------------------------------------- */

static torsh_tensor run_layer(torsh__module *m, const torsh_tensor *inputs, size_t count)
{
    if (count == m->layer->inputs) return m->layer->forward(m, inputs);
    return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "%s takes %zu input%s; %zu were given", m->layer->name, m->layer->inputs,
                                           m->layer->inputs == 1 ? "" : "s", count));
}

/* Hooks and callers' code: in a scope of its own, from which only the result is lifted. */
static torsh_tensor run_scoped(torsh__module *m, const torsh_tensor *inputs, size_t count)
{
    enum { INLINE_INPUTS = 8 };
    torsh_tensor few[INLINE_INPUTS], *own = few;
    if (count > INLINE_INPUTS && !(own = torsh__alloc(count * sizeof *own))) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) own[i] = inputs[i];
    torsh__tensor *result = NULL;
    torsh_tensor output = {0};
    torsh_scope scope = torsh_scope_open();
    torsh_status status = torsh__is_error(scope.id) ? TORSH_OUT_OF_MEMORY : TORSH_OK;
    if (status == TORSH_OK) {
        torsh_module self = m->layer && !m->hook_count ? (torsh_module){0} : self_handle(m);
        if (m->hook_count) status = run_pre_hooks(m, self, own, count);
        if (status) output = torsh__tensor_error(status);
        else output = m->layer ? run_layer(m, own, count) : m->class.forward(self, own, count, m->user);
        if (m->hook_count) output = run_post_hooks(m, self, own, count, output);
        result = torsh__tensor_hold_any(output, torsh__module_name(m), "result of forward", &status);
        torsh_scope_close(scope);
    }
    if (own != few) torsh__free(own, count * sizeof *own);
    if (result) return torsh__tensor_give(result);
    return torsh__is_error(output.id) ? output : torsh__tensor_error(status);
}

/* ---- checkpointing ------------------------------------------------------------------------------------------- */

/* Checkpoints inside of one would compute things a third time. */
static _Thread_local bool inside_checkpoint;

static torsh_tensor run_module(torsh__module *m, const torsh_tensor *inputs, size_t count);

static torsh_tensor run_again(void *context, const torsh_tensor *inputs, size_t count)
{
    bool before = inside_checkpoint;
    inside_checkpoint = true;
    torsh_tensor output = run_module(context, inputs, count);
    inside_checkpoint = before;
    return output;
}

static void drop_module(void *context)
{
    torsh__module_drop(context);
}

bool torsh__module_checkpoints(const torsh__module *m)
{
    return atomic_load_explicit(&m->checkpointing, memory_order_relaxed) && !inside_checkpoint && torsh__thread_get()->modes.grad;
}

static torsh_tensor run_module(torsh__module *m, const torsh_tensor *inputs, size_t count)
{
    if (!m->layer || m->layer->scoped || m->hook_count) return run_scoped(m, inputs, count);
    return run_layer(m, inputs, count);
}

torsh_tensor torsh__module_forward(torsh__module *m, const char *name, const torsh_tensor *inputs, size_t count)
{
    frame f;
    torsh_tensor output;
    enter(&f, m, name);
    if (f.depth > MOST_DEPTH)
        output = torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "modules call each other more than %d deep", MOST_DEPTH));
    else if (torsh__module_checkpoints(m) && !(m->layer && m->layer->splits)) {
        torsh__retain(&m->object);
        output = torsh_autograd_checkpoint(run_again, m, drop_module, inputs, count);
    } else {
        output = run_module(m, inputs, count);
    }
    leave(&f);
    return output;
}

torsh_tensor torsh_nn_forward_n(torsh_module module, const torsh_tensor *inputs, size_t count)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, "nn_forward", &status);
    if (!m) return torsh__tensor_error(status);
    torsh_tensor output;
    if (!inputs && count) output = torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "nn_forward: argument 'inputs' is NULL but its count is %zu", count));
    else output = torsh__module_forward(m, NULL, inputs, count);
    torsh__unpin(module.id);
    return output;
}

torsh_tensor torsh_nn_forward(torsh_module module, torsh_tensor input)
{
    return torsh_nn_forward_n(module, &input, 1);
}
