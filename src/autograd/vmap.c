/* torsh_vmap: hides a dim of the inputs, calls the function, and shows it again in the results. What the ops do meanwhile is in
 * ops/batch.c. (PyTorch: torch/_functorch/vmap.py) */
#include "alloc.h"
#include "batched.h"
#include "options.h"
#include "user_function.h"

#include <torsh/ops/join.h>
#include <torsh/ops/view.h>

#include <stdio.h>
#include <string.h>

static _Atomic uint32_t last_serial;

/* One call: the function, and the inputs with the samples' dims named. */
typedef struct mapping {
    torsh_tensor_function *one;
    torsh_tensors_function *many;
    void *context;
    const torsh_tensor *inputs;
    size_t count;
    torsh_vmap_options options;
    int64_t samples;
    int64_t *dims;           /* by input: from the front, or TORSH_VMAP_NONE */
    torsh_tensor *given; /* what the function gets */
} mapping;

torsh_vmap_options torsh_vmap_defaults(void)
{
    return (torsh_vmap_options){.size = sizeof(torsh_vmap_options)};
}

static torsh_status check_options(const mapping *m)
{
    const torsh_vmap_options *o = &m->options;
    if (!m->one && !m->many) return torsh__fail(TORSH_INVALID_ARGUMENT, "argument 'function' is NULL");
    if (!m->inputs || m->count == 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "needs at least one input");
    if (m->count > 1u << 24) return torsh__fail(TORSH_OUT_OF_RANGE, "%zu inputs are too many", m->count);
    if ((o->in_dims && o->in_dim_count != 1 && o->in_dim_count != m->count) || (!o->in_dims && o->in_dim_count))
        return torsh__fail(TORSH_INVALID_ARGUMENT, "options.in_dims must be one number, or one for each of the %zu inputs; there are %zu", m->count, o->in_dims ? o->in_dim_count : 0);
    if (!o->out_dims != !o->out_dim_count) return torsh__fail(TORSH_INVALID_ARGUMENT, "options.out_dims and its count don't go together");
    if ((int)o->randomness < TORSH_VMAP_ERROR || o->randomness > TORSH_VMAP_SAME)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "options.randomness is no torsh_vmap_randomness (%d)", (int)o->randomness);
    if (o->chunk_size < 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "options.chunk_size must not be negative; it is %lld", (long long)o->chunk_size);
    return TORSH_OK;
}

static torsh_status refuse_sizes(const mapping *m)
{
    char text[300];
    size_t used = 0;
    for (size_t i = 0; i < m->count && used < sizeof text - 80; i++)
        if (m->dims[i] != TORSH_VMAP_NONE)
            used += (size_t)snprintf(text + used, sizeof text - used, "; input %zu is %.40s, %lld along %lld", i, torsh_shape_text(m->inputs[i]),
                                     (long long)torsh_size(m->inputs[i], m->dims[i]), (long long)m->dims[i]);
    return torsh__fail(TORSH_SHAPE_MISMATCH, "the inputs must have one size along their in_dims%s", text);
}

/* Which dim of each input counts the samples, and how many those are. */
static torsh_status find_samples(mapping *m)
{
    bool found = false, differ = false;
    for (size_t i = 0; i < m->count; i++) {
        int64_t dim = m->options.in_dims ? m->options.in_dims[m->options.in_dim_count == 1 ? 0 : i] : 0;
        int ndim = torsh_ndim(m->inputs[i]);
        if (ndim < 0) return TORSH_FAILED(m->inputs[i]) ? torsh_id_status(m->inputs[i].id) : TORSH_INVALID_HANDLE;
        m->dims[i] = dim;
        if (dim == TORSH_VMAP_NONE) continue;
        if (dim < -ndim || dim >= ndim)
            return torsh__fail(TORSH_OUT_OF_RANGE, "in_dims: input %zu is %s and has no dimension %lld", i, torsh_shape_text(m->inputs[i]), (long long)dim);
        m->dims[i] = dim < 0 ? dim + ndim : dim;
        int64_t size = torsh_size(m->inputs[i], m->dims[i]);
        differ |= found && size != m->samples;
        m->samples = found ? m->samples : size;
        found = true;
    }
    if (differ) return refuse_sizes(m);
    return found ? TORSH_OK : torsh__fail(TORSH_INVALID_ARGUMENT, "in_dims: at least one input must be mapped over; all are TORSH_VMAP_NONE");
}

/* The samples [start, start + size) of each input, their dim hidden. A view is made in any case: what the function does to the handle's
 * own state is not the caller's. */
