/* Connectionist temporal classification (Graves et al. 2006): the probability of all alignments of a target with a sequence, summed by
 * the forward recursion over the target with blanks in between. One step is a handful of ops on (N, 2 S + 1), so gradients of any order
 * come from them. "Impossible" is a very low finite logarithm, as infinities would make the gradient NaN. */
#include "dual.h"
#include "alloc.h"
#include "loss.h"
#include "options.h"

#include <math.h>

#define IMPOSSIBLE (-1e30)

typedef struct ctc {
    int64_t t, n, c, longest;      /* steps, samples, classes, longest target */
    const int64_t *steps, *labels; /* per sample */
    int64_t blank;
    torsh_tensor path, skips, first; /* (N, 2 S + 1): labels with blanks; bool: may come from two before; bool: may begin */
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
    size_t bytes = (size_t)(shape->numel + places) * sizeof(int64_t) + 2 * (size_t)places;
    int64_t *room = torsh__alloc_zero(bytes);
    if (!room) return TORSH_OUT_OF_MEMORY;
    int64_t *path = room + shape->numel;
    bool *skips = (bool *)(path + places), *first = skips + places;
    torsh_status status = torsh_to_host(torsh_to_dtype(targets, TORSH_I64), room, (size_t)shape->numel * sizeof(int64_t));
    for (int64_t n = 0; n < p->n && status == TORSH_OK; n++) {
        const int64_t *own = room + (shape->ndim == 2 ? n * shape->sizes[1] : at);
        for (int64_t s = 0; s < width; s++) {
            bool label = s % 2 && s / 2 < p->labels[n];
            path[n * width + s] = label ? own[s / 2] : p->blank;
            skips[n * width + s] = label && s >= 3 && own[s / 2] != own[s / 2 - 1];
            first[n * width + s] = s < 2 && (s == 0 || label);
            if (label && (own[s / 2] < 0 || own[s / 2] >= p->c)) status = torsh__fail(TORSH_OUT_OF_RANGE, "ctc_loss: 'targets' holds %lld; classes are 0 to %lld", (long long)own[s / 2], (long long)(p->c - 1));
        }
        at += p->labels[n];
    }
    if (status == TORSH_OK) {
        torsh_device device = shape->device;
        p->path = torsh_from_data(path, TORSH_DIMS(p->n, width), TORSH_I64, device);
        p->skips = torsh_from_data(skips, TORSH_DIMS(p->n, width), TORSH_BOOL, device);
        p->first = torsh_from_data(first, TORSH_DIMS(p->n, width), TORSH_BOOL, device);
    }
    torsh__free(room, bytes);
    return status;
}

/* a moved right by `by` places, what comes in impossible. */
static torsh_tensor shifted(torsh_tensor a, int64_t by, torsh_tensor low)
{
    torsh_tensor parts[2] = {torsh_slice(low, 1, 0, by, 1), torsh_slice(a, 1, 0, -by, 1)};
    return torsh_cat(parts, 2, 1);
}

static torsh_tensor column(const ctc *p, const int64_t *values, torsh_dtype dtype, torsh_device device)
{
    return torsh_to_dtype(torsh_from_data(values, TORSH_DIMS(p->n, 1), TORSH_I64, device), dtype);
}

