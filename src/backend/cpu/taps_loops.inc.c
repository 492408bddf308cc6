/* Included with T and N_(name); undefines them: `planes` planes of (n, inner) and of (places, inner). `weight` may be NULL. */

/* Adds `taps` of single elements each, a constant where this is inlined; they and their weights stay in registers over the planes. */
static inline __attribute__((always_inline)) void N_(gather)(const job *j, const int taps, int64_t planes, T *y, const T *x, const int64_t *index, const T *weight, bool fresh)
{
    const int64_t places = j->places, n = j->n;
    for (int64_t o = 0; o < places; o++) {
        int64_t at[4], all = 0;
        T w[4], *to = y + o;
        for (int k = 0; k < taps; k++) all |= at[k] = index[k * places + o], w[k] = weight[k * places + o];
        if (all >= 0) {
            const T *from = x;
            for (int64_t p = 0; p < planes; p++, to += places, from += n) {
                T sum = w[0] * from[at[0]];
                if (taps > 1) sum += w[1] * from[at[1]];
                if (taps > 2) sum += w[2] * from[at[2]], sum += w[3] * from[at[3]];
                *to = fresh ? sum : *to + sum;
            }
        } else {
            for (int64_t p = 0; p < planes; p++, to += places) {
                if (fresh) *to = 0;
                for (int k = 0; k < taps; k++)
                    if (at[k] >= 0) *to += w[k] * x[p * n + at[k]];
            }
        }
    }
}

static void N_(forward)(const job *j, int64_t planes, void *y_, const void *x_, const int64_t *index, const void *weight_)
{
    T *y = y_;
    const T *x = x_, *weight = weight_;
    if (weight && j->inner == 1 && j->taps > 0) {
        for (int64_t k = 0, step; k < j->taps; k += step) {
            const int64_t *list = index + k * j->places;
            const T *w = weight + k * j->places;
            step = j->taps - k >= 4 ? 4 : j->taps - k >= 2 ? 2 : 1;
            if (step == 4) N_(gather)(j, 4, planes, y, x, list, w, k == 0);
            else if (step == 2) N_(gather)(j, 2, planes, y, x, list, w, k == 0);
            else N_(gather)(j, 1, planes, y, x, list, w, k == 0);
        }
        return;
    }
    memset(y, 0, (size_t)(planes * j->places * j->inner) * sizeof(T));
    for (int64_t p = 0; p < planes; p++, y += j->places * j->inner, x += j->n * j->inner)
        for (int64_t o = 0; o < j->places; o++)
            for (int64_t k = 0; k < j->taps; k++) {
                int64_t at = index[k * j->places + o];
                if (at >= 0) j->loops->blend[sizeof(T) == 8](j->inner, y + o * j->inner, weight ? (double)weight[k * j->places + o] : 1, x + at * j->inner);
            }
}

static void N_(back)(const job *j, int64_t planes, void *y_, const void *g_, const int64_t *index, const void *weight_)
{
    T *y = y_;
    const T *g = g_, *weight = weight_;
    memset(y, 0, (size_t)(planes * j->n * j->inner) * sizeof(T));
    for (int64_t p = 0; p < planes; p++, y += j->n * j->inner, g += j->places * j->inner)
        for (int64_t i = 0; i < j->taps * j->places; i++) {
            T w = weight ? weight[i] : 1;
            int64_t at = index[i], o = i % j->places;
            if (at >= 0 && j->inner == 1) y[at] += w * g[o];
            else if (at >= 0) j->loops->blend[sizeof(T) == 8](j->inner, y + at * j->inner, (double)w, g + o * j->inner);
        }
}

/* Adds to y (taps, places). */
static void N_(dot)(const job *j, int64_t planes, void *y_, const void *g_, const int64_t *index, const void *x_)
{
    T *y = y_;
    const T *g = g_, *x = x_;
    for (int64_t p = 0; p < planes; p++, x += j->n * j->inner, g += j->places * j->inner)
        for (int64_t i = 0; i < j->taps * j->places; i++) {
            T sum = 0;
            const T *left = g + i % j->places * j->inner, *right = x + index[i] * j->inner;
            for (int64_t e = 0; index[i] >= 0 && e < j->inner; e++) sum += left[e] * right[e];
            y[i] += sum;
        }
}

#undef T
#undef N_
