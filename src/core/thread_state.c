#include "thread_state.h"
#include "fork.h"

#include <pthread.h>
#include <stdlib.h>

#define FRESH {.modes = {.grad = true}}
static _Thread_local torsh__thread thread_self = FRESH;
TORSH__QUICK_LOCAL torsh__thread *torsh__thread_listed;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;
static torsh__tally *tallies, *spare; /* as many as threads lived at once; kept for the next ones */

/* These two are called with the lock held. */
static torsh__tally *tally_new(void)
{
    torsh__tally *tally = spare;
    if (tally) spare = tally->next;
    else tally = aligned_alloc(_Alignof(torsh__tally), sizeof *tally);
    if (!tally) return NULL;
    *tally = (torsh__tally){.next = tallies};
    if (tallies) tallies->previous = tally;
    tallies = tally;
    return tally;
}

static void tally_end(torsh__tally *tally)
{
    if (tally->previous) tally->previous->next = tally->next;
    else tallies = tally->next;
    if (tally->next) tally->next->previous = tally->previous;
    tally->next = spare;
    spare = tally;
}

/* The child's only thread is the one that forked. What the others had counted stays counted. */
static void forget_others(void)
{
    for (torsh__tally *tally = tallies, *next; tally; tally = next) {
        next = tally->next;
        if (tally == thread_self.tally) continue;
        torsh__tally_settle(tally);
        tally_end(tally);
    }
}
TORSH__ACROSS_FORK(threads, &lock, 1, THREADS, .in_child = forget_others)

static void at_exit(void *pointer)
{
    torsh__thread *self = pointer;
    torsh__handle_flush_thread(self);
    torsh__alloc_flush_thread(self);
    pthread_mutex_lock(&lock);
    tally_end(self->tally);
    pthread_mutex_unlock(&lock);
    torsh__thread_listed = NULL;
    *self = (torsh__thread)FRESH; /* another library's destructor may use it once more */
}

static void make_key(void)
{
    have_key = pthread_key_create(&key, at_exit) == 0;
}

static void list(torsh__thread *self)
{
    pthread_once(&once, make_key);
    if (!have_key) return;
    pthread_mutex_lock(&lock);
    self->tally = tally_new();
    self->listed = self->tally && pthread_setspecific(key, self) == 0;
    if (self->tally && !self->listed) {
        tally_end(self->tally);
        self->tally = NULL;
    }
    pthread_mutex_unlock(&lock);
}

torsh__thread *torsh__thread_first(void)
{
    torsh__thread *self = &thread_self;
    if (!self->listed) list(self);
    if (self->listed) torsh__thread_listed = self;
    return self;
}

void torsh__tally_each(void (*visit)(torsh__tally *tally, void *context), void *context)
{
    pthread_mutex_lock(&lock);
    for (torsh__tally *tally = tallies; tally; tally = tally->next) visit(tally, context);
    pthread_mutex_unlock(&lock);
}
