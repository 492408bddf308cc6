/* gather, scatter and their kin: one walk (index_walk.c) with different operands. Indices are checked before anything is written. */
#include "index.h"
#include "alloc.h"
#include "copy.h"
#include "copy_kernels.h"
#include "index_walk.h"
#include "pointwise_kernels.h"
#include "taps_kernels.h"

#include <stdatomic.h>
#include <string.h>

/* ---- setting up a walk --------------------------------------------------------------------------------------- */

static void set_strides(int64_t *lane, const torsh_operand *o, int ndim)
{
    for (int d = 0; d < ndim; d++) lane[d] = d < o->ndim ? o->strides[d] * (int64_t)torsh__dtypes[o->dtype].size : 0;
}

/* The index as dense i64 over its own elements, `count` of them: those that an expanded one repeats are read once. */
static torsh_status take_index(torsh__index_walk *w, const torsh_operand *index, torsh__dense *d, int64_t *count, int64_t size, const void *unless)
{
    int64_t sizes[TORSH__MAX_RANK], strides[TORSH__MAX_RANK];
    torsh_operand own = *index;
    own.sizes = sizes;
    own.numel = 1;
    for (int k = 0; k < index->ndim; k++) {
        sizes[k] = index->strides[k] == 0 && index->sizes[k] > 1 ? 1 : index->sizes[k];
        own.numel *= sizes[k];
    }
    own.contiguous = torsh__is_contiguous(own.ndim, sizes, index->strides);
    if (!torsh__dense_take(d, &own, TORSH_I64, unless)) return TORSH_OUT_OF_MEMORY;
    torsh__contiguous_strides(own.ndim, sizes, strides);
    for (int k = 0; k < own.ndim; k++) w->index[k] = sizes[k] == 1 ? 0 : strides[k] * (int64_t)sizeof(int64_t);
    w->tile.index = d->data;
    w->tile.limit = size;
    *count = own.numel;
    return TORSH_OK;
}

/* A walk that reads: indices are checked on the way, what was written until one fails is the output's alone. */
static torsh_status run_reading(torsh__index_walk *w, const char *op, const torsh__dense *index, int64_t count)
{
    _Atomic bool bad;
    atomic_init(&bad, false);
    w->tile.bad = &bad;
    torsh__index_run(w);
    if (!atomic_load_explicit(&bad, memory_order_relaxed)) return TORSH_OK;
    return torsh__check_indices(op, index->data, count, w->dim, w->tile.limit);
}

/* A 1-D index over a shape of more dims: it runs along dim alone. */
static void index_along_dim(torsh__index_walk *w)
{
    int64_t step = w->index[0];
    memset(w->index, 0, sizeof w->index);
    if (w->ndim) w->index[w->dim] = step;
}

static void set_shape(torsh__index_walk *w, int ndim, const int64_t *sizes, int dim)
{
    w->ndim = ndim;
    w->dim = dim;
    for (int d = 0; d < ndim; d++) w->sizes[d] = sizes[d];
    w->tile.skip = INT64_MIN;
}

/* The side that the index chooses from: its step along dim becomes the jump. */
static void choose_side(torsh__index_walk *w, int64_t *lane, const torsh_operand *o)
{
    set_strides(lane, o, w->ndim);
    w->tile.jump = 0;
    if (w->ndim == 0 || o->ndim == 0) return;
    w->tile.jump = lane[w->dim];
    lane[w->dim] = 0;
}

