/* Distances. */
#ifndef TORSH_DISTANCE_OPS_H
#define TORSH_DISTANCE_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* input over its p-norm along dim, which is taken to be at least eps. PyTorch's defaults: p 2, dim 1, eps 1e-12. */
TORSH_API torsh_tensor torsh_normalize(torsh_tensor input, double p, int64_t dim, double eps);
TORSH_API torsh_tensor torsh_normalize_out(torsh_tensor input, double p, int64_t dim, double eps, torsh_tensor out);
/* The cosine of the angle between x1 and x2 along dim. PyTorch's defaults: dim 1, eps 1e-8. */
TORSH_API torsh_tensor torsh_cosine_similarity(torsh_tensor x1, torsh_tensor x2, int64_t dim, double eps);
/* The p-norm of x1 - x2 + eps over the last dim. PyTorch's defaults: p 2, eps 1e-6. */
TORSH_API torsh_tensor torsh_pairwise_distance(torsh_tensor x1, torsh_tensor x2, double p, double eps, bool keepdim);
/* The p-norm of the difference of each row of x1 (..., p, m) from each of x2 (..., r, m): (..., p, r). */
TORSH_API torsh_tensor torsh_cdist(torsh_tensor x1, torsh_tensor x2, double p);
/* The p-norms of the differences of all pairs of rows, (0, 1), (0, 2) ... (1, 2) ... */
TORSH_API torsh_tensor torsh_pdist(torsh_tensor input, double p);
/* input1 (..., n), input2 (..., m), weight (o, n, m), bias (o) or null: (..., o). */
TORSH_API torsh_tensor torsh_bilinear(torsh_tensor input1, torsh_tensor input2, torsh_tensor weight, torsh_tensor bias);

#ifdef __cplusplus
}
#endif

#endif
