/* The gradient of as_strided, for any geometry (restride.c). */
#ifndef TORSH_OPS_RESTRIDE_H
#define TORSH_OPS_RESTRIDE_H

#include "op.h"

/* What a gradient of as_strided has to know of its input: ndim, offset, sizes, strides. */
int torsh__as_strided_notes(const torsh__call *call, int64_t *room);
void torsh__as_strided_gradient(torsh__backward *b);

torsh_status torsh__restride_infer(torsh__call *call);
torsh_status torsh__restride_run(torsh__call *call);
void torsh__restride_gradient(torsh__backward *b);

#endif
