/* Joining tensors and cutting them into lists. Rows: table/join.def. */
#include "gradient.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/view.h>

#include "alloc.h"

/* ---- cat ----------------------------------------------------------------------------------------------------- */

/* PyTorch skips 1-D tensors without elements, whatever the other shapes. */
static bool skipped(int ndim, const int64_t *sizes)
{
    return ndim == 1 && sizes[0] == 0;
}

static torsh_status mismatch(const torsh_operand *first, const torsh_operand *v, int i, int dim)
{
    torsh__shape_text a, b;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "cat: tensors[%d] is %s and an earlier one %s; all sizes but that of dimension %d must be equal", i,
                       torsh__shape_print(&a, v->ndim, v->sizes), torsh__shape_print(&b, first->ndim, first->sizes), dim);
}

static torsh_status infer_cat(torsh__call *c)
{
    const torsh_operand *first = NULL;
    int dim = 0;
    int64_t total = 0, numel;
    if (c->inputs == 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "cat: the list of tensors is empty");
    torsh_status status = torsh__infer_device(c);
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        const torsh_operand *v = &c->input[i]->view;
        if (v->ndim == 0) return torsh__fail(TORSH_SHAPE_MISMATCH, "cat: tensors[%d] has no dimensions; use torsh_stack", i);
        if (skipped(v->ndim, v->sizes)) continue;
        if (!first) status = torsh__wrap_dim("cat", c->values[1].i, v->ndim, &dim);
        if (!first) first = v;
        if (status) return status;
        if (v->ndim != first->ndim) return mismatch(first, v, i, dim);
        for (int d = 0; d < v->ndim; d++)
            if (d != dim && v->sizes[d] != first->sizes[d]) return mismatch(first, v, i, dim);
        if (__builtin_add_overflow(total, v->sizes[dim], &total)) return torsh__fail(TORSH_OUT_OF_RANGE, "cat: the result is too large");
    }
    if (!first) first = &c->input[0]->view;
    if (status == TORSH_OK && total == 0 && first->ndim == 1) status = torsh__wrap_dim("cat", c->values[1].i, 1, &dim);
    if (status) return status;
    c->values[1].i = dim;
    c->compute = torsh__result_type(c->input, 0, c->inputs);
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, first->ndim, first->sizes);
    spec->sizes[dim] = total;
    return torsh__numel("cat", spec->sizes, spec->ndim, torsh__dtypes[c->compute].size, &numel);
}

/* Sizes along dim, for the gradient's cuts; those of skipped tensors are -1. */
static int cat_notes(const torsh__call *c, int64_t *room)
{
    for (int i = 0; i < c->inputs && room; i++) {
        const torsh_operand *v = &c->input[i]->view;
        room[i] = skipped(v->ndim, v->sizes) ? -1 : v->sizes[c->values[1].i];
    }
    return c->inputs;
}

static void cat_gradient(torsh__backward *b)
{
    const int64_t *sizes = b->node->notes;
    int64_t dim = b->node->values[1].i, at = 0;
    for (int i = 0; i < b->node->inputs; i++) {
        int64_t size = sizes[i] < 0 ? 0 : sizes[i];
        if (torsh__needs(b, i)) {
            torsh__meta m = torsh__input_meta(b, i);
            b->result[i] = sizes[i] < 0 ? torsh_zeros(m.sizes, 1, m.dtype, m.device) : torsh_slice(b->g[0], dim, at, at + size, 1);
        }
        at += size;
    }
}
static const torsh__impl impl_cat = {.infer = infer_cat, .gradient = cat_gradient, .notes = cat_notes, .batch = TORSH__BATCH_ALL, .forward = TORSH__FORWARD_LINEAR};

/* ---- lists made for a moment --------------------------------------------------------------------------------- */

static torsh_tensors list_error(torsh_status status)
{
    return (torsh_tensors){torsh__error_id(status)};
}

/* Pieces of an input, collected and made into a list. Opened in a scope that ends with the function. */
typedef struct pieces {
    torsh_tensor *items;
    size_t count;
} pieces;

