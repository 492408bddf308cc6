/* Compiled once per instruction set. Conversions follow C's casts, made defined: float to integer wraps through i64 as
 * PyTorch's does on x86 for in-range values, complex to real drops the imaginary part, to bool is != 0. */
#include "copy_kernels.h"
#include "dtype.h"

#include <complex.h>
#include <string.h>
#if defined(__AVX512F__) || defined(__F16C__)
#include <immintrin.h>
#endif

#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Outside i64's range (and NaN) the x86 conversion gives the least i64; say so instead of leaving it undefined. */
static inline __attribute__((unused)) int64_t whole(double x)
{
    return x >= -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN;
}

/* load_<dtype>: an element as the value that conversions start from */
#define load_BOOL(p) (*(const uint8_t *)(p))
#define load_U8(p) (*(const uint8_t *)(p))
#define load_I8(p) (*(const int8_t *)(p))
#define load_I16(p) (*(const int16_t *)(p))
#define load_I32(p) (*(const int32_t *)(p))
#define load_I64(p) (*(const int64_t *)(p))
#define load_F16(p) torsh__f16_to_f32(*(const torsh__f16 *)(p))
#define load_BF16(p) torsh__bf16_to_f32(*(const torsh__bf16 *)(p))
#define load_F32(p) (*(const float *)(p))
#define load_F64(p) (*(const double *)(p))
#define load_C64(p) (*(const torsh__c64 *)(p))
#define load_C128(p) (*(const torsh__c128 *)(p))

/* to_<kind of source>_<dtype> */
#define FROM_INTEGER(x, to) INTEGER_TO_##to(x)
#define INTEGER_TO_BOOL(x) ((uint8_t)((x) != 0))
#define INTEGER_TO_U8(x) ((uint8_t)(x))
#define INTEGER_TO_I8(x) ((int8_t)(x))
#define INTEGER_TO_I16(x) ((int16_t)(x))
#define INTEGER_TO_I32(x) ((int32_t)(x))
#define INTEGER_TO_I64(x) ((int64_t)(x))
#define INTEGER_TO_F16(x) torsh__f32_to_f16((float)(x))
#define INTEGER_TO_BF16(x) torsh__f32_to_bf16((float)(x))
#define INTEGER_TO_F32(x) ((float)(x))
#define INTEGER_TO_F64(x) ((double)(x))
#define INTEGER_TO_C64(x) ((torsh__c64)(float)(x))
#define INTEGER_TO_C128(x) ((torsh__c128)(double)(x))

#define FROM_FLOAT(x, to) FLOAT_TO_##to(x)
#define FLOAT_TO_BOOL(x) ((uint8_t)((x) != 0))
#define FLOAT_TO_U8(x) ((uint8_t)whole(x))
#define FLOAT_TO_I8(x) ((int8_t)whole(x))
#define FLOAT_TO_I16(x) ((int16_t)whole(x))
#define FLOAT_TO_I32(x) ((int32_t)whole(x))
#define FLOAT_TO_I64(x) whole(x)
#define FLOAT_TO_F16(x) torsh__f32_to_f16((float)(x))
#define FLOAT_TO_BF16(x) torsh__f32_to_bf16((float)(x))
#define FLOAT_TO_F32(x) ((float)(x))
#define FLOAT_TO_F64(x) ((double)(x))
#define FLOAT_TO_C64(x) ((torsh__c64)(float)(x))
#define FLOAT_TO_C128(x) ((torsh__c128)(double)(x))

#define FROM_COMPLEX(x, to) COMPLEX_TO_##to(x)
#define COMPLEX_TO_BOOL(x) ((uint8_t)((x) != 0))
#define COMPLEX_TO_U8(x) FLOAT_TO_U8(creal(x))
#define COMPLEX_TO_I8(x) FLOAT_TO_I8(creal(x))
#define COMPLEX_TO_I16(x) FLOAT_TO_I16(creal(x))
#define COMPLEX_TO_I32(x) FLOAT_TO_I32(creal(x))
#define COMPLEX_TO_I64(x) FLOAT_TO_I64(creal(x))
#define COMPLEX_TO_F16(x) FLOAT_TO_F16(creal(x))
#define COMPLEX_TO_BF16(x) FLOAT_TO_BF16(creal(x))
#define COMPLEX_TO_F32(x) FLOAT_TO_F32(creal(x))
#define COMPLEX_TO_F64(x) FLOAT_TO_F64(creal(x))
#define COMPLEX_TO_C64(x) ((torsh__c64)(x))
#define COMPLEX_TO_C128(x) ((torsh__c128)(x))

