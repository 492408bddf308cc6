/* Debug Tips. With TORSH_DEBUG=1 in the environment each error is printed to standard error as it is made; 2 prints each op. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();

    /* Enable debug mode: the environment variable TORSH_DEBUG=1, or from the program */
    torsh_set_debug(1);

    /* Check tensor properties */
    torsh_tensor tensor = torsh_zeros(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU);
    printf("Shape: %s\n", torsh_shape_text(tensor));
    printf("Device: %s\n", torsh_device_name(torsh_device_of(tensor)));
    printf("DType: %s\n", torsh_dtype_name(torsh_dtype_of(tensor)));
    return 0;
}
