/* Negative log likelihood by class indices, in f32. The CPU's kernel reports a target out of range; here, where nobody waits for the
 * kernel, its loss and gradients are NaN. */
#include "pointwise.h"

#include <string.h>

enum { REDUCE_NONE, REDUCE_MEAN };

typedef struct job {
    const char *family;
    bool backward;
    gpu_form form;
} job;

static bool print(gpu_text *text, const void *context, char *problem, size_t size)
{
    const job *j = context;
    return torsh__gpu_wgsl_nll(text, j->backward, &j->form, problem, size);
}

/* An input as a contiguous buffer: itself, or a copy on the device. */
typedef struct dense {
    wg_buffer *aside;
    wg_bound bound;
    uint32_t offset;
} dense;

static torsh_status take(const char *name, const torsh_operand *o, dense *d)
{
    int64_t strides[64], step = 1;
    d->aside = NULL;
    d->bound = torsh__wg_bind_operand(o, &d->offset);
    if (o->contiguous) return TORSH_OK;
    const wg_program *program = torsh__wg_program_once("copy", "x", false);
    d->aside = program ? torsh__wg_alloc((size_t)o->numel * torsh__wg_size((torsh_dtype)o->dtype)) : NULL;
    if (!d->aside) return torsh__wg_host->fail(TORSH_OUT_OF_MEMORY, "%s: webgpu: no memory for a contiguous copy", name);
    for (int k = o->ndim; k-- > 0;) {
        strides[k] = step;
        step *= o->sizes[k];
    }
    torsh_operand to = *o;
    to.memory = d->aside;
    to.offset = 0;
    to.strides = strides;
    to.contiguous = true;
    d->bound = torsh__wg_bind_operand(&to, &d->offset);
    const double none[3] = {0, 0, 0};
    return torsh__wg_run_pointwise(program, o->dtype >= TORSH_F16 ? TORSH_F32 : TORSH_I32, &to, 1, &o, none);
}

/* Classes, and the elements after the class dim. */
static void measure(const torsh_operand *x, uint32_t *word)
{
    int dim = x->ndim == 1 ? 0 : 1;
    int64_t rest = 1;
    for (int d = dim + 1; d < x->ndim; d++) rest *= x->sizes[d];
    word[GPU_NLL_CLASSES] = (uint32_t)x->sizes[dim];
    word[GPU_NLL_REST] = (uint32_t)rest;
}

static torsh_status send(const torsh_launch *launch, job *j, const wg_bound *bound, int count, const uint32_t *word, uint64_t groups)
{
    static const char family[] = "nll";
    j->family = family;
    const wg_pipeline *pipeline = torsh__wg_pipeline(launch->op->name, j, sizeof *j, print, j);
    return pipeline ? torsh__wg_dispatch(launch->op->name, pipeline, bound, count, word, GPU_NLL_WORDS, groups, 1) : TORSH_UNSUPPORTED;
}

