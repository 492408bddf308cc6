/* Making optimizers, their groups, zero_grad and step. */
#include "optimizer.h"
#include "list.h"

#include <torsh/ops/copy.h>

#include <math.h>
#include <string.h>

static void destroy(torsh__object *object);
const torsh__kind torsh__optimizer_kind = {"optimizer", destroy, NULL};

/* ---- groups -------------------------------------------------------------------------------------------------- */

static void end_group(const torsh__param_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        torsh_release(group->params[i].param);
        for (int s = 0; s < TORSH__OPTIM_STATES; s++) torsh_release(group->params[i].state[s]);
    }
    torsh__free(group->params, group->count * sizeof *group->params);
}

static void destroy(torsh__object *object)
{
    torsh__optimizer *o = (torsh__optimizer *)object;
    for (size_t i = 0; i < o->count; i++) end_group(&o->groups[i]);
    torsh__free(o->groups, o->count * sizeof *o->groups);
    pthread_mutex_destroy(&o->lock);
    torsh__free(o, sizeof *o);
}

/* A handle of the tensor that belongs to no scope. */
static torsh_tensor unowned(torsh__tensor *t)
{
    torsh__tensor_retain(t);
    return (torsh_tensor){torsh__handle_make_unowned(&t->object)};
}

static torsh_status take_param(torsh__param_state *p, torsh__tensor *t, size_t place)
{
    if (t->grad_fn)
        return torsh__fail(TORSH_AUTOGRAD_ERROR, "can't optimize a non-leaf tensor: parameter %zu was computed by a recorded op", place);
    if (torsh__dtypes[t->view.dtype].category < TORSH__FLOATING)
        return torsh__fail(TORSH_DTYPE_MISMATCH, "parameter %zu is %s; an optimizer changes floating-point or complex tensors", place,
                           torsh_dtype_name(torsh__dtype_of(t)));
    p->param = unowned(t);
    return torsh__is_error(p->param.id) ? torsh__error_status(p->param.id) : TORSH_OK;
}

static const torsh__tensor *tensor_of(torsh_tensor handle)
{
    torsh_status status;
    torsh__tensor *t = torsh__tensor_pin(handle, "optimizer", "parameter", &status);
    if (t) torsh__unpin(handle.id); /* our own handle keeps it */
    return t;
}

/* True if the list holds a tensor twice or one that a group has already. */
static bool has_double(const torsh__optimizer *o, const torsh__list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t j = 0; j < i; j++)
            if (list->items[i] == list->items[j]) return true;
        for (size_t g = 0; g < o->count; g++)
            for (size_t k = 0; k < o->groups[g].count; k++)
                if (tensor_of(o->groups[g].params[k].param) == list->items[i]) return true;
    }
    return false;
}

static torsh_status fill_group(torsh__optimizer *o, torsh__param_group *group, const torsh__list *list)
{
    if (list->count == 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "optimizer got an empty parameter list");
    if (has_double(o, list)) return torsh__fail(TORSH_INVALID_ARGUMENT, "some parameters appear more than once, or in more than one parameter group");
    torsh_status status = o->kind->check(group->options);
    if (status) return status;
    group->params = torsh__alloc_zero(list->count * sizeof *group->params);
    if (!group->params) return TORSH_OUT_OF_MEMORY;
    group->count = list->count;
    for (size_t i = 0; i < list->count && status == TORSH_OK; i++) status = take_param(&group->params[i], list->items[i], i);
    return status;
}

static torsh_status add_group(torsh__optimizer *o, torsh_tensors params, const double *options)
{
    torsh_status status = TORSH_OK;
    torsh__list *list = (torsh__list *)torsh__pin(params.id, &torsh__list_kind, "optimizer", "params", &status);
    if (!list) return status;
    torsh__param_group group = {.count = 0};
    memcpy(group.options, options, sizeof group.options);
    torsh__param_group *groups = torsh__alloc((o->count + 1) * sizeof *groups);
    status = groups ? fill_group(o, &group, list) : TORSH_OUT_OF_MEMORY;
    torsh__unpin(params.id);
    if (status) {
        end_group(&group);
        torsh__free(groups, (o->count + 1) * sizeof *groups);
        return status;
    }
    if (o->count) memcpy(groups, o->groups, o->count * sizeof *groups);
    torsh__free(o->groups, o->count * sizeof *groups);
    groups[o->count++] = group;
    o->groups = groups;
    return TORSH_OK;
}

