/* torch.nn.functional.multi_head_attention_forward: projections, masks, heads, attention, the projection back. It is no row, as it has
 * more arguments than those take. Shapes in comments: L queries, S keys, N samples, E = heads * width. */
#include "composed.h"
#include "options.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/attention.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/join.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/random.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/softmax.h>
#include <torsh/ops/view.h>

#include <math.h>

typedef torsh_multi_head_attention_forward_options mha_options;

static const char name[] = "multi_head_attention_forward";

mha_options torsh_multi_head_attention_forward_defaults(void)
{
    return (mha_options){.size = sizeof(mha_options), .training = true, .need_weights = true, .average_attn_weights = true};
}

typedef struct mha {
    int64_t l, s, n, e, heads, width;
    torsh_dtype dtype; /* that is computed in */
    torsh_device device;
    mha_options o;
} mha;

/* Rows [part * e, (part + 1) * e) of the packed weight or bias. */
static torsh_tensor packed(torsh_tensor t, int64_t part, int64_t e)
{
    return t.id ? torsh_slice(t, 0, part * e, (part + 1) * e, 1) : t;
}

static torsh_tensor project(const mha *m, torsh_tensor x, torsh_tensor own, int64_t part)
{
    torsh_tensor weight = m->o.use_separate_proj_weight ? own : packed(m->o.in_proj_weight, part, m->e);
    return torsh_linear(torsh__widened(x), torsh__widened(weight), torsh__widened(packed(m->o.in_proj_bias, part, m->e)));
}

/* (S, N, E) and a row (1, 1, E): (S + 1, N, E). */
static torsh_tensor with_row(const mha *m, torsh_tensor t, torsh_tensor row)
{
    torsh_tensor parts[2] = {t, torsh_expand(torsh_reshape(torsh__widened(row), TORSH_DIMS(1, 1, m->e)), TORSH_DIMS(1, m->n, m->e))};
    return torsh_cat(parts, 2, 0);
}

/* (rows, N, E): (N heads, rows, width). */
static torsh_tensor by_heads(const mha *m, torsh_tensor t)
{
    return torsh_transpose(torsh_reshape(torsh_contiguous(t), TORSH_DIMS(torsh_size(t, 0), m->n * m->heads, m->width)), 0, 1);
}

/* Masks are added to the scores: -Inf where a bool one is true. Keys beyond it get `extra` columns of 0. */
static torsh_tensor added(const mha *m, torsh_tensor mask, int64_t extra)
{
    if (torsh_dtype_of(mask) == TORSH_BOOL) mask = torsh_where(mask, torsh_scalar(-INFINITY, m->dtype, m->device), torsh_scalar(0, m->dtype, m->device));
    return torsh_constant_pad_nd(torsh__narrowed(mask, m->dtype), TORSH_DIMS(0, extra), torsh_number(0));
}

/* (N heads or 1, L or 1, S), or null. */
static torsh_tensor whole_mask(const mha *m, int64_t extra)
{
    torsh_tensor mask = {0}, keys = m->o.key_padding_mask;
    if (m->o.attn_mask.id) {
        mask = added(m, m->o.attn_mask, extra);
        if (torsh_ndim(mask) == 2) mask = torsh_unsqueeze(mask, 0);
    }
    if (!keys.id) return mask;
    if (torsh_ndim(keys) == 1) keys = torsh_unsqueeze(keys, 0);
    keys = torsh_reshape(added(m, keys, extra), TORSH_DIMS(m->n, 1, 1, m->s + extra));
    keys = torsh_reshape(torsh_expand(keys, TORSH_DIMS(-1, m->heads, -1, -1)), TORSH_DIMS(m->n * m->heads, 1, m->s + extra));
    return mask.id ? torsh_add(mask, keys) : keys;
}

static torsh_pair attend(mha *m, torsh_tensor q, torsh_tensor k, torsh_tensor v, torsh_tensor out_proj_weight)
{
    int64_t extra = 0;
    if (m->o.bias_k.id) k = with_row(m, k, m->o.bias_k), v = with_row(m, v, m->o.bias_v), extra++;
    q = by_heads(m, q);
    k = m->o.static_k.id ? torsh__widened(m->o.static_k) : by_heads(m, k);
    v = m->o.static_v.id ? torsh__widened(m->o.static_v) : by_heads(m, v);
    if (m->o.add_zero_attn) {
        torsh_tensor none = torsh_zeros(TORSH_DIMS(m->n * m->heads, 1, m->width), m->dtype, m->device);
        k = torsh_cat((torsh_tensor[]){k, none}, 2, 1);
        v = torsh_cat((torsh_tensor[]){v, none}, 2, 1);
        extra++;
    }
    torsh_tensor mask = whole_mask(m, extra);
    torsh_tensor scores = torsh_matmul(torsh_mul(q, torsh_number(1 / sqrt((double)m->width))), torsh_transpose(k, -2, -1));
    torsh_tensor weights = torsh_softmax(mask.id ? torsh_add(scores, mask) : scores, -1);
    if (m->o.training && m->o.dropout_p > 0) weights = torsh_dropout(weights, m->o.dropout_p, true);
    torsh_tensor y = torsh_reshape(torsh_contiguous(torsh_transpose(torsh_matmul(weights, v), 0, 1)), TORSH_DIMS(m->l, m->n, m->e));
    y = torsh_linear(y, torsh__widened(out_proj_weight), torsh__widened(m->o.out_proj_bias));
    if (!m->o.need_weights) return (torsh_pair){y, {0}};
    weights = torsh_reshape(weights, TORSH_DIMS(m->n, m->heads, m->l, torsh_size(k, 1)));
    return (torsh_pair){y, m->o.average_attn_weights ? torsh_mean(weights, TORSH_DIMS(1), false) : weights};
}

