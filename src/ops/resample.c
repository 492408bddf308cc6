/* Images at other places. Rows: table/resample.def. Each result is a weighted sum of a few elements ("taps"): of interpolate, which goes dim by
 * dim, those of a line; of grid_sample those around each point, for which it has kernels of its own. */
#include "alloc.h"
#include "composed.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/pooling.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/spatial.h>
#include <torsh/ops/view.h>

#include <math.h>
#include <string.h>

#define TABLE "resample.def"
#include "declare_rows.h"

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
    torsh__shape s = torsh__shape_of(x);
    torsh_tensor y, places = torsh_from_data(index, TORSH_DIMS(1, taps, l->out), TORSH_I64, s.device);
    if (l->kind <= NEAREST_EXACT) y = torsh_index_select(x, dim, torsh_flatten(places, 0, 2));
    else {
        int64_t outer = 1, inner = 1;
        for (int d = 0; d < s.ndim; d++) *(d < dim ? &outer : &inner) *= d == dim ? 1 : s.sizes[d];
        torsh_tensor weights = torsh_to_dtype(torsh_from_data(weight, TORSH_DIMS(1, taps, l->out), TORSH_F64, s.device), s.dtype);
        y = torsh__taps(torsh_reshape(x, TORSH_DIMS(1, outer, l->in, inner)), places, weights);
        s.sizes[dim] = l->out;
        y = torsh_reshape(y, s.sizes, (size_t)s.ndim);
    }
    torsh__free(index, bytes);
    if (!l->u8) return y;
    y = torsh_mul(torsh_add(y, torsh_number(ldexp(1, precision - 1))), torsh_number(ldexp(1, -precision)));
    return torsh_clamp(torsh_floor(y), 0, 255);
}

/* ---- interpolate ------------------------------------------------------------------------------------------------- */

static torsh_status take_sizes(const torsh__shape *s, const int64_t *size, size_t sizes, const double *factor, size_t factors, int64_t out[])
{
    size_t dims = (size_t)s->ndim - 2;
    if ((sizes > 0) == (factors > 0)) return torsh__fail(TORSH_INVALID_ARGUMENT, "interpolate: give either size or scale_factor");
    if ((sizes > 1 && sizes != dims) || (factors > 1 && factors != dims))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "interpolate: %s has %zu numbers; it takes one, or one for each of the %zu dimensions of 'input' after the first two",
                           sizes ? "size" : "scale_factor", sizes ? sizes : factors, dims);
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
    torsh_tensor x = u8 ? torsh_to_dtype(input, TORSH_F64) : torsh__widened(input);
    for (int d = dims - 1; d >= 0; d--) {
        double given = factors && !recompute_scale_factor ? scale_factor[factors > 1 ? d : 0] : 0;
        line l = {how, align_corners, antialias, s.sizes[d + 2], out[d], given, s.dtype != TORSH_F64 && !u8, u8};
        x = along_line(x, d + 2, &l);
    }
    x = torsh__narrowed(x, s.dtype);
    return x.id == input.id ? torsh_clone(x) : x;
}

/* ---- taps ---------------------------------------------------------------------------------------------------------- */

/* `like` has (N, C) and inner; the third size is n, or as many places as there are. */
static torsh_status infer_taps_as(torsh__call *c, int64_t n)
{
    const torsh_operand *x = &c->input[0]->view, *index = &c->input[1]->view;
    torsh_status status = torsh__infer_device(c);
    c->compute = (torsh_dtype)x->dtype;
    if (status == TORSH_OK) status = torsh__require_dtype(c, c->compute);
    if (status == TORSH_OK && c->input[2]) status = torsh__require_same_dtype(c, 0, 2);
    if (status == TORSH_OK && (x->ndim != 4 || index->ndim != 3 || index->dtype != TORSH_I64 || (index->sizes[0] != 1 && index->sizes[0] != x->sizes[0])))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'index' must be (1 or N, taps, places)", torsh__call_name(c));
    if (status) return status;
    torsh__out_spec(c, 0, c->compute, 4, x->sizes)->sizes[2] = n < 0 ? index->sizes[2] : n;
    return torsh__numel(torsh__call_name(c), c->spec[0].sizes, 4, torsh__dtypes[c->compute].size, &(int64_t){0});
}

