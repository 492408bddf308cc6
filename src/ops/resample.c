/* Images at other places. Rows: table/resample.def. interpolate goes dim by dim: each result is a sum of a few elements ("taps")
 * of a line, chosen by index_select and weighted. grid_sample does the same with gather at each point's own places. */
#include "alloc.h"
#include "composed.h"

#include <math.h>
#include <string.h>

/* ---- interpolate: taps along a dim ------------------------------------------------------------------------------ */

typedef enum kind { NEAREST, NEAREST_EXACT, LINEAR, CUBIC, AREA } kind;

static const struct {
    const char *name;
    kind kind;
    int dims; /* 0: any */
} modes[] = {{"nearest", NEAREST, 0}, {"nearest-exact", NEAREST_EXACT, 0}, {"linear", LINEAR, 1}, {"bilinear", LINEAR, 2},
             {"trilinear", LINEAR, 3}, {"bicubic", CUBIC, 2}, {"area", AREA, 0}};

typedef struct line {
    kind kind;
    bool corners, antialias;
    int64_t in, out;
    double given; /* the scale factor that was given, 0 if the sizes say it */
    bool f32;     /* places are computed in f32, as PyTorch does for f32 images */
    bool u8;      /* weights are whole numbers, see fixed_point() */
} line;

/* Cubic convolution (Keys 1981) with a: 1 at 0, 0 from 2 on. */
static double cubic(double x, double a)
{
    x = fabs(x);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static double scale_of(const line *l)
{
    if (l->corners) return l->out > 1 ? (double)(l->in - 1) / (double)(l->out - 1) : 0;
    return l->given > 0 ? 1 / l->given : (double)l->in / (double)l->out;
}

static int64_t within(int64_t i, int64_t n)
{
    return i < 0 ? 0 : i >= n ? n - 1 : i;
}

/* How many taps a result has at most. */
static int64_t taps_of(const line *l)
{
    if (l->kind <= NEAREST_EXACT) return 1;
    int64_t plain = l->kind == LINEAR ? 2 : 4;
    if (!l->antialias) return plain;
    double scale = scale_of(l), support = (double)plain / 2 * (scale > 1 ? scale : 1);
    return 2 * (int64_t)ceil(support) + 1;
}

/* Nearest places are computed in f32 whatever the dtype (aten/src/ATen/native/UpSample.h). */
static int64_t nearest(const line *l, int64_t o)
{
    float scale = l->given > 0 ? (float)(1 / l->given) : (float)l->in / (float)l->out;
    if (l->kind == NEAREST) return within((int64_t)floorf((float)o * scale), l->in);
    return within((int64_t)floorf(((float)o + 0.5F) * scale), l->in);
}

/* A window as wide as the scale, its weights summing to 1 (ATen/native/cpu/UpSampleKernel.cpp, antialias). */
static void antialiased(const line *l, int64_t o, int64_t taps, int64_t *index, double *weight)
{
    double scale = scale_of(l), half = l->kind == LINEAR ? 1 : 2, wide = scale > 1 ? scale : 1, support = half * wide;
    double center = scale * ((double)o + 0.5), sum = 0;
    int64_t first = (int64_t)(center - support + 0.5), end = (int64_t)(center + support + 0.5);
    if (first < 0) first = 0;
    if (end > l->in) end = l->in;
    for (int64_t t = 0; t < taps; t++) {
        double x = ((double)(t + first) - center + 0.5) / wide;
        bool inside = first + t < end;
        weight[t * l->out + o] = !inside ? 0 : l->kind == CUBIC ? cubic(x, -0.5) : fabs(x) < 1 ? 1 - fabs(x) : 0;
        index[t * l->out + o] = inside ? first + t : 0;
        sum += weight[t * l->out + o];
    }
    for (int64_t t = 0; t < taps; t++) weight[t * l->out + o] /= sum;
}

static void fill_taps(const line *l, int64_t taps, int64_t *index, double *weight)
{
    double scale = scale_of(l);
    if (l->f32) scale = l->corners || l->given > 0 ? (double)(float)scale : (double)((float)l->in / (float)l->out);
    for (int64_t o = 0; o < l->out; o++) {
        if (l->antialias) {
            antialiased(l, o, taps, index, weight);
            continue;
        }
        if (l->kind <= NEAREST_EXACT) {
            index[o] = nearest(l, o);
            continue;
        }
        double at = l->corners ? scale * (double)o : scale * ((double)o + 0.5) - 0.5;
        if (l->f32) at = l->corners ? (double)((float)scale * (float)o) : (double)((float)scale * ((float)o + 0.5F) - 0.5F);
        if (l->kind == LINEAR && at < 0) at = 0;
        double base = l->u8 ? (double)floorf((float)at) : floor(at), t = at - base;
        if (l->u8 && t < 0) t = 0;
        for (int64_t k = 0; k < taps; k++) {
            int64_t place = (int64_t)base + k - (l->kind == CUBIC);
            index[k * l->out + o] = within(place, l->in);
            weight[k * l->out + o] = l->kind == LINEAR ? (k ? t : 1 - t) : cubic(t - (double)(k - 1), -0.75);
        }
    }
}

/* Weights for u8 images, as whole multiples of 2^-precision that fit in 16 bits (ATen/native/cpu/UpSampleKernel.cpp, NOTE [ Weights
 * computation for uint8_t and multiplication trick ]). Taps at the same place are one weight. Returns the precision. */
static int fixed_point(const line *l, int64_t taps, const int64_t *index, double *weight)
{
    double largest = 0;
    for (int64_t o = 0; o < l->out; o++)
        for (int64_t k = 0, first = 0; k < taps; k++) {
            if (index[k * l->out + o] != index[first * l->out + o]) first = k;
            if (k != first) {
                weight[first * l->out + o] += weight[k * l->out + o];
                weight[k * l->out + o] = 0;
            }
            largest = fmax(largest, weight[first * l->out + o]);
        }
    int precision = 0;
    while (precision < 22 && floor(0.5 + ldexp(largest, precision + 1)) < 1 << 15) precision++;
    for (int64_t i = 0; i < taps * l->out; i++) weight[i] = round(ldexp(weight[i], precision));
    return precision;
}

static torsh_tensor along_line(torsh_tensor x, int dim, const line *l)
{
    int64_t taps = taps_of(l), count = taps * l->out;
    if (l->in == l->out && (l->u8 || (l->kind <= NEAREST_EXACT && !(l->given > 0)))) return x;
    size_t bytes = (size_t)count * (sizeof(int64_t) + sizeof(double));
    int64_t *index = torsh__alloc_zero(bytes);
    if (!index) return torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    double *weight = (double *)(void *)(index + count);
    fill_taps(l, taps, index, weight);
    int precision = l->u8 ? fixed_point(l, taps, index, weight) : 0;
    torsh_device device = torsh_device_of(x);
    torsh_dtype dtype = torsh_dtype_of(x);
    torsh_tensor sum = {0};
    for (int64_t t = 0; t < taps; t++) {
        torsh_tensor part = torsh_index_select(x, dim, torsh_from_data(index + t * l->out, &l->out, 1, TORSH_I64, device));
        if (l->kind > NEAREST_EXACT) {
            torsh_tensor w = torsh_to_dtype(torsh_from_data(weight + t * l->out, &l->out, 1, TORSH_F64, device), dtype);
            part = torsh_mul(part, torsh__along(w, dim, torsh_ndim(x)));
        }
        sum = sum.id ? torsh_add(sum, part) : part;
    }
    torsh__free(index, bytes);
    if (!l->u8) return sum;
    sum = torsh_add(sum, torsh_integer((int64_t)1 << precision >> 1));
    return torsh_clamp(torsh_bitwise_right_shift(sum, torsh_integer(precision)), 0, 255);
}

/* ---- interpolate ------------------------------------------------------------------------------------------------- */

static torsh_status take_sizes(const torsh__shape *s, const int64_t *size, size_t sizes, const double *factor, size_t factors, int64_t out[])
{
    size_t dims = (size_t)s->ndim - 2;
    if ((sizes > 0) == (factors > 0)) return torsh__fail(TORSH_INVALID_ARGUMENT, "interpolate: give either size or scale_factor");
    if ((sizes > 1 && sizes != dims) || (factors > 1 && factors != dims))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "interpolate: size and scale_factor take 1 or %zu numbers for this 'input'", dims);
    for (size_t d = 0; d < dims; d++) {
        double in = (double)s->sizes[d + 2], wanted = sizes ? (double)size[sizes > 1 ? d : 0] : floor(in * factor[factors > 1 ? d : 0]);
        if (!(wanted >= 1 && wanted <= INT32_MAX) || in < 1)
            return torsh__fail(TORSH_SHAPE_MISMATCH, "interpolate: the sizes of 'input' and of the result must be positive; they would be %g and %g", in, wanted);
        out[d] = (int64_t)wanted;
    }
    return TORSH_OK;
}

