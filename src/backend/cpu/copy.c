/* The copy kernel (contiguous, clone, to, copy_ all end here), constant fills, and dense scratch copies for kernels that
 * want contiguous input. */
#include "copy.h"
#include "alloc.h"
#include "copy_kernels.h"
#include "iterate.h"
#include "shape.h"

#include <stdlib.h>
#include <string.h>

/* ---- copy ---------------------------------------------------------------------------------------------------- */

typedef struct transpose_job {
    torsh__transpose_loop *loop;
    int64_t rows, columns, batch, band; /* band: rows one piece takes */
    int64_t to_stride, from_stride, to_batch, from_batch, size;
    char *to;
    const char *from;
    bool large;
} transpose_job;

static void transpose_piece(void *context, int64_t i)
{
    const transpose_job *j = context;
    int64_t bands = (j->rows + j->band - 1) / j->band, batch = i / bands, row = i % bands * j->band;
    int64_t rows = j->rows - row < j->band ? j->rows - row : j->band;
    j->loop(rows, j->columns, j->to + batch * j->to_batch + row * j->size, j->to_stride,
            j->from + batch * j->from_batch + row * j->from_stride, j->from_stride, j->large);
}

/* A (batched) matrix whose two last dims are swapped between the operands: [..., i, j] dense in one, stepping by rows in the other. */
static bool transposes(const torsh_operand *to, const torsh_operand *from, transpose_job *j)
{
    int n = to->ndim;
    j->size = torsh__dtypes[to->dtype].size;
    if (to->dtype != from->dtype || from->ndim != n || n < 2 || n > 3 || (j->size != 4 && j->size != 8)) return false;
    if (!to->contiguous || from->strides[n - 2] != 1 || from->strides[n - 1] < from->sizes[n - 2]) return false;
    for (int d = 0; d < n; d++)
        if (to->sizes[d] != from->sizes[d]) return false;
    j->columns = to->sizes[n - 2]; /* contiguous in `from` */
    j->rows = to->sizes[n - 1];    /* contiguous in `to` */
    if (j->columns < 8 || j->rows < 8) return false;
    j->batch = n == 3 ? to->sizes[0] : 1;
    j->to_batch = n == 3 ? to->strides[0] * j->size : 0;
    j->from_batch = n == 3 ? from->strides[0] * j->size : 0;
    j->to_stride = to->strides[n - 2] * j->size;
    j->from_stride = from->strides[n - 1] * j->size;
    j->band = TORSH__GRAIN / j->columns / 64 * 64;
    if (j->band < 64) j->band = 64;
    j->large = to->numel * j->size >= TORSH__LARGE_TRANSPOSE;
    return true;
}

/* Two operands walked in step, run by run of the innermost dim, each run converted from one's strides to the other's. */
typedef struct stride_job {
    int ndim;
    int64_t sizes[TORSH__MAX_RANK], to_step[TORSH__MAX_RANK], from_step[TORSH__MAX_RANK]; /* bytes, innermost first */
    int64_t numel;
    char *to;
    const char *from;
    torsh__convert_loop *loop; /* NULL: runs are dense on both sides and of one dtype */
    torsh__reverse_loop *reverse; /* not NULL: and one of them backwards */
    void (*stream)(void *to, const void *from, size_t bytes); /* not NULL: long runs of a large result */
    bool narrow; /* rows of the innermost dim are short, and there are more of them than they are long */
} stride_job;

/* Where a walk is. */
typedef struct place {
    int64_t index[TORSH__MAX_RANK];
    char *to;
    const char *from;
} place;

/* The odometer's next position from dim d on, whose index has just been raised. */
static void wrap(const stride_job *j, place *p, int d)
{
    for (; d < j->ndim && p->index[d] == j->sizes[d]; d++) {
        p->to -= j->sizes[d] * j->to_step[d];
        p->from -= j->sizes[d] * j->from_step[d];
        p->index[d] = 0;
        if (d + 1 == j->ndim) return;
        p->to += j->to_step[d + 1];
        p->from += j->from_step[d + 1];
        p->index[d + 1]++;
    }
}

/* Some short rows at once, column by column; how many elements that are. */
static int64_t narrow_rows(const stride_job *j, place *p, int64_t left)
{
    enum { TALL = 512 }; /* rows that stay in the nearest cache */
    int64_t rows = left / j->sizes[0], rest = j->sizes[1] - p->index[1];
    if (rows > rest) rows = rest;
    if (rows > TALL) rows = TALL;
    for (int64_t k = 0; k < j->sizes[0]; k++)
        j->loop(rows, p->to + k * j->to_step[0], j->to_step[1], p->from + k * j->from_step[0], j->from_step[1]);
    p->to += rows * j->to_step[1];
    p->from += rows * j->from_step[1];
    p->index[1] += rows;
    wrap(j, p, 1);
    return rows * j->sizes[0];
}

