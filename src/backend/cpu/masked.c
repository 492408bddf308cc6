/* Elements chosen by masks; places of nonzero elements; flip. What depends on how many there are is cut into pieces of fixed
 * size whose counts are added up first. */
#include "index.h"
#include "alloc.h"
#include "copy.h"
#include "index_walk.h"
#include "iterate.h"
#include "pointwise.h"
#include "pointwise_kernels.h"

#include <string.h>

/* ---- moves of one size ---------------------------------------------------------------------------------------- */

#define ELEMENT uint8_t
#include "masked.inc.c"
#define ELEMENT uint16_t
#include "masked.inc.c"
#define ELEMENT uint32_t
#include "masked.inc.c"
#define ELEMENT uint64_t
#include "masked.inc.c"
typedef struct wide {
    uint64_t part[2];
} wide;
#define ELEMENT wide
#include "masked.inc.c"

/* ---- masked_fill --------------------------------------------------------------------------------------------- */

/* out, input, mask, value: `where` of another dtype of the elements' size */
static void fill_chunk(void *context, int64_t n, void *const *data)
{
    torsh__pointwise_loop *const *loop = context;
    (*loop)(n, data[0], data[2], data[3], data[1], torsh__no_attributes);
}

static torsh_status run_masked_fill(const torsh_launch *launch, const void *data)
{
    static const torsh_dtype carriers[5] = {TORSH_U8, TORSH_I16, TORSH_F32, TORSH_F64, TORSH_C128};
    (void)data;
    torsh_dtype dtype = torsh__operand_dtype(launch->output[0]), carrier = carriers[torsh__size_class(dtype)];
    const torsh_operand *operands[4] = {launch->output[0], launch->input[0], launch->input[1], launch->input[2]};
    const torsh_dtype dtypes[4] = {dtype, dtype, TORSH_BOOL, dtype};
    torsh__pointwise_loop *loop = torsh__pointwise_loop_of(TORSH__ROW_where, carrier);
    torsh__iterate(1, 3, operands, dtypes, fill_chunk, &loop);
    return TORSH_OK;
}

/* ---- counting ------------------------------------------------------------------------------------------------ */

/* A dense mask and where the chosen elements of each piece of GRAIN begin. */
typedef struct places {
    torsh__dense mask;
    int64_t n, pieces, total;
    int64_t *start;
} places;

static void count_piece(void *context, int64_t i)
{
    places *p = context;
    const uint8_t *mask = p->mask.data;
    int64_t at = i * TORSH__GRAIN, end = at + TORSH__GRAIN < p->n ? at + TORSH__GRAIN : p->n;
    p->start[i] = torsh__count_set(end - at, mask + at);
}

static void places_free(places *p)
{
    torsh__free(p->start, (size_t)p->pieces * sizeof *p->start);
    torsh__dense_free(&p->mask);
}

/* Of the elements that are not zero. Free it whatever the status. */
static torsh_status places_find(places *p, const torsh_operand *o)
{
    *p = (places){.n = o->numel, .pieces = (o->numel + TORSH__GRAIN - 1) / TORSH__GRAIN};
    if (!torsh__dense_take(&p->mask, o, TORSH_BOOL, NULL)) return TORSH_OUT_OF_MEMORY;
    p->start = torsh__alloc((size_t)p->pieces * sizeof *p->start);
    if (!p->start) return TORSH_OUT_OF_MEMORY;
    torsh__parallel(p->pieces, count_piece, p);
    for (int64_t i = 0; i < p->pieces; i++) {
        int64_t count = p->start[i];
        p->start[i] = p->total;
        p->total += count;
    }
    return TORSH_OK;
}

/* The output was sized by an earlier count; the mask must be as it was then. */
static torsh_status require_total(const places *p, const char *op, int64_t total)
{
    if (p->total == total) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %lld elements are chosen where %lld were counted: the mask was changed meanwhile", op,
                       (long long)p->total, (long long)total);
}