static torsh_tensor area(torsh_tensor x, const int64_t *out, int dims)
{
    if (dims == 1) return torsh_adaptive_avg_pool1d(x, out, 1);
    return dims == 2 ? torsh_adaptive_avg_pool2d(x, out, 2) : torsh_adaptive_avg_pool3d(x, out, 3);
}

static torsh_tensor compose_interpolate(torsh_tensor input, const int64_t *size, size_t sizes, const double *scale_factor, size_t factors, const char *mode,
                                        bool align_corners, bool recompute_scale_factor, bool antialias)
{
    torsh__shape s = torsh__shape_of(input);
    size_t m = 0, known = sizeof modes / sizeof *modes;
    while (m < known && strcmp(modes[m].name, mode)) m++;
    if (m == known) return torsh__refuse(TORSH_INVALID_ARGUMENT, "interpolate: mode '%s' is none of PyTorch's", mode);
    int dims = s.ndim - 2;
    kind how = modes[m].kind;
    if (dims < 1 || dims > 3 || (modes[m].dims && modes[m].dims != dims))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "interpolate: 'input' %s doesn't have the dimensions for mode '%s'", torsh_shape_text(input), mode);
    bool u8 = s.dtype == TORSH_U8 && how > NEAREST_EXACT;
    if (!torsh_dtype_is_floating_point(s.dtype) && (s.dtype != TORSH_U8 || (u8 && (how == AREA || dims != 2))))
        return torsh__refuse(TORSH_DTYPE_MISMATCH, "interpolate: 'input' must be floating point, or u8 for 'nearest' and images; it is %s", torsh_dtype_name(s.dtype));
    if ((align_corners && how != LINEAR && how != CUBIC) || (antialias && (dims != 2 || (how != LINEAR && how != CUBIC))))
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "interpolate: align_corners and antialias are for the linear and cubic modes, antialias for images; not for '%s'", mode);
    int64_t out[3];
    torsh_status status = take_sizes(&s, size, sizes, scale_factor, factors, out);
    if (status) return torsh__tensor_error(status);
    if (how == AREA) return area(input, out, dims);
    torsh_tensor x = u8 ? torsh_to_dtype(input, TORSH_I32) : torsh__widened(input);
    for (int d = dims - 1; d >= 0; d--) {
        double given = factors && !recompute_scale_factor ? scale_factor[factors > 1 ? d : 0] : 0;
        line l = {how, align_corners, antialias, s.sizes[d + 2], out[d], given, s.dtype != TORSH_F64 && !u8, u8};
        x = along_line(x, d + 2, &l);
    }
    x = torsh__narrowed(x, s.dtype);
    return x.id == input.id ? torsh_clone(x) : x;
}

