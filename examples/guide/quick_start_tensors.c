/* Quick Start: basic tensor operations. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_manual_seed(0);

    /* Create tensors */
    torsh_tensor a = torsh_randn(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU);
    torsh_tensor b = torsh_ones(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU);

    /* Basic operations */
    torsh_tensor c = torsh_add(a, b);
    torsh_tensor d = torsh_mul(c, torsh_scalar(2.0, TORSH_F32, TORSH_CPU));

    printf("Result: ");
    if (torsh_print(d) != TORSH_OK) { /* one check for the whole chain */
        fprintf(stderr, "%s\n", torsh_last_error());
        return 1;
    }
    return 0;
}
