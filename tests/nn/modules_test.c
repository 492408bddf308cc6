/* Every layer against PyTorch: text, initial numbers, forward, backward, state after; and torch.nn.init. */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CPU = TORSH_CPU };

static torsh_module conv2d_options(void)
{
    torsh_conv_options o = torsh_conv_defaults();
    o.stride[0] = 2;
    o.padding[0] = 1;
    o.dilation[1] = 2;
    o.groups = 2;
    o.bias = false;
    return torsh_nn_conv2d_with(4, 6, TORSH_DIMS(3, 2), &o, CPU);
}

static torsh_module conv1d(void)
{
    torsh_conv_options o = torsh_conv_defaults();
    o.stride[0] = 2;
    o.padding[0] = 1;
    return torsh_nn_conv1d_with(3, 2, TORSH_DIMS(3), &o, CPU);
}

static torsh_module conv_transpose2d(void)
{
    torsh_conv_options o = torsh_conv_defaults();
    for (int d = 0; d < 2; d++) {
        o.stride[d] = 2;
        o.padding[d] = 1;
        o.output_padding[d] = 1;
    }
    return torsh_nn_conv_transpose2d_with(4, 2, TORSH_DIMS(3, 3), &o, CPU);
}

static torsh_module batch_norm2d_mean(void)
{
    torsh_batch_norm_options o = torsh_batch_norm_defaults();
    o.momentum = -1;
    o.affine = false;
    return torsh_nn_batch_norm2d_with(4, &o, CPU);
}

static torsh_module network(void)
{
    torsh_module conv = torsh_nn_conv2d(4, 3, 3, 1, 1, true, CPU);
    torsh_module inner = torsh_nn_sequential(TORSH_MODULES(torsh_nn_linear(18, 5, true, CPU), torsh_nn_tanh()));
    torsh_module last = torsh_nn_linear(5, 2, true, CPU);
    return torsh_nn_sequential(TORSH_MODULES(conv, torsh_nn_relu(), torsh_nn_max_pool2d(2, 0, 0), torsh_nn_flatten(1, -1), inner, last));
}

static torsh_module linear(void) { return torsh_nn_linear(5, 4, true, CPU); }
static torsh_module linear_plain(void) { return torsh_nn_linear(4, 3, false, CPU); }
static torsh_module conv2d(void) { return torsh_nn_conv2d(4, 3, 3, 1, 1, true, CPU); }
static torsh_module max_pool2d(void) { return torsh_nn_max_pool2d(2, 0, 0); }
static torsh_module avg_pool2d(void) { return torsh_nn_avg_pool2d(3, 2, 1); }
static torsh_module adaptive_avg_pool2d(void) { return torsh_nn_adaptive_avg_pool2d(2, 3); }
static torsh_module adaptive_max_pool2d(void) { return torsh_nn_adaptive_max_pool2d(2, 3); }
static torsh_module batch_norm1d(void) { return torsh_nn_batch_norm1d(5, CPU); }
static torsh_module batch_norm2d(void) { return torsh_nn_batch_norm2d(4, CPU); }
static torsh_module layer_norm(void) { return torsh_nn_layer_norm(TORSH_DIMS(3, 4), CPU); }
static torsh_module embedding(void) { return torsh_nn_embedding(6, 3, CPU); }
static torsh_module embedding_padded(void) { return torsh_nn_embedding_padded(6, 3, -2, CPU); }
static torsh_module dropout(void) { return torsh_nn_dropout(0.3); }
static torsh_module leaky_relu(void) { return torsh_nn_leaky_relu(0.01); }
static torsh_module elu(void) { return torsh_nn_elu(1); }
static torsh_module softplus(void) { return torsh_nn_softplus(1, 20); }
static torsh_module hardtanh(void) { return torsh_nn_hardtanh(-1, 1); }
static torsh_module softmax(void) { return torsh_nn_softmax(1); }
static torsh_module log_softmax(void) { return torsh_nn_log_softmax(-1); }
static torsh_module flatten(void) { return torsh_nn_flatten(1, -1); }

