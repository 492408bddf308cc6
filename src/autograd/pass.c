/* The stops of a backward pass, the table that finds them, and the heap of ready ones. */
#include "pass.h"
#include "alloc.h"

#include <string.h>

void torsh__pass_init(torsh__pass *p)
{
    p->stops = p->inline_stops;
    p->table = p->inline_table;
    p->ready = p->inline_ready;
    p->count = p->ready_count = 0;
    p->capacity = TORSH__PASS_STOPS;
    p->table_size = TORSH__PASS_TABLE;
    p->ready_capacity = TORSH__PASS_READY;
    memset(p->inline_table, 0, sizeof p->inline_table);
}

void torsh__pass_end(torsh__pass *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        torsh__stop *stop = &p->stops[i];
        if (!stop->sum.one) continue;
        const torsh__node *node = torsh__stop_node(stop);
        if (!node || node->outputs == 1) {
            torsh__tensor_drop(stop->sum.one);
            continue;
        }
        for (int k = 0; k < node->outputs; k++)
            if (stop->sum.many[k]) torsh__tensor_drop(stop->sum.many[k]);
        torsh__free(stop->sum.many, node->outputs * sizeof *stop->sum.many);
    }
    if (p->stops != p->inline_stops) torsh__free(p->stops, p->capacity * sizeof *p->stops);
    if (p->table != p->inline_table) torsh__free(p->table, p->table_size * sizeof *p->table);
    if (p->ready != p->inline_ready) torsh__free(p->ready, p->ready_capacity * sizeof *p->ready);
}

/* ---- finding -------------------------------------------------------------------------------------------------- */

/* Where the target is, or the empty place where it would go. Objects are 64-byte blocks; the multiplier is Knuth's. */
static uint32_t *place(const torsh__pass *p, const torsh__object *target)
{
    uint32_t mask = p->table_size - 1;
    uint32_t i = (uint32_t)(((uint64_t)(uintptr_t)target >> 6) * 0x9E3779B97F4A7C15u >> 32) & mask;
    while (p->table[i] && p->stops[p->table[i] - 1].target != target) i = (i + 1) & mask;
    return &p->table[i];
}

torsh__stop *torsh__pass_find(const torsh__pass *p, const torsh__object *target)
{
    uint32_t index = *place(p, target);
    return index ? &p->stops[index - 1] : NULL;
}

/* Twice the room for stops, and a table four times as long as that room was. */
static bool grow(torsh__pass *p)
{
    if (p->capacity > UINT32_MAX / 8) {
        torsh__fail(TORSH_OUT_OF_MEMORY, "backward: the graph has too many nodes");
        return false;
    }
    uint32_t capacity = p->capacity * 2, table_size = capacity * 2;
    torsh__stop *stops = torsh__alloc(capacity * sizeof *stops);
    uint32_t *table = stops ? torsh__alloc_zero(table_size * sizeof *table) : NULL;
    if (!table) {
        torsh__free(stops, capacity * sizeof *stops);
        return false;
    }
    memcpy(stops, p->stops, p->count * sizeof *stops);
    if (p->stops != p->inline_stops) torsh__free(p->stops, p->capacity * sizeof *stops);
    if (p->table != p->inline_table) torsh__free(p->table, p->table_size * sizeof *table);
    p->stops = stops;
    p->table = table;
    p->capacity = capacity;
    p->table_size = table_size;
    for (uint32_t i = 0; i < p->count; i++) *place(p, stops[i].target) = i + 1;
    return true;
}

torsh__stop *torsh__pass_reach(torsh__pass *p, torsh__object *target)
{
    uint32_t *at = place(p, target);
    if (*at) return &p->stops[*at - 1];
    if (p->count == p->capacity) {
        if (!grow(p)) return NULL;
        at = place(p, target);
    }
    torsh__stop *stop = &p->stops[p->count++];
    *at = p->count;
    *stop = (torsh__stop){.target = target};
    return stop;
}

