/* Feeds bytes to torsh_load as a file and then asks for every tensor. */
#include "driver.h"

#include <torsh/data.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_TENSORS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    static char path[32];
    if (file < 0) {
        file = memfd_create("safetensors", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        torsh_set_memory_limit(TORSH_CPU, 1 << 24);
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size) abort();

    torsh_scope scope = torsh_scope_open();
    torsh_checkpoint checkpoint = torsh_load(path);
    int64_t count = TORSH_FAILED(checkpoint) ? 0 : torsh_checkpoint_size(checkpoint);
    for (int64_t i = 0; i < count && i < MOST_TENSORS; i++) {
        torsh_tensor t = torsh_checkpoint_get(checkpoint, torsh_checkpoint_name(checkpoint, i));
        volatile uint8_t last = 0;
        if (torsh_numel(t) > 0) last = ((uint8_t *)torsh_data(t))[(size_t)torsh_numel(t) * torsh_dtype_size(torsh_dtype_of(t)) - 1];
        (void)last;
    }
    for (int64_t i = 0; i < torsh_checkpoint_text_count(checkpoint) && i < MOST_TENSORS; i++)
        if (!torsh_checkpoint_text(checkpoint, torsh_checkpoint_text_key(checkpoint, i))) abort();
    torsh_scope_close(scope);
    return 0;
}
