/* Convolution: forward and the gradient of the data. Both fill padded planes (conv_planes.h) and then run passes over them: one
 * pass for the forward direction, one per phase of the stride for the other. Images whose planes are larger than a cache are gone through
 * group by group, and if that doesn't do, window by window of positions. Kernels of size 1 are matrix products.
 * The arithmetic is in conv_kernels.c, the gradients of weight and bias in conv_weight.c. */
#include "conv.h"

#include "alloc.h"
#include "conv_planes.h"
#include "gemm.h"
#include "gemm_kernels.h"
#include "threads.h"

#include <string.h>

enum {
    CHUNK_BYTES = 512 << 10,  /* planes filled before they are used, per thread: they should still be in the second-level cache */
    CUT_CHUNKS = 4,           /* planes of a group that are larger by this are worth filling what two windows share twice */
    LEAST_ROW = 256,          /* positions of a window, if it is cut out of rows */
    WEIGHT_BYTES = 256 << 10, /* packed weights that one piece goes through */
    FILL_ELEMENTS = 8 << 10,  /* elements one piece of filling writes */
    SLACK = 16,
};
static const double PIECE_FLOPS = 4e6, SERIAL_FLOPS = 1e6;

/* One run over the planes with one set of taps. */
typedef struct pass {
    int64_t taps;                      /* and for each its offset in a channel and its place in the kernel */
    int64_t *tap_offset, *tap_place;
    int64_t n[TORSH__CONV_DIMS];       /* positions */
    int64_t base;                      /* where the first position writes, and the distances between positions */
    int64_t move[TORSH__CONV_DIMS];
    int64_t *offsets;                  /* one per step of the sum */
    char *weights;                     /* packed, all groups */
    int64_t panel_stride;              /* elements between its panels */
} pass;

typedef struct conv {
    torsh__conv_shape s; /* three-dimensional */
    bool backward;       /* from output to input */
    bool parallel;
    const torsh__conv_dtype_kernels *kernels;
    torsh__gemm_pack_fn *pack;
    torsh__conv_planes planes;            /* of one window */
    int64_t window[TORSH__CONV_DIMS];     /* its positions, of all passes */
    int64_t front[TORSH__CONV_DIMS];      /* of the first window's planes */
    int64_t from_channels, to_channels;   /* per group */
    int64_t from_size, to_size;           /* elements of a channel */
    int64_t panels, panel_rows;           /* of a group */
    const char *from, *weight, *bias;
    char *to, *chunk; /* planes of the images and groups in hand */
    int64_t chunk_bytes;
    int64_t first_image, images, first_group, groups;
    int64_t fill_channels;
    const pass *pass;
    int64_t range_panels, ranges, span, spans; /* pieces of a pass: panels of weights, positions of a slice */
} conv;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static int64_t product(const int64_t n[TORSH__CONV_DIMS])
{
    return n[0] * n[1] * n[2];
}

static void run(const conv *c, int64_t pieces, torsh__piece *piece, void *context)
{
    if (c->parallel)
        torsh__parallel(pieces, piece, context);
    else
        for (int64_t i = 0; i < pieces; i++) piece(context, i);
}

static void fill_piece(void *context, int64_t i)
{
    const conv *c = context;
    int64_t channels = c->from_channels * c->groups, pieces = ceil_div(channels, c->fill_channels);
    int64_t image = i / pieces, first = i % pieces * c->fill_channels, last = least(first + c->fill_channels, channels);
    int64_t start = ((c->first_image + image) * c->s.groups + c->first_group) * c->from_channels;
    for (int64_t ch = first; ch < last; ch++)
        torsh__conv_planes_fill(&c->planes, c->from + (start + ch) * c->from_size * c->kernels->size,
                                c->chunk + (image * channels + ch) * c->planes.channel * c->kernels->compute_size);
}

/* Packs one panel of weights. Steps of the sum are (channel, tap) forwards, as they lie in memory, else (tap, channel). */
static void pack_piece(void *context, int64_t i)
{
    const conv *c = context;
    const pass *p = c->pass;
    int64_t group = i / c->panels, first = i % c->panels * c->panel_rows, kernel = product(c->s.kernel);
    int64_t in = c->backward ? c->to_channels : c->from_channels, out = c->backward ? c->from_channels : c->to_channels;
    const char *weight = c->weight + group * out * in * kernel * c->kernels->size;
    torsh__gemm_pack pack = { .to = p->weights + i * p->panel_stride * c->kernels->compute_size, .k = c->from_channels,
                              .width = least(c->to_channels - first, c->panel_rows) };
    if (!c->backward) {
        pack.from = weight + first * in * kernel * c->kernels->size;
        pack.k = in * kernel, pack.width_stride = in * kernel, pack.k_stride = 1;
        c->pack(&pack);
        return;
    }
    pack.width_stride = kernel, pack.k_stride = in * kernel;
    for (int64_t t = 0; t < p->taps; t++) {
        pack.from = weight + (first * kernel + p->tap_place[t]) * c->kernels->size;
        c->pack(&pack);
        pack.to = (char *)pack.to + c->from_channels * c->kernels->rows * c->kernels->compute_size;
    }
}

