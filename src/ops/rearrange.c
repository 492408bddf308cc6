/* Views, joins and choices in other forms: all of it is made of the ops in view.c, join.c and index_list.c. Rows: table/rearrange.def. */
#include "composed.h"

#include "alloc.h"

#include <torsh/autograd.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <string.h>

#define TABLE "part.def"
#include "declare_rows.h"

/* ---- other views --------------------------------------------------------------------------------------------- */

static torsh_tensor compose_alias_copy(torsh_tensor input)
{
    return torsh_clone(input);
}

static torsh_tensor compose_expand_as(torsh_tensor input, torsh_tensor other)
{
    torsh__shape s = torsh__shape_of(other);
    return torsh_expand(input, s.sizes, (size_t)s.ndim);
}

static torsh_tensor compose_view_as(torsh_tensor input, torsh_tensor other)
{
    torsh__shape s = torsh__shape_of(other);
    return torsh_view(input, s.sizes, (size_t)s.ndim);
}

static torsh_tensor compose_reshape_as(torsh_tensor input, torsh_tensor other)
{
    torsh__shape s = torsh__shape_of(other);
    return torsh_reshape(input, s.sizes, (size_t)s.ndim);
}

static torsh_tensor compose_type_as(torsh_tensor input, torsh_tensor other)
{
    return torsh_to_dtype(input, torsh_dtype_of(other));
}

/* Windows of `size` elements, `step` apart, along a dim, as a new last dim. */
static torsh_tensor compose_unfold_dim(torsh_tensor input, int64_t dimension, int64_t size, int64_t step)
{
    torsh__shape s = torsh__shape_of(input);
    int64_t strides[TORSH__MAX_RANK], reach = 1;
    int dim;
    torsh_status status = torsh__wrap_dim("unfold_dim", dimension, s.ndim, &dim);
    if (status) return torsh__tensor_error(status);
    memcpy(strides, torsh_strides(input), (size_t)s.ndim * sizeof *strides);
    if (s.ndim) reach = s.sizes[dim];
    if (size < 0 || size > reach || step <= 0 || s.ndim == TORSH__MAX_RANK)
        return torsh__refuse(TORSH_OUT_OF_RANGE, "unfold_dim: dimension %d of size %lld has no windows of size %lld with step %lld", dim, (long long)reach,
                             (long long)size, (long long)step);
    strides[s.ndim] = s.ndim ? strides[dim] : 1;
    if (s.ndim) {
        s.sizes[dim] = (reach - size) / step + 1;
        strides[dim] *= step;
    }
    s.sizes[s.ndim++] = size;
    return torsh_as_strided(input, s.sizes, (size_t)s.ndim, strides, (size_t)s.ndim, torsh_storage_offset(input));
}

static torsh_tensor compose_unfold_copy(torsh_tensor input, int64_t dimension, int64_t size, int64_t step)
{
    return torsh_clone(torsh_unfold_dim(input, dimension, size, step));
}

static torsh_tensor compose_mH(torsh_tensor input)
{
    if (torsh_ndim(input) < 2)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "mH: input must have 2 or more dimensions; it is %s", torsh_shape_text(input));
    return torsh__conjugate(torsh_transpose(input, -2, -1));
}

static torsh_tensor compose_ravel(torsh_tensor input)
{
    return torsh_reshape(input, TORSH_DIMS(torsh_numel(input)));
}

static torsh_tensor at_least(torsh_tensor input, int dims)
{
    int ndim = torsh_ndim(input);
    if (ndim == 0 && dims > 0) input = torsh_unsqueeze(input, 0);
    if (ndim <= 1 && dims > 1) input = torsh_unsqueeze(input, 0);
    if (ndim <= 2 && dims > 2) input = torsh_unsqueeze(input, -1);
    return input;
}

static torsh_tensor compose_atleast_1d(torsh_tensor input)
{
    return at_least(input, 1);
}

static torsh_tensor compose_atleast_2d(torsh_tensor input)
{
    return at_least(input, 2);
}

static torsh_tensor compose_atleast_3d(torsh_tensor input)
{
    return at_least(input, 3);
}

