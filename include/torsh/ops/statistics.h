/* Variance, norms. Over `dim`; TORSH_ALL_DIMS: over all. */
#ifndef TORSH_STATISTICS_OPS_H
#define TORSH_STATISTICS_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The variance: squared distances from the mean over n - correction (1: unbiased, PyTorch's default; 0: of a population).
 * NaN where n is not larger than the correction and there is no distance. std is its square root. Of complex numbers both are real. */
TORSH_API torsh_tensor torsh_var(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
TORSH_API torsh_tensor torsh_var_out(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_tensor out);
TORSH_API torsh_tensor torsh_std(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
TORSH_API torsh_tensor torsh_std_out(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_tensor out);
/* With the mean as the second. */
TORSH_API torsh_pair torsh_var_mean(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
TORSH_API torsh_pair torsh_std_mean(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
/* The vector norm: (sum |x|^p)^(1/p); the largest |x| for p = INFINITY, the smallest for -INFINITY, the count of elements that are
 * not 0 for p = 0. */
TORSH_API torsh_tensor torsh_norm(torsh_tensor input, double p, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_norm_out(torsh_tensor input, double p, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* log(sum(exp(input))) without overflow; integers and bool as the default float dtype. */
TORSH_API torsh_tensor torsh_logsumexp(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_logsumexp_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* How many elements are not 0; i64. */
TORSH_API torsh_tensor torsh_count_nonzero(torsh_tensor input, const int64_t *dim, size_t count);
/* torsh_sum, torsh_mean, torsh_prod of input in another dtype. */
TORSH_API torsh_tensor torsh_sum_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_sum_dtype_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_mean_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_mean_dtype_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_prod_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_prod_dtype_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor out);
/* The mean of the elements that are not NaN. */
TORSH_API torsh_tensor torsh_nanmean(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_nanmean_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The p-norm of input - other. */
TORSH_API torsh_tensor torsh_dist(torsh_tensor input, torsh_tensor other, double p);
/* The sum of a matrix's diagonal. */
TORSH_API torsh_tensor torsh_trace(torsh_tensor input);
/* The root of the sum of squares over dim, at most two dims; empty: all. */
TORSH_API torsh_tensor torsh_frobenius_norm(torsh_tensor input, const int64_t *dim, size_t dim_count, bool keepdim);
TORSH_API torsh_tensor torsh_frobenius_norm_out(torsh_tensor input, const int64_t *dim, size_t dim_count, bool keepdim, torsh_tensor out);
/* The pow-norms over all dims but one, whose size stays; dim -1: over all. PyTorch's defaults: pow 2, dim 0. */
TORSH_API torsh_tensor torsh_norm_except_dim(torsh_tensor v, int64_t pow, int64_t dim);
/* input with each slice of dim whose p-norm is over maxnorm scaled down to that. */
TORSH_API torsh_tensor torsh_renorm(torsh_tensor input, double p, int64_t dim, double maxnorm);
TORSH_API torsh_tensor torsh_renorm_(torsh_tensor input, double p, int64_t dim, double maxnorm);
TORSH_API torsh_tensor torsh_renorm_out(torsh_tensor input, double p, int64_t dim, double maxnorm, torsh_tensor out);
/* Covariances of the rows of input, (variables, observations) or one variable, over n - correction. Optional weights of the
 * observations: how often each counts (integers), how much (floating point). corrcoef: over the deviations, in [-1, 1]. */
TORSH_API torsh_tensor torsh_cov(torsh_tensor input, int64_t correction, torsh_tensor fweights, torsh_tensor aweights);
TORSH_API torsh_tensor torsh_corrcoef(torsh_tensor input);

#ifdef __cplusplus
}
#endif

#endif
