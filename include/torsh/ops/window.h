/* Window functions. */
#ifndef TORSH_WINDOW_OPS_H
#define TORSH_WINDOW_OPS_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Windows of M elements, computed in f64; dtype is f32 or f64. With sym they are symmetric, for filters; without, periodic, for
 * spectra: the first M elements of M + 1. This one is a triangle from 0 to 1 and back. */
TORSH_API torsh_tensor torsh_signal_windows_bartlett(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* 0.42 - 0.5 cos(x) + 0.08 cos(2 x), x from 0 to 2 pi. */
TORSH_API torsh_tensor torsh_signal_windows_blackman(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* Half a wave of the sine, without its zeros. */
TORSH_API torsh_tensor torsh_signal_windows_cosine(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* e^(-|i - center| / tau); NaN stands for the middle, the only center of a symmetric one. */
TORSH_API torsh_tensor torsh_signal_windows_exponential(int64_t M, double center, double tau, bool sym, torsh_dtype dtype, torsh_device device);
/* e^(-(i - middle)^2 / (2 std^2)) */
TORSH_API torsh_tensor torsh_signal_windows_gaussian(int64_t M, double std, bool sym, torsh_dtype dtype, torsh_device device);
/* a[0] - a[1] cos(x) + a[2] cos(2 x) - ..., x from 0 to 2 pi. */
TORSH_API torsh_tensor torsh_signal_windows_general_cosine(int64_t M, const double *a, size_t count, bool sym, torsh_dtype dtype, torsh_device device);
/* alpha - (1 - alpha) cos(x), x from 0 to 2 pi; Hamming's alpha is 0.54, Hann's 0.5. */
TORSH_API torsh_tensor torsh_signal_windows_general_hamming(int64_t M, double alpha, bool sym, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_signal_windows_hamming(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_signal_windows_hann(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* I0(beta sqrt(1 - y^2)) / I0(beta), y from -1 to 1. */
TORSH_API torsh_tensor torsh_signal_windows_kaiser(int64_t M, double beta, bool sym, torsh_dtype dtype, torsh_device device);
/* 0.3635819 - 0.4891775 cos(x) + 0.1365995 cos(2 x) - 0.0106411 cos(3 x). */
TORSH_API torsh_tensor torsh_signal_windows_nuttall(int64_t M, bool sym, torsh_dtype dtype, torsh_device device);
/* The same under torch's older names, of any floating-point dtype. */
TORSH_API torsh_tensor torsh_bartlett_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_blackman_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device);
/* alpha - beta cos(x), x from 0 to 2 pi. */
TORSH_API torsh_tensor torsh_hamming_window(int64_t window_length, bool periodic, double alpha, double beta, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_hann_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device);
TORSH_API torsh_tensor torsh_kaiser_window(int64_t window_length, bool periodic, double beta, torsh_dtype dtype, torsh_device device);

#ifdef __cplusplus
}
#endif

#endif
