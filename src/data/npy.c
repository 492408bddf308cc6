/* numpy's array files (.npy), https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html: versions 1 to 3, of the dtypes that
 * tensors have. Files come from strangers: the header is read by a parser of just what it may say, never evaluated, and no memory is
 * asked for that the file couldn't fill. */
#include "npy.h"
#include "alloc.h"

#include <torsh/data.h>
#include <torsh/ops/copy.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LITTLE = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, MOST_HEADER = 1 << 16, BUFFER = 1 << 16 };
/* What deflate makes of one byte at most. */
enum { MOST_GROWTH = 1032 };

/* ---- bytes --------------------------------------------------------------------------------------------------- */

torsh_status torsh__member_fail(const torsh__member *m, torsh_status status, const char *what)
{
    return torsh__fail(status, "%s: %s%s%.100s: %s", m->who, m->path, m->name ? ": " : "", m->name ? m->name : "", what);
}

uint32_t torsh__crc32(uint32_t crc, const void *data, uint64_t bytes)
{
    const uint8_t *from = data;
#if TORSH_HAVE_ZLIB
    for (; bytes > 1u << 30; from += 1u << 30, bytes -= 1u << 30) crc = (uint32_t)crc32(crc, from, 1u << 30);
    return (uint32_t)crc32(crc, from, (uInt)bytes);
#else
    crc = ~crc;
    for (uint64_t i = 0; i < bytes; i++) {
        crc ^= from[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
#endif
}

static torsh_status read_raw(torsh__member *m, void *to, uint64_t bytes)
{
    char *at = to;
    if (bytes > m->packed) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "ends early");
    while (bytes > 0) {
        ssize_t got = pread(m->file, at, bytes < 1u << 30 ? (size_t)bytes : 1u << 30, (off_t)m->at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return torsh__member_fail(m, TORSH_IO_ERROR, strerror(errno));
        if (got == 0) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "ends early");
        at += got;
        m->at += (uint64_t)got;
        m->packed -= (uint64_t)got;
        bytes -= (uint64_t)got;
    }
    return TORSH_OK;
}

#if TORSH_HAVE_ZLIB
static torsh_status inflate_some(torsh__member *m, void *to, uint64_t bytes)
{
    m->stream.next_out = to;
    while (bytes > 0) {
        uInt room = bytes < 1u << 30 ? (uInt)bytes : 1u << 30;
        if (m->stream.avail_in == 0 && m->packed > 0) {
            uint64_t some = m->packed < BUFFER ? m->packed : BUFFER;
            torsh_status status = read_raw(m, m->buffer, some);
            if (status) return status;
            m->stream.next_in = m->buffer;
            m->stream.avail_in = (uInt)some;
        }
        m->stream.avail_out = room;
        int code = inflate(&m->stream, Z_NO_FLUSH);
        uInt made = room - m->stream.avail_out;
        bytes -= made;
        if (code == Z_MEM_ERROR) return torsh__member_fail(m, TORSH_OUT_OF_MEMORY, "no memory for zlib");
        if ((code != Z_OK && code != Z_STREAM_END) || (made == 0 && (code == Z_STREAM_END || (m->stream.avail_in == 0 && m->packed == 0))))
            return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its compressed data are damaged");
    }
    return TORSH_OK;
}
#endif

torsh_status torsh__member_open(torsh__member *m)
{
    m->crc = 0;
    if (!m->deflated) return TORSH_OK;
#if TORSH_HAVE_ZLIB
    m->buffer = torsh__alloc(BUFFER);
    if (!m->buffer) return TORSH_OUT_OF_MEMORY;
    memset(&m->stream, 0, sizeof m->stream);
    if (inflateInit2(&m->stream, -MAX_WBITS) == Z_OK) return TORSH_OK;
    torsh__free(m->buffer, BUFFER);
    m->buffer = NULL;
    return torsh__member_fail(m, TORSH_OUT_OF_MEMORY, "no memory for zlib");
#else
    return torsh__member_fail(m, TORSH_UNSUPPORTED, "compressed; this build lacks zlib (Debian: zlib1g-dev)");
#endif
}

void torsh__member_close(torsh__member *m)
{
#if TORSH_HAVE_ZLIB
    if (!m->buffer) return;
    inflateEnd(&m->stream);
    torsh__free(m->buffer, BUFFER);
    m->buffer = NULL;
#else
    (void)m;
#endif
}

torsh_status torsh__member_take(torsh__member *m, void *to, uint64_t bytes)
{
    torsh_status status;
    if (bytes > m->left) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "ends early");
#if TORSH_HAVE_ZLIB
    status = m->deflated ? inflate_some(m, to, bytes) : read_raw(m, to, bytes);
#else
    status = read_raw(m, to, bytes);
#endif
    if (status) return status;
    m->left -= bytes;
    if (m->name) m->crc = torsh__crc32(m->crc, to, bytes);
    return TORSH_OK;
}

