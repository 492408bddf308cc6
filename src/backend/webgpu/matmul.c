/* Matrix products and linear layers: every row becomes batches of  c = alpha a b + beta d  with strides. */
#include "pointwise.h"

#include <string.h>

enum { C, A, B, D, OPERANDS };

/* Batches are dims of `batch`; d may be absent, a may be one number in all its places. */
typedef struct product {
    const char *name;
    torsh_dtype compute;
    int64_t m, n, k;
    int operands;
    torsh_operand operand[OPERANDS];   /* of the batch dims only */
    int64_t row[OPERANDS], column[OPERANDS];
    double alpha, beta;
} product;

static bool print(gpu_text *text, const void *context, char *problem, size_t size)
{
    return torsh__gpu_wgsl_product(text, context, problem, size);
}

/* The binding of a whole operand: `full` has all dims, `p->operand` the batch's. */
typedef struct bindings {
    wg_bound bound[OPERANDS];
    uint32_t offset[OPERANDS];
    wg_buffer *aside[OPERANDS];
    int count;
} bindings;

static torsh_status bind(product *p, const torsh_operand *const *full, gpu_form *form, bindings *b)
{
    torsh_operand moved[OPERANDS];
    memset(b, 0, sizeof *b);
    for (int k = 0; k < p->operands; k++) {
        gpu_operand *o = &form->operand[k];
        moved[k] = *full[k];
        o->dtype = full[k]->dtype;
        o->how = full[k]->device == TORSH_CPU ? GPU_UNIFORM : GPU_BUFFER;
        if (o->how == GPU_UNIFORM) {
            o->dtype = 0;
            continue;
        }
        bool in_place = k == D && full[D]->memory == full[C]->memory && full[D]->offset == full[C]->offset && full[D]->dtype == full[C]->dtype &&
                        p->row[D] == p->row[C] && p->column[D] == p->column[C];
        if (in_place) {
            o->binding = 1;
            b->offset[D] = b->offset[C];
            continue;
        }
        torsh_status status = k == C ? TORSH_OK : torsh__wg_apart(p->name, full[C], &moved[k], &b->aside[k]);
        if (status) return status;
        b->bound[b->count] = torsh__wg_bind_operand(&moved[k], &b->offset[k]);
        o->binding = (uint8_t)++b->count;
    }
    return TORSH_OK;
}

static int fill_words(const product *p, const gpu_form *form, const bindings *b, const wg_walk *walk, const torsh_operand *const *full, gpu_class which, uint32_t *word)
{
    int n = GPU_PRODUCT_SIZES;
    word[GPU_PRODUCT_M] = (uint32_t)p->m;
    word[GPU_PRODUCT_N] = (uint32_t)p->n;
    word[GPU_PRODUCT_TILES] = (uint32_t)((p->n + GPU_TILE - 1) / GPU_TILE);
    for (int d = 0; d < walk->rank; d++) word[n++] = (uint32_t)walk->sizes[d];
    for (int k = 0; k < p->operands; k++) {
        if (form->operand[k].how != GPU_BUFFER) continue;
        word[n++] = b->offset[k];
        word[n++] = (uint32_t)p->row[k];
        word[n++] = (uint32_t)p->column[k];
        for (int d = 0; d < walk->rank; d++) word[n++] = (uint32_t)walk->strides[k][d];
    }
    for (int k = 1; k < p->operands; k++) {
        double value = 0;
        int64_t integer;
        bool integral;
        if (form->operand[k].how != GPU_UNIFORM) continue;
        torsh__wg_scalar(full[k], &value, &integer, &integral);
        word[n++] = torsh__wg_word(which, TORSH_I32, value);
    }
    word[n++] = torsh__wg_word(which, TORSH_I32, p->alpha);
    word[n++] = torsh__wg_word(which, TORSH_I32, p->beta);
    return n;
}

