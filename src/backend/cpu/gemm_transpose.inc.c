/* Template, per vector type: NAME(transpose)(V square[LANES]) in registers. Included by gemm_kernels.c with V, LANES, NAME(x).
 * Eklundh's method: exchange the off-diagonal halves of ever smaller squares. Exchanging squares of h, lane l of the first
 * result is a[l] or b[l - h], of the second a[l + h] or b[l]. */

#define FIRST(l, h) ((l) & (h) ? (l) - (h) + LANES : (l))
#define SECOND(l, h) ((l) & (h) ? (l) + LANES : (l) + (h))
#define LIST2(f, h, l) f(l, h), f((l) + 1, h)
#define LIST4(f, h, l) LIST2(f, h, l), LIST2(f, h, (l) + 2)
#define LIST8(f, h, l) LIST4(f, h, l), LIST4(f, h, (l) + 4)
#define LIST16(f, h, l) LIST8(f, h, l), LIST8(f, h, (l) + 8)
#if LANES == 16
#define LIST LIST16
#elif LANES == 8
#define LIST LIST8
#elif LANES == 4
#define LIST LIST4
#else
#define LIST LIST2
#endif

/* Exchanges squares of h between rows r and r + h, for all r without bit h; declared once per h, as shuffles want constants. */
#define EXCHANGE(h)                                                                                                           \
    static inline __attribute__((always_inline)) void NAME(exchange_##h)(V *square)                                           \
    {                                                                                                                         \
        TORSH__UNROLL                                                                                                         \
        for (int i = 0; i < LANES / 2; i++) {                                                                                 \
            V *a = square + (i & ~((h) - 1)) * 2 + (i & ((h) - 1)), *b = a + (h);                                             \
            V first = __builtin_shufflevector(*a, *b, LIST(FIRST, h, 0));                                                     \
            *b = __builtin_shufflevector(*a, *b, LIST(SECOND, h, 0));                                                         \
            *a = first;                                                                                                       \
        }                                                                                                                     \
    }

EXCHANGE(1)
#if LANES >= 4
EXCHANGE(2)
#endif
#if LANES >= 8
EXCHANGE(4)
#endif
#if LANES >= 16
EXCHANGE(8)
#endif

static inline __attribute__((always_inline)) void NAME(transpose)(V *square)
{
#if LANES >= 16
    NAME(exchange_8)(square);
#endif
#if LANES >= 8
    NAME(exchange_4)(square);
#endif
#if LANES >= 4
    NAME(exchange_2)(square);
#endif
    NAME(exchange_1)(square);
}

#undef FIRST
#undef SECOND
#undef LIST
#undef LIST2
#undef LIST4
#undef LIST8
#undef LIST16
#undef EXCHANGE
