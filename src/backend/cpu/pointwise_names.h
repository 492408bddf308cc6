/* The m_ functions that rows may use, mapped to the type of the loop they are expanded in: M_(exp) is m_exp_f32 and so on.
 * Operators of the table that C has as operators for real types are given for complex and bool in pointwise_kernels.c. */
#ifndef TORSH_BACKEND_CPU_POINTWISE_NAMES_H
#define TORSH_BACKEND_CPU_POINTWISE_NAMES_H

#define m_select(condition, a, b) M_(select)(condition, a, b)
#define m_min(a, b) M_(min)(a, b)
#define m_max(a, b) M_(max)(a, b)
#define m_fmin(a, b) M_(fmin)(a, b)
#define m_fmax(a, b) M_(fmax)(a, b)
#define m_abs(a) M_(abs)(a)
#define m_sign(a) M_(sign)(a)
#define m_frac(a) M_(frac)(a)
#define m_copysign(a, b) M_(copysign)(a, b)
#define m_nextafter(a, b) M_(nextafter)(a, b)
#define m_hypot(a, b) M_(hypot)(a, b)
#define m_signbit(a) M_(signbit)(a)
#define m_exp(a) M_(exp)(a)
#define m_exp2(a) M_(exp2)(a)
#define m_expm1(a) M_(expm1)(a)
#define m_log(a) M_(log)(a)
#define m_log2(a) M_(log2)(a)
#define m_log10(a) M_(log10)(a)
#define m_log1p(a) M_(log1p)(a)
#define m_sqrt(a) M_(sqrt)(a)
#define m_rsqrt(a) M_(rsqrt)(a)
#define m_cbrt(a) M_(cbrt)(a)
#define m_reciprocal(a) M_(reciprocal)(a)
#define m_asin(a) M_(asin)(a)
#define m_acos(a) M_(acos)(a)
#define m_atan(a) M_(atan)(a)
#define m_sinh(a) M_(sinh)(a)
#define m_cosh(a) M_(cosh)(a)
#define m_tanh(a) M_(tanh)(a)
#define m_asinh(a) M_(asinh)(a)
#define m_acosh(a) M_(acosh)(a)
#define m_atanh(a) M_(atanh)(a)
#define m_atan2(a, b) M_(atan2)(a, b)
#define m_erf(a) M_(erf)(a)
#define m_erfc(a) M_(erfc)(a)
#define m_erfinv(a) M_(erfinv)(a)
#define m_lgamma(a) M_(lgamma)(a)
#define m_digamma(a) M_(digamma)(a)
#define m_sigmoid(a) M_(sigmoid)(a)
#define m_logit(a) M_(logit)(a)
#define m_gelu(a) M_(gelu)(a)
#define m_gelu_tanh(a) M_(gelu_tanh)(a)
#define m_silu(a) M_(silu)(a)
#define m_softplus(a) M_(softplus)(a)
#define m_mish(a) M_(mish)(a)
#define m_logaddexp(a, b) M_(logaddexp)(a, b)
#define m_logaddexp2(a, b) M_(logaddexp2)(a, b)
#define m_xlogy(a, b) M_(xlogy)(a, b)
#define m_sinc(a) M_(sinc)(a)
#define m_angle(a) M_(angle)(a)
#define m_trunc_divide(a, b) M_(trunc_divide)(a, b)
#define m_bitwise_shift_left(a, b) M_(bitwise_shift_left)(a, b)
#define m_bitwise_shift_right(a, b) M_(bitwise_shift_right)(a, b)
#define m_gcd(a, b) M_(gcd)(a, b)
#define m_lcm(a, b) M_(lcm)(a, b)
#define m_square(a) M_(square)(a)

