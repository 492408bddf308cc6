/* Copies with conversion, and fills: pointwise programs without a row. Same-dtype elements of 8 and 16 bytes, which no
 * kernel computes in, move as f32 pairs and quads would: word by word. */
#include "pointwise.h"

#include <string.h>

/* ---- copies ---------------------------------------------------------------------------------------------------- */

/* The dtype that carries any value of both ends: that of the narrower class where one is an integer. */
static torsh_dtype carrier(torsh_dtype to, torsh_dtype from)
{
    bool to_float = to >= TORSH_F16, from_float = from >= TORSH_F16;
    if (to == TORSH_BOOL && !from_float) return TORSH_BOOL;
    return from_float || to_float ? TORSH_F32 : TORSH_I32;
}

/* Elements of several words, as a tensor of i32 with one more dim, the innermost. */
typedef struct wide {
    torsh_operand operand;
    int64_t sizes[65], strides[65];
} wide;

static void as_words(wide *w, const torsh_operand *o)
{
    int64_t words = (int64_t)torsh__wg_size((torsh_dtype)o->dtype) / 4;
    for (int d = 0; d < o->ndim; d++) {
        w->sizes[d] = o->sizes[d];
        w->strides[d] = o->strides[d] * words;
    }
    w->sizes[o->ndim] = words;
    w->strides[o->ndim] = 1;
    w->operand = *o;
    w->operand.sizes = w->sizes;
    w->operand.strides = w->strides;
    w->operand.ndim = (int16_t)(o->ndim + 1);
    w->operand.offset = o->offset * words;
    w->operand.numel = o->numel * words;
    w->operand.dtype = TORSH_I32;
}

static torsh_status copy_operand(const torsh_launch *launch, const torsh_operand *to, const torsh_operand *from)
{
    static const double none[3];
    const wg_program *program = torsh__wg_program_once("copy", "x", false);
    if (!program) return TORSH_OUT_OF_MEMORY;
    torsh_dtype t = (torsh_dtype)to->dtype, f = (torsh_dtype)from->dtype;
    bool wide_pair = t == f && torsh__wg_size(t) > 4 && from->device != TORSH_CPU;
    if (wide_pair) {
        wide a, b;
        as_words(&a, to);
        as_words(&b, from);
        const torsh_operand *source = &b.operand;
        return torsh__wg_run_pointwise(program, TORSH_I32, &a.operand, 1, &source, none);
    }
    if (!torsh__gpu_storable(t)) return torsh__wg_no_dtype(launch, t);
    if (!torsh__gpu_storable(f)) return torsh__wg_no_dtype(launch, f);
    return torsh__wg_run_pointwise(program, carrier(t, f), to, 1, &from, none);
}

static torsh_status run_copy(const torsh_launch *launch, const void *data)
{
    (void)data;
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = copy_operand(launch, launch->output[0], launch->input[launch->inputs - 1]);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

/* ---- fills ----------------------------------------------------------------------------------------------------- */

/* The number as the dtype's bytes. */
static void as_bytes(torsh_dtype dtype, double v, unsigned char *bytes)
{
    int64_t whole = v >= 0x1p63 ? INT64_MAX : v > -0x1p63 ? (int64_t)v : INT64_MIN;
    float pair[2] = {(float)v, 0};
    double pair64[2] = {v, 0};
    if (dtype == TORSH_I64) memcpy(bytes, &whole, 8);
    else if (dtype == TORSH_F64 || dtype == TORSH_C128) memcpy(bytes, pair64, torsh__wg_size(dtype));
    else memcpy(bytes, pair, 8);
}

/* Elements of several words: word i of each, in turn. */
static torsh_status fill_wide(const torsh_operand *to, double v)
{
    const wg_program *program = torsh__wg_program_once("full", "x", false);
    unsigned char bytes[16];
    wide w;
    if (!program) return TORSH_OUT_OF_MEMORY;
    as_bytes((torsh_dtype)to->dtype, v, bytes);
    as_words(&w, to);
    int64_t words = w.sizes[to->ndim];
    w.sizes[to->ndim] = 1;
    w.operand.numel = to->numel;
    torsh_status status = TORSH_OK;
    for (int64_t i = 0; i < words && status == TORSH_OK; i++) {
        torsh_operand number = {.memory = bytes + 4 * i, .numel = 1, .dtype = TORSH_I32, .device = TORSH_CPU, .contiguous = true};
        const torsh_operand *source = &number;
        static const double none[3];
        status = torsh__wg_run_pointwise(program, TORSH_I32, &w.operand, 1, &source, none);
        w.operand.offset++;
    }
    return status;
}

static torsh_status fill(const torsh_operand *to, double v)
{
    gpu_class which;
    if (!torsh__gpu_class((torsh_dtype)to->dtype, &which)) return fill_wide(to, v);
    const wg_program *program = torsh__wg_program_once("full", "p", false);
    if (!program) return TORSH_OUT_OF_MEMORY;
    return torsh__wg_run_pointwise(program, (torsh_dtype)to->dtype, to, 0, NULL, (const double[3]){v, 0, 0});
}

/* zeros, ones and zero_ have their value in `data`; full has a DOUBLE parameter. */
static torsh_status run_fill(const torsh_launch *launch, const void *data)
{
    double v = data ? *(const double *)data : 0;
    for (int i = 0; i < launch->op->param_count; i++)
        if (launch->op->params[i].kind == TORSH_PARAM_DOUBLE) v = launch->values[i].f;
    pthread_mutex_lock(&torsh__wg_lock);
    torsh_status status = fill(launch->output[0], v);
    pthread_mutex_unlock(&torsh__wg_lock);
    return status;
}

static torsh_status run_empty(const torsh_launch *launch, const void *data)
{
    (void)launch, (void)data;
    return TORSH_OK;
}

static const double zero = 0, one = 1;

const wg_kernel torsh__wg_copy_kernels[] = {
    {"copy_", run_copy, NULL}, {"clone", run_copy, NULL}, {"convert", run_copy, NULL}, {"fill_", run_copy, NULL}, {"full", run_fill, &zero},
    {"zeros", run_fill, &zero}, {"ones", run_fill, &one}, {"zero_", run_fill, &zero}, {"empty", run_empty, NULL}, {NULL, NULL, NULL},
};
