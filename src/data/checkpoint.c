/* Checkpoints: making, filling, asking, loading, saving. Lists are kept sorted by name; a set replaces. */
#include "checkpoint.h"
#include "alloc.h"
#include "safetensors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void destroy(torsh__object *object);
const torsh__kind torsh__checkpoint_kind = {"checkpoint", destroy, NULL};

/* ---- entries ------------------------------------------------------------------------------------------------- */

static size_t entry_bytes(size_t ndim, size_t length)
{
    return sizeof(torsh__entry) + ndim * sizeof(int64_t) + length + 1;
}

torsh__entry *torsh__entry_make(const char *name, size_t ndim)
{
    size_t length = strlen(name);
    torsh__entry *entry = torsh__alloc_zero(entry_bytes(ndim, length));
    if (!entry) return NULL;
    char *text = (char *)(entry->sizes + ndim);
    memcpy(text, name, length + 1);
    entry->name = text;
    entry->ndim = ndim;
    return entry;
}

void torsh__entry_free(torsh__entry *entry)
{
    if (!entry) return;
    if (entry->tensor) torsh__tensor_drop(entry->tensor);
    torsh__free(entry, entry_bytes(entry->ndim, strlen(entry->name)));
}

torsh__note *torsh__note_make(const char *key, const char *value)
{
    size_t key_size = strlen(key) + 1, value_size = strlen(value) + 1;
    torsh__note *text = torsh__alloc(sizeof *text + key_size + value_size);
    if (!text) return NULL;
    memcpy(text->bytes, key, key_size);
    memcpy(text->bytes + key_size, value, value_size);
    text->key = text->bytes;
    text->value = text->bytes + key_size;
    return text;
}

void torsh__note_free(torsh__note *text)
{
    if (text) torsh__free(text, sizeof *text + strlen(text->key) + strlen(text->value) + 2);
}

/* ---- sorted lists of pointers -------------------------------------------------------------------------------- */

static const char *entry_key(const void *item)
{
    return ((const torsh__entry *)item)->name;
}

static const char *note_key(const void *item)
{
    return ((const torsh__note *)item)->key;
}

/* Where `key` stands, or where it would; *found says which. */
static size_t find(void **items, size_t count, const char *(*key_of)(const void *), const char *key, bool *found)
{
    size_t low = 0, high = count;
    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(key_of(items[middle]), key);
        if (order < 0) low = middle + 1;
        else if (order > 0) high = middle;
        else low = middle, *found = true;
    }
    return low;
}

/* Puts an item at its place; what it replaces comes back in *old. False without memory. */
static bool insert(void ***items, size_t *count, size_t *capacity, const char *(*key_of)(const void *), void *item, void **old)
{
    bool found;
    size_t at = find(*items, *count, key_of, key_of(item), &found);
    *old = found ? (*items)[at] : NULL;
    if (!found) {
        if (*count == *capacity) {
            size_t grown = *capacity ? *capacity * 2 : 16;
            void **list = torsh__alloc(grown * sizeof *list);
            if (!list) return false;
            if (*count) memcpy(list, *items, *count * sizeof *list);
            torsh__free(*items, *capacity * sizeof *list);
            *items = list;
            *capacity = grown;
        }
        memmove(*items + at + 1, *items + at, (*count - at) * sizeof **items);
        ++*count;
    }
    (*items)[at] = item;
    return true;
}

/* ---- the object ---------------------------------------------------------------------------------------------- */

static void destroy(torsh__object *object)
{
    torsh__checkpoint *checkpoint = (torsh__checkpoint *)object;
    for (size_t i = 0; i < checkpoint->count; i++) torsh__entry_free(checkpoint->entries[i]);
    for (size_t i = 0; i < checkpoint->note_count; i++) torsh__note_free(checkpoint->notes[i]);
    torsh__free(checkpoint->entries, checkpoint->capacity * sizeof *checkpoint->entries);
    torsh__free(checkpoint->notes, checkpoint->note_capacity * sizeof *checkpoint->notes);
    if (checkpoint->file >= 0) close(checkpoint->file);
    if (checkpoint->path) torsh__free(checkpoint->path, strlen(checkpoint->path) + 1);
    pthread_mutex_destroy(&checkpoint->lock);
    torsh__free(checkpoint, sizeof *checkpoint);
}

