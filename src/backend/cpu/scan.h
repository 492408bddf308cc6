/* Running sums, products, maxima along a dim. */
#ifndef TORSH_BACKEND_CPU_SCAN_H
#define TORSH_BACKEND_CPU_SCAN_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_scan_kernels[];

#endif
