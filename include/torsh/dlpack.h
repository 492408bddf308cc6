/* Tensors of other libraries without a copy: DLPack, https://dmlc.github.io/dlpack/latest. The structs below are the specification's
 * (version 1); a program that includes dlpack.h itself does so before this header. */
#ifndef TORSH_DLPACK_H
#define TORSH_DLPACK_H

#include <torsh/core.h>
#include <torsh/tensor.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef DLPACK_DLPACK_H_
typedef struct DLDevice { int32_t device_type, device_id; } DLDevice; /* type 1: CPU */
typedef struct DLDataType {
    uint8_t code; /* 0 int, 1 unsigned, 2 float, 4 bfloat, 5 complex, 6 bool */
    uint8_t bits;
    uint16_t lanes;
} DLDataType;
typedef struct DLTensor {
    void *data;
    DLDevice device;
    int32_t ndim;
    DLDataType dtype;
    int64_t *shape;
    int64_t *strides; /* in elements; NULL: row-major, without gaps */
    uint64_t byte_offset;
} DLTensor;
typedef struct DLManagedTensor {
    DLTensor dl_tensor;
    void *manager_ctx;
    void (*deleter)(struct DLManagedTensor *self); /* called once by who uses the tensor, when done */
} DLManagedTensor;
typedef struct DLPackVersion { uint32_t major, minor; } DLPackVersion;
typedef struct DLManagedTensorVersioned {
    DLPackVersion version;
    void *manager_ctx;
    void (*deleter)(struct DLManagedTensorVersioned *self);
    uint64_t flags; /* 1: read-only, 2: a copy */
    DLTensor dl_tensor;
} DLManagedTensorVersioned;
#endif

/* The tensor's own memory for another library, which keeps it alive until it calls the deleter (on any thread). For tensors on the
 * CPU that don't require gradients (torsh_detach). NULL on failure. */
TORSH_API DLManagedTensor *torsh_to_dlpack(torsh_tensor t);
TORSH_API DLManagedTensorVersioned *torsh_to_dlpack_versioned(torsh_tensor t);
/* A tensor on another library's memory; the deleter is called when the last tensor on it goes. If the call fails, it is not called:
 * `managed` stays the caller's. Read-only memory is copied. */
TORSH_API torsh_tensor torsh_from_dlpack(DLManagedTensor *managed);
TORSH_API torsh_tensor torsh_from_dlpack_versioned(DLManagedTensorVersioned *managed);

#ifdef __cplusplus
}
#endif

#endif
