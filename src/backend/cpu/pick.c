/* Padding: elements taken from listed places of the last dims, a block where they run on. Whatever the dtype, elements are moved.
 * And the other way round, windows added up where they lie. */
#include "axis.h"
#include "families.h"
#include "shape.h"

#include <string.h>

typedef struct job {
    const char *x, *fill; /* fill: a line of what stands where a place is -1 */
    char *y;
    size_t size;
    int dims;
    int64_t in[TORSH__MAX_RANK], out[TORSH__MAX_RANK];
    const int64_t *places[TORSH__MAX_RANK];
    int64_t run, end, lines, per_piece; /* places run on from `run` to `end` in the last dim */
} job;

static inline void take(const job *j, char *to, const char *from, int64_t first, int64_t end)
{
    const int64_t *place = j->places[j->dims - 1];
    size_t size = j->size;
    for (int64_t i = first; i < end; i++) {
        const char *at = place[i] < 0 ? j->fill : from + (size_t)place[i] * size;
        if (size == 4) memcpy(to + (size_t)i * 4, at, 4);
        else memcpy(to + (size_t)i * size, at, size);
    }
}

/* Lines of the last dim, as many at once as the dim before it has. */
static void some_lines(void *context, int64_t piece)
{
    const job *j = context;
    int last = j->dims - 1;
    const int64_t *places = last > 0 ? j->places[last - 1] : NULL, rows = last > 0 ? j->out[last - 1] : j->lines;
    size_t in_row = (size_t)j->in[last] * j->size, out_row = (size_t)j->out[last] * j->size, run = (size_t)j->run * j->size, whole = (size_t)(j->end - j->run) * j->size;
    int64_t line = piece * j->per_piece, end = line + j->per_piece < j->lines ? line + j->per_piece : j->lines;
    while (line < end) {
        int64_t rest = line / rows, i = line - rest * rows, stop = line + rows - i < end ? line + rows - i : end, from = 0, step = last > 0 ? j->in[last - 1] : 0;
        bool inside = true;
        for (int d = last - 2; d >= 0; d--) {
            int64_t place = j->places[d][rest % j->out[d]];
            inside = inside && place >= 0;
            from += place * step;
            step *= j->in[d];
            rest /= j->out[d];
        }
        from += rest * step;
        char *y = j->y + (size_t)line * out_row;
        for (; line < stop; line++, i++, y += out_row) {
            int64_t place = places ? places[i] : i;
            if (!inside || place < 0) {
                memcpy(y, j->fill, out_row);
                continue;
            }
            const char *x = j->x + (size_t)(from + place) * in_row;
            take(j, y, x, 0, j->run);
            if (j->end > j->run) memcpy(y + run, x + (size_t)j->places[last][j->run] * j->size, whole);
            take(j, y, x, j->end, j->out[last]);
        }
    }
}

/* The longest stretch of places side by side, but for short ones before it. */
static void find_run(job *j)
{
    const int64_t *place = j->places[j->dims - 1];
    int64_t n = j->out[j->dims - 1], from = 0;
    for (int64_t i = 1; i <= n; i++) {
        if (i < n && place[i] >= 0 && place[i - 1] >= 0 && place[i] == place[i - 1] + 1) continue;
        if (i - from > j->end - j->run && place[from] >= 0) j->run = from, j->end = i;
        from = i;
    }
}

