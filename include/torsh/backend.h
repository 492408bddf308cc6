/* The plug-in ABI: what a device has to offer, and what ToRSh offers a device.
 *
 * A backend is one vtable for memory and one function that finds kernels by the op's name. The CPU backend is linked in;
 * others are shared objects named libtorsh-<kind>.so beside the library or in TORSH_BACKEND_PATH (never the working
 * directory) that export torsh_backend_v1. A kernel that is missing is an error naming the op and the device. */
#ifndef TORSH_BACKEND_H
#define TORSH_BACKEND_H

#include <torsh/core.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TORSH_BACKEND_ABI 1

/* A strided view of device memory. Strides and offset count elements. */
typedef struct torsh_operand {
    void *memory;           /* what the backend's alloc returned for the storage */
    int64_t offset;         /* of the first element */
    int64_t numel;
    const int64_t *sizes, *strides;
    torsh_device device;    /* a 0-d operand may live on the CPU while the op runs elsewhere */
    int16_t ndim;
    uint8_t dtype;          /* torsh_dtype */
    bool contiguous;
} torsh_operand;

/* One argument of an op, as its parameter's kind says. */
typedef union torsh_value {
    uint64_t handle;                                /* TENSOR, OPTIONAL_TENSOR, GENERATOR */
    int64_t i;                                      /* INT, BOOL, DTYPE, DEVICE */
    double f;                                       /* DOUBLE */
    const char *text;                               /* TEXT */
    struct { const void *data; size_t count; } list; /* TENSORS: of torsh_tensor; INTS: of int64_t; DOUBLES: of double */
} torsh_value;

typedef enum torsh_param_kind {
    TORSH_PARAM_TENSOR,
    TORSH_PARAM_OPTIONAL_TENSOR, /* the null handle means absent */
    TORSH_PARAM_TENSORS,
    TORSH_PARAM_INT,
    TORSH_PARAM_DOUBLE,
    TORSH_PARAM_BOOL,
    TORSH_PARAM_INTS,
    TORSH_PARAM_DTYPE,
    TORSH_PARAM_DEVICE,
    TORSH_PARAM_TEXT,
    TORSH_PARAM_GENERATOR, /* the null handle means the default generator */
    TORSH_PARAM_DOUBLES
} torsh_param_kind;

typedef struct torsh_param {
    torsh_param_kind kind;
    const char *name;
} torsh_param;

typedef enum torsh_op_kind {
    TORSH_OP_POINTWISE,  /* `value` computes one element from x (unary), a and b (binary), a, b and c (ternary) and p, q, r */
    TORSH_OP_REDUCTION,  /* `value` is what one element x adds to an accumulator, by `join` */
    TORSH_OP_STRUCTURED, /* kernels written by hand */
    TORSH_OP_VIEW,       /* no kernel: a new view of the first input */
    TORSH_OP_COMPOSITE   /* no kernel: calls other ops */
} torsh_op_kind;

/* What is public about a row of the op tables. */
typedef struct torsh_op_info {
    const char *name;
    torsh_op_kind kind;
    const torsh_param *params;
    int param_count;
    int outputs;
    const char *value;    /* expression text in C, WGSL and CUDA alike; NULL when there is none */
    const char *identity; /* REDUCTION: the start of an accumulator */
    const char *join;     /* REDUCTION: of two accumulators: add, mul, max, min, or, and */
    const char *finish;   /* REDUCTION: from acc and n (the count) to the result */
    unsigned dtypes;      /* compute dtypes, a set of 1 << torsh_dtype */
    bool to_bool;         /* the result is bool whatever the compute dtype */
} torsh_op_info;

/* One kernel call. Operands are checked, shaped and allocated already. */
typedef struct torsh_launch {
    const torsh_op_info *op;
    torsh_device device;
    torsh_dtype compute;  /* dtype to compute in; operands of other dtypes are converted on load and store */
    int inputs, outputs;
    const torsh_operand *const *input; /* NULL entries: absent optional tensors */
    const torsh_operand *const *output;
    const torsh_value *values;         /* all arguments, indexed as the op's params */
} torsh_launch;

typedef torsh_status torsh_kernel_function(const torsh_launch *launch, const void *data);

typedef struct torsh_kernel {
    torsh_kernel_function *run; /* NULL: no such kernel */
    const void *data;           /* passed back to run */
} torsh_kernel;

/* What the library offers a plug-in. */
typedef struct torsh_host {
    uint32_t abi;
    torsh_status (*fail)(torsh_status status, const char *format, ...); /* sets the error text, returns status */
    void (*log)(int level, const char *format, ...);                   /* shown when TORSH_DEBUG >= level */
    void *(*alloc)(size_t bytes);                                      /* host memory for the plug-in's own objects */
    void (*free)(void *memory, size_t bytes);
} torsh_host;

/* `device` below is the index within the kind. Every function may be called from any thread. */
typedef struct torsh_backend {
    uint32_t abi; /* TORSH_BACKEND_ABI */
    const char *name;
    torsh_status (*device_count)(int *count); /* opens the vendor's library on first use */
    torsh_status (*describe)(int device, char *text, size_t size);
    void *(*alloc)(int device, size_t bytes); /* NULL on failure; cached by the library above */
    void (*free)(int device, void *memory, size_t bytes);
    /* Byte copies; `to_host` and `from_host` wait until the host memory may be used again. */
    torsh_status (*to_host)(int device, void *host, const void *memory, size_t offset, size_t bytes);
    torsh_status (*from_host)(int device, void *memory, size_t offset, const void *host, size_t bytes);
    torsh_status (*copy)(int device, void *to, size_t to_offset, const void *from, size_t from_offset, size_t bytes);
    torsh_status (*synchronize)(int device);
    torsh_kernel (*kernel)(const torsh_op_info *op);
    void (*close)(void);
} torsh_backend;

/* The one symbol of a plug-in; NULL if host->abi doesn't suit it. */
typedef const torsh_backend *torsh_backend_entry(const torsh_host *host);
#define TORSH_BACKEND_SYMBOL "torsh_backend_v1"

#ifdef __cplusplus
}
#endif

#endif
