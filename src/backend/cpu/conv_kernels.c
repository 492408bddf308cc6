/* The convolution kernels of one instruction set, instantiated from conv_tile.inc.c per compute type and conv_dtype.inc.c per
 * dtype. Compiled once per instruction set (isa.h). Shapes, planes, threads and memory are in conv.c and conv_weight.c. */
#include "conv_kernels.h"

#include "dtype.h"
#include "gemm_simd.h"

#include <string.h>

#define ROWS REAL_ROWS
#define COLUMNS (VECTORS * LANES)

/* ---- f32, and the half types through it ---- */

#define T float
#define LANES (BYTES / 4)
#define V v_f32
#define U v_f32_any
#define NAME(x) x##_f32
#define MASK int32_t
VECTOR(float, v_f32, LANES);
#include "gemm_transpose.inc.c"
#include "conv_tile.inc.c"

#define OF(x) x##_of_f32
#define S float
#define SAME 1
#define WIDEN(x) (x)
#define NARROW(x) (x)
#include "conv_dtype.inc.c"
#undef OF
#undef S
#undef SAME
#undef WIDEN
#undef NARROW

#define SAME 0
#define OF(x) x##_of_bf16
#define S torsh__bf16
#define WIDEN torsh__bf16_to_f32
#define NARROW torsh__f32_to_bf16
#include "conv_dtype.inc.c"
#undef OF
#undef S
#undef WIDEN
#undef NARROW

#define OF(x) x##_of_f16
#define S torsh__f16
#define WIDEN torsh__f16_to_f32
#define NARROW torsh__f32_to_f16
#include "conv_dtype.inc.c"
#undef OF
#undef S
#undef SAME
#undef WIDEN
#undef NARROW
#undef T
#undef MASK
#undef LANES
#undef V
#undef U
#undef NAME

/* ---- f64 ---- */

#define T double
#define LANES (BYTES / 8)
#define V v_f64
#define U v_f64_any
#define NAME(x) x##_f64
#define MASK int64_t
VECTOR(double, v_f64, LANES);
#include "gemm_transpose.inc.c"
#include "conv_tile.inc.c"

#define OF(x) x##_of_f64
#define S double
#define SAME 1
#define WIDEN(x) (x)
#define NARROW(x) (x)
#include "conv_dtype.inc.c"

#define KERNELS(bytes, dtype, wide_bytes, wide) \
    { bytes, wide_bytes, BYTES / (wide_bytes), ROWS, copy_of_##dtype, block_of_##dtype, sum_##wide, gather_##wide, dots_##wide, total_of_##dtype, store_of_##dtype }

const torsh__conv_kernels TORSH__ISA_NAME(torsh__conv) = {
    .dtype = { [TORSH_F16] = KERNELS(2, f16, 4, f32), [TORSH_BF16] = KERNELS(2, bf16, 4, f32),
               [TORSH_F32] = KERNELS(4, f32, 4, f32), [TORSH_F64] = KERNELS(8, f64, 8, f64) },
};
