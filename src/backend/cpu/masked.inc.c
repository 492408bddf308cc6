/* Masked moves of elements of one size: included with ELEMENT. */
#ifndef PASTE
#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#endif

/* The true elements, one after the other: through a block that may be written one past what is chosen. */
static void PASTE(take, ELEMENT)(const uint8_t *mask, int64_t n, int64_t chosen_count, void *whole, void *chosen)
{
    (void)chosen_count;
    enum { BLOCK = 256 };
    ELEMENT block[BLOCK + 1];
    const ELEMENT *from = whole;
    ELEMENT *to = chosen;
    for (int64_t at = 0; at < n; at += BLOCK) {
        int64_t m = n - at < BLOCK ? n - at : BLOCK, count = 0;
        for (int64_t i = 0; i < m; i++) {
            block[count] = from[at + i];
            count += mask[at + i];
        }
        memcpy(to, block, (size_t)count * sizeof *to);
        to += count;
    }
}

/* Without branches on the mask: while there are chosen ones left, the next may be read. */
static void PASTE(put, ELEMENT)(const uint8_t *mask, int64_t n, int64_t count, void *whole, void *chosen)
{
    (void)n;
    ELEMENT *to = whole;
    const ELEMENT *from = chosen;
    int64_t used = 0;
    for (int64_t i = 0; used < count; i++) {
        uintptr_t own = (uintptr_t)(to + i), next = (uintptr_t)(from + used);
        to[i] = *(const ELEMENT *)(own + ((next - own) & -(uintptr_t)mask[i]));
        used += mask[i];
    }
}

#undef ELEMENT
