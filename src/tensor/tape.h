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

typedef struct torsh__saved {
    torsh__tensor *tensor; /* retained; for an output: an alias without history. NULL once released */
    uint32_t version;
    uint8_t bit; /* its bit in op->saves */
    bool freed;
} torsh__saved;

/* A node that no row describes: custom functions, checkpointing, copies into slices of a view. */
typedef struct torsh__custom {
    const char *name;
    /* Fills results[input] from g[output]; handles made in it are released after it. */
    torsh_status (*backward)(void *context, const torsh__node *node, const torsh_tensor *g, torsh_tensor *results);
    void (*destroy)(void *context); /* with the node */
    void (*release)(void *context); /* saved data, after a backward that doesn't retain the graph; may be NULL */
} torsh__custom;

struct torsh__node {
    torsh__object object;
    const torsh__op *op;         /* NULL for a custom node */
    const torsh__custom *custom; /* NULL for a row's */
    void *context;               /* custom's */
    uint64_t sequence;           /* later calls have higher numbers, per thread */
    size_t block;                /* bytes of this allocation */
    torsh_value *values;         /* copies of the call's arguments, lists included */
    torsh__edge *edges;          /* by input */
    torsh__saved *saved;
    torsh__meta *outputs_meta;   /* by output */
    uint16_t inputs, outputs, saved_count;
    bool released;               /* saved tensors are gone */
    torsh_dtype compute;
    struct torsh__hooks *hooks;  /* on its outputs (autograd/hooks.c) */
    struct torsh__node *next;    /* while waiting to be freed */
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

/* A node with room for the given counts; edges, saved and metas zeroed. NULL without memory. */
torsh__node *torsh__node_make(int inputs, int outputs, int saved, int values, size_t extra_bytes);
/* Fills edge i from a tensor that may track gradients. */
void torsh__node_connect(torsh__node *node, int i, torsh__tensor *input);
/* Makes t output `index` of the node (which is retained). */
void torsh__node_attach(torsh__node *node, int index, torsh__tensor *t);
void torsh__edge_clear(torsh__edge *edge);
/* Gives up saved tensors, as backward does without retain_graph. */
void torsh__node_release(torsh__node *node);

/* The shape, dtype and device that the gradient sent along an edge must have; false if nothing is there. */
bool torsh__edge_meta(const torsh__edge *edge, torsh__meta *meta);

/* The node that made t: for a view whose base changed in place since, a fresh one (view.c). NULL for a leaf, or with *status set. */
torsh__node *torsh__grad_fn(torsh__tensor *t, torsh_status *status);

/* ---- views and in-place changes (view_history.c) ------------------------------------------------------------- */

/* Refuses an in-place change of a view that was made without grad mode. */
torsh_status torsh__view_check_in_place(const torsh__tensor *t, const char *op);
/* Makes `node` the history of t after an in-place change; for a view, its base's history too. */
torsh_status torsh__view_rebase(torsh__tensor *t, torsh__node *node);

/* ---- for gradient functions ---------------------------------------------------------------------------------- */

/* Input i's saved tensor, with its history; the error value if it was changed in place since or was freed. */
torsh_tensor torsh__saved_input(const torsh__backward *b, int i);
torsh_tensor torsh__saved_output(const torsh__backward *b, int i);
static inline bool torsh__needs(const torsh__backward *b, int input)
{
    return b->node->edges[input].node || b->node->edges[input].leaf;
}
/* Sizes of an input that needs a gradient. */
torsh__meta torsh__input_meta(const torsh__backward *b, int input);

#endif
