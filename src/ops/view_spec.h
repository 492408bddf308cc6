/* The spec of a view, changed dim by dim. For view.c and part.c. */
#ifndef TORSH_OPS_VIEW_SPEC_H
#define TORSH_OPS_VIEW_SPEC_H

#include "op.h"

#include <string.h>

/* Starts the view's spec as a copy of the input's. */
static inline torsh__spec *torsh__same_view(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh__spec *spec = torsh__out_spec(c, 0, (torsh_dtype)v->dtype, v->ndim, v->sizes);
    memcpy(spec->strides, v->strides, (size_t)v->ndim * sizeof *v->strides);
    spec->offset = v->offset;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    return spec;
}

static inline void torsh__push_dim(torsh__spec *spec, int64_t size, int64_t stride)
{
    spec->sizes[spec->ndim] = size;
    spec->strides[spec->ndim++] = stride;
}

static inline void torsh__remove_dim(torsh__spec *spec, int dim)
{
    for (int d = dim; d + 1 < spec->ndim; d++) {
        spec->sizes[d] = spec->sizes[d + 1];
        spec->strides[d] = spec->strides[d + 1];
    }
    spec->ndim--;
}

#endif
