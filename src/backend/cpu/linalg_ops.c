/* Factorizations by LAPACK. Each matrix is factored by one thread; a batch is cut into pieces by size. Matrices are copied into
 * column-major order and back. The rows' results are fresh and contiguous. Triangular systems are in triangular.c.
 * What has gone wrong with a matrix is a number in `info` as LAPACK gives it; rows without such a result fail. */
#include "alloc.h"
#include "copy.h"
#include "families.h"
#include "lapack.h"
#include "shape.h"

#include <math.h>
#include <stdio.h>
#include <stdatomic.h>
#include <string.h>

/* ---- batches of matrices ------------------------------------------------------------------------------------- */

/* Column-major matrices, one after the other. */
typedef struct stack {
    int64_t batch, rows, columns;
    size_t bytes, step; /* of all, of one matrix */
    int32_t ld;
    char *data;
} stack;

typedef struct job job;
struct job {
    const torsh__lapack *lapack;
    const char *name;
    torsh_dtype dtype;
    size_t size, real_size; /* of an element, of a number's real part */
    stack a, u, v;
    char *vector; /* tau, singular values or eigenvalues: `vector_step` bytes a matrix */
    size_t vector_step;
    int32_t *pivots, *info;
    char option; /* uplo or job */
    bool vectors;
    int32_t m, n, k, lwork, liwork;
    int64_t lrwork;    /* how many real numbers */
    size_t work_bytes; /* work, rwork, iwork in this order */
    int64_t batch, per_piece;
    void (*one)(const job *j, int64_t i, char *work);
    _Atomic bool failed; /* a piece had no memory */
};

static int32_t at_least_one(int64_t n)
{
    return n > 0 ? (int32_t)n : 1;
}

static int64_t batch_of(const torsh_operand *o)
{
    int64_t count = 1;
    for (int d = 0; d < o->ndim - 2; d++) count *= o->sizes[d];
    return count;
}

static bool stack_make(stack *s, int64_t batch, int64_t rows, int64_t columns, size_t size)
{
    s->batch = batch;
    s->rows = rows;
    s->columns = columns;
    s->ld = at_least_one(rows);
    s->step = (size_t)(rows * columns) * size;
    s->bytes = s->step * (size_t)batch;
    s->data = torsh__alloc(s->bytes);
    return s->data != NULL;
}

static void stack_free(stack *s)
{
    if (s->data) torsh__free(s->data, s->bytes);
    s->data = NULL;
}

/* An operand's last two dims swapped, or all of its elements as such a stack. */
typedef struct swapped {
    int64_t sizes[TORSH__MAX_RANK], strides[TORSH__MAX_RANK];
    torsh_operand view;
} swapped;

static void swap_dims(swapped *s, const torsh_operand *o, const stack *dense, torsh_dtype dtype)
{
    int n = o->ndim;
    memcpy(s->sizes, o->sizes, (size_t)n * sizeof *s->sizes);
    memcpy(s->strides, o->strides, (size_t)n * sizeof *s->strides);
    s->sizes[n - 1] = o->sizes[n - 2];
    s->sizes[n - 2] = o->sizes[n - 1];
    s->strides[n - 1] = o->strides[n - 2];
    s->strides[n - 2] = o->strides[n - 1];
    s->view = *o;
    s->view.sizes = s->sizes;
    s->view.strides = s->strides;
    s->view.contiguous = false;
    if (!dense) return;
    torsh__contiguous_strides(n, s->sizes, s->strides);
    s->view.memory = dense->data;
    s->view.offset = 0;
    s->view.dtype = (uint8_t)dtype;
    s->view.contiguous = true;
}

/* A copy of the operand. False without memory. */
static bool stack_load(stack *s, const torsh_operand *o, torsh_dtype dtype)
{
    if (!stack_make(s, batch_of(o), o->sizes[o->ndim - 2], o->sizes[o->ndim - 1], torsh__dtypes[dtype].size)) return false;
    swapped from, to;
    swap_dims(&from, o, NULL, dtype);
    swap_dims(&to, o, s, dtype);
    if (o->numel) torsh__copy_operand(&to.view, &from.view);
    return true;
}

