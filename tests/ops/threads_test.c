/* Every row gives the same bits with 1, 2 and 3 threads: results, what it changes in place, and gradients.
 *
 * Inputs are the golden records' with all sizes but 0 and 1 multiplied by one factor, so that the largest has about 300,000
 * elements and sizes that were equal stay equal; elements repeat. Lists of numbers are taken as they are or multiplied likewise,
 * whichever the op accepts; records that it then refuses are left out, and the test prints which rows it never saw. */
#include "records.h"

#include <math.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef __SANITIZE_THREAD__ /* twenty times slower */
enum { ELEMENTS = 100000, PER_ROW = 2, THREADS = 3 };
#else
enum { ELEMENTS = 300000, PER_ROW = 6, THREADS = 3 };
#endif

typedef struct tally {
    long records, failures;
    unsigned char *seen;
    const char *only;
} tally;

/* Results and gradients of a call, as bytes. */
typedef struct outcome {
    size_t count, bytes[2 * MOST_ARGUMENTS];
    char *data[2 * MOST_ARGUMENTS];
} outcome;

static void grow(golden *g, int64_t factor, unsigned char **owned, size_t *owned_count)
{
    if (g->rank == SIZE_MAX || g->bytes == 0) return;
    size_t bytes = g->bytes;
    for (size_t d = 0; d < g->rank; d++)
        if (g->sizes[d] > 1) {
            g->sizes[d] *= factor;
            bytes *= (size_t)factor;
        }
    unsigned char *data = malloc(bytes);
    for (size_t at = 0; at < bytes; at += g->bytes) memcpy(data + at, g->data, bytes - at < g->bytes ? bytes - at : g->bytes);
    g->data = owned[(*owned_count)++] = data;
    g->bytes = bytes;
}

static double elements(const golden *g)
{
    return g->rank == SIZE_MAX ? 0 : (double)g->bytes / (double)torsh_dtype_size(g->dtype);
}

static double grown(const golden *g, int64_t factor)
{
    double size = elements(g);
    for (size_t d = 0; g->rank != SIZE_MAX && d < g->rank; d++) size *= g->sizes[d] > 1 ? (double)factor : 1;
    return size;
}

/* Does the work grow faster than the elements? A large matrix is one thread's work, too. */
static bool is_cubic(const record *r)
{
    static const char *const parts[] = {"linalg_", "svd", "qr", "lu", "pca_", "pinverse", "eigh_", "inverse", "solve", "det"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(r->name, parts[i])) return true;
    return false;
}

/* The largest factor with which no input exceeds ELEMENTS (a tenth of it for convolutions, a hundredth for factorizations); 0 if none
 * can grow. */
static int64_t factor_of(const record *r)
{
    double most = is_cubic(r) ? ELEMENTS / 100 : strncmp(r->name, "conv_", 5) == 0 || (strncmp(r->name, "conv", 4) == 0 && r->name[5] == 'd') ? ELEMENTS / 10 : ELEMENTS;
    for (int64_t factor = 1;; factor++) {
        double largest = 0, before = 0;
        for (size_t a = 0; a < r->argument_count; a++) {
            const argument *x = &r->arguments[a];
            for (size_t k = 0; k < (x->kind == 'L' ? x->count : x->kind == 'T'); k++) {
                const golden *g = x->kind == 'L' ? &x->list[k] : &x->tensor;
                if (grown(g, factor) > largest) largest = grown(g, factor);
                if (elements(g) > before) before = elements(g);
            }
        }
        if (largest > most) return factor - 1;
        if (factor > 1 && largest <= before) return 0;
    }
}

static void keep(outcome *o, torsh_tensor t)
{
    if (!t.id || TORSH_FAILED(t) || torsh_numel(t) > 50 * ELEMENTS) return; /* an expanded view has as many as it likes */
    size_t bytes = (size_t)torsh_numel(t) * torsh_dtype_size(torsh_dtype_of(t));
    o->data[o->count] = malloc(bytes + 1);
    o->bytes[o->count] = bytes;
    if (torsh_to_host(t, o->data[o->count], bytes) != TORSH_OK) fail_msg("%zu bytes: %s", bytes, torsh_last_error());
    o->count++;
}

static void drop(outcome *o)
{
    for (size_t i = 0; i < o->count; i++) free(o->data[i]);
    o->count = 0;
}

static void differentiate(outcome *o, const record *r, const torsh_value *values, const torsh_tensor *results, size_t count)
{
    torsh_tensor inputs[MOST_ARGUMENTS];
    size_t n = 0;
    for (size_t a = 0; a < r->argument_count; a++)
        if (r->arguments[a].kind == 'T' && torsh_requires_grad((torsh_tensor){values[a].handle})) inputs[n++] = (torsh_tensor){values[a].handle};
    torsh_tensor outputs[MOST_RESULTS], seeds[MOST_RESULTS];
    size_t made = 0;
    for (size_t i = 0; i < count && i < MOST_RESULTS; i++)
        if (torsh_requires_grad(results[i])) {
            outputs[made] = results[i];
            seeds[made++] = torsh_full_like(results[i], 0.75);
        }
    if (n == 0 || made == 0) return;
    torsh_grad_options options = torsh_grad_defaults();
    options.allow_unused = true;
    torsh_tensors gradients = torsh_autograd_grad(outputs, made, inputs, n, seeds, &options);
    for (size_t i = 0; i < n && !TORSH_FAILED(gradients); i++) keep(o, torsh_tensors_get(gradients, (int64_t)i));
}