/* ---- grid_sample -------------------------------------------------------------------------------------------------- */

typedef struct sampler {
    torsh__shape s;       /* of the image */
    int dims;
    bool corners;
    char padding;         /* z: zeros, b: border, r: reflection */
    torsh_tensor flat;    /* (N, C, all) */
    int64_t points;       /* per sample */
} sampler;

/* -1 .. 1 to element numbers. */
static torsh_tensor unnormalized(torsh_tensor x, int64_t size, bool corners)
{
    double n = (double)size;
    torsh_tensor up = torsh_add(x, torsh_number(1));
    return corners ? torsh_mul(up, torsh_number((n - 1) / 2)) : torsh_sub(torsh_mul(up, torsh_number(n / 2)), torsh_number(0.5));
}

/* Folded back at low and high. */
static torsh_tensor reflected(torsh_tensor x, double low, double high)
{
    double span = high - low;
    if (span <= 0) return torsh_mul(x, torsh_number(0));
    torsh_tensor away = torsh_abs(torsh_sub(x, torsh_number(low))), extra = torsh_fmod(away, torsh_number(span));
    torsh_tensor flips = torsh_floor(torsh_div(torsh_sub(away, extra), torsh_number(span)));
    torsh_tensor odd = torsh_gt(torsh_fmod(torsh_add(flips, torsh_number(0.25)), torsh_number(2)), torsh_number(1));
    return torsh_where(odd, torsh_sub(torsh_number(high), extra), torsh_add(extra, torsh_number(low)));
}

