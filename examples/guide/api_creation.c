/* API Reference: tensor creation. */
#include <torsh/torsh.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();
    torsh_manual_seed(0);

    /* Zeros and ones */
    torsh_print(torsh_zeros(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU));
    torsh_print(torsh_ones(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU));

    /* Random tensors */
    torsh_print(torsh_randn(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU));
    torsh_print(torsh_rand(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU));

    /* From data */
    torsh_print(torsh_from_slice(TORSH_VALUES(1.0, 2.0, 3.0), TORSH_DIMS(3), TORSH_F32, TORSH_CPU));

    /* Ranges */
    return torsh_print(torsh_arange(0.0, 10.0, 1.0, TORSH_F32, TORSH_CPU)) == TORSH_OK ? 0 : 1;
}
