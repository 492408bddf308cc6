/* Reading safetensors: the header's checks in the order of the reference implementation, stricter where the format's text
 * is (duplicate keys, the opening brace). Writing is in safetensors_write.c; JSON is jansson's work. */
#include "safetensors.h"
#include "alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if TORSH_HAVE_JANSSON
#include <jansson.h>
#endif

typedef struct format {
    const char *name;
    int bits;
    int dtype; /* torsh_dtype, or -1 */
} format;

static const format formats[] = {
    {"BOOL", 8, TORSH_BOOL}, {"U8", 8, TORSH_U8},     {"I8", 8, TORSH_I8},      {"F8_E5M2", 8, -1},     {"F8_E4M3", 8, -1},
    {"F8_E8M0", 8, -1},      {"F8_E4M3FNUZ", 8, -1},  {"F8_E5M2FNUZ", 8, -1},   {"I16", 16, TORSH_I16}, {"U16", 16, -1},
    {"F16", 16, TORSH_F16},  {"BF16", 16, TORSH_BF16}, {"I32", 32, TORSH_I32},  {"U32", 32, -1},        {"F32", 32, TORSH_F32},
    {"I64", 64, TORSH_I64},  {"U64", 64, -1},         {"F64", 64, TORSH_F64},   {"C64", 64, TORSH_C64}, {"F4", 4, -1},
    {"F6_E2M3", 6, -1},      {"F6_E3M2", 6, -1},
};

const char *torsh__safetensors_dtype(torsh_dtype dtype)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (formats[i].dtype == (int)dtype) return formats[i].name;
    return NULL;
}

bool torsh__utf8_valid(const char *text)
{
    const uint8_t *p = (const uint8_t *)text;
    while (*p) {
        uint32_t c = *p++, least;
        int more;
        if (c < 0x80) continue;
        if (c >= 0xC2 && c <= 0xDF) more = 1, c &= 0x1F, least = 0x80;
        else if ((c & 0xF0) == 0xE0) more = 2, c &= 0x0F, least = 0x800;
        else if (c >= 0xF0 && c <= 0xF4) more = 3, c &= 0x07, least = 0x10000;
        else return false;
        for (; more > 0; more--, p++) {
            if ((*p & 0xC0) != 0x80) return false; /* the end 0 stops here too */
            c = c << 6 | (*p & 0x3Fu);
        }
        if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return false;
    }
    return true;
}

/* ---- the header ---------------------------------------------------------------------------------------------- */

#if TORSH_HAVE_JANSSON

static torsh_status bad(const torsh__checkpoint *checkpoint, const char *name, const char *what)
{
    return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: tensor '%.100s': %s", checkpoint->path, name, what);
}

/* A non-negative integer of a JSON array. */
static bool natural(const json_t *array, size_t i, int64_t *value)
{
    const json_t *number = json_array_get(array, i);
    if (!json_is_integer(number)) return false;
    *value = json_integer_value(number);
    return *value >= 0;
}

/* Bytes that `shape` and the dtype need, against the range that the header gives. */
static torsh_status check_size(const torsh__checkpoint *checkpoint, const torsh__entry *entry, int bits)
{
    uint64_t total = (uint64_t)bits;
    bool overflow = false;
    for (size_t i = 0; i < entry->ndim; i++) overflow |= __builtin_mul_overflow(total, (uint64_t)entry->sizes[i], &total);
    if (overflow) return bad(checkpoint, entry->name, "its shape overflows 64 bits");
    if (total % 8) return bad(checkpoint, entry->name, "its size is no whole number of bytes");
    if (total / 8 != entry->end - entry->begin) return bad(checkpoint, entry->name, "its data_offsets don't have the size of its shape and dtype");
    return TORSH_OK;
}

