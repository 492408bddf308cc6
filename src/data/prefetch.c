/* Worker threads of a loader. They make the batches of an epoch, each the next number, into a ring of bounded size; the
 * consumer takes them in order, so what it gets doesn't depend on how many workers there are or which is faster. */
#include "alloc.h"
#include "loader.h"

#include <signal.h>
#include <unistd.h>

struct torsh__prefetch {
    const torsh__loader *loader;
    pthread_mutex_t lock;
    pthread_cond_t wanted;   /* there may be a batch to make, or it is over */
    pthread_cond_t finished; /* a batch is there, or nothing is under way */
    int64_t next, taken, end; /* of the epoch's batches: the next to make, the next to take */
    int64_t room;            /* parcels in the ring */
    int under_way;
    bool over;
    pid_t process;
    int workers;
    pthread_t *threads;
    torsh__parcel *ring; /* batch b is at b % room */
};

static _Thread_local const torsh__loader *working_for;

bool torsh__prefetch_is_worker(const torsh__loader *loader)
{
    return working_for == loader;
}

static void *work(void *argument)
{
    torsh__prefetch *prefetch = argument;
    working_for = prefetch->loader;
    pthread_mutex_lock(&prefetch->lock);
    for (;;) {
        while (!prefetch->over && (prefetch->next >= prefetch->end || prefetch->next >= prefetch->taken + prefetch->room))
            pthread_cond_wait(&prefetch->wanted, &prefetch->lock);
        if (prefetch->over) break;
        int64_t number = prefetch->next++;
        prefetch->under_way++;
        pthread_mutex_unlock(&prefetch->lock);

        torsh__parcel parcel;
        torsh__loader_make_batch(prefetch->loader, number, &parcel);

        pthread_mutex_lock(&prefetch->lock);
        prefetch->ring[number % prefetch->room] = parcel;
        prefetch->under_way--;
        pthread_cond_broadcast(&prefetch->finished);
    }
    pthread_mutex_unlock(&prefetch->lock);
    return NULL;
}

/* Workers leave signals to the program's own threads. Fewer than asked for will do; none is an error. */
static torsh_status start_threads(torsh__prefetch *prefetch, int count)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (prefetch->workers < count && pthread_create(&prefetch->threads[prefetch->workers], NULL, work, prefetch) == 0) prefetch->workers++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return prefetch->workers ? TORSH_OK : torsh__fail(TORSH_OUT_OF_MEMORY, "loader_next: the system gave no thread for a worker");
}

torsh_status torsh__prefetch_start(torsh__loader *loader)
{
    torsh__prefetch *prefetch = torsh__alloc_zero(sizeof *prefetch);
    if (!prefetch) return TORSH_OUT_OF_MEMORY;
    prefetch->loader = loader;
    prefetch->process = getpid();
    pthread_mutex_init(&prefetch->lock, NULL);
    pthread_cond_init(&prefetch->wanted, NULL);
    pthread_cond_init(&prefetch->finished, NULL);
    prefetch->room = (int64_t)loader->options.workers * loader->options.prefetch;
    prefetch->ring = torsh__alloc_zero((size_t)prefetch->room * sizeof *prefetch->ring);
    prefetch->threads = torsh__alloc((size_t)loader->options.workers * sizeof *prefetch->threads);
    torsh_status status = prefetch->ring && prefetch->threads ? start_threads(prefetch, loader->options.workers) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) loader->prefetch = prefetch;
    else torsh__prefetch_free(prefetch);
    return status;
}

void torsh__prefetch_begin(torsh__prefetch *prefetch, int64_t first, int64_t end)
{
    pthread_mutex_lock(&prefetch->lock);
    prefetch->next = prefetch->taken = first;
    prefetch->end = end;
    pthread_cond_broadcast(&prefetch->wanted);
    pthread_mutex_unlock(&prefetch->lock);
}

torsh_status torsh__prefetch_take(torsh__prefetch *prefetch, torsh__parcel *parcel)
{
    if (prefetch->process != getpid())
        return torsh__fail(TORSH_UNSUPPORTED, "loader_next: the loader's workers stayed in the parent process; make a loader after the fork");
    pthread_mutex_lock(&prefetch->lock);
    torsh__parcel *place = &prefetch->ring[prefetch->taken % prefetch->room];
    while (!place->full) pthread_cond_wait(&prefetch->finished, &prefetch->lock);
    *parcel = *place;
    place->full = false;
    prefetch->taken++;
    pthread_cond_signal(&prefetch->wanted);
    pthread_mutex_unlock(&prefetch->lock);
    return TORSH_OK;
}

void torsh__prefetch_stop(torsh__prefetch *prefetch)
{
    bool mine = prefetch->process == getpid();
    if (mine) pthread_mutex_lock(&prefetch->lock);
    prefetch->next = prefetch->end = 0;
    while (mine && prefetch->under_way) pthread_cond_wait(&prefetch->finished, &prefetch->lock);
    for (int64_t i = 0; i < prefetch->room; i++)
        if (prefetch->ring[i].full) torsh__parcel_clear(&prefetch->ring[i]);
    if (mine) pthread_mutex_unlock(&prefetch->lock);
}

/* In a forked child the workers don't exist and the lock may be held for ever: only the memory is given back. */
void torsh__prefetch_free(torsh__prefetch *prefetch)
{
    bool mine = prefetch->process == getpid();
    int workers = prefetch->workers;
    if (mine && workers) {
        pthread_mutex_lock(&prefetch->lock);
        prefetch->over = true;
        pthread_cond_broadcast(&prefetch->wanted);
        pthread_mutex_unlock(&prefetch->lock);
        for (int i = 0; i < workers; i++) pthread_join(prefetch->threads[i], NULL);
    }
    if (prefetch->ring) {
        for (int64_t i = 0; i < prefetch->room; i++)
            if (prefetch->ring[i].full) torsh__parcel_clear(&prefetch->ring[i]);
        torsh__free(prefetch->ring, (size_t)prefetch->room * sizeof *prefetch->ring);
    }
    if (prefetch->threads) torsh__free(prefetch->threads, (size_t)prefetch->loader->options.workers * sizeof *prefetch->threads);
    if (mine) {
        pthread_cond_destroy(&prefetch->wanted);
        pthread_cond_destroy(&prefetch->finished);
        pthread_mutex_destroy(&prefetch->lock);
    }
    torsh__free(prefetch, sizeof *prefetch);
}