static torsh_tensor compose_fliplr(torsh_tensor input)
{
    if (torsh_ndim(input) < 2)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "fliplr: input must have 2 or more dimensions; it is %s", torsh_shape_text(input));
    return torsh_flip(input, TORSH_DIMS(1));
}

static torsh_tensor compose_flipud(torsh_tensor input)
{
    if (torsh_ndim(input) < 1) return torsh__refuse(TORSH_SHAPE_MISMATCH, "flipud: input must have 1 or more dimensions; it is 0-d");
    return torsh_flip(input, TORSH_DIMS(0));
}

static torsh_tensor compose_rot90(torsh_tensor input, int64_t k, const int64_t *dims, size_t count)
{
    int ndim = torsh_ndim(input), a, b;
    if (count != 2) return torsh__refuse(TORSH_INVALID_ARGUMENT, "rot90: 'dims' must be 2 dimensions; there are %zu", count);
    if (ndim < 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "rot90: input must have 2 or more dimensions; it is %s", torsh_shape_text(input));
    torsh_status status = torsh__wrap_dim("rot90: dims", dims[0], ndim, &a);
    if (status == TORSH_OK) status = torsh__wrap_dim("rot90: dims", dims[1], ndim, &b);
    if (status) return torsh__tensor_error(status);
    if (a == b) return torsh__refuse(TORSH_INVALID_ARGUMENT, "rot90: 'dims' must be two different dimensions; both are %d", a);
    switch ((k % 4 + 4) % 4) {
    case 1: return torsh_transpose(torsh_flip(input, TORSH_DIMS(b)), a, b);
    case 2: return torsh_flip(input, TORSH_DIMS(a, b));
    case 3: return torsh_transpose(torsh_flip(input, TORSH_DIMS(a)), a, b);
    default: return torsh_clone(input);
    }
}

static torsh_tensor compose_sum_to_size(torsh_tensor input, const int64_t *size, size_t count)
{
    torsh__shape s = torsh__shape_of(input);
    bool fits = count <= (size_t)s.ndim;
    for (size_t d = 0; fits && d < count; d++) {
        int64_t own = s.sizes[(size_t)s.ndim - count + d];
        fits = size[d] == own || size[d] == 1;
    }
    torsh__shape_text text;
    if (!fits)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "sum_to_size: size %s doesn't expand to that of input, %s",
                             torsh__shape_print(&text, count > TORSH__MAX_RANK ? 0 : (int)count, size), torsh_shape_text(input));
    int64_t dims[TORSH__MAX_RANK];
    size_t summed = 0, lead = (size_t)s.ndim - count;
    for (size_t d = 0; d < (size_t)s.ndim; d++)
        if (d < lead || (size[d - lead] == 1 && s.sizes[d] != 1)) dims[summed++] = (int64_t)d;
    if (count == 0) return torsh_sum(input, TORSH_ALL_DIMS, false);
    return summed ? torsh_reshape(torsh_sum(input, dims, summed, true), size, count) : torsh_share(input);
}

/* ---- diagonals ----------------------------------------------------------------------------------------------- */

static torsh_tensor compose_diag_embed(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2)
{
    torsh__shape s = torsh__shape_of(input);
    int a, b, ndim = s.ndim + 1, next = 0;
    int64_t sizes[TORSH__MAX_RANK + 1];
    if (s.ndim == 0 || ndim > TORSH__MAX_RANK)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "diag_embed: input must have 1 to %d dimensions; it has %d", TORSH__MAX_RANK - 1, s.ndim);
    torsh_status status = torsh__wrap_dim("diag_embed: dim1", dim1, ndim, &a);
    if (status == TORSH_OK) status = torsh__wrap_dim("diag_embed: dim2", dim2, ndim, &b);
    if (status) return torsh__tensor_error(status);
    if (a == b) return torsh__refuse(TORSH_INVALID_ARGUMENT, "diag_embed: dim1 and dim2 are both %d; they must differ", a);
    if (offset < -INT32_MAX || offset > INT32_MAX) return torsh__refuse(TORSH_OUT_OF_RANGE, "diag_embed: offset %lld is too far from the diagonal", (long long)offset);
    for (int d = 0; d < ndim; d++) sizes[d] = d == a || d == b ? s.sizes[s.ndim - 1] + (offset < 0 ? -offset : offset) : s.sizes[next++];
    return torsh__diagonal_backward(input, sizes, (size_t)ndim, offset, a, b);
}

