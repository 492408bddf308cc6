/* Copies between strided operands with conversion, for the copy kernels and for others that need a dense operand. */
#ifndef TORSH_BACKEND_CPU_COPY_H
#define TORSH_BACKEND_CPU_COPY_H

#include "cpu.h"

/* from broadcasts to to's sizes. */
void torsh__copy_operand(const torsh_operand *to, const torsh_operand *from);
/* The same where the result is changed at once: it stays in a cache if one is large enough. */
void torsh__copy_operand_near(const torsh_operand *to, const torsh_operand *from);
/* One element of the dtype at `value` into all of `to`. */
void torsh__fill_operand(const torsh_operand *to, const void *value, torsh_dtype dtype);
extern const torsh__cpu_kernel torsh__cpu_copy_kernels[];

#endif
