/* Sorting and selecting along a dim. Rows: table/sort.def. NaN counts as larger than all. */
#include "gradient.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/sort.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "reduce.def"
#include "declare_rows.h"

static torsh_status begin(torsh__call *c, int dim_param, int *dim)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__wrap_dim(torsh__call_name(c), c->values[dim_param].i, v->ndim, dim);
    if (status) return status;
    c->values[dim_param].i = *dim;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__out_spec(c, 1, TORSH_I64, v->ndim, v->sizes);
    return TORSH_OK;
}

/* g at the places that the values came from. */
static torsh_tensor put_back(torsh__backward *b, torsh_tensor g, torsh_tensor indices, int64_t dim)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    if (meta.ndim == 0) return g;
    return torsh_scatter_add(torsh_zeros(meta.sizes, (size_t)meta.ndim, meta.dtype, meta.device), dim, indices, g);
}

static torsh_status infer_sort(torsh__call *c)
{
    int dim;
    return begin(c, 1, &dim);
}

static void sort_gradient(torsh__backward *b)
{
    b->result[0] = put_back(b, b->g[0], torsh__saved_output(b, 1), b->node->values[1].i);
}
static const torsh__impl impl_sort = {.infer = infer_sort, .gradient = sort_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};

torsh_tensor torsh_argsort(torsh_tensor input, int64_t dim, bool descending, bool stable)
{
    torsh_values r = torsh_sort(input, dim, descending, stable);
    torsh_release(r.values);
    return r.indices;
}

static torsh_status need_k(const torsh__call *c, int64_t least, int64_t size)
{
    int64_t k = c->values[1].i;
    if (k >= least && k <= size) return TORSH_OK;
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: k is %lld; it must be in [%lld, %lld], the size of the dimension", torsh__call_name(c), (long long)k,
                       (long long)least, (long long)size);
}

static torsh_status infer_topk(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = begin(c, 2, &dim);
    if (status == TORSH_OK) status = need_k(c, 0, v->ndim ? v->sizes[dim] : 1);
    for (int i = 0; i < 2 && status == TORSH_OK && v->ndim; i++) c->spec[i].sizes[dim] = c->values[1].i;
    return status;
}

static void topk_gradient(torsh__backward *b)
{
    b->result[0] = put_back(b, b->g[0], torsh__saved_output(b, 1), b->node->values[2].i);
}
static const torsh__impl impl_topk = {.infer = infer_topk, .gradient = topk_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};

static torsh_status infer_kthvalue(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = begin(c, 2, &dim);
    if (status == TORSH_OK) status = need_k(c, 1, v->ndim ? v->sizes[dim] : 1);
    for (int i = 0; i < 2 && status == TORSH_OK && v->ndim; i++) {
        torsh__spec *spec = &c->spec[i];
        spec->sizes[dim] = 1;
        if (c->values[3].i) continue;
        for (int d = dim; d + 1 < spec->ndim; d++) spec->sizes[d] = spec->sizes[d + 1];
        spec->ndim--;
    }
    return status;
}

static void kthvalue_gradient(torsh__backward *b)
{
    int64_t dim = b->node->values[2].i;
    torsh_tensor g = b->g[0], indices = torsh__saved_output(b, 1);
    if (!b->node->values[3].i && torsh__input_meta(b, 0).ndim > 0) {
        g = torsh_unsqueeze(g, dim);
        indices = torsh_unsqueeze(indices, dim);
    }
    b->result[0] = put_back(b, g, indices, dim);
}
static const torsh__impl impl_kthvalue = {.infer = infer_kthvalue, .gradient = kthvalue_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};

static torsh_tensor compose_msort(torsh_tensor input)
{
    return torsh_sort(input, 0, false, false).values;
}

/* ---- medians, the most frequent ------------------------------------------------------------------------------ */

static torsh_status infer_picked(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = begin(c, 1, &dim);
    if (status) return status;
    if (v->ndim && v->sizes[dim] == 0)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: dim %d of 'input' has no elements, and there is no result for none", torsh__call_name(c), dim);
    for (int i = 0; i < 2 && v->ndim; i++) {
        torsh__spec *spec = &c->spec[i];
        spec->sizes[dim] = 1;
        if (c->values[2].i) continue;
        for (int d = dim; d + 1 < spec->ndim; d++) spec->sizes[d] = spec->sizes[d + 1];
        spec->ndim--;
    }
    return TORSH_OK;
}

