/* Options structs that have grown since a program was compiled, and ones that no release made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "options.h"

#include <stdio.h>
#include <string.h>

/* A struct of which three releases know more and more. */
typedef struct first { size_t size; double lr; bool nesterov; } first;
typedef struct second { size_t size; double lr; bool nesterov; double decay; } second;
typedef struct third { size_t size; double lr; bool nesterov; double decay; const char *name; } third;

static third defaults(void)
{
    return (third){.size = sizeof(third), .lr = 0.1, .decay = 0.01, .name = "usual"};
}

static torsh_status take(third *own, const void *given)
{
    *own = defaults();
    return torsh__take_options("train", own, sizeof *own, offsetof(third, decay), given);
}

static void none_is_the_defaults(void **state)
{
    (void)state;
    third o;
    assert_int_equal(take(&o, NULL), TORSH_OK);
    assert_true(o.size == sizeof o && o.lr == 0.1 && o.decay == 0.01 && strcmp(o.name, "usual") == 0);
}

static void younger_members_keep_their_defaults(void **state)
{
    (void)state;
    third o;
    first oldest = {sizeof oldest, 0.5, true};
    assert_int_equal(take(&o, &oldest), TORSH_OK);
    assert_true(o.size == sizeof o && o.lr == 0.5 && o.nesterov && o.decay == 0.01 && strcmp(o.name, "usual") == 0);
    second older = {sizeof older, 0.25, false, 0.75};
    assert_int_equal(take(&o, &older), TORSH_OK);
    assert_true(o.size == sizeof o && o.lr == 0.25 && !o.nesterov && o.decay == 0.75 && strcmp(o.name, "usual") == 0);
    third same = {sizeof same, 1, false, 2, "other"};
    assert_int_equal(take(&o, &same), TORSH_OK);
    assert_true(o.lr == 1 && o.decay == 2 && strcmp(o.name, "other") == 0);
}

static void sizes_of_no_release_are_refused(void **state)
{
    (void)state;
    third o, given = defaults();
    char sizes[2][32];
    snprintf(sizes[0], sizeof sizes[0], "the least is %zu", sizeof(first));
    snprintf(sizes[1], sizeof sizes[1], "the most is %zu", sizeof(third));
    const size_t wrong[] = {0, sizeof(first) - 1, sizeof(third) + 1, SIZE_MAX};
    for (int i = 0; i < 4; i++) {
        char text[32];
        snprintf(text, sizeof text, "size is %zu,", wrong[i]);
        given.size = wrong[i];
        given.lr = 7;
        assert_int_equal(take(&o, &given), TORSH_INVALID_ARGUMENT);
        assert_true(o.lr == 0.1);
        assert_non_null(strstr(torsh_last_error(), "train: "));
        assert_non_null(strstr(torsh_last_error(), text));
        assert_non_null(strstr(torsh_last_error(), sizes[i / 2]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_the_defaults),
        cmocka_unit_test(younger_members_keep_their_defaults),
        cmocka_unit_test(sizes_of_no_release_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
