#include "iterate.h"
#include "copy_kernels.h"
#include "shape.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum how { DIRECT, BUFFERED };

/* An operand as the loops see it: strides in bytes over the merged dims, innermost first. */
typedef struct lane {
    char *data;
    int64_t strides[TORSH__MAX_RANK];
    torsh_dtype have, want;
    enum how how;
    bool scalar; /* one element for the whole walk: its buffer is filled once */
    bool periodic; /* every row of the innermost dim is the same: so is every chunk of whole rows */
} lane;

typedef struct walk {
    int lanes, outputs, ndim;
    int64_t sizes[TORSH__MAX_RANK]; /* innermost first */
    int64_t numel, chunk;
    int one; /* an input given as a single element, or 0 */
    bool by_rows; /* a chunk ends with its row of the innermost dim, so that an input is used where it lies, row by row */
    lane lane[TORSH__ITERATE_MOST];
    torsh__chunk *run;
    void *context;
    const torsh__copy_table *copy;
} walk;

/* ---- merging dims -------------------------------------------------------------------------------------------- */

static void load_lanes(walk *w, const torsh_operand *const *operands)
{
    const torsh_operand *out = operands[0];
    w->ndim = 0;
    for (int d = out->ndim; d-- > 0;) {
        if (out->sizes[d] == 1) continue;
        for (int k = 0; k < w->lanes; k++) {
            const torsh_operand *o = operands[k];
            int own = d - (out->ndim - o->ndim); /* dims align at the right */
            bool spread = own < 0 || o->sizes[own] == 1;
            w->lane[k].strides[w->ndim] = spread ? 0 : o->strides[own] * (int64_t)torsh__dtypes[o->dtype].size;
        }
        w->sizes[w->ndim++] = out->sizes[d];
    }
}

static void swap_dims(walk *w, int a, int b)
{
    int64_t size = w->sizes[a];
    w->sizes[a] = w->sizes[b];
    w->sizes[b] = size;
    for (int k = 0; k < w->lanes; k++) {
        int64_t stride = w->lane[k].strides[a];
        w->lane[k].strides[a] = w->lane[k].strides[b];
        w->lane[k].strides[b] = stride;
    }
}

/* Innermost the dim in which the output steps least: insertion sort, stable, few dims. */
static void sort_dims(walk *w)
{
    for (int i = 1; i < w->ndim; i++)
        for (int j = i; j > 0 && llabs(w->lane[0].strides[j]) < llabs(w->lane[0].strides[j - 1]); j--) swap_dims(w, j, j - 1);
}

/* Joins neighbouring dims that every lane steps through as one. */
static void merge_dims(walk *w)
{
    int last = 0;
    for (int d = 1; d < w->ndim; d++) {
        bool joins = true;
        for (int k = 0; k < w->lanes && joins; k++) joins = w->lane[k].strides[d] == w->lane[k].strides[last] * w->sizes[last];
        if (joins) {
            w->sizes[last] *= w->sizes[d];
        } else {
            last++;
            w->sizes[last] = w->sizes[d];
            for (int k = 0; k < w->lanes; k++) w->lane[k].strides[last] = w->lane[k].strides[d];
        }
    }
    w->ndim = w->ndim ? last + 1 : 0;
}

enum { LONG_ROW = 128 }; /* elements that are worth a call of the loop */

static bool row_is_dense(const lane *l)
{
    return l->have == l->want && l->strides[0] == (int64_t)torsh__dtypes[l->have].size;
}

/* An input among `may` that is one element all along: for the whole walk, or for each row, if the others can be used where they are, row by row. */
static int find_one(const walk *w, unsigned may)
{
    int one = 0;
    for (int k = w->outputs; k < w->lanes && w->ndim > 0; k++)
        if ((may >> k & 1) && w->lane[k].strides[0] == 0 && !(one && w->lane[one].scalar)) one = k;
    if (!one || w->lane[one].scalar) return one;
    bool rows = w->sizes[0] >= 2 * LONG_ROW;
    for (int k = 0; k < w->lanes && rows; k++)
        rows = k == one || w->lane[k].how == DIRECT || (k >= w->outputs && row_is_dense(&w->lane[k]));
    return rows ? one : 0;
}

