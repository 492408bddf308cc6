/* Linear algebra. Factorizations, linear systems, inverses, singular values, with torch.linalg's names, and torch's older ones.
 *
 * As in <torsh/ops.h>, and: a matrix is a tensor's last two dims, all before are batches of them. dtypes are f32, f64, c64 and c128. The
 * work is LAPACK's, which is opened at the first call: libopenblas.so.0, liblapack.so.3 (Debian: libopenblas0, liblapack3), or the file that
 * TORSH_LAPACK names. Without one these functions fail with TORSH_UNSUPPORTED. Each matrix is one thread's work, so results have the same
 * bits for any number of threads; another LAPACK may give other bits, and other signs (phases) of singular vectors and eigenvectors. An
 * OpenBLAS is set to one thread of its own, for the whole process.
 * A' is the conjugate transpose. A matrix that can't be factored is TORSH_INVALID_ARGUMENT, unless a function has infos or check_errors. */
#ifndef TORSH_LINALG_OPS_H
#define TORSH_LINALG_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The file that LAPACK was opened from. NULL, with the error that the other functions would give, if there is none. */
TORSH_API const char *torsh_lapack_library(void);

/* ==== factorizations (table/linalg.def) ======================================================================== */

/* Cholesky's factor and infos (i32): input = L L', or U' U with upper. input (..., n, n) is Hermitian, of which one triangle is read, and
 * positive-definite: where it isn't, info is the order of the leading minor that shows it, and with check_errors that is an error. */
TORSH_API torsh_pair torsh_linalg_cholesky_ex(torsh_tensor input, bool upper, bool check_errors);
TORSH_API torsh_pair torsh_linalg_cholesky_ex_out(torsh_tensor input, bool upper, bool check_errors, torsh_pair out);
/* Its factor alone; a matrix that is not positive-definite is an error. */
TORSH_API torsh_tensor torsh_linalg_cholesky(torsh_tensor input, bool upper);
TORSH_API torsh_tensor torsh_linalg_cholesky_out(torsh_tensor input, bool upper, torsh_tensor out);
/* LU with exchanges of rows, input = P L U of (..., m, n): L, whose diagonal is 1, and U in one matrix; pivots (..., min(m, n)), i32: row i
 * was exchanged with row pivots[i], counted from 1; infos, i32: 0, or where the diagonal of U has its first 0, which check_errors makes an error.
 * pivot must be true. The gradient is finite for matrices of full rank. */
