/* Recording calls on the tape, and what gradient functions read back from it. */
#include "tape.h"
#include "dual.h"
#include "thread_state.h"
#include "alloc.h"

#include <ctype.h>
#include <string.h>

static void destroy(torsh__object *object);
const torsh__kind torsh__node_kind = {"node", destroy, NULL};

/* ---- nodes --------------------------------------------------------------------------------------------------- */

/* A node is one block: the struct, edges, saved tensors, metas, values, and `extra` bytes whose use is the maker's. */
torsh__node *torsh__node_make(int inputs, int outputs, int saved, int values, size_t extra)
{
    size_t edges = sizeof(torsh__node), saves = edges + (size_t)inputs * sizeof(torsh__edge);
    size_t metas = saves + (size_t)saved * sizeof(torsh__saved), arguments = metas + (size_t)outputs * sizeof(torsh__meta);
    size_t end = arguments + (size_t)values * sizeof(torsh_value), block = end + extra;
    char *memory = torsh__alloc(block);
    if (!memory) return NULL;
    memset(memory, 0, end);
    torsh__node *node = (torsh__node *)(void *)memory;
    torsh__object_init(&node->object, &torsh__node_kind);
    node->block = block;
    node->edges = (torsh__edge *)(void *)(memory + edges);
    node->saved = (torsh__saved *)(void *)(memory + saves);
    node->outputs_meta = (torsh__meta *)(void *)(memory + metas);
    node->values = (torsh_value *)(void *)(memory + arguments);
    node->inputs = (uint16_t)inputs;
    node->outputs = (uint16_t)outputs;
    node->saved_count = (uint16_t)saved;
    node->sequence = ++torsh__thread_get()->nodes;
    return node;
}

void torsh__edge_clear(torsh__edge *edge)
{
    if (edge->node) torsh__drop(&edge->node->object);
    if (edge->leaf) torsh__tensor_drop(edge->leaf);
    edge->node = NULL;
    edge->leaf = NULL;
}

void torsh__edge_copy(torsh__edge *to, const torsh__edge *from)
{
    *to = *from;
    if (to->node) torsh__retain(&to->node->object);
    if (to->leaf) torsh__tensor_retain(to->leaf);
}

enum { RELEASED = 1, RUNNING = 2 }; /* in a node's state */

static void free_saved(torsh__node *node)
{
    for (int i = 0; i < node->saved_count; i++) {
        torsh__saved *saved = &node->saved[i];
        torsh__tensor *t = saved->tensor;
        torsh__packed *packed = saved->packed;
        saved->tensor = NULL;
        saved->packed = NULL;
        if (t) torsh__tensor_drop(t);
        if (packed) torsh__drop(&packed->object);
    }
    if (node->custom && node->custom->release) node->custom->release(node->context);
}

void torsh__node_release(torsh__node *node)
{
    if (atomic_load_explicit(&node->state, memory_order_relaxed) & RELEASED) return;
    if (atomic_fetch_or_explicit(&node->state, RELEASED, memory_order_acq_rel) == 0) free_saved(node);
}

/* Keeps saved tensors until `leave`; false if they were released before. */
static bool enter(torsh__node *node)
{
    uint32_t state = atomic_load_explicit(&node->state, memory_order_relaxed);
    while (!(state & RELEASED))
        if (atomic_compare_exchange_weak_explicit(&node->state, &state, state + RUNNING, memory_order_acquire, memory_order_relaxed)) return true;
    return false;
}

static void leave(torsh__node *node)
{
    if (atomic_fetch_sub_explicit(&node->state, RUNNING, memory_order_acq_rel) == (RUNNING | RELEASED)) free_saved(node);
}

/* The trace is a copied text behind its own size. */
static void keep_trace(torsh__node *node)
{
    const torsh__context *context = torsh__thread_get()->context;
    size_t length = context ? strlen(context->text) : 0;
    if (length > 2 && memcmp(context->text + length - 2, ": ", 2) == 0) length -= 2;
    if (!length) return;
    size_t bytes = length + 1;
    char *block = torsh__alloc(sizeof bytes + bytes);
    if (!block) return; /* an error text is a little poorer then */
    memcpy(block, &bytes, sizeof bytes);
    node->trace = block + sizeof bytes;
    memcpy(node->trace, context->text, length);
    node->trace[length] = 0;
}

static void free_trace(char *trace)
{
    size_t bytes;
    memcpy(&bytes, trace - sizeof bytes, sizeof bytes);
    torsh__free(trace - sizeof bytes, sizeof bytes + bytes);
}