/* ---- the header ---------------------------------------------------------------------------------------------- */

typedef struct header {
    torsh_dtype dtype;
    bool swapped, fortran;
    int ndim;
    int64_t sizes[TORSH__MAX_RANK];
} header;

static const struct { char kind; char size; torsh_dtype dtype; } kinds[] = {
    {'b', '1', TORSH_BOOL}, {'u', '1', TORSH_U8},  {'i', '1', TORSH_I8},  {'i', '2', TORSH_I16}, {'i', '4', TORSH_I32}, {'i', '8', TORSH_I64},
    {'f', '2', TORSH_F16},  {'f', '4', TORSH_F32}, {'f', '8', TORSH_F64}, {'c', '8', TORSH_C64}, {'c', 'g', TORSH_C128}, /* g: 16 */
};

static void skip(const char **at)
{
    while (**at == ' ' || **at == '\n' || **at == '\t') (*at)++;
}

static bool accept(const char **at, char c)
{
    skip(at);
    if (**at != c) return false;
    (*at)++;
    return true;
}

static bool read_word(const char **at, const char *word)
{
    skip(at);
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0) return false;
    *at += length;
    return true;
}

/* A quoted text without escapes, at most 31 characters. */
static bool read_text(const char **at, char text[32])
{
    skip(at);
    char quote = **at;
    if (quote != '\'' && quote != '"') return false;
    (*at)++;
    size_t length = 0;
    for (; **at && **at != quote; (*at)++) {
        if (**at == '\\' || length == 31) return false;
        text[length++] = **at;
    }
    text[length] = 0;
    return accept(at, quote);
}

static bool read_shape(const char **at, header *h)
{
    if (!accept(at, '(')) return false;
    bool comma = true;
    for (h->ndim = 0; !accept(at, ')'); h->ndim++) {
        int64_t size = 0;
        skip(at);
        if (!comma || h->ndim == TORSH__MAX_RANK || **at < '0' || **at > '9') return false;
        for (; **at >= '0' && **at <= '9'; (*at)++)
            if (__builtin_mul_overflow(size, 10, &size) || __builtin_add_overflow(size, **at - '0', &size)) return false;
        if (**at == 'L') (*at)++; /* Python 2's */
        h->sizes[h->ndim] = size;
        comma = accept(at, ',');
    }
    return h->ndim != 1 || comma; /* (3) is no tuple */
}

static bool read_dtype(const char *text, header *h)
{
    char order = *text == '<' || *text == '>' || *text == '|' || *text == '=' ? *text++ : '=';
    char kind = *text ? *text++ : 0, size = strcmp(text, "16") == 0 ? 'g' : strlen(text) == 1 ? *text : 0;
    h->swapped = size != '1' && ((order == '<' && !LITTLE) || (order == '>' && LITTLE));
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind != kind || kinds[i].size != size) continue;
        h->dtype = kinds[i].dtype;
        return true;
    }
    return false;
}