TORSH_API torsh_triple torsh_linalg_lu_factor_ex(torsh_tensor input, bool pivot, bool check_errors);
TORSH_API torsh_triple torsh_linalg_lu_factor_ex_out(torsh_tensor input, bool pivot, bool check_errors, torsh_triple out);
/* The same without infos: a 0 on U's diagonal is an error. */
TORSH_API torsh_pair torsh_linalg_lu_factor(torsh_tensor input, bool pivot);
TORSH_API torsh_pair torsh_linalg_lu_factor_out(torsh_tensor input, bool pivot, torsh_pair out);
/* torch.lu with get_infos: the factors, pivots and infos; never an error. */
TORSH_API torsh_triple torsh_lu_get_infos(torsh_tensor input, bool pivot);
TORSH_API torsh_triple torsh_lu_get_infos_out(torsh_tensor input, bool pivot, torsh_triple out);
/* P (..., m, m), L (..., m, k) and U (..., k, n) of what the functions above give. What isn't asked for is a tensor of size 0. */
TORSH_API torsh_triple torsh_lu_unpack(torsh_tensor LU_data, torsh_tensor LU_pivots, bool unpack_data, bool unpack_pivots);
TORSH_API torsh_triple torsh_lu_unpack_out(torsh_tensor LU_data, torsh_tensor LU_pivots, bool unpack_data, bool unpack_pivots, torsh_triple out);
/* P, L and U of input. */
TORSH_API torsh_triple torsh_linalg_lu(torsh_tensor input, bool pivot);
TORSH_API torsh_triple torsh_linalg_lu_out(torsh_tensor input, bool pivot, torsh_triple out);
/* QR as LAPACK has it: R above, Householder reflectors below the diagonal, and their factors tau (..., min(m, n)). No gradient. */
TORSH_API torsh_pair torsh_geqrf(torsh_tensor input);
TORSH_API torsh_pair torsh_geqrf_out(torsh_tensor input, torsh_pair out);
/* The first n columns of the product H_1 ... H_k, H_i = I - tau_i v_i v_i', with reflectors below the diagonal of input (..., m, n), k <= n <= m. */
TORSH_API torsh_tensor torsh_linalg_householder_product(torsh_tensor input, torsh_tensor tau);
TORSH_API torsh_tensor torsh_linalg_householder_product_out(torsh_tensor input, torsh_tensor tau, torsh_tensor out);
/* Q other, with the square Q of that product; left false: other Q; transpose: Q' for Q. */
TORSH_API torsh_tensor torsh_ormqr(torsh_tensor input, torsh_tensor tau, torsh_tensor other, bool left, bool transpose);
TORSH_API torsh_tensor torsh_ormqr_out(torsh_tensor input, torsh_tensor tau, torsh_tensor other, bool left, bool transpose, torsh_tensor out);
/* input = Q R. mode: "reduced" gives Q (..., m, k) and R (..., k, n), k = min(m, n); "complete" the square Q; "r" R alone. The latter two
 * have no gradient where m > n, and "r" never. */
TORSH_API torsh_pair torsh_linalg_qr(torsh_tensor input, const char *mode);
TORSH_API torsh_pair torsh_linalg_qr_out(torsh_tensor input, const char *mode, torsh_pair out);
/* The same: some is "reduced", else "complete". */
TORSH_API torsh_pair torsh_qr(torsh_tensor input, bool some);
TORSH_API torsh_pair torsh_qr_out(torsh_tensor input, bool some, torsh_pair out);

/* ==== linear systems (table/solve.def) ========================================================================== */

/* X of input X = B, or of X input = B where left is false. Of input (..., n, n) only the triangle is read that upper names, and with
 * unitriangular not its diagonal either, which counts as 1. */
TORSH_API torsh_tensor torsh_linalg_solve_triangular(torsh_tensor input, torsh_tensor B, bool upper, bool left, bool unitriangular);
TORSH_API torsh_tensor torsh_linalg_solve_triangular_out(torsh_tensor input, torsh_tensor B, bool upper, bool left, bool unitriangular, torsh_tensor out);
/* X of A X = input, or of A's transpose, and a copy of A. */
TORSH_API torsh_pair torsh_triangular_solve(torsh_tensor input, torsh_tensor A, bool upper, bool transpose, bool unitriangular);
TORSH_API torsh_pair torsh_triangular_solve_out(torsh_tensor input, torsh_tensor A, bool upper, bool transpose, bool unitriangular, torsh_pair out);
/* X of A X = input, where input2 is Cholesky's factor of A, and A's inverse by it. The factor's gradient is that of PyTorch, which counts
 * the other triangle too. */
