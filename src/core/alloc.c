/* The CPU allocator: small blocks from per-thread lists, large ones from the pool.
 * Small blocks (up to 32 KiB) are carved from 256 KiB chunks that are never given back; large ones are cached by size
 * class, and those of 2 MiB and more sit on huge pages where the system has them.
 * With TORSH_PLAIN_ALLOC (sanitizer builds) every block is the system's own, so that a sanitizer sees each use after free. */
#include "alloc.h"
#include "cpu_memory.h"
#include "fork.h"
#include "pool.h"
#include "thread_state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { SMALL_LIMIT = 32 * 1024, CHUNK = 256 * 1024, HUGE_PAGE = 2 * 1024 * 1024 };

static void *system_alloc(void *context, size_t bytes)
{
    (void)context;
    void *block = NULL;
    if (posix_memalign(&block, bytes >= HUGE_PAGE ? HUGE_PAGE : TORSH__ALIGNMENT, bytes) != 0) return NULL;
    if (bytes >= HUGE_PAGE) madvise(block, bytes, MADV_HUGEPAGE);
    return block;
}

static void system_free(void *context, void *block, size_t bytes)
{
    (void)context;
    (void)bytes;
    free(block);
}

static torsh__pool pool = TORSH__POOL(system_alloc, system_free);
TORSH__HELD_ACROSS_FORK(pool, &pool.lock, 1, POOL)

torsh__pool *torsh__cpu_pool(void)
{
    return &pool;
}

static void no_memory(size_t bytes)
{
    torsh__fail(TORSH_OUT_OF_MEMORY, "out of memory: %zu bytes could not be allocated on the cpu; %lld bytes of tensors are in use", bytes,
                (long long)atomic_load_explicit(&pool.used, memory_order_relaxed));
}

#ifndef TORSH_PLAIN_ALLOC

static pthread_mutex_t central_lock = PTHREAD_MUTEX_INITIALIZER;
TORSH__HELD_ACROSS_FORK(blocks, &central_lock, 1, BLOCKS)
static void *central[TORSH__SMALL_CLASSES];
static char *chunk;
static size_t chunk_left;

static void *next_of(void *block)
{
    void *next;
    memcpy(&next, block, sizeof next);
    return next;
}

static void set_next(void *block, void *next)
{
    memcpy(block, &next, sizeof next);
}

static uint32_t batch_of(unsigned size_class)
{
    size_t batch = 16384 / torsh__class_size(size_class);
    return batch < 2 ? 2 : batch > 64 ? 64 : (uint32_t)batch;
}

/* Brings a batch of blocks into the thread's list; the lock is taken once a batch. */
static bool refill(torsh__thread *self, unsigned size_class)
{
    size_t size = torsh__class_size(size_class);
    uint32_t want = batch_of(size_class), got = 0;
    void *head = self->cache[size_class].head;
    pthread_mutex_lock(&central_lock);
    for (; got < want; got++) {
        void *block = central[size_class];
        if (block) {
            central[size_class] = next_of(block);
        } else {
            if (chunk_left < size) {
                if (got > 0) break;
                char *fresh = system_alloc(NULL, CHUNK);
                if (!fresh) break;
                atomic_fetch_add_explicit(&pool.reserved, CHUNK, memory_order_relaxed);
                atomic_fetch_add_explicit(&pool.system_allocations, 1, memory_order_relaxed);
                chunk = fresh;
                chunk_left = CHUNK;
            }
            block = chunk;
            chunk += size;
            chunk_left -= size;
        }
        set_next(block, head);
        head = block;
    }
    pthread_mutex_unlock(&central_lock);
    self->cache[size_class].head = head;
    self->cache[size_class].count += got;
    return got > 0;
}

static void give_back(torsh__thread *self, unsigned size_class, uint32_t keep)
{
    pthread_mutex_lock(&central_lock);
    while (self->cache[size_class].count > keep) {
        void *block = self->cache[size_class].head;
        self->cache[size_class].head = next_of(block);
        self->cache[size_class].count--;
        set_next(block, central[size_class]);
        central[size_class] = block;
    }
    pthread_mutex_unlock(&central_lock);
}

static void *take(size_t bytes)
{
    if (bytes > SMALL_LIMIT) return torsh__pool_take(&pool, bytes);
    torsh__thread *self = torsh__thread_get();
    unsigned size_class = torsh__size_class(bytes);
    if (!self->listed) return NULL;
    if (!self->cache[size_class].head && !refill(self, size_class)) return NULL;
    void *block = self->cache[size_class].head;
    self->cache[size_class].head = next_of(block);
    self->cache[size_class].count--;
    return block;
}

static void give(void *block, size_t bytes)
{
    if (bytes > SMALL_LIMIT) {
        torsh__pool_give(&pool, block, bytes);
        return;
    }
    torsh__thread *self = torsh__thread_get();
    unsigned size_class = torsh__size_class(bytes);
    if (!self->listed) {
        pthread_mutex_lock(&central_lock);
        set_next(block, central[size_class]);
        central[size_class] = block;
        pthread_mutex_unlock(&central_lock);
        return;
    }
    set_next(block, self->cache[size_class].head);
    self->cache[size_class].head = block;
    if (++self->cache[size_class].count > 2 * batch_of(size_class)) give_back(self, size_class, batch_of(size_class));
}

