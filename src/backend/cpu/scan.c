/* Running sums and kin: rows, or blocks of columns where the dim is not the last. A long row is cut into segments of fixed size:
 * their totals come first, then each segment starts from the join of those before it. */
#include "scan.h"
#include "axis.h"
#include "scan_kernels.h"

#include <math.h>
#include <string.h>

static const enum torsh__scan sum = TORSH__SCAN_SUM, prod = TORSH__SCAN_PROD, log_sum = TORSH__SCAN_LOG;
enum way { MAX, MIN };
static const enum way largest = MAX, smallest = MIN;

enum { SEGMENT = 65536, ACC = 16 /* bytes of the widest accumulator */ };

typedef struct job {
    torsh__scan_loops loops;
    torsh__scan_extreme_loops extreme;
    torsh__axis axis;
    int64_t size;     /* bytes of an element */
    int64_t batch;    /* rows of a piece */
    int64_t segments; /* of a row */
    int64_t blocks;   /* of columns, per outer index */
    const char *x;
    char *y;
    int64_t *indices;
    char *starts;     /* [row][segment]: the join of all before it */
} job;

/* ---- sums, products ------------------------------------------------------------------------------------------ */

static int64_t segment_of(const job *j, int64_t i, int64_t *length)
{
    int64_t row = i / j->segments, from = i % j->segments * SEGMENT;
    *length = j->axis.n - from < SEGMENT ? j->axis.n - from : SEGMENT;
    return (row * j->axis.n + from) * j->size;
}

static void total_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t n, at = segment_of(j, i, &n);
    j->loops.total(n, j->x + at, j->starts + i * ACC);
}

static void segment_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t n, at = segment_of(j, i, &n);
    j->loops.row(n, j->x + at, j->y + at, j->starts + i * ACC);
}

static void rows_piece(void *context, int64_t i)
{
    const job *j = context;
    _Alignas(16) char acc[ACC];
    for (int64_t r = i * j->batch; r < (i + 1) * j->batch && r < j->axis.outer; r++) {
        j->loops.total(0, NULL, acc);
        j->loops.row(j->axis.n, j->x + r * j->axis.n * j->size, j->y + r * j->axis.n * j->size, acc);
    }
}

static void columns_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t first = i % j->blocks * TORSH__SCAN_COLUMNS, inner = j->axis.inner;
    int64_t width = inner - first < TORSH__SCAN_COLUMNS ? inner - first : TORSH__SCAN_COLUMNS;
    int64_t at = (i / j->blocks * j->axis.n * inner + first) * j->size;
    j->loops.columns(j->axis.n, width, inner, j->x + at, j->y + at);
}

/* *next = start joined with the total. One accumulator is a row of one element of its own type. */
static void step(const torsh__scan_loops *wide, const char *start, char *total, char *next)
{
    _Alignas(16) char acc[ACC];
    memcpy(acc, start, ACC);
    wide->row(1, total, total, acc);
    memcpy(next, acc, ACC);
}

/* Totals to starts: each segment's becomes the join of those before it. */
static void join_totals(const job *j, const torsh__scan_loops *wide)
{
    for (int64_t r = 0; r < j->axis.outer; r++) {
        _Alignas(16) char start[ACC], next[ACC];
        wide->total(0, NULL, start);
        for (int64_t s = 0; s < j->segments; s++) {
            char *at = j->starts + (r * j->segments + s) * ACC;
            step(wide, start, at, next);
            memcpy(at, start, ACC);
            memcpy(start, next, ACC);
        }
    }
}

/* The same on one thread, segment by segment, so that the second pass finds its input near. */
static void in_order(job *j, const torsh__scan_loops *wide)
{
    for (int64_t i = 0; i < j->axis.outer * j->segments; i++) {
        _Alignas(16) char start[ACC], next[ACC];
        char *at = j->starts + i * ACC;
        if (i % j->segments == 0) wide->total(0, NULL, start);
        else memcpy(start, at, ACC);
        total_piece(j, i);
        step(wide, start, at, next);
        memcpy(at, start, ACC);
        segment_piece(j, i);
        if ((i + 1) % j->segments) memcpy(at + ACC, next, ACC);
    }
}

