/* Powers, exponentials, logarithms; trigonometric, hyperbolic. */
#ifndef TORSH_ELEMENTARY_OPS_H
#define TORSH_ELEMENTARY_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif
