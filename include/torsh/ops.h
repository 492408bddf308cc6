/* ToRSh's ops, with PyTorch's names, argument order, numbers and refusals. Each function here is one row of the op tables.
 *
 * Where nothing else is said: inputs may have any strides; shapes broadcast; dtypes promote as in PyTorch (a torsh_number
 * doesn't raise the dtype); all tensors are on one device (a 0-d CPU tensor goes with any); the result is new, on that
 * device, and has a gradient. torsh_x_ changes its first argument in place and returns it; torsh_x_out writes into `out`,
 * which has the result's shape, and returns it (it has no gradient). Dims may count from the end: -1 is the last.
 * Errors: TORSH_SHAPE_MISMATCH, TORSH_DTYPE_MISMATCH, TORSH_DEVICE_MISMATCH, TORSH_OUT_OF_RANGE, TORSH_OUT_OF_MEMORY. */
#ifndef TORSH_OPS_H
#define TORSH_OPS_H

#include <torsh/tensor.h>

#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/attention.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/conv.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/distance.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/extreme.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/linalg.h>
#include <torsh/ops/loss.h>
#include <torsh/ops/masked_reduce.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/norm.h>
#include <torsh/ops/optim.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/pooling.h>
#include <torsh/ops/random.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/recurrent.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/scan.h>
#include <torsh/ops/sets.h>
#include <torsh/ops/softmax.h>
#include <torsh/ops/sort.h>
#include <torsh/ops/spatial.h>
#include <torsh/ops/special.h>
#include <torsh/ops/statistics.h>
#include <torsh/ops/view.h>
#include <torsh/ops/window.h>

#include <torsh/ops/aliases.h>

#endif
