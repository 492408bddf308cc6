/* The module object: named parameters, buffers and children around a forward function.
 * Relies on tensors, ops and handles; knows no layer. */
#ifndef TORSH_NN_MODULE_H
#define TORSH_NN_MODULE_H

#include "alloc.h"
#include "state_dict.h"
#include "tensor.h"

#include <torsh/autograd.h>
#include <torsh/nn.h>

#include <pthread.h>

typedef struct torsh__module torsh__module;

typedef enum torsh__slot_kind { TORSH__PARAMETER, TORSH__BUFFER, TORSH__TRANSIENT, TORSH__CHILD } torsh__slot_kind;

/* One name in a module. The handle belongs to no scope and is released with the module, so that forward needn't make one
 * each time. */
typedef struct torsh__slot {
    char *name; /* owned */
    torsh__slot_kind kind; /* TRANSIENT: a buffer that isn't saved */
    uint64_t handle;       /* of the tensor or child; 0: registered, but absent */
    torsh__object *object; /* what it names; the handle keeps it alive */
} torsh__slot;

/* A layer of this library: its forward takes the module itself and leaves no handles of temporaries behind, or has `scoped`. */
typedef struct torsh__layer {
    const char *name;
    torsh_tensor (*forward)(torsh__module *self, const torsh_tensor *inputs); /* the result is a new handle */
    size_t inputs;       /* how many it takes */
    size_t options_size; /* of what `user` points to, freed with the module; 0: nothing */
    bool scoped;         /* its forward makes temporaries: it gets a scope of its own */
    bool splits;         /* its forward heeds checkpointing itself */
    /* What the module's text shows in brackets, as PyTorch's extra_repr does. NULL: nothing */
    void (*describe)(const torsh__module *self, char *text, size_t size);
} torsh__layer;

/* A hook: one of the two functions is set. */
typedef struct torsh__module_hooks {
    torsh_module_pre_hook *before;
    torsh_module_hook *after;
    void *context;
} torsh__module_hooks;

struct torsh__module {
    torsh__object object;
    const torsh__layer *layer; /* NULL: a caller's class */
    torsh_module_class class;  /* of the caller; its name is owned */
    void *user;
    pthread_mutex_t lock; /* of the lists below */
    torsh__slot *slots;
    size_t count, capacity;
    torsh__module_hooks *hooks;
    size_t hook_count;
    _Atomic bool training, checkpointing;
};

extern const torsh__kind torsh__module_kind;

static inline torsh__module *torsh__module_pin(torsh_module handle, const char *function, torsh_status *status)
{
    return (torsh__module *)torsh__pin(handle.id, &torsh__module_kind, function, "module", status);
}
static inline void torsh__module_drop(torsh__module *m)
{
    torsh__drop((torsh__object *)m);
}
static inline const char *torsh__module_name(const torsh__module *m)
{
    return m->layer ? m->layer->name : m->class.name;
}

/* A new module of a layer with zeroed options; NULL without memory. */
torsh__module *torsh__module_make(const torsh__layer *layer);
/* Its handle, or the error value of `status`, which drops the module. m may be NULL: there was no memory. */
torsh_module torsh__module_give(torsh__module *m, torsh_status status);
/* Adds or replaces a slot. The null tensor registers the name alone. A parameter is made to require a gradient. */
torsh_status torsh__module_put(torsh__module *m, torsh__slot_kind kind, const char *name, torsh_tensor t);
torsh_status torsh__module_put_child(torsh__module *m, const char *name, torsh_module child);

/* The tensors of slots [0, count): null handles where absent. For layers, whose slots stay where they are. */
void torsh__module_tensors(torsh__module *m, size_t count, torsh_tensor *tensors);
/* The object of the first slot from *i on that has one of the kinds (a set of 1 << kind), as a reference to drop; *i becomes its
 * index and *name its name. NULL: there is none. */
torsh__object *torsh__module_next(torsh__module *m, unsigned kinds, size_t *i, const char **name);
/* The slot of that name, of the kinds, as above. */
torsh__object *torsh__module_find(torsh__module *m, unsigned kinds, const char *name, size_t length);

/* Runs a module, whose caller knows it by `name` (NULL: look it up). The result is a new handle of the innermost scope. */
torsh_tensor torsh__module_forward(torsh__module *m, const char *name, const torsh_tensor *inputs, size_t count);
/* True if a forward of m now should keep its inputs only. */
bool torsh__module_checkpoints(const torsh__module *m);

#endif
