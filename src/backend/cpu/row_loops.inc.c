/* Sums and maxima of one dense row in a fixed number of lanes, so that they vectorise and have the same bits on every
 * instruction set. Included with T, N_(name), INLINE and INDEPENDENT; keeps them. SUM_ROW and SUM_ROW2 make a function of an
 * expression in a[i], b[i] and a constant c. */

enum { N_(ROW_LANES) = 64, N_(ROW_BURST) = 32 };

/* Joins the lanes; halves are added, so that the error grows with their logarithm. Widths are constants, so that narrow ones are vectors, too. */
static INLINE void N_(halve)(T *lane, const int width)
{
    INDEPENDENT
    for (int k = 0; k < width; k++) lane[k] += lane[k + width];
}

static INLINE T N_(lanes_sum)(T *lane)
{
    N_(halve)(lane, 32);
    N_(halve)(lane, 16);
    N_(halve)(lane, 8);
    N_(halve)(lane, 4);
    N_(halve)(lane, 2);
    return lane[0] + lane[1];
}

typedef T N_(term)(T a, T b, T c);

/* Sum of term(a[i], b[i], c). */
static INLINE T N_(row_total)(int64_t n, const T *a, const T *b, const T c, N_(term) *term)
{
    T sum[N_(ROW_LANES)] = {0};
    while (n >= N_(ROW_LANES)) {
        T lane[N_(ROW_LANES)];
        int64_t rows = n / N_(ROW_LANES) < N_(ROW_BURST) ? n / N_(ROW_LANES) : N_(ROW_BURST);
        for (int k = 0; k < N_(ROW_LANES); k++) lane[k] = 0;
        for (int64_t r = 0; r < rows; r++) {
            INDEPENDENT
            for (int k = 0; k < N_(ROW_LANES); k++) lane[k] += term(a[r * N_(ROW_LANES) + k], b[r * N_(ROW_LANES) + k], c);
        }
        INDEPENDENT
        for (int k = 0; k < N_(ROW_LANES); k++) sum[k] += lane[k];
        n -= rows * N_(ROW_LANES);
        a += rows * N_(ROW_LANES);
        b += rows * N_(ROW_LANES);
    }
    for (int64_t k = 0; k < n; k++) sum[k] += term(a[k], b[k], c);
    return N_(lanes_sum)(sum);
}

static inline T N_(term_a)(T a, T b, T c)
{
    (void)b, (void)c;
    return a;
}
static inline T N_(term_ab)(T a, T b, T c)
{
    (void)c;
    return a * b;
}
static inline T N_(term_distance)(T a, T b, T c)
{
    (void)b;
    return a - c;
}
static inline T N_(term_square_distance)(T a, T b, T c)
{
    (void)b;
    return (a - c) * (a - c);
}
static __attribute__((unused)) T N_(row_sum)(int64_t n, const T *a)
{
    return N_(row_total)(n, a, a, 0, N_(term_a));
}
static __attribute__((unused)) T N_(row_dot)(int64_t n, const T *a, const T *b)
{
    return N_(row_total)(n, a, b, 0, N_(term_ab));
}
/* of a[i] - c, and of its square */
static __attribute__((unused)) T N_(row_distance)(int64_t n, const T *a, T c)
{
    return N_(row_total)(n, a, a, c, N_(term_distance));
}
static __attribute__((unused)) T N_(row_square_distance)(int64_t n, const T *a, T c)
{
    return N_(row_total)(n, a, a, c, N_(term_square_distance));
}

static INLINE void N_(halve_max)(T *lane, const int width)
{
    INDEPENDENT
    for (int k = 0; k < width; k++) lane[k] = lane[k + width] > lane[k] ? lane[k + width] : lane[k];
}

/* The largest element; NaN is passed over. -Inf for none. */
static __attribute__((unused)) T N_(row_max)(int64_t n, const T *x)
{
    T lane[N_(ROW_LANES)];
    for (int k = 0; k < N_(ROW_LANES); k++) lane[k] = -(T)INFINITY;
    int64_t i = 0;
    for (; i + N_(ROW_LANES) <= n; i += N_(ROW_LANES)) {
        INDEPENDENT
        for (int k = 0; k < N_(ROW_LANES); k++) lane[k] = x[i + k] > lane[k] ? x[i + k] : lane[k];
    }
    for (int k = 0; i < n; i++, k++) lane[k] = x[i] > lane[k] ? x[i] : lane[k];
    N_(halve_max)(lane, 32);
    N_(halve_max)(lane, 16);
    N_(halve_max)(lane, 8);
    N_(halve_max)(lane, 4);
    N_(halve_max)(lane, 2);
    return lane[1] > lane[0] ? lane[1] : lane[0];
}
