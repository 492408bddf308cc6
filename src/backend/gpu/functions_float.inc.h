/* The longer WGSL texts of functions.c, in f32. Polynomials: those of cpu/vmath_f32.h where the method is the same. */

/* x = n ln 2 + r with |r| <= ln2 / 2: {r, n} */
#define FLOAT_exp_split                                                                                                  \
    "fn m_exp_split(x: f32) -> vec2<f32> { let n = round(x * 1.44269504);\n"                                            \
    "  return vec2<f32>(fma(n, -0x1.7f7d1cp-20f, fma(n, -0x1.62e4p-1f, x)), n); }"
#define FLOAT_exp_poly                                                                                                   \
    "fn m_exp_poly(r: f32) -> f32 { let q = fma(r, fma(r, fma(r, fma(r, 0x1.6b031ep-10f, 0x1.1244b8p-7f), 0x1.555826p-5f), 0x1.555482p-3f), 0x1.fffffcp-2f);\n" \
    "  return 1.0 + fma(r * r, q, r); }"
#define FLOAT_exp                                                                                                        \
    "fn m_exp(x: f32) -> f32 { let f = m_exp_split(clamp(x, -104.0, 89.0));\n"                                          \
    "  let y = m_scale(m_exp_poly(f.x), i32(f.y));\n"                                                                   \
    "  return select(select(y, m_inf(), x > 88.8), x, m_isnan(x)); }"

/* 2^f for |f| <= 1/2; 2^p for p in [-126, 127] */
#define FLOAT_exp2_poly                                                                                                  \
    "fn m_exp2_poly(f: f32) -> f32 { let t = fma(f, 0x1.184038p-13f, 0x1.5ef9c4p-10f);\n"                               \
    "  let q = fma(f, fma(f, fma(f, t, 0x1.3b6870p-7f), 0x1.c6af98p-5f), 0x1.ebfb92p-3f);\n"                            \
    "  return 1.0 + fma(f * f, q, f * 0x1.62e430p-1f); }"
#define FLOAT_exp2_near "fn m_exp2_near(p: f32) -> f32 { let n = round(p); return m_exp2_poly(p - n) * m_pow2i(i32(n)); }"
#define FLOAT_exp2                                                                                                       \
    "fn m_exp2(x: f32) -> f32 { let c = clamp(x, -151.0, 129.0); let n = round(c);\n"                                   \
    "  let y = m_scale(m_exp2_poly(c - n), i32(n));\n"                                                                  \
    "  return select(select(y, m_inf(), x >= 128.0), x, m_isnan(x)); }"

/* 2^n (1 + p) - 1 with p = e^r - 1 */
#define FLOAT_expm1                                                                                                      \
    "fn m_expm1(x: f32) -> f32 { let f = m_exp_split(clamp(x, -104.0, 89.0)); let r = f.x;\n"                           \
    "  let q = fma(r, fma(r, fma(r, fma(r, 0x1.6ada40p-10f, 0x1.123174p-7f), 0x1.555788p-5f), 0x1.5554a4p-3f), 0x1.fffffep-2f);\n" \
    "  let p = fma(r * r, q, r); let n = max(i32(f.y), -26); let s = m_pow2i(n - 1);\n"                                 \
    "  let y = select(2.0 * fma(s, p, s - 0.5), p, n == 0);\n"                                                          \
    "  return select(select(select(y, m_inf(), x > 88.8), x, x == 0.0), x, m_isnan(x)); }"

/* x = 2^e (1 + r) with 1 + r in [1/sqrt 2, sqrt 2]: {r, e} */
#define FLOAT_log_split                                                                                                  \
    "fn m_log_split(x: f32) -> vec2<f32> { let tiny = x < 0x1p-126f; let up = select(x, x * 0x1p23f, tiny);\n"          \
    "  let u = bitcast<u32>(up) - 0x3f3504f3u; let n = bitcast<i32>(u) >> 23u;\n"                                       \
    "  return vec2<f32>(bitcast<f32>((u & 0x7fffffu) + 0x3f3504f3u) - 1.0, f32(n) - select(0.0, 23.0, tiny)); }"
