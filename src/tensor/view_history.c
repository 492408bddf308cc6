/* What in-place changes do to the history of views and of what they are views of.
 *
 * A view knows its base and the storage's version at which its grad_fn was made. A recorded change of a view gives the
 * base a new history, a node "copy_slices" that runs the change's gradient on the part of the base's gradient that the
 * view covers. Every view of that storage is stale then, by its version, and gets a grad_fn "as_strided" of the base when
 * it is next used (PyTorch: torch/csrc/autograd/functions/tensor.cpp, variable.cpp). */
#include "tape.h"
#include "alloc.h"
#include "batched.h"
#include "dual.h"
#include "fork.h"

#include <pthread.h>
#include <string.h>

/* ---- small calls ---------------------------------------------------------------------------------------------- */

static torsh_tensor call(const char *name, torsh_value *values)
{
    torsh_tensor result;
    const torsh__op *op = torsh__op_find(name);
    enum torsh__variant variant = op->variants & TORSH__ONLY_IN_PLACE ? TORSH__INPLACE_CALL : TORSH__FUNCTIONAL;
    torsh__door(op, values, variant, NULL, &result);
    return result;
}

static torsh_tensor as_strided(torsh_tensor t, int ndim, const int64_t *sizes, const int64_t *strides, int64_t offset)
{
    size_t count = (size_t)ndim;
    torsh_value values[] = {{.handle = t.id}, {.list = {sizes, count}}, {.list = {strides, count}}, {.i = offset}};
    return call("as_strided", values);
}

static torsh_tensor copy_into(torsh_tensor to, torsh_tensor from)
{
    torsh_value values[] = {{.handle = to.id}, {.handle = from.id}};
    return call("copy_", values);
}

/* ---- a view's grad_fn ------------------------------------------------------------------------------------------ */

void torsh__view_made(torsh__tensor *out, torsh__tensor *of)
{
    torsh__tensor *base = of->base ? of->base : of;
    torsh__tensor_retain(base);
    out->base = base;
    atomic_store_explicit(&out->view_stamp, torsh__version(out), memory_order_relaxed);
    out->tangents_apart = of->tangents_apart || torsh__thread_get()->modes.hidden;
    out->no_grad_view = of->no_grad_view || !torsh__thread_get()->modes.grad || out->view.dtype != base->view.dtype;
}

/* The node of torsh_as_strided(base, t's geometry), as if it had been called; its edge is the caller's to fill. */
static torsh__node *strided_node(const torsh__tensor *t, int64_t offset, const torsh_operand *base)
{
    int ndim = t->view.ndim;
    torsh__tensor as_if = {.view = *base}, *input = &as_if;
    const torsh__op *op = torsh__op_find("as_strided");
    torsh__call call_of_it = {.op = op, .inputs = 1, .input = &input};
    int notes = op->impl->notes(&call_of_it, NULL);
    torsh__node *node = torsh__node_make(1, 1, 0, 4, ((size_t)notes + 3 * (size_t)ndim) * sizeof(int64_t));
    if (!node) return NULL;
    node->op = op;
    node->compute = torsh__dtype_of(t);
    node->notes = (int64_t *)(void *)((char *)node + node->block) - notes - 3 * ndim;
    op->impl->notes(&call_of_it, node->notes);
    int64_t *sizes = node->notes + notes, *strides = sizes + ndim;
    for (int d = 0; d < ndim; d++) {
        sizes[d] = t->view.sizes[d];
        strides[d] = t->view.strides[d];
    }
    node->values[1].list.data = sizes;
    node->values[2].list.data = strides;
    node->values[1].list.count = node->values[2].list.count = (size_t)ndim;
    node->values[3].i = offset;
    torsh__node_describe(node, 0, t, strides + ndim);
    return node;
}

static pthread_mutex_t refreshing = PTHREAD_MUTEX_INITIALIZER;
TORSH__HELD_ACROSS_FORK(views, &refreshing, 1, VIEWS)

static torsh_status refresh(torsh__tensor *t, uint32_t version)
{
    const torsh__tensor *base = t->base;
    if (!t->grad_fn && !base->grad_fn && !base->requires_grad) return TORSH_OK;
    if (t->no_grad_view)
        return torsh__fail(TORSH_AUTOGRAD_ERROR,
                           "a view that was made without grad mode can't be used with it after its base or another view of it was changed in "
                           "place: make the view and the change both inside torsh_no_grad, or both outside");
    torsh__node *node = strided_node(t, t->view.offset, &base->view);
    if (!node) return TORSH_OUT_OF_MEMORY;
    torsh__node_connect(node, 0, t->base);
    torsh__node_attach(node, 0, t);
    torsh__drop(&node->object);
    atomic_store_explicit(&t->view_stamp, version, memory_order_release);
    return TORSH_OK;
}

