/* Random numbers and dropout. Rows: table/random.def; the streams: backend/cpu/random.h. */
#include "composed.h"
#include "make.h"

#include <torsh/autograd.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/extreme.h>
#include <torsh/ops/index.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/random.h>
#include <torsh/ops/softmax.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "random.def"
#include "declare_rows.h"

#define INTS(c, i) ((const int64_t *)(c)->values[i].list.data)
#define COUNT(c, i) ((c)->values[i].list.count)
#define DEFAULT_GENERATOR ((torsh_generator){0})

/* ---- makers -------------------------------------------------------------------------------------------------- */

static torsh_status make(torsh__call *c, int size, torsh_dtype usual)
{
    return torsh__infer_make(c, COUNT(c, size) > INT32_MAX ? -1 : (int64_t)COUNT(c, size), INTS(c, size), usual);
}

static torsh_status infer_floats(torsh__call *c)
{
    return make(c, 0, torsh_default_dtype());
}
static const torsh__impl impl_rand = {.infer = infer_floats, .flags = TORSH__CONSTANT | TORSH__RANDOM};
static const torsh__impl impl_randn = {.infer = infer_floats, .flags = TORSH__CONSTANT | TORSH__RANDOM};

/* The largest whole number up to which the dtype holds all of them. */
static int64_t largest_whole(torsh_dtype dtype)
{
    switch (dtype) {
    case TORSH_BOOL: return 1;
    case TORSH_U8: return UINT8_MAX;
    case TORSH_I8: return INT8_MAX;
    case TORSH_I16: return INT16_MAX;
    case TORSH_I32: return INT32_MAX;
    case TORSH_F16: return 1 << 11;
    case TORSH_BF16: return 1 << 8;
    case TORSH_F32: return 1 << 24;
    case TORSH_F64: return (int64_t)1 << 53;
    default: return INT64_MAX;
    }
}

/* PyTorch's bounds: integers must hold [low, high); floats may be as large as their range, with gaps past the mantissa. */
static torsh_status check_range(const torsh__call *c, torsh_dtype dtype, int64_t low, int64_t high)
{
    if (low >= high)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: the lower bound %lld must be less than the upper one %lld", torsh__call_name(c), (long long)low,
                           (long long)high);
    if (torsh__dtypes[dtype].category > TORSH__INTEGER && dtype != TORSH_F16) return TORSH_OK;
    int64_t most = dtype == TORSH_F16 ? 65504 : largest_whole(dtype), least = dtype == TORSH_BOOL || dtype == TORSH_U8 ? 0 : dtype == TORSH_F16 ? -most : -most - 1;
    if (low >= least && high - 1 <= most) return TORSH_OK;
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: the range from %lld to %lld doesn't fit dtype %s", torsh__call_name(c), (long long)low, (long long)high,
                       torsh_dtype_name(dtype));
}

static torsh_status infer_randint(torsh__call *c)
{
    torsh_status status = make(c, 2, TORSH_I64);
    return status ? status : check_range(c, c->compute, c->values[0].i, c->values[1].i);
}
static const torsh__impl impl_randint = {.infer = infer_randint, .flags = TORSH__CONSTANT | TORSH__RANDOM};

static torsh_status infer_randperm(torsh__call *c)
{
    int64_t n = c->values[0].i;
    if (n < 0) return torsh__fail(TORSH_OUT_OF_RANGE, "randperm: n must not be negative; it is %lld", (long long)n);
    torsh_status status = torsh__infer_make(c, 1, &n, TORSH_I64);
    if (status) return status;
    int64_t most = c->compute == TORSH_F16 ? largest_whole(TORSH_F16) + 1 : largest_whole(c->compute);
    if (n - 1 > most) return torsh__fail(TORSH_OUT_OF_RANGE, "randperm: dtype %s can't hold all numbers below %lld", torsh_dtype_name(c->compute), (long long)n);
    return TORSH_OK;
}
static const torsh__impl impl_randperm = {.infer = infer_randperm, .flags = TORSH__CONSTANT | TORSH__RANDOM};

torsh_tensor torsh_rand(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device)
{
    return torsh_rand_with(size, ndim, dtype, device, DEFAULT_GENERATOR);
}

torsh_tensor torsh_randn(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device)
{
    return torsh_randn_with(size, ndim, dtype, device, DEFAULT_GENERATOR);
}

torsh_tensor torsh_randint(int64_t low, int64_t high, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device)
{
    return torsh_randint_with(low, high, size, ndim, dtype, device, DEFAULT_GENERATOR);
}

