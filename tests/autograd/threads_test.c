/* Backward from several threads: on graphs of their own, on graphs that share leaves, on one graph. Run under ThreadSanitizer
 * as well. */
#include "helpers.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 50 };

typedef struct shared { torsh_tensor x, w, h, view; torsh_status status[THREADS]; pthread_barrier_t start; } shared;
typedef struct job { shared *shared; int index; } job;

static void run(void *(*work)(void *), shared *s)
{
    pthread_t threads[THREADS];
    job jobs[THREADS];
    pthread_barrier_init(&s->start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (job){s, i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(s->status[i], TORSH_OK);
    }
    pthread_barrier_destroy(&s->start);
}

static void *own_graph(void *argument)
{
    job *j = argument;
    torsh_status status = TORSH_OK;
    for (int i = 0; i < ROUNDS && status == TORSH_OK; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor x = vector(TORSH_VALUES(1, 2, 3));
        torsh_set_requires_grad(x, true);
        torsh_tensor b = torsh_mul(x, x);
        torsh_mul_(torsh_slice(b, 0, 0, 2, 1), torsh_number(2));
        status = torsh_backward(total(b));
        if (torsh_item(torsh_select(torsh_grad(x), 0, 1)) != 8) status = TORSH_AUTOGRAD_ERROR;
    }
    j->shared->status[j->index] = status;
    return NULL;
}

static void on_graphs_of_their_own(void **state)
{
    (void)state;
    shared s = {.x = {0}};
    run(own_graph, &s);
}

/* Parameters shared, as when threads train on parts of a batch. */
static void *shared_leaves(void *argument)
{
    job *j = argument;
    torsh_status status = TORSH_OK;
    for (int i = 0; i < ROUNDS && status == TORSH_OK; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor y = torsh_add(torsh_mul(j->shared->x, j->shared->w), j->shared->x);
        status = torsh_backward(total(y));
        if (torsh_numel(torsh_grad(j->shared->x)) != 3) status = TORSH_AUTOGRAD_ERROR;
    }
    j->shared->status[j->index] = status;
    return NULL;
}

static void on_graphs_that_share_leaves(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    shared s = {.x = LEAF(1, 2, 3), .w = LEAF(2, 2, 2)};
    run(shared_leaves, &s);
    EQUAL(torsh_grad(s.x), 3 * THREADS * ROUNDS, 3 * THREADS * ROUNDS, 3 * THREADS * ROUNDS);
    EQUAL(torsh_grad(s.w), 1 * THREADS * ROUNDS, 2 * THREADS * ROUNDS, 3 * THREADS * ROUNDS);
}

/* One trunk, recorded before; its view is stale, so that the threads meet when it is brought up to date. */
static void *shared_trunk(void *argument)
{
    job *j = argument;
    torsh_status status = TORSH_OK;
    torsh_backward_options o = torsh_backward_defaults();
    o.retain_graph = true;
    for (int i = 0; i < ROUNDS && status == TORSH_OK; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor y = torsh_add(total(torsh_exp(torsh_mul(j->shared->h, torsh_number(0)))), total(j->shared->view));
        status = torsh_backward_with(&y, 1, NULL, &o);
    }
    j->shared->status[j->index] = status;
    return NULL;
}

static void on_one_graph(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    shared s = {.x = LEAF(1, 2, 3)};
    s.h = torsh_mul(s.x, torsh_number(2));
    s.view = torsh_slice(s.h, 0, 0, 2, 1);
    torsh_mul_(s.h, torsh_number(3));
    run(shared_trunk, &s);
    EQUAL(torsh_grad(s.x), 6 * THREADS * ROUNDS, 6 * THREADS * ROUNDS, 0);
}

/* Backward of one graph that frees what it saved, in all threads at once, every other one with retain_graph: each has its
 * gradients or the error that the tensors are gone. */
static void *freed_under_others(void *argument)
{
    job *j = argument;
    torsh_backward_options o = torsh_backward_defaults();
    o.retain_graph = j->index % 2;
    pthread_barrier_wait(&j->shared->start);
    torsh_status status = torsh_backward_with(&j->shared->h, 1, NULL, &o);
    bool gone = status == TORSH_AUTOGRAD_ERROR && strstr(torsh_last_error(), "freed by an earlier backward");
    j->shared->status[j->index] = gone ? TORSH_OK : status;
    return NULL;
}

static void on_one_graph_that_is_freed(void **state)
{
    (void)state;
    torsh_memory before, after;
    torsh_memory_stats(TORSH_CPU, &before);
    for (int i = 0; i < ROUNDS; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        shared s = {.x = LEAF(1, 2, 3), .w = LEAF(4, 5)};
        torsh_tensor t = s.x;
        for (int k = 0; k < 20; k++) t = torsh_mul(torsh_tanh(t), s.x);
        torsh_mul_(torsh_slice(t, 0, 0, 2, 1), s.w);
        s.h = total(torsh_exp(t));
        run(freed_under_others, &s);
        assert_int_equal(torsh_numel(torsh_grad(s.x)), 3); /* the last of them to free found all there */
    }
    torsh_memory_stats(TORSH_CPU, &after);
    assert_int_equal(after.used, before.used);
}

static torsh_tensor leave_it(void *context, torsh_tensor gradient)
{
    (void)gradient;
    __atomic_fetch_add((int *)context, 1, __ATOMIC_RELAXED);
    return (torsh_tensor){0};
}

static int hook_calls;
static void *hooks_come_and_go(void *argument)
{
    job *j = argument;
    torsh_status status = TORSH_OK;
    for (int i = 0; i < ROUNDS && status == TORSH_OK; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_hook hook = torsh_register_hook(j->shared->h, leave_it, &hook_calls, NULL);
        torsh_backward_options o = torsh_backward_defaults();
        o.retain_graph = true;
        torsh_tensor y = total(j->shared->h);
        status = torsh_backward_with(&y, 1, NULL, &o);
        if (status == TORSH_OK) status = torsh_hook_remove(hook);
    }
    j->shared->status[j->index] = status;
    return NULL;
}

static void with_hooks_that_come_and_go(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    shared s = {.x = LEAF(1, 2, 3)};
    s.h = torsh_mul(s.x, torsh_number(2));
    torsh_register_hook(s.h, leave_it, &hook_calls, NULL); /* so that the node has a list when the threads start */
    ok(torsh_retain_grad(s.h));
    run(hooks_come_and_go, &s);
    assert_true(hook_calls >= 2 * THREADS * ROUNDS);
    EQUAL(torsh_grad(s.x), 2 * THREADS * ROUNDS, 2 * THREADS * ROUNDS, 2 * THREADS * ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_graphs_of_their_own),
        cmocka_unit_test(on_graphs_that_share_leaves),
        cmocka_unit_test(on_one_graph),
        cmocka_unit_test(on_one_graph_that_is_freed),
        cmocka_unit_test(with_hooks_that_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
