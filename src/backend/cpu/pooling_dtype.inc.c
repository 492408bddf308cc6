/* Template, per dtype: pooling of one plane of up to three dimensions. Included by pooling_kernels.c, and by pooling_integers.c for
 * whole numbers, with T the type, OF(x) x for it, LOWEST below all of its values, IS_NAN(x), and MASK the signed integer as wide as T,
 * or not defined: then there are no kernels for 2x2 windows. Forward and backward stand side by side; windows come as tables, so that
 * fixed and adaptive windows are one. */

/* ---- any windows ---- */

static inline __attribute__((always_inline)) void OF(taps)(int64_t n, T *restrict to, const T *restrict from, int64_t size, int64_t step, const int64_t by)
{
    for (int64_t x = 0; x < size; x += step)
        for (int64_t j = 0; j < n; j++) {
            T value = from[x + j * by];
            to[j] = value > to[j] || IS_NAN(value) ? value : to[j];
        }
}

static void OF(indexed_taps)(int64_t n, T *restrict to, int64_t *restrict where, const T *restrict from, int64_t at, int64_t size, int64_t step, int64_t by)
{
    for (int64_t x = 0; x < size; x += step)
        for (int64_t j = 0; j < n; j++) {
            T value = from[x + j * by];
            bool take = value > to[j] || IS_NAN(value);
            to[j] = take ? value : to[j];
            where[j] = take ? at + x + j * by : where[j];
        }
}

/* A line of windows of one size that begin anywhere. */
static void OF(placed_line)(const torsh__pooling_plane *p, T *restrict to, int64_t *restrict where, torsh__pooling_window d, torsh__pooling_window r)
{
    const int64_t *restrict places = p->places;
    int64_t n = p->out[2], size = p->windows[2]->end - p->windows[2]->first, first = (d.first * p->in[1] + r.first) * p->in[2];
    for (int64_t j = 0; j < n; j++) to[j] = LOWEST;
    for (int64_t j = 0; j < n; j++) where[j] = first + places[j];
    for (int64_t z = d.first; z < d.end; z++)
        for (int64_t y = r.first; y < r.end; y++)
            for (int64_t x = 0; x < size; x++) {
                int64_t at = (z * p->in[1] + y) * p->in[2] + x;
                const T *restrict from = (const T *)p->from + at;
                for (int64_t j = 0; j < n; j++) {
                    T value = from[places[j]];
                    bool take = (value > to[j]) | IS_NAN(value);
                    to[j] = take ? value : to[j];
                    where[j] = take ? at + places[j] : where[j];
                }
            }
}

/* n such windows, from the first one on, over the lines of d and r. */
static void OF(max_line)(const torsh__pooling_plane *p, int64_t n, T *to, int64_t *where, torsh__pooling_window d, torsh__pooling_window r, torsh__pooling_window c)
{
    int64_t size = c.end - c.first, step = p->step[2], by = p->by, first = (d.first * p->in[1] + r.first) * p->in[2] + c.first;
    for (int64_t j = 0; j < n; j++) to[j] = LOWEST;
    for (int64_t j = 0; where && j < n; j++) where[j] = first + j * by;
    for (int64_t z = d.first; z < d.end; z += p->step[0])
        for (int64_t y = r.first; y < r.end; y += p->step[1]) {
            int64_t at = (z * p->in[1] + y) * p->in[2] + c.first;
            const T *from = (const T *)p->from + at;
            if (where) OF(indexed_taps)(n, to, where, from, at, size, step, by);
            else if (by == 2) OF(taps)(n, to, from, size, step, 2);
            else if (by == 1) OF(taps)(n, to, from, size, step, 1);
            else OF(taps)(n, to, from, size, step, by);
        }
}

/* What isn't one of the windows side by side: o of a line from 0 on, in order. */
static inline int64_t OF(next_alone)(const torsh__pooling_plane *p, int64_t o)
{
    return p->lined && o == p->first ? p->first + p->lined : o;
}

