/* Which instruction set a kernel file is compiled for. Each family of kernels (gemm.c, pointwise.c, ...) is compiled once
 * per instruction set with TORSH_ISA defined to baseline, avx2, avx512 or neon, and exports exactly one const table named
 * TORSH__ISA_NAME(torsh__gemm) = torsh__gemm_avx2 and so on. cpu features are detected in isa.c, built without ISA flags. */
#ifndef TORSH_BACKEND_CPU_ISA_H
#define TORSH_BACKEND_CPU_ISA_H

#include <stdbool.h>

#define TORSH__PASTE_(a, b) a##_##b
#define TORSH__PASTE(a, b) TORSH__PASTE_(a, b)
#define TORSH__ISA_NAME(name) TORSH__PASTE(name, TORSH_ISA)

/* Expands to the table of the instruction set in use: TORSH__ISA_PICK(torsh__gemm) has the type of a pointer to it.
 * TORSH__ISA_NARROW is the table to look in where that one has no entry: families leave integers and complex numbers out of their AVX-512
 * form, because the library's size is worth more there. */
#if defined(__x86_64__)
#define TORSH__ISA_TABLES(type, name) extern const type name##_baseline, name##_avx2, name##_avx512
#define TORSH__ISA_NARROW(name) (torsh__isa() >= TORSH__ISA_AVX2 ? &name##_avx2 : &name##_baseline)
#define TORSH__ISA_PICK(name) \
    (torsh__isa() == TORSH__ISA_AVX512 ? &name##_avx512 : torsh__isa() == TORSH__ISA_AVX2 ? &name##_avx2 : &name##_baseline)
#elif defined(__aarch64__)
#define TORSH__ISA_TABLES(type, name) extern const type name##_baseline, name##_neon
#define TORSH__ISA_NARROW TORSH__ISA_PICK
#define TORSH__ISA_PICK(name) (torsh__isa() == TORSH__ISA_NEON ? &name##_neon : &name##_baseline)
#else
#define TORSH__ISA_TABLES(type, name) extern const type name##_baseline
#define TORSH__ISA_NARROW TORSH__ISA_PICK
#define TORSH__ISA_PICK(name) (&name##_baseline)
#endif

/* What the machine must have to run what is compiled for these sets (cmake/TorshLayers.cmake has the flags; F16C, which older clangs can't be asked
 * for, came before AVX2). Its answers include what the operating
 * system saves on a switch. */
#if defined(__x86_64__)
#define TORSH__MACHINE_HAS_AVX2 (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2"))
#define TORSH__MACHINE_HAS_AVX512                                                                                              \
    (TORSH__MACHINE_HAS_AVX2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&                     \
     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
#else
#define TORSH__MACHINE_HAS_AVX2 0
#define TORSH__MACHINE_HAS_AVX512 0
#endif

enum torsh__isa { TORSH__ISA_BASELINE, TORSH__ISA_AVX2, TORSH__ISA_AVX512, TORSH__ISA_NEON };

/* The best instruction set of this machine, lowered by TORSH_CPU_CAPABILITY (baseline, avx2, avx512, neon). */
enum torsh__isa torsh__isa(void);
/* Another one from now on, for tests that compare them: false if this machine lacks it. Nothing else may be running. */
bool torsh__isa_choose(enum torsh__isa isa);
const char *torsh__isa_name(enum torsh__isa isa);

#endif
