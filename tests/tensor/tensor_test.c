/* What tensors are made from, what they say of themselves, who owns memory, and limits of memory. */
#include <torsh/torsh.h>

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void makes_from_numbers_and_bytes(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_from_slice(TORSH_VALUES(1.0, 2.5, -3.0, 4.0), TORSH_DIMS(2, 2), TORSH_I32, TORSH_CPU);
    int32_t whole[4];
    assert_int_equal(torsh_to_host(t, whole, sizeof whole), TORSH_OK);
    assert_int_equal(whole[1], 2);
    assert_int_equal(whole[2], -3);
    float raw[6] = {0, 1, 2, 3, 4, 5};
    torsh_tensor copy = torsh_from_data(raw, TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU);
    raw[4] = 9;
    assert_true(torsh_item(torsh_select(torsh_select(copy, 0, 1), 0, 1)) == 4);
    assert_int_equal(torsh_to_host(copy, raw, sizeof raw - 1), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_id_status(torsh_from_slice(raw[0] == 0 ? (double[]){1, 2} : NULL, 2, TORSH_DIMS(3), TORSH_F32, TORSH_CPU).id), TORSH_SHAPE_MISMATCH);
}

static int deletions;

static void count_deletion(void *context)
{
    assert_ptr_equal(context, &deletions);
    deletions++;
}

static void borrows_the_callers_memory(void **state)
{
    (void)state;
    _Alignas(64) static double memory[6] = {0, 1, 2, 3, 4, 5};
    deletions = 0;
    torsh_tensor kept;
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor t = torsh_from_blob(memory, TORSH_DIMS(2, 3), TORSH_F64, count_deletion, &deletions);
        assert_ptr_equal(torsh_data(t), memory);
        torsh_mul_(t, torsh_number(2));
        assert_true(memory[5] == 10);
        kept = torsh_select(t, 0, 1);
        torsh_keep(kept);
    }
    assert_int_equal(deletions, 0); /* the view holds the memory */
    torsh_release(kept);
    assert_int_equal(deletions, 1);
    torsh_tensor refused = torsh_from_blob((char *)memory + 1, TORSH_DIMS(2), TORSH_F64, count_deletion, &deletions);
    assert_true(TORSH_FAILED(refused));
    assert_int_equal(deletions, 1);
}

static void knows_its_layout(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_zeros(TORSH_DIMS(2, 3, 4), TORSH_F32, TORSH_CPU), turned = torsh_transpose(t, 0, 2);
    assert_int_equal(torsh_stride(t, 0), 12);
    assert_int_equal(torsh_stride(turned, -1), 12);
    assert_int_equal(torsh_strides(turned)[0], 1);
    assert_int_equal(torsh_size(turned, 0), 4);
    assert_true(torsh_is_contiguous(t));
    assert_false(torsh_is_contiguous(turned));
    assert_true(torsh_is_contiguous(torsh_contiguous(turned)));
    torsh_tensor part = torsh_select(t, 1, 2);
    assert_int_equal(torsh_storage_offset(part), 8);
    assert_int_equal(torsh_storage_bytes(part), 2 * 3 * 4 * sizeof(float));
    assert_true(torsh_storage_id(part) == torsh_storage_id(t));
    assert_true(torsh_storage_id(torsh_clone(t)) != torsh_storage_id(t));
    int64_t version = torsh_tensor_version(t);
    torsh_fill_(part, torsh_number(1));
    assert_int_equal(torsh_tensor_version(t), version + 1);
    torsh_tensor again = torsh_share(t);
    torsh_release(t);
    assert_true(torsh_item(torsh_sum(again, TORSH_ALL_DIMS, false)) == 8);
    assert_string_equal(torsh_shape_text(again), "[2, 3, 4]");
    assert_int_equal(torsh_size(again, 3), -1);
    assert_string_equal(torsh_shape_text(t), "");
}

static void gives_single_elements(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    double real, imaginary;
    int64_t whole;
    torsh_tensor c = torsh_mul(torsh_complex_number(1, 2), torsh_complex_number(3, -1)); /* 5 + 5i */
    assert_int_equal(torsh_item_c128(c, &real, &imaginary), TORSH_OK);
    assert_true(real == 5 && imaginary == 5);
    assert_true(isnan(torsh_item(c)));
    assert_int_equal(torsh_item_f64(c, &real), TORSH_DTYPE_MISMATCH);
    assert_int_equal(torsh_item_i64(torsh_scalar(-2.75, TORSH_F32, TORSH_CPU), &whole), TORSH_OK);
    assert_int_equal(whole, -2);
    assert_int_equal(torsh_item_i64(torsh_integer(INT64_MAX), &whole), TORSH_OK);
    assert_true(whole == INT64_MAX);
    assert_true(isnan(torsh_item(torsh_zeros(TORSH_DIMS(2), TORSH_F32, TORSH_CPU))));
    assert_int_equal(torsh_dtype_of(torsh_add(torsh_ones(TORSH_DIMS(2), TORSH_BF16, TORSH_CPU), torsh_number(1))), TORSH_BF16);
    assert_int_equal(torsh_dtype_of(torsh_add(torsh_ones(TORSH_DIMS(2), TORSH_I16, TORSH_CPU), torsh_integer(1))), TORSH_I16);
    assert_int_equal(torsh_dtype_of(torsh_add(torsh_ones(TORSH_DIMS(2), TORSH_F32, TORSH_CPU), torsh_complex_number(0, 1))), TORSH_C64);
}

