/* What backward does to graphs and leaves, hooks, and what is refused. Expected numbers are worked out by hand or PyTorch's. */
#include "helpers.h"

static torsh_tensor n(double value)
{
    return torsh_number(value);
}

/* ---- leaves ------------------------------------------------------------------------------------------------------------ */

static void gradients_accumulate_and_go(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2, 3);
    assert_int_equal(torsh_grad(x).id, 0);
    ok(torsh_backward(total(torsh_mul(x, x))));
    torsh_tensor held = torsh_grad(x);
    EQUAL(held, 2, 4, 6);
    ok(torsh_backward(total(torsh_mul(x, x))));
    EQUAL(torsh_grad(x), 4, 8, 12);
    EQUAL(held, 4, 8, 12); /* in place, as in PyTorch */
    ok(torsh_zero_grad(x));
    assert_int_equal(torsh_grad(x).id, 0);
    ok(torsh_set_grad(x, VECTOR(1, 1, 1)));
    ok(torsh_backward(total(x)));
    EQUAL(torsh_grad(x), 2, 2, 2);
}

/* Two leaves that get the same gradient tensor must not share it. */
static void leaves_do_not_share_gradients(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = LEAF(1, 2), b = LEAF(3, 4), g = VECTOR(1, 1), y = torsh_add(a, b);
    ok(torsh_backward_with(&y, 1, &g, NULL));
    torsh_zero_(torsh_grad(a));
    EQUAL(torsh_grad(b), 1, 1);
    EQUAL(g, 1, 1);
    ok(torsh_backward_with(&a, 1, &g, NULL)); /* a leaf as the output: its gradient is a copy of g */
    torsh_zero_(torsh_grad(a));
    EQUAL(g, 1, 1);
}

static void shapes_of_one_element_are_scalars(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_from_slice(TORSH_VALUES(3), TORSH_DIMS(1, 1), TORSH_F32, TORSH_CPU);
    ok(torsh_set_requires_grad(x, true));
    ok(torsh_backward(torsh_pow(x, torsh_scalar(2, TORSH_F32, TORSH_CPU))));
    EQUAL(torsh_grad(x), 6);
    assert_int_equal(torsh_ndim(torsh_grad(x)), 2);
}

static void questions_about_tensors(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), plain = VECTOR(1, 2), y = torsh_mul(x, plain), d = torsh_detach(y);
    assert_true(torsh_requires_grad(x) && torsh_is_leaf(x));
    assert_true(!torsh_requires_grad(plain) && torsh_is_leaf(plain));
    assert_true(torsh_requires_grad(y) && !torsh_is_leaf(y));
    assert_true(!torsh_requires_grad(d) && torsh_is_leaf(d));
    assert_int_equal(torsh_storage_id(d), torsh_storage_id(y));
    assert_false(torsh_requires_grad(torsh_gt(x, plain)));
    assert_false(torsh_requires_grad(torsh_zeros_like(x)));
    torsh_tensor z = torsh_mul(x, plain);
    assert_int_equal(torsh_detach_(z).id, z.id);
    assert_false(torsh_requires_grad(z));
    ok(torsh_set_requires_grad(z, true));
    ok(torsh_set_requires_grad(x, false));
    assert_false(torsh_requires_grad(torsh_mul(x, x)));
}

static void modes(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), y;
    assert_true(torsh_is_grad_enabled());
    {
        TORSH_AUTO torsh_scope quiet = torsh_no_grad();
        assert_false(torsh_is_grad_enabled());
        y = torsh_mul(x, x); /* owned by the outer scope */
        {
            TORSH_AUTO torsh_scope loud = torsh_enable_grad();
            assert_true(torsh_requires_grad(torsh_mul(x, x)));
        }
        assert_false(torsh_is_grad_enabled());
        torsh_add_(x, n(1)); /* leaves may be changed here */
    }
    assert_true(torsh_is_grad_enabled());
    assert_false(torsh_requires_grad(y));
    EQUAL(y, 1, 4);
    EQUAL(x, 2, 3);
}

