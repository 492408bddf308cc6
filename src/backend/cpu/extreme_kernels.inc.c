/* Included with T, SUFFIX and BEATS(a, b), a comparison that is false for NaN, and
 * ODD(a), true for NaN; undefines them. NaN beats all, the first of equals
 * wins. */

#define N_(name) PASTE3(name, _, SUFFIX)

enum { N_(LANES) = 128 / sizeof(T) > 16 ? 128 / sizeof(T) : 16, N_(BLOCK) = 32 * N_(LANES) };

/* The best of a block, NaN passed over; *nan is set if there is one. n is a multiple of the lanes. */
static T N_(best)(int64_t n, const T *x, int *nan)
{
    T lane[N_(LANES)], odd[N_(LANES)];
    for (int k = 0; k < N_(LANES); k++) lane[k] = x[k], odd[k] = 0;
    for (int64_t i = 0; i < n; i += N_(LANES)) {
        INDEPENDENT
        for (int k = 0; k < N_(LANES); k++) {
            T v = x[i + k];
            lane[k] = BEATS(v, lane[k]) ? v : lane[k];
            odd[k] = ODD(v) ? 1 : odd[k];
        }
    }
    T best = lane[0];
    *nan = 0;
    for (int k = 0; k < N_(LANES); k++) {
        best = BEATS(lane[k], best) ? lane[k] : best;
        *nan |= odd[k] != 0;
    }
    return best;
}

/* Whole blocks first; only the one with the winner is searched for its place. */
static void N_(row)(int64_t n, const void *data, void *value, int64_t *index, int64_t first)
{
    const T *x = data;
    int64_t place = 0, block = -1, i = 0;
    T best = x[0];
    if (ODD(best)) n = 0;
    for (; i + N_(LANES) <= n; i += N_(BLOCK)) {
        int64_t part = n - i < N_(BLOCK) ? (n - i) / N_(LANES) * N_(LANES) : N_(BLOCK);
        int nan;
        T found = N_(best)(part, x + i, &nan);
        if (nan) {
            while (!ODD(x[i])) i++;
            best = x[i];
            place = i;
            block = -1;
            n = 0;
            break;
        }
        if (BEATS(found, best)) best = found, block = i;
        if (part < N_(BLOCK)) {
            i += part;
            break;
        }
    }
    if (block >= 0) {
        place = block;
        while (x[place] != best) place++;
        best = x[place]; /* of zeros of both signs, the one at that place */
    }
    for (; i < n; i++) {
        if (!BEATS(x[i], best) && !ODD(x[i])) continue;
        best = x[i];
        place = i;
        if (ODD(best)) break;
    }
    *(T *)value = best;
    *index = first + place;
}

static void N_(columns)(int64_t n, int64_t width, int64_t stride, const void *data, void *value, int64_t *index)
{
    const T *x = data;
    T *best = value;
    enum { SPAN = 1 << 30 }; /* places fit in 32 bits inside a span */
    int32_t place[TORSH__EXTREME_COLUMNS];
    for (int64_t j = 0; j < width; j++) best[j] = x[j], index[j] = 0;
    for (int64_t from = 0; from < n; from += SPAN) {
        int32_t rows = (int32_t)(n - from < SPAN ? n - from : SPAN);
        for (int64_t j = 0; j < width; j++) place[j] = -1;
        for (int32_t i = 0; i < rows; i++) {
            const T *row = x + (from + i) * stride;
            INDEPENDENT
            for (int64_t j = 0; j < width; j++) {
                T v = row[j], b = best[j];
                int better = BEATS(v, b) | (ODD(v) & !ODD(b));
                best[j] = better ? v : b;
                place[j] = better ? i : place[j];
            }
        }
        for (int64_t j = 0; j < width; j++) index[j] = place[j] >= 0 ? from + place[j] : index[j];
    }
}

#undef N_
#undef T
#undef SUFFIX
#undef BEATS
#undef ODD
