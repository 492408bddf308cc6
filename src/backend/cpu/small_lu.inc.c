/* LU factors of small real matrices and solves with them, in place. Included with T, MASK (the signed integer as wide), SAFE (of which there is
 * an inverse) and N_(name); undefines them. What LAPACK's getrf does, whose calls and order of elements cost more than such a matrix does.
 * Most are gone through one by one, row by row; of those with at most SIDE rows, GROUP adjacent ones at once, a lane each: nobody foresees
 * which rows are exchanged, and what the processor guesses wrong takes longer than the arithmetic. Both round alike. */

typedef T N_(lanes) __attribute__((vector_size(GROUP * sizeof(T))));
typedef MASK N_(masks) __attribute__((vector_size(GROUP * sizeof(T))));

static inline N_(lanes) N_(pick)(N_(masks) where, N_(lanes) a, N_(lanes) b)
{
    return (N_(lanes))((where & (N_(masks))a) | (~where & (N_(masks))b));
}

static inline int N_(all)(N_(masks) m)
{
    MASK every = -1;
    for (int l = 0; l < GROUP; l++) every &= m[l];
    return every != 0;
}

/* Element i * n + j of each matrix side by side */
static void N_(gather)(N_(lanes) *to, const T *from, int count)
{
    for (int l = 0; l < GROUP; l++)
        for (int i = 0; i < count; i++) ((T *)to)[i * GROUP + l] = from[l * count + i];
}

static void N_(scatter)(T *to, const N_(lanes) *from, int count)
{
    for (int l = 0; l < GROUP; l++)
        for (int i = 0; i < count; i++) to[l * count + i] = ((const T *)from)[i * GROUP + l];
}

/* GROUP square matrices. 0, with nothing written, if a pivot of one of them is 0, NaN or too small to have an inverse. */
static int N_(factor_group)(T *a, int n, int32_t *pivots)
{
    N_(lanes) m[SIDE * SIDE];
    N_(masks) chosen[SIDE];
    N_(gather)(m, a, n * n);
    for (int k = 0; k < n; k++) {
        N_(lanes) *top = m + k * n, most = (N_(lanes)){0} - 1;
        N_(masks) best = (N_(masks)){0} + k;
        for (int i = k; i < n; i++) {
            N_(lanes) value = m[i * n + k], size = N_(pick)(value < 0, -value, value);
            N_(masks) larger = size > most;
            best = (larger & i) | (~larger & best);
            most = N_(pick)(larger, size, most);
        }
        if (!N_(all)(most >= SAFE)) return 0;
        chosen[k] = best;
        for (int i = k + 1; i < n; i++) {
            N_(masks) here = best == i;
            for (int j = 0; j < n; j++) {
                N_(lanes) held = top[j];
                top[j] = N_(pick)(here, m[i * n + j], held);
                m[i * n + j] = N_(pick)(here, held, m[i * n + j]);
            }
        }
        N_(lanes) inverse = 1 / top[k];
        for (int i = k + 1; i < n; i++) {
            N_(lanes) factor = m[i * n + k] * inverse;
            m[i * n + k] = factor;
            for (int j = k + 1; j < n; j++) m[i * n + j] -= factor * top[j];
        }
    }
    N_(scatter)(a, m, n * n);
    for (int k = 0; k < n; k++)
        for (int l = 0; l < GROUP; l++) pivots[l * n + k] = (int32_t)chosen[k][l] + 1;
    return 1;
}

/* Returns getrf's info: the first column whose pivot is 0, counted from 1, or 0. Pivots are counted from 1. */
static int32_t N_(factor_one)(T *a, int m, int n, int32_t *pivots)
{
    int32_t info = 0;
    for (int k = 0; k < m && k < n; k++) {
        T *top = a + k * n, most = -1;
        int best = k;
        for (int i = k; i < m; i++) { /* selected, not branched to */
            T size = a[i * n + k] < 0 ? -a[i * n + k] : a[i * n + k];
            int larger = -(size > most);
            best = (i & larger) | (best & ~larger);
            most = size > most ? size : most;
        }
        pivots[k] = best + 1;
        T *other = a + best * n;
        for (int j = 0; best != k && j < n; j++) {
            T held = top[j];
            top[j] = other[j];
            other[j] = held;
        }
        if (top[k] == 0) {
            if (!info) info = k + 1;
            continue;
        }
        bool inverts = most >= SAFE; /* as LAPACK does */
        T inverse = 1 / top[k];
        for (int i = k + 1; i < m; i++) {
            T *restrict row = a + i * n, factor = inverts ? row[k] * inverse : row[k] / top[k];
            row[k] = factor;
            for (int j = k + 1; j < n; j++) row[j] -= factor * top[j];
        }
    }
    return info;
}

