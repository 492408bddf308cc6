/* Variance in one pass over memory: pieces that fit the cache get their mean and squared distance in two passes, and pieces are
 * joined in f64 (Chan, Golub, LeVeque, "Algorithms for computing the sample variance", 1983). Cut as in reduce.c. */
#include "statistics.h"
#include "alloc.h"
#include "copy_kernels.h"
#include "moments_kernels.h"
#include "reduce_plan.h"

#include <math.h>
#include <string.h>

enum {
    COLUMNS = 256,
    ROWS = 64,   /* of a block of columns taken at once */
    RUN = 4096,  /* elements of a run taken at once */
    MOST_SEGMENTS = 64,
};

enum form { VAR, STD };
static const enum form var_form = VAR, std_form = STD;

/* Of the columns of one block; all have the same count. */
typedef struct moments {
    double count, mean[COLUMNS], square[COLUMNS];
} moments;

typedef struct job {
    torsh__reduce_plan plan;
    torsh__moments_loops loops;
    torsh__convert_loop *load, *store;
    bool direct;
    int64_t element, block, blocks, tasks, batch, segments, segment;
    double correction;
    enum form form;
    char *mean_out;
    moments *partials; /* [task][segment] */
} job;

static void join(moments *to, const double *mean, const double *square, double count, int64_t first, int64_t width)
{
    double all = to->count + count, share = count / all, weight = to->count * share;
    for (int64_t k = 0; k < width; k++) {
        double step = mean[k] - to->mean[first + k];
        to->mean[first + k] += step * share;
        to->square[first + k] += square[k] + step * step * weight;
    }
}

/* n elements of a run for each column, one after the other. */
static void take_runs(const job *j, const char *at, int64_t width, int64_t n, moments *to)
{
    _Alignas(64) char buffer[RUN * 8];
    double mean, square;
    for (int64_t k = 0; k < width; k++) {
        const char *x = at + k * j->plan.kept[0].in;
        if (!j->direct) j->load(n, buffer, j->element, x, j->plan.reduced[0].in);
        j->loops.row(n, j->direct ? x : buffer, &mean, &square);
        join(to, &mean, &square, (double)n, k, 1);
    }
    to->count += (double)n;
}

static void take_rows(const job *j, const char *at, int64_t width, int64_t n, moments *to)
{
    _Alignas(64) char buffer[ROWS * COLUMNS * 4];
    double mean[COLUMNS], square[COLUMNS];
    int64_t step = j->plan.reduced[0].in, most = j->direct ? n : (int64_t)sizeof buffer / (width * j->element);
    for (int64_t r = 0; r < n; r += most) {
        int64_t rows = n - r < most ? n - r : most;
        for (int64_t i = 0; i < rows && !j->direct; i++)
            j->load(width, buffer + i * width * j->element, j->element, at + (r + i) * step, j->plan.kept[0].in);
        j->loops.columns(rows, width, j->direct ? step / j->element : width, j->direct ? at + r * step : buffer, mean, square);
        join(to, mean, square, (double)rows, 0, width);
        to->count += (double)rows;
    }
}

static void reduce_range(const job *j, const char *start, int64_t width, int64_t from, int64_t to, moments *m)
{
    const torsh__reduce_plan *p = &j->plan;
    int64_t inner = p->reduced[0].size, chunk = p->along ? RUN : ROWS;
    memset(m, 0, sizeof *m);
    while (from < to) {
        int64_t first = from % inner, n = inner - first;
        if (n > to - from) n = to - from;
        if (n > chunk) n = chunk;
        const char *at = start + first * p->reduced[0].in + torsh__reduce_offset(p->reduced, 1, p->reduced_count, from / inner, false);
        if (p->along) take_runs(j, at, width, n, m);
        else take_rows(j, at, width, n, m);
        from += n;
    }
}

static int64_t block_width(const job *j, int64_t task)
{
    int64_t rest = j->plan.kept[0].size - task % j->blocks * j->block;
    return rest < j->block ? rest : j->block;
}

static int64_t block_offset(const job *j, int64_t task, bool out)
{
    const torsh__reduce_plan *p = &j->plan;
    return task % j->blocks * j->block * (out ? p->kept[0].out : p->kept[0].in) +
           torsh__reduce_offset(p->kept, 1, p->kept_count, task / j->blocks, out);
}

