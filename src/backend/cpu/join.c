/* cat: each input copied, converted where needed, into its slice of the output. */
#include "join.h"
#include "copy.h"
#include "shape.h"

#include <string.h>

enum { SHORT_ROW = 64 }; /* bytes for which a call of memcpy costs more than the copy */

/* One input whose rows (the dims from the joined one on) lie dense on both sides. */
typedef struct rows_job {
    char *to;
    const char *from;
    int64_t rows, row_bytes, to_step, band;
} rows_job;

static void copy_band(void *context, int64_t i)
{
    const rows_job *j = context;
    int64_t first = i * j->band, last = first + j->band < j->rows ? first + j->band : j->rows;
    for (int64_t r = first; r < last; r++) memcpy(j->to + r * j->to_step, j->from + r * j->row_bytes, (size_t)j->row_bytes);
}

static void place(const torsh_operand *out, int dim, int64_t at, const torsh_operand *in)
{
    torsh_operand part = *out;
    part.sizes = in->sizes;
    part.numel = in->numel;
    part.offset += at * out->strides[dim];
    part.contiguous = torsh__is_contiguous(part.ndim, part.sizes, part.strides);
    int64_t inner = torsh__dtypes[in->dtype].size;
    for (int d = dim + 1; d < in->ndim; d++) inner *= in->sizes[d];
    int64_t row = inner * in->sizes[dim];
    if (!out->contiguous || !in->contiguous || part.contiguous || in->dtype != out->dtype || row <= SHORT_ROW) {
        torsh__copy_operand(&part, in);
        return;
    }
    int64_t bytes = in->numel * torsh__dtypes[in->dtype].size;
    rows_job j = {torsh__operand_data(&part), torsh__operand_data(in), bytes / row, row, inner * out->sizes[dim], 1};
    j.band = 4 * TORSH__GRAIN / row + 1;
    torsh__parallel((j.rows + j.band - 1) / j.band, copy_band, &j);
}

static torsh_status run_cat(const torsh_launch *launch, const void *data)
{
    (void)data;
    const torsh_operand *out = launch->output[0];
    int dim = (int)launch->values[1].i;
    int64_t at = 0;
    for (int i = 0; i < launch->inputs; i++) {
        const torsh_operand *in = launch->input[i];
        if (in->numel == 0) continue;
        place(out, dim, at, in);
        at += in->sizes[dim];
    }
    return TORSH_OK;
}

const torsh__cpu_kernel torsh__cpu_join_kernels[] = {{"cat", {run_cat, NULL}}, {NULL, {NULL, NULL}}};
