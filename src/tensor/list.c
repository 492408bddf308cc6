/* Lists of tensors. */
#include "list.h"
#include "alloc.h"

static void destroy(torsh__object *object);
const torsh__kind torsh__list_kind = {"tensor list", destroy, NULL};

static size_t list_bytes(size_t count)
{
    return sizeof(torsh__list) + count * sizeof(torsh__tensor *);
}

static void destroy(torsh__object *object)
{
    torsh__list *list = (torsh__list *)object;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]) torsh__tensor_drop(list->items[i]);
    torsh__free(list, list_bytes(list->count));
}

torsh_tensors torsh_tensors_make(const torsh_tensor *tensors, size_t count)
{
    torsh_status status = TORSH_OK;
    if (!tensors && count) status = torsh__fail(TORSH_INVALID_ARGUMENT, "tensors_make: argument 'tensors' is NULL but its count is %zu", count);
    else if (count > 1u << 28) status = torsh__fail(TORSH_OUT_OF_RANGE, "tensors_make: %zu tensors are too many", count);
    torsh__list *list = status ? NULL : torsh__alloc_zero(list_bytes(count));
    if (!list) return (torsh_tensors){torsh__error_id(status ? status : TORSH_OUT_OF_MEMORY)};
    torsh__object_init(&list->object, &torsh__list_kind);
    list->count = count;
    for (size_t i = 0; i < count && status == TORSH_OK; i++) list->items[i] = torsh__tensor_hold_any(tensors[i], "tensors_make", "tensors", &status);
    if (status == TORSH_OK) return (torsh_tensors){torsh__handle_make(&list->object)};
    torsh__drop(&list->object);
    return (torsh_tensors){torsh__error_id(status)};
}

torsh_tensors torsh__list_give(torsh__tensor *const *items, size_t count)
{
    torsh__list *list = torsh__alloc(list_bytes(count));
    if (!list) return (torsh_tensors){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    torsh__object_init(&list->object, &torsh__list_kind);
    list->count = count;
    for (size_t i = 0; i < count; i++) {
        list->items[i] = items[i];
        if (items[i]) torsh__tensor_retain(items[i]);
    }
    return (torsh_tensors){torsh__handle_make(&list->object)};
}

int64_t torsh_tensors_size(torsh_tensors handle)
{
    torsh_status status;
    torsh__list *list = (torsh__list *)torsh__pin(handle.id, &torsh__list_kind, "tensors_size", "list", &status);
    if (!list) return -1;
    int64_t count = (int64_t)list->count;
    torsh__unpin(handle.id);
    return count;
}

torsh_tensor torsh_tensors_get(torsh_tensors handle, int64_t index)
{
    torsh_status status = TORSH_OK;
    torsh__list *list = (torsh__list *)torsh__pin(handle.id, &torsh__list_kind, "tensors_get", "list", &status);
    if (!list) return torsh__tensor_error(status);
    torsh_tensor result;
    if (index < 0 || index >= (int64_t)list->count)
        result = torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "tensors_get: index %lld is out of range for a list of %zu tensors", (long long)index, list->count));
    else result = list->items[index] ? torsh__tensor_share(list->items[index]) : (torsh_tensor){0};
    torsh__unpin(handle.id);
    return result;
}
