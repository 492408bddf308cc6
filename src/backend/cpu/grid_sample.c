/* Images at the points of a grid, and the two gradients of that. A block of points is turned into places and weights per dim (taps_kernels.h), then
 * each plane is read, or added to, at them: rows of an image, of which a few adjacent elements count. Rows: table/resample.def. Points that have
 * taps outside the image are taken element by element. What adds to a plane is one thread. */
#include "axis.h"
#include "families.h"
#include "taps_kernels.h"

#include <stdatomic.h>
#include <string.h>

#define T double
#define RINT rint
#define N_(name) name##_f64
#include "taps_grid.inc.c"

enum { PIECE = 16 * BLOCK, SIDE_BY_SIDE = 8 };

typedef struct job {
    torsh__sample_line line[3];          /* innermost dim first */
    int dims, taps, rows;                /* of a point: lines of the image that count, each with `taps` elements */
    int64_t channels, width, n, points;  /* elements of a line, and of a plane */
    void (*points_f32)(const torsh__sample_line line[3], int dims, const float *grid, torsh__sample_f32 *b, bool slopes);
    void (*points_f64)(const torsh__sample_line line[3], int dims, const double *grid, torsh__sample_f64 *b, bool slopes);
    const char *g, *x, *grid;
    char *y;
} job;

typedef void piece_loop(const job *j, void *block, int64_t batch, int64_t first);

#define T float
#define N_(name) name##_f32
#define FAST 1
#include "grid_sample.inc.c"
#define T double
#define N_(name) name##_f64
#define FAST 0
#include "grid_sample.inc.c"

enum { FORWARD, BACK, SLOPE };
static piece_loop *const loops[3][2] = {{forward_f32, forward_f64}, {back_f32, back_f64}, {slope_f32, slope_f64}};
static const int forward = FORWARD, back = BACK, slope = SLOPE;

typedef struct pieces {
    const job *j;
    piece_loop *loop;
    int64_t step, per_batch; /* points or channels of a piece; pieces of a batch */
    size_t block;
    atomic_int failed;
} pieces;

static void piece(void *context, int64_t i)
{
    pieces *p = context;
    void *block = torsh__alloc(p->block);
    if (block) p->loop(p->j, block, i / p->per_batch, i % p->per_batch * p->step);
    else atomic_store(&p->failed, 1);
    torsh__free(block, p->block);
}

/* grid_read (input, grid), grid_read_back (grad, grid, size), grid_read_slope (grad, input, grid) */
static torsh_status run(const torsh_launch *launch, const void *data)
{
    const int what = *(const int *)data;
    const torsh_operand *first = launch->input[0], *grid = launch->input[what == SLOPE ? 2 : 1], *out = launch->output[0];
    const int64_t *image = (what == FORWARD ? first : what == BACK ? out : launch->input[1])->sizes;
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    const torsh_value *v = launch->values + (what == FORWARD ? 2 : 3);
    const torsh__taps_table *table = TORSH__ISA_PICK(torsh__taps);
    if (!table->points) table = TORSH__ISA_NARROW(torsh__taps);
    job j = {.dims = (int)grid->sizes[grid->ndim - 1], .channels = image[1], .width = image[grid->ndim - 1], .n = 1, .points = 1, .points_f32 = table->points, .points_f64 = points_f64};
    j.taps = v[0].i == 0 ? 1 : 2 * (int)v[0].i;
    j.rows = j.dims == 2 ? j.taps : j.taps * j.taps;
    for (int d = 0; d < j.dims; d++) {
        int64_t size = image[1 + j.dims - d];
        j.line[d] = (torsh__sample_line){(int)v[0].i, (char)v[1].i, v[2].i != 0, (int32_t)size};
        j.n *= size;
        j.points *= grid->sizes[d + 1];
    }
    torsh__dense a = {0}, b = {0}, points = {0}, y = {0};
    bool ok = torsh__dense_in(&a, first, dtype) && torsh__dense_in(&points, grid, dtype) && torsh__dense_in(&b, what == SLOPE ? launch->input[1] : NULL, dtype) && torsh__dense_out(&y, out, dtype);
    j.g = a.data, j.x = what == SLOPE ? b.data : a.data, j.grid = points.data, j.y = y.data;
    bool f64 = dtype == TORSH_F64;
    pieces p = {.j = &j, .loop = loops[what][f64], .step = what == BACK ? SIDE_BY_SIDE : PIECE, .block = f64 ? sizeof(torsh__sample_f64) : sizeof(torsh__sample_f32)};
    p.per_batch = ((what == BACK ? j.channels : j.points) + p.step - 1) / p.step;
    if (ok) torsh__parallel(image[0] * p.per_batch, piece, &p);
    ok = ok && !atomic_load(&p.failed);
    if (ok) torsh__dense_store(&y, out);
    torsh__dense_done(&a);
    torsh__dense_done(&b);
    torsh__dense_done(&points);
    torsh__dense_done(&y);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_grid_sample_kernels[] = {
    {"grid_read", {run, &forward}},
    {"grid_read_back", {run, &back}},
    {"grid_read_slope", {run, &slope}},
    {NULL, {NULL, NULL}},
};
