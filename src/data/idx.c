/* IDX files, the arrays of MNIST and its relatives: 0 0 type rank, u32 sizes, elements, all big-endian.
 * zlib reads them, compressed or not; without it only plain files are read. */
#include "alloc.h"
#include "tensor.h"

#include <torsh/data.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/view.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if TORSH_HAVE_ZLIB
#include <zlib.h>
#endif

static const char debian_directory[] = "/usr/share/datasets/fashion-mnist";

typedef struct source {
    const char *path;
    int file;
    uint64_t file_bytes; /* on the disk */
    bool packed;
#if TORSH_HAVE_ZLIB
    gzFile gz;
#endif
} source;

/* Exactly `bytes`, or an error. */
static torsh_status take(source *from, void *memory, uint64_t bytes)
{
    char *to = memory;
    while (bytes > 0) {
        unsigned want = bytes < 1u << 30 ? (unsigned)bytes : 1u << 30;
#if TORSH_HAVE_ZLIB
        int got = gzread(from->gz, to, want), code;
        if (got < 0) return torsh__fail(TORSH_FORMAT_ERROR, "idx_read: %s: %s", from->path, gzerror(from->gz, &code));
#else
        ssize_t got = read(from->file, to, want);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return torsh__fail(TORSH_IO_ERROR, "idx_read: %s: %s", from->path, strerror(errno));
#endif
        if (got == 0) return torsh__fail(TORSH_FORMAT_ERROR, "idx_read: %s: the file ends early", from->path);
        to += got;
        bytes -= (uint64_t)got;
    }
    return TORSH_OK;
}

static torsh_status open_source(source *from)
{
    struct stat stat;
    uint8_t magic[2] = {0, 0};
    do from->file = open(from->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (from->file < 0 && errno == EINTR);
    if (from->file < 0 || fstat(from->file, &stat) != 0) return torsh__fail(TORSH_IO_ERROR, "idx_read: %s: %s", from->path, strerror(errno));
    if (!S_ISREG(stat.st_mode)) return torsh__fail(TORSH_IO_ERROR, "idx_read: %s: not a regular file", from->path);
    from->file_bytes = (uint64_t)stat.st_size;
    from->packed = pread(from->file, magic, 2, 0) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
#if TORSH_HAVE_ZLIB
    from->gz = gzdopen(from->file, "rb");
    if (!from->gz) return torsh__fail(TORSH_OUT_OF_MEMORY, "idx_read: %s: no memory for zlib", from->path);
    from->file = -1; /* closed with gz */
#else
    if (from->packed)
        return torsh__fail(TORSH_UNSUPPORTED, "idx_read: %s is compressed; this build lacks zlib (Debian: zlib1g-dev), so unpack it with gunzip", from->path);
#endif
    return TORSH_OK;
}

static void close_source(source *from)
{
#if TORSH_HAVE_ZLIB
    if (from->gz) gzclose(from->gz);
#endif
    if (from->file >= 0) close(from->file);
}

static int idx_dtype(uint8_t type)
{
    switch (type) {
    case 0x08: return TORSH_U8;
    case 0x09: return TORSH_I8;
    case 0x0B: return TORSH_I16;
    case 0x0C: return TORSH_I32;
    case 0x0D: return TORSH_F32;
    case 0x0E: return TORSH_F64;
    default: return -1;
    }
}

/* Big-endian elements to this machine's order. */
static void to_native(uint8_t *data, int64_t count, size_t size)
{
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) return;
    for (int64_t i = 0; i < count && size > 1; i++, data += size)
        for (size_t a = 0, b = size - 1; a < b; a++, b--) {
            uint8_t kept = data[a];
            data[a] = data[b];
            data[b] = kept;
        }
}

static torsh_status read_array(source *from, torsh__tensor **result)
{
    uint8_t head[4], raw[4 * TORSH__MAX_RANK];
    int64_t sizes[TORSH__MAX_RANK], count;
    torsh_status status = take(from, head, 4);
    if (status) return status;
    int dtype = idx_dtype(head[2]), ndim = head[3];
    if (head[0] || head[1] || dtype < 0 || ndim > TORSH__MAX_RANK) return torsh__fail(TORSH_FORMAT_ERROR, "idx_read: %s: not an IDX file", from->path);
    status = take(from, raw, 4 * (uint64_t)ndim);
    if (status) return status;
    for (int i = 0; i < ndim; i++) sizes[i] = (int64_t)raw[4 * i] << 24 | raw[4 * i + 1] << 16 | raw[4 * i + 2] << 8 | raw[4 * i + 3];
    size_t size = torsh_dtype_size((torsh_dtype)dtype);
    status = torsh__numel("idx_read", sizes, ndim, size, &count);
    if (status) return status;
    /* Before memory is asked for: deflate makes at most 1032 bytes of one. */
    uint64_t bytes = (uint64_t)count * size;
    if (bytes / (from->packed ? 1032 : 1) > from->file_bytes)
        return torsh__fail(TORSH_FORMAT_ERROR, "idx_read: %s: the header promises %llu bytes, more than the file can hold", from->path, (unsigned long long)bytes);
    torsh__tensor *t = torsh__tensor_make((torsh_dtype)dtype, ndim, sizes, TORSH_CPU);
    if (!t) return TORSH_OUT_OF_MEMORY;
    status = take(from, t->view.memory, bytes);
    if (status) {
        torsh__tensor_drop(t);
        return status;
    }
    to_native(t->view.memory, count, size);
    *result = t;
    return TORSH_OK;
}

torsh_tensor torsh_idx_read(const char *path)
{
    if (!path) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "idx_read: argument 'path' is NULL"));
    source from = {.path = path, .file = -1};
    torsh__tensor *t = NULL;
    torsh_status status = open_source(&from);
    if (status == TORSH_OK) status = read_array(&from, &t);
    close_source(&from);
    return t ? torsh__tensor_give(t) : torsh__tensor_error(status);
}

/* directory/name, or directory/name.gz if there is no such file. */
static torsh_tensor read_named(const char *directory, const char *name)
{
    char path[4096];
    int length = snprintf(path, sizeof path - 3, "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof path - 3) return torsh__tensor_error(torsh__fail(TORSH_INVALID_ARGUMENT, "dataset_fashion_mnist: the directory's name is too long"));
    if (access(path, F_OK) != 0) strcpy(path + length, ".gz");
    return torsh_idx_read(path);
}

torsh_dataset torsh_dataset_fashion_mnist(const char *directory, bool train)
{
    if (!directory) directory = debian_directory;
    torsh_scope scope = torsh_scope_open();
    torsh_tensor pictures = read_named(directory, train ? "train-images-idx3-ubyte" : "t10k-images-idx3-ubyte");
    torsh_tensor labels = read_named(directory, train ? "train-labels-idx1-ubyte" : "t10k-labels-idx1-ubyte");
    torsh_dataset dataset;
    if (!TORSH_FAILED(pictures) && !TORSH_FAILED(labels) && (torsh_ndim(pictures) != 3 || torsh_ndim(labels) != 1))
        dataset.id = torsh__error_id(torsh__fail(TORSH_FORMAT_ERROR, "dataset_fashion_mnist: %s holds no list of pictures and labels", directory));
    else dataset = torsh_dataset_from_tensors(TORSH_TENSORS(torsh_unsqueeze(pictures, 1), torsh_to_dtype(labels, TORSH_I64)));
    torsh_keep(dataset);
    torsh_scope_close(scope);
    return dataset;
}
