/* Handles, scopes, error values, dtypes and the allocator, through the public headers. */
#include <torsh/torsh.h>

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static torsh_tensor pair(void)
{
    return torsh_from_slice(TORSH_VALUES(1, 2), TORSH_DIMS(2), TORSH_F32, TORSH_CPU);
}

static void handles_are_checked(void **state)
{
    (void)state;
    int64_t before = torsh_live_handles();
    torsh_tensor t = pair();
    assert_int_equal(torsh_id_status(t.id), TORSH_OK);
    assert_int_equal(torsh_live_handles(), before + 1);
    assert_int_equal(torsh_release(t), TORSH_OK);
    assert_int_equal(torsh_release(t), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_numel(t), -1);
    assert_non_null(strstr(torsh_last_error(), "released"));
    torsh_tensor null = {0};
    assert_int_equal(torsh_release(null), TORSH_OK);
    torsh_tensor sum = torsh_add(null, null);
    assert_int_equal(torsh_id_status(sum.id), TORSH_INVALID_HANDLE);
    assert_non_null(strstr(torsh_id_error(sum.id), "'input' is null"));
    for (uint64_t id = 1; id; id <<= 1) {
        torsh_tensor made_up = {id | 0x5555};
        assert_true(TORSH_FAILED(torsh_neg(made_up)));
    }
    assert_int_equal(torsh_live_handles(), before);
}

static void errors_flow_through_a_chain(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = pair(), b = torsh_from_slice(TORSH_VALUES(1, 2, 3), TORSH_DIMS(3), TORSH_F32, TORSH_CPU);
    torsh_tensor end = torsh_exp(torsh_mul(torsh_add(a, b), a));
    assert_int_equal(torsh_id_status(end.id), TORSH_SHAPE_MISMATCH);
    assert_non_null(strstr(torsh_id_error(end.id), "add: 'input' is [2] and 'other' is [3]"));
    assert_true(isnan(torsh_item(end)));
}

static void scopes_own_and_keep(void **state)
{
    (void)state;
    int64_t before = torsh_live_handles();
    torsh_tensor kept;
    {
        TORSH_AUTO torsh_scope outer = torsh_scope_open();
        {
            TORSH_AUTO torsh_scope inner = torsh_scope_open();
            kept = torsh_add(pair(), pair());
            torsh_tensor lost = pair();
            torsh_release(lost); /* early is allowed */
            assert_int_equal(torsh_keep(kept), TORSH_OK);
        }
        assert_int_equal(torsh_live_handles(), before + 1);
        assert_int_equal(torsh_numel(kept), 2);
        assert_int_equal(torsh_keep(kept), TORSH_OK); /* now the caller's */
    }
    assert_int_equal(torsh_numel(kept), 2);
    assert_int_equal(torsh_release(kept), TORSH_OK);
    assert_int_equal(torsh_live_handles(), before);
    assert_int_equal(torsh_scope_close((torsh_scope){12345678}), TORSH_INVALID_HANDLE);
}

static void a_long_scope_does_not_grow(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = pair();
    for (int i = 0; i < 1000; i++) torsh_release(torsh_neg(a));
    torsh_memory first, last;
    torsh_memory_stats(TORSH_CPU, &first);
    for (int i = 0; i < 200000; i++) torsh_release(torsh_neg(a));
    torsh_memory_stats(TORSH_CPU, &last);
    assert_int_equal(first.used, last.used);
    assert_int_equal(first.reserved, last.reserved);
}

static void many_sizes_do_not_pile_up(void **state)
{
    (void)state;
    int64_t most = 0, all = 0;
    for (int64_t bytes = 1 << 20; bytes <= 256 << 20; bytes += bytes / 4) { /* a size class each */
        assert_int_equal(torsh_release(torsh_empty(TORSH_DIMS(bytes), TORSH_U8, TORSH_CPU)), TORSH_OK);
        most = bytes;
        all += bytes;
    }
    torsh_memory stats;
    torsh_memory_stats(TORSH_CPU, &stats);
    assert_true(stats.reserved < all / 4 * 3);
    assert_true(stats.reserved <= 2 * (most + most / 4 + (4 << 20)) + (256 << 20)); /* see core/pool.h; 4 MB: small blocks, and what is out */
    assert_int_equal(torsh_empty_cache(TORSH_CPU), TORSH_OK);
}

