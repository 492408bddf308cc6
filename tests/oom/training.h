/* Two small trainings for the memory tests: an MLP and a CNN with Adam on drawn digits. */
#ifndef TORSH_TESTS_OOM_TRAINING_H
#define TORSH_TESTS_OOM_TRAINING_H

#include <torsh/torsh.h>

typedef enum network { MLP, CNN } network;

typedef struct training {
    torsh_module model;
    torsh_optimizer optimizer;
    torsh_loader loader;
} training;

/* Handles belong to the innermost scope. The loader gives batches of 4 digits, (4, 1, 8, 8) u8. */
torsh_status training_start(training *t, network which, int workers);
/* One batch: forward, loss, backward, Adam. Begins a new epoch where one ends. */
torsh_status training_step(const training *t);
/* Writes everything to a safetensors file. */
torsh_status training_save(const training *t, const char *path);

#endif
