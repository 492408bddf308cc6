/* Compiled once per instruction set: expands the REDUCE rows into loops for each type that they load and collects them in
 * one table. reduce_loops.inc.c has the loops, reduce_kernels.inc.c the rows over one type. */
#include "reduce_kernels.h"
#include "dtype.h"
#include "pointwise_names.h"
#include "vmath.h"

#include <stddef.h>

/* LOAD_<rule>_<type>(...): the text if the rule can load the type */
#define YES(...) __VA_ARGS__
#define NO(...)
#if defined(__AVX512F__)
#define NARROW NO /* isa.h */
#else
#define NARROW YES
#endif
#define LOAD_WIDE_b8 NO
#define LOAD_WIDE_u8 NO
#define LOAD_WIDE_i8 NO
#define LOAD_WIDE_i16 NO
#define LOAD_WIDE_i32 NO
#define LOAD_WIDE_i64 NARROW
#define LOAD_WIDE_f32 YES
#define LOAD_WIDE_f64 YES
#define LOAD_WIDE_c64 NARROW
#define LOAD_WIDE_c128 NARROW
#define LOAD_WIDEREAL_b8 NO
#define LOAD_WIDEREAL_u8 NO
#define LOAD_WIDEREAL_i8 NO
#define LOAD_WIDEREAL_i16 NO
#define LOAD_WIDEREAL_i32 NO
#define LOAD_WIDEREAL_i64 NARROW
#define LOAD_WIDEREAL_f32 YES
#define LOAD_WIDEREAL_f64 YES
#define LOAD_WIDEREAL_c64 NO
#define LOAD_WIDEREAL_c128 NO
#define LOAD_OWN_b8 NARROW
#define LOAD_OWN_u8 NARROW
#define LOAD_OWN_i8 NARROW
#define LOAD_OWN_i16 NARROW
#define LOAD_OWN_i32 NARROW
#define LOAD_OWN_i64 NARROW
#define LOAD_OWN_f32 YES
#define LOAD_OWN_f64 YES
#define LOAD_OWN_c64 NO
#define LOAD_OWN_c128 NO
#define LOAD_TRUTH_b8 NARROW
#define LOAD_TRUTH_u8 NO
#define LOAD_TRUTH_i8 NO
#define LOAD_TRUTH_i16 NO
#define LOAD_TRUTH_i32 NO
#define LOAD_TRUTH_i64 NO
#define LOAD_TRUTH_f32 NO
#define LOAD_TRUTH_f64 NO
#define LOAD_TRUTH_c64 NO
#define LOAD_TRUTH_c128 NO
#define LOAD_FLOAT_b8 NO
#define LOAD_FLOAT_u8 NO
#define LOAD_FLOAT_i8 NO
#define LOAD_FLOAT_i16 NO
#define LOAD_FLOAT_i32 NO
#define LOAD_FLOAT_i64 NO
#define LOAD_FLOAT_f32 YES
#define LOAD_FLOAT_f64 YES
#define LOAD_FLOAT_c64 NO
#define LOAD_FLOAT_c128 NO
#define LOAD_FLOATC_b8 NO
#define LOAD_FLOATC_u8 NO
#define LOAD_FLOATC_i8 NO
#define LOAD_FLOATC_i16 NO
#define LOAD_FLOATC_i32 NO
#define LOAD_FLOATC_i64 NO
#define LOAD_FLOATC_f32 YES
#define LOAD_FLOATC_f64 YES
#define LOAD_FLOATC_c64 NARROW
#define LOAD_FLOATC_c128 NARROW

#define JOIN_ADD_X(a, b) m_add(a, b)
#define JOIN_ADD_R(a, b) ((a) + (b))
#define JOIN_ADD_N(a, b) ((a) + (b))
#define JOIN_MUL_X(a, b) m_mul(a, b)
#define JOIN_MAX_X(a, b) m_max(a, b)
#define JOIN_MIN_X(a, b) m_min(a, b)
#define JOIN_OR_X(a, b) ((a) | (b))
#define JOIN_AND_X(a, b) ((a) & (b))
#define TREE_ADD 1
#define TREE_MUL 1
#define TREE_MAX 0
#define TREE_MIN 0
#define TREE_OR 0
#define TREE_AND 0

/* what rows may use beside pointwise_names.h */
enum { far = 1 }; /* functions with a near form (vmath.h) in the form for any argument */
#define m_lowest M_(lowest)
#define m_highest M_(highest)
#define m_squared(x) M_(squared)(x)
#define m_root(a) M_(root)(a)
#define m_lowest_b8 0
#define m_highest_b8 1
#define m_lowest_u8 0
#define m_highest_u8 UINT8_MAX
#define m_lowest_i8 INT8_MIN
#define m_highest_i8 INT8_MAX
#define m_lowest_i16 INT16_MIN
#define m_highest_i16 INT16_MAX
#define m_lowest_i32 INT32_MIN
#define m_highest_i32 INT32_MAX
#define m_lowest_i64 INT64_MIN
#define m_highest_i64 INT64_MAX
#define m_lowest_f32 (-INFINITY)
#define m_highest_f32 INFINITY
#define m_lowest_f64 (-(double)INFINITY)
#define m_highest_f64 ((double)INFINITY)
#define m_min_b8 m_min_u8
#define m_max_b8 m_max_u8
#define m_squared_f32(x) ((x) * (x))
#define m_squared_f64(x) ((x) * (x))
#define m_squared_c64(x) (crealf(x) * crealf(x) + cimagf(x) * cimagf(x))
#define m_squared_c128(x) (creal(x) * creal(x) + cimag(x) * cimag(x))
#define m_root_f32 m_sqrt_f32
#define m_root_f64 m_sqrt_f64
#define m_root_c64 m_sqrt_f32
#define m_root_c128 m_sqrt_f64

