/* Choosing elements. An index is an i64 or i32 tensor. One outside its dimension is TORSH_OUT_OF_RANGE, naming index, dimension and size,
 * before anything is written. Where several indices mean one place, sums are made in the order of the index and the last write stays. */
#ifndef TORSH_INDEX_OPS_H
#define TORSH_INDEX_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* out[i][j] = input[index[i][j]][j] for dim 0, and so on: the result has index's shape. */
TORSH_API torsh_tensor torsh_gather(torsh_tensor input, int64_t dim, torsh_tensor index);
TORSH_API torsh_tensor torsh_gather_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor out);
/* input with input[index[i][j]][j] = src[i][j] for dim 0, and so on; src may be a torsh_number. */
TORSH_API torsh_tensor torsh_scatter(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, torsh_tensor out);
/* The same, added. */
TORSH_API torsh_tensor torsh_scatter_add(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_add_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_add_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, torsh_tensor out);
/* Slices of dim, one for each element of the 1-D index. */
TORSH_API torsh_tensor torsh_index_select(torsh_tensor input, int64_t dim, torsh_tensor index);
TORSH_API torsh_tensor torsh_index_select_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor out);
/* input with the slices of source added to / put in place of / filled with a value, those that the 1-D index names. */
TORSH_API torsh_tensor torsh_index_add(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_add_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_add_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor out);
TORSH_API torsh_tensor torsh_index_copy(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_copy_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_copy_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor out);
TORSH_API torsh_tensor torsh_index_fill(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor value);
TORSH_API torsh_tensor torsh_index_fill_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor value);
/* Rows of weight (rows, width) for each element of input: (..., width). The row padding_idx, unless that is negative, gets no gradient. */
TORSH_API torsh_tensor torsh_embedding(torsh_tensor input, torsh_tensor weight, int64_t padding_idx);
/* Elements of the flattened input; negative indices count from the end. TORSH_NO_DIM: in
 * the flattened input, by the flattened indices. */
TORSH_API torsh_tensor torsh_take(torsh_tensor input, torsh_tensor index);
TORSH_API torsh_tensor torsh_take_out(torsh_tensor input, torsh_tensor index, torsh_tensor out);
/* torsh_gather with input and indices broadcast but for dim; negative indices count from the end. */
TORSH_API torsh_tensor torsh_take_along_dim(torsh_tensor input, torsh_tensor indices, int64_t dim);
TORSH_API torsh_tensor torsh_take_along_dim_out(torsh_tensor input, torsh_tensor indices, int64_t dim, torsh_tensor out);
/* torsh_scatter where elements that meet are reduced: reduce is "sum", "prod", "mean", "amax" or "amin"; include_self: with what was there.
 * torsh_index_reduce: the same with slices of dim, by a 1-D index; no "sum". */
TORSH_API torsh_tensor torsh_scatter_reduce(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, const char *reduce,
                                            bool include_self);
TORSH_API torsh_tensor torsh_scatter_reduce_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, const char *reduce,
                                             bool include_self);
TORSH_API torsh_tensor torsh_scatter_reduce_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, const char *reduce,
                                                bool include_self, torsh_tensor out);
TORSH_API torsh_tensor torsh_index_reduce(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, const char *reduce,
                                          bool include_self);
TORSH_API torsh_tensor torsh_index_reduce_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, const char *reduce,
                                           bool include_self);
TORSH_API torsh_tensor torsh_index_reduce_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, const char *reduce,
                                              bool include_self, torsh_tensor out);
/* torsh_index_add of alpha * source. */
TORSH_API torsh_tensor torsh_index_add_alpha(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_index_add_alpha_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_index_add_alpha_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor alpha,
                                                 torsh_tensor out);
/* (..., num_classes) of i64: 1 at each class, else 0. -1: as many classes as the largest needs. */
TORSH_API torsh_tensor torsh_one_hot(torsh_tensor input, int64_t num_classes);

