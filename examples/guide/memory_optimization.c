/* Memory Optimization: in-place operations and gradient checkpointing. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_tensor a = torsh_ones(TORSH_DIMS(3), TORSH_F32, TORSH_CPU), b = torsh_ones(TORSH_DIMS(3), TORSH_F32, TORSH_CPU);

    /* Use in-place operations */
    torsh_add_(a, b); /* modifies a directly */
    torsh_print(a);

    /* Gradient checkpointing: activations inside are computed again in backward instead of being kept */
    torsh_module layers[] = {torsh_nn_linear(3, 3, true, TORSH_CPU), torsh_nn_relu(), torsh_nn_linear(3, 1, true, TORSH_CPU)};
    torsh_module model = torsh_nn_sequential(layers, 3);
    torsh_nn_set_gradient_checkpointing(model, true);
    torsh_tensor loss = torsh_sum(torsh_nn_forward(model, a), TORSH_ALL_DIMS, false);
    if (torsh_backward(loss) != TORSH_OK) {
        fprintf(stderr, "%s\n", torsh_last_error());
        return 1;
    }
    torsh_tensor weight = torsh_tensors_get(torsh_nn_parameters(model), 0);
    printf("%s\n", torsh_shape_text(torsh_grad(weight)));
    return 0;
}
