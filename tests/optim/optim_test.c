/* Optimizers and schedulers against PyTorch's trajectories, resuming, groups, clipping, errors. */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double start(int j)
{
    return ((j * 5) % 7 - 3) / 2.0;
}

/* The parameter of tests/golden/nn.py, and its gradient in a step. */
static torsh_tensor parameter(void)
{
    double values[6];
    for (int j = 0; j < 6; j++) values[j] = start(j);
    torsh_tensor p = torsh_from_slice(values, 6, (const int64_t[]){2, 3}, 2, TORSH_F32, TORSH_CPU);
    check_ok(torsh_set_requires_grad(p, true));
    return p;
}

static void set_gradient(torsh_tensor p, int step)
{
    double values[6];
    for (int j = 0; j < 6; j++) values[j] = ((step * 7 + j * 3) % 11 - 5) / 4.0;
    torsh_tensor g = torsh_from_slice(values, 6, (const int64_t[]){2, 3}, 2, TORSH_F32, TORSH_CPU);
    check_ok(torsh_set_grad(p, g));
    torsh_release(g);
}

enum { CASES = 13, STEPS = 20 };
static const char *const names[CASES] = {"sgd", "sgd_momentum", "sgd_dampening", "sgd_nesterov", "sgd_decay", "adam", "adam_betas", "adam_decay",
                                         "adam_amsgrad", "adamw", "adamw_betas", "adamw_decay", "adamw_amsgrad"};

static torsh_optimizer make(int i, torsh_tensor p)
{
    torsh_tensors list = torsh_tensors_make(&p, 1);
    if (i < 5) {
        torsh_sgd_options o = torsh_sgd_defaults();
        o.momentum = i >= 1 && i <= 3 ? 0.9 : 0;
        o.dampening = i == 2 ? 0.1 : 0;
        o.nesterov = i == 3;
        o.weight_decay = i == 4 ? 0.1 : 0;
        o.maximize = i == 4;
        return torsh_optim_sgd_with(list, 0.1, &o);
    }
    bool w = i >= 9;
    int kind = (i - 5) % 4;
    torsh_adam_options o = w ? torsh_adamw_defaults() : torsh_adam_defaults();
    if (kind == 1) {
        o.beta1 = 0.8;
        o.beta2 = 0.99;
        o.eps = 1e-3;
    }
    if (kind == 2) {
        o.weight_decay = 0.1;
        o.maximize = true;
    }
    o.amsgrad = kind == 3;
    return (w ? torsh_optim_adamw_with : torsh_optim_adam_with)(list, 0.01, &o);
}

static void check_step(torsh_tensor p, const golden_line *line, int step)
{
    float have[6];
    check_ok(torsh_to_host(p, have, sizeof have));
    for (int j = 0; j < 6; j++) {
        double want = line->numbers[step * 6 + j];
        if (fabs(have[j] - want) > 2e-6 * (1 + fabs(want))) fail_msg("%s: step %d, element %d is %.9g, PyTorch's is %.9g", line->key, step, j, have[j], want);
    }
}

static void trajectories_are_pytorchs(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        const golden_line *line = golden_find("optim", names[i]);
        assert_non_null(line);
        torsh_tensor p = parameter();
        torsh_optimizer o = make(i, p);
        for (int step = 0; step < STEPS; step++) {
            check_ok(torsh_optim_zero_grad(o));
            assert_true(torsh_grad(p).id == 0);
            set_gradient(p, step);
            check_ok(torsh_optim_step(o));
            check_step(p, line, step);
        }
    }
}

/* Half of the steps with one optimizer, the rest with another one that takes over its state: the same bits as in one go. */
static void resuming_is_exact(void **state)
{
    (void)state;
    for (int i = 0; i < CASES; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor whole = parameter(), halves = parameter();
        torsh_optimizer a = make(i, whole), b = make(i, halves);
        check_ok(torsh_optim_set_lr(b, 0, 0.1 + 0.2));
        check_ok(torsh_optim_set_lr(a, 0, 0.1 + 0.2));
        for (int step = 0; step < STEPS; step++) {
            if (step == 10) {
                torsh_state_dict dict = torsh_optim_state_dict(b);
                torsh_optimizer next = make(i, halves);
                check_ok(torsh_optim_load_state_dict(next, dict));
                b = next;
            }
            set_gradient(whole, step);
            set_gradient(halves, step);
            check_ok(torsh_optim_step(a));
            check_ok(torsh_optim_step(b));
        }
        float one[6], two[6];
        check_ok(torsh_to_host(whole, one, sizeof one));
        check_ok(torsh_to_host(halves, two, sizeof two));
        assert_memory_equal(one, two, sizeof one);
    }
}