static int64_t size_along(const torsh_operand *o, int64_t dim)
{
    return o->ndim ? o->sizes[dim] : 1;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

/* to = from[index], over the shape of `to`. `list`: the index has one dim. */
static torsh_status read_indexed(const torsh_launch *launch, bool list)
{
    const torsh_operand *out = launch->output[0], *in = launch->input[0], *index = launch->input[1];
    int64_t dim = launch->values[1].i;
    torsh__index_walk w = {.loop = torsh__index_loops.gather[torsh__size_class(torsh__operand_dtype(out))]};
    torsh__dense d;
    set_shape(&w, out->ndim, out->sizes, (int)dim);
    int64_t count;
    torsh_status status = take_index(&w, index, &d, &count, size_along(in, dim), out->memory);
    if (status == TORSH_OK) {
        if (list) index_along_dim(&w);
        set_strides(w.to, out, out->ndim);
        choose_side(&w, w.from, in);
        w.tile.to = torsh__operand_data(out);
        w.tile.from = torsh__operand_data(in);
        status = run_reading(&w, launch->op->name, &d, count);
    }
    torsh__dense_free(&d);
    return status;
}

static torsh_status run_gather(const torsh_launch *launch, const void *data)
{
    (void)data;
    return read_indexed(launch, false);
}

static torsh_status run_index_select(const torsh_launch *launch, const void *data)
{
    (void)data;
    return read_indexed(launch, true);
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* The result starts as a copy of input, unless it is input. */
static void start_from(const torsh_operand *out, const torsh_operand *in)
{
    if (out->memory != in->memory) torsh__copy_operand_near(out, in);
}

/* One number as an element of the dtype. */
static void convert_number(const torsh_operand *value, torsh_dtype dtype, void *element)
{
    TORSH__ISA_PICK(torsh__copy)->convert[value->dtype][dtype](1, element, 16, torsh__operand_data(value), 16);
}

enum shape { LIKE_INDEX, LIKE_SOURCE };

/* The written side's other operand: a number, its own memory, or a dense copy where it is converted or changes under our hands. */
typedef struct origin {
    _Alignas(16) char number[16];
    torsh__dense copy;
} origin;

static torsh_status take_source(torsh__index_walk *w, origin *o, const torsh_operand *source, bool number, torsh_dtype dtype, const void *changing)
{
    if (number) {
        convert_number(source, dtype, o->number);
        w->tile.from = o->number;
    } else if (source->memory != changing && source->dtype == (uint8_t)dtype) {
        set_strides(w->from, source, w->ndim);
        w->tile.from = torsh__operand_data(source);
    } else {
        int64_t strides[TORSH__MAX_RANK];
        torsh_operand dense = *source;
        if (!torsh__dense_take(&o->copy, source, dtype, changing)) return TORSH_OUT_OF_MEMORY;
        torsh__contiguous_strides(source->ndim, source->sizes, strides);
        dense.strides = strides;
        dense.dtype = (uint8_t)dtype;
        set_strides(w->from, &dense, w->ndim);
        w->tile.from = o->copy.data;
    }
    return TORSH_OK;
}

/* out[index] = or += source (times a factor, unless NULL). The walk's shape is that of the index (scatter) or of the source (index_add and so on, with a 1-D index). */
static torsh_status write_indexed(const torsh_launch *launch, bool add, enum shape shape, const double *times)
{
    const torsh_operand *out = launch->output[0], *in = launch->input[0], *index = launch->input[1], *source = launch->input[2];
    const torsh__index_table *table = &torsh__index_loops;
    torsh_dtype dtype = torsh__operand_dtype(out), sum = add ? torsh__sum_dtype(dtype) : dtype;
    int64_t dim = launch->values[1].i;
    bool number = shape == LIKE_INDEX && source->ndim == 0 && (index->ndim > 0 || source->dtype != out->dtype);
    torsh__index_walk w = {.loop = add ? table->add[sum] : table->scatter[torsh__size_class(dtype)], .adds = true};
    const float narrow = times ? (float)*times : 0;
    if (times) {
        w.tile.slice = torsh__pointwise_one_of(TORSH__ROW_addcmul, sum)->loop;
        w.tile.factor = sum == TORSH_F32 ? (const void *)&narrow : times;
    } else if (add && dtype != TORSH_BOOL) {
        w.tile.slice = torsh__pointwise_loop_of(TORSH__ROW_add, sum);
    }
    torsh__dense d;
    origin o = {.copy = {0}};
    if (shape == LIKE_SOURCE && source->ndim) set_shape(&w, source->ndim, source->sizes, (int)dim);
    else if (shape == LIKE_INDEX) set_shape(&w, index->ndim, index->sizes, (int)dim);
    else set_shape(&w, 1, &index->numel, 0);
    int64_t count;
    torsh_status status = take_index(&w, index, &d, &count, size_along(out, dim), out->memory);
    if (status == TORSH_OK) status = torsh__check_indices(times ? "index_add" : launch->op->name, d.data, count, w.dim, w.tile.limit);
    if (status == TORSH_OK && shape == LIKE_SOURCE) index_along_dim(&w);
    if (status == TORSH_OK) status = take_source(&w, &o, source, number, sum, out->memory);
    if (status == TORSH_OK) {
        torsh__sums sums = {.view = *out};
        start_from(out, in);
        if (add && !torsh__sums_open(&sums, out)) status = TORSH_OUT_OF_MEMORY;
        if (status == TORSH_OK) {
            choose_side(&w, w.to, &sums.view);
            w.tile.to = torsh__operand_data(&sums.view);
            torsh__index_run(&w);
        }
        torsh__sums_close(&sums, out);
    }
    torsh__dense_free(&o.copy);
    torsh__dense_free(&d);
    return status;
}

/* In place: its dtype is one of the loops'. */
static torsh_status run_scatter_fold(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0], *index = launch->input[1];
    torsh_dtype dtype = torsh__operand_dtype(out);
    enum torsh__fold mode = (enum torsh__fold)launch->values[4].i;
    torsh__index_walk w = {.loop = torsh__index_loops.fold[mode][dtype], .adds = true};
    w.tile.slice = torsh__pointwise_loop_of(mode == TORSH__FOLD_PROD ? TORSH__ROW_mul : mode == TORSH__FOLD_MIN ? TORSH__ROW_minimum : TORSH__ROW_maximum, dtype);
    torsh__dense d;
    origin o = {.copy = {0}};
    int64_t count;
    set_shape(&w, index->ndim, index->sizes, (int)launch->values[1].i);
    torsh_status status = take_index(&w, index, &d, &count, size_along(out, launch->values[1].i), out->memory);
    if (status == TORSH_OK) status = torsh__check_indices("scatter_reduce", d.data, count, w.dim, w.tile.limit);
    if (status == TORSH_OK) status = take_source(&w, &o, launch->input[2], false, dtype, out->memory);
    if (status == TORSH_OK) {
        choose_side(&w, w.to, out);
        w.tile.to = torsh__operand_data(out);
        torsh__index_run(&w);
    }
    torsh__dense_free(&o.copy);
    torsh__dense_free(&d);
    return status;
}

static torsh_status run_scatter(const torsh_launch *launch, const void *data)
{
    (void)data;
    return write_indexed(launch, false, LIKE_INDEX, NULL);
}

static torsh_status run_scatter_add(const torsh_launch *launch, const void *data)
{
    (void)data;
    return write_indexed(launch, true, LIKE_INDEX, NULL);
}

static torsh_status run_index_add(const torsh_launch *launch, const void *data)
{
    (void)data;
    return write_indexed(launch, true, LIKE_SOURCE, NULL);
}

static torsh_status run_index_add_times(const torsh_launch *launch, const void *data)
{
    (void)data;
    return write_indexed(launch, true, LIKE_SOURCE, &launch->values[4].f);
}

static torsh_status run_index_copy(const torsh_launch *launch, const void *data)
{
    (void)data;
    return write_indexed(launch, false, LIKE_SOURCE, NULL);
}

static torsh_status run_index_fill(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0], *index = launch->input[1];
    torsh_dtype dtype = torsh__operand_dtype(out);
    int64_t dim = launch->values[1].i;
    _Alignas(16) char element[16];
    char *row = NULL;
    size_t bytes = 0;
    torsh__index_walk w = {.loop = torsh__index_loops.scatter[torsh__size_class(dtype)], .adds = true};
    torsh__dense d;
    set_shape(&w, out->ndim, out->sizes, (int)dim);
    int64_t count;
    torsh_status status = take_index(&w, index, &d, &count, size_along(out, dim), out->memory);
    if (status == TORSH_OK) status = torsh__check_indices("index_fill", d.data, count, w.dim, w.tile.limit);
    if (status == TORSH_OK) {
        index_along_dim(&w);
        if (w.ndim) w.sizes[dim] = index->numel;
        convert_number(launch->input[2], dtype, element);
        start_from(out, launch->input[0]);
        choose_side(&w, w.to, out);
        w.tile.to = torsh__operand_data(out);
        w.tile.from = element;
        int last = out->ndim - 1;
        if (last > (int)dim && out->strides[last] == 1) { /* a row of the number, which is moved as a whole */
            int64_t size = torsh__dtypes[dtype].size;
            bytes = (size_t)(out->sizes[last] * size);
            row = torsh__alloc(bytes);
            if (row) TORSH__ISA_PICK(torsh__copy)->convert[dtype][dtype](out->sizes[last], row, size, element, 0);
            if (row) w.tile.from = row;
            if (row) w.from[last] = size;
        }
        if (w.ndim || index->numel) torsh__index_run(&w);
    }
    torsh__free(row, bytes);
    torsh__dense_free(&d);
    return status;
}

