/* The walk of the index kernels. Work is cut so that two pieces never change the same element; the order along the indexed dim
 * is kept where it matters, so that sums have the same bits for any number of threads. */
#include "index_walk.h"
#include "alloc.h"
#include "copy.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- operands ------------------------------------------------------------------------------------------------ */

bool torsh__dense_take(torsh__dense *d, const torsh_operand *o, torsh_dtype dtype, const void *unless)
{
    d->data = torsh__operand_dense(o, dtype, &d->scratch, &d->bytes);
    if (!d->data || d->scratch || o->memory != unless) return d->data != NULL;
    d->bytes = (size_t)o->numel * torsh__dtypes[dtype].size;
    d->scratch = torsh__alloc(d->bytes);
    if (d->scratch) memcpy(d->scratch, d->data, d->bytes);
    d->data = d->scratch;
    return d->data != NULL;
}

void torsh__dense_free(torsh__dense *d)
{
    torsh__free(d->scratch, d->bytes);
    d->scratch = NULL;
}

torsh_operand torsh__operand_stretch(const torsh_operand *o, int ndim, const int64_t *sizes, int64_t *strides)
{
    torsh_operand result = *o;
    int shift = ndim - o->ndim;
    result.numel = 1;
    for (int d = 0; d < ndim; d++) {
        strides[d] = d < shift || (o->sizes[d - shift] == 1 && sizes[d] != 1) ? 0 : o->strides[d - shift];
        result.numel *= sizes[d];
    }
    result.ndim = (int16_t)ndim;
    result.sizes = sizes;
    result.strides = strides;
    result.contiguous = torsh__is_contiguous(ndim, sizes, strides);
    return result;
}

bool torsh__sums_open(torsh__sums *s, const torsh_operand *o)
{
    torsh_dtype dtype = torsh__sum_dtype(torsh__operand_dtype(o));
    s->view = *o;
    s->copy = (torsh__dense){0};
    if (dtype == torsh__operand_dtype(o)) return true;
    if (!torsh__dense_take(&s->copy, o, dtype, NULL)) return false;
    torsh__contiguous_strides(o->ndim, o->sizes, s->strides);
    s->view.memory = s->copy.scratch;
    s->view.offset = 0;
    s->view.strides = s->strides;
    s->view.dtype = (uint8_t)dtype;
    s->view.contiguous = true;
    return true;
}

void torsh__sums_close(torsh__sums *s, const torsh_operand *o)
{
    if (s->copy.scratch) torsh__operand_store(o, torsh__operand_dtype(&s->view), s->copy.scratch);
    torsh__dense_free(&s->copy);
}

/* ---- checking ------------------------------------------------------------------------------------------------ */

typedef struct check {
    const int64_t *index;
    int64_t n, size;
    _Atomic bool bad;
} check;

typedef int64_t words __attribute__((vector_size(16), aligned(8)));

static void check_piece(void *context, int64_t i)
{
    check *c = context;
    int64_t start = i * TORSH__GRAIN, end = start + TORSH__GRAIN < c->n ? start + TORSH__GRAIN : c->n;
    const words last = {c->size - 1, c->size - 1};
    words signs = {0, 0}; /* set where an index, or what is left up to the last one, is negative */
    int64_t k = start, sign = 0;
    for (; k + 4 <= end; k += 4) {
        const words *v = (const words *)(const void *)(c->index + k);
        signs |= v[0] | (last - v[0]) | v[1] | (last - v[1]);
    }
    for (; k < end; k++) sign |= c->index[k] | (c->size - 1 - c->index[k]);
    if ((sign | signs[0] | signs[1]) < 0) atomic_store_explicit(&c->bad, true, memory_order_relaxed);
}

torsh_status torsh__check_indices(const char *op, const int64_t *index, int64_t n, int dim, int64_t size)
{
    check c = {.index = index, .n = n, .size = size};
    atomic_init(&c.bad, false);
    torsh__parallel((n + TORSH__GRAIN - 1) / TORSH__GRAIN, check_piece, &c);
    if (!atomic_load_explicit(&c.bad, memory_order_relaxed)) return TORSH_OK;
    for (int64_t k = 0; k < n; k++)
        if ((uint64_t)index[k] >= (uint64_t)size)
            return torsh__fail(TORSH_OUT_OF_RANGE, "%s: index %lld is out of range for dimension %d of size %lld", op, (long long)index[k], dim, (long long)size);
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: an index changed while it was read", op);
}

/* ---- the walk ------------------------------------------------------------------------------------------------ */

enum { NARROWEST = 64 }; /* elements side by side that one piece of an adding walk takes, at least: long runs are what memory expects */

/* The dims but the indexed one, innermost first, and how the work is cut. */
typedef struct cut {
    const torsh__index_walk *walk;
    int ndim;
    int64_t sizes[TORSH__MAX_RANK], to[TORSH__MAX_RANK], from[TORSH__MAX_RANK], index[TORSH__MAX_RANK];
    int64_t total, count;            /* elements over those dims, and along the indexed one */
    int64_t band, count_band, count_bands; /* one piece: `band` of the first by `count_band` of the second */
} cut;

