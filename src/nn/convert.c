/* Moving a module's tensors to another device or dtype where they are: whoever holds one sees the moved one. */
#include "walk.h"

#include <torsh/ops/copy.h>

typedef struct target {
    torsh_device device;
    torsh_dtype dtype;
    bool by_dtype;
} target;

/* Gives t the memory of `with`, a tensor of the same shape. Views of the old memory keep it. */
static void adopt(torsh__tensor *t, torsh__tensor *with)
{
    torsh__storage *old = t->storage;
    uint32_t version = torsh__version(t);
    int ndim = t->view.ndim;
    t->storage = with->storage;
    with->storage = old;
    torsh_operand view = t->view; /* sizes and strides stay where they lie */
    int64_t *own = (int64_t *)(uintptr_t)view.sizes, *other = (int64_t *)(uintptr_t)with->view.sizes;
    t->view = with->view;
    with->view = view;
    for (int i = 0; i < 2 * ndim; i++) {
        int64_t number = own[i];
        own[i] = other[i];
        other[i] = number;
    }
    t->view.sizes = own;
    t->view.strides = own + ndim;
    with->view.sizes = other;
    with->view.strides = other + ndim;
    /* What was saved for a backward from before must be seen as changed. */
    if (torsh__version(t) <= version) atomic_store_explicit(&t->storage->version, version + 1, memory_order_relaxed);
}

static bool needs(const torsh__tensor *t, const target *to)
{
    if (!to->by_dtype) return t->view.device != to->device;
    return torsh__dtypes[t->view.dtype].category >= TORSH__FLOATING && t->view.dtype != (uint8_t)to->dtype;
}

/* The converted copy as a reference; NULL with *status set. */
static torsh__tensor *converted(torsh__tensor *t, const target *to, torsh_status *status)
{
    torsh_tensor handle = torsh__tensor_share(t);
    torsh_tensor moved = to->by_dtype ? torsh_to_dtype(handle, to->dtype) : torsh_to_device(handle, to->device);
    torsh__tensor *result = torsh__tensor_hold(moved, "nn_to", "tensor", status);
    torsh_release(handle);
    torsh_release(moved);
    return result;
}

static torsh_status convert_one(torsh__tensor *t, const target *to)
{
    torsh_status status = TORSH_OK;
    if (!needs(t, to)) return TORSH_OK;
    torsh__tensor *value = converted(t, to, &status);
    if (!value) return status;
    torsh_tensor handle = torsh__tensor_share(t);
    torsh_tensor grad = torsh_grad(handle);
    adopt(t, value);
    if (grad.id) {
        torsh_tensor moved = to->by_dtype ? torsh_to_dtype(grad, to->dtype) : torsh_to_device(grad, to->device);
        status = torsh_id_status(moved.id);
        if (status == TORSH_OK) status = torsh_set_grad(handle, moved);
        if (status) adopt(t, value); /* as it was */
        torsh_release(moved);
        torsh_release(grad);
    }
    torsh_release(handle);
    torsh__tensor_drop(value);
    return status;
}

static torsh_status convert(torsh_module module, const char *function, const target *to)
{
    torsh_status status = TORSH_OK;
    torsh__module *root = torsh__module_pin(module, function, &status), *m;
    if (!root) return status;
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) status = TORSH_OUT_OF_MEMORY;
    else torsh__thread_get()->modes.grad = false;
    torsh__walk walk;
    torsh__walk_start(&walk, root, true);
    while (status == TORSH_OK && torsh__walk_next(&walk, &m)) {
        for (size_t i = 0; status == TORSH_OK; i++) {
            torsh__tensor *t = (torsh__tensor *)torsh__module_next(m, ~(1u << TORSH__CHILD), &i, NULL);
            if (!t) break;
            status = convert_one(t, to);
            torsh__tensor_drop(t);
        }
    }
    torsh_status ended = torsh__walk_end(&walk);
    torsh__unpin(module.id);
    return status ? status : ended;
}

torsh_status torsh_nn_to(torsh_module module, torsh_device device)
{
    return convert(module, "nn_to", &(target){.device = device});
}

torsh_status torsh_nn_to_dtype(torsh_module module, torsh_dtype dtype)
{
    if (!torsh_dtype_is_floating_point(dtype) && !torsh_dtype_is_complex(dtype))
        return torsh__fail(TORSH_DTYPE_MISMATCH, "nn_to_dtype: parameters can have a floating-point or complex dtype, not %s", torsh_dtype_name(dtype));
    return convert(module, "nn_to_dtype", &(target){.dtype = dtype, .by_dtype = true});
}
