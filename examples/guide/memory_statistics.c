/* Troubleshooting, Memory Issues: statistics and the cache; works for every device. */
#include <torsh/torsh.h>

#include <stdio.h>

int main(void)
{
    torsh_device device = torsh_cuda_if_available();
    torsh_memory stats;

    /* Monitor memory usage */
    torsh_tensor big = torsh_zeros(TORSH_DIMS(1024, 1024), TORSH_F32, device);
    if (torsh_memory_stats(device, &stats) != TORSH_OK) return 1;
    printf("Memory usage: %lld MB\n", (long long)(stats.used / 1024 / 1024));

    /* Clear cache */
    torsh_release(big);
    if (torsh_empty_cache(device) != TORSH_OK) return 1;
    torsh_memory_stats(device, &stats);
    printf("After release: %lld MB\n", (long long)(stats.used / 1024 / 1024));
    return 0;
}
