/* The gradient of as_strided. Input and output are two windows on one storage, each sizes, strides and an offset, and
 * either may see an element of the storage several times, or not at all. restride(g) takes g from one window to the
 * other: sums g into the storage through the window it has, divides by how often one of the windows sees each element,
 * reads through the other window. With the roles of the windows swapped it is its own gradient.
 * (PyTorch: as_strided_backward in torch/csrc/autograd/FunctionsManual.cpp.) */
#include "restride.h"
#include "gradient.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "view.def"
#include "declare_rows.h"

typedef struct window {
    int ndim;
    const int64_t *sizes, *strides;
    int64_t offset;
} window;

enum { INPUT, FROM_STRIDE, FROM_OFFSET, SIZE, STRIDE, OFFSET, COUNT_RESULT }; /* restride's params */

/* ---- rows ------------------------------------------------------------------------------------------------------- */

int torsh__as_strided_notes(const torsh__call *c, int64_t *room)
{
    const torsh_operand *v = &c->input[0]->view;
    if (!room) return 2 + 2 * v->ndim;
    *room++ = v->ndim;
    *room++ = v->offset;
    for (int d = 0; d < v->ndim; d++) *room++ = v->sizes[d];
    for (int d = 0; d < v->ndim; d++) *room++ = v->strides[d];
    return 2 + 2 * v->ndim;
}

void torsh__as_strided_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    const int64_t *notes = b->node->notes, *sizes = notes + 2, *strides = sizes + notes[0];
    size_t ndim = (size_t)notes[0];
    b->result[0] = torsh__restride(b->g[0], v[2].list.data, v[2].list.count, v[3].i, sizes, ndim, strides, ndim, notes[1], true);
}

torsh_status torsh__restride_infer(torsh__call *c)
{
    const torsh__tensor *g = c->input[0];
    c->device = g->view.device;
    c->compute = torsh__dtype_of(g);
    torsh__out_spec(c, 0, c->compute, (int)c->values[SIZE].list.count, c->values[SIZE].list.data);
    return TORSH_OK;
}

void torsh__restride_gradient(torsh__backward *b)
{
    torsh__meta meta = torsh__input_meta(b, 0);
    const torsh_value *v = b->node->values;
    b->result[0] = torsh__restride(b->g[0], v[STRIDE].list.data, v[STRIDE].list.count, v[OFFSET].i, meta.sizes, (size_t)meta.ndim,
                                   v[FROM_STRIDE].list.data, v[FROM_STRIDE].list.count, v[FROM_OFFSET].i, !v[COUNT_RESULT].i);
}

/* ---- windows ----------------------------------------------------------------------------------------------------- */

static int64_t last_of(const window *w)
{
    int64_t last = w->offset;
    for (int d = 0; d < w->ndim; d++) {
        if (w->sizes[d] == 0) return w->offset - 1;
        last += (w->sizes[d] - 1) * w->strides[d];
    }
    return last;
}

static torsh_tensor through(torsh_tensor flat, const window *w)
{
    return torsh_as_strided(flat, w->sizes, (size_t)w->ndim, w->strides, (size_t)w->ndim, w->offset);
}

/* Splits a window's dims into those that together see no element twice, largest sizes first, and the rest, `looped`.
 * Strides in order, each must pass over all that the smaller ones reach. */
static uint64_t overlapping_dims(const window *w)
{
    uint64_t done = 0, looped = 0;
    int kept[TORSH__MAX_RANK], count = 0; /* by stride */
    for (int turn = 0; turn < w->ndim; turn++) {
        int best = 0;
        while (done >> best & 1) best++;
        for (int d = best + 1; d < w->ndim; d++)
            if (!(done >> d & 1) && w->sizes[d] > w->sizes[best]) best = d;
        done |= (uint64_t)1 << best;
        if (w->sizes[best] <= 1) continue;
        int at = count;
        for (; at > 0 && w->strides[kept[at - 1]] > w->strides[best]; at--) kept[at] = kept[at - 1];
        kept[at] = best;
        count++;
        int64_t reach = 0;
        bool clear = true;
        for (int i = 0; i < count && clear; i++) {
            clear = w->strides[kept[i]] > reach;
            reach += (w->sizes[kept[i]] - 1) * w->strides[kept[i]];
        }
        if (clear) continue;
        looped |= (uint64_t)1 << best;
        count--;
        for (; at < count; at++) kept[at] = kept[at + 1];
    }
    return looped;
}

