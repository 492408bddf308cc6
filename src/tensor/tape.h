/* The tape: one node per recorded call. A node is the data that backward needs; the engine that walks it is in autograd. */
#ifndef TORSH_TENSOR_TAPE_H
#define TORSH_TENSOR_TAPE_H

#include "op.h"

typedef struct torsh__meta {
    torsh_dtype dtype;
    torsh_device device;
    int ndim;
    const int64_t *sizes; /* inside the node's own block */
} torsh__meta;

/* What stands for a saved tensor that is not kept but can be had again (checkpointing): made by a saver, below. */
typedef struct torsh__packed {
    torsh__object object;
    /* A new reference to the tensor with its history; NULL with the error set. */
    torsh__tensor *(*unpack)(struct torsh__packed *packed, torsh_status *status);
} torsh__packed;

typedef struct torsh__saved {
    torsh__tensor *tensor; /* retained; for an output: an alias without history. NULL once the node let it go */
    torsh__packed *packed; /* retained; instead of tensor */
    uint32_t version;
    uint32_t which; /* an input's index, or TORSH__SAVED_OUTPUT + an output's */
} torsh__saved;

enum { TORSH__SAVED_OUTPUT = 1 << 16 }; /* a recorded call has fewer inputs */

/* While modes.saver is set, tensors that nodes want to save go to it. */
struct torsh__saver {
    /* What to keep in place of t: NULL and *status OK to keep t itself. */
    torsh__packed *(*pack)(struct torsh__saver *saver, torsh__tensor *t, torsh_status *status);
};

/* A node that no row describes: custom functions, checkpointing, copies into slices of a view. */
typedef struct torsh__custom {
    const char *name;
    /* Fills results[input] from g[output]; handles made in it are released after it. */
    torsh_status (*backward)(void *context, const torsh__backward *b);
    void (*destroy)(void *context); /* with the node */
    void (*release)(void *context); /* saved data, after a backward that doesn't retain the graph; may be NULL */
} torsh__custom;

struct torsh__node {
    torsh__object object;
    _Atomic uint32_t state;      /* gradients that run now << 1 | released; saved tensors go when it is released and none runs */
    const torsh__op *op;         /* NULL for a custom node */
    const torsh__custom *custom; /* NULL for a row's */
    void *context;               /* custom's */
    uint64_t sequence;           /* later calls have higher numbers, per thread */
    size_t block;                /* bytes of this allocation */
    torsh_value *values;         /* copies of the call's arguments, lists included */
    torsh__edge *edges;          /* by input */
    torsh__saved *saved;
    torsh__meta *outputs_meta;   /* by output */
    int64_t *notes;              /* what impl->notes wrote */
    uint16_t inputs, outputs, saved_count;
    torsh_dtype compute;
    bool apart;                  /* no output's grad_fn: made for a look at one call's gradient */
    torsh__hook_list hooks;      /* on its outputs (autograd/hooks.c) */
    struct torsh__node *outer;   /* not retained: the copy_slices that runs this node as a part of itself */
    char *trace;                 /* made in anomaly mode: the context of the call; its length is in front (tape.c) */
};

extern const torsh__kind torsh__node_kind;

static inline const char *torsh__node_name(const torsh__node *node)
{
    return node->op ? node->op->info.name : node->custom->name;
}

/* True if grad mode is on and a differentiable input tracks gradients. */
bool torsh__must_record(const torsh__call *call);
/* Before an in-place launch: refuses what would falsify history, and saves what the gradient needs of the old value. */
torsh_status torsh__record_prepare(torsh__call *call);
/* After the launch: hangs a node under the outputs that can have gradients. */
torsh_status torsh__record(torsh__call *call);

/* A node of the call that has just run, for forward mode: with edges for those inputs that `wanted` has a tensor for, and hung under nothing.
 * NULL without memory. */
