/* Convolution: the gradients of weight and bias.
 * grad_weight[o][i][t] = sum over images and positions of grad_output[o][f] * input[i][f + offset(t)] is a matrix product with
 * the positions as its long sum. grad_output is packed as A; the rows of B are read where they lie, either in a copy of the
 * padded planes with channels innermost (a tap is an offset), or, with few channels, in rows of all taps of all channels. */
#include "conv.h"

#include "alloc.h"
#include "conv_planes.h"
#include "gemm_kernels.h"
#include "threads.h"

#include <stdatomic.h>
#include <string.h>

enum {
    CHUNK_BYTES = 768 << 10, /* of copies used while they are in the second-level cache */
    PIECES = 16,             /* wanted at least; a small weight is summed in parts, by image, to have them */
    SLACK = 16,
};
static const double SERIAL_FLOPS = 1e6;

typedef struct weight_conv {
    torsh__conv_shape s; /* three-dimensional */
    const torsh__conv_dtype_kernels *kernels;
    const torsh__gemm_dtype_kernels *pack, *pack_wide; /* for the dtype, and for its compute type */
    torsh__conv_planes planes;
    bool parallel, narrow;       /* narrow: rows of taps */
    int64_t in, out;             /* channels per group */
    int64_t taps, positions;
    int64_t *tap_offset;         /* narrow: one per (channel, tap) */
    int64_t *rows;               /* where in B the row of each position starts */
    int64_t panels, panel_rows, panel_stride; /* of A, per group */
    int64_t columns, row;        /* of a full tile; elements of a row of B */
    int64_t b_panels, b_panel;   /* of B per group, and elements of one */
    int64_t blocks, sum_row;     /* tiles side by side in the result of a group; elements of its rows */
    int64_t parts;               /* of the images, summed apart */
    int64_t images, first_image; /* in hand */
    const char *input, *grad_output;
    char *filled, *b, *a, *sums; /* padded planes; the two operands; (parts, groups, out, sum_row) */
} weight_conv;

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

static void run(const weight_conv *c, int64_t pieces, torsh__piece *piece, void *context)
{
    if (c->parallel)
        torsh__parallel(pieces, piece, context);
    else
        for (int64_t i = 0; i < pieces; i++) piece(context, i);
}

/* Makes panel i % b_panels of B for group and image i / b_panels. */
static void make_b(const weight_conv *c, int64_t i)
{
    int64_t panel = i % c->b_panels, group = i / c->b_panels % c->s.groups, image = i / c->b_panels / c->s.groups;
    int64_t wide = c->kernels->compute_size, size = product(c->s.in), first = panel * c->columns;
    int64_t channels = c->narrow ? c->in : least(c->in - first, c->columns);
    int64_t channel = (image * c->s.groups + group) * c->in + first;
    char *filled = c->filled + channel * c->planes.channel * wide;
    for (int64_t ch = 0; ch < channels; ch++)
        torsh__conv_planes_fill(&c->planes, c->input + (c->first_image * c->s.groups * c->in + channel + ch) * size * c->kernels->size,
                                filled + ch * c->planes.channel * wide);
    char *to = c->b + i * c->b_panel * wide;
    if (c->narrow) {
        torsh__conv_gather gather = { .to = to, .from = filled, .k = c->in * c->taps, .to_row = c->row, .offsets = c->tap_offset };
        gather.n = c->rows[c->positions - 1] / c->row + 1;
        c->kernels->gather(&gather);
    } else {
        torsh__gemm_pack pack = { .to = to, .from = filled, .width = channels, .k = c->planes.channel, .width_stride = c->planes.channel, .k_stride = 1 };
        c->pack_wide->pack_b(&pack);
    }
}

/* Packs panel i % panels of A for group and image i / panels. */
static void make_a(const weight_conv *c, int64_t i)
{
    int64_t first = i % c->panels * c->panel_rows, channel = i / c->panels * c->out + first + c->first_image * c->s.groups * c->out;
    torsh__gemm_pack pack = { .to = c->a + i * c->panel_stride * c->kernels->compute_size,
                              .from = c->grad_output + channel * c->positions * c->kernels->size,
                              .width = least(c->out - first, c->panel_rows), .k = c->positions, .width_stride = c->positions, .k_stride = 1 };
    c->pack->pack_a(&pack);
}

