/* ToRSh core: status and error text, handles and scopes, dtypes, devices, memory, threads, version.
 *
 * Two shapes of function: makers return the thing made (a handle, which can be an error value); doers return torsh_status.
 * A call given an error value returns that error unchanged, so a chain of calls needs one check at its end.
 * Every function may be called from any thread. Nothing aborts, exits or prints unless the caller asked for it. */
#ifndef TORSH_CORE_H
#define TORSH_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(TORSH_BUILD) && !defined(_WIN32)
#define TORSH_API __attribute__((visibility("default")))
#else
#define TORSH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version ------------------------------------------------------------------------------------------------- */

#define TORSH_VERSION_MAJOR 0
#define TORSH_VERSION_MINOR 1
#define TORSH_VERSION_PATCH 0

/* The library's version as "major.minor.patch"; static. */
TORSH_API const char *torsh_version(void);

/* ---- status and error text ----------------------------------------------------------------------------------- */

typedef enum torsh_status {
    TORSH_OK = 0,
    TORSH_INVALID_ARGUMENT = 1, /* an argument's value is out of its domain */
    TORSH_INVALID_HANDLE = 2,   /* null, released, foreign or of the wrong kind */
    TORSH_SHAPE_MISMATCH = 3,
    TORSH_DTYPE_MISMATCH = 4,
    TORSH_DEVICE_MISMATCH = 5,
    TORSH_OUT_OF_RANGE = 6, /* an index or a dimension outside its range */
    TORSH_OUT_OF_MEMORY = 7,
    TORSH_UNSUPPORTED = 8, /* the device, dtype or build lacks it */
    TORSH_AUTOGRAD_ERROR = 9,
    TORSH_IO_ERROR = 10,
    TORSH_FORMAT_ERROR = 11, /* a file or text that is not what it claims to be */
    TORSH_DEVICE_ERROR = 12,
    TORSH_CANCELLED = 13,
    TORSH_END = 14, /* no error: there is nothing more to give (torsh_loader_next) */
    TORSH_STATUS_COUNT = 15
} torsh_status;

/* "shape mismatch" and so on; static, never NULL. */
TORSH_API const char *torsh_status_name(torsh_status status);

/* The text of the last error on this thread, "" if there was none: names the op, argument, shapes and what to do.
 * Valid until the thread's next failing call. */
TORSH_API const char *torsh_last_error(void);

/* The status of a handle's id: TORSH_OK for a live handle, an error value's own status, TORSH_INVALID_HANDLE for null, released or foreign ids. */
TORSH_API torsh_status torsh_id_status(uint64_t id);

/* The text of the error value `id`, or of its status if the thread has had many errors since; "" for anything else. */
TORSH_API const char *torsh_id_error(uint64_t id);

/* For any handle: true if it is not usable (an error value, null, released). */
#define TORSH_FAILED(handle) (torsh_id_status((handle).id) != TORSH_OK)

/* ---- handles ------------------------------------------------------------------------------------------------- */

/* Handles are values and carry a generation: a stale or made-up one gives TORSH_INVALID_HANDLE, never a crash.
 * {0} is the null handle; where a parameter is optional, it stands for "absent". */
typedef struct torsh_tensor { uint64_t id; } torsh_tensor;
typedef struct torsh_tensors { uint64_t id; } torsh_tensors; /* a list of tensors: what split, chunk, unbind return */
typedef struct torsh_generator { uint64_t id; } torsh_generator;
typedef struct torsh_hook { uint64_t id; } torsh_hook;
typedef struct torsh_module { uint64_t id; } torsh_module;
typedef struct torsh_optimizer { uint64_t id; } torsh_optimizer;
typedef struct torsh_scheduler { uint64_t id; } torsh_scheduler;
typedef struct torsh_dataset { uint64_t id; } torsh_dataset;
typedef struct torsh_loader { uint64_t id; } torsh_loader;

/* The null handle of a type, as an expression. */
#ifdef __cplusplus
#define TORSH_NULL(type) (type{0})
#else
#define TORSH_NULL(type) ((type){0})
#endif

/* Releases any handle now, before its scope closes. Releasing null or an error value is TORSH_OK, as free(NULL) is;
 * a stale handle gives TORSH_INVALID_HANDLE. */
TORSH_API torsh_status torsh_release_id(uint64_t id);
#define torsh_release(handle) torsh_release_id((handle).id)

/* Moves a handle from the scope that owns it to that scope's parent (with no parent: to the caller, who releases it). */
TORSH_API torsh_status torsh_keep_id(uint64_t id);
#define torsh_keep(handle) torsh_keep_id((handle).id)

/* How many handles are alive in this process (a leak check for tests). */
TORSH_API int64_t torsh_live_handles(void);

/* ---- scopes -------------------------------------------------------------------------------------------------- */

