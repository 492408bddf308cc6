/* The command line of train and eval. */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Exit codes. */
enum { DONE = 0, FAILED = 1, USAGE = 2, INTERRUPTED = 130 };

typedef struct demo_options {
    const char *data; /* directory; NULL: where Debian's dataset-fashion-mnist puts the files */
    const char *out;
    int64_t epochs, batch, save_every; /* save_every: steps between checkpoints */
    double lr;
    uint64_t seed;
    int threads; /* 0: the library's choice */
    bool resume;
} demo_options;

/* Fills *options. Returns false when the program has to end with *code: after --help, or a wrong argument. */
bool options_parse(int count, char **arguments, const char *help, demo_options *options, int *code);

/* What decides the numbers of a run, as one line. A run can only be resumed with the same recipe. */
void options_recipe(const demo_options *options, const char *data_name, char *text, int size);

#endif
