/* Modules as such: a caller's own, names, state dicts, modes, hooks, checkpointing, errors with paths, running out of memory. */
#include "golden.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static int destroyed;

static void count_destroyed(void *user)
{
    destroyed += *(int *)user;
}

static torsh_tensor net_forward(torsh_module self, const torsh_tensor *inputs, size_t count, void *user)
{
    (void)count, (void)user;
    torsh_tensor x = torsh_relu(torsh_nn_forward(torsh_nn_child(self, "conv1"), inputs[0]));
    return torsh_add(torsh_nn_forward(torsh_nn_child(self, "fc"), torsh_flatten(x, 1, -1)), torsh_nn_parameter(self, "shift"));
}

static int one = 1;

static torsh_module make_net(void)
{
    torsh_module net = torsh_nn_module(&(torsh_module_class){"Net", net_forward, count_destroyed}, &one);
    check_ok(torsh_nn_register_module(net, "conv1", torsh_nn_conv2d(1, 2, 3, 1, 1, true, TORSH_CPU)));
    check_ok(torsh_nn_register_module(net, "fc", torsh_nn_linear(32, 3, true, TORSH_CPU)));
    check_ok(torsh_nn_register_parameter(net, "shift", torsh_zeros(TORSH_DIMS(3), TORSH_F32, TORSH_CPU)));
    check_ok(torsh_nn_register_buffer(net, "seen", torsh_zeros(TORSH_NO_DIMS, TORSH_F32, TORSH_CPU), true));
    check_ok(torsh_nn_register_buffer(net, "scratch", torsh_zeros(TORSH_NO_DIMS, TORSH_F32, TORSH_CPU), false));
    return net;
}

static void an_own_module_works(void **state)
{
    (void)state;
    destroyed = 0;
    int64_t before = torsh_live_handles();
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_module net = make_net();
        assert_ptr_equal(torsh_nn_user(net), &one);
        int64_t live = torsh_live_handles();
        torsh_tensor y = torsh_nn_forward(net, torsh_ones(TORSH_DIMS(2, 1, 4, 4), TORSH_F32, TORSH_CPU));
        check_ok(torsh_id_status(y.id));
        assert_int_equal(torsh_live_handles(), live + 2); /* the input and the result: no temporary of forward */
        check_ok(torsh_backward(torsh_sum(y, TORSH_ALL_DIMS, false)));
        torsh_tensors parameters = torsh_nn_parameters(net);
        assert_int_equal(torsh_tensors_size(parameters), 5);
        for (int i = 0; i < 5; i++) assert_true(torsh_grad(torsh_tensors_get(parameters, i)).id != 0);
        check_ok(torsh_nn_zero_grad(net));
        for (int i = 0; i < 5; i++) assert_true(torsh_grad(torsh_tensors_get(parameters, i)).id == 0);
        assert_int_equal(torsh_nn_parameter_numel(net), 3 + 18 + 2 + 96 + 3);
        assert_int_equal(destroyed, 0);
    }
    assert_int_equal(destroyed, 1);
    assert_int_equal(torsh_live_handles(), before);
}

static void names_go_in_pytorchs_order(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    static const char *const want[] = {"shift", "seen", "conv1.weight", "conv1.bias", "fc.weight", "fc.bias"};
    torsh_state_dict dict = torsh_nn_state_dict(make_net());
    assert_int_equal(torsh_state_dict_size(dict), 6);
    for (int i = 0; i < 6; i++) assert_string_equal(torsh_state_dict_name(dict, i), want[i]);
}

static void shared_parts_come_once(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module shared = torsh_nn_linear(2, 2, true, TORSH_CPU);
    torsh_module both = torsh_nn_sequential(TORSH_MODULES(shared, shared)), tied = torsh_nn_linear(2, 2, false, TORSH_CPU);
    check_ok(torsh_nn_requires_grad_(shared, false));
    check_ok(torsh_nn_register_parameter(tied, "weight", torsh_nn_parameter(shared, "weight")));
    assert_false(torsh_requires_grad(torsh_nn_parameter(tied, "weight")));
    check_ok(torsh_nn_sequential_append(both, tied));
    assert_int_equal(torsh_tensors_size(torsh_nn_parameters(both)), 2);
    assert_int_equal(torsh_state_dict_size(torsh_nn_state_dict(both)), 5);
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("\"%s\" is not in: %s", part, text);
}