static const struct layer_case {
    const char *name;
    torsh_module (*make)(void);
    bool eval;
} cases[] = {
    {"linear", linear, false}, {"linear_plain", linear_plain, false}, {"conv2d", conv2d, false}, {"conv2d_options", conv2d_options, false},
    {"conv1d", conv1d, false}, {"conv_transpose2d", conv_transpose2d, false}, {"max_pool2d", max_pool2d, false},
    {"avg_pool2d", avg_pool2d, false}, {"adaptive_avg_pool2d", adaptive_avg_pool2d, false}, {"adaptive_max_pool2d", adaptive_max_pool2d, false},
    {"batch_norm1d", batch_norm1d, false}, {"batch_norm2d", batch_norm2d, false}, {"batch_norm2d_eval", batch_norm2d, true},
    {"batch_norm2d_mean", batch_norm2d_mean, false}, {"batch_norm2d_extreme", batch_norm2d_mean, false}, {"layer_norm", layer_norm, false}, {"embedding", embedding, false},
    {"embedding_padded", embedding_padded, false}, {"dropout", dropout, false}, {"dropout_eval", dropout, true}, {"relu", torsh_nn_relu, false},
    {"sigmoid", torsh_nn_sigmoid, false}, {"tanh", torsh_nn_tanh, false}, {"gelu", torsh_nn_gelu, false}, {"gelu_tanh", torsh_nn_gelu_tanh, false},
    {"silu", torsh_nn_silu, false}, {"leaky_relu", leaky_relu, false}, {"elu", elu, false}, {"softplus", softplus, false},
    {"hardtanh", hardtanh, false}, {"softmax", softmax, false}, {"log_softmax", log_softmax, false}, {"identity", torsh_nn_identity, false},
    {"flatten", flatten, false}, {"network", network, false},
};

static void check_text(const char *name, torsh_module m)
{
    char text[2048], want[2048];
    const golden_line *line = golden_find(name, "text");
    assert_non_null(line);
    size_t n = 0;
    for (const char *c = line->text; *c; c++) {
        bool newline = c[0] == '\\' && c[1] == 'n';
        want[n++] = newline ? '\n' : *c;
        c += newline;
    }
    want[n] = 0;
    assert_int_equal(torsh_nn_format(m, text, sizeof text), (int64_t)n);
    assert_string_equal(text, want);
}

/* Every tensor of the dict against "<case>/<part>/<name>". */
static void check_dict(const char *name, const char *part, torsh_state_dict dict, double tolerance)
{
    char key[120];
    for (int64_t i = 0; i < torsh_state_dict_size(dict); i++) {
        snprintf(key, sizeof key, "%s/%s", part, torsh_state_dict_name(dict, i));
        golden_check(torsh_state_dict_tensor(dict, i), golden_find(name, key), tolerance);
    }
}

static torsh_tensor output_gradient(torsh_tensor y)
{
    int64_t count = torsh_numel(y);
    double *values = malloc((size_t)count * sizeof *values);
    for (int64_t i = 0; i < count; i++) values[i] = 0.5 + (double)(i % 7) / 7;
    torsh_tensor g = torsh_from_slice(values, (size_t)count, torsh_sizes(y), (size_t)torsh_ndim(y), torsh_dtype_of(y), TORSH_CPU);
    free(values);
    return g;
}

