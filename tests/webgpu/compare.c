#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state = 1;
static double most;

void draw_from(uint32_t seed)
{
    state = seed * 2654435761u + 12345;
}

double draw(void)
{
    state = state * 1664525u + 1013904223u;
    return (double)(state >> 8) / 16777216.0;
}

static double one(const char *domain, torsh_dtype dtype)
{
    bool whole = dtype <= TORSH_I64, natural = dtype == TORSH_U8 || dtype == TORSH_BOOL;
    double u = draw(), v = (2 * u - 1) * 4;
    if (dtype == TORSH_BOOL || strcmp(domain, "BOOL") == 0) return u < 0.5;
    if (strcmp(domain, "BIT") == 0) return floor(u * 32);
    if (strcmp(domain, "POSITIVE") == 0) v = 0.125 + u * 4;
    if (strcmp(domain, "UNIT") == 0) v = 2 * u - 1;
    if (strcmp(domain, "OPEN01") == 0) v = 0.02 + 0.96 * u;
    if (strcmp(domain, "GT1") == 0) v = 1.02 + 3 * u;
    if (strcmp(domain, "GTM1") == 0) v = -0.98 + 4 * u;
    if (strcmp(domain, "SMALL") == 0) v = (2 * u - 1) * 0.9;
    if (strcmp(domain, "NONZERO") == 0) v = v < 0 ? v - 0.25 : v + 0.25;
    if (!whole) return v;
    v = natural ? fabs(v) : v;
    double n = v < 0 ? ceil(v) : floor(v);
    return n == 0 && (strcmp(domain, "NONZERO") == 0 || strcmp(domain, "POSITIVE") == 0) ? 1 : n;
}

torsh_tensor drawn(const char *domain, torsh_dtype dtype, const int64_t *sizes, size_t ndim)
{
    size_t count = 1;
    for (size_t d = 0; d < ndim; d++) count *= (size_t)sizes[d];
    double *values = malloc((count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = one(domain ? domain : "ANY", dtype);
    torsh_tensor t = torsh_from_slice(values, count, sizes, ndim, dtype, TORSH_CPU);
    free(values);
    return t;
}

/* One element as a double. */
static double element(const void *data, size_t i, torsh_dtype dtype)
{
    const unsigned char *at = (const unsigned char *)data + i * torsh_dtype_size(dtype);
    uint16_t half;
    uint32_t bits;
    float f;
    double d;
    int64_t l;
    switch (dtype) {
    case TORSH_BOOL:
    case TORSH_U8: return *at;
    case TORSH_I8: return (int8_t)*at;
    case TORSH_I16: memcpy(&half, at, 2); return (int16_t)half;
    case TORSH_I32: memcpy(&bits, at, 4); return (int32_t)bits;
    case TORSH_I64: memcpy(&l, at, 8); return (double)l;
    case TORSH_F32: memcpy(&f, at, 4); return (double)f;
    case TORSH_F64: memcpy(&d, at, 8); return d;
    case TORSH_BF16:
        memcpy(&half, at, 2);
        bits = (uint32_t)half << 16;
        memcpy(&f, &bits, 4);
        return (double)f;
    case TORSH_F16:
        memcpy(&half, at, 2);
        d = (half >> 10 & 31) == 0 ? ldexp(half & 1023, -24) : (half >> 10 & 31) == 31 ? ((half & 1023) ? (double)NAN : (double)INFINITY)
                                                                                      : ldexp(1024 + (half & 1023), (half >> 10 & 31) - 25);
        return half & 0x8000 ? -d : d;
    default: return (double)NAN;
    }
}

double worst(void)
{
    return most;
}

const char *differs(torsh_tensor cpu, torsh_tensor gpu, double loose)
{
    static char text[256];
    if (TORSH_FAILED(cpu) || TORSH_FAILED(gpu)) {
        snprintf(text, sizeof text, "cpu: %s; webgpu: %s", TORSH_FAILED(cpu) ? torsh_id_error(cpu.id) : "ok", TORSH_FAILED(gpu) ? torsh_id_error(gpu.id) : "ok");
        return text;
    }
    torsh_dtype dtype = torsh_dtype_of(cpu);
    if (torsh_dtype_of(gpu) != dtype) return "the dtypes differ";
    if (torsh_device_of(gpu) != GPU) return "the result is not on the device";
    if (torsh_ndim(gpu) != torsh_ndim(cpu) || torsh_numel(gpu) != torsh_numel(cpu)) return "the shapes differ";
    size_t count = (size_t)torsh_numel(cpu), bytes = count * torsh_dtype_size(dtype);
    char *a = malloc(bytes + 1), *b = malloc(bytes + 1);
    const char *answer = "";
    most = 0;
    if (torsh_to_host(cpu, a, bytes) || torsh_to_host(gpu, b, bytes)) {
        snprintf(text, sizeof text, "to_host: %s", torsh_last_error());
        answer = text;
    }
    double unit = dtype == TORSH_F16 ? 0x1p-10 : dtype == TORSH_BF16 ? 0x1p-7 : dtype == TORSH_F32 ? 0x1p-23 : 0;
    for (size_t i = 0; i < count && !*answer; i++) {
        double want = element(a, i, dtype), got = element(b, i, dtype);
        bool same = want == got || (isnan(want) && isnan(got));
        double error = same ? 0 : fabs(got - want) / fmax(fabs(want), dtype == TORSH_F32 ? 1e-2 : 0x1p-14) / (unit > 0 ? unit : 1e-300);
        if (error > most) most = error;
        if (same || error <= (dtype == TORSH_F32 ? loose : 1 + loose * 0x1p-10)) continue;
        snprintf(text, sizeof text, "%s element %zu of %zu: cpu %.9g, webgpu %.9g", torsh_dtype_name(dtype), i, count, want, got);
        answer = text;
    }
    free(a);
    free(b);
    return answer;
}

void require_device(void)
{
    if (torsh_device_available(GPU)) return;
    torsh_device_count(GPU);
    printf("skipped: %s\n", torsh_last_error());
    exit(77);
}
