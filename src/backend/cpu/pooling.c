/* Pooling: tables of windows, and planes dealt out to threads. The arithmetic is in pooling_kernels.c. */
#include "pooling.h"

#include "alloc.h"
#include "pooling_kernels.h"
#include "threads.h"

#include <stdatomic.h>

enum { PIECE_ELEMENTS = 32 << 10 }; /* input elements one piece goes through */

typedef enum pool_kind { POOL_MAX, POOL_AVG, POOL_ADAPTIVE } pool_kind; /* adaptive windows are the same for both */

typedef struct pool {
    torsh__pooling_plane plane; /* what all planes share */
    torsh__pooling_fn *kernel;
    int64_t planes, each;              /* planes, and planes per piece */
    int64_t from_bytes, to_bytes;      /* of a plane */
    int64_t outputs;                   /* of a plane: distance between the planes of indices */
    size_t scratch_bytes;
    const char *from;
    char *to;
    int64_t *indices;
    atomic_int failed;
} pool;

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The windows of dimension d, as PyTorch cuts them (aten/src/ATen/native/cpu/{Max,Avg}PoolKernel.cpp, AdaptivePooling.h). */
static void make_windows(const torsh__pooling_shape *s, pool_kind kind, int d, torsh__pooling_window *windows)
{
    for (int64_t o = 0; o < s->out[d]; o++) {
        torsh__pooling_window *w = &windows[o];
        if (kind == POOL_ADAPTIVE) {
            w->first = o * s->in[d] / s->out[d];
            w->end = ((o + 1) * s->in[d] + s->out[d] - 1) / s->out[d];
            w->size = w->end - w->first;
            continue;
        }
        int64_t step = kind == POOL_MAX ? s->dilation[d] : 1;
        w->first = o * s->stride[d] - s->padding[d];
        w->end = w->first + (s->kernel[d] - 1) * step + 1;
        int64_t padded = least(w->end, s->in[d] + s->padding[d]) - w->first;
        if (w->first < 0) w->first += (-w->first + step - 1) / step * step;
        w->end = least(w->end, s->in[d]);
        w->size = s->count_include_pad ? padded : w->end - w->first;
        if (s->divisor_override) w->size = d == 0 ? s->divisor_override : 1;
    }
}

static void pool_piece(void *context, int64_t i)
{
    pool *p = context;
    torsh__pooling_plane plane = p->plane;
    if (p->scratch_bytes) {
        plane.scratch = torsh__alloc(p->scratch_bytes);
        if (!plane.scratch) {
            atomic_store(&p->failed, 1);
            return;
        }
    }
    for (int64_t n = i * p->each; n < least(p->planes, (i + 1) * p->each); n++) {
        plane.from = p->from + n * p->from_bytes;
        plane.to = p->to + n * p->to_bytes;
        plane.indices = p->indices ? p->indices + n * p->outputs : NULL;
        p->kernel(&plane);
    }
    torsh__free(plane.scratch, p->scratch_bytes);
}

/* 2x2 windows side by side, all inside the input. */
static bool is_2x2(const torsh__pooling_shape *s, pool_kind kind)
{
    if (kind == POOL_ADAPTIVE || s->out[1] < 4) return false;
    if (kind == POOL_AVG && s->divisor_override && s->divisor_override != 4) return false;
    for (int d = 0; d < 2; d++)
        if (s->kernel[d] != 2 || s->stride[d] != 2 || s->padding[d] != 0 || (kind == POOL_MAX && s->dilation[d] != 1) || 2 * s->out[d] > s->in[d])
            return false;
    return true;
}