/* The weight's shape is the index's. */
static torsh_status check_weight(const torsh__call *c)
{
    const torsh_operand *index = &c->input[1]->view, *weight = c->input[2] ? &c->input[2]->view : index;
    if (torsh__same_sizes(weight->ndim, weight->sizes, index->ndim, index->sizes)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'weight' must have the shape of 'index'", torsh__call_name(c));
}

static torsh_status infer_taps(torsh__call *c)
{
    torsh_status status = infer_taps_as(c, -1);
    return status ? status : check_weight(c);
}

static torsh_status infer_taps_back(torsh__call *c)
{
    torsh_status status = infer_taps_as(c, c->values[3].i);
    if (status == TORSH_OK && c->input[0]->view.sizes[2] != c->input[1]->view.sizes[2])
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grad' must have as many places as 'index'", torsh__call_name(c));
    return status ? status : check_weight(c);
}

static torsh_status infer_taps_dot(torsh__call *c)
{
    torsh_status status = infer_taps_as(c, -1);
    if (status) return status;
    const torsh_operand *g = &c->input[0]->view, *x = &c->input[2]->view;
    if (x->ndim != 4 || g->sizes[0] != x->sizes[0] || g->sizes[1] != x->sizes[1] || g->sizes[3] != x->sizes[3] || g->sizes[2] != c->input[1]->view.sizes[2])
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grad' must be what 'input' gives", torsh__call_name(c));
    torsh__out_spec(c, 0, c->compute, 3, c->input[1]->view.sizes);
    return TORSH_OK;
}

static void taps_gradient(torsh__backward *b)
{
    torsh_tensor index = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh__taps_back(b->g[0], index, torsh__saved_input(b, 2), torsh__input_meta(b, 0).sizes[2]);
    if (torsh__needs(b, 2)) b->result[2] = torsh__taps_dot(b->g[0], index, torsh__saved_input(b, 0));
}

static void taps_back_gradient(torsh__backward *b)
{
    torsh_tensor index = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh__taps(b->g[0], index, torsh__saved_input(b, 2));
    if (torsh__needs(b, 2)) b->result[2] = torsh__taps_dot(torsh__saved_input(b, 0), index, b->g[0]);
}

static void taps_dot_gradient(torsh__backward *b)
{
    torsh_tensor index = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh__taps(torsh__saved_input(b, 2), index, b->g[0]);
    if (torsh__needs(b, 2)) b->result[2] = torsh__taps_back(torsh__saved_input(b, 0), index, b->g[0], torsh__input_meta(b, 2).sizes[2]);
}
#define SAVES_ALL .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) | TORSH__SAVE_IN(2), .reads = {TORSH__SAVE_IN(1) | TORSH__SAVE_IN(2), 0, TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1)}
static const torsh__impl impl_taps = {.infer = infer_taps, .gradient = taps_gradient, SAVES_ALL};
static const torsh__impl impl_taps_back = {.infer = infer_taps_back, .gradient = taps_back_gradient, SAVES_ALL};
static const torsh__impl impl_taps_dot = {.infer = infer_taps_dot, .gradient = taps_dot_gradient, SAVES_ALL};

/* ---- grid_sample -------------------------------------------------------------------------------------------------- */

static torsh_status infer_grid_taps(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view;
    int64_t sizes[3] = {x->ndim > 0 ? x->sizes[0] : 1, 1, x->ndim > 1 ? x->sizes[1] : 1}, curve = c->values[2].i;
    size_t dims = c->values[1].list.count;
    torsh_status status = torsh__require_dtype(c, (torsh_dtype)x->dtype);
    if (status == TORSH_OK && (dims < 1 || dims > 3 || x->ndim != 3 || x->sizes[2] != (int64_t)dims || c->values[5].list.count != dims || curve < 0 || curve > 2))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grid' must be (N, P, dims), and size and order have a number for each dim", torsh__call_name(c));
    if (status) return status;
    for (size_t d = 0; d < dims; d++) sizes[1] *= curve ? 2 * curve : 1;
    c->device = x->device;
    c->compute = (torsh_dtype)x->dtype;
    torsh__out_spec(c, 0, c->compute, 3, sizes);
    torsh__out_spec(c, 1, TORSH_I64, 3, sizes);
    return TORSH_OK;
}

static void grid_taps_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    size_t dims = v[1].list.count;
    torsh_tensor parts[3], grid = torsh__saved_input(b, 0);
    for (size_t d = 0; d < dims; d++) { /* the grid's coordinates begin with the innermost dim */
        int64_t order[3];
        memcpy(order, v[5].list.data, dims * sizeof *order);
        order[d]++;
        torsh_tensor slope = torsh__grid_taps(grid, v[1].list.data, dims, v[2].i, v[3].i, v[4].i != 0, order, dims).values;
        parts[dims - 1 - d] = torsh_sum(torsh_mul(b->g[0], slope), TORSH_DIMS(1), false);
    }
    b->result[0] = torsh_stack(parts, dims, -1);
}
static const torsh__impl impl_grid_taps = {.infer = infer_grid_taps, .gradient = grid_taps_gradient, .saves = TORSH__SAVE_IN(0)};

