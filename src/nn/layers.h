/* For files that define layers: a module with options of a type, and refusing values. */
#ifndef TORSH_NN_LAYERS_H
#define TORSH_NN_LAYERS_H

#include "init.h"
#include "options.h"

#include <stdio.h>

/* "True" and "False", as PyTorch prints them. */
static inline const char *torsh__truth(bool value)
{
    return value ? "True" : "False";
}
static inline bool torsh__training(const torsh__module *m)
{
    return atomic_load_explicit(&m->training, memory_order_relaxed);
}

#endif