/* flat += g through the window. Overlapping dims are taken one index at a time. */
static torsh_status sum_through(torsh_tensor flat, const window *w, torsh_tensor g, uint64_t looped)
{
    torsh_tensor source = torsh_contiguous(g);
    int64_t dense[TORSH__MAX_RANK], index[TORSH__MAX_RANK] = {0}, sizes[TORSH__MAX_RANK], strides[TORSH__MAX_RANK], from[TORSH__MAX_RANK];
    torsh__contiguous_strides(w->ndim, w->sizes, dense);
    int ndim = 0;
    for (int d = 0; d < w->ndim; d++) {
        if (looped >> d & 1) continue;
        sizes[ndim] = w->sizes[d];
        strides[ndim] = w->strides[d];
        from[ndim++] = dense[d];
    }
    for (;;) {
        TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
        int64_t to_offset = w->offset, from_offset = torsh_storage_offset(source);
        for (int d = 0; d < w->ndim; d++) {
            to_offset += index[d] * w->strides[d];
            from_offset += index[d] * dense[d];
        }
        torsh_tensor to = torsh_as_strided(flat, sizes, (size_t)ndim, strides, (size_t)ndim, to_offset);
        torsh_tensor part = torsh_as_strided(source, sizes, (size_t)ndim, from, (size_t)ndim, from_offset);
        torsh_status status = torsh_id_status(torsh_add_(to, part).id);
        if (status) return status;
        int d = w->ndim - 1;
        for (; d >= 0; d--) {
            if (!(looped >> d & 1)) continue;
            if (++index[d] < w->sizes[d]) break;
            index[d] = 0;
        }
        if (d < 0) return TORSH_OK;
    }
}

static torsh_tensor divide_by_counts(torsh_tensor flat, int64_t extent, const window *w, uint64_t looped, torsh_device device)
{
    torsh_tensor counts = torsh_zeros(&extent, 1, TORSH_F32, device), one = torsh_ones(NULL, 0, TORSH_F32, device);
    torsh_status status = sum_through(counts, w, torsh_expand(one, w->sizes, (size_t)w->ndim), looped);
    if (status) return torsh__tensor_error(status);
    return torsh_div(flat, torsh_clamp(counts, 1, INFINITY));
}

torsh_status torsh__restride_run(torsh__call *c)
{
    const torsh_value *v = c->values;
    const torsh__tensor *g = c->input[0];
    window from = {g->view.ndim, g->view.sizes, v[FROM_STRIDE].list.data, v[FROM_OFFSET].i};
    window to = {(int)v[SIZE].list.count, v[SIZE].list.data, v[STRIDE].list.data, v[OFFSET].i};
    int64_t start = from.offset < to.offset ? from.offset : to.offset;
    from.offset -= start;
    to.offset -= start;
    int64_t extent = last_of(&from) > last_of(&to) ? last_of(&from) + 1 : last_of(&to) + 1;
    torsh_tensor out = torsh__tensor_share(c->output[0]), in = torsh__tensor_share(c->input[0]);
    if (g->view.numel == 0 || c->output[0]->view.numel == 0) return torsh_id_status(torsh_zero_(out).id);

    const window *counted = v[COUNT_RESULT].i ? &to : &from;
    uint64_t looped = overlapping_dims(&from), often = overlapping_dims(counted);
    bool whole = !often && to.offset == 0 && extent == c->output[0]->view.numel && torsh__is_contiguous(to.ndim, to.sizes, to.strides);
    torsh_tensor flat = whole ? torsh_view(out, &extent, 1) : torsh_empty(&extent, 1, c->compute, c->device);
    torsh_status status = torsh_id_status(torsh_zero_(flat).id);
    if (status == TORSH_OK) status = looped ? sum_through(flat, &from, in, looped) : torsh_id_status(torsh_copy_(through(flat, &from), in).id);
    if (whole || status) return status;
    if (often) flat = divide_by_counts(flat, extent, counted, often, c->device);
    return torsh_id_status(torsh_copy_(out, through(flat, &to)).id);
}
