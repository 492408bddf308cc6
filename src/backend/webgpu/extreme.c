/* argmax, argmin, and maxima and minima with their places. */
#include "pointwise.h"

#include <string.h>

enum { SERIAL_MOST = 128 /* longer rows get a workgroup each */ };

typedef struct job {
    const char *family;
    bool largest, values;
    gpu_form form;
} job;

static bool print(gpu_text *text, const void *context, char *problem, size_t size)
{
    const job *j = context;
    return torsh__gpu_wgsl_extreme(text, j->largest, j->values, &j->form, problem, size);
}

/* The result without the reduced dim, which keepdim leaves in it as 1. */
static void result_across(wg_across *a, const torsh_operand *o, int input_ndim, int64_t dim)
{
    if (o->ndim == input_ndim) {
        torsh__wg_drop_dim(a, o, dim);
        return;
    }
    a->operand = *o;
    a->step = 0;
}

/* Rows of `in` along dim, all on the device. */
static torsh_status along(const torsh_launch *launch, const torsh_operand *in, int64_t dim, bool largest)
{
    static const char family[] = "extreme";
    bool values = launch->outputs == 2;
    const torsh_operand *operands[3] = {launch->output[0], in, values ? launch->output[1] : NULL}, *rest[3];
    int count = values ? 3 : 2, n = 0;
    wg_across part[3];
    wg_bound bound[3];
    uint32_t offset[3], word[GPU_WORDS];
    wg_walk walk;
    job j;
    memset(&j, 0, sizeof j);
    for (int k = 0; k < count; k++) {
        if (k == 1) torsh__wg_drop_dim(&part[k], in, dim);
        else result_across(&part[k], operands[k], in->ndim, dim);
        rest[k] = &part[k].operand;
        bound[k] = torsh__wg_bind_operand(operands[k], &offset[k]);
        if (k < 2) j.form.operand[k] = (gpu_operand){operands[k]->dtype, GPU_BUFFER, (uint8_t)(k + 1)};
    }
    torsh_status status = torsh__wg_walk(launch->op->name, count, rest, &walk);
    if (status) return status;
    int64_t length = in->ndim ? in->sizes[dim] : 1;
    if (length > (int64_t)WG_ROUNDS * GPU_GROUP) return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu takes rows of at most %d elements", launch->op->name, WG_ROUNDS * GPU_GROUP);
    j.family = family;
    j.largest = largest;
    j.values = values;
    j.form.compute = (uint8_t)launch->compute;
    j.form.rank = (uint8_t)walk.rank;
    j.form.operands = 2;
    j.form.spread = length > SERIAL_MOST;
    word[n++] = (uint32_t)walk.numel;
    word[n++] = (uint32_t)length;
    for (int d = 0; d < walk.rank; d++) word[n++] = (uint32_t)walk.sizes[d];
    for (int k = 0; k < count; k++) {
        word[n++] = offset[k];
        if (k == 1) word[n++] = (uint32_t)part[k].step;
        for (int d = 0; d < walk.rank; d++) word[n++] = (uint32_t)walk.strides[k][d];
    }
    const wg_pipeline *pipeline = torsh__wg_pipeline(launch->op->name, &j, sizeof j, print, &j);
    if (!pipeline) return TORSH_UNSUPPORTED;
    uint64_t rows = (uint64_t)walk.numel;
    return torsh__wg_dispatch(launch->op->name, pipeline, bound, count, word, n, j.form.spread ? rows : (rows + GPU_GROUP - 1) / GPU_GROUP, 1);
}

/* The place in the whole tensor: it as one contiguous row. */
static torsh_status in_all(const torsh_launch *launch, bool largest)
{
    const torsh_operand *in = launch->input[0];
    int64_t strides[64], step = 1, one = 1;
    wg_buffer *aside = NULL;
    torsh_operand row = *in;
    torsh_status status = TORSH_OK;
    if (!in->contiguous) {
        const wg_program *program = torsh__wg_program_once("copy", "x", false);
        aside = program ? torsh__wg_alloc((size_t)in->numel * torsh__wg_size((torsh_dtype)in->dtype)) : NULL;
        if (!aside) return torsh__wg_host->fail(TORSH_OUT_OF_MEMORY, "%s: webgpu: no memory for a contiguous copy", launch->op->name);
        for (int d = in->ndim; d-- > 0;) {
            strides[d] = step;
            step *= in->sizes[d];
        }
        row.memory = aside;
        row.offset = 0;
        row.strides = strides;
        row.contiguous = true;
        const double none[3] = {0, 0, 0};
        status = torsh__wg_run_pointwise(program, (torsh_dtype)in->dtype, &row, 1, &in, none);
    }
    row.ndim = 1;
    row.sizes = &in->numel;
    row.strides = &one;
    torsh_operand place = *launch->output[0]; /* one element, whatever its dims */
    place.ndim = 0;
    const torsh_operand *output = &place;
    torsh_launch flat = *launch;
    flat.output = &output;
    if (status == TORSH_OK) status = along(&flat, &row, 0, largest);
    torsh__wg_free(aside);
    return status;
}

static torsh_status run_locked(const torsh_launch *launch, bool largest)
{
    const torsh_operand *in = launch->input[0];
    bool list = launch->op->params[1].kind == TORSH_PARAM_INTS;
    if (launch->output[0]->numel == 0) return TORSH_OK;
    if (list && launch->values[1].list.count == 0) return in_all(launch, largest);
    int64_t dim = list ? *(const int64_t *)launch->values[1].list.data : launch->values[1].i;
    return along(launch, in, dim < 0 ? dim + in->ndim : dim, largest);
}

static torsh_status run(const torsh_launch *launch, const void *largest)
{
    gpu_class which;
    if (!torsh__gpu_class(launch->compute, &which)) return torsh__wg_no_dtype(launch, launch->compute);
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = run_locked(launch, largest != NULL);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

static const char yes;
const wg_kernel torsh__wg_extreme_kernels[] = {
    {"argmax", run, &yes}, {"argmin", run, NULL}, {"max_dim", run, &yes}, {"min_dim", run, NULL}, {NULL, NULL, NULL},
};