static torsh_status pieces_make(pieces *p, const char *name, size_t count)
{
    p->count = count;
    p->items = NULL;
    if (count > 1u << 24) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: %zu tensors are too many", name, count);
    p->items = torsh__alloc_zero(count * sizeof *p->items);
    return p->items ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

static torsh_tensors pieces_list(pieces *p)
{
    torsh_tensors list = torsh_tensors_make(p->items, p->count);
    torsh__free(p->items, p->count * sizeof *p->items);
    torsh_keep(list);
    return list;
}

/* The dim and its size; fails for a 0-d tensor. */
static torsh_status take_dim(torsh_tensor input, const char *name, int64_t dim, int *wrapped, int64_t *size)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_look(input, name, "input", &status);
    if (!t) return status;
    if (t->view.ndim == 0) status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: input is 0-d and has no dimension to cut", name);
    else status = torsh__wrap_dim(name, dim, t->view.ndim, wrapped);
    if (status == TORSH_OK) *size = t->view.sizes[*wrapped];
    torsh__unpin(input.id);
    return status;
}

/* ---- stacking ------------------------------------------------------------------------------------------------ */

/* Tensors of one shape joined along a new dim. */
torsh_tensor torsh_stack(const torsh_tensor *tensors, size_t count, int64_t dim)
{
    pieces p;
    if (count == 0 || !tensors) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "stack: the list of tensors is empty"));
    for (size_t i = 0; i < count; i++) {
        const int64_t *first = torsh_sizes(tensors[0]), *sizes = torsh_sizes(tensors[i]);
        int ndim = torsh_ndim(tensors[0]), own = torsh_ndim(tensors[i]);
        if (first && sizes && !torsh__same_sizes(ndim, first, own, sizes))
            return torsh__tensor_error(torsh__fail(TORSH_SHAPE_MISMATCH, "stack: tensors[%zu] is %s and tensors[0] %s; all must have one shape", i,
                                                   torsh_shape_text(tensors[i]), torsh_shape_text(tensors[0])));
    }
    int wrapped, ndim = torsh_ndim(tensors[0]);
    torsh_status status = ndim < 0 ? TORSH_OK : torsh__wrap_dim("stack", dim, ndim + 1, &wrapped);
    if (status == TORSH_OK) status = pieces_make(&p, "stack", count);
    if (status) return torsh__tensor_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (size_t i = 0; i < count; i++) p.items[i] = torsh_unsqueeze(tensors[i], dim);
    torsh_tensor result = torsh_cat(p.items, count, dim);
    torsh__free(p.items, count * sizeof *p.items);
    torsh_keep(result);
    return result;
}

/* ---- cutting ------------------------------------------------------------------------------------------------- */

/* Pieces of `size` elements, the last one shorter; at least one piece. */
static torsh_tensors cut(torsh_tensor input, const char *name, int64_t size, int64_t count, int dim)
{
    pieces p;
    torsh_status status = pieces_make(&p, name, (size_t)count);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (int64_t i = 0; i < count; i++) p.items[i] = torsh_slice(input, dim, i * size, i == count - 1 ? INT64_MAX : (i + 1) * size, 1);
    return pieces_list(&p);
}

torsh_tensors torsh_split(torsh_tensor input, int64_t split_size, int64_t dim)
{
    int wrapped;
    int64_t size;
    torsh_status status = take_dim(input, "split", dim, &wrapped, &size);
    if (status == TORSH_OK && (split_size < 0 || (split_size == 0 && size != 0)))
        status = torsh__fail(TORSH_OUT_OF_RANGE, "split: split_size must be positive; it is %lld", (long long)split_size);
    if (status) return list_error(status);
    int64_t count = split_size ? size / split_size + (size % split_size != 0) : 1;
    return cut(input, "split", split_size, count ? count : 1, wrapped);
}

torsh_tensors torsh_chunk(torsh_tensor input, int64_t chunks, int64_t dim)
{
    int wrapped;
    int64_t size;
    torsh_status status = take_dim(input, "chunk", dim, &wrapped, &size);
    if (status == TORSH_OK && chunks <= 0) status = torsh__fail(TORSH_OUT_OF_RANGE, "chunk: chunks must be positive; it is %lld", (long long)chunks);
    if (status) return list_error(status);
    int64_t each = size / chunks + (size % chunks != 0);
    if (each == 0) return cut(input, "chunk", 0, chunks, wrapped); /* nothing in as many pieces, as in PyTorch */
    return cut(input, "chunk", each, size / each + (size % each != 0), wrapped);
}

