/* Gradients of small programs, above all views changed in place, against PyTorch's (golden/autograd.py has the same programs). */
#include <torsh/autograd.h>
#include <torsh/ops.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_RESULTS = 4, MAX_NUMBERS = 256 };
typedef struct results { torsh_tensor t[MAX_RESULTS]; int count; } results;

/* ---- helpers, as in the script ----------------------------------------------------------------------------------------- */

static torsh_tensor counting(const int64_t *sizes, size_t ndim, double step)
{
    double values[64];
    size_t count = 1;
    for (size_t d = 0; d < ndim; d++) count *= (size_t)sizes[d];
    for (size_t i = 0; i < count; i++) values[i] = (double)(i + 1) * step;
    return torsh_from_slice(values, count, sizes, ndim, TORSH_F64, TORSH_CPU);
}

static torsh_tensor leaf(const int64_t *sizes, size_t ndim)
{
    torsh_tensor t = counting(sizes, ndim, 0.25);
    assert_int_equal(torsh_set_requires_grad(t, true), TORSH_OK);
    return t;
}

static torsh_tensor weights(torsh_tensor t)
{
    return counting(torsh_sizes(t), (size_t)torsh_ndim(t), 0.5);
}

static torsh_tensor sum(torsh_tensor t)
{
    return torsh_sum(t, TORSH_ALL_DIMS, false);
}

static torsh_tensor n(double value)
{
    return torsh_number(value);
}

static void ok(torsh_status status)
{
    if (status) print_message("%s\n", torsh_last_error());
    assert_int_equal(status, TORSH_OK);
}

static results finish(torsh_tensor out, int count, const torsh_tensor *leaves)
{
    results r = {{out}, 1};
    if (TORSH_FAILED(out)) print_message("%s\n", torsh_id_error(out.id));
    ok(torsh_backward(sum(torsh_mul(out, weights(out)))));
    for (int i = 0; i < count; i++) r.t[r.count++] = torsh_grad(leaves[i]);
    return r;
}
#define FINISH(out, ...) finish(out, (int)(sizeof((torsh_tensor[]){__VA_ARGS__}) / sizeof(torsh_tensor)), (torsh_tensor[]){__VA_ARGS__})

static torsh_tensor part(torsh_tensor t, int64_t start, int64_t end)
{
    return torsh_slice(t, 0, start, end, 1);
}

static torsh_tensor gradient(torsh_tensor y, torsh_tensor x)
{
    torsh_grad_options o = torsh_grad_defaults();
    o.create_graph = true;
    return torsh_tensors_get(torsh_autograd_grad(&y, 1, &x, 1, NULL, &o), 0);
}

static torsh_tensor strided(torsh_tensor t, int64_t rows, int64_t columns, int64_t row_stride, int64_t stride, int64_t offset)
{
    return torsh_as_strided(t, TORSH_DIMS(rows, columns), TORSH_DIMS(row_stride, stride), offset);
}

/* ---- programs ------------------------------------------------------------------------------------------------------------ */

static results inplace_on_view(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), w = leaf(TORSH_DIMS(2)), b = torsh_mul(x, n(2)), v = part(b, 0, 2);
    torsh_mul_(v, w);
    return FINISH(b, x, w);
}

static results inplace_on_view_read_other_view(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), w = leaf(TORSH_DIMS(2)), b = torsh_mul(x, n(2)), v = part(b, 0, 2), u = part(b, 1, 3);
    torsh_mul_(v, w);
    return FINISH(torsh_mul(u, u), x, w);
}

static results inplace_on_base_read_view(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), b = torsh_mul(x, n(2)), v = part(b, 1, 3);
    torsh_mul_(b, torsh_add(torsh_detach(b), n(1)));
    return FINISH(torsh_mul(v, v), x);
}

