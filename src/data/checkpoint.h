/* The object behind torsh_checkpoint: tensors and texts by name, in memory or in a safetensors file that stays open.
 * Knows nothing of the file's layout (safetensors.h) nor of modules and optimizers (resume.c). */
#ifndef TORSH_DATA_CHECKPOINT_H
#define TORSH_DATA_CHECKPOINT_H

#include "tensor.h"

#include <torsh/data.h>

#include <pthread.h>

/* One tensor: in memory, or a checked range of the file. */
typedef struct torsh__entry {
    torsh__tensor *tensor; /* retained; NULL: in the file */
    uint64_t begin, end;   /* in the file's data, in bytes */
    const char *format;    /* the file's name of the dtype; static */
    int dtype;             /* torsh_dtype; -1: one that tensors don't have */
    size_t ndim;
    const char *name;      /* behind the sizes */
    int64_t sizes[];
} torsh__entry;

typedef struct torsh__note {
    const char *key, *value;
    char bytes[]; /* both, each with its end 0 */
} torsh__note;

typedef struct torsh__checkpoint {
    torsh__object object;
    pthread_mutex_t lock;
    void **entries; /* of torsh__entry, by name */
    size_t count, capacity;
    void **notes; /* of torsh__note, by key */
    size_t note_count, note_capacity;
    int file;            /* -1: none */
    uint64_t data_start; /* of the file's data, in bytes from its start */
    char *path;          /* for error texts; NULL without a file */
} torsh__checkpoint;

/* New blocks that only the checkpoint's lists free. NULL without memory. */
torsh__entry *torsh__entry_make(const char *name, size_t ndim);
void torsh__entry_free(torsh__entry *entry);
torsh__note *torsh__note_make(const char *key, const char *value);
void torsh__note_free(torsh__note *text);

#endif
