/* Kernels of the optimizer rows: finds contiguous f32 or f64 arrays for the loops of optim_kernels.c. Complex numbers are two
 * reals each, as in PyTorch; 16-bit floats and strided tensors go through copies. */
#include "alloc.h"
#include "families.h"
#include "optim_kernels.h"

#include <math.h>
#include <string.h>

enum { MOST_TENSORS = 5 };

/* One step: the tensors of the row, the parameter first, as contiguous arrays. */
typedef struct step {
    int count;
    bool wide; /* f64 */
    char *data[MOST_TENSORS]; /* NULL where absent */
    void *scratch[MOST_TENSORS];
    size_t bytes[MOST_TENSORS];
    int64_t numel;
    const torsh__optim_kernels *kernels;
    union {
        torsh__sgd_numbers sgd;
        torsh__adam_numbers adam;
    } with;
} step;

static char *at(const step *s, int i, int64_t element)
{
    return s->data[i] ? s->data[i] + element * (s->wide ? 8 : 4) : NULL;
}

static int64_t piece_size(const step *s, int64_t i)
{
    int64_t left = s->numel - i * TORSH__GRAIN;
    return left < TORSH__GRAIN ? left : TORSH__GRAIN;
}

static void sgd_piece(void *context, int64_t i)
{
    const step *s = context;
    int64_t n = piece_size(s, i), from = i * TORSH__GRAIN;
    void *p = at(s, 0, from), *g = at(s, 1, from), *b = at(s, 2, from);
    if (s->wide) s->kernels->sgd_f64(&s->with.sgd, n, p, g, b);
    else s->kernels->sgd_f32(&s->with.sgd, n, p, g, b);
}

static void adam_piece(void *context, int64_t i)
{
    const step *s = context;
    int64_t n = piece_size(s, i), from = i * TORSH__GRAIN;
    void *p = at(s, 0, from), *g = at(s, 1, from), *m = at(s, 2, from), *v = at(s, 3, from), *most = at(s, 4, from);
    if (s->wide) s->kernels->adam_f64(&s->with.adam, n, p, g, m, v, most);
    else s->kernels->adam_f32(&s->with.adam, n, p, g, m, v, most);
}

/* The dtype of the arrays for a parameter's. */
static torsh_dtype array_dtype(torsh_dtype dtype)
{
    return dtype == TORSH_F16 || dtype == TORSH_BF16 ? TORSH_F32 : dtype;
}

static torsh_status run(const torsh_launch *launch, step *s, torsh__piece *piece)
{
    torsh_dtype dtype = array_dtype(launch->compute);
    bool complex = torsh__dtypes[dtype].category == TORSH__COMPLEX, ok = true;
    s->count = launch->inputs;
    s->wide = dtype == TORSH_F64 || dtype == TORSH_C128;
    s->numel = launch->input[0]->numel * (complex ? 2 : 1);
    s->kernels = TORSH__ISA_PICK(torsh__optim);
    for (int i = 0; i < s->count && ok; i++) {
        const torsh_operand *o = launch->input[i];
        s->data[i] = o ? (char *)(uintptr_t)torsh__operand_dense(o, dtype, &s->scratch[i], &s->bytes[i]) : NULL;
        ok = !o || s->data[i];
    }
    if (ok) torsh__parallel((s->numel + TORSH__GRAIN - 1) / TORSH__GRAIN, piece, s);
    for (int i = 0; i < s->count; i++) {
        if (ok && s->scratch[i] && i != 1) torsh__operand_store(launch->input[i], dtype, s->scratch[i]); /* all but the gradient */
        torsh__free(s->scratch[i], s->bytes[i]);
    }
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

static torsh_status run_sgd(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_value *v = launch->values;
    step s = {.with.sgd = {.lr = v[3].f, .momentum = v[4].f, .dampening = v[5].f, .weight_decay = v[6].f, .nesterov = v[7].i != 0,
                           .maximize = v[8].i != 0, .first = v[9].i != 0}};
    return run(launch, &s, sgd_piece);
}

static torsh_status run_adam(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_value *v = launch->values;
    double number = (double)v[5].i, lr = v[6].f, beta1 = v[7].f, beta2 = v[8].f, weight_decay = v[9].f;
    bool decoupled = v[11].i != 0;
    step s = {.with.adam = {.beta1 = beta1, .beta2 = beta2, .eps = v[10].f, .step_size = lr / (1 - pow(beta1, number)),
                            .root = 1 / sqrt(1 - pow(beta2, number)), .decay = decoupled ? 1 - lr * weight_decay : 1,
                            .weight_decay = decoupled ? 0 : weight_decay, .maximize = v[12].i != 0}};
    return run(launch, &s, adam_piece);
}

const torsh__cpu_kernel torsh__cpu_optim_kernels[] = {
    {"fused_sgd_", {run_sgd, NULL}},
    {"fused_adam_", {run_adam, NULL}},
    {NULL, {NULL, NULL}},
};
