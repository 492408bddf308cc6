/* Connectionist temporal classification (Graves et al. 2006): the probability of all alignments of a target with a sequence, summed by
 * the forward recursion over the target with blanks in between (backend/cpu/ctc.c). A gradient that is itself recorded is made of ops, where "impossible" is
 * a very low finite logarithm, as infinities would make the gradient NaN. */
#include "dual.h"
#include "alloc.h"
#include "loss.h"
#include "options.h"

#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/creation.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/index.h>
#include <torsh/ops/join.h>
#include <torsh/ops/loss.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/statistics.h>
#include <torsh/ops/view.h>

#include <math.h>

#define TABLE "ctc.def"
#include "declare_rows.h"

#define IMPOSSIBLE (-1e30)

typedef struct ctc {
    int64_t t, n, c, longest;      /* steps, samples, classes, longest target */
    const int64_t *steps, *labels; /* per sample */
    int64_t blank;
    torsh_tensor path; /* (N, 2 S + 1): labels with blanks */
} ctc;

static torsh_status check_lengths(const char *param, const int64_t *lengths, size_t count, const ctc *p, int64_t most)
{
    if (!lengths || count != (size_t)p->n)
        return torsh__fail(TORSH_INVALID_ARGUMENT, "ctc_loss: '%s' must have a number for each of the %lld samples", param, (long long)p->n);
    for (size_t i = 0; i < count; i++)
        if (lengths[i] < 0 || lengths[i] > most)
            return torsh__fail(TORSH_OUT_OF_RANGE, "ctc_loss: '%s' holds %lld; it must be 0 to %lld", param, (long long)lengths[i], (long long)most);
    return TORSH_OK;
}

/* targets (N, S), or all in a row. */
static torsh_status make_paths(ctc *p, torsh_tensor targets, const torsh__shape *shape)
{
    int64_t width = 2 * p->longest + 1, places = p->n * width, at = 0;
    size_t bytes = (size_t)(shape->numel + places) * sizeof(int64_t);
    int64_t *room = torsh__alloc(bytes);
    if (!room) return TORSH_OUT_OF_MEMORY;
    int64_t *path = room + shape->numel;
    torsh_status status = torsh_to_host(torsh_to_dtype(targets, TORSH_I64), room, (size_t)shape->numel * sizeof(int64_t));
    for (int64_t n = 0; n < p->n && status == TORSH_OK; n++) {
        const int64_t *own = room + (shape->ndim == 2 ? n * shape->sizes[1] : at);
        for (int64_t s = 0; s < width; s++) {
            bool label = s % 2 && s / 2 < p->labels[n];
            path[n * width + s] = label ? own[s / 2] : p->blank;
            if (label && (own[s / 2] < 0 || own[s / 2] >= p->c)) status = torsh__fail(TORSH_OUT_OF_RANGE, "ctc_loss: 'targets' holds %lld; classes are 0 to %lld", (long long)own[s / 2], (long long)(p->c - 1));
        }
        at += p->labels[n];
    }
    if (status == TORSH_OK) p->path = torsh_from_data(path, TORSH_DIMS(p->n, width), TORSH_I64, shape->device);
    torsh__free(room, bytes);
    return status;
}

static torsh_tensor column(const ctc *p, const int64_t *values, torsh_dtype dtype, torsh_device device)
{
    return torsh_to_dtype(torsh_from_data(values, TORSH_DIMS(p->n, 1), TORSH_I64, device), dtype);
}

/* ---- the rows of table/ctc.def ------------------------------------------------------------------------------------- */

/* grad, likely and alpha, where they are there, have the sizes that the first two say. */
static torsh_status infer_ctc_forward(torsh__call *c)
{
    const torsh_operand *x = &c->input[0]->view, *path = &c->input[1]->view;
    const torsh_value *lengths = &c->values[c->inputs];
    torsh_status status = torsh__require_rank(c, 0, 3, 3);
    if (status == TORSH_OK) status = torsh__require_rank(c, 1, 2, 2);
    if (status == TORSH_OK) status = torsh__require_dtype(c, (torsh_dtype)x->dtype);
    if (status == TORSH_OK) status = torsh__infer_device(c);
    c->compute = (torsh_dtype)x->dtype;
    if (status) return status;
    const int64_t sizes[3] = {path->sizes[0], x->sizes[0], path->sizes[1]};
    bool fits = path->dtype == TORSH_I64 && x->sizes[1] == sizes[0] && lengths[0].list.count == (size_t)sizes[0] && lengths[1].list.count == (size_t)sizes[0];
    for (int i = 2; i < c->inputs; i++) fits = fits && torsh__same_sizes(c->input[i]->view.ndim, c->input[i]->view.sizes, i < 4 ? 1 : 3, sizes);
    if (!fits) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'path' must be i64 (N, S), and all else of that N, S and T", torsh__call_name(c));
    torsh__out_spec(c, 0, TORSH_F64, 1, sizes);
    torsh__out_spec(c, 1, TORSH_F64, 3, sizes);
    return TORSH_OK;
}

