/* The op tables for tools: torsh__ops as <torsh/tools.h> shows it. */
#include "op.h"

#include <torsh/tools.h>

#include <string.h>

/* The doors of internal rows are named torsh__x. */
static bool is_public(const torsh__op *op)
{
    return strncmp(op->function, "torsh__", 7) != 0;
}

static bool has_gradient(const torsh__op *op)
{
    if (op->info.kind == TORSH_OP_COMPOSITE || !op->impl) return true; /* that of the ops it is made of */
    if (op->impl->flags & TORSH__CONSTANT) return false;
    if (op->info.kind == TORSH_OP_POINTWISE) return op->impl->pointwise->part[0] || op->impl->pointwise->part[1] || op->impl->pointwise->part[2];
    return op->impl->gradient;
}

static void describe(const torsh__op *op, torsh_op_entry *entry)
{
    unsigned flags = op->impl ? op->impl->flags : 0, variants = op->variants | flags;
    *entry = (torsh_op_entry){
        .info = &op->info,
        .function = op->function,
        .plain = !(variants & TORSH__ONLY_IN_PLACE),
        .in_place = variants & (TORSH__IN_PLACE | TORSH__ONLY_IN_PLACE),
        .out = variants & TORSH__OUT,
        .differentiable = has_gradient(op),
        .random = flags & TORSH__RANDOM,
    };
}

int64_t torsh_op_count(void)
{
    int64_t count = 0;
    for (const torsh__op *const *op = torsh__ops; *op; op++) count += is_public(*op);
    return count;
}

torsh_status torsh_op_at(int64_t index, torsh_op_entry *entry)
{
    if (!entry) return torsh__fail(TORSH_INVALID_ARGUMENT, "op_at: argument 'entry' is NULL");
    int64_t left = index;
    for (const torsh__op *const *op = torsh__ops; *op && left >= 0; op++) {
        if (!is_public(*op) || left-- > 0) continue;
        describe(*op, entry);
        return TORSH_OK;
    }
    return torsh__fail(TORSH_OUT_OF_RANGE, "op_at: index %lld is out of range for %lld ops", (long long)index, (long long)torsh_op_count());
}

torsh_status torsh_op_by_name(const char *name, torsh_op_entry *entry)
{
    if (!name || !entry) return torsh__fail(TORSH_INVALID_ARGUMENT, "op_by_name: argument '%s' is NULL", name ? "entry" : "name");
    const torsh__op *op = torsh__op_find(name);
    if (!op || !is_public(op)) return torsh__fail(TORSH_OUT_OF_RANGE, "op_by_name: there is no op '%.80s'", name);
    describe(op, entry);
    return TORSH_OK;
}
