/* Sizes, strides and dims with checked arithmetic. Strides count elements. */
#ifndef TORSH_CORE_SHAPE_H
#define TORSH_CORE_SHAPE_H

#include "status.h"

enum { TORSH__MAX_RANK = 64 };

/* Product of sizes. TORSH_OUT_OF_RANGE when a size is negative or numel * element_size passes 2^62. */
torsh_status torsh__numel(const char *function, const int64_t *sizes, int64_t ndim, size_t element_size, int64_t *numel);
/* Row-major strides as PyTorch gives them: a size of 0 counts as 1. */
void torsh__contiguous_strides(int ndim, const int64_t *sizes, int64_t *strides);
bool torsh__is_contiguous(int ndim, const int64_t *sizes, const int64_t *strides);
bool torsh__same_sizes(int ndim_a, const int64_t *a, int ndim_b, const int64_t *b);

/* Maps dim in [-ndim, ndim) to [0, ndim); a 0-d tensor takes 0 and -1. */
torsh_status torsh__wrap_dim(const char *function, int64_t dim, int ndim, int *wrapped);
/* A set of dims as a bit mask; none means all. Repeated dims are an error. */
torsh_status torsh__wrap_dims(const char *function, const int64_t *dims, size_t count, int ndim, uint64_t *mask);

/* Merges `sizes` into the broadcast shape so far (right-aligned). Returns false if they don't broadcast. */
bool torsh__broadcast(int *ndim, int64_t *shape, int add_ndim, const int64_t *add);

/* "[2, 3]" into the buffer, cut short with "..." if it doesn't fit. Returns buffer. */
typedef struct torsh__shape_text { char text[120]; } torsh__shape_text;
const char *torsh__shape_print(torsh__shape_text *buffer, int ndim, const int64_t *sizes);

#endif
