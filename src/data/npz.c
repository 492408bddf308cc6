/* numpy's archives (.npz): zip files of .npy members, stored or deflated; reading and writing with zip64, as numpy does. The format:
 * PKWARE's APPNOTE.TXT 6.3.9, sections 4.3 to 4.5. Members are read into memory alone, so their names reach no file system. Damaged
 * archives and those built to explode (members over one another) are refused before memory is asked for. */
#include "npy.h"
#include "alloc.h"
#include "safetensors.h"
#include "state_dict.h"

#include <torsh/data.h>
#include <torsh/ops/copy.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCAL = 0x04034B50, CENTRAL = 0x02014B50, END = 0x06054B50, END64 = 0x06064B50, LOCATOR64 = 0x07064B50 };
enum { LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22, END64_BYTES = 56, LOCATOR64_BYTES = 20, MOST_COMMENT = 65535 };
enum { STORED = 0, DEFLATED = 8, ENCRYPTED = 1, UTF8 = 1 << 11, VERSION64 = 45, EXTRA64 = 1, DATE = 0x21 /* 1 January 1980 */ };

static uint64_t get(const uint8_t *from, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value |= (uint64_t)from[i] << (8 * i);
    return value;
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

typedef struct archive {
    torsh__member file; /* names the archive in error texts */
    uint64_t size;
    uint64_t entries, directory, directory_size;
    uint64_t taken; /* bytes of all members so far: more than the file has means that they overlap */
} archive;

static torsh_status bad(const archive *a, const char *what)
{
    return torsh__member_fail(&a->file, TORSH_FORMAT_ERROR, what);
}

static torsh_status read_at(archive *a, uint64_t at, void *to, uint64_t bytes)
{
    if (at > a->size || bytes > a->size - at) return bad(a, "an offset lies outside of the file");
    torsh__member part = {.who = a->file.who, .path = a->file.path, .file = a->file.file, .at = at, .packed = bytes, .left = bytes};
    return torsh__member_take(&part, to, bytes);
}

/* The zip64 record that stands before the end, if there is one. */
static torsh_status read_end64(archive *a, uint64_t end)
{
    uint8_t locator[LOCATOR64_BYTES], record[END64_BYTES];
    if (end < LOCATOR64_BYTES) return TORSH_OK;
    torsh_status status = read_at(a, end - LOCATOR64_BYTES, locator, LOCATOR64_BYTES);
    if (status || get(locator, 4) != LOCATOR64) return status;
    status = read_at(a, get(locator + 8, 8), record, END64_BYTES);
    if (status) return status;
    if (get(record, 4) != END64 || get(record + 16, 4) || get(record + 20, 4)) return bad(a, "its zip64 record is damaged");
    a->entries = get(record + 32, 8);
    a->directory_size = get(record + 40, 8);
    a->directory = get(record + 48, 8);
    return TORSH_OK;
}

static torsh_status find_directory(archive *a)
{
    uint64_t tail = a->size < END_BYTES + MOST_COMMENT ? a->size : END_BYTES + MOST_COMMENT, begin = a->size - tail;
    if (a->size < END_BYTES) return bad(a, "not an archive");
    uint8_t *bytes = torsh__alloc(END_BYTES + MOST_COMMENT);
    if (!bytes) return TORSH_OUT_OF_MEMORY;
    torsh_status status = read_at(a, begin, bytes, tail);
    uint64_t at = tail - END_BYTES + 1, end = UINT64_MAX;
    while (status == TORSH_OK && at-- > 0 && end == UINT64_MAX)
        if (get(bytes + at, 4) == END && get(bytes + at + 20, 2) == tail - at - END_BYTES) end = at;
    if (status == TORSH_OK && end == UINT64_MAX) status = bad(a, "not an archive");
    if (status == TORSH_OK) {
        const uint8_t *record = bytes + end;
        if (get(record + 4, 2) || get(record + 6, 2)) status = bad(a, "a part of an archive in several files");
        a->entries = get(record + 10, 2);
        a->directory_size = get(record + 12, 4);
        a->directory = get(record + 16, 4);
        end += begin;
    }
    torsh__free(bytes, END_BYTES + MOST_COMMENT);
    if (status == TORSH_OK) status = read_end64(a, end);
    if (status) return status;
    if (a->directory > end || a->directory_size > end - a->directory || a->entries > a->directory_size / CENTRAL_BYTES)
        return bad(a, "its directory lies outside of the file");
    return TORSH_OK;
}

/* What the directory says of one member. */
typedef struct entry {
    unsigned flags, method;
    uint32_t crc;
    uint64_t packed, size, local;
    const uint8_t *name;
    size_t name_length;
} entry;

/* Sizes that don't fit 32 bits stand in an extra field, only those, in this order. */
static bool read_extra64(entry *e, const uint8_t *extra, size_t bytes)
{
    uint64_t *fields[] = {&e->size, &e->packed, &e->local};
    while (bytes >= 4) {
        size_t length = (size_t)get(extra + 2, 2);
        if (length > bytes - 4) return false;
        const uint8_t *from = extra + 4;
        size_t left = get(extra, 2) == EXTRA64 ? length : 0;
        for (int i = 0; i < 3 && get(extra, 2) == EXTRA64; i++) {
            if (*fields[i] != UINT32_MAX) continue;
            if (left < 8) return false;
            *fields[i] = get(from, 8);
            from += 8;
            left -= 8;
        }
        extra += 4 + length;
        bytes -= 4 + length;
    }
    return true;
}

/* The entry at *at, which moves on to the next. */
static torsh_status read_entry(const archive *a, const uint8_t *directory, uint64_t *at, entry *e)
{
    uint64_t left = a->directory_size - *at;
    const uint8_t *p = directory + *at;
    if (left < CENTRAL_BYTES || get(p, 4) != CENTRAL) return bad(a, "its directory is damaged");
    size_t name = (size_t)get(p + 28, 2), extra = (size_t)get(p + 30, 2), comment = (size_t)get(p + 32, 2);
    if (name + extra + comment > left - CENTRAL_BYTES) return bad(a, "its directory is damaged");
    *e = (entry){.flags = (unsigned)get(p + 8, 2), .method = (unsigned)get(p + 10, 2), .crc = (uint32_t)get(p + 16, 4), .packed = get(p + 20, 4),
                 .size = get(p + 24, 4), .local = get(p + 42, 4), .name = p + CENTRAL_BYTES, .name_length = name};
    if (!read_extra64(e, p + CENTRAL_BYTES + name, extra)) return bad(a, "its directory is damaged");
    *at += CENTRAL_BYTES + name + extra + comment;
    return TORSH_OK;
}

/* Where the member's bytes begin: after its own header, whose names may have other lengths than the directory's. */
static torsh_status find_member(archive *a, const entry *e, torsh__member *m)
{
    uint8_t local[LOCAL_BYTES];
    if (e->flags & ENCRYPTED) return torsh__member_fail(m, TORSH_UNSUPPORTED, "encrypted");
    if (e->method != STORED && e->method != DEFLATED) return torsh__member_fail(m, TORSH_UNSUPPORTED, "compressed in a way that numpy doesn't use");
    torsh_status status = read_at(a, e->local, local, LOCAL_BYTES);
    if (status) return status;
    if (get(local, 4) != LOCAL || get(local + 8, 2) != e->method) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header isn't where the directory says");
    m->at = e->local + LOCAL_BYTES + get(local + 26, 2) + get(local + 28, 2);
    if (m->at > a->directory || e->packed > a->directory - m->at) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "it lies outside of the file");
    if (e->method == STORED && e->packed != e->size) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its sizes differ");
    a->taken += e->packed;
    if (a->taken > a->size) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "it overlaps another member");
    m->packed = e->packed;
    m->left = e->size;
    m->deflated = e->method == DEFLATED;
    return TORSH_OK;
}