/* ---- graphs -------------------------------------------------------------------------------------------------------------- */

static void graphs_are_used_once_or_retained(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), y = total(torsh_mul(x, x));
    torsh_backward_options o = torsh_backward_defaults();
    o.retain_graph = true;
    ok(torsh_backward_with(&y, 1, NULL, &o));
    ok(torsh_backward(y));
    EQUAL(torsh_grad(x), 4, 8);
    refused(torsh_backward(y), TORSH_AUTOGRAD_ERROR, "backward of mul: the tensors that it saved were freed");
    EQUAL(torsh_grad(x), 4, 8);
    torsh_tensor z = total(torsh_add(x, x)); /* nothing saved: any number of times, as in PyTorch */
    ok(torsh_backward(z));
    ok(torsh_backward(z));
}

static void backward_frees_what_ops_saved(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_ones(TORSH_DIMS(1000), TORSH_F64, TORSH_CPU);
    ok(torsh_set_requires_grad(x, true));
    torsh_memory before, recorded, after;
    torsh_memory_stats(TORSH_CPU, &before);
    torsh_tensor h = x;
    for (int i = 0; i < 10; i++) {
        torsh_tensor old = h;
        h = torsh_exp(h);
        if (i) torsh_release(old);
    }
    torsh_tensor y = total(h);
    torsh_release(h);
    torsh_memory_stats(TORSH_CPU, &recorded);
    assert_true(recorded.used - before.used >= 80000);
    ok(torsh_backward(y));
    torsh_memory_stats(TORSH_CPU, &after);
    assert_true(after.used - before.used < 10000); /* the gradient and y */
}

/* x * c needs c alone, as long as c needs no gradient. */
static void ops_save_what_will_be_read(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_ones(TORSH_DIMS(1000), TORSH_F64, TORSH_CPU), w = torsh_ones(TORSH_DIMS(1000), TORSH_F64, TORSH_CPU);
    ok(torsh_set_requires_grad(x, true));
    ok(torsh_set_requires_grad(w, true));
    for (int both = 0; both < 2; both++) {
        torsh_memory before, after;
        torsh_memory_stats(TORSH_CPU, &before);
        torsh_tensor h = torsh_add(x, n(1)), y = torsh_mul(h, both ? w : n(2));
        torsh_release(h);
        torsh_memory_stats(TORSH_CPU, &after);
        assert_int_equal((after.used - before.used) / 8000, 1 + both);
        ok(torsh_backward(total(y)));
    }
}

static void only_some_inputs(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), w = LEAF(3, 4), h = torsh_mul(x, w), y = total(torsh_mul(h, h));
    torsh_tensor inputs[] = {x, h};
    torsh_backward_options o = torsh_backward_defaults();
    o.inputs = inputs;
    o.input_count = 2;
    ok(torsh_backward_with(&y, 1, NULL, &o));
    EQUAL(torsh_grad(x), 18, 64);
    EQUAL(torsh_grad(h), 6, 16);
    assert_int_equal(torsh_grad(w).id, 0);
}

static void grad_leaves_leaves_alone(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), w = LEAF(3, 4), unused = LEAF(1), y = total(torsh_mul(torsh_mul(x, x), w));
    torsh_tensor inputs[] = {w, unused, x};
    torsh_grad_options o = torsh_grad_defaults();
    o.retain_graph = true;
    torsh_tensors list = torsh_autograd_grad(&y, 1, inputs, 3, NULL, &o);
    refused(torsh_id_status(list.id), TORSH_AUTOGRAD_ERROR, "input 1 was not used");
    o.allow_unused = true;
    list = torsh_autograd_grad(&y, 1, inputs, 3, NULL, &o);
    EQUAL(torsh_tensors_get(list, 0), 1, 4);
    assert_int_equal(torsh_tensors_get(list, 1).id, 0);
    EQUAL(torsh_tensors_get(list, 2), 6, 16);
    o.materialize_grads = true;
    EQUAL(torsh_tensors_get(torsh_autograd_grad(&y, 1, inputs, 3, NULL, &o), 1), 0);
    assert_int_equal(torsh_grad(x).id, 0);
    list = torsh_autograd_grad(&y, 1, &y, 1, NULL, NULL); /* an output by itself */
    EQUAL(torsh_tensors_get(list, 0), 1);
}

