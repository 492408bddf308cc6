/* Convolutions. Parameters weight and bias; options as PyTorch's, zero padding only. */
#include "layers.h"

#include <torsh/ops/conv.h>

#include <string.h>

typedef struct conv {
    int dims;
    int64_t in, out, kernel[3];
    torsh_conv_options options;
} conv;

torsh_conv_options torsh_conv_defaults(void)
{
    return (torsh_conv_options){.size = sizeof(torsh_conv_options), .stride = {1, 1, 1}, .dilation = {1, 1, 1}, .groups = 1, .bias = true,
                                .padding_mode = TORSH_PADDING_ZEROS};
}

static torsh_tensor forward(torsh__module *m, const torsh_tensor *inputs)
{
    const conv *c = m->user;
    const torsh_conv_options *o = &c->options;
    size_t n = (size_t)c->dims;
    torsh_tensor own[2];
    torsh__module_tensors(m, 2, own);
    return (c->dims == 1 ? torsh_conv1d : torsh_conv2d)(inputs[0], own[0], own[1], o->stride, n, o->padding, n, o->dilation, n, o->groups);
}

static torsh_tensor transpose_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const conv *c = m->user;
    const torsh_conv_options *o = &c->options;
    size_t n = (size_t)c->dims;
    torsh_tensor own[2];
    torsh__module_tensors(m, 2, own);
    return torsh_conv_transpose2d(inputs[0], own[0], own[1], o->stride, n, o->padding, n, o->output_padding, n, o->groups, o->dilation, n);
}

/* ", name=(1, 1)", unless all are `usual`. */
static void describe_list(char *text, size_t size, const char *name, const int64_t *list, int dims, int64_t usual)
{
    bool plain = true;
    size_t used = strlen(text);
    for (int d = 0; d < dims; d++) plain = plain && list[d] == usual;
    if (plain || used >= size) return;
    if (dims == 1) snprintf(text + used, size - used, ", %s=(%lld,)", name, (long long)list[0]);
    else snprintf(text + used, size - used, ", %s=(%lld, %lld)", name, (long long)list[0], (long long)list[1]);
}

static void describe(const torsh__module *m, char *text, size_t size)
{
    const conv *c = m->user;
    snprintf(text, size, "%lld, %lld", (long long)c->in, (long long)c->out);
    describe_list(text, size, "kernel_size", c->kernel, c->dims, -1);
    describe_list(text, size, "stride", c->options.stride, c->dims, -1);
    describe_list(text, size, "padding", c->options.padding, c->dims, 0);
    describe_list(text, size, "dilation", c->options.dilation, c->dims, 1);
    describe_list(text, size, "output_padding", c->options.output_padding, c->dims, 0);
    size_t used = strlen(text);
    if (c->options.groups != 1) snprintf(text + used, size - used, ", groups=%lld", (long long)c->options.groups);
    used = strlen(text);
    if (!c->options.bias) snprintf(text + used, size - used, ", bias=False");
}

static const torsh__layer conv1d_layer = {.name = "Conv1d", .forward = forward, .inputs = 1, .options_size = sizeof(conv), .describe = describe};
static const torsh__layer conv2d_layer = {.name = "Conv2d", .forward = forward, .inputs = 1, .options_size = sizeof(conv), .describe = describe};
static const torsh__layer transpose2d_layer = {.name = "ConvTranspose2d", .forward = transpose_forward, .inputs = 1, .options_size = sizeof(conv),
                                               .describe = describe};

static torsh_status check(const char *name, const conv *c, const int64_t *kernel, size_t count)
{
    const torsh_conv_options *o = &c->options;
    if (!kernel || count != (size_t)c->dims)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: kernel_size has %zu numbers; it takes %d", name, kernel ? count : 0, c->dims);
    if (o->padding_mode != TORSH_PADDING_ZEROS) return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %d is no padding mode", name, (int)o->padding_mode);
    if (c->in < 1 || c->out < 1 || o->groups < 1 || c->in % o->groups || c->out % o->groups)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: in_channels (%lld) and out_channels (%lld) must be positive and divisible by groups (%lld)", name,
                           (long long)c->in, (long long)c->out, (long long)o->groups);
    for (int d = 0; d < c->dims; d++)
        if (kernel[d] < 1 || o->stride[d] < 1 || o->padding[d] < 0 || o->dilation[d] < 1 || o->output_padding[d] < 0)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: kernel_size, stride and dilation must be positive, paddings not negative", name);
    return TORSH_OK;
}

static torsh_module make(const torsh__layer *layer, int dims, int64_t in, int64_t out, const int64_t *kernel, size_t count,
                         const torsh_conv_options *options, torsh_device device)
{
    torsh__module *m = torsh__module_make(layer);
    if (!m) return torsh__module_give(NULL, TORSH_OUT_OF_MEMORY);
    conv *c = m->user;
    *c = (conv){dims, in, out, {0}, torsh_conv_defaults()};
    torsh_status status = torsh__take_options(layer->name, &c->options, sizeof c->options, sizeof c->options, options);
    if (status == TORSH_OK) status = check(layer->name, c, kernel, count);
    if (status) return torsh__module_give(m, status);
    bool transposed = layer == &transpose2d_layer;
    int64_t sizes[5] = {transposed ? in : out, (transposed ? out : in) / c->options.groups}, fan_in = sizes[1];
    for (int d = 0; d < dims; d++) {
        c->kernel[d] = sizes[2 + d] = kernel[d];
        if (__builtin_mul_overflow(fan_in, kernel[d], &fan_in)) fan_in = INT64_MAX;
    }
    status = torsh__module_make_tensor(m, TORSH__PARAMETER, "weight", sizes, (size_t)dims + 2, TORSH_DTYPE_DEFAULT, torsh__start_weight(fan_in), device);
    if (status == TORSH_OK && c->options.bias)
        status = torsh__module_make_tensor(m, TORSH__PARAMETER, "bias", &out, 1, TORSH_DTYPE_DEFAULT, torsh__start_bias(fan_in), device);
    if (status == TORSH_OK && !c->options.bias) status = torsh__module_put(m, TORSH__PARAMETER, "bias", (torsh_tensor){0});
    return torsh__module_give(m, status);
}

torsh_module torsh_nn_conv1d_with(int64_t in_channels, int64_t out_channels, const int64_t *kernel_size, size_t count,
                                  const torsh_conv_options *options, torsh_device device)
{
    return make(&conv1d_layer, 1, in_channels, out_channels, kernel_size, count, options, device);
}

torsh_module torsh_nn_conv2d_with(int64_t in_channels, int64_t out_channels, const int64_t *kernel_size, size_t count,
                                  const torsh_conv_options *options, torsh_device device)
{
    return make(&conv2d_layer, 2, in_channels, out_channels, kernel_size, count, options, device);
}

torsh_module torsh_nn_conv_transpose2d_with(int64_t in_channels, int64_t out_channels, const int64_t *kernel_size, size_t count,
                                            const torsh_conv_options *options, torsh_device device)
{
    return make(&transpose2d_layer, 2, in_channels, out_channels, kernel_size, count, options, device);
}

torsh_module torsh_nn_conv2d(int64_t in_channels, int64_t out_channels, int64_t kernel_size, int64_t stride, int64_t padding, bool bias,
                             torsh_device device)
{
    torsh_conv_options options = torsh_conv_defaults();
    options.stride[0] = options.stride[1] = stride;
    options.padding[0] = options.padding[1] = padding;
    options.bias = bias;
    return torsh_nn_conv2d_with(in_channels, out_channels, TORSH_DIMS(kernel_size, kernel_size), &options, device);
}
