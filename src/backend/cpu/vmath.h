/* The scalar math library that all CPU pointwise kernels are made of: m_exp_f32, m_exp_f64, ... as static inline functions
 * for loops `for (i < n) out[i] = m_f(a[i])`, which the compiler vectorises for the instruction set it is run for.
 *
 * Every function is branch-free: selects, bit casts, and integer steps that exist as vector instructions everywhere.
 * Accuracy: at most 2 ULP in f32 and 1 ULP in f64 over the whole range unless the function says otherwise; zeros, signs,
 * infinities and NaN as in C and PyTorch. tests/backend/vmath_mpfr.c holds each bound against MPFR for each ISA.
 *
 * It relies on: IEEE arithmetic, round to nearest, -fno-math-errno -fno-trapping-math -ffp-contract=off, never -ffast-math.
 * Polynomials come from tools/minimax.py.
 *
 * Far arguments. A few functions (M_HAS_FAR below) are cheap only for arguments that are not far out: sin, cos and tan of
 * huge x, fmod and its kin for a huge quotient. They take a last argument `far`, a compile-time constant:
 *     far = 0   branch-free, right wherever m_far_T(x) is 0; m_far2_T(a, b) for two arguments
 *     far = 1   right everywhere, slower
 * The name without `far` (m_sin_f32) is the far = 1 form. A kernel scans a chunk with m_far and takes the loop with far = 0
 * or the one with far = 1 for the whole chunk.
 *
 * pow is right everywhere and, for elements that m_pow_far_T calls near, also had in three parts for a loop each: m_pow_base, m_pow_log
 * and m_pow_end. The chain of dependent operations of all is longer than a processor looks ahead, so that one loop takes half as
 * long again. */
#ifndef TORSH_BACKEND_CPU_VMATH_H
#define TORSH_BACKEND_CPU_VMATH_H

#include <complex.h>
#include <float.h>
#include <math.h>
#include <stdint.h>

/* M_HAS_FAR(sin) is the constant 1, M_HAS_FAR(exp) 0: a name below turns into extra arguments. M_IN_PARTS(pow) is 1 so, too. */
#define M_FAR_sin ,
#define M_FAR_cos ,
#define M_FAR_tan ,
#define M_FAR_fmod ,
#define M_FAR_remainder ,
#define M_FAR_floor_divide ,
#define M_PARTS_pow ,
#define M_HAS_FAR(name) M_COMMA(M_FAR_##name)
#define M_IN_PARTS(name) M_COMMA(M_PARTS_##name)
#define M_COMMA(...) M_COMMA_(__VA_ARGS__, 1, 0, 0)
#define M_COMMA_(a, b, c, ...) c

/* Always, as a call left in a loop is a loop not vectorised. */
#define M_INLINE __attribute__((always_inline)) static inline

#if defined(__FMA__) || defined(__aarch64__)
#define M_HAVE_FMA 1
#else
#define M_HAVE_FMA 0
#endif
#if defined(__SSE4_1__) || defined(__aarch64__)
#define M_HAVE_ROUND 1 /* floor, ceil, trunc and rint are vector instructions */
#else
#define M_HAVE_ROUND 0
#endif

#define M_T float
#define M_U uint32_t
#define M_F(name) m_##name##_f32
#define M_C(x) x##f
#define M_SIGN UINT32_C(0x80000000)
#define M_INTEGRAL 0x1p23f
#include "vmath_basic.inc.h"

#define M_T double
#define M_U uint64_t
#define M_F(name) m_##name##_f64
#define M_C(x) x
#define M_SIGN UINT64_C(0x8000000000000000)
#define M_INTEGRAL 0x1p52
#include "vmath_basic.inc.h"

#include "vmath_f64.h"
#include "vmath_trig.h"
#include "vmath_special.h"
#include "vmath_f32.h"
#include "vmath_special_f32.h"
#include "vmath_int.h"
#include "vmath_complex.h"

#endif
