/* The books of one backward pass: which nodes and leaves it reaches, what each still waits for, and which comes next.
 * Knows nothing of how gradients are computed. One thread works on a pass. */
#ifndef TORSH_AUTOGRAD_PASS_H
#define TORSH_AUTOGRAD_PASS_H

#include "tape.h"

/* One node or leaf of the graph. */
typedef struct torsh__stop {
    torsh__object *target; /* a torsh__node or a leaf torsh__tensor, by its kind; the graph keeps it alive */
    uint32_t waiting;      /* gradients still to come */
    bool wanted;           /* its gradient was asked for */
    bool passes;           /* a wanted one lies behind it, or everything is wanted */
    union {
        torsh__tensor *one;   /* the sum so far of a leaf or of a node with one output; retained */
        torsh__tensor **many; /* the same by output */
    } sum;
} torsh__stop;

enum { TORSH__PASS_STOPS = 32, TORSH__PASS_TABLE = 64, TORSH__PASS_READY = 16 };

typedef struct torsh__pass {
    torsh__stop *stops; /* in the order of discovery */
    uint32_t *table;    /* open addressing: 1 + index of a stop; 0: empty */
    uint32_t *ready;    /* a heap of indices of nodes: the highest sequence first */
    uint32_t count, capacity, table_size, ready_count, ready_capacity;
    torsh__stop inline_stops[TORSH__PASS_STOPS]; /* enough for small graphs */
    uint32_t inline_table[TORSH__PASS_TABLE];
    uint32_t inline_ready[TORSH__PASS_READY];
} torsh__pass;

void torsh__pass_init(torsh__pass *pass);
/* Drops what sums are left. */
void torsh__pass_end(torsh__pass *pass);

static inline torsh__object *torsh__edge_target(const torsh__edge *edge)
{
    return edge->node ? &edge->node->object : (torsh__object *)edge->leaf;
}
static inline torsh__node *torsh__stop_node(const torsh__stop *stop)
{
    return stop->target->kind == &torsh__node_kind ? (torsh__node *)stop->target : NULL;
}

/* The target's stop; NULL if the pass doesn't reach it. Pointers to stops hold until the next torsh__pass_reach. */
torsh__stop *torsh__pass_find(const torsh__pass *pass, const torsh__object *target);
/* The same, added if it is new. NULL without memory. */
torsh__stop *torsh__pass_reach(torsh__pass *pass, torsh__object *target);
/* Reaches all that lies behind the stops so far and counts what each waits for. */
torsh_status torsh__pass_discover(torsh__pass *pass);
/* Sets `passes` from `wanted`. */
torsh_status torsh__pass_narrow(torsh__pass *pass);

torsh_status torsh__pass_push(torsh__pass *pass, const torsh__stop *stop);
/* The ready node that was recorded last; NULL if there is none. */
torsh__stop *torsh__pass_pop(torsh__pass *pass);

#endif
