/* Forward mode: cases whose answers torch.func and torch.autograd.forward_ad gave (tests/golden/forward.py), what is refused, what is kept, and
 * allocation failure. tests/ops/forward_test.c has every row. */
#include "helpers.h"
#include "allocations.h"

#include <torsh/ops/linalg.h>
#include <torsh/ops/loss.h>

#include <math.h>
#include <stdlib.h>

/* ---- goldens --------------------------------------------------------------------------------------------------- */

enum { MOST = 4096 };

/* Compares with the line of that name. */
static void golden(torsh_tensor t, const char *name)
{
    char path[512], line_name[64], shape[64];
    snprintf(path, sizeof path, "%s/forward.txt", TORSH_GOLDEN_DIR);
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
    assert_string_equal(*have_shape ? have_shape : "-", shape);
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

/* ---- the functions of forward.py ------------------------------------------------------------------------------- */

static torsh_tensor classify(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    const int64_t classes[] = {0, 3, 1}, width = 4;
    torsh_tensor target = torsh_from_data(classes, TORSH_DIMS(3), TORSH_I64, TORSH_CPU), null = {0};
    return torsh_cross_entropy(torsh_layer_norm(torsh_matmul(in[1], in[0]), &width, 1, null, null, 1e-5), target, NULL);
}

static torsh_tensor images(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    const int64_t one[] = {1, 1}, two[] = {2, 2}, none[] = {0, 0};
    torsh_tensor y = torsh_relu(torsh_conv2d(in[0], in[1], in[2], one, 2, one, 2, one, 2, 1));
    return torsh_max_pool2d(y, two, 2, two, 2, none, 2, one, 2, false);
}

static torsh_tensor curves(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    const int64_t last = 1;
    return torsh_add(torsh_softmax(in[0], 1), torsh_mul(torsh_log_softmax(in[0], 0), torsh_logsumexp(in[0], &last, 1, true)));
}

static torsh_tensor indexed(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    const int64_t places[] = {0, 2, 1, 1, 1, 0}, sides[] = {1, 1};
    torsh_tensor index = torsh_from_data(places, TORSH_DIMS(2, 3), TORSH_I64, TORSH_CPU);
    torsh_tensor z = torsh_scatter_add(torsh_cat(TORSH_TENSORS(torsh_gather(in[0], 1, index), in[1]), 0), 1, index, in[0]);
    torsh_tensor padded = torsh_constant_pad_nd(torsh_cumsum(z, 0), sides, 2, torsh_number(2));
    return torsh_add(torsh_mul(padded, torsh_prod(in[0], TORSH_ALL_DIMS, false)), torsh_amax(in[0], TORSH_ALL_DIMS, false));
}

static torsh_tensor turned(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    torsh_tensor z = in[0];
    return torsh_view_as_real(torsh_add(torsh_add(torsh_mul(torsh_exp(z), torsh_sgn(z)), torsh_mul(torsh_abs(z), torsh_conj(z))), torsh_angle(z)));
}

static torsh_tensor changed(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    torsh_tensor z = torsh_clone(in[0]);
    torsh_exp_(torsh_mul_(torsh_select(z, 0, 0), in[1]));
    torsh_copy_(torsh_select(z, 0, 1), in[1]);
    torsh_add_(torsh_select(z, 1, 1), torsh_clone(torsh_select(z, 1, 2)));
    torsh_t_(z);
    return torsh_mul(z, z);
}

static torsh_tensor filled(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    torsh_tensor base = torsh_zeros(TORSH_DIMS(2, 3), TORSH_F64, TORSH_CPU), early = torsh_select(base, 0, 0);
    torsh_copy_(torsh_select(base, 0, 1), in[0]);
    torsh_copy_(torsh_select(base, 0, 0), in[1]);
    return torsh_cat(TORSH_TENSORS(torsh_flatten(base, 0, -1), torsh_mul(early, torsh_number(2))), 0);
}

static torsh_tensor normal(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    torsh_tensor mean = torsh_zeros(TORSH_DIMS(4), TORSH_F64, TORSH_CPU), var = torsh_ones(TORSH_DIMS(4), TORSH_F64, TORSH_CPU);
    torsh_tensor y = torsh_batch_norm(in[0], mean, var, in[1], in[2], true, 0.1, 1e-5);
    assert_int_equal(torsh_unpack_dual(mean).tangent.id, 0);
    return y;
}

static torsh_tensor wave(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    return torsh_prod(torsh_mul(torsh_sin(in[0]), torsh_sum(in[0], TORSH_ALL_DIMS, false)), TORSH_ALL_DIMS, false);
}

/* The gradient of wave. */
static torsh_tensor gradient(void *context, const torsh_tensor *in, size_t count)
{
    torsh_tensors list = torsh_vjp(wave, context, in, count, (torsh_tensor){0}, false, NULL);
    return TORSH_FAILED(list) ? (torsh_tensor){list.id} : torsh_tensors_get(list, 0);
}

/* J t of wave at the first input; t is the second, or the context. */
static torsh_tensor slope(void *context, const torsh_tensor *in, size_t count)
{
    const torsh_tensor *t = count > 1 ? &in[1] : context;
    return torsh_jvp(wave, NULL, in, 1, t, 1, true, NULL);
}

static torsh_tensor slope_of_slope(void *context, const torsh_tensor *in, size_t count)
{
    (void)count;
    torsh_tensor *directions = context;
    return torsh_jvp(slope, directions, in, 1, directions + 1, 1, false, NULL);
}

static torsh_tensor sin_times(void *context, const torsh_tensor *in, size_t count)
{
    (void)count;
    return torsh_mul(torsh_sin(in[0]), *(torsh_tensor *)context);
}

static torsh_tensor cross(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    torsh_tensor x = in[0];
    return torsh_jvp(sin_times, &x, in, 1, in + 1, 1, false, NULL);
}

static torsh_tensor waves(void *context, const torsh_tensor *in, size_t count)
{
    (void)count;
    return torsh_vmap(wave, context, in, 1, NULL);
}

static torsh_tensor slope_of_waves(void *context, const torsh_tensor *in, size_t count)
{
    (void)count;
    return torsh_jvp(waves, context, in, 1, in + 1, 1, false, NULL);
}

/* ---- by the peer ------------------------------------------------------------------------------------------------- */

static torsh_tensor complex_data(int start, int64_t n)
{
    return torsh_complex(data(start, &n, 1), data(start + 7, &n, 1));
}

/* jvp's tangent and value; with and without a history, and as duals in torsh_no_grad. */
static void duals(const char *name, torsh_tensor_function *function, const torsh_tensor *inputs, size_t count)
{
    torsh_tensor t[4], value;
    char value_name[64];
    snprintf(value_name, sizeof value_name, "%s_value", name);
    for (size_t i = 0; i < count; i++) {
        size_t ndim = (size_t)torsh_ndim(inputs[i]);
        const int64_t *sizes = torsh_sizes(inputs[i]);
        t[i] = torsh_dtype_of(inputs[i]) == TORSH_C128 ? torsh_complex(data(40, sizes, ndim), data(43, sizes, ndim)) : data(40 + 7 * (int)i, sizes, ndim);
    }
    for (int create_graph = 0; create_graph < 2; create_graph++) {
        golden(torsh_jvp(function, NULL, inputs, count, t, count, create_graph, &value), name);
        golden(value, value_name);
    }
    TORSH_AUTO torsh_scope quiet = torsh_no_grad(), level = torsh_dual_level();
    torsh_tensor made[4];
    for (size_t i = 0; i < count; i++) made[i] = torsh_make_dual(inputs[i], t[i]);
    torsh_dual y = torsh_unpack_dual(function(NULL, made, count));
    golden(y.primal, value_name);
    golden(y.tangent, name);
}
#define DUALS(function, ...) duals(#function, function, TORSH_TENSORS(__VA_ARGS__))

static void values_are_those_of_forward_ad(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    DUALS(classify, DATA(0, 5, 4), DATA(3, 3, 5));
    DUALS(images, DATA(0, 2, 2, 4, 4), DATA(5, 3, 2, 3, 3), DATA(2, 3));
    DUALS(curves, DATA(0, 3, 4));
    DUALS(indexed, DATA(0, 2, 3), DATA(9, 1, 3));
    DUALS(turned, complex_data(1, 5));
    DUALS(changed, DATA(0, 2, 3), DATA(4, 3));
    DUALS(filled, DATA(0, 3), DATA(4, 3));
    DUALS(normal, DATA(0, 3, 4), DATA(2, 4), DATA(6, 4));
}

static void derivatives_of_derivatives_are_those_of_torch_func(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = DATA(1, 3), t = DATA(5, 3), directions[] = {t, DATA(9, 3)}, pair[] = {x, t}, cross_directions[] = {directions[1], x};
    golden(torsh_jvp(gradient, NULL, &x, 1, &t, 1, false, NULL), "hvp");
    golden(torsh_tensors_get(torsh_vjp(slope, &t, &x, 1, (torsh_tensor){0}, false, NULL), 0), "hvp");
    golden(torsh_tensors_get(torsh_hvp(wave, NULL, &x, 1, &t, 1, false, NULL), 0), "hvp");
    golden(torsh_jvp(slope, &t, &x, 1, directions + 1, 1, false, NULL), "twice");
    golden(torsh_jvp(slope_of_slope, directions, &x, 1, &t, 1, false, NULL), "thrice");
    golden(torsh_jvp(cross, NULL, pair, 2, cross_directions, 2, false, NULL), "cross");
}

static void levels_and_the_tape_meet_in_both_orders(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), level = torsh_dual_level();
    torsh_tensor x = DATA(1, 3), t = DATA(5, 3);
    ok(torsh_set_requires_grad(x, true));
    torsh_tensor d = torsh_make_dual(x, t), y = wave(NULL, &d, 1);
    torsh_grad_options keep = torsh_grad_defaults();
    keep.retain_graph = true;
    torsh_dual g = torsh_unpack_dual(torsh_tensors_get(torsh_autograd_grad(&y, 1, &x, 1, NULL, &keep), 0));
    golden(g.tangent, "hvp");
    torsh_tensor tangent = torsh_unpack_dual(y).tangent;
    g.primal = torsh_tensors_get(torsh_autograd_grad(&tangent, 1, &x, 1, NULL, NULL), 0);
    golden(g.primal, "hvp");
    torsh_tensor leaf = torsh_make_dual(torsh_detach(x), t);
    ok(torsh_set_requires_grad(leaf, true)); /* a dual leaf */
    ok(torsh_backward(wave(NULL, &leaf, 1)));
    golden(torsh_unpack_dual(torsh_grad(leaf)).tangent, "hvp");
}

