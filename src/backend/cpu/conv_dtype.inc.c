/* Template, per dtype: copying into the planes and the block of output positions. Included by conv_kernels.c with S the element
 * type in memory, T the compute type, OF(x) x for this dtype, NAME(x) x for the compute type, WIDEN(S), NARROW(T), and
 * SAME 1 where S is T. */

static void OF(copy)(const torsh__conv_copy *c)
{
    for (int64_t r = 0; r < c->rows; r++) {
        T *to = (T *)c->to + r * c->to_row;
        const S *from = (const S *)c->from + r * c->from_row;
#if SAME
        if (c->step == 1) {
            NAME(copy_run)(to, from, c->n);
            continue;
        }
#endif
        for (int64_t i = 0; i < c->n; i++) to[i] = WIDEN(from[i * c->step]);
    }
}

/* Positions of one tile that are neighbours in a row of the output. */
typedef struct { int start, count; int64_t to; } OF(stretch);

static int OF(find_stretches)(const torsh__conv_block *b, int64_t f, int64_t count, OF(stretch) *found)
{
    int n = 0;
    int64_t row = f / b->pitch, column = f % b->pitch;
    for (int64_t i = 0; i < count;) {
        int64_t run = b->width - column < count - i ? b->width - column : count - i;
        if (run > 0) found[n++] = (OF(stretch)){ (int)i, (int)run, row * b->out_row + column * b->out_column };
        i += b->pitch - column;
        row++, column = 0;
    }
    return n;
}

static inline __attribute__((always_inline)) void OF(put)(const torsh__conv_block *b, const OF(stretch) *s, int n, S *out, const T *row)
{
    for (; n > 0; n--, s++) {
        const T *from = row + s->start;
        S *to = out + s->to;
#if SAME
        if (b->out_column == 1) {
            NAME(copy_run)(to, from, s->count);
            continue;
        }
#endif
        for (int i = 0; i < s->count; i++) to[i * b->out_column] = NARROW(from[i]);
    }
}

static void OF(block)(const torsh__conv_block *b)
{
    _Alignas(64) T aside[ROWS * COLUMNS];
    OF(stretch) stretches[COLUMNS];
    for (int64_t f = b->first; f < b->last; f += COLUMNS) {
        int64_t count = b->last - f < COLUMNS ? b->last - f : COLUMNS;
        int n = OF(find_stretches)(b, f, count, stretches);
        const T *weights = b->weights;
        for (int64_t i = 0; i < b->channels; i += b->panel_rows, weights += b->panel_stride) {
            int64_t rows = b->channels - i < b->panel_rows ? b->channels - i : b->panel_rows;
            T start[ROWS] = { 0 };
            if (b->bias) /* not within the loop: a masked load from address 0 doesn't fault, but takes hundreds of nanoseconds */
                for (int64_t r = 0; r < rows; r++) start[r] = WIDEN(((const S *)b->bias)[i + r]);
            NAME(tiles)[rows - 1][(count - 1) / LANES](b->k, weights, (const T *)b->planes + f, b->offsets, start, aside, COLUMNS);
            for (int64_t r = 0; r < rows; r++)
                OF(put)(b, stretches, n, (S *)b->out + (i + r) * b->out_channel, aside + r * COLUMNS);
        }
    }
}

/* The sum of n elements, in 4 vectors of sums of the compute type. */
static double OF(total)(const void *from, int64_t n)
{
    const S *x = from;
    T lanes[4 * LANES] = { 0 };
    int64_t i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES)
        for (int l = 0; l < 4 * LANES; l++) lanes[l] += WIDEN(x[i + l]);
    for (int l = 0; i < n; i++, l++) lanes[l] += WIDEN(x[i]);
    double sum = 0;
    for (int l = 0; l < 4 * LANES; l++) sum += (double)lanes[l];
    return sum;
}

static void OF(store)(void *to, double x)
{
    *(S *)to = NARROW((T)x);
}
