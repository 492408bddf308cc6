/* Moving elements of one size: included with ELEMENT. Which loop is inner follows the steps of the side written in order. */

static inline int64_t PASTE(index_at, ELEMENT)(const char *at)
{
    int64_t index;
    memcpy(&index, at, sizeof index);
    return index;
}

/* One slice of all rows for each index. */
static bool PASTE(gather_slices, ELEMENT)(const torsh__index_tile *t)
{
    bool bad = false;
    for (int64_t i = 0; i < t->count && !bad; i++) {
        int64_t index = PASTE(index_at, ELEMENT)(t->index + i * t->index_step);
        bad = (uint64_t)index >= (uint64_t)t->limit;
        if (!bad) memcpy(t->to + i * t->to_step, t->from + i * t->from_step + index * t->jump, (size_t)t->rows * sizeof(ELEMENT));
    }
    return bad;
}

/* From one dense line, by a dense list. */
static bool PASTE(gather_line, ELEMENT)(int64_t n, ELEMENT *restrict to, const ELEMENT *restrict line, const int64_t *restrict index, int64_t limit)
{
    bool bad = false;
    for (int64_t k = 0; k < n; k++) bad |= (uint64_t)index[k] >= (uint64_t)limit;
    for (int64_t k = 0; k < n && !bad; k++) to[k] = line[index[k]];
    return bad;
}

static void PASTE(gather, ELEMENT)(const torsh__index_tile *t)
{
    const int64_t size = (int64_t)sizeof(ELEMENT);
    bool slices = t->index_row == 0 && t->to_row == size && t->from_row == size && t->rows > 1, bad = slices && PASTE(gather_slices, ELEMENT)(t);
    bool rows_inner = t->to_row <= t->to_step && t->rows > 1;
    int64_t outer = slices ? 0 : rows_inner ? t->count : t->rows, inner = rows_inner ? t->rows : t->count;
    int64_t to_by = rows_inner ? t->to_row : t->to_step, from_by = rows_inner ? t->from_row : t->from_step;
    int64_t index_by = rows_inner ? t->index_row : t->index_step, jump = t->jump;
    bool line = to_by == size && index_by == (int64_t)sizeof(int64_t) && from_by == 0 && jump == size;
    for (int64_t a = 0; a < outer && !bad; a++) {
        int64_t row = rows_inner ? 0 : a, i = rows_inner ? a : 0;
        char *to = t->to + row * t->to_row + i * t->to_step;
        const char *from = t->from + row * t->from_row + i * t->from_step, *index = t->index + row * t->index_row + i * t->index_step;
        if (line) {
            bad = PASTE(gather_line, ELEMENT)(inner, (ELEMENT *)(void *)to, (const ELEMENT *)(const void *)from, (const int64_t *)(const void *)index, t->limit);
            continue;
        }
        for (int64_t k = 0; k < inner && !bad; k++) {
            int64_t chosen = PASTE(index_at, ELEMENT)(index + k * index_by);
            bad = (uint64_t)chosen >= (uint64_t)t->limit;
            if (!bad) *(ELEMENT *)(void *)(to + k * to_by) = *(const ELEMENT *)(const void *)(from + k * from_by + chosen * jump);
        }
    }
    if (bad) atomic_store_explicit(t->bad, true, memory_order_relaxed);
}

static void PASTE(scatter, ELEMENT)(const torsh__index_tile *t)
{
    const int64_t size = (int64_t)sizeof(ELEMENT);
    bool slices = t->index_row == 0 && t->to_row == size && t->from_row == size && t->rows > 1;
    for (int64_t i = 0; slices && i < t->count; i++)
        memcpy(t->to + i * t->to_step + PASTE(index_at, ELEMENT)(t->index + i * t->index_step) * t->jump, t->from + i * t->from_step, (size_t)(t->rows * size));
    bool rows_inner = t->from_row <= t->from_step && t->rows > 1;
    int64_t outer = slices ? 0 : rows_inner ? t->count : t->rows, inner = rows_inner ? t->rows : t->count;
    int64_t to_by = rows_inner ? t->to_row : t->to_step, from_by = rows_inner ? t->from_row : t->from_step;
    int64_t index_by = rows_inner ? t->index_row : t->index_step, jump = t->jump;
    for (int64_t a = 0; a < outer; a++) {
        int64_t row = rows_inner ? 0 : a, i = rows_inner ? a : 0;
        char *to = t->to + row * t->to_row + i * t->to_step;
        const char *from = t->from + row * t->from_row + i * t->from_step, *index = t->index + row * t->index_row + i * t->index_step;
        for (int64_t k = 0; k < inner; k++)
            *(ELEMENT *)(void *)(to + k * to_by + PASTE(index_at, ELEMENT)(index + k * index_by) * jump) = *(const ELEMENT *)(const void *)(from + k * from_by);
    }
}

#undef ELEMENT
