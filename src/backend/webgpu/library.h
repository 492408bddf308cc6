/* The WebGPU library, opened at run time: one table of its functions. */
#ifndef TORSH_BACKEND_WEBGPU_LIBRARY_H
#define TORSH_BACKEND_WEBGPU_LIBRARY_H

#include "abi.h"

#include <torsh/backend.h>

typedef struct wg_library {
#define WG_MEMBER(result, name, parameters) result(*name) parameters;
    WG_FUNCTIONS(WG_MEMBER)
#undef WG_MEMBER
    wg_device_poll *DevicePoll; /* NULL where the library lacks it */
    char path[1024];            /* what was opened */
} wg_library;

extern wg_library torsh__wg;

/* What the library above offers (memory, error text, log); set by the entry point. */
extern const torsh_host *torsh__wg_host;

/* Opens it, or fails with a text that says where it was looked for. Call under the device lock. */
torsh_status torsh__wg_open(void);

#endif
