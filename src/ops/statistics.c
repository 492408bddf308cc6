/* Variance, deviation, norms, logsumexp. Rows: table/statistics.def. */
#include "composed.h"
#include "reduce.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/statistics.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "reduce.def"
#include "declare_rows.h"
#define TABLE "statistics.def"
#include "declare_rows.h"

#define INTS(values, i) ((const int64_t *)(values)[i].list.data)
#define COUNT(values, i) ((values)[i].list.count)

/* ---- variance ------------------------------------------------------------------------------------------------ */

/* All results have the reduced shape; the first is real, a mean has the input's dtype. keepdim is the last parameter. */
static torsh_status infer_moments(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t mask;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__wrap_dims(torsh__call_name(c), INTS(c->values, 1), COUNT(c->values, 1), v->ndim, &mask);
    if (status) return status;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    for (int i = 0; i < c->outputs; i++) {
        c->spec[i].dtype = i == 0 ? torsh__dtype_to_real(c->compute) : c->compute;
        torsh__reduced_sizes(&c->spec[i], v, mask, c->values[c->op->info.param_count - 1].i != 0);
    }
    return TORSH_OK;
}

/* The kernels are real; of complex numbers the squared distance is that of both parts. */
static torsh_status run_moments(torsh__call *c)
{
    const torsh_value *v = c->values;
    if (!torsh_dtype_is_complex(c->compute)) return torsh__launch(c);
    torsh_tensor x = torsh__tensor_share(c->input[0]), mean = torsh_mean(x, INTS(v, 1), COUNT(v, 1), true);
    bool keepdim = v[3].i != 0, root = strncmp(c->op->info.name, "std", 3) == 0;
    torsh_tensor distance = torsh__norm_2(torsh_sub(x, mean), INTS(v, 1), COUNT(v, 1), keepdim);
    double n = c->output[0]->view.numel ? (double)c->input[0]->view.numel / (double)c->output[0]->view.numel : 0, free = n - v[2].f;
    torsh_tensor share = torsh_number(1 / (free > 0 ? free : 0)), out = torsh__tensor_share(c->output[0]);
    torsh_tensor done = torsh_copy_(out, root ? torsh_mul(distance, torsh_sqrt(share)) : torsh_mul(torsh_square(distance), share));
    if (c->outputs > 1 && !TORSH_FAILED(done)) done = torsh_copy_(torsh__tensor_share(c->output[1]), torsh_view(mean, c->spec[1].sizes, (size_t)c->spec[1].ndim));
    return torsh_id_status(done.id);
}

/* What the gradients of a node over dims share. */
typedef struct spread {
    torsh__meta meta;
    uint64_t mask;
    double n; /* reduced elements */
    bool keepdim;
} spread;

static spread spread_of(const torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    spread s = {.meta = torsh__input_meta(b, 0), .n = 1, .keepdim = v[b->node->op->info.param_count - 1].i != 0};
    torsh__wrap_dims(b->node->op->info.name, INTS(v, 1), COUNT(v, 1), s.meta.ndim, &s.mask);
    for (int d = 0; d < s.meta.ndim; d++) s.n *= s.mask >> d & 1 ? (double)s.meta.sizes[d] : 1;
    return s;
}

static torsh_tensor kept(const spread *s, torsh_tensor t)
{
    return s->keepdim ? t : torsh__keep_dims(t, &s->meta, s->mask);
}

/* g 2 (x - mean) / (n - correction) */
static torsh_tensor var_part(const torsh__backward *b, const spread *s, torsh_tensor g)
{
    const torsh_value *v = b->node->values;
    torsh_tensor x = torsh__saved_input(b, 0), mean = torsh_mean(x, INTS(v, 1), COUNT(v, 1), true);
    double free = s->n - v[2].f;
    return torsh_mul(torsh_mul(kept(s, g), torsh_number(2 / (free > 0 ? free : 0))), torsh_sub(x, mean));
}