#define PASTE3_(a, b, c) a##b##c
#define PASTE3(a, b, c) PASTE3_(a, b, c)
#define INLINE inline __attribute__((always_inline, unused))
#define NOINLINE __attribute__((noinline)) /* once, not also in the loop over runs */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif
#if defined(__clang__) || !(defined(__AVX2__) || defined(__ARM_NEON))
#define UNROLLED
#else
#define UNROLLED _Pragma("GCC unroll 16") /* else -O2 keeps the lanes of a sum in memory */
#endif

#define K BOOL
#define T uint8_t
#define REAL uint8_t
#define SUFFIX b8
#define FROM_DOUBLE(x) ((uint8_t)((x) != 0))
#include "reduce_kernels.inc.c"

#define K INT
#define T uint8_t
#define REAL uint8_t
#define SUFFIX u8
#define FROM_DOUBLE(x) ((uint8_t)(x))
#include "reduce_kernels.inc.c"

#define K INT
#define T int8_t
#define REAL int8_t
#define SUFFIX i8
#define FROM_DOUBLE(x) ((int8_t)(x))
#include "reduce_kernels.inc.c"

#define K INT
#define T int16_t
#define REAL int16_t
#define SUFFIX i16
#define FROM_DOUBLE(x) ((int16_t)(x))
#include "reduce_kernels.inc.c"

#define K INT
#define T int32_t
#define REAL int32_t
#define SUFFIX i32
#define FROM_DOUBLE(x) ((int32_t)(x))
#include "reduce_kernels.inc.c"

#define K INT
#define T int64_t
#define REAL int64_t
#define SUFFIX i64
#define FROM_DOUBLE(x) ((int64_t)(x))
#include "reduce_kernels.inc.c"

#define K FP
#define T float
#define REAL float
#define SUFFIX f32
#define FROM_DOUBLE(x) ((float)(x))
#include "reduce_kernels.inc.c"

#define K FP
#define T double
#define REAL double
#define SUFFIX f64
#define FROM_DOUBLE(x) (x)
#include "reduce_kernels.inc.c"

#define K CX
#define T torsh__c64
#define REAL float
#define SUFFIX c64
#define FROM_DOUBLE(x) ((torsh__c64)(float)(x))
#include "reduce_kernels.inc.c"

#define K CX
#define T torsh__c128
#define REAL double
#define SUFFIX c128
#define FROM_DOUBLE(x) ((torsh__c128)(x))
#include "reduce_kernels.inc.c"

/* the accumulators' dtypes */
#define DTYPE_X(id) TORSH_##id
#define DTYPE_N(id) TORSH_I64
#define DTYPE_R(id) REAL_OF_##id
#define REAL_OF_F32 TORSH_F32
#define REAL_OF_F64 TORSH_F64
#define REAL_OF_C64 TORSH_F32
#define REAL_OF_C128 TORSH_F64
#define CELL(name, acc, id, suffix) [TORSH_##id] = {name##_fill_##suffix, name##_fold_##suffix, name##_runs_##suffix, name##_join_##suffix, name##_finish_##suffix, DTYPE_##acc(id)},
#define ENTRY(name, load, acc)                              \
    [TORSH__REDUCE_##name] = {[TORSH_F16] = {.fold = NULL}, /* loaded as f32; in AVX-512 there may be no other entry */ \
        LOAD_##load##_b8(CELL(name, acc, BOOL, b8))         \
        LOAD_##load##_u8(CELL(name, acc, U8, u8))           \
        LOAD_##load##_i8(CELL(name, acc, I8, i8))           \
        LOAD_##load##_i16(CELL(name, acc, I16, i16))        \
        LOAD_##load##_i32(CELL(name, acc, I32, i32))        \
        LOAD_##load##_i64(CELL(name, acc, I64, i64))        \
        LOAD_##load##_f32(CELL(name, acc, F32, f32))        \
        LOAD_##load##_f64(CELL(name, acc, F64, f64))        \
        LOAD_##load##_c64(CELL(name, acc, C64, c64))        \
        LOAD_##load##_c128(CELL(name, acc, C128, c128))},
#define REDUCE(name, variants, dtypes, load, acc, ...) ENTRY(name, load, acc)
#define REDUCE_INTERNAL(name, dtypes, load, acc, ...) ENTRY(name, load, acc)
const torsh__reduce_table TORSH__ISA_NAME(torsh__reduce) = {{
#include "reduce.def"
}};
