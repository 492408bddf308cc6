/* API Reference: optimizers. */
#include <torsh/torsh.h>

#include <stdio.h>

static double distance_after(torsh_optimizer optimizer, torsh_tensor x)
{
    for (int i = 0; i < 20; i++) {
        TORSH_AUTO torsh_scope step = torsh_scope_open();
        torsh_optim_zero_grad(optimizer);
        torsh_backward(torsh_sum(torsh_square(x), TORSH_ALL_DIMS, false));
        torsh_optim_step(optimizer);
    }
    TORSH_AUTO torsh_scope mode = torsh_no_grad();
    return torsh_item(torsh_sum(torsh_square(x), TORSH_ALL_DIMS, false));
}

static torsh_tensor start(void)
{
    torsh_tensor x = torsh_ones(TORSH_DIMS(3), TORSH_F32, TORSH_CPU);
    torsh_set_requires_grad(x, true);
    return x;
}

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor x = start(), y = start(), z = start();

    /* SGD */
    torsh_optimizer sgd = torsh_optim_sgd(torsh_tensors_make(&x, 1), 0.01);

    /* Adam */
    torsh_optimizer adam = torsh_optim_adam(torsh_tensors_make(&y, 1), 0.001);

    /* AdamW */
    torsh_optimizer adamw = torsh_optim_adamw(torsh_tensors_make(&z, 1), 0.001);

    printf("SGD %.4f, Adam %.4f, AdamW %.4f\n", distance_after(sgd, x), distance_after(adam, y), distance_after(adamw, z));
    return 0;
}
