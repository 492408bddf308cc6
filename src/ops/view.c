/* Views: new sizes and strides on input's storage. Rows: table/view.def. */
#include "gradient.h"
#include "restride.h"
#include "view_spec.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/view.h>

#include <string.h>

#define TABLE "view.def"
#include "declare_rows.h"

#define INTS(c, i) ((const int64_t *)(c)->values[i].list.data)
#define COUNT(c, i) ((c)->values[i].list.count)

static torsh_status check_rank(const torsh__call *c, size_t count)
{
    if (count <= TORSH__MAX_RANK) return TORSH_OK;
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: %zu dimensions; at most %d are allowed", torsh__call_name(c), count, TORSH__MAX_RANK);
}

/* ---- as_strided ---------------------------------------------------------------------------------------------- */

static torsh_status infer_as_strided(torsh__call *c)
{
    const torsh__tensor *t = c->input[0];
    size_t count = COUNT(c, 1);
    int64_t numel, offset = c->values[3].i;
    torsh_status status = check_rank(c, count);
    if (status) return status;
    if (COUNT(c, 2) != count)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "as_strided: size has %zu numbers but stride %zu", count, COUNT(c, 2));
    size_t element = torsh__dtypes[t->view.dtype].size;
    if ((status = torsh__numel("as_strided", INTS(c, 1), (int64_t)count, element, &numel)) != TORSH_OK) return status;
    int64_t last = offset;
    bool bad = offset < 0;
    for (size_t d = 0; d < count && !bad; d++) {
        int64_t span;
        bad = INTS(c, 2)[d] < 0 || (numel > 0 && (__builtin_mul_overflow(INTS(c, 1)[d] - 1, INTS(c, 2)[d], &span) || __builtin_add_overflow(last, span, &last)));
    }
    if (bad || (numel > 0 && last >= (int64_t)(t->storage->bytes / element)))
        return torsh__fail(TORSH_OUT_OF_RANGE, "as_strided: size, stride and storage_offset reach outside the storage of %zu elements (or are negative)",
                           t->storage->bytes / element);
    torsh__spec *spec = torsh__same_view(c);
    spec->ndim = (int)count;
    if (count) {
        memcpy(spec->sizes, INTS(c, 1), count * sizeof(int64_t));
        memcpy(spec->strides, INTS(c, 2), count * sizeof(int64_t));
    }
    spec->offset = offset;
    return TORSH_OK;
}

/* ---- view ---------------------------------------------------------------------------------------------------- */

/* Fills in the one -1 of a shape. */
static torsh_status complete_shape(const char *name, const torsh_operand *v, const int64_t *want, size_t count, int64_t *shape)
{
    int hole = -1;
    int64_t known = 1;
    torsh__shape_text have, text;
    for (size_t d = 0; d < count; d++) {
        shape[d] = want[d];
        if (want[d] == -1 && hole < 0) hole = (int)d;
        else if (want[d] < 0)
            return torsh__fail(TORSH_OUT_OF_RANGE, "%s: shape %s of input has a negative size; only one -1 is allowed", name, torsh__shape_print(&text, (int)count, want));
        else if (__builtin_mul_overflow(known, want[d], &known)) known = -1;
        if (known < 0) break;
    }
    if (hole >= 0 && known > 0 && v->numel % known == 0) {
        shape[hole] = v->numel / known;
        known = v->numel;
    } else if (hole >= 0 && known == 0 && v->numel == 0) {
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the -1 in shape %s could be any size, for an input without elements", name,
                           torsh__shape_print(&text, (int)count, want));
    }
    if (known == v->numel && (hole < 0 || shape[hole] >= 0)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: shape %s doesn't fit input of shape %s (%lld elements)", name,
                       torsh__shape_print(&text, (int)count, want), torsh__shape_print(&have, v->ndim, v->sizes), (long long)v->numel);
}

/* Strides of the new shape if the old ones allow it: each run of old dims that step as one is cut anew
 * (ATen/TensorUtils.cpp computeStride). */
static bool view_strides(const torsh_operand *v, int ndim, const int64_t *shape, int64_t *strides)
{
    if (v->numel == 0) {
        torsh__contiguous_strides(ndim, shape, strides);
        return true;
    }
    int d = ndim - 1;
    int64_t base = v->ndim ? v->strides[v->ndim - 1] : 1, run = 1, made = 1;
    for (int i = v->ndim - 1; i >= 0; i--) {
        run *= v->sizes[i];
        if (i > 0 && (v->sizes[i - 1] == 1 || v->strides[i - 1] == run * base)) continue;
        while (d >= 0 && (made < run || shape[d] == 1)) {
            strides[d] = made * base;
            made *= shape[d];
            d--;
        }
        if (made != run) return false;
        if (i > 0) {
            base = v->strides[i - 1];
            run = 1;
            made = 1;
        }
    }
    for (; d >= 0; d--) strides[d] = made * base; /* sizes of 1 */
    return true;
}

