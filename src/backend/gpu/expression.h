/* The value of an op row, read from its text: the common part of C, WGSL and CUDA that rows are written in.
 *
 * An expression has two types: a value (of the kernel's compute dtype) and a truth (of comparisons, logic and predicates). C
 * turns one into the other silently and WGSL doesn't, so each node says which it is. */
#ifndef TORSH_BACKEND_GPU_EXPRESSION_H
#define TORSH_BACKEND_GPU_EXPRESSION_H

#include <stdbool.h>

enum { GPU_MOST_NODES = 256, GPU_MOST_ARGUMENTS = 4, GPU_MOST_DEPTH = 40 };

typedef enum gpu_node_kind {
    GPU_NUMBER,
    GPU_NAME,    /* a b c x acc n p q r INFINITY NAN */
    GPU_CALL,    /* m_ functions */
    GPU_PREFIX,  /* - ! ~ */
    GPU_INFIX,   /* + - * / % & | ^ << >> && || and comparisons */
    GPU_CHOICE   /* condition ? a : b */
} gpu_node_kind;

typedef struct gpu_node {
    gpu_node_kind kind;
    bool truth;      /* else a value */
    char name[24];   /* of a name or call; the operator */
    double number;
    int count;
    short argument[GPU_MOST_ARGUMENTS];
} gpu_node;

typedef struct gpu_expression {
    int count, root;
    gpu_node node[GPU_MOST_NODES];
    char problem[96]; /* why parsing failed, "" if it didn't */
} gpu_expression;

/* False with `problem` set when the text isn't an expression of that language. */
bool torsh__gpu_parse(gpu_expression *expression, const char *text);

/* Is the variable read anywhere? */
bool torsh__gpu_uses(const gpu_expression *expression, const char *name);

#endif
