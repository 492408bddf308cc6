/* Every pointwise row, in every dtype that WGSL carries and several layouts, against the CPU. */
#include "compare.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Units of 2^-23, relative (absolute below 0.01): WGSL promises less than our polynomials give, drivers may fuse or not. */
#define LOOSE 256.0

typedef enum layout { CONTIGUOUS, TRANSPOSED, SLICED, BROADCAST, NUMBER, MIXED, LAYOUTS } layout;
static const char *const layout_names[LAYOUTS] = {"contiguous", "transposed", "sliced", "broadcast", "number", "mixed"};
static const torsh_dtype dtypes[] = {TORSH_BOOL, TORSH_U8, TORSH_I8, TORSH_I16, TORSH_I32, TORSH_F16, TORSH_BF16, TORSH_F32};
enum { DTYPES = sizeof dtypes / sizeof *dtypes };

/* Input k of an op in one layout, on both devices. */
static void make_input(const torsh__op *op, int k, torsh_dtype dtype, layout how, torsh_tensor *cpu, torsh_tensor *gpu)
{
    const char *domain = op->impl->pointwise->domain[k] ? op->impl->pointwise->domain[k] : "ANY";
    bool mask = strcmp(domain, "BOOL") == 0;
    torsh_dtype own = mask ? TORSH_BOOL : how == MIXED && k > 0 ? (dtype >= TORSH_F16 ? TORSH_F16 : TORSH_BOOL) : dtype;
    if (how == NUMBER && k > 0) {
        *cpu = *gpu = dtype >= TORSH_F16 ? torsh_number(1.25) : torsh_integer(1);
        return;
    }
    if (how == BROADCAST && k > 0) *cpu = drawn(domain, own, TORSH_DIMS(7));
    else if (how == TRANSPOSED) *cpu = drawn(domain, own, TORSH_DIMS(7, 5, 3));
    else if (how == SLICED) *cpu = drawn(domain, own, TORSH_DIMS(5, 11, 7));
    else *cpu = drawn(domain, own, TORSH_DIMS(3, 5, 7));
    *gpu = torsh_to_device(*cpu, GPU);
    if (how == TRANSPOSED && k != 1) {
        *cpu = torsh_transpose(*cpu, 0, 2);
        *gpu = torsh_transpose(*gpu, 0, 2);
    } else if (how == TRANSPOSED) {
        *cpu = torsh_view(torsh_contiguous(*cpu), TORSH_DIMS(3, 5, 7));
        *gpu = torsh_view(torsh_contiguous(*gpu), TORSH_DIMS(3, 5, 7));
    } else if (how == SLICED) {
        *cpu = torsh_slice(torsh_slice(*cpu, 1, 1, 11, 2), 0, 1, 4, 1);
        *gpu = torsh_slice(torsh_slice(*gpu, 1, 1, 11, 2), 0, 1, 4, 1);
    }
}

typedef struct tally { int rows, pairs, checks, failures, unsupported, unwritten; double worst; const char *worst_name; } tally;

/* The row's expression calls a function that WGSL has not (Bessel's, gamma's ...): the error must say so. */
static bool has_no_wgsl(torsh_tensor t)
{
    return TORSH_FAILED(t) && torsh_id_status(t.id) == TORSH_UNSUPPORTED && strstr(torsh_id_error(t.id), "no webgpu kernel: no WGSL");
}

static void check(tally *t, const torsh__op *op, torsh_dtype dtype, layout how, const char *variant, const char *problem)
{
    t->checks++;
    if (worst() > t->worst && dtype == TORSH_F32) {
        t->worst = worst();
        t->worst_name = op->info.name;
    }
    if (!*problem) return;
    if (t->failures++ < 12) print_error("%s %s %s%s: %s\n", op->info.name, torsh_dtype_name(dtype), layout_names[how], variant, problem);
}

static void run(tally *t, const torsh__op *op, torsh_dtype dtype, layout how)
{
    static const double attributes[3] = {0.5, 2, 3};
    torsh_value cpu[TORSH__MAX_PARAMS], gpu[TORSH__MAX_PARAMS];
    torsh_tensor a, b, want[TORSH__MAX_OUTPUTS], got[TORSH__MAX_OUTPUTS];
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int inputs = 0, numbers = 0;
    for (int i = 0; i < op->info.param_count; i++) {
        memset(&cpu[i], 0, sizeof cpu[i]);
        if (op->info.params[i].kind == TORSH_PARAM_DOUBLE) {
            cpu[i].f = attributes[numbers++];
            gpu[i] = cpu[i];
        } else {
            make_input(op, inputs++, dtype, how, &a, &b);
            cpu[i].handle = a.id;
            gpu[i].handle = b.id;
        }
    }
    if (inputs < 2 && how >= BROADCAST) return;
    op->invoke(cpu, want);
    op->invoke(gpu, got);
    if (TORSH_FAILED(want[0])) return; /* not defined for this mix */
    if (TORSH_FAILED(got[0]) && strstr(torsh_id_error(got[0].id), "no webgpu kernel for dtype i64")) { /* a number raised bool to i64 */
        t->unsupported++;
        return;
    }
    if (has_no_wgsl(got[0])) {
        t->unwritten++;
        return;
    }
    check(t, op, dtype, how, "", differs(want[0], got[0], LOOSE));
    if (!(op->variants & TORSH__IN_PLACE) || torsh_dtype_of(want[0]) != dtype) return;
    torsh__door(op, cpu, TORSH__INPLACE_CALL, NULL, want);
    torsh__door(op, gpu, TORSH__INPLACE_CALL, NULL, got);
    if (!TORSH_FAILED(want[0])) check(t, op, dtype, how, " in place", differs(want[0], got[0], LOOSE));
}

