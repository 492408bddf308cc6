/* Loops of one to three inputs with LOOPS_RESULT, LOOPS_NAME(arity) and LOOPS_ELEMENT; undefines them. */

static inline __attribute__((always_inline)) void LOOPS_NAME(1)(int64_t n, LOOPS_RESULT *out, const T *a, const double *attributes,
                                                               LOOPS_ELEMENT *f, const int has_far)
{
    const T p = FROM_DOUBLE(attributes[0]), q = FROM_DOUBLE(attributes[1]), r = FROM_DOUBLE(attributes[2]), zero = FROM_DOUBLE(0.0);
    if (has_far && N_(any_far)(n, a)) {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) out[i] = f(a[i], zero, zero, p, q, r, 1);
    } else {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) out[i] = f(a[i], zero, zero, p, q, r, 0);
    }
}

static inline __attribute__((always_inline)) void LOOPS_NAME(2)(int64_t n, LOOPS_RESULT *out, const T *a, const T *b,
                                                               const double *attributes, LOOPS_ELEMENT *f, const int has_far)
{
    const T p = FROM_DOUBLE(attributes[0]), zero = FROM_DOUBLE(0.0);
    if (has_far && N_(any_far2)(n, a, b)) {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) out[i] = f(a[i], b[i], zero, p, zero, zero, 1);
    } else {
        INDEPENDENT
        for (int64_t i = 0; i < n; i++) out[i] = f(a[i], b[i], zero, p, zero, zero, 0);
    }
}

/* by: one element */
static inline __attribute__((always_inline)) void LOOPS_NAME(2_one)(int64_t n, LOOPS_RESULT *out, const T *a, const T *by, LOOPS_ELEMENT *f)
{
    const T b = *by, zero = FROM_DOUBLE(0.0);
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) out[i] = f(a[i], b, zero, zero, zero, zero, 0);
}

static inline __attribute__((always_inline)) void LOOPS_NAME(3)(int64_t n, LOOPS_RESULT *out, const T *a, const T *b, const T *c,
                                                               const double *attributes, LOOPS_ELEMENT *f)
{
    const T p = FROM_DOUBLE(attributes[0]), q = FROM_DOUBLE(attributes[1]), r = FROM_DOUBLE(attributes[2]);
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) out[i] = f(a[i], b[i], c[i], p, q, r, 0);
}

static inline __attribute__((always_inline)) void LOOPS_NAME(3_one)(int64_t n, LOOPS_RESULT *out, const T *a, const T *b, const T *by,
                                                               const double *attributes, LOOPS_ELEMENT *f)
{
    const T c = *by, p = FROM_DOUBLE(attributes[0]), q = FROM_DOUBLE(attributes[1]), r = FROM_DOUBLE(attributes[2]);
    INDEPENDENT
    for (int64_t i = 0; i < n; i++) out[i] = f(a[i], b[i], c, p, q, r, 0);
}

#undef LOOPS_RESULT
#undef LOOPS_NAME
#undef LOOPS_ELEMENT