static void a_created_graph_adds_out_of_place(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(2, 3);
    torsh_backward_options o = torsh_backward_defaults();
    o.create_graph = true;
    torsh_tensor y = total(torsh_mul(torsh_mul(x, x), x));
    ok(torsh_backward_with(&y, 1, NULL, &o));
    torsh_tensor g = torsh_grad(x); /* 3x^2 */
    assert_true(torsh_requires_grad(g));
    ok(torsh_zero_grad(x));
    ok(torsh_backward(total(g)));
    EQUAL(torsh_grad(x), 12, 18);
    EQUAL(g, 12, 27);
}

static void a_chain_of_a_million_ops(void **state)
{
    (void)state;
    int64_t before = torsh_live_handles();
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor x = LEAF(1), h = x, step = VECTOR(1e-6), dead;
        for (int i = 0; i < 1000000; i++) {
            torsh_tensor old = h;
            h = torsh_add(h, step);
            if (i) torsh_release(old);
        }
        EQUAL(h, 2);
        ok(torsh_backward(h));
        EQUAL(torsh_grad(x), 1);
        dead = x; /* and one that is freed without a backward */
        for (int i = 0; i < 1000000; i++) {
            torsh_tensor old = dead;
            dead = torsh_mul(dead, step);
            if (i) torsh_release(old);
        }
    }
    assert_int_equal(torsh_live_handles(), before);
}

/* A diamond a level: 2^40 paths, 120 nodes. */
static void paths_are_not_walked_one_by_one(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1), h = x;
    for (int i = 0; i < 40; i++) h = torsh_add(torsh_mul(h, n(0.5)), torsh_mul(h, n(0.5)));
    ok(torsh_backward(h));
    EQUAL(torsh_grad(x), 1);
}

/* Many edges from one node, and more of them than fit the engine's own arrays. */
static void a_wide_node(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1), parts[100];
    for (int i = 0; i < 100; i++) parts[i] = torsh_mul(x, n(i));
    torsh_tensor sum = parts[0];
    for (int i = 1; i < 100; i++) sum = torsh_add(parts[i], sum);
    ok(torsh_backward(sum));
    EQUAL(torsh_grad(x), 4950);
}

/* ---- refusals -------------------------------------------------------------------------------------------------------------- */

