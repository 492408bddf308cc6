/* Our declarations of webgpu.h's ABI against a webgpu.h, at compile time: sizes, offsets, numbers. Built only where CMake finds one
 * (-DTORSH_WEBGPU_HEADERS=folder, or beside the WebGPU library in the build folder). */
#include "abi.h"

#include <webgpu.h>
#include <wgpu.h>

#include <stdio.h>

#define SAME_SIZE(ours, theirs) _Static_assert(sizeof(ours) == sizeof(theirs), #ours)
#define SAME(ours, member, theirs, their_member) _Static_assert(offsetof(ours, member) == offsetof(theirs, their_member), #ours "." #member)
#define NUMBER(ours, theirs) _Static_assert((uint64_t)(ours) == (uint64_t)(theirs), #ours)

SAME_SIZE(wg_text, WGPUStringView);
SAME_SIZE(wg_chain, WGPUChainedStruct);
SAME_SIZE(wg_future, WGPUFuture);
SAME_SIZE(wg_object_info, WGPURequestAdapterCallbackInfo);
SAME_SIZE(wg_object_info, WGPURequestDeviceCallbackInfo);
SAME_SIZE(wg_done_info, WGPUBufferMapCallbackInfo);
SAME_SIZE(wg_done_info, WGPUQueueWorkDoneCallbackInfo);
SAME_SIZE(wg_scope_info, WGPUPopErrorScopeCallbackInfo);
SAME_SIZE(wg_lost_info, WGPUDeviceLostCallbackInfo);
SAME_SIZE(wg_error_info, WGPUUncapturedErrorCallbackInfo);
SAME(wg_object_info, callback, WGPURequestAdapterCallbackInfo, callback);
SAME(wg_error_info, callback, WGPUUncapturedErrorCallbackInfo, callback);
SAME(wg_lost_info, user1, WGPUDeviceLostCallbackInfo, userdata1);

SAME_SIZE(wg_instance_descriptor, WGPUInstanceDescriptor);
SAME_SIZE(wg_adapter_options, WGPURequestAdapterOptions);
SAME(wg_adapter_options, power, WGPURequestAdapterOptions, powerPreference);
SAME(wg_adapter_options, backend, WGPURequestAdapterOptions, backendType);
SAME(wg_adapter_options, surface, WGPURequestAdapterOptions, compatibleSurface);
SAME_SIZE(wg_adapter_info, WGPUAdapterInfo);
SAME(wg_adapter_info, device, WGPUAdapterInfo, device);
SAME(wg_adapter_info, type, WGPUAdapterInfo, adapterType);

SAME_SIZE(wg_limits, WGPULimits);
SAME(wg_limits, storage_buffers, WGPULimits, maxStorageBuffersPerShaderStage);
SAME(wg_limits, storage_binding, WGPULimits, maxStorageBufferBindingSize);
SAME(wg_limits, storage_alignment, WGPULimits, minStorageBufferOffsetAlignment);
SAME(wg_limits, buffer, WGPULimits, maxBufferSize);
SAME(wg_limits, workgroup_storage, WGPULimits, maxComputeWorkgroupStorageSize);
SAME(wg_limits, workgroup_invocations, WGPULimits, maxComputeInvocationsPerWorkgroup);
SAME(wg_limits, workgroups_per_dimension, WGPULimits, maxComputeWorkgroupsPerDimension);
SAME(wg_limits, immediate, WGPULimits, maxImmediateSize);

