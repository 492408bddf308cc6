/* The matrix-product kernels of one instruction set: register tiles, packing, rounding. Compiled once per instruction set
 * (isa.h) and instantiated per dtype from gemm_dtype.inc.c, gemm_tile.inc.c and gemm_complex.inc.c. Blocking, threads and
 * memory are in gemm.c. Written with vector extensions; the compiler contracts a * b + c where the target has it. */
#include "backend/cpu/gemm_kernels.h"

#include "core/dtype.h"

#include <string.h>

#if defined(__clang__)
#define TORSH__UNROLL _Pragma("clang loop unroll(full)")
#else
#define TORSH__UNROLL _Pragma("GCC unroll 32")
#endif

/* Vector bytes and rows of the tile: ROWS * 2 sums, 2 vectors of B and a broadcast have to fit the registers
 * (32 of 64 bytes, 16 of 32, 32 of 16 on NEON, 16 of 16 with SSE2 and no fused multiply-add). */
#if defined(__AVX512F__)
#define BYTES 64
#define ROWS 14
#define COMPLEX_ROWS 12
#elif defined(__AVX2__)
#define BYTES 32
#define ROWS 6
#define COMPLEX_ROWS 4
#elif defined(__aarch64__)
#define BYTES 16
#define ROWS 12
#define COMPLEX_ROWS 8
#else
#define BYTES 16
#define ROWS 4
#define COMPLEX_ROWS 2
#endif
#define VECTORS 2

#define VECTOR(type, name, lanes) \
    typedef type name __attribute__((vector_size((lanes) * sizeof(type)))); \
    typedef type name##_any __attribute__((vector_size((lanes) * sizeof(type)), aligned(sizeof(type)), may_alias))

/* Eklundh's transpose: exchange the off-diagonal halves of ever smaller squares. Lane l of the first result of
 * exchanging squares of h is a[l] or b[l - h]; of the second, a[l + h] or b[l]. */
#define FIRST(l, h, n) (((l) & (h)) ? (l) - (h) + (n) : (l))
#define SECOND(l, h, n) (((l) & (h)) ? (l) + (n) : (l) + (h))
#define PICK2(f, h, n, l) f(l, h, n), f((l) + 1, h, n)
#define PICK4(f, h, n, l) PICK2(f, h, n, l), PICK2(f, h, n, (l) + 2)
#define PICK8(f, h, n, l) PICK4(f, h, n, l), PICK4(f, h, n, (l) + 4)
#define PICK16(f, h, n, l) PICK8(f, h, n, l), PICK8(f, h, n, (l) + 8)

#if BYTES == 64
#define LANES 16
#elif BYTES == 32
#define LANES 8
#else
#define LANES 4
#endif
#include "backend/cpu/gemm_words.inc.c"
#undef LANES

#if BYTES == 64
#define LANES 8
#elif BYTES == 32
#define LANES 4
#else
#define LANES 2
#endif
#include "backend/cpu/gemm_doubles.inc.c"
#undef LANES
