/* Filling arrays with random numbers: the serial draws, the cut into pieces, and what is serial by nature.
 * See random.h. The arithmetic is in random_kernels.c. */
#include "random.h"

#include "alloc.h"
#include "random_kernels.h"
#include "threads.h"

#include <math.h>
#include <string.h>

enum {
    PIECE = 4096,           /* values per piece of parallel work; a multiple of 16 */
    ROUND = 64 * PIECE,     /* values drawn before their pieces are shared out */
    SERIAL = 512,           /* values drawn at a time on one thread; a multiple of 16 */
    WIDEST = 2              /* words per value at most */
};

/* ---- draw, cut, transform ---- */

/* Where the arithmetic takes longer than the draws. For the others a second thread gains less than the trip of the words
 * through the cache costs. */
static const bool is_costly[TORSH__RANDOM_KINDS] = {
    [TORSH__RANDOM_NORMAL] = true,    [TORSH__RANDOM_BELOW64] = true, [TORSH__RANDOM_EXPONENTIAL] = true,
    [TORSH__RANDOM_GEOMETRIC] = true, [TORSH__RANDOM_CAUCHY] = true,  [TORSH__RANDOM_NORMAL_PAIRS] = true,
    [TORSH__RANDOM_LOG_NORMAL] = true,
};

typedef struct round_job {
    torsh__random_transform *transform;
    const torsh__random_job *job;
    const uint32_t *words;
    unsigned char *out;
    int64_t n, words_each;
    size_t size;
} round_job;

static void run_piece(void *context, int64_t i)
{
    const round_job *r = context;
    int64_t at = i * PIECE, n = r->n - at < PIECE ? r->n - at : PIECE;
    r->transform(r->job, r->words + at * r->words_each, r->out + (size_t)at * r->size, n);
}

static void fill_serial(torsh__rng *rng, const torsh__random_kernels *kernels, round_job r)
{
    uint32_t words[SERIAL * WIDEST];
    for (int64_t at = 0; at < r.n; at += SERIAL) {
        int64_t n = r.n - at < SERIAL ? r.n - at : SERIAL;
        kernels->draw(rng, words, n * r.words_each);
        r.transform(r.job, words, r.out + (size_t)at * r.size, n);
    }
}

static void fill(torsh__rng *rng, enum torsh__random_kind kind, torsh_dtype dtype, void *out, int64_t n, int64_t words_each,
                 torsh__random_job job)
{
    const torsh__random_kernels *kernels = TORSH__ISA_PICK(torsh__random);
    round_job r = {kernels->transform[kind][dtype], &job, NULL, out, n, words_each, torsh_dtype_size(dtype)};
    if (!r.transform || n <= 0) return;
    const size_t bytes = (size_t)((n < ROUND ? n : ROUND) * words_each) * sizeof(uint32_t);
    bool shared = is_costly[kind] && n >= 16 * PIECE && torsh__threads() > 1;
    uint32_t *words = shared ? torsh__alloc(bytes) : NULL;
    if (!words) {
        fill_serial(rng, kernels, r);
        return;
    }
    r.words = words;
    for (int64_t at = 0; at < n; at += ROUND) {
        r.n = n - at < ROUND ? n - at : ROUND;
        r.out = (unsigned char *)out + (size_t)at * r.size;
        kernels->draw(rng, words, r.n * words_each);
        torsh__parallel((r.n + PIECE - 1) / PIECE, run_piece, &r);
    }
    torsh__free(words, bytes);
}

static int64_t words_of(torsh_dtype dtype)
{
    return dtype == TORSH_F64 ? 2 : 1;
}

void torsh__fill_uniform(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double from, double to)
{
    fill(rng, TORSH__RANDOM_UNIFORM, dtype, out, n, words_of(dtype), (torsh__random_job){.a = from, .b = to});
}

