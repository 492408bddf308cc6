/* Losses of margins, of distances, and likelihoods of distributions; each is the function that stands above its public form
 * (PyTorch: aten/src/ATen/native/Loss.cpp, LossMultiMargin.cpp, LossMultiLabelMargin.cpp, torch/nn/functional.py). ctc_loss is in ctc_loss.c. */
#include "dual.h"
#include "loss.h"

#include <torsh/autograd.h>
#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/distance.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/loss.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "loss.def"
#include "declare_rows.h"

#define LOSS(loss_name, own, ...) static const torsh__loss loss_##loss_name = {#loss_name, {__VA_ARGS__}, each_##loss_name, own, false}
#define INPUTS(...) (torsh_tensor[]){__VA_ARGS__}, (int)(sizeof((torsh_tensor[]){__VA_ARGS__}) / sizeof(torsh_tensor))
#define NUM(x) torsh_number(x)

static torsh_tensor at_least_zero(torsh_tensor t)
{
    return torsh_clamp(t, 0, INFINITY);
}

/* max(0, t + x) of what nothing else needs: in its memory, unless its history does. */
static torsh_tensor hinge_of_own(torsh_tensor t, double x)
{
    bool apart = torsh__is_tracked(t) || !torsh_dtype_is_floating_point(torsh_dtype_of(t));
    return apart ? at_least_zero(torsh_add(t, NUM(x))) : torsh_clamp_(torsh_add_(t, NUM(x)), 0, INFINITY);
}

/* ---- elements ------------------------------------------------------------------------------------------------ */

/* log(1 + exp(-t x)) */
static torsh_tensor each_soft_margin_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)numbers, (void)weight;
    return torsh_neg(torsh_logsigmoid(torsh_mul(in[0], in[1])));
}
LOSS(soft_margin_loss, false, "input", "target");

torsh_tensor torsh_soft_margin_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_soft_margin_loss, INPUTS(input, target), NULL, options);
}

static torsh_tensor each_margin_ranking_loss(const torsh_tensor *in, const double *margin, torsh_tensor weight)
{
    (void)weight;
    if (torsh_ndim(in[0]) != torsh_ndim(in[1]) || torsh_ndim(in[0]) != torsh_ndim(in[2]))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "margin_ranking_loss: 'input1', 'input2' and 'target' must have as many dimensions; they are %s, %s and %s",
                             torsh_shape_text(in[0]), torsh_shape_text(in[1]), torsh_shape_text(in[2]));
    bool refused = torsh_dtype_of(in[2]) == TORSH_BOOL; /* a bool has no negative */
    torsh_tensor sign = refused ? torsh_neg(in[2]) : in[2], apart = refused ? torsh_sub(in[0], in[1]) : torsh_sub(in[1], in[0]), each = torsh_mul(sign, apart);
    torsh_release(apart);
    return hinge_of_own(each, *margin);
}
LOSS(margin_ranking_loss, false, "input1", "input2", "target");

torsh_tensor torsh_margin_ranking_loss(torsh_tensor input1, torsh_tensor input2, torsh_tensor target, double margin, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_margin_ranking_loss, INPUTS(input1, input2, target), &margin, options);
}

/* x where t is 1, max(0, margin - x) where it is -1; both where it is neither. */
static torsh_tensor each_hinge_embedding_loss(const torsh_tensor *in, const double *margin, torsh_tensor weight)
{
    (void)weight;
    torsh_tensor away = torsh_where(torsh_ne(in[1], NUM(1)), at_least_zero(torsh_sub(NUM(*margin), in[0])), NUM(0));
    return torsh_add(away, torsh_where(torsh_ne(in[1], NUM(-1)), in[0], NUM(0)));
}
LOSS(hinge_embedding_loss, false, "input", "target");

torsh_tensor torsh_hinge_embedding_loss(torsh_tensor input, torsh_tensor target, double margin, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_hinge_embedding_loss, INPUTS(input, target), &margin, options);
}

/* ---- classes: input (N, C) or (C) ----------------------------------------------------------------------------- */

static torsh_tensor batched(torsh_tensor t, int ndim)
{
    return torsh_ndim(t) < ndim ? torsh_unsqueeze(t, 0) : t;
}

static torsh_tensor mean_over_classes(torsh_tensor t, bool batch)
{
    int64_t last = -1;
    torsh_tensor each = torsh_mean(t, &last, 1, false);
    return batch ? each : torsh_squeeze(each, TORSH_DIMS(0));
}

