/* LSTM, GRU and plain recurrent networks, made of other ops. Rows: table/recurrent.def. The formulas and the order of gates are those of
 * aten/src/ATen/native/RNN.cpp. Shapes in comments: T steps, B samples, I inputs, H hidden, G gates of a cell, P outputs (H unless an LSTM projects). */
#include "alloc.h"
#include "composed.h"

#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/join.h>
#include <torsh/ops/matmul.h>
#include <torsh/ops/random.h>
#include <torsh/ops/recurrent.h>
#include <torsh/ops/view.h>

typedef struct weights {
    torsh_tensor ih, hh, b_ih, b_hh; /* (G H, I), (G H, P), biases (G H) or null */
    torsh_tensor hr;                 /* (P, H), or null */
    bool summed;                     /* the inputs' share of the gates has both biases */
} weights;

typedef struct state {
    torsh_tensor h, c; /* (B, P), (B, H); c of an LSTM only */
} state;

/* The state after a step, from the inputs' share of the gates (B, G H). */
typedef state step(const weights *w, torsh_tensor gates, state s);

typedef struct cell {
    const char *name;
    step *next;
    int gates, states;
} cell;

static torsh_tensor gate(torsh_tensor gates, int64_t which, int64_t count)
{
    int64_t h = torsh_size(gates, -1) / count;
    return torsh_narrow(gates, -1, which * h, h);
}

static torsh_tensor hidden_gates(const weights *w, torsh_tensor h)
{
    return torsh_linear(h, w->hh, w->b_hh);
}

/* gates and the state's share of them */
static torsh_tensor all_gates(const weights *w, torsh_tensor gates, torsh_tensor h)
{
    return w->summed ? torsh_addmm(gates, h, torsh_t(w->hh), 1, 1) : torsh_add(gates, hidden_gates(w, h));
}

static state lstm_step(const weights *w, torsh_tensor gates, state s)
{
    gates = all_gates(w, gates, s.h);
    torsh_tensor both = torsh_sigmoid(gate(gates, 0, 2)), in = gate(both, 0, 2), forget = gate(both, 1, 2);
    torsh_tensor value = torsh_tanh(gate(gates, 2, 4)), out = torsh_sigmoid(gate(gates, 3, 4));
    torsh_tensor c = torsh_add(torsh_mul(forget, s.c), torsh_mul(in, value)), h = torsh_mul(out, torsh_tanh(c));
    return (state){w->hr.id ? torsh_linear(h, w->hr, (torsh_tensor){0}) : h, c};
}

static state gru_step(const weights *w, torsh_tensor gates, state s)
{
    torsh_tensor own = hidden_gates(w, s.h);
    torsh_tensor reset = torsh_sigmoid(torsh_add(gate(own, 0, 3), gate(gates, 0, 3)));
    torsh_tensor keep = torsh_sigmoid(torsh_add(gate(own, 1, 3), gate(gates, 1, 3)));
    torsh_tensor fresh = torsh_tanh(torsh_add(gate(gates, 2, 3), torsh_mul(gate(own, 2, 3), reset)));
    return (state){.h = torsh_add(torsh_mul(torsh_sub(s.h, fresh), keep), fresh)};
}

static state tanh_step(const weights *w, torsh_tensor gates, state s)
{
    return (state){.h = torsh_tanh(all_gates(w, gates, s.h))};
}

static state relu_step(const weights *w, torsh_tensor gates, state s)
{
    return (state){.h = torsh_relu(all_gates(w, gates, s.h))};
}

static const cell lstm = {"lstm", lstm_step, 4, 2}, gru = {"gru", gru_step, 3, 1}, plain_tanh = {"rnn_tanh", tanh_step, 1, 1}, plain_relu = {"rnn_relu", relu_step, 1, 1};

/* ---- networks --------------------------------------------------------------------------------------------------- */

typedef struct network {
    const cell *cell;
    const torsh_tensor *params;
    size_t per_layer;      /* params of one direction of a layer */
    bool biases;
    int64_t layers, directions, steps;
    torsh_tensor *outputs; /* by step */
} network;

static weights weights_of(const network *n, int64_t which)
{
    const torsh_tensor *p = n->params + (size_t)which * n->per_layer;
    weights w = {.ih = torsh__widened(p[0]), .hh = torsh__widened(p[1])};
    if (n->biases) w.b_ih = torsh__widened(p[2]), w.b_hh = torsh__widened(p[3]);
    if (n->per_layer % 2) w.hr = torsh__widened(p[n->per_layer - 1]);
    return w;
}

