/* Moving elements of one size: included with ELEMENT. Which loop is inner follows the steps of the side written in order. */

static inline int64_t PASTE(index_at, ELEMENT)(const torsh__index_tile *t, int64_t row, int64_t i)
{
    int64_t index;
    memcpy(&index, t->index + row * t->index_row + i * t->index_step, sizeof index);
    return index;
}

static void PASTE(gather, ELEMENT)(const torsh__index_tile *t)
{
    const int64_t size = (int64_t)sizeof(ELEMENT);
    if (t->index_row == 0 && t->to_row == size && t->from_row == size && t->rows > 1) { /* whole rows */
        for (int64_t i = 0; i < t->count; i++)
            memcpy(t->to + i * t->to_step, t->from + i * t->from_step + PASTE(index_at, ELEMENT)(t, 0, i) * t->jump, (size_t)(t->rows * size));
        return;
    }
    bool rows_inner = t->to_row <= t->to_step && t->rows > 1;
    int64_t outer = rows_inner ? t->count : t->rows, inner = rows_inner ? t->rows : t->count;
    for (int64_t a = 0; a < outer; a++) {
        int64_t row = rows_inner ? 0 : a, i = rows_inner ? a : 0;
        char *to = t->to + row * t->to_row + i * t->to_step;
        const char *from = t->from + row * t->from_row + i * t->from_step, *index = t->index + row * t->index_row + i * t->index_step;
        int64_t to_by = rows_inner ? t->to_row : t->to_step, from_by = rows_inner ? t->from_row : t->from_step;
        int64_t index_by = rows_inner ? t->index_row : t->index_step, jump = t->jump;
        for (int64_t k = 0; k < inner; k++)
            *(ELEMENT *)(void *)(to + k * to_by) = *(const ELEMENT *)(const void *)(from + k * from_by + *(const int64_t *)(const void *)(index + k * index_by) * jump);
    }
}

static void PASTE(scatter, ELEMENT)(const torsh__index_tile *t)
{
    const int64_t size = (int64_t)sizeof(ELEMENT);
    if (t->index_row == 0 && t->to_row == size && t->from_row == size && t->rows > 1) {
        for (int64_t i = 0; i < t->count; i++)
            memcpy(t->to + i * t->to_step + PASTE(index_at, ELEMENT)(t, 0, i) * t->jump, t->from + i * t->from_step, (size_t)(t->rows * size));
        return;
    }
    bool rows_inner = t->from_row <= t->from_step && t->rows > 1;
    int64_t outer = rows_inner ? t->count : t->rows, inner = rows_inner ? t->rows : t->count;
    for (int64_t a = 0; a < outer; a++)
        for (int64_t k = 0; k < inner; k++) {
            int64_t row = rows_inner ? k : a, i = rows_inner ? a : k;
            *(ELEMENT *)(void *)(t->to + row * t->to_row + i * t->to_step + PASTE(index_at, ELEMENT)(t, row, i) * t->jump) =
                *(const ELEMENT *)(const void *)(t->from + row * t->from_row + i * t->from_step);
        }
}

#undef ELEMENT
