/* fork(): the locks of process-wide state are held across it, so that a child finds that state whole and the locks free.
 * Locks inside objects are not: what another thread was working on is the caller's to leave alone. Locks that are held while
 * foreign code runs (which may itself fork) are not either. */
#ifndef TORSH_CORE_FORK_H
#define TORSH_CORE_FORK_H

#include <pthread.h>

/* In the order in which a thread may take them, one of each at most. */
enum torsh__fork_order {
    TORSH__FORK_GRADS,
    TORSH__FORK_VIEWS,
    TORSH__FORK_HOOKS,
    TORSH__FORK_LEAF, /* no other lock but the ones below is taken under it */
    TORSH__FORK_HANDLES,
    TORSH__FORK_THREADS,
    TORSH__FORK_BLOCKS,
    TORSH__FORK_POOL,
};

typedef struct torsh__fork_locks {
    pthread_mutex_t *locks;
    int count;
    enum torsh__fork_order order;
    struct torsh__fork_locks *next;
} torsh__fork_locks;

/* Called while the library is loaded. The struct lives as long as it does. */
void torsh__fork_hold(torsh__fork_locks *locks);

/* Declares that `amount` locks from `first` on are held across fork(). */
#define TORSH__HELD_ACROSS_FORK(name, first, amount, rank)                                                  \
    static torsh__fork_locks fork_##name = {.locks = first, .count = amount, .order = TORSH__FORK_##rank}; \
    __attribute__((constructor)) static void hold_##name(void) { torsh__fork_hold(&fork_##name); }

#endif
