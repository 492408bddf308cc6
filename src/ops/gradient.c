/* Gradients too long for a row. */
#include "gradient.h"

#include <torsh/ops/activation.h>
#include <torsh/ops/arithmetic.h>
#include <torsh/ops/comparison.h>
#include <torsh/ops/complex.h>
#include <torsh/ops/copy.h>
#include <torsh/ops/elementary.h>
#include <torsh/ops/pointwise.h>
#include <torsh/ops/reduce.h>
#include <torsh/ops/special.h>
#include <torsh/ops/view.h>

torsh_tensor torsh__real_itself(torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_pin(t, "conj", "input", &status);
    if (!tensor) return (torsh_tensor){0};
    bool real = torsh__dtypes[tensor->view.dtype].category != TORSH__COMPLEX;
    torsh__unpin(t.id);
    return real ? torsh_share(t) : (torsh_tensor){0};
}

torsh_tensor torsh__conjugate(torsh_tensor t)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_look(t, "conj", "input", &status);
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
    torsh_dtype dtype = torsh_dtype_of(g) == TORSH_F64 || torsh_dtype_of(g) == TORSH_C128 ? TORSH_F64 : TORSH_F32; /* two numbers would make an f32 */
    torsh_tensor slope = torsh_mul(b, torsh_pow(a, torsh_sub(b, torsh_scalar(1, dtype, torsh_device_of(b)))));
    return torsh_where(torsh_eq(b, torsh_number(0)), torsh_number(0), torsh_mul(g, torsh__conjugate(slope)));
}

/* g * a^b * log(a), and 0 where a is 0 and b is not negative. */
torsh_tensor torsh__pow_grad_exponent(torsh_tensor g, torsh_tensor a, torsh_tensor b, torsh_tensor y)
{
    torsh_tensor zero = torsh_eq(a, torsh_number(0)), base = torsh_to_dtype(torsh_where(zero, torsh_number(1), a), torsh_dtype_of(y)); /* a may be a number */
    torsh_tensor slope = torsh_mul(y, torsh_log(base));
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
    return torsh_mul(g, torsh__conjugate(slope));
}

torsh_tensor torsh__abs_grad(torsh_tensor g, torsh_tensor x)
{
    return torsh_mul(g, torsh_dtype_is_complex(torsh_dtype_of(x)) ? torsh_sgn(x) : torsh_sign(x));
}

/* Only the part of g across y turns it, by its share of |x|; of real numbers there is none (PyTorch's sgn_backward). */
torsh_tensor torsh__sgn_grad(torsh_tensor g, torsh_tensor x, torsh_tensor y)
{
    if (!torsh_dtype_is_complex(torsh_dtype_of(x))) return torsh_zeros_like(g);
    torsh_tensor size = torsh_abs(x), zero = torsh_eq(size, torsh_number(0));
    size = torsh_where(zero, torsh_number(1), size);
    torsh_tensor along = torsh_mul(torsh_real(torsh_mul(g, torsh_conj(y))), y);
    return torsh_where(zero, torsh_number(0), torsh_div(torsh_sub(g, along), size));
}

/* i x / |x|^2 */
torsh_tensor torsh__angle_grad(torsh_tensor g, torsh_tensor x)
{
    if (!torsh_dtype_is_complex(torsh_dtype_of(x))) return torsh_zeros_like(g);
    torsh_tensor zero = torsh_eq(x, torsh_number(0)), safe = torsh_where(zero, torsh_number(1), x);
    torsh_tensor slope = torsh_mul(torsh_reciprocal(torsh_conj(safe)), torsh_complex_number(0, 1));
    return torsh_where(zero, torsh_number(0), torsh_mul(g, slope));
}

torsh_tensor torsh__igamma_slope(torsh_tensor a, torsh_tensor x)
{
    torsh_tensor power = torsh_mul(torsh_sub(a, torsh_number(1)), torsh_log(x));
    return torsh_exp(torsh_sub(torsh_sub(power, x), torsh_lgamma(a)));
}

torsh_tensor torsh__no_gradient(const char *op, const char *argument)
{
    return torsh__tensor_error(torsh__fail(TORSH_UNSUPPORTED, "backward of %s: there is no gradient of '%s'", op, argument));
}

torsh_tensor torsh__sum_to(torsh_tensor t, int ndim, const int64_t *sizes)
{
    torsh_status status = TORSH_OK;
    torsh__tensor *tensor = torsh__tensor_look(t, "sum_to", "input", &status);
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