/* Cheap unless an argument is far out (vmath.h). */
#define m_sin(a) FAR_(K, sin)(a FAR_ARGUMENT_(K))
#define m_cos(a) FAR_(K, cos)(a FAR_ARGUMENT_(K))
#define m_tan(a) FAR_(K, tan)(a FAR_ARGUMENT_(K))
#define m_pow(a, b) M_(pow)(a, b)
#define m_fmod(a, b) FAR_(K, fmod)(a, b FAR_ARGUMENT_(K))
#define m_remainder(a, b) FAR_(K, remainder)(a, b FAR_ARGUMENT_(K))
#define m_floor_divide(a, b) FAR_(K, floor_divide)(a, b FAR_ARGUMENT_(K))
#define FAR_(k, name) FAR__(k, name)
#define FAR__(k, name) FAR_##k(name)
#define FAR_FP(name) M_(name##_at)
#define FAR_INT(name) M_(name)
#define FAR_BOOL(name) M_(name)
#define FAR_CX(name) M_(name)
#define FAR_ARGUMENT_(k) FAR_ARGUMENT__(k)
#define FAR_ARGUMENT__(k) FAR_ARGUMENT_##k
#define FAR_ARGUMENT_FP , far
#define FAR_ARGUMENT_INT
#define FAR_ARGUMENT_BOOL
#define FAR_ARGUMENT_CX

#define m_add(a, b) OF_KIND_(K, add)(a, b)
#define m_sub(a, b) OF_KIND_(K, sub)(a, b)
#define m_mul(a, b) OF_KIND_(K, mul)(a, b)
#define m_div(a, b) OF_KIND_(K, div)(a, b)
#define OF_KIND_(k, name) OF_KIND__(k, name)
#define OF_KIND__(k, name) OF_KIND_##k(name)
#define OF_KIND_FP(name) real_##name
#define OF_KIND_INT(name) whole_##name
#define OF_KIND_BOOL(name) bool_##name
#define OF_KIND_CX(name) M_(name)
#define m_neg(a) OF_KIND_(K, neg)(a)
#define m_conj(a) OF_KIND_(K, conj)(a)
#define m_not(a) OF_KIND_(K, not)(a)
#define m_floor(a) OF_KIND_(K, floor)(a)
#define m_ceil(a) OF_KIND_(K, ceil)(a)
#define m_trunc(a) OF_KIND_(K, trunc)(a)
#define m_round(a) OF_KIND_(K, round)(a)
#define m_isnan(a) OF_KIND_(K, isnan)(a)
#define m_isinf(a) OF_KIND_(K, isinf)(a)
#define m_isfinite(a) OF_KIND_(K, isfinite)(a)
/* A constant of the loop's type: a bare 0.5 would make the expression double. */
#define m_c(value) FROM_DOUBLE(value)

#define real_add(a, b) ((a) + (b))
#define real_sub(a, b) ((a) - (b))
#define real_mul(a, b) ((a) * (b))
#define real_div(a, b) ((a) / (b))
#define real_neg(a) (-(a))
#define real_conj(a) (a)
#define real_floor(a) M_(floor)(a)
#define real_ceil(a) M_(ceil)(a)
#define real_trunc(a) M_(trunc)(a)
#define real_round(a) M_(round)(a)
#define real_isnan(a) M_(isnan)(a)
#define real_isinf(a) M_(isinf)(a)
#define real_isfinite(a) M_(isfinite)(a)

#define whole_add(a, b) ((a) + (b))
#define whole_sub(a, b) ((a) - (b))
#define whole_mul(a, b) ((a) * (b))
#define whole_neg(a) (-(a))
#define whole_not(a) (~(a))
#define whole_conj(a) (a)
#define whole_floor(a) (a)
#define whole_ceil(a) (a)
#define whole_trunc(a) (a)
#define whole_round(a) (a)
#define whole_isnan(a) 0
#define whole_isinf(a) 0
#define whole_isfinite(a) 1

#define bool_add(a, b) ((a) | (b))
#define bool_mul(a, b) ((a) & (b))
#define bool_not(a) (!(a))
#define bool_isnan(a) 0
#define bool_isinf(a) 0
#define bool_isfinite(a) 1

#endif
