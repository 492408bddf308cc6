/* What a call does for all samples of a vmap at once (tensor/batched.h). A row's infer sees one sample, so it checks, names dtypes and
 * normalises arguments as without vmap; then the row is called on the tensors with all samples, by the rule that its impl or its kind
 * names. A rule knows no row. Where it doesn't fit, the samples are taken one by one and the results stacked. */
#include "alloc.h"
#include "batched.h"
#include "gradient.h"

#include <torsh/ops/copy.h>
#include <torsh/ops/join.h>
#include <torsh/ops/view.h>

#include <string.h>

/* One call for all samples. */
typedef struct batch {
    torsh__call *call;
    enum torsh__variant variant;
    uint32_t levels; /* that some input has */
    int hidden;      /* how many they are */
    int64_t shape[2 * TORSH__MAX_RANK]; /* their sizes, and room behind them */
    bool inferred;       /* call->spec says what a sample's results are */
    const torsh_tensor *of; /* the call's tensors, as in call->input; null for an absent one */
    torsh_tensor *in;       /* what the row is called with in their place */
    torsh_value values[TORSH__MAX_PARAMS];
    int64_t numbers[TORSH__MAX_PARAMS][TORSH__MAX_RANK]; /* lists of dims and sizes in values */
    torsh_tensor made[TORSH__MAX_OUTPUTS];
} batch;

static int highest(uint32_t levels)
{
    return 31 - __builtin_clz(levels);
}

/* ---- calling the row ------------------------------------------------------------------------------------------------ */

/* Checks results, which become errors together. */
static torsh_status first_error(const torsh_tensor *results, int count)
{
    for (int i = 0; i < count; i++)
        if (TORSH_FAILED(results[i])) return torsh_id_status(results[i].id);
    return TORSH_OK;
}

static bool is_tensor(torsh_param_kind kind)
{
    return kind == TORSH_PARAM_TENSOR || kind == TORSH_PARAM_OPTIONAL_TENSOR;
}

/* Puts b->in into b->values. */
static void pack(batch *b)
{
    const torsh_op_info *info = &b->call->op->info;
    for (int i = 0, at = 0; i < info->param_count; i++) {
        if (is_tensor(info->params[i].kind)) b->values[i].handle = b->in[at++].id;
        if (info->params[i].kind != TORSH_PARAM_TENSORS) continue;
        b->values[i].list.data = b->in + at;
        at += (int)b->values[i].list.count;
    }
}

static torsh_status call_row(batch *b)
{
    torsh_status status = TORSH_OK;
    for (int i = 0; i < b->call->inputs && status == TORSH_OK; i++)
        if (b->in[i].id) status = torsh_id_status(b->in[i].id);
    if (status) return status;
    pack(b);
    torsh__door(b->call->op, b->values, b->variant, NULL, b->made);
    return first_error(b->made, b->call->outputs);
}

/* Hides the results' leading dims, in the shape that infer said. */
static torsh_status finish(batch *b)
{
    for (int i = 0; i < b->call->outputs && b->variant == TORSH__FUNCTIONAL; i++) {
        const torsh__spec *spec = &b->call->spec[i];
        if (torsh_ndim(b->made[i]) != b->hidden + spec->ndim) {
            if (spec->ndim > 0) memcpy(b->shape + b->hidden, spec->sizes, (size_t)spec->ndim * sizeof *b->shape);
            b->made[i] = torsh_reshape(b->made[i], b->shape, (size_t)b->hidden + (size_t)spec->ndim);
        }
        b->made[i] = torsh__hide(b->made[i], b->levels);
    }
    return first_error(b->made, b->call->outputs);
}

