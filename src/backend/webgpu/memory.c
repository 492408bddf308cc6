/* Buffers and byte copies. WebGPU copies multiples of 4 bytes at multiples of 4; the ends of other ranges are read, changed
 * and written back, or moved by a kernel. */
#include "device.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STAGE = 4 << 20 }; /* bytes read at a time */

static wg_handle stage; /* MAP_READ, made at the first read */

wg_handle torsh__wg_raw_buffer(uint64_t size, uint64_t usage)
{
    wg_buffer_descriptor descriptor = {.usage = usage, .size = size};
    torsh__wg_scope_open();
    wg_handle buffer = torsh__wg.DeviceCreateBuffer(torsh__wg_device.handle, &descriptor);
    if (torsh__wg_scope_close("alloc") == TORSH_OK) return buffer;
    if (buffer) torsh__wg.BufferRelease(buffer); /* failed objects are not NULL */
    return NULL;
}

/* A software adapter's memory is the machine's, and it promises more than there is. */
static bool within_machine(uint64_t more)
{
    if (!torsh__wg_device.software) return true;
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages <= 0 || page <= 0 || torsh__wg_device.allocated + more <= (uint64_t)pages * (uint64_t)page / 4 * 3;
}

wg_buffer *torsh__wg_alloc(size_t bytes)
{
    wg_device *d = &torsh__wg_device;
    uint64_t size = ((uint64_t)bytes + 3) & ~(uint64_t)3;
    if (size < bytes || size > d->limits.buffer || !within_machine(size)) return NULL;
    wg_buffer *b = torsh__wg_host->alloc(sizeof *b);
    if (!b) return NULL;
    b->size = size;
    b->handle = torsh__wg_raw_buffer(size, WG_USE_STORAGE | WG_USE_COPY_FROM | WG_USE_COPY_TO);
    if (!b->handle) {
        torsh__wg_host->free(b, sizeof *b);
        return NULL;
    }
    d->allocated += size;
    return b;
}

