/* Forward mode of every row: for each golden record with gradients the tangents J t must fit the gradients J'v, which other tests judge by
 * PyTorch: <J t, v> = <t, J'v>. With a tangent for all inputs together, for each alone, and through vmap. The
 * values must be those without tangents, and second derivatives the same by tangents of gradients and by tangents of tangents. */
#include "records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct tally {
    long checks, failures, refused; /* refused: by vmap */
} tally;


static void report(tally *t, const record *r, const char *what, const char *problem)
{
    t->checks++;
    if (!*problem) return;
    if (t->failures++ < 400) print_error("%s, %s: %s\n", describe(r), what, problem);
}

/* Some numbers in like's shape and dtype, another lot for each seed; none where it isn't finite, and has no derivative. */
static torsh_tensor some_like(torsh_tensor like, unsigned seed)
{
    TORSH_AUTO torsh_scope quiet = torsh_no_grad();
    size_t count = (size_t)torsh_numel(like), numbers = count * (torsh_dtype_is_complex(torsh_dtype_of(like)) ? 2 : 1);
    torsh_dtype wide = torsh_dtype_is_complex(torsh_dtype_of(like)) ? TORSH_C128 : TORSH_F64;
    double *w = malloc((numbers + 1) * sizeof *w);
    for (size_t i = 0; i < numbers; i++) w[i] = (double)((i * 7 + seed * 5 + 3) % 11) / 7 - 0.6;
    torsh_tensor t = torsh_to_dtype(torsh_from_data(w, torsh_sizes(like), (size_t)torsh_ndim(like), wide, TORSH_CPU), torsh_dtype_of(like));
    free(w);
    return torsh_where(torsh_isfinite(like), t, torsh_zeros_like(t));
}

/* Re <a, b>, and in *size the sum of the terms' absolute values. */
static double inner(torsh_tensor a, torsh_tensor b, double *size)
{
    bool is_complex = torsh_dtype_is_complex(torsh_dtype_of(a));
    torsh_tensor pair[2] = {torsh_to_dtype(a, is_complex ? TORSH_C128 : TORSH_F64), torsh_to_dtype(b, is_complex ? TORSH_C128 : TORSH_F64)};
    size_t numbers = (size_t)torsh_numel(a) * (is_complex ? 2 : 1);
    double *data[2], sum = 0;
    for (int i = 0; i < 2; i++) {
        data[i] = malloc((numbers + 1) * sizeof **data);
        if (torsh_to_host(pair[i], data[i], numbers * sizeof **data)) sum = NAN;
    }
    for (size_t i = 0; i < numbers; i++) {
        if (data[1][i] == 0) continue;
        sum += data[0][i] * data[1][i];
        *size += fabs(data[0][i] * data[1][i]);
    }
    free(data[0]);
    free(data[1]);
    return sum;
}

static double tolerance_of(torsh_dtype dtype)
{
    switch (dtype) {
    case TORSH_F64:
    case TORSH_C128: return 1e-9;
    case TORSH_F16:
    case TORSH_BF16: return 3e-2;
    default: return 2e-4;
    }
}

/* The record's tensors that it has gradients of. */
static torsh_tensor *slot(const record *r, size_t i, torsh_value *values, torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], torsh_tensor *room)
{
    size_t a = r->gradients[i].argument;
    if (r->arguments[a].kind == 'L') return &lists[a][r->gradients[i].element];
    room->id = values[a].handle;
    return room;
}

static void put(const record *r, size_t i, torsh_value *values, torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], torsh_tensor t)
{
    size_t a = r->gradients[i].argument;
    if (r->arguments[a].kind == 'L') lists[a][r->gradients[i].element] = t;
    else values[a].handle = t.id;
}

