#include "pool.h"

#include <stdlib.h>

enum { SLACK = 256 << 20 }; /* bytes that a pool holds beside twice the most that was out */

static _Atomic int64_t fault_countdown = -1;

void torsh_fail_allocations_after(int64_t countdown)
{
    atomic_store(&fault_countdown, countdown < 0 ? -1 : countdown);
}

bool torsh__fault(void)
{
    if (__builtin_expect(atomic_load_explicit(&fault_countdown, memory_order_relaxed) < 0, 1)) return false;
    int64_t left = atomic_load(&fault_countdown);
    while (left > 0)
        if (atomic_compare_exchange_weak(&fault_countdown, &left, left - 1)) return false;
    return left == 0;
}

unsigned torsh__size_class(size_t bytes)
{
    if (bytes <= 1024) return bytes ? (unsigned)((bytes - 1) / 64) : 0;
    unsigned log = 63u - (unsigned)__builtin_clzll(bytes - 1); /* 2^log < bytes <= 2^(log+1) */
    unsigned quarter = (unsigned)((bytes - 1) >> (log - 2)) & 3u;
    return 16u + (log - 10u) * 4u + quarter;
}

size_t torsh__class_size(unsigned size_class)
{
    if (size_class < 16) return (size_t)(size_class + 1) * 64;
    unsigned log = (size_class - 16u) / 4u + 10u, quarter = (size_class - 16u) % 4u;
    return ((size_t)1 << log) + ((size_t)(quarter + 1) << (log - 2));
}

/* Both under the lock. */
static void *take_cached(torsh__pool *pool, unsigned size_class)
{
    if (pool->bins[size_class].count == 0) return NULL;
    pool->cached -= torsh__class_size(size_class);
    return pool->bins[size_class].blocks[--pool->bins[size_class].count];
}

static bool keep(torsh__pool *pool, unsigned size_class, void *block)
{
    uint32_t count = pool->bins[size_class].count;
    if (count == pool->bins[size_class].capacity) {
        uint32_t capacity = count ? count * 2 : 8;
        void **grown = realloc(pool->bins[size_class].blocks, capacity * sizeof *grown);
        if (!grown) return false;
        pool->bins[size_class].blocks = grown;
        pool->bins[size_class].capacity = capacity;
    }
    pool->bins[size_class].blocks[pool->bins[size_class].count++] = block;
    pool->cached += torsh__class_size(size_class);
    return true;
}

static void end_block(torsh__pool *pool, void *block, size_t size)
{
    atomic_fetch_sub_explicit(&pool->reserved, (int64_t)size, memory_order_relaxed);
    pool->system_free(pool->context, block, size);
}

/* The size class with cached blocks that was touched first; TORSH__SIZE_CLASSES if there is none. */
static unsigned longest_rested(const torsh__pool *pool)
{
    unsigned found = TORSH__SIZE_CLASSES;
    for (unsigned c = 0; c < TORSH__SIZE_CLASSES; c++)
        if (pool->bins[c].count > 0 && (found == TORSH__SIZE_CLASSES || pool->bins[c].touched < pool->bins[found].touched)) found = c;
    return found;
}

/* Ends cached blocks until at most `room` bytes of them are left. */
static void shrink(torsh__pool *pool, size_t room)
{
    for (;;) {
        pthread_mutex_lock(&pool->lock);
        unsigned size_class = pool->cached > room ? longest_rested(pool) : TORSH__SIZE_CLASSES;
        void *block = size_class < TORSH__SIZE_CLASSES ? take_cached(pool, size_class) : NULL;
        pthread_mutex_unlock(&pool->lock);
        if (!block) return;
        end_block(pool, block, torsh__class_size(size_class));
    }
}

/* Under the lock. */
static void hand_out(torsh__pool *pool, size_t size)
{
    pool->out += size;
    if (pool->out > pool->most) pool->most = pool->out;
}

