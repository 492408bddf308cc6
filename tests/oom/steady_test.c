/* A training step that has warmed up takes no page fault and asks the system for no memory. */
#include "training.h"

#include <stdarg.h>
#include <setjmp.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { WARM = 60, STEPS = 100 };

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

static int64_t system_allocations(void)
{
    torsh_memory memory;
    assert_int_equal(torsh_memory_stats(TORSH_CPU, &memory), TORSH_OK);
    return memory.system_allocations;
}

static void check_steady(network which)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    training t;
    assert_int_equal(training_start(&t, which, 0), TORSH_OK);
    for (int i = 0; i < WARM; i++) assert_int_equal(training_step(&t), TORSH_OK);
    long faults_before = faults();
    int64_t allocations_before = system_allocations();
    for (int i = 0; i < STEPS; i++) assert_int_equal(training_step(&t), TORSH_OK);
    long more_faults = faults() - faults_before;
    int64_t more_allocations = system_allocations() - allocations_before;
    print_message("%d steps: %ld page faults, %lld system allocations\n", STEPS, more_faults, (long long)more_allocations);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* their allocators fault, and ours is off */
    assert_int_equal(more_allocations, 0);
    assert_int_equal(more_faults, 0);
#endif
}

static void mlp_is_steady(void **state)
{
    (void)state;
    check_steady(MLP);
}

static void cnn_is_steady(void **state)
{
    (void)state;
    check_steady(CNN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mlp_is_steady), cmocka_unit_test(cnn_is_steady)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
