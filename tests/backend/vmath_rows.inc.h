/* The functions of src/backend/cpu/vmath.h that vmath_mpfr.c judges, and the shape of the loops that vmath_loops.c compiles of them, once
 * per instruction set. */
enum { CHUNK = 4096 }; /* points */

typedef struct {
    void (*f32)(float *restrict, const float *restrict, const float *restrict);
    void (*f64)(double *restrict, const double *restrict, const double *restrict);
} vmath_loop;

/* Name, bound in ULP for f32 and f64, absolute slack for f32 and f64, reference in libm, reference in MPFR. A point may be off by
 * bound * ulp + slack. */
#define UNARY_ROWS(ROW)                                                                                                     \
    ROW(exp, 2, 1, 0, 0, exp(x), mpfr_exp)                                                                                  \
    ROW(exp2, 2, 1, 0, 0, exp2(x), mpfr_exp2)                                                                               \
    ROW(expm1, 2, 1, 0, 0, expm1(x), mpfr_expm1)                                                                            \
    ROW(log, 1, 1, 0, 0, log(x), mpfr_log)                                                                                  \
    ROW(log2, 2, 1, 0, 0, log2(x), mpfr_log2)                                                                               \
    ROW(log10, 2, 1, 0, 0, log10(x), mpfr_log10)                                                                            \
    ROW(log1p, 2, 1, 0, 0, log1p(x), mpfr_log1p)                                                                            \
    ROW(sqrt, 0.5, 0.5, 0, 0, sqrt(x), mpfr_sqrt)                                                                           \
    ROW(rsqrt, 2, 1, 0, 0, 1 / sqrt(x), mpfr_rec_sqrt)                                                                      \
    ROW(cbrt, 1, 1, 0, 0, cbrt(x), mpfr_cbrt)                                                                               \
    ROW(reciprocal, 0.5, 0.5, 0, 0, 1 / x, ref_reciprocal)                                                                  \
    ROW(asin, 1, 1, 0, 0, asin(x), mpfr_asin)                                                                               \
    ROW(acos, 1, 1, 0, 0, acos(x), mpfr_acos)                                                                               \
    ROW(atan, 1, 1, 0, 0, atan(x), mpfr_atan)                                                                               \
    ROW(sinh, 1, 1, 0, 0, sinh(x), mpfr_sinh)                                                                               \
    ROW(cosh, 1, 1, 0, 0, cosh(x), mpfr_cosh)                                                                               \
    ROW(tanh, 2, 1, 0, 0, tanh(x), mpfr_tanh)                                                                               \
    ROW(asinh, 1, 1, 0, 0, asinh(x), mpfr_asinh)                                                                            \
    ROW(acosh, 1, 1, 0, 0, acosh(x), mpfr_acosh)                                                                            \
    ROW(atanh, 2, 1, 0, 0, atanh(x), mpfr_atanh)                                                                            \
    ROW(erf, 2, 1, 0, 0, erf(x), mpfr_erf)                                                                                  \
    ROW(erfc, 1, 1, 0, 0, erfc(x), mpfr_erfc)                                                                               \
    ROW(sigmoid, 3, 3, 0, 0, 1 / (1 + exp(-x)), ref_sigmoid)                                                                \
    ROW(logit, 1, 2, 0, 0, L(logit)(x), ref_logit)                                                                   \
    ROW(silu, 4, 4, 0, LEAST * fabs(x), x / (1 + exp(-x)), ref_silu)                                                                      \
    ROW(gelu, 6, 3, (x < -1 ? 0x1p-25 * fabs(x) : 0), LEAST * fabs(x), L(gelu)(x), ref_gelu)                                          \
    ROW(gelu_tanh, 4, 4, 0x1p-25 * fabs(x), 0x1p-53 * fabs(x), x / (1 + exp(-x * (1 + (R)0.044715L * x * x) * (R)GELU_C)), ref_gelu_tanh) \
    ROW(softplus, 3, 2, 0, 0, (x > 0 ? x : 0) + log1p(exp(-fabs(x))), ref_softplus)                                         \
    ROW(mish, 2, 4, 0, LEAST * fabs(x), L(mish)(x), ref_mish)                                                                             \
    ROW(sinc, 1, 1, 0, 0, L(sinc)(x), ref_sinc)                                                                             \
    ROW(erfinv, 2, 1, 0, 0, L(erfinv)(x), ref_erfinv)                                                                       \
    ROW(digamma, 2, 4, 0, 0x1p-46, ld_digamma(x), mpfr_digamma)                                                             \
    ROW(lgamma, 2, 4, 0, 0x1p-48, lgamma(x), ref_lgamma)                                                                    \
    ROW(floor, 0, 0, 0, 0, floor(x), NULL)                                                                                  \
    ROW(ceil, 0, 0, 0, 0, ceil(x), NULL)                                                                                    \
    ROW(trunc, 0, 0, 0, 0, trunc(x), NULL)                                                                                  \
    ROW(round, 0, 0, 0, 0, nearbyint(x), NULL)                                                                              \
    ROW(abs, 0, 0, 0, 0, fabs(x), NULL)