static void errors_name_the_module(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module outer = torsh_nn_sequential(TORSH_MODULES(torsh_nn_identity(), make_net()));
    torsh_tensor bad = torsh_nn_forward(outer, torsh_ones(TORSH_DIMS(2, 3, 4, 4), TORSH_F32, TORSH_CPU));
    assert_int_equal(torsh_id_status(bad.id), TORSH_SHAPE_MISMATCH);
    contains(torsh_id_error(bad.id), "in module Sequential.1.conv1: conv2d: ");
    bad = torsh_nn_forward(outer, torsh_ones(TORSH_DIMS(2, 1, 4, 5), TORSH_F32, TORSH_CPU));
    contains(torsh_id_error(bad.id), "in module Sequential.1.fc: linear: ");
    assert_int_equal(torsh_id_status(torsh_nn_forward(outer, (torsh_tensor){0}).id), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_id_status(torsh_nn_forward((torsh_module){0}, bad).id), TORSH_INVALID_HANDLE);
    torsh_add(bad, bad);
    assert_null(strstr(torsh_last_error(), "in module Net")); /* the path ends with forward */
}

static void states_load_in_pytorchs_words(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module net = make_net(), other = make_net();
    torsh_tensor before = torsh_clone(torsh_nn_parameter(net, "fc.weight"));
    torsh_state_dict dict = torsh_state_dict_make();
    check_ok(torsh_state_dict_set(dict, "fc.weight", torsh_zeros(TORSH_DIMS(2, 2), TORSH_F32, TORSH_CPU)));
    check_ok(torsh_state_dict_set(dict, "shift", torsh_ones(TORSH_DIMS(3), TORSH_F64, TORSH_CPU)));
    check_ok(torsh_state_dict_set(dict, "bogus", torsh_zeros(TORSH_DIMS(2), TORSH_F32, TORSH_CPU)));
    assert_int_equal(torsh_nn_load_state_dict(net, dict, true), TORSH_INVALID_ARGUMENT);
    contains(torsh_last_error(), "Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: \"seen\", \"conv1.weight\", \"conv1.bias\", \"fc.bias\". ");
    contains(torsh_last_error(), "\n\tUnexpected key(s) in state_dict: \"bogus\". ");
    contains(torsh_last_error(), "\n\tsize mismatch for fc.weight: copying a param with shape torch.Size([2, 2]) from checkpoint, "
                                 "the shape in current model is torch.Size([3, 32]).");
    assert_true(torsh_item(torsh_sum(torsh_nn_parameter(net, "shift"), TORSH_ALL_DIMS, false)) == 0);
    check_ok(torsh_state_dict_set(dict, "fc.weight", torsh_zeros(TORSH_DIMS(3, 32), TORSH_F32, TORSH_CPU)));
    check_ok(torsh_nn_load_state_dict(net, dict, false));
    assert_true(torsh_item(torsh_sum(torsh_nn_parameter(net, "shift"), TORSH_ALL_DIMS, false)) == 3);
    assert_true(torsh_requires_grad(torsh_nn_parameter(net, "fc.weight")));
    check_ok(torsh_nn_load_state_dict(net, torsh_nn_state_dict(other), true));
    torsh_tensor same = torsh_eq(torsh_nn_parameter(net, "fc.weight"), torsh_nn_parameter(other, "fc.weight"));
    assert_true(torsh_item(torsh_all(same, TORSH_ALL_DIMS, false)) == 1);
    (void)before;
}

static void registering_refuses(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module net = make_net(), outer = torsh_nn_sequential(&net, 1);
    assert_int_equal(torsh_nn_register_module(net, "loop", outer), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_nn_register_module(net, "self", net), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_nn_register_module(net, "a.b", outer), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_nn_register_parameter(net, "", torsh_zeros(TORSH_DIMS(1), TORSH_F32, TORSH_CPU)), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_nn_register_parameter(net, "fc", torsh_zeros(TORSH_DIMS(1), TORSH_F32, TORSH_CPU)), TORSH_INVALID_ARGUMENT);
    assert_true(torsh_nn_register_parameter(net, "whole", torsh_zeros(TORSH_DIMS(1), TORSH_I64, TORSH_CPU)) != TORSH_OK);
    torsh_tensor made = torsh_mul(torsh_nn_parameter(net, "shift"), torsh_number(2));
    assert_int_equal(torsh_nn_register_parameter(net, "made", made), TORSH_AUTOGRAD_ERROR);
    assert_int_equal(torsh_id_status(torsh_nn_child(net, "fc.no").id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_nn_parameter(net, NULL).id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_nn_linear(-1, 2, true, TORSH_CPU).id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_nn_conv2d(3, 2, 0, 1, 0, true, TORSH_CPU).id), TORSH_INVALID_ARGUMENT);
    torsh_conv_options unset = {0};
    assert_int_equal(torsh_id_status(torsh_nn_conv2d_with(3, 2, TORSH_DIMS(1, 1), &unset, TORSH_CPU).id), TORSH_INVALID_ARGUMENT);
}

