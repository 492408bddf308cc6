/* How gradients are summed: on the way, and into the .grad of leaves
 * (PyTorch: torch/csrc/autograd/functions/accumulate_grad.h, input_buffer.cpp). */
#include "accumulate.h"
#include "batched.h"
#include "hooks.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>

/* True if nobody else can see t's memory. A view whose base is only there for its sake is cut off from it. */
static bool is_ours(torsh__tensor *t)
{
    if (atomic_load_explicit(&t->object.references, memory_order_acquire) != 1 || t->storage->owner == TORSH__BORROWED || torsh__is_batched(t) || t->tangents) return false;
    if (t->base && !t->grad_fn && atomic_load_explicit(&t->base->object.references, memory_order_acquire) == 1) {
        torsh__tensor_drop(t->base);
        t->base = NULL;
    }
    return atomic_load_explicit(&t->storage->references, memory_order_acquire) == 1;
}

static torsh__tensor *take(torsh_tensor result, torsh_status *status)
{
    torsh__tensor *t = torsh__tensor_hold_any(result, "backward", "gradient", status);
    torsh_release(result);
    return t;
}

static torsh__tensor *add(torsh__tensor *a, torsh__tensor *b, bool in_place, torsh_status *status)
{
    torsh_tensor left = torsh__tensor_share(a), right = torsh__tensor_share(b), sum;
    if (in_place) {
        sum = torsh_add_(left, right);
        torsh__tensor *t = torsh__tensor_hold_any(sum, "backward", "gradient", status);
        torsh_release(left);
        torsh_release(right);
        return t;
    }
    sum = torsh_add(left, right);
    torsh_release(left);
    torsh_release(right);
    return take(sum, status);
}

torsh_status torsh__sum_into(torsh__tensor **sum, torsh__tensor *g, bool create_graph)
{
    torsh_status status = TORSH_OK;
    if (!*sum) {
        *sum = g;
        return TORSH_OK;
    }
    torsh__tensor *total;
    if (!create_graph && (*sum)->view.contiguous && is_ours(*sum)) total = add(*sum, g, true, &status);
    else if (!create_graph && g->view.contiguous && is_ours(g)) total = add(g, *sum, true, &status); /* a + b is b + a, bit by bit */
    else total = add(*sum, g, false, &status);
    torsh__tensor_drop(g);
    if (!total) return status;
    torsh__tensor_drop(*sum);
    *sum = total;
    return TORSH_OK;
}

static torsh__tensor *copy_of(torsh__tensor *g, torsh_status *status)
{
    torsh_tensor shared = torsh__tensor_share(g);
    torsh__tensor *copy = take(torsh_clone(shared), status);
    torsh_release(shared);
    return copy;
}

torsh_status torsh__accumulate(torsh__tensor *leaf, torsh__tensor *g, bool create_graph)
{
    torsh_status status = TORSH_OK;
    bool ours = !create_graph && g->view.contiguous && is_ours(g);
    torsh__grad_lock(leaf);
    torsh__tensor *old = leaf->grad, *total;
    if (old) {
        total = add(old, g, !create_graph, &status);
    } else if (ours) {
        torsh__tensor_retain(g);
        total = g;
    } else {
        total = copy_of(g, &status);
    }
    if (total) leaf->grad = total;
    torsh__grad_unlock(leaf);
    if (total && old) torsh__tensor_drop(old);
    torsh__tensor_drop(g);
    return status;
}
