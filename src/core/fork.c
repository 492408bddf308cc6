#include "fork.h"

#include <stdbool.h>

static torsh__fork_locks *first; /* sorted by order */
static bool have_handlers;

static void before_fork(void)
{
    for (const torsh__fork_locks *held = first; held; held = held->next)
        for (int i = 0; i < held->count; i++) pthread_mutex_lock(&held->locks[i]);
}

static void after_fork(void)
{
    for (const torsh__fork_locks *held = first; held; held = held->next)
        for (int i = 0; i < held->count; i++) pthread_mutex_unlock(&held->locks[i]);
}

void torsh__fork_hold(torsh__fork_locks *locks)
{
    torsh__fork_locks **at = &first;
    while (*at && (*at)->order <= locks->order) at = &(*at)->next;
    locks->next = *at;
    *at = locks;
    if (!have_handlers) have_handlers = pthread_atfork(before_fork, after_fork, after_fork) == 0;
}
