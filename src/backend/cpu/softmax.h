/* Kernels of the softmax family. */
#ifndef TORSH_BACKEND_CPU_SOFTMAX_H
#define TORSH_BACKEND_CPU_SOFTMAX_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_softmax_kernels[];

#endif
