/* The engine: walks the tape backward from outputs to leaves.
 *
 * A pass counts how many gradients each node will get, then runs nodes as theirs are complete, the one recorded last
 * first, so that the order of sums is that of PyTorch and the same in every run (torch/csrc/autograd/engine.cpp). It
 * uses no recursion, and gives up saved tensors and gradients as it goes. The calling thread does all the work. */
#include "engine.h"
#include "accumulate.h"
#include "alloc.h"
#include "gradient.h"
#include "hooks.h"
#include "pass.h"

#include <torsh/ops/comparison.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/reduce.h>

#include <string.h>

typedef struct engine {
    const torsh__request *request;
    torsh__pass pass;
    bool anomaly;
} engine;

/* ---- errors ------------------------------------------------------------------------------------------------------ */

/* Puts the name of the forward op in front of the error, and where it was called if that was noted. */
static torsh_status name_error(const torsh__node *node, torsh_status status)
{
    char text[TORSH__ERROR_TEXT_SIZE];
    const char *name = torsh__node_name(node), *last = torsh_last_error();
    static const char prefix[] = "backward of ";
    if (strncmp(last, prefix, sizeof prefix - 1) == 0 && !node->trace) return status;
    strncpy(text, last, sizeof text - 1);
    text[sizeof text - 1] = 0;
    return torsh__fail(status, "%s%s%s%s%s: %s", prefix, name, node->trace ? " (" : "", node->trace ? node->trace : "", node->trace ? ")" : "", text);
}

/* In anomaly mode: fails if a gradient has a NaN. */
static torsh_status check_nan(const torsh__node *node, int input, torsh__tensor *g)
{
    torsh_tensor count = torsh_sum(torsh_isnan(torsh__tensor_share(g)), TORSH_ALL_DIMS, false);
    int64_t found = 0;
    torsh_status status = torsh_item_i64(count, &found);
    if (status || !found) return status;
    torsh__shape_text text;
    const torsh__meta *meta = &node->outputs_meta[0];
    return torsh__fail(TORSH_AUTOGRAD_ERROR, "the gradient of its input %d has %lld NaN among %lld elements; the op's output is of shape %s, %s", input,
                       (long long)found, (long long)g->view.numel, torsh__shape_print(&text, meta->ndim, meta->sizes), torsh_dtype_name(meta->dtype));
}

/* ---- gradients on their way --------------------------------------------------------------------------------------- */

/* Gives *g the shape, dtype and device that its receiver has: sums over broadcast dims, converts, takes the real part. */
static torsh_status fit(const torsh__edge *edge, torsh__tensor **g)
{
    torsh__meta meta;
    const torsh_operand *view = &(*g)->view;
    if (!torsh__edge_meta(edge, &meta)) return TORSH_OK;
    bool same_shape = torsh__same_sizes(view->ndim, view->sizes, meta.ndim, meta.sizes);
    if (same_shape && view->dtype == meta.dtype && view->device == meta.device) return TORSH_OK;
    if (!same_shape) {
        int64_t sizes[TORSH__MAX_RANK];
        int ndim = meta.ndim;
        memcpy(sizes, meta.sizes, (size_t)ndim * sizeof *sizes);
        torsh__shape_text have, want;
        if (!torsh__broadcast(&ndim, sizes, view->ndim, view->sizes) || !torsh__same_sizes(ndim, sizes, view->ndim, view->sizes))
            return torsh__fail(TORSH_AUTOGRAD_ERROR, "a gradient of shape %s came for a tensor of shape %s",
                               torsh__shape_print(&have, view->ndim, view->sizes), torsh__shape_print(&want, meta.ndim, meta.sizes));
    }
    torsh_tensor t = torsh__tensor_share(*g);
    if (!same_shape) t = torsh__sum_to(t, meta.ndim, meta.sizes);
    if (view->dtype != meta.dtype) t = torsh_to_dtype(t, meta.dtype);
    if (view->device != meta.device) t = torsh_to_device(t, meta.device);
    torsh_status status = TORSH_OK;
    torsh__tensor *fitted = torsh__tensor_hold_any(t, "backward", "gradient", &status);
    if (!fitted) return status;
    torsh__tensor_drop(*g);
    *g = fitted;
    return TORSH_OK;
}

