/* Learning rate schedules. The arithmetic is that of torch/optim/lr_scheduler.py, in its order, where rates follow from the
 * rates before: so numbers agree to the last bit, and rates that the user changed in between are carried on as there. */
#include "options.h"
#include "optimizer.h"

#include <torsh/ops/copy.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct scheduler scheduler;

typedef struct schedule_kind {
    const char *name;
    double (*rate)(const scheduler *s, double rate, double base);
} schedule_kind;

struct scheduler {
    torsh__object object;
    const schedule_kind *kind;
    torsh_optimizer optimizer; /* a handle without scope */
    int64_t epoch;             /* PyTorch's last_epoch: calls of step */
    double a, b, c;            /* the kind's numbers */
    torsh_one_cycle_options cycle;
    int64_t groups;
    double *base; /* initial rates, by group */
    double *last; /* the rates after the last call */
};

static void destroy(torsh__object *object)
{
    scheduler *s = (scheduler *)object;
    torsh_release(s->optimizer);
    torsh__free(s->base, (size_t)s->groups * sizeof *s->base);
    torsh__free(s->last, (size_t)s->groups * sizeof *s->last);
    torsh__free(s, sizeof *s);
}
static const torsh__kind scheduler_object = {"scheduler", destroy, NULL};

/* ---- formulas ------------------------------------------------------------------------------------------------ */

static const double PI = 3.14159265358979323846;

static double step_rate(const scheduler *s, double rate, double base)
{
    (void)base;
    return s->epoch == 0 || s->epoch % (int64_t)s->a != 0 ? rate : rate * s->b;
}

static double exponential_rate(const scheduler *s, double rate, double base)
{
    (void)base;
    return s->epoch == 0 ? rate : rate * s->b;
}

static double cosine_rate(const scheduler *s, double rate, double base)
{
    double length = s->a, low = s->b, epoch = (double)s->epoch;
    if (s->epoch == 0) return rate;
    if ((s->epoch - 1 - (int64_t)length) % (2 * (int64_t)length) == 0) return rate + (base - low) * (1 - cos(PI / length)) / 2;
    return (1 + cos(PI * epoch / length)) / (1 + cos(PI * (epoch - 1) / length)) * (rate - low) + low;
}

static double linear_rate(const scheduler *s, double rate, double base)
{
    double start = s->a, end = s->b, total = s->c, epoch = (double)s->epoch;
    (void)base;
    if (s->epoch == 0) return rate * start;
    if (epoch > total) return rate;
    return rate * (1.0 + (end - start) / (total * start + (epoch - 1) * (end - start)));
}

/* From start to end as `part` goes from 0 to 1. */
static double anneal(const scheduler *s, double start, double end, double part)
{
    if (s->cycle.linear) return (end - start) * part + start;
    return end + (start - end) / 2.0 * (cos(PI * part) + 1);
}

/* The value of step `epoch` of a cycle through three or four values. */
static double cycle_value(const scheduler *s, const double values[4], const double ends[3], int phases)
{
    double start = 0, epoch = (double)s->epoch;
    for (int i = 0; i < phases; i++) {
        if (epoch <= ends[i] || i == phases - 1) return anneal(s, values[i], values[i + 1], (epoch - start) / (ends[i] - start));
        start = ends[i];
    }
    return values[phases];
}

static int cycle_phases(const scheduler *s, double ends[3])
{
    double total = s->b;
    ends[0] = s->cycle.pct_start * total - 1;
    ends[1] = s->cycle.three_phase ? 2 * s->cycle.pct_start * total - 2 : total - 1;
    ends[2] = total - 1;
    return s->cycle.three_phase ? 3 : 2;
}

static double cycle_rate(const scheduler *s, double rate, double base)
{
    double ends[3], initial = s->a / s->cycle.div_factor, last = initial / s->cycle.final_div_factor;
    int phases = cycle_phases(s, ends);
    double values[4] = {initial, s->a, phases == 3 ? initial : last, last};
    (void)rate, (void)base;
    return cycle_value(s, values, ends, phases);
}

static double cycle_momentum(const scheduler *s)
{
    double ends[3], low = s->cycle.base_momentum, high = s->cycle.max_momentum;
    int phases = cycle_phases(s, ends);
    double values[4] = {high, low, high, high};
    return cycle_value(s, values, ends, phases);
}

static const schedule_kind step_kind = {"StepLR", step_rate}, exponential_kind = {"ExponentialLR", exponential_rate},
                           cosine_kind = {"CosineAnnealingLR", cosine_rate}, linear_kind = {"LinearLR", linear_rate},
                           cycle_kind = {"OneCycleLR", cycle_rate};

/* ---- steps --------------------------------------------------------------------------------------------------- */

/* SGD's momentum, or Adam's beta1. */
static const char *momentum_name(torsh_optimizer optimizer)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "lr_scheduler", &status);
    if (!o) return "momentum";
    bool beta = torsh__optim_option(o->kind, "beta1") >= 0;
    torsh__unpin(optimizer.id);
    return beta ? "beta1" : "momentum";
}

