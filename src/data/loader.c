/* Loaders: which samples make which batch, epochs, positions, and going on where another run stood.
 * An epoch draws from the generator as PyTorch's DataLoader does (torch/utils/data/dataloader.py, sampler.py): a base seed; with
 * shuffle on the default generator, a seed for a generator of the epoch's own; the permutation; one more, unused, at the end. */
#include "loader.h"
#include "alloc.h"
#include "options.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- one batch ----------------------------------------------------------------------------------------------- */

/* A random number for the sample at `place` of the epoch: splitmix64 (S. Vigna), one step of its counter per place. */
static uint64_t sample_seed(uint64_t base, int64_t place)
{
    uint64_t z = base + ((uint64_t)place + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static torsh_status collate(const torsh__loader *loader, const torsh__request *request, torsh_tensor *fields)
{
    size_t width = (size_t)loader->dataset->fields, room = (size_t)request->count * width * sizeof(torsh_tensor);
    torsh_tensor *samples = torsh__alloc_zero(room);
    if (!samples) return TORSH_OUT_OF_MEMORY;
    torsh_status status = TORSH_OK;
    for (int64_t i = 0; i < request->count && status == TORSH_OK; i++)
        status = torsh__dataset_one(loader->dataset, request->indices[i], request->seeds[i], samples + (size_t)i * width);
    if (status == TORSH_OK) status = loader->options.collate(loader->options.collate_context, samples, request->count, width, fields);
    if (status == TORSH_OK) status = torsh__check_fields(fields, loader->dataset->fields, "loader: collate");
    torsh__free(samples, room);
    return status;
}

/* Into handles that belong to the open scope. */
static torsh_status make_fields(const torsh__loader *loader, int64_t number, torsh_tensor *fields)
{
    int64_t first = number * loader->options.batch_size, count = loader->dataset->length - first;
    if (count > loader->options.batch_size) count = loader->options.batch_size;
    size_t room = (size_t)count * sizeof(int64_t);
    int64_t *indices = torsh__alloc(room);
    uint64_t *seeds = torsh__alloc(room);
    torsh_status status = indices && seeds ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        for (int64_t i = 0; i < count; i++) {
            indices[i] = loader->order ? loader->order[first + i] : first + i;
            seeds[i] = sample_seed(loader->base_seed, first + i);
        }
        const torsh__request request = {indices, seeds, count};
        if (loader->options.collate) status = collate(loader, &request, fields);
        else status = loader->dataset->type->fetch(loader->dataset, &request, fields);
    }
    torsh__free(indices, room);
    torsh__free(seeds, room);
    return status;
}

void torsh__loader_make_batch(const torsh__loader *loader, int64_t number, torsh__parcel *parcel)
{
    torsh_tensor fields[TORSH_MAX_FIELDS] = {{0}};
    uint32_t errors = torsh__thread_get()->error_serial;
    *parcel = (torsh__parcel){.full = true};
    torsh_scope scope = torsh_scope_open();
    torsh_status status = torsh__is_error(scope.id) ? torsh__error_status(scope.id) : TORSH_OK;
    if (status == TORSH_OK) status = make_fields(loader, number, fields);
    for (int i = 0; i < loader->dataset->fields && status == TORSH_OK; i++)
        parcel->fields[i] = torsh__tensor_hold(fields[i], "loader_next", "fields", &status);
    if (status == TORSH_END) status = torsh__fail(TORSH_INVALID_ARGUMENT, "loader_next: a function that makes samples returned TORSH_END");
    if (status) {
        torsh__parcel_clear(parcel);
        *parcel = (torsh__parcel){.full = true, .status = status};
        bool told = torsh__thread_get()->error_serial != errors;
        snprintf(parcel->text, sizeof parcel->text, "%s", told ? torsh_last_error() : torsh_status_name(status));
    }
    torsh_scope_close(scope);
}

void torsh__parcel_clear(torsh__parcel *parcel)
{
    for (int i = 0; i < TORSH_MAX_FIELDS; i++)
        if (parcel->fields[i]) torsh__tensor_drop(parcel->fields[i]);
    *parcel = (torsh__parcel){0};
}

/* ---- the object ---------------------------------------------------------------------------------------------- */

static void *destroy_now(void *object)
{
    torsh__loader *loader = object;
    if (loader->prefetch) torsh__prefetch_free(loader->prefetch);
    if (loader->generator) torsh__drop(&loader->generator->object);
    if (loader->order) torsh__free(loader->order, (size_t)loader->dataset->length * sizeof(int64_t));
    torsh__dataset_drop(loader->dataset);
    pthread_mutex_destroy(&loader->lock);
    torsh__free(loader, sizeof *loader);
    return NULL;
}

/* A function that makes samples may drop the last reference; its worker can't wait for itself, so another thread does. */
static void destroy(torsh__object *object)
{
    pthread_t thread;
    if (!torsh__prefetch_is_worker((torsh__loader *)object)) destroy_now(object);
    else if (pthread_create(&thread, NULL, destroy_now, object) == 0) pthread_detach(thread);
}
static const torsh__kind loader_kind = {"loader", destroy, NULL};

torsh_loader_options torsh_loader_defaults(void)
{
    return (torsh_loader_options){.size = sizeof(torsh_loader_options), .batch_size = 1, .prefetch = 2};
}

static torsh_status check_options(const torsh_loader_options *options)
{
    if (options->batch_size < 1 || options->batch_size > INT32_MAX)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "loader_make: batch_size is %lld; it must be at least 1", (long long)options->batch_size);
    if (options->workers < 0 || options->workers > TORSH__MOST_WORKERS)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "loader_make: workers is %d; use 0 to %d", options->workers, TORSH__MOST_WORKERS);
    if (options->prefetch < 1 || options->prefetch > TORSH__MOST_PREFETCH)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "loader_make: prefetch is %d; use 1 to %d", options->prefetch, TORSH__MOST_PREFETCH);
    return TORSH_OK;
}