static void destroy(torsh__object *object)
{
    torsh__node *node = (torsh__node *)object;
    torsh__node_release(node);
    for (int i = 0; i < node->inputs; i++) torsh__edge_clear(&node->edges[i]);
    if (node->hooks) torsh__hooks_free(node->hooks);
    if (node->custom && node->custom->destroy) node->custom->destroy(node->context);
    if (node->trace) free_trace(node->trace);
    torsh__free(node, node->block);
}

void torsh__node_connect(torsh__node *node, int i, torsh__tensor *input)
{
    torsh__edge *edge = &node->edges[i];
    if (input->grad_fn) {
        edge->node = input->grad_fn;
        edge->index = input->out_index;
        torsh__retain(&edge->node->object);
    } else if (torsh__tracks(input)) {
        edge->leaf = input;
        torsh__tensor_retain(input);
    }
}

void torsh__node_attach(torsh__node *node, int index, torsh__tensor *t)
{
    torsh__retain(&node->object);
    torsh__node *old = t->grad_fn;
    t->grad_fn = node;
    t->out_index = (uint32_t)index;
    if (!old) return;
    if (t->retained) torsh__retained_move(t, old, node, (uint32_t)index);
    torsh__drop(&old->object);
}

int64_t *torsh__node_describe(torsh__node *node, int index, const torsh__tensor *t, int64_t *room)
{
    const torsh_operand *view = &t->view;
    for (int d = 0; d < view->ndim; d++) room[d] = view->sizes[d];
    node->outputs_meta[index] = (torsh__meta){(torsh_dtype)view->dtype, view->device, view->ndim, room};
    return room + view->ndim;
}

bool torsh__edge_meta(const torsh__edge *edge, torsh__meta *meta)
{
    if (edge->node) {
        *meta = edge->node->outputs_meta[edge->index];
        return true;
    }
    if (!edge->leaf) return false;
    const torsh_operand *view = &edge->leaf->view;
    *meta = (torsh__meta){(torsh_dtype)view->dtype, view->device, view->ndim, view->sizes};
    return true;
}

torsh_status torsh__node_backward(torsh__backward *b)
{
    torsh__node *node = b->node;
    torsh_status status = TORSH_OK;
    b->freed = !enter(node);
    if (node->custom) status = node->custom->backward(node->context, b);
    else if (node->op->impl->gradient) node->op->impl->gradient(b);
    else status = torsh__fail(TORSH_AUTOGRAD_ERROR, "%s has no gradient", torsh__node_name(node));
    if (!b->freed) leave(node);
    return status;
}

/* ---- recording ----------------------------------------------------------------------------------------------- */

static bool differentiable(torsh_dtype dtype)
{
    return torsh__dtypes[dtype].category >= TORSH__FLOATING;
}

bool torsh__must_record(const torsh__call *c)
{
    if ((c->op->impl->flags & TORSH__CONSTANT) || !torsh__thread_get()->modes.grad) return false;
    for (int i = 0; i < c->inputs; i++)
        if (c->input[i] && torsh__tracks(c->input[i])) return true;
    return false;
}

/* What a pointwise gradient reads, by the names in its expression: a or x, b, c are inputs, y is the output. */
static uint32_t reads_of(const torsh__impl *impl, int part)
{
    uint32_t reads = atomic_load_explicit(&impl->pointwise->reads[part], memory_order_relaxed);
    if (reads) return reads;
    reads = TORSH__READS_KNOWN;
    char before = ' ';
    for (const char *at = impl->pointwise->expression[part]; *at; before = *at++) {
        bool alone = !isalnum((unsigned char)before) && before != '_' && !isalnum((unsigned char)at[1]) && at[1] != '_';
        if (!alone) continue;
        if (*at == 'a' || *at == 'x') reads |= TORSH__SAVE_IN(0);
        if (*at == 'b') reads |= TORSH__SAVE_IN(1);
        if (*at == 'c') reads |= TORSH__SAVE_IN(2);
        if (*at == 'y') reads |= TORSH__SAVE_OUT(0);
    }
    atomic_store_explicit(&impl->pointwise->reads[part], reads, memory_order_relaxed);
    return reads;
}

/* What this call has to save: what the gradients of those inputs read that track theirs, or that are wanted where anything is. */
static uint32_t saves_of(const torsh__call *c, torsh__tensor *const *wanted)
{
    const torsh__impl *impl = c->op->impl;
    const torsh__pointwise *parts = impl->pointwise;
    if (!impl->saves || (!parts && !impl->reads[0] && !impl->reads[1] && !impl->reads[2])) return impl->saves;
    uint32_t reads = 0;
    for (int i = 0; i < c->inputs && i < 3; i++)
        if (wanted ? wanted[i] != NULL : c->input[i] && torsh__tracks(c->input[i])) reads |= parts ? (parts->part[i] ? reads_of(impl, i) : 0) : impl->reads[i];
    return impl->saves & reads;
}