torsh_status torsh__view_refresh(torsh__tensor *t)
{
    if (!t->base) return TORSH_OK;
    uint32_t version = torsh__version(t);
    if (atomic_load_explicit(&t->view_stamp, memory_order_acquire) == version) return TORSH_OK;
    torsh_status status = TORSH_OK;
    torsh__ends_hold();
    pthread_mutex_lock(&refreshing); /* two threads may use one stale view */
    if (atomic_load_explicit(&t->view_stamp, memory_order_relaxed) != version) status = refresh(t, version);
    pthread_mutex_unlock(&refreshing);
    torsh__ends_let();
    return status;
}

/* ---- in-place changes ------------------------------------------------------------------------------------------ */

torsh_status torsh__view_check_in_place(const torsh__tensor *t, const char *op)
{
    if (!t->base) return TORSH_OK;
    if (t->no_grad_view)
        return torsh__fail(TORSH_AUTOGRAD_ERROR,
                           "%s (in place): a view that was made without grad mode (or is of another dtype) can't be changed in place with it: make the view and the "
                           "change both inside torsh_no_grad, or both outside",
                           op);
    if (t->base->requires_grad && !t->base->grad_fn)
        return torsh__fail(TORSH_AUTOGRAD_ERROR,
                           "%s (in place): a view of a leaf tensor that requires a gradient can't be changed in place; do it inside torsh_no_grad", op);
    return TORSH_OK;
}

/* The tensor itself becomes what the op sees of it, history included; other views of its memory stay as they are. */
torsh_status torsh__view_in_place(const torsh__op *op, const torsh_value *values)
{
    torsh_status status = TORSH_OK;
    torsh_tensor made;
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return torsh_id_status(scope.id);
    torsh__tensor *t = torsh__tensor_hold_any((torsh_tensor){values[0].handle}, op->function, op->info.params[0].name, &status);
    if (!t) return status;
    bool batched = torsh__is_batched(t);
    bool record = torsh__thread_get()->modes.grad && torsh__tracks(t) && !batched;
    if (record) status = torsh__view_check_in_place(t, op->info.name);
    if (status == TORSH_OK && record && t->requires_grad && !t->grad_fn)
        status = torsh__fail(TORSH_AUTOGRAD_ERROR, "%s (in place): a leaf tensor that requires a gradient can't be changed in place; do it inside torsh_no_grad", op->info.name);
    if (status == TORSH_OK) {
        op->invoke(values, &made);
        torsh__tensor *view = torsh__tensor_hold_any(made, op->function, "result", &status);
        if (view && batched) { /* it stands for the same samples seen otherwise: no more has changed */
            torsh__tensor *before = t->base;
            status = torsh__tensor_restride(t, &view->view);
            if (status == TORSH_OK) torsh__tensor_retain(t->base = view->base);
            if (status == TORSH_OK) torsh__tensor_drop(before);
            torsh__tensor_drop(view);
        } else if (view) {
            status = torsh__tensor_restride(t, &view->view);
            uint32_t version = atomic_fetch_add_explicit(&t->storage->version, 1, memory_order_relaxed) + 1;
            if (status == TORSH_OK && view->grad_fn) torsh__node_attach(view->grad_fn, (int)view->out_index, t);
            if (status == TORSH_OK && view->tangents) status = torsh__tangents_share(t, view);
            if (t->base) atomic_store_explicit(&t->view_stamp, version, memory_order_release);
            torsh__tensor_drop(view);
        }
    }
    torsh__tensor_drop(t);
    return status;
}

/* Numbers of a copy_slices node: the base's and the view's geometry, relative to the base's first element. */
typedef struct slices {
    torsh__node *inner; /* retained: the change */
    size_t bytes;
    int base_ndim, view_ndim;
    int64_t extent;  /* elements from the base's first to its last */
    int64_t offset;  /* of the view */
    int64_t dims[];  /* base sizes, base strides, view sizes, view strides */
} slices;

/* The whole gradient with the view's part replaced by what the change's gradient makes of it; the change's other inputs
 * get theirs from there too. */
