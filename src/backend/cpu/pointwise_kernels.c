/* Compiled once per instruction set: expands the pointwise rows into loops for each dtype and collects them in one table.
 * A row's value becomes an inline function of one element; pointwise_kernels.inc.c has the loops around it. Rows that are not hot and
 * kinds of numbers that are not hot in a row are not here but in pointwise_rare.c and pointwise_once.c. */
#include "pointwise_kernels.h"
#include "pointwise_names.h"
#include "pointwise_sets.h"
#include "vmath.h"

#define POINTWISE_ROWS "pointwise.def"
#define IF_FLOATI_INT(...)
#define IF_FLOATB_INT(...)
#define IF_FLOATX_INT(...)
#define IF_FLOATXB_INT(...)
#define IF_FLOATX_CX(...)
#define IF_FLOATXB_CX(...)
#define IF_FC_CX(...)
#define IF_REALC_CX(...)
#define IF_NUM_CX(...) __VA_ARGS__
#define IF_NUMB_CX(...) __VA_ARGS__

#define K FP
#define KIND_IS_FLOAT 1
#define T float
#define SUFFIX f32
#define FROM_DOUBLE(x) ((float)(x))
#include "pointwise_kernels.inc.c"

#define K FP
#define KIND_IS_FLOAT 1
#define T double
#define SUFFIX f64
#define FROM_DOUBLE(x) (x)
#include "pointwise_kernels.inc.c"

#if defined(__AVX512F__) /* isa.h */
#define NARROW(...)
#else
#define NARROW(...) __VA_ARGS__
#define K INT
#define KIND_IS_FLOAT 0
#define T uint8_t
#define SUFFIX u8
#define FROM_DOUBLE(x) ((uint8_t)to_integer(x, 0, UINT8_MAX))
#include "pointwise_kernels.inc.c"

#define K INT
#define KIND_IS_FLOAT 0
#define T int8_t
#define SUFFIX i8
#define FROM_DOUBLE(x) ((int8_t)to_integer(x, INT8_MIN, INT8_MAX))
#include "pointwise_kernels.inc.c"

#define K INT
#define KIND_IS_FLOAT 0
#define T int16_t
#define SUFFIX i16
#define FROM_DOUBLE(x) ((int16_t)to_integer(x, INT16_MIN, INT16_MAX))
#include "pointwise_kernels.inc.c"

#define K INT
#define KIND_IS_FLOAT 0
#define T int32_t
#define SUFFIX i32
#define FROM_DOUBLE(x) ((int32_t)to_integer(x, INT32_MIN, INT32_MAX))
#include "pointwise_kernels.inc.c"

#define K INT
#define KIND_IS_FLOAT 0
#define T int64_t
#define SUFFIX i64
#define FROM_DOUBLE(x) to_integer(x, INT64_MIN, INT64_MAX)
#include "pointwise_kernels.inc.c"

/* bool is a byte of 0 or 1: what u8 does is right for these. */
#define m_select_b8 m_select_u8
#define m_min_b8 m_min_u8
#define m_max_b8 m_max_u8
#define m_fmin_b8 m_fmin_u8
#define m_fmax_b8 m_fmax_u8
#define m_sign_b8 m_sign_u8

#define K BOOL
#define KIND_IS_FLOAT 0
#define T uint8_t
#define SUFFIX b8
#define FROM_DOUBLE(x) ((uint8_t)((x) != 0))
#include "pointwise_kernels.inc.c"

#define K CX
#define KIND_IS_FLOAT 0
#define T torsh__c64
#define SUFFIX c64
#define FROM_DOUBLE(x) ((torsh__c64)(x))
#include "pointwise_kernels.inc.c"

#define K CX
#define KIND_IS_FLOAT 0
#define T torsh__c128
#define SUFFIX c128
#define FROM_DOUBLE(x) ((torsh__c128)(x))
#include "pointwise_kernels.inc.c"
#endif