torsh_tensor torsh_randperm(int64_t n, torsh_dtype dtype, torsh_device device)
{
    return torsh_randperm_with(n, dtype, device, DEFAULT_GENERATOR);
}

/* Fresh memory like input's, filled in place; it is nobody's if that failed. */
static torsh_tensor filled(torsh_tensor fresh, torsh_tensor result)
{
    if (TORSH_FAILED(result)) torsh_release(fresh);
    return result;
}

torsh_tensor torsh_rand_like_dtype(torsh_tensor input, torsh_dtype dtype)
{
    torsh_tensor fresh = torsh__empty_as("rand_like", input, dtype);
    return filled(fresh, torsh_uniform_(fresh, 0, 1, DEFAULT_GENERATOR));
}

torsh_tensor torsh_randn_like_dtype(torsh_tensor input, torsh_dtype dtype)
{
    torsh_tensor fresh = torsh__empty_as("randn_like", input, dtype);
    return filled(fresh, torsh_normal_(fresh, 0, 1, DEFAULT_GENERATOR));
}

torsh_tensor torsh_randint_like_dtype(torsh_tensor input, int64_t low, int64_t high, torsh_dtype dtype)
{
    torsh_tensor fresh = torsh__empty_as("randint_like", input, dtype);
    return filled(fresh, torsh_random_range_(fresh, low, high, DEFAULT_GENERATOR));
}

torsh_tensor torsh_rand_like(torsh_tensor input)
{
    return torsh_rand_like_dtype(input, TORSH_DTYPE_DEFAULT);
}

torsh_tensor torsh_randn_like(torsh_tensor input)
{
    return torsh_randn_like_dtype(input, TORSH_DTYPE_DEFAULT);
}

torsh_tensor torsh_randint_like(torsh_tensor input, int64_t low, int64_t high)
{
    return torsh_randint_like_dtype(input, low, high, TORSH_DTYPE_DEFAULT);
}

/* ---- from tensors of parameters ------------------------------------------------------------------------------ */

static torsh_status infer_like(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return torsh__require_dtype(c, c->compute);
}

/* What is drawn doesn't depend on them smoothly: gradient 0, as in PyTorch. */
static void zero_gradient(torsh__backward *b)
{
    for (int i = 0; i < b->node->inputs; i++) {
        if (!torsh__needs(b, i)) continue;
        torsh__meta m = torsh__input_meta(b, i);
        b->result[i] = torsh_zeros(m.sizes, (size_t)m.ndim, m.dtype, m.device);
    }
}
static const torsh__impl impl_bernoulli = {.infer = infer_like, .gradient = zero_gradient, .flags = TORSH__RANDOM, .batch = TORSH__BATCH_FIRST};
static const torsh__impl impl_poisson = {.infer = infer_like, .gradient = zero_gradient, .flags = TORSH__RANDOM, .batch = TORSH__BATCH_FIRST};

static torsh_status infer_binomial_draw(torsh__call *c)
{
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    const torsh_operand *count = &c->input[0]->view, *prob = &c->input[1]->view;
    if (status == TORSH_OK && !torsh__same_sizes(count->ndim, count->sizes, prob->ndim, prob->sizes))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'count' and 'prob' must have the same shape", torsh__call_name(c));
    return status ? status : infer_like(c);
}
static const torsh__impl impl_binomial_draw = {.infer = infer_binomial_draw, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_tensor compose_binomial(torsh_tensor count, torsh_tensor prob, torsh_generator generator)
{
    torsh__shape all = torsh__shape_of(count), p = torsh__shape_of(prob);
    if (!torsh__broadcast(&all.ndim, all.sizes, p.ndim, p.sizes))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "binomial: 'count' is %s and 'prob' is %s; they don't broadcast", torsh_shape_text(count), torsh_shape_text(prob));
    return torsh__binomial_draw(torsh_expand(count, all.sizes, (size_t)all.ndim), torsh_expand(prob, all.sizes, (size_t)all.ndim), generator);
}

/* Samples of a Concrete distribution (Jang et al. 2017, Maddison et al. 2017); hard: one-hot, with the gradient of the soft ones. */
static torsh_tensor compose_gumbel_softmax(torsh_tensor logits, double tau, bool hard, int64_t dim)
{
    torsh_tensor noise = torsh_neg(torsh_log(torsh_exponential_(torsh_empty_like(logits), 1, DEFAULT_GENERATOR)));
    torsh_tensor soft = torsh_softmax(torsh_div(torsh_add(logits, noise), torsh_number(tau)), dim);
    if (!hard) return soft;
    torsh_tensor best = torsh_max_dim(soft, dim, true).indices;
    torsh_tensor one = torsh_scatter(torsh_zeros_like(logits), dim, best, torsh_to_dtype(torsh_ones_like(best), torsh_dtype_of(logits)));
    return torsh_add(torsh_sub(one, torsh_detach(soft)), soft);
}

