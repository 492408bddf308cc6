/* Views, joins and choices in other forms. */
#ifndef TORSH_REARRANGE_OPS_H
#define TORSH_REARRANGE_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Copies of what the views without _copy give. */
TORSH_API torsh_tensor torsh_as_strided_copy(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                             int64_t storage_offset);
TORSH_API torsh_tensor torsh_as_strided_copy_out(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                                 int64_t storage_offset, torsh_tensor out);
TORSH_API torsh_tensor torsh_diagonal_copy(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2);
TORSH_API torsh_tensor torsh_diagonal_copy_out(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2, torsh_tensor out);
TORSH_API torsh_tensor torsh_expand_copy(torsh_tensor input, const int64_t *size, size_t ndim);
TORSH_API torsh_tensor torsh_expand_copy_out(torsh_tensor input, const int64_t *size, size_t ndim, torsh_tensor out);
TORSH_API torsh_tensor torsh_narrow_copy(torsh_tensor input, int64_t dim, int64_t start, int64_t length);
TORSH_API torsh_tensor torsh_narrow_copy_out(torsh_tensor input, int64_t dim, int64_t start, int64_t length, torsh_tensor out);
TORSH_API torsh_tensor torsh_permute_copy(torsh_tensor input, const int64_t *dims, size_t count);
TORSH_API torsh_tensor torsh_permute_copy_out(torsh_tensor input, const int64_t *dims, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_squeeze_copy(torsh_tensor input, const int64_t *dim, size_t count);
TORSH_API torsh_tensor torsh_squeeze_copy_out(torsh_tensor input, const int64_t *dim, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_detach_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_detach_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_t_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_t_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_transpose_copy(torsh_tensor input, int64_t dim0, int64_t dim1);
TORSH_API torsh_tensor torsh_transpose_copy_out(torsh_tensor input, int64_t dim0, int64_t dim1, torsh_tensor out);
TORSH_API torsh_tensor torsh_unsqueeze_copy(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_unsqueeze_copy_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_view_copy(torsh_tensor input, const int64_t *size, size_t ndim);
TORSH_API torsh_tensor torsh_view_copy_out(torsh_tensor input, const int64_t *size, size_t ndim, torsh_tensor out);
TORSH_API torsh_tensor torsh_select_copy(torsh_tensor input, int64_t dim, int64_t index);
TORSH_API torsh_tensor torsh_select_copy_out(torsh_tensor input, int64_t dim, int64_t index, torsh_tensor out);
TORSH_API torsh_tensor torsh_slice_copy(torsh_tensor input, int64_t dim, int64_t start, int64_t end, int64_t step);
TORSH_API torsh_tensor torsh_slice_copy_out(torsh_tensor input, int64_t dim, int64_t start, int64_t end, int64_t step, torsh_tensor out);
TORSH_API torsh_tensor torsh_view_as_real_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_view_as_real_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_view_as_complex_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_view_as_complex_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_alias_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_alias_copy_out(torsh_tensor input, torsh_tensor out);
/* PyTorch's Tensor.unfold: windows of `size` elements, `step` apart, along a dim, as a new last dim; a view. And as a copy. */
TORSH_API torsh_tensor torsh_unfold_dim(torsh_tensor input, int64_t dimension, int64_t size, int64_t step);
TORSH_API torsh_tensor torsh_unfold_copy(torsh_tensor input, int64_t dimension, int64_t size, int64_t step);
TORSH_API torsh_tensor torsh_unfold_copy_out(torsh_tensor input, int64_t dimension, int64_t size, int64_t step, torsh_tensor out);
/* The conjugate transpose of the matrices in the last two dims. */
TORSH_API torsh_tensor torsh_mH(torsh_tensor input);
/* All elements in one dim: a view where possible. */
TORSH_API torsh_tensor torsh_ravel(torsh_tensor input);
/* With dims of size 1 added: a vector becomes a row for 2, (1, n, 1) for 3. */
TORSH_API torsh_tensor torsh_atleast_1d(torsh_tensor input);
TORSH_API torsh_tensor torsh_atleast_2d(torsh_tensor input);
TORSH_API torsh_tensor torsh_atleast_3d(torsh_tensor input);
/* Reversed along the second / the first dim. */
TORSH_API torsh_tensor torsh_fliplr(torsh_tensor input);
TORSH_API torsh_tensor torsh_flipud(torsh_tensor input);
/* Turned by k times 90 degrees from the first of two dims towards the second. PyTorch's defaults: 1, (0, 1). */
TORSH_API torsh_tensor torsh_rot90(torsh_tensor input, int64_t k, const int64_t *dims, size_t count);
/* The sum over what broadcasting from `size` to input's shape would stretch. */
TORSH_API torsh_tensor torsh_sum_to_size(torsh_tensor input, const int64_t *size, size_t ndim);
/* The last dim as the diagonal of new matrices in dim1 and dim2, the rest 0. PyTorch's defaults: 0, -2, -1. */
TORSH_API torsh_tensor torsh_diag_embed(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2);
/* The matrix with all elements on that diagonal. */
TORSH_API torsh_tensor torsh_diagflat(torsh_tensor input, int64_t offset);
/* Matrices along the diagonal of one, the rest 0. */
TORSH_API torsh_tensor torsh_block_diag(const torsh_tensor *tensors, size_t count);
/* Joined as columns / along the third dim. */
TORSH_API torsh_tensor torsh_column_stack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_column_stack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_dstack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_dstack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
/* The diagonal of a matrix, or of a tensor whose sizes are all the same, filled in place; wrap begins it again, a row below its end, in a tall
 * matrix. */
TORSH_API torsh_tensor torsh_fill_diagonal_(torsh_tensor input, double fill_value, bool wrap);
/* input with src in place of what torsh_select, torsh_slice, torsh_diagonal, torsh_as_strided of it would show. */
TORSH_API torsh_tensor torsh_select_scatter(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t index);
TORSH_API torsh_tensor torsh_slice_scatter(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t start, int64_t end, int64_t step);
TORSH_API torsh_tensor torsh_slice_scatter_out(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t start, int64_t end, int64_t step,
                                               torsh_tensor out);
TORSH_API torsh_tensor torsh_diagonal_scatter(torsh_tensor input, torsh_tensor src, int64_t offset, int64_t dim1, int64_t dim2);
TORSH_API torsh_tensor torsh_as_strided_scatter(torsh_tensor input, torsh_tensor src, const int64_t *size, size_t ndim, const int64_t *stride,
                                                size_t stride_count, int64_t storage_offset);
/* input with the elements of source at places of the flattened tensor; accumulate adds them. */
TORSH_API torsh_tensor torsh_put(torsh_tensor input, torsh_tensor index, torsh_tensor source, bool accumulate);
TORSH_API torsh_tensor torsh_put_(torsh_tensor input, torsh_tensor index, torsh_tensor source, bool accumulate);
/* A copy full of a 0-d tensor's value. */
TORSH_API torsh_tensor torsh_fill(torsh_tensor input, torsh_tensor value);
/* As torsh_nonzero; and as exactly `size` rows, the missing ones fill_value (PyTorch's default: -1). */
TORSH_API torsh_tensor torsh_argwhere(torsh_tensor input);
TORSH_API torsh_tensor torsh_nonzero_static(torsh_tensor input, int64_t size, int64_t fill_value);
/* Uninitialised, with those strides; contiguous once permuted by physical_layout. */
TORSH_API torsh_tensor torsh_empty_strided(const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count, torsh_dtype dtype,
                                           torsh_device device);
TORSH_API torsh_tensor torsh_empty_permuted(const int64_t *size, size_t ndim, const int64_t *physical_layout, size_t physical_layout_count,
                                            torsh_dtype dtype, torsh_device device);
/* (2, n): rows and columns of the triangle's elements in a matrix (row, col). Default dtype i64. */
TORSH_API torsh_tensor torsh_tril_indices(int64_t row, int64_t col, int64_t offset, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_triu_indices(int64_t row, int64_t col, int64_t offset, torsh_dtype dtype, torsh_device device);
/* `pad` is (before, after) of the last dim, then of the one before it, ...; negative numbers cut off. */
TORSH_API torsh_tensor torsh_constant_pad_nd(torsh_tensor input, const int64_t *pad, size_t count, torsh_tensor value);
TORSH_API torsh_tensor torsh_constant_pad_nd_out(torsh_tensor input, const int64_t *pad, size_t count, torsh_tensor value, torsh_tensor out);

#ifdef __cplusplus
}
#endif

#endif