static void choose(walk *w, unsigned may)
{
    for (int k = 0; k < w->lanes; k++) {
        lane *l = &w->lane[k];
        int64_t size = torsh__dtypes[l->have].size;
        bool dense = w->ndim == 0 || l->strides[0] == size;
        for (int d = 1; d < w->ndim && dense; d++) dense = l->strides[d] == l->strides[d - 1] * w->sizes[d - 1];
        l->how = dense && l->have == l->want ? DIRECT : BUFFERED;
        l->scalar = k >= w->outputs;
        for (int d = 0; d < w->ndim && l->scalar; d++) l->scalar = l->strides[d] == 0;
        l->periodic = k >= w->outputs && w->ndim > 1;
        for (int d = 1; d < w->ndim && l->periodic; d++) l->periodic = l->strides[d] == 0;
        if (w->ndim == 0 && l->have == l->want) l->scalar = false;
    }
    w->one = find_one(w, may);
    const bool one_by_row = w->one && !w->lane[w->one].scalar;
    int64_t widest = 1;
    bool buffered = one_by_row, rows = w->ndim > 1; /* rows: of all that isn't direct each row can be read where it is, and no buffer would serve for many */
    for (int k = 0; k < w->lanes; k++) {
        const lane *l = &w->lane[k];
        int64_t wanted = torsh__dtypes[l->want].size;
        if (k == w->one && k > 0) continue;
        buffered |= l->how == BUFFERED;
        if (l->how == BUFFERED && wanted > widest) widest = wanted;
        rows = rows && (l->how == DIRECT || (k >= w->outputs && row_is_dense(l) && (!l->periodic || one_by_row)));
    }
    w->chunk = buffered ? TORSH__CHUNK_BYTES / (widest > 4 ? widest : 4) : w->numel;
    w->by_rows = buffered && rows && w->sizes[0] >= LONG_ROW;
    if (w->by_rows) w->chunk = w->sizes[0];
    else if (buffered && w->ndim > 1 && w->sizes[0] < w->chunk) w->chunk -= w->chunk % w->sizes[0];
    w->by_rows |= buffered && w->ndim > 1 && w->sizes[0] >= w->chunk / 2;
}

/* ---- moving chunks ------------------------------------------------------------------------------------------- */

/* One element n times. */
static void repeat(torsh__convert_loop *load, int64_t n, char *to, int64_t unit, const char *from)
{
    load(1, to, unit, from, 0);
    if (unit == sizeof(wchar_t)) {
        wchar_t value;
        memcpy(&value, to, sizeof value);
        wmemset((wchar_t *)(void *)to, value, (size_t)n); /* the C library's fill of words: as wide as the machine's stores */
        return;
    }
    for (int64_t done = 1, part; done < n; done += part) { /* those that are there, copied along */
        part = done < n - done ? done : n - done;
        memcpy(to + done * unit, to, (size_t)(part * unit));
    }
}

/* Where element `within` of row `row` of the innermost dim lies; its places in the other dims to index[1..], unless NULL. */
static char *locate(const walk *w, const lane *l, int64_t within, int64_t row, int64_t *index)
{
    char *at = l->data + (w->ndim ? within * l->strides[0] : 0);
    for (int d = 1; d < w->ndim; d++) {
        int64_t above = d < w->ndim - 1 ? row / w->sizes[d] : 0, i = row - above * w->sizes[d];
        at += i * l->strides[d];
        if (index) index[d] = i;
        row = above;
    }
    return at;
}

/* Copies n elements of the walk, from there on, between a lane and its buffer, run by run of the innermost dim. */
static void move(const walk *w, const lane *l, int64_t within, int64_t row, int64_t n, char *buffer, bool in)
{
    int64_t index[TORSH__MAX_RANK];
    char *at = locate(w, l, within, row, index);
    int64_t step = w->ndim ? l->strides[0] : 0, size = w->ndim ? w->sizes[0] : 1, unit = torsh__dtypes[l->want].size;
    torsh__convert_loop *load = w->copy->convert[l->have][l->want], *store = w->copy->convert[l->want][l->have];
    while (n > 0) {
        int64_t run = size - within < n ? size - within : n;
        if (in && step == 0) repeat(load, run, buffer, unit, at);
        else if (in) load(run, buffer, unit, at, step);
        else store(run, at, step, buffer, unit);
        buffer += run * unit;
        n -= run;
        if (n == 0) break;
        at -= within * step;
        within = 0;
        for (int d = 1; d < w->ndim; d++) { /* the odometer's next position */
            at += l->strides[d];
            if (++index[d] < w->sizes[d]) break;
            at -= w->sizes[d] * l->strides[d];
            index[d] = 0;
        }
    }
}

/* Whether elements up to the end of their row can be read where they are. */
static bool in_place(const walk *w, const lane *l)
{
    return w->by_rows && row_is_dense(l);
}

