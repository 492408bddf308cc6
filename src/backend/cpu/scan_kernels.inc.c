/* Included with T (elements), A (accumulator), SUFFIX, START and JOIN(a, b); undefines SUFFIX, START and JOIN. A chain of dependent
 * additions would run at their latency, so a row goes in blocks of LINES lines: the lines' totals first, then all lines at
 * once, each from where the ones before it end. */

#define N_(name) PASTE3(name, _, SUFFIX)

enum { N_(LINES) = 8, N_(LINE) = 256, N_(BLOCK) = N_(LINES) * N_(LINE) };

static A N_(line_total)(const T *x)
{
    enum { LANES = 16 };
    A lane[LANES];
    for (int k = 0; k < LANES; k++) lane[k] = (A)x[k];
    for (int i = LANES; i < N_(LINE); i += LANES) {
        INDEPENDENT
        for (int k = 0; k < LANES; k++) lane[k] = (A)JOIN(lane[k], (A)x[i + k]);
    }
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int k = 0; k < width; k++) lane[k] = (A)JOIN(lane[k], lane[k + width]);
    return lane[0];
}

static void N_(total)(int64_t n, const void *data, void *acc)
{
    const T *x = data;
    A all = START;
    for (; n >= N_(LINE); n -= N_(LINE), x += N_(LINE)) all = (A)JOIN(all, N_(line_total)(x));
    for (int64_t i = 0; i < n; i++) all = (A)JOIN(all, (A)x[i]);
    *(A *)acc = all;
}

static void N_(row)(int64_t n, const void *data, void *to, void *acc)
{
    const T *x = data;
    T *y = to;
    A all = *(A *)acc;
    for (; n >= N_(BLOCK); n -= N_(BLOCK), x += N_(BLOCK), y += N_(BLOCK)) {
        A at[N_(LINES)];
        for (int l = 0; l < N_(LINES); l++) {
            at[l] = all;
            all = (A)JOIN(all, N_(line_total)(x + l * N_(LINE)));
        }
        A a0 = at[0], a1 = at[1], a2 = at[2], a3 = at[3], a4 = at[4], a5 = at[5], a6 = at[6], a7 = at[7];
        for (int i = 0; i < N_(LINE); i++) {
            y[i] = (T)(a0 = (A)JOIN(a0, (A)x[i]));
            y[i + N_(LINE)] = (T)(a1 = (A)JOIN(a1, (A)x[i + N_(LINE)]));
            y[i + 2 * N_(LINE)] = (T)(a2 = (A)JOIN(a2, (A)x[i + 2 * N_(LINE)]));
            y[i + 3 * N_(LINE)] = (T)(a3 = (A)JOIN(a3, (A)x[i + 3 * N_(LINE)]));
            y[i + 4 * N_(LINE)] = (T)(a4 = (A)JOIN(a4, (A)x[i + 4 * N_(LINE)]));
            y[i + 5 * N_(LINE)] = (T)(a5 = (A)JOIN(a5, (A)x[i + 5 * N_(LINE)]));
            y[i + 6 * N_(LINE)] = (T)(a6 = (A)JOIN(a6, (A)x[i + 6 * N_(LINE)]));
            y[i + 7 * N_(LINE)] = (T)(a7 = (A)JOIN(a7, (A)x[i + 7 * N_(LINE)]));
        }
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
