/* Embeddings with options, bags of them, and attention. Rows: table/attention.def. */
#include "dual.h"
#include "alloc.h"
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/attention.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/extreme.h>
#include <torsh/ops/index.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/random.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/sets.h>
#include <torsh/ops/softmax.h>
#include <torsh/ops/statistics.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "attention.def"
#include "declare_rows.h"
#define TABLE "index.def"
#include "declare_rows.h"
#define TABLE "resample.def"
#include "declare_rows.h"

/* ---- a gradient of another size ------------------------------------------------------------------------------------- */

static torsh_status infer_scale_gradient(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    torsh__shape_text have, scale;
    torsh_status status = torsh__infer_broadcast(c, &c->spec[0]);
    if (status == TORSH_OK && !torsh__same_sizes(c->spec[0].ndim, c->spec[0].sizes, v->ndim, v->sizes))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'scale' %s doesn't broadcast to 'input' %s", torsh__call_name(c),
                             torsh__shape_print(&scale, c->input[1]->view.ndim, c->input[1]->view.sizes), torsh__shape_print(&have, v->ndim, v->sizes));
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    return status;
}

static torsh_status run_scale_gradient(torsh__call *c)
{
    return torsh_id_status(torsh_copy_(torsh__tensor_share(c->output[0]), torsh__tensor_share(c->input[0])).id);
}

static void scale_gradient_gradient(torsh__backward *b)
{
    b->result[0] = torsh_mul(b->g[0], torsh__saved_input(b, 1));
}
static const torsh__impl impl_scale_gradient = {
    .infer = infer_scale_gradient, .run = run_scale_gradient, .gradient = scale_gradient_gradient, .saves = TORSH__SAVE_IN(1)};

/* ---- embedding ------------------------------------------------------------------------------------------------------ */

/* Rows of weight that input names and whose norm is larger than max_norm are scaled down to it, in place, as PyTorch does. */
static torsh_status renormalise(torsh_tensor input, torsh_tensor weight, double max_norm, double norm_type)
{
    TORSH_AUTO torsh_scope quiet = torsh__scope_open(true);
    if (torsh__is_error(quiet.id)) return torsh_id_status(quiet.id);
    torsh__constant_mode();
    int64_t last = 1;
    torsh_tensor index = torsh_reshape(torsh_to_dtype(input, TORSH_I64), TORSH_DIMS(torsh_numel(input)));
    bool most = torsh_numel(input) >= torsh_size(weight, 0) / 2; /* then all norms cost less than a copy of these rows */
    torsh_tensor norm = torsh_norm(torsh__widened(most ? weight : torsh_index_select(weight, 0, index)), norm_type, &last, 1, true);
    if (most) norm = torsh_index_select(norm, 0, index);
    torsh_tensor large = torsh_select(torsh_nonzero(torsh_gt(norm, torsh_number(max_norm))), 1, 0);
    if (torsh_numel(large) == 0) return torsh_id_status(large.id);
    index = torsh_index_select(index, 0, large);
    torsh_tensor scale = torsh_div(torsh_number(max_norm), torsh_add(torsh_index_select(norm, 0, large), torsh_number(1e-7)));
    torsh_tensor bounded = torsh_mul(torsh__widened(torsh_index_select(weight, 0, index)), scale);
    return torsh_id_status(torsh_index_copy_(weight, 0, index, torsh__narrowed(bounded, torsh_dtype_of(weight))).id);
}

/* 1 / how often each index occurs in input. */
static torsh_tensor rarity(torsh_tensor input, int64_t rows, torsh_dtype dtype)
{
    torsh_tensor index = torsh_reshape(torsh_to_dtype(input, TORSH_I64), TORSH_DIMS(torsh_numel(input)));
    torsh_tensor none = torsh_zeros(&rows, 1, TORSH_I64, torsh_device_of(input));
    torsh_tensor counts = torsh_index_select(torsh_index_add(none, 0, index, torsh_ones_like(index)), 0, index);
    torsh__shape s = torsh__shape_of(input);
    return torsh_to_dtype(torsh_reshape(torsh_div(torsh_number(1), counts), s.sizes, (size_t)s.ndim), dtype);
}

