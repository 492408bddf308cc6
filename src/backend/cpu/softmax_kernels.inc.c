/* Softmax over one type. Included with T and SUFFIX; undefines them. exp(x - max) never overflows; a row with a NaN, with
 * +Inf or of -Inf alone gives NaN, as in PyTorch. */

#define N_(name) PASTE3(name, _, SUFFIX)
#define EXP(x) PASTE3(m_exp, _, SUFFIX)(x)
#define LOG(x) PASTE3(m_log, _, SUFFIX)(x)
#include "row_loops.inc.c"

enum { N_(CHUNK) = 1024, N_(TOGETHER) = 8, N_(SHORT) = 512 };

/* y = exp(x - top); returns their sum. In chunks, so that the sum reads what is still near. */
static T N_(exponentials)(int64_t n, const T *x, T top, T *y)
{
    T sum = 0;
    for (int64_t i = 0; i < n; i += N_(CHUNK)) {
        int64_t part = n - i < N_(CHUNK) ? n - i : N_(CHUNK);
        INDEPENDENT
        for (int64_t k = 0; k < part; k++) y[i + k] = EXP(x[i + k] - top);
        sum += N_(row_sum)(part, y + i);
    }
    return sum;
}

/* Short rows go eight by eight, each step through all of them: the steps of one row wait for each other. */
static void N_(rows)(int64_t rows, int64_t n, const void *from, void *to, bool log)
{
    const T *x = from;
    T *y = to, top[N_(TOGETHER)], sum[N_(TOGETHER)];
    const int64_t most = n <= N_(SHORT) ? N_(TOGETHER) : 1;
    for (int64_t r = 0; r < rows; r += most, x += most * n, y += most * n) {
        const int64_t count = rows - r < most ? rows - r : most;
        for (int k = 0; k < N_(TOGETHER); k++) sum[k] = 1;
        for (int64_t k = 0; k < count; k++) top[k] = N_(row_max)(n, x + k * n);
        for (int64_t k = 0; k < count; k++) sum[k] = N_(exponentials)(n, x + k * n, top[k], y + k * n);
        if (log) {
            INDEPENDENT
            for (int k = 0; k < N_(TOGETHER); k++) sum[k] = LOG(sum[k]);
        }
        for (int64_t k = 0; k < count; k++) {
            const T *in = x + k * n, high = top[k], shift = sum[k], scale = 1 / shift;
            T *out = y + k * n;
            if (log) {
                INDEPENDENT
                for (int64_t i = 0; i < n; i++) out[i] = in[i] - high - shift;
            } else {
                INDEPENDENT
                for (int64_t i = 0; i < n; i++) out[i] *= scale;
            }
        }
    }
}

static void N_(columns)(int64_t n, int64_t width, int64_t stride, const void *from, void *to, bool log)
{
    const T *x = from;
    T *y = to, top[TORSH__SOFTMAX_COLUMNS], sum[TORSH__SOFTMAX_COLUMNS];
    for (int64_t j = 0; j < width; j++) top[j] = -(T)INFINITY, sum[j] = 0;
    for (int64_t i = 0; i < n; i++) {
        const T *row = x + i * stride;
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) top[j] = row[j] > top[j] ? row[j] : top[j];
    }
    for (int64_t i = 0; i < n; i++) {
        const T *row = x + i * stride;
        T *out = y + i * stride;
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) {
            T e = EXP(row[j] - top[j]);
            sum[j] += e;
            out[j] = e;
        }
    }
    for (int64_t j = 0; j < width; j++) sum[j] = log ? LOG(sum[j]) : 1 / sum[j];
    for (int64_t i = 0; i < n; i++) {
        const T *row = x + i * stride;
        T *out = y + i * stride;
        if (log) {
            INDEPENDENT
            for (int64_t j = 0; j < width; j++) out[j] = row[j] - top[j] - sum[j];
        } else {
            INDEPENDENT
            for (int64_t j = 0; j < width; j++) out[j] *= sum[j];
        }
    }
}

/* softmax: y (g - sum(g y)); log_softmax: g - exp(y) sum(g). */
static void N_(rows_backward)(int64_t rows, int64_t n, const void *gradient, const void *result, void *to, bool log)
{
    const T *g = gradient, *y = result;
    T *out = to;
    for (int64_t r = 0; r < rows; r++, g += n, y += n, out += n) {
        if (log) {
            const T sum = N_(row_sum)(n, g);
            INDEPENDENT
            for (int64_t i = 0; i < n; i++) out[i] = g[i] - EXP(y[i]) * sum;
        } else {
            const T sum = N_(row_dot)(n, g, y);
            INDEPENDENT
            for (int64_t i = 0; i < n; i++) out[i] = y[i] * (g[i] - sum);
        }
    }
}

static void N_(columns_backward)(int64_t n, int64_t width, int64_t stride, const void *gradient, const void *result, void *to, bool log)
{
    const T *g = gradient, *y = result;
    T *out = to, sum[TORSH__SOFTMAX_COLUMNS];
    for (int64_t j = 0; j < width; j++) sum[j] = 0;
    for (int64_t i = 0; i < n * stride; i += stride) {
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) sum[j] += log ? g[i + j] : g[i + j] * y[i + j];
    }
    for (int64_t i = 0; i < n * stride; i += stride) {
        if (log) {
            INDEPENDENT
            for (int64_t j = 0; j < width; j++) out[i + j] = g[i + j] - EXP(y[i + j]) * sum[j];
        } else {
            INDEPENDENT
            for (int64_t j = 0; j < width; j++) out[i + j] = y[i + j] * (g[i + j] - sum[j]);
        }
    }
}

#undef T
#undef SUFFIX
#undef N_
#undef EXP
#undef LOG