/* That of the variance, with g / (2 std); 0 where std is, as PyTorch has it. */
static torsh_tensor std_part(const torsh__backward *b, const spread *s, torsh_tensor g)
{
    torsh_tensor std = torsh__saved_output(b, 0), some = torsh_ne(std, torsh_number(0));
    torsh_tensor half = torsh__mask_grad(torsh_div(g, torsh_mul(torsh_where(some, std, torsh_number(1)), torsh_number(2))), some);
    return var_part(b, s, half);
}

static void moments_gradient(torsh__backward *b, torsh_tensor (*part)(const torsh__backward *, const spread *, torsh_tensor))
{
    spread s = spread_of(b);
    if (b->g[0].id) b->result[0] = part(b, &s, b->g[0]);
    if (b->node->outputs < 2 || !b->g[1].id) return;
    torsh_tensor mean = torsh_expand(torsh_div(kept(&s, b->g[1]), torsh_number(s.n)), s.meta.sizes, (size_t)s.meta.ndim);
    b->result[0] = b->g[0].id ? torsh_add(b->result[0], mean) : mean;
}

static void var_gradient(torsh__backward *b)
{
    moments_gradient(b, var_part);
}

static void std_gradient(torsh__backward *b)
{
    moments_gradient(b, std_part);
}
static const torsh__impl impl_var = {.infer = infer_moments, .run = run_moments, .gradient = var_gradient, .saves = TORSH__SAVE_IN(0), .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_std = {.infer = infer_moments, .run = run_moments, .gradient = std_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_var_mean = {.infer = infer_moments, .run = run_moments, .gradient = var_gradient, .saves = TORSH__SAVE_IN(0), .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_std_mean = {.infer = infer_moments, .run = run_moments, .gradient = std_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL};

/* ---- logsumexp ----------------------------------------------------------------------------------------------- */

static torsh_status infer_logsumexp(torsh__call *c)
{
    torsh_status status = infer_moments(c);
    if (status) return status;
    if (torsh__dtypes[c->compute].category < TORSH__FLOATING) c->compute = torsh_default_dtype();
    c->spec[0].dtype = c->compute;
    return TORSH_OK;
}

/* max + log(sum(exp(x - max))), where an infinite max counts as 0: the sum is then 0, Inf or NaN as it should be. Of complex numbers
 * the largest real part. */
static torsh_status run_logsumexp(torsh__call *c)
{
    const int64_t *dims = INTS(c->values, 1);
    size_t count = COUNT(c->values, 1);
    bool keepdim = c->values[2].i != 0;
    torsh_tensor x = torsh_to_dtype(torsh__tensor_share(c->input[0]), c->compute), result;
    if (c->input[0]->view.numel > 0) {
        torsh_tensor largest = torsh_amax(torsh_to_dtype(x, torsh__dtype_to_real(c->compute)), dims, count, true);
        torsh_tensor top = torsh_where(torsh_isfinite(largest), largest, torsh_number(0));
        result = torsh_log(torsh_sum(torsh_exp(torsh_sub(x, top)), dims, count, keepdim));
        result = torsh_add(result, torsh_view(top, c->spec[0].sizes, (size_t)c->spec[0].ndim));
    } else {
        result = torsh_log(torsh_sum(x, dims, count, keepdim));
    }
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), result).id);
}

/* g exp(x - y); y is -Inf only where all of x is. */
static void logsumexp_gradient(torsh__backward *b)
{
    spread s = spread_of(b);
    torsh_tensor g = kept(&s, b->g[0]), y = kept(&s, torsh__saved_output(b, 0));
    b->result[0] = torsh_mul(g, torsh__conjugate(torsh_exp(torsh_sub(torsh__saved_input(b, 0), y))));
}
static const torsh__impl impl_logsumexp = {
    .infer = infer_logsumexp, .run = run_logsumexp, .gradient = logsumexp_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL};

