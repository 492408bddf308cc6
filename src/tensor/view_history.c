/* What in-place changes do to the history of views and of what they are views of. */
#include "tape.h"

torsh_status torsh__view_check_in_place(const torsh__tensor *t, const char *op)
{
    if (!t->base || !t->leaf_view) return TORSH_OK;
    return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s_: a view made without grad mode can't be changed in place where gradients are recorded", op);
}

torsh_status torsh__view_rebase(torsh__tensor *t, torsh__node *node)
{
    torsh__node_attach(node, 0, t);
    return TORSH_OK;
}

torsh__node *torsh__grad_fn(torsh__tensor *t, torsh_status *status)
{
    *status = TORSH_OK;
    return t->grad_fn;
}
