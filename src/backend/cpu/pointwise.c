/* Runs a pointwise row: picks the loop of its compute dtype and walks the operands with it. */
#include "pointwise.h"
#include "iterate.h"
#include "pointwise_kernels.h"

#include <stdlib.h>
#include <string.h>

typedef struct row {
    const char *name;
    int index;
    bool masked;
} row;

static const row rows[] = {
#define PLAIN(name) {#name, TORSH__ROW_##name, false},
#define UNARY(name, ...) PLAIN(name)
#define UNARY1(name, ...) PLAIN(name)
#define UNARY2(name, ...) PLAIN(name)
#define UNARY3(name, ...) PLAIN(name)
#define BINARY(name, ...) PLAIN(name)
#define INTERNAL_BINARY(name, ...) PLAIN(name)
#define TERNARY(name, ...) PLAIN(name)
#define TERNARY1(name, ...) PLAIN(name)
#define MASKED(name, ...) {#name, TORSH__ROW_##name, true},
#include "pointwise.def"
#include "pointwise_undef.h"
};

typedef struct job {
    torsh__pointwise_loop *loop;
    int inputs;
    double attributes[3];
} job;

static void chunk(void *context, int64_t n, void *const *data)
{
    const job *j = context;
    j->loop(n, data[0], data[1], j->inputs > 1 ? data[2] : NULL, j->inputs > 2 ? data[3] : NULL, j->attributes);
}

static void read_attributes(const torsh_launch *launch, double *attributes)
{
    int count = 0;
    for (int i = 0; i < launch->op->param_count && count < 3; i++)
        if (launch->op->params[i].kind == TORSH_PARAM_DOUBLE) attributes[count++] = launch->values[i].f;
    while (count < 3) attributes[count++] = 0;
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    const row *r = data;
    torsh_dtype compute = launch->compute;
    if (compute == TORSH_F16 || compute == TORSH_BF16) compute = TORSH_F32;
    job j = {.loop = TORSH__ISA_PICK(torsh__pointwise)->loop[r->index][compute], .inputs = launch->inputs};
    if (!j.loop) return torsh__fail(TORSH_UNSUPPORTED, "%s: no cpu kernel for dtype %s", launch->op->name, torsh_dtype_name(launch->compute));
    read_attributes(launch, j.attributes);
    const torsh_operand *operands[4] = {launch->output[0]};
    torsh_dtype dtypes[4] = {launch->op->to_bool ? TORSH_BOOL : compute, compute, compute, compute};
    for (int i = 0; i < launch->inputs; i++) operands[i + 1] = launch->input[i];
    if (r->masked) dtypes[1] = TORSH_BOOL;
    torsh__iterate(1, launch->inputs, operands, dtypes, chunk, &j);
    return TORSH_OK;
}

torsh_kernel torsh__cpu_pointwise(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0) return (torsh_kernel){run, &rows[i]};
    return (torsh_kernel){NULL, NULL};
}