static torsh_tensor compose_embedding_max_norm(torsh_tensor input, torsh_tensor weight, int64_t padding_idx, double max_norm, double norm_type, bool scale_grad_by_freq)
{
    torsh_tensor y = torsh_embedding(input, weight, padding_idx); /* checks shapes and indices */
    if (TORSH_FAILED(y)) return y;
    if (max_norm < INFINITY && torsh_numel(input) > 0) {
        torsh_status status = renormalise(input, weight, max_norm, norm_type);
        if (status) return torsh__tensor_error(status);
        y = torsh_embedding(input, weight, padding_idx);
    }
    if (!scale_grad_by_freq) return y;
    return torsh__scale_gradient(y, torsh_unsqueeze(rarity(input, torsh_size(weight, 0), torsh_dtype_of(weight)), -1));
}

/* ---- bags ------------------------------------------------------------------------------------------------------------ */

/* For bags that begin at `offsets` of n indices: where each begins, and n. */
static torsh_status starts_of(torsh_tensor offsets, int64_t n, bool include_last, torsh_tensor *starts_out, int64_t *bags, int64_t *longest)
{
    *bags = torsh_numel(offsets) - include_last;
    torsh_dtype dtype = torsh_dtype_of(offsets);
    if (torsh_ndim(offsets) != 1 || *bags < 0 || (dtype != TORSH_I64 && dtype != TORSH_I32))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "embedding_bag: 'offsets' must be i64 or i32 with one dimension, and an element more than bags with include_last_offset; it is %s",
                           torsh_shape_text(offsets));
    size_t bytes = (size_t)(*bags + 1) * sizeof(int64_t);
    int64_t *starts = torsh__alloc_zero(bytes);
    torsh_status status = starts ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) status = torsh_to_host(torsh_to_dtype(offsets, TORSH_I64), starts, bytes - (include_last ? 0 : sizeof(int64_t)));
    if (status == TORSH_OK && !include_last) starts[*bags] = n;
    *longest = 1;
    for (int64_t b = 0; b < *bags && status == TORSH_OK; b++) {
        if (starts[0] != 0 || starts[b] > starts[b + 1] || starts[b + 1] > n)
            status = torsh__fail(TORSH_OUT_OF_RANGE, "embedding_bag: 'offsets' must begin with 0, not fall, and not pass the %lld indices of 'input'", (long long)n);
        else if (starts[b + 1] - starts[b] > *longest) *longest = starts[b + 1] - starts[b];
    }
    if (status == TORSH_OK) *starts_out = torsh_from_data(starts, TORSH_DIMS(*bags + 1), TORSH_I64, torsh_device_of(offsets));
    torsh__free(starts, bytes);
    return status;
}

/* (bags, longest) numbers of indices, -1 where a bag is shorter. */
static torsh_tensor places_in(torsh_tensor starts, int64_t bags, int64_t longest)
{
    torsh_tensor first = torsh_unsqueeze(torsh_narrow(starts, 0, 0, bags), 1), end = torsh_unsqueeze(torsh_narrow(starts, 0, 1, bags), 1);
    torsh_tensor place = torsh_add(first, torsh_arange(0, (double)longest, 1, TORSH_I64, torsh_device_of(starts)));
    return torsh_where(torsh_lt(place, end), place, torsh_integer(-1));
}

static torsh_status infer_bag_sums(torsh__call *c)
{
    const torsh_operand *weight = &c->input[0]->view, *starts = &c->input[2]->view;
    torsh_status status = torsh__require_rank(c, 0, 2, 2);
    if (status == TORSH_OK) status = torsh__require_dtype(c, (torsh_dtype)weight->dtype);
    for (int i = 1; i < 3 && status == TORSH_OK; i++) {
        torsh_dtype dtype = (torsh_dtype)c->input[i]->view.dtype;
        status = torsh__require_rank(c, i, 1, 1);
        if (status == TORSH_OK && dtype != TORSH_I64 && dtype != TORSH_I32)
            status = torsh__fail(TORSH_DTYPE_MISMATCH, "%s: indices must be i64 or i32; they are %s", torsh__call_name(c), torsh_dtype_name(dtype));
    }
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    if (starts->numel == 0) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'starts' is empty", torsh__call_name(c));
    c->compute = (torsh_dtype)weight->dtype;
    torsh__out_spec(c, 0, c->compute, 2, (const int64_t[]){starts->numel - 1, weight->sizes[1]});
    return torsh__numel("embedding_bag", c->spec[0].sizes, 2, torsh__dtypes[c->compute].size, &(int64_t){0});
}

