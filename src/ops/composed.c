/* Small helpers of COMPOSED rows. */
#include "composed.h"
#include "dual.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <string.h>

torsh__shape torsh__shape_of(torsh_tensor t)
{
    if (!t.id) return (torsh__shape){0}; /* an optional one that is absent is no error */
    torsh__shape s = {.dtype = torsh_dtype_of(t), .device = torsh_device_of(t), .numel = torsh_numel(t)};
    const int64_t *sizes = torsh_sizes(t);
    int ndim = torsh_ndim(t);
    if (!sizes || ndim < 0) return s;
    s.ndim = ndim;
    memcpy(s.sizes, sizes, (size_t)ndim * sizeof *sizes);
    return s;
}

torsh_tensor torsh__widened(torsh_tensor t)
{
    if (!t.id) return t;
    torsh_dtype dtype = torsh_dtype_of(t);
    return dtype == TORSH_F16 || dtype == TORSH_BF16 ? torsh_to_dtype(t, TORSH_F32) : t;
}

torsh_tensor torsh__narrowed(torsh_tensor t, torsh_dtype dtype)
{
    return TORSH_FAILED(t) || torsh_dtype_of(t) == dtype ? t : torsh_to_dtype(t, dtype);
}

bool torsh__is_tracked(torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    const torsh__tensor *tensor = t.id ? torsh__tensor_look(t, "", "input", &status) : NULL;
    if (!tensor) return false;
    bool tracked = (torsh__tracks(tensor) && torsh__thread_get()->modes.grad) || torsh__level_innermost();
    torsh__unpin(t.id);
    return tracked;
}

bool torsh__broadcasts_to(const torsh__shape *t, int ndim, const int64_t *sizes)
{
    int64_t both[TORSH__MAX_RANK];
    int rank = ndim;
    if (ndim > 0) memcpy(both, sizes, (size_t)ndim * sizeof *both);
    return torsh__broadcast(&rank, both, t->ndim, t->sizes) && torsh__same_sizes(rank, both, ndim, sizes);
}

torsh_tensor torsh__along(torsh_tensor t, int dim, int ndim)
{
    int64_t shape[TORSH__MAX_RANK];
    for (int d = 0; d < ndim; d++) shape[d] = d == dim ? -1 : 1;
    return torsh_reshape(t, shape, (size_t)ndim);
}

torsh_tensor torsh__sum_of_own(torsh_tensor own, int64_t dim)
{
    torsh_tensor sum = torsh_sum(own, &dim, 1, false);
    torsh_release(own);
    return sum;
}