static void keeps_within_a_limit(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_memory before, after;
    assert_int_equal(torsh_memory_stats(TORSH_CPU, &before), TORSH_OK);
    assert_int_equal(torsh_set_memory_limit(TORSH_CPU, before.used + (1 << 20)), TORSH_OK);
    torsh_tensor fits = torsh_ones(TORSH_DIMS(1 << 17), TORSH_F32, TORSH_CPU);
    assert_false(TORSH_FAILED(fits));
    assert_int_equal(torsh_id_status(torsh_ones(TORSH_DIMS(1 << 18), TORSH_F32, TORSH_CPU).id), TORSH_OUT_OF_MEMORY);
    assert_non_null(strstr(torsh_last_error(), "limit"));
    assert_int_equal(torsh_set_memory_limit(TORSH_CPU, -1), TORSH_OK);
    torsh_tensor more = torsh_ones(TORSH_DIMS(1 << 18), TORSH_F32, TORSH_CPU);
    assert_int_equal(torsh_memory_stats(TORSH_CPU, &after), TORSH_OK);
    assert_true(after.used - before.used >= (int64_t)sizeof(float) * ((1 << 17) + (1 << 18)));
    assert_true(after.peak >= after.used && after.limit == INT64_MAX);
    torsh_release(more);
    assert_int_equal(torsh_reset_peak_memory(TORSH_CPU), TORSH_OK);
    assert_int_equal(torsh_memory_stats(TORSH_CPU, &after), TORSH_OK);
    assert_true(after.peak < before.used + (int64_t)sizeof(float) * ((1 << 17) + (1 << 18)));
    assert_int_equal(torsh_empty_cache(TORSH_CPU), TORSH_OK);
}

static void promotes_the_default_dtype(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    assert_int_equal(torsh_set_default_dtype(TORSH_F64), TORSH_OK);
    assert_int_equal(torsh_dtype_of(torsh_exp(torsh_ones(TORSH_DIMS(2), TORSH_I64, TORSH_CPU))), TORSH_F64);
    assert_int_equal(torsh_set_default_dtype(TORSH_I64), TORSH_DTYPE_MISMATCH);
    assert_int_equal(torsh_set_default_dtype(TORSH_F32), TORSH_OK);
    assert_int_equal(torsh_dtype_of(torsh_exp(torsh_ones(TORSH_DIMS(2), TORSH_I64, TORSH_CPU))), TORSH_F32);
}

static void resizes_in_place(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_arange(0, 6, 1, TORSH_F32, TORSH_CPU), view = torsh_slice(x, 0, 1, 3, 1);
    assert_true(torsh_resize_(x, TORSH_DIMS(2, 2)).id == x.id);
    assert_string_equal(torsh_shape_text(x), "[2, 2]");
    float values[100];
    assert_int_equal(torsh_to_host(x, values, sizeof(float) * 4), TORSH_OK);
    assert_true(values[0] == 0 && values[3] == 3);
    assert_true(TORSH_FAILED(torsh_resize_(x, TORSH_DIMS(100)))); /* the view would lose its memory */
    assert_non_null(strstr(torsh_last_error(), "resize_: 'input' shares its memory"));
    assert_true(TORSH_FAILED(torsh_resize_(view, TORSH_DIMS(6)))); /* from element 1 there are 5 */
    torsh_release(view);
    assert_false(TORSH_FAILED(torsh_resize_(x, TORSH_DIMS(10, 2, 5))));
    assert_int_equal(torsh_numel(x), 100);
    assert_int_equal(torsh_to_host(x, values, sizeof values), TORSH_OK);
    assert_true(values[5] == 5);
    assert_string_equal(torsh_shape_text(torsh_resize_as_(x, torsh_number(1))), "[]");
    assert_true(TORSH_FAILED(torsh_resize_(x, TORSH_DIMS(-1))));
    assert_int_equal(torsh_set_requires_grad(x, true), TORSH_OK);
    assert_true(TORSH_FAILED(torsh_resize_(x, TORSH_DIMS(1))));
    assert_non_null(strstr(torsh_last_error(), "tracks gradients"));
}

static void knows_other_names(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_subtract(torsh_number(1), torsh_number(3));
    assert_true(torsh_item(torsh_absolute(x)) == 2);
    assert_true(torsh_item(torsh_negative_(torsh_clone(x))) == 2);
    assert_string_equal(torsh_shape_text(torsh_swapaxes(torsh_zeros(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU), 0, 1)), "[3, 2]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_from_numbers_and_bytes), cmocka_unit_test(borrows_the_callers_memory), cmocka_unit_test(knows_its_layout),
        cmocka_unit_test(gives_single_elements),        cmocka_unit_test(keeps_within_a_limit),       cmocka_unit_test(promotes_the_default_dtype),
        cmocka_unit_test(resizes_in_place),             cmocka_unit_test(knows_other_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
