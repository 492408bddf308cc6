/* The random ops' kernels. */
#ifndef TORSH_BACKEND_CPU_RANDOM_OPS_H
#define TORSH_BACKEND_CPU_RANDOM_OPS_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_random_kernels[];

#endif
