/* Compiled once per instruction set. */
#include "taps_kernels.h"

static void blend_f32(int64_t n, void *y_, double w_, const void *x_)
{
    float *restrict y = y_;
    const float *x = x_, w = (float)w_;
    for (int64_t i = 0; i < n; i++) y[i] += w * x[i];
}

static void blend_f64(int64_t n, void *y_, double w, const void *x_)
{
    double *restrict y = y_;
    const double *x = x_;
    for (int64_t i = 0; i < n; i++) y[i] += w * x[i];
}

enum { BLOCK = 128 };

static void plane(int64_t points, const float *x, const float slope[2], float half, const int32_t size[2], bool border, float *weight, int64_t *index)
{
    for (int64_t start = 0; start < points; start += BLOCK) {
        int n = points - start < BLOCK ? (int)(points - start) : BLOCK;
        int32_t at[2][BLOCK];
        float t[2][BLOCK];
        for (int d = 0; d < 2; d++) {
            const float low = border ? 0 : -2, high = border ? (float)(size[d] - 1) : (float)size[d] + 1, scale = slope[d]; /* -2 and size + 1 are outside */
            const float *from = x + 2 * start + d;
            for (int p = 0; p < n; p++) {
                float place = (from[2 * p] + 1) * scale - half;
                place = place > low ? place : low; /* NaN, too */
                place = place < high ? place : high;
                int32_t whole = (int32_t)(place + 2) - 2;
                at[d][p] = whole;
                t[d][p] = place - (float)whole;
            }
        }
        for (int k = 0; k < 4; k++) {
            const int32_t down = k >> 1, right = k & 1, height = size[1], width = size[0];
            float *w = weight + k * points + start;
            int64_t *to = index + k * points + start;
            for (int p = 0; p < n; p++) {
                int32_t row = at[1][p] + down, column = at[0][p] + right;
                bool inside = row >= 0 && row < height && column >= 0 && column < width;
                to[p] = inside ? row * width + column : -1;
                w[p] = (down ? t[1][p] : 1 - t[1][p]) * (right ? t[0][p] : 1 - t[0][p]);
            }
        }
    }
}

const torsh__taps_table TORSH__ISA_NAME(torsh__taps) = {.blend = {blend_f32, blend_f64}, .plane = plane};