static torsh__checkpoint *make(void)
{
    torsh__checkpoint *checkpoint = torsh__alloc_zero(sizeof *checkpoint);
    if (!checkpoint) return NULL;
    torsh__object_init(&checkpoint->object, &torsh__checkpoint_kind);
    pthread_mutex_init(&checkpoint->lock, NULL);
    checkpoint->file = -1;
    return checkpoint;
}

/* Pinned and locked; NULL with *status set. */
static torsh__checkpoint *enter(torsh_checkpoint handle, const char *function, torsh_status *status)
{
    torsh__checkpoint *checkpoint = (torsh__checkpoint *)torsh__pin(handle.id, &torsh__checkpoint_kind, function, "checkpoint", status);
    if (checkpoint) pthread_mutex_lock(&checkpoint->lock);
    return checkpoint;
}

static void leave(torsh__checkpoint *checkpoint, torsh_checkpoint handle)
{
    pthread_mutex_unlock(&checkpoint->lock);
    torsh__unpin(handle.id);
}

torsh_checkpoint torsh_checkpoint_make(void)
{
    torsh__checkpoint *checkpoint = make();
    return (torsh_checkpoint){checkpoint ? torsh__handle_make(&checkpoint->object) : torsh__error_id(TORSH_OUT_OF_MEMORY)};
}

torsh_checkpoint torsh_load(const char *path)
{
    if (!path) return (torsh_checkpoint){torsh__error_id(torsh__fail(TORSH_INVALID_ARGUMENT, "load: argument 'path' is NULL"))};
    torsh__checkpoint *checkpoint = make();
    char *copy = checkpoint ? torsh__alloc(strlen(path) + 1) : NULL;
    if (!copy) {
        if (checkpoint) torsh__drop(&checkpoint->object);
        return (torsh_checkpoint){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    }
    checkpoint->path = memcpy(copy, path, strlen(path) + 1);
    torsh_status status;
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) {
        status = torsh__fail(TORSH_UNSUPPORTED, "load: safetensors files are little-endian; this machine is not");
    } else {
        do checkpoint->file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        while (checkpoint->file < 0 && errno == EINTR);
        status = checkpoint->file < 0 ? torsh__fail(TORSH_IO_ERROR, "load: %s: %s", path, strerror(errno)) : torsh__safetensors_open(checkpoint);
    }
    if (status == TORSH_OK) return (torsh_checkpoint){torsh__handle_make(&checkpoint->object)};
    torsh__drop(&checkpoint->object);
    return (torsh_checkpoint){torsh__error_id(status)};
}

/* ---- filling ------------------------------------------------------------------------------------------------- */

static torsh_status check_name(const char *function, const char *what, const char *name)
{
    if (!name) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument '%s' is NULL", function, what);
    if (!torsh__utf8_valid(name)) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument '%s' is not valid UTF-8", function, what);
    return TORSH_OK;
}

torsh_status torsh_checkpoint_set(torsh_checkpoint handle, const char *name, torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_hold(t, "checkpoint_set", "tensor", &status);
    if (!tensor) return status;
    status = check_name("checkpoint_set", "name", name);
    if (status == TORSH_OK && strcmp(name, "__metadata__") == 0)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "checkpoint_set: the name '__metadata__' is reserved by the format");
    torsh__entry *entry = status == TORSH_OK ? torsh__entry_make(name, 0) : NULL;
    if (!entry) {
        torsh__tensor_drop(tensor);
        return status ? status : TORSH_OUT_OF_MEMORY;
    }
    entry->tensor = tensor;
    void *old = entry;
    torsh__checkpoint *checkpoint = enter(handle, "checkpoint_set", &status);
    if (checkpoint) {
        if (!insert(&checkpoint->entries, &checkpoint->count, &checkpoint->capacity, entry_key, entry, &old)) status = TORSH_OUT_OF_MEMORY, old = entry;
        leave(checkpoint, handle);
    }
    torsh__entry_free(old);
    return status;
}

