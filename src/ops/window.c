/* Window functions, computed in f64 and rounded once. Rows: table/window.def. Formulas: torch/signal/windows/windows.py. */
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/special.h>
#include <torsh/ops/window.h>

#include <math.h>

static const double PI = 3.14159265358979323846;

typedef struct window {
    int64_t m;
    bool sym;
    torsh_dtype dtype;
    torsh_device device;
    double first, second;                                  /* parameters of value() */
    const double *a;                                       /* coefficients of a sum of cosines */
    size_t count;
    double (*value)(const struct window *w, double i);
} window;

/* Intervals from the first element to the last one; a periodic window's last one is the next period's first. */
static double span(const window *w)
{
    return (double)(w->sym ? w->m - 1 : w->m);
}

static double cosines(const window *w, double i)
{
    double sum = 0, angle = 2 * PI * i / span(w);
    for (size_t j = 0; j < w->count; j++) sum += (j & 1 ? -w->a[j] : w->a[j]) * cos((double)j * angle);
    return sum;
}

static double triangle(const window *w, double i)
{
    return 1 - fabs(2 * i / span(w) - 1);
}

static double half_wave(const window *w, double i)
{
    return sin(PI * (i + 0.5) / (span(w) + 1));
}

static double decay(const window *w, double i)
{
    return exp(-fabs(i - (isnan(w->first) ? span(w) / 2 : w->first)) / w->second);
}

static double bell(const window *w, double i)
{
    double x = (i - span(w) / 2) / w->first;
    return exp(-x * x / 2);
}

/* Kaiser's window is I0 of this, over I0(beta). */
static double arc(const window *w, double i)
{
    double x = 2 * i / span(w) - 1;
    return w->first * sqrt(fmax(1 - x * x, 0));
}

/* The dtype, and whether the row's call says anything wrong. Those of torch.signal have no 16-bit floats. */
static torsh_status check(const char *name, window *w, bool signal)
{
    if (w->dtype == TORSH_DTYPE_DEFAULT) w->dtype = torsh_default_dtype();
    if (w->m < 0) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: %s must not be negative; it is %lld", name, signal ? "M" : "window_length", (long long)w->m);
    if (torsh_dtype_is_floating_point(w->dtype) && !(signal && torsh__dtypes[w->dtype].size == 2)) return TORSH_OK;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: dtype must be %s; it is %s", name, signal ? "f32 or f64" : "a floating-point one", torsh_dtype_name(w->dtype));
}

static torsh_tensor made(const char *name, window w, bool signal)
{
    torsh_status status = check(name, &w, signal);
    if (status) return torsh__tensor_error(status);
    if (w.m == 0 || (w.m == 1 && w.value != decay)) return torsh_ones(&w.m, 1, w.dtype, w.device);
    torsh_tensor t = torsh_empty(&w.m, 1, TORSH_F64, TORSH_CPU);
    double *values = torsh_data(t);
    if (!values) return t;
    for (int64_t i = 0; i < w.m; i++) values[i] = w.value(&w, (double)i);
    t = torsh_to_device(t, w.device);
    if (w.value == arc) t = torsh_div(torsh_i0(t), torsh_i0(torsh_scalar(w.first, TORSH_F64, w.device)));
    return torsh__narrowed(t, w.dtype);
}

static torsh_tensor cosine_sum(const char *name, int64_t m, const double *a, size_t count, bool sym, torsh_dtype dtype, torsh_device device, bool signal)
{
    return made(name, (window){m, sym, dtype, device, .a = a, .count = count, .value = cosines}, signal);
}

static const double hann[] = {0.5, 0.5}, hamming[] = {0.54, 0.46}, blackman[] = {0.42, 0.5, 0.08}, nuttall[] = {0.3635819, 0.4891775, 0.1365995, 0.0106411};

static torsh_tensor compose_signal_windows_bartlett(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return made("signal_windows_bartlett", (window){M, sym, dtype, device, .value = triangle}, true);
}

static torsh_tensor compose_signal_windows_blackman(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("signal_windows_blackman", M, blackman, 3, sym, dtype, device, true);
}

static torsh_tensor compose_signal_windows_cosine(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return made("signal_windows_cosine", (window){M, sym, dtype, device, .value = half_wave}, true);
}

static torsh_tensor compose_signal_windows_exponential(int64_t M, double center, double tau, bool sym, torsh_dtype dtype, torsh_device device)
{
    if (!(tau > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "signal_windows_exponential: tau is %g; it must be positive", tau);
    if (sym && !isnan(center)) return torsh__refuse(TORSH_INVALID_ARGUMENT, "signal_windows_exponential: a symmetric window takes no center");
    if (M == 1) sym = true;
    return made("signal_windows_exponential", (window){M, sym, dtype, device, center, tau, .value = decay}, true);
}

static torsh_tensor compose_signal_windows_gaussian(int64_t M, double std, bool sym, torsh_dtype dtype, torsh_device device)
{
    if (!(std > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "signal_windows_gaussian: std is %g; it must be positive", std);
    return made("signal_windows_gaussian", (window){M, sym, dtype, device, std, .value = bell}, true);
}

static torsh_tensor compose_signal_windows_general_cosine(int64_t M, const double *a, size_t count, bool sym, torsh_dtype dtype, torsh_device device)
{
    if (count == 0) return torsh__refuse(TORSH_INVALID_ARGUMENT, "signal_windows_general_cosine: 'a' must have at least one coefficient");
    return cosine_sum("signal_windows_general_cosine", M, a, count, sym, dtype, device, true);
}

static torsh_tensor compose_signal_windows_general_hamming(int64_t M, double alpha, bool sym, torsh_dtype dtype, torsh_device device)
{
    double a[2] = {alpha, 1 - alpha};
    return cosine_sum("signal_windows_general_hamming", M, a, 2, sym, dtype, device, true);
}

static torsh_tensor compose_signal_windows_hamming(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("signal_windows_hamming", M, hamming, 2, sym, dtype, device, true);
}

static torsh_tensor compose_signal_windows_hann(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("signal_windows_hann", M, hann, 2, sym, dtype, device, true);
}

static torsh_tensor compose_signal_windows_kaiser(int64_t M, double beta, bool sym, torsh_dtype dtype, torsh_device device)
{
    if (!(beta >= 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "signal_windows_kaiser: beta is %g; it must not be negative", beta);
    return made("signal_windows_kaiser", (window){M, sym, dtype, device, beta, .value = arc}, true);
}

static torsh_tensor compose_signal_windows_nuttall(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("signal_windows_nuttall", M, nuttall, 4, sym, dtype, device, true);
}

/* ---- the older names ------------------------------------------------------------------------------------------- */

static torsh_tensor compose_bartlett_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device)
{
    return made("bartlett_window", (window){window_length, !periodic, dtype, device, .value = triangle}, false);
}

static torsh_tensor compose_blackman_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("blackman_window", window_length, blackman, 3, !periodic, dtype, device, false);
}

static torsh_tensor compose_hamming_window(int64_t window_length, bool periodic, double alpha, double beta, torsh_dtype dtype, torsh_device device)
{
    double a[2] = {alpha, beta};
    return cosine_sum("hamming_window", window_length, a, 2, !periodic, dtype, device, false);
}

static torsh_tensor compose_hann_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("hann_window", window_length, hann, 2, !periodic, dtype, device, false);
}

static torsh_tensor compose_kaiser_window(int64_t window_length, bool periodic, double beta, torsh_dtype dtype, torsh_device device)
{
    return made("kaiser_window", (window){window_length, !periodic, dtype, device, beta, .value = arc}, false);
}

#include "define_rows.h"

#include "window.def"
