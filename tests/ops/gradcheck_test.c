/* First and second derivatives of every row against finite differences: each golden record whose floating-point inputs are all
 * f64 or c128. Rows without a gradient, and random ones whose result is no smooth function of the input, are left out. */
#include "records.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_INPUTS = 16 };

typedef struct tally {
    long records, results, failures;
    const char *only; /* a row's name, or NULL for all */
} tally;

/* A record as a function of its differentiable inputs. */
typedef struct trial {
    const record *r;
    const torsh_value *values;
    torsh_tensor (*lists)[MOST_LIST];
    struct { size_t argument, element; } at[MOST_INPUTS];
    size_t inputs, result;
} trial;

static bool precise(torsh_dtype dtype)
{
    return dtype == TORSH_F64 || dtype == TORSH_C128;
}

/* Inputs of which a row reads one triangle and has the gradient that keeps the matrix Hermitian or triangular, as PyTorch has it: the
 * function that is checked makes it that first. (Row, place; what the upper triangle goes by: the bool at `upper`.) */
static const struct { const char *row; size_t place; enum { HERMITIAN, TRIANGULAR } form; size_t upper; } formed[] = {
    {"linalg_cholesky_ex", 0, HERMITIAN, 0}, {"linalg_cholesky", 0, HERMITIAN, 0}, {"cholesky_solve", 1, TRIANGULAR, 2},
    {"cholesky_inverse", 0, TRIANGULAR, 1}, {"linalg_eigh", 0, HERMITIAN, 0}, {"linalg_eigvalsh", 0, HERMITIAN, 0},
};

static torsh_tensor form(const record *r, size_t place, torsh_tensor t)
{
    for (size_t i = 0; i < sizeof formed / sizeof *formed; i++) {
        if (strcmp(formed[i].row, r->name) != 0 || formed[i].place != place) continue;
        if (formed[i].form == HERMITIAN) return torsh_mul(torsh_add(t, torsh_mH(t)), torsh_number(0.5));
        return r->arguments[formed[i].upper].ints[0] ? torsh_triu(t, 0) : torsh_tril(t, 0);
    }
    return t;
}

/* Complex singular vectors and eigenvectors have no derivative alone: their phase is free. */
static bool has_no_derivative(const record *r)
{
    if (has_free_phase(r)) return r->arguments[0].tensor.dtype == TORSH_C128;
    return strcmp(r->name, "linalg_pinv") == 0 && r->arguments[3].ints[0]; /* of a Hermitian matrix by its own gradient, which is not Hermitian */
}

static torsh_tensor evaluate(void *context, const torsh_tensor *inputs, size_t input_count)
{
    const trial *t = context;
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
    memcpy(values, t->values, sizeof values);
    memcpy(lists, t->lists, sizeof lists);
    for (size_t a = 0; a < t->r->argument_count; a++)
        if (t->r->arguments[a].kind == 'L') values[a].list.data = lists[a];
    for (size_t i = 0; i < input_count; i++) {
        size_t a = t->at[i].argument;
        /* a leaf can't change in place */
        torsh_tensor input = a == 0 && only_in_place(t->r->op) ? torsh_clone(inputs[i]) : inputs[i];
        if (t->r->arguments[a].kind == 'L') lists[a][t->at[i].element] = input;
        else values[a].handle = form(t->r, a, input).id;
    }
    size_t count = call(t->r, values, results);
    return results[t->result < count ? t->result : 0];
}

static bool differentiable(const torsh__op *op)
{
    const char *name = op->info.name;
    if (strstr(name, "dropout")) return true; /* seeded before each call, so the mask stays */
    if (!op->impl) return strncmp(name, "rand", 4) != 0;
    return (op->impl->gradient || (op->impl->pointwise && op->impl->pointwise->part[0])) && !(op->impl->flags & (TORSH__CONSTANT | TORSH__RANDOM));
}

/* Inputs that have no gradient in PyTorch either. */
static const struct { const char *row, *param; } constants[] = {
    {"embedding_renorm_", "weight"}, {"nll_forward", "weight"},     {"nll_backward", "input"},      {"nll_backward", "weight"},    {"nll_backward", "total_weight"},
    {"batch_norm", "running_mean"}, {"batch_norm", "running_var"}, {"batch_norm_forward", "mean"}, {"batch_norm_forward", "var"},
};
/* Rows whose further results (statistics, a sum of weights) have none. */
static const char *const first_only[] = {"layer_norm_forward", "batch_norm_forward", "nll_forward", "ctc_forward", "group_norm_forward"};

static bool is_constant(const torsh__op *op, size_t place)
{
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (strcmp(op->info.name, constants[i].row) == 0 && strcmp(op->info.params[place].name, constants[i].param) == 0) return true;
    return false;
}

static size_t results_of(const record *r)
{
    for (size_t i = 0; i < sizeof first_only / sizeof *first_only; i++)
        if (strcmp(r->name, first_only[i]) == 0) return 1;
    return r->result_count;
}

static bool all_finite(const golden *g)
{
    for (size_t i = 0; i < g->bytes / sizeof(double); i++) {
        double value;
        memcpy(&value, g->data + i * sizeof value, sizeof value);
        if (!isfinite(value)) return false;
    }
    return true;
}

