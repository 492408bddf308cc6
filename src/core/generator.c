/* Generators: handles of random number streams, and the default one. The stream itself is rng.c. */
#include "generator.h"
#include "alloc.h"
#include "fork.h"

/* What PyTorch seeds its default generator with (c10/core/GeneratorImpl.h, default_rng_seed_val). */
static const uint64_t DEFAULT_SEED = 67280421310721;

static void destroy(torsh__object *object)
{
    torsh__generator *generator = (torsh__generator *)object;
    pthread_mutex_destroy(&generator->mutex);
    torsh__free(generator, sizeof *generator);
}
const torsh__kind torsh__generator_kind = {"generator", destroy, NULL};

/* Not a handle and never freed. Seeded at its first use. */
static torsh__generator default_generator = {.mutex = PTHREAD_MUTEX_INITIALIZER};
TORSH__HELD_ACROSS_FORK(generator, &default_generator.mutex, 1, LEAF)

torsh__generator *torsh__generator_lock(torsh_generator handle, const char *function, torsh_status *status)
{
    torsh__generator *generator = &default_generator;
    *status = TORSH_OK;
    if (handle.id) generator = (torsh__generator *)torsh__pin(handle.id, &torsh__generator_kind, function, "generator", status);
    if (!generator) return NULL;
    pthread_mutex_lock(&generator->mutex);
    if (!generator->rng.seeded) torsh__rng_seed(&generator->rng, DEFAULT_SEED);
    return generator;
}

void torsh__generator_unlock(torsh_generator handle, torsh__generator *generator)
{
    pthread_mutex_unlock(&generator->mutex);
    if (handle.id) torsh__unpin(handle.id);
}

torsh_status torsh_generator_set_seed(torsh_generator generator, uint64_t seed)
{
    torsh_status status;
    torsh__generator *g = torsh__generator_lock(generator, "generator_set_seed", &status);
    if (!g) return status;
    torsh__rng_seed(&g->rng, seed);
    torsh__generator_unlock(generator, g);
    return TORSH_OK;
}

torsh_status torsh_manual_seed(uint64_t seed)
{
    return torsh_generator_set_seed((torsh_generator){0}, seed);
}

torsh_generator torsh_generator_make(uint64_t seed)
{
    torsh__generator *generator = torsh__alloc_zero(sizeof *generator);
    if (!generator) return (torsh_generator){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    torsh__object_init(&generator->object, &torsh__generator_kind);
    if (pthread_mutex_init(&generator->mutex, NULL) != 0) {
        torsh__free(generator, sizeof *generator);
        return (torsh_generator){torsh__error_id(torsh__fail(TORSH_OUT_OF_MEMORY, "generator_make: the system gave no mutex"))};
    }
    torsh__rng_seed(&generator->rng, seed);
    return (torsh_generator){torsh__handle_make(&generator->object)};
}

torsh_status torsh_generator_seed(torsh_generator generator, uint64_t *seed)
{
    torsh_status status;
    if (!seed) return torsh__fail(TORSH_INVALID_ARGUMENT, "generator_seed: argument 'seed' is NULL");
    torsh__generator *g = torsh__generator_lock(generator, "generator_seed", &status);
    if (!g) return status;
    *seed = g->rng.seed;
    torsh__generator_unlock(generator, g);
    return TORSH_OK;
}

torsh_status torsh_generator_get_state(torsh_generator generator, void *state, size_t size)
{
    torsh_status status;
    if (!state || size != TORSH_GENERATOR_STATE_BYTES)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "generator_get_state: needs room for exactly %d bytes; %zu were given", TORSH_GENERATOR_STATE_BYTES,
                           state ? size : 0);
    torsh__generator *g = torsh__generator_lock(generator, "generator_get_state", &status);
    if (!g) return status;
    torsh__rng_save(&g->rng, state);
    torsh__generator_unlock(generator, g);
    return TORSH_OK;
}

torsh_status torsh_generator_set_state(torsh_generator generator, const void *state, size_t size)
{
    torsh_status status;
    if (!state) return torsh__fail(TORSH_INVALID_ARGUMENT, "generator_set_state: argument 'state' is NULL");
    torsh__generator *g = torsh__generator_lock(generator, "generator_set_state", &status);
    if (!g) return status;
    status = torsh__rng_load(&g->rng, state, size);
    torsh__generator_unlock(generator, g);
    return status;
}
