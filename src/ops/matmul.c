/* Matrix products: shapes and gradients. Rows: table/matmul.def. The CPU's kernels are in backend/cpu/matmul_ops.c. */
#include "gradient.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/view.h>

#define TABLE "matmul.def"
#include "declare_rows.h"

/* ---- matmul and its special cases ---------------------------------------------------------------------------- */

/* dtype and device of a product of inputs i and j. */
static torsh_status infer_pair(torsh__call *c, int i, int j)
{
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, i, j);
    c->compute = torsh__dtype_of(c->input[i]);
    return status ? status : torsh__require_dtype(c, c->compute);
}

static torsh_status fail_inner(const torsh__call *c, int i, int j)
{
    const torsh_operand *a = &c->input[i]->view, *b = &c->input[j]->view;
    const torsh_param *params = c->op->info.params; /* the tensors come first */
    torsh__shape_text left, right;
    torsh__shape_print(&left, a->ndim, a->sizes);
    torsh__shape_print(&right, b->ndim, b->sizes);
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' is %s and '%s' is %s; the first one's last dimension (%lld) must equal the second one's %s (%lld)",
                       torsh__call_name(c), params[i].name, left.text, params[j].name, right.text, (long long)a->sizes[a->ndim - 1], b->ndim > 1 ? "second to last" : "only one",
                       (long long)b->sizes[b->ndim > 1 ? b->ndim - 2 : 0]);
}

/* (..., m, k) and (..., k, n) give (..., m, n); a vector stands for one row on the left, for one column on the right. */
static torsh_status infer_product(torsh__call *c, int i, int j)
{
    torsh_status status = infer_pair(c, i, j);
    if (status) return status;
    const torsh_operand *a = &c->input[i]->view, *b = &c->input[j]->view;
    if (a->ndim == 0 || b->ndim == 0)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: both operands need at least 1 dimension; they have %d and %d", torsh__call_name(c), a->ndim, b->ndim);
    if (a->sizes[a->ndim - 1] != b->sizes[b->ndim > 1 ? b->ndim - 2 : 0]) return fail_inner(c, i, j);
    int batch_a = a->ndim > 2 ? a->ndim - 2 : 0, batch_b = b->ndim > 2 ? b->ndim - 2 : 0;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, batch_a, a->sizes);
    if (!torsh__broadcast(&spec->ndim, spec->sizes, batch_b, b->sizes)) {
        torsh__shape_text left, right;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the batch dimensions of %s and %s don't broadcast", torsh__call_name(c),
                           torsh__shape_print(&left, a->ndim, a->sizes), torsh__shape_print(&right, b->ndim, b->sizes));
    }
    if (a->ndim > 1) spec->sizes[spec->ndim++] = a->sizes[a->ndim - 2];
    if (b->ndim > 1) spec->sizes[spec->ndim++] = b->sizes[b->ndim - 1];
    return TORSH_OK;
}

static torsh_status infer_matmul(torsh__call *c)
{
    return infer_product(c, 0, 1);
}

static torsh_status infer_ranks(torsh__call *c, int first, int second)
{
    torsh_status status = torsh__require_rank(c, 0, first, first);
    if (status == TORSH_OK) status = torsh__require_rank(c, 1, second, second);
    return status ? status : infer_product(c, 0, 1);
}

static torsh_status infer_mm(torsh__call *c)
{
    return infer_ranks(c, 2, 2);
}

static torsh_status infer_mv(torsh__call *c)
{
    return infer_ranks(c, 2, 1);
}

static torsh_status infer_dot(torsh__call *c)
{
    return infer_ranks(c, 1, 1);
}

/* bmm doesn't broadcast. */
static torsh_status check_batches(const torsh__call *c, int i, int j)
{
    const torsh_operand *a = &c->input[i]->view, *b = &c->input[j]->view;
    if (a->sizes[0] == b->sizes[0]) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the operands are batches of %lld and %lld matrices; both need the same number", torsh__call_name(c),
                       (long long)a->sizes[0], (long long)b->sizes[0]);
}

static torsh_status infer_bmm(torsh__call *c)
{
    torsh_status status = torsh__require_rank(c, 0, 3, 3);
    if (status == TORSH_OK) status = torsh__require_rank(c, 1, 3, 3);
    if (status == TORSH_OK) status = check_batches(c, 0, 1);
    return status ? status : infer_product(c, 0, 1);
}

/* The conjugate transpose of the last two dims. */
static torsh_tensor adjoint(torsh_tensor t)
{
    return torsh__conjugate(torsh_transpose(t, -2, -1));
}

