/* Softmax, losses, optimizer steps and a whole training against the CPU; memory that doesn't grow. */
#include "compare.h"

#include <torsh/autograd.h>
#include <torsh/ops/loss.h>

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define LOOSE 512.0 /* units of 2^-23, relative (absolute below 0.01) */

static torsh_tensor both(torsh_tensor cpu, torsh_tensor *gpu)
{
    *gpu = torsh_to_device(cpu, GPU);
    return cpu;
}

static void expect(torsh_tensor cpu, torsh_tensor gpu)
{
    const char *problem = differs(cpu, gpu, LOOSE);
    if (*problem) fail_msg("%s", problem);
}

static torsh_tensor targets(int64_t count, int64_t classes)
{
    int64_t values[512];
    for (int64_t i = 0; i < count; i++) values[i] = (int64_t)(draw() * (double)classes);
    return torsh_from_data(values, &count, 1, TORSH_I64, TORSH_CPU);
}

static torsh_tensor leaf(torsh_tensor t)
{
    torsh_tensor own = torsh_detach(t);
    torsh_set_requires_grad(own, true);
    return own;
}

static void softmax(void **context)
{
    (void)context;
    static const int64_t shapes[][2] = {{5, 10}, {3, 1000}, {700, 3}};
    for (int i = 0; i < 3; i++)
        for (int64_t dim = 0; dim < 2; dim++) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            torsh_tensor ga, gg, a = leaf(both(drawn("ANY", TORSH_F32, shapes[i], 2), &ga)), g = both(drawn("ANY", TORSH_F32, shapes[i], 2), &gg);
            ga = leaf(ga);
            torsh_tensor y = torsh_softmax(a, dim), gy = torsh_softmax(ga, dim), l = torsh_log_softmax(a, dim), gl = torsh_log_softmax(ga, dim);
            expect(y, gy);
            expect(l, gl);
            assert_int_equal(torsh_backward_with(&y, 1, &g, NULL), TORSH_OK);
            assert_int_equal(torsh_backward_with(&gy, 1, &gg, NULL), TORSH_OK);
            assert_int_equal(torsh_backward_with(&l, 1, &g, NULL), TORSH_OK);
            assert_int_equal(torsh_backward_with(&gl, 1, &gg, NULL), TORSH_OK);
            expect(torsh_grad(a), torsh_grad(ga));
        }
}

static void cross_entropy(void **context)
{
    (void)context;
    for (int reduction = TORSH_NONE; reduction <= TORSH_SUM; reduction++)
        for (int weighted = 0; weighted < 2; weighted++) {
            TORSH_AUTO torsh_scope scope = torsh_scope_open();
            torsh_tensor gx, gt, gw, x = leaf(both(drawn("ANY", TORSH_F32, TORSH_DIMS(300, 10)), &gx)), t = both(targets(300, 10), &gt);
            torsh_tensor w = both(drawn("POSITIVE", TORSH_F32, TORSH_DIMS(10)), &gw);
            gx = leaf(gx);
            torsh_cross_entropy_options o = torsh_cross_entropy_defaults(), go = o;
            o.reduction = go.reduction = (torsh_reduction)reduction;
            o.ignore_index = go.ignore_index = 3;
            if (weighted) o.weight = w, go.weight = gw;
            torsh_tensor loss = torsh_cross_entropy(x, t, &o), gloss = torsh_cross_entropy(gx, gt, &go);
            expect(loss, gloss);
            assert_int_equal(torsh_backward(torsh_sum(loss, TORSH_ALL_DIMS, false)), TORSH_OK);
            assert_int_equal(torsh_backward(torsh_sum(gloss, TORSH_ALL_DIMS, false)), TORSH_OK);
            expect(torsh_grad(x), torsh_grad(gx));
        }
}

/* ---- training ------------------------------------------------------------------------------------------------- */

enum { PARAMETERS = 4, BATCH = 64, STEPS = 30 };

typedef struct network { torsh_device device; torsh_tensor p[PARAMETERS], m[PARAMETERS], v[PARAMETERS]; } network;

static void make_network(network *n, torsh_device device)
{
    static const int64_t shapes[PARAMETERS][2] = {{128, 784}, {128, 0}, {10, 128}, {10, 0}};
    n->device = device;
    draw_from(7);
    for (int i = 0; i < PARAMETERS; i++) {
        size_t rank = shapes[i][1] ? 2 : 1;
        torsh_tensor t = torsh_mul(drawn("UNIT", TORSH_F32, shapes[i], rank), torsh_number(i < 2 ? 1 / 28.0 : 0.088));
        n->p[i] = leaf(torsh_to_device(t, device));
        n->m[i] = torsh_zeros(shapes[i], rank, TORSH_F32, device);
        n->v[i] = torsh_zeros(shapes[i], rank, TORSH_F32, device);
    }
}

