/* fork() where a plug-in's code runs, by it or by another thread meanwhile: the child and the parent go on. */
#include <torsh/torsh.h>

#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEVICE = TORSH_METAL, SECONDS = 20 };

static void (**told)(const char *where); /* the plug-in's hook */
static sem_t entered, go_on;

static bool ended_well(pid_t child)
{
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Each case has a process of its own, in which no device was opened yet; SIGALRM ends one that hangs. */
static void alone(bool (*run)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(SECONDS);
        _exit(run() ? 0 : 1);
    }
    assert_true(ended_well(child));
}

static bool adds(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor t = torsh_from_slice(TORSH_VALUES(1, 2, 3), TORSH_DIMS(3), TORSH_F32, DEVICE);
    float values[3] = {0};
    return torsh_to_host(torsh_add(t, t), values, sizeof values) == TORSH_OK && values[2] == 6;
}

/* Waits inside the plug-in, with whatever locks its caller has. */
static void wait_there(const char *where)
{
    (void)where;
    sem_post(&entered);
    sem_wait(&go_on);
}

static void *open_device(void *argument)
{
    (void)argument;
    return (void *)(intptr_t)adds();
}

/* Forks when another thread is inside the plug-in; the child uses the device. */
static bool fork_beside(pid_t *child)
{
    pthread_t thread;
    void *well;
    *told = wait_there;
    if (pthread_create(&thread, NULL, open_device, NULL) != 0) return false;
    sem_wait(&entered);
    *child = fork();
    *told = NULL;
    if (*child == 0) {
        alarm(SECONDS);
        _exit(torsh_device_available(DEVICE) && adds() ? 0 : 1);
    }
    sem_post(&go_on);
    pthread_join(thread, &well);
    return ended_well(*child) && (intptr_t)well;
}

static bool while_another_opens(void)
{
    pid_t child;
    return fork_beside(&child) && adds();
}

static bool while_another_finds(void)
{
    pid_t child;
    return torsh_device_available(DEVICE) && fork_beside(&child) && adds();
}

static const char *fork_at;
static pid_t forked = -1;

static void fork_there(const char *where)
{
    if (strcmp(where, fork_at) != 0 || forked >= 0) return;
    forked = fork();
    if (forked == 0) alarm(SECONDS);
}

/* Forks inside the plug-in; both processes return from there and go on. */
static bool fork_inside(const char *where, bool (*run)(void))
{
    fork_at = where;
    *told = fork_there;
    bool well = run() && forked >= 0;
    if (forked == 0) _exit(well && run() ? 0 : 1);
    return well && ended_well(forked) && run();
}

static bool inside_opening(void)
{
    return fork_inside("count", adds);
}

static bool inside_finding(void)
{
    return torsh_device_available(DEVICE) && fork_inside("kernel", adds);
}

/* What backward adds to .grad is the only sum of it. */
static bool accumulates(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor w = torsh_from_slice(TORSH_VALUES(1, 2, 3), TORSH_DIMS(3), TORSH_F32, DEVICE);
    torsh_tensor g = torsh_from_slice(TORSH_VALUES(1, 1, 1), TORSH_DIMS(3), TORSH_F32, DEVICE);
    torsh_tensor had = torsh_from_slice(TORSH_VALUES(4, 5, 6), TORSH_DIMS(3), TORSH_F32, DEVICE);
    torsh_set_requires_grad(w, true);
    torsh_set_grad(w, had);
    torsh_tensor y = torsh_add(w, g);
    fork_at = "add";
    float values[3] = {0};
    return torsh_backward_with(&y, 1, &g, NULL) == TORSH_OK && torsh_to_host(torsh_grad(w), values, sizeof values) == TORSH_OK && values[2] == 7;
}

static bool inside_accumulation(void)
{
    return torsh_device_available(DEVICE) && fork_inside("not yet", accumulates);
}

static void test_while_another_opens(void **state)
{
    (void)state;
    alone(while_another_opens);
}

static void test_while_another_finds(void **state)
{
    (void)state;
    alone(while_another_finds);
}

static void test_inside_opening(void **state)
{
    (void)state;
    alone(inside_opening);
}

static void test_inside_finding(void **state)
{
    (void)state;
    alone(inside_finding);
}

static void test_inside_accumulation(void **state)
{
    (void)state;
    alone(inside_accumulation);
}

int main(void)
{
#ifdef __SANITIZE_THREAD__
    puts("skipped: ThreadSanitizer follows no threads that a forked child starts");
    return 77;
#endif
    void *plugin = dlopen(FORKING_DEVICE, RTLD_NOW | RTLD_LOCAL);
    told = plugin ? (void (**)(const char *))dlsym(plugin, "forking_device_told") : NULL;
    if (!told) {
        puts("the plug-in can't be opened");
        return 1;
    }
    sem_init(&entered, 0, 0);
    sem_init(&go_on, 0, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_while_another_opens), cmocka_unit_test(test_while_another_finds),   cmocka_unit_test(test_inside_opening),
        cmocka_unit_test(test_inside_finding),      cmocka_unit_test(test_inside_accumulation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
