/* The m_ functions of op rows as WGSL text, and what they are made of. One row a function: in f32, in i32, for bool.
 *
 * WGSL's own exp, tanh, asin and so on may be off by thousands of units in the last place and need not know NaN or infinity, so
 * the functions here are made of arithmetic, bit casts and sqrt only, by the methods of the CPU's (cpu/vmath_f32.h, which
 * says whose they are); most are within a few ULP. NaN tests are bit tests: WGSL may assume that there is no NaN. */
#include "functions.h"

#include <stddef.h>
#include <string.h>

#define F1(name) "fn " #name "(x: f32) -> f32 "
#define F2(name) "fn " #name "(a: f32, b: f32) -> f32 "
#define I1(name) "fn " #name "(x: i32) -> i32 "
#define I2(name) "fn " #name "(a: i32, b: i32) -> i32 "
#define SAME_INT(name) I1(name) "{ return x; }"
#define NEVER(name) "fn " #name "(x: i32) -> bool { return false; }"
#define ALWAYS(name) "fn " #name "(x: i32) -> bool { return true; }"
#define CHOOSE_I(name, condition) I2(name) "{ return select(b, a, " condition "); }"

#include "functions_float.inc.h"

/* {name, arguments, truth, {f32, i32, bool}} */
static const gpu_function functions[] = {
    /* -- arithmetic -- */
    {"m_add", "vv", false, {F2(m_add) "{ return a + b; }", I2(m_add) "{ return a + b; }", I2(m_add) "{ return a | b; }"}},
    {"m_sub", "vv", false, {F2(m_sub) "{ return a - b; }", I2(m_sub) "{ return a - b; }", NULL}},
    {"m_mul", "vv", false, {F2(m_mul) "{ return a * b; }", I2(m_mul) "{ return a * b; }", I2(m_mul) "{ return a & b; }"}},
    {"m_div", "vv", false, {F2(m_div) "{ return a / b; }", NULL, NULL}},
    {"m_neg", "v", false, {F1(m_neg) "{ return -x; }", I1(m_neg) "{ return -x; }", NULL}},
    {"m_conj", "v", false, {F1(m_conj) "{ return x; }", SAME_INT(m_conj), NULL}},
    {"m_not", "v", false, {NULL, I1(m_not) "{ return ~x; }", I1(m_not) "{ return 1 - x; }"}},
    {"m_square", "v", false, {F1(m_square) "{ return x * x; }", I1(m_square) "{ return x * x; }", SAME_INT(m_square)}},
    {"m_squared", "v", false, {F1(m_squared) "{ return x * x; }", I1(m_squared) "{ return x * x; }", NULL}},
    {"m_reciprocal", "v", false, {F1(m_reciprocal) "{ return 1.0 / x; }", NULL, NULL}},
    {"m_floor_divide", "vv", false, {FLOAT_floor_divide,
        I2(m_floor_divide) "{ let q = m_trunc_divide(a, b); let r = m_fmod(a, b); return select(q, q - 1, b != 0 && r != 0 && (r < 0) != (b < 0)); }", NULL}},
    {"m_trunc_divide", "vv", false, {F2(m_trunc_divide) "{ return m_trunc(a / b); }",
        I2(m_trunc_divide) "{ let d = select(b, 1, b == 0 || b == -1); let q = select(a / d, -a, b == -1); return select(q, 0, b == 0); }", NULL}},
    {"m_fmod", "vv", false, {FLOAT_fmod, I2(m_fmod) "{ let d = select(b, 1, b == 0 || b == -1); return a - a / d * d; }", NULL}},
    {"m_remainder", "vv", false, {F2(m_remainder) "{ let r = m_fmod(a, b); return select(r, r + b, r != 0.0 && (r < 0.0) != (b < 0.0)); }",
        I2(m_remainder) "{ let r = m_fmod(a, b); return select(r, r + b, r != 0 && (r < 0) != (b < 0)); }", NULL}},
    {"m_pow", "vv", false, {FLOAT_pow,
        I2(m_pow) "{ var power = 1; var square = a; var left = u32(b);\n"
        "  for (var i = 0; i < 32; i++) { power = select(power, power * square, (left & 1u) == 1u); square = square * square; left = left >> 1u; }\n"
        "  let unit = select(1, -1, (b & 1) == 1); let below = select(select(0, unit, a == -1), 1, a == 1); return select(power, below, b < 0); }", NULL}},
    {"m_without", "vvvv", false, {"fn m_without(x: f32, p: f32, q: f32, r: f32) -> f32 { return select(select(x, select(r, q, x > 0.0), m_isinf(x)), p, m_isnan(x)); }",
        "fn m_without(x: i32, p: i32, q: i32, r: i32) -> i32 { return x; }", "fn m_without(x: i32, p: i32, q: i32, r: i32) -> i32 { return x; }"}},
    {"m_select", "tvv", false, {"fn m_select(c: bool, a: f32, b: f32) -> f32 { return select(b, a, c); }",
        "fn m_select(c: bool, a: i32, b: i32) -> i32 { return select(b, a, c); }", "fn m_select(c: bool, a: i32, b: i32) -> i32 { return select(b, a, c); }"}},

    /* -- order, sign, rounding -- */
    {"m_max", "vv", false, {F2(m_max) "{ return select(select(select(b, a, a > b), b, m_isnan(b)), a, m_isnan(a)); }", CHOOSE_I(m_max, "a > b"), CHOOSE_I(m_max, "a > b")}},
    {"m_min", "vv", false, {F2(m_min) "{ return select(select(select(b, a, a < b), b, m_isnan(b)), a, m_isnan(a)); }", CHOOSE_I(m_min, "a < b"), CHOOSE_I(m_min, "a < b")}},
    {"m_clamp", "vvv", false, {"fn m_clamp(x: f32, p: f32, q: f32) -> f32 { return m_min(m_max(x, p), q); }", "fn m_clamp(x: i32, p: i32, q: i32) -> i32 { return min(max(x, p), q); }", NULL}},
    {"m_fmax", "vv", false, {F2(m_fmax) "{ return select(select(select(b, a, a > b), b, m_isnan(a)), a, m_isnan(b)); }", CHOOSE_I(m_fmax, "a > b"), CHOOSE_I(m_fmax, "a > b")}},
    {"m_fmin", "vv", false, {F2(m_fmin) "{ return select(select(select(b, a, a < b), b, m_isnan(a)), a, m_isnan(b)); }", CHOOSE_I(m_fmin, "a < b"), CHOOSE_I(m_fmin, "a < b")}},
    {"m_abs", "v", false, {F1(m_abs) "{ return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }", I1(m_abs) "{ return select(x, -x, x < 0); }", SAME_INT(m_abs)}},
    {"m_sign", "v", false, {F1(m_sign) "{ return select(0.0, 1.0, x > 0.0) - select(0.0, 1.0, x < 0.0); }",
        I1(m_sign) "{ return select(0, 1, x > 0) - select(0, 1, x < 0); }", SAME_INT(m_sign)}},
    {"m_floor", "v", false, {F1(m_floor) "{ return floor(x); }", SAME_INT(m_floor), SAME_INT(m_floor)}},
    {"m_ceil", "v", false, {F1(m_ceil) "{ return ceil(x); }", SAME_INT(m_ceil), SAME_INT(m_ceil)}},
    {"m_trunc", "v", false, {F1(m_trunc) "{ return trunc(x); }", SAME_INT(m_trunc), SAME_INT(m_trunc)}},
    {"m_round", "v", false, {F1(m_round) "{ return round(x); }", SAME_INT(m_round), SAME_INT(m_round)}},
    {"m_frac", "v", false, {F1(m_frac) "{ return x - trunc(x); }", NULL, NULL}},
    {"m_copysign", "vv", false, {F2(m_copysign) "{ return bitcast<f32>((bitcast<u32>(a) & 0x7fffffffu) | (bitcast<u32>(b) & 0x80000000u)); }", NULL, NULL}},
    {"m_nextafter", "vv", false, {FLOAT_nextafter, NULL, NULL}},
    {"m_isnan", "v", true, {"fn m_isnan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }", NEVER(m_isnan), NEVER(m_isnan)}},
    {"m_isinf", "v", true, {"fn m_isinf(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }", NEVER(m_isinf), NEVER(m_isinf)}},
    {"m_isfinite", "v", true, {"fn m_isfinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) < 0x7f800000u; }", ALWAYS(m_isfinite), ALWAYS(m_isfinite)}},
    {"m_signbit", "v", true, {"fn m_signbit(x: f32) -> bool { return (bitcast<u32>(x) >> 31u) == 1u; }", "fn m_signbit(x: i32) -> bool { return x < 0; }", NEVER(m_signbit)}},

    /* -- powers, exponentials, logarithms -- */
    {"m_sqrt", "v", false, {F1(m_sqrt) "{ return sqrt(x); }", NULL, NULL}},
    {"m_root", "v", false, {F1(m_root) "{ return sqrt(x); }", NULL, NULL}},
    {"m_rsqrt", "v", false, {F1(m_rsqrt) "{ return 1.0 / sqrt(x); }", NULL, NULL}},
    {"m_cbrt", "v", false, {F1(m_cbrt) "{ let y = m_copysign(m_exp2(m_log2(m_abs(x)) / 3.0), x); let z = y - (y * y * y - x) / (3.0 * y * y); return select(z, x, x == 0.0 || !m_isfinite(x)); }", NULL, NULL}},
    {"m_exp", "v", false, {FLOAT_exp, NULL, NULL}},
    {"m_exp2", "v", false, {FLOAT_exp2, NULL, NULL}},
    {"m_expm1", "v", false, {FLOAT_expm1, NULL, NULL}},
    {"m_log", "v", false, {FLOAT_log, NULL, NULL}},
    {"m_log2", "v", false, {F1(m_log2) "{ let f = m_log_split(x); return m_log_edge(x, fma(m_log_of(f.x, 0.0), 1.44269504, f.y)); }", NULL, NULL}},
    {"m_log10", "v", false, {F1(m_log10) "{ let f = m_log_split(x); return m_log_edge(x, fma(f.y, 0.30102999, m_log_of(f.x, 0.0) * 0.43429448)); }", NULL, NULL}},
    {"m_log1p", "v", false, {FLOAT_log1p, NULL, NULL}},
    {"m_hypot", "vv", false, {FLOAT_hypot, NULL, NULL}},
    {"m_logaddexp", "vv", false, {F2(m_logaddexp) "{ let top = m_max(a, b); return select(top + m_log1p(m_exp(-m_abs(a - b))), top, a == b && m_isinf(a)); }", NULL, NULL}},
    {"m_logaddexp2", "vv", false, {F2(m_logaddexp2) "{ let top = m_max(a, b); return select(top + m_log1p(m_exp2(-m_abs(a - b))) * 1.44269504, top, a == b && m_isinf(a)); }", NULL, NULL}},
    {"m_xlogy", "vv", false, {F2(m_xlogy) "{ return select(a * m_log(b), 0.0, a == 0.0 && !m_isnan(b)); }", NULL, NULL}},
    {"m_xlog1py", "vv", false, {F2(m_xlog1py) "{ return select(a * m_log1p(b), 0.0, a == 0.0 && !m_isnan(b)); }", NULL, NULL}},
    {"m_logit", "v", false, {F1(m_logit) "{ return m_log(x / (1.0 - x)); }", NULL, NULL}},

    /* -- trigonometric, hyperbolic -- */
    {"m_sin", "v", false, {F1(m_sin) "{ let f = m_quadrant(x); let y = m_sincos(f.x, u32(i32(f.y))); return select(y, x, x == 0.0); }", NULL, NULL}},
    {"m_cos", "v", false, {F1(m_cos) "{ let f = m_quadrant(x); return m_sincos(f.x, u32(i32(f.y)) + 1u); }", NULL, NULL}},
    {"m_tan", "v", false, {F1(m_tan) "{ let y = m_sin(x) / m_cos(x); return select(y, x, x == 0.0); }", NULL, NULL}},
    {"m_asin", "v", false, {FLOAT_asin, NULL, NULL}},
    {"m_acos", "v", false, {FLOAT_acos, NULL, NULL}},
    {"m_atan", "v", false, {FLOAT_atan, NULL, NULL}},
    {"m_atan2", "vv", false, {FLOAT_atan2, NULL, NULL}},
    {"m_sinh", "v", false, {FLOAT_sinh, NULL, NULL}},
    {"m_cosh", "v", false, {F1(m_cosh) "{ let h = m_exp(m_abs(x) - 0.69314718); return h + 0.25 / h; }", NULL, NULL}},
    {"m_tanh", "v", false, {FLOAT_tanh, NULL, NULL}},
    {"m_asinh", "v", false, {FLOAT_asinh, NULL, NULL}},
    {"m_acosh", "v", false, {FLOAT_acosh, NULL, NULL}},
    {"m_atanh", "v", false, {F1(m_atanh) "{ let a = m_abs(x); return m_copysign(0.5 * m_log1p(2.0 * a / (1.0 - a)), x); }", NULL, NULL}},
    {"m_angle", "v", false, {F1(m_angle) "{ return select(select(0.0, 3.14159265, x < 0.0), x, m_isnan(x)); }", NULL, NULL}},
    {"m_sinc", "v", false, {F1(m_sinc) "{ let y = x * 3.14159265; return select(m_sin(y) / y, 1.0, x == 0.0); }", NULL, NULL}},

    /* -- special functions, activations -- */
    {"m_erf", "v", false, {FLOAT_erf, NULL, NULL}},
    {"m_erfc", "v", false, {FLOAT_erfc, NULL, NULL}},
    {"m_ndtr", "v", false, {F1(m_ndtr) "{ return 0.5 * m_erfc(x * -0.70710678); }", NULL, NULL}},
    {"m_erfinv", "v", false, {FLOAT_erfinv, NULL, NULL}},
    {"m_sigmoid", "v", false, {F1(m_sigmoid) "{ let s = m_exp(-m_abs(x)); return select(1.0, s, x < 0.0) / (1.0 + s); }", NULL, NULL}},
    {"m_silu", "v", false, {F1(m_silu) "{ return x * m_sigmoid(x); }", NULL, NULL}},
    {"m_gelu", "v", false, {F1(m_gelu) "{ return select(x * 0.5 * (1.0 + m_erf(x * 0.70710678)), x * 0.5 * m_erfc(-x * 0.70710678), x < -1.0); }", NULL, NULL}},
    {"m_gelu_tanh", "v", false, {F1(m_gelu_tanh) "{ return x * m_sigmoid(x * fma(x * x, 0.071354816, 1.5957691)); }", NULL, NULL}},
    {"m_softplus", "v", false, {F1(m_softplus) "{ return m_max(x, 0.0) + m_log1p(m_exp(-m_abs(x))); }", NULL, NULL}},
    {"m_mish", "v", false, {F1(m_mish) "{ return x * m_tanh(m_softplus(x)); }", NULL, NULL}},

    /* -- bits, whole numbers -- */
    {"m_bitwise_shift_left", "vv", false, {NULL, I2(m_bitwise_shift_left) "{ return select(a << (u32(b) & 31u), 0, u32(b) >= 32u); }", NULL}},
    {"m_bitwise_shift_right", "vv", false, {NULL, I2(m_bitwise_shift_right) "{ return a >> min(u32(b), 31u); }", NULL}},
    {"m_gcd", "vv", false, {NULL, I2(m_gcd) "{ var x = abs(a); var y = abs(b); while (y != 0) { let r = x - x / y * y; x = y; y = r; } return x; }", NULL}},
    {"m_lcm", "vv", false, {NULL, I2(m_lcm) "{ let g = m_gcd(a, b); return select(abs(a / select(g, 1, g == 0) * b), 0, g == 0); }", NULL}},

    /* -- ends of the range, as a start for minima and maxima -- */
    {"m_lowest", "", false, {"fn m_lowest() -> f32 { return -m_inf(); }", "fn m_lowest() -> i32 { return i32(-2147483648); }", "fn m_lowest() -> i32 { return 0; }"}},
    {"m_highest", "", false, {"fn m_highest() -> f32 { return m_inf(); }", "fn m_highest() -> i32 { return 2147483647; }", "fn m_highest() -> i32 { return 1; }"}},

    /* -- what the others are made of; rows don't call these -- */
    {"m_inf", "", false, {"fn m_inf() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }", NULL, NULL}}, /* a variable: constants may not be infinite */
    {"m_nan", "", false, {"fn m_nan() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }", NULL, NULL}},
    {"m_pow2i", NULL, false, {"fn m_pow2i(n: i32) -> f32 { return bitcast<f32>(u32(n + 127) << 23u); }", NULL, NULL}},
    {"m_scale", NULL, false, {"fn m_scale(y: f32, n: i32) -> f32 { let h = n >> 1u; return y * m_pow2i(h) * m_pow2i(n - h); }", NULL, NULL}},
    {"m_exp_split", NULL, false, {FLOAT_exp_split, NULL, NULL}},
    {"m_exp_poly", NULL, false, {FLOAT_exp_poly, NULL, NULL}},
    {"m_exp2_poly", NULL, false, {FLOAT_exp2_poly, NULL, NULL}},
    {"m_exp2_near", NULL, false, {FLOAT_exp2_near, NULL, NULL}},
    {"m_log_split", NULL, false, {FLOAT_log_split, NULL, NULL}},
    {"m_log_of", NULL, false, {FLOAT_log_of, NULL, NULL}},
    {"m_log_edge", NULL, false, {FLOAT_log_edge, NULL, NULL}},
    {"m_quadrant", NULL, false, {FLOAT_quadrant, NULL, NULL}},
    {"m_quadrant_far", NULL, false, {FLOAT_quadrant_far, NULL, NULL}},
    {"m_high", NULL, false, {FLOAT_high, NULL, NULL}},
    {"m_sincos", NULL, false, {FLOAT_sincos, NULL, NULL}},
    {"m_asin_near", NULL, false, {FLOAT_asin_near, NULL, NULL}},
    {"m_erf_near", NULL, false, {FLOAT_erf_near, NULL, NULL}},
    {"m_erf_rest", NULL, false, {FLOAT_erf_rest, NULL, NULL}},
};

const gpu_function *torsh__gpu_function(const char *name)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0) return &functions[i];
    return NULL;
}
