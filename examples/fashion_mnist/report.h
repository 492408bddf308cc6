/* The report of a run: one HTML file that needs nothing beside it. */
#ifndef DEMO_REPORT_H
#define DEMO_REPORT_H

#include "model.h"

typedef struct demo_report {
    const demo_data *data;
    const char *recipe;
    const float *loss; /* by step */
    int64_t steps;
    const double *accuracy; /* by epoch */
    int64_t epochs;
    const evaluation *final;
} demo_report;

/* Writes the file; TORSH_IO_ERROR if it can't be written (errno says why). */
torsh_status report_write(const demo_report *report, const char *path);

#endif