/* Turned round in a block of the nearest cache. */
static void stream_reversed(const stride_job *j, int64_t n, char *to, const char *from)
{
    _Alignas(64) char block[8192];
    int64_t size = j->to_step[0], most = (int64_t)sizeof block / size;
    for (int64_t at = 0; at < n; at += most) {
        int64_t run = n - at < most ? n - at : most;
        j->reverse(run, block, from - at * size);
        j->stream(to + at * size, block, (size_t)(run * size));
    }
}

/* One run of the innermost dim, or a part of one. */
static void copy_run(const stride_job *j, int64_t n, char *to, const char *from)
{
    if (j->reverse && j->stream) stream_reversed(j, n, to, from);
    else if (j->reverse) j->reverse(n, to, from);
    else if (j->loop) j->loop(n, to, j->to_step[0], from, j->from_step[0]);
    else if (j->stream) j->stream(to, from, (size_t)(n * j->to_step[0]));
    else memcpy(to, from, (size_t)(n * j->to_step[0]));
}

/* Whole runs, as many of these as there are up to the end of the next dim. */
static int64_t copy_runs(const stride_job *j, place *p, int64_t most)
{
    int64_t rest = j->sizes[1] - p->index[1], n = most < rest ? most : rest;
    for (int64_t k = 0; k < n; k++) copy_run(j, j->sizes[0], p->to + k * j->to_step[1], p->from + k * j->from_step[1]);
    p->to += n * j->to_step[1];
    p->from += n * j->from_step[1];
    p->index[1] += n;
    wrap(j, p, 1);
    return n * j->sizes[0];
}

static void stride_piece(void *context, int64_t i)
{
    const stride_job *j = context;
    int64_t at = i * TORSH__GRAIN, left = j->numel - at < TORSH__GRAIN ? j->numel - at : TORSH__GRAIN;
    place p = {.to = j->to, .from = j->from};
    for (int d = 0; d < j->ndim; d++, at /= j->sizes[d - 1]) {
        p.index[d] = at % j->sizes[d];
        p.to += p.index[d] * j->to_step[d];
        p.from += p.index[d] * j->from_step[d];
    }
    while (left > 0) {
        if (j->ndim > 1 && p.index[0] == 0 && left >= j->sizes[0]) {
            left -= j->narrow ? narrow_rows(j, &p, left) : copy_runs(j, &p, left / j->sizes[0]);
            continue;
        }
        int64_t run = j->sizes[0] - p.index[0] < left ? j->sizes[0] - p.index[0] : left;
        copy_run(j, run, p.to, p.from);
        left -= run;
        p.to += run * j->to_step[0];
        p.from += run * j->from_step[0];
        p.index[0] += run;
        wrap(j, &p, 0);
    }
}

/* Joins `size` elements at these steps to the walk: sorted in by the output's step, merged later. */
static void add_dim(stride_job *j, int64_t size, int64_t to_step, int64_t from_step)
{
    int at = j->ndim++;
    for (; at > 0 && llabs(j->to_step[at - 1]) > llabs(to_step); at--) {
        j->sizes[at] = j->sizes[at - 1];
        j->to_step[at] = j->to_step[at - 1];
        j->from_step[at] = j->from_step[at - 1];
    }
    j->sizes[at] = size;
    j->to_step[at] = to_step;
    j->from_step[at] = from_step;
}

static void merge_dims(stride_job *j)
{
    int last = 0;
    for (int d = 1; d < j->ndim; d++) {
        if (j->to_step[d] == j->to_step[last] * j->sizes[last] && j->from_step[d] == j->from_step[last] * j->sizes[last]) {
            j->sizes[last] *= j->sizes[d];
            continue;
        }
        last++;
        j->sizes[last] = j->sizes[d];
        j->to_step[last] = j->to_step[d];
        j->from_step[last] = j->from_step[d];
    }
    j->ndim = last + 1;
}

/* A dtype of the same size whose elements are copied bit by bit (16-bit floats would pass through f32). */
static torsh_dtype carrier(torsh_dtype dtype)
{
    static const torsh_dtype by_size[] = {TORSH_U8, TORSH_I16, TORSH_I32, TORSH_I64, TORSH_C128};
    return by_size[__builtin_ctz(torsh__dtypes[dtype].size)];
}

enum { NARROW = 16 };

