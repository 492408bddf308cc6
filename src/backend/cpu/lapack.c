/* Finds and opens LAPACK: TORSH_LAPACK alone if it is set, else OpenBLAS, else whatever the system's liblapack is. The library stays
 * open. OpenBLAS is held to one thread per call, as batches are spread over our own threads and its results depend on how many of its
 * own take part; that setting is the process's. */
#include "lapack.h"

#include <torsh/ops/linalg.h>

#include "dtype.h"
#include "fork.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"libopenblas.so.0", "liblapack.so.3", "liblapack.so", "liblapack.dylib"};

enum { REAL = 1, COMPLEX = 2 };

static const struct { const char *name; size_t offset; int rows; } functions[] = {
    {"trsm", offsetof(torsh__lapack, trsm), REAL | COMPLEX},   {"potrf", offsetof(torsh__lapack, potrf), REAL | COMPLEX},
    {"getrf", offsetof(torsh__lapack, getrf), REAL | COMPLEX}, {"geqrf", offsetof(torsh__lapack, geqrf), REAL | COMPLEX},
    {"gesdd", offsetof(torsh__lapack, gesdd), REAL},           {"gesdd", offsetof(torsh__lapack, gesdd_complex), COMPLEX},
    {"syevd", offsetof(torsh__lapack, syevd), REAL},           {"heevd", offsetof(torsh__lapack, heevd), COMPLEX},
};

static struct {
    pthread_mutex_t lock; /* over opening; the loader runs foreign code meanwhile */
    _Atomic int state;    /* 0: not tried; 1: the tables are whole; -1: there is none, for `problem` */
    torsh__lapack tables[4];
    char path[512], problem[400];
} lapack = {.lock = PTHREAD_MUTEX_INITIALIZER};
static _Thread_local bool opening;

static uint32_t mine(void)
{
    return opening;
}
TORSH__ACROSS_FORK(lapack, &lapack.lock, 1, ANEW, .mine = mine)

/* ISO C has no cast from an object to a function pointer: the bits are copied. */
static bool find(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    if (symbol) memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

/* "" if every function is there, else the name of the first that isn't. */
static const char *fill(void *library, char name[16])
{
    for (int t = 0; t < 4; t++)
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
            if (!(functions[f].rows & (t < 2 ? REAL : COMPLEX))) continue;
            snprintf(name, 16, "%c%s_", "sdcz"[t], functions[f].name);
            if (!find(library, name, (char *)&lapack.tables[t] + functions[f].offset)) return name;
        }
    return "";
}

static bool accept(void *library, const char *name)
{
    char symbol[16];
    const char *missing = fill(library, symbol);
    if (*missing) {
        snprintf(lapack.problem, sizeof lapack.problem, "%.300s has no function %s", name, missing);
        dlclose(library);
        return false;
    }
    void (*set_threads)(int) = NULL;
    if (find(library, "openblas_set_num_threads", &set_threads)) set_threads(1);
    Dl_info where;
    void *symbol_at = dlsym(library, "dgetrf_");
    bool known = dladdr(symbol_at, &where) && where.dli_fname;
    snprintf(lapack.path, sizeof lapack.path, "%s", known ? where.dli_fname : name);
    return true;
}

static bool try_open(const char *name)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    return library && accept(library, name);
}

static bool open_any(void)
{
    const char *given = getenv("TORSH_LAPACK");
    if (given && *given) { /* what was asked for, or nothing */
        snprintf(lapack.problem, sizeof lapack.problem, "TORSH_LAPACK=%.300s can't be opened", given);
        return try_open(given);
    }
    snprintf(lapack.problem, sizeof lapack.problem, "neither libopenblas.so.0 nor liblapack.so.3 can be opened");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (try_open(names[i])) return true;
    return false;
}

static bool is_open(void)
{
    int state = atomic_load_explicit(&lapack.state, memory_order_acquire);
    if (state) return state > 0;
    pthread_mutex_lock(&lapack.lock);
    opening = true;
    state = atomic_load_explicit(&lapack.state, memory_order_relaxed);
    if (!state) {
        state = open_any() ? 1 : -1;
        atomic_store_explicit(&lapack.state, state, memory_order_release);
    }
    opening = false;
    pthread_mutex_unlock(&lapack.lock);
    return state > 0;
}

static torsh_status fail_missing(const char *op)
{
    return torsh__fail(TORSH_UNSUPPORTED, "%s: needs LAPACK, and %s (Debian: libopenblas0 or liblapack3; TORSH_LAPACK names another file)", op, lapack.problem);
}

const torsh__lapack *torsh__lapack_of(torsh_dtype dtype, const char *op)
{
    int row = dtype == TORSH_F32 ? 0 : dtype == TORSH_F64 ? 1 : dtype == TORSH_C64 ? 2 : 3;
    if (is_open()) return &lapack.tables[row];
    fail_missing(op);
    return NULL;
}

const char *torsh_lapack_library(void)
{
    if (is_open()) return lapack.path;
    fail_missing("lapack_library");
    return NULL;
}
