/* Compiled once per instruction set: softmax, log_softmax and their gradients in f32 and f64. */
#include "softmax_kernels.h"
#include "vmath.h"

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
#include "softmax_kernels.inc.c"

#define T double
#define SUFFIX f64
#include "softmax_kernels.inc.c"

const torsh__softmax_table TORSH__ISA_NAME(torsh__softmax) = {
    .f32 = {rows_f32, columns_f32, rows_backward_f32, columns_backward_f32},
    .f64 = {rows_f64, columns_f64, rows_backward_f64, columns_backward_f64},
};
