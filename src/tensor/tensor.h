/* The tensor object: a strided view of a reference-counted storage, with what autograd knows about it.
 * Inside the library tensors are pointers (torsh__tensor *), each holder owning one reference. */
#ifndef TORSH_TENSOR_TENSOR_H
#define TORSH_TENSOR_TENSOR_H

#include "dtype.h"
#include "handle.h"
#include "shape.h"

#include <torsh/backend.h>
#include <torsh/tensor.h>

enum torsh__owner {
    TORSH__OWNED_BLOCK,  /* memory is the device allocator's */
    TORSH__OWNED_INLINE, /* memory lies behind the struct */
    TORSH__BORROWED,     /* memory is the caller's; deleter, if any, gives it back */
};

typedef struct torsh__storage {
    _Atomic uint32_t references;
    _Atomic uint32_t version; /* counts in-place changes; shared by all views */
    torsh_device device;
    void *memory;
    size_t bytes;
    enum torsh__owner owner;
    void (*deleter)(void *context);
    void *context;
} torsh__storage;

typedef struct torsh__node torsh__node;
typedef struct torsh__tensor torsh__tensor;

/* Where a gradient goes: into input slot `index` of `node`'s outputs, or into a leaf tensor. At most one is set. */
typedef struct torsh__edge {
    torsh__node *node;   /* retained */
    torsh__tensor *leaf; /* retained */
    uint32_t index;
} torsh__edge;

struct torsh__hooks; /* autograd/hooks.c */
typedef _Atomic(struct torsh__hooks *) torsh__hook_list;

/* The kept gradient of a tensor that is no leaf: an object of its own, so that the tape needn't hold the tensor. */
typedef struct torsh__retained {
    torsh__object object;
    torsh__tensor *grad; /* retained; read and written under torsh__grad_lock (autograd/hooks.c) */
} torsh__retained;

struct torsh__tensor {
    torsh__object object;
    torsh_operand view; /* sizes and strides point into dims below */
    torsh__storage *storage;
    int64_t *more_dims;  /* sizes and strides after a view in place with more dims than dims has room for; else NULL */
    int16_t dims_room;   /* ndim when it was made */
    uint16_t levels;     /* of a batched tensor: bit d for a hidden dim of the vmap at depth d (batched.h) */
    bool weak;          /* a Python-number-like scalar: gives way in promotion (torsh_number) */
    bool requires_grad; /* set by the user on a leaf */
    bool is_parameter;
    bool tangents_apart : 1; /* a view that was made while a level was hidden: its base's tangents are not its own (dual.h) */
    bool no_grad_view : 1; /* a view made without grad mode or of another dtype, or a view of one: history can't follow in-place changes of it */
    uint32_t out_index;   /* which output of grad_fn this is; of a batched tensor: the serial of its innermost vmap */
    _Atomic uint32_t view_stamp; /* of a view: the storage's version when grad_fn was made (view_history.c) */
    torsh__node *grad_fn; /* retained; NULL for a leaf */
    torsh__tensor *base;  /* retained: the tensor this is a differentiable view of; never a view itself. Of a batched tensor: all samples */
    torsh__tensor *grad;  /* retained; of a leaf */
    torsh__retained *retained; /* where torsh_retain_grad keeps the gradient of a tensor that is no leaf */
    torsh__hook_list hooks; /* of a leaf; those of other tensors hang on grad_fn */
    struct torsh__tangent *tangents; /* in forward mode (dual.h) */
    int64_t dims[]; /* ndim sizes, then ndim strides */
};

extern const torsh__kind torsh__tensor_kind;

static inline void torsh__tensor_retain(torsh__tensor *t)
{
    torsh__retain(&t->object);
}
static inline void torsh__tensor_drop(torsh__tensor *t)
{
    torsh__drop((torsh__object *)t);
}
static inline torsh_dtype torsh__dtype_of(const torsh__tensor *t)
{
    return (torsh_dtype)t->view.dtype;
}

/* True if an op on it has to be recorded when grad mode is on. */
static inline bool torsh__tracks(const torsh__tensor *t)
{
    return t->grad_fn || t->requires_grad || (t->base && (t->base->grad_fn || t->base->requires_grad));
}

/* A new tensor with its own uninitialised, contiguous memory on the device. NULL on failure, the error set. */
torsh__tensor *torsh__tensor_make(torsh_dtype dtype, int ndim, const int64_t *sizes, torsh_device device);
/* A view of `of`'s storage; the caller has checked that it stays inside. NULL without memory. */
torsh__tensor *torsh__tensor_view(const torsh__tensor *of, torsh_dtype dtype, int ndim, const int64_t *sizes, const int64_t *strides,
                                  int64_t offset);
/* The same view of the same storage without history. */
torsh__tensor *torsh__tensor_alias(const torsh__tensor *of);
/* Gives t the geometry of `view`, a view of t's storage (view in place). */
torsh_status torsh__tensor_restride(torsh__tensor *t, const torsh_operand *view);
/* Around memory that the caller brought. On failure the memory stays the caller's. */
torsh__tensor *torsh__tensor_wrap(void *memory, size_t bytes, torsh_dtype dtype, int ndim, const int64_t *sizes, torsh_device device,
                                  void (*deleter)(void *), void *context);

static inline void *torsh__data(const torsh__tensor *t)
{
    return (char *)t->view.memory + (size_t)t->view.offset * torsh__dtypes[t->view.dtype].size;
}
static inline uint32_t torsh__version(const torsh__tensor *t)
{
    return atomic_load_explicit(&t->storage->version, memory_order_relaxed);
}

/* A handle for a new reference / for a reference given away; the error id if t is NULL. */
torsh_tensor torsh__tensor_share(torsh__tensor *t);
torsh_tensor torsh__tensor_give(torsh__tensor *t);
/* The error value of a status whose text is set. */
static inline torsh_tensor torsh__tensor_error(torsh_status status)
{
    return (torsh_tensor){torsh__error_id(status)};
}

/* Pins and resolves; NULL with *status set. Unpin with torsh__unpin(handle.id). The tensor may be a batched one (batched.h), of which only
 * the geometry is to be asked. */
static inline torsh__tensor *torsh__tensor_look(torsh_tensor handle, const char *function, const char *argument, torsh_status *status)
{
    torsh__object *object = torsh__pin(handle.id, &torsh__tensor_kind, function, argument, status);
#ifdef __clang_analyzer__ /* it can't see that NULL comes with a status */
    if (!object && *status == TORSH_OK) __builtin_unreachable();
#endif
    return (torsh__tensor *)object;
}
/* The same for those who need its elements or its history: a batched tensor is refused. */
torsh__tensor *torsh__tensor_pin(torsh_tensor handle, const char *function, const char *argument, torsh_status *status);
/* As references that the caller drops, for use across calls: any tensor; one that isn't batched. */
torsh__tensor *torsh__tensor_hold_any(torsh_tensor handle, const char *function, const char *argument, torsh_status *status);
torsh__tensor *torsh__tensor_hold(torsh_tensor handle, const char *function, const char *argument, torsh_status *status);

/* Autograd state goes when the last reference does (autograd/hooks.c frees the hooks). */
void torsh__hooks_free(struct torsh__hooks *hooks);
/* Takes all tangents away (dual.c). */
void torsh__tangents_free(torsh__tensor *t);

#endif
