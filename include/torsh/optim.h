/* Optimizers and learning rate schedules, with PyTorch's options, defaults and numbers.
 *
 * An optimizer keeps the tensors that it was given alive and changes them in place. One optimizer may not be used by two
 * threads at the same time. */
#ifndef TORSH_OPTIM_H
#define TORSH_OPTIM_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ==== optimizers =============================================================================================== */

/* Options start from the defaults function, which sets `size`; options NULL: the defaults, which are PyTorch's. */
typedef struct torsh_sgd_options {
    size_t size;
    double momentum;     /* 0 */
    double dampening;    /* 0 */
    double weight_decay; /* 0 */
    bool nesterov;       /* false; needs momentum and no dampening */
    bool maximize;       /* false */
} torsh_sgd_options;
TORSH_API torsh_sgd_options torsh_sgd_defaults(void);

typedef struct torsh_adam_options {
    size_t size;
    double beta1, beta2; /* 0.9, 0.999 */
    double eps;          /* 1e-8 */
    double weight_decay; /* Adam: 0, added to the gradient; AdamW: 0.01, decoupled from it */
    bool amsgrad;        /* false */
    bool maximize;       /* false */
} torsh_adam_options;
TORSH_API torsh_adam_options torsh_adam_defaults(void);
TORSH_API torsh_adam_options torsh_adamw_defaults(void);

/* Over leaf tensors, such as torsh_nn_parameters gives; no tensor may come twice. */
TORSH_API torsh_optimizer torsh_optim_sgd(torsh_tensors params, double lr);
TORSH_API torsh_optimizer torsh_optim_sgd_with(torsh_tensors params, double lr, const torsh_sgd_options *options);
TORSH_API torsh_optimizer torsh_optim_adam(torsh_tensors params, double lr);
TORSH_API torsh_optimizer torsh_optim_adam_with(torsh_tensors params, double lr, const torsh_adam_options *options);
TORSH_API torsh_optimizer torsh_optim_adamw(torsh_tensors params, double lr);
TORSH_API torsh_optimizer torsh_optim_adamw_with(torsh_tensors params, double lr, const torsh_adam_options *options);

/* Takes all gradients away. */
TORSH_API torsh_status torsh_optim_zero_grad(torsh_optimizer optimizer);
/* Updates each parameter that has a gradient. If none has one and something failed on this thread since the last step, fails
 * with that failure's text: a training loop needs no check but of this. */
TORSH_API torsh_status torsh_optim_step(torsh_optimizer optimizer);

/* ---- parameter groups ---- */

/* More parameters, with options of their own: they start with those that the optimizer was made with. Set them by name. */
TORSH_API torsh_status torsh_optim_add_param_group(torsh_optimizer optimizer, torsh_tensors params, double lr);
TORSH_API int64_t torsh_optim_group_count(torsh_optimizer optimizer); /* -1 on an unusable handle */
TORSH_API double torsh_optim_lr(torsh_optimizer optimizer, int64_t group); /* NaN on failure */
TORSH_API torsh_status torsh_optim_set_lr(torsh_optimizer optimizer, int64_t group, double lr);
/* Names are the fields of the options structs, and "lr"; truth values are 0 and 1. */
TORSH_API torsh_status torsh_optim_get_option(torsh_optimizer optimizer, int64_t group, const char *name, double *value);
TORSH_API torsh_status torsh_optim_set_option(torsh_optimizer optimizer, int64_t group, const char *name, double value);

/* ---- state ---- */

/* Everything that is needed to go on exactly from here, as tensors: "state.0.exp_avg" and so on by the parameter's place,
 * "state.0.step", and "param_groups.0.lr" and the other options, as 0-d f64. */
TORSH_API torsh_state_dict torsh_optim_state_dict(torsh_optimizer optimizer);
/* Of an optimizer of the same kind, over parameters of the same shapes. On failure nothing was changed. */
TORSH_API torsh_status torsh_optim_load_state_dict(torsh_optimizer optimizer, torsh_state_dict dict);

/* ==== learning rate schedules ================================================================================== */

/* A scheduler changes its optimizer's learning rates, of each group from the one that it has when the scheduler is made, each
 * time torsh_lr_scheduler_step is called, mostly once an epoch after the optimizer's steps. Formulas: PyTorch's lr_scheduler. */

/* Times gamma every step_size calls. */
TORSH_API torsh_scheduler torsh_lr_scheduler_step_lr(torsh_optimizer optimizer, int64_t step_size, double gamma);
/* Times gamma with each call. */
TORSH_API torsh_scheduler torsh_lr_scheduler_exponential_lr(torsh_optimizer optimizer, double gamma);
/* Half a cosine from the initial rate down to eta_min in t_max calls. */
TORSH_API torsh_scheduler torsh_lr_scheduler_cosine_annealing_lr(torsh_optimizer optimizer, int64_t t_max, double eta_min);
/* Times a factor that goes from start_factor to end_factor in total_iters calls. PyTorch's defaults: 1.0 / 3, 1, 5. */
TORSH_API torsh_scheduler torsh_lr_scheduler_linear_lr(torsh_optimizer optimizer, double start_factor, double end_factor, int64_t total_iters);

typedef struct torsh_one_cycle_options {
    size_t size;
    double pct_start;      /* 0.3: part of the cycle that goes up */
    bool linear;           /* false: anneals by a cosine */
    bool cycle_momentum;   /* true: momentum, or beta1, goes the other way */
    double base_momentum;  /* 0.85 */
    double max_momentum;   /* 0.95 */
    double div_factor;     /* 25: initial rate is max_lr / div_factor */
    double final_div_factor; /* 1e4: last rate is the initial one / final_div_factor */
    bool three_phase;      /* false */
} torsh_one_cycle_options;
TORSH_API torsh_one_cycle_options torsh_one_cycle_defaults(void);
/* Up to max_lr and down in total_steps calls. */
TORSH_API torsh_scheduler torsh_lr_scheduler_one_cycle_lr(torsh_optimizer optimizer, double max_lr, int64_t total_steps,
                                                          const torsh_one_cycle_options *options);

TORSH_API torsh_status torsh_lr_scheduler_step(torsh_scheduler scheduler);
/* The rate of a group after the last call; NaN on failure. */
TORSH_API double torsh_lr_scheduler_last_lr(torsh_scheduler scheduler, int64_t group);
/* "last_epoch", "base_lrs" and so on as f64 tensors; the optimizer's state has to be saved besides. */
TORSH_API torsh_state_dict torsh_lr_scheduler_state_dict(torsh_scheduler scheduler);
TORSH_API torsh_status torsh_lr_scheduler_load_state_dict(torsh_scheduler scheduler, torsh_state_dict dict);

#ifdef __cplusplus
}
#endif

#endif