/* wide: the loops over accumulators; NULL: never cut a row. */
static torsh_status rows(job *j, const torsh__scan_loops *wide)
{
    int64_t least = j->size == 4 ? 2 * SEGMENT : 64 * SEGMENT; /* wider elements are bound by memory, which a second pass loads more */
    if (j->axis.n <= least || j->axis.outer >= 64 || !wide) {
        j->batch = j->axis.n < TORSH__GRAIN ? TORSH__GRAIN / j->axis.n : 1;
        torsh__parallel((j->axis.outer + j->batch - 1) / j->batch, rows_piece, j);
        return TORSH_OK;
    }
    j->segments = (j->axis.n + SEGMENT - 1) / SEGMENT;
    size_t bytes = (size_t)(j->axis.outer * j->segments * ACC);
    j->starts = torsh__alloc(bytes);
    if (!j->starts) return TORSH_OUT_OF_MEMORY;
    if (torsh__threads() == 1) {
        in_order(j, wide);
        torsh__free(j->starts, bytes);
        return TORSH_OK;
    }
    torsh__parallel(j->axis.outer * j->segments, total_piece, j);
    join_totals(j, wide);
    torsh__parallel(j->axis.outer * j->segments, segment_piece, j);
    torsh__free(j->starts, bytes);
    return TORSH_OK;
}

/* ---- one step after the other -------------------------------------------------------------------------------- */

/* y from the one before and this place's inputs; f64, or c128 as two f64. */
typedef void step_function(double *y, const double *before, const double *x, const double *factor);

static void recur(double *y, const double *before, const double *x, const double *factor)
{
    y[0] = x[0] + factor[0] * before[0];
}

static void recur_complex(double *y, const double *before, const double *x, const double *factor)
{
    double re = x[0] + (factor[0] * before[0] - factor[1] * before[1]), im = x[1] + (factor[0] * before[1] + factor[1] * before[0]);
    y[0] = re, y[1] = im;
}

/* log(exp(before) + exp(x)) by the one with the larger real part (ATen/native/cpu/LogAddExp.h). */
static void join_log(double *y, const double *before, const double *x, const double *factor)
{
    (void)factor;
    bool swap = before[0] > x[0];
    const double *high = swap ? before : x, *low = swap ? x : before;
    if (low[0] == high[0] && isinf(low[0]) && low[0] < 0) {
        y[0] = low[0], y[1] = low[1];
        return;
    }
    double size = exp(low[0] - high[0]), turn = low[1] - high[1];
    if (isinf(low[0]) && low[0] < 0) size = 0, turn = 0;
    double re = 1 + size * cos(turn), im = size * sin(turn);
    double length = re > 0.5 && re < 2 ? 0.5 * log1p((re - 1) * (re + 1) + im * im) : log(hypot(re, im));
    y[0] = high[0] + length;
    y[1] = high[1] + atan2(im, re);
}

static step_function *const log_step = join_log;

static torsh_status run_steps(const torsh_launch *launch, const void *data)
{
    const torsh_operand *in = launch->input[0];
    bool is_complex = torsh__operand_dtype(in) >= TORSH_C64, two = launch->inputs > 1;
    torsh_dtype dtype = is_complex ? TORSH_C128 : TORSH_F64;
    step_function *take = data ? *(step_function *const *)data : is_complex ? recur_complex : recur;
    torsh__axis axis = torsh__axis_of(in, launch->values[launch->op->param_count - 1].i);
    torsh__dense x = {0}, factor = {0}, y = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (torsh__dense_in(&x, in, dtype) && (!two || torsh__dense_in(&factor, launch->input[1], dtype)) && torsh__dense_out(&y, launch->output[0], dtype)) {
        int64_t width = is_complex ? 2 : 1, inner = axis.inner * width;
        double none[2] = {two ? 0 : -(double)INFINITY, 0}, *to = y.data;
        const double *from = x.data, *with = two ? factor.data : x.data;
        for (int64_t o = 0; o < axis.outer; o++)
            for (int64_t i = 0; i < axis.n; i++)
                for (int64_t k = 0; k < inner; k += width) {
                    int64_t at = (o * axis.n + i) * inner + k;
                    take(to + at, i ? to + at - inner : none, from + at, with + at);
                }
        torsh__dense_store(&y, launch->output[0]);
        status = TORSH_OK;
    }
    torsh__dense_done(&y);
    torsh__dense_done(&factor);
    torsh__dense_done(&x);
    return status;
}

