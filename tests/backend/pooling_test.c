/* Pooling against straightforward loops written from PyTorch's definition, and a few values taken from PyTorch itself. */
#include "pooling.h"
#include "dtype.h"

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
    return d == TORSH_F64 ? 8 : d == TORSH_F32 ? 4 : 2;
}

static double get(torsh_dtype d, const void *base, int64_t i)
{
    switch (d) {
    case TORSH_F64: return ((const double *)base)[i];
    case TORSH_F32: return (double)((const float *)base)[i];
    case TORSH_F16: return (double)torsh__f16_to_f32(((const torsh__f16 *)base)[i]);
    default: return (double)torsh__bf16_to_f32(((const torsh__bf16 *)base)[i]);
    }
}

static void put(torsh_dtype d, void *base, int64_t i, double x)
{
    switch (d) {
    case TORSH_F64: ((double *)base)[i] = x; break;
    case TORSH_F32: ((float *)base)[i] = (float)x; break;
    case TORSH_F16: ((torsh__f16 *)base)[i] = torsh__f32_to_f16((float)x); break;
    default: ((torsh__bf16 *)base)[i] = torsh__f32_to_bf16((float)x); break;
    }
}

/* Multiples of 1/8, so that there are ties, with a NaN here and there if asked for. */
static void *filled(torsh_dtype d, int64_t n, bool nans)
{
    void *memory = malloc((size_t)(n + 1) * size_of(d));
    for (int64_t i = 0; i < n; i++) put(d, memory, i, nans && i % 29 == 3 ? NAN : round(draw() * 8) / 8);
    return memory;
}

static bool same(torsh_dtype d, double got, double want)
{
    double unit = d == TORSH_F64 ? 1e-14 : d == TORSH_F32 ? 1e-6 : d == TORSH_F16 ? 0x1p-10 : 0x1p-7;
    return isnan(want) ? isnan(got) : fabs(got - want) <= unit * (1 + fabs(want));
}

typedef struct window { int64_t y0, y1, x0, x1, size; } window;

typedef enum kind { MAX, AVG, ADAPTIVE_MAX, ADAPTIVE_AVG } kind;

static window window_of(const torsh__pooling_shape *s, kind k, int64_t i, int64_t j)
{
    int64_t o[2] = { i, j }, first[2], end[2], size[2];
    for (int d = 0; d < 2; d++) {
        if (k >= ADAPTIVE_MAX) {
            first[d] = (int64_t)floor((double)(o[d] * s->in[d]) / (double)s->out[d]);
            end[d] = (int64_t)ceil((double)((o[d] + 1) * s->in[d]) / (double)s->out[d]);
            size[d] = end[d] - first[d];
            continue;
        }
        int64_t step = k == MAX ? s->dilation[d] : 1;
        first[d] = o[d] * s->stride[d] - s->padding[d];
        end[d] = first[d] + (s->kernel[d] - 1) * step + 1;
        size[d] = (end[d] < s->in[d] + s->padding[d] ? end[d] : s->in[d] + s->padding[d]) - first[d];
        while (first[d] < 0) first[d] += step;
        if (end[d] > s->in[d]) end[d] = s->in[d];
        if (!s->count_include_pad) size[d] = end[d] - first[d];
    }
    return (window){ first[0], end[0], first[1], end[1], k == AVG && s->divisor_override ? s->divisor_override : size[0] * size[1] };
}

static torsh_status forward(const torsh__pooling_shape *s, kind k, const void *x, void *y, int64_t *indices)
{
    switch (k) {
    case MAX: return torsh__max_pool2d(s, x, y, indices);
    case AVG: return torsh__avg_pool2d(s, x, y);
    case ADAPTIVE_MAX: return torsh__adaptive_max_pool2d(s, x, y, indices);
    default: return torsh__adaptive_avg_pool2d(s, x, y);
    }
}

static torsh_status backward(const torsh__pooling_shape *s, kind k, const void *g, const int64_t *indices, void *dx)
{
    switch (k) {
    case MAX: return torsh__cpu_max_pool2d_backward(s, g, indices, dx);
    case AVG: return torsh__cpu_avg_pool2d_backward(s, g, dx);
    case ADAPTIVE_MAX: return torsh__adaptive_max_pool2d_backward(s, g, indices, dx);
    default: return torsh__cpu_adaptive_avg_pool2d_backward(s, g, dx);
    }
}

