/* The functions of vmath.h in the vectorised loops that kernels are made of: compiled once per instruction set, with that set's flags. */
#include "vmath.h"

#include "vmath_rows.inc.h"

#define T float
#define F(name) m_##name##_f32
#define G(name) name##_f32
#include "vmath_loops.inc.h"

#define T double
#define F(name) m_##name##_f64
#define G(name) name##_f64
#include "vmath_loops.inc.h"

#define TEST(id, n, inputs, b32, b64, exact) {id##_loop_f32, id##_loop_f64},
#define PASTE(a, b) a##b
#define NAME(isa) PASTE(vmath_loops_, isa)

extern const vmath_loop NAME(TORSH_ISA)[];
const vmath_loop NAME(TORSH_ISA)[] = {TESTS};
