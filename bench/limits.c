/* What this machine can do at most, for one core: FMA rate in f32 and f64 (FLOP/s) and memory traffic (bytes/s), as three
 * numbers on one line. The FMA loops keep 24 independent vectors in registers; the copy moves 64 MB. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

#define FMA_LOOP(name, type, bytes, features)                                                                          \
    typedef type name##_vector __attribute__((vector_size(bytes)));                                                    \
    static __attribute__((target(features), noinline)) double name(long rounds)                                        \
    {                                                                                                                  \
        name##_vector acc[24], x, y;                                                                                   \
        for (int i = 0; i < 24; i++) acc[i] = (name##_vector){0} + (type)i;                                            \
        x = (name##_vector){0} + (type)0.999;                                                                          \
        y = (name##_vector){0} + (type)0.001;                                                                          \
        for (long r = 0; r < rounds; r++)                                                                              \
            _Pragma("GCC unroll 24") for (int i = 0; i < 24; i++) acc[i] = acc[i] * x + y;                             \
        double sum = 0;                                                                                                \
        for (int i = 0; i < 24; i++) sum += (double)acc[i][0];                                                         \
        return sum;                                                                                                    \
    }
#if defined(__x86_64__)
FMA_LOOP(f32_512, float, 64, "avx512f,fma")
FMA_LOOP(f64_512, double, 64, "avx512f,fma")
FMA_LOOP(f32_256, float, 32, "avx2,fma")
FMA_LOOP(f64_256, double, 32, "avx2,fma")
#else
FMA_LOOP(f32_128, float, 16, "arch=armv8-a")
FMA_LOOP(f64_128, double, 16, "arch=armv8-a")
#endif

static double rate(double (*loop)(long), double flops_per_round)
{
    static volatile double sink;
    double best = 0;
    for (int i = 0; i < 9; i++) {
        double start = now();
        sink = loop(400000);
        double speed = 400000 * flops_per_round / (now() - start);
        if (speed > best) best = speed;
    }
    (void)sink;
    return best;
}

static double copy_rate(void)
{
    size_t bytes = (size_t)64 << 20;
    char *from = malloc(bytes), *to = malloc(bytes);
    double best = 0;
    if (from && to) {
        memset(from, 1, bytes);
        memset(to, 2, bytes);
        for (int i = 0; i < 9; i++) {
            double start = now();
            memcpy(to, from, bytes);
            double speed = 2.0 * (double)bytes / (now() - start);
            if (speed > best) best = speed;
        }
    }
    free(from);
    free(to);
    return best;
}

int main(void)
{
#if defined(__x86_64__)
    int wide = __builtin_cpu_supports("avx512f");
    double f32 = wide ? rate(f32_512, 24 * 16 * 2) : rate(f32_256, 24 * 8 * 2), f64 = wide ? rate(f64_512, 24 * 8 * 2) : rate(f64_256, 24 * 4 * 2);
#else
    double f32 = rate(f32_128, 24 * 4 * 2), f64 = rate(f64_128, 24 * 2 * 2);
#endif
    printf("%.4g %.4g %.4g\n", f32, f64, copy_rate());
    return 0;
}