/* Elements of 4 and 8 bytes as they are: every second one, as of a complex part or x[::2], vectorises as well. */
#define MOVE_LOOP(from, to, kind)                                                                                             \
    LOOP_HEAD(from, to)(int64_t n, void *out, int64_t out_stride, const void *in, int64_t in_stride)                   \
    {                                                                                                                         \
        const int64_t size = sizeof(type_##from), step = in_stride / size;                                                    \
        const type_##from *a = in;                                                                                            \
        type_##to *b = out;                                                                                                   \
        if (out_stride != size || in_stride % size) {                                                                         \
            const char *p = in;                                                                                               \
            for (char *q = out; n > 0; n--, p += in_stride, q += out_stride) *(type_##to *)(void *)q = *(const type_##from *)(const void *)p; \
        } else if (step == 1) {                                                                                               \
            INDEPENDENT for (int64_t i = 0; i < n; i++) b[i] = a[i];                                                          \
        } else if (step == 2) {                                                                                               \
            INDEPENDENT for (int64_t i = 0; i < n; i++) b[i] = a[2 * i];                                                      \
        } else {                                                                                                              \
            int64_t i = 0;                                                                                                    \
            for (; i + 4 <= n; i += 4, a += 4 * step) b[i] = a[0], b[i + 1] = a[step], b[i + 2] = a[2 * step], b[i + 3] = a[3 * step]; \
            for (; i < n; i++, a += step) b[i] = *a;                                                                          \
        }                                                                                                                     \
    }
#define SAME_I32_I32 ~, ~
#define SAME_I64_I64 ~, ~
#define SAME_F32_F32 ~, ~
#define SAME_F64_F64 ~, ~
#define PICK_THIRD(...) PICK_THIRD_(__VA_ARGS__, ~)
#define PICK_THIRD_(first, second, third, ...) third
#define MAKE_LOOP(from, to, kind) PICK_THIRD(SAME_##from##_##to, MOVE_LOOP, PICK_THIRD(HALF_##from##_##to, HALF_LOOP, CONVERT_LOOP))(from, to, kind)

/* The AVX-512 table has loops of its own between real floats; the others are AVX2's (isa.h), which are shared for that. */
#if defined(__AVX512F__)
#define REAL_F16 ~, ~
#define REAL_BF16 ~, ~
#define REAL_F32 ~, ~
#define REAL_F64 ~, ~
#define IF_REAL(...) IF_REAL_(__VA_ARGS__, ~)
#define IF_REAL_(first, second, third, ...) third
#define IF_BOTH(...) IF_BOTH_(__VA_ARGS__, ~)
#define IF_BOTH_(first, second, third, ...) third
#define DECLARE_LOOP(from, to, kind) torsh__convert_loop torsh__##from##_to_##to;
#define MAKE_IF_TO_REAL(from, to, kind) IF_BOTH(REAL_##to, MAKE_LOOP, DECLARE_LOOP)(from, to, kind)
#define CONVERT(from, to, kind, none) IF_REAL(REAL_##from, MAKE_IF_TO_REAL, DECLARE_LOOP)(from, to, kind)
#define OWN_NAME(from, to) from##_to_##to
#define SHARED_NAME(from, to) torsh__##from##_to_##to
#define NAME_IF_TO_REAL(from, to) IF_BOTH(REAL_##to, OWN_NAME, SHARED_NAME)(from, to)
#define LOOP_NAME(from, to) IF_REAL(REAL_##from, NAME_IF_TO_REAL, SHARED_NAME)(from, to)
#define LOOP_HEAD(from, to) static void from##_to_##to
#elif defined(__AVX2__)
#define CONVERT(from, to, kind, none) torsh__convert_loop torsh__##from##_to_##to; MAKE_LOOP(from, to, kind)
#define LOOP_NAME(from, to) torsh__##from##_to_##to
#define LOOP_HEAD(from, to) void torsh__##from##_to_##to
#else
#define CONVERT(from, to, kind, none) MAKE_LOOP(from, to, kind)
#define LOOP_NAME(from, to) from##_to_##to
#define LOOP_HEAD(from, to) static void from##_to_##to
#endif

/* One loop with unit strides, which vectorises, and one with any. */
#define CONVERT_LOOP(from, to, kind)                                                                                          \
    LOOP_HEAD(from, to)(int64_t n, void *out, int64_t out_stride, const void *in, int64_t in_stride)                   \
    {                                                                                                                         \
        const int64_t from_size = sizeof(type_##from), to_size = sizeof(type_##to);                                           \
        if (in_stride == from_size && out_stride == to_size) {                                                                \
            const type_##from *a = in;                                                                                        \
            type_##to *b = out;                                                                                               \
            INDEPENDENT for (int64_t i = 0; i < n; i++) b[i] = FROM_##kind(load_##from(&a[i]), to);                           \
        } else {                                                                                                              \
            const char *a = in;                                                                                               \
            char *b = out;                                                                                                    \
            for (int64_t i = 0; i < n; i++, a += in_stride, b += out_stride)                                                  \
                *(type_##to *)(void *)b = FROM_##kind(load_##from((const void *)a), to);                                      \
        }                                                                                                                     \
    }

#define DTYPE(id, text, type, category, torch) typedef type type_##id;
#include "dtype.def"
#undef DTYPE

#if defined(__F16C__) /* has instructions for these two, which no compiler finds; a NaN keeps what its payload begins with */
#define HALF_F16_F32 ~, ~
#define HALF_F32_F16 ~, ~

static void dense_F16_F32(int64_t n, float *to, const torsh__f16 *from)
{
    int64_t i = 0;
#if defined(__AVX512F__)
    for (; i + 16 <= n; i += 16) _mm512_storeu_ps(to + i, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)(from + i))));
#else
    for (; i + 8 <= n; i += 8) _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(from + i))));
