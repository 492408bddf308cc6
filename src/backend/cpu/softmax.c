/* softmax, log_softmax and their gradients along one dim: cuts the work into rows, or blocks of columns where the dim is not
 * the last. */
#include "softmax.h"
#include "axis.h"
#include "softmax_kernels.h"

enum form { SOFTMAX, LOG_SOFTMAX };
static const enum form softmax_form = SOFTMAX, log_softmax_form = LOG_SOFTMAX;

typedef struct job {
    const torsh__softmax_loops *loops;
    torsh__axis axis;
    bool log;
    int64_t size;  /* bytes of an element */
    int64_t batch; /* rows of a piece */
    int64_t blocks; /* of columns, per outer index */
    const char *a, *b; /* x; or g and y */
    char *to;
} job;

static void rows_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t first = i * j->batch, rows = j->axis.outer - first < j->batch ? j->axis.outer - first : j->batch;
    int64_t at = first * j->axis.n * j->size;
    if (j->b) j->loops->rows_backward(rows, j->axis.n, j->a + at, j->b + at, j->to + at, j->log);
    else j->loops->rows(rows, j->axis.n, j->a + at, j->to + at, j->log);
}

static void columns_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t first = i % j->blocks * TORSH__SOFTMAX_COLUMNS, inner = j->axis.inner;
    int64_t width = inner - first < TORSH__SOFTMAX_COLUMNS ? inner - first : TORSH__SOFTMAX_COLUMNS;
    int64_t at = (i / j->blocks * j->axis.n * inner + first) * j->size;
    if (j->b) j->loops->columns_backward(j->axis.n, width, inner, j->a + at, j->b + at, j->to + at, j->log);
    else j->loops->columns(j->axis.n, width, inner, j->a + at, j->to + at, j->log);
}

static void work(job *j)
{
    if (j->axis.inner == 1) {
        j->batch = j->axis.n < TORSH__GRAIN / 2 ? TORSH__GRAIN / 2 / (j->axis.n ? j->axis.n : 1) : 1;
        torsh__parallel((j->axis.outer + j->batch - 1) / j->batch, rows_piece, j);
    } else {
        j->blocks = (j->axis.inner + TORSH__SOFTMAX_COLUMNS - 1) / TORSH__SOFTMAX_COLUMNS;
        torsh__parallel(j->axis.outer * j->blocks, columns_piece, j);
    }
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    const torsh_operand *out = launch->output[0];
    torsh_dtype dtype = torsh__loop_dtype(launch->compute);
    const torsh__softmax_table *table = TORSH__ISA_PICK(torsh__softmax);
    int last = launch->op->param_count - 1; /* dim */
    job j = {.loops = dtype == TORSH_F32 ? &table->f32 : &table->f64,
             .axis = torsh__axis_of(out, launch->values[last].i),
             .log = *(const enum form *)data == LOG_SOFTMAX,
             .size = torsh__dtypes[dtype].size};
    if (out->numel == 0) return TORSH_OK;
    torsh__dense a, b = {0}, to = {0};
    bool ready = torsh__dense_in(&a, launch->input[0], dtype) && torsh__dense_in(&b, launch->inputs > 1 ? launch->input[1] : NULL, dtype) &&
                 torsh__dense_out(&to, out, dtype);
    if (ready) {
        j.a = a.data;
        j.b = b.data;
        j.to = to.data;
        work(&j);
        torsh__dense_store(&to, out);
    }
    torsh__dense_done(&a);
    torsh__dense_done(&b);
    return ready ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_softmax_kernels[] = {
    {"softmax", {run, &softmax_form}},
    {"log_softmax", {run, &log_softmax_form}},
    {"softmax_backward", {run, &softmax_form}},
    {"log_softmax_backward", {run, &log_softmax_form}},
    {NULL, {NULL, NULL}},
};