/* The tensor parameter that input i came by, as TORSH__SAVE_IN counts them. */
static int parameter_of(const torsh__call *c, int i)
{
    int parameter = 0;
    for (int k = 0; k < c->op->info.param_count; k++) {
        const torsh_param_kind kind = c->op->info.params[k].kind;
        if (kind != TORSH_PARAM_TENSOR && kind != TORSH_PARAM_OPTIONAL_TENSOR && kind != TORSH_PARAM_TENSORS) continue;
        i -= kind == TORSH_PARAM_TENSORS ? (int)c->values[k].list.count : 1;
        if (i < 0) break;
        parameter++;
    }
    return parameter;
}

static bool saves_input(const torsh__call *c, uint32_t saves, int i)
{
    return c->input[i] && (saves & TORSH__SAVE_IN(parameter_of(c, i)));
}

static torsh_status refresh_inputs(const torsh__call *c)
{
    torsh_status status = TORSH_OK;
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++)
        if (c->input[i] && c->input[i]->base) status = torsh__view_refresh(c->input[i]);
    return status;
}

/* A copy of input 0 from before an in-place call, with its history. */
static torsh_status copy_before(torsh__call *c)
{
    torsh__tensor *t = c->input[0];
    torsh_status status = TORSH_OK;
    torsh_tensor source = torsh__tensor_share(t), copy;
    torsh_value value = {.handle = source.id};
    torsh__modes *modes = &torsh__thread_get()->modes;
    bool grad = modes->grad;
    modes->grad = false;
    torsh__door(torsh__op_find("clone"), &value, TORSH__FUNCTIONAL, NULL, &copy);
    modes->grad = grad;
    c->before = torsh__tensor_hold(copy, torsh__call_name(c), "input", &status);
    torsh_release(copy);
    torsh_release(source);
    if (c->before && t->grad_fn) torsh__node_attach(t->grad_fn, (int)t->out_index, c->before);
    return status;
}

torsh_status torsh__keep_before(torsh__call *c, bool recorded)
{
    uint32_t saves = recorded ? saves_of(c, NULL) : c->op->impl->saves;
    for (int i = 0; i < c->inputs && !c->before; i++)
        if (c->input[i] == c->input[0] && saves_input(c, saves, i)) return copy_before(c);
    return TORSH_OK;
}

torsh_status torsh__record_prepare(torsh__call *c)
{
    torsh__tensor *t = c->input[0];
    if (!torsh__must_record(c)) return TORSH_OK;
    torsh_status status = refresh_inputs(c);
    if (status == TORSH_OK) status = torsh__view_check_in_place(t, torsh__call_name(c));
    if (status) return status;
    if (t->requires_grad && !t->grad_fn)
        return torsh__fail(TORSH_AUTOGRAD_ERROR,
                           "%s (in place): a leaf tensor that requires a gradient can't be changed in place; do it inside torsh_no_grad", torsh__call_name(c));
    return torsh__keep_before(c, true);
}

/* Of numbers, which have 8 bytes each. */
static bool is_list(const torsh_param *param)
{
    return param->kind == TORSH_PARAM_INTS || param->kind == TORSH_PARAM_DOUBLES;
}

/* Bytes behind the node's arrays: lists and texts, in whole numbers so that what follows is aligned. */
static size_t list_bytes(const torsh_param *param, const torsh_value *value)
{
    if (is_list(param)) return value->list.count * sizeof(int64_t);
    if (param->kind == TORSH_PARAM_TEXT) return (strlen(value->text) + sizeof(int64_t)) / sizeof(int64_t) * sizeof(int64_t);
    return 0;
}

/* Copies the call's arguments; what they point to goes to `room`. */
static int64_t *copy_values(torsh__node *node, const torsh__call *c, int64_t *room)
{
    for (int i = 0; i < c->op->info.param_count; i++) {
        const torsh_param *param = &c->op->info.params[i];
        const torsh_value *from = &c->values[i];
        torsh_value *to = &node->values[i];
        *to = *from;
        if (is_list(param) && from->list.count) {
            memcpy(room, from->list.data, from->list.count * sizeof(int64_t));
            to->list.data = room;
        } else if (param->kind == TORSH_PARAM_TEXT) {
            memcpy(room, from->text, strlen(from->text) + 1);
            to->text = (const char *)room;
        }
        room += list_bytes(param, from) / sizeof(int64_t);
    }
    return room;
}

