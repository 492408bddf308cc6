/* Running sums, products, maxima: shapes and gradients. Rows: table/scan.def. */
#include "composed.h"
#include "reduce.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/scan.h>
#include <torsh/ops/view.h>

#define TABLE "scan.def"
#include "declare_rows.h"

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
static const torsh__impl impl_cumsum = {.infer = infer_widening, .gradient = cumsum_gradient, .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_LINEAR};

/* t one place later along dim, its first element twice: for factors, whose first isn't read. */
static torsh_tensor later(torsh_tensor t, int64_t dim)
{
    torsh_tensor first = torsh_narrow(t, dim, 0, 1), rest = torsh_narrow(t, dim, 0, torsh_size(t, dim) - 1);
    return torsh_cat(TORSH_TENSORS(first, rest), dim);
}

/* t one place later along dim, with `value` for the first. */
static torsh_tensor later_from(torsh_tensor t, double value, int64_t dim)
{
    torsh_tensor first = torsh_full_like(torsh_narrow(t, dim, 0, 1), value), rest = torsh_narrow(t, dim, 0, torsh_size(t, dim) - 1);
    return torsh_cat(TORSH_TENSORS(first, rest), dim);
}

/* From the end: element i is g_i + factor_(i+1) times element i + 1. */
static torsh_tensor recurrence_from_end(torsh_tensor g, torsh_tensor factor, int64_t dim)
{
    return torsh_flip(torsh__recurrence(torsh_flip(g, &dim, 1), later(torsh_flip(factor, &dim, 1), dim), dim), &dim, 1);
}

/* Product i is x_1 ... x_i, so by x_k: what comes before k, times the sum over i >= k of g_i x_(k+1) ... x_i. No division, so zeros
 * are numbers as others, in each derivative (FunctionsManual.cpp cumprod_backward has cases for them). */
static void cumprod_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0], x = torsh__conjugate(torsh__saved_input(b, 0));
    int64_t dim = b->node->values[1].i;
    torsh__meta meta = torsh__input_meta(b, 0);
    if (meta.ndim == 0 || meta.sizes[dim] == 0) {
        b->result[0] = g;
        return;
    }
    torsh_tensor before = torsh_cumprod(later_from(x, 1, dim), dim);
    b->result[0] = torsh_mul(before, recurrence_from_end(g, x, dim));
}
static const torsh__impl impl_cumprod = {
    .infer = infer_widening, .gradient = cumprod_gradient, .saves = TORSH__SAVE_IN(0), .batch = TORSH__BATCH_ALL};