static torsh_status infer_view(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    size_t count = COUNT(c, 1);
    torsh_status status = check_rank(c, count);
    torsh__spec *spec = torsh__same_view(c);
    if (status == TORSH_OK) status = complete_shape("view", v, INTS(c, 1), count, spec->sizes);
    if (status) return status;
    spec->ndim = (int)count;
    if (view_strides(v, spec->ndim, spec->sizes, spec->strides)) return TORSH_OK;
    torsh__shape_text have, want;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "view: input of shape %s with these strides can't be seen as %s without a copy; use torsh_reshape",
                       torsh__shape_print(&have, v->ndim, v->sizes), torsh__shape_print(&want, spec->ndim, spec->sizes));
}

static void view_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    b->result[0] = torsh_reshape(b->g[0], meta.sizes, (size_t)meta.ndim);
}
static const torsh__impl impl_view = {.infer = infer_view, .gradient = view_gradient, .batch = TORSH__BATCH_VIEW};

torsh_tensor torsh_reshape(torsh_tensor input, const int64_t *shape, size_t count)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, "reshape", "input", &status);
    if (!t) return torsh__tensor_error(status);
    int64_t sizes[TORSH__MAX_RANK], strides[TORSH__MAX_RANK];
    bool fits = false;
    if (count > TORSH__MAX_RANK) status = torsh__fail(TORSH_OUT_OF_RANGE, "reshape: %zu dimensions; at most %d are allowed", count, TORSH__MAX_RANK);
    else if (count && !shape) status = torsh__fail(TORSH_INVALID_ARGUMENT, "reshape: argument 'shape' is NULL but its count is %zu", count);
    else status = complete_shape("reshape", &t->view, shape, count, sizes);
    if (status == TORSH_OK) fits = view_strides(&t->view, (int)count, sizes, strides);
    torsh__unpin(input.id);
    if (status) return torsh__tensor_error(status);
    if (fits) return torsh_view(input, sizes, count);
    torsh_tensor copy = torsh_clone(input), result = torsh_view(copy, sizes, count);
    torsh_release(copy);
    return result;
}

/* ---- order of dims ------------------------------------------------------------------------------------------- */

static torsh_status infer_permute(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t seen = 0;
    if (COUNT(c, 1) != (size_t)v->ndim)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "permute: %zu dims given for an input of %d dimensions", COUNT(c, 1), v->ndim);
    torsh__spec *spec = torsh__same_view(c);
    for (int d = 0; d < v->ndim; d++) {
        int from;
        torsh_status status = torsh__wrap_dim("permute", INTS(c, 1)[d], v->ndim, &from);
        if (status) return status;
        if (seen >> from & 1) return torsh__fail(TORSH_INVALID_ARGUMENT, "permute: dimension %d appears more than once", from);
        seen |= (uint64_t)1 << from;
        spec->sizes[d] = v->sizes[from];
        spec->strides[d] = v->strides[from];
    }
    return TORSH_OK;
}

static void permute_gradient(torsh__backward *b)
{
    int64_t back[TORSH__MAX_RANK];
    const int64_t *dims = b->node->values[1].list.data;
    size_t count = b->node->values[1].list.count;
    for (size_t d = 0; d < count; d++) back[dims[d] < 0 ? dims[d] + (int64_t)count : dims[d]] = (int64_t)d;
    b->result[0] = torsh_permute(b->g[0], back, count);
}
static const torsh__impl impl_permute = {.infer = infer_permute, .gradient = permute_gradient, .batch = TORSH__BATCH_FIRST};

static torsh_status infer_transpose(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int a, b;
    torsh_status status = torsh__wrap_dim("transpose", c->values[1].i, v->ndim, &a);
    if (status == TORSH_OK) status = torsh__wrap_dim("transpose", c->values[2].i, v->ndim, &b);
    if (status) return status;
    torsh__spec *spec = torsh__same_view(c);
    if (v->ndim == 0) return TORSH_OK;
    spec->sizes[a] = v->sizes[b];
    spec->sizes[b] = v->sizes[a];
    spec->strides[a] = v->strides[b];
    spec->strides[b] = v->strides[a];
    return TORSH_OK;
}

static void transpose_gradient(torsh__backward *b)
{
    b->result[0] = torsh_transpose(b->g[0], b->node->values[1].i, b->node->values[2].i);
}
static const torsh__impl impl_transpose = {.infer = infer_transpose, .gradient = transpose_gradient, .batch = TORSH__BATCH_FIRST};

