/* Custom functions, checkpointing, gradcheck and anomaly mode. */
#include "helpers.h"

#include <math.h>

static torsh_tensor n(double value)
{
    return torsh_number(value);
}

static torsh_tensor gradient(torsh_tensor y, torsh_tensor x)
{
    torsh_grad_options o = torsh_grad_defaults();
    o.create_graph = true;
    return torsh_tensors_get(torsh_autograd_grad(&y, 1, &x, 1, NULL, &o), 0);
}

/* ---- custom functions ------------------------------------------------------------------------------------------------ */

/* exp(scale x), saving its output; scale is the user pointer. */
static torsh_status exp_forward(torsh_function_context *context, const torsh_tensor *inputs, size_t count, torsh_tensor *outputs)
{
    assert_int_equal(count, 1);
    assert_false(torsh_is_grad_enabled());
    outputs[0] = torsh_exp(torsh_mul(inputs[0], n(*(double *)torsh_function_user(context))));
    return torsh_function_save(context, outputs, 1);
}

static torsh_status exp_backward(torsh_function_context *context, const torsh_tensor *g, torsh_tensor *grads)
{
    assert_true(torsh_function_needs(context, 0));
    torsh_tensor y = torsh_function_saved(context, 0);
    grads[0] = torsh_mul(torsh_mul(g[0], y), n(*(double *)torsh_function_user(context)));
    return TORSH_OK;
}

static int destroyed;
static void destroy(void *user)
{
    (void)user;
    destroyed++;
}

static const torsh_autograd_function scaled_exp = {"scaled_exp", 1, exp_forward, exp_backward, destroy};

static void a_function_with_its_own_gradient(void **state)
{
    (void)state;
    destroyed = 0;
    double scale = 2;
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor x = LEAF(0, 1), y = torsh_autograd_apply_one(&scaled_exp, &scale, &x, 1);
        assert_true(torsh_requires_grad(y));
        EQUAL(y, 1, exp(2));
        torsh_tensor g = gradient(total(y), x);
        EQUAL(g, 2, 2 * exp(2));
        ok(torsh_backward(total(g)));
        EQUAL(torsh_grad(x), 4, 4 * exp(2));
        torsh_zero_grad(x);
        {
            TORSH_AUTO torsh_scope quiet = torsh_no_grad();
            assert_false(torsh_requires_grad(torsh_autograd_apply_one(&scaled_exp, &scale, &x, 1)));
        }
        assert_int_equal(destroyed, 1);
        torsh_tensor z = torsh_autograd_apply_one(&scaled_exp, &scale, &x, 1), sum = total(z);
        torsh_mul_(torsh_detach(z), n(2));
        refused(torsh_backward(sum), TORSH_AUTOGRAD_ERROR, "backward of scaled_exp: a tensor that the gradient needs ([2], f64) was changed in place");
    }
    assert_int_equal(destroyed, 3);
}

/* (a, b) -> (a b, argmax-like constant, a + b): several outputs, one without gradient, an input kept. */
static torsh_status two_forward(torsh_function_context *context, const torsh_tensor *in, size_t count, torsh_tensor *out)
{
    (void)count;
    out[0] = torsh_mul(in[0], in[1]);
    out[1] = torsh_gt(in[0], in[1]);
    out[2] = torsh_add(in[0], in[1]);
    torsh_function_mark_non_differentiable(context, 1);
    return torsh_function_save(context, in, 2);
}

static torsh_status two_backward(torsh_function_context *context, const torsh_tensor *g, torsh_tensor *grads)
{
    torsh_tensor a = torsh_function_saved(context, 0), b = torsh_function_saved(context, 1);
    assert_int_equal(torsh_id_status(g[2].id), TORSH_OK); /* zeros where nothing came */
    if (torsh_function_needs(context, 0)) grads[0] = torsh_add(torsh_mul(g[0], b), g[2]);
    if (torsh_function_needs(context, 1)) grads[1] = torsh_add(torsh_mul(g[0], a), g[2]);
    assert_true(TORSH_FAILED(torsh_function_saved(context, 2)));
    return TORSH_OK;
}

