#include "thread_state.h"
#include "fork.h"

#include <pthread.h>
#include <stdlib.h>

#define FRESH .modes = {.grad = true}
TORSH__QUICK_LOCAL torsh__thread *torsh__thread_own;

static torsh__thread nobody = {FRESH};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;
static torsh__thread *threads, *spare; /* as many as threads lived at once; kept for the next ones */

/* These two are called with the lock held. */
static torsh__thread *begin(void)
{
    torsh__thread *thread = spare;
    if (thread) spare = thread->next;
    else thread = aligned_alloc(_Alignof(torsh__thread), sizeof *thread);
    if (!thread) return NULL;
    *thread = (torsh__thread){FRESH, .next = threads};
    if (threads) threads->previous = thread;
    threads = thread;
    return thread;
}

static void end(torsh__thread *thread)
{
    if (thread->previous) thread->previous->next = thread->next;
    else threads = thread->next;
    if (thread->next) thread->next->previous = thread->previous;
    thread->next = spare;
    spare = thread;
}

/* The child's only thread is the one that forked. What the others had counted stays counted. */
static void forget_others(void)
{
    for (torsh__thread *thread = threads, *next; thread; thread = next) {
        next = thread->next;
        if (thread == torsh__thread_own) continue;
        torsh__tally_settle(&thread->tally);
        end(thread);
    }
}
TORSH__ACROSS_FORK(threads, &lock, 1, THREADS, .in_child = forget_others)

static void at_exit(void *pointer)
{
    torsh__thread *self = pointer;
    torsh__handle_flush_thread(self);
    torsh__alloc_flush_thread(self);
    torsh__thread_own = NULL;
    pthread_mutex_lock(&lock);
    end(self);
    pthread_mutex_unlock(&lock);
}

static void make_key(void)
{
    have_key = pthread_key_create(&key, at_exit) == 0;
}

torsh__thread *torsh__thread_first(void)
{
    pthread_once(&once, make_key);
    pthread_mutex_lock(&lock);
    torsh__thread *self = begin();
    pthread_mutex_unlock(&lock);
    if (!self) return &nobody;
    self->listed = have_key && pthread_setspecific(key, self) == 0;
    return torsh__thread_own = self;
}

void torsh__tally_each(void (*visit)(torsh__tally *tally, void *context), void *context)
{
    pthread_mutex_lock(&lock);
    for (torsh__thread *thread = threads; thread; thread = thread->next) visit(&thread->tally, context);
    pthread_mutex_unlock(&lock);
}
