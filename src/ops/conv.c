/* Convolution: shapes and gradients. Rows: table/conv.def. The gradients by input and by weight are
 * rows of their own, bilinear as the convolution is, so each is differentiated by the other two. */
#include "conv.h"
#include "composed.h"

#include <torsh/ops/conv.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/view.h>

#include <string.h>

#define TABLE "conv.def"
#include "declare_rows.h"

/* ---- sizes --------------------------------------------------------------------------------------------------- */

torsh_status torsh__spatial_list(const torsh__call *c, int param, int dims, int64_t least)
{
    size_t count = c->values[param].list.count;
    const char *name = c->op->info.params[param].name;
    if (count > 1 && count != (size_t)dims)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: '%s' has %zu numbers; it takes 1 or %d", torsh__call_name(c), name, count, dims);
    for (size_t i = 0; i < count; i++) {
        int64_t value = ((const int64_t *)c->values[param].list.data)[i];
        if (value < least || value > INT32_MAX)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: '%s' holds %lld; it must be at least %lld and fit 31 bits", torsh__call_name(c), name,
                               (long long)value, (long long)least);
    }
    return TORSH_OK;
}

/* What all convolutions check: ranks, dtypes, stride (param 3), padding (param 4), dilation and groups. */
static torsh_status check_operands(torsh__call *c, int dims, int groups_param, int dilation_param)
{
    torsh_status status = torsh__require_rank(c, 1, dims + 2, dims + 2);
    if (status == TORSH_OK) status = torsh__require_rank(c, 0, dims + 1, dims + 2);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    if (status == TORSH_OK && c->input[2]) status = torsh__require_same_dtype(c, 0, 2);
    if (status == TORSH_OK) status = torsh__require_dtype(c, torsh__dtype_of(c->input[0]));
    if (status == TORSH_OK) status = torsh__spatial_list(c, 3, dims, 1);
    if (status == TORSH_OK) status = torsh__spatial_list(c, 4, dims, 0);
    if (status == TORSH_OK) status = torsh__spatial_list(c, dilation_param, dims, 1);
    if (status == TORSH_OK && c->values[groups_param].i < 1)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: groups is %lld; it must be positive", torsh__call_name(c), (long long)c->values[groups_param].i);
    c->compute = torsh__dtype_of(c->input[0]);
    return status;
}

static torsh_status check_channels(const torsh__call *c, int dims, int64_t wanted, int64_t out, int64_t groups, int64_t divided)
{
    const torsh_operand *x = &c->input[0]->view, *w = &c->input[1]->view;
    int64_t channels = x->sizes[x->ndim - dims - 1];
    torsh__shape_text have, weight;
    torsh__shape_print(&have, x->ndim, x->sizes);
    torsh__shape_print(&weight, w->ndim, w->sizes);
    if (channels != wanted)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'weight' is %s and groups is %lld, so 'input' must have %lld channels; it is %s (%lld channels)",
                           torsh__call_name(c), weight.text, (long long)groups, (long long)wanted, have.text, (long long)channels);
    if (divided % groups)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: groups (%lld) must divide the first size of 'weight' %s", torsh__call_name(c), (long long)groups,
                           weight.text);
    if (!c->input[2]) return TORSH_OK;
    const torsh_operand *bias = &c->input[2]->view;
    if (bias->ndim == 1 && bias->sizes[0] == out) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'bias' is %s; it must be [%lld], a number for each output channel", torsh__call_name(c),
                       torsh__shape_print(&have, bias->ndim, bias->sizes), (long long)out);
}

/* input (N, C, in...), weight (O, C / groups, kernel...): (N, O, out...); N may be absent. */
static torsh_status infer_conv(torsh__call *c, int dims)
{
    torsh_status status = check_operands(c, dims, 6, 5);
    if (status) return status;
    const torsh_operand *x = &c->input[0]->view, *w = &c->input[1]->view;
    int64_t groups = c->values[6].i;
    status = check_channels(c, dims, w->sizes[1] * groups, w->sizes[0], groups, w->sizes[0]);
    if (status) return status;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    int first = x->ndim - dims;
    spec->sizes[first - 1] = w->sizes[0];
    for (int d = 0; d < dims; d++) {
        int64_t stride = torsh__spatial(&c->values[3], d, 1), padding = torsh__spatial(&c->values[4], d, 0), dilation = torsh__spatial(&c->values[5], d, 1);
        int64_t padded = x->sizes[first + d] + 2 * padding, kernel = dilation * (w->sizes[2 + d] - 1) + 1;
        if (kernel < 1 || padded < kernel)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: in dimension %d the kernel spans %lld, which is 0 or more than the padded input's %lld",
                               torsh__call_name(c), first + d, (long long)kernel, (long long)padded);
        spec->sizes[first + d] = (padded - kernel) / stride + 1;
    }
    return TORSH_OK;
}

