/* torch.nn.functional.multi_head_attention_forward: projections, masks, heads, attention, the projection back. It is no row, as it has
 * more arguments than those take. Shapes in comments: L queries, S keys, N samples, E = heads * width. */
#include "composed.h"
#include "options.h"

#include <math.h>

typedef torsh_multi_head_attention_forward_options mha_options;

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
    return torsh_transpose(torsh_reshape(torsh_contiguous(t), TORSH_DIMS(-1, m->n * m->heads, m->width)), 0, 1);
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
    keys = torsh_reshape(added(m, keys, extra), TORSH_DIMS(m->n, 1, 1, -1));
    keys = torsh_reshape(torsh_expand(keys, TORSH_DIMS(-1, m->heads, -1, -1)), TORSH_DIMS(m->n * m->heads, 1, -1));
    return mask.id ? torsh_add(mask, keys) : keys;
}

static torsh_pair attend(mha *m, torsh_tensor q, torsh_tensor k, torsh_tensor v, torsh_tensor out_proj_weight)
{
    int64_t extra = 0;
    if (m->o.bias_k.id && m->o.bias_v.id) k = with_row(m, k, m->o.bias_k), v = with_row(m, v, m->o.bias_v), extra++;
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

static torsh_status check(mha *m, const torsh__shape *q, const torsh__shape *k, const torsh__shape *v, int64_t embed_dim_to_check, int64_t num_heads)
{
    static const char name[] = "multi_head_attention_forward";
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
    return TORSH_OK;
}

torsh_pair torsh_multi_head_attention_forward(torsh_tensor query, torsh_tensor key, torsh_tensor value, int64_t embed_dim_to_check, int64_t num_heads,
                                              torsh_tensor out_proj_weight, const mha_options *options)
{
    const torsh_tensor needed[4] = {query, key, value, out_proj_weight};
    static const char *const params[4] = {"query", "key", "value", "out_proj_weight"};
    static const char name[] = "multi_head_attention_forward";
    mha m = {.o = torsh_multi_head_attention_forward_defaults()};
    torsh_status status = torsh__take_options(name, &m.o, sizeof m.o, sizeof m.o, options);
    for (int i = 0; i < 4 && status == TORSH_OK; i++) {
        const torsh__tensor *t = torsh__tensor_look(needed[i], name, params[i], &status);
        if (t) torsh__unpin(needed[i].id);
    }
    if (status) return (torsh_pair){torsh__tensor_error(status), torsh__tensor_error(status)};
    torsh__shape q = torsh__shape_of(query), k = torsh__shape_of(key), v = torsh__shape_of(value);
    status = check(&m, &q, &k, &v, embed_dim_to_check, num_heads);
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
