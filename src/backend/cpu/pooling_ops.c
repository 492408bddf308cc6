/* Kernels of the pooling rows: dense operands into the raw kernels of pooling.h. 16-bit floats are pooled in f32, whole numbers in i64. */
#include "axis.h"
#include "families.h"
#include "pooling.h"

#include <string.h>

/* Number d of a list that holds one per spatial dim, one for all, or none. */
static int64_t spatial(const torsh_value *value, int d, int64_t absent)
{
    const int64_t *list = value->list.data;
    return value->list.count == 0 ? absent : value->list.count == 1 ? list[0] : list[d];
}

/* How many dims the windows have: the last parameter if that is `dims`, else the digit in the row's name. */
static int dims_of(const torsh_launch *launch)
{
    int last = launch->op->param_count - 1;
    if (strcmp(launch->op->params[last].name, "dims") == 0) return (int)launch->values[last].i;
    return launch->op->name[strcspn(launch->op->name, "123")] - '0';
}

static torsh_dtype pooled_in(const torsh_launch *launch)
{
    return torsh__dtypes[launch->compute].category == TORSH__FLOATING ? torsh__loop_dtype((int)launch->compute) : TORSH_I64;
}

/* in and out: operands with the sizes before and after pooling. kernel: where kernel_size is, followed by stride and
 * padding; -1 for adaptive. dilation: where that is, or -1. */
static torsh__pooling_shape pooling_shape(const torsh_launch *launch, const torsh_operand *in, const torsh_operand *out, int kernel, int dilation)
{
    torsh__pooling_shape s = {.dtype = pooled_in(launch), .planes = 1, .adaptive = kernel < 0};
    int dims = dims_of(launch), first = in->ndim - dims;
    const torsh_value *v = launch->values;
    for (int d = 0; d < first; d++) s.planes *= in->sizes[d];
    for (int at = 0; at < 3; at++) {
        int d = at - (3 - dims);
        bool there = d >= 0, fixed = there && kernel >= 0;
        s.in[at] = there ? in->sizes[first + d] : 1;
        s.out[at] = there ? out->sizes[first + d] : 1;
        s.kernel[at] = fixed ? spatial(&v[kernel], d, 1) : 1;
        s.stride[at] = fixed ? spatial(&v[kernel + 1], d, s.kernel[at]) : 1;
        s.padding[at] = fixed ? spatial(&v[kernel + 2], d, 0) : 0;
        s.dilation[at] = there && dilation >= 0 ? spatial(&v[dilation], d, 1) : 1;
    }
    return s;
}

static torsh_status maximum(const torsh_launch *launch, int kernel, int dilation)
{
    torsh__pooling_shape s = pooling_shape(launch, launch->input[0], launch->output[0], kernel, dilation);
    torsh__dense x = {0}, y = {0}, indices = {0};
    bool wanted = launch->outputs > 1;
    bool ok = torsh__dense_in(&x, launch->input[0], s.dtype) && torsh__dense_out(&y, launch->output[0], s.dtype) &&
              (!wanted || torsh__dense_out(&indices, launch->output[1], TORSH_I64));
    torsh_status status = ok ? torsh__pool_max(&s, x.data, y.data, indices.data) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) torsh__dense_store(&y, launch->output[0]);
    if (status == TORSH_OK && wanted) torsh__dense_store(&indices, launch->output[1]);
    torsh__dense_done(&x);
    torsh__dense_done(&y);
    torsh__dense_done(&indices);
    return status;
}

static torsh_status run_max(const torsh_launch *launch, const void *data)
{
    (void)data;
    return maximum(launch, 1, 4);
}

static torsh_status run_adaptive_max(const torsh_launch *launch, const void *data)
{
    (void)data;
    return maximum(launch, -1, -1);
}

static torsh_status run_fractional(const torsh_launch *launch, const void *data)
{
    (void)data;
    torsh__pooling_shape s = pooling_shape(launch, launch->input[0], launch->output[0], -1, -1);
    s.dims = dims_of(launch);
    for (int d = 0; d < s.dims; d++) s.kernel[3 - s.dims + d] = spatial(&launch->values[2], d, 1);
    torsh__dense x = {0}, u = {0}, y = {0}, indices = {0};
    bool ok = torsh__dense_in(&x, launch->input[0], s.dtype) && torsh__dense_in(&u, launch->input[1], s.dtype) && torsh__dense_out(&y, launch->output[0], s.dtype) &&
              torsh__dense_out(&indices, launch->output[1], TORSH_I64);
    s.samples = u.data;
    torsh_status status = ok ? torsh__pool_max_fractional(&s, x.data, y.data, indices.data) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OUT_OF_RANGE) status = torsh__fail(status, "a random sample outside of [0, 1) puts a window outside of 'input'"); /* the composed row adds its name */
    if (status == TORSH_OK) torsh__dense_store(&y, launch->output[0]);
    if (status == TORSH_OK) torsh__dense_store(&indices, launch->output[1]);
    torsh__dense_done(&x);
    torsh__dense_done(&u);
    torsh__dense_done(&y);
    torsh__dense_done(&indices);
    return status;
}

