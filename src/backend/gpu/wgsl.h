/* Prints WGSL kernels from op rows. Knows nothing of devices: text in, text out.
 *
 * Every storage buffer is an array of 32-bit words, whatever its dtype; loads convert to the class that is computed in, stores
 * convert back and pack. So f16, bf16, bool and the small integers need no feature of the adapter, and a buffer bound once can hold
 * two operands of different dtypes.
 *
 * Numbers that change from call to call (sizes, strides, offsets, attributes) are words of the uniform buffer, in the order
 * that each printer documents; the host fills them in that order. Strides and offsets count elements, dims go innermost first. */
#ifndef TORSH_BACKEND_GPU_WGSL_H
#define TORSH_BACKEND_GPU_WGSL_H

#include "expression.h"
#include "functions.h"
#include "text.h"

#include <torsh/backend.h>

enum {
    GPU_MOST_OPERANDS = 6,
    GPU_MOST_RANK = 8, /* after merging */
    GPU_WORDS = 64,    /* of the uniform buffer */
    GPU_GROUP = 256,   /* invocations of a workgroup where nothing else is said */
};

typedef enum gpu_how {
    GPU_UNREAD,  /* not in the expression: not even bound */
    GPU_BUFFER,
    GPU_UNIFORM, /* a 0-d operand on the CPU: its value is a word */
} gpu_how;

typedef struct gpu_operand {
    uint8_t dtype, how;
    uint8_t binding; /* of a BUFFER: 1.., shared by operands in one buffer when one of them is written */
} gpu_operand;

/* What of a call decides the text of its kernel, beside the op. All bytes, so that it can be a cache key. */
typedef struct gpu_form {
    uint8_t compute;  /* torsh_dtype */
    uint8_t rank, inner; /* dims walked by the outputs, and (reductions) inside one */
    uint8_t operands; /* with the output, which is the first */
    uint8_t packed;   /* an invocation makes a whole word of outputs narrower than a word; else they are merged in atomically */
    uint8_t spread;   /* reductions: a workgroup an output (or a part of one), else an invocation */
    uint8_t raw_in, raw_out; /* reductions: from, or to, accumulators of another dispatch instead of elements and results */
    gpu_operand operand[GPU_MOST_OPERANDS];
} gpu_form;

/* False for dtypes that kernels can't compute in (i64, f64, complex), or not load and store (complex). */
bool torsh__gpu_class(torsh_dtype compute, gpu_class *which);
bool torsh__gpu_storable(torsh_dtype dtype);
/* Elements in a word: 4, 2 or 1. */
int torsh__gpu_per_word(torsh_dtype dtype);

/* Words: count, sizes[rank], then for each BUFFER operand offset and strides[rank], then the UNIFORM operands' values, then p q r
 * (values and attributes in the compute class). False with `problem` set where the row can't be WGSL in this dtype. */
bool torsh__gpu_wgsl_pointwise(gpu_text *out, const gpu_expression *value, bool to_bool, const gpu_form *form, char *problem, size_t size);

/* What a REDUCTION row says, parsed. */
typedef struct gpu_reduction {
    gpu_expression map, identity, finish;
    enum gpu_join { GPU_ADD, GPU_MUL, GPU_MAX, GPU_MIN, GPU_OR, GPU_AND } join;
} gpu_reduction;
bool torsh__gpu_parse_reduction(gpu_reduction *reduction, const torsh_op_info *op, char *problem, size_t size);
/* Words of an accumulator: 2 where sums and products of integers are of 64 bits, else 1. */
int torsh__gpu_accumulator_words(const gpu_reduction *reduction, const gpu_form *form);

/* Operands: the result and the input. Words: count of results, elements in each, parts, elements in a part, elements a result is of; sizes[rank],
 * sizes[inner]; the result's offset and strides[rank]; the input's offset, strides[rank], strides[inner]; p. */
bool torsh__gpu_wgsl_reduction(gpu_text *out, const gpu_reduction *reduction, const gpu_form *form, char *problem, size_t size);

/* c = alpha a b + beta d for a batch of matrices; form.rank dims of batches, form.operands 3 without d. Operands: c, a, b, d; a (all its
 * elements one number) and d may be UNIFORM. Words: GPU_PRODUCT_*; sizes[rank] of the batch; for each BUFFER operand offset, row and
 * column stride, strides[rank]; the UNIFORM operands' values; alpha, beta. A workgroup makes a tile of GPU_TILE squared, a layer a batch. */
