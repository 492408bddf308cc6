/* The random ops: which fill (random.h) with which arguments, the generator's lock, and the order of elements. */
#include "random_ops.h"
#include "alloc.h"
#include "copy.h"
#include "copy_kernels.h"
#include "generator.h"
#include "iterate.h"
#include "random.h"
#include "shape.h"

#include <math.h>
#include <stdlib.h>

/* ---- order --------------------------------------------------------------------------------------------------- */

/* Dims by falling strides: the order in which PyTorch's iterator visits a tensor's elements. */
typedef struct order {
    int dims[TORSH__MAX_RANK];
    int64_t sizes[TORSH__MAX_RANK], strides[TORSH__MAX_RANK];
} order;

static void stride_order(order *o, const torsh_operand *v)
{
    for (int i = 0; i < v->ndim; i++) {
        int at = i;
        for (; at > 0 && llabs(v->strides[o->dims[at - 1]]) < llabs(v->strides[i]); at--) o->dims[at] = o->dims[at - 1];
        o->dims[at] = i;
    }
}

/* v with its dims in that order. The arrays are the order's own: one operand at a time. */
static torsh_operand in_order(order *o, const torsh_operand *v)
{
    torsh_operand result = *v;
    for (int d = 0; d < v->ndim; d++) {
        o->sizes[d] = v->sizes[o->dims[d]];
        o->strides[d] = v->strides[o->dims[d]];
    }
    result.sizes = o->sizes;
    result.strides = o->strides;
    result.contiguous = torsh__is_contiguous(v->ndim, o->sizes, o->strides);
    return result;
}

/* ---- fills --------------------------------------------------------------------------------------------------- */

typedef void draw(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v);

typedef struct fill {
    draw *dense, *strided;
} fill;

static torsh_generator generator_of(const torsh_launch *launch)
{
    return (torsh_generator){launch->values[launch->op->param_count - 1].handle};
}

/* Fills the output; complex numbers are pairs of reals. */
static torsh_status run_fill(const torsh_launch *launch, const void *data)
{
    const fill *f = data;
    const torsh_operand *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(out), real = torsh__dtype_to_real(dtype);
    int64_t reals = out->numel * (real == dtype ? 1 : 2);
    size_t bytes = (size_t)out->numel * torsh__dtypes[dtype].size;
    torsh_status status;
    void *scratch = out->contiguous ? NULL : torsh__alloc(bytes);
    if (!out->contiguous && !scratch) return TORSH_OUT_OF_MEMORY;
    torsh__generator *g = torsh__generator_lock(generator_of(launch), launch->op->name, &status);
    if (g) {
        (scratch ? f->strided : f->dense)(&g->rng, real, scratch ? scratch : torsh__operand_data(out), reals, launch->values);
        torsh__generator_unlock(generator_of(launch), g);
    }
    if (scratch && g) {
        order o;
        stride_order(&o, out);
        torsh_operand sorted = in_order(&o, out);
        torsh__operand_store(&sorted, dtype, scratch);
    }
    torsh__free(scratch, bytes);
    return status;
}

static void draw_rand(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    (void)v;
    torsh__fill_uniform(rng, dtype, out, n, 0, 1);
}
static void draw_randint(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_randint(rng, dtype, out, n, v[0].i, (uint64_t)v[1].i - (uint64_t)v[0].i);
}
static void draw_randperm(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    (void)v;
    torsh__fill_randperm(rng, dtype, out, n);
}
static void draw_uniform(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_uniform(rng, dtype, out, n, v[1].f, v[2].f);
}
static void draw_bernoulli(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_bernoulli(rng, dtype, out, n, v[1].f);
}
static void draw_random(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    (void)v;
    torsh__fill_random(rng, dtype, out, n);
}
static void draw_range(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_randint(rng, dtype, out, n, v[1].i, (uint64_t)v[2].i - (uint64_t)v[1].i);
}
static void draw_exponential(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_exponential(rng, dtype, out, n, v[1].f);
}
static void draw_geometric(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_geometric(rng, dtype, out, n, v[1].f);
}
static void draw_cauchy(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_cauchy(rng, dtype, out, n, v[1].f, v[2].f);
}
static void draw_log_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_log_normal(rng, dtype, out, n, v[1].f, v[2].f);
}
static void draw_normal(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_normal(rng, dtype, out, n, v[1].f, v[2].f);
}
static void draw_normal_strided(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    torsh__fill_normal_scalar(rng, dtype, out, n, v[1].f, v[2].f);
}
static void draw_randn(torsh__rng *rng, torsh_dtype dtype, void *out, int64_t n, const torsh_value *v)
{
    (void)v;
    torsh__fill_normal(rng, dtype, out, n, 0, 1);
}

