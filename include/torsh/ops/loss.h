/* Losses. As in torch.nn.functional. Options are made by their _defaults function; NULL means PyTorch's defaults. */
#ifndef TORSH_LOSS_OPS_H
#define TORSH_LOSS_OPS_H

#include <torsh/autograd.h>
#include <torsh/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the losses of the elements become one: as they are, their mean, their sum, their sum over the size of the first dim (kl_div only). */
typedef enum torsh_reduction { TORSH_NONE = 0, TORSH_MEAN = 1, TORSH_SUM = 2, TORSH_BATCHMEAN = 3 } torsh_reduction;

typedef struct torsh_loss_options {
    size_t size;           /* set by torsh_loss_defaults */
    torsh_tensor weight;   /* multiplies each element's loss, or as the function says; null: none */
    torsh_reduction reduction; /* TORSH_MEAN */
} torsh_loss_options;
TORSH_API torsh_loss_options torsh_loss_defaults(void);

typedef struct torsh_cross_entropy_options {
    size_t size;            /* set by torsh_cross_entropy_defaults */
    torsh_tensor weight;    /* (C), one per class; null: none */
    int64_t ignore_index;   /* targets that count nothing: -100 */
    double label_smoothing; /* in [0, 1]: 0 */
    torsh_reduction reduction; /* TORSH_MEAN: weighted by the targets' weights */
} torsh_cross_entropy_options;
TORSH_API torsh_cross_entropy_options torsh_cross_entropy_defaults(void);

/* input (C), (N, C) or (N, C, ...): logits. target: i64 class indices without the class dim, or floating-point class
 * probabilities of input's shape. Errors: a target outside [0, C) that is not ignore_index is TORSH_OUT_OF_RANGE. */
TORSH_API torsh_tensor torsh_cross_entropy(torsh_tensor input, torsh_tensor target, const torsh_cross_entropy_options *options);
/* The same from log probabilities and class indices; label_smoothing is not used. */
TORSH_API torsh_tensor torsh_nll_loss(torsh_tensor input, torsh_tensor target, const torsh_cross_entropy_options *options);

/* Cross entropy of torsh_linear(input, linear_weight, linear_bias): input (N, in) or (in), linear_weight (C, out..., in), linear_bias (C, out...),
 * target (N, out...). */
TORSH_API torsh_tensor torsh_linear_cross_entropy(torsh_tensor input, torsh_tensor linear_weight, torsh_tensor target,
                                                  const torsh_cross_entropy_options *options);
TORSH_API torsh_tensor torsh_linear_cross_entropy_linear_bias(torsh_tensor input, torsh_tensor linear_weight, torsh_tensor target,
                                                              torsh_tensor linear_bias, const torsh_cross_entropy_options *options);

/* (input - target)^2 for each element, reduced as the options say. */
TORSH_API torsh_tensor torsh_mse_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options);
TORSH_API torsh_tensor torsh_l1_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options);
/* PyTorch's default delta: 1. */
TORSH_API torsh_tensor torsh_huber_loss(torsh_tensor input, torsh_tensor target, double delta, const torsh_loss_options *options);
/* PyTorch's default beta: 1. */
TORSH_API torsh_tensor torsh_smooth_l1_loss(torsh_tensor input, torsh_tensor target, double beta, const torsh_loss_options *options);
/* input: probabilities. */
TORSH_API torsh_tensor torsh_binary_cross_entropy(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options);
/* input: logits. */
TORSH_API torsh_tensor torsh_binary_cross_entropy_with_logits(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options);
/* The same with the weight pos_weight, which broadcasts, on what the positive targets add. */
TORSH_API torsh_tensor torsh_binary_cross_entropy_with_logits_pos_weight(torsh_tensor input, torsh_tensor target, torsh_tensor pos_weight,
                                                                         const torsh_loss_options *options);
/* input: log probabilities; target: probabilities, or their logarithms if log_target. */
TORSH_API torsh_tensor torsh_kl_div(torsh_tensor input, torsh_tensor target, bool log_target, const torsh_loss_options *options);

