/* Products whose A has few rows, or whose B has few columns: the other matrix is read once, as it lies. */
#ifndef TORSH_BACKEND_CPU_GEMM_SLIM_H
#define TORSH_BACKEND_CPU_GEMM_SLIM_H

#include "gemm.h"

/* Whether a product, not of a batch, with C's columns adjacent if it has several, is one of these. It may swap A and B for that. */
bool torsh__gemm_is_slim(torsh__gemm_args *g);
torsh_status torsh__gemm_slim(const torsh__gemm_args *g, bool parallel);

#endif