/* Input i with all hidden dims, of size 1 where it has none of that level, and at least `rank` dims of its own: sizes of 1 in front of them. */
static torsh_tensor aligned(const batch *b, int i, int rank)
{
    int64_t shape[TORSH__MAX_RANK];
    const torsh__tensor *t = b->call->input[i];
    uint32_t own = torsh__levels(t);
    if (!own) return b->of[i];
    torsh_tensor all = torsh__all_samples(b->of[i]);
    if (own == b->levels && t->view.ndim >= rank) return all;
    int at = 0, from = 0;
    if (b->hidden + rank > TORSH__MAX_RANK) return torsh__tensor_error(torsh__fail(TORSH_OUT_OF_RANGE, "%s: too many dimensions inside vmap", torsh__call_name(b->call)));
    const int64_t *sizes = t->base->view.sizes;
    for (uint32_t left = b->levels; left; left &= left - 1) shape[at++] = own >> torsh__lowest_level(left) & 1 ? sizes[from++] : 1;
    for (int d = t->view.ndim; d < rank; d++) shape[at++] = 1;
    for (int d = 0; d < t->view.ndim; d++) shape[at++] = t->view.sizes[d];
    return torsh_view(all, shape, (size_t)at);
}

/* ---- rules ----------------------------------------------------------------------------------------------------------- */

static int most_dims(const batch *b)
{
    int most = 0;
    for (int i = 0; i < b->call->inputs; i++)
        if (b->call->input[i] && b->call->input[i]->view.ndim > most) most = b->call->input[i]->view.ndim;
    return most;
}

/* A sample without dims gives way in promotion; all samples of it together don't, so they are converted first. */
static torsh_status pointwise(batch *b)
{
    const torsh__call *c = b->call;
    int rank = most_dims(b);
    for (int i = 0; i < c->inputs; i++) {
        const torsh__tensor *t = c->input[i];
        if (!t) continue;
        b->in[i] = aligned(b, i, rank);
        bool promoted = torsh__levels(t) && t->view.ndim == 0 && c->inputs > 1 && t->view.dtype != TORSH_BOOL && !(c->in_place && i == 0);
        if (promoted && c->op->info.kind == TORSH_OP_POINTWISE && torsh__dtype_of(t) != c->compute) b->in[i] = torsh_to_dtype(b->in[i], c->compute);
    }
    torsh_status status = call_row(b);
    return status ? status : finish(b);
}

/* True for a parameter that counts dims of input 0; "dims" alone is a list of them, or how many. */
static bool counts_dims(const torsh_param *param)
{
    if (strncmp(param->name, "dim", 3) != 0) return false;
    return param->kind == TORSH_PARAM_INTS || (param->kind == TORSH_PARAM_INT && strcmp(param->name, "dims") != 0);
}

static int64_t shifted(const batch *b, int64_t dim)
{
    int ndim = b->call->input[0]->view.ndim;
    return (dim < 0 ? dim + (ndim ? ndim : 1) : dim) + b->hidden;
}

/* Arguments that count dims get those that are hidden added. An empty list of "dim" means all dims; a permutation names them all. */
static bool shift_dims(batch *b)
{
    const torsh_op_info *info = &b->call->op->info;
    int ndim = b->call->input[0]->view.ndim;
    for (int i = 0; i < info->param_count; i++) {
        if (!counts_dims(&info->params[i])) continue;
        const torsh_value *from = &b->call->values[i];
        if (info->params[i].kind == TORSH_PARAM_INT) {
            b->values[i].i = shifted(b, from->i);
            continue;
        }
        bool all = from->list.count == 0 && strcmp(info->params[i].name, "dim") == 0;
        int count = all ? (ndim ? ndim : 1) : (int)from->list.count, at = 0;
        if (from->list.count > TORSH__MAX_RANK || count + b->hidden > TORSH__MAX_RANK) return false;
        for (int d = 0; info->kind == TORSH_OP_VIEW && d < b->hidden; d++) b->numbers[i][at++] = d;
        for (int d = 0; d < count; d++) b->numbers[i][at++] = shifted(b, all ? d : ((const int64_t *)from->list.data)[d]);
        b->values[i].list.data = b->numbers[i];
        b->values[i].list.count = (size_t)at;
    }
    return true;
}

