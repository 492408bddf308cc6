/* Variance, deviation, norms, logsumexp. Rows: table/statistics.def. */
#include "reduce.h"

#include <math.h>

#define INTS(values, i) ((const int64_t *)(values)[i].list.data)
#define COUNT(values, i) ((values)[i].list.count)

/* ---- variance ------------------------------------------------------------------------------------------------ */

/* All results have the reduced shape and the input's dtype. keepdim is the last parameter. */
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
        c->spec[i].dtype = c->compute;
        torsh__reduced_sizes(&c->spec[i], v, mask, c->values[c->op->info.param_count - 1].i != 0);
    }
    return TORSH_OK;
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
    torsh_tensor std = torsh__saved_output(b, 0);
    torsh_tensor half = torsh__mask_grad(torsh_div(g, torsh_mul(std, torsh_number(2))), torsh_ne(std, torsh_number(0)));
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
static const torsh__impl impl_var = {.infer = infer_moments, .gradient = var_gradient, .saves = TORSH__SAVE_IN(0)};
static const torsh__impl impl_std = {.infer = infer_moments, .gradient = std_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};
static const torsh__impl impl_var_mean = {.infer = infer_moments, .gradient = var_gradient, .saves = TORSH__SAVE_IN(0)};
static const torsh__impl impl_std_mean = {.infer = infer_moments, .gradient = std_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

/* ---- logsumexp ----------------------------------------------------------------------------------------------- */

/* max + log(sum(exp(x - max))), where an infinite max counts as 0: the sum is then 0, Inf or NaN as it should be. */
static torsh_status run_logsumexp(torsh__call *c)
{
    const int64_t *dims = INTS(c->values, 1);
    size_t count = COUNT(c->values, 1);
    bool keepdim = c->values[2].i != 0;
    torsh_tensor x = torsh__tensor_share(c->input[0]), result;
    if (c->input[0]->view.numel > 0) {
        torsh_tensor largest = torsh_amax(x, dims, count, true);
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
    b->result[0] = torsh_mul(g, torsh_exp(torsh_sub(torsh__saved_input(b, 0), y)));
}
static const torsh__impl impl_logsumexp = {
    .infer = infer_moments, .run = run_logsumexp, .gradient = logsumexp_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

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
    .infer = infer_norm_p, .run = run_norm_p, .gradient = norm_p_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

torsh_tensor torsh_norm(torsh_tensor input, double p, const int64_t *dim, size_t count, bool keepdim)
{
    if (p == 2) return torsh__norm_2(input, dim, count, keepdim);
    if (p == 1) return torsh__norm_1(input, dim, count, keepdim);
    if (p == 0) return torsh__norm_0(input, dim, count, keepdim);
    if (isinf(p)) return p > 0 ? torsh__norm_inf(input, dim, count, keepdim) : torsh__norm_least(input, dim, count, keepdim);
    if (isnan(p)) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "norm: p is NaN"));
    return torsh__norm_p(input, dim, count, keepdim, p);
}

torsh_tensor torsh_count_nonzero(torsh_tensor input, const int64_t *dim, size_t count)
{
    return torsh__count_true(input, dim, count, false);
}

#include "define_rows.h"

#include "statistics.def"
