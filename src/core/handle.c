/* The end of objects, the slot table, scopes and the public handle calls. */
#include "handle.h"
#include "alloc.h"
#include "fork.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SLOTS = 4096, CHUNKS = 16384, FIRST_IDS = 64 };
#define GENERATIONS (1u << 28)

typedef struct slot {
    _Atomic uint64_t state;
    torsh__object *object;
    _Atomic uint64_t scope; /* serial of the owning scope, 0: the caller */
} slot;

static _Atomic(slot *) chunks[CHUNKS];
static _Atomic uint32_t slot_count;
static _Atomic uint64_t next_scope = 1;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
TORSH__HELD_ACROSS_FORK(handles, &lock, 1, HANDLES)
static uint32_t *free_slots; /* slots that no thread caches */
static size_t free_count, free_capacity;

static slot *slot_at(uint32_t index)
{
    return &atomic_load_explicit(&chunks[index / CHUNK_SLOTS], memory_order_acquire)[index % CHUNK_SLOTS];
}

/* ---- objects ------------------------------------------------------------------------------------------------- */

/* What is destroyed may drop others: they come to the list, and this loop to them. */
static void destroy_ended(torsh__thread *self)
{
    if (self->ends_held) return;
    self->ends_held++;
    for (torsh__object *object; (object = self->ended) != NULL;) {
        self->ended = object->next;
        object->kind->destroy(object);
    }
    self->ends_held--;
}

void torsh__end(torsh__object *object)
{
    torsh__thread *self = torsh__thread_get();
    object->next = self->ended;
    self->ended = object;
    destroy_ended(self);
}

void torsh__ends_hold(void)
{
    torsh__thread_get()->ends_held++;
}

void torsh__ends_let(void)
{
    torsh__thread *self = torsh__thread_get();
    self->ends_held--;
    destroy_ended(self);
}

/* ---- free slots ---------------------------------------------------------------------------------------------- */

/* Takes fresh slots from the end of the table. Called with the lock held. */
static bool grow_table(torsh__thread *self)
{
    uint32_t count = atomic_load_explicit(&slot_count, memory_order_relaxed);
    uint32_t chunk = count / CHUNK_SLOTS;
    if (chunk >= CHUNKS) return false;
    if (count % CHUNK_SLOTS == 0 && !atomic_load_explicit(&chunks[chunk], memory_order_relaxed)) {
        slot *fresh = torsh__alloc_zero(CHUNK_SLOTS * sizeof *fresh);
        if (!fresh) return false;
        for (int i = 0; i < CHUNK_SLOTS; i++) atomic_init(&fresh[i].state, (uint64_t)1 << 32);
        atomic_store_explicit(&chunks[chunk], fresh, memory_order_release);
    }
    uint32_t take = TORSH__SLOT_CACHE / 2;
    for (uint32_t i = take; i-- > 0;) self->slots[self->slot_count++] = count + i;
    atomic_store_explicit(&slot_count, count + take, memory_order_release);
    return true;
}

static bool refill(torsh__thread *self)
{
    if (!self->listed) return false;
    pthread_mutex_lock(&lock);
    while (free_count > 0 && self->slot_count < TORSH__SLOT_CACHE / 2) self->slots[self->slot_count++] = free_slots[--free_count];
    bool ok = self->slot_count > 0 || grow_table(self);
    pthread_mutex_unlock(&lock);
    return ok;
}

/* Moves all but `keep` of the thread's free slots to the shared list. Slots that find no room there are lost to reuse. */
static void spill(torsh__thread *self, uint32_t keep)
{
    pthread_mutex_lock(&lock);
    size_t need = free_count + self->slot_count;
    if (need > free_capacity) {
        size_t capacity = need * 2;
        uint32_t *grown = realloc(free_slots, capacity * sizeof *grown);
        if (grown) {
            free_slots = grown;
            free_capacity = capacity;
        }
    }
    while (self->slot_count > keep) {
        uint32_t index = self->slots[--self->slot_count];
        if (free_count < free_capacity) free_slots[free_count++] = index;
    }
    pthread_mutex_unlock(&lock);
}

