/* Sums of gradients. */
#ifndef TORSH_AUTOGRAD_ACCUMULATE_H
#define TORSH_AUTOGRAD_ACCUMULATE_H

#include "tape.h"

/* Adds g (consumed) to *sum, which may be NULL. Reuses memory that nobody else sees unless `create_graph`. */
torsh_status torsh__sum_into(torsh__tensor **sum, torsh__tensor *g, bool create_graph);

/* Adds g (consumed) to the leaf's .grad; `create_graph` leaves the old .grad's memory unchanged. */
torsh_status torsh__accumulate(torsh__tensor *leaf, torsh__tensor *g, bool create_graph);

#endif
