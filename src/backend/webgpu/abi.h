/* The part of the C ABI of webgpu.h (webgpu-native/webgpu-headers, as wgpu-native 29 ships it) that this backend calls: struct
 * layouts, numbers and function types under our own names. Facts of an interface; tests/webgpu/abi_test.c checks each
 * size and offset against a webgpu.h where there is one.
 *
 * Handles are opaque pointers. Text is {data, length}, not NUL-terminated. Callback infos are passed by value. */
#ifndef TORSH_BACKEND_WEBGPU_ABI_H
#define TORSH_BACKEND_WEBGPU_ABI_H

#include <stddef.h>
#include <stdint.h>

typedef void *wg_handle; /* instance, adapter, device, queue, buffer, ... */
typedef uint32_t wg_bool;

enum {
    WG_SUCCESS = 1, /* in every status enum */
    WG_MODE_PROCESS_EVENTS = 2,
    WG_SOURCE_WGSL = 2,               /* sType of a WGSL source */
    WG_INSTANCE_EXTRAS = 0x00030004,  /* sType of wgpu-native's choice of drivers */
    WG_POWER_HIGH = 2,
    WG_BACKEND_METAL = 5,
    WG_ADAPTER_CPU = 3,
    WG_FILTER_VALIDATION = 1,
    WG_FILTER_OUT_OF_MEMORY = 2,
    WG_NO_ERROR = 1,
    WG_MAP_READ = 1,
    WG_USE_MAP_READ = 0x01,
    WG_USE_COPY_FROM = 0x04,
    WG_USE_COPY_TO = 0x08,
    WG_USE_UNIFORM = 0x40,
    WG_USE_STORAGE = 0x80,
};
#define WG_LENGTH_TO_NUL SIZE_MAX

typedef struct wg_text { const char *data; size_t length; } wg_text;
typedef struct wg_future { uint64_t id; } wg_future;
typedef struct wg_chain { struct wg_chain *next; uint32_t type; } wg_chain;

/* ---- callbacks ----------------------------------------------------------------------------------------------- */

typedef void wg_on_object(uint32_t status, wg_handle object, wg_text message, void *user1, void *user2); /* adapter, device */
typedef void wg_on_done(uint32_t status, wg_text message, void *user1, void *user2);                     /* map, queue */
typedef void wg_on_scope(uint32_t status, uint32_t type, wg_text message, void *user1, void *user2);
typedef void wg_on_lost(wg_handle const *device, uint32_t reason, wg_text message, void *user1, void *user2);
typedef void wg_on_error(wg_handle const *device, uint32_t type, wg_text message, void *user1, void *user2);

typedef struct wg_object_info { wg_chain *next; uint32_t mode; wg_on_object *callback; void *user1, *user2; } wg_object_info;
typedef struct wg_done_info { wg_chain *next; uint32_t mode; wg_on_done *callback; void *user1, *user2; } wg_done_info;
typedef struct wg_scope_info { wg_chain *next; uint32_t mode; wg_on_scope *callback; void *user1, *user2; } wg_scope_info;
typedef struct wg_lost_info { wg_chain *next; uint32_t mode; wg_on_lost *callback; void *user1, *user2; } wg_lost_info;
typedef struct wg_error_info { wg_chain *next; wg_on_error *callback; void *user1, *user2; } wg_error_info;

/* ---- structs ------------------------------------------------------------------------------------------------- */

typedef struct wg_instance_descriptor {
    wg_chain *next;
    size_t feature_count;
    const uint32_t *features;
    const void *limits;
} wg_instance_descriptor;

typedef struct wg_adapter_options {
    wg_chain *next;
    uint32_t feature_level, power;
    wg_bool force_fallback;
    uint32_t backend;
    wg_handle surface;
} wg_adapter_options;

typedef struct wg_adapter_info {
    wg_chain *next;
    wg_text vendor, architecture, device, description;
    uint32_t backend, type, vendor_id, device_id, subgroup_least, subgroup_most;
} wg_adapter_info;

typedef struct wg_limits {
    wg_chain *next;
    uint32_t texture_1d, texture_2d, texture_3d, texture_layers, bind_groups, bind_groups_and_vertex_buffers, bindings_per_group;
    uint32_t dynamic_uniforms, dynamic_storages, sampled_textures, samplers, storage_buffers, storage_textures, uniform_buffers;
    uint64_t uniform_binding, storage_binding;
    uint32_t uniform_alignment, storage_alignment, vertex_buffers;
    uint64_t buffer;
    uint32_t vertex_attributes, vertex_stride, stage_variables, color_attachments, color_bytes;
    uint32_t workgroup_storage, workgroup_invocations, workgroup_x, workgroup_y, workgroup_z, workgroups_per_dimension, immediate;
} wg_limits;

/* What WGPU_LIMITS_INIT says: everything undefined. A zeroed struct is refused. */
static inline wg_limits wg_limits_undefined(void)
{
    const uint32_t u = UINT32_MAX;
    return (wg_limits){NULL, u, u, u, u, u, u, u, u, u, u, u, u, u, u, UINT64_MAX, UINT64_MAX, u, u, u, UINT64_MAX, u, u, u, u, u, u, u, u, u, u, u, u};
}

typedef struct wg_labelled { wg_chain *next; wg_text label; } wg_labelled; /* queue, encoder and command buffer descriptors */

typedef struct wg_device_descriptor {
    wg_chain *next;
    wg_text label;
    size_t feature_count;
    const uint32_t *features;
    const wg_limits *limits;
    wg_labelled queue;
    wg_lost_info lost;
    wg_error_info error;
} wg_device_descriptor;

typedef struct wg_buffer_descriptor {
    wg_chain *next;
    wg_text label;
    uint64_t usage, size;
    wg_bool mapped_at_creation;
} wg_buffer_descriptor;

