/* The thread pool: one parallel loop over pieces of fixed size.
 * The caller cuts work by size, and by thread count only where that changes the order of no sum: results have the same bits for any number of threads.
 * Relies on pthreads and atomics only. */
#ifndef TORSH_CORE_THREADS_H
#define TORSH_CORE_THREADS_H

#include <stdint.h>

/* Runs piece(context, i) for each i in [0, pieces), on this thread and on idle workers, and returns when all are done.
 * Pieces run in any order and at the same time. With one thread, one piece, or when called from inside a piece, it is a
 * plain loop in order. It cannot fail: if workers can't be started, the caller's thread does all the work. */
typedef void torsh__piece(void *context, int64_t i);
void torsh__parallel(int64_t pieces, torsh__piece *piece, void *context);

/* How many threads a parallel loop may use (at least 1). */
int torsh__threads(void);

#endif
