/* Included with T, N_(name) and FAST: whether points whose taps lie side by side have loops of their own; undefines them. */

typedef T N_(four) __attribute__((vector_size(4 * sizeof(T))));
typedef N_(torsh__sample) N_(block);

static inline N_(four) N_(load)(const T *x)
{
    N_(four) v;
    memcpy(&v, x, sizeof v);
    return v;
}

static inline N_(four) N_(across)(T (*w)[BLOCK], int p)
{
    return (N_(four)){w[0][p], w[1][p], w[2][p], w[3][p]};
}

static inline T N_(total)(N_(four) v)
{
    return (v[0] + v[1]) + (v[2] + v[3]);
}

/* Sum over a point's taps of line weight x tap weight x element; outside there are zeros. */
static T N_(sum)(const job *j, N_(block) *b, int p, const T *x, T (*lines)[BLOCK], T (*weight)[BLOCK])
{
    T sum = 0;
    for (int r = 0; r < j->rows; r++) {
        const T *line = x + b->line[r][p] * j->width;
        if (b->line[r][p] < 0) continue;
        if (j->taps == 1) return b->at[0][0][p] < 0 ? 0 : line[b->at[0][0][p]];
        T part = 0;
        for (int k = 0; k < j->taps; k++)
            if (b->at[0][k][p] >= 0) part += weight[k][p] * line[b->at[0][k][p]];
        sum += lines[r][p] * part;
    }
    return sum;
}

#if FAST
/* Of a block's whole points, in order, what all planes share: places of the first element that counts of each line, and weights of two taps, one beside the
 * other. Padded to groups of four. */
typedef struct shared {
    int64_t place[4][BLOCK];
    T pair[4][2 * BLOCK];
} shared;

static inline __attribute__((always_inline)) void share(const job *j, const N_(block) *b, shared *to, const int taps, const int rows)
{
    const int64_t width = j->width;
    for (int r = 0; r < rows; r++) {
        const int32_t *line = b->line[r], *at = b->at[0][0], *order = b->order;
        for (int i = 0; i < b->wholes; i++) to->place[r][i] = line[order[i]] * width + at[order[i]];
        for (int i = 0; taps == 2 && i < b->wholes; i++) {
            int p = order[i];
            to->pair[r][2 * i] = b->lines[0][r][p] * b->weight[0][0][p];
            to->pair[r][2 * i + 1] = b->lines[0][r][p] * b->weight[0][1][p];
        }
        for (int i = b->wholes; i % 4; i++) to->place[r][i] = to->place[r][0], to->pair[r][2 * i] = to->pair[r][2 * i + 1] = 0;
    }
}

typedef double halves __attribute__((vector_size(16)));

static inline N_(four) two_pairs(const T *a, const T *b)
{
    double first, second;
    memcpy(&first, a, sizeof first);
    memcpy(&second, b, sizeof second);
    return (N_(four))(halves){first, second};
}

static inline __attribute__((always_inline)) void read_whole(N_(block) *b, const shared *s, const T *x, T *y, const int taps, const int rows)
{
    if (taps == 1 && b->wholes == BLOCK)
#pragma GCC unroll 4
        for (int i = 0; i < BLOCK; i++) y[i] = x[s->place[0][i]];
    else if (taps == 1)
        for (int i = 0; i < b->wholes; i++) y[b->order[i]] = x[s->place[0][i]];
    if (taps == 4)
        for (int i = 0; i < b->wholes; i++) {
            int p = b->order[i];
            N_(four) sum = b->lines[0][0][p] * N_(load)(x + s->place[0][i]);
            for (int r = 1; r < rows; r++) sum += b->lines[0][r][p] * N_(load)(x + s->place[r][i]);
            y[p] = N_(total)(sum * N_(across)(b->weight[0], p));
        }
    for (int i = 0; taps == 2 && i < b->wholes; i += 4) {
        N_(four) low = {0}, high = {0};
        for (int r = 0; r < rows; r++) {
            const int64_t *at = s->place[r] + i;
            low += N_(load)(s->pair[r] + 2 * i) * two_pairs(x + at[0], x + at[1]);
            high += N_(load)(s->pair[r] + 2 * i + 4) * two_pairs(x + at[2], x + at[3]);
        }
        N_(four) sum = __builtin_shufflevector(low, high, 0, 2, 4, 6) + __builtin_shufflevector(low, high, 1, 3, 5, 7);
        if (b->wholes == b->n && i + 4 <= b->n) memcpy(y + i, &sum, sizeof sum);
        else
            for (int k = 0; k < 4 && i + k < b->wholes; k++) y[b->order[i + k]] = sum[k];
    }
}
#endif

