/* Kernels of the convolution rows: dense operands into the raw kernels of conv.h. */
#include "alloc.h"
#include "conv.h"
#include "families.h"

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

const torsh__cpu_kernel torsh__cpu_conv_kernels[] = {
    {"conv1d", {run_conv, NULL}},
    {"conv2d", {run_conv, NULL}},
    {"conv3d", {run_conv, NULL}},
    {"conv_transpose1d", {run_transpose, NULL}},
    {"conv_transpose2d", {run_transpose, NULL}},
    {"conv_transpose3d", {run_transpose, NULL}},
    {"conv_grad_input", {run_backward_input, NULL}},
    {"conv_grad_weight", {run_backward_weight, NULL}},
    {NULL, {NULL, NULL}},
};