static void check_case(const struct layer_case *c)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const double tolerance = 2e-6;
    check_ok(torsh_manual_seed(42));
    torsh_module m = c->make();
    check_ok(torsh_id_status(m.id));
    check_text(c->name, m);
    check_dict(c->name, "p", torsh_nn_state_dict(m), 0);
    if (c->eval) check_ok(torsh_nn_eval(m));
    torsh_tensor x = golden_tensor(golden_find(c->name, "x"));
    bool floating = torsh_dtype_is_floating_point(torsh_dtype_of(x));
    if (floating) check_ok(torsh_set_requires_grad(x, true));
    check_ok(torsh_manual_seed(7));
    torsh_tensor y = torsh_nn_forward(m, x), g = {0};
    golden_check(y, golden_find(c->name, "y"), tolerance);
    g = output_gradient(y);
    check_ok(torsh_backward_with(&y, 1, &g, NULL));
    if (floating) golden_check(torsh_grad(x), golden_find(c->name, "gx"), 2 * tolerance);
    torsh_state_dict parameters = torsh_nn_named_parameters(m), grads = torsh_state_dict_make();
    for (int64_t i = 0; i < torsh_state_dict_size(parameters); i++)
        check_ok(torsh_state_dict_set(grads, torsh_state_dict_name(parameters, i), torsh_grad(torsh_state_dict_tensor(parameters, i))));
    check_dict(c->name, "g", grads, 4 * tolerance);
    check_dict(c->name, "s", torsh_nn_named_buffers(m), tolerance);
}

static void layers_are_pytorchs(void **state)
{
    (void)state;
    int64_t before = torsh_live_handles();
    const size_t count = sizeof cases / sizeof *cases;
    for (size_t i = 0; i < count; i++) check_case(&cases[i]);
    for (size_t i = 0, c = 0; golden_case(i); i++) {
        for (c = 0; c < count && strcmp(cases[c].name, golden_case(i)) != 0; c++) continue;
        if (c == count) fail_msg("nn.py has the module %s, which is not among the cases here", golden_case(i));
    }
    assert_int_equal(torsh_live_handles(), before);
}

/* Channels whose variances are 1e-36 to 1e34: no part of eps may be left in the running ones. */
static void running_variances_of_any_size(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_module m = batch_norm2d_mean();
    check_ok(torsh_id_status(torsh_nn_forward(m, golden_tensor(golden_find("batch_norm2d_extreme", "x"))).id));
    torsh_tensor variance = torsh_to_dtype(torsh_state_dict_get(torsh_nn_named_buffers(m), "running_var"), TORSH_F64);
    const golden_line *line = golden_find("batch_norm2d_extreme", "s/running_var");
    double have[4];
    check_ok(torsh_to_host(variance, have, sizeof have));
    for (int i = 0; i < 4; i++)
        if (!(fabs(have[i] - line->numbers[i]) <= 1e-6 * line->numbers[i])) fail_msg("channel %d: %.9g, PyTorch's is %.9g", i, have[i], line->numbers[i]);
}

static void initial_values_are_pytorchs(void **state)
{
    (void)state;
    static const char *const names[] = {"uniform", "normal", "constant", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "trunc_normal",
                                        "trunc_normal_tail"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor t = torsh_empty(TORSH_DIMS(4, 3, 3), TORSH_F32, TORSH_CPU);
        check_ok(torsh_set_requires_grad(t, true));
        check_ok(torsh_manual_seed(9));
        switch (i) {
        case 0: torsh_nn_init_uniform_(t, -1, 2); break;
        case 1: torsh_nn_init_normal_(t, 1, 2); break;
        case 2: torsh_nn_init_constant_(t, 3); break;
        case 3: torsh_nn_init_xavier_uniform_(t, 1.5); break;
        case 4: torsh_nn_init_xavier_normal_(t, 1); break;
        case 5: torsh_nn_init_kaiming_uniform_(t, 0, TORSH_FAN_IN, TORSH_GAIN_LEAKY_RELU); break;
        case 6: torsh_nn_init_kaiming_normal_(t, 0, TORSH_FAN_OUT, TORSH_GAIN_RELU); break;
        case 7: torsh_nn_init_trunc_normal_(t, 0, 1, -1, 1); break;
        default: torsh_nn_init_trunc_normal_(t, 0, 1, 2, 3); break;
        }
        golden_check(t, golden_find("init", names[i]), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_pytorchs),
        cmocka_unit_test(running_variances_of_any_size),
        cmocka_unit_test(initial_values_are_pytorchs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
