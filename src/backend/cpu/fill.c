/* Sequences (arange, linspace, logspace), the unit matrix and triangles. Constants: copy.c.
 * The formulas are those of PyTorch's ATen/native/cpu/RangeFactoriesKernel.cpp and ATen/native/RangeFactories.cpp. */
#include "fill.h"
#include "copy.h"
#include "copy_kernels.h"
#include "shape.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 512 };

/* ---- sequences ----------------------------------------------------------------------------------------------- */

typedef struct sequence {
    double start, end, step, base; /* base: logspace */
    int64_t first, stride;         /* arange of integers */
    int64_t count, out_stride;
    torsh_dtype dtype, made; /* what make writes, converted to dtype */
    void (*make)(const struct sequence *s, int64_t at, int64_t n, void *values);
    char *out;
} sequence;

static void piece(void *context, int64_t i)
{
    const sequence *s = context;
    _Alignas(8) char values[BLOCK * 8];
    int64_t step = s->out_stride * torsh__dtypes[s->dtype].size, unit = torsh__dtypes[s->made].size;
    int64_t at = i * TORSH__GRAIN, end = at + TORSH__GRAIN < s->count ? at + TORSH__GRAIN : s->count;
    torsh__convert_loop *store = TORSH__ISA_PICK(torsh__copy)->convert[s->made][s->dtype];
    bool direct = s->made == s->dtype && s->out_stride == 1;
    for (; at < end; at += BLOCK) {
        int64_t n = end - at < BLOCK ? end - at : BLOCK;
        if (direct) s->make(s, at, n, s->out + at * step);
        else s->make(s, at, n, values);
        if (!direct) store(n, s->out + at * step, step, values, unit);
    }
}

static torsh_status run_sequence(sequence *s, const torsh_operand *out)
{
    s->count = out->numel;
    s->dtype = torsh__operand_dtype(out);
    s->out = torsh__operand_data(out);
    s->out_stride = out->strides[0];
    torsh__parallel((s->count + TORSH__GRAIN - 1) / TORSH__GRAIN, piece, s);
    return TORSH_OK;
}

/* A value as the dtype holds it. */
static double rounded(torsh_dtype dtype, double value)
{
    if (dtype == TORSH_F32) return (double)(float)value;
    if (dtype == TORSH_F16) return (double)torsh__f16_to_f32(torsh__f32_to_f16((float)value));
    if (dtype == TORSH_BF16) return (double)torsh__bf16_to_f32(torsh__f32_to_bf16((float)value));
    return dtype == TORSH_F64 ? value : trunc(value);
}

static void make_whole(const sequence *s, int64_t at, int64_t n, void *values)
{
    int64_t *v = values;
    for (int64_t i = 0; i < n; i++) v[i] = (int64_t)((uint64_t)s->first + (uint64_t)s->stride * (uint64_t)(at + i));
}

/* In f64 and rounded once; PyTorch's vector loops round the start of each vector too, which can cost it the last bit. */
static void make_range(const sequence *s, int64_t at, int64_t n, void *values)
{
    const torsh__copy_table *t = TORSH__ISA_PICK(torsh__copy);
    (s->made == TORSH_F32 ? t->range_f32 : t->range_f64)(n, values, s->start, s->step, at, 1);
}

/* The 16-bit dtypes compute in f32. */
static void make_range_half(const sequence *s, int64_t at, int64_t n, void *values)
{
    float *v = values, start = (float)s->start, step = (float)s->step;
    for (int64_t i = 0; i < n; i++) v[i] = start + step * (float)(at + i);
}

static torsh_status run_arange(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_value *v = launch->values;
    torsh_dtype dtype = torsh__operand_dtype(launch->output[0]);
    sequence s = {.start = v[0].f, .step = v[2].f, .made = TORSH_F64, .make = make_range};
    if (torsh__dtypes[dtype].category <= TORSH__INTEGER) {
        s.first = (int64_t)v[0].f;
        s.stride = (int64_t)v[2].f;
        s.made = TORSH_I64;
        s.make = make_whole;
    } else if (torsh__dtypes[dtype].size == 2) {
        s.made = TORSH_F32;
        s.make = make_range_half;
    } else if (dtype == TORSH_F32) {
        s.made = TORSH_F32;
    }
    return run_sequence(&s, launch->output[0]);
}

/* From both ends to the middle, so that the last value is `end` itself; fused, as PyTorch's compiled loops are. */
static void make_line(const sequence *s, int64_t at, int64_t n, void *values)
{
    const torsh__copy_table *t = TORSH__ISA_PICK(torsh__copy);
    torsh__sequence_loop *line = s->made == TORSH_F32 ? t->line_f32 : t->line_f64;
    int64_t half = s->count / 2, left = at >= half ? 0 : half - at < n ? half - at : n;
    line(left, values, s->start, s->step, at, 1);
    line(n - left, (char *)values + left * torsh__dtypes[s->made].size, s->end, -s->step, s->count - 1 - at - left, -1);
}

