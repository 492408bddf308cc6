/* Sorting and selecting pairs of one type: PAIR, P_(name), LESS, KEY, KEY_BITS, INDEX; undefines them. P_(pair) makes one. */

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

/* How many pairs of room the `wanted` smallest of n need: the kept ones and as many to sort them with. */
static int64_t P_(room)(int64_t n, int64_t wanted)
{
    return 2 * (wanted > n / (wanted <= HANDFUL ? 8 : 64) ? n : 2 * wanted);
}

/* Puts p, which is before the last of the `wanted` so far if there are as many, to its place among them. */
static int64_t P_(insert)(PAIR *a, int64_t count, int64_t wanted, PAIR p)
{
    int64_t k = count < wanted ? count : wanted - 1;
    for (; k > 0 && LESS(p, a[k - 1]); k--) a[k] = a[k - 1];
    a[k] = p;
    return count < wanted ? count + 1 : count;
}

/* The `wanted` smallest pairs, in order, at the front of a. Few of many: a filter keeps what is before the last of the wanted so far,
 * a handful in order, more in room for twice as many, which is sorted and cut when it is full. */
static void P_(order)(const job *j, const char *x, PAIR *a, int64_t wanted)
{
    int64_t n = j->axis.n, capacity = P_(room)(n, wanted) / 2, count = 0;
    if (capacity == n) {
        for (int64_t i = 0; i < n; i++) a[i] = P_(pair)(j, x, i);
        P_(sort_all)(a, a + n, n);
        return;
    }
    PAIR limit = P_(pair)(j, x, 0);
    bool limited = false;
    for (int64_t i = 0; i < n; i++) {
        if (limited && (i = skip(j, x, i, n, INDEX(limit))) >= n) break;
        PAIR p = P_(pair)(j, x, i);
        if (limited && !LESS(p, limit)) continue;
        if (wanted <= HANDFUL) {
            count = P_(insert)(a, count, wanted, p);
        } else {
            a[count++] = p;
            if (count < capacity) continue;
            P_(sort_all)(a, a + capacity, count);
            count = wanted;
        }
        limited = count == wanted;
        if (limited) limit = a[wanted - 1];
    }
    if (wanted > HANDFUL) P_(sort_all)(a, a + capacity, count);
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
#undef INDEX