static torsh_status infer_t(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__require_rank(c, 0, 0, 2);
    if (status) return status;
    torsh__spec *spec = torsh__same_view(c);
    if (v->ndim < 2) return TORSH_OK;
    spec->sizes[0] = v->sizes[1];
    spec->sizes[1] = v->sizes[0];
    spec->strides[0] = v->strides[1];
    spec->strides[1] = v->strides[0];
    return TORSH_OK;
}

static void t_gradient(torsh__backward *b)
{
    b->result[0] = torsh_t(b->g[0]);
}
static const torsh__impl impl_t = {.infer = infer_t, .gradient = t_gradient};

/* Each source dim goes to its destination; the others keep their order. */
/* The dims of source at those of destination, the others in their order. */
static torsh_status move_dims(torsh__call *c, const int64_t *source, size_t source_count, const int64_t *destination, size_t count)
{
    const torsh_operand *v = &c->input[0]->view;
    const char *name = torsh__call_name(c), *twice = NULL;
    int next = 0, from, to, order[TORSH__MAX_RANK];
    uint64_t taken = 0, placed = 0;
    if (source_count != count)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: source has %zu dims and destination %zu; they must have as many", name, source_count, count);
    for (size_t i = 0; i < count; i++) {
        torsh_status status = torsh__wrap_dim(name, source[i], v->ndim, &from);
        if (status == TORSH_OK) status = torsh__wrap_dim(name, destination[i], v->ndim, &to);
        if (status) return status;
        if (taken >> from & 1) twice = "source";
        else if (placed >> to & 1) twice = "destination";
        if (twice) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: dimension %d is twice in %s", name, taken >> from & 1 ? from : to, twice);
        taken |= (uint64_t)1 << from;
        placed |= (uint64_t)1 << to;
        order[to] = from;
    }
    torsh__spec *spec = torsh__same_view(c);
    for (int d = 0; d < v->ndim; d++) {
        while (!(placed >> d & 1) && taken >> next & 1) next++;
        from = placed >> d & 1 ? order[d] : next++;
        spec->sizes[d] = v->sizes[from];
        spec->strides[d] = v->strides[from];
    }
    return TORSH_OK;
}

static torsh_status infer_movedim(torsh__call *c)
{
    return move_dims(c, &c->values[1].i, 1, &c->values[2].i, 1);
}

static void movedim_gradient(torsh__backward *b)
{
    b->result[0] = torsh_movedim(b->g[0], b->node->values[2].i, b->node->values[1].i);
}
static const torsh__impl impl_movedim = {.infer = infer_movedim, .gradient = movedim_gradient};

static torsh_status infer_movedim_list(torsh__call *c)
{
    return move_dims(c, INTS(c, 1), COUNT(c, 1), INTS(c, 2), COUNT(c, 2));
}

static void movedim_list_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    b->result[0] = torsh_movedim_list(b->g[0], v[2].list.data, v[2].list.count, v[1].list.data, v[1].list.count);
}
static const torsh__impl impl_movedim_list = {.infer = infer_movedim_list, .gradient = movedim_list_gradient};

/* ---- expand -------------------------------------------------------------------------------------------------- */

static torsh_status infer_expand(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int count = (int)COUNT(c, 1), shift = count - v->ndim;
    torsh_status status = check_rank(c, COUNT(c, 1));
    if (status) return status;
    torsh__shape_text have, want;
    if (shift < 0)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "expand: %s has fewer dimensions than the tensor of shape %s", torsh__shape_print(&want, count, INTS(c, 1)),
                           torsh__shape_print(&have, v->ndim, v->sizes));
    torsh__spec *spec = torsh__same_view(c);
    spec->ndim = count;
    int64_t numel;
    for (int d = 0; d < count; d++) {
        int64_t size = INTS(c, 1)[d], own = d < shift ? 1 : v->sizes[d - shift];
        if (size == -1 && d >= shift) size = own;
        if (size < 0 || (own != 1 && own != size))
            return torsh__fail(TORSH_SHAPE_MISMATCH, "expand: a tensor of shape %s can't become %s: only sizes of 1 stretch (dimension %d)",
                               torsh__shape_print(&have, v->ndim, v->sizes), torsh__shape_print(&want, count, INTS(c, 1)), d);
        spec->sizes[d] = size;
        spec->strides[d] = d < shift || (own == 1 && size != 1) ? 0 : v->strides[d - shift];
    }
    return torsh__numel("expand", spec->sizes, count, torsh__dtypes[v->dtype].size, &numel);
}

/* The engine sums a gradient to the input's shape. */
static void expand_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    b->result[0] = torsh__sum_to(b->g[0], meta.ndim, meta.sizes);
}
static const torsh__impl impl_expand = {.infer = infer_expand, .gradient = expand_gradient, .batch = TORSH__BATCH_EXPAND};

