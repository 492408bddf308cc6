/* cat: each input copied, converted where needed, into its slice of the output. */
#include "join.h"
#include "copy.h"
#include "copy_kernels.h"
#include "shape.h"

#include <string.h>

enum {
    SHORT_ROW = 64,  /* bytes for which a call of memcpy costs more than the copy */
    MOST_PARTS = 16, /* inputs that are copied side by side */
    LONG_ROW = 512,  /* bytes of a row of the output for which that pays */
};

/* One input: rows (the dims from the joined one on) that lie dense, `step` bytes from one to the next. */
typedef struct part {
    const char *from;
    int64_t bytes, step;
} part;

/* Each row of the output from a row of every input, so that no line of it is written twice. */
typedef struct rows_job {
    char *to;
    part parts[MOST_PARTS];
    int count;
    int64_t rows, row_bytes, band;
    void (*stream)(void *to, const void *from, size_t bytes); /* of large results; may be NULL */
} rows_job;

static void copy_band(void *context, int64_t i)
{
    const rows_job *j = context;
    int64_t first = i * j->band, last = first + j->band < j->rows ? first + j->band : j->rows;
    char *to = j->to + first * j->row_bytes;
    for (int64_t r = first; r < last; r++)
        for (int k = 0; k < j->count; k++) {
            const char *from = j->parts[k].from + r * j->parts[k].step;
            if (j->stream && j->parts[k].bytes >= TORSH__LONG_RUN) j->stream(to, from, (size_t)j->parts[k].bytes);
            else memcpy(to, from, (size_t)j->parts[k].bytes);
            to += j->parts[k].bytes;
        }
}

/* Whether `in` is rows as above. */
static bool take_part(part *p, const torsh_operand *in, int dim)
{
    int64_t size = torsh__dtypes[in->dtype].size, dense = 1, step = 0, rows = 1;
    for (int d = in->ndim; d-- > dim; dense *= in->sizes[d])
        if (in->sizes[d] != 1 && in->strides[d] != dense) return false;
    for (int d = dim; d-- > 0; rows *= in->sizes[d]) {
        if (in->sizes[d] == 1) continue;
        if (rows == 1) step = in->strides[d];
        else if (in->strides[d] != step * rows) return false;
    }
    *p = (part){torsh__operand_data(in), dense * size, step * size};
    return true;
}

/* False if the inputs aren't such rows, or short ones. */
static bool by_rows(const torsh_launch *launch, int dim)
{
    const torsh_operand *out = launch->output[0];
    rows_job j = {.to = torsh__operand_data(out), .rows = 1};
    if (!out->contiguous) return false;
    for (int d = 0; d < dim; d++) j.rows *= out->sizes[d];
    for (int i = 0; i < launch->inputs; i++) {
        const torsh_operand *in = launch->input[i];
        if (in->numel == 0) continue;
        if (in->dtype != out->dtype || j.count == MOST_PARTS || !take_part(&j.parts[j.count], in, dim)) return false;
        j.row_bytes += j.parts[j.count++].bytes;
    }
    if (j.rows == 1 || j.row_bytes < LONG_ROW || j.row_bytes / j.count <= SHORT_ROW) return false;
    if (j.rows * j.row_bytes >= TORSH__LARGE_COPY) j.stream = TORSH__ISA_PICK(torsh__copy)->stream;
    j.band = 4 * TORSH__GRAIN / j.row_bytes + 1;
    torsh__parallel((j.rows + j.band - 1) / j.band, copy_band, &j);
    return true;
}

static torsh_status run_cat(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0];
    int dim = (int)launch->values[1].i;
    if (by_rows(launch, dim)) return TORSH_OK;
    torsh_operand place = *out;
    for (int i = 0; i < launch->inputs; i++) {
        const torsh_operand *in = launch->input[i];
        if (in->numel == 0) continue;
        place.sizes = in->sizes;
        place.numel = in->numel;
        place.contiguous = torsh__is_contiguous(place.ndim, place.sizes, place.strides);
        torsh__copy_operand(&place, in);
        place.offset += in->sizes[dim] * out->strides[dim];
    }
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_join_kernels[] = {{"cat", {run_cat, NULL}}, {NULL, {NULL, NULL}}};
