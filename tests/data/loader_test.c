/* Loaders: the same batches for any number of workers, PyTorch's orders, exact resume, errors, stopping early, misuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <torsh/data.h>
#include <torsh/ops.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1000 };

/* A sample's number, and a number that depends on the seed of its random changes. Odd ones take longer. */
static torsh_status sample(void *context, int64_t index, uint64_t seed, torsh_tensor *fields)
{
    (void)context;
    if (index % 2) nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    fields[0] = torsh_scalar((double)index, TORSH_F64, TORSH_CPU);
    fields[1] = torsh_scalar((double)(seed >> 12), TORSH_F64, TORSH_CPU);
    return TORSH_OK;
}

static torsh_loader make(torsh_dataset dataset, int64_t batch, bool shuffle, bool drop_last, int workers, torsh_generator generator)
{
    torsh_loader_options options = torsh_loader_defaults();
    options.batch_size = batch;
    options.shuffle = shuffle;
    options.drop_last = drop_last;
    options.workers = workers;
    options.generator = generator;
    return torsh_loader_make(dataset, &options);
}

/* Both fields of up to `most` batches of the current epoch, in order; returns how many numbers. */
static int64_t drain(torsh_loader loader, int64_t most, double *numbers, torsh_status *status)
{
    int64_t count = 0;
    *status = TORSH_OK;
    for (int64_t b = 0; b < most; b++) {
        TORSH_AUTO torsh_scope step = torsh_scope_open();
        torsh_batch batch;
        *status = torsh_loader_next(loader, &batch);
        if (*status != TORSH_OK) break;
        size_t bytes = (size_t)batch.size * sizeof(double);
        assert_int_equal(torsh_to_host(batch.input, numbers + count, bytes), TORSH_OK);
        count += batch.size;
        if (torsh_id_status(batch.target.id) == TORSH_OK) {
            assert_int_equal(torsh_to_host(batch.target, numbers + count, bytes), TORSH_OK);
            count += batch.size;
        }
    }
    return count;
}

static void same_for_any_workers(void **state)
{
    (void)state;
    static double expected[MOST], got[MOST];
    const int workers[] = {0, 1, 3, 8};
    int64_t live = torsh_live_handles();
    for (size_t w = 0; w < 4; w++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_dataset dataset = torsh_dataset_from_function(61, 2, sample, NULL, NULL);
        torsh_loader loader = make(dataset, 7, true, false, workers[w], torsh_generator_make(3));
        assert_int_equal(torsh_loader_size(loader), 9);
        int64_t total = 0;
        for (int epoch = 0; epoch < 3; epoch++) {
            torsh_status status;
            assert_int_equal(torsh_loader_epoch(loader), epoch ? epoch - 1 : 0);
            total += drain(loader, MOST, (w ? got : expected) + total, &status);
            assert_int_equal(status, TORSH_END);
            assert_int_equal(torsh_loader_position(loader), 9);
        }
        assert_int_equal(total, 3 * 2 * 61);
        if (w) assert_memory_equal(got, expected, (size_t)total * sizeof(double));
    }
    assert_true(memcmp(expected, expected + 122, 122 * sizeof(double)) != 0); /* epochs differ */
    assert_int_equal(torsh_live_handles(), live);
}

static torsh_dataset ten(void)
{
    torsh_tensor x = torsh_arange(0, 10, 1, TORSH_F64, TORSH_CPU);
    return torsh_dataset_from_tensors(&x, 1);
}

/* DataLoader(TensorDataset(torch.arange(10)), batch_size=4, shuffle=True, ...) in PyTorch 2.15, three epochs:
 * generator=torch.Generator().manual_seed(7), and torch.manual_seed(7) with drop_last=True. */
