/* Allocation failure at every allocation: of each golden record's call and backward, and of making, training and saving two small
 * networks. What comes back is TORSH_OUT_OF_MEMORY or the result; nothing leaks, nothing crashes, and after it all works.
 *
 *     oom_test         a few records per row, failures counted from the start and from the end of each training
 *     oom_test all     every record and every allocation */
#include "records.h"
#include "training.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PER_ROW = 3, ENDLESS = 100000 };

typedef struct tally {
    long records, points, failures;
    unsigned char *seen;
    bool all;
} tally;

typedef struct level {
    int64_t handles, used;
} level;

static level now(void)
{
    torsh_memory memory;
    torsh_memory_stats(TORSH_CPU, &memory);
    return (level){torsh_live_handles(), memory.used};
}

static void check_level(tally *t, level before, const char *what, int64_t point)
{
    level after = now();
    if (after.handles == before.handles && after.used == before.used) return;
    if (t->failures++ < 40)
        print_error("%s, allocation %lld: %lld handles and %lld bytes are left\n", what, (long long)point, (long long)(after.handles - before.handles),
                    (long long)(after.used - before.used));
}

static void check_status(tally *t, torsh_status status, const char *what, int64_t point)
{
    t->points++;
    if (status == TORSH_OK || status == TORSH_OUT_OF_MEMORY) return;
    if (t->failures++ < 40) print_error("%s, allocation %lld: %s: %s\n", what, (long long)point, torsh_status_name(status), torsh_last_error());
}

/* ---- records ------------------------------------------------------------------------------------------------- */

static torsh_status differentiate(const record *r, torsh_value *values, const torsh_tensor *results, size_t count)
{
    torsh_tensor outputs[MOST_RESULTS], seeds[MOST_RESULTS];
    size_t made = 0;
    (void)r, (void)values;
    for (size_t i = 0; i < count && i < MOST_RESULTS; i++)
        if (torsh_requires_grad(results[i])) {
            outputs[made] = results[i];
            seeds[made] = torsh_ones_like(results[i]);
            if (TORSH_FAILED(seeds[made])) return torsh_id_status(seeds[made].id);
            made++;
        }
    return made ? torsh_backward_with(outputs, made, seeds, NULL) : TORSH_OK;
}

/* Arguments are made with all memory; the call and its backward have `point` allocations. */
static torsh_status run(const record *r, int64_t point)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_value values[MOST_ARGUMENTS];
    torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST], results[MOST_RESULTS];
    make_values(r, STEPPED, values, lists);
    for (size_t i = 0; i < r->gradient_count && !only_in_place(r->op); i++) {
        size_t a = r->gradients[i].argument;
        torsh_set_requires_grad(r->arguments[a].kind == 'L' ? lists[a][r->gradients[i].element] : (torsh_tensor){values[a].handle}, true);
    }
    torsh_fail_allocations_after(point);
    size_t count = call(r, values, results);
    torsh_status status = torsh_id_status(results[0].id);
    for (size_t i = 1; i < count && i < MOST_RESULTS && status == TORSH_OK; i++) status = torsh_id_status(results[i].id);
    if (status == TORSH_OK) status = differentiate(r, values, results, count);
    torsh_fail_allocations_after(-1);
    return status;
}

static void check_record(const record *r, void *context)
{
    tally *t = context;
    if (!r->op || r->unavailable) return;
    size_t row = 0;
    while (torsh__ops[row] != r->op) row++;
    bool precise = r->gradient_count > 0;
    if (!t->all && (t->seen[row] >= PER_ROW || (t->seen[row] == PER_ROW - 1 && !precise))) return;
    if (run(r, ENDLESS) != TORSH_OK) return; /* golden_test has that; `view` of steps may be one */
    t->seen[row]++;
    t->records++;
    for (int64_t point = 0; point < ENDLESS; point++) {
        level before = now();
        torsh_status status = run(r, point);
        check_status(t, status, describe(r), point);
        check_level(t, before, describe(r), point);
        if (status != TORSH_OUT_OF_MEMORY) break;
    }
}

static void every_row_survives(void **state)
{
    size_t rows = 0, seen = 0;
    while (torsh__ops[rows]) rows++;
    tally t = {.seen = calloc(rows, 1), .all = *state};
    assert_true(each_record(check_record, &t) > 0);
    for (size_t i = 0; i < rows; i++) seen += t.seen[i] > 0;
    free(t.seen);
    print_message("%ld records of %zu rows, %ld failing allocations, %ld failures\n", t.records, seen, t.points, t.failures);
    assert_int_equal(t.failures, 0);
}

/* ---- trainings ----------------------------------------------------------------------------------------------- */

static char path[64];

/* Makes, trains two steps and saves, with `point` allocations; *used says how many steps of the four were done. */
static torsh_status train(network which, int workers, int64_t point)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    training t;
    torsh_fail_allocations_after(point);
    torsh_status status = training_start(&t, which, workers);
    for (int i = 0; i < 2 && status == TORSH_OK; i++) status = training_step(&t);
    if (status == TORSH_OK) status = training_save(&t, path);
    torsh_fail_allocations_after(-1);
    return status;
}

static void check_training(void **state, network which, int workers, const char *name)
{
    tally t = {.all = *state};
    snprintf(path, sizeof path, "/tmp/torsh-oom-%d", (int)getpid());
    for (int i = 0; i < 2; i++) assert_int_equal(train(which, workers, ENDLESS), TORSH_OK); /* what is made once per process */
    int64_t high = ENDLESS, low = 0;
    while (high - low > 1 && workers == 0) { /* how many allocations there are */
        int64_t middle = low + (high - low) / 2;
        if (train(which, workers, middle) == TORSH_OK) high = middle;
        else low = middle;
    }
    if (workers) high = 600;
    int64_t step = t.all || high < 400 ? 1 : high / 400;
    for (int64_t point = 0; point <= high; point += point < 50 || high - point < 50 ? 1 : step) {
        level before = now();
        check_status(&t, train(which, workers, point), name, point);
        check_level(&t, before, name, point);
    }
    unlink(path);
    print_message("%s, %d workers: %lld allocations, %ld of them failed, %ld failures\n", name, workers, (long long)high, t.points, t.failures);
    assert_int_equal(t.failures, 0);
}

static void mlp_survives(void **state)
{
    check_training(state, MLP, 0, "mlp");
}

static void cnn_survives(void **state)
{
    check_training(state, CNN, 0, "cnn");
}

static void workers_survive(void **state)
{
    check_training(state, MLP, 2, "mlp");
}

int main(int argc, char **argv)
{
    void *all = argc > 1 && strcmp(argv[1], "all") == 0 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_row_survives, all),
        cmocka_unit_test_prestate(mlp_survives, all),
        cmocka_unit_test_prestate(cnn_survives, all),
        cmocka_unit_test_prestate(workers_survive, all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