static void what_is_refused(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2, 3), plain = VECTOR(1, 2, 3), two = VECTOR(1, 2), y = torsh_mul(x, x);
    refused(torsh_backward(y), TORSH_AUTOGRAD_ERROR, "must have one element; it is [3]");
    refused(torsh_backward(total(plain)), TORSH_AUTOGRAD_ERROR, "doesn't require a gradient");
    refused(torsh_backward_with(&y, 1, &two, NULL), TORSH_SHAPE_MISMATCH, "gradient 0 is [2] and its tensor [3]");
    torsh_tensor single = torsh_to_dtype(plain, TORSH_F32);
    refused(torsh_backward_with(&y, 1, &single, NULL), TORSH_DTYPE_MISMATCH, "gradient 0 is f32");
    refused(torsh_backward_with(NULL, 0, NULL, NULL), TORSH_INVALID_ARGUMENT, "at least one tensor");
    torsh_backward_options zero = {0};
    refused(torsh_backward_with(&y, 1, NULL, &zero), TORSH_INVALID_ARGUMENT, "backward: the options' size is 0");
    refused(torsh_set_requires_grad(torsh_integer(1), true), TORSH_DTYPE_MISMATCH, "only floating-point");
    refused(torsh_set_requires_grad(y, false), TORSH_AUTOGRAD_ERROR, "no leaf");
    refused(torsh_set_grad(x, two), TORSH_SHAPE_MISMATCH, "the gradient is [2] and the tensor [3]");
    refused(torsh_set_grad(x, x), TORSH_INVALID_ARGUMENT, "its own gradient");
    refused(torsh_retain_grad(plain), TORSH_AUTOGRAD_ERROR, "doesn't require");
    refused(torsh_backward((torsh_tensor){0}), TORSH_INVALID_HANDLE, "is null");
    assert_int_equal(torsh_backward(torsh_add(x, two)), TORSH_SHAPE_MISMATCH); /* an error value keeps its status */
    torsh_tensors list = torsh_autograd_grad(&y, 1, &plain, 1, &plain, NULL);
    refused(torsh_id_status(list.id), TORSH_AUTOGRAD_ERROR, "input 0 doesn't require a gradient");
    refused(torsh_id_status(torsh_add_out(x, plain, plain).id), TORSH_AUTOGRAD_ERROR, "out= has no gradient");
}

static torsh_status failed(torsh_tensor t)
{
    return torsh_id_status(t.id);
}

static void changes_in_place_that_are_refused(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2, 3), b = torsh_mul(x, n(2)), blind;
    refused(failed(torsh_add_(x, n(1))), TORSH_AUTOGRAD_ERROR, "add (in place): a leaf tensor that requires a gradient");
    refused(failed(torsh_add_(torsh_slice(x, 0, 0, 2, 1), n(1))), TORSH_AUTOGRAD_ERROR, "a view of a leaf tensor that requires a gradient");
    {
        TORSH_AUTO torsh_scope quiet = torsh_no_grad();
        blind = torsh_slice(b, 0, 0, 2, 1);
    }
    refused(failed(torsh_add_(blind, n(1))), TORSH_AUTOGRAD_ERROR, "a view that was made without grad mode");
    refused(failed(torsh_add_(torsh_slice(blind, 0, 0, 1, 1), n(1))), TORSH_AUTOGRAD_ERROR, "a view that was made without grad mode");
    torsh_mul_(b, n(3));
    refused(failed(torsh_mul(blind, n(1))), TORSH_AUTOGRAD_ERROR, "a view that was made without grad mode");
    refused(failed(torsh_detach_(torsh_slice(b, 0, 0, 1, 1))), TORSH_AUTOGRAD_ERROR, "a view can't be detached in place");
    refused(failed(torsh_mul_(torsh_expand(torsh_mul(LEAF(1), n(1)), TORSH_DIMS(3)), n(2))), TORSH_INVALID_ARGUMENT, "share one memory place");
}

static void changed_tensors_are_noticed(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), h = torsh_mul(x, n(1)), y = total(torsh_mul(h, h));
    torsh_add_(h, n(1));
    refused(torsh_backward(y), TORSH_AUTOGRAD_ERROR, "backward of mul: a tensor that the gradient needs ([2], f64) was changed in place: it is at version 1, expected 0");
    torsh_tensor e = torsh_exp(x), z = total(e);
    torsh_zero_(torsh_detach(e));
    refused(torsh_backward(z), TORSH_AUTOGRAD_ERROR, "backward of exp");
    torsh_tensor k = torsh_mul(x, n(1)), sum = total(torsh_mul(k, n(3))); /* the gradient doesn't need k */
    torsh_add_(k, n(1));
    ok(torsh_backward(sum));
    EQUAL(torsh_grad(x), 3, 3);
}

/* ---- hooks ----------------------------------------------------------------------------------------------------------------- */