static results inplace_on_base_with_leaf(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(2, 3)), w = leaf(TORSH_DIMS(3)), b = torsh_mul(x, n(2)), v = torsh_t(b);
    torsh_add_(b, w);
    return FINISH(torsh_exp(v), x, w);
}

static results view_of_plain_base(void)
{
    torsh_tensor w = leaf(TORSH_DIMS(2)), x = torsh_ones(TORSH_DIMS(3), TORSH_F64, TORSH_CPU), v = part(x, 0, 2), u = part(x, 1, 3);
    torsh_mul_(v, w);
    return FINISH(torsh_mul(u, part(x, 0, 2)), w);
}

static results view_of_view(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(2, 3, 2)), w = leaf(TORSH_DIMS(3)), b = torsh_mul(x, n(1));
    torsh_tensor v = torsh_select(torsh_t(torsh_select(b, 0, 0)), 0, 1);
    torsh_mul_(v, w);
    return FINISH(torsh_mul(b, b), x, w);
}

static results two_changes(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4)), w = leaf(TORSH_DIMS(2)), b = torsh_mul(x, n(1)), v = part(b, 0, 2), u = part(b, 1, 3);
    torsh_mul_(v, w);
    torsh_add_(u, torsh_mul(v, n(2)));
    torsh_mul_(v, torsh_mul(u, n(1)));
    return FINISH(b, x, w);
}

static results transposed_slice(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3, 4)), w = leaf(TORSH_DIMS(2, 2)), b = torsh_mul(x, n(2));
    torsh_tensor v = torsh_slice(part(torsh_t(b), 1, 3), 1, 0, 3, 2);
    torsh_mul_(v, w);
    return FINISH(torsh_sum(b, TORSH_DIMS(0), false), x, w);
}

static results saved_output_in_place(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4)), b = torsh_mul(x, n(2));
    torsh_exp_(part(b, 1, 3));
    return FINISH(b, x);
}

static results fill_part(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4)), s = leaf(TORSH_DIMS(2)), b = torsh_mul(x, n(2));
    torsh_copy_(part(b, 1, 3), s);
    torsh_zero_(part(b, 0, 1));
    return FINISH(torsh_mul(b, b), x, s);
}

static results copy_broadcast(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(2, 3)), s = leaf(TORSH_DIMS(3)), b = torsh_mul(x, n(2));
    torsh_copy_(b, s);
    return FINISH(torsh_mul(b, b), s);
}

static results in_place_chain(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4)), b = torsh_mul(x, n(2));
    torsh_exp_(torsh_neg_(torsh_add_(torsh_mul_(b, torsh_mul(torsh_detach(b), n(1))), n(1))));
    return FINISH(b, x);
}

static results no_grad_change_of_view(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), b = torsh_mul(x, n(2)), v = part(b, 0, 2);
    {
        TORSH_AUTO torsh_scope quiet = torsh_no_grad();
        torsh_mul_(v, n(3));
    }
    return FINISH(torsh_add(v, part(b, 1, 3)), x);
}

static results detached_change(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), b = torsh_mul(x, n(2)), d = torsh_detach(b);
    torsh_mul_(d, n(4));
    return FINISH(torsh_add(b, n(1)), x);
}

static results expand_gradient(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3, 1));
    return FINISH(torsh_mul(torsh_expand(x, TORSH_DIMS(2, 3, 4)), n(3)), x);
}

static results as_strided_overlap(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4));
    return FINISH(strided(x, 3, 2, 1, 1, 0), x);
}

static results as_strided_gap(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3, 4));
    return FINISH(strided(torsh_mul(x, n(2)), 2, 2, 5, 2, 1), x);
}

static results as_strided_stride0(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4));
    return FINISH(torsh_as_strided(torsh_mul(x, x), TORSH_DIMS(3, 2, 2), TORSH_DIMS(0, 1, 1), 1), x);
}

static results as_strided_of_overlap(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4)), w = strided(x, 3, 2, 1, 1, 0);
    return FINISH(torsh_add(strided(torsh_mul(w, n(1)), 2, 2, 2, 1, 1), strided(w, 2, 2, 1, 2, 0)), x);
}