static torsh_status read_member(archive *a, const entry *e, torsh__state_dict *dict, char *name)
{
    torsh__member m = {.who = a->file.who, .path = a->file.path, .file = a->file.file, .name = name};
    torsh__tensor *t = NULL;
    torsh_status status = find_member(a, e, &m);
    if (status == TORSH_OK) status = torsh__member_open(&m);
    if (status == TORSH_OK) {
        status = torsh__npy_take(&m, &t);
        if (status == TORSH_OK && m.left) status = torsh__member_fail(&m, TORSH_FORMAT_ERROR, "it has more bytes than its array");
        if (status == TORSH_OK && m.crc != e->crc) status = torsh__member_fail(&m, TORSH_FORMAT_ERROR, "its check sum differs");
        torsh__member_close(&m);
    }
    name[e->name_length - 4] = 0; /* without .npy */
    if (status == TORSH_OK && torsh__state_dict_find(dict, name)) status = torsh__member_fail(&m, TORSH_FORMAT_ERROR, "there are two of that name");
    if (status == TORSH_OK) status = torsh__state_dict_put(dict, name, t);
    if (t) torsh__tensor_drop(t);
    return status;
}

static torsh_status read_members(archive *a, const uint8_t *directory, torsh__state_dict *dict)
{
    torsh_status status = TORSH_OK;
    uint64_t at = 0;
    for (uint64_t i = 0; i < a->entries && status == TORSH_OK; i++) {
        entry e;
        status = read_entry(a, directory, &at, &e);
        if (status || e.name_length < 4 || memcmp(e.name + e.name_length - 4, ".npy", 4) != 0) continue;
        char *name = torsh__alloc(e.name_length + 1);
        if (!name) return TORSH_OUT_OF_MEMORY;
        memcpy(name, e.name, e.name_length);
        name[e.name_length] = 0;
        bool usable = strlen(name) == e.name_length && torsh__utf8_valid(name);
        status = usable ? read_member(a, &e, dict, name) : bad(a, "a member's name is no UTF-8");
        torsh__free(name, e.name_length + 1);
    }
    return status;
}

