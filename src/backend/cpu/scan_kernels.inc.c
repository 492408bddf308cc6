/* Included with T (elements), A (accumulator), IN_LINES, SUFFIX, START and JOIN(a, b); undefines SUFFIX, START and JOIN. A chain of
 * dependent additions runs at their latency. IN_LINES: so a row goes in blocks of 8 lines, their totals first, then all lines at
 * once, each from where the ones before it end. It pays for f32; 8-byte elements are bound by memory, which likes one stream. */

#define N_(name) PASTE3(name, _, SUFFIX)

enum { N_(LINES) = 8, N_(LINE) = 64, N_(LEAST) = 16 };

static A N_(line_total)(int64_t n, const T *x)
{
    enum { LANES = 16 };
    A lane[LANES];
    const int64_t whole = n / LANES * LANES;
    for (int k = 0; k < LANES; k++) lane[k] = START;
    for (int64_t i = 0; i < whole; i += LANES) {
        INDEPENDENT
        for (int k = 0; k < LANES; k++) lane[k] = (A)JOIN(lane[k], (A)x[i + k]);
    }
    for (int k = 0; k < n % LANES; k++) lane[k] = (A)JOIN(lane[k], (A)x[whole + k]);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int k = 0; k < width; k++) lane[k] = (A)JOIN(lane[k], lane[k + width]);
    return lane[0];
}

static void N_(total)(int64_t n, const void *data, void *acc)
{
    const T *x = data;
    A all = START;
    for (; n >= N_(LINE); n -= N_(LINE), x += N_(LINE)) all = (A)JOIN(all, N_(line_total)(N_(LINE), x));
    for (int64_t i = 0; i < n; i++) all = (A)JOIN(all, (A)x[i]);
    *(A *)acc = all;
}

static __attribute__((unused)) void N_(row)(int64_t n, const void *data, void *to, void *acc)
{
    const T *x = data;
    T *y = to;
    A all = *(A *)acc;
    while (IN_LINES && n >= N_(LINES) * N_(LEAST)) {
        int64_t m = n / N_(LINES) < N_(LINE) ? n / N_(LINES) : N_(LINE);
        A at[N_(LINES)];
        for (int l = 0; l < N_(LINES); l++) {
            at[l] = all;
            all = (A)JOIN(all, N_(line_total)(m, x + l * m));
        }
        A a0 = at[0], a1 = at[1], a2 = at[2], a3 = at[3], a4 = at[4], a5 = at[5], a6 = at[6], a7 = at[7];
        const T *x4 = x + 4 * m;
        T *y4 = y + 4 * m;
        for (int64_t i = 0; i < m; i++) {
            y[i] = (T)(a0 = (A)JOIN(a0, (A)x[i]));
            y[i + m] = (T)(a1 = (A)JOIN(a1, (A)x[i + m]));
            y[i + 2 * m] = (T)(a2 = (A)JOIN(a2, (A)x[i + 2 * m]));
            y[i + 3 * m] = (T)(a3 = (A)JOIN(a3, (A)x[i + 3 * m]));
            y4[i] = (T)(a4 = (A)JOIN(a4, (A)x4[i]));
            y4[i + m] = (T)(a5 = (A)JOIN(a5, (A)x4[i + m]));
            y4[i + 2 * m] = (T)(a6 = (A)JOIN(a6, (A)x4[i + 2 * m]));
            y4[i + 3 * m] = (T)(a7 = (A)JOIN(a7, (A)x4[i + 3 * m]));
        }
        n -= N_(LINES) * m;
        x += N_(LINES) * m;
        y += N_(LINES) * m;
    }
    for (int64_t i = 0; i < n; i++) y[i] = (T)(all = (A)JOIN(all, (A)x[i]));
    *(A *)acc = all;
}

static void N_(columns)(int64_t n, int64_t width, int64_t stride, const void *data, void *to)
{
    const T *x = data;
    T *y = to;
    A all[TORSH__SCAN_COLUMNS];
    for (int64_t j = 0; j < width; j++) all[j] = START;
    for (int64_t i = 0; i < n * stride; i += stride) {
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) {
            all[j] = (A)JOIN(all[j], (A)x[i + j]);
            y[i + j] = (T)all[j];
        }
    }
}

#undef N_
#undef SUFFIX
#undef START
#undef JOIN
