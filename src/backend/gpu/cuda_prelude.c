/* What a printed CUDA kernel starts with. T is what it computes in; R is T's real type. NVRTC knows the math functions itself. */
#include "cuda.h"

#define F1(name, value) "__device__ inline T " name "(T x) { return " value "; }\n"
#define F2(name, value) "__device__ inline T " name "(T a, T b) { return " value "; }\n"
#define CLAMP "__device__ inline T m_clamp(T x, T low, T high) { return m_min(m_max(x, low), high); }\n"
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
    F2("m_xlogy", "a == 0 && b == b ? T(0) : a * log(b)") F2("m_xlog1py", "a == 0 && b == b ? T(0) : a * log1p(b)")
    F1("m_angle", "x != x ? x : x < 0 ? T(3.14159265358979323846) : T(0)")
    CLAMP "__device__ inline T m_without(T x, T p, T q, T r) { return x != x ? p : fabs(x) == T(INFINITY) ? (x > 0 ? q : r) : x; }\n";

/* Functions of rare rows in double, as cpu/special.c and cpu/vmath_special.h have them. */
const char torsh__cuda_float_special[] =
    F1("m_i0", "fabs(x) == T(INFINITY) ? T(NAN) : T(cyl_bessel_i0(double(x)))") F1("m_i1", "fabs(x) == T(INFINITY) ? T(NAN) : T(cyl_bessel_i1(double(x)))")
    "__device__ inline double digamma_of(double x) { if (x == 0) return copysign(1.0 / 0.0, -x); if (x < 0 && x == floor(x)) return NAN; double y = 0;\n"
    "  if (x < 0) { y = -3.14159265358979323846 / tan(3.14159265358979323846 * (x - floor(x))); x = 1 - x; }\n"
    "  while (x < 10) { y -= 1 / x; x += 1; } double z = 1 / (x * x);\n"
    "  return y + log(x) - 0.5 / x - z * (1.0 / 12 - z * (1.0 / 120 - z * (1.0 / 252 - z * (1.0 / 240 - z / 132)))); }\n"
    F1("m_digamma", "T(digamma_of(x))")
    "__device__ inline double zeta_right(double s, double q) { const double bernoulli[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160};\n"
    "  double sum = 0; int k = 0; for (; k < 12 || q + k < 12; k++) { double t = pow(q + k, -s); sum += t; if (t < sum * 1e-18) return sum; }\n"
    "  double w = q + k, last = pow(w, -s), power = last * s / w; sum += last * w / (s - 1) + last / 2;\n"
    "  for (int j = 0; j < 5; j++) { sum += bernoulli[j] * power; power *= (s + 2 * j + 1) * (s + 2 * j + 2) / (w * w); } return sum; }\n"
    "__device__ inline double zeta_of(double s, double q) { if (s == 1) return INFINITY; if (s < 1 || q != q || s != s) return NAN; if (q > 0) return zeta_right(s, q);\n"
    "  if (q == floor(q)) return INFINITY; if (s != floor(s)) return NAN; double n = -floor(q), f = q + n, left = zeta_right(s, 1 - f), rest = zeta_right(s, n + 1 - f);\n"
    "  if (rest == rest) left -= rest; return zeta_right(s, f) + (fmod(s, 2.0) == 0 ? left : -left); }\n"
    F2("m_zeta", "T(zeta_of(a, b))")
    "__device__ inline double polygamma_of(double n, double x) { if (n == 1 && x == 1.0 / 0.0) return 0;\n"
    "  if (n == 1 && x < 0.5 && x == floor(x)) { T turn = T(3.14159265358979323846) / sin(T(3.14159265358979323846) * T(x)); return turn * turn; }\n"
    "  return tgamma(n + 1) * zeta_of(n + 1, x); }\n"
    F2("m_polygamma", "T(polygamma_of(a, b))")
    "__device__ inline double gamma_part(double a, double x, bool upper) { double none = upper ? 1 : 0;\n"
    "  if (!(a >= 0 && x >= 0)) return NAN; if (a == 0) return x > 0 ? 1 - none : NAN; if (x == 0) return none; double front = exp(a * log(x) - x - lgamma(a));\n"
    "  if (x < a + 1) { double sum = 1 / a, t = sum; for (int k = 1; k < 20000 && t > sum * 1e-17; k++) { t *= x / (a + k); sum += t; } return upper ? 1 - front * sum : front * sum; }\n"
    "  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d; for (int k = 1; k < 20000; k++) { double n = -k * (k - a); b += 2; d = 1 / (n * d + b); c = b + n / c; h *= d * c;\n"
    "    if (fabs(d * c - 1) < 1e-16) break; } return upper ? front * h : 1 - front * h; }\n"
    F2("m_igamma", "T(gamma_part(a, b, false))") F2("m_igammac", "T(gamma_part(a, b, true))");