/* One direction of a layer over x (T, B, inputs); leaves the last state in *s. (T, B, P) */
static torsh_tensor direction(const network *n, const weights *w, torsh_tensor x, bool backwards, state *s)
{
    torsh_tensor gates = torsh_linear(x, w->ih, w->summed && w->b_ih.id ? torsh_add(w->b_ih, w->b_hh) : w->b_ih);
    for (int64_t i = 0; i < n->steps; i++) {
        int64_t t = backwards ? n->steps - 1 - i : i;
        torsh_scope inner = torsh_scope_open(); /* what a step makes beside its state ends with it */
        if (torsh__is_error(inner.id)) return (torsh_tensor){inner.id};
        state next = n->cell->next(w, torsh_select(gates, 0, t), *s);
        torsh_keep(next.h);
        if (next.c.id) torsh_keep(next.c);
        torsh_scope_close(inner);
        if (TORSH_FAILED(next.h)) return next.h;
        if (i > 0 && s->c.id) torsh_release(s->c); /* h is an output, too */
        *s = next;
        n->outputs[t] = s->h;
    }
    return torsh_stack(n->outputs, (size_t)n->steps, 0);
}

static torsh_status check(const network *n, const torsh__shape *input, const torsh__shape *hx, size_t params_count, int64_t batch)
{
    const char *name = n->cell->name;
    if (n->layers < 1) return torsh__fail(TORSH_OUT_OF_RANGE, "%s: num_layers must be positive; it is %lld", name, (long long)n->layers);
    if (input->ndim != 3) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' must have 3 dimensions (steps, batch, features); it has %d", name, input->ndim);
    if (n->steps < 1) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'input' has no steps", name);
    if (hx->ndim != 3 || hx->sizes[0] != n->layers * n->directions || hx->sizes[1] != batch)
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'hx' must be (%lld, %lld, hidden) for %lld layers and a batch of %lld", name, (long long)(n->layers * n->directions),
                           (long long)batch, (long long)n->layers, (long long)batch);
    size_t all = (size_t)(n->layers * n->directions), least = n->biases ? 4 : 2;
    bool projected = n->cell->states == 2 && params_count == all * (least + 1);
    if (params_count == all * least || projected) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_ARGUMENT, "%s: 'params' has %zu tensors; %lld layers with %s need %zu", name, params_count, (long long)n->layers,
                       n->biases ? "biases" : "has_biases false", all * least);
}

/* The states' features, which the first layer's w_hh (G H, P) names, and c's other sizes. */
static torsh_status check_states(const network *n, const torsh__shape *hx, torsh_tensor c)
{
    torsh__shape w = torsh__shape_of(n->params[1]), cx = torsh__shape_of(c);
    if (w.ndim != 2) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'params' 1, w_hh, must have 2 dimensions; it is %s", n->cell->name, torsh_shape_text(n->params[1]));
    if (hx->sizes[2] != w.sizes[1])
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: 'hx' has %lld features; these 'params' need %lld", n->cell->name, (long long)hx->sizes[2], (long long)w.sizes[1]);
    const int64_t sizes[3] = {hx->sizes[0], hx->sizes[1], w.sizes[0] / n->cell->gates};
    torsh__shape_text wanted;
    if (!c.id || torsh__same_sizes(cx.ndim, cx.sizes, 3, sizes)) return TORSH_OK;
    return torsh__fail(TORSH_SHAPE_MISMATCH, "%s: the second of 'hx' must be %s; it is %s", n->cell->name, torsh__shape_print(&wanted, 3, sizes), torsh_shape_text(c));
}

/* (layers directions, B, P) */
static torsh_tensor last_states(const torsh_tensor *of, size_t count, torsh_dtype dtype)
{
    return torsh__narrowed(torsh_stack(of, count, 0), dtype);
}

