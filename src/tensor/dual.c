/* Levels of forward mode and the tangents that tensors have at them (dual.h). What calls do with them is in autograd/forward.c. */
#include "dual.h"
#include "alloc.h"
#include "batched.h"
#include "fork.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* under it nothing is allocated, and nothing ends */
TORSH__HELD_ACROSS_FORK(tangents, &lock, 1, LEAF)

/* ---- levels --------------------------------------------------------------------------------------------------------------------- */

static void end_level(torsh__object *object);
static const torsh__kind level_kind = {"level", end_level, NULL};

torsh_status torsh__level_open(void)
{
    torsh__thread *self = torsh__thread_get();
    const torsh__dual_level *outer = (torsh__dual_level *)self->modes.level;
    int depth = outer ? outer->depth + 1 : 0;
    if (depth >= TORSH__MOST_LEVELS) return torsh__fail(TORSH_OUT_OF_RANGE, "at most %d levels of forward mode nest", TORSH__MOST_LEVELS);
    torsh__dual_level *level = torsh__alloc_zero(sizeof *level);
    if (!level) return TORSH_OUT_OF_MEMORY;
    torsh__object_init(&level->mode.object, &level_kind);
    level->mode.outer = self->modes.level;
    level->depth = depth;
    self->modes.level = &level->mode;
    self->substituted = true;
    return TORSH_OK;
}

/* Takes a record out of its level's list. */
static void unlink(torsh__tangent *record)
{
    if (!record->level) return;
    if (record->before) record->before->after = record->after;
    else record->level->first = record->after;
    if (record->after) record->after->before = record->before;
    record->level = NULL;
}

/* Tensors may outlive the level; their records stay, empty. */
static void end_level(torsh__object *object)
{
    torsh__dual_level *level = (torsh__dual_level *)object;
    for (;;) {
        pthread_mutex_lock(&lock);
        torsh__tangent *record = level->first;
        torsh__tensor *tensor = NULL;
        if (record) {
            unlink(record);
            tensor = record->tensor;
            record->tensor = NULL;
        }
        pthread_mutex_unlock(&lock);
        if (!record) break;
        torsh__tensor_drop(tensor);
    }
    torsh__free(level, sizeof *level);
}

static torsh__dual_level *visible(torsh__level *from)
{
    const torsh__modes *modes = &torsh__thread_get()->modes;
    for (torsh__level *level = from; level; level = level->outer)
        if (!(modes->hidden >> ((torsh__dual_level *)level)->depth & 1)) return (torsh__dual_level *)level;
    return NULL;
}

torsh__dual_level *torsh__level_innermost(void)
{
    return visible(torsh__thread_get()->modes.level);
}

void torsh__constant_mode(void)
{
    torsh__modes *modes = &torsh__thread_get()->modes;
    modes->grad = false;
    modes->hidden = ~0u;
}

/* ---- tangents ------------------------------------------------------------------------------------------------------------------- */

static torsh__tangent *find(const torsh__tensor *t, const torsh__dual_level *level)
{
    torsh__tangent *record = t->tangents;
    while (record && record->level != level) record = record->next;
    return record;
}

torsh__dual_level *torsh__dual_at(torsh__tensor *const *tensors, int count)
{
    torsh__dual_level *level = torsh__level_innermost(), *found = NULL;
    if (!level) return NULL;
    pthread_mutex_lock(&lock);
    for (; level && !found; level = visible(level->mode.outer))
        for (int i = 0; i < count && !found; i++) {
            const torsh__tensor *t = tensors[i];
            if (!t || torsh__is_batched(t)) continue;
            if (find(t, level) || (t->base && !t->tangents_apart && find(t->base, level))) found = level;
        }
    pthread_mutex_unlock(&lock);
    return found;
}

torsh__tensor *torsh__tangent_of(const torsh__tensor *t, const torsh__dual_level *level)
{
    pthread_mutex_lock(&lock);
    const torsh__tangent *record = find(t, level);
    torsh__tensor *tensor = record ? record->tensor : NULL;
    if (tensor) torsh__tensor_retain(tensor);
    pthread_mutex_unlock(&lock);
    return tensor;
}

torsh_status torsh__tangent_set(torsh__tensor *t, torsh__dual_level *level, torsh__tensor *tangent)
{
    torsh__tangent *fresh = torsh__alloc_zero(sizeof *fresh);
    if (!fresh) {
        torsh__tensor_drop(tangent);
        return TORSH_OUT_OF_MEMORY;
    }
    pthread_mutex_lock(&lock);
    torsh__tangent *record = find(t, level);
    if (!record) record = find(t, NULL); /* one whose level has ended */
    if (!record) {
        record = fresh;
        fresh = NULL;
        record->next = t->tangents;
        t->tangents = record;
    }
    if (!record->level) {
        record->level = level;
        record->before = NULL;
        record->after = level->first;
        if (level->first) level->first->before = record;
        level->first = record;
    }
    torsh__tensor *old = record->tensor;
    record->tensor = tangent;
    pthread_mutex_unlock(&lock);
    torsh__free(fresh, fresh ? sizeof *fresh : 0);
    if (old) torsh__tensor_drop(old);
    return TORSH_OK;
}

torsh_status torsh__tangents_share(torsh__tensor *to, const torsh__tensor *from)
{
    torsh_status status = TORSH_OK;
    if (!from->tangents) return TORSH_OK;
    for (torsh__dual_level *level = torsh__level_innermost(); level && status == TORSH_OK; level = visible(level->mode.outer)) {
        torsh__tensor *tangent = torsh__tangent_of(from, level);
        if (tangent) status = torsh__tangent_set(to, level, tangent);
    }
    return status;
}

void torsh__tangents_free(torsh__tensor *t)
{
    torsh__tangent *record = t->tangents;
    t->tangents = NULL;
    while (record) {
        torsh__tangent *next = record->next;
        pthread_mutex_lock(&lock);
        unlink(record);
        torsh__tensor *tensor = record->tensor;
        pthread_mutex_unlock(&lock);
        if (tensor) torsh__tensor_drop(tensor);
        torsh__free(record, sizeof *record);
        record = next;
    }
}
