/* Comparison; bits. */
#ifndef TORSH_COMPARISON_OPS_H
#define TORSH_COMPARISON_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif
