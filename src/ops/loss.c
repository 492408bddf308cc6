/* Losses. Rows with a kernel: table/loss.def; the others are compositions. */
#include "loss.h"
#include "options.h"

#include <torsh/autograd.h>
#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/loss.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/softmax.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "loss.def"
#include "declare_rows.h"
#define TABLE "pointwise_rare.def"
#include "declare_rows.h"

/* ---- options ------------------------------------------------------------------------------------------------- */

torsh_loss_options torsh_loss_defaults(void)
{
    return (torsh_loss_options){.size = sizeof(torsh_loss_options), .reduction = TORSH_MEAN};
}

torsh_cross_entropy_options torsh_cross_entropy_defaults(void)
{
    return (torsh_cross_entropy_options){.size = sizeof(torsh_cross_entropy_options), .reduction = TORSH_MEAN, .ignore_index = -100};
}

static torsh_status check_reduction(const char *function, torsh_reduction reduction)
{
    if ((int)reduction < TORSH_NONE || reduction > TORSH_SUM)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %d is no reduction; use TORSH_NONE, TORSH_MEAN or TORSH_SUM", function, (int)reduction);
    return TORSH_OK;
}

/* own: the defaults. */
static torsh_status take(const char *function, torsh_cross_entropy_options *own, const torsh_cross_entropy_options *given)
{
    torsh_status status = torsh__take_options(function, own, sizeof *own, sizeof *own, given);
    return status ? status : check_reduction(function, own->reduction);
}

static torsh_tensor reduce(torsh_tensor t, torsh_reduction reduction)
{
    return reduction == TORSH_NONE ? t : reduction == TORSH_MEAN ? torsh_mean(t, TORSH_ALL_DIMS, false) : torsh_sum(t, TORSH_ALL_DIMS, false);
}

/* ---- nll ----------------------------------------------------------------------------------------------------- */

/* input (C), (N, C) or (N, C, ...); target without the class dim; weight (C). */
static torsh_status check_nll(torsh__call *c, int input, int target, int weight)
{
    const torsh_operand *x = &c->input[input]->view, *t = &c->input[target]->view;
    torsh__shape_text have, want;
    torsh__shape_print(&have, x->ndim, x->sizes);
    torsh__shape_print(&want, t->ndim, t->sizes);
    int classes = x->ndim == 1 ? 0 : 1;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)x->dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    if (t->dtype != TORSH_I64 && t->dtype != TORSH_U8)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "nll_loss: 'target' must be i64 class indices; it is %s", torsh_dtype_name((torsh_dtype)t->dtype));
    bool fits = x->ndim > 0 && t->ndim == x->ndim - 1;
    for (int d = 0; fits && d < t->ndim; d++) fits = t->sizes[d] == x->sizes[d < classes ? d : d + 1];
    if (!fits) return torsh__fail(TORSH_SHAPE_MISMATCH, "nll_loss: 'input' is %s and 'target' is %s; target must be input's shape without the class dimension", have.text, want.text);
    const torsh__tensor *w = c->input[weight];
    if (w && (w->view.ndim != 1 || w->view.sizes[0] != x->sizes[classes]))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "nll_loss: 'weight' must have one element per class (%lld)", (long long)x->sizes[classes]);
    c->compute = (torsh_dtype)x->dtype;
    return TORSH_OK;
}

static torsh_status infer_nll(torsh__call *c)
{
    torsh_status status = check_nll(c, 0, 1, 2);
    if (status) return status;
    const torsh_operand *t = &c->input[1]->view;
    torsh__out_spec(c, 0, c->compute, c->values[3].i == TORSH_NONE ? t->ndim : 0, t->sizes);
    torsh__out_spec(c, 1, c->compute, 0, NULL);
    return TORSH_OK;
}

static void nll_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    if (!b->g[0].id || !torsh__needs(b, 0)) return;
    b->result[0] = torsh__nll_backward(b->g[0], torsh__saved_input(b, 0), torsh__saved_input(b, 1), torsh__saved_input(b, 2), torsh__saved_output(b, 1),
                                       v[3].i, v[4].i);
}
static const torsh__impl impl_nll_forward = {
    .infer = infer_nll,
    .gradient = nll_gradient,
    .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) | TORSH__SAVE_IN(2) | TORSH__SAVE_OUT(1),
};