static const fill rand_fill = {draw_rand, draw_rand}, randn_fill = {draw_randn, draw_randn}, randint_fill = {draw_randint, draw_randint},
                  randperm_fill = {draw_randperm, draw_randperm}, uniform_fill = {draw_uniform, draw_uniform},
                  normal_fill = {draw_normal, draw_normal_strided}, made_fill = {draw_normal, draw_normal}, bernoulli_fill = {draw_bernoulli, draw_bernoulli},
                  random_fill = {draw_random, draw_random}, range_fill = {draw_range, draw_range},
                  exponential_fill = {draw_exponential, draw_exponential}, geometric_fill = {draw_geometric, draw_geometric},
                  cauchy_fill = {draw_cauchy, draw_cauchy}, log_normal_fill = {draw_log_normal, draw_log_normal};

/* A complex normal has its variance in both parts together: each gets std / sqrt(2). */
static torsh_status run_normal(const torsh_launch *launch, const void *data)
{
    if (!torsh_dtype_is_complex(torsh__operand_dtype(launch->output[0]))) return run_fill(launch, data);
    bool maker = data == &randn_fill;
    torsh_value v[4] = {[1] = {.f = 0}, [2] = {.f = (maker ? 1 : launch->values[2].f) / 1.4142135623730951},
                        [3] = {.handle = generator_of(launch).id}};
    if (!maker) v[1].f = launch->values[1].f;
    torsh_launch scaled = *launch;
    scaled.values = v; /* randn_with has four params too, the generator last */
    return run_fill(&scaled, maker ? &made_fill : &normal_fill);
}

/* ---- from tensors of parameters ------------------------------------------------------------------------------ */

/* Every parameter lies in [0, most]; a NaN doesn't. */
static torsh_status check_parameters(const char *name, torsh_dtype dtype, const char *p, int64_t n, double most)
{
    double block[256];
    int64_t size = torsh__dtypes[dtype].size;
    torsh__convert_loop *widen = TORSH__ISA_PICK(torsh__copy)->convert[dtype][TORSH_F64];
    for (int64_t at = 0; at < n; at += 256) {
        int64_t m = n - at < 256 ? n - at : 256;
        widen(m, block, sizeof *block, p + at * size, size);
        for (int64_t i = 0; i < m; i++)
            if (!(block[i] >= 0 && block[i] <= most))
                return torsh__fail(TORSH_OUT_OF_RANGE, most == 1 ? "%s: each element must be a probability, in [0, 1]; one is %g"
                                                                 : "%s: no element may be negative; one is %g", name, block[i]);
    }
    return TORSH_OK;
}

/* In row-major order whatever the strides, unlike the fills; data is NULL for poisson. */
static torsh_status run_from_tensor(const torsh_launch *launch, const void *data)
{
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(in);
    void *scratch;
    size_t bytes;
    const void *p = torsh__operand_dense(in, dtype, &scratch, &bytes);
    if (!p) return TORSH_OUT_OF_MEMORY;
    torsh_status status = check_parameters(launch->op->name, dtype, p, in->numel, data ? 1 : (double)INFINITY);
    torsh__generator *g = status ? NULL : torsh__generator_lock(generator_of(launch), launch->op->name, &status);
    if (g) {
        if (data) torsh__fill_bernoulli_array(&g->rng, dtype, torsh__operand_data(out), out->numel, dtype, p);
        else torsh__fill_poisson(&g->rng, dtype, torsh__operand_data(out), out->numel, p);
        torsh__generator_unlock(generator_of(launch), g);
    }
    torsh__free(scratch, bytes);
    return status;
}

static torsh_status run_binomial(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(out);
    void *scratch[2];
    size_t bytes[2];
    torsh_status status = TORSH_OUT_OF_MEMORY;
    const void *counts = torsh__operand_dense(launch->input[0], dtype, &scratch[0], &bytes[0]);
    const void *p = torsh__operand_dense(launch->input[1], dtype, &scratch[1], &bytes[1]);
    torsh__generator *g = counts && p ? torsh__generator_lock(generator_of(launch), "binomial", &status) : NULL;
    if (g) {
        status = TORSH_OK;
        torsh__fill_binomial(&g->rng, dtype, torsh__operand_data(out), out->numel, counts, p);
        torsh__generator_unlock(generator_of(launch), g);
    }
    torsh__free(scratch[0], bytes[0]);
    torsh__free(scratch[1], bytes[1]);
    return status;
}

static torsh_status run_multinomial(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(in);
    int64_t categories = in->sizes[in->ndim - 1], rows = in->ndim == 2 ? in->sizes[0] : 1;
    void *scratch;
    size_t bytes;
    torsh_status status;
    const void *p = torsh__operand_dense(in, dtype, &scratch, &bytes);
    if (!p) return TORSH_OUT_OF_MEMORY;
    torsh__generator *g = torsh__generator_lock(generator_of(launch), "multinomial", &status);
    if (g) {
        status = torsh__multinomial(&g->rng, dtype, p, rows, categories, launch->values[1].i, launch->values[2].i != 0,
                                    (int64_t *)(void *)torsh__operand_data(out));
        torsh__generator_unlock(generator_of(launch), g);
    }
    torsh__free(scratch, bytes);
    return status;
}

