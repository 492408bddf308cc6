/* The table of backends. The CPU's is linked in; the others are shared objects found beside this library or in
 * TORSH_BACKEND_PATH, opened when a device of their kind is first asked for. */
#include "backends.h"
#include "alloc.h"
#include "cpu_memory.h"
#include "fork.h"
#include "thread_state.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEVICES = 16 };

typedef struct entry {
    const char *kind, *plugin; /* plugin: the file's stem */
    const torsh_backend *backend;
    _Atomic bool tried;
    int devices;
    torsh__pool *pools; /* by device index */
    char problem[256];  /* why there are no devices */
} entry;

static entry entries[TORSH_DEVICE_KINDS] = {
    {.kind = "cpu", .backend = &torsh__cpu_backend, .tried = true, .devices = 1},
    {.kind = "cuda", .plugin = "cuda"},
    {.kind = "webgpu", .plugin = "webgpu"},
    {.kind = "metal", .plugin = "metal"},
};
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER; /* held while a backend, and so its driver, starts */
static pthread_mutex_t finding = PTHREAD_MUTEX_INITIALIZER; /* guards kernel slots */
static _Thread_local bool loads, finds; /* this thread has them: plug-ins and drivers run under both */

static uint32_t have_loading(void)
{
    return loads;
}

static uint32_t have_finding(void)
{
    return finds;
}

/* What another thread was in the middle of opening, the child opens itself. A kernel slot is not known until it is whole. */
static void forget_half_loaded(void)
{
    for (int kind = 0; kind < TORSH_DEVICE_KINDS && !loads; kind++) {
        entry *e = &entries[kind];
        if (!atomic_load_explicit(&e->tried, memory_order_relaxed)) *e = (entry){.kind = e->kind, .plugin = e->plugin};
    }
}
TORSH__ACROSS_FORK(loading, &loading, 1, ANEW, .mine = have_loading, .in_child = forget_half_loaded)
TORSH__ACROSS_FORK(finding, &finding, 1, ANEW, .mine = have_finding)

static const torsh_host host = {TORSH_BACKEND_ABI, torsh__fail, torsh__log, torsh__alloc, torsh__free};

/* ---- loading ------------------------------------------------------------------------------------------------- */