static void retire(slot *s, uint32_t index, uint32_t generation)
{
    torsh__object *object = s->object;
    s->object = NULL;
    if (generation + 1 < GENERATIONS) { /* a slot whose generation would wrap is never used again */
        atomic_store_explicit(&s->state, (uint64_t)(generation + 1) << 32, memory_order_release);
        torsh__thread *self = torsh__thread_get();
        if (self->listed) {
            if (self->slot_count == TORSH__SLOT_CACHE) spill(self, TORSH__SLOT_CACHE / 2);
            self->slots[self->slot_count++] = index;
        }
    } else {
        atomic_store_explicit(&s->state, (uint64_t)0, memory_order_release);
    }
    torsh__drop(object);
}

/* ---- scopes -------------------------------------------------------------------------------------------------- */

static slot *find(uint64_t id, uint32_t *index)
{
    *index = (uint32_t)id;
    if (id >> 60 || *index >= atomic_load_explicit(&slot_count, memory_order_acquire)) return NULL;
    return slot_at(*index);
}

static bool names_live(uint64_t state, uint64_t id)
{
    return state >> 32 == id >> 32 && (state & 1);
}

static bool owned_by(uint64_t id, uint64_t serial)
{
    uint32_t index;
    slot *s = find(id, &index);
    return s && names_live(atomic_load_explicit(&s->state, memory_order_acquire), id) &&
           atomic_load_explicit(&s->scope, memory_order_relaxed) == serial;
}

/* Adds an id to a scope's list. A full list is first rid of the ids released early, so that a long scope doesn't grow. */
static bool scope_add(torsh__scope_entry *scope, uint64_t id)
{
    if (scope->count == scope->capacity) {
        size_t kept = 0;
        for (size_t i = 0; i < scope->count; i++)
            if (owned_by(scope->ids[i], scope->serial)) scope->ids[kept++] = scope->ids[i];
        scope->count = kept;
        if (kept * 2 >= scope->capacity) {
            size_t capacity = scope->capacity ? scope->capacity * 2 : FIRST_IDS;
            uint64_t *ids = torsh__alloc(capacity * sizeof *ids);
            if (!ids) {
                if (kept == scope->capacity) return false;
            } else {
                if (kept) memcpy(ids, scope->ids, kept * sizeof *ids);
                torsh__free(scope->ids, scope->capacity * sizeof *ids);
                scope->ids = ids;
                scope->capacity = capacity;
            }
        }
    }
    scope->ids[scope->count++] = id;
    return true;
}

static void find_owner(torsh__thread *self)
{
    self->owner = 0;
    for (size_t i = self->scope_count; i-- > 0;)
        if (self->scopes[i].owns) {
            self->owner = self->scopes[i].serial;
            self->owner_index = i;
            return;
        }
}

torsh_scope torsh__scope_open(bool owns)
{
    torsh__thread *self = torsh__thread_get();
    if (!self->listed) {
        return (torsh_scope){torsh__error_id(torsh__fail(TORSH_OUT_OF_MEMORY, "scope_open: no memory for this thread's state"))};
    }
    if (self->scope_count == self->scope_capacity) {
        size_t capacity = self->scope_capacity ? self->scope_capacity * 2 : 16;
        torsh__scope_entry *scopes = torsh__alloc_zero(capacity * sizeof *scopes);
        if (!scopes) return (torsh_scope){torsh__error_id(TORSH_OUT_OF_MEMORY)};
        if (self->scope_count) memcpy(scopes, self->scopes, self->scope_count * sizeof *scopes);
        torsh__free(self->scopes, self->scope_capacity * sizeof *scopes);
        self->scopes = scopes;
        self->scope_capacity = capacity;
    }
    torsh__scope_entry *scope = &self->scopes[self->scope_count++]; /* keeps the id list of the scope that was here before */
    scope->serial = atomic_fetch_add_explicit(&next_scope, 1, memory_order_relaxed);
    scope->owns = owns;
    scope->saved = self->modes;
    scope->count = 0;
    if (owns) {
        self->owner = scope->serial;
        self->owner_index = self->scope_count - 1;
    }
    return (torsh_scope){scope->serial};
}

