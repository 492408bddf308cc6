/* Walks the elements of several operands in step, whatever their strides, broadcasting and dtypes, in chunks that a
 * contiguous loop can take. Operands that are contiguous and of the loop's dtype are used where they lie; others go
 * through a small buffer, converted on the way in or out. */
#ifndef TORSH_BACKEND_CPU_ITERATE_H
#define TORSH_BACKEND_CPU_ITERATE_H

#include "cpu.h"

enum { TORSH__ITERATE_MOST = 5, TORSH__CHUNK_BYTES = 4096 };

/* One chunk: pointers to n contiguous elements of each operand, outputs first. */
typedef void torsh__chunk(void *context, int64_t n, void *const *data);

/* outputs + inputs <= TORSH__ITERATE_MOST; all outputs have the same sizes, inputs broadcast to them. dtypes: what the
 * chunk function reads and writes, per operand. */
void torsh__iterate(int outputs, int inputs, const torsh_operand *const *operands, const torsh_dtype *dtypes, torsh__chunk *chunk,
                    void *context);

/* The same for a chunk function that can also take one input as a single element, the same for the whole chunk, instead of n equal ones in a
 * buffer. may: a bit for each operand that it can take so. *one: becomes, before the first chunk, which of them it is in every chunk, or 0. */
void torsh__iterate_one(int outputs, int inputs, const torsh_operand *const *operands, const torsh_dtype *dtypes, torsh__chunk *chunk,
                        void *context, unsigned may, int *one);

#endif
