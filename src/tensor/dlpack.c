/* DLPack both ways, on the CPU: its structs are in <torsh/dlpack.h>. What another library says of its tensor is checked here, but not
 * that its memory is there. */
#include "alloc.h"
#include "op.h"

#include <torsh/dlpack.h>

#include <string.h>

enum { CPU = 1, READ_ONLY = 1 };
enum { INT, UNSIGNED, FLOAT, OPAQUE, BFLOAT, COMPLEX, BOOLEAN };

static const DLDataType types[TORSH_DTYPE_COUNT] = {
    [TORSH_BOOL] = {BOOLEAN, 8, 1}, [TORSH_U8] = {UNSIGNED, 8, 1}, [TORSH_I8] = {INT, 8, 1},     [TORSH_I16] = {INT, 16, 1},
    [TORSH_I32] = {INT, 32, 1},     [TORSH_I64] = {INT, 64, 1},    [TORSH_F16] = {FLOAT, 16, 1}, [TORSH_BF16] = {BFLOAT, 16, 1},
    [TORSH_F32] = {FLOAT, 32, 1},   [TORSH_F64] = {FLOAT, 64, 1},  [TORSH_C64] = {COMPLEX, 64, 1}, [TORSH_C128] = {COMPLEX, 128, 1},
};

/* ---- out ----------------------------------------------------------------------------------------------------- */

/* One block for both forms; strides and shape are the tensor's own. */
typedef struct export {
    union {
        DLManagedTensor plain;
        DLManagedTensorVersioned versioned;
    } managed;
    torsh__tensor *tensor; /* retained */
} export;

static void end_export(export *e)
{
    torsh__tensor_drop(e->tensor);
    torsh__free(e, sizeof *e);
}

static void end_plain(DLManagedTensor *self)
{
    end_export(self->manager_ctx);
}

static void end_versioned(DLManagedTensorVersioned *self)
{
    end_export(self->manager_ctx);
}

static export *begin_export(torsh_tensor handle, const char *function, DLTensor *to)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_hold(handle, function, "t", &status);
    if (!t) return NULL;
    export *e = NULL;
    if (t->view.device != TORSH_CPU)
        torsh__fail(TORSH_UNSUPPORTED, "%s: 't' is on %s; only memory of the CPU can be shared", function, torsh_device_name(t->view.device));
    else if (torsh__tracks(t))
        torsh__fail(TORSH_AUTOGRAD_ERROR, "%s: 't' requires gradients, which the other library wouldn't know; use torsh_detach", function);
    else e = torsh__alloc(sizeof *e);
    if (!e) {
        torsh__tensor_drop(t);
        return NULL;
    }
    e->tensor = t;
    *to = (DLTensor){.data = torsh__data(t), .device = {CPU, 0}, .ndim = t->view.ndim, .dtype = types[t->view.dtype],
                     .shape = t->dims, .strides = t->dims + t->view.ndim};
    return e;
}

DLManagedTensor *torsh_to_dlpack(torsh_tensor t)
{
    DLTensor tensor;
    export *e = begin_export(t, "to_dlpack", &tensor);
    if (!e) return NULL;
    e->managed.plain = (DLManagedTensor){tensor, e, end_plain};
    return &e->managed.plain;
}

DLManagedTensorVersioned *torsh_to_dlpack_versioned(torsh_tensor t)
{
    DLTensor tensor;
    export *e = begin_export(t, "to_dlpack_versioned", &tensor);
    if (!e) return NULL;
    e->managed.versioned = (DLManagedTensorVersioned){{1, 0}, e, end_versioned, 0, tensor};
    return &e->managed.versioned;
}

/* ---- in ------------------------------------------------------------------------------------------------------ */

static int dtype_of(DLDataType type)
{
    for (int d = 0; d < TORSH_DTYPE_COUNT; d++)
        if (types[d].code == type.code && types[d].bits == type.bits && type.lanes == 1) return d;
    return -1;
}

/* What a DLTensor says, checked: elements reach from `low` to `high` around its first one. */
typedef struct extent {
    torsh_dtype dtype;
    int64_t strides[TORSH__MAX_RANK], low, high, numel;
    char *first;
} extent;

