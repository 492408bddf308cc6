/* nll_loss: picks one element per position, so it is neither vectorised nor threaded. */
#include "axis.h"
#include "families.h"

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

const torsh__cpu_kernel torsh__cpu_loss_kernels[] = {
    {"nll_forward", {run_forward, NULL}},
    {"nll_backward", {run_backward, NULL}},
    {NULL, {NULL, NULL}},
};
