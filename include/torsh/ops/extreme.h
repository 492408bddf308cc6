/* Largest and smallest. NaN counts as larger, and as smaller, than all; of equal elements the first wins. */
#ifndef TORSH_EXTREME_OPS_H
#define TORSH_EXTREME_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The place of the largest / smallest element along one dim; with TORSH_ALL_DIMS in the flattened tensor. i64. */
TORSH_API torsh_tensor torsh_argmax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_argmax_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
TORSH_API torsh_tensor torsh_argmin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_argmin_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The value and its place along dim: torch.max(input, dim). The gradient goes to that place alone. */
TORSH_API torsh_values torsh_max_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_max_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
TORSH_API torsh_values torsh_min_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_min_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
/* The values over any set of dims: torsh_amax, torsh_amin. */
TORSH_API torsh_tensor torsh_max(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_max_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
TORSH_API torsh_tensor torsh_min(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_min_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* Both: the smallest first. */
TORSH_API torsh_pair torsh_aminmax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_pair torsh_aminmax_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_pair out);

#ifdef __cplusplus
}
#endif

#endif