static torsh_status infer_ctc_backward(torsh__call *c)
{
    torsh_status status = infer_ctc_forward(c);
    if (status) return status;
    torsh__out_spec(c, 0, c->compute, 3, c->input[0]->view.sizes);
    return TORSH_OK;
}

/* What the recursions know of each place of a path: bool (N, S). */
typedef struct places {
    torsh_tensor from, onto, begin, end; /* may come from two before; may go two on; may begin; may end */
    torsh_tensor low;
} places;

static places places_of(torsh_tensor path, const int64_t *labels, torsh_dtype dtype)
{
    torsh__shape s = torsh__shape_of(path);
    torsh_tensor at = torsh_arange(0, (double)s.sizes[1], 1, TORSH_I64, s.device), odd = torsh_eq(torsh_remainder(at, torsh_integer(2)), torsh_integer(1));
    torsh_tensor last = torsh_mul(torsh_from_data(labels, TORSH_DIMS(s.sizes[0], 1), TORSH_I64, s.device), torsh_integer(2)); /* of a path */
    torsh_tensor inside = torsh_le(at, last), other = torsh_ne(path, torsh_roll(path, TORSH_DIMS(2), TORSH_DIMS(1)));
    places p = {.begin = torsh_logical_and(inside, torsh_lt(at, torsh_integer(2))), .end = torsh_logical_and(inside, torsh_ge(at, torsh_sub(last, torsh_integer(1))))};
    p.from = torsh_logical_and(torsh_logical_and(torsh_logical_and(odd, inside), torsh_ge(at, torsh_integer(3))), other);
    p.onto = torsh_roll(p.from, TORSH_DIMS(-2), TORSH_DIMS(1));
    p.low = torsh_full(s.sizes, 2, IMPOSSIBLE, dtype, s.device);
    return p;
}

/* a moved by `by` places, to the right or to the left, what comes in impossible. */
static torsh_tensor shifted(torsh_tensor a, int64_t by, torsh_tensor low)
{
    int64_t far = by < 0 ? -by : by;
    torsh_tensor in = torsh_slice(low, 1, 0, far, 1), rest = by < 0 ? torsh_slice(a, 1, far, INT64_MAX, 1) : torsh_slice(a, 1, 0, -far, 1);
    torsh_tensor parts[2] = {by < 0 ? rest : in, by < 0 ? in : rest};
    return torsh_cat(parts, 2, 1);
}

/* One step of a recursion, on (by = 1) or back (-1): all ways to a place. */
static torsh_tensor arrived(const places *p, torsh_tensor a, int64_t by)
{
    if (torsh_size(a, 1) == 1) return a;
    torsh_tensor ways[3] = {a, shifted(a, by, p->low), torsh_where(by > 0 ? p->from : p->onto, shifted(a, 2 * by, p->low), p->low)};
    return torsh_logsumexp(torsh_stack(ways, 3, 0), TORSH_DIMS(0), false);
}

