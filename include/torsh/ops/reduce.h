/* Reductions. Over `dim`; TORSH_ALL_DIMS: over all. keepdim leaves the reduced dims as 1. 16-bit floats accumulate in f32. */
#ifndef TORSH_REDUCE_OPS_H
#define TORSH_REDUCE_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sum over dims, as a tree; integers and bool sum as i64. */
TORSH_API torsh_tensor torsh_sum(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_sum_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The same with NaN as 0. */
TORSH_API torsh_tensor torsh_nansum(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_nansum_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The mean; floating point and complex only. */
TORSH_API torsh_tensor torsh_mean(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_mean_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* Product; integers and bool multiply as i64. */
TORSH_API torsh_tensor torsh_prod(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_prod_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The largest; NaN if there is one. Its gradient is shared evenly among equal elements. */
TORSH_API torsh_tensor torsh_amax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_amax_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The smallest, likewise. */
TORSH_API torsh_tensor torsh_amin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_amin_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* True where any element is not 0; bool (u8 for u8). */
TORSH_API torsh_tensor torsh_any(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_any_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* True where no element is 0; bool (u8 for u8). */
TORSH_API torsh_tensor torsh_all(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_all_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);

/* Most of src/ includes this header, so it is closed: new functions are declared in statistics.h. */

#ifdef __cplusplus
}
#endif

#endif