static double step(network *n, torsh_tensor x, torsh_tensor t, int64_t number)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor h = torsh_relu(torsh_linear(x, n->p[0], n->p[1])), loss = torsh_cross_entropy(torsh_linear(h, n->p[2], n->p[3]), t, NULL);
    if (torsh_backward(loss) != TORSH_OK) return (double)NAN;
    TORSH_AUTO torsh_scope frozen = torsh_no_grad();
    for (int i = 0; i < PARAMETERS; i++) {
        torsh_tensor none = {0};
        torsh_tensor done = torsh_fused_adam_(n->p[i], torsh_grad(n->p[i]), n->m[i], n->v[i], none, number, 1e-3, 0.9, 0.999, 0, 1e-8, false, false);
        if (TORSH_FAILED(done)) return (double)NAN;
        torsh_zero_(torsh_grad(n->p[i]));
    }
    return torsh_item(loss);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* 784-128-10 with Adam on 8 batches of drawn pictures: the losses of both devices stay within 1e-3 of one another. */
static void training(void **context)
{
    (void)context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    network cpu, gpu;
    torsh_tensor x[8], t[8], gx[8], gt[8];
    make_network(&cpu, TORSH_CPU);
    make_network(&gpu, GPU);
    for (int i = 0; i < 8; i++) {
        x[i] = both(drawn("OPEN01", TORSH_F32, TORSH_DIMS(BATCH, 784)), &gx[i]);
        t[i] = both(targets(BATCH, 10), &gt[i]);
    }
    double widest = 0, first = 0, last = 0, spent = 0;
    torsh_memory before, after;
    for (int64_t s = 1; s <= STEPS; s++) {
        double a = step(&cpu, x[s % 8], t[s % 8], s), start = seconds(), b = step(&gpu, gx[s % 8], gt[s % 8], s);
        if (s > 5) spent += seconds() - start;
        if (s == 5) assert_int_equal(torsh_memory_stats(GPU, &before), TORSH_OK);
        if (s == 1) first = b;
        last = b;
        if (isnan(b)) fail_msg("step %d: %s", (int)s, torsh_last_error());
        widest = fmax(widest, fabs(a - b));
    }
    assert_int_equal(torsh_memory_stats(GPU, &after), TORSH_OK);
    print_message("%d steps: loss %.4f to %.4f, at most %.2g from the cpu's; %.2f ms a step\n", STEPS, first, last, widest, spent / (STEPS - 5) * 1e3);
    assert_true(last < first);
    assert_true(widest < 1e-3);
    assert_true(after.used == before.used);
    assert_true(after.system_allocations == before.system_allocations);
}

static void sgd(void **context)
{
    (void)context;
    for (int how = 0; how < 8; how++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor gp, gg, gb, p = both(drawn("ANY", TORSH_F32, TORSH_DIMS(33, 7)), &gp), g = both(drawn("ANY", TORSH_F32, TORSH_DIMS(33, 7)), &gg);
        torsh_tensor b = both(torsh_zeros(TORSH_DIMS(33, 7), TORSH_F32, TORSH_CPU), &gb), none = {0};
        bool momentum = how & 1, nesterov = (how & 3) == 3;
        for (int s = 0; s < 3; s++) {
            torsh_fused_sgd_(p, g, momentum ? b : none, 0.1, momentum ? 0.9 : 0, 0, how & 4 ? 0.1 : 0, nesterov, false, s == 0);
            torsh_fused_sgd_(gp, gg, momentum ? gb : none, 0.1, momentum ? 0.9 : 0, 0, how & 4 ? 0.1 : 0, nesterov, false, s == 0);
        }
        expect(p, gp);
        expect(b, gb);
    }
}

/* ---- copies and memory ------------------------------------------------------------------------------------------ */

