/* Reductions and scans. Rows: table/reduce.def. */
#include "gradient.h"

#define INTS(c, i) ((const int64_t *)(c)->values[i].list.data)
#define COUNT(c, i) ((c)->values[i].list.count)

/* The reduced shape, from params (input, dim, keepdim). */
static torsh_status infer_sum(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t mask;
    torsh_status status = torsh__wrap_dims(torsh__call_name(c), INTS(c, 1), COUNT(c, 1), v->ndim, &mask);
    if (status) return status;
    torsh_dtype dtype = (torsh_dtype)v->dtype;
    if (torsh__dtypes[dtype].category <= TORSH__INTEGER) dtype = TORSH_I64;
    c->device = v->device;
    c->compute = dtype;
    torsh__spec *spec = torsh__out_spec(c, 0, dtype, 0, NULL);
    for (int d = 0; d < v->ndim; d++) {
        bool reduced = mask >> d & 1;
        if (!reduced || c->values[2].i) spec->sizes[spec->ndim++] = reduced ? 1 : v->sizes[d];
    }
    return TORSH_OK;
}

/* g, with the reduced dims back as 1, stretched to the input's shape. */
static void sum_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    const torsh_value *v = b->node->values;
    uint64_t mask = 0;
    int64_t sizes[TORSH__MAX_RANK];
    torsh__wrap_dims("sum", v[1].list.data, v[1].list.count, meta.ndim, &mask);
    for (int d = 0; d < meta.ndim; d++) sizes[d] = mask >> d & 1 ? 1 : meta.sizes[d];
    torsh_tensor g = v[2].i ? b->g[0] : torsh_reshape(b->g[0], sizes, (size_t)meta.ndim);
    b->result[0] = torsh_expand(g, meta.sizes, (size_t)meta.ndim);
}
static const torsh__impl impl_sum = {.infer = infer_sum, .gradient = sum_gradient};

#include "define_rows.h"

#include "reduce.def"
