/* Drivers of layer and batch normalisation. Layer: one row after another, weight gradients summed over blocks of rows of
 * fixed size and the blocks added in order. Batch: one channel at a time over its (N, inner) runs; where a channel's
 * elements lie apart (inner = 1) some channels side by side at once, row by row, and backward on copies turned into runs. */
#include "axis.h"
#include "copy_kernels.h"
#include "families.h"
#include "moments_kernels.h"
#include "norm_kernels.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { MOST_DENSE = 8, WEIGHT_ROWS = 64, LINE = 128 /* bytes: two lines of a cache */, NARROW = 64, COLUMNS = TORSH__MOMENTS_COLUMNS /* channels side by side: more where many pieces are left */ };

typedef struct set { /* the operands of one call as dense arrays */
    torsh__dense dense[MOST_DENSE];
    const torsh_operand *store[MOST_DENSE];
    int count;
    bool ok;
} set;

static void *add_in(set *s, const torsh_operand *o, torsh_dtype dtype)
{
    if (!s->ok || !o) return NULL;
    torsh__dense *d = &s->dense[s->count];
    s->store[s->count++] = NULL;
    s->ok = torsh__dense_in(d, o, dtype);
    return d->data;
}

static void *add_out(set *s, const torsh_operand *o, torsh_dtype dtype)
{
    if (!s->ok) return NULL;
    torsh__dense *d = &s->dense[s->count];
    s->store[s->count++] = o;
    s->ok = torsh__dense_out(d, o, dtype);
    return d->data;
}