static void limits_and_failures_are_errors(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_memory stats;
    torsh_memory_stats(TORSH_CPU, &stats);
    torsh_set_memory_limit(TORSH_CPU, stats.used + 1000);
    torsh_tensor big = torsh_zeros(TORSH_DIMS(1000), TORSH_F32, TORSH_CPU);
    torsh_set_memory_limit(TORSH_CPU, -1);
    assert_int_equal(torsh_id_status(big.id), TORSH_OUT_OF_MEMORY);
    assert_non_null(strstr(torsh_id_error(big.id), "limit"));
    torsh_tensor huge = torsh_zeros(TORSH_DIMS(INT64_MAX / 4, 16), TORSH_F32, TORSH_CPU);
    assert_int_equal(torsh_id_status(huge.id), TORSH_OUT_OF_RANGE);
    torsh_tensor negative = torsh_zeros(TORSH_DIMS(2, -1), TORSH_F32, TORSH_CPU);
    assert_int_equal(torsh_id_status(negative.id), TORSH_OUT_OF_RANGE);
    torsh_tensor a = pair();
    for (int countdown = 0;; countdown++) {
        torsh_fail_allocations_after(countdown);
        torsh_tensor sum = torsh_add(a, a);
        torsh_fail_allocations_after(-1);
        if (!TORSH_FAILED(sum)) break;
        assert_int_equal(torsh_id_status(sum.id), TORSH_OUT_OF_MEMORY);
        assert_true(countdown < 100);
    }
}

static void promotion_is_pytorchs(void **state)
{
    (void)state;
    assert_int_equal(torsh_promote_types(TORSH_U8, TORSH_I8), TORSH_I16);
    assert_int_equal(torsh_promote_types(TORSH_F16, TORSH_BF16), TORSH_F32);
    assert_int_equal(torsh_promote_types(TORSH_I64, TORSH_F16), TORSH_F16);
    assert_int_equal(torsh_promote_types(TORSH_C64, TORSH_F64), TORSH_C128);
    assert_int_equal(torsh_promote_types(TORSH_F16, TORSH_C64), TORSH_C64);
    assert_int_equal(torsh_promote_types(TORSH_BOOL, TORSH_U8), TORSH_U8);
    assert_int_equal(torsh_promote_types((torsh_dtype)99, TORSH_U8), TORSH_DTYPE_DEFAULT);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor half = torsh_ones(TORSH_DIMS(2), TORSH_F16, TORSH_CPU), whole = torsh_ones(TORSH_DIMS(2), TORSH_I32, TORSH_CPU);
    assert_int_equal(torsh_dtype_of(torsh_add(half, torsh_number(1.5))), TORSH_F16);
    assert_int_equal(torsh_dtype_of(torsh_add(whole, torsh_number(1.5))), TORSH_F32);
    assert_int_equal(torsh_dtype_of(torsh_add(whole, torsh_integer(1))), TORSH_I32);
    assert_int_equal(torsh_dtype_of(torsh_add(half, torsh_scalar(1, TORSH_F64, TORSH_CPU))), TORSH_F16);
    assert_int_equal(torsh_dtype_of(torsh_add(half, whole)), TORSH_F16);
}

static void *use_and_release(void *argument)
{
    torsh_tensor *shared = argument;
    for (int i = 0; i < 20000; i++) {
        torsh_tensor t = torsh_neg(*shared);
        if (!TORSH_FAILED(t)) torsh_release(t);
    }
    return NULL;
}

static void handles_survive_races(void **state)
{
    (void)state;
    torsh_tensor shared = pair();
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) pthread_create(&threads[i], NULL, use_and_release, &shared);
    for (int i = 0; i < 1000; i++) torsh_release(torsh_neg(shared));
    torsh_release(shared); /* while the others use it */
    for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
    assert_true(TORSH_FAILED(shared));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_are_checked),       cmocka_unit_test(errors_flow_through_a_chain),
        cmocka_unit_test(scopes_own_and_keep),       cmocka_unit_test(a_long_scope_does_not_grow),
        cmocka_unit_test(many_sizes_do_not_pile_up), cmocka_unit_test(limits_and_failures_are_errors), cmocka_unit_test(promotion_is_pytorchs),
        cmocka_unit_test(handles_survive_races),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
