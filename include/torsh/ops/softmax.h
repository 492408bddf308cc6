/* Softmax. */
#ifndef TORSH_SOFTMAX_OPS_H
#define TORSH_SOFTMAX_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* exp(input) over its sum along dim, without overflow; and its logarithm. */
TORSH_API torsh_tensor torsh_softmax(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_softmax_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_log_softmax(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_log_softmax_out(torsh_tensor input, int64_t dim, torsh_tensor out);
/* The same of input in another dtype. */
TORSH_API torsh_tensor torsh_softmax_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_softmax_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_log_softmax_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_log_softmax_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);

#ifdef __cplusplus
}
#endif

#endif
