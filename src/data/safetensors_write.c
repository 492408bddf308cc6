/* Writing safetensors: the header from a plan of what will stand where, then the tensors. The file is newfile.h's work. */
#include "alloc.h"
#include "backends.h"
#include "newfile.h"
#include "safetensors.h"

#include <torsh/ops/complex.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Text that grows; `failed` stays set when there was no memory, so one check at the end does. */
typedef struct buffer {
    char *text;
    size_t size, capacity;
    bool failed;
} buffer;

static void append(buffer *b, const char *text, size_t size)
{
    if (b->failed) return;
    if (size > b->capacity - b->size) {
        size_t capacity = (b->size + size) * 2;
        char *grown = torsh__alloc(capacity);
        if (!grown) {
            b->failed = true;
            return;
        }
        if (b->size) memcpy(grown, b->text, b->size);
        torsh__free(b->text, b->capacity);
        b->text = grown;
        b->capacity = capacity;
    }
    memcpy(b->text + b->size, text, size);
    b->size += size;
}

static void append_text(buffer *b, const char *text)
{
    append(b, text, strlen(text));
}

static void append_number(buffer *b, uint64_t number)
{
    char text[24];
    append(b, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)number));
}

static void append_quoted(buffer *b, const char *text)
{
    append(b, "\"", 1);
    for (const char *p = text; *p; p++) {
        unsigned char c = (unsigned char)*p;
        char escape[8];
        if (c == '"' || c == '\\') append(b, (char[]){'\\', *p}, 2);
        else if (c < 0x20) append(b, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", c));
        else append(b, p, 1);
    }
    append(b, "\"", 1);
}

/* ---- the plan ------------------------------------------------------------------------------------------------ */

/* What will stand where. An entry of the file being read can be written to another file, or over its own. */
typedef struct part {
    const torsh__entry *entry;
    const char *format;
    size_t element; /* bytes; 1 for dtypes that tensors don't have: they sort last and need no alignment here */
    size_t ndim;
    const int64_t *sizes;
    uint64_t bytes;
} part;

static torsh_status describe(part *p, const torsh__entry *entry)
{
    p->entry = entry;
    if (!entry->tensor) {
        p->format = entry->format;
        p->element = entry->dtype < 0 ? 1 : torsh_dtype_size((torsh_dtype)entry->dtype);
        p->ndim = entry->ndim;
        p->sizes = entry->sizes;
        p->bytes = entry->end - entry->begin;
        return TORSH_OK;
    }
    const torsh_operand *view = &entry->tensor->view;
    p->format = torsh__safetensors_dtype((torsh_dtype)view->dtype);
    if (!p->format)
        return torsh__fail(TORSH_UNSUPPORTED, "save: tensor '%.100s' is %s, which safetensors can't hold; convert it (for c128: torsh_view_as_real)", entry->name,
                           torsh_dtype_name((torsh_dtype)view->dtype));
    p->element = torsh_dtype_size((torsh_dtype)view->dtype);
    p->ndim = (size_t)view->ndim;
    p->sizes = view->sizes;
    p->bytes = (uint64_t)view->numel * p->element;
    return TORSH_OK;
}

/* Widest elements first: with the data 8-aligned, each tensor is aligned to its element then. */
static int by_alignment(const void *a, const void *b)
{
    const part *x = a, *y = b;
    if (x->element != y->element) return x->element > y->element ? -1 : 1;
    return strcmp(x->entry->name, y->entry->name);
}

static void append_part(buffer *b, const part *p, uint64_t begin)
{
    append_quoted(b, p->entry->name);
    append_text(b, ":{\"dtype\":\"");
    append_text(b, p->format);
    append_text(b, "\",\"shape\":[");
    for (size_t i = 0; i < p->ndim; i++) {
        if (i) append(b, ",", 1);
        append_number(b, (uint64_t)p->sizes[i]);
    }
    append_text(b, "],\"data_offsets\":[");
    append_number(b, begin);
    append(b, ",", 1);
    append_number(b, begin + p->bytes);
    append_text(b, "]}");
}

static torsh_status make_header(buffer *b, const torsh__checkpoint *checkpoint, const part *parts)
{
    uint64_t at = 0;
    const char *comma = "";
    append(b, "\0\0\0\0\0\0\0\0{", 9);
    if (checkpoint->note_count) {
        append_text(b, "\"__metadata__\":{");
        for (size_t i = 0; i < checkpoint->note_count; i++) {
            if (i) append(b, ",", 1);
            const torsh__note *note = checkpoint->notes[i];
            append_quoted(b, note->key);
            append(b, ":", 1);
            append_quoted(b, note->value);
        }
        append(b, "}", 1);
        comma = ",";
    }
    for (size_t i = 0; i < checkpoint->count; i++, comma = ",") {
        append_text(b, comma);
        append_part(b, &parts[i], at);
        at += parts[i].bytes;
    }
    append(b, "}", 1);
    while (!b->failed && b->size % 8) append(b, " ", 1);
    if (b->failed) return TORSH_OUT_OF_MEMORY;
    if (b->size - 8 > TORSH__HEADER_LIMIT)
        return torsh__fail(TORSH_OUT_OF_RANGE, "save: the header has %zu bytes; the format allows %d", b->size - 8, TORSH__HEADER_LIMIT);
    for (int i = 0; i < 8; i++) b->text[i] = (char)((b->size - 8) >> (8 * i) & 0xFF);
    return TORSH_OK;
}

/* ---- the file ------------------------------------------------------------------------------------------------ */

/* The bytes of one tensor: straight from memory where they lie there in order, else through a copy. */
static torsh_status put_part(const torsh__checkpoint *checkpoint, torsh__newfile *to, const part *p)
{
    torsh__tensor *tensor = p->entry->tensor;
    if (p->bytes == 0) return TORSH_OK;
    if (tensor && tensor->view.device == TORSH_CPU && tensor->view.contiguous) return torsh__newfile_put(to, torsh__data(tensor), p->bytes);
    void *copy = torsh__alloc((size_t)p->bytes);
    if (!copy) return TORSH_OUT_OF_MEMORY;
    torsh_status status;
    if (tensor) {
        torsh_tensor handle = torsh__tensor_share(tensor);
        status = torsh_to_host(handle, copy, (size_t)p->bytes);
        torsh_release(handle);
    } else {
        status = torsh__safetensors_read(checkpoint, p->entry, copy);
    }
    if (status == TORSH_OK) status = torsh__newfile_put(to, copy, p->bytes);
    torsh__free(copy, (size_t)p->bytes);
    return status;
}

static torsh_status write_file(const torsh__checkpoint *checkpoint, const part *parts, const buffer *header, const char *path)
{
    torsh__newfile to;
    torsh_status status = torsh__newfile_begin(&to, "save", path);
    if (status == TORSH_OK) status = torsh__newfile_put(&to, header->text, header->size);
    for (size_t i = 0; i < checkpoint->count && status == TORSH_OK; i++) status = put_part(checkpoint, &to, &parts[i]);
    return torsh__newfile_end(&to, status);
}

torsh_status torsh__safetensors_write(const torsh__checkpoint *checkpoint, const char *path)
{
    if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) return torsh__fail(TORSH_UNSUPPORTED, "save: safetensors files are little-endian; this machine is not");
    size_t room = checkpoint->count * sizeof(part);
    part *parts = torsh__alloc_zero(room);
    if (!parts) return TORSH_OUT_OF_MEMORY;
    buffer header = {0};
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < checkpoint->count && status == TORSH_OK; i++) status = describe(&parts[i], checkpoint->entries[i]);
    if (status == TORSH_OK) {
        qsort(parts, checkpoint->count, sizeof *parts, by_alignment);
        status = make_header(&header, checkpoint, parts);
    }
    if (status == TORSH_OK) status = write_file(checkpoint, parts, &header, path);
    torsh__free(header.text, header.capacity);
    torsh__free(parts, room);
    return status;
}
