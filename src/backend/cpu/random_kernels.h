/* The per-instruction-set part of random.c: from 32-bit words to values of a dtype. */
#ifndef TORSH_BACKEND_CPU_RANDOM_KERNELS_H
#define TORSH_BACKEND_CPU_RANDOM_KERNELS_H

#include "isa.h"
#include "random.h"

typedef struct torsh__random_job {
    double a, b;    /* from and to, mean and std, p, lambda, median and sigma */
    int64_t base;   /* of integers */
    uint64_t range; /* of integers; the threshold of bernoulli */
} torsh__random_job;

enum torsh__random_kind {
    TORSH__RANDOM_UNIFORM,
    TORSH__RANDOM_NORMAL, /* by groups of 16: n is a multiple of 16 */
    TORSH__RANDOM_BELOW32,
    TORSH__RANDOM_BELOW64,
    TORSH__RANDOM_BERNOULLI,
    TORSH__RANDOM_EXPONENTIAL,
    TORSH__RANDOM_GEOMETRIC,
    TORSH__RANDOM_CAUCHY,
    TORSH__RANDOM_NORMAL_PAIRS, /* the scalar Box-Muller: n is even, four words give two values */
    TORSH__RANDOM_LOG_NORMAL,   /* the same, exponentiated */
    TORSH__RANDOM_COUNT,   /* out[i] = base + i; no words */
    TORSH__RANDOM_SHUFFLE, /* n steps of Fisher-Yates on `out`, of range elements, from element base on; range < 2^28 */
    TORSH__RANDOM_UNIT,      /* `out` is n uniform f64 in [0, 1): 53 bits for f64, else 24 bits from one word each */
    TORSH__RANDOM_WIDEN,     /* `words` are n values of the dtype, `out` is n f64 */
    TORSH__RANDOM_STORE_F64, /* `words` are n finished f64 values */
    TORSH__RANDOM_STORE_BITS, /* `words` are n bytes, 0 or 1 */
    TORSH__RANDOM_KINDS
};

/* n values from n or 2 n words. `words` and `out` do not overlap. */
typedef void torsh__random_transform(const torsh__random_job *job, const void *words, void *out, int64_t n);

typedef struct torsh__random_kernels {
    void (*draw)(torsh__rng *rng, uint32_t *words, int64_t n); /* tempered */
    torsh__random_transform *transform[TORSH__RANDOM_KINDS][TORSH_DTYPE_COUNT]; /* NULL where a dtype has none */
} torsh__random_kernels;

TORSH__ISA_TABLES(torsh__random_kernels, torsh__random);

#endif
