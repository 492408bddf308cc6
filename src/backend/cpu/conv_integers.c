/* Convolution of i64, and its transpose, in plain loops. */
#include "conv.h"

#include <string.h>

typedef struct place {
    int64_t at[TORSH__CONV_DIMS];
} place;

/* Place number i of a box; dims that are missing have size 1 and come first. */
static place place_of(const int64_t sizes[TORSH__CONV_DIMS], int dims, int64_t i)
{
    place p = {{0}};
    for (int d = dims - 1; d >= 0; d--) {
        p.at[d] = i % sizes[d];
        i /= sizes[d];
    }
    return p;
}

static int64_t volume(const int64_t *sizes, int dims)
{
    int64_t n = 1;
    for (int d = 0; d < dims; d++) n *= sizes[d];
    return n;
}

/* Where tap k reads for output o, as a number in the input's plane; -1 outside. */
static int64_t read_at(const torsh__conv_shape *s, const place *o, const place *k)
{
    int64_t n = 0;
    for (int d = 0; d < s->dims; d++) {
        int64_t at = o->at[d] * s->stride[d] - s->padding[d] + k->at[d] * s->dilation[d];
        if (at < 0 || at >= s->in[d]) return -1;
        n = n * s->in[d] + at;
    }
    return n;
}

/* For each pair (input x, output y) that tap w connects: y += x w, or x += y w. */
static void connect(const torsh__conv_shape *s, uint64_t *x, const uint64_t *w, uint64_t *y, bool transposed)
{
    int64_t ins = volume(s->in, s->dims), outs = volume(s->out, s->dims), taps = volume(s->kernel, s->dims);
    int64_t in_group = s->in_channels / s->groups, out_group = s->out_channels / s->groups;
    for (int64_t o = 0; o < outs; o++)
        for (int64_t k = 0; k < taps; k++) {
            place to = place_of(s->out, s->dims, o), tap = place_of(s->kernel, s->dims, k);
            int64_t from = read_at(s, &to, &tap);
            if (from < 0) continue;
            for (int64_t n = 0; n < s->batch; n++)
                for (int64_t c = 0; c < s->out_channels; c++)
                    for (int64_t i = 0; i < in_group; i++) {
                        uint64_t *a = &x[(n * s->in_channels + c / out_group * in_group + i) * ins + from], *b = &y[(n * s->out_channels + c) * outs + o];
                        uint64_t weight = w[(c * in_group + i) * taps + k];
                        if (transposed) *a += *b * weight;
                        else *b += *a * weight;
                    }
        }
}

static void fill(uint64_t *to, const uint64_t *bias, int64_t batch, int64_t channels, int64_t each)
{
    for (int64_t i = 0; i < batch * channels * each; i++) to[i] = bias ? bias[i / each % channels] : 0;
}

torsh_status torsh__conv_integers(const torsh__conv_shape *s, const void *input, const void *weight, const void *bias, void *output)
{
    fill(output, bias, s->batch, s->out_channels, volume(s->out, s->dims));
    connect(s, (uint64_t *)(uintptr_t)input, weight, output, false); /* the input is only read */
    return TORSH_OK;
}

torsh_status torsh__conv_transpose_integers(const torsh__conv_shape *s, const void *input, const void *weight, const void *bias, void *output)
{
    fill(output, bias, s->batch, s->in_channels, volume(s->in, s->dims));
    connect(s, output, weight, (uint64_t *)(uintptr_t)input, true);
    return TORSH_OK;
}