static void *open_at(const char *directory, size_t length, const char *stem)
{
    char path[1024];
    if (length == 0 || directory[0] != '/') return NULL; /* never relative to the working directory */
    int count = snprintf(path, sizeof path, "%.*s/libtorsh-%s.so", (int)length, directory, stem);
    if (count < 0 || (size_t)count >= sizeof path) return NULL;
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *open_plugin(const char *stem)
{
    void *library = NULL;
    const char *path = getenv("TORSH_BACKEND_PATH");
    while (path && *path && !library) {
        size_t length = strcspn(path, ":");
        library = open_at(path, length, stem);
        path += length + (path[length] == ':');
    }
    Dl_info self;
    if (!library && dladdr(&host, &self) && self.dli_fname) {
        const char *end = strrchr(self.dli_fname, '/');
        if (end) library = open_at(self.dli_fname, (size_t)(end - self.dli_fname), stem);
    }
    return library;
}

typedef struct pool_context { const torsh_backend *backend; int device; } pool_context;

static void *pool_alloc(void *context, size_t bytes)
{
    pool_context *c = context;
    return c->backend->alloc(c->device, bytes);
}

static void pool_free(void *context, void *block, size_t bytes)
{
    pool_context *c = context;
    c->backend->free(c->device, block, bytes);
}

static void load(entry *e)
{
    torsh__thread *self = torsh__thread_get();
    uint32_t before = self->error_serial;
    void *library = open_plugin(e->plugin);
    if (!library) {
        snprintf(e->problem, sizeof e->problem, "no libtorsh-%s.so beside the library or in TORSH_BACKEND_PATH", e->plugin);
        return;
    }
    torsh_backend_entry *enter = NULL;
    void *symbol = dlsym(library, TORSH_BACKEND_SYMBOL);
    memcpy(&enter, &symbol, sizeof enter); /* ISO C has no cast from an object to a function pointer */
    const torsh_backend *backend = enter ? enter(&host) : NULL;
    int devices = 0;
    if (!backend || backend->abi != TORSH_BACKEND_ABI) {
        snprintf(e->problem, sizeof e->problem, "libtorsh-%s.so is of another version", e->plugin);
    } else if (backend->device_count(&devices) != TORSH_OK || devices == 0) {
        snprintf(e->problem, sizeof e->problem, "%s", self->error_serial != before ? torsh_last_error() : "the driver reports no device");
    } else {
        if (devices > MOST_DEVICES) devices = MOST_DEVICES;
        size_t bytes = (size_t)devices * (sizeof(torsh__pool) + sizeof(pool_context));
        torsh__pool *pools = torsh__alloc_zero(bytes);
        if (!pools) {
            snprintf(e->problem, sizeof e->problem, "%s", torsh_last_error());
            return;
        }
        pool_context *contexts = (pool_context *)(void *)(pools + devices);
        for (int i = 0; i < devices; i++) {
            contexts[i] = (pool_context){backend, i};
            pools[i] = (torsh__pool)TORSH__POOL(pool_alloc, pool_free); /* glibc: a mutex is copied at birth */
            pools[i].context = &contexts[i];
        }
        e->pools = pools;
        e->backend = backend;
        e->devices = devices;
    }
}

static entry *open_kind(torsh_device device)
{
    int kind = torsh__device_kind(device);
    if (kind < 0 || kind >= TORSH_DEVICE_KINDS) return NULL;
    entry *e = &entries[kind];
    if (!atomic_load_explicit(&e->tried, memory_order_acquire)) {
        pthread_mutex_lock(&loading);
        loads = true;
        if (!atomic_load_explicit(&e->tried, memory_order_relaxed)) {
            load(e);
            atomic_store_explicit(&e->tried, true, memory_order_release);
        }
        loads = false;
        pthread_mutex_unlock(&loading);
    }
    return e;
}

torsh_status torsh__device_check(torsh_device device)
{
    if (device == TORSH_CPU) return TORSH_OK;
    entry *e = open_kind(device);
    if (!e) return torsh__fail(TORSH_INVALID_ARGUMENT, "device %d is none; use TORSH_CPU, TORSH_CUDA(i), TORSH_WEBGPU(i) or TORSH_METAL", device);
    if (e->devices == 0) return torsh__fail(TORSH_UNSUPPORTED, "%s is not available: %s", e->kind, e->problem);
    if (torsh__device_index(device) >= e->devices)
        return torsh__fail(TORSH_OUT_OF_RANGE, "%s is not available: there are %d devices of this kind", torsh_device_name(device), e->devices);
    return TORSH_OK;
}

/* ---- public questions ---------------------------------------------------------------------------------------- */

const char *torsh_device_name(torsh_device device)
{
    int kind = torsh__device_kind(device);
    if (device == TORSH_CPU) return "cpu";
    if (kind <= 0 || kind >= TORSH_DEVICE_KINDS) return "invalid";
    if (device == TORSH_METAL) return "metal";
    torsh__thread *self = torsh__thread_get();
    snprintf(self->device_name, sizeof self->device_name, "%s:%d", entries[kind].kind, torsh__device_index(device));
    return self->device_name;
}

torsh_status torsh_device_describe(torsh_device device, char *text, size_t size)
{
    if (!text || !size) return torsh__fail(TORSH_INVALID_ARGUMENT, "device_describe: there is no room for a text");
    torsh_status status = torsh__device_check(device);
    return status ? status : open_kind(device)->backend->describe(torsh__device_index(device), text, size);
}

int torsh_device_count(torsh_device kind)
{
    entry *e = open_kind(kind);
    if (!e) {
        torsh__fail(TORSH_INVALID_ARGUMENT, "device_count: %d is no device", kind);
        return 0;
    }
    if (e->devices == 0) torsh__fail(TORSH_UNSUPPORTED, "%s is not available: %s", e->kind, e->problem);
    return e->devices;
}

bool torsh_device_available(torsh_device device)
{
    entry *e = open_kind(device);
    return e && torsh__device_index(device) < e->devices;
}

torsh_device torsh_cuda_if_available(void)
{
    return torsh_device_available(TORSH_CUDA(0)) ? TORSH_CUDA(0) : TORSH_CPU;
}

torsh_status torsh_synchronize(torsh_device device)
{
    torsh_status status = torsh__device_check(device);
    if (status || device == TORSH_CPU) return status;
    return open_kind(device)->backend->synchronize(torsh__device_index(device));
}

/* ---- memory -------------------------------------------------------------------------------------------------- */

static torsh__pool *pool_of(torsh_device device)
{
    return device == TORSH_CPU ? torsh__cpu_pool() : &open_kind(device)->pools[torsh__device_index(device)];
}

void *torsh__device_alloc(torsh_device device, size_t bytes)
{
    if (device == TORSH_CPU) return torsh__data_alloc(bytes);
    if (torsh__device_check(device) != TORSH_OK) return NULL;
    torsh__pool *pool = pool_of(device);
    void *block = NULL;
    if (torsh__pool_charge(pool, bytes)) {
        block = torsh__fault() ? NULL : torsh__pool_take(pool, bytes ? bytes : 1);
        if (!block) torsh__pool_refund(pool, bytes);
        else {
            torsh__pool_count(pool, 0); /* the peak */
            atomic_fetch_add_explicit(&pool->allocations, 1, memory_order_relaxed);
        }
    }
    if (!block)
        torsh__fail(TORSH_OUT_OF_MEMORY, "out of memory: %zu bytes could not be allocated on %s; %lld bytes of tensors are in use (limit %lld)", bytes,
                    torsh_device_name(device), (long long)atomic_load(&pool->used), (long long)atomic_load(&pool->limit));
    return block;
}

void torsh__device_free(torsh_device device, void *memory, size_t bytes)
{
    if (device == TORSH_CPU) {
        torsh__data_free(memory, bytes);
        return;
    }
    torsh__pool *pool = pool_of(device);
    torsh__pool_refund(pool, bytes);
    torsh__pool_give(pool, memory, bytes ? bytes : 1);
}

torsh_status torsh_memory_stats(torsh_device device, torsh_memory *stats)
{
    if (!stats) return torsh__fail(TORSH_INVALID_ARGUMENT, "memory_stats: stats is NULL");
    torsh_status status = torsh__device_check(device);
    if (status) return status;
    if (device == TORSH_CPU) torsh__cpu_memory_stats(stats);
    else torsh__pool_stats(pool_of(device), stats);
    return TORSH_OK;
}

torsh_status torsh_reset_peak_memory(torsh_device device)
{
    torsh_status status = torsh__device_check(device);
    if (status) return status;
    torsh_memory stats;
    if ((status = torsh_memory_stats(device, &stats)) == TORSH_OK) atomic_store(&pool_of(device)->peak, stats.used);
    return status;
}

torsh_status torsh_empty_cache(torsh_device device)
{
    torsh_status status = torsh__device_check(device);
    if (status == TORSH_OK) torsh__pool_empty(pool_of(device));
    return status;
}

torsh_status torsh_set_memory_limit(torsh_device device, int64_t bytes)
{
    torsh_status status = torsh__device_check(device);
    if (status == TORSH_OK) atomic_store(&pool_of(device)->limit, bytes < 0 ? INT64_MAX : bytes);
    return status;
}

/* ---- copies and kernels -------------------------------------------------------------------------------------- */

torsh_status torsh__device_copy(torsh_device to_device, void *to, size_t to_offset, torsh_device from_device, const void *from,
                                size_t from_offset, size_t bytes)
{
    if (bytes == 0) return TORSH_OK;
    int to_index = torsh__device_index(to_device), from_index = torsh__device_index(from_device);
    if (to_device == TORSH_CPU && from_device == TORSH_CPU) {
        memmove((char *)to + to_offset, (const char *)from + from_offset, bytes);
        return TORSH_OK;
    }
    if (to_device == TORSH_CPU)
        return open_kind(from_device)->backend->to_host(from_index, (char *)to + to_offset, from, from_offset, bytes);
    if (from_device == TORSH_CPU)
        return open_kind(to_device)->backend->from_host(to_index, to, to_offset, (const char *)from + from_offset, bytes);
    if (to_device == from_device) return open_kind(to_device)->backend->copy(to_index, to, to_offset, from, from_offset, bytes);
    void *middle = torsh__alloc(bytes); /* between devices: through the host */
    if (!middle) return TORSH_OUT_OF_MEMORY;
    torsh_status status = open_kind(from_device)->backend->to_host(from_index, middle, from, from_offset, bytes);
    if (status == TORSH_OK) status = open_kind(to_device)->backend->from_host(to_index, to, to_offset, middle, bytes);
    torsh__free(middle, bytes);
    return status;
}

torsh_status torsh__kernel_for(const torsh_op_info *op, torsh__kernel_slot *slots, torsh_device device, torsh_kernel *kernel)
{
    int kind = torsh__device_kind(device);
    torsh__kernel_slot *slot = &slots[kind];
    if (!atomic_load_explicit(&slot->known, memory_order_acquire)) {
        entry *e = open_kind(device);
        pthread_mutex_lock(&finding);
        finds = true;
        if (!atomic_load_explicit(&slot->known, memory_order_relaxed)) {
            if (e && e->backend) slot->kernel = e->backend->kernel(op);
            atomic_store_explicit(&slot->known, true, memory_order_release);
        }
        finds = false;
        pthread_mutex_unlock(&finding);
    }
    *kernel = slot->kernel;
    if (kernel->run) return TORSH_OK;
    const char *advice = device == TORSH_CPU ? "" : "; move the tensor to the cpu";
    return torsh__fail(TORSH_UNSUPPORTED, "%s: no %s kernel%s", op->name, torsh_device_name(device), advice);
}
