/* Special functions. Integers become the default float dtype. On the CPU the error is at most 4 ULP in f32 and f64 unless a function
 * says otherwise. */
#ifndef TORSH_SPECIAL_OPS_H
#define TORSH_SPECIAL_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

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
/* log |gamma(input)|; near its zeros within 2^-48 in f64. */
TORSH_API torsh_tensor torsh_lgamma(torsh_tensor input);
TORSH_API torsh_tensor torsh_lgamma_(torsh_tensor input);
TORSH_API torsh_tensor torsh_lgamma_out(torsh_tensor input, torsh_tensor out);
/* The derivative of lgamma; near its zeros within 2^-46 in f64. */
TORSH_API torsh_tensor torsh_digamma(torsh_tensor input);
TORSH_API torsh_tensor torsh_digamma_(torsh_tensor input);
TORSH_API torsh_tensor torsh_digamma_out(torsh_tensor input, torsh_tensor out);
/* The n-th derivative of digamma. In f64 at most 10 ULP (of its terms, left of 0 and for even n). */
TORSH_API torsh_tensor torsh_polygamma(int64_t n, torsh_tensor input);
TORSH_API torsh_tensor torsh_polygamma_(int64_t n, torsh_tensor input);
TORSH_API torsh_tensor torsh_polygamma_out(int64_t n, torsh_tensor input, torsh_tensor out);
/* The logarithm of the gamma function of p variables. The error is in ULP of the sum of its terms' sizes, and at least 2^-48 p in f64. */
TORSH_API torsh_tensor torsh_mvlgamma(torsh_tensor input, int64_t p);
TORSH_API torsh_tensor torsh_mvlgamma_(torsh_tensor input, int64_t p);
TORSH_API torsh_tensor torsh_mvlgamma_out(torsh_tensor input, int64_t p, torsh_tensor out);
/* The lower regularised incomplete gamma function P(input, other), at most 24 ULP in f64. It has no
 * gradient of input. */
TORSH_API torsh_tensor torsh_igamma(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igamma_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igamma_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The upper one, 1 - P, at most 32 ULP in f64. It has no gradient of input. */
TORSH_API torsh_tensor torsh_igammac(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igammac_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_igammac_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* Hurwitz's zeta function: the sum of (other + k)^-input over k >= 0, at most 8 ULP in f64. It has no gradient of input. */
TORSH_API torsh_tensor torsh_special_zeta(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_zeta_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_zeta_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The modified Bessel function of the first kind, of order 0; at most 6 ULP, like the next three. */
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
TORSH_API torsh_tensor torsh_special_ndtr_(torsh_tensor input);
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
/* input * log(1 + other); 0 where input is 0 and other is not NaN. */
TORSH_API torsh_tensor torsh_special_xlog1py(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_xlog1py_(torsh_tensor input, torsh_tensor other);
TORSH_API torsh_tensor torsh_special_xlog1py_out(torsh_tensor input, torsh_tensor other, torsh_tensor out);
/* The Bessel function of the first kind, of order 0. The error of these four is at most 6 ULP in f64, of the larger of the value and the amplitude,
 * sqrt(2 / (pi |input|)). */
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
/* Airy's function Ai, at most 16 ULP in f64 (left of 0 of its amplitude; left of -2^40 only the amplitude is right); it has no gradient. */
TORSH_API torsh_tensor torsh_special_airy_ai(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_airy_ai_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_airy_ai_out(torsh_tensor input, torsh_tensor out);
/* The modified Bessel functions of the second kind, of order 0 and 1; at most 12 ULP in f64. */
TORSH_API torsh_tensor torsh_special_modified_bessel_k0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k0_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k0_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_special_modified_bessel_k1(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_modified_bessel_k1_out(torsh_tensor input, torsh_tensor out);
/* The same times e^input; at most 12 ULP in f64, too. */
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k0_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k0_out(torsh_tensor input, torsh_tensor out);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k1(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k1_(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_scaled_modified_bessel_k1_out(torsh_tensor input, torsh_tensor out);
/* sin(input) / input. */
TORSH_API torsh_tensor torsh_special_spherical_bessel_j0(torsh_tensor input);
TORSH_API torsh_tensor torsh_special_spherical_bessel_j0_out(torsh_tensor input, torsh_tensor out);
/* Chebyshev's polynomials of the first kind, of degree other (cut to an integer). These polynomials have no gradient.
 * Their error is at most 4 ULP (Laguerre's 8) of n max |p_k(input)| over degrees k <= n, in f64. */
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
/* sin(pi input) / (pi input), 1 at 0; within 2 ULP of 1. NaN where pi input overflows, as in PyTorch. */
TORSH_API torsh_tensor torsh_sinc(torsh_tensor input);
TORSH_API torsh_tensor torsh_sinc_(torsh_tensor input);
TORSH_API torsh_tensor torsh_sinc_out(torsh_tensor input, torsh_tensor out);
/* log(input / (1 - input)), input first clamped to [eps, 1 - eps] unless eps is negative; at most 3 ULP of the larger
 * of the value and 1. */
TORSH_API torsh_tensor torsh_logit(torsh_tensor input, double eps);
TORSH_API torsh_tensor torsh_logit_(torsh_tensor input, double eps);
TORSH_API torsh_tensor torsh_logit_out(torsh_tensor input, double eps, torsh_tensor out);

#ifdef __cplusplus
}
#endif

#endif
