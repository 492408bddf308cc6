/* Pooling: tables of windows, and planes dealt out to threads. The arithmetic is in pooling_kernels.c. */
#include "pooling.h"

#include "alloc.h"
#include "pooling_kernels.h"
#include "threads.h"

#include <math.h>
#include <stdatomic.h>

enum { PIECE_ELEMENTS = 32 << 10 }; /* input elements one piece goes through */

typedef struct pool {
    torsh__pooling_plane plane; /* what all planes share */
    torsh__pooling_fn *kernel;
    int64_t planes, each;         /* planes, and planes per piece */
    int64_t from_bytes, to_bytes; /* of a plane */
    int64_t outputs;              /* of a plane: distance between the planes of indices */
    const char *from;
    char *to;
    int64_t *indices;
    const torsh__pooling_shape *shape;
    torsh__pooling_window *windows; /* fractional: a table of `table` windows for each piece, filled for each plane */
    int64_t table, *places; /* the last dim's of each piece */
    _Atomic bool *outside;
} pool;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The windows of dimension d, as PyTorch cuts them (aten/src/ATen/native/cpu/{Max,Avg}PoolKernel.cpp, AdaptivePooling.h). */
static void make_windows(const torsh__pooling_shape *s, bool max, int d, torsh__pooling_window *windows)
{
    for (int64_t o = 0; o < s->out[d]; o++) {
        torsh__pooling_window *w = &windows[o];
        if (s->adaptive) {
            w->first = o * s->in[d] / s->out[d];
            w->end = ((o + 1) * s->in[d] + s->out[d] - 1) / s->out[d];
            w->size = w->end - w->first;
            continue;
        }
        int64_t step = max ? s->dilation[d] : 1;
        w->first = o * s->stride[d] - s->padding[d];
        w->end = w->first + (s->kernel[d] - 1) * step + 1;
        int64_t padded = least(w->end, s->in[d] + s->padding[d]) - w->first;
        if (w->first < 0) w->first += (-w->first + step - 1) / step * step;
        w->end = least(w->end, s->in[d]);
        w->size = s->count_include_pad ? padded : w->end - w->first;
        if (s->divisor_override) w->size = d == 0 ? s->divisor_override : 1;
    }
}

/* The windows of the last dim that are alike, around the middle one. */
static void find_lined(torsh__pooling_plane *p)
{
    const torsh__pooling_window *w = p->windows[2];
    int64_t first = p->out[2] / 2, last = first;
    if (p->out[2] < 8) return;
    int64_t by = w[first + 1].first - w[first].first, size = w[first].end - w[first].first;
    while (first > 0 && w[first - 1].first == w[first].first - by && w[first - 1].end - w[first - 1].first == size) first--;
    while (last + 1 < p->out[2] && w[last + 1].first == w[last].first + by && w[last + 1].end - w[last + 1].first == size) last++;
    p->first = first, p->lined = last + 1 - first, p->by = by;
}

/* How far window o of a fractional pooling is from the first one: windows are alpha = room / (out - 1) apart and all moved by u, cut to
 * whole places; the last one is at the end (Graham 2014; ATen/native/FractionalMaxPooling.h). In the dtype's own arithmetic. */
static double fractional_place(const torsh__pooling_shape *s, int d, int64_t o, int64_t room, int64_t sample)
{
    int64_t steps = s->out[d] - 1;
    if (o == steps) return (double)room;
    if (s->dtype == TORSH_F32) {
        float u = ((const float *)s->samples)[sample], alpha = (float)room / (float)steps;
        return (double)(truncf(((float)o + u) * alpha) - truncf(u * alpha));
    }
    double u = ((const double *)s->samples)[sample], alpha = (double)room / (double)steps;
    return trunc(((double)o + u) * alpha) - trunc(u * alpha);
}

/* The windows of plane n. */
static void place_windows(const pool *p, int64_t n, torsh__pooling_window *w, int64_t *places)
{
    const torsh__pooling_shape *s = p->shape;
    for (int d = 0; d < 3; d++) {
        int64_t room = s->in[d] - s->kernel[d], of = d - (3 - s->dims), sample = n * s->dims + (s->dims == 2 ? 1 - of : of);
        for (int64_t o = 0; o < s->out[d]; o++, w++) {
            double place = of < 0 ? 0 : fractional_place(s, d, o, room, sample);
            bool inside = place >= 0 && place <= (double)room;
            if (!inside) atomic_store_explicit(p->outside, true, memory_order_relaxed);
            w->first = inside ? (int64_t)place : 0;
            w->end = w->first + s->kernel[d];
            if (d == 2) places[o] = w->first;
        }
    }
}

