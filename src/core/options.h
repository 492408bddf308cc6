/* Taking an options struct that a program made, perhaps one compiled with the headers of an older release.
 * Relies on the rules in ARCHITECTURE.md, "Decisions": `size` is the first member, and what is added later begins where the struct ended. */
#ifndef TORSH_CORE_OPTIONS_H
#define TORSH_CORE_OPTIONS_H

#include "status.h"

/* `own` points to `size` bytes of defaults. `given`, unless it is NULL, overwrites as much of them as its caller's headers knew,
 * so members that are younger keep their defaults; it is not read beyond its own size. `first`: the struct's size in the first
 * release that had it, which is the offset of the first member added since. */
torsh_status torsh__take_options(const char *function, void *own, size_t size, size_t first, const void *given);

#endif
