/* The object behind torsh_loader. loader.c knows epochs and positions, prefetch.c makes batches ahead on worker threads. */
#ifndef TORSH_DATA_LOADER_H
#define TORSH_DATA_LOADER_H

#include "dataset.h"

enum { TORSH__MOST_WORKERS = 256, TORSH__MOST_PREFETCH = 1024 };

/* A finished batch, free of handles so that it can pass from one thread to another. */
typedef struct torsh__parcel {
    bool full;
    torsh_status status;
    torsh__tensor *fields[TORSH_MAX_FIELDS]; /* retained; all there if status is TORSH_OK */
    char text[512];                          /* of the error */
} torsh__parcel;

typedef struct torsh__prefetch torsh__prefetch;

typedef struct torsh__loader {
    torsh__object object;
    pthread_mutex_t lock; /* held during each call */
    torsh__dataset *dataset;
    torsh_loader_options options;
    torsh__generator *generator; /* retained; NULL: the default one */
    int64_t batches;             /* per epoch */
    torsh__prefetch *prefetch;   /* NULL: no workers, or not started yet */

    bool running;        /* inside an epoch */
    int64_t epoch;       /* begun so far */
    int64_t position;    /* batches given in the current epoch */
    uint64_t base_seed;  /* of this epoch's samples */
    torsh__rng shuffled; /* the generator as it was when this epoch's order was drawn from it */
    int64_t *order;      /* indices of this epoch; NULL without shuffle */
} torsh__loader;

/* Makes batch `number` of the current epoch. Runs on any thread; reads the loader only. */
void torsh__loader_make_batch(const torsh__loader *loader, int64_t number, torsh__parcel *parcel);
void torsh__parcel_clear(torsh__parcel *parcel);

/* Starts the loader's workers. */
torsh_status torsh__prefetch_start(torsh__loader *loader);
/* Batches from `first` on are made from now. Nothing may be under way. */
void torsh__prefetch_begin(torsh__prefetch *prefetch, int64_t first, int64_t end);
/* Waits for the next batch in order and moves it to *parcel. */
torsh_status torsh__prefetch_take(torsh__prefetch *prefetch, torsh__parcel *parcel);
/* Drops what was made and waits until nothing is under way. */
void torsh__prefetch_stop(torsh__prefetch *prefetch);
/* Ends the workers and waits for them. */
void torsh__prefetch_free(torsh__prefetch *prefetch);
/* True on a worker thread of this loader. */
bool torsh__prefetch_is_worker(const torsh__loader *loader);

#endif