static torsh_vmap_options over(const int64_t *dims)
{
    torsh_vmap_options options = torsh_vmap_defaults();
    options.in_dims = dims;
    options.in_dim_count = 2;
    return options;
}

static void vmap_and_forward_mode_nest(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = DATA(0, 4, 3), t = DATA(3, 4, 3), both[] = {x, t}, one_tangent[] = {x, DATA(5, 3)}, one_point[] = {DATA(1, 3), t};
    torsh_vmap_options first = over((const int64_t[]){0, TORSH_VMAP_NONE}), second = over((const int64_t[]){TORSH_VMAP_NONE, 0});
    golden(torsh_vmap(slope, NULL, both, 2, NULL), "samples");
    golden(torsh_vmap(slope, NULL, one_tangent, 2, &first), "one_tangent");
    golden(torsh_vmap(slope, NULL, one_point, 2, &second), "one_point");
    golden(torsh_jvp(waves, NULL, &x, 1, &t, 1, false, NULL), "through");
    golden(torsh_vmap(slope_of_waves, NULL, TORSH_TENSORS(DATA(0, 2, 4, 3), DATA(3, 2, 4, 3)), NULL), "between");
}

/* ---- semantics ---------------------------------------------------------------------------------------------------- */

static torsh_tensor exponential(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    return torsh_exp(torsh_mul(in[0], in[0]));
}