/* sum over j != t of w[t] max(0, margin - x[t] + x[j])^p / C; numbers: p, margin */
static torsh_tensor each_multi_margin_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    torsh__shape x = torsh__shape_of(in[0]), t = torsh__shape_of(in[1]);
    int64_t classes = x.ndim ? x.sizes[x.ndim - 1] : 1;
    bool fits = x.ndim <= 2 && classes > 0 && (x.ndim == 2 ? t.ndim == 1 && t.sizes[0] == x.sizes[0] : t.ndim <= 1 && t.numel == 1);
    if (!fits || t.dtype != TORSH_I64)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "multi_margin_loss: 'input' %s and 'target' %s must be (N, C) and i64 (N)", torsh_shape_text(in[0]), torsh_shape_text(in[1]));
    if (numbers[0] != 1 && numbers[0] != 2) return torsh__refuse(TORSH_INVALID_ARGUMENT, "multi_margin_loss: p must be 1 or 2; it is %g", numbers[0]);
    if (weight.id && (torsh_ndim(weight) != 1 || torsh_size(weight, 0) != classes))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "multi_margin_loss: 'weight' is %s; it must have a number for each of the %lld classes", torsh_shape_text(weight), (long long)classes);
    torsh_tensor rows = x.ndim == 2 ? in[0] : torsh_reshape(in[0], TORSH_DIMS(1, classes)), target = torsh_reshape(in[1], TORSH_DIMS(-1, 1));
    if (x.numel == 0) target = torsh_reshape(in[1], TORSH_DIMS(0, 1));
    torsh_tensor m = hinge_of_own(torsh_sub(rows, torsh_gather(rows, 1, target)), numbers[1]);
    if (numbers[0] == 2) m = torsh_square(m);
    if (weight.id) m = torsh_mul(m, torsh_unsqueeze(torsh_index_select(weight, 0, torsh_flatten(target, 0, 1)), 1));
    m = torsh__is_tracked(m) ? torsh_scatter(m, 1, target, NUM(0)) : torsh_scatter_(m, 1, target, NUM(0));
    return mean_over_classes(m, x.ndim == 2);
}
LOSS(multi_margin_loss, true, "input", "target");

torsh_tensor torsh_multi_margin_loss(torsh_tensor input, torsh_tensor target, double p, double margin, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_multi_margin_loss, INPUTS(input, target), (double[]){p, margin}, options);
}

/* Each row of target lists classes up to the first negative number: sum over those y, over all others j, of max(0, 1 - x[y] + x[j]) / C. */
static torsh_tensor each_multilabel_margin_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)numbers, (void)weight;
    torsh__shape x = torsh__shape_of(in[0]), t = torsh__shape_of(in[1]);
    if (x.ndim > 2 || !torsh__same_sizes(x.ndim, x.sizes, t.ndim, t.sizes) || t.dtype != TORSH_I64)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "multilabel_margin_loss: 'input' %s and 'target' %s must be (N, C), target of i64", torsh_shape_text(in[0]), torsh_shape_text(in[1]));
    return torsh__multilabel_margin_forward(batched(in[0], 1), batched(in[1], 1));
}
LOSS(multilabel_margin_loss, false, "input", "target");

torsh_tensor torsh_multilabel_margin_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_multilabel_margin_loss, INPUTS(input, target), NULL, options);
}

static torsh_tensor each_multilabel_soft_margin_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)numbers;
    torsh_tensor yes = torsh_mul(in[1], torsh_logsigmoid(in[0])), no = torsh_mul(torsh_sub(NUM(1), in[1]), torsh_logsigmoid(torsh_neg(in[0])));
    torsh_tensor loss = torsh_neg(torsh_add(yes, no));
    if (torsh_ndim(loss) < 1) return TORSH_FAILED(loss) ? loss : torsh__refuse(TORSH_SHAPE_MISMATCH, "multilabel_soft_margin_loss: 'input' must have a dimension of classes");
    if (weight.id) loss = torsh_mul(loss, weight);
    return torsh_mean(loss, TORSH_DIMS(-1), false);
}
LOSS(multilabel_soft_margin_loss, true, "input", "target");

torsh_tensor torsh_multilabel_soft_margin_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_multilabel_soft_margin_loss, INPUTS(input, target), NULL, options);
}

/* ---- distances ------------------------------------------------------------------------------------------------ */

/* numbers: margin, p, eps, swap */
typedef struct triplet { /* numbers that bring a function along */
    double margin, swap;
    torsh_tensor_function *distance;
    void *context;
} triplet;

/* A p-norm. */
typedef struct norm { double p, eps; } norm;

