#include "thread_state.h"

#include <pthread.h>
#include <stdlib.h>

_Thread_local torsh__thread *torsh__thread_self;

torsh__thread torsh__emergency_thread = {.modes = {.grad = true}};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;
static torsh__thread *threads;

static void at_exit(void *pointer)
{
    torsh__thread *self = pointer;
    torsh__thread_self = self; /* destructors below may use the library */
    torsh__handle_flush_thread(self);
    pthread_mutex_lock(&lock);
    if (self->previous) self->previous->next = self->next;
    else threads = self->next;
    if (self->next) self->next->previous = self->previous;
    pthread_mutex_unlock(&lock);
    torsh__alloc_flush_thread(self);
    torsh__thread_self = NULL;
    free(self);
}

static void make_key(void)
{
    have_key = pthread_key_create(&key, at_exit) == 0;
}

torsh__thread *torsh__thread_make(void)
{
    pthread_once(&once, make_key);
    torsh__thread *self = have_key ? calloc(1, sizeof *self) : NULL;
    if (!self) return &torsh__emergency_thread;
    if (pthread_setspecific(key, self) != 0) {
        free(self);
        return &torsh__emergency_thread;
    }
    self->modes.grad = true;
    pthread_mutex_lock(&lock);
    self->next = threads;
    if (threads) threads->previous = self;
    threads = self;
    pthread_mutex_unlock(&lock);
    torsh__thread_self = self;
    return self;
}

void torsh__thread_each(void (*visit)(torsh__thread *thread, void *context), void *context)
{
    pthread_mutex_lock(&lock);
    for (torsh__thread *t = threads; t; t = t->next) visit(t, context);
    pthread_mutex_unlock(&lock);
}
