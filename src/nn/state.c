/* A module and all in it as one: parameters, state dicts, modes, visits, printing. */
#include "list.h"
#include "walk.h"

#include <torsh/ops/copy.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    PARAMETERS = 1u << TORSH__PARAMETER,
    BUFFERS = 1u << TORSH__BUFFER | 1u << TORSH__TRANSIENT,
    SAVED = 1u << TORSH__PARAMETER | 1u << TORSH__BUFFER,
};

/* Called with each tensor and its name; a status other than TORSH_OK ends the walk. */
typedef torsh_status visit_tensor(void *context, const char *name, torsh__tensor *t);

/* The tensors of one module of a walk. */
static torsh_status each_slot(torsh__walk *walk, torsh__module *m, unsigned kinds, torsh__pointer_set *seen, visit_tensor *visit, void *context)
{
    torsh_status status = TORSH_OK;
    const char *name = NULL;
    for (size_t i = 0; status == TORSH_OK; i++) {
        torsh__tensor *t = (torsh__tensor *)torsh__module_next(m, kinds, &i, &name);
        if (!t) break;
        bool failed = false;
        if (!seen || torsh__pointer_set_add(seen, t, &failed)) {
            const char *path = torsh__walk_name(walk, name);
            status = path ? visit(context, path, t) : TORSH_OUT_OF_MEMORY;
        }
        if (failed) status = TORSH_OUT_OF_MEMORY;
        torsh__tensor_drop(t);
    }
    return status;
}

/* All tensors of the kinds; unique: modules and tensors that are shared come once. Parameters of a module come before its
 * buffers, as in PyTorch. */
static torsh_status each_tensor(torsh__module *root, unsigned kinds, bool unique, visit_tensor *visit, void *context)
{
    torsh__walk walk;
    torsh__module *m;
    torsh__pointer_set seen = {0};
    torsh_status status = TORSH_OK;
    torsh__walk_start(&walk, root, unique);
    while (status == TORSH_OK && torsh__walk_next(&walk, &m)) {
        status = each_slot(&walk, m, kinds & PARAMETERS, unique ? &seen : NULL, visit, context);
        if (status == TORSH_OK) status = each_slot(&walk, m, kinds & BUFFERS, unique ? &seen : NULL, visit, context);
    }
    torsh__pointer_set_free(&seen);
    torsh_status ended = torsh__walk_end(&walk);
    return status ? status : ended;
}

static torsh_status with_tensors(torsh_module module, const char *function, unsigned kinds, bool unique, visit_tensor *visit, void *context)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, function, &status);
    if (!m) return status;
    status = each_tensor(m, kinds, unique, visit, context);
    torsh__unpin(module.id);
    return status;
}

/* ---- parameters ---------------------------------------------------------------------------------------------- */

static torsh_status put_in_dict(void *context, const char *name, torsh__tensor *t)
{
    return torsh__state_dict_put(context, name, t);
}

static torsh_state_dict named(torsh_module module, const char *function, unsigned kinds)
{
    torsh__state_dict *dict = torsh__state_dict_make();
    torsh_status status = dict ? with_tensors(module, function, kinds, true, put_in_dict, dict) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) return (torsh_state_dict){torsh__handle_make(&dict->object)};
    if (dict) torsh__drop(&dict->object);
    return (torsh_state_dict){torsh__error_id(status)};
}

torsh_state_dict torsh_nn_named_parameters(torsh_module module)
{
    return named(module, "nn_named_parameters", PARAMETERS);
}

torsh_state_dict torsh_nn_named_buffers(torsh_module module)
{
    return named(module, "nn_named_buffers", BUFFERS);
}

/* Fills a list, or counts for one. */
typedef struct gathered {
    torsh_tensor *tensors;
    size_t count, capacity;
} gathered;

static torsh_status gather(void *context, const char *name, torsh__tensor *t)
{
    gathered *all = context;
    (void)name;
    if (all->count == all->capacity) {
        size_t capacity = all->capacity ? all->capacity * 2 : 32;
        torsh_tensor *tensors = torsh__alloc(capacity * sizeof *tensors);
        if (!tensors) return TORSH_OUT_OF_MEMORY;
        if (all->count) memcpy(tensors, all->tensors, all->count * sizeof *tensors);
        torsh__free(all->tensors, all->capacity * sizeof *tensors);
        all->tensors = tensors;
        all->capacity = capacity;
    }
    torsh_tensor handle = torsh__tensor_share(t);
    if (torsh__is_error(handle.id)) return TORSH_OUT_OF_MEMORY;
    all->tensors[all->count++] = handle;
    return TORSH_OK;
}