static torsh_status run_nonzero_count(const torsh_launch *launch, const void *data)
{
    (void)data;
    places p;
    torsh_status status = places_find(&p, launch->input[0]);
    if (status == TORSH_OK) memcpy(torsh__operand_data(launch->output[0]), &p.total, sizeof p.total);
    places_free(&p);
    return status;
}

/* ---- nonzero ------------------------------------------------------------------------------------------------- */

typedef struct list_job {
    const places *places;
    int ndim;
    const int64_t *sizes;
    int64_t *out;
} list_job;

enum { LIST_BLOCK = 256 };

/* Where the true ones of n <= LIST_BLOCK elements are: written one past them. */
static int64_t true_places(const uint8_t *mask, int64_t n, int64_t first, int64_t *where)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        where[count] = first + i;
        count += mask[i];
    }
    return count;
}

/* Coordinates of the true elements of one piece, row by row of the output; the leading ones are the same along a row of the mask. */
static void list_piece(void *context, int64_t i)
{
    const list_job *j = context;
    const uint8_t *mask = j->places->mask.data;
    int64_t at = i * TORSH__GRAIN, end = at + TORSH__GRAIN < j->places->n ? at + TORSH__GRAIN : j->places->n;
    int64_t *out = j->out + j->places->start[i] * j->ndim, last = j->ndim ? j->sizes[j->ndim - 1] : 1;
    int64_t lead[TORSH__MAX_RANK] = {0}, where[LIST_BLOCK + 1], rest = at / last, column = at % last;
    for (int d = j->ndim - 1; d-- > 0; rest /= j->sizes[d]) lead[d] = rest % j->sizes[d];
    while (at < end) {
        int64_t run = last - column < end - at ? last - column : end - at;
        if (run > LIST_BLOCK) run = LIST_BLOCK;
        int64_t count = true_places(mask + at, run, column, where);
        for (int64_t k = 0; k < count; k++, out += j->ndim) {
            for (int d = 0; d + 1 < j->ndim; d++) out[d] = lead[d];
            if (j->ndim) out[j->ndim - 1] = where[k];
        }
        at += run;
        column += run;
        if (column < last) continue;
        column = 0;
        for (int d = j->ndim - 1; d-- > 0; lead[d] = 0)
            if (++lead[d] < j->sizes[d]) break;
    }
}

static torsh_status run_nonzero(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    places p;
    torsh_status status = places_find(&p, in);
    if (status == TORSH_OK) status = require_total(&p, "nonzero", out->sizes[0]);
    if (status == TORSH_OK) {
        list_job j = {&p, in->ndim, in->sizes, (int64_t *)(void *)torsh__operand_data(out)};
        torsh__parallel(p.pieces, list_piece, &j);
    }
    places_free(&p);
    return status;
}

/* ---- masked_select, masked_scatter --------------------------------------------------------------------------- */

typedef struct pick_job {
    const places *places;
    void (*loop)(const uint8_t *mask, int64_t n, int64_t count, void *whole, void *chosen); /* count: of the chosen ones */
    char *whole, *chosen; /* as the mask; one after the other */
    int64_t size;
} pick_job;

static void pick_piece(void *context, int64_t i)
{
    const pick_job *j = context;
    const uint8_t *mask = j->places->mask.data;
    int64_t at = i * TORSH__GRAIN, n = j->places->n - at < TORSH__GRAIN ? j->places->n - at : TORSH__GRAIN;
    int64_t start = j->places->start[i], next = i + 1 < j->places->pieces ? j->places->start[i + 1] : j->places->total;
    j->loop(mask + at, n, next - start, j->whole + at * j->size, j->chosen + start * j->size);
}

