/* As much of cmocka as the record-driven tests use, for machines that have none: other architectures under qemu. */
#ifndef TORSH_TESTS_BARE_CMOCKA_H
#define TORSH_TESTS_BARE_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>

struct CMUnitTest {
    const char *name;
    void (*function)(void **state);
    void *state;
};

#define cmocka_unit_test(f) {#f, f, NULL}
#define cmocka_unit_test_prestate(f, s) {#f, f, s}
#define cmocka_run_group_tests(tests, setup, teardown) bare_run(tests, sizeof(tests) / sizeof *(tests))
#define print_error(...) ((void)fprintf(stderr, __VA_ARGS__))
#define print_message(...) ((void)printf(__VA_ARGS__))
#define fail_msg(...) (print_error(__VA_ARGS__), bare_fail(__FILE__, __LINE__))
#define assert_true(x) ((x) ? (void)0 : bare_fail(__FILE__, __LINE__))
#define assert_int_equal(a, b) ((a) == (b) ? (void)0 : bare_fail(__FILE__, __LINE__))

static inline void bare_fail(const char *file, int line)
{
    fprintf(stderr, "%s:%d: failed\n", file, line);
    exit(1);
}

static inline int bare_run(const struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *state = tests[i].state;
        tests[i].function(&state);
        printf("ok %s\n", tests[i].name);
    }
    return 0;
}

#endif
