/* Threads that use the library until the last of their destructors has run, after the library has given back what it kept for them. */
#include <torsh/torsh.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { THREADS = 8, ROUNDS = 20 };

typedef struct visitor {
    int rounds;
    bool well;
} visitor;

static pthread_key_t key; /* made after the library's: glibc calls its destructor after the library's, in each round */

static void use(visitor *v)
{
    torsh_tensor t = torsh_zeros(TORSH_DIMS(100), TORSH_F32, TORSH_CPU);
    v->well = torsh_numel(t) == 100 && torsh_release(t) == TORSH_OK && v->well;
}

/* Runs once a round, as often as the system lets it. */
static void at_exit(void *pointer)
{
    visitor *v = pointer;
    v->rounds++;
    use(v);
    pthread_setspecific(key, v);
}

static void *visit(void *pointer)
{
    visitor *v = pointer;
    v->well = pthread_setspecific(key, v) == 0;
    use(v);
    return NULL;
}

static void the_last_destructor_may_use_it(void **state)
{
    (void)state;
    torsh_memory before, after;
    assert_int_equal(torsh_memory_stats(TORSH_CPU, &before), TORSH_OK);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        visitor visitors[THREADS] = {{0, false}};
        for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            assert_true(visitors[i].well && visitors[i].rounds > 1);
        }
        assert_int_equal(torsh_memory_stats(TORSH_CPU, &after), TORSH_OK);
        assert_true(after.used == before.used);
    }
}

int main(void)
{
#ifdef __SANITIZE_THREAD__
    puts("skipped: ThreadSanitizer forgets a thread before the last of its destructors has run");
    return 77;
#endif
    torsh_memory stats;
    if (torsh_memory_stats(TORSH_CPU, &stats) != TORSH_OK || torsh_release(torsh_zeros(TORSH_DIMS(1), TORSH_F32, TORSH_CPU)) != TORSH_OK) return 1;
    if (pthread_key_create(&key, at_exit) != 0) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_destructor_may_use_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
