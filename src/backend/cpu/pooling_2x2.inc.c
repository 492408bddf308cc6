/* Template, per dtype and number of lanes: 2x2 windows side by side, LANES outputs at a time. Included by pooling_dtype.inc.c with
 * WITH(x) x for this dtype and LANES, and the constant lists EVEN, ODD (of a pair of vectors), LOW, HIGH (interleaving a pair)
 * and TWICE (0, 2, 4 ..). Rows are at least LANES outputs long; the last group overlaps the one before. */

typedef T WITH(v) __attribute__((vector_size(LANES * sizeof(T))));
typedef T WITH(any) __attribute__((vector_size(LANES * sizeof(T)), aligned(sizeof(T)), may_alias));
typedef MASK WITH(m) __attribute__((vector_size(LANES * sizeof(T))));
typedef int64_t WITH(i) __attribute__((vector_size(LANES * sizeof(int64_t))));
typedef int64_t WITH(any_i) __attribute__((vector_size(LANES * sizeof(int64_t)), aligned(sizeof(int64_t)), may_alias));

static inline WITH(v) WITH(load)(const T *p)
{
    return *(const WITH(any) *)p;
}

static inline void WITH(store)(T *p, WITH(v) v)
{
    *(WITH(any) *)p = v;
}

static inline WITH(v) WITH(pick)(WITH(m) mask, WITH(v) yes, WITH(v) no)
{
    return (WITH(v))(((WITH(m))yes & mask) | ((WITH(m))no & ~mask));
}

/* The group of outputs after the one at j; the last is moved back to end with the row. */
static inline int64_t WITH(after)(int64_t j, int64_t n)
{
    return j + LANES < n && j + 2 * LANES > n ? n - LANES : j + LANES;
}

static void WITH(max_2x2)(const torsh__pooling_plane *p)
{
    const WITH(i) twice = { TWICE };
    for (int64_t i = 0; i < p->out[1]; i++)
        for (int64_t j = 0; j < p->out[2]; j = WITH(after)(j, p->out[2])) {
            int64_t base = 2 * i * p->in[2] + 2 * j;
            const T *from = (const T *)p->from + base;
            WITH(v) best = { 0 };
            WITH(m) where = { 0 };
            for (int row = 0; row < 2; row++, from += p->in[2]) {
                WITH(v) a = WITH(load)(from), b = WITH(load)(from + LANES);
                WITH(v) even = __builtin_shufflevector(a, b, EVEN), odd = __builtin_shufflevector(a, b, ODD);
                WITH(m) offset = (WITH(m)){ 0 } + (MASK)(row * p->in[2]);
                WITH(m) take = (even > best) | (even != even);
                best = row ? WITH(pick)(take, even, best) : even;
                where = row ? (offset & take) | (where & ~take) : offset;
                take = (odd > best) | (odd != odd);
                best = WITH(pick)(take, odd, best);
                where = ((offset + 1) & take) | (where & ~take);
            }
            int64_t o = i * p->out[2] + j;
            WITH(store)((T *)p->to + o, best);
            if (p->indices) *(WITH(any_i) *)(p->indices + o) = __builtin_convertvector(where, WITH(i)) + twice + base;
        }
}

static void WITH(max_back_2x2)(const torsh__pooling_plane *p)
{
    const WITH(i) twice = { TWICE };
    const WITH(v) zero = { 0 };
    for (int64_t i = 0; i < p->out[1]; i++)
        for (int64_t j = 0; j < p->out[2]; j = WITH(after)(j, p->out[2])) {
            int64_t base = 2 * i * p->in[2] + 2 * j, o = i * p->out[2] + j;
            WITH(v) grad = WITH(load)((const T *)p->from + o);
            WITH(i) index = *(const WITH(any_i) *)(p->indices + o) - twice - base;
            T *to = (T *)p->to + base;
            for (int row = 0; row < 2; row++, to += p->in[2]) {
                int64_t offset = row * p->in[2];
                WITH(m) at_even = __builtin_convertvector(index == offset, WITH(m)), at_odd = __builtin_convertvector(index == offset + 1, WITH(m));
                WITH(v) even = WITH(pick)(at_even, grad, zero), odd = WITH(pick)(at_odd, grad, zero);
                WITH(store)(to, __builtin_shufflevector(even, odd, LOW));
                WITH(store)(to + LANES, __builtin_shufflevector(even, odd, HIGH));
            }
        }
}

static void WITH(avg_2x2)(const torsh__pooling_plane *p)
{
    for (int64_t i = 0; i < p->out[1]; i++)
        for (int64_t j = 0; j < p->out[2]; j = WITH(after)(j, p->out[2])) {
            const T *from = (const T *)p->from + 2 * i * p->in[2] + 2 * j;
            WITH(v) sum = { 0 };
            for (int row = 0; row < 2; row++, from += p->in[2]) {
                WITH(v) a = WITH(load)(from), b = WITH(load)(from + LANES);
                sum += __builtin_shufflevector(a, b, EVEN) + __builtin_shufflevector(a, b, ODD);
            }
            WITH(store)((T *)p->to + i * p->out[2] + j, sum * (T)0.25);
        }
}

static void WITH(avg_back_2x2)(const torsh__pooling_plane *p)
{
    for (int64_t i = 0; i < p->out[1]; i++)
        for (int64_t j = 0; j < p->out[2]; j = WITH(after)(j, p->out[2])) {
            WITH(v) share = WITH(load)((const T *)p->from + i * p->out[2] + j) * (T)0.25;
            T *to = (T *)p->to + 2 * i * p->in[2] + 2 * j;
            for (int row = 0; row < 2; row++, to += p->in[2]) {
                WITH(store)(to, __builtin_shufflevector(share, share, LOW));
                WITH(store)(to + LANES, __builtin_shufflevector(share, share, HIGH));
            }
        }
}
