/* Kernels of the pointwise rows, found by the row's name. */
#ifndef TORSH_BACKEND_CPU_POINTWISE_H
#define TORSH_BACKEND_CPU_POINTWISE_H

#include "cpu.h"

torsh_kernel torsh__cpu_pointwise(const char *name);

#endif