static void make_piece(void *context, int64_t i)
{
    const weight_conv *c = context;
    int64_t b_pieces = c->images * c->s.groups * c->b_panels;
    if (i < b_pieces) make_b(c, i);
    else make_a(c, i - b_pieces);
}

/* One block of columns of one group's result, over one part of the images. */
static void sum_piece(void *context, int64_t i)
{
    const weight_conv *c = context;
    int64_t block = i % c->blocks, group = i / c->blocks % c->s.groups, part = i / c->blocks / c->s.groups;
    int64_t wide = c->kernels->compute_size, panel = c->narrow ? 0 : block % c->b_panels;
    int64_t b = c->narrow ? block * c->columns : panel * c->b_panel + c->tap_offset[block / c->b_panels] * c->columns;
    int64_t width = c->narrow ? c->row - block * c->columns : c->in - panel * c->columns;
    torsh__conv_sum sum = { .vectors = width > c->kernels->lanes ? 2 : 1, .add = true, .k = c->positions, .offsets = c->rows, .c_row = c->sum_row };
    for (int64_t image = part * c->images / c->parts; image < (part + 1) * c->images / c->parts; image++) {
        int64_t at = image * c->s.groups + group;
        sum.b = c->b + (at * c->b_panels * c->b_panel + b) * wide;
        for (int64_t p = 0; p < c->panels; p++) {
            sum.rows = (int)least(c->out - p * c->panel_rows, c->panel_rows);
            sum.a = c->a + (at * c->panels + p) * c->panel_stride * wide;
            sum.c = c->sums + (((part * c->s.groups + group) * c->out + p * c->panel_rows) * c->sum_row + block * c->columns) * wide;
            c->kernels->sum(&sum);
        }
    }
}

/* Adds the parts in order and writes the result in the weight's order (out, in, taps). */
static void write_result(const weight_conv *c, void *grad_weight)
{
    static const double one[2] = { 1, 0 }, zero[2] = { 0, 0 };
    const torsh__gemm_kernels *g = TORSH__ISA_PICK(torsh__gemm);
    int64_t wide = c->kernels->compute_size, rows = c->s.groups * c->out;
    for (int64_t part = 1; part < c->parts; part++)
        g->compute[c->pack->compute].add(c->sums, c->sums + part * rows * c->sum_row * wide, rows * c->sum_row);
    for (int64_t o = 0; o < rows; o++) {
        torsh__gemm_finish f = { .m = c->taps, .n = c->in, .sum = c->sums + o * c->sum_row * wide, .sum_row = c->b_panels * c->columns,
                                 .c = (char *)grad_weight + o * c->in * c->taps * c->kernels->size, .c_row = 1, .c_col = c->taps,
                                 .alpha = one, .beta = zero };
        if (c->narrow) f.m = 1, f.n = c->in * c->taps, f.c_col = 1;
        c->pack->finish(&f);
    }
}

/* Sizes of both operands, and the tables. */
static void lay_out(weight_conv *c, int64_t *tables)
{
    int64_t *scratch = tables, *offsets = tables + c->s.kernel[0] + c->s.kernel[1] + c->s.kernel[2];
    torsh__conv_planes_of_input(&c->planes, &c->s, offsets, scratch);
    c->tap_offset = offsets;
    c->rows = offsets + c->taps * c->in;
    if (c->narrow)
        for (int64_t i = c->in * c->taps - 1; i >= 0; i--) offsets[i] = i / c->taps * c->planes.channel + offsets[i % c->taps];
    c->columns = 2 * c->kernels->lanes;
    c->row = c->narrow ? ceil_div(c->in * c->taps, c->kernels->lanes) * c->kernels->lanes : c->columns;
    c->b_panels = c->narrow ? 1 : ceil_div(c->in, c->columns);
    c->blocks = c->narrow ? ceil_div(c->row, c->columns) : c->taps * c->b_panels;
    c->sum_row = c->blocks * c->columns;
    int64_t i = 0;
    for (int64_t z = 0; z < c->s.out[0]; z++)
        for (int64_t y = 0; y < c->s.out[1]; y++)
            for (int64_t x = 0; x < c->s.out[2]; x++) c->rows[i++] = (z * c->planes.depth + y * c->planes.pitch + x) * c->row;
    int64_t rows_of_b = c->narrow ? c->rows[i - 1] / c->row + 1 : c->planes.channel;
    c->b_panel = rows_of_b * c->row + 2 * SLACK;
    c->panels = ceil_div(c->out, c->kernels->rows);
    c->panel_rows = ceil_div(c->out, c->panels);
    c->panel_stride = c->positions * c->kernels->rows + SLACK;
}