/* log(1 + r) + e ln 2 */
#define FLOAT_log_of                                                                                                     \
    "fn m_log_of(r: f32, e: f32) -> f32 {\n"                                                                            \
    "  let t = fma(r, fma(r, fma(r, -0x1.38d68ap-4f, 0x1.0572c0p-3f), -0x1.0d89d0p-3f), 0x1.22d708p-3f);\n"             \
    "  let q = fma(r, fma(r, fma(r, fma(r, t, -0x1.547184p-3f), 0x1.99a02ap-3f), -0x1.00022ap-2f), 0x1.555554p-2f);\n"  \
    "  let z = r * r; let tail = fma(z, fma(r, q, -0.5), e * 0x1.7f7d1cp-20f);\n"                                       \
    "  return fma(e, 0x1.62e4p-1f, r + tail); }"
#define FLOAT_log_edge                                                                                                   \
    "fn m_log_edge(x: f32, y: f32) -> f32 { let v = select(select(m_nan(), y, x > 0.0), -m_inf(), x == 0.0);\n"         \
    "  return select(v, x, m_isnan(x) || (m_isinf(x) && x > 0.0)); }"
#define FLOAT_log "fn m_log(x: f32) -> f32 { let f = m_log_split(x); return m_log_edge(x, m_log_of(f.x, f.y)); }"
#define FLOAT_log1p                                                                                                      \
    "fn m_log1p(x: f32) -> f32 { let huge = x >= 0x1p64f; let v = select(x, x * 0x1p-64f, huge); let one = select(1.0, 0.0, huge);\n" \
    "  let n = bitcast<i32>(bitcast<u32>(one + v) - 0x3f3504f3u) >> 23u; let s = m_pow2i(-n);\n"                        \
    "  let y = m_log_of(fma(v, s, one * s - 1.0), f32(n) + select(0.0, 64.0, huge));\n"                                 \
    "  let w = select(select(m_nan(), y, x > -1.0), -m_inf(), x == -1.0);\n"                                            \
    "  return select(w, x, x == 0.0 || m_isnan(x) || (m_isinf(x) && x > 0.0)); }"

/* x^y = 2^(y log2 |x|), with log2 as a sum of two so that a large y doesn't blow up its rounding; signs as in C */
#define FLOAT_pow                                                                                                        \
    "fn m_pow(x: f32, y: f32) -> f32 { let a = m_abs(x); let f = m_log_split(a);\n"                                     \
    "  let l = m_log_of(f.x, 0.0); let high = l * 1.44269502; let low = fma(l, 1.44269502, -high) + l * 1.925963e-8;\n" \
    "  let yc = clamp(y, -0x1p30f, 0x1p30f);\n"                                                                         \
    "  let e = f.y * yc; let p = high * yc; let whole = round(clamp(e + p, -300.0, 300.0));\n"                          \
    "  let part = clamp((e - whole) + p + (low * yc + fma(high, yc, -p)), -1.0, 1.0);\n"                                \
    "  var v = m_scale(m_exp2_poly(part), i32(clamp(whole, -200.0, 200.0)));\n"                                         \
    "  v = select(v, m_inf(), whole > 128.0); v = select(v, 0.0, whole < -151.0);\n"                                    \
    "  v = select(v, select(m_inf(), 0.0, y > 0.0), a == 0.0); v = select(v, select(0.0, m_inf(), y > 0.0), m_isinf(a));\n" \
    "  v = select(v, select(0.0, m_inf(), (a > 1.0) == (y > 0.0)), m_isinf(y)); v = select(v, 1.0, m_isinf(y) && a == 1.0);\n" \
    "  let integral = floor(y) == y; let odd = integral && floor(y * 0.5) != y * 0.5;\n"                                \
    "  v = select(v, m_copysign(v, x), odd && m_abs(y) < 0x1p24f); v = select(v, m_nan(), x < 0.0 && !m_isinf(x) && !integral);\n" \
    "  v = select(v, m_nan(), m_isnan(x) || m_isnan(y)); return select(v, 1.0, y == 0.0 || x == 1.0); }"