/* Logarithms of the probabilities of the targets, (N). */
static torsh_tensor likelihood(const ctc *p, torsh_tensor log_probs)
{
    int64_t width = 2 * p->longest + 1;
    torsh_device device = torsh_device_of(log_probs);
    torsh_tensor low = torsh_full(TORSH_DIMS(p->n, width), IMPOSSIBLE, torsh_dtype_of(log_probs), device), steps = column(p, p->steps, TORSH_I64, device);
    torsh_tensor all = torsh_gather(log_probs, 2, torsh_expand(torsh_unsqueeze(p->path, 0), TORSH_DIMS(p->t, -1, -1)));
    torsh_tensor start = torsh_number(0), a = torsh_where(p->first, start, low); /* before the first step */
    for (int64_t t = 0; t < p->t; t++) {
        torsh_tensor sum = a;
        if (t > 0) {
            torsh_tensor ways[3] = {a, shifted(a, 1, low), torsh_where(p->skips, width > 2 ? shifted(a, 2, low) : low, low)};
            if (width == 1) sum = a;
            else sum = torsh_logsumexp(torsh_stack(ways, 3, 0), TORSH_DIMS(0), false);
        }
        torsh_tensor next = torsh_clamp(torsh_add(sum, torsh_select(all, 0, t)), IMPOSSIBLE, INFINITY);
        a = torsh_where(torsh_gt(steps, torsh_integer(t)), next, a);
    }
    torsh_tensor labels = column(p, p->labels, TORSH_I64, device), last = torsh_mul(labels, torsh_integer(2));
    torsh_tensor blank = torsh_gather(a, 1, last), label = torsh_gather(a, 1, torsh_clamp(torsh_sub(last, torsh_integer(1)), 0, INFINITY));
    label = torsh_where(torsh_gt(labels, torsh_integer(0)), label, torsh_number(IMPOSSIBLE));
    torsh_tensor ends[2] = {blank, label};
    return torsh_squeeze(torsh_logsumexp(torsh_stack(ends, 2, 0), TORSH_DIMS(0), false), TORSH_DIMS(1));
}

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

static torsh_tensor losses(const ctc *p, torsh_tensor log_probs, bool batch, bool zero_infinity, torsh_reduction reduction)
{
    torsh_tensor likely = likelihood(p, log_probs);
    torsh_tensor loss = torsh_where(torsh_lt(likely, torsh_number(IMPOSSIBLE / 10)), torsh_number(zero_infinity ? 0 : INFINITY),
                                    torsh_sub(normaliser(p, log_probs), likely));
    if (reduction == TORSH_SUM) return torsh_sum(loss, TORSH_ALL_DIMS, false);
    if (reduction == TORSH_NONE) return batch ? loss : torsh_squeeze(loss, TORSH_DIMS(0));
    torsh_tensor lengths = torsh_squeeze(column(p, p->labels, torsh_dtype_of(loss), torsh_device_of(loss)), TORSH_DIMS(1));
    return torsh_mean(torsh_div(loss, torsh_clamp(lengths, 1, INFINITY)), TORSH_ALL_DIMS, false);
}

static torsh_status check_ctc(ctc *p, const torsh__shape *x, const torsh__shape *target, const int64_t *steps, size_t step_count, const int64_t *labels, size_t label_count)
{
    if ((x->ndim != 2 && x->ndim != 3) || !torsh_dtype_is_floating_point(x->dtype))
        return torsh__fail(TORSH_SHAPE_MISMATCH, "ctc_loss: 'log_probs' must be floating-point (T, N, C) or (T, C)");
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
    torsh_loss_options o = torsh_loss_defaults();
    torsh_status status = torsh__take_options("ctc_loss", &o, sizeof o, sizeof o, options);
    if (status == TORSH_OK && ((int)o.reduction < TORSH_NONE || o.reduction > TORSH_SUM || o.weight.id))
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "ctc_loss: options: the reduction must be TORSH_NONE, TORSH_MEAN or TORSH_SUM, and there is no weight");
    for (int i = 0; i < 2 && status == TORSH_OK; i++) {
        const torsh__tensor *t = torsh__tensor_look(tensors[i], "ctc_loss", params[i], &status);
        if (t) torsh__unpin(tensors[i].id);
    }
    if (status) return torsh__tensor_error(status);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh__shape x = torsh__shape_of(log_probs), target = torsh__shape_of(targets);
    ctc p = {.blank = blank};
    status = check_ctc(&p, &x, &target, input_lengths, input_lengths_count, target_lengths, target_lengths_count);
    if (status == TORSH_OK) status = make_paths(&p, targets, &target);
    if (status) return torsh__tensor_error(status);
    torsh_tensor wide = torsh__widened(x.ndim == 3 ? log_probs : torsh_unsqueeze(log_probs, 1));
    torsh_tensor loss = torsh__narrowed(losses(&p, wide, x.ndim == 3, zero_infinity, o.reduction), x.dtype);
    if (!TORSH_FAILED(loss)) torsh_keep(loss);
    return loss;
}