/* Where the largest of one window is, and which; the last NaN. */
static int64_t OF(window)(const torsh__pooling_plane *p, torsh__pooling_window d, torsh__pooling_window r, torsh__pooling_window c, T *largest)
{
    T best = LOWEST;
    int64_t where = (d.first * p->in[1] + r.first) * p->in[2] + c.first;
    for (int64_t z = d.first; z < d.end; z += p->step[0])
        for (int64_t y = r.first; y < r.end; y += p->step[1])
            for (int64_t x = c.first; x < c.end; x += p->step[2]) {
                int64_t at = (z * p->in[1] + y) * p->in[2] + x;
                T value = ((const T *)p->from)[at];
                bool take = value > best || IS_NAN(value);
                best = take ? value : best;
                where = take ? at : where;
            }
    *largest = best;
    return where;
}

/* The same for large windows: the columns of each plane side by side, or line by line. */
static int64_t OF(large_window)(const torsh__pooling_plane *p, torsh__pooling_window d, torsh__pooling_window r, torsh__pooling_window c, T *largest)
{
    T best[TORSH__EXTREME_COLUMNS];
    int64_t where = -1, place[TORSH__EXTREME_COLUMNS], width = c.end - c.first;
    bool columns = width <= TORSH__EXTREME_COLUMNS && r.end - r.first >= TORSH__TALL_WINDOW;
    for (int64_t z = d.first; z < d.end; z++)
        for (int64_t y = r.first; y < r.end; y += columns ? r.end - r.first : 1) {
            int64_t at = (z * p->in[1] + y) * p->in[2] + c.first, found = columns ? width : 1;
            const T *from = (const T *)p->from + at;
            if (columns) p->search->columns(r.end - y, width, p->in[2], from, best, place);
            else p->search->row(width, from, best, place, 0);
            for (int64_t j = 0; j < found; j++) {
                int64_t own = at + place[j] * (columns ? p->in[2] : 1) + j;
                if (IS_NAN(best[j])) return OF(window)(p, d, r, c, largest); /* a search ends at the first NaN */
                if (where < 0 || best[j] > *largest || (best[j] == *largest && own < where)) *largest = best[j], where = own;
            }
        }
    return where;
}

/* Worth it where windows don't stand side by side: a line much longer than a vector, or some lines of at least one. */
static bool OF(is_large)(const torsh__pooling_plane *p, torsh__pooling_window r, torsh__pooling_window c)
{
    enum { LONG = 128, WIDE = 16 };
    int64_t width = c.end - c.first;
    return p->search && p->step[0] == 1 && p->step[1] == 1 && p->step[2] == 1 && (width >= LONG || (width >= WIDE && r.end - r.first >= TORSH__TALL_WINDOW));
}

static void OF(max)(const torsh__pooling_plane *p)
{
    T *to = p->to;
    for (int64_t h = 0; h < p->out[0]; h++)
        for (int64_t i = 0; i < p->out[1]; i++) {
            int64_t line = (h * p->out[1] + i) * p->out[2], *indices = p->indices ? p->indices + line : NULL;
            torsh__pooling_window d = p->windows[0][h], r = p->windows[1][i];
            if (p->places) {
                OF(placed_line)(p, to + line, indices, d, r);
                continue;
            }
            bool large = !p->lined && OF(is_large)(p, r, p->windows[2][p->out[2] / 2]);
            if (p->lined) OF(max_line)(p, p->lined, to + line + p->first, indices ? indices + p->first : NULL, d, r, p->windows[2][p->first]);
            for (int64_t j = OF(next_alone)(p, 0); j < p->out[2]; j = OF(next_alone)(p, j + 1)) {
                int64_t where = (large ? OF(large_window) : OF(window))(p, d, r, p->windows[2][j], to + line + j);
                if (indices) indices[j] = where;
            }
        }
}

static void OF(max_back)(const torsh__pooling_plane *p)
{
    const T *from = p->from;
    T *sums = p->to;
    uint64_t size = (uint64_t)(p->in[0] * p->in[1] * p->in[2]);
    memset(sums, 0, size * sizeof(T));
    for (int64_t o = 0; o < p->out[0] * p->out[1] * p->out[2]; o++)
        if ((uint64_t)p->indices[o] < size) sums[p->indices[o]] += from[o];
}

/* Eight sums side by side, so that wide windows vectorise. */
static inline T OF(row_sum)(const T *from, int64_t n)
{
    T lanes[8] = { 0 }, sum = 0;
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int l = 0; l < 8; l++) lanes[l] += from[i + l];
    for (; i < n; i++) sum += from[i];
    if (n >= 8)
        for (int l = 0; l < 8; l++) sum += lanes[l];
    return sum;
}

