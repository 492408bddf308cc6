/* Running sums, products, maxima: shapes and gradients. Rows: table/scan.def. */
#include "reduce.h"

/* The input's shape; dim becomes non-negative. Sums and products of integers and bool are i64, in place in the tensor's own dtype. */
static torsh_status infer(torsh__call *c, bool widens)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_dtype dtype = (torsh_dtype)v->dtype;
    int dim;
    torsh_status status = torsh__require_dtype(c, dtype);
    if (status == TORSH_OK) status = torsh__wrap_dim(torsh__call_name(c), c->values[1].i, v->ndim, &dim);
    if (status) return status;
    c->values[1].i = dim;
    c->device = v->device;
    if (widens && !c->in_place && torsh__dtypes[dtype].category <= TORSH__INTEGER) dtype = TORSH_I64;
    c->compute = dtype;
    torsh__out_spec(c, 0, dtype, v->ndim, v->sizes);
    if (c->outputs > 1) torsh__out_spec(c, 1, TORSH_I64, v->ndim, v->sizes);
    return TORSH_OK;
}

static torsh_status infer_widening(torsh__call *c)
{
    return infer(c, true);
}

static torsh_status infer_same(torsh__call *c)
{
    return infer(c, false);
}

/* Sums from each element to the end. */
static torsh_tensor from_end(torsh_tensor t, int64_t dim)
{
    return torsh_flip(torsh_cumsum(torsh_flip(t, &dim, 1), dim), &dim, 1);
}

static torsh_tensor from_end_0d(const torsh__backward *b, torsh_tensor t)
{
    return torsh__input_meta(b, 0).ndim == 0 ? t : from_end(t, b->node->values[1].i);
}

static void cumsum_gradient(torsh__backward *b)
{
    b->result[0] = from_end_0d(b, b->g[0]);
}
static const torsh__impl impl_cumsum = {.infer = infer_widening, .gradient = cumsum_gradient};

/* Before the first zero: sum of g y from there on, over x. At the first zero: the same with a 1 in its place, not divided.
 * Behind it: 0, as every product there has the zero in it (FunctionsManual.cpp cumprod_backward). */
static void cumprod_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0], x = torsh__saved_input(b, 0), y = torsh__saved_output(b, 0);
    int64_t dim = b->node->values[1].i;
    if (torsh__input_meta(b, 0).ndim == 0) {
        b->result[0] = torsh_reshape(g, NULL, 0);
        return;
    }
    torsh_tensor zero = torsh_eq(x, torsh_number(0)), zeros = torsh_cumsum(zero, dim);
    torsh_tensor first = torsh_logical_and(zero, torsh_eq(zeros, torsh_integer(1)));
    torsh_tensor before = torsh_div(from_end(torsh_mul(g, torsh__conjugate(y)), dim), torsh__conjugate(torsh_where(zero, torsh_number(1), x)));
    torsh_tensor without = torsh_cumprod(torsh_where(first, torsh_number(1), x), dim);
    torsh_tensor at = from_end(torsh_where(torsh_ge(zeros, torsh_integer(1)), torsh_mul(g, torsh__conjugate(without)), torsh_number(0)), dim);
    torsh_tensor none = torsh_eq(zeros, torsh_integer(0));
    b->result[0] = torsh_where(none, before, torsh_where(first, at, torsh_number(0)));
}
static const torsh__impl impl_cumprod = {
    .infer = infer_widening, .gradient = cumprod_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

/* exp(x) times the sum of g exp(-y) from there on, with g's signs apart so that all stays in logarithms. */
static void logcumsumexp_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0], x = torsh__saved_input(b, 0), y = torsh__saved_output(b, 0);
    int64_t dim = b->node->values[1].i;
    if (torsh__input_meta(b, 0).ndim == 0) {
        b->result[0] = torsh_reshape(g, NULL, 0);
        return;
    }
    torsh_tensor low = torsh_number(-1.0 / 0.0), part[2];
    y = torsh_where(torsh_isfinite(y), y, torsh_number(0)); /* where all so far was -inf, -inf - -inf would be NaN */
    for (int sign = 0; sign < 2; sign++) {
        torsh_tensor side = sign ? torsh_neg(g) : g, some = torsh_gt(side, torsh_number(0));
        torsh_tensor logarithm = torsh_where(some, torsh_log(torsh_where(some, side, torsh_number(1))), low);
        torsh_tensor back = torsh_flip(torsh_logcumsumexp(torsh_flip(torsh_sub(logarithm, y), &dim, 1), dim), &dim, 1);
        part[sign] = torsh_exp(torsh_add(back, x));
    }
    b->result[0] = torsh_sub(part[0], part[1]);
}
static const torsh__impl impl_logcumsumexp = {
    .infer = infer_same, .gradient = logcumsumexp_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

static void extreme_gradient(torsh__backward *b)
{
    b->result[0] = torsh__scatter_grad(b, b->g[0], torsh__saved_output(b, 1), b->node->values[1].i, true);
}
static const torsh__impl impl_cummax = {.infer = infer_same, .gradient = extreme_gradient, .saves = TORSH__SAVE_OUT(1)};
static const torsh__impl impl_cummin = {.infer = infer_same, .gradient = extreme_gradient, .saves = TORSH__SAVE_OUT(1)};

#include "define_rows.h"

#include "scan.def"
