/* What the library keeps per thread: modes, error texts, open scopes, caches; about 6 KB, made at the thread's first call. A thread for
 * which there is no memory then has a state in common with others of its kind, in which calls that need memory fail; each call tries anew.
 * What a thread holds is given back at its exit. Its state outlives it, for a next thread: a thread may use the library after its exit
 * was seen (in another key's destructor). Where the process has no key left, a thread's end isn't seen and its state stays. */
#ifndef TORSH_CORE_THREAD_STATE_H
#define TORSH_CORE_THREAD_STATE_H

#include "shape.h"
#include "status.h"

#include <stdatomic.h>

enum { TORSH__ERROR_TEXTS = 8, TORSH__ERROR_TEXT_SIZE = 512, TORSH__SMALL_CLASSES = 36, TORSH__SLOT_CACHE = 128, TORSH__SHAPE_TEXTS = 4 };

/* Modes are set by scopes and restored when the scope closes. */
typedef struct torsh__modes {
    bool grad;      /* ops are recorded on the tape */
    bool anomaly;   /* backward names the forward op that made a NaN */
    bool backward;  /* inside torsh_backward */
    struct torsh__saver *saver; /* takes the tensors that nodes would save; NULL: they keep them (tensor/tape.h) */
    const struct torsh__vmap *vmap; /* the innermost vmap that runs; NULL: none (tensor/batched.h) */
    struct torsh__level *level; /* the innermost level of forward mode; NULL: none (tensor/dual.h) */
    uint32_t hidden;            /* bit d: the level at depth d isn't seen just now */
} torsh__modes;

typedef struct torsh__scope_entry {
    uint64_t serial;
    bool owns; /* false for a scope that only sets modes */
    torsh__modes saved;
    uint64_t *ids;
    size_t count, capacity;
} torsh__scope_entry;

/* Tensor bytes and blocks of a thread that are not yet added to the cpu pool's counters; written by that thread only. */
typedef struct torsh__tally {
    _Alignas(64) _Atomic int64_t used;
    _Atomic int64_t allocations;
} torsh__tally;

typedef struct torsh__thread {
    torsh__tally tally;
    struct torsh__thread *next, *previous; /* the list of live threads; or the next of those that no thread has */
    bool listed; /* at_exit will see its end; if not (no memory, no key), nothing would give back scopes and caches, so it has none */
    bool substituted; /* set when torsh__pin takes an object for one of another kind, by vmap and by levels: the door looks closer then (tensor/call.c) */
    torsh__modes modes;
    torsh__context *context;
    const char *speaker; /* the composed row whose parts run: error texts are in its name; NULL: each op's own */
    uint64_t first_error; /* while there is a speaker: the error value of the first failure, which later ones come from */
    uint32_t refused_reads; /* how often a batched tensor's elements were asked for (tensor/batched.h) */
    const void *refused_change; /* the storage that the last change of a tensor which all samples share was to go to */
    uint64_t passed_error; /* the error value that a call was given since the last error, which the call gives back; or 0 */
    uint32_t error_serial; /* of the last error; its text is in errors[serial % TORSH__ERROR_TEXTS] */
    struct {
        uint32_t serial;
        char text[TORSH__ERROR_TEXT_SIZE];
    } errors[TORSH__ERROR_TEXTS];
    char device_name[32];
    torsh__shape_text shape_texts[TORSH__SHAPE_TEXTS]; /* used in turn (tensor/access.c) */
    unsigned shape_turn;

    torsh__scope_entry *scopes;
    size_t scope_count, scope_capacity;
    uint64_t nodes;        /* made by this thread: a node's sequence (tensor/tape.h) */
    uint64_t owner;        /* serial of the innermost owning scope, 0: none */
    size_t owner_index;

    struct { void *head; uint32_t count; } cache[TORSH__SMALL_CLASSES];
    uint32_t slots[TORSH__SLOT_CACHE];
    uint32_t slot_count;
    struct torsh__object *ended; /* without references, and waiting to be destroyed (handle.c) */
    int ends_held;               /* while not 0 they wait */
} torsh__thread;

/* Read several times in each op. In a library that was opened by dlopen only an initial-exec variable costs no call, and there glibc has
 * room for some hundred bytes, which all thread-local variables of the library must fit then; musl has none. */
#ifdef __GLIBC__
#define TORSH__QUICK_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#else
#define TORSH__QUICK_LOCAL _Thread_local
#endif
extern TORSH__QUICK_LOCAL torsh__thread *torsh__thread_own; /* null before its first call, after its exit, and without memory */
torsh__thread *torsh__thread_first(void);

static inline torsh__thread *torsh__thread_get(void)
{
    torsh__thread *self = torsh__thread_own;
    return __builtin_expect(self != NULL, 1) ? self : torsh__thread_first();
}
/* Calls visit for each live thread's, the list locked. */
void torsh__tally_each(void (*visit)(torsh__tally *tally, void *context), void *context);
/* Adds it to the pool's counters (alloc.c). */
void torsh__tally_settle(torsh__tally *tally);

/* Given back at thread exit (alloc.c, handle.c). */
void torsh__alloc_flush_thread(torsh__thread *thread);
void torsh__handle_flush_thread(torsh__thread *thread);

#endif