/* Fails unless t is absent, or of these sizes and, where it isn't a mask that may be bool, of the query's dtype. */
static torsh_status check_part(torsh_dtype dtype, torsh_tensor t, const char *param, bool mask, int ndim, const int64_t *sizes)
{
    torsh_status status = TORSH_OK;
    torsh__shape_text wanted;
    if (!t.id) return TORSH_OK;
    if (!torsh__tensor_look(t, name, param, &status)) return status;
    torsh__unpin(t.id);
    torsh__shape s = torsh__shape_of(t);
    if (s.dtype != dtype && !(mask && s.dtype == TORSH_BOOL))
        return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: '%s' must be %sof the dtype of 'query', %s; it is %s", name, param, mask ? "bool or " : "", torsh_dtype_name(dtype), torsh_dtype_name(s.dtype));
    if (torsh__same_sizes(s.ndim, s.sizes, ndim, sizes)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: '%s' must be %s; it is %s", name, param, torsh__shape_print(&wanted, ndim, sizes), torsh_shape_text(t));
}

static torsh_status check_projections(const mha *m, torsh_dtype dtype, int64_t k_features, int64_t v_features, torsh_tensor out_proj_weight)
{
    int64_t e = m->e, out = torsh_ndim(out_proj_weight) > 0 ? torsh_size(out_proj_weight, 0) : e;
    const mha_options *o = &m->o;
    torsh_status status = check_part(dtype, out_proj_weight, "out_proj_weight", false, 2, (const int64_t[]){out, e});
    if (status == TORSH_OK) status = check_part(dtype, o->out_proj_bias, "out_proj_bias", false, 1, &out);
    if (status == TORSH_OK) status = check_part(dtype, o->in_proj_bias, "in_proj_bias", false, 1, (const int64_t[]){3 * e});
    if (!o->use_separate_proj_weight) {
        if (status == TORSH_OK) status = check_part(dtype, o->in_proj_weight, "in_proj_weight", false, 2, (const int64_t[]){3 * e, e});
        if (status == TORSH_OK && (k_features != e || v_features != e))
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'key' and 'value' have %lld and %lld features; with in_proj_weight they must have those of 'query', %lld", name,
                                 (long long)k_features, (long long)v_features, (long long)e);
        return status;
    }
    if (status == TORSH_OK) status = check_part(dtype, o->q_proj_weight, "q_proj_weight", false, 2, (const int64_t[]){e, e});
    if (status == TORSH_OK) status = check_part(dtype, o->k_proj_weight, "k_proj_weight", false, 2, (const int64_t[]){e, k_features});
    return status ? status : check_part(dtype, o->v_proj_weight, "v_proj_weight", false, 2, (const int64_t[]){e, v_features});
}

/* What keys and masks are made of; bias_k and bias_v add a key that no mask names. */
static torsh_status check_keys(mha *m, torsh_dtype dtype, bool batched)
{
    const mha_options *o = &m->o;
    if (!o->bias_k.id != !o->bias_v.id) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: bias_k and bias_v go together; %s is absent", name, o->bias_k.id ? "bias_v" : "bias_k");
    if (o->bias_k.id && (o->static_k.id || o->static_v.id)) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: bias_k and bias_v can't be added to static_k and static_v", name);
    if (o->static_k.id) m->s = torsh_ndim(o->static_k) == 3 ? torsh_size(o->static_k, 1) : m->s;
    const int64_t row[3] = {1, 1, m->e}, whole[3] = {m->n * m->heads, m->s, m->width}, scores[3] = {m->n * m->heads, m->l, m->s}, keys[2] = {m->n, m->s};
    bool each = o->attn_mask.id && torsh_ndim(o->attn_mask) == 3;
    int k_dims = o->bias_k.id && torsh_ndim(o->bias_k) == 1 ? 1 : 3, v_dims = o->bias_v.id && torsh_ndim(o->bias_v) == 1 ? 1 : 3; /* [E] will do, as in PyTorch */
    torsh_status status = check_part(dtype, o->bias_k, "bias_k", false, k_dims, row + 3 - k_dims);
    if (status == TORSH_OK) status = check_part(dtype, o->bias_v, "bias_v", false, v_dims, row + 3 - v_dims);
    if (status == TORSH_OK) status = check_part(dtype, o->static_k, "static_k", false, 3, whole);
    if (status == TORSH_OK) status = check_part(dtype, o->static_v, "static_v", false, 3, whole);
    if (status == TORSH_OK) status = check_part(dtype, o->attn_mask, "attn_mask", true, each ? 3 : 2, each ? scores : scores + 1);
    return status ? status : check_part(dtype, o->key_padding_mask, "key_padding_mask", true, batched ? 2 : 1, batched ? keys : keys + 1);
}

