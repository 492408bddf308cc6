/* Joining tensors. */
#ifndef TORSH_BACKEND_CPU_JOIN_H
#define TORSH_BACKEND_CPU_JOIN_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_join_kernels[];

#endif