/* Sets the rates of s->epoch. */
static torsh_status apply(scheduler *s)
{
    torsh_status status = TORSH_OK;
    const char *momentum = s->kind == &cycle_kind && s->cycle.cycle_momentum ? momentum_name(s->optimizer) : NULL;
    for (int64_t g = 0; g < s->groups && status == TORSH_OK; g++) {
        double rate;
        status = torsh_optim_get_option(s->optimizer, g, "lr", &rate);
        if (status) break;
        s->last[g] = s->kind->rate(s, rate, s->base[g]);
        status = torsh_optim_set_lr(s->optimizer, g, s->last[g]);
        if (status == TORSH_OK && momentum) status = torsh_optim_set_option(s->optimizer, g, momentum, cycle_momentum(s));
    }
    return status;
}

static scheduler *pin(torsh_scheduler handle, const char *function, torsh_status *status)
{
    return (scheduler *)torsh__pin(handle.id, &scheduler_object, function, "scheduler", status);
}

torsh_status torsh_lr_scheduler_step(torsh_scheduler handle)
{
    torsh_status status = TORSH_OK;
    scheduler *s = pin(handle, "lr_scheduler_step", &status);
    if (!s) return status;
    if (s->kind == &cycle_kind && (double)s->epoch + 1 >= s->b)
        status = torsh__fail(TORSH_OUT_OF_RANGE, "OneCycleLR: tried to step %lld times; the specified number of total steps is %lld",
                             (long long)s->epoch + 2, (long long)s->b);
    if (status == TORSH_OK) {
        s->epoch++;
        status = apply(s);
    }
    torsh__unpin(handle.id);
    return status;
}

double torsh_lr_scheduler_last_lr(torsh_scheduler handle, int64_t group)
{
    torsh_status status = TORSH_OK;
    scheduler *s = pin(handle, "lr_scheduler_last_lr", &status);
    if (!s) return NAN;
    double rate = NAN;
    if (group >= 0 && group < s->groups) rate = s->last[group];
    else torsh__fail(TORSH_OUT_OF_RANGE, "lr_scheduler_last_lr: there is no group %lld", (long long)group);
    torsh__unpin(handle.id);
    return rate;
}

/* ---- making -------------------------------------------------------------------------------------------------- */

/* Another handle of the optimizer, without scope. */
static torsh_status hold_optimizer(scheduler *s, torsh_optimizer optimizer)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "lr_scheduler", &status);
    if (!o) return status;
    torsh__retain(&o->object);
    uint64_t id = torsh__handle_make_unowned(&o->object);
    torsh__unpin(optimizer.id);
    if (torsh__is_error(id)) return torsh__error_status(id);
    s->optimizer.id = id;
    s->groups = torsh_optim_group_count(optimizer);
    s->base = torsh__alloc_zero((size_t)s->groups * sizeof *s->base);
    s->last = torsh__alloc_zero((size_t)s->groups * sizeof *s->last);
    if (!s->base || !s->last) return TORSH_OUT_OF_MEMORY;
    for (int64_t g = 0; g < s->groups && status == TORSH_OK; g++) status = torsh_optim_get_option(s->optimizer, g, "lr", &s->base[g]);
    return status;
}

static torsh_scheduler make(const schedule_kind *kind, torsh_optimizer optimizer, const scheduler *numbers, torsh_status status)
{
    scheduler *s = status ? NULL : torsh__alloc_zero(sizeof *s);
    if (!s) return (torsh_scheduler){torsh__error_id(status ? status : TORSH_OUT_OF_MEMORY)};
    *s = *numbers;
    torsh__object_init(&s->object, &scheduler_object);
    s->kind = kind;
    status = hold_optimizer(s, optimizer);
    if (status == TORSH_OK) status = apply(s);
    if (status == TORSH_OK) return (torsh_scheduler){torsh__handle_make(&s->object)};
    torsh__drop(&s->object);
    return (torsh_scheduler){torsh__error_id(status)};
}

static torsh_status need(bool fine, const schedule_kind *kind, const char *what)
{
    return fine ? TORSH_OK : torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %s", kind->name, what);
}

torsh_scheduler torsh_lr_scheduler_step_lr(torsh_optimizer optimizer, int64_t step_size, double gamma)
{
    return make(&step_kind, optimizer, &(scheduler){.a = (double)step_size, .b = gamma}, need(step_size > 0, &step_kind, "step_size must be positive"));
}

torsh_scheduler torsh_lr_scheduler_exponential_lr(torsh_optimizer optimizer, double gamma)
{
    return make(&exponential_kind, optimizer, &(scheduler){.b = gamma}, TORSH_OK);
}

torsh_scheduler torsh_lr_scheduler_cosine_annealing_lr(torsh_optimizer optimizer, int64_t t_max, double eta_min)
{
    return make(&cosine_kind, optimizer, &(scheduler){.a = (double)t_max, .b = eta_min}, need(t_max > 0, &cosine_kind, "t_max must be positive"));
}

