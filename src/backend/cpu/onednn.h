/* oneDNN, for the one thing it does faster than the portable kernels: products of bf16 and f16 matrices on processors with
 * instructions for them. Measured on Zen 5 with oneDNN 2.6 and 3.2 on one thread: bf16 products take half the time of the portable
 * ones. In f32 the portable kernels keep up, so oneDNN is not asked: products take 1.05 times its time, convolutions 0.3 to 1.3
 * times its time once the reorders into its layouts and back are counted, about as often less as more.
 * Built in only where CMake found oneDNN. */
#ifndef TORSH_BACKEND_CPU_ONEDNN_H
#define TORSH_BACKEND_CPU_ONEDNN_H

#include <torsh/core.h>

#if defined(TORSH_HAVE_ONEDNN)

/* Whether this processor and this oneDNN multiply the dtype faster than the portable kernels. Cheap. */
bool torsh__onednn_multiplies(torsh_dtype dtype);

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

static inline bool torsh__onednn_matmul(torsh_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_col,
                                        const void *b, int64_t b_row, int64_t b_col, float *c)
{
    (void)dtype, (void)m, (void)n, (void)k, (void)a, (void)a_row, (void)a_col, (void)b, (void)b_row, (void)b_col, (void)c;
    return false;
}

#endif

#endif