static void several_outputs(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const torsh_autograd_function two = {"two", 3, two_forward, two_backward, NULL};
    torsh_tensor inputs[] = {LEAF(1, 2), LEAF(3, 4)};
    torsh_tensors list = torsh_autograd_apply(&two, NULL, inputs, 2);
    assert_int_equal(torsh_tensors_size(list), 3);
    assert_false(torsh_requires_grad(torsh_tensors_get(list, 1)));
    ok(torsh_backward(total(torsh_tensors_get(list, 0))));
    EQUAL(torsh_grad(inputs[0]), 3, 4);
    EQUAL(torsh_grad(inputs[1]), 1, 2);
    inputs[1] = VECTOR(3, 4);
    torsh_zero_grad(inputs[0]);
    list = torsh_autograd_apply(&two, NULL, inputs, 2);
    torsh_tensor y[] = {torsh_tensors_get(list, 0), torsh_tensors_get(list, 2)}, g[] = {VECTOR(1, 1), VECTOR(10, 10)};
    ok(torsh_backward_with(y, 2, g, NULL));
    EQUAL(torsh_grad(inputs[0]), 13, 14);
}

/* Doubles its input in place. */
static torsh_status dirty_forward(torsh_function_context *context, const torsh_tensor *in, size_t count, torsh_tensor *out)
{
    (void)count;
    out[0] = torsh_mul_(in[0], n(2));
    return torsh_function_mark_dirty(context, 0);
}

static torsh_status dirty_backward(torsh_function_context *context, const torsh_tensor *g, torsh_tensor *grads)
{
    (void)context;
    grads[0] = torsh_mul(g[0], n(2));
    return TORSH_OK;
}

static torsh_status same_forward(torsh_function_context *context, const torsh_tensor *in, size_t count, torsh_tensor *out)
{
    (void)context;
    (void)count;
    out[0] = in[0];
    return TORSH_OK;
}

static torsh_status bad_backward(torsh_function_context *context, const torsh_tensor *g, torsh_tensor *grads)
{
    (void)context;
    (void)g;
    grads[0] = VECTOR(1, 2, 3, 4);
    return TORSH_OK;
}

static torsh_status failing(torsh_function_context *context, const torsh_tensor *in, size_t count, torsh_tensor *out)
{
    (void)context;
    (void)count;
    out[0] = torsh_add(in[0], VECTOR(1, 2, 3));
    return TORSH_OK;
}

static void inputs_that_come_back(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const torsh_autograd_function dirty = {"double_", 1, dirty_forward, dirty_backward, NULL};
    const torsh_autograd_function same = {"same", 1, same_forward, dirty_backward, NULL};
    torsh_tensor x = LEAF(1, 2, 3), b = torsh_mul(x, n(1)), v = torsh_slice(b, 0, 0, 2, 1);
    ok(torsh_id_status(torsh_autograd_apply_one(&dirty, NULL, &v, 1).id)); /* a view: its base gets the history */
    EQUAL(b, 2, 4, 3);
    ok(torsh_backward(total(torsh_mul(b, b))));
    EQUAL(torsh_grad(x), 8, 16, 6);
    torsh_zero_grad(x);
    torsh_tensor y = torsh_autograd_apply_one(&same, NULL, &x, 1);
    ok(torsh_backward(total(y)));
    EQUAL(torsh_grad(x), 2, 2, 2);
    assert_true(torsh_is_leaf(x));
    refused(torsh_id_status(torsh_autograd_apply_one(&dirty, NULL, &x, 1).id), TORSH_AUTOGRAD_ERROR, "double_: a leaf tensor");
}

static void functions_that_fail(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2);
    destroyed = 0;
    const torsh_autograd_function wrong = {"wrong", 1, same_forward, bad_backward, destroy};
    refused(torsh_backward(total(torsh_autograd_apply_one(&wrong, NULL, &x, 1))), TORSH_AUTOGRAD_ERROR,
            "backward of wrong: a gradient of shape [4] came for a tensor of shape [2]");
    const torsh_autograd_function fails = {"fails", 1, failing, bad_backward, destroy};
    refused(torsh_id_status(torsh_autograd_apply(&fails, NULL, &x, 1).id), TORSH_SHAPE_MISMATCH, "add: 'input' is [2]");
    assert_int_equal(destroyed, 1);
    const torsh_autograd_function empty = {0};
    refused(torsh_id_status(torsh_autograd_apply(&empty, NULL, &x, 1).id), TORSH_INVALID_ARGUMENT, "needs a name");
    refused(torsh_function_save(NULL, &x, 1), TORSH_INVALID_ARGUMENT, "in a custom function's forward");
    assert_true(TORSH_FAILED(torsh_function_saved(NULL, 0)));
}

/* ---- checkpointing ---------------------------------------------------------------------------------------------------- */