/* ---- norms --------------------------------------------------------------------------------------------------- */

static torsh_status infer_norm_p(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t mask;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__wrap_dims("norm", INTS(c->values, 1), COUNT(c->values, 1), v->ndim, &mask);
    if (status) return status;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    c->spec[0].dtype = c->compute;
    torsh__reduced_sizes(&c->spec[0], v, mask, c->values[2].i != 0);
    return TORSH_OK;
}

static torsh_status run_norm_p(torsh__call *c)
{
    double p = c->values[3].f;
    torsh_tensor x = torsh__tensor_share(c->input[0]);
    if (c->compute != TORSH_F64) x = torsh_to_dtype(x, TORSH_F32); /* rounded once, at the end */
    torsh_tensor powers = torsh_pow(torsh_abs(x), torsh_number(p));
    torsh_tensor sum = torsh_sum(powers, INTS(c->values, 1), COUNT(c->values, 1), c->values[2].i != 0);
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), torsh_pow(sum, torsh_number(1 / p))).id);
}

/* g sign(x) (|x| / y)^(p-1), 0 where x is: the quotient stays in range where powers of x and y would not. */
static void norm_p_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    torsh__meta meta = torsh__input_meta(b, 0);
    uint64_t mask = 0;
    torsh__wrap_dims("norm", INTS(v, 1), COUNT(v, 1), meta.ndim, &mask);
    torsh_tensor g = b->g[0], x = torsh__saved_input(b, 0), y = torsh__saved_output(b, 0);
    if (!v[2].i) g = torsh__keep_dims(g, &meta, mask), y = torsh__keep_dims(y, &meta, mask);
    torsh_tensor zero = torsh_eq(x, torsh_number(0));
    torsh_tensor share = torsh_where(zero, torsh_number(1), torsh_div(torsh_abs(x), y));
    torsh_tensor slope = torsh_mul(torsh_sign(x), torsh_pow(share, torsh_number(v[3].f - 1)));
    b->result[0] = torsh_mul(g, torsh_where(zero, torsh_number(0), slope));
}
static const torsh__impl impl_norm_p = {
    .infer = infer_norm_p, .run = run_norm_p, .gradient = norm_p_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL};

/* |x| of a complex tensor: the norm of each number. */
static torsh_tensor modulus(torsh_tensor x)
{
    int64_t last = -1;
    return torsh__norm_2(torsh_unsqueeze(x, -1), &last, 1, false);
}

static torsh_tensor compose_norm(torsh_tensor input, double p, const int64_t *dim, size_t count, bool keepdim)
{
    if (p == 2) return torsh__norm_2(input, dim, count, keepdim);
    if (p == 0) { /* how many are not 0, NaN among them; a gradient of 0 comes by way of sign */
        torsh_tensor ones = torsh_where(torsh_ne(input, torsh_number(0)), torsh_number(1), torsh_sign(torsh_abs(input)));
        return torsh__norm_1(ones, dim, count, keepdim);
    }
    if (isnan(p)) return torsh__refuse(TORSH_INVALID_ARGUMENT, "norm: p is NaN");
    torsh_tensor x = torsh_dtype_is_complex(torsh_dtype_of(input)) ? modulus(input) : input;
    if (p == 1) return torsh__norm_1(x, dim, count, keepdim);
    if (isinf(p)) return p > 0 ? torsh__norm_inf(x, dim, count, keepdim) : torsh_amin(torsh_abs(x), dim, count, keepdim);
    return torsh__norm_p(x, dim, count, keepdim, p);
}

torsh_tensor torsh_count_nonzero(torsh_tensor input, const int64_t *dim, size_t count)
{
    return torsh__count_true(input, dim, count, false);
}

/* ---- made of other ops --------------------------------------------------------------------------------------- */