/* `images`: N and C, `size`: of an image. Fails unless grid can point into it; says the dtype. */
static torsh_status check_sampler(torsh__call *c, const torsh_operand *images, const torsh_operand *grid, const int64_t *size, size_t sizes, const torsh_value *how)
{
    int dims = grid->ndim - 2;
    bool fits = (dims == 2 || dims == 3) && images->ndim == grid->ndim && sizes == (size_t)dims && grid->sizes[0] == images->sizes[0] && grid->sizes[dims + 1] == dims;
    int64_t lines = 1;
    for (int d = 0; d < dims && fits; d++) fits = size[d] > 0 && size[d] < 1 << 30 && (lines *= d < dims - 1 ? size[d] : 1) <= INT32_MAX;
    fits = fits && how[0].i >= 0 && how[0].i <= 2 && (how[1].i == 'z' || how[1].i == 'b' || how[1].i == 'r');
    torsh_status status = torsh__infer_device(c);
    c->compute = (torsh_dtype)images->dtype;
    if (status == TORSH_OK) status = torsh__require_dtype(c, c->compute);
    for (int i = 1; i < c->inputs && status == TORSH_OK; i++) status = torsh__require_same_dtype(c, 0, i);
    if (status == TORSH_OK && !fits)
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grid' must be (N, out..., 2 or 3) for images (N, C, in...) with 1 to 2^30 elements in a dimension and less than 2^31 lines", torsh__call_name(c));
    return status;
}

static torsh_status infer_grid_read(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view, *grid = &c->input[1]->view;
    torsh_status status = check_sampler(c, x, grid, x->sizes + 2, x->ndim > 2 ? (size_t)x->ndim - 2 : 0, c->values + 2);
    if (status) return status;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, x->ndim, x->sizes);
    memcpy(spec->sizes + 2, grid->sizes + 1, (size_t)(x->ndim - 2) * sizeof *spec->sizes);
    return torsh__numel(torsh__call_name(c), spec->sizes, spec->ndim, torsh__dtypes[c->compute].size, &(int64_t){0});
}

/* `grad` is what grid_read gives. */
static torsh_status check_sampled(const torsh__call *c, const torsh_operand *grad, const torsh_operand *grid)
{
    if (torsh__same_sizes(grad->ndim - 2, grad->sizes + 2, grid->ndim - 2, grid->sizes + 1)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grad' must have an element for each point of 'grid'", torsh__call_name(c));
}

static torsh_status infer_grid_read_back(torsh__call *c)
{
    const torsh_operand *g = &c->input[0]->view, *grid = &c->input[1]->view;
    torsh_status status = check_sampler(c, g, grid, c->values[2].list.data, c->values[2].list.count, c->values + 3);
    if (status == TORSH_OK) status = check_sampled(c, g, grid);
    if (status) return status;
    torsh__spec *spec = torsh__out_spec(c, 0, c->compute, g->ndim, g->sizes);
    memcpy(spec->sizes + 2, c->values[2].list.data, c->values[2].list.count * sizeof *spec->sizes);
    return torsh__numel(torsh__call_name(c), spec->sizes, spec->ndim, torsh__dtypes[c->compute].size, &(int64_t){0});
}

static torsh_status infer_grid_read_slope(torsh__call *c)
{
    const torsh_operand *g = &c->input[0]->view, *x = &c->input[1]->view, *grid = &c->input[2]->view;
    torsh_status status = check_sampler(c, x, grid, x->sizes + 2, x->ndim > 2 ? (size_t)x->ndim - 2 : 0, c->values + 3);
    if (status == TORSH_OK && (g->ndim != x->ndim || !torsh__same_sizes(2, g->sizes, 2, x->sizes)))
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'grad' must have N and C of 'input'", torsh__call_name(c));
    if (status == TORSH_OK) status = check_sampled(c, g, grid);
    if (status == TORSH_OK) torsh__out_spec(c, 0, c->compute, grid->ndim, grid->sizes);
    return status;
}

static torsh_tensor slope_of(torsh_tensor grad, torsh_tensor input, torsh_tensor grid, const torsh_value *how)
{
    return torsh__grid_read_slope(grad, input, grid, how[0].i, how[1].i, how[2].i != 0);
}

static void grid_read_gradient(torsh__backward *b)
{
    const torsh_value *how = b->node->values + 2;
    torsh_tensor grid = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) {
        torsh__meta x = torsh__input_meta(b, 0);
        b->result[0] = torsh__grid_read_back(b->g[0], grid, x.sizes + 2, (size_t)x.ndim - 2, how[0].i, how[1].i, how[2].i != 0);
    }
    if (torsh__needs(b, 1)) b->result[1] = slope_of(b->g[0], torsh__saved_input(b, 0), grid, how);
}

