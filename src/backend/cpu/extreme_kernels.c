/* Compiled once per instruction set: argmax and argmin for every real dtype. */
#include "extreme_kernels.h"

#define PASTE3_(a, b, c) a##b##c
#define PASTE3(a, b, c) PASTE3_(a, b, c)
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#if !defined(__AVX512F__) /* isa.h */
#define T uint8_t
#define SUFFIX max_u8
#define BEATS(a, b) ((a) > (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T uint8_t
#define SUFFIX min_u8
#define BEATS(a, b) ((a) < (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int8_t
#define SUFFIX max_i8
#define BEATS(a, b) ((a) > (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int8_t
#define SUFFIX min_i8
#define BEATS(a, b) ((a) < (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int16_t
#define SUFFIX max_i16
#define BEATS(a, b) ((a) > (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int16_t
#define SUFFIX min_i16
#define BEATS(a, b) ((a) < (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int32_t
#define SUFFIX max_i32
#define BEATS(a, b) ((a) > (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int32_t
#define SUFFIX min_i32
#define BEATS(a, b) ((a) < (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int64_t
#define SUFFIX max_i64
#define BEATS(a, b) ((a) > (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#define T int64_t
#define SUFFIX min_i64
#define BEATS(a, b) ((a) < (b))
#define ODD(a) 0
#include "extreme_kernels.inc.c"
#endif
#define T float
#define SUFFIX max_f32
#define BEATS(a, b) ((a) > (b))
#define ODD(a) ((a) != (a))
#include "extreme_kernels.inc.c"
#define T float
#define SUFFIX min_f32
#define BEATS(a, b) ((a) < (b))
#define ODD(a) ((a) != (a))
#include "extreme_kernels.inc.c"
#define T double
#define SUFFIX max_f64
#define BEATS(a, b) ((a) > (b))
#define ODD(a) ((a) != (a))
#include "extreme_kernels.inc.c"
#define T double
#define SUFFIX min_f64
#define BEATS(a, b) ((a) < (b))
#define ODD(a) ((a) != (a))
#include "extreme_kernels.inc.c"

#define LOOPS(way, suffix) {row_##way##_##suffix, columns_##way##_##suffix}
#if defined(__AVX512F__)
#define INTEGERS(way)
#else
#define INTEGERS(way)                                                                                                          \
    [TORSH_BOOL] = LOOPS(way, u8), [TORSH_U8] = LOOPS(way, u8), [TORSH_I8] = LOOPS(way, i8), [TORSH_I16] = LOOPS(way, i16),     \
    [TORSH_I32] = LOOPS(way, i32), [TORSH_I64] = LOOPS(way, i64),
#endif
#define ALL(way) {INTEGERS(way) [TORSH_F32] = LOOPS(way, f32), [TORSH_F64] = LOOPS(way, f64)}
const torsh__extreme_table TORSH__ISA_NAME(torsh__extreme) = {.max = ALL(max), .min = ALL(min)};
