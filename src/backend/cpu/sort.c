/* sort, topk, kthvalue: elements become unsigned keys in the same order, joined with their index, so that a plain integer sort
 * is stable. Long rows take a radix sort (least digit first, 11 bits), short ones a merge sort. NaN counts as larger than all;
 * -0 and 0 are equal. One element far from a row's ends is found without sorting (select_kernels.c). Rows are independent pieces, so results don't depend on the threads. */
#include "alloc.h"
#include "axis.h"
#include "families.h"
#include "select_kernels.h"

#include <math.h>
#include <string.h>

enum { DIGIT = 11, BUCKETS = 1 << DIGIT, SHORT_ROW = 1024, RUN = 12, HANDFUL = 16 };

typedef struct wide { uint64_t key, index; } wide;

/* ---- keys ---------------------------------------------------------------------------------------------------- */

static inline uint32_t float_key(float x)
{
    uint32_t bits;
    x += 0.0f; /* -0 becomes 0 */
    memcpy(&bits, &x, sizeof bits);
    uint32_t key = bits ^ (bits >> 31 ? 0xFFFFFFFFu : 0x80000000u);
    return x != x ? 0xFFFFFFFFu : key;
}

static inline uint64_t double_key(double x)
{
    uint64_t bits;
    x += 0.0;
    memcpy(&bits, &x, sizeof bits);
    uint64_t key = bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
    return x != x ? UINT64_MAX : key;
}

typedef struct job {
    const char *x; /* dense, of dtype; halves as f32, which orders them the same */
    char *values;
    int64_t *indices;
    torsh_dtype dtype;
    size_t size;
    torsh__axis axis;
    int64_t take; /* how many of the n smallest pairs are given */
    int64_t first; /* and from which on */
    enum pick { RUN_OF_K, MEDIAN, NANMEDIAN, MODE } pick; /* RUN_OF_K: take elements from first on */
    bool descending;
    int64_t per_piece;
    _Atomic bool failed;
} job;

static inline uint64_t pair_narrow(const job *j, const char *x, int64_t i)
{
    const char *at = x + (size_t)(i * j->axis.inner) * j->size;
    uint32_t key = 0;
    switch (j->dtype) {
    case TORSH_BOOL:
    case TORSH_U8: key = *(const uint8_t *)at; break;
    case TORSH_I8: key = (uint32_t)*(const int8_t *)at ^ 0x80000000u; break;
    case TORSH_I16: key = (uint32_t)*(const int16_t *)(const void *)at ^ 0x80000000u; break;
    case TORSH_I32: key = (uint32_t)*(const int32_t *)(const void *)at ^ 0x80000000u; break;
    case TORSH_F32: key = float_key(*(const float *)(const void *)at); break;
    default: break;
    }
    return (uint64_t)(j->descending ? ~key : key) << 32 | (uint64_t)i;
}

static inline wide pair_wide(const job *j, const char *x, int64_t i)
{
    const char *at = x + (size_t)(i * j->axis.inner) * j->size;
    uint64_t key = j->dtype == TORSH_I64 ? (uint64_t)*(const int64_t *)(const void *)at ^ (uint64_t)1 << 63 : double_key(*(const double *)(const void *)at);
    return (wide){j->descending ? ~key : key, (uint64_t)i};
}

/* The next place from i on whose element may be before `limit`, one that has its own place in the order: a few at a time. */
typedef float four_floats __attribute__((vector_size(16), aligned(4)));
typedef int64_t two_words __attribute__((vector_size(16)));

static inline bool any_set(two_words mask)
{
    return (mask[0] | mask[1]) != 0;
}

static int64_t skip_floats(const float *x, int64_t i, int64_t n, float limit, bool descending)
{
    const four_floats bound = {limit, limit, limit, limit};
    for (; i + 16 <= n; i += 16) {
        const four_floats *v = (const four_floats *)(const void *)(x + i);
        two_words some;
        if (descending) some = (two_words)(v[0] <= bound) & (two_words)(v[1] <= bound) & (two_words)(v[2] <= bound) & (two_words)(v[3] <= bound);
        else some = (two_words)(v[0] >= bound) & (two_words)(v[1] >= bound) & (two_words)(v[2] >= bound) & (two_words)(v[3] >= bound);
        if (any_set(~some)) break;
    }
    for (; i < n; i++)
        if (descending ? !(x[i] <= limit) : !(x[i] >= limit)) break;
    return i;
}

