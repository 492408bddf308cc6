/* Batch and layer normalisation. */
#include "layers.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/norm.h>

#include <string.h>

/* ---- BatchNorm ----------------------------------------------------------------------------------------------- */

typedef struct batch_norm {
    int64_t features;
    int least, most; /* dimensions of the input */
    torsh_batch_norm_options options;
} batch_norm;

enum { WEIGHT, BIAS, MEAN, VARIANCE, TRACKED, TENSORS };

torsh_batch_norm_options torsh_batch_norm_defaults(void)
{
    return (torsh_batch_norm_options){.size = sizeof(torsh_batch_norm_options), .eps = 1e-5, .momentum = 0.1, .affine = true, .bias = true, .track_running_stats = true};
}

/* Counts a batch; the weight that it has in the running statistics. */
static torsh_status count_batch(const batch_norm *n, torsh_tensor tracked, double *momentum)
{
    torsh_tensor one = torsh_integer(1);
    torsh_status status = torsh_id_status(torsh_add_(tracked, one).id);
    torsh_release(one);
    if (status || n->options.momentum >= 0) return status;
    double batches = 1;
    status = torsh_item_f64(tracked, &batches);
    *momentum = 1 / batches;
    return status;
}

static torsh_tensor batch_norm_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const batch_norm *n = m->user;
    torsh_tensor own[TENSORS];
    torsh__module_tensors(m, TENSORS, own);
    int ndim = torsh_ndim(inputs[0]);
    if (ndim >= 0 && (ndim < n->least || ndim > n->most)) {
        const char *expected = n->most == 4 ? "expected 4D input" : "expected 2D or 3D input";
        return torsh__tensor_error(torsh__fail(TORSH_SHAPE_MISMATCH, "%s: %s (got %dD input)", torsh__module_name(m), expected, ndim));
    }
    bool training = torsh__training(m), tracks = n->options.track_running_stats;
    double momentum = n->options.momentum;
    if (training && tracks) {
        torsh_status status = count_batch(n, own[TRACKED], &momentum);
        if (status) return torsh__tensor_error(status);
    }
    return torsh_batch_norm(inputs[0], own[MEAN], own[VARIANCE], own[WEIGHT], own[BIAS], training || !tracks, momentum, n->options.eps);
}

static void batch_norm_describe(const torsh__module *m, char *text, size_t size)
{
    const batch_norm *n = m->user;
    char momentum[32] = "None";
    if (n->options.momentum >= 0) snprintf(momentum, sizeof momentum, "%g", n->options.momentum);
    snprintf(text, size, "%lld, eps=%g, momentum=%s, affine=%s, bias=%s, track_running_stats=%s", (long long)n->features, n->options.eps, momentum,
             torsh__truth(n->options.affine), torsh__truth(n->options.affine && n->options.bias), torsh__truth(n->options.track_running_stats));
}

#define BATCH_NORM(variable, layer_name) \
    static const torsh__layer variable = {.name = layer_name, .forward = batch_norm_forward, .inputs = 1, .options_size = sizeof(batch_norm), .describe = batch_norm_describe}
BATCH_NORM(batch_norm1d_layer, "BatchNorm1d");
BATCH_NORM(batch_norm2d_layer, "BatchNorm2d");

static torsh_status add(torsh__module *m, bool there, torsh__slot_kind kind, const char *name, const int64_t *sizes, size_t ndim, torsh_dtype dtype,
                        double value, torsh_device device)
{
    if (!there) return torsh__module_put(m, kind, name, (torsh_tensor){0});
    return torsh__module_make_tensor(m, kind, name, sizes, ndim, dtype, (torsh__start){TORSH__FILL_CONSTANT, value, 0}, device);
}

static torsh_module make_batch_norm(const torsh__layer *layer, int least, int most, int64_t features, const torsh_batch_norm_options *options,
                                    torsh_device device)
{
    torsh__module *m = torsh__module_make(layer);
    if (!m) return torsh__module_give(NULL, TORSH_OUT_OF_MEMORY);
    torsh_batch_norm_options o = torsh_batch_norm_defaults();
    torsh_status status = torsh__take_options(layer->name, &o, sizeof o, sizeof o, options);
    *(batch_norm *)m->user = (batch_norm){features, least, most, o};
    const torsh_dtype usual = TORSH_DTYPE_DEFAULT;
    if (status == TORSH_OK) status = add(m, o.affine, TORSH__PARAMETER, "weight", &features, 1, usual, 1, device);
    if (status == TORSH_OK) status = add(m, o.affine && o.bias, TORSH__PARAMETER, "bias", &features, 1, usual, 0, device);
    if (status == TORSH_OK) status = add(m, o.track_running_stats, TORSH__BUFFER, "running_mean", &features, 1, usual, 0, device);
    if (status == TORSH_OK) status = add(m, o.track_running_stats, TORSH__BUFFER, "running_var", &features, 1, usual, 1, device);
    if (status == TORSH_OK) status = add(m, o.track_running_stats, TORSH__BUFFER, "num_batches_tracked", NULL, 0, TORSH_I64, 0, device);
    return torsh__module_give(m, status);
}

