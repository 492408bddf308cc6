/* Tensors inside vmap. A batched tensor is a handle's object that looks like one sample: `view` has a sample's sizes and strides, and
 * `base` is the tensor with all samples, whose leading dims are hidden, one for each bit of `levels`, the outermost vmap's first. What
 * such a tensor's history is, its base's is: vmap lies above autograd. torsh__pin takes it for a tensor; all but those that ask for the
 * geometry alone, and the door, refuse it (tensor.h). The door hands a call with one to torsh__batched_run (ops/batch.c). */
#ifndef TORSH_TENSOR_BATCHED_H
#define TORSH_TENSOR_BATCHED_H

#include "op.h"

#include <torsh/autograd.h>

enum { TORSH__MOST_VMAPS = 16 }; /* nested; as many as `levels` has bits */

/* A vmap that runs on this thread; it lies on its caller's stack. */
typedef struct torsh__vmap {
    const struct torsh__vmap *outer;
    int64_t size; /* samples */
    uint32_t serial;
    int depth; /* 0: the outermost */
    bool looped; /* its samples are taken one by one just now: no tensor has them together */
    torsh_vmap_randomness randomness;
} torsh__vmap;

extern const torsh__kind torsh__batched_kind;

static inline bool torsh__is_batched(const torsh__tensor *t)
{
    return t->object.kind == &torsh__batched_kind;
}
/* The depths of its hidden dims, as bits; 0 for an ordinary tensor. */
static inline uint32_t torsh__levels(const torsh__tensor *t)
{
    return torsh__is_batched(t) ? t->levels : 0;
}
/* The outermost of some levels. */
static inline int torsh__lowest_level(uint32_t levels)
{
    return __builtin_ctz(levels);
}
/* This thread's vmap at that depth; NULL if none runs there. */
const torsh__vmap *torsh__vmap_at(int depth);
/* One with these hidden dims, which lead in `all`. NULL without memory. */
torsh__tensor *torsh__batched_make(torsh__tensor *all, uint32_t levels);
/* Whether the innermost vmap that t belongs to runs on this thread. */
bool torsh__batched_runs(const torsh__tensor *t);
/* Fails if a vmap that t belongs to doesn't run on this thread. */
torsh_status torsh__batched_check(const torsh__tensor *t, const char *function);

/* ---- ops/batch.c, ops/hidden_dims.c --------------------------------------------------------------------------------------------- */

/* Runs a call with a batched input, or one of a random row inside vmap, for all samples; outputs as torsh__run. */
torsh_status torsh__batched_run(torsh__call *call);
/* t with the hidden dims of these levels in front of the sample's, the outermost first; where t hasn't one it is expanded. */
torsh_tensor torsh__expose(torsh_tensor t, uint32_t levels);
/* t with as many of its leading dims hidden. */
torsh_tensor torsh__hide(torsh_tensor t, uint32_t levels);
/* What t stands for, all dims shown; an ordinary tensor itself. */
torsh_tensor torsh__all_samples(torsh_tensor t);
/* Bit d: the vmap at depth d hides a dim of t. 0 of a null or unusable handle. */
uint32_t torsh__levels_of(torsh_tensor t);
/* t, as one of each sample if one of the others is: for copies that are changed in place by those. */
torsh_tensor torsh__batched_as(torsh_tensor t, const torsh_tensor *others, size_t count);
/* All levels that run on this thread. */
uint32_t torsh__vmap_levels(void);

#endif
