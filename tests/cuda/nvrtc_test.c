/* Every pointwise and reduction row, in every dtype, printed as CUDA and compiled by NVRTC. No GPU is needed. Skipped where there is
 * no NVRTC: it is looked for in TORSH_NVRTC_LIBRARY, on the loader's path and in /usr/local/cuda. */
#include "cuda.h"
#include "op.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct nvrtc_program *program;
static struct {
    int (*create)(program *, const char *source, const char *name, int headers, const char *const *header_texts, const char *const *header_names);
    int (*compile)(program, int options, const char *const *option);
    int (*log_size)(program, size_t *);
    int (*log)(program, char *);
    int (*destroy)(program *);
} nvrtc;

static void *find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol); /* ISO C has no cast from an object to a function pointer */
    return symbol;
}

static bool open_nvrtc(void)
{
    const char *paths[] = {getenv("TORSH_NVRTC_LIBRARY"), "libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "/usr/local/cuda/lib64/libnvrtc.so"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        void *library = paths[i] ? dlopen(paths[i], RTLD_NOW) : NULL;
        if (library && find(library, "nvrtcCreateProgram", &nvrtc.create) && find(library, "nvrtcCompileProgram", &nvrtc.compile) &&
            find(library, "nvrtcGetProgramLogSize", &nvrtc.log_size) && find(library, "nvrtcGetProgramLog", &nvrtc.log) &&
            find(library, "nvrtcDestroyProgram", &nvrtc.destroy))
            return true;
    }
    return false;
}

static bool compile(const char *name, const char *source)
{
    static const char *const options[] = {"--gpu-architecture=compute_80", "--std=c++17", "--device-debug"}; /* unoptimised: a tenth of the time */
    program p;
    if (nvrtc.create(&p, source, name, 0, NULL, NULL) != 0) return false;
    bool good = nvrtc.compile(p, 3, options) == 0;
    if (!good) {
        static char log[4000];
        size_t size = 0;
        nvrtc.log_size(p, &size);
        char *text = malloc(size + 1);
        nvrtc.log(p, text);
        snprintf(log, sizeof log, "%.900s", text);
        free(text);
        print_error("%s: %s\n", name, log);
    }
    nvrtc.destroy(&p);
    return good;
}

/* All rows of a dtype are one program: the prelude takes most of the time. */
static void compile_dtype(torsh_dtype dtype, int *pointwise, int *reductions)
{
    enum { SIZE = 1 << 20 };
    char *text = malloc(SIZE);
    gpu_text out = {text, SIZE, 0, false};
    torsh__gpu_cuda_prelude(&out, dtype);
    for (int i = 0; torsh__ops[i]; i++) {
        const torsh_op_info *op = &torsh__ops[i]->info;
        if (!(op->dtypes >> dtype & 1)) continue;
        if (op->kind == TORSH_OP_POINTWISE) {
            torsh__gpu_cuda_pointwise(&out, op, dtype);
            ++*pointwise;
        }
        if (op->kind == TORSH_OP_REDUCTION) {
            torsh__gpu_cuda_reduction(&out, op, dtype);
            ++*reductions;
        }
    }
    assert_false(out.full);
    bool good = compile(torsh_dtype_name(dtype), text);
    free(text);
    assert_true(good);
}

static void every_row(void **context)
{
    (void)context;
    int pointwise = 0, reductions = 0;
    for (int d = 0; d < TORSH_DTYPE_COUNT; d++) compile_dtype((torsh_dtype)d, &pointwise, &reductions);
    print_message("%d of pointwise row x dtype and %d of reduction row x dtype compiled\n", pointwise, reductions);
    assert_true(pointwise > 500 && reductions > 100);
}

int main(void)
{
    if (!open_nvrtc()) {
        printf("skipped: no libnvrtc (set TORSH_NVRTC_LIBRARY)\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row)};
    return cmocka_run_group_tests_name("nvrtc", tests, NULL, NULL);
}