static torsh_tensor norm_of_difference(void *context, const torsh_tensor *inputs, size_t count)
{
    const norm *n = context;
    (void)count;
    return torsh_pairwise_distance(inputs[0], inputs[1], n->p, n->eps, false);
}

/* A norm takes what broadcasts; of what a distance of the caller's takes only the number of dims is known. */
static bool fits(const triplet *t, const torsh__shape *a, const torsh__shape *b)
{
    bool same = a->ndim == b->ndim;
    for (int d = 0; d < a->ndim && same && t->distance == norm_of_difference; d++) same = a->sizes[d] == b->sizes[d] || a->sizes[d] == 1 || b->sizes[d] == 1;
    return same;
}

static torsh_tensor triplet_of(const char *name, const torsh_tensor *in, const double *numbers)
{
    const triplet *t = (const triplet *)(const void *)numbers;
    torsh__shape a = torsh__shape_of(in[0]), p = torsh__shape_of(in[1]), n = torsh__shape_of(in[2]);
    if (!fits(t, &a, &p) || !fits(t, &p, &n) || !fits(t, &n, &a))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: 'anchor', 'positive' and 'negative' must have %s; they are %s, %s and %s", name,
                             t->distance == norm_of_difference ? "the same shape, or sizes 1" : "as many dimensions", torsh_shape_text(in[0]),
                             torsh_shape_text(in[1]), torsh_shape_text(in[2]));
    if (!(t->margin > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "%s: margin must be positive; it is %g", name, t->margin);
    torsh_tensor near = t->distance(t->context, TORSH_TENSORS(in[0], in[1])), far = t->distance(t->context, TORSH_TENSORS(in[0], in[2]));
    if (t->swap != 0) far = torsh_minimum(far, t->distance(t->context, TORSH_TENSORS(in[1], in[2])));
    return at_least_zero(torsh_add(torsh_sub(near, far), NUM(t->margin)));
}

static torsh_tensor each_triplet_margin_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)weight;
    return triplet_of("triplet_margin_loss", in, numbers);
}
LOSS(triplet_margin_loss, false, "anchor", "positive", "negative");

static torsh_tensor each_triplet_margin_with_distance_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)weight;
    return triplet_of("triplet_margin_with_distance_loss", in, numbers);
}
LOSS(triplet_margin_with_distance_loss, false, "anchor", "positive", "negative");

torsh_tensor torsh_triplet_margin_loss(torsh_tensor anchor, torsh_tensor positive, torsh_tensor negative, double margin, double p, double eps, bool swap,
                                       const torsh_loss_options *options)
{
    triplet t = {margin, swap, norm_of_difference, &(norm){p, eps}};
    return torsh__loss_of(&loss_triplet_margin_loss, INPUTS(anchor, positive, negative), &t.margin, options);
}

torsh_tensor torsh_triplet_margin_with_distance_loss(torsh_tensor anchor, torsh_tensor positive, torsh_tensor negative, torsh_tensor_function *distance, void *context,
                                                     double margin, bool swap, const torsh_loss_options *options)
{
    triplet t = {margin, swap, distance ? distance : norm_of_difference, distance ? context : &(norm){2, 1e-6}};
    return torsh__loss_of(&loss_triplet_margin_with_distance_loss, INPUTS(anchor, positive, negative), &t.margin, options);
}

/* 1 - cos where t is 1, max(0, cos - margin) where it is -1, else 0; the cosine over the last dim. */
static torsh_tensor each_cosine_embedding_loss(const torsh_tensor *in, const double *margin, torsh_tensor weight)
{
    (void)weight;
    int64_t dim = torsh_ndim(in[2]);
    if (dim > 1 || torsh_ndim(in[0]) != dim + 1 || torsh_ndim(in[1]) != dim + 1)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "cosine_embedding_loss: 'input1' %s and 'input2' %s must be (N, D) for a 'target' (N), or (D) for a number",
                             torsh_shape_text(in[0]), torsh_shape_text(in[1]));
    torsh_tensor eps = NUM(1e-12), product = torsh__sum_of_own(torsh_mul(in[0], in[1]), dim);
    torsh_tensor first = torsh_add(torsh__sum_of_own(torsh_mul(in[0], in[0]), dim), eps), second = torsh_add(torsh__sum_of_own(torsh_mul(in[1], in[1]), dim), eps);
    torsh_tensor cosine = torsh_div(product, torsh_sqrt(torsh_mul(first, second)));
    torsh_tensor same = torsh_where(torsh_eq(in[2], NUM(1)), torsh_sub(NUM(1), cosine), NUM(0));
    return torsh_add(same, torsh_where(torsh_eq(in[2], NUM(-1)), at_least_zero(torsh_sub(cosine, NUM(*margin))), NUM(0)));
}
LOSS(cosine_embedding_loss, false, "input1", "input2", "target");