void *torsh__pool_take(torsh__pool *pool, size_t bytes)
{
    if (bytes > (size_t)1 << 48) return NULL;
    unsigned size_class = torsh__size_class(bytes);
    size_t size = torsh__class_size(size_class);
    pthread_mutex_lock(&pool->lock);
    void *block = take_cached(pool, size_class);
    pool->bins[size_class].touched = ++pool->clock;
    size_t out = pool->out + size, most = out > pool->most ? out : pool->most, room = 2 * most + SLACK - out;
    if (block) hand_out(pool, size);
    pthread_mutex_unlock(&pool->lock);
    if (block) return block;
    shrink(pool, room);
    block = pool->system_alloc(pool->context, size);
    if (!block) {
        shrink(pool, 0);
        block = pool->system_alloc(pool->context, size);
    }
    if (!block) return NULL;
    pthread_mutex_lock(&pool->lock);
    hand_out(pool, size);
    pthread_mutex_unlock(&pool->lock);
    atomic_fetch_add_explicit(&pool->reserved, (int64_t)size, memory_order_relaxed);
    atomic_fetch_add_explicit(&pool->system_allocations, 1, memory_order_relaxed);
    return block;
}

void torsh__pool_give(torsh__pool *pool, void *block, size_t bytes)
{
    unsigned size_class = torsh__size_class(bytes);
    size_t size = torsh__class_size(size_class);
    pthread_mutex_lock(&pool->lock);
    bool kept = keep(pool, size_class, block);
    pool->bins[size_class].touched = ++pool->clock;
    pool->out -= size;
    pthread_mutex_unlock(&pool->lock);
    if (!kept) end_block(pool, block, size);
}

void torsh__pool_empty(torsh__pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->most = pool->out;
    pthread_mutex_unlock(&pool->lock);
    shrink(pool, 0);
}

void torsh__pool_destroy(torsh__pool *pool)
{
    torsh__pool_empty(pool);
    for (unsigned c = 0; c < TORSH__SIZE_CLASSES; c++) free(pool->bins[c].blocks);
    pthread_mutex_destroy(&pool->lock);
}

int64_t torsh__pool_count(torsh__pool *pool, int64_t bytes)
{
    int64_t used = atomic_fetch_add_explicit(&pool->used, bytes, memory_order_relaxed) + bytes;
    int64_t peak = atomic_load_explicit(&pool->peak, memory_order_relaxed);
    while (used > peak && !atomic_compare_exchange_weak_explicit(&pool->peak, &peak, used, memory_order_relaxed, memory_order_relaxed)) {
    }
    return used;
}

bool torsh__pool_charge(torsh__pool *pool, size_t bytes)
{
    int64_t limit = atomic_load_explicit(&pool->limit, memory_order_relaxed);
    if (bytes > INT64_MAX / 2) return false; /* `used` can't overflow */
    if (limit != INT64_MAX && atomic_load_explicit(&pool->used, memory_order_relaxed) + (int64_t)bytes > limit) return false;
    if (bytes <= TORSH__SMALL_CHARGE) torsh__pool_count(pool, (int64_t)bytes);
    else atomic_fetch_add_explicit(&pool->used, (int64_t)bytes, memory_order_relaxed);
    return true;
}

void torsh__pool_refund(torsh__pool *pool, size_t bytes)
{
    atomic_fetch_sub_explicit(&pool->used, (int64_t)bytes, memory_order_relaxed);
}

void torsh__pool_stats(torsh__pool *pool, torsh_memory *stats)
{
    *stats = (torsh_memory){
        .used = atomic_load(&pool->used),
        .peak = atomic_load(&pool->peak),
        .reserved = atomic_load(&pool->reserved),
        .limit = atomic_load(&pool->limit),
        .allocations = atomic_load(&pool->allocations),
        .system_allocations = atomic_load(&pool->system_allocations),
    };
}
