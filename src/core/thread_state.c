#include "thread_state.h"
#include "fork.h"

#include <pthread.h>

#define FRESH {.modes = {.grad = true}}
_Thread_local torsh__thread torsh__thread_self = FRESH;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
TORSH__HELD_ACROSS_FORK(threads, &lock, 1, THREADS)
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;
static torsh__thread *threads;

static void at_exit(void *pointer)
{
    torsh__thread *self = pointer;
    torsh__handle_flush_thread(self);
    pthread_mutex_lock(&lock);
    if (self->previous) self->previous->next = self->next;
    else threads = self->next;
    if (self->next) self->next->previous = self->previous;
    pthread_mutex_unlock(&lock);
    torsh__alloc_flush_thread(self);
    *self = (torsh__thread)FRESH; /* another library's destructor may use it once more */
}

static void make_key(void)
{
    have_key = pthread_key_create(&key, at_exit) == 0;
}

void torsh__thread_list(torsh__thread *self)
{
    pthread_once(&once, make_key);
    if (!have_key || pthread_setspecific(key, self) != 0) return;
    pthread_mutex_lock(&lock);
    self->next = threads;
    if (threads) threads->previous = self;
    threads = self;
    pthread_mutex_unlock(&lock);
    self->listed = true;
}

void torsh__thread_each(void (*visit)(torsh__thread *thread, void *context), void *context)
{
    pthread_mutex_lock(&lock);
    for (torsh__thread *t = threads; t; t = t->next) visit(t, context);
    pthread_mutex_unlock(&lock);
}
