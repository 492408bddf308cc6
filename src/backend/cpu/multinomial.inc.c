/* Samples with replacement from rows of weights of one type. Included with T, DTYPE, LIMIT (its largest number) and S_(name); undefines them. */

/* Running sums of `rows` rows at once, whose chains of additions so run side by side; the last is each row's total. */
static inline __attribute__((always_inline)) void S_(cumulate)(int rows, int64_t n, const T *p, T *sums)
{
    T sum[ROWS] = {0};
    for (int64_t i = 0; i < n; i++)
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++) sums[r * n + i] = sum[r] += p[r * n + i];
}

/* The category that a uniform number falls to: the first whose share of the sums reaches it. */
static int64_t S_(search)(const T *sums, int64_t n, double uniform)
{
    int64_t low = 0, high = n - 1;
    T total = sums[n - 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        T share = sums[middle] / total;
        if ((double)share < uniform) low = middle + 1;
        else high = middle;
    }
    return low;
}

static torsh_status S_(check)(const T *p, int64_t n, int64_t row)
{
    T sum = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!(p[i] >= 0 && p[i] <= LIMIT)) return bad_weight(i, row, (double)p[i]);
        sum += p[i];
    }
    return sum > 0 ? TORSH_OK : no_weights(row);
}

/* `sums`: room for ROWS rows. */
static torsh_status S_(with_replacement)(torsh__rng *rng, const T *p, int64_t rows, int64_t n, int64_t samples, T *sums, int64_t *out)
{
    const torsh__reduce_loops *find_least = &TORSH__ISA_PICK(torsh__reduce)->loops[TORSH__REDUCE_amin][DTYPE];
    T least[ROWS];
    for (int64_t row = 0, taken; row < rows; row += taken, p += taken * n) {
        taken = row + ROWS <= rows ? ROWS : 1;
        for (int64_t r = 0; r < taken; r++) least[r] = LIMIT;
        find_least->runs(taken, n, p, n, least);
        if (taken == ROWS) S_(cumulate)(ROWS, n, p, sums);
        else S_(cumulate)(1, n, p, sums);
        for (int64_t r = 0; r < taken; r++) {
            T total = sums[(r + 1) * n - 1];
            torsh_status status = least[r] >= 0 && total > 0 && total <= LIMIT ? TORSH_OK : S_(check)(p + r * n, n, row + r);
            if (status != TORSH_OK) return status;
            for (int64_t i = 0; i < samples; i++) *out++ = S_(search)(sums + r * n, n, torsh__rng_uniform(rng));
        }
    }
    return TORSH_OK;
}

#undef T
#undef DTYPE
#undef LIMIT
#undef S_
