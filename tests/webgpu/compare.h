/* Inputs drawn from the rows' domains, and comparisons of a WebGPU result with the CPU's. */
#ifndef TESTS_WEBGPU_COMPARE_H
#define TESTS_WEBGPU_COMPARE_H

#include "op.h"

#include <torsh/core.h>
#include <torsh/ops.h>
#include <torsh/tensor.h>

#define GPU TORSH_WEBGPU(0)

/* A repeatable stream of numbers in [0, 1). */
double draw(void);
void draw_from(uint32_t seed);

/* A CPU tensor of the shape with values from the domain (pointwise.def), each exact in the dtype. */
torsh_tensor drawn(const char *domain, torsh_dtype dtype, const int64_t *sizes, size_t ndim);

/* "" if equal within the dtype's tolerance (floats: relative `loose` times the dtype's own), else what differs. */
const char *differs(torsh_tensor cpu, torsh_tensor gpu, double loose);
/* The largest relative error seen in f32 by the last call. */
double worst(void);

/* Exits with 77, saying why, where there is no WebGPU library or driver. */
void require_device(void);

#endif
