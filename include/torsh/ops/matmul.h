/* Matrix products. Operands have one dtype, any but bool, and may be transposed or strided without cost; f16 and bf16 are summed in
 * f32. */
#ifndef TORSH_MATMUL_OPS_H
#define TORSH_MATMUL_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* (..., m, k) times (..., k, n), the leading dims broadcast. A vector is a row on the left, a column on the right, and its
 * dim of size 1 goes again. */
TORSH_API torsh_tensor torsh_matmul(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_matmul_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* (m, k) times (k, n). */
TORSH_API torsh_tensor torsh_mm(torsh_tensor input, torsh_tensor mat2);
TORSH_API torsh_tensor torsh_mm_out(torsh_tensor input, torsh_tensor mat2, torsh_tensor out);
/* (b, m, k) times (b, k, n). */
TORSH_API torsh_tensor torsh_bmm(torsh_tensor input, torsh_tensor mat2);
TORSH_API torsh_tensor torsh_bmm_out(torsh_tensor input, torsh_tensor mat2, torsh_tensor out);
/* (m, k) times (k). */
TORSH_API torsh_tensor torsh_mv(torsh_tensor input, torsh_tensor vec);
TORSH_API torsh_tensor torsh_mv_out(torsh_tensor input, torsh_tensor vec, torsh_tensor out);
/* (k) times (k): a 0-d tensor. */
TORSH_API torsh_tensor torsh_dot(torsh_tensor input, torsh_tensor tensor);
TORSH_API torsh_tensor torsh_dot_out(torsh_tensor input, torsh_tensor tensor, torsh_tensor out);
/* (m) and (n) give (m, n). */
TORSH_API torsh_tensor torsh_outer(torsh_tensor input, torsh_tensor vec2);
TORSH_API torsh_tensor torsh_outer_out(torsh_tensor input, torsh_tensor vec2, torsh_tensor out);
/* The dot product of input's conjugate and other. */
TORSH_API torsh_tensor torsh_vdot(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_vdot_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Summed over the last dim of both: (..., k) and (___, k) give (..., ___). With a 0-d operand, their product. */
TORSH_API torsh_tensor torsh_inner(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_inner_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The Kronecker product: each element of input times the whole of other. */
TORSH_API torsh_tensor torsh_kron(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_kron_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The cross product of the vectors of 3 along dim. */
TORSH_API torsh_tensor torsh_cross(torsh_tensor input, torsh_tensor other, int64_t dim);
TORSH_API torsh_tensor torsh_cross_out(torsh_tensor input, torsh_tensor other, int64_t dim, torsh_tensor out);
/* Summed over pairs of dims, the i-th of dims_input with the i-th of dims_other; the result has the others, input's first. */
TORSH_API torsh_tensor torsh_tensordot(torsh_tensor input, torsh_tensor other, const int64_t *dims_input, size_t dims_input_count,
                                       const int64_t *dims_other, size_t dims_other_count);
TORSH_API torsh_tensor torsh_tensordot_out(torsh_tensor input, torsh_tensor other, const int64_t *dims_input, size_t dims_input_count,
                                           const int64_t *dims_other, size_t dims_other_count, torsh_tensor out);
/* Einstein's sum: "bij,bjk->bik" is torsh_bmm. Letters A-Z and a-z name dims, "..." any others, which broadcast; a letter twice in one
 * operand is its diagonal. Letters that the output lacks are summed over; without "->" it has those that are there once, in order.
 * Operands are joined from left to right. */
TORSH_API torsh_tensor torsh_einsum(const char *equation, const torsh_tensor *operands, size_t count);
/* The product of 1 to 32 matrices, in the order that costs least. */
TORSH_API torsh_tensor torsh_chain_matmul(const torsh_tensor *matrices, size_t count);
TORSH_API torsh_tensor torsh_chain_matmul_out(const torsh_tensor *matrices, size_t count, torsh_tensor out);
/* The same for 2 to 32 tensors, of which the first and the last may be vectors. */
TORSH_API torsh_tensor torsh_linalg_multi_dot(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_linalg_multi_dot_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
/* Dot products of x's conjugate and y along dim. */
TORSH_API torsh_tensor torsh_linalg_vecdot(torsh_tensor x, torsh_tensor y, int64_t dim);
TORSH_API torsh_tensor torsh_linalg_vecdot_out(torsh_tensor x, torsh_tensor y, int64_t dim, torsh_tensor out);
/* (..., n): each element's powers from 0 to n - 1. */
TORSH_API torsh_tensor torsh_vander(torsh_tensor x, int64_t N, bool increasing); /* falling powers unless increasing; N -1: the length of x */
TORSH_API torsh_tensor torsh_linalg_vander(torsh_tensor x, int64_t n);
/* The exponentials of square matrices (..., n, n). */
TORSH_API torsh_tensor torsh_matrix_exp(torsh_tensor input);
/* beta * input + alpha * mat1 mat2; input broadcasts to (m, n). With beta 0, input is not read. */
TORSH_API torsh_tensor torsh_addmm(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmm_(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmm_out(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, double beta, double alpha, torsh_tensor out);
/* The same with batches, (b, m, k) and (b, k, n). */
TORSH_API torsh_tensor torsh_baddbmm(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_baddbmm_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_baddbmm_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha, torsh_tensor out);
/* beta * input + alpha * mat vec. */
TORSH_API torsh_tensor torsh_addmv(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmv_(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmv_out(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, double beta, double alpha, torsh_tensor out);
/* beta * input + alpha * (vec1 outer vec2). Dtypes promote; bool tensors are joined by "and" and "or". */
TORSH_API torsh_tensor torsh_addr(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addr_(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addr_out(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, double beta, double alpha, torsh_tensor out);
/* beta * input + alpha * the sum of the products of the batch. */
TORSH_API torsh_tensor torsh_addbmm(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addbmm_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addbmm_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha, torsh_tensor out);
/* The same with factors that are 0-d tensors or numbers, torsh_complex_number too. */
TORSH_API torsh_tensor torsh_addmm_scaled(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmm_scaled_(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmm_scaled_out(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, torsh_tensor beta,
                                              torsh_tensor alpha, torsh_tensor out);
TORSH_API torsh_tensor torsh_baddbmm_scaled(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_baddbmm_scaled_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_baddbmm_scaled_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta,
                                                torsh_tensor alpha, torsh_tensor out);
TORSH_API torsh_tensor torsh_addmv_scaled(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmv_scaled_(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmv_scaled_out(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, torsh_tensor beta, torsh_tensor alpha,
                                              torsh_tensor out);
TORSH_API torsh_tensor torsh_addr_scaled(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addr_scaled_(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addr_scaled_out(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, torsh_tensor beta,
                                             torsh_tensor alpha, torsh_tensor out);
TORSH_API torsh_tensor torsh_addbmm_scaled(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addbmm_scaled_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addbmm_scaled_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta,
                                               torsh_tensor alpha, torsh_tensor out);
/* input (..., in) times the transpose of weight (out, in), plus bias (out) or null: (..., out). */
TORSH_API torsh_tensor torsh_linear(torsh_tensor input, torsh_tensor weight, torsh_tensor bias);
TORSH_API torsh_tensor torsh_linear_out(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, torsh_tensor out);

#ifdef __cplusplus
}
#endif

#endif
