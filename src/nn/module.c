/* Making modules and registering what is in them. */
#include "module.h"
#include "walk.h"

#include <string.h>

static void destroy(torsh__object *object);
const torsh__kind torsh__module_kind = {"module", destroy, NULL};

/* ---- life ---------------------------------------------------------------------------------------------------- */

static void destroy(torsh__object *object)
{
    torsh__module *m = (torsh__module *)object;
    for (size_t i = 0; i < m->count; i++) {
        torsh__text_free(m->slots[i].name);
        torsh_release_id(m->slots[i].handle);
    }
    torsh__free(m->slots, m->capacity * sizeof *m->slots);
    torsh__free(m->hooks, m->hook_count * sizeof *m->hooks);
    if (m->layer) torsh__free(m->user, m->layer->options_size);
    else if (m->class.destroy) m->class.destroy(m->user);
    torsh__text_free((char *)(uintptr_t)m->class.name);
    pthread_mutex_destroy(&m->lock);
    torsh__free(m, sizeof *m);
}

static torsh__module *make(void)
{
    torsh__module *m = torsh__alloc_zero(sizeof *m);
    if (!m) return NULL;
    torsh__object_init(&m->object, &torsh__module_kind);
    pthread_mutex_init(&m->lock, NULL);
    atomic_init(&m->training, true);
    atomic_init(&m->checkpointing, false);
    return m;
}

torsh__module *torsh__module_make(const torsh__layer *layer)
{
    void *options = layer->options_size ? torsh__alloc_zero(layer->options_size) : NULL;
    torsh__module *m = options || !layer->options_size ? make() : NULL;
    if (!m) {
        torsh__free(options, layer->options_size);
        return NULL;
    }
    m->layer = layer;
    m->user = options;
    return m;
}

torsh_module torsh__module_give(torsh__module *m, torsh_status status)
{
    if (m && status == TORSH_OK) return (torsh_module){torsh__handle_make(&m->object)};
    torsh__module_drop(m);
    return (torsh_module){torsh__error_id(status ? status : TORSH_OUT_OF_MEMORY)};
}

torsh_module torsh_nn_module(const torsh_module_class *module_class, void *user)
{
    if (!module_class || !module_class->name || !module_class->forward)
        return torsh__module_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "nn_module: the class, its name and its forward must not be NULL"));
    torsh__module *m = make();
    char *name = m ? torsh__text_copy(module_class->name) : NULL;
    if (!name) return torsh__module_give(m, TORSH_OUT_OF_MEMORY);
    m->class = *module_class;
    m->class.name = name;
    m->class.destroy = NULL; /* not before the handle is made */
    m->user = user;
    torsh__retain(&m->object);
    torsh_module handle = torsh__module_give(m, TORSH_OK);
    if (!torsh__is_error(handle.id)) m->class.destroy = module_class->destroy;
    torsh__module_drop(m);
    return handle;
}

void *torsh_nn_user(torsh_module module)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, "nn_user", &status);
    if (!m) return NULL;
    void *user = m->layer ? NULL : m->user;
    torsh__unpin(module.id);
    return user;
}

/* ---- slots --------------------------------------------------------------------------------------------------- */

static bool same_group(torsh__slot_kind a, torsh__slot_kind b)
{
    return a == b || (a != TORSH__PARAMETER && a != TORSH__CHILD && b != TORSH__PARAMETER && b != TORSH__CHILD);
}

static torsh__slot *find_slot(torsh__module *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++)
        if (strcmp(m->slots[i].name, name) == 0) return &m->slots[i];
    return NULL;
}

static torsh_status check_name(const char *what, const char *name)
{
    if (name && *name && !strchr(name, '.')) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "nn_register_%s: the name %s%s%s; it must not be NULL or empty or hold a \".\"", what, name ? "is \"" : "is NULL",
                       name ? name : "", name ? "\"" : "");
}

static torsh__slot *add_slot(torsh__module *m, const char *name)
{
    if (m->count == m->capacity) {
        size_t capacity = m->capacity ? m->capacity * 2 : 4;
        torsh__slot *slots = torsh__alloc(capacity * sizeof *slots);
        if (!slots) return NULL;
        if (m->count) memcpy(slots, m->slots, m->count * sizeof *slots);
        torsh__free(m->slots, m->capacity * sizeof *slots);
        m->slots = slots;
        m->capacity = capacity;
    }
    char *copy = torsh__text_copy(name);
    if (!copy) return NULL;
    torsh__slot *slot = &m->slots[m->count++];
    *slot = (torsh__slot){.name = copy};
    return slot;
}