/* Both outputs are fresh and dense, so that an offset in one is the same in the other. */
static void store_block(const job *j, int64_t task, moments *m)
{
    int64_t width = block_width(j, task), at = block_offset(j, task, true), step = j->plan.kept[0].out;
    double free = m->count - j->correction;
    if (j->plan.length == 0)
        for (int64_t k = 0; k < width; k++) m->mean[k] = NAN;
    if (j->mean_out) j->store(width, j->mean_out + at, step, m->mean, 8);
    for (int64_t k = 0; k < width; k++) {
        double var = m->square[k] / (free > 0 ? free : 0);
        m->square[k] = j->form == STD ? sqrt(var) : var;
    }
    j->store(width, j->plan.out + at, step, m->square, 8);
}

static void whole_piece(void *context, int64_t i)
{
    const job *j = context;
    moments m;
    for (int64_t task = i * j->batch; task < (i + 1) * j->batch && task < j->tasks; task++) {
        reduce_range(j, j->plan.in + block_offset(j, task, false), block_width(j, task), 0, j->plan.length, &m);
        store_block(j, task, &m);
    }
}

static void segment_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t task = i / j->segments, from = i % j->segments * j->segment, to = from + j->segment;
    reduce_range(j, j->plan.in + block_offset(j, task, false), block_width(j, task), from, to < j->plan.length ? to : j->plan.length, &j->partials[i]);
}

static torsh_status run_segments(job *j)
{
    size_t bytes = (size_t)(j->tasks * j->segments) * sizeof(moments);
    j->partials = torsh__alloc(bytes);
    if (!j->partials) return TORSH_OUT_OF_MEMORY;
    torsh__parallel(j->tasks * j->segments, segment_piece, j);
    for (int64_t task = 0; task < j->tasks; task++) {
        moments *first = &j->partials[task * j->segments];
        for (int64_t s = 1; s < j->segments; s++) {
            join(first, first[s].mean, first[s].square, first[s].count, 0, block_width(j, task));
            first->count += first[s].count;
        }
        store_block(j, task, first);
    }
    torsh__free(j->partials, bytes);
    return TORSH_OK;
}

static void cut(job *j)
{
    const torsh__reduce_plan *p = &j->plan;
    int64_t wide = p->kept[0].size, length = p->length ? p->length : 1;
    j->block = COLUMNS;
    if (p->along && j->block > TORSH__GRAIN / length) j->block = TORSH__GRAIN / length > 0 ? TORSH__GRAIN / length : 1;
    if (j->block > wide) j->block = wide;
    j->blocks = (wide + j->block - 1) / j->block;
    j->tasks = p->outputs / wide * j->blocks;
    int64_t work = j->block * length, unit = p->along ? RUN : ROWS;
    j->batch = work < TORSH__GRAIN ? TORSH__GRAIN / work : 1;
    j->segments = 1;
    if (j->tasks >= MOST_SEGMENTS || work <= 2 * TORSH__GRAIN) return;
    int64_t wish = work / TORSH__GRAIN < MOST_SEGMENTS ? work / TORSH__GRAIN : MOST_SEGMENTS;
    j->segment = ((length + wish - 1) / wish + unit - 1) / unit * unit;
    j->segments = (length + j->segment - 1) / j->segment;
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    const torsh__copy_table *copy = TORSH__ISA_PICK(torsh__copy);
    const torsh__moments_table *table = TORSH__ISA_PICK(torsh__moments);
    torsh_dtype have = torsh__operand_dtype(in), want = have == TORSH_F64 ? TORSH_F64 : TORSH_F32;
    if (out->numel == 0) return TORSH_OK;
    job j;
    j.loops = want == TORSH_F32 ? table->f32 : table->f64;
    j.load = copy->convert[have][want];
    j.store = copy->convert[TORSH_F64][out->dtype];
    j.element = torsh__dtypes[want].size;
    j.correction = launch->values[2].f;
    j.form = *(const enum form *)data;
    j.mean_out = launch->outputs > 1 ? torsh__operand_data(launch->output[1]) : NULL;
    torsh__reduce_plan_make(&j.plan, in, out, torsh__reduce_mask(launch, in->ndim));
    j.direct = have == want && (j.plan.along ? j.plan.reduced[0].in : j.plan.kept[0].in) == j.element;
    cut(&j);
    if (j.segments > 1) return run_segments(&j);
    torsh__parallel((j.tasks + j.batch - 1) / j.batch, whole_piece, &j);
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_statistics_kernels[] = {
    {"var", {run, &var_form}}, {"std", {run, &std_form}}, {"var_mean", {run, &var_form}}, {"std_mean", {run, &std_form}}, {NULL, {NULL, NULL}},
};
