/* Activations and dropout: functions as modules. */
#include "layers.h"

#include <torsh/ops/activation.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/random.h>
#include <torsh/ops/softmax.h>

/* Numbers that the functions take; PyTorch's names for them are in the describe functions. */
typedef struct settings {
    double p, q;
    int64_t dim;
} settings;

#define SETTINGS(m) ((const settings *)(m)->user)

static torsh_tensor relu_forward(torsh__module *m, const torsh_tensor *x) { (void)m; return torsh_relu(x[0]); }
static torsh_tensor sigmoid_forward(torsh__module *m, const torsh_tensor *x) { (void)m; return torsh_sigmoid(x[0]); }
static torsh_tensor tanh_forward(torsh__module *m, const torsh_tensor *x) { (void)m; return torsh_tanh(x[0]); }
static torsh_tensor gelu_forward(torsh__module *m, const torsh_tensor *x) { (void)m; return torsh_gelu(x[0]); }
static torsh_tensor gelu_tanh_forward(torsh__module *m, const torsh_tensor *x) { (void)m; return torsh_gelu_tanh(x[0]); }
static torsh_tensor silu_forward(torsh__module *m, const torsh_tensor *x) { (void)m; return torsh_silu(x[0]); }
static torsh_tensor leaky_relu_forward(torsh__module *m, const torsh_tensor *x) { return torsh_leaky_relu(x[0], SETTINGS(m)->p); }
static torsh_tensor elu_forward(torsh__module *m, const torsh_tensor *x) { return torsh_elu(x[0], SETTINGS(m)->p); }
static torsh_tensor softplus_forward(torsh__module *m, const torsh_tensor *x) { return torsh_softplus(x[0], SETTINGS(m)->p, SETTINGS(m)->q); }
static torsh_tensor hardtanh_forward(torsh__module *m, const torsh_tensor *x) { return torsh_hardtanh(x[0], SETTINGS(m)->p, SETTINGS(m)->q); }

static torsh_tensor softmax_forward(torsh__module *m, const torsh_tensor *x) { return torsh_softmax(x[0], SETTINGS(m)->dim); }
static torsh_tensor log_softmax_forward(torsh__module *m, const torsh_tensor *x) { return torsh_log_softmax(x[0], SETTINGS(m)->dim); }

static torsh_tensor dropout_forward(torsh__module *m, const torsh_tensor *x)
{
    if (!torsh__training(m)) return torsh_share(x[0]);
    return torsh_dropout(x[0], SETTINGS(m)->p, true);
}

/* %g shows 0.01 and 1; PyTorch shows a float 1 as 1.0. */
static void number(char *text, size_t size, double value)
{
    bool whole = value == (double)(int64_t)value;
    snprintf(text, size, whole ? "%.1f" : "%g", value);
}

static void describe_gelu(const torsh__module *m, char *text, size_t size) { (void)m; snprintf(text, size, "approximate='none'"); }
static void describe_gelu_tanh(const torsh__module *m, char *text, size_t size) { (void)m; snprintf(text, size, "approximate='tanh'"); }

static void describe_slope(const torsh__module *m, char *text, size_t size) { snprintf(text, size, "negative_slope=%g", SETTINGS(m)->p); }
static void describe_dim(const torsh__module *m, char *text, size_t size) { snprintf(text, size, "dim=%lld", (long long)SETTINGS(m)->dim); }
static void describe_dropout(const torsh__module *m, char *text, size_t size) { snprintf(text, size, "p=%g, inplace=False", SETTINGS(m)->p); }

static void describe_elu(const torsh__module *m, char *text, size_t size)
{
    char alpha[32];
    number(alpha, sizeof alpha, SETTINGS(m)->p);
    snprintf(text, size, "alpha=%s", alpha);
}

