/* Sequences, unit matrices, triangles, grids. dtype TORSH_DTYPE_DEFAULT: the default float dtype. */
#ifndef TORSH_CREATION_OPS_H
#define TORSH_CREATION_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* start, start + step, ... below end (above it for a negative step): ceil((end - start) / step) elements. Integer dtypes cut
 * start and step to integers and count in i64; floats are computed in f64 (the 16-bit ones in f32) and rounded once. */
TORSH_API torsh_tensor torsh_arange(double start, double end, double step, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_arange_out(double start, double end, double step, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* torch.range, which PyTorch deprecates: end is an element, too. */
TORSH_API torsh_tensor torsh_range(double start, double end, double step, torsh_dtype dtype, torsh_device device);
/* `steps` values from start to end, both included; in the second, base to their power. */
TORSH_API torsh_tensor torsh_linspace(double start, double end, int64_t steps, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace_out(double start, double end, int64_t steps, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_logspace(double start, double end, int64_t steps, double base, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_logspace_out(double start, double end, int64_t steps, double base, torsh_dtype dtype, torsh_device device,
                                          torsh_tensor out);
/* The same between 0-d tensors or numbers, which may be complex. */
TORSH_API torsh_tensor torsh_linspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace_value_out(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_logspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, double base, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_logspace_value_out(torsh_tensor start, torsh_tensor end, int64_t steps, double base, torsh_dtype dtype, torsh_device device,
                                                torsh_tensor out);
/* (n, m): ones on the main diagonal. */
TORSH_API torsh_tensor torsh_eye(int64_t n, int64_t m, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_eye_out(int64_t n, int64_t m, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* The lower / upper triangle of the matrices in the last two dims, the rest 0. The triangle reaches to the diagonal of that
 * number: 0 is the main one, positive ones lie above it. */
TORSH_API torsh_tensor torsh_tril(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_tril_(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_tril_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
TORSH_API torsh_tensor torsh_triu(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_triu_(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_triu_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
/* Of a vector: the matrix with it on that diagonal. Of a matrix: a copy of that diagonal. */
TORSH_API torsh_tensor torsh_diag(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_diag_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
/* For each of the vectors, its values over the grid of all; indexing "ij" or "xy" (first two dims swapped). */
TORSH_API torsh_tensors torsh_meshgrid(const torsh_tensor *tensors, size_t count, const char *indexing);

#ifdef __cplusplus
}
#endif

#endif
