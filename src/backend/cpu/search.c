/* searchsorted: for each element its place in a sorted row, by bisection, in i64 or f64. */
#include "axis.h"
#include "families.h"

typedef struct job {
    const void *sequence, *x;
    const int64_t *sorter;
    void *out;
    int64_t n, per_row; /* elements of a sequence, and of x that share one */
    int64_t total;
    bool narrow, right, whole;
} job;

/* The first place that isn't before the element: in C's order, so that NaN goes to the end (ATen/native/BucketizationUtils.h). */
#define BISECT(name, T)                                                                            \
    static int64_t name(const job *j, int64_t row, T x)                                            \
    {                                                                                              \
        const T *s = (const T *)j->sequence + row * j->n;                                          \
        const int64_t *sorter = j->sorter ? j->sorter + row * j->n : NULL;                         \
        int64_t low = 0, high = j->n;                                                              \
        while (low < high) {                                                                       \
            int64_t middle = low + (high - low) / 2;                                               \
            int64_t at = sorter ? sorter[middle] : middle;                                         \
            if (j->right ? !(s[at] > x) : !(s[at] >= x)) low = middle + 1;                         \
            else high = middle;                                                                    \
        }                                                                                          \
        return low;                                                                                \
    }
BISECT(bisect_whole, int64_t)
BISECT(bisect_double, double)

static void piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t from = i * (TORSH__GRAIN / 8), to = from + TORSH__GRAIN / 8;
    for (int64_t at = from; at < to && at < j->total; at++) {
        int64_t row = at / j->per_row;
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

const torsh__cpu_kernel torsh__cpu_search_kernels[] = {{"searchsorted", {run_searchsorted, NULL}}, {NULL, {NULL, NULL}}};
