/* Products and linear layers against the CPU: sizes off the tile, strides, batches, vectors, dtypes, long sums. */
#include "compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LOOSE 512.0 /* units of 2^-23: sums in another order */

static torsh_tensor both(torsh_tensor cpu, torsh_tensor *gpu)
{
    *gpu = torsh_to_device(cpu, GPU);
    return cpu;
}

static void expect(torsh_tensor cpu, torsh_tensor gpu)
{
    const char *problem = differs(cpu, gpu, LOOSE);
    if (*problem) fail_msg("%s", problem);
}

static void sizes(void **context)
{
    (void)context;
    static const int64_t shapes[][3] = {{1, 1, 1}, {3, 5, 7}, {32, 32, 32}, {33, 31, 65}, {100, 1, 40}, {1, 100, 40}, {70, 66, 3}};
    static const torsh_dtype dtypes[] = {TORSH_F32, TORSH_F16, TORSH_BF16, TORSH_I32, TORSH_I8};
    for (size_t d = 0; d < 5; d++)
        for (size_t i = 0; i < 7; i++) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            int64_t m = shapes[i][0], n = shapes[i][1], k = shapes[i][2];
            torsh_tensor ga, gb, a = both(drawn("UNIT", dtypes[d], TORSH_DIMS(m, k)), &ga), b = both(drawn("UNIT", dtypes[d], TORSH_DIMS(k, n)), &gb);
            expect(torsh_mm(a, b), torsh_mm(ga, gb));
            torsh_tensor gt, t = both(drawn("UNIT", dtypes[d], TORSH_DIMS(n, k)), &gt);
            expect(torsh_mm(a, torsh_t(t)), torsh_mm(ga, torsh_t(gt)));
        }
}

static void batches(void **context)
{
    (void)context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor ga, gb, gc, gv, gd;
    torsh_tensor a = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(2, 1, 5, 6)), &ga), b = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(3, 6, 4)), &gb);
    torsh_tensor c = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(3, 5, 6)), &gc), v = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(6)), &gv);
    torsh_tensor d = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(5, 4)), &gd);
    expect(torsh_matmul(a, b), torsh_matmul(ga, gb));
    expect(torsh_bmm(c, b), torsh_bmm(gc, gb));
    expect(torsh_matmul(torsh_transpose(a, 0, 2), torsh_transpose(c, 1, 2)), torsh_matmul(torsh_transpose(ga, 0, 2), torsh_transpose(gc, 1, 2)));
    expect(torsh_matmul(v, b), torsh_matmul(gv, gb));
    expect(torsh_matmul(a, v), torsh_matmul(ga, gv));
    expect(torsh_dot(v, v), torsh_dot(gv, gv));
    expect(torsh_baddbmm(d, c, b, 0.5, 2), torsh_baddbmm(gd, gc, gb, 0.5, 2));
    torsh_tensor first = torsh_select(c, 0, 0), gfirst = torsh_select(gc, 0, 0), second = torsh_select(b, 0, 1), gsecond = torsh_select(gb, 0, 1);
    expect(torsh_addmm(d, first, second, 2, -1), torsh_addmm(gd, gfirst, gsecond, 2, -1));
    expect(torsh_addmm(torsh_select(d, 0, 1), first, second, 1, 1), torsh_addmm(torsh_select(gd, 0, 1), gfirst, gsecond, 1, 1));
    torsh_addmm_(d, first, second, 1, 1);
    torsh_addmm_(gd, gfirst, gsecond, 1, 1);
    expect(d, gd);
}

static void linear(void **context)
{
    (void)context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor gx, gw, gb, x = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(3, 7, 20)), &gx), w = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(11, 20)), &gw);
    torsh_tensor b = both(drawn("UNIT", TORSH_F32, TORSH_DIMS(11)), &gb), none = {0};
    expect(torsh_linear(x, w, b), torsh_linear(gx, gw, gb));
    expect(torsh_linear(x, w, none), torsh_linear(gx, gw, none));
    expect(torsh_linear(torsh_transpose(x, 0, 1), w, b), torsh_linear(torsh_transpose(gx, 0, 1), gw, gb));
}

/* More products than one invocation may loop over. */
static void long_sums(void **context)
{
    (void)context;
    enum { LENGTH = 70000 };
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_ones(TORSH_DIMS(2, LENGTH), TORSH_F32, GPU), b = torsh_ones(TORSH_DIMS(LENGTH, 3), TORSH_F32, GPU);
    torsh_tensor c = torsh_mm(a, b);
    assert_true(torsh_item(torsh_amin(c, TORSH_ALL_DIMS, false)) == LENGTH);
    assert_true(torsh_item(torsh_amax(c, TORSH_ALL_DIMS, false)) == LENGTH);
    torsh_tensor none = torsh_mm(torsh_empty(TORSH_DIMS(4, 0), TORSH_F32, GPU), torsh_empty(TORSH_DIMS(0, 3), TORSH_F32, GPU));
    assert_true(torsh_item(torsh_sum(none, TORSH_ALL_DIMS, false)) == 0);
}

int main(void)
{
    require_device();
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes), cmocka_unit_test(batches), cmocka_unit_test(linear), cmocka_unit_test(long_sums)};
    return cmocka_run_group_tests_name("webgpu_matmul", tests, NULL, NULL);
}
