/* What convolution and pooling share: lists that hold one number per spatial dim, one for all, or none. */
#ifndef TORSH_OPS_CONV_H
#define TORSH_OPS_CONV_H

#include "gradient.h"

#define INTS(c, i) ((const int64_t *)(c)->values[i].list.data)
#define COUNT(c, i) ((c)->values[i].list.count)

/* Number d of such a list; `absent` if it is empty. */
static inline int64_t torsh__spatial(const torsh_value *value, int d, int64_t absent)
{
    const int64_t *list = value->list.data;
    return value->list.count == 0 ? absent : value->list.count == 1 ? list[0] : list[d];
}
/* Checks a list param: its length, and that each number is at least `least` and fits 31 bits. */
torsh_status torsh__spatial_list(const torsh__call *c, int param, int dims, int64_t least);

#endif