torsh_tensors torsh_nn_parameters(torsh_module module)
{
    gathered all = {0};
    torsh_status status = with_tensors(module, "nn_parameters", PARAMETERS, true, gather, &all);
    torsh_tensors list = status ? (torsh_tensors){torsh__error_id(status)} : torsh_tensors_make(all.tensors, all.count);
    for (size_t i = 0; i < all.count; i++) torsh_release(all.tensors[i]);
    torsh__free(all.tensors, all.capacity * sizeof *all.tensors);
    return list;
}

static torsh_status add_numel(void *context, const char *name, torsh__tensor *t)
{
    (void)name;
    *(int64_t *)context += t->view.numel;
    return TORSH_OK;
}

int64_t torsh_nn_parameter_numel(torsh_module module)
{
    int64_t numel = 0;
    return with_tensors(module, "nn_parameter_numel", PARAMETERS, true, add_numel, &numel) ? -1 : numel;
}

static torsh_status drop_grad(void *context, const char *name, torsh__tensor *t)
{
    (void)context, (void)name;
    torsh_tensor handle = torsh__tensor_share(t);
    torsh_status status = torsh_zero_grad(handle);
    torsh_release(handle);
    return status;
}

torsh_status torsh_nn_zero_grad(torsh_module module)
{
    return with_tensors(module, "nn_zero_grad", PARAMETERS, true, drop_grad, NULL);
}

static torsh_status set_requires(void *context, const char *name, torsh__tensor *t)
{
    (void)name;
    torsh_tensor handle = torsh__tensor_share(t);
    torsh_status status = torsh_set_requires_grad(handle, *(const bool *)context);
    torsh_release(handle);
    return status;
}

torsh_status torsh_nn_requires_grad_(torsh_module module, bool requires_grad)
{
    return with_tensors(module, "nn_requires_grad_", PARAMETERS, true, set_requires, &requires_grad);
}

/* ---- state dicts --------------------------------------------------------------------------------------------- */

static torsh_status put_detached(void *context, const char *name, torsh__tensor *t)
{
    torsh__tensor *alias = torsh__tensor_alias(t);
    if (!alias) return TORSH_OUT_OF_MEMORY;
    torsh_status status = torsh__state_dict_put(context, name, alias);
    torsh__tensor_drop(alias);
    return status;
}

torsh_state_dict torsh_nn_state_dict(torsh_module module)
{
    torsh__state_dict *dict = torsh__state_dict_make();
    torsh_status status = dict ? with_tensors(module, "nn_state_dict", SAVED, false, put_detached, dict) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) return (torsh_state_dict){torsh__handle_make(&dict->object)};
    if (dict) torsh__drop(&dict->object);
    return (torsh_state_dict){torsh__error_id(status)};
}

/* Text that is cut off where its room ends. */
typedef struct text {
    char *to;
    size_t size, used;
} text;

static void print(text *t, const char *format, ...) TORSH__PRINTF(2, 3);
static void print(text *t, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    bool room = t->used < t->size;
    int wrote = vsnprintf(room ? t->to + t->used : NULL, room ? t->size - t->used : 0, format, list);
    if (wrote > 0) t->used += (size_t)wrote;
    va_end(list);
}

/* Comparing a state dict with the module's own, in PyTorch's words. */
typedef struct loading {
    torsh__state_dict *from, *own;
    text missing, sizes;
    char missing_text[512], sizes_text[512];
    int missing_count, size_count;
} loading;

static void size_text(char *buffer, size_t bytes, const torsh__tensor *t)
{
    text out = {buffer, bytes, 0};
    print(&out, "torch.Size([");
    for (int d = 0; d < t->view.ndim; d++) print(&out, "%s%lld", d ? ", " : "", (long long)t->view.sizes[d]);
    print(&out, "])");
}

static torsh_status compare(void *context, const char *name, torsh__tensor *t)
{
    loading *l = context;
    torsh__tensor *from = torsh__state_dict_find(l->from, name);
    torsh_status status = torsh__state_dict_put(l->own, name, t);
    if (status) return status;
    if (!from) {
        print(&l->missing, "%s\"%s\"", l->missing_count++ ? ", " : "", name);
    } else if (!torsh__same_sizes(from->view.ndim, from->view.sizes, t->view.ndim, t->view.sizes)) {
        char have[96], want[96];
        size_text(have, sizeof have, from);
        size_text(want, sizeof want, t);
        print(&l->sizes, "\n\tsize mismatch for %s: copying a param with shape %s from checkpoint, the shape in current model is %s.", name, have, want);
        l->size_count++;
    }
    return TORSH_OK;
}

