/* torsh_vmap: cases whose answers torch.func gave (tests/golden/vmap.py), what is refused, and allocation failure. tests/ops/vmap_test.c
 * has every row. */
#include "helpers.h"
#include "allocations.h"

#include <torsh/ops/loss.h>

#include <math.h>
#include <stdlib.h>

/* ---- goldens --------------------------------------------------------------------------------------------------- */

enum { MOST = 4096 };

/* Compares with the line of that name. */
static void golden(torsh_tensor t, const char *name)
{
    char path[512], line_name[64], shape[64];
    snprintf(path, sizeof path, "%s/vmap.txt", TORSH_GOLDEN_DIR);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    bool found = false;
    while (!found && fscanf(file, "%63s %63s", line_name, shape) == 2) {
        found = strcmp(line_name, name) == 0;
        if (!found && fscanf(file, "%*[^\n]") == EOF) break;
    }
    if (!found) fail_msg("no golden '%s'", name);
    if (TORSH_FAILED(t)) fail_msg("%s: %s", name, torsh_id_error(t.id));
    char have_shape[64] = "";
    for (int d = 0; d < torsh_ndim(t); d++) snprintf(have_shape + strlen(have_shape), 16, "%s%lld", d ? "x" : "", (long long)torsh_size(t, d));
    assert_string_equal(have_shape, shape);
    static double have[MOST];
    int64_t count = torsh_numel(t);
    assert_true(count <= MOST);
    ok(torsh_to_host(torsh_to_dtype(torsh_detach(t), TORSH_F64), have, (size_t)count * sizeof *have));
    for (int64_t i = 0; i < count; i++) {
        double want;
        assert_int_equal(fscanf(file, "%lf", &want), 1);
        if (!(fabs(have[i] - want) <= 1e-10 * (1 + fabs(want)))) fail_msg("%s: element %lld is %.17g, must be %.17g", name, (long long)i, have[i], want);
    }
    fclose(file);
}

/* sin(0.7 n) for n from `start` on. */
static torsh_tensor data(int start, const int64_t *sizes, size_t ndim)
{
    static double values[MOST];
    size_t count = 1;
    for (size_t d = 0; d < ndim; d++) count *= (size_t)sizes[d];
    for (size_t i = 0; i < count; i++) values[i] = sin((double)(start + (int)i) * 0.7);
    return torsh_from_slice(values, count, sizes, ndim, TORSH_F64, TORSH_CPU);
}
#define DATA(start, ...) data(start, TORSH_DIMS(__VA_ARGS__))
#define NONE TORSH_VMAP_NONE

static torsh_vmap_options options_with(const int64_t *in_dims, size_t ins, const int64_t *out_dims, size_t outs)
{
    torsh_vmap_options options = torsh_vmap_defaults();
    options.in_dims = in_dims;
    options.in_dim_count = ins;
    options.out_dims = out_dims;
    options.out_dim_count = outs;
    return options;
}
#define IN(...) options_with(TORSH_DIMS(__VA_ARGS__), NULL, 0)
#define INPUTS(...) TORSH_TENSORS(__VA_ARGS__)

/* ---- functions of one sample -------------------------------------------------------------------------------------- */

#define SAMPLE(name) static torsh_tensor name(void *context, const torsh_tensor *in, size_t count)
#define UNUSED (void)context, (void)count