/* Where a place outside is taken from. */
static torsh_tensor bounded(torsh_tensor x, int64_t size, const sampler *p)
{
    double n = (double)size;
    if (p->padding == 'z') return x;
    if (p->padding == 'r') x = p->corners ? reflected(x, 0, n - 1) : reflected(x, -0.5, n - 0.5);
    return torsh_clamp(x, 0, n - 1);
}

/* The image at whole places (N, points) per dim, the innermost last: (N, C, points), 0 outside. */
static torsh_tensor picked(const sampler *p, const torsh_tensor *place)
{
    torsh_tensor flat = {0}, inside = {0};
    for (int d = 0; d < p->dims; d++) {
        double last = (double)p->s.sizes[d + 2] - 1;
        torsh_tensor ok = torsh_logical_and(torsh_ge(place[d], torsh_number(0)), torsh_le(place[d], torsh_number(last)));
        torsh_tensor safe = torsh_to_dtype(torsh_where(ok, place[d], torsh_number(0)), TORSH_I64);
        flat = flat.id ? torsh_add(torsh_mul(flat, torsh_integer(p->s.sizes[d + 2])), safe) : safe;
        inside = inside.id ? torsh_logical_and(inside, ok) : ok;
    }
    int64_t wide[3] = {p->s.sizes[0], p->s.sizes[1], p->points};
    torsh_tensor values = torsh_gather(p->flat, 2, torsh_expand(torsh_unsqueeze(flat, 1), wide, 3));
    return torsh_where(torsh_unsqueeze(inside, 1), values, torsh_number(0));
}

/* Weighted sum over all taps of all dims: tap k of dim d lies at base[d] + first + k and weighs weight[d][k]. */
static torsh_tensor weighted(const sampler *p, const torsh_tensor *base, torsh_tensor weight[3][4], int taps, int first, bool clip)
{
    torsh_tensor sum = {0};
    int count = 1;
    for (int d = 0; d < p->dims; d++) count *= taps;
    for (int i = 0; i < count; i++) {
        torsh_tensor place[3], w = {0};
        for (int d = p->dims - 1, rest = i; d >= 0; d--, rest /= taps) {
            int k = rest % taps;
            place[d] = torsh_add(base[d], torsh_number(first + k));
            if (clip) place[d] = bounded(place[d], p->s.sizes[d + 2], p);
            w = w.id ? torsh_mul(w, weight[d][k]) : weight[d][k];
        }
        torsh_tensor part = torsh_mul(picked(p, place), torsh_unsqueeze(w, 1));
        sum = sum.id ? torsh_add(sum, part) : part;
    }
    return sum;
}

static torsh_tensor polynomial(torsh_tensor t, double a, double b, double c, double d)
{
    torsh_tensor y = torsh_add(torsh_mul(t, torsh_number(a)), torsh_number(b));
    y = torsh_add(torsh_mul(y, t), torsh_number(c));
    return torsh_add(torsh_mul(y, t), torsh_number(d));
}

/* cubic(x, -0.75) at 1 + t, t, 1 - t and 2 - t, with gradients. */
static void cubic_weights(torsh_tensor t, torsh_tensor weight[4])
{
    const double a = -0.75;
    weight[0] = polynomial(t, a, -2 * a, a, 0);
    weight[1] = polynomial(t, a + 2, -(a + 3), 0, 1);
    weight[2] = polynomial(t, -(a + 2), 2 * a + 3, -a, 0);
    weight[3] = polynomial(t, -a, a, 0, 0);
}

static torsh_tensor sample(const sampler *p, torsh_tensor grid, char mode)
{
    torsh_tensor base[3], weight[3][4], still = {0}; /* still: 0, so that the nearest mode's grid has a gradient, which is 0 */
    for (int d = 0; d < p->dims; d++) { /* the grid's coordinates begin with the innermost dim */
        int64_t size = p->s.sizes[d + 2];
        torsh_tensor x = unnormalized(torsh_select(grid, -1, p->dims - 1 - d), size, p->corners);
        if (mode != 'c') x = bounded(x, size, p);
        if (mode == 'n') {
            base[d] = torsh_round(x);
            still = torsh_mul(torsh_sign(x), torsh_number(0));
            continue;
        }
        base[d] = torsh_floor(x);
        torsh_tensor t = torsh_sub(x, base[d]);
        weight[d][0] = torsh_sub(torsh_number(1), t);
        weight[d][1] = t;
        if (mode == 'c') cubic_weights(t, weight[d]);
    }
    if (mode == 'n') return torsh_add(picked(p, base), torsh_unsqueeze(still, 1));
    return mode == 'c' ? weighted(p, base, weight, 4, -1, true) : weighted(p, base, weight, 2, 0, false);
}

