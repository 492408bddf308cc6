/* Where the largest and smallest elements are: rows, or blocks of columns where the dim is not the last. A long row is cut into
 * segments of fixed size, whose winners meet at the end. */
#include "extreme.h"
#include "axis.h"
#include "extreme_kernels.h"

#include <string.h>

enum way { MAX, MIN };
static const enum way largest = MAX, smallest = MIN;

typedef struct job {
    torsh__extreme_loops loops;
    torsh__axis axis;
    int64_t size;
    int64_t batch;             /* rows of a piece */
    int64_t segments, segment; /* of a row; elements of one */
    int64_t blocks;            /* of columns, per outer index */
    const char *x;
    char *values;              /* [row][segment] */
    int64_t *indices;
} job;

static void rows_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t last = (i + 1) * j->batch, all = j->axis.outer * j->segments;
    for (int64_t k = i * j->batch; k < last && k < all; k++) {
        int64_t row = k / j->segments, from = k % j->segments * j->segment, n = j->axis.n - from < j->segment ? j->axis.n - from : j->segment;
        j->loops.row(n, j->x + (row * j->axis.n + from) * j->size, j->values + k * j->size, &j->indices[k], from);
    }
}

static void columns_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t outer = i / j->blocks, first = i % j->blocks * TORSH__EXTREME_COLUMNS, inner = j->axis.inner;
    int64_t width = inner - first < TORSH__EXTREME_COLUMNS ? inner - first : TORSH__EXTREME_COLUMNS, at = outer * inner + first;
    j->loops.columns(j->axis.n, width, inner, j->x + (outer * j->axis.n * inner + first) * j->size, j->values + at * j->size, &j->indices[at]);
}

/* The winner among the segments of each row. */
static void join_segments(const job *j, char *values, int64_t *indices)
{
    for (int64_t row = 0; row < j->axis.outer; row++) {
        int64_t at;
        j->loops.row(j->segments, j->values + row * j->segments * j->size, values + row * j->size, &at, 0);
        indices[row] = j->indices[row * j->segments + at];
    }
}

static torsh_status rows(job *j, char *values, int64_t *indices)
{
    j->segment = TORSH__GRAIN * 2;
    j->segments = (j->axis.n + j->segment - 1) / j->segment;
    j->batch = j->axis.n < TORSH__GRAIN ? TORSH__GRAIN / j->axis.n : 1;
    int64_t all = j->axis.outer * j->segments;
    size_t bytes = (size_t)all * (size_t)(j->size + 8);
    char *scratch = NULL;
    j->values = values;
    j->indices = indices;
    if (j->segments > 1) {
        scratch = torsh__alloc(bytes);
        if (!scratch) return TORSH_OUT_OF_MEMORY;
        j->indices = (int64_t *)(void *)scratch;
        j->values = scratch + all * 8;
    }
    torsh__parallel((all + j->batch - 1) / j->batch, rows_piece, j);
    if (!scratch) return TORSH_OK;
    join_segments(j, values, indices);
    torsh__free(scratch, bytes);
    return TORSH_OK;
}

static torsh__axis axis_of_launch(const torsh_launch *launch)
{
    const torsh_operand *in = launch->input[0];
    if (launch->op->params[1].kind == TORSH_PARAM_INT) return torsh__axis_of(in, launch->values[1].i);
    if (launch->values[1].list.count == 0) return (torsh__axis){1, in->numel, 1};
    return torsh__axis_of(in, *(const int64_t *)launch->values[1].list.data);
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    const torsh_operand *in = launch->input[0], *place = launch->output[launch->outputs - 1];
    const torsh__extreme_table *table = TORSH__ISA_PICK(torsh__extreme);
    torsh_dtype dtype = torsh__loop_dtype(in->dtype);
    job j = {.loops = (*(const enum way *)data == MAX ? table->max : table->min)[dtype], .axis = axis_of_launch(launch), .size = torsh__dtypes[dtype].size};
    if (!j.loops.row) j.loops = (*(const enum way *)data == MAX ? TORSH__ISA_NARROW(torsh__extreme)->max : TORSH__ISA_NARROW(torsh__extreme)->min)[dtype];
    if (place->numel == 0) return TORSH_OK;
    torsh__dense x, values = {0};
    if (!torsh__dense_in(&x, in, dtype)) return TORSH_OUT_OF_MEMORY;
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (launch->outputs > 1) {
        if (!torsh__dense_out(&values, launch->output[0], dtype)) goto done;
    } else {
        values.bytes = (size_t)(place->numel * j.size);
        values.data = values.scratch = torsh__alloc(values.bytes);
        if (!values.data) goto done;
    }
    j.x = x.data;
    if (j.axis.inner == 1) {
        status = rows(&j, values.data, (int64_t *)(void *)torsh__operand_data(place));
    } else {
        j.values = values.data;
        j.indices = (int64_t *)(void *)torsh__operand_data(place);
        j.blocks = (j.axis.inner + TORSH__EXTREME_COLUMNS - 1) / TORSH__EXTREME_COLUMNS;
        torsh__parallel(j.axis.outer * j.blocks, columns_piece, &j);
        status = TORSH_OK;
    }
    if (status == TORSH_OK && launch->outputs > 1) torsh__dense_store(&values, launch->output[0]);
done:
    torsh__dense_done(&values);
    torsh__dense_done(&x);
    return status;
}

const torsh__cpu_kernel torsh__cpu_extreme_kernels[] = {
    {"argmax", {run, &largest}}, {"argmin", {run, &smallest}}, {"max_dim", {run, &largest}}, {"min_dim", {run, &smallest}}, {NULL, {NULL, NULL}},
};
