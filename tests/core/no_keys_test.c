/* Threads that the system has no memory for, of which nothing would be given back at their end: each still has its own error
 * texts, and no more. A process whose thread-specific keys are used up is what brings that about here. */
#include <torsh/torsh.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { THREADS = 4, ROUNDS = 200 };

static pthread_barrier_t together;

/* Each thread fails with a number of its own and reads it back when all have failed. */
static void *fail_and_read(void *argument)
{
    int number = 100000 + (int)(intptr_t)argument, wrong = 0;
    char text[32], device[] = "cuda:0";
    snprintf(text, sizeof text, "%d threads", number);
    device[5] = (char)(device[5] + (int)(intptr_t)argument);
    for (int i = 0; i < ROUNDS; i++) {
        wrong += torsh_set_num_threads(number) != TORSH_OUT_OF_RANGE;
        pthread_barrier_wait(&together);
        wrong += strstr(torsh_last_error(), text) == NULL;
        wrong += strcmp(torsh_device_name(TORSH_CUDA((int)(intptr_t)argument)), device) != 0;
        torsh_tensor none = torsh_zeros(TORSH_DIMS(2), TORSH_F32, TORSH_CPU);
        wrong += torsh_id_status(none.id) != TORSH_OUT_OF_MEMORY;
        wrong += torsh_scope_close(torsh_scope_open()) != TORSH_OUT_OF_MEMORY;
        wrong += !torsh_is_grad_enabled();
    }
    return (void *)(intptr_t)wrong;
}

static void each_thread_has_its_own_errors(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    pthread_barrier_init(&together, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&threads[i], NULL, fail_and_read, (void *)(intptr_t)i), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        assert_int_equal((intptr_t)wrong, 0);
    }
    pthread_barrier_destroy(&together);
}

int main(void)
{
    pthread_key_t key;
    while (pthread_key_create(&key, NULL) == 0) continue;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thread_has_its_own_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