/* All dispatches of one product with k in [first, end). */
static torsh_status send(const product *p, const gpu_form *form, const bindings *b, uint32_t *word, int words, int64_t first, int64_t end, int64_t batches)
{
    const wg_pipeline *pipeline = torsh__wg_pipeline(p->name, form, sizeof *form, print, form);
    torsh_status status = pipeline ? TORSH_OK : TORSH_UNSUPPORTED;
    uint64_t groups = (uint64_t)((p->m + GPU_TILE - 1) / GPU_TILE) * (uint64_t)((p->n + GPU_TILE - 1) / GPU_TILE);
    int64_t most = torsh__wg_device.limits.workgroups_per_dimension;
    word[GPU_PRODUCT_FIRST_K] = (uint32_t)first;
    word[GPU_PRODUCT_END_K] = (uint32_t)end;
    for (int64_t at = 0; at < batches && status == TORSH_OK; at += most) {
        word[GPU_PRODUCT_FIRST_BATCH] = (uint32_t)at;
        int64_t layers = batches - at < most ? batches - at : most;
        status = torsh__wg_dispatch(p->name, pipeline, b->bound, b->count, word, words, groups, (uint32_t)layers);
    }
    return status;
}

/* `full`: the operands c, a, b and d with all their dims, for what memory they reach. */
static torsh_status run_product(product *p, const torsh_operand *const *full)
{
    const torsh_operand *batch[OPERANDS];
    gpu_class which;
    gpu_form form;
    bindings b;
    wg_walk walk;
    if (full[C]->numel == 0) return TORSH_OK;
    if (p->beta == 0 && p->operands > D) p->operands = D; /* as BLAS: d isn't read, so NaN in it doesn't count */
    memset(&form, 0, sizeof form);
    torsh__gpu_class(p->compute, &which);
    for (int k = 0; k < p->operands; k++) batch[k] = &p->operand[k];
    torsh_status status = torsh__wg_walk(p->name, p->operands, batch, &walk);
    if (status) return status;
    form.compute = (uint8_t)p->compute;
    form.rank = (uint8_t)walk.rank;
    form.operands = (uint8_t)p->operands;
    if (p->k > WG_ROUNDS && full[C]->dtype != TORSH_F32 && full[C]->dtype != TORSH_I32)
        return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu sums at most %d products in a 16-bit or 8-bit dtype; convert to f32", p->name, WG_ROUNDS);
    status = p->k == 0 ? TORSH_OK : bind(p, full, &form, &b);
    uint32_t word[GPU_WORDS];
    for (int64_t first = 0; first < p->k && status == TORSH_OK; first += WG_ROUNDS) {
        int64_t end = p->k - first < WG_ROUNDS ? p->k : first + WG_ROUNDS;
        if (first > 0) { /* the rest is added to what is there */
            form.operands = 4;
            form.operand[D] = form.operand[C];
            p->operands = 4;
            p->beta = 1;
            p->row[D] = p->row[C];
            p->column[D] = p->column[C];
            b.offset[D] = b.offset[C];
            memcpy(walk.strides[D], walk.strides[C], sizeof walk.strides[C]);
        }
        int words = fill_words(p, &form, &b, &walk, full, which, word);
        status = send(p, &form, &b, word, words, first, end, walk.numel);
    }
    for (int k = 0; k < OPERANDS && p->k > 0; k++) torsh__wg_free(b.aside[k]);
    return status;
}

/* ---- operands as matrices -------------------------------------------------------------------------------------- */

/* The operand without its last `taken` dims. */
static torsh_operand leading(const torsh_operand *o, int taken)
{
    torsh_operand lead = *o;
    lead.ndim = (int16_t)(o->ndim > taken ? o->ndim - taken : 0);
    lead.numel = 1;
    for (int d = 0; d < lead.ndim; d++) lead.numel *= o->sizes[d];
    return lead;
}

static int64_t stride(const torsh_operand *o, int from_end)
{
    int d = o->ndim - from_end;
    return d >= 0 && o->sizes[d] > 1 ? o->strides[d] : 0;
}