/* Leading dims are free. A sample without dims gets one of size 1, which the row's rules for such samples amount to. */
static torsh_status leading(batch *b, bool all)
{
    const torsh__call *c = b->call;
    for (int i = 0; i < c->inputs; i++) {
        if (!c->input[i]) continue;
        if (i > 0 && !all) {
            if (torsh__levels(c->input[i])) return TORSH_UNSUPPORTED;
            continue;
        }
        if (i > 0 && c->input[i]->view.ndim == 0 && !torsh__levels(c->input[i]) && c->input[0]->view.ndim > 0) continue; /* a number */
        b->in[i] = torsh__expose(b->of[i], b->levels);
        if (c->input[i]->view.ndim == 0 && c->op->info.kind != TORSH_OP_VIEW) b->in[i] = torsh_unsqueeze(b->in[i], -1);
    }
    if (!shift_dims(b)) return TORSH_UNSUPPORTED;
    torsh_status status = call_row(b);
    return status ? status : finish(b);
}

/* A view: what infer says of the sample's sizes and strides, it says of all samples'. */
static torsh_status view(batch *b, enum torsh__batching rule)
{
    torsh__call *c = b->call;
    const torsh__spec *spec = &c->spec[0];
    const torsh_operand *all = &c->input[0]->base->view;
    if (spec->ndim + b->hidden > TORSH__MAX_RANK) return TORSH_UNSUPPORTED;
    if (spec->dtype != (torsh_dtype)all->dtype) { /* of elements that come apart or together at the end */
        b->in[0] = torsh__all_samples(b->of[0]);
        torsh_status status = call_row(b);
        return status ? status : finish(b);
    }
    int64_t strides[TORSH__MAX_RANK];
    memcpy(strides, all->strides, (size_t)b->hidden * sizeof *strides);
    memcpy(b->shape + b->hidden, spec->sizes, (size_t)spec->ndim * sizeof *b->shape);
    memcpy(strides + b->hidden, spec->strides, (size_t)spec->ndim * sizeof *strides);
    size_t rank = (size_t)b->hidden + (size_t)spec->ndim;
    if (rule == TORSH__BATCH_VIEW) b->made[0] = torsh_view(torsh__all_samples(b->of[0]), b->shape, rank);
    else if (rule == TORSH__BATCH_EXPAND) b->made[0] = torsh_expand(aligned(b, 0, spec->ndim), b->shape, rank);
    else b->made[0] = torsh_as_strided(torsh__all_samples(b->of[0]), b->shape, rank, strides, rank, spec->offset);
    return finish(b);
}

/* How many spatial dims: the digit in the row's name. */
static int spatial_dims(const char *name)
{
    while (*name && !(*name >= '1' && *name <= '3')) name++;
    return *name ? *name - '0' : 0;
}

/* The hidden dims, and N if there is one, become N. */
static torsh_status fold(batch *b)
{
    const torsh__call *c = b->call;
    const torsh_operand *v = &c->input[0]->view;
    int spatial = spatial_dims(c->op->info.name), at = 0, left = v->ndim - spatial - 1; /* dims of a sample before the channels */
    if (left < 0 || left > 1) return TORSH_UNSUPPORTED;
    int64_t shape[TORSH__MAX_RANK], batches = left ? v->sizes[0] : 1;
    for (int i = 1; i < c->inputs; i++)
        if (c->input[i] && torsh__levels(c->input[i])) return TORSH_UNSUPPORTED;
    for (int d = 0; d < b->hidden; d++) batches *= b->shape[d];
    shape[at++] = batches;
    for (int d = left; d < v->ndim; d++) shape[at++] = v->sizes[d];
    b->in[0] = torsh_reshape(torsh__all_samples(b->of[0]), shape, (size_t)at);
    torsh_status status = call_row(b);
    for (int i = 0; i < c->outputs && status == TORSH_OK; i++) {
        memcpy(b->shape + b->hidden, c->spec[i].sizes, (size_t)c->spec[i].ndim * sizeof *b->shape);
        b->made[i] = torsh_reshape(b->made[i], b->shape, (size_t)b->hidden + (size_t)c->spec[i].ndim);
    }
    return status ? status : finish(b);
}

