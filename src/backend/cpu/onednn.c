/* oneDNN behind one door: v3's C API (oneDNN 3) and Debian 12's v2.6. Primitives are made once per shape and kept in a small cache;
 * each call runs one primitive on the calling thread, with its scratchpad from core's allocator. Nothing of oneDNN is seen
 * outside this file. Compiled only where CMake found oneDNN, with TORSH_ONEDNN_MAJOR 2 or 3. */
#include "onednn.h"

#include "alloc.h"
#include "fork.h"
#include "isa.h"

#include <oneapi/dnnl/dnnl.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { CACHED = 64 };

/* oneDNN runs on OpenMP, whose number of threads is a setting of the calling thread. Weak: a oneDNN built without OpenMP does not
 * bring these along, and is then not used. */
extern int omp_get_max_threads(void) __attribute__((weak));
extern void omp_set_num_threads(int threads) __attribute__((weak));

/* ---- what differs between the versions ---- */

#if TORSH_ONEDNN_MAJOR >= 3

typedef dnnl_memory_desc_t layout;

static bool layout_make(layout *l, dnnl_data_type_t type, int64_t rows, int64_t columns, int64_t row, int64_t column)
{
    dnnl_dims_t sizes = { rows, columns }, strides = { row, column };
    return dnnl_memory_desc_create_with_strides(l, 2, sizes, type, strides) == dnnl_success;
}

static void layout_free(layout *l)
{
    if (*l) dnnl_memory_desc_destroy(*l);
}

static bool describe(dnnl_primitive_desc_t *d, dnnl_engine_t engine, const layout of[3], dnnl_primitive_attr_t attributes)
{
    return dnnl_matmul_primitive_desc_create(d, engine, of[0], of[1], NULL, of[2], attributes) == dnnl_success;
}

static bool memory_make(dnnl_memory_t *m, const layout *l, dnnl_engine_t engine, void *data)
{
    return dnnl_memory_create(m, *l, engine, data) == dnnl_success;
}

static bool scratch_make(dnnl_memory_t *m, const_dnnl_primitive_desc_t d, dnnl_engine_t engine, void *data)
{
    return dnnl_memory_create(m, dnnl_primitive_desc_query_md(d, dnnl_query_scratchpad_md, 0), engine, data) == dnnl_success;
}

#else

typedef dnnl_memory_desc_t layout;

static bool layout_make(layout *l, dnnl_data_type_t type, int64_t rows, int64_t columns, int64_t row, int64_t column)
{
    dnnl_dims_t sizes = { rows, columns }, strides = { row, column };
    return dnnl_memory_desc_init_by_strides(l, 2, sizes, type, strides) == dnnl_success;
}

static void layout_free(layout *l)
{
    (void)l;
}

static bool describe(dnnl_primitive_desc_t *d, dnnl_engine_t engine, const layout of[3], dnnl_primitive_attr_t attributes)
{
    dnnl_matmul_desc_t matmul;
    return dnnl_matmul_desc_init(&matmul, &of[0], &of[1], NULL, &of[2]) == dnnl_success
        && dnnl_primitive_desc_create(d, &matmul, attributes, engine, NULL) == dnnl_success;
}

static bool memory_make(dnnl_memory_t *m, const layout *l, dnnl_engine_t engine, void *data)
{
    return dnnl_memory_create(m, l, engine, data) == dnnl_success;
}

static bool scratch_make(dnnl_memory_t *m, const_dnnl_primitive_desc_t d, dnnl_engine_t engine, void *data)
{
    return dnnl_memory_create(m, dnnl_primitive_desc_query_md(d, dnnl_query_scratchpad_md, 0), engine, data) == dnnl_success;
}

#endif

/* ---- primitives, made once per shape ---- */

typedef struct key {
    int64_t dtype, m, n, k, a_row, a_col, b_row, b_col;
} key;

typedef struct entry {
    key of;
    bool set;
    int users;           /* calls that run it now; only an entry without any may be replaced */
    uint64_t used;       /* the clock when it was last asked for */
    layout layouts[3];   /* A, B, C */
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive; /* NULL: oneDNN can't do this shape */
} entry;

static struct {
    pthread_mutex_t lock;
    dnnl_engine_t engine;
    bool tried;
    uint64_t clock;
    entry entries[CACHED];
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };
static _Thread_local bool have_cache;

/* It is held over the making of a primitive, so that no other thread is inside oneDNN's own cache when one forks: its child would
 * wait for a primitive that nobody makes any more. */
static uint32_t mine(void)
{
    return have_cache;
}
TORSH__ACROSS_FORK(onednn, &cache.lock, 1, ONEDNN, .mine = mine)

static void cache_lock(void)
{
    pthread_mutex_lock(&cache.lock);
    have_cache = true;
}

static void cache_unlock(void)
{
    have_cache = false;
    pthread_mutex_unlock(&cache.lock);
}

static bool have_engine(void) /* under the lock */
{
    if (!cache.tried) {
        cache.tried = true;
        if (dnnl_engine_create(&cache.engine, dnnl_cpu, 0) != dnnl_success) cache.engine = NULL;
    }
    return cache.engine != NULL;
}

static void entry_free(entry *e)
{
    if (e->primitive) dnnl_primitive_destroy(e->primitive);
    if (e->description) dnnl_primitive_desc_destroy(e->description);
    for (int i = 0; i < 3; i++) layout_free(&e->layouts[i]);
    memset(e, 0, sizeof *e);
}