static void tangents_follow_pytorch(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = VECTOR(1, 2), t = VECTOR(3, 5), escaped;
    {
        TORSH_AUTO torsh_scope level = torsh_dual_level();
        torsh_tensor d = torsh_make_dual(x, t), own = VECTOR(1, 1), changed_in_place = torsh_make_dual(torsh_clone(x), own);
        EQUAL(torsh_unpack_dual(d).tangent, 3, 5);
        assert_int_equal(torsh_unpack_dual(x).tangent.id, 0);
        EQUAL(torsh_unpack_dual(torsh_floor(d)).tangent, 0, 0);
        assert_int_equal(torsh_unpack_dual(torsh_eq(d, d)).tangent.id, 0);
        assert_int_equal(torsh_unpack_dual(torsh_detach(d)).tangent.id, 0);
        assert_int_equal(torsh_unpack_dual(torsh_zeros_like(d)).tangent.id, 0);
        torsh_mul_(changed_in_place, torsh_number(7)); /* a tangent that is taken as it is changes in place */
        EQUAL(own, 7, 7);
        torsh_add_(changed_in_place, x);
        EQUAL(own, 7, 7);
        torsh_zero_(changed_in_place);
        EQUAL(own, 0, 0);
        torsh_tensor sum = torsh_add(d, torsh_number(1));
        torsh_mul_(sum, torsh_number(2)); /* a sum's tangent is not in its input's memory */
        EQUAL(t, 3, 5);
        EQUAL(torsh_unpack_dual(sum).tangent, 6, 10);
        torsh_tensor plain = torsh_unpack_dual(d).primal;
        assert_int_equal(torsh_unpack_dual(torsh_exp(plain)).tangent.id, 0);
        EQUAL(torsh_unpack_dual(torsh_index_fill(d, 0, torsh_from_data((const int64_t[]){1}, TORSH_DIMS(1), TORSH_I64, TORSH_CPU), torsh_number(9))).tangent, 3, 0);
        EQUAL(torsh_unpack_dual(torsh_normal_(torsh_make_dual(torsh_clone(x), torsh_clone(t)), 0, 1, (torsh_generator){0})).tangent, 0, 0);
        torsh_tensor checked = torsh_autograd_checkpoint(exponential, NULL, NULL, &d, 1);
        EQUAL(torsh_unpack_dual(checked).tangent, 2 * exp(1) * 3, 4 * exp(4) * 5);
        torsh_tensor kept = torsh_zeros(TORSH_DIMS(2), TORSH_F64, TORSH_CPU);
        EQUAL(torsh_unpack_dual(torsh_copy_(kept, d)).tangent, 3, 5);
        escaped = kept;
    }
    assert_int_equal(torsh_unpack_dual(escaped).tangent.id, 0);
    EQUAL(escaped, 1, 2);
    TORSH_AUTO torsh_scope level = torsh_dual_level();
    assert_int_equal(torsh_unpack_dual(escaped).tangent.id, 0);
    EQUAL(torsh_unpack_dual(torsh_mul(torsh_make_dual(escaped, t), x)).tangent, 3, 10);
}