static results as_strided_of_expanded(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3));
    return FINISH(strided(torsh_expand(x, TORSH_DIMS(2, 3)), 2, 2, 1, 1, 0), x);
}

static results as_strided_double(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4)), y = strided(torsh_mul(x, x), 3, 2, 1, 1, 0);
    return FINISH(gradient(sum(torsh_mul(torsh_mul(y, y), weights(y))), x), x);
}

static results double_cubic(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3));
    return FINISH(gradient(sum(torsh_pow(x, n(3))), x), x);
}

static results double_through_view_change(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(4)), w = leaf(TORSH_DIMS(2)), b = torsh_mul(x, x);
    torsh_mul_(part(b, 1, 3), torsh_mul(w, w));
    return FINISH(gradient(sum(torsh_mul(b, b)), x), x, w);
}

static results double_in_place_saved_output(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), b = torsh_mul(x, x);
    torsh_exp_(part(b, 0, 2));
    return FINISH(gradient(sum(torsh_tanh(b)), x), x);
}

static results third(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), y = sum(torsh_mul(torsh_sin(x), torsh_exp(x)));
    for (int i = 0; i < 2; i++) {
        torsh_tensor g = gradient(y, x);
        y = sum(torsh_mul(g, weights(g)));
    }
    ok(torsh_backward(y));
    return (results){{y, torsh_grad(x)}, 2};
}

static results shared_trunk(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(2, 3)), w = leaf(TORSH_DIMS(3)), h = torsh_tanh(torsh_mul(x, w));
    return FINISH(torsh_add(torsh_mul(torsh_exp(h), torsh_mul(h, h)), h), x, w);
}

static results broadcasting(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(2, 1, 3)), w = leaf(TORSH_DIMS(4, 1)), s = leaf(TORSH_NO_DIMS);
    return FINISH(torsh_add(torsh_mul(x, w), torsh_div(s, x)), x, w, s);
}

static results mixed_dtypes(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), w = torsh_from_slice(TORSH_VALUES(0.5, 2, 4), TORSH_DIMS(3), TORSH_F32, TORSH_CPU);
    torsh_set_requires_grad(w, true);
    results r = FINISH(torsh_mul(x, w), x, w);
    assert_int_equal(torsh_dtype_of(r.t[2]), TORSH_F32);
    return r;
}

static results complex_real_mix(void)
{
    const double c_values[] = {1, 2, 3, -1}, factor_values[] = {0, 1, 2, 0}, g_values[] = {1, 1, 2, -1};
    torsh_tensor x = leaf(TORSH_DIMS(2)), c = torsh_from_data(c_values, TORSH_DIMS(2), TORSH_C128, TORSH_CPU);
    torsh_tensor factor = torsh_from_data(factor_values, TORSH_DIMS(2), TORSH_C128, TORSH_CPU);
    torsh_tensor g = torsh_from_data(g_values, TORSH_DIMS(2), TORSH_C128, TORSH_CPU);
    torsh_set_requires_grad(c, true);
    torsh_tensor y = torsh_mul(x, c), z = torsh_mul(y, factor);
    ok(torsh_backward_with(&z, 1, &g, NULL));
    assert_int_equal(torsh_dtype_of(torsh_grad(x)), TORSH_F64);
    return (results){{y, torsh_grad(x), torsh_grad(c)}, 3};
}

static results backward_of_two(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), y[] = {torsh_mul(x, x), sum(torsh_exp(x))}, g[] = {weights(y[0]), {0}};
    ok(torsh_backward_with(y, 2, g, NULL));
    return (results){{torsh_grad(x)}, 1};
}