/* ---- embedding ----------------------------------------------------------------------------------------------- */

/* Rows of a matrix (n, width) by a list of n indices. The matrix may be strided, the list's side is dense. */
static void rows_walk(torsh__index_walk *w, int64_t n, int64_t width, const int64_t *index)
{
    w->ndim = 2;
    w->dim = 0;
    w->sizes[0] = n;
    w->sizes[1] = width;
    w->index[0] = sizeof *index;
    w->tile.index = (const char *)index;
    w->tile.skip = INT64_MIN;
}

static torsh_status run_embedding(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *index = launch->input[0], *weight = launch->input[1], *out = launch->output[0];
    int64_t size = torsh__dtypes[weight->dtype].size, width = weight->sizes[1];
    torsh__dense d;
    if (!torsh__dense_take(&d, index, TORSH_I64, NULL)) return TORSH_OUT_OF_MEMORY;
    torsh__index_walk w = {.loop = torsh__index_loops.gather[torsh__size_class(torsh__operand_dtype(weight))]};
    rows_walk(&w, index->numel, width, d.data);
    w.to[0] = width * size;
    w.to[1] = size;
    w.from[1] = weight->strides[1] * size;
    w.tile.jump = weight->strides[0] * size;
    w.tile.limit = weight->sizes[0];
    w.tile.to = torsh__operand_data(out);
    w.tile.from = torsh__operand_data(weight);
    torsh_status status = run_reading(&w, "embedding", &d, index->numel);
    torsh__dense_free(&d);
    return status;
}

