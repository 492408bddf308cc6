/* Pooling against straightforward loops written from PyTorch's definition, and a few values taken from PyTorch itself. */
#include "pooling.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t seed = 1;

static double draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / (1 << 23) - 1;
}

static size_t size_of(torsh_dtype d)
{
    return d == TORSH_F32 ? 4 : 8;
}

static double get(torsh_dtype d, const void *base, int64_t i)
{
    return d == TORSH_F64 ? ((const double *)base)[i] : d == TORSH_F32 ? (double)((const float *)base)[i] : (double)((const int64_t *)base)[i];
}

static void put(torsh_dtype d, void *base, int64_t i, double x)
{
    if (d == TORSH_F64) ((double *)base)[i] = x;
    else if (d == TORSH_F32) ((float *)base)[i] = (float)x;
    else ((int64_t *)base)[i] = isnan(x) ? 0 : (int64_t)(x * 8);
}

/* Multiples of 1/8, so that there are ties, with a NaN here and there in the first half if asked for. */
static void *filled(torsh_dtype d, int64_t n, bool nans)
{
    void *memory = malloc((size_t)(n + 1) * size_of(d));
    for (int64_t i = 0; i < n; i++) put(d, memory, i, nans && i % 29 == 3 && i < n / 2 ? NAN : round(draw() * 8) / 8);
    return memory;
}

static bool same(torsh_dtype d, double got, double want)
{
    double unit = d == TORSH_F64 ? 1e-14 : 1e-6;
    return isnan(want) ? isnan(got) : fabs(got - want) <= unit * (1 + fabs(want));
}

typedef struct window { int64_t first[3], end[3], step[3], size; } window;

typedef enum kind { MAX, AVG, ADAPTIVE_MAX, ADAPTIVE_AVG } kind;

static window window_of(const torsh__pooling_shape *s, kind k, const int64_t o[3])
{
    window w = { .size = 1 };
    for (int d = 0; d < 3; d++) {
        w.step[d] = k == MAX ? s->dilation[d] : 1;
        if (k >= ADAPTIVE_MAX) {
            w.first[d] = (int64_t)floor((double)(o[d] * s->in[d]) / (double)s->out[d]);
            w.end[d] = (int64_t)ceil((double)((o[d] + 1) * s->in[d]) / (double)s->out[d]);
            w.size *= w.end[d] - w.first[d];
            continue;
        }
        w.first[d] = o[d] * s->stride[d] - s->padding[d];
        w.end[d] = w.first[d] + (s->kernel[d] - 1) * w.step[d] + 1;
        int64_t size = (w.end[d] < s->in[d] + s->padding[d] ? w.end[d] : s->in[d] + s->padding[d]) - w.first[d];
        while (w.first[d] < 0) w.first[d] += w.step[d];
        if (w.end[d] > s->in[d]) w.end[d] = s->in[d];
        w.size *= s->count_include_pad ? size : w.end[d] - w.first[d];
    }
    if (k == AVG && s->divisor_override) w.size = s->divisor_override;
    return w;
}

/* What one window holds: the sum and the largest, with its place; g is added to `grad` where the average takes it from. */
static void look(const torsh__pooling_shape *s, const window *w, const void *x, int64_t base, double *best, int64_t *where, double *sum, double *grad, double g)
{
    *best = -INFINITY, *sum = 0;
    *where = (w->first[0] * s->in[1] + w->first[1]) * s->in[2] + w->first[2];
    for (int64_t h = w->first[0]; h < w->end[0]; h += w->step[0])
        for (int64_t i = w->first[1]; i < w->end[1]; i += w->step[1])
            for (int64_t j = w->first[2]; j < w->end[2]; j += w->step[2]) {
                int64_t at = (h * s->in[1] + i) * s->in[2] + j;
                double v = get(s->dtype, x, base + at);
                if (v > *best || isnan(v)) *best = v, *where = at;
                *sum += v;
                if (grad) grad[base + at] += g / (double)w->size;
            }
}

