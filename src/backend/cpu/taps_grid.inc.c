/* Included with T, RINT and N_(name), after taps_kernels.h; undefines them. A block of coordinates of points, as places and weights: the steps are loops of their own, which
 * vectorise. Every step is rounded to T, so that points fall on the side on which PyTorch has them. */

#include <math.h>

enum { BLOCK = TORSH__TAPS_BLOCK, MOST = 1 << 30 };

typedef struct N_(range) {
    T low, span, last; /* reflection is at low and low + span */
} N_(range);

/* Where a place outside is taken from; factor is multiplied by the derivative of that. */
static void N_(bound)(N_(range) r, bool reflect, T *x, T *factor)
{
    if (reflect)
        for (int p = 0; p < BLOCK; p++) {
            T away = x[p] - r.low, size = away < 0 ? -away : away, turns = size / r.span;
            int32_t whole = (int32_t)(turns < MOST ? turns : 0); /* NaN, too */
            T extra = size - (T)whole * r.span;
            extra = extra > 0 ? extra : 0;
            extra = extra < r.span ? extra : r.span;
            x[p] = whole & 1 ? r.low + r.span - extra : extra + r.low;
            factor[p] = (away < 0) == (whole & 1) ? factor[p] : -factor[p];
        }
    for (int p = 0; p < BLOCK; p++) {
        factor[p] = x[p] > 0 && x[p] < r.last ? factor[p] : 0;
        x[p] = x[p] > 0 ? x[p] : 0;
        x[p] = x[p] < r.last ? x[p] : r.last;
    }
}

static void N_(along)(const torsh__sample_line *l, int n, const T *from, int stride, int32_t (*at)[BLOCK], T (*weight)[BLOCK], T (*slope)[BLOCK])
{
    const int taps = l->kind ? 2 * l->kind : 1, cubic = l->kind == 2;
    const int32_t size = l->size;
    const T scale = (T)(l->corners ? l->size - 1 : l->size) / 2, half = l->corners ? 0 : (T)0.5;
    const N_(range) range = {l->corners ? 0 : (T)-0.5, (T)(l->corners ? l->size - 1 : l->size), (T)(l->size - 1)};
    const T low = cubic && l->padding == 'r' ? -MOST : -4, high = cubic && l->padding == 'r' ? MOST : range.last + 4; /* far enough to be outside */
    T x[BLOCK], factor[BLOCK];
    int32_t base[BLOCK];
    if (n == BLOCK && stride == 2) /* vectorises */
        for (int p = 0; p < BLOCK; p++) x[p] = from[2 * p];
    else
        for (int p = 0; p < n; p++) x[p] = from[p * stride];
    for (int p = n; p < BLOCK; p++) x[p] = 0;
    for (int p = 0; p < BLOCK; p++) x[p] = (x[p] + 1) * scale - half, factor[p] = scale;
    if (!cubic && l->padding != 'z') N_(bound)(range, l->padding == 'r', x, factor);
    for (int p = 0; p < BLOCK; p++) {
        x[p] = x[p] > low ? x[p] : low; /* NaN, too */
        x[p] = x[p] < high ? x[p] : high;
        T near = l->kind ? x[p] : RINT(x[p]);
        int32_t whole = (int32_t)near;
        base[p] = whole - ((T)whole > near) - cubic;
        x[p] -= (T)(base[p] + cubic);
    }
    for (int k = 0; k < taps; k++) {
        for (int p = 0; p < BLOCK; p++) at[k][p] = base[p] + k;
        if (cubic && l->padding != 'z') {
            T place[BLOCK], unused[BLOCK] = {0};
            for (int p = 0; p < BLOCK; p++) place[p] = (T)at[k][p];
            N_(bound)(range, l->padding == 'r', place, unused);
            for (int p = 0; p < BLOCK; p++) at[k][p] = (int32_t)place[p];
        }
        for (int p = 0; p < BLOCK; p++) at[k][p] = ((at[k][p] >= 0) & (at[k][p] < size)) ? at[k][p] : -1;
        const double *c = torsh__tap_curves[l->kind][k];
        const T a = (T)c[0], b = (T)c[1], d = (T)c[2], e = (T)c[3], twice = 2 * d, thrice = 3 * e;
        for (int p = 0; l->kind && p < BLOCK; p++) weight[k][p] = ((e * x[p] + d) * x[p] + b) * x[p] + a;
        for (int p = 0; slope && p < BLOCK; p++) slope[k][p] = factor[p] * ((thrice * x[p] + twice) * x[p] + b);
    }
}

