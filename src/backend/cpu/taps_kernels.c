/* Compiled once per instruction set. */
#include "taps_kernels.h"

#include <string.h>

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

#if defined(__AVX512F__)
#define WIDE 64
#elif defined(__AVX__)
#define WIDE 32
#else
#define WIDE 16
#endif
typedef float wide __attribute__((vector_size(WIDE), aligned(sizeof(float)), may_alias));
typedef float slim __attribute__((vector_size(16), aligned(sizeof(float)), may_alias));

/* A few columns at a time, whose sums stay in registers. */
static void sum_rows(const int64_t *index, int64_t count, int64_t skip, int64_t width, const float *x, float *y)
{
    enum { LANES = WIDE / sizeof(float), AHEAD = 8, COLUMNS_AHEAD = 2048 }; /* AHEAD: rows asked for before their turn; if there are fewer, columns */
    const int64_t rows = count > AHEAD ? AHEAD : 0, columns = rows ? 0 : COLUMNS_AHEAD;
    int64_t c = 0;
    for (; c + 4 * LANES <= width; c += 4 * LANES) {
        wide s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, *to = (wide *)(y + c);
        for (int64_t k = 0; k < count; k++) {
            const wide *row = (const wide *)(x + index[k] * width + c);
            const char *next = (const char *)((uintptr_t)(x + index[k + rows < count ? k + rows : k] * width + c) + (uintptr_t)columns);
            __builtin_prefetch((const void *)((uintptr_t)(index + k) + 64 * AHEAD)); /* maybe past the end, where it does nothing */
            __builtin_prefetch(next);
            if (WIDE > 16) __builtin_prefetch(next + 64);
            if (WIDE > 32) __builtin_prefetch(next + 128), __builtin_prefetch(next + 192);
            if (index[k] == skip) continue;
            s0 += row[0], s1 += row[1], s2 += row[2], s3 += row[3];
        }
        to[0] = s0, to[1] = s1, to[2] = s2, to[3] = s3;
    }
    for (; c < width; c += 4) {
        slim sum = {0};
        for (int64_t k = 0; k < count; k++)
            if (index[k] != skip) sum += *(const slim *)(x + index[k] * width + c);
        *(slim *)(y + c) = sum;
    }
}

/* Points have no AVX-512 form: the library's size is worth more. */
#if defined(__AVX512F__)
#define POINTS 0
#else
#define POINTS points_f32
#define T float
#define RINT rintf
#define N_(name) name##_f32
#include "taps_grid.inc.c"
#endif

const torsh__taps_table TORSH__ISA_NAME(torsh__taps) = {.blend = {blend_f32, blend_f64}, .sum_rows = sum_rows, .points = POINTS};
