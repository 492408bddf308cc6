/* The REDUCE rows over one type. Included with K (kind: FP, INT, BOOL, CX), T (elements), REAL (a complex T's real type, else
 * T), SUFFIX and FROM_DOUBLE; undefines them. The loops take a row's element functions as constants, which the compiler
 * inlines and vectorises. */

#define M_(name) PASTE3(m_##name, _, SUFFIX)
#define N_(name) PASTE3(name, _, SUFFIX)

#define ACC_KIND X
#define A T
#include "reduce_loops.inc.c"
#define ACC_KIND R
#define A REAL
#include "reduce_loops.inc.c"
#define ACC_KIND N
#define A int64_t
#include "reduce_loops.inc.c"

#define ACC_X T
#define ACC_R REAL
#define ACC_N int64_t
#define ROW(name, acc_kind, map_value, join_name, identity_value, finish_value)                                             \
    static inline ACC_##acc_kind N_(name##_map)(T x) { return (ACC_##acc_kind)(map_value); }            \
    static inline ACC_##acc_kind N_(name##_join1)(ACC_##acc_kind a, ACC_##acc_kind b) { return (ACC_##acc_kind)JOIN_##join_name##_##acc_kind(a, b); } \
    static inline ACC_##acc_kind N_(name##_identity)(void) { return (ACC_##acc_kind)(identity_value); }                     \
    static inline ACC_##acc_kind N_(name##_finish1)(ACC_##acc_kind acc, const ACC_##acc_kind n) { (void)n; return (ACC_##acc_kind)(finish_value); } \
    static void N_(name##_fill)(int64_t n, void *acc) { N_(fill_##acc_kind)(n, acc, N_(name##_identity)()); }               \
    static void N_(name##_fold)(int64_t rows, int64_t n, const void *x, int64_t stride, void *acc) { N_(fold_##acc_kind)(rows, n, x, stride, acc, TREE_##join_name, N_(name##_map), N_(name##_join1)); } \
    static void N_(name##_join)(int64_t n, void *acc, const void *other) { N_(join_##acc_kind)(n, acc, other, N_(name##_join1)); } \
    static NOINLINE ACC_##acc_kind N_(name##_lanes)(int64_t n, const T *x) { return N_(lanes_##acc_kind)(n, x, N_(name##_identity)(), N_(name##_map), N_(name##_join1)); } \
    static void N_(name##_runs)(int64_t count, int64_t n, const void *x, int64_t stride, void *acc) { N_(runs_##acc_kind)(count, n, x, stride, acc, N_(name##_identity)(), N_(name##_lanes), N_(name##_map), N_(name##_join1)); } \
    static void N_(name##_finish)(int64_t n, void *acc, double count) { N_(finish_##acc_kind)(n, acc, (ACC_##acc_kind)count, N_(name##_finish1)); }

#define ONLY_(load, suffix) LOAD_##load##_##suffix
#define ONLY(load, suffix) ONLY_(load, suffix)
#define REDUCE(name, variants, dtypes, load, acc, result, saves, map, join, identity, finish, ...) \
    ONLY(load, SUFFIX)(ROW(name, acc, map, join, identity, finish))
#define REDUCE_INTERNAL(name, dtypes, load, acc, result, saves, map, join, identity, finish, ...) \
    ONLY(load, SUFFIX)(ROW(name, acc, map, join, identity, finish))
#include "reduce.def"

#undef K
#undef T
#undef REAL
#undef SUFFIX
#undef FROM_DOUBLE
#undef M_
#undef N_
#undef ACC_X
#undef ACC_R
#undef ACC_N
#undef ROW
#undef ONLY_
#undef ONLY
