/* Sequential: modules one after the other. */
#include "layers.h"

static torsh_tensor forward(torsh__module *m, const torsh_tensor *inputs)
{
    torsh_tensor x = inputs[0];
    const char *name = NULL;
    bool any = false;
    for (size_t i = 0;; i++) {
        torsh__module *child = (torsh__module *)torsh__module_next(m, 1u << TORSH__CHILD, &i, &name);
        if (!child) break;
        torsh_tensor y = torsh__module_forward(child, name, &x, 1);
        torsh__module_drop(child);
        if (any) torsh_release(x); /* what is between two modules lives in the graph alone */
        any = true;
        x = y;
        if (torsh__is_error(y.id)) return y;
    }
    return any ? x : torsh_share(x);
}

static const torsh__layer sequential_layer = {.name = "Sequential", .forward = forward, .inputs = 1};

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
