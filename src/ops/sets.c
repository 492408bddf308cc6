/* Counting, searching, distinct elements, combinations. Rows: table/sets.def. Nearly all are made of other ops: those whose
 * results' sizes depend on data wait for the device. */
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/scan.h>
#include <torsh/ops/sets.h>
#include <torsh/ops/sort.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "sets.def"
#include "declare_rows.h"

static torsh_tensor flat(torsh_tensor t)
{
    return torsh_reshape(t, TORSH_DIMS(-1));
}

/* ---- places in sorted sequences ------------------------------------------------------------------------------ */

static torsh_status infer_searchsorted(torsh__call *c)
{
    const torsh_operand *s = &c->input[0]->view, *v = &c->input[1]->view, *sorter = c->input[2] ? &c->input[2]->view : NULL;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)s->dtype);
    if (status == TORSH_OK) status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    torsh__shape_text left, right;
    bool number = v->ndim == 0;
    if (s->ndim == 0 || (s->ndim != 1 && (s->ndim != v->ndim || !torsh__same_sizes(s->ndim - 1, s->sizes, v->ndim - 1, v->sizes))))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'sorted_sequence' is %s and 'input' %s; it must be 1-D, or differ in the last dimension alone", torsh__call_name(c),
                           torsh__shape_print(&left, s->ndim, s->sizes), torsh__shape_print(&right, v->ndim, v->sizes));
    if (!number && s->dtype != v->dtype) return torsh__require_same_dtype(c, 0, 1);
    if (sorter && !torsh__same_sizes(s->ndim, s->sizes, sorter->ndim, sorter->sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'sorter' must have the shape of 'sorted_sequence', %s; it is %s", torsh__call_name(c),
                           torsh__shape_print(&left, s->ndim, s->sizes), torsh__shape_print(&right, sorter->ndim, sorter->sizes));
    if (sorter && sorter->dtype != TORSH_I64) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: 'sorter' must be i64; it is %s", torsh__call_name(c), torsh_dtype_name(torsh__dtype_of(c->input[2])));
    bool whole = torsh__dtypes[s->dtype].category <= TORSH__INTEGER && torsh__dtypes[v->dtype].category <= TORSH__INTEGER;
    c->compute = whole ? TORSH_I64 : TORSH_F64;
    torsh__out_spec(c, 0, c->values[2].i ? TORSH_I32 : TORSH_I64, v->ndim, v->sizes);
    return TORSH_OK;
}
static const torsh__impl impl_searchsorted = {.infer = infer_searchsorted, .flags = TORSH__CONSTANT};

static torsh_tensor compose_bucketize(torsh_tensor input, torsh_tensor boundaries, bool out_int32, bool right)
{
    if (torsh_ndim(boundaries) != 1) return torsh__refuse(TORSH_SHAPE_MISMATCH, "bucketize: 'boundaries' must be 1-D; it is %s", torsh_shape_text(boundaries));
    return torsh_searchsorted(boundaries, input, out_int32, right, (torsh_tensor){0});
}

/* ---- counts -------------------------------------------------------------------------------------------------- */

static torsh_tensor zeros(int64_t n, torsh_dtype dtype, torsh_tensor like)
{
    return torsh_zeros(TORSH_DIMS(n), dtype, torsh_device_of(like));
}

/* Without weights: each part is looked at for its largest and counted while it is in a cache. A larger one than those before makes all that are left
 * be looked at, so that the counts grow but twice. */
static torsh_tensor count_by_parts(torsh_tensor input, int64_t minlength)
{
    enum { PART = 1 << 18 };
    int64_t n = torsh_numel(input), size = minlength;
    torsh_tensor counts = zeros(size, TORSH_I64, input), one = torsh_integer(1);
    for (int64_t at = 0; at < n && !TORSH_FAILED(counts); at += PART) {
        torsh_tensor part = torsh_to_dtype(torsh_narrow(input, 0, at, n - at < PART ? n - at : PART), TORSH_I64);
        int64_t most = -1;
        torsh_status status = torsh_item_i64(torsh_amax(part, TORSH_ALL_DIMS, false), &most);
        if (status == TORSH_OK && most >= size && at > 0) status = torsh_item_i64(torsh_amax(torsh_narrow(input, 0, at, n - at), TORSH_ALL_DIMS, false), &most);
        if (status) return torsh__tensor_error(status);
        if (most >= size) {
            torsh_tensor fewer = counts;
            counts = torsh_constant_pad_nd(fewer, TORSH_DIMS(0, most - size + 1), torsh_integer(0));
            size = most + 1;
            torsh_release(fewer);
        }
        counts = torsh_scatter_add_(counts, 0, part, one);
        torsh_release(part);
    }
    return counts;
}