static void note_errors(torsh__optimizer *o)
{
    o->thread = torsh__thread_get();
    o->error_serial = o->thread->error_serial;
}

torsh_optimizer torsh__optimizer_make(const torsh__optim_kind *kind, torsh_tensors params, const double *options)
{
    torsh__optimizer *o = torsh__alloc_zero(sizeof *o);
    if (!o) return (torsh_optimizer){torsh__error_id(TORSH_OUT_OF_MEMORY)};
    torsh__object_init(&o->object, &torsh__optimizer_kind);
    pthread_mutex_init(&o->lock, NULL);
    o->kind = kind;
    memcpy(o->defaults, options, sizeof o->defaults);
    torsh_status status = add_group(o, params, options);
    note_errors(o);
    if (status == TORSH_OK) return (torsh_optimizer){torsh__handle_make(&o->object)};
    torsh__drop(&o->object);
    return (torsh_optimizer){torsh__error_id(status)};
}

torsh_status torsh_optim_add_param_group(torsh_optimizer optimizer, torsh_tensors params, double lr)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "optim_add_param_group", &status);
    if (!o) return status;
    double options[TORSH__OPTIM_OPTIONS];
    memcpy(options, o->defaults, sizeof options);
    options[0] = lr;
    pthread_mutex_lock(&o->lock);
    status = add_group(o, params, options);
    pthread_mutex_unlock(&o->lock);
    torsh__unpin(optimizer.id);
    return status;
}

int64_t torsh_optim_group_count(torsh_optimizer optimizer)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "optim_group_count", &status);
    if (!o) return -1;
    int64_t count = (int64_t)o->count;
    torsh__unpin(optimizer.id);
    return count;
}

/* ---- options ------------------------------------------------------------------------------------------------- */

int torsh__optim_option(const torsh__optim_kind *kind, const char *name)
{
    for (int i = 0; name && kind->options[i]; i++)
        if (strcmp(kind->options[i], name) == 0) return i;
    return -1;
}

/* Reads an option into *get, or sets it. */
static torsh_status option(torsh_optimizer optimizer, const char *function, int64_t group, const char *name, double *get, const double *set)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, function, &status);
    if (!o) return status;
    pthread_mutex_lock(&o->lock);
    int i = torsh__optim_option(o->kind, name);
    if (i < 0) status = torsh__fail(TORSH_INVALID_ARGUMENT, "%s: %s has no option \"%s\"", function, o->kind->name, name ? name : "(NULL)");
    else if (group < 0 || group >= (int64_t)o->count)
        status = torsh__fail(TORSH_OUT_OF_RANGE, "%s: there is no group %lld; the optimizer has %zu", function, (long long)group, o->count);
    if (status == TORSH_OK && get) *get = o->groups[group].options[i];
    if (status == TORSH_OK && set) {
        double options[TORSH__OPTIM_OPTIONS];
        memcpy(options, o->groups[group].options, sizeof options);
        options[i] = *set;
        status = o->kind->check(options);
        if (status == TORSH_OK) o->groups[group].options[i] = *set;
    }
    pthread_mutex_unlock(&o->lock);
    torsh__unpin(optimizer.id);
    return status;
}

torsh_status torsh_optim_get_option(torsh_optimizer optimizer, int64_t group, const char *name, double *value)
{
    if (!value) return torsh__fail(TORSH_INVALID_ARGUMENT, "optim_get_option: argument 'value' is NULL");
    return option(optimizer, "optim_get_option", group, name, value, NULL);
}

torsh_status torsh_optim_set_option(torsh_optimizer optimizer, int64_t group, const char *name, double value)
{
    return option(optimizer, "optim_set_option", group, name, NULL, &value);
}

double torsh_optim_lr(torsh_optimizer optimizer, int64_t group)
{
    double lr;
    return option(optimizer, "optim_lr", group, "lr", &lr, NULL) ? NAN : lr;
}

