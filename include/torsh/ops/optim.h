/* Update steps of optimizers. What <torsh/optim.h> uses, for optimizers of one's own. The parameter `input` is changed in place, and so
 * are the states. All have its shape and dtype. Call them inside torsh_no_grad. */
#ifndef TORSH_OPTIM_OPS_H
#define TORSH_OPTIM_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* SGD; momentum_buffer may be null (then momentum is not used) and is overwritten in the first step. */
TORSH_API torsh_tensor torsh_fused_sgd_(torsh_tensor input, torsh_tensor grad, torsh_tensor momentum_buffer, double lr, double momentum,
                                        double dampening, double weight_decay, bool nesterov, bool maximize, bool is_first_step);
/* Adam, or AdamW if the weight decay is decoupled; max_exp_avg_sq, if not null, makes it AMSGrad. step counts from 1. */
TORSH_API torsh_tensor torsh_fused_adam_(torsh_tensor input, torsh_tensor grad, torsh_tensor exp_avg, torsh_tensor exp_avg_sq,
                                         torsh_tensor max_exp_avg_sq, int64_t step, double lr, double beta1, double beta2, double weight_decay,
                                         double eps, bool decoupled, bool maximize);

#ifdef __cplusplus
}
#endif

#endif