torsh_module torsh_nn_batch_norm1d_with(int64_t num_features, const torsh_batch_norm_options *options, torsh_device device)
{
    return make_batch_norm(&batch_norm1d_layer, 2, 3, num_features, options, device);
}

torsh_module torsh_nn_batch_norm2d_with(int64_t num_features, const torsh_batch_norm_options *options, torsh_device device)
{
    return make_batch_norm(&batch_norm2d_layer, 4, 4, num_features, options, device);
}

torsh_module torsh_nn_batch_norm1d(int64_t num_features, torsh_device device)
{
    return torsh_nn_batch_norm1d_with(num_features, NULL, device);
}

torsh_module torsh_nn_batch_norm2d(int64_t num_features, torsh_device device)
{
    return torsh_nn_batch_norm2d_with(num_features, NULL, device);
}

/* ---- LayerNorm ----------------------------------------------------------------------------------------------- */

enum { MOST_DIMS = 8 };

typedef struct layer_norm {
    int64_t shape[MOST_DIMS];
    size_t count;
    torsh_layer_norm_options options;
} layer_norm;

torsh_layer_norm_options torsh_layer_norm_defaults(void)
{
    return (torsh_layer_norm_options){.size = sizeof(torsh_layer_norm_options), .eps = 1e-5, .elementwise_affine = true, .bias = true};
}

static torsh_tensor layer_norm_forward(torsh__module *m, const torsh_tensor *inputs)
{
    const layer_norm *n = m->user;
    torsh_tensor own[2];
    torsh__module_tensors(m, 2, own);
    return torsh_layer_norm(inputs[0], n->shape, n->count, own[WEIGHT], own[BIAS], n->options.eps);
}

static void layer_norm_describe(const torsh__module *m, char *text, size_t size)
{
    const layer_norm *n = m->user;
    size_t used = (size_t)snprintf(text, size, "(");
    for (size_t d = 0; d < n->count && used < size; d++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld%s", d ? ", " : "", (long long)n->shape[d], n->count == 1 ? "," : "");
    if (used < size)
        snprintf(text + used, size - used, "), eps=%g, elementwise_affine=%s, bias=%s", n->options.eps, torsh__truth(n->options.elementwise_affine),
                 torsh__truth(n->options.elementwise_affine && n->options.bias));
}

static const torsh__layer layer_norm_layer = {.name = "LayerNorm", .forward = layer_norm_forward, .inputs = 1, .options_size = sizeof(layer_norm),
                                              .describe = layer_norm_describe};

torsh_module torsh_nn_layer_norm_with(const int64_t *normalized_shape, size_t count, const torsh_layer_norm_options *options, torsh_device device)
{
    torsh__module *m = torsh__module_make(&layer_norm_layer);
    if (!m) return torsh__module_give(NULL, TORSH_OUT_OF_MEMORY);
    torsh_layer_norm_options o = torsh_layer_norm_defaults();
    torsh_status status = torsh__take_options("LayerNorm", &o, sizeof o, sizeof o, options);
    if (status == TORSH_OK && (!normalized_shape || count < 1 || count > MOST_DIMS))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "LayerNorm: normalized_shape takes 1 to %d sizes; %zu were given", MOST_DIMS, normalized_shape ? count : 0);
    if (status) return torsh__module_give(m, status);
    layer_norm *n = m->user;
    *n = (layer_norm){.count = count, .options = o};
    memcpy(n->shape, normalized_shape, count * sizeof *n->shape);
    status = add(m, o.elementwise_affine, TORSH__PARAMETER, "weight", n->shape, count, TORSH_DTYPE_DEFAULT, 1, device);
    if (status == TORSH_OK) status = add(m, o.elementwise_affine && o.bias, TORSH__PARAMETER, "bias", n->shape, count, TORSH_DTYPE_DEFAULT, 0, device);
    return torsh__module_give(m, status);
}

torsh_module torsh_nn_layer_norm(const int64_t *normalized_shape, size_t count, torsh_device device)
{
    return torsh_nn_layer_norm_with(normalized_shape, count, NULL, device);
}