enum { GPU_PRODUCT_M, GPU_PRODUCT_N, GPU_PRODUCT_FIRST_K, GPU_PRODUCT_END_K, GPU_PRODUCT_TILES, GPU_PRODUCT_FIRST_BATCH, GPU_PRODUCT_SIZES, GPU_TILE = 32 };
bool torsh__gpu_wgsl_product(gpu_text *out, const gpu_form *form, char *problem, size_t size);

/* Rows along one dim. Operands: the result, a and (backward: a is grad, b the output of softmax) b. form.rank dims beside it; `spread`: a
 * workgroup a row. Words: count of rows, their length, sizes[rank]; for each operand offset, stride along the row, strides[rank]. */
typedef enum gpu_softmax { GPU_SOFTMAX, GPU_LOG_SOFTMAX, GPU_SOFTMAX_BACKWARD, GPU_LOG_SOFTMAX_BACKWARD } gpu_softmax;
bool torsh__gpu_wgsl_softmax(gpu_text *out, gpu_softmax kind, const gpu_form *form, char *problem, size_t size);

/* Where the largest (or smallest) element of each row is, NaN before all, the first of equals. Operands: the extreme itself if `values`,
 * else its place (i64); the input. With `values` binding 3 takes the place. Words: count of rows, their length, sizes[rank]; first
 * operand's offset and strides[rank]; the input's offset, stride along the row, strides[rank]; with `values` the place's offset and strides[rank]. */
bool torsh__gpu_wgsl_extreme(gpu_text *out, bool largest, bool values, const gpu_form *form, char *problem, size_t size);

/* Optimizer steps in f32, a parameter in one pass. Operands: parameter, gradient, then the state; UNREAD where absent. Words: count,
 * sizes[rank]; for each BUFFER operand offset and strides[rank]; then the numbers: SGD lr momentum add decay sign keep look;
 * Adam step_size add1 beta2 add2 eps root coupled sign decay. */
typedef enum gpu_update { GPU_SGD, GPU_ADAM } gpu_update;
bool torsh__gpu_wgsl_update(gpu_text *out, gpu_update kind, const gpu_form *form, char *problem, size_t size);

/* Negative log likelihood in f32 of rows (n, classes, rest) by class indices; a target out of range gives NaN. Bindings: FORWARD 1
 * losses or their sum, 2 sum of weights, 3 input, 4 targets, 5 class weights; BACKWARD 1 gradient of input, 2 grad, 3 targets, 4 sum of
 * weights, 5 class weights. form.operand[4] FORWARD, [3] BACKWARD: the targets; form.packed: there are class weights; form.spread:
 * FORWARD one workgroup sums, BACKWARD grad is one number; form.raw_in: by the sum of weights (mean). Words: GPU_NLL_*. */
enum {
    GPU_NLL_COUNT, GPU_NLL_CLASSES, GPU_NLL_REST, GPU_NLL_IGNORE, GPU_NLL_OUT, GPU_NLL_TOTAL, GPU_NLL_INPUT, GPU_NLL_TARGET, GPU_NLL_WEIGHT,
    GPU_NLL_GRAD, GPU_NLL_WORDS /* OUT.. are offsets; all operands are contiguous */
};
bool torsh__gpu_wgsl_nll(gpu_text *out, bool backward, const gpu_form *form, char *problem, size_t size);

/* Pieces, for the other printers. */
void torsh__gpu_wgsl_word(gpu_text *out, int index);                       /* an expression: word `index` as u32 */
void torsh__gpu_wgsl_bindings(gpu_text *out, const gpu_form *form);
void torsh__gpu_wgsl_load(gpu_text *out, const gpu_form *form, int operand, gpu_class which, const char *name);  /* fn name(i: u32) */
void torsh__gpu_wgsl_store(gpu_text *out, const gpu_form *form, int operand, gpu_class which, const char *name); /* fn name(i: u32, v) */
/* Statements: cuts `index` along dims whose sizes are words from `sizes` on and adds c * stride to each variable. */
void torsh__gpu_wgsl_walk(gpu_text *out, const char *index, int rank, int sizes, int variables, const char *const *variable, const int *strides);
/* An expression as text of the class; `truth` says what is wanted of it. */
bool torsh__gpu_wgsl_expression(gpu_text *out, const gpu_expression *e, gpu_class which, bool truth, char *problem, size_t size);
/* The definitions of all m_ functions that the expressions call. */
bool torsh__gpu_wgsl_functions(gpu_text *out, const gpu_expression *const *e, int count, gpu_class which, char *problem, size_t size);
const char *torsh__gpu_wgsl_type(gpu_class which);

#endif
