/* Index tensors on the first dims: they become one list of byte offsets, then it is the walk along one dim. */
#include "index.h"
#include "alloc.h"
#include "copy.h"
#include "index_walk.h"

#include <stdatomic.h>
#include <string.h>

/* ---- offsets ------------------------------------------------------------------------------------------------- */

typedef struct offsets {
    int64_t *value; /* byte offsets into the indexed operand, over the broadcast shape */
    int64_t count;
    int ndim;
    int64_t sizes[TORSH__MAX_RANK];
} offsets;

typedef struct add_job {
    int64_t *value;
    const int64_t *index;
    int64_t n, size, step;
    _Atomic bool bad;
} add_job;

static void add_piece(void *context, int64_t i)
{
    add_job *j = context;
    int64_t start = i * TORSH__GRAIN, end = start + TORSH__GRAIN < j->n ? start + TORSH__GRAIN : j->n;
    bool bad = false;
    for (int64_t k = start; k < end; k++) {
        int64_t index = j->index[k];
        index += index < 0 ? j->size : 0;
        bad |= (uint64_t)index >= (uint64_t)j->size;
        j->value[k] += (int64_t)((uint64_t)index * (uint64_t)j->step);
    }
    if (bad) atomic_store_explicit(&j->bad, true, memory_order_relaxed);
}

/* Adds one index tensor, on dim of `of`, to the offsets. Negative indices count from the end. */
static torsh_status add_index(offsets *o, const char *op, const torsh_operand *index, const torsh_operand *of, int dim)
{
    int64_t strides[TORSH__MAX_RANK];
    torsh_operand whole = torsh__operand_stretch(index, o->ndim, o->sizes, strides);
    torsh__dense d;
    if (!torsh__dense_take(&d, &whole, TORSH_I64, NULL)) return TORSH_OUT_OF_MEMORY;
    add_job j = {.value = o->value, .index = d.data, .n = o->count, .size = of->sizes[dim], .step = of->strides[dim] * (int64_t)torsh__dtypes[of->dtype].size};
    atomic_init(&j.bad, false);
    torsh__parallel((o->count + TORSH__GRAIN - 1) / TORSH__GRAIN, add_piece, &j);
    torsh_status status = TORSH_OK;
    if (atomic_load_explicit(&j.bad, memory_order_relaxed)) {
        int64_t k = 0;
        while (k + 1 < o->count && j.index[k] >= -j.size && j.index[k] < j.size) k++;
        status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: index %lld is out of range for dimension %d of size %lld", op, (long long)j.index[k], dim, (long long)j.size);
    }
    torsh__dense_free(&d);
    return status;
}

/* From inputs [1, 1 + count). Freed by the caller, whatever the status. */
static torsh_status make_offsets(offsets *o, const char *op, const torsh_launch *launch, int count, const torsh_operand *of)
{
    o->ndim = 0;
    o->count = 1;
    for (int i = 1; i <= count; i++) torsh__broadcast(&o->ndim, o->sizes, launch->input[i]->ndim, launch->input[i]->sizes);
    for (int d = 0; d < o->ndim; d++) o->count *= o->sizes[d];
    o->value = torsh__alloc_zero((size_t)o->count * sizeof *o->value);
    torsh_status status = o->value ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    for (int i = 1; i <= count && status == TORSH_OK; i++) status = add_index(o, op, launch->input[i], of, i - 1);
    return status;
}

/* The walk's shape: (offsets, dims of `of` from `count` on), and the strides of `of` there. */
static void set_walk(torsh__index_walk *w, const offsets *o, const torsh_operand *of, int count, int64_t *lane)
{
    w->ndim = 1 + of->ndim - count;
    w->dim = 0;
    w->sizes[0] = o->count;
    for (int d = 1; d < w->ndim; d++) {
        w->sizes[d] = of->sizes[count + d - 1];
        lane[d] = of->strides[count + d - 1] * (int64_t)torsh__dtypes[of->dtype].size;
    }
    w->index[0] = sizeof *o->value;
    w->tile.index = (const char *)o->value;
    w->tile.jump = 1;
    w->tile.skip = INT64_MIN;
}

