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
#define SUFFIX sum_f32
#define START 0
#define JOIN(a, b) ((a) + (b))
#include "scan_kernels.inc.c"
#define SUFFIX prod_f32
#define START 1
#define JOIN(a, b) ((a) * (b))
#include "scan_kernels.inc.c"
#define SUFFIX log_f32
#define START (-(double)INFINITY)
#define JOIN(a, b) m_logaddexp_f64(a, b)
#include "scan_kernels.inc.c"
#undef T

#define T double
#define SUFFIX sum_f64
#define START 0
#define JOIN(a, b) ((a) + (b))
#include "scan_kernels.inc.c"
#define SUFFIX prod_f64
#define START 1
#define JOIN(a, b) ((a) * (b))
#include "scan_kernels.inc.c"
#define SUFFIX log_f64
#define START (-(double)INFINITY)
#define JOIN(a, b) m_logaddexp_f64(a, b)
#include "scan_kernels.inc.c"
#undef T
#undef A

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

#define T torsh__c64
#define A torsh__c128
#define SUFFIX sum_c64
#define START 0
#define JOIN(a, b) ((a) + (b))
#include "scan_kernels.inc.c"
#define SUFFIX prod_c64
#define START 1
#define JOIN(a, b) m_mul_c128(a, b)
#include "scan_kernels.inc.c"
#undef T

#define T torsh__c128
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

/* ---- running maxima ------------------------------------------------------------------------------------------ */

#define RUNNING(name, type, beats)                                                                              \
    static void name(int64_t n, int64_t stride, const void *data, void *to, int64_t *index)                     \
    {                                                                                                           \
        const type *x = data;                                                                                   \
        type *y = to, best = *x;                                                                                \
        int64_t place = 0;                                                                                      \
        for (int64_t i = 0, k = 0; i < n; i++, k += stride) {                                                   \
            bool better = (bool)(beats(x[k], best));                                                            \
            best = better ? x[k] : best;                                                                        \
            place = better ? i : place;                                                                         \
            y[k] = best;                                                                                        \
            index[k] = place;                                                                                   \
        }                                                                                                       \
    }
#define WHOLE_MAX(a, b) ((a) >= (b))
#define WHOLE_MIN(a, b) ((a) <= (b))
#define FLOAT_MAX(a, b) (((a) >= (b)) | ((a) != (a)))
#define FLOAT_MIN(a, b) (((a) <= (b)) | ((a) != (a)))
RUNNING(max_u8, uint8_t, WHOLE_MAX)
RUNNING(max_i8, int8_t, WHOLE_MAX)
RUNNING(max_i16, int16_t, WHOLE_MAX)
RUNNING(max_i32, int32_t, WHOLE_MAX)
RUNNING(max_i64, int64_t, WHOLE_MAX)
RUNNING(max_f32, float, FLOAT_MAX)
RUNNING(max_f64, double, FLOAT_MAX)
RUNNING(min_u8, uint8_t, WHOLE_MIN)
RUNNING(min_i8, int8_t, WHOLE_MIN)
RUNNING(min_i16, int16_t, WHOLE_MIN)
RUNNING(min_i32, int32_t, WHOLE_MIN)
RUNNING(min_i64, int64_t, WHOLE_MIN)
RUNNING(min_f32, float, FLOAT_MIN)
RUNNING(min_f64, double, FLOAT_MIN)

#define LOOPS(suffix) {total_##suffix, row_##suffix, columns_##suffix}
#define EXTREMES(way)                                                                                                       \
    {[TORSH_BOOL] = {way##_u8}, [TORSH_U8] = {way##_u8}, [TORSH_I8] = {way##_i8}, [TORSH_I16] = {way##_i16},                 \
     [TORSH_I32] = {way##_i32}, [TORSH_I64] = {way##_i64}, [TORSH_F32] = {way##_f32}, [TORSH_F64] = {way##_f64}}
const torsh__scan_table TORSH__ISA_NAME(torsh__scan) = {
    .loops = {[TORSH__SCAN_SUM] = {[TORSH_I64] = LOOPS(sum_i64), [TORSH_F32] = LOOPS(sum_f32), [TORSH_F64] = LOOPS(sum_f64),
                                   [TORSH_C64] = LOOPS(sum_c64), [TORSH_C128] = LOOPS(sum_c128)},
              [TORSH__SCAN_PROD] = {[TORSH_I64] = LOOPS(prod_i64), [TORSH_F32] = LOOPS(prod_f32), [TORSH_F64] = LOOPS(prod_f64),
                                    [TORSH_C64] = LOOPS(prod_c64), [TORSH_C128] = LOOPS(prod_c128)},
              [TORSH__SCAN_LOG] = {[TORSH_F32] = LOOPS(log_f32), [TORSH_F64] = LOOPS(log_f64)}},
    .max = EXTREMES(max),
    .min = EXTREMES(min),
};
