/* The device of host_device.c, which tells the test when its functions run: there the test forks. */
#define torsh_backend_v1 host_device_v1
#include "host_device.c"
#undef torsh_backend_v1

__attribute__((visibility("default"))) void (*forking_device_told)(const char *where); /* NULL: nobody is told */

static void tell(const char *where)
{
    if (forking_device_told) forking_device_told(where);
}

static torsh_status told_count(int *count)
{
    tell("count");
    return device_count(count);
}

static torsh_status told_add(const torsh_launch *launch, const void *data)
{
    tell("add");
    return add(launch, data);
}

static torsh_kernel told_kernel(const torsh_op_info *op)
{
    tell("kernel");
    return (torsh_kernel){strcmp(op->name, "add") == 0 ? told_add : kernel(op).run, NULL};
}

__attribute__((visibility("default"))) torsh_backend_entry torsh_backend_v1;
const torsh_backend *torsh_backend_v1(const torsh_host *from)
{
    static torsh_backend told;
    const torsh_backend *plain = host_device_v1(from);
    if (!plain) return NULL;
    told = *plain;
    told.device_count = told_count;
    told.kernel = told_kernel;
    return &told;
}
