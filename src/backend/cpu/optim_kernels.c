#include "optim_kernels.h"

#include <math.h>

#define T float
#define ROOT sqrtf
#define NAME(f) f##_f32
#include "optim_dtype.inc.c"

#define T double
#define ROOT sqrt
#define NAME(f) f##_f64
#include "optim_dtype.inc.c"

const torsh__optim_kernels TORSH__ISA_NAME(torsh__optim) = {sgd_f32, sgd_f64, adam_f32, adam_f64};