typedef struct block { torsh_tensor weight; int calls; int64_t shift; } block;

/* 8 rounds of tanh(x w) * x, with a view and a change in place. */
static torsh_tensor run_block(void *context, const torsh_tensor *inputs, size_t count)
{
    block *b = context;
    (void)count;
    b->calls++;
    torsh_tensor h = torsh_mul(inputs[0], n(1));
    for (int i = 0; i < 8; i++) h = torsh_mul(torsh_tanh(torsh_mul(h, b->weight)), torsh_add(h, inputs[0]));
    torsh_tensor changed = torsh_exp_(torsh_slice(h, 0, 0, 100, 1));
    return TORSH_FAILED(changed) ? changed : h;
}

static torsh_tensor big_leaf(double step)
{
    torsh_tensor t = torsh_full(TORSH_DIMS(1000), 0.5 + step, TORSH_F64, TORSH_CPU);
    ok(torsh_set_requires_grad(t, true));
    return t;
}

static void checkpoints_give_the_same_gradients(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    double x_grad[2][1000], w_grad[2][1000], second[2][1000];
    int64_t memory[2];
    for (int with = 0; with < 2; with++) {
        TORSH_AUTO torsh_scope inner = torsh_scope_open();
        block b = {.weight = big_leaf(0.125)};
        torsh_tensor x = big_leaf(0.25), h = torsh_mul(x, n(1.5));
        destroyed = 0;
        torsh_memory before, after;
        torsh_memory_stats(TORSH_CPU, &before);
        torsh_tensor y;
        {
            TORSH_AUTO torsh_scope temporaries = torsh_scope_open();
            y = with ? torsh_autograd_checkpoint(run_block, &b, destroy, &h, 1) : run_block(&b, &h, 1);
            ok(torsh_id_status(y.id));
            torsh_keep(y);
        }
        torsh_memory_stats(TORSH_CPU, &after);
        memory[with] = after.used - before.used;
        assert_int_equal(b.calls, 1);
        torsh_tensor inputs[] = {x, b.weight}, loss = total(y);
        torsh_backward_options o = torsh_backward_defaults();
        o.retain_graph = true;
        ok(torsh_backward_with(&loss, 1, NULL, &o));
        assert_int_equal(b.calls, 1 + with);
        ok(torsh_to_host(torsh_grad(x), x_grad[with], sizeof x_grad[0]));
        ok(torsh_to_host(torsh_grad(b.weight), w_grad[with], sizeof w_grad[0]));
        torsh_grad_options g = torsh_grad_defaults(); /* and twice */
        g.create_graph = true;
        torsh_tensors list = torsh_autograd_grad(&loss, 1, inputs, 2, NULL, &g);
        torsh_zero_grad(x);
        ok(torsh_backward(total(torsh_mul(torsh_tensors_get(list, 0), torsh_tensors_get(list, 1)))));
        ok(torsh_to_host(torsh_grad(x), second[with], sizeof second[0]));
        torsh_release(list);
        torsh_zero_grad(x);
        torsh_zero_grad(b.weight);
    }
    assert_int_equal(destroyed, 1);
    assert_true(memory[1] * 10 < memory[0]);
    assert_memory_equal(x_grad[0], x_grad[1], sizeof x_grad[0]);
    assert_memory_equal(w_grad[0], w_grad[1], sizeof w_grad[0]);
    assert_memory_equal(second[0], second[1], sizeof second[0]);
}

static torsh_tensor nested(void *context, const torsh_tensor *inputs, size_t count)
{
    torsh_tensor h = torsh_sin(inputs[0]);
    (void)count;
    return torsh_exp(torsh_autograd_checkpoint(run_block, context, NULL, &h, 1));
}

static void checkpoints_nest(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    block b = {.weight = big_leaf(0.125)};
    double grads[2][1000];
    for (int with = 0; with < 2; with++) {
        torsh_tensor x = big_leaf(0.25), y;
        if (with) {
            y = torsh_autograd_checkpoint(nested, &b, NULL, &x, 1);
        } else {
            torsh_tensor h = torsh_sin(x);
            y = torsh_exp(run_block(&b, &h, 1));
        }
        ok(torsh_backward(total(y)));
        ok(torsh_to_host(torsh_grad(x), grads[with], sizeof grads[0]));
    }
    assert_memory_equal(grads[0], grads[1], sizeof grads[0]);
}

