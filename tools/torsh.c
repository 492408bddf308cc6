/* The `torsh` command: what this build of the library is and can do. Exit codes: 0 done, 1 it failed, 2 wrong usage. */
#include "build_info.h"

#include <torsh/tools.h>
#include <torsh/core.h>
#include <torsh/ops/linalg.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DONE = 0, FAILED = 1, USAGE = 2 };

static const char help[] = "usage: torsh <command>\n"
                           "\n"
                           "  info                what this build is made of, and the devices, threads and memory it finds\n"
                           "  ops [--json] [name] all ops, or one: parameters, dtypes, variants, gradient\n"
                           "  --help, -h          this text\n"
                           "  --version, -V       the version\n"
                           "\n"
                           "Exit codes: 0 done, 1 failed, 2 wrong usage. More in torsh(1).\n";

/* ---- info ---------------------------------------------------------------------------------------------------- */

static void print_cpu(void)
{
    printf("  kernels     %s (built: %s)\n", torsh_cpu_capability(), TORSH_BUILD_KERNELS);
#if defined(__x86_64__)
    __builtin_cpu_init();
    printf("  features   ");
#define SHOW(feature) if (__builtin_cpu_supports(feature)) printf(" %s", feature)
    SHOW("sse4.2");
    SHOW("avx");
    SHOW("avx2");
    SHOW("fma");
    SHOW("bmi2");
    SHOW("avx512f");
    SHOW("avx512bw");
    SHOW("avx512dq");
    SHOW("avx512vl");
    SHOW("avx512vnni");
    SHOW("avx512bf16");
#undef SHOW
    printf("\n");
#endif
    printf("  threads     %d\n", torsh_num_threads());
}

static void print_devices(void)
{
    static const struct { torsh_device first; const char *kind; } kinds[] = {
        {TORSH_CPU, "cpu"}, {TORSH_CUDA(0), "cuda"}, {TORSH_WEBGPU(0), "webgpu"}, {TORSH_METAL, "metal"}};
    printf("devices\n");
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        int count = torsh_device_count(kinds[k].first);
        if (count < 1) printf("  %-11s none: %s\n", kinds[k].kind, torsh_last_error());
        for (int i = 0; i < count; i++) {
            char text[256];
            if (torsh_device_describe(kinds[k].first + i, text, sizeof text) != TORSH_OK) snprintf(text, sizeof text, "%s", torsh_last_error());
            printf("  %-11s %s\n", torsh_device_name(kinds[k].first + i), text);
        }
    }
}

static int info(void)
{
    printf("torsh %s (%s, %s)\n", torsh_version(), TORSH_BUILD_TYPE, TORSH_BUILD_COMPILER);
    printf("cpu\n");
    print_cpu();
    printf("libraries\n");
    printf("  dense work  %s\n", TORSH_BUILD_ONEDNN);
    printf("  JSON        %s\n", TORSH_BUILD_JANSSON);
    printf("  gzip        %s\n", TORSH_BUILD_ZLIB);
    const char *lapack = torsh_lapack_library();
    printf("  LAPACK      %s\n", lapack ? lapack : torsh_last_error());
    print_devices();
    double page = (double)sysconf(_SC_PAGESIZE) / (1 << 30);
    printf("memory\n  system      %.1f GiB, %.1f GiB free\n", page * (double)sysconf(_SC_PHYS_PAGES), page * (double)sysconf(_SC_AVPHYS_PAGES));
    torsh_memory stats;
    if (torsh_memory_stats(TORSH_CPU, &stats) != TORSH_OK) {
        fprintf(stderr, "torsh: %s\n", torsh_last_error());
        return FAILED;
    }
    if (stats.limit == INT64_MAX) printf("  limit       none\n");
    else printf("  limit       %.1f GiB\n", (double)stats.limit / (1 << 30));
    return DONE;
}

/* ---- ops ----------------------------------------------------------------------------------------------------- */

static const char *const kinds[] = {"pointwise", "reduction", "structured", "view", "composite"};
static const char *const param_kinds[] = {"tensor", "tensor?", "tensors", "int", "double", "bool", "ints", "dtype", "device", "text", "generator?", "doubles"};
_Static_assert(sizeof param_kinds / sizeof *param_kinds == TORSH_PARAM_DOUBLES + 1, "each kind of parameter has a name");

