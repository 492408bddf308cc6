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

enum { THREADS = 3, FORKS = 20, SIZE = 200, CHILD_SECONDS = 20, IDLE = 12, REPEATS = 60 };

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
static void check_child_does(bool (*run)(void))
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(CHILD_SECONDS);
        _exit(run() ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool compute(void)
{
    bool ok = true;
    for (int i = 0; i < 3; i++) ok = step(TORSH_F32) && ok;
    return ok && step(TORSH_F64) && step(TORSH_BF16);
}

static void check_child(void)
{
    check_child_does(compute);
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
#ifdef __SANITIZE_ADDRESS__ /* a child may find its allocator locked */
    skip();
#endif
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

static int64_t used(void)
{
    torsh_memory stats;
    return torsh_memory_stats(TORSH_CPU, &stats) == TORSH_OK ? stats.used : -1;
}

/* A small tensor stays this thread's: its bytes are counted by the thread, not yet by the process. */
static void *keep_one(void *argument)
{
    torsh_tensor *kept = argument;
    *kept = torsh_zeros(TORSH_DIMS(100), TORSH_F32, TORSH_CPU);
    return NULL;
}

static pthread_barrier_t arrived, leave;

static void *keep_one_and_wait(void *argument)
{
    keep_one(argument);
    pthread_barrier_wait(&arrived);
    pthread_barrier_wait(&leave);
    return NULL;
}

static int64_t used_before;

/* The threads that the child starts get the memory in which the parent's threads had theirs. */
static bool start_threads_and_count(void)
{
    bool ok = used() == used_before;
    for (int round = 0; round < 3; round++) {
        pthread_t threads[IDLE];
        torsh_tensor kept[IDLE];
        for (int i = 0; i < IDLE; i++)
            if (pthread_create(&threads[i], NULL, keep_one, &kept[i]) != 0) return false;
        for (int i = 0; i < IDLE; i++) pthread_join(threads[i], NULL);
        ok = ok && used() > used_before;
        for (int i = 0; i < IDLE; i++) ok = torsh_release(kept[i]) == TORSH_OK && ok;
        ok = ok && used() == used_before && step(TORSH_F32) && used() == used_before;
    }
    return ok;
}

static bool start_threads_and_fork(void)
{
    if (!start_threads_and_count()) return false;
    pid_t child = fork();
    if (child == 0) {
        alarm(CHILD_SECONDS);
        _exit(start_threads_and_count() ? 0 : 1);
    }
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void a_child_forgets_the_threads(void **state)
{
    (void)state;
    pthread_t threads[IDLE];
    torsh_tensor kept[IDLE];
    pthread_barrier_init(&arrived, NULL, IDLE + 1);
    pthread_barrier_init(&leave, NULL, IDLE + 1);
    assert_true(step(TORSH_F32)); /* workers */
    for (int i = 0; i < IDLE; i++) assert_int_equal(pthread_create(&threads[i], NULL, keep_one_and_wait, &kept[i]), 0);
    pthread_barrier_wait(&arrived);
    used_before = used();
    assert_true(used_before >= IDLE * 400);
    for (int i = 0; i < REPEATS; i++) check_child_does(start_threads_and_fork);
    assert_int_equal(used(), used_before);
    pthread_barrier_wait(&leave);
    for (int i = 0; i < IDLE; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(torsh_release(kept[i]), TORSH_OK);
    }
}

int main(void)
{
#ifdef __SANITIZE_THREAD__
    puts("skipped: ThreadSanitizer follows no threads that a forked child starts");
    return 77;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_computes),
        cmocka_unit_test(a_child_forgets_the_threads),
        cmocka_unit_test(a_child_of_busy_threads_computes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