const char torsh__cuda_float_polynomials[] =
    F1("m_i0e", "fabs(x) == T(INFINITY) ? T(NAN) : T(cyl_bessel_i0(double(x)) * exp(-fabs(double(x))))")
    F1("m_i1e", "fabs(x) == T(INFINITY) ? T(NAN) : T(cyl_bessel_i1(double(x)) * exp(-fabs(double(x))))") F1("m_erfcx", "T(erfcx(double(x)))")
    F1("m_ndtr", "T(normcdf(double(x)))") F1("m_log_ndtr", "T(x < -1 ? log(erfcx(-0.70710678118654752440 * x) / 2) - 0.5 * x * x : log1p(-erfc(0.70710678118654752440 * x) / 2))")
    F1("m_ndtri", "T(normcdfinv(double(x)))") F1("m_bessel_j0", "T(j0(double(x)))") F1("m_bessel_j1", "T(j1(double(x)))") F1("m_bessel_y0", "T(y0(double(x)))")
    F1("m_bessel_y1", "T(y1(double(x)))")
    "__device__ inline double polynomial(int kind, double x, double first, double n) { if (!(n >= 0)) return 0; if (n > 1e6) return NAN; int degree = int(n);\n"
    "  double last = 1, value = first; if (degree == 0) return 1; for (int k = 1; k < degree; k++) { double next = 2 * x * value - last;\n"
    "    if (kind == 1) next = 2 * x * value - 2 * k * last; if (kind == 2) next = x * value - k * last; if (kind == 3) next = ((2 * k + 1 - x) * value - k * last) / (k + 1);\n"
    "    if (kind == 4) next = ((2 * k + 1) * x * value - k * last) / (k + 1); last = value; value = next; } return value; }\n"
    F2("m_chebyshev_t", "T(polynomial(0, a, a, b))") F2("m_chebyshev_u", "T(polynomial(0, a, 2.0 * a, b))") F2("m_chebyshev_v", "T(polynomial(0, a, 2.0 * a - 1, b))")
    F2("m_chebyshev_w", "T(polynomial(0, a, 2.0 * a + 1, b))") F2("m_hermite_h", "T(polynomial(1, a, 2.0 * a, b))") F2("m_hermite_he", "T(polynomial(2, a, a, b))")
    F2("m_laguerre_l", "T(polynomial(3, a, 1.0 - a, b))") F2("m_legendre_p", "T(polynomial(4, a, a, b))");

