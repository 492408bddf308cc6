/* Tensors: making them from the caller's data, asking what they are, reading them, printing them.
 * Everything that computes is an op: <torsh/ops.h>. */
#ifndef TORSH_TENSOR_H
#define TORSH_TENSOR_H

#include <torsh/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What ops with two or three results return; each element is a handle of its own. */
typedef struct torsh_values { torsh_tensor values, indices; } torsh_values; /* indices are i64 */
typedef struct torsh_pair { torsh_tensor first, second; } torsh_pair;
typedef struct torsh_triple { torsh_tensor first, second, third; } torsh_triple;

/* ---- making -------------------------------------------------------------------------------------------------- */

/* TORSH_VALUES(1.0, 2.0) stands for (const double *, size_t). */
#define TORSH_VALUES(...) TORSH_LIST(double, __VA_ARGS__)

/* The values in row-major order, converted to dtype. count must be the product of sizes. */
TORSH_API torsh_tensor torsh_from_slice(const double *values, size_t count, const int64_t *sizes, size_t ndim, torsh_dtype dtype,
                                        torsh_device device);
/* A copy of contiguous memory that holds elements of dtype: product of sizes times torsh_dtype_size bytes. */
TORSH_API torsh_tensor torsh_from_data(const void *data, const int64_t *sizes, size_t ndim, torsh_dtype dtype, torsh_device device);
/* The caller's contiguous CPU memory itself, no copy. deleter(context), if not NULL, is called when the last tensor on
 * it goes; if the call fails, it is not called. The memory must be aligned to its element size. */
TORSH_API torsh_tensor torsh_from_blob(void *data, const int64_t *sizes, size_t ndim, torsh_dtype dtype, void (*deleter)(void *context),
                                       void *context);
/* A 0-d tensor. */
TORSH_API torsh_tensor torsh_scalar(double value, torsh_dtype dtype, torsh_device device);
/* A number as Python's are: it takes part in an op without raising the other operand's dtype within its category.
 * torsh_add(x, torsh_number(1.0)) keeps x's dtype if x is floating point; an integer x becomes the default float dtype. */
TORSH_API torsh_tensor torsh_number(double value);
TORSH_API torsh_tensor torsh_integer(int64_t value);
TORSH_API torsh_tensor torsh_complex_number(double real, double imaginary);

/* ---- asking -------------------------------------------------------------------------------------------------- */
/* On an unusable handle these give -1 (TORSH_DTYPE_DEFAULT, NULL) and set the error text. */

TORSH_API int torsh_ndim(torsh_tensor t);
TORSH_API int64_t torsh_numel(torsh_tensor t);
TORSH_API int64_t torsh_size(torsh_tensor t, int64_t dim); /* dim may count from the end: -1 is the last */
TORSH_API int64_t torsh_stride(torsh_tensor t, int64_t dim); /* in elements */
/* ndim numbers, valid while the tensor lives. */
TORSH_API const int64_t *torsh_sizes(torsh_tensor t);
TORSH_API const int64_t *torsh_strides(torsh_tensor t);
TORSH_API int64_t torsh_storage_offset(torsh_tensor t); /* in elements */
TORSH_API torsh_dtype torsh_dtype_of(torsh_tensor t);
/* torch.result_type: the dtype that arithmetic on the two gives. TORSH_DTYPE_DEFAULT on an unusable handle. */
TORSH_API torsh_dtype torsh_result_type(torsh_tensor tensor1, torsh_tensor tensor2);
TORSH_API torsh_device torsh_device_of(torsh_tensor t);
TORSH_API bool torsh_is_contiguous(torsh_tensor t); /* false on an unusable handle */
/* The shape as text, "[2, 3]": in a per-thread buffer that holds the last 4 results. "" on an unusable handle. */
TORSH_API const char *torsh_shape_text(torsh_tensor t);
/* Bytes of the storage, and its identity: equal for tensors that share memory. 0 on an unusable handle. */
TORSH_API size_t torsh_storage_bytes(torsh_tensor t);
TORSH_API uint64_t torsh_storage_id(torsh_tensor t);
/* How often the storage was changed in place. */
TORSH_API int64_t torsh_tensor_version(torsh_tensor t);
/* Another handle of the same tensor, owned by the innermost scope. */
TORSH_API torsh_tensor torsh_share(torsh_tensor t);

