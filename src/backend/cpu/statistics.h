/* var, std and the two with the mean. */
#ifndef TORSH_BACKEND_CPU_STATISTICS_H
#define TORSH_BACKEND_CPU_STATISTICS_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_statistics_kernels[];

#endif
