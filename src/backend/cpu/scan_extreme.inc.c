/* Running maxima or minima of one type. Included with T, SUFFIX and BEATS(a, b), true also for equals and for a NaN a; undefines
 * them. */

#define N_(name) PASTE3(name, _, SUFFIX)

static void N_(row)(int64_t n, const void *data, void *to, int64_t *index)
{
    const T *x = data;
    T *y = to, best = *x;
    int64_t place = 0;
    for (int64_t i = 0; i < n; i++) {
        bool better = BEATS(x[i], best);
        best = better ? x[i] : best;
        place = better ? i : place;
        y[i] = best;
        index[i] = place;
    }
}

static void N_(columns)(int64_t n, int64_t width, int64_t stride, const void *data, void *to, int64_t *index)
{
    const T *x = data;
    T *y = to, best[TORSH__SCAN_COLUMNS];
    int64_t place[TORSH__SCAN_COLUMNS];
    for (int64_t j = 0; j < width; j++) best[j] = x[j], place[j] = 0;
    for (int64_t i = 0; i < n; i++, x += stride, y += stride, index += stride) {
        INDEPENDENT
        for (int64_t j = 0; j < width; j++) {
            bool better = BEATS(x[j], best[j]);
            best[j] = better ? x[j] : best[j];
            place[j] = better ? i : place[j];
            y[j] = best[j];
            index[j] = place[j];
        }
    }
}

#undef N_
#undef T
#undef SUFFIX
#undef BEATS
