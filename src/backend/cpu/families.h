/* Kernel lists of the families that nothing but cpu.c asks for. */
#ifndef TORSH_BACKEND_CPU_FAMILIES_H
#define TORSH_BACKEND_CPU_FAMILIES_H

#include "cpu.h"

extern const torsh__cpu_kernel torsh__cpu_matmul_kernels[], torsh__cpu_conv_kernels[], torsh__cpu_pooling_kernels[], torsh__cpu_optim_kernels[], torsh__cpu_norm_kernels[], torsh__cpu_loss_kernels[], torsh__cpu_sort_kernels[], torsh__cpu_search_kernels[], torsh__cpu_float_bits_kernels[], torsh__cpu_linalg_kernels[], torsh__cpu_triangular_kernels[];
extern const torsh__cpu_kernel torsh__cpu_distance_kernels[], torsh__cpu_pick_kernels[], torsh__cpu_taps_kernels[], torsh__cpu_grid_sample_kernels[], torsh__cpu_small_lu_kernels[], torsh__cpu_ctc_kernels[];

#endif