/* <G, back(grad)> is <grad, sampler(G)>. */
static void grid_read_back_gradient(torsh__backward *b)
{
    const torsh_value *how = b->node->values + 3;
    torsh_tensor grid = torsh__saved_input(b, 1);
    if (torsh__needs(b, 0)) b->result[0] = torsh__grid_read(b->g[0], grid, how[0].i, how[1].i, how[2].i != 0);
    if (torsh__needs(b, 1)) b->result[1] = slope_of(torsh__saved_input(b, 0), b->g[0], grid, how);
}

/* The sum over d of H[.., d] times the derivative by coordinate d of the taps' weights, derived once more by `more`, unless that is -1. */
static torsh_tensor turned_weights(torsh_tensor h, torsh_tensor points, const int64_t *size, int dims, const torsh_value *how, int more, torsh_tensor *index)
{
    torsh_tensor all = {0};
    for (int d = 0; d < dims; d++) { /* the grid's coordinates begin with the innermost dim */
        int64_t order[3] = {0};
        order[d]++;
        if (more >= 0) order[more]++;
        torsh_values at = torsh__grid_taps(points, size, (size_t)dims, how[0].i, how[1].i, how[2].i != 0, order, (size_t)dims);
        torsh_tensor part = torsh_mul(at.values, torsh_unsqueeze(torsh_select(h, -1, dims - 1 - d), 1));
        all = all.id ? torsh_add(all, part) : part;
        *index = at.indices;
    }
    return all;
}

/* <H, slope> is <grad, taps of input> with weights that are derivatives: what follows is the gradients of that. */
static void grid_read_slope_gradient(torsh__backward *b)
{
    const torsh_value *how = b->node->values + 3;
    torsh_tensor grad = torsh__saved_input(b, 0), image = torsh__saved_input(b, 1), grid = torsh__saved_input(b, 2);
    torsh__shape g = torsh__shape_of(grad), x = torsh__shape_of(image), s = torsh__shape_of(grid);
    if (g.ndim < 4 || x.ndim < 4 || s.ndim < 4) { /* there was no memory for handles */
        for (int i = 0; i < 3; i++) b->result[i] = TORSH_FAILED(grad) ? grad : TORSH_FAILED(image) ? image : grid;
        return;
    }
    int dims = x.ndim - 2;
    int64_t all = 1, points = 1, n = x.sizes[0], channels = x.sizes[1];
    for (int d = 0; d < dims; d++) all *= x.sizes[d + 2], points *= g.sizes[d + 2];
    torsh_tensor at = torsh_reshape(grid, TORSH_DIMS(n, points, dims)), h = torsh_reshape(b->g[0], TORSH_DIMS(n, points, dims)), index;
    image = torsh_reshape(image, TORSH_DIMS(n, channels, all, 1)), grad = torsh_reshape(grad, TORSH_DIMS(n, channels, points, 1));
    torsh_tensor weight = turned_weights(h, at, x.sizes + 2, dims, how, -1, &index);
    if (torsh__needs(b, 0)) b->result[0] = torsh_reshape(torsh__taps(image, index, weight), g.sizes, (size_t)g.ndim);
    if (torsh__needs(b, 1)) b->result[1] = torsh_reshape(torsh__taps_back(grad, index, weight, all), x.sizes, (size_t)x.ndim);
    if (!torsh__needs(b, 2)) return;
    torsh_tensor parts[3], each = torsh__taps_dot(grad, index, image);
    for (int d = 0; d < dims; d++)
        parts[dims - 1 - d] = torsh_sum(torsh_mul(each, turned_weights(h, at, x.sizes + 2, dims, how, d, &index)), TORSH_DIMS(1), false);
    b->result[2] = torsh_reshape(torsh_stack(parts, (size_t)dims, -1), s.sizes, (size_t)s.ndim);
}
#define BOTH (TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1))
static const torsh__impl impl_grid_read = {.infer = infer_grid_read, .gradient = grid_read_gradient, .saves = BOTH, .reads = {TORSH__SAVE_IN(1), BOTH}};
static const torsh__impl impl_grid_read_back = {.infer = infer_grid_read_back, .gradient = grid_read_back_gradient, .saves = BOTH, .reads = {TORSH__SAVE_IN(1), BOTH}};
static const torsh__impl impl_grid_read_slope = {.infer = infer_grid_read_slope, .gradient = grid_read_slope_gradient, .saves = BOTH | TORSH__SAVE_IN(2)};

