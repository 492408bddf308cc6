/* Refusals of composed rows that the golden records don't lead to (error_test.c has those): each names the function that was called and
 * its own argument, and where PyTorch refuses, so do we. Also what such rows take. */
#include <torsh/torsh.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const torsh_tensor ABSENT = {0};

#define F32(...) torsh_ones(TORSH_DIMS(__VA_ARGS__), TORSH_F32, TORSH_CPU)
#define OF(dtype, ...) torsh_ones(TORSH_DIMS(__VA_ARGS__), dtype, TORSH_CPU)

/* The call that gave t has failed, with this at the start of its text. */
static void refused(torsh_tensor t, torsh_status status, const char *start)
{
    if (!TORSH_FAILED(t)) fail_msg("was accepted, but for \"%s\"", start);
    const char *text = torsh_id_error(t.id);
    if (strncmp(text, start, strlen(start)) != 0) fail_msg("the text is \"%s\", not \"%s\"", text, start);
    assert_int_equal(torsh_id_status(t.id), status);
    assert_string_equal(torsh_last_error(), text);
}

static void shaped(torsh_tensor t, const char *shape)
{
    if (TORSH_FAILED(t)) fail_msg("%s", torsh_id_error(t.id));
    assert_string_equal(torsh_shape_text(t), shape);
}

static torsh_tensor attention(torsh_tensor mask)
{
    torsh_tensor x = F32(3, 4, 5);
    return torsh_scaled_dot_product_attention(x, x, x, mask, 0, false, NAN, false);
}