typedef struct notes { char text[64]; int destroyed; } notes;
typedef struct note { notes *notes; char letter; double factor; } note;

static torsh_tensor write_note(void *context, torsh_tensor gradient)
{
    note *w = context;
    strncat(w->notes->text, &w->letter, 1);
    if (w->factor == 0) return (torsh_tensor){0};
    return torsh_mul(gradient, torsh_number(w->factor));
}

static void count_destroyed(void *context)
{
    ((note *)context)->notes->destroyed++;
}

static void hooks_run_in_order_and_replace(void **state)
{
    (void)state;
    notes all = {.text = ""};
    note a = {&all, 'a', 0}, b = {&all, 'b', 10}, c = {&all, 'c', 0}, d = {&all, 'd', 2};
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor x = LEAF(1, 2), h = torsh_mul(x, n(3)), y = total(torsh_mul(h, n(1)));
        ok(torsh_retain_grad(h));
        torsh_register_hook(h, write_note, &a, count_destroyed);
        torsh_register_hook(h, write_note, &b, count_destroyed);
        torsh_hook removed = torsh_register_hook(h, write_note, &c, count_destroyed);
        torsh_register_hook(x, write_note, &d, NULL);
        ok(torsh_hook_remove(removed));
        ok(torsh_backward(y));
        assert_string_equal(all.text, "abd");
        EQUAL(torsh_grad(h), 10, 10); /* what the hooks left */
        EQUAL(torsh_grad(x), 60, 60);
        torsh_tensor again = torsh_mul(x, n(1));
        torsh_tensor ones = VECTOR(1, 1);
        torsh_tensors list = torsh_autograd_grad(&again, 1, &x, 1, &ones, NULL);
        EQUAL(torsh_tensors_get(list, 0), 2, 2);
    }
    assert_int_equal(all.destroyed, 3);
}

static void hooks_stay_with_the_value_they_were_given_for(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    notes all = {.text = ""};
    note before = {&all, 'o', 0}, after = {&all, 'n', 0};
    torsh_tensor x = LEAF(1, 1, 1), h = torsh_mul(x, n(1));
    torsh_register_hook(h, write_note, &before, NULL);
    ok(torsh_retain_grad(h));
    torsh_mul_(h, n(3));
    torsh_register_hook(h, write_note, &after, NULL);
    ok(torsh_backward(total(torsh_mul(h, n(2)))));
    assert_string_equal(all.text, "no"); /* as PyTorch */
    EQUAL(torsh_grad(h), 2, 2, 2);
    EQUAL(torsh_grad(x), 6, 6, 6);
}

static torsh_tensor wrong_shape(void *context, torsh_tensor gradient)
{
    (void)context;
    return total(gradient);
}

static torsh_status use_up(void *context, torsh_tensor leaf)
{
    *(torsh_tensor *)context = torsh_add(torsh_grad(leaf), torsh_number(0));
    torsh_keep(*(torsh_tensor *)context);
    return torsh_zero_grad(leaf);
}

static void hooks_may_fail_and_may_use_up_the_gradient(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), w = LEAF(1, 2), seen = {0};
    torsh_register_hook(w, wrong_shape, NULL, NULL);
    refused(torsh_backward(total(w)), TORSH_AUTOGRAD_ERROR, "a hook replaced a gradient of shape [2], f64 by one of shape []");
    torsh_register_post_accumulate_grad_hook(x, use_up, &seen, NULL);
    ok(torsh_backward(total(torsh_mul(x, n(5)))));
    EQUAL(seen, 5, 5);
    assert_int_equal(torsh_grad(x).id, 0);
    torsh_hook bad = torsh_register_hook(VECTOR(1), wrong_shape, NULL, NULL);
    refused(torsh_id_status(bad.id), TORSH_AUTOGRAD_ERROR, "doesn't require a gradient");
    bad = torsh_register_hook(x, NULL, NULL, NULL);
    refused(torsh_id_status(bad.id), TORSH_INVALID_ARGUMENT, "'function' is NULL");
    bad = torsh_register_post_accumulate_grad_hook(torsh_mul(x, x), use_up, NULL, NULL);
    refused(torsh_id_status(bad.id), TORSH_AUTOGRAD_ERROR, "only leaf tensors");
}

