/* Error texts are kept in a ring per thread, so that reporting an error never allocates. */
#include "status.h"
#include "thread_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_int debug_level = -1;

const char *torsh_version(void)
{
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
    return TEXT(TORSH_VERSION_MAJOR) "." TEXT(TORSH_VERSION_MINOR) "." TEXT(TORSH_VERSION_PATCH);
}

const char *torsh_status_name(torsh_status status)
{
    static const char *const names[TORSH_STATUS_COUNT] = {
        [TORSH_OK] = "ok",
        [TORSH_INVALID_ARGUMENT] = "invalid argument",
        [TORSH_INVALID_HANDLE] = "invalid handle",
        [TORSH_SHAPE_MISMATCH] = "shape mismatch",
        [TORSH_DTYPE_MISMATCH] = "dtype mismatch",
        [TORSH_DEVICE_MISMATCH] = "device mismatch",
        [TORSH_OUT_OF_RANGE] = "out of range",
        [TORSH_OUT_OF_MEMORY] = "out of memory",
        [TORSH_UNSUPPORTED] = "unsupported",
        [TORSH_AUTOGRAD_ERROR] = "autograd error",
        [TORSH_IO_ERROR] = "input/output error",
        [TORSH_FORMAT_ERROR] = "format error",
        [TORSH_DEVICE_ERROR] = "device error",
        [TORSH_CANCELLED] = "cancelled",
        [TORSH_END] = "end",
    };
    unsigned index = (unsigned)status;
    return index < TORSH_STATUS_COUNT ? names[index] : "unknown status";
}

int torsh_debug(void)
{
    int level = atomic_load_explicit(&debug_level, memory_order_relaxed);
    if (__builtin_expect(level >= 0, 1)) return level;
    const char *text = getenv("TORSH_DEBUG");
    level = text ? atoi(text) : 0;
    if (level < 0) level = 0;
    atomic_store_explicit(&debug_level, level, memory_order_relaxed);
    return level;
}

void torsh_set_debug(int level)
{
    atomic_store_explicit(&debug_level, level < 0 ? 0 : level, memory_order_relaxed);
}

void torsh__log(int level, const char *format, ...)
{
    if (torsh_debug() < level) return;
    va_list list;
    va_start(list, format);
    fputs("torsh: ", stderr);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
}

torsh_status (torsh__fail)(torsh_status status, const char *format, ...)
{
    torsh__thread *self = torsh__thread_get();
    if (++self->error_serial == 0) self->error_serial = 1;
    self->passed_error = 0;
    uint32_t slot = self->error_serial % TORSH__ERROR_TEXTS;
    char *text = self->errors[slot].text;
    size_t used = 0;
    if (self->context) used = (size_t)snprintf(text, TORSH__ERROR_TEXT_SIZE, "%s", self->context->text);
    if (used >= TORSH__ERROR_TEXT_SIZE / 2) used = TORSH__ERROR_TEXT_SIZE / 2;
    va_list list;
    va_start(list, format);
    vsnprintf(text + used, TORSH__ERROR_TEXT_SIZE - used, format, list);
    va_end(list);
    self->errors[slot].serial = self->error_serial;
    torsh__log(1, "error (%s): %s", torsh_status_name(status), text);
    if (self->speaker && !self->first_error) self->first_error = torsh__error_id(status);
    return status;
}

void torsh__context_enter(torsh__context *context, const char *text)
{
    torsh__thread *self = torsh__thread_get();
    context->text = text;
    context->outer = self->context;
    self->context = context;
}

void torsh__context_leave(torsh__context *context)
{
    torsh__thread *self = torsh__thread_get();
    if (self->context == context) self->context = context->outer;
}

uint64_t torsh__error_id(torsh_status status)
{
    if ((unsigned)status >= TORSH_STATUS_COUNT || status == TORSH_OK) status = TORSH_INVALID_ARGUMENT; /* made up by a caller's function */
    const torsh__thread *self = torsh__thread_get();
    if (self->passed_error && torsh__error_status(self->passed_error) == status) return self->passed_error;
    return (uint64_t)15 << 60 | (uint64_t)self->error_serial << 8 | (uint64_t)((unsigned)status & 0xFF);
}

const char *torsh_last_error(void)
{
    torsh__thread *self = torsh__thread_get();
    if (self->passed_error) return torsh_id_error(self->passed_error);
    return self->errors[self->error_serial % TORSH__ERROR_TEXTS].text;
}

const char *torsh_id_error(uint64_t id)
{
    if (!torsh__is_error(id)) return "";
    torsh__thread *self = torsh__thread_get();
    uint32_t serial = (uint32_t)(id >> 8);
    uint32_t slot = serial % TORSH__ERROR_TEXTS;
    return self->errors[slot].serial == serial ? self->errors[slot].text : torsh_status_name(torsh__error_status(id));
}
