/* Walks over a module and all modules in it, with their paths, without recursion. */
#ifndef TORSH_NN_WALK_H
#define TORSH_NN_WALK_H

#include "module.h"

/* Pointers seen before. */
typedef struct torsh__pointer_set {
    const void **items; /* open addressing */
    size_t count, capacity;
} torsh__pointer_set;

/* True if the pointer was not in it; false also without memory, which *failed tells. */
bool torsh__pointer_set_add(torsh__pointer_set *set, const void *pointer, bool *failed);
void torsh__pointer_set_free(torsh__pointer_set *set);

typedef struct torsh__walk {
    struct torsh__walk_level {
        torsh__module *module; /* retained */
        size_t next;           /* slot to look at */
        size_t path;           /* length of its path */
    } *levels;
    size_t depth, capacity;
    char *path; /* "features.0" of the module in hand; "" for the root */
    size_t path_capacity;
    bool unique; /* each module once, as PyTorch's named_modules */
    bool started;
    torsh__module *root;
    torsh__pointer_set seen;
    torsh_status status;
} torsh__walk;

/* The root must live longer than the walk. */
void torsh__walk_start(torsh__walk *walk, torsh__module *root, bool unique);
/* The next module, parents first; *module is kept alive until the walk goes on. False at the end, or without memory. */
bool torsh__walk_next(torsh__walk *walk, torsh__module **module);
/* The same with each module twice: *leaving is true when all in it has been seen. */
bool torsh__walk_both(torsh__walk *walk, torsh__module **module, bool *leaving);
/* Frees the walk; the status in which it ended. */
torsh_status torsh__walk_end(torsh__walk *walk);

/* "path.name" of a slot of the module in hand, valid until the next call on the walk; NULL without memory. */
const char *torsh__walk_name(torsh__walk *walk, const char *name);

#endif