static torsh_tensor compose_grid_sample(torsh_tensor input, torsh_tensor grid, const char *mode, const char *padding_mode, bool align_corners)
{
    torsh__shape s = torsh__shape_of(input), g = torsh__shape_of(grid);
    char how = strcmp(mode, "bilinear") == 0 ? 'l' : strcmp(mode, "nearest") == 0 ? 'n' : strcmp(mode, "bicubic") == 0 ? 'c' : 0;
    char padding = strcmp(padding_mode, "zeros") == 0 ? 'z' : strcmp(padding_mode, "border") == 0 ? 'b' : strcmp(padding_mode, "reflection") == 0 ? 'r' : 0;
    int dims = s.ndim - 2;
    if (!how || !padding)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "grid_sample: mode '%s' with padding_mode '%s' is none of PyTorch's", mode, padding_mode);
    bool fits = (dims == 2 || dims == 3) && g.ndim == s.ndim && g.sizes[0] == s.sizes[0] && g.sizes[g.ndim - 1] == dims && g.dtype == s.dtype;
    for (int d = 0; d < dims && fits; d++) fits = s.sizes[d + 2] > 0;
    if (!fits || !torsh_dtype_is_floating_point(s.dtype))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "grid_sample: 'input' %s and 'grid' %s must be (N, C, in...) and (N, out..., %d), floating point of one dtype",
                             torsh_shape_text(input), torsh_shape_text(grid), dims);
    int64_t n = s.sizes[0], all = 1;
    sampler p = {.s = s, .dims = dims, .corners = align_corners, .padding = padding, .points = 1};
    for (int d = 0; d < dims; d++) all *= s.sizes[d + 2], p.points *= g.sizes[d + 1], s.sizes[d + 2] = g.sizes[d + 1];
    p.flat = torsh_reshape(torsh__widened(input), TORSH_DIMS(n, s.sizes[1], all));
    torsh_tensor y = sample(&p, torsh_reshape(torsh__widened(grid), TORSH_DIMS(n, p.points, dims)), how);
    return torsh__narrowed(torsh_reshape(y, s.sizes, (size_t)s.ndim), s.dtype);
}

/* The points of a grid of `size` (N, C, out...), moved by theta (N, dims, dims + 1). */
static torsh_tensor compose_affine_grid(torsh_tensor theta, const int64_t *size, size_t count, bool align_corners)
{
    torsh__shape t = torsh__shape_of(theta);
    int dims = (int)count - 2;
    if ((dims != 2 && dims != 3) || t.ndim != 3 || t.sizes[0] != size[0] || t.sizes[1] != dims || t.sizes[2] != dims + 1 || !torsh_dtype_is_floating_point(t.dtype))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "affine_grid: 'theta' %s must be floating-point (N, dims, dims + 1) for 'size' (N, C, and dims 2 or 3 more)", torsh_shape_text(theta));
    torsh_tensor columns[4];
    torsh__shape grid = {.ndim = dims};
    torsh_tensor wide = torsh__widened(theta);
    torsh_dtype dtype = torsh_dtype_of(wide);
    for (int d = 0; d < dims; d++) grid.sizes[d] = size[d + 2];
    for (int d = 0; d < dims; d++) { /* x first, which is the innermost */
        int at = dims - 1 - d;
        int64_t n = grid.sizes[at];
        double end = n <= 1 ? 0 : align_corners ? 1 : (double)(n - 1) / (double)n;
        torsh_tensor steps = torsh_linspace(-end, end, n, dtype, t.device);
        columns[d] = torsh_expand(torsh__along(steps, at, dims), grid.sizes, (size_t)dims);
    }
    columns[dims] = torsh_ones(grid.sizes, (size_t)dims, dtype, t.device);
    torsh_tensor points = torsh_reshape(torsh_stack(columns, (size_t)dims + 1, -1), TORSH_DIMS(1, -1, dims + 1));
    torsh_tensor moved = torsh_matmul(points, torsh_transpose(wide, 1, 2));
    int64_t sizes[5] = {size[0]};
    for (int d = 0; d < dims; d++) sizes[d + 1] = grid.sizes[d];
    sizes[dims + 1] = dims;
    return torsh__narrowed(torsh_reshape(moved, sizes, (size_t)dims + 2), t.dtype);
}

#include "define_rows.h"

#include "resample.def"
