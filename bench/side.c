/* One side of the comparison with PyTorch: reads the name of a case a line, runs it for a moment, answers with the median
 * nanoseconds of one run. bench/compare.py drives it and runs the same cases in PyTorch. `threads N` sets the threads. */
#include <torsh/torsh.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_SAMPLES = 4096 };

static torsh_tensor a, b, c; /* what the running case works on; made by its setup */
static torsh_module model;
static torsh_optimizer optimizer;
static torsh_tensor target;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static torsh_tensor uniform(const int64_t *sizes, size_t ndim, torsh_dtype dtype)
{
    return torsh_add(torsh_rand(sizes, ndim, dtype, TORSH_CPU), torsh_number(0.1));
}

/* ---- setups -------------------------------------------------------------------------------------------------- */

static void one_element(void)
{
    a = uniform(TORSH_DIMS(1), TORSH_F32);
    b = uniform(TORSH_DIMS(1), TORSH_F32);
}

static void one_element_grad(void)
{
    one_element();
    a = torsh_clone(a);
    torsh_set_requires_grad(a, true);
}

static void tiny_linear(void)
{
    model = torsh_nn_linear(8, 8, true, TORSH_CPU);
    a = torsh_randn(TORSH_DIMS(4, 8), TORSH_F32, TORSH_CPU);
}

static void square_f32(int64_t n)
{
    a = torsh_randn(TORSH_DIMS(n, n), TORSH_F32, TORSH_CPU);
    b = torsh_randn(TORSH_DIMS(n, n), TORSH_F32, TORSH_CPU);
}

static void square_256(void) { square_f32(256); }
static void square_1024(void) { square_f32(1024); }
static void square_2048(void) { square_f32(2048); }

static void square_1024_f64(void)
{
    a = torsh_randn(TORSH_DIMS(1024, 1024), TORSH_F64, TORSH_CPU);
    b = torsh_randn(TORSH_DIMS(1024, 1024), TORSH_F64, TORSH_CPU);
}

static void million(void)
{
    a = uniform(TORSH_DIMS(1000000), TORSH_F32);
    b = uniform(TORSH_DIMS(1000000), TORSH_F32);
    c = torsh_gt(a, b);
}

static void rows(void)
{
    a = torsh_randn(TORSH_DIMS(512, 1024), TORSH_F32, TORSH_CPU);
    b = torsh_ones(TORSH_DIMS(1024), TORSH_F32, TORSH_CPU);
    c = torsh_zeros(TORSH_DIMS(1024), TORSH_F32, TORSH_CPU);
}

static void mlp(void)
{
    torsh_module layers[] = {torsh_nn_linear(784, 512, true, TORSH_CPU), torsh_nn_relu(), torsh_nn_linear(512, 256, true, TORSH_CPU),
                             torsh_nn_relu(), torsh_nn_linear(256, 10, true, TORSH_CPU)};
    model = torsh_nn_sequential(layers, 5);
    optimizer = torsh_optim_adam(torsh_nn_parameters(model), 1e-3);
    a = torsh_randn(TORSH_DIMS(64, 784), TORSH_F32, TORSH_CPU);
    target = torsh_randint(0, 10, TORSH_DIMS(64), TORSH_I64, TORSH_CPU);
}

static void cnn(void)
{
    torsh_module layers[] = {torsh_nn_conv2d(1, 32, 3, 1, 1, true, TORSH_CPU),  torsh_nn_relu(), torsh_nn_max_pool2d(2, 2, 0),
                             torsh_nn_conv2d(32, 64, 3, 1, 1, true, TORSH_CPU), torsh_nn_relu(), torsh_nn_max_pool2d(2, 2, 0),
                             torsh_nn_flatten(1, -1),                           torsh_nn_linear(64 * 7 * 7, 128, true, TORSH_CPU),
                             torsh_nn_relu(),                                   torsh_nn_linear(128, 10, true, TORSH_CPU)};
    model = torsh_nn_sequential(layers, 10);
    optimizer = torsh_optim_adam(torsh_nn_parameters(model), 1e-3);
    a = torsh_randn(TORSH_DIMS(64, 1, 28, 28), TORSH_F32, TORSH_CPU);
    target = torsh_randint(0, 10, TORSH_DIMS(64), TORSH_I64, TORSH_CPU);
}

static void adam_8m(void)
{
    a = torsh_randn(TORSH_DIMS(8000000), TORSH_F32, TORSH_CPU);
    torsh_set_requires_grad(a, true);
    torsh_set_grad(a, torsh_randn(TORSH_DIMS(8000000), TORSH_F32, TORSH_CPU));
    optimizer = torsh_optim_adam(torsh_tensors_make(&a, 1), 1e-3);
}

/* ---- runs ---------------------------------------------------------------------------------------------------- */

#define RUN(name, expression) \
    static void run_##name(void) { torsh_release(expression); }
