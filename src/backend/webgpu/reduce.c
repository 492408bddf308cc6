/* Reduction rows: cuts the work so that no invocation loops longer than some drivers allow, and runs the printed kernels. */
#include "layout.h"

#include <string.h>

enum { SERIAL_MOST = 256, PART_LEAST = 16384 /* elements worth a workgroup of their own */, PARTS_MOST = 1024 };

typedef struct wg_reduction {
    const char *name;
    gpu_reduction row;
} wg_reduction;

typedef struct job {
    const wg_reduction *program;
    gpu_form form;
} job;

static bool print(gpu_text *text, const void *context, char *problem, size_t size)
{
    const job *j = context;
    return torsh__gpu_wgsl_reduction(text, &j->program->row, &j->form, problem, size);
}

/* The operand's dims that are (or aren't) in the mask, as an operand of those dims. */
typedef struct some_dims {
    torsh_operand operand;
    int64_t sizes[64], strides[64];
} some_dims;

static void take_dims(some_dims *p, const torsh_operand *o, uint64_t mask, bool in)
{
    p->operand = *o;
    p->operand.ndim = 0;
    p->operand.numel = 1;
    p->operand.sizes = p->sizes;
    p->operand.strides = p->strides;
    for (int d = 0; d < o->ndim; d++) {
        if ((mask >> d & 1) != (uint64_t)in) continue;
        p->sizes[p->operand.ndim] = o->sizes[d];
        p->strides[p->operand.ndim++] = o->strides[d];
        p->operand.numel *= o->sizes[d];
    }
}

static uint64_t mask_of(const torsh_launch *launch)
{
    const int64_t *dims = launch->values[1].list.data;
    size_t count = launch->values[1].list.count;
    int ndim = launch->input[0]->ndim;
    uint64_t mask = 0;
    if (count == 0) return ndim ? ~UINT64_C(0) >> (64 - ndim) : 0;
    for (size_t i = 0; i < count; i++) mask |= UINT64_C(1) << (ndim ? (dims[i] < 0 ? dims[i] + ndim : dims[i]) : 0);
    return mask;
}

typedef struct plan {
    const torsh_launch *launch;
    const wg_reduction *program;
    wg_walk outer, inner;
    wg_bound result, input;
    uint32_t result_offset, input_offset;
    uint64_t count, length;
    uint32_t p;
} plan;

/* One dispatch: from the input or `accumulators` of it, to the result or to `accumulators`. */
static torsh_status stage(const plan *s, const wg_bound *from, const wg_bound *to, uint64_t length, uint64_t parts)
{
    job j;
    memset(&j, 0, sizeof j);
    const torsh_launch *launch = s->launch;
    j.program = s->program;
    j.form.compute = (uint8_t)launch->compute;
    j.form.rank = (uint8_t)s->outer.rank;
    j.form.inner = from ? 0 : (uint8_t)s->inner.rank;
    j.form.operands = 2;
    j.form.spread = length > SERIAL_MOST;
    j.form.raw_in = from != NULL;
    j.form.raw_out = to != NULL;
    j.form.operand[0] = (gpu_operand){launch->output[0]->dtype, GPU_BUFFER, 1};
    j.form.operand[1] = (gpu_operand){launch->input[0]->dtype, GPU_BUFFER, 2};

    uint64_t part = (length + parts - 1) / parts;
    uint32_t word[GPU_WORDS] = {(uint32_t)s->count, (uint32_t)length, (uint32_t)parts, (uint32_t)part, (uint32_t)s->length};
    int n = 5;
    for (int d = 0; d < s->outer.rank; d++) word[n++] = (uint32_t)s->outer.sizes[d];
    for (int d = 0; d < j.form.inner; d++) word[n++] = (uint32_t)s->inner.sizes[d];
    word[n++] = s->result_offset;
    for (int d = 0; d < s->outer.rank; d++) word[n++] = (uint32_t)s->outer.strides[0][d];
    word[n++] = s->input_offset;
    for (int d = 0; d < s->outer.rank; d++) word[n++] = (uint32_t)s->outer.strides[1][d];
    for (int d = 0; d < j.form.inner; d++) word[n++] = (uint32_t)s->inner.strides[0][d];
    word[n++] = s->p;

    struct { const wg_reduction *program; gpu_form form; } key;
    memset(&key, 0, sizeof key);
    key.program = s->program;
    key.form = j.form;
    const wg_pipeline *pipeline = torsh__wg_pipeline(s->program->name, &key, sizeof key, print, &j);
    if (!pipeline) return TORSH_UNSUPPORTED;
    wg_bound bound[2] = {to ? *to : s->result, from ? *from : s->input};
    uint64_t groups = j.form.spread ? s->count * parts : (s->count + GPU_GROUP - 1) / GPU_GROUP;
    return torsh__wg_dispatch(s->program->name, pipeline, bound, 2, word, n, groups, 1);
}

