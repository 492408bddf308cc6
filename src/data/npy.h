/* What npy.c and npz.c share: arrays in numpy's format, read from a file or from a member of an archive. */
#ifndef TORSH_DATA_NPY_H
#define TORSH_DATA_NPY_H

#include "newfile.h"
#include "tensor.h"

#if TORSH_HAVE_ZLIB
#include <zlib.h>
#endif

/* Bytes of a file, some of them compressed. */
typedef struct torsh__member {
    const char *who, *path; /* for error texts */
    const char *name;       /* the member's, NULL: the file itself */
    int file;
    uint64_t at, packed; /* where the next bytes lie, and how many are left there */
    uint64_t left;       /* how many bytes there are still to take */
    bool deflated;
    uint32_t crc; /* of what was taken */
#if TORSH_HAVE_ZLIB
    z_stream stream;
    uint8_t *buffer;
#endif
} torsh__member;

/* TORSH_FORMAT_ERROR, or another status, with the file's and the member's names. */
torsh_status torsh__member_fail(const torsh__member *m, torsh_status status, const char *what);
torsh_status torsh__member_open(torsh__member *m);
/* Exactly `bytes`, or an error. */
torsh_status torsh__member_take(torsh__member *m, void *to, uint64_t bytes);
void torsh__member_close(torsh__member *m);

/* The array that begins where m stands. */
torsh_status torsh__npy_take(torsh__member *m, torsh__tensor **result);

enum { TORSH__NPY_HEADER = 2048 };
/* The header of an array like t, its length in *size. TORSH_UNSUPPORTED for bf16. */
torsh_status torsh__npy_header(const torsh__tensor *t, const char *who, char text[TORSH__NPY_HEADER], size_t *size);

/* CRC-32 of zip and gzip, carried on from `crc` (0 at first). */
uint32_t torsh__crc32(uint32_t crc, const void *data, uint64_t bytes);

#endif
