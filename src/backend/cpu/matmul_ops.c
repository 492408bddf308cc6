/* Kernels of the matmul family: puts operands of any rank and strides into products of gemm.h. Nothing is copied but what
 * has another dtype or shares memory with the result. */
#include "alloc.h"
#include "copy.h"
#include "families.h"
#include "gemm.h"
#include "shape.h"

/* ---- one product of two operands ----------------------------------------------------------------------------- */

/* Strides of a matrix and of its batch dims (aligned at the right with the result's). A vector on the left is one row, on
 * the right one column. */
typedef struct matrix {
    int64_t rows, columns, row, column;
    int batch_ndim;
    const int64_t *batch_sizes, *batch_strides;
} matrix;

static matrix matrix_of(const torsh_operand *o, bool left)
{
    int n = o->ndim;
    if (n == 1 && left) return (matrix){1, o->sizes[0], 0, o->strides[0], 0, NULL, NULL};
    if (n == 1) return (matrix){o->sizes[0], 1, o->strides[0], 0, 0, NULL, NULL};
    return (matrix){o->sizes[n - 2], o->sizes[n - 1], o->strides[n - 2], o->strides[n - 1], n - 2, o->sizes, o->strides};
}

/* Batch dims, innermost first: sizes, and the strides of a, b and c. */
typedef struct batch {
    int ndim;
    int64_t sizes[TORSH__MAX_RANK], strides[3][TORSH__MAX_RANK];
} batch;

static int64_t batch_stride(const matrix *m, int from_right)
{
    int d = m->batch_ndim - 1 - from_right;
    return d < 0 || m->batch_sizes[d] == 1 ? 0 : m->batch_strides[d];
}

/* Joins neighbouring dims that all three step through as one. */
static void merge_batch(batch *b, const torsh_operand *out, int batch_ndim, const matrix *left, const matrix *right)
{
    b->ndim = 0;
    for (int r = 0; r < batch_ndim; r++) {
        int d = batch_ndim - 1 - r, last = b->ndim - 1;
        int64_t size = out->sizes[d], step[3] = {batch_stride(left, r), batch_stride(right, r), out->strides[d]};
        if (size == 1) continue;
        bool joins = last >= 0;
        for (int k = 0; k < 3 && joins; k++) joins = step[k] == b->strides[k][last] * b->sizes[last];
        if (joins) {
            b->sizes[last] *= size;
            continue;
        }
        b->sizes[b->ndim] = size;
        for (int k = 0; k < 3; k++) b->strides[k][b->ndim] = step[k];
        b->ndim++;
    }
}

/* The innermost of the batch dims goes to gemm, the others are walked here. */
static torsh_status run_batch(torsh__gemm_args *g, const batch *b, size_t size)
{
    int64_t index[TORSH__MAX_RANK] = {0}, at[3] = {0, 0, 0}, count = 1;
    if (b->ndim > 0) {
        g->batch = b->sizes[0];
        g->a_batch = b->strides[0][0];
        g->b_batch = b->strides[1][0];
        g->c_batch = b->strides[2][0];
    }
    for (int d = 1; d < b->ndim; d++) count *= b->sizes[d];
    const char *a0 = g->a, *b0 = g->b;
    char *c0 = g->c;
    torsh_status status = TORSH_OK;
    for (int64_t i = 0; i < count && status == TORSH_OK; i++) {
        g->a = a0 + at[0] * (int64_t)size;
        g->b = b0 + at[1] * (int64_t)size;
        g->c = c0 + at[2] * (int64_t)size;
        status = torsh__gemm(g);
        for (int d = 1; d < b->ndim; d++) {
            for (int k = 0; k < 3; k++) at[k] += b->strides[k][d];
            if (++index[d] < b->sizes[d]) break;
            for (int k = 0; k < 3; k++) at[k] -= b->strides[k][d] * b->sizes[d];
            index[d] = 0;
        }
    }
    return status;
}