/* input (N, I, in...), weight (I, O / groups, kernel...): (N, O, out...), the shape whose convolution gives the input's. */
static torsh_status infer_transpose(torsh__call *c, int dims)
{
    torsh_status status = check_operands(c, dims, 6, 7);
    if (status == TORSH_OK) status = torsh__spatial_list(c, 5, dims, 0);
    if (status) return status;
    const torsh_operand *x = &c->input[0]->view, *w = &c->input[1]->view;
    int64_t groups = c->values[6].i;
    status = check_channels(c, dims, w->sizes[0], w->sizes[1] * groups, groups, w->sizes[0]);
    if (status) return status;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    int first = x->ndim - dims;
    spec->sizes[first - 1] = w->sizes[1] * groups;
    for (int d = 0; d < dims; d++) {
        int64_t stride = torsh__spatial(&c->values[3], d, 1), padding = torsh__spatial(&c->values[4], d, 0);
        int64_t extra = torsh__spatial(&c->values[5], d, 0), dilation = torsh__spatial(&c->values[7], d, 1), size = x->sizes[first + d];
        if (extra >= stride && extra >= dilation)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: output_padding (%lld) must be smaller than stride (%lld) or dilation (%lld)",
                               torsh__call_name(c), (long long)extra, (long long)stride, (long long)dilation);
        int64_t out = (size - 1) * stride - 2 * padding + dilation * (w->sizes[2 + d] - 1) + extra + 1;
        if (out < 1 || size < 1 || w->sizes[2 + d] < 1)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the result would have size %lld in dimension %d; it must be positive", torsh__call_name(c),
                               (long long)out, first + d);
        spec->sizes[first + d] = out;
    }
    return TORSH_OK;
}

static torsh_status infer_conv1d(torsh__call *c) { return infer_conv(c, 1); }
static torsh_status infer_conv2d(torsh__call *c) { return infer_conv(c, 2); }
static torsh_status infer_conv3d(torsh__call *c) { return infer_conv(c, 3); }
static torsh_status infer_conv_transpose1d(torsh__call *c) { return infer_transpose(c, 1); }
static torsh_status infer_conv_transpose2d(torsh__call *c) { return infer_transpose(c, 2); }
static torsh_status infer_conv_transpose3d(torsh__call *c) { return infer_transpose(c, 3); }

/* The gradients' rows: grad must have the shape that the convolution of an x by a w gives, or lack results at the ends, as it does where a
 * transposed convolution has much output_padding. */
static torsh_status check_backward(torsh__call *c, int ndim, const int64_t *x, int weight_ndim, const int64_t *w)
{
    const torsh_operand *g = &c->input[0]->view;
    int dims = weight_ndim - 2, first = ndim - dims;
    int64_t groups = c->values[6].i;
    torsh_status status = torsh__infer_device(c);
    if (status == TORSH_OK) status = torsh__require_same_dtype(c, 0, 1);
    if (status == TORSH_OK) status = torsh__require_dtype(c, torsh__dtype_of(c->input[0]));
    bool fits = dims >= 1 && dims <= 3 && g->ndim == ndim && (first == 1 || first == 2) && groups > 0;
    for (int param = 3; param < 6 && status == TORSH_OK && fits; param++) status = torsh__spatial_list(c, param, dims, param != 4);
    if (status) return status;
    fits = fits && x[first - 1] == w[1] * groups && w[0] % groups == 0 && g->sizes[first - 1] == w[0] && (first == 1 || g->sizes[0] == x[0]);
    for (int d = 0; d < dims && fits; d++) {
        int64_t stride = torsh__spatial(&c->values[3], d, 1), padding = torsh__spatial(&c->values[4], d, 0), dilation = torsh__spatial(&c->values[5], d, 1);
        int64_t room = x[first + d] + 2 * padding - dilation * (w[2 + d] - 1) - 1;
        fits = room >= 0 && w[2 + d] > 0 && g->sizes[first + d] >= 1 && g->sizes[first + d] <= room / stride + 1;
    }
    return fits ? TORSH_OK : torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the sizes are not those of one convolution", torsh__call_name(c));
}

