/* Elementwise ops that are other ops (table/elementwise.def). Rows with a value of their own are in table/pointwise.def. */
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/sets.h>
#include <torsh/ops/sort.h>
#include <torsh/ops/special.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "pointwise_rare.def"
#include "declare_rows.h"

#define N(value) torsh_number(value)
static const double PI = 3.14159265358979323846;

static torsh_tensor like(torsh_tensor input, torsh_tensor result)
{
    return torsh__narrowed(result, torsh_dtype_of(input));
}

static bool is_integral(torsh_tensor t)
{
    return torsh__dtypes[torsh_dtype_of(t)].category < TORSH__FLOATING;
}

static bool is_complex(torsh_tensor t)
{
    return torsh_dtype_is_complex(torsh_dtype_of(t));
}

/* What a function of floats computes in: integers in the default float dtype, 16-bit floats in f32. */
static torsh_tensor floating(torsh_tensor input)
{
    return is_integral(input) ? torsh_to_dtype(input, torsh_default_dtype()) : torsh__widened(input);
}

/* Back from floating(). */
static torsh_tensor floating_like(torsh_tensor input, torsh_tensor result)
{
    return is_integral(input) ? result : like(input, result);
}

static torsh_tensor compose_positive(torsh_tensor input)
{
    if (torsh_dtype_of(input) == TORSH_BOOL) return torsh__refuse(TORSH_DTYPE_MISMATCH, "positive: not defined for dtype bool of 'input'");
    return torsh_share(input);
}

static torsh_tensor compose_deg2rad(torsh_tensor input)
{
    return torsh_mul(input, N(PI / 180));
}

static torsh_tensor compose_rad2deg(torsh_tensor input)
{
    return torsh_mul(input, N(180 / PI));
}

/* ---- sums with a factor -------------------------------------------------------------------------------------- */

/* t + sign alpha other; alpha is a number that doesn't change the kind of the sum. Integers and bool, for which a factor of -1 may be none, in two steps. */
static torsh_tensor scaled_sum(const char *op, torsh_tensor t, torsh_tensor other, torsh_tensor alpha, int sign)
{
    int factor = torsh__dtypes[torsh_dtype_of(alpha)].category, first = torsh__dtypes[torsh_dtype_of(t)].category;
    int second = torsh__dtypes[torsh_dtype_of(other)].category, sum = first > second ? first : second;
    if (torsh_numel(alpha) != 1) return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: 'alpha' must be one number", op);
    if (factor > sum || (factor == TORSH__BOOLEAN && sum > TORSH__BOOLEAN))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "%s: 'alpha' is %s, which is no factor for the sum of these dtypes", op, torsh_dtype_name(torsh_dtype_of(alpha)));
    if (sum >= TORSH__FLOATING) return torsh_addcmul(t, other, alpha, sign);
    torsh_tensor product = torsh_mul(other, alpha);
    return sign < 0 ? torsh_sub(t, product) : torsh_add(t, product);
}

static torsh_tensor compose_add_alpha(torsh_tensor input, torsh_tensor other, torsh_tensor alpha)
{
    return scaled_sum("add_alpha", input, other, alpha, 1);
}

static torsh_tensor compose_sub_alpha(torsh_tensor input, torsh_tensor other, torsh_tensor alpha)
{
    return scaled_sum("sub_alpha", input, other, alpha, -1);
}

static torsh_tensor compose_rsub(torsh_tensor input, torsh_tensor other, torsh_tensor alpha)
{
    return scaled_sum("rsub", other, input, alpha, -1);
}

/* ---- rounding ------------------------------------------------------------------------------------------------ */

static torsh_tensor compose_div_rounding_mode(torsh_tensor input, torsh_tensor other, const char *rounding_mode)
{
    if (strcmp(rounding_mode, "floor") == 0) return torsh_floor_divide(input, other);
    if (strcmp(rounding_mode, "trunc") != 0)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "div_rounding_mode: rounding_mode must be 'trunc' or 'floor'; it is '%.40s'", rounding_mode);
    if (!is_integral(input) || !is_integral(other)) return torsh_trunc(torsh_div(input, other));
    return torsh__trunc_divide(input, other);
}