static void dtypes_change_in_place(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module net = make_net();
    torsh_tensor weight = torsh_nn_parameter(net, "fc.weight");
    double before = torsh_item(torsh_sum(weight, TORSH_ALL_DIMS, false));
    check_ok(torsh_backward(torsh_sum(torsh_nn_forward(net, torsh_ones(TORSH_DIMS(1, 1, 4, 4), TORSH_F32, TORSH_CPU)), TORSH_ALL_DIMS, false)));
    check_ok(torsh_nn_to_dtype(net, TORSH_F64));
    assert_int_equal(torsh_dtype_of(weight), TORSH_F64);
    assert_int_equal(torsh_dtype_of(torsh_grad(weight)), TORSH_F64);
    assert_true(torsh_item(torsh_sum(weight, TORSH_ALL_DIMS, false)) - before < 1e-4);
    torsh_tensor y = torsh_nn_forward(net, torsh_ones(TORSH_DIMS(1, 1, 4, 4), TORSH_F64, TORSH_CPU));
    assert_int_equal(torsh_dtype_of(y), TORSH_F64);
    assert_int_equal(torsh_nn_to_dtype(net, TORSH_I32), TORSH_DTYPE_MISMATCH);
}

static torsh_tensor twice(torsh_module module, const torsh_tensor *inputs, size_t count, torsh_tensor output, void *context)
{
    (void)module, (void)inputs, (void)count, (void)context;
    return torsh_mul(output, torsh_number(2));
}

static torsh_status plus_one(torsh_module module, torsh_tensor *inputs, size_t count, void *context)
{
    (void)module, (void)count, (void)context;
    inputs[0] = torsh_add(inputs[0], torsh_number(1));
    return torsh_id_status(inputs[0].id);
}

static void hooks_change_what_goes_in_and_out(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module m = torsh_nn_identity();
    torsh_tensor x = torsh_ones(TORSH_NO_DIMS, TORSH_F32, TORSH_CPU);
    check_ok(torsh_nn_register_forward_pre_hook(m, plus_one, NULL));
    check_ok(torsh_nn_register_forward_hook(m, twice, NULL));
    assert_true(torsh_item(torsh_nn_forward(m, x)) == 4);
    check_ok(torsh_nn_remove_forward_pre_hook(m, plus_one, NULL));
    assert_true(torsh_item(torsh_nn_forward(m, x)) == 2);
    check_ok(torsh_nn_remove_forward_hook(m, twice, NULL));
    assert_true(torsh_item(torsh_nn_forward(m, x)) == 1);
    assert_int_equal(torsh_nn_remove_forward_hook(m, twice, NULL), TORSH_OUT_OF_RANGE);
}

static torsh_module block(void)
{
    return torsh_nn_sequential(TORSH_MODULES(torsh_nn_linear(6, 6, true, TORSH_CPU), torsh_nn_dropout(0.5), torsh_nn_tanh()));
}

/* The sum of all gradients of one step. */
static double step_gradients(torsh_module m, torsh_tensor x)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    check_ok(torsh_nn_zero_grad(m));
    check_ok(torsh_manual_seed(5));
    check_ok(torsh_backward(torsh_sum(torsh_nn_forward(m, x), TORSH_ALL_DIMS, false)));
    torsh_tensors parameters = torsh_nn_parameters(m);
    double sum = 0;
    for (int64_t i = 0; i < torsh_tensors_size(parameters); i++) sum += torsh_item(torsh_sum(torsh_grad(torsh_tensors_get(parameters, i)), TORSH_ALL_DIMS, false));
    return sum;
}

static void checkpointing_gives_the_same_gradients(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module blocks = torsh_nn_sequential(TORSH_MODULES(block(), block(), block()));
    torsh_module flat = torsh_nn_sequential(TORSH_MODULES(torsh_nn_linear(6, 6, true, TORSH_CPU), torsh_nn_dropout(0.5), torsh_nn_tanh(), torsh_nn_identity(),
                                                          torsh_nn_linear(6, 6, true, TORSH_CPU)));
    torsh_tensor x = torsh_randn(TORSH_DIMS(4, 6), TORSH_F32, TORSH_CPU);
    double a = step_gradients(blocks, x), b = step_gradients(flat, x);
    check_ok(torsh_nn_set_gradient_checkpointing(blocks, true));
    check_ok(torsh_nn_set_gradient_checkpointing(flat, true));
    assert_true(step_gradients(blocks, x) == a);
    assert_true(step_gradients(flat, x) == b);
}