TORSH_API torsh_tensor torsh_cholesky_solve(torsh_tensor input, torsh_tensor input2, bool upper);
TORSH_API torsh_tensor torsh_cholesky_solve_out(torsh_tensor input, torsh_tensor input2, bool upper, torsh_tensor out);
TORSH_API torsh_tensor torsh_cholesky_inverse(torsh_tensor input, bool upper);
TORSH_API torsh_tensor torsh_cholesky_inverse_out(torsh_tensor input, bool upper, torsh_tensor out);
/* X of A X = B by A's LU factors; adjoint: A' X = B; left false: X A = B. */
TORSH_API torsh_tensor torsh_linalg_lu_solve(torsh_tensor LU, torsh_tensor pivots, torsh_tensor B, bool left, bool adjoint);
TORSH_API torsh_tensor torsh_linalg_lu_solve_out(torsh_tensor LU, torsh_tensor pivots, torsh_tensor B, bool left, bool adjoint, torsh_tensor out);
/* X of A X = input by A's LU factors. */
TORSH_API torsh_tensor torsh_lu_solve(torsh_tensor input, torsh_tensor LU_data, torsh_tensor LU_pivots);
TORSH_API torsh_tensor torsh_lu_solve_out(torsh_tensor input, torsh_tensor LU_data, torsh_tensor LU_pivots, torsh_tensor out);
/* X of input X = B (left false: X input = B), and infos as torsh_linalg_lu_factor_ex gives them. */
TORSH_API torsh_pair torsh_linalg_solve_ex(torsh_tensor input, torsh_tensor B, bool left, bool check_errors);
TORSH_API torsh_pair torsh_linalg_solve_ex_out(torsh_tensor input, torsh_tensor B, bool left, bool check_errors, torsh_pair out);
/* X alone; a singular matrix is an error. B may be a vector or, with input's batch dims, a batch of vectors. */
TORSH_API torsh_tensor torsh_linalg_solve(torsh_tensor input, torsh_tensor B, bool left);
TORSH_API torsh_tensor torsh_linalg_solve_out(torsh_tensor input, torsh_tensor B, bool left, torsh_tensor out);
/* The inverse, and infos. */
TORSH_API torsh_pair torsh_linalg_inv_ex(torsh_tensor input, bool check_errors);
TORSH_API torsh_pair torsh_linalg_inv_ex_out(torsh_tensor input, bool check_errors, torsh_pair out);
/* The inverse; a singular matrix is an error. */
TORSH_API torsh_tensor torsh_linalg_inv(torsh_tensor input);
TORSH_API torsh_tensor torsh_linalg_inv_out(torsh_tensor input, torsh_tensor out);
/* The n-th power of square matrices, of any dtype that has products; of a negative n the inverse's. */
TORSH_API torsh_tensor torsh_linalg_matrix_power(torsh_tensor input, int64_t n);
TORSH_API torsh_tensor torsh_linalg_matrix_power_out(torsh_tensor input, int64_t n, torsh_tensor out);
/* The determinant as its sign (0; of complex matrices its direction) and the logarithm of its size (real). */
TORSH_API torsh_pair torsh_linalg_slogdet(torsh_tensor input);
TORSH_API torsh_pair torsh_linalg_slogdet_out(torsh_tensor input, torsh_pair out);
/* The determinant. */
TORSH_API torsh_tensor torsh_linalg_det(torsh_tensor input);
TORSH_API torsh_tensor torsh_linalg_det_out(torsh_tensor input, torsh_tensor out);
/* The logarithm of the determinant: NaN for a negative one, -Inf for 0. */
TORSH_API torsh_tensor torsh_logdet(torsh_tensor input);

/* ==== singular values, eigenvalues (table/spectral.def) ========================================================== */

/* input = U diag(S) V': U (..., m, k), S (..., k) real and falling, V' (..., k, n), k = min(m, n); with full_matrices U and V' are square. The
 * gradient needs distinct singular values; of square U and V' the vectors past k have none. Vectors are unique up to their sign, complex ones up to a
 * phase: a loss that depends on the phase has no gradient, and backward says so. */
