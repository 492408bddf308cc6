/* Refusals whose reason no shape rule sees: results too large to address, elements of a divisor, results that are an input, errors of others. */
#include <torsh/torsh.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_refused(uint64_t id, torsh_status status, const char *text)
{
    if (torsh_id_status(id) != status || !strstr(torsh_id_error(id), text)) fail_msg("status %d, \"%s\"; expected \"%s\"", torsh_id_status(id), torsh_id_error(id), text);
}

static void sizes_do_not_overflow(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const int64_t big = (int64_t)1 << 31;
    torsh_tensor one = torsh_ones(TORSH_DIMS(1), TORSH_F32, TORSH_CPU), row = torsh_expand(one, TORSH_DIMS(1, big)), column = torsh_expand(one, TORSH_DIMS(big, 1));
    torsh_tensor flat = torsh_expand(one, TORSH_DIMS(big)), byte = torsh_ones(TORSH_DIMS(1), TORSH_I8, TORSH_CPU);
    torsh_tensor none = torsh_ones(TORSH_DIMS(big, 0), TORSH_F32, TORSH_CPU);
    assert_refused(torsh_add(column, row).id, TORSH_OUT_OF_RANGE, "add: shape [2147483648, 2147483648]");
    assert_refused(torsh_where(torsh_gt(one, one), column, row).id, TORSH_OUT_OF_RANGE, "where");
    assert_refused(torsh_mul(torsh_expand(one, TORSH_DIMS(2 * big, 1)), torsh_expand(one, TORSH_DIMS(1, (1 << 30) + 1))).id, TORSH_OUT_OF_RANGE, "mul");
    assert_refused(torsh_sum(torsh_expand(byte, TORSH_DIMS((int64_t)1 << 61, 1)), TORSH_DIMS(1), false).id, TORSH_OUT_OF_RANGE, "sum");
    assert_refused(torsh_matmul(none, torsh_t(none)).id, TORSH_OUT_OF_RANGE, "matmul");
    assert_refused(torsh_cdist(none, none, 2).id, TORSH_OUT_OF_RANGE, "cdist");
    assert_true(TORSH_FAILED(torsh_outer(flat, flat)) && TORSH_FAILED(torsh_kron(column, row)) && TORSH_FAILED(torsh_einsum("i,j->ij", TORSH_TENSORS(flat, flat))));
    assert_int_equal(torsh_numel(torsh_ones(TORSH_DIMS(8, 0, big, big, big), TORSH_F32, TORSH_CPU)), 0);
}

static void diagonals_beyond_the_matrix_are_empty(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor m = torsh_ones(TORSH_DIMS(3, 3), TORSH_F32, TORSH_CPU);
    for (int i = 0; i < 4; i++) {
        torsh_tensor d = torsh_diagonal(m, (const int64_t[]){INT64_MIN, INT64_MAX, -3, 3}[i], 0, 1);
        assert_int_equal(torsh_size(d, 0), 0);
        assert_int_equal(torsh_numel(d), 0);
    }
}

static void a_refused_block_is_not_in_the_statistics(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_memory before, after;
    torsh_memory_stats(TORSH_CPU, &before);
    assert_true(TORSH_FAILED(torsh_empty(TORSH_DIMS((int64_t)1 << 61), TORSH_I8, TORSH_CPU)));
    torsh_memory_stats(TORSH_CPU, &after);
    assert_true(after.peak - before.peak < 1 << 20 && after.used - before.used < 1 << 20);
    torsh_tensor kept = torsh_empty(TORSH_DIMS(1 << 22), TORSH_I8, TORSH_CPU);
    assert_false(TORSH_FAILED(kept));
    torsh_memory_stats(TORSH_CPU, &after);
    assert_true(after.peak - before.used >= 1 << 22);
}