/* The shares that ctc_backward computes, of ops, for gradients of gradients. room: T tensors for alpha and T for the result. */
static torsh_tensor shares(torsh_tensor g, torsh_tensor x, torsh_tensor path, const int64_t *steps, const int64_t *labels, torsh_tensor *room)
{
    torsh__shape s = torsh__shape_of(x), own = torsh__shape_of(path);
    places p = places_of(path, labels, s.dtype);
    torsh_tensor count = torsh_from_data(steps, TORSH_DIMS(s.sizes[1], 1), TORSH_I64, s.device), zero = torsh_number(0), one = torsh_integer(1);
    torsh_tensor all = torsh_clamp(torsh_gather(x, 2, torsh_expand(torsh_unsqueeze(path, 0), TORSH_DIMS(s.sizes[0], own.sizes[0], own.sizes[1]))), IMPOSSIBLE, INFINITY);
    torsh_tensor likely = torsh_full(TORSH_DIMS(s.sizes[1], 1), IMPOSSIBLE, s.dtype, s.device), last = torsh_sub(count, one);
    for (int64_t t = 0; t < s.sizes[0]; t++) {
        torsh_tensor before = t == 0 ? torsh_where(p.begin, zero, p.low) : arrived(&p, room[t - 1], 1);
        room[t] = torsh_clamp(torsh_add(before, torsh_select(all, 0, t)), IMPOSSIBLE, INFINITY);
        torsh_tensor ended = torsh_logsumexp(torsh_where(p.end, room[t], p.low), TORSH_DIMS(1), true);
        likely = torsh_where(torsh_eq(last, torsh_integer(t)), ended, likely);
    }
    torsh_tensor *result = room + s.sizes[0], beta = p.low, possible = torsh_gt(likely, torsh_number(IMPOSSIBLE / 10));
    torsh_tensor factor = torsh_unsqueeze(torsh_to_dtype(g, s.dtype), 1), none = torsh_zeros(s.sizes + 1, 2, s.dtype, s.device);
    for (int64_t t = s.sizes[0] - 1; t >= 0; t--) {
        torsh_tensor now = torsh_integer(t), after = torsh_where(torsh_eq(last, now), torsh_where(p.end, zero, p.low), arrived(&p, beta, -1));
        beta = torsh_where(torsh_gt(count, now), torsh_clamp(torsh_add(after, torsh_select(all, 0, t)), IMPOSSIBLE, INFINITY), p.low);
        torsh_tensor share = torsh_sub(torsh_add(room[t], after), likely), inside = torsh_logical_and(possible, torsh_gt(count, now));
        share = torsh_mul(torsh_exp(torsh_where(inside, share, torsh_number(IMPOSSIBLE))), factor);
        result[t] = torsh_scatter_add(none, 1, path, share);
    }
    return torsh_stack(result, (size_t)s.sizes[0], 0);
}

static void ctc_forward_gradient(torsh__backward *b)
{
    const torsh_value *v = b->node->values;
    torsh_tensor x = torsh__saved_input(b, 0), path = torsh__saved_input(b, 1), g = b->g[0];
    if (!g.id) return;
    if (!torsh__is_differentiating()) {
        b->result[0] = torsh__ctc_backward(x, path, g, torsh__saved_output(b, 0), torsh__saved_output(b, 1), v[2].list.data, v[2].list.count, v[3].list.data, v[3].list.count);
        return;
    }
    size_t bytes = 2 * (size_t)torsh_size(x, 0) * sizeof(torsh_tensor);
    torsh_tensor *room = torsh__alloc(bytes);
    b->result[0] = room ? shares(g, x, path, v[2].list.data, v[3].list.data, room) : torsh__tensor_error(TORSH_OUT_OF_MEMORY);
    torsh__free(room, bytes);
}
static const torsh__impl impl_ctc_forward = {.infer = infer_ctc_forward, .gradient = ctc_forward_gradient,
                                             .saves = TORSH__SAVE_IN(0) | TORSH__SAVE_IN(1) | TORSH__SAVE_OUT(0) | TORSH__SAVE_OUT(1)};
static const torsh__impl impl_ctc_backward = {.infer = infer_ctc_backward, .flags = TORSH__CONSTANT};

/* ---- the loss -------------------------------------------------------------------------------------------------------- */

/* 0, whose gradient is exp(log_probs) up to each sample's length: with it the gradient is that of log_softmax's input, as PyTorch's is. */
static torsh_tensor normaliser(const ctc *p, torsh_tensor log_probs)
{
    torsh_device device = torsh_device_of(log_probs);
    torsh_tensor steps = torsh_from_data(p->steps, TORSH_DIMS(1, p->n), TORSH_I64, device), time = torsh_arange(0, (double)p->t, 1, TORSH_I64, device);
    torsh_tensor probability = torsh_exp(log_probs), value;
    {
        TORSH_AUTO torsh_scope quiet = torsh__scope_open(false);
        torsh__constant_mode();
        value = torsh_add(probability, torsh_number(0));
    }
    torsh_tensor inside = torsh_unsqueeze(torsh_lt(torsh_unsqueeze(time, 1), steps), 2);
    return torsh_sum(torsh_where(inside, torsh_sub(probability, value), torsh_number(0)), TORSH_DIMS(0, 2), false);
}

static torsh_tensor losses(const ctc *p, torsh_tensor log_probs, bool batch, bool zero_infinity, torsh_reduction reduction, bool tracked)
{
    torsh_tensor likely = torsh__ctc_forward(log_probs, p->path, p->steps, (size_t)p->n, p->labels, (size_t)p->n).first;
    torsh_tensor loss = tracked ? torsh_sub(normaliser(p, log_probs), likely) : torsh_neg(likely);
    if (tracked || zero_infinity) loss = torsh_where(torsh_eq(likely, torsh_number(-INFINITY)), torsh_number(zero_infinity ? 0 : INFINITY), loss);
    if (reduction == TORSH_SUM) return torsh_sum(loss, TORSH_ALL_DIMS, false);
    if (reduction == TORSH_NONE) return batch ? loss : torsh_squeeze(loss, TORSH_DIMS(0));
    torsh_tensor lengths = torsh_squeeze(column(p, p->labels, torsh_dtype_of(loss), torsh_device_of(loss)), TORSH_DIMS(1));
    return torsh_mean(torsh_div(loss, torsh_clamp(lengths, 1, INFINITY)), TORSH_ALL_DIMS, false);
}