static torsh_status close_set(set *s)
{
    for (int i = 0; i < s->count; i++) {
        if (s->store[i] && s->ok) torsh__dense_store(&s->dense[i], s->store[i]);
        else torsh__dense_done(&s->dense[i]);
    }
    return s->ok ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

typedef struct job {
    const torsh__norm_loops *loops;
    torsh_dtype dtype;
    size_t size;
    int64_t rows, n, inner; /* layer: rows of n; batch: rows = N, n = C, inner; groups: rows of n, of which a channel has inner */
    int64_t groups;
    int64_t per_piece;
    char *y, *dw, *db, *partial;
    const char *g, *x, *w, *b, *given_mean, *given_var;
    char *mean, *rstd, *var;
    double eps;
    bool training, centered;
    _Atomic bool *failed; /* of batch */
} job;

static double load(const job *j, const char *data, int64_t i)
{
    return j->dtype == TORSH_F64 ? ((const double *)(const void *)data)[i] : (double)((const float *)(const void *)data)[i];
}

static void store(const job *j, char *data, int64_t i, double value)
{
    if (j->dtype == TORSH_F64) ((double *)(void *)data)[i] = value;
    else ((float *)(void *)data)[i] = (float)value;
}

static job start(const torsh_launch *launch)
{
    torsh_dtype dtype = torsh__loop_dtype((int)launch->compute);
    const torsh__norm_table *table = TORSH__ISA_PICK(torsh__norm);
    return (job){.loops = dtype == TORSH_F64 ? &table->f64 : &table->f32, .dtype = dtype, .size = torsh__dtypes[dtype].size};
}

/* ---- layer_norm ---------------------------------------------------------------------------------------------- */

static void layer_rows(void *context, int64_t piece)
{
    const job *j = context;
    int64_t end = (piece + 1) * j->per_piece < j->rows ? (piece + 1) * j->per_piece : j->rows;
    for (int64_t r = piece * j->per_piece; r < end; r++) {
        size_t at = (size_t)(r * j->n) * j->size;
        double mean = 0, m2;
        if (j->centered) j->loops->moments(j->n, j->x + at, &mean, &m2);
        else m2 = j->loops->squares(j->n, j->x + at);
        double rstd = 1 / sqrt(m2 / (double)j->n + j->eps);
        store(j, j->mean, r, mean);
        store(j, j->rstd, r, rstd);
        j->loops->apply(j->n, j->y + at, j->x + at, mean, rstd, j->w, j->b, 1);
    }
}

static void sizes_of_layer(job *j, const torsh_operand *x, int64_t dims)
{
    j->rows = j->n = 1;
    for (int d = 0; d < x->ndim; d++) *(d < x->ndim - dims ? &j->rows : &j->n) *= x->sizes[d];
    j->per_piece = j->n < TORSH__GRAIN / 2 ? TORSH__GRAIN / 2 / (j->n ? j->n : 1) : 1;
}

static torsh_status run_layer_norm(const torsh_launch *launch, const void *data)
{
    (void)data;
    job j = start(launch);
    set s = {.ok = true};
    sizes_of_layer(&j, launch->input[0], launch->values[3].i);
    j.eps = launch->values[4].f;
    j.centered = launch->values[5].i != 0;
    j.x = add_in(&s, launch->input[0], j.dtype);
    j.w = add_in(&s, launch->input[1], j.dtype);
    j.b = add_in(&s, launch->input[2], j.dtype);
    j.y = add_out(&s, launch->output[0], j.dtype);
    j.mean = add_out(&s, launch->output[1], j.dtype);
    j.rstd = add_out(&s, launch->output[2], j.dtype);
    if (s.ok && j.rows > 0) torsh__parallel((j.rows + j.per_piece - 1) / j.per_piece, layer_rows, &j);
    return close_set(&s);
}

static void group_rows(void *context, int64_t piece)
{
    const job *j = context;
    int64_t end = (piece + 1) * j->per_piece < j->rows ? (piece + 1) * j->per_piece : j->rows, channels = j->n / (j->inner ? j->inner : 1);
    for (int64_t r = piece * j->per_piece; r < end; r++) {
        size_t at = (size_t)(r * j->n) * j->size, first = (size_t)(r % j->groups * channels) * j->size;
        double mean, m2;
        j->loops->moments(j->n, j->x + at, &mean, &m2);
        double rstd = 1 / sqrt(m2 / (double)j->n + j->eps);
        store(j, j->mean, r, mean);
        store(j, j->rstd, r, rstd);
        for (int64_t c = 0; c < channels; c++, at += (size_t)j->inner * j->size, first += j->size)
            j->loops->apply(j->inner, j->y + at, j->x + at, mean, rstd, j->w ? j->w + first : NULL, j->b ? j->b + first : NULL, 0);
    }
}

static torsh_status run_group_norm(const torsh_launch *launch, const void *data)
{
    (void)data;
    job j = start(launch);
    set s = {.ok = true};
    const torsh_operand *x = launch->input[0];
    j.groups = launch->values[3].i;
    j.eps = launch->values[4].f;
    j.rows = x->sizes[0] * j.groups;
    j.inner = 1;
    for (int d = 2; d < x->ndim; d++) j.inner *= x->sizes[d];
    j.n = x->sizes[1] / j.groups * j.inner;
    j.per_piece = j.n < TORSH__GRAIN / 2 ? TORSH__GRAIN / 2 / (j.n ? j.n : 1) : 1;
    j.x = add_in(&s, x, j.dtype);
    j.w = add_in(&s, launch->input[1], j.dtype);
    j.b = add_in(&s, launch->input[2], j.dtype);
    j.y = add_out(&s, launch->output[0], j.dtype);
    j.mean = add_out(&s, launch->output[1], j.dtype);
    j.rstd = add_out(&s, launch->output[2], j.dtype);
    if (s.ok && j.rows > 0) torsh__parallel((j.rows + j.per_piece - 1) / j.per_piece, group_rows, &j);
    return close_set(&s);
}

static void layer_rows_backward(void *context, int64_t piece)
{
    const job *j = context;
    int64_t end = (piece + 1) * j->per_piece < j->rows ? (piece + 1) * j->per_piece : j->rows;
    char *dw = j->partial + (size_t)(2 * piece * j->n) * j->size, *db = dw + (size_t)j->n * j->size;
    memset(dw, 0, 2 * (size_t)j->n * j->size);
    for (int64_t r = piece * j->per_piece; r < end; r++) {
        size_t at = (size_t)(r * j->n) * j->size;
        double mean = load(j, j->mean, r), rstd = load(j, j->rstd, r), plain, weighted, n = (double)j->n;
        j->loops->sums(j->n, j->g + at, j->x + at, mean, rstd, j->w, 1, &plain, &weighted);
        j->loops->input_gradient(j->n, j->y + at, j->g + at, j->x + at, mean, rstd, j->w, 1, j->centered ? plain / n : 0, weighted / n);
        j->loops->add_gradients(j->n, dw, db, j->g + at, j->x + at, mean, rstd);
    }
}

static void add_partial(const job *j, char *to, const char *from)
{
    if (j->dtype == TORSH_F64)
        for (int64_t i = 0; i < j->n; i++) ((double *)(void *)to)[i] += ((const double *)(const void *)from)[i];
    else
        for (int64_t i = 0; i < j->n; i++) ((float *)(void *)to)[i] += ((const float *)(const void *)from)[i];
}

static torsh_status run_layer_norm_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    job j = start(launch);
    set s = {.ok = true};
    sizes_of_layer(&j, launch->input[1], launch->values[5].i);
    if (j.per_piece < WEIGHT_ROWS) j.per_piece = WEIGHT_ROWS;
    j.centered = launch->values[6].i != 0;
    j.g = add_in(&s, launch->input[0], j.dtype);
    j.x = add_in(&s, launch->input[1], j.dtype);
    j.w = add_in(&s, launch->input[2], j.dtype);
    j.mean = add_in(&s, launch->input[3], j.dtype);
    j.rstd = add_in(&s, launch->input[4], j.dtype);
    j.y = add_out(&s, launch->output[0], j.dtype);
    j.dw = add_out(&s, launch->output[1], j.dtype);
    j.db = add_out(&s, launch->output[2], j.dtype);
    int64_t pieces = (j.rows + j.per_piece - 1) / j.per_piece;
    size_t row = (size_t)j.n * j.size, bytes = 2 * (size_t)pieces * row;
    if (s.ok) s.ok = (j.partial = torsh__alloc(bytes)) != NULL;
    if (s.ok) {
        torsh__parallel(pieces, layer_rows_backward, &j);
        memset(j.dw, 0, row);
        memset(j.db, 0, row);
        for (int64_t p = 0; p < pieces; p++) {
            add_partial(&j, j.dw, j.partial + 2 * (size_t)p * row);
            add_partial(&j, j.db, j.partial + 2 * (size_t)p * row + row);
        }
    }
    torsh__free(j.partial, bytes);
    return close_set(&s);
}

/* A worker's failed allocation left its text on the worker's thread. */
static bool no_memory(const torsh_launch *launch)
{
    torsh__fail(TORSH_OUT_OF_MEMORY, "%s: out of memory for a channel", launch->op->name);
    return false;
}

/* ---- batch_norm ---------------------------------------------------------------------------------------------- */

static size_t run_at(const job *j, int64_t row, int64_t channel)
{
    return (size_t)((row * j->n + channel) * j->inner) * j->size;
}

/* Two passes over the channel's runs, joined by Chan's formula (The American Statistician 37, 1983). */
static void channel_moments(const job *j, int64_t channel, const char *x, double *mean, double *m2)
{
    double count = 0;
    *mean = *m2 = 0;
    for (int64_t r = 0; r < j->rows; r++) {
        double mean_r, m2_r, n = (double)j->inner;
        j->loops->moments(j->inner, x + run_at(j, r, channel), &mean_r, &m2_r);
        double delta = mean_r - *mean, total = count + n;
        *mean += delta * n / total;
        *m2 += m2_r + delta * delta * count * n / total;
        count = total;
    }
}

static void batch_channel(job *j, int64_t c)
{
    double mean, m2 = 0, var, count = (double)(j->rows * j->inner);
    const char *w = j->w ? j->w + (size_t)c * j->size : NULL, *b = j->b ? j->b + (size_t)c * j->size : NULL;
    if (j->given_mean) mean = load(j, j->given_mean, c);
    else channel_moments(j, c, j->x, &mean, &m2);
    var = j->given_var ? load(j, j->given_var, c) : count > 0 ? m2 / count : 0;
    double rstd = 1 / sqrt(var + j->eps);
    store(j, j->mean, c, mean);
    store(j, j->var, c, var);
    for (int64_t r = 0; r < j->rows; r++) j->loops->apply(j->inner, j->y + run_at(j, r, c), j->x + run_at(j, r, c), mean, rstd, w, b, 0);
}

/* Swaps the rows and columns of a matrix. */
static void turn(const job *j, int64_t rows, int64_t columns, char *to, int64_t to_stride, const char *from, int64_t from_stride)
{
    const torsh__copy_table *table = TORSH__ISA_PICK(torsh__copy);
    torsh__transpose_loop *loop = j->size == 4 ? table->transpose4 : table->transpose8;
    loop(rows, columns, to, to_stride, from, from_stride, false);
}

