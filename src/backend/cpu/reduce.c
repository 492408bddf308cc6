/* Runs a REDUCE row: every result is the join of all its elements, as a tree whose shape depends on the sizes alone.
 *
 * A block is up to 512 results that lie side by side along the innermost kept dim. Its accumulators live on the stack and
 * take the reduced range in chunks: runs along a reduced dim, or rows of the block's width. A long range is cut into
 * segments for the threads, whose accumulators are joined at the end. */
#include "reduce.h"
#include "alloc.h"
#include "copy_kernels.h"
#include "reduce_kernels.h"
#include "reduce_plan.h"

#include <string.h>

enum {
    BLOCK = 512,        /* results side by side */
    BUFFERED_BLOCK = 256,
    ROWS = 128,         /* rows folded before a carry */
    RUN = 32768,        /* elements of one run */
    BUFFERED_RUN = 2048,
    LEVELS = 3,
    RADIX = 32,         /* partial sums that a level takes before it moves up */
    MOST_SEGMENTS = 64,
    WIDEST = 16         /* bytes of an accumulator or element */
};

/* ---- rows ---------------------------------------------------------------------------------------------------- */

enum load { LOADS_WIDE, LOADS_WIDEREAL, LOADS_OWN, LOADS_TRUTH, LOADS_FLOAT, LOADS_FLOATC };

typedef struct row {
    const char *name;
    int index;
    enum load load;
} row;

static const row rows[] = {
#define REDUCE(name, variants, dtypes, load, ...) {#name, TORSH__REDUCE_##name, LOADS_##load},
#define REDUCE_INTERNAL(name, dtypes, load, ...) {#name, TORSH__REDUCE_##name, LOADS_##load},
#include "reduce.def"
};

static torsh_dtype loaded(enum load load, torsh_dtype dtype)
{
    if (load == LOADS_TRUTH) return TORSH_BOOL;
    if (dtype == TORSH_F16 || dtype == TORSH_BF16) return TORSH_F32;
    return load != LOADS_OWN && dtype < TORSH_F16 ? TORSH_I64 : dtype;
}

/* ---- a block over a range of its reduced elements ------------------------------------------------------------ */

typedef struct job {
    torsh__reduce_plan plan;
    torsh__reduce_loops loops;
    torsh_dtype have, want, result;
    bool direct;         /* elements are used where they lie */
    int64_t element;     /* bytes of a loaded element */
    int64_t acc;         /* bytes of an accumulator */
    int64_t block;       /* results of a block, at most */
    int64_t blocks;      /* per row of blocks along kept[0] */
    int64_t tasks;       /* blocks in all */
    int64_t batch;       /* blocks that a piece takes */
    int64_t segments, segment; /* of the reduced range; elements of one */
    int64_t fuse;        /* contiguous rows of a narrow block taken as one */
    char *partials;      /* [task][segment][block] */
    const torsh__copy_table *copy;
} job;

/* Sums of sums: a level hands over to the next when it has taken RADIX, so that errors grow with the logarithm. */
typedef struct levels {
    _Alignas(64) char acc[LEVELS][BLOCK * WIDEST];
    int taken[LEVELS]; /* 0: the level's accumulators are not set */
} levels;

/* Level 0 moves up, and those above that are full. */
static void carry(const job *j, levels *l, int64_t width)
{
    for (int k = 0; k + 1 < LEVELS; k++) {
        if (l->taken[k + 1] == 0) j->loops.fill(width, l->acc[k + 1]);
        j->loops.join(width, l->acc[k + 1], l->acc[k]);
        l->taken[k] = 0;
        if (++l->taken[k + 1] < RADIX) break;
    }
    j->loops.fill(width, l->acc[0]);
}

/* Joins `parts` groups of n accumulators into the first. */
static void collapse(const job *j, char *acc, int64_t parts, int64_t n)
{
    for (int64_t half; parts > 1; parts -= half) {
        half = parts / 2;
        j->loops.join(half * n, acc, acc + (parts - half) * n * j->acc);
    }
}

/* One run of each of `count` results. */
static void take_runs(const job *j, const char *at, int64_t count, int64_t n, char *acc)
{
    int64_t step = j->plan.kept[0].in, inner = j->plan.reduced[0].in;
    if (j->direct) {
        j->loops.runs(count, n, at, step / j->element, acc);
        return;
    }
    _Alignas(64) char buffer[BUFFERED_RUN * 4];
    int64_t most = (int64_t)sizeof buffer / j->element;
    torsh__convert_loop *load = j->copy->convert[j->have][j->want];
    for (int64_t i = 0; i < count; i++)
        for (int64_t k = 0; k < n; k += most) {
            int64_t part = n - k < most ? n - k : most;
            load(part, buffer, j->element, at + i * step + k * inner, inner);
            j->loops.runs(1, part, buffer, 0, acc + i * j->acc);
        }
}