SAMPLE(dot) { UNUSED; return torsh_dot(in[0], in[1]); }
SAMPLE(product) { UNUSED; return torsh_matmul(in[1], in[0]); }
SAMPLE(sum_first) { UNUSED; return torsh_sum(in[0], TORSH_DIMS(0), false); }
SAMPLE(meet) { UNUSED; return torsh_add(total(torsh_mul(in[0], in[1])), torsh_max(in[0], TORSH_ALL_DIMS, false)); }
SAMPLE(meet_rows)
{
    UNUSED;
    torsh_vmap_options options = IN(NONE, 0);
    return torsh_vmap(meet, NULL, in, 2, &options);
}
SAMPLE(wave) { UNUSED; return torsh_mul(torsh_sin(in[0]), total(in[0])); }
SAMPLE(exp_product) { UNUSED; return torsh_prod(torsh_exp(in[0]), TORSH_ALL_DIMS, false); }
/* w, b, x, t */
SAMPLE(loss) { UNUSED; return total(torsh_square(torsh_sub(torsh_tanh(torsh_add(torsh_matmul(in[2], in[0]), in[1])), in[3]))); }
SAMPLE(loss_at)
{
    const torsh_tensor all[4] = {in[0], in[1], ((const torsh_tensor *)context)[0], ((const torsh_tensor *)context)[1]};
    (void)count;
    return loss(NULL, all, 4);
}
static torsh_tensors loss_gradients(void *context, const torsh_tensor *in, size_t count)
{
    UNUSED;
    torsh_tensor rest[2] = {in[2], in[3]};
    return torsh_vjp(loss_at, rest, in, 2, TORSH_NULL(torsh_tensor), false, NULL);
}
SAMPLE(wave_pulled)
{
    (void)count;
    return torsh_tensors_get(torsh_vjp(wave, NULL, context, 1, in[0], false, NULL), 0);
}
SAMPLE(wave_jacobian) { UNUSED; return torsh_tensors_get(torsh_jacobian(wave, NULL, in, 1, false), 0); }
SAMPLE(exp_hessian) { UNUSED; return torsh_tensors_get(torsh_hessian(exp_product, NULL, in, 1, false), 0); }
SAMPLE(classify_at)
{
    const torsh_tensor *rest = context;
    (void)count;
    torsh_tensor none = {0};
    return torsh_cross_entropy(torsh_layer_norm(torsh_matmul(rest[0], in[0]), TORSH_DIMS(4), none, none, 1e-5), rest[1], NULL);
}
SAMPLE(classify)
{
    UNUSED;
    torsh_tensor rest[2] = {in[1], in[2]};
    return torsh_tensors_get(torsh_vjp(classify_at, rest, in, 1, TORSH_NULL(torsh_tensor), false, NULL), 0);
}
SAMPLE(conv_padded)
{
    UNUSED;
    return torsh_conv2d(in[0], in[1], TORSH_NULL(torsh_tensor), TORSH_DIMS(1), TORSH_DIMS(1), TORSH_DIMS(1), 1);
}
SAMPLE(conv_pooled)
{
    UNUSED;
    torsh_tensor y = torsh_conv2d(in[0], in[1], TORSH_NULL(torsh_tensor), TORSH_DIMS(1), TORSH_DIMS(0), TORSH_DIMS(1), 1);
    return torsh_max_pool2d(y, TORSH_DIMS(2), NULL, 0, TORSH_DIMS(0), TORSH_DIMS(1), false);
}
SAMPLE(in_place) { UNUSED; return torsh_cumsum(torsh_mul_(torsh_clone(in[0]), in[1]), 0); }
SAMPLE(plus_rand) { UNUSED; return torsh_add(in[0], torsh_rand(TORSH_DIMS(3), TORSH_F64, TORSH_CPU)); }
SAMPLE(plus_randn) { UNUSED; return torsh_add(in[0], torsh_randn(TORSH_DIMS(3, 4), TORSH_F64, TORSH_CPU)); }
SAMPLE(dropped) { UNUSED; return torsh_dropout(in[0], 0.5, true); }
static torsh_tensors two(void *context, const torsh_tensor *in, size_t count)
{
    UNUSED;
    const torsh_tensor results[2] = {torsh_amin(in[0], TORSH_DIMS(0), false), torsh_mul(in[0], torsh_number(2))};
    return torsh_tensors_make(results, 2);
}

/* ---- tests --------------------------------------------------------------------------------------------------------- */

