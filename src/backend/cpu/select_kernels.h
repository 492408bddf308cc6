/* Selection by counting: the k-th smallest of keys without sorting them, nor branches that depend on them. One table per instruction set. */
#ifndef TORSH_BACKEND_CPU_SELECT_KERNELS_H
#define TORSH_BACKEND_CPU_SELECT_KERNELS_H

#include "isa.h"

#include <stdint.h>

typedef struct torsh__select_table {
    /* Integers in the order of n floats: -0 is 0, each NaN is INT32_MAX. */
    void (*keys)(int64_t n, const float *x, int32_t *keys);
    /* How many keys are below the limit. */
    int64_t (*count)(int64_t n, const int32_t *keys, int32_t limit);
    /* Where element k, 0 <= k < n < 2^31, of the sorted keys is, equal ones in order of their places. room: for n / 4 + 8 keys. */
    int64_t (*nth)(int64_t n, const int32_t *keys, int32_t *room, int64_t k);
} torsh__select_table;

TORSH__ISA_TABLES(torsh__select_table, torsh__select);

#endif
