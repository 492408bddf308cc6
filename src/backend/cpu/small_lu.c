/* Small real matrices, of which there are many: LU factors and solves without LAPACK. Rows: table/solve.def; linalg_ops.c factors by this. */
#include "axis.h"
#include "copy.h"
#include "families.h"
#include "lapack.h"

#include <float.h>

enum { SIDE = 8 };
#define GROUP (16 / (int)sizeof(T)) /* vectors of any instruction set */

#define T float
#define MASK int32_t
#define SAFE FLT_MIN
#define N_(name) name##_f32
#include "small_lu.inc.c"
#define T double
#define MASK int64_t
#define SAFE DBL_MIN
#define N_(name) name##_f64
#include "small_lu.inc.c"

void torsh__small_factor(torsh_dtype dtype, void *a, int m, int n, int64_t count, int32_t *pivots, int32_t *info)
{
    if (dtype == TORSH_F32) factor_f32(a, m, n, count, pivots, info);
    else factor_f64(a, m, n, count, pivots, info);
}

/* lu_small_solve (LU, pivots, B): all are dense, with one batch. */
typedef struct small_solve {
    const char *lu;
    const int32_t *pivots;
    char *x;
    int64_t n, k, batch, per_piece;
    bool f64;
} small_solve;

static void small_solve_piece(void *context, int64_t p)
{
    const small_solve *s = context;
    int64_t n = s->n, i = p * s->per_piece, count = s->batch - i < s->per_piece ? s->batch - i : s->per_piece;
    if (s->f64) solve_f64((const double *)(const void *)s->lu + i * n * n, (int)n, count, s->pivots + i * n, (double *)(void *)s->x + i * n * s->k, s->k);
    else solve_f32((const float *)(const void *)s->lu + i * n * n, (int)n, count, s->pivots + i * n, (float *)(void *)s->x + i * n * s->k, s->k);
}

static torsh_status run_lu_small_solve(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *lu = launch->input[0], *out = launch->output[0];
    torsh_dtype dtype = launch->compute;
    int64_t n = out->sizes[out->ndim - 2], k = out->sizes[out->ndim - 1];
    if (out->numel == 0) return TORSH_OK;
    torsh__dense a = {0}, pivots = {0};
    bool ok = torsh__dense_in(&a, lu, dtype) && torsh__dense_in(&pivots, launch->input[1], TORSH_I32);
    small_solve s = {.lu = a.data, .pivots = pivots.data, .x = torsh__operand_data(out), .n = n, .k = k, .batch = out->numel / (n * k), .f64 = dtype == TORSH_F64};
    for (int64_t i = 0; ok && i < s.batch * n; i++)
        if (s.pivots[i] < 1 || s.pivots[i] > n) {
            torsh__dense_done(&a), torsh__dense_done(&pivots);
            return torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'pivots' holds %d, but there are rows 1 to %lld", launch->op->name, s.pivots[i], (long long)n);
        }
    if (ok) {
        torsh__copy_operand_near(out, launch->input[2]);
        double steps = (double)n * (double)n * (double)k;
        s.per_piece = steps < TORSH__GRAIN ? (int64_t)(TORSH__GRAIN / (steps + 1)) + 1 : 1;
        torsh__parallel((s.batch + s.per_piece - 1) / s.per_piece, small_solve_piece, &s);
    }
    torsh__dense_done(&a);
    torsh__dense_done(&pivots);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_small_lu_kernels[] = {
    {"lu_small_solve", {run_lu_small_solve, NULL}},
    {NULL, {NULL, NULL}},
};