static void picked_gradient(torsh__backward *b)
{
    int64_t dim = b->node->values[1].i;
    torsh_tensor g = b->g[0], indices = torsh__saved_output(b, 1);
    if (!b->node->values[2].i && torsh__input_meta(b, 0).ndim > 0) {
        g = torsh_unsqueeze(g, dim);
        indices = torsh_unsqueeze(indices, dim);
    }
    b->result[0] = put_back(b, g, indices, dim);
}
static const torsh__impl impl_median_dim = {.infer = infer_picked, .gradient = picked_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_nanmedian_dim = {.infer = infer_picked, .gradient = picked_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_mode = {.infer = infer_picked, .gradient = picked_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};

static torsh_status infer_median(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status) return status;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, 0, NULL);
    return TORSH_OK;
}

/* Of no elements: NaN, and an integer's least number. */
static torsh_status run_median(torsh__call *c)
{
    torsh_tensor x = torsh_reshape(torsh__tensor_share(c->input[0]), TORSH_DIMS(-1)), result;
    if (c->input[0]->view.numel == 0) {
        bool floating = torsh_dtype_is_floating_point(c->compute);
        result = floating ? torsh_number(0.0 / 0.0) : torsh_scalar(c->compute == TORSH_U8 ? 0 : -ldexp(1, (int)torsh__dtypes[c->compute].size * 8 - 1), c->compute, TORSH_CPU);
    } else {
        result = (c->op->info.name[0] == 'n' ? torsh_nanmedian_dim(x, 0, false) : torsh_median_dim(x, 0, false)).values;
    }
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), result).id);
}

static void median_gradient(torsh__backward *b)
{
    torsh_tensor x = torsh__saved_input(b, 0), y = torsh__saved_output(b, 0);
    torsh_tensor equal = torsh_where(torsh_isnan(y), torsh_isnan(x), torsh_eq(x, y));
    b->result[0] = torsh__mask_grad(torsh_div(b->g[0], torsh_sum(equal, TORSH_ALL_DIMS, false)), equal);
}
static const torsh__impl impl_median = {
    .infer = infer_median, .run = run_median, .gradient = median_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};
static const torsh__impl impl_nanmedian = {
    .infer = infer_median, .run = run_median, .gradient = median_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_OUT(0)};

/* ---- quantiles ----------------------------------------------------------------------------------------------- */

static const char *const interpolations[] = {"linear", "lower", "higher", "midpoint", "nearest"};

static torsh_status check_quantile(const char *name, torsh_tensor x, torsh_tensor q, const char *interpolation, int *way)
{
    torsh_dtype dtype = torsh_dtype_of(x);
    if (dtype != TORSH_F32 && dtype != TORSH_F64) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: 'input' must be f32 or f64; it is %s", name, torsh_dtype_name(dtype));
    if (torsh_numel(x) == 0) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' has no elements", name);
    if (torsh_ndim(q) > 1) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'q' must be a number or 1-D; it is %s", name, torsh_shape_text(q));
    if (torsh_ndim(q) == 1 && torsh_dtype_of(q) != dtype)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: 'q' is %s and 'input' %s; they must have the same dtype", name, torsh_dtype_name(torsh_dtype_of(q)), torsh_dtype_name(dtype));
    int64_t outside = 0;
    torsh_status status = torsh_item_i64(torsh_any(torsh_logical_not(torsh_logical_and(torsh_ge(q, torsh_number(0)), torsh_le(q, torsh_number(1)))), TORSH_ALL_DIMS, false), &outside);
    if (status == TORSH_OK && outside) status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: the elements of 'q' must be in [0, 1]", name);
    for (*way = 0; *way < 5 && strcmp(interpolation, interpolations[*way]) != 0;) ++*way;
    if (status == TORSH_OK && *way == 5)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: interpolation must be linear, lower, higher, midpoint or nearest; it is \"%.40s\"", name, interpolation);
    return status;
}

/* Whether a few elements of each row are found without sorting it: only where no row has NaN, which would change the ranks. */
static bool selects(torsh_tensor rows, torsh_tensor q)
{
    double largest = NAN;
    if (torsh_dtype_of(rows) != TORSH_F32 || torsh_numel(q) > 2 || torsh_device_of(rows) != TORSH_CPU) return false;
    return torsh_item_f64(torsh_amax(rows, TORSH_ALL_DIMS, false), &largest) == TORSH_OK && !isnan(largest);
}

