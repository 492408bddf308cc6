/* Dual tensors: forward-mode differentiation. Beside its elements a tensor may have a tangent for each open level: how it changes with
 * what that level differentiates by. A level is a mode of its thread, and ends with the scope that opened it, and then so do its tangents.
 * Duals are ordinary tensors; only the door (call.c) and what deals with tensors past it know. The door hands a call with one to
 * torsh__dual_run (autograd/forward.c), which hides the level while it works: a hidden level's tangents don't exist. */
#ifndef TORSH_TENSOR_DUAL_H
#define TORSH_TENSOR_DUAL_H

#include "op.h"

enum { TORSH__MOST_LEVELS = 16 }; /* nested */

typedef struct torsh__tangent torsh__tangent;

typedef struct torsh__dual_level {
    torsh__level mode;
    int depth;              /* 0: the outermost */
    torsh__tangent *first;  /* all its tangents */
} torsh__dual_level;

/* One tangent of a tensor. The lists and what they hold are guarded by one lock, as a tensor's last reference may go on another thread. */
struct torsh__tangent {
    torsh__tangent *next; /* of the same tensor */
    torsh__tangent *before, *after; /* of the same level */
    torsh__dual_level *level; /* NULL once it has ended */
    torsh__tensor *tensor; /* retained; of the tensor's sizes, strides and dtype. NULL once the level has ended */
};

/* Opens a level, which is the current mode's: the scope that the caller has just opened ends it. */
torsh_status torsh__level_open(void);
/* The innermost level of this thread that isn't hidden; NULL: none. */
torsh__dual_level *torsh__level_innermost(void);
/* May what is computed now be differentiated? If not, a gradient function may take a kernel that has no gradient of its own. */
static inline bool torsh__is_differentiating(void)
{
    return torsh__thread_get()->modes.grad || torsh__level_innermost();
}
/* The innermost visible level at which one of them has a tangent, of its own or by being a view. NULL: none is dual. */
torsh__dual_level *torsh__dual_at(torsh__tensor *const *tensors, int count);
static inline bool torsh__is_dual(torsh__tensor *t)
{
    return torsh__dual_at(&t, 1) != NULL;
}
/* t's own tangent at that level, a new reference; NULL: it has none. */
torsh__tensor *torsh__tangent_of(const torsh__tensor *t, const torsh__dual_level *level);
/* Gives t that tangent (a reference, consumed) in place of the one it has. */
torsh_status torsh__tangent_set(torsh__tensor *t, torsh__dual_level *level, torsh__tensor *tangent);
/* Gives `to` all tangents that `from` has at visible levels. */
torsh_status torsh__tangents_share(torsh__tensor *to, const torsh__tensor *from);
/* In this mode nothing is recorded, and no tensor has a tangent: for values that are constants of what is differentiated. */
void torsh__constant_mode(void);

/* ---- autograd/forward.c ----------------------------------------------------------------------------------------------------- */

/* Runs a call with a dual input: the call, and its outputs' tangents. Outputs as torsh__run. */
torsh_status torsh__dual_run(torsh__call *call);
/* t without its history, as torsh_detach, but with its tangents. */
torsh_tensor torsh__cut(torsh_tensor t);

#endif