/* Sets the walk up; false if the innermost run repeats one element, which torsh__iterate does faster. */
static bool plan_strides(stride_job *j, const torsh_operand *to, const torsh_operand *from)
{
    int64_t to_size = torsh__dtypes[to->dtype].size, from_size = torsh__dtypes[from->dtype].size;
    j->ndim = 0;
    j->numel = to->numel;
    for (int d = to->ndim; d-- > 0;) {
        int own = d - (to->ndim - from->ndim); /* dims align at the right */
        if (to->sizes[d] != 1) add_dim(j, to->sizes[d], to->strides[d] * to_size, own < 0 || from->sizes[own] == 1 ? 0 : from->strides[own] * from_size);
    }
    if (j->ndim == 0) add_dim(j, 1, to_size, from_size);
    merge_dims(j);
    j->narrow = j->ndim > 1 && j->sizes[0] < NARROW && j->sizes[1] > 2 * j->sizes[0];
    return j->from_step[0] != 0 || j->narrow;
}

static void copy_chunk(void *context, int64_t n, void *const *data)
{
    const size_t *size = context;
    memcpy(data[0], data[1], (size_t)n * *size);
}

/* One value all over a dense result of at least so many elements. */
enum { PATTERN = 64, FILLED = 512 };

typedef struct fill_job {
    _Alignas(64) char pattern[PATTERN];
    char *to;
    int64_t bytes;
    void (*fill)(void *to, const void *pattern, size_t bytes); /* NULL: all zeros */
} fill_job;

static void fill_piece(void *context, int64_t i)
{
    const fill_job *j = context;
    int64_t most = TORSH__GRAIN * 4, at = i * most, end = j->bytes - at < most ? j->bytes : at + most;
    if (j->fill) j->fill(j->to + at, j->pattern, (size_t)(end - at));
    else memset(j->to + at, 0, (size_t)(end - at));
}

static void fill_dense(const torsh_operand *to, const torsh_operand *from)
{
    fill_job j = {.to = torsh__operand_data(to), .bytes = to->numel * torsh__dtypes[to->dtype].size};
    const torsh__copy_table *table = TORSH__ISA_PICK(torsh__copy);
    int64_t size = torsh__dtypes[to->dtype].size;
    table->convert[torsh__operand_dtype(from)][torsh__operand_dtype(to)](PATTERN / size, j.pattern, size, torsh__operand_data(from), 0);
    j.fill = j.pattern[0] == 0 && memcmp(j.pattern, j.pattern + 1, PATTERN - 1) == 0 ? NULL : table->fill;
    torsh__parallel((j.bytes + TORSH__GRAIN * 4 - 1) / (TORSH__GRAIN * 4), fill_piece, &j);
}

/* `streams`: a large result may pass by the caches. */
static void copy(const torsh_operand *to, const torsh_operand *from, bool streams)
{
    const torsh__copy_table *table = TORSH__ISA_PICK(torsh__copy);
    union {
        transpose_job transpose;
        stride_job stride;
    } j;
    if (to->numel == 0) return;
    if (from->numel == 1 && to->contiguous && to->numel >= FILLED) {
        fill_dense(to, from);
        return;
    }
    if (transposes(to, from, &j.transpose)) {
        j.transpose.loop = j.transpose.size == 4 ? table->transpose4 : table->transpose8;
        j.transpose.to = torsh__operand_data(to);
        j.transpose.from = torsh__operand_data(from);
        torsh__parallel(j.transpose.batch * ((j.transpose.rows + j.transpose.band - 1) / j.transpose.band), transpose_piece, &j.transpose);
        return;
    }
    torsh_dtype dtype = torsh__operand_dtype(to);
    if (plan_strides(&j.stride, to, from)) {
        bool same = to->dtype == from->dtype;
        int64_t size = torsh__dtypes[dtype].size;
        j.stride.loop = same ? table->convert[carrier(dtype)][carrier(dtype)] : table->convert[from->dtype][dtype];
        j.stride.reverse = NULL;
        if (same && j.stride.to_step[0] == size && j.stride.from_step[0] == size && !j.stride.narrow) j.stride.loop = NULL;
        if (same && j.stride.to_step[0] == size && j.stride.from_step[0] == -size) j.stride.reverse = size == 4 ? table->reverse4 : size == 8 ? table->reverse8 : NULL;
        bool repeats = false; /* one row again and again: only the result takes room in the caches, and may have it */
        for (int d = 1; d < j.stride.ndim; d++) repeats |= j.stride.from_step[d] == 0;
        j.stride.stream = streams && to->numel * size >= TORSH__LARGE_COPY && j.stride.sizes[0] * size >= TORSH__LONG_RUN && !repeats ? table->stream : NULL;
        j.stride.to = torsh__operand_data(to);
        j.stride.from = torsh__operand_data(from);
        for (int d = 1; d < j.stride.ndim; d++) { /* rows are read upwards, which is what memory expects */
            if (j.stride.from_step[d] >= 0) continue;
            j.stride.to += (j.stride.sizes[d] - 1) * j.stride.to_step[d];
            j.stride.from += (j.stride.sizes[d] - 1) * j.stride.from_step[d];
            j.stride.to_step[d] = -j.stride.to_step[d];
            j.stride.from_step[d] = -j.stride.from_step[d];
        }
        torsh__parallel((to->numel + TORSH__GRAIN - 1) / TORSH__GRAIN, stride_piece, &j.stride);
        return;
    }
    const torsh_operand *operands[2] = {to, from};
    torsh_dtype dtypes[2] = {dtype, dtype};
    size_t size = torsh__dtypes[dtype].size;
    torsh__iterate(1, 1, operands, dtypes, copy_chunk, &size);
}

