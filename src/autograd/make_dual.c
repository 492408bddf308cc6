/* Levels of forward mode, and dual tensors made and taken apart. What calls do with them is in forward.c. */
#include "batched.h"
#include "forward.h"

#include <torsh/autograd.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/view.h>

static torsh__tensor *hold(torsh_tensor t, torsh_status *status)
{
    return torsh__tensor_hold(t, "forward mode", "tensor", status);
}

torsh_scope torsh_dual_level(void)
{
    torsh_scope scope = torsh__scope_open(false);
    torsh_status status = torsh__is_error(scope.id) ? TORSH_OK : torsh__level_open();
    if (!status) return scope;
    torsh_scope_close(scope);
    return (torsh_scope){torsh__error_id(status)};
}

/* What both have, or *status. */
static torsh_status check_pair(const torsh__tensor *p, const torsh__tensor *t, const torsh__dual_level *level)
{
    torsh__shape_text a, b;
    if (torsh__dtypes[p->view.dtype].category < TORSH__FLOATING)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "make_dual: argument 'primal' must be floating-point or complex; it is %s", torsh_dtype_name(torsh__dtype_of(p)));
    if (p->view.dtype != t->view.dtype)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "make_dual: the tangent is %s and the primal %s; they must have the same dtype", torsh_dtype_name(torsh__dtype_of(t)),
                           torsh_dtype_name(torsh__dtype_of(p)));
    if (p->view.device != t->view.device) return torsh__fail(TORSH_DEVICE_MISMATCH, "make_dual: the tangent must be on the primal's device");
    if (!torsh__same_sizes(p->view.ndim, p->view.sizes, t->view.ndim, t->view.sizes))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "make_dual: the tangent is %s and the primal %s; they must have the same shape",
                           torsh__shape_print(&a, t->view.ndim, t->view.sizes), torsh__shape_print(&b, p->view.ndim, p->view.sizes));
    const torsh__tensor *pair[] = {p, t};
    for (int i = 0; i < 2; i++) {
        torsh__tensor *own = torsh__tangent_of(pair[i], level);
        if (!own) continue;
        torsh__tensor_drop(own);
        return torsh__fail(TORSH_AUTOGRAD_ERROR, "make_dual: argument '%s' has a tangent at this level already", i ? "tangent" : "primal");
    }
    return TORSH_OK;
}

static bool is_expanded(const torsh_operand *v)
{
    for (int d = 0; d < v->ndim; d++)
        if (v->strides[d] == 0 && v->sizes[d] > 1) return true;
    return false;
}

/* Of ordinary tensors. The tangent itself is taken where its layout is the primal's, so a change in place is a change of it, as in PyTorch. */
static torsh_tensor make_dual(torsh_tensor primal, torsh_tensor tangent)
{
    torsh_status status = TORSH_OK;
    torsh__dual_level *level = torsh__level_innermost();
    if (!level) return torsh__tensor_error(torsh__fail(TORSH_AUTOGRAD_ERROR, "make_dual: no level of forward mode is open on this thread; torsh_dual_level opens one"));
    torsh__tensor *p = torsh__tensor_hold(primal, "make_dual", "primal", &status), *t = p ? torsh__tensor_hold(tangent, "make_dual", "tangent", &status) : NULL;
    if (t) status = check_pair(p, t, level);
    if (t && status == TORSH_OK && !torsh__same_strides(&p->view, &t->view)) {
        torsh_tensor laid = is_expanded(&p->view) ? torsh_contiguous(tangent) : torsh_copy_(torsh__laid_out(&p->view), tangent);
        torsh__tensor_drop(t);
        t = hold(laid, &status);
    }
    torsh__tensor *made = NULL;
    if (p && status == TORSH_OK)
        made = hold(is_expanded(&p->view) ? torsh_clone(primal) : torsh_view(primal, p->view.sizes, (size_t)p->view.ndim), &status);
    if (made) {
        torsh__tensor_retain(t);
        status = torsh__tangent_set(made, level, t);
    }
    if (p) torsh__tensor_drop(p);
    if (t) torsh__tensor_drop(t);
    if (status == TORSH_OK) return torsh__tensor_give(made);
    if (made) torsh__tensor_drop(made);
    return torsh__tensor_error(status);
}

/* Inside vmap the tensors with all samples are the duals: forward mode lies below vmap, as the tape does. */
torsh_tensor torsh_make_dual(torsh_tensor primal, torsh_tensor tangent)
{
    uint32_t levels = torsh__levels_of(primal) | torsh__levels_of(tangent);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (torsh__is_error(scope.id)) return (torsh_tensor){scope.id};
    torsh_tensor made = levels ? torsh__hide(make_dual(torsh__expose(primal, levels), torsh__expose(tangent, levels)), levels) : make_dual(primal, tangent);
    if (!TORSH_FAILED(made)) torsh_keep(made);
    return made;
}

/* Of an ordinary tensor. */
static torsh_dual unpack(torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__dual_level *level = torsh__level_innermost();
    torsh__tensor *t = torsh__tensor_hold(handle, "unpack_dual", "t", &status);
    torsh__modes *modes = &torsh__thread_get()->modes;
    torsh_dual result = {torsh__tensor_error(status), {0}};
    if (!t) return result;
    uint32_t hidden = modes->hidden;
    if (level) modes->hidden |= 1u << level->depth;
    torsh__tensor *tangent = level ? torsh__tangent_at(t, level, &status) : NULL;
    result.primal = status ? torsh__tensor_error(status) : torsh_view(handle, t->view.sizes, (size_t)t->view.ndim);
    if (tangent) result.tangent = torsh__tensor_give(tangent);
    modes->hidden = hidden;
    torsh__tensor_drop(t);
    return result;
}

torsh_dual torsh_unpack_dual(torsh_tensor t)
{
    uint32_t levels = torsh__levels_of(t);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (torsh__is_error(scope.id)) return (torsh_dual){{scope.id}, {0}};
    torsh_dual result = unpack(levels ? torsh__all_samples(t) : t);
    if (levels) result.primal = torsh__hide(result.primal, levels);
    if (levels && result.tangent.id) result.tangent = torsh__hide(result.tangent, levels);
    if (!TORSH_FAILED(result.primal)) torsh_keep(result.primal);
    if (result.tangent.id && !TORSH_FAILED(result.tangent)) torsh_keep(result.tangent);
    return result;
}

/* Of an ordinary tensor. */
static torsh_tensor cut(torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_hold(handle, "detach", "t", &status);
    if (t && torsh__is_dual(t)) { /* where it is a view of a dual, the view gets tangents of its own */
        torsh_tensor view = torsh_view(handle, t->view.sizes, (size_t)t->view.ndim);
        torsh__tensor_drop(t);
        t = hold(view, &status);
    }
    if (!t) return torsh__tensor_error(status);
    torsh__tensor *alias = torsh__tensor_alias(t);
    if (alias && torsh__tangents_share(alias, t) != TORSH_OK) {
        torsh__tensor_drop(alias);
        alias = NULL;
    }
    torsh__tensor_drop(t);
    return torsh__tensor_give(alias);
}

torsh_tensor torsh__cut(torsh_tensor handle)
{
    uint32_t levels = torsh__levels_of(handle);
    return levels ? torsh__hide(cut(torsh__all_samples(handle)), levels) : cut(handle);
}