/* Windows side by side: their sums grow together. */
static void OF(avg_line)(const torsh__pooling_plane *p, T *restrict to, torsh__pooling_window d, torsh__pooling_window r)
{
    const torsh__pooling_window *c = &p->windows[2][p->first];
    int64_t n = p->lined, by = p->by;
    for (int64_t j = 0; j < n; j++) to[j] = 0;
    for (int64_t z = d.first; z < d.end; z++)
        for (int64_t y = r.first; y < r.end; y++)
            for (int64_t x = c->first; x < c->end; x++) {
                const T *from = (const T *)p->from + (z * p->in[1] + y) * p->in[2] + x;
                if (by == 2)
                    for (int64_t j = 0; j < n; j++) to[j] += from[2 * j];
                else
                    for (int64_t j = 0; j < n; j++) to[j] += from[j * by];
            }
    for (int64_t j = 0; j < n; j++) to[j] /= (T)(d.size * r.size * c[j].size);
}

static void OF(avg)(const torsh__pooling_plane *p)
{
    const T *from = p->from;
    T *to = p->to;
    for (int64_t h = 0; h < p->out[0]; h++)
        for (int64_t i = 0; i < p->out[1]; i++) {
            torsh__pooling_window d = p->windows[0][h], r = p->windows[1][i];
            int64_t line = (h * p->out[1] + i) * p->out[2];
            bool open = d.first < d.end && r.first < r.end, lined = open && p->lined && p->windows[2][p->first].end - p->windows[2][p->first].first < 8;
            if (lined) OF(avg_line)(p, to + line + p->first, d, r);
            for (int64_t j = lined ? OF(next_alone)(p, 0) : 0; j < p->out[2]; j = lined ? OF(next_alone)(p, j + 1) : j + 1) {
                torsh__pooling_window c = p->windows[2][j];
                bool some = open && c.first < c.end;
                T sum = 0;
                for (int64_t z = d.first; z < d.end && some; z++)
                    for (int64_t y = r.first; y < r.end; y++) sum += OF(row_sum)(from + (z * p->in[1] + y) * p->in[2] + c.first, c.end - c.first);
                to[line + j] = some ? sum / (T)(d.size * r.size * c.size) : 0;
            }
        }
}

static void OF(avg_back)(const torsh__pooling_plane *p)
{
    const T *from = p->from;
    T *sums = p->to;
    memset(sums, 0, (size_t)(p->in[0] * p->in[1] * p->in[2]) * sizeof(T));
    for (int64_t h = 0, o = 0; h < p->out[0]; h++)
        for (int64_t i = 0; i < p->out[1]; i++)
            for (int64_t j = 0; j < p->out[2]; j++, o++) {
                torsh__pooling_window d = p->windows[0][h], r = p->windows[1][i], c = p->windows[2][j];
                if (d.first >= d.end || r.first >= r.end || c.first >= c.end) continue;
                T share = from[o] / (T)(d.size * r.size * c.size);
                for (int64_t z = d.first; z < d.end; z++)
                    for (int64_t y = r.first; y < r.end; y++)
                        for (int64_t x = c.first; x < c.end; x++) sums[(z * p->in[1] + y) * p->in[2] + x] += share;
            }
}

#ifdef MASK

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
    T *to = p->to;
    int64_t width = p->in[2];
    for (int64_t y = 0; y < 2 * p->out[1]; y++)
        for (int64_t x = 2 * p->out[2]; x < width; x++) to[y * width + x] = 0;
    for (int64_t i = 2 * p->out[1] * width; i < p->in[1] * width; i++) to[i] = 0;
}

static void OF(max_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[2] >= 8) OF(max_2x2_8)(p);
    else OF(max_2x2_4)(p);
}

static void OF(max_back_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[2] >= 8) OF(max_back_2x2_8)(p);
    else OF(max_back_2x2_4)(p);
    OF(zero_rest)(p);
}

static void OF(avg_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[2] >= 8) OF(avg_2x2_8)(p);
    else OF(avg_2x2_4)(p);
}

static void OF(avg_back_2x2)(const torsh__pooling_plane *p)
{
    if (p->out[2] >= 8) OF(avg_back_2x2_8)(p);
    else OF(avg_back_2x2_4)(p);
    OF(zero_rest)(p);
}
#endif