torsh_tensors torsh_split_with_sizes(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim)
{
    pieces p;
    int wrapped;
    int64_t size, at = 0;
    torsh_status status = take_dim(input, "split_with_sizes", dim, &wrapped, &size);
    if (status == TORSH_OK && !split_sizes && count) status = torsh__fail(TORSH_INVALID_ARGUMENT, "split_with_sizes: argument 'split_sizes' is NULL");
    for (size_t i = 0; status == TORSH_OK && i < count; i++)
        if (split_sizes[i] < 0 || __builtin_add_overflow(at, split_sizes[i], &at))
            status = torsh__fail(TORSH_OUT_OF_RANGE, "split_with_sizes: size %lld can't be taken", (long long)split_sizes[i]);
    if (status == TORSH_OK && at != size)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "split_with_sizes: the sizes add up to %lld, but dimension %d has %lld", (long long)at, wrapped, (long long)size);
    if (status == TORSH_OK) status = pieces_make(&p, "split_with_sizes", count);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    at = 0;
    for (size_t i = 0; i < count; at += split_sizes[i], i++) p.items[i] = torsh_slice(input, wrapped, at, at + split_sizes[i], 1);
    return pieces_list(&p);
}

/* `sections` pieces, the first size % sections of them longer by one. */
torsh_tensors torsh_tensor_split(torsh_tensor input, int64_t sections, int64_t dim)
{
    pieces p;
    int wrapped;
    int64_t size, at = 0;
    torsh_status status = take_dim(input, "tensor_split", dim, &wrapped, &size);
    if (status == TORSH_OK && sections <= 0)
        status = torsh__fail(TORSH_OUT_OF_RANGE, "tensor_split: sections must be positive; it is %lld", (long long)sections);
    if (status == TORSH_OK) status = pieces_make(&p, "tensor_split", (size_t)sections);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (int64_t i = 0; i < sections; i++) {
        int64_t each = size / sections + (i < size % sections);
        p.items[i] = torsh_slice(input, wrapped, at, at + each, 1);
        at += each;
    }
    return pieces_list(&p);
}

/* Pieces that end before each of `indices`, and the rest; as Python's slices, so ends may lie outside or before starts. */
torsh_tensors torsh_tensor_split_indices(torsh_tensor input, const int64_t *indices, size_t count, int64_t dim)
{
    pieces p;
    int wrapped;
    int64_t size, at = 0;
    torsh_status status = take_dim(input, "tensor_split_indices", dim, &wrapped, &size);
    if (status == TORSH_OK && !indices && count) status = torsh__fail(TORSH_INVALID_ARGUMENT, "tensor_split_indices: argument 'indices' is NULL but its count is %zu", count);
    if (status == TORSH_OK) status = pieces_make(&p, "tensor_split_indices", count + 1);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (size_t i = 0; i <= count; i++) {
        int64_t end = i < count ? indices[i] : INT64_MAX;
        p.items[i] = torsh_slice(input, wrapped, at, end, 1);
        at = end;
    }
    return pieces_list(&p);
}

/* The dim that hsplit, vsplit or dsplit cuts; of a 1-D input hsplit cuts the only one. */
static torsh_status split_dim(const char *name, torsh_tensor input, int least, int64_t *dim)
{
    torsh_status status = TORSH_OK;
    const torsh__tensor *t = torsh__tensor_look(input, name, "input", &status);
    if (!t) return status;
    if (t->view.ndim < least) status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: input must have %d or more dimensions; it has %d", name, least, t->view.ndim);
    *dim = name[0] == 'v' || t->view.ndim < 2 ? 0 : name[0] == 'h' ? 1 : 2;
    torsh__unpin(input.id);
    return status;
}

static torsh_tensors equal_parts(const char *name, torsh_tensor input, int least, int64_t sections)
{
    int64_t dim;
    torsh_status status = split_dim(name, input, least, &dim);
    if (status == TORSH_OK && (sections <= 0 || torsh_size(input, dim) % sections))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: dimension %lld of size %lld doesn't fall into %lld equal sections", name, (long long)dim,
                             (long long)torsh_size(input, dim), (long long)sections);
    return status ? list_error(status) : torsh_tensor_split(input, sections, dim);
}

static torsh_tensors parts_before(const char *name, torsh_tensor input, int least, const int64_t *indices, size_t count)
{
    int64_t dim;
    torsh_status status = split_dim(name, input, least, &dim);
    return status ? list_error(status) : torsh_tensor_split_indices(input, indices, count, dim);
}

