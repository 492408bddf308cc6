/* dtype table and PyTorch's promotion lattice (c10/core/ScalarType.h promoteTypes). */
#include "dtype.h"
#include "status.h"

#include <stdatomic.h>

const torsh__dtype_info torsh__dtypes[TORSH_DTYPE_COUNT] = {
#define DTYPE(id, text, type, category, torch) [TORSH_##id] = {text, torch, sizeof(type), TORSH__##category},
#include "dtype.def"
#undef DTYPE
};

static atomic_int default_dtype = TORSH_F32;

const char *torsh_dtype_name(torsh_dtype dtype)
{
    return torsh__dtype_valid(dtype) ? torsh__dtypes[dtype].name : "invalid";
}

size_t torsh_dtype_size(torsh_dtype dtype)
{
    return torsh__dtype_valid(dtype) ? torsh__dtypes[dtype].size : 0;
}

bool torsh_dtype_is_floating_point(torsh_dtype dtype)
{
    return torsh__dtype_valid(dtype) && torsh__dtypes[dtype].category == TORSH__FLOATING;
}

bool torsh_dtype_is_complex(torsh_dtype dtype)
{
    return torsh__dtype_valid(dtype) && torsh__dtypes[dtype].category == TORSH__COMPLEX;
}

torsh_dtype torsh__dtype_to_real(torsh_dtype dtype)
{
    return dtype == TORSH_C64 ? TORSH_F32 : dtype == TORSH_C128 ? TORSH_F64 : dtype;
}

torsh_dtype torsh__dtype_to_complex(torsh_dtype dtype)
{
    return dtype == TORSH_F64 || dtype == TORSH_C128 ? TORSH_C128 : TORSH_C64;
}

bool torsh_can_cast(torsh_dtype from, torsh_dtype to)
{
    if (!torsh__dtype_valid(from) || !torsh__dtype_valid(to)) return false;
    return torsh__dtypes[from].category <= torsh__dtypes[to].category;
}

torsh_dtype torsh_promote_types(torsh_dtype a, torsh_dtype b)
{
    if (!torsh__dtype_valid(a) || !torsh__dtype_valid(b)) return TORSH_DTYPE_DEFAULT;
    if (a == b) return a;
    if (torsh__dtypes[a].category > torsh__dtypes[b].category) {
        torsh_dtype swap = a;
        a = b;
        b = swap;
    }
    if (torsh__dtypes[b].category == TORSH__COMPLEX) {
        bool wide = a == TORSH_F64 || a == TORSH_C128 || b == TORSH_C128;
        return wide ? TORSH_C128 : TORSH_C64;
    }
    if (torsh__dtypes[a].category != torsh__dtypes[b].category) return b;
    if (torsh__dtypes[b].category == TORSH__FLOATING) {
        if (a + b == TORSH_F16 + TORSH_BF16) return TORSH_F32; /* neither holds the other */
        return a > b ? a : b;
    }
    if (a == TORSH_U8 || b == TORSH_U8) { /* u8 fits no i8: the next signed type holds both */
        torsh_dtype other = a == TORSH_U8 ? b : a;
        return other == TORSH_I8 ? TORSH_I16 : other;
    }
    return a > b ? a : b;
}

torsh_dtype torsh_default_dtype(void)
{
    return (torsh_dtype)atomic_load_explicit(&default_dtype, memory_order_relaxed);
}

torsh_status torsh_set_default_dtype(torsh_dtype dtype)
{
    if (!torsh_dtype_is_floating_point(dtype))
        return torsh__fail(TORSH_DTYPE_MISMATCH, "set_default_dtype: %s is no floating-point dtype; use f16, bf16, f32 or f64",
                           torsh_dtype_name(dtype));
    atomic_store_explicit(&default_dtype, (int)dtype, memory_order_relaxed);
    return TORSH_OK;
}
