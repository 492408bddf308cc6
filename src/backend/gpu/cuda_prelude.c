/* What a printed CUDA kernel starts with. T is what it computes in; R is T's real type. NVRTC knows the math functions itself. */
#include "cuda.h"

#define F1(name, value) "__device__ inline T " name "(T x) { return " value "; }\n"
#define F2(name, value) "__device__ inline T " name "(T a, T b) { return " value "; }\n"
#define P1(name, value) "__device__ inline bool " name "(T x) { return " value "; }\n"

const char torsh__cuda_common[] =
    "typedef long long i64; typedef unsigned int u32; typedef unsigned short u16;\n"
    "#define INFINITY __int_as_float(0x7f800000)\n#define NAN __int_as_float(0x7fc00000)\n"
    "struct f16 { u16 bits; }; struct bf16 { u16 bits; };\n"
    "template <class S, class V> __device__ inline V load(const S *p, i64 i, V) { return V(p[i]); }\n"
    "template <class V> __device__ inline V load(const f16 *p, i64 i, V) { float f; asm(\"cvt.f32.f16 %0, %1;\" : \"=f\"(f) : \"h\"(p[i].bits)); return V(f); }\n"
    "template <class V> __device__ inline V load(const bf16 *p, i64 i, V) { return V(__int_as_float((int)p[i].bits << 16)); }\n"
    "template <class S, class V> __device__ inline void store(S *p, i64 i, V v) { p[i] = S(v); }\n"
    "template <class V> __device__ inline void store(f16 *p, i64 i, V v) { asm(\"cvt.rn.f16.f32 %0, %1;\" : \"=h\"(p[i].bits) : \"f\"(float(v))); }\n"
    "template <class V> __device__ inline void store(bf16 *p, i64 i, V v) { u32 u = (u32)__float_as_int(float(v));\n"
    "  p[i].bits = (u & 0x7fffffffu) > 0x7f800000u ? (u16)0x7fc0 : (u16)((u + 0x7fffu + (u >> 16 & 1u)) >> 16); }\n";

const char torsh__cuda_float[] =
    "#define m_c(v) T(v)\n#define m_lowest (-T(INFINITY))\n#define m_highest T(INFINITY)\n"
    "__device__ inline T m_select(bool c, T a, T b) { return c ? a : b; }\n"
    F2("m_add", "a + b") F2("m_sub", "a - b") F2("m_mul", "a * b") F2("m_div", "a / b") F1("m_neg", "-x") F1("m_conj", "x") F1("m_square", "x * x")
    F1("m_squared", "x * x") F1("m_root", "sqrt(x)") F1("m_reciprocal", "T(1) / x")
    P1("m_isnan", "x != x") P1("m_isinf", "fabs(x) == T(INFINITY)") P1("m_isfinite", "fabs(x) < T(INFINITY)") P1("m_signbit", "signbit(x)")
    F2("m_max", "a != a ? a : a > b ? a : b") F2("m_min", "a != a ? a : a < b ? a : b") F2("m_fmax", "fmax(a, b)") F2("m_fmin", "fmin(a, b)")
    F1("m_abs", "fabs(x)") F1("m_sign", "T(x > 0) - T(x < 0)") F1("m_floor", "floor(x)") F1("m_ceil", "ceil(x)") F1("m_trunc", "trunc(x)")
    F1("m_round", "rint(x)") F1("m_frac", "x - trunc(x)") F2("m_copysign", "copysign(a, b)") F2("m_nextafter", "nextafter(a, b)") F2("m_hypot", "hypot(a, b)")
    F2("m_fmod", "fmod(a, b)") F2("m_trunc_divide", "trunc(a / b)")
    "__device__ inline T m_remainder(T a, T b) { T r = fmod(a, b); return r != 0 && (r < 0) != (b < 0) ? r + b : r; }\n"
    "__device__ inline T m_floor_divide(T a, T b) { if (b == 0) return a / b; T m = fmod(a, b), d = (a - m) / b;\n" /* c10/util/generic_math.h */
    "  if (m != 0 && (b < 0) != (m < 0)) d -= 1; if (d == 0) return copysign(T(0), a / b); T w = floor(d); return d - w > T(0.5) ? w + 1 : w; }\n"
    F2("m_pow", "pow(a, b)") F1("m_sqrt", "sqrt(x)") F1("m_rsqrt", "rsqrt(x)") F1("m_cbrt", "cbrt(x)") F1("m_exp", "exp(x)") F1("m_exp2", "exp2(x)")
    F1("m_expm1", "expm1(x)") F1("m_log", "log(x)") F1("m_log2", "log2(x)") F1("m_log10", "log10(x)") F1("m_log1p", "log1p(x)")
    "";
