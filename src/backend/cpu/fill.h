/* Makers other than constants: sequences, the unit matrix, triangles. */
#ifndef TORSH_BACKEND_CPU_FILL_H
#define TORSH_BACKEND_CPU_FILL_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_fill_kernels[];

#endif