static torsh_tensor compose_grid_sample(torsh_tensor input, torsh_tensor grid, const char *mode, const char *padding_mode, bool align_corners)
{
    torsh__shape s = torsh__shape_of(input), g = torsh__shape_of(grid);
    int how = strcmp(mode, "bilinear") == 0 ? 1 : strcmp(mode, "nearest") == 0 ? 0 : strcmp(mode, "bicubic") == 0 ? 2 : -1;
    char padding = strcmp(padding_mode, "zeros") == 0 ? 'z' : strcmp(padding_mode, "border") == 0 ? 'b' : strcmp(padding_mode, "reflection") == 0 ? 'r' : 0;
    int dims = s.ndim - 2;
    if (how < 0 || !padding)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "grid_sample: mode '%s' with padding_mode '%s' is none of PyTorch's", mode, padding_mode);
    bool fits = (dims == 2 || dims == 3) && g.ndim == s.ndim && g.sizes[0] == s.sizes[0] && g.sizes[g.ndim - 1] == dims && g.dtype == s.dtype;
    for (int d = 0; d < dims && fits; d++) fits = s.sizes[d + 2] > 0;
    if (!fits || !torsh_dtype_is_floating_point(s.dtype))
        return torsh__refuse(TORSH_SHAPE_MISMATCH, "grid_sample: 'input' %s and 'grid' %s must be (N, C, in...) and (N, out..., %d), floating point of one dtype",
                             torsh_shape_text(input), torsh_shape_text(grid), dims);
    return torsh__narrowed(torsh__grid_read(torsh__widened(input), torsh__widened(grid), how, padding, align_corners), s.dtype);
}

static torsh_tensor compose_grid_sampler(torsh_tensor input, torsh_tensor grid, int64_t interpolation_mode, int64_t padding_mode, bool align_corners)
{
    static const char *const curves[3] = {"bilinear", "nearest", "bicubic"}, *const paddings[3] = {"zeros", "border", "reflection"};
    if (interpolation_mode < 0 || interpolation_mode > 2 || padding_mode < 0 || padding_mode > 2)
        return torsh__refuse(TORSH_INVALID_ARGUMENT, "grid_sampler: interpolation_mode is %lld and padding_mode %lld; both must be 0 to 2", (long long)interpolation_mode,
                             (long long)padding_mode);
    return torsh_grid_sample(input, grid, curves[interpolation_mode], paddings[padding_mode], align_corners);
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
    int64_t all = 1;
    for (int d = 0; d < dims; d++) all *= grid.sizes[d] = size[d + 2];
    for (int d = 0; d < dims; d++) { /* x first, which is the innermost */
        int at = dims - 1 - d;
        int64_t n = grid.sizes[at];
        double end = n <= 1 ? 0 : align_corners ? 1 : (double)(n - 1) / (double)n;
        torsh_tensor steps = torsh_linspace(-end, end, n, dtype, t.device);
        columns[d] = torsh_expand(torsh__along(steps, at, dims), grid.sizes, (size_t)dims);
    }
    columns[dims] = torsh_ones(grid.sizes, (size_t)dims, dtype, t.device);
    torsh_tensor points = torsh_reshape(torsh_stack(columns, (size_t)dims + 1, 0), TORSH_DIMS(dims + 1, all)); /* one product of all rows of theta with it, turned at the end */
    torsh_tensor moved = torsh_reshape(torsh_matmul(torsh_reshape(wide, TORSH_DIMS(size[0] * dims, dims + 1)), points), TORSH_DIMS(size[0], dims, all));
    moved = torsh_contiguous(torsh_transpose(moved, 1, 2));
    int64_t sizes[5] = {size[0]};
    for (int d = 0; d < dims; d++) sizes[d + 1] = grid.sizes[d];
    sizes[dims + 1] = dims;
    return torsh__narrowed(torsh_reshape(moved, sizes, (size_t)dims + 2), t.dtype);
}

#include "define_rows.h"

#include "resample.def"
