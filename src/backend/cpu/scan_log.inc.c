/* Running log-sum-exp of type T. Included with T and SUFFIX; undefines them. Rows go in blocks, relative to the block's largest
 * element, so that exp and log vectorise; where a block spans so much that its small elements would vanish, one by one. */

static void PASTE3(blocks_log, _, SUFFIX)(int64_t n, const void *data, void *to, void *acc)
{
    enum { BLOCK = 256 };
    const double widest = 600; /* exp(-600) is still a normal number */
    const T *x = data;
    T *y = to;
    double all = *(double *)acc, sum[BLOCK];
    for (int64_t from = 0; from < n; from += BLOCK, x += BLOCK, y += BLOCK) {
        int64_t part = n - from < BLOCK ? n - from : BLOCK;
        double high = all, low = all == -(double)INFINITY ? (double)INFINITY : all;
        for (int64_t i = 0; i < part; i++) {
            double v = (double)x[i];
            high = v > high ? v : high;
            low = v < low && v > -(double)INFINITY ? v : low;
        }
        if (!(high - low < widest) || high == -(double)INFINITY) {
            for (int64_t i = 0; i < part; i++) y[i] = (T)(all = join_log(all, (double)x[i]));
            continue;
        }
        INDEPENDENT
        for (int64_t i = 0; i < part; i++) sum[i] = m_exp_f64((double)x[i] - high);
        double running = m_exp_f64(all - high);
        for (int64_t i = 0; i < part; i++) sum[i] = running += sum[i];
        INDEPENDENT
        for (int64_t i = 0; i < part; i++) y[i] = (T)(m_log_f64(sum[i]) + high);
        all = m_log_f64(running) + high;
    }
    *(double *)acc = all;
}

static void PASTE3(columns_log, _, SUFFIX)(int64_t n, int64_t width, int64_t stride, const void *data, void *to)
{
    const T *x = data;
    T *y = to;
    double all[TORSH__SCAN_COLUMNS];
    for (int64_t j = 0; j < width; j++) all[j] = -(double)INFINITY;
    for (int64_t i = 0; i < n * stride; i += stride) {
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) {
            all[j] = m_logaddexp_f64(all[j], (double)x[i + j]);
            y[i + j] = (T)all[j];
        }
    }
}

#undef T
#undef SUFFIX