static torsh_status infer_recurrence(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view, *factor = &c->input[1]->view;
    int dim;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__wrap_dim(torsh__call_name(c), c->values[2].i, v->ndim, &dim);
    if (status) return status;
    if (!torsh__same_sizes(v->ndim, v->sizes, factor->ndim, factor->sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' and 'factor' must have the same shape", torsh__call_name(c));
    c->values[2].i = dim;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return TORSH_OK;
}

/* The same from the end, with the factors conjugated; by a factor that, times the element before. */
static void recurrence_gradient(torsh__backward *b)
{
    int64_t dim = b->node->values[2].i;
    torsh_tensor g = b->g[0];
    bool whole = torsh_ndim(g) == 0 || torsh_size(g, dim) == 0;
    torsh_tensor back = whole ? g : recurrence_from_end(g, torsh__conjugate(torsh__saved_input(b, 1)), dim);
    if (torsh__needs(b, 0)) b->result[0] = back;
    if (!torsh__needs(b, 1)) return;
    torsh_tensor y = torsh__saved_output(b, 0);
    b->result[1] = whole ? torsh_zeros_like(y) : torsh_mul(back, torsh__conjugate(later_from(y, 0, dim)));
}
static const torsh__impl impl_recurrence = {
    .infer = infer_recurrence, .gradient = recurrence_gradient, .saves = TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(0),
    .reads = {TORSH__SAVE_IN(1), TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(0)}, .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_LINEAR};

/* y_i = log(exp(y_(i-1)) + exp(x_i)), so dy_i = exp(y_(i-1) - y_i) dy_(i-1) + exp(x_i - y_i) dx_i: factors of at most 1. */
static void logcumsumexp_gradient(torsh__backward *b)
{
    torsh_tensor g = b->g[0], x = torsh__saved_input(b, 0), y = torsh__saved_output(b, 0);
    int64_t dim = b->node->values[1].i;
    if (torsh_ndim(g) == 0 || torsh_size(g, dim) == 0) {
        b->result[0] = g;
        return;
    }
    torsh_tensor finite = torsh_where(torsh_isfinite(y), y, torsh_number(0)); /* where all so far was -inf, -inf - -inf would be NaN */
    torsh_tensor factor = torsh_exp(torsh_sub(later_from(y, 0, dim), finite));
    b->result[0] = torsh_mul(recurrence_from_end(g, torsh__conjugate(factor), dim), torsh__conjugate(torsh_exp(torsh_sub(x, finite))));
}
static const torsh__impl impl_logcumsumexp = {
    .infer = infer_same, .gradient = logcumsumexp_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL};

static void extreme_gradient(torsh__backward *b)
{
    b->result[0] = torsh__scatter_grad(b, b->g[0], torsh__saved_output(b, 1), b->node->values[1].i, true);
}
static const torsh__impl impl_cummax = {.infer = infer_same, .gradient = extreme_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_cummin = {.infer = infer_same, .gradient = extreme_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};

static torsh_tensor compose_cumsum_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype)
{
    return torsh__as_dtype(torsh_cumsum(torsh__as_dtype(input, dtype), dim), dtype);
}

static torsh_tensor compose_cumprod_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype)
{
    return torsh__as_dtype(torsh_cumprod(torsh__as_dtype(input, dtype), dim), dtype);
}

/* ---- differences, integrals ---------------------------------------------------------------------------------- */

static torsh_tensor but_first(torsh_tensor t, int64_t dim)
{
    return torsh_narrow(t, dim, 1, torsh_size(t, dim) - 1);
}

static torsh_tensor but_last(torsh_tensor t, int64_t dim)
{
    return torsh_narrow(t, dim, 0, torsh_size(t, dim) - 1);
}

static torsh_tensor compose_diff(torsh_tensor input, int64_t n, int64_t dim, torsh_tensor prepend, torsh_tensor append)
{
    if (n < 0) return torsh__refuse(TORSH_OUT_OF_RANGE, "diff: n is %lld; it can't be negative", (long long)n);
    if (torsh_ndim(input) == 0) return torsh__refuse(TORSH_SHAPE_MISMATCH, "diff: 'input' must have a dimension; it is a number");
    if (n == 0) return torsh_clone(input);
    torsh_tensor parts[3];
    size_t count = 0;
    if (prepend.id) parts[count++] = prepend;
    parts[count++] = input;
    if (append.id) parts[count++] = append;
    torsh_tensor x = count > 1 ? torsh_cat(parts, count, dim) : torsh_share(input);
    int64_t size = TORSH_FAILED(x) ? 0 : torsh_size(x, dim);
    if (n > size && size >= 0) n = size;
    for (int64_t i = 0; i < n && !TORSH_FAILED(x); i++) {
        if (torsh_size(x, dim) == 0) return x;
        torsh_tensor high = but_first(x, dim), low = but_last(x, dim);
        x = torsh_dtype_of(x) == TORSH_BOOL ? torsh_logical_xor(high, low) : torsh_sub(high, low);
    }
    return x;
}

/* The widths between the points x along dim, in a shape that broadcasts with y's; x may be 1-D. */
static torsh_tensor widths(torsh_tensor y, torsh_tensor x, int64_t dim)
{
    int64_t sizes[TORSH__MAX_RANK], ndim = torsh_ndim(y), given = torsh_ndim(x);
    if (ndim == 0) return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: 'y' must have a dimension", "trapezoid");
    if (given == 0) return torsh__refuse(TORSH_SHAPE_MISMATCH, "trapezoid: 'x' must have a dimension; a number is given as dx");
    if (given < ndim) { /* 1-D lies along dim; of more dims the first ones are missing */
        int64_t along = dim < 0 ? dim + ndim : dim;
        for (int64_t d = 0; d < ndim; d++) sizes[d] = given == 1 ? (d == along ? torsh_size(x, 0) : 1) : d < ndim - given ? 1 : torsh_size(x, d - (ndim - given));
        x = torsh_reshape(x, sizes, (size_t)ndim);
    }
    return torsh_sub(but_first(x, dim), but_last(x, dim));
}

static torsh_tensor pair_sums(torsh_tensor y, int64_t dim)
{
    return torsh_add(but_first(y, dim), but_last(y, dim));
}

static torsh_tensor area(torsh_tensor y, torsh_tensor x, double dx, int64_t dim)
{
    if (torsh_ndim(y) > 0 && torsh_size(y, dim) == 0) return torsh_sum(y, &dim, 1, false);
    if (x.id) return torsh_mul(torsh_sum(torsh_mul(pair_sums(y, dim), widths(y, x, dim)), &dim, 1, false), torsh_number(0.5));
    torsh_tensor ends = torsh_mul(torsh_add(torsh_select(y, dim, 0), torsh_select(y, dim, -1)), torsh_number(0.5));
    return torsh_mul(torsh_sub(torsh_sum(y, &dim, 1, false), ends), torsh_number(dx));
}

static torsh_tensor running_area(torsh_tensor y, torsh_tensor x, double dx, int64_t dim)
{
    torsh_tensor areas = x.id ? torsh_mul(torsh_mul(pair_sums(y, dim), widths(y, x, dim)), torsh_number(0.5)) : torsh_mul(pair_sums(y, dim), torsh_number(dx / 2));
    return torsh_cumsum(areas, dim);
}

/* 16-bit floats are rounded once, at the end. */
static torsh_tensor integral(torsh_tensor (*of)(torsh_tensor, torsh_tensor, double, int64_t), torsh_tensor y, torsh_tensor x, double dx, int64_t dim)
{
    torsh_dtype dtype = torsh_dtype_of(y);
    if ((dtype != TORSH_F16 && dtype != TORSH_BF16) || (x.id && torsh_dtype_of(x) != dtype)) return of(y, x, dx, dim);
    return torsh_to_dtype(of(torsh_to_dtype(y, TORSH_F32), x.id ? torsh_to_dtype(x, TORSH_F32) : x, dx, dim), dtype);
}

static torsh_tensor compose_trapezoid(torsh_tensor y, torsh_tensor x, double dx, int64_t dim)
{
    return integral(area, y, x, dx, dim);
}

static torsh_tensor compose_trapz(torsh_tensor y, torsh_tensor x, double dx, int64_t dim)
{
    return integral(area, y, x, dx, dim);
}

static torsh_tensor compose_cumulative_trapezoid(torsh_tensor y, torsh_tensor x, double dx, int64_t dim)
{
    return integral(running_area, y, x, dx, dim);
}

/* ---- slopes -------------------------------------------------------------------------------------------------- */

static torsh_tensor piece_of(torsh_tensor t, int64_t dim, int64_t start, int64_t from_end)
{
    return torsh_narrow(t, dim, start, torsh_size(t, dim) - start - from_end);
}

/* The slope at a border from one or two steps inwards: a + b f(near) + c f(far) over widths w and v of the first two steps. */
static torsh_tensor border(torsh_tensor f, int64_t dim, bool last, int64_t order, torsh_tensor w, torsh_tensor v)
{
    int64_t n = torsh_size(f, dim), at[3];
    for (int i = 0; i < 3; i++) at[i] = last ? n - 1 - i : i;
    torsh_tensor here = torsh_narrow(f, dim, at[0], 1), near = torsh_narrow(f, dim, at[1], 1), slope;
    if (order == 1) {
        slope = torsh_div(torsh_sub(near, here), w);
    } else {
        torsh_tensor both = torsh_add(w, v), far = torsh_narrow(f, dim, at[2], 1);
        torsh_tensor a = torsh_neg(torsh_div(torsh_add(torsh_add(w, w), v), torsh_mul(w, both)));
        torsh_tensor b = torsh_div(both, torsh_mul(w, v)), c = torsh_neg(torsh_div(w, torsh_mul(v, both)));
        slope = torsh_add(torsh_add(torsh_mul(a, here), torsh_mul(b, near)), torsh_mul(c, far));
    }
    return last ? torsh_neg(slope) : slope;
}

/* Second-order central differences along dim; spacing is a number or the places of the elements (numpy.gradient). */
static torsh_tensor slope_along(torsh_tensor f, torsh_tensor spacing, int64_t dim, int64_t order)
{
    int64_t n = torsh_size(f, dim), sizes[TORSH__MAX_RANK], ndim = torsh_ndim(f);
    torsh_tensor w[2][2], inner; /* at each border: the widths of the first two steps */
    if (torsh_ndim(spacing) == 0) {
        for (int i = 0; i < 4; i++) w[i / 2][i % 2] = spacing;
        inner = torsh_div(torsh_sub(piece_of(f, dim, 2, 0), piece_of(f, dim, 0, 2)), torsh_mul(spacing, torsh_number(2)));
    } else {
        for (int64_t d = 0; d < ndim; d++) sizes[d] = d == dim ? n - 1 : 1;
        torsh_tensor step = torsh_reshape(torsh_sub(piece_of(spacing, 0, 1, 0), piece_of(spacing, 0, 0, 1)), sizes, (size_t)ndim);
        for (int i = 0; i < 2; i++) {
            w[0][i] = torsh_narrow(step, dim, i < n - 1 ? i : 0, 1);
            w[1][i] = torsh_narrow(step, dim, i < n - 1 ? n - 2 - i : 0, 1);
        }
        torsh_tensor left = piece_of(step, dim, 0, 1), right = piece_of(step, dim, 1, 0), both = torsh_add(left, right);
        torsh_tensor a = torsh_neg(torsh_div(right, torsh_mul(left, both))), b = torsh_div(torsh_sub(right, left), torsh_mul(left, right));
        torsh_tensor c = torsh_div(left, torsh_mul(right, both));
        inner = torsh_add(torsh_add(torsh_mul(a, piece_of(f, dim, 0, 2)), torsh_mul(b, piece_of(f, dim, 1, 1))), torsh_mul(c, piece_of(f, dim, 2, 0)));
    }
    torsh_tensor first = border(f, dim, false, order, w[0][0], w[0][1]), last = border(f, dim, true, order, w[1][0], w[1][1]);
    return torsh_cat(TORSH_TENSORS(first, inner, last), dim);
}

static torsh_tensors slopes(torsh_tensor input, const torsh_tensor *spacing, size_t spacing_count, const int64_t *dim, size_t dim_count, int64_t edge_order)
{
    torsh_tensor made[TORSH__MAX_RANK];
    int64_t ndim = torsh_ndim(input), given = dim_count ? (int64_t)dim_count : ndim;
    if (ndim < 0) return (torsh_tensors){torsh__is_error(input.id) ? input.id : torsh__error_id(torsh__fail(TORSH_INVALID_HANDLE, "gradient: argument 'input' is no tensor"))};
    if (edge_order != 1 && edge_order != 2) return (torsh_tensors){torsh__error_id(torsh__fail(TORSH_OUT_OF_RANGE, "gradient: edge_order is %lld; it must be 1 or 2", (long long)edge_order))};
    if ((dim_count && !dim) || (spacing_count && !spacing)) return (torsh_tensors){torsh__error_id(torsh__fail(TORSH_INVALID_ARGUMENT, "gradient: argument '%s' is NULL", dim_count && !dim ? "dim" : "spacing"))};
    if (given > ndim || (spacing_count && (int64_t)spacing_count != given))
        return (torsh_tensors){torsh__error_id(torsh__fail(TORSH_SHAPE_MISMATCH, "gradient: %lld values of 'dim' and %zu of 'spacing' for an input of %lld dimensions", (long long)given, spacing_count, (long long)ndim))};
    uint64_t mask;
    torsh_status status = torsh__wrap_dims("gradient", dim, dim_count, (int)ndim, &mask);
    for (int64_t i = 0; i < given && status == TORSH_OK; i++) {
        int along;
        status = torsh__wrap_dim("gradient", dim_count ? dim[i] : i, (int)ndim, &along);
        torsh_tensor step = spacing_count ? spacing[i] : torsh_number(1);
        if (status == TORSH_OK) status = torsh_id_status(step.id);
        if (status == TORSH_OK && torsh_size(input, along) < edge_order + 1)
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "gradient: 'input' must have at least edge_order + 1 elements along each 'dim'; dimension %d has %lld", along, (long long)torsh_size(input, along));
        if (status == TORSH_OK && torsh_ndim(step) > 0 && (torsh_ndim(step) > 1 || torsh_size(step, 0) != torsh_size(input, along)))
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "gradient: 'spacing' must be a number, or 1-D with an element for each of dimension %d", along);
        if (status) break;
        made[i] = slope_along(input, step, along, edge_order);
        status = torsh_id_status(made[i].id);
    }
    return status ? (torsh_tensors){torsh__error_id(status)} : torsh_tensors_make(made, (size_t)given);
}

torsh_tensors torsh_gradient(torsh_tensor input, const torsh_tensor *spacing, size_t spacing_count, const int64_t *dim, size_t dim_count, int64_t edge_order)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensors list = slopes(input, spacing, spacing_count, dim, dim_count, edge_order);
    if (!TORSH_FAILED(list)) torsh_keep(list);
    return list;
}

#include "define_rows.h"

#include "scan.def"