torsh__node *torsh__record_apart(const torsh__call *call, torsh__tensor *const *wanted);
/* The copy of input 0 that an in-place call's gradient may read: call->before, unless that is set already or isn't read. */
torsh_status torsh__keep_before(torsh__call *call, bool recorded);

/* A node with room for the given counts and `extra` bytes at its end. All but those is zeroed. NULL without memory. */
torsh__node *torsh__node_make(int inputs, int outputs, int saved, int values, size_t extra);
/* Fills edge i from a tensor that may track gradients. */
void torsh__node_connect(torsh__node *node, int i, torsh__tensor *input);
/* Makes t output `index` of the node (which is retained). */
void torsh__node_attach(torsh__node *node, int index, torsh__tensor *t);
/* Copies t's shape to `room` (ndim numbers) as the meta of output `index`. Returns the end of what it wrote. */
int64_t *torsh__node_describe(torsh__node *node, int index, const torsh__tensor *t, int64_t *room);
void torsh__edge_clear(torsh__edge *edge);
void torsh__edge_copy(torsh__edge *to, const torsh__edge *from);
/* Keeps t (a reference, consumed) for the gradient. `behind` is by how much its version has moved in this very call. */
torsh_status torsh__save(torsh__saved *saved, torsh__tensor *t, uint32_t which, uint32_t behind);
/* A new reference to what was saved, with its history; NULL with *status set if it was changed in place since. */
torsh__tensor *torsh__saved_open(const torsh__saved *saved, const char *name, torsh_status *status);
/* The same of b's node as a handle; an output is an alias that the node is the grad_fn of. An error if the node was released. */
torsh_tensor torsh__unpack(const torsh__backward *b, const torsh__saved *saved);
/* Gives up saved tensors, as backward does without retain_graph; those that other threads' backward reads now, when it has. */
void torsh__node_release(torsh__node *node);
/* Runs the gradient function; the node's saved tensors stay meanwhile. */
torsh_status torsh__node_backward(torsh__backward *b);

/* The shape, dtype and device that the gradient sent along an edge must have; false if nothing is there. */
bool torsh__edge_meta(const torsh__edge *edge, torsh__meta *meta);

/* ---- views and in-place changes (view_history.c) ------------------------------------------------------------- */

/* Marks out as a view of `of`. */
void torsh__view_made(torsh__tensor *out, torsh__tensor *of);
/* Makes grad_fn of a view current: one whose base changed in place gets a fresh node. Others are left as they are. */
torsh_status torsh__view_refresh(torsh__tensor *t);
/* Refuses an in-place change of a view that history can't follow. */
torsh_status torsh__view_check_in_place(const torsh__tensor *t, const char *op);
/* A VIEW row in place. */
torsh_status torsh__view_in_place(const torsh__op *op, const torsh_value *values);
/* Makes `node` the history of t after an in-place change; for a view, its base's history too. */
torsh_status torsh__view_rebase(torsh__tensor *t, torsh__node *node);
/* Gives out, the saved output of a change of a view, the history that the view got then. */
torsh_status torsh__view_attach_changed(torsh__tensor *out, const torsh__node *change);

/* ---- autograd (autograd/hooks.c) ----------------------------------------------------------------------------- */

/* t, whose gradient is kept, gets another grad_fn: its entry goes along. */
void torsh__retained_move(torsh__tensor *t, torsh__node *from, torsh__node *to, uint32_t index);

/* ---- for gradient functions ---------------------------------------------------------------------------------- */

/* Input i's saved tensor, with its history; the error value if it was changed in place since or was freed. */
torsh_tensor torsh__saved_input(const torsh__backward *b, int i);
torsh_tensor torsh__saved_output(const torsh__backward *b, int i);
static inline bool torsh__needs(const torsh__backward *b, int input)
{
    const torsh__edge *edge = &b->node->edges[input];
    return (edge->node || edge->leaf) && !(input < 64 && b->skip >> input & 1);
}
/* Sizes of an input that needs a gradient. */
torsh__meta torsh__input_meta(const torsh__backward *b, int input);

#endif