/* ---- dropout ------------------------------------------------------------------------------------------------- */

typedef struct scaling {
    double scale;
    torsh_dtype dtype;
} scaling;

/* y = x * (kept ? scale : 0), so that 0 * infinity is NaN and the sign of x stays, as in PyTorch's product with its noise. By a table, as
 * a branch on random bits is guessed wrong half of the time. */
static void scale_chunk(void *context, int64_t n, void *const *data)
{
    const scaling *s = context;
    const uint8_t *kept = data[2];
    if (s->dtype == TORSH_F64) {
        double *y = data[0];
        const double *x = data[1], factor[2] = {0, s->scale};
        for (int64_t i = 0; i < n; i++) y[i] = x[i] * factor[kept[i] != 0];
    } else {
        float *y = data[0];
        const float *x = data[1], factor[2] = {0, (float)s->scale};
        for (int64_t i = 0; i < n; i++) y[i] = x[i] * factor[kept[i] != 0];
    }
}

/* 1 / keep as the dtype holds it: PyTorch divides its noise, 0 or 1, by keep in f32 for the 16-bit dtypes. */
static double noise_scale(torsh_dtype dtype, double scale)
{
    float single = (float)scale;
    if (dtype == TORSH_F64) return scale;
    if (dtype == TORSH_F16) single = torsh__f16_to_f32(torsh__f32_to_f16(single));
    if (dtype == TORSH_BF16) single = torsh__bf16_to_f32(torsh__f32_to_bf16(single));
    return (double)single;
}

static void apply_mask(const torsh_operand *out, const torsh_operand *in, const torsh_operand *mask, double scale)
{
    torsh_dtype dtype = torsh__operand_dtype(out), compute = dtype == TORSH_F64 ? TORSH_F64 : TORSH_F32;
    scaling s = {noise_scale(dtype, scale), compute};
    torsh__iterate(1, 2, (const torsh_operand *const[]){out, in, mask}, (const torsh_dtype[]){compute, compute, TORSH_BOOL}, scale_chunk, &s);
}

/* The mask in the memory order of the input. */
static torsh_status draw_mask(const torsh_operand *in, const torsh_operand *mask, double keep)
{
    torsh_status status;
    uint8_t *bits = (uint8_t *)torsh__operand_data(mask);
    size_t bytes = (size_t)mask->numel;
    if (!in->contiguous) bits = torsh__alloc(bytes);
    if (!bits) return TORSH_OUT_OF_MEMORY;
    torsh__generator *g = torsh__generator_lock((torsh_generator){0}, "dropout", &status);
    torsh__fill_bernoulli(&g->rng, TORSH_BOOL, bits, mask->numel, keep);
    torsh__generator_unlock((torsh_generator){0}, g);
    if (in->contiguous) return TORSH_OK;
    order o;
    stride_order(&o, in);
    torsh_operand sorted = in_order(&o, mask);
    torsh__operand_store(&sorted, TORSH_BOOL, bits);
    torsh__free(bits, bytes);
    return TORSH_OK;
}

static torsh_status run_dropout(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0], *mask = launch->output[1];
    double p = launch->values[1].f, keep = 1 - p;
    torsh_dtype dtype = torsh__operand_dtype(in);
    bool train = launch->values[2].i != 0;
    torsh_status status = TORSH_OK;
    if (!train || p == 1) memset(torsh__operand_data(mask), !train, (size_t)mask->numel);
    else status = draw_mask(in, mask, keep);
    if (status) return status;
    double scale = !train ? 1 : p == 1 ? 0 : dtype == TORSH_F64 ? 1 / keep : (double)(1.0f / (float)keep);
    apply_mask(out, in, mask, scale);
    return TORSH_OK;
}

static torsh_status run_dropout_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    apply_mask(launch->output[0], launch->input[0], launch->input[1], launch->values[2].f);
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_random_kernels[] = {
    {"rand", {run_fill, &rand_fill}},
    {"randn", {run_normal, &randn_fill}},
    {"randint", {run_fill, &randint_fill}},
    {"randperm", {run_fill, &randperm_fill}},
    {"bernoulli", {run_from_tensor, &bernoulli_fill}},
    {"poisson", {run_from_tensor, NULL}},
    {"binomial_draw", {run_binomial, NULL}},
    {"multinomial", {run_multinomial, NULL}},
    {"uniform_", {run_fill, &uniform_fill}},
    {"normal_", {run_normal, &normal_fill}},
    {"bernoulli_", {run_fill, &bernoulli_fill}},
    {"random_", {run_fill, &random_fill}},
    {"random_range_", {run_fill, &range_fill}},
    {"exponential_", {run_fill, &exponential_fill}},
    {"geometric_", {run_fill, &geometric_fill}},
    {"cauchy_", {run_fill, &cauchy_fill}},
    {"log_normal_", {run_fill, &log_normal_fill}},
    {"native_dropout", {run_dropout, NULL}},
    {"dropout_backward", {run_dropout_backward, NULL}},
    {NULL, {NULL, NULL}},
};