#endif
    for (; i < n; i++) to[i] = _cvtsh_ss(from[i].bits);
}

static void dense_F32_F16(int64_t n, torsh__f16 *to, const float *from)
{
    int64_t i = 0;
#if defined(__AVX512F__)
    for (; i + 16 <= n; i += 16)
        _mm256_storeu_si256((__m256i *)(void *)(to + i), _mm512_cvtps_ph(_mm512_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
#else
    for (; i + 8 <= n; i += 8) _mm_storeu_si128((__m128i *)(void *)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
#endif
    for (; i < n; i++) to[i].bits = _cvtss_sh(from[i], _MM_FROUND_TO_NEAREST_INT);
}
#endif

#define HALF_LOOP(from, to, kind)                                                                                             \
    LOOP_HEAD(from, to)(int64_t n, void *out, int64_t out_stride, const void *in, int64_t in_stride)                          \
    {                                                                                                                         \
        if (in_stride == sizeof(type_##from) && out_stride == sizeof(type_##to)) {                                            \
            dense_##from##_##to(n, out, in);                                                                                  \
        } else {                                                                                                              \
            const char *a = in;                                                                                               \
            char *b = out;                                                                                                    \
            for (int64_t i = 0; i < n; i++, a += in_stride, b += out_stride) dense_##from##_##to(1, (type_##to *)(void *)b, (const type_##from *)(const void *)a); \
        }                                                                                                                     \
    }

#define ALL_FROM(from, kind)   \
    CONVERT(from, BOOL, kind, ) \
    CONVERT(from, U8, kind, )   \
    CONVERT(from, I8, kind, )   \
    CONVERT(from, I16, kind, )  \
    CONVERT(from, I32, kind, )  \
    CONVERT(from, I64, kind, )  \
    CONVERT(from, F16, kind, )  \
    CONVERT(from, BF16, kind, ) \
    CONVERT(from, F32, kind, )  \
    CONVERT(from, F64, kind, )  \
    CONVERT(from, C64, kind, )  \
    CONVERT(from, C128, kind, )
ALL_FROM(BOOL, INTEGER)
ALL_FROM(U8, INTEGER)
ALL_FROM(I8, INTEGER)
ALL_FROM(I16, INTEGER)
ALL_FROM(I32, INTEGER)
ALL_FROM(I64, INTEGER)
ALL_FROM(F16, FLOAT)
ALL_FROM(BF16, FLOAT)
ALL_FROM(F32, FLOAT)
ALL_FROM(F64, FLOAT)
ALL_FROM(C64, COMPLEX)
ALL_FROM(C128, COMPLEX)

/* ---- backwards: read upwards, which is what memory expects ----------------------------------------------------- */

static void reverse4(int64_t n, void *to, const void *from)
{
    uint32_t *b = (uint32_t *)to + n - 1;
    const uint32_t *a = (const uint32_t *)from - n + 1;
    INDEPENDENT for (int64_t i = 0; i < n; i++) b[-i] = a[i];
}

static void reverse8(int64_t n, void *to, const void *from)
{
    uint64_t *b = (uint64_t *)to + n - 1;
    const uint64_t *a = (const uint64_t *)from - n + 1;
    INDEPENDENT for (int64_t i = 0; i < n; i++) b[-i] = a[i];
}

/* ---- transpose ----------------------------------------------------------------------------------------------- */

#if defined(__AVX512F__)
enum { VECTOR = 64 };
#define STREAMS_LINES 1
#define STREAM_LINE(to, line) _mm512_stream_si512((void *)(to), (__m512i)(line))
#define STREAM_END() _mm_sfence()
#elif defined(__AVX2__)
enum { VECTOR = 32 };
#else
enum { VECTOR = 16 };
#endif
#if !defined(STREAMS_LINES) /* half lines that go past the caches cost more than they save */
#define STREAMS_LINES 0
#define STREAM_LINE(to, line) ((void)(to), (void)(line))
#define STREAM_END() ((void)0)
#endif

#define TRANSPOSE_TYPE uint32_t
#define TRANSPOSE_N (VECTOR / 4)
#define TRANSPOSE_ID(name) name##4
#include "transpose.inc.c"
#define TRANSPOSE_TYPE uint64_t
#define TRANSPOSE_N (VECTOR / 8)
#define TRANSPOSE_ID(name) name##8
#include "transpose.inc.c"

/* Bytes past the caches, whole lines of the target at once; NULL in the table where lines can't be stored so. */
static __attribute__((unused)) void stream(void *to, const void *from, size_t n)
{
    typedef char line __attribute__((vector_size(64), aligned(1), may_alias));
    char *b = to;
    const char *a = from, *end = a + n;
    size_t head = -(uintptr_t)b % 64 < n ? -(uintptr_t)b % 64 : n;
    memcpy(b, a, head);
    for (a += head, b += head; end - a >= 64; a += 64, b += 64) STREAM_LINE(b, *(const line *)(const void *)a);
    memcpy(b, a, (size_t)(end - a));
    STREAM_END();
}

/* A copy of a pattern would read it each time. */
static void fill(void *to, const void *pattern, size_t n)
{
    typedef char line __attribute__((vector_size(64), aligned(1), may_alias));
    const line value = *(const line *)pattern;
    char *b = to;
    size_t at = 0;
    for (; at + sizeof value <= n; at += sizeof value) *(line *)(void *)(b + at) = value;
    memcpy(b + at, pattern, n - at);
}

/* ---- sequences ------------------------------------------------------------------------------------------------ */

/* Indices count in 32 bits where they fit, which all instruction sets convert to floating point. */
#define SEQUENCE(name, type, count, value)                                                       \
    static void name(int64_t n, void *out, double from, double step, int64_t first, int way)     \
    {                                                                                            \
        type *y = out;                                                                           \
        if (first >= 0 && first < INT32_MAX / 2 && n < INT32_MAX / 2) {                          \
            int32_t at = (int32_t)first;                                                         \
            for (int32_t i = 0; i < (int32_t)n; i++) {                                           \
                count k = (count)(at + way * i);                                                 \
                y[i] = (type)(value);                                                            \
            }                                                                                    \
        } else {                                                                                 \
            for (int64_t i = 0; i < n; i++) {                                                    \
                count k = (count)(first + way * i);                                              \
                y[i] = (type)(value);                                                            \
            }                                                                                    \
        }                                                                                        \
    }
SEQUENCE(line_f32, float, float, __builtin_fmaf((float)step, k, (float)from))
SEQUENCE(line_f64, double, double, __builtin_fma(step, k, from))
SEQUENCE(range_f32, float, double, from + step * k)
SEQUENCE(range_f64, double, double, from + step * k)

#define FROM_ROW(from)                                                                                                                \
    [TORSH_##from] = {LOOP_NAME(from, BOOL), LOOP_NAME(from, U8),   LOOP_NAME(from, I8),  LOOP_NAME(from, I16), LOOP_NAME(from, I32), \
                      LOOP_NAME(from, I64),  LOOP_NAME(from, F16),  LOOP_NAME(from, BF16), LOOP_NAME(from, F32), LOOP_NAME(from, F64), \
                      LOOP_NAME(from, C64),  LOOP_NAME(from, C128)},
const torsh__copy_table TORSH__ISA_NAME(torsh__copy) = {
    .convert = {
#define DTYPE(id, text, type, category, torch) FROM_ROW(id)
#include "dtype.def"
#undef DTYPE
    },
    .reverse4 = reverse4,
    .reverse8 = reverse8,
    .stream = STREAMS_LINES ? stream : NULL,
    .fill = fill,
    .transpose4 = transpose4,
    .transpose8 = transpose8,
    .line_f32 = line_f32,
    .line_f64 = line_f64,
    .range_f32 = range_f32,
    .range_f64 = range_f64,
};
