/* Every row against PyTorch's answers: forward in each memory layout, in place, out=, and gradients. */
#include "records.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct tally {
    long checks, failures;
    unsigned char *seen; /* by index in torsh__ops */
    char unknown[64];    /* the last row that wasn't there */
} tally;

static void report(tally *t, const record *r, const char *what, const char *problem)
{
    t->checks++;
    if (!*problem) return;
    if (t->failures++ < 100) print_error("%s, %s: %s\n", describe(r), what, problem);
}

static const char *compare_all(const record *r, const torsh_tensor *results, size_t count)
{
    if (count != r->result_count && !TORSH_FAILED(results[0])) return "gives another number of results";
    for (size_t i = 0; i < r->result_count; i++) {
        const char *problem = has_free_phase(r) ? difference_of_sizes(results[i], &r->results[i]) : difference(results[i], &r->results[i]);
        if (*problem) return problem;
    }
    return "";
}

/* Those made of other ops are told by name. */
static bool is_random(const torsh__op *op)
{
    if (op->impl && !op->compose) return (op->impl->flags & TORSH__RANDOM) != 0;
    return strncmp(op->info.name, "rand", 4) == 0 || strstr(op->info.name, "dropout") || strcmp(op->info.name, "binomial") == 0 || strcmp(op->info.name, "gumbel_softmax") == 0;
}

static bool needs_its_strides(const char *name)
{
    static const char *const names[] = {"view", "view_as", "view_copy", "view_as_complex", "view_as_complex_copy"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return strncmp(name, "as_strided", 10) == 0;
}

static void check_forward(const record *r, tally *t)
{
    static const char *const names[LAYOUTS] = {"contiguous", "stepped", "reversed"};
    for (layout how = CONTIGUOUS; how < LAYOUTS; how++) {
        /* What these give depends on the strides they are called with; random numbers come in the order of memory. */
        if (how != CONTIGUOUS && (needs_its_strides(r->name) || is_random(r->op))) break;
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_value values[MOST_ARGUMENTS];
        torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
        make_values(r, how, values, lists);
        size_t count = call(r, values, results);
        report(t, r, names[how], compare_all(r, results, count));
    }
}

static void check_out(const record *r, tally *t)
{
    if (!(r->op->variants & TORSH__OUT)) return;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS], out[MOST_RESULTS];
    make_values(r, CONTIGUOUS, values, lists);
    for (size_t i = 0; i < r->result_count; i++) {
        const golden *g = &r->results[i];
        golden shape = *g;
        out[i] = torsh_transpose(torsh_ones(shape.sizes, shape.rank, shape.dtype, TORSH_CPU), 0, 0);
    }
    torsh_manual_seed(5);
    torsh__door(r->op, values, TORSH__OUT_CALL, out, results);
    report(t, r, "out=", compare_all(r, results, r->result_count));
    if (results[0].id != out[0].id) report(t, r, "out=", "is not the tensor that was given");
}

static bool same_shape(const golden *a, const golden *b)
{
    if (a->rank != b->rank || a->dtype != b->dtype) return false;
    for (size_t d = 0; d < a->rank; d++)
        if (a->sizes[d] != b->sizes[d]) return false;
    return true;
}

/* An input as out=: refused, or right all the same. */
static void check_input_as_out(const record *r, tally *t)
{
    if (!(r->op->variants & TORSH__OUT)) return;
    for (size_t i = 0; i < r->argument_count; i++)
        for (size_t k = 0; k < r->result_count; k++) {
            if (r->arguments[i].kind != 'T' || !same_shape(&r->arguments[i].tensor, &r->results[k])) continue;
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            torsh_value values[MOST_ARGUMENTS];
            torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS], out[MOST_RESULTS];
            make_values(r, CONTIGUOUS, values, lists);
            for (size_t o = 0; o < r->result_count; o++)
                out[o] = o == k ? (torsh_tensor){values[i].handle} : torsh_zeros(r->results[o].sizes, r->results[o].rank, r->results[o].dtype, TORSH_CPU);
            torsh_manual_seed(5);
            torsh__door(r->op, values, TORSH__OUT_CALL, out, results);
            bool refused = torsh_id_status(results[0].id) == TORSH_INVALID_ARGUMENT && strstr(torsh_id_error(results[0].id), "share");
            report(t, r, "an input as out=", refused ? "" : compare_all(r, results, r->result_count));
        }
}

