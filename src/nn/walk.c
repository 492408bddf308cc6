#include "walk.h"

#include <string.h>

/* ---- sets of pointers ---------------------------------------------------------------------------------------- */

static size_t place(const torsh__pointer_set *set, const void *pointer)
{
    uint64_t hash = (uint64_t)(uintptr_t)pointer * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(hash >> 32) & (set->capacity - 1);
    while (set->items[at] && set->items[at] != pointer) at = (at + 1) & (set->capacity - 1);
    return at;
}

static bool grow_set(torsh__pointer_set *set)
{
    torsh__pointer_set grown = {.capacity = set->capacity ? set->capacity * 2 : 64, .count = set->count};
    grown.items = torsh__alloc_zero(grown.capacity * sizeof *grown.items);
    if (!grown.items) return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (set->items[i]) grown.items[place(&grown, set->items[i])] = set->items[i];
    torsh__pointer_set_free(set);
    *set = grown;
    return true;
}

bool torsh__pointer_set_add(torsh__pointer_set *set, const void *pointer, bool *failed)
{
    if (set->count * 2 >= set->capacity && !grow_set(set)) {
        *failed = true;
        return false;
    }
    size_t at = place(set, pointer);
    if (set->items[at]) return false;
    set->items[at] = pointer;
    set->count++;
    return true;
}

void torsh__pointer_set_free(torsh__pointer_set *set)
{
    torsh__free(set->items, set->capacity * sizeof *set->items);
}

/* ---- walks --------------------------------------------------------------------------------------------------- */

void torsh__walk_start(torsh__walk *walk, torsh__module *root, bool unique)
{
    *walk = (torsh__walk){.root = root, .unique = unique, .status = TORSH_OK};
}

static bool reserve_path(torsh__walk *walk, size_t bytes)
{
    if (bytes <= walk->path_capacity) return true;
    size_t capacity = bytes * 2 + 64;
    char *path = torsh__alloc(capacity);
    if (!path) return false;
    if (walk->path_capacity) memcpy(path, walk->path, walk->path_capacity);
    torsh__free(walk->path, walk->path_capacity);
    walk->path = path;
    walk->path_capacity = capacity;
    return true;
}

/* Sets the path to that of the level above, a point and the name. */
static bool extend_path(torsh__walk *walk, const char *name, size_t *length)
{
    size_t start = walk->depth ? walk->levels[walk->depth - 1].path : 0, bytes = strlen(name);
    if (!reserve_path(walk, start + bytes + 2)) return false;
    if (start) walk->path[start++] = '.';
    memcpy(walk->path + start, name, bytes + 1);
    *length = start + bytes;
    return true;
}

/* Takes the reference. */
static bool push(torsh__walk *walk, torsh__module *m, const char *name)
{
    size_t length = 0;
    bool ok = extend_path(walk, name, &length);
    if (ok && walk->depth == walk->capacity) {
        size_t capacity = walk->capacity ? walk->capacity * 2 : 8;
        struct torsh__walk_level *levels = torsh__alloc(capacity * sizeof *levels);
        if (levels && walk->depth) memcpy(levels, walk->levels, walk->depth * sizeof *levels);
        if (levels) {
            torsh__free(walk->levels, walk->capacity * sizeof *levels);
            walk->levels = levels;
            walk->capacity = capacity;
        }
        ok = levels != NULL;
    }
    if (!ok) {
        walk->status = TORSH_OUT_OF_MEMORY;
        torsh__module_drop(m);
        return false;
    }
    walk->levels[walk->depth++] = (struct torsh__walk_level){m, 0, length};
    return true;
}

static bool is_new(torsh__walk *walk, const torsh__module *m)
{
    bool failed = false, fresh = !walk->unique || torsh__pointer_set_add(&walk->seen, m, &failed);
    if (failed) walk->status = TORSH_OUT_OF_MEMORY;
    return fresh;
}

/* A level that was left stays on the stack, marked, until the next step, so that its path and module stay valid. */
#define LEFT SIZE_MAX

bool torsh__walk_both(torsh__walk *walk, torsh__module **module, bool *leaving)
{
    *leaving = false;
    if (!walk->started) {
        walk->started = true;
        torsh__retain(&walk->root->object);
        *module = walk->root;
        is_new(walk, walk->root);
        return push(walk, walk->root, "");
    }
    if (walk->status) return false;
    if (walk->depth && walk->levels[walk->depth - 1].next == LEFT) torsh__module_drop(walk->levels[--walk->depth].module);
    while (walk->depth && walk->status == TORSH_OK) {
        struct torsh__walk_level *top = &walk->levels[walk->depth - 1];
        const char *name = NULL;
        torsh__module *child = (torsh__module *)torsh__module_next(top->module, 1u << TORSH__CHILD, &top->next, &name);
        if (!child) {
            top->next = LEFT;
            walk->path[top->path] = 0;
            *module = top->module;
            *leaving = true;
            return true;
        }
        top->next++;
        if (!is_new(walk, child)) {
            torsh__module_drop(child);
            continue;
        }
        *module = child;
        return push(walk, child, name);
    }
    return false;
}

bool torsh__walk_next(torsh__walk *walk, torsh__module **module)
{
    bool leaving;
    while (torsh__walk_both(walk, module, &leaving))
        if (!leaving) return true;
    return false;
}

torsh_status torsh__walk_end(torsh__walk *walk)
{
    while (walk->depth) torsh__module_drop(walk->levels[--walk->depth].module);
    torsh__free(walk->levels, walk->capacity * sizeof *walk->levels);
    torsh__free(walk->path, walk->path_capacity);
    torsh__pointer_set_free(&walk->seen);
    return walk->status;
}

const char *torsh__walk_name(torsh__walk *walk, const char *name)
{
    size_t length;
    if (!extend_path(walk, name, &length)) {
        walk->status = TORSH_OUT_OF_MEMORY;
        return NULL;
    }
    return walk->path;
}