/* Those that are not whole, or all. */
static void N_(read_rest)(const job *j, N_(block) *b, const T *x, T *y)
{
    int i = FAST ? b->wholes : 0;
    for (; i < b->inside; i++) y[b->order[i]] = N_(sum)(j, b, b->order[i], x, b->lines[0], b->weight[0]);
    for (; i < b->n; i++) y[b->order[i]] = 0;
}

static inline __attribute__((always_inline)) void N_(add)(const job *j, N_(block) *b, T *x, const T *g, const int taps, const int rows)
{
    int i = 0;
    for (; FAST && i < b->wholes; i++) {
        int p = b->order[i];
        T *at = x + b->at[0][0][p];
        for (int r = 0; r < rows; r++) {
            T *to = at + b->line[r][p] * j->width, factor = taps > 1 ? g[p] * b->lines[0][r][p] : g[p];
            if (taps == 4) {
                N_(four) sum = N_(load)(to) + factor * N_(across)(b->weight[0], p);
                memcpy(to, &sum, sizeof sum);
            } else {
                to[0] += taps > 1 ? factor * b->weight[0][0][p] : factor;
                if (taps > 1) to[1] += factor * b->weight[0][1][p];
            }
        }
    }
    for (; i < b->inside; i++) {
        int p = b->order[i];
        for (int r = 0; r < j->rows; r++)
            for (int k = 0; k < j->taps && b->line[r][p] >= 0; k++)
                if (b->at[0][k][p] >= 0) x[b->line[r][p] * j->width + b->at[0][k][p]] += j->taps > 1 ? g[p] * b->lines[0][r][p] * b->weight[0][k][p] : g[p];
    }
}

/* Adds to `sum` what a plane adds to the derivatives by the coordinates. */
static inline __attribute__((always_inline)) void N_(differ)(const job *j, N_(block) *b, const T *x, const T *g, T (*sum)[BLOCK], const int rows)
{
    int i = 0;
    for (; FAST && i < b->wholes; i++) {
        int p = b->order[i];
        const T *from = x + b->at[0][0][p];
        T part[3] = {0, 0, 0};
        if (j->taps == 4) {
            N_(four) across = {0}, down = {0};
            for (int r = 0; r < 4; r++) {
                N_(four) line = N_(load)(from + b->line[r][p] * j->width);
                across += b->lines[0][r][p] * line, down += b->lines[1][r][p] * line;
            }
            part[0] = N_(total)(across * N_(across)(b->turn[0], p));
            part[1] = N_(total)(down * N_(across)(b->weight[0], p));
        } else {
            T left = b->weight[0][0][p], right = b->weight[0][1][p], before = b->turn[0][0][p], after = b->turn[0][1][p];
            for (int r = 0; r < rows; r++) {
                const T *line = from + b->line[r][p] * j->width;
                T value = left * line[0] + right * line[1];
                part[0] += b->lines[0][r][p] * (before * line[0] + after * line[1]);
                part[1] += b->lines[1][r][p] * value;
                if (rows == 4) part[2] += b->lines[2][r][p] * value;
            }
        }
        for (int d = 0; d < (rows == 4 ? 3 : 2); d++) sum[d][p] += g[p] * part[d];
    }
    for (; i < b->inside; i++) {
        int p = b->order[i];
        for (int d = 0; d < j->dims; d++) sum[d][p] += g[p] * N_(sum)(j, b, p, x, b->lines[d], d ? b->weight[0] : b->turn[0]);
    }
}