static torsh_status slices_backward(void *context, const torsh__backward *b)
{
    const slices *s = context;
    const int64_t *base_sizes = s->dims, *base_strides = base_sizes + s->base_ndim;
    const int64_t *view_sizes = base_strides + s->base_ndim, *view_strides = view_sizes + s->view_ndim;
    const torsh__meta *meta = &b->node->outputs_meta[0];
    torsh_value zeros[] = {{.list = {&s->extent, 1}}, {.i = meta->dtype}, {.i = meta->device}};
    torsh_tensor flat = call("zeros", zeros);
    torsh_tensor whole = as_strided(flat, s->base_ndim, base_sizes, base_strides, 0);
    whole = copy_into(whole, b->g[0]);
    torsh_tensor part = as_strided(whole, s->view_ndim, view_sizes, view_strides, s->offset);
    torsh_value clone[] = {{.handle = part.id}};
    torsh_tensor g = call("clone", clone);
    if (torsh_id_status(g.id)) return torsh_id_status(g.id);

    torsh__backward inner = {.node = s->inner, .g = &g, .result = b->result, .skip = b->skip};
    torsh_status status = torsh__node_backward(&inner);
    torsh_tensor first = b->result[0];
    if (status || !torsh__needs(b, 0)) return status;
    if (torsh__is_error(first.id)) return torsh__error_status(first.id);
    if (first.id) {
        part = copy_into(part, first);
    } else {
        torsh_value zero[] = {{.handle = part.id}};
        part = call("zero_", zero);
    }
    b->result[0] = whole;
    return torsh_id_status(part.id);
}

static void slices_destroy(void *context)
{
    slices *s = context;
    torsh__drop(&s->inner->object);
    torsh__free(s, s->bytes);
}

static void slices_release(void *context)
{
    torsh__node_release(((slices *)context)->inner);
}

static const torsh__custom copy_slices = {"copy_slices", slices_backward, slices_destroy, slices_release};

static slices *slices_make(const torsh__tensor *base, const torsh__tensor *view, torsh__node *inner)
{
    size_t bytes = sizeof(slices) + 2 * (size_t)(base->view.ndim + view->view.ndim) * sizeof(int64_t);
    slices *s = torsh__alloc(bytes);
    if (!s) return NULL;
    s->inner = inner;
    torsh__retain(&inner->object);
    s->bytes = bytes;
    s->base_ndim = base->view.ndim;
    s->view_ndim = view->view.ndim;
    s->extent = base->view.numel > 0;
    s->offset = view->view.offset - base->view.offset;
    int64_t *room = s->dims;
    const torsh_operand *const geometry[] = {&base->view, &view->view};
    for (int i = 0; i < 2; i++) {
        for (int d = 0; d < geometry[i]->ndim; d++) *room++ = geometry[i]->sizes[d];
        for (int d = 0; d < geometry[i]->ndim; d++) *room++ = geometry[i]->strides[d];
    }
    for (int d = 0; d < s->base_ndim && s->extent; d++) s->extent += (base->view.sizes[d] - 1) * base->view.strides[d];
    return s;
}

torsh_status torsh__view_rebase(torsh__tensor *t, torsh__node *node)
{
    torsh__tensor *base = t->base;
    if (!base) {
        torsh__node_attach(node, 0, t);
        return TORSH_OK;
    }
    torsh__node *outer = torsh__node_make(node->inputs, 1, 0, 0, (size_t)base->view.ndim * sizeof(int64_t));
    slices *s = outer ? slices_make(base, t, node) : NULL;
    if (!s) {
        if (outer) torsh__drop(&outer->object);
        return TORSH_OUT_OF_MEMORY;
    }
    node->outer = outer;
    outer->custom = &copy_slices;
    outer->context = s;
    torsh__node_describe(outer, 0, base, (int64_t *)(void *)((char *)outer + outer->block) - base->view.ndim);
    torsh__node_connect(outer, 0, base);
    for (int i = 1; i < node->inputs; i++) torsh__edge_copy(&outer->edges[i], &node->edges[i]);
    torsh__node_attach(outer, 0, base);
    torsh__drop(&outer->object);
    return torsh__view_refresh(t);
}

torsh_status torsh__view_attach_changed(torsh__tensor *out, const torsh__node *change)
{
    const slices *s = change->outer->context;
    torsh_operand base = {.ndim = (int16_t)s->base_ndim, .sizes = s->dims, .strides = s->dims + s->base_ndim};
    torsh__node *node = strided_node(out, s->offset, &base);
    if (!node) return TORSH_OUT_OF_MEMORY;
    torsh__edge from = {.node = change->outer};
    torsh__edge_copy(&node->edges[0], &from);
    torsh__node_attach(node, 0, out);
    torsh__drop(&node->object);
    return TORSH_OK;
}