/* All leading dims as one. */
static torsh_tensor as_rows(torsh_tensor t)
{
    int ndim = torsh_ndim(t);
    int64_t rows = 1;
    for (int d = 0; d < ndim - 1; d++) rows *= torsh_size(t, d); /* not -1: t may have no elements */
    return ndim == 2 ? t : torsh_reshape(t, TORSH_DIMS(rows, torsh_size(t, -1)));
}

/* t summed over the batch dims that were broadcast, in the shape of the operand it is the gradient of. */
static torsh_tensor fit(torsh_tensor t, torsh__meta meta, bool vector_is_row)
{
    int64_t sizes[2] = {1, 1};
    if (meta.ndim > 1) return torsh__sum_to(t, meta.ndim, meta.sizes);
    sizes[vector_is_row] = meta.sizes[0];
    return torsh_reshape(torsh__sum_to(t, 2, sizes), meta.sizes, (size_t)meta.ndim);
}

/* d(a b) = g b' for a and a' g for b. A vector is a matrix of one row or column here. */
static void matmul_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0], left = torsh__saved_input(b, 0), right = torsh__saved_input(b, 1);
    int left_ndim = torsh_ndim(left), right_ndim = torsh_ndim(right);
    if (left_ndim <= 0 || right_ndim <= 0) {
        b->result[0] = b->result[1] = left_ndim < 0 ? left : right;
        return;
    }
    if (right_ndim == 1) {
        right = torsh_unsqueeze(right, -1);
        g = torsh_unsqueeze(g, -1);
    }
    if (left_ndim == 1) {
        left = torsh_unsqueeze(left, 0);
        g = torsh_unsqueeze(g, -2);
    }
    if (torsh__needs(b, 0)) b->result[0] = fit(torsh_matmul(g, adjoint(right)), torsh__input_meta(b, 0), true);
    if (!torsh__needs(b, 1)) return;
    bool shared = right_ndim <= 2 && left_ndim > 2; /* one matrix for the whole batch: a single product sums over it */
    torsh_tensor product = shared ? torsh_matmul(adjoint(as_rows(left)), as_rows(g)) : torsh_matmul(adjoint(left), g);
    b->result[1] = fit(product, torsh__input_meta(b, 1), false);
}

/* Any of these products inside vmap: by matrices, which broadcast. */
static void batched_product(const torsh_value *values, torsh_tensor *results)
{
    torsh_tensor a = {values[0].handle}, b = {values[1].handle};
    bool row = torsh_ndim(a) == 1, column = torsh_ndim(b) == 1;
    torsh_tensor product = torsh_matmul(row ? torsh_unsqueeze(a, 0) : a, column ? torsh_unsqueeze(b, -1) : b);
    if (column) product = torsh_squeeze(product, TORSH_DIMS(-1));
    results[0] = row ? torsh_squeeze(product, TORSH_DIMS(column ? -1 : -2)) : product;
}

enum { SAVE_BOTH = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) };
static const torsh__impl impl_matmul = {.infer = infer_matmul, .gradient = matmul_gradient, .saves = SAVE_BOTH, .batch = TORSH__BATCH_MATRICES, .batched = batched_product, .forward = TORSH__FORWARD_PRODUCT};
static const torsh__impl impl_mm = {.infer = infer_mm, .gradient = matmul_gradient, .saves = SAVE_BOTH, .batched = batched_product, .forward = TORSH__FORWARD_PRODUCT};
static const torsh__impl impl_bmm = {.infer = infer_bmm, .gradient = matmul_gradient, .saves = SAVE_BOTH, .batched = batched_product, .forward = TORSH__FORWARD_PRODUCT};
static const torsh__impl impl_mv = {.infer = infer_mv, .gradient = matmul_gradient, .saves = SAVE_BOTH, .batched = batched_product, .forward = TORSH__FORWARD_PRODUCT};
static const torsh__impl impl_dot = {.infer = infer_dot, .gradient = matmul_gradient, .saves = SAVE_BOTH, .batched = batched_product, .forward = TORSH__FORWARD_PRODUCT};

/* ---- beta * input + alpha * product -------------------------------------------------------------------------- */

static torsh_status infer_add_product(torsh__call *c)
{
    torsh_status status = infer_product(c, 1, 2);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    if (status) return status;
    const torsh_operand *input = &c->input[0]->view;
    torsh__spec *spec = &c->spec[0], grown = *spec;
    if (torsh__broadcast(&grown.ndim, grown.sizes, input->ndim, input->sizes) && torsh__same_sizes(grown.ndim, grown.sizes, spec->ndim, spec->sizes))
        return TORSH_OK;
    torsh__shape_text have, want;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' is %s, which doesn't broadcast to the product's shape %s", torsh__call_name(c),
                       torsh__shape_print(&have, input->ndim, input->sizes), torsh__shape_print(&want, spec->ndim, spec->sizes));
}