static torsh_tensor compose_round_decimals(torsh_tensor input, int64_t decimals)
{
    if (is_integral(input)) return torsh_round(input);
    torsh_tensor power = N(pow(10, fabs((double)decimals)));
    if (decimals >= 0) return torsh__round_part(input, power);
    return like(input, torsh_mul(torsh_round(torsh_div(torsh__widened(input), power)), power));
}

/* ---- limits -------------------------------------------------------------------------------------------------- */

/* The larger or smaller one, but where both are equal all of the gradient goes to input. */
static torsh_status run_clamp_min(torsh__call *c)
{
    return torsh_id_status(torsh_maximum_out(torsh__tensor_share(c->input[0]), torsh__tensor_share(c->input[1]), torsh__tensor_share(c->output[0])).id);
}

static torsh_status run_clamp_max(torsh__call *c)
{
    return torsh_id_status(torsh_minimum_out(torsh__tensor_share(c->input[0]), torsh__tensor_share(c->input[1]), torsh__tensor_share(c->output[0])).id);
}

static void limit_gradient(torsh__backward *b, torsh_tensor (*inside)(torsh_tensor, torsh_tensor), torsh_tensor (*outside)(torsh_tensor, torsh_tensor))
{
    torsh_tensor x = torsh__saved_input(b, 0), limit = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh__mask_grad(b->g[0], inside(x, limit));
    if (torsh__needs(b, 1)) b->result[1] = torsh__mask_grad(b->g[0], outside(x, limit));
}

static void clamp_min_gradient(torsh__backward *b)
{
    limit_gradient(b, torsh_ge, torsh_lt);
}

static void clamp_max_gradient(torsh__backward *b)
{
    limit_gradient(b, torsh_le, torsh_gt);
}

#define LIMIT(which) static const torsh__impl impl_##which = { \
    .infer = torsh__infer_pointwise, .run = run_##which, .gradient = which##_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1), .batch = TORSH__BATCH_POINTWISE}
LIMIT(clamp_min);
LIMIT(clamp_max);

static torsh_tensor compose_clamp_tensor(torsh_tensor input, torsh_tensor min, torsh_tensor max)
{
    if (!min.id && !max.id) return torsh__refuse(TORSH_INVALID_ARGUMENT, "clamp_tensor: at least one of 'min' and 'max' must be given");
    return !min.id ? torsh_clamp_max(input, max) : !max.id ? torsh_clamp_min(input, min) : torsh__between(input, min, max);
}

static torsh_tensor compose_heaviside(torsh_tensor input, torsh_tensor values)
{
    torsh_dtype dtype = torsh_dtype_of(input);
    if (torsh_dtype_is_complex(dtype)) return torsh__refuse(TORSH_DTYPE_MISMATCH, "heaviside: not defined for dtype %s of 'input'", torsh_dtype_name(dtype));
    if (dtype != torsh_dtype_of(values)) return torsh__refuse(TORSH_DTYPE_MISMATCH, "heaviside: 'input' and 'values' must have the same dtype");
    if (dtype != TORSH_BOOL) return torsh__heaviside_number(input, values);
    torsh_tensor side = torsh_to_dtype(torsh_gt(input, torsh_integer(0)), dtype);
    return torsh_where(torsh_eq(input, torsh_integer(0)), values, side);
}

/* ---- functions of floats ------------------------------------------------------------------------------------- */

static torsh_tensor compose_ldexp(torsh_tensor input, torsh_tensor other)
{
    if (is_integral(other) && !is_integral(input)) return like(input, torsh_mul(torsh__widened(input), torsh_pow(N(2), other)));
    return torsh_mul(input, torsh_pow(N(2), other));
}

static torsh_tensor compose_float_power(torsh_tensor input, torsh_tensor exponent)
{
    torsh_dtype dtype = is_complex(input) || is_complex(exponent) ? TORSH_C128 : TORSH_F64;
    return torsh_pow(torsh_to_dtype(input, dtype), torsh_to_dtype(exponent, dtype));
}

/* In place only where the result's dtype is input's own. */
torsh_tensor torsh_float_power_(torsh_tensor input, torsh_tensor exponent)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor result = torsh_float_power(input, exponent);
    if (TORSH_FAILED(result)) return result;
    if (torsh_dtype_of(result) != torsh_dtype_of(input))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "float_power_: 'input' is %s and the result %s", torsh_dtype_name(torsh_dtype_of(input)), torsh_dtype_name(torsh_dtype_of(result)));
    return torsh_pow_(input, torsh_to_dtype(exponent, torsh_dtype_of(input)));
}

