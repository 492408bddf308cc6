/* Pointwise rows: from the row's text to a dispatch. A stranger's row runs by the same way. */
#include "pointwise.h"

#include <string.h>

typedef struct job {
    const wg_program *program;
    gpu_form form;
    wg_bound bound[GPU_MOST_OPERANDS];
    uint32_t offset[GPU_MOST_OPERANDS];
    int bindings;
} job;

const wg_program *torsh__wg_program(const char *name, const char *value, bool to_bool)
{
    wg_program *p = torsh__wg_host->alloc(sizeof *p);
    if (!p) return NULL;
    memset(p, 0, sizeof *p);
    p->name = name;
    p->to_bool = to_bool;
    if (torsh__gpu_parse(&p->value, value)) return p;
    torsh__wg_host->log(1, "webgpu: %s: %s", name, p->value.problem);
    torsh__wg_host->free(p, sizeof *p);
    return NULL;
}

const wg_program *torsh__wg_program_once(const char *name, const char *value, bool to_bool)
{
    enum { MOST = 16 };
    static struct { const char *name, *value; const wg_program *program; } kept[MOST];
    int i = 0;
    while (i < MOST && kept[i].program && (strcmp(kept[i].name, name) != 0 || strcmp(kept[i].value, value) != 0 || kept[i].program->to_bool != to_bool)) i++;
    if (i == MOST) return NULL;
    if (!kept[i].program) {
        kept[i].program = torsh__wg_program(name, value, to_bool);
        kept[i].name = name;
        kept[i].value = value;
    }
    return kept[i].program;
}

static bool print(gpu_text *text, const void *context, char *problem, size_t size)
{
    const job *j = context;
    return torsh__gpu_wgsl_pointwise(text, &j->program->value, j->program->to_bool, &j->form, problem, size);
}

static bool read_by(const wg_program *program, int input)
{
    static const char *const names[3] = {"a", "b", "c"};
    return torsh__gpu_uses(&program->value, names[input]) || (input == 0 && torsh__gpu_uses(&program->value, "x"));
}

static bool same_place(const wg_walk *walk, int k, const torsh_operand *a, const torsh_operand *b)
{
    return a->offset == b->offset && a->dtype == b->dtype &&
           memcmp(walk->strides[0], walk->strides[k], (size_t)walk->rank * sizeof walk->strides[0][0]) == 0;
}

/* Gives every operand its binding. Operands that share the output's buffer share its binding: WebGPU refuses a buffer that is
 * both read and written. */
static void bind(job *j, const torsh_operand *const *operands)
{
    gpu_operand *form = j->form.operand;
    form[0].how = GPU_BUFFER;
    form[0].binding = 1;
    j->bindings = 1;
    j->bound[0] = torsh__wg_bind_operand(operands[0], &j->offset[0]);
    for (int k = 1; k < j->form.operands; k++)
        if (form[k].how == GPU_BUFFER && operands[k]->memory == operands[0]->memory) {
            wg_bound both = torsh__wg_bind_both(operands[0], operands[k], &j->offset[0], &j->offset[k]);
            uint64_t end = j->bound[0].offset + j->bound[0].size, both_end = both.offset + both.size;
            if (j->bound[0].offset < both.offset) both.offset = j->bound[0].offset;
            j->bound[0].offset = both.offset;
            j->bound[0].size = (end > both_end ? end : both_end) - both.offset;
            form[k].binding = 1;
        }
    for (int k = 0; k < j->form.operands; k++) {
        if (form[k].how != GPU_BUFFER) continue;
        if (k == 0 || form[k].binding == 1) { /* relative to the final start of the shared part */
            j->offset[k] = (uint32_t)((uint64_t)operands[k]->offset - j->bound[0].offset / torsh__wg_size((torsh_dtype)operands[k]->dtype));
        } else {
            j->bound[j->bindings] = torsh__wg_bind_operand(operands[k], &j->offset[k]);
            form[k].binding = (uint8_t)++j->bindings;
        }
    }
}

static torsh_status send(job *j, const wg_walk *walk, const torsh_operand *const *operands, gpu_class which, const double *attributes)
{
    uint32_t word[GPU_WORDS];
    int n = 0;
    word[n++] = (uint32_t)walk->numel;
    for (int d = 0; d < walk->rank; d++) word[n++] = (uint32_t)walk->sizes[d];
    for (int k = 0; k < j->form.operands; k++) {
        if (j->form.operand[k].how != GPU_BUFFER) continue;
        word[n++] = j->offset[k];
        for (int d = 0; d < walk->rank; d++) word[n++] = (uint32_t)walk->strides[k][d];
    }
    for (int k = 1; k < j->form.operands; k++) {
        double value;
        int64_t integer;
        bool integral;
        if (j->form.operand[k].how != GPU_UNIFORM) continue;
        torsh__wg_scalar(operands[k], &value, &integer, &integral);
        word[n++] = integral ? torsh__wg_integer_word(which, integer) : torsh__wg_word(which, (torsh_dtype)j->form.compute, value);
    }
    for (int k = 0; k < 3; k++) word[n++] = torsh__wg_word(which, (torsh_dtype)j->form.compute, attributes[k]);

    struct { const wg_program *program; gpu_form form; } key;
    memset(&key, 0, sizeof key);
    key.program = j->program;
    key.form = j->form;
    const wg_pipeline *pipeline = torsh__wg_pipeline(j->program->name, &key, sizeof key, print, j);
    if (!pipeline) return TORSH_UNSUPPORTED;
    uint64_t per = j->form.packed ? (uint64_t)torsh__gpu_per_word((torsh_dtype)operands[0]->dtype) : 1;
    uint64_t invocations = ((uint64_t)walk->numel + per - 1) / per;
    return torsh__wg_dispatch(j->program->name, pipeline, j->bound, j->bindings, word, n, (invocations + GPU_GROUP - 1) / GPU_GROUP, 1);
}