static torsh_status run_rows(const torsh_launch *launch, int a, double alpha, double beta)
{
    const torsh_operand *left = launch->input[a], *right = launch->input[a + 1], *out = launch->output[0];
    product p = {.name = launch->op->name, .compute = launch->compute, .operands = a ? 4 : 3, .alpha = alpha, .beta = a ? beta : 0};
    bool row_vector = left->ndim == 1, column_vector = right->ndim == 1;
    p.m = row_vector ? 1 : left->sizes[left->ndim - 2];
    p.k = left->sizes[left->ndim - 1];
    p.n = column_vector ? 1 : right->sizes[right->ndim - 1];
    p.operand[C] = leading(out, !row_vector + !column_vector);
    p.operand[A] = leading(left, 2);
    p.operand[B] = leading(right, 2);
    p.row[C] = row_vector ? 0 : stride(out, column_vector ? 1 : 2);
    p.column[C] = column_vector ? 0 : stride(out, 1);
    p.row[A] = row_vector ? 0 : stride(left, 2);
    p.column[A] = stride(left, 1);
    p.row[B] = column_vector ? stride(right, 1) : stride(right, 2);
    p.column[B] = column_vector ? 0 : stride(right, 1);
    const torsh_operand *full[OPERANDS] = {out, left, right, launch->input[0]};
    if (a) {
        p.operand[D] = leading(launch->input[0], 2);
        p.row[D] = stride(launch->input[0], 2);
        p.column[D] = stride(launch->input[0], 1);
    }
    if (p.k == 0) { /* nothing to sum: beta d alone */
        const wg_program *program = torsh__wg_program_once("product", a ? "x * p" : "p", false);
        const torsh_operand *d = launch->input[0];
        return program ? torsh__wg_run_pointwise(program, launch->compute, out, a ? 1 : 0, &d, (const double[3]){p.beta, 0, 0}) : TORSH_OUT_OF_MEMORY;
    }
    return run_product(&p, full);
}

/* (..., last) as rows of one stride; a copy where the leading dims don't merge. */
typedef struct rows {
    torsh_operand operand;
    int64_t sizes[64], strides[64];
    int64_t count, row, column;
    wg_buffer *aside;
} rows;

static torsh_status take_rows(const char *name, const torsh_operand *o, rows *r)
{
    int last = o->ndim - 1;
    r->operand = *o;
    r->aside = NULL;
    r->count = 1;
    r->row = 0;
    r->column = o->sizes[last] > 1 ? o->strides[last] : 0;
    bool merges = true;
    for (int d = last - 1; d >= 0; d--) {
        if (o->sizes[d] == 1) continue;
        if (r->count == 1) r->row = o->strides[d];
        else merges &= o->strides[d] == r->row * r->count;
        r->count *= o->sizes[d];
    }
    if (merges || o->numel == 0) return TORSH_OK;
    const wg_program *program = torsh__wg_program_once("copy", "x", false);
    r->aside = program ? torsh__wg_alloc((size_t)o->numel * torsh__wg_size((torsh_dtype)o->dtype)) : NULL;
    if (!r->aside) return torsh__wg_host->fail(TORSH_OUT_OF_MEMORY, "%s: webgpu: no memory for a contiguous copy", name);
    int64_t step = 1;
    for (int d = last; d >= 0; d--) {
        r->sizes[d] = o->sizes[d];
        r->strides[d] = step;
        step *= o->sizes[d];
    }
    r->operand = (torsh_operand){.memory = r->aside, .numel = o->numel, .sizes = r->sizes, .strides = r->strides, .device = o->device, .ndim = o->ndim,
                                 .dtype = o->dtype, .contiguous = true};
    r->row = o->sizes[last];
    r->column = 1;
    const double none[3] = {0, 0, 0};
    return torsh__wg_run_pointwise(program, (torsh_dtype)o->dtype, &r->operand, 1, &o, none);
}

static const torsh_operand single = {.numel = 1}; /* the batch of a product without batches */

static torsh_status run_linear_locked(const torsh_launch *launch)
{
    const torsh_operand *x = launch->input[0], *w = launch->input[1], *bias = launch->input[2], *out = launch->output[0];
    rows r;
    torsh_status status = take_rows("linear", x, &r);
    product p = {.name = "linear", .compute = launch->compute, .m = r.count, .n = w->ndim == 2 ? w->sizes[0] : 1, .k = x->sizes[x->ndim - 1],
                 .operands = bias ? 4 : 3, .operand = {single, single, single, single}, .alpha = 1, .beta = bias ? 1 : 0};
    p.row[C] = p.n;
    p.column[C] = 1;
    p.row[A] = r.row;
    p.column[A] = r.column;
    p.row[B] = w->strides[w->ndim - 1];
    p.column[B] = w->ndim == 2 ? w->strides[0] : 0;
    if (bias) p.column[D] = bias->numel > 1 ? bias->strides[0] : 0;
    const torsh_operand *full[OPERANDS] = {out, &r.operand, w, bias};
    if (status == TORSH_OK && p.k == 0) { /* the bias alone */
        const wg_program *program = torsh__wg_program_once("product", bias ? "x * p" : "p", false);
        status = program ? torsh__wg_run_pointwise(program, launch->compute, out, bias ? 1 : 0, &bias, (const double[3]){p.beta, 0, 0}) : TORSH_OUT_OF_MEMORY;
    } else if (status == TORSH_OK) {
        status = run_product(&p, full);
    }
    torsh__wg_free(r.aside);
    return status;
}

