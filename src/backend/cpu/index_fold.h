/* The loops of scatter_fold_ (index_fold.c). */
#ifndef TORSH_BACKEND_CPU_INDEX_FOLD_H
#define TORSH_BACKEND_CPU_INDEX_FOLD_H

#include "fold.h"
#include "index_kernels.h"

/* dtype: i64, f32, f64, for the product c128. */
torsh__index_loop *torsh__fold_loop(torsh_dtype dtype, enum torsh__fold mode);

#endif
