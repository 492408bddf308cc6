/* What the generated misuse program calls: good arguments, and the judging of what came back. */
#include <torsh/torsh.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static torsh_tensor tensor, leaf_tensor, complex_tensor, bool_tensor, empty_tensor, scalar_tensor, tensors[2], stale_tensors[2];
static uint64_t stale;
static const int64_t numbers[4] = {1, 1, 1, 1}, bad_numbers[4] = {-3, INT64_MAX, 0, INT64_MIN};
static const double doubles[4] = {0.5, 0.5, 0.5, 0.5};
static const char *const names[2] = {"a", "b"}, *const no_names[2] = {NULL, NULL};
static char long_text[10000];
static _Alignas(64) char room[65536]; /* for raw memory and for results */
static int failures;
static const char *current;
static char folder[] = "/tmp/torsh-misuse-XXXXXX";

static torsh_tensor forward(torsh_module self, const torsh_tensor *inputs, size_t count, void *user)
{
    (void)self, (void)user;
    return count ? inputs[0] : (torsh_tensor){0};
}

static torsh_status function_forward(torsh_function_context *context, const torsh_tensor *inputs, size_t count, torsh_tensor *outputs)
{
    /* questions about things that aren't there */
    torsh_function_saved(context, 3);
    torsh_function_mark_dirty(context, 99);
    torsh_function_mark_non_differentiable(context, 99);
    torsh_function_needs(context, 99);
    torsh_function_save(context, stale_tensors, 2);
    if (count) outputs[0] = inputs[0];
    return TORSH_OK;
}

static torsh_status function_backward(torsh_function_context *context, const torsh_tensor *grad_outputs, torsh_tensor *grad_inputs)
{
    torsh_function_saved(context, 99);
    grad_inputs[0] = grad_outputs[0];
    return TORSH_OK;
}

static const torsh_module_class good_module_class = {"Net", forward, NULL};
static const torsh_autograd_function good_autograd_function = {"twice", 1, function_forward, function_backward, NULL};

/* A wrong call may have changed what an earlier one used: fresh ones, in the innermost scope. */
static void remake_tensors(void)
{
    tensor = torsh_full(TORSH_DIMS(2, 2), 0.5, TORSH_F32, TORSH_CPU);
    leaf_tensor = torsh_full(TORSH_DIMS(2, 2), 0.5, TORSH_F32, TORSH_CPU);
    torsh_set_requires_grad(leaf_tensor, true);
    complex_tensor = torsh_ones(TORSH_DIMS(2, 2), TORSH_C64, TORSH_CPU);
    bool_tensor = torsh_ones(TORSH_DIMS(2, 2), TORSH_BOOL, TORSH_CPU);
    empty_tensor = torsh_ones(TORSH_DIMS(0, 2), TORSH_F32, TORSH_CPU);
    scalar_tensor = torsh_ones(TORSH_NO_DIMS, TORSH_I64, TORSH_CPU);
    tensors[0] = tensors[1] = tensor;
    stale_tensors[0] = tensor;
    stale_tensors[1] = (torsh_tensor){stale};
}

/* A wrong call may have changed what holds for the thread or the process. Little memory, so that wild sizes fail at once. */
static void restore(void)
{
    torsh_set_memory_limit(TORSH_CPU, 64 << 20);
    torsh_set_default_dtype(TORSH_F32);
    torsh_set_num_threads(2);
    torsh_set_print_options(NULL);
}

static void prepare(void)
{
    memset(long_text, 'x', sizeof long_text - 1);
    if (!mkdtemp(folder) || chdir(folder) != 0) exit(1);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    setrlimit(RLIMIT_AS, &(struct rlimit){(rlim_t)4 << 30, (rlim_t)4 << 30});
#endif
    torsh_tensor gone = torsh_ones(TORSH_DIMS(2), TORSH_F32, TORSH_CPU);
    stale = gone.id;
    torsh_release(gone);
    restore();
}

static void announce(const char *name)
{
    current = name;
    if (getenv("TORSH_MISUSE_VERBOSE")) fprintf(stderr, "%s\n", name);
}

/* The test is worth nothing if its good arguments aren't. Some calls may spoil them for good reasons, such as a memory limit of 0. */
static void check_good(const uint64_t *ids, int count)
{
    for (int i = 0; i < count; i++) {
        if (torsh_id_status(ids[i]) == TORSH_OK) continue;
        if (torsh_id_status(ids[i]) == TORSH_OUT_OF_MEMORY) {
            restore();
            continue;
        }
        fprintf(stderr, "in %s: good argument %d is none: %s\n", current, i, torsh_id_error(ids[i]));
        failures++;
    }
}

static inline void refused(const char *name, uint64_t id)
{
    if (torsh_id_status(id) != TORSH_OK) return;
    fprintf(stderr, "%s took a bad argument\n", name);
    failures++;
}

static inline void refused_status(const char *name, torsh_status status)
{
    if (status != TORSH_OK) return;
    fprintf(stderr, "%s took a bad argument\n", name);
    failures++;
}

static int finish(int functions, int calls)
{
    int64_t left = torsh_live_handles();
    if (left) fprintf(stderr, "%lld handles are left\n", (long long)left);
    unlink("x");
    if (chdir("/") == 0) rmdir(folder);
    printf("%d functions, %d wrong calls, %d accepted a bad argument\n", functions, calls, failures);
    return failures || left ? 1 : 0;
}
