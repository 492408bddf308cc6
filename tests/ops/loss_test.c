/* The functions of <torsh/ops/loss.h> with their options against PyTorch (tests/golden/losses.py): values, gradients, derivatives of
 * both orders against differences, and refusals. */
#include "records.h"

#include <stdarg.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

typedef struct tally {
    long checks, failures;
} tally;

typedef struct trial {
    const record *r;
    torsh_tensor target, weight;
} trial;

/* t->weight is the third tensor, or the options' weight. A null handle: another loss. */
static torsh_tensor of_three(const trial *t, torsh_tensor a, torsh_loss_options o)
{
    const char *name = t->r->name;
    double p = t->r->arguments[3].number;
    torsh_tensor b = t->target, c = t->weight;
    o.weight = strncmp(name, "multi", 5) == 0 ? c : (torsh_tensor){0};
    if (strcmp(name, "soft_margin_loss") == 0) return torsh_soft_margin_loss(a, b, &o);
    if (strcmp(name, "margin_ranking_loss") == 0) return torsh_margin_ranking_loss(a, b, c, p, &o);
    if (strcmp(name, "hinge_embedding_loss") == 0) return torsh_hinge_embedding_loss(a, b, p, &o);
    if (strcmp(name, "multi_margin_loss") == 0) return torsh_multi_margin_loss(a, b, 2, p, &o);
    if (strcmp(name, "multilabel_margin_loss") == 0) return torsh_multilabel_margin_loss(a, b, &o);
    if (strcmp(name, "multilabel_soft_margin_loss") == 0) return torsh_multilabel_soft_margin_loss(a, b, &o);
    if (strcmp(name, "triplet_margin_loss") == 0) return torsh_triplet_margin_loss(a, b, c, p, 2, 1e-6, p > 1, &o);
    if (strcmp(name, "cosine_embedding_loss") == 0) return torsh_cosine_embedding_loss(a, b, c, p, &o);
    if (strcmp(name, "gaussian_nll_loss") == 0) return torsh_gaussian_nll_loss(a, b, c, p > 0.5, 1e-6, &o);
    if (strcmp(name, "poisson_nll_loss") == 0) return torsh_poisson_nll_loss(a, b, p > 0.5, true, 1e-8, &o);
    if (strcmp(name, "binary_cross_entropy_with_logits_pos_weight") == 0) return torsh_binary_cross_entropy_with_logits_pos_weight(a, b, c, &o);
    return (torsh_tensor){0};
}

static torsh_tensor elementwise(const trial *t, torsh_tensor input)
{
    const char *name = t->r->name;
    double p = t->r->arguments[3].number;
    torsh_loss_options o = torsh_loss_defaults();
    o.weight = t->weight;
    o.reduction = (torsh_reduction)t->r->arguments[4].ints[0];
    torsh_tensor loss = of_three(t, input, o);
    if (loss.id) return loss;
    if (strcmp(name, "mse_loss") == 0) return torsh_mse_loss(input, t->target, &o);
    if (strcmp(name, "l1_loss") == 0) return torsh_l1_loss(input, t->target, &o);
    if (strcmp(name, "huber_loss") == 0) return torsh_huber_loss(input, t->target, p, &o);
    if (strcmp(name, "smooth_l1_loss") == 0) return torsh_smooth_l1_loss(input, t->target, p, &o);
    if (strcmp(name, "binary_cross_entropy") == 0) return torsh_binary_cross_entropy(input, t->target, &o);
    if (strcmp(name, "binary_cross_entropy_with_logits") == 0) return torsh_binary_cross_entropy_with_logits(input, t->target, &o);
    return torsh_kl_div(input, t->target, p != 0, &o);
}

/* inputs: the input, and the target if that is differentiable */
static torsh_tensor evaluate(void *context, const torsh_tensor *inputs, size_t input_count)
{
    trial t = *(const trial *)context;
    if (input_count > 1) t.target = inputs[1];
    bool nll = strcmp(t.r->name, "nll_loss") == 0;
    if (!nll && strcmp(t.r->name, "cross_entropy") != 0) return elementwise(&t, inputs[0]);
    torsh_cross_entropy_options o = torsh_cross_entropy_defaults();
    o.weight = t.weight;
    o.label_smoothing = t.r->arguments[3].number;
    o.ignore_index = t.r->arguments[4].ints[0];
    o.reduction = (torsh_reduction)t.r->arguments[5].ints[0];
    return nll ? torsh_nll_loss(inputs[0], t.target, &o) : torsh_cross_entropy(inputs[0], t.target, &o);
}

static void report(tally *y, const record *r, const char *what, const char *problem)
{
    y->checks++;
    if (*problem && y->failures++ < 60) print_error("%s, %s: %s\n", describe(r), what, problem);
}