#define FLOAT_hypot                                                                                                      \
    "fn m_hypot(a: f32, b: f32) -> f32 { let x = m_abs(a); let y = m_abs(b); let top = max(x, y); let low = min(x, y);\n" \
    "  let q = low / top; let v = select(top * sqrt(fma(q, q, 1.0)), 0.0, top == 0.0);\n"                               \
    "  return select(select(v, m_nan(), m_isnan(a) || m_isnan(b)), m_inf(), m_isinf(a) || m_isinf(b)); }"

/* -- trigonometry: x = quadrant pi/2 + r: {r, quadrant}. Near: pi/2 in three parts of which the first two times a quadrant are exact */
#define FLOAT_quadrant                                                                                                   \
    "fn m_quadrant(x: f32) -> vec2<f32> { if (!m_isfinite(x)) { return vec2<f32>(m_nan(), 0.0); }\n"                    \
    "  if (m_abs(x) > 4000.0) { return m_quadrant_far(x); }\n"                                                          \
    "  let k = round(x * 0.636619772); let r = ((x - k * 1.5703125) - k * 0.0004837512969970703) - k * 7.549789948768648e-8;\n" \
    "  return vec2<f32>(r, k - 4.0 * floor(k * 0.25)); }"
/* Far, after M. Payne and R. Hanek (SIGNUM 1983): the 24 bits of x times those 96 bits of 2/pi that reach the quadrant and below */
#define FLOAT_quadrant_far                                                                                               \
    "fn m_quadrant_far(x: f32) -> vec2<f32> { let u = bitcast<u32>(x); let m = (u & 0x7fffffu) | 0x800000u; let e = (u >> 23u) & 255u;\n" \
    "  var bits = array<u32, 8>(0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);\n" \
    "  let skip = e - 120u; let w = skip >> 5u; let s = skip & 31u;\n" /* m 2^(e-150) 2/pi: the first bit that counts has weight 2^(-30 - skip) */ \
    "  var a = array<u32, 3>();\n"                                                                                      \
    "  for (var i = 0u; i < 3u; i++) { let hi = bits[w + i]; let lo = bits[min(w + i + 1u, 7u)]; a[i] = select((hi << s) | (lo >> (31u - s) >> 1u), hi, s == 0u); }\n" \
    "  let p2 = m_high(a[2], m); let p1 = a[1] * m; let h1 = m_high(a[1], m); let p0 = a[0] * m;\n"                     \
    "  let lo = p1 + p2; let hi = p0 + h1 + select(0u, 1u, lo < p1);\n" /* 64 bits below 2^2 quadrants: hi holds 2 bits of quadrant, then the fraction */ \
    "  var q = hi >> 30u; let f = (hi << 2u) | (lo >> 30u); let g = lo << 2u; var r = 0.0;\n"                           \
    "  if (f >= 0x80000000u) { q += 1u; let nf = ~f; let ng = ~g; r = -(f32(nf) * 0x1p-32f + f32(ng) * 0x1p-64f); }\n"   \
    "  else { r = f32(f) * 0x1p-32f + f32(g) * 0x1p-64f; }\n"                                                           \
    "  r = r * 1.57079633; if (x < 0.0) { return vec2<f32>(-r, f32((4u - (q & 3u)) & 3u)); } return vec2<f32>(r, f32(q & 3u)); }"