/* ---- kernels ------------------------------------------------------------------------------------------------- */

static torsh_status run_index_lead(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    int count = launch->inputs - 1;
    offsets o;
    torsh_status status = make_offsets(&o, "index", launch, count, in);
    if (status == TORSH_OK && out->numel > 0) {
        torsh__index_walk w = {.loop = torsh__index_loops.gather[torsh__size_class(torsh__operand_dtype(in))]};
        set_walk(&w, &o, in, count, w.from);
        int64_t step = torsh__dtypes[out->dtype].size;
        for (int d = w.ndim; d-- > 0; step *= w.sizes[d]) w.to[d] = step;
        w.tile.to = torsh__operand_data(out);
        w.tile.from = torsh__operand_data(in);
        w.tile.limit = INT64_MAX; /* offsets: checked already */
        torsh__index_run(&w);
    }
    torsh__free(o.value, (size_t)o.count * sizeof *o.value);
    return status;
}

/* values over (offsets, rest): the dims of the offsets step as one, or values are made dense. */
static bool set_values(torsh__index_walk *w, const offsets *o, const torsh_operand *values, torsh_dtype dtype, const void *unless, torsh__dense *d)
{
    int64_t sizes[TORSH__MAX_RANK], strides[TORSH__MAX_RANK], size = torsh__dtypes[dtype].size;
    int ndim = o->ndim + w->ndim - 1;
    for (int k = 0; k < ndim; k++) sizes[k] = k < o->ndim ? o->sizes[k] : w->sizes[k - o->ndim + 1];
    torsh_operand whole = torsh__operand_stretch(values, ndim, sizes, strides);
    bool as_one = values->memory != unless && values->dtype == (uint8_t)dtype;
    int64_t step = 0, run = 1;
    for (int k = o->ndim; k-- > 0;) {
        if (sizes[k] == 1) continue;
        if (run == 1) step = strides[k];
        else if (strides[k] != step * run) as_one = false;
        run *= sizes[k];
    }
    w->tile.from = torsh__operand_data(&whole);
    if (!as_one) {
        if (!torsh__dense_take(d, &whole, dtype, unless)) return false;
        torsh__contiguous_strides(ndim, sizes, strides);
        w->tile.from = d->data;
        step = 1;
        for (int k = o->ndim; k < ndim; k++) step *= sizes[k];
    }
    w->from[0] = step * size;
    for (int k = 1; k < w->ndim; k++) w->from[k] = strides[o->ndim + k - 1] * size;
    return true;
}

static torsh_status put(const torsh_operand *out, const torsh_operand *values, const offsets *o, int count, bool accumulate)
{
    const torsh__index_table *table = &torsh__index_loops;
    torsh_dtype dtype = torsh__operand_dtype(out);
    torsh__index_walk w = {.loop = accumulate ? table->add[dtype] : table->scatter[torsh__size_class(dtype)], .adds = true};
    torsh__dense d = {0};
    set_walk(&w, o, out, count, w.to);
    w.tile.to = torsh__operand_data(out);
    bool done = set_values(&w, o, values, dtype, out->memory, &d);
    if (done) torsh__index_run(&w);
    torsh__dense_free(&d);
    return done ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

static torsh_status run_index_put_lead(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0], *values = launch->input[launch->inputs - 1];
    int count = launch->inputs - 2;
    bool accumulate = launch->values[3].i != 0;
    offsets o;
    torsh__sums sums = {.view = *out};
    torsh_status status = TORSH_OK;
    if (accumulate && !torsh__sums_open(&sums, out)) return TORSH_OUT_OF_MEMORY;
    status = make_offsets(&o, "index_put", launch, count, &sums.view);
    if (status == TORSH_OK && o.count > 0 && out->numel > 0) status = put(&sums.view, values, &o, count, accumulate);
    torsh__sums_close(&sums, out);
    torsh__free(o.value, (size_t)o.count * sizeof *o.value);
    return status;
}

const torsh__cpu_kernel torsh__cpu_index_list_kernels[] = {
    {"index_lead", {run_index_lead, NULL}}, {"index_put_lead_", {run_index_put_lead, NULL}}, {NULL, {NULL, NULL}}};
