/* argmax, max along a dim and their kin. Rows: table/extreme.def. */
#include "reduce.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/extreme.h>
#include <torsh/ops/index.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#define INTS(values, i) ((const int64_t *)(values)[i].list.data)
#define COUNT(values, i) ((values)[i].list.count)

/* The results without dim (-1: without all dims), as keepdim says. */
static torsh_status infer_along(torsh__call *c, int dim, bool keepdim)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t mask = dim >= 0 ? (uint64_t)1 << dim : UINT64_MAX;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__require_elements(c, v, mask);
    if (status) return status;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    for (int i = 0; i < c->outputs; i++) {
        c->spec[i].dtype = i + 1 == c->outputs ? TORSH_I64 : c->compute;
        torsh__reduced_sizes(&c->spec[i], v, mask, keepdim);
    }
    return TORSH_OK;
}

static torsh_status infer_place(torsh__call *c)
{
    size_t count = COUNT(c->values, 1);
    int dim = -1;
    if (count > 1) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: takes one dim or none; %zu were given", torsh__call_name(c), count);
    torsh_status status = count ? torsh__wrap_dim(torsh__call_name(c), INTS(c->values, 1)[0], c->input[0]->view.ndim, &dim) : TORSH_OK;
    return status ? status : infer_along(c, dim, c->values[2].i != 0);
}
static const torsh__impl impl_argmax = {.infer = infer_place, .flags = TORSH__CONSTANT, .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_argmin = {.infer = infer_place, .flags = TORSH__CONSTANT, .batch = TORSH__BATCH_ALL};

static torsh_status infer_dim(torsh__call *c)
{
    int dim;
    torsh_status status = torsh__wrap_dim(torsh__call_name(c), c->values[1].i, c->input[0]->view.ndim, &dim);
    if (status) return status;
    c->values[1].i = dim;
    return infer_along(c, dim, c->values[2].i != 0);
}

torsh_tensor torsh__scatter_grad(torsh__backward *b, torsh_tensor g, torsh_tensor indices, int64_t dim, bool keepdim)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    if (meta.ndim == 0) return torsh_reshape(g, NULL, 0);
    torsh_tensor zeros = torsh_zeros(meta.sizes, (size_t)meta.ndim, meta.dtype, meta.device);
    if (!keepdim) g = torsh_unsqueeze(g, dim), indices = torsh_unsqueeze(indices, dim);
    return torsh_scatter_add(zeros, dim, indices, g);
}

static void dim_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    b->result[0] = torsh__scatter_grad(b, b->g[0], torsh__saved_output(b, 1), v[1].i, v[2].i != 0);
}
static const torsh__impl impl_max_dim = {.infer = infer_dim, .gradient = dim_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};
static const torsh__impl impl_min_dim = {.infer = infer_dim, .gradient = dim_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_ALL};

static torsh_tensor compose_max(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim)
{
    return torsh_amax(input, dim, count, keepdim);
}

static torsh_tensor compose_min(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim)
{
    return torsh_amin(input, dim, count, keepdim);
}

static torsh_pair compose_aminmax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim)
{
    return (torsh_pair){torsh_amin(input, dim, count, keepdim), torsh_amax(input, dim, count, keepdim)};
}

#include "define_rows.h"

#include "extreme.def"