static void entry_make(entry *e, const key *of)
{
    dnnl_data_type_t type = of->dtype == TORSH_BF16 ? dnnl_bf16 : dnnl_f16;
    dnnl_primitive_attr_t attributes = NULL;
    bool made = layout_make(&e->layouts[0], type, of->m, of->k, of->a_row, of->a_col)
             && layout_make(&e->layouts[1], type, of->k, of->n, of->b_row, of->b_col)
             && layout_make(&e->layouts[2], dnnl_f32, of->m, of->n, of->n, 1)
             && dnnl_primitive_attr_create(&attributes) == dnnl_success
             && dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success
             && describe(&e->description, cache.engine, e->layouts, attributes);
    if (made && dnnl_primitive_create(&e->primitive, e->description) != dnnl_success) e->primitive = NULL;
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    e->of = *of;
    e->set = true;
}

/* The entry of a shape, kept from being replaced until entry_return; NULL if there is none to be had. */
static entry *entry_borrow(const key *of)
{
    entry *found = NULL, *oldest = NULL;
    cache_lock();
    if (have_engine()) {
        for (int i = 0; i < CACHED && !found; i++) {
            entry *e = &cache.entries[i];
            if (e->set && memcmp(&e->of, of, sizeof *of) == 0) found = e;
            else if (e->users == 0 && (!oldest || e->used < oldest->used)) oldest = e;
        }
        if (!found && oldest) {
            entry_free(oldest);
            entry_make(oldest, of);
            found = oldest;
        }
        if (found) found->used = ++cache.clock;
        if (found && !found->primitive) found = NULL;
        if (found) found->users++;
    }
    cache_unlock();
    return found;
}

static void entry_return(entry *e)
{
    cache_lock();
    e->users--;
    cache_unlock();
}

/* ---- one run ---- */

static bool execute(const entry *e, void *const data[3], void *scratch)
{
    static const int roles[4] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_SCRATCHPAD };
    dnnl_exec_arg_t arguments[4];
    dnnl_memory_t memories[4] = { NULL };
    dnnl_stream_t stream = NULL;
    bool done = scratch_make(&memories[3], e->description, cache.engine, scratch);
    for (int i = 0; i < 3; i++) done = done && memory_make(&memories[i], &e->layouts[i], cache.engine, data[i]);
    done = done && dnnl_stream_create(&stream, cache.engine, dnnl_stream_default_flags) == dnnl_success;
    for (int i = 0; i < 4; i++) arguments[i] = (dnnl_exec_arg_t){ roles[i], memories[i] };
    done = done && dnnl_primitive_execute(e->primitive, stream, 4, arguments) == dnnl_success && dnnl_stream_wait(stream) == dnnl_success;
    if (stream) dnnl_stream_destroy(stream);
    for (int i = 0; i < 4; i++)
        if (memories[i]) dnnl_memory_destroy(memories[i]);
    return done;
}

static bool run(entry *e, void *const data[3])
{
    size_t bytes = (size_t)dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(e->description, dnnl_query_scratchpad_md, 0));
    void *scratch = torsh__alloc(bytes);
    bool done = scratch && execute(e, data, scratch);
    torsh__free(scratch, bytes);
    return done;
}

bool torsh__onednn_matmul(torsh_dtype dtype, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_col,
                          const void *b, int64_t b_row, int64_t b_col, float *c)
{
    bool dense = (a_row == 1 || a_col == 1) && (b_row == 1 || b_col == 1) && a_row > 0 && a_col > 0 && b_row > 0 && b_col > 0;
    if (!dense || !torsh__onednn_multiplies(dtype)) return false;
    const key of = { dtype, m, n, k, a_row, a_col, b_row, b_col };
    int threads = omp_get_max_threads();
    omp_set_num_threads(1); /* for this thread alone; making a primitive asks for it too */
    entry *e = entry_borrow(&of);
    bool done = false;
    if (e) {
        void *const data[3] = { (void *)(uintptr_t)a, (void *)(uintptr_t)b, c }; /* A and B are only read */
        done = run(e, data);
        entry_return(e);
    }
    omp_set_num_threads(threads);
    return done;
}

/* AMX-BF16: leaf 7's EDX, bit 22. Not every compiler's __builtin_cpu_supports knows it; cpuid itself takes microseconds under a hypervisor. */
bool torsh__onednn_has_tiles(void)
{
#if defined(__x86_64__)
    static atomic_int answer = -1;
    int known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known >= 0) return known;
    unsigned a, b, c, d;
    known = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 22 & 1);
    atomic_store_explicit(&answer, known, memory_order_relaxed);
    return known;
#else
    return false;
#endif
}

bool torsh__onednn_multiplies(torsh_dtype dtype)
{
    bool single = omp_get_max_threads && omp_set_num_threads; /* can be held to one thread */
#if defined(__x86_64__)
    if (!single || torsh__isa() != TORSH__ISA_AVX512) return false;
    if (dtype == TORSH_BF16) return __builtin_cpu_supports("avx512bf16");
#if TORSH_ONEDNN_MAJOR >= 3 && !defined(__clang__)
    if (dtype == TORSH_F16) return __builtin_cpu_supports("avx512fp16");
#endif
#else
    (void)single;
#endif
    (void)dtype;
    return false;
}