torsh_status torsh_checkpoint_set_text(torsh_checkpoint handle, const char *key, const char *value)
{
    torsh_status status = check_name("checkpoint_set_text", "key", key);
    if (status == TORSH_OK) status = check_name("checkpoint_set_text", "value", value);
    if (status) return status;
    torsh__note *text = torsh__note_make(key, value);
    if (!text) return TORSH_OUT_OF_MEMORY;
    void *old = text;
    torsh__checkpoint *checkpoint = enter(handle, "checkpoint_set_text", &status);
    if (checkpoint) {
        if (!insert(&checkpoint->notes, &checkpoint->note_count, &checkpoint->note_capacity, note_key, text, &old)) status = TORSH_OUT_OF_MEMORY, old = text;
        leave(checkpoint, handle);
    }
    torsh__note_free(old);
    return status;
}

/* ---- asking -------------------------------------------------------------------------------------------------- */

static torsh_tensor read_entry(const torsh__checkpoint *checkpoint, const torsh__entry *entry)
{
    if (entry->dtype < 0)
        return torsh__tensor_error(torsh__fail(TORSH_UNSUPPORTED, "checkpoint_get: tensor '%.100s' of %s is %s, which tensors can't hold", entry->name, checkpoint->path, entry->format));
    if (entry->ndim > TORSH__MAX_RANK)
        return torsh__tensor_error(torsh__fail(TORSH_UNSUPPORTED, "checkpoint_get: tensor '%.100s' has %zu dimensions; the most is %d", entry->name, entry->ndim, TORSH__MAX_RANK));
    torsh__tensor *tensor = torsh__tensor_make((torsh_dtype)entry->dtype, (int)entry->ndim, entry->sizes, TORSH_CPU);
    if (!tensor) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    torsh_status status = torsh__safetensors_read(checkpoint, entry, tensor->view.memory);
    uint8_t *truth = tensor->view.memory;
    for (int64_t i = 0; i < tensor->view.numel && entry->dtype == TORSH_BOOL; i++) truth[i] = truth[i] != 0; /* kernels rely on 0 and 1 */
    if (status == TORSH_OK) return torsh__tensor_give(tensor);
    torsh__tensor_drop(tensor);
    return torsh__tensor_error(status);
}

torsh_tensor torsh_checkpoint_get(torsh_checkpoint handle, const char *name)
{
    if (!name) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "checkpoint_get: argument 'name' is NULL"));
    torsh_status status = TORSH_OK;
    torsh__checkpoint *checkpoint = enter(handle, "checkpoint_get", &status);
    if (!checkpoint) return torsh__tensor_error(status);
    bool found;
    size_t at = find(checkpoint->entries, checkpoint->count, entry_key, name, &found);
    const torsh__entry *entry = found ? checkpoint->entries[at] : NULL;
    torsh_tensor result;
    if (!entry)
        result = torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "checkpoint_get: there is no tensor '%.100s' among the %zu of %s", name, checkpoint->count, checkpoint->path ? checkpoint->path : "the checkpoint"));
    else if (entry->tensor) result = torsh__tensor_share(entry->tensor);
    else result = read_entry(checkpoint, entry);
    leave(checkpoint, handle);
    return result;
}

bool torsh_checkpoint_has(torsh_checkpoint handle, const char *name)
{
    torsh_status status;
    bool found = false;
    torsh__checkpoint *checkpoint = name ? enter(handle, "checkpoint_has", &status) : NULL;
    if (!checkpoint) return false;
    find(checkpoint->entries, checkpoint->count, entry_key, name, &found);
    leave(checkpoint, handle);
    return found;
}