static void block_piece(void *context, int64_t i)
{
    const conv *c = context;
    const pass *p = c->pass;
    int64_t span = i % c->spans, slice = i / c->spans % p->n[0];
    i = i / c->spans / p->n[0];
    int64_t place = i % c->groups, group = c->first_group + place, image = i / c->groups % c->images, range = i / c->groups / c->images;
    int64_t wide = c->kernels->compute_size, channels = c->to_channels * c->s.groups, first = range * c->range_panels * c->panel_rows;
    int64_t last = (p->n[1] - 1) * c->planes.pitch + p->n[2], to = group * c->to_channels + first;
    torsh__conv_block block = {
        .k = p->taps * c->from_channels, .offsets = p->offsets,
        .planes = c->chunk + ((image * c->groups + place) * c->from_channels * c->planes.channel + slice * c->planes.depth) * wide,
        .weights = p->weights + (group * c->panels + range * c->range_panels) * p->panel_stride * wide,
        .channels = least(c->to_channels - first, c->range_panels * c->panel_rows),
        .panel_rows = c->panel_rows, .panel_stride = p->panel_stride,
        .first = span * c->span, .last = least(last, (span + 1) * c->span), .pitch = c->planes.pitch, .width = p->n[2],
        .out = c->to + (((c->first_image + image) * channels + to) * c->to_size + p->base + slice * p->move[0]) * c->kernels->size,
        .out_channel = c->to_size, .out_row = p->move[1], .out_column = p->move[2],
        .bias = c->bias ? c->bias + to * c->kernels->size : NULL,
    };
    c->kernels->block(&block);
}

/* Cuts the positions and weights of a pass into pieces. */
static void run_pass(conv *c, const pass *p)
{
    if (p->n[0] <= 0 || p->n[1] <= 0 || p->n[2] <= 0) return;
    c->pass = p;
    int64_t k = p->taps * c->from_channels, columns = 2 * c->kernels->lanes;
    int64_t fit = WEIGHT_BYTES / ((k + 1) * c->panel_rows * c->kernels->compute_size);
    c->range_panels = least(fit < 1 ? 1 : fit, c->panels);
    c->ranges = ceil_div(c->panels, c->range_panels);
    double tile_flops = 2.0 * (double)(c->range_panels * c->panel_rows) * (double)(k + 4) * (double)columns;
    c->span = columns * (int64_t)(PIECE_FLOPS / tile_flops + 1);
    c->spans = ceil_div((p->n[1] - 1) * c->planes.pitch + p->n[2], c->span);
    run(c, c->ranges * c->images * c->groups * p->n[0] * c->spans, block_piece, c);
}

/* Fills and passes for the window whose first position is at[]. */
static void run_window(conv *c, const pass *passes, int64_t count, const int64_t at[TORSH__CONV_DIMS])
{
    for (int d = 0; d < TORSH__CONV_DIMS; d++) c->planes.front[d] = c->front[d] - at[d] * c->planes.step[d];
    run(c, c->images * ceil_div(c->from_channels * c->groups, c->fill_channels), fill_piece, c);
    for (int64_t i = 0; i < count; i++) {
        pass part = passes[i];
        for (int d = 0; d < TORSH__CONV_DIMS; d++) {
            part.n[d] = least(part.n[d] - at[d], c->window[d]);
            part.base += at[d] * part.move[d];
        }
        run_pass(c, &part);
    }
}

/* How many elements more than positions a window has along d: what the taps reach. */
static int64_t reach(const torsh__conv_shape *s, int d)
{
    return (s->kernel[d] - 1) * s->dilation[d] / s->stride[d];
}

/* Cuts windows out of positions whose planes, of one group, are much more than a chunk: first along the outermost dim. What neighbouring
 * windows both fill shall not be more than one of them. */
