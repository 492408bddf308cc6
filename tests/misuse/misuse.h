/* What the generated misuse program calls. */
#include <torsh/torsh.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static torsh_tensor tensor, complex_tensor, bool_tensor, empty_tensor, scalar_tensor, tensors[2], stale_tensors[2];
static torsh_tensors list;
static uint64_t stale;
static const int64_t numbers[4] = {1, 1, 1, 1}, bad_numbers[4] = {-3, INT64_MAX, 0, INT64_MIN};
static const double doubles[4] = {0.5, 0.5, 0.5, 0.5};
static int failures;
static const char *current;

/* A wrong call may have changed what an earlier one used: fresh ones, in the innermost scope. */
static void remake(void)
{
    tensor = torsh_full(TORSH_DIMS(2, 2), 0.5, TORSH_F32, TORSH_CPU);
    complex_tensor = torsh_ones(TORSH_DIMS(2, 2), TORSH_C64, TORSH_CPU);
    bool_tensor = torsh_ones(TORSH_DIMS(2, 2), TORSH_BOOL, TORSH_CPU);
    empty_tensor = torsh_ones(TORSH_DIMS(0, 2), TORSH_F32, TORSH_CPU);
    scalar_tensor = torsh_ones(TORSH_NO_DIMS, TORSH_I64, TORSH_CPU);
    tensors[0] = tensors[1] = tensor;
    list = torsh_tensors_make(tensors, 2);
    stale_tensors[0] = tensor;
    stale_tensors[1] = (torsh_tensor){stale};
}

static void prepare(void)
{
    torsh_tensor gone = torsh_ones(TORSH_DIMS(2), TORSH_F32, TORSH_CPU);
    stale = gone.id;
    torsh_release(gone);
}

static void announce(const char *name)
{
    current = name;
    if (getenv("TORSH_MISUSE_VERBOSE")) fprintf(stderr, "%s\n", name);
}

static inline void refused(const char *name, uint64_t id)
{
    if (torsh_id_status(id) != TORSH_OK) return;
    fprintf(stderr, "%s took a bad handle\n", name);
    failures++;
}

static inline void refused_status(const char *name, torsh_status status)
{
    if (status != TORSH_OK) return;
    fprintf(stderr, "%s took a bad handle\n", name);
    failures++;
}

static int finish(int functions, int calls)
{
    int64_t left = torsh_live_handles();
    if (left) fprintf(stderr, "%lld handles are left\n", (long long)left);
    printf("%d functions, %d wrong calls, %d accepted a bad handle\n", functions, calls, failures);
    return failures ? 1 : 0;
}