/* ---- reading ------------------------------------------------------------------------------------------------- */

/* The first element's address, for tensors on the CPU; elements are at the strides' distances. Writing through it is not
 * seen by autograd's checks. NULL on failure. */
TORSH_API void *torsh_data(torsh_tensor t);
/* The only element of a one-element tensor, as a double; NaN on failure. Complex: the real part, if the imaginary is 0. */
TORSH_API double torsh_item(torsh_tensor t);
TORSH_API torsh_status torsh_item_f64(torsh_tensor t, double *value);
TORSH_API torsh_status torsh_item_i64(torsh_tensor t, int64_t *value);       /* truncates floating-point values */
TORSH_API torsh_status torsh_item_c128(torsh_tensor t, double *real, double *imaginary);
/* All elements in row-major order into the caller's memory. `bytes` must be numel times the element size. */
TORSH_API torsh_status torsh_to_host(torsh_tensor t, void *data, size_t bytes);

/* ---- printing ------------------------------------------------------------------------------------------------ */

/* As PyTorch prints it: "tensor([[1., 2.]])". Writes at most `size` bytes with the end 0 and returns the length of the
 * whole text, as snprintf does; negative on failure. */
TORSH_API int64_t torsh_format(torsh_tensor t, char *text, size_t size);
/* Prints it with a newline to standard output. */
TORSH_API torsh_status torsh_print(torsh_tensor t);

typedef struct torsh_print_options {
    size_t size;       /* set by torsh_print_defaults */
    int precision;     /* digits after the point: 4 */
    int64_t threshold; /* more elements than this are summarised: 1000 */
    int edge_items;    /* shown at each end of a summarised dimension: 3 */
    int line_width;    /* 80 */
    int sci_mode;      /* -1: as needed, 0: never, 1: always */
} torsh_print_options;
TORSH_API torsh_print_options torsh_print_defaults(void);
/* For this process; NULL restores the defaults. */
TORSH_API torsh_status torsh_set_print_options(const torsh_print_options *options);

/* ---- lists --------------------------------------------------------------------------------------------------- */

TORSH_API torsh_tensors torsh_tensors_make(const torsh_tensor *tensors, size_t count);
TORSH_API int64_t torsh_tensors_size(torsh_tensors list); /* -1 on an unusable handle */
/* A handle of the list's element, owned by the innermost scope. */
TORSH_API torsh_tensor torsh_tensors_get(torsh_tensors list, int64_t index);

/* Tensors by name, in the order in which they were set: what modules and optimizers give to be saved and take to go on from.
 * Two threads may not use one dict at the same time while either changes it. */
typedef struct torsh_state_dict { uint64_t id; } torsh_state_dict;
TORSH_API torsh_state_dict torsh_state_dict_make(void);
/* Keeps the tensor itself, not a copy; replaces one of the same name. */
TORSH_API torsh_status torsh_state_dict_set(torsh_state_dict dict, const char *name, torsh_tensor tensor);
/* TORSH_OUT_OF_RANGE if there is none of that name. */
TORSH_API torsh_tensor torsh_state_dict_get(torsh_state_dict dict, const char *name);
TORSH_API bool torsh_state_dict_has(torsh_state_dict dict, const char *name);
TORSH_API int64_t torsh_state_dict_size(torsh_state_dict dict); /* -1 on an unusable handle */
TORSH_API const char *torsh_state_dict_name(torsh_state_dict dict, int64_t index); /* NULL on failure; valid while the dict lives */
TORSH_API torsh_tensor torsh_state_dict_tensor(torsh_state_dict dict, int64_t index);

#ifdef __cplusplus
}
#endif

#endif