static void copies(void **context)
{
    (void)context;
    static const torsh_dtype dtypes[] = {TORSH_BOOL, TORSH_I8, TORSH_I16, TORSH_F16, TORSH_I32, TORSH_F32, TORSH_I64, TORSH_F64};
    enum { DTYPES = sizeof dtypes / sizeof *dtypes };
    for (int i = 0; i < DTYPES; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        torsh_tensor ga, a = both(drawn("ANY", dtypes[i], TORSH_DIMS(3, 5, 7)), &ga);
        expect(a, ga);
        expect(torsh_contiguous(torsh_transpose(a, 0, 2)), torsh_contiguous(torsh_transpose(ga, 0, 2)));
        expect(torsh_contiguous(torsh_slice(a, 2, 1, 6, 2)), torsh_contiguous(torsh_slice(ga, 2, 1, 6, 2)));
        for (int k = 0; k < DTYPES; k++) expect(torsh_to_dtype(a, dtypes[k]), torsh_to_dtype(ga, dtypes[k]));
        torsh_tensor row = torsh_select(a, 0, 1), grow = torsh_select(ga, 0, 1);
        torsh_copy_(torsh_select(a, 0, 0), row); /* within one buffer, at odd byte offsets */
        torsh_copy_(torsh_select(ga, 0, 0), grow);
        torsh_fill_(torsh_slice(a, 1, 0, 5, 2), torsh_number(1));
        torsh_fill_(torsh_slice(ga, 1, 0, 5, 2), torsh_number(1));
        torsh_copy_(torsh_select(a, 0, 2), torsh_full(TORSH_DIMS(5, 7), 3, dtypes[i], TORSH_CPU));
        torsh_copy_(torsh_select(ga, 0, 2), torsh_full(TORSH_DIMS(5, 7), 3, dtypes[i], TORSH_CPU));
        expect(a, ga);
        expect(torsh_full(TORSH_DIMS(9), -2.0, dtypes[i], TORSH_CPU), torsh_full(TORSH_DIMS(9), -2.0, dtypes[i], GPU));
        expect(torsh_zeros(TORSH_DIMS(0, 3), dtypes[i], TORSH_CPU), torsh_zeros(TORSH_DIMS(0, 3), dtypes[i], GPU));
    }
}

static void no_growth(void **context)
{
    (void)context;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_ones(TORSH_DIMS(100, 100), TORSH_F32, GPU);
    torsh_memory before, after;
    for (int i = 0; i < 1200; i++) {
        if (i == 200) assert_int_equal(torsh_memory_stats(GPU, &before), TORSH_OK);
        torsh_tensor b = torsh_add(a, torsh_number(1)), c = torsh_mul(b, a);
        torsh_release(b);
        torsh_release(c);
    }
    assert_int_equal(torsh_synchronize(GPU), TORSH_OK);
    assert_int_equal(torsh_memory_stats(GPU, &after), TORSH_OK);
    assert_true(after.used == before.used);
    assert_true(after.system_allocations == before.system_allocations);
    assert_true(after.used >= 40000);
    int64_t limit = after.used + 1000;
    assert_int_equal(torsh_set_memory_limit(GPU, limit), TORSH_OK);
    assert_int_equal(torsh_id_status(torsh_add(a, a).id), TORSH_OUT_OF_MEMORY);
    assert_int_equal(torsh_set_memory_limit(GPU, -1), TORSH_OK);
    assert_int_equal(torsh_empty_cache(GPU), TORSH_OK);
    assert_int_equal(torsh_id_status(torsh_add(a, a).id), TORSH_OK);
    assert_int_equal(torsh_id_status(torsh_empty(TORSH_DIMS(INT64_C(1) << 40), TORSH_F32, GPU).id), TORSH_OUT_OF_MEMORY);
}

/* Two threads at once: each works out the same sum. */
static void *work(void *answer)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_full(TORSH_DIMS(64, 64), 0.5, TORSH_F32, GPU);
    for (int i = 0; i < 40; i++) a = torsh_add(torsh_mul(torsh_mm(a, a), torsh_number(1.0 / 64)), torsh_number(0.25));
    *(double *)answer = torsh_item(torsh_sum(a, TORSH_ALL_DIMS, false));
    return NULL;
}

static void threads(void **context)
{
    (void)context;
    pthread_t thread[2];
    double answers[3];
    work(&answers[2]);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&thread[i], NULL, work, &answers[i]), 0);
    for (int i = 0; i < 2; i++) pthread_join(thread[i], NULL);
    assert_true(answers[0] == answers[2] && answers[1] == answers[2] && answers[2] > 1000);
}

int main(void)
{
    require_device();
    const struct CMUnitTest tests[] = {cmocka_unit_test(copies), cmocka_unit_test(softmax), cmocka_unit_test(cross_entropy), cmocka_unit_test(sgd),
                                       cmocka_unit_test(training), cmocka_unit_test(no_growth), cmocka_unit_test(threads)};
    return cmocka_run_group_tests_name("webgpu_nn", tests, NULL, NULL);
}
