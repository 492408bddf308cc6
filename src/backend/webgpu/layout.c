#include "layout.h"

#include <math.h>
#include <string.h>

enum { RANK_OF_TENSORS = 64 };

size_t torsh__wg_size(torsh_dtype dtype)
{
    static const unsigned char sizes[TORSH_DTYPE_COUNT] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
    return sizes[dtype];
}

static const char *dtype_name(torsh_dtype dtype)
{
    static const char *const names[TORSH_DTYPE_COUNT] = {"bool", "u8", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64", "c64", "c128"};
    return names[dtype];
}

torsh_status torsh__wg_no_dtype(const torsh_launch *launch, torsh_dtype dtype)
{
    return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: no webgpu kernel for dtype %s; move the tensor to the cpu or convert it", launch->op->name,
                                dtype_name(dtype));
}

/* ---- the walk ------------------------------------------------------------------------------------------------- */

typedef struct dims {
    int rank, lanes;
    int64_t sizes[RANK_OF_TENSORS], strides[GPU_MOST_OPERANDS][RANK_OF_TENSORS];
} dims;

static void load(dims *w, int count, const torsh_operand *const *operands)
{
    const torsh_operand *out = operands[0];
    w->rank = 0;
    w->lanes = count;
    for (int d = out->ndim; d-- > 0;) {
        if (out->sizes[d] == 1) continue;
        for (int k = 0; k < count; k++) {
            const torsh_operand *o = operands[k];
            int own = d - (out->ndim - o->ndim); /* dims align at the right */
            w->strides[k][w->rank] = own < 0 || o->sizes[own] == 1 ? 0 : o->strides[own];
        }
        w->sizes[w->rank++] = out->sizes[d];
    }
}

static void swap_dims(dims *w, int a, int b)
{
    int64_t t = w->sizes[a];
    w->sizes[a] = w->sizes[b];
    w->sizes[b] = t;
    for (int k = 0; k < w->lanes; k++) {
        t = w->strides[k][a];
        w->strides[k][a] = w->strides[k][b];
        w->strides[k][b] = t;
    }
}

/* Innermost the dim in which the first operand steps least, then neighbours that all operands step through as one are joined. */
static void simplify(dims *w)
{
    for (int i = 1; i < w->rank; i++)
        for (int j = i; j > 0 && w->strides[0][j] < w->strides[0][j - 1]; j--) swap_dims(w, j, j - 1);
    int last = 0;
    for (int d = 1; d < w->rank; d++) {
        bool joins = true;
        for (int k = 0; k < w->lanes && joins; k++) joins = w->strides[k][d] == w->strides[k][last] * w->sizes[last];
        if (joins) {
            w->sizes[last] *= w->sizes[d];
            continue;
        }
        last++;
        w->sizes[last] = w->sizes[d];
        for (int k = 0; k < w->lanes; k++) w->strides[k][last] = w->strides[k][d];
    }
    w->rank = w->rank ? last + 1 : 0;
}

torsh_status torsh__wg_walk(const char *what, int count, const torsh_operand *const *operands, wg_walk *walk)
{
    dims w;
    load(&w, count, operands);
    simplify(&w);
    if (w.rank > GPU_MOST_RANK)
        return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu kernels walk at most %d dims that can't be merged; these operands have %d. Make them contiguous", what,
                                    GPU_MOST_RANK, w.rank);
    walk->rank = w.rank;
    walk->numel = operands[0]->numel;
    walk->dense = true;
    int64_t step = 1;
    for (int d = 0; d < w.rank; d++) {
        walk->sizes[d] = w.sizes[d];
        for (int k = 0; k < count; k++) walk->strides[k][d] = w.strides[k][d];
        walk->dense &= w.strides[0][d] == step;
        step *= w.sizes[d];
    }
    if (walk->numel > INT32_MAX) return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu kernels count at most 2^31 - 1 elements", what);
    return TORSH_OK;
}

void torsh__wg_drop_dim(wg_across *a, const torsh_operand *o, int64_t dim)
{
    a->operand = *o;
    a->operand.sizes = a->sizes;
    a->operand.strides = a->strides;
    a->operand.ndim = 0;
    a->operand.numel = 1;
    a->step = o->ndim ? o->strides[dim] : 0;
    for (int d = 0; d < o->ndim; d++) {
        if (d == dim) continue;
        a->sizes[a->operand.ndim] = o->sizes[d];
        a->strides[a->operand.ndim++] = o->strides[d];
        a->operand.numel *= o->sizes[d];
    }
}

/* ---- bindings -------------------------------------------------------------------------------------------------- */

/* First byte and end of the operand's elements in its buffer. */
static void extent(const torsh_operand *o, uint64_t *first, uint64_t *end)
{
    int64_t low = o->offset, high = o->offset;
    for (int d = 0; d < o->ndim; d++) {
        int64_t far = (o->sizes[d] - 1) * o->strides[d];
        if (far < 0) low += far;
        else high += far;
    }
    uint64_t size = torsh__wg_size((torsh_dtype)o->dtype);
    *first = (uint64_t)low * size;
    *end = (uint64_t)(high + 1) * size;
}

