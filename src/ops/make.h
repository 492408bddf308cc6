/* The shape rule that makers share. */
#ifndef TORSH_OPS_MAKE_H
#define TORSH_OPS_MAKE_H

#include "op.h"

/* The one output of a maker: its dtype and device are the params of those kinds; `usual` stands for TORSH_DTYPE_DEFAULT. */
torsh_status torsh__infer_make(torsh__call *c, int64_t ndim, const int64_t *sizes, torsh_dtype usual);

#endif