static results grad_of_middle(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3)), h = torsh_exp(x), y = sum(torsh_mul(torsh_mul(h, h), x)), inputs[] = {h, x};
    torsh_tensors list = torsh_autograd_grad(&y, 1, inputs, 2, NULL, NULL);
    assert_int_equal(torsh_grad(x).id, 0);
    return (results){{torsh_tensors_get(list, 0), torsh_tensors_get(list, 1)}, 2};
}

static results accumulated(void)
{
    torsh_tensor x = leaf(TORSH_DIMS(3));
    ok(torsh_backward(sum(torsh_mul(x, x))));
    ok(torsh_backward(sum(torsh_mul(x, n(3)))));
    return (results){{torsh_grad(x)}, 1};
}

/* ---- comparing ------------------------------------------------------------------------------------------------------------ */

#define CASES(X) X(inplace_on_view) X(inplace_on_view_read_other_view) X(inplace_on_base_read_view) X(inplace_on_base_with_leaf) \
    X(view_of_plain_base) X(view_of_view) X(two_changes) X(transposed_slice) X(saved_output_in_place) X(fill_part) X(copy_broadcast) \
    X(in_place_chain) X(no_grad_change_of_view) X(detached_change) X(expand_gradient) X(as_strided_overlap) X(as_strided_gap) \
    X(as_strided_stride0) X(as_strided_of_overlap) X(as_strided_of_expanded) X(as_strided_double) X(double_cubic) \
    X(double_through_view_change) X(double_in_place_saved_output) X(third) X(shared_trunk) X(broadcasting) X(mixed_dtypes) \
    X(complex_real_mix) X(backward_of_two) X(grad_of_middle) X(accumulated)

typedef struct program { const char *name; results (*run)(void); } program;
#define ROW(name) {#name, name},
static const program programs[] = {CASES(ROW)};

static size_t read_golden(const char *name, double *numbers)
{
    FILE *file = fopen(TORSH_GOLDEN_DIR "/autograd.txt", "r");
    assert_non_null(file);
    char line[8192];
    size_t count = 0, length = strlen(name);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, name, length) != 0 || line[length] != ':') continue;
        char *at = line + length + 1, *end;
        for (double v = strtod(at, &end); end != at && count < MAX_NUMBERS; v = strtod(at, &end)) {
            numbers[count++] = v;
            at = end;
        }
    }
    fclose(file);
    return count;
}

static size_t read_tensor(torsh_tensor t, double *numbers)
{
    bool is_complex = torsh_dtype_is_complex(torsh_dtype_of(t));
    size_t count = (size_t)torsh_numel(t) * (is_complex ? 2 : 1);
    ok(torsh_to_host(torsh_to_dtype(torsh_detach(t), is_complex ? TORSH_C128 : TORSH_F64), numbers, count * sizeof *numbers));
    return count;
}

static void gives_the_numbers_of_pytorch(void **state)
{
    const program *p = *state;
    int64_t before = torsh_live_handles();
    torsh_memory start, end;
    torsh_memory_stats(TORSH_CPU, &start);
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        double want[MAX_NUMBERS], have[MAX_NUMBERS];
        size_t expected = read_golden(p->name, want), count = 0;
        results r = p->run();
        for (int i = 0; i < r.count; i++) count += read_tensor(r.t[i], have + count);
        assert_int_equal(count, expected);
        for (size_t i = 0; i < count; i++) {
            if (fabs(have[i] - want[i]) > 1e-10 * (1 + fabs(want[i]))) fail_msg("number %zu is %.17g, should be %.17g", i, have[i], want[i]);
        }
    }
    assert_int_equal(torsh_live_handles(), before);
    torsh_memory_stats(TORSH_CPU, &end);
    assert_int_equal(end.used, start.used); /* no graph holds itself */
}

#define TEST(case_name) {.name = #case_name, .test_func = gives_the_numbers_of_pytorch},
int main(void)
{
    struct CMUnitTest tests[] = {CASES(TEST)};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) tests[i].initial_state = (void *)(uintptr_t)&programs[i];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