/* <t_i, J_i'v> for each input. */
static const char *by_gradients(const record *r, const torsh_tensor *t, double *products, double *size, double *tolerance)
{
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS], leaves[MOST_GRADIENTS], outputs[MOST_RESULTS], v[MOST_RESULTS], room;
    make_values(r, CONTIGUOUS, values, lists);
    for (size_t i = 0; i < r->gradient_count; i++) {
        leaves[i] = *slot(r, i, values, lists, &room);
        torsh_set_requires_grad(leaves[i], true);
        if (only_in_place(r->op)) put(r, i, values, lists, torsh_clone(leaves[i]));
    }
    size_t made = call(r, values, results), count = 0;
    for (size_t k = 0; k < made; k++) {
        if (TORSH_FAILED(results[k])) return torsh_id_error(results[k].id);
        if (!torsh_requires_grad(results[k])) continue;
        *tolerance = fmax(*tolerance, tolerance_of(torsh_dtype_of(results[k])));
        v[count] = some_like(results[k], (unsigned)k);
        outputs[count++] = results[k];
    }
    torsh_grad_options options = torsh_grad_defaults();
    options.materialize_grads = true;
    torsh_tensors gradients = torsh_autograd_grad(outputs, count, leaves, r->gradient_count, v, &options);
    if (TORSH_FAILED(gradients)) return torsh_id_error(gradients.id);
    for (size_t i = 0; i < r->gradient_count; i++) products[i] = inner(torsh_tensors_get(gradients, (int64_t)i), t[i], size);
    return "";
}

/* <J t, v> where all inputs have a tangent, or only one. */
static const char *by_tangents(const record *r, const torsh_tensor *t, size_t only, double *product, double *size, const char **value)
{
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS], room;
    TORSH_AUTO torsh_scope level = torsh_dual_level();
    make_values(r, CONTIGUOUS, values, lists);
    *product = 0;
    for (size_t i = 0; i < r->gradient_count; i++)
        if (only == SIZE_MAX || only == i) put(r, i, values, lists, torsh_make_dual(*slot(r, i, values, lists, &room), torsh_clone(t[i])));
    size_t made = call(r, values, results);
    for (size_t k = 0; k < made; k++) {
        if (TORSH_FAILED(results[k])) return torsh_id_error(results[k].id);
        torsh_dual y = torsh_unpack_dual(results[k]);
        if (!**value && k < r->result_count && !has_free_phase(r)) *value = difference(y.primal, &r->results[k]);
        if (!y.tangent.id) continue;
        if (TORSH_FAILED(y.tangent)) return torsh_id_error(y.tangent.id);
        if (strcmp(torsh_shape_text(y.primal), torsh_shape_text(y.tangent)) != 0 || torsh_dtype_of(y.primal) != torsh_dtype_of(y.tangent)) return "the tangent is not like the result";
        *product += inner(y.tangent, some_like(y.primal, (unsigned)k), size);
    }
    return "";
}

static torsh_tensors call_sample(void *context, const torsh_tensor *inputs, size_t count)
{
    const record *r = context;
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
    make_values(r, CONTIGUOUS, values, lists);
    for (size_t i = 0; i < count; i++) put(r, i, values, lists, inputs[i]);
    size_t made = call(r, values, results);
    for (size_t i = 0; i < made; i++)
        if (TORSH_FAILED(results[i])) return (torsh_tensors){results[i].id};
    return torsh_tensors_make(results, made < MOST_RESULTS ? made : MOST_RESULTS);
}