static torsh_status run_max_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    bool adaptive = launch->values[3].list.count == 0;
    torsh__pooling_shape s = pooling_shape(launch, launch->output[0], launch->input[0], adaptive ? -1 : 3, adaptive ? -1 : 6);
    torsh__dense g = {0}, x = {0}, indices = {0};
    bool ok = torsh__dense_in(&g, launch->input[0], s.dtype) && torsh__dense_in(&indices, launch->input[1], TORSH_I64) &&
              torsh__dense_out(&x, launch->output[0], s.dtype);
    torsh_status status = ok ? torsh__pool_max_back(&s, g.data, indices.data, x.data) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) torsh__dense_store(&x, launch->output[0]);
    torsh__dense_done(&g);
    torsh__dense_done(&x);
    torsh__dense_done(&indices);
    return status;
}

/* Elements are moved as they are: by their size. */
static void take_plane(char *to, const char *from, const int64_t *indices, int64_t count, int64_t plane, size_t size)
{
    for (int64_t i = 0; i < count; i++) {
        bool inside = indices[i] >= 0 && indices[i] < plane;
        if (inside) memcpy(to + (size_t)i * size, from + (size_t)indices[i] * size, size);
        else memset(to + (size_t)i * size, 0, size);
    }
}

static torsh_status run_take(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    torsh__pooling_shape s = pooling_shape(launch, in, out, -1, -1);
    size_t size = torsh__dtypes[launch->compute].size;
    int64_t from = s.in[0] * s.in[1] * s.in[2], to = s.out[0] * s.out[1] * s.out[2];
    torsh__dense x = {0}, y = {0}, indices = {0};
    bool ok = torsh__dense_in(&x, in, launch->compute) && torsh__dense_in(&indices, launch->input[1], TORSH_I64) && torsh__dense_out(&y, out, launch->compute);
    for (int64_t p = 0; ok && p < s.planes; p++)
        take_plane((char *)y.data + (size_t)(p * to) * size, (const char *)x.data + (size_t)(p * from) * size, (const int64_t *)indices.data + p * to, to, from, size);
    if (ok) torsh__dense_store(&y, out);
    torsh__dense_done(&x);
    torsh__dense_done(&y);
    torsh__dense_done(&indices);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

/* Averages: `kernel` is where their params are or -1, `include` where count_include_pad is, which divisor_override may follow. */
static torsh_status average(const torsh_launch *launch, bool backward, int kernel, int include)
{
    const torsh_operand *from = launch->input[0], *to = launch->output[0];
    torsh__pooling_shape s = pooling_shape(launch, backward ? to : from, backward ? from : to, kernel, -1);
    if (kernel >= 0) {
        s.count_include_pad = launch->values[include].i != 0;
        s.divisor_override = include + 1 < launch->op->param_count ? launch->values[include + 1].i : 0;
    }
    torsh__dense x = {0}, y = {0};
    bool ok = torsh__dense_in(&x, from, s.dtype) && torsh__dense_out(&y, to, s.dtype);
    torsh_status status = ok ? (backward ? torsh__pool_avg_back : torsh__pool_avg)(&s, x.data, y.data) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) torsh__dense_store(&y, to);
    torsh__dense_done(&x);
    torsh__dense_done(&y);
    return status;
}

static torsh_status run_avg(const torsh_launch *launch, const void *data)
{
    (void)data;
    return average(launch, false, 1, 5);
}

static torsh_status run_avg_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    return average(launch, true, 2, 6);
}

static torsh_status run_adaptive_avg(const torsh_launch *launch, const void *data)
{
    (void)data;
    return average(launch, false, -1, -1);
}

static torsh_status run_adaptive_avg_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    return average(launch, true, -1, -1);
}

const torsh__cpu_kernel torsh__cpu_pooling_kernels[] = {
    {"max_pool1d_with_indices", {run_max, NULL}},
    {"max_pool2d_with_indices", {run_max, NULL}},
    {"max_pool3d_with_indices", {run_max, NULL}},
    {"max_pool_values", {run_max, NULL}},
    {"max_pool_grad", {run_max_backward, NULL}},
    {"adaptive_max_pool1d", {run_adaptive_max, NULL}},
    {"adaptive_max_pool2d", {run_adaptive_max, NULL}},
    {"adaptive_max_pool3d", {run_adaptive_max, NULL}},
    {"fractional_max_pool", {run_fractional, NULL}},
    {"pooling_take", {run_take, NULL}},
    {"avg_pool1d", {run_avg, NULL}},
    {"avg_pool2d", {run_avg, NULL}},
    {"avg_pool3d", {run_avg, NULL}},
    {"avg_pool_grad", {run_avg_backward, NULL}},
    {"adaptive_avg_pool1d", {run_adaptive_avg, NULL}},
    {"adaptive_avg_pool2d", {run_adaptive_avg, NULL}},
    {"adaptive_avg_pool3d", {run_adaptive_avg, NULL}},
    {"adaptive_avg_pool_grad", {run_adaptive_avg_backward, NULL}},
    {NULL, {NULL, NULL}},
};
