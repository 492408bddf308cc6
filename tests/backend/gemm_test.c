/* Matrix products against a naive loop in f64, over shapes that hit every path and edge, all dtypes and strides, and the same
 * bits for any number of threads. */
#include "gemm.h"
#include "dtype.h"

#include <complex.h>
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

static double complex get(torsh_dtype dtype, const void *base, int64_t i)
{
    switch (dtype) {
    case TORSH_U8: return ((const uint8_t *)base)[i];
    case TORSH_I8: return ((const int8_t *)base)[i];
    case TORSH_I16: return ((const int16_t *)base)[i];
    case TORSH_I32: return ((const int32_t *)base)[i];
    case TORSH_I64: return (double)((const int64_t *)base)[i];
    case TORSH_F16: return (double)torsh__f16_to_f32(((const torsh__f16 *)base)[i]);
    case TORSH_BF16: return (double)torsh__bf16_to_f32(((const torsh__bf16 *)base)[i]);
    case TORSH_F32: return (double)((const float *)base)[i];
    case TORSH_F64: return ((const double *)base)[i];
    case TORSH_C64: return (double complex)((const torsh__c64 *)base)[i];
    default: return ((const torsh__c128 *)base)[i];
    }
}

static void put(torsh_dtype dtype, void *base, int64_t i, double complex x)
{
    double re = creal(x);
    switch (dtype) {
    case TORSH_U8: ((uint8_t *)base)[i] = (uint8_t)(int64_t)re; break;
    case TORSH_I8: ((int8_t *)base)[i] = (int8_t)(int64_t)re; break;
    case TORSH_I16: ((int16_t *)base)[i] = (int16_t)(int64_t)re; break;
    case TORSH_I32: ((int32_t *)base)[i] = (int32_t)(int64_t)re; break;
    case TORSH_I64: ((int64_t *)base)[i] = (int64_t)re; break;
    case TORSH_F16: ((torsh__f16 *)base)[i] = torsh__f32_to_f16((float)re); break;
    case TORSH_BF16: ((torsh__bf16 *)base)[i] = torsh__f32_to_bf16((float)re); break;
    case TORSH_F32: ((float *)base)[i] = (float)re; break;
    case TORSH_F64: ((double *)base)[i] = re; break;
    case TORSH_C64: ((torsh__c64 *)base)[i] = (torsh__c64)x; break;
    default: ((torsh__c128 *)base)[i] = x; break;
    }
}

static bool is_integer(torsh_dtype d)
{
    return d <= TORSH_I64;
}

static bool is_complex(torsh_dtype d)
{
    return d >= TORSH_C64;
}

static size_t size_of(torsh_dtype d)
{
    static const size_t sizes[TORSH_DTYPE_COUNT] = { 1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16 };
    return sizes[d];
}

/* Allowed error per unit of magnitude: rounding of the result, and of a sum of k terms. */
static double tolerance(torsh_dtype d, int64_t k)
{
    switch (d) {
    case TORSH_F16: return 0x1p-10;
    case TORSH_BF16: return 0x1p-7;
    case TORSH_F32: case TORSH_C64: return 0x1p-23 * (4 + sqrt((double)k));
    case TORSH_F64: case TORSH_C128: return 0x1p-52 * (4 + sqrt((double)k));
    default: return 0;
    }
}

static void *filled(torsh_dtype dtype, int64_t count)
{
    char *memory = malloc((size_t)(count + 1) * size_of(dtype));
    for (int64_t i = 0; i < count; i++) {
        double complex x = draw() + (is_complex(dtype) ? draw() * I : 0);
        put(dtype, memory, i, is_integer(dtype) ? round(creal(x) * 9) : x);
    }
    return memory;
}

typedef struct layout { int a, b, c; } layout; /* 0 rows adjacent, 1 columns adjacent, 2 neither */

static void strides(int kind, int64_t rows, int64_t columns, int64_t *row, int64_t *column)
{
    *row = kind == 0 ? columns + 1 : kind == 1 ? 1 : 2 * columns + 3;
    *column = kind == 0 ? 1 : kind == 1 ? rows + 2 : 2;
}

static int64_t extent(int64_t rows, int64_t columns, int64_t row, int64_t column)
{
    return (rows - 1) * row + (columns - 1) * column + 1;
}

static double wrap(torsh_dtype d, double x) /* exact for the small integers of this test */
{
    char cell[16];
    put(d, cell, 0, x);
    return creal(get(d, cell, 0));
}

typedef struct variant { double alpha, beta; int bias; bool relu; } variant; /* bias: 0 none, 1 per column, 2 per row */

