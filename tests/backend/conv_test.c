/* Convolution against a naive loop in f64: forward, both gradients and the bias, over shapes that hit every path (stride, padding,
 * dilation, groups, 1 to 3 dimensions, few and many channels), all dtypes, and the same bits for any number of threads. */
#include "conv.h"
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

static void *filled(torsh_dtype d, int64_t n)
{
    void *memory = malloc((size_t)(n + 1) * size_of(d));
    for (int64_t i = 0; i < n; i++) put(d, memory, i, draw());
    return memory;
}

static int64_t product(const int64_t *n, int dims)
{
    int64_t p = 1;
    for (int d = 0; d < dims; d++) p *= n[d];
    return p;
}

/* The sums of all four results and of their terms' magnitudes, in f64. */
typedef struct reference {
    double *forward, *data, *weight, *bias;
    double *forward_size, *data_size, *weight_size, *bias_size;
} reference;

static void unravel(int64_t i, const int64_t *n, int dims, int64_t *at)
{
    for (int d = dims - 1; d >= 0; d--) at[d] = i % n[d], i /= n[d];
}

/* The flat input position that output position o reads with tap t, or -1. */
static int64_t source(const torsh__conv_shape *s, int64_t o, int64_t t)
{
    int64_t out[3], tap[3], at = 0;
    unravel(o, s->out, s->dims, out), unravel(t, s->kernel, s->dims, tap);
    for (int d = 0; d < s->dims; d++) {
        int64_t i = out[d] * s->stride[d] - s->padding[d] + tap[d] * s->dilation[d];
        if (i < 0 || i >= s->in[d]) return -1;
        at = at * s->in[d] + i;
    }
    return at;
}

static void add(double *sum, double *size, int64_t i, double x)
{
    sum[i] += x, size[i] += fabs(x);
}

static void refer(const torsh__conv_shape *s, const void *x, const void *w, const void *g, reference *r)
{
    int64_t in = product(s->in, s->dims), out = product(s->out, s->dims), taps = product(s->kernel, s->dims);
    int64_t gi = s->in_channels / s->groups, go = s->out_channels / s->groups;
    for (int64_t n = 0; n < s->batch; n++)
        for (int64_t o = 0; o < s->out_channels; o++)
            for (int64_t p = 0; p < out; p++) {
                int64_t at_out = (n * s->out_channels + o) * out + p;
                double grad = get(s->dtype, g, at_out);
                add(r->bias, r->bias_size, o, grad);
                for (int64_t t = 0; t < taps; t++) {
                    int64_t from = source(s, p, t);
                    for (int64_t i = 0; i < gi && from >= 0; i++) {
                        int64_t at_in = (n * s->in_channels + o / go * gi + i) * in + from, at_w = (o * gi + i) * taps + t;
                        double xv = get(s->dtype, x, at_in), wv = get(s->dtype, w, at_w);
                        add(r->forward, r->forward_size, at_out, xv * wv);
                        add(r->data, r->data_size, at_in, grad * wv);
                        add(r->weight, r->weight_size, at_w, grad * xv);
                    }
                }
            }
}

static void compare(const char *what, torsh_dtype d, const void *got, const double *sum, const double *size, int64_t n, const void *bias,
                    int64_t channels, int64_t per_channel)
{
    double unit = d == TORSH_F64 ? 0x1p-49 : d == TORSH_F32 ? 0x1p-20 : d == TORSH_F16 ? 0x1p-10 : 0x1p-7;
    for (int64_t i = 0; i < n; i++) {
        double b = bias ? get(d, bias, i / per_channel % channels) : 0, want = sum[i] + b, limit = unit * (size[i] + fabs(b) + 1e-30);
        if (!(fabs(get(d, got, i) - want) <= limit)) fail_msg("%s dtype %d at %ld: %g, not %g", what, d, (long)i, get(d, got, i), want);
    }
}

