/* Feeds bytes to torsh_load as a file and then asks for every tensor: no input may crash, leak or hang.
 *
 * With clang and -DTORSH_FUZZ=ON it is a libFuzzer program (src/data is instrumented too):
 *     build/tests/fuzz/safetensors_fuzz tests/fuzz/corpus/safetensors
 * Otherwise its own main runs the files and folders it is given, each byte of each file changed in several ways besides. */
#include <torsh/data.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_TENSORS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

#ifndef TORSH_LIBFUZZER

static int64_t runs;

static void run(const uint8_t *data, size_t size)
{
    LLVMFuzzerTestOneInput(data, size);
    runs++;
}

/* The file itself, cut short at each place, and each byte of its first ones changed. */
static int run_file(const char *path)
{
    static uint8_t data[1 << 16];
    FILE *file = fopen(path, "rb");
    if (!file) return fprintf(stderr, "%s: can't be opened\n", path), 2;
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    run(data, size);
    size_t changed = size < 600 ? size : 600;
    for (size_t i = 0; i < changed; i++) {
        static const uint8_t values[] = {0x00, 0xFF, '"', '0', '9', '[', '}', ',', 'e', '-'};
        uint8_t kept = data[i];
        run(data, i);
        for (size_t v = 0; v < sizeof values; v++) data[i] = values[v], run(data, size);
        for (int bit = 0; bit < 8; bit += 3) data[i] = (uint8_t)(kept ^ 1 << bit), run(data, size);
        data[i] = kept;
    }
    return 0;
}

int main(int argc, char **argv)
{
    int status = argc < 2 ? 2 : 0;
    for (int a = 1; a < argc; a++) {
        DIR *folder = opendir(argv[a]);
        if (!folder) {
            status |= run_file(argv[a]);
            continue;
        }
        for (struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            if (entry->d_name[0] == '.' || snprintf(path, sizeof path, "%s/%s", argv[a], entry->d_name) >= (int)sizeof path) continue;
            status |= run_file(path);
        }
        closedir(folder);
    }
    if (torsh_live_handles() != 0) return fprintf(stderr, "%lld handles leaked\n", (long long)torsh_live_handles()), 1;
    printf("%lld inputs\n", (long long)runs);
    return status;
}

#endif
