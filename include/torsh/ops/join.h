/* Joining and cutting. */
#ifndef TORSH_JOIN_OPS_H
#define TORSH_JOIN_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Tensors joined along dim; all other sizes are equal. 1-D tensors without elements are skipped, whatever the others' shape. */
TORSH_API torsh_tensor torsh_cat(const torsh_tensor *tensors, size_t count, int64_t dim);
TORSH_API torsh_tensor torsh_cat_out(const torsh_tensor *tensors, size_t count, int64_t dim, torsh_tensor out);
/* Tensors of one shape joined along a new dim. */
TORSH_API torsh_tensor torsh_stack(const torsh_tensor *tensors, size_t count, int64_t dim);
TORSH_API torsh_tensor torsh_stack_out(const torsh_tensor *tensors, size_t count, int64_t dim, torsh_tensor out);
/* Joined along the second dim (the first of 1-D tensors) / as rows. */
TORSH_API torsh_tensor torsh_hstack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_hstack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_vstack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_vstack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
/* Lists of views of input. In pieces of split_size, the last one shorter; */
TORSH_API torsh_tensors torsh_split(torsh_tensor input, int64_t split_size, int64_t dim);
/* of the given sizes, which add up to dim's; */
TORSH_API torsh_tensors torsh_split_with_sizes(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim);
/* in `chunks` pieces or fewer, all but the last of one size; */
TORSH_API torsh_tensors torsh_chunk(torsh_tensor input, int64_t chunks, int64_t dim);
/* in exactly `sections` pieces, the first ones longer by one where needed; */
TORSH_API torsh_tensors torsh_tensor_split(torsh_tensor input, int64_t sections, int64_t dim);
/* one per element of dim, which goes. */
TORSH_API torsh_tensors torsh_unbind(torsh_tensor input, int64_t dim);
/* Copies of the same. */
TORSH_API torsh_tensors torsh_unbind_copy(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensors torsh_split_copy(torsh_tensor input, int64_t split_size, int64_t dim);
TORSH_API torsh_tensors torsh_split_with_sizes_copy(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim);
/* The same into as many tensors of the caller's. */
TORSH_API torsh_status torsh_unbind_copy_out(torsh_tensor input, int64_t dim, const torsh_tensor *out, size_t out_count);
TORSH_API torsh_status torsh_split_copy_out(torsh_tensor input, int64_t split_size, int64_t dim, const torsh_tensor *out, size_t out_count);
TORSH_API torsh_status torsh_split_with_sizes_copy_out(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim, const torsh_tensor *out,
                                                       size_t out_count);
/* Cut before each of `indices`. */
TORSH_API torsh_tensors torsh_tensor_split_indices(torsh_tensor input, const int64_t *indices, size_t count, int64_t dim);
/* Equal sections of the second (of a vector: the only) / first / third dim; and the same cut before each of `indices`. */
TORSH_API torsh_tensors torsh_hsplit(torsh_tensor input, int64_t sections);
TORSH_API torsh_tensors torsh_vsplit(torsh_tensor input, int64_t sections);
TORSH_API torsh_tensors torsh_dsplit(torsh_tensor input, int64_t sections);
TORSH_API torsh_tensors torsh_hsplit_indices(torsh_tensor input, const int64_t *indices, size_t count);
TORSH_API torsh_tensors torsh_vsplit_indices(torsh_tensor input, const int64_t *indices, size_t count);
TORSH_API torsh_tensors torsh_dsplit_indices(torsh_tensor input, const int64_t *indices, size_t count);
/* torsh_atleast_1d, 2d, 3d of each; all expanded to one shape. */
TORSH_API torsh_tensors torsh_atleast_1d_list(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensors torsh_atleast_2d_list(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensors torsh_atleast_3d_list(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensors torsh_broadcast_tensors(const torsh_tensor *tensors, size_t count);
/* The coordinates in `shape` of places in the flattened tensor, one tensor for each dim. */
TORSH_API torsh_tensors torsh_unravel_index(torsh_tensor indices, const int64_t *shape, size_t count);

#ifdef __cplusplus
}
#endif

#endif