/* ---- one by one -------------------------------------------------------------------------------------------------------- */

/* The generator that the call names; the null handle is the default one. */
static torsh_generator generator_of(const torsh__call *c)
{
    for (int i = 0; i < c->op->info.param_count; i++)
        if (c->op->info.params[i].kind == TORSH_PARAM_GENERATOR) return (torsh_generator){c->values[i].handle};
    return (torsh_generator){0};
}

/* The modes while samples of that level are taken one by one: no tensor has them together then. */
static void enter_loop(torsh__vmap room[TORSH__MOST_VMAPS], int level)
{
    torsh__modes *modes = &torsh__thread_get()->modes;
    const torsh__vmap *vmap = modes->vmap;
    modes->vmap = &room[0];
    for (int i = 0; vmap; i++, vmap = vmap->outer) {
        room[i] = *vmap;
        if (vmap->depth == level) {
            room[i].looped = true;
            return;
        }
        room[i].outer = &room[i + 1];
    }
}

static torsh_status one_shape(const batch *b, const torsh_tensor *results, int64_t samples, int output)
{
    const torsh_tensor first = results[output];
    for (int64_t i = 1; i < samples; i++) {
        const torsh_tensor other = results[i * b->call->outputs + output];
        if (torsh__same_sizes(torsh_ndim(first), torsh_sizes(first), torsh_ndim(other), torsh_sizes(other))) continue;
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: inside vmap the result must have one shape for all samples; it is %s for the first and %s for sample %lld",
                           torsh__call_name(b->call), torsh_shape_text(first), torsh_shape_text(other), (long long)i);
    }
    return TORSH_OK;
}

/* Calls for each sample; results[i * outputs + k] is output k of sample i. in[] holds the inputs with that level's dim first. */
static torsh_status loop(batch *b, int level, int64_t samples, torsh_tensor *results, torsh_tensor *exposed, const unsigned char *state)
{
    torsh__vmap room[TORSH__MOST_VMAPS];
    torsh_status status = TORSH_OK;
    TORSH_AUTO torsh_scope modes = torsh__scope_open(false);
    if (torsh__is_error(modes.id)) return TORSH_OUT_OF_MEMORY;
    enter_loop(room, level);
    for (int64_t i = 0; i < samples && status == TORSH_OK; i++) {
        TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
        if (torsh__is_error(scope.id)) return TORSH_OUT_OF_MEMORY;
        if (state && i > 0) status = torsh_generator_set_state(generator_of(b->call), state, TORSH_GENERATOR_STATE_BYTES);
        for (int k = 0; k < b->call->inputs; k++) b->in[k] = exposed[k].id ? torsh_select(exposed[k], 0, i) : b->of[k];
        if (status == TORSH_OK) status = call_row(b);
        for (int k = 0; k < b->call->outputs && status == TORSH_OK && b->variant == TORSH__FUNCTIONAL; k++) {
            results[i * b->call->outputs + k] = b->made[k];
            status = torsh_keep(b->made[k]);
        }
    }
    return status;
}

/* Results of no samples: only what infer says is known of them. */
static torsh_status of_none(batch *b)
{
    if (b->variant != TORSH__FUNCTIONAL) return TORSH_OK;
    if (!b->inferred)
        return torsh__fail(TORSH_UNSUPPORTED, "%s: a vmap over no samples can't tell what the result's shape is", torsh__call_name(b->call));
    for (int i = 0; i < b->call->outputs; i++) {
        const torsh__spec *spec = &b->call->spec[i];
        memcpy(b->shape + b->hidden, spec->sizes, (size_t)spec->ndim * sizeof *b->shape);
        b->made[i] = torsh__hide(torsh_zeros(b->shape, (size_t)b->hidden + (size_t)spec->ndim, spec->dtype, b->call->input[0]->view.device), b->levels);
    }
    return first_error(b->made, b->call->outputs);
}

