/* Matrix products on raw memory: C = alpha * A * B + beta * C, batched, any strides, with bias and relu on the way out.
 * No tensors, no shape checks: the caller has checked. Cuts work by size only, so the bits do not depend on the number of
 * threads. Relies on core's allocator and thread pool and on the kernel tables of gemm_kernels.h. */
#ifndef TORSH_BACKEND_CPU_GEMM_H
#define TORSH_BACKEND_CPU_GEMM_H

#include <torsh/core.h>

/* What to compute. Strides count elements and may be anything for A and B (0 and negative included); no two elements of
 * C may share memory, nor may C overlap A, B or the bias. Zero-initialise, then set what is needed. */
typedef struct torsh__gemm_args {
    torsh_dtype dtype; /* of A, B, C and bias; anything but TORSH_BOOL */
    int64_t batch;     /* number of products; 0 and 1 both mean one product */
    int64_t m, n, k;   /* A (m, k), B (k, n), C (m, n); m or n 0: nothing to do; k 0: C = beta * C + bias */
    const void *a, *b;
    void *c;
    int64_t a_row, a_col, a_batch; /* a_batch 0 broadcasts A over the batch, and so on */
    int64_t b_row, b_col, b_batch;
    int64_t c_row, c_col, c_batch;
    double alpha[2], beta[2]; /* real and imaginary part; the imaginary part is for c64 and c128 only */
    const void *bias;         /* NULL, or bias[i * bias_row + j * bias_col] is added to C[i][j] */
    int64_t bias_row, bias_col;
    bool relu; /* C = max(C, 0) last of all, NaN kept; real dtypes only */
} torsh__gemm_args;

/* With beta 0, C is written and never read. alpha 0 does not read A or B.
 * f16 and bf16 are multiplied and summed in f32 and rounded once at the end (where the processor multiplies bf16 itself, subnormals count
 * as zero, as in PyTorch); u8, i8 and i16 sum in i32; integers wrap, and alpha and beta are truncated to integers.
 * TORSH_OK, or TORSH_OUT_OF_MEMORY with C unchanged or part done. */
torsh_status torsh__gemm(const torsh__gemm_args *args);

#endif
