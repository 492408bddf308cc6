/* Sequential: modules one after the other. */
#include "layers.h"

/* Runs the children in slots [from, to). The result is a new handle. */
static torsh_tensor run_part(torsh__module *m, size_t from, size_t to, torsh_tensor input)
{
    torsh_tensor x = input;
    const char *name = NULL;
    bool any = false;
    for (size_t i = from; i < to; i++) {
        torsh__module *child = (torsh__module *)torsh__module_next(m, 1u << TORSH__CHILD, &i, &name);
        if (child && i >= to) torsh__module_drop(child);
        if (!child || i >= to) break;
        torsh_tensor y = torsh__module_forward(child, name, &x, 1);
        torsh__module_drop(child);
        if (any) torsh_release(x); /* what is between two modules lives in the graph alone */
        any = true;
        x = y;
        if (torsh__is_error(y.id)) return y;
    }
    return any ? x : torsh_share(x);
}

/* ---- checkpointing: parts of which backward keeps the inputs alone ------------------------------------------- */

typedef struct part {
    torsh__module *module; /* retained */
    size_t from, to;
} part;

static torsh_tensor part_function(void *context, const torsh_tensor *inputs, size_t count)
{
    const part *p = context;
    (void)count;
    return run_part(p->module, p->from, p->to, inputs[0]);
}

static void part_destroy(void *context)
{
    part *p = context;
    torsh__module_drop(p->module);
    torsh__free(p, sizeof *p);
}

/* About sqrt(n) parts of n children (Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016). The last part is
 * not kept small: its backward comes first. */
static torsh_tensor run_parts(torsh__module *m, size_t count, torsh_tensor input)
{
    size_t each = 1;
    while (each * each < count) each++;
    torsh_tensor x = input;
    for (size_t from = 0; from < count; from += each) {
        torsh_tensor y;
        if (from + each >= count) {
            y = run_part(m, from, count, x);
        } else {
            part *p = torsh__alloc(sizeof *p);
            if (p) {
                *p = (part){m, from, from + each};
                torsh__retain(&m->object);
            }
            y = p ? torsh_autograd_checkpoint(part_function, p, part_destroy, &x, 1) : torsh__tensor_error(TORSH_OUT_OF_MEMORY);
        }
        if (from) torsh_release(x);
        x = y;
        if (torsh__is_error(y.id)) return y;
    }
    return count ? x : torsh_share(x);
}

static torsh_tensor forward(torsh__module *m, const torsh_tensor *inputs)
{
    size_t count = m->count;
    return torsh__module_checkpoints(m) && count > 1 ? run_parts(m, count, inputs[0]) : run_part(m, 0, count, inputs[0]);
}

static const torsh__layer sequential_layer = {.name = "Sequential", .forward = forward, .inputs = 1, .splits = true};

static torsh_status append(torsh__module *m, torsh_module child)
{
    char name[24];
    snprintf(name, sizeof name, "%zu", m->count);
    if (child.id == 0) return torsh__fail(TORSH_INVALID_HANDLE, "nn_sequential: a module is null");
    return torsh__module_put_child(m, name, child);
}

torsh_module torsh_nn_sequential(const torsh_module *modules, size_t count)
{
    torsh__module *m = torsh__module_make(&sequential_layer);
    torsh_status status = TORSH_OK;
    if (!modules && count) status = torsh__fail(TORSH_INVALID_ARGUMENT, "nn_sequential: argument 'modules' is NULL but its count is %zu", count);
    for (size_t i = 0; m && status == TORSH_OK && i < count; i++) status = append(m, modules[i]);
    return torsh__module_give(m, status);
}

torsh_status torsh_nn_sequential_append(torsh_module sequential, torsh_module module)
{
    torsh_status status = TORSH_OK;
    torsh__module *m = torsh__module_pin(sequential, "nn_sequential_append", &status);
    if (!m) return status;
    if (m->layer != &sequential_layer) status = torsh__fail(TORSH_INVALID_ARGUMENT, "nn_sequential_append: the module is a %s, no Sequential", torsh__module_name(m));
    else status = append(m, module);
    torsh__unpin(sequential.id);
    return status;
}