static torsh__tensor **sum_at(torsh__stop *stop, uint32_t output)
{
    const torsh__node *node = torsh__stop_node(stop);
    if (!node || node->outputs == 1) return &stop->sum.one;
    if (!stop->sum.many) stop->sum.many = torsh__alloc_zero(node->outputs * sizeof *stop->sum.many);
    return stop->sum.many ? &stop->sum.many[output] : NULL;
}

static torsh_status add_gradient(const engine *e, torsh__stop *stop, uint32_t output, torsh__tensor *g)
{
    torsh__tensor **sum = sum_at(stop, output);
    if (sum) return torsh__sum_into(sum, g, e->request->create_graph);
    torsh__tensor_drop(g);
    return TORSH_OUT_OF_MEMORY;
}

/* Hands a gradient to those who asked for that of this target's output. */
static void capture(const engine *e, const torsh__object *target, uint32_t output, torsh__tensor *g)
{
    const torsh__request *r = e->request;
    for (size_t i = 0; r->captured && i < r->inputs_count; i++) {
        torsh__tensor *input = r->inputs[i];
        const torsh__object *its = input->grad_fn ? &input->grad_fn->object : &input->object;
        if (its != target || (input->grad_fn && input->out_index != output) || !g) continue;
        torsh__tensor_retain(g);
        if (r->captured[i]) torsh__tensor_drop(r->captured[i]);
        r->captured[i] = g;
    }
}

/* A leaf has all of its gradient. */
static torsh_status finish_leaf(const engine *e, torsh__stop *stop)
{
    torsh__tensor *leaf = (torsh__tensor *)stop->target, *g = stop->sum.one;
    stop->sum.one = NULL;
    if (!g) return TORSH_OK;
    torsh_status status = TORSH_OK;
    bool hooked = leaf->hooks != NULL;
    if (hooked) {
        TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
        status = torsh__hooks_run(&leaf->hooks, 0, &g);
    }
    if (status || e->request->captured) {
        if (status == TORSH_OK) capture(e, stop->target, 0, g);
        torsh__tensor_drop(g);
        return status;
    }
    status = torsh__accumulate(leaf, g, e->request->create_graph);
    if (status || !hooked) return status;
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    return torsh__hooks_run_accumulated(leaf);
}

/* One gradient fewer to wait for. */
static torsh_status arrive(engine *e, torsh__stop *stop)
{
    if (--stop->waiting > 0) return TORSH_OK;
    return torsh__stop_node(stop) ? torsh__pass_push(&e->pass, stop) : finish_leaf(e, stop);
}

/* ---- one node ----------------------------------------------------------------------------------------------------- */

enum { INLINE_EDGES = 8 };

/* What passes through one node: gradients of its outputs, gradients of its inputs. */
typedef struct work {
    torsh__node *node;
    int inputs, outputs;
    torsh_tensor *in, *out;       /* handles: by output, by input */
    torsh__tensor **results;      /* references by input */
    uint64_t skip;
    torsh_tensor inline_in[INLINE_EDGES], inline_out[INLINE_EDGES];
    torsh__tensor *inline_results[INLINE_EDGES];
    void *block;
    size_t bytes;
} work;

static torsh_status work_init(work *w, torsh__node *node)
{
    w->node = node;
    w->inputs = node->inputs;
    w->outputs = node->outputs;
    w->in = w->inline_in;
    w->out = w->inline_out;
    w->results = w->inline_results;
    w->skip = 0;
    w->block = NULL;
    w->bytes = 0;
    if (w->inputs > INLINE_EDGES || w->outputs > INLINE_EDGES) {
        size_t inputs = (size_t)w->inputs, outputs = (size_t)w->outputs;
        w->bytes = inputs * (sizeof *w->results + sizeof *w->out) + outputs * sizeof *w->in;
        w->block = torsh__alloc(w->bytes);
        if (!w->block) return TORSH_OUT_OF_MEMORY;
        w->results = w->block;
        w->out = (torsh_tensor *)(void *)(w->results + inputs);
        w->in = w->out + inputs;
    }
    for (int i = 0; i < w->inputs; i++) {
        w->results[i] = NULL;
        w->out[i].id = 0;
    }
    return TORSH_OK;
}

