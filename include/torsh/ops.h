/* ToRSh's ops, with PyTorch's names, argument order, numbers and refusals. Each function here is one row of the op tables.
 *
 * Where nothing else is said: inputs may have any strides; shapes broadcast; dtypes promote as in PyTorch (a torsh_number
 * doesn't raise the dtype); all tensors are on one device (a 0-d CPU tensor goes with any); the result is new, on that
 * device, and has a gradient. torsh_x_ changes its first argument in place and returns it; torsh_x_out writes into `out`,
 * which has the result's shape, and returns it (it has no gradient). Dims may count from the end: -1 is the last.
 * Errors: TORSH_SHAPE_MISMATCH, TORSH_DTYPE_MISMATCH, TORSH_DEVICE_MISMATCH, TORSH_OUT_OF_RANGE, TORSH_OUT_OF_MEMORY. */
#ifndef TORSH_OPS_H
#define TORSH_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What ops with two results return; each element is a handle of its own. */
typedef struct torsh_values { torsh_tensor values, indices; } torsh_values; /* indices are i64 */
typedef struct torsh_pair { torsh_tensor first, second; } torsh_pair;
typedef struct torsh_triple { torsh_tensor first, second, third; } torsh_triple;

/* ==== pointwise (table/pointwise.def) ========================================================================== */

/* ---- arithmetic ---- */

