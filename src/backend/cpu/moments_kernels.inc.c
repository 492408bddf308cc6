/* Included with T and SUFFIX; undefines them. Two passes: the mean in T, then distances from it, whose own sum corrects the
 * rounding of the mean (Chan, Golub, LeVeque 1983, eq. 1.7). */

#define N_(name) PASTE3(name, _, SUFFIX)
#include "row_loops.inc.c"

static void N_(row)(int64_t n, const void *data, double *mean, double *square)
{
    const T *x = data;
    const T about = N_(row_sum)(n, x) / (T)n;
    double rest = (double)N_(row_distance)(n, x, about) / (double)n;
    *mean = (double)about + rest;
    *square = (double)N_(row_square_distance)(n, x, about) - rest * rest * (double)n;
}

static double N_(apart)(int64_t n, const void *x_, const void *y_)
{
    enum { WAYS = 128 / sizeof(T) };
    const T *x = x_, *y = y_;
    T way[WAYS] = {0};
    double sum = 0;
    for (; n >= (int)WAYS; n -= WAYS, x += WAYS, y += WAYS) {
        INDEPENDENT
        for (int k = 0; k < (int)WAYS; k++) way[k] += (x[k] - y[k]) * (x[k] - y[k]);
    }
    for (int64_t k = 0; k < n; k++) sum += (double)((x[k] - y[k]) * (x[k] - y[k]));
    for (int width = WAYS / 2; width > 0; width /= 2) {
        for (int k = 0; k < width; k++) way[k] += way[k + width];
    }
    return sum + (double)way[0];
}

static void N_(columns)(int64_t rows, int64_t width, int64_t stride, const void *data, double *mean, double *square)
{
    const T *x = data;
    T about[TORSH__MOMENTS_COLUMNS], far[TORSH__MOMENTS_COLUMNS], far2[TORSH__MOMENTS_COLUMNS];
    for (int64_t j = 0; j < width; j++) about[j] = far[j] = far2[j] = 0;
    int64_t r = 0;
    for (; r + 4 <= rows; r += 4) {
        const T *a = x + r * stride, *b = a + stride, *c = b + stride, *d = c + stride;
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) about[j] += (a[j] + b[j]) + (c[j] + d[j]);
    }
    for (; r < rows; r++) {
        const T *a = x + r * stride;
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) about[j] += a[j];
    }
    const T scale = 1 / (T)rows;
    for (int64_t j = 0; j < width; j++) about[j] *= scale;
    for (r = 0; r + 2 <= rows; r += 2) {
        const T *a = x + r * stride, *b = a + stride;
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) {
            T u = a[j] - about[j], v = b[j] - about[j];
            far[j] += u + v;
            far2[j] += u * u + v * v;
        }
    }
    for (; r < rows; r++) {
        const T *a = x + r * stride;
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) {
            T u = a[j] - about[j];
            far[j] += u;
            far2[j] += u * u;
        }
    }
    for (int64_t j = 0; j < width; j++) {
        double rest = (double)far[j] / (double)rows;
        mean[j] = (double)about[j] + rest;
        square[j] = (double)far2[j] - rest * rest * (double)rows;
    }
}

#undef N_
#undef T
#undef SUFFIX
