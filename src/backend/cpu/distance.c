/* Euclidean distances between all rows of two matrices, where they are few or pairs (ops/distance.c has the product of matrices). */
#include "axis.h"
#include "families.h"
#include "moments_kernels.h"

#include <math.h>

typedef struct job {
    torsh_dtype dtype;
    int64_t p, r, m; /* rows of each side, elements of a row */
    bool pairs;
    const char *a, *b;
    char *y;
    double (*loop)(int64_t n, const void *x, const void *y);
} job;

/* One row of a with all of b, or with those after it. */
static void one_row(void *context, int64_t row)
{
    const job *j = context;
    int64_t batch = row / j->p, i = row % j->p, first = j->pairs ? i + 1 : 0;
    size_t size = torsh__dtypes[j->dtype].size, line = (size_t)j->m * size;
    const char *a = j->a + (size_t)row * line, *b = j->b + (size_t)(batch * j->r) * line;
    char *y = j->y + (size_t)(j->pairs ? i * (2 * j->p - i - 1) / 2 - first : row * j->r) * size;
    for (int64_t k = first; k < j->r; k++) {
        double y2 = j->loop(j->m, a, b + (size_t)k * line);
        if (j->dtype == TORSH_F64) ((double *)(void *)y)[k] = sqrt(y2);
        else ((float *)(void *)y)[k] = (float)sqrt(y2);
    }
}

static torsh_status run_euclidean(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *x1 = launch->input[0], *x2 = launch->input[1] ? launch->input[1] : x1;
    const torsh__moments_table *table = TORSH__ISA_PICK(torsh__moments);
    int d = x1->ndim;
    job j = {.dtype = torsh__loop_dtype((int)launch->compute), .p = x1->sizes[d - 2], .r = x2->sizes[d - 2], .m = x1->sizes[d - 1], .pairs = !launch->input[1]};
    j.loop = (j.dtype == TORSH_F64 ? &table->f64 : &table->f32)->apart;
    torsh__dense a = {0}, b = {0}, y = {0};
    bool ok = torsh__dense_in(&a, x1, j.dtype) && torsh__dense_in(&b, x2, j.dtype) && torsh__dense_out(&y, launch->output[0], j.dtype);
    j.a = a.data, j.b = b.data, j.y = y.data;
    int64_t rows = j.p;
    for (int k = 0; k < d - 2; k++) rows *= x1->sizes[k];
    if (ok && launch->output[0]->numel > 0) {
        if (rows * j.r * j.m > TORSH__GRAIN) torsh__parallel(rows, one_row, &j);
        else
            for (int64_t row = 0; row < rows; row++) one_row(&j, row);
    }
    if (ok) torsh__dense_store(&y, launch->output[0]);
    torsh__dense_done(&a);
    torsh__dense_done(&b);
    torsh__dense_done(&y);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_distance_kernels[] = {
    {"euclidean", {run_euclidean, NULL}},
    {NULL, {NULL, NULL}},
};
