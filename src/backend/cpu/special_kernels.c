/* Compiled once per instruction set: loops of rare pointwise rows (special_kernels.h). The x86 baseline has none, as its loops would be no
 * faster than those of pointwise_rare.c. */
#include "special_kernels.h"
#include "pointwise_sets.h"
#include "vmath.h"

#if !defined(TORSH_ISA_baseline)

#define LOOP_HEAD(name) static void name(int64_t n, void *out, const void *a, const void *b, const void *c, const double *attributes)
#define LOOP1(name, type, value)                        \
    LOOP_HEAD(name##_##type)                            \
    {                                                   \
        type *y = out;                                  \
        const type *from = a;                           \
        (void)b, (void)c, (void)attributes;             \
        INDEPENDENT                                     \
        for (int64_t i = 0; i < n; i++) {               \
            const type x = from[i];                     \
            y[i] = value;                               \
        }                                               \
    }
#define LOOP2(name, type, value)                        \
    LOOP_HEAD(name##_##type)                            \
    {                                                   \
        type *y = out;                                  \
        const type *left = a, *right = b;               \
        (void)c, (void)attributes;                      \
        INDEPENDENT                                     \
        for (int64_t i = 0; i < n; i++) y[i] = value(left[i], right[i]); \
    }

LOOP1(sgn, float, m_sign_f32(x))
LOOP1(sgn, double, m_sign_f64(x))
LOOP1(angle, float, x != x ? x : x < 0 ? 0x1.921fb6p1f : 0)
LOOP1(angle, double, x != x ? x : x < 0 ? 0x1.921fb54442d18p1 : 0)
LOOP1(lgamma, float, m_lgamma_f32(x))
LOOP1(lgamma, double, m_lgamma_f64(x))
LOOP1(digamma, float, m_digamma_f32(x))
LOOP1(digamma, double, m_digamma_f64(x))
LOOP2(logaddexp2, float, m_logaddexp2_f32)
LOOP2(logaddexp2, double, m_logaddexp2_f64)
LOOP1(i1, float, m_bessel_i1_f32(x, 0))
LOOP1(i1e, float, m_bessel_i1_f32(x, 1))
LOOP1(ndtri, float, m_ndtri_f32(x))

#define PLACE(row) [TORSH__ROW_##row - TORSH__ROW_HOT]
const torsh__special_table TORSH__ISA_NAME(torsh__special) = {
    .f32 = {PLACE(sgn) = sgn_float, PLACE(angle) = angle_float, PLACE(lgamma) = lgamma_float, PLACE(digamma) = digamma_float,
            PLACE(logaddexp2) = logaddexp2_float, PLACE(special_i1) = i1_float, PLACE(special_i1e) = i1e_float, PLACE(special_ndtri) = ndtri_float},
    .f64 = {PLACE(sgn) = sgn_double, PLACE(angle) = angle_double, PLACE(lgamma) = lgamma_double, PLACE(digamma) = digamma_double,
            PLACE(logaddexp2) = logaddexp2_double},
};

#else
const torsh__special_table TORSH__ISA_NAME(torsh__special) = {.f32 = {NULL}};
#endif
