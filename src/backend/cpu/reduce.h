/* Kernels of the REDUCE rows. */
#ifndef TORSH_BACKEND_CPU_REDUCE_H
#define TORSH_BACKEND_CPU_REDUCE_H

#include "cpu.h"

torsh_kernel torsh__cpu_reduce(const char *name);

#endif
