/* The object behind torsh_tensors. */
#ifndef TORSH_TENSOR_LIST_H
#define TORSH_TENSOR_LIST_H

#include "tensor.h"

typedef struct torsh__list {
    torsh__object object;
    size_t count;
    torsh__tensor *items[];
} torsh__list;

extern const torsh__kind torsh__list_kind;

/* A list that takes its own references; NULL entries become null handles when they are read. */
torsh_tensors torsh__list_give(torsh__tensor *const *items, size_t count);

#endif
