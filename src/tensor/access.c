/* Public makers from the caller's data, questions about a tensor, and reading its elements. */
#include "alloc.h"
#include "backends.h"
#include "op.h"

#include <torsh/ops/copy.h>

#include <complex.h>
#include <math.h>
#include <string.h>

/* ---- making -------------------------------------------------------------------------------------------------- */

static torsh_tensor scalar_of(const void *value, torsh_dtype from, bool weak)
{
    torsh__tensor *t = torsh__tensor_make(from, 0, NULL, TORSH_CPU);
    if (!t) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    memcpy(t->view.memory, value, torsh__dtypes[from].size);
    t->weak = weak;
    return torsh__tensor_give(t);
}

torsh_tensor torsh_number(double value)
{
    return scalar_of(&value, TORSH_F64, true);
}

torsh_tensor torsh_integer(int64_t value)
{
    return scalar_of(&value, TORSH_I64, true);
}

torsh_tensor torsh_complex_number(double real, double imaginary)
{
    double parts[2] = {real, imaginary};
    return scalar_of(parts, TORSH_C128, true);
}

/* The wanted dtype and device of a fresh CPU tensor, which is consumed. */
static torsh_tensor place(torsh_tensor t, torsh_dtype dtype, torsh_device device)
{
    if (torsh_dtype_of(t) != dtype) {
        torsh_tensor to = torsh__call_unary("to_dtype", t, (torsh_value){.i = dtype});
        torsh_release(t);
        t = to;
    }
    if (device != TORSH_CPU) {
        torsh_tensor to = torsh__call_unary("to_device", t, (torsh_value){.i = device});
        torsh_release(t);
        t = to;
    }
    return t;
}

torsh_tensor torsh__call_unary(const char *op, torsh_tensor t, torsh_value second)
{
    torsh_value values[] = {{.handle = t.id}, second};
    torsh_tensor result;
    torsh__op_find(op)->invoke(values, &result);
    return result;
}

static torsh_status check_dtype(const char *function, torsh_dtype dtype)
{
    if (torsh__dtype_valid((int)dtype)) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument 'dtype' is no dtype (%d)", function, (int)dtype);
}

torsh_tensor torsh_from_data(const void *data, const int64_t *sizes, size_t ndim, torsh_dtype dtype, torsh_device device)
{
    int64_t numel;
    torsh_status status = check_dtype("from_data", dtype);
    if (status == TORSH_OK) status = torsh__numel("from_data", sizes, ndim > INT32_MAX ? -1 : (int64_t)ndim, torsh__dtypes[dtype].size, &numel);
    if (status == TORSH_OK) status = torsh__device_check(device);
    if (status == TORSH_OK && !data && numel > 0) status = torsh__fail(TORSH_INVALID_ARGUMENT, "from_data: argument 'data' is NULL");
    if (status) return torsh__tensor_error(status);
    torsh__tensor *t = torsh__tensor_make(dtype, (int)ndim, sizes, device);
    if (!t) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    status = torsh__device_copy(device, t->view.memory, 0, TORSH_CPU, data, 0, (size_t)numel * torsh__dtypes[dtype].size);
    if (status == TORSH_OK) return torsh__tensor_give(t);
    torsh__tensor_drop(t);
    return torsh__tensor_error(status);
}

torsh_tensor torsh_from_slice(const double *values, size_t count, const int64_t *sizes, size_t ndim, torsh_dtype dtype, torsh_device device)
{
    int64_t numel;
    torsh_status status = check_dtype("from_slice", dtype);
    if (status == TORSH_OK) status = torsh__numel("from_slice", sizes, ndim > INT32_MAX ? -1 : (int64_t)ndim, sizeof(double), &numel);
    if (status == TORSH_OK && (uint64_t)numel != count) {
        torsh__shape_text text;
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "from_slice: %zu values don't fill shape %s (%lld elements)", count,
                             torsh__shape_print(&text, (int)ndim, sizes), (long long)numel);
    }
    if (status) return torsh__tensor_error(status);
    return place(torsh_from_data(values, sizes, ndim, TORSH_F64, TORSH_CPU), dtype, device);
}