static torsh_status put(torsh__module *m, torsh__slot_kind kind, const char *name, torsh__object *object)
{
    uint64_t handle = 0, old = 0;
    if (object) {
        torsh__retain(object);
        handle = torsh__handle_make_unowned(object);
    }
    if (torsh__is_error(handle)) return torsh__error_status(handle);
    torsh_status status = TORSH_OK;
    pthread_mutex_lock(&m->lock);
    torsh__slot *slot = find_slot(m, name);
    if (slot && !same_group(slot->kind, kind))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "nn_register: \"%s\" exists in %s already, as something else", name, torsh__module_name(m));
    else if (!slot && !(slot = add_slot(m, name)))
        status = TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        old = slot->handle;
        slot->kind = kind;
        slot->handle = handle;
        slot->object = object;
    }
    pthread_mutex_unlock(&m->lock);
    torsh_release_id(status ? handle : old);
    return status;
}

torsh_status torsh__module_put(torsh__module *m, torsh__slot_kind kind, const char *name, torsh_tensor t)
{
    const char *what = kind == TORSH__PARAMETER ? "parameter" : "buffer";
    torsh_status status = check_name(what, name);
    if (status || t.id == 0) return status ? status : put(m, kind, name, NULL);
    torsh__tensor *tensor = torsh__tensor_pin(t, kind == TORSH__PARAMETER ? "nn_register_parameter" : "nn_register_buffer", what, &status);
    if (!tensor) return status;
    if (kind == TORSH__PARAMETER) {
        if (tensor->grad_fn)
            status = torsh__fail(TORSH_AUTOGRAD_ERROR, "nn_register_parameter: \"%s\" was computed by %s; a parameter must be a leaf: detach it first", name,
                                 "a recorded op");
        if (status == TORSH_OK && !tensor->is_parameter) status = torsh_set_requires_grad(t, true); /* a shared one may be frozen */
        if (status == TORSH_OK) tensor->is_parameter = true;
    }
    if (status == TORSH_OK) status = put(m, kind, name, &tensor->object);
    torsh__unpin(t.id);
    return status;
}

/* A module that holds itself would have no end. */
static torsh_status check_no_cycle(torsh__module *m, torsh__module *child, const char *name)
{
    torsh__walk walk;
    torsh__module *inner;
    bool found = false;
    torsh__walk_start(&walk, child, true);
    while (!found && torsh__walk_next(&walk, &inner)) found = inner == m;
    torsh_status status = torsh__walk_end(&walk);
    if (status || !found) return status;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "nn_register_module: \"%s\" holds the module that it would become part of", name);
}

torsh_status torsh__module_put_child(torsh__module *m, const char *name, torsh_module child)
{
    torsh_status status = check_name("module", name);
    if (status || child.id == 0) return status ? status : put(m, TORSH__CHILD, name, NULL);
    torsh__module *c = (torsh__module *)torsh__pin(child.id, &torsh__module_kind, "nn_register_module", "child", &status);
    if (!c) return status;
    status = check_no_cycle(m, c, name);
    if (status == TORSH_OK) status = put(m, TORSH__CHILD, name, &c->object);
    torsh__unpin(child.id);
    return status;
}

static torsh_status register_tensor(torsh_module module, torsh__slot_kind kind, const char *name, torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, kind == TORSH__PARAMETER ? "nn_register_parameter" : "nn_register_buffer", &status);
    if (!m) return status;
    status = torsh__module_put(m, kind, name, t);
    torsh__unpin(module.id);
    return status;
}

torsh_status torsh_nn_register_parameter(torsh_module module, const char *name, torsh_tensor parameter)
{
    return register_tensor(module, TORSH__PARAMETER, name, parameter);
}

torsh_status torsh_nn_register_buffer(torsh_module module, const char *name, torsh_tensor buffer, bool persistent)
{
    return register_tensor(module, persistent ? TORSH__BUFFER : TORSH__TRANSIENT, name, buffer);
}

torsh_status torsh_nn_register_module(torsh_module module, const char *name, torsh_module child)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, "nn_register_module", &status);
    if (!m) return status;
    status = torsh__module_put_child(m, name, child);
    torsh__unpin(module.id);
    return status;
}

/* ---- reading slots ------------------------------------------------------------------------------------------- */

void torsh__module_tensors(torsh__module *m, size_t count, torsh_tensor *tensors)
{
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < count; i++) tensors[i].id = i < m->count ? m->slots[i].handle : 0;
    pthread_mutex_unlock(&m->lock);
}

