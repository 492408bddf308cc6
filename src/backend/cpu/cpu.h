/* What the files of the CPU backend share: how a family of kernels offers itself. */
#ifndef TORSH_BACKEND_CPU_CPU_H
#define TORSH_BACKEND_CPU_CPU_H

#include "dtype.h"
#include "isa.h"
#include "status.h"
#include "threads.h"

#include <torsh/backend.h>

#include <string.h>

/* Elements that one thread takes at a time in memory-bound loops; also the smallest work worth a second thread. */
enum { TORSH__GRAIN = 32768 };

/* A family: kernels of hand-written (STRUCTURED) ops by name, ended by a NULL name. */
typedef struct torsh__cpu_kernel {
    const char *name;
    torsh_kernel kernel;
} torsh__cpu_kernel;

/* The first element of an operand. */
static inline char *torsh__operand_data(const torsh_operand *o)
{
    return (char *)o->memory + o->offset * torsh__dtypes[o->dtype].size;
}
static inline torsh_dtype torsh__operand_dtype(const torsh_operand *o)
{
    return (torsh_dtype)o->dtype;
}

/* How many of n bools are true. */
static inline int64_t torsh__count_set(int64_t n, const uint8_t *bools)
{
    int64_t count = 0, i = 0;
    for (uint64_t eight; i + 8 <= n; i += 8) {
        memcpy(&eight, bools + i, sizeof eight);
        count += (int64_t)((eight * 0x0101010101010101u) >> 56);
    }
    for (; i < n; i++) count += bools[i];
    return count;
}

/* The whole operand as a contiguous array of `dtype`: its own memory if it is that already, else a converted copy in
 * *scratch (torsh__free it with *bytes). NULL without memory. */
const void *torsh__operand_dense(const torsh_operand *o, torsh_dtype dtype, void **scratch, size_t *bytes);
/* dense (contiguous, of `dtype`) into the operand's own strides and dtype. */
void torsh__operand_store(const torsh_operand *o, torsh_dtype dtype, const void *dense);

#endif
