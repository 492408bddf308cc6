/* The pointwise rows that are not hot, compiled once, in the widest type of each kind: f64, i64 (bool, too) and c128. */
#include "pointwise_kernels.h"
#include "pointwise_names.h"
#include "pointwise_sets.h"
#include "special.h"
#include "vmath.h"

#define IF_FLOATI_INT(...) __VA_ARGS__
#define IF_FLOATB_INT(...) __VA_ARGS__
#define IF_FLOATX_INT(...) __VA_ARGS__
#define IF_FLOATXB_INT(...) __VA_ARGS__
#define IF_FLOATX_CX(...) __VA_ARGS__
#define IF_FLOATXB_CX(...) __VA_ARGS__
#define IF_FC_CX(...) __VA_ARGS__
#define IF_REALC_CX(...) __VA_ARGS__
#define IF_NUM_CX(...) __VA_ARGS__
#define IF_NUMB_CX(...) __VA_ARGS__

#define m_i0_f64 torsh__bessel_i0
#define m_i1_f64 torsh__bessel_i1
#define m_i0e_f64 torsh__bessel_i0e
#define m_i1e_f64 torsh__bessel_i1e
#define m_erfcx_f64 torsh__erfcx
#define m_ndtr_f64 torsh__ndtr
#define m_log_ndtr_f64 torsh__log_ndtr
#define m_ndtri_f64 torsh__ndtri
#define m_bessel_j0_f64(x) torsh__bessel(TORSH__BESSEL_J0, x)
#define m_bessel_j1_f64(x) torsh__bessel(TORSH__BESSEL_J1, x)
#define m_bessel_y0_f64(x) torsh__bessel(TORSH__BESSEL_Y0, x)
#define m_bessel_y1_f64(x) torsh__bessel(TORSH__BESSEL_Y1, x)
#define m_bessel_k0_f64 torsh__bessel_k0
#define m_bessel_k1_f64 torsh__bessel_k1
#define m_bessel_k0e_f64 torsh__bessel_k0e
#define m_bessel_k1e_f64 torsh__bessel_k1e
#define m_airy_ai_f64 torsh__airy_ai
#define m_chebyshev_t_f64(x, n) torsh__polynomial(TORSH__CHEBYSHEV_T, x, n)
#define m_chebyshev_u_f64(x, n) torsh__polynomial(TORSH__CHEBYSHEV_U, x, n)
#define m_chebyshev_v_f64(x, n) torsh__polynomial(TORSH__CHEBYSHEV_V, x, n)
#define m_chebyshev_w_f64(x, n) torsh__polynomial(TORSH__CHEBYSHEV_W, x, n)
#define m_hermite_h_f64(x, n) torsh__polynomial(TORSH__HERMITE_H, x, n)
#define m_hermite_he_f64(x, n) torsh__polynomial(TORSH__HERMITE_HE, x, n)
#define m_laguerre_l_f64(x, n) torsh__polynomial(TORSH__LAGUERRE, x, n)
#define m_legendre_p_f64(x, n) torsh__polynomial(TORSH__LEGENDRE, x, n)
#define m_zeta_f64 torsh__zeta
#define m_polygamma_f64 torsh__polygamma
#define m_igamma_f64 torsh__igamma
#define m_igammac_f64 torsh__igammac

/* Pi left of 0 (not at -0), NaN of NaN */
static inline double m_angle_f64(double x)
{
    return x != x ? x : x < 0 ? 0x1.921fb54442d18p1 : 0;
}

#define POINTWISE_ROWS "pointwise_rare.def"
#define K FP
#define KIND_IS_FLOAT 1
#define T double
#define SUFFIX f64
#define FROM_DOUBLE(x) (x)
#include "pointwise_kernels.inc.c"

#define K INT
#define KIND_IS_FLOAT 0
#define T int64_t
#define SUFFIX i64
#define FROM_DOUBLE(x) to_integer(x, INT64_MIN, INT64_MAX)
#include "pointwise_kernels.inc.c"

#define K CX
#define KIND_IS_FLOAT 0
#define T torsh__c128
#define SUFFIX c128
#define FROM_DOUBLE(x) ((torsh__c128)(x))
#include "pointwise_kernels.inc.c"

#define PLACE(name) (TORSH__ROW_##name - TORSH__ROW_HOT)
#define ENTRY(name, dtypes)                              \
    IF_##dtypes##_FP([PLACE(name)].f64 = name##_f64, )   \
    IF_##dtypes##_INT([PLACE(name)].i64 = name##_i64, )  \
    IF_##dtypes##_CX([PLACE(name)].c128 = name##_c128, )
#define UNARY(name, dtypes, ...) ENTRY(name, dtypes)
#define BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define UNARY1(name, p, dtypes, ...) ENTRY(name, dtypes)
#define UNARY2(name, p, q, dtypes, ...) ENTRY(name, dtypes)
#define INTERNAL_BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define INTERNAL_TERNARY(name, dtypes, ...) ENTRY(name, dtypes)
const torsh__pointwise_wide torsh__pointwise_rare[TORSH__ROW_COUNT - TORSH__ROW_HOT] = {
#include "pointwise_rare.def"
};