static torsh_tensor random_block(void *context, const torsh_tensor *inputs, size_t count)
{
    (void)context;
    (void)count;
    return torsh_mul(torsh_sin(inputs[0]), torsh_exp(torsh_rand(TORSH_DIMS(1000), TORSH_F64, TORSH_CPU)));
}

static void checkpoints_repeat_random_numbers(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    double grads[2][1000], next[2];
    for (int with = 0; with < 2; with++) {
        torsh_manual_seed(7);
        torsh_tensor x = big_leaf(0.25), y = with ? torsh_autograd_checkpoint(random_block, NULL, NULL, &x, 1) : random_block(NULL, &x, 1);
        ok(torsh_backward(total(y)));
        ok(torsh_to_host(torsh_grad(x), grads[with], sizeof grads[0]));
        next[with] = torsh_item(torsh_rand(TORSH_DIMS(1), TORSH_F64, TORSH_CPU));
    }
    assert_memory_equal(grads[0], grads[1], sizeof grads[0]);
    assert_true(next[0] == next[1]);
}

static torsh_tensor moody(void *context, const torsh_tensor *inputs, size_t count)
{
    (void)count;
    torsh_tensor h = torsh_exp(inputs[0]);
    return ++*(int *)context > 1 ? torsh_exp(h) : torsh_mul(h, h);
}

static void checkpoints_notice_other_work(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int calls = 0;
    torsh_tensor x = LEAF(1, 2), y = torsh_autograd_checkpoint(moody, &calls, NULL, &x, 1);
    refused(torsh_backward(total(y)), TORSH_AUTOGRAD_ERROR, "checkpoint: the function's ops saved 3 tensors the first time and 2 the second");
    assert_true(TORSH_FAILED(torsh_autograd_checkpoint(NULL, NULL, NULL, &x, 1)));
    {
        TORSH_AUTO torsh_scope quiet = torsh_no_grad();
        assert_false(torsh_requires_grad(torsh_autograd_checkpoint(moody, &calls, NULL, &x, 1)));
    }
}

/* ---- gradcheck ----------------------------------------------------------------------------------------------------------- */

static torsh_tensor product(void *context, const torsh_tensor *in, size_t count)
{
    (void)context;
    (void)count;
    return torsh_mul(torsh_mul(in[0], torsh_exp(in[1])), in[0]);
}

static torsh_status square_forward(torsh_function_context *context, const torsh_tensor *in, size_t count, torsh_tensor *out)
{
    (void)count;
    out[0] = torsh_mul(in[0], in[0]);
    return torsh_function_save(context, in, 1);
}

/* Right for all but the second element. */
static torsh_status square_backward(torsh_function_context *context, const torsh_tensor *g, torsh_tensor *grads)
{
    grads[0] = torsh_mul(torsh_mul(g[0], torsh_function_saved(context, 0)), VECTOR(2, 3, 2));
    return TORSH_OK;
}

static torsh_tensor wrong_square(void *context, const torsh_tensor *in, size_t count)
{
    (void)context;
    (void)count;
    const torsh_autograd_function f = {"wrong_square", 1, square_forward, square_backward, NULL};
    return torsh_autograd_apply_one(&f, NULL, in, 1);
}

static void gradcheck_finds_wrong_gradients(void **state)
{
    (void)state;
    int64_t handles = torsh_live_handles();
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor inputs[] = {LEAF(1, 2, 3), LEAF(0.5, 0.25, 0.125)};
        ok(torsh_gradcheck(product, NULL, inputs, 2, NULL));
        ok(torsh_gradgradcheck(product, NULL, inputs, 2, NULL));
        refused(torsh_gradcheck(wrong_square, NULL, inputs, 1, NULL), TORSH_AUTOGRAD_ERROR,
                "gradcheck: the gradient of output 0, element [1], with respect to input 0, element [1]: numeric 4");
        assert_non_null(strstr(torsh_last_error(), "analytic 6"));
        torsh_tensor plain = VECTOR(1), single = torsh_to_dtype(VECTOR(1), TORSH_F32);
        ok(torsh_set_requires_grad(single, true));
        refused(torsh_gradcheck(product, NULL, &plain, 1, NULL), TORSH_INVALID_ARGUMENT, "no input requires a gradient");
        refused(torsh_gradcheck(product, NULL, &single, 1, NULL), TORSH_DTYPE_MISMATCH, "input 0 requires a gradient and is f32");
        refused(torsh_gradcheck(NULL, NULL, inputs, 1, NULL), TORSH_INVALID_ARGUMENT, "needs a function");
        torsh_gradcheck_options o = torsh_gradcheck_defaults();
        o.eps = 0;
        refused(torsh_gradcheck(product, NULL, inputs, 2, &o), TORSH_INVALID_ARGUMENT, "eps must be positive");
        o = torsh_gradcheck_defaults();
        o.rtol = 1; /* the wrong gradient is within |numeric| */
        ok(torsh_gradcheck(wrong_square, NULL, inputs, 1, &o));
    }
    assert_int_equal(torsh_live_handles(), handles);
}

