/* Dense arrays of a wanted dtype around operands. */
#include "axis.h"

bool torsh__dense_in(torsh__dense *d, const torsh_operand *o, torsh_dtype dtype)
{
    *d = (torsh__dense){.dtype = dtype};
    if (!o) return true;
    d->data = (void *)(uintptr_t)torsh__operand_dense(o, dtype, &d->scratch, &d->bytes);
    return d->data != NULL;
}

bool torsh__dense_out(torsh__dense *d, const torsh_operand *o, torsh_dtype dtype)
{
    *d = (torsh__dense){.dtype = dtype};
    if (o->contiguous && o->dtype == (uint8_t)dtype) {
        d->data = torsh__operand_data(o);
        return true;
    }
    d->bytes = (size_t)o->numel * torsh__dtypes[dtype].size;
    d->data = d->scratch = torsh__alloc(d->bytes);
    return d->data != NULL;
}

void torsh__dense_done(torsh__dense *d)
{
    if (d->scratch) torsh__free(d->scratch, d->bytes);
    d->scratch = NULL;
}

void torsh__dense_store(torsh__dense *d, const torsh_operand *o)
{
    if (d->scratch) torsh__operand_store(o, d->dtype, d->scratch);
    torsh__dense_done(d);
}
