/* The pool behind the CPU's memory, for the CPU backend's statistics and limits. */
#ifndef TORSH_CORE_CPU_MEMORY_H
#define TORSH_CORE_CPU_MEMORY_H

#include "pool.h"

torsh__pool *torsh__cpu_pool(void);
/* Adds what threads have not yet counted (alloc.c), so that the pool's numbers are exact. */
void torsh__cpu_pool_settle(void);

#endif