static torsh_status forward(const torsh_launch *launch)
{
    const torsh_operand *x = launch->input[0], *t = launch->input[1], *w = launch->input[2], *loss = launch->output[0], *total = launch->output[1];
    uint32_t word[GPU_NLL_WORDS] = {0};
    dense in[3];
    wg_bound bound[5];
    job j;
    memset(&j, 0, sizeof j);
    memset(in, 0, sizeof in);
    if (x->numel == 0 && loss->numel == 0) return TORSH_OK;
    if (x->numel == 0 || t->numel == 0 || t->numel > (int64_t)WG_ROUNDS * GPU_GROUP)
        return torsh__wg_host->fail(TORSH_UNSUPPORTED, "nll_loss: webgpu takes 1 to %d targets of at least 1 class", WG_ROUNDS * GPU_GROUP);
    torsh_status status = take("nll_loss", x, &in[0]);
    if (status == TORSH_OK) status = take("nll_loss", t, &in[1]);
    if (status == TORSH_OK && w) status = take("nll_loss", w, &in[2]);
    measure(x, word);
    word[GPU_NLL_COUNT] = (uint32_t)t->numel;
    word[GPU_NLL_IGNORE] = (uint32_t)(uint64_t)launch->values[4].i;
    bound[0] = torsh__wg_bind_operand(loss, &word[GPU_NLL_OUT]);
    bound[1] = torsh__wg_bind_operand(total, &word[GPU_NLL_TOTAL]);
    bound[2] = in[0].bound;
    bound[3] = in[1].bound;
    bound[4] = in[2].bound; /* no buffer without weights */
    word[GPU_NLL_INPUT] = in[0].offset;
    word[GPU_NLL_TARGET] = in[1].offset;
    word[GPU_NLL_WEIGHT] = in[2].offset;
    j.form.operands = 6;
    j.form.operand[4] = (gpu_operand){t->dtype, GPU_BUFFER, 4};
    j.form.packed = w != NULL;
    j.form.spread = launch->values[3].i != REDUCE_NONE;
    j.form.raw_in = launch->values[3].i == REDUCE_MEAN;
    if (status == TORSH_OK) status = send(launch, &j, bound, 5, word, j.form.spread ? 1 : ((uint64_t)t->numel + GPU_GROUP - 1) / GPU_GROUP);
    for (int i = 0; i < 3; i++) torsh__wg_free(in[i].aside);
    return status;
}

static torsh_status backward(const torsh_launch *launch)
{
    const torsh_operand *g = launch->input[0], *x = launch->input[1], *t = launch->input[2], *w = launch->input[3], *total = launch->input[4];
    uint32_t word[GPU_NLL_WORDS] = {0};
    dense in[3];
    wg_bound bound[5];
    job j;
    memset(&j, 0, sizeof j);
    memset(in, 0, sizeof in);
    if (launch->output[0]->numel == 0) return TORSH_OK;
    torsh_status status = take("nll_loss", g, &in[0]);
    if (status == TORSH_OK) status = take("nll_loss", t, &in[1]);
    if (status == TORSH_OK && w) status = take("nll_loss", w, &in[2]);
    measure(x, word);
    word[GPU_NLL_COUNT] = (uint32_t)x->numel;
    word[GPU_NLL_IGNORE] = (uint32_t)(uint64_t)launch->values[6].i;
    bound[0] = torsh__wg_bind_operand(launch->output[0], &word[GPU_NLL_OUT]);
    bound[1] = in[0].bound;
    bound[2] = in[1].bound;
    bound[3] = torsh__wg_bind_operand(total, &word[GPU_NLL_TOTAL]);
    bound[4] = in[2].bound;
    word[GPU_NLL_GRAD] = in[0].offset;
    word[GPU_NLL_TARGET] = in[1].offset;
    word[GPU_NLL_WEIGHT] = in[2].offset;
    j.backward = true;
    j.form.operands = 6;
    j.form.operand[3] = (gpu_operand){t->dtype, GPU_BUFFER, 3};
    j.form.packed = w != NULL;
    j.form.spread = launch->values[5].i != REDUCE_NONE;
    j.form.raw_in = launch->values[5].i == REDUCE_MEAN;
    if (!j.form.raw_in) bound[3].buffer = NULL;
    if (status == TORSH_OK) status = send(launch, &j, bound, 5, word, ((uint64_t)x->numel + GPU_GROUP - 1) / GPU_GROUP);
    for (int i = 0; i < 3; i++) torsh__wg_free(in[i].aside);
    return status;
}

static torsh_status run(const torsh_launch *launch, const void *is_backward)
{
    if (launch->compute != TORSH_F32) return torsh__wg_no_dtype(launch, launch->compute);
    for (int i = 0; i < launch->inputs; i++)
        if (launch->input[i] && launch->input[i]->device == TORSH_CPU)
            return torsh__wg_host->fail(TORSH_DEVICE_MISMATCH, "%s: webgpu needs all inputs on the device", launch->op->name);
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = is_backward ? backward(launch) : forward(launch);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

static const char yes;
const wg_kernel torsh__wg_loss_kernels[] = {{"nll_forward", run, NULL}, {"nll_backward", run, &yes}, {NULL, NULL, NULL}};
