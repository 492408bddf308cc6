/* nll_loss: picks one element per position, so it is neither vectorised nor threaded. multilabel_margin_loss: samples side by side. */
#include "axis.h"
#include "families.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

typedef struct layout { /* positions n * inner, classes in between */
    int64_t n, classes, inner;
} layout;

static layout layout_of(const torsh_operand *x)
{
    layout l = {1, x->sizes[x->ndim == 1 ? 0 : 1], 1};
    if (x->ndim > 1) l.n = x->sizes[0];
    for (int d = 2; d < x->ndim; d++) l.inner *= x->sizes[d];
    return l;
}

static torsh_status check_targets(const int64_t *target, int64_t count, int64_t classes, int64_t ignore)
{
    for (int64_t i = 0; i < count; i++)
        if (target[i] != ignore && (target[i] < 0 || target[i] >= classes))
            return torsh__fail(TORSH_OUT_OF_RANGE, "nll_loss: target %lld at position %lld is no class; classes are 0 to %lld, and %lld is ignored",
                               (long long)target[i], (long long)i, (long long)(classes - 1), (long long)ignore);
    return TORSH_OK;
}

static double load(torsh_dtype dtype, const void *data, int64_t i)
{
    return dtype == TORSH_F64 ? ((const double *)data)[i] : (double)((const float *)data)[i];
}

static void store(torsh_dtype dtype, void *data, int64_t i, double value)
{
    if (dtype == TORSH_F64) ((double *)data)[i] = value;
    else ((float *)data)[i] = (float)value;
}

static torsh_status run_forward(const torsh_launch *launch, const void *data)
{
    (void)data;
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    const torsh_operand *out = launch->output[0];
    layout l = layout_of(launch->input[0]);
    int64_t reduction = launch->values[3].i, ignore = launch->values[4].i, count = l.n * l.inner;
    torsh__dense x = {0}, target = {0}, weight = {0}, loss = {0}, total = {0};
    bool ok = torsh__dense_in(&x, launch->input[0], dtype) && torsh__dense_in(&target, launch->input[1], TORSH_I64) &&
              torsh__dense_in(&weight, launch->input[2], dtype) && torsh__dense_out(&loss, out, dtype) &&
              torsh__dense_out(&total, launch->output[1], dtype);
    torsh_status status = ok ? check_targets(target.data, count, l.classes, ignore) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        const int64_t *classes = target.data;
        double sum = 0, weights = 0;
        for (int64_t i = 0; i < count; i++) {
            double value = 0;
            if (classes[i] != ignore) {
                double w = weight.data ? load(dtype, weight.data, classes[i]) : 1;
                value = -w * load(dtype, x.data, (i / l.inner * l.classes + classes[i]) * l.inner + i % l.inner);
                weights += w;
            }
            sum += value;
            if (reduction == 0) store(dtype, loss.data, i, value);
        }
        if (reduction != 0) store(dtype, loss.data, 0, reduction == 1 ? sum / weights : sum);
        store(dtype, total.data, 0, weights);
        torsh__dense_store(&loss, out);
        torsh__dense_store(&total, launch->output[1]);
    } else {
        torsh__dense_done(&loss);
        torsh__dense_done(&total);
    }
    torsh__dense_done(&x);
    torsh__dense_done(&target);
    torsh__dense_done(&weight);
    return status;
}

static torsh_status run_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    const torsh_operand *out = launch->output[0];
    layout l = layout_of(launch->input[1]);
    int64_t reduction = launch->values[5].i, ignore = launch->values[6].i, count = l.n * l.inner;
    torsh__dense g = {0}, target = {0}, weight = {0}, total = {0}, dx = {0};
    bool ok = torsh__dense_in(&g, launch->input[0], dtype) && torsh__dense_in(&target, launch->input[2], TORSH_I64) &&
              torsh__dense_in(&weight, launch->input[3], dtype) && torsh__dense_in(&total, launch->input[4], dtype) && torsh__dense_out(&dx, out, dtype);
    torsh_status status = ok ? check_targets(target.data, count, l.classes, ignore) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        const int64_t *classes = target.data;
        double scale = reduction == 1 ? 1 / load(dtype, total.data, 0) : 1;
        memset(dx.data, 0, (size_t)out->numel * torsh__dtypes[dtype].size);
        for (int64_t i = 0; i < count; i++) {
            if (classes[i] == ignore) continue;
            double w = weight.data ? load(dtype, weight.data, classes[i]) : 1;
            store(dtype, dx.data, (i / l.inner * l.classes + classes[i]) * l.inner + i % l.inner, -w * scale * load(dtype, g.data, reduction == 0 ? i : 0));
        }
        torsh__dense_store(&dx, out);
    } else {
        torsh__dense_done(&dx);
    }
    torsh__dense_done(&g);
    torsh__dense_done(&target);
    torsh__dense_done(&weight);
    torsh__dense_done(&total);
    return status;
}