static int list_unexpected(const loading *l, text *out)
{
    int count = 0;
    for (size_t i = 0; i < l->from->count; i++)
        if (!torsh__state_dict_find(l->own, l->from->entries[i].name)) print(out, "%s\"%s\"", count++ ? ", " : "", l->from->entries[i].name);
    return count;
}

static torsh_status check_loading(const loading *l, const torsh__module *m, bool strict)
{
    char unexpected_text[512] = "";
    text unexpected = {unexpected_text, sizeof unexpected_text, 0};
    int unexpected_count = list_unexpected(l, &unexpected);
    if (!(strict && (unexpected_count || l->missing_count)) && !l->size_count) return TORSH_OK;
    bool show_missing = strict && l->missing_count, show_unexpected = strict && unexpected_count;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "Error(s) in loading state_dict for %s:%s%s%s%s%s%s%s", torsh__module_name(m),
                       show_missing ? "\n\tMissing key(s) in state_dict: " : "", show_missing ? l->missing_text : "", show_missing ? ". " : "",
                       show_unexpected ? "\n\tUnexpected key(s) in state_dict: " : "", show_unexpected ? unexpected_text : "",
                       show_unexpected ? ". " : "", l->sizes_text);
}

/* Memory for what can fail first: sources of another device or dtype are converted by copy_. */
static torsh_status copy_values(const loading *l)
{
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return TORSH_OUT_OF_MEMORY;
    torsh__thread_get()->modes.grad = false;
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < l->own->count && status == TORSH_OK; i++) {
        torsh__tensor *from = torsh__state_dict_find(l->from, l->own->entries[i].name);
        if (!from) continue;
        torsh_tensor to = torsh__tensor_share(l->own->entries[i].tensor), source = torsh__tensor_share(from);
        status = torsh_id_status(torsh_copy_(to, source).id);
        torsh_release(to);
        torsh_release(source);
    }
    return status;
}

static torsh_status load(torsh__module *m, torsh__state_dict *from, bool strict)
{
    loading l = {.from = from, .own = torsh__state_dict_make()};
    l.missing = (text){l.missing_text, sizeof l.missing_text, 0};
    l.sizes = (text){l.sizes_text, sizeof l.sizes_text, 0};
    torsh_status status = l.own ? each_tensor(m, SAVED, false, compare, &l) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) status = check_loading(&l, m, strict);
    if (status == TORSH_OK) status = copy_values(&l);
    if (l.own) torsh__drop(&l.own->object);
    return status;
}

torsh_status torsh_nn_load_state_dict(torsh_module module, torsh_state_dict dict, bool strict)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, "nn_load_state_dict", &status);
    if (!m) return status;
    torsh__state_dict *from = (torsh__state_dict *)torsh__pin(dict.id, &torsh__state_dict_kind, "nn_load_state_dict", "dict", &status);
    if (from) {
        status = load(m, from, strict);
        torsh__unpin(dict.id);
    }
    torsh__unpin(module.id);
    return status;
}

/* ---- modes --------------------------------------------------------------------------------------------------- */

static torsh_status each_module(torsh_module module, const char *function, void (*change)(torsh__module *m, bool value), bool value)
{
    torsh_status status = TORSH_OK;
    torsh__module *root = torsh__module_pin(module, function, &status), *m;
    if (!root) return status;
    torsh__walk walk;
    torsh__walk_start(&walk, root, true);
    while (torsh__walk_next(&walk, &m)) change(m, value);
    status = torsh__walk_end(&walk);
    torsh__unpin(module.id);
    return status;
}

static void set_training(torsh__module *m, bool value)
{
    atomic_store_explicit(&m->training, value, memory_order_relaxed);
}

torsh_status torsh_nn_train(torsh_module module, bool mode)
{
    return each_module(module, "nn_train", set_training, mode);
}

torsh_status torsh_nn_eval(torsh_module module)
{
    return each_module(module, "nn_eval", set_training, false);
}

bool torsh_nn_is_training(torsh_module module)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, "nn_is_training", &status);
    if (!m) return false;
    bool training = atomic_load_explicit(&m->training, memory_order_relaxed);
    torsh__unpin(module.id);
    return training;
}

