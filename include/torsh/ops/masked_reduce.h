/* Masked reductions. As torch.masked: each is the function without masked_, of the elements where mask (bool, broadcasts; null: all) is
 * true; where there is none, what that gives for no elements. dtype: what input is converted to first, and the result, places too;
 * TORSH_DTYPE_DEFAULT: input's own, but i64 for sums and products of integers. */
#ifndef TORSH_MASKED_REDUCE_OPS_H
#define TORSH_MASKED_REDUCE_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sum, product, largest, smallest, mean, log(sum(exp)) over dim; the place of the largest and smallest; the norm. */
TORSH_API torsh_tensor torsh_masked_sum(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_prod(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_amax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_amin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_mean(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_logsumexp(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_argmax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_argmin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_norm(torsh_tensor input, double ord, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
/* input over its norm along dim, which counts as eps at least. */
TORSH_API torsh_tensor torsh_masked_normalize(torsh_tensor input, double ord, int64_t dim, double eps, torsh_dtype dtype, torsh_tensor mask);
/* The sum of squared distances from the mean over the number of elements less correction, and its root; NaN where all is masked. */
TORSH_API torsh_tensor torsh_masked_var(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_std(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
/* The median along dim, of the middle two the smaller; NaN where all is masked, which only floats have. */
TORSH_API torsh_tensor torsh_masked_median(torsh_tensor input, int64_t dim, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
/* Running sums and products, and softmaxes, along dim. */
TORSH_API torsh_tensor torsh_masked_cumsum(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_cumprod(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_softmax(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_log_softmax(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_softmin(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
/* log(exp(input) + exp(other)), each where its own mask is true. */
TORSH_API torsh_tensor torsh_masked_logaddexp(torsh_tensor input, torsh_tensor other, torsh_dtype dtype, torsh_tensor input_mask, torsh_tensor other_mask);

#ifdef __cplusplus
}
#endif

#endif
