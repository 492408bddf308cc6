/* Quick Start: neural network training. */
#include <torsh/torsh.h>

#include <stdio.h>

static torsh_status train(torsh_tensor input, torsh_tensor targets, torsh_device device)
{
    TORSH_AUTO torsh_scope all = torsh_scope_open();

    /* Create model and optimizer */
    torsh_module model = torsh_nn_linear(784, 10, true, device);
    torsh_optimizer optimizer = torsh_optim_adam(torsh_nn_parameters(model), 0.001);

    /* Training loop */
    for (int epoch = 0; epoch < 100; epoch++) {
        TORSH_AUTO torsh_scope step = torsh_scope_open();

        /* Forward pass */
        torsh_tensor output = torsh_nn_forward(model, input);
        torsh_tensor loss = torsh_cross_entropy(output, targets, NULL);

        /* Backward pass */
        torsh_optim_zero_grad(optimizer);
        torsh_backward(loss);
        torsh_status status = torsh_optim_step(optimizer); /* carries the first error of the step */
        if (status != TORSH_OK) return status;

        if (epoch % 10 == 0) printf("Epoch %d, Loss: %.4f\n", epoch, torsh_item(loss));
    }
    return TORSH_OK;
}

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_device device = torsh_cuda_if_available();
    torsh_manual_seed(0);
    torsh_tensor input = torsh_randn(TORSH_DIMS(32, 784), TORSH_F32, device);
    torsh_tensor targets = torsh_randint(0, 10, TORSH_DIMS(32), TORSH_I64, device);
    if (train(input, targets, device) == TORSH_OK) return 0;
    fprintf(stderr, "%s\n", torsh_last_error());
    return 1;
}