static void check(const record *r, void *context)
{
    tally *y = context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    trial t = {.r = r, .target = make_tensor(&r->arguments[1].tensor, STEPPED)};
    if (r->arguments[2].kind == 'T') t.weight = make_tensor(&r->arguments[2].tensor, STEPPED);
    torsh_tensor inputs[2] = {make_tensor(&r->arguments[0].tensor, STEPPED), t.target};
    report(y, r, "value", difference(evaluate(&t, inputs, 1), &r->results[0]));
    if (r->gradient_count == 0) return;
    for (size_t i = 0; i < r->gradient_count; i++) torsh_set_requires_grad(inputs[r->gradients[i].argument], true);
    torsh_tensor loss = evaluate(&t, inputs, r->gradient_count);
    double w[64];
    for (size_t i = 0; i < 64; i++) w[i] = 0.5 + (double)(i % 7) / 7;
    torsh_tensor seed = torsh_from_slice(w, (size_t)torsh_numel(loss), torsh_sizes(loss), (size_t)torsh_ndim(loss), torsh_dtype_of(loss), TORSH_CPU);
    torsh_backward_with(&loss, 1, &seed, NULL);
    for (size_t i = 0; i < r->gradient_count; i++) report(y, r, "gradient", difference(torsh_grad(inputs[r->gradients[i].argument]), &r->gradients[i].value));
    report(y, r, "first derivative", torsh_gradcheck(evaluate, &t, inputs, r->gradient_count, NULL) ? torsh_last_error() : "");
    report(y, r, "second derivative", torsh_gradgradcheck(evaluate, &t, inputs, r->gradient_count, NULL) ? torsh_last_error() : "");
}

static void losses_are_those_of_pytorch(void **state)
{
    (void)state;
    tally y = {0};
    int64_t handles = torsh_live_handles();
    assert_true(each_record_of("losses.bin", check, &y) > 0);
    assert_int_equal(torsh_live_handles(), handles);
    print_message("%ld checks, %ld failures\n", y.checks, y.failures);
    assert_int_equal(y.failures, 0);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = torsh_ones(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU), classes = torsh_zeros(TORSH_DIMS(2), TORSH_I64, TORSH_CPU);
    torsh_cross_entropy_options bare = {.reduction = TORSH_MEAN}, o = torsh_cross_entropy_defaults();
    assert_int_equal(torsh_id_status(torsh_cross_entropy(x, classes, &bare).id), TORSH_INVALID_ARGUMENT); /* no size */
    o.label_smoothing = 1.5;
    assert_int_equal(torsh_id_status(torsh_cross_entropy(x, classes, &o).id), TORSH_OUT_OF_RANGE);
    o = torsh_cross_entropy_defaults();
    o.reduction = (torsh_reduction)7;
    assert_int_equal(torsh_id_status(torsh_cross_entropy(x, classes, &o).id), TORSH_INVALID_ARGUMENT);
    torsh_tensor outside = torsh_full(TORSH_DIMS(2), 3, TORSH_I64, TORSH_CPU);
    assert_int_equal(torsh_id_status(torsh_cross_entropy(x, outside, NULL).id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_cross_entropy(x, torsh_zeros(TORSH_DIMS(3), TORSH_I64, TORSH_CPU), NULL).id), TORSH_SHAPE_MISMATCH);
    assert_int_equal(torsh_id_status(torsh_huber_loss(x, x, -1, NULL).id), TORSH_OUT_OF_RANGE);
}

static torsh_tensor city_blocks(void *context, const torsh_tensor *inputs, size_t count)
{
    assert_int_equal(count, 2);
    if (++*(int *)context == 9) return torsh_matmul(inputs[0], inputs[1]);
    return torsh_pairwise_distance(inputs[0], inputs[1], 1, 1e-6, false);
}

static torsh_tensor by_city_blocks(void *context, const torsh_tensor *inputs, size_t count)
{
    (void)count;
    return torsh_triplet_margin_with_distance_loss(inputs[0], inputs[1], inputs[2], city_blocks, context, 1, true, NULL);
}

static void distances_are_the_callers(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x[3];
    int calls = 0;
    bool same = false;
    for (int i = 0; i < 3; i++) x[i] = torsh_randn(TORSH_DIMS(4, 3), TORSH_F64, TORSH_CPU);
    assert_int_equal(torsh_allclose(by_city_blocks(&calls, x, 3), torsh_triplet_margin_loss(x[0], x[1], x[2], 1, 1, 1e-6, true, NULL), 1e-12, 0, false, &same), TORSH_OK);
    assert_true(same);
    assert_int_equal(calls, 3);
    assert_int_equal(torsh_allclose(torsh_triplet_margin_with_distance_loss(x[0], x[1], x[2], NULL, NULL, 2, false, NULL),
                                    torsh_triplet_margin_loss(x[0], x[1], x[2], 2, 2, 1e-6, false, NULL), 1e-12, 0, false, &same), TORSH_OK);
    assert_true(same);
    calls = 6; /* the third distance is the ninth call */
    assert_int_equal(torsh_id_status(by_city_blocks(&calls, x, 3).id), TORSH_SHAPE_MISMATCH);
    calls = 100;
    for (int i = 0; i < 3; i++) torsh_set_requires_grad(x[i], true);
    assert_int_equal(torsh_gradcheck(by_city_blocks, &calls, x, 3, NULL), TORSH_OK);
    assert_int_equal(torsh_id_status(torsh_triplet_margin_with_distance_loss(x[0], x[1], x[2], NULL, NULL, 0, false, NULL).id), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_id_status(torsh_triplet_margin_with_distance_loss(x[0], x[1], torsh_ones(TORSH_DIMS(3), TORSH_F64, TORSH_CPU), NULL, NULL, 1, false, NULL).id), TORSH_SHAPE_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses_are_those_of_pytorch), cmocka_unit_test(wrong_options_are_refused), cmocka_unit_test(distances_are_the_callers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