static bool may_draw(const torsh__op *op)
{
    return op->info.kind == TORSH_OP_COMPOSITE || op->impl->flags & TORSH__RANDOM;
}

/* Over the innermost level; calls see the outer ones as batched again. */
static torsh_status each(batch *b, uint32_t levels)
{
    int level = highest(levels), inputs = b->call->inputs, outputs = b->call->outputs;
    const torsh__vmap *vmap = torsh__vmap_at(level);
    int64_t samples = vmap->size;
    if (samples == 0) return of_none(b);
    if (samples > 1 << 28) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: %lld samples are too many to take one by one", torsh__call_name(b->call), (long long)samples);
    bool same = vmap->randomness == TORSH_VMAP_SAME && may_draw(b->call->op);
    size_t made = (size_t)samples * (size_t)outputs, count = made + (size_t)samples + (size_t)inputs;
    size_t bytes = count * sizeof(torsh_tensor) + (same ? TORSH_GENERATOR_STATE_BYTES : 0);
    torsh_tensor *results = torsh__alloc_zero(bytes);
    if (!results) return TORSH_OUT_OF_MEMORY;
    torsh_tensor *column = results + made, *exposed = column + samples;
    unsigned char *state = same ? (unsigned char *)(results + count) : NULL;
    torsh_status status = same ? torsh_generator_get_state(generator_of(b->call), state, TORSH_GENERATOR_STATE_BYTES) : TORSH_OK;
    for (int i = 0; i < inputs && status == TORSH_OK; i++) {
        if (!b->call->input[i] || !(torsh__levels(b->call->input[i]) >> level & 1)) continue;
        exposed[i] = torsh__expose(b->of[i], 1u << level);
        status = torsh_id_status(exposed[i].id);
    }
    memcpy(b->values, b->call->values, (size_t)b->call->op->info.param_count * sizeof *b->values);
    if (status == TORSH_OK) status = loop(b, level, samples, results, exposed, state);
    for (int k = 0; k < outputs && status == TORSH_OK && b->variant == TORSH__FUNCTIONAL; k++) {
        status = one_shape(b, results, samples, k);
        if (status) break;
        for (int64_t i = 0; i < samples; i++) column[i] = results[i * outputs + k];
        b->made[k] = torsh__hide(torsh_stack(column, (size_t)samples, 0), 1u << level);
        status = torsh_id_status(b->made[k].id);
    }
    torsh__free(results, bytes);
    return status;
}

/* ---- random rows ------------------------------------------------------------------------------------------------------- */

/* The call as if the innermost vmap weren't there. */
static torsh_status call_outside(batch *b, const torsh__vmap *vmap)
{
    TORSH_AUTO torsh_scope modes = torsh__scope_open(false);
    if (torsh__is_error(modes.id)) return TORSH_OUT_OF_MEMORY;
    torsh__thread *self = torsh__thread_get();
    self->modes.vmap = vmap->outer;
    torsh_status status = call_row(b);
    self->substituted = true; /* that call's door may have found nothing to look closer for */
    return status;
}