/* The upper word of a product */
#define FLOAT_high                                                                                                       \
    "fn m_high(a: u32, b: u32) -> u32 { let al = a & 65535u; let ah = a >> 16u; let bl = b & 65535u; let bh = b >> 16u;\n" \
    "  let m = ah * bl + ((al * bl) >> 16u); let k = al * bh + (m & 65535u); return ah * bh + (m >> 16u) + (k >> 16u); }"
#define FLOAT_sincos                                                                                                     \
    "fn m_sincos(r: f32, quadrant: u32) -> f32 { let z = r * r;\n"                                                      \
    "  let s = fma(r * z, fma(z, fma(z, -0x1.991c26p-13f, 0x1.1106c6p-7f), -0x1.555544p-3f), r);\n"                     \
    "  let c = fma(z, fma(z, fma(z, fma(z, 0x1.99e42cp-16f, -0x1.6c0c20p-10f), 0x1.55554ap-5f), -0.5), 1.0);\n"         \
    "  let v = select(s, c, (quadrant & 1u) == 1u); return bitcast<f32>(bitcast<u32>(v) ^ ((quadrant & 2u) << 30u)); }"

/* asin(a) for a <= 1/2: an odd polynomial, fitted over z = a^2 in [0, 1/4] */
#define FLOAT_asin_near                                                                                                  \
    "fn m_asin_near(a: f32) -> f32 { let z = a * a;\n"                                                                  \
    "  let p = fma(z, fma(z, fma(z, fma(z, fma(z, 0.03756521, 0.0144026), 0.03181761), 0.04451572), 0.07500511), 0.1666666);\n" \
    "  return fma(a * z, p, a); }"
#define FLOAT_asin                                                                                                       \
    "fn m_asin(x: f32) -> f32 { let a = m_abs(x); let far = 1.57079633 - 2.0 * m_asin_near(sqrt(0.5 * (1.0 - min(a, 1.0))));\n" \
    "  return select(m_copysign(select(far, m_asin_near(min(a, 0.5)), a <= 0.5), x), m_nan(), !(a <= 1.0)); }"
#define FLOAT_acos                                                                                                       \
    "fn m_acos(x: f32) -> f32 { let a = m_abs(x); let s = 2.0 * m_asin_near(sqrt(0.5 * (1.0 - min(a, 1.0))));\n"        \
    "  let far = select(s, 3.14159265 - s, x < 0.0); let near = 1.57079633 - m_copysign(m_asin_near(min(a, 0.5)), x);\n" \
    "  return select(select(far, near, a <= 0.5), m_nan(), !(a <= 1.0)); }"

/* folded to a <= tan(pi/8), then an odd polynomial fitted over z = a^2 */
#define FLOAT_atan                                                                                                       \
    "fn m_atan(x: f32) -> f32 { let a = m_abs(x); let big = a > 2.41421356; let mid = a > 0.414213562 && !big;\n"       \
    "  let t = select(select(a, (a - 1.0) / (a + 1.0), mid), -1.0 / a, big); let base = select(select(0.0, 0.785398163, mid), 1.57079633, big);\n" \
    "  let z = t * t; let p = fma(z, fma(z, fma(z, fma(z, -0.06083453, 0.10596002), -0.14243849), 0.19998489), -0.33333316);\n" \
    "  return select(m_copysign(base + fma(t * z, p, t), x), x, m_isnan(x) || x == 0.0); }"
#define FLOAT_atan2                                                                                                      \
    "fn m_atan2(y: f32, x: f32) -> f32 { let a = m_abs(x); let b = m_abs(y); let swap = b > a; let q = min(a, b) / max(a, b);\n" \
    "  let flat = select(select(m_atan(q), 0.785398163, m_isinf(a) && m_isinf(b)), 0.0, a == 0.0 && b == 0.0);\n"       \
    "  let t = select(flat, 1.57079633 - flat, swap); let v = select(t, 3.14159265 - t, m_signbit(x));\n"               \
    "  return select(m_copysign(v, y), m_nan(), m_isnan(x) || m_isnan(y)); }"

