/* Tensors by name: what modules and optimizers give to be saved and take to go on from. */
#include "state_dict.h"
#include "alloc.h"

#include <string.h>

static void destroy(torsh__object *object);
const torsh__kind torsh__state_dict_kind = {"state dict", destroy, NULL};

char *torsh__text_copy(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = torsh__alloc(bytes);
    if (copy) memcpy(copy, text, bytes);
    return copy;
}

void torsh__text_free(char *text)
{
    if (text) torsh__free(text, strlen(text) + 1);
}

static void destroy(torsh__object *object)
{
    torsh__state_dict *dict = (torsh__state_dict *)object;
    for (size_t i = 0; i < dict->count; i++) {
        torsh__text_free(dict->entries[i].name);
        torsh__tensor_drop(dict->entries[i].tensor);
    }
    torsh__free(dict->entries, dict->capacity * sizeof *dict->entries);
    torsh__free(dict, sizeof *dict);
}

torsh__state_dict *torsh__state_dict_make(void)
{
    torsh__state_dict *dict = torsh__alloc_zero(sizeof *dict);
    if (dict) torsh__object_init(&dict->object, &torsh__state_dict_kind);
    return dict;
}

/* From the hint round to the hint: a walk in the order of the entries finds each at once. */
static torsh__state_entry *find(torsh__state_dict *dict, const char *name)
{
    size_t hint = atomic_load_explicit(&dict->hint, memory_order_relaxed);
    for (size_t i = 0; i < dict->count; i++) {
        size_t at = (hint + i) % dict->count;
        if (strcmp(dict->entries[at].name, name)) continue;
        atomic_store_explicit(&dict->hint, at + 1, memory_order_relaxed);
        return &dict->entries[at];
    }
    return NULL;
}

torsh__tensor *torsh__state_dict_find(torsh__state_dict *dict, const char *name)
{
    torsh__state_entry *entry = find(dict, name);
    return entry ? entry->tensor : NULL;
}

static bool grow(torsh__state_dict *dict)
{
    if (dict->count < dict->capacity) return true;
    size_t capacity = dict->capacity ? dict->capacity * 2 : 16;
    torsh__state_entry *entries = torsh__alloc(capacity * sizeof *entries);
    if (!entries) return false;
    if (dict->count) memcpy(entries, dict->entries, dict->count * sizeof *entries);
    torsh__free(dict->entries, dict->capacity * sizeof *entries);
    dict->entries = entries;
    dict->capacity = capacity;
    return true;
}

torsh_status torsh__state_dict_put(torsh__state_dict *dict, const char *name, torsh__tensor *t)
{
    torsh__state_entry *entry = find(dict, name);
    if (entry) {
        torsh__tensor_retain(t);
        torsh__tensor_drop(entry->tensor);
        entry->tensor = t;
        return TORSH_OK;
    }
    char *copy = grow(dict) ? torsh__text_copy(name) : NULL;
    if (!copy) return TORSH_OUT_OF_MEMORY;
    torsh__tensor_retain(t);
    dict->entries[dict->count++] = (torsh__state_entry){copy, t};
    return TORSH_OK;
}

/* ---- the public door ----------------------------------------------------------------------------------------- */

static torsh__state_dict *pin(torsh_state_dict handle, const char *function, torsh_status *status)
{
    return (torsh__state_dict *)torsh__pin(handle.id, &torsh__state_dict_kind, function, "dict", status);
}

torsh_state_dict torsh_state_dict_make(void)
{
    torsh__state_dict *dict = torsh__state_dict_make();
    return (torsh_state_dict){dict ? torsh__handle_make(&dict->object) : torsh__error_id(TORSH_OUT_OF_MEMORY)};
}

torsh_status torsh_state_dict_set(torsh_state_dict handle, const char *name, torsh_tensor tensor)
{
    torsh_status status = TORSH_OK;
    torsh__state_dict *dict = pin(handle, "state_dict_set", &status);
    if (!dict) return status;
    torsh__tensor *t = NULL;
    if (!name) status = torsh__fail(TORSH_INVALID_ARGUMENT, "state_dict_set: argument 'name' is NULL");
    else t = torsh__tensor_pin(tensor, "state_dict_set", "tensor", &status);
    if (t) {
        status = torsh__state_dict_put(dict, name, t);
        torsh__unpin(tensor.id);
    }
    torsh__unpin(handle.id);
    return status;
}

torsh_tensor torsh_state_dict_get(torsh_state_dict handle, const char *name)
{
    torsh_status status = TORSH_OK;
    torsh__state_dict *dict = pin(handle, "state_dict_get", &status);
    if (!dict) return torsh__tensor_error(status);
    torsh__tensor *t = name ? torsh__state_dict_find(dict, name) : NULL;
    torsh_tensor result = t ? torsh__tensor_share(t)
                            : torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "state_dict_get: there is no tensor named \"%s\"", name ? name : "(NULL)"));
    torsh__unpin(handle.id);
    return result;
}

bool torsh_state_dict_has(torsh_state_dict handle, const char *name)
{
    torsh_status status = TORSH_OK;
    torsh__state_dict *dict = pin(handle, "state_dict_has", &status);
    if (!dict) return false;
    bool has = name && torsh__state_dict_find(dict, name);
    torsh__unpin(handle.id);
    return has;
}

int64_t torsh_state_dict_size(torsh_state_dict handle)
{
    torsh_status status = TORSH_OK;
    torsh__state_dict *dict = pin(handle, "state_dict_size", &status);
    if (!dict) return -1;
    int64_t count = (int64_t)dict->count;
    torsh__unpin(handle.id);
    return count;
}

static torsh_status check_index(const char *function, const torsh__state_dict *dict, int64_t index)
{
    if (index >= 0 && index < (int64_t)dict->count) return TORSH_OK;
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: index %lld is out of range for %zu entries", function, (long long)index, dict->count);
}

const char *torsh_state_dict_name(torsh_state_dict handle, int64_t index)
{
    torsh_status status = TORSH_OK;
    torsh__state_dict *dict = pin(handle, "state_dict_name", &status);
    if (!dict) return NULL;
    const char *name = check_index("state_dict_name", dict, index) ? NULL : dict->entries[index].name;
    torsh__unpin(handle.id);
    return name;
}

torsh_tensor torsh_state_dict_tensor(torsh_state_dict handle, int64_t index)
{
    torsh_status status = TORSH_OK;
    torsh__state_dict *dict = pin(handle, "state_dict_tensor", &status);
    if (!dict) return torsh__tensor_error(status);
    status = check_index("state_dict_tensor", dict, index);
    torsh_tensor result = status ? torsh__tensor_error(status) : torsh__tensor_share(dict->entries[index].tensor);
    torsh__unpin(handle.id);
    return result;
}
