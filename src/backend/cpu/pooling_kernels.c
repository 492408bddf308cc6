/* The pooling kernels of one instruction set, instantiated from pooling_dtype.inc.c per dtype. Compiled once per instruction set
 * (isa.h). Windows, threads and memory are in pooling.c. */
#include "pooling_kernels.h"

#include "dtype.h"

#include <math.h>
#include <string.h>

#define T float
#define MASK int32_t

#define OF(x) x##_f32
#define S float
#define SAME 1
#define WIDEN(x) (x)
#define NARROW(x) (x)
#include "pooling_dtype.inc.c"
#undef OF
#undef S
#undef SAME
#undef WIDEN
#undef NARROW

#define SAME 0
#define OF(x) x##_bf16
#define S torsh__bf16
#define WIDEN torsh__bf16_to_f32
#define NARROW torsh__f32_to_bf16
#include "pooling_dtype.inc.c"
#undef OF
#undef S
#undef WIDEN
#undef NARROW

#define OF(x) x##_f16
#define S torsh__f16
#define WIDEN torsh__f16_to_f32
#define NARROW torsh__f32_to_f16
#include "pooling_dtype.inc.c"
#undef OF
#undef S
#undef SAME
#undef WIDEN
#undef NARROW
#undef T
#undef MASK

#define T double
#define MASK int64_t
#define OF(x) x##_f64
#define S double
#define SAME 1
#define WIDEN(x) (x)
#define NARROW(x) (x)
#include "pooling_dtype.inc.c"

#define KERNELS(bytes, wide, name) \
    { bytes, wide, max_##name, max_back_##name, avg_##name, avg_back_##name, max_2x2_##name, max_back_2x2_##name, avg_2x2_##name, avg_back_2x2_##name }

const torsh__pooling_kernels TORSH__ISA_NAME(torsh__pooling) = {
    .dtype = { [TORSH_F16] = KERNELS(2, 4, f16), [TORSH_BF16] = KERNELS(2, 4, bf16),
               [TORSH_F32] = KERNELS(4, 4, f32), [TORSH_F64] = KERNELS(8, 8, f64) },
};