/* -- hyperbolic -- */
#define FLOAT_sinh                                                                                                       \
    "fn m_sinh(x: f32) -> f32 { let a = m_abs(x); let t = m_expm1(min(a, 80.0));\n"                                     \
    "  let v = select(0.5 * (t + t / (t + 1.0)), m_exp(a - 0.69314718), a > 20.0); return select(m_copysign(v, x), x, m_isnan(x)); }"
/* near 0 an odd polynomial, further out 1 - 2 / (e^2|x| + 1) */
#define FLOAT_tanh                                                                                                       \
    "fn m_tanh(x: f32) -> f32 { let a = m_abs(x); let z = x * x;\n"                                                     \
    "  let t = fma(z, 0x1.078c0cp-9f, -0x1.071368p-7f);\n"                                                              \
    "  let p = fma(z, fma(z, fma(z, fma(z, t, 0x1.62874cp-6f), -0x1.b9d632p-5f), 0x1.110fe8p-3f), -0x1.555552p-2f);\n"  \
    "  let far = 1.0 - 2.0 / (m_exp(2.0 * min(a, 10.0)) + 1.0);\n"                                                      \
    "  return select(m_copysign(select(far, fma(a * z, p, a), a < 0.65), x), x, m_isnan(x)); }"
#define FLOAT_asinh                                                                                                      \
    "fn m_asinh(x: f32) -> f32 { let a = m_abs(x); let s = a * a;\n"                                                    \
    "  let v = select(m_log1p(a + s / (1.0 + sqrt(s + 1.0))), m_log(a) + 0.69314718, a > 1e9); return m_copysign(v, x); }"
#define FLOAT_acosh                                                                                                      \
    "fn m_acosh(x: f32) -> f32 { let t = x - 1.0;\n"                                                                    \
    "  let v = select(m_log1p(t + sqrt(t * (t + 2.0))), m_log(x) + 0.69314718, x > 1e9); return select(v, m_nan(), x < 1.0); }"

/* -- error function -- */
#define FLOAT_erf_near                                                                                                   \
    "fn m_erf_near(x: f32) -> f32 { let z = x * x; let t = fma(z, fma(z, 0x1.4777aap-14f, -0x1.a35320p-11f), 0x1.53f254p-8f);\n" \
    "  return fma(x, fma(z, fma(z, fma(z, fma(z, t, -0x1.b7f71ep-6f), 0x1.ce2ce6p-4f), -0x1.81273ep-2f), 0x1.06eba8p-3f), x); }"
/* 1 - erf(a) for a in [1, 6] */
#define FLOAT_erf_rest                                                                                                   \
    "fn m_erf_rest(a: f32) -> f32 { let c = min(a, 6.0);\n"                                                             \
    "  let t = fma(c, fma(c, fma(c, -0x1.44bc7ep-16f, 0x1.f40526p-12f), -0x1.541bb4p-8f), 0x1.14eb5ap-5f);\n"           \
    "  let p = fma(c, fma(c, fma(c, fma(c, t, -0x1.376f92p-3f), -0x1.d5ed6ep-1f), -0x1.a09a82p+0f), -0x1.ed5e44p-13f);\n" \
    "  return select(m_exp2_near(p), 0.0, a > 6.0); }"
#define FLOAT_erf                                                                                                        \
    "fn m_erf(x: f32) -> f32 { let a = m_abs(x); let y = select(m_copysign(1.0 - m_erf_rest(a), x), m_erf_near(x), a < 1.0);\n" \
    "  return select(y, x, x == 0.0 || m_isnan(x)); }"