/* Runs `kernel`, or `kernel_2x2` where that is possible, on every plane. */
static torsh_status run(const torsh__pooling_shape *s, pool_kind kind, bool backward, torsh__pooling_fn *kernel, torsh__pooling_fn *kernel_2x2,
                        const void *from, void *to, int64_t *indices)
{
    const torsh__pooling_dtype_kernels *kernels = &TORSH__ISA_PICK(torsh__pooling)->dtype[s->dtype];
    int64_t inputs = s->in[0] * s->in[1], outputs = s->out[0] * s->out[1];
    if (s->planes <= 0 || inputs + outputs == 0) return TORSH_OK;
    bool special = is_2x2(s, kind);
    pool p = { .kernel = special ? kernel_2x2 : kernel, .planes = s->planes, .each = PIECE_ELEMENTS / (inputs + outputs) + 1, .outputs = outputs,
               .from_bytes = (backward ? outputs : inputs) * kernels->size, .to_bytes = (backward ? inputs : outputs) * kernels->size,
               .from = from, .to = to, .indices = indices };
    if (backward && !special && kernels->size != kernels->compute_size) p.scratch_bytes = (size_t)(inputs * kernels->compute_size);
    torsh__pooling_window *windows = NULL;
    size_t bytes = (size_t)(s->out[0] + s->out[1]) * sizeof *windows;
    if (!special) {
        windows = torsh__alloc(bytes);
        if (!windows) return TORSH_OUT_OF_MEMORY;
        make_windows(s, kind, 0, windows);
        make_windows(s, kind, 1, windows + s->out[0]);
        p.plane.rows = windows, p.plane.columns = windows + s->out[0];
    }
    for (int d = 0; d < 2; d++) {
        p.plane.in[d] = s->in[d], p.plane.out[d] = s->out[d];
        p.plane.step[d] = kind == POOL_MAX ? s->dilation[d] : 1;
    }
    torsh__parallel((p.planes + p.each - 1) / p.each, pool_piece, &p);
    torsh__free(windows, bytes);
    return atomic_load(&p.failed) ? TORSH_OUT_OF_MEMORY : TORSH_OK;
}

static const torsh__pooling_dtype_kernels *kernels_of(const torsh__pooling_shape *s)
{
    const torsh__pooling_dtype_kernels *kernels = &TORSH__ISA_PICK(torsh__pooling)->dtype[s->dtype];
    return kernels->size ? kernels : NULL;
}

torsh_status torsh__max_pool2d(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return k ? run(s, POOL_MAX, false, k->max, k->max_2x2, input, output, indices) : TORSH_UNSUPPORTED;
}

torsh_status torsh__cpu_max_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, const int64_t *indices, void *grad_input)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    /* The kernels only read the indices on the way back. */
    return k ? run(s, POOL_MAX, true, k->max_back, k->max_back_2x2, grad_output, grad_input, (int64_t *)(uintptr_t)indices) : TORSH_UNSUPPORTED;
}

torsh_status torsh__adaptive_max_pool2d(const torsh__pooling_shape *s, const void *input, void *output, int64_t *indices)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return k ? run(s, POOL_ADAPTIVE, false, k->max, NULL, input, output, indices) : TORSH_UNSUPPORTED;
}

torsh_status torsh__adaptive_max_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, const int64_t *indices, void *grad_input)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return k ? run(s, POOL_ADAPTIVE, true, k->max_back, NULL, grad_output, grad_input, (int64_t *)(uintptr_t)indices) : TORSH_UNSUPPORTED;
}

torsh_status torsh__avg_pool2d(const torsh__pooling_shape *s, const void *input, void *output)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return k ? run(s, POOL_AVG, false, k->avg, k->avg_2x2, input, output, NULL) : TORSH_UNSUPPORTED;
}

torsh_status torsh__cpu_avg_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, void *grad_input)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return k ? run(s, POOL_AVG, true, k->avg_back, k->avg_back_2x2, grad_output, grad_input, NULL) : TORSH_UNSUPPORTED;
}

torsh_status torsh__adaptive_avg_pool2d(const torsh__pooling_shape *s, const void *input, void *output)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return k ? run(s, POOL_ADAPTIVE, false, k->avg, NULL, input, output, NULL) : TORSH_UNSUPPORTED;
}

torsh_status torsh__cpu_adaptive_avg_pool2d_backward(const torsh__pooling_shape *s, const void *grad_output, void *grad_input)
{
    const torsh__pooling_dtype_kernels *k = kernels_of(s);
    return k ? run(s, POOL_ADAPTIVE, true, k->avg_back, NULL, grad_output, grad_input, NULL) : TORSH_UNSUPPORTED;
}
