/* Picks the instruction set at run time. Built without any ISA flags, so that it runs on every machine. */
#include "isa.h"
#include "status.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [TORSH__ISA_BASELINE] = "baseline", [TORSH__ISA_AVX2] = "avx2", [TORSH__ISA_AVX512] = "avx512", [TORSH__ISA_NEON] = "neon"};

static enum torsh__isa detect(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    return TORSH__MACHINE_HAS_AVX512 ? TORSH__ISA_AVX512 : TORSH__MACHINE_HAS_AVX2 ? TORSH__ISA_AVX2 : TORSH__ISA_BASELINE;
#elif defined(__aarch64__)
    return TORSH__ISA_NEON;
#else
    return TORSH__ISA_BASELINE;
#endif
}

static atomic_int chosen = -1;

enum torsh__isa torsh__isa(void)
{
    int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (__builtin_expect(isa >= 0, 1)) return (enum torsh__isa)isa;
    isa = (int)detect();
    const char *wish = getenv("TORSH_CPU_CAPABILITY");
    for (int i = 0; wish && i <= TORSH__ISA_NEON; i++)
        if (strcmp(wish, names[i]) == 0 && (i < isa || i == TORSH__ISA_BASELINE)) isa = i;
    atomic_store_explicit(&chosen, isa, memory_order_relaxed);
    return (enum torsh__isa)isa;
}

bool torsh__isa_choose(enum torsh__isa isa)
{
    enum torsh__isa most = detect();
    if (isa > most || (most == TORSH__ISA_NEON && isa != TORSH__ISA_BASELINE && isa != TORSH__ISA_NEON)) return false;
    atomic_store_explicit(&chosen, (int)isa, memory_order_relaxed);
    return true;
}

const char *torsh__isa_name(enum torsh__isa isa)
{
    return names[isa];
}

const char *torsh_cpu_capability(void)
{
    return names[torsh__isa()];
}