static torsh_tensor compose_diagflat(torsh_tensor input, int64_t offset)
{
    return torsh_diag(compose_ravel(input), offset);
}

/* ---- joins --------------------------------------------------------------------------------------------------- */

/* Joins what `form` makes of each tensor along dim. */
static torsh_tensor join_forms(const char *name, const torsh_tensor *tensors, size_t count, int64_t dim, torsh_tensor (*form)(torsh_tensor))
{
    if (count == 0) return torsh__refuse(TORSH_INVALID_ARGUMENT, "%s: the list 'tensors' is empty", name);
    torsh_tensor *items = torsh__alloc(count * sizeof *items);
    if (!items) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) items[i] = form(tensors[i]);
    torsh_tensor result = torsh_cat(items, count, dim);
    torsh__free(items, count * sizeof *items);
    return result;
}

static torsh_tensor as_column(torsh_tensor t)
{
    return torsh_ndim(t) < 2 ? torsh_reshape(t, TORSH_DIMS(torsh_numel(t), 1)) : t;
}

static torsh_tensor compose_column_stack(const torsh_tensor *tensors, size_t count)
{
    return join_forms("column_stack", tensors, count, 1, as_column);
}

static torsh_tensor compose_dstack(const torsh_tensor *tensors, size_t count)
{
    return join_forms("dstack", tensors, count, 2, compose_atleast_3d);
}

static torsh_tensor compose_hstack(const torsh_tensor *tensors, size_t count)
{
    return join_forms("hstack", tensors, count, count && torsh_ndim(tensors[0]) > 1 ? 1 : 0, compose_atleast_1d);
}

static torsh_tensor compose_vstack(const torsh_tensor *tensors, size_t count)
{
    return join_forms("vstack", tensors, count, 0, compose_atleast_2d);
}

/* ---- block_diag ---------------------------------------------------------------------------------------------- */

enum { HIGH, WIDE }; /* of a block; fewer than two dimensions are one row */

static int64_t block_size(const torsh_operand *v, int side)
{
    return side == WIDE ? (v->ndim ? v->sizes[v->ndim - 1] : 1) : v->ndim == 2 ? v->sizes[0] : 1;
}

static torsh_status infer_block_diag(torsh__call *c)
{
    int64_t sizes[2] = {0, 0};
    torsh_status status = torsh__infer_device(c);
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        const torsh_operand *v = &c->input[i]->view;
        torsh__shape_text text;
        if (v->ndim > 2)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "block_diag: tensors[%d] is %s; it must have at most 2 dimensions", i, torsh__shape_print(&text, v->ndim, v->sizes));
        for (int side = HIGH; side <= WIDE; side++)
            if (__builtin_add_overflow(sizes[side], block_size(v, side), &sizes[side])) return torsh__fail(TORSH_OUT_OF_RANGE, "block_diag: the result is too large");
    }
    if (status) return status;
    if (c->inputs == 0) sizes[HIGH] = 1;
    c->compute = c->inputs ? torsh__result_type(c->input, 0, c->inputs) : torsh_default_dtype();
    torsh__out_spec(c, 0, c->compute, 2, sizes);
    return torsh__numel("block_diag", sizes, 2, torsh__dtypes[c->compute].size, &(int64_t){0});
}

static int block_diag_notes(const torsh__call *c, int64_t *room)
{
    for (int i = 0; i < 2 * c->inputs && room; i++) room[i] = block_size(&c->input[i / 2]->view, i % 2);
    return 2 * c->inputs;
}

static torsh_tensor corner(torsh_tensor whole, const int64_t at[2], int64_t high, int64_t wide)
{
    return torsh_narrow(torsh_narrow(whole, 0, at[HIGH], high), 1, at[WIDE], wide);
}

