/* API Reference: tensor operations. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_from_slice(TORSH_VALUES(1, 2, 3, 4), TORSH_DIMS(2, 2), TORSH_F32, TORSH_CPU);
    torsh_tensor b = torsh_from_slice(TORSH_VALUES(5, 6, 7, 8), TORSH_DIMS(2, 2), TORSH_F32, TORSH_CPU);

    /* Arithmetic */
    torsh_print(torsh_add(a, b));
    torsh_print(torsh_sub(a, b));
    torsh_print(torsh_mul(a, b));
    torsh_print(torsh_div(a, b));

    /* Matrix operations */
    torsh_print(torsh_matmul(a, b));
    torsh_print(torsh_transpose(a, 0, 1));

    /* Reductions */
    torsh_print(torsh_sum(a, TORSH_DIMS(0), false));
    torsh_print(torsh_mean(a, TORSH_DIMS(1), true));
    torsh_status status = torsh_print(torsh_max(a, TORSH_DIMS(0), false));
    if (status != TORSH_OK) fprintf(stderr, "%s\n", torsh_last_error());
    return status == TORSH_OK ? 0 : 1;
}
