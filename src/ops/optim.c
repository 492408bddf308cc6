/* The fused update steps of optimizers. Rows: table/optim.def. They have no gradient and change more than their first argument. */
#include "gradient.h"

#include <torsh/ops/optim.h>

/* All tensors have the parameter's shape, dtype and device. */
static torsh_status infer_step(torsh__call *c)
{
    const torsh_operand *p = &c->input[0]->view;
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__require_dtype(c, (torsh_dtype)p->dtype);
    for (int i = 1; i < c->inputs && status == TORSH_OK; i++) {
        const torsh__tensor *t = c->input[i];
        if (!t) continue;
        status = torsh__require_same_dtype(c, 0, i);
        if (status || torsh__same_sizes(p->ndim, p->sizes, t->view.ndim, t->view.sizes)) continue;
        torsh__shape_text have, want;
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: a gradient or state is %s, but the parameter is %s", torsh__call_name(c),
                             torsh__shape_print(&have, t->view.ndim, t->view.sizes), torsh__shape_print(&want, p->ndim, p->sizes));
    }
    c->compute = (torsh_dtype)p->dtype;
    if (status == TORSH_OK) torsh__out_spec(c, 0, c->compute, p->ndim, p->sizes);
    return status;
}

/* Step counts from 1: the bias corrections divide by 1 - beta^step. */
static torsh_status infer_adam(torsh__call *c)
{
    if (c->values[5].i < 1) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: step is %lld; it counts from 1", torsh__call_name(c), (long long)c->values[5].i);
    return infer_step(c);
}
static const torsh__impl impl_fused_sgd_ = {.infer = infer_step, .batch = TORSH__BATCH_NEVER};
static const torsh__impl impl_fused_adam_ = {.infer = infer_adam, .batch = TORSH__BATCH_NEVER};

#include "define_rows.h"

#include "optim.def"