/* Takes over the results of the gradient function, checked. */
static torsh_status collect(const engine *e, work *w)
{
    for (int i = 0; i < w->inputs; i++) {
        const torsh__edge *edge = &w->node->edges[i];
        if (!w->out[i].id || !torsh__edge_target(edge) || (i < 64 && w->skip >> i & 1)) continue;
        torsh_status status = TORSH_OK;
        w->results[i] = torsh__tensor_hold_any(w->out[i], torsh__node_name(w->node), "gradient", &status);
        if (status == TORSH_OK) status = fit(edge, &w->results[i]);
        if (status == TORSH_OK && e->anomaly) status = check_nan(w->node, i, w->results[i]);
        if (status) return status;
    }
    return TORSH_OK;
}

/* Hooks, captures and kept gradients of the node's outputs. */
static torsh_status visit_outputs(const engine *e, const torsh__stop *stop, torsh__node *node, torsh__tensor **sums)
{
    torsh_status status = TORSH_OK;
    for (int i = 0; i < node->outputs && status == TORSH_OK; i++) {
        if (!sums[i]) continue;
        if (node->hooks) status = torsh__hooks_run(&node->hooks, (uint32_t)i, &sums[i]);
        if (status == TORSH_OK && stop->wanted) capture(e, stop->target, (uint32_t)i, sums[i]);
    }
    return status;
}

/* Runs the gradient function inside a scope that takes all handles made in it. */
static torsh_status run_gradient(engine *e, work *w, torsh__stop *stop, torsh__tensor **sums)
{
    TORSH_AUTO torsh_scope scope = torsh__scope_open(true);
    if (torsh__is_error(scope.id)) return TORSH_OUT_OF_MEMORY;
    torsh__node *node = w->node;
    torsh_status status = TORSH_OK;
    if (node->hooks || stop->wanted) status = visit_outputs(e, stop, node, sums);
    if (status || !stop->passes) return status;
    bool any = false;
    for (int i = 0; i < w->outputs; i++) {
        any = any || sums[i];
        w->in[i] = sums[i] ? torsh__tensor_give(sums[i]) : (torsh_tensor){0};
        sums[i] = NULL;
    }
    if (!any) return TORSH_OK;
    torsh__backward b = {.node = node, .g = w->in, .result = w->out, .skip = w->skip};
    status = torsh__node_backward(&b);
    if (status == TORSH_OK) status = collect(e, w);
    return status;
}

/* Sends the results on. Stops that nobody wants are left out. */
static torsh_status deliver(engine *e, work *w)
{
    torsh_status status = TORSH_OK;
    for (int i = 0; i < w->inputs && status == TORSH_OK; i++) {
        const torsh__edge *edge = &w->node->edges[i];
        torsh__object *target = torsh__edge_target(edge);
        if (!target || (i < 64 && w->skip >> i & 1)) continue;
        torsh__stop *stop = torsh__pass_find(&e->pass, target);
        torsh__tensor *g = w->results[i];
        w->results[i] = NULL;
        if (g && (stop->wanted || stop->passes)) status = add_gradient(e, stop, edge->node ? edge->index : 0, g);
        else if (g) torsh__tensor_drop(g);
        if (status == TORSH_OK && (stop->wanted || stop->passes)) status = arrive(e, stop);
    }
    return status;
}

static void skip_unwanted(const engine *e, work *w)
{
    for (int i = 0; i < w->inputs && i < 64; i++) {
        const torsh__object *target = torsh__edge_target(&w->node->edges[i]);
        const torsh__stop *stop = target ? torsh__pass_find(&e->pass, target) : NULL;
        if (stop && !stop->wanted && !stop->passes) w->skip |= (uint64_t)1 << i;
    }
}

