/* Kernels that choose elements: by index, by mask; and flip. */
#ifndef TORSH_BACKEND_CPU_INDEX_H
#define TORSH_BACKEND_CPU_INDEX_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_index_kernels[], torsh__cpu_index_list_kernels[], torsh__cpu_masked_kernels[];

#endif