static torsh_status infer_addmm(torsh__call *c)
{
    torsh_status status = torsh__require_rank(c, 1, 2, 2);
    if (status == TORSH_OK) status = torsh__require_rank(c, 2, 2, 2);
    return status ? status : infer_add_product(c);
}

static torsh_status infer_baddbmm(torsh__call *c)
{
    torsh_status status = torsh__require_rank(c, 1, 3, 3);
    if (status == TORSH_OK) status = torsh__require_rank(c, 2, 3, 3);
    if (status == TORSH_OK) status = check_batches(c, 1, 2);
    return status ? status : infer_add_product(c);
}

static torsh_tensor scaled(torsh_tensor t, double factor)
{
    return factor == 1 ? t : torsh_mul(t, torsh_number(factor));
}

static void add_product_gradient(torsh__backward *b)
{
    double beta = b->node->values[3].f, alpha = b->node->values[4].f;
    torsh_tensor g = b->g[0];
    if (torsh__needs(b, 0)) {
        torsh__meta meta = torsh__input_meta(b, 0);
        b->result[0] = torsh__sum_to(scaled(g, beta), meta.ndim, meta.sizes);
    }
    if (torsh__needs(b, 1)) b->result[1] = scaled(torsh_matmul(g, adjoint(torsh__saved_input(b, 2))), alpha);
    if (torsh__needs(b, 2)) b->result[2] = scaled(torsh_matmul(adjoint(torsh__saved_input(b, 1)), g), alpha);
}

/* The kernels round to 16 bits once and scale integers: there the samples go one by one. */
static bool rounds_late(torsh_tensor t)
{
    torsh_dtype dtype = torsh_dtype_of(t);
    return dtype == TORSH_F32 || dtype == TORSH_F64 || torsh_dtype_is_complex(dtype);
}

static void batched_add_product(const torsh_value *values, torsh_tensor *results)
{
    torsh_tensor input = {values[0].handle}, product = torsh_matmul((torsh_tensor){values[1].handle}, (torsh_tensor){values[2].handle});
    double beta = values[3].f, alpha = values[4].f;
    results[0] = torsh__tensor_error(TORSH_UNSUPPORTED);
    if (beta != 0 && rounds_late(product)) results[0] = torsh_add(scaled(input, beta), scaled(product, alpha));
}

enum { SAVE_FACTORS = TORSH__SAVE_IN(1) | TORSH__SAVE_IN(2) };
static const torsh__impl impl_addmm = {.infer = infer_addmm, .gradient = add_product_gradient, .saves = SAVE_FACTORS, .batched = batched_add_product};
static const torsh__impl impl_baddbmm = {.infer = infer_baddbmm, .gradient = add_product_gradient, .saves = SAVE_FACTORS, .batched = batched_add_product};

/* ---- linear -------------------------------------------------------------------------------------------------- */

/* input (..., in), weight (out, in) or (in), bias (out) or 0-d: input weight' + bias. */
static torsh_status infer_linear(torsh__call *c)
{
    torsh_status status = infer_pair(c, 0, 1);
    if (status == TORSH_OK) status = torsh__require_rank(c, 1, 1, 2);
    if (status == TORSH_OK) status = torsh__require_rank(c, 0, 1, TORSH__MAX_RANK);
    if (status) return status;
    const torsh_operand *x = &c->input[0]->view, *w = &c->input[1]->view;
    if (x->sizes[x->ndim - 1] != w->sizes[w->ndim - 1]) {
        torsh__shape_text left, right;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "linear: 'input' is %s and 'weight' is %s; their last dimensions (%lld and %lld) must be equal",
                           torsh__shape_print(&left, x->ndim, x->sizes), torsh__shape_print(&right, w->ndim, w->sizes),
                           (long long)x->sizes[x->ndim - 1], (long long)w->sizes[w->ndim - 1]);
    }
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim - 1, x->sizes);
    if (w->ndim == 2) spec->sizes[spec->ndim++] = w->sizes[0];
    if (!c->input[2]) return TORSH_OK;
    const torsh_operand *bias = &c->input[2]->view;
    int64_t out = w->ndim == 2 ? w->sizes[0] : 1;
    if (bias->ndim > w->ndim - 1 || (bias->ndim == 1 && bias->sizes[0] != out && bias->sizes[0] != 1)) {
        torsh__shape_text have;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "linear: 'bias' is %s; it must be [%lld], a number for each row of 'weight'",
                           torsh__shape_print(&have, bias->ndim, bias->sizes), (long long)out);
    }
    return torsh__require_same_dtype(c, 0, 2);
}

