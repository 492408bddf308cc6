/* The optimizer object: groups of parameters with options, and a kind that knows how to update one. */
#ifndef TORSH_OPTIM_OPTIMIZER_H
#define TORSH_OPTIM_OPTIMIZER_H

#include "alloc.h"
#include "state_dict.h"
#include "tensor.h"

#include <torsh/autograd.h>
#include <torsh/optim.h>

#include <pthread.h>

enum { TORSH__OPTIM_OPTIONS = 8, TORSH__OPTIM_STATES = 3 };

/* A parameter and its state. Handles belong to no scope. */
typedef struct torsh__param_state {
    torsh_tensor param;
    torsh_tensor state[TORSH__OPTIM_STATES]; /* by the kind's names; null while there is none */
    int64_t step;                            /* updates so far */
    bool fresh;                              /* state 0 was made for the update in hand */
} torsh__param_state;

typedef struct torsh__param_group {
    double options[TORSH__OPTIM_OPTIONS]; /* by the kind's names */
    torsh__param_state *params;
    size_t count;
} torsh__param_group;

typedef struct torsh__optim_kind {
    const char *name;
    const char *options[TORSH__OPTIM_OPTIONS + 1]; /* "lr" first; ended by NULL */
    const char *states[TORSH__OPTIM_STATES + 1];   /* ended by NULL */
    /* The state of that number is used with these options. */
    bool (*uses)(const double *options, int state);
    /* Refuses option values that make no sense together. */
    torsh_status (*check)(const double *options);
    /* One update, in no-grad mode; p->step counts it already and the states are there. */
    torsh_tensor (*update)(const double *options, torsh__param_state *p, torsh_tensor grad);
} torsh__optim_kind;

extern const torsh__optim_kind torsh__optim_kind_sgd, torsh__optim_kind_adam, torsh__optim_kind_adamw;

typedef struct torsh__optimizer {
    torsh__object object;
    const torsh__optim_kind *kind;
    pthread_mutex_t lock;
    double defaults[TORSH__OPTIM_OPTIONS];
    torsh__param_group *groups;
    size_t count;
    const torsh__thread *thread; /* on which the last step ran, and that thread's error serial then */
    uint32_t error_serial;
} torsh__optimizer;

extern const torsh__kind torsh__optimizer_kind;

static inline torsh__optimizer *torsh__optimizer_pin(torsh_optimizer handle, const char *function, torsh_status *status)
{
    return (torsh__optimizer *)torsh__pin(handle.id, &torsh__optimizer_kind, function, "optimizer", status);
}
/* A new optimizer with one group. options: all of the kind's. */
torsh_optimizer torsh__optimizer_make(const torsh__optim_kind *kind, torsh_tensors params, const double *options);
/* Index of an option's name; -1: there is none. */
int torsh__optim_option(const torsh__optim_kind *kind, const char *name);
/* Makes the states that the options ask for, of zeros. */
torsh_status torsh__optim_states(const torsh__optim_kind *kind, const double *options, torsh__param_state *p);

#endif