/* Of two dims' taps those of their lines. */
static void N_(points)(const torsh__sample_line line[3], int dims, const T *grid, N_(torsh__sample) *b, bool slopes)
{
    const int taps = line->kind ? 2 * line->kind : 1, many = dims == 3 ? taps : 1, height = line[1].size;
    for (int d = 0; d < dims; d++) N_(along)(&line[d], b->n, grid + d, dims, b->at[d], b->weight[d], slopes ? b->turn[d] : NULL);
    if (dims == 2) {
        memset(b->at[2][0], 0, sizeof b->at[2][0]);
        memset(b->turn[2][0], 0, sizeof b->turn[2][0]);
        for (int p = 0; p < BLOCK; p++) b->weight[2][0][p] = 1;
    }
    int32_t all[BLOCK], any[BLOCK], outside[BLOCK]; /* the sign says: not whole; all outside, of lines and on a line */
    const int32_t *left = b->at[0][0], *right = b->at[0][taps - 1];
    for (int p = 0; p < BLOCK; p++) all[p] = left[p] | (right[p] - left[p] == taps - 1 ? 0 : -1);
    for (int r = 0; r < many * taps; r++) {
        const int32_t *y = b->at[1][r % taps], *z = b->at[2][r / taps];
        const T *v = b->weight[1][r % taps], *w = b->weight[2][r / taps], *dv = b->turn[1][r % taps], *dw = b->turn[2][r / taps];
        int32_t *to = b->line[r];
        for (int p = 0; p < BLOCK; p++) {
            to[p] = (y[p] | z[p]) < 0 ? -1 : z[p] * height + y[p];
            all[p] |= to[p];
        }
        for (int p = 0; line->kind && p < BLOCK; p++) b->lines[0][r][p] = v[p] * w[p];
        for (int p = 0; slopes && p < BLOCK; p++) b->lines[1][r][p] = dv[p] * w[p], b->lines[2][r][p] = v[p] * dw[p];
    }
    int32_t apart = many == 4 ? -1 : 0; /* cubes of cubic taps have no loops of their own */
    for (int p = 0; p < BLOCK; p++) apart |= all[p]; /* those past n are in the middle */
    b->wholes = b->inside = b->n;
    for (int p = 0; p < BLOCK; p++) b->order[p] = p;
    if (apart >= 0) return;
    memset(any, -1, sizeof any);
    memset(outside, -1, sizeof outside);
    for (int k = 0; k < taps; k++)
        for (int p = 0; p < BLOCK; p++) outside[p] &= b->at[0][k][p];
    for (int r = 0; r < many * taps; r++)
        for (int p = 0; p < BLOCK; p++) any[p] &= b->line[r][p];
    int count = 0;
    for (int kind = 0; kind < 3; kind++) { /* whole ones, others with something inside, the rest */
        for (int p = 0; p < b->n && count < b->n; p++) {
            bool whole = all[p] >= 0 && many < 4, none = (any[p] | outside[p]) < 0;
            b->order[count] = p; /* rather than a branch that no processor foresees */
            count += kind == 0 ? whole : kind == 1 ? !whole && !none : !whole && none;
        }
        if (kind == 0) b->wholes = count;
        if (kind == 1) b->inside = count;
    }
}

#undef T
#undef RINT
#undef N_