torsh_tensor torsh_cosine_embedding_loss(torsh_tensor input1, torsh_tensor input2, torsh_tensor target, double margin, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_cosine_embedding_loss, INPUTS(input1, input2, target), &margin, options);
}

/* ---- likelihoods ---------------------------------------------------------------------------------------------- */

/* What t lacks of `least`, without a gradient. */
static torsh_tensor shortfall(torsh_tensor t, double least)
{
    TORSH_AUTO torsh_scope quiet = torsh__scope_open(false);
    torsh__constant_mode();
    return torsh_sub(torsh_clamp(t, least, INFINITY), t);
}

/* (log v + (x - t)^2 / v) / 2, v at least eps without a say in the gradient; numbers: full, eps */
static torsh_tensor each_gaussian_nll_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)weight;
    torsh__shape x = torsh__shape_of(in[0]), v = torsh__shape_of(in[2]);
    torsh_tensor var = in[2];
    bool same = torsh__same_sizes(x.ndim, x.sizes, v.ndim, v.sizes), lacks_last = x.ndim == v.ndim + 1 && torsh__same_sizes(v.ndim, x.sizes, v.ndim, v.sizes);
    bool one_last = x.ndim > 0 && x.ndim == v.ndim && v.sizes[v.ndim - 1] == 1 && torsh__same_sizes(x.ndim - 1, x.sizes, v.ndim - 1, v.sizes);
    if (!same && !lacks_last && !one_last && v.ndim > 0)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "gaussian_nll_loss: 'var' %s doesn't fit 'input' %s", torsh_shape_text(var), torsh_shape_text(in[0]));
    if (!same && lacks_last && v.ndim > 0) var = torsh_unsqueeze(var, -1);
    double least = 0;
    if (v.numel && torsh_item_f64(torsh_amin(var, TORSH_ALL_DIMS, false), &least) == TORSH_OK && least < 0)
        return torsh__refuse(TORSH_OUT_OF_RANGE, "gaussian_nll_loss: 'var' has a negative element (%g)", least);
    torsh_tensor bounded = torsh_add(var, shortfall(var, numbers[1]));
    torsh_tensor loss = torsh_mul(torsh_add(torsh_log(bounded), torsh_div(torsh_square(torsh_sub(in[0], in[1])), bounded)), NUM(0.5));
    return numbers[0] != 0 ? torsh_add(loss, NUM(0.91893853320467274178)) : loss; /* log(2 pi) / 2 */
}
LOSS(gaussian_nll_loss, false, "input", "target", "var");

torsh_tensor torsh_gaussian_nll_loss(torsh_tensor input, torsh_tensor target, torsh_tensor var, bool full, double eps, const torsh_loss_options *options)
{
    if (!(eps > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "gaussian_nll_loss: eps must be positive; it is %g", eps);
    return torsh__loss_of(&loss_gaussian_nll_loss, INPUTS(input, target, var), (double[]){full, eps}, options);
}

/* exp x - t x, or x - t log(x + eps); full adds Stirling's log t!. numbers: log_input, full, eps */
static torsh_tensor each_poisson_nll_loss(const torsh_tensor *in, const double *numbers, torsh_tensor weight)
{
    (void)weight;
    torsh_tensor x = in[0], t = in[1], loss;
    if (numbers[0] != 0) loss = torsh_sub(torsh_exp(x), torsh_mul(t, x));
    else loss = torsh_sub(x, torsh_mul(t, torsh_log(torsh_add(x, NUM(numbers[2])))));
    if (numbers[1] == 0) return loss;
    torsh_tensor many = torsh_gt(t, NUM(1)), safe = torsh_where(many, t, NUM(2));
    torsh_tensor half = torsh_mul(torsh_log(torsh_mul(safe, NUM(6.28318530717958647693))), NUM(0.5));
    torsh_tensor stirling = torsh_add(torsh_sub(torsh_mul(safe, torsh_log(safe)), safe), half);
    return torsh_add(loss, torsh_where(many, stirling, NUM(0)));
}
LOSS(poisson_nll_loss, false, "input", "target");

torsh_tensor torsh_poisson_nll_loss(torsh_tensor input, torsh_tensor target, bool log_input, bool full, double eps, const torsh_loss_options *options)
{
    return torsh__loss_of(&loss_poisson_nll_loss, INPUTS(input, target), (double[]){log_input, full, eps}, options);
}
