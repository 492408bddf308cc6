/* A file that replaces another when it is whole: a crash at any moment leaves the old one or the new one, never half of one. */
#ifndef TORSH_DATA_NEWFILE_H
#define TORSH_DATA_NEWFILE_H

#include <torsh/core.h>

typedef struct torsh__newfile {
    const char *who;  /* for error texts */
    const char *path; /* what the user asked for */
    char *temporary;
    size_t room;   /* bytes of temporary */
    int file;      /* -1: not open */
    bool made;     /* temporary is there */
    uint64_t size; /* written so far */
} torsh__newfile;

/* Opens a new file beside the target. In any case end it with torsh__newfile_end. */
torsh_status torsh__newfile_begin(torsh__newfile *to, const char *who, const char *path);
torsh_status torsh__newfile_put(torsh__newfile *to, const void *data, uint64_t bytes);
/* Over what is there already. */
torsh_status torsh__newfile_patch(torsh__newfile *to, uint64_t at, const void *data, size_t bytes);
/* Puts it in the target's place if status is TORSH_OK, else takes it away. Returns the status of it all. */
torsh_status torsh__newfile_end(torsh__newfile *to, torsh_status status);

#endif