static torsh_tensor compose_sum_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype)
{
    return torsh__as_dtype(torsh_sum(torsh__as_dtype(input, dtype), dim, count, keepdim), dtype);
}

static torsh_tensor compose_mean_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype)
{
    return torsh_mean(torsh__as_dtype(input, dtype), dim, count, keepdim);
}

static torsh_tensor compose_prod_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype)
{
    return torsh__as_dtype(torsh_prod(torsh__as_dtype(input, dtype), dim, count, keepdim), dtype);
}

static torsh_tensor compose_nanmean(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim)
{
    if (!torsh_dtype_is_floating_point(torsh_dtype_of(input)))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "nanmean: 'input' must be floating point; it is %s", torsh_dtype_name(torsh_dtype_of(input)));
    return torsh_div(torsh_nansum(input, dim, count, keepdim), torsh__count_true(torsh_eq(input, input), dim, count, keepdim));
}

static torsh_tensor compose_dist(torsh_tensor input, torsh_tensor other, double p)
{
    return compose_norm(torsh_sub(input, other), p, TORSH_ALL_DIMS, false);
}

static torsh_tensor compose_trace(torsh_tensor input)
{
    if (torsh_ndim(input) != 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "trace: 'input' must be a matrix; it is %s", torsh_shape_text(input));
    return torsh_sum(torsh_diagonal(input, 0, 0, 1), TORSH_ALL_DIMS, false);
}

/* Each slice of dim whose p-norm is over maxnorm, scaled down to it. 16-bit floats once, at the end. */
static torsh_tensor compose_renorm(torsh_tensor input, double p, int64_t dim, double maxnorm)
{
    int64_t ndim = torsh_ndim(input), others[TORSH__MAX_RANK];
    size_t count = 0;
    int along;
    torsh_dtype dtype = torsh_dtype_of(input);
    if (!(p > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "renorm: p is %g; it must be positive", p);
    if (!(maxnorm >= 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "renorm: maxnorm is %g; it can't be negative", maxnorm);
    if (ndim < 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "renorm: 'input' must have at least 2 dimensions; it is %s", torsh_shape_text(input));
    torsh_status status = torsh__wrap_dim("renorm", dim, (int)ndim, &along);
    if (status) return torsh__tensor_error(status);
    for (int64_t d = 0; d < ndim; d++)
        if (d != along) others[count++] = d;
    torsh_tensor x = dtype == TORSH_F16 || dtype == TORSH_BF16 ? torsh_to_dtype(input, TORSH_F32) : input;
    torsh_tensor norms = compose_norm(x, p, others, count, true), most = torsh_number(maxnorm);
    torsh_tensor factor = torsh_where(torsh_gt(norms, most), torsh_div(most, torsh_add(norms, torsh_number(1e-7))), torsh_number(1));
    return torsh_to_dtype(torsh_mul(x, factor), dtype);
}

static torsh_status check_weights(torsh_tensor w, const char *name, int64_t n, bool whole)
{
    if (!w.id) return TORSH_OK;
    torsh_dtype dtype = torsh_dtype_of(w);
    if (torsh_ndim(w) > 1 || torsh_numel(w) != n)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "cov: '%s' must have one element for each of the %lld observations of 'input'; it is %s", name, (long long)n, torsh_shape_text(w));
    if (whole ? torsh__dtypes[dtype].category != TORSH__INTEGER : torsh__dtypes[dtype].category != TORSH__FLOATING)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "cov: '%s' must be %s; it is %s", name, whole ? "integers" : "floating point", torsh_dtype_name(dtype));
    int64_t negative = 0;
    torsh_status status = torsh_item_i64(torsh_any(torsh_lt(w, torsh_number(0)), TORSH_ALL_DIMS, false), &negative);
    return status ? status : negative ? torsh__fail(TORSH_OUT_OF_RANGE, "cov: '%s' has negative elements", name) : TORSH_OK;
}