static void check(torsh__conv_shape s)
{
    int64_t in = product(s.in, s.dims), out = product(s.out, s.dims);
    int64_t nx = s.batch * s.in_channels * in, ny = s.batch * s.out_channels * out;
    int64_t nw = s.out_channels * s.in_channels / s.groups * product(s.kernel, s.dims);
    torsh_dtype d = s.dtype;
    void *x = filled(d, nx), *w = filled(d, nw), *g = filled(d, ny), *b = filled(d, s.out_channels), *bi = filled(d, s.in_channels);
    void *y = filled(d, ny), *dx = filled(d, nx), *dw = filled(d, nw), *db = filled(d, s.out_channels);
    double *zeros = calloc((size_t)(2 * (nx + ny + nw + s.out_channels)), sizeof(double)), *z = zeros;
    reference r;
    r.forward = z, z += ny, r.forward_size = z, z += ny;
    r.data = z, z += nx, r.data_size = z, z += nx;
    r.weight = z, z += nw, r.weight_size = z, z += nw;
    r.bias = z, r.bias_size = z + s.out_channels;
    refer(&s, x, w, g, &r);
    assert_int_equal(torsh__conv_forward(&s, x, w, b, y), TORSH_OK);
    compare("forward", d, y, r.forward, r.forward_size, ny, b, s.out_channels, out);
    assert_int_equal(torsh__conv_forward(&s, x, w, NULL, y), TORSH_OK);
    compare("forward without bias", d, y, r.forward, r.forward_size, ny, NULL, 1, 1);
    assert_int_equal(torsh__conv_backward_data(&s, g, w, bi, dx), TORSH_OK);
    compare("data", d, dx, r.data, r.data_size, nx, bi, s.in_channels, in);
    assert_int_equal(torsh__conv_backward_weight(&s, x, g, dw), TORSH_OK);
    compare("weight", d, dw, r.weight, r.weight_size, nw, NULL, 1, 1);
    assert_int_equal(torsh__conv_backward_bias(&s, g, db), TORSH_OK);
    compare("bias", d, db, r.bias, r.bias_size, s.out_channels, NULL, 1, 1);
    free(x), free(w), free(g), free(b), free(bi), free(y), free(dx), free(dw), free(db), free(zeros);
}