/* A hook that runs a backward of its own. */
static torsh_tensor inner_backward(void *context, torsh_tensor gradient)
{
    torsh_tensor x = *(torsh_tensor *)context;
    TORSH_AUTO torsh_scope loud = torsh_enable_grad();
    ok(torsh_backward(total(torsh_mul(x, x))));
    (void)gradient;
    return (torsh_tensor){0};
}

static void backward_inside_backward(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = LEAF(1, 2), h = torsh_mul(x, n(1));
    torsh_register_hook(h, inner_backward, &x, NULL);
    ok(torsh_backward(total(h)));
    EQUAL(torsh_grad(x), 3, 5);
}

/* ---- memory --------------------------------------------------------------------------------------------------------------- */

/* Fails each allocation of a forward and backward in turn: an error each time, no leak, and at last success. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    torsh_memory before, after;
    int64_t handles = torsh_live_handles();
    torsh_memory_stats(TORSH_CPU, &before);
    bool done = false;
    for (int countdown = 0; countdown < 2000 && !done; countdown++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor x = LEAF(1, 2, 3), w = LEAF(4, 5);
        torsh_fail_allocations_after(countdown);
        torsh_tensor b = torsh_mul(x, x), v = torsh_slice(b, 0, 1, 3, 1), changed = torsh_mul_(v, w);
        torsh_retain_grad(b);
        torsh_backward_options o = torsh_backward_defaults();
        o.create_graph = true;
        torsh_tensor y = total(torsh_mul(torsh_add(torsh_exp(b), changed.id && !TORSH_FAILED(changed) ? torsh_number(0) : changed), b));
        torsh_status status = torsh_backward_with(&y, 1, NULL, &o);
        torsh_fail_allocations_after(-1);
        done = status == TORSH_OK;
        if (!done && status != TORSH_OUT_OF_MEMORY) fail_msg("countdown %d: status %d, %s", countdown, (int)status, torsh_last_error());
        torsh_zero_grad(x); /* with create_graph, x.grad's graph ends in x: a cycle, as in PyTorch */
        torsh_zero_grad(w);
        torsh_set_grad(b, (torsh_tensor){0});
    }
    assert_true(done);
    assert_int_equal(torsh_live_handles(), handles);
    torsh_memory_stats(TORSH_CPU, &after);
    assert_int_equal(after.used, before.used);
}

/* Gradients of gradients, and graphs between them, end without recursion. */
static void a_chain_of_a_million_gradients(void **state)
{
    (void)state;
    enum { LENGTH = 1000000 };
    torsh_memory before, after;
    torsh_memory_stats(TORSH_CPU, &before);
    torsh_tensor last = LEAF(1);
    for (int i = 0; i < LENGTH; i++) { /* leaf -> .grad -> grad_fn -> leaf -> .grad -> leaf ... */
        torsh_tensor of = VECTOR(1), grad = i % 400000 == 0 ? torsh_neg(last) : last;
        ok(torsh_set_requires_grad(of, true));
        ok(torsh_set_grad(of, grad));
        if (grad.id != last.id) ok(torsh_release(grad));
        ok(torsh_release(last));
        last = of;
    }
    ok(torsh_release(last));
    torsh_memory_stats(TORSH_CPU, &after);
    assert_int_equal(after.used, before.used);
}

/* Memory of the user's whose deleter asks for the gradient, and so for the lock, of the leaf that it is added to. */
static torsh_tensor asked;
static double lent[3] = {1, 2, 3};
static int given_back;

static void ask(void *context)
{
    (void)context;
    given_back++;
    torsh_release(torsh_grad(asked));
}