static torsh_status check(mha *m, const torsh__shape *q, const torsh__shape *k, const torsh__shape *v, int64_t embed_dim_to_check, int64_t num_heads, torsh_tensor out_proj_weight)
{
    if ((q->ndim != 2 && q->ndim != 3) || k->ndim != q->ndim || v->ndim != q->ndim || !torsh__same_sizes(q->ndim - 1, k->sizes, q->ndim - 1, v->sizes) ||
        (q->ndim == 3 && q->sizes[1] != k->sizes[1]))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'query', 'key' and 'value' must be (L, N, E), (S, N, E) and (S, N, E), or all without N", name);
    if (q->sizes[q->ndim - 1] != embed_dim_to_check) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'query' has %lld features, not embed_dim_to_check (%lld)", name, (long long)q->sizes[q->ndim - 1], (long long)embed_dim_to_check);
    if (num_heads < 1 || embed_dim_to_check % num_heads) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: num_heads (%lld) must divide embed_dim_to_check (%lld)", name, (long long)num_heads, (long long)embed_dim_to_check);
    if (m->o.is_causal && !m->o.attn_mask.id) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: is_causal needs attn_mask, the mask that it speaks of", name);
    bool three = m->o.q_proj_weight.id && m->o.k_proj_weight.id && m->o.v_proj_weight.id;
    if (m->o.use_separate_proj_weight ? !three : !m->o.in_proj_weight.id)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: needs in_proj_weight; or q_proj_weight, k_proj_weight and v_proj_weight with use_separate_proj_weight", name);
    m->l = q->sizes[0], m->s = k->sizes[0], m->n = q->ndim == 3 ? q->sizes[1] : 1, m->e = embed_dim_to_check, m->heads = num_heads, m->width = m->e / num_heads;
    m->dtype = q->dtype == TORSH_F16 || q->dtype == TORSH_BF16 ? TORSH_F32 : q->dtype;
    m->device = q->device;
    if (k->dtype != q->dtype || v->dtype != q->dtype) return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: 'query', 'key' and 'value' must have the same dtype", name);
    torsh_status status = check_projections(m, q->dtype, k->sizes[k->ndim - 1], v->sizes[v->ndim - 1], out_proj_weight);
    return status ? status : check_keys(m, q->dtype, q->ndim == 3);
}

torsh_pair torsh_multi_head_attention_forward(torsh_tensor query, torsh_tensor key, torsh_tensor value, int64_t embed_dim_to_check, int64_t num_heads,
                                              torsh_tensor out_proj_weight, const mha_options *options)
{
    const torsh_tensor needed[4] = {query, key, value, out_proj_weight};
    static const char *const params[4] = {"query", "key", "value", "out_proj_weight"};
    mha m = {.o = torsh_multi_head_attention_forward_defaults()};
    torsh_status status = torsh__take_options(name, &m.o, sizeof m.o, sizeof m.o, options);
    for (int i = 0; i < 4 && status == TORSH_OK; i++) {
        const torsh__tensor *t = torsh__tensor_look(needed[i], name, params[i], &status);
        if (t) torsh__unpin(needed[i].id);
    }
    if (status) return (torsh_pair){torsh__tensor_error(status), torsh__tensor_error(status)};
    torsh__shape q = torsh__shape_of(query), k = torsh__shape_of(key), v = torsh__shape_of(value);
    status = check(&m, &q, &k, &v, embed_dim_to_check, num_heads, out_proj_weight);
    if (status) return (torsh_pair){torsh__tensor_error(status), torsh__tensor_error(status)};
    torsh__thread *self = torsh__thread_get();
    const char *speaker = self->speaker;
    if (!speaker) self->speaker = name;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor batch[3] = {query, key, value}, own[3] = {m.o.q_proj_weight, m.o.k_proj_weight, m.o.v_proj_weight};
    for (int i = 0; i < 3; i++) batch[i] = project(&m, q.ndim == 3 ? batch[i] : torsh_unsqueeze(batch[i], 1), own[i], i);
    torsh_pair r = attend(&m, batch[0], batch[1], batch[2], out_proj_weight);
    if (q.ndim == 2) r.first = torsh_squeeze(r.first, TORSH_DIMS(1));
    if (q.ndim == 2 && r.second.id) r.second = torsh_squeeze(r.second, TORSH_DIMS(0));
    r.first = torsh__narrowed(r.first, q.dtype);
    if (r.second.id) r.second = torsh__narrowed(r.second, q.dtype);
    self->speaker = speaker;
    if (!TORSH_FAILED(r.first)) torsh_keep(r.first);
    if (r.second.id && !TORSH_FAILED(r.second)) torsh_keep(r.second);
    return r;
}