static torsh_tensor compose_bincount(torsh_tensor input, torsh_tensor weights, int64_t minlength)
{
    torsh_dtype dtype = torsh_dtype_of(input);
    if (torsh_ndim(input) != 1) return torsh__refuse(TORSH_SHAPE_MISMATCH, "bincount: 'input' must be 1-D; it is %s", torsh_shape_text(input));
    if (torsh__dtypes[dtype].category != TORSH__INTEGER) return torsh__refuse(TORSH_DTYPE_MISMATCH, "bincount: 'input' must be of integers; it is %s", torsh_dtype_name(dtype));
    if (minlength < 0) return torsh__refuse(TORSH_OUT_OF_RANGE, "bincount: minlength is %lld; it can't be negative", (long long)minlength);
    if (weights.id && (torsh_ndim(weights) != 1 || torsh_numel(weights) != torsh_numel(input)))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "bincount: 'weights' must have the shape of 'input'; it is %s", torsh_shape_text(weights));
    int64_t least = 0, most = -1;
    torsh_tensor counts;
    if (!weights.id) {
        counts = count_by_parts(input, minlength);
    } else {
        torsh_dtype kind = torsh_dtype_of(weights) == TORSH_F32 ? TORSH_F32 : TORSH_F64;
        torsh_status status = torsh_numel(input) > 0 ? torsh_item_i64(torsh_amax(input, TORSH_ALL_DIMS, false), &most) : TORSH_OK;
        if (status) return torsh__tensor_error(status);
        counts = torsh_scatter_add(zeros(most + 1 > minlength ? most + 1 : minlength, kind, input), 0, torsh_to_dtype(input, TORSH_I64), torsh_to_dtype(weights, kind));
    }
    if (!TORSH_FAILED(counts)) return counts;
    torsh_item_i64(torsh_amin(input, TORSH_ALL_DIMS, false), &least); /* its sums look at each index */
    return least < 0 ? torsh__refuse_instead(TORSH_OUT_OF_RANGE, "bincount: 'input' has negative elements") : counts;
}

/* The range of a histogram: the given one, or where its ends are equal that of the elements, widened on each side if they are all equal. */
static torsh_status range_of(const char *name, torsh_tensor x, double widen, double *low, double *high)
{
    torsh_status status = TORSH_OK;
    if (*low == *high && torsh_numel(x) > 0) {
        status = torsh_item_f64(torsh_amin(x, TORSH_ALL_DIMS, false), low);
        if (status == TORSH_OK) status = torsh_item_f64(torsh_amax(x, TORSH_ALL_DIMS, false), high);
        if (status) return status;
    }
    if (*low == *high && torsh_numel(x) == 0 && widen < 1) *high = 1;
    if (*low == *high) *low -= widen, *high += widen;
    if (!isfinite(*low) || !isfinite(*high)) status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: the range from min %g to max %g is not finite", name, *low, *high);
    else if (*low > *high) status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: max must be larger than min; they are %g and %g", name, *high, *low);
    return status;
}

static torsh_status check_floats(const char *name, torsh_tensor x)
{
    torsh_dtype dtype = torsh_dtype_of(x);
    return torsh_dtype_is_floating_point(dtype) ? TORSH_OK : torsh__fail(TORSH_DTYPE_MISMATCH, "%s: 'input' must be floating point; it is %s", name, torsh_dtype_name(dtype));
}

