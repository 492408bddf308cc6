/* Softmax and its gradients: rows along one dim of any layout. */
#include "layout.h"

#include <string.h>

enum { SERIAL_MOST = 128 /* longer rows get a workgroup each */ };

typedef struct job {
    const char *family; /* tells the key from other kernels' */
    uint8_t kind;
    gpu_form form;
} job;

static bool print(gpu_text *text, const void *context, char *problem, size_t size)
{
    const job *j = context;
    return torsh__gpu_wgsl_softmax(text, (gpu_softmax)j->kind, &j->form, problem, size);
}

static torsh_status run_locked(const torsh_launch *launch, gpu_softmax kind)
{
    static const char family[] = "softmax";
    int count = launch->inputs + 1;
    int64_t dim = launch->values[launch->op->param_count - 1].i;
    const torsh_operand *out = launch->output[0], *rest[3];
    wg_across part[3];
    wg_bound bound[3];
    uint32_t offset[3], word[GPU_WORDS];
    wg_walk walk;
    job j;
    memset(&j, 0, sizeof j);
    if (out->numel == 0) return TORSH_OK;
    for (int k = 0; k < count; k++) {
        const torsh_operand *o = k ? launch->input[k - 1] : out;
        torsh__wg_drop_dim(&part[k], o, dim);
        rest[k] = &part[k].operand;
        bound[k] = torsh__wg_bind_operand(o, &offset[k]);
        j.form.operand[k] = (gpu_operand){o->dtype, GPU_BUFFER, (uint8_t)(k + 1)};
    }
    torsh_status status = torsh__wg_walk(launch->op->name, count, rest, &walk);
    if (status) return status;
    int64_t length = out->ndim ? out->sizes[dim] : 1;
    if (length > (int64_t)WG_ROUNDS / 2 * GPU_GROUP) return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu takes rows of at most %d elements", launch->op->name, WG_ROUNDS / 2 * GPU_GROUP);
    j.family = family;
    j.kind = (uint8_t)kind;
    j.form.compute = (uint8_t)launch->compute;
    j.form.rank = (uint8_t)walk.rank;
    j.form.operands = (uint8_t)count;
    j.form.spread = length > SERIAL_MOST;
    int n = 0;
    word[n++] = (uint32_t)walk.numel;
    word[n++] = (uint32_t)length;
    for (int d = 0; d < walk.rank; d++) word[n++] = (uint32_t)walk.sizes[d];
    for (int k = 0; k < count; k++) {
        word[n++] = offset[k];
        word[n++] = (uint32_t)part[k].step;
        for (int d = 0; d < walk.rank; d++) word[n++] = (uint32_t)walk.strides[k][d];
    }
    const wg_pipeline *pipeline = torsh__wg_pipeline(launch->op->name, &j, sizeof j, print, &j);
    if (!pipeline) return TORSH_UNSUPPORTED;
    uint64_t rows = (uint64_t)walk.numel;
    return torsh__wg_dispatch(launch->op->name, pipeline, bound, count, word, n, j.form.spread ? rows : (rows + GPU_GROUP - 1) / GPU_GROUP, 1);
}

static const gpu_softmax softmax = GPU_SOFTMAX, log_softmax = GPU_LOG_SOFTMAX, softmax_backward = GPU_SOFTMAX_BACKWARD, log_softmax_backward = GPU_LOG_SOFTMAX_BACKWARD;

static torsh_status run(const torsh_launch *launch, const void *data)
{
    gpu_class which;
    if (!torsh__gpu_class(launch->compute, &which)) return torsh__wg_no_dtype(launch, launch->compute);
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = run_locked(launch, *(const gpu_softmax *)data);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

const wg_kernel torsh__wg_softmax_kernels[] = {
    {"softmax", run, &softmax}, {"log_softmax", run, &log_softmax}, {"softmax_backward", run, &softmax_backward},
    {"log_softmax_backward", run, &log_softmax_backward}, {NULL, NULL, NULL},
};