/* out = alpha a b + beta out. `out` has a row if a is no vector, and a column if b is none. */
static torsh_status product(const torsh_operand *a, const torsh_operand *b, const torsh_operand *out, double alpha, double beta)
{
    if (out->numel == 0) return TORSH_OK;
    matrix left = matrix_of(a, true), right = matrix_of(b, false);
    int has_row = a->ndim > 1, has_column = b->ndim > 1, batch_ndim = out->ndim - has_row - has_column;
    torsh__gemm_args g = {
        .dtype = torsh__operand_dtype(out), .m = left.rows, .n = right.columns, .k = left.columns,
        .a = torsh__operand_data(a), .b = torsh__operand_data(b), .c = torsh__operand_data(out),
        .a_row = left.row, .a_col = left.column, .b_row = right.row, .b_col = right.column,
        .c_row = has_row ? out->strides[batch_ndim] : 0, .c_col = has_column ? out->strides[out->ndim - 1] : 1,
        .alpha = {alpha, 0}, .beta = {beta, 0},
    };
    batch dims;
    merge_batch(&dims, out, batch_ndim, &left, &right);
    return run_batch(&g, &dims, torsh__dtypes[out->dtype].size);
}

/* ---- results that share memory with an operand, or have another dtype ---------------------------------------- */

static bool needs_scratch(const torsh_launch *launch, int first)
{
    const torsh_operand *out = launch->output[0];
    if (out->dtype != (uint8_t)launch->compute) return true;
    for (int i = first; i < launch->inputs; i++)
        if (launch->input[i] && launch->input[i]->memory == out->memory && out->memory) return true;
    return false;
}

/* A dense operand like `out` of the compute dtype. NULL without memory. */
static void *scratch_like(const torsh_launch *launch, torsh_operand *scratch, int64_t *strides, size_t *bytes)
{
    *scratch = *launch->output[0];
    torsh__contiguous_strides(scratch->ndim, scratch->sizes, strides);
    *bytes = (size_t)scratch->numel * torsh__dtypes[launch->compute].size;
    scratch->memory = torsh__alloc(*bytes);
    scratch->offset = 0;
    scratch->strides = strides;
    scratch->dtype = (uint8_t)launch->compute;
    scratch->contiguous = true;
    return scratch->memory;
}

/* out = alpha (inputs a and a + 1) + beta (input 0 if there is one before a). */
static torsh_status run_product(const torsh_launch *launch, int a, double alpha, double beta)
{
    const torsh_operand *out = launch->output[0];
    torsh_operand scratch;
    int64_t strides[TORSH__MAX_RANK];
    size_t bytes = 0;
    bool apart = needs_scratch(launch, a);
    if (apart && !scratch_like(launch, &scratch, strides, &bytes)) return TORSH_OUT_OF_MEMORY;
    const torsh_operand *to = apart ? &scratch : out;
    bool same = !apart && a > 0 && launch->input[0]->memory == out->memory; /* in place: it holds input 0 already */
    if (beta != 0 && !same) torsh__copy_operand_near(to, launch->input[0]);
    torsh_status status = product(launch->input[a], launch->input[a + 1], to, alpha, beta);
    if (apart && status == TORSH_OK) torsh__copy_operand(out, &scratch);
    if (apart) torsh__free(scratch.memory, bytes);
    return status;
}

static torsh_status run_matmul(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_product(launch, 0, 1, 0);
}

static torsh_status run_addmm(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_product(launch, 1, launch->values[4].f, launch->values[3].f);
}

/* ---- linear -------------------------------------------------------------------------------------------------- */

/* Rows of an operand as one dim, if its strides allow: the stride between rows. */
static bool rows_of(const torsh_operand *o, int64_t *count, int64_t *stride)
{
    *count = 1;
    *stride = 0;
    for (int d = o->ndim - 2; d >= 0; d--) {
        if (o->sizes[d] == 1) continue;
        if (*count > 1 && o->strides[d] != *stride * *count) return false;
        if (*count == 1) *stride = o->strides[d];
        *count *= o->sizes[d];
    }
    return true;
}

/* An operand (..., n) as a matrix: where its rows don't step evenly, a dense copy in *scratch. */
typedef struct rows {
    const void *data;
    int64_t count, row, column;
    void *scratch;
    size_t bytes;
} rows;