torsh_status torsh_optim_set_lr(torsh_optimizer optimizer, int64_t group, double lr)
{
    return option(optimizer, "optim_set_lr", group, "lr", NULL, &lr);
}

/* ---- steps --------------------------------------------------------------------------------------------------- */

torsh_status torsh__optim_states(const torsh__optim_kind *kind, const double *options, torsh__param_state *p)
{
    for (int s = 0; kind->states[s]; s++) {
        if (p->state[s].id || !kind->uses(options, s)) continue;
        torsh_status status = TORSH_OK;
        torsh_tensor zeros = torsh_zeros_like(p->param);
        torsh__tensor *t = torsh__tensor_hold(zeros, kind->name, kind->states[s], &status);
        torsh_release(zeros);
        if (!t) return status;
        torsh_tensor handle = {torsh__handle_make_unowned(&t->object)};
        if (torsh__is_error(handle.id)) return torsh__error_status(handle.id);
        p->state[s] = handle;
    }
    return TORSH_OK;
}

static torsh_status update(const torsh__optim_kind *kind, const double *options, torsh__param_state *p, torsh_tensor grad)
{
    p->fresh = !p->state[0].id;
    torsh_status status = torsh__optim_states(kind, options, p);
    if (status) return status;
    p->step++;
    torsh_tensor done = kind->update(options, p, grad);
    if (!torsh__is_error(done.id)) return TORSH_OK;
    p->step--;
    return torsh__error_status(done.id);
}

static torsh_status step_all(torsh__optimizer *o, size_t *updated)
{
    torsh_status status = TORSH_OK;
    for (size_t g = 0; g < o->count && status == TORSH_OK; g++) {
        torsh__param_group *group = &o->groups[g];
        for (size_t i = 0; i < group->count && status == TORSH_OK; i++) {
            torsh_tensor grad = torsh_grad(group->params[i].param);
            if (!grad.id) continue;
            status = update(o->kind, group->options, &group->params[i], grad);
            torsh_release(grad);
            ++*updated;
        }
    }
    return status;
}

/* Nothing to do because something failed before: the loop that only looks at step must learn of it. */
static torsh_status missing_gradients(const torsh__optimizer *o)
{
    const torsh__thread *self = torsh__thread_get();
    if (o->thread != self || self->error_serial == o->error_serial) return TORSH_OK;
    char text[TORSH__ERROR_TEXT_SIZE];
    strncpy(text, torsh_last_error(), sizeof text - 1);
    text[sizeof text - 1] = 0;
    return torsh__fail(TORSH_AUTOGRAD_ERROR, "optim_step: no parameter has a gradient, and since the last step this failed: %s", text);
}

torsh_status torsh_optim_step(torsh_optimizer optimizer)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "optim_step", &status);
    if (!o) return status;
    torsh_scope quiet = torsh__scope_open(false);
    if (torsh__is_error(quiet.id)) status = TORSH_OUT_OF_MEMORY;
    if (status == TORSH_OK) {
        torsh__thread_get()->modes.grad = false;
        size_t updated = 0;
        pthread_mutex_lock(&o->lock);
        status = step_all(o, &updated);
        if (status == TORSH_OK && updated == 0) status = missing_gradients(o);
        note_errors(o);
        pthread_mutex_unlock(&o->lock);
        torsh_scope_close(quiet);
    }
    torsh__unpin(optimizer.id);
    return status;
}

torsh_status torsh_optim_zero_grad(torsh_optimizer optimizer)
{
    torsh_status status = TORSH_OK;
    torsh__optimizer *o = torsh__optimizer_pin(optimizer, "optim_zero_grad", &status);
    if (!o) return status;
    pthread_mutex_lock(&o->lock);
    for (size_t g = 0; g < o->count; g++)
        for (size_t i = 0; i < o->groups[g].count && status == TORSH_OK; i++) status = torsh_zero_grad(o->groups[g].params[i].param);
    pthread_mutex_unlock(&o->lock);
    torsh__unpin(optimizer.id);
    return status;
}