static void bag_sums_gradient(torsh__backward *b)
{
    torsh_tensor input = torsh__saved_input(b, 1), starts = torsh__saved_input(b, 2);
    torsh_tensor each = torsh_arange(0, (double)torsh_numel(input), 1, TORSH_I64, torsh_device_of(input));
    torsh_tensor bag = torsh_sub(torsh_searchsorted(starts, each, false, true, (torsh_tensor){0}), torsh_integer(1));
    b->result[0] = torsh__embedding_backward(torsh_index_select(b->g[0], 0, bag), input, torsh__input_meta(b, 0).sizes[0], b->node->values[3].i);
}
static const torsh__impl impl_bag_sums = {.infer = infer_bag_sums, .gradient = bag_sums_gradient, .saves = TORSH__SAVE_IN(1) | TORSH__SAVE_IN(2)};

/* (bags, width) from rows (bags, longest, width), those where mask (bags, longest, 1) is false left out. */
static torsh_tensor reduce_bags(torsh_tensor rows, torsh_tensor mask, const char *mode)
{
    int64_t dim = 1;
    torsh_tensor zero = torsh_number(0), counts = torsh_sum(torsh_to_dtype(mask, TORSH_I64), &dim, 1, false);
    if (strcmp(mode, "max") == 0) {
        torsh_tensor best = torsh_max_dim(torsh_where(mask, rows, torsh_number(-INFINITY)), 1, false).values;
        return torsh_where(torsh_gt(counts, zero), best, zero);
    }
    torsh_tensor sum = torsh_sum(torsh_where(mask, rows, zero), &dim, 1, false);
    if (strcmp(mode, "sum") == 0) return sum;
    return torsh_div(sum, torsh_to_dtype(torsh_clamp(counts, 1, INFINITY), torsh_dtype_of(sum)));
}

