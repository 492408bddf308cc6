/* Kernels of the convolution and pooling rows: dense operands into the raw kernels of conv.h and pooling.h. */
#include "alloc.h"
#include "conv.h"
#include "families.h"
#include "pooling.h"

#include <string.h>

/* Number d of a list that holds one per spatial dim, one for all, or none. */
static int64_t spatial(const torsh_value *value, int d, int64_t absent)
{
    const int64_t *list = value->list.data;
    return value->list.count == 0 ? absent : value->list.count == 1 ? list[0] : list[d];
}

/* Dense copies of operands, freed together. */
typedef struct dense {
    const void *data[3];
    void *scratch[3];
    size_t bytes[3];
} dense;

static bool take(dense *all, int i, const torsh_operand *o)
{
    if (!o) return true;
    all->data[i] = torsh__operand_dense(o, torsh__operand_dtype(o), &all->scratch[i], &all->bytes[i]);
    return all->data[i] != NULL;
}

static void give_back(dense *all)
{
    for (int i = 0; i < 3; i++) torsh__free(all->scratch[i], all->bytes[i]);
}

/* ---- convolution --------------------------------------------------------------------------------------------- */

/* x, w and y: operands with the sizes of a convolution's input, weight and output. params: where stride, padding and
 * dilation are. */
static torsh__conv_shape conv_shape(const torsh_launch *launch, const torsh_operand *x, const torsh_operand *w, const torsh_operand *y,
                                    const int params[3], int groups)
{
    torsh__conv_shape s = {.dtype = launch->compute, .dims = w->ndim - 2, .groups = launch->values[groups].i};
    int first = x->ndim - s.dims;
    s.batch = first == 2 ? x->sizes[0] : 1;
    s.in_channels = x->sizes[first - 1];
    s.out_channels = w->sizes[0];
    for (int d = 0; d < s.dims; d++) {
        s.in[d] = x->sizes[first + d];
        s.kernel[d] = w->sizes[2 + d];
        s.out[d] = y->sizes[first + d];
        s.stride[d] = spatial(&launch->values[params[0]], d, 1);
        s.padding[d] = spatial(&launch->values[params[1]], d, 0);
        s.dilation[d] = spatial(&launch->values[params[2]], d, 1);
    }
    return s;
}

static torsh_status run_conv(const torsh_launch *launch, const void *data)
{
    static const int params[3] = {3, 4, 5};
    (void)data;
    const torsh_operand *x = launch->input[0], *w = launch->input[1], *y = launch->output[0];
    if (y->numel == 0) return TORSH_OK;
    torsh__conv_shape s = conv_shape(launch, x, w, y, params, 6);
    dense in = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (take(&in, 0, x) && take(&in, 1, w) && take(&in, 2, launch->input[2]))
        status = torsh__conv_forward(&s, in.data[0], in.data[1], in.data[2], torsh__operand_data(y));
    give_back(&in);
    return status;
}

static torsh_status backward_data(const torsh_launch *launch, const int params[3], const torsh_operand *bias)
{
    const torsh_operand *g = launch->input[0], *w = launch->input[1], *x = launch->output[0];
    if (x->numel == 0) return TORSH_OK;
    torsh__conv_shape s = conv_shape(launch, x, w, g, params, 6);
    dense in = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (take(&in, 0, g) && take(&in, 1, w) && take(&in, 2, bias))
        status = torsh__conv_backward_data(&s, in.data[0], in.data[1], in.data[2], torsh__operand_data(x));
    give_back(&in);
    return status;
}

static torsh_status run_transpose(const torsh_launch *launch, const void *data)
{
    static const int params[3] = {3, 4, 7};
    (void)data;
    return backward_data(launch, params, launch->input[2]);
}

static torsh_status run_backward_input(const torsh_launch *launch, const void *data)
{
    static const int params[3] = {3, 4, 5};
    (void)data;
    return backward_data(launch, params, NULL);
}

static torsh_status run_backward_weight(const torsh_launch *launch, const void *data)
{
    static const int params[3] = {3, 4, 5};
    (void)data;
    const torsh_operand *g = launch->input[0], *x = launch->input[1], *w = launch->output[0];
    if (w->numel == 0) return TORSH_OK;
    torsh__conv_shape s = conv_shape(launch, x, w, g, params, 6);
    dense in = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (take(&in, 0, g) && take(&in, 1, x)) status = torsh__conv_backward_weight(&s, in.data[1], in.data[0], torsh__operand_data(w));
    give_back(&in);
    return status;
}

/* ---- pooling ------------------------------------------------------------------------------------------------- */

/* in and out: operands with the sizes before and after pooling. kernel: where kernel_size is, followed by stride and
 * padding; -1 for adaptive. */
static torsh__pooling_shape pooling_shape(const torsh_launch *launch, const torsh_operand *in, const torsh_operand *out, int kernel)
{
    torsh__pooling_shape s = {.dtype = launch->compute, .planes = 1};
    int first = in->ndim - 2;
    for (int d = 0; d < first; d++) s.planes *= in->sizes[d];
    for (int d = 0; d < 2; d++) {
        s.in[d] = in->sizes[first + d];
        s.out[d] = out->sizes[first + d];
        s.kernel[d] = kernel < 0 ? 1 : spatial(&launch->values[kernel], d, 1);
        s.stride[d] = kernel < 0 ? 1 : spatial(&launch->values[kernel + 1], d, s.kernel[d]);
        s.padding[d] = kernel < 0 ? 0 : spatial(&launch->values[kernel + 2], d, 0);
        s.dilation[d] = 1;
    }
    return s;
}

