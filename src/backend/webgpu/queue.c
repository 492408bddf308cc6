/* Compiled kernels, recorded commands, and their submission. */
#include "device.h"

#include <string.h>

enum { TEXT_SIZE = 64 << 10, TABLE = 1 << 10 };

/* ---- pipelines: a chained hash table by key -------------------------------------------------------------------- */

typedef struct compiled {
    struct compiled *next;
    wg_pipeline pipeline;
    size_t key_size;
    unsigned char key[];
} compiled;

static compiled *table[TABLE];

static uint32_t hash(const unsigned char *key, size_t size)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < size; i++) h = (h ^ key[i]) * 16777619u;
    return (h ^ h >> 15) % TABLE;
}

static torsh_status compile(const char *what, const char *code, wg_pipeline *pipeline)
{
    const wg_library *wg = &torsh__wg;
    wg_handle device = torsh__wg_device.handle;
    wg_wgsl_source source = {{NULL, WG_SOURCE_WGSL}, {code, WG_LENGTH_TO_NUL}};
    wg_labelled module_descriptor = {.next = &source.chain};
    torsh__wg_scope_open();
    wg_handle module = wg->DeviceCreateShaderModule(device, &module_descriptor);
    torsh_status status = torsh__wg_scope_close(what);
    if (status == TORSH_OK) {
        wg_pipeline_descriptor descriptor = {.compute = {.module = module, .entry = {NULL, WG_LENGTH_TO_NUL}}};
        torsh__wg_scope_open();
        pipeline->handle = wg->DeviceCreateComputePipeline(device, &descriptor);
        status = torsh__wg_scope_close(what);
    }
    if (status == TORSH_OK) pipeline->layout = wg->ComputePipelineGetBindGroupLayout(pipeline->handle, 0);
    else if (pipeline->handle) wg->ComputePipelineRelease(pipeline->handle);
    if (module) wg->ShaderModuleRelease(module);
    return status;
}

static torsh_status build(const char *what, wg_printer *print, const void *context, wg_pipeline *pipeline)
{
    char problem[128] = "";
    gpu_text text = {torsh__wg_host->alloc(TEXT_SIZE), TEXT_SIZE, 0, false};
    if (!text.data) return TORSH_OUT_OF_MEMORY;
    text.data[0] = 0;
    torsh_status status = TORSH_OK;
    if (print(&text, context, problem, sizeof problem) && !text.full) status = compile(what, text.data, pipeline);
    else status = torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: no webgpu kernel: %s; move the tensor to the cpu", what, problem);
    if (status != TORSH_OK) torsh__wg_host->log(3, "webgpu: %s:\n%s", what, text.data);
    torsh__wg_host->free(text.data, TEXT_SIZE);
    return status;
}

const wg_pipeline *torsh__wg_pipeline(const char *what, const void *key, size_t key_size, wg_printer *print, const void *context)
{
    compiled **bin = &table[hash(key, key_size)];
    for (compiled *c = *bin; c; c = c->next)
        if (c->key_size == key_size && memcmp(c->key, key, key_size) == 0) return &c->pipeline;
    compiled *c = torsh__wg_host->alloc(sizeof *c + key_size);
    if (!c) return NULL;
    memset(c, 0, sizeof *c);
    c->key_size = key_size;
    memcpy(c->key, key, key_size);
    if (build(what, print, context, &c->pipeline) != TORSH_OK) {
        torsh__wg_host->free(c, sizeof *c + key_size);
        return NULL;
    }
    c->next = *bin;
    *bin = c;
    return &c->pipeline;
}

void torsh__wg_drop_pipelines(void)
{
    for (int i = 0; i < TABLE; i++)
        while (table[i]) {
            compiled *c = table[i];
            table[i] = c->next;
            torsh__wg.BindGroupLayoutRelease(c->pipeline.layout);
            torsh__wg.ComputePipelineRelease(c->pipeline.handle);
            torsh__wg_host->free(c, sizeof *c + c->key_size);
        }
}

/* ---- commands ------------------------------------------------------------------------------------------------- */

typedef struct command {
    const wg_pipeline *pipeline; /* NULL: a copy from bound[1] to bound[0] */
    const char *what;
    int count;
    wg_bound bound[WG_MOST_BOUND];
    wg_handle handles[WG_MOST_BOUND]; /* of bound[].buffer, whose struct may be gone by then (a staging buffer's is) */
    uint32_t groups[3];
} command;

static command commands[WG_BATCH];
static uint32_t words[WG_BATCH][GPU_WORDS];
static int recorded;

static torsh_status room(void)
{
    torsh_status status = torsh__wg_start();
    if (status == TORSH_OK && recorded == WG_BATCH) status = torsh__wg_flush();
    return status;
}

