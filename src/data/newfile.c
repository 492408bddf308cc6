/* Files that are whole or not there. Relies on rename() being atomic within a directory. */
#include "newfile.h"
#include "alloc.h"
#include "status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static torsh_status io_error(const torsh__newfile *to, const char *what)
{
    return torsh__fail(TORSH_IO_ERROR, "%s: %s: %s: %s", to->who, to->path, what, strerror(errno));
}

/* Its name ends so that nobody takes it for what it will be. */
torsh_status torsh__newfile_begin(torsh__newfile *to, const char *who, const char *path)
{
    static _Atomic unsigned turn;
    *to = (torsh__newfile){.who = who, .path = path, .file = -1, .room = strlen(path) + 48};
    to->temporary = torsh__alloc(to->room);
    if (!to->temporary) return TORSH_OUT_OF_MEMORY;
    do {
        snprintf(to->temporary, to->room, "%s.%ld-%u.tmp", to->path, (long)getpid(), turn++);
        to->file = open(to->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (to->file < 0 && errno == EEXIST);
    to->made = to->file >= 0;
    return to->made ? TORSH_OK : io_error(to, "open");
}

torsh_status torsh__newfile_put(torsh__newfile *to, const void *data, uint64_t bytes)
{
    const char *from = data;
    while (bytes > 0) {
        ssize_t done = write(to->file, from, bytes < 1u << 30 ? (size_t)bytes : 1u << 30);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return io_error(to, "write");
        from += done;
        to->size += (uint64_t)done;
        bytes -= (uint64_t)done;
    }
    return TORSH_OK;
}

torsh_status torsh__newfile_patch(torsh__newfile *to, uint64_t at, const void *data, size_t bytes)
{
    const char *from = data;
    while (bytes > 0) {
        ssize_t done = pwrite(to->file, from, bytes, (off_t)at);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return io_error(to, "write");
        from += done;
        at += (uint64_t)done;
        bytes -= (size_t)done;
    }
    return TORSH_OK;
}

/* The rename is on the disk only when the directory is. Some file systems can't sync one: then nothing more can be done. */
static void sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 1;
    char *directory = torsh__alloc(length + 1);
    if (!directory) return;
    memcpy(directory, slash ? path : ".", length);
    directory[length] = 0;
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    torsh__free(directory, length + 1);
    if (file < 0) return;
    (void)fsync(file);
    close(file);
}

static torsh_status commit(torsh__newfile *to)
{
    if (fsync(to->file) != 0) return io_error(to, "fsync");
    int file = to->file;
    to->file = -1;
    if (close(file) != 0) return io_error(to, "close");
    if (rename(to->temporary, to->path) != 0) return io_error(to, "rename");
    sync_directory(to->path);
    return TORSH_OK;
}

torsh_status torsh__newfile_end(torsh__newfile *to, torsh_status status)
{
    if (status == TORSH_OK) status = commit(to);
    if (to->file >= 0) close(to->file);
    if (status && to->made) unlink(to->temporary);
    torsh__free(to->temporary, to->room);
    return status;
}
