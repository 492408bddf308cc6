/* Reductions by index, and choices that take negative or repeated indices. Rows: table/reindex.def. */
#include "composed.h"
#include "fold.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/scan.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "index.def"
#include "declare_rows.h"
#define TABLE "reindex.def"
#include "declare_rows.h"

enum { INPUT, INDEX, SOURCE };

/* ---- scatter_reduce ------------------------------------------------------------------------------------------ */

static const char *const modes[] = {[TORSH__FOLD_PROD] = "prod", [TORSH__FOLD_MIN] = "amin", [TORSH__FOLD_MAX] = "amax", [TORSH__FOLD_SUM] = "sum", [TORSH__FOLD_MEAN] = "mean"};

static int mode_of(const char *reduce)
{
    for (int i = 0; i < (int)(sizeof modes / sizeof *modes); i++)
        if (strcmp(reduce, modes[i]) == 0) return i;
    return -1;
}

static torsh_status infer_into(torsh__call *c)
{
    const torsh_operand *v = &c->input[INPUT]->view, *index = &c->input[INDEX]->view, *src = &c->input[SOURCE]->view;
    const char *name = torsh__call_name(c);
    int dim;
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__wrap_dim(name, c->values[1].i, v->ndim, &dim);
    bool number = c->input[SOURCE]->weak;
    if (status == TORSH_OK && !number) status = torsh__require_same_dtype(c, INPUT, SOURCE);
    if (status) return status;
    if (index->dtype != TORSH_I64 && index->dtype != TORSH_I32 && index->numel)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: the index must be i64 or i32; it is %s", name, torsh_dtype_name((torsh_dtype)index->dtype));
    int rank = v->ndim ? v->ndim : 1;
    bool fits = index->numel == 0 || ((index->ndim ? index->ndim : 1) == rank && (number || (src->ndim ? src->ndim : 1) == rank));
    for (int d = 0; fits && index->numel && d < index->ndim; d++)
        fits = (number || index->sizes[d] <= (src->ndim ? src->sizes[d] : 1)) && (d == dim || index->sizes[d] <= (v->ndim ? v->sizes[d] : 1));
    if (!fits) {
        torsh__shape_text a, b, e;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the index is %s, input %s and src %s; it must have their rank and reach past neither, but input's dim", name,
                           torsh__shape_print(&a, index->ndim, index->sizes), torsh__shape_print(&b, v->ndim, v->sizes), torsh__shape_print(&e, src->ndim, src->sizes));
    }
    c->values[1].i = dim;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return TORSH_OK;
}
static const torsh__impl impl_scatter_fold_ = {.infer = infer_into, .flags = TORSH__CONSTANT, .batch = TORSH__BATCH_ALL};

static torsh_status infer_scatter_reduce(torsh__call *c)
{
    torsh_status status = infer_into(c);
    if (status) return status;
    int mode = mode_of(c->values[4].text);
    if (mode < 0)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: reduce must be sum, prod, mean, amax or amin; it is \"%.40s\"", torsh__call_name(c), c->values[4].text);
    if (torsh__dtypes[c->compute].category == TORSH__COMPLEX && mode != TORSH__FOLD_SUM && mode != TORSH__FOLD_PROD)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: reduce \"%s\" is not defined for input of dtype %s", torsh__call_name(c), c->values[4].text, torsh_dtype_name(c->compute));
    return TORSH_OK;
}

/* How many elements of src go to each place; at least 1. */
static torsh_tensor counts_of(torsh_tensor like, int64_t dim, torsh_tensor index, bool include_self)
{
    torsh_tensor start = include_self ? torsh_ones_like(like) : torsh_zeros_like(like);
    torsh_tensor ones = torsh_ones(torsh_sizes(index), (size_t)torsh_ndim(index), torsh_dtype_of(like), torsh_device_of(like));
    torsh_tensor count = torsh_scatter_add(start, dim, index, ones);
    return torsh_masked_fill(count, torsh_eq(count, torsh_integer(0)), torsh_integer(1));
}

/* What a reduction starts from. */
static torsh_tensor identity(int mode, bool whole)
{
    if (mode == TORSH__FOLD_MIN) return whole ? torsh_integer(INT64_MAX) : torsh_number((double)INFINITY);
    if (mode == TORSH__FOLD_MAX) return whole ? torsh_integer(INT64_MIN) : torsh_number(-(double)INFINITY);
    return torsh_integer(mode == TORSH__FOLD_PROD);
}