/* `count` rows of a block of `width` results. */
static void take_rows(const job *j, const char *at, int64_t count, int64_t width, char *acc)
{
    int64_t step = j->plan.reduced[0].in;
    if (j->direct) {
        int64_t fused = count / j->fuse;
        j->loops.fold(fused, width * j->fuse, at, step / j->element * j->fuse, acc);
        j->loops.fold(count - fused * j->fuse, width, at + fused * j->fuse * step, step / j->element, acc);
        return;
    }
    enum { TALL = 8 };
    _Alignas(64) char buffer[TALL * BUFFERED_BLOCK * WIDEST];
    torsh__convert_loop *load = j->copy->convert[j->have][j->want];
    for (int64_t r = 0; r < count; r += TALL) {
        int64_t tall = count - r < TALL ? count - r : TALL;
        for (int64_t k = 0; k < tall; k++) load(width, buffer + k * width * j->element, j->element, at + (r + k) * step, j->plan.kept[0].in);
        j->loops.fold(tall, width, buffer, width, acc);
    }
}

/* Elements [from, to) of each of the `width` results that start at `start`, into l->acc[0]. */
static void reduce_range(const job *j, const char *start, int64_t width, int64_t from, int64_t to, levels *l)
{
    const torsh__reduce_plan *p = &j->plan;
    int64_t inner = p->reduced[0].size, lanes = p->along ? width : width * j->fuse;
    int64_t chunk = p->along ? RUN : ROWS * j->fuse, weight = 0;
    j->loops.fill(lanes, l->acc[0]);
    memset(l->taken, 0, sizeof l->taken);
    while (from < to) {
        int64_t first = from % inner, n = inner - first;
        if (n > to - from) n = to - from;
        if (n > chunk) n = chunk;
        const char *at = start + first * p->reduced[0].in + torsh__reduce_offset(p->reduced, 1, p->reduced_count, from / inner, false);
        if (p->along) take_runs(j, at, width, n, l->acc[0]);
        else take_rows(j, at, n, width, l->acc[0]);
        from += n;
        weight += p->along ? 1 + n * RADIX / RUN : 1 + n * RADIX / (ROWS * j->fuse);
        if (weight >= RADIX && from < to) {
            carry(j, l, lanes);
            weight = 0;
        }
    }
    for (int k = 1; k < LEVELS; k++)
        if (l->taken[k]) j->loops.join(lanes, l->acc[0], l->acc[k]);
    if (!p->along) collapse(j, l->acc[0], j->fuse, width);
}

/* ---- blocks -------------------------------------------------------------------------------------------------- */

static int64_t block_width(const job *j, int64_t task)
{
    int64_t rest = j->plan.kept[0].size - task % j->blocks * j->block;
    return rest < j->block ? rest : j->block;
}

static const char *block_start(const job *j, int64_t task)
{
    const torsh__reduce_plan *p = &j->plan;
    return p->in + task % j->blocks * j->block * p->kept[0].in + torsh__reduce_offset(p->kept, 1, p->kept_count, task / j->blocks, false);
}

static void store_block(const job *j, int64_t task, char *acc)
{
    const torsh__reduce_plan *p = &j->plan;
    char *out = p->out + task % j->blocks * j->block * p->kept[0].out + torsh__reduce_offset(p->kept, 1, p->kept_count, task / j->blocks, true);
    int64_t width = block_width(j, task);
    j->loops.finish(width, acc, (double)p->length);
    j->copy->convert[j->loops.acc][j->result](width, out, p->kept[0].out, acc, j->acc);
}

static void whole_piece(void *context, int64_t i)
{
    const job *j = context;
    levels l;
    for (int64_t task = i * j->batch; task < (i + 1) * j->batch && task < j->tasks; task++) {
        reduce_range(j, block_start(j, task), block_width(j, task), 0, j->plan.length, &l);
        store_block(j, task, l.acc[0]);
    }
}

static void segment_piece(void *context, int64_t i)
{
    const job *j = context;
    levels l;
    int64_t task = i / j->segments, from = i % j->segments * j->segment, to = from + j->segment, width = block_width(j, task);
    reduce_range(j, block_start(j, task), width, from, to < j->plan.length ? to : j->plan.length, &l);
    memcpy(j->partials + i * j->block * j->acc, l.acc[0], (size_t)(width * j->acc));
}

