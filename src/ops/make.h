/* The shape rule that makers share. */
#ifndef TORSH_OPS_MAKE_H
#define TORSH_OPS_MAKE_H

#include "op.h"

/* The one output of a maker: its dtype and device are the params of those kinds; `usual` stands for TORSH_DTYPE_DEFAULT. */
torsh_status torsh__infer_make(torsh__call *c, int64_t ndim, const int64_t *sizes, torsh_dtype usual);

/* Uninitialised, of input's shape and device; TORSH_DTYPE_DEFAULT: of its dtype. Inside vmap as batched as input. */
torsh_tensor torsh__empty_as(const char *op, torsh_tensor input, torsh_dtype dtype);

#endif
