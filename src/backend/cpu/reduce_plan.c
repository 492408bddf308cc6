/* Sorting and merging the dims of a reduction. */
#include "reduce_plan.h"

#include <stdlib.h>

static void insert(torsh__reduce_dim *dims, int *count, torsh__reduce_dim dim)
{
    int at = (*count)++;
    for (; at > 0 && llabs(dims[at - 1].in) > llabs(dim.in); at--) dims[at] = dims[at - 1];
    dims[at] = dim;
}

static void merge(torsh__reduce_dim *dims, int *count)
{
    int last = 0;
    for (int d = 1; d < *count; d++) {
        torsh__reduce_dim *l = &dims[last];
        if (dims[d].in == l->in * l->size && dims[d].out == l->out * l->size) l->size *= dims[d].size;
        else dims[++last] = dims[d];
    }
    *count = last + 1;
}

void torsh__reduce_plan_make(torsh__reduce_plan *p, const torsh_operand *in, const torsh_operand *out, uint64_t mask)
{
    int64_t in_size = torsh__dtypes[in->dtype].size, out_size = torsh__dtypes[out->dtype].size;
    bool keepdim = out->ndim == in->ndim;
    p->kept_count = p->reduced_count = 0;
    p->outputs = p->length = 1;
    p->in = torsh__operand_data(in);
    p->out = torsh__operand_data(out);
    for (int d = 0, o = 0; d < in->ndim; d++) {
        bool reduced = mask >> d & 1;
        torsh__reduce_dim dim = {in->sizes[d], in->strides[d] * in_size, 0};
        if (!reduced) dim.out = out->strides[keepdim ? d : o++] * out_size;
        *(reduced ? &p->length : &p->outputs) *= dim.size;
        if (dim.size == 1) continue;
        if (reduced) insert(p->reduced, &p->reduced_count, dim);
        else insert(p->kept, &p->kept_count, dim);
    }
    const torsh__reduce_dim one = {1, in_size, out_size};
    if (p->kept_count) merge(p->kept, &p->kept_count);
    else p->kept[p->kept_count++] = one;
    if (p->reduced_count) merge(p->reduced, &p->reduced_count);
    else p->reduced[p->reduced_count++] = one;
    p->along = p->outputs == 1 || (p->length > 1 && llabs(p->reduced[0].in) <= llabs(p->kept[0].in));
}

uint64_t torsh__reduce_mask(const torsh_launch *launch, int ndim)
{
    uint64_t mask = 0;
    for (int i = 0; i < launch->op->param_count; i++) {
        if (launch->op->params[i].kind != TORSH_PARAM_INTS) continue;
        const int64_t *dims = launch->values[i].list.data;
        size_t count = launch->values[i].list.count;
        if (count == 0) mask = ndim == 64 ? UINT64_MAX : ((uint64_t)1 << ndim) - 1;
        for (size_t k = 0; k < count; k++) {
            int64_t dim = dims[k] < 0 ? dims[k] + ndim : dims[k];
            if (ndim > 0) mask |= (uint64_t)1 << dim;
        }
    }
    return mask;
}