typedef struct wg_wgsl_source { wg_chain chain; wg_text code; } wg_wgsl_source; /* chained to a wg_labelled: the module descriptor */

typedef struct wg_compute_state {
    wg_chain *next;
    wg_handle module;
    wg_text entry;
    size_t constant_count;
    const void *constants;
} wg_compute_state;

typedef struct wg_pipeline_descriptor {
    wg_chain *next;
    wg_text label;
    wg_handle layout;
    wg_compute_state compute;
} wg_pipeline_descriptor;

typedef struct wg_binding {
    wg_chain *next;
    uint32_t index;
    wg_handle buffer;
    uint64_t offset, size;
    wg_handle sampler, texture;
} wg_binding;

typedef struct wg_bind_group_descriptor {
    wg_chain *next;
    wg_text label;
    wg_handle layout;
    size_t count;
    const wg_binding *bindings;
} wg_bind_group_descriptor;

typedef struct wg_pass_descriptor { wg_chain *next; wg_text label; const void *timestamps; } wg_pass_descriptor;

/* wgpu-native's own: which drivers an instance looks for. Only the head of the struct is set; the rest is zero. */
typedef struct wg_instance_extras {
    wg_chain chain;
    uint64_t backends; /* 0: all; 1 Vulkan, 2 GL, 4 Metal, 8 DX12 */
    uint64_t rest[24];
} wg_instance_extras;

/* ---- functions: WG_FUNCTION(result, name, parameters) -------------------------------------------------------- */

#define WG_FUNCTIONS(F)                                                                                          \
    F(wg_handle, CreateInstance, (const wg_instance_descriptor *))                                               \
    F(wg_future, InstanceRequestAdapter, (wg_handle, const wg_adapter_options *, wg_object_info))                \
    F(void, InstanceProcessEvents, (wg_handle))                                                                  \
    F(void, InstanceRelease, (wg_handle))                                                                        \
    F(uint32_t, AdapterGetInfo, (wg_handle, wg_adapter_info *))                                                  \
    F(void, AdapterInfoFreeMembers, (wg_adapter_info))                                                           \
    F(uint32_t, AdapterGetLimits, (wg_handle, wg_limits *))                                                      \
    F(wg_future, AdapterRequestDevice, (wg_handle, const wg_device_descriptor *, wg_object_info))                \
    F(void, AdapterRelease, (wg_handle))                                                                         \
    F(wg_handle, DeviceGetQueue, (wg_handle))                                                                    \
    F(wg_handle, DeviceCreateBuffer, (wg_handle, const wg_buffer_descriptor *))                                  \
    F(wg_handle, DeviceCreateShaderModule, (wg_handle, const wg_labelled *))                                     \
    F(wg_handle, DeviceCreateComputePipeline, (wg_handle, const wg_pipeline_descriptor *))                       \
    F(wg_handle, DeviceCreateBindGroup, (wg_handle, const wg_bind_group_descriptor *))                           \
    F(wg_handle, DeviceCreateCommandEncoder, (wg_handle, const wg_labelled *))                                   \
    F(void, DevicePushErrorScope, (wg_handle, uint32_t))                                                         \
    F(wg_future, DevicePopErrorScope, (wg_handle, wg_scope_info))                                                \
    F(void, DeviceRelease, (wg_handle))                                                                          \
    F(wg_handle, ComputePipelineGetBindGroupLayout, (wg_handle, uint32_t))                                       \
    F(void, ComputePipelineRelease, (wg_handle))                                                                 \
    F(void, ShaderModuleRelease, (wg_handle))                                                                    \
    F(void, BindGroupRelease, (wg_handle))                                                                       \
    F(void, BindGroupLayoutRelease, (wg_handle))                                                                 \
    F(wg_handle, CommandEncoderBeginComputePass, (wg_handle, const wg_pass_descriptor *))                        \
    F(void, CommandEncoderCopyBufferToBuffer, (wg_handle, wg_handle, uint64_t, wg_handle, uint64_t, uint64_t))   \
    F(wg_handle, CommandEncoderFinish, (wg_handle, const wg_labelled *))                                         \
    F(void, CommandEncoderRelease, (wg_handle))                                                                  \
    F(void, CommandBufferRelease, (wg_handle))                                                                   \
    F(void, ComputePassEncoderSetPipeline, (wg_handle, wg_handle))                                               \
    F(void, ComputePassEncoderSetBindGroup, (wg_handle, uint32_t, wg_handle, size_t, const uint32_t *))          \
    F(void, ComputePassEncoderDispatchWorkgroups, (wg_handle, uint32_t, uint32_t, uint32_t))                     \
    F(void, ComputePassEncoderEnd, (wg_handle))                                                                  \
    F(void, ComputePassEncoderRelease, (wg_handle))                                                              \
    F(void, QueueSubmit, (wg_handle, size_t, const wg_handle *))                                                 \
    F(void, QueueWriteBuffer, (wg_handle, wg_handle, uint64_t, const void *, size_t))                            \
    F(wg_future, QueueOnSubmittedWorkDone, (wg_handle, wg_done_info))                                            \
    F(void, QueueRelease, (wg_handle))                                                                           \
    F(wg_future, BufferMapAsync, (wg_handle, uint64_t, size_t, size_t, wg_done_info))                            \
    F(const void *, BufferGetConstMappedRange, (wg_handle, size_t, size_t))                                      \
    F(void, BufferUnmap, (wg_handle))                                                                            \
    F(void, BufferRelease, (wg_handle))

/* The one extra used where the library has it (wgpu-native): makes callbacks due. The last argument may be NULL. */
typedef wg_bool wg_device_poll(wg_handle device, wg_bool wait, const uint64_t *submission);

#endif