static void check_in_place(const record *r, tally *t)
{
    const argument *first = &r->arguments[0];
    if (!(r->op->variants & TORSH__IN_PLACE) || first->kind != 'T') return;
    if (!same_shape(&first->tensor, &r->results[0])) return;
    for (layout how = CONTIGUOUS; how < LAYOUTS; how++) {
        if (how != CONTIGUOUS && is_random(r->op)) break;
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_value values[MOST_ARGUMENTS];
        torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
        make_values(r, how, values, lists);
        torsh_manual_seed(5); /* as ops.py */
        int64_t version = torsh_tensor_version((torsh_tensor){values[0].handle});
        torsh__door(r->op, values, TORSH__INPLACE_CALL, NULL, results);
        report(t, r, "in place", compare_all(r, results, r->result_count));
        if (results[0].id != values[0].handle) report(t, r, "in place", "is not the tensor that was given");
        if (torsh_tensor_version(results[0]) != version + 1) report(t, r, "in place", "does not count the change");
    }
}

static torsh_tensor weights(torsh_tensor like)
{
    size_t count = (size_t)torsh_numel(like);
    double *w = malloc((count + 1) * sizeof *w);
    for (size_t i = 0; w && i < count; i++) w[i] = 0.5 + (double)(i % 7) / 7;
    torsh_tensor t = torsh_from_slice(w, count, torsh_sizes(like), (size_t)torsh_ndim(like), torsh_dtype_of(like), TORSH_CPU);
    free(w);
    return t;
}

static void check_gradients(const record *r, tally *t)
{
    if (r->gradient_count == 0 || has_free_phase(r)) return; /* their weighted sum has no one gradient; gradcheck_test has them */
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS], inputs[MOST_GRADIENTS];
    make_values(r, CONTIGUOUS, values, lists);
    for (size_t i = 0; i < r->gradient_count; i++) {
        size_t a = r->gradients[i].argument;
        inputs[i] = r->arguments[a].kind == 'L' ? lists[a][r->gradients[i].element] : (torsh_tensor){values[a].handle};
        torsh_set_requires_grad(inputs[i], true);
        if (only_in_place(r->op)) { /* a leaf can't change in place */
            torsh_tensor copy = torsh_clone(inputs[i]);
            if (r->arguments[a].kind == 'L') lists[a][r->gradients[i].element] = copy;
            else values[a].handle = copy.id;
        }
    }
    size_t made = call(r, values, results);
    torsh_tensor outputs[MOST_RESULTS], seeds[MOST_RESULTS];
    size_t count = 0;
    for (size_t i = 0; i < made && i < MOST_RESULTS; i++)
        if (torsh_requires_grad(results[i])) {
            outputs[count] = results[i];
            seeds[count++] = weights(results[i]);
        }
    torsh_grad_options options = torsh_grad_defaults();
    options.allow_unused = true;
    torsh_tensors gradients = torsh_autograd_grad(outputs, count, inputs, r->gradient_count, seeds, &options);
    for (size_t i = 0; i < r->gradient_count; i++) {
        char what[32];
        snprintf(what, sizeof what, "gradient of argument %zu", r->gradients[i].argument);
        torsh_tensor g = TORSH_FAILED(gradients) ? (torsh_tensor){gradients.id} : torsh_tensors_get(gradients, (int64_t)i);
        report(t, r, what, difference(g, &r->gradients[i].value));
    }
}

static void check(const record *r, void *context)
{
    tally *t = context;
    if (!r->op) {
        if (strcmp(t->unknown, r->name) != 0) report(t, r, "table", "there is no such row; run tests/golden/ops.py");
        memcpy(t->unknown, r->name, sizeof t->unknown);
        return;
    }
    for (size_t i = 0; torsh__ops[i]; i++)
        if (torsh__ops[i] == r->op) t->seen[i] = 1;
    if (r->unavailable) return;
    check_forward(r, t);
    check_out(r, t);
    check_input_as_out(r, t);
    check_in_place(r, t);
    check_gradients(r, t);
}

static void rows_answer_as_pytorch(void **state)
{
    (void)state;
    size_t rows = 0;
    while (torsh__ops[rows]) rows++;
    tally t = {.seen = calloc(rows, 1)};
    int64_t handles = torsh_live_handles();
    assert_true(each_record(check, &t) > 0);
    assert_int_equal(torsh_live_handles(), handles);
    long unjudged = 0;
    for (size_t i = 0; i < rows; i++) {
        if (strncmp(torsh__ops[i]->info.name, "empty", 5) == 0) continue; /* uninitialised */
        if (t.seen[i]) continue;
        print_error("row %s has no golden record: run tests/golden/ops.py (a structured row needs samples in tests/golden/samples)\n", torsh__ops[i]->info.name);
        unjudged++;
    }
    free(t.seen);
    print_message("%ld checks of %zu rows, %ld failures\n", t.checks, rows, t.failures);
    assert_int_equal(t.failures + unjudged, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_answer_as_pytorch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
