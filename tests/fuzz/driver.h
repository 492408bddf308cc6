/* A fuzz program is one function: no input may crash it, leak or hang.
 *
 * With clang and -DTORSH_FUZZ=ON they are libFuzzer programs (src/data is instrumented too):
 *     build/tests/fuzz/safetensors_fuzz tests/fuzz/corpus/safetensors
 * Otherwise driver.c runs them over their corpus. */
#ifndef TORSH_TESTS_FUZZ_DRIVER_H
#define TORSH_TESTS_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
