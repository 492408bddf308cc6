/* Shows how training goes: a bar on a terminal, a plain line now and then elsewhere. */
#ifndef DEMO_PROGRESS_H
#define DEMO_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
    bool terminal;
    int64_t epochs, steps; /* steps per epoch */
    double pictures;       /* per step */
    double last, speed;    /* seconds; pictures per second, smoothed */
    double shown;          /* when something was last shown */
    double loss;           /* smoothed */
} progress;

progress progress_start(int64_t epochs, int64_t steps, int64_t pictures);
/* Time until now doesn't count: after loading, evaluating. */
void progress_pause(progress *p);
/* Step `step` of epoch `epoch`, both from 0, is done. */
void progress_step(progress *p, int64_t epoch, int64_t step, double loss);
/* Clears the bar, so that the program can print a line of its own. */
void progress_clear(progress *p);

#endif
