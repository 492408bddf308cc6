/* Views. They share input's memory. In place (torsh_x_), input itself gets the new sizes and strides. */
#ifndef TORSH_VIEW_OPS_H
#define TORSH_VIEW_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A view of input's storage with any sizes and strides, `storage_offset` elements from its start; TORSH_OUT_OF_RANGE if it would leave the storage. */
TORSH_API torsh_tensor torsh_as_strided(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                        int64_t storage_offset);
TORSH_API torsh_tensor torsh_as_strided_(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                         int64_t storage_offset);
/* Another shape of the same elements; one size may be -1. Fails where input's strides don't allow it: use torsh_reshape. */
TORSH_API torsh_tensor torsh_view(torsh_tensor input, const int64_t *size, size_t ndim);
/* A view where possible, else a copy. */
TORSH_API torsh_tensor torsh_reshape(torsh_tensor input, const int64_t *shape, size_t ndim);
TORSH_API torsh_tensor torsh_permute(torsh_tensor input, const int64_t *dims, size_t count);
TORSH_API torsh_tensor torsh_transpose(torsh_tensor input, int64_t dim0, int64_t dim1);
TORSH_API torsh_tensor torsh_transpose_(torsh_tensor input, int64_t dim0, int64_t dim1);
/* The matrix transpose of a tensor of at most 2 dims. */
TORSH_API torsh_tensor torsh_t(torsh_tensor input);
TORSH_API torsh_tensor torsh_t_(torsh_tensor input);
/* Dims of size 1 stretched to `size` without copying; -1 keeps a size. */
TORSH_API torsh_tensor torsh_expand(torsh_tensor input, const int64_t *size, size_t ndim);
/* input stretched, viewed or copied to other's shape, or converted to its dtype. */
TORSH_API torsh_tensor torsh_expand_as(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_view_as(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_reshape_as(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_type_as(torsh_tensor input, torsh_tensor other);
/* input itself becomes a contiguous tensor of that size, or of the_template's. It keeps its first elements; others are undefined. Memory that is
 * too small and that other tensors share can't grow, and a tensor that tracks gradients can't change: both are errors. */
TORSH_API torsh_tensor torsh_resize_(torsh_tensor input, const int64_t *size, size_t ndim);
TORSH_API torsh_tensor torsh_resize_as_(torsh_tensor input, torsh_tensor the_template);
/* Removes the dims of size 1 among `dim` (TORSH_ALL_DIMS: all of them; a pointer that isn't null with count 0: none). */
TORSH_API torsh_tensor torsh_squeeze(torsh_tensor input, const int64_t *dim, size_t count);
TORSH_API torsh_tensor torsh_squeeze_(torsh_tensor input, const int64_t *dim, size_t count);
/* Adds a dim of size 1 at dim, in [-ndim - 1, ndim]. */
TORSH_API torsh_tensor torsh_unsqueeze(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_unsqueeze_(torsh_tensor input, int64_t dim);
/* Dims start_dim to end_dim as one. */
TORSH_API torsh_tensor torsh_flatten(torsh_tensor input, int64_t start_dim, int64_t end_dim);
/* dim split into sizes, one of which may be -1. */
TORSH_API torsh_tensor torsh_unflatten(torsh_tensor input, int64_t dim, const int64_t *sizes, size_t count);
/* Element `index` of dim, which goes. */
TORSH_API torsh_tensor torsh_select(torsh_tensor input, int64_t dim, int64_t index);
/* input[start:end:step] along dim: start and end may be negative or past the end, as in Python; step is positive. */
TORSH_API torsh_tensor torsh_slice(torsh_tensor input, int64_t dim, int64_t start, int64_t end, int64_t step);
TORSH_API torsh_tensor torsh_narrow(torsh_tensor input, int64_t dim, int64_t start, int64_t length);
/* The diagonal of the matrices in dim1 and dim2, as the last dim. */
TORSH_API torsh_tensor torsh_diagonal(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2);
/* Dims moved to other places; the rest keep their order. */
TORSH_API torsh_tensor torsh_movedim(torsh_tensor input, int64_t source, int64_t destination);
TORSH_API torsh_tensor torsh_movedim_list(torsh_tensor input, const int64_t *source, size_t count, const int64_t *destination, size_t destination_count);

/* Most of src/ includes this header, so it is closed: new functions are declared in rearrange.h. */

#ifdef __cplusplus
}
#endif

#endif
