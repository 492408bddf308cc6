/* Elements chosen by masks. Rows: table/masked.def.
 * The size of what masked_select and nonzero give depends on data: their infer functions count first, by an op of its own. */
#include "gradient.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include "backends.h"

#define TABLE "masked.def"
#include "declare_rows.h"

static const torsh_operand *view_of(const torsh__call *c, int i)
{
    return &c->input[i]->view;
}

static torsh_status require_mask(const torsh__call *c)
{
    torsh_dtype dtype = torsh__dtype_of(c->input[1]);
    if (dtype == TORSH_BOOL) return TORSH_OK;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: the mask must be bool; it is %s", torsh__call_name(c), torsh_dtype_name(dtype));
}

/* input and mask broadcast into spec 0, of input's dtype; in place, only the mask may stretch (launch checks the shape). */
static torsh_status infer_masked(torsh__call *c)
{
    const torsh_operand *v = view_of(c, 0), *mask = view_of(c, 1);
    torsh_status status = require_mask(c);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    c->compute = (torsh_dtype)v->dtype;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    if (torsh__broadcast(&spec->ndim, spec->sizes, mask->ndim, mask->sizes))
        return torsh__numel(torsh__call_name(c), spec->sizes, spec->ndim, torsh__dtypes[v->dtype].size, &(int64_t){0});
    torsh__shape_text a, b;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: input is %s and the mask %s; they don't broadcast", torsh__call_name(c),
                       torsh__shape_print(&a, v->ndim, v->sizes), torsh__shape_print(&b, mask->ndim, mask->sizes));
}

/* ---- masked_fill --------------------------------------------------------------------------------------------- */

static torsh_status infer_masked_fill(torsh__call *c)
{
    torsh_status status = infer_masked(c);
    if (status) return status;
    const torsh_operand *value = view_of(c, 2);
    if (value->ndim)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "masked_fill: the value must be a 0-d tensor or a number; it has %d dimensions", value->ndim);
    if (torsh__dtypes[value->dtype].category > torsh__dtypes[c->compute].category && torsh__dtypes[value->dtype].category == TORSH__COMPLEX)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "masked_fill: a complex value can't be stored in %s", torsh_dtype_name(c->compute));
    return TORSH_OK;
}

static void masked_fill_gradient(torsh__backward *b)
{
    torsh_tensor mask = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh_masked_fill(b->g[0], mask, torsh_number(0));
    if (torsh__needs(b, 2)) b->result[2] = torsh_sum(torsh_where(mask, b->g[0], torsh_number(0)), TORSH_ALL_DIMS, false);
}
static const torsh__impl impl_masked_fill = {.infer = infer_masked_fill, .gradient = masked_fill_gradient, .saves = TORSH__SAVE_IN(1), .batch = TORSH__BATCH_POINTWISE, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};

/* ---- counting ------------------------------------------------------------------------------------------------ */

static torsh_status infer_nonzero_count(torsh__call *c)
{
    c->device = view_of(c, 0)->device;
    c->compute = TORSH_I64;
    torsh__out_spec(c, 0, TORSH_I64, 0, NULL);
    return TORSH_OK;
}
static const torsh__impl impl_nonzero_count = {.infer = infer_nonzero_count, .flags = TORSH__CONSTANT};
extern const torsh__op torsh__op_nonzero_count;

/* How many elements of input i are not zero: a call of its own, on the input's device. */
static torsh_status count(const torsh__call *c, int i, int64_t *number)
{
    torsh_value values[1] = {{0}};
    torsh__call inner = {.op = &torsh__op_nonzero_count, .values = values, .inputs = 1, .outputs = 1, .input = &c->input[i]};
    torsh_status status = torsh__run(&inner);
    const torsh__tensor *t = inner.output[0];
    if (status == TORSH_OK)
        status = torsh__device_copy(TORSH_CPU, number, 0, t->view.device, t->view.memory, (size_t)t->view.offset * sizeof *number, sizeof *number);
    if (inner.output[0]) torsh__tensor_drop(inner.output[0]);
    return status;
}

/* ---- nonzero ------------------------------------------------------------------------------------------------- */

static torsh_status infer_nonzero(torsh__call *c)
{
    int64_t found;
    torsh_status status = count(c, 0, &found);
    c->device = view_of(c, 0)->device;
    c->compute = TORSH_I64;
    if (status == TORSH_OK) torsh__out_spec(c, 0, TORSH_I64, 2, (const int64_t[]){found, view_of(c, 0)->ndim});
    return status;
}
static const torsh__impl impl_nonzero = {.infer = infer_nonzero, .flags = TORSH__CONSTANT};

/* ---- masked_select, masked_scatter --------------------------------------------------------------------------- */

static torsh_status infer_masked_select(torsh__call *c)
{
    int64_t found, whole = 1;
    torsh_status status = infer_masked(c);
    if (status == TORSH_OK) status = count(c, 1, &found);
    if (status) return status;
    torsh__spec *spec = &c->spec[0];
    for (int d = 0; d < spec->ndim; d++) whole *= spec->sizes[d];
    if (view_of(c, 1)->numel) found *= whole / view_of(c, 1)->numel; /* a stretched mask repeats */
    torsh__out_spec(c, 0, c->compute, 1, &found);
    return TORSH_OK;
}

static void masked_select_gradient(torsh__backward *b)
{
    torsh_tensor mask = torsh__saved_input(b, 1);
    torsh__meta m = torsh__input_meta(b, 0);
    const int64_t *by = torsh_sizes(mask);
    int64_t sizes[TORSH__MAX_RANK];
    int ndim = m.ndim;
    for (int d = 0; d < ndim; d++) sizes[d] = m.sizes[d];
    if (by) torsh__broadcast(&ndim, sizes, torsh_ndim(mask), by);
    b->result[0] = torsh_masked_scatter(torsh_zeros(sizes, (size_t)ndim, m.dtype, m.device), mask, b->g[0]);
}
static const torsh__impl impl_masked_select = {.infer = infer_masked_select, .gradient = masked_select_gradient, .saves = TORSH__SAVE_IN(1), .forward = TORSH__FORWARD_LINEAR};

static torsh_status infer_masked_scatter(torsh__call *c)
{
    torsh_status status = infer_masked(c);
    return status ? status : torsh__require_same_dtype(c, 0, 2);
}

/* source's gradient: what went into the mask, then zeros for the elements that were left over. */
static void masked_scatter_gradient(torsh__backward *b)
{
    torsh_tensor mask = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh_masked_fill(b->g[0], mask, torsh_number(0));
    if (!torsh__needs(b, 2)) return;
    torsh__meta m = torsh__input_meta(b, 2);
    int64_t whole = 1;
    for (int d = 0; d < m.ndim; d++) whole *= m.sizes[d];
    torsh_tensor used = torsh_masked_select(b->g[0], mask);
    int64_t rest = whole - torsh_numel(used);
    if (rest > 0 && !TORSH_FAILED(used)) used = torsh_cat(TORSH_TENSORS(used, torsh_zeros(&rest, 1, m.dtype, m.device)), 0);
    b->result[2] = torsh_reshape(used, m.sizes, (size_t)m.ndim);
}
static const torsh__impl impl_masked_scatter = {.infer = infer_masked_scatter, .gradient = masked_scatter_gradient, .saves = TORSH__SAVE_IN(1), .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 2};

#include "define_rows.h"

#include "masked.def"