static torsh_status measure(const char *function, const DLTensor *t, extent *e)
{
    int dtype = dtype_of(t->dtype);
    if (t->device.device_type != CPU)
        return torsh__fail(TORSH_UNSUPPORTED, "%s: 'managed' is on a device of type %d; only memory of the CPU can be shared", function, (int)t->device.device_type);
    if (dtype < 0)
        return torsh__fail(TORSH_UNSUPPORTED, "%s: 'managed' has elements of code %d with %d bits in %d lanes, which no dtype has", function, t->dtype.code,
                           t->dtype.bits, t->dtype.lanes);
    if (t->ndim > 0 && !t->shape) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'managed' has no shape", function);
    e->dtype = (torsh_dtype)dtype;
    size_t size = torsh__dtypes[dtype].size, alignment = torsh_dtype_is_complex(e->dtype) ? size / 2 : size;
    torsh_status status = torsh__numel(function, t->shape, t->ndim, size, &e->numel);
    if (status) return status;
    if (t->strides) memcpy(e->strides, t->strides, (size_t)t->ndim * sizeof *t->strides);
    else torsh__contiguous_strides(t->ndim, t->shape, e->strides);
    e->low = e->high = 0;
    bool overflow = false;
    for (int d = 0; d < t->ndim && e->numel > 0; d++) {
        int64_t reach, bytes;
        overflow |= __builtin_mul_overflow(t->shape[d] - 1, e->strides[d], &reach) || __builtin_mul_overflow(reach, (int64_t)size, &bytes);
        if (!overflow) overflow |= __builtin_add_overflow(reach < 0 ? e->low : e->high, reach, reach < 0 ? &e->low : &e->high);
    }
    if (overflow || e->high > INT64_MAX / 64 || e->low < INT64_MIN / 64) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'managed' has strides that overflow", function);
    if (!t->data && e->numel > 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'managed' has no data", function);
    e->first = t->data ? (char *)t->data + t->byte_offset : NULL;
    if ((uintptr_t)e->first % alignment) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: the data of 'managed' must be aligned to %zu bytes", function, alignment);
    return TORSH_OK;
}

/* A tensor on the memory; it begins to own `context` with `deleter` when nothing can fail any more. */
static torsh_tensor import(const char *function, const DLTensor *from, bool copy, void (*deleter)(void *), void *context)
{
    extent e;
    torsh_status status = measure(function, from, &e);
    if (status) return torsh__tensor_error(status);
    int64_t places = e.numel ? e.high - e.low + 1 : 0;
    size_t size = torsh__dtypes[e.dtype].size;
    torsh__tensor *whole = torsh__tensor_wrap(e.first ? e.first + e.low * (int64_t)size : NULL, (size_t)places * size, e.dtype, 1, &places, TORSH_CPU, NULL, NULL);
    if (!whole) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    torsh__tensor *t = torsh__tensor_view(whole, e.dtype, from->ndim, from->shape, e.strides, -e.low);
    torsh__tensor_drop(whole);
    if (!t) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    torsh__tensor_retain(t);
    torsh_tensor handle = torsh__tensor_give(t);
    if (!torsh__is_error(handle.id) && copy) {
        torsh_tensor own = torsh__call_unary("clone", handle, (torsh_value){0});
        torsh_release(handle);
        if (!torsh__is_error(own.id)) deleter(context);
        handle = own;
    } else if (!torsh__is_error(handle.id)) {
        t->storage->context = context;
        t->storage->deleter = deleter;
    }
    torsh__tensor_drop(t);
    return handle;
}

static void release_plain(void *context)
{
    DLManagedTensor *managed = context;
    if (managed->deleter) managed->deleter(managed);
}

static void release_versioned(void *context)
{
    DLManagedTensorVersioned *managed = context;
    if (managed->deleter) managed->deleter(managed);
}

torsh_tensor torsh_from_dlpack(DLManagedTensor *managed)
{
    if (!managed) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "from_dlpack: argument 'managed' is NULL"));
    return import("from_dlpack", &managed->dl_tensor, false, release_plain, managed);
}

torsh_tensor torsh_from_dlpack_versioned(DLManagedTensorVersioned *managed)
{
    if (!managed) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "from_dlpack_versioned: argument 'managed' is NULL"));
    if (managed->version.major != 1)
        return torsh__tensor_error(torsh__fail(TORSH_UNSUPPORTED, "from_dlpack_versioned: 'managed' is of DLPack %u; 1 is known", (unsigned)managed->version.major));
    return import("from_dlpack_versioned", &managed->dl_tensor, managed->flags & READ_ONLY, release_versioned, managed);
}
