/* Arithmetic that all else is made of. */
#ifndef TORSH_ARITHMETIC_OPS_H
#define TORSH_ARITHMETIC_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

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
/* input to the power other. */
TORSH_API torsh_tensor torsh_pow(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_pow_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_pow_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* input where condition (bool) is true, else other. */
TORSH_API torsh_tensor torsh_where(torsh_tensor condition, torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_where_(torsh_tensor condition, torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_where_out(torsh_tensor condition, torsh_tensor input, torsh_tensor other, torsh_tensor out);

/* -input. */
TORSH_API torsh_tensor torsh_neg(torsh_tensor input);
TORSH_API torsh_tensor torsh_neg_(torsh_tensor input);
TORSH_API torsh_tensor torsh_neg_out(torsh_tensor input, torsh_tensor out);
/* |input|; of complex numbers the real modulus. */
TORSH_API torsh_tensor torsh_abs(torsh_tensor input);
TORSH_API torsh_tensor torsh_abs_(torsh_tensor input);
TORSH_API torsh_tensor torsh_abs_out(torsh_tensor input, torsh_tensor out);
/* input * input. */
TORSH_API torsh_tensor torsh_square(torsh_tensor input);
TORSH_API torsh_tensor torsh_square_(torsh_tensor input);
TORSH_API torsh_tensor torsh_square_out(torsh_tensor input, torsh_tensor out);
/* -1, 0 or 1. */
TORSH_API torsh_tensor torsh_sign(torsh_tensor input);
TORSH_API torsh_tensor torsh_sign_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sign_out(torsh_tensor input, torsh_tensor out);
/* 1 / input. */
TORSH_API torsh_tensor torsh_reciprocal(torsh_tensor input);
TORSH_API torsh_tensor torsh_reciprocal_(torsh_tensor input);
TORSH_API torsh_tensor torsh_reciprocal_out(torsh_tensor input, torsh_tensor out);
/* min(max(input, min), max); -INFINITY and INFINITY leave a side open. */
TORSH_API torsh_tensor torsh_clamp(torsh_tensor input, double min, double max);
TORSH_API torsh_tensor torsh_clamp_(torsh_tensor input, double min, double max);
TORSH_API torsh_tensor torsh_clamp_out(torsh_tensor input, double min, double max, torsh_tensor out);

/* Most of src/ includes this header, so it is closed: new functions are declared in pointwise.h. */

#ifdef __cplusplus
}
#endif

#endif
