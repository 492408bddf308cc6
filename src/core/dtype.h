/* Element types: sizes, categories, promotion, and the bit conversions of the 16-bit floats.
 * The conversions are branch-free so that kernels built on them vectorise. */
#ifndef TORSH_CORE_DTYPE_H
#define TORSH_CORE_DTYPE_H

#include <torsh/core.h>

#include <string.h>

typedef struct { uint16_t bits; } torsh__f16;
typedef struct { uint16_t bits; } torsh__bf16;
typedef float _Complex torsh__c64;
typedef double _Complex torsh__c128;

enum torsh__category { TORSH__BOOLEAN, TORSH__INTEGER, TORSH__FLOATING, TORSH__COMPLEX };

typedef struct torsh__dtype_info {
    const char *name, *torch_name;
    uint8_t size, category;
} torsh__dtype_info;

extern const torsh__dtype_info torsh__dtypes[TORSH_DTYPE_COUNT];

static inline bool torsh__dtype_valid(int dtype)
{
    return dtype >= 0 && dtype < TORSH_DTYPE_COUNT;
}

/* Sets of dtypes as bit masks. */
#define TORSH__BIT(dtype) (1u << (dtype))
enum {
    TORSH__SET_BOOL = 1u << TORSH_BOOL,
    TORSH__SET_INT = 1u << TORSH_U8 | 1u << TORSH_I8 | 1u << TORSH_I16 | 1u << TORSH_I32 | 1u << TORSH_I64,
    TORSH__SET_FLOAT = 1u << TORSH_F16 | 1u << TORSH_BF16 | 1u << TORSH_F32 | 1u << TORSH_F64,
    TORSH__SET_COMPLEX = 1u << TORSH_C64 | 1u << TORSH_C128,
    TORSH__SET_REAL = TORSH__SET_INT | TORSH__SET_FLOAT,
    TORSH__SET_NUMBER = TORSH__SET_REAL | TORSH__SET_COMPLEX,
    TORSH__SET_ALL = TORSH__SET_NUMBER | TORSH__SET_BOOL
};

static inline bool torsh__in_set(torsh_dtype dtype, unsigned set)
{
    return (set >> dtype & 1u) != 0;
}

/* f32 for c64, f64 for c128, else the dtype itself; and the way back. */
torsh_dtype torsh__dtype_to_real(torsh_dtype dtype);
torsh_dtype torsh__dtype_to_complex(torsh_dtype dtype);

static inline float torsh__bf16_to_f32(torsh__bf16 h)
{
    uint32_t bits = (uint32_t)h.bits << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

/* Round to nearest even; every NaN becomes the quiet 0x7FC0, as in PyTorch. */
static inline torsh__bf16 torsh__f32_to_bf16(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint32_t rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16;
    uint32_t nan = (uint32_t)(f != f);
    return (torsh__bf16){(uint16_t)(nan ? 0x7FC0u : rounded)};
}

static inline float torsh__f16_to_f32(torsh__f16 h)
{
    /* Scale the exponent by a float multiply: it makes subnormals right without a branch. */
    uint32_t sign = (uint32_t)(h.bits & 0x8000u) << 16, magnitude = (uint32_t)(h.bits & 0x7FFFu) << 13;
    float f, scale = 0x1p112f;
    memcpy(&f, &magnitude, sizeof f);
    f *= scale;
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    bits = magnitude >= 0x0F800000u ? magnitude | 0x7F800000u : bits; /* Inf and NaN keep their payload */
    bits |= sign;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline torsh__f16 torsh__f32_to_f16(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint32_t sign = bits & 0x80000000u, magnitude = bits ^ sign;
    /* Normal results: shift the exponent bias and round to even on bit 13. */
    uint32_t normal = (magnitude - 0x38000000u + 0xFFFu + (magnitude >> 13 & 1u)) >> 13;
    /* Subnormal results: adding 0.5 aligns the mantissa so that the FPU rounds it. */
    float small;
    memcpy(&small, &magnitude, sizeof small);
    small += 0.5f;
    uint32_t subnormal;
    memcpy(&subnormal, &small, sizeof subnormal);
    subnormal -= 0x3F000000u;
    uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
    half = magnitude >= 0x477FF000u ? 0x7C00u : half; /* 65520 and more round to Inf */
    half = magnitude > 0x7F800000u ? 0x7E00u : half;
    return (torsh__f16){(uint16_t)(half | sign >> 16)};
}

#endif