/* weights (null: 1 each) summed by place, those outside [0, bins) left out. */
static torsh_tensor sum_places(torsh_tensor places, torsh_tensor inside, torsh_tensor weight, int64_t bins, torsh_dtype dtype)
{
    torsh_tensor none = torsh_number(0), index = torsh_where(inside, torsh_to_dtype(places, TORSH_I64), torsh_integer(0));
    torsh_tensor each = weight.id ? torsh_where(inside, weight, none) : torsh_to_dtype(inside, dtype);
    return torsh_scatter_add(zeros(bins, dtype, places), 0, index, each);
}

static torsh_tensor compose_histc(torsh_tensor input, int64_t bins, double min, double max)
{
    torsh_status status = check_floats("histc", input);
    if (status == TORSH_OK && bins <= 0) status = torsh__fail(TORSH_OUT_OF_RANGE, "histc: bins is %lld; it must be positive", (long long)bins);
    if (status == TORSH_OK) status = range_of("histc", input, 1, &min, &max);
    if (status) return torsh__tensor_error(status);
    torsh_tensor x = flat(input), low = torsh_number(min), high = torsh_number(max);
    torsh_tensor place = torsh_floor(torsh_div(torsh_mul(torsh_sub(x, low), torsh_number((double)bins)), torsh_number(max - min)));
    torsh_tensor inside = torsh_logical_and(torsh_ge(x, low), torsh_le(x, high));
    return sum_places(torsh_clamp(place, 0, (double)(bins - 1)), inside, (torsh_tensor){0}, bins, torsh_dtype_of(input));
}

static torsh_status infer_bin_sums(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view, *edges = &c->input[1]->view;
    torsh_status status = torsh__require_rank(c, 1, 1, 1);
    if (status == TORSH_OK) status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    if (status == TORSH_OK && c->input[2]) status = torsh__require_same_dtype(c, 0, 2);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK && (edges->numel < 2 || (c->input[2] && c->input[2]->view.numel != v->numel)))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: takes 2 or more edges, and a weight for each element or none", torsh__call_name(c));
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, 1, (const int64_t[]){edges->numel - 1});
    return status;
}
static const torsh__impl impl_bin_sums = {.infer = infer_bin_sums, .flags = TORSH__CONSTANT};

/* Counts between the edges, of which the last counts to the last bin. */
static torsh_pair count_between(torsh_tensor input, torsh_tensor edges, torsh_tensor weight, bool density)
{
    int64_t bins = torsh_numel(edges) - 1;
    torsh_tensor counts = torsh__bin_sums(input, edges, weight);
    if (density) {
        torsh_tensor width = torsh_sub(torsh_narrow(edges, 0, 1, bins), torsh_narrow(edges, 0, 0, bins));
        counts = torsh_div(counts, torsh_mul(width, torsh_sum(counts, TORSH_ALL_DIMS, false)));
    }
    return (torsh_pair){counts, edges};
}

static torsh_status check_histogram(const char *name, torsh_tensor input, torsh_tensor weight)
{
    torsh_status status = check_floats(name, input);
    if (status || !weight.id) return status;
    if (torsh_numel(weight) != torsh_numel(input) || torsh_ndim(weight) != torsh_ndim(input))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'weight' must have the shape of 'input'; it is %s", name, torsh_shape_text(weight));
    if (torsh_dtype_of(weight) != torsh_dtype_of(input)) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: 'weight' must have the dtype of 'input'", name);
    return TORSH_OK;
}

static torsh_pair compose_histogram(torsh_tensor input, int64_t bins, double min, double max, torsh_tensor weight, bool density)
{
    torsh_status status = check_histogram("histogram", input, weight);
    if (status == TORSH_OK && bins <= 0) status = torsh__fail(TORSH_OUT_OF_RANGE, "histogram: bins is %lld; it must be positive", (long long)bins);
    if (status == TORSH_OK) status = range_of("histogram", input, 0.5, &min, &max);
    if (status) return (torsh_pair){torsh__tensor_error(status), torsh__tensor_error(status)};
    return count_between(input, torsh_linspace(min, max, bins + 1, torsh_dtype_of(input), torsh_device_of(input)), weight, density);
}

