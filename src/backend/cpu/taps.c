/* Weighted sums of a few elements each ("taps"), the two gradients of that, and the taps of points on a grid. Rows: table/resample.def.
 * All of a plane is taken by one thread where it is scattered to. */
#include "axis.h"
#include "families.h"
#include "taps_kernels.h"

#include <math.h>
#include <string.h>

typedef struct job {
    int64_t batches, channels, n, inner, taps, places, list; /* list: elements from one batch's index to the next one's, or 0 */
    const torsh__taps_table *loops;
    void (*planes)(const struct job *j, int64_t planes, void *y, const void *x, const int64_t *index, const void *weight);
    bool back;
    size_t size;
    const char *x, *weight, *g;
    const int64_t *index;
    char *y;
} job;

#define T float
#define N_(name) name##_f32
#include "taps_loops.inc.c"
#define T double
#define N_(name) name##_f64
#include "taps_loops.inc.c"

typedef void plane_loop(const job *j, int64_t planes, void *y, const void *x, const int64_t *index, const void *weight);
enum { FORWARD, BACK, DOT };
static plane_loop *const loops[3][2] = {{forward_f32, forward_f64}, {back_f32, back_f64}, {dot_f32, dot_f64}};
static const int forward = FORWARD, back = BACK, dot = DOT;

enum { SIDE_BY_SIDE = 8 }; /* planes taken together: their lines must fit the ways of the first cache */

static void some_planes(void *context, int64_t piece)
{
    const job *j = context;
    int64_t pieces = (j->channels + SIDE_BY_SIDE - 1) / SIDE_BY_SIDE, b = piece / pieces, first = piece % pieces * SIDE_BY_SIDE;
    int64_t count = j->channels - first < SIDE_BY_SIDE ? j->channels - first : SIDE_BY_SIDE, p = b * j->channels + first;
    int64_t list = b * j->list, own = p * j->n * j->inner, other = p * j->places * j->inner;
    const char *weight = j->weight ? j->weight + (size_t)list * j->size : NULL;
    j->planes(j, count, j->y + (size_t)(j->back ? own : other) * j->size, j->x + (size_t)(j->back ? other : own) * j->size, j->index + list, weight);
}

/* All planes that share a list of places, in order. */
static void one_list(void *context, int64_t b)
{
    const job *j = context;
    int64_t list = b * j->list, first = j->list ? b * j->channels : 0, end = j->list ? first + j->channels : j->batches * j->channels;
    char *y = j->y + (size_t)list * j->size;
    memset(y, 0, (size_t)(j->taps * j->places) * j->size);
    j->planes(j, end - first, y, j->g + (size_t)(first * j->places * j->inner) * j->size, j->index + list, j->x + (size_t)(first * j->n * j->inner) * j->size);
}

static torsh_status check_index(const job *j, const char *name, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (j->index[i] < -1 || j->index[i] >= j->n)
            return torsh__fail(TORSH_OUT_OF_RANGE, "%s: index %lld is out of range for %lld elements", name, (long long)j->index[i], (long long)j->n);
    return TORSH_OK;
}

/* taps (input, index, weight), taps_back (grad, index, weight, n), taps_dot (grad, index, input) */
static torsh_status run_taps(const torsh_launch *launch, const void *data)
{
    const int what = *(const int *)data;
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    const torsh_operand *first = launch->input[0], *list = launch->input[1], *out = launch->output[0];
    const int64_t *like = what == DOT ? launch->input[2]->sizes : first->sizes;
    bool f64 = dtype == TORSH_F64;
    job j = {.batches = like[0], .channels = like[1], .n = like[2], .inner = like[3], .taps = list->sizes[1], .places = list->sizes[2], .size = f64 ? 8 : 4};
    if (what == BACK) j.n = out->sizes[2];
    j.list = list->sizes[0] > 1 ? j.taps * j.places : 0;
    j.loops = TORSH__ISA_PICK(torsh__taps);
    j.planes = loops[what][f64];
    j.back = what == BACK;
    torsh__dense a = {0}, index = {0}, b = {0}, y = {0};
    bool ok = torsh__dense_in(&a, first, dtype) && torsh__dense_in(&index, list, TORSH_I64) && torsh__dense_in(&b, launch->input[2], dtype) && torsh__dense_out(&y, out, dtype);
    j.g = j.x = a.data, j.index = index.data, j.weight = b.data, j.y = y.data;
    torsh_status status = ok ? check_index(&j, launch->op->name, list->numel) : TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        if (what == DOT) j.x = b.data;
        if (what == DOT) torsh__parallel(list->sizes[0], one_list, &j);
        else torsh__parallel(j.batches * ((j.channels + SIDE_BY_SIDE - 1) / SIDE_BY_SIDE), some_planes, &j);
        torsh__dense_store(&y, out);
    }
    torsh__dense_done(&a);
    torsh__dense_done(&index);
    torsh__dense_done(&b);
    torsh__dense_done(&y);
    return status;
}

/* ---- points of a grid: for the gradients of grid_sample.c's gradients ----------------------------------------------- */

const double torsh__tap_curves[3][4][4] = {
    {{1, 0, 0, 0}},
    {{1, -1, 0, 0}, {0, 1, 0, 0}},
    {{0, -0.75, 1.5, -0.75}, {1, 0, -2.25, 1.25}, {0, 0.75, 1.5, -1.25}, {0, 0, -0.75, 0.75}},
};