RUN(add, torsh_add(a, b))
RUN(mul, torsh_mul(a, b))
RUN(matmul, torsh_matmul(a, b))
RUN(exp, torsh_exp(a))
RUN(log, torsh_log(a))
RUN(tanh, torsh_tanh(a))
RUN(sin, torsh_sin(a))
RUN(erf, torsh_erf(a))
RUN(pow, torsh_pow(a, b))
RUN(sigmoid, torsh_sigmoid(a))
RUN(gelu, torsh_gelu(a))
RUN(sum, torsh_sum(a, TORSH_ALL_DIMS, false))
RUN(softmax, torsh_softmax(a, 1))
RUN(layer_norm, torsh_layer_norm(a, TORSH_DIMS(1024), b, c, 1e-5))
RUN(var, torsh_var(a, TORSH_DIMS(1), 1, false))
RUN(where, torsh_where(c, a, b))
RUN(cumsum, torsh_cumsum(a, 0))
RUN(argmax, torsh_argmax(a, TORSH_ALL_DIMS, false))

static void run_transpose(void)
{
    torsh_tensor view = torsh_transpose(a, 0, 1);
    torsh_release(torsh_contiguous(view));
    torsh_release(view);
}

static void run_tiny_linear(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_backward(torsh_sum(torsh_relu(torsh_nn_forward(model, a)), TORSH_ALL_DIMS, false));
}

static void run_step(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_optim_zero_grad(optimizer);
    torsh_backward(torsh_cross_entropy(torsh_nn_forward(model, a), target, NULL));
    torsh_optim_step(optimizer);
}

static void run_adam(void)
{
    torsh_optim_step(optimizer);
}

static const struct {
    const char *name;
    void (*setup)(void);
    void (*run)(void);
    bool grad;
} cases[] = {
    {"add 1", one_element, run_add, false},
    {"mul 1 grad", one_element_grad, run_mul, true},
    {"linear+relu+sum fwd+bwd", tiny_linear, run_tiny_linear, true},
    {"sgemm 256", square_256, run_matmul, false},
    {"sgemm 1024", square_1024, run_matmul, false},
    {"dgemm 1024", square_1024_f64, run_matmul, false},
    {"exp 1M", million, run_exp, false},
    {"log 1M", million, run_log, false},
    {"tanh 1M", million, run_tanh, false},
    {"sin 1M", million, run_sin, false},
    {"erf 1M", million, run_erf, false},
    {"pow 1M", million, run_pow, false},
    {"sigmoid 1M", million, run_sigmoid, false},
    {"gelu 1M", million, run_gelu, false},
    {"add 1M", million, run_add, false},
    {"sum 1M", million, run_sum, false},
    {"softmax 512x1024", rows, run_softmax, false},
    {"layer_norm 512x1024", rows, run_layer_norm, false},
    {"transpose copy 2048", square_2048, run_transpose, false},
    {"var dim 1 of 2048x2048", square_2048, run_var, false},
    {"where 1M", million, run_where, false},
    {"cumsum 1M", million, run_cumsum, false},
    {"argmax 1M", million, run_argmax, false},
    {"MLP step", mlp, run_step, true},
    {"CNN step", cnn, run_step, true},
    {"Adam 8M", adam_8m, run_adam, true},
};

/* ---- timing -------------------------------------------------------------------------------------------------- */

static int compare_doubles(const void *x, const void *y)
{
    double d = *(const double *)x - *(const double *)y;
    return (d > 0) - (d < 0);
}

/* Median over batches long enough for the clock, for about `budget` ns in all. */
static double time_case(void (*run)(void), double budget)
{
    static double samples[MOST_SAMPLES];
    run();
    double start = now();
    run();
    double once = now() - start;
    int batch = once > 20000 ? 1 : (int)(20000 / (once > 20 ? once : 20)) + 1, count = 0;
    double end = now() + budget;
    do {
        start = now();
        for (int i = 0; i < batch; i++) run();
        samples[count++] = (now() - start) / batch;
    } while (now() < end && count < MOST_SAMPLES);
    qsort(samples, (size_t)count, sizeof *samples, compare_doubles);
    return samples[count / 2];
}

static double measure(size_t i, double budget)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_manual_seed(1);
    cases[i].setup();
    double result;
    if (cases[i].grad) {
        result = time_case(cases[i].run, budget);
    } else {
        TORSH_AUTO torsh_scope mode = torsh_no_grad();
        result = time_case(cases[i].run, budget);
    }
    return result;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--first-op") == 0) { /* start to first op, for the clock of the caller */
        torsh_tensor x = torsh_ones(TORSH_DIMS(2), TORSH_F32, TORSH_CPU), y = torsh_add(x, x);
        double value = torsh_item(torsh_sum(y, TORSH_ALL_DIMS, false));
        printf("%g\n", value);
        return value == 4 ? 0 : 1;
    }
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        int threads;
        double budget = 0.15e9, result = NAN;
        if (sscanf(line, "threads %d", &threads) == 1) {
            torsh_set_num_threads(threads);
            continue;
        }
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            if (strcmp(cases[i].name, line) == 0) result = measure(i, budget);
        printf("%.3f\n", result);
        fflush(stdout);
    }
    return 0;
}