/* In a dtype that is wide enough, and rounded or wrapped once. */
static torsh_status run_scatter_reduce(torsh__call *c)
{
    int mode = mode_of(c->values[4].text);
    int64_t dim = c->values[1].i;
    bool include_self = c->values[5].i != 0, whole = torsh__dtypes[c->compute].category <= TORSH__INTEGER;
    bool complex = torsh__dtypes[c->compute].category == TORSH__COMPLEX;
    torsh_dtype wide = whole ? TORSH_I64 : complex ? TORSH_C128 : c->compute == TORSH_F64 ? TORSH_F64 : TORSH_F32;
    torsh_tensor input = torsh__tensor_share(c->input[INPUT]), index = torsh__tensor_share(c->input[INDEX]);
    torsh_tensor src = torsh_to_dtype(torsh__tensor_share(c->input[SOURCE]), wide);
    if (c->input[SOURCE]->weak) src = torsh_expand(src, torsh_sizes(index), (size_t)torsh_ndim(index));
    torsh_tensor out = torsh__tensor_share(c->output[0]), sum = out;
    const void *memory = c->output[0]->view.memory;
    bool apart = memory != c->input[INDEX]->view.memory && memory != c->input[SOURCE]->view.memory; /* else the sum is made elsewhere */
    if (torsh_dtype_of(input) != wide) sum = torsh_to_dtype(input, wide);
    else if (!apart) sum = torsh_clone(input);
    else if (memory != c->input[INPUT]->view.memory) sum = torsh_copy_(sum, input);
    if (!include_self) sum = torsh_scatter_(sum, dim, index, identity(mode, whole));
    if (mode == TORSH__FOLD_SUM || mode == TORSH__FOLD_MEAN) sum = torsh_scatter_add_(sum, dim, index, src);
    else sum = torsh__scatter_fold_(sum, dim, index, src, mode);
    if (mode == TORSH__FOLD_MEAN) {
        torsh_tensor count = counts_of(sum, dim, index, include_self);
        sum = whole ? torsh_floor_divide(sum, count) : torsh_div(sum, count);
    }
    if (TORSH_FAILED(sum) || sum.id == out.id) return torsh_id_status(sum.id);
    return torsh_id_status(torsh_copy_(out, sum).id);
}

/* The formulas of PyTorch's FunctionsManual.cpp scatter_reduce_backward. */
static void prod_gradient(torsh__backward *b, int64_t dim, torsh_tensor index, torsh_tensor *self_part, torsh_tensor *src_part)
{
    torsh_tensor g = b->g[0], self = torsh__saved_input(b, INPUT), src = torsh__saved_input(b, SOURCE), result = torsh__saved_output(b, 0);
    bool include_self = b->node->values[5].i != 0;
    torsh_tensor none = torsh_eq(self, torsh_number(0)), zero = torsh_eq(src, torsh_number(0));
    torsh_tensor lifted = torsh_masked_fill(self, none, torsh_number(1));
    *self_part = torsh_div(torsh_mul(g, torsh_scatter_reduce(lifted, dim, index, src, "prod", include_self)), lifted);
    torsh_tensor zeros = torsh_scatter_add(torsh_zeros_like(self), dim, index, torsh_to_dtype(zero, torsh_dtype_of(self)));
    torsh_tensor single = torsh_logical_and(zero, torsh_eq(torsh_gather(zeros, dim, index), torsh_number(1)));
    torsh_tensor others = torsh_scatter_reduce(self, dim, index, torsh_masked_fill(src, single, torsh_number(1)), "prod", include_self);
    torsh_tensor by = torsh_masked_fill(src, zero, torsh_number(1));
    *src_part = torsh_where(single, torsh_gather(torsh_mul(g, others), dim, index), torsh_div(torsh_gather(torsh_mul(g, result), dim, index), by));
}

/* Shared evenly among those that are the result. */
static void extreme_gradient(torsh__backward *b, int64_t dim, torsh_tensor index, torsh_tensor *self_part, torsh_tensor *src_part)
{
    torsh_tensor g = b->g[0], self = torsh__saved_input(b, INPUT), src = torsh__saved_input(b, SOURCE), result = torsh__saved_output(b, 0);
    torsh_dtype dtype = torsh_dtype_of(self);
    torsh_tensor own = torsh_to_dtype(torsh_eq(self, result), dtype), other = torsh_to_dtype(torsh_eq(src, torsh_gather(result, dim, index)), dtype);
    torsh_tensor share = torsh_div(g, torsh_scatter_add(own, dim, index, other));
    *self_part = torsh_mul(own, share);
    *src_part = torsh_mul(other, torsh_gather(share, dim, index));
}