static torsh_status run_embedding_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *grad = launch->input[0], *index = launch->input[1], *out = launch->output[0];
    torsh_dtype dtype = torsh__sum_dtype(torsh__operand_dtype(out));
    int64_t size = torsh__dtypes[dtype].size, width = out->sizes[1];
    torsh__dense d, g = {0};
    torsh__sums sums = {.view = *out};
    if (!torsh__dense_take(&d, index, TORSH_I64, NULL)) return TORSH_OUT_OF_MEMORY;
    torsh_status status = torsh__check_indices("embedding_backward", d.data, index->numel, 0, out->sizes[0]);
    memset(torsh__operand_data(out), 0, (size_t)out->numel * torsh__dtypes[out->dtype].size);
    if (status == TORSH_OK && (!torsh__dense_take(&g, grad, dtype, NULL) || !torsh__sums_open(&sums, out))) status = TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        torsh__index_walk w = {.loop = torsh__index_loops.add[dtype], .adds = true, .tile.slice = torsh__pointwise_loop_of(TORSH__ROW_add, dtype)};
        rows_walk(&w, index->numel, width, d.data);
        if (launch->values[3].i >= 0) w.tile.skip = launch->values[3].i;
        w.from[0] = width * size;
        w.from[1] = w.to[1] = size;
        w.tile.jump = width * size;
        w.tile.to = torsh__operand_data(&sums.view);
        w.tile.from = g.data;
        torsh__index_run(&w);
    }
    torsh__sums_close(&sums, out);
    torsh__dense_free(&g);
    torsh__dense_free(&d);
    return status;
}

typedef struct bags {
    torsh__pointwise_loop *add;
    void (*sum)(const int64_t *index, int64_t count, int64_t skip, int64_t width, const float *x, float *y); /* of long or wide bags; may be NULL */
    const int64_t *index, *starts;
    const char *weight;
    char *to;
    int64_t count, per_piece, width, row, skip; /* row: bytes */
} bags;