static int64_t skip(const job *j, const char *x, int64_t i, int64_t n, int64_t limit)
{
    if (j->dtype != TORSH_F32 || j->axis.inner != 1) return i;
    const float *row = (const float *)(const void *)x;
    return skip_floats(row, i, n, row[limit], j->descending);
}

#define PAIR uint64_t
#define P_(name) name##_narrow
#define LESS(a, b) ((a) < (b))
#define KEY(p) ((p) >> 32)
#define KEY_BITS 32
#define INDEX(p) ((int64_t)((p) & 0xFFFFFFFFu))
#include "sort.inc.c"

#define PAIR wide
#define P_(name) name##_wide
#define LESS(a, b) ((a).key < (b).key || ((a).key == (b).key && (a).index < (b).index))
#define KEY(p) ((p).key)
#define KEY_BITS 64
#define INDEX(p) ((int64_t)(p).index)
#include "sort.inc.c"

/* ---- rows ---------------------------------------------------------------------------------------------------- */

/* Where a row's elements lie in the input and in the results. */
typedef struct place {
    const char *from;
    char *values;
    int64_t *indices;
} place;

static place place_of(const job *j, int64_t row)
{
    int64_t outer = row / j->axis.inner, inner = row % j->axis.inner, to = outer * j->take * j->axis.inner + inner;
    return (place){j->x + (size_t)(outer * j->axis.n * j->axis.inner + inner) * j->size, j->values + (size_t)to * j->size, j->indices + to};
}

static void give(const job *j, const place *p, int64_t k, int64_t index)
{
    const char *from = p->from + (size_t)(index * j->axis.inner) * j->size;
    char *to = p->values + (size_t)(k * j->axis.inner) * j->size;
    if (j->size == 4) memcpy(to, from, 4);
    else if (j->size == 8) memcpy(to, from, 8);
    else memcpy(to, from, j->size);
    p->indices[k * j->axis.inner] = index;
}

/* Of one dense f32 row: a key says its element, but for the sign of a zero and the bits of a NaN, so that most aren't looked for all over the row. */
static void give_floats(const job *j, const place *p, const uint64_t *pairs)
{
    uint32_t flip = j->descending ? UINT32_MAX : 0;
    for (int64_t k = 0; k < j->take; k++) {
        uint32_t key = (uint32_t)(pairs[k] >> 32) ^ flip, index = (uint32_t)pairs[k];
        uint32_t bits = key ^ (key >> 31 ? 0x80000000u : UINT32_MAX);
        if (key == 0x80000000u || key == UINT32_MAX) memcpy(&bits, p->from + (size_t)index * 4, 4);
        memcpy(p->values + (size_t)k * 4, &bits, 4);
        p->indices[k] = index;
    }
}

static bool is_nan(const job *j, const char *at)
{
    switch (j->dtype) {
    case TORSH_F32: return isnan(*(const float *)(const void *)at);
    case TORSH_F64: return isnan(*(const double *)(const void *)at);
    default: return false;
    }
}

static int64_t count_nans(const job *j, const char *x)
{
    int64_t nans = 0;
    for (int64_t i = 0; i < j->axis.n && j->dtype >= TORSH_F32; i++) nans += is_nan(j, x + (size_t)(i * j->axis.inner) * j->size);
    return nans;
}

/* Which of a row's sorted elements is taken. Of the middle two the first; NaNs are the last: a median is the first of them, or they don't count. */
static int64_t first_of(const job *j, int64_t nans)
{
    int64_t n = j->axis.n;
    if (j->pick != MEDIAN && j->pick != NANMEDIAN) return j->first;
    if (nans && (j->pick == MEDIAN || nans == n)) return n - nans;
    return (n - nans - 1) / 2;
}