static torsh_status infer_normal(torsh__call *c)
{
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__infer_broadcast(c, &c->spec[0]);
    if (status) return status;
    c->compute = torsh__result_type(c->input, 0, c->inputs);
    c->spec[0].dtype = c->compute;
    return torsh__require_dtype(c, c->compute);
}

/* A number for std scales the draws themselves, a tensor scales them afterwards: the bits are PyTorch's in both cases. */
static torsh_status run_normal(torsh__call *c)
{
    const torsh_operand *to = &c->output[0]->view;
    torsh_tensor out = torsh__tensor_share(c->output[0]), std = torsh__tensor_share(c->input[1]);
    bool number = c->input[1]->weak;
    torsh_tensor dense = to->contiguous ? out : torsh_empty(to->sizes, (size_t)to->ndim, (torsh_dtype)to->dtype, to->device); /* strides change the draws */
    torsh_tensor drawn = torsh_normal_(dense, 0, number ? torsh_item(std) : 1, (torsh_generator){c->values[2].handle});
    if (!number) drawn = torsh_mul_(drawn, std);
    drawn = torsh_add_(drawn, torsh__tensor_share(c->input[0]));
    return torsh_id_status((to->contiguous ? drawn : torsh_copy_(out, drawn)).id);
}
static const torsh__impl impl_normal = {.infer = infer_normal, .run = run_normal, .gradient = zero_gradient, .flags = TORSH__RANDOM | TORSH__READS_LATE};

static torsh_status infer_multinomial(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int64_t samples = c->values[1].i;
    torsh_status status = torsh__require_rank(c, 0, 1, 2);
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    if (status) return status;
    if (!torsh_dtype_is_floating_point(c->compute))
        return torsh__fail(TORSH_DTYPE_MISMATCH, "multinomial: 'input' must be floating point; it is %s", torsh_dtype_name(c->compute));
    int64_t categories = v->sizes[v->ndim - 1];
    if (samples <= 0) return torsh__fail(TORSH_OUT_OF_RANGE, "multinomial: num_samples must be positive; it is %lld", (long long)samples);
    if (!c->values[2].i && samples > categories)
        return torsh__fail(TORSH_OUT_OF_RANGE, "multinomial: %lld samples can't be taken of %lld categories without replacement", (long long)samples,
                           (long long)categories);
    torsh__spec *spec = torsh__out_spec(c, 0, TORSH_I64, v->ndim, v->sizes);
    spec->sizes[v->ndim - 1] = samples;
    return torsh__numel("multinomial", spec->sizes, spec->ndim, sizeof(int64_t), &(int64_t){0});
}
static const torsh__impl impl_multinomial = {.infer = infer_multinomial, .flags = TORSH__CONSTANT | TORSH__RANDOM};

static torsh_tensor compose_normal_size(double mean, double std, const int64_t *size, size_t size_count, torsh_dtype dtype, torsh_device device,
                                        torsh_generator generator)
{
    return torsh_normal_(torsh_empty(size, size_count, dtype, device), mean, std, generator);
}

/* ---- in place ------------------------------------------------------------------------------------------------ */

static torsh_status refuse(const torsh__call *c, const char *rule, double value)
{
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %s; it is %g", torsh__call_name(c), rule, value);
}

