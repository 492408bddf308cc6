/* Recording calls on the tape, and what gradient functions read back from it. */
#include "tape.h"
#include "alloc.h"

#include <string.h>

static void destroy(torsh__object *object);
const torsh__kind torsh__node_kind = {"node", destroy};

static _Thread_local uint64_t next_sequence;

/* ---- nodes --------------------------------------------------------------------------------------------------- */

static size_t padded(size_t bytes)
{
    return (bytes + 15) / 16 * 16;
}

torsh__node *torsh__node_make(int inputs, int outputs, int saved, int values, size_t extra)
{
    size_t edges_bytes = padded((size_t)inputs * sizeof(torsh__edge)), saved_bytes = padded((size_t)saved * sizeof(torsh__saved));
    size_t values_bytes = padded((size_t)values * sizeof(torsh_value)), meta_bytes = padded((size_t)outputs * sizeof(torsh__meta));
    size_t head = padded(sizeof(torsh__node));
    size_t block = head + edges_bytes + saved_bytes + values_bytes + meta_bytes + extra;
    char *memory = torsh__alloc(block);
    if (!memory) return NULL;
    memset(memory, 0, block - extra);
    torsh__node *node = (torsh__node *)(void *)memory;
    torsh__object_init(&node->object, &torsh__node_kind);
    node->block = block;
    node->edges = (torsh__edge *)(void *)(memory + head);
    node->saved = (torsh__saved *)(void *)(memory + head + edges_bytes);
    node->values = (torsh_value *)(void *)(memory + head + edges_bytes + saved_bytes);
    node->outputs_meta = (torsh__meta *)(void *)(memory + head + edges_bytes + saved_bytes + values_bytes);
    node->inputs = (uint16_t)inputs;
    node->outputs = (uint16_t)outputs;
    node->saved_count = (uint16_t)saved;
    node->sequence = ++next_sequence;
    return node;
}

void torsh__edge_clear(torsh__edge *edge)
{
    if (edge->node) torsh__drop(&edge->node->object);
    if (edge->leaf) torsh__tensor_drop(edge->leaf);
    edge->node = NULL;
    edge->leaf = NULL;
}

void torsh__node_release(torsh__node *node)
{
    for (int i = 0; i < node->saved_count; i++) {
        torsh__tensor *t = node->saved[i].tensor;
        node->saved[i].tensor = NULL;
        node->saved[i].freed = true;
        if (t) torsh__tensor_drop(t);
    }
    if (node->custom && node->custom->release && !node->released) node->custom->release(node->context);
    node->released = true;
}

static void end_node(torsh__node *node)
{
    torsh__node_release(node);
    for (int i = 0; i < node->inputs; i++) torsh__edge_clear(&node->edges[i]);
    if (node->hooks) torsh__hooks_free(node->hooks);
    if (node->custom && node->custom->destroy) node->custom->destroy(node->context);
    torsh__free(node, node->block);
}

/* A graph may be a chain of millions: nodes that end while another ends wait in a list instead of on the stack. */
static void destroy(torsh__object *object)
{
    static _Thread_local torsh__node *waiting;
    static _Thread_local bool draining;
    torsh__node *node = (torsh__node *)object;
    node->next = waiting;
    waiting = node;
    if (draining) return;
    draining = true;
    while (waiting) {
        node = waiting;
        waiting = node->next;
        end_node(node);
    }
    draining = false;
}

