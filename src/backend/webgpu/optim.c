/* Optimizer steps, in f32. */
#include "layout.h"

#include <math.h>
#include <string.h>

enum { STATES = 5 /* parameter, gradient and three of state */ };

typedef struct job {
    const char *family;
    uint8_t kind;
    gpu_form form;
} job;

static bool print(gpu_text *text, const void *context, char *problem, size_t size)
{
    const job *j = context;
    return torsh__gpu_wgsl_update(text, (gpu_update)j->kind, &j->form, problem, size);
}

static torsh_status run_locked(const torsh_launch *launch, gpu_update kind, const double *numbers, int count)
{
    static const char family[] = "update";
    const torsh_operand *there[STATES];
    wg_bound bound[STATES];
    uint32_t offset[STATES], word[GPU_WORDS];
    int operands = 0;
    wg_walk walk;
    job j;
    memset(&j, 0, sizeof j);
    if (launch->input[0]->numel == 0) return TORSH_OK;
    j.form.operands = (uint8_t)launch->inputs;
    for (int k = 0; k < launch->inputs; k++) {
        const torsh_operand *o = launch->input[k];
        if (!o) continue;
        for (int other = 0; other < operands; other++)
            if (there[other]->memory == o->memory)
                return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu needs the parameter, its gradient and its state in separate memory; clone one", launch->op->name);
        bound[operands] = torsh__wg_bind_operand(o, &offset[operands]);
        there[operands++] = o;
        j.form.operand[k] = (gpu_operand){o->dtype, GPU_BUFFER, (uint8_t)operands};
    }
    torsh_status status = torsh__wg_walk(launch->op->name, operands, there, &walk);
    if (status) return status;
    j.family = family;
    j.kind = (uint8_t)kind;
    j.form.rank = (uint8_t)walk.rank;
    int n = 0;
    word[n++] = (uint32_t)walk.numel;
    for (int d = 0; d < walk.rank; d++) word[n++] = (uint32_t)walk.sizes[d];
    for (int k = 0; k < operands; k++) {
        word[n++] = offset[k];
        for (int d = 0; d < walk.rank; d++) word[n++] = (uint32_t)walk.strides[k][d];
    }
    for (int k = 0; k < count; k++) word[n++] = torsh__wg_word(GPU_FLOAT, TORSH_F32, numbers[k]);
    const wg_pipeline *pipeline = torsh__wg_pipeline(launch->op->name, &j, sizeof j, print, &j);
    if (!pipeline) return TORSH_UNSUPPORTED;
    return torsh__wg_dispatch(launch->op->name, pipeline, bound, operands, word, n, ((uint64_t)walk.numel + GPU_GROUP - 1) / GPU_GROUP, 1);
}

static torsh_status run(const torsh_launch *launch, gpu_update kind, const double *numbers, int count)
{
    if (launch->compute != TORSH_F32) return torsh__wg_no_dtype(launch, launch->compute);
    for (int i = 1; i < launch->inputs; i++)
        if (launch->input[i] && launch->input[i]->device == TORSH_CPU) /* a 0-d one may be */
            return torsh__wg_host->fail(TORSH_DEVICE_MISMATCH, "%s: webgpu needs the gradient and the state on the device", launch->op->name);
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = run_locked(launch, kind, numbers, count);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

static torsh_status run_sgd(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_value *v = launch->values;
    double lr = v[3].f, momentum = v[4].f, dampening = v[5].f, decay = v[6].f;
    bool nesterov = v[7].i != 0, maximize = v[8].i != 0, first = v[9].i != 0;
    const double numbers[] = {lr, momentum, first ? 1 : 1 - dampening, decay, maximize ? -1 : 1, first ? 0 : momentum, nesterov ? momentum : 0};
    return run(launch, GPU_SGD, numbers, 7);
}

static torsh_status run_adam(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_value *v = launch->values;
    double number = (double)v[5].i, lr = v[6].f, beta1 = v[7].f, beta2 = v[8].f, decay = v[9].f, eps = v[10].f;
    bool decoupled = v[11].i != 0, maximize = v[12].i != 0;
    const double numbers[] = {lr / (1 - pow(beta1, number)), 1 - beta1, beta2, 1 - beta2, eps, 1 / sqrt(1 - pow(beta2, number)), decoupled ? 0 : decay,
                              maximize ? -1 : 1, decoupled ? 1 - lr * decay : 1};
    return run(launch, GPU_ADAM, numbers, 9);
}

const wg_kernel torsh__wg_optim_kernels[] = {{"fused_sgd_", run_sgd, NULL}, {"fused_adam_", run_adam, NULL}, {NULL, NULL, NULL}};