static void pytorch_orders(void **state)
{
    (void)state;
    static const double own[30] = {1, 3, 5, 7, 9, 4, 6, 2, 8, 0, 5, 1, 6, 0, 9, 7, 8, 4, 3, 2, 4, 3, 2, 8, 1, 0, 6, 5, 9, 7};
    static const double dropped[24] = {3, 2, 7, 8, 6, 1, 5, 9, 1, 3, 5, 2, 8, 9, 6, 7, 9, 2, 7, 1, 6, 0, 3, 5};
    double got[MOST];
    for (int workers = 0; workers < 3; workers += 2) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_status status;
        int64_t count = 0;
        torsh_loader loader = make(ten(), 4, true, false, workers, torsh_generator_make(7));
        for (int epoch = 0; epoch < 3; epoch++) count += drain(loader, MOST, got + count, &status);
        assert_int_equal(count, 30);
        assert_memory_equal(got, own, sizeof own);

        torsh_manual_seed(7);
        loader = make(ten(), 4, true, true, workers, (torsh_generator){0});
        count = 0;
        for (int epoch = 0; epoch < 3; epoch++) count += drain(loader, MOST, got + count, &status);
        assert_int_equal(count, 24);
        assert_memory_equal(got, dropped, sizeof dropped);

        loader = make(ten(), 3, false, false, workers, (torsh_generator){0});
        assert_int_equal(drain(loader, MOST, got, &status), 10);
        for (int i = 0; i < 10; i++) assert_true(got[i] == i);
    }
}

/* Saved after `before` batches, gone on with by another loader of other workers: the same numbers as without a break. */
static void goes_on_exactly(void **state)
{
    (void)state;
    static double expected[MOST], got[MOST];
    for (int own_generator = 0; own_generator < 2; own_generator++) {
        for (int64_t before = 0; before < 20; before += 3) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            torsh_dataset dataset = torsh_dataset_from_function(31, 2, sample, NULL, NULL);
            torsh_generator generator = own_generator ? torsh_generator_make(5) : (torsh_generator){0};
            torsh_status status;
            uint8_t saved[TORSH_GENERATOR_STATE_BYTES];
            torsh_manual_seed(5);
            torsh_loader loader = make(dataset, 4, true, false, 2, generator);
            drain(loader, before < 8 ? before : 8, got, &status);
            if (before >= 8) {
                drain(loader, 1, got, &status);
                assert_int_equal(status, TORSH_END);
                drain(loader, before - 8, got, &status);
            }
            torsh_tensor position = torsh_loader_state(loader);
            assert_int_equal(torsh_generator_get_state(generator, saved, sizeof saved), TORSH_OK);
            int64_t rest = drain(loader, MOST, expected, &status);
            rest += drain(loader, MOST, expected + rest, &status);

            torsh_generator other = own_generator ? torsh_generator_make(0) : (torsh_generator){0};
            torsh_loader again = make(dataset, 4, true, false, before % 2 ? 0 : 3, other);
            drain(again, 5, got, &status); /* wherever it stood before doesn't matter */
            assert_int_equal(torsh_loader_set_state(again, position), TORSH_OK);
            assert_int_equal(torsh_generator_set_state(other, saved, sizeof saved), TORSH_OK);
            int64_t count = drain(again, MOST, got, &status);
            count += drain(again, MOST, got + count, &status);
            assert_int_equal(count, rest);
            assert_memory_equal(got, expected, (size_t)rest * sizeof(double));
        }
    }
}

static void refuses_wrong_states(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_loader loader = make(ten(), 4, true, false, 0, (torsh_generator){0});
    torsh_tensor position = torsh_loader_state(loader);
    assert_int_equal(torsh_loader_set_state(make(ten(), 5, true, false, 0, (torsh_generator){0}), position), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_loader_set_state(make(ten(), 4, false, false, 0, (torsh_generator){0}), position), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_loader_set_state(loader, torsh_zeros_like(position)), TORSH_FORMAT_ERROR);
    assert_int_equal(torsh_loader_set_state(loader, torsh_zeros(TORSH_DIMS(3), TORSH_U8, TORSH_CPU)), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_loader_set_state(loader, torsh_to_dtype(position, TORSH_F32)), TORSH_DTYPE_MISMATCH);
    assert_int_equal(torsh_loader_set_state(loader, (torsh_tensor){0}), TORSH_INVALID_HANDLE);
    uint8_t *bytes = torsh_data(position);
    bytes[16] = 200; /* the position */
    assert_int_equal(torsh_loader_set_state(loader, position), TORSH_FORMAT_ERROR);
}