static void choose_window(conv *c, const int64_t positions[TORSH__CONV_DIMS])
{
    const torsh__conv_shape *s = &c->s;
    double bytes = (double)(c->from_channels * c->kernels->compute_size), most = (double)c->chunk_bytes;
    for (int d = 0; d < TORSH__CONV_DIMS; d++) {
        c->window[d] = positions[d];
        bytes *= (double)(positions[d] + reach(s, d)) * (double)(c->backward ? 1 : least(s->stride[d], s->kernel[d]));
    }
    bool cuts = bytes > CUT_CHUNKS * most;
    for (int d = 0; d < TORSH__CONV_DIMS && cuts && bytes > most; d++) {
        int64_t each = positions[d] + reach(s, d), fit = (int64_t)(most / bytes * (double)each) - reach(s, d);
        int64_t lower = d == 2 && reach(s, d) < LEAST_ROW ? LEAST_ROW : reach(s, d) + 1;
        if (fit < lower) fit = lower;
        if (fit >= positions[d]) continue;
        int64_t windows = ceil_div(positions[d], fit);
        c->window[d] = ceil_div(positions[d], windows);
        bytes = bytes / (double)each * (double)(c->window[d] + reach(s, d));
    }
    c->planes.apart = c->window[2] < positions[2];
}

/* Chunk of images by chunk, of groups if one image is more. */
static torsh_status run_passes(conv *c, const pass *passes, int64_t count, const int64_t positions[TORSH__CONV_DIMS])
{
    int64_t group_bytes = c->from_channels * c->planes.channel * c->kernels->compute_size, slack = 4 * c->kernels->lanes * c->kernels->compute_size;
    int64_t fit = c->chunk_bytes / group_bytes, groups = fit < 1 ? 1 : least(fit, c->s.groups);
    int64_t images = groups < c->s.groups || fit < 1 ? 1 : least(fit / groups, c->s.batch);
    size_t bytes = (size_t)(images * groups * group_bytes + slack);
    c->chunk = torsh__alloc(bytes);
    if (!c->chunk) return TORSH_OUT_OF_MEMORY;
    memset(c->chunk + images * groups * group_bytes, 0, (size_t)slack);
    c->fill_channels = FILL_ELEMENTS / c->planes.channel + 1;
    for (c->first_image = 0; c->first_image < c->s.batch; c->first_image += images)
        for (c->first_group = 0; c->first_group < c->s.groups; c->first_group += groups) {
            c->images = least(images, c->s.batch - c->first_image);
            c->groups = least(groups, c->s.groups - c->first_group);
            int64_t at[TORSH__CONV_DIMS];
            for (at[0] = 0; at[0] < positions[0]; at[0] += c->window[0])
                for (at[1] = 0; at[1] < positions[1]; at[1] += c->window[1])
                    for (at[2] = 0; at[2] < positions[2]; at[2] += c->window[2]) run_window(c, passes, count, at);
        }
    torsh__free(c->chunk, bytes);
    return TORSH_OK;
}

/* ---- forwards: one pass ---- */

static void forward_pass(conv *c, pass *p, int64_t *scratch)
{
    torsh__conv_shape window = c->s;
    memcpy(window.out, c->window, sizeof window.out);
    torsh__conv_planes_of_input(&c->planes, &window, p->tap_offset, scratch);
    p->taps = product(c->s.kernel);
    memcpy(p->n, c->s.out, sizeof p->n);
    p->base = 0;
    p->move[0] = c->s.out[1] * c->s.out[2], p->move[1] = c->s.out[2], p->move[2] = 1;
    for (int64_t ch = 0, i = 0; ch < c->from_channels; ch++)
        for (int64_t t = 0; t < p->taps; t++) p->offsets[i++] = ch * c->planes.channel + p->tap_offset[t];
}

/* ---- backwards: one pass per phase of the input ---- */

/* Along dimension d, input coordinates i * stride + r - padding with i in [*first, *first + *n) make up phase r. Its taps are the t
 * with t * dilation % stride == r; they read output i - t * dilation / stride. */
static void phase_range(const torsh__conv_shape *s, int d, int64_t r, int64_t *first, int64_t *n)
{
    int64_t lead = s->padding[d] - r, end = s->in[d] + lead;
    *first = lead > 0 ? ceil_div(lead, s->stride[d]) : -(-lead / s->stride[d]);
    *n = (end > 0 ? ceil_div(end, s->stride[d]) : -(-end / s->stride[d])) - *first;
}