const char *torsh_checkpoint_text(torsh_checkpoint handle, const char *key)
{
    torsh_status status;
    const char *value = NULL;
    bool found = false;
    torsh__checkpoint *checkpoint = key ? enter(handle, "checkpoint_text", &status) : NULL;
    if (!checkpoint) return NULL;
    size_t at = find(checkpoint->notes, checkpoint->note_count, note_key, key, &found);
    if (found) value = ((const torsh__note *)checkpoint->notes[at])->value;
    leave(checkpoint, handle);
    return value;
}

int64_t torsh_checkpoint_size(torsh_checkpoint handle)
{
    torsh_status status;
    torsh__checkpoint *checkpoint = enter(handle, "checkpoint_size", &status);
    if (!checkpoint) return -1;
    int64_t count = (int64_t)checkpoint->count;
    leave(checkpoint, handle);
    return count;
}

int64_t torsh_checkpoint_text_count(torsh_checkpoint handle)
{
    torsh_status status;
    torsh__checkpoint *checkpoint = enter(handle, "checkpoint_text_count", &status);
    if (!checkpoint) return -1;
    int64_t count = (int64_t)checkpoint->note_count;
    leave(checkpoint, handle);
    return count;
}

/* Entry `index` of one of the lists; NULL with the error set. */
static const char *name_at(torsh_checkpoint handle, int64_t index, bool notes, const char *function)
{
    torsh_status status;
    const char *name = NULL;
    torsh__checkpoint *checkpoint = enter(handle, function, &status);
    if (!checkpoint) return NULL;
    size_t count = notes ? checkpoint->note_count : checkpoint->count;
    if (index < 0 || (uint64_t)index >= count) torsh__fail(TORSH_OUT_OF_RANGE, "%s: index %lld is out of range for %zu names", function, (long long)index, count);
    else name = notes ? note_key(checkpoint->notes[index]) : entry_key(checkpoint->entries[index]);
    leave(checkpoint, handle);
    return name;
}

const char *torsh_checkpoint_name(torsh_checkpoint handle, int64_t index)
{
    return name_at(handle, index, false, "checkpoint_name");
}

const char *torsh_checkpoint_text_key(torsh_checkpoint handle, int64_t index)
{
    return name_at(handle, index, true, "checkpoint_text_key");
}

/* ---- saving -------------------------------------------------------------------------------------------------- */

torsh_status torsh_checkpoint_save(torsh_checkpoint handle, const char *path)
{
    if (!path || !*path) return torsh__fail(TORSH_INVALID_ARGUMENT, "checkpoint_save: argument 'path' is %s", path ? "empty" : "NULL");
    torsh_status status = TORSH_OK;
    torsh__checkpoint *checkpoint = enter(handle, "checkpoint_save", &status);
    if (!checkpoint) return status;
    status = torsh__safetensors_write(checkpoint, path);
    leave(checkpoint, handle);
    return status;
}

torsh_status torsh_save(const char *path, const char *const *names, const torsh_tensor *tensors, size_t count)
{
    if (count && (!names || !tensors)) return torsh__fail(TORSH_INVALID_ARGUMENT, "save: argument '%s' is NULL", names ? "tensors" : "names");
    torsh_checkpoint checkpoint = torsh_checkpoint_make();
    torsh_status status = torsh_id_status(checkpoint.id);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) status = torsh_checkpoint_set(checkpoint, names[i], tensors[i]);
    if (status == TORSH_OK && torsh_checkpoint_size(checkpoint) != (int64_t)count)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "save: a name stands twice in argument 'names'");
    if (status == TORSH_OK) status = torsh_checkpoint_save(checkpoint, path);
    torsh_release(checkpoint);
    return status;
}
