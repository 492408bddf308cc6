/* Loops of the fused optimizer steps, compiled once per instruction set. Contiguous arrays of n elements. */
#ifndef TORSH_BACKEND_CPU_OPTIM_KERNELS_H
#define TORSH_BACKEND_CPU_OPTIM_KERNELS_H

#include "isa.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct torsh__sgd_numbers {
    double lr, momentum, dampening, weight_decay;
    bool nesterov, maximize, first;
} torsh__sgd_numbers;

typedef struct torsh__adam_numbers {
    double beta1, beta2, weight_decay, eps;
    double step_size; /* lr / (1 - beta1^step) */
    double root;      /* 1 / sqrt(1 - beta2^step) */
    double decay;     /* 1 - lr * weight_decay where that is decoupled, else 1 */
    bool maximize;
} torsh__adam_numbers;

typedef struct torsh__optim_kernels {
    /* buffer NULL: no momentum */
    void (*sgd_f32)(const torsh__sgd_numbers *s, int64_t n, float *p, const float *g, float *buffer);
    void (*sgd_f64)(const torsh__sgd_numbers *s, int64_t n, double *p, const double *g, double *buffer);
    /* most NULL: no amsgrad */
    void (*adam_f32)(const torsh__adam_numbers *a, int64_t n, float *p, const float *g, float *m, float *v, float *most);
    void (*adam_f64)(const torsh__adam_numbers *a, int64_t n, double *p, const double *g, double *m, double *v, double *most);
} torsh__optim_kernels;

TORSH__ISA_TABLES(torsh__optim_kernels, torsh__optim);

#endif
