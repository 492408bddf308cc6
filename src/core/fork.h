/* fork(): what becomes of the locks of process-wide state, so that a child finds that state whole and the locks free. Locks inside
 * objects are not dealt with: what another thread was working on is the caller's to leave alone.
 *
 * A lock is either held across fork(), so that no other thread is in the middle of what it guards, or made anew in the child. A lock
 * under which foreign code runs (plug-ins, drivers, oneDNN) needs care, for that code may fork, and its thread has the lock already.
 * Such a lock names its holder, and is made anew, or is the only one of the first rank: then a thread that forks waits for it before it
 * has any other, so two that fork don't wait for each other. */
#ifndef TORSH_CORE_FORK_H
#define TORSH_CORE_FORK_H

#include <pthread.h>
#include <stdint.h>

/* The order in which a thread may take them, one of each at most. */
enum torsh__fork_order {
    TORSH__FORK_ANEW, /* not held, but made anew in the child: what they guard is whole at any time, or in_child puts it right */
    TORSH__FORK_ONEDNN,
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
    int count; /* at most 32 */
    enum torsh__fork_order order;
    uint32_t (*mine)(void);  /* bit i: this thread has locks[i] already; NULL: it never has when it forks */
    void (*in_child)(void);  /* before any lock is let go of; may be NULL */
    struct torsh__fork_locks *next;
} torsh__fork_locks;

/* Called while the library is loaded. The struct lives as long as it does. */
void torsh__fork_hold(torsh__fork_locks *locks);

/* Declares `amount` locks from `first` on, of the rank; then may come .mine and .in_child. */
#define TORSH__ACROSS_FORK(name, first, amount, rank, ...)                                                               \
    static torsh__fork_locks fork_##name = {.locks = first, .count = amount, .order = TORSH__FORK_##rank, __VA_ARGS__}; \
    __attribute__((constructor)) static void hold_##name(void) { torsh__fork_hold(&fork_##name); }
#define TORSH__HELD_ACROSS_FORK(name, first, amount, rank) TORSH__ACROSS_FORK(name, first, amount, rank, .next = NULL)

#endif
