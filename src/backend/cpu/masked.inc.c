/* Masked moves of elements of one size: included with ELEMENT. */
#ifndef PASTE
#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#endif

/* out, input, mask, value */
static void PASTE(fill, ELEMENT)(void *context, int64_t n, void *const *data)
{
    (void)context;
    ELEMENT *out = data[0];
    const ELEMENT *in = data[1], *value = data[3];
    const uint8_t *mask = data[2];
    for (int64_t i = 0; i < n; i++) out[i] = mask[i] ? value[i] : in[i];
}

/* The true elements, one after the other: through a block that may be written one past what is chosen. */
static void PASTE(take, ELEMENT)(const uint8_t *mask, int64_t n, void *whole, void *chosen)
{
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

static void PASTE(put, ELEMENT)(const uint8_t *mask, int64_t n, void *whole, void *chosen)
{
    ELEMENT *to = whole;
    const ELEMENT *from = chosen;
    for (int64_t i = 0; i < n; i++)
        if (mask[i]) to[i] = *from++;
}

#undef ELEMENT