/* One element far from both ends: without sorting. */
static bool selects(const job *j)
{
    return j->take == 1 && !j->descending && j->pick != MODE && (j->pick != RUN_OF_K || j->first >= HANDFUL) && j->axis.n > HANDFUL &&
           j->axis.n < INT32_MAX;
}

/* The upper half of element i's key, all of it if it has no more, as an integer in the same order. */
static inline int32_t upper_key(const job *j, const char *x, int64_t i)
{
    uint32_t key = (uint32_t)(j->size <= 4 ? pair_narrow(j, x, i) >> 32 : pair_wide(j, x, i).key >> 32);
    return (int32_t)(key ^ 0x80000000u);
}

/* Of the elements of 8 bytes whose upper half is `upper`, where the k-th is. Fails if it has no memory. */
static int64_t nth_by_lower_half(job *j, const char *x, const int32_t *keys, int32_t upper, int64_t count, int64_t k)
{
    const torsh__select_table *table = TORSH__ISA_PICK(torsh__select);
    size_t bytes = (size_t)(2 * count + count / 4 + 8) * sizeof *keys;
    int32_t *places = torsh__alloc(bytes);
    if (!places) {
        j->failed = true;
        return 0;
    }
    int32_t *lower = places + count;
    for (int64_t i = 0, m = 0; m < count; i++) {
        places[m] = (int32_t)i;
        m += keys[i] == upper;
    }
    for (int64_t m = 0; m < count; m++) lower[m] = (int32_t)((uint32_t)pair_wide(j, x, places[m]).key ^ 0x80000000u);
    int64_t at = places[table->nth(count, lower, lower + count, k)];
    torsh__free(places, bytes);
    return at;
}

static void select_in_row(job *j, int64_t row)
{
    const torsh__select_table *table = TORSH__ISA_PICK(torsh__select);
    place at = place_of(j, row);
    int64_t n = j->axis.n, nans = 0;
    int32_t near[1024];
    size_t bytes = (size_t)(n + n / 4 + 8) * sizeof *near;
    int32_t *keys = bytes <= sizeof near ? near : torsh__alloc(bytes);
    if (!keys) {
        j->failed = true;
        return;
    }
    if (j->dtype == TORSH_F32 && j->axis.inner == 1) table->keys(n, (const float *)(const void *)at.from, keys);
    else
        for (int64_t i = 0; i < n; i++) keys[i] = upper_key(j, at.from, i);
    if (j->dtype >= TORSH_F32) nans = n - table->count(n, keys, INT32_MAX);
    int64_t k = first_of(j, nans), found = table->nth(n, keys, keys + n, k);
    if (j->size == 8) {
        int32_t upper = keys[found];
        int64_t below = table->count(n, keys, upper), count = (upper < INT32_MAX ? table->count(n, keys, upper + 1) : n) - below;
        if (count > 1) found = nth_by_lower_half(j, at.from, keys, upper, count, k - below);
    }
    give(j, &at, 0, found);
    if (keys != near) torsh__free(keys, bytes);
}

static void sort_row(job *j, int64_t row)
{
    bool narrow = j->size <= 4 && j->axis.n <= UINT32_MAX;
    place at = place_of(j, row);
    int64_t n = j->axis.n, first = first_of(j, j->pick == MEDIAN || j->pick == NANMEDIAN ? count_nans(j, at.from) : 0);
    int64_t wanted = j->pick == MODE ? n : first + j->take;
    _Alignas(16) char near[2048];
    size_t bytes = narrow ? (size_t)room_narrow(n, wanted) * sizeof(uint64_t) : (size_t)room_wide(n, wanted) * sizeof(wide);
    char *room = bytes <= sizeof near ? near : torsh__alloc(bytes);
    if (!room) {
        j->failed = true;
        return;
    }
    if (narrow) {
        uint64_t *pairs = (uint64_t *)(void *)room;
        order_narrow(j, at.from, pairs, wanted);
        if (j->pick == MODE) first = mode_narrow(pairs, n);
        if (j->dtype == TORSH_F32 && j->axis.inner == 1) give_floats(j, &at, pairs + first);
        else
            for (int64_t k = 0; k < j->take; k++) give(j, &at, k, (int64_t)(pairs[first + k] & 0xFFFFFFFFu));
    } else {
        wide *pairs = (wide *)(void *)room;
        order_wide(j, at.from, pairs, wanted);
        if (j->pick == MODE) first = mode_wide(pairs, n);
        for (int64_t k = 0; k < j->take; k++) give(j, &at, k, (int64_t)pairs[first + k].index);
    }
    if (room != near) torsh__free(room, bytes);
}