static bool take_rows(const torsh_operand *o, rows *r)
{
    *r = (rows){.data = torsh__operand_data(o), .column = o->strides[o->ndim - 1]};
    if (rows_of(o, &r->count, &r->row)) return true;
    r->row = o->sizes[o->ndim - 1];
    r->column = 1;
    r->count = r->row ? o->numel / r->row : 0;
    r->data = torsh__operand_dense(o, torsh__operand_dtype(o), &r->scratch, &r->bytes);
    return r->data != NULL;
}

static torsh_status run_linear(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *x = launch->input[0], *w = launch->input[1], *bias = launch->input[2], *out = launch->output[0];
    if (out->numel == 0) return TORSH_OK;
    rows r;
    if (!take_rows(x, &r)) return TORSH_OUT_OF_MEMORY;
    int64_t n = w->ndim == 2 ? w->sizes[0] : 1;
    torsh__gemm_args g = {
        .dtype = launch->compute, .m = r.count, .n = n, .k = x->sizes[x->ndim - 1],
        .a = r.data, .a_row = r.row, .a_col = r.column,
        .b = torsh__operand_data(w), .b_row = w->strides[w->ndim - 1], .b_col = w->ndim == 2 ? w->strides[0] : 0,
        .c = torsh__operand_data(out), .c_row = n, .c_col = 1, .alpha = {1, 0},
    };
    if (bias) {
        g.bias = torsh__operand_data(bias);
        g.bias_col = bias->numel > 1 ? bias->strides[0] : 0;
    }
    torsh_status status = torsh__gemm(&g);
    torsh__free(r.scratch, r.bytes);
    return status;
}

/* A one of each dtype with a product, to sum columns by. */
static const union one {
    uint8_t u8;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    uint16_t half;
    float f32[2];
    double f64[2];
} ones[TORSH_DTYPE_COUNT] = {
    [TORSH_U8] = {.u8 = 1},       [TORSH_I8] = {.i8 = 1},        [TORSH_I16] = {.i16 = 1},  [TORSH_I32] = {.i32 = 1},  [TORSH_I64] = {.i64 = 1},
    [TORSH_F16] = {.half = 0x3C00}, [TORSH_BF16] = {.half = 0x3F80}, [TORSH_F32] = {.f32 = {1}}, [TORSH_F64] = {.f64 = {1}},
    [TORSH_C64] = {.f32 = {1}},   [TORSH_C128] = {.f64 = {1}},
};

/* weight = grad' input, bias = a row of ones times grad. */
static torsh_status run_linear_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *grad = launch->input[0], *x = launch->input[1], *weight = launch->output[0], *bias = launch->output[1];
    rows g = {0}, r = {0};
    torsh_status status = take_rows(grad, &g) && take_rows(x, &r) ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    int64_t out = weight->sizes[0], in = weight->sizes[1];
    int64_t count = g.count < r.count ? g.count : r.count; /* an operand without elements may count no rows */
    torsh__gemm_args args = {
        .dtype = launch->compute, .m = out, .n = in, .k = count, .a = g.data, .a_row = g.column, .a_col = g.row,
        .b = r.data, .b_row = r.row, .b_col = r.column, .c = torsh__operand_data(weight), .c_row = in, .c_col = 1, .alpha = {1, 0},
    };
    if (status == TORSH_OK) status = torsh__gemm(&args);
    torsh__gemm_args sum = {
        .dtype = launch->compute, .m = 1, .n = out, .k = g.count, .a = &ones[launch->compute], .b = g.data, .b_row = g.row, .b_col = g.column,
        .c = torsh__operand_data(bias), .c_row = out, .c_col = 1, .alpha = {1, 0},
    };
    if (status == TORSH_OK) status = torsh__gemm(&sum);
    torsh__free(g.scratch, g.bytes);
    torsh__free(r.scratch, r.bytes);
    return status;
}

const torsh__cpu_kernel torsh__cpu_matmul_kernels[] = {
    {"matmul", {run_matmul, NULL}}, {"mm", {run_matmul, NULL}},     {"bmm", {run_matmul, NULL}},
    {"mv", {run_matmul, NULL}},     {"dot", {run_matmul, NULL}},    {"addmm", {run_addmm, NULL}},
    {"baddbmm", {run_addmm, NULL}}, {"linear", {run_linear, NULL}}, {"linear_backward", {run_linear_backward, NULL}},
    {NULL, {NULL, NULL}},
};
