/* The pooling kernels of one instruction set, instantiated from pooling_dtype.inc.c per dtype. Compiled once per instruction set
 * (isa.h). Windows, threads and memory are in pooling.c; whole numbers in pooling_integers.c. */
#include "pooling_kernels.h"

#include <math.h>
#include <string.h>

#define IS_NAN(x) ((x) != (x))
#define LOWEST (-(T)INFINITY)

#define T float
#define MASK int32_t
#define OF(x) x##_f32
#include "pooling_dtype.inc.c"
#undef T
#undef MASK
#undef OF

#define T double
#define MASK int64_t
#define OF(x) x##_f64
#include "pooling_dtype.inc.c"

#define KERNELS(bytes, name) \
    { bytes, max_##name, max_back_##name, avg_##name, avg_back_##name, max_2x2_##name, max_back_2x2_##name, avg_2x2_##name, avg_back_2x2_##name }

const torsh__pooling_kernels TORSH__ISA_NAME(torsh__pooling) = {.f32 = KERNELS(4, f32), .f64 = KERNELS(8, f64)};
