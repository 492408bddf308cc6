/* Finds and opens the WebGPU library: TORSH_WGPU_LIBRARY, then the plug-in's own folder, then the loader's search path. */
#include "library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

wg_library torsh__wg;
const torsh_host *torsh__wg_host;

static const char *const names[] = {"libwgpu_native.so", "libwgpu_native-release.so", "libwgpu_native.dylib", "libwgpu_native-release.dylib"};
enum { NAMES = sizeof names / sizeof *names };

static void *open_path(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library) snprintf(torsh__wg.path, sizeof torsh__wg.path, "%s", path);
    return library;
}

static void *open_beside(void)
{
    Dl_info self;
    if (!dladdr(&torsh__wg, &self) || !self.dli_fname) return NULL;
    const char *end = strrchr(self.dli_fname, '/');
    if (!end) return NULL;
    for (int i = 0; i < NAMES; i++) {
        char path[1024];
        int length = snprintf(path, sizeof path, "%.*s/%s", (int)(end - self.dli_fname), self.dli_fname, names[i]);
        void *library = length > 0 && (size_t)length < sizeof path ? open_path(path) : NULL;
        if (library) return library;
    }
    return NULL;
}

static void *open_any(void)
{
    const char *given = getenv("TORSH_WGPU_LIBRARY");
    if (given && *given) return open_path(given); /* what was asked for, or nothing */
    void *library = open_beside();
    for (int i = 0; i < NAMES && !library; i++) library = open_path(names[i]);
    return library;
}

static const struct { const char *name; size_t offset; } symbols[] = {
#define WG_SYMBOL(result, name, parameters) {"wgpu" #name, offsetof(wg_library, name)},
    WG_FUNCTIONS(WG_SYMBOL)
#undef WG_SYMBOL
};

/* ISO C has no cast from an object to a function pointer: the bits are copied. */
static bool find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

torsh_status torsh__wg_open(void)
{
    static void *library;
    if (library) return TORSH_OK;
    void *opened = open_any();
    if (!opened) {
        const char *given = getenv("TORSH_WGPU_LIBRARY");
        if (given && *given) return torsh__wg_host->fail(TORSH_UNSUPPORTED, "TORSH_WGPU_LIBRARY=%s can't be opened", given);
        return torsh__wg_host->fail(TORSH_UNSUPPORTED, "no libwgpu_native.so beside the plug-in or on the library path; set TORSH_WGPU_LIBRARY to one");
    }
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        if (find(opened, symbols[i].name, (char *)&torsh__wg + symbols[i].offset)) continue;
        torsh_status status = torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s has no %s", torsh__wg.path, symbols[i].name);
        dlclose(opened);
        return status;
    }
    find(opened, "wgpuDevicePoll", &torsh__wg.DevicePoll);
    library = opened;
    return TORSH_OK;
}