torsh_scope torsh_scope_open(void)
{
    return torsh__scope_open(true);
}

static void release_owned(uint64_t id, uint64_t serial);

static void close_innermost(torsh__thread *self)
{
    size_t index = --self->scope_count;
    torsh__scope_entry scope = self->scopes[index];
    self->scopes[index].ids = NULL; /* a destructor may open a scope here meanwhile */
    self->scopes[index].capacity = 0;
    find_owner(self);
    for (size_t i = scope.count; i-- > 0;) release_owned(scope.ids[i], scope.serial);
    torsh__level *level = self->modes.level;
    self->modes = scope.saved;
    while (level != scope.saved.level) {
        torsh__level *outer = level->outer;
        torsh__drop(&level->object);
        level = outer;
    }
    if (self->scopes[index].ids) {
        torsh__free(scope.ids, scope.capacity * sizeof *scope.ids);
        return;
    }
    self->scopes[index].ids = scope.ids; /* kept for the next scope at this depth */
    self->scopes[index].capacity = scope.capacity;
}

torsh_status torsh_scope_close(torsh_scope scope)
{
    if (torsh__is_error(scope.id)) return torsh__error_status(scope.id);
    torsh__thread *self = torsh__thread_get();
    for (size_t i = self->scope_count; i-- > 0;)
        if (self->scopes[i].serial == scope.id) {
            while (self->scope_count > i) close_innermost(self);
            return TORSH_OK;
        }
    return torsh__fail(TORSH_INVALID_HANDLE, "scope_close: no such scope is open on this thread");
}

void torsh_scope_cleanup(torsh_scope *scope)
{
    if (scope && scope->id && !torsh__is_error(scope->id)) torsh_scope_close(*scope);
}

void torsh__handle_flush_thread(torsh__thread *self)
{
    while (self->scope_count > 0) close_innermost(self);
    for (size_t i = 0; i < self->scope_capacity; i++)
        torsh__free(self->scopes[i].ids, self->scopes[i].capacity * sizeof *self->scopes[i].ids);
    torsh__free(self->scopes, self->scope_capacity * sizeof *self->scopes);
    self->scopes = NULL;
    self->scope_capacity = 0;
    spill(self, 0);
}

/* ---- handles ------------------------------------------------------------------------------------------------- */

uint64_t torsh__handle_make(torsh__object *object)
{
    torsh__thread *self = torsh__thread_get();
    if (self->slot_count == 0 && !refill(self)) {
        torsh__drop(object);
        return torsh__error_id(torsh__fail(TORSH_OUT_OF_MEMORY, "no memory for another handle"));
    }
    uint32_t index = self->slots[--self->slot_count];
    slot *s = slot_at(index);
    uint64_t state = atomic_load_explicit(&s->state, memory_order_relaxed);
    uint64_t id = (state >> 32) << 32 | index;
    s->object = object;
    atomic_store_explicit(&s->scope, self->owner, memory_order_relaxed);
    if (self->owner && !scope_add(&self->scopes[self->owner_index], id)) {
        self->slots[self->slot_count++] = index;
        s->object = NULL;
        torsh__drop(object);
        return torsh__error_id(TORSH_OUT_OF_MEMORY);
    }
    atomic_store_explicit(&s->state, state | 1, memory_order_release);
    return id;
}

uint64_t torsh__handle_make_unowned(torsh__object *object)
{
    torsh__thread *self = torsh__thread_get();
    uint64_t owner = self->owner;
    self->owner = 0;
    uint64_t id = torsh__handle_make(object);
    self->owner = owner;
    return id;
}