/* input + other. */
TORSH_API torsh_tensor torsh_add(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_add_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_add_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input - other. */
TORSH_API torsh_tensor torsh_sub(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_sub_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_sub_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input * other. */
TORSH_API torsh_tensor torsh_mul(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_mul_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_mul_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input / other; integers are divided as the default float dtype. */
TORSH_API torsh_tensor torsh_div(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_div_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_div_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input / other rounded down. */
TORSH_API torsh_tensor torsh_floor_divide(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_floor_divide_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_floor_divide_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input modulo other with other's sign, as Python's %. */
TORSH_API torsh_tensor torsh_remainder(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_remainder_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_remainder_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The remainder of input / other with input's sign, as C's fmod. */
TORSH_API torsh_tensor torsh_fmod(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_fmod_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_fmod_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input to the power other. */
TORSH_API torsh_tensor torsh_pow(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_pow_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_pow_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The larger element; NaN if either is. */
TORSH_API torsh_tensor torsh_maximum(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_maximum_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_maximum_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The smaller element; NaN if either is. */
TORSH_API torsh_tensor torsh_minimum(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_minimum_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_minimum_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The larger element; a NaN gives way to a number. */
TORSH_API torsh_tensor torsh_fmax(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_fmax_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_fmax_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The smaller element; a NaN gives way to a number. */
TORSH_API torsh_tensor torsh_fmin(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_fmin_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_fmin_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The angle of the point (other, input), in (-pi, pi]. */
TORSH_API torsh_tensor torsh_atan2(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_atan2_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_atan2_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* sqrt(input^2 + other^2) without overflow. */
TORSH_API torsh_tensor torsh_hypot(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_hypot_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_hypot_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* |input| with other's sign. */
TORSH_API torsh_tensor torsh_copysign(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_copysign_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_copysign_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* log(exp(input) + exp(other)) without overflow. */
TORSH_API torsh_tensor torsh_logaddexp(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logaddexp_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logaddexp_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input * log(other); 0 where input is 0 and other is not NaN. */
TORSH_API torsh_tensor torsh_xlogy(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_xlogy_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_xlogy_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input + weight * (end - input). */
TORSH_API torsh_tensor torsh_lerp(torsh_tensor input, torsh_tensor end, torsh_tensor weight);
TORSH_API torsh_tensor torsh_lerp_(torsh_tensor input, torsh_tensor end, torsh_tensor weight);
TORSH_API torsh_tensor torsh_lerp_out(torsh_tensor input, torsh_tensor end, torsh_tensor weight, torsh_tensor out);
/* input + value * tensor1 * tensor2. */
TORSH_API torsh_tensor torsh_addcmul(torsh_tensor input, torsh_tensor tensor1, torsh_tensor tensor2, double value);
TORSH_API torsh_tensor torsh_addcmul_(torsh_tensor input, torsh_tensor tensor1, torsh_tensor tensor2, double value);
TORSH_API torsh_tensor torsh_addcmul_out(torsh_tensor input, torsh_tensor tensor1, torsh_tensor tensor2, double value, torsh_tensor out);
/* input + value * tensor1 / tensor2. */
TORSH_API torsh_tensor torsh_addcdiv(torsh_tensor input, torsh_tensor tensor1, torsh_tensor tensor2, double value);
TORSH_API torsh_tensor torsh_addcdiv_(torsh_tensor input, torsh_tensor tensor1, torsh_tensor tensor2, double value);
TORSH_API torsh_tensor torsh_addcdiv_out(torsh_tensor input, torsh_tensor tensor1, torsh_tensor tensor2, double value, torsh_tensor out);
/* input + alpha * other; alpha: a number (torsh_number, torsh_integer, torsh_complex_number) of no wider kind than the sum. */
TORSH_API torsh_tensor torsh_add_alpha(torsh_tensor input, torsh_tensor other, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_add_alpha_(torsh_tensor input, torsh_tensor other, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_add_alpha_out(torsh_tensor input, torsh_tensor other, torsh_tensor alpha, torsh_tensor out);
/* input - alpha * other. */
TORSH_API torsh_tensor torsh_sub_alpha(torsh_tensor input, torsh_tensor other, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_sub_alpha_(torsh_tensor input, torsh_tensor other, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_sub_alpha_out(torsh_tensor input, torsh_tensor other, torsh_tensor alpha, torsh_tensor out);
/* other - alpha * input. */
TORSH_API torsh_tensor torsh_rsub(torsh_tensor input, torsh_tensor other, torsh_tensor alpha);
/* input / other rounded: "trunc" towards zero, "floor" down. Integers stay integers. */
TORSH_API torsh_tensor torsh_div_rounding_mode(torsh_tensor input, torsh_tensor other, const char *rounding_mode);
TORSH_API torsh_tensor torsh_div_rounding_mode_(torsh_tensor input, torsh_tensor other, const char *rounding_mode);
TORSH_API torsh_tensor torsh_div_rounding_mode_out(torsh_tensor input, torsh_tensor other, const char *rounding_mode, torsh_tensor out);
/* log2(2^input + 2^other). */
TORSH_API torsh_tensor torsh_logaddexp2(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logaddexp2_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logaddexp2_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input * 2^other. */
TORSH_API torsh_tensor torsh_ldexp(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_ldexp_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_ldexp_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input to the power exponent, computed in and given as f64 or c128. */
TORSH_API torsh_tensor torsh_float_power(torsh_tensor input, torsh_tensor exponent);
TORSH_API torsh_tensor torsh_float_power_(torsh_tensor input, torsh_tensor exponent); /* input is f64 or c128 */
TORSH_API torsh_tensor torsh_float_power_out(torsh_tensor input, torsh_tensor exponent, torsh_tensor out);
/* 0 where input is negative, 1 where it is positive, values where it is 0. */
TORSH_API torsh_tensor torsh_heaviside(torsh_tensor input, torsh_tensor values);
TORSH_API torsh_tensor torsh_heaviside_(torsh_tensor input, torsh_tensor values);
TORSH_API torsh_tensor torsh_heaviside_out(torsh_tensor input, torsh_tensor values, torsh_tensor out);
/* The next float from input towards other. */
TORSH_API torsh_tensor torsh_nextafter(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_nextafter_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_nextafter_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The greatest common divisor; integers. */
TORSH_API torsh_tensor torsh_gcd(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_gcd_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_gcd_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The least common multiple; integers. */
TORSH_API torsh_tensor torsh_lcm(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_lcm_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_lcm_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input where condition (bool) is true, else other. */
TORSH_API torsh_tensor torsh_where(torsh_tensor condition, torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_where_(torsh_tensor condition, torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_where_out(torsh_tensor condition, torsh_tensor input, torsh_tensor other, torsh_tensor out);

/* ---- sign, rounding ---- */

/* -input. */
TORSH_API torsh_tensor torsh_neg(torsh_tensor input);
TORSH_API torsh_tensor torsh_neg_(torsh_tensor input);
TORSH_API torsh_tensor torsh_neg_out(torsh_tensor input, torsh_tensor out);
/* |input|; of complex numbers the real modulus. */
TORSH_API torsh_tensor torsh_abs(torsh_tensor input);
TORSH_API torsh_tensor torsh_abs_(torsh_tensor input);
TORSH_API torsh_tensor torsh_abs_out(torsh_tensor input, torsh_tensor out);
/* The complex conjugate; of a real tensor input itself, under a new handle. */
TORSH_API torsh_tensor torsh_conj(torsh_tensor input);
TORSH_API torsh_tensor torsh_conj_(torsh_tensor input);
TORSH_API torsh_tensor torsh_conj_out(torsh_tensor input, torsh_tensor out);
/* input * input. */
TORSH_API torsh_tensor torsh_square(torsh_tensor input);
TORSH_API torsh_tensor torsh_square_(torsh_tensor input);
TORSH_API torsh_tensor torsh_square_out(torsh_tensor input, torsh_tensor out);
/* -1, 0 or 1. */
TORSH_API torsh_tensor torsh_sign(torsh_tensor input);
TORSH_API torsh_tensor torsh_sign_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sign_out(torsh_tensor input, torsh_tensor out);
/* input / |input|, 0 for 0: of real numbers the sign. */
TORSH_API torsh_tensor torsh_sgn(torsh_tensor input);
TORSH_API torsh_tensor torsh_sgn_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sgn_out(torsh_tensor input, torsh_tensor out);
/* Is it negative (or -0)? The result is bool. */
TORSH_API torsh_tensor torsh_signbit(torsh_tensor input);
TORSH_API torsh_tensor torsh_signbit_(torsh_tensor input);
TORSH_API torsh_tensor torsh_signbit_out(torsh_tensor input, torsh_tensor out);
/* input itself, as a view; not for bool. */
TORSH_API torsh_tensor torsh_positive(torsh_tensor input);
/* The angle of complex numbers in radians; of real ones 0 or pi. The result is real. */
TORSH_API torsh_tensor torsh_angle(torsh_tensor input);
TORSH_API torsh_tensor torsh_angle_(torsh_tensor input);
TORSH_API torsh_tensor torsh_angle_out(torsh_tensor input, torsh_tensor out);
/* Degrees to radians. */
TORSH_API torsh_tensor torsh_deg2rad(torsh_tensor input);
TORSH_API torsh_tensor torsh_deg2rad_(torsh_tensor input);
TORSH_API torsh_tensor torsh_deg2rad_out(torsh_tensor input, torsh_tensor out);
/* Radians to degrees. */
TORSH_API torsh_tensor torsh_rad2deg(torsh_tensor input);
TORSH_API torsh_tensor torsh_rad2deg_(torsh_tensor input);
TORSH_API torsh_tensor torsh_rad2deg_out(torsh_tensor input, torsh_tensor out);
/* Rounded down. */
TORSH_API torsh_tensor torsh_floor(torsh_tensor input);
TORSH_API torsh_tensor torsh_floor_(torsh_tensor input);
TORSH_API torsh_tensor torsh_floor_out(torsh_tensor input, torsh_tensor out);
/* Rounded up. */
TORSH_API torsh_tensor torsh_ceil(torsh_tensor input);
TORSH_API torsh_tensor torsh_ceil_(torsh_tensor input);
TORSH_API torsh_tensor torsh_ceil_out(torsh_tensor input, torsh_tensor out);
/* Rounded towards zero. */
TORSH_API torsh_tensor torsh_trunc(torsh_tensor input);
TORSH_API torsh_tensor torsh_trunc_(torsh_tensor input);
TORSH_API torsh_tensor torsh_trunc_out(torsh_tensor input, torsh_tensor out);
/* Rounded to the nearest integer, halves to even. */
TORSH_API torsh_tensor torsh_round(torsh_tensor input);
TORSH_API torsh_tensor torsh_round_(torsh_tensor input);
TORSH_API torsh_tensor torsh_round_out(torsh_tensor input, torsh_tensor out);
/* input - trunc(input). */
TORSH_API torsh_tensor torsh_frac(torsh_tensor input);
TORSH_API torsh_tensor torsh_frac_(torsh_tensor input);
TORSH_API torsh_tensor torsh_frac_out(torsh_tensor input, torsh_tensor out);
/* Rounded to that many decimal places; negative: to tens, hundreds and so on. */
TORSH_API torsh_tensor torsh_round_decimals(torsh_tensor input, int64_t decimals);
TORSH_API torsh_tensor torsh_round_decimals_(torsh_tensor input, int64_t decimals);
TORSH_API torsh_tensor torsh_round_decimals_out(torsh_tensor input, int64_t decimals, torsh_tensor out);
/* 1 / input. */
TORSH_API torsh_tensor torsh_reciprocal(torsh_tensor input);
TORSH_API torsh_tensor torsh_reciprocal_(torsh_tensor input);
TORSH_API torsh_tensor torsh_reciprocal_out(torsh_tensor input, torsh_tensor out);
/* min(max(input, min), max); -INFINITY and INFINITY leave a side open. */
TORSH_API torsh_tensor torsh_clamp(torsh_tensor input, double min, double max);
TORSH_API torsh_tensor torsh_clamp_(torsh_tensor input, double min, double max);
TORSH_API torsh_tensor torsh_clamp_out(torsh_tensor input, double min, double max, torsh_tensor out);
/* clamp with tensors; the null handle leaves a side open. */
TORSH_API torsh_tensor torsh_clamp_tensor(torsh_tensor input, torsh_tensor min, torsh_tensor max);
TORSH_API torsh_tensor torsh_clamp_tensor_(torsh_tensor input, torsh_tensor min, torsh_tensor max);
TORSH_API torsh_tensor torsh_clamp_tensor_out(torsh_tensor input, torsh_tensor min, torsh_tensor max, torsh_tensor out);
/* max(input, min), of tensors or numbers; NaN stays. */
TORSH_API torsh_tensor torsh_clamp_min(torsh_tensor input, torsh_tensor min);
TORSH_API torsh_tensor torsh_clamp_min_(torsh_tensor input, torsh_tensor min);
TORSH_API torsh_tensor torsh_clamp_min_out(torsh_tensor input, torsh_tensor min, torsh_tensor out);
/* min(input, max). */
TORSH_API torsh_tensor torsh_clamp_max(torsh_tensor input, torsh_tensor max);
TORSH_API torsh_tensor torsh_clamp_max_(torsh_tensor input, torsh_tensor max);
TORSH_API torsh_tensor torsh_clamp_max_out(torsh_tensor input, torsh_tensor max, torsh_tensor out);
/* NaN, +Inf and -Inf replaced by the three numbers; NAN for posinf or neginf means the largest and the smallest value of the dtype. */
TORSH_API torsh_tensor torsh_nan_to_num(torsh_tensor input, double nan, double posinf, double neginf);
TORSH_API torsh_tensor torsh_nan_to_num_(torsh_tensor input, double nan, double posinf, double neginf);
TORSH_API torsh_tensor torsh_nan_to_num_out(torsh_tensor input, double nan, double posinf, double neginf, torsh_tensor out);

/* ---- powers, exponentials, logarithms ---- Integers become the default float dtype. */

/* Square root. */
TORSH_API torsh_tensor torsh_sqrt(torsh_tensor input);
TORSH_API torsh_tensor torsh_sqrt_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sqrt_out(torsh_tensor input, torsh_tensor out);
/* 1 / sqrt(input). */
TORSH_API torsh_tensor torsh_rsqrt(torsh_tensor input);
TORSH_API torsh_tensor torsh_rsqrt_(torsh_tensor input);
TORSH_API torsh_tensor torsh_rsqrt_out(torsh_tensor input, torsh_tensor out);
/* e to the power input. */
TORSH_API torsh_tensor torsh_exp(torsh_tensor input);
TORSH_API torsh_tensor torsh_exp_(torsh_tensor input);
TORSH_API torsh_tensor torsh_exp_out(torsh_tensor input, torsh_tensor out);
/* 2 to the power input. */
TORSH_API torsh_tensor torsh_exp2(torsh_tensor input);
TORSH_API torsh_tensor torsh_exp2_(torsh_tensor input);
TORSH_API torsh_tensor torsh_exp2_out(torsh_tensor input, torsh_tensor out);
/* exp(input) - 1, exact near 0. */
TORSH_API torsh_tensor torsh_expm1(torsh_tensor input);
TORSH_API torsh_tensor torsh_expm1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_expm1_out(torsh_tensor input, torsh_tensor out);
/* Natural logarithm. */
TORSH_API torsh_tensor torsh_log(torsh_tensor input);
TORSH_API torsh_tensor torsh_log_(torsh_tensor input);
TORSH_API torsh_tensor torsh_log_out(torsh_tensor input, torsh_tensor out);
/* Logarithm to base 2. */
TORSH_API torsh_tensor torsh_log2(torsh_tensor input);
TORSH_API torsh_tensor torsh_log2_(torsh_tensor input);
TORSH_API torsh_tensor torsh_log2_out(torsh_tensor input, torsh_tensor out);
/* Logarithm to base 10. */
TORSH_API torsh_tensor torsh_log10(torsh_tensor input);
TORSH_API torsh_tensor torsh_log10_(torsh_tensor input);
TORSH_API torsh_tensor torsh_log10_out(torsh_tensor input, torsh_tensor out);
/* log(1 + input), exact near 0. */
TORSH_API torsh_tensor torsh_log1p(torsh_tensor input);
TORSH_API torsh_tensor torsh_log1p_(torsh_tensor input);
TORSH_API torsh_tensor torsh_log1p_out(torsh_tensor input, torsh_tensor out);
/* input = mantissa * 2^exponent: first the mantissa, 0.5 <= |mantissa| < 1, second the exponent, i32. */
TORSH_API torsh_pair torsh_frexp(torsh_tensor input);
TORSH_API torsh_pair torsh_frexp_out(torsh_tensor input, torsh_pair out);

/* ---- trigonometric, hyperbolic ---- Integers become the default float dtype. */

/* Sine. */
TORSH_API torsh_tensor torsh_sin(torsh_tensor input);
TORSH_API torsh_tensor torsh_sin_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sin_out(torsh_tensor input, torsh_tensor out);
/* Cosine. */
TORSH_API torsh_tensor torsh_cos(torsh_tensor input);
TORSH_API torsh_tensor torsh_cos_(torsh_tensor input);
TORSH_API torsh_tensor torsh_cos_out(torsh_tensor input, torsh_tensor out);
/* Tangent. */
TORSH_API torsh_tensor torsh_tan(torsh_tensor input);
TORSH_API torsh_tensor torsh_tan_(torsh_tensor input);
TORSH_API torsh_tensor torsh_tan_out(torsh_tensor input, torsh_tensor out);
/* Inverse sine. */
TORSH_API torsh_tensor torsh_asin(torsh_tensor input);
TORSH_API torsh_tensor torsh_asin_(torsh_tensor input);
TORSH_API torsh_tensor torsh_asin_out(torsh_tensor input, torsh_tensor out);
/* Inverse cosine. */
TORSH_API torsh_tensor torsh_acos(torsh_tensor input);
TORSH_API torsh_tensor torsh_acos_(torsh_tensor input);
TORSH_API torsh_tensor torsh_acos_out(torsh_tensor input, torsh_tensor out);
/* Inverse tangent. */
TORSH_API torsh_tensor torsh_atan(torsh_tensor input);
TORSH_API torsh_tensor torsh_atan_(torsh_tensor input);
TORSH_API torsh_tensor torsh_atan_out(torsh_tensor input, torsh_tensor out);
/* Hyperbolic sine. */
TORSH_API torsh_tensor torsh_sinh(torsh_tensor input);
TORSH_API torsh_tensor torsh_sinh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sinh_out(torsh_tensor input, torsh_tensor out);
/* Hyperbolic cosine. */
TORSH_API torsh_tensor torsh_cosh(torsh_tensor input);
TORSH_API torsh_tensor torsh_cosh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_cosh_out(torsh_tensor input, torsh_tensor out);
/* Hyperbolic tangent. */
TORSH_API torsh_tensor torsh_tanh(torsh_tensor input);
TORSH_API torsh_tensor torsh_tanh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_tanh_out(torsh_tensor input, torsh_tensor out);
/* Inverse hyperbolic sine. */
TORSH_API torsh_tensor torsh_asinh(torsh_tensor input);
TORSH_API torsh_tensor torsh_asinh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_asinh_out(torsh_tensor input, torsh_tensor out);
/* Inverse hyperbolic cosine. */
TORSH_API torsh_tensor torsh_acosh(torsh_tensor input);
TORSH_API torsh_tensor torsh_acosh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_acosh_out(torsh_tensor input, torsh_tensor out);
/* Inverse hyperbolic tangent. */
TORSH_API torsh_tensor torsh_atanh(torsh_tensor input);
TORSH_API torsh_tensor torsh_atanh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_atanh_out(torsh_tensor input, torsh_tensor out);

/* ---- special ---- Integers become the default float dtype. */

/* The error function. */
TORSH_API torsh_tensor torsh_erf(torsh_tensor input);
TORSH_API torsh_tensor torsh_erf_(torsh_tensor input);
TORSH_API torsh_tensor torsh_erf_out(torsh_tensor input, torsh_tensor out);
/* 1 - erf(input). */
TORSH_API torsh_tensor torsh_erfc(torsh_tensor input);
TORSH_API torsh_tensor torsh_erfc_(torsh_tensor input);
TORSH_API torsh_tensor torsh_erfc_out(torsh_tensor input, torsh_tensor out);
/* The inverse of erf. */
TORSH_API torsh_tensor torsh_erfinv(torsh_tensor input);
TORSH_API torsh_tensor torsh_erfinv_(torsh_tensor input);
TORSH_API torsh_tensor torsh_erfinv_out(torsh_tensor input, torsh_tensor out);
/* log |gamma(input)|. */
TORSH_API torsh_tensor torsh_lgamma(torsh_tensor input);
TORSH_API torsh_tensor torsh_lgamma_(torsh_tensor input);
TORSH_API torsh_tensor torsh_lgamma_out(torsh_tensor input, torsh_tensor out);
/* The derivative of lgamma. */
TORSH_API torsh_tensor torsh_digamma(torsh_tensor input);
TORSH_API torsh_tensor torsh_digamma_(torsh_tensor input);
TORSH_API torsh_tensor torsh_digamma_out(torsh_tensor input, torsh_tensor out);
/* The n-th derivative of digamma. */
TORSH_API torsh_tensor torsh_polygamma(int64_t n, torsh_tensor input);
TORSH_API torsh_tensor torsh_polygamma_(int64_t n, torsh_tensor input);
TORSH_API torsh_tensor torsh_polygamma_out(int64_t n, torsh_tensor input, torsh_tensor out);
/* The logarithm of the gamma function of p variables. */
TORSH_API torsh_tensor torsh_mvlgamma(torsh_tensor input, int64_t p);
TORSH_API torsh_tensor torsh_mvlgamma_(torsh_tensor input, int64_t p);
TORSH_API torsh_tensor torsh_mvlgamma_out(torsh_tensor input, int64_t p, torsh_tensor out);
/* The lower regularised incomplete gamma function P(input, other). It has no gradient of input. */
TORSH_API torsh_tensor torsh_igamma(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igamma_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igamma_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The upper one, 1 - P. It has no gradient of input. */
TORSH_API torsh_tensor torsh_igammac(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igammac_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igammac_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Hurwitz's zeta function: the sum of (other + k)^-input over k >= 0. It has no gradient of input. */
TORSH_API torsh_tensor torsh_special_zeta(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_zeta_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_zeta_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The modified Bessel function of the first kind, of order 0. */
TORSH_API torsh_tensor torsh_i0(torsh_tensor input);
TORSH_API torsh_tensor torsh_i0_(torsh_tensor input);
TORSH_API torsh_tensor torsh_i0_out(torsh_tensor input, torsh_tensor out);
/* The same of order 1. */
TORSH_API torsh_tensor torsh_special_i1(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_i1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_i1_out(torsh_tensor input, torsh_tensor out);
/* i0(input) * exp(-|input|). */
TORSH_API torsh_tensor torsh_special_i0e(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_i0e_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_i0e_out(torsh_tensor input, torsh_tensor out);
/* special_i1(input) * exp(-|input|). */
TORSH_API torsh_tensor torsh_special_i1e(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_i1e_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_i1e_out(torsh_tensor input, torsh_tensor out);
/* exp(input^2) * erfc(input). */
TORSH_API torsh_tensor torsh_special_erfcx(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_erfcx_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_erfcx_out(torsh_tensor input, torsh_tensor out);
/* The normal distribution. */
TORSH_API torsh_tensor torsh_special_ndtr(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_ndtr_out(torsh_tensor input, torsh_tensor out);
/* Its logarithm. */
TORSH_API torsh_tensor torsh_special_log_ndtr(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_log_ndtr_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_log_ndtr_out(torsh_tensor input, torsh_tensor out);
/* Its inverse. */
TORSH_API torsh_tensor torsh_special_ndtri(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_ndtri_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_ndtri_out(torsh_tensor input, torsh_tensor out);
/* -input * log(input): 0 at 0, -Inf below. */
TORSH_API torsh_tensor torsh_special_entr(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_entr_out(torsh_tensor input, torsh_tensor out);
/* input * log(1 + other), 0 where input is 0. */
TORSH_API torsh_tensor torsh_special_xlog1py(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_xlog1py_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The Bessel function of the first kind, of order 0. */
TORSH_API torsh_tensor torsh_special_bessel_j0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_j0_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_j0_out(torsh_tensor input, torsh_tensor out);
/* The Bessel function of the first kind, of order 1. */
TORSH_API torsh_tensor torsh_special_bessel_j1(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_j1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_j1_out(torsh_tensor input, torsh_tensor out);
/* The Bessel function of the second kind, of order 0. */
TORSH_API torsh_tensor torsh_special_bessel_y0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_y0_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_y0_out(torsh_tensor input, torsh_tensor out);
/* The Bessel function of the second kind, of order 1. */
TORSH_API torsh_tensor torsh_special_bessel_y1(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_y1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_bessel_y1_out(torsh_tensor input, torsh_tensor out);
/* Airy's function Ai; it has no gradient. */
TORSH_API torsh_tensor torsh_special_airy_ai(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_airy_ai_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_airy_ai_out(torsh_tensor input, torsh_tensor out);
/* The modified Bessel functions of the second kind, of order 0 and 1. */
TORSH_API torsh_tensor torsh_special_modified_bessel_k0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k0_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k0_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_special_modified_bessel_k1(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k1_out(torsh_tensor input, torsh_tensor out);
/* The same times e^input. */
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k0_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k0_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k1(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k1_out(torsh_tensor input, torsh_tensor out);
/* sin(input) / input. */
TORSH_API torsh_tensor torsh_special_spherical_bessel_j0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_spherical_bessel_j0_out(torsh_tensor input, torsh_tensor out);
/* Chebyshev's polynomials of the first kind, of degree other (cut to an integer). These polynomials have no gradient. */
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_t(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_t_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_t_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The same of the second kind. */
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_u(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_u_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_u_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Of the third kind. */
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_v(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_v_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_v_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Of the fourth kind. */
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_w(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_w_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_chebyshev_polynomial_w_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Hermite's polynomials, as physicists have them. */
TORSH_API torsh_tensor torsh_special_hermite_polynomial_h(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_hermite_polynomial_h_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_hermite_polynomial_h_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* As statisticians have them. */
TORSH_API torsh_tensor torsh_special_hermite_polynomial_he(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_hermite_polynomial_he_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_hermite_polynomial_he_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Laguerre's polynomials. */
TORSH_API torsh_tensor torsh_special_laguerre_polynomial_l(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_laguerre_polynomial_l_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_laguerre_polynomial_l_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Legendre's polynomials. */
TORSH_API torsh_tensor torsh_special_legendre_polynomial_p(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_legendre_polynomial_p_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_legendre_polynomial_p_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* special_chebyshev_polynomial_t at 2 input - 1. */
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_t(torsh_tensor input, torsh_tensor n);
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_t_out(torsh_tensor input, torsh_tensor n, torsh_tensor out);
/* special_chebyshev_polynomial_u at 2 input - 1. */
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_u(torsh_tensor input, torsh_tensor n);
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_u_out(torsh_tensor input, torsh_tensor n, torsh_tensor out);
/* special_chebyshev_polynomial_v at 2 input - 1. */
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_v(torsh_tensor input, torsh_tensor n);
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_v_out(torsh_tensor input, torsh_tensor n, torsh_tensor out);
/* special_chebyshev_polynomial_w at 2 input - 1. */
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_w(torsh_tensor input, torsh_tensor n);
TORSH_API torsh_tensor torsh_special_shifted_chebyshev_polynomial_w_out(torsh_tensor input, torsh_tensor n, torsh_tensor out);
/* sin(pi input) / (pi input), 1 at 0. */
TORSH_API torsh_tensor torsh_sinc(torsh_tensor input);
TORSH_API torsh_tensor torsh_sinc_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sinc_out(torsh_tensor input, torsh_tensor out);
/* log(input / (1 - input)), input first clamped to [eps, 1 - eps] unless eps is negative. */
TORSH_API torsh_tensor torsh_logit(torsh_tensor input, double eps);
TORSH_API torsh_tensor torsh_logit_(torsh_tensor input, double eps);
TORSH_API torsh_tensor torsh_logit_out(torsh_tensor input, double eps, torsh_tensor out);

/* ---- activations ---- */

/* 1 / (1 + exp(-input)). */
TORSH_API torsh_tensor torsh_sigmoid(torsh_tensor input);
TORSH_API torsh_tensor torsh_sigmoid_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sigmoid_out(torsh_tensor input, torsh_tensor out);
/* max(input, 0). */
TORSH_API torsh_tensor torsh_relu(torsh_tensor input);
TORSH_API torsh_tensor torsh_relu_(torsh_tensor input);
TORSH_API torsh_tensor torsh_relu_out(torsh_tensor input, torsh_tensor out);
/* input * Phi(input), with erf. */
TORSH_API torsh_tensor torsh_gelu(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_out(torsh_tensor input, torsh_tensor out);
/* gelu(approximate='tanh'). */
TORSH_API torsh_tensor torsh_gelu_tanh(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_tanh_(torsh_tensor input);
TORSH_API torsh_tensor torsh_gelu_tanh_out(torsh_tensor input, torsh_tensor out);
/* input * sigmoid(input). */
TORSH_API torsh_tensor torsh_silu(torsh_tensor input);
TORSH_API torsh_tensor torsh_silu_(torsh_tensor input);
TORSH_API torsh_tensor torsh_silu_out(torsh_tensor input, torsh_tensor out);
/* input where positive, else negative_slope * input. PyTorch's default slope: 0.01. */
TORSH_API torsh_tensor torsh_leaky_relu(torsh_tensor input, double negative_slope);
TORSH_API torsh_tensor torsh_leaky_relu_(torsh_tensor input, double negative_slope);
TORSH_API torsh_tensor torsh_leaky_relu_out(torsh_tensor input, double negative_slope, torsh_tensor out);
/* input where positive, else alpha * (exp(input) - 1). PyTorch's default alpha: 1. */
TORSH_API torsh_tensor torsh_elu(torsh_tensor input, double alpha);
TORSH_API torsh_tensor torsh_elu_(torsh_tensor input, double alpha);
TORSH_API torsh_tensor torsh_elu_out(torsh_tensor input, double alpha, torsh_tensor out);
/* log(1 + exp(beta * input)) / beta; input itself where beta * input > threshold. PyTorch's defaults: 1, 20. */
TORSH_API torsh_tensor torsh_softplus(torsh_tensor input, double beta, double threshold);
TORSH_API torsh_tensor torsh_softplus_(torsh_tensor input, double beta, double threshold);
TORSH_API torsh_tensor torsh_softplus_out(torsh_tensor input, double beta, double threshold, torsh_tensor out);
/* Clamped to [min_val, max_val]. PyTorch's defaults: -1, 1. */
TORSH_API torsh_tensor torsh_hardtanh(torsh_tensor input, double min_val, double max_val);
TORSH_API torsh_tensor torsh_hardtanh_(torsh_tensor input, double min_val, double max_val);
TORSH_API torsh_tensor torsh_hardtanh_out(torsh_tensor input, double min_val, double max_val, torsh_tensor out);
/* log(sigmoid(input)). */
TORSH_API torsh_tensor torsh_logsigmoid(torsh_tensor input);
TORSH_API torsh_tensor torsh_logsigmoid_(torsh_tensor input);
TORSH_API torsh_tensor torsh_logsigmoid_out(torsh_tensor input, torsh_tensor out);
/* softmax(-input). */
TORSH_API torsh_tensor torsh_softmin(torsh_tensor input, int64_t dim);
/* The same, computed and given in dtype. */
TORSH_API torsh_tensor torsh_softmin_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
/* input * relu6(input + 3) / 6. */
TORSH_API torsh_tensor torsh_hardswish(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardswish_(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardswish_out(torsh_tensor input, torsh_tensor out);
/* relu6(input + 3) / 6. */
TORSH_API torsh_tensor torsh_hardsigmoid(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardsigmoid_(torsh_tensor input);
TORSH_API torsh_tensor torsh_hardsigmoid_out(torsh_tensor input, torsh_tensor out);
/* Clamped to [0, 6]. */
TORSH_API torsh_tensor torsh_relu6(torsh_tensor input);
TORSH_API torsh_tensor torsh_relu6_(torsh_tensor input);
/* input * tanh(softplus(input)). */
TORSH_API torsh_tensor torsh_mish(torsh_tensor input);
TORSH_API torsh_tensor torsh_mish_(torsh_tensor input);
/* elu with the scales of self-normalising networks. */
TORSH_API torsh_tensor torsh_selu(torsh_tensor input);
TORSH_API torsh_tensor torsh_selu_(torsh_tensor input);
/* max(0, input) + min(0, alpha * (exp(input / alpha) - 1)). PyTorch's default alpha: 1. */
TORSH_API torsh_tensor torsh_celu(torsh_tensor input, double alpha);
TORSH_API torsh_tensor torsh_celu_(torsh_tensor input, double alpha);
/* input / (1 + |input|). */
TORSH_API torsh_tensor torsh_softsign(torsh_tensor input);
/* input - tanh(input). */
TORSH_API torsh_tensor torsh_tanhshrink(torsh_tensor input);
/* value where input is at most threshold. */
TORSH_API torsh_tensor torsh_threshold(torsh_tensor input, double threshold, double value);
TORSH_API torsh_tensor torsh_threshold_(torsh_tensor input, double threshold, double value);
TORSH_API torsh_tensor torsh_threshold_out(torsh_tensor input, double threshold, double value, torsh_tensor out);
/* input moved by lambd towards 0, 0 within it. PyTorch's default lambd: 0.5. */
TORSH_API torsh_tensor torsh_softshrink(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_softshrink_(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_softshrink_out(torsh_tensor input, double lambd, torsh_tensor out);
/* input, but 0 within lambd of 0. PyTorch's default lambd: 0.5. */
TORSH_API torsh_tensor torsh_hardshrink(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_hardshrink_(torsh_tensor input, double lambd);
TORSH_API torsh_tensor torsh_hardshrink_out(torsh_tensor input, double lambd, torsh_tensor out);
/* The first half along dim times the sigmoid of the second. PyTorch's default dim: -1. */
TORSH_API torsh_tensor torsh_glu(torsh_tensor input, int64_t dim);
/* input where positive, else weight * input; one weight, or one per channel (dim 1). */
TORSH_API torsh_tensor torsh_prelu(torsh_tensor input, torsh_tensor weight);
/* leaky_relu with the mean of the slopes; in training each element below 0 draws its slope. PyTorch's defaults: 1/8, 1/3. */
TORSH_API torsh_tensor torsh_rrelu(torsh_tensor input, double lower, double upper, bool training);
TORSH_API torsh_tensor torsh_rrelu_(torsh_tensor input, double lower, double upper, bool training);

/* ---- comparison ---- The result is bool. */

/* input == other. */
TORSH_API torsh_tensor torsh_eq(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_eq_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_eq_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input != other. */
TORSH_API torsh_tensor torsh_ne(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_ne_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_ne_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input < other. */
TORSH_API torsh_tensor torsh_lt(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_lt_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_lt_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input <= other. */
TORSH_API torsh_tensor torsh_le(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_le_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_le_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input > other. */
TORSH_API torsh_tensor torsh_gt(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_gt_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_gt_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input >= other. */
TORSH_API torsh_tensor torsh_ge(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_ge_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_ge_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Both are not zero. */
TORSH_API torsh_tensor torsh_logical_and(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logical_and_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logical_and_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Either is not zero. */
TORSH_API torsh_tensor torsh_logical_or(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logical_or_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logical_or_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Just one is not zero. */
TORSH_API torsh_tensor torsh_logical_xor(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logical_xor_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_logical_xor_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input is zero. */
TORSH_API torsh_tensor torsh_logical_not(torsh_tensor input);
TORSH_API torsh_tensor torsh_logical_not_(torsh_tensor input);
TORSH_API torsh_tensor torsh_logical_not_out(torsh_tensor input, torsh_tensor out);
/* Is NaN. */
TORSH_API torsh_tensor torsh_isnan(torsh_tensor input);
TORSH_API torsh_tensor torsh_isnan_(torsh_tensor input);
TORSH_API torsh_tensor torsh_isnan_out(torsh_tensor input, torsh_tensor out);
/* Is infinite. */
TORSH_API torsh_tensor torsh_isinf(torsh_tensor input);
TORSH_API torsh_tensor torsh_isinf_(torsh_tensor input);
TORSH_API torsh_tensor torsh_isinf_out(torsh_tensor input, torsh_tensor out);
/* Is neither infinite nor NaN. */
TORSH_API torsh_tensor torsh_isfinite(torsh_tensor input);
TORSH_API torsh_tensor torsh_isfinite_(torsh_tensor input);
TORSH_API torsh_tensor torsh_isfinite_out(torsh_tensor input, torsh_tensor out);
/* Is it +Inf? */
TORSH_API torsh_tensor torsh_isposinf(torsh_tensor input);
TORSH_API torsh_tensor torsh_isposinf_out(torsh_tensor input, torsh_tensor out);
/* Is it -Inf? */
TORSH_API torsh_tensor torsh_isneginf(torsh_tensor input);
TORSH_API torsh_tensor torsh_isneginf_out(torsh_tensor input, torsh_tensor out);
/* Is its imaginary part 0? */
TORSH_API torsh_tensor torsh_isreal(torsh_tensor input);
/* |input - other| <= atol + rtol |other|. PyTorch's defaults: 1e-5, 1e-8, false. */
TORSH_API torsh_tensor torsh_isclose(torsh_tensor input, torsh_tensor other, double rtol, double atol, bool equal_nan);
/* Is the element among test_elements? invert: is it not? assume_unique changes nothing here. */
TORSH_API torsh_tensor torsh_isin(torsh_tensor elements, torsh_tensor test_elements, bool assume_unique, bool invert);
TORSH_API torsh_tensor torsh_isin_out(torsh_tensor elements, torsh_tensor test_elements, bool assume_unique, bool invert, torsh_tensor out);
/* Into *result: are all elements close, and are shapes and all elements equal? */
TORSH_API torsh_status torsh_allclose(torsh_tensor input, torsh_tensor other, double rtol, double atol, bool equal_nan, bool *result);
TORSH_API torsh_status torsh_equal(torsh_tensor input, torsh_tensor other, bool *result);

/* ---- bits ---- */

/* input & other; integers and bool. */
TORSH_API torsh_tensor torsh_bitwise_and(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_and_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_and_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input | other; integers and bool. */
TORSH_API torsh_tensor torsh_bitwise_or(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_or_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_or_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input ^ other; integers and bool. */
TORSH_API torsh_tensor torsh_bitwise_xor(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_xor_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_xor_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* ~input; for bool, not input. */
TORSH_API torsh_tensor torsh_bitwise_not(torsh_tensor input);
TORSH_API torsh_tensor torsh_bitwise_not_(torsh_tensor input);
TORSH_API torsh_tensor torsh_bitwise_not_out(torsh_tensor input, torsh_tensor out);
/* input << other; 0 where other is negative or not below the width. */
TORSH_API torsh_tensor torsh_bitwise_left_shift(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_left_shift_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_left_shift_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input >> other, keeping the sign. */
TORSH_API torsh_tensor torsh_bitwise_right_shift(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_right_shift_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_bitwise_right_shift_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);

/* ---- complex numbers ---- */

/* f32 or f64 pairs as a last dim of size 2, and back: views. */
TORSH_API torsh_tensor torsh_view_as_real(torsh_tensor input);
TORSH_API torsh_tensor torsh_view_as_complex(torsh_tensor input);
/* The parts of complex numbers, as views; real numbers are their own real part. */
TORSH_API torsh_tensor torsh_real(torsh_tensor input);
TORSH_API torsh_tensor torsh_imag(torsh_tensor input);
/* real + i imag, and abs * e^(i angle); f32 or f64. */
TORSH_API torsh_tensor torsh_complex(torsh_tensor real, torsh_tensor imag);
TORSH_API torsh_tensor torsh_complex_out(torsh_tensor real, torsh_tensor imag, torsh_tensor out);
TORSH_API torsh_tensor torsh_polar(torsh_tensor abs, torsh_tensor angle);
TORSH_API torsh_tensor torsh_polar_out(torsh_tensor abs, torsh_tensor angle, torsh_tensor out);
/* input itself, as a view: tensors are never conjugated or negated lazily. */
TORSH_API torsh_tensor torsh_resolve_conj(torsh_tensor input);
TORSH_API torsh_tensor torsh_resolve_neg(torsh_tensor input);

/* ==== makers, copies, conversions (table/creation.def) ========================================================= */
/* dtype TORSH_DTYPE_DEFAULT: the default float dtype. These have no gradient. */

TORSH_API torsh_tensor torsh_zeros(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_zeros_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_ones(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_ones_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* Uninitialised. */
TORSH_API torsh_tensor torsh_empty(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_empty_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_full(const int64_t *size, size_t ndim, double fill_value, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_full_out(const int64_t *size, size_t ndim, double fill_value, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* With input's shape, dtype and device. */
TORSH_API torsh_tensor torsh_zeros_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_ones_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_empty_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_full_like(torsh_tensor input, double fill_value);
/* The same of another dtype (TORSH_DTYPE_DEFAULT: input's), and full of a number or 0-d tensor of any dtype. torsh_full_value: the default
 * dtype is that of fill_value. */
TORSH_API torsh_tensor torsh_zeros_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_ones_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_empty_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_full_like_value(torsh_tensor input, torsh_tensor fill_value, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_full_value(const int64_t *size, size_t ndim, torsh_tensor fill_value, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_full_value_out(const int64_t *size, size_t ndim, torsh_tensor fill_value, torsh_dtype dtype, torsh_device device, torsh_tensor out);

/* A contiguous copy. */
TORSH_API torsh_tensor torsh_clone(torsh_tensor input);
/* input itself if it is contiguous, else a copy. */
TORSH_API torsh_tensor torsh_contiguous(torsh_tensor input);
/* In place: source, broadcast and converted, into input. Both may be on different devices. */
TORSH_API torsh_tensor torsh_copy_(torsh_tensor input, torsh_tensor source);
/* In place: the value of a 0-d tensor. */
TORSH_API torsh_tensor torsh_fill_(torsh_tensor input, torsh_tensor value);
TORSH_API torsh_tensor torsh_zero_(torsh_tensor input);
/* A copy in another dtype / on another device / both; input itself where nothing changes. TORSH_DTYPE_DEFAULT: the default float
 * dtype for torsh_to_dtype, input's own for torsh_to. */
TORSH_API torsh_tensor torsh_to_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_to_device(torsh_tensor input, torsh_device device);
TORSH_API torsh_tensor torsh_to(torsh_tensor input, torsh_dtype dtype, torsh_device device);
/* With copy, never input itself. */
TORSH_API torsh_tensor torsh_to_copy(torsh_tensor input, torsh_dtype dtype, torsh_device device, bool copy);

/* start, start + step, ... below end (above it for a negative step): ceil((end - start) / step) elements. Integer dtypes cut
 * start and step to integers and count in i64; floats are computed in f64 (the 16-bit ones in f32) and rounded once. */
TORSH_API torsh_tensor torsh_arange(double start, double end, double step, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_arange_out(double start, double end, double step, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* `steps` values from start to end, both included; in the second, base to their power. */
/* torch.range, which PyTorch deprecates: end is an element, too. */
TORSH_API torsh_tensor torsh_range(double start, double end, double step, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace(double start, double end, int64_t steps, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace_out(double start, double end, int64_t steps, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_logspace(double start, double end, int64_t steps, double base, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_logspace_out(double start, double end, int64_t steps, double base, torsh_dtype dtype, torsh_device device,
                                          torsh_tensor out);
/* The same between 0-d tensors or numbers, which may be complex. */
TORSH_API torsh_tensor torsh_linspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_linspace_value_out(torsh_tensor start, torsh_tensor end, int64_t steps, torsh_dtype dtype, torsh_device device, torsh_tensor out);
TORSH_API torsh_tensor torsh_logspace_value(torsh_tensor start, torsh_tensor end, int64_t steps, double base, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_logspace_value_out(torsh_tensor start, torsh_tensor end, int64_t steps, double base, torsh_dtype dtype, torsh_device device,
                                                torsh_tensor out);
/* Windows of M elements, computed in f64; dtype is f32 or f64. With sym they are symmetric, for filters; without, periodic, for
 * spectra: the first M elements of M + 1. This one is a triangle from 0 to 1 and back. */
TORSH_API torsh_tensor torsh_signal_windows_bartlett(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* 0.42 - 0.5 cos(x) + 0.08 cos(2 x), x from 0 to 2 pi. */
TORSH_API torsh_tensor torsh_signal_windows_blackman(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* Half a wave of the sine, without its zeros. */
TORSH_API torsh_tensor torsh_signal_windows_cosine(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* e^(-|i - center| / tau); NaN stands for the middle, the only center of a symmetric one. */
TORSH_API torsh_tensor torsh_signal_windows_exponential(int64_t M, double center, double tau, bool sym, torsh_dtype dtype, torsh_device device);
/* e^(-(i - middle)^2 / (2 std^2)) */
TORSH_API torsh_tensor torsh_signal_windows_gaussian(int64_t M, double std, bool sym, torsh_dtype dtype, torsh_device device);
/* a[0] - a[1] cos(x) + a[2] cos(2 x) - ..., x from 0 to 2 pi. */
TORSH_API torsh_tensor torsh_signal_windows_general_cosine(int64_t M, const double *a, size_t count, bool sym, torsh_dtype dtype, torsh_device device);
/* alpha - (1 - alpha) cos(x), x from 0 to 2 pi; Hamming's alpha is 0.54, Hann's 0.5. */
TORSH_API torsh_tensor torsh_signal_windows_general_hamming(int64_t M, double alpha, bool sym, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_signal_windows_hamming(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_signal_windows_hann(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* I0(beta sqrt(1 - y^2)) / I0(beta), y from -1 to 1. */
TORSH_API torsh_tensor torsh_signal_windows_kaiser(int64_t M, double beta, bool sym, torsh_dtype dtype, torsh_device device);
/* 0.3635819 - 0.4891775 cos(x) + 0.1365995 cos(2 x) - 0.0106411 cos(3 x). */
TORSH_API torsh_tensor torsh_signal_windows_nuttall(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* The same under torch's older names, of any floating-point dtype. */
TORSH_API torsh_tensor torsh_bartlett_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_blackman_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device);
/* alpha - beta cos(x), x from 0 to 2 pi. */
TORSH_API torsh_tensor torsh_hamming_window(int64_t window_length, bool periodic, double alpha, double beta, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_hann_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_kaiser_window(int64_t window_length, bool periodic, double beta, torsh_dtype dtype, torsh_device device);
/* (n, m): ones on the main diagonal. */
TORSH_API torsh_tensor torsh_eye(int64_t n, int64_t m, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_eye_out(int64_t n, int64_t m, torsh_dtype dtype, torsh_device device, torsh_tensor out);
/* The lower / upper triangle of the matrices in the last two dims, the rest 0. The triangle reaches to the diagonal of that
 * number: 0 is the main one, positive ones lie above it. */
TORSH_API torsh_tensor torsh_tril(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_tril_(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_tril_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
TORSH_API torsh_tensor torsh_triu(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_triu_(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_triu_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
/* Of a vector: the matrix with it on that diagonal. Of a matrix: a copy of that diagonal. */
TORSH_API torsh_tensor torsh_diag(torsh_tensor input, int64_t diagonal);
TORSH_API torsh_tensor torsh_diag_out(torsh_tensor input, int64_t diagonal, torsh_tensor out);
/* For each of the vectors, its values over the grid of all; indexing "ij" or "xy" (first two dims swapped). */
TORSH_API torsh_tensors torsh_meshgrid(const torsh_tensor *tensors, size_t count, const char *indexing);

/* ==== views: they share input's memory (table/view.def) ======================================================== */
/* In place (torsh_x_), input itself gets the new sizes and strides. */

/* A view of input's storage with any sizes and strides, `storage_offset` elements from its start; TORSH_OUT_OF_RANGE if it would leave the storage. */
TORSH_API torsh_tensor torsh_as_strided(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                        int64_t storage_offset);
TORSH_API torsh_tensor torsh_as_strided_(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                         int64_t storage_offset);
/* Another shape of the same elements; one size may be -1. Fails where input's strides don't allow it: use torsh_reshape. */
TORSH_API torsh_tensor torsh_view(torsh_tensor input, const int64_t *size, size_t ndim);
/* A view where possible, else a copy. */
TORSH_API torsh_tensor torsh_reshape(torsh_tensor input, const int64_t *shape, size_t ndim);
TORSH_API torsh_tensor torsh_permute(torsh_tensor input, const int64_t *dims, size_t count);
TORSH_API torsh_tensor torsh_transpose(torsh_tensor input, int64_t dim0, int64_t dim1);
TORSH_API torsh_tensor torsh_transpose_(torsh_tensor input, int64_t dim0, int64_t dim1);
/* The matrix transpose of a tensor of at most 2 dims. */
TORSH_API torsh_tensor torsh_t(torsh_tensor input);
TORSH_API torsh_tensor torsh_t_(torsh_tensor input);
/* Dims of size 1 stretched to `size` without copying; -1 keeps a size. */
TORSH_API torsh_tensor torsh_expand(torsh_tensor input, const int64_t *size, size_t ndim);
/* input stretched, viewed or copied to other's shape, or converted to its dtype. */
TORSH_API torsh_tensor torsh_expand_as(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_view_as(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_reshape_as(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_type_as(torsh_tensor input, torsh_tensor other);
/* input itself becomes a contiguous tensor of that size, or of the_template's. It keeps its first elements; others are undefined. Memory that is
 * too small and that other tensors share can't grow, and a tensor that tracks gradients can't change: both are errors. */
TORSH_API torsh_tensor torsh_resize_(torsh_tensor input, const int64_t *size, size_t ndim);
TORSH_API torsh_tensor torsh_resize_as_(torsh_tensor input, torsh_tensor the_template);
/* Removes the dims of size 1 among `dim` (TORSH_ALL_DIMS: all of them; a pointer that isn't null with count 0: none). */
TORSH_API torsh_tensor torsh_squeeze(torsh_tensor input, const int64_t *dim, size_t count);
TORSH_API torsh_tensor torsh_squeeze_(torsh_tensor input, const int64_t *dim, size_t count);
/* Adds a dim of size 1 at dim, in [-ndim - 1, ndim]. */
TORSH_API torsh_tensor torsh_unsqueeze(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_unsqueeze_(torsh_tensor input, int64_t dim);
/* Dims start_dim to end_dim as one. */
TORSH_API torsh_tensor torsh_flatten(torsh_tensor input, int64_t start_dim, int64_t end_dim);
/* dim split into sizes, one of which may be -1. */
TORSH_API torsh_tensor torsh_unflatten(torsh_tensor input, int64_t dim, const int64_t *sizes, size_t count);
/* Element `index` of dim, which goes. */
TORSH_API torsh_tensor torsh_select(torsh_tensor input, int64_t dim, int64_t index);
/* input[start:end:step] along dim: start and end may be negative or past the end, as in Python; step is positive. */
TORSH_API torsh_tensor torsh_slice(torsh_tensor input, int64_t dim, int64_t start, int64_t end, int64_t step);
TORSH_API torsh_tensor torsh_narrow(torsh_tensor input, int64_t dim, int64_t start, int64_t length);
/* The diagonal of the matrices in dim1 and dim2, as the last dim. */
TORSH_API torsh_tensor torsh_diagonal(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2);
/* Dims moved to other places; the rest keep their order. */
TORSH_API torsh_tensor torsh_movedim(torsh_tensor input, int64_t source, int64_t destination);
TORSH_API torsh_tensor torsh_movedim_list(torsh_tensor input, const int64_t *source, size_t count, const int64_t *destination, size_t destination_count);

/* ==== reductions (table/reduce.def) ============================================================================= */
/* Over `dim`; TORSH_ALL_DIMS: over all. keepdim leaves the reduced dims as 1. 16-bit floats accumulate in f32. */

/* Sum over dims, as a tree; integers and bool sum as i64. */
TORSH_API torsh_tensor torsh_sum(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_sum_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The same with NaN as 0. */
TORSH_API torsh_tensor torsh_nansum(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_nansum_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The mean; floating point and complex only. */
TORSH_API torsh_tensor torsh_mean(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_mean_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* Product; integers and bool multiply as i64. */
TORSH_API torsh_tensor torsh_prod(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_prod_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The largest; NaN if there is one. Its gradient is shared evenly among equal elements. */
TORSH_API torsh_tensor torsh_amax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_amax_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The smallest, likewise. */
TORSH_API torsh_tensor torsh_amin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_amin_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* True where any element is not 0; bool (u8 for u8). */
TORSH_API torsh_tensor torsh_any(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_any_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* True where no element is 0; bool (u8 for u8). */
TORSH_API torsh_tensor torsh_all(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_all_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);

/* ==== matrix products (table/matmul.def) ======================================================================= */
/* Operands have one dtype, any but bool, and may be transposed or strided without cost; f16 and bf16 are summed in f32. */

/* (..., m, k) times (..., k, n), the leading dims broadcast. A vector is a row on the left, a column on the right, and its
 * dim of size 1 goes again. */
TORSH_API torsh_tensor torsh_matmul(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_matmul_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* (m, k) times (k, n). */
TORSH_API torsh_tensor torsh_mm(torsh_tensor input, torsh_tensor mat2);
TORSH_API torsh_tensor torsh_mm_out(torsh_tensor input, torsh_tensor mat2, torsh_tensor out);
/* (b, m, k) times (b, k, n). */
TORSH_API torsh_tensor torsh_bmm(torsh_tensor input, torsh_tensor mat2);
TORSH_API torsh_tensor torsh_bmm_out(torsh_tensor input, torsh_tensor mat2, torsh_tensor out);
/* (m, k) times (k). */
TORSH_API torsh_tensor torsh_mv(torsh_tensor input, torsh_tensor vec);
TORSH_API torsh_tensor torsh_mv_out(torsh_tensor input, torsh_tensor vec, torsh_tensor out);
/* (k) times (k): a 0-d tensor. */
TORSH_API torsh_tensor torsh_dot(torsh_tensor input, torsh_tensor tensor);
TORSH_API torsh_tensor torsh_dot_out(torsh_tensor input, torsh_tensor tensor, torsh_tensor out);
/* (m) and (n) give (m, n). */
TORSH_API torsh_tensor torsh_outer(torsh_tensor input, torsh_tensor vec2);
TORSH_API torsh_tensor torsh_outer_out(torsh_tensor input, torsh_tensor vec2, torsh_tensor out);
/* The dot product of input's conjugate and other. */
TORSH_API torsh_tensor torsh_vdot(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_vdot_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Summed over the last dim of both: (..., k) and (___, k) give (..., ___). With a 0-d operand, their product. */
TORSH_API torsh_tensor torsh_inner(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_inner_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The Kronecker product: each element of input times the whole of other. */
TORSH_API torsh_tensor torsh_kron(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_kron_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The cross product of the vectors of 3 along dim. */
TORSH_API torsh_tensor torsh_cross(torsh_tensor input, torsh_tensor other, int64_t dim);
TORSH_API torsh_tensor torsh_cross_out(torsh_tensor input, torsh_tensor other, int64_t dim, torsh_tensor out);
/* Summed over pairs of dims, the i-th of dims_input with the i-th of dims_other; the result has the others, input's first. */
TORSH_API torsh_tensor torsh_tensordot(torsh_tensor input, torsh_tensor other, const int64_t *dims_input, size_t dims_input_count,
                                       const int64_t *dims_other, size_t dims_other_count);
TORSH_API torsh_tensor torsh_tensordot_out(torsh_tensor input, torsh_tensor other, const int64_t *dims_input, size_t dims_input_count,
                                           const int64_t *dims_other, size_t dims_other_count, torsh_tensor out);
/* Einstein's sum: "bij,bjk->bik" is torsh_bmm. Letters A-Z and a-z name dims, "..." any others, which broadcast; a letter twice in one
 * operand is its diagonal. Letters that the output lacks are summed over; without "->" it has those that are there once, in order.
 * Operands are joined from left to right. */
TORSH_API torsh_tensor torsh_einsum(const char *equation, const torsh_tensor *operands, size_t count);
/* The product of 1 to 32 matrices, in the order that costs least. */
TORSH_API torsh_tensor torsh_chain_matmul(const torsh_tensor *matrices, size_t count);
TORSH_API torsh_tensor torsh_chain_matmul_out(const torsh_tensor *matrices, size_t count, torsh_tensor out);
/* The same for 2 to 32 tensors, of which the first and the last may be vectors. */
TORSH_API torsh_tensor torsh_linalg_multi_dot(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_linalg_multi_dot_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
/* Dot products of x's conjugate and y along dim. */
TORSH_API torsh_tensor torsh_linalg_vecdot(torsh_tensor x, torsh_tensor y, int64_t dim);
TORSH_API torsh_tensor torsh_linalg_vecdot_out(torsh_tensor x, torsh_tensor y, int64_t dim, torsh_tensor out);
/* (..., n): each element's powers from 0 to n - 1. */
TORSH_API torsh_tensor torsh_vander(torsh_tensor x, int64_t N, bool increasing); /* falling powers unless increasing; N -1: the length of x */
TORSH_API torsh_tensor torsh_linalg_vander(torsh_tensor x, int64_t n);
/* The p-norm of the difference of each row of x1 (..., p, m) from each of x2 (..., r, m): (..., p, r). */
TORSH_API torsh_tensor torsh_cdist(torsh_tensor x1, torsh_tensor x2, double p);
/* The exponentials of square matrices (..., n, n). */
TORSH_API torsh_tensor torsh_matrix_exp(torsh_tensor input);
/* beta * input + alpha * mat1 mat2; input broadcasts to (m, n). With beta 0, input is not read. */
TORSH_API torsh_tensor torsh_addmm(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmm_(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmm_out(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, double beta, double alpha, torsh_tensor out);
/* The same with batches, (b, m, k) and (b, k, n). */
TORSH_API torsh_tensor torsh_baddbmm(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_baddbmm_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_baddbmm_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha, torsh_tensor out);
/* beta * input + alpha * mat vec. */
TORSH_API torsh_tensor torsh_addmv(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmv_(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, double beta, double alpha);
TORSH_API torsh_tensor torsh_addmv_out(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, double beta, double alpha, torsh_tensor out);
/* beta * input + alpha * (vec1 outer vec2). Dtypes promote; bool tensors are joined by "and" and "or". */
TORSH_API torsh_tensor torsh_addr(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addr_(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addr_out(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, double beta, double alpha, torsh_tensor out);
/* beta * input + alpha * the sum of the products of the batch. */
TORSH_API torsh_tensor torsh_addbmm(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addbmm_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha);
TORSH_API torsh_tensor torsh_addbmm_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, double beta, double alpha, torsh_tensor out);
/* The same with factors that are 0-d tensors or numbers, torsh_complex_number too. */
TORSH_API torsh_tensor torsh_addmm_scaled(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmm_scaled_(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmm_scaled_out(torsh_tensor input, torsh_tensor mat1, torsh_tensor mat2, torsh_tensor beta,
                                              torsh_tensor alpha, torsh_tensor out);
TORSH_API torsh_tensor torsh_baddbmm_scaled(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_baddbmm_scaled_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_baddbmm_scaled_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta,
                                                torsh_tensor alpha, torsh_tensor out);
TORSH_API torsh_tensor torsh_addmv_scaled(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmv_scaled_(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addmv_scaled_out(torsh_tensor input, torsh_tensor mat, torsh_tensor vec, torsh_tensor beta, torsh_tensor alpha,
                                              torsh_tensor out);
TORSH_API torsh_tensor torsh_addr_scaled(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addr_scaled_(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addr_scaled_out(torsh_tensor input, torsh_tensor vec1, torsh_tensor vec2, torsh_tensor beta,
                                             torsh_tensor alpha, torsh_tensor out);
TORSH_API torsh_tensor torsh_addbmm_scaled(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addbmm_scaled_(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_addbmm_scaled_out(torsh_tensor input, torsh_tensor batch1, torsh_tensor batch2, torsh_tensor beta,
                                               torsh_tensor alpha, torsh_tensor out);
/* input (..., in) times the transpose of weight (out, in), plus bias (out) or null: (..., out). */
TORSH_API torsh_tensor torsh_linear(torsh_tensor input, torsh_tensor weight, torsh_tensor bias);
TORSH_API torsh_tensor torsh_linear_out(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, torsh_tensor out);

/* ==== convolution and pooling (table/conv.def, table/pooling.def) ============================================== */
/* Convolutions of floating-point and complex dtypes and i64; the batch dim may be absent. Stride, padding, dilation and kernel sizes are lists of one number
 * per spatial dim, or one for all; TORSH_NO_DIMS stands for the default (stride and dilation 1, padding 0). */

/* input (N, C, in...), weight (O, C / groups, kernel...), bias (O) or null: (N, O, out...). */
TORSH_API torsh_tensor torsh_conv1d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                    const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                    int64_t groups);
TORSH_API torsh_tensor torsh_conv2d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                    const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                    int64_t groups);
TORSH_API torsh_tensor torsh_conv3d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                    const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                    int64_t groups);
/* padding "valid", or "same": as much as gives the result the input's size, for a stride of 1. */
TORSH_API torsh_tensor torsh_conv1d_padding(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                            size_t stride_count, const char *padding, const int64_t *dilation, size_t dilation_count,
                                            int64_t groups);
TORSH_API torsh_tensor torsh_conv2d_padding(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                            size_t stride_count, const char *padding, const int64_t *dilation, size_t dilation_count,
                                            int64_t groups);
TORSH_API torsh_tensor torsh_conv3d_padding(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                            size_t stride_count, const char *padding, const int64_t *dilation, size_t dilation_count,
                                            int64_t groups);
/* input (steps, N, C) and weight (width, C, O), the steps padded by pad at both ends: (steps out, N, O). */
TORSH_API torsh_tensor torsh_conv_tbc(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, int64_t pad);
/* torsh_conv1d, 2d, 3d or their transposes, by the dims of weight. output_padding is for transposed ones. */
TORSH_API torsh_tensor torsh_convolution(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count,
                                         const int64_t *padding, size_t padding_count, const int64_t *dilation, size_t dilation_count,
                                         bool transposed, const int64_t *output_padding, size_t output_padding_count, int64_t groups);
/* The gradient of a convolution as an op: input (N, C, in...), weight (C, O / groups, kernel...), bias (O) or null. */
TORSH_API torsh_tensor torsh_conv_transpose1d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                              size_t stride_count, const int64_t *padding, size_t padding_count,
                                              const int64_t *output_padding, size_t output_padding_count, int64_t groups,
                                              const int64_t *dilation, size_t dilation_count);
TORSH_API torsh_tensor torsh_conv_transpose2d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                              size_t stride_count, const int64_t *padding, size_t padding_count,
                                              const int64_t *output_padding, size_t output_padding_count, int64_t groups,
                                              const int64_t *dilation, size_t dilation_count);
TORSH_API torsh_tensor torsh_conv_transpose3d(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                              size_t stride_count, const int64_t *padding, size_t padding_count,
                                              const int64_t *output_padding, size_t output_padding_count, int64_t groups,
                                              const int64_t *dilation, size_t dilation_count);
/* The maximum of each window of input (N, C, in...); real dtypes. No stride: that of the kernel. */
TORSH_API torsh_tensor torsh_max_pool1d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_max_pool2d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_max_pool3d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        const int64_t *dilation, size_t dilation_count, bool ceil_mode);
/* The same with the place of each maximum in its flattened plane. */
TORSH_API torsh_values torsh_max_pool1d_with_indices(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                     const int64_t *stride, size_t stride_count,
                                                     const int64_t *padding, size_t padding_count,
                                                     const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_values torsh_max_pool2d_with_indices(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                     const int64_t *stride, size_t stride_count,
                                                     const int64_t *padding, size_t padding_count,
                                                     const int64_t *dilation, size_t dilation_count, bool ceil_mode);
TORSH_API torsh_values torsh_max_pool3d_with_indices(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                     const int64_t *stride, size_t stride_count,
                                                     const int64_t *padding, size_t padding_count,
                                                     const int64_t *dilation, size_t dilation_count, bool ceil_mode);
/* The mean of each window, of i64, too; divisor_override 0: the window's size. */
TORSH_API torsh_tensor torsh_avg_pool1d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        bool ceil_mode, bool count_include_pad);
TORSH_API torsh_tensor torsh_avg_pool1d_out(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                            const int64_t *stride, size_t stride_count,
                                            const int64_t *padding, size_t padding_count, bool ceil_mode, bool count_include_pad,
                                            torsh_tensor out);
TORSH_API torsh_tensor torsh_avg_pool2d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        bool ceil_mode, bool count_include_pad, int64_t divisor_override);
TORSH_API torsh_tensor torsh_avg_pool2d_out(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                            const int64_t *stride, size_t stride_count,
                                            const int64_t *padding, size_t padding_count, bool ceil_mode, bool count_include_pad,
                                            int64_t divisor_override, torsh_tensor out);
TORSH_API torsh_tensor torsh_avg_pool3d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                        const int64_t *stride, size_t stride_count, const int64_t *padding, size_t padding_count,
                                        bool ceil_mode, bool count_include_pad, int64_t divisor_override);
TORSH_API torsh_tensor torsh_avg_pool3d_out(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                            const int64_t *stride, size_t stride_count,
                                            const int64_t *padding, size_t padding_count, bool ceil_mode, bool count_include_pad,
                                            int64_t divisor_override, torsh_tensor out);
/* Windows chosen so that the result has output_size; -1 keeps the input's size. */
TORSH_API torsh_tensor torsh_adaptive_avg_pool1d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_adaptive_avg_pool2d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_adaptive_avg_pool3d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_values torsh_adaptive_max_pool1d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_values torsh_adaptive_max_pool2d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_values torsh_adaptive_max_pool3d(torsh_tensor input, const int64_t *output_size, size_t output_size_count);
/* Zeros with input's elements at the places that a max_pool's indices say. No output_size: the one that pooling evenly comes from. */
TORSH_API torsh_tensor torsh_max_unpool1d(torsh_tensor input, torsh_tensor indices,
                                          const int64_t *kernel_size, size_t kernel_size_count,
                                          const int64_t *stride, size_t stride_count,
                                          const int64_t *padding, size_t padding_count,
                                          const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_max_unpool2d(torsh_tensor input, torsh_tensor indices,
                                          const int64_t *kernel_size, size_t kernel_size_count,
                                          const int64_t *stride, size_t stride_count,
                                          const int64_t *padding, size_t padding_count,
                                          const int64_t *output_size, size_t output_size_count);
TORSH_API torsh_tensor torsh_max_unpool3d(torsh_tensor input, torsh_tensor indices,
                                          const int64_t *kernel_size, size_t kernel_size_count,
                                          const int64_t *stride, size_t stride_count,
                                          const int64_t *padding, size_t padding_count,
                                          const int64_t *output_size, size_t output_size_count);
/* The maxima of windows at random places; either output_size, or output_ratio of input's sizes. _random_samples (N, C, dims) in [0, 1), or
 * null to draw them. */
TORSH_API torsh_values torsh_fractional_max_pool2d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                   const int64_t *output_size, size_t output_size_count,
                                                   const double *output_ratio, size_t output_ratio_count,
                                                   torsh_tensor _random_samples);
TORSH_API torsh_values torsh_fractional_max_pool3d(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                                   const int64_t *output_size, size_t output_size_count,
                                                   const double *output_ratio, size_t output_ratio_count,
                                                   torsh_tensor _random_samples);
/* (the sum of input^norm_type in each window)^(1 / norm_type), 0 for a negative sum. */
TORSH_API torsh_tensor torsh_lp_pool1d(torsh_tensor input, double norm_type, const int64_t *kernel_size, size_t kernel_size_count,
                                       const int64_t *stride, size_t stride_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_lp_pool2d(torsh_tensor input, double norm_type, const int64_t *kernel_size, size_t kernel_size_count,
                                       const int64_t *stride, size_t stride_count, bool ceil_mode);
TORSH_API torsh_tensor torsh_lp_pool3d(torsh_tensor input, double norm_type, const int64_t *kernel_size, size_t kernel_size_count,
                                       const int64_t *stride, size_t stride_count, bool ceil_mode);

/* ==== padding, resampling (table/spatial.def, table/resample.def) ============================================== */

/* pad: elements to add before and after, the last dim first; negative ones cut off. mode: "constant" (value), "reflect", "replicate" (the edge)
 * or "circular". */
TORSH_API torsh_tensor torsh_pad(torsh_tensor input, const int64_t *pad, size_t pad_count, const char *mode, double value);
/* torch.nn.functional.unfold: the windows of images (N, C, H, W) as columns (N, C * kernel, windows). fold adds columns up again. */
TORSH_API torsh_tensor torsh_im2col(torsh_tensor input, const int64_t *kernel_size, size_t kernel_size_count,
                                    const int64_t *dilation, size_t dilation_count, const int64_t *padding, size_t padding_count,
                                    const int64_t *stride, size_t stride_count);
TORSH_API torsh_tensor torsh_fold(torsh_tensor input, const int64_t *output_size, size_t output_size_count,
                                  const int64_t *kernel_size, size_t kernel_size_count,
                                  const int64_t *dilation, size_t dilation_count, const int64_t *padding, size_t padding_count,
                                  const int64_t *stride, size_t stride_count);
/* (..., C r^2, H, W) to (..., C, H r, W r), and back. */
TORSH_API torsh_tensor torsh_pixel_shuffle(torsh_tensor input, int64_t upscale_factor);
TORSH_API torsh_tensor torsh_pixel_unshuffle(torsh_tensor input, int64_t downscale_factor);
/* The channels of (N, C, ...), seen as (groups, C / groups), in the order of (C / groups, groups). */
TORSH_API torsh_tensor torsh_channel_shuffle(torsh_tensor input, int64_t groups);
/* input (N, C, in...) at another size: `size`, or scale_factor times its own, each with a number per dim or one for all. mode: "nearest",
 * "nearest-exact", "linear", "bilinear", "trilinear", "bicubic" or "area". antialias: "bilinear" and "bicubic" only. u8, too. */
TORSH_API torsh_tensor torsh_interpolate(torsh_tensor input, const int64_t *size, size_t size_count,
                                         const double *scale_factor, size_t scale_factor_count, const char *mode,
                                         bool align_corners, bool recompute_scale_factor, bool antialias);
/* input (N, C, in...) at the points grid (N, out..., dims), whose coordinates, the innermost dim's first, run from -1 to 1. mode: "bilinear",
 * "nearest" or "bicubic"; padding_mode: "zeros", "border" or "reflection". */
TORSH_API torsh_tensor torsh_grid_sample(torsh_tensor input, torsh_tensor grid, const char *mode, const char *padding_mode,
                                         bool align_corners);
/* The points of a grid of size (N, C, out...), moved by theta (N, dims, dims + 1). */
TORSH_API torsh_tensor torsh_affine_grid(torsh_tensor theta, const int64_t *size, size_t size_count, bool align_corners);

/* ==== update steps of optimizers (table/optim.def) ============================================================= */
/* What <torsh/optim.h> uses, for optimizers of one's own: the parameter `input` is changed in place, and so are the states.
 * All have its shape and dtype. Call them inside torsh_no_grad. */

/* SGD; momentum_buffer may be null (then momentum is not used) and is overwritten in the first step. */
TORSH_API torsh_tensor torsh_fused_sgd_(torsh_tensor input, torsh_tensor grad, torsh_tensor momentum_buffer, double lr, double momentum,
                                        double dampening, double weight_decay, bool nesterov, bool maximize, bool is_first_step);
/* Adam, or AdamW if the weight decay is decoupled; max_exp_avg_sq, if not null, makes it AMSGrad. step counts from 1. */
TORSH_API torsh_tensor torsh_fused_adam_(torsh_tensor input, torsh_tensor grad, torsh_tensor exp_avg, torsh_tensor exp_avg_sq,
                                         torsh_tensor max_exp_avg_sq, int64_t step, double lr, double beta1, double beta2, double weight_decay,
                                         double eps, bool decoupled, bool maximize);

/* ==== joining and cutting (table/join.def) ===================================================================== */

/* Tensors joined along dim; all other sizes are equal. 1-D tensors without elements are skipped, whatever the others' shape. */
TORSH_API torsh_tensor torsh_cat(const torsh_tensor *tensors, size_t count, int64_t dim);
TORSH_API torsh_tensor torsh_cat_out(const torsh_tensor *tensors, size_t count, int64_t dim, torsh_tensor out);
/* Tensors of one shape joined along a new dim. */
TORSH_API torsh_tensor torsh_stack(const torsh_tensor *tensors, size_t count, int64_t dim);
TORSH_API torsh_tensor torsh_stack_out(const torsh_tensor *tensors, size_t count, int64_t dim, torsh_tensor out);
/* Joined along the second dim (the first of 1-D tensors) / as rows. */
TORSH_API torsh_tensor torsh_hstack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_hstack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_vstack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_vstack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
/* Lists of views of input. In pieces of split_size, the last one shorter; */
TORSH_API torsh_tensors torsh_split(torsh_tensor input, int64_t split_size, int64_t dim);
/* of the given sizes, which add up to dim's; */
TORSH_API torsh_tensors torsh_split_with_sizes(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim);
/* in `chunks` pieces or fewer, all but the last of one size; */
TORSH_API torsh_tensors torsh_chunk(torsh_tensor input, int64_t chunks, int64_t dim);
/* in exactly `sections` pieces, the first ones longer by one where needed; */
TORSH_API torsh_tensors torsh_tensor_split(torsh_tensor input, int64_t sections, int64_t dim);
/* one per element of dim, which goes. */
TORSH_API torsh_tensors torsh_unbind(torsh_tensor input, int64_t dim);
/* Copies of the same. */
TORSH_API torsh_tensors torsh_unbind_copy(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensors torsh_split_copy(torsh_tensor input, int64_t split_size, int64_t dim);
TORSH_API torsh_tensors torsh_split_with_sizes_copy(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim);
/* The same into as many tensors of the caller's. */
TORSH_API torsh_status torsh_unbind_copy_out(torsh_tensor input, int64_t dim, const torsh_tensor *out, size_t out_count);
TORSH_API torsh_status torsh_split_copy_out(torsh_tensor input, int64_t split_size, int64_t dim, const torsh_tensor *out, size_t out_count);
TORSH_API torsh_status torsh_split_with_sizes_copy_out(torsh_tensor input, const int64_t *split_sizes, size_t count, int64_t dim, const torsh_tensor *out,
                                                       size_t out_count);
/* Cut before each of `indices`. */
TORSH_API torsh_tensors torsh_tensor_split_indices(torsh_tensor input, const int64_t *indices, size_t count, int64_t dim);
/* Equal sections of the second (of a vector: the only) / first / third dim; and the same cut before each of `indices`. */
TORSH_API torsh_tensors torsh_hsplit(torsh_tensor input, int64_t sections);
TORSH_API torsh_tensors torsh_vsplit(torsh_tensor input, int64_t sections);
TORSH_API torsh_tensors torsh_dsplit(torsh_tensor input, int64_t sections);
TORSH_API torsh_tensors torsh_hsplit_indices(torsh_tensor input, const int64_t *indices, size_t count);
TORSH_API torsh_tensors torsh_vsplit_indices(torsh_tensor input, const int64_t *indices, size_t count);
TORSH_API torsh_tensors torsh_dsplit_indices(torsh_tensor input, const int64_t *indices, size_t count);
/* torsh_atleast_1d, 2d, 3d of each; all expanded to one shape. */
TORSH_API torsh_tensors torsh_atleast_1d_list(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensors torsh_atleast_2d_list(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensors torsh_atleast_3d_list(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensors torsh_broadcast_tensors(const torsh_tensor *tensors, size_t count);
/* The coordinates in `shape` of places in the flattened tensor, one tensor for each dim. */
TORSH_API torsh_tensors torsh_unravel_index(torsh_tensor indices, const int64_t *shape, size_t count);

/* ==== random numbers (table/random.def) ======================================================================== */
/* The numbers of PyTorch's CPU generator for the same seed (torsh_manual_seed), bit for bit. `generator` may be the null
 * handle, TORSH_DEFAULT_GENERATOR; the functions without one use that. Results have no gradient. */
#define TORSH_DEFAULT_GENERATOR TORSH_NULL(torsh_generator)

/* Uniform in [0, 1); normal with mean 0 and standard deviation 1; whole numbers in [low, high) (default dtype i64); a
 * permutation of 0 .. n - 1 (default dtype i64). */
TORSH_API torsh_tensor torsh_rand(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_randn(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_randint(int64_t low, int64_t high, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_randperm(int64_t n, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_rand_with(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator);
TORSH_API torsh_tensor torsh_randn_with(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator);
TORSH_API torsh_tensor torsh_rand_with_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator,
                                           torsh_tensor out);
TORSH_API torsh_tensor torsh_randn_with_out(const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device, torsh_generator generator,
                                            torsh_tensor out);
TORSH_API torsh_tensor torsh_randint_with(int64_t low, int64_t high, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device,
                                          torsh_generator generator);
TORSH_API torsh_tensor torsh_randperm_with(int64_t n, torsh_dtype dtype, torsh_device device, torsh_generator generator);
/* With input's shape and device, and its dtype or another. */
TORSH_API torsh_tensor torsh_rand_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_randn_like(torsh_tensor input);
TORSH_API torsh_tensor torsh_randint_like(torsh_tensor input, int64_t low, int64_t high);
TORSH_API torsh_tensor torsh_rand_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_randn_like_dtype(torsh_tensor input, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_randint_like_dtype(torsh_tensor input, int64_t low, int64_t high, torsh_dtype dtype);

/* 1 with the probability that input's element is, else 0. */
TORSH_API torsh_tensor torsh_bernoulli(torsh_tensor input, torsh_generator generator);
TORSH_API torsh_tensor torsh_bernoulli_out(torsh_tensor input, torsh_generator generator, torsh_tensor out);
/* Counts with the rates that input's elements are. */
TORSH_API torsh_tensor torsh_poisson(torsh_tensor input, torsh_generator generator);
TORSH_API torsh_tensor torsh_poisson_out(torsh_tensor input, torsh_generator generator, torsh_tensor out);
/* Normal, with a mean and a standard deviation for each element; either may be a torsh_number. */
TORSH_API torsh_tensor torsh_normal(torsh_tensor mean, torsh_tensor std, torsh_generator generator);
TORSH_API torsh_tensor torsh_normal_out(torsh_tensor mean, torsh_tensor std, torsh_generator generator, torsh_tensor out);
/* Normal, of that shape. */
TORSH_API torsh_tensor torsh_normal_size(double mean, double std, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device,
                                         torsh_generator generator);
TORSH_API torsh_tensor torsh_normal_size_out(double mean, double std, const int64_t *size, size_t ndim, torsh_dtype dtype, torsh_device device,
                                             torsh_generator generator, torsh_tensor out);
/* How many of `count` trials succeed, each with the probability that prob's element is; the two broadcast. */
TORSH_API torsh_tensor torsh_binomial(torsh_tensor count, torsh_tensor prob, torsh_generator generator);
/* Samples of a Concrete distribution: the softmax of (logits + Gumbel noise) / tau; hard gives one-hot ones with the same gradient. */
TORSH_API torsh_tensor torsh_gumbel_softmax(torsh_tensor logits, double tau, bool hard, int64_t dim);
/* Indices drawn from each row of weights, (categories) or (rows, categories): i64, (num_samples) or (rows, num_samples). */
TORSH_API torsh_tensor torsh_multinomial(torsh_tensor input, int64_t num_samples, bool replacement, torsh_generator generator);
TORSH_API torsh_tensor torsh_multinomial_out(torsh_tensor input, int64_t num_samples, bool replacement, torsh_generator generator, torsh_tensor out);

/* In place: uniform in [from, to); */
TORSH_API torsh_tensor torsh_uniform_(torsh_tensor input, double from, double to, torsh_generator generator);
TORSH_API torsh_tensor torsh_normal_(torsh_tensor input, double mean, double std, torsh_generator generator);
/* 1 with probability p, else 0; */
TORSH_API torsh_tensor torsh_bernoulli_(torsh_tensor input, double p, torsh_generator generator);
/* whole numbers from 0 to the dtype's largest (2^mantissa bits for floats); in [from, to); */
TORSH_API torsh_tensor torsh_random_(torsh_tensor input, torsh_generator generator);
TORSH_API torsh_tensor torsh_random_range_(torsh_tensor input, int64_t from, int64_t to, torsh_generator generator);
/* density lambd exp(-lambd x); */
TORSH_API torsh_tensor torsh_exponential_(torsh_tensor input, double lambd, torsh_generator generator);
/* the number of trials to the first success; */
TORSH_API torsh_tensor torsh_geometric_(torsh_tensor input, double p, torsh_generator generator);
TORSH_API torsh_tensor torsh_cauchy_(torsh_tensor input, double median, double sigma, torsh_generator generator);
/* exp of a normal with that mean and standard deviation. */
TORSH_API torsh_tensor torsh_log_normal_(torsh_tensor input, double mean, double std, torsh_generator generator);

/* In training, each element is 0 with probability p, else divided by 1 - p; otherwise input itself. Has a gradient. */
TORSH_API torsh_tensor torsh_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout_(torsh_tensor input, double p, bool training);
/* Whole channels (n, c, ...) at once; dropout1d takes (c, l), too, and dropout3d (c, d, h, w). */
TORSH_API torsh_tensor torsh_feature_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_feature_dropout_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout1d(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout1d_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout2d(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout2d_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout3d(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_dropout3d_(torsh_tensor input, double p, bool training);
/* The same for networks of torsh_selu: what is dropped takes its lowest value, and mean 0 and variance 1 stay. */
TORSH_API torsh_tensor torsh_alpha_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_alpha_dropout_(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_feature_alpha_dropout(torsh_tensor input, double p, bool training);
TORSH_API torsh_tensor torsh_feature_alpha_dropout_(torsh_tensor input, double p, bool training);
/* Dropout with its mask of what was kept, bool; and what its gradient is, grad_output * mask * scale. */
TORSH_API torsh_pair torsh_native_dropout(torsh_tensor input, double p, bool train);
TORSH_API torsh_tensor torsh_native_dropout_backward(torsh_tensor grad_output, torsh_tensor mask, double scale);

/* ==== choosing elements (table/index.def, masked.def, index_list.def, arrange.def) ============================= */
/* An index is an i64 or i32 tensor. One outside its dimension is TORSH_OUT_OF_RANGE, naming index, dimension and size, before
 * anything is written. Where several indices mean one place, sums are made in the order of the index and the last write stays. */

/* out[i][j] = input[index[i][j]][j] for dim 0, and so on: the result has index's shape. */
TORSH_API torsh_tensor torsh_gather(torsh_tensor input, int64_t dim, torsh_tensor index);
TORSH_API torsh_tensor torsh_gather_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor out);
/* input with input[index[i][j]][j] = src[i][j] for dim 0, and so on; src may be a torsh_number. */
TORSH_API torsh_tensor torsh_scatter(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, torsh_tensor out);
/* The same, added. */
TORSH_API torsh_tensor torsh_scatter_add(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_add_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src);
TORSH_API torsh_tensor torsh_scatter_add_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, torsh_tensor out);
/* Slices of dim, one for each element of the 1-D index. */
TORSH_API torsh_tensor torsh_index_select(torsh_tensor input, int64_t dim, torsh_tensor index);
TORSH_API torsh_tensor torsh_index_select_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor out);
/* input with the slices of source added to / put in place of / filled with a value, those that the 1-D index names. */
TORSH_API torsh_tensor torsh_index_add(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_add_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_add_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor out);
TORSH_API torsh_tensor torsh_index_copy(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_copy_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source);
TORSH_API torsh_tensor torsh_index_copy_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor out);
TORSH_API torsh_tensor torsh_index_fill(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor value);
TORSH_API torsh_tensor torsh_index_fill_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor value);
/* Rows of weight (rows, width) for each element of input: (..., width). The row padding_idx, unless that is negative, gets no gradient. */
TORSH_API torsh_tensor torsh_embedding(torsh_tensor input, torsh_tensor weight, int64_t padding_idx);
/* Elements of the flattened input; negative indices count from the end. TORSH_NO_DIM: in
 * the flattened input, by the flattened indices. */
TORSH_API torsh_tensor torsh_take(torsh_tensor input, torsh_tensor index);
TORSH_API torsh_tensor torsh_take_out(torsh_tensor input, torsh_tensor index, torsh_tensor out);
/* torsh_gather with input and indices broadcast but for dim; negative indices count from the end. */
TORSH_API torsh_tensor torsh_take_along_dim(torsh_tensor input, torsh_tensor indices, int64_t dim);
TORSH_API torsh_tensor torsh_take_along_dim_out(torsh_tensor input, torsh_tensor indices, int64_t dim, torsh_tensor out);
/* torsh_scatter where elements that meet are reduced: reduce is "sum", "prod", "mean", "amax" or "amin"; include_self: with what was there.
 * torsh_index_reduce: the same with slices of dim, by a 1-D index; no "sum". */
TORSH_API torsh_tensor torsh_scatter_reduce(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, const char *reduce,
                                            bool include_self);
TORSH_API torsh_tensor torsh_scatter_reduce_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, const char *reduce,
                                             bool include_self);
TORSH_API torsh_tensor torsh_scatter_reduce_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor src, const char *reduce,
                                                bool include_self, torsh_tensor out);
TORSH_API torsh_tensor torsh_index_reduce(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, const char *reduce,
                                          bool include_self);
TORSH_API torsh_tensor torsh_index_reduce_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, const char *reduce,
                                           bool include_self);
TORSH_API torsh_tensor torsh_index_reduce_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, const char *reduce,
                                              bool include_self, torsh_tensor out);
/* torsh_index_add of alpha * source. */
TORSH_API torsh_tensor torsh_index_add_alpha(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_index_add_alpha_(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor alpha);
TORSH_API torsh_tensor torsh_index_add_alpha_out(torsh_tensor input, int64_t dim, torsh_tensor index, torsh_tensor source, torsh_tensor alpha,
                                                 torsh_tensor out);
/* (..., num_classes) of i64: 1 at each class, else 0. -1: as many classes as the largest needs. */
TORSH_API torsh_tensor torsh_one_hot(torsh_tensor input, int64_t num_classes);

/* input with value, a number or 0-d, where mask is true. The mask is bool and broadcasts, here and below. */
TORSH_API torsh_tensor torsh_masked_fill(torsh_tensor input, torsh_tensor mask, torsh_tensor value);
TORSH_API torsh_tensor torsh_masked_fill_(torsh_tensor input, torsh_tensor mask, torsh_tensor value);
/* input with the elements of source, in order, where mask is true. */
TORSH_API torsh_tensor torsh_masked_scatter(torsh_tensor input, torsh_tensor mask, torsh_tensor source);
TORSH_API torsh_tensor torsh_masked_scatter_(torsh_tensor input, torsh_tensor mask, torsh_tensor source);
/* The elements where mask is true, 1-D. Waits for the device, as torsh_nonzero does: the result's size depends on data. */
TORSH_API torsh_tensor torsh_masked_select(torsh_tensor input, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_select_out(torsh_tensor input, torsh_tensor mask, torsh_tensor out);
/* The coordinates of each element that isn't zero: (found, ndim) of i64. */
TORSH_API torsh_tensor torsh_nonzero(torsh_tensor input);
TORSH_API torsh_tensor torsh_nonzero_out(torsh_tensor input, torsh_tensor out);
/* The same as one tensor for each dim of input, ready to be indices. */
TORSH_API torsh_tensors torsh_nonzero_list(torsh_tensor input);

/* input[indices[0], indices[1], ...] as in Python: index tensors (negative ones count from the end), bool masks, and the null
 * handle for a full slice. Index tensors broadcast together; their dims stand where they stood if side by side, else first. */
TORSH_API torsh_tensor torsh_index(torsh_tensor input, const torsh_tensor *indices, size_t count);
/* input with values, which broadcast, at those places; accumulate adds them. */
TORSH_API torsh_tensor torsh_index_put(torsh_tensor input, const torsh_tensor *indices, size_t count, torsh_tensor values, bool accumulate);
TORSH_API torsh_tensor torsh_index_put_(torsh_tensor input, const torsh_tensor *indices, size_t count, torsh_tensor values, bool accumulate);

/* One item of Python's x[...]; made with the names below. */
typedef enum torsh_index_kind { TORSH_INDEX_INT, TORSH_INDEX_SLICE, TORSH_INDEX_NEW_AXIS, TORSH_INDEX_ELLIPSIS, TORSH_INDEX_TENSOR } torsh_index_kind;
typedef struct torsh_index_item {
    torsh_index_kind kind;
    int64_t start, end, step; /* of a slice; start alone: the place that TORSH_INT names */
    torsh_tensor tensor;      /* whole numbers, or a bool mask over as many dims as it has */
} torsh_index_item;
#ifdef __cplusplus
#define TORSH_INDEX_ITEM(...) torsh_index_item{__VA_ARGS__}
#else
#define TORSH_INDEX_ITEM(...) ((torsh_index_item){__VA_ARGS__})
#endif
#define TORSH_TO_END INT64_MAX /* the end of a slice that has none */
#define TORSH_INT(place) TORSH_INDEX_ITEM(TORSH_INDEX_INT, (place), 0, 0, TORSH_NULL(torsh_tensor))
#define TORSH_SLICE(start, end, step) TORSH_INDEX_ITEM(TORSH_INDEX_SLICE, (start), (end), (step), TORSH_NULL(torsh_tensor))
#define TORSH_WHOLE TORSH_SLICE(0, TORSH_TO_END, 1) /* Python's : */
#define TORSH_NEW_AXIS TORSH_INDEX_ITEM(TORSH_INDEX_NEW_AXIS, 0, 0, 0, TORSH_NULL(torsh_tensor))
#define TORSH_ELLIPSIS TORSH_INDEX_ITEM(TORSH_INDEX_ELLIPSIS, 0, 0, 0, TORSH_NULL(torsh_tensor))
#define TORSH_AT(index) TORSH_INDEX_ITEM(TORSH_INDEX_TENSOR, 0, 0, 0, (index))
#define TORSH_INDEX(...) TORSH_LIST(torsh_index_item, __VA_ARGS__)

/* x[1:, None, ..., idx, mask] is torsh_getitem(x, TORSH_INDEX(TORSH_SLICE(1, TORSH_TO_END, 1), TORSH_NEW_AXIS, TORSH_ELLIPSIS, TORSH_AT(idx), TORSH_AT(mask))):
 * places and ends of slices may be negative, steps are positive. A view where no item is a tensor, else new. */
TORSH_API torsh_tensor torsh_getitem(torsh_tensor input, const torsh_index_item *items, size_t count);
/* x[...] = values, which broadcast and are converted. Returns input. */
TORSH_API torsh_tensor torsh_setitem_(torsh_tensor input, const torsh_index_item *items, size_t count, torsh_tensor values);

/* The order of elements along each of dims reversed. */
TORSH_API torsh_tensor torsh_flip(torsh_tensor input, const int64_t *dims, size_t count);
/* Elements moved by shifts along dims, those that fall off the end coming in at the start; without dims, in the flattened input. */
TORSH_API torsh_tensor torsh_roll(torsh_tensor input, const int64_t *shifts, size_t shifts_count, const int64_t *dims, size_t dims_count);
/* input repeats[d] times along each dim; more repeats than dims make new first dims. torsh_tile: fewer leave the first dims alone. */
TORSH_API torsh_tensor torsh_repeat(torsh_tensor input, const int64_t *repeats, size_t count);
TORSH_API torsh_tensor torsh_tile(torsh_tensor input, const int64_t *dims, size_t count);
/* Each slice of dim `repeats` times, one after the other. */
TORSH_API torsh_tensor torsh_repeat_interleave(torsh_tensor input, int64_t repeats, int64_t dim);
/* Each slice of dim (TORSH_ALL_DIMS: of the flattened input) as often as its element of repeats says, or all as often as the only one.
 * output_size: the sum of repeats, or -1. */
TORSH_API torsh_tensor torsh_repeat_interleave_tensor(torsh_tensor input, torsh_tensor repeats, const int64_t *dim, size_t count, int64_t output_size);

/* ==== views, joins and choices in other forms (table/rearrange.def) =========================================== */

/* Copies of what the views without _copy give. */
TORSH_API torsh_tensor torsh_as_strided_copy(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                             int64_t storage_offset);
TORSH_API torsh_tensor torsh_as_strided_copy_out(torsh_tensor input, const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count,
                                                 int64_t storage_offset, torsh_tensor out);
TORSH_API torsh_tensor torsh_diagonal_copy(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2);
TORSH_API torsh_tensor torsh_diagonal_copy_out(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2, torsh_tensor out);
TORSH_API torsh_tensor torsh_expand_copy(torsh_tensor input, const int64_t *size, size_t ndim);
TORSH_API torsh_tensor torsh_expand_copy_out(torsh_tensor input, const int64_t *size, size_t ndim, torsh_tensor out);
TORSH_API torsh_tensor torsh_narrow_copy(torsh_tensor input, int64_t dim, int64_t start, int64_t length);
TORSH_API torsh_tensor torsh_narrow_copy_out(torsh_tensor input, int64_t dim, int64_t start, int64_t length, torsh_tensor out);
TORSH_API torsh_tensor torsh_permute_copy(torsh_tensor input, const int64_t *dims, size_t count);
TORSH_API torsh_tensor torsh_permute_copy_out(torsh_tensor input, const int64_t *dims, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_squeeze_copy(torsh_tensor input, const int64_t *dim, size_t count);
TORSH_API torsh_tensor torsh_squeeze_copy_out(torsh_tensor input, const int64_t *dim, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_detach_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_detach_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_t_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_t_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_transpose_copy(torsh_tensor input, int64_t dim0, int64_t dim1);
TORSH_API torsh_tensor torsh_transpose_copy_out(torsh_tensor input, int64_t dim0, int64_t dim1, torsh_tensor out);
TORSH_API torsh_tensor torsh_unsqueeze_copy(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_unsqueeze_copy_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_view_copy(torsh_tensor input, const int64_t *size, size_t ndim);
TORSH_API torsh_tensor torsh_view_copy_out(torsh_tensor input, const int64_t *size, size_t ndim, torsh_tensor out);
TORSH_API torsh_tensor torsh_select_copy(torsh_tensor input, int64_t dim, int64_t index);
TORSH_API torsh_tensor torsh_select_copy_out(torsh_tensor input, int64_t dim, int64_t index, torsh_tensor out);
TORSH_API torsh_tensor torsh_slice_copy(torsh_tensor input, int64_t dim, int64_t start, int64_t end, int64_t step);
TORSH_API torsh_tensor torsh_slice_copy_out(torsh_tensor input, int64_t dim, int64_t start, int64_t end, int64_t step, torsh_tensor out);
TORSH_API torsh_tensor torsh_view_as_real_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_view_as_real_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_view_as_complex_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_view_as_complex_copy_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_alias_copy(torsh_tensor input);
TORSH_API torsh_tensor torsh_alias_copy_out(torsh_tensor input, torsh_tensor out);
/* PyTorch's Tensor.unfold: windows of `size` elements, `step` apart, along a dim, as a new last dim; a view. And as a copy. */
TORSH_API torsh_tensor torsh_unfold_dim(torsh_tensor input, int64_t dimension, int64_t size, int64_t step);
TORSH_API torsh_tensor torsh_unfold_copy(torsh_tensor input, int64_t dimension, int64_t size, int64_t step);
TORSH_API torsh_tensor torsh_unfold_copy_out(torsh_tensor input, int64_t dimension, int64_t size, int64_t step, torsh_tensor out);
/* The conjugate transpose of the matrices in the last two dims. */
TORSH_API torsh_tensor torsh_mH(torsh_tensor input);
/* All elements in one dim: a view where possible. */
TORSH_API torsh_tensor torsh_ravel(torsh_tensor input);
/* With dims of size 1 added: a vector becomes a row for 2, (1, n, 1) for 3. */
TORSH_API torsh_tensor torsh_atleast_1d(torsh_tensor input);
TORSH_API torsh_tensor torsh_atleast_2d(torsh_tensor input);
TORSH_API torsh_tensor torsh_atleast_3d(torsh_tensor input);
/* Reversed along the second / the first dim. */
TORSH_API torsh_tensor torsh_fliplr(torsh_tensor input);
TORSH_API torsh_tensor torsh_flipud(torsh_tensor input);
/* Turned by k times 90 degrees from the first of two dims towards the second. PyTorch's defaults: 1, (0, 1). */
TORSH_API torsh_tensor torsh_rot90(torsh_tensor input, int64_t k, const int64_t *dims, size_t count);
/* The sum over what broadcasting from `size` to input's shape would stretch. */
TORSH_API torsh_tensor torsh_sum_to_size(torsh_tensor input, const int64_t *size, size_t ndim);
/* The last dim as the diagonal of new matrices in dim1 and dim2, the rest 0. PyTorch's defaults: 0, -2, -1. */
TORSH_API torsh_tensor torsh_diag_embed(torsh_tensor input, int64_t offset, int64_t dim1, int64_t dim2);
/* The matrix with all elements on that diagonal. */
TORSH_API torsh_tensor torsh_diagflat(torsh_tensor input, int64_t offset);
/* Matrices along the diagonal of one, the rest 0. */
TORSH_API torsh_tensor torsh_block_diag(const torsh_tensor *tensors, size_t count);
/* Joined as columns / along the third dim. */
TORSH_API torsh_tensor torsh_column_stack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_column_stack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
TORSH_API torsh_tensor torsh_dstack(const torsh_tensor *tensors, size_t count);
TORSH_API torsh_tensor torsh_dstack_out(const torsh_tensor *tensors, size_t count, torsh_tensor out);
/* The diagonal of a matrix, or of a tensor whose sizes are all the same, filled in place; wrap begins it again, a row below its end, in a tall
 * matrix. */
TORSH_API torsh_tensor torsh_fill_diagonal_(torsh_tensor input, double fill_value, bool wrap);
/* input with src in place of what torsh_select, torsh_slice, torsh_diagonal, torsh_as_strided of it would show. */
TORSH_API torsh_tensor torsh_select_scatter(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t index);
TORSH_API torsh_tensor torsh_slice_scatter(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t start, int64_t end, int64_t step);
TORSH_API torsh_tensor torsh_slice_scatter_out(torsh_tensor input, torsh_tensor src, int64_t dim, int64_t start, int64_t end, int64_t step,
                                               torsh_tensor out);
TORSH_API torsh_tensor torsh_diagonal_scatter(torsh_tensor input, torsh_tensor src, int64_t offset, int64_t dim1, int64_t dim2);
TORSH_API torsh_tensor torsh_as_strided_scatter(torsh_tensor input, torsh_tensor src, const int64_t *size, size_t ndim, const int64_t *stride,
                                                size_t stride_count, int64_t storage_offset);
/* input with the elements of source at places of the flattened tensor; accumulate adds them. */
TORSH_API torsh_tensor torsh_put(torsh_tensor input, torsh_tensor index, torsh_tensor source, bool accumulate);
TORSH_API torsh_tensor torsh_put_(torsh_tensor input, torsh_tensor index, torsh_tensor source, bool accumulate);
/* A copy full of a 0-d tensor's value. */
TORSH_API torsh_tensor torsh_fill(torsh_tensor input, torsh_tensor value);
/* As torsh_nonzero; and as exactly `size` rows, the missing ones fill_value (PyTorch's default: -1). */
TORSH_API torsh_tensor torsh_argwhere(torsh_tensor input);
TORSH_API torsh_tensor torsh_nonzero_static(torsh_tensor input, int64_t size, int64_t fill_value);
/* Uninitialised, with those strides; contiguous once permuted by physical_layout. */
TORSH_API torsh_tensor torsh_empty_strided(const int64_t *size, size_t ndim, const int64_t *stride, size_t stride_count, torsh_dtype dtype,
                                           torsh_device device);
TORSH_API torsh_tensor torsh_empty_permuted(const int64_t *size, size_t ndim, const int64_t *physical_layout, size_t physical_layout_count,
                                            torsh_dtype dtype, torsh_device device);
/* (2, n): rows and columns of the triangle's elements in a matrix (row, col). Default dtype i64. */
TORSH_API torsh_tensor torsh_tril_indices(int64_t row, int64_t col, int64_t offset, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_triu_indices(int64_t row, int64_t col, int64_t offset, torsh_dtype dtype, torsh_device device);
/* `pad` is (before, after) of the last dim, then of the one before it, ...; negative numbers cut off. */
TORSH_API torsh_tensor torsh_constant_pad_nd(torsh_tensor input, const int64_t *pad, size_t count, torsh_tensor value);
TORSH_API torsh_tensor torsh_constant_pad_nd_out(torsh_tensor input, const int64_t *pad, size_t count, torsh_tensor value, torsh_tensor out);

/* ==== softmax (table/softmax.def) ============================================================================== */

/* exp(input) over its sum along dim, without overflow; and its logarithm. */
TORSH_API torsh_tensor torsh_softmax(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_softmax_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_log_softmax(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_log_softmax_out(torsh_tensor input, int64_t dim, torsh_tensor out);
/* The same of input in another dtype. */
TORSH_API torsh_tensor torsh_softmax_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_softmax_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_log_softmax_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_log_softmax_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);

/* ==== normalisation (table/norm.def) =========================================================================== */
/* Floating-point dtypes. */

/* Over the last `count` dims, which are normalized_shape; weight and bias have that shape or are null. PyTorch's default eps: 1e-5. */
TORSH_API torsh_tensor torsh_layer_norm(torsh_tensor input, const int64_t *normalized_shape, size_t count, torsh_tensor weight,
                                        torsh_tensor bias, double eps);
/* input (N, C, ...), each channel by its own mean and variance; training: those of the batch, and the running ones (C), where
 * given, are updated in place by momentum; else by the running ones. PyTorch's defaults: momentum 0.1, eps 1e-5. */
TORSH_API torsh_tensor torsh_batch_norm(torsh_tensor input, torsh_tensor running_mean, torsh_tensor running_var, torsh_tensor weight,
                                        torsh_tensor bias, bool training, double momentum, double eps);

/* The same with the mean and the reciprocal deviation of the batch; without elements if not training. */
TORSH_API torsh_triple torsh_native_batch_norm(torsh_tensor input, torsh_tensor weight, torsh_tensor bias,
                                               torsh_tensor running_mean, torsh_tensor running_var, bool training,
                                               double momentum, double eps);
TORSH_API torsh_triple torsh_native_batch_norm_out(torsh_tensor input, torsh_tensor weight, torsh_tensor bias,
                                                   torsh_tensor running_mean, torsh_tensor running_var, bool training,
                                                   double momentum, double eps, torsh_triple out);
/* input (N, C, ...) by the mean and variance of each sample's groups of channels, then by weight and bias (C) or null. */
TORSH_API torsh_tensor torsh_group_norm(torsh_tensor input, int64_t num_groups, torsh_tensor weight, torsh_tensor bias,
                                        double eps);
/* The same with each channel a group; running statistics as in torsh_batch_norm, used if not use_input_stats. */
TORSH_API torsh_tensor torsh_instance_norm(torsh_tensor input, torsh_tensor running_mean, torsh_tensor running_var,
                                           torsh_tensor weight, torsh_tensor bias, bool use_input_stats, double momentum,
                                           double eps);
/* input over the root of its mean square over the last dims, which are normalized_shape; complex, too. eps NAN: the dtype's epsilon. */
TORSH_API torsh_tensor torsh_rms_norm(torsh_tensor input, const int64_t *normalized_shape, size_t normalized_shape_count,
                                      torsh_tensor weight, double eps);
/* input over (k + alpha times the mean of squares over `size` channels around)^beta. PyTorch's defaults: alpha 1e-4, beta 0.75, k 1. */
TORSH_API torsh_tensor torsh_local_response_norm(torsh_tensor input, int64_t size, double alpha, double beta, double k);
/* As PyTorch's torch.native_...: the result with the mean and the reciprocal deviation. */
TORSH_API torsh_triple torsh_native_layer_norm(torsh_tensor input, const int64_t *normalized_shape, size_t normalized_shape_count,
                                               torsh_tensor weight, torsh_tensor bias, double eps);
TORSH_API torsh_triple torsh_native_group_norm(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, int64_t N, int64_t C,
                                               int64_t HxW, int64_t group, double eps);

/* ==== embeddings, attention (table/attention.def) =============================================================== */

/* torsh_embedding after scaling down, in place, the rows of weight that input names and whose norm_type-norm is larger than max_norm (INFINITY: none).
 * scale_grad_by_freq divides each row's gradient by how often input names it. */
TORSH_API torsh_tensor torsh_embedding_max_norm(torsh_tensor input, torsh_tensor weight, int64_t padding_idx, double max_norm,
                                                double norm_type, bool scale_grad_by_freq);
/* The rows of weight that indices name, scaled down in place to a norm_type-norm of max_norm where theirs is larger. */
TORSH_API torsh_tensor torsh_embedding_renorm_(torsh_tensor weight, torsh_tensor indices, double max_norm, double norm_type);
/* The sum, mean or max (mode) of the rows in each bag: the rows of input (bags, n), or a flat input that bags begin in at `offsets`, the last one its end
 * with include_last_offset. Indices padding_idx (unless negative) are left out. per_sample_weights, for sums: of input's shape, or null. Reads offsets,
 * so it waits for the device. */
TORSH_API torsh_tensor torsh_embedding_bag(torsh_tensor input, torsh_tensor weight, torsh_tensor offsets, double max_norm,
                                           double norm_type, bool scale_grad_by_freq, const char *mode,
                                           torsh_tensor per_sample_weights, bool include_last_offset, int64_t padding_idx);
/* softmax(query key^T scale + attn_mask) value, for query (..., L, E), key (..., S, E) and value (..., S, F). A bool attn_mask says where attention
 * may go; a row without any gives 0. Others are f32 or of query's dtype. scale NAN: 1 / sqrt(E). enable_gqa repeats the heads of key and value, which are dim -3. */
TORSH_API torsh_tensor torsh_scaled_dot_product_attention(torsh_tensor query, torsh_tensor key, torsh_tensor value,
                                                          torsh_tensor attn_mask, double dropout_p, bool is_causal, double scale,
                                                          bool enable_gqa);
typedef struct torsh_multi_head_attention_forward_options {
    size_t size; /* set by torsh_multi_head_attention_forward_defaults; tensors are null for none */
    torsh_tensor in_proj_weight, in_proj_bias;  /* (3 E, E) and (3 E) */
    torsh_tensor out_proj_bias;                 /* (E) */
    torsh_tensor bias_k, bias_v;                /* (1, 1, E): one more key and value */
    torsh_tensor key_padding_mask;              /* (N, S): true, or a number to add to the scores, for keys to leave out */
    torsh_tensor attn_mask;                     /* (L, S) or (N heads, L, S), likewise */
    torsh_tensor q_proj_weight, k_proj_weight, v_proj_weight; /* in place of in_proj_weight */
    torsh_tensor static_k, static_v;            /* (N heads, S, width), in place of the projected ones */
    double dropout_p;                           /* 0 */
    bool training;                              /* true: dropout is done */
    bool need_weights, average_attn_weights;    /* true, true */
    bool add_zero_attn, use_separate_proj_weight, is_causal; /* false */
} torsh_multi_head_attention_forward_options;
TORSH_API torsh_multi_head_attention_forward_options torsh_multi_head_attention_forward_defaults(void);
/* Attention of several heads, as torch.nn.functional has it: query (L, N, E), key and value (S, N, E), or all without N; out_proj_weight (E, E);
 * the other weights are in the options. The result, and the weights of attention (N, L, S), or (N, heads, L, S) if not averaged; null if not needed. */
TORSH_API torsh_pair torsh_multi_head_attention_forward(torsh_tensor query, torsh_tensor key, torsh_tensor value, int64_t embed_dim_to_check,
                                                        int64_t num_heads, torsh_tensor out_proj_weight,
                                                        const torsh_multi_head_attention_forward_options *options);

/* ==== distances (table/distance.def) =========================================================================== */

/* input over its p-norm along dim, which is taken to be at least eps. PyTorch's defaults: p 2, dim 1, eps 1e-12. */
TORSH_API torsh_tensor torsh_normalize(torsh_tensor input, double p, int64_t dim, double eps);
TORSH_API torsh_tensor torsh_normalize_out(torsh_tensor input, double p, int64_t dim, double eps, torsh_tensor out);
/* The cosine of the angle between x1 and x2 along dim. PyTorch's defaults: dim 1, eps 1e-8. */
TORSH_API torsh_tensor torsh_cosine_similarity(torsh_tensor x1, torsh_tensor x2, int64_t dim, double eps);
/* The p-norm of x1 - x2 + eps over the last dim. PyTorch's defaults: p 2, eps 1e-6. */
TORSH_API torsh_tensor torsh_pairwise_distance(torsh_tensor x1, torsh_tensor x2, double p, double eps, bool keepdim);
/* The p-norms of the differences of all pairs of rows, (0, 1), (0, 2) ... (1, 2) ... */
TORSH_API torsh_tensor torsh_pdist(torsh_tensor input, double p);
/* input1 (..., n), input2 (..., m), weight (o, n, m), bias (o) or null: (..., o). */
TORSH_API torsh_tensor torsh_bilinear(torsh_tensor input1, torsh_tensor input2, torsh_tensor weight, torsh_tensor bias);

/* ==== largest and smallest (table/extreme.def) ================================================================= */
/* NaN counts as larger, and as smaller, than all; of equal elements the first wins. */

/* The place of the largest / smallest element along one dim; with TORSH_ALL_DIMS in the flattened tensor. i64. */
TORSH_API torsh_tensor torsh_argmax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_argmax_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
TORSH_API torsh_tensor torsh_argmin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_argmin_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The value and its place along dim: torch.max(input, dim). The gradient goes to that place alone. */
TORSH_API torsh_values torsh_max_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_max_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
TORSH_API torsh_values torsh_min_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_min_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
/* The values over any set of dims: torsh_amax, torsh_amin. */
TORSH_API torsh_tensor torsh_max(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_max_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
TORSH_API torsh_tensor torsh_min(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_min_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* Both: the smallest first. */
TORSH_API torsh_pair torsh_aminmax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_pair torsh_aminmax_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_pair out);

/* ==== variance, norms (table/statistics.def) =================================================================== */
/* Over `dim`; TORSH_ALL_DIMS: over all. */

/* The variance: squared distances from the mean over n - correction (1: unbiased, PyTorch's default; 0: of a population).
 * NaN where n is not larger than the correction and there is no distance. std is its square root. Of complex numbers both are real. */
TORSH_API torsh_tensor torsh_var(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
TORSH_API torsh_tensor torsh_var_out(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_tensor out);
TORSH_API torsh_tensor torsh_std(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
TORSH_API torsh_tensor torsh_std_out(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_tensor out);
/* With the mean as the second. */
TORSH_API torsh_pair torsh_var_mean(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
TORSH_API torsh_pair torsh_std_mean(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim);
/* The vector norm: (sum |x|^p)^(1/p); the largest |x| for p = INFINITY, the smallest for -INFINITY, the count of elements that are
 * not 0 for p = 0. */
TORSH_API torsh_tensor torsh_norm(torsh_tensor input, double p, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_norm_out(torsh_tensor input, double p, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* log(sum(exp(input))) without overflow; integers and bool as the default float dtype. */
TORSH_API torsh_tensor torsh_logsumexp(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_logsumexp_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* How many elements are not 0; i64. */
TORSH_API torsh_tensor torsh_count_nonzero(torsh_tensor input, const int64_t *dim, size_t count);
/* torsh_sum, torsh_mean, torsh_prod of input in another dtype. */
TORSH_API torsh_tensor torsh_sum_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_sum_dtype_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_mean_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_mean_dtype_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_prod_dtype(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_prod_dtype_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor out);
/* The mean of the elements that are not NaN. */
TORSH_API torsh_tensor torsh_nanmean(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim);
TORSH_API torsh_tensor torsh_nanmean_out(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_tensor out);
/* The p-norm of input - other. */
TORSH_API torsh_tensor torsh_dist(torsh_tensor input, torsh_tensor other, double p);
/* The sum of a matrix's diagonal. */
TORSH_API torsh_tensor torsh_trace(torsh_tensor input);
/* The root of the sum of squares over dim, at most two dims; empty: all. */
TORSH_API torsh_tensor torsh_frobenius_norm(torsh_tensor input, const int64_t *dim, size_t dim_count, bool keepdim);
TORSH_API torsh_tensor torsh_frobenius_norm_out(torsh_tensor input, const int64_t *dim, size_t dim_count, bool keepdim, torsh_tensor out);
/* The pow-norms over all dims but one, whose size stays; dim -1: over all. PyTorch's defaults: pow 2, dim 0. */
TORSH_API torsh_tensor torsh_norm_except_dim(torsh_tensor v, int64_t pow, int64_t dim);
/* input with each slice of dim whose p-norm is over maxnorm scaled down to that. */
TORSH_API torsh_tensor torsh_renorm(torsh_tensor input, double p, int64_t dim, double maxnorm);
TORSH_API torsh_tensor torsh_renorm_(torsh_tensor input, double p, int64_t dim, double maxnorm);
TORSH_API torsh_tensor torsh_renorm_out(torsh_tensor input, double p, int64_t dim, double maxnorm, torsh_tensor out);
/* Covariances of the rows of input, (variables, observations) or one variable, over n - correction. Optional weights of the
 * observations: how often each counts (integers), how much (floating point). corrcoef: over the deviations, in [-1, 1]. */
TORSH_API torsh_tensor torsh_cov(torsh_tensor input, int64_t correction, torsh_tensor fweights, torsh_tensor aweights);
TORSH_API torsh_tensor torsh_corrcoef(torsh_tensor input);

/* ==== order (table/sort.def) =================================================================================== */
/* Real dtypes. NaN counts as larger than all; equal elements stay in their order. */

/* All elements along dim in order, with the places they came from. stable is met either way. */
TORSH_API torsh_values torsh_sort(torsh_tensor input, int64_t dim, bool descending, bool stable);
TORSH_API torsh_values torsh_sort_out(torsh_tensor input, int64_t dim, bool descending, bool stable, torsh_values out);
TORSH_API torsh_tensor torsh_argsort(torsh_tensor input, int64_t dim, bool descending, bool stable);
/* The k largest (or smallest) along dim, in order whether `sorted` or not. */
TORSH_API torsh_values torsh_topk(torsh_tensor input, int64_t k, int64_t dim, bool largest, bool sorted);
TORSH_API torsh_values torsh_topk_out(torsh_tensor input, int64_t k, int64_t dim, bool largest, bool sorted, torsh_values out);
/* The k-th smallest along dim, from 1. */
TORSH_API torsh_values torsh_kthvalue(torsh_tensor input, int64_t k, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_kthvalue_out(torsh_tensor input, int64_t k, int64_t dim, bool keepdim, torsh_values out);
/* Sorted along the first dim. */
TORSH_API torsh_tensor torsh_msort(torsh_tensor input);
TORSH_API torsh_tensor torsh_msort_out(torsh_tensor input, torsh_tensor out);
/* The middle element, of two the smaller; NaN if there is one, or, nanmedian, without those. Of the whole tensor (the gradient is
 * shared among equals), and along dim with its place. */
TORSH_API torsh_tensor torsh_median(torsh_tensor input);
TORSH_API torsh_tensor torsh_median_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_values torsh_median_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_median_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
TORSH_API torsh_tensor torsh_nanmedian(torsh_tensor input);
TORSH_API torsh_tensor torsh_nanmedian_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_values torsh_nanmedian_dim(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_nanmedian_dim_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
/* The most frequent element along dim, of several the smallest, and one of its places. */
TORSH_API torsh_values torsh_mode(torsh_tensor input, int64_t dim, bool keepdim);
TORSH_API torsh_values torsh_mode_out(torsh_tensor input, int64_t dim, bool keepdim, torsh_values out);
/* The elements at the shares q (a number or 1-D, in [0, 1]) of the sorted way along dim; TORSH_ALL_DIMS: of all. Between two elements
 * interpolation decides: linear, lower, higher, midpoint, nearest. A 1-D q is the result's first dim. f32 and f64. Any NaN gives
 * NaN; nanquantile leaves NaNs out. */
TORSH_API torsh_tensor torsh_quantile(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation);
TORSH_API torsh_tensor torsh_quantile_out(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation, torsh_tensor out);
TORSH_API torsh_tensor torsh_nanquantile(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation);
TORSH_API torsh_tensor torsh_nanquantile_out(torsh_tensor input, torsh_tensor q, const int64_t *dim, size_t count, bool keepdim, const char *interpolation, torsh_tensor out);

/* ==== which elements there are (table/sets.def) ================================================================= */

/* For each element of input the place in sorted_sequence (along its last dim; 1-D, or with input's other dims) before which it would go:
 * before its equals, with right behind them. i64, or i32. sorter, optional, gives the sequence's order if it isn't sorted.
 * bucketize is the same by 1-D boundaries. */
TORSH_API torsh_tensor torsh_searchsorted(torsh_tensor sorted_sequence, torsh_tensor input, bool out_int32, bool right, torsh_tensor sorter);
TORSH_API torsh_tensor torsh_searchsorted_out(torsh_tensor sorted_sequence, torsh_tensor input, bool out_int32, bool right, torsh_tensor sorter, torsh_tensor out);
TORSH_API torsh_tensor torsh_bucketize(torsh_tensor input, torsh_tensor boundaries, bool out_int32, bool right);
TORSH_API torsh_tensor torsh_bucketize_out(torsh_tensor input, torsh_tensor boundaries, bool out_int32, bool right, torsh_tensor out);
/* How often each number from 0 to the largest, or to minlength, is in input (1-D, not negative); or the sums of its weights. */
TORSH_API torsh_tensor torsh_bincount(torsh_tensor input, torsh_tensor weights, int64_t minlength);
/* Counts of input's elements in bins of equal width from min to max (equal ones: those of input), in input's dtype. */
TORSH_API torsh_tensor torsh_histc(torsh_tensor input, int64_t bins, double min, double max);
TORSH_API torsh_tensor torsh_histc_out(torsh_tensor input, int64_t bins, double min, double max, torsh_tensor out);
/* The same, weighted by the optional weight, and the edges; density: over the total and the widths. torsh_histogram_bins: between given edges. */
TORSH_API torsh_pair torsh_histogram(torsh_tensor input, int64_t bins, double min, double max, torsh_tensor weight, bool density);
TORSH_API torsh_pair torsh_histogram_out(torsh_tensor input, int64_t bins, double min, double max, torsh_tensor weight, bool density, torsh_pair out);
TORSH_API torsh_pair torsh_histogram_bins(torsh_tensor input, torsh_tensor bins, torsh_tensor weight, bool density);
TORSH_API torsh_pair torsh_histogram_bins_out(torsh_tensor input, torsh_tensor bins, torsh_tensor weight, bool density, torsh_pair out);
/* Counts of the points (..., dims) of input in a grid, and then the edges along each dim. bins: how many along each; range: none (each
 * dim's smallest and largest), or two numbers for each dim. torsh_histogramdd_bins: between given edges. */
TORSH_API torsh_tensors torsh_histogramdd(torsh_tensor input, const int64_t *bins, size_t bins_count, const double *range, size_t range_count,
                                          torsh_tensor weight, bool density);
TORSH_API torsh_tensors torsh_histogramdd_bins(torsh_tensor input, const torsh_tensor *bins, size_t bins_count, torsh_tensor weight, bool density);
/* The distinct elements in order, the place among them of each of input's, and how often each is there; of slices along dim, where one
 * is given (TORSH_ALL_DIMS: of elements). unique_consecutive: of each run of equal neighbours one, in input's order. */
TORSH_API torsh_triple torsh_unique(torsh_tensor input, const int64_t *dim, size_t count);
TORSH_API torsh_triple torsh_unique_consecutive(torsh_tensor input, const int64_t *dim, size_t count);
/* The combinations of r elements of a 1-D input, one a row, in order; with_replacement: each may come again. */
TORSH_API torsh_tensor torsh_combinations(torsh_tensor input, int64_t r, bool with_replacement);
/* All rows with one element of each of the 1-D tensors. */
TORSH_API torsh_tensor torsh_cartesian_prod(const torsh_tensor *tensors, size_t count);

/* ==== masked (table/masked_reduce.def) ========================================================================= */
/* torch.masked: as the function without masked_, of the elements where mask (bool, broadcasts; null: all) is true; where there is none,
 * what the function gives for no elements. dtype: what input is converted to first, and the result, places too; TORSH_DTYPE_DEFAULT:
 * input's own, but i64 for sums and products of integers. */

/* Sum, product, largest, smallest, mean, log(sum(exp)) over dim; the place of the largest and smallest; the norm. */
TORSH_API torsh_tensor torsh_masked_sum(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_prod(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_amax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_amin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_mean(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_logsumexp(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_argmax(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_argmin(torsh_tensor input, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_norm(torsh_tensor input, double ord, const int64_t *dim, size_t count, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
/* input over its norm along dim, which counts as eps at least. */
TORSH_API torsh_tensor torsh_masked_normalize(torsh_tensor input, double ord, int64_t dim, double eps, torsh_dtype dtype, torsh_tensor mask);
/* The sum of squared distances from the mean over the number of elements less correction, and its root; NaN where all is masked. */
TORSH_API torsh_tensor torsh_masked_var(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_std(torsh_tensor input, const int64_t *dim, size_t count, double correction, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
/* The median along dim, of the middle two the smaller; NaN where all is masked, which only floats have. */
TORSH_API torsh_tensor torsh_masked_median(torsh_tensor input, int64_t dim, bool keepdim, torsh_dtype dtype, torsh_tensor mask);
/* Running sums and products, and softmaxes, along dim. */
TORSH_API torsh_tensor torsh_masked_cumsum(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_cumprod(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_softmax(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_log_softmax(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
TORSH_API torsh_tensor torsh_masked_softmin(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor mask);
/* log(exp(input) + exp(other)), each where its own mask is true. */
TORSH_API torsh_tensor torsh_masked_logaddexp(torsh_tensor input, torsh_tensor other, torsh_dtype dtype, torsh_tensor input_mask, torsh_tensor other_mask);

/* ==== running results along a dim (table/scan.def) ============================================================= */

/* Sum / product / log(sum(exp)) of the elements up to each one. Integers and bool sum and multiply as i64; f32 in f64. */
TORSH_API torsh_tensor torsh_cumsum(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumsum_(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumsum_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_cumprod(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumprod_(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_cumprod_out(torsh_tensor input, int64_t dim, torsh_tensor out);
TORSH_API torsh_tensor torsh_logcumsumexp(torsh_tensor input, int64_t dim);
TORSH_API torsh_tensor torsh_logcumsumexp_out(torsh_tensor input, int64_t dim, torsh_tensor out);
/* The largest / smallest so far and its place, the last of equals; from a NaN on, NaN. */
TORSH_API torsh_values torsh_cummax(torsh_tensor input, int64_t dim);
TORSH_API torsh_values torsh_cummax_out(torsh_tensor input, int64_t dim, torsh_values out);
TORSH_API torsh_values torsh_cummin(torsh_tensor input, int64_t dim);
TORSH_API torsh_values torsh_cummin_out(torsh_tensor input, int64_t dim, torsh_values out);
/* torsh_cumsum, torsh_cumprod of input in another dtype. */
TORSH_API torsh_tensor torsh_cumsum_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumsum_dtype_(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumsum_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);
TORSH_API torsh_tensor torsh_cumprod_dtype(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumprod_dtype_(torsh_tensor input, int64_t dim, torsh_dtype dtype);
TORSH_API torsh_tensor torsh_cumprod_dtype_out(torsh_tensor input, int64_t dim, torsh_dtype dtype, torsh_tensor out);
/* Each element less the one before it along dim, n times; prepend and append, where given, are joined to input first. bool: xor. */
TORSH_API torsh_tensor torsh_diff(torsh_tensor input, int64_t n, int64_t dim, torsh_tensor prepend, torsh_tensor append);
TORSH_API torsh_tensor torsh_diff_out(torsh_tensor input, int64_t n, int64_t dim, torsh_tensor prepend, torsh_tensor append, torsh_tensor out);
/* The integral of y along dim by trapezoids: at the points x (1-D or as y), or, x null, dx apart. torsh_trapz is another name;
 * cumulative: up to each point but the first. */
TORSH_API torsh_tensor torsh_trapezoid(torsh_tensor y, torsh_tensor x, double dx, int64_t dim);
TORSH_API torsh_tensor torsh_trapz(torsh_tensor y, torsh_tensor x, double dx, int64_t dim);
TORSH_API torsh_tensor torsh_cumulative_trapezoid(torsh_tensor y, torsh_tensor x, double dx, int64_t dim);
/* The slope of input along each of dims (none: all) by central differences, at the borders by those of edge_order 1 or 2. spacing: none
 * (1), or one for each dim: the step, or the 1-D places of the elements. */
TORSH_API torsh_tensors torsh_gradient(torsh_tensor input, const torsh_tensor *spacing, size_t spacing_count, const int64_t *dim, size_t dim_count,
                                       int64_t edge_order);

#ifdef __cplusplus
}
#endif

#endif
