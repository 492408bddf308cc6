/* The object behind torsh_generator: one stream of random numbers and its lock. */
#ifndef TORSH_CORE_GENERATOR_H
#define TORSH_CORE_GENERATOR_H

#include "handle.h"
#include "rng.h"

#include <pthread.h>

typedef struct torsh__generator {
    torsh__object object;
    pthread_mutex_t mutex; /* guards rng */
    torsh__rng rng;
} torsh__generator;

extern const torsh__kind torsh__generator_kind;

/* The generator, pinned and locked; the null handle stands for the default one. NULL with *status and the text set. */
torsh__generator *torsh__generator_lock(torsh_generator handle, const char *function, torsh_status *status);
void torsh__generator_unlock(torsh_generator handle, torsh__generator *generator);

#endif