static void check(const torsh__pooling_shape *s, kind k)
{
    torsh_dtype d = s->dtype;
    int64_t in = s->in[0] * s->in[1] * s->in[2], out = s->out[0] * s->out[1] * s->out[2];
    bool max = k == MAX || k == ADAPTIVE_MAX;
    void *x = filled(d, s->planes * in, max), *g = filled(d, s->planes * out, false), *y = filled(d, s->planes * out, true);
    void *dx = filled(d, s->planes * in, true);
    int64_t *indices = malloc((size_t)(s->planes * out + 1) * sizeof(int64_t));
    double *grad = calloc((size_t)(s->planes * in), sizeof(double));
    assert_int_equal(max ? torsh__pool_max(s, x, y, indices) : torsh__pool_avg(s, x, y), TORSH_OK);
    assert_int_equal(max ? torsh__pool_max_back(s, g, indices, dx) : torsh__pool_avg_back(s, g, dx), TORSH_OK);
    for (int64_t o = 0; o < s->planes * out; o++) {
        int64_t p = o / out, place[3] = { o % out / s->out[2] / s->out[1], o % out / s->out[2] % s->out[1], o % s->out[2] }, where;
        window w = window_of(s, k, place);
        double best, sum;
        look(s, &w, x, p * in, &best, &where, &sum, max ? NULL : grad, get(d, g, o));
        bool some = w.first[0] < w.end[0] && w.first[1] < w.end[1] && w.first[2] < w.end[2];
        if (max) {
            assert_int_equal(indices[o], where);
            grad[p * in + where] += get(d, g, o);
        }
        double want = max ? best : some ? sum / (double)w.size : 0;
        if (!same(d, get(d, y, o), want)) fail_msg("dtype %d kind %d output %ld: %g, not %g", d, k, (long)o, get(d, y, o), want);
    }
    for (int64_t i = 0; i < s->planes * in; i++)
        if (!same(d, get(d, dx, i), grad[i])) fail_msg("dtype %d kind %d gradient %ld: %g, not %g", d, k, (long)i, get(d, dx, i), grad[i]);
    free(x), free(g), free(y), free(dx), free(indices), free(grad);
}

/* The number of outputs, as torch.nn.functional has it. */
static int64_t outputs(int64_t in, int64_t kernel, int64_t stride, int64_t padding, int64_t dilation, bool ceil_mode)
{
    int64_t n = (in + 2 * padding - dilation * (kernel - 1) - 1 + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    return ceil_mode && (n - 1) * stride >= in + padding ? n - 1 : n;
}

static void test_windows(void **state)
{
    (void)state;
    static const int64_t sizes[][3] = { { 1, 8, 8 }, { 1, 9, 14 }, { 1, 28, 28 }, { 1, 7, 17 }, { 1, 13, 5 }, { 1, 1, 40 }, { 4, 5, 6 }, { 7, 3, 9 } };
    for (int d = TORSH_F32; d <= TORSH_F64; d++)
        for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++)
            for (int v = 0; v < 48; v++) {
                int64_t kernel = 2 + v % 2, stride = 1 + v / 2 % 2, padding = v / 4 % 2, dilation = 1 + v / 8 % 2;
                bool ceil_mode = v / 16 % 3 == 1;
                torsh__pooling_shape s = { .dtype = (torsh_dtype)d, .planes = 3, .count_include_pad = v / 16 % 3 != 2, .divisor_override = v == 20 ? 3 : 0 };
                bool fits = true;
                for (int i = 0; i < 3; i++) {
                    bool flat = sizes[z][i] == 1;
                    s.in[i] = sizes[z][i], s.kernel[i] = flat ? 1 : kernel, s.stride[i] = flat ? 1 : stride, s.padding[i] = flat ? 0 : padding;
                    s.dilation[i] = flat ? 1 : dilation;
                    s.out[i] = outputs(s.in[i], s.kernel[i], s.stride[i], s.padding[i], s.dilation[i], ceil_mode);
                    fits = fits && s.out[i] > 0;
                }
                if (!fits) continue;
                check(&s, MAX);
                for (int i = 0; i < 3; i++) s.out[i] = outputs(s.in[i], s.kernel[i], s.stride[i], s.padding[i], 1, ceil_mode);
                check(&s, AVG);
            }
}

static void test_adaptive(void **state)
{
    (void)state;
    static const int64_t sizes[][6] = { { 1, 8, 8, 1, 1, 1 }, { 1, 9, 14, 1, 3, 5 }, { 1, 7, 7, 1, 7, 7 }, { 1, 5, 6, 1, 10, 9 }, { 1, 1, 40, 1, 1, 7 }, { 5, 4, 7, 3, 2, 3 },
                                        { 1, 40, 50, 1, 2, 3 }, { 3, 20, 30, 1, 1, 1 }, { 1, 1, 1000, 1, 1, 3 }, { 1, 3, 700, 1, 1, 2 }, { 1, 16, 600, 1, 1, 1 } };
    for (int d = TORSH_F32; d <= TORSH_F64; d++)
        for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++) {
            torsh__pooling_shape s = { .dtype = (torsh_dtype)d, .planes = 4, .adaptive = true };
            for (int i = 0; i < 3; i++) s.in[i] = sizes[z][i], s.out[i] = sizes[z][3 + i], s.dilation[i] = 1;
            check(&s, ADAPTIVE_MAX);
            check(&s, ADAPTIVE_AVG);
        }
}

