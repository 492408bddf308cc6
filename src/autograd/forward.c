/* Forward mode: calls with dual tensors (tensor/dual.h); make_dual.c makes such tensors and takes them apart. A call with a dual input runs with the innermost level hidden, and then, still so, the rule that its impl or its kind names computes the outputs' tangents. A
 * rule knows no row. Nothing is kept: a tangent is made of the call's tensors as it runs. What is recorded while a rule works is the
 * tangents' own history, so they can be differentiated. (PyTorch: torch/csrc/autograd/forward_grad.h, VariableTypeManual.cpp) */
#include "alloc.h"
#include "forward.h"
#include "gradient.h"

#include <torsh/autograd.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/rearrange.h>
#include <torsh/ops/view.h>

#include <string.h>

/* One call. Arrays are by input. */
typedef struct dual {
    torsh__call *call;
    torsh__dual_level *level;
    bool recorded;         /* the tangents get a history */
    torsh_tensor *of;      /* what the call has */
    torsh_tensor *tangent; /* null where there is none */
    torsh_tensor *in;      /* room */
    torsh__tensor **held;  /* the tangents, retained */
    torsh_tensor made[TORSH__MAX_OUTPUTS];
    torsh__tensor *aliases[TORSH__MAX_OUTPUTS];
} dual;

static bool is_differentiable(const torsh__tensor *t)
{
    return torsh__dtypes[t->view.dtype].category >= TORSH__FLOATING;
}

static bool is_complex(const torsh__tensor *t)
{
    return torsh__dtypes[t->view.dtype].category == TORSH__COMPLEX;
}

bool torsh__same_strides(const torsh_operand *a, const torsh_operand *b)
{
    for (int d = 0; d < a->ndim; d++)
        if (a->sizes[d] > 1 && a->strides[d] != b->strides[d]) return false;
    return true;
}

/* t in the shape and dtype of what it is a tangent of. */
static torsh_tensor matched(torsh_tensor t, const torsh_operand *to)
{
    const int64_t *sizes = torsh_sizes(t);
    int ndim = torsh_ndim(t);
    if (ndim < 0) return t;
    if (!torsh__same_sizes(ndim, sizes, to->ndim, to->sizes)) t = torsh_expand(t, to->sizes, (size_t)to->ndim);
    return torsh_dtype_of(t) == (torsh_dtype)to->dtype ? t : torsh_to_dtype(t, (torsh_dtype)to->dtype);
}

torsh_tensor torsh__laid_out(const torsh_operand *like)
{
    size_t ndim = (size_t)like->ndim;
    return torsh_empty_strided(like->sizes, ndim, like->strides, ndim, (torsh_dtype)like->dtype, like->device);
}

static torsh__tensor *hold(torsh_tensor t, torsh_status *status)
{
    return torsh__tensor_hold(t, "forward mode", "tangent", status);
}

/* The part of base's tangent that its view t shows. */
static torsh_tensor part_of(torsh__tensor *tangent, const torsh__tensor *t)
{
    const torsh_operand *v = &t->view;
    int64_t offset = tangent->view.offset + v->offset - t->base->view.offset;
    if (v->dtype != t->base->view.dtype)
        return torsh__tensor_error(torsh__fail(TORSH_UNSUPPORTED, "forward mode: a view of another dtype than its base, which was changed in place meanwhile"));
    return torsh_as_strided(torsh__tensor_share(tangent), v->sizes, (size_t)v->ndim, v->strides, (size_t)v->ndim, offset);
}

torsh__tensor *torsh__tangent_at(torsh__tensor *t, torsh__dual_level *level, torsh_status *status)
{
    torsh__tensor *own = torsh__tangent_of(t, level);
    if (own || !t->base || t->tangents_apart) return own;
    torsh__tensor *whole = torsh__tangent_of(t->base, level);
    if (!whole) return NULL;
    own = hold(part_of(whole, t), status);
    torsh__tensor_drop(whole);
    if (!own) return NULL;
    torsh__tensor_retain(own);
    *status = torsh__tangent_set(t, level, own);
    return own;
}