static void values_are_those_of_torch_func(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    golden(torsh_vmap(dot, NULL, INPUTS(DATA(0, 3, 4), DATA(5, 3, 4)), NULL), "dot");
    torsh_vmap_options o = options_with(TORSH_DIMS(1, NONE), TORSH_DIMS(1));
    golden(torsh_vmap(product, NULL, INPUTS(DATA(0, 4, 3), DATA(7, 2, 4)), &o), "dims");
    o = options_with(TORSH_DIMS(-2), TORSH_DIMS(-1));
    golden(torsh_vmap(sum_first, NULL, INPUTS(DATA(0, 2, 3, 4)), &o), "negative_dims");
    o = IN(0, NONE);
    golden(torsh_vmap(meet_rows, NULL, INPUTS(DATA(0, 3, 4), DATA(3, 5, 4)), &o), "nested");
    golden(torsh_vmap(conv_padded, NULL, INPUTS(DATA(0, 3, 2, 2, 4, 4), DATA(8, 3, 3, 2, 3, 3)), NULL), "conv_weights");
    golden(torsh_vmap(conv_pooled, NULL, INPUTS(DATA(0, 3, 2, 5, 5), DATA(8, 3, 2, 2, 2)), &o), "conv_images");
    golden(torsh_vmap(in_place, NULL, INPUTS(DATA(0, 3, 4), DATA(2, 3, 4)), NULL), "in_place");
    o = options_with(NULL, 0, TORSH_DIMS(0, 1));
    torsh_tensors both = torsh_vmap_list(two, NULL, INPUTS(DATA(0, 3, 4)), &o);
    golden(torsh_tensors_get(both, 0), "two_results");
    golden(torsh_tensors_get(both, 1), "two_results_second");
    o = torsh_vmap_defaults();
    o.chunk_size = 2;
    golden(torsh_vmap(wave, NULL, INPUTS(DATA(0, 5, 3)), &o), "chunks");
}

static void gradients_are_those_of_torch_func(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor w = DATA(0, 3, 2), b = DATA(9, 2), x = DATA(4, 5, 3), t = DATA(1, 5, 2);
    torsh_vmap_options o = IN(NONE, NONE, 0, 0);
    torsh_tensors each = torsh_vmap_list(loss_gradients, NULL, INPUTS(w, b, x, t), &o);
    golden(torsh_tensors_get(each, 0), "sample_gradient_w");
    golden(torsh_tensors_get(each, 1), "sample_gradient_b");
    ok(torsh_set_requires_grad(w, true));
    torsh_tensor sum = total(torsh_vmap(loss, NULL, INPUTS(w, b, x, t), &o));
    golden(torsh_tensors_get(torsh_autograd_grad(&sum, 1, &w, 1, NULL, NULL), 0), "gradient_through");
    torsh_tensor point = DATA(0, 4);
    golden(torsh_vmap(wave_pulled, &point, INPUTS(torsh_eye(4, 4, TORSH_F64, TORSH_CPU)), NULL), "jacobian_by_vmap");
    golden(torsh_vmap(wave_jacobian, NULL, INPUTS(DATA(0, 3, 4)), NULL), "jacobians");
    golden(torsh_vmap(exp_hessian, NULL, INPUTS(DATA(0, 3, 3)), NULL), "hessians");
    torsh_tensor classes = torsh_to_dtype(VECTOR(0, 3, 1, 2, 3), TORSH_I64);
    o = IN(NONE, 0, 0);
    golden(torsh_vmap(classify, NULL, INPUTS(DATA(2, 3, 4), DATA(0, 5, 3), classes), &o), "classify");
    torsh_tensor deep = DATA(0, 3, 4);
    ok(torsh_set_requires_grad(deep, true));
    o = IN(0, NONE);
    sum = total(torsh_vmap(meet_rows, NULL, INPUTS(deep, DATA(3, 5, 4)), &o));
    golden(torsh_tensors_get(torsh_autograd_grad(&sum, 1, &deep, 1, NULL, NULL), 0), "gradient_of_nested");
}

/* The second is drawn with nothing batched in between. */
SAMPLE(drawn_twice)
{
    UNUSED;
    (void)in;
    torsh_tensor first = torsh_rand(TORSH_DIMS(2), TORSH_F64, TORSH_CPU), second = torsh_rand(TORSH_DIMS(2), TORSH_F64, TORSH_CPU);
    return torsh_stack(TORSH_TENSORS(first, second), 0);
}

