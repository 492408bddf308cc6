/* The matrix-product kernels of one instruction set: register tiles, packing, rounding. Compiled once per instruction set
 * (isa.h) and instantiated per dtype from gemm_dtype.inc.c, gemm_tile.inc.c, gemm_slim.inc.c, gemm_complex.inc.c and gemm_pairs.inc.c. Blocking, threads and
 * memory are in gemm.c. Written with vector extensions; the compiler contracts a * b + c where the target has it. */
#include "gemm_kernels.h"

#include "dtype.h"
#include "gemm_simd.h"

#include <string.h>
#if defined(__F16C__)
#include <immintrin.h>
#endif

#define ROWS REAL_ROWS

/* Integers and complex numbers have no AVX-512 kernels of their own: the library's size is worth more (gemm.c falls back). */
#if defined(__AVX512F__)
#define ALL_TYPES 0
#else
#define ALL_TYPES 1
#endif

#if BYTES > 16 || defined(__aarch64__)
#define WIDE 1
#else
#define WIDE 0
#endif

/* ---- f32, and the half types through it ---- */

#define SLIM WIDE

#define T float
#define LANES (BYTES / 4)
#define COLUMNS (VECTORS * LANES)
#define V v_f32
#define U v_f32_any
#define SCALAR(x) ((float)(x))
#define RELU(x) ((x) < 0 ? 0 : (x))
#define TRANSPOSE transpose_f32
VECTOR(float, v_f32, LANES);
VECTOR(uint32_t, v_bits32, LANES);
VECTOR(uint16_t, v_bits16, LANES);

#define NAME(x) x##_f32
#define S float
#include "gemm_transpose.inc.c"
static inline V load_f32(const float *p) { return *(const U *)p; }
static inline float widen_f32(float x) { return x; }
static inline float narrow_f32(float x) { return x; }
#include "gemm_dtype.inc.c"
#include "gemm_tile.inc.c"
#include "gemm_slim.inc.c"
#undef NAME
#undef S

#define NAME(x) x##_bf16
#define S torsh__bf16
static inline V load_bf16(const torsh__bf16 *p)
{
    return (V)(__builtin_convertvector(*(const v_bits16_any *)p, v_bits32) << 16);
}
static inline float widen_bf16(torsh__bf16 x) { return torsh__bf16_to_f32(x); }
static inline torsh__bf16 narrow_bf16(float x) { return torsh__f32_to_bf16(x); }
#include "gemm_dtype.inc.c"
#undef NAME
#undef S

#define NAME(x) x##_f16
#define S torsh__f16
static inline float widen_f16(torsh__f16 x) { return torsh__f16_to_f32(x); }
static inline torsh__f16 narrow_f16(float x) { return torsh__f32_to_f16(x); }
static inline V load_f16(const torsh__f16 *p)
{
#if defined(__AVX512F__)
    return (V)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p));
#elif defined(__F16C__)
    return (V)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p));
#else
    float wide[LANES];
    for (int i = 0; i < LANES; i++) wide[i] = torsh__f16_to_f32(p[i]);
    V v;
    memcpy(&v, wide, sizeof v);
    return v;
#endif
}
#if defined(__F16C__)
static void spread_f16(int64_t n, void *to, const void *from, int64_t ahead)
{
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        __builtin_prefetch((const torsh__f16 *)from + ahead + i);
        *(U *)((float *)to + i) = load_f16((const torsh__f16 *)from + i);
    }
    for (; i < n; i++) ((float *)to)[i] = torsh__f16_to_f32(((const torsh__f16 *)from)[i]);
}
#define SPREAD_F16 spread_f16
#else
#define SPREAD_F16 NULL
#endif
#include "gemm_dtype.inc.c"
#undef NAME
#undef S
#undef T
#undef V
#undef U
#undef SCALAR
#undef RELU
#undef TRANSPOSE
#undef COLUMNS

#if defined(__AVX512F__)
#include "gemm_pairs.inc.c"
#endif