/* One draw for all samples: of a maker by a larger size, of a row with one tensor by that with all samples. */
static torsh_status draw_together(batch *b, const torsh__vmap *vmap)
{
    const torsh__call *c = b->call;
    uint32_t bit = 1u << vmap->depth;
    int size = torsh__param_index(c->op, "size");
    if (c->inputs == 1) {
        b->in[0] = torsh__expose(b->of[0], bit);
    } else {
        size_t count = c->values[size].list.count;
        if (count >= TORSH__MAX_RANK) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: too many dimensions inside vmap", torsh__call_name(c));
        b->numbers[size][0] = vmap->size;
        if (count) memcpy(b->numbers[size] + 1, c->values[size].list.data, count * sizeof(int64_t));
        b->values[size].list.data = b->numbers[size];
        b->values[size].list.count = count + 1;
    }
    torsh_status status = call_outside(b, vmap);
    for (int i = 0; i < c->outputs && b->variant == TORSH__FUNCTIONAL && status == TORSH_OK; i++) b->made[i] = torsh__hide(b->made[i], bit);
    return status ? status : first_error(b->made, c->outputs);
}

/* Only the innermost vmap is dealt with here; the call then meets the next one. */
static torsh_status random(batch *b)
{
    const torsh__call *c = b->call;
    const torsh__vmap *vmap = torsh__thread_get()->modes.vmap;
    uint32_t bit = 1u << vmap->depth;
    const char *name = torsh__call_name(c);
    if (vmap->randomness == TORSH_VMAP_ERROR)
        return torsh__fail(TORSH_UNSUPPORTED, "%s: random numbers inside vmap: say by options.randomness whether samples get different ones or the same", name);
    bool batched = b->levels & bit, first = c->inputs > 0 && c->input[0] && torsh__levels(c->input[0]) & bit;
    if (vmap->looped || (vmap->randomness == TORSH_VMAP_SAME && !batched)) return call_outside(b, vmap);
    if (vmap->randomness == TORSH_VMAP_SAME) return each(b, bit);
    if (c->in_place && !first)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: random numbers that differ by sample can't be written to a tensor that all samples share", name);
    bool together = c->inputs == 0 ? torsh__param_index(c->op, "size") >= 0 : c->inputs == 1 && (c->in_place || c->op->impl->batch == TORSH__BATCH_FIRST);
    return together ? draw_together(b, vmap) : each(b, bit);
}

/* ---- the call ------------------------------------------------------------------------------------------------------------ */

static enum torsh__batching rule_of(const torsh__op *op)
{
    if (op->impl->batch) return (enum torsh__batching)op->impl->batch;
    if (op->info.kind == TORSH_OP_POINTWISE) return TORSH__BATCH_POINTWISE;
    return op->info.kind == TORSH_OP_REDUCTION ? TORSH__BATCH_ALL : TORSH__BATCH_EACH;
}

static torsh_status by_rule(batch *b)
{
    enum torsh__batching rule = rule_of(b->call->op);
    if (b->call->inputs > 0 && !b->call->input[0]) return TORSH_UNSUPPORTED; /* the rules look at it */
    if (b->call->op->info.kind == TORSH_OP_VIEW && rule != TORSH__BATCH_FIRST) return view(b, rule);
    switch (rule) {
    case TORSH__BATCH_MATRICES:
        for (int i = 0; i < b->call->inputs; i++)
            if (b->call->input[i]->view.ndim < 2) return TORSH_UNSUPPORTED;
        return pointwise(b);
    case TORSH__BATCH_POINTWISE: return pointwise(b);
    case TORSH__BATCH_FIRST:
    case TORSH__BATCH_ALL: return leading(b, rule == TORSH__BATCH_ALL);
    case TORSH__BATCH_FOLD: return fold(b);
    default: return TORSH_UNSUPPORTED;
    }
}

/* The same by other ops, which broadcast. */
static torsh_status by_other_ops(batch *b)
{
    if (!b->call->op->impl->batched || b->variant != TORSH__FUNCTIONAL) return TORSH_UNSUPPORTED;
    b->call->op->impl->batched(b->call->values, b->made);
    return first_error(b->made, b->call->outputs);
}