/* ---- multilabel margins (PyTorch: aten/src/ATen/native/LossMultiLabelMargin.cpp) --------------------------------- */

enum { PIECE = 1 << 14, LANES = 4 }; /* elements of a piece of samples */

typedef struct margins {
    torsh_dtype dtype;
    bool slopes;
    int64_t samples, classes, some; /* some: samples of a piece */
    const void *x;
    const int64_t *target;
    void *out;
    atomic_bool failed;
} margins;

/* The sum of what is positive of x + own. */
static double excess(const double *x, int64_t n, double own)
{
    double sum[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            double z = x[i + k] + own;
            sum[k] += z > 0 ? z : 0;
        }
    for (; i < n; i++) {
        double z = x[i] + own;
        sum[0] += z > 0 ? z : 0;
    }
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Adds 1 to the slope wherever x + own is positive; how often that was. */
static double rises(const double *x, int64_t n, double own, double *slope)
{
    double count = 0;
    for (int64_t i = 0; i < n; i++) {
        double hit = x[i] + own > 0;
        slope[i] += hit;
        count += hit;
    }
    return count;
}

/* One sample. row: the elements, -inf for those listed, which don't count; after them room for the slopes. */
static void margins_of(const margins *m, int64_t at, double *row)
{
    const int64_t n = m->classes, *listed = m->target + at * n;
    double *slope = row + n, sum = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) row[i] = load(m->dtype, m->x, at * n + i);
    for (; count < n && listed[count] >= 0; count++) row[listed[count]] = -INFINITY;
    if (m->slopes) memset(slope, 0, (size_t)n * sizeof *slope);
    for (int64_t i = 0; i < count; i++) {
        double own = 1 - load(m->dtype, m->x, at * n + listed[i]);
        if (m->dtype == TORSH_F32) own = (double)(float)own;
        if (m->slopes) slope[listed[i]] -= rises(row, n, own, slope);
        else sum += excess(row, n, own);
    }
    if (!m->slopes) store(m->dtype, m->out, at, sum / (double)n);
    for (int64_t i = 0; i < n && m->slopes; i++) store(m->dtype, m->out, at * n + i, slope[i] / (double)n);
}

static void margins_piece(void *context, int64_t piece)
{
    margins *m = context;
    int64_t from = piece * m->some, to = from + m->some < m->samples ? from + m->some : m->samples;
    size_t bytes = 2 * (size_t)m->classes * sizeof(double);
    double few[64], *row = bytes <= sizeof few ? few : torsh__alloc(bytes);
    if (!row) m->failed = true;
    for (int64_t i = from; i < to && row; i++) margins_of(m, i, row);
    if (row != few) torsh__free(row, bytes);
}

/* Of those listed: up to the first negative number of each sample. */
static torsh_status check_listed(const margins *m)
{
    for (int64_t i = 0; i < m->samples; i++) {
        const int64_t *listed = m->target + i * m->classes;
        for (int64_t k = 0; k < m->classes && listed[k] >= 0; k++)
            if (listed[k] >= m->classes)
                return torsh__fail(TORSH_OUT_OF_RANGE, "multilabel_margin_loss: 'target' holds %lld; classes are 0 to %lld", (long long)listed[k], (long long)(m->classes - 1));
    }
    return TORSH_OK;
}

/* data: what is wanted are the slopes */
static torsh_status run_margins(const torsh_launch *launch, const void *data)
{
    const torsh_operand *x = launch->input[0], *out = launch->output[0];
    margins m = {.dtype = torsh__loop_dtype((int)launch->compute), .slopes = data != NULL, .samples = 1, .classes = x->sizes[x->ndim - 1]};
    for (int d = 0; d < x->ndim - 1; d++) m.samples *= x->sizes[d];
    m.some = m.classes < PIECE ? PIECE / (m.classes ? m.classes : 1) : 1;
    torsh__dense from = {0}, target = {0}, to = {0};
    bool ok = torsh__dense_in(&from, x, m.dtype) && torsh__dense_in(&target, launch->input[1], TORSH_I64) && torsh__dense_out(&to, out, m.dtype);
    m.x = from.data, m.target = target.data, m.out = to.data;
    torsh_status status = ok ? check_listed(&m) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) torsh__parallel((m.samples + m.some - 1) / m.some, margins_piece, &m);
    if (m.failed) status = TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) torsh__dense_store(&to, out);
    else torsh__dense_done(&to);
    torsh__dense_done(&from);
    torsh__dense_done(&target);
    return status;
}

const torsh__cpu_kernel torsh__cpu_loss_kernels[] = {
    {"nll_forward", {run_forward, NULL}},
    {"nll_backward", {run_backward, NULL}},
    {"multilabel_margin_forward", {run_margins, NULL}},
    {"multilabel_margin_slope", {run_margins, "slopes"}},
    {NULL, {NULL, NULL}},
};