void torsh__wg_free(wg_buffer *b)
{
    if (!b) return;
    torsh__wg_flush(); /* recorded commands may use it; those submitted hold it themselves */
    torsh__wg_device.allocated -= b->size;
    torsh__wg.BufferRelease(b->handle);
    torsh__wg_host->free(b, sizeof *b);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

/* Words [offset, offset + size) of the buffer, of which `bytes` after `skip` are wanted. */
static torsh_status read_words(char *host, const wg_buffer *from, uint64_t offset, uint64_t size, size_t skip, size_t bytes)
{
    if (!stage) stage = torsh__wg_raw_buffer(STAGE, WG_USE_MAP_READ | WG_USE_COPY_TO);
    if (!stage) return TORSH_OUT_OF_MEMORY;
    wg_buffer to = {stage, STAGE};
    torsh_status status = torsh__wg_record_copy(&to, 0, from, offset, size);
    if (status == TORSH_OK) status = torsh__wg_flush();
    if (status) return status;
    torsh__wg.BufferMapAsync(stage, WG_MAP_READ, 0, (size_t)size, torsh__wg_done_info());
    status = torsh__wg_wait_done("to_host");
    if (status) return status;
    const char *mapped = torsh__wg.BufferGetConstMappedRange(stage, 0, (size_t)size);
    if (mapped) memcpy(host, mapped + skip, bytes);
    else status = torsh__wg_host->fail(TORSH_DEVICE_ERROR, "to_host: webgpu: the buffer can't be mapped");
    torsh__wg.BufferUnmap(stage);
    return status;
}

torsh_status torsh__wg_read(void *host, const wg_buffer *from, size_t offset, size_t bytes)
{
    char *to = host;
    while (bytes) {
        size_t skip = offset % 4, most = STAGE - skip, part = bytes < most ? bytes : most;
        torsh_status status = read_words(to, from, offset - skip, (skip + part + 3) & ~(size_t)3, skip, part);
        if (status) return status;
        to += part;
        offset += part;
        bytes -= part;
    }
    return TORSH_OK;
}

/* ---- writing ------------------------------------------------------------------------------------------------- */

/* At most 4 bytes within one word. */
static torsh_status write_part(wg_buffer *to, size_t offset, const void *host, size_t bytes)
{
    char word[4];
    size_t at = offset & ~(size_t)3;
    torsh_status status = torsh__wg_read(word, to, at, 4);
    if (status) return status;
    memcpy(word + (offset - at), host, bytes);
    torsh__wg.QueueWriteBuffer(torsh__wg_device.queue, to->handle, at, word, 4);
    return TORSH_OK;
}

torsh_status torsh__wg_write(wg_buffer *to, size_t offset, const void *host, size_t bytes)
{
    const char *from = host;
    if (offset > to->size || bytes > to->size - offset) return torsh__wg_host->fail(TORSH_OUT_OF_RANGE, "from_host: webgpu: past the end of the buffer");
    torsh_status status = torsh__wg_flush(); /* a write is queued at once: what was recorded before comes first */
    size_t head = (4 - offset % 4) % 4;
    if (head > bytes) head = bytes;
    if (status == TORSH_OK && head) status = write_part(to, offset, from, head);
    size_t middle = (bytes - head) & ~(size_t)3, tail = bytes - head - middle;
    if (status == TORSH_OK && middle) torsh__wg.QueueWriteBuffer(torsh__wg_device.queue, to->handle, offset + head, from + head, middle);
    if (status == TORSH_OK && tail) status = write_part(to, offset + head + middle, from + head + middle, tail);
    return status;
}

/* ---- copies on the device -------------------------------------------------------------------------------------- */

/* An invocation a word of the destination: words 0 count, 1 first byte there, 2 end byte there, 3 source byte minus destination
 * byte, all relative to the bindings. */
static bool print_bytes(gpu_text *text, const void *context, char *problem, size_t size)
{
    (void)context, (void)problem, (void)size;
    torsh__gpu_print(text, "struct U { v: array<vec4<u32>, %d> }\n@group(0) @binding(0) var<uniform> u: U;\n", GPU_WORDS / 4);
    torsh__gpu_print(text,
        "@group(0) @binding(1) var<storage, read_write> b1: array<u32>;\n@group(0) @binding(2) var<storage, read> b2: array<u32>;\n"
        "@compute @workgroup_size(%d)\nfn main(@builtin(global_invocation_id) g: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {\n"
        "  let t = g.x + g.y * (groups.x * %du); if (t >= u.v[0].x) { return; }\n"
        "  let w = t + u.v[0].y / 4u; var word = b1[w];\n"
        "  for (var j = 0u; j < 4u; j++) { let at = w * 4u + j; if (at >= u.v[0].y && at < u.v[0].z) {\n"
        "    let s = at + u.v[0].w; let byte = (b2[s >> 2u] >> ((s & 3u) * 8u)) & 255u;\n"
        "    word = (word & ~(255u << (j * 8u))) | (byte << (j * 8u)); } }\n"
        "  b1[w] = word;\n}\n", GPU_GROUP, GPU_GROUP);
    return !text->full;
}

static torsh_status copy_bytes(wg_buffer *to, size_t to_offset, const wg_buffer *from, size_t from_offset, size_t bytes)
{
    const wg_pipeline *pipeline = torsh__wg_pipeline("copy", "bytes", 5, print_bytes, NULL);
    if (!pipeline) return TORSH_DEVICE_ERROR;
    uint64_t to_base = to_offset / WG_ALIGN * WG_ALIGN, from_base = from_offset / WG_ALIGN * WG_ALIGN;
    uint32_t first = (uint32_t)(to_offset - to_base), source = (uint32_t)(from_offset - from_base);
    uint64_t end = first + bytes, words = (end + 3) / 4 - first / 4;
    uint32_t word[4] = {(uint32_t)words, first, (uint32_t)end, source - first};
    wg_bound bound[2] = {{to, to_base, (end + 3) & ~(uint64_t)3}, {from, from_base, (source + bytes + 3) & ~(uint64_t)3}};
    return torsh__wg_dispatch("copy", pipeline, bound, 2, word, 4, (words + GPU_GROUP - 1) / GPU_GROUP, 1);
}

torsh_status torsh__wg_copy(wg_buffer *to, size_t to_offset, const wg_buffer *from, size_t from_offset, size_t bytes)
{
    if (to == from) { /* WebGPU copies between different buffers only */
        wg_buffer *middle = torsh__wg_alloc(bytes + from_offset % 4 + 4);
        if (!middle) return torsh__wg_host->fail(TORSH_OUT_OF_MEMORY, "copy: webgpu: no memory for %zu bytes", bytes);
        torsh_status status = torsh__wg_copy(middle, from_offset % 4, from, from_offset, bytes);
        if (status == TORSH_OK) status = torsh__wg_copy(to, to_offset, middle, from_offset % 4, bytes);
        torsh__wg_free(middle);
        return status;
    }
    if (to_offset % 4 || from_offset % 4 || bytes % 4) return copy_bytes(to, to_offset, from, from_offset, bytes);
    return torsh__wg_record_copy(to, to_offset, from, from_offset, bytes);
}
