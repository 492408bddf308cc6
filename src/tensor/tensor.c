/* Tensor and storage objects: making, viewing, sharing, ending. */
#include "tensor.h"
#include "alloc.h"
#include "backends.h"
#include "batched.h"
#include "tape.h"

#include <string.h>

static void destroy(torsh__object *object);
const torsh__kind torsh__tensor_kind = {"tensor", destroy, NULL};
const torsh__kind torsh__batched_kind = {"batched tensor", destroy, &torsh__tensor_kind};

enum { MORE_BYTES = 2 * TORSH__MAX_RANK * sizeof(int64_t) };

static size_t tensor_bytes(int ndim)
{
    return sizeof(torsh__tensor) + 2 * (size_t)ndim * sizeof(int64_t);
}

/* Small tensors on the CPU keep their elements behind the storage struct, in one block. */
enum { INLINE_BYTES = 192, STORAGE_BYTES = (sizeof(torsh__storage) + TORSH__ALIGNMENT - 1) / TORSH__ALIGNMENT * TORSH__ALIGNMENT };

static void storage_drop(torsh__storage *storage)
{
    if (atomic_load_explicit(&storage->references, memory_order_acquire) != 1 &&
        atomic_fetch_sub_explicit(&storage->references, 1, memory_order_acq_rel) != 1)
        return;
    size_t block = sizeof *storage;
    switch (storage->owner) {
    case TORSH__OWNED_INLINE:
        torsh__data_refund(storage->bytes);
        block = STORAGE_BYTES + storage->bytes;
        break;
    case TORSH__OWNED_BLOCK: torsh__device_free(storage->device, storage->memory, storage->bytes); break;
    case TORSH__BORROWED:
        if (storage->deleter) storage->deleter(storage->context);
        break;
    }
    torsh__free(storage, block);
}

static void storage_init(torsh__storage *storage, enum torsh__owner owner, torsh_device device, void *memory, size_t bytes)
{
    atomic_init(&storage->references, 1);
    atomic_init(&storage->version, 0);
    storage->device = device;
    storage->owner = owner;
    storage->memory = memory;
    storage->bytes = bytes;
    storage->deleter = NULL;
    storage->context = NULL;
}

static torsh__storage *storage_make(torsh_device device, size_t bytes)
{
    bool small = device == TORSH_CPU && bytes <= INLINE_BYTES;
    if (small && !torsh__data_charge(bytes)) return NULL;
    torsh__storage *storage = torsh__alloc(small ? STORAGE_BYTES + bytes : sizeof *storage);
    if (!storage) {
        if (small) torsh__data_refund(bytes);
        return NULL;
    }
    void *memory = small ? (char *)storage + STORAGE_BYTES : torsh__device_alloc(device, bytes);
    if (!memory) {
        torsh__free(storage, sizeof *storage);
        return NULL;
    }
    storage_init(storage, small ? TORSH__OWNED_INLINE : TORSH__OWNED_BLOCK, device, memory, bytes);
    return storage;
}

/* In pieces that become a few wide stores: all at once it would be a string instruction, which takes longer to start than these to end. */
static void clear(torsh__tensor *t)
{
    enum { PIECE = 48, REST = sizeof *t % PIECE };
    char *end = (char *)(t + 1);
    for (char *at = (char *)t; at < end - REST; at += PIECE) memset(at, 0, PIECE);
    memset(end - REST, 0, REST);
}

/* A tensor struct without storage; sizes and strides are the caller's to fill. */
static torsh__tensor *shell(torsh_dtype dtype, int ndim, torsh_device device)
{
    torsh__tensor *t = torsh__alloc(tensor_bytes(ndim));
    if (!t) return NULL;
    clear(t);
    torsh__object_init(&t->object, &torsh__tensor_kind);
    t->view.sizes = t->dims;
    t->view.strides = t->dims + ndim;
    t->view.ndim = t->dims_room = (int16_t)ndim;
    t->view.dtype = (uint8_t)dtype;
    t->view.device = device;
    return t;
}

static void destroy(torsh__object *object)
{
    torsh__tensor *t = (torsh__tensor *)object;
    if (t->grad_fn) torsh__drop(&((torsh__node *)t->grad_fn)->object);
    if (t->base) torsh__tensor_drop(t->base);
    if (t->grad) torsh__tensor_drop(t->grad);
    if (t->retained) torsh__drop(&t->retained->object);
    if (t->hooks) torsh__hooks_free(t->hooks);
    if (t->tangents) torsh__tangents_free(t);
    if (t->storage) storage_drop(t->storage);
    torsh__free(t->more_dims, t->more_dims ? MORE_BYTES : 0);
    torsh__free(t, tensor_bytes(t->dims_room));
}

static void set_storage(torsh__tensor *t, torsh__storage *storage)
{
    t->storage = storage;
    t->view.memory = storage->memory;
}

/* Copies the sizes and multiplies them. False if there would be more elements than can be addressed: rows need not check what they give. */
static bool set_sizes(torsh__tensor *t, const int64_t *sizes, size_t element)
{
    int ndim = t->view.ndim;
    int64_t numel = 1, bytes;
    bool wrong = false;
    for (int i = 0; i < ndim; i++) {
        t->dims[i] = sizes[i];
        wrong |= __builtin_mul_overflow(numel, sizes[i], &numel) | (sizes[i] < 0);
    }
    wrong |= __builtin_mul_overflow(numel, (int64_t)element, &bytes);
    t->view.numel = numel;
    return __builtin_expect(!wrong, 1) || torsh__numel("a new tensor", sizes, ndim, element, &t->view.numel) == TORSH_OK;
}

static bool set_contiguous(torsh__tensor *t, const int64_t *sizes)
{
    int ndim = t->view.ndim;
    if (!set_sizes(t, sizes, torsh__dtypes[t->view.dtype].size)) return false;
    torsh__contiguous_strides(ndim, sizes, t->dims + ndim);
    t->view.contiguous = true;
    return true;
}

torsh__tensor *torsh__tensor_make(torsh_dtype dtype, int ndim, const int64_t *sizes, torsh_device device)
{
    torsh__tensor *t = shell(dtype, ndim, device);
    if (!t) return NULL;
    torsh__storage *storage = set_contiguous(t, sizes) ? storage_make(device, (size_t)t->view.numel * torsh__dtypes[dtype].size) : NULL;
    if (!storage) {
        torsh__tensor_drop(t);
        return NULL;
    }
    set_storage(t, storage);
    return t;
}

torsh__tensor *torsh__tensor_view(const torsh__tensor *of, torsh_dtype dtype, int ndim, const int64_t *sizes, const int64_t *strides,
                                  int64_t offset)
{
    torsh__tensor *t = shell(dtype, ndim, of->view.device);
    if (!t) return NULL;
    if (!set_sizes(t, sizes, 1)) {
        torsh__tensor_drop(t);
        return NULL;
    }
    for (int i = 0; i < ndim; i++) t->dims[ndim + i] = strides[i];
    t->view.offset = offset;
    t->view.contiguous = torsh__is_contiguous(ndim, sizes, strides);
    atomic_fetch_add_explicit(&of->storage->references, 1, memory_order_relaxed);
    set_storage(t, of->storage);
    return t;
}

torsh__tensor *torsh__tensor_alias(const torsh__tensor *of)
{
    torsh__tensor *t =
        torsh__tensor_view(of, torsh__dtype_of(of), of->view.ndim, of->view.sizes, of->view.strides, of->view.offset);
    if (t) t->weak = of->weak;
    return t;
}

torsh_status torsh__tensor_restride(torsh__tensor *t, const torsh_operand *view)
{
    int64_t sizes[TORSH__MAX_RANK], strides[TORSH__MAX_RANK];
    int ndim = view->ndim;
    memcpy(sizes, view->sizes, (size_t)ndim * sizeof *sizes);
    memcpy(strides, view->strides, (size_t)ndim * sizeof *strides);
    if (ndim > t->dims_room && !t->more_dims && !(t->more_dims = torsh__alloc(MORE_BYTES))) return TORSH_OUT_OF_MEMORY;
    int64_t *dims = ndim > t->dims_room ? t->more_dims : t->dims;
    memcpy(dims, sizes, (size_t)ndim * sizeof *sizes);
    memcpy(dims + ndim, strides, (size_t)ndim * sizeof *strides);
    t->view.sizes = dims;
    t->view.strides = dims + ndim;
    t->view.ndim = view->ndim;
    t->view.numel = view->numel;
    t->view.offset = view->offset;
    t->view.contiguous = view->contiguous;
    return TORSH_OK;
}

torsh__tensor *torsh__tensor_wrap(void *memory, size_t bytes, torsh_dtype dtype, int ndim, const int64_t *sizes, torsh_device device,
                                  void (*deleter)(void *), void *context)
{
    torsh__tensor *t = shell(dtype, ndim, device);
    if (!t) return NULL;
    torsh__storage *storage = set_contiguous(t, sizes) ? torsh__alloc(sizeof *storage) : NULL;
    if (!storage) {
        torsh__tensor_drop(t);
        return NULL;
    }
    storage_init(storage, TORSH__BORROWED, device, memory, bytes);
    storage->deleter = deleter;
    storage->context = context;
    set_storage(t, storage);
    return t;
}

torsh_tensor torsh__tensor_give(torsh__tensor *t)
{
    if (!t) return (torsh_tensor){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    return (torsh_tensor){torsh__handle_make(&t->object)};
}

torsh_tensor torsh__tensor_share(torsh__tensor *t)
{
    if (t) torsh__tensor_retain(t);
    return torsh__tensor_give(t);
}

torsh__tensor *torsh__tensor_pin(torsh_tensor handle, const char *function, const char *argument, torsh_status *status)
{
    torsh__tensor *t = torsh__tensor_look(handle, function, argument, status);
    if (!t || !torsh__is_batched(t)) return t;
    torsh__thread_get()->refused_reads++;
    if (!torsh__batched_runs(t)) *status = torsh__batched_check(t, function);
    else *status = torsh__fail(TORSH_UNSUPPORTED, "%s: argument '%s' stands for all samples of a vmap; a single sample's elements and history can't be had inside it",
                               function, argument);
    torsh__unpin(handle.id);
    return NULL;
}

torsh__tensor *torsh__tensor_hold_any(torsh_tensor handle, const char *function, const char *argument, torsh_status *status)
{
    torsh__tensor *t = torsh__tensor_look(handle, function, argument, status);
    if (!t) return NULL;
    torsh__tensor_retain(t);
    torsh__unpin(handle.id);
    return t;
}

torsh__tensor *torsh__tensor_hold(torsh_tensor handle, const char *function, const char *argument, torsh_status *status)
{
    torsh__tensor *t = torsh__tensor_pin(handle, function, argument, status);
    if (!t) return NULL;
    torsh__tensor_retain(t);
    torsh__unpin(handle.id);
    return t;
}
