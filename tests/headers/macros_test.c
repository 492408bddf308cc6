/* Every public macro, in C and (through macros_test.cpp) in C++. Exit code 0 if all give what they say. */
#include <torsh/torsh.h>

#include <stdio.h>

static int check(int ok, const char *what)
{
    if (!ok) fprintf(stderr, "%s\n", what);
    return ok ? 0 : 1;
}

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    int64_t n = 3;
    torsh_tensor a = torsh_from_slice(TORSH_VALUES(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), TORSH_DIMS(2, n), TORSH_F32, TORSH_CPU);
    torsh_tensor zero_d = torsh_zeros(TORSH_NO_DIMS, TORSH_F64, TORSH_CPU);
    int bad = check(torsh_size(a, -1) == n, "TORSH_DIMS");
    bad += check(torsh_ndim(zero_d) == 0, "TORSH_NO_DIMS");
    bad += check(torsh_item(torsh_sum(a, TORSH_ALL_DIMS, false)) == 21.0, "TORSH_ALL_DIMS");
    torsh_tensors list = torsh_tensors_make(TORSH_TENSORS(a, zero_d));
    bad += check(torsh_tensors_size(list) == 2, "TORSH_TENSORS");
    bad += check(!TORSH_FAILED(a), "TORSH_FAILED");
    bad += check(torsh_release(list) == TORSH_OK, "torsh_release");
    bad += check(torsh_keep(a) == TORSH_OK, "torsh_keep");
    bad += check(torsh_release(a) == TORSH_OK && TORSH_FAILED(a), "torsh_release");
    bad += check(TORSH_CUDA(1) == TORSH_CUDA_0 + 1 && TORSH_WEBGPU(0) == TORSH_WEBGPU_0, "devices");
    return bad;
}
