/* The m_ functions of op rows as WGSL, for each class of compute dtype. */
#ifndef TORSH_BACKEND_GPU_FUNCTIONS_H
#define TORSH_BACKEND_GPU_FUNCTIONS_H

#include <stdbool.h>

/* What a kernel computes in: 16-bit floats in f32, all integers of at most 32 bits in i32 (results wrap when they are
 * stored), bool in i32 with the values 0 and 1. */
typedef enum gpu_class { GPU_FLOAT, GPU_INT, GPU_BOOL, GPU_CLASSES } gpu_class;

typedef struct gpu_function {
    const char *name;
    const char *takes; /* one letter an argument: v a value, t a truth */
    bool truth;        /* it gives a truth, else a value */
    const char *wgsl[GPU_CLASSES]; /* the definition; NULL: there is none in this class */
} gpu_function;

/* NULL if there is none of that name. */
const gpu_function *torsh__gpu_function(const char *name);

#endif