SAME_SIZE(wg_labelled, WGPUQueueDescriptor);
SAME_SIZE(wg_labelled, WGPUCommandEncoderDescriptor);
SAME_SIZE(wg_labelled, WGPUCommandBufferDescriptor);
SAME_SIZE(wg_labelled, WGPUShaderModuleDescriptor);
SAME_SIZE(wg_device_descriptor, WGPUDeviceDescriptor);
SAME(wg_device_descriptor, limits, WGPUDeviceDescriptor, requiredLimits);
SAME(wg_device_descriptor, lost, WGPUDeviceDescriptor, deviceLostCallbackInfo);
SAME(wg_device_descriptor, error, WGPUDeviceDescriptor, uncapturedErrorCallbackInfo);
SAME_SIZE(wg_buffer_descriptor, WGPUBufferDescriptor);
SAME(wg_buffer_descriptor, usage, WGPUBufferDescriptor, usage);
SAME(wg_buffer_descriptor, size, WGPUBufferDescriptor, size);
SAME_SIZE(wg_wgsl_source, WGPUShaderSourceWGSL);
SAME(wg_wgsl_source, code, WGPUShaderSourceWGSL, code);
SAME_SIZE(wg_compute_state, WGPUComputeState);
SAME(wg_compute_state, entry, WGPUComputeState, entryPoint);
SAME_SIZE(wg_pipeline_descriptor, WGPUComputePipelineDescriptor);
SAME(wg_pipeline_descriptor, compute, WGPUComputePipelineDescriptor, compute);
SAME_SIZE(wg_binding, WGPUBindGroupEntry);
SAME(wg_binding, buffer, WGPUBindGroupEntry, buffer);
SAME(wg_binding, size, WGPUBindGroupEntry, size);
SAME_SIZE(wg_bind_group_descriptor, WGPUBindGroupDescriptor);
SAME(wg_bind_group_descriptor, bindings, WGPUBindGroupDescriptor, entries);
SAME_SIZE(wg_pass_descriptor, WGPUComputePassDescriptor);
_Static_assert(sizeof(wg_instance_extras) >= sizeof(WGPUInstanceExtras), "wg_instance_extras");
SAME(wg_instance_extras, backends, WGPUInstanceExtras, backends);

NUMBER(WG_SUCCESS, WGPURequestAdapterStatus_Success);
NUMBER(WG_SUCCESS, WGPURequestDeviceStatus_Success);
NUMBER(WG_SUCCESS, WGPUMapAsyncStatus_Success);
NUMBER(WG_SUCCESS, WGPUQueueWorkDoneStatus_Success);
NUMBER(WG_SUCCESS, WGPUPopErrorScopeStatus_Success);
NUMBER(WG_SUCCESS, WGPUStatus_Success);
NUMBER(WG_MODE_PROCESS_EVENTS, WGPUCallbackMode_AllowProcessEvents);
NUMBER(WG_SOURCE_WGSL, WGPUSType_ShaderSourceWGSL);
NUMBER(WG_INSTANCE_EXTRAS, WGPUSType_InstanceExtras);
NUMBER(WG_POWER_HIGH, WGPUPowerPreference_HighPerformance);
NUMBER(WG_BACKEND_METAL, WGPUBackendType_Metal);
NUMBER(WG_ADAPTER_CPU, WGPUAdapterType_CPU);
NUMBER(WG_FILTER_VALIDATION, WGPUErrorFilter_Validation);
NUMBER(WG_FILTER_OUT_OF_MEMORY, WGPUErrorFilter_OutOfMemory);
NUMBER(WG_NO_ERROR, WGPUErrorType_NoError);
NUMBER(WG_LENGTH_TO_NUL, WGPU_STRLEN);

/* These are constants, not enums, in the header. */
static int differences(void)
{
    int count = 0;
    count += WG_MAP_READ != WGPUMapMode_Read;
    count += WG_USE_MAP_READ != WGPUBufferUsage_MapRead;
    count += WG_USE_COPY_FROM != WGPUBufferUsage_CopySrc;
    count += WG_USE_COPY_TO != WGPUBufferUsage_CopyDst;
    count += WG_USE_UNIFORM != WGPUBufferUsage_Uniform;
    count += WG_USE_STORAGE != WGPUBufferUsage_Storage;
    return count;
}

int main(void)
{
    printf("%d constants differ\n", differences());
    return differences() != 0;
}
