/* Pooling of whole numbers, all as i64: rare, so compiled once. */
#include "pooling_kernels.h"

#include <string.h>

#define IS_NAN(x) false
#define LOWEST INT64_MIN
#define T int64_t
#define OF(x) x##_i64
#include "pooling_dtype.inc.c"

const torsh__pooling_dtype_kernels torsh__pooling_integers = {8, max_i64, max_back_i64, avg_i64, avg_back_i64, NULL, NULL, NULL, NULL};