static torsh_status infer_nll_backward(torsh__call *c)
{
    torsh_status status = check_nll(c, 1, 2, 3);
    if (status) return status;
    const torsh_operand *x = &c->input[1]->view, *g = &c->input[0]->view, *t = &c->input[2]->view;
    bool each = c->values[5].i == TORSH_NONE;
    if (each ? !torsh__same_sizes(g->ndim, g->sizes, t->ndim, t->sizes) : g->numel != 1)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "nll_backward: 'grad' must have the loss's shape");
    torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    return TORSH_OK;
}

/* Linear in grad: its gradient is the loss of h itself. */
static void nll_backward_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    if (torsh__needs(b, 0)) b->result[0] = torsh__nll_forward(b->g[0], torsh__saved_input(b, 2), torsh__saved_input(b, 3), v[5].i, v[6].i).first;
}
static const torsh__impl impl_nll_backward = {
    .infer = infer_nll_backward,
    .gradient = nll_backward_gradient,
    .saves = TORSH__SAVE_IN(2) | TORSH__SAVE_IN(3),
};

torsh_tensor torsh_nll_loss(torsh_tensor input, torsh_tensor target, const torsh_cross_entropy_options *options)
{
    torsh_cross_entropy_options o = torsh_cross_entropy_defaults();
    torsh_status status = take("nll_loss", &o, options);
    if (status) return torsh__tensor_error(status);
    torsh_pair r = torsh__nll_forward(input, target, o.weight, o.reduction, o.ignore_index);
    torsh_release(r.second);
    return r.first;
}

/* ---- cross entropy ------------------------------------------------------------------------------------------- */

/* A (C) vector beside (N, C, ...): (C, 1, ...). */
static torsh_tensor by_class(torsh_tensor weight, int ndim)
{
    int64_t shape[TORSH__MAX_RANK] = {-1};
    int trailing = ndim > 1 ? ndim - 2 : 0;
    for (int d = 0; d < trailing; d++) shape[d + 1] = 1;
    return torsh_view(weight, shape, (size_t)trailing + 1);
}

static torsh_status same_shape(const char *function, torsh_tensor input, torsh_tensor target)
{
    if (TORSH_FAILED(input)) return torsh_id_status(input.id);
    if (TORSH_FAILED(target)) return torsh_id_status(target.id);
    const char *a = torsh_shape_text(input), *b = torsh_shape_text(target);
    if (strcmp(a, b) == 0) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' is %s and 'target' is %s; they must have the same shape", function, a, b);
}

/* Probabilities as targets: -sum over classes of w * target * log p, averaged over the batch. */
static torsh_tensor soft_targets(torsh_tensor logp, torsh_tensor target, const torsh_cross_entropy_options *o, int64_t classes)
{
    int ndim = torsh_ndim(logp);
    int64_t dim = ndim == 1 ? 0 : 1;
    torsh_status status = same_shape("cross_entropy", logp, target);
    if (status) return torsh__tensor_error(status);
    if (o->label_smoothing > 0)
        target = torsh_add(torsh_mul(target, torsh_number(1 - o->label_smoothing)), torsh_number(o->label_smoothing / (double)classes));
    torsh_tensor product = torsh_mul(logp, target);
    if (o->weight.id) product = torsh_mul(product, by_class(o->weight, ndim));
    torsh_tensor loss = torsh_neg(torsh_sum(product, &dim, 1, false));
    return reduce(loss, o->reduction);
}

