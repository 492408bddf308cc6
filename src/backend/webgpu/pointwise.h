/* Running a pointwise expression over operands of any layout. */
#ifndef TORSH_BACKEND_WEBGPU_POINTWISE_H
#define TORSH_BACKEND_WEBGPU_POINTWISE_H

#include "layout.h"

/* What is computed, prepared once per op. */
typedef struct wg_program {
    const char *name;
    gpu_expression value;
    bool to_bool;
} wg_program;

/* output = value(inputs, attributes), computed in `compute`. NULL inputs don't occur. */
torsh_status torsh__wg_run_pointwise(const wg_program *program, torsh_dtype compute, const torsh_operand *output, int inputs,
                                     const torsh_operand *const *input, const double *attributes);

/* Storage for a program parsed from text; NULL where there is no memory or it can't be parsed. */
const wg_program *torsh__wg_program(const char *name, const char *value, bool to_bool);

/* The same, kept by name and text for kernels that are put together from such programs. Under the device's lock. */
const wg_program *torsh__wg_program_once(const char *name, const char *value, bool to_bool);

#endif
