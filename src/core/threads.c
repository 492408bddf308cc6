/* The pool: workers are started on the first parallel loop, spin for some microseconds after a loop, then sleep.
 * One loop runs at a time; a loop started while another runs (from any thread) is done by its own thread alone.
 * Each thread begins with a run of neighbouring pieces of its own, the same one in each loop of as many pieces, so that what one loop left in
 * a core's caches is read there by the next; a thread that is done takes from the others' runs, so a busy core does less. */
#include "threads.h"
#include "status.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST_THREADS = 256, SPINS = 2000, LINE = 64 };

/* The pieces [next, end) of one thread's run that nobody has taken; on a cache line of its own. */
typedef struct run {
    _Alignas(LINE) _Atomic int64_t next;
    int64_t end;
} run;

static struct {
    pthread_mutex_t submit; /* held by the thread whose loop runs */
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    int workers;   /* started */
    _Atomic uint64_t round;
    run runs[MOST_THREADS]; /* of the caller, then of each worker that takes part */
    torsh__piece *piece;
    void *context;
    int wanted;    /* workers that take part in this round */
    _Atomic int busy;
    bool fork_handler;
} pool = {.submit = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER};

static atomic_int threads; /* 0: not asked yet */
static _Thread_local bool inside;

static int default_threads(void)
{
    const char *text = getenv("TORSH_NUM_THREADS");
    int count = text ? atoi(text) : 0;
    if (count <= 0) {
        cpu_set_t set;
        count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
    }
    return count < 1 ? 1 : count > MOST_THREADS ? MOST_THREADS : count;
}

int torsh__threads(void)
{
    int count = atomic_load_explicit(&threads, memory_order_relaxed);
    if (__builtin_expect(count > 0, 1)) return count;
    int expected = 0;
    atomic_compare_exchange_strong(&threads, &expected, default_threads());
    return atomic_load(&threads);
}

int torsh_num_threads(void)
{
    return torsh__threads();
}

torsh_status torsh_set_num_threads(int count)
{
    if (count < 1 || count > MOST_THREADS)
        return torsh__fail(TORSH_OUT_OF_RANGE, "set_num_threads: %d threads; use 1 to %d", count, MOST_THREADS);
    atomic_store(&threads, count);
    return TORSH_OK;
}

/* Runs deal out `pieces`, as evenly as can be. */
static void deal(int64_t pieces, int64_t runs)
{
    int64_t each = pieces / runs, more = pieces % runs, at = 0;
    for (int64_t i = 0; i < runs; i++) {
        atomic_store_explicit(&pool.runs[i].next, at, memory_order_relaxed);
        pool.runs[i].end = at += each + (i < more);
    }
}

static void work(int own)
{
    int runs = pool.wanted + 1;
    for (int k = 0; k < runs; k++) {
        run *from = &pool.runs[(own + k) % runs];
        while (atomic_load_explicit(&from->next, memory_order_relaxed) < from->end) {
            int64_t i = atomic_fetch_add_explicit(&from->next, 1, memory_order_relaxed);
            if (i < from->end) pool.piece(pool.context, i);
        }
    }
}

static void *worker(void *argument)
{
    int number = (int)(intptr_t)argument;
    uint64_t seen = 0;
    inside = true;
    for (;;) {
        for (int spin = 0; spin < SPINS && atomic_load_explicit(&pool.round, memory_order_acquire) == seen; spin++) {
#if defined(__x86_64__)
            __builtin_ia32_pause();
#endif
        }
        pthread_mutex_lock(&pool.lock);
        while (atomic_load_explicit(&pool.round, memory_order_acquire) == seen) pthread_cond_wait(&pool.wake, &pool.lock);
        seen = atomic_load_explicit(&pool.round, memory_order_acquire);
        bool take_part = number < pool.wanted;
        pthread_mutex_unlock(&pool.lock);
        if (!take_part) continue;
        work(number + 1);
        if (atomic_fetch_sub_explicit(&pool.busy, 1, memory_order_acq_rel) == 1) {
            pthread_mutex_lock(&pool.lock);
            pthread_cond_signal(&pool.done);
            pthread_mutex_unlock(&pool.lock);
        }
    }
    return NULL;
}

/* A forked child has no workers; it starts its own when it needs them. */
static void after_fork(void)
{
    pool.workers = 0;
    pool.wanted = 0;
    atomic_store(&pool.busy, 0);
    pthread_mutex_init(&pool.submit, NULL);
    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.wake, NULL);
    pthread_cond_init(&pool.done, NULL);
}

static void start_workers(int count)
{
    if (!pool.fork_handler) pool.fork_handler = pthread_atfork(NULL, NULL, after_fork) == 0;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    while (pool.workers < count) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, worker, (void *)(intptr_t)pool.workers) != 0) break;
        pool.workers++;
    }
    pthread_attr_destroy(&attributes);
}

static void plain_loop(int64_t pieces, torsh__piece *piece, void *context)
{
    for (int64_t i = 0; i < pieces; i++) piece(context, i);
}

void torsh__parallel(int64_t pieces, torsh__piece *piece, void *context)
{
    int count = torsh__threads();
    if (pieces <= 1 || count == 1 || inside || pthread_mutex_trylock(&pool.submit) != 0) {
        plain_loop(pieces, piece, context);
        return;
    }
    inside = true;
    int want = (int)(pieces < count ? pieces : count) - 1;
    if (pool.workers < want) start_workers(want);
    if (want > pool.workers) want = pool.workers;

    pthread_mutex_lock(&pool.lock);
    pool.piece = piece;
    pool.context = context;
    pool.wanted = want;
    deal(pieces, want + 1);
    atomic_store_explicit(&pool.busy, want, memory_order_relaxed);
    atomic_fetch_add_explicit(&pool.round, 1, memory_order_release);
    if (want > 0) pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);

    work(0);
    for (int spin = 0; spin < SPINS && atomic_load_explicit(&pool.busy, memory_order_acquire) > 0; spin++) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    if (atomic_load_explicit(&pool.busy, memory_order_acquire) > 0) {
        pthread_mutex_lock(&pool.lock);
        while (atomic_load_explicit(&pool.busy, memory_order_acquire) > 0) pthread_cond_wait(&pool.done, &pool.lock);
        pthread_mutex_unlock(&pool.lock);
    }
    inside = false;
    pthread_mutex_unlock(&pool.submit);
}