static torsh_status parse_entry(torsh__checkpoint *checkpoint, const char *name, const json_t *value, int *bits)
{
    const json_t *dtype = json_object_get(value, "dtype"), *shape = json_object_get(value, "shape");
    const json_t *offsets = json_object_get(value, "data_offsets");
    if (!json_is_string(dtype) || !json_is_array(shape) || !json_is_array(offsets))
        return bad(checkpoint, name, "needs 'dtype' (a string), 'shape' and 'data_offsets' (arrays)");
    const format *f = NULL;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i].name, json_string_value(dtype)) == 0) f = &formats[i];
    if (!f) return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: tensor '%.100s': unknown dtype '%.40s'", checkpoint->path, name, json_string_value(dtype));
    int64_t begin, end;
    if (json_array_size(offsets) != 2 || !natural(offsets, 0, &begin) || !natural(offsets, 1, &end))
        return bad(checkpoint, name, "'data_offsets' must be two integers from 0 up");

    torsh__entry *entry = torsh__entry_make(name, json_array_size(shape));
    if (!entry) return TORSH_OUT_OF_MEMORY;
    checkpoint->entries[checkpoint->count++] = entry;
    for (size_t i = 0; i < entry->ndim; i++)
        if (!natural(shape, i, &entry->sizes[i])) return bad(checkpoint, name, "'shape' must hold integers from 0 up");
    entry->begin = (uint64_t)begin;
    entry->end = (uint64_t)end;
    entry->format = f->name;
    entry->dtype = f->dtype;
    *bits = f->bits;
    return TORSH_OK;
}

static torsh_status parse_notes(torsh__checkpoint *checkpoint, json_t *metadata)
{
    if (!json_is_object(metadata)) return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: '__metadata__' is no object", checkpoint->path);
    size_t count = json_object_size(metadata);
    checkpoint->notes = torsh__alloc_zero(count * sizeof *checkpoint->notes);
    if (!checkpoint->notes) return TORSH_OUT_OF_MEMORY;
    checkpoint->note_capacity = count;
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value)) return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: '__metadata__' must map strings to strings", checkpoint->path);
        torsh__note *text = torsh__note_make(key, json_string_value(value));
        if (!text) return TORSH_OUT_OF_MEMORY;
        checkpoint->notes[checkpoint->note_count++] = text;
    }
    return TORSH_OK;
}

static int by_offset(const void *a, const void *b)
{
    const torsh__entry *x = *(void *const *)a, *y = *(void *const *)b;
    if (x->begin != y->begin) return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

static int by_name(const void *a, const void *b)
{
    const torsh__entry *x = *(void *const *)a, *y = *(void *const *)b;
    return strcmp(x->name, y->name);
}

static int by_key(const void *a, const void *b)
{
    const torsh__note *x = *(void *const *)a, *y = *(void *const *)b;
    return strcmp(x->key, y->key);
}

/* No holes, no overlaps, nothing behind the last tensor: every byte belongs to one tensor. */
static torsh_status check_layout(torsh__checkpoint *checkpoint, uint64_t data)
{
    uint64_t at = 0;
    qsort(checkpoint->entries, checkpoint->count, sizeof *checkpoint->entries, by_offset);
    for (size_t i = 0; i < checkpoint->count; i++) {
        const torsh__entry *entry = checkpoint->entries[i];
        if (entry->begin != at) return bad(checkpoint, entry->name, "its data doesn't begin where the one before ends");
        if (entry->end < entry->begin) return bad(checkpoint, entry->name, "its data ends before it begins");
        at = entry->end;
    }
    if (at != data)
        return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: the header describes %llu bytes of data; the file has %llu", checkpoint->path,
                           (unsigned long long)at, (unsigned long long)data);
    return TORSH_OK;
}

static torsh_status parse_object(torsh__checkpoint *checkpoint, json_t *root, uint64_t data)
{
    size_t count = json_object_size(root);
    checkpoint->entries = torsh__alloc_zero(count * sizeof *checkpoint->entries);
    if (!checkpoint->entries) return TORSH_OUT_OF_MEMORY;
    checkpoint->capacity = count;
    const char *name;
    json_t *value;
    json_object_foreach(root, name, value) {
        int bits = 0;
        torsh_status status;
        if (strcmp(name, "__metadata__") == 0) status = parse_notes(checkpoint, value);
        else status = parse_entry(checkpoint, name, value, &bits);
        if (status == TORSH_OK && bits) status = check_size(checkpoint, checkpoint->entries[checkpoint->count - 1], bits);
        if (status) return status;
    }
    torsh_status status = check_layout(checkpoint, data);
    if (status) return status;
    qsort(checkpoint->entries, checkpoint->count, sizeof *checkpoint->entries, by_name);
    if (checkpoint->note_count) qsort(checkpoint->notes, checkpoint->note_count, sizeof *checkpoint->notes, by_key);
    return TORSH_OK;
}