static torsh_status hide_inputs(mapping *m, const torsh__vmap *vmap, int64_t start)
{
    for (size_t i = 0; i < m->count; i++) {
        torsh_tensor t = m->inputs[i];
        if (m->dims[i] != TORSH_VMAP_NONE) {
            if (vmap->size != m->samples) t = torsh_slice(t, m->dims[i], start, start + vmap->size, 1);
            t = m->dims[i] ? torsh_movedim(t, m->dims[i], 0) : torsh_transpose(t, 0, 0);
            t = torsh__hide(t, 1u << vmap->depth);
        }
        m->given[i] = t;
        if (TORSH_FAILED(t)) return torsh_id_status(t.id);
    }
    return TORSH_OK;
}

static bool is_hidden_in(torsh_tensor t, const torsh__vmap *vmap)
{
    torsh_status status;
    const torsh__tensor *tensor = torsh__tensor_look(t, "vmap", "result", &status);
    if (!tensor) return false;
    bool hidden = torsh__levels(tensor) >> vmap->depth & 1;
    torsh__unpin(t.id);
    return hidden;
}

/* A result with the samples' dim where it is wanted. */
static torsh_tensor show(const mapping *m, const torsh__vmap *vmap, torsh_tensor t, size_t index)
{
    int64_t dim = m->options.out_dims ? m->options.out_dims[m->options.out_dim_count == 1 ? 0 : index] : 0;
    int ndim = torsh_ndim(t);
    if (ndim < 0) return TORSH_FAILED(t) ? t : torsh__tensor_error(TORSH_INVALID_HANDLE);
    if (dim == TORSH_VMAP_NONE) {
        if (!is_hidden_in(t, vmap)) return torsh_share(t);
        return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "out_dims: result %zu differs by sample; it needs a dimension for the samples", index));
    }
    if (dim < -ndim - 1 || dim > ndim)
        return torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "out_dims: a sample's result %zu is %s; there is no place %lld for the samples' dimension",
                                               index, torsh_shape_text(t), (long long)dim));
    torsh_tensor all = torsh__expose(t, 1u << vmap->depth);
    return dim == 0 || dim == -ndim - 1 ? torsh_transpose(all, 0, 0) : torsh_movedim(all, 0, dim);
}

/* The function on some of the samples; results for the caller's scope. */
static torsh_tensors map_chunk(mapping *m, int64_t start, int64_t size)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    if (torsh__is_error(scope.id)) return (torsh_tensors){scope.id};
    torsh__modes *modes = &torsh__thread_get()->modes;
    torsh__vmap vmap = {.outer = modes->vmap, .size = size, .serial = ++last_serial, .depth = modes->vmap ? modes->vmap->depth + 1 : 0,
                        .randomness = m->options.randomness};
    if (vmap.depth >= TORSH__MOST_VMAPS)
        return (torsh_tensors){torsh__error_id(torsh__fail(TORSH_OUT_OF_RANGE, "at most %d calls nest", TORSH__MOST_VMAPS))};
    modes->vmap = &vmap;
    torsh__thread_get()->substituted = true;
    torsh_status status = hide_inputs(m, &vmap, start);
    if (status) return (torsh_tensors){torsh__error_id(status)};
    torsh_tensor result = m->one ? torsh__user_function(m->one, m->context, m->given, m->count) : (torsh_tensor){0};
    torsh_tensors results = m->one ? torsh_tensors_make(&result, 1) : torsh__user_function_list(m->many, m->context, m->given, m->count);
    int64_t count = TORSH_FAILED(results) ? -1 : torsh_tensors_size(results);
    if (count < 0) return TORSH_FAILED(results) ? results : (torsh_tensors){torsh__error_id(TORSH_INVALID_HANDLE)};
    if (m->options.out_dim_count > 1 && (size_t)count != m->options.out_dim_count)
        return (torsh_tensors){torsh__error_id(torsh__fail(TORSH_INVALID_ARGUMENT, "options.out_dims has %zu numbers, but there are %lld results", m->options.out_dim_count, (long long)count))};
    size_t bytes = ((size_t)count + 1) * sizeof(torsh_tensor);
    torsh_tensor *shown = torsh__alloc(bytes);
    if (!shown) return (torsh_tensors){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    for (int64_t i = 0; i < count; i++) shown[i] = show(m, &vmap, torsh_tensors_get(results, i), (size_t)i);
    torsh_tensors list = torsh_tensors_make(shown, (size_t)count);
    torsh__free(shown, bytes);
    if (!TORSH_FAILED(list)) torsh_keep(list);
    return list;
}

