/* Changing elements of one type at chosen places: included with ELEMENT, NAME and SUM(a, b), what a place that has a becomes by b. Each place
 * changes in the order of the index. */

static void PASTE(add_slice, NAME)(int64_t n, ELEMENT *restrict to, const ELEMENT *restrict from)
{
    for (int64_t k = 0; k < n; k++) to[k] = SUM(to[k], from[k]);
}

static void PASTE(add, NAME)(const torsh__index_tile *t)
{
    const int64_t size = (int64_t)sizeof(ELEMENT);
    bool slices = t->index_row == 0 && t->to_row == size && t->from_row == size && t->rows > 1;
    for (int64_t i = 0; slices && i < t->count; i++) {
        int64_t index = index_at(t->index + i * t->index_step);
        ELEMENT *to = (ELEMENT *)(void *)(t->to + i * t->to_step + index * t->jump);
        const ELEMENT *from = (const ELEMENT *)(const void *)(t->from + i * t->from_step);
        if (index == t->skip) continue;
        if (t->slice) t->slice(t->rows, to, to, from, t->factor, once);
        else PASTE(add_slice, NAME)(t->rows, to, from);
    }
    bool rows_inner = t->from_row <= t->from_step && t->rows > 1;
    int64_t outer = slices ? 0 : rows_inner ? t->count : t->rows, inner = rows_inner ? t->rows : t->count;
    int64_t to_by = rows_inner ? t->to_row : t->to_step, from_by = rows_inner ? t->from_row : t->from_step;
    int64_t index_by = rows_inner ? t->index_row : t->index_step, jump = t->jump, skip = t->skip;
    bool line = !t->factor && to_by == 0 && (from_by == size || from_by == 0) && index_by == (int64_t)sizeof(int64_t) && skip == INT64_MIN;
    for (int64_t a = 0; a < outer; a++) {
        int64_t row = rows_inner ? 0 : a, i = rows_inner ? a : 0;
        char *base = t->to + row * t->to_row + i * t->to_step;
        const char *from = t->from + row * t->from_row + i * t->from_step, *list = t->index + row * t->index_row + i * t->index_step;
        const int64_t *place = (const int64_t *)(const void *)list;
        const ELEMENT *value = (const ELEMENT *)(const void *)from;
        for (int64_t k = 0; line && from_by && k < inner; k++) {
            ELEMENT *to = (ELEMENT *)(void *)(base + place[k] * jump);
            *to = SUM(*to, value[k]);
        }
        for (int64_t k = 0; line && !from_by && k < inner; k++) {
            ELEMENT *to = (ELEMENT *)(void *)(base + place[k] * jump);
            *to = SUM(*to, *value);
        }
        for (int64_t k = 0; !line && k < inner; k++) {
            int64_t index = index_at(list + k * index_by);
            if (index == skip) continue;
            ELEMENT *to = (ELEMENT *)(void *)(base + k * to_by + index * jump);
            if (t->factor) t->slice(1, to, to, from + k * from_by, t->factor, once);
            else *to = SUM(*to, *(const ELEMENT *)(const void *)(from + k * from_by));
        }
    }
}

#undef ELEMENT
#undef NAME
#undef SUM
