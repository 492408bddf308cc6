/* Python's x[1:, None, ..., idx, mask] and assignment through it. No rows of its own: the part that selects, slices and adds axes is
 * views, what is left for index tensors is torsh_index and torsh_index_put_ (ATen/TensorIndexing.h takes the same two steps). */
#include "composed.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/view.h>

/* An indexing taken apart: a view, and index tensors or null handles for its leading dims. */
typedef struct parts {
    torsh_tensor view, indices[TORSH__MAX_RANK];
    size_t count; /* of indices */
    int covered;  /* dims of view that these stand for */
} parts;

static torsh_status refuse_kind(const char *name, size_t at)
{
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: items[%zu] is of no known kind", name, at);
}

/* How many dims of input the item uses up. */
static torsh_status dims_of(const char *name, const torsh_index_item *item, size_t at, int *dims)
{
    torsh_status status = TORSH_OK;
    *dims = item->kind == TORSH_INDEX_INT || item->kind == TORSH_INDEX_SLICE;
    if ((int)item->kind < TORSH_INDEX_INT || item->kind > TORSH_INDEX_TENSOR) return refuse_kind(name, at);
    if (item->kind != TORSH_INDEX_TENSOR) return TORSH_OK;
    const torsh__tensor *t = torsh__tensor_look(item->tensor, name, "items", &status);
    if (!t) return status;
    torsh_dtype dtype = torsh__dtype_of(t);
    *dims = dtype == TORSH_BOOL || dtype == TORSH_U8 ? t->view.ndim : 1;
    if (torsh__dtypes[dtype].category > TORSH__INTEGER)
        status = torsh__fail(TORSH_DTYPE_MISMATCH, "%s: items[%zu] is a tensor of dtype %s; an index is of whole numbers or bool", name, at, torsh_dtype_name(dtype));
    torsh__unpin(item->tensor.id);
    return status;
}

/* The dims that an ellipsis, or the missing end of the list, stands for. */
static torsh_status count_dims(const char *name, torsh_tensor input, const torsh_index_item *items, size_t count, int *rest)
{
    int used = 0, dims, ellipses = 0;
    torsh_status status = TORSH_OK;
    const torsh__tensor *t = torsh__tensor_look(input, name, "input", &status);
    if (!t) return status;
    int ndim = t->view.ndim;
    torsh__unpin(input.id);
    if (!items && count) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument 'items' is NULL but its count is %zu", name, count);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        status = dims_of(name, &items[i], i, &dims);
        if (status == TORSH_OK) used += dims, ellipses += items[i].kind == TORSH_INDEX_ELLIPSIS;
        if (status == TORSH_OK && used > TORSH__MAX_RANK) break;
    }
    if (status) return status;
    if (used > ndim) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: too many items for an input of %d dimensions: they use %d", name, ndim, used);
    if (ellipses > 1) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: items may hold one ellipsis; there are %d", name, ellipses);
    *rest = ndim - used;
    return TORSH_OK;
}

/* An index tensor at `dim` of the view: one of whole numbers without dims selects, a mask without dims is one of a new axis of size 1. */
static torsh_status add_tensor(const char *name, parts *p, torsh_tensor index, int *dim)
{
    int64_t place;
    torsh_dtype dtype = torsh_dtype_of(index);
    int ndim = torsh_ndim(index), dims = 1;
    if (dtype == TORSH_U8) index = torsh_to_dtype(index, dtype = TORSH_BOOL);
    if (ndim == 0 && dtype != TORSH_BOOL) {
        torsh_status status = torsh_item_i64(index, &place);
        if (status == TORSH_OK) p->view = torsh_select(p->view, *dim, place);
        return status;
    }
    if (ndim == 0) {
        p->view = torsh_unsqueeze(p->view, *dim);
        index = torsh_unsqueeze(index, 0);
    } else if (dtype == TORSH_BOOL) {
        dims = ndim;
    } else if (dtype != TORSH_I64 && dtype != TORSH_I32) {
        index = torsh_to_dtype(index, TORSH_I64);
    }
    for (; p->covered < *dim && p->count < TORSH__MAX_RANK; p->covered++) p->indices[p->count++] = (torsh_tensor){0};
    if (p->count == TORSH__MAX_RANK) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: the items make more than %d dimensions", name, TORSH__MAX_RANK);
    p->indices[p->count++] = index;
    *dim += dims;
    p->covered += dims;
    return TORSH_OK;
}

static torsh_status take_apart(const char *name, parts *p, torsh_tensor input, const torsh_index_item *items, size_t count)
{
    int rest = 0, dim = 0;
    torsh_status status = count_dims(name, input, items, count, &rest);
    *p = (parts){.view = input};
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        const torsh_index_item *item = &items[i];
        switch (item->kind) {
        case TORSH_INDEX_INT: p->view = torsh_select(p->view, dim, item->start); break;
        case TORSH_INDEX_SLICE: p->view = torsh_slice(p->view, dim++, item->start, item->end, item->step); break;
        case TORSH_INDEX_NEW_AXIS: p->view = torsh_unsqueeze(p->view, dim++); break;
        case TORSH_INDEX_ELLIPSIS: dim += rest; break;
        case TORSH_INDEX_TENSOR: status = add_tensor(name, p, item->tensor, &dim); break;
        }
        if (status == TORSH_OK) status = torsh_id_status(p->view.id);
    }
    return status;
}

torsh_tensor torsh_getitem(torsh_tensor input, const torsh_index_item *items, size_t count)
{
    parts p;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = take_apart("getitem", &p, input, items, count);
    if (status) return torsh__tensor_error(status);
    torsh_tensor result = p.count ? torsh_index(p.view, p.indices, p.count) : p.view.id == input.id ? torsh_share(input) : p.view;
    torsh_keep(result);
    return result;
}

/* Leading dims of size 1 of values that the place lacks are no dims. */
static torsh_tensor trimmed(torsh_tensor values, int ndim)
{
    while (torsh_ndim(values) > ndim && torsh_size(values, 0) == 1) values = torsh_select(values, 0, 0);
    return values;
}

torsh_tensor torsh_setitem_(torsh_tensor input, const torsh_index_item *items, size_t count, torsh_tensor values)
{
    parts p;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = take_apart("setitem_", &p, input, items, count);
    if (status) return torsh__tensor_error(status);
    torsh_dtype dtype = torsh_dtype_of(input);
    torsh_tensor done;
    if (p.count == 0) {
        done = torsh_copy_(p.view, trimmed(values, torsh_ndim(p.view)));
    } else {
        torsh_tensor place = torsh_index(p.view, p.indices, p.count);
        values = trimmed(values, torsh_ndim(place));
        done = torsh_index_put_(p.view, p.indices, p.count, torsh_dtype_of(values) == dtype ? values : torsh_to_dtype(values, dtype), false);
    }
    status = torsh_id_status(done.id);
    return status ? torsh__tensor_error(status) : input;
}