static torsh_pair compose_histogram_bins(torsh_tensor input, torsh_tensor bins, torsh_tensor weight, bool density)
{
    torsh_status status = check_histogram("histogram_bins", input, weight);
    if (status == TORSH_OK && (torsh_ndim(bins) != 1 || torsh_numel(bins) < 2)) status = torsh__fail(TORSH_SHAPE_MISMATCH, "histogram_bins: 'bins' must be 1-D with at least 2 edges; it is %s", torsh_shape_text(bins));
    if (status == TORSH_OK && torsh_dtype_of(bins) != torsh_dtype_of(input)) status = torsh__fail(TORSH_DTYPE_MISMATCH, "histogram_bins: 'bins' must have the dtype of 'input'");
    if (status) return (torsh_pair){torsh__tensor_error(status), torsh__tensor_error(status)};
    return count_between(input, bins, weight, density);
}

/* ---- counts in several dims ---------------------------------------------------------------------------------- */

/* Counts of the rows of x (n, dims) in the grid of the edges, by their number in the flattened grid. */
static torsh_tensor count_in_grid(torsh_tensor x, const torsh_tensor *edges, int64_t dims, torsh_tensor weight, bool density)
{
    int64_t sizes[TORSH__MAX_RANK], cells = 1;
    torsh_tensor number = {0}, inside = {0};
    for (int64_t d = 0; d < dims; d++) {
        torsh_tensor column = torsh_contiguous(torsh_select(x, 1, d)), bins = torsh_integer(sizes[d] = torsh_numel(edges[d]) - 1);
        torsh_tensor place = torsh_minimum(torsh_sub(torsh_searchsorted(edges[d], column, false, true, (torsh_tensor){0}), torsh_integer(1)), torsh_sub(bins, torsh_integer(1)));
        torsh_tensor here = torsh_logical_and(torsh_ge(column, torsh_select(edges[d], 0, 0)), torsh_le(column, torsh_select(edges[d], 0, -1)));
        number = d ? torsh_add(torsh_mul(number, bins), place) : place;
        inside = d ? torsh_logical_and(inside, here) : here;
        cells *= sizes[d];
    }
    if (TORSH_FAILED(number) || TORSH_FAILED(inside)) return TORSH_FAILED(number) ? number : inside;
    torsh_tensor counts = torsh_reshape(sum_places(number, inside, weight.id ? flat(weight) : weight, cells, torsh_dtype_of(x)), sizes, (size_t)dims);
    if (!density) return counts;
    torsh_tensor total = torsh_sum(counts, TORSH_ALL_DIMS, false);
    for (int64_t d = 0; d < dims; d++) {
        torsh_tensor width = torsh_sub(torsh_narrow(edges[d], 0, 1, sizes[d]), torsh_narrow(edges[d], 0, 0, sizes[d]));
        if (TORSH_FAILED(width)) return width;
        counts = torsh_div(counts, torsh__along(width, (int)d, (int)dims));
    }
    return torsh_div(counts, total);
}

/* Either bins and range, or the edges themselves. */
static torsh_tensors histogram_dims(const char *name, torsh_tensor input, const int64_t *bins, const double *range, size_t range_count, const torsh_tensor *edges,
                                    size_t count, torsh_tensor weight, bool density)
{
    torsh_tensor made[TORSH__MAX_RANK + 1] = {{0}};
    torsh_status status = torsh_id_status(input.id);
    int64_t ndim = status ? 0 : torsh_ndim(input), dims = ndim ? torsh_size(input, -1) : 0;
    if (status == TORSH_OK) status = check_floats(name, input);
    if (status == TORSH_OK && ndim < 2) status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must have at least 2 dimensions; it is %s", name, torsh_shape_text(input));
    if (status == TORSH_OK && (count == 0 || count > TORSH__MAX_RANK || (int64_t)count != dims || (!bins && !edges)))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: %zu values of 'bins' for an input whose last dimension is %lld", name, count, (long long)dims);
    if (status == TORSH_OK && range_count && (!range || range_count != 2 * count)) status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'range' must have 2 numbers for each dimension; it has %zu", name, range_count);
    if (status == TORSH_OK && weight.id && (torsh_dtype_of(weight) != torsh_dtype_of(input) || torsh_numel(weight) * dims != torsh_numel(input)))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'weight' must have an element of input's dtype for each row", name);
    torsh_tensor x = status ? input : torsh_reshape(input, TORSH_DIMS(-1, dims));
    for (size_t d = 0; d < count && status == TORSH_OK; d++) {
        if (edges) {
            made[d + 1] = edges[d];
            status = torsh_id_status(edges[d].id);
            if (status == TORSH_OK && (torsh_ndim(edges[d]) != 1 || torsh_numel(edges[d]) < 2 || torsh_dtype_of(edges[d]) != torsh_dtype_of(input)))
                status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: each of 'bins' must be 1-D with at least 2 edges of input's dtype", name);
            continue;
        }
        double low = range_count ? range[2 * d] : 0, high = range_count ? range[2 * d + 1] : 0;
        if (bins[d] <= 0) status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'bins' has %lld; each must be positive", name, (long long)bins[d]);
        if (status == TORSH_OK) status = range_of(name, torsh_select(x, 1, (int64_t)d), 0.5, &low, &high);
        if (status == TORSH_OK) status = torsh_id_status((made[d + 1] = torsh_linspace(low, high, bins[d] + 1, torsh_dtype_of(input), torsh_device_of(input))).id);
    }
    if (status == TORSH_OK) status = torsh_id_status((made[0] = count_in_grid(x, made + 1, dims, weight, density)).id);
    return status ? (torsh_tensors){torsh__error_id(status)} : torsh_tensors_make(made, count + 1);
}