static void scatter_reduce_gradient(torsh__backward *b)
{
    int mode = mode_of(b->node->values[4].text);
    int64_t dim = b->node->values[1].i;
    bool include_self = b->node->values[5].i != 0;
    torsh_tensor g = b->g[0], index = torsh__saved_input(b, INDEX), self_part = g, src_part = {0};
    torsh__meta m = torsh__input_meta(b, SOURCE);
    if (mode == TORSH__FOLD_MEAN) self_part = g = torsh_div(g, counts_of(g, dim, index, include_self));
    if (mode == TORSH__FOLD_SUM || mode == TORSH__FOLD_MEAN) src_part = torsh_gather(g, dim, index);
    else if (torsh__needs(b, SOURCE) && !torsh__same_sizes(m.ndim, m.sizes, torsh_ndim(index), torsh_sizes(index)))
        src_part = self_part = torsh__refuse(TORSH_UNSUPPORTED, "scatter_reduce: has a gradient only where src and index have one shape");
    else if (mode == TORSH__FOLD_PROD) prod_gradient(b, dim, index, &self_part, &src_part);
    else extreme_gradient(b, dim, index, &self_part, &src_part);
    if (!include_self) self_part = torsh_scatter(self_part, dim, index, torsh_number(0));
    if (torsh__needs(b, INPUT)) b->result[INPUT] = self_part;
    if (torsh__needs(b, SOURCE)) b->result[SOURCE] = src_part;
}
static const torsh__impl impl_scatter_reduce = {.infer = infer_scatter_reduce, .run = run_scatter_reduce, .gradient = scatter_reduce_gradient,
                                                .saves = TORSH__SAVE_IN(INPUT) | TORSH__SAVE_IN(INDEX) | TORSH__SAVE_IN(SOURCE) | TORSH__SAVE_OUT(0), .batch = TORSH__BATCH_ALL};

/* ---- whole slices -------------------------------------------------------------------------------------------- */

/* The 1-D index as one of source's shape. */
static torsh_tensor index_like(const char *name, torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source)
{
    torsh__shape s = torsh__shape_of(source), by = torsh__shape_of(index), of = torsh__shape_of(input);
    int at;
    torsh_status status = torsh__wrap_dim(name, dim, of.ndim, &at);
    if (status) return torsh__tensor_error(status);
    bool fits = by.ndim <= 1 && s.ndim == of.ndim && (s.ndim == 0 ? 1 : s.sizes[at]) == by.numel;
    for (int d = 0; d < s.ndim && fits; d++) fits = d == at || s.sizes[d] == of.sizes[d];
    if (!fits)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: source must be like input with %lld slices, one per element of a 1-D index, in dimension %d", name,
                             (long long)by.numel, at);
    if (s.ndim == 0) return torsh_reshape(index, TORSH_NO_DIMS);
    return torsh_expand(torsh__along(index, at, s.ndim), s.sizes, (size_t)s.ndim);
}

static torsh_tensor compose_index_reduce(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, const char *reduce, bool include_self)
{
    torsh_dtype dtype = torsh_dtype_of(input);
    if (strcmp(reduce, "sum") == 0 || mode_of(reduce) < 0)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "index_reduce: reduce must be prod, mean, amax or amin; it is \"%.40s\"", reduce);
    if (dtype == TORSH_BOOL) return torsh__refuse(TORSH_DTYPE_MISMATCH, "index_reduce: not defined for input of dtype bool");
    return torsh_scatter_reduce(input, dim, index_like("index_reduce", input, dim, index, source), source, reduce, include_self);
}

enum { LONG_ROW = 16 }; /* elements */

/* Whether slices that are rows of memory are added to rows of memory, and no gradient is wanted: then alpha can be a factor inside the kernel. */
static bool adds_rows(torsh_tensor input, int64_t dim, torsh_tensor source, torsh_tensor alpha)
{
    torsh_tensor all[] = {input, source, alpha};
    for (size_t i = 0; i < 3; i++)
        if (torsh__is_tracked(all[i]) || torsh_device_of(all[i]) != TORSH_CPU || !torsh_is_contiguous(all[i])) return false;
    int64_t last = torsh_ndim(input) - 1;
    return torsh_dtype_is_floating_point(torsh_dtype_of(input)) && last > 0 && dim != last && dim != -1 && torsh_size(input, last) >= LONG_ROW && torsh_numel(alpha) == 1;
}

static torsh_tensor compose_index_add_alpha(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor alpha)
{
    torsh_dtype have = torsh_dtype_of(input), by = torsh_dtype_of(alpha);
    if (torsh__dtypes[by].category > torsh__dtypes[have].category)
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "index_add_alpha: alpha is %s, which input of dtype %s can't hold", torsh_dtype_name(by), torsh_dtype_name(have));
    if (torsh_dtype_of(source) != have)
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "index_add_alpha: 'source' is %s and 'input' is %s; they must have the same dtype", torsh_dtype_name(torsh_dtype_of(source)), torsh_dtype_name(have));
    torsh_tensor like = index_like("index_add_alpha", input, dim, index, source);
    if (TORSH_FAILED(like)) return like;
    double factor;
    if (adds_rows(input, dim, source, alpha) && torsh_item_f64(alpha, &factor) == TORSH_OK) return torsh__index_add_times(input, dim, index, source, factor);
    torsh_tensor sum = torsh__widened(input), slices = torsh_mul(torsh__widened(source), torsh__widened(alpha));
    return torsh__narrowed(torsh_index_add(sum, dim, index, torsh__narrowed(slices, torsh_dtype_of(sum))), have);
}

