/* torch.masked: each op is its plain form on the input with the op's identity where the mask is false (torch/masked/_ops.py).
 * Rows: table/masked_reduce.def. */
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/extreme.h>
#include <torsh/ops/masked_reduce.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/scan.h>
#include <torsh/ops/softmax.h>
#include <torsh/ops/sort.h>
#include <torsh/ops/statistics.h>

#include <math.h>

#define TABLE "reduce.def"
#include "declare_rows.h"

/* input in dtype, with `value` where the mask is false. */
static torsh_tensor filled(torsh_tensor input, torsh_dtype dtype, torsh_tensor mask, torsh_tensor value)
{
    torsh_tensor x = torsh__as_dtype(input, dtype);
    return mask.id ? torsh_where(mask, x, value) : x;
}

/* What a largest (or smallest) element gives way to. */
static torsh_tensor least(torsh_tensor input, torsh_dtype dtype, bool largest)
{
    if (dtype == TORSH_DTYPE_DEFAULT) dtype = torsh_dtype_of(input);
    if (torsh__dtypes[dtype].category >= TORSH__FLOATING) return torsh_number(largest ? INFINITY : -INFINITY);
    if (dtype == TORSH_BOOL) return torsh_scalar(largest, TORSH_BOOL, TORSH_CPU);
    int bits = (int)torsh__dtypes[dtype].size * 8 - (dtype != TORSH_U8);
    int64_t most = bits == 63 ? INT64_MAX : ((int64_t)1 << bits) - 1;
    return torsh_integer(largest ? most : dtype == TORSH_U8 ? 0 : -most - 1);
}

/* The result's dtype is the input's, too, where none is asked for. */
static torsh_tensor given(torsh_tensor result, torsh_tensor input, torsh_dtype dtype)
{
    return torsh_to_dtype(result, dtype == TORSH_DTYPE_DEFAULT ? torsh_dtype_of(input) : dtype);
}

#define OVER const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask

static torsh_tensor compose_masked_sum(torsh_tensor input, OVER)
{
    return torsh_sum_dtype(filled(input, dtype, mask, torsh_scalar(0, TORSH_BOOL, TORSH_CPU)), dim, count, keepdim, dtype);
}

static torsh_tensor compose_masked_prod(torsh_tensor input, OVER)
{
    return torsh_prod_dtype(filled(input, dtype, mask, torsh_scalar(1, TORSH_BOOL, TORSH_CPU)), dim, count, keepdim, dtype);
}

static torsh_tensor compose_masked_amax(torsh_tensor input, OVER)
{
    return torsh_amax(filled(input, dtype, mask, least(input, dtype, false)), dim, count, keepdim);
}

static torsh_tensor compose_masked_amin(torsh_tensor input, OVER)
{
    return torsh_amin(filled(input, dtype, mask, least(input, dtype, true)), dim, count, keepdim);
}

static torsh_tensor compose_masked_argmax(torsh_tensor input, OVER)
{
    return given(torsh_argmax(filled(input, dtype, mask, least(input, dtype, false)), dim, count, keepdim), input, dtype);
}

static torsh_tensor compose_masked_argmin(torsh_tensor input, OVER)
{
    return given(torsh_argmin(filled(input, dtype, mask, least(input, dtype, true)), dim, count, keepdim), input, dtype);
}

static torsh_tensor compose_masked_mean(torsh_tensor input, OVER)
{
    if (!mask.id) return torsh_mean_dtype(input, dim, count, keepdim, dtype);
    torsh_dtype real = dtype == TORSH_DTYPE_DEFAULT ? torsh_dtype_of(input) : dtype;
    if (torsh__dtypes[real].category < TORSH__FLOATING) return torsh__refuse(TORSH_DTYPE_MISMATCH, "masked_mean: 'input' must be floating point or complex; it is %s", torsh_dtype_name(real));
    torsh_tensor total = compose_masked_sum(input, dim, count, keepdim, dtype, mask);
    return torsh_div(total, torsh__count_true(torsh_where(mask, torsh_ones_like(torsh_to_dtype(input, TORSH_BOOL)), torsh_scalar(0, TORSH_BOOL, TORSH_CPU)), dim, count, keepdim));
}

