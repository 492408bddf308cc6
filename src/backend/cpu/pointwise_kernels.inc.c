/* The rows of POINTWISE_ROWS as loops over one type. Included with K (kind: FP, INT, BOOL, CX), T, SUFFIX and
 * FROM_DOUBLE; undefines them. Each row gives value_<row>_<type>, one element, and <row>_<type>, the loop over it.
 * The loops below take the element function as a constant, which the compiler inlines and vectorises. */

#define M_(name) PASTE3(m_##name, _, SUFFIX)
#define N_(name) PASTE3(name, _, SUFFIX)
#define R_SAME T
#define R_NUMBERS T
#define R_FLOATING T
#define R_MODULUS T
#define R_WHOLE T
#define R_ARGUMENT T
#define R_BOOLEAN uint8_t
#define LOOP_SAME(arity) N_(loop##arity)
#define LOOP_NUMBERS(arity) N_(loop##arity)
#define LOOP_FLOATING(arity) N_(loop##arity)
#define LOOP_WHOLE(arity) N_(loop##arity)
#define LOOP_MODULUS(arity) N_(loop##arity)
#define LOOP_ARGUMENT(arity) N_(loop##arity)
#define LOOP_BOOLEAN(arity) N_(loop##arity##_to_bool)

#define ARGUMENTS T b, T c, T p, T q, T r, const int far
typedef T N_(element)(T a, ARGUMENTS);
typedef uint8_t N_(element_to_bool)(T a, ARGUMENTS);
typedef T N_(element_masked)(uint8_t a, ARGUMENTS);

/* ---- far arguments (vmath.h): scanned for once per call, so that the common loop stays cheap ------------------- */

static inline int N_(any_far)(int64_t n, const T *a)
{
    int far = 0;
#if KIND_IS_FLOAT
    for (int64_t i = 0; i < n; i++) far |= M_(far)(a[i]);
#else
    (void)n, (void)a;
#endif
    return far;
}

static inline int N_(any_far2)(int64_t n, const T *a, const T *b)
{
    int far = 0;
#if KIND_IS_FLOAT
    for (int64_t i = 0; i < n; i++) far |= M_(far2)(a[i], b[i]);
#else
    (void)n, (void)a, (void)b;
#endif
    return far;
}

/* pow in parts (vmath.h), some elements at a time; those with a far one among them as a whole */
static inline void N_(loop_in_parts)(int64_t n, T *out, const T *a, const T *b)
{
#if KIND_IS_FLOAT
    enum { PART = 256 };
    T high[PART], low[PART], e[PART];
    for (; n > 0; n -= PART, out += PART, a += PART, b += PART) {
        int64_t part = n < PART ? n : PART;
        int far = 0;
        INDEPENDENT
        for (int64_t i = 0; i < part; i++) high[i] = M_(pow_base)(a[i], &low[i], &e[i]);
        for (int64_t i = 0; i < part; i++) {
            high[i] = M_(pow_log)(high[i], low[i], e[i], b[i], &low[i]);
            far |= M_(pow_far)(a[i], high[i]);
        }
        if (far) {
            INDEPENDENT
            for (int64_t i = 0; i < part; i++) out[i] = M_(pow)(a[i], b[i]);
        } else {
            INDEPENDENT
            for (int64_t i = 0; i < part; i++) out[i] = M_(pow_end)(high[i], low[i]);
        }
    }
#else
    (void)n, (void)out, (void)a, (void)b;
#endif
}

/* ---- the loops ----------------------------------------------------------------------------------------------- */

#define LOOPS_RESULT T
#define LOOPS_NAME(arity) N_(loop##arity)
#define LOOPS_ELEMENT N_(element)
#include "pointwise_loops.inc.c"

#define LOOPS_RESULT uint8_t
#define LOOPS_NAME(arity) N_(loop##arity##_to_bool)
#define LOOPS_ELEMENT N_(element_to_bool)
#include "pointwise_loops.inc.c"