static torsh_status run_block_diag(torsh__call *c)
{
    int64_t at[2] = {0, 0};
    torsh_tensor whole = torsh_zero_(torsh__tensor_share(c->output[0]));
    torsh_status status = torsh_id_status(whole.id);
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        int64_t high = block_size(&c->input[i]->view, HIGH), wide = block_size(&c->input[i]->view, WIDE);
        status = torsh_id_status(torsh_copy_(corner(whole, at, high, wide), torsh__tensor_share(c->input[i])).id);
        at[HIGH] += high;
        at[WIDE] += wide;
    }
    return status;
}

static void block_diag_gradient(torsh__backward *b)
{
    const int64_t *sizes = b->node->notes;
    int64_t at[2] = {0, 0};
    for (int i = 0; i < b->node->inputs; i++) {
        const int64_t *own = sizes + 2 * i;
        if (torsh__needs(b, i)) {
            torsh__meta m = torsh__input_meta(b, i);
            b->result[i] = torsh_reshape(corner(b->g[0], at, own[HIGH], own[WIDE]), m.sizes, (size_t)m.ndim);
        }
        at[HIGH] += own[HIGH];
        at[WIDE] += own[WIDE];
    }
}
static const torsh__impl impl_block_diag = {.infer = infer_block_diag, .run = run_block_diag, .gradient = block_diag_gradient, .notes = block_diag_notes};

/* ---- a part replaced ----------------------------------------------------------------------------------------- */

/* whole, after src has gone into `part`, a view of it; that src would broadcast is no excuse. */
static torsh_tensor replaced(const char *name, torsh_tensor whole, torsh_tensor part, torsh_tensor src)
{
    if (TORSH_FAILED(part)) return part;
    if (!torsh__same_sizes(torsh_ndim(part), torsh_sizes(part), torsh_ndim(src), torsh_sizes(src)))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: src is %s, but the part that it replaces %s", name, torsh_shape_text(src), torsh_shape_text(part));
    torsh_tensor done = torsh_copy_(part, src);
    return TORSH_FAILED(done) ? done : whole;
}

static torsh_tensor compose_select_scatter(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t index)
{
    torsh_tensor whole = torsh_clone(input);
    return replaced("select_scatter", whole, torsh_select(whole, dim, index), src);
}

static torsh_tensor compose_slice_scatter(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t start, int64_t end, int64_t step)
{
    torsh_tensor whole = torsh_clone(input);
    return replaced("slice_scatter", whole, torsh_slice(whole, dim, start, end, step), src);
}

static torsh_tensor compose_diagonal_scatter(torsh_tensor input, torsh_tensor src, int64_t offset, int64_t dim1, int64_t dim2)
{
    torsh_tensor whole = torsh_clone(input);
    return replaced("diagonal_scatter", whole, torsh_diagonal(whole, offset, dim1, dim2), src);
}

/* The places are those of input's memory, so the copy has the same places from the first to the last one. */
static torsh_tensor compose_as_strided_scatter(torsh_tensor input, torsh_tensor src, const int64_t *size, size_t count, const int64_t *stride,
                                               size_t stride_count, int64_t storage_offset)
{
    torsh__shape s = torsh__shape_of(input);
    int64_t offset = torsh_storage_offset(input), extent = offset + (s.numel ? 1 : 0), strides[TORSH__MAX_RANK];
    memcpy(strides, torsh_strides(input), (size_t)s.ndim * sizeof *strides);
    for (int d = 0; d < s.ndim && s.numel; d++) extent += (s.sizes[d] - 1) * strides[d];
    torsh_tensor memory = torsh_clone(torsh_as_strided(input, &extent, 1, TORSH_DIMS(1), 0));
    torsh_tensor whole = torsh_as_strided(memory, s.sizes, (size_t)s.ndim, strides, (size_t)s.ndim, offset);
    return replaced("as_strided_scatter", whole, torsh_as_strided(whole, size, count, stride, stride_count, storage_offset), src);
}