static void pool_piece(void *context, int64_t i)
{
    const pool *p = context;
    torsh__pooling_plane plane = p->plane;
    torsh__pooling_window *own = p->table ? p->windows + i * p->table : NULL;
    int64_t *places = own ? p->places + i * plane.out[2] : NULL;
    plane.places = places;
    for (int64_t d = 0, at = 0; own && d < 3; at += plane.out[d++]) plane.windows[d] = own + at;
    for (int64_t n = i * p->each; n < least(p->planes, (i + 1) * p->each); n++) {
        plane.from = p->from + n * p->from_bytes;
        plane.to = p->to + n * p->to_bytes;
        plane.indices = p->indices ? p->indices + n * p->outputs : NULL;
        if (own) place_windows(p, n, own, places);
        p->kernel(&plane);
    }
}

/* 2x2 windows side by side, all inside the input. */
static bool is_2x2(const torsh__pooling_shape *s, bool max)
{
    if (s->adaptive || s->out[2] < 4 || s->in[0] != 1 || s->out[0] != 1 || s->kernel[0] != 1 || s->padding[0] != 0) return false;
    if (!max && s->divisor_override && s->divisor_override != 4) return false;
    for (int d = 1; d < 3; d++)
        if (s->kernel[d] != 2 || s->stride[d] != 2 || s->padding[d] != 0 || (max && s->dilation[d] != 1) || 2 * s->out[d] > s->in[d])
            return false;
    return true;
}

/* Runs `kernel`, or `kernel_2x2` where there is one and that is possible, on every plane. */
static torsh_status run(const torsh__pooling_shape *s, bool max, bool backward, int size, torsh__pooling_fn *kernel, torsh__pooling_fn *kernel_2x2,
                        const void *from, void *to, int64_t *indices)
{
    int64_t inputs = s->in[0] * s->in[1] * s->in[2], outputs = s->out[0] * s->out[1] * s->out[2];
    if (s->planes <= 0 || inputs + outputs == 0) return TORSH_OK;
    bool special = kernel_2x2 && is_2x2(s, max);
    pool p = {.kernel = special ? kernel_2x2 : kernel, .planes = s->planes, .each = PIECE_ELEMENTS / (inputs + outputs) + 1, .outputs = outputs,
              .from_bytes = (backward ? outputs : inputs) * size, .to_bytes = (backward ? inputs : outputs) * size,
              .from = from, .to = to, .indices = indices, .shape = s};
    int64_t pieces = (p.planes + p.each - 1) / p.each;
    _Atomic bool outside = false;
    p.outside = &outside;
    torsh__pooling_window *windows = NULL;
    size_t count = (size_t)(s->out[0] + s->out[1] + s->out[2]), bytes = count * sizeof *windows;
    if (s->samples) bytes = (size_t)pieces * (bytes + (size_t)s->out[2] * sizeof *p.places);
    if (!special) {
        windows = torsh__alloc(bytes);
        if (!windows) return TORSH_OUT_OF_MEMORY;
    }
    if (s->samples) p.table = (int64_t)count, p.windows = windows, p.places = (int64_t *)(windows + count * (size_t)pieces);
    int64_t at = 0;
    for (int d = 0; d < 3; at += s->out[d++]) {
        p.plane.in[d] = s->in[d], p.plane.out[d] = s->out[d];
        p.plane.step[d] = max ? s->dilation[d] : 1;
        if (!special && !s->samples) make_windows(s, max, d, windows + at);
        p.plane.windows[d] = special ? NULL : windows + at;
    }
    if (!special && !s->samples) find_lined(&p.plane);
    if (max && !backward) {
        p.plane.search = &TORSH__ISA_PICK(torsh__extreme)->max[s->dtype];
        if (!p.plane.search->row) p.plane.search = &TORSH__ISA_NARROW(torsh__extreme)->max[s->dtype];
    }
    torsh__parallel(pieces, pool_piece, &p);
    torsh__free(windows, bytes);
    return outside ? TORSH_OUT_OF_RANGE : TORSH_OK;
}

static const torsh__pooling_dtype_kernels *kernels_of(const torsh__pooling_shape *s)
{
    const torsh__pooling_kernels *table = TORSH__ISA_PICK(torsh__pooling);
    return s->dtype == TORSH_F32 ? &table->f32 : s->dtype == TORSH_F64 ? &table->f64 : &torsh__pooling_integers;
}

torsh_status torsh__pool_max(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return run(s, true, false, k->size, k->max, k->max_2x2, input, output, indices);
}

torsh_status torsh__pool_max_fractional(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return run(s, true, false, k->size, k->max, NULL, input, output, indices);
}

torsh_status torsh__pool_max_back(const torsh__pooling_shape *s, const void *grad_output, const int64_t *indices, void *grad_input)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    /* The kernels only read the indices on the way back. */
    return run(s, true, true, k->size, k->max_back, k->max_back_2x2, grad_output, grad_input, (int64_t *)(uintptr_t)indices);
}

torsh_status torsh__pool_avg(const torsh__pooling_shape *s, const void *input, void *output)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return run(s, false, false, k->size, k->avg, k->avg_2x2, input, output, NULL);
}

torsh_status torsh__pool_avg_back(const torsh__pooling_shape *s, const void *grad_output, void *grad_input)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return run(s, false, true, k->size, k->avg_back, k->avg_back_2x2, grad_output, grad_input, NULL);
}