static uint64_t align_end(uint64_t end)
{
    return (end + 3) & ~(uint64_t)3;
}

wg_bound torsh__wg_bind_operand(const torsh_operand *o, uint32_t *offset)
{
    uint64_t first, end;
    extent(o, &first, &end);
    uint64_t base = first / WG_ALIGN * WG_ALIGN;
    *offset = (uint32_t)((uint64_t)o->offset - base / torsh__wg_size((torsh_dtype)o->dtype));
    return (wg_bound){o->memory, base, align_end(end) - base};
}

wg_bound torsh__wg_bind_both(const torsh_operand *a, const torsh_operand *b, uint32_t *a_offset, uint32_t *b_offset)
{
    uint64_t first, end, other_first, other_end;
    extent(a, &first, &end);
    extent(b, &other_first, &other_end);
    if (other_first < first) first = other_first;
    if (other_end > end) end = other_end;
    uint64_t base = first / WG_ALIGN * WG_ALIGN;
    *a_offset = (uint32_t)((uint64_t)a->offset - base / torsh__wg_size((torsh_dtype)a->dtype));
    *b_offset = (uint32_t)((uint64_t)b->offset - base / torsh__wg_size((torsh_dtype)b->dtype));
    return (wg_bound){a->memory, base, align_end(end) - base};
}

torsh_status torsh__wg_apart(const char *what, const torsh_operand *output, torsh_operand *operand, wg_buffer **aside)
{
    uint32_t offset;
    *aside = NULL;
    if (operand->memory != output->memory) return TORSH_OK;
    wg_bound part = torsh__wg_bind_operand(operand, &offset);
    *aside = torsh__wg_alloc((size_t)part.size);
    if (!*aside) return torsh__wg_host->fail(TORSH_OUT_OF_MEMORY, "%s: webgpu: no memory for a copy of an overlapping input", what);
    operand->memory = *aside;
    operand->offset = offset;
    return torsh__wg_copy(*aside, 0, part.buffer, (size_t)part.offset, (size_t)part.size);
}

/* ---- numbers --------------------------------------------------------------------------------------------------- */

static double half_value(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 0x3FF;
    double v = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY) : exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24);
    return h & 0x8000 ? -v : v;
}

static double brain_value(uint16_t h)
{
    uint32_t bits = (uint32_t)h << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

bool torsh__wg_scalar(const torsh_operand *o, double *value, int64_t *integer, bool *integral)
{
    const char *at = (const char *)o->memory + (size_t)o->offset * torsh__wg_size((torsh_dtype)o->dtype);
    union { uint8_t u8; int8_t i8; int16_t i16; uint16_t u16; int32_t i32; int64_t i64; float f32; double f64; } v;
    memcpy(&v, at, torsh__wg_size((torsh_dtype)o->dtype) > 8 ? 8 : torsh__wg_size((torsh_dtype)o->dtype));
    *integral = o->dtype <= TORSH_I64;
    *integer = 0;
    switch ((torsh_dtype)o->dtype) {
    case TORSH_BOOL:
    case TORSH_U8: *integer = v.u8; break;
    case TORSH_I8: *integer = v.i8; break;
    case TORSH_I16: *integer = v.i16; break;
    case TORSH_I32: *integer = v.i32; break;
    case TORSH_I64: *integer = v.i64; break;
    case TORSH_F16: *value = half_value(v.u16); return true;
    case TORSH_BF16: *value = brain_value(v.u16); return true;
    case TORSH_F32: *value = (double)v.f32; return true;
    case TORSH_F64: *value = v.f64; return true;
    default: return false;
    }
    *value = (double)*integer;
    return true;
}

uint32_t torsh__wg_word(gpu_class which, torsh_dtype dtype, double value)
{
    float f = (float)value;
    uint32_t word;
    if (which == GPU_FLOAT) {
        memcpy(&word, &f, sizeof word);
        return word;
    }
    if (which == GPU_BOOL) return value != 0;
    double low = dtype == TORSH_U8 ? 0 : dtype == TORSH_I8 ? INT8_MIN : dtype == TORSH_I16 ? INT16_MIN : INT32_MIN;
    double high = dtype == TORSH_U8 ? UINT8_MAX : dtype == TORSH_I8 ? INT8_MAX : dtype == TORSH_I16 ? INT16_MAX : INT32_MAX;
    return (uint32_t)(int32_t)(!(value > low) ? low : value >= high ? high : value);
}

uint32_t torsh__wg_integer_word(gpu_class which, int64_t value)
{
    if (which == GPU_FLOAT) return torsh__wg_word(which, TORSH_F32, (double)value);
    return which == GPU_BOOL ? value != 0 : (uint32_t)(uint64_t)value;
}
