/* Operands as kernels walk them: dims merged and sorted as on the CPU (cpu/iterate.c), buffers bound at aligned places. */
#ifndef TORSH_BACKEND_WEBGPU_LAYOUT_H
#define TORSH_BACKEND_WEBGPU_LAYOUT_H

#include "device.h"

/* Strides and sizes innermost first, over the dims of the first operand; the others broadcast to it. */
typedef struct wg_walk {
    int rank;
    int64_t numel, sizes[GPU_MOST_RANK];
    int64_t strides[GPU_MOST_OPERANDS][GPU_MOST_RANK];
    bool dense; /* the first operand's elements lie in the order of the walk, without gaps */
} wg_walk;

/* Fails, naming the op, where more than GPU_MOST_RANK dims are left, or there are more elements than a kernel can count. */
torsh_status torsh__wg_walk(const char *what, int count, const torsh_operand *const *operands, wg_walk *walk);

/* The operand without one dim, and its stride along that; 0-d operands are rows of one element. */
typedef struct wg_across {
    torsh_operand operand;
    int64_t sizes[64], strides[64];
    int64_t step;
} wg_across;
void torsh__wg_drop_dim(wg_across *across, const torsh_operand *operand, int64_t dim);

/* The part of the operand's buffer that its elements lie in, and the first element's place in it (in elements). */
wg_bound torsh__wg_bind_operand(const torsh_operand *operand, uint32_t *offset);
/* One part for two operands in the same buffer. */
wg_bound torsh__wg_bind_both(const torsh_operand *a, const torsh_operand *b, uint32_t *a_offset, uint32_t *b_offset);

/* If the operand lies in the output's buffer, which is written: makes it a copy in `aside`, which the caller frees. */
torsh_status torsh__wg_apart(const char *what, const torsh_operand *output, torsh_operand *operand, wg_buffer **aside);

/* The only element of a CPU operand; complex has none. */
bool torsh__wg_scalar(const torsh_operand *operand, double *value, int64_t *integer, bool *integral);
/* A number as a word of the class; integers saturate to the dtype's range. */
uint32_t torsh__wg_word(gpu_class which, torsh_dtype dtype, double value);
uint32_t torsh__wg_integer_word(gpu_class which, int64_t value);

/* dtype sizes, for this layer, which sees public headers only */
size_t torsh__wg_size(torsh_dtype dtype);

torsh_status torsh__wg_no_dtype(const torsh_launch *launch, torsh_dtype dtype);

#endif
