/* The integer functions of src/backend/cpu/vmath_int.h against exact arithmetic in 128 bits: all pairs of the 8-bit types, ends of the
 * ranges and random pairs of the others. What PyTorch refuses (division by 0) and what C leaves undefined (the least value by -1) are here, too. */
#include "vmath.h"
#include "splitmix.inc.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>

#include <cmocka.h>

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 unsigned_wide;

static wide floor_of(wide a, wide b)
{
    wide q = a / b;
    return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

/* a^b for b >= 0 modulo 2^128 */
static wide power_of(wide a, wide b)
{
    unsigned_wide p = 1, s = (unsigned_wide)a;
    if (b <= 64)
        for (; b > 0; b--) p *= s;
    else
        for (; b > 0; b >>= 1, s *= s) p = b & 1 ? p * s : p;
    return (wide)p;
}

static wide rounded_power(wide a, wide b)
{
    if (b >= 0) return power_of(a, b);
    return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
}

static wide shifted_left(wide a, wide b, int width)
{
    return b >= 0 && b < width ? a * ((wide)1 << b) : 0;
}

static wide shifted_right(wide a, wide b, int width)
{
    return floor_of(a, (wide)1 << (b >= 0 && b < width ? b : width)); /* all bits out: 0, or -1 */
}

static int64_t random_value(void)
{
    uint64_t u = next_random();
    return (int64_t)u >> (next_random() % 64); /* any size */
}

/* A pair of type T against the exact result, cut to T */
#define HOLDS(name, f, exact) \
    if (f(a, b) != (T)(exact)) fail_msg(name "(%lld, %lld) = %lld", (long long)a, (long long)b, (long long)f(a, b))
#define JUDGE(type, suffix, width)                                                                                          \
    static void judge_##suffix(type a, type b)                                                                              \
    {                                                                                                                       \
        typedef type T;                                                                                                     \
        wide x = a, y = b, floored = y ? floor_of(x, y) : 0;                                                                \
        HOLDS("trunc_divide_" #suffix, m_trunc_divide_##suffix, y ? x / y : 0);                                             \
        HOLDS("floor_divide_" #suffix, m_floor_divide_##suffix, floored);                                                   \
        HOLDS("fmod_" #suffix, m_fmod_##suffix, y ? x % y : 0);                                                             \
        HOLDS("remainder_" #suffix, m_remainder_##suffix, y ? x - floored * y : 0);                                         \
        HOLDS("pow_" #suffix, m_pow_##suffix, rounded_power(x, y));                                                         \
        HOLDS("shl_" #suffix, m_shl_##suffix, shifted_left(x, y, width));                                                   \
        HOLDS("shr_" #suffix, m_shr_##suffix, shifted_right(x, y, width));                                                  \
        HOLDS("min_" #suffix, m_min_##suffix, x < y ? x : y);                                                               \
        HOLDS("max_" #suffix, m_max_##suffix, x > y ? x : y);                                                               \
        if (m_abs_##suffix(a) != (T)(x < 0 ? -x : x)) fail_msg("abs_" #suffix "(%lld)", (long long)a);                      \
        if (m_sign_##suffix(a) != (T)((x > 0) - (x < 0))) fail_msg("sign_" #suffix "(%lld)", (long long)a);                 \
    }
JUDGE(uint8_t, u8, 8)
JUDGE(int8_t, i8, 8)
JUDGE(int16_t, i16, 16)
JUDGE(int32_t, i32, 32)
JUDGE(int64_t, i64, 64)

static void eight_bits_hold_for_all_pairs(void **state)
{
    (void)state;
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b++) {
            judge_u8((uint8_t)a, (uint8_t)b);
            judge_i8((int8_t)(a - 128), (int8_t)(b - 128));
        }
}

static void judge_all(int64_t a, int64_t b)
{
    judge_i16((int16_t)a, (int16_t)b);
    judge_i32((int32_t)a, (int32_t)b);
    judge_i64(a, b);
}

static void wider_ones_hold_at_their_ends(void **state)
{
    (void)state;
    int64_t ends[3 * 64 + 24];
    size_t count = 0;
    for (int k = 0; k < 64; k++)
        for (int64_t d = -1; d <= 1; d++) ends[count++] = (int64_t)((UINT64_C(1) << k) + (uint64_t)d);
    for (int64_t v = -12; v < 12; v++) ends[count++] = v * 5 / 2;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            judge_all(ends[i], ends[j]);
            judge_all((int64_t)(0 - (uint64_t)ends[i]), ends[j]);
            judge_all(ends[i], (int64_t)(0 - (uint64_t)ends[j]));
        }
}

static void wider_ones_hold_for_random_pairs(void **state)
{
    (void)state;
    random_state = 42;
    for (int i = 0; i < 200000; i++) {
        int64_t a = random_value(), b = random_value();
        judge_all(a, b);
        judge_all(a, b % 64);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_bits_hold_for_all_pairs),
        cmocka_unit_test(wider_ones_hold_at_their_ends),
        cmocka_unit_test(wider_ones_hold_for_random_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