static torsh_status run_node(engine *e, torsh__stop *stop)
{
    work w;
    torsh__node *node = torsh__stop_node(stop);
    torsh_status status = work_init(&w, node);
    if (status) return status;
    if (e->request->inputs_count) skip_unwanted(e, &w);
    torsh__tensor *one = NULL, **sums = &one, **many = NULL;
    if (node->outputs == 1) one = stop->sum.one;
    else if (stop->sum.many) sums = many = stop->sum.many;
    bool empty = node->outputs > 1 && !many;
    stop->sum.one = NULL;
    if (!empty) status = run_gradient(e, &w, stop, sums);
    for (int i = 0; i < node->outputs && !empty; i++)
        if (sums[i]) torsh__tensor_drop(sums[i]);
    if (many) torsh__free(many, node->outputs * sizeof *many);
    if (status) status = name_error(node, status);
    if (!e->request->retain_graph && stop->passes) torsh__node_release(node);
    if (status == TORSH_OK && stop->passes) status = deliver(e, &w);
    for (int i = 0; i < w.inputs; i++)
        if (w.results[i]) torsh__tensor_drop(w.results[i]);
    torsh__free(w.block, w.bytes);
    return status;
}

/* ---- the pass ------------------------------------------------------------------------------------------------------ */

static torsh__edge edge_of(torsh__tensor *t)
{
    return (torsh__edge){.node = t->grad_fn, .leaf = t->grad_fn ? NULL : t, .index = t->out_index};
}

/* Reaches outputs, then all that is behind them, then marks what is wanted. */
static torsh_status prepare(engine *e)
{
    const torsh__request *r = e->request;
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < r->outputs_count; i++) {
        torsh__edge edge = edge_of(r->outputs[i]);
        if (!torsh__pass_reach(&e->pass, torsh__edge_target(&edge))) return TORSH_OUT_OF_MEMORY;
    }
    status = torsh__pass_discover(&e->pass);
    if (status) return status;
    for (uint32_t i = 0; i < e->pass.count && !r->inputs_count; i++) e->pass.stops[i].passes = true;
    for (size_t i = 0; i < r->inputs_count; i++) {
        torsh__edge edge = edge_of(r->inputs[i]);
        torsh__stop *stop = torsh__pass_find(&e->pass, torsh__edge_target(&edge));
        if (stop) stop->wanted = true;
    }
    return r->inputs_count ? torsh__pass_narrow(&e->pass) : TORSH_OK;
}

/* Gives outputs their gradients; those that nothing else leads to are ready. */
static torsh_status start(engine *e)
{
    const torsh__request *r = e->request;
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < r->outputs_count && status == TORSH_OK; i++) {
        torsh__edge edge = edge_of(r->outputs[i]);
        torsh__stop *stop = torsh__pass_find(&e->pass, torsh__edge_target(&edge));
        torsh__tensor *g = r->gradients[i];
        r->gradients[i] = NULL;
        if (!stop->wanted && !stop->passes) torsh__tensor_drop(g);
        else status = add_gradient(e, stop, edge.node ? edge.index : 0, g);
    }
    uint32_t count = e->pass.count < r->outputs_count ? e->pass.count : (uint32_t)r->outputs_count;
    for (uint32_t i = 0; i < count && status == TORSH_OK; i++) { /* outputs were reached first */
        torsh__stop *stop = &e->pass.stops[i];
        if (stop->waiting || (!stop->wanted && !stop->passes)) continue;
        stop->waiting = 1;
        status = arrive(e, stop);
    }
    return status;
}

torsh_status torsh__engine_run(const torsh__request *request)
{
    TORSH_AUTO torsh_scope modes = torsh__scope_open(false);
    if (torsh__is_error(modes.id)) return TORSH_OUT_OF_MEMORY;
    torsh__modes *set = &torsh__thread_get()->modes;
    set->grad = request->create_graph;
    set->backward = true;
    set->saver = NULL;
    engine e;
    e.request = request;
    e.anomaly = set->anomaly;
    torsh__pass_init(&e.pass);
    torsh_status status = prepare(&e);
    if (status == TORSH_OK) status = start(&e);
    torsh__stop *stop;
    while (status == TORSH_OK && (stop = torsh__pass_pop(&e.pass)) != NULL) status = run_node(&e, stop);
    torsh__pass_end(&e.pass);
    return status;
}