torsh_tensors torsh_histogramdd(torsh_tensor input, const int64_t *bins, size_t bins_count, const double *range, size_t range_count, torsh_tensor weight, bool density)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensors list = histogram_dims("histogramdd", input, bins, range, range_count, NULL, bins_count, weight, density);
    if (!TORSH_FAILED(list)) torsh_keep(list);
    return list;
}

torsh_tensors torsh_histogramdd_bins(torsh_tensor input, const torsh_tensor *bins, size_t bins_count, torsh_tensor weight, bool density)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensors list = histogram_dims("histogramdd_bins", input, NULL, NULL, 0, bins, bins_count, weight, density);
    if (!TORSH_FAILED(list)) torsh_keep(list);
    return list;
}

/* ---- distinct elements --------------------------------------------------------------------------------------- */

static torsh_status infer_group_places(torsh__call *c)
{
    torsh_status status = torsh__require_rank(c, 0, 1, 1);
    if (status == TORSH_OK) status = torsh__require_dtype(c, (torsh_dtype)c->input[0]->view.dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    int64_t n = c->input[0]->view.numel + 1;
    c->compute = TORSH_BOOL;
    torsh__out_spec(c, 0, TORSH_I64, 1, (const int64_t[]){n});
    torsh__out_spec(c, 1, TORSH_I64, 1, (const int64_t[]){n + 1});
    return TORSH_OK;
}
static const torsh__impl impl_group_places = {.infer = infer_group_places, .flags = TORSH__CONSTANT};

/* From where elements (in `order`; null: as they are) differ from the one before: where their groups begin, which group each is in, and how large
 * the groups are. */
static torsh_tensor describe_groups(torsh_tensor differ, torsh_tensor order, torsh_tensor *inverse, torsh_tensor *counts)
{
    torsh_pair found = torsh__group_places(differ);
    int64_t last = 0;
    torsh_status status = torsh_item_i64(torsh_select(found.first, 0, -1), &last);
    *inverse = status ? torsh__tensor_error(status) : order.id ? torsh_scatter(torsh_zeros_like(found.first), 0, order, found.first) : found.first;
    torsh_tensor begin = torsh_narrow(found.second, 0, 0, last + 1);
    *counts = torsh_sub(torsh_narrow(found.second, 0, 1, last + 1), begin);
    return begin;
}

static torsh_tensor neighbours_differ(torsh_tensor t)
{
    int64_t n = torsh_size(t, 0) - 1;
    return torsh_ne(torsh_narrow(t, 0, 1, n), torsh_narrow(t, 0, 0, n));
}

/* The distinct elements of integers whose range isn't much larger than their number, in order: by counting. False if it is. */
static bool count_distinct(torsh_tensor input, torsh_triple *r)
{
    enum { ALWAYS = 1 << 16 }; /* a range for which counts are cheap */
    torsh_tensor x = torsh_to_dtype(flat(input), TORSH_I64);
    int64_t least = 0, most = 0, n = torsh_numel(x);
    if (torsh__dtypes[torsh_dtype_of(input)].category > TORSH__INTEGER || n < ALWAYS / 64) return false;
    if (torsh_item_i64(torsh_amin(x, TORSH_ALL_DIMS, false), &least) || torsh_item_i64(torsh_amax(x, TORSH_ALL_DIMS, false), &most)) return false;
    uint64_t range = (uint64_t)most - (uint64_t)least;
    if (range >= (uint64_t)(n > ALWAYS ? n : 2 * n)) return false;
    if (least != 0) x = torsh_sub(x, torsh_integer(least));
    torsh_tensor counts = torsh_scatter_add(zeros((int64_t)range + 1, TORSH_I64, x), 0, x, torsh_integer(1)), present = flat(torsh_nonzero(counts));
    torsh_tensor number = torsh_sub(torsh_cumsum(torsh_ne(counts, torsh_integer(0)), 0), torsh_integer(1));
    r->first = torsh_to_dtype(torsh_add(present, torsh_integer(least)), torsh_dtype_of(input));
    r->second = torsh_reshape(torsh_index_select(number, 0, x), torsh_sizes(input), (size_t)torsh_ndim(input));
    r->third = torsh_index_select(counts, 0, present);
    return true;
}

static torsh_triple distinct_elements(torsh_tensor input, bool sort)
{
    torsh_tensor x = flat(input), order = {0};
    torsh_triple r = {x, {0}, {0}};
    if (torsh_numel(x) == 0) return (torsh_triple){x, torsh_zeros_like(torsh_to_dtype(input, TORSH_I64)), torsh_zeros(TORSH_DIMS(0), TORSH_I64, torsh_device_of(input))};
    if (sort && count_distinct(input, &r)) return r;
    if (sort) {
        torsh_values sorted = torsh_sort(x, 0, false, false);
        x = sorted.values;
        order = sorted.indices;
    }
    torsh_tensor inverse, begin = describe_groups(neighbours_differ(x), order, &inverse, &r.third);
    r.first = torsh_index_select(x, 0, begin);
    r.second = torsh_reshape(inverse, torsh_sizes(input), (size_t)torsh_ndim(input));
    return r;
}

/* The order of rows (n, m), by their columns from the first: stable sorts from the last one on. */
static torsh_tensor order_of_rows(torsh_tensor rows)
{
    torsh_tensor order = torsh_arange(0, (double)torsh_size(rows, 0), 1, TORSH_I64, torsh_device_of(rows));
    for (int64_t column = torsh_size(rows, 1) - 1; column >= 0 && !TORSH_FAILED(order); column--) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor keys = torsh_index_select(torsh_select(rows, 1, column), 0, order);
        order = torsh_index_select(order, 0, torsh_argsort(keys, 0, false, true));
        if (!TORSH_FAILED(order)) torsh_keep(order);
    }
    return order;
}

