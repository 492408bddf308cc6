/* Normalisation: gradients that are recorded and not. Batch normalisation of matrices, whose channels lie apart: a channel's results and gradients have the same bits alone and beside any
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

typedef torsh_tensor norm(torsh_tensor x, torsh_tensor weight);
static torsh_tensor rms(torsh_tensor x, torsh_tensor weight) { return torsh_rms_norm(x, TORSH_DIMS(32), weight, 1e-5); }
static torsh_tensor layer(torsh_tensor x, torsh_tensor weight) { return torsh_layer_norm(x, TORSH_DIMS(32), weight, (torsh_tensor){0}, 1e-5); }
static torsh_tensor batch(torsh_tensor x, torsh_tensor weight)
{
    torsh_tensor none = {0};
    return torsh_batch_norm(x, none, none, weight, none, true, 0.1, 1e-5);
}

/* A gradient that is recorded is made of other ops than one that isn't, in f32 for halves: squares of large ones overflow. */
static void recorded_gradients(void **state)
{
    (void)state;
    static norm *const norms[] = {rms, layer, batch};
    static const torsh_dtype dtypes[] = {TORSH_F16, TORSH_BF16, TORSH_F32, TORSH_F64};
    for (size_t k = 0; k < 3; k++)
        for (size_t d = 0; d < 4; d++) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            torsh_tensor x = torsh_to_dtype(torsh_mul(torsh_randn(TORSH_DIMS(20, 32), TORSH_F32, TORSH_CPU), torsh_number(1000)), dtypes[d]);
            torsh_tensor inputs[2] = {x, torsh_to_dtype(torsh_rand(TORSH_DIMS(32), TORSH_F32, TORSH_CPU), dtypes[d])}, g = torsh_to_dtype(torsh_mul(torsh_rand(TORSH_DIMS(20, 32), TORSH_F32, TORSH_CPU), torsh_number(300)), dtypes[d]);
            for (int i = 0; i < 2; i++) assert_int_equal(torsh_set_requires_grad(inputs[i], true), TORSH_OK);
            torsh_tensors grads[2];
            for (int recorded = 0; recorded < 2; recorded++) {
                torsh_tensor y = norms[k](inputs[0], inputs[1]);
                torsh_grad_options options = torsh_grad_defaults();
                options.create_graph = recorded;
                grads[recorded] = torsh_autograd_grad(&y, 1, inputs, 2, &g, &options);
                assert_false(TORSH_FAILED(grads[recorded]));
            }
            double unit = dtypes[d] == TORSH_F16 ? 0x1p-10 : dtypes[d] == TORSH_BF16 ? 0x1p-7 : dtypes[d] == TORSH_F32 ? 1e-5 : 1e-12;
            for (size_t i = 0; i < 2; i++) {
                torsh_tensor plain = torsh_to_dtype(torsh_tensors_get(grads[0], (int64_t)i), TORSH_F64), recorded = torsh_to_dtype(torsh_tensors_get(grads[1], (int64_t)i), TORSH_F64);
                double most = 0, off = 0;
                assert_int_equal(torsh_item_f64(torsh_amax(torsh_abs(plain), TORSH_ALL_DIMS, false), &most), TORSH_OK);
                assert_int_equal(torsh_item_f64(torsh_amax(torsh_abs(torsh_sub(plain, recorded)), TORSH_ALL_DIMS, false), &off), TORSH_OK);
                if (!(most > 0 && off <= 2 * unit * most)) fail_msg("norm %d, %s, input %d: gradients up to %g differ by %g", (int)k, torsh_dtype_name(dtypes[d]), (int)i, most, off);
            }
        }
}

static void weight_of_another_dtype(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_randn(TORSH_DIMS(5, 32), TORSH_F32, TORSH_CPU), weight = torsh_rand(TORSH_DIMS(32), TORSH_F64, TORSH_CPU);
    torsh_tensor y = torsh_rms_norm(x, TORSH_DIMS(32), weight, 1e-5), want = torsh_rms_norm(x, TORSH_DIMS(32), torsh_to_dtype(weight, TORSH_F32), 1e-5);
    bool close = false;
    assert_int_equal(torsh_dtype_of(y), TORSH_F32);
    assert_int_equal(torsh_allclose(y, want, 1e-5, 1e-6, false, &close), TORSH_OK);
    assert_true(close);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(channels_do_not_meet), cmocka_unit_test(recorded_gradients), cmocka_unit_test(weight_of_another_dtype),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
