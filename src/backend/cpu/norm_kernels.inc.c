/* One type: T and N_(name); undefines them. Lanes sum at most BLOCK elements before they go to a double. */

static inline __attribute__((always_inline)) double N_(fold)(T *lane, const int lanes)
{
    for (int width = lanes / 2; width > 0; width /= 2)
        for (int j = 0; j < width; j++) lane[j] += lane[j + width];
    return (double)lane[0];
}

/* Too few elements for so many lanes. */
static inline __attribute__((always_inline)) double N_(sum_few)(int64_t n, const T *x, const int lanes)
{
    T lane[8] = {0}, rest = 0;
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (int j = 0; j < lanes; j++) lane[j] += x[i + j];
    for (; i < n; i++) rest += x[i];
    return N_(fold)(lane, lanes) + (double)rest;
}

static inline __attribute__((always_inline)) double N_(square_few)(int64_t n, const T *x, T mean, const int lanes)
{
    T lane[8] = {0}, rest = 0;
    int64_t i = 0;
    for (; i + lanes <= n; i += lanes)
        for (int j = 0; j < lanes; j++) lane[j] += (x[i + j] - mean) * (x[i + j] - mean);
    for (; i < n; i++) rest += (x[i] - mean) * (x[i] - mean);
    return N_(fold)(lane, lanes) + (double)rest;
}

static inline double N_(sum_block)(int64_t n, const T *x)
{
    if (n < FEW) return n < SHORT ? N_(sum_few)(n, x, 4) : N_(sum_few)(n, x, 8);
    T lane[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) lane[j] += x[i + j];
    for (int j = 0; i + j < n; j++) lane[j] += x[i + j];
    return N_(fold)(lane, LANES);
}

static inline double N_(square_block)(int64_t n, const T *x, T mean)
{
    if (n < FEW) return n < SHORT ? N_(square_few)(n, x, mean, 4) : N_(square_few)(n, x, mean, 8);
    T lane[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int j = 0; j < LANES; j++) lane[j] += (x[i + j] - mean) * (x[i + j] - mean);
    for (int j = 0; i + j < n; j++) lane[j] += (x[i + j] - mean) * (x[i + j] - mean);
    return N_(fold)(lane, LANES);
}

static void N_(moments)(int64_t n, const void *x_, double *mean, double *m2)
{
    const T *x = x_;
    double sum = 0, squares = 0, rest = 0;
    for (int64_t i = 0; i < n; i += BLOCK) sum += N_(sum_block)(n - i < BLOCK ? n - i : BLOCK, x + i);
    T m = (T)(sum / (double)n);
    for (int64_t i = 0; i < n; i += BLOCK) squares += N_(square_block)(n - i < BLOCK ? n - i : BLOCK, x + i, m);
    rest = sum - (double)m * (double)n; /* of rounding the mean to T */
    *mean = sum / (double)n;
    *m2 = squares - rest * rest / (double)n;
    if (*m2 < 0) *m2 = 0;
}

static double N_(squares)(int64_t n, const void *x_)
{
    const T *x = x_;
    double sum = 0;
    for (int64_t i = 0; i < n; i += BLOCK) sum += N_(square_block)(n - i < BLOCK ? n - i : BLOCK, x + i, 0);
    return sum;
}

static void N_(apply)(int64_t n, void *y_, const void *x_, double mean_, double rstd_, const void *w_, const void *b_, int step)
{
    T *y = y_;
    const T *x = x_, *w = w_, *b = b_;
    const T mean = (T)mean_, rstd = (T)rstd_;
    if (step && w && b) {
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * rstd * w[i] + b[i];
    } else if (step && w) {
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * rstd * w[i];
    } else {
        const T scale = (step || !w ? 1 : w[0]) * rstd;
        if (step && b)
            for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale + b[i];
        else {
            const T shift = b ? b[0] : 0;
            for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean) * scale + shift;
        }
    }
}

