/* Window functions, computed in f64 and rounded once. Rows: table/window.def. Formulas: torch/signal/windows/windows.py. */
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/join.h>
#include <torsh/ops/special.h>
#include <torsh/ops/view.h>
#include <torsh/ops/window.h>

#include <math.h>

static const double PI = 3.14159265358979323846;

/* Elements of a table of rotations, and those made at once: 256 KB of f64, which the second cache keeps. */
enum { STEP = 128, PART = 256 * STEP };

typedef struct window {
    int64_t m;
    bool sym;
    torsh_dtype dtype;
    torsh_device device;
    double first, second;                                  /* parameters of fill() */
    const double *a;                                       /* coefficients of a sum of cosines */
    size_t count;
    void (*fill)(const struct window *w, int64_t from, int64_t n, double *to); /* elements from .. from + n, or what part() makes them of; NULL: a triangle's */
    double turn[2][STEP]; /* cos and sin of the angles of elements 0 .. STEP, less that of element 0 */
} window;

/* Intervals from the first element to the last one; a periodic window's last one is the next period's first. */
static double span(const window *w)
{
    return (double)(w->sym ? w->m - 1 : w->m);
}

/* Where element i is on the circle: a period is a turn, and half_wave's half of one. */
static double angle(const window *w, double i)
{
    return w->count ? 2 * PI * i / span(w) : PI * (i + 0.5) / (span(w) + 1);
}

static void make_turns(window *w)
{
    for (int r = 0; r < STEP && r < w->m; r++) {
        double turned = w->count ? angle(w, r) : PI * r / (span(w) + 1);
        w->turn[0][r] = cos(turned), w->turn[1][r] = sin(turned);
    }
}

