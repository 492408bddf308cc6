/* Opening the adapter, waiting for callbacks with a deadline, error scopes. */
#include "device.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

wg_device torsh__wg_device;
pthread_mutex_t torsh__wg_lock = PTHREAD_MUTEX_INITIALIZER;

#define DEADLINE_SECONDS 120.0 /* software adapters are slow, a hung GPU shouldn't hang us */

/* The one callback that is awaited. Late answers to earlier waits are told by their serial number. */
static struct waiting {
    uintptr_t serial;
    bool done;
    uint32_t status, type;
    wg_handle object;
    char text[400];
} waiting;
static char lost[400]; /* why the device is no longer used, "" while it is */

static void keep_text(char *to, size_t size, wg_text text)
{
    size_t length = !text.data ? 0 : text.length == WG_LENGTH_TO_NUL ? strlen(text.data) : text.length;
    if (length >= size) length = size - 1;
    if (length) memcpy(to, text.data, length);
    to[length] = 0;
    for (char *c = to; *c; c++)
        if (*c == '\n') *c = ' ';
}

static bool answers(void *serial)
{
    if ((uintptr_t)serial != waiting.serial) return false;
    waiting.done = true;
    return true;
}

static void on_object(uint32_t status, wg_handle object, wg_text message, void *serial, void *unused)
{
    (void)unused;
    if (!answers(serial)) return;
    waiting.status = status;
    waiting.object = object;
    keep_text(waiting.text, sizeof waiting.text, message);
}

static void on_done(uint32_t status, wg_text message, void *serial, void *unused)
{
    on_object(status, NULL, message, serial, unused);
}

static void on_scope(uint32_t status, uint32_t type, wg_text message, void *serial, void *unused)
{
    if ((uintptr_t)serial == waiting.serial) waiting.type = type;
    on_object(status, NULL, message, serial, unused);
}

static void on_lost(wg_handle const *device, uint32_t reason, wg_text message, void *unused1, void *unused2)
{
    (void)device, (void)reason, (void)unused1, (void)unused2;
    keep_text(lost, sizeof lost, message);
    if (!lost[0]) snprintf(lost, sizeof lost, "device lost");
}

/* An error outside every scope: nothing of ours makes one, but without a callback the library aborts the process. */
static void on_error(wg_handle const *device, uint32_t type, wg_text message, void *unused1, void *unused2)
{
    char text[400];
    (void)device, (void)unused1, (void)unused2;
    keep_text(text, sizeof text, message);
    torsh__wg_host->log(1, "webgpu: uncaptured error %u: %s", type, text);
}

/* ---- waiting ------------------------------------------------------------------------------------------------- */

static void *expect(void)
{
    waiting.serial++;
    waiting.done = false;
    waiting.status = waiting.type = 0;
    waiting.object = NULL;
    waiting.text[0] = 0;
    return (void *)waiting.serial; /* a number that callbacks bring back */
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool await(void)
{
    wg_device *d = &torsh__wg_device;
    double until = now() + DEADLINE_SECONDS;
    for (long nap = 0; !waiting.done; nap = nap < 500000 ? nap + 10000 : nap) {
        torsh__wg.InstanceProcessEvents(d->instance);
        if (d->handle && torsh__wg.DevicePoll) torsh__wg.DevicePoll(d->handle, 0, NULL);
        if (waiting.done) break;
        if (now() > until) {
            snprintf(lost, sizeof lost, "no answer in %.0f s", DEADLINE_SECONDS);
            return false;
        }
        nanosleep(&(struct timespec){0, nap}, NULL);
    }
    return true;
}

wg_done_info torsh__wg_done_info(void)
{
    return (wg_done_info){NULL, WG_MODE_PROCESS_EVENTS, on_done, expect(), NULL};
}

torsh_status torsh__wg_wait_done(const char *what)
{
    if (await() && waiting.status == WG_SUCCESS) return TORSH_OK;
    return torsh__wg_host->fail(TORSH_DEVICE_ERROR, "%s: webgpu: %s", what, lost[0] ? lost : waiting.text);
}

/* ---- error scopes --------------------------------------------------------------------------------------------- */

void torsh__wg_scope_open(void)
{
    torsh__wg.DevicePushErrorScope(torsh__wg_device.handle, WG_FILTER_OUT_OF_MEMORY);
    torsh__wg.DevicePushErrorScope(torsh__wg_device.handle, WG_FILTER_VALIDATION);
}

torsh_status torsh__wg_scope_close(const char *what)
{
    torsh_status status = TORSH_OK;
    for (int i = 0; i < 2; i++) {
        wg_scope_info info = {NULL, WG_MODE_PROCESS_EVENTS, on_scope, expect(), NULL};
        torsh__wg.DevicePopErrorScope(torsh__wg_device.handle, info);
        bool answered = await();
        if (answered && waiting.status == WG_SUCCESS && waiting.type == WG_NO_ERROR) continue;
        torsh_status failed = i == 1 ? TORSH_OUT_OF_MEMORY : TORSH_DEVICE_ERROR;
        status = torsh__wg_host->fail(failed, "%s: webgpu: %s", what, answered ? waiting.text : lost);
    }
    return status;
}

/* ---- start --------------------------------------------------------------------------------------------------- */

static torsh_status get_adapter(wg_device *d)
{
    /* Vulkan, Metal and DX12 first: looking for GL too makes some drivers print to stderr. GL where there is nothing else. */
    static const uint64_t choices[2] = {1 | 4 | 8, 2};
    for (int i = 0; i < 2; i++) {
        wg_instance_extras extras = {.chain = {NULL, WG_INSTANCE_EXTRAS}, .backends = choices[i]};
        wg_instance_descriptor descriptor = {.next = &extras.chain};
        d->instance = torsh__wg.CreateInstance(&descriptor);
        if (!d->instance) continue;
        wg_adapter_options options = {.power = WG_POWER_HIGH};
#ifdef TORSH_WEBGPU_METAL
        options.backend = WG_BACKEND_METAL;
#endif
        torsh__wg.InstanceRequestAdapter(d->instance, &options, (wg_object_info){NULL, WG_MODE_PROCESS_EVENTS, on_object, expect(), NULL});
        if (await() && waiting.status == WG_SUCCESS && waiting.object) {
            d->adapter = waiting.object;
            return TORSH_OK;
        }
        torsh__wg.InstanceRelease(d->instance);
        d->instance = NULL;
    }
    return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s found no adapter (Debian: a Vulkan driver such as mesa-vulkan-drivers); %s", torsh__wg.path,
                                waiting.text);
}

