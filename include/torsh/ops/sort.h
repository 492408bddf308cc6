/* Order. Real dtypes. NaN counts as larger than all; equal elements stay in their order. */
#ifndef TORSH_SORT_OPS_H
#define TORSH_SORT_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All elements along dim in order, with the places they came from. stable is met either way. */
TORSH_API torsh_values torsh_sort(torsh_tensor input, int64_t dim, bool descending, bool stable);
TORSH_API torsh_values torsh_sort_out(torsh_tensor input, int64_t dim, bool descending, bool stable, torsh_values out);
TORSH_API torsh_tensor torsh_argsort(torsh_tensor input, int64_t dim, bool descending, bool stable);
/* The k largest (or smallest) along dim, in order whether `sorted` or not. */
TORSH_API torsh_values torsh_topk(torsh_tensor input, int64_t k, int64_t dim, bool largest, bool sorted);
TORSH_API torsh_values torsh_topk_out(torsh_tensor input, int64_t k, int64_t dim, bool largest, bool sorted, torsh_values out);
/* The k-th smallest along dim, from 1. */
TORSH_API torsh_values torsh_kthvalue(torsh_tensor input, int64_t k, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_kthvalue_out(torsh_tensor input, int64_t k, int64_t dim, bool keepdim, torsh_values out);
/* Sorted along the first dim. */
TORSH_API torsh_tensor torsh_msort(torsh_tensor input);
TORSH_API torsh_tensor torsh_msort_out(torsh_tensor input, torsh_tensor out);
/* The middle element, of two the smaller; NaN if there is one, or, nanmedian, without those. Of the whole tensor (the gradient is
 * shared among equals), and along dim with its place. */
TORSH_API torsh_tensor torsh_median(torsh_tensor input);
TORSH_API torsh_tensor torsh_median_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_values torsh_median_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_median_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
TORSH_API torsh_tensor torsh_nanmedian(torsh_tensor input);
TORSH_API torsh_tensor torsh_nanmedian_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_values torsh_nanmedian_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_nanmedian_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
/* The most frequent element along dim, of several the smallest, and one of its places. */
TORSH_API torsh_values torsh_mode(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_mode_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
/* The elements at the shares q (a number or 1-D, in [0, 1]) of the sorted way along dim; TORSH_ALL_DIMS: of all. Between two elements
 * interpolation decides: linear, lower, higher, midpoint, nearest. A 1-D q is the result's first dim. f32 and f64. Any NaN gives
 * NaN; nanquantile leaves NaNs out. */
TORSH_API torsh_tensor torsh_quantile(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation);
TORSH_API torsh_tensor torsh_quantile_out(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation, torsh_tensor out);
TORSH_API torsh_tensor torsh_nanquantile(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation);
TORSH_API torsh_tensor torsh_nanquantile_out(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation, torsh_tensor out);

#ifdef __cplusplus
}
#endif

#endif