torsh_status torsh__safetensors_parse(torsh__checkpoint *checkpoint, const char *header, size_t size, uint64_t data)
{
    if (size == 0 || header[0] != '{') return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: the header doesn't begin with '{'", checkpoint->path);
    json_error_t error;
    json_t *root = json_loadb(header, size, JSON_REJECT_DUPLICATES, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory) return torsh__fail(TORSH_OUT_OF_MEMORY, "load: %s: no memory for the header", checkpoint->path);
    if (!root) return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: the header is not valid JSON: %s at byte %d", checkpoint->path, error.text, error.position);
    torsh_status status = json_is_object(root) ? parse_object(checkpoint, root, data) : torsh__fail(TORSH_FORMAT_ERROR, "load: %s: the header is no object", checkpoint->path);
    json_decref(root);
    return status;
}

#else

torsh_status torsh__safetensors_parse(torsh__checkpoint *checkpoint, const char *header, size_t size, uint64_t data)
{
    (void)header, (void)size, (void)data;
    return torsh__fail(TORSH_UNSUPPORTED, "load: %s: this build lacks jansson, which reads a checkpoint's header (Debian: libjansson-dev)", checkpoint->path);
}

#endif

/* ---- the file ------------------------------------------------------------------------------------------------ */

static torsh_status read_at(const torsh__checkpoint *checkpoint, void *memory, uint64_t bytes, uint64_t at)
{
    char *to = memory;
    while (bytes > 0) {
        ssize_t got = pread(checkpoint->file, to, bytes < 1u << 30 ? (size_t)bytes : 1u << 30, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return torsh__fail(TORSH_IO_ERROR, "load: %s: %s", checkpoint->path, strerror(errno));
        if (got == 0) return torsh__fail(TORSH_IO_ERROR, "load: %s: the file became shorter since it was opened", checkpoint->path);
        to += got;
        at += (uint64_t)got;
        bytes -= (uint64_t)got;
    }
    return TORSH_OK;
}

torsh_status torsh__safetensors_read(const torsh__checkpoint *checkpoint, const torsh__entry *entry, void *memory)
{
    return read_at(checkpoint, memory, entry->end - entry->begin, checkpoint->data_start + entry->begin);
}

torsh_status torsh__safetensors_open(torsh__checkpoint *checkpoint)
{
    struct stat stat;
    if (fstat(checkpoint->file, &stat) != 0) return torsh__fail(TORSH_IO_ERROR, "load: %s: %s", checkpoint->path, strerror(errno));
    if (!S_ISREG(stat.st_mode)) return torsh__fail(TORSH_IO_ERROR, "load: %s: not a regular file", checkpoint->path);
    uint64_t file = (uint64_t)stat.st_size, size = 0;
    if (file < 8) return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: %llu bytes are too few for a safetensors file", checkpoint->path, (unsigned long long)file);
    uint8_t first[8];
    torsh_status status = read_at(checkpoint, first, 8, 0);
    if (status) return status;
    for (int i = 7; i >= 0; i--) size = size << 8 | first[i];
    if (size > TORSH__HEADER_LIMIT)
        return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: a header of %llu bytes; the limit is %d (is it a safetensors file?)", checkpoint->path,
                           (unsigned long long)size, TORSH__HEADER_LIMIT);
    if (size > file - 8) return torsh__fail(TORSH_FORMAT_ERROR, "load: %s: the header is longer than the file", checkpoint->path);
    char *header = torsh__alloc((size_t)size);
    if (!header) return TORSH_OUT_OF_MEMORY;
    status = read_at(checkpoint, header, size, 8);
    if (status == TORSH_OK) status = torsh__safetensors_parse(checkpoint, header, (size_t)size, file - 8 - size);
    torsh__free(header, (size_t)size);
    checkpoint->data_start = 8 + size;
    return status;
}
