/* The complex functions of vmath.h: arithmetic as PyTorch's (c10/util/complex.h: the plain product, no recovery of infinities;
 * the scaled quotient), transcendental functions as C99's Annex G through libm, which PyTorch calls too. */
#ifndef TORSH_BACKEND_CPU_VMATH_COMPLEX_H
#define TORSH_BACKEND_CPU_VMATH_COMPLEX_H

#define M_T float
#define M_Z float _Complex
#define M_R(name) m_##name##_f32
#define M_F(name) m_##name##_c64
#define M_MAKE(re, im) __builtin_complex((float)(re), (float)(im))
#define M_LIB(name) name##f
#include "vmath_complex.inc.h"

#define M_T double
#define M_Z double _Complex
#define M_R(name) m_##name##_f64
#define M_F(name) m_##name##_c128
#define M_MAKE(re, im) __builtin_complex((double)(re), (double)(im))
#define M_LIB(name) name
#include "vmath_complex.inc.h"
#endif