torsh__object *torsh__pin(uint64_t id, const torsh__kind *kind, const char *function, const char *argument, torsh_status *status)
{
    if (torsh__is_error(id)) {
        torsh__thread_get()->passed_error = id;
        *status = torsh__error_status(id);
        return NULL;
    }
    uint32_t index;
    slot *s = id ? find(id, &index) : NULL;
    if (s) {
        uint64_t state = atomic_load_explicit(&s->state, memory_order_acquire);
        while (names_live(state, id)) {
            if (!atomic_compare_exchange_weak_explicit(&s->state, &state, state + 2, memory_order_acq_rel, memory_order_acquire)) continue;
            torsh__object *object = s->object;
            if (object->kind == kind) return object;
            if (object->kind->as == kind) {
                torsh__thread_get()->substituted = true;
                return object;
            }
            *status = torsh__fail(TORSH_INVALID_HANDLE, "%s: argument '%s' is a %s, not a %s", function, argument, object->kind->name,
                                  kind->name);
            torsh__unpin(id);
            return NULL;
        }
    }
    *status = torsh__fail(TORSH_INVALID_HANDLE,
                          id ? "%s: argument '%s' was released, or never was a %s" : "%s: argument '%s' is null; it must be a %s", function,
                          argument, kind->name);
    return NULL;
}

void torsh__unpin(uint64_t id)
{
    uint32_t index = (uint32_t)id;
    slot *s = slot_at(index);
    uint64_t before = atomic_fetch_sub_explicit(&s->state, 2, memory_order_acq_rel);
    if ((before & 0xFFFFFFFFu) == 2) retire(s, index, (uint32_t)(before >> 32));
}

static bool release_slot(uint64_t id)
{
    uint32_t index;
    slot *s = find(id, &index);
    if (!s) return false;
    uint64_t state = atomic_load_explicit(&s->state, memory_order_acquire);
    while (names_live(state, id)) {
        if (!atomic_compare_exchange_weak_explicit(&s->state, &state, state & ~(uint64_t)1, memory_order_acq_rel, memory_order_acquire))
            continue;
        if ((state & 0xFFFFFFFFu) == 1) retire(s, index, (uint32_t)(state >> 32));
        return true;
    }
    return false;
}

static void release_owned(uint64_t id, uint64_t serial)
{
    if (owned_by(id, serial)) release_slot(id);
}

torsh_status torsh_release_id(uint64_t id)
{
    if (id == 0 || torsh__is_error(id)) return TORSH_OK;
    if (release_slot(id)) return TORSH_OK;
    return torsh__fail(TORSH_INVALID_HANDLE, "release: the handle was released before, or never was one");
}

torsh_status torsh_keep_id(uint64_t id)
{
    if (torsh__is_error(id)) return torsh__error_status(id);
    uint32_t index;
    slot *s = id ? find(id, &index) : NULL;
    if (!s || !names_live(atomic_load_explicit(&s->state, memory_order_acquire), id))
        return torsh__fail(TORSH_INVALID_HANDLE, "keep: the handle is null or was released");
    uint64_t serial = atomic_load_explicit(&s->scope, memory_order_relaxed);
    if (serial == 0) return TORSH_OK; /* the caller owns it already */
    torsh__thread *self = torsh__thread_get();
    size_t depth = self->scope_count;
    while (depth > 0 && self->scopes[depth - 1].serial != serial) depth--;
    if (depth == 0) return torsh__fail(TORSH_INVALID_ARGUMENT, "keep: the handle belongs to a scope of another thread");
    depth--;
    while (depth > 0 && !self->scopes[depth - 1].owns) depth--;
    if (depth > 0) {
        if (!scope_add(&self->scopes[depth - 1], id)) return TORSH_OUT_OF_MEMORY;
        serial = self->scopes[depth - 1].serial;
    } else {
        serial = 0;
    }
    atomic_store_explicit(&s->scope, serial, memory_order_relaxed);
    return TORSH_OK;
}

torsh_status torsh_id_status(uint64_t id)
{
    if (torsh__is_error(id)) return torsh__error_status(id);
    uint32_t index;
    slot *s = id ? find(id, &index) : NULL;
    bool ok = s && names_live(atomic_load_explicit(&s->state, memory_order_acquire), id);
    return ok ? TORSH_OK : TORSH_INVALID_HANDLE;
}

int64_t torsh_live_handles(void)
{
    int64_t live = 0;
    uint32_t count = atomic_load_explicit(&slot_count, memory_order_acquire);
    for (uint32_t i = 0; i < count; i++) live += (int64_t)(atomic_load_explicit(&slot_at(i)->state, memory_order_relaxed) & 1);
    return live;
}