static torsh_triple run(network n, torsh_tensor input, torsh_tensor h, torsh_tensor c, size_t params_count, double dropout, bool train, bool batch_first)
{
    torsh__shape s = torsh__shape_of(input), hx = torsh__shape_of(h);
    n.steps = s.ndim == 3 ? s.sizes[batch_first] : 0;
    torsh_status status = check(&n, &s, &hx, params_count, s.ndim == 3 ? s.sizes[!batch_first] : 0);
    if (status == TORSH_OK) status = check_states(&n, &hx, c);
    if (status) return torsh__refuse_three(status);
    int64_t all = n.layers * n.directions;
    n.per_layer = params_count / (size_t)all;
    size_t count = (size_t)n.steps + 2 * (size_t)all;
    n.outputs = torsh__alloc(count * sizeof *n.outputs);
    if (!n.outputs) return torsh__refuse_three(TORSH_OUT_OF_MEMORY);
    torsh_tensor *last_h = n.outputs + n.steps, *last_c = last_h + all;
    torsh_tensor x = torsh__widened(batch_first ? torsh_transpose(input, 0, 1) : input);
    h = torsh__widened(h);
    if (c.id) c = torsh__widened(c);
    for (int64_t layer = 0; layer < n.layers; layer++) {
        torsh_tensor side[2] = {{0}, {0}};
        for (int64_t d = 0; d < n.directions; d++) {
            int64_t which = layer * n.directions + d;
            weights w = weights_of(&n, which);
            w.summed = n.cell->next != gru_step; /* a gru's reset gate takes a part of its second bias */
            state last = {torsh_select(h, 0, which), c.id ? torsh_select(c, 0, which) : c};
            side[d] = direction(&n, &w, x, d == 1, &last);
            last_h[which] = last.h, last_c[which] = last.c;
        }
        x = n.directions == 2 ? torsh_cat(side, 2, -1) : side[0];
        if (dropout != 0 && train && layer + 1 < n.layers) x = torsh_dropout(x, dropout, true);
    }
    if (batch_first) x = torsh_transpose(x, 0, 1);
    torsh_triple result = {torsh__narrowed(x, s.dtype), last_states(last_h, (size_t)all, s.dtype), c.id ? last_states(last_c, (size_t)all, s.dtype) : c};
    torsh__free(n.outputs, count * sizeof *n.outputs);
    return result;
}

static torsh_triple compose_lstm(torsh_tensor input, const torsh_tensor *hx, size_t hx_count, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers,
                                 double dropout, bool train, bool bidirectional, bool batch_first)
{
    if (hx_count != 2) return torsh__refuse_three(torsh__fail(TORSH_INVALID_ARGUMENT, "lstm: 'hx' has %zu tensors; it needs h and c", hx_count));
    network n = {.cell = &lstm, .params = params, .biases = has_biases, .layers = num_layers, .directions = bidirectional ? 2 : 1};
    return run(n, input, hx[0], hx[1], params_count, dropout, train, batch_first);
}

static torsh_pair run_simple(const cell *kind, torsh_tensor input, torsh_tensor hx, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers,
                             double dropout, bool train, bool bidirectional, bool batch_first)
{
    network n = {.cell = kind, .params = params, .biases = has_biases, .layers = num_layers, .directions = bidirectional ? 2 : 1};
    torsh_triple r = run(n, input, hx, (torsh_tensor){0}, params_count, dropout, train, batch_first);
    return (torsh_pair){r.first, r.second};
}

static torsh_pair compose_gru(torsh_tensor input, torsh_tensor hx, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers, double dropout, bool train,
                              bool bidirectional, bool batch_first)
{
    return run_simple(&gru, input, hx, params, params_count, has_biases, num_layers, dropout, train, bidirectional, batch_first);
}

static torsh_pair compose_rnn_tanh(torsh_tensor input, torsh_tensor hx, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers, double dropout,
                                   bool train, bool bidirectional, bool batch_first)
{
    return run_simple(&plain_tanh, input, hx, params, params_count, has_biases, num_layers, dropout, train, bidirectional, batch_first);
}

static torsh_pair compose_rnn_relu(torsh_tensor input, torsh_tensor hx, const torsh_tensor *params, size_t params_count, bool has_biases, int64_t num_layers, double dropout,
                                   bool train, bool bidirectional, bool batch_first)
{
    return run_simple(&plain_relu, input, hx, params, params_count, has_biases, num_layers, dropout, train, bidirectional, batch_first);
}

/* ---- cells ------------------------------------------------------------------------------------------------------ */

typedef struct cell_argument {
    torsh_tensor tensor;
    const char *name;
    int ndim;
    int64_t sizes[2];
} cell_argument;

