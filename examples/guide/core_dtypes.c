/* Core Concepts: data types. */
#include <torsh/torsh.h>

int main(void)
{
    TORSH_AUTO torsh_scope scope = torsh_scope_open();

    /* Floating point */
    torsh_tensor f32_tensor = torsh_zeros(TORSH_DIMS(2, 3), TORSH_F32, TORSH_CPU);
    torsh_tensor f64_tensor = torsh_zeros(TORSH_DIMS(2, 3), TORSH_F64, TORSH_CPU);

    /* Integers */
    torsh_tensor i32_tensor = torsh_zeros(TORSH_DIMS(2, 3), TORSH_I32, TORSH_CPU);
    torsh_tensor i64_tensor = torsh_zeros(TORSH_DIMS(2, 3), TORSH_I64, TORSH_CPU);

    /* Boolean */
    torsh_tensor bool_tensor = torsh_zeros(TORSH_DIMS(2, 3), TORSH_BOOL, TORSH_CPU);

    torsh_print(f32_tensor);
    torsh_print(f64_tensor);
    torsh_print(i32_tensor);
    torsh_print(i64_tensor);
    return torsh_print(bool_tensor) == TORSH_OK ? 0 : 1;
}