/* Does the row say that it has no gradient of that argument? */
static bool refused(const torsh__op *op, size_t place)
{
    const char *text = op->info.kind == TORSH_OP_POINTWISE && place < 3 ? op->impl->pointwise->expression[place] : NULL;
    return text && strncmp(text, "torsh__no_gradient", strlen("torsh__no_gradient")) == 0;
}

/* Finds the inputs; false if one is of a less precise floating-point dtype, or where operands may be equal on purpose (whole numbers
 * beside floating-point ones), which is where floor_divide, maximum and others have no derivative. */
static bool find_inputs(trial *t, torsh_tensor inputs[MOST_INPUTS])
{
    t->inputs = 0;
    for (size_t a = 0; a < t->r->argument_count; a++) {
        const argument *x = &t->r->arguments[a];
        size_t count = x->kind == 'T' ? 1 : x->kind == 'L' ? x->count : 0;
        for (size_t k = 0; k < count; k++) {
            const golden *g = x->kind == 'T' ? &x->tensor : &x->list[k];
            if (g->rank == SIZE_MAX) continue;
            if (t->r->op->info.kind == TORSH_OP_POINTWISE && g->dtype > TORSH_BOOL && g->dtype < TORSH_F16) return false;
            if (g->dtype < TORSH_F16 || refused(t->r->op, a)) continue;
            if (!precise(g->dtype) || t->inputs == MOST_INPUTS || !all_finite(g)) return false;
            t->at[t->inputs].argument = a;
            t->at[t->inputs].element = k;
            inputs[t->inputs++] = x->kind == 'T' ? (torsh_tensor){t->values[a].handle} : t->lists[a][k];
        }
    }
    return t->inputs > 0;
}

static void report(tally *y, const trial *t, const char *what)
{
    if (y->failures++ < 60) print_error("%s, result %zu, %s: %s\n", describe(t->r), t->result, what, torsh_last_error());
}

/* A gradient that is itself recorded may be made of other ops; it must be the same. */
static bool same_when_recorded(const trial *t, const torsh_tensor *inputs)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensors grads[2];
    for (int recorded = 0; recorded < 2; recorded++) {
        torsh_tensor y = evaluate((void *)(uintptr_t)t, inputs, t->inputs);
        torsh_tensor weight = torsh_to_dtype(torsh_reshape(torsh_add(torsh_number(1), torsh_sin(torsh_arange(0, (double)torsh_numel(y), 1, TORSH_F64, TORSH_CPU))), torsh_sizes(y), (size_t)torsh_ndim(y)), torsh_dtype_of(y));
        torsh_grad_options options = torsh_grad_defaults();
        options.create_graph = recorded;
        options.materialize_grads = true;
        grads[recorded] = torsh_autograd_grad(&y, 1, inputs, t->inputs, &weight, &options);
        if (TORSH_FAILED(grads[recorded])) return true; /* gradcheck reports it */
    }
    for (size_t i = 0; i < t->inputs; i++) {
        bool close = false;
        if (torsh_allclose(torsh_tensors_get(grads[1], (int64_t)i), torsh_tensors_get(grads[0], (int64_t)i), 1e-7, 1e-8, true, &close) != TORSH_OK || !close) return false;
    }
    return true;
}

static void check(const record *r, void *context)
{
    tally *y = context;
    if (!r->op || r->unavailable || has_no_derivative(r) || !differentiable(r->op) || (y->only && strcmp(y->only, r->name) != 0)) return;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], inputs[MOST_INPUTS];
    memset(lists, 0, sizeof lists);
    make_values(r, CONTIGUOUS, values, lists);
    trial t = {.r = r, .values = values, .lists = lists};
    if (!find_inputs(&t, inputs)) return;
    if (strcmp(r->name, "embedding") == 0 && r->arguments[2].ints[0] >= 0) return; /* the padding row's gradient is 0 by definition */
    if (strncmp(r->name, "std", 3) == 0 && r->arguments[0].tensor.rank == 0) return; /* no derivative where the deviation is 0 */
    for (size_t i = 0; i < t.inputs; i++)
        if (!is_constant(r->op, t.at[i].argument)) torsh_set_requires_grad(inputs[i], true);
    y->records++;
    for (t.result = 0; t.result < results_of(r); t.result++) {
        TORSH_AUTO torsh_scope one = torsh_scope_open();
        if (precise(r->results[t.result].dtype) && !all_finite(&r->results[t.result])) continue;
        torsh_tensor probe = evaluate(&t, inputs, t.inputs);
        if (!torsh_requires_grad(probe) || !precise(torsh_dtype_of(probe))) continue;
        y->results++;
        if (torsh_gradcheck(evaluate, &t, inputs, t.inputs, NULL) != TORSH_OK) report(y, &t, "first derivative");
        if (torsh_gradgradcheck(evaluate, &t, inputs, t.inputs, NULL) != TORSH_OK) report(y, &t, "second derivative");
        if (!same_when_recorded(&t, inputs)) report(y, &t, "a first derivative that is recorded differs");
    }
}

static void derivatives_agree_with_differences(void **state)
{
    tally y = {.only = *state};
    int64_t handles = torsh_live_handles();
    assert_true(each_record(check, &y) > 0);
    print_message("%ld records, %ld results, %ld failures\n", y.records, y.results, y.failures);
    assert_int_equal(torsh_live_handles(), handles);
    assert_int_equal(y.failures, 0);
    assert_true(y.results > 0);
}

/* gradcheck_test [row] */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(derivatives_agree_with_differences, argc > 1 ? argv[1] : NULL)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
