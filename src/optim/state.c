/* An optimizer's state as named tensors, and back. */
#include "optimizer.h"

#include <torsh/ops/copy.h>

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 80 };

/* ---- out ----------------------------------------------------------------------------------------------------- */

static torsh_status put_number(torsh__state_dict *dict, const char *name, double value)
{
    torsh_status status = TORSH_OK;
    torsh_tensor number = torsh_scalar(value, TORSH_F64, TORSH_CPU);
    torsh__tensor *t = torsh__tensor_pin(number, "optim_state_dict", "number", &status);
    if (!t) return status;
    status = torsh__state_dict_put(dict, name, t);
    torsh__unpin(number.id);
    torsh_release(number);
    return status;
}

static torsh_status put_state(torsh__state_dict *dict, const char *name, torsh_tensor handle)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *t = torsh__tensor_pin(handle, "optim_state_dict", "state", &status);
    if (!t) return status;
    status = torsh__state_dict_put(dict, name, t);
    torsh__unpin(handle.id);
    return status;
}

static torsh_status put_param(torsh__state_dict *dict, const torsh__optim_kind *kind, const torsh__param_state *p, size_t place)
{
    char name[NAME_BYTES];
    torsh_status status = TORSH_OK;
    if (p->step == 0) return TORSH_OK;
    snprintf(name, sizeof name, "state.%zu.step", place);
    status = put_number(dict, name, (double)p->step);
    for (int s = 0; kind->states[s] && status == TORSH_OK; s++) {
        if (!p->state[s].id) continue;
        snprintf(name, sizeof name, "state.%zu.%s", place, kind->states[s]);
        status = put_state(dict, name, p->state[s]);
    }
    return status;
}

static torsh_status put_group(torsh__state_dict *dict, const torsh__optim_kind *kind, const torsh__param_group *group, size_t place)
{
    char name[NAME_BYTES];
    torsh_status status = TORSH_OK;
    for (int i = 0; kind->options[i] && status == TORSH_OK; i++) {
        snprintf(name, sizeof name, "param_groups.%zu.%s", place, kind->options[i]);
        status = put_number(dict, name, group->options[i]);
    }
    snprintf(name, sizeof name, "param_groups.%zu.params", place);
    return status ? status : put_number(dict, name, (double)group->count);
}

torsh_state_dict torsh_optim_state_dict(torsh_optimizer optimizer)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "optim_state_dict", &status);
    if (!o) return (torsh_state_dict){torsh__error_id(status)};
    torsh__state_dict *dict = torsh__state_dict_make();
    if (!dict) status = TORSH_OUT_OF_MEMORY;
    size_t place = 0;
    pthread_mutex_lock(&o->lock);
    for (size_t g = 0; g < o->count && status == TORSH_OK; g++)
        for (size_t i = 0; i < o->groups[g].count && status == TORSH_OK; i++) status = put_param(dict, o->kind, &o->groups[g].params[i], place++);
    for (size_t g = 0; g < o->count && status == TORSH_OK; g++) status = put_group(dict, o->kind, &o->groups[g], g);
    pthread_mutex_unlock(&o->lock);
    torsh__unpin(optimizer.id);
    if (status == TORSH_OK) return (torsh_state_dict){torsh__handle_make(&dict->object)};
    if (dict) torsh__drop(&dict->object);
    return (torsh_state_dict){torsh__error_id(status)};
}

/* ---- in ------------------------------------------------------------------------------------------------------ */

/* The 0-d number of that name; `absent` where there is none and that is allowed. */
static torsh_status get_number(torsh__state_dict *dict, const char *name, const double *absent, double *value)
{
    torsh__tensor *t = torsh__state_dict_find(dict, name);
    if (!t && absent) {
        *value = *absent;
        return TORSH_OK;
    }
    if (!t) return torsh__fail(TORSH_INVALID_ARGUMENT, "optim_load_state_dict: there is no \"%s\"", name);
    torsh_tensor handle = torsh__tensor_share(t);
    torsh_status status = torsh_item_f64(handle, value);
    torsh_release(handle);
    return status;
}

/* A copy of the saved state with the parameter's dtype and device, as a handle without scope. */
static torsh_status get_state(torsh__tensor *saved, torsh_tensor param, const char *name, torsh_tensor *state)
{
    torsh_status status = TORSH_OK;
    torsh_tensor copy = torsh_empty_like(param), source = torsh__tensor_share(saved);
    torsh__tensor *to = torsh__tensor_hold(copy, "optim_load_state_dict", name, &status);
    if (to && !torsh__same_sizes(to->view.ndim, to->view.sizes, saved->view.ndim, saved->view.sizes)) {
        torsh__shape_text have, want;
        status = torsh__fail(TORSH_SHAPE_MISMATCH, "optim_load_state_dict: \"%s\" is %s, but the parameter is %s", name,
                             torsh__shape_print(&have, saved->view.ndim, saved->view.sizes), torsh__shape_print(&want, to->view.ndim, to->view.sizes));
    }
    if (status == TORSH_OK) status = torsh_id_status(torsh_copy_(copy, source).id);
    if (status == TORSH_OK) {
        torsh__tensor_retain(to);
        *state = (torsh_tensor){torsh__handle_make_unowned(&to->object)};
        if (torsh__is_error(state->id)) status = TORSH_OUT_OF_MEMORY;
        if (status) *state = (torsh_tensor){0};
    }
    if (to) torsh__tensor_drop(to);
    torsh_release(copy);
    torsh_release(source);
    return status;
}

