/* Hooks on gradients, kept gradients, and the locks of .grad. */
#ifndef TORSH_AUTOGRAD_HOOKS_H
#define TORSH_AUTOGRAD_HOOKS_H

#include "tape.h"

#include <torsh/autograd.h>

/* Guards the .grad of t (or of a torsh__retained): one of a few locks, by address. No op is run under it that
 * takes another, and nothing ends. */
void torsh__grad_lock(const void *owner);
void torsh__grad_unlock(const void *owner);

/* Runs the gradient hooks of one output on *g, which they may replace (a reference for a reference), and keeps it where
 * torsh_retain_grad asked for it. An open scope takes the handles. */
torsh_status torsh__hooks_run(torsh__hook_list *hooks, uint32_t output, torsh__tensor **g);
/* Runs the hooks that wait for the leaf's .grad. */
torsh_status torsh__hooks_run_accumulated(torsh__tensor *leaf);

/* Keeps the gradient of t, which is no leaf. */
torsh_status torsh__retain_grad(torsh__tensor *t);

#endif
