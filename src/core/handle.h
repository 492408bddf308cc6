/* Objects and the handles that name them.
 * Inside the library an object is a reference-counted pointer; at the door it is a generation-checked 64-bit id.
 * id of a live handle: generation (28 bits) << 32 | slot. Top bits 15: an error value (status.h).
 *
 * A slot's state is one atomic word, generation << 32 | pins << 1 | owned. Pinning keeps an object alive during a call;
 * releasing clears `owned`, and the last pin retires the slot. Slots never move and are never freed. */
#ifndef TORSH_CORE_HANDLE_H
#define TORSH_CORE_HANDLE_H

#include "status.h"
#include "thread_state.h"

#include <stdatomic.h>

typedef struct torsh__object torsh__object;

typedef struct torsh__kind {
    const char *name;                  /* "tensor": for error texts */
    void (*destroy)(torsh__object *object); /* when the last reference has gone; frees the object */
    const struct torsh__kind *as; /* its objects are taken where torsh__pin is asked for this kind, too; NULL: none */
} torsh__kind;

struct torsh__object {
    const torsh__kind *kind;
    union {
        _Atomic uint32_t references;
        torsh__object *next; /* once there are none: what ends after it */
    };
};

static inline void torsh__object_init(torsh__object *object, const torsh__kind *kind)
{
    object->kind = kind;
    atomic_init(&object->references, 1);
}
static inline void torsh__retain(torsh__object *object)
{
    atomic_fetch_add_explicit(&object->references, 1, memory_order_relaxed);
}
/* Destroys it, and what it alone held, without recursion: objects may form chains of millions. */
void torsh__end(torsh__object *object);
/* Between these two calls, which nest, objects that go wait: so that no destructor, which may be the user's, runs under a lock. */
void torsh__ends_hold(void);
void torsh__ends_let(void);
/* Gives back one reference; NULL is allowed. An object that goes while this thread destroys another goes right after that. */
static inline void torsh__drop(torsh__object *object)
{
    if (!object) return;
    /* The only holder can't be joined by another: no read-modify-write is needed then. */
    if (atomic_load_explicit(&object->references, memory_order_acquire) == 1 ||
        atomic_fetch_sub_explicit(&object->references, 1, memory_order_acq_rel) == 1)
        torsh__end(object);
}

/* Wraps a reference (consumed) into a handle owned by the innermost scope. On failure the reference is dropped and an error
 * id returned. */
uint64_t torsh__handle_make(torsh__object *object);

/* The same for a handle that belongs to no scope: whoever made it releases it. */
uint64_t torsh__handle_make_unowned(torsh__object *object);

/* The object of a live handle of the given kind, pinned until torsh__unpin; NULL with the error set (text names the
 * function and its argument) otherwise. The status of an error value is passed on through *status without a new text. */
torsh__object *torsh__pin(uint64_t id, const torsh__kind *kind, const char *function, const char *argument, torsh_status *status);
void torsh__unpin(uint64_t id);

/* What a mode holds on to: given back where the scope closes that it was set in. */
typedef struct torsh__level {
    torsh__object object;
    struct torsh__level *outer;
} torsh__level;

/* Opens a scope. owns = false: it only saves the modes, which the caller then changes. */
torsh_scope torsh__scope_open(bool owns);

#endif
