/* oneDNN, for the few things it does faster than our kernels, on processors with instructions for 16-bit floats. Measured on Zen 5 with
 * oneDNN 2.6 on one thread: bf16 products with a slim C take 0.8 to 1 times the time of our kernel of pairs (gemm_pairs.inc.c), all others
 * more. With AMX's tiles, which we do not use, oneDNN has all of bf16, as it has f16 where there is AVX512-FP16. In f32 ours keep up, so
 * it is not asked: products take 1.05 times its time, convolutions 0.3 to 1.3 times its time once the reorders into its layouts and back
 * are counted, about as often less as more.
 * Built in only where CMake found oneDNN. */
#ifndef TORSH_BACKEND_CPU_ONEDNN_H
#define TORSH_BACKEND_CPU_ONEDNN_H

#include <torsh/core.h>

#if defined(TORSH_HAVE_ONEDNN)

/* Whether this processor and this oneDNN multiply the dtype faster than the kernels that go through f32. Cheap. */
bool torsh__onednn_multiplies(torsh_dtype dtype);

/* Whether the processor has AMX's tiles of bf16. Cheap. */
bool torsh__onednn_has_tiles(void);

/* c (m, n), dense, f32 = A * B of the dtype, on the calling thread alone whatever OpenMP's settings, so that the bits do not depend on
 * threads. Strides count elements. False: not taken, c undefined, the caller's own kernels have to do it. */
bool torsh__onednn_matmul(torsh_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_col,
                          const void *b, int64_t b_row, int64_t b_col, float *c);

#else

static inline bool torsh__onednn_multiplies(torsh_dtype dtype)
{
    (void)dtype;
    return false;
}

static inline bool torsh__onednn_has_tiles(void)
{
    return false;
}

static inline bool torsh__onednn_matmul(torsh_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_col,
                                        const void *b, int64_t b_row, int64_t b_col, float *c)
{
    (void)dtype, (void)m, (void)n, (void)k, (void)a, (void)a_row, (void)a_col, (void)b, (void)b_row, (void)b_col, (void)c;
    return false;
}

#endif

#endif