/* `count` matrices, one after the other */
static void N_(factor)(T *a, int m, int n, int64_t count, int32_t *pivots, int32_t *info)
{
    int k = m < n ? m : n;
    for (int64_t i = 0; i < count;) {
        bool group = m == n && n <= SIDE && count - i >= GROUP && N_(factor_group)(a + i * n * n, n, pivots + i * k);
        int64_t end = count - i < GROUP ? count : i + GROUP;
        for (; i < end; i++) info[i] = group ? 0 : N_(factor_one)(a + i * m * n, m, n, pivots + i * k);
    }
}

/* X of A X = B in place, B (n, k) */
static void N_(solve_one)(const T *a, int n, const int32_t *pivots, T *b, int64_t k)
{
    for (int i = 0; i < n; i++)
        for (int64_t j = 0; pivots[i] != i + 1 && j < k; j++) {
            T held = b[i * k + j];
            b[i * k + j] = b[(pivots[i] - 1) * k + j];
            b[(pivots[i] - 1) * k + j] = held;
        }
    for (int i = 1; i < n; i++)
        for (int l = 0; l < i; l++) {
            T *restrict row = b + i * k, factor = a[i * n + l];
            const T *from = b + l * k;
            for (int64_t j = 0; j < k; j++) row[j] -= factor * from[j];
        }
    for (int i = n - 1; i >= 0; i--) {
        T *restrict row = b + i * k;
        for (int l = i + 1; l < n; l++) {
            T factor = a[i * n + l];
            const T *from = b + l * k;
            for (int64_t j = 0; j < k; j++) row[j] -= factor * from[j];
        }
        for (int64_t j = 0; j < k; j++) row[j] /= a[i * n + i];
    }
}

/* GROUP systems with at most SIDE unknowns and right sides each */
static void N_(solve_group)(const T *a, int n, const int32_t *pivots, T *b, int k)
{
    N_(lanes) m[SIDE * SIDE], x[SIDE * SIDE];
    N_(gather)(m, a, n * n);
    for (int l = 0; l < GROUP; l++) {
        int order[SIDE];
        for (int i = 0; i < n; i++) order[i] = i;
        for (int i = 0; i < n; i++) {
            int held = order[i], other = pivots[l * n + i] - 1;
            order[i] = order[other];
            order[other] = held;
        }
        for (int i = 0; i < n; i++)
            for (int j = 0; j < k; j++) ((T *)x)[(i * k + j) * GROUP + l] = b[(l * n + order[i]) * k + j];
    }
    for (int i = 1; i < n; i++)
        for (int l = 0; l < i; l++)
            for (int j = 0; j < k; j++) x[i * k + j] -= m[i * n + l] * x[l * k + j];
    for (int i = n - 1; i >= 0; i--) {
        for (int l = i + 1; l < n; l++)
            for (int j = 0; j < k; j++) x[i * k + j] -= m[i * n + l] * x[l * k + j];
        for (int j = 0; j < k; j++) x[i * k + j] /= m[i * n + i];
    }
    N_(scatter)(b, x, n * k);
}

static void N_(solve)(const T *a, int n, int64_t count, const int32_t *pivots, T *b, int64_t k)
{
    int64_t i = 0;
    for (; n <= SIDE && k <= SIDE && i + GROUP <= count; i += GROUP) {
        const T *here = a + i * n * n;
        N_(solve_group)(here, n, pivots + i * n, b + i * n * k, (int)k);
    }
    for (; i < count; i++) N_(solve_one)(a + i * n * n, n, pivots + i * n, b + i * n * k, k);
}

#undef T
#undef MASK
#undef SAFE
#undef N_