/* ---- sizes of 1, flattening ---------------------------------------------------------------------------------- */

static torsh_status infer_squeeze(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    uint64_t mask;
    torsh_status status = torsh__wrap_dims("squeeze", INTS(c, 1), COUNT(c, 1), v->ndim, &mask);
    if (status) return status;
    if (INTS(c, 1) && COUNT(c, 1) == 0) mask = 0; /* a list, which is empty */
    torsh__spec *spec = torsh__same_view(c);
    for (int d = v->ndim; d-- > 0;)
        if (mask >> d & 1 && v->sizes[d] == 1) torsh__remove_dim(spec, d);
    return TORSH_OK;
}
static const torsh__impl impl_squeeze = {.infer = infer_squeeze, .gradient = view_gradient, .batch = TORSH__BATCH_VIEW};

static torsh_status infer_unsqueeze(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    int dim;
    torsh_status status = torsh__wrap_dim("unsqueeze", c->values[1].i, v->ndim + 1, &dim);
    if (status == TORSH_OK) status = check_rank(c, (size_t)v->ndim + 1);
    if (status) return status;
    torsh__spec *spec = torsh__same_view(c);
    int64_t stride = dim < v->ndim ? v->sizes[dim] * v->strides[dim] : 1;
    torsh__push_dim(spec, 1, 1);
    for (int d = v->ndim; d > dim; d--) {
        spec->sizes[d] = spec->sizes[d - 1];
        spec->strides[d] = spec->strides[d - 1];
    }
    spec->sizes[dim] = 1;
    spec->strides[dim] = stride;
    return TORSH_OK;
}
static const torsh__impl impl_unsqueeze = {.infer = infer_unsqueeze, .gradient = view_gradient, .batch = TORSH__BATCH_VIEW};

torsh_tensor torsh_flatten(torsh_tensor input, int64_t start_dim, int64_t end_dim)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, "flatten", "input", &status);
    if (!t) return torsh__tensor_error(status);
    int first, last, ndim = t->view.ndim, made = 0;
    int64_t sizes[TORSH__MAX_RANK + 1];
    status = torsh__wrap_dim("flatten", start_dim, ndim, &first);
    if (status == TORSH_OK) status = torsh__wrap_dim("flatten", end_dim, ndim, &last);
    if (status == TORSH_OK && first > last)
        status = torsh__fail(TORSH_OUT_OF_RANGE, "flatten: start_dim %lld comes after end_dim %lld", (long long)start_dim, (long long)end_dim);
    if (status == TORSH_OK && ndim == 0) sizes[made++] = 1;
    for (int d = 0; status == TORSH_OK && d < ndim; d++) {
        if (d > first && d <= last) sizes[made - 1] *= t->view.sizes[d];
        else sizes[made++] = t->view.sizes[d];
    }
    torsh__unpin(input.id);
    return status ? torsh__tensor_error(status) : torsh_reshape(input, sizes, (size_t)made);
}

torsh_tensor torsh_unflatten(torsh_tensor input, int64_t dim, const int64_t *sizes, size_t count)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, "unflatten", "input", &status);
    if (!t) return torsh__tensor_error(status);
    int at, made = 0, ndim = t->view.ndim;
    int64_t shape[TORSH__MAX_RANK], part[TORSH__MAX_RANK];
    status = torsh__wrap_dim("unflatten", dim, ndim, &at);
    if (status == TORSH_OK && (count == 0 || count + (size_t)ndim > TORSH__MAX_RANK || !sizes || ndim == 0))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "unflatten: needs a dimension to split and 1 to %d sizes; %zu were given", TORSH__MAX_RANK - ndim, count);
    torsh_operand only = {.ndim = 1, .sizes = &t->view.sizes[status ? 0 : at], .numel = status || !ndim ? 0 : t->view.sizes[at]};
    if (status == TORSH_OK) status = complete_shape("unflatten", &only, sizes, count, part);
    for (int d = 0; status == TORSH_OK && d < ndim; d++) {
        if (d != at) shape[made++] = t->view.sizes[d];
        else
            for (size_t i = 0; i < count; i++) shape[made++] = part[i];
    }
    torsh__unpin(input.id);
    return status ? torsh__tensor_error(status) : torsh_view(input, shape, (size_t)made);
}

static const torsh__impl impl_as_strided = {.infer = infer_as_strided, .gradient = torsh__as_strided_gradient, .notes = torsh__as_strided_notes};
static const torsh__impl impl_restride = {.infer = torsh__restride_infer, .run = torsh__restride_run, .gradient = torsh__restride_gradient, .forward = TORSH__FORWARD_LINEAR};

#include "define_rows.h"

#include "view.def"