static torsh_status run_scan(const torsh_launch *launch, const void *data)
{
    const torsh_operand *in = launch->input[0], *out = launch->output[0];
    const torsh__scan_table *table = TORSH__ISA_PICK(torsh__scan);
    enum torsh__scan scan = *(const enum torsh__scan *)data;
    torsh_dtype dtype = torsh__loop_dtype(in->dtype);
    if (dtype < TORSH_F16) dtype = TORSH_I64;
    if (dtype == TORSH_C64) dtype = TORSH_C128;
    if (dtype == TORSH_C128 && scan == TORSH__SCAN_LOG) return run_steps(launch, &log_step);
    if (!table->loops[scan][dtype].row) table = TORSH__ISA_NARROW(torsh__scan);
    torsh_dtype wide = dtype == TORSH_F32 ? TORSH_F64 : dtype;
    job j = {.loops = table->loops[scan][dtype], .axis = torsh__axis_of(in, launch->values[1].i), .size = torsh__dtypes[dtype].size};
    if (in->numel == 0) return TORSH_OK;
    torsh__dense x, y = {0};
    torsh_status status = TORSH_OUT_OF_MEMORY;
    if (torsh__dense_in(&x, in, dtype) && torsh__dense_out(&y, out, dtype)) {
        j.x = x.data;
        j.y = y.data;
        if (j.axis.inner == 1) {
            status = rows(&j, scan == TORSH__SCAN_LOG ? NULL : &table->loops[scan][wide]); /* totals of logarithms cost as much as the scan */
        } else {
            j.blocks = (j.axis.inner + TORSH__SCAN_COLUMNS - 1) / TORSH__SCAN_COLUMNS;
            torsh__parallel(j.axis.outer * j.blocks, columns_piece, &j);
            status = TORSH_OK;
        }
        if (status == TORSH_OK) torsh__dense_store(&y, out);
    }
    torsh__dense_done(&y);
    torsh__dense_done(&x);
    return status;
}

/* ---- maxima -------------------------------------------------------------------------------------------------- */

static void extreme_rows_piece(void *context, int64_t i)
{
    const job *j = context;
    for (int64_t r = i * j->batch; r < (i + 1) * j->batch && r < j->axis.outer; r++) {
        int64_t at = r * j->axis.n;
        j->extreme.row(j->axis.n, j->x + at * j->size, j->y + at * j->size, j->indices + at);
    }
}

static void extreme_columns_piece(void *context, int64_t i)
{
    const job *j = context;
    int64_t first = i % j->blocks * TORSH__SCAN_COLUMNS, inner = j->axis.inner;
    int64_t width = inner - first < TORSH__SCAN_COLUMNS ? inner - first : TORSH__SCAN_COLUMNS;
    int64_t at = i / j->blocks * j->axis.n * inner + first;
    j->extreme.columns(j->axis.n, width, inner, j->x + at * j->size, j->y + at * j->size, j->indices + at);
}

static torsh_status run_extreme(const torsh_launch *launch, const void *data)
{
    const torsh_operand *in = launch->input[0];
    const torsh__scan_table *table = TORSH__ISA_PICK(torsh__scan);
    torsh_dtype dtype = torsh__loop_dtype(in->dtype);
    job j = {.extreme = (*(const enum way *)data == MAX ? table->max : table->min)[dtype],
             .axis = torsh__axis_of(in, launch->values[1].i),
             .size = torsh__dtypes[dtype].size,
             .indices = (int64_t *)(void *)torsh__operand_data(launch->output[1])};
    if (!j.extreme.row) j.extreme = (*(const enum way *)data == MAX ? TORSH__ISA_NARROW(torsh__scan)->max : TORSH__ISA_NARROW(torsh__scan)->min)[dtype];
    if (in->numel == 0) return TORSH_OK;
    torsh__dense x, y = {0};
    bool ready = torsh__dense_in(&x, in, dtype) && torsh__dense_out(&y, launch->output[0], dtype);
    if (ready) {
        j.x = x.data;
        j.y = y.data;
        if (j.axis.inner == 1) {
            j.batch = j.axis.n < TORSH__GRAIN ? TORSH__GRAIN / j.axis.n : 1;
            torsh__parallel((j.axis.outer + j.batch - 1) / j.batch, extreme_rows_piece, &j);
        } else {
            j.blocks = (j.axis.inner + TORSH__SCAN_COLUMNS - 1) / TORSH__SCAN_COLUMNS;
            torsh__parallel(j.axis.outer * j.blocks, extreme_columns_piece, &j);
        }
        torsh__dense_store(&y, launch->output[0]);
    }
    torsh__dense_done(&y);
    torsh__dense_done(&x);
    return ready ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

const torsh__cpu_kernel torsh__cpu_scan_kernels[] = {
    {"cumsum", {run_scan, &sum}},       {"cumprod", {run_scan, &prod}},        {"logcumsumexp", {run_scan, &log_sum}},
    {"cummax", {run_extreme, &largest}}, {"cummin", {run_extreme, &smallest}}, {"recurrence", {run_steps, NULL}}, {NULL, {NULL, NULL}},
};