/* far out a continued fraction (Abramowitz and Stegun 7.1.14), 16 levels from a = 2 on */
#define FLOAT_erfc                                                                                                       \
    "fn m_erfc(x: f32) -> f32 { let a = m_abs(x); var d = a; for (var k = 16; k > 0; k--) { d = a + f32(k) * 0.5 / d; }\n" \
    "  let h = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u); let low = (h - a) * (h + a);\n"                             \
    "  let out = select(0.0, m_exp(-h * h) * m_exp(low) * 0.564189584 / d, a < 10.5);\n"                                \
    "  let far = select(m_erf_rest(a), out, a >= 2.0); let y = select(far, 2.0 - far, x < 0.0);\n"                      \
    "  return select(select(y, 1.0 - m_erf_near(x), a < 1.0), x, m_isnan(x)); }"
/* M. Giles, Approximating the erfinv function (GPU Computing Gems, 2011), single precision */
#define FLOAT_erfinv                                                                                                     \
    "fn m_erfinv(x: f32) -> f32 { let w = -m_log((1.0 - x) * (1.0 + x)); let n = w - 2.5; let f = sqrt(w) - 3.0;\n"     \
    "  let near = fma(n, fma(n, fma(n, fma(n, fma(n, fma(n, fma(n, fma(n, 2.81022636e-08, 3.43273939e-07), -3.5233877e-06), -4.39150654e-06),\n" \
    "    0.00021858087), -0.00125372503), -0.00417768164), 0.246640727), 1.50140941);\n"                                \
    "  let far = fma(f, fma(f, fma(f, fma(f, fma(f, fma(f, fma(f, fma(f, -0.000200214257, 0.000100950558), 0.00134934322), -0.00367342844),\n" \
    "    0.00573950773), -0.0076224613), 0.00943887047), 1.00167406), 2.83297682);\n"                                   \
    "  let y = x * select(far, near, w < 5.0); let a = m_abs(x);\n"                                                     \
    "  return select(select(y, m_copysign(m_inf(), x), a == 1.0), m_nan(), !(a <= 1.0)); }"

/* -- division with a rest -- exact: each step takes 2^k b off, which is at most the rest and more than half of it */
#define FLOAT_fmod                                                                                                       \
    "fn m_fmod(a: f32, b: f32) -> f32 { var r = m_abs(a); let y = m_abs(b);\n"                                          \
    "  if (m_isnan(a) || m_isnan(b) || m_isinf(a) || y == 0.0) { return m_nan(); }\n"                                   \
    "  if (m_isinf(b)) { return a; }\n"                                                                                 \
    "  for (var i = 0; i < 300 && r >= y; i++) {\n"                                                                     \
    "    var n = i32(bitcast<u32>(r) >> 23u) - i32(bitcast<u32>(y) >> 23u); var t = m_scale(y, n);\n"                   \
    "    if (t > r) { t = m_scale(y, n - 1); }\n"                                                                       \
    "    r -= t; }\n"                                                                                                   \
    "  return m_copysign(r, a); }"
/* torch.floor_divide (c10/util/generic_math.h) */
#define FLOAT_floor_divide                                                                                               \
    "fn m_floor_divide(a: f32, b: f32) -> f32 { if (b == 0.0) { return a / b; } let m = m_fmod(a, b);\n"                \
    "  var d = (a - m) / b; if (m != 0.0 && (b < 0.0) != (m < 0.0)) { d -= 1.0; }\n"                                    \
    "  if (d == 0.0) { return m_copysign(0.0, a / b); }\n"                                                              \
    "  let w = floor(d); return select(w, w + 1.0, d - w > 0.5); }"

#define FLOAT_nextafter                                                                                                  \
    "fn m_nextafter(x: f32, y: f32) -> f32 { let u = bitcast<u32>(x); let grows = (y > x) == (x > 0.0);\n"              \
    "  let stepped = bitcast<f32>(select(u - 1u, u + 1u, grows)); let least = bitcast<f32>(1u | (bitcast<u32>(y) & 0x80000000u));\n" \
    "  return select(select(select(stepped, least, x == 0.0), y, x == y), x + y, m_isnan(x) || m_isnan(y)); }"