/* log(1 + exp(-target input)), targets 1 or -1. */
TORSH_API torsh_tensor torsh_soft_margin_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options);
/* max(0, margin - target (input1 - input2)). PyTorch's default margin: 0. */
TORSH_API torsh_tensor torsh_margin_ranking_loss(torsh_tensor input1, torsh_tensor input2, torsh_tensor target, double margin,
                                                 const torsh_loss_options *options);
/* input where target is 1, max(0, margin - input) where it is -1. PyTorch's default margin: 1. */
TORSH_API torsh_tensor torsh_hinge_embedding_loss(torsh_tensor input, torsh_tensor target, double margin, const torsh_loss_options *options);
/* input (N, C) or (C), target the i64 classes: the sum over all other classes of max(0, margin - input[target] + input[other])^p, over C.
 * p is 1 or 2; the options' weight is (C). PyTorch's defaults: p 1, margin 1. */
TORSH_API torsh_tensor torsh_multi_margin_loss(torsh_tensor input, torsh_tensor target, double p, double margin, const torsh_loss_options *options);
/* The same for several classes: target, of input's shape, lists them up to the first negative number. */
TORSH_API torsh_tensor torsh_multilabel_margin_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options);
/* Binary cross entropy of logits, its mean over the last dim. The options' weight is one per class. */
TORSH_API torsh_tensor torsh_multilabel_soft_margin_loss(torsh_tensor input, torsh_tensor target, const torsh_loss_options *options);
/* max(0, |anchor - positive| - |anchor - negative| + margin), distances as torsh_pairwise_distance has them; swap takes |positive - negative|
 * where that is smaller. PyTorch's defaults: margin 1, p 2, eps 1e-6. */
TORSH_API torsh_tensor torsh_triplet_margin_loss(torsh_tensor anchor, torsh_tensor positive, torsh_tensor negative, double margin, double p,
                                                 double eps, bool swap, const torsh_loss_options *options);
/* max(0, |anchor - positive| - |anchor - negative| + margin) with distance(context, two tensors) for |a - b|; NULL is torsh_pairwise_distance with p 2
 * and eps 1e-6. 16-bit floats come to it as f32. The handles that it makes are released. swap as above. */
TORSH_API torsh_tensor torsh_triplet_margin_with_distance_loss(torsh_tensor anchor, torsh_tensor positive, torsh_tensor negative,
                                                               torsh_tensor_function *distance, void *context, double margin, bool swap,
                                                               const torsh_loss_options *options);
/* 1 - cos where target is 1, max(0, cos - margin) where it is -1. PyTorch's default margin: 0. */
TORSH_API torsh_tensor torsh_cosine_embedding_loss(torsh_tensor input1, torsh_tensor input2, torsh_tensor target, double margin,
                                                   const torsh_loss_options *options);
/* Of a normal distribution with mean input and variance var, which is taken to be at least eps; full adds the constant. PyTorch's eps: 1e-6. */
TORSH_API torsh_tensor torsh_gaussian_nll_loss(torsh_tensor input, torsh_tensor target, torsh_tensor var, bool full, double eps,
                                               const torsh_loss_options *options);
/* Of a Poisson distribution with the rate exp(input), or input if not log_input; full adds Stirling's term. PyTorch's eps: 1e-8. */
TORSH_API torsh_tensor torsh_poisson_nll_loss(torsh_tensor input, torsh_tensor target, bool log_input, bool full, double eps,
                                              const torsh_loss_options *options);

/* Connectionist temporal classification. log_probs (T, N, C) or (T, C); targets: i64 classes without `blank`, (N, S), or those of all samples in a row;
 * a length of both for each sample. TORSH_MEAN divides by the target lengths first. zero_infinity: 0 where a target can't be aligned. The gradient is
 * that of log_softmax's input, as PyTorch's is. The options' weight is not used. Reads targets, so it waits for the device. */
TORSH_API torsh_tensor torsh_ctc_loss(torsh_tensor log_probs, torsh_tensor targets, const int64_t *input_lengths, size_t input_lengths_count,
                                      const int64_t *target_lengths, size_t target_lengths_count, int64_t blank, bool zero_infinity,
                                      const torsh_loss_options *options);

#ifdef __cplusplus
}
#endif

#endif
