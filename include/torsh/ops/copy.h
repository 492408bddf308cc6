/* Constants, copies, conversions. dtype TORSH_DTYPE_DEFAULT: the default float dtype. */
#ifndef TORSH_COPY_OPS_H
#define TORSH_COPY_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Full of 0, of 1. */
TORSH_API torsh_tensor torsh_zeros(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_zeros_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_ones(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_ones_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* Uninitialised. */
TORSH_API torsh_tensor torsh_empty(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_empty_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* Full of fill_value. */
TORSH_API torsh_tensor torsh_full(const int64_t *size, size_t ndim, double fill_value, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_full_out(const int64_t *size, size_t ndim, double fill_value, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* With input's shape, dtype and device. */
TORSH_API torsh_tensor torsh_zeros_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_ones_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_empty_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_full_like(torsh_tensor input, double fill_value);
/* The same of another dtype (TORSH_DTYPE_DEFAULT: input's), and full of a number or 0-d tensor of any dtype. torsh_full_value: the default
 * dtype is that of fill_value. */
TORSH_API torsh_tensor torsh_zeros_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_ones_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_empty_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_full_like_value(torsh_tensor input, torsh_tensor fill_value, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_full_value(const int64_t *size, size_t ndim, torsh_tensor fill_value, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_full_value_out(const int64_t *size, size_t ndim, torsh_tensor fill_value, torsh_dtype dtype, torsh_device device, torsh_tensor out);

/* A contiguous copy. */
TORSH_API torsh_tensor torsh_clone(torsh_tensor input);
/* input itself if it is contiguous, else a copy. */
TORSH_API torsh_tensor torsh_contiguous(torsh_tensor input);
/* In place: source, broadcast and converted, into input. Both may be on different devices. */
TORSH_API torsh_tensor torsh_copy_(torsh_tensor input, torsh_tensor source);
/* In place: the value of a 0-d tensor. */
TORSH_API torsh_tensor torsh_fill_(torsh_tensor input, torsh_tensor value);
TORSH_API torsh_tensor torsh_zero_(torsh_tensor input);
/* A copy in another dtype / on another device / both; input itself where nothing changes. TORSH_DTYPE_DEFAULT: the default float
 * dtype for torsh_to_dtype, input's own for torsh_to. */
TORSH_API torsh_tensor torsh_to_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_to_device(torsh_tensor input, torsh_device device);
TORSH_API torsh_tensor torsh_to(torsh_tensor input, torsh_dtype dtype, torsh_device device);
/* With copy, never input itself. */
TORSH_API torsh_tensor torsh_to_copy(torsh_tensor input, torsh_dtype dtype, torsh_device device, bool copy);

/* Most of src/ includes this header, so it is closed: new functions are declared in creation.h. */

#ifdef __cplusplus
}
#endif

#endif