static torsh_status infer_of_size(torsh__call *c)
{
    int64_t numel;
    c->compute = torsh__dtype_of(c->input[0]);
    torsh_status status = torsh__numel(torsh__call_name(c), INTS(c, 2), (int64_t)COUNT(c, 2), torsh__dtypes[c->compute].size, &numel);
    if (status == TORSH_OK) torsh__out_spec(c, 0, c->compute, (int)COUNT(c, 2), INTS(c, 2));
    return status;
}

static torsh_status infer_backward_input(torsh__call *c)
{
    const torsh_operand *w = &c->input[1]->view;
    torsh_status status = infer_of_size(c);
    return status ? status : check_backward(c, (int)COUNT(c, 2), INTS(c, 2), w->ndim, w->sizes);
}

static torsh_status infer_backward_weight(torsh__call *c)
{
    const torsh_operand *x = &c->input[1]->view;
    torsh_status status = infer_of_size(c);
    return status ? status : check_backward(c, x->ndim, x->sizes, (int)COUNT(c, 2), INTS(c, 2));
}

/* ---- gradients ----------------------------------------------------------------------------------------------- */

typedef struct geometry {
    int dims;
    torsh_value stride, padding, dilation;
    int64_t groups;
} geometry;

static torsh_tensor convolve(torsh_tensor x, torsh_tensor w, const geometry *a)
{
    static torsh_tensor (*const conv[3])(torsh_tensor, torsh_tensor, torsh_tensor, const int64_t *, size_t, const int64_t *, size_t, const int64_t *,
                                         size_t, int64_t) = {torsh_conv1d, torsh_conv2d, torsh_conv3d};
    return conv[a->dims - 1](x, w, (torsh_tensor){0}, a->stride.list.data, a->stride.list.count, a->padding.list.data, a->padding.list.count,
                             a->dilation.list.data, a->dilation.list.count, a->groups);
}

static torsh_tensor by_input(torsh_tensor g, torsh_tensor w, torsh__meta size, const geometry *a)
{
    return torsh__conv_grad_input(g, w, size.sizes, (size_t)size.ndim, a->stride.list.data, a->stride.list.count, a->padding.list.data,
                                      a->padding.list.count, a->dilation.list.data, a->dilation.list.count, a->groups);
}

static torsh_tensor by_weight(torsh_tensor g, torsh_tensor x, torsh__meta size, const geometry *a)
{
    return torsh__conv_grad_weight(g, x, size.sizes, (size_t)size.ndim, a->stride.list.data, a->stride.list.count, a->padding.list.data,
                                       a->padding.list.count, a->dilation.list.data, a->dilation.list.count, a->groups);
}

/* g summed over all but its channels. */
static torsh_tensor by_bias(torsh_tensor g, int dims)
{
    int64_t over[4];
    size_t count = 0;
    int ndim = torsh_ndim(g);
    for (int d = 0; d < ndim && count < 4; d++)
        if (d != ndim - dims - 1) over[count++] = d;
    return torsh_sum(g, over, count, false);
}

/* t without what it has more than `like` at the ends of its dims. */
static torsh_tensor cropped(torsh_tensor t, torsh__meta like)
{
    for (int d = 0; d < like.ndim && !TORSH_FAILED(t); d++)
        if (torsh_size(t, d) > like.sizes[d]) t = torsh_slice(t, d, 0, like.sizes[d], 1);
    return t;
}

static torsh_tensor conjugate_input(const torsh__backward *b, int i)
{
    return torsh__conjugate(torsh__saved_input(b, i));
}

static void conv_gradient(torsh__backward *b, int dims)
{
    const torsh_value *v = b->node->values;
    geometry a = {dims, v[3], v[4], v[5], v[6].i};
    torsh_tensor g = b->g[0];
    if (torsh__needs(b, 0)) b->result[0] = by_input(g, conjugate_input(b, 1), torsh__input_meta(b, 0), &a);
    if (torsh__needs(b, 1)) b->result[1] = by_weight(g, conjugate_input(b, 0), torsh__input_meta(b, 1), &a);
    if (torsh__needs(b, 2)) b->result[2] = by_bias(g, dims);
}