/* ---- checkpointing ------------------------------------------------------------------------------------------- */

static void set_checkpointing(torsh__module *m, bool value)
{
    atomic_store_explicit(&m->checkpointing, value, memory_order_relaxed);
}

static bool has_children(torsh__module *m)
{
    size_t i = 0;
    torsh__object *child = torsh__module_next(m, 1u << TORSH__CHILD, &i, NULL);
    torsh__drop(child);
    return child != NULL;
}

/* Another child of m with children and of block's class. */
static bool has_twin(torsh__module *m, const torsh__module *block)
{
    bool twin = false;
    for (size_t i = 0; !twin; i++) {
        torsh__module *other = (torsh__module *)torsh__module_next(m, 1u << TORSH__CHILD, &i, NULL);
        if (!other) break;
        twin = other != block && strcmp(torsh__module_name(other), torsh__module_name(block)) == 0 && has_children(other);
        torsh__module_drop(other);
    }
    return twin;
}

/* Marks the blocks among m's children; true if there was one. */
static bool mark_blocks(torsh__module *m)
{
    bool any = false;
    for (size_t i = 0;; i++) {
        torsh__module *block = (torsh__module *)torsh__module_next(m, 1u << TORSH__CHILD, &i, NULL);
        if (!block) break;
        if (has_children(block) && has_twin(m, block)) {
            set_checkpointing(block, true);
            any = true;
        }
        torsh__module_drop(block);
    }
    return any;
}

torsh_status torsh_nn_set_gradient_checkpointing(torsh_module module, bool enable)
{
    torsh_status status = each_module(module, "nn_set_gradient_checkpointing", set_checkpointing, false);
    if (status || !enable) return status;
    torsh__module *root = torsh__module_pin(module, "nn_set_gradient_checkpointing", &status), *m;
    if (!root) return status;
    torsh__walk walk;
    bool any = false;
    torsh__walk_start(&walk, root, true);
    while (torsh__walk_next(&walk, &m)) any |= mark_blocks(m);
    status = torsh__walk_end(&walk);
    if (!any) set_checkpointing(root, true);
    torsh__unpin(module.id);
    return status;
}

/* ---- visits and printing ------------------------------------------------------------------------------------- */

torsh_status torsh_nn_apply(torsh_module module, torsh_module_visit *visit, void *context)
{
    torsh_status status = TORSH_OK;
    torsh__module *root = torsh__module_pin(module, "nn_apply", &status), *m;
    if (!root) return status;
    torsh__walk walk;
    bool leaving;
    torsh__walk_start(&walk, root, true);
    if (!visit) status = torsh__fail(TORSH_INVALID_ARGUMENT, "nn_apply: argument 'visit' is NULL");
    while (status == TORSH_OK && torsh__walk_both(&walk, &m, &leaving)) {
        if (!leaving) continue;
        torsh__retain(&m->object);
        torsh_module handle = {torsh__handle_make(&m->object)};
        status = torsh__is_error(handle.id) ? TORSH_OUT_OF_MEMORY : visit(handle, walk.path, context);
        torsh_release(handle);
    }
    torsh_status ended = torsh__walk_end(&walk);
    torsh__unpin(module.id);
    return status ? status : ended;
}

int64_t torsh_nn_format(torsh_module module, char *to, size_t size)
{
    torsh_status status = TORSH_OK;
    torsh__module *root = torsh__module_pin(module, "nn_format", &status), *m;
    if (!root) return -1;
    text out = {to, to ? size : 0, 0};
    torsh__walk walk;
    bool leaving;
    torsh__walk_start(&walk, root, false);
    while (torsh__walk_both(&walk, &m, &leaving)) {
        int indent = 2 * ((int)walk.depth - 1);
        bool children = has_children(m);
        if (leaving) {
            if (children) print(&out, "%*s)%s", indent, "", indent ? "\n" : "");
            continue;
        }
        const char *name = strrchr(walk.path, '.');
        char brackets[256] = "";
        if (m->layer && m->layer->describe) m->layer->describe(m, brackets, sizeof brackets);
        print(&out, "%*s", indent, "");
        if (indent) print(&out, "(%s): ", name ? name + 1 : walk.path);
        print(&out, "%s(%s%s", torsh__module_name(m), brackets, children ? "\n" : ")");
        if (!children && indent) print(&out, "\n");
    }
    status = torsh__walk_end(&walk);
    torsh__unpin(module.id);
    return status ? -1 : (int64_t)out.used;
}