static torsh_tensor compose_put(torsh_tensor input, torsh_tensor index, torsh_tensor source, bool accumulate)
{
    torsh__shape s = torsh__shape_of(input), by = torsh__shape_of(index), from = torsh__shape_of(source);
    if (by.numel != from.numel)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "put: index has %lld elements and source %lld; they must have as many", (long long)by.numel, (long long)from.numel);
    if (s.dtype != from.dtype)
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "put: input is %s and source %s; they must have the same dtype", torsh_dtype_name(s.dtype), torsh_dtype_name(from.dtype));
    torsh_tensor places = compose_ravel(index);
    torsh_tensor flat = torsh_index_put(compose_ravel(input), &places, 1, compose_ravel(source), accumulate);
    return torsh_reshape(flat, s.sizes, (size_t)s.ndim);
}

static torsh_tensor compose_fill(torsh_tensor input, torsh_tensor value)
{
    return torsh_fill_(torsh__is_tracked(input) ? torsh_clone(input) : torsh_empty_like(input), value); /* the clone's gradient is zeros */
}

/* ---- places of elements -------------------------------------------------------------------------------------- */

static torsh_tensor compose_argwhere(torsh_tensor input)
{
    return torsh_nonzero(input);
}

/* Exactly `size` rows: the first ones, or fill_value after the last. */
static torsh_tensor compose_nonzero_static(torsh_tensor input, int64_t size, int64_t fill_value)
{
    if (size < 0) return torsh__refuse(TORSH_OUT_OF_RANGE, "nonzero_static: size must not be negative; it is %lld", (long long)size);
    torsh_tensor found = torsh_nonzero(input), rest = torsh_fill_(torsh_empty(TORSH_DIMS(size, torsh_ndim(input)), TORSH_I64, torsh_device_of(input)), torsh_integer(fill_value));
    return torsh_slice(torsh_cat(TORSH_TENSORS(found, rest), 0), 0, 0, size, 1);
}

/* Of a row the columns [first, end) that lie in the triangle. */
static void triangle_row(bool lower, int64_t r, int64_t col, int64_t offset, int64_t *first, int64_t *end)
{
    int64_t edge = r + offset + lower;
    edge = edge < 0 ? 0 : edge > col ? col : edge;
    *first = lower ? 0 : edge;
    *end = lower ? edge : col;
}

typedef int64_t pair __attribute__((vector_size(16), aligned(8)));

static void write_triangle(bool lower, int64_t row, int64_t col, int64_t offset, int64_t *rows, int64_t *columns)
{
    for (int64_t r = 0, first, end; r < row; r++) {
        triangle_row(lower, r, col, offset, &first, &end);
        pair here = {r, r}, places = {first, first + 1};
        for (; first + 2 <= end; first += 2, rows += 2, columns += 2, places += 2) {
            *(pair *)(void *)rows = here;
            *(pair *)(void *)columns = places;
        }
        for (; first < end; first++) *rows++ = r, *columns++ = first;
    }
}

static torsh_tensor triangle_indices(bool lower, int64_t row, int64_t col, int64_t offset, torsh_dtype dtype, torsh_device device)
{
    int64_t count = 0, first, end, numel;
    if (row < 0 || col < 0) return torsh__refuse(TORSH_OUT_OF_RANGE, "%s: row and col must not be negative; they are %lld and %lld", lower ? "tril_indices" : "triu_indices", (long long)row, (long long)col);
    torsh_status status = torsh__numel(lower ? "tril_indices" : "triu_indices", (const int64_t[]){row, col, 2}, 3, sizeof(int64_t), &numel);
    if (status) return torsh__tensor_error(status);
    offset = offset < -row ? -row : offset > col ? col : offset;
    for (int64_t r = 0; r < row; r++) {
        triangle_row(lower, r, col, offset, &first, &end);
        count += end - first;
    }
    torsh_tensor result = torsh_empty(TORSH_DIMS(2, count), TORSH_I64, TORSH_CPU);
    int64_t *rows = torsh_data(result);
    if (rows && count) write_triangle(lower, row, col, offset, rows, rows + count);
    if (device != TORSH_CPU) result = torsh_to_device(result, device);
    return torsh_to_dtype(result, dtype == TORSH_DTYPE_DEFAULT ? TORSH_I64 : dtype);
}

static torsh_tensor compose_tril_indices(int64_t row, int64_t col, int64_t offset, torsh_dtype dtype, torsh_device device)
{
    return triangle_indices(true, row, col, offset, dtype, device);
}