/* (1 - s) nll + s / C * (sum over classes of -w log p), ignored targets left out. */
static torsh_tensor smoothed(torsh_tensor logp, torsh_tensor target, const torsh_cross_entropy_options *o, int64_t classes)
{
    int ndim = torsh_ndim(logp);
    int64_t dim = ndim == 1 ? 0 : 1;
    torsh_pair nll = torsh__nll_forward(logp, target, o->weight, o->reduction, o->ignore_index);
    torsh_tensor spread = torsh_neg(torsh_sum(o->weight.id ? torsh_mul(logp, by_class(o->weight, ndim)) : logp, &dim, 1, false));
    torsh_tensor ignored = torsh_eq(target, torsh_integer(o->ignore_index));
    spread = torsh_where(ignored, torsh_number(0), spread);
    if (o->reduction == TORSH_SUM) spread = torsh_sum(spread, TORSH_ALL_DIMS, false);
    if (o->reduction == TORSH_MEAN) { /* by the weights of the targets, or their number */
        spread = torsh_div(torsh_sum(spread, TORSH_ALL_DIMS, false), nll.second);
    }
    double share = o->label_smoothing / (double)classes;
    return torsh_add(torsh_mul(nll.first, torsh_number(1 - o->label_smoothing)), torsh_mul(spread, torsh_number(share)));
}

torsh_tensor torsh_cross_entropy(torsh_tensor input, torsh_tensor target, const torsh_cross_entropy_options *options)
{
    torsh_cross_entropy_options o = torsh_cross_entropy_defaults();
    torsh_status status = take("cross_entropy", &o, options);
    if (status == TORSH_OK && !(o.label_smoothing >= 0 && o.label_smoothing <= 1))
        status = torsh__fail(TORSH_OUT_OF_RANGE, "cross_entropy: label_smoothing must be in [0, 1]; it is %g", o.label_smoothing);
    if (status) return torsh__tensor_error(status);
    int ndim = torsh_ndim(input);
    if (ndim < 1) {
        if (ndim == 0) status = torsh__fail(TORSH_SHAPE_MISMATCH, "cross_entropy: 'input' must have a class dimension; it is 0-d");
        return ndim == 0 ? torsh__tensor_error(status) : torsh_log_softmax(input, 0); /* says what is wrong with the handle */
    }
    int64_t dim = ndim == 1 ? 0 : 1, classes = torsh_size(input, dim);
    bool soft = torsh_dtype_is_floating_point(torsh_dtype_of(target));
    if (!soft && o.label_smoothing == 0) { /* the usual case: two handles in between, released at once */
        torsh_tensor logp = torsh_log_softmax(input, dim);
        torsh_pair r = torsh__nll_forward(logp, target, o.weight, o.reduction, o.ignore_index);
        torsh_release(logp);
        torsh_release(r.second);
        return r.first;
    }
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor logp = torsh_log_softmax(input, dim);
    torsh_tensor loss = soft ? soft_targets(logp, target, &o, classes) : smoothed(logp, target, &o, classes);
    if (!TORSH_FAILED(loss)) torsh_keep(loss);
    return loss;
}

