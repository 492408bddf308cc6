/* Prints CUDA kernels from op rows, for NVRTC: the row's text as it stands after a prelude that defines T and the m_ functions. */
#ifndef TORSH_BACKEND_GPU_CUDA_H
#define TORSH_BACKEND_GPU_CUDA_H

#include "text.h"

#include <torsh/backend.h>

/* The definitions that all kernels of a compute dtype share; comes first in the text. */
void torsh__gpu_cuda_prelude(gpu_text *out, torsh_dtype dtype);
/* extern "C" __global__ void torsh_<op>_<dtype>(walk w, out *y, const in *a, ...): a grid-stride loop over operands of any strides,
 * whose dtype is the compute dtype (bool for y where the row gives bool, and for a condition). 16-bit floats compute in float. */
void torsh__gpu_cuda_pointwise(gpu_text *out, const torsh_op_info *op, torsh_dtype dtype);
/* The same for (reduction w, out *y, const in *a): a block of 256 threads a result. */
void torsh__gpu_cuda_reduction(gpu_text *out, const torsh_op_info *op, torsh_dtype dtype);

/* The m_ functions for a compute dtype (cuda_prelude.c): f32 and f64, integers, bool, complex. */
extern const char torsh__cuda_common[], torsh__cuda_float[], torsh__cuda_float_more[], torsh__cuda_float_special[], torsh__cuda_float_polynomials[], torsh__cuda_float_k[], torsh__cuda_int[], torsh__cuda_bool[], torsh__cuda_complex[],
    torsh__cuda_complex_more[];

#endif