/* Nothing broadcasts but a bias. */
static torsh_status check_cell(const cell *kind, torsh_tensor input, state s, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh)
{
    torsh__shape x = torsh__shape_of(input), w = torsh__shape_of(w_hh);
    if (x.ndim != 2) return torsh__fail(TORSH_SHAPE_MISMATCH, "%s_cell: 'input' must be (batch, features); it is %s", kind->name, torsh_shape_text(input));
    if (w.ndim != 2 || w.sizes[0] != kind->gates * w.sizes[1])
        return torsh__fail(TORSH_SHAPE_MISMATCH, "%s_cell: 'w_hh' must be (%d hidden, hidden); it is %s", kind->name, kind->gates, torsh_shape_text(w_hh));
    const cell_argument all[] = {{s.h, "hx", 2, {x.sizes[0], w.sizes[1]}}, {s.c, "hx[1]", 2, {x.sizes[0], w.sizes[1]}}, {w_hh, "w_hh", 2, {w.sizes[0], w.sizes[1]}},
                                 {w_ih, "w_ih", 2, {w.sizes[0], x.sizes[1]}}, {b_ih, "b_ih", 1, {w.sizes[0]}}, {b_hh, "b_hh", 1, {w.sizes[0]}}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        torsh__shape t = torsh__shape_of(all[i].tensor);
        torsh__shape_text wanted;
        if (!all[i].tensor.id) continue;
        if (t.dtype != x.dtype)
            return torsh__fail(TORSH_DTYPE_MISMATCH, "%s_cell: '%s' is %s and 'input' is %s; they must have the same dtype", kind->name, all[i].name, torsh_dtype_name(t.dtype), torsh_dtype_name(x.dtype));
        if (!torsh__same_sizes(t.ndim, t.sizes, all[i].ndim, all[i].sizes) && !(all[i].ndim == 1 && t.ndim < 2 && t.numel == 1))
            return torsh__fail(TORSH_SHAPE_MISMATCH, "%s_cell: '%s' must be %s for this 'input' and 'w_hh'; it is %s", kind->name, all[i].name,
                               torsh__shape_print(&wanted, all[i].ndim, all[i].sizes), torsh_shape_text(all[i].tensor));
    }
    return TORSH_OK;
}

/* One step: input (B, I), states (B, H). */
static state one_step(const cell *kind, torsh_tensor input, state s, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh)
{
    torsh_dtype dtype = torsh_dtype_of(input);
    torsh_status status = check_cell(kind, input, s, w_ih, w_hh, b_ih, b_hh);
    if (status) {
        torsh_tensor e = torsh__tensor_error(status);
        return (state){e, e};
    }
    weights wide = {torsh__widened(w_ih), torsh__widened(w_hh), torsh__widened(b_ih), torsh__widened(b_hh), {0}, false};
    state from = {torsh__widened(s.h), torsh__widened(s.c)}, to = kind->next(&wide, torsh_linear(torsh__widened(input), wide.ih, wide.b_ih), from);
    return (state){torsh__narrowed(to.h, dtype), to.c.id ? torsh__narrowed(to.c, dtype) : to.c};
}

static torsh_pair compose_lstm_cell(torsh_tensor input, const torsh_tensor *hx, size_t hx_count, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh)
{
    if (hx_count != 2) {
        torsh_tensor e = torsh__refuse(TORSH_INVALID_ARGUMENT, "lstm_cell: 'hx' has %zu tensors; it needs h and c", hx_count);
        return (torsh_pair){e, e};
    }
    state s = one_step(&lstm, input, (state){hx[0], hx[1]}, w_ih, w_hh, b_ih, b_hh);
    return (torsh_pair){s.h, s.c};
}

static torsh_tensor compose_gru_cell(torsh_tensor input, torsh_tensor hx, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh)
{
    return one_step(&gru, input, (state){.h = hx}, w_ih, w_hh, b_ih, b_hh).h;
}

static torsh_tensor compose_rnn_tanh_cell(torsh_tensor input, torsh_tensor hx, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh)
{
    return one_step(&plain_tanh, input, (state){.h = hx}, w_ih, w_hh, b_ih, b_hh).h;
}

static torsh_tensor compose_rnn_relu_cell(torsh_tensor input, torsh_tensor hx, torsh_tensor w_ih, torsh_tensor w_hh, torsh_tensor b_ih, torsh_tensor b_hh)
{
    return one_step(&plain_relu, input, (state){.h = hx}, w_ih, w_hh, b_ih, b_hh).h;
}

#include "define_rows.h"

#include "recurrent.def"