static void return_blocks(torsh__thread *self)
{
    for (unsigned c = 0; c < TORSH__SMALL_CLASSES; c++) give_back(self, c, 0);
}

#else

static void *take(size_t bytes)
{
    return system_alloc(NULL, bytes ? bytes : 1);
}

static void give(void *block, size_t bytes)
{
    system_free(NULL, block, bytes);
}

static void return_blocks(torsh__thread *self)
{
    (void)self;
}

#endif

void *torsh__alloc(size_t bytes)
{
    void *block = torsh__fault() ? NULL : take(bytes);
    if (__builtin_expect(!block, 0)) no_memory(bytes);
    return block;
}

void *torsh__alloc_zero(size_t bytes)
{
    void *block = torsh__alloc(bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

void torsh__free(void *memory, size_t bytes)
{
    if (memory) give(memory, bytes);
}

/* ---- tensor data --------------------------------------------------------------------------------------------- */

/* Small changes of `used` are summed per thread first, so that a small tensor costs no shared atomic; with a limit set, or
 * past this many bytes, they go to the pool at once. `peak` may be too low by this much per thread. */
enum { PENDING_LIMIT = 2 * TORSH__SMALL_CHARGE };

void torsh__tally_settle(torsh__tally *tally)
{
    int64_t used = atomic_exchange_explicit(&tally->used, 0, memory_order_relaxed);
    int64_t allocations = atomic_exchange_explicit(&tally->allocations, 0, memory_order_relaxed);
    atomic_fetch_add_explicit(&pool.allocations, allocations, memory_order_relaxed);
    if (used >= 0) torsh__pool_count(&pool, used);
    else atomic_fetch_add_explicit(&pool.used, used, memory_order_relaxed);
}

static void add_pending(_Atomic int64_t *counter, int64_t amount)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + amount, memory_order_relaxed);
}

static bool charge(torsh__thread *self, size_t bytes)
{
    bool limited = atomic_load_explicit(&pool.limit, memory_order_relaxed) != INT64_MAX;
    torsh__tally *tally = &self->tally;
    if (!self->listed) return torsh__pool_charge(&pool, bytes);
    add_pending(&tally->allocations, 1);
    if (limited || bytes > TORSH__SMALL_CHARGE) {
        torsh__tally_settle(tally);
        return torsh__pool_charge(&pool, bytes);
    }
    add_pending(&tally->used, (int64_t)bytes);
    if (atomic_load_explicit(&tally->used, memory_order_relaxed) > PENDING_LIMIT) torsh__tally_settle(tally);
    return true;
}

static void refund(torsh__thread *self, size_t bytes)
{
    torsh__tally *tally = &self->tally;
    if (!self->listed || bytes > TORSH__SMALL_CHARGE) {
        torsh__pool_refund(&pool, bytes);
        return;
    }
    add_pending(&tally->used, -(int64_t)bytes);
    if (atomic_load_explicit(&tally->used, memory_order_relaxed) < -PENDING_LIMIT) torsh__tally_settle(tally);
}

bool torsh__data_charge(size_t bytes)
{
    if (charge(torsh__thread_get(), bytes)) return true;
    torsh__fail(TORSH_OUT_OF_MEMORY, "out of memory: %zu bytes more would pass the limit of %lld bytes set for the cpu", bytes,
                (long long)atomic_load(&pool.limit));
    return false;
}

void torsh__data_refund(size_t bytes)
{
    refund(torsh__thread_get(), bytes);
}

void *torsh__data_alloc(size_t bytes)
{
    if (!torsh__data_charge(bytes)) return NULL;
    void *block = torsh__alloc(bytes);
    if (block) {
        if (bytes > TORSH__SMALL_CHARGE) torsh__pool_count(&pool, 0); /* the peak */
        return block;
    }
    torsh__data_refund(bytes);
    no_memory(bytes); /* again: what is in use doesn't include it */
    return NULL;
}

void torsh__data_free(void *memory, size_t bytes)
{
    if (!memory) return;
    torsh__data_refund(bytes);
    give(memory, bytes);
}

/* Only a thread itself moves its counters to the pool; others read them. */
static void add_tally(torsh__tally *tally, void *context)
{
    torsh_memory *sum = context;
    sum->used += atomic_load_explicit(&tally->used, memory_order_relaxed);
    sum->allocations += atomic_load_explicit(&tally->allocations, memory_order_relaxed);
}

void torsh__cpu_memory_stats(torsh_memory *stats)
{
    torsh__pool_stats(&pool, stats);
    torsh__tally_each(add_tally, stats);
    if (stats->peak < stats->used) stats->peak = stats->used;
}

void torsh__alloc_flush_thread(torsh__thread *self)
{
    torsh__tally_settle(&self->tally);
    return_blocks(self);
}