static torsh_status read_header(const torsh__member *m, const char *text, header *h)
{
    bool descr = false, order = false, shape = false, more = true;
    const char *at = text;
    if (!accept(&at, '{')) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header is no dict");
    while (!accept(&at, '}')) {
        char key[32], dtype[32];
        if (!more || !read_text(&at, key) || !accept(&at, ':')) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header is no dict");
        if (strcmp(key, "descr") == 0 && !descr) {
            skip(&at);
            if (*at == '[') return torsh__member_fail(m, TORSH_UNSUPPORTED, "an array of records; no dtype has those");
            if (!read_text(&at, dtype)) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header's 'descr' is no text");
            if (!read_dtype(dtype, h))
                return torsh__fail(TORSH_UNSUPPORTED, "%s: %s: an array of '%s', which no dtype has", m->who, m->path, dtype);
            descr = true;
        } else if (strcmp(key, "fortran_order") == 0 && !order) {
            h->fortran = read_word(&at, "True");
            if (!h->fortran && !read_word(&at, "False")) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header's 'fortran_order' is no bool");
            order = true;
        } else if (strcmp(key, "shape") == 0 && !shape) {
            if (!read_shape(&at, h)) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header's 'shape' is no tuple of at most 64 sizes");
            shape = true;
        } else {
            return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header has an unknown key, or one twice");
        }
        more = accept(&at, ',');
    }
    skip(&at);
    if (*at || !descr || !order || !shape) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header isn't whole");
    return TORSH_OK;
}

static torsh_status take_header(torsh__member *m, header *h)
{
    uint8_t magic[8], raw[4] = {0};
    torsh_status status = torsh__member_take(m, magic, 8);
    if (status) return status;
    if (memcmp(magic, "\x93NUMPY", 6) != 0 || magic[6] < 1 || magic[6] > 3) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "not an array of numpy, version 1 to 3");
    status = torsh__member_take(m, raw, magic[6] == 1 ? 2 : 4);
    if (status) return status;
    uint32_t length = (uint32_t)raw[0] | (uint32_t)raw[1] << 8 | (uint32_t)raw[2] << 16 | (uint32_t)raw[3] << 24;
    if (length > MOST_HEADER) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header is too long");
    char *text = torsh__alloc(MOST_HEADER + 1);
    if (!text) return TORSH_OUT_OF_MEMORY;
    status = torsh__member_take(m, text, length);
    text[length] = 0;
    if (status == TORSH_OK && strlen(text) != length) status = torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header has a zero byte");
    if (status == TORSH_OK) status = read_header(m, text, h);
    torsh__free(text, MOST_HEADER + 1);
    return status;
}

/* ---- the elements -------------------------------------------------------------------------------------------- */

static void swap_bytes(uint8_t *data, int64_t count, size_t size)
{
    for (int64_t i = 0; i < count; i++, data += size)
        for (size_t a = 0, b = size - 1; a < b; a++, b--) {
            uint8_t kept = data[a];
            data[a] = data[b];
            data[b] = kept;
        }
}

/* As they lie in the file: sizes reversed for Fortran's order. */
static torsh_status take_elements(torsh__member *m, const header *h, torsh__tensor **result)
{
    size_t size = torsh__dtypes[h->dtype].size;
    int64_t sizes[TORSH__MAX_RANK], numel;
    for (int d = 0; d < h->ndim; d++) sizes[d] = h->sizes[h->fortran ? h->ndim - 1 - d : d];
    torsh_status status = torsh__numel(m->who, sizes, h->ndim, size, &numel);
    if (status) return status;
    uint64_t bytes = (uint64_t)numel * size;
    if (bytes > m->left || (m->deflated && bytes / MOST_GROWTH > m->packed + BUFFER)) return torsh__member_fail(m, TORSH_FORMAT_ERROR, "its header promises more than the file can hold");
    torsh__tensor *t = torsh__tensor_make(h->dtype, h->ndim, sizes, TORSH_CPU);
    if (!t) return TORSH_OUT_OF_MEMORY;
    uint8_t *data = t->view.memory;
    status = bytes ? torsh__member_take(m, data, bytes) : TORSH_OK;
    if (status) {
        torsh__tensor_drop(t);
        return status;
    }
    bool pairs = torsh_dtype_is_complex(h->dtype);
    if (h->swapped) swap_bytes(data, numel * (pairs ? 2 : 1), pairs ? size / 2 : size);
    for (int64_t i = 0; h->dtype == TORSH_BOOL && i < numel; i++) data[i] = data[i] != 0;
    *result = t;
    return TORSH_OK;
}