/* A transposed convolution is the input's gradient of a convolution whose output's gradient is `input`. */
static void transpose_gradient(torsh__backward *b, int dims)
{
    const torsh_value *v = b->node->values;
    geometry a = {dims, v[3], v[4], v[7], v[6].i};
    torsh_tensor g = b->g[0];
    if (torsh__needs(b, 0)) b->result[0] = cropped(convolve(g, conjugate_input(b, 1), &a), torsh__input_meta(b, 0));
    if (torsh__needs(b, 1)) b->result[1] = by_weight(conjugate_input(b, 0), g, torsh__input_meta(b, 1), &a);
    if (torsh__needs(b, 2)) b->result[2] = by_bias(g, dims);
}

static void backward_input_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    torsh_tensor u = b->g[0], w = conjugate_input(b, 1);
    int dims = torsh_ndim(w) - 2;
    geometry a = {dims, v[3], v[4], v[5], v[6].i};
    if (dims < 1) b->result[0] = b->result[1] = w; /* an error value */
    else if (torsh__needs(b, 0)) b->result[0] = cropped(convolve(u, w, &a), torsh__input_meta(b, 0));
    if (dims >= 1 && torsh__needs(b, 1)) b->result[1] = by_weight(conjugate_input(b, 0), u, torsh__input_meta(b, 1), &a);
}

static void backward_weight_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    torsh_tensor u = b->g[0];
    geometry a = {(int)v[2].list.count - 2, v[3], v[4], v[5], v[6].i};
    if (torsh__needs(b, 0)) b->result[0] = cropped(convolve(conjugate_input(b, 1), u, &a), torsh__input_meta(b, 0));
    if (torsh__needs(b, 1)) b->result[1] = by_input(conjugate_input(b, 0), u, torsh__input_meta(b, 1), &a);
}

static void conv1d_gradient(torsh__backward *b) { conv_gradient(b, 1); }
static void conv2d_gradient(torsh__backward *b) { conv_gradient(b, 2); }
static void conv3d_gradient(torsh__backward *b) { conv_gradient(b, 3); }
static void conv_transpose1d_gradient(torsh__backward *b) { transpose_gradient(b, 1); }
static void conv_transpose2d_gradient(torsh__backward *b) { transpose_gradient(b, 2); }
static void conv_transpose3d_gradient(torsh__backward *b) { transpose_gradient(b, 3); }

enum { SAVE_BOTH = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) };
#define IMPL(name, infer_name, gradient_name) \
    static const torsh__impl impl_##name = {.infer = infer_name, .gradient = gradient_name, .saves = SAVE_BOTH, .reads = {TORSH__SAVE_IN(1), TORSH__SAVE_IN(0)}, .batch = TORSH__BATCH_FOLD, .forward = TORSH__FORWARD_PRODUCT}
IMPL(conv1d, infer_conv1d, conv1d_gradient);
IMPL(conv2d, infer_conv2d, conv2d_gradient);
IMPL(conv3d, infer_conv3d, conv3d_gradient);
IMPL(conv_transpose1d, infer_conv_transpose1d, conv_transpose1d_gradient);
IMPL(conv_transpose2d, infer_conv_transpose2d, conv_transpose2d_gradient);
IMPL(conv_transpose3d, infer_conv_transpose3d, conv_transpose3d_gradient);
static const torsh__impl impl_conv_grad_input = {.infer = infer_backward_input, .gradient = backward_input_gradient, .saves = SAVE_BOTH, .forward = TORSH__FORWARD_PRODUCT};
IMPL(conv_grad_weight, infer_backward_weight, backward_weight_gradient);

/* ---- padding by a word ---------------------------------------------------------------------------------------------- */

typedef torsh_tensor conv_function(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t strides, const int64_t *padding,
                                   size_t paddings, const int64_t *dilation, size_t dilations, int64_t groups);