/* A scope owns every handle made on its thread while it is the innermost one, and releases them when it closes.
 * Without any open scope the caller owns each handle. Closing a scope closes the ones opened after it. */
typedef struct torsh_scope { uint64_t id; } torsh_scope;

/* Opens a scope inside this thread's innermost one. An error value without memory: handles then go on to the scope outside. */
TORSH_API torsh_scope torsh_scope_open(void);
TORSH_API torsh_status torsh_scope_close(torsh_scope scope);
TORSH_API void torsh_scope_cleanup(torsh_scope *scope); /* what TORSH_AUTO calls */

/* Closes the scope on every way out of the block:  TORSH_AUTO torsh_scope s = torsh_scope_open(); */
#define TORSH_AUTO __attribute__((cleanup(torsh_scope_cleanup), unused))

/* ---- lists of numbers ---------------------------------------------------------------------------------------- */

/* TORSH_DIMS(2, 3) stands for a pointer to int64_t and a count, where a function takes (const int64_t *, size_t). */
#ifdef __cplusplus
} /* extern "C" */
#include <initializer_list>
#include <tuple>
/* The count comes from the arguments' types, so that each argument is evaluated once, as in C. */
#define TORSH_LIST(type, ...) (std::initializer_list<type>{__VA_ARGS__}.begin()), (std::tuple_size<decltype(std::make_tuple(__VA_ARGS__))>::value)
extern "C" {
#else
#define TORSH_LIST(type, ...) ((const type[]){__VA_ARGS__}), (sizeof((const type[]){__VA_ARGS__}) / sizeof(type))
#endif
#define TORSH_DIMS(...) TORSH_LIST(int64_t, __VA_ARGS__)
#define TORSH_TENSORS(...) TORSH_LIST(torsh_tensor, __VA_ARGS__)
#define TORSH_NO_DIMS ((const int64_t *)0), ((size_t)0)  /* the shape of a 0-d tensor */
#define TORSH_NO_DIM INT64_MIN /* where a function says that it takes it: no dimension, as PyTorch's dim=None */
#define TORSH_ALL_DIMS ((const int64_t *)0), ((size_t)0) /* "every dimension", as PyTorch's dim=None */

/* ---- dtypes -------------------------------------------------------------------------------------------------- */

typedef enum torsh_dtype {
    TORSH_BOOL = 0,
    TORSH_U8 = 1,
    TORSH_I8 = 2,
    TORSH_I16 = 3,
    TORSH_I32 = 4,
    TORSH_I64 = 5,
    TORSH_F16 = 6,
    TORSH_BF16 = 7,
    TORSH_F32 = 8,
    TORSH_F64 = 9,
    TORSH_C64 = 10, /* complex of two f32 */
    TORSH_C128 = 11,
    TORSH_DTYPE_COUNT = 12,
    TORSH_DTYPE_DEFAULT = -1 /* where a dtype is optional: what PyTorch's dtype=None means there */
} torsh_dtype;

/* "f32" and so on; "invalid" for other values. */
TORSH_API const char *torsh_dtype_name(torsh_dtype dtype);
/* Bytes per element; 0 for an invalid dtype. */
TORSH_API size_t torsh_dtype_size(torsh_dtype dtype);
TORSH_API bool torsh_dtype_is_floating_point(torsh_dtype dtype); /* f16 bf16 f32 f64 */
TORSH_API bool torsh_dtype_is_complex(torsh_dtype dtype);
/* torch.promote_types. TORSH_DTYPE_DEFAULT if either is invalid. */
TORSH_API torsh_dtype torsh_promote_types(torsh_dtype a, torsh_dtype b);
/* torch.can_cast: complex to real, floating to integer and others to bool lose their kind. False if either is invalid. */
TORSH_API bool torsh_can_cast(torsh_dtype from, torsh_dtype to);

/* The dtype that floating-point makers use for TORSH_DTYPE_DEFAULT: f32 unless set. Per process, as in PyTorch. */
TORSH_API torsh_dtype torsh_default_dtype(void);
TORSH_API torsh_status torsh_set_default_dtype(torsh_dtype dtype); /* f16, bf16, f32 or f64 */

/* ---- devices ------------------------------------------------------------------------------------------------- */

/* A device is a kind and an index in one number: kind * 256 + index. */
typedef int32_t torsh_device;

enum {
    TORSH_CPU = 0,
    TORSH_CUDA_0 = 256,
    TORSH_WEBGPU_0 = 512,
    TORSH_METAL = 768,
    TORSH_DEVICE_KINDS = 4
};
#define TORSH_CUDA(index) ((torsh_device)(TORSH_CUDA_0 + (index)))
#define TORSH_WEBGPU(index) ((torsh_device)(TORSH_WEBGPU_0 + (index)))

/* "cpu", "cuda:0", "webgpu:1"; written into a per-thread buffer that the next call reuses. */
TORSH_API const char *torsh_device_name(torsh_device device);
/* What it is in words, such as the adapter's and driver's names, cut to fit. */
TORSH_API torsh_status torsh_device_describe(torsh_device device, char *text, size_t size);
/* How many devices of the device's kind can be used in this process; opens the backend on first use. 0 with the reason in torsh_last_error(). */
TORSH_API int torsh_device_count(torsh_device kind);
TORSH_API bool torsh_device_available(torsh_device device);
/* CUDA device 0 if there is one, else the CPU. */
TORSH_API torsh_device torsh_cuda_if_available(void);
/* Waits until the device has done all that was asked of it. */
TORSH_API torsh_status torsh_synchronize(torsh_device device);

/* ---- memory -------------------------------------------------------------------------------------------------- */

typedef struct torsh_memory {
    int64_t used;          /* bytes of live tensors */
    int64_t peak;          /* the most `used` has been since the start or torsh_reset_peak_memory */
    int64_t reserved;      /* bytes taken from the system, cached ones included */
    int64_t limit;         /* bytes of tensors allowed; INT64_MAX if none was set */
    int64_t allocations;   /* blocks handed out since the start */
    int64_t system_allocations; /* how often the system had to be asked for memory */
} torsh_memory;

/* Fills `stats` for a device's allocator. TORSH_INVALID_ARGUMENT, TORSH_UNSUPPORTED or TORSH_OUT_OF_RANGE for a device that isn't there. */
TORSH_API torsh_status torsh_memory_stats(torsh_device device, torsh_memory *stats);
TORSH_API torsh_status torsh_reset_peak_memory(torsh_device device);
/* Gives cached blocks back to the system. Blocks of up to 32 KiB on the CPU are cut from larger ones that stay. */
TORSH_API torsh_status torsh_empty_cache(torsh_device device);
/* An allocation that would take `used` past `bytes` fails with TORSH_OUT_OF_MEMORY. Negative: no limit. As `used`, it counts the bytes of
 * tensors alone: the work space of kernels, which ends with the call, isn't in it. */
TORSH_API torsh_status torsh_set_memory_limit(torsh_device device, int64_t bytes);
/* For tests: after `countdown` more allocations of this process, each one fails, until called with -1. */
TORSH_API void torsh_fail_allocations_after(int64_t countdown);

/* ---- threads ------------------------------------------------------------------------------------------------- */

/* Threads that one op may use: TORSH_NUM_THREADS, else the cores this process may run on. Results never depend on it. */
TORSH_API int torsh_num_threads(void);
TORSH_API torsh_status torsh_set_num_threads(int threads); /* 1 to 256 */
/* After fork() the child may go on with tensors, autograd, modules and optimizers on the CPU; it starts threads of its own when it
 * needs them, and handles are its own from then on. It may not use objects that another thread was changing at that moment,
 * nor devices other than the CPU that the parent has used, nor a loader or a save whose threads run. Not from inside a callback.
 * A thread's first call makes its state, about 6 KB; where there is no memory for it, calls that need memory fail, and each tries anew. */

/* The instruction set of the CPU kernels in use: "baseline", "avx2", "avx512" or "neon"; TORSH_CPU_CAPABILITY lowers it. */
TORSH_API const char *torsh_cpu_capability(void);

/* ---- random numbers ------------------------------------------------------------------------------------------ */

/* The default CPU generator gives PyTorch's numbers for PyTorch's seeds. Handles of other generators go where an option
 * asks for one; the null handle means the default one. */
TORSH_API torsh_status torsh_manual_seed(uint64_t seed);
TORSH_API torsh_generator torsh_generator_make(uint64_t seed);
/* The seed that a generator was last given. */
TORSH_API torsh_status torsh_generator_seed(torsh_generator generator, uint64_t *seed);
TORSH_API torsh_status torsh_generator_set_seed(torsh_generator generator, uint64_t seed);
/* The whole state, to go on later with exactly the numbers that would have come: the bytes of torch.get_rng_state(), in either
 * direction. size is TORSH_GENERATOR_STATE_BYTES. TORSH_FORMAT_ERROR, and no change, for bytes that are no state. */
enum { TORSH_GENERATOR_STATE_BYTES = 5056 };
TORSH_API torsh_status torsh_generator_get_state(torsh_generator generator, void *state, size_t size);
TORSH_API torsh_status torsh_generator_set_state(torsh_generator generator, const void *state, size_t size);

/* ---- debugging ----------------------------------------------------------------------------------------------- */

/* TORSH_DEBUG=1 prints each error to standard error as it is made; 2 prints each op with its shapes besides.
 * Read when the library is first used; this sets it later. */
TORSH_API void torsh_set_debug(int level);
TORSH_API int torsh_debug(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TORSH_CORE_H */