static torsh_tensor compose_sinc(torsh_tensor input)
{
    torsh_tensor x = torsh_mul(floating(input), N(PI)), safe = torsh_where(torsh_eq(x, N(0)), N(0x1p-28), x); /* whose sine is itself */
    return floating_like(input, torsh_div(torsh_sin(safe), safe));
}

static torsh_tensor compose_logit(torsh_tensor input, double eps)
{
    torsh_tensor x = floating(input);
    if (eps >= 0 && eps <= 0.5) x = torsh_clamp(x, eps, 1 - eps);
    else if (eps > 0) x = torsh_where(torsh_lt(x, N(eps)), N(eps), torsh_clamp(x, -(double)INFINITY, 1 - eps));
    return floating_like(input, torsh_log(torsh_div(x, torsh_sub(N(1), x))));
}

static torsh_tensor compose_polygamma(int64_t n, torsh_tensor input)
{
    if (n < 0) return torsh__refuse(TORSH_OUT_OF_RANGE, "polygamma: n must not be negative; it is %lld", (long long)n);
    if (n == 0) return torsh_digamma(input);
    torsh_tensor size = torsh__polygamma_size(N((double)n), input);
    return n % 2 ? size : torsh_neg(size);
}

/* p (p - 1) / 4 log(pi) + sum over k < p of lgamma(x - k / 2) */
static torsh_tensor compose_mvlgamma(torsh_tensor input, int64_t p)
{
    if (p < 1 || p > 10000) return torsh__refuse(TORSH_OUT_OF_RANGE, "mvlgamma: p must be from 1 to 10000; it is %lld", (long long)p);
    torsh_tensor x = floating(input), sum = torsh_lgamma(x);
    for (int64_t k = 1; k < p; k++) sum = torsh_add(sum, torsh_lgamma(torsh_sub(x, N((double)k / 2))));
    return floating_like(input, torsh_add(sum, N((double)(p * (p - 1)) / 4 * log(PI))));
}

/* -x log x, 0 at 0, -infinity left of it */
static torsh_tensor compose_special_entr(torsh_tensor input)
{
    torsh_tensor x = floating(input);
    return floating_like(input, torsh_where(torsh_lt(x, N(0)), N(-(double)INFINITY), torsh_neg(torsh_xlogy(x, x))));
}

static torsh_tensor compose_special_spherical_bessel_j0(torsh_tensor input)
{
    torsh_tensor x = floating(input), safe = torsh_where(torsh_eq(x, N(0)), N(0x1p-28), x);
    return floating_like(input, torsh_where(torsh_isinf(x), N(0), torsh_div(torsh_sin(safe), safe)));
}

/* 2 x - 1 */
static torsh_tensor shifted(torsh_tensor input)
{
    return torsh_sub(torsh_mul(floating(input), N(2)), N(1));
}

static torsh_tensor compose_special_shifted_chebyshev_polynomial_t(torsh_tensor input, torsh_tensor n)
{
    return torsh_special_chebyshev_polynomial_t(shifted(input), n);
}

static torsh_tensor compose_special_shifted_chebyshev_polynomial_u(torsh_tensor input, torsh_tensor n)
{
    return torsh_special_chebyshev_polynomial_u(shifted(input), n);
}

static torsh_tensor compose_special_shifted_chebyshev_polynomial_v(torsh_tensor input, torsh_tensor n)
{
    return torsh_special_chebyshev_polynomial_v(shifted(input), n);
}

static torsh_tensor compose_special_shifted_chebyshev_polynomial_w(torsh_tensor input, torsh_tensor n)
{
    return torsh_special_chebyshev_polynomial_w(shifted(input), n);
}

/* ---- questions ----------------------------------------------------------------------------------------------- */

static torsh_tensor is_end(const char *op, torsh_tensor input, double end)
{
    if (is_complex(input)) return torsh__refuse(TORSH_DTYPE_MISMATCH, "%s: not defined for dtype %s of 'input'", op, torsh_dtype_name(torsh_dtype_of(input)));
    return torsh_eq(input, N(end));
}

static torsh_tensor compose_isposinf(torsh_tensor input)
{
    return is_end("isposinf", input, (double)INFINITY);
}

