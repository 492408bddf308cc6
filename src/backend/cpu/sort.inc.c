/* Sorting and selecting pairs of one type: PAIR, P_(name), LESS, KEY, KEY_BITS; undefines them. */

static void P_(insertion)(PAIR *a, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        PAIR p = a[i];
        int64_t k = i;
        for (; k > 0 && LESS(p, a[k - 1]); k--) a[k] = a[k - 1];
        a[k] = p;
    }
}

static void P_(merge_sort)(PAIR *a, PAIR *room, int64_t n)
{
    for (int64_t i = 0; i < n; i += RUN) P_(insertion)(a + i, n - i < RUN ? n - i : RUN);
    PAIR *from = a, *to = room;
    for (int64_t width = RUN; width < n; width *= 2) {
        for (int64_t start = 0; start < n; start += 2 * width) {
            int64_t middle = start + width < n ? start + width : n, end = start + 2 * width < n ? start + 2 * width : n;
            int64_t i = start, k = middle;
            for (int64_t at = start; at < end; at++) to[at] = i < middle && (k >= end || !LESS(from[k], from[i])) ? from[i++] : from[k++];
        }
        PAIR *swap = from;
        from = to;
        to = swap;
    }
    if (from != a) memcpy(a, from, (size_t)n * sizeof *a);
}

/* All digits are counted in one pass; a digit that all keys share is skipped. */
static void P_(radix_sort)(PAIR *a, PAIR *room, int64_t n)
{
    enum { PASSES = (KEY_BITS + DIGIT - 1) / DIGIT };
    uint32_t counts[PASSES][BUCKETS] = {0};
    for (int64_t i = 0; i < n; i++)
        for (int d = 0; d < PASSES; d++) counts[d][KEY(a[i]) >> (d * DIGIT) & (BUCKETS - 1)]++;
    PAIR *from = a, *to = room;
    for (int d = 0; d < PASSES; d++) {
        uint32_t *count = counts[d], sum = 0;
        if (count[KEY(from[0]) >> (d * DIGIT) & (BUCKETS - 1)] == (uint32_t)n) continue;
        for (int k = 0; k < BUCKETS; k++) {
            uint32_t here = count[k];
            count[k] = sum;
            sum += here;
        }
        for (int64_t i = 0; i < n; i++) to[count[KEY(from[i]) >> (d * DIGIT) & (BUCKETS - 1)]++] = from[i];
        PAIR *swap = from;
        from = to;
        to = swap;
    }
    if (from != a) memcpy(a, from, (size_t)n * sizeof *a);
}

static void P_(sort_all)(PAIR *a, PAIR *room, int64_t n)
{
    if (n < SHORT_ROW || n > UINT32_MAX) P_(merge_sort)(a, room, n);
    else P_(radix_sort)(a, room, n);
}

/* The `wanted` smallest pairs, in order, at the front of a. Few of many: a filter keeps what is below the wanted-th smallest so
 * far; when its room is full it is sorted and cut. */
static void P_(order)(PAIR *a, PAIR *room, int64_t n, int64_t wanted)
{
    int64_t capacity = wanted * 2 > 2048 ? wanted * 2 : 2048;
    if (wanted > n / 16 || capacity * 2 > n) {
        P_(sort_all)(a, room, n);
        return;
    }
    PAIR *kept = room, *work = room + capacity, limit = a[0];
    int64_t count = 0;
    bool limited = false;
    for (int64_t i = 0; i < n; i++) {
        if (limited && !LESS(a[i], limit)) continue;
        kept[count++] = a[i];
        if (count < capacity) continue;
        P_(sort_all)(kept, work, count);
        count = wanted;
        limit = kept[wanted - 1];
        limited = true;
    }
    P_(sort_all)(kept, work, count);
    memcpy(a, kept, (size_t)wanted * sizeof *a);
}

/* Of sorted pairs: the last of the longest run of equal keys, the first such run. */
static int64_t P_(mode)(const PAIR *a, int64_t n)
{
    int64_t best = 0, length = 0, run = 0;
    for (int64_t i = 0; i < n; i++) {
        run = i && KEY(a[i]) == KEY(a[i - 1]) ? run + 1 : 1;
        if (run > length) length = run, best = i;
    }
    return best;
}

#undef PAIR
#undef P_
#undef LESS
#undef KEY
#undef KEY_BITS