/* ---- rules ------------------------------------------------------------------------------------------------------------------------ */

static bool is_tensor(torsh_param_kind kind)
{
    return kind == TORSH_PARAM_TENSOR || kind == TORSH_PARAM_OPTIONAL_TENSOR;
}

/* The call's arguments with d->in for its tensors. */
static void pack(const dual *d, torsh_value *values)
{
    const torsh_op_info *info = &d->call->op->info;
    memcpy(values, d->call->values, (size_t)info->param_count * sizeof *values);
    for (int i = 0, at = 0; i < info->param_count; i++) {
        if (is_tensor(info->params[i].kind)) values[i].handle = d->in[at++].id;
        if (info->params[i].kind != TORSH_PARAM_TENSORS) continue;
        values[i].list.data = d->in + at;
        at += (int)values[i].list.count;
    }
}

static void call_row(const dual *d, enum torsh__variant variant, torsh_tensor *results)
{
    torsh_value values[TORSH__MAX_PARAMS];
    int offset = d->call->op->info.kind == TORSH_OP_VIEW ? torsh__param_index(d->call->op, "storage_offset") : -1;
    pack(d, values);
    if (offset >= 0 && d->held[0]) values[offset].i += d->held[0]->view.offset - d->call->input[0]->view.offset; /* the tangent's storage is another */
    torsh__door(d->call->op, values, variant, NULL, results);
}

static uint32_t linear_in(const torsh__impl *impl)
{
    return impl->linear ? impl->linear : 1;
}

/* Calls visit for each input: which tensor parameter it came by. */
static bool each_input(const dual *d, bool (*visit)(const dual *d, int input, bool linear))
{
    const torsh__call *c = d->call;
    for (int p = 0, i = 0, parameter = 0; p < c->op->info.param_count; p++) {
        torsh_param_kind kind = c->op->info.params[p].kind;
        if (!is_tensor(kind) && kind != TORSH_PARAM_TENSORS) continue;
        bool linear = linear_in(c->op->impl) >> parameter++ & 1;
        for (int left = is_tensor(kind) ? 1 : (int)c->values[p].list.count; left > 0; left--, i++)
            if (!visit(d, i, linear)) return false;
    }
    return true;
}

static bool is_covered(const dual *d, int i, bool linear)
{
    return linear || !d->held[i];
}

static bool put_tangent(const dual *d, int i, bool linear)
{
    d->in[i] = d->of[i];
    if (linear && d->of[i].id && !(i == 0 && d->call->in_place && !d->held[0])) d->in[i] = d->tangent[i].id ? d->tangent[i] : d->call->input[i]->weak ? torsh_number(0) : torsh_zeros_like(d->of[i]);
    return true;
}

static void linear(dual *d)
{
    each_input(d, put_tangent);
    if (d->call->in_place && !d->held[0]) d->in[0] = torsh_zero_(torsh__laid_out(&d->call->input[0]->view));
    call_row(d, d->call->in_place ? TORSH__INPLACE_CALL : TORSH__FUNCTIONAL, d->made);
}

static torsh_tensor sum_of(torsh_tensor sum, torsh_tensor term)
{
    return sum.id ? torsh_add(sum, term) : term;
}

static torsh_status product(dual *d)
{
    bool biased = d->call->inputs > 2;
    torsh_tensor bias = biased ? d->tangent[2] : (torsh_tensor){0};
    for (int i = 0; i < 2; i++) {
        if (!d->held[i]) continue;
        torsh_tensor term;
        d->in[i] = d->tangent[i];
        d->in[1 - i] = d->of[1 - i];
        if (biased) d->in[2] = bias;
        bias.id = 0;
        call_row(d, TORSH__FUNCTIONAL, &term);
        d->made[0] = sum_of(d->made[0], term);
    }
    return TORSH_OK;
}