static void backward_planes(conv *c, int64_t *scratch)
{
    const torsh__conv_shape *s = &c->s;
    for (int d = 0; d < TORSH__CONV_DIMS; d++) {
        int64_t front = 0, end = 1;
        for (int64_t t = 0; t < s->kernel[d]; t++) {
            int64_t first, n, q = t * s->dilation[d] / s->stride[d];
            phase_range(s, d, t * s->dilation[d] % s->stride[d], &first, &n);
            if (n <= 0) continue;
            front = q - first > front ? q - first : front;
            n = least(n, c->window[d]);
            end = first + n - q > end ? first + n - q : end;
        }
        c->planes.size[d] = s->out[d], c->planes.front[d] = front, c->planes.step[d] = 1;
        c->planes.extent[d] = front + end;
        c->planes.phases[d] = 1, c->planes.phase[d] = scratch;
    }
    scratch[0] = 0;
    torsh__conv_planes_lay_out(&c->planes, c->window[2]);
}

/* The most positions that a pass has along d. */
static int64_t most_positions(const conv *c, int d)
{
    int64_t most = c->backward ? 0 : c->s.out[d];
    for (int64_t r = 0; c->backward && r < c->s.stride[d]; r++) {
        int64_t first, n;
        phase_range(&c->s, d, r, &first, &n);
        most = n > most ? n : most;
    }
    return most;
}

static void backward_pass(const conv *c, pass *p, const int64_t r[TORSH__CONV_DIMS])
{
    const torsh__conv_shape *s = &c->s;
    const int64_t lengths[TORSH__CONV_DIMS] = { c->planes.depth, c->planes.pitch, 1 };
    int64_t first[TORSH__CONV_DIMS], size = 1;
    p->base = p->taps = 0;
    for (int d = TORSH__CONV_DIMS - 1; d >= 0; d--) {
        phase_range(s, d, r[d], &first[d], &p->n[d]);
        p->base += (first[d] * s->stride[d] + r[d] - s->padding[d]) * size;
        p->move[d] = s->stride[d] * size;
        size *= s->in[d];
    }
    for (int64_t place = 0; place < product(s->kernel); place++) {
        const int64_t t[TORSH__CONV_DIMS] = { place / s->kernel[2] / s->kernel[1], place / s->kernel[2] % s->kernel[1], place % s->kernel[2] };
        int64_t offset = 0;
        bool mine = true;
        for (int d = 0; d < TORSH__CONV_DIMS; d++) {
            int64_t at = t[d] * s->dilation[d];
            mine = mine && at % s->stride[d] == r[d];
            offset += (first[d] - at / s->stride[d] + c->planes.front[d]) * lengths[d];
        }
        if (!mine) continue;
        p->tap_offset[p->taps] = offset, p->tap_place[p->taps] = place;
        p->taps++;
    }
    for (int64_t i = 0, t = 0; t < p->taps; t++)
        for (int64_t ch = 0; ch < c->from_channels; ch++) p->offsets[i++] = ch * c->planes.channel + p->tap_offset[t];
}

/* Every phase has its own part of the tables and of the packed weights: taps are dealt out, so the sum of their sizes is that of
 * one full set. */
static torsh_status run_tables(conv *c, int64_t *tables, pass *passes, int64_t count, char *weights)
{
    int64_t kernel = product(c->s.kernel);
    int64_t *tap_offset = tables, *tap_place = tables + kernel, *offsets = tables + 2 * kernel, *scratch = offsets + kernel * c->from_channels;
    int64_t positions[TORSH__CONV_DIMS];
    for (int d = 0; d < TORSH__CONV_DIMS; d++) positions[d] = most_positions(c, d);
    c->chunk_bytes = (int64_t)CHUNK_BYTES * (c->parallel ? torsh_num_threads() : 1);
    choose_window(c, positions);
    if (c->backward) backward_planes(c, scratch);
    for (int64_t i = 0; i < count; i++) {
        pass *p = &passes[i];
        p->tap_offset = tap_offset, p->tap_place = tap_place, p->offsets = offsets, p->weights = weights;
        const int64_t *st = c->s.stride, r[TORSH__CONV_DIMS] = { i / st[2] / st[1], i / st[2] % st[1], i % st[2] };
        if (c->backward) backward_pass(c, p, r);
        else forward_pass(c, p, scratch);
        tap_offset += p->taps, tap_place += p->taps, offsets += p->taps * c->from_channels;
        p->panel_stride = p->taps * c->from_channels * c->kernels->rows + SLACK;
        c->pass = p;
        run(c, c->s.groups * c->panels, pack_piece, c);
        weights += c->s.groups * c->panels * p->panel_stride * c->kernels->compute_size;
    }
    memcpy(c->front, c->planes.front, sizeof c->front);
    return run_passes(c, passes, count, positions);
}

