/* fork() while other threads work with the library: the child finds its state whole and its locks free. */
#include <torsh/torsh.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 3, FORKS = 20, SIZE = 200, CHILD_SECONDS = 20 };

static atomic_bool stop;

/* One step of a small training: matrix products on several threads, a graph, gradients, random numbers. True if all went well. */
static bool step(torsh_dtype dtype)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_randn(TORSH_DIMS(SIZE, SIZE), dtype, TORSH_CPU), w = torsh_randn(TORSH_DIMS(SIZE, SIZE), dtype, TORSH_CPU);
    torsh_set_requires_grad(w, true);
    torsh_tensor h = torsh_clone(torsh_relu(torsh_matmul(x, w)));
    torsh_tensor view = torsh_slice(h, 0, 0, SIZE / 2, 1);
    torsh_mul_(h, torsh_number(2)); /* the view is stale */
    return torsh_backward(torsh_sum(torsh_mul(view, view), TORSH_ALL_DIMS, false)) == TORSH_OK && torsh_numel(torsh_grad(w)) == SIZE * SIZE;
}

static void *work(void *argument)
{
    (void)argument;
    while (!atomic_load(&stop)) step(TORSH_F32);
    return NULL;
}

/* What the child does decides its exit status; SIGALRM ends one that hangs. */
static void check_child(void)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(CHILD_SECONDS);
        bool ok = true;
        for (int i = 0; i < 3; i++) ok = step(TORSH_F32) && ok;
        _exit(ok && step(TORSH_F64) && step(TORSH_BF16) ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_child_computes(void **state)
{
    (void)state;
    torsh_set_num_threads(4);
    assert_true(step(TORSH_F32) && step(TORSH_BF16));
    check_child();
}

static void a_child_of_busy_threads_computes(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
    for (int i = 0; i < FORKS; i++) {
        step(TORSH_F32);
        check_child();
    }
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_true(step(TORSH_F32));
}

int main(void)
{
#ifdef __SANITIZE_THREAD__
    puts("skipped: ThreadSanitizer follows no threads that a forked child starts");
    return 77;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_computes),
        cmocka_unit_test(a_child_of_busy_threads_computes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
