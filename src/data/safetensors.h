/* The safetensors file format: a u64 length, a JSON header, the tensors' bytes without holes.
 * https://github.com/huggingface/safetensors, "Format". Files come from strangers: nothing in them is believed unchecked. */
#ifndef TORSH_DATA_SAFETENSORS_H
#define TORSH_DATA_SAFETENSORS_H

#include "checkpoint.h"

enum { TORSH__HEADER_LIMIT = 100000000 }; /* bytes of JSON, the limit of the reference implementation */

/* Reads and checks the header of the open file and fills the checkpoint's lists; tensors stay in the file. */
torsh_status torsh__safetensors_open(torsh__checkpoint *checkpoint);

/* Checks `size` bytes of JSON for a file of 8 + size + data bytes; on success the entries and texts are the checkpoint's. */
torsh_status torsh__safetensors_parse(torsh__checkpoint *checkpoint, const char *header, size_t size, uint64_t data);

/* Reads one entry's bytes into memory of end - begin bytes. */
torsh_status torsh__safetensors_read(const torsh__checkpoint *checkpoint, const torsh__entry *entry, void *memory);

/* Writes all entries: a temporary file in the same directory, fsync, rename, fsync of the directory. */
torsh_status torsh__safetensors_write(const torsh__checkpoint *checkpoint, const char *path);

/* The file's name of a dtype; NULL if it has none (c128). */
const char *torsh__safetensors_dtype(torsh_dtype dtype);

/* True for well-formed UTF-8 without an overlong form or a surrogate. */
bool torsh__utf8_valid(const char *text);

#endif
