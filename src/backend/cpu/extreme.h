/* argmax, argmin, max_dim, min_dim. */
#ifndef TORSH_BACKEND_CPU_EXTREME_H
#define TORSH_BACKEND_CPU_EXTREME_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_extreme_kernels[];

#endif