static void check_one(torsh_dtype d, int64_t m, int64_t n, int64_t k, layout l, variant v)
{
    torsh__gemm_args g = { .dtype = d, .m = m, .n = n, .k = k, .alpha = { v.alpha, 0 }, .beta = { v.beta, 0 }, .relu = v.relu };
    strides(l.a, m, k, &g.a_row, &g.a_col);
    strides(l.b, k, n, &g.b_row, &g.b_col);
    strides(l.c, m, n, &g.c_row, &g.c_col);
    if (is_complex(d)) g.alpha[1] = v.alpha == 1 ? 0 : -0.5;
    int64_t c_count = extent(m, n, g.c_row, g.c_col);
    void *a = filled(d, k ? extent(m, k, g.a_row, g.a_col) : 0), *b = filled(d, k ? extent(k, n, g.b_row, g.b_col) : 0);
    void *c = filled(d, c_count), *bias = filled(d, m + n), *before = malloc((size_t)(c_count + 1) * size_of(d));
    if (v.beta == 0 && !is_integer(d))
        for (int64_t i = 0; i < c_count; i++) put(d, c, i, NAN); /* must not be read */
    memcpy(before, c, (size_t)c_count * size_of(d));
    g.a = a, g.b = b, g.c = c;
    if (v.bias) g.bias = bias, g.bias_row = v.bias == 2, g.bias_col = v.bias == 1;
    assert_int_equal(torsh__gemm(&g), TORSH_OK);
    char *touched = calloc((size_t)c_count + 1, 1);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double complex sum = 0;
            double magnitude = 0;
            for (int64_t p = 0; p < k; p++) {
                double complex x = get(d, a, i * g.a_row + p * g.a_col), y = get(d, b, p * g.b_row + j * g.b_col);
                sum += x * y;
                magnitude += cabs(x * y);
            }
            sum *= g.alpha[0] + g.alpha[1] * I;
            magnitude *= 2;
            int64_t at = i * g.c_row + j * g.c_col;
            touched[at] = 1;
            if (v.beta != 0) sum += v.beta * get(d, before, at), magnitude += fabs(v.beta);
            if (v.bias) sum += get(d, bias, v.bias == 2 ? i : j), magnitude += 1;
            if (v.relu) sum = creal(sum) < 0 ? 0 : sum;
            double complex got = get(d, c, at);
            if (is_integer(d)) sum = wrap(d, creal(sum));
            double error = cabs(got - sum);
            if (!(error <= tolerance(d, k) * (magnitude + 1e-30)))
                fail_msg("dtype %d m %ld n %ld k %ld layout %d%d%d alpha %g beta %g bias %d at (%ld, %ld): %g, not %g", d, (long)m, (long)n,
                         (long)k, l.a, l.b, l.c, v.alpha, v.beta, v.bias, (long)i, (long)j, creal(got), creal(sum));
        }
    for (int64_t i = 0; i < c_count; i++) /* gaps between strided elements stay as they were */
        if (!touched[i]) assert_memory_equal((char *)c + (size_t)i * size_of(d), (char *)before + (size_t)i * size_of(d), size_of(d));
    free(a), free(b), free(c), free(bias), free(before), free(touched);
}

static const variant VARIANTS[] = { { 1, 0, 0, false }, { 1, 1, 0, false }, { 2, 3, 1, false }, { 1, 0, 1, true }, { 1, 0, 2, false }, { 0, 1, 0, false } };

static void check_dtype(torsh_dtype d)
{
    static const int64_t shapes[][3] = { { 1, 1, 1 }, { 4, 8, 8 }, { 1, 70, 33 }, { 70, 1, 33 }, { 1, 1, 100 }, { 3, 5, 0 }, { 15, 33, 17 },
                                         { 29, 65, 40 }, { 64, 10, 128 }, { 100, 90, 400 } };
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int l = 0; l < 27; l++)
            for (size_t v = 0; v < sizeof VARIANTS / sizeof *VARIANTS; v++) {
                if (VARIANTS[v].relu && (is_complex(d) || is_integer(d))) continue;
                if (s > 6 && (l % 5 || (v + (size_t)l) % 3)) continue; /* the large ones with a sample of the rest */
                check_one(d, shapes[s][0], shapes[s][1], shapes[s][2], (layout){ l % 3, l / 3 % 3, l / 9 }, VARIANTS[v]);
            }
}

static void test_floats(void **state)
{
    (void)state;
    check_dtype(TORSH_F32);
    check_dtype(TORSH_F64);
}

static void test_halves(void **state)
{
    (void)state;
    check_dtype(TORSH_F16);
    check_dtype(TORSH_BF16);
}

static void test_integers(void **state)
{
    (void)state;
    for (int d = TORSH_U8; d <= TORSH_I64; d++) check_dtype((torsh_dtype)d);
}

