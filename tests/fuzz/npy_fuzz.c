/* Feeds bytes to torsh_npy_read and torsh_npz_read as a file and then reads what they made. */
#include "driver.h"

#include <torsh/data.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void look_at(torsh_tensor t)
{
    size_t bytes = (size_t)torsh_numel(t) * torsh_dtype_size(torsh_dtype_of(t));
    if (TORSH_FAILED(t)) return;
    void *copy = malloc(bytes + 1);
    if (copy && torsh_to_host(t, copy, bytes) != TORSH_OK) abort();
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int file = -1;
    static char path[32];
    if (file < 0) {
        file = memfd_create("npy", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        torsh_set_memory_limit(TORSH_CPU, 1 << 24);
    }
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size) abort();

    torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_npy_read(path);
    if (!TORSH_FAILED(t)) look_at(t);
    torsh_state_dict dict = torsh_npz_read(path);
    int64_t count = TORSH_FAILED(dict) ? 0 : torsh_state_dict_size(dict);
    for (int64_t i = 0; i < count; i++) {
        if (!torsh_state_dict_name(dict, i)) abort();
        look_at(torsh_state_dict_tensor(dict, i));
    }
    torsh_scope_close(scope);
    return 0;
}