torsh_status torsh__save(torsh__saved *saved, torsh__tensor *t, uint32_t which, uint32_t behind)
{
    if (!t) return TORSH_OUT_OF_MEMORY;
    torsh_status status = TORSH_OK;
    struct torsh__saver *saver = torsh__thread_get()->modes.saver;
    saved->which = which;
    saved->version = torsh__version(t) - behind;
    if (saver) saved->packed = saver->pack(saver, t, &status);
    if (saved->packed || status) torsh__tensor_drop(t);
    else saved->tensor = t;
    return status;
}

/* What to save of input i: a new reference. After an in-place change, a view of what was changed is saved without its base:
 * base -> this node -> view -> base would never end. */
static torsh__tensor *worth_saving(const torsh__call *c, int i)
{
    torsh__tensor *t = c->input[i];
    if (c->before && t == c->input[0]) t = c->before;
    if (c->in_place && t->base && (t->base == c->input[0] || t->base == c->input[0]->base)) {
        torsh__tensor *alias = torsh__tensor_alias(t);
        if (alias && torsh__tangents_share(alias, t) != TORSH_OK) return torsh__tensor_drop(alias), NULL;
        if (alias && t->grad_fn) torsh__node_attach(t->grad_fn, (int)t->out_index, alias);
        return alias;
    }
    torsh__tensor_retain(t);
    return t;
}

static torsh_status save_tensors(torsh__node *node, const torsh__call *c, uint32_t saves)
{
    int count = 0;
    torsh_status status = TORSH_OK;
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        if (!saves_input(c, saves, i)) continue;
        torsh__tensor *t = worth_saving(c, i);
        status = torsh__save(&node->saved[count++], t, (uint32_t)i, c->in_place && t && t->storage == c->input[0]->storage);
    }
    for (int i = 0; i < c->outputs && status == TORSH_OK; i++) { /* an alias: the output itself would be a cycle, but in a node that it doesn't know */
        if (!(saves & TORSH__SAVE_OUT(i))) continue;
        torsh__tensor *t = node->apart ? c->output[i] : torsh__tensor_alias(c->output[i]);
        if (t && (node->apart || c->aliases)) torsh__tensor_retain(node->apart ? t : (c->aliases[i] = t));
        status = torsh__save(&node->saved[count++], t, TORSH__SAVED_OUTPUT + (uint32_t)i, 0);
    }
    return status;
}

static torsh__node *make_node(const torsh__call *c, uint32_t saves)
{
    const torsh__impl *impl = c->op->impl;
    int saved = __builtin_popcount(saves >> TORSH__MAX_PARAMS), notes = impl->notes ? impl->notes(c, NULL) : 0;
    size_t extra = (size_t)notes * sizeof(int64_t);
    for (int i = 0; i < c->inputs && saves; i++) saved += saves_input(c, saves, i);
    for (int i = 0; i < c->op->info.param_count; i++) extra += list_bytes(&c->op->info.params[i], &c->values[i]);
    for (int i = 0; i < c->outputs; i++) extra += (size_t)c->output[i]->view.ndim * sizeof(int64_t);
    torsh__node *node = torsh__node_make(c->inputs, c->outputs, saved, c->op->info.param_count, extra);
    if (!node) return NULL;
    node->op = c->op;
    node->compute = c->compute;
    node->notes = (int64_t *)(void *)((char *)node + node->block - extra);
    if (notes) impl->notes(c, node->notes);
    int64_t *room = copy_values(node, c, node->notes + notes);
    for (int i = 0; i < c->outputs; i++) room = torsh__node_describe(node, i, c->output[i], room);
    if (torsh__thread_get()->modes.anomaly) keep_trace(node);
    return node;
}

static torsh_status record_node(torsh__call *c)
{
    if (c->inputs > UINT16_MAX)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s: %d tensors are more than one recorded call takes (%d); cut the list", torsh__call_name(c), c->inputs, UINT16_MAX);
    torsh_status status = c->in_place ? TORSH_OK : refresh_inputs(c); /* in place: done before the change */
    if (status) return status;
    uint32_t saves = saves_of(c, NULL);
    torsh__node *node = make_node(c, saves);
    if (!node) return TORSH_OUT_OF_MEMORY;
    for (int i = 0; i < c->inputs; i++)
        if (c->input[i]) torsh__node_connect(node, i, c->input[i]);
    if (saves) status = save_tensors(node, c, saves);
    for (int i = 0; i < c->outputs && status == TORSH_OK; i++) {
        if (!differentiable(torsh__dtype_of(c->output[i]))) continue;
        if (c->in_place && i == 0) status = torsh__view_rebase(c->output[0], node);
        else torsh__node_attach(node, i, c->output[i]);
    }
    torsh__drop(&node->object);
    return status;
}