/* <J t, v> of the row as a function of one sample, called by vmap for the only one. "" if vmap refuses it anyway. */
static const char *through_vmap(const record *r, const torsh_tensor *t, double *product, double *size)
{
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], plain[MOST_GRADIENTS], duals[MOST_GRADIENTS], room;
    TORSH_AUTO torsh_scope level = torsh_dual_level();
    torsh_vmap_options options = torsh_vmap_defaults();
    options.randomness = TORSH_VMAP_SAME;
    *product = NAN;
    for (int dual = 0; dual < 2; dual++) {
        make_values(r, CONTIGUOUS, values, lists);
        for (size_t i = 0; i < r->gradient_count; i++) {
            torsh_tensor x = *slot(r, i, values, lists, &room);
            plain[i] = torsh_unsqueeze(x, 0);
            duals[i] = torsh_unsqueeze(torsh_make_dual(x, torsh_clone(t[i])), 0);
        }
        torsh_tensors list = torsh_vmap_list(call_sample, (void *)(uintptr_t)r, dual ? duals : plain, r->gradient_count, &options);
        if (TORSH_FAILED(list)) return dual ? torsh_id_error(list.id) : "";
        if (!dual) continue;
        *product = 0;
        for (int64_t k = 0; k < torsh_tensors_size(list); k++) {
            torsh_dual y = torsh_unpack_dual(torsh_select(torsh_tensors_get(list, k), 0, 0));
            if (TORSH_FAILED(y.primal)) return torsh_id_error(y.primal.id);
            if (y.tangent.id) *product += inner(y.tangent, some_like(y.primal, (unsigned)k), size);
        }
    }
    return "";
}

/* How <t, J'v> changes where the inputs do by u: the tangents of the gradients of duals. */
static const char *over_gradients(const record *r, const torsh_tensor *t, const torsh_tensor *u, double *product, double *size)
{
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS], leaves[MOST_GRADIENTS], outputs[MOST_RESULTS], v[MOST_RESULTS], room;
    TORSH_AUTO torsh_scope level = torsh_dual_level();
    make_values(r, CONTIGUOUS, values, lists);
    for (size_t i = 0; i < r->gradient_count; i++) {
        leaves[i] = torsh_make_dual(*slot(r, i, values, lists, &room), torsh_clone(u[i]));
        torsh_set_requires_grad(leaves[i], true);
        put(r, i, values, lists, only_in_place(r->op) ? torsh_clone(leaves[i]) : leaves[i]);
    }
    size_t made = call(r, values, results), count = 0;
    for (size_t k = 0; k < made; k++) {
        if (TORSH_FAILED(results[k])) return torsh_id_error(results[k].id);
        if (!torsh_requires_grad(results[k])) continue;
        v[count] = some_like(torsh_unpack_dual(results[k]).primal, (unsigned)k);
        outputs[count++] = results[k];
    }
    torsh_grad_options options = torsh_grad_defaults();
    options.materialize_grads = true;
    torsh_tensors gradients = torsh_autograd_grad(outputs, count, leaves, r->gradient_count, v, &options);
    if (TORSH_FAILED(gradients)) return torsh_id_error(gradients.id);
    *product = 0;
    for (size_t i = 0; i < r->gradient_count; i++) {
        torsh_dual g = torsh_unpack_dual(torsh_tensors_get(gradients, (int64_t)i));
        if (TORSH_FAILED(g.primal)) return torsh_id_error(g.primal.id);
        if (g.tangent.id) *product += inner(g.tangent, t[i], size);
    }
    return "";
}

/* The same, <J t, v>'s change: the tangents of tangents. */
static const char *over_tangents(const record *r, const torsh_tensor *t, const torsh_tensor *u, double *product, double *size)
{
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS], tangents[MOST_RESULTS], room;
    TORSH_AUTO torsh_scope outer = torsh_dual_level();
    size_t made;
    {
        torsh_tensor duals[MOST_GRADIENTS];
        make_values(r, CONTIGUOUS, values, lists);
        for (size_t i = 0; i < r->gradient_count; i++) duals[i] = torsh_make_dual(*slot(r, i, values, lists, &room), torsh_clone(u[i]));
        TORSH_AUTO torsh_scope level = torsh_dual_level();
        for (size_t i = 0; i < r->gradient_count; i++) put(r, i, values, lists, torsh_make_dual(duals[i], torsh_clone(t[i])));
        made = call(r, values, results);
        for (size_t k = 0; k < made; k++) {
            if (TORSH_FAILED(results[k])) return torsh_id_error(results[k].id);
            torsh_dual y = torsh_unpack_dual(results[k]);
            results[k] = y.primal;
            tangents[k] = y.tangent;
            if (TORSH_FAILED(y.primal)) return torsh_id_error(y.primal.id);
        }
    }
    *product = 0;
    for (size_t k = 0; k < made; k++) {
        torsh_dual dy = {{0}, {0}};
        if (tangents[k].id) dy = torsh_unpack_dual(tangents[k]);
        if (dy.tangent.id) *product += inner(dy.tangent, some_like(torsh_unpack_dual(results[k]).primal, (unsigned)k), size);
    }
    return "";
}