static torsh_tensor linear_loss(const char *name, const torsh_tensor tensors[4], int count, const torsh_cross_entropy_options *options)
{
    static const char *const params[4] = {"input", "linear_weight", "target", "linear_bias"};
    torsh_status status = TORSH_OK;
    torsh_cross_entropy_options o = torsh_cross_entropy_defaults();
    for (int i = 0; i < count && status == TORSH_OK; i++) {
        const torsh__tensor *t = torsh__tensor_look(tensors[i], name, params[i], &status);
        if (t) torsh__unpin(tensors[i].id);
    }
    if (status == TORSH_OK) status = take(name, &o, options);
    torsh__shape x = torsh__shape_of(tensors[0]), w = torsh__shape_of(tensors[1]), target = torsh__shape_of(tensors[2]);
    if (status == TORSH_OK && (x.ndim < 1 || x.ndim > 2 || w.ndim < 2 || x.sizes[x.ndim - 1] != w.sizes[w.ndim - 1]))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must be (N, in) or (in) and 'linear_weight' (C, out..., in)", name);
    if (status == TORSH_OK && x.ndim == 1 && w.ndim > 2)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: a 'linear_weight' of more than 2 dimensions needs an 'input' (N, in); it is (in)", name);
    if (status == TORSH_OK && o.ignore_index != -100 && torsh_dtype_is_floating_point(target.dtype))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: ignore_index is for classes; 'target' holds probabilities", name);
    int64_t outputs = 1, in = status ? 0 : w.sizes[w.ndim - 1];
    for (int d = 0; d < w.ndim - 1; d++) outputs *= w.sizes[d];
    if (status == TORSH_OK && count > 3 && torsh_numel(tensors[3]) != outputs)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'linear_bias' must have a number for each of the %lld outputs", name, (long long)outputs);
    if (status) return torsh__tensor_error(status);
    torsh__thread *self = torsh__thread_get();
    const char *speaker = self->speaker;
    if (!speaker) self->speaker = name;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    bool batch = x.ndim == 2;
    torsh_tensor bias = count > 3 ? torsh_reshape(torsh__widened(tensors[3]), TORSH_DIMS(outputs)) : (torsh_tensor){0};
    torsh_tensor logits = torsh_linear(torsh__widened(tensors[0]), torsh_reshape(torsh__widened(tensors[1]), TORSH_DIMS(outputs, in)), bias);
    int64_t shape[TORSH__MAX_RANK + 1] = {batch ? x.sizes[0] : 1};
    for (int d = 0; d < w.ndim - 1; d++) shape[d + 1] = w.sizes[d];
    logits = torsh_reshape(logits, shape, (size_t)w.ndim);
    o.weight = torsh__widened(o.weight);
    torsh_tensor wanted = torsh_dtype_is_floating_point(target.dtype) ? torsh__widened(tensors[2]) : tensors[2];
    torsh_tensor loss = torsh_cross_entropy(logits, batch ? wanted : torsh_unsqueeze(wanted, 0), &o);
    if (!batch && o.reduction == TORSH_NONE) loss = torsh_squeeze(loss, TORSH_DIMS(0));
    loss = torsh__narrowed(loss, x.dtype);
    self->speaker = speaker;
    if (!TORSH_FAILED(loss)) torsh_keep(loss);
    return loss;
}

torsh_tensor torsh_linear_cross_entropy(torsh_tensor input, torsh_tensor linear_weight, torsh_tensor target, const torsh_cross_entropy_options *options)
{
    return linear_loss("linear_cross_entropy", (torsh_tensor[]){input, linear_weight, target, {0}}, 3, options);
}

torsh_tensor torsh_linear_cross_entropy_linear_bias(torsh_tensor input, torsh_tensor linear_weight, torsh_tensor target, torsh_tensor linear_bias,
                                                    const torsh_cross_entropy_options *options)
{
    return linear_loss("linear_cross_entropy_linear_bias", (torsh_tensor[]){input, linear_weight, target, linear_bias}, 4, options);
}

/* ---- elementwise losses -------------------------------------------------------------------------------------- */

/* The 16-bit dtype that all floating-point inputs have, which the loss is rounded to; TORSH_DTYPE_DEFAULT: none. */
static torsh_dtype rounded_to(const torsh_tensor *inputs, int count)
{
    torsh_dtype found = TORSH_DTYPE_DEFAULT;
    for (int i = 0; i < count; i++) {
        torsh_dtype dtype = torsh_dtype_of(inputs[i]);
        if (!torsh_dtype_is_floating_point(dtype)) continue;
        if ((dtype != TORSH_F16 && dtype != TORSH_BF16) || (found != TORSH_DTYPE_DEFAULT && found != dtype)) return TORSH_DTYPE_DEFAULT;
        found = dtype;
    }
    return found;
}

static torsh_tensor reduced(const torsh__loss *loss, const torsh_loss_options *o, torsh_tensor each)
{
    if (o->weight.id && !loss->own_weight) each = torsh_mul(each, torsh__widened(o->weight));
    if (o->reduction != TORSH_BATCHMEAN) return reduce(each, o->reduction);
    int64_t batch = torsh_ndim(each) > 0 ? torsh_size(each, 0) : 1;
    return torsh_div(torsh_sum(each, TORSH_ALL_DIMS, false), torsh_integer(batch));
}

