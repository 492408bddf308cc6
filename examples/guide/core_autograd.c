/* Core Concepts: automatic differentiation. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_manual_seed(0);
    torsh_tensor x = torsh_randn(TORSH_DIMS(1, 1), TORSH_F32, TORSH_CPU);
    torsh_set_requires_grad(x, true);

    torsh_tensor y = torsh_pow(x, torsh_scalar(2.0, TORSH_F32, TORSH_CPU));
    if (torsh_backward(y) != TORSH_OK) {
        fprintf(stderr, "%s\n", torsh_last_error());
        return 1;
    }

    torsh_tensor grad = torsh_grad(x);
    printf("Gradient: ");
    torsh_print(grad);
    return 0;
}
