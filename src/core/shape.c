#include "shape.h"

#include <stdio.h>

torsh_status torsh__numel(const char *function, const int64_t *sizes, int64_t ndim, size_t element_size, int64_t *numel)
{
    if (ndim < 0 || ndim > TORSH__MAX_RANK)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: %lld dimensions; at most %d are allowed", function, (long long)ndim, TORSH__MAX_RANK);
    if (ndim > 0 && !sizes) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: the sizes are NULL but their count is %lld", function, (long long)ndim);
    int64_t product = 1, limit = INT64_MAX / 2 / (int64_t)(element_size ? element_size : 1);
    bool empty = false, overflow = false;
    for (int64_t i = 0; i < ndim; i++) {
        if (sizes[i] < 0)
            return torsh__fail(TORSH_OUT_OF_RANGE, "%s: size %lld of dimension %lld is negative", function, (long long)sizes[i], (long long)i);
        if (sizes[i] == 0) empty = true;
        else if (product > limit / sizes[i]) overflow = true;
        else product *= sizes[i];
    }
    if (overflow && !empty) {
        torsh__shape_text text;
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: shape %s has more bytes than can be addressed", function,
                           torsh__shape_print(&text, (int)ndim, sizes));
    }
    *numel = empty ? 0 : product;
    return TORSH_OK;
}

void torsh__contiguous_strides(int ndim, const int64_t *sizes, int64_t *strides)
{
    int64_t stride = 1;
    for (int i = ndim; i-- > 0;) {
        strides[i] = stride;
        /* Only an empty shape can overflow here; its strides address nothing. */
        if (__builtin_mul_overflow(stride, sizes[i] > 1 ? sizes[i] : 1, &stride)) stride = 1;
    }
}

bool torsh__is_contiguous(int ndim, const int64_t *sizes, const int64_t *strides)
{
    int64_t stride = 1;
    for (int i = ndim; i-- > 0;) {
        if (sizes[i] == 0) return true;
        if (sizes[i] != 1 && strides[i] != stride) return false;
        if (__builtin_mul_overflow(stride, sizes[i], &stride)) stride = 1;
    }
    return true;
}

bool torsh__same_sizes(int ndim_a, const int64_t *a, int ndim_b, const int64_t *b)
{
    if (ndim_a != ndim_b) return false;
    for (int i = 0; i < ndim_a; i++)
        if (a[i] != b[i]) return false;
    return true;
}

torsh_status torsh__wrap_dim(const char *function, int64_t dim, int ndim, int *wrapped)
{
    int64_t rank = ndim ? ndim : 1;
    if (dim < -rank || dim >= rank)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: dimension %lld is out of range; input has %d dimensions, so it must be in [%lld, %lld]",
                           function, (long long)dim, ndim, (long long)-rank, (long long)(rank - 1));
    *wrapped = (int)(dim < 0 ? dim + rank : dim);
    return TORSH_OK;
}

torsh_status torsh__wrap_dims(const char *function, const int64_t *dims, size_t count, int ndim, uint64_t *mask)
{
    if (count == 0) {
        *mask = ndim == 64 ? UINT64_MAX : ((uint64_t)1 << ndim) - 1;
        return TORSH_OK;
    }
    if (!dims) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument 'dim' is NULL but its count is %zu", function, count);
    *mask = 0;
    for (size_t i = 0; i < count; i++) {
        int dim = 0;
        torsh_status status = torsh__wrap_dim(function, dims[i], ndim, &dim);
        if (status) return status;
        if (*mask >> dim & 1)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: dim %lld appears more than once", function, (long long)dims[i]);
        *mask |= (uint64_t)1 << dim;
    }
    return TORSH_OK;
}

bool torsh__broadcast(int *ndim, int64_t *shape, int add_ndim, const int64_t *add)
{
    if (add_ndim > *ndim) {
        int shift = add_ndim - *ndim;
        for (int i = *ndim; i-- > 0;) shape[i + shift] = shape[i];
        for (int i = 0; i < shift; i++) shape[i] = 1;
        *ndim = add_ndim;
    }
    int64_t *tail = shape + (*ndim - add_ndim);
    for (int i = 0; i < add_ndim; i++) {
        if (tail[i] == add[i] || add[i] == 1) continue;
        if (tail[i] != 1) return false;
        tail[i] = add[i];
    }
    return true;
}

const char *torsh__shape_print(torsh__shape_text *buffer, int ndim, const int64_t *sizes)
{
    size_t used = 0, size = sizeof buffer->text;
    buffer->text[used++] = '[';
    for (int i = 0; i < ndim && used < size; i++) {
        if (size - used < 28) { /* the longest number, a separator and the end */
            used += (size_t)snprintf(buffer->text + used, size - used, "...");
            break;
        }
        used += (size_t)snprintf(buffer->text + used, size - used, i ? ", %lld" : "%lld", (long long)sizes[i]);
    }
    snprintf(buffer->text + used, size - used, "]");
    return buffer->text;
}
