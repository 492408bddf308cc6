#include "fork.h"

#include <stdbool.h>

static torsh__fork_locks *first; /* sorted by order */
static bool have_handlers;

static void before_fork(void)
{
    for (const torsh__fork_locks *of = first; of; of = of->next) {
        uint32_t mine = of->mine ? of->mine() : 0;
        for (int i = 0; i < of->count && of->order != TORSH__FORK_ANEW; i++)
            if (!(mine >> i & 1)) pthread_mutex_lock(&of->locks[i]);
    }
}

static void let_go(bool child)
{
    for (const torsh__fork_locks *of = first; of; of = of->next) {
        uint32_t mine = of->mine ? of->mine() : 0;
        bool held = of->order != TORSH__FORK_ANEW;
        for (int i = 0; i < of->count && (held || child); i++) {
            if (mine >> i & 1) continue;
            if (held) pthread_mutex_unlock(&of->locks[i]);
            else pthread_mutex_init(&of->locks[i], NULL);
        }
    }
}

static void in_parent(void)
{
    let_go(false);
}

static void in_child(void)
{
    for (const torsh__fork_locks *of = first; of; of = of->next)
        if (of->in_child) of->in_child();
    let_go(true);
}

void torsh__fork_hold(torsh__fork_locks *locks)
{
    torsh__fork_locks **at = &first;
    while (*at && (*at)->order <= locks->order) at = &(*at)->next;
    locks->next = *at;
    *at = locks;
    if (!have_handlers) have_handlers = pthread_atfork(before_fork, in_parent, in_child) == 0;
}