torsh_tensor torsh__loss_of(const torsh__loss *loss, const torsh_tensor *inputs, int count, const double *numbers, const torsh_loss_options *options)
{
    torsh_loss_options o = torsh_loss_defaults();
    torsh_status status = torsh__take_options(loss->name, &o, sizeof o, sizeof o, options);
    if (status == TORSH_OK && !(loss->batchmean && o.reduction == TORSH_BATCHMEAN)) status = check_reduction(loss->name, o.reduction);
    for (int i = 0; i < count && status == TORSH_OK; i++) {
        const torsh__tensor *t = torsh__tensor_look(inputs[i], loss->name, loss->params[i], &status);
        if (t) torsh__unpin(inputs[i].id);
    }
    if (status) return torsh__tensor_error(status);
    torsh__thread *self = torsh__thread_get();
    const char *speaker = self->speaker;
    if (!speaker) self->speaker = loss->name;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_dtype dtype = rounded_to(inputs, count);
    torsh_tensor wide[TORSH__LOSS_INPUTS];
    for (int i = 0; i < count; i++) wide[i] = torsh__widened(inputs[i]);
    torsh_tensor result = reduced(loss, &o, loss->each(wide, numbers, torsh__widened(loss->own_weight ? o.weight : (torsh_tensor){0})));
    if (dtype != TORSH_DTYPE_DEFAULT) result = torsh__narrowed(result, dtype);
    self->speaker = speaker;
    if (!TORSH_FAILED(result)) torsh_keep(result);
    return result;
}

#define PAIR_OF(name, function, ...) {name, {"input", "target"}, function, __VA_ARGS__}

static torsh_tensor squared(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)numbers, (void)weight;
    torsh_tensor difference = torsh_sub(in[0], in[1]);
    return torsh__is_tracked(difference) ? torsh_square(difference) : torsh_square_(difference);
}

torsh_tensor torsh_mse_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options)
{
    static const torsh__loss loss = PAIR_OF("mse_loss", squared, 0, 0);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target}, 2, NULL, options);
}

static torsh_tensor absolute(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)numbers, (void)weight;
    return torsh_abs(torsh_sub(in[0], in[1]));
}

torsh_tensor torsh_l1_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options)
{
    static const torsh__loss loss = PAIR_OF("l1_loss", absolute, 0, 0);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target}, 2, NULL, options);
}

/* d^2 / 2 within delta, else delta (|d| - delta / 2) */
static torsh_tensor huber(const torsh_tensor *in, const double *delta, torsh_tensor weight)
{
    (void)weight;
    return torsh__huber(in[0], in[1], torsh_number(*delta));
}

torsh_tensor torsh_huber_loss(torsh_tensor input, torsh_tensor target, double delta, const torsh_loss_options *options)
{
    static const torsh__loss loss = PAIR_OF("huber_loss", huber, 0, 0);
    if (!(delta > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "huber_loss: delta must be positive; it is %g", delta);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target}, 2, &delta, options);
}

static torsh_tensor smooth(const torsh_tensor *in, const double *beta, torsh_tensor weight)
{
    if (*beta == 0) return absolute(in, NULL, weight);
    return *beta == 1 ? huber(in, beta, weight) : torsh_div(huber(in, beta, weight), torsh_number(*beta));
}

torsh_tensor torsh_smooth_l1_loss(torsh_tensor input, torsh_tensor target, double beta, const torsh_loss_options *options)
{
    static const torsh__loss loss = PAIR_OF("smooth_l1_loss", smooth, 0, 0);
    if (!(beta >= 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "smooth_l1_loss: beta must not be negative; it is %g", beta);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target}, 2, &beta, options);
}

/* log x, but -100 where x is 0: there the gradient is 0 and not NaN. */
static torsh_tensor bounded_log(torsh_tensor x)
{
    torsh_tensor positive = torsh_gt(x, torsh_number(0));
    torsh_tensor logarithm = torsh_log(torsh_where(positive, x, torsh_number(1)));
    return torsh_where(positive, torsh_clamp(logarithm, -100, INFINITY), torsh_number(-100));
}

/* -(t log x + (1 - t) log(1 - x)), logarithms at least -100 as in PyTorch. */
static torsh_tensor binary(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)numbers, (void)weight;
    torsh_tensor one = torsh_number(1);
    torsh_tensor yes = bounded_log(in[0]), no = bounded_log(torsh_sub(one, in[0]));
    return torsh_neg(torsh_add(torsh_mul(in[1], yes), torsh_mul(torsh_sub(one, in[1]), no)));
}

