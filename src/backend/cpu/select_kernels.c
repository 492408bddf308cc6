/* Selection by counting: the range of keys that holds the k-th is halved by counting those below its middle, 16 at a time, until it has a
 * handful of them. Where it has but a quarter of the list, these become the list. Compiled once per instruction set. */
#include "select_kernels.h"

#include <string.h>

enum { FEW = 8, BLOCK = 64 };

static void make_keys(int64_t n, const float *x, int32_t *keys)
{
    for (int64_t i = 0; i < n; i++) {
        float value = x[i] + 0.0f;
        int32_t bits;
        memcpy(&bits, &value, sizeof bits);
        keys[i] = value != value ? INT32_MAX : bits ^ (bits >> 31 & INT32_MAX);
    }
}

static int64_t count_below(int64_t n, const int32_t *keys, int32_t limit)
{
    int32_t below = 0;
    for (int64_t i = 0; i < n; i++) below += keys[i] < limit;
    return below;
}

static int64_t keep_between(int64_t n, const int32_t *from, int32_t *to, int32_t low, int32_t high)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        int32_t key = from[i];
        to[kept] = key;
        kept += (key >= low) & (key <= high);
    }
    return kept;
}

static void sort_few(int64_t n, int32_t *a)
{
    for (int64_t i = 1; i < n; i++) {
        int32_t key = a[i];
        int64_t at = i;
        for (; at > 0 && key < a[at - 1]; at--) a[at] = a[at - 1];
        a[at] = key;
    }
}

static int32_t nth_key(int64_t n, const int32_t *keys, int32_t *room, int64_t k)
{
    int32_t low = INT32_MAX, high = INT32_MIN;
    int64_t under = 0, inside = n; /* keys of the list below low, and in [low, high] */
    for (int64_t i = 0; i < n; i++) {
        low = keys[i] < low ? keys[i] : low;
        high = keys[i] > high ? keys[i] : high;
    }
    while (low < high) {
        if (inside <= FEW || (inside <= n / 4 && n > BLOCK)) {
            n = keep_between(n, keys, room, low, high);
            k -= under;
            under = 0;
            keys = room;
            if (n > FEW) continue;
            sort_few(n, room);
            return room[k];
        }
        int32_t middle = (int32_t)((uint32_t)low + ((uint32_t)high - (uint32_t)low) / 2 + 1);
        int64_t below = count_below(n, keys, middle);
        if (k < below) {
            high = middle - 1;
            inside = below - under;
        } else {
            low = middle;
            inside -= below - under;
            under = below;
        }
    }
    return low;
}

static int64_t nth(int64_t n, const int32_t *keys, int32_t *room, int64_t k)
{
    int32_t key = nth_key(n, keys, room, k);
    int64_t before = k - count_below(n, keys, key), i = 0; /* equal ones before it */
    for (; i + BLOCK <= n; i += BLOCK) {
        int32_t equal = 0;
        for (int j = 0; j < BLOCK; j++) equal += keys[i + j] == key;
        if (before < equal) break;
        before -= equal;
    }
    while (i < n - 1 && (keys[i] != key || before-- > 0)) i++;
    return i;
}

const torsh__select_table TORSH__ISA_NAME(torsh__select) = {make_keys, count_below, nth};