torsh_status torsh__npy_take(torsh__member *m, torsh__tensor **result)
{
    header h;
    torsh__tensor *t = NULL;
    torsh_status status = take_header(m, &h);
    if (status == TORSH_OK) status = take_elements(m, &h, &t);
    if (status == TORSH_OK && h.fortran && h.ndim > 1) {
        int64_t strides[TORSH__MAX_RANK];
        for (int d = 0; d < h.ndim; d++) strides[d] = t->view.strides[h.ndim - 1 - d];
        torsh__tensor *turned = torsh__tensor_view(t, h.dtype, h.ndim, h.sizes, strides, 0);
        torsh__tensor_drop(t);
        if (!turned) return TORSH_OUT_OF_MEMORY;
        t = turned;
    }
    if (status == TORSH_OK) *result = t;
    return status;
}

torsh_tensor torsh_npy_read(const char *path)
{
    if (!path) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "npy_read: argument 'path' is NULL"));
    torsh__member m = {.who = "npy_read", .path = path, .file = -1};
    torsh__tensor *t = NULL;
    torsh_status status = TORSH_OK;
    struct stat stat;
    do m.file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (m.file < 0 && errno == EINTR);
    if (m.file < 0 || fstat(m.file, &stat) != 0) status = torsh__member_fail(&m, TORSH_IO_ERROR, strerror(errno));
    else if (!S_ISREG(stat.st_mode)) status = torsh__member_fail(&m, TORSH_IO_ERROR, "not a regular file");
    else m.packed = m.left = (uint64_t)stat.st_size;
    if (status == TORSH_OK) status = torsh__npy_take(&m, &t);
    if (m.file >= 0) close(m.file);
    return t ? torsh__tensor_give(t) : torsh__tensor_error(status);
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* Padded with spaces, so that elements begin at a multiple of 64 bytes. */
torsh_status torsh__npy_header(const torsh__tensor *t, const char *who, char text[TORSH__NPY_HEADER], size_t *size)
{
    const char *order = torsh__dtypes[t->view.dtype].size == 1 ? "|" : LITTLE ? "<" : ">";
    size_t i = 0, count = sizeof kinds / sizeof *kinds, begin = 10;
    while (i < count && kinds[i].dtype != torsh__dtype_of(t)) i++;
    if (i == count) return torsh__fail(TORSH_UNSUPPORTED, "%s: numpy has no dtype %s; use torsh_to_dtype first", who, torsh_dtype_name(torsh__dtype_of(t)));
    size_t at = begin;
    at += (size_t)snprintf(text + at, TORSH__NPY_HEADER - at, "{'descr': '%s%c%s', 'fortran_order': False, 'shape': (", order, kinds[i].kind,
                           kinds[i].size == 'g' ? "16" : (const char[]){kinds[i].size, 0});
    for (int d = 0; d < t->view.ndim; d++)
        at += (size_t)snprintf(text + at, TORSH__NPY_HEADER - at, d + 1 < t->view.ndim || d == 0 ? "%lld, " : "%lld", (long long)t->view.sizes[d]);
    at += (size_t)snprintf(text + at, TORSH__NPY_HEADER - at, "), }");
    while ((at + 1) % 64) text[at++] = ' ';
    text[at++] = '\n';
    memcpy(text, "\x93NUMPY\x01", 7);
    text[7] = 0;
    text[8] = (char)((at - begin) & 0xFF);
    text[9] = (char)((at - begin) >> 8);
    *size = at;
    return TORSH_OK;
}

torsh_status torsh_npy_write(const char *path, torsh_tensor t)
{
    if (!path) return torsh__fail(TORSH_INVALID_ARGUMENT, "npy_write: argument 'path' is NULL");
    char text[TORSH__NPY_HEADER];
    size_t size;
    torsh_status status = TORSH_OK;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh__tensor *dense = torsh__tensor_hold(torsh_contiguous(torsh_to_device(t, TORSH_CPU)), "npy_write", "t", &status);
    if (!dense) return status;
    status = torsh__npy_header(dense, "npy_write", text, &size);
    if (status == TORSH_OK) {
        torsh__newfile to;
        status = torsh__newfile_begin(&to, "npy_write", path);
        if (status == TORSH_OK) status = torsh__newfile_put(&to, text, size);
        if (status == TORSH_OK) status = torsh__newfile_put(&to, torsh__data(dense), (uint64_t)dense->view.numel * torsh__dtypes[dense->view.dtype].size);
        status = torsh__newfile_end(&to, status);
    }
    torsh__tensor_drop(dense);
    return status;
}