const char torsh__cuda_float_more[] = /* strings of more than 4095 characters are not portable */
    F1("m_sin", "sin(x)") F1("m_cos", "cos(x)") F1("m_tan", "tan(x)") F1("m_asin", "asin(x)") F1("m_acos", "acos(x)") F1("m_atan", "atan(x)")
    F2("m_atan2", "atan2(a, b)") F1("m_sinh", "sinh(x)") F1("m_cosh", "cosh(x)") F1("m_tanh", "tanh(x)") F1("m_asinh", "asinh(x)") F1("m_acosh", "acosh(x)")
    F1("m_atanh", "atanh(x)") F1("m_erf", "erf(x)") F1("m_erfc", "erfc(x)") F1("m_erfinv", "erfinv(x)") F1("m_lgamma", "lgamma(x)")
    F1("m_sinc", "x == 0 ? T(1) : sin(T(3.14159265358979323846) * x) / (T(3.14159265358979323846) * x)")
    F1("m_sigmoid", "(x < 0 ? exp(x) : T(1)) / (T(1) + exp(-fabs(x)))") F1("m_logit", "log(x / (T(1) - x))") F1("m_silu", "x / (T(1) + exp(-x))")
    F1("m_softplus", "fmax(x, T(0)) + log1p(exp(-fabs(x)))") F1("m_mish", "x * tanh(m_softplus(x))")
    F1("m_gelu", "x * T(0.5) * erfc(x * T(-0.70710678118654752440))")
    F1("m_gelu_tanh", "T(0.5) * x * (T(1) + tanh(T(0.79788456080286535588) * (x + T(0.044715) * x * x * x)))")
    F2("m_logaddexp", "a == b && fabs(a) == T(INFINITY) ? a : m_max(a, b) + log1p(exp(-fabs(a - b)))")
    F2("m_logaddexp2", "a == b && fabs(a) == T(INFINITY) ? a : m_max(a, b) + log1p(exp2(-fabs(a - b))) * T(1.44269504088896340736)")
    F2("m_xlogy", "a == 0 && b == b ? T(0) : a * log(b)");

/* Wraps: in unsigned arithmetic of 64 bits, cut to T. */
const char torsh__cuda_int[] =
    "typedef unsigned long long W;\n"
    "__device__ inline T m_c(double v) { return v <= double(LOWEST) ? LOWEST : v >= double(HIGHEST) ? HIGHEST : T(v); }\n"
    "#define m_lowest LOWEST\n#define m_highest HIGHEST\n"
    "__device__ inline T m_select(bool c, T a, T b) { return c ? a : b; }\n"
    F2("m_add", "T(W(a) + W(b))") F2("m_sub", "T(W(a) - W(b))") F2("m_mul", "T(W(a) * W(b))") F1("m_neg", "T(W(0) - W(x))") F1("m_conj", "x") F1("m_not", "T(~x)")
    F1("m_square", "T(W(x) * W(x))") F1("m_squared", "T(W(x) * W(x))") F1("m_abs", "x < T(0) ? T(W(0) - W(x)) : x") F1("m_sign", "T(int(x > T(0)) - int(x < T(0)))")
    F1("m_floor", "x") F1("m_ceil", "x") F1("m_trunc", "x") F1("m_round", "x") P1("m_isnan", "false") P1("m_isinf", "false") P1("m_isfinite", "true")
    P1("m_signbit", "x < T(0)") F2("m_max", "a > b ? a : b") F2("m_min", "a < b ? a : b") F2("m_fmax", "a > b ? a : b") F2("m_fmin", "a < b ? a : b")
    F2("m_trunc_divide", "b == T(0) ? T(0) : T(W(b) + W(1)) == T(0) && T(-1) < T(0) ? T(W(0) - W(a)) : T(a / b)")
    F2("m_fmod", "b == T(0) ? T(0) : T(W(a) - W(m_trunc_divide(a, b)) * W(b))")
    "__device__ inline T m_remainder(T a, T b) { T r = m_fmod(a, b); return r != T(0) && (r < T(0)) != (b < T(0)) ? T(r + b) : r; }\n"
    "__device__ inline T m_floor_divide(T a, T b) { T q = m_trunc_divide(a, b), r = m_fmod(a, b); return b != T(0) && r != T(0) && (r < T(0)) != (b < T(0)) ? T(q - 1) : q; }\n"
    "__device__ inline T m_pow(T a, T b) { W power = 1, square = W(a); if (b < T(0)) return a == T(1) ? T(1) : T(W(a) + W(1)) == T(0) ? (W(b) & 1 ? a : T(1)) : T(0);\n"
    "  for (W left = W(b); left; left >>= 1) { if (left & 1) power *= square; square *= square; } return T(power); }\n"
    F2("m_bitwise_shift_left", "W(b) >= 8 * sizeof(T) ? T(0) : T(W(a) << b)") F2("m_bitwise_shift_right", "T(a >> (W(b) >= 8 * sizeof(T) ? 8 * sizeof(T) - 1 : W(b)))")
    "__device__ inline T m_gcd(T a, T b) { a = m_abs(a); b = m_abs(b); while (b != T(0)) { T r = m_fmod(a, b); a = b; b = r; } return a; }\n"
    "__device__ inline T m_lcm(T a, T b) { T g = m_gcd(a, b); return g == T(0) ? T(0) : m_abs(T(a / g * b)); }\n";