#define COLUMNS (VECTORS * LANES)

/* ---- i32, and the narrower integers through it: unsigned, so that sums wrap; a sum modulo 2^32 is right modulo 2^8 too ---- */

#if ALL_TYPES

#define T uint32_t
#define V v_bits32
#define U v_bits32_any
#define SCALAR(x) ((uint32_t)(int64_t)(x))
#define RELU(x) ((int32_t)(x) < 0 ? 0 : (x))
#define TRANSPOSE transpose_i32
VECTOR(uint8_t, v_u8, LANES);
VECTOR(int8_t, v_i8, LANES);
VECTOR(int16_t, v_i16, LANES);
VECTOR(int32_t, v_i32, LANES);

#define NAME(x) x##_i32
#define S uint32_t
#include "gemm_transpose.inc.c"
static inline V load_i32(const uint32_t *p) { return *(const U *)p; }
static inline uint32_t widen_i32(uint32_t x) { return x; }
static inline uint32_t narrow_i32(uint32_t x) { return x; }
#include "gemm_dtype.inc.c"
#include "gemm_tile.inc.c"
#undef SLIM
#define SLIM 0
#include "gemm_slim.inc.c"
#undef NAME
#undef S

#define NAME(x) x##_u8
#define S uint8_t
static inline V load_u8(const uint8_t *p) { return __builtin_convertvector(*(const v_u8_any *)p, V); }
static inline uint32_t widen_u8(uint8_t x) { return x; }
static inline uint8_t narrow_u8(uint32_t x) { return (uint8_t)x; }
#include "gemm_dtype.inc.c"
#undef NAME
#undef S

#define NAME(x) x##_i8
#define S int8_t
static inline V load_i8(const int8_t *p) { return (V)__builtin_convertvector(*(const v_i8_any *)p, v_i32); }
static inline uint32_t widen_i8(int8_t x) { return (uint32_t)x; }
static inline int8_t narrow_i8(uint32_t x) { return (int8_t)x; }
#include "gemm_dtype.inc.c"
#undef NAME
#undef S

#define NAME(x) x##_i16
#define S int16_t
static inline V load_i16(const int16_t *p) { return (V)__builtin_convertvector(*(const v_i16_any *)p, v_i32); }
static inline uint32_t widen_i16(int16_t x) { return (uint32_t)x; }
static inline int16_t narrow_i16(uint32_t x) { return (int16_t)x; }
#include "gemm_dtype.inc.c"
#undef NAME
#undef S
#undef T
#undef V
#undef U
#undef SCALAR
#undef RELU
#undef TRANSPOSE
#endif
#undef LANES

/* ---- f64 and i64 ---- */

#define LANES (BYTES / 8)
#undef SLIM
#define SLIM WIDE

#define T double
#define V v_f64
#define U v_f64_any
#define SCALAR(x) (x)
#define RELU(x) ((x) < 0 ? 0 : (x))
#define TRANSPOSE transpose_f64
#define NAME(x) x##_f64
#define S double
VECTOR(double, v_f64, LANES);
#include "gemm_transpose.inc.c"
static inline V load_f64(const double *p) { return *(const U *)p; }
static inline double widen_f64(double x) { return x; }
static inline double narrow_f64(double x) { return x; }
#include "gemm_dtype.inc.c"
#include "gemm_tile.inc.c"
#include "gemm_slim.inc.c"
#undef NAME
#undef S
#undef T
#undef V
#undef U
#undef SCALAR
#undef RELU
#undef TRANSPOSE

