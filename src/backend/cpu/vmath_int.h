/* The integer functions of vmath.h, for i32 and i64 by name and, through them, for narrower types. Nothing traps: a division
 * by zero gives 0, the least value divided by -1 wraps, a shift beyond the width is defined. */
#ifndef TORSH_BACKEND_CPU_VMATH_INT_H
#define TORSH_BACKEND_CPU_VMATH_INT_H

#define M_T int32_t
#define M_U uint32_t
#define M_F(name) m_##name##_i32
#define M_WIDTH 32
#define M_SIGNED 1
#include "vmath_int.inc.h"

#define M_T int64_t
#define M_U uint64_t
#define M_F(name) m_##name##_i64
#define M_WIDTH 64
#define M_SIGNED 1
#include "vmath_int.inc.h"

#define M_T int16_t
#define M_U uint16_t
#define M_F(name) m_##name##_i16
#define M_WIDTH 16
#define M_SIGNED 1
#include "vmath_int.inc.h"

#define M_T int8_t
#define M_U uint8_t
#define M_F(name) m_##name##_i8
#define M_WIDTH 8
#define M_SIGNED 1
#include "vmath_int.inc.h"

#define M_T uint8_t
#define M_U uint8_t
#define M_F(name) m_##name##_u8
#define M_WIDTH 8
#define M_SIGNED 0
#include "vmath_int.inc.h"
#endif