static torsh_tensor compose_isneginf(torsh_tensor input)
{
    return is_end("isneginf", input, -(double)INFINITY);
}

static torsh_tensor compose_isreal(torsh_tensor input)
{
    if (is_complex(input)) return torsh_eq(torsh_imag(input), N(0));
    torsh__shape s = torsh__shape_of(input);
    return torsh_ones(s.sizes, (size_t)s.ndim, TORSH_BOOL, s.device);
}

/* equal, or finite and |input - other| <= atol + rtol |other| */
static torsh_tensor compose_isclose(torsh_tensor input, torsh_tensor other, double rtol, double atol, bool equal_nan)
{
    if (!(rtol >= 0 && atol >= 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "isclose: %s must not be negative", rtol >= 0 ? "atol" : "rtol");
    if (torsh_dtype_of(input) != torsh_dtype_of(other)) return torsh__refuse(TORSH_DTYPE_MISMATCH, "isclose: 'input' and 'other' must have the same dtype");
    torsh_tensor close = torsh_eq(input, other);
    if (equal_nan) close = torsh_logical_or(close, torsh_logical_and(torsh_isnan(input), torsh_isnan(other)));
    if (rtol == 0 && atol == 0) return close;
    torsh_tensor a = floating(input), b = floating(other), distance = torsh_abs(torsh_sub(a, b));
    torsh_tensor allowed = torsh_add(torsh_abs(torsh_mul(b, N(rtol))), N(atol));
    return torsh_logical_or(close, torsh_logical_and(torsh_isfinite(distance), torsh_le(distance, allowed)));
}

/* Integers among tests of a small range: by a table of what there is. False if the range is large. */
static bool find_in_table(torsh_tensor elements, torsh_tensor tests, torsh_tensor *found)
{
    enum { ALWAYS = 1 << 16 }; /* a range for which a table is cheap */
    torsh_dtype dtype = torsh_dtype_of(tests);
    int64_t least = 0, most = 0, work = torsh_numel(elements) + torsh_numel(tests);
    if (torsh__dtypes[dtype].category != TORSH__INTEGER || torsh_numel(elements) < ALWAYS / 64) return false;
    if (torsh_item_i64(torsh_amin(tests, TORSH_ALL_DIMS, false), &least) || torsh_item_i64(torsh_amax(tests, TORSH_ALL_DIMS, false), &most)) return false;
    uint64_t range = (uint64_t)most - (uint64_t)least;
    if (range >= (uint64_t)(work > ALWAYS ? work : ALWAYS)) return false;
    torsh_tensor none = torsh_zeros(TORSH_DIMS((int64_t)range + 1), TORSH_BOOL, torsh_device_of(tests)), low = torsh_integer(least);
    torsh_tensor table = torsh_index_fill_(none, 0, torsh_sub(torsh_to_dtype(tests, TORSH_I64), low), torsh_integer(1));
    torsh_tensor x = torsh_to_dtype(elements, TORSH_I64), inside = torsh_logical_and(torsh_ge(x, low), torsh_le(x, torsh_integer(most)));
    *found = torsh_logical_and(inside, torsh_take(table, torsh_where(inside, torsh_sub(x, low), torsh_integer(0))));
    return true;
}

/* With few tests every pair is compared. */
static torsh_tensor compose_isin(torsh_tensor elements, torsh_tensor test_elements, bool assume_unique, bool invert)
{
    enum { FEW = 8 };
    (void)assume_unique; /* a promise that nothing here needs */
    int64_t dim = -1, count = torsh_numel(test_elements);
    torsh_dtype dtype = torsh_dtype_of(elements);
    if (is_complex(elements) || is_complex(test_elements))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "isin: not defined for complex '%s'", is_complex(elements) ? "elements" : "test_elements");
    torsh_tensor tests = torsh_reshape(test_elements, &dim, 1), found;
    if (count > FEW && torsh_ndim(elements) > 0) { /* else either may be a number, which promotes otherwise */
        dtype = torsh_promote_types(dtype, torsh_dtype_of(tests));
        elements = torsh_to_dtype(elements, dtype);
        tests = torsh_to_dtype(tests, dtype);
    }
    if (count <= FEW || dtype == TORSH_BOOL || torsh_ndim(elements) == 0) {
        found = torsh_any(torsh_eq(torsh_unsqueeze(elements, -1), tests), &dim, 1, false);
    } else if (!find_in_table(elements, tests, &found)) {
        torsh_tensor sorted = torsh_sort(tests, 0, false, false).values, place = torsh_searchsorted(sorted, elements, false, false, (torsh_tensor){0});
        found = torsh_eq(torsh_take(sorted, torsh_clamp_max(place, torsh_integer(count - 1))), elements);
    }
    return invert ? torsh_logical_not(found) : found;
}

