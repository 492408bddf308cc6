/* Other sizes for an existing tensor: PyTorch's resize_ and resize_as_. Not a row, as those never change what a tensor is. */
#include "dual.h"
#include "alloc.h"
#include "backends.h"
#include "tensor.h"

#include <torsh/ops/view.h>

/* More memory for the one tensor of its storage, the old bytes in front. */
static torsh_status grow(torsh__tensor *t, int64_t elements)
{
    torsh__tensor *wide = torsh__tensor_make(torsh__dtype_of(t), 1, &elements, t->view.device);
    if (!wide) return TORSH_OUT_OF_MEMORY;
    torsh__storage *old = t->storage;
    torsh_status status = torsh__device_copy(t->view.device, wide->view.memory, 0, t->view.device, old->memory, 0, old->bytes);
    if (status == TORSH_OK) {
        atomic_store_explicit(&wide->storage->version, torsh__version(t), memory_order_relaxed);
        t->storage = wide->storage;
        t->view.memory = wide->view.memory;
        wide->storage = old;
    }
    torsh__tensor_drop(wide);
    return status;
}

static torsh_status resize(const char *name, torsh__tensor *t, int64_t ndim, const int64_t *sizes)
{
    int64_t strides[TORSH__MAX_RANK], numel, needed;
    size_t element = torsh__dtypes[t->view.dtype].size;
    if (torsh__tracks(t)) return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: 'input' tracks gradients and can't be resized; use torsh_detach", name);
    if (torsh__is_dual(t)) return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: 'input' has a tangent and can't be resized", name);
    torsh_status status = torsh__numel(name, sizes, ndim, element, &numel);
    if (status) return status;
    if (__builtin_add_overflow(numel, t->view.offset, &needed)) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'size' is too large", name);
    if (numel && (size_t)needed > t->storage->bytes / element) {
        if (atomic_load_explicit(&t->storage->references, memory_order_acquire) != 1)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'input' shares its memory with other tensors, which has no room for %lld elements; clone it first", name, (long long)numel);
        if ((status = grow(t, needed)) != TORSH_OK) return status;
    }
    torsh__contiguous_strides((int)ndim, sizes, strides);
    torsh_operand view = {.ndim = (int16_t)ndim, .sizes = sizes, .strides = strides, .numel = numel, .offset = t->view.offset, .contiguous = true};
    status = torsh__tensor_restride(t, &view);
    if (status == TORSH_OK) atomic_fetch_add_explicit(&t->storage->version, 1, memory_order_relaxed);
    return status;
}

torsh_tensor torsh_resize_(torsh_tensor input, const int64_t *size, size_t ndim)
{
    torsh_status status = TORSH_OK;
    if (!size && ndim) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "resize_: argument 'size' is NULL but its count is %zu", ndim));
    torsh__tensor *t = torsh__tensor_hold(input, "resize_", "input", &status);
    if (!t) return torsh__tensor_error(status);
    if (ndim > TORSH__MAX_RANK) status = torsh__fail(TORSH_OUT_OF_RANGE, "resize_: 'size' has %zu numbers; at most %d are allowed", ndim, TORSH__MAX_RANK);
    else status = resize("resize_", t, (int64_t)ndim, size);
    torsh__tensor_drop(t);
    return status ? torsh__tensor_error(status) : input;
}

torsh_tensor torsh_resize_as_(torsh_tensor input, torsh_tensor the_template)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_hold(input, "resize_as_", "input", &status);
    torsh__tensor *like = t ? torsh__tensor_hold(the_template, "resize_as_", "the_template", &status) : NULL;
    if (like) status = resize("resize_as_", t, like->view.ndim, like->view.sizes);
    if (t) torsh__tensor_drop(t);
    if (like) torsh__tensor_drop(like);
    return status ? torsh__tensor_error(status) : input;
}