static torsh_tensor lend(void *context, torsh_tensor gradient)
{
    (void)context;
    (void)gradient;
    return torsh_from_blob(lent, TORSH_DIMS(3), TORSH_F64, ask, NULL);
}

static void destructors_run_without_locks(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    asked = LEAF(1, 2, 3);
    torsh_register_hook(asked, lend, NULL, NULL);
    for (int i = 1; i <= 3; i++) {
        ok(torsh_backward(total(torsh_exp(asked))));
        assert_int_equal(given_back, i);
    }
    EQUAL(torsh_grad(asked), 3, 6, 9);
    torsh_tensor old = torsh_from_blob(lent, TORSH_DIMS(3), TORSH_F64, ask, NULL);
    ok(torsh_set_grad(asked, old));
    torsh_release(old);
    ok(torsh_backward(total(torsh_exp(asked)))); /* in place: the sum is the lent memory */
    ok(torsh_zero_grad(asked));
    assert_int_equal(given_back, 5);
}

/* As in PyTorch: no tensor is its own gradient; longer rings are the caller's, who breaks them. */
static void rings_of_gradients(void **state)
{
    (void)state;
    torsh_memory before, after;
    torsh_memory_stats(TORSH_CPU, &before);
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor a = VECTOR(1), b = VECTOR(2);
        refused(torsh_set_grad(a, a), TORSH_INVALID_ARGUMENT, "its own gradient");
        ok(torsh_set_grad(a, b));
        ok(torsh_set_grad(b, a));
        EQUAL(torsh_grad(torsh_grad(a)), 1);
        ok(torsh_zero_grad(a));
    }
    torsh_memory_stats(TORSH_CPU, &after);
    assert_int_equal(after.used, before.used);
}

/* A list of more tensors than a node has kinds of outputs: each is had again as the input that it was. */
static void long_lists_are_saved(void **state)
{
    (void)state;
    enum { RANK = 40 };
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int64_t sizes[RANK];
    torsh_tensor indices[RANK], x = LEAF(1, 2, 3, 4);
    for (int d = 0; d < RANK; d++) {
        sizes[d] = d == 17 || d == 39 ? 2 : 1;
        indices[d] = torsh_zeros(TORSH_DIMS(3), TORSH_I64, TORSH_CPU);
    }
    indices[39] = torsh_from_slice(TORSH_VALUES(1, 0, 1), TORSH_DIMS(3), TORSH_I64, TORSH_CPU);
    torsh_tensor picked = torsh_index(torsh_reshape(x, sizes, RANK), indices, RANK), y = total(torsh_pow(picked, torsh_number(3)));
    torsh_grad_options o = torsh_grad_defaults();
    o.create_graph = true;
    torsh_tensor g = torsh_tensors_get(torsh_autograd_grad(&y, 1, &x, 1, NULL, &o), 0);
    EQUAL(picked, 2, 1, 2);
    EQUAL(g, 3, 24, 0, 0);
    ok(torsh_backward(total(g)));
    EQUAL(torsh_grad(x), 6, 24, 0, 0);
}

static torsh_tensor prod_over(void *context, const torsh_tensor *inputs, size_t count)
{
    (void)count;
    const int64_t *dims = context;
    return torsh_prod(inputs[0], dims + 1, (size_t)dims[0], false);
}

