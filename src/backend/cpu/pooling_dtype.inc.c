/* Template, per dtype: pooling of one plane. Included by pooling_kernels.c with S the element type in memory, T the compute type, OF(x) x
 * for this dtype, WIDEN(S), NARROW(T), SAME 1 where S is T, and MASK the signed integer as wide as T. Forward and backward stand
 * side by side; windows come as tables, so that fixed and adaptive windows are one. */

/* ---- any windows ---- */

static void OF(max)(const torsh__pooling_plane *p)
{
    const S *from = p->from;
    S *to = p->to;
    for (int64_t i = 0, o = 0; i < p->out[0]; i++)
        for (int64_t j = 0; j < p->out[1]; j++, o++) {
            torsh__pooling_window r = p->rows[i], c = p->columns[j];
            T best = -(T)INFINITY;
            int64_t where = r.first * p->in[1] + c.first;
            for (int64_t y = r.first; y < r.end; y += p->step[0])
                for (int64_t x = c.first; x < c.end; x += p->step[1]) {
                    T value = WIDEN(from[y * p->in[1] + x]);
                    bool take = value > best || value != value;
                    best = take ? value : best;
                    where = take ? y * p->in[1] + x : where;
                }
            to[o] = NARROW(best);
            if (p->indices) p->indices[o] = where;
        }
}

/* Where sums are made: the result itself, or the scratch plane of a wider type. */
static T *OF(sums)(const torsh__pooling_plane *p)
{
    T *sums = SAME ? p->to : p->scratch;
    memset(sums, 0, (size_t)(p->in[0] * p->in[1]) * sizeof(T));
    return sums;
}

static void OF(write_sums)(const torsh__pooling_plane *p, const T *sums)
{
#if SAME
    (void)p, (void)sums;
#else
    S *to = p->to;
    for (int64_t i = 0; i < p->in[0] * p->in[1]; i++) to[i] = NARROW(sums[i]);
#endif
}

static void OF(max_back)(const torsh__pooling_plane *p)
{
    const S *from = p->from;
    T *sums = OF(sums)(p);
    uint64_t size = (uint64_t)(p->in[0] * p->in[1]);
    for (int64_t o = 0; o < p->out[0] * p->out[1]; o++)
        if ((uint64_t)p->indices[o] < size) sums[p->indices[o]] += WIDEN(from[o]);
    OF(write_sums)(p, sums);
}

/* Eight sums side by side, so that wide windows vectorise. */
static inline T OF(row_sum)(const S *from, int64_t n)
{
    T lanes[8] = { 0 }, sum = 0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) lanes[l] += WIDEN(from[i + l]);
    for (; i < n; i++) sum += WIDEN(from[i]);
    if (n >= 8)
        for (int l = 0; l < 8; l++) sum += lanes[l];
    return sum;
}

static void OF(avg)(const torsh__pooling_plane *p)
{
    const S *from = p->from;
    S *to = p->to;
    for (int64_t i = 0, o = 0; i < p->out[0]; i++)
        for (int64_t j = 0; j < p->out[1]; j++, o++) {
            torsh__pooling_window r = p->rows[i], c = p->columns[j];
            T sum = 0;
            for (int64_t y = r.first; y < r.end && c.first < c.end; y++) sum += OF(row_sum)(from + y * p->in[1] + c.first, c.end - c.first);
            to[o] = NARROW(r.first < r.end && c.first < c.end ? sum / (T)(r.size * c.size) : 0);
        }
}

static void OF(avg_back)(const torsh__pooling_plane *p)
{
    const S *from = p->from;
    T *sums = OF(sums)(p);
    for (int64_t i = 0, o = 0; i < p->out[0]; i++)
        for (int64_t j = 0; j < p->out[1]; j++, o++) {
            torsh__pooling_window r = p->rows[i], c = p->columns[j];
            if (r.first >= r.end || c.first >= c.end) continue;
            T share = WIDEN(from[o]) / (T)(r.size * c.size);
            for (int64_t y = r.first; y < r.end; y++)
                for (int64_t x = c.first; x < c.end; x++) sums[y * p->in[1] + x] += share;
        }
    OF(write_sums)(p, sums);
}

/* ---- windows of 2x2 side by side: eight or four outputs at a time, the last ones twice if need be ---- */

#define LANES 8
#define WITH(x) OF(x##_8)
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#define LOW 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH 4, 12, 5, 13, 6, 14, 7, 15
#define TWICE 0, 2, 4, 6, 8, 10, 12, 14
#include "pooling_2x2.inc.c"
#undef LANES
#undef WITH
#undef EVEN
#undef ODD
#undef LOW
#undef HIGH
#undef TWICE

#define LANES 4
#define WITH(x) OF(x##_4)
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#define LOW 0, 4, 1, 5
#define HIGH 2, 6, 3, 7
#define TWICE 0, 2, 4, 6
#include "pooling_2x2.inc.c"
#undef LANES
#undef WITH
#undef EVEN
#undef ODD
#undef LOW
#undef HIGH
#undef TWICE

/* What lies outside every window: a last odd row and column of the input get a zero gradient. */
static void OF(zero_rest)(const torsh__pooling_plane *p)
{
    S *to = p->to;
    int64_t width = p->in[1];
    for (int64_t y = 0; y < 2 * p->out[0]; y++)
        for (int64_t x = 2 * p->out[1]; x < width; x++) to[y * width + x] = NARROW(0);
    for (int64_t i = 2 * p->out[0] * width; i < p->in[0] * width; i++) to[i] = NARROW(0);
}

static void OF(max_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[1] >= 8) OF(max_2x2_8)(p);
    else OF(max_2x2_4)(p);
}

static void OF(max_back_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[1] >= 8) OF(max_back_2x2_8)(p);
    else OF(max_back_2x2_4)(p);
    OF(zero_rest)(p);
}

static void OF(avg_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[1] >= 8) OF(avg_2x2_8)(p);
    else OF(avg_2x2_4)(p);
}

static void OF(avg_back_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[1] >= 8) OF(avg_back_2x2_8)(p);
    else OF(avg_back_2x2_4)(p);
    OF(zero_rest)(p);
}
