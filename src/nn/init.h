/* Making parameters with their initial numbers, for layers. */
#ifndef TORSH_NN_INIT_H
#define TORSH_NN_INIT_H

#include "module.h"

typedef enum torsh__fill { TORSH__FILL_CONSTANT, TORSH__FILL_UNIFORM, TORSH__FILL_NORMAL } torsh__fill;

/* How a parameter starts: constant a; uniform in [a, b); normal with mean a and standard deviation b. */
typedef struct torsh__start {
    torsh__fill fill;
    double a, b;
} torsh__start;

/* Makes the tensor on the CPU in the default dtype (or `dtype`), fills it, moves it and registers it. */
torsh_status torsh__module_make_tensor(torsh__module *m, torsh__slot_kind kind, const char *name, const int64_t *sizes, size_t ndim,
                                       torsh_dtype dtype, torsh__start start, torsh_device device);
/* Uniform with kaiming's bound for a = sqrt(5), what Linear and convolutions start with, and their bias's. */
torsh__start torsh__start_weight(int64_t fan_in);
torsh__start torsh__start_bias(int64_t fan_in);

#endif