torsh_tensor torsh_binary_cross_entropy(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options)
{
    static const torsh__loss loss = PAIR_OF("binary_cross_entropy", binary, 0, 0);
    torsh_status status = same_shape(loss.name, input, target);
    if (status) return torsh__tensor_error(status);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target}, 2, NULL, options);
}

/* (1 - t) x - log sigmoid(x), which overflows nowhere; with a weight p for positives the logarithm counts 1 + (p - 1) t times */
static torsh_tensor binary_with_logits(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)weight;
    torsh_tensor one = torsh_number(1), logarithm = torsh_logsigmoid(in[0]);
    if (numbers) logarithm = torsh_mul(logarithm, torsh_add(torsh_mul(torsh_sub(in[2], one), in[1]), one));
    return torsh_sub(torsh_mul(torsh_sub(one, in[1]), in[0]), logarithm);
}

torsh_tensor torsh_binary_cross_entropy_with_logits(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options)
{
    static const torsh__loss loss = PAIR_OF("binary_cross_entropy_with_logits", binary_with_logits, 0, 0);
    torsh_status status = same_shape(loss.name, input, target);
    if (status) return torsh__tensor_error(status);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target}, 2, NULL, options);
}

torsh_tensor torsh_binary_cross_entropy_with_logits_pos_weight(torsh_tensor input, torsh_tensor target, torsh_tensor pos_weight, const torsh_loss_options *options)
{
    static const torsh__loss loss = {"binary_cross_entropy_with_logits_pos_weight", {"input", "target", "pos_weight"}, binary_with_logits, 0, 0};
    torsh_status status = same_shape(loss.name, input, target);
    if (status) return torsh__tensor_error(status);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target, pos_weight}, 3, &(double){1}, options);
}

/* t (log t - x), 0 where t is 0; x holds log probabilities */
static torsh_tensor divergence(const torsh_tensor *in, const double *log_target, torsh_tensor weight)
{
    (void)weight;
    if (*log_target != 0) return torsh_mul(torsh_exp(in[1]), torsh_sub(in[1], in[0]));
    return torsh_sub(torsh_xlogy(in[1], in[1]), torsh_mul(in[1], in[0]));
}

torsh_tensor torsh_kl_div(torsh_tensor input, torsh_tensor target, bool log_target, const torsh_loss_options *options)
{
    static const torsh__loss loss = PAIR_OF("kl_div", divergence, 0, true);
    return torsh__loss_of(&loss, (torsh_tensor[]){input, target}, 2, &(double){log_target}, options);
}

/* ---- multilabel margins ---------------------------------------------------------------------------------------- */

static torsh_status infer_multilabel_margin_slope(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view, *t = &c->input[1]->view;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)x->dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    if (x->ndim < 1 || !torsh__same_sizes(x->ndim, x->sizes, t->ndim, t->sizes) || t->dtype != TORSH_I64)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' and 'target' must be (..., C), target of i64", torsh__call_name(c));
    c->compute = (torsh_dtype)x->dtype;
    torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    return TORSH_OK;
}
static const torsh__impl impl_multilabel_margin_slope = {.infer = infer_multilabel_margin_slope, .flags = TORSH__CONSTANT, .batch = TORSH__BATCH_ALL};

static torsh_status infer_multilabel_margin_forward(torsh__call *c)
{
    torsh_status status = infer_multilabel_margin_slope(c);
    const torsh_operand *x = &c->input[0]->view;
    if (status == TORSH_OK) torsh__out_spec(c, 0, c->compute, x->ndim - 1, x->sizes);
    return status;
}

static void multilabel_margin_gradient(torsh__backward *b)
{
    if (!b->g[0].id || !torsh__needs(b, 0)) return;
    torsh_tensor slope = torsh__multilabel_margin_slope(torsh__saved_input(b, 0), torsh__saved_input(b, 1));
    b->result[0] = torsh_mul(slope, torsh_unsqueeze(b->g[0], -1));
}
static const torsh__impl impl_multilabel_margin_forward = {
    .infer = infer_multilabel_margin_forward,
    .gradient = multilabel_margin_gradient,
    .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1),
    .batch = TORSH__BATCH_ALL,
};

#include "define_rows.h"

#include "loss.def"