static torsh_tensor complex_product(void *context, const torsh_tensor *in, size_t count)
{
    (void)context;
    (void)count;
    return torsh_mul(torsh_mul(torsh_exp(in[0]), torsh_conj(in[0])), in[1]);
}

static void gradcheck_knows_complex_numbers(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const double values[] = {0.5, 1, -0.25, 0.75};
    torsh_tensor inputs[] = {torsh_from_data(values, TORSH_DIMS(2), TORSH_C128, TORSH_CPU), LEAF(0.5, 2)};
    ok(torsh_set_requires_grad(inputs[0], true));
    ok(torsh_gradcheck(complex_product, NULL, inputs, 2, NULL));
    ok(torsh_gradgradcheck(complex_product, NULL, inputs, 2, NULL));
}

/* ---- anomaly mode --------------------------------------------------------------------------------------------------------- */

static void anomalies_name_the_forward_op(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(0, 4);
    torsh_tensor y = total(torsh_mul(torsh_sqrt(x), n(0))); /* 0 / 0 in the gradient of sqrt */
    torsh_backward_options o = torsh_backward_defaults();
    o.retain_graph = true;
    ok(torsh_backward_with(&y, 1, NULL, &o));
    assert_true(isnan(torsh_item(torsh_select(torsh_grad(x), 0, 0))));
    TORSH_AUTO torsh_scope anomaly = torsh_detect_anomaly(true);
    refused(torsh_backward(y), TORSH_AUTOGRAD_ERROR, "backward of sqrt: the gradient of its input 0 has 1 NaN among 2 elements; the op's output is of shape [2], f64");
}

/* ---- memory ---------------------------------------------------------------------------------------------------------------- */

static torsh_tensor note_nothing(void *context, torsh_tensor gradient)
{
    (void)context;
    (void)gradient;
    return (torsh_tensor){0};
}

/* A custom function, a hook and a checkpoint with another inside; each context goes to destroy once, whatever fails. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    int64_t handles = torsh_live_handles();
    torsh_memory before, after;
    torsh_memory_stats(TORSH_CPU, &before);
    bool done = false;
    for (int countdown = 0; countdown < 20000 && !done; countdown++) {
        torsh_scope scope = torsh_scope_open();
        destroyed = 0;
        torsh_tensor ready = LEAF(1);
        torsh_fail_allocations_after(countdown);
        double scale = 2;
        block b = {.weight = ready};
        torsh_tensor e = torsh_autograd_apply_one(&scaled_exp, &scale, &ready, 1);
        torsh_hook hook = torsh_register_hook(e, note_nothing, NULL, destroy);
        torsh_tensor y = torsh_autograd_checkpoint(nested, &b, destroy, &e, 1);
        torsh_status status = torsh_backward(total(y));
        if (status == TORSH_OK) status = torsh_id_status(hook.id);
        torsh_fail_allocations_after(-1);
        done = status == TORSH_OK;
        if (!done && status != TORSH_OUT_OF_MEMORY) fail_msg("countdown %d: status %d, %s", countdown, (int)status, torsh_last_error());
        torsh_scope_close(scope);
        assert_int_equal(destroyed, 3);
    }
    assert_true(done);
    assert_int_equal(torsh_live_handles(), handles);
    torsh_memory_stats(TORSH_CPU, &after);
    assert_int_equal(after.used, before.used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_function_with_its_own_gradient),
        cmocka_unit_test(several_outputs),
        cmocka_unit_test(inputs_that_come_back),
        cmocka_unit_test(functions_that_fail),
        cmocka_unit_test(checkpoints_give_the_same_gradients),
        cmocka_unit_test(checkpoints_nest),
        cmocka_unit_test(checkpoints_repeat_random_numbers),
        cmocka_unit_test(checkpoints_notice_other_work),
        cmocka_unit_test(gradcheck_finds_wrong_gradients),
        cmocka_unit_test(gradcheck_knows_complex_numbers),
        cmocka_unit_test(anomalies_name_the_forward_op),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