static torsh_triple distinct_slices(torsh_tensor input, int64_t dim, bool sort)
{
    int64_t n = torsh_size(input, dim), one = 1;
    torsh_triple r = {torsh_share(input), torsh_zeros(TORSH_DIMS(n), TORSH_I64, torsh_device_of(input)), torsh_zeros(TORSH_DIMS(0), TORSH_I64, torsh_device_of(input))};
    if (n == 0) return r;
    torsh_tensor slices = torsh_movedim(input, dim, 0), rows, order = {0};
    if (torsh_numel(input) == 0) {
        r.first = (torsh_tensor){torsh__tensor_error(torsh__fail(TORSH_SHAPE_MISMATCH, "unique: there are %lld slices along 'dim', but they have no elements", (long long)n)).id};
        return r;
    }
    rows = torsh_reshape(slices, TORSH_DIMS(n, torsh_numel(input) / n));
    if (sort) {
        order = order_of_rows(rows);
        rows = torsh_index_select(rows, 0, order);
        slices = torsh_index_select(slices, 0, order);
    }
    torsh_tensor begin = describe_groups(torsh_any(neighbours_differ(rows), &one, 1, false), order, &r.second, &r.third);
    r.first = torsh_movedim(torsh_index_select(slices, 0, begin), 0, dim);
    return r;
}