torsh_tensor torsh_from_blob(void *data, const int64_t *sizes, size_t ndim, torsh_dtype dtype, void (*deleter)(void *context), void *context)
{
    int64_t numel;
    torsh_status status = check_dtype("from_blob", dtype);
    if (status == TORSH_OK) status = torsh__numel("from_blob", sizes, ndim > INT32_MAX ? -1 : (int64_t)ndim, torsh__dtypes[dtype].size, &numel);
    if (status == TORSH_OK && !data && numel > 0) status = torsh__fail(TORSH_INVALID_ARGUMENT, "from_blob: argument 'data' is NULL");
    size_t element = status ? 1 : torsh__dtypes[dtype].size, alignment = torsh_dtype_is_complex(dtype) ? element / 2 : element;
    if (status == TORSH_OK && (uintptr_t)data % alignment)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "from_blob: the data must be aligned to %zu bytes", alignment);
    if (status) return torsh__tensor_error(status);
    torsh__tensor *t = torsh__tensor_wrap(data, (size_t)numel * element, dtype, (int)ndim, sizes, TORSH_CPU, NULL, NULL);
    if (!t) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    torsh__tensor_retain(t);
    torsh_tensor handle = torsh__tensor_give(t);
    if (!torsh__is_error(handle.id) && deleter) { /* only now, so that a failed call leaves the memory alone */
        t->storage->context = context;
        t->storage->deleter = deleter;
    }
    torsh__tensor_drop(t);
    return handle;
}

torsh_tensor torsh_scalar(double value, torsh_dtype dtype, torsh_device device)
{
    torsh_status status = check_dtype("scalar", dtype);
    if (status) return torsh__tensor_error(status);
    return place(scalar_of(&value, TORSH_F64, false), dtype, device);
}

/* ---- asking -------------------------------------------------------------------------------------------------- */

static const torsh__tensor *look(torsh_tensor t, const char *function)
{
    torsh_status status;
    return torsh__tensor_look(t, function, "t", &status);
}

int torsh_ndim(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "ndim");
    if (!tensor) return -1;
    int ndim = tensor->view.ndim;
    torsh__unpin(t.id);
    return ndim;
}

int64_t torsh_numel(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "numel");
    if (!tensor) return -1;
    int64_t numel = tensor->view.numel;
    torsh__unpin(t.id);
    return numel;
}

static int64_t along(torsh_tensor t, int64_t dim, const char *function, bool stride)
{
    const torsh__tensor *tensor = look(t, function);
    int wrapped;
    int64_t result = -1;
    if (!tensor) return -1;
    if (tensor->view.ndim == 0) torsh__fail(TORSH_OUT_OF_RANGE, "%s: a 0-d tensor has no dimensions", function);
    else if (torsh__wrap_dim(function, dim, tensor->view.ndim, &wrapped) == TORSH_OK)
        result = stride ? tensor->view.strides[wrapped] : tensor->view.sizes[wrapped];
    torsh__unpin(t.id);
    return result;
}

int64_t torsh_size(torsh_tensor t, int64_t dim)
{
    return along(t, dim, "size", false);
}

int64_t torsh_stride(torsh_tensor t, int64_t dim)
{
    return along(t, dim, "stride", true);
}

const int64_t *torsh_sizes(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "sizes");
    if (!tensor) return NULL;
    const int64_t *sizes = tensor->view.sizes;
    torsh__unpin(t.id);
    return sizes;
}

const int64_t *torsh_strides(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "strides");
    if (!tensor) return NULL;
    const int64_t *strides = tensor->view.strides;
    torsh__unpin(t.id);
    return strides;
}

int64_t torsh_storage_offset(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "storage_offset");
    if (!tensor) return -1;
    int64_t offset = tensor->view.offset;
    torsh__unpin(t.id);
    return offset;
}