static void deep_nesting_is_no_recursion_but_in_forward(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module m = torsh_nn_linear(1, 1, true, TORSH_CPU);
    for (int i = 0; i < 1500; i++) m = torsh_nn_sequential(&m, 1);
    assert_int_equal(torsh_nn_parameter_numel(m), 2);
    torsh_tensor y = torsh_nn_forward(m, torsh_ones(TORSH_DIMS(1), TORSH_F32, TORSH_CPU));
    assert_int_equal(torsh_id_status(y.id), TORSH_OUT_OF_RANGE);
}

/* Many forwards of one module: the failures. */
static void *use_module(void *context)
{
    torsh_module m = *(torsh_module *)context;
    intptr_t failures = 0;
    for (int i = 0; i < 100; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor x = torsh_ones(TORSH_DIMS(1, 1, 4, 4), TORSH_F32, TORSH_CPU), bad = torsh_ones(TORSH_DIMS(1, 2, 4, 4), TORSH_F32, TORSH_CPU);
        torsh_tensor y = torsh_sum(torsh_nn_forward(m, x), TORSH_ALL_DIMS, false), z = torsh_sum(torsh_nn_forward(m, x), TORSH_ALL_DIMS, false);
        failures += torsh_item(y) != torsh_item(z);
        failures += torsh_id_status(torsh_nn_forward(m, bad).id) != TORSH_SHAPE_MISMATCH;
        failures += torsh_nn_parameter_numel(m) != 122;
    }
    return (void *)failures;
}

static void threads_share_a_module(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module net = make_net();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, use_module, &net), 0);
    for (int i = 0; i < 4; i++) {
        void *failures = NULL;
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
}

/* A whole life of a module, each allocation failing once. */
static torsh_status life(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (torsh_id_status(scope.id) != TORSH_INVALID_HANDLE) return TORSH_OUT_OF_MEMORY; /* an error value, not a scope */
    torsh_module net = torsh_nn_module(&(torsh_module_class){"Net", net_forward, NULL}, NULL);
    torsh_nn_register_module(net, "conv1", torsh_nn_conv2d(1, 2, 3, 1, 1, true, TORSH_CPU));
    torsh_nn_register_module(net, "fc", torsh_nn_linear(32, 3, true, TORSH_CPU));
    torsh_status status = torsh_nn_register_parameter(net, "shift", torsh_zeros(TORSH_DIMS(3), TORSH_F32, TORSH_CPU));
    torsh_tensor y = torsh_nn_forward(net, torsh_ones(TORSH_DIMS(1, 1, 4, 4), TORSH_F32, TORSH_CPU));
    torsh_status backward = torsh_backward(torsh_sum(y, TORSH_ALL_DIMS, false));
    if (status == TORSH_OK) status = backward;
    torsh_optimizer adam = torsh_optim_adam(torsh_nn_parameters(net), 0.1);
    torsh_status step = torsh_optim_step(adam);
    if (status == TORSH_OK) status = step;
    torsh_status load = torsh_nn_load_state_dict(net, torsh_nn_state_dict(net), true);
    return status ? status : load;
}

static void running_out_of_memory_is_an_error(void **state)
{
    (void)state;
    check_ok(life());
    int64_t before = torsh_live_handles();
    for (int64_t n = 0; n < 2000; n++) {
        torsh_fail_allocations_after(n);
        torsh_status status = life();
        torsh_fail_allocations_after(-1);
        assert_int_equal(torsh_live_handles(), before);
        if (status == TORSH_OK) {
            assert_true(n > 50);
            return;
        }
    }
    fail_msg("it never succeeds");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_own_module_works),
        cmocka_unit_test(names_go_in_pytorchs_order),
        cmocka_unit_test(shared_parts_come_once),
        cmocka_unit_test(errors_name_the_module),
        cmocka_unit_test(states_load_in_pytorchs_words),
        cmocka_unit_test(registering_refuses),
        cmocka_unit_test(dtypes_change_in_place),
        cmocka_unit_test(hooks_change_what_goes_in_and_out),
        cmocka_unit_test(checkpointing_gives_the_same_gradients),
        cmocka_unit_test(deep_nesting_is_no_recursion_but_in_forward),
        cmocka_unit_test(threads_share_a_module),
        cmocka_unit_test(running_out_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
