/* Compiled once per instruction set: expands the pointwise rows into loops for each dtype and collects them in one table.
 * A row's value becomes an inline function of one element; pointwise_kernels.inc.c has the loops around it. */
#include "pointwise_kernels.h"
#include "dtype.h"
#include "pointwise_names.h"
#include "vmath.h"

#define IF_FLOAT_FP(...) __VA_ARGS__
#define IF_FC_FP(...) __VA_ARGS__
#define IF_REAL_FP(...) __VA_ARGS__
#define IF_REALB_FP(...) __VA_ARGS__
#define IF_NUM_FP(...) __VA_ARGS__
#define IF_NUMB_FP(...) __VA_ARGS__
#define IF_INT_FP(...)
#define IF_INTB_FP(...)

#define IF_FLOAT_INT(...)
#define IF_FC_INT(...)
#define IF_REAL_INT(...) __VA_ARGS__
#define IF_REALB_INT(...) __VA_ARGS__
#define IF_NUM_INT(...) __VA_ARGS__
#define IF_NUMB_INT(...) __VA_ARGS__
#define IF_INT_INT(...) __VA_ARGS__
#define IF_INTB_INT(...) __VA_ARGS__

#define IF_FLOAT_BOOL(...)
#define IF_FC_BOOL(...)
#define IF_REAL_BOOL(...)
#define IF_REALB_BOOL(...) __VA_ARGS__
#define IF_NUM_BOOL(...)
#define IF_NUMB_BOOL(...) __VA_ARGS__
#define IF_INT_BOOL(...)
#define IF_INTB_BOOL(...) __VA_ARGS__

#define IF_FLOAT_CX(...)
#define IF_FC_CX(...) __VA_ARGS__
#define IF_REAL_CX(...)
#define IF_REALB_CX(...)
#define IF_NUM_CX(...) __VA_ARGS__
#define IF_NUMB_CX(...) __VA_ARGS__
#define IF_INT_CX(...)
#define IF_INTB_CX(...)

#define PASTE2_(a, b) a##b
#define PASTE2(a, b) PASTE2_(a, b)
#define PASTE3_(a, b, c) a##b##c
#define PASTE3(a, b, c) PASTE3_(a, b, c)

#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Saturates instead of the undefined cast: attributes such as clamp's limits may be infinite. */
static inline int64_t to_integer(double x, int64_t low, int64_t high)
{
    return !(x > (double)low) ? low : x >= (double)high ? high : (int64_t)x;
}

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

#define ENTRY(name, dtypes)                            \
    [TORSH__ROW_##name] = {                            \
        IF_##dtypes##_BOOL([TORSH_BOOL] = name##_b8, )  \
        IF_##dtypes##_INT([TORSH_U8] = name##_u8, )      \
        IF_##dtypes##_INT([TORSH_I8] = name##_i8, )      \
        IF_##dtypes##_INT([TORSH_I16] = name##_i16, )    \
        IF_##dtypes##_INT([TORSH_I32] = name##_i32, )    \
        IF_##dtypes##_INT([TORSH_I64] = name##_i64, )    \
        IF_##dtypes##_FP([TORSH_F32] = name##_f32, )    \
        IF_##dtypes##_FP([TORSH_F64] = name##_f64, )    \
        IF_##dtypes##_CX([TORSH_C64] = name##_c64, )    \
        IF_##dtypes##_CX([TORSH_C128] = name##_c128, )},
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
}};