static void every_row(void **context)
{
    (void)context;
    tally t = {.worst_name = ""};
    bool all = getenv("TORSH_TEST_ALL") != NULL;
    for (int i = 0; torsh__ops[i]; i++) {
        const torsh__op *op = torsh__ops[i];
        if (op->info.kind != TORSH_OP_POINTWISE) continue;
        t.rows++;
        for (int d = 0; d < DTYPES; d++) {
            if (!(op->info.dtypes >> dtypes[d] & 1)) continue;
            t.pairs++;
            draw_from((uint32_t)(i * 16 + d));
            /* A kernel takes a software adapter 30 ms to compile: without TORSH_TEST_ALL some of the layouts, in turn */
            for (layout how = CONTIGUOUS; how < LAYOUTS; how++)
                if (all || (int)how == (i + d) % LAYOUTS || (dtypes[d] == TORSH_F32 && ((int)how == CONTIGUOUS || (int)how % 3 == i % 3))) run(&t, op, dtypes[d], how);
        }
    }
    print_message("%d rows, %d of row x dtype, %d comparisons, %d failures, %d computed in i64 and refused, %d without WGSL; worst f32 error %.1f units of 2^-23 (%s)\n",
                  t.rows, t.pairs, t.checks, t.failures, t.unsupported, t.unwritten, t.worst, t.worst_name);
    assert_int_equal(t.failures, 0);
    assert_true(t.checks > 800 && t.unwritten < t.checks / 3);
}

/* NaN, infinities, zeros and large numbers, of which WGSL promises nothing: the functions are made so that they come out as on the CPU. */
static void special_values(void **context)
{
    (void)context;
    static const double values[] = {12345.678, 1e7, NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e30, -1e30, 1e-30, 100, -100, 1, -1};
    enum { COUNT = sizeof values / sizeof *values };
    int checks = 0, failures = 0;
    for (int i = 0; torsh__ops[i]; i++) {
        const torsh__op *op = torsh__ops[i];
        if (op->info.kind != TORSH_OP_POINTWISE || !(op->info.dtypes >> TORSH_F32 & 1) || op->info.param_count > 2 || op->impl->pointwise->domain[0][0] == 'B') continue;
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        bool binary = op->info.param_count == 2 && op->info.params[1].kind == TORSH_PARAM_TENSOR;
        torsh_tensor a = torsh_from_slice(values, COUNT, TORSH_DIMS(COUNT, 1), TORSH_F32, TORSH_CPU), b = torsh_view(a, TORSH_DIMS(COUNT)), want, got;
        torsh_tensor ga = torsh_to_device(a, GPU), gb = torsh_to_device(b, GPU);
        torsh_value cpu[2] = {{.handle = a.id}, {.f = 0.5}}, gpu[2] = {{.handle = ga.id}, {.f = 0.5}};
        if (binary) cpu[1].handle = b.id, gpu[1].handle = gb.id;
        op->invoke(cpu, &want);
        op->invoke(gpu, &got);
        if (has_no_wgsl(got)) continue;
        const char *problem = differs(want, got, 1024);
        checks++;
        if (*problem) {
            failures++;
            print_error("special values: %s: %s\n", op->info.name, problem);
        }
    }
    print_message("special values: %d rows, %d differ\n", checks, failures);
    assert_int_equal(failures, 0);
}

static void errors(void **context)
{
    (void)context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor d = torsh_to_device(drawn("ANY", TORSH_F64, TORSH_DIMS(4)), GPU), sum = torsh_add(d, d);
    assert_int_equal(torsh_id_status(sum.id), TORSH_UNSUPPORTED);
    assert_non_null(strstr(torsh_id_error(sum.id), "add"));
    assert_non_null(strstr(torsh_id_error(sum.id), "f64"));
    assert_non_null(strstr(torsh_id_error(sum.id), "webgpu"));
    torsh_tensor f = torsh_to_device(drawn("ANY", TORSH_F32, TORSH_DIMS(4)), GPU), both = torsh_add(f, drawn("ANY", TORSH_F32, TORSH_DIMS(4)));
    assert_int_equal(torsh_id_status(both.id), TORSH_DEVICE_MISMATCH);
    torsh_tensor none = torsh_linspace(0, 1, 5, TORSH_F32, GPU);
    assert_int_equal(torsh_id_status(none.id), TORSH_UNSUPPORTED);
    assert_non_null(strstr(torsh_id_error(none.id), "linspace"));
    assert_non_null(strstr(torsh_id_error(none.id), "webgpu:0"));
}

int main(void)
{
    require_device();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row), cmocka_unit_test(special_values), cmocka_unit_test(errors)};
    return cmocka_run_group_tests_name("webgpu_pointwise", tests, NULL, NULL);
}