static torsh_tensor conv_padding(const char *name, int dims, conv_function *conv, torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride,
                                 size_t strides, const char *padding, const int64_t *dilation, size_t dilations, int64_t groups)
{
    int64_t half[3] = {0}, odd[6] = {0};
    bool same = strcmp(padding, "same") == 0, uneven = false;
    if (!same && strcmp(padding, "valid") != 0) return torsh__refuse(TORSH_INVALID_ARGUMENT, "%s: padding is '%s'; it must be 'same' or 'valid'", name, padding);
    if (dilations > 1 && dilations != (size_t)dims) return torsh__refuse(TORSH_INVALID_ARGUMENT, "%s: 'dilation' has %zu numbers; it takes 1 or %d", name, dilations, dims);
    for (size_t i = 0; i < strides && same; i++)
        if (stride[i] != 1) return torsh__refuse(TORSH_INVALID_ARGUMENT, "%s: padding 'same' needs a stride of 1; it is %lld", name, (long long)stride[i]);
    if (torsh_ndim(weight) != dims + 2) return torsh__refuse(TORSH_SHAPE_MISMATCH, "%s: 'weight' must have %d dimensions; it is %s", name, dims + 2, torsh_shape_text(weight));
    for (int d = 0; d < dims && same; d++) {
        int64_t step = dilations == 0 ? 1 : dilation[dilations == 1 ? 0 : d], kernel = torsh_size(weight, d + 2), total;
        if (step < 1 || kernel < 1 || __builtin_mul_overflow(step, kernel - 1, &total) || total > INT32_MAX)
            return torsh__refuse(TORSH_INVALID_ARGUMENT, "%s: padding 'same' can't be made for a kernel of %lld with dilation %lld", name, (long long)kernel, (long long)step);
        half[d] = total / 2;
        odd[2 * (dims - 1 - d) + 1] = total % 2;
        uneven = uneven || total % 2;
    }
    if (uneven) input = torsh_constant_pad_nd(input, odd, 2 * (size_t)dims, torsh_number(0));
    return conv(input, weight, bias, stride, strides, half, (size_t)dims, dilation, dilations, groups);
}

#define CONV_PADDING(dims)                                                                                                              \
    static torsh_tensor compose_conv##dims##d_padding(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t strides, \
                                                      const char *padding, const int64_t *dilation, size_t dilations, int64_t groups)   \
    {                                                                                                                                   \
        return conv_padding("conv" #dims "d_padding", dims, torsh_conv##dims##d, input, weight, bias, stride, strides, padding, dilation, dilations, groups); \
    }
CONV_PADDING(1)
CONV_PADDING(2)
CONV_PADDING(3)

/* input (steps, N, C), weight (width, C, O): conv1d with the steps in front. */
static torsh_tensor compose_conv_tbc(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, int64_t pad)
{
    torsh__shape s = torsh__shape_of(input), w = torsh__shape_of(weight);
    if (s.ndim != 3 || w.ndim != 3)
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "conv_tbc: 'input' must be (steps, batch, channels), 'weight' (width, channels, out channels); they are %s and %s",
                             torsh_shape_text(input), torsh_shape_text(weight));
    int64_t one = 1;
    torsh_tensor y = torsh_conv1d(torsh_permute(input, TORSH_DIMS(1, 2, 0)), torsh_permute(weight, TORSH_DIMS(2, 1, 0)), bias, &one, 1, &pad, 1, &one, 1, 1);
    return torsh_permute(y, TORSH_DIMS(2, 0, 1));
}

static torsh_tensor compose_convolution(torsh_tensor input, torsh_tensor weight, torsh_tensor bias, const int64_t *stride, size_t stride_count, const int64_t *padding,
                                        size_t padding_count, const int64_t *dilation, size_t dilation_count, bool transposed, const int64_t *output_padding,
                                        size_t output_padding_count, int64_t groups)
{
    typedef torsh_tensor plain(torsh_tensor, torsh_tensor, torsh_tensor, const int64_t *, size_t, const int64_t *, size_t, const int64_t *, size_t, int64_t);
    typedef torsh_tensor back(torsh_tensor, torsh_tensor, torsh_tensor, const int64_t *, size_t, const int64_t *, size_t, const int64_t *, size_t, int64_t, const int64_t *, size_t);
    static plain *const convolve[] = {torsh_conv1d, torsh_conv2d, torsh_conv3d};
    static back *const transpose[] = {torsh_conv_transpose1d, torsh_conv_transpose2d, torsh_conv_transpose3d};
    int dims = torsh_ndim(weight) - 2;
    if (dims < 1 || dims > 3) return torsh__refuse(TORSH_SHAPE_MISMATCH, "convolution: 'weight' must have 3 to 5 dimensions; it has %d", dims + 2);
    if (!transposed) return convolve[dims - 1](input, weight, bias, stride, stride_count, padding, padding_count, dilation, dilation_count, groups);
    return transpose[dims - 1](input, weight, bias, stride, stride_count, padding, padding_count, output_padding, output_padding_count, groups, dilation, dilation_count);
}

#include "define_rows.h"

#include "conv.def"
