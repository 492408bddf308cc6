/* The pool behind the CPU's memory, for the CPU backend's statistics and limits. */
#ifndef TORSH_CORE_CPU_MEMORY_H
#define TORSH_CORE_CPU_MEMORY_H

#include "pool.h"

torsh__pool *torsh__cpu_pool(void);
/* The pool's numbers with what threads have not yet added to them (alloc.c). */
void torsh__cpu_memory_stats(torsh_memory *stats);

#endif
