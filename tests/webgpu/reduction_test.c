/* Every reduction row on the device against the CPU: dtypes, sets of dims, layouts, and lengths that need several dispatches. */
#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LOOSE 256.0 /* units of 2^-23: sums and products in another order */

static const torsh_dtype dtypes[] = {TORSH_BOOL, TORSH_U8, TORSH_I8, TORSH_I16, TORSH_I32, TORSH_F16, TORSH_BF16, TORSH_F32};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

typedef struct tally { int rows, pairs, checks, failures; } tally;

static void invoke(const torsh__op *op, torsh_tensor input, const int64_t *dims, size_t count, bool keepdim, torsh_tensor *result)
{
    torsh_value values[4] = {{.handle = input.id}, {.list = {dims, count}}, {.i = keepdim}, {.f = 3}};
    op->invoke(values, result);
}

static void check(tally *t, const torsh__op *op, torsh_tensor cpu, torsh_tensor gpu, const int64_t *dims, size_t count, bool keepdim, const char *how)
{
    torsh_tensor want, got;
    invoke(op, cpu, dims, count, keepdim, &want);
    invoke(op, gpu, dims, count, keepdim, &got);
    const char *problem = differs(want, got, LOOSE);
    t->checks++;
    if (*problem && t->failures++ < 12) print_error("%s %s %s, %zu dims: %s\n", op->info.name, torsh_dtype_name(torsh_dtype_of(cpu)), how, count, problem);
}

static void one(tally *t, const torsh__op *op, torsh_dtype dtype)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = drawn("UNIT", dtype, TORSH_DIMS(3, 6, 5)), ga = torsh_to_device(a, GPU);
    check(t, op, a, ga, TORSH_ALL_DIMS, false, "whole");
    check(t, op, a, ga, TORSH_DIMS(1), true, "middle dim");
    check(t, op, torsh_transpose(a, 0, 2), torsh_transpose(ga, 0, 2), TORSH_DIMS(0, -1), false, "transposed");
    torsh_tensor wide = drawn("UNIT", dtype, TORSH_DIMS(2, 700)), gwide = torsh_to_device(wide, GPU);
    check(t, op, wide, gwide, TORSH_DIMS(-1), false, "row of 700");
}

static void every_row(void **context)
{
    (void)context;
    tally t = {0};
    for (int i = 0; torsh__ops[i]; i++) {
        const torsh__op *op = torsh__ops[i];
        if (op->info.kind != TORSH_OP_REDUCTION) continue;
        t.rows++;
        for (int d = 0; d < DTYPES; d++) {
            if (!(op->info.dtypes >> dtypes[d] & 1)) continue;
            t.pairs++;
            draw_from((uint32_t)(i * 16 + d));
            one(&t, op, dtypes[d]);
        }
    }
    print_message("%d rows, %d of row x dtype, %d comparisons, %d failures\n", t.rows, t.pairs, t.checks, t.failures);
    assert_int_equal(t.failures, 0);
    assert_true(t.rows > 10);
}

/* Lavapipe ends a loop silently after 65,535 rounds: these would be wrong if one invocation did too much. */
static void long_ones(void **context)
{
    (void)context;
    enum { LENGTH = 3000000 };
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_ones(TORSH_DIMS(LENGTH), TORSH_F32, GPU), b = torsh_full(TORSH_DIMS(LENGTH), 1000, TORSH_I32, GPU);
    assert_true(torsh_item(torsh_sum(a, TORSH_ALL_DIMS, false)) == LENGTH);
    assert_true(torsh_item(torsh_mean(a, TORSH_ALL_DIMS, false)) == 1);
    assert_true(torsh_item(torsh_sum(b, TORSH_ALL_DIMS, false)) == 1000.0 * LENGTH); /* past 2^31 */
}

/* argmax, argmin, and maxima with their places: ties and NaN too. */
static void places(void **context)
{
    (void)context;
    static const torsh_dtype kinds[] = {TORSH_F32, TORSH_F16, TORSH_I32, TORSH_U8};
    for (size_t d = 0; d < 4; d++)
        for (int64_t dim = -1; dim < 3; dim++) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            torsh_tensor a = drawn("ANY", kinds[d], TORSH_DIMS(3, 200, 5));
            if (d == 0) torsh_fill_(torsh_slice(torsh_select(a, 0, 1), 0, 50, 60, 1), torsh_number((double)NAN));
            torsh_tensor ga = torsh_to_device(a, GPU), b = torsh_transpose(a, 0, 2), gb = torsh_transpose(ga, 0, 2);
            const char *problem = differs(torsh_argmax(b, &dim, dim >= 0, false), torsh_argmax(gb, &dim, dim >= 0, false), 0);
            if (!*problem) problem = differs(torsh_argmin(b, &dim, dim >= 0, true), torsh_argmin(gb, &dim, dim >= 0, true), 0);
            if (!*problem && dim >= 0) {
                torsh_values want = torsh_max_dim(b, dim, false), got = torsh_max_dim(gb, dim, false);
                problem = differs(want.values, got.values, 0);
                if (!*problem) problem = differs(want.indices, got.indices, 0);
            }
            if (*problem) fail_msg("%s, dim %d: %s", torsh_dtype_name(kinds[d]), (int)dim, problem);
        }
}

static void no_elements(void **context)
{
    (void)context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor none = torsh_empty(TORSH_DIMS(3, 0), TORSH_F32, GPU);
    assert_true(torsh_item(torsh_sum(none, TORSH_ALL_DIMS, false)) == 0);
    assert_true(torsh_item(torsh_prod(none, TORSH_ALL_DIMS, false)) == 1);
    assert_int_equal(torsh_id_status(torsh_amax(none, TORSH_ALL_DIMS, false).id), TORSH_OUT_OF_RANGE);
}

int main(void)
{
    require_device();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row), cmocka_unit_test(long_ones), cmocka_unit_test(places), cmocka_unit_test(no_elements)};
    return cmocka_run_group_tests_name("webgpu_reduction", tests, NULL, NULL);
}