/* Both derivatives of products in which none, one or two factors are zero, over one dim, two that are apart, and all. */
static void products_with_zeros(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    static int64_t over[][4] = {{1, 0}, {1, 2}, {2, 0, 2}, {3, 0, 1, 2}};
    for (int zeros = 0; zeros <= 3; zeros++) {
        double values[12] = {2, -1, 3, 0.5, 1.5, -2, 1, -0.7, 4, 1.1, -3, 0.9};
        for (int i = 0; i < zeros; i++) values[4 * i % 11] = 0;
        torsh_tensor x = torsh_from_slice(values, 12, TORSH_DIMS(2, 2, 3), TORSH_F64, TORSH_CPU);
        ok(torsh_set_requires_grad(x, true));
        for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
            ok(torsh_gradcheck(prod_over, over[i], &x, 1, NULL));
            ok(torsh_gradgradcheck(prod_over, over[i], &x, 1, NULL));
        }
    }
    torsh_tensor x = LEAF(0, 2, 0), y = torsh_prod(x, TORSH_ALL_DIMS, false);
    torsh_grad_options o = torsh_grad_defaults();
    o.create_graph = true;
    ok(torsh_backward(torsh_select(torsh_tensors_get(torsh_autograd_grad(&y, 1, &x, 1, NULL, &o), 0), 0, 0)));
    EQUAL(torsh_grad(x), 0, 0, 2);
}

/* NaN, and products of nothing with infinity, as PyTorch 2.15 has them. */
static void gradients_at_the_edges(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const double nan = 0.0 / 0.0;
    torsh_tensor x = LEAF(nan, -1, 0, 1);
    ok(torsh_backward(total(torsh_mul(torsh_relu(x), torsh_number(2)))));
    EQUAL(torsh_grad(x), 2, 0, 0, 2);
    torsh_tensor a = LEAF(0, -1, 2, 3), b = LEAF(0, 0, 0, 2), y = torsh_xlogy(a, b), g = VECTOR(1, 0, 0, 0);
    ok(torsh_backward_with(&y, 1, &g, NULL));
    EQUAL(torsh_grad(a), 0, 0, 0, 0);
    EQUAL(torsh_select(torsh_grad(b), 0, 3), 0);
    EQUAL(torsh_isnan(torsh_grad(b)), 1, 1, 1, 0);
    torsh_tensor c = LEAF(0, 0, 0, 2), d = LEAF(1, -1, -2, 1), z = torsh_special_xlog1py(c, d), h = VECTOR(1, 1, 1, 0);
    EQUAL(z, 0, 0, 0, 1.38629436111989061884);
    ok(torsh_backward_with(&z, 1, &h, NULL));
    EQUAL(torsh_grad(c), 0.69314718055994530942, 0, 0, 0);
    EQUAL(torsh_isnan(torsh_grad(d)), 0, 1, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_accumulate_and_go),
        cmocka_unit_test(leaves_do_not_share_gradients),
        cmocka_unit_test(shapes_of_one_element_are_scalars),
        cmocka_unit_test(questions_about_tensors),
        cmocka_unit_test(modes),
        cmocka_unit_test(graphs_are_used_once_or_retained),
        cmocka_unit_test(backward_frees_what_ops_saved),
        cmocka_unit_test(ops_save_what_will_be_read),
        cmocka_unit_test(only_some_inputs),
        cmocka_unit_test(grad_leaves_leaves_alone),
        cmocka_unit_test(a_created_graph_adds_out_of_place),
        cmocka_unit_test(a_chain_of_a_million_ops),
        cmocka_unit_test(paths_are_not_walked_one_by_one),
        cmocka_unit_test(a_wide_node),
        cmocka_unit_test(long_lists_are_saved),
        cmocka_unit_test(products_with_zeros),
        cmocka_unit_test(gradients_at_the_edges),
        cmocka_unit_test(a_chain_of_a_million_gradients),
        cmocka_unit_test(rings_of_gradients),
        cmocka_unit_test(destructors_run_without_locks),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(changes_in_place_that_are_refused),
        cmocka_unit_test(changed_tensors_are_noticed),
        cmocka_unit_test(hooks_run_in_order_and_replace),
        cmocka_unit_test(hooks_stay_with_the_value_they_were_given_for),
        cmocka_unit_test(hooks_may_fail_and_may_use_up_the_gradient),
        cmocka_unit_test(backward_inside_backward),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