/* A node of the call that has just run, from which its gradient can be had. */
static torsh__node *node_of(const dual *d, torsh_status *status)
{
    const torsh__call *c = d->call;
    torsh__node *node = c->op->impl->gradient ? torsh__record_apart(c, d->held) : NULL;
    if (node) return node;
    *status = c->op->impl->gradient ? TORSH_OUT_OF_MEMORY : torsh__fail(TORSH_UNSUPPORTED, "%s has no gradient, and so no tangent in forward mode", torsh__call_name(c));
    return NULL;
}

/* PyTorch's gradient of a complex number is the conjugate of the derivative by it; of a real number by a complex one the change is
 * Re(conj(gradient) t). */
static torsh_status self(dual *d)
{
    torsh_status status = TORSH_OK;
    torsh__call *c = d->call;
    torsh__node *node = node_of(d, &status);
    torsh_tensor y = torsh__tensor_share(c->output[0]);
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        if (!d->held[i]) continue;
        bool real = is_complex(d->held[i]) && !is_complex(c->output[0]);
        torsh_tensor t = real ? d->tangent[i] : matched(d->tangent[i], &c->output[0]->view), g = real ? torsh_ones_like(y) : torsh__conjugate(t);
        torsh__backward b = {.node = node, .g = &g, .result = d->in, .skip = ~((uint64_t)1 << i)};
        d->in[i].id = 0;
        status = torsh__node_backward(&b);
        if (status || !d->in[i].id) continue;
        torsh_tensor part = torsh__conjugate(d->in[i]);
        d->made[0] = sum_of(d->made[0], real ? torsh_real(torsh_mul(part, t)) : part);
    }
    if (node) torsh__drop(&node->object);
    return status;
}

/* The outputs' gradients v, and what the call's gradient function makes of them: J'v for each input, in d->in. It doesn't matter what v is,
 * but some gradient functions, though linear, know no derivative at 0. */
static torsh_status pull(dual *d, torsh__node *node, torsh_tensor *v)
{
    const torsh__call *c = d->call;
    torsh_status status = TORSH_OK;
    for (int k = 0; k < c->outputs && status == TORSH_OK; k++) {
        if (!is_differentiable(c->output[k])) continue;
        v[k] = torsh_ones_like(torsh__tensor_share(c->output[k]));
        status = torsh_id_status(v[k].id);
        if (status == TORSH_OK) status = torsh_set_requires_grad(v[k], true);
    }
    memset(d->in, 0, (size_t)c->inputs * sizeof *d->in);
    torsh__backward b = {.node = node, .g = v, .result = d->in};
    torsh__modes *modes = &torsh__thread_get()->modes;
    modes->grad = true;
    if (status == TORSH_OK) status = torsh__node_backward(&b);
    modes->grad = d->recorded;
    return status;
}

/* J'v is linear in v, so its gradient by v, for J'v's gradients t, is J t. */
static torsh_status transposed(dual *d)
{
    const torsh__call *c = d->call;
    torsh_status status = TORSH_OK;
    torsh_tensor v[TORSH__MAX_OUTPUTS] = {{0}}, by[TORSH__MAX_OUTPUTS];
    torsh__node *node = node_of(d, &status);
    if (!node) return status;
    status = pull(d, node, v);
    size_t outputs = 0, inputs = 0;
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) { /* in place: what has been passed is free */
        torsh_tensor product = d->in[i];
        if (!d->held[i] || !product.id) continue;
        torsh__tensor *t = hold(product, &status);
        if (!t) break;
        if (torsh__tracks(t)) {
            d->of[outputs] = product;
            d->tangent[outputs++] = matched(d->tangent[i], &t->view);
        }
        torsh__tensor_drop(t);
    }
    for (int k = 0; k < c->outputs; k++)
        if (v[k].id) by[inputs++] = v[k];
    if (status == TORSH_OK && outputs && inputs) {
        torsh_grad_options options = torsh_grad_defaults();
        options.create_graph = d->recorded;
        options.allow_unused = true;
        torsh_tensors list = torsh_autograd_grad(d->of, outputs, by, inputs, d->tangent, &options);
        status = torsh_id_status(list.id);
        for (int k = 0, at = 0; k < c->outputs && status == TORSH_OK; k++)
            if (v[k].id) d->made[k] = torsh_tensors_get(list, at++);
    }
    torsh__drop(&node->object);
    return status;
}