void torsh__node_connect(torsh__node *node, int i, torsh__tensor *input)
{
    torsh__edge *edge = &node->edges[i];
    if (input->grad_fn) {
        edge->node = input->grad_fn;
        edge->index = input->out_index;
        torsh__retain(&edge->node->object);
    } else if (input->requires_grad) {
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
    if (old) torsh__drop(&old->object);
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

torsh_status torsh__record_prepare(torsh__call *c)
{
    torsh__tensor *t = c->input[0];
    if (!torsh__thread_get()->modes.grad) return TORSH_OK;
    if (t->requires_grad && !t->grad_fn)
        return torsh__fail(TORSH_AUTOGRAD_ERROR,
                           "%s_: a leaf tensor that requires a gradient can't be changed in place; do it inside torsh_no_grad", torsh__call_name(c));
    if (!torsh__must_record(c)) return TORSH_OK;
    torsh_status status = torsh__view_check_in_place(t, torsh__call_name(c));
    if (status || !(c->op->impl->saves & TORSH__SAVE_IN(0))) return status;
    torsh_value value = {.handle = torsh__tensor_share(t).id};
    torsh_tensor copy, source = {value.handle};
    torsh__modes *modes = &torsh__thread_get()->modes;
    modes->grad = false;
    torsh__door(torsh__op_find("clone"), &value, TORSH__FUNCTIONAL, NULL, &copy);
    modes->grad = true;
    c->before = torsh__tensor_hold(copy, torsh__call_name(c), "input", &status);
    torsh_release(copy);
    torsh_release(source);
    if (c->before && t->grad_fn) torsh__node_attach(t->grad_fn, (int)t->out_index, c->before);
    return status;
}

static size_t list_bytes(const torsh__call *c)
{
    size_t bytes = 0;
    for (int i = 0; i < c->op->info.param_count; i++) {
        torsh_param_kind kind = c->op->info.params[i].kind;
        if (kind == TORSH_PARAM_INTS) bytes += padded(c->values[i].list.count * sizeof(int64_t));
        if (kind == TORSH_PARAM_TEXT) bytes += padded(strlen(c->values[i].text) + 1);
    }
    for (int i = 0; i < c->outputs; i++) bytes += padded((size_t)c->output[i]->view.ndim * sizeof(int64_t));
    return bytes;
}

/* Copies what the call's arguments point to behind the node's arrays. */
static char *copy_values(torsh__node *node, const torsh__call *c, char *room)
{
    for (int i = 0; i < c->op->info.param_count; i++) {
        torsh_param_kind kind = c->op->info.params[i].kind;
        node->values[i] = c->values[i];
        if (kind == TORSH_PARAM_INTS && c->values[i].list.count) {
            size_t bytes = c->values[i].list.count * sizeof(int64_t);
            memcpy(room, c->values[i].list.data, bytes);
            node->values[i].list.data = room;
            room += padded(bytes);
        } else if (kind == TORSH_PARAM_TEXT) {
            size_t bytes = strlen(c->values[i].text) + 1;
            memcpy(room, c->values[i].text, bytes);
            node->values[i].text = room;
            room += padded(bytes);
        }
    }
    return room;
}

static void save(torsh__saved *saved, torsh__tensor *t, unsigned bit)
{
    saved->tensor = t;
    saved->version = torsh__version(t);
    saved->bit = (uint8_t)bit;
}

static torsh_status save_tensors(torsh__node *node, const torsh__call *c)
{
    int count = 0;
    for (int i = 0; i < c->inputs; i++) {
        /* Inputs of a list past the 16th share the last bit. */
        if (!c->input[i] || !(c->op->impl->saves & TORSH__SAVE_IN(i < 16 ? i : 15))) continue;
        torsh__tensor *t = i == 0 && c->before ? c->before : c->input[i];
        torsh__tensor_retain(t);
        save(&node->saved[count++], t, (unsigned)i);
    }
    for (int i = 0; i < c->outputs; i++) {
        if (!(c->op->impl->saves & TORSH__SAVE_OUT(i))) continue;
        torsh__tensor *alias = torsh__tensor_alias(c->output[i]); /* the output itself would be a cycle */
        if (!alias) return TORSH_OUT_OF_MEMORY;
        save(&node->saved[count++], alias, 16u + (unsigned)i);
    }
    return TORSH_OK;
}

static int saved_count(const torsh__call *c)
{
    int count = __builtin_popcount(c->op->impl->saves >> 16);
    for (int i = 0; i < c->inputs; i++) count += c->input[i] && (c->op->impl->saves & TORSH__SAVE_IN(i < 16 ? i : 15));
    return count;
}

static torsh_status record_node(torsh__call *c)
{
    torsh__node *node = torsh__node_make(c->inputs, c->outputs, saved_count(c), c->op->info.param_count, list_bytes(c));
    if (!node) return TORSH_OUT_OF_MEMORY;
    node->op = c->op;
    node->compute = c->compute;
    size_t extra = list_bytes(c);
    char *room = copy_values(node, c, (char *)node + node->block - extra);
    for (int i = 0; i < c->outputs; i++) {
        const torsh_operand *view = &c->output[i]->view;
        size_t bytes = (size_t)view->ndim * sizeof(int64_t);
        if (bytes) memcpy(room, view->sizes, bytes);
        node->outputs_meta[i] = (torsh__meta){(torsh_dtype)view->dtype, view->device, view->ndim, (const int64_t *)(void *)room};
        room += padded(bytes);
    }
    torsh_status status = TORSH_OK;
    for (int i = 0; i < c->inputs && status == TORSH_OK; i++) {
        if (!c->input[i]) continue;
        if (c->input[i]->base) torsh__grad_fn(c->input[i], &status); /* makes a stale view's grad_fn current */
        torsh__node_connect(node, i, c->input[i]);
    }
    if (status == TORSH_OK) status = save_tensors(node, c);
    for (int i = 0; i < c->outputs && status == TORSH_OK; i++) {
        if (!differentiable(torsh__dtype_of(c->output[i]))) continue;
        if (c->in_place && i == 0) status = torsh__view_rebase(c->output[0], node);
        else torsh__node_attach(node, i, c->output[i]);
    }
    torsh__drop(&node->object);
    return status;
}

torsh_status torsh__record(torsh__call *c)
{
    if (c->op->info.kind == TORSH_OP_VIEW && !(c->op->impl->flags & TORSH__CONSTANT)) {
        torsh__tensor *of = c->input[0], *out = c->output[0];
        torsh__tensor *base = of->base ? of->base : of;
        if (!of->leaf_view) {
            out->base = base;
            torsh__tensor_retain(base);
            out->view_stamp = base->history_stamp;
        }
        out->leaf_view = of->leaf_view;
        if (!torsh__thread_get()->modes.grad) out->leaf_view = true;
    }
    return torsh__must_record(c) ? record_node(c) : TORSH_OK;
}

/* ---- what gradient functions read ---------------------------------------------------------------------------- */

static torsh__saved *find_saved(const torsh__node *node, unsigned bit)
{
    for (int i = 0; i < node->saved_count; i++)
        if (node->saved[i].bit == bit && (node->saved[i].tensor || node->saved[i].freed)) return &node->saved[i];
    return NULL;
}

static torsh_tensor unpack(const torsh__backward *b, unsigned bit)
{
    const torsh__node *node = b->node;
    torsh__saved *saved = find_saved(node, bit);
    if (!saved) /* an absent optional input */
        return (torsh_tensor){0};
    if (saved->freed)
        return torsh__tensor_error(torsh__fail(TORSH_AUTOGRAD_ERROR,
                                               "backward of %s: its saved tensors were freed by an earlier backward; give that one retain_graph",
                                               torsh__node_name(node)));
    if (torsh__version(saved->tensor) != saved->version)
        return torsh__tensor_error(torsh__fail(
            TORSH_AUTOGRAD_ERROR,
            "backward of %s: a tensor that the gradient needs was changed in place after it was used (version %u, expected %u); clone it before the change",
            torsh__node_name(node), torsh__version(saved->tensor), saved->version));
    if (bit < 16) return torsh__tensor_share(saved->tensor);
    torsh__tensor *out = torsh__tensor_alias(saved->tensor);
    if (out) torsh__node_attach((torsh__node *)(uintptr_t)node, (int)bit - 16, out);
    return torsh__tensor_give(out);
}

torsh_tensor torsh__saved_input(const torsh__backward *b, int i)
{
    return unpack(b, (unsigned)i);
}

torsh_tensor torsh__saved_output(const torsh__backward *b, int i)
{
    return unpack(b, 16u + (unsigned)i);
}

torsh__meta torsh__input_meta(const torsh__backward *b, int input)
{
    torsh__meta meta = {TORSH_F32, TORSH_CPU, 0, NULL};
    torsh__edge_meta(&b->node->edges[input], &meta);
    return meta;
}
