/* Random words to arrays of one dtype; included by random_kernels.c once per dtype, with
 * SUFFIX, T, FROM_F64(x) and FROM_I64(x) defined, for 16- and 32-bit floats FROM_F32(x) and TO_F32(x) too; IS_F64 and IS_BOOL.
 * Conversions are PyTorch's: f64 and i64 go to the 16-bit floats by way of f32. */

static void NAME(store_i64)(const int64_t *restrict values, T *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) out[i] = FROM_I64(values[i]);
}

static void NAME(store_bits)(const uint8_t *restrict values, T *restrict out, int64_t n)
{
    const T zero = FROM_I64(0), one = FROM_I64(1);
    for (int64_t i = 0; i < n; i++) out[i] = values[i] ? one : zero;
}

/* Each of these runs a function of random_kernels.c over blocks and stores its values: (job, words) -> out. */

static void NAME(put_below32)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    int64_t values[BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        below32(job, (const uint32_t *)words + at, values, m);
        NAME(store_i64)(values, (T *)out + at, m);
    }
}

static void NAME(put_below64)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    int64_t values[BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        below64(job, (const uint32_t *)words + 2 * at, values, m);
        NAME(store_i64)(values, (T *)out + at, m);
    }
}

static void NAME(put_bernoulli)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    uint8_t values[BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        bernoulli(job, (const uint32_t *)words + 2 * at, values, m);
        NAME(store_bits)(values, (T *)out + at, m);
    }
}

static void NAME(put_bits)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    (void)job;
    NAME(store_bits)(words, out, n);
}

#if !defined(IS_BOOL)
static void NAME(store_f64)(const double *restrict values, T *restrict out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) out[i] = FROM_F64(values[i]);
}

static void NAME(put_by_f64)(f64_values *values_of, const torsh__random_job *job, const uint32_t *words, T *out, int64_t n)
{
    double values[BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        values_of(job, words + 2 * at, values, m);
        NAME(store_f64)(values, out + at, m);
    }
}

static void NAME(put_count)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    (void)words;
    T *counted = out;
    for (int64_t i = 0; i < n; i++) counted[i] = FROM_I64(job->base + i);
}

static void NAME(put_shuffle)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    int32_t offset[BLOCK];
    torsh__random_job step = *job;
    for (int64_t at = 0; at < n; at += BLOCK, step.base += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        T *here = (T *)out + step.base;
        shrinking_below(&step, (const uint32_t *)words + at, offset, m);
        for (int64_t i = 0; i < m; i++) __builtin_prefetch(here + i + offset[i], 1);
        for (int64_t i = 0; i < m; i++) {
            T kept = here[i];
            here[i] = here[i + offset[i]];
            here[i + offset[i]] = kept;
        }
    }
}

static void NAME(put_geometric)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    NAME(put_by_f64)(geometric, job, words, out, n);
}
#endif

#if defined(TO_F32) || defined(IS_F64)
static void NAME(put_cauchy)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    NAME(put_by_f64)(cauchy, job, words, out, n);
}

static void NAME(put_normal_pairs)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    NAME(put_by_f64)(normal_pairs, job, words, out, n);
}

static void NAME(put_log_normal)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    NAME(put_by_f64)(log_normal, job, words, out, n);
}

static void NAME(put_f64)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    (void)job;
    NAME(store_f64)(words, out, n);
}
#endif

#if defined(TO_F32)
#define TO_F64(x) ((double)TO_F32(x))
#endif

#if defined(TO_F64)
static void NAME(widen)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    (void)job;
    const T *values = words;
    double *restrict wide = out;
    for (int64_t i = 0; i < n; i++) wide[i] = TO_F64(values[i]);
}
#endif

#if defined(IS_F64)
static void NAME(put_unit)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    (void)job;
    units_f64(words, out, n);
}

static void NAME(put_exponential)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    exponential_f64(job, words, out, n);
}

static void NAME(put_uniform)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    double *values = out, from = job->a, to = job->b;
    uniform_f64(job, words, values, n);
    for (int64_t i = 0; i < n; i++) values[i] = values[i] == to ? from : values[i]; /* rounded up to the open end */
}

static void NAME(put_normal)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    normal_f64(job, words, out, n);
}
#endif

#if defined(TO_F32)
static void NAME(put_unit)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    (void)job;
    const uint32_t *drawn = words;
    double *restrict units = out;
    for (int64_t i = 0; i < n; i++) units[i] = (double)unit_f32(drawn[i]);
}

static void NAME(put_exponential)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    float values[BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        exponential_f32(job, (const uint32_t *)words + 2 * at, values, m);
        T *restrict stored = (T *)out + at;
        for (int64_t i = 0; i < m; i++) stored[i] = FROM_F32(values[i]);
    }
}

static void NAME(put_uniform)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    const T from = FROM_F64(job->a);
    const float to = TO_F32(FROM_F64(job->b));
    float values[BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        uniform_f32(job, (const uint32_t *)words + at, values, m);
        T *restrict stored = (T *)out + at;
        for (int64_t i = 0; i < m; i++) {
            T value = FROM_F32(values[i]);
            stored[i] = TO_F32(value) == to ? from : value; /* rounded up to the open end */
        }
    }
}

static void NAME(put_normal)(const torsh__random_job *job, const void *words, void *out, int64_t n)
{
    float values[BLOCK];
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK;
        normal_f32(job, (const uint32_t *)words + at, values, m);
        T *restrict stored = (T *)out + at;
        for (int64_t i = 0; i < m; i++) stored[i] = FROM_F32(values[i]);
    }
}
#endif

#undef SUFFIX
#undef T
#undef FROM_F64
#undef FROM_I64
#undef FROM_F32
#undef TO_F32
#undef TO_F64
#undef IS_F64
#undef IS_BOOL