/* As at_ranks, of rows that are not sorted. */
static torsh_tensor select_ranks(torsh_tensor rows, torsh_tensor q, int way)
{
    int64_t n = torsh_size(rows, -1), count = torsh_numel(q);
    torsh_tensor found[2] = {{0}};
    for (int64_t i = 0; i < count; i++) {
        torsh_tensor ranks = torsh_mul(torsh_narrow(q, 0, i, 1), torsh_number((double)(n - 1)));
        float rank = (float)torsh_item(ranks);
        rank = way == 1 ? floorf(rank) : way == 2 ? ceilf(rank) : way == 4 ? rintf(rank) : rank;
        int64_t low = (int64_t)rank, high = (int64_t)ceilf(rank);
        torsh_tensor below = torsh_kthvalue(rows, low + 1, -1, true).values, above = high == low ? below : torsh_kthvalue(rows, high + 1, -1, true).values;
        torsh_tensor weight = way == 3 ? torsh_full_like(ranks, 0.5) : torsh_sub(ranks, torsh_number((double)low));
        found[i] = way == 0 || way == 3 ? torsh_lerp(below, above, weight) : below;
    }
    return torsh_cat(found, (size_t)count, -1);
}

/* Along the last dim of sorted: the elements at q of the way, (..., q's). */
static torsh_tensor at_ranks(torsh_tensor sorted, torsh_tensor q, int way, bool skip_nan)
{
    int64_t n = torsh_size(sorted, -1), last = -1;
    torsh_tensor ranks;
    if (skip_nan) {
        torsh_tensor found = torsh_sub(torsh__count_true(torsh_eq(sorted, sorted), &last, 1, true), torsh_number(1));
        ranks = torsh_clamp(torsh_mul(q, torsh_to_dtype(found, torsh_dtype_of(sorted))), 0, (double)n);
    } else { /* NaN is sorted last */
        ranks = torsh_where(torsh_isnan(torsh_narrow(sorted, -1, n - 1, 1)), torsh_number((double)(n - 1)), torsh_mul(q, torsh_number((double)(n - 1))));
    }
    if (way == 1) ranks = torsh_floor(ranks);
    if (way == 2) ranks = torsh_ceil(ranks);
    if (way == 4) ranks = torsh_round(ranks);
    torsh_tensor low = torsh_to_dtype(ranks, TORSH_I64), below = torsh_gather(sorted, -1, low);
    if (way == 1 || way == 2 || way == 4) return below;
    torsh_tensor above = torsh_gather(sorted, -1, torsh_to_dtype(torsh_ceil(ranks), TORSH_I64));
    return torsh_lerp(below, above, way == 3 ? torsh_full_like(ranks, 0.5) : torsh_sub(ranks, torsh_to_dtype(low, torsh_dtype_of(ranks))));
}

static torsh_tensor quantile(const char *name, torsh_tensor x, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation, bool skip_nan)
{
    int way = 0, along = 0, ndim = torsh_ndim(x), q_dims = torsh_ndim(q);
    torsh_status status = check_quantile(name, x, q, interpolation, &way);
    if (status == TORSH_OK && count > 1) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: takes one dim or none; %zu were given", name, count);
    if (status == TORSH_OK && count) status = torsh__wrap_dim(name, dim[0], ndim, &along);
    if (status) return torsh__tensor_error(status);
    torsh_tensor rows = count && ndim ? torsh_movedim(x, along, -1) : torsh_reshape(x, TORSH_DIMS(-1));
    torsh_tensor ranks = torsh_reshape(torsh_to_dtype(q, torsh_dtype_of(x)), TORSH_DIMS(-1));
    torsh_tensor found = selects(rows, ranks) ? select_ranks(rows, ranks, way) : at_ranks(torsh_sort(rows, -1, false, false).values, ranks, way, skip_nan);
    torsh_tensor result = torsh_movedim(found, -1, 0);
    if (keepdim && count && ndim) result = torsh_unsqueeze(result, along + 1);
    for (int d = 0; d < ndim && keepdim && !count; d++) result = torsh_unsqueeze(result, -1);
    return q_dims ? result : torsh_select(result, 0, 0);
}

static torsh_tensor compose_quantile(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation)
{
    return quantile("quantile", input, q, dim, count, keepdim, interpolation, false);
}

static torsh_tensor compose_nanquantile(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation)
{
    return quantile("nanquantile", input, q, dim, count, keepdim, interpolation, true);
}

#include "define_rows.h"

#include "sort.def"