static torsh_tensor compose_triu_indices(int64_t row, int64_t col, int64_t offset, torsh_dtype dtype, torsh_device device)
{
    return triangle_indices(false, row, col, offset, dtype, device);
}

/* ---- memory of a given layout -------------------------------------------------------------------------------- */

static torsh_tensor compose_empty_strided(const int64_t *size, size_t count, const int64_t *stride, size_t stride_count, torsh_dtype dtype, torsh_device device)
{
    int64_t extent = 1, step;
    bool none = false, bad = count != stride_count;
    for (size_t d = 0; d < count && !bad; d++) {
        none |= size[d] == 0;
        bad = size[d] < 0 || stride[d] < 0 || __builtin_mul_overflow(size[d] - 1, stride[d], &step) || (size[d] && __builtin_add_overflow(extent, step, &extent));
    }
    if (bad) return torsh__refuse(TORSH_INVALID_ARGUMENT, "empty_strided: size and stride must be as many numbers that aren't negative, and small enough for memory");
    return torsh_as_strided(torsh_empty(TORSH_DIMS(none ? 0 : extent), dtype, device), size, count, stride, stride_count, 0);
}

/* Contiguous after its dims were put in the order physical_layout. */
static torsh_tensor compose_empty_permuted(const int64_t *size, size_t count, const int64_t *physical_layout, size_t layout_count, torsh_dtype dtype,
                                           torsh_device device)
{
    int64_t inner[TORSH__MAX_RANK], back[TORSH__MAX_RANK];
    uint64_t seen = 0;
    if (count != layout_count || count > TORSH__MAX_RANK)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "empty_permuted: size has %zu numbers and physical_layout %zu; they must have as many", count, layout_count);
    for (size_t d = 0; d < count; d++) {
        int from;
        torsh_status status = torsh__wrap_dim("empty_permuted: physical_layout", physical_layout[d], (int)count, &from);
        if (status) return torsh__tensor_error(status);
        if (seen >> from & 1) return torsh__refuse(TORSH_INVALID_ARGUMENT, "empty_permuted: dimension %d is twice in physical_layout", from);
        seen |= (uint64_t)1 << from;
        inner[d] = size[from];
        back[from] = (int64_t)d;
    }
    return torsh_permute(torsh_empty(inner, count, dtype, device), back, count);
}

/* ---- padding ------------------------------------------------------------------------------------------------- */

/* pad: (before, after) of the last dim, then of the one before it, ...; negative ones cut off. */
static torsh_status infer_constant_pad_nd(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    const int64_t *pad = c->values[1].list.data;
    size_t count = c->values[1].list.count;
    c->device = v->device;
    c->compute = (torsh_dtype)v->dtype;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    if (c->input[1]->view.ndim)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'value' must be a number or 0-d; it has %d dimensions", torsh__call_name(c), c->input[1]->view.ndim);
    if (count % 2 || count > 2 * (size_t)v->ndim)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'pad' has %zu numbers; it takes two per dimension, for at most the %d of input", torsh__call_name(c), count, v->ndim);
    for (size_t i = 0; i < count; i += 2) {
        int d = v->ndim - 1 - (int)(i / 2);
        if (__builtin_add_overflow(spec->sizes[d], pad[i], &spec->sizes[d]) || __builtin_add_overflow(spec->sizes[d], pad[i + 1], &spec->sizes[d]) ||
            spec->sizes[d] < 0 || v->sizes[d] + (pad[i] < 0 ? pad[i] : 0) + (pad[i + 1] < 0 ? pad[i + 1] : 0) < 0)
            return torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'pad' of %lld and %lld doesn't fit dimension %d of size %lld", torsh__call_name(c), (long long)pad[i],
                               (long long)pad[i + 1], d, (long long)v->sizes[d]);
    }
    return torsh__numel(torsh__call_name(c), spec->sizes, spec->ndim, torsh__dtypes[v->dtype].size, &(int64_t){0});
}

