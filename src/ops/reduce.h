/* What the families of reductions share: the reduced shape, and gradients that spread over the reduced dims. */
#ifndef TORSH_OPS_REDUCE_H
#define TORSH_OPS_REDUCE_H

#include "gradient.h"

/* The output's shape: v without the dims of mask, or with 1 in their place. */
void torsh__reduced_sizes(torsh__spec *spec, const torsh_operand *v, uint64_t mask, bool keepdim);
/* Fails if a reduced dim is empty, for reductions that have no identity. */
torsh_status torsh__require_elements(const torsh__call *call, const torsh_operand *v, uint64_t mask);

/* A tensor with the reduced shape back in the shape that it has with keepdim. */
torsh_tensor torsh__keep_dims(torsh_tensor t, const torsh__meta *input, uint64_t mask);

/* g (shaped as with keepdim) shared evenly among the elements where mask is true, zero elsewhere. */
torsh_tensor torsh__share_grad(torsh_tensor g, torsh_tensor mask, const int64_t *dims, size_t count);

/* Of results picked along dim: zeros in input 0's shape with g where `indices` (shaped like g) point. */
torsh_tensor torsh__scatter_grad(torsh__backward *b, torsh_tensor g, torsh_tensor indices, int64_t dim, bool keepdim);

#endif
