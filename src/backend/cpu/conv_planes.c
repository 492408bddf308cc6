/* Layout and filling of the padded planes; see conv_planes.h. */
#include "conv_planes.h"

#include <string.h>

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Coordinates [*first, *end) of phase r along dimension d hold elements of the source. */
static void held(const torsh__conv_planes *p, int d, int64_t r, int64_t *first, int64_t *end)
{
    int64_t lead = p->front[d] - r, behind = p->size[d] + lead; /* coordinate * step must be in [lead, behind) */
    *first = lead > 0 ? (lead + p->step[d] - 1) / p->step[d] : 0;
    *end = behind > 0 ? (behind + p->step[d] - 1) / p->step[d] : 0;
    *end = least(*end, p->extent[d]);
    *first = least(*first, *end);
}

void torsh__conv_planes_lay_out(torsh__conv_planes *p, int64_t width)
{
    int64_t leading = p->extent[2];
    p->pitch = width;
    for (int64_t slot = 0; slot < p->phases[2]; slot++) {
        int64_t first, end;
        held(p, 2, p->phase[2][slot], &first, &end);
        if (first == end) continue; /* all zeros */
        leading = least(leading, first);
        p->pitch = most(p->pitch, end);
    }
    p->pitch = most(p->pitch, p->extent[2] - (p->apart ? 0 : leading));
    p->depth = p->pitch * p->extent[1];
    p->plane = p->depth * p->extent[0];
    p->channel = p->plane * p->phases[0] * p->phases[1] * p->phases[2];
    p->channel += most(p->extent[2] - p->pitch, 0); /* the zeros behind the last row */
}

void torsh__conv_planes_fill(const torsh__conv_planes *p, const void *from, void *to)
{
    int64_t size = p->kernels->size, wide = p->kernels->compute_size;
    memset(to, 0, (size_t)(p->channel * wide));
    int64_t combinations = p->phases[0] * p->phases[1] * p->phases[2];
    for (int64_t c = 0; c < combinations; c++) {
        int64_t slot[TORSH__CONV_DIMS] = { c / p->phases[2] / p->phases[1], c / p->phases[2] % p->phases[1], c % p->phases[2] };
        int64_t first[TORSH__CONV_DIMS], end[TORSH__CONV_DIMS], source[TORSH__CONV_DIMS];
        for (int d = 0; d < TORSH__CONV_DIMS; d++) {
            int64_t r = p->phase[d][slot[d]];
            held(p, d, r, &first[d], &end[d]);
            source[d] = first[d] * p->step[d] + r - p->front[d];
        }
        if (first[1] == end[1] || first[2] == end[2]) continue;
        for (int64_t z = first[0]; z < end[0]; z++) {
            int64_t from_z = source[0] + (z - first[0]) * p->step[0];
            torsh__conv_copy copy = {
                .to = (char *)to + (c * p->plane + z * p->depth + first[1] * p->pitch + first[2]) * wide,
                .from = (const char *)from + ((from_z * p->size[1] + source[1]) * p->size[2] + source[2]) * size,
                .rows = end[1] - first[1], .n = end[2] - first[2],
                .to_row = p->pitch, .from_row = p->size[2] * p->step[1], .step = p->step[2],
            };
            p->kernels->copy(&copy);
        }
    }
}

torsh__conv_shape torsh__conv_in_3d(const torsh__conv_shape *s)
{
    torsh__conv_shape t = *s;
    int missing = TORSH__CONV_DIMS - s->dims;
    for (int d = 0; d < TORSH__CONV_DIMS; d++) {
        bool real = d >= missing;
        int i = real ? d - missing : 0;
        t.in[d] = real ? s->in[i] : 1;
        t.kernel[d] = real ? s->kernel[i] : 1;
        t.out[d] = real ? s->out[i] : 1;
        t.stride[d] = real ? s->stride[i] : 1;
        t.padding[d] = real ? s->padding[i] : 0;
        t.dilation[d] = real ? s->dilation[i] : 1;
    }
    t.dims = TORSH__CONV_DIMS;
    return t;
}

/* The slot of phase r along d, added if it is new. */
static int64_t slot_of(torsh__conv_planes *p, int d, int64_t r)
{
    for (int64_t slot = 0; slot < p->phases[d]; slot++)
        if (p->phase[d][slot] == r) return slot;
    p->phase[d][p->phases[d]] = r;
    return p->phases[d]++;
}

void torsh__conv_planes_of_input(torsh__conv_planes *p, const torsh__conv_shape *s, int64_t *offsets, int64_t *scratch)
{
    for (int d = 0; d < TORSH__CONV_DIMS; d++) {
        p->size[d] = s->in[d], p->front[d] = s->padding[d], p->step[d] = s->stride[d];
        p->extent[d] = s->out[d] + (s->kernel[d] - 1) * s->dilation[d] / s->stride[d];
        p->phase[d] = scratch, p->phases[d] = 0;
        scratch += s->kernel[d];
        for (int64_t t = 0; t < s->kernel[d]; t++) slot_of(p, d, t * s->dilation[d] % s->stride[d]);
    }
    torsh__conv_planes_lay_out(p, s->out[2]);
    for (int64_t z = 0; z < s->kernel[0]; z++)
        for (int64_t y = 0; y < s->kernel[1]; y++)
            for (int64_t x = 0; x < s->kernel[2]; x++) {
                int64_t at[TORSH__CONV_DIMS] = { z * s->dilation[0], y * s->dilation[1], x * s->dilation[2] }, slot = 0;
                for (int d = 0; d < TORSH__CONV_DIMS; d++) slot = slot * p->phases[d] + slot_of(p, d, at[d] % s->stride[d]);
                *offsets++ = slot * p->plane + at[0] / s->stride[0] * p->depth + at[1] / s->stride[1] * p->pitch + at[2] / s->stride[2];
            }
}
