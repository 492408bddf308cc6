/* Sorting and selecting along a dim. Rows: table/sort.def. NaN counts as larger than all. */
#include "gradient.h"

static torsh_status begin(torsh__call *c, int dim_param, int *dim)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__wrap_dim(torsh__call_name(c), c->values[dim_param].i, v->ndim, dim);
    if (status) return status;
    c->values[dim_param].i = *dim;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__out_spec(c, 1, TORSH_I64, v->ndim, v->sizes);
    return TORSH_OK;
}

/* g at the places that the values came from. */
static torsh_tensor put_back(torsh__backward *b, torsh_tensor g, torsh_tensor indices, int64_t dim)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    if (meta.ndim == 0) return g;
    return torsh_scatter_add(torsh_zeros(meta.sizes, (size_t)meta.ndim, meta.dtype, meta.device), dim, indices, g);
}

static torsh_status infer_sort(torsh__call *c)
{
    int dim;
    return begin(c, 1, &dim);
}

static void sort_gradient(torsh__backward *b)
{
    b->result[0] = put_back(b, b->g[0], torsh__saved_output(b, 1), b->node->values[1].i);
}
static const torsh__impl impl_sort = {.infer = infer_sort, .gradient = sort_gradient, .saves = TORSH__SAVE_OUT(1)};

torsh_tensor torsh_argsort(torsh_tensor input, int64_t dim, bool descending, bool stable)
{
    torsh_values r = torsh_sort(input, dim, descending, stable);
    torsh_release(r.values);
    return r.indices;
}

static torsh_status need_k(const torsh__call *c, int64_t least, int64_t size)
{
    int64_t k = c->values[1].i;
    if (k >= least && k <= size) return TORSH_OK;
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: k is %lld; it must be in [%lld, %lld], the size of the dimension", torsh__call_name(c), (long long)k,
                       (long long)least, (long long)size);
}

static torsh_status infer_topk(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = begin(c, 2, &dim);
    if (status == TORSH_OK) status = need_k(c, 0, v->ndim ? v->sizes[dim] : 1);
    for (int i = 0; i < 2 && status == TORSH_OK && v->ndim; i++) c->spec[i].sizes[dim] = c->values[1].i;
    return status;
}

static void topk_gradient(torsh__backward *b)
{
    b->result[0] = put_back(b, b->g[0], torsh__saved_output(b, 1), b->node->values[2].i);
}
static const torsh__impl impl_topk = {.infer = infer_topk, .gradient = topk_gradient, .saves = TORSH__SAVE_OUT(1)};

static torsh_status infer_kthvalue(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = begin(c, 2, &dim);
    if (status == TORSH_OK) status = need_k(c, 1, v->ndim ? v->sizes[dim] : 1);
    for (int i = 0; i < 2 && status == TORSH_OK && v->ndim; i++) {
        torsh__spec *spec = &c->spec[i];
        spec->sizes[dim] = 1;
        if (c->values[3].i) continue;
        for (int d = dim; d + 1 < spec->ndim; d++) spec->sizes[d] = spec->sizes[d + 1];
        spec->ndim--;
    }
    return status;
}

static void kthvalue_gradient(torsh__backward *b)
{
    int64_t dim = b->node->values[2].i;
    torsh_tensor g = b->g[0], indices = torsh__saved_output(b, 1);
    if (!b->node->values[3].i && torsh__input_meta(b, 0).ndim > 0) {
        g = torsh_unsqueeze(g, dim);
        indices = torsh_unsqueeze(indices, dim);
    }
    b->result[0] = put_back(b, g, indices, dim);
}
static const torsh__impl impl_kthvalue = {.infer = infer_kthvalue, .gradient = kthvalue_gradient, .saves = TORSH__SAVE_OUT(1)};

#include "define_rows.h"

#include "sort.def"