static void walk_range(const walk *w, int64_t start, int64_t end)
{
    _Alignas(64) char buffers[TORSH__ITERATE_MOST][TORSH__CHUNK_BYTES];
    void *data[TORSH__ITERATE_MOST];
    const int64_t size = w->ndim ? w->sizes[0] : 1;
    int64_t ready = 0; /* elements of whole rows that buffers of periodic lanes hold */
    int64_t first = end - start < w->chunk ? end - start : w->chunk;
    for (int k = 0; k < w->lanes; k++) {
        const lane *l = &w->lane[k];
        if (l->how == BUFFERED) data[k] = buffers[k];
        if (l->how == BUFFERED && l->scalar) w->copy->convert[l->have][l->want](k == w->one ? 1 : first, buffers[k], torsh__dtypes[l->want].size, l->data, 0);
    }
    for (int64_t at = start, n; at < end; at += n) {
        n = end - at < w->chunk ? end - at : w->chunk;
        int64_t row = at / size, from = at - row * size, within = w->ndim > 1 ? from : 0;
        int64_t most = w->by_rows ? w->sizes[0] - within : within ? w->chunk - within : n; /* else sizes[0] divides chunk */
        if (n > most) n = most;
        bool same_row = w->by_rows && within > 0 && at > start; /* a buffer of one element repeated still holds it */
        for (int k = 0; k < w->lanes; k++) {
            const lane *l = &w->lane[k];
            if (k > 0 && k == w->one) {
                if (!l->scalar) w->copy->convert[l->have][l->want](1, buffers[k], 0, locate(w, l, from, row, NULL), 0);
            } else if (l->how == DIRECT) {
                data[k] = l->data + at * torsh__dtypes[l->have].size;
            } else if (k >= w->outputs && !l->scalar && !(same_row && l->strides[0] == 0) && !(l->periodic && within == 0 && n <= ready)) {
                data[k] = in_place(w, l) ? locate(w, l, from, row, NULL) : buffers[k];
                if (data[k] == buffers[k]) move(w, l, from, row, n, buffers[k], true);
            }
        }
        ready = within == 0 && !w->by_rows ? n : 0;
        w->run(w->context, n, data);
        for (int k = 0; k < w->outputs; k++)
            if (w->lane[k].how == BUFFERED) move(w, &w->lane[k], from, row, n, buffers[k], false);
    }
}

static void piece(void *context, int64_t i)
{
    const walk *w = context;
    int64_t start = i * TORSH__GRAIN, end = start + TORSH__GRAIN;
    walk_range(w, start, end < w->numel ? end : w->numel);
}

/* ---- entry --------------------------------------------------------------------------------------------------- */

/* All operands dense, of one shape and of the loop's dtypes: nothing to set up. */
static bool plain(int lanes, const torsh_operand *const *operands, const torsh_dtype *dtypes)
{
    for (int k = 0; k < lanes; k++) {
        const torsh_operand *o = operands[k];
        if (!o->contiguous || o->numel != operands[0]->numel || o->dtype != (uint8_t)dtypes[k]) return false;
    }
    return true;
}

void torsh__iterate_one(int outputs, int inputs, const torsh_operand *const *operands, const torsh_dtype *dtypes, torsh__chunk *chunk,
                        void *context, unsigned may, int *one)
{
    int lanes = outputs + inputs;
    int64_t numel = operands[0]->numel;
    *one = 0;
    if (numel == 0) return;
    if (numel <= TORSH__GRAIN && plain(lanes, operands, dtypes)) {
        void *data[TORSH__ITERATE_MOST];
        for (int k = 0; k < lanes; k++) data[k] = torsh__operand_data(operands[k]);
        chunk(context, numel, data);
        return;
    }
    walk w;
    w.lanes = lanes;
    w.outputs = outputs;
    w.numel = numel;
    w.run = chunk;
    w.context = context;
    w.copy = TORSH__ISA_PICK(torsh__copy);
    for (int k = 0; k < lanes; k++) {
        w.lane[k].data = torsh__operand_data(operands[k]);
        w.lane[k].have = torsh__operand_dtype(operands[k]);
        w.lane[k].want = dtypes[k];
    }
    load_lanes(&w, operands);
    sort_dims(&w);
    merge_dims(&w);
    choose(&w, may);
    *one = w.one;
    if (numel <= TORSH__GRAIN) walk_range(&w, 0, numel);
    else torsh__parallel((numel + TORSH__GRAIN - 1) / TORSH__GRAIN, piece, &w);
}

void torsh__iterate(int outputs, int inputs, const torsh_operand *const *operands, const torsh_dtype *dtypes, torsh__chunk *chunk,
                    void *context)
{
    int none;
    torsh__iterate_one(outputs, inputs, operands, dtypes, chunk, context, 0, &none);
}