torsh_scheduler torsh_lr_scheduler_linear_lr(torsh_optimizer optimizer, double start_factor, double end_factor, int64_t total_iters)
{
    bool fine = start_factor > 0 && start_factor <= 1 && end_factor >= 0 && end_factor <= 1 && total_iters > 0;
    return make(&linear_kind, optimizer, &(scheduler){.a = start_factor, .b = end_factor, .c = (double)total_iters},
                need(fine, &linear_kind, "start_factor must be in (0, 1], end_factor in [0, 1] and total_iters positive"));
}

torsh_one_cycle_options torsh_one_cycle_defaults(void)
{
    return (torsh_one_cycle_options){.size = sizeof(torsh_one_cycle_options), .pct_start = 0.3, .cycle_momentum = true, .base_momentum = 0.85,
                                     .max_momentum = 0.95, .div_factor = 25, .final_div_factor = 1e4};
}

torsh_scheduler torsh_lr_scheduler_one_cycle_lr(torsh_optimizer optimizer, double max_lr, int64_t total_steps, const torsh_one_cycle_options *options)
{
    torsh_one_cycle_options o = torsh_one_cycle_defaults();
    torsh_status status = torsh__take_options("lr_scheduler_one_cycle_lr", &o, sizeof o, sizeof o, options);
    if (status == TORSH_OK)
        status = need(total_steps > 0 && o.pct_start >= 0 && o.pct_start <= 1 && o.div_factor > 0 && o.final_div_factor > 0, &cycle_kind,
                      "total_steps, div_factor and final_div_factor must be positive and pct_start in [0, 1]");
    return make(&cycle_kind, optimizer, &(scheduler){.a = max_lr, .b = (double)total_steps, .cycle = o}, status);
}

/* ---- state --------------------------------------------------------------------------------------------------- */

torsh_state_dict torsh_lr_scheduler_state_dict(torsh_scheduler handle)
{
    torsh_status status = TORSH_OK;
    scheduler *s = pin(handle, "lr_scheduler_state_dict", &status);
    if (!s) return (torsh_state_dict){torsh__error_id(status)};
    torsh_state_dict dict = torsh_state_dict_make();
    torsh_tensor epoch = torsh_scalar((double)s->epoch, TORSH_F64, TORSH_CPU);
    torsh_tensor base = torsh_from_data(s->base, &s->groups, 1, TORSH_F64, TORSH_CPU), last = torsh_from_data(s->last, &s->groups, 1, TORSH_F64, TORSH_CPU);
    status = torsh_state_dict_set(dict, "last_epoch", epoch);
    if (status == TORSH_OK) status = torsh_state_dict_set(dict, "base_lrs", base);
    if (status == TORSH_OK) status = torsh_state_dict_set(dict, "_last_lr", last);
    torsh_release(epoch);
    torsh_release(base);
    torsh_release(last);
    torsh__unpin(handle.id);
    if (status == TORSH_OK) return dict;
    torsh_release(dict);
    return (torsh_state_dict){torsh__error_id(status)};
}

static torsh_status read_rates(torsh_state_dict dict, const char *name, double *rates, int64_t count)
{
    torsh_tensor saved = torsh_state_dict_get(dict, name);
    torsh_tensor numbers = torsh_to_dtype(saved, TORSH_F64);
    torsh_status status = torsh_to_host(numbers, rates, (size_t)count * sizeof *rates);
    torsh_release(saved);
    torsh_release(numbers);
    return status;
}

torsh_status torsh_lr_scheduler_load_state_dict(torsh_scheduler handle, torsh_state_dict dict)
{
    torsh_status status = TORSH_OK;
    scheduler *s = pin(handle, "lr_scheduler_load_state_dict", &status);
    if (!s) return status;
    double epoch = 0, *rates = torsh__alloc_zero((size_t)s->groups * 2 * sizeof *rates);
    torsh_tensor saved = torsh_state_dict_get(dict, "last_epoch");
    status = rates ? torsh_item_f64(saved, &epoch) : TORSH_OUT_OF_MEMORY;
    torsh_release(saved);
    if (status == TORSH_OK && !(epoch >= 0 && epoch < 0x1p53)) status = torsh__fail(TORSH_INVALID_ARGUMENT, "lr_scheduler_load_state_dict: last_epoch is %g", epoch);
    if (status == TORSH_OK) status = read_rates(dict, "base_lrs", rates, s->groups);
    if (status == TORSH_OK) status = read_rates(dict, "_last_lr", rates + s->groups, s->groups);
    if (status == TORSH_OK) {
        s->epoch = (int64_t)epoch;
        memcpy(s->base, rates, (size_t)s->groups * sizeof *rates);
        memcpy(s->last, rates + s->groups, (size_t)s->groups * sizeof *rates);
    }
    torsh__free(rates, (size_t)s->groups * 2 * sizeof *rates);
    torsh__unpin(handle.id);
    return status;
}