static char *moved(const job *j, const char *base, int64_t channel)
{
    return base ? (char *)(uintptr_t)base + (size_t)channel * j->size : NULL;
}

/* Calls `channel` for some channels side by side, whose elements lie apart: on copies in which each is one run. */
static void channels_apart(job *j, int64_t line, void (*channel)(job *j, int64_t c))
{
    int64_t across = LINE / (int64_t)j->size, first = line * across, inputs = j->g ? 2 : 1;
    if (across > j->n - first) across = j->n - first;
    int64_t run = j->rows * (int64_t)j->size, apart = j->n * (int64_t)j->size;
    size_t bytes = (size_t)(inputs * across * run);
    char *copy = torsh__alloc(bytes);
    if (!copy) {
        atomic_store_explicit(j->failed, true, memory_order_relaxed);
        return;
    }
    job k = *j;
    k.rows = 1, k.n = across, k.inner = j->rows;
    k.x = k.y = copy;
    turn(j, j->rows, across, copy, run, moved(j, j->x, first), apart);
    if (j->g) {
        k.g = k.y = copy + across * run;
        turn(j, j->rows, across, k.y, run, moved(j, j->g, first), apart);
    }
    k.w = moved(j, j->w, first), k.b = moved(j, j->b, first);
    k.mean = moved(j, j->mean, first), k.var = moved(j, j->var, first);
    k.given_mean = moved(j, j->given_mean, first), k.given_var = moved(j, j->given_var, first);
    k.dw = moved(j, j->dw, first), k.db = moved(j, j->db, first);
    for (int64_t c = 0; c < across; c++) channel(&k, c);
    turn(j, across, j->rows, moved(j, j->y, first), apart, k.y, run);
    torsh__free(copy, bytes);
}

/* The moments of `width` channels side by side, some rows at a time, joined by Chan's formula. */
static void column_moments(const job *j, int64_t first, int64_t width, double *mean, double *m2)
{
    enum { TALL = 64 }; /* rows that stay in the nearest cache */
    const torsh__moments_table *table = TORSH__ISA_PICK(torsh__moments);
    const torsh__moments_loops *loops = j->dtype == TORSH_F64 ? &table->f64 : &table->f32;
    double mean_r[COLUMNS], m2_r[COLUMNS];
    for (int64_t k = 0; k < width; k++) mean[k] = m2[k] = 0;
    for (int64_t r = 0; r < j->rows; r += TALL) {
        int64_t rows = j->rows - r < TALL ? j->rows - r : TALL;
        loops->columns(rows, width, j->n, j->x + run_at(j, r, first), mean_r, m2_r);
        double share = (double)rows / (double)(r + rows), weight = (double)r * share;
        for (int64_t k = 0; k < width; k++) {
            double delta = mean_r[k] - mean[k];
            mean[k] += delta * share;
            m2[k] += m2_r[k] + delta * delta * weight;
        }
    }
}

/* Some channels side by side, whose elements lie apart. */
static void batch_columns(job *j, int64_t first)
{
    int64_t width = j->n - first < j->per_piece ? j->n - first : j->per_piece;
    double mean[COLUMNS], m2[COLUMNS];
    _Alignas(64) char scale[COLUMNS * sizeof(double)], shift[COLUMNS * sizeof(double)];
    if (!j->given_mean) column_moments(j, first, width, mean, m2);
    for (int64_t k = 0; k < width; k++) {
        int64_t c = first + k;
        double var = j->given_var ? load(j, j->given_var, c) : j->rows > 0 ? m2[k] / (double)j->rows : 0;
        store(j, j->mean, c, j->given_mean ? load(j, j->given_mean, c) : mean[k]);
        store(j, j->var, c, var);
        store(j, scale, k, (j->w ? load(j, j->w, c) : 1) / sqrt(var + j->eps));
        store(j, shift, k, j->b ? load(j, j->b, c) : 0);
    }
    for (int64_t r = 0; r < j->rows; r++)
        j->loops->apply_each(width, j->y + run_at(j, r, first), j->x + run_at(j, r, first), j->mean + (size_t)first * j->size, scale, shift);
}

static bool each_channel(job *j, torsh__piece *piece, int64_t across)
{
    j->per_piece = across;
    _Atomic bool failed = false;
    j->failed = &failed;
    torsh__parallel(j->inner == 1 ? (j->n + across - 1) / across : j->n, piece, j);
    return !failed;
}