static torsh_status infer_uniform(torsh__call *c)
{
    double from = c->values[1].f, to = c->values[2].f;
    if (!(from <= to) || !isfinite(to - from))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "uniform_: needs finite bounds, from <= to; got from %g to %g", from, to);
    return infer_like(c);
}
static const torsh__impl impl_uniform_ = {.infer = infer_uniform, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_status infer_normal_(torsh__call *c)
{
    return c->values[2].f >= 0 ? infer_like(c) : refuse(c, "std must not be negative", c->values[2].f);
}
static const torsh__impl impl_normal_ = {.infer = infer_normal_, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_status infer_bernoulli_(torsh__call *c)
{
    double p = c->values[1].f;
    return p >= 0 && p <= 1 ? infer_like(c) : refuse(c, "p must be a probability, in [0, 1]", p);
}
static const torsh__impl impl_bernoulli_ = {.infer = infer_bernoulli_, .gradient = zero_gradient, .flags = TORSH__RANDOM};
static const torsh__impl impl_random_ = {.infer = infer_like, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_status infer_random_range(torsh__call *c)
{
    torsh_status status = infer_like(c);
    return status ? status : check_range(c, c->compute, c->values[1].i, c->values[2].i);
}
static const torsh__impl impl_random_range_ = {.infer = infer_random_range, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_status infer_exponential(torsh__call *c)
{
    return c->values[1].f > 0 ? infer_like(c) : refuse(c, "lambd must be positive", c->values[1].f);
}
static const torsh__impl impl_exponential_ = {.infer = infer_exponential, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_status infer_geometric(torsh__call *c)
{
    double p = c->values[1].f;
    return p > 0 && p < 1 ? infer_like(c) : refuse(c, "p must be in (0, 1)", p);
}
static const torsh__impl impl_geometric_ = {.infer = infer_geometric, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_status infer_cauchy(torsh__call *c)
{
    return c->values[2].f > 0 ? infer_like(c) : refuse(c, "sigma must be positive", c->values[2].f);
}
static const torsh__impl impl_cauchy_ = {.infer = infer_cauchy, .gradient = zero_gradient, .flags = TORSH__RANDOM};

static torsh_status infer_log_normal(torsh__call *c)
{
    return c->values[2].f > 0 ? infer_like(c) : refuse(c, "std must be positive", c->values[2].f);
}
static const torsh__impl impl_log_normal_ = {.infer = infer_log_normal, .gradient = zero_gradient, .flags = TORSH__RANDOM};

/* ---- dropout ------------------------------------------------------------------------------------------------- */

static torsh_status infer_native_dropout(torsh__call *c)
{
    torsh_status status = infer_like(c);
    const torsh_operand *v = &c->input[0]->view;
    double p = c->values[1].f;
    if (!(p >= 0 && p <= 1)) return refuse(c, "p must be a probability, in [0, 1]", p);
    torsh__out_spec(c, 1, TORSH_BOOL, v->ndim, v->sizes);
    return status;
}

static void native_dropout_gradient(torsh__backward *b)
{
    double keep = 1 - b->node->values[1].f, scale = b->node->compute == TORSH_F64 ? 1 / keep : (double)(1.0f / (float)keep);
    if (b->node->values[2].i == 0) scale = 1;
    else if (keep == 0) scale = 0;
    b->result[0] = torsh__dropout_backward(b->g[0], torsh__saved_output(b, 1), scale);
}
static const torsh__impl impl_native_dropout = {
    .infer = infer_native_dropout, .gradient = native_dropout_gradient, .saves = TORSH__SAVE_OUT(1), .flags = TORSH__RANDOM, .batch = TORSH__BATCH_FIRST};

static torsh_status infer_dropout_backward(torsh__call *c)
{
    const torsh_operand *grad = &c->input[0]->view, *mask = &c->input[1]->view;
    if (!torsh__same_sizes(grad->ndim, grad->sizes, mask->ndim, mask->sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "dropout_backward: grad and mask must have one shape");
    if (mask->dtype != TORSH_BOOL) return torsh__fail(TORSH_DTYPE_MISMATCH, "dropout_backward: mask must be bool");
    return infer_like(c);
}

static void dropout_backward_gradient(torsh__backward *b)
{
    b->result[0] = torsh__dropout_backward(b->g[0], torsh__saved_input(b, 1), b->node->values[2].f);
}
static const torsh__impl impl_dropout_backward = {
    .infer = infer_dropout_backward, .gradient = dropout_backward_gradient, .saves = TORSH__SAVE_IN(1), .batch = TORSH__BATCH_POINTWISE, .forward = TORSH__FORWARD_LINEAR};

static torsh_status check_dropout(const char *op, double p)
{
    if (p >= 0 && p <= 1) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: p must be a probability, in [0, 1]; it is %g", op, p);
}

/* 1 with probability 1 - p, else 0: one for each element, or for each of the first two dims. */
static torsh_tensor keep_noise(torsh_tensor input, double p, bool features)
{
    int ndim = torsh_ndim(input);
    torsh_dtype dtype = torsh_dtype_of(input);
    int64_t shape[TORSH__MAX_RANK];
    for (int d = 0; d < ndim; d++) shape[d] = !features || d < 2 ? torsh_size(input, d) : 1;
    if (torsh_dtype_is_complex(dtype)) dtype = dtype == TORSH_C64 ? TORSH_F32 : TORSH_F64;
    return torsh_bernoulli_(torsh_empty(shape, (size_t)ndim, dtype, torsh_device_of(input)), 1 - p, DEFAULT_GENERATOR);
}

/* What is dropped takes the value that SELU has at minus infinity; then scaled and shifted so that mean 0 and variance 1 stay
 * (Klambauer et al. 2017, "Self-Normalizing Neural Networks"). */
static torsh_tensor alpha_noise(torsh_tensor input, torsh_tensor keep, double p)
{
    const double alpha = 1.7580993408473766;
    double a = 1 / sqrt((alpha * alpha * p + 1) * (1 - p));
    torsh_tensor shift = torsh_add(torsh_mul(torsh_add(keep, torsh_number(-1)), torsh_number(alpha * a)), torsh_number(alpha * a * p));
    torsh_tensor factor = torsh_mul(keep, torsh_number(a));
    torsh_dtype dtype = torsh_dtype_of(input);
    if (dtype == TORSH_F32 || dtype == TORSH_F64) return torsh_addcmul(shift, input, factor, 1);
    return torsh_add(torsh_mul(input, factor), shift);
}

static torsh_tensor drop(const char *op, torsh_tensor input, double p, bool training, bool features, bool alpha)
{
    torsh_status status = check_dropout(op, p);
    bool drops = training && p > 0 && torsh_numel(input) > 0;
    if (status == TORSH_OK && drops && features && torsh_ndim(input) < 2)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must have at least 2 dimensions; it is %s", op, torsh_shape_text(input));
    if (status) return torsh__tensor_error(status);
    if (!drops) return torsh_share(input);
    if (p == 1) return torsh_mul(input, torsh_number(0));
    torsh_tensor keep = keep_noise(input, p, features);
    return alpha ? alpha_noise(input, keep, p) : torsh_mul(input, torsh_div_(keep, torsh_number(1 - p)));
}

static torsh_tensor compose_dropout(torsh_tensor input, double p, bool training)
{
    torsh_status status = check_dropout("dropout", p);
    if (status) return torsh__tensor_error(status);
    if (!training || p == 0) return torsh_share(input);
    if (torsh_dtype_is_complex(torsh_dtype_of(input))) return drop("dropout", input, p, training, false, false);
    return torsh_native_dropout(input, p, true).first;
}

static torsh_tensor compose_native_dropout_backward(torsh_tensor grad_output, torsh_tensor mask, double scale)
{
    if (torsh_dtype_of(mask) != TORSH_BOOL)
        return torsh__tensor_error(torsh__fail(TORSH_DTYPE_MISMATCH, "native_dropout_backward: 'mask' must be bool; it is %s", torsh_dtype_name(torsh_dtype_of(mask))));
    return torsh_mul(grad_output, torsh_mul(torsh_to_dtype(mask, torsh_dtype_of(grad_output)), torsh_number(scale)));
}

static torsh_tensor compose_alpha_dropout(torsh_tensor input, double p, bool training)
{
    return drop("alpha_dropout", input, p, training, false, true);
}

static torsh_tensor compose_feature_dropout(torsh_tensor input, double p, bool training)
{
    return drop("feature_dropout", input, p, training, true, false);
}

static torsh_tensor compose_feature_alpha_dropout(torsh_tensor input, double p, bool training)
{
    return drop("feature_alpha_dropout", input, p, training, true, true);
}

/* Without a batch, of `unbatched` dims, the first dim has the channels. */
static torsh_tensor drop_channels(const char *op, torsh_tensor input, double p, bool training, int unbatched)
{
    if (torsh_ndim(input) != unbatched) return drop(op, input, p, training, true, false);
    return torsh_squeeze(drop(op, torsh_unsqueeze(input, 0), p, training, true, false), TORSH_DIMS(0));
}

static torsh_tensor compose_dropout1d(torsh_tensor input, double p, bool training)
{
    int ndim = torsh_ndim(input);
    if (ndim != 2 && ndim != 3)
        return torsh__tensor_error(torsh__fail(TORSH_SHAPE_MISMATCH, "dropout1d: 'input' must have 2 or 3 dimensions; it is %s", torsh_shape_text(input)));
    return drop_channels("dropout1d", input, p, training, 2);
}

/* PyTorch takes 3 dims as (n, c, l) here. */
static torsh_tensor compose_dropout2d(torsh_tensor input, double p, bool training)
{
    return drop("dropout2d", input, p, training, true, false);
}

static torsh_tensor compose_dropout3d(torsh_tensor input, double p, bool training)
{
    return drop_channels("dropout3d", input, p, training, 4);
}

#include "define_rows.h"

#include "random.def"