const char torsh__cuda_bool[] =
    "#define m_c(v) T((v) != 0)\n#define m_lowest false\n#define m_highest true\n"
    "__device__ inline T m_select(bool c, T a, T b) { return c ? a : b; }\n"
    F2("m_add", "a | b") F2("m_mul", "a & b") F1("m_not", "!x") F1("m_conj", "x") F1("m_square", "x") F1("m_abs", "x") F1("m_sign", "x")
    F2("m_max", "a | b") F2("m_min", "a & b") F2("m_fmax", "a | b") F2("m_fmin", "a & b") F1("m_floor", "x") F1("m_ceil", "x") F1("m_trunc", "x") F1("m_round", "x")
    P1("m_isnan", "false") P1("m_isinf", "false") P1("m_isfinite", "true");

const char torsh__cuda_complex[] =
    "struct T { R x, y; __device__ T() : x(0), y(0) {} __device__ T(double re) : x(R(re)), y(0) {} __device__ T(R re, R im) : x(re), y(im) {} };\n"
    "#define m_c(v) T(v)\n"
    "__device__ inline T operator+(T a, T b) { return T(a.x + b.x, a.y + b.y); }\n__device__ inline T operator-(T a, T b) { return T(a.x - b.x, a.y - b.y); }\n"
    "__device__ inline T operator-(T a) { return T(-a.x, -a.y); }\n__device__ inline T operator*(T a, T b) { return T(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }\n"
    "__device__ inline T operator/(T a, T b) {\n" /* R. Smith, Algorithm 116 (CACM 1962): by the larger part, so that squares don't overflow */
    "  if (fabs(b.x) >= fabs(b.y)) { R q = b.y / b.x, d = b.x + b.y * q; return T((a.x + a.y * q) / d, (a.y - a.x * q) / d); }\n"
    "  R q = b.x / b.y, d = b.x * q + b.y; return T((a.x * q + a.y) / d, (a.y * q - a.x) / d); }\n"
    "__device__ inline bool operator==(T a, T b) { return a.x == b.x && a.y == b.y; }\n__device__ inline bool operator!=(T a, T b) { return !(a == b); }\n"
    "__device__ inline T m_select(bool c, T a, T b) { return c ? a : b; }\n"
    F2("m_add", "a + b") F2("m_sub", "a - b") F2("m_mul", "a * b") F2("m_div", "a / b") F1("m_neg", "-x") F1("m_conj", "T(x.x, -x.y)") F1("m_square", "x * x")
    F1("m_reciprocal", "T(1) / x") "__device__ inline R m_squared(T x) { return x.x * x.x + x.y * x.y; }\n__device__ inline R m_root(R x) { return sqrt(x); }\n"
    P1("m_isnan", "x != x") P1("m_isinf", "fabs(x.x) == R(INFINITY) || fabs(x.y) == R(INFINITY)") P1("m_isfinite", "fabs(x.x) < R(INFINITY) && fabs(x.y) < R(INFINITY)")
    F1("m_exp", "T(exp(x.x) * cos(x.y), exp(x.x) * sin(x.y))") F1("m_log", "T(log(hypot(x.x, x.y)), atan2(x.y, x.x))")
    F2("m_pow", "b == T(0) ? T(1) : a == T(0) ? T(0) : m_exp(b * m_log(a))")
    "__device__ inline T m_sqrt(T x) { R m = sqrt((hypot(x.x, x.y) + fabs(x.x)) * R(0.5)), o = m == 0 ? R(0) : x.y / (2 * m);\n"
    "  return x.x >= 0 ? T(m, o) : T(fabs(o), copysign(m, x.y)); }\n"
    F1("m_rsqrt", "T(1) / m_sqrt(x)") F1("m_sinh", "T(sinh(x.x) * cos(x.y), cosh(x.x) * sin(x.y))") F1("m_cosh", "T(cosh(x.x) * cos(x.y), sinh(x.x) * sin(x.y))")
    F1("m_tanh", "m_sinh(x) / m_cosh(x)") F1("m_sin", "T(sin(x.x) * cosh(x.y), cos(x.x) * sinh(x.y))") F1("m_cos", "T(cos(x.x) * cosh(x.y), -sin(x.x) * sinh(x.y))")
    F1("m_tan", "m_sin(x) / m_cos(x)") F1("m_sigmoid", "T(1) / (T(1) + m_exp(-x))") F1("m_silu", "x * m_sigmoid(x)");
