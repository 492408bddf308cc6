/* Times matrix products and states them in GFLOP/s and as a share of the peak, which it measures: a loop of independent
 * fused multiply-adds in registers (compile with -ffp-contract=fast, or it is a loop of multiplications and additions).
 * Prints one line a shape: name, milliseconds (the best of many), GFLOP/s, share of the peak.
 *   gemm [threads] */
#include "gemm.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the peak: 24 sums of 64 bytes (12 of 32), each a chain of multiply-adds; enough chains to hide their latency ---- */

enum { STEPS = 20000 };

#define PEAK(name, type, bytes, chains, target)                                                            \
    typedef type name##_vector __attribute__((vector_size(bytes)));                                        \
    target static double name(void)                                                                        \
    {                                                                                                      \
        name##_vector sum[chains], a, b;                                                                   \
        for (size_t i = 0; i < (bytes) / sizeof(type); i++) a[i] = (type)0.999, b[i] = (type)1e-3;         \
        for (int c = 0; c < (chains); c++) sum[c] = b * (type)c;                                           \
        double best = 1e9;                                                                                 \
        for (int repeat = 0; repeat < 200; repeat++) {                                                     \
            double start = now();                                                                          \
            for (int step = 0; step < STEPS; step++)                                                       \
                _Pragma("GCC unroll 32") for (int c = 0; c < (chains); c++) sum[c] = sum[c] * a + b;       \
            double took = now() - start;                                                                   \
            best = took < best ? took : best;                                                              \
        }                                                                                                  \
        volatile type keep = 0;                                                                            \
        for (int c = 0; c < (chains); c++) keep = keep + sum[c][0];                                        \
        return 2.0 * STEPS * (chains) * ((bytes) / sizeof(type)) / best;                                   \
    }

#if defined(__x86_64__)
PEAK(peak_f32_512, float, 64, 24, __attribute__((target("avx512f,fma"))))
PEAK(peak_f64_512, double, 64, 24, __attribute__((target("avx512f,fma"))))
PEAK(peak_f32_256, float, 32, 12, __attribute__((target("avx2,fma"))))
PEAK(peak_f64_256, double, 32, 12, __attribute__((target("avx2,fma"))))
#endif
PEAK(peak_f32_128, float, 16, 12, )
PEAK(peak_f64_128, double, 16, 12, )

static double peak(torsh_dtype dtype)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return dtype == TORSH_F32 ? peak_f32_512() : peak_f64_512();
    if (__builtin_cpu_supports("fma")) return dtype == TORSH_F32 ? peak_f32_256() : peak_f64_256();
#endif
    return dtype == TORSH_F32 ? peak_f32_128() : peak_f64_128();
}

/* ---- the products ---- */

typedef struct shape {
    const char *name;
    torsh_dtype dtype;
    int64_t m, n, k;
    bool b_transposed;
} shape;

static const shape SHAPES[] = {
    { "sgemm 256", TORSH_F32, 256, 256, 256, false },
    { "sgemm 1024", TORSH_F32, 1024, 1024, 1024, false },
    { "dgemm 1024", TORSH_F64, 1024, 1024, 1024, false },
    { "linear 64x784 512", TORSH_F32, 64, 512, 784, true },
    { "linear 4x8 8", TORSH_F32, 4, 8, 8, true },
    { "gemv 784x512", TORSH_F32, 1, 512, 784, true },
};

static void *filled(torsh_dtype dtype, int64_t n)
{
    size_t size = dtype == TORSH_F32 ? sizeof(float) : sizeof(double);
    void *memory = aligned_alloc(64, ((size_t)n * size + 63) / 64 * 64);
    for (int64_t i = 0; i < n && memory; i++) {
        double x = (double)(i % 251) / 251 - 0.5;
        if (dtype == TORSH_F32) ((float *)memory)[i] = (float)x;
        else ((double *)memory)[i] = x;
    }
    return memory;
}

static double time_shape(const shape *s)
{
    torsh__gemm_args g = { .dtype = s->dtype, .m = s->m, .n = s->n, .k = s->k, .a = filled(s->dtype, s->m * s->k), .b = filled(s->dtype, s->k * s->n),
                           .c = filled(s->dtype, s->m * s->n), .a_row = s->k, .a_col = 1, .b_row = s->b_transposed ? 1 : s->n,
                           .b_col = s->b_transposed ? s->k : 1, .c_row = s->n, .c_col = 1, .alpha = { 1 } };
    int inner = s->m * s->n * s->k < 100000 ? 1000 : 1;
    double best = 1e9, until = now() + 0.5;
    while (g.a && g.b && g.c && now() < until) {
        double start = now();
        for (int i = 0; i < inner; i++)
            if (torsh__gemm(&g) != TORSH_OK) return -1;
        double took = (now() - start) / inner;
        best = took < best ? took : best;
    }
    free((void *)(uintptr_t)g.a), free((void *)(uintptr_t)g.b), free(g.c);
    return best;
}

int main(int argc, char **argv)
{
    int threads = argc > 1 ? atoi(argv[1]) : 1;
    if (torsh_set_num_threads(threads) != TORSH_OK) return 2;
    double peaks[2] = { peak(TORSH_F32) * threads, peak(TORSH_F64) * threads };
    printf("peak on %d threads: f32 %.1f GFLOP/s, f64 %.1f GFLOP/s\n", threads, peaks[0] * 1e-9, peaks[1] * 1e-9);
    for (size_t i = 0; i < sizeof SHAPES / sizeof *SHAPES; i++) {
        const shape *s = &SHAPES[i];
        double took = time_shape(s), rate = 2.0 * (double)s->m * (double)s->n * (double)s->k / took;
        printf("%-20s %10.5f ms %8.1f GFLOP/s %6.1f %% of the peak\n", s->name, took * 1e3, rate * 1e-9, 100 * rate / peaks[s->dtype == TORSH_F64]);
    }
    return 0;
}