torsh_status torsh__wg_dispatch(const char *what, const wg_pipeline *pipeline, const wg_bound *bound, int count, const uint32_t *word,
                                int word_count, uint64_t groups, uint32_t layers)
{
    torsh_status status = room();
    if (status) return status;
    uint64_t most = torsh__wg_device.limits.workgroups_per_dimension, rows = (groups + most - 1) / most;
    for (int i = 0; i < count; i++)
        if (bound[i].size > torsh__wg_device.limits.storage_binding)
            return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu: an operand spans %llu bytes; this adapter's kernels reach %llu", what,
                                        (unsigned long long)bound[i].size, (unsigned long long)torsh__wg_device.limits.storage_binding);
    if (rows > most || layers > most) return torsh__wg_host->fail(TORSH_UNSUPPORTED, "%s: webgpu: too many workgroups", what);
    command *c = &commands[recorded];
    *c = (command){.pipeline = pipeline, .what = what, .count = count};
    for (int i = 0; i < count; i++) {
        c->bound[i] = bound[i];
        c->handles[i] = bound[i].buffer ? bound[i].buffer->handle : NULL;
    }
    c->groups[0] = (uint32_t)((groups + rows - 1) / rows);
    c->groups[1] = (uint32_t)rows;
    c->groups[2] = layers;
    memcpy(words[recorded], word, (size_t)word_count * sizeof *word);
    memset(words[recorded] + word_count, 0, (size_t)(GPU_WORDS - word_count) * sizeof *word);
    recorded++;
    return TORSH_OK;
}

torsh_status torsh__wg_record_copy(const wg_buffer *to, uint64_t to_offset, const wg_buffer *from, uint64_t from_offset, uint64_t size)
{
    torsh_status status = room();
    if (status) return status;
    commands[recorded++] = (command){.what = "copy", .count = 2, .bound = {{to, to_offset, size}, {from, from_offset, size}}, .handles = {to->handle, from->handle}};
    return TORSH_OK;
}

/* ---- submission ------------------------------------------------------------------------------------------------ */

static wg_handle bind(int at)
{
    const command *c = &commands[at];
    wg_binding bindings[WG_MOST_BOUND + 1] = {{.index = 0, .buffer = torsh__wg_device.uniforms, .offset = (uint64_t)at * sizeof words[0], .size = sizeof words[0]}};
    size_t count = 1;
    for (int i = 0; i < c->count; i++)
        if (c->handles[i])
            bindings[count++] = (wg_binding){.index = (uint32_t)i + 1, .buffer = c->handles[i], .offset = c->bound[i].offset, .size = c->bound[i].size};
    wg_bind_group_descriptor descriptor = {.layout = c->pipeline->layout, .count = count, .bindings = bindings};
    return torsh__wg.DeviceCreateBindGroup(torsh__wg_device.handle, &descriptor);
}

static void end_pass(wg_handle *pass)
{
    if (!*pass) return;
    torsh__wg.ComputePassEncoderEnd(*pass);
    torsh__wg.ComputePassEncoderRelease(*pass);
    *pass = NULL;
}

/* Encodes all recorded commands; the groups made are returned for release. */
static void encode(wg_handle encoder, wg_handle *groups)
{
    const wg_library *wg = &torsh__wg;
    wg_handle pass = NULL;
    for (int i = 0; i < recorded; i++) {
        const command *c = &commands[i];
        groups[i] = NULL;
        if (!c->pipeline) {
            end_pass(&pass);
            wg->CommandEncoderCopyBufferToBuffer(encoder, c->handles[1], c->bound[1].offset, c->handles[0], c->bound[0].offset, c->bound[0].size);
            continue;
        }
        if (!pass) pass = wg->CommandEncoderBeginComputePass(encoder, NULL);
        groups[i] = bind(i);
        wg->ComputePassEncoderSetPipeline(pass, c->pipeline->handle);
        wg->ComputePassEncoderSetBindGroup(pass, 0, groups[i], 0, NULL);
        wg->ComputePassEncoderDispatchWorkgroups(pass, c->groups[0], c->groups[1], c->groups[2]);
    }
    end_pass(&pass);
}

torsh_status torsh__wg_flush(void)
{
    const wg_library *wg = &torsh__wg;
    const wg_device *d = &torsh__wg_device;
    wg_handle groups[WG_BATCH];
    if (recorded == 0) return TORSH_OK;
    int count = recorded;
    torsh__wg_scope_open();
    wg->QueueWriteBuffer(d->queue, d->uniforms, 0, words, (size_t)count * sizeof words[0]);
    wg_handle encoder = wg->DeviceCreateCommandEncoder(d->handle, NULL);
    encode(encoder, groups);
    wg_handle buffer = wg->CommandEncoderFinish(encoder, NULL);
    recorded = 0;
    torsh_status status = torsh__wg_scope_close(count == 1 ? commands[0].what : "batch of kernels");
    if (status == TORSH_OK) wg->QueueSubmit(d->queue, 1, &buffer);
    for (int i = 0; i < count; i++)
        if (groups[i]) wg->BindGroupRelease(groups[i]);
    if (buffer) wg->CommandBufferRelease(buffer);
    wg->CommandEncoderRelease(encoder);
    return status;
}