static void bad_states_change_nothing(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor p = parameter();
    torsh_optimizer o = make(5, p);
    set_gradient(p, 0);
    check_ok(torsh_optim_step(o));
    torsh_state_dict dict = torsh_optim_state_dict(o), empty = torsh_state_dict_make();
    assert_int_equal(torsh_optim_load_state_dict(o, empty), TORSH_INVALID_ARGUMENT);
    check_ok(torsh_state_dict_set(dict, "state.0.exp_avg", torsh_zeros(TORSH_DIMS(7), TORSH_F32, TORSH_CPU)));
    assert_int_equal(torsh_optim_load_state_dict(o, dict), TORSH_SHAPE_MISMATCH);
    set_gradient(p, 1);
    check_ok(torsh_optim_step(o));
    check_step(p, golden_find("optim", "adam"), 1);
}

static torsh_scheduler make_scheduler(int i, torsh_optimizer o)
{
    torsh_one_cycle_options cycle = torsh_one_cycle_defaults();
    cycle.three_phase = cycle.linear = true;
    cycle.pct_start = 0.4;
    switch (i) {
    case 0: return torsh_lr_scheduler_step_lr(o, 7, 0.3);
    case 1: return torsh_lr_scheduler_exponential_lr(o, 0.9);
    case 2: return torsh_lr_scheduler_cosine_annealing_lr(o, 10, 0.01);
    case 3: return torsh_lr_scheduler_linear_lr(o, 1.0 / 3, 1, 5);
    case 4: return torsh_lr_scheduler_one_cycle_lr(o, 0.7, 30, NULL);
    default: return torsh_lr_scheduler_one_cycle_lr(o, 0.7, 30, &cycle);
    }
}

static torsh_optimizer two_groups(void)
{
    torsh_sgd_options options = torsh_sgd_defaults();
    options.momentum = 0.9;
    torsh_tensor p = parameter(), q = parameter();
    torsh_optimizer o = torsh_optim_sgd_with(torsh_tensors_make(&p, 1), 0.5, &options);
    check_ok(torsh_optim_add_param_group(o, torsh_tensors_make(&q, 1), 0.25));
    assert_int_equal(torsh_optim_group_count(o), 2);
    return o;
}

/* All 30 rates, with the scheduler and the optimizer exchanged by resumed ones after `change` steps. */
static void check_schedule(int i, const golden_line *line, int change)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_optimizer o = two_groups();
    torsh_scheduler s = make_scheduler(i, o);
    for (int epoch = 0; epoch < 30; epoch++) {
        double momentum;
        check_ok(torsh_optim_get_option(o, 0, "momentum", &momentum));
        const double *want = &line->numbers[epoch * 3];
        for (int g = 0; g < 2; g++)
            if (torsh_optim_lr(o, g) != want[g] || torsh_lr_scheduler_last_lr(s, g) != want[g])
                fail_msg("%s: epoch %d, group %d: %.17g, PyTorch's is %.17g", line->key, epoch, g, torsh_optim_lr(o, g), want[g]);
        if (momentum != want[2]) fail_msg("%s: epoch %d: momentum %.17g, PyTorch's is %.17g", line->key, epoch, momentum, want[2]);
        if (epoch == change) {
            torsh_state_dict optimizer = torsh_optim_state_dict(o), scheduler = torsh_lr_scheduler_state_dict(s);
            o = two_groups();
            s = make_scheduler(i, o);
            check_ok(torsh_optim_load_state_dict(o, optimizer));
            check_ok(torsh_lr_scheduler_load_state_dict(s, scheduler));
        }
        if (epoch < 29) check_ok(torsh_lr_scheduler_step(s));
    }
}

static void schedules_are_pytorchs(void **state)
{
    (void)state;
    static const char *const schedules[] = {"step", "exponential", "cosine", "linear", "one_cycle", "one_cycle_linear"};
    for (int i = 0; i < 6; i++) {
        const golden_line *line = golden_find("schedule", schedules[i]);
        assert_non_null(line);
        check_schedule(i, line, -1);
        check_schedule(i, line, 12);
    }
}

static void step_tells_what_failed_before(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor p = parameter();
    torsh_optimizer o = make(5, p);
    check_ok(torsh_optim_step(o)); /* no gradient and no error: nothing to do, as in PyTorch */
    torsh_backward(torsh_matmul(p, p));
    assert_int_equal(torsh_optim_step(o), TORSH_AUTOGRAD_ERROR);
    if (!strstr(torsh_last_error(), "matmul: 'input' is [2, 3] and 'other' is [2, 3]")) fail_msg("%s", torsh_last_error());
    check_ok(torsh_optim_step(o));
}

