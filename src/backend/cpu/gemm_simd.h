/* What the dense kernels of one instruction set share: vector width, tile height, vector types, unrolling.
 * Included by the *_kernels.c files that are compiled once per instruction set, never by others. */
#ifndef TORSH_BACKEND_CPU_GEMM_SIMD_H
#define TORSH_BACKEND_CPU_GEMM_SIMD_H

#if defined(__clang__)
#define TORSH__UNROLL _Pragma("clang loop unroll(full)")
#else
#define TORSH__UNROLL _Pragma("GCC unroll 32")
#endif

/* Vector bytes and rows of a register tile two vectors wide: the sums, 2 vectors of B and a broadcast have to fit the registers
 * (32 of 64 bytes, 16 of 32, 32 of 16 on NEON, 16 of 16 with SSE2 and no fused multiply-add). */
#if defined(__AVX512F__)
#define BYTES 64
#define REAL_ROWS 14
#define COMPLEX_ROWS 12
#elif defined(__AVX2__)
#define BYTES 32
#define REAL_ROWS 6
#define COMPLEX_ROWS 4
#elif defined(__aarch64__)
#define BYTES 16
#define REAL_ROWS 12
#define COMPLEX_ROWS 8
#else
#define BYTES 16
#define REAL_ROWS 4
#define COMPLEX_ROWS 2
#endif
#define VECTORS 2

/* A vector type, and one that may lie at any address of an element. */
#define VECTOR(type, name, lanes)                                        \
    typedef type name __attribute__((vector_size((lanes) * sizeof(type)))); \
    typedef type name##_any __attribute__((vector_size((lanes) * sizeof(type)), aligned(sizeof(type)), may_alias))

#endif