static void random_numbers_are_those_of_torch_func(void **state)
{
    (void)state;
    static const struct { torsh_tensor_function *function; const char *name; torsh_vmap_randomness randomness; int64_t width; } cases[] = {
        {plus_rand, "rand_different", TORSH_VMAP_DIFFERENT, 3}, {plus_rand, "rand_same", TORSH_VMAP_SAME, 3},
        {dropped, "dropout_different", TORSH_VMAP_DIFFERENT, 6}, {dropped, "dropout_same", TORSH_VMAP_SAME, 6}};
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_vmap_options o = torsh_vmap_defaults();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        o.randomness = cases[i].randomness;
        ok(torsh_manual_seed(5));
        golden(torsh_vmap(cases[i].function, NULL, INPUTS(DATA(0, 4, cases[i].width)), &o), cases[i].name);
    }
    o.randomness = TORSH_VMAP_DIFFERENT;
    ok(torsh_manual_seed(5));
    golden(torsh_vmap(plus_randn, NULL, INPUTS(DATA(0, 5, 1, 1)), &o), "randn_different");
    torsh_tensor twice = torsh_vmap(drawn_twice, NULL, INPUTS(DATA(0, 2, 1)), &o);
    assert_true(torsh_item(torsh_select(torsh_select(torsh_select(twice, 0, 0), 0, 1), 0, 0)) != torsh_item(torsh_select(torsh_select(torsh_select(twice, 0, 1), 0, 1), 0, 0)));
    o.randomness = TORSH_VMAP_ERROR;
    refused(torsh_id_status(torsh_vmap(dropped, NULL, INPUTS(DATA(0, 4, 6)), &o).id), TORSH_UNSUPPORTED, "random numbers inside vmap");
}