static torsh_status set_up(torsh__loader *loader, torsh_dataset dataset)
{
    torsh_status status = check_options(&loader->options);
    if (status) return status;
    loader->dataset = torsh__dataset_hold(dataset, "loader_make", &status);
    if (!loader->dataset) return status;
    uint64_t id = loader->options.generator.id;
    if (id) {
        loader->generator = (torsh__generator *)torsh__pin(id, &torsh__generator_kind, "loader_make", "generator", &status);
        if (!loader->generator) return status;
        torsh__retain(&loader->generator->object);
        torsh__unpin(id);
    }
    int64_t length = loader->dataset->length, size = loader->options.batch_size;
    loader->batches = length / size + (length % size && !loader->options.drop_last);
    if (loader->options.shuffle && !(loader->order = torsh__alloc((size_t)length * sizeof(int64_t)))) return TORSH_OUT_OF_MEMORY;
    return TORSH_OK;
}

torsh_loader torsh_loader_make(torsh_dataset dataset, const torsh_loader_options *options)
{
    torsh__loader *loader = torsh__alloc_zero(sizeof *loader);
    if (!loader) return (torsh_loader){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    torsh__object_init(&loader->object, &loader_kind);
    pthread_mutex_init(&loader->lock, NULL);
    loader->options = torsh_loader_defaults();
    torsh_status status = torsh__take_options("loader_make", &loader->options, sizeof loader->options, sizeof loader->options, options);
    if (status == TORSH_OK) status = set_up(loader, dataset);
    if (status == TORSH_OK) return (torsh_loader){torsh__handle_make(&loader->object)};
    torsh__drop(&loader->object);
    return (torsh_loader){torsh__error_id(status)};
}

/* Pinned and locked. Fails on the loader's own workers, which would wait for themselves. */
static torsh__loader *enter(torsh_loader handle, const char *function, torsh_status *status)
{
    torsh__loader *loader = (torsh__loader *)torsh__pin(handle.id, &loader_kind, function, "loader", status);
    if (!loader) return NULL;
    if (torsh__prefetch_is_worker(loader)) {
        *status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: called by a function that makes a sample for this loader", function);
        torsh__unpin(handle.id);
        return NULL;
    }
    pthread_mutex_lock(&loader->lock);
    return loader;
}

static void leave(torsh__loader *loader, torsh_loader handle)
{
    pthread_mutex_unlock(&loader->lock);
    torsh__unpin(handle.id);
}

/* ---- epochs -------------------------------------------------------------------------------------------------- */

static torsh__generator *lock_generator(torsh__loader *loader, torsh_status *status)
{
    if (!loader->generator) return torsh__generator_lock((torsh_generator){0}, "loader_next", status);
    pthread_mutex_lock(&loader->generator->mutex);
    return loader->generator;
}

static void unlock_generator(torsh__loader *loader, torsh__generator *generator)
{
    if (loader->generator) pthread_mutex_unlock(&generator->mutex);
    else torsh__generator_unlock((torsh_generator){0}, generator);
}

/* torch.empty((), dtype=torch.int64).random_() */
static uint64_t draw_seed(torsh__rng *rng)
{
    return torsh__rng_u64(rng) & INT64_MAX;
}

static torsh_status begin_epoch(torsh__loader *loader)
{
    torsh_status status = TORSH_OK;
    torsh__generator *generator = lock_generator(loader, &status);
    if (!generator) return status;
    loader->base_seed = draw_seed(&generator->rng);
    if (loader->order) {
        if (loader->generator) {
            loader->shuffled = generator->rng;
            torsh__permutation(&generator->rng, loader->order, loader->dataset->length);
        } else {
            torsh__rng_seed(&loader->shuffled, draw_seed(&generator->rng));
            torsh__rng copy = loader->shuffled;
            torsh__permutation(&copy, loader->order, loader->dataset->length);
        }
    }
    unlock_generator(loader, generator);
    loader->running = true;
    loader->epoch++;
    loader->position = 0;
    if (loader->prefetch) torsh__prefetch_begin(loader->prefetch, 0, loader->batches);
    return TORSH_OK;
}

/* PyTorch's sampler ends with randperm(n)[:0], which moves a generator of the caller's. The order is no longer needed. */
static void end_epoch(torsh__loader *loader)
{
    if (loader->order && loader->generator) {
        pthread_mutex_lock(&loader->generator->mutex);
        torsh__permutation(&loader->generator->rng, loader->order, loader->dataset->length);
        pthread_mutex_unlock(&loader->generator->mutex);
    }
    loader->running = false;
}

static torsh_status deliver(torsh__loader *loader, torsh__parcel *parcel, torsh_batch *batch)
{
    torsh_status status = parcel->status;
    if (status) return torsh__fail(status, "%s", parcel->text);
    batch->number = loader->position - 1;
    batch->size = loader->dataset->length - batch->number * loader->options.batch_size;
    if (batch->size > loader->options.batch_size) batch->size = loader->options.batch_size;
    for (int i = 0; i < loader->dataset->fields; i++) {
        batch->fields[i] = torsh__tensor_give(parcel->fields[i]);
        parcel->fields[i] = NULL;
        if (status == TORSH_OK) status = torsh_id_status(batch->fields[i].id);
    }
    batch->input = batch->fields[0];
    batch->target = batch->fields[1];
    return status;
}

static torsh_status next(torsh__loader *loader, torsh_batch *batch)
{
    torsh_status status = TORSH_OK;
    if (loader->options.workers && !loader->prefetch) {
        status = torsh__prefetch_start(loader);
        if (status == TORSH_OK && loader->running) torsh__prefetch_begin(loader->prefetch, loader->position, loader->batches);
    }
    if (status == TORSH_OK && !loader->running) status = begin_epoch(loader);
    if (status) return status;
    if (loader->position == loader->batches) {
        end_epoch(loader);
        return TORSH_END;
    }
    torsh__parcel parcel = {0};
    if (!loader->prefetch) torsh__loader_make_batch(loader, loader->position, &parcel);
    else status = torsh__prefetch_take(loader->prefetch, &parcel);
    if (status) return status;
    loader->position++;
    status = deliver(loader, &parcel, batch);
    torsh__parcel_clear(&parcel);
    return status;
}

torsh_status torsh_loader_next(torsh_loader handle, torsh_batch *batch)
{
    if (!batch) return torsh__fail(TORSH_INVALID_ARGUMENT, "loader_next: argument 'batch' is NULL");
    *batch = (torsh_batch){0};
    torsh_status status = TORSH_OK;
    torsh__loader *loader = enter(handle, "loader_next", &status);
    if (!loader) return status;
    status = next(loader, batch);
    leave(loader, handle);
    return status;
}

torsh_status torsh_loader_restart(torsh_loader handle)
{
    torsh_status status = TORSH_OK;
    torsh__loader *loader = enter(handle, "loader_restart", &status);
    if (!loader) return status;
    if (loader->prefetch) torsh__prefetch_stop(loader->prefetch);
    loader->running = false;
    leave(loader, handle);
    return TORSH_OK;
}

/* ---- asking -------------------------------------------------------------------------------------------------- */

int64_t torsh_loader_size(torsh_loader handle)
{
    torsh_status status;
    torsh__loader *loader = enter(handle, "loader_size", &status);
    if (!loader) return -1;
    int64_t size = loader->batches;
    leave(loader, handle);
    return size;
}

int64_t torsh_loader_epoch(torsh_loader handle)
{
    torsh_status status;
    torsh__loader *loader = enter(handle, "loader_epoch", &status);
    if (!loader) return -1;
    int64_t epoch = loader->epoch ? loader->epoch - 1 : 0;
    leave(loader, handle);
    return epoch;
}

int64_t torsh_loader_position(torsh_loader handle)
{
    torsh_status status;
    torsh__loader *loader = enter(handle, "loader_position", &status);
    if (!loader) return -1;
    int64_t position = loader->position;
    leave(loader, handle);
    return position;
}

/* ---- the saved position -------------------------------------------------------------------------------------- */

/* little-endian u64: magic, epoch, position, running, base seed, dataset length, batch size, shuffle | drop_last << 1; then the
 * state from which the epoch's order was drawn. */
enum { WORDS = 8, STATE_BYTES = WORDS * 8 + TORSH__RNG_STATE_BYTES };
static const uint64_t magic = 0x3172646C48735254; /* "TRsHldr1" */

static uint64_t flags(const torsh__loader *loader)
{
    return (uint64_t)loader->options.shuffle | (uint64_t)loader->options.drop_last << 1;
}

torsh_tensor torsh_loader_state(torsh_loader handle)
{
    torsh_status status = TORSH_OK;
    uint8_t state[STATE_BYTES];
    torsh__loader *loader = enter(handle, "loader_state", &status);
    if (!loader) return torsh__tensor_error(status);
    const uint64_t words[WORDS] = {magic, (uint64_t)loader->epoch, (uint64_t)loader->position, loader->running, loader->base_seed,
                                   (uint64_t)loader->dataset->length, (uint64_t)loader->options.batch_size, flags(loader)};
    for (int i = 0; i < WORDS * 8; i++) state[i] = (uint8_t)(words[i / 8] >> i % 8 * 8);
    torsh__rng_save(&loader->shuffled, state + WORDS * 8);
    leave(loader, handle);
    return torsh_from_data(state, TORSH_DIMS(STATE_BYTES), TORSH_U8, TORSH_CPU);
}

static torsh_status restore(torsh__loader *loader, const uint8_t *state)
{
    uint64_t words[WORDS] = {0};
    for (int i = 0; i < WORDS * 8; i++) words[i / 8] |= (uint64_t)state[i] << i % 8 * 8;
    if (words[0] != magic || words[1] > INT64_MAX || words[3] > 1) return torsh__fail(TORSH_FORMAT_ERROR, "loader_set_state: these bytes are no loader's state");
    if (words[5] != (uint64_t)loader->dataset->length || words[6] != (uint64_t)loader->options.batch_size || words[7] != flags(loader))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "loader_set_state: saved with %llu samples in batches of %llu; this loader has %lld in batches of %lld%s",
                           (unsigned long long)words[5], (unsigned long long)words[6], (long long)loader->dataset->length,
                           (long long)loader->options.batch_size, words[7] != flags(loader) ? ", and shuffle or drop_last differ" : "");
    if (words[2] > (uint64_t)loader->batches) return torsh__fail(TORSH_FORMAT_ERROR, "loader_set_state: the position is past the epoch's end");
    torsh__rng shuffled = {0};
    if (loader->order && words[3]) {
        torsh_status status = torsh__rng_load(&shuffled, state + WORDS * 8, TORSH__RNG_STATE_BYTES);
        if (status) return status;
    }
    if (loader->prefetch) torsh__prefetch_stop(loader->prefetch);
    loader->epoch = (int64_t)words[1];
    loader->position = (int64_t)words[2];
    loader->running = words[3];
    loader->base_seed = words[4];
    loader->shuffled = shuffled;
    if (loader->order && loader->running) torsh__permutation(&shuffled, loader->order, loader->dataset->length);
    if (loader->prefetch && loader->running) torsh__prefetch_begin(loader->prefetch, loader->position, loader->batches);
    return TORSH_OK;
}

torsh_status torsh_loader_set_state(torsh_loader handle, torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    uint8_t state[STATE_BYTES];
    if (torsh_id_status(t.id) == TORSH_OK && torsh_dtype_of(t) != TORSH_U8)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "loader_set_state: the state is %s; it must be u8", torsh_dtype_name(torsh_dtype_of(t)));
    status = torsh_to_host(t, state, sizeof state);
    if (status) return status;
    torsh__loader *loader = enter(handle, "loader_set_state", &status);
    if (!loader) return status;
    status = restore(loader, state);
    leave(loader, handle);
    return status;
}