torsh__object *torsh__module_next(torsh__module *m, unsigned kinds, size_t *i, const char **name)
{
    torsh__object *found = NULL;
    pthread_mutex_lock(&m->lock);
    for (; *i < m->count && !found; ++*i) {
        const torsh__slot *slot = &m->slots[*i];
        if (!(kinds >> slot->kind & 1u) || !slot->handle) continue;
        found = slot->object;
        torsh__retain(found);
        if (name) *name = slot->name;
        break;
    }
    pthread_mutex_unlock(&m->lock);
    return found;
}

torsh__object *torsh__module_find(torsh__module *m, unsigned kinds, const char *name, size_t length)
{
    torsh__object *found = NULL;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->count && !found; i++) {
        const torsh__slot *slot = &m->slots[i];
        if (!(kinds >> slot->kind & 1u) || !slot->handle || strlen(slot->name) != length || memcmp(slot->name, name, length)) continue;
        found = slot->object;
        torsh__retain(found);
    }
    pthread_mutex_unlock(&m->lock);
    return found;
}

/* The object at the end of a path of children, as a reference to drop. */
static torsh__object *resolve(torsh_module module, const char *path, unsigned kinds, const char *function, torsh_status *status)
{
    torsh__module *m = torsh__module_pin(module, function, status);
    if (!m) return NULL;
    torsh__object *at = &m->object;
    torsh__retain(at);
    torsh__unpin(module.id);
    const char *rest = path ? path : "";
    while (at) {
        size_t length = strcspn(rest, ".");
        bool last = rest[length] == 0;
        torsh__object *inner = torsh__module_find((torsh__module *)at, last ? kinds : 1u << TORSH__CHILD, rest, length);
        torsh__drop(at);
        at = inner;
        if (last) break;
        rest += length + 1;
    }
    if (!at) *status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: there is no \"%s\"", function, path ? path : "(NULL)");
    return at;
}

static torsh_tensor tensor_at(torsh_module module, const char *path, unsigned kinds, const char *function)
{
    torsh_status status = TORSH_OK;
    torsh__object *object = resolve(module, path, kinds, function, &status);
    return object ? (torsh_tensor){torsh__handle_make(object)} : torsh__tensor_error(status);
}

torsh_tensor torsh_nn_parameter(torsh_module module, const char *path)
{
    return tensor_at(module, path, 1u << TORSH__PARAMETER, "nn_parameter");
}

torsh_tensor torsh_nn_buffer(torsh_module module, const char *path)
{
    return tensor_at(module, path, 1u << TORSH__BUFFER | 1u << TORSH__TRANSIENT, "nn_buffer");
}

torsh_module torsh_nn_child(torsh_module module, const char *path)
{
    torsh_status status = TORSH_OK;
    torsh__object *object = resolve(module, path, 1u << TORSH__CHILD, "nn_child", &status);
    return (torsh_module){object ? torsh__handle_make(object) : torsh__error_id(status)};
}

int64_t torsh_nn_child_count(torsh_module module)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, "nn_child_count", &status);
    if (!m) return -1;
    int64_t count = 0;
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < m->count; i++) count += m->slots[i].kind == TORSH__CHILD && m->slots[i].handle;
    pthread_mutex_unlock(&m->lock);
    torsh__unpin(module.id);
    return count;
}

/* The index-th child as a reference to drop. */
static torsh__object *child_at(torsh_module module, int64_t index, const char *function, const char **name, torsh_status *status)
{
    torsh__module *m = torsh__module_pin(module, function, status);
    if (!m) return NULL;
    torsh__object *child = NULL;
    int64_t seen = 0;
    for (size_t i = 0; index >= 0; i++) {
        child = torsh__module_next(m, 1u << TORSH__CHILD, &i, name);
        if (!child || seen++ == index) break;
        torsh__drop(child);
    }
    torsh__unpin(module.id);
    if (!child) *status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: there is no child %lld", function, (long long)index);
    return child;
}

const char *torsh_nn_child_name(torsh_module module, int64_t index)
{
    torsh_status status = TORSH_OK;
    const char *name = NULL;
    torsh__object *child = child_at(module, index, "nn_child_name", &name, &status);
    if (!child) return NULL;
    torsh__drop(child);
    return name;
}

torsh_module torsh_nn_child_at(torsh_module module, int64_t index)
{
    torsh_status status = TORSH_OK;
    torsh__object *child = child_at(module, index, "nn_child_at", NULL, &status);
    return (torsh_module){child ? torsh__handle_make(child) : torsh__error_id(status)};
}

const char *torsh_nn_class_name(torsh_module module)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(module, "nn_class_name", &status);
    if (!m) return NULL;
    const char *name = torsh__module_name(m);
    torsh__unpin(module.id);
    return name;
}