static torsh_status fails_at_nine(void *context, int64_t index, uint64_t seed, torsh_tensor *fields)
{
    if (index == 9) return torsh_id_status(torsh_view(torsh_zeros(TORSH_DIMS(3), TORSH_F32, TORSH_CPU), TORSH_DIMS(2, 2)).id);
    if (index == 17) return TORSH_END; /* not for such functions */
    return sample(context, index, seed, fields);
}

static void errors_reach_the_consumer(void **state)
{
    (void)state;
    double got[MOST];
    for (int workers = 0; workers <= 3; workers++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_loader loader = make(torsh_dataset_from_function(25, 2, fails_at_nine, NULL, NULL), 4, false, false, workers, (torsh_generator){0});
        torsh_status status;
        assert_int_equal(drain(loader, MOST, got, &status), 16);
        assert_int_equal(status, TORSH_SHAPE_MISMATCH);
        assert_non_null(strstr(torsh_last_error(), "view"));
        assert_int_equal(drain(loader, 1, got, &status), 8); /* the batch behind it */
        assert_true(got[0] == 12);
        assert_int_equal(drain(loader, 1, got, &status), 0);
        assert_int_equal(status, TORSH_INVALID_ARGUMENT);
        assert_int_equal(drain(loader, MOST, got, &status), 10);
        assert_int_equal(status, TORSH_END);
    }
}

static torsh_loader itself;

static torsh_status asks_its_loader(void *context, int64_t index, uint64_t seed, torsh_tensor *fields)
{
    torsh_batch batch;
    if (torsh_loader_next(itself, &batch) != TORSH_INVALID_ARGUMENT) return TORSH_CANCELLED;
    return sample(context, index, seed, fields);
}

static atomic_int gone;

static void count_gone(void *context)
{
    (void)context;
    atomic_fetch_add(&gone, 1);
}

static torsh_status releases_its_loader(void *context, int64_t index, uint64_t seed, torsh_tensor *fields)
{
    if (index == 6) torsh_release(itself);
    return sample(context, index, seed, fields);
}

static void stops_cleanly(void **state)
{
    (void)state;
    double got[MOST];
    int64_t live = torsh_live_handles();
    torsh_status status;
    for (int i = 0; i < 30; i++) { /* at any place of an epoch, without taking anything too */
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_loader loader = make(torsh_dataset_from_function(50, 2, sample, NULL, NULL), 3, true, false, i % 4, (torsh_generator){0});
        if (i > 4) drain(loader, i % 7, got, &status);
        if (i % 3 == 0) assert_int_equal(torsh_loader_restart(loader), TORSH_OK);
        if (i % 6 == 0) drain(loader, 2, got, &status);
    }
    assert_int_equal(torsh_live_handles(), live);

    itself = make(torsh_dataset_from_function(5, 2, asks_its_loader, NULL, NULL), 5, false, false, 1, (torsh_generator){0});
    assert_int_equal(drain(itself, 1, got, &status), 10);
    torsh_release(itself);

    /* The last reference goes on a worker, while nobody waits for a batch. */
    torsh_dataset dataset = torsh_dataset_from_function(50, 2, releases_its_loader, count_gone, NULL);
    itself = make(dataset, 1, false, false, 1, (torsh_generator){0});
    torsh_release(dataset);
    drain(itself, 5, got, &status);
    for (int i = 0; i < 1000 && atomic_load(&gone) == 0; i++) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    assert_int_equal(atomic_load(&gone), 1);
}

static torsh_status sum_up(void *context, const torsh_tensor *samples, int64_t count, size_t fields, torsh_tensor *batch)
{
    (void)context;
    for (size_t f = 0; f < fields; f++) {
        batch[f] = samples[f];
        for (int64_t i = 1; i < count; i++) batch[f] = torsh_add(batch[f], samples[(size_t)i * fields + f]);
    }
    return TORSH_OK;
}