/* Into *result: are all elements of the bool tensor true? */
static torsh_status all_true(torsh_tensor t, bool *result)
{
    int64_t value = 0;
    torsh_status status = torsh_item_i64(torsh_all(t, TORSH_ALL_DIMS, false), &value);
    *result = value != 0;
    return status;
}

/* Their elements will be read. */
static torsh_status check_readable(const char *name, torsh_tensor input, torsh_tensor other)
{
    const torsh_tensor both[2] = {input, other};
    static const char *const params[2] = {"input", "other"};
    for (int i = 0; i < 2; i++) {
        torsh_status status = TORSH_OK;
        if (!torsh__tensor_pin(both[i], name, params[i], &status)) return status;
        torsh__unpin(both[i].id);
    }
    return TORSH_OK;
}

torsh_status torsh_equal(torsh_tensor input, torsh_tensor other, bool *result)
{
    if (!result) return torsh__fail(TORSH_INVALID_ARGUMENT, "equal: argument 'result' is NULL");
    *result = false;
    torsh_status status = check_readable("equal", input, other);
    if (status) return status;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor same = torsh_eq(input, other);
    if (TORSH_FAILED(same) && (torsh_id_status(same.id) != TORSH_SHAPE_MISMATCH)) return torsh_id_status(same.id);
    torsh__shape a = torsh__shape_of(input), b = torsh__shape_of(other);
    if (!torsh__same_sizes(a.ndim, a.sizes, b.ndim, b.sizes)) return TORSH_OK;
    return all_true(same, result);
}

torsh_status torsh_allclose(torsh_tensor input, torsh_tensor other, double rtol, double atol, bool equal_nan, bool *result)
{
    if (!result) return torsh__fail(TORSH_INVALID_ARGUMENT, "allclose: argument 'result' is NULL");
    *result = false;
    torsh_status status = check_readable("allclose", input, other);
    if (status) return status;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    return all_true(torsh_isclose(input, other, rtol, atol, equal_nan), result);
}

/* ---- floats as bits ------------------------------------------------------------------------------------------ */

static torsh_status infer_frexp(torsh__call *c)
{
    const torsh_operand *v = &c->input[0]->view;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)v->dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status) return status;
    c->compute = (torsh_dtype)v->dtype;
    torsh__out_spec(c, 0, c->compute, v->ndim, v->sizes);
    torsh__out_spec(c, 1, TORSH_I32, v->ndim, v->sizes);
    return TORSH_OK;
}

/* The mantissa is input * 2^-exponent, in two steps: the power alone may be out of range. */
static void frexp_gradient(torsh__backward *b)
{
    torsh_tensor exponent = torsh_neg(torsh__saved_output(b, 1)), half = torsh_floor_divide(exponent, torsh_integer(2));
    torsh_tensor two = torsh_to_dtype(N(2), torsh__input_meta(b, 0).dtype);
    b->result[0] = torsh_mul(torsh_mul(b->g[0], torsh_pow(two, half)), torsh_pow(two, torsh_sub(exponent, half)));
}
static const torsh__impl impl_frexp = {.infer = infer_frexp, .gradient = frexp_gradient, .saves = TORSH__SAVE_OUT(1), .batch = TORSH__BATCH_FIRST};

/* As PyTorch: it moves with input where the two are not equal. */
static void nextafter_gradient(torsh__backward *b)
{
    torsh_tensor equal = torsh_eq(torsh__saved_input(b, 0), torsh__saved_input(b, 1));
    if (torsh__needs(b, 0)) b->result[0] = torsh_where(equal, N(0), b->g[0]);
    if (torsh__needs(b, 1)) b->result[1] = torsh_zeros_like(b->g[0]);
}
static const torsh__impl impl_nextafter = {.infer = torsh__infer_pointwise, .gradient = nextafter_gradient, .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1), .batch = TORSH__BATCH_POINTWISE};

#include "define_rows.h"
#include "elementwise.def"