/* The cheapest way that works. Nothing is changed by one that fails: the row's checks come before its work. */
static torsh_status by_some_way(batch *b)
{
    torsh__thread *self = torsh__thread_get();
    uint64_t first = self->first_error;
    b->inferred = b->call->op->info.kind != TORSH_OP_COMPOSITE && b->call->op->impl->infer(b->call) == TORSH_OK;
    memcpy(b->values, b->call->values, (size_t)b->call->op->info.param_count * sizeof *b->values);
    torsh_status status = b->inferred ? by_rule(b) : TORSH_UNSUPPORTED;
    if (status && status != TORSH_OUT_OF_MEMORY && b->inferred) status = by_other_ops(b);
    if (status == TORSH_OK || status == TORSH_OUT_OF_MEMORY) return status;
    self->first_error = first;
    return each(b, b->levels);
}

/* Which levels there are; fails where the call can't be made for each of them. */
static torsh_status begin(batch *b)
{
    const torsh__call *c = b->call;
    const char *name = torsh__call_name(c);
    torsh_status status = TORSH_OK;
    if (c->given_out) return torsh__fail(TORSH_UNSUPPORTED, "%s (out=): not inside vmap; use the form without out=", name);
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        if (!c->input[i] || !torsh__levels(c->input[i])) continue;
        status = torsh__batched_check(c->input[i], name);
        b->levels |= torsh__levels(c->input[i]);
    }
    if (status) return status;
    for (uint32_t left = b->levels; left; left &= left - 1) b->shape[b->hidden++] = torsh__vmap_at(torsh__lowest_level(left))->size;
    if (c->op->impl->batch == TORSH__BATCH_NEVER && b->levels) return torsh__fail(TORSH_UNSUPPORTED, "%s: not inside vmap: it changes several tensors", name);
    if (!c->in_place || !c->input[0] || !(b->levels & ~torsh__levels(c->input[0]))) return TORSH_OK;
    torsh__thread_get()->refused_change = c->input[0]->storage;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s (in place): the tensor to change is one for all samples of a vmap, but what is to be written differs by sample; use "
                                               "the form that isn't in place, or make the tensor by torsh_zeros_like of one that differs", name);
}

/* The handles of the call's tensors, by input. */
static void list_tensors(const torsh__call *c, torsh_tensor *of)
{
    for (int i = 0, at = 0; i < c->op->info.param_count; i++) {
        const torsh_param_kind kind = c->op->info.params[i].kind;
        if (is_tensor(kind)) of[at++].id = c->values[i].handle;
        if (kind != TORSH_PARAM_TENSORS || !c->values[i].list.count) continue;
        memcpy(of + at, c->values[i].list.data, c->values[i].list.count * sizeof *of);
        at += (int)c->values[i].list.count;
    }
}

torsh_status torsh__batched_run(torsh__call *c)
{
    size_t inputs = (size_t)c->inputs, bytes = sizeof(batch) + 2 * inputs * sizeof(torsh_tensor);
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    batch *b = torsh__is_error(scope.id) ? NULL : torsh__alloc_zero(bytes);
    if (!b) return TORSH_OUT_OF_MEMORY;
    torsh_tensor *of = (torsh_tensor *)(b + 1);
    list_tensors(c, of);
    b->call = c;
    b->variant = c->in_place ? TORSH__INPLACE_CALL : TORSH__FUNCTIONAL;
    b->of = of;
    b->in = of + inputs;
    memcpy(b->in, of, inputs * sizeof *of);
    torsh_status status = begin(b);
    bool draws = c->op->impl->flags & TORSH__RANDOM && torsh__thread_get()->modes.vmap;
    if (status == TORSH_OK && draws) memcpy(b->values, c->values, (size_t)c->op->info.param_count * sizeof *b->values);
    if (status == TORSH_OK) status = draws ? random(b) : by_some_way(b);
    if (status == TORSH_OK && c->in_place) torsh__tensor_retain(c->output[0] = c->input[0]);
    for (int i = 0; i < c->outputs && status == TORSH_OK && !c->in_place; i++) c->output[i] = torsh__tensor_hold_any(b->made[i], c->op->info.name, "result", &status);
    torsh__free(b, bytes);
    return status;
}