/* False if the op refuses. */
static bool run(const record *r, int threads, outcome *o)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_set_num_threads(threads);
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
    make_values(r, CONTIGUOUS, values, lists);
    bool changes = only_in_place(r->op);
    for (size_t a = 0; a < r->argument_count && !changes; a++)
        if (r->arguments[a].kind == 'T' && r->arguments[a].tensor.dtype == TORSH_F32) torsh_set_requires_grad((torsh_tensor){values[a].handle}, true);
    size_t count = call(r, values, results);
    if (TORSH_FAILED(results[0])) return false;
    for (size_t i = 0; i < count && i < MOST_RESULTS; i++) keep(o, results[i]);
    for (size_t a = 0; a < r->argument_count && changes; a++)
        if (r->arguments[a].kind == 'T') keep(o, (torsh_tensor){values[a].handle});
    differentiate(o, r, values, results, count);
    return true;
}

static bool compare(const record *r, tally *t)
{
    outcome one = {0};
    if (!run(r, 1, &one)) {
        drop(&one);
        return false;
    }
    t->records++;
    for (int threads = 2; threads <= THREADS; threads++) {
        outcome many = {0};
        bool ran = run(r, threads, &many), same = ran && many.count == one.count;
        for (size_t i = 0; same && i < one.count; i++) same = one.bytes[i] == many.bytes[i] && memcmp(one.data[i], many.data[i], one.bytes[i]) == 0;
        if (!same && t->failures++ < 60) print_error("%s: %d threads give other bits than 1\n", describe(r), threads);
        drop(&many);
    }
    drop(&one);
    return true;
}

/* With the numbers in lists as they are (unless only_lists), or grown too; false if the op refuses both. */
static bool compare_grown(const record *original, int64_t factor, bool only_lists, tally *t)
{
    record *r = malloc(sizeof *r);
    unsigned char *owned[MOST_ARGUMENTS * MOST_LIST];
    size_t owned_count = 0;
    *r = *original;
    for (size_t a = 0; a < r->argument_count; a++) {
        if (r->arguments[a].kind == 'T') grow(&r->arguments[a].tensor, factor, owned, &owned_count);
        for (size_t k = 0; r->arguments[a].kind == 'L' && k < r->arguments[a].count; k++) grow(&r->arguments[a].list[k], factor, owned, &owned_count);
    }
    bool done = !only_lists && compare(r, t);
    for (size_t a = 0; a < r->argument_count && !done; a++)
        for (size_t i = 0; r->arguments[a].kind == 'I' && i < r->arguments[a].count; i++)
            if (r->arguments[a].ints[i] > 1) r->arguments[a].ints[i] *= factor;
    if (!done) done = compare(r, t);
    for (size_t i = 0; i < owned_count; i++) free(owned[i]);
    free(r);
    return done;
}

static void check(const record *original, void *context)
{
    tally *t = context;
    if (!original->op || original->unavailable || (t->only && strcmp(t->only, original->name) != 0)) return;
    size_t row = 0;
    while (torsh__ops[row] != original->op) row++;
    const argument *first = NULL;
    for (size_t a = 0; a < original->argument_count && !first; a++)
        if (original->arguments[a].kind == 'T' || original->arguments[a].kind == 'L') first = &original->arguments[a];
    if (t->seen[row] >= PER_ROW) return;
    if (!first) { /* makers: of (3, 7) and the like */
        t->seen[row] = (unsigned char)(t->seen[row] + compare_grown(original, 120, true, t));
        return;
    }
    torsh_dtype dtype = first->kind == 'T' ? first->tensor.dtype : first->list[0].dtype;
    if (dtype != TORSH_F32 && dtype != TORSH_BF16 && dtype != TORSH_I64 && dtype != TORSH_BOOL) return;
    int64_t factor = factor_of(original);
    if (factor < 2) return;
    bool done = compare_grown(original, factor, false, t) || compare_grown(original, (int64_t)sqrt((double)factor) + 1, false, t); /* the second for outer products */
    t->seen[row] = (unsigned char)(t->seen[row] + done);
}

static void same_bits_for_any_number_of_threads(void **state)
{
    size_t rows = 0, seen = 0;
    torsh_set_memory_limit(TORSH_CPU, 64 << 20);
    while (torsh__ops[rows]) rows++;
    tally t = {.seen = calloc(rows, 1), .only = *state};
    assert_true(each_record(check, &t) > 0);
    for (size_t i = 0; i < rows; i++) {
        seen += t.seen[i] > 0;
        if (!t.seen[i] && !t.only) print_message("no large case for %s\n", torsh__ops[i]->info.name);
    }
    free(t.seen);
    print_message("%ld large cases of %zu rows of %zu, %ld failures\n", t.records, seen, rows, t.failures);
    assert_int_equal(t.failures, 0);
}

/* threads_test [row] */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(same_bits_for_any_number_of_threads, argc > 1 ? argv[1] : NULL)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
