/* What losses that are made of other ops share: options, names in error texts, 16-bit floats in f32, the reduction. */
#ifndef TORSH_OPS_LOSS_H
#define TORSH_OPS_LOSS_H

#include "composed.h"

#include <torsh/ops/loss.h>

enum { TORSH__LOSS_INPUTS = 4 };

typedef struct torsh__loss {
    const char *name;
    const char *params[TORSH__LOSS_INPUTS];
    /* The losses before they are reduced. weight: the options' where own_weight is set, else null. */
    torsh_tensor (*each)(const torsh_tensor *inputs, const double *numbers, torsh_tensor weight);
    bool own_weight; /* the options' weight is not simply a factor of each loss */
    bool batchmean;  /* TORSH_BATCHMEAN is allowed */
} torsh__loss;

torsh_tensor torsh__loss_of(const torsh__loss *loss, const torsh_tensor *inputs, int count, const double *numbers, const torsh_loss_options *options);

#endif