static void a_checkpoint_may_be_differentiated_in_both_ways(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), level = torsh_dual_level();
    torsh_tensor x = LEAF(1, 2), d = torsh_make_dual(x, VECTOR(3, 5));
    torsh_tensor y = total(torsh_autograd_checkpoint(exponential, NULL, NULL, &d, 1));
    torsh_tensor g = torsh_tensors_get(torsh_autograd_grad(&y, 1, &x, 1, NULL, NULL), 0);
    EQUAL(g, 2 * exp(1), 4 * exp(4));
    EQUAL(torsh_unpack_dual(g).tangent, 6 * exp(1) * 3, 18 * exp(4) * 5);
}

static torsh_status twice_forward(torsh_function_context *context, const torsh_tensor *in, size_t count, torsh_tensor *out)
{
    (void)context, (void)count;
    out[0] = torsh_add(in[0], in[0]);
    return TORSH_OK;
}

static torsh_status twice_backward(torsh_function_context *context, const torsh_tensor *g, torsh_tensor *in)
{
    (void)context;
    in[0] = torsh_add(g[0], g[0]);
    return TORSH_OK;
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = VECTOR(1, 2), whole = torsh_to_dtype(x, TORSH_I64);
    refused(torsh_id_status(torsh_make_dual(x, x).id), TORSH_AUTOGRAD_ERROR, "no level of forward mode is open");
    TORSH_AUTO torsh_scope level = torsh_dual_level();
    torsh_tensor d = torsh_make_dual(x, VECTOR(3, 4));
    refused(torsh_id_status(torsh_make_dual(d, x).id), TORSH_AUTOGRAD_ERROR, "'primal' has a tangent");
    refused(torsh_id_status(torsh_make_dual(x, d).id), TORSH_AUTOGRAD_ERROR, "'tangent' has a tangent");
    refused(torsh_id_status(torsh_make_dual(x, VECTOR(1)).id), TORSH_SHAPE_MISMATCH, "same shape");
    refused(torsh_id_status(torsh_make_dual(whole, whole).id), TORSH_DTYPE_MISMATCH, "floating-point");
    refused(torsh_id_status(torsh_make_dual(x, torsh_to_dtype(x, TORSH_F32)).id), TORSH_DTYPE_MISMATCH, "same dtype");
    refused(torsh_id_status(torsh_make_dual(x, (torsh_tensor){0}).id), TORSH_INVALID_HANDLE, "'tangent'");
    assert_true(TORSH_FAILED(torsh_unpack_dual((torsh_tensor){0}).primal));
    refused(torsh_id_status(torsh_mul_out(d, x, torsh_clone(x)).id), TORSH_AUTOGRAD_ERROR, "out= has no tangent");
    refused(torsh_id_status(torsh_tril_out(torsh_make_dual(VECTOR(1), VECTOR(1)), 0, VECTOR(1)).id), TORSH_SHAPE_MISMATCH, "tril");
    refused(torsh_id_status(torsh_softmax_out(d, 0, torsh_clone(x)).id), TORSH_AUTOGRAD_ERROR, "no tangent");
    refused(torsh_id_status(torsh_resize_(torsh_make_dual(torsh_clone(x), x), TORSH_DIMS(1)).id), TORSH_AUTOGRAD_ERROR, "tangent");
    refused(torsh_id_status(torsh_geqrf(torsh_make_dual(torsh_reshape(x, TORSH_DIMS(2, 1)), torsh_reshape(x, TORSH_DIMS(2, 1)))).first.id), TORSH_UNSUPPORTED, "geqrf");
    const torsh_autograd_function twice = {.name = "twice", .output_count = 1, .forward = twice_forward, .backward = twice_backward};
    refused(torsh_id_status(torsh_autograd_apply_one(&twice, NULL, &d, 1).id), TORSH_UNSUPPORTED, "twice: a custom function has no tangent");
    EQUAL(torsh_autograd_apply_one(&twice, NULL, &x, 1), 2, 4);
}