/* torch.nn.functional on torch.arange(25.).reshape(1, 1, 5, 5) with element (2, 3) set to nan. */
/* Windows that are searched by the loops of argmax. */
static void test_large(void **state)
{
    (void)state;
    static const int64_t sizes[][6] = { { 1, 40, 64, 1, 16, 20 }, { 1, 1, 700, 1, 1, 150 }, { 3, 30, 50, 3, 15, 25 }, { 1, 9, 300, 1, 3, 140 } };
    static const torsh_dtype dtypes[] = { TORSH_F32, TORSH_F64, TORSH_I64 };
    for (size_t d = 0; d < 3; d++)
        for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++)
            for (int v = 0; v < 12; v++) {
                torsh__pooling_shape s = { .dtype = dtypes[d], .planes = 4, .count_include_pad = true };
                for (int i = 0; i < 3; i++) {
                    int64_t kernel = sizes[z][3 + i];
                    bool dilated = v % 3 == 2 ? i == 2 : v % 3 == 1 && i == 1;
                    s.in[i] = sizes[z][i], s.kernel[i] = kernel, s.stride[i] = v / 3 % 2 ? kernel : (kernel + 1) / 2, s.padding[i] = v / 6 && kernel > 1 ? kernel / 3 : 0;
                    s.dilation[i] = dilated && kernel > 1 ? 2 : 1;
                    s.out[i] = outputs(s.in[i], kernel, s.stride[i], s.padding[i], s.dilation[i], false);
                }
                if (s.out[0] > 0 && s.out[1] > 0 && s.out[2] > 0) check(&s, MAX);
            }
}

static void test_torch(void **state)
{
    (void)state;
    float x[25], y[9];
    int64_t indices[9];
    for (int i = 0; i < 25; i++) x[i] = (float)i;
    x[13] = NAN;
    torsh__pooling_shape s = { .dtype = TORSH_F32, .planes = 1, .in = { 1, 5, 5 }, .out = { 1, 3, 3 }, .kernel = { 1, 3, 3 }, .stride = { 1, 2, 2 },
                            .padding = { 0, 1, 1 }, .dilation = { 1, 1, 1 }, .count_include_pad = true };
    assert_int_equal(torsh__pool_max(&s, x, y, indices), TORSH_OK);
    static const float max[9] = { 6, 8, 9, 16, NAN, NAN, 21, 23, 24 };
    static const int64_t where[9] = { 6, 8, 9, 16, 13, 13, 21, 23, 24 };
    for (int i = 0; i < 9; i++) assert_true(same(TORSH_F32, (double)y[i], (double)max[i]) && indices[i] == where[i]);
    x[13] = 13;
    assert_int_equal(torsh__pool_avg(&s, x, y), TORSH_OK);
    static const float avg[9] = { 1.3333334F, 3, 2.6666667F, 7, 12, 9, 8, 13, 9.333333F };
    for (int i = 0; i < 9; i++) assert_true(same(TORSH_F32, (double)y[i], (double)avg[i]));
}

/* Indices that a caller made up must not write outside the plane. */
static void test_indices(void **state)
{
    (void)state;
    float grad[4] = { 1, 2, 4, 8 }, dx[12];
    int64_t indices[4] = { -1, 99, 0, 0 };
    memset(dx, 0x7F, sizeof dx);
    torsh__pooling_shape s = { .dtype = TORSH_F32, .planes = 1, .in = { 1, 2, 5 }, .out = { 1, 2, 2 }, .kernel = { 1, 1, 2 }, .stride = { 1, 1, 2 }, .dilation = { 1, 1, 1 } };
    assert_int_equal(torsh__pool_max_back(&s, grad, indices, dx + 1), TORSH_OK);
    assert_true(dx[1] == 12);
    for (int i = 2; i < 11; i++) assert_true(dx[i] == 0);
    assert_true(dx[0] != 0 && dx[11] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows), cmocka_unit_test(test_adaptive), cmocka_unit_test(test_large), cmocka_unit_test(test_torch), cmocka_unit_test(test_indices),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
