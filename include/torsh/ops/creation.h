/* Makers, copies, conversions. dtype TORSH_DTYPE_DEFAULT: the default float dtype. These have no gradient. */
#ifndef TORSH_CREATION_OPS_H
#define TORSH_CREATION_OPS_H

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

/* start, start + step, ... below end (above it for a negative step): ceil((end - start) / step) elements. Integer dtypes cut
 * start and step to integers and count in i64; floats are computed in f64 (the 16-bit ones in f32) and rounded once. */
TORSH_API torsh_tensor torsh_arange(double start, double end, double step, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_arange_out(double start, double end, double step, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* `steps` values from start to end, both included; in the second, base to their power. */
/* torch.range, which PyTorch deprecates: end is an element, too. */
TORSH_API torsh_tensor torsh_range(double start, double end, double step, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace(double start, double end, int64_t steps, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace_out(double start, double end, int64_t steps, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_logspace(double start, double end, int64_t steps, double base, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_logspace_out(double start, double end, int64_t steps, double base, torsh_dtype dtype, torsh_device device,
                                          torsh_tensor out);
/* The same between 0-d tensors or numbers, which may be complex. */
TORSH_API torsh_tensor torsh_linspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace_value_out(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_logspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, double base, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_logspace_value_out(torsh_tensor start, torsh_tensor end, int64_t steps, double base, torsh_dtype dtype, torsh_device device,
                                                torsh_tensor out);
/* (n, m): ones on the main diagonal. */
TORSH_API torsh_tensor torsh_eye(int64_t n, int64_t m, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_eye_out(int64_t n, int64_t m, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* The lower / upper triangle of the matrices in the last two dims, the rest 0. The triangle reaches to the diagonal of that
 * number: 0 is the main one, positive ones lie above it. */
TORSH_API torsh_tensor torsh_tril(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_tril_(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_tril_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
TORSH_API torsh_tensor torsh_triu(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_triu_(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_triu_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
/* Of a vector: the matrix with it on that diagonal. Of a matrix: a copy of that diagonal. */
TORSH_API torsh_tensor torsh_diag(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_diag_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
/* For each of the vectors, its values over the grid of all; indexing "ij" or "xy" (first two dims swapped). */
TORSH_API torsh_tensors torsh_meshgrid(const torsh_tensor *tensors, size_t count, const char *indexing);

#ifdef __cplusplus
}
#endif

#endif