/* What a function may ask and may not; the context is the tensor that it shares with the others. */
SAMPLE(reads) { UNUSED; return torsh_number(torsh_item(total(in[0]))); }
SAMPLE(prints) { UNUSED; char text[64]; return torsh_number((double)torsh_format(in[0], text, sizeof text)); }
SAMPLE(fills_shared) { (void)count; return torsh_add_(*(const torsh_tensor *)context, in[0]); }
SAMPLE(differentiates_by_shared)
{
    (void)count;
    torsh_tensor y = total(torsh_mul(*(const torsh_tensor *)context, in[0]));
    return torsh_tensors_get(torsh_autograd_grad(&y, 1, context, 1, NULL, NULL), 0);
}
SAMPLE(goes_back)
{
    (void)count;
    torsh_status status = torsh_backward(total(torsh_mul(*(const torsh_tensor *)context, in[0])));
    return status ? (torsh_tensor){torsh_tensors_get((torsh_tensors){0}, 0).id} : in[0];
}
SAMPLE(leaks)
{
    (void)count;
    *(torsh_tensor *)context = in[0];
    torsh_keep(in[0]);
    torsh_keep(in[0]);
    return in[0];
}
SAMPLE(compares)
{
    (void)context, (void)count;
    bool same;
    torsh_equal(in[0], in[0], &same);
    return in[0];
}
SAMPLE(places) { UNUSED; return torsh_nonzero(in[0]); }
SAMPLE(asks)
{
    (void)count;
    assert_int_equal(torsh_ndim(in[0]), 1);
    assert_int_equal(torsh_numel(in[0]), 4);
    assert_int_equal(torsh_size(in[0], -1), 4);
    assert_string_equal(torsh_shape_text(in[0]), "[4]");
    assert_int_equal(torsh_dtype_of(in[0]), TORSH_F64);
    assert_null(torsh_data(in[0]));
    return torsh_to_dtype(in[0], *(const torsh_dtype *)context);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = DATA(0, 3, 4), y = DATA(0, 2, 4), shared = DATA(0, 4), kept = {0};
    torsh_dtype f32 = TORSH_F32;
    int64_t none = NONE;
    assert_int_equal(torsh_dtype_of(torsh_vmap(asks, &f32, &x, 1, NULL)), TORSH_F32);
    refused(torsh_id_status(torsh_vmap(meet, NULL, INPUTS(x, y), NULL).id), TORSH_SHAPE_MISMATCH, "input 0 is [3, 4], 3 along 0; input 1 is [2, 4], 2 along 0");
    torsh_vmap_options o = options_with(&none, 1, NULL, 0);
    refused(torsh_id_status(torsh_vmap(wave, NULL, &x, 1, &o).id), TORSH_INVALID_ARGUMENT, "at least one input must be mapped");
    o = IN(2);
    refused(torsh_id_status(torsh_vmap(wave, NULL, &x, 1, &o).id), TORSH_OUT_OF_RANGE, "input 0 is [3, 4] and has no dimension 2");
    o = options_with(NULL, 0, TORSH_DIMS(3));
    refused(torsh_id_status(torsh_vmap(wave, NULL, &x, 1, &o).id), TORSH_OUT_OF_RANGE, "a sample's result 0 is [4]");
    o = options_with(NULL, 0, &none, 1);
    refused(torsh_id_status(torsh_vmap(wave, NULL, &x, 1, &o).id), TORSH_INVALID_ARGUMENT, "differs by sample");
    refused(torsh_id_status(torsh_vmap(NULL, NULL, &x, 1, NULL).id), TORSH_INVALID_ARGUMENT, "'function' is NULL");
    refused(torsh_id_status(torsh_vmap(wave, NULL, NULL, 0, NULL).id), TORSH_INVALID_ARGUMENT, "at least one input");
    torsh_vmap(reads, NULL, &x, 1, NULL);
    assert_non_null(strstr(torsh_last_error(), "stands for all samples of a vmap"));
    torsh_vmap(prints, NULL, &x, 1, NULL);
    assert_non_null(strstr(torsh_last_error(), "stands for all samples of a vmap"));
    torsh_vmap(compares, NULL, &x, 1, NULL);
    assert_non_null(strstr(torsh_last_error(), "equal: argument 'input' stands for all samples of a vmap"));
    refused(torsh_id_status(torsh_vmap(fills_shared, &shared, &x, 1, NULL).id), TORSH_INVALID_ARGUMENT, "add (in place): the tensor to change is one for all samples");
    EQUAL(torsh_sub(shared, DATA(0, 4)), 0, 0, 0, 0);
    ok(torsh_set_requires_grad(shared, true));
    refused(torsh_id_status(torsh_vmap(differentiates_by_shared, &shared, &x, 1, NULL).id), TORSH_AUTOGRAD_ERROR, "take torsh_vjp");
    torsh_vmap(goes_back, &shared, &x, 1, NULL);
    assert_int_equal(torsh_grad(shared).id, 0);
    torsh_tensor uneven = torsh_reshape(VECTOR(1, 0, 1, 1), TORSH_DIMS(2, 2));
    refused(torsh_id_status(torsh_vmap(places, NULL, &uneven, 1, NULL).id), TORSH_SHAPE_MISMATCH, "one shape for all samples");
    torsh_tensor even = torsh_reshape(VECTOR(1, 0, 0, 1), TORSH_DIMS(2, 2));
    EQUAL(torsh_vmap(places, NULL, &even, 1, NULL), 0, 1);
    torsh_vmap(leaks, &kept, &x, 1, NULL);
    if (!TORSH_FAILED(torsh_sin(kept))) fail_msg("a sample's tensor works after vmap");
    refused(torsh_item_f64(kept, &(double){0}), TORSH_INVALID_HANDLE, "of a vmap that has ended");
    torsh_release(kept);
    torsh_tensor empty = torsh_zeros(TORSH_DIMS(0, 4), TORSH_F64, TORSH_CPU);
    assert_string_equal(torsh_shape_text(torsh_vmap(wave, NULL, &empty, 1, NULL)), "[0, 4]");
}

SAMPLE(gives_nothing) { UNUSED; (void)in; return (torsh_tensor){0}; }
SAMPLE(leaves_scopes_open)
{
    UNUSED;
    torsh_scope_open();
    torsh_no_grad();
    torsh_scope_open();
    (void)torsh_enable_grad();
    return torsh_sin(in[0]);
}
static torsh_tensors leaves_scopes_open_too(void *context, const torsh_tensor *in, size_t count)
{
    torsh_tensor result = leaves_scopes_open(context, in, count);
    return torsh_tensors_make(&result, 1);
}