/* A parameter's state into `fresh`, whose param is set. */
static torsh_status get_param(torsh__state_dict *dict, const torsh__optim_kind *kind, torsh__param_state *fresh, size_t place)
{
    char name[NAME_BYTES];
    double step = 0;
    snprintf(name, sizeof name, "state.%zu.step", place);
    torsh_status status = get_number(dict, name, &step, &step);
    if (status == TORSH_OK && !(step >= 0 && step < 0x1p53)) status = torsh__fail(TORSH_INVALID_ARGUMENT, "optim_load_state_dict: \"%s\" is %g", name, step);
    if (status == TORSH_OK) fresh->step = (int64_t)step;
    for (int s = 0; kind->states[s] && status == TORSH_OK; s++) {
        snprintf(name, sizeof name, "state.%zu.%s", place, kind->states[s]);
        torsh__tensor *saved = torsh__state_dict_find(dict, name);
        if (saved) status = get_state(saved, fresh->param, name, &fresh->state[s]);
    }
    return status;
}

static torsh_status get_group(torsh__state_dict *dict, const torsh__optim_kind *kind, size_t count, torsh__param_group *fresh, size_t place)
{
    char name[NAME_BYTES];
    torsh_status status = TORSH_OK;
    for (int i = 0; kind->options[i] && status == TORSH_OK; i++) {
        snprintf(name, sizeof name, "param_groups.%zu.%s", place, kind->options[i]);
        status = get_number(dict, name, NULL, &fresh->options[i]);
    }
    double saved_count = 0;
    snprintf(name, sizeof name, "param_groups.%zu.params", place);
    if (status == TORSH_OK) status = get_number(dict, name, NULL, &saved_count);
    if (status == TORSH_OK && saved_count != (double)count)
        status = torsh__fail(TORSH_INVALID_ARGUMENT, "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: %g and %zu",
                             saved_count, count);
    return status ? status : kind->check(fresh->options);
}

static void end_fresh(torsh__param_group *groups, size_t count, size_t bytes)
{
    for (size_t g = 0; g < count; g++) {
        for (size_t i = 0; groups[g].params && i < groups[g].count; i++)
            for (int s = 0; s < TORSH__OPTIM_STATES; s++) torsh_release(groups[g].params[i].state[s]);
        torsh__free(groups[g].params, groups[g].count * sizeof *groups[g].params);
    }
    torsh__free(groups, bytes);
}

/* Everything is made anew first and then exchanged: a failure leaves the optimizer as it was. */
static torsh_status load(torsh__optimizer *o, torsh__state_dict *dict)
{
    char name[NAME_BYTES];
    size_t bytes = o->count * sizeof(torsh__param_group), place = 0;
    snprintf(name, sizeof name, "param_groups.%zu.lr", o->count);
    if (torsh__state_dict_find(dict, name)) return torsh__fail(TORSH_INVALID_ARGUMENT, "loaded state dict has a different number of parameter groups");
    torsh__param_group *fresh = torsh__alloc_zero(bytes);
    torsh_status status = fresh ? TORSH_OK : TORSH_OUT_OF_MEMORY;
    for (size_t g = 0; g < o->count && status == TORSH_OK; g++) {
        status = get_group(dict, o->kind, o->groups[g].count, &fresh[g], g);
        if (status) break;
        fresh[g].params = torsh__alloc_zero(o->groups[g].count * sizeof *fresh[g].params);
        if (!fresh[g].params) status = TORSH_OUT_OF_MEMORY;
        fresh[g].count = o->groups[g].count;
        for (size_t i = 0; i < fresh[g].count && status == TORSH_OK; i++) {
            fresh[g].params[i].param = o->groups[g].params[i].param;
            status = get_param(dict, o->kind, &fresh[g].params[i], place++);
        }
    }
    for (size_t g = 0; g < o->count && status == TORSH_OK; g++) {
        torsh__param_group old = o->groups[g];
        o->groups[g] = fresh[g];
        fresh[g] = old;
    }
    if (fresh) end_fresh(fresh, o->count, bytes);
    return status;
}

torsh_status torsh_optim_load_state_dict(torsh_optimizer optimizer, torsh_state_dict dict)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "optim_load_state_dict", &status);
    if (!o) return status;
    torsh__state_dict *from = (torsh__state_dict *)torsh__pin(dict.id, &torsh__state_dict_kind, "optim_load_state_dict", "dict", &status);
    torsh_scope quiet = torsh__scope_open(false);
    if (torsh__is_error(quiet.id)) status = TORSH_OUT_OF_MEMORY;
    if (from && status == TORSH_OK) {
        torsh__thread_get()->modes.grad = false;
        pthread_mutex_lock(&o->lock);
        status = load(o, from);
        pthread_mutex_unlock(&o->lock);
    }
    torsh_scope_cleanup(&quiet);
    if (from) torsh__unpin(dict.id);
    torsh__unpin(optimizer.id);
    return status;
}