static torsh_status move_all(job *j, const torsh_operand *in, const torsh_operand *out)
{
    torsh_dtype dtype = (torsh_dtype)in->dtype;
    torsh__dense x = {0}, y = {0};
    bool ok = torsh__dense_in(&x, in, dtype) && torsh__dense_out(&y, out, dtype);
    j->x = x.data, j->y = y.data;
    j->lines = j->out[j->dims - 1] ? out->numel / j->out[j->dims - 1] : 0;
    j->per_piece = j->lines ? TORSH__GRAIN / j->out[j->dims - 1] + 1 : 1;
    find_run(j);
    if (ok) {
        torsh__parallel((j->lines + j->per_piece - 1) / j->per_piece, some_lines, j);
        torsh__dense_store(&y, out);
    }
    torsh__dense_done(&x);
    torsh__dense_done(&y);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

static torsh_status run_pick(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    job j = {.size = torsh__dtypes[in->dtype].size, .dims = (int)launch->values[2].list.count};
    torsh__dense list = {0};
    if (!torsh__dense_in(&list, launch->input[1], TORSH_I64)) return TORSH_OUT_OF_MEMORY;
    const int64_t *places = list.data;
    for (int d = 0; d < j.dims; d++) {
        int at = in->ndim - j.dims + d;
        j.in[d] = in->sizes[at], j.out[d] = out->sizes[at];
        j.places[d] = places;
        for (int64_t i = 0; i < j.out[d]; i++, places++) {
            if (*places >= 0 && *places < j.in[d]) continue;
            torsh__fail(TORSH_OUT_OF_RANGE, "%s: place %lld is out of range for dimension %d of size %lld", launch->op->name, (long long)*places, at, (long long)j.in[d]);
            torsh__dense_done(&list);
            return TORSH_OUT_OF_RANGE;
        }
    }
    torsh_status status = move_all(&j, in, out);
    torsh__dense_done(&list);
    return status;
}

/* All dims from the first padded one on. */
static torsh_status run_constant_pad(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    const torsh_value *pad = &launch->values[1];
    torsh_dtype dtype = (torsh_dtype)in->dtype;
    job j = {.size = torsh__dtypes[dtype].size, .dims = pad->list.count ? (int)(pad->list.count / 2) : 1};
    int64_t total = 0, width = out->sizes[out->ndim - 1];
    for (int d = 0; d < j.dims; d++) total += out->sizes[out->ndim - 1 - d];
    size_t bytes = (size_t)total * sizeof(int64_t) + (size_t)width * j.size;
    int64_t *room = torsh__alloc(bytes);
    torsh__dense value = {0};
    bool ok = room && torsh__dense_in(&value, launch->input[1], dtype);
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (ok) {
        int64_t *place = room;
        char *fill = (char *)(room + total);
        for (int d = 0; d < j.dims; d++) {
            int at = in->ndim - j.dims + d;
            int64_t before = pad->list.count ? ((const int64_t *)pad->list.data)[2 * (j.dims - 1 - d)] : 0;
            j.in[d] = in->sizes[at], j.out[d] = out->sizes[at];
            j.places[d] = place;
            for (int64_t i = 0; i < j.out[d]; i++, place++) *place = i < before || i - before >= j.in[d] ? -1 : i - before;
        }
        for (int64_t i = 0; i < width; i++) memcpy(fill + (size_t)i * j.size, value.data, j.size);
        j.fill = fill;
        status = move_all(&j, in, out);
    }
    torsh__dense_done(&value);
    torsh__free(room, bytes);
    return status;
}

/* ---- columns into images ---- */

typedef struct columns {
    const int64_t *kernel, *dilation, *padding, *stride, *count, *image; /* image: height, width, how many */
    const char *x;
    char *y;
    bool f64;
} columns;

#define T float
#define N_(name) name##_f32
#include "columns.inc.c"
#define T double
#define N_(name) name##_f64
#include "columns.inc.c"

enum { PLANES = 16 }; /* that one thread takes at a time */

static void some_images(void *context, int64_t piece)
{
    const columns *j = context;
    int64_t planes = j->image[2], end = (piece + 1) * PLANES < planes ? (piece + 1) * PLANES : planes;
    for (int64_t p = piece * PLANES; p < end; p++) (j->f64 ? add_plane_f64 : add_plane_f32)(j, p);
}

static torsh_status run_add_columns(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0];
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    const int64_t *w = launch->values[1].list.data, image[3] = {w[10], w[11], out->sizes[0] * out->sizes[1]};
    torsh__dense x = {0}, y = {0};
    bool ok = torsh__dense_in(&x, launch->input[0], dtype) && torsh__dense_out(&y, out, dtype);
    columns j = {w, w + 2, w + 4, w + 6, w + 8, image, x.data, y.data, dtype == TORSH_F64};
    if (ok) torsh__parallel((image[2] + PLANES - 1) / PLANES, some_images, &j);
    if (ok) torsh__dense_store(&y, out);
    torsh__dense_done(&x);
    torsh__dense_done(&y);
    return ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_pick_kernels[] = {
    {"add_columns", {run_add_columns, NULL}},
    {"pick", {run_pick, NULL}},
    {"constant_pad_nd", {run_constant_pad, NULL}},
    {NULL, {NULL, NULL}},
};