static void integers_are_not_divided_by_zero(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_arange(0, 6, 1, TORSH_I64, TORSH_CPU), down = torsh_flip(a, TORSH_DIMS(0)), zero = torsh_integer(0);
    assert_refused(torsh_floor_divide(a, zero).id, TORSH_INVALID_ARGUMENT, "floor_divide: integer division by zero");
    assert_refused(torsh_remainder(a, down).id, TORSH_INVALID_ARGUMENT, "remainder: integer division by zero");
    assert_refused(torsh_fmod(a, down).id, TORSH_INVALID_ARGUMENT, "fmod: integer division by zero");
    assert_refused(torsh_div_rounding_mode(a, zero, "trunc").id, TORSH_INVALID_ARGUMENT, "integer division by zero");
    assert_refused(torsh_div_rounding_mode(a, zero, "floor").id, TORSH_INVALID_ARGUMENT, "integer division by zero");
    assert_refused(torsh_remainder_(a, a).id, TORSH_INVALID_ARGUMENT, "integer division by zero");
    assert_true(torsh_item(torsh_select(a, 0, 5)) == 5);
    assert_int_equal(torsh_numel(torsh_floor_divide(torsh_empty(TORSH_DIMS(0), TORSH_I64, TORSH_CPU), zero)), 0);
    assert_true(torsh_item(torsh_sum(torsh_remainder(a, torsh_add(down, torsh_integer(1))), TORSH_ALL_DIMS, false)) == 0 + 1 + 2 + 0 + 0 + 0);
    assert_false(TORSH_FAILED(torsh_remainder(torsh_number(3), torsh_number(0))));
}

static void a_gather_does_not_write_what_it_reads(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_arange(0, 3, 1, TORSH_I64, TORSH_CPU), index = torsh_flip(a, TORSH_DIMS(0));
    assert_refused(torsh_gather_out(a, 0, index, a).id, TORSH_INVALID_ARGUMENT, "gather (out=)");
    assert_refused(torsh_index_select_out(a, 0, index, a).id, TORSH_INVALID_ARGUMENT, "index_select (out=)");
    assert_refused(torsh_index_select_out(a, 0, index, index).id, TORSH_INVALID_ARGUMENT, "index_select (out=)");
}

static void an_error_is_passed_on_as_it_is(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor ok = torsh_ones(TORSH_DIMS(2, 2), TORSH_F32, TORSH_CPU), other = torsh_ones(TORSH_DIMS(3), TORSH_F32, TORSH_CPU);
    torsh_tensor e = torsh_transpose(ok, 0, 7);
    assert_true(TORSH_FAILED(torsh_matmul(ok, other)));
    const torsh_tensor passed[] = {torsh_abs(e), torsh_abs_(e), torsh_abs_out(ok, e), torsh_add(ok, e), torsh_cat(TORSH_TENSORS(ok, e), 0), torsh_softmin(e, 0),
                                   torsh_layer_norm(e, TORSH_DIMS(2), (torsh_tensor){0}, (torsh_tensor){0}, 1e-5), torsh_clone(e), torsh_reshape(e, TORSH_DIMS(4))};
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
        if (passed[i].id != e.id) fail_msg("call %zu gave \"%s\"", i, torsh_id_error(passed[i].id));
    assert_true(torsh_gradient(e, NULL, 0, NULL, 0, 1).id == e.id);
    assert_int_equal(torsh_backward(e), torsh_id_status(e.id));
    assert_non_null(strstr(torsh_last_error(), "transpose"));
    assert_true(TORSH_FAILED(torsh_matmul(ok, other)));
    assert_non_null(strstr(torsh_last_error(), "matmul"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_do_not_overflow),          cmocka_unit_test(diagonals_beyond_the_matrix_are_empty), cmocka_unit_test(a_refused_block_is_not_in_the_statistics),
        cmocka_unit_test(integers_are_not_divided_by_zero), cmocka_unit_test(a_gather_does_not_write_what_it_reads), cmocka_unit_test(an_error_is_passed_on_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
