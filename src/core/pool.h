/* A caching pool of large blocks for one device: blocks given back are kept by size class and handed out again. What it holds stays below
 * twice the most that was out at one time since it was emptied last, and 256 MB: a request that would grow it beyond, of a size that isn't
 * cached, first ends cached blocks of the sizes that have rested longest. A loop over the same shapes so never asks the system again, and one
 * whose shapes change doesn't pile up the old ones.
 * Knows nothing of what a block is: the device's two functions make and end one. */
#ifndef TORSH_CORE_POOL_H
#define TORSH_CORE_POOL_H

#include "status.h"

#include <pthread.h>
#include <stdatomic.h>

enum { TORSH__SIZE_CLASSES = 176 }; /* up to 2^50 bytes */

/* Size classes: multiples of 64 up to 1024, then four per power of two. */
unsigned torsh__size_class(size_t bytes);
size_t torsh__class_size(unsigned size_class);

typedef struct torsh__pool {
    void *(*system_alloc)(void *context, size_t bytes); /* NULL when there is none */
    void (*system_free)(void *context, void *block, size_t bytes);
    void *context;

    pthread_mutex_t lock;
    struct { void **blocks; uint32_t count, capacity; uint64_t touched; } bins[TORSH__SIZE_CLASSES];
    uint64_t clock;           /* touched: its last reading */
    size_t cached, out, most; /* bytes: here, handed out, and the most of these */

    _Atomic int64_t used, peak, limit, reserved, allocations, system_allocations;
} torsh__pool;

#define TORSH__POOL(alloc_function, free_function) \
    {.system_alloc = alloc_function, .system_free = free_function, .lock = PTHREAD_MUTEX_INITIALIZER, .limit = INT64_MAX}

/* Blocks of at least `bytes`. NULL, without error text, when the device has none even after the cache was emptied. */
void *torsh__pool_take(torsh__pool *pool, size_t bytes);
void torsh__pool_give(torsh__pool *pool, void *block, size_t bytes);
void torsh__pool_empty(torsh__pool *pool);
void torsh__pool_destroy(torsh__pool *pool);

enum { TORSH__SMALL_CHARGE = 32 * 1024 };
/* Counts tensor bytes against the limit; false when it would be passed. `peak` learns of more than TORSH__SMALL_CHARGE bytes only by
 * torsh__pool_count(pool, 0), once there is a block of them. */
bool torsh__pool_charge(torsh__pool *pool, size_t bytes);
/* Adds to `used` and `peak` without asking the limit. */
int64_t torsh__pool_count(torsh__pool *pool, int64_t bytes);
void torsh__pool_refund(torsh__pool *pool, size_t bytes);
void torsh__pool_stats(torsh__pool *pool, torsh_memory *stats);

/* True when this allocation has to fail on purpose (torsh_fail_allocations_after). */
bool torsh__fault(void);

#endif