/* A second dispatch where one workgroup a result leaves the device idle or would loop too long. */
static torsh_status run_plan(const plan *s)
{
    uint64_t parts = 1, most = (uint64_t)WG_ROUNDS * GPU_GROUP;
    if (s->count < 64) parts = s->length / PART_LEAST;
    if (s->length / (parts ? parts : 1) > most) parts = (s->length + most - 1) / most;
    if (parts > PARTS_MOST && s->length / PARTS_MOST <= most) parts = PARTS_MOST;
    if (parts <= 1) return stage(s, NULL, NULL, s->length, 1);
    gpu_form form = {.compute = (uint8_t)s->launch->compute, .operand = {{.dtype = s->launch->output[0]->dtype}}};
    uint64_t bytes = s->count * parts * 4 * (uint64_t)torsh__gpu_accumulator_words(&s->program->row, &form);
    wg_buffer *aside = torsh__wg_alloc((size_t)bytes);
    if (!aside) return torsh__wg_host->fail(TORSH_OUT_OF_MEMORY, "%s: webgpu: no memory for partial results", s->program->name);
    wg_bound between = {aside, 0, bytes};
    torsh_status status = stage(s, NULL, &between, s->length, parts);
    if (status == TORSH_OK) status = stage(s, &between, NULL, parts, 1);
    torsh__wg_free(aside);
    return status;
}

static torsh_status run_locked(const torsh_launch *launch, const wg_reduction *program)
{
    const torsh_operand *out = launch->output[0], *in = launch->input[0];
    uint64_t mask = mask_of(launch);
    some_dims kept, reduced, result;
    plan s = {.launch = launch, .program = program};
    take_dims(&kept, in, mask, false);
    take_dims(&reduced, in, mask, true);
    take_dims(&result, out, out->ndim == in->ndim ? mask : 0, false);
    if (out->numel == 0) return TORSH_OK;
    const torsh_operand *outer[2] = {&result.operand, &kept.operand}, *inner = &reduced.operand;
    torsh_status status = torsh__wg_walk(program->name, 2, outer, &s.outer);
    if (status == TORSH_OK) status = torsh__wg_walk(program->name, 1, &inner, &s.inner);
    if (status) return status;
    s.count = (uint64_t)result.operand.numel;
    s.length = (uint64_t)reduced.operand.numel;
    s.result = torsh__wg_bind_operand(out, &s.result_offset);
    gpu_class which = GPU_FLOAT;
    torsh__gpu_class(launch->compute, &which);
    for (int i = 0; i < launch->op->param_count; i++)
        if (launch->op->params[i].kind == TORSH_PARAM_DOUBLE) s.p = torsh__wg_word(which, launch->compute, launch->values[i].f);
    wg_buffer *aside = NULL;
    torsh_operand moved = *in;
    if (in->numel == 0) {
        aside = torsh__wg_alloc(4); /* something to bind; nothing is read */
        if (!aside) return torsh__wg_host->fail(TORSH_OUT_OF_MEMORY, "%s: webgpu: no memory", program->name);
        s.input = (wg_bound){aside, 0, 4};
    } else {
        status = torsh__wg_apart(program->name, out, &moved, &aside);
        s.input = torsh__wg_bind_operand(&moved, &s.input_offset);
    }
    if (status == TORSH_OK) status = run_plan(&s);
    torsh__wg_free(aside);
    return status;
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    gpu_class which;
    if (!torsh__gpu_class(launch->compute, &which)) return torsh__wg_no_dtype(launch, launch->compute);
    if (!torsh__gpu_storable((torsh_dtype)launch->output[0]->dtype)) return torsh__wg_no_dtype(launch, (torsh_dtype)launch->output[0]->dtype);
    if (!torsh__gpu_storable((torsh_dtype)launch->input[0]->dtype)) return torsh__wg_no_dtype(launch, (torsh_dtype)launch->input[0]->dtype);
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = run_locked(launch, data);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

torsh_kernel torsh__wg_reduction(const torsh_op_info *op)
{
    char problem[96];
    wg_reduction *p = torsh__wg_host->alloc(sizeof *p);
    if (!p) return (torsh_kernel){NULL, NULL};
    memset(p, 0, sizeof *p);
    p->name = op->name;
    if (torsh__gpu_parse_reduction(&p->row, op, problem, sizeof problem)) return (torsh_kernel){run, p};
    torsh__wg_host->log(1, "webgpu: %s: %s", op->name, problem);
    torsh__wg_host->free(p, sizeof *p);
    return (torsh_kernel){NULL, NULL};
}