static torsh_tensor compose_cov(torsh_tensor input, int64_t correction, torsh_tensor fweights, torsh_tensor aweights)
{
    int64_t last = 1, ndim = torsh_ndim(input);
    if (ndim > 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "cov: 'input' must have at most 2 dimensions; it is %s", torsh_shape_text(input));
    if (torsh_dtype_of(input) == TORSH_BOOL) return torsh__refuse(TORSH_DTYPE_MISMATCH, "cov: not defined for an 'input' of dtype bool");
    torsh_tensor x = ndim < 2 ? torsh_reshape(input, TORSH_DIMS(1, -1)) : input;
    int64_t n = ndim < 2 ? torsh_numel(input) : torsh_size(input, 1);
    torsh_status status = check_weights(fweights, "fweights", n, true);
    if (status == TORSH_OK) status = check_weights(aweights, "aweights", n, false);
    if (status) return torsh__tensor_error(status);
    torsh_tensor w = fweights.id && aweights.id ? torsh_mul(fweights, aweights) : fweights.id ? fweights : aweights, total = torsh_number((double)n), free;
    if (w.id) total = torsh_sum(w, TORSH_ALL_DIMS, false);
    /* in the order of ATen/native/Correlation.cpp, which is that of the gradient's sums */
    torsh_tensor mean = torsh_div(torsh_sum(w.id ? torsh_mul(x, w) : x, &last, 1, true), total);
    torsh_tensor spent = torsh_number((double)correction);
    if (aweights.id && correction) spent = torsh_div(torsh_mul(spent, torsh_sum(torsh_mul(w, aweights), TORSH_ALL_DIMS, false)), total);
    free = torsh_clamp(torsh_sub(total, spent), 0, INFINITY);
    torsh_tensor away = torsh_sub(x, mean);
    torsh_tensor products = torsh_matmul(away, torsh__conjugate(torsh_t(w.id ? torsh_mul(away, w) : away)));
    return torsh_squeeze(torsh_div(products, free), NULL, 0);
}

static torsh_tensor compose_corrcoef(torsh_tensor input)
{
    if (torsh_ndim(input) > 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "corrcoef: 'input' must have at most 2 dimensions; it is %s", torsh_shape_text(input));
    torsh_tensor none = {0}, c = compose_cov(input, 1, none, none);
    if (torsh_ndim(c) < 1) return torsh_div(c, c);
    torsh_tensor deviations = torsh_sqrt(torsh_diagonal(c, 0, 0, 1));
    c = torsh_div(torsh_div(c, torsh_unsqueeze(deviations, 1)), torsh_unsqueeze(deviations, 0));
    return torsh_dtype_is_complex(torsh_dtype_of(c)) ? c : torsh_clamp(c, -1, 1);
}

static torsh_tensor compose_frobenius_norm(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim)
{
    if (count > 2) return torsh__refuse(TORSH_INVALID_ARGUMENT, "frobenius_norm: 'dim' has %zu numbers; it takes at most 2", count);
    return torsh__norm_2(input, dim, count, keepdim);
}

/* The norms over all dims but one. */
static torsh_tensor compose_norm_except_dim(torsh_tensor v, int64_t pow, int64_t dim)
{
    torsh__shape s = torsh__shape_of(v);
    if (dim == -1) return torsh_norm(v, (double)pow, TORSH_ALL_DIMS, false);
    if (dim < 0 || dim >= s.ndim) return torsh__refuse(TORSH_OUT_OF_RANGE, "norm_except_dim: dim %lld; it must be -1 or one of 'v' %s", (long long)dim, torsh_shape_text(v));
    int64_t others[TORSH__MAX_RANK];
    size_t count = 0;
    for (int d = 0; d < s.ndim; d++)
        if (d != dim) others[count++] = d;
    return count ? torsh_norm(v, (double)pow, others, count, true) : torsh_abs(v);
}

#include "define_rows.h"

#include "statistics.def"
