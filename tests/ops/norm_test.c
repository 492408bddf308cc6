/* Batch normalisation of matrices, whose channels lie apart: a channel's results and gradients have the same bits alone and beside any
 * others, with any number of threads. */
#include <torsh/torsh.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 3001, MOST = 41 };

/* y and dx, one after the other, each (ROWS, n). */
static void normalise(const torsh_tensor x, int64_t n, void *out, size_t half)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor leaf = torsh_detach(torsh_clone(x)), none = {0};
    assert_int_equal(torsh_set_requires_grad(leaf, true), TORSH_OK);
    torsh_tensor y = torsh_batch_norm(leaf, none, none, none, none, true, 0.1, 1e-5);
    assert_int_equal(torsh_numel(y), ROWS * n);
    assert_int_equal(torsh_backward(torsh_sum(torsh_mul(y, torsh_mul(y, leaf)), TORSH_ALL_DIMS, false)), TORSH_OK);
    assert_int_equal(torsh_to_host(y, out, half), TORSH_OK);
    assert_int_equal(torsh_to_host(torsh_grad(leaf), (char *)out + half, half), TORSH_OK);
}

static void check(torsh_dtype dtype, int64_t n, int threads)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    size_t size = torsh_dtype_size(dtype), half = (size_t)(ROWS * n) * size, column = ROWS * size;
    char *whole = malloc(2 * half), *alone = malloc(2 * column);
    assert_true(whole && alone);
    torsh_tensor x = torsh_randn(TORSH_DIMS(ROWS, n), dtype, TORSH_CPU);
    torsh_set_num_threads(threads);
    normalise(x, n, whole, half);
    torsh_set_num_threads(1);
    for (int64_t c = 0; c < n; c++) {
        normalise(torsh_slice(x, 1, c, c + 1, 1), 1, alone, column);
        for (size_t i = 0; i < 2 * ROWS; i++) {
            const char *in_whole = whole + i / ROWS * half + ((i % ROWS) * (size_t)n + (size_t)c) * size;
            if (memcmp(in_whole, alone + i * size, size) != 0) fail_msg("%s, %d channels: channel %d, element %zu", torsh_dtype_name(dtype), (int)n, (int)c, i);
        }
    }
    free(whole);
    free(alone);
}

static void channels_do_not_meet(void **state)
{
    (void)state;
    const int64_t widths[] = {2, 4, 7, 16, 31, 33, MOST};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        check(TORSH_F32, widths[i], 1);
        check(TORSH_F32, widths[i], 3);
        check(TORSH_F64, widths[i], 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