static torsh_status run_planes(conv *c)
{
    const torsh__conv_shape *s = &c->s;
    int64_t kernel = product(s->kernel), count = c->backward ? product(s->stride) : 1;
    c->panels = ceil_div(c->to_channels, c->kernels->rows);
    c->panel_rows = ceil_div(c->to_channels, c->panels);
    c->pack = TORSH__ISA_PICK(torsh__gemm)->dtype[s->dtype].pack_a;
    size_t places = (size_t)(kernel * (2 + c->from_channels) + s->kernel[0] + s->kernel[1] + s->kernel[2]);
    size_t table_bytes = places * sizeof(int64_t), pass_bytes = (size_t)count * sizeof(pass);
    size_t weight_bytes = (size_t)(s->groups * c->panels * (kernel * c->from_channels * c->kernels->rows + count * SLACK) * c->kernels->compute_size);
    int64_t *tables = torsh__alloc(table_bytes);
    pass *passes = torsh__alloc(pass_bytes);
    char *weights = torsh__alloc(weight_bytes);
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (tables && passes && weights) status = run_tables(c, tables, passes, count, weights);
    torsh__free(weights, weight_bytes);
    torsh__free(passes, pass_bytes);
    torsh__free(tables, table_bytes);
    return status;
}

/* ---- kernels of size 1 ---- */

static bool is_product(const torsh__conv_shape *s)
{
    for (int d = 0; d < TORSH__CONV_DIMS; d++)
        if (s->kernel[d] != 1 || s->stride[d] != 1 || s->padding[d] != 0) return false;
    return true;
}

/* to (to_channels, size) = weight * from (from_channels, size), image by image and group by group; where an image is one
 * position, all images at once. */
static torsh_status run_product(const conv *c)
{
    int64_t size = c->to_size, in = c->backward ? c->to_channels : c->from_channels, step = c->kernels->size;
    torsh__gemm_args g = { .dtype = c->s.dtype, .m = c->to_channels, .n = size, .k = c->from_channels, .batch = c->s.batch, .alpha = { 1 },
                           .a_row = c->backward ? 1 : in, .a_col = c->backward ? in : 1, .b_row = size, .b_col = 1, .c_row = size, .c_col = 1,
                           .b_batch = c->from_channels * c->s.groups * size, .c_batch = c->to_channels * c->s.groups * size, .bias_row = 1 };
    if (size == 1) g.n = c->s.batch, g.batch = 1, g.b_col = g.b_batch, g.c_col = g.c_batch;
    torsh_status status = TORSH_OK;
    for (int64_t i = 0; i < c->s.groups && status == TORSH_OK; i++) {
        g.a = c->weight + i * c->from_channels * c->to_channels * step;
        g.b = c->from + i * c->from_channels * size * step;
        g.c = c->to + i * c->to_channels * size * step;
        g.bias = c->bias ? c->bias + i * c->to_channels * step : NULL;
        status = torsh__gemm(&g);
    }
    return status;
}

static torsh_status convolve(const torsh__conv_shape *shape, bool backward, const void *from, const void *weight, const void *bias, void *to)
{
    conv c = { .s = torsh__conv_in_3d(shape), .backward = backward, .from = from, .weight = weight, .bias = bias, .to = to };
    const torsh__conv_shape *s = &c.s;
    c.kernels = &TORSH__ISA_PICK(torsh__conv)->dtype[s->dtype];
    if (!c.kernels->size) return TORSH_UNSUPPORTED;
    c.planes.kernels = c.kernels;
    c.from_channels = (backward ? s->out_channels : s->in_channels) / s->groups;
    c.to_channels = (backward ? s->in_channels : s->out_channels) / s->groups;
    c.from_size = product(backward ? s->out : s->in);
    c.to_size = product(backward ? s->in : s->out);
    if (s->batch <= 0 || c.to_channels <= 0 || c.to_size <= 0) return TORSH_OK;
    double positions = (double)product(s->out) * (double)s->batch * (double)product(s->kernel);
    c.parallel = 2.0 * positions * (double)c.from_channels * (double)c.to_channels * (double)s->groups >= SERIAL_FLOPS;
    return is_product(s) ? run_product(&c) : run_planes(&c);
}

torsh_status torsh__conv_forward(const torsh__conv_shape *s, const void *input, const void *weight, const void *bias, void *output)
{
    return convolve(s, false, input, weight, bias, output);
}

torsh_status torsh__conv_backward_data(const torsh__conv_shape *s, const void *grad_output, const void *weight, const void *bias, void *grad_input)
{
    return convolve(s, true, grad_output, weight, bias, grad_input);
}
