/* Core Concepts: devices. What the machine lacks is an error value that says why. */
#include <torsh/torsh.h>

#include <stdio.h>

static void report(const char *name, torsh_tensor t)
{
    if (TORSH_FAILED(t)) printf("%s: not available\n", name);
    else printf("%s: %s on %s\n", name, torsh_shape_text(t), torsh_device_name(torsh_device_of(t)));
}

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();

    /* CPU */
    report("cpu", torsh_randn(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU));

    /* CUDA */
    report("cuda", torsh_randn(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CUDA(0)));

    /* Metal */
    report("metal", torsh_randn(TORSH_DIMS(2, 3), TORSH_F32, TORSH_METAL));

    /* Automatic device selection */
    torsh_device device = torsh_cuda_if_available();
    return torsh_device_available(device) ? 0 : 1;
}