static torsh_status check_ctc(ctc *p, const torsh__shape *x, const torsh__shape *target, const int64_t *steps, size_t step_count, const int64_t *labels, size_t label_count)
{
    if ((x->ndim != 2 && x->ndim != 3) || !torsh_dtype_is_floating_point(x->dtype))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "ctc_loss: 'log_probs' must be floating-point (T, N, C) or (T, C)");
    if (x->numel == 0) return torsh__fail(TORSH_SHAPE_MISMATCH, "ctc_loss: 'log_probs' has no elements");
    p->t = x->sizes[0], p->n = x->ndim == 3 ? x->sizes[1] : 1, p->c = x->sizes[x->ndim - 1];
    if (p->blank < 0 || p->blank >= p->c) return torsh__fail(TORSH_OUT_OF_RANGE, "ctc_loss: blank %lld is no class; classes are 0 to %lld", (long long)p->blank, (long long)(p->c - 1));
    if (target->ndim < 1 || target->ndim > 2 || (target->ndim == 2 && target->sizes[0] != p->n) || torsh_dtype_is_floating_point(target->dtype) || torsh_dtype_is_complex(target->dtype))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "ctc_loss: 'targets' must be integers (N, S), or those of all samples in a row");
    torsh_status status = check_lengths("input_lengths", steps, step_count, p, p->t);
    if (status == TORSH_OK) status = check_lengths("target_lengths", labels, label_count, p, target->ndim == 2 ? target->sizes[1] : target->sizes[0]);
    if (status) return status;
    int64_t sum = 0;
    for (int64_t n = 0; n < p->n; n++) {
        sum += labels[n];
        if (labels[n] > p->longest) p->longest = labels[n];
    }
    p->steps = steps, p->labels = labels;
    if (target->ndim == 1 && sum != target->sizes[0])
        return torsh__fail(TORSH_INVALID_ARGUMENT, "ctc_loss: 'target_lengths' sum to %lld, but 'targets' has %lld elements", (long long)sum, (long long)target->sizes[0]);
    return TORSH_OK;
}

torsh_tensor torsh_ctc_loss(torsh_tensor log_probs, torsh_tensor targets, const int64_t *input_lengths, size_t input_lengths_count, const int64_t *target_lengths,
                            size_t target_lengths_count, int64_t blank, bool zero_infinity, const torsh_loss_options *options)
{
    static const char *const params[2] = {"log_probs", "targets"};
    const torsh_tensor tensors[2] = {log_probs, targets};
    bool tracked = false;
    torsh_loss_options o = torsh_loss_defaults();
    torsh_status status = torsh__take_options("ctc_loss", &o, sizeof o, sizeof o, options);
    if (status == TORSH_OK && ((int)o.reduction < TORSH_NONE || o.reduction > TORSH_SUM || o.weight.id))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "ctc_loss: options: the reduction must be TORSH_NONE, TORSH_MEAN or TORSH_SUM, and there is no weight");
    for (int i = 0; i < 2 && status == TORSH_OK; i++) {
        const torsh__tensor *t = torsh__tensor_look(tensors[i], "ctc_loss", params[i], &status);
        if (!t) break;
        tracked = tracked || (torsh__thread_get()->modes.grad && torsh__tracks(t)) || torsh__level_innermost();
        torsh__unpin(tensors[i].id);
    }
    if (status) return torsh__tensor_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh__shape x = torsh__shape_of(log_probs), target = torsh__shape_of(targets);
    ctc p = {.blank = blank};
    status = check_ctc(&p, &x, &target, input_lengths, input_lengths_count, target_lengths, target_lengths_count);
    if (status == TORSH_OK) status = make_paths(&p, targets, &target);
    if (status) return torsh__tensor_error(status);
    torsh_tensor wide = torsh__widened(x.ndim == 3 ? log_probs : torsh_unsqueeze(log_probs, 1));
    torsh_tensor loss = torsh__narrowed(losses(&p, wide, x.ndim == 3, zero_infinity, o.reduction, tracked), x.dtype);
    if (!TORSH_FAILED(loss)) torsh_keep(loss);
    return loss;
}

#include "define_rows.h"

#include "ctc.def"