static void print_dtypes(unsigned set, const char *before, const char *between)
{
    for (int dtype = 0; dtype < TORSH_DTYPE_COUNT; dtype++)
        if (set >> dtype & 1) {
            printf("%s%s", before, torsh_dtype_name((torsh_dtype)dtype));
            before = between;
        }
}

static void print_text(const torsh_op_entry *op)
{
    printf("%s(", op->function);
    for (int i = 0; i < op->info->param_count; i++)
        printf("%s%s %s", i ? ", " : "", param_kinds[op->info->params[i].kind], op->info->params[i].name);
    printf(")\n    %s", kinds[op->info->kind]);
    if (op->plain && op->in_place) printf(", %s_", op->function);
    if (!op->plain) printf(", in place only");
    if (op->out) printf(", %s_out", op->function);
    printf(op->differentiable ? ", differentiable" : ", no gradient");
    if (op->random) printf(", random");
    if (op->info->outputs != 1) printf(", %d results", op->info->outputs);
    print_dtypes(op->info->dtypes, "\n    ", " ");
    if (op->info->to_bool) printf(" -> bool");
    if (op->info->value) printf("\n    %s", op->info->value);
    printf("\n");
}

static void print_quoted(const char *text)
{
    putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static void print_json(const torsh_op_entry *op)
{
    printf("{\"name\": \"%s\", \"function\": \"%s\", \"kind\": \"%s\", \"params\": [", op->info->name, op->function, kinds[op->info->kind]);
    for (int i = 0; i < op->info->param_count; i++)
        printf("%s{\"kind\": \"%s\", \"name\": \"%s\"}", i ? ", " : "", param_kinds[op->info->params[i].kind], op->info->params[i].name);
    printf("], \"results\": %d, \"dtypes\": [", op->info->outputs);
    print_dtypes(op->info->dtypes, "\"", "\", \"");
    printf("%s], \"bool_result\": %s, ", op->info->dtypes ? "\"" : "", op->info->to_bool ? "true" : "false");
    printf("\"plain\": %s, \"in_place\": %s, \"out\": %s, ", op->plain ? "true" : "false", op->in_place ? "true" : "false", op->out ? "true" : "false");
    printf("\"differentiable\": %s, \"random\": %s", op->differentiable ? "true" : "false", op->random ? "true" : "false");
    if (op->info->value) {
        printf(", \"value\": ");
        print_quoted(op->info->value);
    }
    printf("}");
}

static int ops(const char *name, bool json)
{
    torsh_op_entry op;
    if (name) {
        if (torsh_op_by_name(name, &op) != TORSH_OK) {
            fprintf(stderr, "torsh: %s\n", torsh_last_error());
            return FAILED;
        }
        (json ? print_json : print_text)(&op);
        if (json) printf("\n");
        return DONE;
    }
    int64_t count = torsh_op_count();
    for (int64_t i = 0; i < count && torsh_op_at(i, &op) == TORSH_OK; i++) {
        if (json) printf(i ? ",\n " : "[");
        (json ? print_json : print_text)(&op);
    }
    if (json) printf("]\n");
    return DONE;
}

/* ---- the command line ---------------------------------------------------------------------------------------- */

static int wrong(const char *what, const char *argument)
{
    fprintf(stderr, "torsh: %s%s%s%s\nTry 'torsh --help'.\n", what, argument ? " '" : "", argument ? argument : "", argument ? "'" : "");
    return USAGE;
}

static int ops_command(int count, char **arguments)
{
    bool json = false;
    const char *name = NULL;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "--json") == 0) json = true;
        else if (arguments[i][0] == '-') return wrong("unknown option", arguments[i]);
        else if (name) return wrong("one op at a time; unexpected", arguments[i]);
        else name = arguments[i];
    }
    return ops(name, json);
}

static int run(int count, char **arguments)
{
    const char *command = count > 1 ? arguments[1] : NULL;
    if (!command) return wrong("a command is missing", NULL);
    if (strcmp(command, "ops") == 0) return ops_command(count - 2, arguments + 2);
    bool is_help = strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0;
    bool is_version = strcmp(command, "--version") == 0 || strcmp(command, "-V") == 0;
    if (!is_help && !is_version && strcmp(command, "info") != 0) return wrong("unknown command", command);
    if (count > 2) return wrong("unexpected", arguments[2]);
    if (is_help) fputs(help, stdout);
    else if (is_version) printf("torsh %s\n", torsh_version());
    else return info();
    return DONE;
}

int main(int count, char **arguments)
{
    int code = run(count, arguments);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("torsh: standard output");
        return FAILED;
    }
    return code;
}
