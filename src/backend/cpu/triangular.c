/* Triangular systems by BLAS, in place in the result. A is taken as it lies where either of its last two dims has steps of one element. The right
 * sides of a large matrix are cut into blocks, so that threads share it; the cut depends on sizes alone. */
#include "alloc.h"
#include "copy.h"
#include "families.h"
#include "lapack.h"
#include "shape.h"

/* Where the matrices A lie: trsm takes them as they are if either dim has steps of one element. Row-major A is A' to it. */
typedef struct triangle {
    const char *data;
    int32_t ld;
    bool transposed; /* it lies column-major */
    int batch_ndim;
    const int64_t *sizes, *strides; /* of the batch dims, in elements */
    int64_t dense[TORSH__MAX_RANK];
    void *scratch;
    size_t bytes;
} triangle;

static bool steps_well(int64_t one, int64_t other, int64_t n)
{
    return (one == 1 || n <= 1) && (other >= n || n <= 1) && other <= INT32_MAX;
}

static bool triangle_take(triangle *t, const torsh_operand *a, torsh_dtype dtype)
{
    int n = a->ndim;
    int64_t size = a->sizes[n - 1], row = a->strides[n - 2], column = a->strides[n - 1];
    *t = (triangle){.data = torsh__operand_data(a), .batch_ndim = n - 2, .sizes = a->sizes, .strides = a->strides};
    bool rows = steps_well(column, row, size), columns = steps_well(row, column, size);
    t->transposed = !rows && columns;
    t->ld = size > 1 ? (int32_t)(rows ? row : column) : 1;
    if (rows || columns) return true;
    t->data = torsh__operand_dense(a, dtype, &t->scratch, &t->bytes);
    torsh__contiguous_strides(n, a->sizes, t->dense);
    t->strides = t->dense;
    t->ld = size > 0 ? (int32_t)size : 1;
    return t->data != NULL;
}

/* The matrix for the i-th of out's matrices; batch dims broadcast. */
static const char *triangle_at(const triangle *t, const torsh_operand *out, int64_t i, size_t size)
{
    int64_t at = 0;
    for (int d = out->ndim - 3, k = t->batch_ndim - 1; d >= 0 && k >= 0; d--, k--) {
        if (t->sizes[k] > 1) at += i % out->sizes[d] * t->strides[k];
        i /= out->sizes[d];
    }
    return t->data + at * (int64_t)size;
}

typedef struct solve {
    const torsh__lapack *lapack;
    const torsh_operand *out;
    triangle a;
    char *x; /* out's elements: B before */
    size_t size;
    torsh_dtype dtype;
    bool upper, left, unit;
    int32_t rows, columns; /* of X */
    int64_t vectors, blocks, batch, per_piece; /* right sides, in blocks of `BLOCK` */
} solve;

enum { BLOCK = 64 };

/* One block of right sides. Row-major X is X' to trsm, so that A X = B reads X' A' = B', with A' the matrix as it lies. */
static void solve_block(const solve *s, int64_t task)
{
    static const float one_f32[2] = {1, 0};
    static const double one_f64[2] = {1, 0};
    int64_t i = task / s->blocks, first = task % s->blocks * BLOCK, rest = s->vectors - first;
    int32_t count = rest < BLOCK ? (int32_t)rest : BLOCK, n = s->left ? s->rows : s->columns, ld = s->columns;
    bool narrow = s->dtype == TORSH_F32 || s->dtype == TORSH_C64;
    char *x = s->x + ((size_t)i * (size_t)s->rows * (size_t)s->columns + (size_t)(s->left ? first : first * s->columns)) * s->size;
    const char side = s->left ? 'R' : 'L', uplo = s->upper != s->a.transposed ? 'L' : 'U', trans = s->a.transposed ? 'T' : 'N', diag = s->unit ? 'U' : 'N';
    s->lapack->trsm(&side, &uplo, &trans, &diag, s->left ? &count : &n, s->left ? &n : &count, narrow ? (const void *)one_f32 : one_f64,
                    triangle_at(&s->a, s->out, i, s->size), &s->a.ld, x, &ld, 1, 1, 1, 1);
}

static void solve_piece(void *context, int64_t p)
{
    const solve *s = context;
    for (int64_t t = p * s->per_piece; t < (p + 1) * s->per_piece && t < s->batch * s->blocks; t++) solve_block(s, t);
}

static torsh_status run_solve_triangular(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *a = launch->input[0], *out = launch->output[0];
    int64_t rows = out->sizes[out->ndim - 2], columns = out->sizes[out->ndim - 1];
    if (rows > INT32_MAX || columns > INT32_MAX) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'B' has %lld rows and %lld columns; BLAS counts them in 32 bits", launch->op->name, (long long)rows, (long long)columns);
    if (out->numel == 0) return TORSH_OK;
    solve s = {.lapack = torsh__lapack_of(launch->compute, launch->op->name), .out = out, .x = torsh__operand_data(out),
               .size = torsh__dtypes[launch->compute].size, .dtype = launch->compute, .upper = launch->values[2].i != 0, .left = launch->values[3].i != 0,
               .unit = launch->values[4].i != 0, .rows = (int32_t)rows, .columns = (int32_t)columns, .batch = out->numel / (rows * columns)};
    if (!s.lapack) return TORSH_UNSUPPORTED;
    if (!triangle_take(&s.a, a, launch->compute)) return TORSH_OUT_OF_MEMORY;
    torsh__copy_operand_near(out, launch->input[1]);
    s.vectors = s.left ? columns : rows;
    s.blocks = (s.vectors + BLOCK - 1) / BLOCK;
    double steps = (double)rows * (double)columns * (double)(s.left ? rows : columns) / (double)s.blocks;
    s.per_piece = steps < TORSH__GRAIN ? (int64_t)(TORSH__GRAIN / (steps + 1)) + 1 : 1;
    torsh__parallel((s.batch * s.blocks + s.per_piece - 1) / s.per_piece, solve_piece, &s);
    if (s.a.scratch) torsh__free(s.a.scratch, s.a.bytes);
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_triangular_kernels[] = {
    {"linalg_solve_triangular", {run_solve_triangular, NULL}},
    {NULL, {NULL, NULL}},
};
