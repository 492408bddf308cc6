/* The object behind torsh_dataset: a length, and one function that fetches many samples at once, stacked.
 * Fetching many at once lets a dataset of tensors gather a batch in one go; a dataset of single samples stacks them. */
#ifndef TORSH_DATA_DATASET_H
#define TORSH_DATA_DATASET_H

#include "generator.h"
#include "tensor.h"

#include <torsh/data.h>

enum { TORSH__DATASET_DEPTH = 64 }; /* datasets on top of each other */

typedef struct torsh__dataset torsh__dataset;

/* Samples to fetch. seeds[i] belongs to the sample at indices[i]. */
typedef struct torsh__request {
    const int64_t *indices;
    const uint64_t *seeds;
    int64_t count; /* at least 1 */
} torsh__request;

typedef struct torsh__dataset_type {
    /* fields[0 .. dataset->fields) become (count, ...); the caller's scope owns them, and has checked the indices. */
    torsh_status (*fetch)(const torsh__dataset *dataset, const torsh__request *request, torsh_tensor *fields);
    void (*end)(torsh__dataset *dataset); /* gives back what the type holds; NULL: nothing */
    size_t bytes;
} torsh__dataset_type;

/* The head of each type's struct. */
struct torsh__dataset {
    torsh__object object;
    const torsh__dataset_type *type;
    torsh__dataset *inner; /* retained; NULL at the bottom */
    int64_t length;
    int fields, depth;
};

extern const torsh__kind torsh__dataset_kind;

/* A zeroed struct of the type's size with its head set, on top of `inner` (retained) or at the bottom (NULL).
 * NULL with *status and the error set. */
torsh__dataset *torsh__dataset_new(const torsh__dataset_type *type, torsh__dataset *inner, int64_t length, int fields, torsh_status *status);
/* A reference to drop; NULL with *status set. */
torsh__dataset *torsh__dataset_hold(torsh_dataset handle, const char *function, torsh_status *status);
static inline void torsh__dataset_drop(torsh__dataset *dataset)
{
    torsh__drop((torsh__object *)dataset);
}
/* A handle for a reference that is given away; the error value of `status` if it is NULL. */
torsh_dataset torsh__dataset_give(torsh__dataset *dataset, torsh_status status);

/* fetch for one sample, with its dimension 0 of size 1 taken away. */
torsh_status torsh__dataset_one(const torsh__dataset *dataset, int64_t index, uint64_t seed, torsh_tensor *fields);
/* torsh_stack for each field: sample i's fields are at samples[i * fields]. */
torsh_status torsh__stack_samples(const torsh_tensor *samples, int64_t count, size_t fields, torsh_tensor *batch);
/* The status of the first unusable handle. */
torsh_status torsh__check_fields(const torsh_tensor *fields, int count, const char *function);

/* torch.randperm(n) as i64. */
void torsh__permutation(torsh__rng *rng, int64_t *order, int64_t n);

#endif