torsh_status torsh__pass_discover(torsh__pass *p)
{
    for (uint32_t i = 0; i < p->count; i++) { /* grows as it runs */
        const torsh__node *node = torsh__stop_node(&p->stops[i]);
        for (int k = 0; node && k < node->inputs; k++) {
            torsh__object *target = torsh__edge_target(&node->edges[k]);
            torsh__stop *stop = target ? torsh__pass_reach(p, target) : NULL;
            if (stop) stop->waiting++;
            else if (target) return TORSH_OUT_OF_MEMORY;
        }
    }
    return TORSH_OK;
}

/* ---- narrowing ------------------------------------------------------------------------------------------------- */

/* The order in which every stop comes after all that point to it, by taking away edges (Kahn, 1962). */
static uint32_t sort(const torsh__pass *p, uint32_t *order, uint32_t *waiting)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        waiting[i] = p->stops[i].waiting;
        if (!waiting[i]) order[count++] = i;
    }
    for (uint32_t i = 0; i < count; i++) {
        const torsh__node *node = torsh__stop_node(&p->stops[order[i]]);
        for (int k = 0; node && k < node->inputs; k++) {
            const torsh__object *target = torsh__edge_target(&node->edges[k]);
            if (!target) continue;
            uint32_t next = *place(p, target) - 1;
            if (--waiting[next] == 0) order[count++] = next;
        }
    }
    return count;
}

torsh_status torsh__pass_narrow(torsh__pass *p)
{
    size_t bytes = 2 * (size_t)p->count * sizeof(uint32_t);
    uint32_t *order = torsh__alloc(bytes);
    if (!order) return TORSH_OUT_OF_MEMORY;
    uint32_t count = sort(p, order, order + p->count);
    while (count-- > 0) {
        torsh__stop *stop = &p->stops[order[count]];
        const torsh__node *node = torsh__stop_node(stop);
        for (int k = 0; node && k < node->inputs && !stop->passes; k++) {
            const torsh__object *target = torsh__edge_target(&node->edges[k]);
            const torsh__stop *next = target ? torsh__pass_find(p, target) : NULL;
            stop->passes = next && (next->wanted || next->passes);
        }
    }
    torsh__free(order, bytes);
    return TORSH_OK;
}

/* ---- what is ready --------------------------------------------------------------------------------------------- */

/* Ties, between threads' graphs, go to what was discovered first. */
static bool before(const torsh__pass *p, uint32_t a, uint32_t b)
{
    uint64_t first = torsh__stop_node(&p->stops[a])->sequence, second = torsh__stop_node(&p->stops[b])->sequence;
    return first != second ? first > second : a < b;
}

torsh_status torsh__pass_push(torsh__pass *p, const torsh__stop *stop)
{
    if (p->ready_count == p->ready_capacity) {
        uint32_t *ready = torsh__alloc(2 * (size_t)p->ready_capacity * sizeof *ready);
        if (!ready) return TORSH_OUT_OF_MEMORY;
        memcpy(ready, p->ready, p->ready_count * sizeof *ready);
        if (p->ready != p->inline_ready) torsh__free(p->ready, p->ready_capacity * sizeof *ready);
        p->ready = ready;
        p->ready_capacity *= 2;
    }
    uint32_t index = (uint32_t)(stop - p->stops), i = p->ready_count++;
    for (; i > 0 && before(p, index, p->ready[(i - 1) / 2]); i = (i - 1) / 2) p->ready[i] = p->ready[(i - 1) / 2];
    p->ready[i] = index;
    return TORSH_OK;
}

torsh__stop *torsh__pass_pop(torsh__pass *p)
{
    if (p->ready_count == 0) return NULL;
    uint32_t top = p->ready[0], last = p->ready[--p->ready_count], i = 0;
    for (uint32_t child = 1; child < p->ready_count; child = 2 * i + 1) {
        if (child + 1 < p->ready_count && before(p, p->ready[child + 1], p->ready[child])) child++;
        if (!before(p, p->ready[child], last)) break;
        p->ready[i] = p->ready[child];
        i = child;
    }
    p->ready[i] = last;
    return &p->stops[top];
}