static void describe_adapter(wg_device *d)
{
    wg_adapter_info info;
    memset(&info, 0, sizeof info);
    if (torsh__wg.AdapterGetInfo(d->adapter, &info) != WG_SUCCESS) return;
    keep_text(d->name, sizeof d->name, info.device);
    d->software = info.type == WG_ADAPTER_CPU;
    torsh__wg.AdapterInfoFreeMembers(info);
}

static torsh_status get_device(wg_device *d)
{
    d->limits = wg_limits_undefined();
    if (torsh__wg.AdapterGetLimits(d->adapter, &d->limits) != WG_SUCCESS)
        return torsh__wg_host->fail(TORSH_DEVICE_ERROR, "the adapter doesn't tell its limits");
    d->limits.next = NULL;
    wg_device_descriptor descriptor = {
        .limits = &d->limits, /* without: the defaults, far below what adapters have */
        .lost = {NULL, WG_MODE_PROCESS_EVENTS, on_lost, NULL, NULL},
        .error = {NULL, on_error, NULL, NULL},
    };
    torsh__wg.AdapterRequestDevice(d->adapter, &descriptor, (wg_object_info){NULL, WG_MODE_PROCESS_EVENTS, on_object, expect(), NULL});
    if (!await() || waiting.status != WG_SUCCESS || !waiting.object)
        return torsh__wg_host->fail(TORSH_DEVICE_ERROR, "the adapter gives no device: %s", waiting.text);
    d->handle = waiting.object;
    d->queue = torsh__wg.DeviceGetQueue(d->handle);
    d->uniforms = torsh__wg_raw_buffer((uint64_t)WG_BATCH * GPU_WORDS * 4, WG_USE_UNIFORM | WG_USE_COPY_TO);
    return d->uniforms ? TORSH_OK : TORSH_OUT_OF_MEMORY;
}

torsh_status torsh__wg_start(void)
{
    static bool tried;
    static torsh_status outcome;
    wg_device *d = &torsh__wg_device;
    if (!tried) {
        tried = true;
        outcome = torsh__wg_open();
        if (outcome == TORSH_OK) outcome = get_adapter(d);
        if (outcome == TORSH_OK) {
            describe_adapter(d);
            outcome = get_device(d);
        }
    }
    if (outcome != TORSH_OK) return outcome;
    if (lost[0]) return torsh__wg_host->fail(TORSH_DEVICE_ERROR, "webgpu: %s", lost);
    return TORSH_OK;
}

void torsh__wg_close(void)
{
    wg_device *d = &torsh__wg_device;
    if (!d->handle) return;
    torsh__wg_flush();
    torsh__wg_drop_pipelines();
    torsh__wg.BufferRelease(d->uniforms);
    torsh__wg.QueueRelease(d->queue);
    torsh__wg.DeviceRelease(d->handle);
    torsh__wg.AdapterRelease(d->adapter);
    torsh__wg.InstanceRelease(d->instance);
    memset(d, 0, sizeof *d);
    snprintf(lost, sizeof lost, "the backend is closed");
}
