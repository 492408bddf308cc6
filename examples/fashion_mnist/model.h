/* What train and eval share: the data, the network and its evaluation. */
#ifndef DEMO_MODEL_H
#define DEMO_MODEL_H

#include <torsh/torsh.h>

enum { CLASSES = 10, SHOWN = 25 };

typedef struct demo_data {
    const char *name;
    const char *const *classes; /* CLASSES names */
    torsh_dataset train, test;  /* normalized: (1, side, side) f32 and a class i64 */
    torsh_dataset pictures;     /* the test pictures as they are: u8 */
    int64_t side;
} demo_data;

/* Opens Fashion-MNIST in `directory` (NULL: the usual place). If it isn't there, says so on standard error and takes the
 * digits that the library can draw. */
torsh_status demo_open(const char *directory, demo_data *data);

/* Two convolutions and two linear layers for pictures of side x side pixels. */
torsh_module demo_network(int64_t side);

typedef struct evaluation {
    int64_t count, correct;
    int64_t confusion[CLASSES][CLASSES]; /* [true class][predicted class] */
    int64_t predicted[SHOWN];            /* of the first test pictures */
} evaluation;

torsh_status demo_evaluate(torsh_module network, torsh_dataset test, evaluation *result);

#endif
