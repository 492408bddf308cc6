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

typedef torsh_status product(const torsh__conv_shape *s, const void *a, const void *b, const void *bias, void *out);

static torsh_status by_weight(const torsh__conv_shape *s, const void *a, const void *b, const void *bias, void *out)
{
    (void)bias;
    return torsh__conv_backward_weight(s, b, a, out);
}

/* ---- complex numbers: four real products ------------------------------------------------------------------------------ */

static double part(bool wide, const void *data, int64_t i)
{
    return wide ? ((const double *)data)[i] : (double)((const float *)data)[i];
}

static void put(bool wide, void *data, int64_t i, double x)
{
    if (wide) ((double *)data)[i] = x;
    else ((float *)data)[i] = (float)x;
}

/* Real parts of n numbers, then their imaginary parts. */
static void apart(bool wide, void *to, const void *from, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        put(wide, to, i, part(wide, from, 2 * i));
        put(wide, to, n + i, part(wide, from, 2 * i + 1));
    }
}

static torsh_status run_complex(const torsh_launch *launch, torsh__conv_shape s, product *multiply, const torsh_operand *bias)
{
    const torsh_operand *operands[3] = {launch->input[0], launch->input[1], bias}, *out = launch->output[0];
    bool wide = s.dtype == TORSH_C128;
    size_t size = wide ? sizeof(double) : sizeof(float);
    s.dtype = wide ? TORSH_F64 : TORSH_F32;
    dense in = {0};
    bool ok = true;
    int64_t starts[4], all = 0;
    for (int i = 0; i < 3; i++) {
        ok = ok && take(&in, i, operands[i]);
        starts[i] = all;
        all += operands[i] ? 2 * operands[i]->numel : 0;
    }
    starts[3] = all;
    all += 2 * out->numel;
    char *room = ok ? torsh__alloc((size_t)all * size) : NULL;
    torsh_status status = room ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    for (int i = 0; i < 3 && status == TORSH_OK; i++)
        if (operands[i]) apart(wide, room + (size_t)starts[i] * size, in.data[i], operands[i]->numel);
    char *y = torsh__operand_data(out);
    for (int k = 0; k < 4 && status == TORSH_OK; k++) { /* re re, im im, re im, im re */
        int64_t first = k % 2 ? operands[0]->numel : 0, second = k == 1 || k == 2 ? operands[1]->numel : 0, third = k < 2 ? 0 : bias ? bias->numel : 0;
        char *to = room + (size_t)(starts[3] + k % 2 * out->numel) * size;
        const char *added = bias && k % 2 == 0 ? room + (size_t)(starts[2] + third) * size : NULL;
        status = multiply(&s, room + (size_t)(starts[0] + first) * size, room + (size_t)(starts[1] + second) * size, added, to);
        for (int64_t i = 0; i < out->numel && k % 2 && status == TORSH_OK; i++) {
            double a = part(wide, room, starts[3] + i), b = part(wide, room, starts[3] + out->numel + i);
            put(wide, y, 2 * i + k / 2, k == 1 ? a - b : a + b);
        }
    }
    torsh__free(room, (size_t)all * size);
    give_back(&in);
    return status;
}

/* ---- the rows ----------------------------------------------------------------------------------------------------------- */

static torsh_status run_product(const torsh_launch *launch, const torsh__conv_shape *s, product *multiply, const torsh_operand *bias)
{
    if (torsh__dtypes[s->dtype].category == TORSH__COMPLEX) return run_complex(launch, *s, multiply, bias);
    dense in = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (take(&in, 0, launch->input[0]) && take(&in, 1, launch->input[1]) && take(&in, 2, bias))
        status = multiply(s, in.data[0], in.data[1], in.data[2], torsh__operand_data(launch->output[0]));
    give_back(&in);
    return status;
}

static torsh_status run_conv(const torsh_launch *launch, const void *data)
{
    static const int params[3] = {3, 4, 5};
    (void)data;
    if (launch->output[0]->numel == 0) return TORSH_OK;
    torsh__conv_shape s = conv_shape(launch, launch->input[0], launch->input[1], launch->output[0], params, 6);
    return run_product(launch, &s, s.dtype == TORSH_I64 ? torsh__conv_integers : torsh__conv_forward, launch->input[2]);
}

static torsh_status backward_data(const torsh_launch *launch, const int params[3], const torsh_operand *bias)
{
    if (launch->output[0]->numel == 0) return TORSH_OK;
    torsh__conv_shape s = conv_shape(launch, launch->output[0], launch->input[1], launch->input[0], params, 6);
    return run_product(launch, &s, s.dtype == TORSH_I64 ? torsh__conv_transpose_integers : torsh__conv_backward_data, bias);
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
    if (launch->output[0]->numel == 0) return TORSH_OK;
    torsh__conv_shape s = conv_shape(launch, launch->input[1], launch->output[0], launch->input[0], params, 6);
    return run_product(launch, &s, by_weight, NULL);
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
