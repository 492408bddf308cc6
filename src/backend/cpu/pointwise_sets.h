/* What the files that expand pointwise rows share: which sets of dtypes hold which kind of type, IF_<set>_<kind>(...), and small macros.
 * The including file says what it has of the sets that are split: IF_FC_CX, IF_REALC_CX, IF_NUM_CX, IF_NUMB_CX, and IF_FLOATx_INT, IF_FLOATx_CX. */
#ifndef TORSH_BACKEND_CPU_POINTWISE_SETS_H
#define TORSH_BACKEND_CPU_POINTWISE_SETS_H

#include "dtype.h"

#define IF_FLOAT_FP(...) __VA_ARGS__
#define IF_FC_FP(...) __VA_ARGS__
#define IF_FLOATI_FP(...) __VA_ARGS__
#define IF_FLOATB_FP(...) __VA_ARGS__
#define IF_FLOATX_FP(...) __VA_ARGS__
#define IF_FLOATXB_FP(...) __VA_ARGS__
#define IF_FLOATW_FP(...) __VA_ARGS__
#define IF_REALW_FP(...) __VA_ARGS__
#define IF_REAL_FP(...) __VA_ARGS__
#define IF_REALC_FP(...) __VA_ARGS__
#define IF_REALB_FP(...) __VA_ARGS__
#define IF_NUM_FP(...) __VA_ARGS__
#define IF_NUMB_FP(...) __VA_ARGS__
#define IF_INT_FP(...)
#define IF_INTB_FP(...)

#define IF_FLOAT_INT(...)
#define IF_FC_INT(...)
#define IF_FLOATW_INT(...)
#define IF_REALW_INT(...) __VA_ARGS__
#define IF_REAL_INT(...) __VA_ARGS__
#define IF_REALC_INT(...) __VA_ARGS__
#define IF_REALB_INT(...) __VA_ARGS__
#define IF_NUM_INT(...) __VA_ARGS__
#define IF_NUMB_INT(...) __VA_ARGS__
#define IF_INT_INT(...) __VA_ARGS__
#define IF_INTB_INT(...) __VA_ARGS__

#define IF_FLOAT_BOOL(...)
#define IF_FC_BOOL(...)
#define IF_FLOATI_BOOL(...)
#define IF_FLOATB_BOOL(...)
#define IF_FLOATX_BOOL(...)
#define IF_FLOATXB_BOOL(...)
#define IF_FLOATW_BOOL(...)
#define IF_REALW_BOOL(...)
#define IF_REAL_BOOL(...)
#define IF_REALC_BOOL(...)
#define IF_REALB_BOOL(...) __VA_ARGS__
#define IF_NUM_BOOL(...)
#define IF_NUMB_BOOL(...) __VA_ARGS__
#define IF_INT_BOOL(...)
#define IF_INTB_BOOL(...) __VA_ARGS__

#define IF_FLOAT_CX(...)
#define IF_FLOATI_CX(...)
#define IF_FLOATB_CX(...)
#define IF_FLOATW_CX(...)
#define IF_REALW_CX(...)
#define IF_REAL_CX(...)
#define IF_REALB_CX(...)
#define IF_INT_CX(...)
#define IF_INTB_CX(...)

#define PASTE2_(a, b) a##b
#define PASTE2(a, b) PASTE2_(a, b)
#define PASTE3_(a, b, c) a##b##c
#define PASTE3(a, b, c) PASTE3_(a, b, c)

#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Saturates instead of the undefined cast: attributes such as clamp's limits may be infinite. */
static inline int64_t to_integer(double x, int64_t low, int64_t high)
{
    return !(x > (double)low) ? low : x >= (double)high ? high : (int64_t)x;
}

#endif
