/* A program of somebody else's: trains a line through points. Compiled as C and as C++. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope all = torsh_scope_open();
    torsh_tensor x = torsh_from_slice(TORSH_VALUES(0, 1, 2, 3), TORSH_DIMS(4, 1), TORSH_F32, TORSH_CPU);
    torsh_tensor y = torsh_add(torsh_mul(x, torsh_number(2)), torsh_number(1));
    torsh_module line = torsh_nn_linear(1, 1, true, TORSH_CPU);
    torsh_optimizer sgd = torsh_optim_sgd(torsh_nn_parameters(line), 0.05);
    double loss = 1;
    for (int i = 0; i < 500; i++) {
        TORSH_AUTO torsh_scope step = torsh_scope_open();
        torsh_tensor error = torsh_mean(torsh_square(torsh_sub(torsh_nn_forward(line, x), y)), TORSH_ALL_DIMS, false);
        torsh_optim_zero_grad(sgd);
        torsh_backward(error);
        if (torsh_optim_step(sgd) != TORSH_OK) {
            fprintf(stderr, "%s\n", torsh_last_error());
            return 1;
        }
        loss = torsh_item(error);
    }
    printf("loss %g\n", loss);
    return loss < 1e-3 ? 0 : 1;
}