static torsh_tensor compose_embedding_bag(torsh_tensor input, torsh_tensor weight, torsh_tensor offsets, double max_norm, double norm_type, bool scale_grad_by_freq,
                                          const char *mode, torsh_tensor per_sample_weights, bool include_last_offset, int64_t padding_idx)
{
    torsh__shape s = torsh__shape_of(input), samples = torsh__shape_of(per_sample_weights);
    bool sum = strcmp(mode, "sum") == 0;
    if (!sum && strcmp(mode, "mean") != 0 && strcmp(mode, "max") != 0)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "embedding_bag: mode '%s' is none of sum, mean and max", mode);
    if (s.ndim != (offsets.id ? 1 : 2))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "embedding_bag: 'input' must have two dimensions, or one and 'offsets'; it is %s", torsh_shape_text(input));
    if (per_sample_weights.id && (!sum || !torsh__same_sizes(s.ndim, s.sizes, samples.ndim, samples.sizes)))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "embedding_bag: 'per_sample_weights' are for mode sum and have the shape of 'input'");
    if (per_sample_weights.id && samples.dtype != torsh_dtype_of(weight))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "embedding_bag: 'per_sample_weights' must have the dtype of 'weight', %s; they are %s", torsh_dtype_name(torsh_dtype_of(weight)), torsh_dtype_name(samples.dtype));
    int64_t n = s.numel, bags = s.sizes[0], longest = s.ndim == 2 ? s.sizes[1] : 1;
    torsh_tensor starts = {0}, flat = torsh_reshape(input, TORSH_DIMS(n));
    torsh_status status = offsets.id ? starts_of(offsets, n, include_last_offset, &starts, &bags, &longest) : TORSH_OK;
    if (status) return torsh__tensor_error(status);
    bool even = strcmp(mode, "mean") == 0 && !offsets.id && padding_idx < 0 && n > 0; /* all bags are divided by the same */
    torsh_dtype own = torsh_dtype_of(weight);
    bool widens = (own == TORSH_F16 || own == TORSH_BF16) && torsh_ndim(weight) == 2 && torsh_size(weight, 0) <= 2 * n; /* a table that is mostly used */
    if ((sum || even) && !per_sample_weights.id && !scale_grad_by_freq && !(max_norm < INFINITY) && (own == TORSH_F32 || own == TORSH_F64 || widens)) {
        if (!offsets.id) starts = torsh_mul(torsh_arange(0, (double)(bags + 1), 1, TORSH_I64, s.device), torsh_integer(longest));
        torsh_tensor sums = torsh__bag_sums(torsh__widened(weight), flat, starts, padding_idx);
        return torsh__narrowed(even ? torsh_div(sums, torsh_number((double)longest)) : sums, own);
    }
    torsh__shape w = torsh__shape_of(weight);
    if (sum && !offsets.id && padding_idx < 0 && max_norm == INFINITY && !scale_grad_by_freq && w.ndim == 2 && torsh_dtype_is_floating_point(w.dtype) && s.dtype == TORSH_I64 && n > 0) {
        torsh_tensor index = torsh_transpose(torsh_reshape(input, TORSH_DIMS(1, bags, longest)), 1, 2), factor = torsh__widened(per_sample_weights);
        if (factor.id) factor = torsh_transpose(torsh_reshape(factor, TORSH_DIMS(1, bags, longest)), 1, 2);
        torsh_tensor y = torsh__taps(torsh_reshape(torsh__widened(weight), TORSH_DIMS(1, 1, w.sizes[0], w.sizes[1])), index, factor);
        return torsh__narrowed(torsh_reshape(y, TORSH_DIMS(bags, w.sizes[1])), w.dtype);
    }
    torsh_tensor rows = torsh_embedding_max_norm(flat, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq);
    if (TORSH_FAILED(rows)) return rows;
    torsh_dtype dtype = torsh_dtype_of(weight);
    int64_t width = torsh_size(weight, 1);
    if (n == 0) return torsh_add(torsh_zeros(TORSH_DIMS(bags, width), dtype, s.device), torsh_sum(rows, TORSH_DIMS(0), true));
    rows = torsh__widened(rows);
    if (per_sample_weights.id) rows = torsh_mul(rows, torsh_unsqueeze(torsh_reshape(torsh__widened(per_sample_weights), TORSH_DIMS(n)), 1));
    if (strcmp(mode, "mean") != 0 && !offsets.id && padding_idx < 0) { /* nothing is left out */
        int64_t dim = 1;
        rows = torsh_reshape(rows, TORSH_DIMS(bags, longest, width));
        return torsh__narrowed(sum ? torsh_sum(rows, &dim, 1, false) : torsh_max_dim(rows, 1, false).values, dtype);
    }
    torsh_tensor counts = torsh_ne(flat, torsh_integer(padding_idx < 0 ? -1 : padding_idx));
    torsh_tensor mask;
    if (!offsets.id) mask = torsh_reshape(counts, TORSH_DIMS(bags, longest, 1));
    else {
        torsh_tensor places = places_in(starts, bags, longest), there = torsh_ge(places, torsh_integer(0)), at = torsh_reshape(torsh_where(there, places, torsh_integer(0)), TORSH_DIMS(bags * longest));
        rows = torsh_index_select(rows, 0, at);
        mask = torsh_logical_and(torsh_unsqueeze(there, 2), torsh_reshape(torsh_index_select(counts, 0, at), TORSH_DIMS(bags, longest, 1)));
    }
    return torsh__narrowed(reduce_bags(torsh_reshape(rows, TORSH_DIMS(bags, longest, width)), mask, mode), dtype);
}

/* ---- attention ------------------------------------------------------------------------------------------------------- */

/* softmax over the last dim of scores where the bool mask is true; a row without any is 0. */
static torsh_tensor masked_softmax(torsh_tensor scores, torsh_tensor mask)
{
    int64_t last = -1;
    torsh_tensor weights = torsh_softmax(torsh_where(mask, scores, torsh_number(-INFINITY)), -1);
    return torsh_where(torsh_any(mask, &last, 1, true), weights, torsh_number(0));
}

static torsh_tensor repeated_heads(torsh_tensor t, int64_t heads)
{
    int64_t own = torsh_size(t, -3);
    return own > 0 && own < heads && heads % own == 0 ? torsh_repeat_interleave(t, heads / own, -3) : t;
}

static torsh_status check_mask(torsh_tensor mask, torsh_tensor scores, torsh_dtype dtype)
{
    torsh__shape m = torsh__shape_of(mask), s = torsh__shape_of(scores);
    if (m.dtype != TORSH_BOOL && m.dtype != TORSH_F32 && m.dtype != dtype)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "scaled_dot_product_attention: 'attn_mask' must be bool, f32 or of the dtype of 'query', %s; it is %s", torsh_dtype_name(dtype), torsh_dtype_name(m.dtype));
    if (torsh__broadcasts_to(&m, s.ndim, s.sizes)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'attn_mask' is %s; it must broadcast to the scores, which are %s", torsh_shape_text(mask), torsh_shape_text(scores));
}