/* cpu/special_k.c */
const char torsh__cuda_float_k[] =
    "__device__ inline double scaled_k(double order, double x) { double h = fmin(0.2, 0.6 / sqrt(x)), sum = 0.5;\n"
    "  for (int i = 1;; i++) { double s = sinh(i * h / 2), fall = 2 * (x * s * s); if (!(fall <= 45)) return h * sum; sum += exp(-fall) * cosh(order * i * h); } }\n"
    "__device__ inline double series_k(int order, double x) { double q = x * x / 4, term = 1, half = log(x) - 0.69314718055994530942, sum = 0,\n"
    "  harmonic = (order ? 0.5 : 0) - 0.57721566490153286061;\n"
    "  for (int k = 0; k < 12; k++) { sum += term * (order ? half - harmonic : harmonic - half); harmonic += order ? 0.5 / (k + 1) + 0.5 / (k + 2) : 1.0 / (k + 1);\n"
    "    term *= q / ((k + 1.0) * (k + 1 + order)); } return order ? 1 / x + x / 2 * sum : sum; }\n"
    "__device__ inline double modified_k(int order, double x, bool scaled) { if (!(x > 0)) return x == 0 ? INFINITY : NAN;\n"
    "  if (x < 1) return series_k(order, x) * (scaled ? exp(x) : 1); if (isinf(x)) return 0; return scaled_k(order, x) * (scaled ? 1 : exp(-x)); }\n"
    F1("m_bessel_k0", "T(modified_k(0, x, false))") F1("m_bessel_k1", "T(modified_k(1, x, false))") F1("m_bessel_k0e", "T(modified_k(0, x, true))")
    F1("m_bessel_k1e", "T(modified_k(1, x, true))")
    "__device__ inline double airy(double x) { if (x != x || isinf(x)) return NAN; const double pi = 3.14159265358979323846;\n"
    "  if (x < -10.5) { double zeta = -2 * x * sqrt(-x) / 3, even = 0, odd = 0, u = 1, phase = zeta + pi / 4;\n"
    "    for (int k = 0; k < 20; k++) { (k & 1 ? odd : even) += k & 2 ? -u : u; u *= (6 * k + 1.0) * (6 * k + 5.0) / (72.0 * (k + 1) * zeta); }\n"
    "    return (sin(phase) * even - cos(phase) * odd) / sqrt(pi * sqrt(-x)); }\n"
    "  if (x >= 1.5) { double zeta = 2 * x * sqrt(x) / 3; return zeta > 750 ? 0 : sqrt(x / 3) / pi * exp(-zeta) * scaled_k(1.0 / 3, zeta); }\n"
    "  const double known[12][2] = {{0.0402412384864431907, 0.996265044132790056}, {-0.0221337215473414037, -0.975663980926331595}, {-0.0527050503563862026, 0.935560938198306551},\n"
    "    {0.184280835250505637, -0.771008168410126548}, {-0.329145173629823105, 0.345935487281342895}, {0.35076100902411432, 0.327192818554443137},\n"
    "    {-0.0702655329492895151, -0.79062857536858138}, {-0.378814293677658074, 0.314583769216598814}, {0.227407428201685576, 0.618259020741691041},\n"
    "    {0.535560883292352119, -0.0101605671166452094}, {0.355028053887817239, -0.258819403792806798}, {0.135292416312881416, -0.159147441296793213}};\n"
    "  double at = rint(x), d = x - at, a = 0, b = known[int(at) + 10][0], c = known[int(at) + 10][1], power = d, sum = b + c * d;\n"
    "  for (int n = 0; n < 24; n++) { double next = (at * b + a) / ((n + 1.0) * (n + 2.0)); power *= d; sum += next * power; a = b; b = c; c = next; } return sum; }\n"
    F1("m_airy_ai", "T(airy(x))");

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
    CLAMP "__device__ inline T m_without(T x, T p, T q, T r) { return x; }\n"
    "__device__ inline T m_lcm(T a, T b) { T g = m_gcd(a, b); return g == T(0) ? T(0) : m_abs(T(a / g * b)); }\n";