static void bags_piece(void *context, int64_t i)
{
    enum { AHEAD = 8, LONG = 16, WIDE_ROW = 4096 }; /* AHEAD: rows that are asked for before their turn: those of a large table come from memory */
    const bags *j = context;
    int64_t end = (i + 1) * j->per_piece < j->count ? (i + 1) * j->per_piece : j->count;
    for (int64_t b = i * j->per_piece; b < end; b++) {
        char *to = j->to + b * j->row;
        if (j->sum && (j->starts[b + 1] - j->starts[b] >= LONG || j->row >= WIDE_ROW)) {
            j->sum(j->index + j->starts[b], j->starts[b + 1] - j->starts[b], j->skip, j->width, (const float *)(const void *)j->weight, (float *)(void *)to);
            continue;
        }
        memset(to, 0, (size_t)j->row);
        for (int64_t k = j->starts[b]; k < j->starts[b + 1]; k++) {
            const char *next = j->weight + j->index[k + AHEAD < j->starts[end] ? k + AHEAD : k] * j->row, *row = j->weight + j->index[k] * j->row;
            for (int64_t line = 0; line < j->row; line += 64) __builtin_prefetch(next + line);
            if (j->index[k] == j->skip) continue;
            j->add(j->width, to, to, row, NULL, torsh__no_attributes);
        }
    }
}

static torsh_status run_bag_sums(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *weight = launch->input[0], *index = launch->input[1], *starts = launch->input[2], *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(out), loop = torsh__sum_dtype(dtype);
    bags j = {.add = torsh__pointwise_loop_of(TORSH__ROW_add, loop), .count = starts->numel - 1, .width = out->sizes[1], .skip = launch->values[3].i};
    if (loop == TORSH_F32 && j.width % 4 == 0) j.sum = TORSH__ISA_PICK(torsh__taps)->sum_rows;
    torsh__dense w = {0}, d = {0}, s = {0};
    torsh__sums sums = {.view = *out};
    bool room = torsh__dense_take(&w, weight, loop, NULL) && torsh__dense_take(&d, index, TORSH_I64, NULL) && torsh__dense_take(&s, starts, TORSH_I64, NULL) && torsh__sums_open(&sums, out);
    torsh_status status = room ? torsh__check_indices("embedding_bag", d.data, index->numel, 0, weight->sizes[0]) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        j.index = d.data;
        j.starts = s.data;
        j.weight = w.data;
        j.to = torsh__operand_data(&sums.view);
        j.row = j.width * torsh__dtypes[loop].size;
        j.per_piece = TORSH__GRAIN / ((index->numel / (j.count ? j.count : 1) + 1) * (j.width ? j.width : 1)) + 1;
        for (int64_t b = 0; b < j.count && status == TORSH_OK; b++)
            if (j.starts[b] < 0 || j.starts[b] > j.starts[b + 1] || j.starts[b + 1] > index->numel) status = torsh__fail(TORSH_OUT_OF_RANGE, "embedding_bag: bag %lld has no place", (long long)b);
    }
    if (status == TORSH_OK) torsh__parallel((j.count + j.per_piece - 1) / j.per_piece, bags_piece, &j);
    torsh__sums_close(&sums, out);
    torsh__dense_free(&s);
    torsh__dense_free(&d);
    torsh__dense_free(&w);
    return status;
}

const torsh__cpu_kernel torsh__cpu_index_kernels[] = {
    {"gather", {run_gather, NULL}},
    {"scatter", {run_scatter, NULL}},
    {"scatter_add", {run_scatter_add, NULL}},
    {"scatter_fold_", {run_scatter_fold, NULL}},
    {"index_select", {run_index_select, NULL}},
    {"index_add", {run_index_add, NULL}},
    {"index_add_times", {run_index_add_times, NULL}},
    {"index_copy", {run_index_copy, NULL}},
    {"index_fill", {run_index_fill, NULL}},
    {"embedding", {run_embedding, NULL}},
    {"embedding_backward", {run_embedding_backward, NULL}},
    {"bag_sums", {run_bag_sums, NULL}},
    {NULL, {NULL, NULL}},
};
