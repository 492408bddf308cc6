/* What forward.c and make_dual.c share. */
#ifndef TORSH_AUTOGRAD_FORWARD_H
#define TORSH_AUTOGRAD_FORWARD_H

#include "dual.h"

/* t's tangent, or for a view the part of its base's, which is its own then; a new reference. NULL: none, or *status. */
torsh__tensor *torsh__tangent_at(torsh__tensor *t, torsh__dual_level *level, torsh_status *status);
/* A tensor of the sizes, strides, dtype and device of `like`, which has a place for each element. */
torsh_tensor torsh__laid_out(const torsh_operand *like);
/* Of two of one shape. */
bool torsh__same_strides(const torsh_operand *a, const torsh_operand *b);

#endif
