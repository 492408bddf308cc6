/* searchsorted: for each element its place in a sorted row, by bisection, in i64 or f64. bin_sums: how much falls between edges, in f64. */
#include "axis.h"
#include "copy_kernels.h"
#include "families.h"

#include <string.h>

typedef struct job {
    const void *sequence, *x;
    const int64_t *sorter;
    void *out;
    int64_t n, per_row; /* elements of a sequence, and of x that share one */
    int64_t total;
    bool narrow, right, whole;
} job;

/* The first place that isn't before the element: in C's order, so that NaN goes to the end (ATen/native/BucketizationUtils.h). No branch hangs on
 * an element, so the searches of some overlap. */
#define BISECT(name, T, is_before, sorted)                                                         \
    static int64_t name(const T *s, const int64_t *sorter, int64_t n, T x)                         \
    {                                                                                              \
        int64_t low = 0;                                                                           \
        (void)sorter;                                                                              \
        for (int64_t half; n > 0; n -= half) {                                                     \
            half = (int64_t)((uint64_t)(n + 1) / 2);                                               \
            const T at = s[sorted];                                                                \
            low += is_before ? half : 0;                                                           \
        }                                                                                          \
        return low;                                                                                \
    }
#define BISECTS(name, T)                                                   \
    BISECT(name##_left, T, !(at >= x), low + half - 1)                     \
    BISECT(name##_right, T, !(at > x), low + half - 1)                     \
    BISECT(name##_sorter_left, T, !(at >= x), sorter[low + half - 1])      \
    BISECT(name##_sorter_right, T, !(at > x), sorter[low + half - 1])      \
    static int64_t name(const job *j, int64_t row, T x)                    \
    {                                                                      \
        const T *s = (const T *)j->sequence + row * j->n;                  \
        const int64_t *sorter = j->sorter ? j->sorter + row * j->n : NULL; \
        if (sorter) return (j->right ? name##_sorter_right : name##_sorter_left)(s, sorter, j->n, x); \
        return j->right ? name##_right(s, NULL, j->n, x) : name##_left(s, NULL, j->n, x); \
    }
BISECTS(bisect_whole, int64_t)
BISECTS(bisect_double, double)

static void piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t from = i * (TORSH__GRAIN / 8), to = from + TORSH__GRAIN / 8;
    int64_t row = from / j->per_row, next = (row + 1) * j->per_row;
    for (int64_t at = from; at < to && at < j->total; at++) {
        if (at == next) row++, next += j->per_row;
        int64_t place = j->whole ? bisect_whole(j, row, ((const int64_t *)j->x)[at]) : bisect_double(j, row, ((const double *)j->x)[at]);
        if (j->narrow) ((int32_t *)j->out)[at] = (int32_t)place;
        else ((int64_t *)j->out)[at] = place;
    }
}

static torsh_status run_searchsorted(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *sequence = launch->input[0], *in = launch->input[1], *given = launch->input[2], *out = launch->output[0];
    torsh_dtype dtype = launch->compute, result = launch->values[2].i ? TORSH_I32 : TORSH_I64;
    torsh__dense s = {0}, x = {0}, sorter = {0}, y = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (in->numel == 0) return TORSH_OK;
    if (torsh__dense_in(&s, sequence, dtype) && torsh__dense_in(&x, in, dtype) && torsh__dense_in(&sorter, given, TORSH_I64) && torsh__dense_out(&y, out, result)) {
        job j = {.sequence = s.data, .x = x.data, .sorter = sorter.data, .out = y.data, .n = sequence->sizes[sequence->ndim - 1],
                   .narrow = result == TORSH_I32, .right = launch->values[3].i != 0, .total = in->numel, .whole = dtype == TORSH_I64};
        j.per_row = sequence->ndim == 1 ? in->numel : in->sizes[in->ndim - 1];
        status = TORSH_OK;
        for (int64_t i = 0; given && i < given->numel && status == TORSH_OK; i++)
            if (j.sorter[i] < 0 || j.sorter[i] >= j.n)
                status = torsh__fail(TORSH_OUT_OF_RANGE, "searchsorted: 'sorter' has the index %lld; the sequence has %lld elements", (long long)j.sorter[i], (long long)j.n);
        if (status == TORSH_OK) torsh__parallel((j.total + TORSH__GRAIN / 8 - 1) / (TORSH__GRAIN / 8), piece, &j);
        if (status == TORSH_OK) torsh__dense_store(&y, out);
    }
    torsh__dense_done(&y);
    torsh__dense_done(&sorter);
    torsh__dense_done(&x);
    torsh__dense_done(&s);
    return status;
}

/* ---- bins ---------------------------------------------------------------------------------------------------- */

typedef struct bin_job {
    const char *x, *weight;
    const double *edges;
    double *sums; /* (pieces, bins) */
    int64_t bins, total, per_piece, size;
    torsh__convert_loop *load;
} bin_job;

/* The last edge that is not above x, which lies between the first and the last one: guessed as if they were evenly spaced. */
static int64_t bin_of(const bin_job *j, double x, double scale)
{
    const double *e = j->edges;
    int64_t last = j->bins - 1, at = (int64_t)((x - e[0]) * scale), low = 0, high = last;
    at = at < 0 ? 0 : at > last ? last : at;
    if (at < last && x >= e[at + 1]) at++;
    if (at > 0 && x < e[at]) at--;
    if (e[at] <= x && (at == last || x < e[at + 1])) return at;
    while (low < high) {
        int64_t middle = low + (high - low + 1) / 2;
        if (e[middle] <= x) low = middle;
        else high = middle - 1;
    }
    return low;
}

static void bin_piece(void *context, int64_t i)
{
    enum { CHUNK = 512 };
    const bin_job *j = context;
    double x[CHUNK], weight[CHUNK], *sums = j->sums + i * j->bins, first = j->edges[0], last = j->edges[j->bins];
    double scale = (double)j->bins / (last - first);
    int64_t end = (i + 1) * j->per_piece < j->total ? (i + 1) * j->per_piece : j->total;
    if (!(scale < 1e300)) scale = 0; /* edges without a width */
    for (int64_t at = i * j->per_piece; at < end; at += CHUNK) {
        int64_t n = end - at < CHUNK ? end - at : CHUNK;
        j->load(n, x, sizeof *x, j->x + at * j->size, j->size);
        if (j->weight) j->load(n, weight, sizeof *weight, j->weight + at * j->size, j->size);
        for (int64_t k = 0; k < n; k++)
            if (x[k] >= first && x[k] <= last) sums[bin_of(j, x[k], scale)] += j->weight ? weight[k] : 1;
    }
}

static torsh_status run_bin_sums(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *edges = launch->input[1], *weight = launch->input[2], *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(in);
    torsh__dense x = {0}, w = {0}, e = {0};
    bin_job j = {.bins = out->numel, .total = in->numel, .size = torsh__dtypes[dtype].size, .load = TORSH__ISA_PICK(torsh__copy)->convert[dtype][TORSH_F64]};
    j.per_piece = in->numel / 64;
    if (j.per_piece < j.bins) j.per_piece = j.bins;
    if (j.per_piece < TORSH__GRAIN) j.per_piece = TORSH__GRAIN;
    int64_t pieces = in->numel > j.per_piece ? (in->numel + j.per_piece - 1) / j.per_piece : 1;
    size_t bytes = (size_t)(pieces * j.bins) * sizeof *j.sums;
    j.sums = torsh__alloc_zero(bytes);
    bool room = j.sums && torsh__dense_in(&x, in, dtype) && torsh__dense_in(&w, weight, dtype) && torsh__dense_in(&e, edges, TORSH_F64);
    if (room) {
        j.x = x.data;
        j.weight = w.data;
        j.edges = e.data;
        torsh__parallel(pieces, bin_piece, &j);
        for (int64_t p = 1; p < pieces; p++)
            for (int64_t b = 0; b < j.bins; b++) j.sums[b] += j.sums[p * j.bins + b];
        torsh__operand_store(out, TORSH_F64, j.sums);
    }
    torsh__dense_done(&e);
    torsh__dense_done(&w);
    torsh__dense_done(&x);
    torsh__free(j.sums, bytes);
    return room ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

/* ---- groups -------------------------------------------------------------------------------------------------- */

typedef struct group_job {
    const uint8_t *differ;
    int64_t n, *number, *begins, *before; /* before: the number of the group that a piece begins in */
} group_job;

static void group_piece(void *context, int64_t i)
{
    const group_job *j = context;
    int64_t from = i * TORSH__GRAIN, end = from + TORSH__GRAIN < j->n ? from + TORSH__GRAIN : j->n, group = j->before[i];
    int64_t k = from, last = j->before[i + 1];
    for (; group < last; k++) { /* what a place gets before its group begins is written over */
        j->begins[group + 1] = k + 1;
        j->number[k + 1] = group += j->differ[k];
    }
    for (; k < end; k++) j->number[k + 1] = group;
}

static torsh_status run_group_places(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0];
    torsh__dense d = {0};
    int64_t pieces = (in->numel + TORSH__GRAIN - 1) / TORSH__GRAIN;
    size_t bytes = (size_t)(pieces + 1) * sizeof(int64_t);
    group_job j = {.n = in->numel, .number = (int64_t *)(void *)torsh__operand_data(launch->output[0]), .begins = (int64_t *)(void *)torsh__operand_data(launch->output[1]),
                   .before = torsh__alloc(bytes)};
    bool room = j.before && torsh__dense_in(&d, in, TORSH_BOOL);
    if (room) {
        j.differ = d.data;
        j.before[0] = 0;
        for (int64_t i = 0; i < pieces; i++) {
            int64_t at = i * TORSH__GRAIN, n = j.n - at < TORSH__GRAIN ? j.n - at : TORSH__GRAIN;
            j.before[i + 1] = j.before[i] + torsh__count_set(n, j.differ + at);
        }
        int64_t groups = j.before[pieces] + 1;
        j.number[0] = j.begins[0] = 0;
        torsh__parallel(pieces, group_piece, &j);
        memset(j.begins + groups, 0, (size_t)(j.n + 2 - groups) * sizeof *j.begins);
        j.begins[groups] = j.n + 1;
    }
    torsh__dense_done(&d);
    torsh__free(j.before, bytes);
    return room ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_search_kernels[] = {{"searchsorted", {run_searchsorted, NULL}}, {"bin_sums", {run_bin_sums, NULL}}, {"group_places", {run_group_places, NULL}}, {NULL, {NULL, NULL}}};