enum { MOST_DIMS = 3, MOST_TAPS = 4 };

typedef struct sampler {
    int dims, taps, kind;  /* kind of curve */
    char padding;          /* z: zeros, b: border, r: reflection */
    bool corners, f32;
    const int64_t *size, *order; /* order: of the derivative wanted along each dim */
} sampler;

/* Every step is rounded to f32 where that is the dtype, so that points fall on the side on which PyTorch has them. */
static double rounded(const sampler *s, double x)
{
    return s->f32 ? (double)(float)x : x;
}

/* Where a place outside is taken from; slope is multiplied by the derivative of that. */
static double bounded(const sampler *s, double x, int64_t size, double *slope)
{
    double low = s->corners ? 0 : -0.5, last = (double)size - 1, span = (double)size - (s->corners ? 1 : 0);
    if (s->padding == 'z') return x;
    if (s->padding == 'r') {
        double away = x - low, extra = span > 0 ? fmod(fabs(rounded(s, away)), span) : 0;
        bool odd = span > 0 && fmod(floor(rounded(s, rounded(s, fabs(away) - extra) / span) + 0.25), 2) == 1;
        if (away < 0) *slope = -*slope;
        if (odd) *slope = -*slope;
        x = span <= 0 ? 0 : rounded(s, odd ? low + span - extra : extra + low);
    }
    if (!(x > 0 && x < last)) *slope = 0;
    return x > 0 ? x < last ? x : last : 0;
}

/* Taps of one coordinate: places (-1: outside) and weights. */
static void along(const sampler *s, double x, int d, int64_t place[MOST_TAPS], double weight[MOST_TAPS])
{
    int64_t size = s->size[d];
    double slope = rounded(s, (double)(s->corners ? size - 1 : size) / 2), unused = 1;
    x = rounded(s, rounded(s, x + 1) * slope);
    if (!s->corners) x = rounded(s, x - 0.5);
    if (s->kind != 2) x = bounded(s, x, size, &slope);
    double base = s->kind == 0 ? nearbyint(x) : floor(x), t = rounded(s, x - base);
    for (int k = 0; k < s->taps; k++) {
        double at = base + k - (s->kind == 2), c[4];
        if (s->kind == 2) at = bounded(s, at, size, &unused);
        place[k] = at >= 0 && at < (double)size ? (int64_t)at : -1;
        memcpy(c, torsh__tap_curves[s->kind][k], sizeof c);
        double factor = 1;
        for (int64_t o = 0; o < s->order[d]; o++, factor *= slope)
            for (int i = 0; i < 4; i++) c[i] = i < 3 ? (i + 1) * c[i + 1] : 0;
        weight[k] = rounded(s, factor * (((c[3] * t + c[2]) * t + c[1]) * t + c[0]));
    }
}

/* (N, P, dims) into weights and indices (N, taps^dims, P); the coordinates begin with the innermost dim. */
static torsh_status run_grid_taps(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *grid = launch->input[0];
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    const torsh_value *v = launch->values;
    sampler s = {.dims = (int)grid->sizes[2], .kind = (int)v[2].i, .padding = (char)v[3].i, .corners = v[4].i != 0, .f32 = dtype == TORSH_F32, .size = v[1].list.data, .order = v[5].list.data};
    s.taps = s.kind == 0 ? 1 : 2 * s.kind;
    int64_t points = grid->sizes[1], count = launch->output[0]->sizes[1];
    torsh__dense x = {0}, weights = {0}, indices = {0};
    bool ok = torsh__dense_in(&x, grid, dtype) && torsh__dense_out(&weights, launch->output[0], dtype) && torsh__dense_out(&indices, launch->output[1], TORSH_I64);
    for (int64_t p = 0; ok && p < grid->sizes[0] * points; p++) {
        int64_t place[MOST_DIMS][MOST_TAPS], *index = (int64_t *)indices.data + p / points * count * points + p % points;
        double weight[MOST_DIMS][MOST_TAPS];
        for (int d = 0; d < s.dims; d++) {
            int64_t at = p * s.dims + s.dims - 1 - d;
            along(&s, s.f32 ? (double)((const float *)x.data)[at] : ((const double *)x.data)[at], d, place[d], weight[d]);
        }
        for (int64_t i = 0; i < count; i++, index += points) {
            int64_t where = 0, step = 1, rest = i;
            double w = 1;
            bool inside = true;
            for (int d = s.dims - 1; d >= 0; d--, rest /= s.taps) {
                int k = (int)(rest % s.taps);
                where += place[d][k] * step, step *= s.size[d];
                inside = inside && place[d][k] >= 0;
                w = rounded(&s, w * weight[d][k]);
            }
            *index = inside ? where : -1;
            int64_t at = index - (int64_t *)indices.data;
            if (s.f32) ((float *)weights.data)[at] = (float)w;
            else ((double *)weights.data)[at] = w;
        }
    }
    if (ok) torsh__dense_store(&weights, launch->output[0]);
    if (ok) torsh__dense_store(&indices, launch->output[1]);
    torsh__dense_done(&x);
    torsh__dense_done(&weights);
    torsh__dense_done(&indices);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_taps_kernels[] = {
    {"taps", {run_taps, &forward}},
    {"taps_back", {run_taps, &back}},
    {"taps_dot", {run_taps, &dot}},
    {"grid_taps", {run_grid_taps, NULL}},
    {NULL, {NULL, NULL}},
};