/* weight = grad' input and bias = the sum of grad's rows: a product with ones. */
static torsh_status run_linear_backward_locked(const torsh_launch *launch)
{
    static const float one_value = 1;
    const torsh_operand one = {.memory = (void *)(uintptr_t)&one_value, .numel = 1, .dtype = TORSH_F32, .device = TORSH_CPU, .contiguous = true};
    const torsh_operand *weight = launch->output[0], *bias = launch->output[1];
    rows g, x;
    x.aside = NULL;
    torsh_status status = take_rows("linear_backward", launch->input[0], &g);
    if (status == TORSH_OK) status = take_rows("linear_backward", launch->input[1], &x);
    product p = {.name = "linear_backward", .compute = launch->compute, .m = weight->sizes[0], .n = weight->sizes[1], .k = g.count, .operands = 3,
                 .operand = {single, single, single}, .alpha = 1};
    p.row[C] = p.n;
    p.column[C] = 1;
    p.row[A] = g.column;
    p.column[A] = g.row;
    p.row[B] = x.row;
    p.column[B] = x.column;
    const torsh_operand *full[OPERANDS] = {weight, &g.operand, &x.operand, NULL};
    product sum = p;
    sum.m = 1;
    sum.n = bias->sizes[0];
    sum.row[C] = 0;
    sum.row[B] = g.row;
    sum.column[B] = g.column;
    const torsh_operand *sum_full[OPERANDS] = {bias, &one, &g.operand, NULL};
    if (status == TORSH_OK && p.k == 0) {
        const wg_program *program = torsh__wg_program_once("product", "p", false);
        status = program ? torsh__wg_run_pointwise(program, launch->compute, weight, 0, NULL, (const double[3]){0, 0, 0}) : TORSH_OUT_OF_MEMORY;
        if (status == TORSH_OK) status = torsh__wg_run_pointwise(program, launch->compute, bias, 0, NULL, (const double[3]){0, 0, 0});
    } else {
        if (status == TORSH_OK) status = run_product(&p, full);
        if (status == TORSH_OK) status = run_product(&sum, sum_full);
    }
    torsh__wg_free(g.aside);
    torsh__wg_free(x.aside);
    return status;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

enum row { MATMUL, ADDMM, LINEAR, LINEAR_BACKWARD };
static const enum row matmul = MATMUL, addmm = ADDMM, linear = LINEAR, linear_backward = LINEAR_BACKWARD;

static torsh_status run(const torsh_launch *launch, const void *data)
{
    gpu_class which;
    if (!torsh__gpu_class(launch->compute, &which)) return torsh__wg_no_dtype(launch, launch->compute);
    torsh_status status = TORSH_OK;
    pthread_mutex_lock(&torsh__wg_lock);
    switch (*(const enum row *)data) {
    case MATMUL: status = run_rows(launch, 0, 1, 0); break;
    case ADDMM: status = run_rows(launch, 1, launch->values[4].f, launch->values[3].f); break;
    case LINEAR: status = run_linear_locked(launch); break;
    case LINEAR_BACKWARD: status = run_linear_backward_locked(launch); break;
    }
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

const wg_kernel torsh__wg_matmul_kernels[] = {
    {"matmul", run, &matmul}, {"mm", run, &matmul},     {"bmm", run, &matmul},    {"mv", run, &matmul},
    {"dot", run, &matmul},    {"addmm", run, &addmm},   {"baddbmm", run, &addmm}, {"linear", run, &linear},
    {"linear_backward", run, &linear_backward}, {NULL, NULL, NULL},
};
