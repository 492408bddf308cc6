/* Gradients of many parameters as one: torch.nn.utils.clip_grad_norm_ and clip_grad_value_. */
#include "list.h"
#include "module.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <math.h>

/* The tensors of the list that have gradients are visited; no grad mode is on, a scope is open. */
static torsh_status each_grad(torsh_tensors parameters, const char *function, torsh_status (*visit)(torsh_tensor grad, void *context), void *context)
{
    torsh_status status = TORSH_OK;
    torsh__list *list = (torsh__list *)torsh__pin(parameters.id, &torsh__list_kind, function, "parameters", &status);
    if (!list) return status;
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) status = TORSH_OUT_OF_MEMORY;
    else torsh__thread_get()->modes.grad = false;
    for (size_t i = 0; i < list->count && status == TORSH_OK; i++) {
        torsh_tensor t = torsh__tensor_share(list->items[i]), grad = torsh_grad(t);
        if (grad.id) status = visit(grad, context);
        torsh_release(t);
    }
    torsh__unpin(parameters.id);
    return status;
}

typedef struct norm {
    double p, total; /* the sum of |x|^p, or the maximum */
    double factor;
} norm;

static torsh_status add_norm(torsh_tensor grad, void *context)
{
    norm *n = context;
    double part = 0;
    torsh_tensor size;
    if (isinf(n->p)) size = torsh_amax(torsh_abs(grad), TORSH_ALL_DIMS, false);
    else if (n->p == 2) size = torsh_dot(torsh_reshape(grad, TORSH_DIMS(-1)), torsh_reshape(grad, TORSH_DIMS(-1)));
    else size = torsh_sum(torsh_pow(torsh_abs(grad), torsh_number(n->p)), TORSH_ALL_DIMS, false);
    if (torsh_numel(grad) == 0) return TORSH_OK;
    torsh_status status = torsh_item_f64(size, &part);
    if (isinf(n->p)) n->total = part > n->total || part != part ? part : n->total;
    else n->total += part;
    return status;
}

static torsh_status scale(torsh_tensor grad, void *context)
{
    const norm *n = context;
    return torsh_id_status(torsh_mul_(grad, torsh_number(n->factor)).id);
}

torsh_status torsh_nn_utils_clip_grad_norm_(torsh_tensors parameters, double max_norm, double norm_type, double *total)
{
    norm n = {.p = norm_type};
    if (!(norm_type > 0)) return torsh__fail(TORSH_INVALID_ARGUMENT, "clip_grad_norm_: norm_type is %g; it must be positive", norm_type);
    torsh_status status = each_grad(parameters, "clip_grad_norm_", add_norm, &n);
    if (status) return status;
    double size = isinf(norm_type) ? n.total : norm_type == 2 ? sqrt(n.total) : pow(n.total, 1 / norm_type);
    if (total) *total = size;
    n.factor = max_norm / (size + 1e-6);
    return n.factor < 1 || n.factor != n.factor ? each_grad(parameters, "clip_grad_norm_", scale, &n) : TORSH_OK;
}

static torsh_status clamp(torsh_tensor grad, void *context)
{
    double limit = *(const double *)context;
    return torsh_id_status(torsh_clamp_(grad, -limit, limit).id);
}

torsh_status torsh_nn_utils_clip_grad_value_(torsh_tensors parameters, double clip_value)
{
    return each_grad(parameters, "clip_grad_value_", clamp, &clip_value);
}