static void scopes_left_open_end(void **state)
{
    (void)state;
    int64_t handles = torsh_live_handles();
    {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor x = DATA(0, 3), one = torsh_ones_like(x), sine = torsh_sin(x), cosine = torsh_cos(x), value = {0};
        bool same = false;
        torsh_tensor results[6] = {torsh_vmap(leaves_scopes_open, NULL, &x, 1, NULL), torsh_tensors_get(torsh_vmap_list(leaves_scopes_open_too, NULL, &x, 1, NULL), 0),
                                   torsh_sum(torsh_tensors_get(torsh_jacobian(leaves_scopes_open, NULL, &x, 1, false), 0), TORSH_DIMS(0), false),
                                   torsh_jvp(leaves_scopes_open, NULL, &x, 1, &one, 1, false, NULL),
                                   torsh_tensors_get(torsh_vjp(leaves_scopes_open, NULL, &x, 1, one, false, &value), 0), value};
        for (int i = 0; i < 6; i++) {
            if (TORSH_FAILED(results[i])) fail_msg("%d: %s", i, torsh_id_error(results[i].id));
            ok(torsh_allclose(results[i], i < 2 || i == 5 ? sine : cosine, 1e-12, 1e-12, false, &same));
            assert_true(same);
        }
        assert_true(torsh_is_grad_enabled());
        refused(torsh_id_status(torsh_vmap(gives_nothing, NULL, &x, 1, NULL).id), TORSH_INVALID_HANDLE, "vmap: the function: argument 'result' is null");
        refused(torsh_id_status(torsh_jacobian(gives_nothing, NULL, &x, 1, false).id), TORSH_INVALID_HANDLE, "jacobian: the function: argument 'result' is null");
        ok(torsh_set_requires_grad(x, true));
        ok(torsh_gradcheck(leaves_scopes_open, NULL, &x, 1, NULL));
    }
    assert_int_equal(torsh_live_handles(), handles);
}

SAMPLE(deeper)
{
    int left = *(const int *)context - 1;
    return left ? torsh_vmap(deeper, &left, in, count, NULL) : torsh_sin(in[0]);
}

static void calls_nest_up_to_a_limit(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int64_t sizes[18];
    for (int d = 0; d < 18; d++) sizes[d] = d < 3 ? 2 : 1;
    int depth = 16;
    EQUAL(torsh_sub(torsh_vmap(deeper, &depth, INPUTS(data(1, sizes, 18)), NULL), torsh_sin(data(1, sizes, 18))), 0, 0, 0, 0, 0, 0, 0, 0);
    depth = 17;
    refused(torsh_id_status(torsh_vmap(deeper, &depth, INPUTS(data(1, sizes, 18)), NULL).id), TORSH_OUT_OF_RANGE, "at most 16 calls nest");
}

/* Every allocation of nested vmaps, gradients inside and through, loops over samples and random numbers fails once. */
static torsh_status much(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor w = DATA(0, 3, 2), b = DATA(9, 2), x = DATA(4, 2, 3), t = DATA(1, 2, 2);
    torsh_vmap_options o = IN(NONE, NONE, 0, 0);
    torsh_tensors each = torsh_vmap_list(loss_gradients, NULL, INPUTS(w, b, x, t), &o);
    if (TORSH_FAILED(each)) return torsh_id_status(each.id);
    o = IN(0, NONE);
    torsh_tensor y = torsh_vmap(meet_rows, NULL, INPUTS(t, DATA(3, 2, 2)), &o);
    if (TORSH_FAILED(y)) return torsh_id_status(y.id);
    o = torsh_vmap_defaults();
    o.chunk_size = 1;
    o.randomness = TORSH_VMAP_SAME;
    y = torsh_vmap(dropped, NULL, &x, 1, &o);
    if (TORSH_FAILED(y)) return torsh_id_status(y.id);
    y = torsh_vmap(conv_padded, NULL, INPUTS(DATA(0, 2, 1, 1, 2, 2), DATA(8, 2, 1, 1, 3, 3)), NULL);
    return torsh_id_status(y.id);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    fail_each_allocation(much);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_torch_func), cmocka_unit_test(gradients_are_those_of_torch_func),
        cmocka_unit_test(random_numbers_are_those_of_torch_func), cmocka_unit_test(what_cannot_be_is_refused), cmocka_unit_test(scopes_left_open_end),
        cmocka_unit_test(calls_nest_up_to_a_limit), cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
