/* Pooling layers. */
#include "layers.h"

#include <torsh/ops/pooling.h>

typedef struct pool {
    int64_t kernel[2]; /* adaptive: the output's size */
    torsh_pool_options options;
} pool;

torsh_pool_options torsh_pool_defaults(void)
{
    return (torsh_pool_options){.size = sizeof(torsh_pool_options), .dilation = {1, 1}, .count_include_pad = true};
}

static torsh_tensor max_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const pool *p = m->user;
    const torsh_pool_options *o = &p->options;
    return torsh_max_pool2d(inputs[0], p->kernel, 2, o->stride, 2, o->padding, 2, o->dilation, 2, o->ceil_mode);
}

static torsh_tensor avg_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const pool *p = m->user;
    const torsh_pool_options *o = &p->options;
    return torsh_avg_pool2d(inputs[0], p->kernel, 2, o->stride, 2, o->padding, 2, o->ceil_mode, o->count_include_pad, o->divisor_override);
}

static torsh_tensor adaptive_avg_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const pool *p = m->user;
    return torsh_adaptive_avg_pool2d(inputs[0], p->kernel, 2);
}

static torsh_tensor adaptive_max_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const pool *p = m->user;
    torsh_values both = torsh_adaptive_max_pool2d(inputs[0], p->kernel, 2);
    if (!torsh__is_error(both.values.id)) torsh_release(both.indices);
    return both.values;
}

/* One number where both are the same, as PyTorch keeps what it was given. */
static void pair(char *text, size_t size, const int64_t *numbers)
{
    if (numbers[0] == numbers[1]) snprintf(text, size, "%lld", (long long)numbers[0]);
    else snprintf(text, size, "(%lld, %lld)", (long long)numbers[0], (long long)numbers[1]);
}

static void describe_max(const torsh__module *m, char *text, size_t size)
{
    const pool *p = m->user;
    char kernel[48], stride[48], padding[48], dilation[48];
    pair(kernel, sizeof kernel, p->kernel);
    pair(stride, sizeof stride, p->options.stride);
    pair(padding, sizeof padding, p->options.padding);
    pair(dilation, sizeof dilation, p->options.dilation);
    snprintf(text, size, "kernel_size=%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s", kernel, stride, padding, dilation, torsh__truth(p->options.ceil_mode));
}

static void describe_avg(const torsh__module *m, char *text, size_t size)
{
    const pool *p = m->user;
    char kernel[48], stride[48], padding[48];
    pair(kernel, sizeof kernel, p->kernel);
    pair(stride, sizeof stride, p->options.stride);
    pair(padding, sizeof padding, p->options.padding);
    snprintf(text, size, "kernel_size=%s, stride=%s, padding=%s", kernel, stride, padding);
}

static void describe_adaptive(const torsh__module *m, char *text, size_t size)
{
    const pool *p = m->user;
    snprintf(text, size, "output_size=(%lld, %lld)", (long long)p->kernel[0], (long long)p->kernel[1]);
}

#define POOL(variable, layer_name, function, text) \
    static const torsh__layer variable = {.name = layer_name, .forward = function, .inputs = 1, .options_size = sizeof(pool), .describe = text}
POOL(max_layer, "MaxPool2d", max_forward, describe_max);
POOL(avg_layer, "AvgPool2d", avg_forward, describe_avg);
POOL(adaptive_avg_layer, "AdaptiveAvgPool2d", adaptive_avg_forward, describe_adaptive);
POOL(adaptive_max_layer, "AdaptiveMaxPool2d", adaptive_max_forward, describe_adaptive);

static torsh_module make(const torsh__layer *layer, const int64_t *kernel, size_t count, const torsh_pool_options *options)
{
    torsh__module *m = torsh__module_make(layer);
    if (!m) return torsh__module_give(NULL, TORSH_OUT_OF_MEMORY);
    pool *p = m->user;
    p->options = torsh_pool_defaults();
    torsh_status status = torsh__take_options(layer->name, &p->options, sizeof p->options, sizeof p->options, options);
    if (status == TORSH_OK && (!kernel || count < 1 || count > 2))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: kernel_size takes 1 or 2 numbers", layer->name);
    for (int d = 0; d < 2 && status == TORSH_OK; d++) {
        p->kernel[d] = kernel[count == 2 ? d : 0];
        if (p->options.stride[d] == 0) p->options.stride[d] = p->kernel[d];
    }
    return torsh__module_give(m, status);
}

torsh_module torsh_nn_max_pool2d_with(const int64_t *kernel_size, size_t count, const torsh_pool_options *options)
{
    return make(&max_layer, kernel_size, count, options);
}

torsh_module torsh_nn_avg_pool2d_with(const int64_t *kernel_size, size_t count, const torsh_pool_options *options)
{
    return make(&avg_layer, kernel_size, count, options);
}

static torsh_pool_options square(int64_t stride, int64_t padding)
{
    torsh_pool_options options = torsh_pool_defaults();
    options.stride[0] = options.stride[1] = stride;
    options.padding[0] = options.padding[1] = padding;
    return options;
}

torsh_module torsh_nn_max_pool2d(int64_t kernel_size, int64_t stride, int64_t padding)
{
    torsh_pool_options options = square(stride, padding);
    return make(&max_layer, &kernel_size, 1, &options);
}

torsh_module torsh_nn_avg_pool2d(int64_t kernel_size, int64_t stride, int64_t padding)
{
    torsh_pool_options options = square(stride, padding);
    return make(&avg_layer, &kernel_size, 1, &options);
}

torsh_module torsh_nn_adaptive_avg_pool2d(int64_t height, int64_t width)
{
    return make(&adaptive_avg_layer, TORSH_DIMS(height, width), NULL);
}

torsh_module torsh_nn_adaptive_max_pool2d(int64_t height, int64_t width)
{
    return make(&adaptive_max_layer, TORSH_DIMS(height, width), NULL);
}