static void stack_store(const stack *s, const torsh_operand *o, torsh_dtype dtype)
{
    swapped from, to;
    swap_dims(&from, o, s, dtype);
    swap_dims(&to, o, NULL, dtype);
    if (o->numel) torsh__copy_operand(&to.view, &from.view);
}

/* ---- running over a batch ------------------------------------------------------------------------------------ */

static torsh_status job_make(job *j, const torsh_launch *launch, const torsh_operand *a)
{
    memset(j, 0, sizeof *j);
    j->name = launch->op->name;
    j->dtype = launch->compute;
    j->size = torsh__dtypes[j->dtype].size;
    j->real_size = torsh_dtype_is_complex(j->dtype) ? j->size / 2 : j->size;
    int64_t m = a->sizes[a->ndim - 2], n = a->sizes[a->ndim - 1];
    if (m > INT32_MAX || n > INT32_MAX) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'input' has %lld rows and %lld columns; LAPACK counts them in 32 bits", j->name, (long long)m, (long long)n);
    j->m = (int32_t)m;
    j->n = (int32_t)n;
    j->k = j->m < j->n ? j->m : j->n;
    j->batch = batch_of(a);
    return TORSH_OK;
}

static torsh_status find_lapack(job *j)
{
    j->lapack = torsh__lapack_of(j->dtype, j->name);
    return j->lapack ? TORSH_OK : TORSH_UNSUPPORTED;
}

/* `one` for each matrix */
static void piece(void *context, int64_t p)
{
    job *j = context;
    char *work = torsh__alloc(j->work_bytes);
    if (!work) atomic_store(&j->failed, true);
    for (int64_t i = p * j->per_piece; work && i < (p + 1) * j->per_piece && i < j->batch; i++) j->one(j, i, work);
    torsh__free(work, j->work_bytes);
}

/* Pieces of matrices of about rows columns^2 steps each. */
static torsh_status run_batch(job *j, torsh__piece *run)
{
    double steps = (double)j->m * j->n * j->k;
    j->per_piece = steps < TORSH__GRAIN ? (int64_t)(TORSH__GRAIN / (steps + 1)) + 1 : 1;
    if (j->k > 0) torsh__parallel((j->batch + j->per_piece - 1) / j->per_piece, run, j);
    return j->failed ? torsh__fail(TORSH_OUT_OF_MEMORY, "%s: out of memory for LAPACK's work space", j->name) : TORSH_OK;
}

