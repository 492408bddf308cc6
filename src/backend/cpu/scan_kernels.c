/* Compiled once per instruction set: running sums, products, log-sum-exps, maxima and minima. Sums of f32 run in f64, as
 * PyTorch's do. */
#include "scan_kernels.h"
#include "dtype.h"
#include "vmath.h"

#define PASTE3_(a, b, c) a##b##c
#define PASTE3(a, b, c) PASTE3_(a, b, c)
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#define T float
#define A double
#define IN_LINES 1
#define SUFFIX sum_f32
#define START 0
#define JOIN(a, b) ((a) + (b))
#include "scan_kernels.inc.c"
#define SUFFIX prod_f32
#define START 1
#define JOIN(a, b) ((a) * (b))
#include "scan_kernels.inc.c"
#undef T
#undef IN_LINES
#define IN_LINES 0

#define T double
#define SUFFIX sum_f64
#define START 0
#define JOIN(a, b) ((a) + (b))
#include "scan_kernels.inc.c"
#define SUFFIX prod_f64
#define START 1
#define JOIN(a, b) ((a) * (b))
#include "scan_kernels.inc.c"
#undef T
#undef A

#if !defined(__AVX512F__) /* isa.h */
#define T int64_t
#define A int64_t
#define SUFFIX sum_i64
#define START 0
#define JOIN(a, b) ((a) + (b))
#include "scan_kernels.inc.c"
#define SUFFIX prod_i64
#define START 1
#define JOIN(a, b) ((a) * (b))
#include "scan_kernels.inc.c"
#undef T
#undef A

#define T torsh__c128
#define A torsh__c128
#define SUFFIX sum_c128
#define START 0
#define JOIN(a, b) ((a) + (b))
#include "scan_kernels.inc.c"
#define SUFFIX prod_c128
#define START 1
#define JOIN(a, b) m_mul_c128(a, b)
#include "scan_kernels.inc.c"
#undef T
#undef A
#endif

/* ---- running maxima ------------------------------------------------------------------------------------------ */

#if !defined(__AVX512F__)
#define WHOLE_MAX(a, b) ((a) >= (b))
#define WHOLE_MIN(a, b) ((a) <= (b))
#define FLOAT_MAX(a, b) (((a) >= (b)) | ((a) != (a)))
#define FLOAT_MIN(a, b) (((a) <= (b)) | ((a) != (a)))

#define T uint8_t
#define SUFFIX max_u8
#define BEATS(a, b) WHOLE_MAX(a, b)
#include "scan_extreme.inc.c"
#define T int8_t
#define SUFFIX max_i8
#define BEATS(a, b) WHOLE_MAX(a, b)
#include "scan_extreme.inc.c"
#define T int16_t
#define SUFFIX max_i16
#define BEATS(a, b) WHOLE_MAX(a, b)
#include "scan_extreme.inc.c"
#define T int32_t
#define SUFFIX max_i32
#define BEATS(a, b) WHOLE_MAX(a, b)
#include "scan_extreme.inc.c"
#define T int64_t
#define SUFFIX max_i64
#define BEATS(a, b) WHOLE_MAX(a, b)
#include "scan_extreme.inc.c"
#define T float
#define SUFFIX max_f32
#define BEATS(a, b) FLOAT_MAX(a, b)
#include "scan_extreme.inc.c"
#define T double
#define SUFFIX max_f64
#define BEATS(a, b) FLOAT_MAX(a, b)
#include "scan_extreme.inc.c"
#define T uint8_t
#define SUFFIX min_u8
#define BEATS(a, b) WHOLE_MIN(a, b)
#include "scan_extreme.inc.c"
#define T int8_t
#define SUFFIX min_i8
#define BEATS(a, b) WHOLE_MIN(a, b)
#include "scan_extreme.inc.c"
#define T int16_t
#define SUFFIX min_i16
#define BEATS(a, b) WHOLE_MIN(a, b)
#include "scan_extreme.inc.c"
#define T int32_t
#define SUFFIX min_i32
#define BEATS(a, b) WHOLE_MIN(a, b)
#include "scan_extreme.inc.c"
#define T int64_t
#define SUFFIX min_i64
#define BEATS(a, b) WHOLE_MIN(a, b)
#include "scan_extreme.inc.c"
#define T float
#define SUFFIX min_f32
#define BEATS(a, b) FLOAT_MIN(a, b)
#include "scan_extreme.inc.c"
#define T double
#define SUFFIX min_f64
#define BEATS(a, b) FLOAT_MIN(a, b)
#include "scan_extreme.inc.c"
/* ---- log-sum-exp --------------------------------------------------------------------------------------------- */

static __attribute__((noinline)) double join_log(double a, double b)
{
    return m_logaddexp_f64(a, b);
}

/* Rows are not cut, so that only the start is asked for. */
static void total_log(int64_t n, const void *x, void *acc)
{
    (void)n, (void)x;
    *(double *)acc = -(double)INFINITY;
}

#define T float
#define SUFFIX f32
#include "scan_log.inc.c"
#define T double
#define SUFFIX f64
#include "scan_log.inc.c"
#endif

#define LOOPS(suffix) {total_##suffix, row_##suffix, columns_##suffix}
#if defined(__AVX512F__)
#define NARROW(...)
#else
#define NARROW(...) __VA_ARGS__
#endif
#define RUNNING(way, suffix) {row_##way##_##suffix, columns_##way##_##suffix}
#define EXTREMES(way)                                                                                                            \
    {[TORSH_BOOL] = RUNNING(way, u8), [TORSH_U8] = RUNNING(way, u8), [TORSH_I8] = RUNNING(way, i8), [TORSH_I16] = RUNNING(way, i16), \
     [TORSH_I32] = RUNNING(way, i32), [TORSH_I64] = RUNNING(way, i64), [TORSH_F32] = RUNNING(way, f32), [TORSH_F64] = RUNNING(way, f64)}
const torsh__scan_table TORSH__ISA_NAME(torsh__scan) = {
    .loops = {[TORSH__SCAN_SUM] = {NARROW([TORSH_I64] = LOOPS(sum_i64), [TORSH_C128] = LOOPS(sum_c128), ) [TORSH_F32] = LOOPS(sum_f32), [TORSH_F64] = LOOPS(sum_f64)},
              [TORSH__SCAN_PROD] = {NARROW([TORSH_I64] = LOOPS(prod_i64), [TORSH_C128] = LOOPS(prod_c128), ) [TORSH_F32] = LOOPS(prod_f32), [TORSH_F64] = LOOPS(prod_f64)},
              NARROW([TORSH__SCAN_LOG] = {[TORSH_F32] = {total_log, blocks_log_f32, columns_log_f32}, [TORSH_F64] = {total_log, blocks_log_f64, columns_log_f64}})},
    NARROW(.max = EXTREMES(max), .min = EXTREMES(min))
};