/* Fills in `out`; what = { batch, groups, in_channels, out_channels }. */
static torsh__conv_shape shape(int dims, const int64_t what[4], const int64_t in[3], const int64_t kernel[3], const int64_t stride[3],
                               const int64_t padding[3], const int64_t dilation[3])
{
    torsh__conv_shape s = { .dtype = TORSH_F32, .dims = dims, .batch = what[0], .groups = what[1], .in_channels = what[2], .out_channels = what[3] };
    for (int d = 0; d < dims; d++) {
        s.in[d] = in[d], s.kernel[d] = kernel[d], s.stride[d] = stride[d], s.padding[d] = padding[d], s.dilation[d] = dilation[d];
        s.out[d] = (in[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d] + 1;
    }
    return s;
}

typedef struct row { int dims; int64_t what[4], in[3], kernel[3], stride[3], padding[3], dilation[3]; } row;

static const row ROWS[] = {
    { 2, { 2, 1, 1, 1 }, { 5, 5 }, { 3, 3 }, { 1, 1 }, { 0, 0 }, { 1, 1 } },
    { 2, { 3, 1, 1, 32 }, { 28, 28 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
    { 2, { 2, 1, 32, 64 }, { 14, 14 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
    { 2, { 2, 1, 5, 7 }, { 9, 11 }, { 3, 2 }, { 2, 1 }, { 1, 0 }, { 1, 1 } },
    { 2, { 1, 1, 3, 17 }, { 30, 29 }, { 7, 7 }, { 2, 2 }, { 3, 3 }, { 1, 1 } },
    { 2, { 2, 1, 20, 15 }, { 12, 13 }, { 3, 3 }, { 1, 1 }, { 2, 2 }, { 2, 2 } },
    { 2, { 2, 1, 9, 8 }, { 15, 16 }, { 3, 4 }, { 2, 3 }, { 1, 2 }, { 2, 3 } },
    { 2, { 2, 3, 6, 9 }, { 8, 8 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
    { 2, { 2, 20, 20, 20 }, { 10, 10 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
    { 2, { 2, 6, 6, 12 }, { 10, 10 }, { 5, 5 }, { 2, 2 }, { 2, 2 }, { 1, 1 } },
    { 2, { 2, 1, 16, 24 }, { 7, 9 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, { 1, 1 } },
    { 2, { 5, 2, 16, 24 }, { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, { 1, 1 } },
    { 2, { 2, 1, 33, 40 }, { 9, 9 }, { 1, 1 }, { 2, 2 }, { 0, 0 }, { 1, 1 } },
    { 2, { 2, 1, 3, 20 }, { 16, 16 }, { 4, 4 }, { 4, 4 }, { 0, 0 }, { 1, 1 } },
    { 2, { 2, 1, 4, 4 }, { 5, 5 }, { 2, 2 }, { 3, 3 }, { 0, 0 }, { 1, 1 } },
    { 2, { 2, 1, 2, 3 }, { 3, 3 }, { 3, 3 }, { 1, 1 }, { 6, 5 }, { 1, 1 } },
    { 1, { 3, 1, 12, 30 }, { 50 }, { 5 }, { 2 }, { 2 }, { 1 } },
    { 1, { 1, 1, 1, 4 }, { 200 }, { 40 }, { 10 }, { 0 }, { 1 } },
    { 1, { 2, 4, 8, 8 }, { 33 }, { 3 }, { 1 }, { 4 }, { 4 } },
    { 3, { 2, 1, 3, 5 }, { 5, 6, 7 }, { 3, 3, 3 }, { 1, 1, 1 }, { 1, 1, 1 }, { 1, 1, 1 } },
    { 3, { 1, 2, 20, 34 }, { 6, 7, 9 }, { 2, 3, 3 }, { 2, 2, 2 }, { 1, 0, 1 }, { 1, 2, 1 } },
};

static void check_all(torsh_dtype dtype)
{
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        const row *r = &ROWS[i];
        torsh__conv_shape s = shape(r->dims, r->what, r->in, r->kernel, r->stride, r->padding, r->dilation);
        s.dtype = dtype;
        check(s);
    }
}

static void test_f32(void **state)
{
    (void)state;
    check_all(TORSH_F32);
}

static void test_f64(void **state)
{
    (void)state;
    check_all(TORSH_F64);
}

static void test_halves(void **state)
{
    (void)state;
    check_all(TORSH_BF16);
    check_all(TORSH_F16);
}

/* Planes that are larger than what is filled at once: cut along each dim, windows that don't divide the image, phases of unlike length. */
static void test_windows(void **state)
{
    (void)state;
    static const row rows[] = {
        { 2, { 1, 1, 8, 3 }, { 310, 290 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
        { 2, { 1, 1, 8, 3 }, { 401, 370 }, { 3, 4 }, { 2, 3 }, { 1, 2 }, { 2, 3 } },
        { 2, { 1, 1, 4, 2 }, { 3, 80001 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
        { 1, { 2, 1, 4, 3 }, { 170000 }, { 5 }, { 1 }, { 2 }, { 1 } },
        { 1, { 1, 2, 4, 4 }, { 300001 }, { 4 }, { 3 }, { 5 }, { 7 } },
        { 1, { 1, 1, 4, 2 }, { 400000 }, { 2 }, { 5 }, { 0 }, { 1 } },
        { 2, { 2, 40, 40, 40 }, { 60, 60 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } }, /* some groups at a time */
        { 2, { 1, 3, 6, 9 }, { 120, 250 }, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1 } },
        { 3, { 1, 1, 4, 2 }, { 30, 80, 80 }, { 3, 2, 3 }, { 1, 1, 2 }, { 1, 0, 1 }, { 1, 1, 1 } },
    };
    int before = torsh_num_threads();
    torsh_set_num_threads(1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        torsh__conv_shape s = shape(rows[i].dims, rows[i].what, rows[i].in, rows[i].kernel, rows[i].stride, rows[i].padding, rows[i].dilation);
        check(s);
        if (i % 3 == 1) s.dtype = TORSH_BF16, check(s);
    }
    torsh_set_num_threads(before);
}

/* Padding that differs in front and behind, and more output than the input reaches. */
static void test_uneven(void **state)
{
    (void)state;
    torsh__conv_shape s = { .dtype = TORSH_F32, .dims = 2, .batch = 2, .groups = 1, .in_channels = 3, .out_channels = 4, .in = { 6, 6 },
                            .kernel = { 2, 4 }, .out = { 6, 6 }, .stride = { 1, 1 }, .padding = { 0, 1 }, .dilation = { 1, 1 } };
    check(s);
    s.stride[0] = 3, s.out[0] = 2, s.in[0] = 9; /* the last input rows are read by no tap: their gradient is zero */
    check(s);
}

/* The same bits with 1, 2 and 3 threads. */
static void test_threads(void **state)
{
    (void)state;
    static const row rows[] = {
        { 2, { 5, 1, 32, 40 }, { 14, 14 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
        { 2, { 9, 1, 1, 32 }, { 28, 28 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
        { 2, { 2, 16, 32, 32 }, { 30, 30 }, { 3, 3 }, { 2, 2 }, { 1, 1 }, { 1, 1 } },
        { 2, { 2, 30, 30, 30 }, { 40, 40 }, { 3, 3 }, { 1, 1 }, { 1, 1 }, { 1, 1 } },
        { 2, { 1, 1, 16, 20 }, { 230, 240 }, { 3, 3 }, { 2, 1 }, { 1, 1 }, { 1, 1 } },
    };
    int before = torsh_num_threads();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row *r = &rows[i];
        torsh__conv_shape s = shape(r->dims, r->what, r->in, r->kernel, r->stride, r->padding, r->dilation);
        int64_t nx = s.batch * s.in_channels * product(s.in, 2), ny = s.batch * s.out_channels * product(s.out, 2);
        int64_t nw = s.out_channels * s.in_channels / s.groups * product(s.kernel, 2);
        float *x = filled(TORSH_F32, nx), *w = filled(TORSH_F32, nw), *g = filled(TORSH_F32, ny), *results[2];
        int64_t total = nx + ny + nw + s.out_channels;
        for (int c = 0; c < 2; c++) results[c] = filled(TORSH_F32, total);
        for (int threads = 1; threads <= 3; threads++) {
            float *to = results[threads > 1];
            torsh_set_num_threads(threads);
            assert_int_equal(torsh__conv_forward(&s, x, w, NULL, to), TORSH_OK);
            assert_int_equal(torsh__conv_backward_data(&s, g, w, NULL, to + ny), TORSH_OK);
            assert_int_equal(torsh__conv_backward_weight(&s, x, g, to + ny + nx), TORSH_OK);
            assert_int_equal(torsh__conv_backward_bias(&s, g, to + ny + nx + nw), TORSH_OK);
            if (threads > 1) assert_memory_equal(results[0], results[1], (size_t)total * sizeof(float));
        }
        free(x), free(w), free(g), free(results[0]), free(results[1]);
    }
    torsh_set_num_threads(before);
}

static void test_dtype(void **state)
{
    (void)state;
    torsh__conv_shape s = { .dtype = TORSH_I32, .dims = 1, .batch = 1, .groups = 1, .in_channels = 1, .out_channels = 1, .in = { 1 },
                            .kernel = { 1 }, .out = { 1 }, .stride = { 1 }, .padding = { 0 }, .dilation = { 1 } };
    int32_t x = 1, w = 1, y = 0;
    assert_int_equal(torsh__conv_forward(&s, &x, &w, NULL, &y), TORSH_UNSUPPORTED);
    assert_int_equal(torsh__conv_backward_weight(&s, &x, &w, &y), TORSH_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f32), cmocka_unit_test(test_f64), cmocka_unit_test(test_halves),
        cmocka_unit_test(test_windows), cmocka_unit_test(test_uneven), cmocka_unit_test(test_threads), cmocka_unit_test(test_dtype),
    };
    return cmocka_run_group_tests_name("conv", tests, NULL, NULL);
}