torsh_dtype torsh_dtype_of(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "dtype_of");
    if (!tensor) return TORSH_DTYPE_DEFAULT;
    torsh_dtype dtype = torsh__dtype_of(tensor);
    torsh__unpin(t.id);
    return dtype;
}

torsh_dtype torsh_result_type(torsh_tensor tensor1, torsh_tensor tensor2)
{
    torsh_dtype dtype = TORSH_DTYPE_DEFAULT;
    torsh_status status;
    torsh__tensor *both[2] = {torsh__tensor_look(tensor1, "result_type", "tensor1", &status), NULL};
    if (!both[0]) return dtype;
    both[1] = torsh__tensor_look(tensor2, "result_type", "tensor2", &status);
    if (both[1]) dtype = torsh__result_type(both, 0, 2);
    if (both[1]) torsh__unpin(tensor2.id);
    torsh__unpin(tensor1.id);
    return dtype;
}

torsh_device torsh_device_of(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "device_of");
    if (!tensor) return -1;
    torsh_device device = tensor->view.device;
    torsh__unpin(t.id);
    return device;
}

bool torsh_is_contiguous(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "is_contiguous");
    if (!tensor) return false;
    bool contiguous = tensor->view.contiguous;
    torsh__unpin(t.id);
    return contiguous;
}

const char *torsh_shape_text(torsh_tensor t)
{
    torsh__thread *self = torsh__thread_get();
    const torsh__tensor *tensor = look(t, "shape_text");
    if (!tensor) return "";
    const char *text = torsh__shape_print(&self->shape_texts[self->shape_turn++ % TORSH__SHAPE_TEXTS], tensor->view.ndim, tensor->view.sizes);
    torsh__unpin(t.id);
    return text;
}

size_t torsh_storage_bytes(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "storage_bytes");
    if (!tensor) return 0;
    size_t bytes = tensor->storage->bytes;
    torsh__unpin(t.id);
    return bytes;
}

uint64_t torsh_storage_id(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "storage_id");
    if (!tensor) return 0;
    uint64_t id = (uint64_t)(uintptr_t)tensor->storage;
    torsh__unpin(t.id);
    return id;
}

int64_t torsh_tensor_version(torsh_tensor t)
{
    const torsh__tensor *tensor = look(t, "tensor_version");
    if (!tensor) return -1;
    int64_t version = torsh__version(tensor);
    torsh__unpin(t.id);
    return version;
}

torsh_tensor torsh_share(torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_hold_any(t, "share", "t", &status);
    return tensor ? torsh__tensor_give(tensor) : torsh__tensor_error(status);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

void *torsh_data(torsh_tensor t)
{
    torsh_status status;
    const torsh__tensor *tensor = torsh__tensor_pin(t, "data", "t", &status);
    if (!tensor) return NULL;
    void *data = NULL;
    if (tensor->view.device != TORSH_CPU)
        torsh__fail(TORSH_DEVICE_MISMATCH, "data: the tensor is on %s; move it to the cpu with torsh_to_device", torsh_device_name(tensor->view.device));
    else data = torsh__data(tensor);
    torsh__unpin(t.id);
    return data;
}

/* The element of a one-element tensor, as complex. */
static torsh_status read_one(torsh_tensor t, const char *function, double _Complex *value, int64_t *whole)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_hold(t, function, "t", &status);
    if (!tensor) return status;
    _Alignas(16) char element[16];
    torsh_dtype dtype = torsh__dtype_of(tensor);
    size_t size = torsh__dtypes[dtype].size;
    if (tensor->view.numel != 1)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 't' must have one element; its shape is %s", function, torsh_shape_text(t));
    else
        status = torsh__device_copy(TORSH_CPU, element, 0, tensor->view.device, tensor->view.memory, (size_t)tensor->view.offset * size, size);
    torsh__tensor_drop(tensor);
    if (status) return status;
    int64_t i = 0;
    double f = 0;
    torsh__f16 half;
    torsh__bf16 brain;
    memcpy(&half, element, 2);
    memcpy(&brain, element, 2);
    switch (dtype) {
    case TORSH_BOOL:
    case TORSH_U8: i = *(uint8_t *)element; break;
    case TORSH_I8: i = *(int8_t *)element; break;
    case TORSH_I16: i = *(int16_t *)(void *)element; break;
    case TORSH_I32: i = *(int32_t *)(void *)element; break;
    case TORSH_I64: i = *(int64_t *)(void *)element; break;
    case TORSH_F16: f = torsh__f16_to_f32(half); break;
    case TORSH_BF16: f = torsh__bf16_to_f32(brain); break;
    case TORSH_F32: f = *(float *)(void *)element; break;
    case TORSH_F64: f = *(double *)(void *)element; break;
    case TORSH_C64: *value = *(float _Complex *)(void *)element; break;
    case TORSH_C128: *value = *(double _Complex *)(void *)element; break;
    default: break;
    }
    if (torsh__dtypes[dtype].category <= TORSH__INTEGER) *value = (double)i;
    else if (torsh__dtypes[dtype].category == TORSH__FLOATING) *value = f;
    double real = creal(*value);
    *whole = torsh__dtypes[dtype].category <= TORSH__INTEGER ? i : real >= -0x1p63 && real < 0x1p63 ? (int64_t)real : INT64_MIN;
    return TORSH_OK;
}

