/* frexp and nextafter: floats taken apart as bits; complex: numbers from their parts. */
#include "cpu.h"
#include "families.h"
#include "iterate.h"
#include "special_kernels.h"

#include <math.h>

static void frexp_chunk(void *context, int64_t n, void *const *data)
{
    double *mantissa = data[0];
    int32_t *exponent = data[1];
    const double *x = data[2];
    (void)context;
    for (int64_t i = 0; i < n; i++) {
        int e;
        mantissa[i] = frexp(x[i], &e);
        exponent[i] = e;
    }
}

static torsh_status run_frexp(const torsh_launch *launch, const void *data)
{
    const torsh_operand *operands[] = {launch->output[0], launch->output[1], launch->input[0]};
    (void)data;
    torsh__iterate(2, 1, operands, (const torsh_dtype[]){TORSH_F64, TORSH_I32, TORSH_F64}, frexp_chunk, NULL);
    return TORSH_OK;
}

/* Floats of a format are in the order of their bits, as numbers with a sign. */
#define NEXT_CHUNK(name, type, infinity)                                                          \
    static void name(void *context, int64_t n, void *const *data)                                 \
    {                                                                                             \
        type *out = data[0];                                                                      \
        const type *from = data[1], *to = data[2], sign = (type)((type)1 << (sizeof(type) * 8 - 1)); \
        const type size = (type)(sign - 1);                                                       \
        (void)context;                                                                            \
        for (int64_t i = 0; i < n; i++) {                                                         \
            type a = from[i], b = to[i], x = (type)(a & size), y = (type)(b & size);              \
            int below = (a & sign) != 0, to_below = (b & sign) != 0;                              \
            if (x > (infinity) || y > (infinity)) out[i] = (type)((infinity) | (infinity) >> 1);  \
            else if (a == b || (x | y) == 0) out[i] = b;                                          \
            else if (x == 0) out[i] = (type)((b & sign) | 1);                                     \
            else if (below == to_below && y > x) out[i] = (type)(a + 1);                          \
            else out[i] = (type)(a - 1);                                                          \
        }                                                                                         \
    }
NEXT_CHUNK(next_f16, uint16_t, 0x7C00)
NEXT_CHUNK(next_bf16, uint16_t, 0x7F80)
NEXT_CHUNK(next_f32, uint32_t, UINT32_C(0x7F800000))
NEXT_CHUNK(next_f64, uint64_t, UINT64_C(0x7FF0000000000000))

static void loop_chunk(void *context, int64_t n, void *const *data)
{
    torsh__pointwise_loop *const *loop = context;
    (*loop)(n, data[0], data[1], data[2], NULL, torsh__no_attributes);
}

static torsh_status run_nextafter(const torsh_launch *launch, const void *data)
{
    const torsh_operand *operands[] = {launch->output[0], launch->input[0], launch->input[1]};
    torsh_dtype d = launch->compute;
    torsh__pointwise_loop *loop = torsh__special_loop(TORSH__SPECIAL_NEXTAFTER, d);
    (void)data;
    if (loop) torsh__iterate(1, 2, operands, (const torsh_dtype[]){d, d, d}, loop_chunk, &loop);
    else torsh__iterate(1, 2, operands, (const torsh_dtype[]){d, d, d}, d == TORSH_F16 ? next_f16 : d == TORSH_BF16 ? next_bf16 : d == TORSH_F32 ? next_f32 : next_f64, NULL);
    return TORSH_OK;
}

static void pair_chunk(void *context, int64_t n, void *const *data)
{
    double *out = data[0];
    const double *real = data[1], *imaginary = data[2];
    (void)context;
    for (int64_t i = 0; i < n; i++) out[2 * i] = real[i], out[2 * i + 1] = imaginary[i];
}

/* f32 without a loop of its own goes through f64. */
static torsh_status run_complex(const torsh_launch *launch, const void *data)
{
    const torsh_operand *operands[] = {launch->output[0], launch->input[0], launch->input[1]};
    torsh__pointwise_loop *loop = launch->compute == TORSH_C64 ? torsh__special_loop(TORSH__SPECIAL_PAIR, TORSH_F32) : NULL;
    (void)data;
    if (loop) torsh__iterate(1, 2, operands, (const torsh_dtype[]){TORSH_C64, TORSH_F32, TORSH_F32}, loop_chunk, &loop);
    else torsh__iterate(1, 2, operands, (const torsh_dtype[]){TORSH_C128, TORSH_F64, TORSH_F64}, pair_chunk, NULL);
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_float_bits_kernels[] = {{"complex", {run_complex, NULL}}, {"frexp", {run_frexp, NULL}}, {"nextafter", {run_nextafter, NULL}}, {NULL, {NULL, NULL}}};