static void N_(apply_each)(int64_t n, void *y_, const void *x_, const void *mean_, const void *scale_, const void *shift_)
{
    T *restrict y = y_;
    const T *x = x_, *mean = mean_, *scale = scale_, *shift = shift_;
    for (int64_t i = 0; i < n; i++) y[i] = (x[i] - mean[i]) * scale[i] + shift[i];
}

static void N_(sums)(int64_t n, const void *g_, const void *x_, double mean_, double rstd_, const void *w_, int step, double *plain, double *weighted)
{
    const T *g = g_, *x = x_, *w = w_;
    const T mean = (T)mean_, rstd = (T)rstd_, one = 1, *factor = step && w ? w : &one;
    const int each = step && w;
    double p = 0, q = 0;
    if (n < FEW) {
        T first[4] = {0}, second[4] = {0};
        int64_t i = 0;
        for (; i + 4 <= n; i += 4)
            for (int j = 0; j < 4; j++) {
                T h = g[i + j] * (each ? factor[i + j] : one);
                first[j] += h;
                second[j] += h * ((x[i + j] - mean) * rstd);
            }
        for (; i < n; i++) {
            T h = g[i] * (each ? factor[i] : one);
            first[i % 4] += h;
            second[i % 4] += h * ((x[i] - mean) * rstd);
        }
        p = N_(fold)(first, 4);
        q = N_(fold)(second, 4);
    }
    for (int64_t start = n < FEW ? n : 0; start < n; start += BLOCK) {
        int64_t end = start + BLOCK < n ? start + BLOCK : n, i = start;
        T first[LANES] = {0}, second[LANES] = {0};
        if (each) {
            for (; i + LANES <= end; i += LANES)
                for (int j = 0; j < LANES; j++) {
                    T h = g[i + j] * factor[i + j];
                    first[j] += h;
                    second[j] += h * ((x[i + j] - mean) * rstd);
                }
        } else {
            for (; i + LANES <= end; i += LANES)
                for (int j = 0; j < LANES; j++) {
                    first[j] += g[i + j];
                    second[j] += g[i + j] * ((x[i + j] - mean) * rstd);
                }
        }
        for (int j = 0; i + j < end; j++) {
            T h = g[i + j] * (each ? factor[i + j] : one);
            first[j] += h;
            second[j] += h * ((x[i + j] - mean) * rstd);
        }
        p += N_(fold)(first, LANES);
        q += N_(fold)(second, LANES);
    }
    const double scale = !step && w ? (double)w[0] : 1;
    *plain = p * scale;
    *weighted = q * scale;
}

static void N_(input_gradient)(int64_t n, void *dx_, const void *g_, const void *x_, double mean_, double rstd_, const void *w_, int step,
                               double plain_, double weighted_)
{
    T *dx = dx_;
    const T *g = g_, *x = x_, *w = w_;
    const T mean = (T)mean_, rstd = (T)rstd_, plain = (T)plain_, weighted = (T)weighted_;
    if (step && w) {
        for (int64_t i = 0; i < n; i++) dx[i] = rstd * (g[i] * w[i] - plain - (x[i] - mean) * rstd * weighted);
    } else {
        const T factor = w ? w[0] : 1;
        for (int64_t i = 0; i < n; i++) dx[i] = rstd * (g[i] * factor - plain - (x[i] - mean) * rstd * weighted);
    }
}

static void N_(add_gradients)(int64_t n, void *dw_, void *db_, const void *g_, const void *x_, double mean_, double rstd_)
{
    T *dw = dw_, *db = db_;
    const T *g = g_, *x = x_;
    const T mean = (T)mean_, rstd = (T)rstd_;
    for (int64_t i = 0; i < n; i++) {
        dw[i] += g[i] * ((x[i] - mean) * rstd);
        db[i] += g[i];
    }
}

#undef T
#undef N_