/* ---- choosing ------------------------------------------------------------------------------------------------ */

static torsh_tensor compose_take_along_dim(torsh_tensor input, torsh_tensor indices, int64_t dim)
{
    if (dim == TORSH_NO_DIM) {
        input = torsh_reshape(input, TORSH_DIMS(torsh_numel(input)));
        indices = torsh_reshape(indices, TORSH_DIMS(torsh_numel(indices)));
        dim = 0;
    }
    torsh__shape of = torsh__shape_of(input), by = torsh__shape_of(indices);
    int at;
    torsh_status status = torsh__wrap_dim("take_along_dim", dim, of.ndim, &at);
    if (status == TORSH_OK && by.ndim != of.ndim)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "take_along_dim: input is %s and indices are %s; they must have one rank", torsh_shape_text(input), torsh_shape_text(indices));
    if (status == TORSH_OK && by.dtype != TORSH_I64 && by.dtype != TORSH_I32)
        status = torsh__fail(TORSH_DTYPE_MISMATCH, "take_along_dim: indices must be i64 or i32; they are %s", torsh_dtype_name(by.dtype));
    if (status) return torsh__tensor_error(status);
    for (int d = 0; d < of.ndim; d++) {
        int64_t own = of.sizes[d];
        if (d == at) continue;
        if (own == 1) of.sizes[d] = by.sizes[d];
        if (by.sizes[d] == 1) by.sizes[d] = own;
    }
    torsh_tensor places = torsh_where(torsh_lt(indices, torsh_integer(0)), torsh_add(indices, torsh_integer(of.ndim ? of.sizes[at] : 1)), indices);
    return torsh_gather(torsh_expand(input, of.sizes, (size_t)of.ndim), dim, torsh_expand(places, by.sizes, (size_t)by.ndim));
}

/* Element i of dim repeats[i] times: place j of the result shows the element whose repeats end after j. */
static torsh_tensor compose_repeat_interleave_tensor(torsh_tensor input, torsh_tensor repeats, const int64_t *dim, size_t count, int64_t output_size)
{
    torsh__shape by = torsh__shape_of(repeats);
    int64_t least = 0, total = 0;
    if (count > 1) return torsh__refuse(TORSH_INVALID_ARGUMENT, "repeat_interleave_tensor: takes one dim or none; there are %zu", count);
    if (torsh__dtypes[by.dtype].category != TORSH__INTEGER || by.ndim > 1)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "repeat_interleave_tensor: repeats must be 0-d or 1-D, of whole numbers");
    if (count == 0 || torsh_ndim(input) == 0) input = torsh_reshape(input, TORSH_DIMS(torsh_numel(input)));
    int64_t at = count ? dim[0] : 0, size = torsh_size(input, at);
    if (size < 0) return torsh_size(input, at) < 0 ? torsh_slice(input, at, 0, 0, 1) : input;
    if (by.numel != 1 && by.numel != size)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "repeat_interleave_tensor: repeats has %lld elements for the %lld of dim", (long long)by.numel, (long long)size);
    torsh_tensor each = torsh_expand(torsh_to_dtype(torsh_reshape(repeats, TORSH_DIMS(by.numel)), TORSH_I64), &size, 1);
    torsh_tensor ends = torsh_cumsum(each, 0);
    torsh_status status = size ? torsh_item_i64(torsh_amin(each, TORSH_ALL_DIMS, false), &least) : TORSH_OK;
    if (status == TORSH_OK && size) status = torsh_item_i64(torsh_select(ends, 0, -1), &total);
    if (status == TORSH_OK && (least < 0 || (output_size >= 0 && output_size != total)))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "repeat_interleave_tensor: repeats must not be negative, and add up to output_size, where that is given");
    if (status) return torsh__tensor_error(status);
    torsh_device device = torsh_device_of(input);
    torsh_tensor passed = torsh_index_add(torsh_zeros(TORSH_DIMS(total + 1), TORSH_I64, device), 0, ends, torsh_ones(&size, 1, TORSH_I64, device));
    return torsh_index_select(input, at, torsh_slice(torsh_cumsum(passed, 0), 0, 0, total, 1));
}

#include "define_rows.h"

#include "reindex.def"
