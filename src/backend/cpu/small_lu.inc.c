/* LU factors of small real matrices and solves with them, row by row in place. Included with T, SAFE (of which there
 * is an inverse) and N_(name); undefines them. What LAPACK's getrf does, whose
 * calls and order of elements cost more than such a matrix does. */

/* Returns getrf's info: the first column whose pivot is 0, counted from 1, or 0. Pivots are counted from 1. */
static int32_t N_(factor)(T *a, int m, int n, int32_t *pivots)
{
    int32_t info = 0;
    for (int k = 0; k < m && k < n; k++) {
        T *top = a + k * n, most = -1;
        int best = k;
        for (int i = k; i < m; i++) { /* selected, not branched to: nobody foresees pivots */
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

/* X of A X = B in place, B (n, k). */
static void N_(solve)(const T *a, int n, const int32_t *pivots, T *b, int64_t k)
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

#undef T
#undef SAFE
#undef N_