/* base to the power of a line, both in f64. */
static void make_power(const sequence *s, int64_t at, int64_t n, void *values)
{
    double *v = values;
    int64_t half = s->count / 2;
    for (int64_t i = 0; i < n; i++) {
        int64_t k = at + i, back = s->count - k - 1;
        double from = k < half ? s->start : s->end, way = k < half ? s->step * (double)k : -(s->step * (double)back);
        v[i] = pow(s->base, from + way);
    }
}

static torsh_status run_spaced(const torsh_launch *launch, bool power)
{
    const torsh_value *v = launch->values;
    const torsh_operand *out = launch->output[0];
    torsh_dtype dtype = torsh__operand_dtype(out);
    bool single = torsh_dtype_is_floating_point(dtype) && dtype != TORSH_F64; /* the 16-bit dtypes compute in f32 */
    if (power && out->numel == 1) dtype = TORSH_F64; /* one element is rounded at its end only */
    sequence s = {.start = rounded(dtype, v[0].f), .end = rounded(dtype, v[1].f), .base = power ? v[3].f : 0};
    double gaps = out->numel > 1 ? (double)(out->numel - 1) : 1;
    s.step = single ? (double)(((float)s.end - (float)s.start) / (float)gaps) : (s.end - s.start) / gaps;
    if (out->numel == 1) s.end = s.start;
    s.made = single && !power ? TORSH_F32 : TORSH_F64;
    s.make = power ? make_power : make_line;
    return run_sequence(&s, out);
}

static torsh_status run_linspace(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_spaced(launch, false);
}

static torsh_status run_logspace(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_spaced(launch, true);
}

/* ---- matrices ------------------------------------------------------------------------------------------------ */

static torsh_status run_eye(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0];
    int64_t rows = out->sizes[0], columns = out->sizes[1], n = rows < columns ? rows : columns;
    int64_t size = torsh__dtypes[out->dtype].size;
    int64_t step = (out->strides[0] + out->strides[1]) * size;
    if (out->contiguous) memset(torsh__operand_data(out), 0, (size_t)(out->numel * size));
    else torsh__fill_operand(out, &(int64_t){0}, TORSH_I64);
    TORSH__ISA_PICK(torsh__copy)->convert[TORSH_I64][out->dtype](n, torsh__operand_data(out), step, &(int64_t){1}, 0);
    return TORSH_OK;
}

typedef struct triangle {
    const torsh_operand *out;
    int64_t diagonal, band; /* band: rows one piece takes */
    bool lower;
} triangle;

/* Zeroes what the triangle leaves out, in rows [i * band, (i + 1) * band) of the stack of matrices. */
static void clear_band(void *context, int64_t i)
{
    const triangle *t = context;
    const torsh_operand *out = t->out;
    int n = out->ndim;
    int64_t size = torsh__dtypes[out->dtype].size, rows = out->sizes[n - 2], columns = out->sizes[n - 1], all = out->numel / columns;
    int64_t step = out->strides[n - 1] * size;
    for (int64_t at = i * t->band; at < (i + 1) * t->band && at < all; at++) {
        int64_t row = at % rows, rest = at / rows, limit = row + t->diagonal + (t->lower ? 1 : 0);
        char *line = torsh__operand_data(out) + row * out->strides[n - 2] * size;
        for (int d = n - 2; d-- > 0; rest /= out->sizes[d]) line += rest % out->sizes[d] * out->strides[d] * size;
        limit = limit < 0 ? 0 : limit > columns ? columns : limit;
        int64_t from = t->lower ? limit : 0, to = t->lower ? columns : limit;
        if (step == size) memset(line + from * size, 0, (size_t)((to - from) * size));
        else
            for (int64_t k = from; k < to; k++) memset(line + k * step, 0, (size_t)size);
    }
}

static torsh_status run_triangle(const torsh_launch *launch, bool lower)
{
    const torsh_operand *out = launch->output[0], *in = launch->input[0];
    int64_t diagonal = launch->values[1].i, reach = INT64_MAX / 4;
    if (out->numel == 0) return TORSH_OK;
    if (out != in && torsh__operand_data(out) != torsh__operand_data(in)) torsh__copy_operand_near(out, in);
    triangle t = {out, diagonal < -reach ? -reach : diagonal > reach ? reach : diagonal, 1, lower};
    int64_t columns = out->sizes[out->ndim - 1], rows = out->numel / columns;
    t.band = TORSH__GRAIN / columns + 1;
    torsh__parallel((rows + t.band - 1) / t.band, clear_band, &t);
    return TORSH_OK;
}

static torsh_status run_tril(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_triangle(launch, true);
}

static torsh_status run_triu(const torsh_launch *launch, const void *data)
{
    (void)data;
    return run_triangle(launch, false);
}

/* empty: memory as it comes. */
static torsh_status run_nothing(const torsh_launch *launch, const void *data)
{
    (void)launch, (void)data;
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_fill_kernels[] = {
    {"empty", {run_nothing, NULL}}, {"arange", {run_arange, NULL}}, {"linspace", {run_linspace, NULL}}, {"logspace", {run_logspace, NULL}},
    {"eye", {run_eye, NULL}},       {"tril", {run_tril, NULL}},     {"triu", {run_triu, NULL}},         {NULL, {NULL, NULL}},
};
