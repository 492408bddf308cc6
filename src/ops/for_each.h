/* Lists in the preprocessor: EACH(f, (KIND, name), ...) expands f(index, KIND, name) for each tuple, joined by nothing;
 * EACH_COMMA joins by commas. Up to 14 tuples. */
#ifndef TORSH_OPS_FOR_EACH_H
#define TORSH_OPS_FOR_EACH_H

#define EACH_APPLY_(f, i, tuple) EACH_CALL_(f, i, EACH_STRIP_ tuple)
#define EACH_CALL_(f, i, ...) EACH_CALL__(f, i, __VA_ARGS__)
#define EACH_CALL__(f, i, kind, name) f(i, kind, name)
#define EACH_STRIP_(...) __VA_ARGS__

#define EACH_COUNT_(_1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, n, ...) n
#define EACH_COUNT(...) EACH_COUNT_(__VA_ARGS__, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define EACH_PASTE_(a, b) a##b
#define EACH_PASTE(a, b) EACH_PASTE_(a, b)

#define EACH_NOTHING_
#define EACH_COMMA_ ,
#define EACH(f, ...) EACH_PASTE(EACH_, EACH_COUNT(__VA_ARGS__))(f, NOTHING, 0, __VA_ARGS__)
#define EACH_COMMA(f, ...) EACH_PASTE(EACH_, EACH_COUNT(__VA_ARGS__))(f, COMMA, 0, __VA_ARGS__)
#define EACH_1(f, s, i, t) EACH_APPLY_(f, i, t)
#define EACH_2(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_1(f, s, i + 1, __VA_ARGS__)
#define EACH_3(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_2(f, s, i + 1, __VA_ARGS__)
#define EACH_4(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_3(f, s, i + 1, __VA_ARGS__)
#define EACH_5(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_4(f, s, i + 1, __VA_ARGS__)
#define EACH_6(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_5(f, s, i + 1, __VA_ARGS__)
#define EACH_7(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_6(f, s, i + 1, __VA_ARGS__)
#define EACH_8(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_7(f, s, i + 1, __VA_ARGS__)
#define EACH_9(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_8(f, s, i + 1, __VA_ARGS__)
#define EACH_10(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_9(f, s, i + 1, __VA_ARGS__)
#define EACH_11(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_10(f, s, i + 1, __VA_ARGS__)
#define EACH_12(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_11(f, s, i + 1, __VA_ARGS__)
#define EACH_13(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_12(f, s, i + 1, __VA_ARGS__)
#define EACH_14(f, s, i, t, ...) EACH_APPLY_(f, i, t) EACH_##s##_ EACH_13(f, s, i + 1, __VA_ARGS__)

#endif