/* Loops with a number, or one of each row, as their last input. */
#define ONE_HEAD(name, suffix) static void name##_one_##suffix(int64_t n, void *out, const void *a, const void *b, const void *c, const double *attributes)
#define ONE(name, suffix) ONE_HEAD(name, suffix) { (void)c, (void)attributes; loop2_one_##suffix(n, out, a, b, value_##name##_##suffix); }
#define ONE_TO_BOOL(name, suffix) ONE_HEAD(name, suffix) { (void)c, (void)attributes; loop2_one_to_bool_##suffix(n, out, a, b, value_##name##_##suffix); }
#define ONE_SUM(name, suffix) ONE_HEAD(name, suffix) { loop3_one_##suffix(n, out, a, b, c, attributes, value_##name##_##suffix); }
#define ARITHMETIC_WITH_ONE(same, sum, suffix) \
    same(add, suffix) same(sub, suffix) same(mul, suffix) same(div, suffix) same(maximum, suffix) same(minimum, suffix) sum(addcmul, suffix)
#define COMPARISONS_WITH_ONE(to_bool, suffix) \
    to_bool(eq, suffix) to_bool(ne, suffix) to_bool(lt, suffix) to_bool(le, suffix) to_bool(gt, suffix) to_bool(ge, suffix)
ARITHMETIC_WITH_ONE(ONE, ONE_SUM, f32)
ARITHMETIC_WITH_ONE(ONE, ONE_SUM, f64)
COMPARISONS_WITH_ONE(ONE_TO_BOOL, f32)
enum { SWAPS_add = 1, SWAPS_sub = 0, SWAPS_mul = 1, SWAPS_div = 0, SWAPS_maximum = 0, SWAPS_minimum = 0, SWAPS_addcmul = 1,
       SWAPS_eq = 1, SWAPS_ne = 1, SWAPS_lt = 0, SWAPS_le = 0, SWAPS_gt = 0, SWAPS_ge = 0 };
#define DTYPE_f32 TORSH_F32
#define DTYPE_f64 TORSH_F64
#define ONE_ENTRY(name, suffix) {TORSH__ROW_##name, DTYPE_##suffix, SWAPS_##name, name##_one_##suffix},

#define ENTRY(name, dtypes)                                         \
    [TORSH__ROW_##name] = {[TORSH_F16] = NULL, /* computed in f32 */ \
        IF_##dtypes##_FP([TORSH_F32] = name##_f32, )                \
        IF_##dtypes##_FP([TORSH_F64] = name##_f64, )                \
        NARROW(                                                     \
        IF_##dtypes##_BOOL([TORSH_BOOL] = name##_b8, )              \
        IF_##dtypes##_INT([TORSH_U8] = name##_u8, )                 \
        IF_##dtypes##_INT([TORSH_I8] = name##_i8, )                 \
        IF_##dtypes##_INT([TORSH_I16] = name##_i16, )               \
        IF_##dtypes##_INT([TORSH_I32] = name##_i32, )               \
        IF_##dtypes##_INT([TORSH_I64] = name##_i64, )               \
        IF_##dtypes##_CX([TORSH_C64] = name##_c64, )                \
        IF_##dtypes##_CX([TORSH_C128] = name##_c128, ))},
#define UNARY(name, dtypes, ...) ENTRY(name, dtypes)
#define UNARY1(name, p, dtypes, ...) ENTRY(name, dtypes)
#define UNARY2(name, p, q, dtypes, ...) ENTRY(name, dtypes)
#define UNARY3(name, p, q, r, dtypes, ...) ENTRY(name, dtypes)
#define BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define INTERNAL_BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define TERNARY(name, dtypes, ...) ENTRY(name, dtypes)
#define TERNARY1(name, p, dtypes, ...) ENTRY(name, dtypes)
#define MASKED(name, dtypes, ...) ENTRY(name, dtypes)
const torsh__pointwise_table TORSH__ISA_NAME(torsh__pointwise) = {{
#include "pointwise.def"
}, {
    ARITHMETIC_WITH_ONE(ONE_ENTRY, ONE_ENTRY, f32)
    ARITHMETIC_WITH_ONE(ONE_ENTRY, ONE_ENTRY, f64)
    COMPARISONS_WITH_ONE(ONE_ENTRY, f32)
}};