/* with near and far forms: judged as a kernel uses them, and the far form everywhere */
#define FAR_ROWS(ROW)                                                                                                       \
    ROW(sin, 2, 1, 0, 0, sin(x), mpfr_sin)                                                                                  \
    ROW(cos, 2, 1, 0, 0, cos(x), mpfr_cos)                                                                                  \
    ROW(tan, 2, 1, 0, 0, tan(x), mpfr_tan)

#define BINARY_ROWS(ROW)                                                                                                    \
    ROW(atan2, 2, 1, 0, 0, atan2(x, y), mpfr_atan2)                                                                         \
    ROW(hypot, 2, 1, 0, 0, hypot(x, y), mpfr_hypot)                                                                         \
    ROW(logaddexp, 3, 2, 0x1p-22, 0x1p-51, L(logaddexp)(x, y), ref_logaddexp)                                                     \
    ROW(logaddexp2, 3, 2, 0x1p-22, 0x1p-51, L(logaddexp2)(x, y), ref_logaddexp2)                                                  \
    ROW(xlogy, 1, 2, 0, 0, ((x == 0) & (y == y)) ? 0 : x * log(y), ref_xlogy)                                               \
    ROW(xlog1py, 3, 2, 0, 0, ((x == 0) & (y == y)) ? 0 : x * log1p(y), ref_xlog1py)                                         \
    ROW(fmin, 0, 0, 0, 0, L(fmin)(x, y), NULL)                                                                                 \
    ROW(fmax, 0, 0, 0, 0, L(fmax)(x, y), NULL)                                                                                 \
    ROW(nextafter, 0, 0, 0, 0, nextafter((T)x, (T)y), NULL)

#define POW_ROWS(ROW) ROW(pow, 2, 1, 0, 0, pow(x, y), mpfr_pow)

#define BINARY_FAR_ROWS(ROW)                                                                                                \
    ROW(fmod, 0, 0, 0, 0, fmod(x, y), NULL)                                                                                 \
    ROW(remainder, 1, 1, 0, 0, L(remainder)((T)x, (T)y), NULL)                                                                    \
    ROW(floor_divide, 1, 1, 0, 0, L(floor_divide)((T)x, (T)y), NULL)

/* Every function in its forms, in one order: TEST(name of the form, name of the function, inputs, bound for f32, for f64, in MPFR) */
#define TEST_UNARY(n, b32, b64, s32, s64, ref, exact) TEST(n, n, 1, b32, b64, exact)
#define TEST_BINARY(n, b32, b64, s32, s64, ref, exact) TEST(n, n, 2, b32, b64, exact)
#define TEST_FAR(n, b32, b64, s32, s64, ref, exact) TEST(n, n, 1, b32, b64, exact) TEST(n##_far, n, 1, b32, b64, exact)
#define TEST_BINARY_FAR(n, b32, b64, s32, s64, ref, exact) TEST(n, n, 2, b32, b64, exact) TEST(n##_far, n, 2, b32, b64, exact)
#define TESTS                                                                                                               \
    UNARY_ROWS(TEST_UNARY) FAR_ROWS(TEST_FAR) BINARY_ROWS(TEST_BINARY) BINARY_FAR_ROWS(TEST_BINARY_FAR) POW_ROWS(TEST_BINARY_FAR)