static void check(const torsh__pooling_shape *s, kind k)
{
    torsh_dtype d = s->dtype;
    int64_t in = s->in[0] * s->in[1], out = s->out[0] * s->out[1];
    bool max = k == MAX || k == ADAPTIVE_MAX;
    void *x = filled(d, s->planes * in, max), *g = filled(d, s->planes * out, false), *y = filled(d, s->planes * out, true);
    void *dx = filled(d, s->planes * in, true);
    int64_t *indices = malloc((size_t)(s->planes * out + 1) * sizeof(int64_t));
    double *grad = calloc((size_t)(s->planes * in), sizeof(double));
    assert_int_equal(forward(s, k, x, y, indices), TORSH_OK);
    assert_int_equal(backward(s, k, g, indices, dx), TORSH_OK);
    for (int64_t p = 0; p < s->planes; p++)
        for (int64_t o = 0; o < out; o++) {
            window w = window_of(s, k, o / s->out[1], o % s->out[1]);
            double best = -INFINITY, sum = 0;
            int64_t where = w.y0 * s->in[1] + w.x0;
            for (int64_t i = w.y0; i < w.y1; i += k == MAX ? s->dilation[0] : 1)
                for (int64_t j = w.x0; j < w.x1; j += k == MAX ? s->dilation[1] : 1) {
                    double v = get(d, x, p * in + i * s->in[1] + j);
                    if (v > best || isnan(v)) best = v, where = i * s->in[1] + j;
                    sum += v;
                    if (!max) grad[p * in + i * s->in[1] + j] += get(d, g, p * out + o) / (double)w.size;
                }
            if (max) {
                assert_int_equal(indices[p * out + o], where);
                grad[p * in + where] += get(d, g, p * out + o);
            }
            double want = max ? best : w.y0 < w.y1 && w.x0 < w.x1 ? sum / (double)w.size : 0;
            if (!same(d, get(d, y, p * out + o), want)) fail_msg("dtype %d kind %d output %ld: %g, not %g", d, k, (long)o, get(d, y, p * out + o), want);
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
    static const int64_t sizes[][2] = { { 8, 8 }, { 9, 14 }, { 28, 28 }, { 7, 17 }, { 13, 5 }, { 1, 40 } };
    for (int d = TORSH_F16; d <= TORSH_F64; d++)
        for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++)
            for (int v = 0; v < 48; v++) {
                int64_t kernel = 2 + v % 2, stride = 1 + v / 2 % 2, padding = v / 4 % 2, dilation = 1 + v / 8 % 2;
                bool ceil_mode = v / 16 % 3 == 1;
                torsh__pooling_shape s = { .dtype = (torsh_dtype)d, .planes = 3, .count_include_pad = v / 16 % 3 != 2, .divisor_override = v == 20 ? 3 : 0 };
                bool fits = true;
                for (int i = 0; i < 2; i++) {
                    bool flat = sizes[z][i] == 1;
                    s.in[i] = sizes[z][i], s.kernel[i] = flat ? 1 : kernel, s.stride[i] = flat ? 1 : stride, s.padding[i] = flat ? 0 : padding;
                    s.dilation[i] = flat ? 1 : dilation;
                    s.out[i] = outputs(s.in[i], s.kernel[i], s.stride[i], s.padding[i], s.dilation[i], ceil_mode);
                    fits = fits && s.out[i] > 0;
                }
                if (!fits) continue;
                check(&s, MAX);
                for (int i = 0; i < 2; i++) s.out[i] = outputs(s.in[i], s.kernel[i], s.stride[i], s.padding[i], 1, ceil_mode);
                check(&s, AVG);
            }
}

static void test_adaptive(void **state)
{
    (void)state;
    static const int64_t sizes[][4] = { { 8, 8, 1, 1 }, { 9, 14, 3, 5 }, { 7, 7, 7, 7 }, { 5, 6, 10, 9 }, { 1, 40, 1, 7 } };
    for (int d = TORSH_F16; d <= TORSH_F64; d++)
        for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++) {
            torsh__pooling_shape s = { .dtype = (torsh_dtype)d, .planes = 4, .in = { sizes[z][0], sizes[z][1] }, .out = { sizes[z][2], sizes[z][3] } };
            check(&s, ADAPTIVE_MAX);
            check(&s, ADAPTIVE_AVG);
        }
}

/* torch.nn.functional on torch.arange(25.).reshape(1, 1, 5, 5) with element (2, 3) set to nan. */
static void test_torch(void **state)
{
    (void)state;
    float x[25], y[9];
    int64_t indices[9];
    for (int i = 0; i < 25; i++) x[i] = (float)i;
    x[13] = NAN;
    torsh__pooling_shape s = { .dtype = TORSH_F32, .planes = 1, .in = { 5, 5 }, .out = { 3, 3 }, .kernel = { 3, 3 }, .stride = { 2, 2 },
                            .padding = { 1, 1 }, .dilation = { 1, 1 }, .count_include_pad = true };
    assert_int_equal(torsh__max_pool2d(&s, x, y, indices), TORSH_OK);
    static const float max[9] = { 6, 8, 9, 16, NAN, NAN, 21, 23, 24 };
    static const int64_t where[9] = { 6, 8, 9, 16, 13, 13, 21, 23, 24 };
    for (int i = 0; i < 9; i++) assert_true(same(TORSH_F32, (double)y[i], (double)max[i]) && indices[i] == where[i]);
    x[13] = 13;
    assert_int_equal(torsh__avg_pool2d(&s, x, y), TORSH_OK);
    static const float avg[9] = { 1.3333334F, 3, 2.6666667F, 7, 12, 9, 8, 13, 9.333333F };
    for (int i = 0; i < 9; i++) assert_true(same(TORSH_F32, (double)y[i], (double)avg[i]));
    s.dtype = TORSH_I64;
    assert_int_equal(torsh__avg_pool2d(&s, x, y), TORSH_UNSUPPORTED);
}

/* Indices that a caller made up must not write outside the plane. */
static void test_indices(void **state)
{
    (void)state;
    float grad[4] = { 1, 2, 4, 8 }, dx[12];
    int64_t indices[4] = { -1, 99, 0, 0 };
    memset(dx, 0x7F, sizeof dx);
    torsh__pooling_shape s = { .dtype = TORSH_F32, .planes = 1, .in = { 2, 5 }, .out = { 2, 2 }, .kernel = { 1, 2 }, .stride = { 1, 2 }, .dilation = { 1, 1 } };
    assert_int_equal(torsh__cpu_max_pool2d_backward(&s, grad, indices, dx + 1), TORSH_OK);
    assert_true(dx[1] == 12);
    for (int i = 2; i < 11; i++) assert_true(dx[i] == 0);
    assert_true(dx[0] != 0 && dx[11] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows), cmocka_unit_test(test_adaptive), cmocka_unit_test(test_torch), cmocka_unit_test(test_indices),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