static void options(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_loader_options custom = torsh_loader_defaults(), bare = {.batch_size = 4};
    custom.batch_size = 4;
    custom.collate = sum_up;
    torsh_loader loader = torsh_loader_make(ten(), &custom);
    torsh_batch batch;
    assert_int_equal(torsh_loader_next(loader, &batch), TORSH_OK);
    assert_true(torsh_item(batch.input) == 6);
    assert_int_equal(batch.size, 4);
    assert_int_equal(torsh_id_status(torsh_loader_make(ten(), &bare).id), TORSH_INVALID_ARGUMENT);
    custom.batch_size = 0;
    assert_int_equal(torsh_id_status(torsh_loader_make(ten(), &custom).id), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_loader_size(torsh_loader_make(ten(), NULL)), 10);
    assert_int_equal(torsh_id_status(torsh_loader_make((torsh_dataset){0}, NULL).id), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_loader_next((torsh_loader){0}, &batch), TORSH_INVALID_HANDLE);
    assert_int_equal(torsh_loader_next(loader, NULL), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_loader_size((torsh_loader){0}), -1);

    torsh_tensor none = torsh_zeros(TORSH_DIMS(0, 3), TORSH_F32, TORSH_CPU);
    loader = make(torsh_dataset_from_tensors(&none, 1), 2, true, false, 2, (torsh_generator){0});
    assert_int_equal(torsh_loader_size(loader), 0);
    assert_int_equal(torsh_loader_next(loader, &batch), TORSH_END);
    assert_int_equal(torsh_loader_next(loader, &batch), TORSH_END);
}

/* One epoch and a half with a saved position, all made anew; the first error's status. */
static torsh_status whole_use(int workers)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const double mean = 1, std = 2;
    torsh_tensor x = torsh_arange(0, 24, 1, TORSH_F32, TORSH_CPU);
    x = torsh_reshape(x, TORSH_DIMS(12, 2));
    torsh_dataset parts[2], dataset = torsh_dataset_from_tensors(&x, 1);
    dataset = torsh_dataset_normalize(dataset, &mean, &std, 1);
    torsh_status status = torsh_dataset_random_split(dataset, (const int64_t[]){8, 4}, 2, torsh_generator_make(1), parts);
    if (status != TORSH_OK) return status;
    torsh_loader loader = make(parts[0], 3, true, false, workers, (torsh_generator){0});
    int ends = 0;
    for (int i = 0; i < 6; i++) {
        TORSH_AUTO torsh_scope step = torsh_scope_open();
        torsh_batch batch;
        status = torsh_loader_next(loader, &batch);
        if (status != TORSH_OK && status != TORSH_END) return status;
        ends += status == TORSH_END;
        if (i == 1) status = torsh_loader_set_state(loader, torsh_loader_state(loader));
        if (i == 1 && status != TORSH_OK) return status;
    }
    return ends == 1 ? TORSH_OK : TORSH_CANCELLED;
}

/* An allocation failing at any place, on workers too, gives TORSH_OUT_OF_MEMORY, leaks nothing and hangs nowhere. */
static void survives_failing_allocations(void **state)
{
    (void)state;
    for (int workers = 0; workers <= 2; workers += 2) {
        assert_int_equal(whole_use(workers), TORSH_OK);
        int64_t live = torsh_live_handles();
        torsh_status status = TORSH_OUT_OF_MEMORY;
        for (int64_t n = 0; status != TORSH_OK; n++) {
            assert_true(n < 5000);
            torsh_fail_allocations_after(n);
            status = whole_use(workers);
            torsh_fail_allocations_after(-1);
            if (status != TORSH_OK) assert_int_equal(status, TORSH_OUT_OF_MEMORY);
            assert_int_equal(torsh_live_handles(), live);
        }
    }
}

int main(void)
{
    alarm(60); /* a hang is a failure */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_for_any_workers), cmocka_unit_test(pytorch_orders),            cmocka_unit_test(goes_on_exactly),
        cmocka_unit_test(refuses_wrong_states), cmocka_unit_test(errors_reach_the_consumer), cmocka_unit_test(stops_cleanly),
        cmocka_unit_test(options),              cmocka_unit_test(survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