/* The first number that says how much work space there should be, as LAPACK writes it; a little more, as an f32 may round it down. */
static int32_t wished(const job *j, const void *first)
{
    double n;
    float narrow;
    memcpy(&narrow, first, sizeof narrow);
    memcpy(&n, first, sizeof n);
    if (j->real_size == 4) n = narrow;
    n = ceil(n * (1 + 1e-6));
    return n < 1 ? 1 : n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

/* The first matrix that LAPACK could not deal with, as an error. */
static torsh_status first_failure(const job *j, const torsh_operand *a, const char *what)
{
    for (int64_t i = 0; i < j->batch; i++)
        if (j->info[i] != 0) {
            char where[48] = "";
            if (a->ndim > 2) snprintf(where, sizeof where, " (matrix %lld of the batch)", (long long)i);
            return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'input'%s %s (LAPACK's info is %d)", j->name, where, what, j->info[i]);
        }
    return TORSH_OK;
}

/* ---- Cholesky ------------------------------------------------------------------------------------------------ */

static void cholesky_one(const job *j, int64_t i, char *work)
{
    (void)work;
    char *a = j->a.data + (size_t)i * j->a.step;
    size_t column = (size_t)j->n * j->size;
    j->lapack->potrf(&j->option, &j->n, a, &j->a.ld, &j->info[i], 1);
    for (size_t c = 0; c < (size_t)j->n; c++) { /* the other triangle is 0 */
        if (j->option == 'L') memset(a + c * column, 0, c * j->size);
        else memset(a + c * column + (c + 1) * j->size, 0, column - (c + 1) * j->size);
    }
}

static torsh_status run_cholesky(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *a = launch->input[0];
    job j;
    torsh_status status = job_make(&j, launch, a);
    if (status == TORSH_OK) status = find_lapack(&j);
    if (status) return status;
    if (!stack_load(&j.a, a, j.dtype)) return TORSH_OUT_OF_MEMORY;
    j.option = launch->values[1].i ? 'U' : 'L';
    j.info = (int32_t *)(void *)torsh__operand_data(launch->output[1]);
    j.one = cholesky_one;
    memset(j.info, 0, (size_t)j.batch * sizeof *j.info);
    status = run_batch(&j, piece);
    if (status == TORSH_OK && launch->values[2].i) status = first_failure(&j, a, "is not positive-definite: info says the order of the leading minor that is not");
    if (status == TORSH_OK) stack_store(&j.a, launch->output[0], j.dtype);
    stack_free(&j.a);
    return status;
}

/* ---- LU ------------------------------------------------------------------------------------------------------ */

static bool is_small(torsh_dtype dtype, int64_t m, int64_t n)
{
    return (dtype == TORSH_F32 || dtype == TORSH_F64) && m <= TORSH__SMALL_LU && n <= TORSH__SMALL_LU;
}

/* In the result, which is row-major. */
static void small_lu_piece(void *context, int64_t p)
{
    const job *j = context;
    int64_t first = p * j->per_piece, count = j->batch - first < j->per_piece ? j->batch - first : j->per_piece;
    torsh__small_factor(j->dtype, j->vector + (size_t)first * j->vector_step, j->m, j->n, count, j->pivots + first * j->k, j->info + first);
}

static void lu_one(const job *j, int64_t i, char *work)
{
    (void)work;
    j->lapack->getrf(&j->m, &j->n, j->a.data + (size_t)i * j->a.step, &j->a.ld, j->pivots + i * j->k, &j->info[i]);
}

static torsh_status run_lu(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *a = launch->input[0];
    job j;
    torsh_status status = job_make(&j, launch, a);
    bool small = status == TORSH_OK && is_small(j.dtype, j.m, j.n);
    if (status == TORSH_OK && !small) status = find_lapack(&j);
    if (status) return status;
    if (!small && !stack_load(&j.a, a, j.dtype)) return TORSH_OUT_OF_MEMORY;
    j.pivots = (int32_t *)(void *)torsh__operand_data(launch->output[1]);
    j.info = (int32_t *)(void *)torsh__operand_data(launch->output[2]);
    j.one = lu_one;
    if (small) {
        j.vector = torsh__operand_data(launch->output[0]);
        j.vector_step = (size_t)j.m * (size_t)j.n * j.size;
        torsh__copy_operand_near(launch->output[0], a);
    }
    memset(j.info, 0, (size_t)j.batch * sizeof *j.info);
    status = run_batch(&j, small ? small_lu_piece : piece);
    if (status == TORSH_OK && launch->values[2].i) status = first_failure(&j, a, "is singular: the factor U has a 0 on its diagonal where info says");
    if (status == TORSH_OK && !small) stack_store(&j.a, launch->output[0], j.dtype);
    stack_free(&j.a);
    return status;
}

/* Row exchanges, counted from 1, as the order of rows that they lead to: row i of the result is row order[i] of the matrix; or the other
 * way round. */
static torsh_status run_lu_permutation(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    int64_t n = launch->values[1].i, k = in->sizes[in->ndim - 1], batch = n ? out->numel / n : 0;
    size_t bytes = 0;
    void *scratch = NULL;
    const int32_t *pivots = torsh__operand_dense(in, TORSH_I32, &scratch, &bytes);
    int64_t *order = (int64_t *)(void *)torsh__operand_data(out);
    int64_t *row = torsh__alloc((size_t)n * sizeof *row);
    torsh_status status = pivots && row ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    for (int64_t b = 0; b < batch && status == TORSH_OK; b++, pivots += k, order += n) {
        for (int64_t i = 0; i < n; i++) row[i] = i;
        for (int64_t i = 0; i < k && status == TORSH_OK; i++) {
            int64_t other = (int64_t)pivots[i] - 1, held = row[i];
            if (other < 0 || other >= n) {
                status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'pivots' holds %d, but there are rows 1 to %lld", launch->op->name, pivots[i], (long long)n);
                break;
            }
            row[i] = row[other];
            row[other] = held;
        }
        for (int64_t i = 0; i < n; i++) order[launch->values[2].i ? row[i] : i] = launch->values[2].i ? i : row[i];
    }
    torsh__free(row, (size_t)n * sizeof *row);
    if (scratch) torsh__free(scratch, bytes);
    return status;
}

/* ---- QR ------------------------------------------------------------------------------------------------------ */

static void qr_one(const job *j, int64_t i, char *work)
{
    int32_t info;
    j->lapack->geqrf(&j->m, &j->n, j->a.data + (size_t)i * j->a.step, &j->a.ld, j->vector + (size_t)i * j->vector_step, work, &j->lwork, &info);
}

static torsh_status run_geqrf(const torsh_launch *launch, const void *data)
{
    (void)data;
    job j;
    torsh_status status = job_make(&j, launch, launch->input[0]);
    if (status == TORSH_OK) status = find_lapack(&j);
    if (status) return status;
    if (!stack_load(&j.a, launch->input[0], j.dtype)) return TORSH_OUT_OF_MEMORY;
    j.vector = torsh__operand_data(launch->output[1]);
    j.vector_step = (size_t)j.k * j.size;
    double first[2] = {0, 0};
    int32_t ask = -1, info;
    if (j.k > 0) j.lapack->geqrf(&j.m, &j.n, j.a.data, &j.a.ld, first, first, &ask, &info);
    j.lwork = wished(&j, first);
    j.work_bytes = (size_t)j.lwork * j.size;
    j.one = qr_one;
    status = run_batch(&j, piece);
    if (status == TORSH_OK) stack_store(&j.a, launch->output[0], j.dtype);
    stack_free(&j.a);
    return status;
}

/* ---- singular values ----------------------------------------------------------------------------------------- */

/* LAPACK scales matrices by their largest element and may end the process for one that is not finite. */
enum { NOT_FINITE = -4 };

static bool is_finite(const job *j, const char *a, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += j->real_size) {
        double x;
        float narrow;
        if (j->real_size == 8) memcpy(&x, a + at, 8);
        else memcpy(&narrow, a + at, 4), x = narrow;
        if (!isfinite(x)) return false;
    }
    return true;
}

static void svd_call(const job *j, char *a, char *s, char *u, char *v, char *work, int32_t lwork, int32_t *info)
{
    char *rwork = work + (size_t)j->lwork * j->size;
    int32_t *iwork = (int32_t *)(void *)(rwork + (size_t)j->lrwork * j->real_size);
    int32_t ldu = j->option == 'N' ? 1 : j->u.ld, ldv = j->option == 'N' ? 1 : j->v.ld;
    if (j->lapack->gesdd) j->lapack->gesdd(&j->option, &j->m, &j->n, a, &j->a.ld, s, u, &ldu, v, &ldv, work, &lwork, iwork, info, 1);
    else j->lapack->gesdd_complex(&j->option, &j->m, &j->n, a, &j->a.ld, s, u, &ldu, v, &ldv, work, &lwork, rwork, iwork, info, 1);
}

static void svd_one(const job *j, int64_t i, char *work)
{
    size_t at = (size_t)i;
    char *a = j->a.data + at * j->a.step;
    if (!is_finite(j, a, j->a.step)) j->info[i] = NOT_FINITE;
    else svd_call(j, a, j->vector + at * j->vector_step, j->u.data + at * j->u.step, j->v.data + at * j->v.step, work, j->lwork, &j->info[i]);
}

/* Sets the sizes of the work space. `rwork` by gesdd's description. */
static void svd_room(job *j)
{
    double first[2] = {0, 0};
    int64_t k = j->k, most = j->m > j->n ? j->m : j->n;
    int32_t info;
    j->lwork = 0;
    j->lrwork = 0;
    if (k > 0) svd_call(j, j->a.data, j->vector, j->u.data, j->v.data, (char *)first, -1, &info);
    j->lwork = wished(j, first);
    if (torsh_dtype_is_complex(j->dtype)) j->lrwork = j->option == 'N' ? 7 * k : k * (5 * k + 7 > 2 * most + 2 * k + 1 ? 5 * k + 7 : 2 * most + 2 * k + 1);
    j->work_bytes = (size_t)j->lwork * j->size + (size_t)j->lrwork * j->real_size + (size_t)k * 8 * sizeof(int32_t);
}

/* LAPACK counts its work space in 32 bits; it grows with the square of k. */
static torsh_status fail_large(const job *j)
{
    return torsh__fail(TORSH_OUT_OF_RANGE, "%s: 'input' is %d by %d, for which LAPACK can't count its work space", j->name, j->m, j->n);
}

static torsh_status svd_run(job *j, const torsh_launch *launch)
{
    const torsh_operand *a = launch->input[0], *s = launch->output[j->vectors];
    bool vectors = j->vectors, full = vectors && launch->values[1].i;
    if (5 * (int64_t)j->k * (j->k + 2) + j->m + (int64_t)j->n > INT32_MAX) return fail_large(j);
    size_t info_bytes = (size_t)j->batch * sizeof *j->info;
    bool room = stack_load(&j->a, a, j->dtype) && stack_make(&j->u, j->batch, j->m, vectors ? (full ? j->m : j->k) : 0, j->size)
             && stack_make(&j->v, j->batch, full ? j->n : j->k, vectors ? j->n : 0, j->size);
    j->info = room ? torsh__alloc_zero(info_bytes) : NULL;
    if (!j->info) return TORSH_OUT_OF_MEMORY;
    j->option = !vectors ? 'N' : full ? 'A' : 'S';
    j->vector = torsh__operand_data(s);
    j->vector_step = (size_t)j->k * j->real_size;
    j->one = svd_one;
    svd_room(j);
    torsh_status status = run_batch(j, piece);
    if (status == TORSH_OK) status = first_failure(j, a, "has elements that are not finite, or its singular values don't converge");
    torsh__free(j->info, info_bytes);
    return status;
}

/* The vectors of a matrix without elements: any orthonormal ones, so the unit vectors. */
static void identity(const stack *s, size_t size, torsh_dtype dtype)
{
    const double one = 1;
    const float narrow = 1;
    memset(s->data, 0, s->bytes);
    bool is_narrow = dtype == TORSH_F32 || dtype == TORSH_C64;
    for (int64_t b = 0; b < s->batch; b++)
        for (int64_t i = 0; i < s->rows && i < s->columns; i++)
            memcpy(s->data + (size_t)b * s->step + (size_t)(i * s->rows + i) * size, is_narrow ? (const void *)&narrow : &one, is_narrow ? 4 : 8);
}

static torsh_status run_svd(const torsh_launch *launch, const void *data)
{
    job j;
    torsh_status status = job_make(&j, launch, launch->input[0]);
    if (status == TORSH_OK) status = find_lapack(&j);
    j.vectors = data != NULL;
    if (status == TORSH_OK) status = svd_run(&j, launch);
    if (status == TORSH_OK && j.vectors) {
        if (j.k == 0) identity(&j.u, j.size, j.dtype), identity(&j.v, j.size, j.dtype);
        stack_store(&j.u, launch->output[0], j.dtype);
        stack_store(&j.v, launch->output[2], j.dtype);
    }
    stack_free(&j.a);
    stack_free(&j.u);
    stack_free(&j.v);
    return status;
}

/* ---- eigenvalues of Hermitian matrices ----------------------------------------------------------------------- */

static void eigh_one(const job *j, int64_t i, char *work)
{
    const char vectors = j->vectors ? 'V' : 'N';
    char *a = j->a.data + (size_t)i * j->a.step, *w = j->vector + (size_t)i * j->vector_step, *rwork = work + (size_t)j->lwork * j->size;
    int32_t *iwork = (int32_t *)(void *)(rwork + (size_t)j->lrwork * j->real_size), lrwork = (int32_t)j->lrwork;
    size_t n = (size_t)j->n, column = n * j->size;
    for (size_t c = 0; c < n; c++) /* of the triangle that is read */
        if (!is_finite(j, a + c * column + (j->option == 'L' ? c * j->size : 0), (j->option == 'L' ? n - c : c + 1) * j->size)) j->info[i] = NOT_FINITE;
    if (j->info[i]) return;
    if (j->lapack->syevd) j->lapack->syevd(&vectors, &j->option, &j->n, a, &j->a.ld, w, work, &j->lwork, iwork, &j->liwork, &j->info[i], 1, 1);
    else j->lapack->heevd(&vectors, &j->option, &j->n, a, &j->a.ld, w, work, &j->lwork, rwork, &lrwork, iwork, &j->liwork, &j->info[i], 1, 1);
}

/* Work space by the routines' descriptions, with room for blocks of 64 columns. */
static void eigh_room(job *j)
{
    bool complex = torsh_dtype_is_complex(j->dtype);
    int64_t n = j->n, blocks = 66 * n + 1, real = 1 + 6 * n + 2 * n * n, both = complex ? 2 * n + n * n : real;
    int64_t work = j->vectors && both > blocks ? both : blocks;
    j->lwork = (int32_t)work;
    j->lrwork = !complex ? 0 : j->vectors ? real : n + 1;
    j->liwork = j->vectors ? 3 + 5 * j->n : 1;
    j->work_bytes = (size_t)work * j->size + (size_t)j->lrwork * j->real_size + (size_t)j->liwork * sizeof(int32_t);
}

static torsh_status run_eigh(const torsh_launch *launch, const void *data)
{
    const torsh_operand *a = launch->input[0];
    job j;
    torsh_status status = job_make(&j, launch, a);
    if (status == TORSH_OK) status = find_lapack(&j);
    if (status) return status;
    if (j.n > 32000) return fail_large(&j);
    size_t info_bytes = (size_t)j.batch * sizeof *j.info;
    j.vectors = data != NULL;
    j.option = launch->values[1].text[0] == 'U' || launch->values[1].text[0] == 'u' ? 'U' : 'L';
    j.vector = torsh__operand_data(launch->output[0]);
    j.vector_step = (size_t)j.n * j.real_size;
    j.one = eigh_one;
    j.info = torsh__alloc_zero(info_bytes);
    eigh_room(&j);
    status = j.info && stack_load(&j.a, a, j.dtype) ? run_batch(&j, piece) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) status = first_failure(&j, a, "has elements that are not finite, or its eigenvalues don't converge");
    if (status == TORSH_OK && j.vectors) stack_store(&j.a, launch->output[1], j.dtype);
    if (j.info) torsh__free(j.info, info_bytes);
    stack_free(&j.a);
    return status;
}

static const char with_vectors = 1;

const torsh__cpu_kernel torsh__cpu_linalg_kernels[] = {
    {"linalg_cholesky_ex", {run_cholesky, NULL}},
    {"linalg_lu_factor_ex", {run_lu, NULL}},
    {"lu_permutation", {run_lu_permutation, NULL}},
    {"geqrf", {run_geqrf, NULL}},
    {"linalg_svd", {run_svd, &with_vectors}},
    {"svd_values", {run_svd, NULL}},
    {"linalg_eigh", {run_eigh, &with_vectors}},
    {"eigh_values", {run_eigh, NULL}},
    {NULL, {NULL, NULL}},
};