static torsh_status need_out(const void *out, const char *function)
{
    return out ? TORSH_OK : torsh__fail(TORSH_INVALID_ARGUMENT, "%s: the pointer for the result is NULL", function);
}

torsh_status torsh_item_f64(torsh_tensor t, double *value)
{
    double _Complex z = 0;
    int64_t whole;
    torsh_status status = need_out(value, "item");
    if (status == TORSH_OK) status = read_one(t, "item", &z, &whole);
    if (status == TORSH_OK && cimag(z) != 0)
        status = torsh__fail(TORSH_DTYPE_MISMATCH, "item: the element is complex with an imaginary part; use torsh_item_c128");
    if (status == TORSH_OK) *value = creal(z);
    return status;
}

torsh_status torsh_item_i64(torsh_tensor t, int64_t *value)
{
    double _Complex z = 0;
    torsh_status status = need_out(value, "item_i64");
    return status ? status : read_one(t, "item_i64", &z, value);
}

torsh_status torsh_item_c128(torsh_tensor t, double *real, double *imaginary)
{
    double _Complex z = 0;
    int64_t whole;
    torsh_status status = need_out(real && imaginary ? real : NULL, "item_c128");
    if (status == TORSH_OK) status = read_one(t, "item_c128", &z, &whole);
    if (status) return status;
    *real = creal(z);
    *imaginary = cimag(z);
    return TORSH_OK;
}

double torsh_item(torsh_tensor t)
{
    double value;
    return torsh_item_f64(t, &value) == TORSH_OK ? value : (double)NAN;
}

torsh_status torsh_to_host(torsh_tensor t, void *data, size_t bytes)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_hold(t, "to_host", "t", &status);
    if (!tensor) return status;
    size_t have = (size_t)tensor->view.numel * torsh__dtypes[tensor->view.dtype].size;
    if (bytes != have)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "to_host: the tensor has %zu bytes of elements; the buffer has %zu", have, bytes);
    else if (!data && bytes) status = torsh__fail(TORSH_INVALID_ARGUMENT, "to_host: argument 'data' is NULL");
    if (status == TORSH_OK && !tensor->view.contiguous) {
        torsh_tensor copy = torsh__call_unary("clone", t, (torsh_value){0});
        torsh__tensor_drop(tensor);
        tensor = torsh__tensor_hold(copy, "to_host", "t", &status);
        torsh_release(copy);
        if (!tensor) return status;
    }
    if (status == TORSH_OK)
        status = torsh__device_copy(TORSH_CPU, data, 0, tensor->view.device, tensor->view.memory,
                                    (size_t)tensor->view.offset * torsh__dtypes[tensor->view.dtype].size, bytes);
    torsh__tensor_drop(tensor);
    return status;
}
