/* kthvalue, which counts keys instead of sorting, gives what the sorted row has at that place (sort itself is judged by PyTorch): values with
 * many equals, equal in the upper half of their bits, infinite, NaN, of both signs, in each dtype. */
#include <torsh/torsh.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum distribution { SPREAD, FEW_VALUES, CLOSE, HUGE_VALUES, WITH_NAN, DISTRIBUTIONS };

static torsh_tensor draw(enum distribution how, int64_t n, torsh_dtype dtype)
{
    torsh_tensor x = torsh_randn(TORSH_DIMS(n), TORSH_F64, TORSH_CPU);
    bool floating = dtype >= TORSH_F16;
    switch (how) {
    case SPREAD: x = torsh_mul(x, torsh_number(floating ? 1 : 30)); break;
    case FEW_VALUES: x = torsh_round(x); break;
    case CLOSE: x = torsh_add(torsh_mul(x, torsh_number(floating ? 1e-12 : 20)), torsh_number(floating ? 1 : 50)); break;
    case HUGE_VALUES: x = torsh_mul(x, torsh_number(dtype == TORSH_F64 ? 1e300 : dtype == TORSH_I64 ? 1e18 : floating ? 1e4 : 20)); break;
    default: x = floating ? torsh_sqrt(x) : torsh_abs(x); break;
    }
    return torsh_to_dtype(x, dtype);
}

static void check(torsh_tensor x, int64_t n)
{
    torsh_values sorted = torsh_sort(x, 0, false, true);
    for (int64_t k = 1; k <= n; k += n / 23 + 1) {
        torsh_values found = torsh_kthvalue(x, k, 0, false);
        assert_int_equal(torsh_item(found.indices), torsh_item(torsh_select(sorted.indices, 0, k - 1)));
        double value = torsh_item(found.values), want = torsh_item(torsh_select(sorted.values, 0, k - 1));
        assert_true(value == want || (isnan(value) && isnan(want)));
    }
}

static void kthvalue_is_what_sort_has_there(void **state)
{
    static const torsh_dtype dtypes[] = {TORSH_I8, TORSH_I32, TORSH_I64, TORSH_BF16, TORSH_F32, TORSH_F64};
    (void)state;
    torsh_manual_seed(1);
    for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
        for (enum distribution how = SPREAD; how < DISTRIBUTIONS; how++)
            for (int64_t n = 17; n < 3000; n = n * 2 + 1) {
                TORSH_AUTO torsh_scope scope = torsh_scope_open();
                check(draw(how, n, dtypes[d]), n);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kthvalue_is_what_sort_has_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