/* The weight's gradient is grad' input and the bias's the sum of grad's rows: one op when both are asked for. */
static void linear_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0];
    torsh__meta meta = b->node->outputs_meta[0];
    bool vector = torsh__needs(b, 1) && torsh__input_meta(b, 1).ndim == 1; /* weight (in): no last dim in the result */
    if (torsh__needs(b, 0)) {
        torsh_tensor w = torsh__conjugate(torsh__saved_input(b, 1));
        bool flat = torsh_ndim(w) == 1;
        b->result[0] = flat ? torsh_mul(torsh_unsqueeze(g, -1), w) : torsh_matmul(g, w);
    }
    if (torsh__needs(b, 1)) {
        torsh_pair both = torsh__linear_backward(vector ? torsh_unsqueeze(g, -1) : g, torsh__conjugate(torsh__saved_input(b, 0)));
        b->result[1] = vector ? torsh_squeeze(both.first, TORSH_DIMS(0)) : both.first;
        if (torsh__needs(b, 2)) b->result[2] = both.second;
    } else if (torsh__needs(b, 2)) {
        b->result[2] = g;
    }
    if (!torsh__needs(b, 2)) return;
    torsh__meta bias = torsh__input_meta(b, 2);
    if (!torsh__needs(b, 1) || bias.ndim == 0 || (meta.ndim > 0 && bias.sizes[0] != meta.sizes[meta.ndim - 1]))
        b->result[2] = torsh__sum_to(b->result[2], bias.ndim, bias.sizes);
}
/* Inside vmap with a weight or bias that differs by sample. */
static void batched_linear(const torsh_value *values, torsh_tensor *results)
{
    torsh_tensor input = {values[0].handle}, weight = {values[1].handle}, bias = {values[2].handle};
    results[0] = torsh__tensor_error(TORSH_UNSUPPORTED);
    if (torsh_ndim(weight) != 2 || !rounds_late(input)) return;
    results[0] = torsh_matmul(input, torsh_transpose(weight, 0, 1));
    if (bias.id) results[0] = torsh_add(results[0], bias);
}
static const torsh__impl impl_linear = {
    .infer = infer_linear, .gradient = linear_gradient, .saves = SAVE_BOTH, .reads = {TORSH__SAVE_IN(1), TORSH__SAVE_IN(0)}, .batch = TORSH__BATCH_FIRST,
    .batched = batched_linear, .forward = TORSH__FORWARD_PRODUCT};

static torsh_status infer_linear_backward(torsh__call *c)
{
    torsh_status status = infer_pair(c, 0, 1);
    if (status == TORSH_OK) status = torsh__require_rank(c, 0, 1, TORSH__MAX_RANK);
    if (status == TORSH_OK) status = torsh__require_rank(c, 1, 1, TORSH__MAX_RANK);
    if (status) return status;
    const torsh_operand *g = &c->input[0]->view, *x = &c->input[1]->view;
    if (!torsh__same_sizes(g->ndim - 1, g->sizes, x->ndim - 1, x->sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "linear_backward: 'grad' and 'input' differ in a dimension before the last");
    int64_t sizes[2] = {g->sizes[g->ndim - 1], x->sizes[x->ndim - 1]};
    torsh__out_spec(c, 0, c->compute, 2, sizes);
    torsh__out_spec(c, 1, c->compute, 1, sizes);
    return TORSH_OK;
}

/* With u, v the gradients of (grad' input, sum of grad): grad's is input u' + v, a linear again; input's is grad u. */
static void linear_backward_gradient(torsh__backward *b)
{
    torsh_tensor u = b->g[0], v = b->g[1];
    torsh_tensor g = torsh__saved_input(b, 0), x = torsh__conjugate(torsh__saved_input(b, 1));
    if (torsh__needs(b, 0) && u.id) b->result[0] = torsh_linear(x, u, v);
    else if (torsh__needs(b, 0)) b->result[0] = torsh_add(torsh_zeros_like(g), v);
    if (torsh__needs(b, 1) && u.id) b->result[1] = torsh_matmul(torsh__conjugate(g), u);
}
static const torsh__impl impl_linear_backward = {.infer = infer_linear_backward, .gradient = linear_backward_gradient, .saves = SAVE_BOTH};

#include "define_rows.h"

#include "matmul.def"
