/* The main of the fuzz programs where there is no libFuzzer: runs the files and folders it is given, each byte of each file changed in
 * several ways besides. */
#include "driver.h"

#include <torsh/core.h>

#include <dirent.h>
#include <stdio.h>

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
        static const uint8_t values[] = {0x00, 0xFF, '"', '0', '9', '[', '}', ',', 'e', '-', '(', '\''};
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
