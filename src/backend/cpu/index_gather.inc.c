/* Reading elements of one size at chosen places: included with ELEMENT. Which loop is inner follows the steps of the side written in order. */

/* One slice of all rows for each index. */
static bool PASTE(gather_slices, ELEMENT)(const torsh__index_tile *t)
{
    bool bad = false;
    for (int64_t i = 0; i < t->count && !bad; i++) {
        int64_t index = index_at(t->index + i * t->index_step);
        bad = (uint64_t)index >= (uint64_t)t->limit;
        if (!bad) memcpy(t->to + i * t->to_step, t->from + i * t->from_step + index * t->jump, (size_t)t->rows * sizeof(ELEMENT));
    }
    return bad;
}

/* Into a dense line from one place on, by a dense list; an index out of range reads the first element. */
static bool PASTE(gather_line, ELEMENT)(int64_t n, ELEMENT *restrict to, const char *line, int64_t jump, const int64_t *restrict index, uint64_t limit)
{
    uint64_t wrong = 0;
    for (int64_t k = 0; k < n; k++) {
        uint64_t given = (uint64_t)index[k], at = given < limit ? given : 0;
        wrong |= given ^ at;
        to[k] = *(const ELEMENT *)(const void *)(line + (int64_t)at * jump);
    }
    return wrong != 0;
}

/* Into four such lines, each from its own place on: the list is read and checked once for all. */
static bool PASTE(gather_lines, ELEMENT)(const torsh__index_tile *t, char *to, const char *from, const int64_t *restrict index)
{
    ELEMENT *restrict a = (ELEMENT *)(void *)to, *restrict b = (ELEMENT *)(void *)(to + t->to_row);
    ELEMENT *restrict c = (ELEMENT *)(void *)(to + 2 * t->to_row), *restrict d = (ELEMENT *)(void *)(to + 3 * t->to_row);
    const int64_t apart = t->from_row, jump = t->jump;
    const uint64_t limit = (uint64_t)t->limit;
    uint64_t wrong = 0;
    for (int64_t k = 0; k < t->count; k++) {
        uint64_t given = (uint64_t)index[k], at = given < limit ? given : 0;
        wrong |= given ^ at;
        const char *line = from + (int64_t)at * jump;
        a[k] = *(const ELEMENT *)(const void *)line;
        b[k] = *(const ELEMENT *)(const void *)(line + apart);
        c[k] = *(const ELEMENT *)(const void *)(line + 2 * apart);
        d[k] = *(const ELEMENT *)(const void *)(line + 3 * apart);
    }
    return wrong != 0;
}

static void PASTE(gather, ELEMENT)(const torsh__index_tile *t)
{
    const int64_t size = (int64_t)sizeof(ELEMENT);
    bool slices = t->index_row == 0 && t->to_row == size && t->from_row == size && t->rows > 1;
    bool bad = t->limit <= 0 || (slices && PASTE(gather_slices, ELEMENT)(t));
    bool rows_inner = t->to_row <= t->to_step && t->rows > 1;
    int64_t outer = slices ? 0 : rows_inner ? t->count : t->rows, inner = rows_inner ? t->rows : t->count;
    int64_t to_by = rows_inner ? t->to_row : t->to_step, from_by = rows_inner ? t->from_row : t->from_step;
    int64_t index_by = rows_inner ? t->index_row : t->index_step, jump = t->jump;
    bool line = to_by == size && index_by == (int64_t)sizeof(int64_t) && from_by == 0;
    for (int64_t a = 0; a < outer && !bad; a++) {
        int64_t row = rows_inner ? 0 : a, i = rows_inner ? a : 0;
        char *to = t->to + row * t->to_row + i * t->to_step;
        const char *from = t->from + row * t->from_row + i * t->from_step, *index = t->index + row * t->index_row + i * t->index_step;
        if (line && !rows_inner && t->index_row == 0 && outer - a >= 4) {
            bad = PASTE(gather_lines, ELEMENT)(t, to, from, (const int64_t *)(const void *)index);
            a += 3;
            continue;
        }
        if (line) {
            bad = PASTE(gather_line, ELEMENT)(inner, (ELEMENT *)(void *)to, from, jump, (const int64_t *)(const void *)index, (uint64_t)t->limit);
            continue;
        }
        for (int64_t k = 0; k < inner && !bad; k++) {
            int64_t chosen = index_at(index + k * index_by);
            bad = (uint64_t)chosen >= (uint64_t)t->limit;
            if (!bad) *(ELEMENT *)(void *)(to + k * to_by) = *(const ELEMENT *)(const void *)(from + k * from_by + chosen * jump);
        }
    }
    if (bad) atomic_store_explicit(t->bad, true, memory_order_relaxed);
}

#undef ELEMENT
