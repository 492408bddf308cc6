/* Reads tests/golden/nn.txt and compares tensors with it. */
#ifndef TORSH_TESTS_NN_GOLDEN_H
#define TORSH_TESTS_NN_GOLDEN_H

#include <torsh/torsh.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* A line of the file: numbers, or a text. */
typedef struct golden_line {
    char key[80];
    torsh_dtype dtype;
    int ndim;
    int64_t sizes[6];
    size_t count;
    double *numbers;
    char *text;
} golden_line;

/* The line "case/part"; NULL if there is none. Fails the test if the file can't be read. */
const golden_line *golden_find(const char *name, const char *part);
/* The index-th case of a module, in the file's order; NULL behind the last. */
const char *golden_case(size_t index);
/* A new tensor with the line's numbers. */
torsh_tensor golden_tensor(const golden_line *line);
/* Fails the test unless t has the line's shape, dtype and numbers: each within tolerance * (1 + |number|); 0: the same bits. */
void golden_check(torsh_tensor t, const golden_line *line, double tolerance);
/* Fails the test with the library's error text. */
void check_ok(torsh_status status);

#endif