static void set_dilation(torsh__pooling_shape *s, const torsh_value *value)
{
    for (int d = 0; d < 2; d++) s->dilation[d] = spatial(value, d, 1);
}

static torsh_status run_max(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *x = launch->input[0], *y = launch->output[0];
    torsh__pooling_shape s = pooling_shape(launch, x, y, 1);
    set_dilation(&s, &launch->values[4]);
    dense in = {0};
    int64_t *indices = launch->outputs > 1 ? (int64_t *)(void *)torsh__operand_data(launch->output[1]) : NULL;
    torsh_status status = take(&in, 0, x) ? torsh__max_pool2d(&s, in.data[0], torsh__operand_data(y), indices) : TORSH_OUT_OF_MEMORY;
    give_back(&in);
    return status;
}

static torsh_status run_adaptive_max(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *x = launch->input[0], *y = launch->output[0];
    torsh__pooling_shape s = pooling_shape(launch, x, y, -1);
    dense in = {0};
    int64_t *indices = (int64_t *)(void *)torsh__operand_data(launch->output[1]);
    torsh_status status = take(&in, 0, x) ? torsh__adaptive_max_pool2d(&s, in.data[0], torsh__operand_data(y), indices) : TORSH_OUT_OF_MEMORY;
    give_back(&in);
    return status;
}

static torsh_status run_max_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *g = launch->input[0], *x = launch->output[0];
    bool adaptive = launch->values[3].list.count == 0;
    torsh__pooling_shape s = pooling_shape(launch, x, g, adaptive ? -1 : 3);
    if (!adaptive) set_dilation(&s, &launch->values[6]);
    dense in = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (take(&in, 0, g) && take(&in, 1, launch->input[1]))
        status = (adaptive ? torsh__adaptive_max_pool2d_backward : torsh__cpu_max_pool2d_backward)(&s, in.data[0], in.data[1], torsh__operand_data(x));
    give_back(&in);
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
    const torsh_operand *x = launch->input[0], *y = launch->output[0];
    torsh__pooling_shape s = pooling_shape(launch, x, y, -1);
    size_t size = torsh__dtypes[launch->compute].size;
    int64_t from = s.in[0] * s.in[1], to = s.out[0] * s.out[1];
    dense in = {0};
    bool ok = take(&in, 0, x) && take(&in, 1, launch->input[1]);
    for (int64_t p = 0; ok && p < s.planes; p++)
        take_plane(torsh__operand_data(y) + (size_t)(p * to) * size, (const char *)in.data[0] + (size_t)(p * from) * size,
                   (const int64_t *)in.data[1] + p * to, to, from, size);
    give_back(&in);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

typedef torsh_status pool_function(const torsh__pooling_shape *s, const void *from, void *to);

/* Averages: `small` is the pooled side, `kernel` its params or -1, `include` where count_include_pad is. */
static torsh_status run_average(const torsh_launch *launch, bool backward, int kernel, int include, pool_function *function)
{
    const torsh_operand *from = launch->input[0], *to = launch->output[0];
    torsh__pooling_shape s = pooling_shape(launch, backward ? to : from, backward ? from : to, kernel);
    if (kernel >= 0) {
        s.count_include_pad = launch->values[include].i != 0;
        s.divisor_override = launch->values[include + 1].i;
    }
    dense in = {0};
    torsh_status status = take(&in, 0, from) ? function(&s, in.data[0], torsh__operand_data(to)) : TORSH_OUT_OF_MEMORY;
    give_back(&in);
    return status;
}

static torsh_status run_avg(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_average(launch, false, 1, 5, torsh__avg_pool2d);
}

static torsh_status run_avg_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_average(launch, true, 2, 6, torsh__cpu_avg_pool2d_backward);
}

static torsh_status run_adaptive_avg(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_average(launch, false, -1, -1, torsh__adaptive_avg_pool2d);
}

static torsh_status run_adaptive_avg_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_average(launch, true, -1, -1, torsh__cpu_adaptive_avg_pool2d_backward);
}

const torsh__cpu_kernel torsh__cpu_conv_kernels[] = {
    {"conv1d", {run_conv, NULL}},
    {"conv2d", {run_conv, NULL}},
    {"conv3d", {run_conv, NULL}},
    {"conv_transpose1d", {run_transpose, NULL}},
    {"conv_transpose2d", {run_transpose, NULL}},
    {"conv_transpose3d", {run_transpose, NULL}},
    {"conv_grad_input", {run_backward_input, NULL}},
    {"conv_grad_weight", {run_backward_weight, NULL}},
    {"max_pool2d_with_indices", {run_max, NULL}},
    {"max_pool2d_values", {run_max, NULL}},
    {"max_pool2d_grad", {run_max_backward, NULL}},
    {"adaptive_max_pool2d", {run_adaptive_max, NULL}},
    {"pooling_take", {run_take, NULL}},
    {"avg_pool2d", {run_avg, NULL}},
    {"avg_pool2d_grad", {run_avg_backward, NULL}},
    {"adaptive_avg_pool2d", {run_adaptive_avg, NULL}},
    {"adaptive_avg_pool2d_grad", {run_adaptive_avg_backward, NULL}},
    {NULL, {NULL, NULL}},
};