/* Joins result `index` of all chunks along the samples' dim; one that is the same for all samples is the first's. */
static torsh_tensor joined(const mapping *m, const torsh_tensors *chunks, size_t count, size_t index, torsh_tensor *parts)
{
    int64_t dim = m->options.out_dims ? m->options.out_dims[m->options.out_dim_count == 1 ? 0 : index] : 0;
    for (size_t i = 0; i < count; i++) parts[i] = torsh_tensors_get(chunks[i], (int64_t)index);
    return dim == TORSH_VMAP_NONE ? parts[0] : torsh_cat(parts, count, dim);
}

static torsh_tensors join_chunks(const mapping *m, const torsh_tensors *chunks, size_t count)
{
    int64_t results = torsh_tensors_size(chunks[0]);
    size_t bytes = (count + (size_t)results) * sizeof(torsh_tensor);
    torsh_tensor *parts = torsh__alloc(bytes);
    if (!parts) return (torsh_tensors){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    for (int64_t i = 0; i < results; i++) parts[count + (size_t)i] = joined(m, chunks, count, (size_t)i, parts);
    torsh_tensors list = torsh_tensors_make(parts + count, (size_t)results);
    torsh__free(parts, bytes);
    return list;
}

static torsh_tensors map_chunks(mapping *m)
{
    unsigned char state[TORSH_GENERATOR_STATE_BYTES];
    bool same = m->options.randomness == TORSH_VMAP_SAME;
    size_t count = (size_t)((m->samples - 1) / m->options.chunk_size) + 1, bytes = count * sizeof(torsh_tensors);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensors *chunks = torsh__is_error(scope.id) ? NULL : torsh__alloc(bytes), list = {0};
    if (!chunks) return (torsh_tensors){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    torsh_status status = same ? torsh_generator_get_state((torsh_generator){0}, state, sizeof state) : TORSH_OK;
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        int64_t start = (int64_t)i * m->options.chunk_size, left = m->samples - start;
        if (same && i > 0) status = torsh_generator_set_state((torsh_generator){0}, state, sizeof state);
        if (status == TORSH_OK) status = torsh_id_status((chunks[i] = map_chunk(m, start, left < m->options.chunk_size ? left : m->options.chunk_size)).id);
    }
    if (status == TORSH_OK) list = join_chunks(m, chunks, count);
    torsh__free(chunks, bytes);
    if (status) return (torsh_tensors){torsh__error_id(status)};
    if (!TORSH_FAILED(list)) torsh_keep(list);
    return list;
}

static torsh_tensors map(mapping *m, const torsh_vmap_options *options)
{
    m->options = torsh_vmap_defaults();
    torsh_status status = torsh__take_options("options", &m->options, sizeof m->options, sizeof m->options, options);
    if (status == TORSH_OK) status = check_options(m);
    if (status) return (torsh_tensors){torsh__error_id(status)};
    size_t bytes = m->count * (sizeof *m->dims + sizeof *m->given);
    m->dims = torsh__alloc(bytes);
    if (!m->dims) return (torsh_tensors){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    m->given = (torsh_tensor *)(void *)(m->dims + m->count);
    status = find_samples(m);
    torsh_tensors list;
    if (status) list.id = torsh__error_id(status);
    else if (m->options.chunk_size > 0 && m->options.chunk_size < m->samples) list = map_chunks(m);
    else list = map_chunk(m, 0, m->samples);
    torsh__free(m->dims, bytes);
    return list;
}

torsh_tensor torsh_vmap(torsh_tensor_function *function, void *context, const torsh_tensor *inputs, size_t input_count, const torsh_vmap_options *options)
{
    torsh__context named;
    mapping m = {.one = function, .context = context, .inputs = inputs, .count = input_count};
    torsh__context_enter(&named, "vmap: ");
    torsh_tensors list = map(&m, options);
    torsh_tensor result = TORSH_FAILED(list) ? (torsh_tensor){list.id} : torsh_tensors_get(list, 0);
    if (!TORSH_FAILED(list)) torsh_release(list);
    torsh__context_leave(&named);
    return result;
}

torsh_tensors torsh_vmap_list(torsh_tensors_function *function, void *context, const torsh_tensor *inputs, size_t input_count,
                              const torsh_vmap_options *options)
{
    torsh__context named;
    mapping m = {.many = function, .context = context, .inputs = inputs, .count = input_count};
    torsh__context_enter(&named, "vmap_list: ");
    torsh_tensors list = map(&m, options);
    torsh__context_leave(&named);
    return list;
}
