/* Text that grows at its end in memory of a fixed size. Once something doesn't fit it is `full`, and stays so. */
#ifndef TORSH_BACKEND_GPU_TEXT_H
#define TORSH_BACKEND_GPU_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct gpu_text {
    char *data;
    size_t size, used; /* used: without the end 0 */
    bool full;
} gpu_text;

__attribute__((format(printf, 2, 3))) static inline void torsh__gpu_print(gpu_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = text->size - text->used;
    int count = vsnprintf(text->data + text->used, room, format, arguments);
    va_end(arguments);
    if (count < 0 || (size_t)count >= room) {
        text->full = true;
        text->data[text->used] = 0;
        return;
    }
    text->used += (size_t)count;
}

#endif