static torsh_status run_constant_pad_nd(torsh__call *c)
{
    if (c->device == TORSH_CPU && c->input[0]->view.ndim > 0) return torsh__launch(c);
    const int64_t *pad = c->values[1].list.data;
    torsh_tensor from = torsh__tensor_share(c->input[0]), to = torsh_fill_(torsh__tensor_share(c->output[0]), torsh__tensor_share(c->input[1]));
    for (size_t i = 0; i < c->values[1].list.count; i++) {
        int64_t dim = -1 - (int64_t)(i / 2), by = pad[i] < 0 ? -pad[i] : pad[i];
        torsh_tensor *cut = pad[i] < 0 ? &from : &to;
        *cut = i % 2 ? torsh_slice(*cut, dim, 0, torsh_size(*cut, dim) - by, 1) : torsh_slice(*cut, dim, by, INT64_MAX, 1);
    }
    return torsh_id_status(torsh_copy_(to, from).id);
}

static void constant_pad_nd_gradient(torsh__backward *b)
{
    int64_t back[2 * TORSH__MAX_RANK];
    const int64_t *pad = b->node->values[1].list.data;
    size_t count = b->node->values[1].list.count;
    for (size_t i = 0; i < count; i++) back[i] = -pad[i];
    if (torsh__needs(b, 0)) b->result[0] = torsh_constant_pad_nd(b->g[0], back, count, torsh_number(0));
    if (!torsh__needs(b, 1)) return;
    torsh__meta meta = torsh__input_meta(b, 0);
    torsh_tensor padding = torsh_constant_pad_nd(torsh_zeros(meta.sizes, (size_t)meta.ndim, TORSH_BOOL, meta.device), pad, count, torsh_number(1));
    b->result[1] = torsh_sum(torsh__mask_grad(b->g[0], padding), TORSH_ALL_DIMS, false);
}
static const torsh__impl impl_constant_pad_nd = {.infer = infer_constant_pad_nd, .run = run_constant_pad_nd, .gradient = constant_pad_nd_gradient, .batch = TORSH__BATCH_FIRST, .forward = TORSH__FORWARD_LINEAR, .linear = 1 | 1u << 1};

static torsh_tensor compose_detach_copy(torsh_tensor input)
{
    return torsh_clone(torsh_detach(input));
}

/* The main diagonal. With wrap a tall matrix has another one in each (columns + 1) rows: the full ones are a matrix of their own. */
torsh_tensor torsh_fill_diagonal_(torsh_tensor input, double fill_value, bool wrap)
{
    torsh_status usable = torsh_id_status(input.id);
    if (usable || !input.id) return usable ? input : torsh__refuse(TORSH_INVALID_ARGUMENT, "fill_diagonal_: argument 'input' is null; it must be a tensor");
    torsh__shape s = torsh__shape_of(input);
    bool square = s.ndim >= 2;
    for (int d = 1; d < s.ndim; d++) square = square && (s.ndim == 2 || s.sizes[d] == s.sizes[0]);
    if (!square) return torsh__refuse(TORSH_SHAPE_MISMATCH, "fill_diagonal_: 'input' must be a matrix, or have more dims of one size; it is %s", torsh_shape_text(input));
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const int64_t *strides = torsh_strides(input);
    int64_t least = s.sizes[0], step = 0, offset = torsh_storage_offset(input), apart = s.sizes[1] + 1, full = wrap && s.ndim == 2 ? s.sizes[0] / apart : 0;
    for (int d = 0; d < s.ndim; d++) {
        step += strides[d];
        if (s.sizes[d] < least) least = s.sizes[d];
    }
    int64_t below = strides[0] * apart, rest = full ? s.sizes[0] - full * apart : least;
    if (full && rest > s.sizes[1]) rest = s.sizes[1];
    torsh_tensor value = torsh_number(fill_value), result = torsh_share(input);
    torsh_tensor rows = torsh_as_strided(input, TORSH_DIMS(full, s.sizes[1]), TORSH_DIMS(below, step), offset);
    if (full) result = torsh_fill_(rows, value);
    if (!TORSH_FAILED(result) && rest > 0) result = torsh_fill_(torsh_as_strided(input, &rest, 1, &step, 1, offset + full * below), value);
    if (!TORSH_FAILED(result)) result = torsh_share(input);
    torsh_keep(result);
    return result;
}

#include "define_rows.h"

#include "rearrange.def"