void torsh__copy_operand(const torsh_operand *to, const torsh_operand *from)
{
    copy(to, from, true);
}

void torsh__copy_operand_near(const torsh_operand *to, const torsh_operand *from)
{
    copy(to, from, false);
}

static torsh_status run_copy(const torsh_launch *launch, const void *data)
{
    (void)data;
    torsh__copy_operand(launch->output[0], launch->input[launch->inputs - 1]);
    return TORSH_OK;
}

const void *torsh__operand_dense(const torsh_operand *o, torsh_dtype dtype, void **scratch, size_t *bytes)
{
    *scratch = NULL;
    *bytes = 0;
    if (o->contiguous && o->dtype == (uint8_t)dtype) return torsh__operand_data(o);
    *bytes = (size_t)o->numel * torsh__dtypes[dtype].size;
    *scratch = torsh__alloc(*bytes);
    if (!*scratch) return NULL;
    int64_t strides[TORSH__MAX_RANK];
    torsh__contiguous_strides(o->ndim, o->sizes, strides);
    torsh_operand dense = *o;
    dense.memory = *scratch;
    dense.offset = 0;
    dense.strides = strides;
    dense.dtype = (uint8_t)dtype;
    dense.contiguous = true;
    torsh__copy_operand(&dense, o);
    return *scratch;
}

void torsh__operand_store(const torsh_operand *o, torsh_dtype dtype, const void *data)
{
    int64_t strides[TORSH__MAX_RANK];
    torsh__contiguous_strides(o->ndim, o->sizes, strides);
    torsh_operand dense = *o;
    dense.memory = (void *)(uintptr_t)data; /* only read */
    dense.offset = 0;
    dense.strides = strides;
    dense.dtype = (uint8_t)dtype;
    dense.contiguous = true;
    torsh__copy_operand(o, &dense);
}

/* ---- fills ----------------------------------------------------------------------------------------------- */

/* The value as one element of the dtype. Complex values come as two doubles. */
void torsh__fill_operand(const torsh_operand *to, const void *value, torsh_dtype dtype)
{
    torsh_operand from = {.memory = (void *)(uintptr_t)value, .numel = 1, .dtype = (uint8_t)dtype, .contiguous = true};
    torsh__copy_operand(to, &from);
}

static torsh_status run_full(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0];
    for (int i = 0; i < launch->op->param_count; i++)
        if (launch->op->params[i].kind == TORSH_PARAM_DOUBLE) {
            double value = launch->values[i].f;
            if (value == 0 && out->contiguous && out->numel * torsh__dtypes[out->dtype].size <= TORSH__GRAIN && !__builtin_signbit(value))
                memset(torsh__operand_data(out), 0, (size_t)out->numel * torsh__dtypes[out->dtype].size);
            else if (torsh__dtypes[out->dtype].category <= TORSH__INTEGER && value >= -0x1p63 && value < 0x1p63)
                torsh__fill_operand(out, &(int64_t){out->dtype == TORSH_BOOL ? value != 0 : (int64_t)value}, TORSH_I64);
            else
                torsh__fill_operand(out, &value, TORSH_F64);
        }
    return TORSH_OK;
}

static torsh_status run_zeros(const torsh_launch *launch, const void *data)
{
    (void)data;
    torsh__fill_operand(launch->output[0], &(int64_t){0}, TORSH_I64);
    return TORSH_OK;
}

static torsh_status run_ones(const torsh_launch *launch, const void *data)
{
    (void)data;
    torsh__fill_operand(launch->output[0], &(int64_t){1}, TORSH_I64);
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_copy_kernels[] = {
    {"copy_", {run_copy, NULL}}, {"clone", {run_copy, NULL}}, {"convert", {run_copy, NULL}}, {"fill_", {run_copy, NULL}},
    {"full", {run_full, NULL}},  {"zeros", {run_zeros, NULL}}, {"ones", {run_ones, NULL}},    {"zero_", {run_zeros, NULL}},
    {NULL, {NULL, NULL}},
};
