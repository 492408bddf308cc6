/* Gradients too long for a row. */
#include "gradient.h"

torsh_tensor torsh__conjugate(torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_pin(t, "conj", "input", &status);
    if (!tensor) return status ? torsh__tensor_error(status) : t;
    bool real = torsh__dtypes[tensor->view.dtype].category != TORSH__COMPLEX;
    torsh__unpin(t.id);
    return real ? t : torsh_conj(t);
}

torsh_tensor torsh__as_dtype(torsh_tensor t, torsh_dtype dtype)
{
    return dtype == TORSH_DTYPE_DEFAULT ? t : torsh_to_dtype(t, dtype);
}

torsh_tensor torsh__mask_grad(torsh_tensor g, torsh_tensor mask)
{
    return torsh_where(mask, g, torsh_number(0));
}

torsh_tensor torsh__pick_grad(torsh_tensor g, torsh_tensor picked, torsh_tensor equal)
{
    return torsh_where(equal, torsh_mul(g, torsh_number(0.5)), torsh__mask_grad(g, picked));
}

/* g * b * a^(b-1), and 0 where b is 0 (a^(b-1) may be infinite there). */
torsh_tensor torsh__pow_grad_base(torsh_tensor g, torsh_tensor a, torsh_tensor b)
{
    torsh_tensor slope = torsh_mul(b, torsh_pow(a, torsh_sub(b, torsh_number(1))));
    return torsh_where(torsh_eq(b, torsh_number(0)), torsh_number(0), torsh_mul(g, torsh__conjugate(slope)));
}

/* g * a^b * log(a), and 0 where a is 0 and b is not negative. */
torsh_tensor torsh__pow_grad_exponent(torsh_tensor g, torsh_tensor a, torsh_tensor b, torsh_tensor y)
{
    torsh_tensor zero = torsh_eq(a, torsh_number(0));
    torsh_tensor slope = torsh_mul(y, torsh_log(torsh_where(zero, torsh_number(1), a)));
    (void)b;
    return torsh_where(zero, torsh_number(0), torsh_mul(g, torsh__conjugate(slope)));
}

/* Second derivative of gelu(b) times g a: density * (2 - b^2). */
torsh_tensor torsh__gelu_curve(torsh_tensor g, torsh_tensor a, torsh_tensor b)
{
    torsh_tensor square = torsh_square(b);
    torsh_tensor density = torsh_mul(torsh_exp(torsh_mul(square, torsh_number(-0.5))), torsh_number(0.39894228040143267794));
    return torsh_mul(torsh_mul(g, a), torsh_mul(density, torsh_sub(torsh_number(2), square)));
}

/* d/dx of x (1 + tanh(u)) / 2 with u = k (x + 0.044715 x^3). */
torsh_tensor torsh__gelu_tanh_grad(torsh_tensor g, torsh_tensor x)
{
    const double k = 0.79788456080286535588;
    torsh_tensor square = torsh_square(x);
    torsh_tensor inner = torsh_mul(torsh_mul(x, torsh_number(k)), torsh_add(torsh_mul(square, torsh_number(0.044715)), torsh_number(1)));
    torsh_tensor slope = torsh_mul(torsh_add(torsh_mul(square, torsh_number(3 * 0.044715)), torsh_number(1)), torsh_number(k));
    torsh_tensor tanh = torsh_tanh(inner);
    torsh_tensor left = torsh_add(tanh, torsh_number(1));
    torsh_tensor right = torsh_mul(torsh_mul(x, slope), torsh_sub(torsh_number(1), torsh_square(tanh)));
    return torsh_mul(g, torsh_mul(torsh_add(left, right), torsh_number(0.5)));
}

torsh_tensor torsh__silu_grad(torsh_tensor g, torsh_tensor x)
{
    torsh_tensor s = torsh_sigmoid(x);
    torsh_tensor slope = torsh_mul(s, torsh_add(torsh_mul(x, torsh_sub(torsh_number(1), s)), torsh_number(1)));
    return torsh_mul(g, slope);
}

torsh_tensor torsh__sum_to(torsh_tensor t, int ndim, const int64_t *sizes)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_pin(t, "sum_to", "input", &status);
    if (!tensor) return torsh__tensor_error(status);
    int64_t dims[TORSH__MAX_RANK];
    size_t count = 0;
    int extra = tensor->view.ndim - ndim;
    for (int d = 0; d < tensor->view.ndim; d++)
        if (d < extra || (sizes[d - extra] == 1 && tensor->view.sizes[d] != 1)) dims[count++] = d;
    torsh__unpin(t.id);
    if (count == 0) return extra > 0 ? torsh_reshape(t, sizes, (size_t)ndim) : t;
    torsh_tensor sum = torsh_sum(t, dims, count, true);
    return extra > 0 ? torsh_reshape(sum, sizes, (size_t)ndim) : sum;
}