static torsh_triple distinct(const char *name, torsh_tensor input, const int64_t *dim, size_t count, bool sort)
{
    torsh_status status = TORSH_OK;
    int along = 0;
    if (torsh_dtype_is_complex(torsh_dtype_of(input))) status = torsh__fail(TORSH_DTYPE_MISMATCH, "%s: complex numbers of 'input' have no order", name);
    else if (count > 1) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: takes one dim or none; %zu were given", name, count);
    else if (count) status = torsh__wrap_dim(name, dim[0], torsh_ndim(input), &along);
    if (status) return (torsh_triple){torsh__tensor_error(status), torsh__tensor_error(status), torsh__tensor_error(status)};
    return count && torsh_ndim(input) > 0 ? distinct_slices(input, along, sort) : distinct_elements(input, sort);
}

static torsh_triple compose_unique(torsh_tensor input, const int64_t *dim, size_t count)
{
    return distinct("unique", input, dim, count, true);
}

static torsh_triple compose_unique_consecutive(torsh_tensor input, const int64_t *dim, size_t count)
{
    return distinct("unique_consecutive", input, dim, count, false);
}

/* ---- combinations -------------------------------------------------------------------------------------------- */

static torsh_tensor compose_combinations(torsh_tensor input, int64_t r, bool with_replacement)
{
    torsh_tensor columns[TORSH__MAX_RANK];
    if (torsh_ndim(input) != 1) return torsh__refuse(TORSH_SHAPE_MISMATCH, "combinations: 'input' must be 1-D; it is %s", torsh_shape_text(input));
    if (r < 0 || r >= TORSH__MAX_RANK) return torsh__refuse(TORSH_OUT_OF_RANGE, "combinations: r is %lld; it must be in [0, %d)", (long long)r, TORSH__MAX_RANK);
    if (r == 0) return torsh_zeros(TORSH_DIMS(0), torsh_dtype_of(input), torsh_device_of(input));
    torsh_tensor places = torsh_arange(0, (double)torsh_size(input, 0), 1, TORSH_I64, torsh_device_of(input)), chosen = torsh_ones_like(torsh_to_dtype(places, TORSH_BOOL));
    for (int64_t i = 0; i < r; i++) columns[i] = places;
    torsh_tensors grids = torsh_meshgrid(columns, (size_t)r, "ij");
    for (int64_t i = 0; i < r; i++) columns[i] = torsh_tensors_get(grids, i);
    for (int64_t i = 1; i < r; i++) {
        torsh_tensor rising = with_replacement ? torsh_le(columns[i - 1], columns[i]) : torsh_lt(columns[i - 1], columns[i]);
        chosen = i == 1 ? rising : torsh_logical_and(chosen, rising);
    }
    for (int64_t i = 0; i < r; i++) columns[i] = torsh_index_select(input, 0, torsh_masked_select(columns[i], chosen));
    return torsh_stack(columns, (size_t)r, 1);
}

static torsh_tensor compose_cartesian_prod(const torsh_tensor *tensors, size_t count)
{
    torsh_tensor columns[TORSH__MAX_RANK];
    if (count == 0 || count > TORSH__MAX_RANK) return torsh__refuse(TORSH_INVALID_ARGUMENT, "cartesian_prod: takes 1 to %d 'tensors'; %zu were given", TORSH__MAX_RANK, count);
    for (size_t i = 0; i < count; i++)
        if (torsh_ndim(tensors[i]) != 1) return torsh__refuse(TORSH_SHAPE_MISMATCH, "cartesian_prod: 'tensors' must be 1-D; one is %s", torsh_shape_text(tensors[i]));
    if (count == 1) return torsh_share(tensors[0]);
    torsh_tensors grids = torsh_meshgrid(tensors, count, "ij");
    for (size_t i = 0; i < count; i++) columns[i] = flat(torsh_tensors_get(grids, (int64_t)i));
    return torsh_stack(columns, count, 1);
}

#include "define_rows.h"

#include "sets.def"
