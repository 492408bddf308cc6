/* Reads the golden records of tests/golden/ops.py: calls of the op tables' rows with PyTorch's answers. */
#ifndef TORSH_TESTS_OPS_RECORDS_H
#define TORSH_TESTS_OPS_RECORDS_H

#include "op.h"

#include <torsh/torsh.h>

#include <stdio.h>

enum { MOST_ARGUMENTS = 16, MOST_RESULTS = 8, MOST_GRADIENTS = 24, MOST_LIST = 16 };

/* A tensor as it lies in the file: its bytes are the elements in row-major order. */
typedef struct golden {
    torsh_dtype dtype;
    size_t rank;
    int64_t sizes[8];
    const unsigned char *data;
    size_t bytes;
} golden;

typedef struct argument {
    char kind;
    golden tensor, list[MOST_LIST]; /* list: rank SIZE_MAX marks a null tensor */
    size_t count;
    int64_t ints[16];
    double number;
    char text[64];
} argument;

typedef struct record {
    char name[64];
    const torsh__op *op; /* NULL: no such row */
    size_t index;        /* in its file */
    bool unavailable;    /* its rows need LAPACK, which can't be opened here: not to be called */
    size_t argument_count, result_count, gradient_count;
    argument arguments[MOST_ARGUMENTS];
    golden results[MOST_RESULTS];
    struct { size_t argument, element; golden value; } gradients[MOST_GRADIENTS];
} record;

/* How input tensors are laid out in memory; the values are the same. */
typedef enum layout { CONTIGUOUS, STEPPED, REVERSED, LAYOUTS } layout;

/* Calls visit for each record of each tests/golden/ops_*.bin; returns the number of records, -1 if a file can't be read. */
long each_record(void (*visit)(const record *r, void *context), void *context);

/* The same for one file there. */
long each_record_of(const char *file, void (*visit)(const record *r, void *context), void *context);

torsh_tensor make_tensor(const golden *g, layout how);
/* Packs a record's arguments; handles belong to the innermost scope. lists is room for TENSORS arguments. */
void make_values(const record *r, layout how, torsh_value *values, torsh_tensor lists[MOST_ARGUMENTS][MOST_LIST]);
/* The row's public function on the values, with the default generator seeded as ops.py does; a list comes apart into its elements.
 * Returns how many results there are: 1 error value if the call failed. */
size_t call(const record *r, const torsh_value *values, torsh_tensor results[MOST_RESULTS]);
/* True for rows that have no form but the one that changes its first argument, which then may not be a leaf that requires a gradient. */
bool only_in_place(const torsh__op *op);
/* "" if `have` equals the golden within its dtype's tolerance (facts: PyTorch's assert_close), else what differs. */
const char *difference(torsh_tensor have, const golden *want);
/* True for rows whose vectors are unique up to their sign or phase, which is LAPACK's choice. */
bool has_free_phase(const record *r);
/* The same for |have| and |want|, element by element. */
const char *difference_of_sizes(torsh_tensor have, const golden *want);
/* The inputs in words, for failures. */
const char *describe(const record *r);

#endif