TORSH_API torsh_triple torsh_linalg_svd(torsh_tensor input, bool full_matrices);
TORSH_API torsh_triple torsh_linalg_svd_out(torsh_tensor input, bool full_matrices, torsh_triple out);
/* S alone. */
TORSH_API torsh_tensor torsh_linalg_svdvals(torsh_tensor input);
TORSH_API torsh_tensor torsh_linalg_svdvals_out(torsh_tensor input, torsh_tensor out);
/* U, S and V, not V'; some: not the square ones. Without compute_uv U and V are square zeros. */
TORSH_API torsh_triple torsh_svd(torsh_tensor input, bool some, bool compute_uv);
TORSH_API torsh_triple torsh_svd_out(torsh_tensor input, bool some, bool compute_uv, torsh_triple out);
/* U, S and V of an approximation of rank q of input - M (M may be absent; it broadcasts), by a random subspace (default generator) that niter rounds
 * refine, at most 1000. There are q of them, or as many as input's smaller side has. PyTorch's defaults are q 6 and niter 2. */
TORSH_API torsh_triple torsh_svd_lowrank(torsh_tensor input, int64_t q, int64_t niter, torsh_tensor M);
/* The same of input, or with center of input less the mean of its rows: principal components. q is at most input's smaller side. */
TORSH_API torsh_triple torsh_pca_lowrank(torsh_tensor input, int64_t q, bool center, int64_t niter);
/* The nuclear norm, the sum of the singular values, of the matrices in two dims; none given: input is one matrix. */
TORSH_API torsh_tensor torsh_norm_nuc(torsh_tensor input, const int64_t *dim, size_t dim_count, bool keepdim);
TORSH_API torsh_tensor torsh_norm_nuc_out(torsh_tensor input, const int64_t *dim, size_t dim_count, bool keepdim, torsh_tensor out);
/* Eigenvalues (..., n), real and rising, and eigenvectors as columns, of a Hermitian matrix, whose triangle UPLO ("L" or "U") is read. What
 * torsh_linalg_svd says of gradients goes here, too. */
TORSH_API torsh_pair torsh_linalg_eigh(torsh_tensor input, const char *UPLO);
TORSH_API torsh_pair torsh_linalg_eigh_out(torsh_tensor input, const char *UPLO, torsh_pair out);
/* The eigenvalues alone. */
TORSH_API torsh_tensor torsh_linalg_eigvalsh(torsh_tensor input, const char *UPLO);
TORSH_API torsh_tensor torsh_linalg_eigvalsh_out(torsh_tensor input, const char *UPLO, torsh_tensor out);
/* The pseudo-inverse (..., n, m). Singular values up to the larger of atol and rtol times the largest count as 0; both may be absent, numbers, or
 * tensors that broadcast with the batch's shape, and have no gradient. By default atol is 0, and rtol max(m, n) eps, or 0 where an atol over 0 is given.
 * hermitian: input is Hermitian, of which eigenvalues are taken. */
TORSH_API torsh_tensor torsh_linalg_pinv(torsh_tensor input, torsh_tensor atol, torsh_tensor rtol, bool hermitian);
TORSH_API torsh_tensor torsh_linalg_pinv_out(torsh_tensor input, torsh_tensor atol, torsh_tensor rtol, bool hermitian, torsh_tensor out);
/* The same with rtol (PyTorch's default here: 1e-15). */
TORSH_API torsh_tensor torsh_pinverse(torsh_tensor input, double rcond);
/* The k largest, or smallest, eigenvalues (..., k) of symmetric A (..., m, m), f32 or f64, and their vectors as columns (..., m, k), by LOBPCG: no
 * factor of A is made. With B, symmetric and positive-definite, those of A x = e B x. The search is over n >= k vectors: X (..., m, n), where it
 * begins, or n random ones (default generator). iK, absent or (..., m, m), is near A's inverse and speeds it up. It ends when the
 * residuals |A x - e B x| of all k pairs are within tol (0: the dtype's eps^0.5) of what A, B and x can make, or after niter steps (negative: no end
 * but that). Eigenvalues have gradients, vectors have none. */
TORSH_API torsh_pair torsh_lobpcg(torsh_tensor A, int64_t k, torsh_tensor B, torsh_tensor X, int64_t n, torsh_tensor iK, int64_t niter, double tol,
                                  bool largest);

#ifdef __cplusplus
}
#endif

#endif