/* Where input is padding_idx, an embedding's gradient leaves the weight out, and its tangent doesn't, as in PyTorch. */
static bool has_padding(const record *r)
{
    return strncmp(r->name, "embedding", 9) == 0 && r->arguments[2].kind == 'i' && r->arguments[2].ints[0] >= 0;
}

static void check(const record *r, void *context)
{
    if (!r->op || r->unavailable || r->gradient_count == 0 || has_padding(r)) return;
    tally *t = context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor tangents[MOST_GRADIENTS];
    double want[MOST_GRADIENTS], all = 0, size = 0, tolerance = 0;
    for (size_t i = 0; i < r->gradient_count; i++) {
        const argument *a = &r->arguments[r->gradients[i].argument];
        const golden *g = a->kind == 'L' ? &a->list[r->gradients[i].element] : &a->tensor;
        tangents[i] = some_like(make_tensor(g, CONTIGUOUS), (unsigned)i + 1);
        tolerance = fmax(tolerance, tolerance_of(g->dtype));
    }
    const char *problem = by_gradients(r, tangents, want, &size, &tolerance), *value = "";
    report(t, r, "gradients", problem);
    if (*problem) return;
    for (size_t i = 0; i < r->gradient_count; i++) all += want[i];
    for (size_t only = 0; only <= r->gradient_count; only++) {
        char text[200] = "", what[40];
        double have, sum = only == r->gradient_count ? all : want[only];
        if (only == r->gradient_count && only == 1) break;
        problem = by_tangents(r, tangents, only == r->gradient_count ? SIZE_MAX : only, &have, &size, &value);
        if (!*problem && !(fabs(have - sum) <= tolerance * (size + 1) || isnan(sum))) {
            snprintf(text, sizeof text, "<J t, v> is %.12g, <t, J'v> is %.12g", have, sum);
            problem = text;
        }
        snprintf(what, sizeof what, only == r->gradient_count ? "all tangents" : "tangent %zu", only);
        report(t, r, what, problem);
        report(t, r, "value", value);
    }
    double have = 0, other = 0, second_size = 0;
    torsh_tensor directions[MOST_GRADIENTS];
    for (size_t i = 0; i < r->gradient_count; i++) directions[i] = some_like(tangents[i], (unsigned)i + 7);
    problem = over_gradients(r, tangents, directions, &other, &second_size);
    if (!*problem) problem = over_tangents(r, tangents, directions, &have, &second_size);
    char text[200] = "";
    if (!*problem && !(fabs(have - other) <= tolerance * (second_size + 1) || isnan(have) || isnan(other))) {
        snprintf(text, sizeof text, "of tangents %.12g, of gradients %.12g", have, other);
        problem = text;
    }
    report(t, r, "second derivative", problem);
    problem = through_vmap(r, tangents, &have, &size);
    t->refused += !*problem && isnan(have);
    bool fits = isnan(have) || isnan(all) || fabs(have - all) <= tolerance * (size + 1);
    report(t, r, "through vmap", *problem ? problem : fits ? "" : "the tangents are not those without vmap");
}

static void tangents_fit_gradients(void **state)
{
    (void)state;
    tally t = {0};
    int64_t handles = torsh_live_handles();
    assert_true(each_record(check, &t) > 0);
    assert_int_equal(torsh_live_handles(), handles);
    print_message("%ld checks, %ld of calls that vmap refuses, %ld failures\n", t.checks, t.refused, t.failures);
    assert_int_equal(t.failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tangents_fit_gradients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
