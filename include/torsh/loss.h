/* Losses, as in torch.nn.functional. Options are made by their _defaults function; NULL means PyTorch's defaults. */
#ifndef TORSH_LOSS_H
#define TORSH_LOSS_H

#include <torsh/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the losses of the elements become one: as they are, their mean, their sum. */
typedef enum torsh_reduction { TORSH_NONE = 0, TORSH_MEAN = 1, TORSH_SUM = 2 } torsh_reduction;

typedef struct torsh_loss_options {
    size_t size;           /* set by torsh_loss_defaults */
    torsh_tensor weight;   /* multiplies each element's loss; null: none */
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
/* input: log probabilities; target: probabilities, or their logarithms if log_target. */
TORSH_API torsh_tensor torsh_kl_div(torsh_tensor input, torsh_tensor target, bool log_target, const torsh_loss_options *options);

#ifdef __cplusplus
}
#endif

#endif
