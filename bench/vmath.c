/* Nanoseconds per element of the vmath functions on 1 Mi elements, one thread, best of many. Build it with the flags of an instruction
 * set and run it beside PyTorch's torch.exp(x, out=o) and so on:
 *     cc -O3 -march=native -mprefer-vector-width=512 -fno-math-errno -fno-trapping-math -ffp-contract=off -Isrc/backend/cpu bench/vmath.c -lm */
#define _POSIX_C_SOURCE 200809L
#include "vmath.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNT = 1 << 20, ROUNDS = 60 };

#define UNARY(ROW)                                                                                                          \
    ROW(exp) ROW(exp2) ROW(expm1) ROW(log) ROW(log2) ROW(log10) ROW(log1p) ROW(sqrt) ROW(rsqrt) ROW(cbrt) ROW(sin) ROW(cos)  \
    ROW(tan) ROW(asin) ROW(acos) ROW(atan) ROW(sinh) ROW(cosh) ROW(tanh) ROW(asinh) ROW(acosh) ROW(atanh) ROW(erf) ROW(erfc) \
    ROW(erfinv) ROW(lgamma) ROW(digamma) ROW(sigmoid) ROW(logit) ROW(gelu) ROW(gelu_tanh) ROW(silu) ROW(softplus) ROW(mish)  \
    ROW(sinc) ROW(floor) ROW(round)
#define BINARY(ROW) ROW(pow) ROW(atan2) ROW(hypot) ROW(logaddexp) ROW(logaddexp2) ROW(xlogy) ROW(min) ROW(nextafter)
#define NEAR_UNARY(ROW) ROW(sin) ROW(cos) ROW(tan)
#define NEAR_BINARY(ROW) ROW(fmod) ROW(remainder) ROW(floor_divide)

#define LOOP_1(n)                                                                                                           \
    static void n##_32(float *restrict o, const float *restrict a, const float *restrict b)                                 \
    {                                                                                                                       \
        (void)b;                                                                                                            \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_f32(a[i]);                                                           \
    }                                                                                                                       \
    static void n##_64(double *restrict o, const double *restrict a, const double *restrict b)                              \
    {                                                                                                                       \
        (void)b;                                                                                                            \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_f64(a[i]);                                                           \
    }
#define LOOP_2(n)                                                                                                           \
    static void n##_32(float *restrict o, const float *restrict a, const float *restrict b)                                 \
    {                                                                                                                       \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_f32(a[i], b[i]);                                                     \
    }                                                                                                                       \
    static void n##_64(double *restrict o, const double *restrict a, const double *restrict b)                              \
    {                                                                                                                       \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_f64(a[i], b[i]);                                                     \
    }
#define LOOP_NEAR_1(n)                                                                                                      \
    static void n##_near_32(float *restrict o, const float *restrict a, const float *restrict b)                            \
    {                                                                                                                       \
        (void)b;                                                                                                            \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_at_f32(a[i], 0);                                                     \
    }                                                                                                                       \
    static void n##_near_64(double *restrict o, const double *restrict a, const double *restrict b)                         \
    {                                                                                                                       \
        (void)b;                                                                                                            \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_at_f64(a[i], 0);                                                     \
    }
#define LOOP_NEAR_2(n)                                                                                                      \
    static void n##_near_32(float *restrict o, const float *restrict a, const float *restrict b)                            \
    {                                                                                                                       \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_at_f32(a[i], b[i], 0);                                               \
    }                                                                                                                       \
    static void n##_near_64(double *restrict o, const double *restrict a, const double *restrict b)                         \
    {                                                                                                                       \
        for (int i = 0; i < COUNT; i++) o[i] = m_##n##_at_f64(a[i], b[i], 0);                                               \
    }
UNARY(LOOP_1)
BINARY(LOOP_2)
NEAR_UNARY(LOOP_NEAR_1)
NEAR_BINARY(LOOP_NEAR_2)

typedef struct {
    const char *name;
    void (*f32)(float *restrict, const float *restrict, const float *restrict);
    void (*f64)(double *restrict, const double *restrict, const double *restrict);
} row;
#define ROW_PLAIN(n) {#n, n##_32, n##_64},
#define ROW_NEAR(n) {#n "_near", n##_near_32, n##_near_64},
static const row rows[] = {UNARY(ROW_PLAIN) BINARY(ROW_PLAIN) NEAR_UNARY(ROW_NEAR) NEAR_BINARY(ROW_NEAR)};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static float a32[COUNT], b32[COUNT], o32[COUNT];
static double a64[COUNT], b64[COUNT], o64[COUNT];

int main(int argc, char **argv)
{
    uint32_t state = 1;
    for (int i = 0; i < COUNT; i++) { /* like randn().abs() + 0.1 and 3 rand(): every function has work to do */
        double u[2];
        for (int k = 0; k < 2; k++) u[k] = (double)((state = state * 1664525u + 1013904223u) >> 8) * 0x1p-24;
        a32[i] = (float)(a64[i] = u[0] * 2.5 + 0.05);
        b32[i] = (float)(b64[i] = u[1] * 3);
    }
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        double best32 = 1e30, best64 = 1e30;
        if (argc > 1 && !strstr(rows[k].name, argv[1])) continue;
        for (int r = 0; r < ROUNDS && best32 * r < 1e9; r++) {
            double t0 = now();
            rows[k].f32(o32, a32, b32);
            double t1 = now();
            rows[k].f64(o64, a64, b64);
            double t2 = now();
            best32 = t1 - t0 < best32 ? t1 - t0 : best32;
            best64 = t2 - t1 < best64 ? t2 - t1 : best64;
        }
        printf("%-18s f32 %7.3f ns   f64 %7.3f ns\n", rows[k].name, best32 / COUNT, best64 / COUNT);
    }
    return 0;
}