static void N_(prepare)(const job *j, N_(block) *b, int64_t batch, int64_t first, bool slopes)
{
    b->n = j->points - first < BLOCK ? (int)(j->points - first) : BLOCK;
    j->N_(points)(j->line, j->dims, (const T *)j->grid + (batch * j->points + first) * j->dims, b, slopes);
}

static void N_(forward)(const job *j, void *b_, int64_t batch, int64_t first)
{
    N_(block) *b = b_;
    int64_t end = first + PIECE < j->points ? first + PIECE : j->points;
    for (; first < end; first += BLOCK) {
        N_(prepare)(j, b, batch, first, false);
#if FAST
        shared s;
        if (j->taps == 1) share(j, b, &s, 1, 1);
        else if (j->taps == 4) share(j, b, &s, 4, j->dims == 2 ? 4 : 0);
        else share(j, b, &s, 2, j->rows);
#endif
        for (int64_t c = batch * j->channels; c < (batch + 1) * j->channels; c++) {
            const T *x = (const T *)j->x + c * j->n;
            T *y = (T *)j->y + c * j->points + first;
#if FAST
            if (j->taps == 1) read_whole(b, &s, x, y, 1, 1);
            else if (j->taps == 4) read_whole(b, &s, x, y, 4, 4);
            else if (j->rows == 2) read_whole(b, &s, x, y, 2, 2);
            else read_whole(b, &s, x, y, 2, 4);
#endif
            if (!FAST || b->wholes < b->n) N_(read_rest)(j, b, x, y);
        }
    }
}

static void N_(back)(const job *j, void *b_, int64_t batch, int64_t channel)
{
    N_(block) *b = b_;
    int64_t plane = batch * j->channels + channel, end = batch * j->channels + (channel + SIDE_BY_SIDE < j->channels ? channel + SIDE_BY_SIDE : j->channels);
    memset((T *)j->y + plane * j->n, 0, (size_t)((end - plane) * j->n) * sizeof(T));
    for (int64_t first = 0; first < j->points; first += BLOCK) {
        N_(prepare)(j, b, batch, first, false);
        for (int64_t c = plane; c < end; c++) {
            T *x = (T *)j->y + c * j->n;
            const T *g = (const T *)j->g + c * j->points + first;
            if (FAST && j->taps == 1) N_(add)(j, b, x, g, 1, 1);
            else if (FAST && j->taps == 4) N_(add)(j, b, x, g, 4, 4);
            else N_(add)(j, b, x, g, 2, j->rows);
        }
    }
}

static void N_(slope)(const job *j, void *b_, int64_t batch, int64_t first)
{
    N_(block) *b = b_;
    int64_t end = first + PIECE < j->points ? first + PIECE : j->points;
    T sum[3][BLOCK], *y = (T *)j->y + (batch * j->points + first) * j->dims;
    if (j->taps == 1) {
        memset(y, 0, (size_t)((end - first) * j->dims) * sizeof(T));
        return;
    }
    for (; first < end; first += BLOCK) {
        N_(prepare)(j, b, batch, first, true);
        memset(sum, 0, sizeof sum);
        for (int64_t c = batch * j->channels; c < (batch + 1) * j->channels; c++)
            if (!FAST || j->rows == 2) N_(differ)(j, b, (const T *)j->x + c * j->n, (const T *)j->g + c * j->points + first, sum, 2);
            else N_(differ)(j, b, (const T *)j->x + c * j->n, (const T *)j->g + c * j->points + first, sum, 4);
        for (int p = 0; p < b->n; p++)
            for (int d = 0; d < j->dims; d++) *y++ = sum[d][p];
    }
}

#undef T
#undef N_
#undef FAST