static void piece(void *context, int64_t i)
{
    job *j = context;
    int64_t rows = j->axis.outer * j->axis.inner, end = (i + 1) * j->per_piece < rows ? (i + 1) * j->per_piece : rows;
    bool selecting = selects(j);
    for (int64_t row = i * j->per_piece; row < end; row++) {
        if (selecting) select_in_row(j, row);
        else sort_row(j, row);
    }
}

static torsh_status run_rows(const torsh_launch *launch, int64_t dim, int64_t first, int64_t take, bool descending, enum pick pick)
{
    const torsh_operand *in = launch->input[0];
    torsh_dtype dtype = torsh__loop_dtype((int)torsh__operand_dtype(in));
    torsh__dense x = {0}, values = {0}, indices = {0};
    job j = {.dtype = dtype, .size = torsh__dtypes[dtype].size, .axis = torsh__axis_of(in, dim), .take = take, .first = first, .pick = pick, .descending = descending};
    if (in->ndim == 0) j.axis = (torsh__axis){1, 1, 1};
    bool ok = torsh__dense_in(&x, in, dtype) && torsh__dense_out(&values, launch->output[0], dtype) && torsh__dense_out(&indices, launch->output[1], TORSH_I64);
    if (ok && j.take > 0 && j.axis.outer * j.axis.inner > 0) {
        j.x = x.data;
        j.values = values.data;
        j.indices = indices.data;
        j.per_piece = j.axis.n < TORSH__GRAIN / 8 ? TORSH__GRAIN / 8 / (j.axis.n ? j.axis.n : 1) : 1;
        torsh__parallel((j.axis.outer * j.axis.inner + j.per_piece - 1) / j.per_piece, piece, &j);
        ok = !j.failed;
        if (!ok) torsh__fail(TORSH_OUT_OF_MEMORY, "%s: out of memory for a row of %lld elements", launch->op->name, (long long)j.axis.n);
    }
    torsh__dense_done(&x);
    if (ok) {
        torsh__dense_store(&values, launch->output[0]);
        torsh__dense_store(&indices, launch->output[1]);
    } else {
        torsh__dense_done(&values);
        torsh__dense_done(&indices);
    }
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

static torsh_status run_sort(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0];
    int64_t dim = launch->values[1].i;
    return run_rows(launch, dim, 0, in->ndim ? in->sizes[dim] : 1, launch->values[2].i != 0, RUN_OF_K);
}

static torsh_status run_topk(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_rows(launch, launch->values[2].i, 0, launch->values[1].i, launch->values[3].i != 0, RUN_OF_K);
}

static torsh_status run_kthvalue(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_rows(launch, launch->values[2].i, launch->values[1].i - 1, 1, false, RUN_OF_K);
}

static const enum pick median = MEDIAN, nanmedian = NANMEDIAN, mode = MODE;

static torsh_status run_picked(const torsh_launch *launch, const void *data)
{
    return run_rows(launch, launch->values[1].i, 0, 1, false, *(const enum pick *)data);
}

const torsh__cpu_kernel torsh__cpu_sort_kernels[] = {
    {"sort", {run_sort, NULL}},
    {"topk", {run_topk, NULL}},
    {"kthvalue", {run_kthvalue, NULL}},
    {"median_dim", {run_picked, &median}},
    {"nanmedian_dim", {run_picked, &nanmedian}},
    {"mode", {run_picked, &mode}},
    {NULL, {NULL, NULL}},
};
