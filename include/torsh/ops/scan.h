/* Running results along a dim. */
#ifndef TORSH_SCAN_OPS_H
#define TORSH_SCAN_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sum / product / log(sum(exp)) of the elements up to each one. Integers and bool sum and multiply as i64; f32 in f64. */
TORSH_API torsh_tensor torsh_cumsum(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumsum_(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumsum_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_cumprod(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumprod_(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumprod_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_logcumsumexp(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_logcumsumexp_out(torsh_tensor input, int64_t dim, torsh_tensor out);
/* The largest / smallest so far and its place, the last of equals; from a NaN on, NaN. */
TORSH_API torsh_values torsh_cummax(torsh_tensor input, int64_t dim);
TORSH_API torsh_values torsh_cummax_out(torsh_tensor input, int64_t dim, torsh_values out);
TORSH_API torsh_values torsh_cummin(torsh_tensor input, int64_t dim);
TORSH_API torsh_values torsh_cummin_out(torsh_tensor input, int64_t dim, torsh_values out);
/* torsh_cumsum, torsh_cumprod of input in another dtype. */
TORSH_API torsh_tensor torsh_cumsum_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumsum_dtype_(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumsum_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_cumprod_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumprod_dtype_(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumprod_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);
/* Each element less the one before it along dim, n times; prepend and append, where given, are joined to input first. bool: xor. */
TORSH_API torsh_tensor torsh_diff(torsh_tensor input, int64_t n, int64_t dim, torsh_tensor prepend, torsh_tensor append);
TORSH_API torsh_tensor torsh_diff_out(torsh_tensor input, int64_t n, int64_t dim, torsh_tensor prepend, torsh_tensor append, torsh_tensor out);
/* The integral of y along dim by trapezoids: at the points x (1-D or as y), or, x null, dx apart. torsh_trapz is another name;
 * cumulative: up to each point but the first. */
TORSH_API torsh_tensor torsh_trapezoid(torsh_tensor y, torsh_tensor x, double dx, int64_t dim);
TORSH_API torsh_tensor torsh_trapz(torsh_tensor y, torsh_tensor x, double dx, int64_t dim);
TORSH_API torsh_tensor torsh_cumulative_trapezoid(torsh_tensor y, torsh_tensor x, double dx, int64_t dim);
/* The slope of input along each of dims (none: all) by central differences, at the borders by those of edge_order 1 or 2. spacing: none
 * (1), or one for each dim: the step, or the 1-D places of the elements. */
TORSH_API torsh_tensors torsh_gradient(torsh_tensor input, const torsh_tensor *spacing, size_t spacing_count, const int64_t *dim, size_t dim_count,
                                       int64_t edge_order);

#ifdef __cplusplus
}
#endif

#endif