static void test_complex(void **state)
{
    (void)state;
    check_dtype(TORSH_C64);
    check_dtype(TORSH_C128);
}

/* Larger than the super-blocks, and a long sum with a small result. */
static void test_large(void **state)
{
    (void)state;
    check_one(TORSH_F32, 1600, 40, 30, (layout){ 0, 1, 0 }, VARIANTS[2]);
    check_one(TORSH_F32, 20, 3200, 30, (layout){ 1, 0, 0 }, VARIANTS[3]);
    check_one(TORSH_F32, 33, 31, 5000, (layout){ 1, 0, 0 }, VARIANTS[2]);
    check_one(TORSH_F64, 1, 1, 9000, (layout){ 0, 0, 0 }, VARIANTS[0]);
    check_one(TORSH_BF16, 30, 60, 5000, (layout){ 0, 1, 0 }, VARIANTS[4]);
    check_one(TORSH_BF16, 131, 150, 201, (layout){ 0, 0, 0 }, VARIANTS[0]); /* odd k, rows at even strides */
    check_one(TORSH_BF16, 131, 150, 4501, (layout){ 0, 1, 0 }, VARIANTS[2]);
    check_one(TORSH_BF16, 150, 131, 200, (layout){ 1, 0, 0 }, VARIANTS[0]);
}

static void test_batches(void **state)
{
    (void)state;
    enum { BATCH = 7, M = 5, N = 9, K = 6 };
    for (int kind = 0; kind < 3; kind++) { /* 0 all batched, 1 one B for all, 2 one A for all */
        float *a = filled(TORSH_F32, BATCH * M * K), *b = filled(TORSH_F32, BATCH * K * N), c[BATCH * M * N];
        torsh__gemm_args g = { .dtype = TORSH_F32, .batch = BATCH, .m = M, .n = N, .k = K, .a = a, .b = b, .c = c, .a_row = K, .a_col = 1,
                               .b_row = N, .b_col = 1, .c_row = N, .c_col = 1, .a_batch = kind == 2 ? 0 : M * K,
                               .b_batch = kind == 1 ? 0 : K * N, .c_batch = M * N, .alpha = { 1 } };
        assert_int_equal(torsh__gemm(&g), TORSH_OK);
        for (int z = 0; z < BATCH; z++)
            for (int i = 0; i < M; i++)
                for (int j = 0; j < N; j++) {
                    double sum = 0;
                    for (int p = 0; p < K; p++) sum += (double)a[z * g.a_batch + i * K + p] * (double)b[z * g.b_batch + p * N + j];
                    assert_true(fabs(sum - (double)c[(z * M + i) * N + j]) < 1e-5);
                }
        free(a), free(b);
    }
}

/* The same bits with 1, 2 and 3 threads, for the shapes that are cut up: blocks, long sums, batches, half types. */
static void test_threads(void **state)
{
    (void)state;
    static const int64_t shapes[][4] = { { 1, 300, 300, 400 }, { 1, 30, 40, 20000 }, { 40, 50, 60, 70 }, { 1, 1, 3000, 500 } };
    static const torsh_dtype dtypes[] = { TORSH_F32, TORSH_F64, TORSH_BF16, TORSH_C64 };
    int before = torsh_num_threads();
    for (size_t s = 0; s < 4; s++)
        for (size_t t = 0; t < 4; t++) {
            int64_t batch = shapes[s][0], m = shapes[s][1], n = shapes[s][2], k = shapes[s][3];
            size_t bytes = (size_t)(batch * m * n) * size_of(dtypes[t]);
            void *a = filled(dtypes[t], batch * m * k), *b = filled(dtypes[t], batch * k * n), *c[2] = { malloc(bytes), malloc(bytes) };
            for (int threads = 1; threads <= 3; threads++) {
                torsh__gemm_args g = { .dtype = dtypes[t], .batch = batch, .m = m, .n = n, .k = k, .a = a, .b = b, .c = c[threads > 1],
                                       .a_row = k, .a_col = 1, .a_batch = m * k, .b_row = 1, .b_col = k, .b_batch = n * k,
                                       .c_row = n, .c_col = 1, .c_batch = m * n, .alpha = { 1 } };
                torsh_set_num_threads(threads);
                assert_int_equal(torsh__gemm(&g), TORSH_OK);
                if (threads > 1) assert_memory_equal(c[0], c[1], bytes);
            }
            free(a), free(b), free(c[0]), free(c[1]);
        }
    torsh_set_num_threads(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floats),  cmocka_unit_test(test_halves), cmocka_unit_test(test_integers),
        cmocka_unit_test(test_complex), cmocka_unit_test(test_large),  cmocka_unit_test(test_batches), cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("gemm", tests, NULL, NULL);
}