static inline __attribute__((always_inline)) void N_(loop_masked)(int64_t n, T *out, const uint8_t *a, const T *b, const T *c,
                                                                  N_(element_masked) *f)
{
    const T zero = FROM_DOUBLE(0.0);
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) out[i] = f(a[i], b[i], c[i], zero, zero, zero, 0);
}

/* ---- the rows ------------------------------------------------------------------------------------------------ */

#define UNUSED (void)b, (void)c, (void)p, (void)q, (void)r, (void)far
#define VALUE(name, result, value) M_INLINE R_##result N_(value_##name)(T a, ARGUMENTS) { const T x = a; (void)x, UNUSED; return (R_##result)(value); }
#define LOOP_HEAD(name) static void N_(name)(int64_t n, void *out, const void *a, const void *b, const void *c, const double *attributes)
#define ROW1(name, result, value) VALUE(name, result, value) LOOP_HEAD(name) { (void)b, (void)c; LOOP_##result(1)(n, out, a, attributes, N_(value_##name), M_HAS_FAR(name)); }
#define ROW2(name, result, value) VALUE(name, result, value) LOOP_HEAD(name) { (void)c; if (KIND_IS_FLOAT && M_IN_PARTS(name)) N_(loop_in_parts)(n, out, a, b); else LOOP_##result(2)(n, out, a, b, attributes, N_(value_##name), M_HAS_FAR(name)); }
#define ROW3(name, result, value) VALUE(name, result, value) LOOP_HEAD(name) { LOOP_##result(3)(n, out, a, b, c, attributes, N_(value_##name)); }
#define ROWM(name, value) \
    M_INLINE T N_(value_##name)(uint8_t a, ARGUMENTS) { UNUSED; return (T)(value); } \
    LOOP_HEAD(name) { (void)attributes; N_(loop_masked)(n, out, a, b, c, N_(value_##name)); }

#define ONLY_(dtypes, k) IF_##dtypes##_##k
#define ONLY(dtypes, k) ONLY_(dtypes, k)
#define UNARY(name, dtypes, result, domain, saves, value, ...) ONLY(dtypes, K)(ROW1(name, result, value))
#define UNARY1(name, s, dtypes, result, domain, saves, value, ...) ONLY(dtypes, K)(ROW1(name, result, value))
#define UNARY2(name, s, t, dtypes, result, domain, saves, value, ...) ONLY(dtypes, K)(ROW1(name, result, value))
#define UNARY3(name, s, t, u, dtypes, result, domain, saves, value, ...) ONLY(dtypes, K)(ROW1(name, result, value))
#define BINARY(name, dtypes, result, domain_a, domain_b, saves, value, ...) ONLY(dtypes, K)(ROW2(name, result, value))
#define INTERNAL_BINARY BINARY
#define INTERNAL_TERNARY TERNARY
#define TERNARY(name, dtypes, result, domain_a, domain_b, domain_c, saves, value, ...) ONLY(dtypes, K)(ROW3(name, result, value))
#define TERNARY1(name, s, dtypes, result, domain_a, domain_b, domain_c, saves, value, ...) ONLY(dtypes, K)(ROW3(name, result, value))
#define MASKED(name, dtypes, result, domain_b, domain_c, saves, value, ...) ONLY(dtypes, K)(ROWM(name, value))
#include POINTWISE_ROWS
#include "undef_rows.h"

#undef K
#undef KIND_IS_FLOAT
#undef T
#undef SUFFIX
#undef FROM_DOUBLE
#undef M_
#undef N_
#undef R_SAME
#undef R_NUMBERS
#undef R_FLOATING
#undef R_BOOLEAN
#undef R_MODULUS
#undef R_WHOLE
#undef R_ARGUMENT
#undef LOOP_SAME
#undef LOOP_NUMBERS
#undef LOOP_FLOATING
#undef LOOP_BOOLEAN
#undef LOOP_MODULUS
#undef LOOP_WHOLE
#undef LOOP_ARGUMENT
#undef ARGUMENTS
#undef UNUSED
#undef VALUE
#undef LOOP_HEAD
#undef ROW1
#undef ROW2
#undef ROW3
#undef ROWM
#undef ONLY_
#undef ONLY
