/* Other functions element by element: extremes, remainders, rounding, signs. */
#ifndef TORSH_POINTWISE_OPS_H
#define TORSH_POINTWISE_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- arithmetic ---- */

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

/* ---- sign, rounding ---- */

/* The complex conjugate; of a real tensor input itself, under a new handle. */
TORSH_API torsh_tensor torsh_conj(torsh_tensor input);
TORSH_API torsh_tensor torsh_conj_(torsh_tensor input);
TORSH_API torsh_tensor torsh_conj_out(torsh_tensor input, torsh_tensor out);
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

#ifdef __cplusplus
}
#endif

#endif