static torsh_status run_segments(job *j)
{
    size_t bytes = (size_t)(j->tasks * j->segments * j->block * j->acc);
    j->partials = torsh__alloc(bytes);
    if (!j->partials) return TORSH_OUT_OF_MEMORY;
    torsh__parallel(j->tasks * j->segments, segment_piece, j);
    for (int64_t task = 0; task < j->tasks; task++) {
        char *first = j->partials + task * j->segments * j->block * j->acc;
        collapse(j, first, j->segments, j->block);
        store_block(j, task, first);
    }
    torsh__free(j->partials, bytes);
    return TORSH_OK;
}

/* ---- entry --------------------------------------------------------------------------------------------------- */

static int64_t round_up(int64_t n, int64_t unit)
{
    return (n + unit - 1) / unit * unit;
}

static void cut(job *j)
{
    const torsh__reduce_plan *p = &j->plan;
    int64_t wide = p->kept[0].size, step = p->along ? p->reduced[0].in : p->kept[0].in;
    j->direct = j->have == j->want && step == j->element;
    j->block = j->direct ? BLOCK : BUFFERED_BLOCK;
    if (p->along) {
        int64_t fit = p->length ? TORSH__GRAIN / p->length : TORSH__GRAIN;
        if (fit < 1) fit = 1;
        if (j->block > fit) j->block = fit;
    }
    if (j->block > wide) j->block = wide;
    j->fuse = 1;
    if (j->direct && !p->along && j->block == wide && p->reduced[0].in == wide * j->element)
        while (wide * j->fuse < BLOCK / 4) j->fuse *= 2;
    j->blocks = (wide + j->block - 1) / j->block;
    j->tasks = p->outputs / wide * j->blocks;
    int64_t work = j->block * (p->length ? p->length : 1);
    j->batch = work < TORSH__GRAIN ? TORSH__GRAIN / work : 1;
    j->segments = 1;
    if (j->tasks < MOST_SEGMENTS && work > 2 * TORSH__GRAIN) {
        int64_t wish = work / TORSH__GRAIN < MOST_SEGMENTS ? work / TORSH__GRAIN : MOST_SEGMENTS;
        j->segment = round_up((p->length + wish - 1) / wish, p->along ? RUN / 4 : ROWS * j->fuse);
        j->segments = (p->length + j->segment - 1) / j->segment;
    }
}

/* All of a small dense input into one result: nothing to plan. */
static bool tiny(const job *j, const torsh_operand *in, const torsh_operand *out)
{
    if (out->numel != 1 || !in->contiguous || j->have != j->want || in->numel > RUN) return false;
    _Alignas(16) char acc[WIDEST];
    j->loops.fill(1, acc);
    j->loops.runs(1, in->numel, torsh__operand_data(in), 0, acc);
    j->loops.finish(1, acc, (double)in->numel);
    if (j->loops.acc == j->result) memcpy(torsh__operand_data(out), acc, (size_t)j->acc);
    else j->copy->convert[j->loops.acc][j->result](1, torsh__operand_data(out), 0, acc, 0);
    return true;
}

static torsh_status run(const torsh_launch *launch, const void *data)
{
    const row *r = data;
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    job j;
    j.have = torsh__operand_dtype(in);
    j.want = loaded(r->load, j.have);
    j.result = torsh__operand_dtype(out);
    j.loops = TORSH__ISA_PICK(torsh__reduce)->loops[r->index][j.want];
    if (!j.loops.fold) j.loops = TORSH__ISA_NARROW(torsh__reduce)->loops[r->index][j.want];
    if (!j.loops.fold) return torsh__fail(TORSH_UNSUPPORTED, "%s: no cpu kernel for dtype %s", launch->op->name, torsh_dtype_name(j.have));
    j.copy = TORSH__ISA_PICK(torsh__copy);
    j.element = torsh__dtypes[j.want].size;
    j.acc = torsh__dtypes[j.loops.acc].size;
    if (out->numel == 0 || tiny(&j, in, out)) return TORSH_OK;
    torsh__reduce_plan_make(&j.plan, in, out, torsh__reduce_mask(launch, in->ndim));
    cut(&j);
    if (j.segments > 1) return run_segments(&j);
    torsh__parallel((j.tasks + j.batch - 1) / j.batch, whole_piece, &j);
    return TORSH_OK;
}

torsh_kernel torsh__cpu_reduce(const char *name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0) return (torsh_kernel){run, &rows[i]};
    return (torsh_kernel){NULL, NULL};
}
