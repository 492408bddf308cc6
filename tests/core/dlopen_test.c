/* The shared library opened at run time, as Python's ctypes and plug-in hosts do: its thread-local memory must fit what glibc keeps free. */
#include <torsh/torsh.h>

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static torsh_tensor (*zeros)(const int64_t *, size_t, torsh_dtype, torsh_device);
static torsh_status (*release)(uint64_t);

static void *use(void *well)
{
    torsh_tensor t = zeros(TORSH_DIMS(3), TORSH_F32, TORSH_CPU);
    *(bool *)well = release(t.id) == TORSH_OK;
    return NULL;
}

static void find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    assert_non_null(symbol);
    memcpy(function, &symbol, sizeof symbol);
}

static void it_opens_and_works_in_threads(void **state)
{
    (void)state;
    void *library = dlopen(TORSH_SHARED_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) fail_msg("%s", dlerror());
    find(library, "torsh_zeros", &zeros);
    find(library, "torsh_release_id", &release);
    bool here = false, there = false;
    use(&here);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, use, &there), 0);
    pthread_join(thread, NULL);
    assert_true(here && there);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_and_works_in_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