void torsh__fill_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double mean, double std)
{
    if (n < 16) {
        torsh__fill_normal_scalar(rng, dtype, out, n, mean, std);
        return;
    }
    torsh__random_job job = {.a = mean, .b = std};
    fill(rng, TORSH__RANDOM_NORMAL, dtype, out, n / 16 * 16, words_of(dtype), job);
    if (n % 16 == 0) return;
    /* PyTorch draws for the odd elements too before it draws the last 16 again, except for the 16-bit floats. */
    if (dtype == TORSH_F32 || dtype == TORSH_F64)
        for (int64_t i = 0; i < n % 16 * words_of(dtype); i++) torsh__rng_u32(rng);
    fill(rng, TORSH__RANDOM_NORMAL, dtype, (unsigned char *)out + (size_t)(n - 16) * torsh_dtype_size(dtype), 16, words_of(dtype), job);
}

void torsh__fill_randint(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, int64_t from, uint64_t range)
{
    /* PyTorch takes 32 bits while the skew of the remainder stays below some 5 %. */
    bool narrow = range != 0 && range < (uint64_t)1 << 28;
    fill(rng, narrow ? TORSH__RANDOM_BELOW32 : TORSH__RANDOM_BELOW64, dtype, out, n, narrow ? 1 : 2,
         (torsh__random_job){.base = from, .range = range});
}

/* Of random_(): the number of values, all but f64 and i64 from 32 bits. */
static const uint64_t random_range[TORSH_DTYPE_COUNT] = {
    [TORSH_BOOL] = 2,
    [TORSH_U8] = 1u << 8,
    [TORSH_I8] = 1u << 7,
    [TORSH_I16] = 1u << 15,
    [TORSH_I32] = (uint64_t)1 << 31,
    [TORSH_I64] = (uint64_t)1 << 63,
    [TORSH_F16] = (1u << 11) + 1,
    [TORSH_BF16] = (1u << 8) + 1,
    [TORSH_F32] = (1u << 24) + 1,
    [TORSH_F64] = ((uint64_t)1 << 53) + 1,
};

void torsh__fill_random(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n)
{
    bool narrow = dtype != TORSH_I64 && dtype != TORSH_F64;
    fill(rng, narrow ? TORSH__RANDOM_BELOW32 : TORSH__RANDOM_BELOW64, dtype, out, n, narrow ? 1 : 2,
         (torsh__random_job){.range = random_range[dtype]});
}

void torsh__fill_bernoulli(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double p)
{
    fill(rng, TORSH__RANDOM_BERNOULLI, dtype, out, n, 2, (torsh__random_job){.range = (uint64_t)ceil(p * 0x1p53)});
}

void torsh__fill_exponential(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double lambda)
{
    fill(rng, TORSH__RANDOM_EXPONENTIAL, dtype, out, n, 2, (torsh__random_job){.a = lambda});
}

void torsh__fill_geometric(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double p)
{
    fill(rng, TORSH__RANDOM_GEOMETRIC, dtype, out, n, 2, (torsh__random_job){.a = p});
}

void torsh__fill_cauchy(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double median, double sigma)
{
    fill(rng, TORSH__RANDOM_CAUCHY, dtype, out, n, 2, (torsh__random_job){.a = median, .b = sigma});
}

/* ---- one value after the other ---- */

static void fill_one(torsh__rng *rng, enum torsh__random_kind kind, torsh_dtype dtype, void *out, double mean, double std)
{
    double value = torsh__rng_normal(rng, mean, std);
    if (kind == TORSH__RANDOM_LOG_NORMAL) value = exp(value);
    TORSH__ISA_PICK(torsh__random)->transform[TORSH__RANDOM_STORE_F64][dtype](NULL, &value, out, 1);
}