static void refusals(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor p = parameter(), twice[2] = {p, p}, made = torsh_mul(p, p), whole = torsh_ones(TORSH_DIMS(2), TORSH_I64, TORSH_CPU);
    torsh_tensors list = torsh_tensors_make(&p, 1);
    assert_int_equal(torsh_id_status(torsh_optim_sgd(torsh_tensors_make(twice, 2), 0.1).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_id_status(torsh_optim_sgd(torsh_tensors_make(&made, 1), 0.1).id), TORSH_AUTOGRAD_ERROR);
    assert_int_equal(torsh_id_status(torsh_optim_sgd(torsh_tensors_make(&whole, 1), 0.1).id), TORSH_DTYPE_MISMATCH);
    assert_int_equal(torsh_id_status(torsh_optim_sgd(torsh_tensors_make(NULL, 0), 0.1).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_id_status(torsh_optim_sgd((torsh_tensors){0}, 0.1).id), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_id_status(torsh_optim_adam(list, -1).id), TORSH_INVALID_ARGUMENT);
    torsh_sgd_options nesterov = torsh_sgd_defaults();
    nesterov.nesterov = true;
    assert_int_equal(torsh_id_status(torsh_optim_sgd_with(list, 0.1, &nesterov).id), TORSH_INVALID_ARGUMENT);
    torsh_adam_options unset = {0};
    assert_int_equal(torsh_id_status(torsh_optim_adam_with(list, 0.1, &unset).id), TORSH_INVALID_ARGUMENT);
    torsh_optimizer o = torsh_optim_adam(list, 0.1);
    assert_int_equal(torsh_optim_add_param_group(o, list, 0.1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_optim_set_option(o, 0, "momentum", 1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_optim_set_option(o, 1, "lr", 1), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_optim_set_lr(o, 0, NAN), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_id_status(torsh_lr_scheduler_step_lr(o, 0, 0.5).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_optim_step((torsh_optimizer){0}), TORSH_INVALID_HANDLE);
}

static void gradients_are_clipped(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor p = parameter();
    torsh_tensors list = torsh_tensors_make(&p, 1);
    set_gradient(p, 0); /* -5 -2 1 4 -4 -1, each over 4: norm sqrt(63) / 4 */
    double norm = 0;
    check_ok(torsh_nn_utils_clip_grad_norm_(list, 1, 2, &norm));
    assert_true(fabs(norm - sqrt(63.0) / 4) < 1e-6);
    assert_true(fabs(torsh_item(torsh_sum(torsh_square(torsh_grad(p)), TORSH_ALL_DIMS, false)) - 1) < 1e-5);
    check_ok(torsh_nn_utils_clip_grad_norm_(list, 1, INFINITY, &norm));
    assert_true(fabs(norm - 5 / sqrt(63.0)) < 1e-6);
    check_ok(torsh_nn_utils_clip_grad_value_(list, 0.25));
    assert_true(torsh_item(torsh_amax(torsh_abs(torsh_grad(p)), TORSH_ALL_DIMS, false)) == 0.25);
}

/* A step that has been made once asks the system for no memory, and gives the same bits for any number of threads. */
static void steps_are_steady(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor sums[2];
    for (int threads = 1; threads <= 2; threads++) {
        check_ok(torsh_set_num_threads(threads * 2 - 1));
        torsh_tensor p = torsh_full(TORSH_DIMS(100001), 0.3, TORSH_F32, TORSH_CPU), g = torsh_full(TORSH_DIMS(100001), 0.7, TORSH_F32, TORSH_CPU);
        check_ok(torsh_set_requires_grad(p, true));
        check_ok(torsh_set_grad(p, g));
        torsh_optimizer o = torsh_optim_adam(torsh_tensors_make(&p, 1), 0.01);
        torsh_memory before, after;
        for (int i = 0; i < 6; i++) {
            if (i == 3) check_ok(torsh_memory_stats(TORSH_CPU, &before));
            check_ok(torsh_optim_step(o));
        }
        check_ok(torsh_memory_stats(TORSH_CPU, &after));
        assert_int_equal(after.system_allocations, before.system_allocations);
        sums[threads - 1] = torsh_detach(p);
    }
    assert_true(torsh_item(torsh_all(torsh_eq(sums[0], sums[1]), TORSH_ALL_DIMS, false)) == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trajectories_are_pytorchs),
        cmocka_unit_test(resuming_is_exact),
        cmocka_unit_test(bad_states_change_nothing),
        cmocka_unit_test(schedules_are_pytorchs),
        cmocka_unit_test(step_tells_what_failed_before),
        cmocka_unit_test(refusals),
        cmocka_unit_test(gradients_are_clipped),
        cmocka_unit_test(steps_are_steady),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
