/* The pointwise rows at the edges of arithmetic against PyTorch (tests/golden/edges.py): ends of ranges, infinities, NaN, signs of zero,
 * branch cuts. Unlike golden_test there is no absolute tolerance, and zeros must have PyTorch's sign. */
#include "records.h"

#include <stdarg.h>
#include <setjmp.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct tally {
    long checks, failures;
} tally;

/* relative: of the value; step: the least of the dtype. Two correct answers differ by as much. zeros: their signs count. */
typedef struct tolerance {
    double relative, step;
    bool zeros;
} tolerance;

/* C leaves cpow to be exp(b log a) in whatever rounding: libraries differ in the last digits and in signs of zeros. */
static tolerance tolerance_of(const char *name, torsh_dtype dtype)
{
    bool loose = strcmp(name, "pow") == 0 && (dtype == TORSH_C64 || dtype == TORSH_C128);
    tolerance t = {.zeros = !loose};
    if (dtype == TORSH_F16) t.relative = 0x1p-10, t.step = 0x1p-24;
    if (dtype == TORSH_BF16) t.relative = 0x1p-7, t.step = 0x1p-133;
    if (dtype == TORSH_F32 || dtype == TORSH_C64) t.relative = 0x1p-20, t.step = 0x1p-147;
    if (dtype == TORSH_F64 || dtype == TORSH_C128) t.relative = 0x1p-48, t.step = 0x1p-1072;
    if (loose) t.relative *= 8;
    return t;
}

/* size: what the error is measured by */
static bool agrees(double have, double want, double size, tolerance t)
{
    if (isnan(want)) return isnan(have);
    if (isinf(want) || isnan(have) || isinf(have)) return have == want;
    if (want == 0 && have == 0) return !t.zeros || !signbit(have) == !signbit(want);
    return fabs(have - want) <= t.relative * size + t.step;
}

/* The parts of a complex result err by the size of the whole. */
static bool complex_agrees(double _Complex have, double _Complex want, tolerance t)
{
    double size = cabs(want), re = creal(want), im = cimag(want);
    bool finite = isfinite(size);
    return agrees(creal(have), re, finite ? size : fabs(re), t) && agrees(cimag(have), im, finite ? size : fabs(im), t);
}

static double _Complex *widen(torsh_tensor t, size_t count)
{
    double _Complex *values = malloc((count + 1) * sizeof *values);
    if (values && torsh_to_host(torsh_to_dtype(t, TORSH_C128), values, count * sizeof *values) == TORSH_OK) return values;
    free(values);
    return NULL;
}

static void report(tally *y, const record *r, layout how, size_t i, double _Complex have, double _Complex want)
{
    if (y->failures++ >= 50) return;
    print_error("%s, layout %d, element %zu:", describe(r), (int)how, i);
    for (size_t a = 0; a < r->argument_count; a++) {
        if (r->arguments[a].kind != 'T') continue;
        double _Complex *x = widen(make_tensor(&r->arguments[a].tensor, CONTIGUOUS), (size_t)r->arguments[a].tensor.sizes[0]);
        if (x) print_error(" %.17g%+.17gi", creal(x[i]), cimag(x[i]));
        free(x);
    }
    print_error(" gives %.17g%+.17gi, must be %.17g%+.17gi\n", creal(have), cimag(have), creal(want), cimag(want));
}

static void judge(tally *y, const record *r, layout how)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
    make_values(r, how, values, lists);
    call(r, values, results);
    const golden *g = &r->results[0];
    if (g->dtype == TORSH_I64) { /* doubles don't hold every i64 */
        const char *problem = difference(results[0], g);
        y->checks++;
        if (*problem && y->failures++ < 50) print_error("%s: %s\n", describe(r), problem);
        return;
    }
    size_t count = (size_t)g->sizes[0];
    tolerance t = tolerance_of(r->name, g->dtype);
    double _Complex *have = torsh_dtype_of(results[0]) == g->dtype ? widen(results[0], count) : NULL;
    double _Complex *want = widen(make_tensor(g, CONTIGUOUS), count);
    assert_true(have && want);
    for (size_t i = 0; i < count; i++, y->checks++)
        if (!complex_agrees(have[i], want[i], t)) report(y, r, how, i, have[i], want[i]);
    free(have);
    free(want);
}

static void check(const record *r, void *context)
{
    assert_true(r->op != NULL);
    judge(context, r, CONTIGUOUS);
    judge(context, r, STEPPED);
}

static void edges_are_those_of_pytorch(void **state)
{
    (void)state;
    tally y = {0};
    int64_t handles = torsh_live_handles();
    assert_true(each_record_of("edges.bin", check, &y) > 0);
    assert_int_equal(torsh_live_handles(), handles);
    print_message("%ld checks, %ld failures\n", y.checks, y.failures);
    assert_int_equal(y.failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(edges_are_those_of_pytorch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
