/* Operands that repeat one element, for the whole call or row by row, give the same bits as if the elements were written out. */
#include <torsh/torsh.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef torsh_tensor binary(torsh_tensor input, torsh_tensor other);
static const struct {
    const char *name;
    binary *call;
} rows[] = {{"add", torsh_add}, {"sub", torsh_sub}, {"mul", torsh_mul}, {"div", torsh_div}, {"maximum", torsh_maximum}, {"minimum", torsh_minimum}, {"pow", torsh_pow},
            {"eq", torsh_eq}, {"ne", torsh_ne}, {"lt", torsh_lt}, {"le", torsh_le}, {"gt", torsh_gt}, {"ge", torsh_ge}};

enum { ROWS = 37, COLUMNS = 300 };

/* Numbers with zeros of both signs, infinities and NaN among them. */
static torsh_tensor numbers(torsh_dtype dtype, const int64_t *sizes, size_t ndim)
{
    static const double odd[] = {0.0, -0.0, 1.0 / 0.0, -1.0 / 0.0, 0.0 / 0.0, 1};
    torsh_tensor x = torsh_mul(torsh_randn(sizes, ndim, TORSH_F64, TORSH_CPU), torsh_number(3)), flat = torsh_flatten(x, 0, -1);
    for (int64_t i = 0; i < torsh_numel(x); i += 7) torsh_fill_(torsh_select(flat, 0, i), torsh_number(odd[i / 7 % 6]));
    return torsh_dtype_is_floating_point(dtype) ? torsh_to_dtype(x, dtype) : torsh_to_dtype(torsh_nan_to_num(x, 0, 9, -9), dtype);
}

static bool equal(torsh_tensor a, torsh_tensor b)
{
    bool same = false;
    assert_int_equal(torsh_equal(a, b, &same), TORSH_OK);
    return same;
}

static void same_bits(const char *name, torsh_tensor got, torsh_tensor want)
{
    assert_false(TORSH_FAILED(got));
    got = torsh_contiguous(got);
    assert_int_equal(torsh_dtype_of(got), torsh_dtype_of(want));
    assert_int_equal(torsh_numel(got), torsh_numel(want));
    bool floating = torsh_dtype_is_floating_point(torsh_dtype_of(got));
    if (floating) { /* a NaN is a NaN, whose sign and payload no one promises */
        torsh_tensor nan = torsh_isnan(want);
        assert_true(equal(torsh_isnan(got), nan));
        got = torsh_masked_fill(got, nan, torsh_number(0));
        want = torsh_masked_fill(want, nan, torsh_number(0));
    }
    size_t bytes = (size_t)torsh_numel(got) * torsh_dtype_size(torsh_dtype_of(got));
    if (memcmp(torsh_data(got), torsh_data(want), bytes) != 0) fail_msg("%s: other bits than with the elements written out", name);
}

static torsh_tensor whole(torsh_tensor t)
{
    return torsh_clone(torsh_expand(t, TORSH_DIMS(ROWS, COLUMNS)));
}

static void one_element(void **state)
{
    (void)state;
    static const torsh_dtype dtypes[] = {TORSH_F32, TORSH_F64, TORSH_F16, TORSH_BF16, TORSH_I32};
    for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_dtype dtype = dtypes[d];
        torsh_tensor plane = numbers(dtype, TORSH_DIMS(ROWS, COLUMNS)), wide = numbers(dtype, TORSH_DIMS(ROWS, 2 * COLUMNS));
        torsh_tensor many[] = {plane, torsh_t(torsh_clone(torsh_t(plane))), torsh_narrow(wide, 1, 5, COLUMNS), torsh_slice(wide, 1, 0, 2 * COLUMNS, 2),
                               torsh_narrow(plane, 0, 3, 1)};
        torsh_tensor ones[] = {torsh_select(torsh_select(plane, 0, 1), 0, 0), torsh_select(torsh_select(plane, 0, 0), 0, 7), torsh_narrow(torsh_narrow(plane, 0, 2, 1), 1, 9, 1),
                               torsh_narrow(plane, 1, 11, 1), torsh_clone(torsh_narrow(plane, 1, 70, 1)), torsh_number(-0.0), torsh_number(2)};
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            for (size_t m = 0; m < sizeof many / sizeof *many; m++)
                for (size_t o = 0; o < sizeof ones / sizeof *ones; o++) {
                    TORSH_AUTO torsh_scope inner = torsh_scope_open();
                    torsh_tensor x = many[m], one = ones[o], same = torsh_ndim(one) == 0 ? torsh_to_dtype(one, dtype) : one;
                    if (torsh_ndim(one) == 0 && !torsh_dtype_is_floating_point(dtype)) one = same; /* a floating number would make the result floating */
                    same_bits(rows[r].name, torsh_expand(rows[r].call(x, one), TORSH_DIMS(ROWS, COLUMNS)), rows[r].call(whole(x), whole(same)));
                    same_bits(rows[r].name, torsh_expand(rows[r].call(one, x), TORSH_DIMS(ROWS, COLUMNS)), rows[r].call(whole(same), whole(x)));
                    torsh_tensor row = torsh_narrow(plane, 0, 4, 1);
                    if (r > 0) continue;
                    same_bits("addcmul", torsh_addcmul(plane, same, x, 3), torsh_addcmul(plane, whole(same), whole(x), 3));
                    same_bits("addcmul", torsh_addcmul(plane, x, same, 3), torsh_addcmul(plane, whole(x), whole(same), 3));
                    same_bits("addcmul", torsh_expand(torsh_addcmul(row, x, same, 3), TORSH_DIMS(ROWS, COLUMNS)), torsh_addcmul(whole(row), whole(x), whole(same), 3));
                    torsh_tensor changed = torsh_clone(plane);
                    same_bits("add_", torsh_add_(changed, one), torsh_add(plane, whole(same)));
                }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_element)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
