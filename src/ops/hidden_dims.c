/* Hides dims of a tensor inside vmap, and shows them (tensor/batched.h): by views, so that gradients go through. */
#include "batched.h"
#include "gradient.h"

#include <torsh/ops/view.h>

uint32_t torsh__levels_of(torsh_tensor t)
{
    torsh_status status;
    const torsh__tensor *tensor = t.id ? torsh__tensor_look(t, "vmap", "t", &status) : NULL;
    if (!tensor) return 0;
    uint32_t levels = torsh__levels(tensor);
    torsh__unpin(t.id);
    return levels;
}

torsh_tensor torsh__all_samples(torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_look(t, "vmap", "t", &status);
    if (!tensor) return torsh__tensor_error(status);
    torsh_tensor all = torsh__is_batched(tensor) ? torsh__tensor_share(tensor->base) : t;
    torsh__unpin(t.id);
    return all;
}

static torsh_tensor hidden(torsh_tensor all, uint32_t levels)
{
    torsh_status status = TORSH_OK;
    if (!levels) return all;
    torsh__tensor *t = torsh__tensor_pin(all, "vmap", "t", &status);
    if (!t) return torsh__tensor_error(status);
    torsh_tensor result = torsh__tensor_give(torsh__batched_make(t, levels));
    torsh__unpin(all.id);
    return result;
}

/* t with dims in that order, unless that is the one they are in. */
static torsh_tensor ordered(torsh_tensor t, const int64_t *order, int ndim)
{
    int d = 0;
    while (d < ndim && order[d] == d) d++;
    return d == ndim ? t : torsh_permute(t, order, (size_t)ndim);
}

torsh_tensor torsh__expose(torsh_tensor t, uint32_t levels)
{
    uint32_t own = torsh__levels_of(t), stay = own & ~levels;
    torsh_tensor all = torsh__all_samples(t);
    int64_t order[TORSH__MAX_RANK], shape[2 * TORSH__MAX_RANK];
    int ndim = torsh_ndim(all), at = 0, rank = 0;
    if (ndim < 0 || (!own && !levels)) return all;
    for (int pass = 0; pass < 2; pass++) /* hidden dims that stay so come first */
        for (uint32_t left = own, place = 0; left; left &= left - 1, place++)
            if ((stay >> torsh__lowest_level(left) & 1) == (pass == 0)) order[at++] = place;
    for (; at < ndim; at++) order[at] = at;
    all = ordered(all, order, ndim);
    const int64_t *sizes = torsh_sizes(all);
    if (!sizes) return all;
    if (!(levels & ~own)) return hidden(all, stay);
    int kept = __builtin_popcount(stay), from = kept;
    for (; rank < kept; rank++) shape[rank] = sizes[rank];
    for (uint32_t left = levels; left; left &= left - 1) shape[rank++] = own >> torsh__lowest_level(left) & 1 ? sizes[from++] : 1;
    for (; from < ndim; from++) shape[rank++] = sizes[from];
    all = torsh_view(all, shape, (size_t)rank);
    rank = kept;
    for (uint32_t left = levels; left; left &= left - 1, rank++)
        if (!(own >> torsh__lowest_level(left) & 1)) shape[rank] = torsh__vmap_at(torsh__lowest_level(left))->size;
    return hidden(torsh_expand(all, shape, (size_t)ndim + (size_t)__builtin_popcount(levels & ~own)), stay);
}

torsh_tensor torsh__hide(torsh_tensor t, uint32_t levels)
{
    uint32_t own = torsh__levels_of(t);
    if (!own) return hidden(t, levels);
    torsh_tensor all = torsh__all_samples(t);
    int64_t order[TORSH__MAX_RANK];
    int ndim = torsh_ndim(all), at = 0, mine = 0, others = __builtin_popcount(own);
    if (ndim < 0) return all;
    for (uint32_t left = own | levels; left; left &= left - 1) order[at++] = own >> torsh__lowest_level(left) & 1 ? mine++ : others++;
    for (; at < ndim; at++) order[at] = at;
    return hidden(ordered(all, order, ndim), own | levels);
}

torsh_tensor torsh__batched_as(torsh_tensor t, const torsh_tensor *others, size_t count)
{
    uint32_t levels = torsh__levels_of(t), wanted = levels;
    if (!torsh__thread_get()->modes.vmap) return t;
    for (size_t i = 0; others && i < count; i++) wanted |= torsh__levels_of(others[i]);
    return wanted == levels ? t : torsh__hide(torsh__expose(t, wanted), wanted);
}