/* Sums of squares over counts, in PyTorch's order of conversions. */
static torsh_tensor compose_masked_var(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_dtype dtype, torsh_tensor mask)
{
    if (dtype == TORSH_DTYPE_DEFAULT) dtype = torsh__dtypes[torsh_dtype_of(input)].category < TORSH__FLOATING ? TORSH_F32 : torsh_dtype_of(input);
    torsh_dtype compute = torsh__dtypes[dtype].category < TORSH__FLOATING ? TORSH_F32 : dtype;
    torsh_tensor there = torsh_ones_like(torsh_to_dtype(input, TORSH_BOOL));
    if (mask.id) there = torsh_logical_and(there, mask);
    torsh_tensor mean = torsh_div(compose_masked_sum(input, dim, count, true, dtype, mask), torsh__count_true(there, dim, count, true));
    torsh_tensor x = torsh_sub(input, mean);
    torsh_tensor total = compose_masked_sum(torsh_mul(x, torsh__conjugate(x)), dim, count, keepdim, compute, mask);
    torsh_tensor free = torsh__count_true(there, dim, count, keepdim);
    if (correction != 0) free = torsh_clamp(torsh_sub(torsh_to_dtype(free, torsh__dtype_to_real(compute)), torsh_number(correction)), 0, INFINITY);
    return torsh__narrowed(torsh_div(total, free), dtype);
}

static torsh_tensor compose_masked_std(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_dtype dtype, torsh_tensor mask)
{
    return torsh_sqrt(compose_masked_var(input, dim, count, correction, keepdim, dtype, mask));
}

/* NaN where all is masked. */
static torsh_tensor compose_masked_median(torsh_tensor input, int64_t dim, bool keepdim, torsh_dtype dtype, torsh_tensor mask)
{
    bool whole = torsh__dtypes[torsh_dtype_of(input)].category < TORSH__FLOATING;
    torsh_tensor middle = torsh_nanmedian_dim(filled(input, whole ? TORSH_F32 : TORSH_DTYPE_DEFAULT, mask, torsh_number(NAN)), dim, keepdim).values;
    if (!whole) return middle;
    int64_t none = 0;
    torsh_status status = torsh_item_i64(torsh_any(torsh_isnan(middle), TORSH_ALL_DIMS, false), &none);
    if (status) return torsh__tensor_error(status);
    if (none) return torsh__refuse(TORSH_INVALID_ARGUMENT, "masked_median: 'mask' leaves no element of some row of 'input', whose dtype has no NaN");
    return given(middle, input, dtype);
}

static torsh_tensor compose_masked_logsumexp(torsh_tensor input, OVER)
{
    return given(torsh_logsumexp(filled(input, dtype, mask, least(input, dtype, false)), dim, count, keepdim), input, dtype);
}

static torsh_tensor compose_masked_norm(torsh_tensor input, double ord, OVER)
{
    return torsh_norm(filled(input, dtype, mask, torsh_number(ord < 0 ? INFINITY : 0)), ord, dim, count, keepdim);
}

static torsh_tensor compose_masked_normalize(torsh_tensor input, double ord, int64_t dim, double eps, torsh_dtype dtype, torsh_tensor mask)
{
    torsh_tensor norms = compose_masked_norm(input, ord, &dim, 1, true, dtype, mask);
    torsh_tensor least_one = torsh_to_dtype(torsh_number(eps), torsh_dtype_of(norms));
    return torsh_div(filled(input, TORSH_DTYPE_DEFAULT, mask, torsh_number(0)), torsh_maximum(norms, least_one));
}

static torsh_tensor compose_masked_cumsum(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask)
{
    return given(torsh_cumsum(filled(input, dtype, mask, torsh_scalar(0, TORSH_BOOL, TORSH_CPU)), dim), input, dtype);
}

static torsh_tensor compose_masked_cumprod(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask)
{
    return given(torsh_cumprod(filled(input, dtype, mask, torsh_scalar(1, TORSH_BOOL, TORSH_CPU)), dim), input, dtype);
}

static torsh_tensor compose_masked_softmax(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask)
{
    return torsh_softmax(filled(input, dtype, mask, least(input, dtype, false)), dim);
}

static torsh_tensor compose_masked_log_softmax(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask)
{
    return torsh_log_softmax(filled(input, dtype, mask, least(input, dtype, false)), dim);
}

static torsh_tensor compose_masked_softmin(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask)
{
    return torsh_softmax(torsh_neg(filled(input, dtype, mask, least(input, dtype, true))), dim);
}

static torsh_tensor compose_masked_logaddexp(torsh_tensor input, torsh_tensor other, torsh_dtype dtype, torsh_tensor input_mask, torsh_tensor other_mask)
{
    return torsh_logaddexp(filled(input, dtype, input_mask, torsh_number(-INFINITY)), filled(other, dtype, other_mask, torsh_number(-INFINITY)));
}

#include "define_rows.h"

#include "masked_reduce.def"