static torsh_status sum_chunks(weight_conv *c, void *grad_weight)
{
    int64_t wide = c->kernels->compute_size, groups = c->s.groups, slack = 4 * c->kernels->lanes;
    int64_t fill = groups * c->in * c->planes.channel, b = groups * c->b_panels * c->b_panel, a = groups * c->panels * c->panel_stride;
    int64_t each = least(c->s.batch, CHUNK_BYTES / ((fill + a + b) * wide) + 1);
    c->parts = least(each, ceil_div(PIECES, c->blocks * groups));
    size_t filled_bytes = (size_t)((each * fill + slack) * wide), b_bytes = (size_t)(each * b * wide), a_bytes = (size_t)(each * a * wide);
    size_t sums_bytes = (size_t)(c->parts * groups * c->out * c->sum_row * wide);
    c->filled = torsh__alloc(filled_bytes), c->b = torsh__alloc(b_bytes), c->a = torsh__alloc(a_bytes), c->sums = torsh__alloc_zero(sums_bytes);
    bool have = c->filled && c->b && c->a && c->sums;
    if (have) memset(c->filled + each * fill * wide, 0, (size_t)(slack * wide));
    for (c->first_image = 0; have && c->first_image < c->s.batch; c->first_image += each) {
        c->images = least(each, c->s.batch - c->first_image);
        run(c, c->images * groups * (c->b_panels + c->panels), make_piece, c);
        run(c, c->parts * groups * c->blocks, sum_piece, c);
    }
    if (have) write_result(c, grad_weight);
    torsh__free(c->sums, sums_bytes);
    torsh__free(c->a, a_bytes);
    torsh__free(c->b, b_bytes);
    torsh__free(c->filled, filled_bytes);
    return have ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

/* ---- one input channel and few output channels in a group (depthwise): dot products, channel by channel ---- */

enum { FEW = 4 };

typedef struct dots {
    const weight_conv *c;
    char *grad_weight;
    atomic_int failed;
} dots;

/* Adds one image's share to totals (out, taps); planes and grads are room for one channel each. */
static void dot_image(const weight_conv *c, int64_t group, int64_t image, char *planes, char *grads, double *totals)
{
    const torsh__conv_shape *s = &c->s;
    int64_t size = c->kernels->size, wide = c->kernels->compute_size, channel = image * s->groups + group;
    int64_t row = ceil_div(s->out[2], c->kernels->lanes) * c->kernels->lanes, rows = s->out[0] * s->out[1];
    torsh__conv_planes_fill(&c->planes, c->input + channel * product(s->in) * size, planes);
    for (int64_t o = 0; o < c->out; o++) {
        memset(grads, 0, (size_t)(rows * row * wide));
        c->kernels->copy(&(torsh__conv_copy){ .to = grads, .from = c->grad_output + (channel * c->out + o) * c->positions * size, .rows = rows,
                                              .n = s->out[2], .to_row = row, .from_row = s->out[2], .step = 1 });
        for (int64_t z = 0; z < s->out[0]; z++)
            c->kernels->dots(&(torsh__conv_dots){ .grads = grads + z * s->out[1] * row * wide, .planes = planes + z * c->planes.depth * wide,
                                                  .rows = s->out[1], .width = s->out[2], .pitch = c->planes.pitch, .taps = c->taps,
                                                  .offsets = c->tap_offset, .totals = totals + o * c->taps });
    }
}

static void dots_piece(void *context, int64_t group)
{
    dots *d = context;
    const weight_conv *c = d->c;
    int64_t wide = c->kernels->compute_size, lanes = c->kernels->lanes, results = c->out * c->taps;
    int64_t planes = c->planes.channel + 2 * lanes, grads = c->s.out[0] * c->s.out[1] * (c->s.out[2] + lanes);
    size_t totals_bytes = (size_t)results * sizeof(double), bytes = totals_bytes + (size_t)((planes + grads) * wide);
    double *totals = torsh__alloc(bytes);
    if (!totals) {
        atomic_store(&d->failed, 1);
        return;
    }
    char *room = (char *)totals + totals_bytes;
    memset(room, 0, (size_t)(planes * wide)); /* what is read behind the planes is never used, but it is read */
    for (int64_t i = 0; i < results; i++) totals[i] = 0;
    for (int64_t image = 0; image < c->s.batch; image++) dot_image(c, group, image, room, room + planes * wide, totals);
    for (int64_t i = 0; i < results; i++) c->kernels->store(d->grad_weight + (group * results + i) * c->kernels->size, totals[i]);
    torsh__free(totals, bytes);
}

static torsh_status dot_groups(const weight_conv *c, void *grad_weight)
{
    dots d = { .c = c, .grad_weight = grad_weight };
    run(c, c->s.groups, dots_piece, &d);
    return atomic_load(&d.failed) ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

torsh_status torsh__conv_backward_weight(const torsh__conv_shape *s, const void *input, const void *grad_output, void *grad_weight)
{
    weight_conv c = { .s = torsh__conv_in_3d(s), .input = input, .grad_output = grad_output };
    const torsh__gemm_kernels *g = TORSH__ISA_PICK(torsh__gemm);
    c.kernels = &TORSH__ISA_PICK(torsh__conv)->dtype[s->dtype];
    if (!c.kernels->size) return TORSH_UNSUPPORTED;
    c.pack = &g->dtype[s->dtype];
    c.pack_wide = &g->dtype[s->dtype == TORSH_F64 ? TORSH_F64 : TORSH_F32];
    c.planes.kernels = c.kernels;
    c.in = s->in_channels / s->groups, c.out = s->out_channels / s->groups;
    c.taps = product(c.s.kernel), c.positions = product(c.s.out);
    c.narrow = c.in < c.kernels->lanes / 2;
    double work = 2.0 * (double)(c.taps * c.positions) * (double)(c.in * s->out_channels) * (double)s->batch;
    if (s->batch <= 0 || c.positions <= 0 || c.in <= 0) {
        memset(grad_weight, 0, (size_t)(s->out_channels * c.in * c.taps * c.kernels->size));
        return TORSH_OK;
    }
    c.parallel = work >= SERIAL_FLOPS;
    size_t table_bytes = (size_t)(c.s.kernel[0] + c.s.kernel[1] + c.s.kernel[2] + c.taps * c.in + c.positions) * sizeof(int64_t);
    int64_t *tables = torsh__alloc(table_bytes);
    if (!tables) return TORSH_OUT_OF_MEMORY;
    lay_out(&c, tables);
    torsh_status status = c.in == 1 && c.out <= FEW ? dot_groups(&c, grad_weight) : sum_chunks(&c, grad_weight);
    torsh__free(tables, table_bytes);
    return status;
}

/* ---- bias ---- */

typedef struct bias_conv {
    const torsh__conv_dtype_kernels *kernels;
    int64_t batch, channels, positions;
    const char *grad_output;
    char *grad_bias;
} bias_conv;

static void bias_piece(void *context, int64_t channel)
{
    const bias_conv *c = context;
    double sum = 0;
    for (int64_t image = 0; image < c->batch; image++)
        sum += c->kernels->total(c->grad_output + (image * c->channels + channel) * c->positions * c->kernels->size, c->positions);
    c->kernels->store(c->grad_bias + channel * c->kernels->size, sum);
}

torsh_status torsh__conv_backward_bias(const torsh__conv_shape *s, const void *grad_output, void *grad_bias)
{
    torsh__conv_shape t = torsh__conv_in_3d(s);
    bias_conv c = { .kernels = &TORSH__ISA_PICK(torsh__conv)->dtype[s->dtype], .batch = s->batch, .channels = s->out_channels,
                    .positions = product(t.out), .grad_output = grad_output, .grad_bias = grad_bias };
    if (!c.kernels->size) return TORSH_UNSUPPORTED;
    if (c.batch * c.positions * c.channels >= 64 << 10)
        torsh__parallel(c.channels, bias_piece, &c);
    else
        for (int64_t i = 0; i < c.channels; i++) bias_piece(&c, i);
    return TORSH_OK;
}
