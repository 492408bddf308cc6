/* Embeddings, attention. */
#ifndef TORSH_ATTENTION_OPS_H
#define TORSH_ATTENTION_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* torsh_embedding after scaling down, in place, the rows of weight that input names and whose norm_type-norm is larger than max_norm (INFINITY: none).
 * scale_grad_by_freq divides each row's gradient by how often input names it. */
TORSH_API torsh_tensor torsh_embedding_max_norm(torsh_tensor input, torsh_tensor weight, int64_t padding_idx, double max_norm,
                                                double norm_type, bool scale_grad_by_freq);
/* The rows of weight that indices name, scaled down in place to a norm_type-norm of max_norm where theirs is larger. */
TORSH_API torsh_tensor torsh_embedding_renorm_(torsh_tensor weight, torsh_tensor indices, double max_norm, double norm_type);
/* The sum, mean or max (mode) of the rows in each bag: the rows of input (bags, n), or a flat input that bags begin in at `offsets`, the last one its end
 * with include_last_offset. Indices padding_idx (unless negative) are left out. per_sample_weights, for sums: of input's shape, or null. Reads offsets,
 * so it waits for the device. */
TORSH_API torsh_tensor torsh_embedding_bag(torsh_tensor input, torsh_tensor weight, torsh_tensor offsets, double max_norm,
                                           double norm_type, bool scale_grad_by_freq, const char *mode,
                                           torsh_tensor per_sample_weights, bool include_last_offset, int64_t padding_idx);
/* softmax(query key^T scale + attn_mask) value, for query (..., L, E), key (..., S, E) and value (..., S, F). A bool attn_mask says where attention
 * may go; a row without any gives 0. Others are f32 or of query's dtype. scale NAN: 1 / sqrt(E). enable_gqa repeats the heads of key and value, which are dim -3. */
TORSH_API torsh_tensor torsh_scaled_dot_product_attention(torsh_tensor query, torsh_tensor key, torsh_tensor value,
                                                          torsh_tensor attn_mask, double dropout_p, bool is_causal, double scale,
                                                          bool enable_gqa);
typedef struct torsh_multi_head_attention_forward_options {
    size_t size; /* set by torsh_multi_head_attention_forward_defaults; tensors are null for none */
    torsh_tensor in_proj_weight, in_proj_bias;  /* (3 E, E) and (3 E) */
    torsh_tensor out_proj_bias;                 /* (E) */
    torsh_tensor bias_k, bias_v;                /* (1, 1, E): one more key and value */
    torsh_tensor key_padding_mask;              /* (N, S): true, or a number to add to the scores, for keys to leave out */
    torsh_tensor attn_mask;                     /* (L, S) or (N heads, L, S), likewise */
    torsh_tensor q_proj_weight, k_proj_weight, v_proj_weight; /* in place of in_proj_weight */
    torsh_tensor static_k, static_v;            /* (N heads, S, width), in place of the projected ones */
    double dropout_p;                           /* 0 */
    bool training;                              /* true: dropout is done */
    bool need_weights, average_attn_weights;    /* true, true */
    bool add_zero_attn, use_separate_proj_weight, is_causal; /* false */
} torsh_multi_head_attention_forward_options;
TORSH_API torsh_multi_head_attention_forward_options torsh_multi_head_attention_forward_defaults(void);
/* Attention of several heads, as torch.nn.functional has it: query (L, N, E), key and value (S, N, E), or all without N; out_proj_weight (E, E);
 * the other weights are in the options. The result, and the weights of attention (N, L, S), or (N, heads, L, S) if not averaged; null if not needed. */
TORSH_API torsh_pair torsh_multi_head_attention_forward(torsh_tensor query, torsh_tensor key, torsh_tensor value, int64_t embed_dim_to_check,
                                                        int64_t num_heads, torsh_tensor out_proj_weight,
                                                        const torsh_multi_head_attention_forward_options *options);

#ifdef __cplusplus
}
#endif

#endif
