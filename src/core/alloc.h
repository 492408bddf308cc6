/* The allocator behind everything: cached, 64-byte aligned, counted, limited, and able to fail on purpose.
 * Blocks are freed with the size they were asked with, so they carry no header. Safe from any thread. */
#ifndef TORSH_CORE_ALLOC_H
#define TORSH_CORE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

enum { TORSH__ALIGNMENT = 64 };

/* Uninitialised memory, aligned to 64 bytes; NULL when there is none (then the error text is set). bytes 0 gives a valid
 * pointer. For objects, graphs, scratch: not counted as tensor memory. */
void *torsh__alloc(size_t bytes);
void *torsh__alloc_zero(size_t bytes);
void  torsh__free(void *memory, size_t bytes); /* NULL is allowed */

/* The same for tensor data on the CPU: counted in torsh_memory_stats and held to the limit. */
bool  torsh__data_charge(size_t bytes); /* the counting alone: false, with the error set, past the limit */
void  torsh__data_refund(size_t bytes);
void *torsh__data_alloc(size_t bytes);
void  torsh__data_free(void *memory, size_t bytes);

#endif