/* Box-Muller gives pairs: an odd one at the start comes from the state, an odd one at the end leaves its fellow there. */
static void fill_normals(torsh__rng *rng, enum torsh__random_kind kind, torsh_dtype dtype, void *out, int64_t n, double mean, double std)
{
    if (n <= 0 || !torsh__in_set(dtype, TORSH__SET_FLOAT)) return;
    size_t size = torsh_dtype_size(dtype);
    int64_t kept = rng->has_normal_f64 ? 1 : 0, pairs = (n - kept) / 2;
    unsigned char *middle = (unsigned char *)out + (size_t)kept * size, *last = middle + (size_t)(2 * pairs) * size;
    if (kept) fill_one(rng, kind, dtype, out, mean, std);
    fill(rng, kind, dtype, middle, 2 * pairs, 2, (torsh__random_job){.a = mean, .b = std});
    if (kept + 2 * pairs < n) fill_one(rng, kind, dtype, last, mean, std);
}

void torsh__fill_normal_scalar(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double mean, double std)
{
    fill_normals(rng, TORSH__RANDOM_NORMAL_PAIRS, dtype, out, n, mean, std);
}

void torsh__fill_log_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, double mean, double std)
{
    fill_normals(rng, TORSH__RANDOM_LOG_NORMAL, dtype, out, n, mean, std);
}

/* ---- bernoulli with an array of probabilities ---- */

void torsh__fill_bernoulli_array(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, torsh_dtype p_dtype, const void *p)
{
    const torsh__random_kernels *kernels = TORSH__ISA_PICK(torsh__random);
    torsh__random_transform *store = kernels->transform[TORSH__RANDOM_STORE_BITS][dtype];
    torsh__random_transform *widen = kernels->transform[TORSH__RANDOM_WIDEN][p_dtype];
    torsh__random_transform *unit = kernels->transform[TORSH__RANDOM_UNIT][p_dtype];
    if (!store || !widen) return;
    uint32_t words[SERIAL * WIDEST];
    double uniforms[SERIAL], limits[SERIAL];
    uint8_t bits[SERIAL];
    for (int64_t at = 0; at < n; at += SERIAL) {
        int64_t m = n - at < SERIAL ? n - at : SERIAL;
        kernels->draw(rng, words, m * words_of(p_dtype));
        unit(NULL, words, uniforms, m);
        widen(NULL, (const unsigned char *)p + (size_t)at * torsh_dtype_size(p_dtype), limits, m);
        for (int64_t i = 0; i < m; i++) bits[i] = uniforms[i] < limits[i];
        store(NULL, bits, (unsigned char *)out + (size_t)at * torsh_dtype_size(dtype), m);
    }
}

/* ---- permutations ---- */

/* From this n on PyTorch's permutations take 64-bit draws, against the skew of a 32-bit remainder. */
enum { LARGE_PERMUTATION = 214748364 }; /* UINT32_MAX / 20 */

/* The inside-out shuffle. Elements travel as bytes: a dtype of 2^28 elements and more is i32, i64, f32 or f64. */
static void permute_large(torsh__rng *rng, torsh__random_transform *count, size_t size, unsigned char *out, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        size_t at = (size_t)i * size, other = (size_t)(torsh__rng_u64(rng) % (uint64_t)(i + 1)) * size;
        memcpy(out + at, out + other, size); /* if it is i itself, the next line makes it right */
        count(&(torsh__random_job){.base = i}, NULL, out + other, 1);
    }
}

void torsh__fill_randperm(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n)
{
    const torsh__random_kernels *kernels = TORSH__ISA_PICK(torsh__random);
    torsh__random_transform *count = kernels->transform[TORSH__RANDOM_COUNT][dtype];
    torsh__random_transform *shuffle = kernels->transform[TORSH__RANDOM_SHUFFLE][dtype];
    if (!count || n <= 0) return;
    if (n >= LARGE_PERMUTATION) {
        permute_large(rng, count, torsh_dtype_size(dtype), out, n);
        return;
    }
    count(&(torsh__random_job){0}, NULL, out, n);
    uint32_t words[SERIAL];
    for (int64_t at = 0; at < n - 1; at += SERIAL) {
        int64_t m = n - 1 - at < SERIAL ? n - 1 - at : SERIAL;
        kernels->draw(rng, words, m);
        shuffle(&(torsh__random_job){.base = at, .range = (uint64_t)n}, words, out, m);
    }
}