torsh_tensors torsh_hsplit(torsh_tensor input, int64_t sections)
{
    return equal_parts("hsplit", input, 1, sections);
}

torsh_tensors torsh_vsplit(torsh_tensor input, int64_t sections)
{
    return equal_parts("vsplit", input, 2, sections);
}

torsh_tensors torsh_dsplit(torsh_tensor input, int64_t sections)
{
    return equal_parts("dsplit", input, 3, sections);
}

torsh_tensors torsh_hsplit_indices(torsh_tensor input, const int64_t *indices, size_t count)
{
    return parts_before("hsplit_indices", input, 1, indices, count);
}

torsh_tensors torsh_vsplit_indices(torsh_tensor input, const int64_t *indices, size_t count)
{
    return parts_before("vsplit_indices", input, 2, indices, count);
}

torsh_tensors torsh_dsplit_indices(torsh_tensor input, const int64_t *indices, size_t count)
{
    return parts_before("dsplit_indices", input, 3, indices, count);
}

static torsh_tensors unbind(const char *name, torsh_tensor input, int64_t dim)
{
    pieces p;
    int wrapped;
    int64_t size;
    torsh_status status = take_dim(input, name, dim, &wrapped, &size);
    if (status == TORSH_OK) status = pieces_make(&p, name, (size_t)size);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (int64_t i = 0; i < size; i++) p.items[i] = torsh_select(input, wrapped, i);
    return pieces_list(&p);
}

torsh_tensors torsh_unbind(torsh_tensor input, int64_t dim)
{
    return unbind("unbind", input, dim);
}

/* ---- one result for each -------------------------------------------------------------------------------------- */

/* What `form` makes of each tensor. */
static torsh_tensors each(const char *name, const torsh_tensor *tensors, size_t count, torsh_tensor (*form)(torsh_tensor))
{
    pieces p;
    torsh_status status = TORSH_OK;
    if (!tensors && count) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: argument 'tensors' is NULL but its count is %zu", name, count);
    if (status == TORSH_OK) status = pieces_make(&p, name, count);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (size_t i = 0; i < count; i++) p.items[i] = form(tensors[i]);
    return pieces_list(&p);
}

torsh_tensors torsh_atleast_1d_list(const torsh_tensor *tensors, size_t count)
{
    return each("atleast_1d_list", tensors, count, torsh_atleast_1d);
}

torsh_tensors torsh_atleast_2d_list(const torsh_tensor *tensors, size_t count)
{
    return each("atleast_2d_list", tensors, count, torsh_atleast_2d);
}

torsh_tensors torsh_atleast_3d_list(const torsh_tensor *tensors, size_t count)
{
    return each("atleast_3d_list", tensors, count, torsh_atleast_3d);
}

torsh_tensors torsh_broadcast_tensors(const torsh_tensor *tensors, size_t count)
{
    pieces p;
    int64_t shape[TORSH__MAX_RANK];
    int ndim = 0;
    torsh_status status = TORSH_OK;
    if (!tensors && count) status = torsh__fail(TORSH_INVALID_ARGUMENT, "broadcast_tensors: argument 'tensors' is NULL but its count is %zu", count);
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        const torsh__tensor *t = torsh__tensor_look(tensors[i], "broadcast_tensors", "tensors", &status);
        if (!t) break;
        if (!torsh__broadcast(&ndim, shape, t->view.ndim, t->view.sizes))
            status = torsh__fail(TORSH_SHAPE_MISMATCH, "broadcast_tensors: tensors[%zu] doesn't broadcast with the ones before it", i);
        torsh__unpin(tensors[i].id);
    }
    if (status == TORSH_OK) status = pieces_make(&p, "broadcast_tensors", count);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (size_t i = 0; i < count; i++) p.items[i] = torsh_expand(tensors[i], shape, (size_t)ndim);
    return pieces_list(&p);
}