torsh__node *torsh__record_apart(const torsh__call *c, torsh__tensor *const *wanted)
{
    uint32_t saves = saves_of(c, wanted);
    torsh__node *node = c->inputs > UINT16_MAX ? NULL : make_node(c, saves);
    if (!node) return NULL;
    node->apart = true;
    for (int i = 0; i < c->inputs; i++) {
        if (!wanted[i]) continue;
        node->edges[i].leaf = c->input[i];
        torsh__tensor_retain(c->input[i]);
    }
    if (!saves || save_tensors(node, c, saves) == TORSH_OK) return node;
    torsh__drop(&node->object);
    return NULL;
}

torsh_status torsh__record(torsh__call *c)
{
    if (c->op->info.kind == TORSH_OP_VIEW && !(c->op->impl->flags & TORSH__CONSTANT) && differentiable(torsh__dtype_of(c->output[0])))
        torsh__view_made(c->output[0], c->input[0]);
    return torsh__must_record(c) ? record_node(c) : TORSH_OK;
}

/* ---- what gradient functions read ---------------------------------------------------------------------------- */

static torsh__saved *find_saved(const torsh__node *node, uint32_t which)
{
    for (int i = 0; i < node->saved_count; i++) {
        torsh__saved *saved = &node->saved[i];
        if (saved->which == which) return saved;
    }
    return NULL;
}

static torsh_status refuse_changed(const torsh__saved *saved, const char *name)
{
    torsh__shape_text text;
    const torsh_operand *view = &saved->tensor->view;
    return torsh__fail(TORSH_AUTOGRAD_ERROR,
                       "backward of %s: a tensor that the gradient needs (%s, %s) was changed in place: it is at version %u, expected %u; clone it "
                       "before the change",
                       name, torsh__shape_print(&text, view->ndim, view->sizes), torsh_dtype_name((torsh_dtype)view->dtype),
                       torsh__version(saved->tensor), saved->version);
}

torsh__tensor *torsh__saved_open(const torsh__saved *saved, const char *name, torsh_status *status)
{
    if (saved->packed) return saved->packed->unpack(saved->packed, status);
    if (torsh__version(saved->tensor) != saved->version) {
        *status = refuse_changed(saved, name);
        return NULL;
    }
    torsh__tensor_retain(saved->tensor);
    return saved->tensor;
}

torsh_tensor torsh__unpack(const torsh__backward *b, const torsh__saved *saved)
{
    torsh_status status = TORSH_OK;
    torsh__node *node = b->node;
    if (b->freed)
        return torsh__tensor_error(torsh__fail(TORSH_AUTOGRAD_ERROR,
                                               "backward of %s: the tensors that it saved were freed by an earlier backward through this "
                                               "graph; give that one retain_graph",
                                               torsh__node_name(node)));
    torsh__tensor *t = torsh__saved_open(saved, torsh__node_name(node), &status);
    if (!t) return torsh__tensor_error(status);
    if (saved->which < TORSH__SAVED_OUTPUT || node->apart) return torsh__tensor_give(t);
    torsh__tensor *out = torsh__tensor_alias(t);
    if (out) status = torsh__tangents_share(out, t);
    torsh__tensor_drop(t);
    if (!out || (status == TORSH_OK && !torsh__thread_get()->modes.grad)) return torsh__tensor_give(out);
    if (status == TORSH_OK && !node->outer) torsh__node_attach(node, (int)(saved->which - TORSH__SAVED_OUTPUT), out);
    else if (status == TORSH_OK) status = torsh__view_attach_changed(out, node);
    if (status == TORSH_OK) return torsh__tensor_give(out);
    torsh__tensor_drop(out);
    return torsh__tensor_error(status);
}

static torsh_tensor read_saved(const torsh__backward *b, uint32_t which)
{
    const torsh__saved *saved = find_saved(b->node, which);
    return saved ? torsh__unpack(b, saved) : (torsh_tensor){0}; /* none: an absent optional input */
}

torsh_tensor torsh__saved_input(const torsh__backward *b, int i)
{
    return read_saved(b, (uint32_t)i);
}

torsh_tensor torsh__saved_output(const torsh__backward *b, int i)
{
    return read_saved(b, TORSH__SAVED_OUTPUT + (uint32_t)i);
}

torsh__meta torsh__input_meta(const torsh__backward *b, int input)
{
    torsh__meta meta = {TORSH_F32, TORSH_CPU, 0, NULL};
    torsh__edge_meta(&b->node->edges[input], &meta);
    return meta;
}