#if ALL_TYPES
#undef SLIM
#define SLIM 0
#define T uint64_t
#define V v_i64
#define U v_i64_any
#define SCALAR(x) ((uint64_t)(int64_t)(x))
#define RELU(x) ((int64_t)(x) < 0 ? 0 : (x))
#define TRANSPOSE transpose_i64
#define NAME(x) x##_i64
#define S uint64_t
VECTOR(uint64_t, v_i64, LANES);
#include "gemm_transpose.inc.c"
static inline V load_i64(const uint64_t *p) { return *(const U *)p; }
static inline uint64_t widen_i64(uint64_t x) { return x; }
static inline uint64_t narrow_i64(uint64_t x) { return x; }
#include "gemm_dtype.inc.c"
#include "gemm_tile.inc.c"
#include "gemm_slim.inc.c"
#undef NAME
#undef S
#undef T
#undef V
#undef U
#endif
#undef LANES

/* ---- complex ---- */

#if ALL_TYPES
#undef ROWS
#define ROWS COMPLEX_ROWS

#define LANES (BYTES / 4)
#define T float
#define V v_f32
#define U v_f32_any
#define NAME(x) x##_c64
#include "gemm_complex.inc.c"
#undef LANES
#undef T
#undef V
#undef U
#undef NAME

#define LANES (BYTES / 8)
#define T double
#define V v_f64
#define U v_f64_any
#define NAME(x) x##_c128
#include "gemm_complex.inc.c"
#endif

#if WIDE
#define SLIM_OF(name) slim_##name, outer_##name
#else
#define SLIM_OF(name) NULL, NULL
#endif
#define REAL(bytes, name, ...) { bytes, 1, REAL_ROWS, VECTORS * BYTES / (bytes), block_##name, add_##name, vector_##name, __VA_ARGS__ }
#define COMPLEX(bytes, name) { bytes, 1, COMPLEX_ROWS, 2 * BYTES / (bytes), block_##name, add_##name, vector_##name, NULL, outer_##name }
#define DTYPE(bytes, compute, name) { bytes, compute, pack_a_##name, pack_b_##name, finish_##name, NULL }

#define finish_pairs finish_bf16

const torsh__gemm_kernels TORSH__ISA_NAME(torsh__gemm) = {
    .compute = { [TORSH__GEMM_F32] = REAL(4, f32, SLIM_OF(f32)), [TORSH__GEMM_F64] = REAL(8, f64, SLIM_OF(f64)),
#if ALL_TYPES
                 [TORSH__GEMM_I32] = REAL(4, i32, NULL, NULL), [TORSH__GEMM_I64] = REAL(8, i64, NULL, NULL), [TORSH__GEMM_C64] = COMPLEX(8, c64),
                 [TORSH__GEMM_C128] = COMPLEX(16, c128),
#endif
#if defined(__AVX512F__)
                 [TORSH__GEMM_PAIRS] = { 4, 2, REAL_ROWS, VECTORS * BYTES / 4, block_pairs, add_f32, vector_pairs, slim_pairs, NULL },
#endif
    },
#if defined(__AVX512F__)
    .pairs = DTYPE(2, TORSH__GEMM_PAIRS, pairs),
#endif
    .dtype = { [TORSH_F16] = { 2, TORSH__GEMM_F32, pack_a_f16, pack_b_f16, finish_f16, SPREAD_F16 }, [TORSH_BF16] = DTYPE(2, TORSH__GEMM_F32, bf16),
               [TORSH_F32] = DTYPE(4, TORSH__GEMM_F32, f32), [TORSH_F64] = DTYPE(8, TORSH__GEMM_F64, f64),
#if ALL_TYPES
               [TORSH_U8] = DTYPE(1, TORSH__GEMM_I32, u8), [TORSH_I8] = DTYPE(1, TORSH__GEMM_I32, i8),
               [TORSH_I16] = DTYPE(2, TORSH__GEMM_I32, i16), [TORSH_I32] = DTYPE(4, TORSH__GEMM_I32, i32),
               [TORSH_I64] = DTYPE(8, TORSH__GEMM_I64, i64), [TORSH_C64] = DTYPE(8, TORSH__GEMM_C64, c64),
               [TORSH_C128] = DTYPE(16, TORSH__GEMM_C128, c128),
#endif
    },
};
