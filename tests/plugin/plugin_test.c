/* A device that a plug-in brings, here host_device.c: found by the path, asked for memory and kernels, refused by name. */
#include <torsh/torsh.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { DEVICE = TORSH_METAL };

static void says(const char *text)
{
    if (!strstr(torsh_last_error(), text)) fail_msg("\"%s\" is not in \"%s\"", text, torsh_last_error());
}

static void the_device_is_found(void **state)
{
    (void)state;
    char text[64];
    assert_int_equal(torsh_device_count(DEVICE), 1);
    assert_true(torsh_device_available(DEVICE));
    assert_string_equal(torsh_device_name(DEVICE), "metal");
    assert_int_equal(torsh_device_describe(DEVICE, text, sizeof text), TORSH_OK);
    assert_string_equal(text, "host memory 0");
    assert_int_equal(torsh_device_describe(TORSH_CPU, text, sizeof text), TORSH_OK);
    assert_non_null(strstr(text, torsh_cpu_capability()));
    assert_int_equal(torsh_device_describe(TORSH_METAL + 1, text, sizeof text), TORSH_OUT_OF_RANGE);
    assert_int_equal(torsh_device_describe(TORSH_CPU, NULL, 0), TORSH_INVALID_ARGUMENT);
    assert_int_equal(torsh_synchronize(DEVICE), TORSH_OK);
}

static void its_memory_is_used(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_memory before, after;
    double values[3];
    assert_int_equal(torsh_memory_stats(DEVICE, &before), TORSH_OK);
    torsh_tensor t = torsh_from_slice(TORSH_VALUES(1, 2, 3), TORSH_DIMS(3), TORSH_F64, DEVICE);
    assert_int_equal(torsh_to_host(t, values, sizeof values), TORSH_OK);
    assert_true(values[0] == 1 && values[2] == 3);
    assert_int_equal(torsh_memory_stats(DEVICE, &after), TORSH_OK);
    assert_true(after.used > before.used);
    torsh_tensor back = torsh_to_device(t, TORSH_CPU);
    assert_true(torsh_item(torsh_sum(back, TORSH_ALL_DIMS, false)) == 6);
    torsh_tensor large = torsh_empty(TORSH_DIMS(1 << 20), TORSH_F64, DEVICE);
    assert_int_equal(torsh_id_status(large.id), TORSH_OUT_OF_MEMORY);
}

static void its_kernels_run_and_others_are_refused(void **state)
{
    (void)state;
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_from_slice(TORSH_VALUES(1, 2, 3), TORSH_DIMS(3), TORSH_F32, DEVICE), twice = torsh_add(t, t);
    float values[3];
    assert_int_equal(torsh_to_host(twice, values, sizeof values), TORSH_OK);
    assert_true(values[0] == 2 && values[1] == 4 && values[2] == 6);
    assert_int_equal(torsh_id_status(torsh_mul(t, t).id), TORSH_UNSUPPORTED);
    says("mul: no metal kernel; move the tensor to the cpu");
    torsh_tensor wide = torsh_from_slice(TORSH_VALUES(1, 2), TORSH_DIMS(2), TORSH_F64, DEVICE);
    assert_int_equal(torsh_id_status(torsh_add(wide, wide).id), TORSH_UNSUPPORTED);
    says("add: this device adds contiguous f32");
    assert_int_equal(torsh_id_status(torsh_add(t, torsh_to_device(t, TORSH_CPU)).id), TORSH_DEVICE_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_device_is_found),
        cmocka_unit_test(its_memory_is_used),
        cmocka_unit_test(its_kernels_run_and_others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
