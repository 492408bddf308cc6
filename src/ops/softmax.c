/* Softmax and log_softmax along a dim. Rows: table/softmax.def. */
#include "gradient.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/softmax.h>

#define TABLE "softmax.def"
#include "declare_rows.h"

static torsh_status infer(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int last = c->op->info.param_count - 1, dim;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__wrap_dim(torsh__call_name(c), c->values[last].i, v->ndim, &dim);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    if (c->inputs > 1) {
        const torsh_operand *y = &c->input[1]->view;
        if (!torsh__same_sizes(v->ndim, v->sizes, y->ndim, y->sizes) || y->dtype != v->dtype)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grad' and 'output' must have the same shape and dtype", torsh__call_name(c));
    }
    c->values[last].i = dim;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return TORSH_OK;
}

static torsh_tensor sum_along(torsh_tensor t, int64_t dim)
{
    return torsh_sum(t, &dim, 1, true);
}

static void softmax_gradient(torsh__backward *b)
{
    b->result[0] = torsh__softmax_backward(b->g[0], torsh__saved_output(b, 0), b->node->values[1].i);
}
static const torsh__impl impl_softmax = {.infer = infer, .gradient = softmax_gradient, .saves = TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_SELF};

/* dx = y (g - s) with s = sum(g y): by g the same map of h; by y, h (g - s) - g sum(h y). */
static void softmax_backward_gradient(torsh__backward *b)
{
    int64_t dim = b->node->values[2].i;
    torsh_tensor h = b->g[0], g = torsh__saved_input(b, 0), y = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh__softmax_backward(h, y, dim);
    if (!torsh__needs(b, 1)) return;
    torsh_tensor inner = torsh_sub(g, sum_along(torsh_mul(g, y), dim));
    b->result[1] = torsh_sub(torsh_mul(h, inner), torsh_mul(g, sum_along(torsh_mul(h, y), dim)));
}
static const torsh__impl impl_softmax_backward = {.infer = infer, .gradient = softmax_backward_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1), .batch = TORSH__BATCH_ALL};

static void log_softmax_gradient(torsh__backward *b)
{
    b->result[0] = torsh__log_softmax_backward(b->g[0], torsh__saved_output(b, 0), b->node->values[1].i);
}
static const torsh__impl impl_log_softmax = {.infer = infer, .gradient = log_softmax_gradient, .saves = TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL};

/* dx = g - e^y sum(g): by g, h - sum(h e^y); by y, -h e^y sum(g). */
static void log_softmax_backward_gradient(torsh__backward *b)
{
    int64_t dim = b->node->values[2].i;
    torsh_tensor h = b->g[0], g = torsh__saved_input(b, 0), weighted = torsh_mul(h, torsh_exp(torsh__saved_input(b, 1)));
    if (torsh__needs(b, 0)) b->result[0] = torsh_sub(h, sum_along(weighted, dim));
    if (torsh__needs(b, 1)) b->result[1] = torsh_neg(torsh_mul(weighted, sum_along(g, dim)));
}
static const torsh__impl impl_log_softmax_backward = {.infer = infer, .gradient = log_softmax_backward_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1), .batch = TORSH__BATCH_ALL};

static torsh_tensor compose_softmax_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype)
{
    return torsh_softmax(torsh__as_dtype(input, dtype), dim);
}

static torsh_tensor compose_log_softmax_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype)
{
    return torsh_log_softmax(torsh__as_dtype(input, dtype), dim);
}

#include "define_rows.h"

#include "softmax.def"