/* The mask and the operand, both over the broadcast shape. */
static torsh_status run_masked_select(const torsh_launch *launch, const void *data)
{
    static void (*const loops[5])(const uint8_t *, int64_t, int64_t, void *, void *) = {take_uint8_t, take_uint16_t, take_uint32_t, take_uint64_t, take_wide};
    (void)data;
    const torsh_operand *in = launch->input[0], *mask = launch->input[1], *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(in);
    int64_t sizes[TORSH__MAX_RANK], in_strides[TORSH__MAX_RANK], mask_strides[TORSH__MAX_RANK];
    int ndim = 0;
    torsh__broadcast(&ndim, sizes, in->ndim, in->sizes);
    torsh__broadcast(&ndim, sizes, mask->ndim, mask->sizes);
    torsh_operand whole = torsh__operand_stretch(in, ndim, sizes, in_strides), over = torsh__operand_stretch(mask, ndim, sizes, mask_strides);
    places p;
    torsh__dense d = {0};
    torsh_status status = places_find(&p, &over);
    if (status == TORSH_OK) status = require_total(&p, "masked_select", out->numel);
    if (status == TORSH_OK && !torsh__dense_take(&d, &whole, dtype, NULL)) status = TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        pick_job j = {&p, loops[torsh__size_class(dtype)], (char *)(uintptr_t)d.data, torsh__operand_data(out), torsh__dtypes[dtype].size};
        torsh__parallel(p.pieces, pick_piece, &j);
    }
    torsh__dense_free(&d);
    places_free(&p);
    return status;
}

/* Elements of source, in order, into the places of the mask. */
static torsh_status run_masked_scatter(const torsh_launch *launch, const void *data)
{
    static void (*const loops[5])(const uint8_t *, int64_t, int64_t, void *, void *) = {put_uint8_t, put_uint16_t, put_uint32_t, put_uint64_t, put_wide};
    (void)data;
    const torsh_operand *in = launch->input[0], *mask = launch->input[1], *source = launch->input[2], *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(out);
    int64_t strides[TORSH__MAX_RANK];
    torsh_operand over = torsh__operand_stretch(mask, out->ndim, out->sizes, strides);
    places p;
    torsh__dense s = {0}, d = {0};
    torsh_status status = places_find(&p, &over);
    if (status == TORSH_OK && p.total > source->numel)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "masked_scatter: the mask has %lld true elements, but source has %lld", (long long)p.total, (long long)source->numel);
    if (status == TORSH_OK && !torsh__dense_take(&s, source, dtype, out->memory)) status = TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK && out->memory != in->memory) {
        int64_t in_strides[TORSH__MAX_RANK];
        torsh_operand whole = torsh__operand_stretch(in, out->ndim, out->sizes, in_strides);
        torsh__copy_operand_near(out, &whole);
    }
    if (status == TORSH_OK && !torsh__dense_take(&d, out, dtype, NULL)) status = TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        pick_job j = {&p, loops[torsh__size_class(dtype)], (char *)(uintptr_t)d.data, (char *)(uintptr_t)s.data, torsh__dtypes[dtype].size};
        torsh__parallel(p.pieces, pick_piece, &j);
        if (d.scratch) torsh__operand_store(out, dtype, d.data);
    }
    torsh__dense_free(&d);
    torsh__dense_free(&s);
    places_free(&p);
    return status;
}

/* ---- flip ---------------------------------------------------------------------------------------------------- */

/* A copy from the same operand with some strides turned round. */
static torsh_status run_flip(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0];
    int64_t strides[TORSH__MAX_RANK];
    uint64_t mask = 0;
    torsh_operand turned = *in;
    if (in->numel == 0) return TORSH_OK;
    if (launch->values[1].list.count) torsh__wrap_dims("flip", launch->values[1].list.data, launch->values[1].list.count, in->ndim, &mask);
    for (int d = 0; d < in->ndim; d++) {
        bool turn = mask >> d & 1;
        strides[d] = turn ? -in->strides[d] : in->strides[d];
        if (turn) turned.offset += (in->sizes[d] - 1) * in->strides[d];
    }
    turned.strides = strides;
    turned.contiguous = torsh__is_contiguous(in->ndim, in->sizes, strides);
    torsh__copy_operand(launch->output[0], &turned);
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_masked_kernels[] = {
    {"masked_fill", {run_masked_fill, NULL}},       {"masked_select", {run_masked_select, NULL}}, {"masked_scatter", {run_masked_scatter, NULL}},
    {"nonzero_count", {run_nonzero_count, NULL}}, {"nonzero", {run_nonzero, NULL}},             {"flip", {run_flip, NULL}},
    {NULL, {NULL, NULL}},
};
