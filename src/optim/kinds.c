/* SGD, Adam and AdamW: their options and updates. Formulas: torch/optim/sgd.py, adam.py, adamw.py. */
#include "options.h"
#include "optimizer.h"

#include <torsh/ops/optim.h>

static torsh_status refuse(const char *name, const char *option, double value, const char *domain)
{
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %s is %g; it must be %s", name, option, value, domain);
}

/* ---- SGD ----------------------------------------------------------------------------------------------------- */

enum { LR = 0, SGD_MOMENTUM = 1, SGD_DAMPENING, SGD_WEIGHT_DECAY, SGD_NESTEROV, SGD_MAXIMIZE };

static bool sgd_uses(const double *options, int state)
{
    (void)state;
    return options[SGD_MOMENTUM] != 0;
}

static torsh_status sgd_check(const double *o)
{
    if (!(o[LR] >= 0)) return refuse("SGD", "lr", o[LR], "0 or more");
    if (!(o[SGD_MOMENTUM] >= 0)) return refuse("SGD", "momentum", o[SGD_MOMENTUM], "0 or more");
    if (!(o[SGD_WEIGHT_DECAY] >= 0)) return refuse("SGD", "weight_decay", o[SGD_WEIGHT_DECAY], "0 or more");
    if (o[SGD_NESTEROV] != 0 && (o[SGD_MOMENTUM] <= 0 || o[SGD_DAMPENING] != 0))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "SGD: Nesterov momentum requires a momentum and zero dampening");
    return TORSH_OK;
}

static torsh_tensor sgd_update(const double *o, torsh__param_state *p, torsh_tensor grad)
{
    torsh_tensor buffer = o[SGD_MOMENTUM] != 0 ? p->state[0] : (torsh_tensor){0};
    return torsh_fused_sgd_(p->param, grad, buffer, o[LR], o[SGD_MOMENTUM], o[SGD_DAMPENING], o[SGD_WEIGHT_DECAY], o[SGD_NESTEROV] != 0,
                            o[SGD_MAXIMIZE] != 0, p->fresh);
}

const torsh__optim_kind torsh__optim_kind_sgd = {
    .name = "SGD",
    .options = {"lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize", NULL},
    .states = {"momentum_buffer", NULL},
    .uses = sgd_uses,
    .check = sgd_check,
    .update = sgd_update,
};

torsh_sgd_options torsh_sgd_defaults(void)
{
    return (torsh_sgd_options){.size = sizeof(torsh_sgd_options)};
}

torsh_optimizer torsh_optim_sgd_with(torsh_tensors params, double lr, const torsh_sgd_options *options)
{
    torsh_sgd_options o = torsh_sgd_defaults();
    torsh_status status = torsh__take_options("optim_sgd", &o, sizeof o, sizeof o, options);
    double numbers[TORSH__OPTIM_OPTIONS] = {lr, o.momentum, o.dampening, o.weight_decay, o.nesterov, o.maximize};
    return status ? (torsh_optimizer){torsh__error_id(status)} : torsh__optimizer_make(&torsh__optim_kind_sgd, params, numbers);
}

torsh_optimizer torsh_optim_sgd(torsh_tensors params, double lr)
{
    return torsh_optim_sgd_with(params, lr, NULL);
}

/* ---- Adam and AdamW ------------------------------------------------------------------------------------------ */

enum { ADAM_BETA1 = 1, ADAM_BETA2, ADAM_EPS, ADAM_WEIGHT_DECAY, ADAM_AMSGRAD, ADAM_MAXIMIZE };

static bool adam_uses(const double *options, int state)
{
    return state < 2 || options[ADAM_AMSGRAD] != 0;
}

static torsh_status adam_check(const double *o)
{
    if (!(o[LR] >= 0)) return refuse("Adam", "lr", o[LR], "0 or more");
    if (!(o[ADAM_EPS] >= 0)) return refuse("Adam", "eps", o[ADAM_EPS], "0 or more");
    if (!(o[ADAM_BETA1] >= 0 && o[ADAM_BETA1] < 1)) return refuse("Adam", "beta1", o[ADAM_BETA1], "in [0, 1)");
    if (!(o[ADAM_BETA2] >= 0 && o[ADAM_BETA2] < 1)) return refuse("Adam", "beta2", o[ADAM_BETA2], "in [0, 1)");
    if (!(o[ADAM_WEIGHT_DECAY] >= 0)) return refuse("Adam", "weight_decay", o[ADAM_WEIGHT_DECAY], "0 or more");
    return TORSH_OK;
}

static torsh_tensor adam_with(const double *o, torsh__param_state *p, torsh_tensor grad, bool decoupled)
{
    torsh_tensor most = o[ADAM_AMSGRAD] != 0 ? p->state[2] : (torsh_tensor){0};
    return torsh_fused_adam_(p->param, grad, p->state[0], p->state[1], most, p->step, o[LR], o[ADAM_BETA1], o[ADAM_BETA2], o[ADAM_WEIGHT_DECAY],
                             o[ADAM_EPS], decoupled, o[ADAM_MAXIMIZE] != 0);
}

static torsh_tensor adam_update(const double *o, torsh__param_state *p, torsh_tensor grad)
{
    return adam_with(o, p, grad, false);
}

static torsh_tensor adamw_update(const double *o, torsh__param_state *p, torsh_tensor grad)
{
    return adam_with(o, p, grad, true);
}

#define ADAM(variable, text, function)                                                              \
    const torsh__optim_kind variable = {                                                            \
        .name = text,                                                                               \
        .options = {"lr", "beta1", "beta2", "eps", "weight_decay", "amsgrad", "maximize", NULL},    \
        .states = {"exp_avg", "exp_avg_sq", "max_exp_avg_sq", NULL},                                \
        .uses = adam_uses, .check = adam_check, .update = function}
ADAM(torsh__optim_kind_adam, "Adam", adam_update);
ADAM(torsh__optim_kind_adamw, "AdamW", adamw_update);

torsh_adam_options torsh_adam_defaults(void)
{
    return (torsh_adam_options){.size = sizeof(torsh_adam_options), .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
}

torsh_adam_options torsh_adamw_defaults(void)
{
    torsh_adam_options options = torsh_adam_defaults();
    options.weight_decay = 0.01;
    return options;
}

static torsh_optimizer adam_of(const torsh__optim_kind *kind, const char *function, torsh_tensors params, double lr, torsh_adam_options o,
                               const torsh_adam_options *given)
{
    torsh_status status = torsh__take_options(function, &o, sizeof o, sizeof o, given);
    double numbers[TORSH__OPTIM_OPTIONS] = {lr, o.beta1, o.beta2, o.eps, o.weight_decay, o.amsgrad, o.maximize};
    return status ? (torsh_optimizer){torsh__error_id(status)} : torsh__optimizer_make(kind, params, numbers);
}

torsh_optimizer torsh_optim_adam_with(torsh_tensors params, double lr, const torsh_adam_options *options)
{
    return adam_of(&torsh__optim_kind_adam, "optim_adam", params, lr, torsh_adam_defaults(), options);
}

torsh_optimizer torsh_optim_adam(torsh_tensors params, double lr)
{
    return torsh_optim_adam_with(params, lr, NULL);
}

torsh_optimizer torsh_optim_adamw_with(torsh_tensors params, double lr, const torsh_adam_options *options)
{
    return adam_of(&torsh__optim_kind_adamw, "optim_adamw", params, lr, torsh_adamw_defaults(), options);
}

torsh_optimizer torsh_optim_adamw(torsh_tensors params, double lr)
{
    return torsh_optim_adamw_with(params, lr, NULL);
}
