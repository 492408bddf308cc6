/* The object behind torsh_state_dict: tensors by name, in the order in which they were set. */
#ifndef TORSH_TENSOR_STATE_DICT_H
#define TORSH_TENSOR_STATE_DICT_H

#include "tensor.h"

typedef struct torsh__state_entry {
    char *name; /* owned */
    torsh__tensor *tensor; /* retained */
} torsh__state_entry;

typedef struct torsh__state_dict {
    torsh__object object;
    size_t count, capacity;
    _Atomic size_t hint; /* where the last search ended: names are mostly asked for in order */
    torsh__state_entry *entries;
} torsh__state_dict;

extern const torsh__kind torsh__state_dict_kind;

/* An empty one, to be filled and given away with torsh__handle_make. NULL without memory. */
torsh__state_dict *torsh__state_dict_make(void);
/* Adds or replaces. Retains t. */
torsh_status torsh__state_dict_put(torsh__state_dict *dict, const char *name, torsh__tensor *t);
/* The tensor of that name, not retained; NULL if there is none. */
torsh__tensor *torsh__state_dict_find(torsh__state_dict *dict, const char *name);

/* A copy of text in the core's memory; NULL without memory. Free with torsh__text_free. */
char *torsh__text_copy(const char *text);
void torsh__text_free(char *text);

#endif
