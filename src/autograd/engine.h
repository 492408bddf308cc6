/* One backward pass, in tensors instead of handles. */
#ifndef TORSH_AUTOGRAD_ENGINE_H
#define TORSH_AUTOGRAD_ENGINE_H

#include "tape.h"

typedef struct torsh__request {
    torsh__tensor *const *outputs;
    torsh__tensor **gradients; /* by output: references that the pass consumes */
    size_t outputs_count;
    torsh__tensor *const *inputs; /* the only tensors that get gradients; without any, all leaves do */
    size_t inputs_count;
    torsh__tensor **captured; /* by input: its gradient (a reference) or NULL; captured NULL: gradients go to .grad */
    bool retain_graph, create_graph;
} torsh__request;

torsh_status torsh__engine_run(const torsh__request *request);

#endif
