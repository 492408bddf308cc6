/* Adding elements of one dtype: included with ELEMENT, NAME and SUM(a, b). Each sum is made in the order of the index. */

static void PASTE(add_row, NAME)(int64_t n, ELEMENT *restrict to, const ELEMENT *restrict from)
{
    for (int64_t k = 0; k < n; k++) to[k] = SUM(to[k], from[k]);
}

static void PASTE(add, NAME)(const torsh__index_tile *t)
{
    const int64_t size = (int64_t)sizeof(ELEMENT);
    bool whole = t->index_row == 0 && t->to_row == size && t->from_row == size, rows_inner = t->from_row <= t->from_step && t->rows > 1;
    int64_t outer = rows_inner || whole ? t->count : t->rows, inner = rows_inner || whole ? t->rows : t->count;
    for (int64_t a = 0; a < outer; a++) {
        if (whole) {
            int64_t index = *(const int64_t *)(const void *)(t->index + a * t->index_step);
            if (index != t->skip)
                PASTE(add_row, NAME)(t->rows, (ELEMENT *)(void *)(t->to + a * t->to_step + index * t->jump), (const ELEMENT *)(const void *)(t->from + a * t->from_step));
            continue;
        }
        for (int64_t k = 0; k < inner; k++) {
            int64_t row = rows_inner ? k : a, i = rows_inner ? a : k;
            int64_t index = *(const int64_t *)(const void *)(t->index + row * t->index_row + i * t->index_step);
            if (index == t->skip) continue;
            ELEMENT *to = (ELEMENT *)(void *)(t->to + row * t->to_row + i * t->to_step + index * t->jump);
            *to = SUM(*to, *(const ELEMENT *)(const void *)(t->from + row * t->from_row + i * t->from_step));
        }
    }
}

#undef ELEMENT
#undef NAME
#undef SUM