static torsh_status by_rule(dual *d)
{
    const torsh__call *c = d->call;
    enum torsh__forward rule = (enum torsh__forward)c->op->impl->forward;
    if (rule == TORSH__FORWARD_KIND && c->op->info.kind == TORSH_OP_POINTWISE) rule = TORSH__FORWARD_SELF;
    if (rule == TORSH__FORWARD_KIND && c->op->info.kind == TORSH_OP_VIEW) rule = TORSH__FORWARD_LINEAR;
    switch (rule) {
    case TORSH__FORWARD_SELF: return self(d);
    case TORSH__FORWARD_LINEAR:
        if (!each_input(d, is_covered)) return transposed(d);
        linear(d);
        /* as_strided may show more of the input's storage than the input, and more than the tangent's has */
        return !c->in_place && torsh_id_status(d->made[0].id) == TORSH_OUT_OF_RANGE ? transposed(d) : TORSH_OK;
    case TORSH__FORWARD_PRODUCT: return !c->in_place && (d->held[0] || d->held[1]) ? product(d) : transposed(d);
    default: return transposed(d);
    }
}

/* ---- results ------------------------------------------------------------------------------------------------------------------------ */

/* Gives output i that tangent, and what the tape saved of it. */
static torsh_status give(const dual *d, int i, torsh_tensor tangent)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = hold(tangent, &status), *alias = d->call->aliases[i];
    if (!t) return status;
    if (alias) {
        torsh__tensor_retain(t);
        status = torsh__tangent_set(alias, d->level, t);
    }
    if (status == TORSH_OK) return torsh__tangent_set(d->call->output[i], d->level, t);
    torsh__tensor_drop(t);
    return status;
}

/* made in the output's layout, in memory that is not that of an input's tangent: either may be changed in place. */
static torsh_tensor fitted(const dual *d, const torsh__tensor *out, torsh_tensor made)
{
    torsh_status status = TORSH_OK;
    made = matched(made, &out->view);
    const torsh__tensor *t = torsh__tensor_pin(made, "forward mode", "tangent", &status);
    if (!t) return torsh__tensor_error(status);
    bool fits = t->view.numel == 0 || torsh__same_strides(&t->view, &out->view);
    for (int i = 0; i < d->call->inputs && d->call->op->info.kind != TORSH_OP_VIEW; i++) fits &= !d->held[i] || d->held[i]->storage != t->storage;
    torsh__unpin(made.id);
    return fits ? made : torsh_copy_(torsh__laid_out(&out->view), made);
}

/* What was changed in place has a tangent already, which changes in place; or gets one; or it is a view, whose base gets one. */
static torsh_status change(dual *d, torsh_tensor made)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *x = d->call->output[0];
    if (d->held[0]) {
        if (!made.id) made = torsh_zero_(torsh__tensor_share(d->held[0]));
        else if (made.id != d->in[0].id || d->call->op->impl->forward != TORSH__FORWARD_LINEAR) made = torsh_copy_(torsh__tensor_share(d->held[0]), made);
        return TORSH_FAILED(made) ? torsh_id_status(made.id) : give(d, 0, torsh__tensor_share(d->held[0]));
    }
    if (!made.id) return TORSH_OK;
    if (!x->base || x->tangents_apart) return give(d, 0, fitted(d, x, made));
    torsh__tensor *whole = hold(torsh_zero_(torsh__laid_out(&x->base->view)), &status);
    if (!whole) return status;
    torsh_tensor part = torsh_copy_(part_of(whole, x), made);
    status = torsh__tangent_set(x->base, d->level, whole);
    return status ? status : give(d, 0, part);
}

