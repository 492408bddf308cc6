/* What a run needs to go on exactly where another one stopped, in a checkpoint: state dicts, generators, loaders.
 * Made of the public functions alone. */
#include "alloc.h"
#include "status.h"

#include <torsh/data.h>
#include <torsh/nn.h>
#include <torsh/optim.h>

#include <string.h>

/* "prefix.name" in memory of *room bytes; NULL without memory. */
static char *join(const char *prefix, const char *name, size_t *room)
{
    size_t front = prefix ? strlen(prefix) + 1 : 0, back = strlen(name) + 1;
    char *joined = torsh__alloc(*room = front + back);
    if (!joined) return NULL;
    if (prefix) {
        memcpy(joined, prefix, front - 1);
        joined[front - 1] = '.';
    }
    memcpy(joined + front, name, back);
    return joined;
}

/* Why a handle of which something was asked in vain is not usable: it may be live, but of another kind. */
static torsh_status unusable(uint64_t id)
{
    torsh_status status = torsh_id_status(id);
    return status ? status : TORSH_INVALID_HANDLE;
}

torsh_status torsh_checkpoint_set_dict(torsh_checkpoint checkpoint, const char *prefix, torsh_state_dict dict)
{
    int64_t count = torsh_state_dict_size(dict);
    if (count < 0) return unusable(dict.id);
    if (torsh_checkpoint_size(checkpoint) < 0) return unusable(checkpoint.id);
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = TORSH_OK;
    for (int64_t i = 0; i < count && status == TORSH_OK; i++) {
        size_t room;
        char *name = join(prefix, torsh_state_dict_name(dict, i), &room);
        if (!name) return TORSH_OUT_OF_MEMORY;
        torsh_tensor t = torsh_state_dict_tensor(dict, i);
        status = torsh_checkpoint_set(checkpoint, name, t);
        torsh_release(t);
        torsh__free(name, room);
    }
    return status;
}

torsh_state_dict torsh_checkpoint_get_dict(torsh_checkpoint checkpoint, const char *prefix)
{
    int64_t count = torsh_checkpoint_size(checkpoint);
    if (count < 0) return (torsh_state_dict){torsh__error_id(unusable(checkpoint.id))};
    size_t front = prefix ? strlen(prefix) : 0;
    torsh_state_dict dict = torsh_state_dict_make();
    torsh_status status = torsh_id_status(dict.id);
    for (int64_t i = 0; i < count && status == TORSH_OK; i++) {
        const char *name = torsh_checkpoint_name(checkpoint, i);
        if (!name || (prefix && (strncmp(name, prefix, front) != 0 || name[front] != '.'))) continue;
        torsh_tensor t = torsh_checkpoint_get(checkpoint, name);
        status = torsh_state_dict_set(dict, prefix ? name + front + 1 : name, t);
        torsh_release(t);
    }
    if (status == TORSH_OK) return dict;
    torsh_release(dict);
    return (torsh_state_dict){torsh__error_id(status)};
}

torsh_status torsh_checkpoint_set_generator(torsh_checkpoint checkpoint, const char *name, torsh_generator generator)
{
    uint8_t state[TORSH_GENERATOR_STATE_BYTES];
    torsh_status status = torsh_generator_get_state(generator, state, sizeof state);
    if (status) return status;
    torsh_tensor t = torsh_from_data(state, TORSH_DIMS(sizeof state), TORSH_U8, TORSH_CPU);
    status = torsh_checkpoint_set(checkpoint, name, t);
    torsh_release(t);
    return status;
}

torsh_status torsh_checkpoint_restore_generator(torsh_checkpoint checkpoint, const char *name, torsh_generator generator)
{
    uint8_t state[TORSH_GENERATOR_STATE_BYTES];
    torsh_tensor t = torsh_checkpoint_get(checkpoint, name);
    torsh_status status = torsh_id_status(t.id);
    if (status == TORSH_OK && (torsh_dtype_of(t) != TORSH_U8 || torsh_numel(t) != (int64_t)sizeof state))
        status = torsh__fail(TORSH_FORMAT_ERROR, "checkpoint_restore_generator: '%.100s' is no generator's state: %s of shape %s", name,
                             torsh_dtype_name(torsh_dtype_of(t)), torsh_shape_text(t));
    if (status == TORSH_OK) status = torsh_to_host(t, state, sizeof state);
    if (status == TORSH_OK) status = torsh_generator_set_state(generator, state, sizeof state);
    torsh_release(t);
    return status;
}

/* ---- a whole run --------------------------------------------------------------------------------------------- */

torsh_status torsh_checkpoint_set_training(torsh_checkpoint checkpoint, const torsh_training *training)
{
    if (!training) return torsh__fail(TORSH_INVALID_ARGUMENT, "checkpoint_set_training: argument 'training' is NULL");
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = torsh_checkpoint_set_generator(checkpoint, "default_generator", (torsh_generator){0});
    if (status == TORSH_OK && training->generator.id) status = torsh_checkpoint_set_generator(checkpoint, "generator", training->generator);
    if (status == TORSH_OK && training->model.id) status = torsh_checkpoint_set_dict(checkpoint, "model", torsh_nn_state_dict(training->model));
    if (status == TORSH_OK && training->optimizer.id)
        status = torsh_checkpoint_set_dict(checkpoint, "optimizer", torsh_optim_state_dict(training->optimizer));
    if (status == TORSH_OK && training->scheduler.id)
        status = torsh_checkpoint_set_dict(checkpoint, "scheduler", torsh_lr_scheduler_state_dict(training->scheduler));
    if (status == TORSH_OK && training->loader.id) status = torsh_checkpoint_set(checkpoint, "loader", torsh_loader_state(training->loader));
    return status;
}

torsh_status torsh_checkpoint_restore_training(torsh_checkpoint checkpoint, const torsh_training *training)
{
    if (!training) return torsh__fail(TORSH_INVALID_ARGUMENT, "checkpoint_restore_training: argument 'training' is NULL");
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_status status = TORSH_OK;
    if (training->model.id) status = torsh_nn_load_state_dict(training->model, torsh_checkpoint_get_dict(checkpoint, "model"), true);
    if (status == TORSH_OK && training->optimizer.id)
        status = torsh_optim_load_state_dict(training->optimizer, torsh_checkpoint_get_dict(checkpoint, "optimizer"));
    if (status == TORSH_OK && training->scheduler.id)
        status = torsh_lr_scheduler_load_state_dict(training->scheduler, torsh_checkpoint_get_dict(checkpoint, "scheduler"));
    if (status == TORSH_OK && training->loader.id) status = torsh_loader_set_state(training->loader, torsh_checkpoint_get(checkpoint, "loader"));
    if (status == TORSH_OK && training->generator.id) status = torsh_checkpoint_restore_generator(checkpoint, "generator", training->generator);
    /* Last: making the others may have drawn from it. */
    if (status == TORSH_OK) status = torsh_checkpoint_restore_generator(checkpoint, "default_generator", (torsh_generator){0});
    return status;
}
