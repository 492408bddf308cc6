/* The loops of hot pointwise rows in kinds of numbers that are not hot there: complex functions in c128 (sets FC and REALC), integers in
 * i64 (sets FLOATI, FLOATB, FLOATX, FLOATXB; bool, too). Compiled once, as a copy for each dtype and instruction set would only be larger. Arithmetic of complex
 * numbers is in pointwise_kernels.c. */
#include "pointwise_kernels.h"
#include "pointwise_names.h"
#include "pointwise_sets.h"
#include "vmath.h"

#define IF_FC_CX(...) __VA_ARGS__
#define IF_REALC_CX(...) __VA_ARGS__
#define IF_NUM_CX(...)
#define IF_NUMB_CX(...)
#define IF_FLOATI_INT(...) __VA_ARGS__
#define IF_FLOATB_INT(...) __VA_ARGS__
#define IF_FLOATX_INT(...) __VA_ARGS__
#define IF_FLOATXB_INT(...) __VA_ARGS__
#define IF_FLOATX_CX(...) __VA_ARGS__
#define IF_FLOATXB_CX(...) __VA_ARGS__
/* Only those sets'. */
#undef IF_REAL_INT
#undef IF_REALC_INT
#undef IF_REALB_INT
#undef IF_NUM_INT
#undef IF_NUMB_INT
#undef IF_INT_INT
#undef IF_INTB_INT
#define IF_REAL_INT(...)
#define IF_REALC_INT(...)
#define IF_REALB_INT(...)
#define IF_NUM_INT(...)
#define IF_NUMB_INT(...)
#define IF_INT_INT(...)
#define IF_INTB_INT(...)

#define POINTWISE_ROWS "pointwise.def"
#define K INT
#define KIND_IS_FLOAT 0
#define T int64_t
#define SUFFIX i64
#define FROM_DOUBLE(x) to_integer(x, INT64_MIN, INT64_MAX)
#include "pointwise_kernels.inc.c"

#define K CX
#define KIND_IS_FLOAT 0
#define T torsh__c128
#define SUFFIX c128
#define FROM_DOUBLE(x) ((torsh__c128)(x))
#include "pointwise_kernels.inc.c"

#define ENTRY(name, dtypes) IF_##dtypes##_INT([TORSH__ROW_##name].i64 = name##_i64, ) IF_##dtypes##_CX([TORSH__ROW_##name].c128 = name##_c128, )
#define UNARY(name, dtypes, ...) ENTRY(name, dtypes)
#define UNARY1(name, p, dtypes, ...) ENTRY(name, dtypes)
#define UNARY2(name, p, q, dtypes, ...) ENTRY(name, dtypes)
#define UNARY3(name, p, q, r, dtypes, ...) ENTRY(name, dtypes)
#define BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define INTERNAL_BINARY(name, dtypes, ...) ENTRY(name, dtypes)
#define TERNARY(name, dtypes, ...) ENTRY(name, dtypes)
#define TERNARY1(name, p, dtypes, ...) ENTRY(name, dtypes)
#define MASKED(name, dtypes, ...) ENTRY(name, dtypes)
const torsh__pointwise_wide torsh__pointwise_once[TORSH__ROW_HOT] = {
#include "pointwise.def"
};