/* e^(i angle) of n <= STEP elements: that of the first, turned by the table. */
static void rotate(const window *w, int64_t from, int64_t n, double *re, double *im)
{
    double c = cos(angle(w, (double)from)), s = sin(angle(w, (double)from));
    for (int64_t r = 0; r < n; r++) {
        double x = c * w->turn[0][r] - s * w->turn[1][r];
        re[r] = x < 1 ? x : 1; /* what rounding adds would make hann's ends negative */
        im[r] = s * w->turn[0][r] + c * w->turn[1][r];
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): once, for the last element, which is the first */
static void cosines(const window *w, int64_t from, int64_t n, double *to)
{
    double re[STEP], im[STEP], x[STEP], y[STEP];
    for (int64_t b = 0; b < n; b += STEP) {
        int64_t rest = n - b < STEP ? n - b : STEP;
        rotate(w, from + b, rest, re, im);
        for (int64_t r = 0; r < rest; r++) to[b + r] = w->a[0] - (w->count > 1 ? w->a[1] * re[r] : 0), x[r] = re[r], y[r] = im[r];
        for (size_t j = 2; j < w->count; j++) { /* x + iy is e^(i j angle) */
            double a = j & 1 ? -w->a[j] : w->a[j];
            for (int64_t r = 0; r < rest; r++) {
                double further = x[r] * re[r] - y[r] * im[r];
                y[r] = x[r] * im[r] + y[r] * re[r], x[r] = further;
                to[b + r] += a * further;
            }
        }
    }
    if (w->sym && from + n == w->m && w->m > 1) cosines(w, 0, 1, to + n - 1);
}

static void half_wave(const window *w, int64_t from, int64_t n, double *to)
{
    double re[STEP];
    for (int64_t b = 0; b < n; b += STEP) rotate(w, from + b, n - b < STEP ? n - b : STEP, re, to + b);
}

/* The exponents. */
static void decay(const window *w, int64_t from, int64_t n, double *to)
{
    double center = isnan(w->first) ? span(w) / 2 : w->first;
    for (int64_t k = 0; k < n; k++) to[k] = -fabs((double)(from + k) - center) / w->second;
}

static void bell(const window *w, int64_t from, int64_t n, double *to)
{
    double center = span(w) / 2;
    for (int64_t k = 0; k < n; k++) {
        double x = ((double)(from + k) - center) / w->first;
        to[k] = -x * x / 2;
    }
}

/* Kaiser's window is I0 of this, over I0(beta). */
static void arc(const window *w, int64_t from, int64_t n, double *to)
{
    double end = span(w);
    for (int64_t k = 0; k < n; k++) {
        double x = 2 * (double)(from + k) / end - 1;
        to[k] = w->first * sqrt(fmax(1 - x * x, 0));
    }
}

/* The dtype, and whether the row's call says anything wrong. Those of torch.signal have no 16-bit floats. */
static torsh_status check(const char *name, window *w, bool signal)
{
    if (w->dtype == TORSH_DTYPE_DEFAULT) w->dtype = torsh_default_dtype();
    if (w->m < 0) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: %s must not be negative; it is %lld", name, signal ? "M" : "window_length", (long long)w->m);
    if (torsh_dtype_is_floating_point(w->dtype) && !(signal && torsh__dtypes[w->dtype].size == 2)) return TORSH_OK;
    return torsh__fail(TORSH_DTYPE_MISMATCH, "%s: dtype must be %s; it is %s", name, signal ? "f32 or f64" : "a floating-point one", torsh_dtype_name(w->dtype));
}

/* n elements from `from` on, f64. */
static torsh_tensor part(const window *w, int64_t from, int64_t n)
{
    torsh_tensor t = torsh_empty(&n, 1, TORSH_F64, TORSH_CPU);
    double *values = torsh_data(t);
    if (!values) return t;
    w->fill(w, from, n, values);
    if (w->fill == decay || w->fill == bell) return torsh_exp_(t);
    return w->fill == arc ? torsh_div_(torsh_i0_(t), torsh_i0(torsh_scalar(w->first, TORSH_F64, TORSH_CPU))) : t;
}

/* Up to the middle and down again. */
static torsh_tensor triangle(const window *w)
{
    double end = span(w), slope = 2 / end;
    int64_t up = (int64_t)(end / 2) + 1, last = w->m - 1;
    torsh_tensor sides[2] = {torsh_linspace(0, slope * (double)(up - 1), up, w->dtype, w->device),
                             torsh_linspace(slope * (end - (double)up), slope * (end - (double)last), w->m - up, w->dtype, w->device)};
    return torsh_cat(sides, 2, 0);
}

static torsh_tensor made(const char *name, window w, bool signal)
{
    torsh_status status = check(name, &w, signal);
    if (status) return torsh__tensor_error(status);
    if (w.m == 0 || (w.m == 1 && w.fill != decay)) return torsh_ones(&w.m, 1, w.dtype, w.device);
    if (!w.fill) return triangle(&w);
    if (w.fill == cosines || w.fill == half_wave) make_turns(&w);
    if (w.m <= PART) return torsh__narrowed(torsh_to_device(part(&w, 0, w.m), w.device), w.dtype);
    torsh_tensor whole = torsh_empty(&w.m, 1, w.dtype, w.device);
    for (int64_t from = 0; from < w.m && !TORSH_FAILED(whole); from += PART) {
        TORSH_AUTO torsh_scope inner = torsh_scope_open();
        int64_t n = w.m - from < PART ? w.m - from : PART;
        torsh_tensor done = torsh_copy_(torsh_narrow(whole, 0, from, n), part(&w, from, n));
        if (TORSH_FAILED(done)) whole = done;
    }
    return whole;
}

static torsh_tensor cosine_sum(const char *name, int64_t m, const double *a, size_t count, bool sym, torsh_dtype dtype, torsh_device device, bool signal)
{
    return made(name, (window){m, sym, dtype, device, .a = a, .count = count, .fill = cosines}, signal);
}

static const double hann[] = {0.5, 0.5}, hamming[] = {0.54, 0.46}, blackman[] = {0.42, 0.5, 0.08}, nuttall[] = {0.3635819, 0.4891775, 0.1365995, 0.0106411};

static torsh_tensor compose_signal_windows_bartlett(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return made("signal_windows_bartlett", (window){M, sym, dtype, device, .fill = NULL}, true);
}

static torsh_tensor compose_signal_windows_blackman(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("signal_windows_blackman", M, blackman, 3, sym, dtype, device, true);
}

static torsh_tensor compose_signal_windows_cosine(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return made("signal_windows_cosine", (window){M, sym, dtype, device, .fill = half_wave}, true);
}

static torsh_tensor compose_signal_windows_exponential(int64_t M, double center, double tau, bool sym, torsh_dtype dtype, torsh_device device)
{
    if (!(tau > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "signal_windows_exponential: tau is %g; it must be positive", tau);
    if (sym && !isnan(center)) return torsh__refuse(TORSH_INVALID_ARGUMENT, "signal_windows_exponential: a symmetric window takes no center");
    if (M == 1) sym = true;
    return made("signal_windows_exponential", (window){M, sym, dtype, device, center, tau, .fill = decay}, true);
}

static torsh_tensor compose_signal_windows_gaussian(int64_t M, double std, bool sym, torsh_dtype dtype, torsh_device device)
{
    if (!(std > 0)) return torsh__refuse(TORSH_OUT_OF_RANGE, "signal_windows_gaussian: std is %g; it must be positive", std);
    return made("signal_windows_gaussian", (window){M, sym, dtype, device, std, .fill = bell}, true);
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
    return made("signal_windows_kaiser", (window){M, sym, dtype, device, beta, .fill = arc}, true);
}

static torsh_tensor compose_signal_windows_nuttall(int64_t M, bool sym, torsh_dtype dtype, torsh_device device)
{
    return cosine_sum("signal_windows_nuttall", M, nuttall, 4, sym, dtype, device, true);
}

/* ---- the older names ------------------------------------------------------------------------------------------- */

static torsh_tensor compose_bartlett_window(int64_t window_length, bool periodic, torsh_dtype dtype, torsh_device device)
{
    return made("bartlett_window", (window){window_length, !periodic, dtype, device, .fill = NULL}, false);
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
    return made("kaiser_window", (window){window_length, !periodic, dtype, device, beta, .fill = arc}, false);
}

#include "define_rows.h"

#include "window.def"
