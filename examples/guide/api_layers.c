/* API Reference: neural network layers. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_device device = torsh_cuda_if_available();

    /* Linear layer */
    torsh_module linear = torsh_nn_linear(784, 128, true, device);

    /* Convolutional layer */
    torsh_module conv = torsh_nn_conv2d(3, 64, 3, 1, 1, true, device);

    /* Batch normalization */
    torsh_module bn = torsh_nn_batch_norm2d(64, device);

    /* Activation functions */
    torsh_module relu = torsh_nn_relu();
    torsh_module sigmoid = torsh_nn_sigmoid();

    torsh_tensor image = torsh_ones(TORSH_DIMS(2, 3, 8, 8), TORSH_F32, device);
    torsh_tensor features = torsh_nn_forward(relu, torsh_nn_forward(bn, torsh_nn_forward(conv, image)));
    torsh_tensor output = torsh_nn_forward(sigmoid, torsh_nn_forward(linear, torsh_ones(TORSH_DIMS(2, 784), TORSH_F32, device)));
    printf("%s %s\n", torsh_shape_text(features), torsh_shape_text(output));
    return TORSH_FAILED(features) || TORSH_FAILED(output) ? 1 : 0;
}