/* The coordinates in `shape` of places in the flattened tensor, one tensor for each dim. */
torsh_tensors torsh_unravel_index(torsh_tensor indices, const int64_t *shape, size_t count)
{
    pieces p;
    int64_t numel = 1;
    torsh_status status = TORSH_OK;
    torsh_dtype dtype = torsh_dtype_of(indices);
    if (torsh_ndim(indices) < 0) return list_error(torsh_id_status(torsh_clone(indices).id)); /* says what is wrong */
    if (torsh__dtypes[dtype].category != TORSH__INTEGER)
        status = torsh__fail(TORSH_DTYPE_MISMATCH, "unravel_index: indices must be integers; they are %s", torsh_dtype_name(dtype));
    else if (!shape && count) status = torsh__fail(TORSH_INVALID_ARGUMENT, "unravel_index: argument 'shape' is NULL but its count is %zu", count);
    for (size_t d = 0; d < count && status == TORSH_OK; d++)
        if (shape[d] < 0 || __builtin_mul_overflow(numel, shape[d], &numel))
            status = torsh__fail(TORSH_OUT_OF_RANGE, "unravel_index: shape has a size, %lld, that is negative or too large", (long long)shape[d]);
    if (status == TORSH_OK) status = pieces_make(&p, "unravel_index", count);
    if (status) return list_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    indices = torsh_to_dtype(indices, TORSH_I64);
    for (size_t d = count; d-- > 0;) {
        p.items[d] = torsh_remainder(indices, torsh_integer(shape[d]));
        indices = torsh_floor_divide(indices, torsh_integer(shape[d]));
    }
    return pieces_list(&p);
}

/* torsh_nonzero's columns; of a 0-d input, which counts as one element, one of them. */
torsh_tensors torsh_nonzero_list(torsh_tensor input)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor places = torsh_nonzero(torsh_ndim(input) == 0 ? torsh_unsqueeze(input, 0) : input);
    torsh_tensors columns = TORSH_FAILED(places) ? list_error(torsh_id_status(places.id)) : torsh_unbind(places, 1);
    torsh_keep(columns);
    return columns;
}

/* Copies of the list's tensors; the list goes. */
static torsh_tensors copies(const char *name, torsh_tensors list)
{
    pieces p;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = torsh_id_status(list.id);
    int64_t count = status ? 0 : torsh_tensors_size(list);
    if (status) return list_error(status);
    status = pieces_make(&p, name, (size_t)count);
    if (status) {
        torsh_release(list);
        return list_error(status);
    }
    for (int64_t i = 0; i < count; i++) {
        torsh_tensor part = torsh_tensors_get(list, i);
        p.items[i] = torsh_clone(part);
        torsh_release(part);
    }
    torsh_release(list);
    return pieces_list(&p);
}

/* The same into the caller's tensors. */
static torsh_status copies_out(const char *name, torsh_tensors list, const torsh_tensor *out, size_t count)
{
    torsh_status status = torsh_id_status(list.id);
    if (status) return status;
    size_t parts = (size_t)torsh_tensors_size(list);
    torsh__thread *self = torsh__thread_get();
    const char *speaker = self->speaker;
    if (!speaker) self->speaker = name;
    if (parts != count || !out) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s (out=): 'out' has %zu tensors for %zu parts", name, out ? count : 0, parts);
    for (size_t i = 0; i < parts && status == TORSH_OK; i++) {
        torsh_tensor part = torsh_tensors_get(list, (int64_t)i);
        status = torsh_id_status(torsh_alias_copy_out(part, out[i]).id);
        torsh_release(part);
    }
    self->speaker = speaker;
    torsh_release(list);
    return status;
}

torsh_status torsh_unbind_copy_out(torsh_tensor input, int64_t dim, const torsh_tensor *out, size_t out_count)
{
    return copies_out("unbind_copy", unbind("unbind_copy", input, dim), out, out_count);
}

torsh_status torsh_split_copy_out(torsh_tensor input, int64_t split_size, int64_t dim, const torsh_tensor *out, size_t out_count)
{
    return copies_out("split_copy", torsh_split(input, split_size, dim), out, out_count);
}

torsh_status torsh_split_with_sizes_copy_out(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim, const torsh_tensor *out, size_t out_count)
{
    return copies_out("split_with_sizes_copy", torsh_split_with_sizes(input, split_sizes, count, dim), out, out_count);
}

torsh_tensors torsh_unbind_copy(torsh_tensor input, int64_t dim)
{
    return copies("unbind_copy", unbind("unbind_copy", input, dim));
}

torsh_tensors torsh_split_copy(torsh_tensor input, int64_t split_size, int64_t dim)
{
    return copies("split_copy", torsh_split(input, split_size, dim));
}

torsh_tensors torsh_split_with_sizes_copy(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim)
{
    return copies("split_with_sizes_copy", torsh_split_with_sizes(input, split_sizes, count, dim));
}

#include "define_rows.h"

#include "join.def"