/* The product, whose only shapes in question are those of batches. */
static torsh_tensor batched_product(torsh_tensor a, torsh_tensor b, torsh_tensor query, torsh_tensor other, const char *name)
{
    torsh_tensor product = torsh_matmul(a, b);
    if (!TORSH_FAILED(product) || torsh_id_status(product.id) != TORSH_SHAPE_MISMATCH) return product;
    return torsh__refuse_instead(TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'query' is %s and '%s' is %s; their dimensions before the last two don't broadcast",
                                 torsh_shape_text(query), name, torsh_shape_text(other));
}

static torsh_tensor compose_scaled_dot_product_attention(torsh_tensor query, torsh_tensor key, torsh_tensor value, torsh_tensor attn_mask, double dropout_p, bool is_causal,
                                                         double scale, bool enable_gqa)
{
    torsh__shape q = torsh__shape_of(query), k = torsh__shape_of(key), v = torsh__shape_of(value);
    if (q.ndim < 2 || k.ndim < 2 || v.ndim < 2 || q.sizes[q.ndim - 1] != k.sizes[k.ndim - 1] || k.sizes[k.ndim - 2] != v.sizes[v.ndim - 2] || q.dtype != k.dtype ||
        q.dtype != v.dtype)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'query' %s, 'key' %s and 'value' %s must be (..., L, E), (..., S, E) and (..., S, F) of one dtype",
                             torsh_shape_text(query), torsh_shape_text(key), torsh_shape_text(value));
    if (!torsh_dtype_is_floating_point(q.dtype))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "scaled_dot_product_attention: 'query', 'key' and 'value' must be floating point; they are %s", torsh_dtype_name(q.dtype));
    if (is_causal && attn_mask.id) return torsh__refuse(TORSH_INVALID_ARGUMENT, "scaled_dot_product_attention: is_causal and 'attn_mask' exclude each other");
    if (enable_gqa && q.ndim >= 3 && k.ndim >= 3 && v.ndim >= 3) {
        key = repeated_heads(key, q.sizes[q.ndim - 3]);
        value = repeated_heads(value, q.sizes[q.ndim - 3]);
    }
    double width = (double)q.sizes[q.ndim - 1];
    torsh_tensor half = torsh_number(sqrt(isnan(scale) ? 1 / sqrt(width > 0 ? width : 1) : fabs(scale))); /* on both sides, against overflow */
    torsh_tensor left = torsh_mul(torsh__widened(query), half), right = torsh_mul(torsh__widened(key), half);
    if (scale < 0) left = torsh_neg(left);
    torsh_tensor scores = batched_product(left, torsh_transpose(right, -2, -1), query, key, "key"), weights;
    if (TORSH_FAILED(scores)) return scores;
    torsh_status status = attn_mask.id ? check_mask(attn_mask, scores, q.dtype) : TORSH_OK;
    if (status) return torsh__tensor_error(status);
    int64_t l = q.sizes[q.ndim - 2], s = k.sizes[k.ndim - 2];
    if (is_causal) weights = masked_softmax(scores, torsh_tril(torsh_ones(TORSH_DIMS(l, s), TORSH_BOOL, q.device), 0));
    else if (!attn_mask.id) weights = torsh_softmax(scores, -1);
    else if (torsh_dtype_of(attn_mask) == TORSH_BOOL) weights = masked_softmax(scores, attn_mask);
    else {
        scores = torsh_add(scores, torsh__widened(attn_mask));
        weights = masked_softmax(scores, torsh_ne(scores, torsh_number(-INFINITY)));
    }
    if (dropout_p > 0) weights = torsh_dropout(weights, dropout_p, true);
    return torsh__narrowed(batched_product(weights, torsh__widened(value), query, value, "value"), q.dtype);
}

torsh_tensor torsh_embedding_renorm_(torsh_tensor weight, torsh_tensor indices, double max_norm, double norm_type)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    bool narrow = torsh_ndim(weight) == 2 && torsh_size(weight, 1) > 0; /* a column will do for the checks */
    torsh_tensor checked = torsh_embedding(indices, narrow ? torsh_narrow(weight, 1, 0, 1) : weight, -1); /* shapes, dtypes, ranges */
    if (TORSH_FAILED(checked)) return checked;
    torsh_status status = torsh_numel(indices) > 0 ? renormalise(indices, weight, max_norm, norm_type) : TORSH_OK;
    if (status) return torsh__tensor_error(status);
    torsh_tensor result = torsh_share(weight);
    torsh_keep(result);
    return result;
}

#include "define_rows.h"

#include "attention.def"