torsh_status torsh__wg_run_pointwise(const wg_program *program, torsh_dtype compute, const torsh_operand *output, int inputs,
                                     const torsh_operand *const *input, const double *attributes)
{
    const torsh_operand *operands[GPU_MOST_OPERANDS] = {output};
    torsh_operand aside[GPU_MOST_OPERANDS];
    wg_buffer *temporary[GPU_MOST_OPERANDS] = {NULL};
    gpu_class which = GPU_FLOAT;
    wg_walk walk;
    job j;
    memset(&j, 0, sizeof j);
    j.program = program;
    if (output->numel == 0) return TORSH_OK;
    for (int k = 0; k < inputs; k++) operands[k + 1] = input[k];
    torsh_status status = torsh__wg_walk(program->name, inputs + 1, operands, &walk);
    if (status) return status;
    torsh__gpu_class(compute, &which);
    int per = torsh__gpu_per_word((torsh_dtype)output->dtype);
    j.form.compute = (uint8_t)compute;
    j.form.rank = (uint8_t)walk.rank;
    j.form.operands = (uint8_t)(inputs + 1);
    j.form.packed = per > 1 && walk.dense && output->offset % per == 0;
    j.form.operand[0].dtype = output->dtype;
    for (int k = 1; k <= inputs && status == TORSH_OK; k++) {
        j.form.operand[k].dtype = operands[k]->dtype;
        j.form.operand[k].how = !read_by(program, k - 1) ? GPU_UNREAD : operands[k]->device == TORSH_CPU ? GPU_UNIFORM : GPU_BUFFER;
        if (j.form.operand[k].how == GPU_UNIFORM) j.form.operand[k].dtype = 0; /* no matter for the text */
        if (j.form.operand[k].how == GPU_BUFFER && operands[k]->memory == output->memory && !same_place(&walk, k, output, operands[k])) {
            aside[k] = *operands[k]; /* another view of the memory that is written: read a copy */
            status = torsh__wg_apart(program->name, output, &aside[k], &temporary[k]);
            operands[k] = &aside[k];
        }
    }
    if (status == TORSH_OK) {
        bind(&j, operands);
        status = send(&j, &walk, operands, which, attributes);
    }
    for (int k = 1; k <= inputs; k++) torsh__wg_free(temporary[k]);
    return status;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void read_attributes(const torsh_launch *launch, double *attributes)
{
    int count = 0;
    for (int i = 0; i < launch->op->param_count && count < 3; i++)
        if (launch->op->params[i].kind == TORSH_PARAM_DOUBLE) attributes[count++] = launch->values[i].f;
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    const wg_program *program = data;
    gpu_class which;
    double attributes[3] = {0, 0, 0}, value;
    int64_t integer;
    bool integral;
    if (!torsh__gpu_class(launch->compute, &which)) return torsh__wg_no_dtype(launch, launch->compute);
    if (!torsh__gpu_storable((torsh_dtype)launch->output[0]->dtype)) return torsh__wg_no_dtype(launch, (torsh_dtype)launch->output[0]->dtype);
    for (int i = 0; i < launch->inputs; i++) {
        const torsh_operand *o = launch->input[i];
        bool readable = o->device == TORSH_CPU ? torsh__wg_scalar(o, &value, &integer, &integral) : torsh__gpu_storable((torsh_dtype)o->dtype);
        if (!readable) return torsh__wg_no_dtype(launch, (torsh_dtype)o->dtype);
    }
    read_attributes(launch, attributes);
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = torsh__wg_run_pointwise(program, launch->compute, launch->output[0], launch->inputs, launch->input, attributes);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

torsh_kernel torsh__wg_pointwise(const torsh_op_info *op)
{
    int inputs = 0;
    for (int i = 0; i < op->param_count; i++) inputs += op->params[i].kind == TORSH_PARAM_TENSOR;
    if (!op->value || inputs == 0 || inputs > 3 || op->outputs != 1) return (torsh_kernel){NULL, NULL};
    const wg_program *program = torsh__wg_program(op->name, op->value, op->to_bool);
    return program ? (torsh_kernel){run, program} : (torsh_kernel){NULL, NULL};
}
