/* Error text, and the error values that handles carry.
 * A failing function calls torsh__fail once, where it knows most, and passes the status up. */
#ifndef TORSH_CORE_STATUS_H
#define TORSH_CORE_STATUS_H

#include <torsh/core.h>

#define TORSH__PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Sets this thread's error text and returns `status`. Allocates nothing. */
torsh_status torsh__fail(torsh_status status, const char *format, ...) TORSH__PRINTF(2, 3);
#ifdef __clang_analyzer__ /* it can't see that what comes back is what went in */
#define torsh__fail(status, ...) (torsh__fail(status, __VA_ARGS__), (status))
#endif

/* The id of an error value for `status`, tied to the thread's last error text. */
uint64_t torsh__error_id(torsh_status status);

static inline bool torsh__is_error(uint64_t id)
{
    return id >> 60 == 15;
}
/* The status in an error value's id. */
static inline torsh_status torsh__error_status(uint64_t id)
{
    return (torsh_status)(id & 0xFF);
}

/* Text that is put in front of each error made on this thread while it is in force, e.g. "in module net.conv1: ".
 * Lives on the caller's stack. */
typedef struct torsh__context {
    const char *text;
    struct torsh__context *outer;
} torsh__context;
void torsh__context_enter(torsh__context *context, const char *text);
void torsh__context_leave(torsh__context *context);

/* Prints to standard error when TORSH_DEBUG is at least `level`. */
void torsh__log(int level, const char *format, ...) TORSH__PRINTF(2, 3);

#endif