static void levels_nest_up_to_a_limit(void **state)
{
    (void)state;
    torsh_scope levels[17];
    for (int i = 0; i < 16; i++) ok(torsh_id_status((levels[i] = torsh_dual_level()).id) == TORSH_OUT_OF_MEMORY ? TORSH_OUT_OF_MEMORY : TORSH_OK);
    levels[16] = torsh_dual_level();
    refused(torsh_scope_close(levels[16]), TORSH_OUT_OF_RANGE, "at most 16 levels");
    ok(torsh_scope_close(levels[0]));
    TORSH_AUTO torsh_scope scope = torsh_scope_open(), again = torsh_dual_level();
    EQUAL(torsh_unpack_dual(torsh_exp(torsh_make_dual(VECTOR(0), VECTOR(2)))).tangent, 2);
}

/* ---- memory --------------------------------------------------------------------------------------------------------- */

enum { LONG = 1 << 14, LINKS = 1000 };

static torsh_tensor chain(void *context, const torsh_tensor *in, size_t count)
{
    (void)context, (void)count;
    torsh_tensor y = in[0];
    for (int i = 0; i < LINKS; i++) {
        torsh_tensor sin = torsh_sin(y), next = i % 2 ? torsh_softmax(sin, 0) : torsh_mul(sin, y);
        torsh_release(sin);
        if (i) torsh_release(y);
        y = next;
    }
    return y;
}

/* A chain's peak is that of some tensors; the double pass of gradients would keep thousands. */
static void nothing_is_kept(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_memory before, after;
    torsh_tensor x = torsh_full(TORSH_DIMS(LONG), 0.5, TORSH_F32, TORSH_CPU), t = torsh_ones_like(x);
    torsh_memory_stats(TORSH_CPU, &before);
    torsh_reset_peak_memory(TORSH_CPU);
    torsh_tensor y = torsh_jvp(chain, NULL, &x, 1, &t, 1, false, NULL);
    ok(torsh_id_status(y.id));
    torsh_memory_stats(TORSH_CPU, &after);
    int64_t tensors = (after.peak - before.used) / (LONG * 4);
    print_message("a chain of %d ops: %lld tensors at its peak\n", 2 * LINKS, (long long)tensors);
    assert_true(tensors > 0 && tensors <= 24);
}

static torsh_status much(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = DATA(1, 3), t = DATA(5, 3), pair[] = {x, t}, results[5];
    results[0] = torsh_jvp(changed, NULL, TORSH_TENSORS(DATA(0, 2, 3), x), TORSH_TENSORS(DATA(3, 2, 3), t), true, NULL);
    results[1] = torsh_jvp(filled, NULL, pair, 2, pair, 2, false, NULL);
    results[2] = torsh_jvp(slope, &t, &x, 1, &x, 1, false, NULL);
    results[3] = torsh_jvp(gradient, NULL, &x, 1, &t, 1, false, NULL);
    results[4] = torsh_vmap(slope, NULL, TORSH_TENSORS(DATA(0, 2, 3), DATA(3, 2, 3)), NULL);
    for (int i = 0; i < 5; i++)
        if (TORSH_FAILED(results[i])) return torsh_id_status(results[i].id);
    return TORSH_OK;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    fail_each_allocation(much);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_of_forward_ad), cmocka_unit_test(derivatives_of_derivatives_are_those_of_torch_func),
        cmocka_unit_test(levels_and_the_tape_meet_in_both_orders), cmocka_unit_test(vmap_and_forward_mode_nest),
        cmocka_unit_test(tangents_follow_pytorch), cmocka_unit_test(a_checkpoint_may_be_differentiated_in_both_ways),
        cmocka_unit_test(what_cannot_be_is_refused), cmocka_unit_test(levels_nest_up_to_a_limit), cmocka_unit_test(nothing_is_kept),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