const char torsh__cuda_bool[] =
    "#define m_c(v) T((v) != 0)\n#define m_lowest false\n#define m_highest true\n"
    "__device__ inline T m_select(bool c, T a, T b) { return c ? a : b; }\n"
    F2("m_add", "a | b") F2("m_mul", "a & b") F1("m_not", "!x") F1("m_conj", "x") F1("m_square", "x") F1("m_abs", "x") F1("m_sign", "x")
    F2("m_max", "a | b") F2("m_min", "a & b") F2("m_fmax", "a | b") F2("m_fmin", "a & b") F1("m_floor", "x") F1("m_ceil", "x") F1("m_trunc", "x") F1("m_round", "x")
    P1("m_isnan", "false") P1("m_isinf", "false") P1("m_isfinite", "true") P1("m_signbit", "false")
    "__device__ inline T m_without(T x, T p, T q, T r) { return x; }\n";

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
    F1("m_tan", "m_sin(x) / m_cos(x)") F1("m_sigmoid", "T(1) / (T(1) + m_exp(-x))") F1("m_silu", "x / (T(1) + m_exp(-x))")
    "__device__ inline T m_expm1(T x) { R h = sin(x.y / 2); return T(expm1(x.x) * cos(x.y) - 2 * h * h, exp(x.x) * sin(x.y)); }\n"
    F1("m_log1p", "T(hypot(x.x, x.y) < R(0.5) ? log1p(x.x * (2 + x.x) + x.y * x.y) / 2 : log(hypot(x.x + 1, x.y)), atan2(x.y, x.x + 1))")
    "struct size_of { R r; __device__ operator T() const { return T(r, R(0)); } };\n" /* |z|: a number that is compared, or the real part of a result */
    "__device__ inline size_of m_abs(T x) { return size_of{R(hypot(x.x, x.y))}; }\n"
    "__device__ inline R operator*(int a, size_of b) { return R(a) * b.r; }\n"
    "__device__ inline T m_sign(T x) { R r = hypot(x.x, x.y); return r == 0 ? T(0) : T(x.x / r, x.y / r); }\n"
    F1("m_angle", "T(atan2(x.y, x.x), R(0))")
    "__device__ inline R part(R x, R p, R q, R r) { return x != x ? p : fabs(x) == R(INFINITY) ? (x > 0 ? q : r) : x; }\n"
    "__device__ inline T m_without(T x, T p, T q, T r) { return T(part(x.x, p.x, q.x, r.x), part(x.y, p.x, q.x, r.x)); }\n"
    "";
const char torsh__cuda_complex_more[] = /* inverse functions: W. Kahan, Branch Cuts for Complex Elementary Functions (1987) */
    F1("m_log2", "T(log(hypot(x.x, x.y)) / R(0.693147180559945309417), atan2(x.y, x.x) / R(0.693147180559945309417))")
    F1("m_log10", "T(log(hypot(x.x, x.y)) / R(2.30258509299404568402), atan2(x.y, x.x) / R(2.30258509299404568402))")
    F1("m_exp2", "m_exp(x * T(0.693147180559945309417))")
    "__device__ inline T turned(T x) { return T(-x.y, x.x); }\n"
    "__device__ inline T m_asin(T x) { T a = m_sqrt(T(1) - x), b = m_sqrt(T(1) + x); return T(atan2(x.x, (a * b).x), asinh((T(a.x, -a.y) * b).y)); }\n"
    "__device__ inline T m_acos(T x) { T a = m_sqrt(T(1) - x), b = m_sqrt(T(1) + x); return T(2 * atan2(a.x, b.x), asinh((T(b.x, -b.y) * a).y)); }\n"
    "__device__ inline T m_acosh(T x) { T a = m_sqrt(x - T(1)), b = m_sqrt(x + T(1)); return T(asinh((T(a.x, -a.y) * b).x), 2 * atan2(a.y, b.x)); }\n"
    F1("m_asinh", "-turned(m_asin(turned(x)))")
    "__device__ inline T m_atanh(T x) { return T(log1p(4 * x.x / ((1 - x.x) * (1 - x.x) + x.y * x.y)) / 4, atan2(2 * x.y, (1 - x.x) * (1 + x.x) - x.y * x.y) / 2); }\n"
    F1("m_atan", "-turned(m_atanh(turned(x)))")
    "__device__ inline T m_logaddexp(T a, T b) { T least = a.x > b.x ? b : a, most = a.x > b.x ? a : b; return most + m_log1p(m_exp(least - most)); }\n";