static torsh_status read_archive(archive *a, torsh__state_dict *dict)
{
    struct stat stat;
    do a->file.file = open(a->file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (a->file.file < 0 && errno == EINTR);
    if (a->file.file < 0 || fstat(a->file.file, &stat) != 0) return torsh__member_fail(&a->file, TORSH_IO_ERROR, strerror(errno));
    if (!S_ISREG(stat.st_mode)) return torsh__member_fail(&a->file, TORSH_IO_ERROR, "not a regular file");
    a->size = (uint64_t)stat.st_size;
    torsh_status status = find_directory(a);
    if (status || a->directory_size == 0) return status;
    uint8_t *directory = torsh__alloc((size_t)a->directory_size);
    if (!directory) return TORSH_OUT_OF_MEMORY;
    status = read_at(a, a->directory, directory, a->directory_size);
    if (status == TORSH_OK) status = read_members(a, directory, dict);
    torsh__free(directory, (size_t)a->directory_size);
    return status;
}

torsh_state_dict torsh_npz_read(const char *path)
{
    if (!path) return (torsh_state_dict){torsh__error_id(torsh__fail(TORSH_INVALID_ARGUMENT, "npz_read: argument 'path' is NULL"))};
    archive a = {.file = {.who = "npz_read", .path = path, .file = -1}};
    torsh__state_dict *dict = torsh__state_dict_make();
    torsh_status status = dict ? read_archive(&a, dict) : TORSH_OUT_OF_MEMORY;
    if (a.file.file >= 0) close(a.file.file);
    if (status == TORSH_OK) return (torsh_state_dict){torsh__handle_make(&dict->object)};
    torsh_state_dict error = {torsh__error_id(status)};
    if (dict) torsh__drop(&dict->object);
    return error;
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* What is known of a member once it is written. */
typedef struct written {
    const char *name;
    uint32_t crc;
    uint64_t packed, size, local;
} written;

typedef struct record {
    uint8_t bytes[128];
    size_t size;
} record;

static void add(record *r, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) r->bytes[r->size++] = (uint8_t)(value >> (8 * i));
}

/* The fields that a member's own header and the directory share, up to the name's length. */
static void add_common(record *r, const written *w, bool compressed)
{
    add(r, VERSION64, 2);
    add(r, UTF8, 2);
    add(r, compressed ? DEFLATED : STORED, 2);
    add(r, 0, 2); /* time */
    add(r, DATE, 2);
    add(r, w->crc, 4);
    add(r, UINT32_MAX, 4);
    add(r, UINT32_MAX, 4);
    add(r, strlen(w->name) + 4, 2);
}

static torsh_status put_named(torsh__newfile *to, const record *r, const char *name)
{
    torsh_status status = torsh__newfile_put(to, r->bytes, r->size);
    if (status == TORSH_OK) status = torsh__newfile_put(to, name, strlen(name));
    return status ? status : torsh__newfile_put(to, ".npy", 4);
}

static record local_header(const written *w, bool compressed)
{
    record r = {.size = 0};
    add(&r, LOCAL, 4);
    add_common(&r, w, compressed);
    add(&r, 20, 2);
    return r;
}

static record sizes_field(const written *w)
{
    record r = {.size = 0};
    add(&r, EXTRA64, 2);
    add(&r, 16, 2);
    add(&r, w->size, 8);
    add(&r, w->packed, 8);
    return r;
}

#if TORSH_HAVE_ZLIB
/* Puts what z makes of `bytes` more; the last of them end the stream. */
static torsh_status deflate_some(torsh__newfile *to, z_stream *z, const void *data, uint64_t bytes, bool last)
{
    static const uInt most = 1u << 30;
    uint8_t out[16384];
    const uint8_t *from = data;
    torsh_status status = TORSH_OK;
    do {
        uInt some = bytes < most ? (uInt)bytes : most;
        bytes -= some;
        z->next_in = (Bytef *)(uintptr_t)from;
        z->avail_in = some;
        from += some;
        do {
            z->next_out = out;
            z->avail_out = sizeof out;
            if (deflate(z, last && bytes == 0 ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) return TORSH_INVALID_ARGUMENT;
            status = torsh__newfile_put(to, out, sizeof out - z->avail_out);
        } while (status == TORSH_OK && z->avail_out == 0);
    } while (status == TORSH_OK && bytes > 0);
    return status;
}
#endif

static torsh_status put_bytes(torsh__newfile *to, const char *header, size_t header_size, const void *data, uint64_t bytes, bool compressed)
{
    if (!compressed) {
        torsh_status status = torsh__newfile_put(to, header, header_size);
        return status ? status : torsh__newfile_put(to, data, bytes);
    }
#if TORSH_HAVE_ZLIB
    z_stream z;
    memset(&z, 0, sizeof z);
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return torsh__fail(TORSH_OUT_OF_MEMORY, "%s: no memory for zlib", to->who);
    torsh_status status = deflate_some(to, &z, header, header_size, false);
    if (status == TORSH_OK) status = deflate_some(to, &z, data, bytes, true);
    deflateEnd(&z);
    return status;
#else
    return torsh__fail(TORSH_UNSUPPORTED, "%s: this build lacks zlib (Debian: zlib1g-dev), so it can't compress", to->who);
#endif
}

/* The header goes first with sizes to come, and is written again when they are known. */
static torsh_status put_member(torsh__newfile *to, written *w, const torsh__tensor *t, bool compressed)
{
    char header[TORSH__NPY_HEADER];
    size_t header_size;
    uint64_t bytes = (uint64_t)t->view.numel * torsh__dtypes[t->view.dtype].size;
    torsh_status status = torsh__npy_header(t, to->who, header, &header_size);
    if (status) return status;
    w->local = to->size;
    w->size = header_size + bytes;
    w->crc = torsh__crc32(torsh__crc32(0, header, header_size), torsh__data(t), bytes);
    record local = local_header(w, compressed), sizes = sizes_field(w);
    status = put_named(to, &local, w->name);
    uint64_t sizes_at = to->size;
    if (status == TORSH_OK) status = torsh__newfile_put(to, sizes.bytes, sizes.size);
    uint64_t begin = to->size;
    if (status == TORSH_OK) status = put_bytes(to, header, header_size, torsh__data(t), bytes, compressed);
    w->packed = to->size - begin;
    sizes = sizes_field(w);
    return status ? status : torsh__newfile_patch(to, sizes_at, sizes.bytes, sizes.size);
}

static torsh_status put_entry(torsh__newfile *to, const written *w, bool compressed)
{
    record r = {.size = 0}, extra = {.size = 0};
    add(&r, CENTRAL, 4);
    add(&r, VERSION64 | 3 << 8, 2); /* made on Unix */
    add_common(&r, w, compressed);
    add(&r, 28, 2);
    add(&r, 0, 2); /* comment */
    add(&r, 0, 2); /* disk */
    add(&r, 0, 2);
    add(&r, (uint64_t)0100644 << 16, 4);
    add(&r, UINT32_MAX, 4);
    add(&extra, EXTRA64, 2);
    add(&extra, 24, 2);
    add(&extra, w->size, 8);
    add(&extra, w->packed, 8);
    add(&extra, w->local, 8);
    torsh_status status = put_named(to, &r, w->name);
    return status ? status : torsh__newfile_put(to, extra.bytes, extra.size);
}

/* The end's own fields say only that there is a zip64 record; an empty archive has none, since readers know it by its first bytes. */
static torsh_status put_end(torsh__newfile *to, uint64_t count, uint64_t directory)
{
    record r = {.size = 0};
    uint64_t size = to->size - directory, end = to->size;
    if (count == 0) {
        add(&r, END, 4);
        add(&r, 0, 8);
        add(&r, 0, 8);
        add(&r, 0, 2);
        return torsh__newfile_put(to, r.bytes, r.size);
    }
    add(&r, END64, 4);
    add(&r, END64_BYTES - 12, 8);
    add(&r, VERSION64, 2);
    add(&r, VERSION64, 2);
    add(&r, 0, 8); /* disks */
    add(&r, count, 8);
    add(&r, count, 8);
    add(&r, size, 8);
    add(&r, directory, 8);
    add(&r, LOCATOR64, 4);
    add(&r, 0, 4);
    add(&r, end, 8);
    add(&r, 1, 4);
    add(&r, END, 4);
    add(&r, 0, 4); /* disks */
    add(&r, UINT16_MAX, 2);
    add(&r, UINT16_MAX, 2);
    add(&r, UINT32_MAX, 4);
    add(&r, UINT32_MAX, 4);
    add(&r, 0, 2);
    return torsh__newfile_put(to, r.bytes, r.size);
}

static torsh_status write_archive(torsh__newfile *to, torsh_state_dict dict, size_t count, written *members, bool compressed)
{
    torsh_status status = TORSH_OK;
    for (size_t i = 0; i < count && status == TORSH_OK; i++) {
        TORSH_AUTO torsh_scope scope = torsh_scope_open();
        members[i].name = torsh_state_dict_name(dict, (int64_t)i);
        if (!members[i].name || strlen(members[i].name) > UINT16_MAX - 4)
            return torsh__fail(TORSH_INVALID_ARGUMENT, "npz_write: a name in 'dict' is too long");
        torsh_tensor dense = torsh_contiguous(torsh_to_device(torsh_state_dict_tensor(dict, (int64_t)i), TORSH_CPU));
        torsh__tensor *t = torsh__tensor_hold(dense, "npz_write", "dict", &status);
        if (!t) return status;
        status = put_member(to, &members[i], t, compressed);
        torsh__tensor_drop(t);
    }
    uint64_t directory = to->size;
    for (size_t i = 0; i < count && status == TORSH_OK; i++) status = put_entry(to, &members[i], compressed);
    return status ? status : put_end(to, count, directory);
}

torsh_status torsh_npz_write(const char *path, torsh_state_dict dict, bool compressed)
{
    int64_t count = torsh_state_dict_size(dict);
    if (!path) return torsh__fail(TORSH_INVALID_ARGUMENT, "npz_write: argument 'path' is NULL");
    if (count < 0) return torsh_id_status(dict.id) ? torsh_id_status(dict.id) : TORSH_INVALID_HANDLE;
    size_t room = ((size_t)count + 1) * sizeof(written);
    written *members = torsh__alloc_zero(room);
    if (!members) return TORSH_OUT_OF_MEMORY;
    torsh__newfile to;
    torsh_status status = torsh__newfile_begin(&to, "npz_write", path);
    if (status == TORSH_OK) status = write_archive(&to, dict, (size_t)count, members, compressed);
    status = torsh__newfile_end(&to, status);
    torsh__free(members, room);
    return status;
}