static torsh_status tangents(dual *d)
{
    const torsh__call *c = d->call;
    bool constant = c->op->impl->flags & TORSH__CONSTANT, any = false;
    for (int i = 0; i < c->outputs; i++) any |= is_differentiable(c->output[i]);
    torsh_status status = constant || !any ? TORSH_OK : by_rule(d);
    for (int i = 0; i < c->outputs && status == TORSH_OK; i++) {
        if (!is_differentiable(c->output[i])) continue;
        if (c->in_place && i == 0) status = change(d, d->made[0]);
        else if (d->made[i].id) status = give(d, i, fitted(d, c->output[i], d->made[i]));
    }
    return status;
}

/* ---- the call ----------------------------------------------------------------------------------------------------------------------- */

/* The inputs' tangents. */
static torsh_status look_up(dual *d)
{
    const torsh__call *c = d->call;
    torsh_status status = TORSH_OK;
    bool grad = torsh__thread_get()->modes.grad;
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        torsh__tensor *t = c->input[i];
        if (!t) continue;
        d->of[i] = torsh__tensor_share(t);
        d->held[i] = is_differentiable(t) ? torsh__tangent_at(t, d->level, &status) : NULL;
        if (d->held[i]) d->tangent[i] = torsh__tensor_share(d->held[i]);
        d->recorded |= grad && (torsh__tracks(t) || (d->held[i] && torsh__tracks(d->held[i])));
    }
    return status;
}

/* NOLINTNEXTLINE(misc-no-recursion): once for each level that is open */
static torsh_status run(dual *d)
{
    torsh__call *c = d->call;
    torsh__modes *modes = &torsh__thread_get()->modes;
    d->level = torsh__dual_at(c->input, c->inputs);
    if (c->given_out && !(c->op->impl->flags & TORSH__CONSTANT))
        return torsh__fail(TORSH_AUTOGRAD_ERROR, "%s (out=): out= has no tangent; in forward mode call it without out=", torsh__call_name(c));
    torsh_status status = c->in_place ? torsh__keep_before(c, false) : TORSH_OK;
    bool outermost = !c->aliases;
    if (outermost) c->aliases = d->aliases;
    modes->hidden |= 1u << d->level->depth;
    if (status == TORSH_OK) status = look_up(d);
    if (status == TORSH_OK) status = torsh__dual_at(c->input, c->inputs) ? torsh__dual_run(c) : torsh__run(c);
    modes->saver = NULL; /* a checkpoint's are those of the call itself, which it makes again */
    if (status == TORSH_OK) status = tangents(d);
    if (outermost) c->aliases = NULL;
    return status;
}

/* NOLINTNEXTLINE(misc-no-recursion): as run */
torsh_status torsh__dual_run(torsh__call *c)
{
    size_t inputs = (size_t)c->inputs, bytes = sizeof(dual) + inputs * (3 * sizeof(torsh_tensor) + sizeof(torsh__tensor *));
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    dual *d = torsh__is_error(scope.id) ? NULL : torsh__alloc_zero(bytes);
    if (!d) return TORSH_OUT_OF_MEMORY;
    d->call = c;
    d->of = (torsh_tensor *)(d + 1);
    d->tangent = d->of + inputs;
    d->in = d->tangent + inputs;
    d->held = (torsh__tensor **)(void *)(d->in + inputs);
    torsh_status status = run(d);
    for (size_t i = 0; i < inputs; i++)
        if (d->held[i]) torsh__tensor_drop(d->held[i]);
    for (int i = 0; i < TORSH__MAX_OUTPUTS; i++)
        if (d->aliases[i]) torsh__tensor_drop(d->aliases[i]);
    torsh__free(d, bytes);
    return status;
}
