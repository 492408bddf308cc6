/* The objects of vmap: batched tensors and the stack of vmaps that run. What calls with them do is in ops/batch.c. */
#include "batched.h"

const torsh__vmap *torsh__vmap_at(int depth)
{
    const torsh__vmap *vmap = torsh__thread_get()->modes.vmap;
    while (vmap && vmap->depth != depth) vmap = vmap->outer;
    return vmap;
}

uint32_t torsh__vmap_levels(void)
{
    uint32_t levels = 0;
    for (const torsh__vmap *vmap = torsh__thread_get()->modes.vmap; vmap; vmap = vmap->outer) levels |= (uint32_t)!vmap->looped << vmap->depth;
    return levels;
}

static int innermost(uint32_t levels)
{
    return 31 - __builtin_clz(levels);
}

torsh__tensor *torsh__batched_make(torsh__tensor *all, uint32_t levels)
{
    int hidden = __builtin_popcount(levels);
    const torsh_operand *v = &all->view;
    const torsh__vmap *vmap = torsh__vmap_at(innermost(levels));
    torsh__tensor *t = torsh__tensor_view(all, torsh__dtype_of(all), v->ndim - hidden, v->sizes + hidden, v->strides + hidden, v->offset);
    if (!t) return NULL;
    t->object.kind = &torsh__batched_kind;
    t->levels = (uint16_t)levels;
    t->out_index = vmap ? vmap->serial : 0;
    t->base = all;
    torsh__tensor_retain(all);
    return t;
}

bool torsh__batched_runs(const torsh__tensor *t)
{
    const torsh__vmap *vmap = torsh__vmap_at(innermost(t->levels));
    return vmap && vmap->serial == t->out_index;
}

torsh_status torsh__batched_check(const torsh__tensor *t, const char *function)
{
    if (torsh__batched_runs(t) && !(t->levels & ~torsh__vmap_levels())) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_HANDLE, "%s: a tensor stands for the samples of a vmap that has ended, or runs on another thread", function);
}
