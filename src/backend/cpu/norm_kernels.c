/* Compiled once per instruction set. Sums run in LANES partial sums, which vectorise, folded pairwise. */
#include "norm_kernels.h"

#include <stddef.h>

/* Fewer than FEW elements are summed in 8 lanes, fewer than SHORT in 4: setting up and folding LANES would take longer than the sum. */
enum { LANES = 64, BLOCK = 4096, SHORT = 40, FEW = 160 };

#define T float
#define N_(name) name##_f32
#include "norm_kernels.inc.c"

#define T double
#define N_(name) name##_f64
#include "norm_kernels.inc.c"

const torsh__norm_table TORSH__ISA_NAME(torsh__norm) = {
    .f32 = {moments_f32, squares_f32, apply_f32, apply_each_f32, sums_f32, input_gradient_f32, add_gradients_f32},
    .f64 = {moments_f64, squares_f64, apply_f64, apply_each_f64, sums_f64, input_gradient_f64, add_gradients_f64},
};