static void masks_of_attention(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    refused(attention(OF(TORSH_I64, 4, 4)), TORSH_DTYPE_MISMATCH, "scaled_dot_product_attention: 'attn_mask' must be bool, f32");
    refused(attention(OF(TORSH_F64, 4, 4)), TORSH_DTYPE_MISMATCH, "scaled_dot_product_attention: 'attn_mask' must be bool, f32");
    refused(attention(F32(4, 3)), TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'attn_mask' is [4, 3]");
    refused(attention(OF(TORSH_BOOL, 4, 3)), TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'attn_mask' is [4, 3]");
    refused(attention(F32(2, 3, 4, 4)), TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'attn_mask' is [2, 3, 4, 4]");
    shaped(attention(torsh_scalar(1, TORSH_F32, TORSH_CPU)), "[3, 4, 5]");
    shaped(attention(F32(4)), "[3, 4, 5]");
    torsh_tensor two = F32(2, 4, 5), three = F32(3, 4, 5);
    refused(torsh_scaled_dot_product_attention(two, three, three, ABSENT, 0, false, NAN, false), TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'query' is [2, 4, 5] and 'key' is [3, 4, 5]");
    refused(torsh_scaled_dot_product_attention(two, two, three, ABSENT, 0, true, NAN, false), TORSH_SHAPE_MISMATCH, "scaled_dot_product_attention: 'query' is [2, 4, 5] and 'value' is [3, 4, 5]");
    torsh_tensor whole = OF(TORSH_I64, 2, 3);
    refused(torsh_scaled_dot_product_attention(whole, whole, whole, ABSENT, 0, false, NAN, false), TORSH_DTYPE_MISMATCH, "scaled_dot_product_attention: 'query', 'key' and 'value' must be floating");
    torsh_tensor half = OF(TORSH_F16, 3, 4, 5);
    shaped(torsh_scaled_dot_product_attention(half, half, half, F32(4, 4), 0, false, NAN, false), "[3, 4, 5]");
}

typedef torsh_multi_head_attention_forward_options mha_options;

static torsh_pair heads(const mha_options *options, int64_t samples)
{
    mha_options o = *options;
    torsh_tensor x = F32(2, samples, 4);
    if (!o.in_proj_weight.id) o.in_proj_weight = F32(12, 4);
    return torsh_multi_head_attention_forward(x, x, x, 4, 2, F32(4, 4), &o);
}

#define HEADS_REFUSE(field, tensor, status, text)                                              \
    do {                                                                                       \
        mha_options with = torsh_multi_head_attention_forward_defaults();                      \
        with.field = tensor;                                                                   \
        refused(heads(&with, 3).first, status, "multi_head_attention_forward: " text);         \
    } while (0)

static void parts_of_heads(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    HEADS_REFUSE(bias_k, F32(1, 1, 4), TORSH_INVALID_ARGUMENT, "bias_k and bias_v go together; bias_v is absent");
    HEADS_REFUSE(bias_v, F32(1, 1, 4), TORSH_INVALID_ARGUMENT, "bias_k and bias_v go together; bias_k is absent");
    HEADS_REFUSE(attn_mask, OF(TORSH_I64, 2, 2), TORSH_DTYPE_MISMATCH, "'attn_mask' must be bool or of the dtype of 'query', f32; it is i64");
    HEADS_REFUSE(attn_mask, OF(TORSH_F64, 2, 2), TORSH_DTYPE_MISMATCH, "'attn_mask' must be bool");
    HEADS_REFUSE(attn_mask, F32(2, 3), TORSH_SHAPE_MISMATCH, "'attn_mask' must be [2, 2]; it is [2, 3]");
    HEADS_REFUSE(attn_mask, F32(1, 2, 2), TORSH_SHAPE_MISMATCH, "'attn_mask' must be [6, 2, 2]");
    HEADS_REFUSE(key_padding_mask, F32(3, 3), TORSH_SHAPE_MISMATCH, "'key_padding_mask' must be [3, 2]");
    HEADS_REFUSE(key_padding_mask, OF(TORSH_I64, 3, 2), TORSH_DTYPE_MISMATCH, "'key_padding_mask' must be bool");
    HEADS_REFUSE(in_proj_bias, F32(0), TORSH_SHAPE_MISMATCH, "'in_proj_bias' must be [12]; it is [0]");
    HEADS_REFUSE(in_proj_weight, F32(10, 4), TORSH_SHAPE_MISMATCH, "'in_proj_weight' must be [12, 4]");
    HEADS_REFUSE(out_proj_bias, F32(3), TORSH_SHAPE_MISMATCH, "'out_proj_bias' must be [4]");
    HEADS_REFUSE(static_k, F32(5, 2, 2), TORSH_SHAPE_MISMATCH, "'static_k' must be [6, 2, 2]");
    mha_options o = torsh_multi_head_attention_forward_defaults();
    torsh_pair none = heads(&o, 0);
    shaped(none.first, "[2, 0, 4]");
    shaped(none.second, "[0, 2, 2]");
    o.key_padding_mask = OF(TORSH_BOOL, 0, 2);
    o.bias_k = o.bias_v = F32(1, 1, 4);
    none = heads(&o, 0);
    shaped(none.first, "[2, 0, 4]");
    shaped(none.second, "[0, 2, 3]");
    o.key_padding_mask = ABSENT;
    shaped(torsh_multi_head_attention_forward(F32(2, 3, 4), F32(0, 3, 4), F32(0, 3, 4), 4, 2, F32(4, 4), &(mha_options){.size = sizeof o, .in_proj_weight = F32(12, 4)}).first, "[2, 3, 4]");
}

#define CELL(call, x, h, weight, bias) call(x, h, weight, F32(gates * 4, 4), bias, ABSENT)

static void cells_broadcast_nothing(void **state)
{
    (void)state;
    typedef torsh_tensor cell(torsh_tensor, torsh_tensor, torsh_tensor, torsh_tensor, torsh_tensor, torsh_tensor);
    static const struct { cell *call; int64_t gates; const char *name; } cells[] = {
        {torsh_gru_cell, 3, "gru_cell"}, {torsh_rnn_tanh_cell, 1, "rnn_tanh_cell"}, {torsh_rnn_relu_cell, 1, "rnn_relu_cell"}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        int64_t gates = cells[i].gates;
        cell *call = cells[i].call;
        torsh_tensor x = F32(2, 3), h = F32(2, 4), w = F32(gates * 4, 3), b = F32(gates * 4);
        shaped(CELL(call, x, h, w, b), "[2, 4]");
        shaped(CELL(call, x, h, w, F32(1)), "[2, 4]");
        refused(CELL(call, x, F32(1, 4), w, b), TORSH_SHAPE_MISMATCH, cells[i].name);
        assert_non_null(strstr(torsh_last_error(), ": 'hx' must be [2, 4] for this 'input' and 'w_hh'; it is [1, 4]"));
        refused(CELL(call, x, F32(4), w, b), TORSH_SHAPE_MISMATCH, cells[i].name);
        refused(CELL(call, F32(3), F32(4), w, b), TORSH_SHAPE_MISMATCH, cells[i].name);
        assert_non_null(strstr(torsh_last_error(), ": 'input' must be (batch, features)"));
        refused(CELL(call, F32(2, 5), h, w, b), TORSH_SHAPE_MISMATCH, cells[i].name);
        assert_non_null(strstr(torsh_last_error(), ": 'w_ih' must be"));
        refused(CELL(call, x, h, w, F32(2)), TORSH_SHAPE_MISMATCH, cells[i].name);
        assert_non_null(strstr(torsh_last_error(), ": 'b_ih' must be"));
        refused(CELL(call, x, OF(TORSH_F64, 2, 4), w, b), TORSH_DTYPE_MISMATCH, cells[i].name);
        assert_non_null(strstr(torsh_last_error(), ": 'hx' is f64 and 'input' is f32"));
    }
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor states[2] = {F32(2, 4), F32(1, 4)};
    refused(torsh_lstm_cell(F32(2, 3), states, 2, F32(16, 3), F32(16, 4), ABSENT, ABSENT).first, TORSH_SHAPE_MISMATCH, "lstm_cell: 'hx[1]' must be [2, 4]");
    torsh_tensor params[2] = {F32(16, 3), F32(16, 4)}, first[2] = {F32(1, 2, 4), F32(1, 1, 4)};
    refused(torsh_lstm(F32(5, 2, 3), first, 2, params, 2, false, 1, 0, false, false, false).first, TORSH_SHAPE_MISMATCH, "lstm: the second of 'hx' must be [1, 2, 4]");
    params[0] = F32(12, 3), params[1] = F32(12, 4);
    refused(torsh_gru(F32(5, 2, 3), F32(1, 2, 5), params, 2, false, 1, 0, false, false, false).first, TORSH_SHAPE_MISMATCH, "gru: 'hx' has 5 features; these 'params' need 4");
}

static void linear_algebra(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_rand(TORSH_DIMS(3, 3), TORSH_F64, TORSH_CPU), tall = torsh_rand(TORSH_DIMS(5, 2), TORSH_F64, TORSH_CPU);
    refused(torsh_svd_lowrank(a, 2, 2, OF(TORSH_I64, 3, 3)).first, TORSH_DTYPE_MISMATCH, "svd_lowrank: 'input' is f64 and 'M' is i64");
    refused(torsh_svd_lowrank(a, 2, 2, OF(TORSH_F64, 2, 3)).first, TORSH_SHAPE_MISMATCH, "svd_lowrank: 'M' is [2, 3]; it must broadcast to 'input'");
    refused(torsh_svd_lowrank(a, 2, 2, OF(TORSH_F64, 2, 3, 3)).first, TORSH_SHAPE_MISMATCH, "svd_lowrank: 'M' is [2, 3, 3]");
    refused(torsh_svd_lowrank(a, -1, 2, ABSENT).first, TORSH_OUT_OF_RANGE, "svd_lowrank: q is -1");
    refused(torsh_pca_lowrank(a, 6, true, 2).first, TORSH_OUT_OF_RANGE, "pca_lowrank: q is 6");
    shaped(torsh_svd_lowrank(a, 2, 2, OF(TORSH_F64, 1, 3)).first, "[3, 2]");
    torsh_triple d = torsh_svd_lowrank(tall, 6, 2, ABSENT);
    shaped(d.first, "[5, 2]");
    shaped(d.third, "[2, 2]");
    torsh_tensor again = torsh_matmul(torsh_mul(d.first, d.second), torsh_transpose(d.third, 0, 1));
    bool same = false;
    assert_int_equal(torsh_allclose(again, tall, 1e-10, 1e-10, false, &same), TORSH_OK);
    assert_true(same);
    refused(torsh_linalg_pinv(torsh_unsqueeze(a, 0), OF(TORSH_F64, 2), OF(TORSH_F64, 3), false), TORSH_SHAPE_MISMATCH,
            "linalg_pinv: 'rtol' is [3]; it must broadcast with the batch dimensions of 'input', which is [1, 3, 3]");
    shaped(torsh_linalg_pinv(a, OF(TORSH_F64, 2, 1), OF(TORSH_F64, 4), false), "[2, 4, 3, 3]");
    shaped(torsh_linalg_pinv(F32(0, 3), F32(2), ABSENT, false), "[3, 0]");
}

/* Eigenvalues are judged by the goldens; here what the goldens can't say. */
static void eigenpairs(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_diag(torsh_arange(1, 9, 1, TORSH_F64, TORSH_CPU), 0), x = OF(TORSH_F64, 8, 2);
    refused(torsh_lobpcg(F32(8, 7), 1, ABSENT, ABSENT, 1, ABSENT, 9, 0, true).first, TORSH_SHAPE_MISMATCH, "lobpcg: 'A' must be a square matrix");
    refused(torsh_lobpcg(OF(TORSH_I64, 8, 8), 1, ABSENT, ABSENT, 1, ABSENT, 9, 0, true).first, TORSH_DTYPE_MISMATCH, "lobpcg: 'A' must be f32 or f64; it is i64");
    refused(torsh_lobpcg(a, 1, F32(8, 8), ABSENT, 1, ABSENT, 9, 0, true).first, TORSH_DTYPE_MISMATCH, "lobpcg: 'A' is f64 and 'B' is f32");
    refused(torsh_lobpcg(a, 1, ABSENT, ABSENT, 1, OF(TORSH_F64, 8, 7), 9, 0, true).first, TORSH_SHAPE_MISMATCH, "lobpcg: 'iK' is [8, 7]");
    refused(torsh_lobpcg(a, 3, ABSENT, x, 8, ABSENT, 9, 0, true).first, TORSH_OUT_OF_RANGE, "lobpcg: k is 3 and there are 2 vectors");
    refused(torsh_lobpcg(a, 1, ABSENT, torsh_ones_like(x), 0, ABSENT, 9, 0, true).first, TORSH_INVALID_ARGUMENT, "lobpcg: the columns of 'X' are not linearly independent");
    torsh_pair all = torsh_lobpcg(a, 8, ABSENT, ABSENT, 8, ABSENT, -1, 0, true); /* the first step finds them */
    for (int i = 0; i < 8; i++) assert_true(fabs(torsh_item(torsh_select(all.first, 0, i)) - (8 - i)) <= 1e-10);
    shaped(all.second, "[8, 8]");
    shaped(torsh_lobpcg(F32(0, 4, 4), 2, ABSENT, ABSENT, 2, ABSENT, -1, 0, true).second, "[0, 4, 2]");
}

/* The gradient of a determinant that is 0: the cofactors, at any scale, also where it is to have gradients, which are right, too. */
static void singular_determinant(void **state)
{
    (void)state;
    const double numbers[4] = {1, 2, 2, 4}, cofactors[4] = {4, -2, -2, 1};
    for (int run = 0; run < 6; run++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        const double scale = run / 2 == 0 ? 1 : run / 2 == 1 ? 0x1p70 : 0x1p-70;
        torsh_tensor a = torsh_mul(torsh_from_data(numbers, TORSH_DIMS(2, 2), TORSH_F64, TORSH_CPU), torsh_number(scale));
        torsh_set_requires_grad(a, true);
        torsh_tensor d = torsh_linalg_det(a);
        assert_true(torsh_item(d) == 0);
        torsh_grad_options options = torsh_grad_defaults();
        options.create_graph = run % 2 == 1;
        torsh_tensor g = torsh_tensors_get(torsh_autograd_grad(&d, 1, &a, 1, NULL, &options), 0);
        for (int i = 0; i < 4; i++) assert_true(fabs(torsh_item(torsh_select(torsh_select(g, 0, i / 2), 0, i % 2)) / scale - cofactors[i]) <= (run % 2 ? 1e-7 : 1e-12));
        if (run % 2 == 0) continue;
        torsh_tensor first = torsh_select(torsh_select(g, 0, 0), 0, 0), h = torsh_tensors_get(torsh_autograd_grad(&first, 1, &a, 1, NULL, NULL), 0); /* of the cofactor a[1][1] */
        for (int i = 0; i < 4; i++) assert_true(fabs(torsh_item(torsh_select(torsh_select(h, 0, i / 2), 0, i % 2)) - (i == 3)) <= 1e-6);
    }
}

/* Ever larger numbers, in more parts than are counted at once. */
static void counts_grow(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    enum { N = 1000000 };
    torsh_tensor counts = torsh_bincount(torsh_arange(0, N, 1, TORSH_I64, TORSH_CPU), ABSENT, 5);
    shaped(counts, "[1000000]");
    assert_true(torsh_item(torsh_amin(counts, TORSH_ALL_DIMS, false)) == 1 && torsh_item(torsh_amax(counts, TORSH_ALL_DIMS, false)) == 1);
}

/* x log1p(y) at x = 0 has the slope log1p(y), where that is a number. */
static void slope_at_zero(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const double numbers[4] = {1, -0.5, -1, -2};
    torsh_tensor x = torsh_zeros(TORSH_DIMS(4), TORSH_F64, TORSH_CPU), y = torsh_from_data(numbers, TORSH_DIMS(4), TORSH_F64, TORSH_CPU);
    torsh_set_requires_grad(x, true);
    torsh_tensor sum = torsh_sum(torsh_special_xlog1py(x, y), TORSH_ALL_DIMS, false);
    assert_true(torsh_item(sum) == 0);
    assert_int_equal(torsh_backward(sum), TORSH_OK);
    for (int i = 0; i < 4; i++) assert_true(fabs(torsh_item(torsh_select(torsh_grad(x), 0, i)) - (i < 2 ? log1p(numbers[i]) : 0)) <= 1e-15);
}

static void other_rows(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int64_t classes[2] = {1, 5};
    torsh_tensor c = torsh_from_data(classes, TORSH_DIMS(2), TORSH_I64, TORSH_CPU), index = torsh_zeros(TORSH_DIMS(2, 2), TORSH_I64, TORSH_CPU);
    refused(torsh_one_hot(c, 5), TORSH_OUT_OF_RANGE, "one_hot: 'input' has a class that is not in [0, 5)");
    refused(torsh_one_hot(torsh_neg(c), -1), TORSH_OUT_OF_RANGE, "one_hot: 'input' has a class that is not in [0, 1)");
    refused(torsh_bincount(torsh_neg(c), ABSENT, 0), TORSH_OUT_OF_RANGE, "bincount: 'input' has negative elements");
    refused(torsh_interpolate(F32(1, 1, 4), TORSH_DIMS(2, 2), NULL, 0, "nearest", false, false, false), TORSH_INVALID_ARGUMENT, "interpolate: size has 2 numbers; it takes one");
    refused(torsh_binomial(F32(3, 1), F32(2, 2), (torsh_generator){0}), TORSH_SHAPE_MISMATCH, "binomial: 'count' is [3, 1] and 'prob' is [2, 2]");
    shaped(torsh_binomial(F32(3), torsh_mul(F32(2, 1), torsh_number(0.5)), (torsh_generator){0}), "[2, 3]");
    refused(torsh_embedding_bag(index, F32(5, 3), ABSENT, INFINITY, 2, false, "sum", OF(TORSH_F64, 2, 2), false, -1), TORSH_DTYPE_MISMATCH,
            "embedding_bag: 'per_sample_weights' must have the dtype of 'weight', f32; they are f64");
    refused(torsh_ctc_loss(F32(0, 2, 4), index, TORSH_DIMS(0, 0), TORSH_DIMS(0, 0), 0, false, NULL), TORSH_SHAPE_MISMATCH, "ctc_loss: 'log_probs' has no elements");
    refused(torsh_multilabel_margin_loss(F32(2), c, NULL), TORSH_OUT_OF_RANGE, "multilabel_margin_loss: 'target' holds 5; classes are 0 to 1");
}

/* PyTorch reads outside of the input there. */
static void fractional_windows(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    const double pair[2] = {0.25, NAN}, plane[9] = {1, 2, 3, 4, NAN, NAN, 5, 6, 9};
    torsh_tensor samples = torsh_from_data(pair, TORSH_DIMS(1, 1, 2), TORSH_F64, TORSH_CPU), x = torsh_from_data(plane, TORSH_DIMS(1, 3, 3), TORSH_F64, TORSH_CPU);
    refused(torsh_fractional_max_pool2d(x, TORSH_DIMS(2), TORSH_DIMS(2), NULL, 0, samples).values, TORSH_OUT_OF_RANGE, "fractional_max_pool2d: a random sample");
    refused(torsh_fractional_max_pool2d(x, TORSH_DIMS(3), TORSH_DIMS(2), NULL, 0, ABSENT).values, TORSH_SHAPE_MISMATCH, "fractional_max_pool2d: 2 windows of kernel_size 3 don't fit dimension 0");
    refused(torsh_fractional_max_pool2d(x, TORSH_DIMS(2), NULL, 0, (const double[]){0.1}, 1, ABSENT).values, TORSH_SHAPE_MISMATCH, "fractional_max_pool2d:");
    refused(torsh_fractional_max_pool2d(x, NULL, 0, TORSH_DIMS(2), NULL, 0, ABSENT).values, TORSH_INVALID_ARGUMENT, "fractional_max_pool2d: kernel_size is empty");
    torsh_values y = torsh_fractional_max_pool2d(x, TORSH_DIMS(2), TORSH_DIMS(1, 2), NULL, 0, torsh_zeros_like(samples));
    shaped(y.values, "[1, 1, 2]");
    assert_true(torsh_item(torsh_sum(torsh_to_dtype(torsh_isnan(y.values), TORSH_I64), TORSH_ALL_DIMS, false)) == 2);
    assert_true(torsh_item(torsh_select(torsh_select(torsh_select(y.indices, 0, 0), 0, 0), 0, 1)) == 5); /* the last NaN of the window */
}

/* f32 has loops of its own for long or wide bags and for blocks of points inside an image; f64 has not. */
static void own_loops(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (int64_t width = 3; width < 150; width = width * 2 + 2) {
        torsh_tensor table = torsh_to_dtype(torsh_randint(-9, 9, TORSH_DIMS(50, width), TORSH_I64, TORSH_CPU), TORSH_F32), rows = torsh_randint(0, 50, TORSH_DIMS(3, 100), TORSH_I64, TORSH_CPU);
        for (int64_t padding = -1; padding < 4; padding += 4) {
            torsh_tensor y = torsh_embedding_bag(rows, table, ABSENT, INFINITY, 2, false, "sum", ABSENT, false, padding);
            torsh_tensor want = torsh_embedding_bag(rows, torsh_to_dtype(table, TORSH_F64), ABSENT, INFINITY, 2, false, "sum", ABSENT, false, padding);
            assert_true(torsh_item(torsh_sum(torsh_abs(torsh_sub(want, torsh_to_dtype(y, TORSH_F64))), TORSH_ALL_DIMS, false)) == 0);
        }
    }
    torsh_tensor broad = torsh_to_dtype(torsh_randint(-9, 9, TORSH_DIMS(50, 1030), TORSH_I64, TORSH_CPU), TORSH_F32), few = torsh_randint(0, 50, TORSH_DIMS(6, 5), TORSH_I64, TORSH_CPU);
    for (int64_t width = 1020; width <= 1030; width += 5) {
        torsh_tensor table = torsh_contiguous(torsh_narrow(broad, 1, 0, width));
        torsh_tensor y = torsh_embedding_bag(few, table, ABSENT, INFINITY, 2, false, "sum", ABSENT, false, 7), want = torsh_embedding_bag(few, torsh_to_dtype(table, TORSH_F64), ABSENT, INFINITY, 2, false, "sum", ABSENT, false, 7);
        assert_true(torsh_item(torsh_sum(torsh_abs(torsh_sub(want, torsh_to_dtype(y, TORSH_F64))), TORSH_ALL_DIMS, false)) == 0);
    }
    torsh_tensor image = torsh_rand(TORSH_DIMS(2, 3, 19, 23), TORSH_F32, TORSH_CPU), grid = torsh_mul(torsh_sub(torsh_rand(TORSH_DIMS(2, 10, 15, 2), TORSH_F32, TORSH_CPU), torsh_number(0.5)), torsh_number(1.7));
    for (int wide = 0; wide < 2; wide++, grid = torsh_mul(grid, torsh_number(2)))
        for (int bilinear = 0; bilinear < 2; bilinear++) {
            const char *mode = bilinear ? "bilinear" : "nearest";
            torsh_tensor y = torsh_grid_sample(image, grid, mode, "zeros", false), want = torsh_grid_sample(torsh_to_dtype(image, TORSH_F64), torsh_to_dtype(grid, TORSH_F64), mode, "zeros", false);
            assert_true(torsh_item(torsh_sum(torsh_abs(torsh_sub(want, torsh_to_dtype(y, TORSH_F64))), TORSH_ALL_DIMS, false)) < 1e-2);
        }
}

static bool equal(torsh_tensor a, torsh_tensor b)
{
    bool same = false;
    assert_int_equal(torsh_equal(a, b, &same), TORSH_OK);
    return same;
}

/* Paths that only large operands take: each answers as the small pieces do. */
static void large_is_as_small(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_rand(TORSH_DIMS(70, 3, 200), TORSH_F32, TORSH_CPU), turned = torsh_transpose(torsh_rand(TORSH_DIMS(3, 70, 200), TORSH_F32, TORSH_CPU), 0, 1);
    for (int64_t first = 0; first < 200; first += 37) { /* rows joined side by side */
        torsh_tensor parts[3] = {torsh_narrow(x, 2, first, 200 - first), turned, torsh_narrow(x, 2, 0, first)};
        torsh_tensor all = torsh_cat(parts, 3, 2);
        shaped(all, "[70, 3, 400]");
        assert_true(equal(torsh_narrow(all, 2, 0, 200 - first), parts[0]));
        assert_true(equal(torsh_narrow(all, 2, 200 - first, 200), turned));
        assert_true(equal(torsh_narrow(all, 2, 400 - first, first), parts[2]));
    }
    torsh_tensor slices[20];
    for (int64_t k = 0; k < 20; k++) slices[k] = k % 7 == 3 ? torsh_narrow(x, 2, 0, 0) : k % 2 ? torsh_expand(torsh_narrow(x, 2, k, 1), TORSH_DIMS(70, 3, 40)) : torsh_narrow(x, 2, k, 60);
    torsh_tensor many = torsh_cat(slices, 20, 2), some = torsh_cat(slices, 10, 2); /* more than are copied side by side, and fewer */
    int64_t at = 0;
    for (int k = 0; k < 20; k++) {
        int64_t n = torsh_size(slices[k], 2);
        assert_true(equal(torsh_narrow(many, 2, at, n), slices[k]));
        if (k < 10) assert_true(equal(torsh_narrow(some, 2, at, n), slices[k]));
        at += n;
    }
    torsh_tensor large = torsh_rand(TORSH_DIMS(1100, 8000), TORSH_F32, TORSH_CPU), none = torsh_zeros(TORSH_DIMS(0), TORSH_I64, TORSH_CPU); /* a result of more than 32 MB, which is written past the caches */
    assert_true(equal(torsh_roll(torsh_roll(large, TORSH_DIMS(700), TORSH_DIMS(1)), TORSH_DIMS(-700), TORSH_DIMS(1)), large));
    assert_true(equal(torsh_index_add(large, 0, none, torsh_zeros(TORSH_DIMS(0, 8000), TORSH_F32, TORSH_CPU)), large));
    assert_true(equal(torsh_index_add_alpha(large, 0, none, torsh_zeros(TORSH_DIMS(0, 8000), TORSH_F32, TORSH_CPU), torsh_number(2)), large));
    torsh_tensor source = torsh_rand(TORSH_DIMS(900, 300), TORSH_F32, TORSH_CPU), zeros = torsh_zeros(TORSH_DIMS(50, 300), TORSH_F32, TORSH_CPU);
    torsh_tensor index = torsh_randint(0, 50, TORSH_DIMS(900), TORSH_I64, TORSH_CPU), want = torsh_index_add(zeros, 0, index, torsh_mul(source, torsh_number(0.3)));
    assert_true(equal(torsh_index_add_alpha(zeros, 0, index, source, torsh_number(0.3)), want));
    for (torsh_dtype dtype = TORSH_F16; dtype <= TORSH_F64; dtype = (torsh_dtype)(dtype + 1)) { /* sums are made in f32, of halves too, and rounded once */
        torsh_dtype wide = dtype == TORSH_F64 ? TORSH_F64 : TORSH_F32;
        torsh_tensor own = torsh_to_dtype(source, dtype), start = torsh_to_dtype(torsh_narrow(source, 0, 0, 50), dtype), alpha = torsh_number(-0.3);
        torsh_tensor sum = torsh_index_add(torsh_to_dtype(start, wide), 0, index, torsh_mul(torsh_to_dtype(own, wide), alpha));
        assert_true(equal(torsh_index_add_alpha(start, 0, index, own, alpha), torsh_to_dtype(sum, dtype)));
    }
    torsh_tensor across = torsh_index_add_alpha(torsh_t(zeros), -1, index, torsh_t(source), torsh_number(0.3));
    assert_true(equal(across, torsh_t(want)));
    assert_int_equal(torsh_set_requires_grad(source, true), TORSH_OK);
    torsh_tensor tracked = torsh_index_add_alpha(zeros, 0, index, source, torsh_number(0.3));
    assert_true(equal(torsh_detach(tracked), want));
    torsh_tensor weight = torsh_rand(TORSH_DIMS(50, 300), TORSH_F32, TORSH_CPU);
    assert_int_equal(torsh_backward(torsh_sum(torsh_mul(tracked, weight), TORSH_ALL_DIMS, false)), TORSH_OK);
    assert_true(equal(torsh_grad(source), torsh_mul(torsh_index_select(weight, 0, index), torsh_number(0.3))));
    refused(torsh_index_add_alpha(zeros, 0, index, torsh_to_dtype(torsh_detach(source), TORSH_F64), torsh_number(2)), TORSH_DTYPE_MISMATCH, "index_add_alpha: 'source' is f64 and 'input' is f32");
    torsh_tensor halves[2] = {torsh_narrow(large, 1, 0, 3001), torsh_narrow(large, 1, 3001, 4999)};
    assert_true(equal(torsh_cat(halves, 2, 1), large));
    assert_true(equal(torsh_flip(torsh_flip(large, TORSH_DIMS(0)), TORSH_DIMS(0)), large));
    refused(torsh_index_add_alpha(zeros, 0, index, torsh_rand(TORSH_DIMS(900, 299), TORSH_F32, TORSH_CPU), torsh_number(2)), TORSH_SHAPE_MISMATCH, "index_add_alpha: source must be like input with 900 slices");
}

static void a_vector_times_itself(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    static const torsh_dtype dtypes[] = {TORSH_U8, TORSH_I16, TORSH_I64, TORSH_F16, TORSH_BF16, TORSH_F32, TORSH_F64};
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
        torsh_tensor a = torsh_to_dtype(torsh_mul(torsh_randn(TORSH_DIMS(500, 3), TORSH_F32, TORSH_CPU), torsh_number(9)), dtypes[i]);
        assert_true(equal(torsh_cross(a, a, 1), torsh_zeros_like(a)));
    }
}

/* Several small matrices are factored side by side: each as it is alone, singular ones among them. */
static void many_matrices_are_as_one(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    for (int f64 = 0; f64 < 2; f64++)
        for (int64_t n = 1; n < 11; n++)
            for (int64_t k = 1; k < 10; k += 4) {
                torsh_dtype dtype = f64 ? TORSH_F64 : TORSH_F32;
                torsh_tensor a = torsh_randn(TORSH_DIMS(13, n, n), dtype, TORSH_CPU), b = torsh_randn(TORSH_DIMS(13, n, k), dtype, TORSH_CPU);
                torsh_tensor singular = torsh_clone(a);
                torsh_fill_(torsh_select(singular, 0, 5), torsh_number(1)); /* regular for n = 1 alone */
                torsh_mul_(torsh_select(singular, 0, 1), torsh_number(1e-40)); /* pivots without an inverse in f32 */
                torsh_mul_(torsh_select(singular, 0, 9), torsh_number(-0.0));
                torsh_pair whole = torsh_linalg_slogdet(singular);
                torsh_tensor x = torsh_linalg_solve(a, b, true);
                for (int64_t i = 0; i < 13; i++) {
                    torsh_pair own = torsh_linalg_slogdet(torsh_select(singular, 0, i));
                    assert_true(equal(torsh_select(whole.first, 0, i), own.first) && equal(torsh_select(whole.second, 0, i), own.second));
                    assert_true(equal(torsh_select(x, 0, i), torsh_linalg_solve(torsh_select(a, 0, i), torsh_select(b, 0, i), true)));
                }
            }
}

static void want_of_memory_is_no_range(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_rand(TORSH_DIMS(6, 2), TORSH_F32, TORSH_CPU);
    for (int point = 0, refusals = 1; refusals; point++) {
        torsh_fail_allocations_after(point);
        torsh_tensors counts = torsh_histogramdd(x, TORSH_DIMS(3, 3), NULL, 0, ABSENT, false);
        torsh_fail_allocations_after(-1);
        refusals = TORSH_FAILED(counts);
        if (refusals) assert_int_equal(torsh_id_status(counts.id), TORSH_OUT_OF_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks_of_attention), cmocka_unit_test(parts_of_heads), cmocka_unit_test(cells_broadcast_nothing),
                                       cmocka_unit_test(linear_algebra), cmocka_unit_test(eigenpairs), cmocka_unit_test(singular_determinant), cmocka_unit_test(counts_grow),
                                       cmocka_unit_test(slope_at_zero), cmocka_unit_test(other_rows), cmocka_unit_test(fractional_windows), cmocka_unit_test(own_loops), cmocka_unit_test(large_is_as_small), cmocka_unit_test(a_vector_times_itself), cmocka_unit_test(many_matrices_are_as_one), cmocka_unit_test(want_of_memory_is_no_range)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