static void add_dim(cut *c, int d)
{
    const torsh__index_walk *w = c->walk;
    int64_t step = llabs(w->adds ? w->from[d] : w->to[d]);
    int at = c->ndim++;
    for (; at > 0 && llabs(w->adds ? c->from[at - 1] : c->to[at - 1]) > step; at--) {
        c->sizes[at] = c->sizes[at - 1];
        c->to[at] = c->to[at - 1];
        c->from[at] = c->from[at - 1];
        c->index[at] = c->index[at - 1];
    }
    c->sizes[at] = w->sizes[d];
    c->to[at] = w->to[d];
    c->from[at] = w->from[d];
    c->index[at] = w->index[d];
}

static void merge(cut *c)
{
    int last = 0;
    for (int d = 1; d < c->ndim; d++) {
        int64_t size = c->sizes[last];
        if (c->to[d] == c->to[last] * size && c->from[d] == c->from[last] * size && c->index[d] == c->index[last] * size) {
            c->sizes[last] *= c->sizes[d];
            continue;
        }
        last++;
        c->sizes[last] = c->sizes[d];
        c->to[last] = c->to[d];
        c->from[last] = c->from[d];
        c->index[last] = c->index[d];
    }
    if (c->ndim) c->ndim = last + 1;
}

static int64_t at_least(int64_t value, int64_t least)
{
    return value > least ? value : least;
}

static void choose(cut *c)
{
    bool shared = true; /* one list of indices for all rows */
    for (int d = 0; d < c->ndim; d++) shared &= c->index[d] == 0;
    bool lines = c->ndim && llabs(c->walk->tile.to_step) < llabs(c->to[0]); /* the indexed dim is the result's innermost: whole lines */
    c->band = c->total;
    c->count_band = c->count;
    if (c->total * c->count <= TORSH__GRAIN) {
        c->count_bands = 1;
        return;
    }
    if (c->walk->adds) {
        c->band = at_least(TORSH__GRAIN / c->count, at_least((c->total + torsh_num_threads() - 1) / torsh_num_threads(), NARROWEST));
    } else if ((shared && !lines) || c->total * 2 < TORSH__GRAIN / c->count) {
        c->count_band = at_least(TORSH__GRAIN / c->total, 1);
        c->band = at_least(TORSH__GRAIN, 1);
    } else {
        c->band = at_least(TORSH__GRAIN / c->count, 1);
        c->count_band = at_least(TORSH__GRAIN / (c->band < c->total ? c->band : c->total), 1);
    }
    if (c->count_band > c->count) c->count_band = c->count;
    c->count_bands = (c->count + c->count_band - 1) / c->count_band;
}

static void piece(void *context, int64_t p)
{
    const cut *c = context;
    torsh__index_tile tile = c->walk->tile;
    int64_t first = p % c->count_bands * c->count_band, start = p / c->count_bands * c->band, index[TORSH__MAX_RANK], rest = start;
    int64_t end = start + c->band < c->total ? start + c->band : c->total;
    tile.count = c->count - first < c->count_band ? c->count - first : c->count_band;
    tile.to += first * tile.to_step;
    tile.from += first * tile.from_step;
    tile.index += first * tile.index_step;
    tile.to_row = c->ndim ? c->to[0] : 0;
    tile.from_row = c->ndim ? c->from[0] : 0;
    tile.index_row = c->ndim ? c->index[0] : 0;
    for (int d = 0; d < c->ndim; d++) {
        index[d] = rest % c->sizes[d];
        rest /= c->sizes[d];
        tile.to += index[d] * c->to[d];
        tile.from += index[d] * c->from[d];
        tile.index += index[d] * c->index[d];
    }
    while (start < end) {
        int64_t run = c->ndim ? c->sizes[0] - index[0] : 1;
        tile.rows = run < end - start ? run : end - start;
        c->walk->loop(&tile);
        start += tile.rows;
        if (start >= end) return;
        tile.to -= index[0] * tile.to_row;
        tile.from -= index[0] * tile.from_row;
        tile.index -= index[0] * tile.index_row;
        index[0] = 0;
        for (int d = 1; d < c->ndim; d++) { /* the odometer's next position */
            tile.to += c->to[d];
            tile.from += c->from[d];
            tile.index += c->index[d];
            if (++index[d] < c->sizes[d]) break;
            tile.to -= c->to[d] * c->sizes[d];
            tile.from -= c->from[d] * c->sizes[d];
            tile.index -= c->index[d] * c->sizes[d];
            index[d] = 0;
        }
    }
}

void torsh__index_run(torsh__index_walk *w)
{
    cut c = {.walk = w, .total = 1, .count = w->ndim ? w->sizes[w->dim] : 1};
    if (w->ndim) {
        w->tile.to_step = w->to[w->dim];
        w->tile.from_step = w->from[w->dim];
        w->tile.index_step = w->index[w->dim];
    }
    for (int d = w->ndim; d-- > 0;) {
        if (d == w->dim) continue;
        c.total *= w->sizes[d];
        if (w->sizes[d] != 1) add_dim(&c, d);
    }
    if (c.total == 0 || c.count == 0) return;
    merge(&c);
    choose(&c);
    torsh__parallel((c.total + c.band - 1) / c.band * c.count_bands, piece, &c);
}