static void batch_piece(void *context, int64_t i)
{
    job *j = context;
    if (j->inner == 1) batch_columns(j, i * j->per_piece);
    else batch_channel(j, i);
}

static void sizes_of_batch(job *j, const torsh_operand *x)
{
    j->rows = x->sizes[0];
    j->n = x->sizes[1];
    j->inner = 1;
    for (int d = 2; d < x->ndim; d++) j->inner *= x->sizes[d];
}

static torsh_status run_batch_norm(const torsh_launch *launch, const void *data)
{
    (void)data;
    job j = start(launch);
    set s = {.ok = true};
    sizes_of_batch(&j, launch->input[0]);
    j.eps = launch->values[5].f;
    j.x = add_in(&s, launch->input[0], j.dtype);
    j.w = add_in(&s, launch->input[1], j.dtype);
    j.b = add_in(&s, launch->input[2], j.dtype);
    j.given_mean = add_in(&s, launch->input[3], j.dtype);
    j.given_var = add_in(&s, launch->input[4], j.dtype);
    j.y = add_out(&s, launch->output[0], j.dtype);
    j.mean = add_out(&s, launch->output[1], j.dtype);
    j.var = add_out(&s, launch->output[2], j.dtype);
    if (s.ok && !each_channel(&j, batch_piece, j.n < 4 * COLUMNS ? NARROW : COLUMNS)) s.ok = no_memory(launch);
    return close_set(&s);
}

static void batch_channel_backward(job *j, int64_t c)
{
    double mean = load(j, j->mean, c), rstd = 1 / sqrt(load(j, j->var, c) + j->eps), plain = 0, weighted = 0, count = (double)(j->rows * j->inner);
    const char *w = j->w ? j->w + (size_t)c * j->size : NULL;
    for (int64_t r = 0; r < j->rows; r++) {
        double p, q;
        j->loops->sums(j->inner, j->g + run_at(j, r, c), j->x + run_at(j, r, c), mean, rstd, NULL, 0, &p, &q);
        plain += p;
        weighted += q;
    }
    store(j, j->dw, c, weighted);
    store(j, j->db, c, plain);
    /* With running statistics the mean and deviation don't depend on the input. */
    double factor = w ? load(j, w, 0) : 1, p = j->training ? plain * factor / count : 0, q = j->training ? weighted * factor / count : 0;
    for (int64_t r = 0; r < j->rows; r++) {
        size_t at = run_at(j, r, c);
        j->loops->input_gradient(j->inner, j->y + at, j->g + at, j->x + at, mean, rstd, w, 0, p, q);
    }
}

static void batch_piece_backward(void *context, int64_t i)
{
    job *j = context;
    if (j->inner == 1) channels_apart(j, i, batch_channel_backward);
    else batch_channel_backward(j, i);
}

static torsh_status run_batch_norm_backward(const torsh_launch *launch, const void *data)
{
    (void)data;
    job j = start(launch);
    set s = {.ok = true};
    sizes_of_batch(&j, launch->input[1]);
    j.training = launch->values[5].i != 0;
    j.eps = launch->values[6].f;
    j.g = add_in(&s, launch->input[0], j.dtype);
    j.x = add_in(&s, launch->input[1], j.dtype);
    j.w = add_in(&s, launch->input[2], j.dtype);
    j.mean = add_in(&s, launch->input[3], j.dtype);
    j.var = add_in(&s, launch->input[4], j.dtype);
    j.y = add_out(&s, launch->output[0], j.dtype);
    j.dw = add_out(&s, launch->output[1], j.dtype);
    j.db = add_out(&s, launch->output[2], j.dtype);
    if (s.ok && !each_channel(&j, batch_piece_backward, LINE / (int64_t)j.size)) s.ok = no_memory(launch);
    return close_set(&s);
}

const torsh__cpu_kernel torsh__cpu_norm_kernels[] = {
    {"group_norm_forward", {run_group_norm, NULL}},
    {"layer_norm_forward", {run_layer_norm, NULL}},
    {"layer_norm_backward", {run_layer_norm_backward, NULL}},
    {"batch_norm_forward", {run_batch_norm, NULL}},
    {"batch_norm_backward", {run_batch_norm_backward, NULL}},
    {NULL, {NULL, NULL}},
};
