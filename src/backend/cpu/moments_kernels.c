/* Compiled once per instruction set: the moments of rows and columns. */
#include "moments_kernels.h"

#include <math.h>

#define PASTE3_(a, b, c) a##b##c
#define PASTE3(a, b, c) PASTE3_(a, b, c)
#define INLINE inline __attribute__((always_inline))
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

#define T float
#define SUFFIX f32
#include "moments_kernels.inc.c"

#define T double
#define SUFFIX f64
#include "moments_kernels.inc.c"

const torsh__moments_table TORSH__ISA_NAME(torsh__moments) = {.f32 = {row_f32, columns_f32, apart_f32}, .f64 = {row_f64, columns_f64, apart_f64}};
