/* Core Concepts: tensors. The guide multiplies shapes that don't broadcast, [2, 3] by [10, 20]: the error says so. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();

    /* Creation */
    torsh_tensor t1 = torsh_zeros(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU);
    torsh_tensor t2 = torsh_from_slice(TORSH_VALUES(1.0, 2.0, 3.0), TORSH_DIMS(3), TORSH_F32, TORSH_CPU);
    torsh_tensor t3 = torsh_randn(TORSH_DIMS(10, 20), TORSH_F32, TORSH_CPU);

    /* Operations */
    torsh_tensor sum = torsh_add(t1, t2);
    torsh_print(sum);
    torsh_tensor result = torsh_mul(torsh_add(t1, t2), t3);
    if (TORSH_FAILED(result)) printf("%s\n", torsh_id_error(result.id));
    torsh_print(torsh_mul(sum, torsh_randn_like(sum)));
    return 0;
}