/* input with value, a number or 0-d, where mask is true. The mask is bool and broadcasts, here and below. */
TORSH_API torsh_tensor torsh_masked_fill(torsh_tensor input, torsh_tensor mask, torsh_tensor value);
TORSH_API torsh_tensor torsh_masked_fill_(torsh_tensor input, torsh_tensor mask, torsh_tensor value);
/* input with the elements of source, in order, where mask is true. */
TORSH_API torsh_tensor torsh_masked_scatter(torsh_tensor input, torsh_tensor mask, torsh_tensor source);
TORSH_API torsh_tensor torsh_masked_scatter_(torsh_tensor input, torsh_tensor mask, torsh_tensor source);
/* The elements where mask is true, 1-D. Waits for the device, as torsh_nonzero does: the result's size depends on data. */
TORSH_API torsh_tensor torsh_masked_select(torsh_tensor input, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_select_out(torsh_tensor input, torsh_tensor mask, torsh_tensor out);
/* The coordinates of each element that isn't zero: (found, ndim) of i64. */
TORSH_API torsh_tensor torsh_nonzero(torsh_tensor input);
TORSH_API torsh_tensor torsh_nonzero_out(torsh_tensor input, torsh_tensor out);
/* The same as one tensor for each dim of input, ready to be indices. */
TORSH_API torsh_tensors torsh_nonzero_list(torsh_tensor input);

/* input[indices[0], indices[1], ...] as in Python: index tensors (negative ones count from the end), bool masks, and the null
 * handle for a full slice. Index tensors broadcast together; their dims stand where they stood if side by side, else first. */
TORSH_API torsh_tensor torsh_index(torsh_tensor input, const torsh_tensor *indices, size_t count);
/* input with values, which broadcast, at those places; accumulate adds them. */
TORSH_API torsh_tensor torsh_index_put(torsh_tensor input, const torsh_tensor *indices, size_t count, torsh_tensor values, bool accumulate);
TORSH_API torsh_tensor torsh_index_put_(torsh_tensor input, const torsh_tensor *indices, size_t count, torsh_tensor values, bool accumulate);

/* One item of Python's x[...]; made with the names below. */
typedef enum torsh_index_kind { TORSH_INDEX_INT, TORSH_INDEX_SLICE, TORSH_INDEX_NEW_AXIS, TORSH_INDEX_ELLIPSIS, TORSH_INDEX_TENSOR } torsh_index_kind;
typedef struct torsh_index_item {
    torsh_index_kind kind;
    int64_t start, end, step; /* of a slice; start alone: the place that TORSH_INT names */
    torsh_tensor tensor;      /* whole numbers, or a bool mask over as many dims as it has */
} torsh_index_item;
#ifdef __cplusplus
#define TORSH_INDEX_ITEM(...) torsh_index_item{__VA_ARGS__}
#else
#define TORSH_INDEX_ITEM(...) ((torsh_index_item){__VA_ARGS__})
#endif
#define TORSH_TO_END INT64_MAX /* the end of a slice that has none */
#define TORSH_INT(place) TORSH_INDEX_ITEM(TORSH_INDEX_INT, (place), 0, 0, TORSH_NULL(torsh_tensor))
#define TORSH_SLICE(start, end, step) TORSH_INDEX_ITEM(TORSH_INDEX_SLICE, (start), (end), (step), TORSH_NULL(torsh_tensor))
#define TORSH_WHOLE TORSH_SLICE(0, TORSH_TO_END, 1) /* Python's : */
#define TORSH_NEW_AXIS TORSH_INDEX_ITEM(TORSH_INDEX_NEW_AXIS, 0, 0, 0, TORSH_NULL(torsh_tensor))
#define TORSH_ELLIPSIS TORSH_INDEX_ITEM(TORSH_INDEX_ELLIPSIS, 0, 0, 0, TORSH_NULL(torsh_tensor))
#define TORSH_AT(index) TORSH_INDEX_ITEM(TORSH_INDEX_TENSOR, 0, 0, 0, (index))
#define TORSH_INDEX(...) TORSH_LIST(torsh_index_item, __VA_ARGS__)

/* x[1:, None, ..., idx, mask] is torsh_getitem(x, TORSH_INDEX(TORSH_SLICE(1, TORSH_TO_END, 1), TORSH_NEW_AXIS, TORSH_ELLIPSIS, TORSH_AT(idx), TORSH_AT(mask))):
 * places and ends of slices may be negative, steps are positive. A view where no item is a tensor, else new. */
TORSH_API torsh_tensor torsh_getitem(torsh_tensor input, const torsh_index_item *items, size_t count);
/* x[...] = values, which broadcast and are converted. Returns input. */
TORSH_API torsh_tensor torsh_setitem_(torsh_tensor input, const torsh_index_item *items, size_t count, torsh_tensor values);

/* The order of elements along each of dims reversed. */
TORSH_API torsh_tensor torsh_flip(torsh_tensor input, const int64_t *dims, size_t count);
/* Elements moved by shifts along dims, those that fall off the end coming in at the start; without dims, in the flattened input. */
TORSH_API torsh_tensor torsh_roll(torsh_tensor input, const int64_t *shifts, size_t shifts_count, const int64_t *dims, size_t dims_count);
/* input repeats[d] times along each dim; more repeats than dims make new first dims. torsh_tile: fewer leave the first dims alone. */
TORSH_API torsh_tensor torsh_repeat(torsh_tensor input, const int64_t *repeats, size_t count);
TORSH_API torsh_tensor torsh_tile(torsh_tensor input, const int64_t *dims, size_t count);
/* Each slice of dim `repeats` times, one after the other. */
TORSH_API torsh_tensor torsh_repeat_interleave(torsh_tensor input, int64_t repeats, int64_t dim);
/* Each slice of dim (TORSH_ALL_DIMS: of the flattened input) as often as its element of repeats says, or all as often as the only one.
 * output_size: the sum of repeats, or -1. */
TORSH_API torsh_tensor torsh_repeat_interleave_tensor(torsh_tensor input, torsh_tensor repeats, const int64_t *dim, size_t count, int64_t output_size);

#ifdef __cplusplus
}
#endif

#endif