static void describe_softplus(const torsh__module *m, char *text, size_t size)
{
    char beta[32], threshold[32];
    number(beta, sizeof beta, SETTINGS(m)->p);
    number(threshold, sizeof threshold, SETTINGS(m)->q);
    snprintf(text, size, "beta=%s, threshold=%s", beta, threshold);
}

static void describe_hardtanh(const torsh__module *m, char *text, size_t size)
{
    char low[32], high[32];
    number(low, sizeof low, SETTINGS(m)->p);
    number(high, sizeof high, SETTINGS(m)->q);
    snprintf(text, size, "min_val=%s, max_val=%s", low, high);
}

#define ACTIVATION(variable, layer_name, function, text) \
    static const torsh__layer variable = {.name = layer_name, .forward = function, .inputs = 1, .options_size = sizeof(settings), .describe = text}
ACTIVATION(relu_layer, "ReLU", relu_forward, NULL);
ACTIVATION(sigmoid_layer, "Sigmoid", sigmoid_forward, NULL);
ACTIVATION(tanh_layer, "Tanh", tanh_forward, NULL);
ACTIVATION(gelu_layer, "GELU", gelu_forward, describe_gelu);
ACTIVATION(gelu_tanh_layer, "GELU", gelu_tanh_forward, describe_gelu_tanh);
ACTIVATION(silu_layer, "SiLU", silu_forward, NULL);
ACTIVATION(leaky_relu_layer, "LeakyReLU", leaky_relu_forward, describe_slope);
ACTIVATION(elu_layer, "ELU", elu_forward, describe_elu);
ACTIVATION(softplus_layer, "Softplus", softplus_forward, describe_softplus);
ACTIVATION(hardtanh_layer, "Hardtanh", hardtanh_forward, describe_hardtanh);
ACTIVATION(softmax_layer, "Softmax", softmax_forward, describe_dim);
ACTIVATION(log_softmax_layer, "LogSoftmax", log_softmax_forward, describe_dim);
ACTIVATION(dropout_layer, "Dropout", dropout_forward, describe_dropout);

static torsh_module make(const torsh__layer *layer, settings values)
{
    torsh__module *m = torsh__module_make(layer);
    if (m) *(settings *)m->user = values;
    return torsh__module_give(m, TORSH_OK);
}

torsh_module torsh_nn_relu(void) { return make(&relu_layer, (settings){0}); }
torsh_module torsh_nn_sigmoid(void) { return make(&sigmoid_layer, (settings){0}); }
torsh_module torsh_nn_tanh(void) { return make(&tanh_layer, (settings){0}); }
torsh_module torsh_nn_gelu(void) { return make(&gelu_layer, (settings){0}); }
torsh_module torsh_nn_gelu_tanh(void) { return make(&gelu_tanh_layer, (settings){0}); }
torsh_module torsh_nn_silu(void) { return make(&silu_layer, (settings){0}); }
torsh_module torsh_nn_leaky_relu(double negative_slope) { return make(&leaky_relu_layer, (settings){.p = negative_slope}); }
torsh_module torsh_nn_elu(double alpha) { return make(&elu_layer, (settings){.p = alpha}); }
torsh_module torsh_nn_softplus(double beta, double threshold) { return make(&softplus_layer, (settings){.p = beta, .q = threshold}); }
torsh_module torsh_nn_hardtanh(double min_val, double max_val) { return make(&hardtanh_layer, (settings){.p = min_val, .q = max_val}); }
torsh_module torsh_nn_softmax(int64_t dim) { return make(&softmax_layer, (settings){.dim = dim}); }
torsh_module torsh_nn_log_softmax(int64_t dim) { return make(&log_softmax_layer, (settings){.dim = dim}); }

torsh_module torsh_nn_dropout(double p)
{
    if (!(p >= 0 && p <= 1))
        return torsh__module_give(NULL, torsh__fail(TORSH_INVALID_ARGUMENT, "nn_dropout: p is %g; a probability is in [0, 1]", p));
    return make(&dropout_layer, (settings){.p = p});
}
