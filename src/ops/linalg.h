/* What the files of linear algebra share: rules of shape, the adjoint, permutations of rows. */
#ifndef TORSH_OPS_LINALG_H
#define TORSH_OPS_LINALG_H

#include "composed.h"

/* Checks input i's dtype and that it is (..., m, n), square if asked; sets device and compute. */
torsh_status torsh__infer_matrix(torsh__call *c, int i, bool square);
/* Of rows that give a square matrix of input 0's shape and an i32 info for each. */
torsh_status torsh__infer_same_and_info(torsh__call *c);
/* The same for an argument of a composed row. */
torsh_status torsh__check_matrix(const char *op, const char *argument, const torsh__shape *s, bool square);
/* Fails unless a and b have the same dtype. */
torsh_status torsh__check_dtypes(const char *op, const char *first, const torsh__shape *a, const char *second, const torsh__shape *b);
/* The batch dims of a and b, broadcast, into sizes; fails if they don't. */
torsh_status torsh__batch_dims(const char *op, const char *first, int a_ndim, const int64_t *a, const char *second, int b_ndim, const int64_t *b, int *ndim,
                               int64_t *sizes);
/* Output o of shape (batch of input 0) + `tail`. */
void torsh__matrix_out(torsh__call *c, int o, torsh_dtype dtype, int tail_ndim, const int64_t *tail);

/* The conjugate transpose; the transpose. */
torsh_tensor torsh__adjoint(torsh_tensor t);
torsh_tensor torsh__transposed(torsh_tensor t);
/* t (..., m, n) with batch dims expanded to those of `sizes`. */
torsh_tensor torsh__expand_batch(torsh_tensor t, int ndim, const int64_t *sizes);
/* The first n rows / columns. */
torsh_tensor torsh__rows(torsh_tensor t, int64_t n);
torsh_tensor torsh__columns(torsh_tensor t, int64_t n);
/* The identity (m, n) of t's dtype and device. */
torsh_tensor torsh__identity(torsh_tensor t, int64_t m, int64_t n);
/* P' t, or P t, for the permutation that LU's pivots mean; both have the same batch dims. */
torsh_tensor torsh__permute_rows(torsh_tensor t, torsh_tensor pivots, bool inverse);
/* Solves with a triangle of `a`: names for the flags of torsh_linalg_solve_triangular. */
enum torsh__triangle { TORSH__LOWER = 0, TORSH__UPPER = 1, TORSH__RIGHT = 2, TORSH__UNIT = 4 };
torsh_tensor torsh__solve(torsh_tensor a, torsh_tensor b, unsigned how);
static inline bool torsh__is_complex(torsh_tensor t)
{
    return torsh_dtype_is_complex(torsh_dtype_of(t));
}

#endif
